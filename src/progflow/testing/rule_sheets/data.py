"""The classes of data on a rule sheet: what a case keeps, what a payload brings, and what they begin as."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from enum import Enum
from typing import Any, TypeAlias, get_args, get_origin

import attrs

from progflow.definition.blueprint import Blueprint
from progflow.describe.markdown import code, table
from progflow.testing.rule_sheets.bodies import Bodies, Project, plain_function
from progflow.testing.rule_sheets.words import Words

Row: TypeAlias = Sequence[str]


def classes_of(blueprints: Iterable[Blueprint], project: Project) -> Sequence[type[Any]]:
    """The classes of the project that cases keep or payloads bring, those inside others included, by their names."""
    found: dict[type[Any], None] = {}
    for blueprint in blueprints:
        types = [blueprint.data, *(phase.data for phase in blueprint.phases.values())]
        types += [field.type for event in blueprint.events.values() for field in event.parameters.values()]
        for of in types:
            _collect(of, project, found)
    return sorted(found, key=lambda cls: (cls.__qualname__, cls.__module__))


def _collect(of: Any, project: Project, found: dict[type[Any], None]) -> None:
    cls = get_origin(of) or of
    if isinstance(cls, type) and cls not in found and project.holds(cls.__module__):
        if attrs.has(cls):
            found[cls] = None
            for one in attrs.fields(attrs.resolve_types(cls)):
                _collect(one.type, project, found)
        elif issubclass(cls, Enum):
            found[cls] = None
    for arg in get_args(of):
        _collect(arg, project, found)


def data_section(classes: Iterable[type[Any]], bodies: Bodies, words: Words) -> str:
    """The classes, each with a row for every field or member and for every method."""
    return "\n".join(f"### {cls.__name__}\n\n{_table(cls, bodies, words)}" for cls in classes)


def _table(cls: type[Any], bodies: Bodies, words: Words) -> str:
    if issubclass(cls, Enum):
        members = ((code(member.name), words.value(member.value), "") for member in cls)
        return table(("member", "stands for", "body"), (*members, *_method_rows(cls, bodies)))
    fields = tuple(_field_rows(cls, bodies, words))
    methods = ((name, "", "", body) for name, _, body in _method_rows(cls, bodies))
    return table(("field", "type", "unless given", "body"), (*fields, *methods))


def _field_rows(cls: type[Any], bodies: Bodies, words: Words) -> Iterator[Row]:
    for one in attrs.fields(cls):
        written, limited = (one.default, one.validator, one.converter), (one.validator or one.converter) is not None
        body = bodies.of_value(written, cls, whole=limited)
        yield code(one.name), words.type(one.type), words.default(one.default), body


def _method_rows(cls: type[Any], bodies: Bodies) -> Iterator[tuple[str, str, str]]:
    """What the class computes itself, inherited methods included; not what attrs writes for it."""
    found: dict[str, object] = {}
    for base in reversed(cls.__mro__):
        found |= vars(base)
    for name, value in found.items():
        function = plain_function(value)
        if function is not None and bodies.follows(function):
            yield code(name), "", bodies.of(function, cls, rule=False)
