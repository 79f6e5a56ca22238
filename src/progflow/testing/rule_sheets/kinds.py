"""What a value is, for the type checkers: those of the definition language and plain containers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from typing import TYPE_CHECKING, Any

import attrs

from progflow.definition.events import Command, Event
from progflow.definition.rules import Excluding, Rule

if TYPE_CHECKING:
    from typing_extensions import TypeIs


def is_rule(value: object) -> TypeIs[Rule[Any]]:
    """A guard, relation, moment, derived value or invariant."""
    return isinstance(value, Rule)


def is_excluding(value: object) -> TypeIs[Excluding[Any]]:
    """Somebody, but not somebody else."""
    return isinstance(value, Excluding)


def is_event(value: object) -> TypeIs[Event[Any, ...]]:
    """An event."""
    return isinstance(value, Event)


def is_command(value: object) -> TypeIs[Command[Any]]:
    """A command."""
    return isinstance(value, Command)


def is_row(value: object) -> TypeIs[tuple[Any, ...] | list[Any]]:
    """Several, in their order."""
    return isinstance(value, tuple | list)


def is_set(value: object) -> TypeIs[Set[Any]]:
    """Several, in no order."""
    return isinstance(value, Set)


def is_table(value: object) -> TypeIs[Mapping[Any, Any]]:
    """Values by keys."""
    return isinstance(value, Mapping)


def is_class(value: object) -> TypeIs[type[Any]]:
    """A class."""
    return isinstance(value, type)


def fields_of(value: object) -> Sequence[Any]:
    """The fields of an instance of an attrs class; none of anything else."""
    cls: type[Any] = type(value)
    return attrs.fields(cls) if attrs.has(cls) else ()
