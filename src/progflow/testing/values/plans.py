"""Plans: each type is looked at once, and what came of it makes its values quickly."""

from __future__ import annotations

from collections.abc import Callable, Set
from datetime import date, datetime, time
from decimal import Decimal
from operator import attrgetter
from types import UnionType
from typing import Any, Final, Literal, TypeAlias, Union, final, get_args, get_origin
from uuid import UUID

from progflow.codec._types import LISTS, OBJECTS, UNORDERED, is_attrs, is_enum, name_of, unsupported
from progflow.testing.chance import Chance
from progflow.testing.values.fields import Field, fields_of, telling
from progflow.testing.values.given import Given
from progflow.testing.values.known import Here, Impossible, Plan
from progflow.testing.values.limits import NONE, Limits, peeled
from progflow.testing.values.making import Part, given, hopeless, kept, made, one_of, several
from progflow.testing.values.numbers import integer_plan, number_plan
from progflow.testing.values.texts import text_plan, uuid_plan
from progflow.testing.values.times import date_plan, datetime_plan, time_plan

DEEPEST: Final = 3
GIVEN: Final = 20
"""In how many of a hundred objects a field is given that has a default."""

NUMBERS_GIVEN: Final = 60
"""The same of numbers, where they are small."""

OBJECTS_GIVEN: Final = 90
"""The same of objects, which may hold such numbers."""

Around: TypeAlias = tuple[type[Any], ...]
"""The attrs classes that a value stands in, from the outermost on."""

SCALARS: Final[tuple[tuple[Any, Callable[[str, Limits], Plan]], ...]] = (
    (str, text_plan),
    (int, lambda path, limits: integer_plan(limits)),
    (bool, lambda path, limits: one_of((False, True))),
    (date, date_plan),
    (datetime, datetime_plan),
    (float, lambda path, limits: number_plan(float, limits)),
    (Decimal, lambda path, limits: number_plan(Decimal, limits)),
    (time, lambda path, limits: time_plan(limits)),
    (UUID, lambda path, limits: uuid_plan(path)),
    (type(None), lambda path, limits: one_of((None,))),
    (None, lambda path, limits: one_of((None,))),
)


