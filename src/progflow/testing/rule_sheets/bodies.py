"""Fingerprints of what rules do: their code, with all that it calls and looks up in the same project."""

from __future__ import annotations

import importlib
import inspect
import re
import sys
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from functools import cached_property, partial
from hashlib import sha256
from pathlib import PurePath
from types import BuiltinFunctionType, FunctionType, MethodType
from typing import Any, Final, cast, final
from uuid import UUID
from zoneinfo import ZoneInfo

import attrs

from progflow.definition.bodies import Definition, is_phase, is_phase_class, place_of
from progflow.definition.events import Event
from progflow.definition.lifecycle import Lifecycle
from progflow.definition.rules import Rule
from progflow.definition.states import Exit, Group, Source, State, Target, Without
from progflow.testing.rule_sheets.canonical import SUPER, Canonical, Chain, canonical
from progflow.testing.rule_sheets.kinds import (
    fields_of,
    is_class,
    is_command,
    is_event,
    is_excluding,
    is_row,
    is_rule,
    is_set,
    is_table,
)

DIGITS: Final = 8
"""How long a fingerprint is, in hexadecimal digits."""

DEPTH: Final = 60
"""How deep calls and values are followed."""

OURS: Final = ("progflow.states", "progflow.programs")
"""What of progflow are rules; the rest is the engine that runs them."""

PLAIN: Final = (
    *(bool, int, float, complex, str, bytes, type(None), type(...)),
    *(date, datetime, time, timedelta, Decimal, Fraction, UUID),
)
"""What is told by its value alone."""

MISSING: Final = object()


@final
class Project:
    """The packages whose functions belong to the rules: those of the definitions, and what progflow ships.

    Args:
        classes: the classes of the definitions.
    """

    def __init__(self, classes: Iterable[type[Any]]) -> None:
        modules = {base.__module__ for cls in classes for base in cls.__mro__}
        self._tops = {name.partition(".")[0] for name in modules} - {"progflow", "attr", "attrs"}
        self._tops -= sys.stdlib_module_names - {"__main__"}
        self.told: frozenset[type[Any]] = frozenset()
        """The classes that a sheet tells in rows of their own; elsewhere their names will do."""

    def holds(self, module: str | None) -> bool:
        """Whether what stands in this module belongs to the rules."""
        if module is None:
            return False
        return module.partition(".")[0] in self._tops or f"{module}.".startswith(tuple(f"{one}." for one in OURS))


def plain_function(value: object) -> FunctionType | None:
    """The function behind a method of any kind, a property or a decorator that keeps what it wraps; None if none."""
    if isinstance(value, classmethod | staticmethod | MethodType):
        return plain_function(cast(Any, value).__func__)
    if isinstance(value, property):
        return plain_function(value.fget)
    if isinstance(value, cached_property):
        return plain_function(value.func)
    if isinstance(value, FunctionType):
        return value  # what it may wrap is followed like everything else that it looks up
    unwrapped = inspect.unwrap(value) if callable(value) and not isinstance(value, type) else value
    return unwrapped if isinstance(unwrapped, FunctionType) else None


@final
class Reached:
    """The functions of modules that rules were found to call."""

    def __init__(self) -> None:
        self._functions: dict[int, FunctionType] = {}

    def note(self, function: FunctionType) -> None:
        """Note one; methods and functions inside others are told where they stand."""
        if "." not in function.__qualname__ and function.__name__ != "<lambda>":
            self._functions[id(function)] = function

    def rows(self, bodies: Bodies) -> Sequence[tuple[str, str]]:
        """Their names with their fingerprints, in order."""
        return sorted((one.__name__, bodies.of(one, None, rule=False)) for one in [*self._functions.values()])


