"""A phase outside of a lifecycle: made of stand-ins for its parameters, to see what its events are told by them.

What an event is told may be a function of ``self``. Asked with a phase whose parameters are names, ``self.panel -
self.applicant`` gives these names; asked again without one of the optional parameters, it tells what depends on it.
"""

from __future__ import annotations

import inspect
import typing
from collections.abc import Callable, Iterator, Mapping
from types import FunctionType
from typing import TYPE_CHECKING, Any, Final, TypeAlias, cast

import attrs
from attrs import field, frozen

from progflow.definition.bodies import as_tuple
from progflow.definition.lifecycle import Phase
from progflow.definition.people import Role
from progflow.definition.rules import Derived, Excluding, Relation
from progflow.definition.states import Source
from progflow.describe.markdown import code

if TYPE_CHECKING:
    from typing_extensions import TypeIs

UNKNOWN: Final = "depends on the parameters"


class StandIn(Source):
    """The name of a parameter, in the place of its value.

    Args:
        path: the parameter, ``span.closing`` for a part of one.
        without: the parts that are not given.
    """

    def __init__(self, path: str, without: frozenset[str] = frozenset()) -> None:
        self._path = path
        self._without = without

    def __sub__(self, other: object) -> Any:
        return Less(self, other)

    def __rsub__(self, other: object) -> Any:
        return Less(other, self)

    def __iter__(self) -> Iterator[Any]:
        return iter((self,))

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return None if name in self._without else StandIn(f"{self._path}.{name}")

    def __str__(self) -> str:
        return code(self._path)


class Less(Source):
    """Something without something else, one of which is a stand-in."""

    def __init__(self, whole: object, part: object) -> None:
        self.whole: Final = whole
        self.part: Final = part

    def __str__(self) -> str:
        return f"{who_text(self.whole)}, but not {who_text(self.part)}"


def who_text(who: object) -> str:
    """Who may fire an event: a role, a relation, a parameter, or one but not the other."""
    if isinstance(who, Role):
        return who.name
    if _is_relation(who):
        return who.text
    if _is_excluding(who):
        return f"{who_text(who.who)}, but not {' or '.join(who_text(one) for one in who.but)}"
    return str(who)


def _is_relation(value: object) -> TypeIs[Relation[Any]]:
    return isinstance(value, Relation)


def _is_excluding(value: object) -> TypeIs[Excluding[Any]]:
    return isinstance(value, Excluding)


Given: TypeAlias = Mapping[str, Any]
"""The arguments that a phase is made with."""

Render: TypeAlias = Callable[[Phase[Any]], str]
"""What a phase says, in words; empty for nothing."""


@frozen
class Specimen:
    """A class of phases with all its parameters given, and what it becomes without each of the optional ones.

    ``variants`` are by the name of the parameter: the phase with it and the phase without it.
    """

    phase: Phase[Any]
    variants: Mapping[str, tuple[Phase[Any], Phase[Any]]] = field(factory=dict[str, tuple[Phase[Any], Phase[Any]]])

    def told(self, render: Render, *, where: Render | None = None) -> str:
        """What it says, and where that depends on an optional parameter, what it says with and without it.

        Args:
            render: gives what it says.
            where: only phases of which this says something are asked.
        """
        try:
            whole = render(self.phase)
            answers = {
                name: (render(on), render(off))
                for name, (on, off) in self.variants.items()
                if where is None or (where(on) and where(off))
            }
            if where is not None and not where(self.phase):
                whole = next((render(one) for both in self.variants.values() for one in both if where(one)), "")
        except Exception:  # a function of self that computes with what a stand-in cannot stand for
            return UNKNOWN
        differing = {name: both for name, both in answers.items() if both[0] != both[1]}
        if len(differing) > 1:
            said = next((one for both in differing.values() for one in both if one), whole)
            return f"{said} (depends on {', '.join(map(code, differing))})"
        for name, (on, off) in differing.items():
            if not on or not off:
                return f"{on or off} ({'with' if on else 'without'} {code(name)})"
            return f"{on}; without {code(name)}: {off}"
        return whole


def specimen_of(cls: type[Phase[Any]]) -> Specimen:
    """A phase of that class, whatever its parameters are."""
    given, optional = _stand_ins(cls)
    # Some phases refuse two parameters that exclude one another; then it goes without one of them.
    attempts: list[Given] = [given]
    attempts += [{**given, name: without} for name, (_, without) in optional.items() if name in given]
    whole = next((made for attempt in attempts if (made := _made(cls, attempt)) is not None), None)
    if whole is None:
        return Specimen(_bare(cls, given))
    variants: dict[str, tuple[Phase[Any], Phase[Any]]] = {}
    for name, both in optional.items():
        for attempt in attempts:
            with_it, without = (_made(cls, {**attempt, name.partition(".")[0]: value}) for value in both)
            if with_it is not None and without is not None:
                variants[name] = (with_it, without)
                break
    return Specimen(whole, variants)


def parameters_of(cls: type[Phase[Any]]) -> Mapping[str, inspect.Parameter]:
    """What the class takes, by name."""
    signature = inspect.signature(cast(Any, cls).__init__) if "__init__" in _declared(cls) else inspect.Signature()
    return {name: one for name, one in signature.parameters.items() if name != "self"}


def _declared(cls: type[Any]) -> set[str]:
    """The names that the class and its bases up to ``Phase`` declare."""
    return {name for base in cls.__mro__[: cls.__mro__.index(Phase)] for name in vars(base)}


def _stand_ins(cls: type[Phase[Any]]) -> tuple[dict[str, Any], dict[str, tuple[Any, Any]]]:
    """The arguments to begin with, and for each optional parameter (``span.closing``) its values with and without."""
    types = _types(cls)
    given: dict[str, Any] = {}
    optional: dict[str, tuple[Any, Any]] = {}
    for name, one in parameters_of(cls).items():
        if isinstance(one.default, bool):
            given[name] = one.default
            optional[name] = (True, False)
        elif one.default is inspect.Parameter.empty or _speaks(one.default):
            given[name] = StandIn(name)
            if one.default is None:
                optional[name] = (given[name], None)
        else:
            given[name] = one.default
        of = types.get(name)
        if isinstance(of, type) and attrs.has(of):
            for part in (part for part in attrs.fields(of) if part.default is None):
                optional[f"{name}.{part.name}"] = (StandIn(name), StandIn(name, frozenset({part.name})))
    return given, optional


def _speaks(default: object) -> bool:
    """Whether a default is something that events are told, and not a plain value such as a number."""
    return default is None or default == () or isinstance(default, Role | Relation | Excluding | Derived | Source)


def _types(cls: type[Phase[Any]]) -> Mapping[str, Any]:
    try:
        return typing.get_type_hints(cast(Any, cls).__init__)
    except NameError:
        return {}


def _made(cls: type[Phase[Any]], given: Given) -> Phase[Any] | None:
    try:
        return cast(Any, cls)(**given)  # type: ignore[no-any-return]
    except Exception:
        return None


def _bare(cls: type[Phase[Any]], given: Given) -> Phase[Any]:
    """One that was not asked whether its parameters make sense."""
    phase: Phase[Any] = cls.__new__(cls)
    vars(phase).update(given)
    return phase


def said_by(phase: Phase[Any], said: object) -> tuple[Any, ...]:
    """What an event of this phase is told, functions of ``self`` called."""
    value: object = said(phase) if isinstance(said, FunctionType) else said
    return () if value is None else as_tuple(value)
