"""What the operators need to know beyond the one definition that they change."""

from __future__ import annotations

import ast
import importlib
from collections.abc import Iterator
from functools import cached_property
from typing import Any

from attrs import frozen

from benchmarks.mutants.source import PLAIN, Kind, Library, Module, Place
from progflow import Lifecycle, Moment, Phase, State


@frozen
class Parameter:
    """A parameter of a phase: its annotation, and whether it may be left out."""

    annotation: str
    optional: bool


def _parameters(node: ast.ClassDef) -> Iterator[tuple[str, Parameter]]:
    for one in node.body:
        if isinstance(one, ast.FunctionDef) and one.name == "__init__":
            for arg, default in zip(one.args.kwonlyargs, one.args.kw_defaults, strict=True):
                if arg.annotation is not None:
                    yield arg.arg, Parameter(ast.unparse(arg.annotation), default is not None)
            return
    if any("frozen" in ast.unparse(one) for one in node.decorator_list):
        for one in node.body:
            if isinstance(one, ast.AnnAssign):
                yield ast.unparse(one.target), Parameter(ast.unparse(one.annotation), one.value is not None)


def _names_in(node: ast.AST) -> set[str]:
    names = {one.id for one in ast.walk(node) if isinstance(one, ast.Name)}
    return names | {one.attr for one in ast.walk(node) if isinstance(one, ast.Attribute)}


def takes(place: Place, *names: str) -> bool:
    """Whether a function has a parameter of one of these names."""
    if not isinstance(place.node, ast.FunctionDef):
        return False
    args = place.node.args
    return any(arg.arg in names for arg in (*args.posonlyargs, *args.args, *args.kwonlyargs))


