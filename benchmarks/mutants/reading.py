"""What a rule reads and writes: fields of data, states, counts of cases; found in its source and in all that it asks.

``self.seats(ctx)`` in a phase means what its lifecycle has handed to it, so a rule is read together with the
definition to which it belongs in a programme.
"""

from __future__ import annotations

import ast
import importlib
from collections.abc import Callable, Iterator
from types import FunctionType, MethodType
from typing import Any, Final

from attrs import field, frozen

from benchmarks.mutants.knowledge import Knowledge
from benchmarks.mutants.source import Place
from progflow import State
from progflow.definition.bodies import is_phase
from progflow.definition.states import Group, Without

Key = tuple[str, str]
"""A definition: its module, and its dotted name there."""

PLACES: Final = frozenset({"is_in", "in_", "visited"})
OTHERS: Final = frozenset({"siblings", "children", "linked", "linking", "cases"})


@frozen
class Reads:
    """What somebody who answers a rule looks at.

    Args:
        keys: the definitions that take part in the answer.
        fields: the names of the fields of data.
        states: the paths of the states that it asks about.
        writes: the names of the fields that it gives.
        counts: whether it counts other cases.
    """

    keys: frozenset[Key] = frozenset()
    fields: frozenset[str] = frozenset()
    states: frozenset[str] = frozenset()
    writes: frozenset[str] = frozenset()
    counts: bool = False

    def __or__(self, other: Reads) -> Reads:
        return Reads(
            self.keys | other.keys,
            self.fields | other.fields,
            self.states | other.states,
            self.writes | other.writes,
            self.counts or other.counts,
        )


NOTHING: Final = Reads()


def key_of(function: Callable[..., Any]) -> Key:
    """The definition that a function was made of."""
    return function.__module__, function.__qualname__.replace(".<locals>", "")