@final
class Planner:
    """Makes plans.

    Args:
        strategies: what goes before everything that a type says.
    """

    def __init__(self, strategies: Given) -> None:
        self._strategies = strategies

    def plan(self, of: Any, path: str, limits: Limits = NONE, around: Around = (), names: tuple[str, ...] = ()) -> Plan:
        """What makes values of a type; where there are none, it says so once it is asked.

        Args:
            of: the type.
            path: where the value stands.
            limits: what it keeps to beside its type.
            around: the attrs classes that it stands in.
            names: how its class, and the bases of that, call the field.
        """
        core, limits = peeled(of, limits)
        try:
            for layer in (of, core):
                strategy = self._strategies.find(layer, path, names)
                if strategy is not None:
                    return given(strategy, limits, of, path)
            members = _members(core)
            if members is not None:
                return self._union(members, path, limits, around)
            if limits.choices is not None:
                return one_of([one for one in limits.choices if limits.problem(one) is None])
            return kept(self._plain(core, path, limits, around), limits, of, path)
        except Impossible as error:
            return hopeless(of, path, str(error))

    def _plain(self, of: Any, path: str, limits: Limits, around: Around) -> Plan:
        for scalar, make in SCALARS:
            if of is scalar:
                return make(path, limits)
        if is_enum(of):
            return one_of(tuple(of))
        origin, args = get_origin(of), get_args(of)
        if origin is Literal:
            return one_of(args)
        if origin is tuple and args[-1:] != (...,):
            return self._tuple(args, path, around)
        if origin in LISTS:
            return self._list(origin, args[0], path, limits, around)
        if origin in OBJECTS:
            return self._mapping(args, path, limits, around)
        if is_attrs(of):
            return self._object(of, path, around)
        raise Impossible(unsupported(of) or f"{name_of(of)} is not known")

    def _union(self, members: tuple[Any, ...], path: str, limits: Limits, around: Around) -> Plan:
        kinds = [one for one in members if one is not type(None)]
        optional = len(kinds) < len(members)
        if optional and _is_deep(around):
            return one_of((None,))
        plans = [self.plan(one, path, limits, around) for one in kinds]

        def draw(chance: Chance, here: Here) -> Any:
            if optional and not chance.often(75):
                return None
            return chance.one_of(plans)(chance, here)

        return draw

    def _tuple(self, args: tuple[Any, ...], path: str, around: Around) -> Plan:
        plans = [self.plan(one, f"{path}[{number}]", NONE, around) for number, one in enumerate(args)]
        return lambda chance, here: tuple(plan(chance, here) for plan in plans)

    def _list(self, origin: Any, of: Any, path: str, limits: Limits, around: Around) -> Plan:
        return several(
            self._item(of, f"{path}[]", limits, limits.items, around),
            limits,
            path,
            collect=_collector(origin),
            differ=origin in UNORDERED,
            telling=_telling(of),
            shallow=_is_deep(around),
        )

    def _mapping(self, args: tuple[Any, ...], path: str, limits: Limits, around: Around) -> Plan:
        item = self._item(args[1], f"{path}[]", limits, limits.items, around)
        key = self._item(args[0], f"{path}[key]", limits, limits.keys, around)
        keys = several(key, limits, path, collect=list, differ=True, shallow=_is_deep(around))
        return lambda chance, here: {one: item(chance, here) for one in keys(chance, here)}

    def _item(self, of: Any, path: str, limits: Limits, own: tuple[Limits, ...], around: Around) -> Plan:
        if _is_deep(around) and limits.lengths[0] == 0:
            return hopeless(of, path, "it stands too deep inside itself")
        merged = NONE
        for one in own:
            merged &= one
        return self.plan(of, path, merged, around)

    def _object(self, of: Any, path: str, around: Around) -> Plan:
        cls: type[Any] = get_origin(of) or of
        if around.count(cls) > DEEPEST:
            raise Impossible(f"{cls.__name__} stands in itself without an end")
        inside = (*around, cls)
        parts = [
            self._part(one, path, self._field(one, path, inside))
            for one in fields_of(of)
            if not (one.has_default and _is_deep(inside))
        ]
        return made(cls, parts, path)

    def _field(self, one: Field, path: str, inside: Around) -> Plan:
        return self.plan(one.type, f"{path}.{one.name}", one.limits, inside, one.names)

    def _part(self, one: Field, path: str, plan: Plan) -> Part:
        """What has a default is mostly left out, unless somebody has said what it is to be."""
        if not one.has_default or self._strategies.names(f"{path}.{one.name}", one.names):
            return Part(one.argument, plan)
        of, _ = peeled(one.type)
        small = NUMBERS_GIVEN if of is int else OBJECTS_GIVEN if is_attrs(of) else GIVEN
        return Part(one.argument, plan, GIVEN, small)


def _members(of: Any) -> tuple[Any, ...] | None:
    return get_args(of) if get_origin(of) in (Union, UnionType) else None


def _is_deep(around: Around) -> bool:
    return any(around.count(cls) >= DEEPEST for cls in set(around))


def _collector(origin: Any) -> Callable[[list[Any]], Any]:
    if origin is Set:
        return frozenset
    collect: Callable[[list[Any]], Any] = origin if origin in (list, set, frozenset) else tuple
    return collect


def _telling(of: Any) -> Callable[[Any], Any]:
    """By what two items are alike: a text of theirs, as two cities of one name are the same city."""
    core, _ = peeled(of)
    name = telling(core) if is_attrs(core) and get_origin(core) not in (Union, UnionType) else None
    return (lambda one: one) if name is None else attrgetter(name)