@frozen(eq=False)
class Knowledge:
    """What the whole of the programmes and phases says about a part of them."""

    library: Library

    @cached_property
    def places(self) -> tuple[Place, ...]:
        """All definitions."""
        return tuple(place for module in self.library.modules.values() for place in module.places)

    @cached_property
    def parameters(self) -> dict[str, dict[str, Parameter]]:
        """By class of phases, or of values that phases take, the parameters with which it is made."""
        found: dict[str, dict[str, Parameter]] = {}
        for module in self.library.modules.values():
            for node in module.tree.body:
                if isinstance(node, ast.ClassDef):
                    found[node.name] = dict(_parameters(node))
        return found

    @cached_property
    def asked(self) -> frozenset[tuple[str, str]]:
        """The plain functions and methods that rules come to ask, by module and name, directly or through others."""
        plain: dict[str, list[Place]] = {}
        waiting: list[Place] = []
        for place in self.places:
            if place.kind in PLAIN:
                plain.setdefault(place.last, []).append(place)
            elif place.kind is not Kind.INVARIANT:
                waiting.append(place)
        found: set[tuple[str, str]] = set()
        while waiting:
            for name in _names_in(waiting.pop().node):
                for place in plain.get(name, ()):
                    if (place.module.name, place.name) not in found and not takes(place, "flow"):
                        found.add((place.module.name, place.name))
                        waiting.append(place)
        return frozenset(found)

    def is_asked(self, place: Place) -> bool:
        """Whether a rule comes to ask this plain function."""
        return (place.module.name, place.name) in self.asked

    # -- where names come from

    @cached_property
    def by_key(self) -> dict[tuple[str, str], Place]:
        """All definitions by module and dotted name."""
        return {(place.module.name, place.name): place for place in self.places}

    @cached_property
    def data_fields(self) -> frozenset[str]:
        """The names of all fields of data."""
        fields = (place for place in self.places if isinstance(place.node, ast.AnnAssign) and place.owner)
        bare = (
            ast.unparse(one.target)
            for module in self.library.modules.values()
            for node in module.tree.body
            if isinstance(node, ast.ClassDef)
            for one in node.body
            if isinstance(one, ast.AnnAssign)
        )
        return frozenset(place.last for place in fields) | frozenset(bare)

    @cached_property
    def rule_fields(self) -> dict[str, frozenset[tuple[str, str]]]:
        """By the name of a field of ``Rules`` where its usual value is written."""
        found: dict[str, frozenset[tuple[str, str]]] = {}
        for place in self.places:
            if place.kind is Kind.VALUE and place.owner.endswith("Rules"):
                found[place.last] = found.get(place.last, frozenset()) | {(place.module.name, place.name)}
        return found

    @cached_property
    def data_methods(self) -> dict[str, list[Place]]:
        """By name the methods of classes of data."""
        found: dict[str, list[Place]] = {}
        for place in self.places:
            cls = self.owner(place) if place.kind is Kind.METHOD else None
            if cls is not None and not issubclass(cls, Lifecycle | Phase):
                found.setdefault(place.last, []).append(place)
        return found

    def homes_of(self, rule: object) -> Iterator[tuple[str, str]]:
        """Where a rule without a class was made: a value of a module, or the default of a parameter."""
        for place, value in self._values:
            if value is rule:
                yield place.module.name, place.name

    @cached_property
    def _values(self) -> list[tuple[Place, object]]:
        found: list[tuple[Place, object]] = []
        for place in self.places:
            if place.kind is Kind.VALUE and not place.owner:
                found.append((place, getattr(importlib.import_module(place.module.name), place.name, None)))
            elif place.kind is Kind.INIT:
                cls = self.owner(place)
                made: Any = None if cls is None else vars(cls).get("__init__")
                defaults: dict[str, object] = getattr(made, "__kwdefaults__", None) or {}
                found += [(place, value) for value in defaults.values()]
        return found

    # -- what else could have been written there

    def owner(self, place: Place) -> type[Any] | None:
        """The class in which a definition stands."""
        return _class(place.module, place.owner)

    def other_targets(self, place: Place, target: ast.expr) -> list[str]:
        """The other states and phases that could stand in the place of a target, as they would be written there."""
        said, cls = ast.unparse(target), self.owner(place)
        if cls is None:
            return []
        if isinstance(target, ast.Attribute):
            around, last = ast.unparse(target.value), target.attr
            home = cls if around == "self" else _value(place.module, cls, around)
            names = [f"{around}.{name}" for name in _targets(home) if name != last]
        else:
            inside_lambda = any(
                isinstance(one, ast.Lambda) and any(deeper is target for deeper in ast.walk(one))
                for one in ast.walk(place.node)
            )
            names = [f"self.{name}" if inside_lambda else name for name in _targets(cls)]
            names = names if inside_lambda else [name for name in names if _stands_before(place, name)]
        return [name for name in names if name != said]

    def other_moments(self, place: Place, moment: ast.expr) -> list[str]:
        """The other moments of the class that could stand there."""
        cls = self.owner(place)
        if cls is None:
            return []
        of_self = isinstance(moment, ast.Attribute)
        names = [name for name, value in _members(cls).items() if isinstance(value, Moment)]
        if not of_self:
            names = [name for name in names if _stands_before(place, name)]
        last = ast.unparse(moment).rpartition(".")[2]
        return [f"self.{name}" if of_self else name for name in names if name != last]


def _class(module: Module, name: str) -> type[Any] | None:
    value: Any = importlib.import_module(module.name)
    for part in name.split("."):
        value = getattr(value, part, None)
    return value if isinstance(value, type) else None


def _stands_before(place: Place, name: str) -> bool:
    """Whether the class body gives that name to something before this definition, so that it can be used here."""
    other = place.module.place(f"{place.owner}.{name}")
    return other is not None and other.node.lineno < place.node.lineno


def _value(module: Module, cls: type[Any], said: str) -> object:
    value: Any = {**vars(importlib.import_module(module.name)), **vars(cls)}.get(said.split(".")[0].split("[")[0])
    for part in said.split(".")[1:]:
        value = getattr(value, part.split("[")[0], None)
    return value


def _members(home: object) -> dict[str, object]:
    cls = home if isinstance(home, type) else type(home)
    found: dict[str, object] = {}
    for base in reversed(cls.__mro__):
        found.update(vars(base))
    return found


def _targets(home: object) -> list[str]:
    """The names of the states and phases of a class or phase, which stand in the order of their declaration."""
    found = [name for name, value in _members(home).items() if isinstance(value, State | Phase)]
    return [name for name in found if not name.startswith("_")]