@final
class Bodies:
    """Gives the fingerprints of one lifecycle, or of what belongs to none.

    Args:
        project: which functions are followed.
        reached: notes the functions that were.
        definition: the lifecycle whose rules are asked.
    """

    def __init__(self, project: Project, reached: Reached, definition: Lifecycle[Any] | None = None) -> None:
        self._project = project
        self._reached = reached
        self._definition = definition

    def of(self, function: Callable[..., Any], owner: object, *, rule: bool = True) -> str:
        """The fingerprint of a function with all that it calls; a dash if it does nothing.

        Args:
            function: a rule's, an event's, or a plain one.
            owner: what ``self`` is in it: a lifecycle, a phase, or a class of data.
            rule: whether its decorators are told elsewhere.
        """
        plain = plain_function(function)
        if plain is None:
            return self.of_value(function, owner)
        if canonical(plain).empty:
            return "–"
        return _short(_Walk(self._project, self._reached, self._definition).function(plain, owner, decorated=not rule))

    def of_value(self, value: object, owner: object, *, whole: bool = False) -> str:
        """The fingerprint of a value with the code in it; empty if there is none, unless the whole value is wanted."""
        walk = _Walk(self._project, self._reached, self._definition)
        token = walk.token(value, owner)
        return _short(token) if walk.met_code or whole else ""

    def follows(self, function: FunctionType) -> bool:
        """Whether a function belongs to the project and was written by somebody."""
        return follows(self._project, function)

    def holds_parts(self, value: object) -> bool:
        """Whether the value is of a class of the project that has fields."""
        return attrs.has(type(value)) and self._project.holds(type(value).__module__)


def follows(project: Project, function: FunctionType) -> bool:
    """Whether a function belongs to the project and was written by somebody."""
    written_in: str | None = function.__globals__.get("__name__")  # attrs gives its own functions the class's module
    return project.holds(written_in) and not function.__code__.co_filename.startswith("<attrs ")


def _short(text: str) -> str:
    return sha256(text.encode("ascii", "backslashreplace")).hexdigest()[:DIGITS]


