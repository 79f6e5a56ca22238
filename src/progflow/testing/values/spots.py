"""The values in plain data, each with its place and its type, and plain data with something else in one place."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from types import UnionType
from typing import Any, TypeAlias, TypeGuard, Union, get_args, get_origin

from attrs import frozen

from progflow.codec._types import LISTS, OBJECTS, is_attrs
from progflow.records import Json
from progflow.testing.values.fields import fields_of
from progflow.testing.values.limits import NONE, Limits, peeled

Trail: TypeAlias = tuple[str | int, ...]
"""Where something stands in plain data: names and numbers, from the outside in."""


@frozen
class Spot:
    """One value in plain data: where it stands, its type, what it keeps to, and its plain form."""

    trail: Trail
    type: Any
    limits: Limits
    plain: Json
    optional: bool = False
    """Whether it could be None."""


def spots_in(trail: Trail, of: Any, plain: Any, limits: Limits = NONE) -> Iterator[Spot]:
    """A value and all that is inside it; not what is inside one that may be of several types."""
    core, limits = peeled(of, limits)
    optional = False
    if get_origin(core) in (Union, UnionType):
        kinds = [one for one in get_args(core) if one is not type(None)]
        optional = len(kinds) < len(get_args(core))
        if len(kinds) == 1 and plain is not None:
            core, limits = peeled(kinds[0], limits)
    yield Spot(trail, core, limits, plain, optional)
    if plain is not None:
        for key, inner, own in _inside(core, plain):
            yield from spots_in((*trail, key), inner, plain[key], own)


def _inside(of: Any, plain: Any) -> Iterator[tuple[str | int, Any, Limits]]:
    origin, args = get_origin(of), get_args(of)
    if is_attrs(of):
        yield from ((one.name, one.type, one.limits) for one in fields_of(of) if one.name in plain)
    elif origin in OBJECTS:
        yield from ((key, args[1], NONE) for key in plain)
    elif origin in LISTS:
        fixed = is_fixed(of)
        yield from ((number, args[number if fixed else 0], NONE) for number in range(len(plain)))


def is_list(plain: object) -> TypeGuard[Sequence[Any]]:
    """Whether plain data is a list."""
    return isinstance(plain, list | tuple)


def is_fixed(of: Any) -> bool:
    """Whether it is a tuple of a fixed length."""
    return get_origin(of) is tuple and get_args(of)[-1:] != (...,)


def replaced(plain: Any, trail: Sequence[str | int], by: Callable[[Any], Json]) -> Json:
    """The plain data with something else in one place; ``by`` makes it of what stands there."""
    if not trail:
        return by(plain)
    key, rest = trail[0], trail[1:]
    if isinstance(key, int):
        return [*plain[:key], replaced(plain[key], rest, by), *plain[key + 1 :]]
    return {**plain, key: replaced(plain.get(key), rest, by)}
