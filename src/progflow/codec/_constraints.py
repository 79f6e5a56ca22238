"""The constraints of annotated-types, as sentences about a value that breaks them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeAlias

import annotated_types as at


def flat(item: object) -> Iterable[object]:
    """The constraints in one piece of metadata; groups are taken apart."""
    if isinstance(item, at.GroupedMetadata):
        return [constraint for part in item for constraint in flat(part)]
    return [item]


Check: TypeAlias = Callable[[Any], str | None]
"""Gives what is wrong with a value, None if nothing is."""


def check_of(constraint: object) -> Check | None:
    """What asks a constraint; None for metadata that is no constraint."""
    match constraint:
        case at.Gt(bound):
            return lambda value: None if value > bound else f"must be greater than {bound}"
        case at.Ge(bound):
            return lambda value: None if value >= bound else f"must be at least {bound}"
        case at.Lt(bound):
            return lambda value: None if value < bound else f"must be less than {bound}"
        case at.Le(bound):
            return lambda value: None if value <= bound else f"must be at most {bound}"
        case at.MultipleOf(step):
            return lambda value: None if value % step == 0 else f"must be a multiple of {step}"
        case at.MinLen(length):
            return lambda value: None if len(value) >= length else f"must have a length of at least {length}"
        case at.MaxLen(length):
            return lambda value: None if len(value) <= length else f"must have a length of at most {length}"
        case at.Predicate(function):
            said = (getattr(function, "__doc__", None) or "").strip().split("\n")[0]
            return lambda value: None if function(value) else said or f"does not satisfy {function}"
        case _:
            return None


def violation(constraint: object, value: Any) -> str | None:
    """What is wrong with the value, None if nothing is. Metadata that is no constraint says nothing."""
    check = check_of(constraint)
    return None if check is None else check(value)