@final
class _Walk:
    """Follows one rule. What is met again is not followed again, so that it ends."""

    def __init__(self, project: Project, reached: Reached, definition: Lifecycle[Any] | None) -> None:
        self._project = project
        self._reached = reached
        self._definition = definition
        self._known: dict[tuple[int, int], str] = {}
        self._kept: list[object] = []  # whatever is known by its id must live as long
        self._depth = 0
        self.met_code = False

    # -- functions

    def function(self, function: FunctionType, owner: object, *, decorated: bool) -> str:
        """What tells a function from others, with all that it looks up."""
        key = id(function), id(owner)
        if key in self._known:
            return self._known[key]
        self.met_code = True
        self._known[key] = f"again {function.__name__}"
        self._kept += (function, owner)
        said = canonical(function, decorated=decorated)
        parts = [said.text, self._wrapped(function, owner)]
        for chain in said.chains:
            found = self._looked_up(function, said, chain, owner)
            if found is not None:
                parts.append(f"{'.'.join(chain)}={found}")
        token = self._known[key] = f"function {_short(chr(10).join(parts))}"
        return token

    def _wrapped(self, function: FunctionType, owner: object) -> str:
        wrapped: object = getattr(function, "__wrapped__", None)
        return "" if wrapped is None else f" of {self.token(wrapped, owner)}"

    def _looked_up(self, function: FunctionType, said: Canonical, chain: Chain, owner: object) -> str | None:
        """The token of what a chain of names means in a function, as far as it can be told; None if it cannot."""
        first, *rest = chain
        if first == said.first and owner is not None:
            value = owner
        elif first == SUPER:
            return self._above(function, owner, rest)
        else:
            value = self._named(function, said, first)
            owner = None
        if value is MISSING or (value is owner and not rest):
            return None
        for name in rest:
            static = _attribute(value, name)
            if static is MISSING:
                break
            if plain_function(static) is not None:
                return self.token(static, value)
            value = static
        return self.token(value, owner)

    def _named(self, function: FunctionType, said: Canonical, name: str) -> object:
        if name in said.imports:
            module, wanted = said.imports[name]
            return getattr(importlib.import_module(module), wanted, MISSING) if self._project.holds(module) else MISSING
        free = function.__code__.co_freevars
        if name in free:
            cell = (function.__closure__ or ())[free.index(name)]
            try:
                found: object = cell.cell_contents
            except ValueError:
                return MISSING  # not filled yet
            return found
        return function.__globals__.get(name, MISSING)

    def _above(self, function: FunctionType, owner: object, rest: list[str]) -> str | None:
        """What a base class says: ``super().name``."""
        written_in = self._named(function, canonical(function), "__class__")
        bases: list[type[Any]] = list((owner if is_class(owner) else type(owner)).__mro__)
        if not rest or not is_class(written_in) or written_in not in bases:
            return None
        for base in bases[bases.index(written_in) + 1 :]:
            if rest[0] in vars(base):
                found: object = vars(base)[rest[0]]
                return self.token(found.function if is_rule(found) or is_event(found) else found, owner)
        return None

    # -- values

    def token(self, value: object, owner: object) -> str:
        """What tells a value from others; functions of the project by what they do, everything else by its name."""
        self._depth += 1
        try:
            return "…" if self._depth > DEPTH else self._token(value, owner)
        finally:
            self._depth -= 1

    def _token(self, value: object, owner: object) -> str:
        if isinstance(value, Enum):
            return f"{type(value).__name__}.{value.name}={self.token(value.value, None)}"
        if type(value) in PLAIN:
            return f"{type(value).__name__}:{value!a}"
        if is_rule(value):
            return self._rule(value, owner)
        if is_excluding(value):
            return f"({self.token(value.who, owner)} - {self.token(value.but, owner)})"
        if isinstance(value, Source | Target) or is_event(value) or is_command(value):
            return _place(value)
        if is_class(value):
            return self._class(value)
        plain = plain_function(value)
        if plain is not None:
            return self._called(plain, value.__self__ if isinstance(value, MethodType) else owner)
        key = id(value), id(owner)
        if key not in self._known:
            self._known[key] = "again"
            self._kept += (value, owner)
            self._known[key] = self._container(value, owner) or self._thing(value, owner)
        return self._known[key]

    def _called(self, function: FunctionType, owner: object) -> str:
        if not follows(self._project, function):
            # The name in the code is one that nobody can have changed.
            return f"named {function.__code__.co_name}{self._wrapped(function, owner)}"
        self._reached.note(function)
        return self.function(function, owner, decorated=True)

    def _rule(self, rule: Rule[Any], owner: object) -> str:
        """A rule that is asked or handed on: as the lifecycle whose rules are asked has it now."""
        asked = self._asked(rule, owner)
        final: object = rule if asked is None else inspect.getattr_static(asked.__class__, rule.name, rule)
        known, holder = final if is_rule(final) else rule, self._definition if asked is None else asked
        return f"{type(known).__name__} {self.function(_plain(known), holder, decorated=False)}"

    def _asked(self, rule: Rule[Any], owner: Any) -> Any:
        """The lifecycle or phase that has the rule; None for one of no class, or of another lifecycle."""
        place = place_of(rule.bound_to)
        if place is not None and place.owner is not None and isinstance(self._definition, place.owner):
            return getattr(self._definition, place.name)
        if is_phase_class(rule.owner) and issubclass(owner.__class__, rule.owner):
            return owner
        return self._definition if rule.owner is not None and isinstance(self._definition, rule.owner) else None

    def _class(self, cls: type[Any]) -> str:
        name = f"class {cls.__qualname__}"
        key = id(cls), 0
        told = isinstance(cls, Definition) or cls in self._project.told or key in self._known
        if told or not self._project.holds(cls.__module__):
            return name
        self._known[key] = name
        parts: list[str] = []
        for base in cls.__mro__:
            if self._project.holds(base.__module__):
                parts += self._members(base, cls)
        return f"{name} {_short(chr(10).join(parts))}"

    def _members(self, base: type[Any], cls: type[Any]) -> Iterable[str]:
        """What a class says itself: the defaults of its fields, its values and its methods."""
        if issubclass(cls, Enum):
            return [self.token(member, None) for member in cls] if base is cls else []
        parts: list[str] = []
        if attrs.has(base):
            for one in attrs.fields(base):
                parts.append(f"{one.name}={self.token((one.default, one.validator, one.converter), cls)}")
        for name, value in vars(base).items():
            function = plain_function(value)
            if function is not None and follows(self._project, function):
                parts.append(f"{name}={self._called(function, cls)}")
            elif not name.startswith("__") and (
                type(value) in PLAIN or is_row(value) or is_set(value) or is_table(value)
            ):
                parts.append(f"{name}={self.token(value, cls)}")
        return parts

    def _container(self, value: object, owner: object) -> str:
        """The token of a container; empty for anything else."""
        if is_row(value):
            return f"[{' '.join(self.token(one, owner) for one in value)}]"
        if is_set(value):
            return f"{{{' '.join(sorted(self.token(one, owner) for one in value))}}}"
        if is_table(value):
            return f"{{{' '.join(f'{self.token(key, owner)}:{self.token(one, owner)}' for key, one in value.items())}}}"
        return ""

    def _thing(self, value: object, owner: object) -> str:
        cls: type[Any] = type(value)
        whole: Any = value
        name = cls.__qualname__
        if isinstance(value, range | ZoneInfo | PurePath):
            return f"{name}:{str(value)!a}"
        if isinstance(value, re.Pattern):
            return f"{name} {whole.pattern!a} {whole.flags}"
        if isinstance(value, partial):
            return f"{name} {self.token((whole.func, whole.args, whole.keywords), owner)}"
        if isinstance(value, BuiltinFunctionType):
            return f"named {value.__qualname__}"
        if name in ("Factory", "Converter") and cls.__module__.startswith("attr"):
            return f"{name} {self.token(getattr(value, 'factory', None) or getattr(value, 'converter', None), owner)}"
        if attrs.has(cls):
            parts = (f"{one.name}={self.token(getattr(value, one.name), owner)}" for one in fields_of(value))
            return f"{name}({' '.join(parts)})"
        if self._project.holds(cls.__module__):
            return f"{self._class(cls)} {self.token(getattr(value, '__dict__', {}), owner)}"
        return f"a {name}"


