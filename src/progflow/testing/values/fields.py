"""The fields of an attrs class as they are drawn: what has a type variable has been filled in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, get_args, get_origin

import attrs
from attrs import frozen

from progflow.definition.hints import arguments, substituted
from progflow.testing.values.known import Impossible
from progflow.testing.values.limits import Limits, limits_of, peeled


@frozen
class Field:
    """One field: what the plain form and what the class calls it, and which names of classes it can be found under."""

    name: str
    argument: str
    type: Any
    limits: Limits
    has_default: bool
    names: tuple[str, ...]


@lru_cache(maxsize=1024)
def fields_of(of: Any) -> Sequence[Field]:
    """The fields of an attrs class, or of one with its type variables put in.

    Raises:
        Impossible: an annotation names something that is not known.
    """
    cls: type[Any] = get_origin(of) or of
    try:
        attributes = attrs.fields(attrs.resolve_types(cls))
    except NameError as error:
        raise Impossible(f"an annotation of {cls.__name__} cannot be read ({error})") from None
    given = dict(zip(getattr(cls, "__parameters__", ()), get_args(of), strict=False))
    around = [one.__name__ for one in cls.__mro__ if attrs.has(one)]
    return [
        Field(
            name=one.name,
            argument=one.alias or one.name,
            type=substituted(substituted(one.type, _meant(cls, one.name)), given),
            limits=limits_of(one.validator),
            has_default=one.default is not attrs.NOTHING,
            names=tuple(f"{name}.{one.name}" for name in around),
        )
        for one in attributes
    ]


def _meant(cls: type[Any], name: str) -> Mapping[Any, Any]:
    """What the type variables in the annotation of a field, which a generic base may have written, mean in a class."""
    for one in cls.__mro__:
        if attrs.has(one) and any(own.name == name and not own.inherited for own in attrs.fields(one)):
            return arguments(cls, one)
    return {}


def telling(of: Any) -> str | None:
    """The first text of an attrs class, which tells one object from another in a list: a name, an id, a heading."""
    for one in fields_of(of):
        if peeled(one.type)[0] is str:
            return one.name
    return None