@frozen(eq=False)
class Reader:
    """Reads the rules of one lifecycle.

    Args:
        knowledge: all definitions.
        lifecycle: the one instance of the lifecycle, whose rules and phases are asked.
    """

    knowledge: Knowledge
    lifecycle: object
    _known: dict[tuple[Key, int], Reads] = field(factory=dict[tuple[Key, int], "Reads"], init=False)

    def of_rule(self, rule: Any, definition: object) -> Reads:
        """What a guard, relation, moment, derived value or invariant reads.

        Args:
            rule: the rule.
            definition: the phase or lifecycle to which it belongs.
        """
        found = self.of_function(rule.function, definition)
        for key in self._names_of(rule):
            found = found | self._of_key(key, definition, None)
        return found

    def of_function(self, function: Callable[..., Any], definition: object) -> Reads:
        """What a function reads, and all that it asks."""
        return self._of_key(key_of(function), definition, function)

    def _names_of(self, rule: Any) -> Iterator[Key]:
        """Where a rule got its name, if it was made elsewhere: ``seats = by_rule(…)``, ``THREE = always(3)``."""
        for owner, name in rule.names:
            yield owner.__module__, f"{owner.__qualname__}.{name}"
        if rule.owner is None:
            yield from self.knowledge.homes_of(rule)

    def _of_key(self, key: Key, definition: object, function: Callable[..., Any] | None) -> Reads:
        place = self.knowledge.by_key.get(key)
        if place is None:
            return NOTHING
        known = (key, id(definition))
        if known not in self._known:
            self._known[known] = Reads(frozenset({key}))  # what asks itself reads nothing more
            self._known[known] = self._read(place, definition, function)
        return self._known[known]

    def _read(self, place: Place, definition: object, function: Callable[..., Any] | None) -> Reads:
        space: dict[str, Any] = {**vars(importlib.import_module(place.module.name))}
        space |= {**getattr(function, "__globals__", {}), "self": definition}
        found = Reads(frozenset({(place.module.name, place.name)}))
        nodes = [*place.body] if place.value is None else [place.value]
        for node in (one for part in nodes for one in ast.walk(part)):
            if isinstance(node, ast.Attribute | ast.Name):
                found = found | self._of_name(node, space, definition)
            if isinstance(node, ast.Call):
                found = found | self._of_call(node, space)
        return found

    # -- names

    def _of_name(self, node: ast.Attribute | ast.Name, space: dict[str, Any], definition: object) -> Reads:
        if isinstance(node, ast.Attribute) and not _begins_with_self(node):
            return self._of_attribute(node.attr)
        value = _evaluated(node, space)
        if isinstance(value, property) and isinstance(value.fget, FunctionType):
            return self.of_function(value.fget, definition)
        if isinstance(value, MethodType):
            return self.of_function(value.__func__, value.__self__)
        if isinstance(value, FunctionType):
            return self.of_function(value, definition)
        if hasattr(value, "function") and hasattr(value, "bound_to"):  # a rule
            return self.of_rule(value, self._home(value, definition))
        return NOTHING

    def _home(self, rule: Any, definition: object) -> object:
        if rule.bound_to is not None:
            return rule.bound_to
        if rule.owner is not None and isinstance(self.lifecycle, rule.owner):
            return self.lifecycle
        return definition

    def _of_attribute(self, name: str) -> Reads:
        """A field of some data, or what a class of data computes from its fields."""
        found = NOTHING
        if name in self.knowledge.data_fields:
            found = Reads(self.knowledge.rule_fields.get(name, frozenset()), frozenset({name}))
        for place in self.knowledge.data_methods.get(name, ()):
            found = found | self._of_key((place.module.name, place.name), None, None)
        return found

    # -- calls

    def _of_call(self, call: ast.Call, space: dict[str, Any]) -> Reads:
        last = call.func.attr if isinstance(call.func, ast.Attribute) else ast.unparse(call.func)
        words = frozenset(one.arg for one in call.keywords if one.arg is not None)
        if last in PLACES:
            return Reads(states=frozenset(state for one in call.args for state in states_in(_evaluated(one, space))))
        if last == "where":
            return Reads(fields=words)
        if last == "evolve":
            return Reads(writes=words)
        if last in ("count", "sum") and isinstance(call.func, ast.Attribute):
            return Reads(counts=True)
        if last in ("len", "sum") and any(_asks_others(one) for one in call.args):
            return Reads(counts=True)
        if isinstance(call.func, ast.Name) and hasattr(space.get(last), "__attrs_attrs__"):
            return Reads(writes=frozenset(one.name for one in space[last].__attrs_attrs__))
        return NOTHING


def _asks_others(node: ast.expr) -> bool:
    names = {one.attr for one in ast.walk(node) if isinstance(one, ast.Attribute)}
    return bool(names & (OTHERS | {"all"}))


def _begins_with_self(node: ast.Attribute) -> bool:
    value: ast.expr = node
    while isinstance(value, ast.Attribute):
        value = value.value
    return isinstance(value, ast.Name) and value.id == "self"


def _evaluated(node: ast.expr, space: dict[str, Any]) -> object:
    """What a name or a chain of attributes stands for; a property itself, and not what it gives."""
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "self":
        for base in type(space["self"]).__mro__:
            if isinstance(vars(base).get(node.attr), property) and not _gives_states(vars(base)[node.attr]):
                return vars(base)[node.attr]
    try:
        return eval(compile(ast.Expression(node), "<rule>", "eval"), dict(space))  # our own source
    except Exception:  # a variable of the function, which is no rule and no state
        return None


def _gives_states(one: property) -> bool:
    return one.fget is not None and one.fget.__annotations__.get("return") == "Source"


def states_in(value: object) -> Iterator[str]:
    """The paths of the states that a source stands for."""
    if isinstance(value, State):
        yield value.path
    elif is_phase(value):
        yield from _states_of(value)
    elif isinstance(value, Without):
        yield from states_in(value.whole)
    elif isinstance(value, Group):
        for part in value:
            yield from states_in(part)


def _states_of(phase: Any) -> Iterator[str]:
    cls: type[Any] = phase.__class__
    for name in dir(cls):
        if isinstance(getattr(cls, name, None), State):
            yield f"{phase.__bound__.name}.{name}"
