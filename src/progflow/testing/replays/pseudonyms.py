"""Other names for people and cases, the same one wherever the same one is meant."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from types import UnionType
from typing import Annotated, Any, NewType, TypeVar, Union, final, get_args, get_origin

import attrs
from attrs import evolve

from progflow.definition.blueprint import Kind
from progflow.definition.people import SYSTEM
from progflow.records import Json
from progflow.testing.replays.histories import CaseOf, Step
from progflow.testing.replays.plain import is_list, is_object


@final
class Pseudonyms:
    """Names to be put in the place of others.

    Args:
        names: the other name of each.
    """

    def __init__(self, names: Mapping[str, str]) -> None:
        self.names = dict(names)

    def case(self, case: CaseOf) -> CaseOf:
        """The case under its other name."""
        links = {role: self.text(one) for role, one in case.links.items()}
        parent = None if case.parent is None else self.text(case.parent)
        return evolve(case, id=self.text(case.id), parent=parent, links=links)

    def step(self, step: Step, kind: Kind) -> Step:
        """The step with other names wherever a text is one of them, as its lifecycle gives the types.

        Names of fields and members of Enums stay what they are, also where somebody is called the same.
        """
        event, phases = kind.blueprint.events.get(step.event), kind.blueprint.phases
        fields = {} if event is None else {name: one.type for name, one in event.parameters.items()}
        return evolve(
            step,
            case=self.text(step.case),
            actor=self.text(step.actor),
            caused_by=self.step_name(step.caused_by),
            payload={name: self.typed(one, fields.get(name)) for name, one in step.payload.items()},
            data=self.typed(step.data, kind.blueprint.data),
            phases={
                name: self.typed(one, phases[name].data if name in phases else None)
                for name, one in step.phases.items()
            },
        )

    def step_name(self, name: str | None) -> str | None:
        """The name of a step (``case#seq``), with the other name of its case."""
        case, sign, seq = (name or "").rpartition("#")
        return None if name is None else f"{self.text(case)}{sign}{seq}"

    def text(self, text: str) -> str:
        """The other name of what the text names, or the text itself."""
        return self.names.get(text, text)

    def value(self, value: Json) -> Json:
        """Plain data with other names, also as keys."""
        if isinstance(value, str):
            return self.text(value)
        if is_list(value):
            return [self.value(one) for one in value]
        return {self.text(key): self.value(one) for key, one in value.items()} if is_object(value) else value

    def typed(self, value: Json, of: Any) -> Json:
        """Plain data of that type with other names; None for a type that is not known."""
        origin, args = get_origin(of), get_args(of)
        if origin is Annotated:
            return self.typed(value, args[0])
        if isinstance(of, NewType):
            return self.typed(value, of.__supertype__)
        if origin in (Union, UnionType):
            kinds = [arg for arg in args if arg is not type(None)]
            return self.typed(value, kinds[0] if len(kinds) == 1 else None)
        if isinstance(value, str):
            return self.text(value) if of is str or of is None or isinstance(of, TypeVar) else value
        if is_list(value):
            fixed = origin is tuple and args[-1:] != (...,)
            types = args if fixed and len(args) == len(value) else args[:1] * len(value) or (None,) * len(value)
            return [self.typed(one, kind) for one, kind in zip(value, types, strict=True)]
        if is_object(value):
            return self._object(value, origin or of, args)
        return value

    def _object(self, value: Mapping[str, Json], of: Any, args: tuple[Any, ...]) -> Json:
        if isinstance(of, type) and attrs.has(of):
            known = {one.name: one.type for one in attrs.fields(of)}
            return {name: self.typed(one, known.get(name)) for name, one in value.items()}
        if len(args) == 2:
            return {self.typed(name, args[0]): self.typed(one, args[1]) for name, one in value.items()}
        return {name: self.typed(one, None) for name, one in value.items()}


def numbered(people: Iterable[str], cases: Iterable[CaseOf], given: Mapping[str, str]) -> Mapping[str, str]:
    """Other names: ``person-1`` and so on for people, ``case-1`` for cases, unless a name is given.

    The host's own hand stays what it is, for nobody hides behind it.
    """
    own = dict.fromkeys(one for one in people if one not in given and one != SYSTEM.id)
    taken = set(given.values())
    free = _free("person", taken)
    names = {one: next(free) for one in own}
    return {**names, **given, **dict(zip((case.id for case in cases), _free("case", taken), strict=False))}


def _free(word: str, taken: Iterable[str]) -> Iterator[str]:
    number = 0
    while True:
        number += 1
        if f"{word}-{number}" not in taken:
            yield f"{word}-{number}"