def _plain(rule: Rule[Any]) -> FunctionType:
    function = plain_function(rule.function)
    assert function is not None
    return function


def _attribute(value: object, name: str) -> object:
    """An attribute without running anything of the project's; ``MISSING`` if it cannot be told so."""
    if is_class(value) and issubclass(value, Enum) and name in value.__members__:
        return value.__members__[name]
    whole: Any = value
    static: object = inspect.getattr_static(whole, name, MISSING)
    if isinstance(static, Rule | Event | State | Group | Without) or inspect.ismemberdescriptor(static):
        return getattr(whole, name, MISSING)  # descriptors of ours, and those of slots
    return static


def _place(value: object) -> str:
    """A state, a phase, several of them, an event: by the names under which they stand."""
    if isinstance(value, Group):
        return f"({' | '.join(_place(one) for one in value)})"
    if isinstance(value, Without):
        return f"({_place(value.whole)} - {_place(value.part)})"
    if isinstance(value, State):
        return f"state {value.path}"
    if isinstance(value, Exit):
        return f"exit {value.name}"
    if is_event(value):
        return f"event {value.path}"
    if is_command(value):
        return f"command {value.event} {sorted(value.payload.items())!a}"
    return f"phase {value.__bound__.name}" if is_phase(value) else ascii(value)
