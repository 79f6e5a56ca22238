"""Values and types in words, as a rule sheet shows them."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from datetime import date, datetime, time
from decimal import Decimal
from enum import Enum
from types import UnionType
from typing import Annotated, Any, Final, Literal, NewType, Union, final, get_args, get_origin
from uuid import UUID

import annotated_types as at
import attrs

from progflow.codec._constraints import flat
from progflow.definition.bodies import is_phase
from progflow.definition.people import Role
from progflow.definition.rules import Rule, always
from progflow.definition.states import FINAL, OPEN, Exit, Group, Source, State, Target, Without
from progflow.describe.markdown import code
from progflow.terms import Instant, Term
from progflow.testing.rule_sheets.bodies import Bodies, plain_function
from progflow.testing.rule_sheets.kinds import fields_of, is_class, is_excluding, is_row, is_rule, is_set, is_table

NAMES: Final[Mapping[object, str]] = {
    None: "nothing",
    type(None): "nothing",
    str: "text",
    bool: "yes or no",
    int: "whole number",
    float: "number",
    Decimal: "number",
    date: "day",
    datetime: "point in time",
    time: "time of day",
    UUID: "UUID",
    Any: "anything",
}
"""The types that clerks have words for."""


@final
class Words:
    """Puts values and types into words.

    Args:
        bodies: gives the fingerprint of the code in a constraint.
    """

    def __init__(self, bodies: Bodies) -> None:
        self._bodies = bodies

    # -- types

    def type(self, of: Any) -> str:
        """A type with its constraints: ``whole number, at least 1``."""
        if of in NAMES:
            return NAMES[of]
        origin, args = get_origin(of), get_args(of)
        if origin is Annotated:
            limits = (self._limit(one) for item in args[1:] for one in flat(item))
            return ", ".join((self.type(args[0]), *filter(None, limits)))
        if isinstance(of, NewType):
            return f"{of.__name__} ({self.type(of.__supertype__)})"
        if origin is Literal:
            return " or ".join(map(self.value, args))
        if origin in (Union, UnionType):
            return " or ".join(f"({said})" if "," in said else said for said in map(self.type, args))
        if origin is None:
            return code(getattr(of, "__name__", str(of)))
        return self._container(origin, args)

    def _container(self, origin: Any, args: tuple[Any, ...]) -> str:
        inside = [f"({said})" if "," in said or " or " in said else said for said in map(self.type, _kinds(args))]
        if issubclass(origin, Mapping):
            return f"table of {inside[1]} by {inside[0]}"
        if origin is tuple and args[-1:] != (...,):
            return f"({'; '.join(inside)})"
        if issubclass(origin, Set):
            return f"set of {inside[0]}"
        if issubclass(origin, Iterable):
            return f"list of {inside[0]}"
        return f"{code(origin.__name__)} of {', '.join(inside)}"

    def _limit(self, constraint: object) -> str:
        match constraint:
            case at.Gt(bound):
                return f"more than {self.value(bound)}"
            case at.Ge(bound):
                return f"at least {self.value(bound)}"
            case at.Lt(bound):
                return f"less than {self.value(bound)}"
            case at.Le(bound):
                return f"at most {self.value(bound)}"
            case at.MultipleOf(step):
                return f"a multiple of {self.value(step)}"
            case at.MinLen(length):
                return f"length at least {length}"
            case at.MaxLen(length):
                return f"length at most {length}"
            case at.Predicate(function):
                said = (getattr(function, "__doc__", None) or "").strip().split("\n")[0]
                body = self._bodies.of_value(function, None)
                return f"{said or getattr(function, '__name__', 'fits')}{f' ({code(body)})' if body else ''}"
            case _:
                return ""

    # -- values

    def value(self, value: object) -> str:
        """A value; what it does, if it is code, is told by its fingerprint beside it."""
        match value:
            case None:
                return "nothing"
            case bool():
                return "yes" if value else "no"
            case Enum():
                return code(value.name)
            case str():
                return json.dumps(value, ensure_ascii=False)
            case int() | float() | Decimal() | UUID() | Term() | Instant():
                return str(value)
            case date() | time():
                return value.isoformat()
            case Role():
                return value.name
            case Source() | Target():
                return place(value)
            case _ if is_rule(value):
                return self._rule(value)
            case _ if is_excluding(value):
                return f"{self.value(value.who)}, but not {' or '.join(map(self.value, value.but))}"
            case _:
                return self._thing(value)

    def _rule(self, rule: Rule[Any]) -> str:
        if rule.function.__qualname__ == f"{always.__name__}.<locals>.compute":
            return f"always {self.value(inspect.getclosurevars(rule.function).nonlocals['value'])}"
        if rule.owner is None and rule.text:
            return f"{rule.text} ({code(rule.name)})"
        return code(rule.name)

    def _thing(self, value: object) -> str:
        if is_row(value) or is_set(value):
            said = [self.value(one) for one in value]
            return ", ".join(sorted(said) if is_set(value) else said) or "nothing"
        if is_table(value):
            return ", ".join(f"{self.value(key)}: {self.value(one)}" for key, one in value.items()) or "nothing"
        if is_class(value):
            return code(value.__name__)
        if fields_of(value):
            parts = (f"{name}: {self.value(one)}" for name, one in _changed(value))
            return f"{code(type(value).__name__)}({'; '.join(parts)})"
        named = plain_function(value)
        return code(type(value).__name__ if named is None else named.__name__)

    def default(self, default: Any) -> str:
        """What a field begins as."""
        if default is attrs.NOTHING:
            return "required"
        factory: Callable[[], object] | None = getattr(default, "factory", None)
        if factory is None:
            return self.value(default)
        return code(getattr(factory, "__name__", "computed")) if isinstance(factory, type) else "computed"


def _kinds(args: tuple[Any, ...]) -> list[Any]:
    return [one for one in args if one is not ...]


def _changed(value: object) -> Iterator[tuple[str, object]]:
    """The fields of an instance of an attrs class that are not what they begin as."""
    for one in fields_of(value):
        held: object = getattr(value, one.name)
        factory: Any = getattr(one.default, "factory", None)
        begins: object = factory() if factory is not None and not one.default.takes_self else one.default
        # States of phases that stand nowhere refuse to be compared.
        same = held is begins or (type(held) is type(begins) and not isinstance(held, Source) and held == begins)
        if not same:
            yield one.name, held


def place(where: object) -> str:
    """A state, a phase or several of them, as a lifecycle names them."""
    match where:
        case Group():
            return ", ".join(place(one) for one in where)
        case Without():
            return f"{place(where.whole)} without {place(where.part)}"
        case State():
            return code(where.path)
        case Exit():
            return code(where.name)
        case _ if is_phase(where):
            return code(where.__bound__.name)
        case _ if where is OPEN or where is FINAL:
            return f"every {'open' if where is OPEN else 'final'} state"
        case _:
            return str(where)
