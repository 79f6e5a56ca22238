"""Class bodies before they are read: the names around them, the names used twice, and where a phase stands.

This is the innermost module of the definition language. The others tell lifecycles and phases by their metaclass, so
that states and events need not know the classes in which they stand.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from types import FrameType
from typing import TYPE_CHECKING, Any

from attrs import field, frozen

if TYPE_CHECKING:
    from typing_extensions import TypeIs

    from progflow.definition.lifecycle import Lifecycle, Phase
    from progflow.definition.states import State, Target


class Namespace(dict[str, Any]):
    """A class body that remembers what was written over."""

    def __init__(self, frame: FrameType) -> None:
        super().__init__()
        self.frame = frame
        self.overwritten: list[tuple[str, object]] = []

    def __setitem__(self, name: str, value: Any) -> None:
        if name in self:
            self.overwritten.append((name, self[name]))
        super().__setitem__(name, value)


@frozen
class Body:
    """What is kept of one class body.

    While it is read: ``names``, those of the functions around it, for annotations, and ``overwritten``, the values
    whose names were used again. For good: ``resolved``, the types that its bases name as text, and what the class
    statement of a phase says, ``fresh`` and ``aside``.
    """

    names: Mapping[str, Any] = field(factory=dict[str, Any], repr=False)
    overwritten: tuple[tuple[str, object], ...] = ()
    resolved: Mapping[str, Any] = field(factory=dict[str, Any])
    fresh: bool = False
    aside: bool = False


def _enclosing_names(frame: FrameType, qualname: str) -> dict[str, Any]:
    """The names of the functions in which a class statement stands; an inner one hides an outer one."""
    found: dict[str, Any] = {}
    module, above = frame.f_globals, frame
    while True:
        inside = qualname.startswith(f"{above.f_code.co_qualname}.<locals>.")
        if inside and above.f_globals is module:
            found = {**above.f_locals, **found}
        if above.f_back is None:
            return found
        above = above.f_back


class Definition(type):
    """Reads a class body as a definition: keeps the names around it, and those that it used twice."""

    __body__: Body

    @classmethod
    def __prepare__(mcs, name: str, bases: tuple[type, ...], /, **kwargs: Any) -> Namespace:  # noqa: N804
        return Namespace(sys._getframe(1))  # pyright: ignore[reportPrivateUsage] # inspect offers it only with None

    def __new__(mcs, name: str, bases: tuple[type, ...], namespace: dict[str, Any], /, **kwargs: Any) -> Any:
        """Make the class, with its body to be read by ``__init_subclass__``."""
        body = Body()
        if isinstance(namespace, Namespace):
            around = _enclosing_names(namespace.frame, namespace["__qualname__"])
            body = Body(around, tuple(namespace.overwritten))
        return super().__new__(mcs, name, bases, {**namespace, "__body__": body}, **kwargs)


class PhaseType(Definition):
    """The class of phase classes."""


class LifecycleType(Definition):
    """The class of lifecycle classes."""


def as_tuple(said: object) -> tuple[Any, ...]:
    """What was said as one or several, as several."""
    return said if _is_tuple(said) else (said,)


def _is_tuple(said: object) -> TypeIs[tuple[Any, ...]]:
    return isinstance(said, tuple)


def is_phase(value: object) -> TypeIs[Phase[Any]]:
    """Whether it is a phase: an instance, as it stands in a lifecycle."""
    return isinstance(type(value), PhaseType)


def is_phase_class(value: object) -> TypeIs[type[Phase[Any]]]:
    """Whether it is a class of phases."""
    return isinstance(value, PhaseType)


def is_lifecycle_class(value: object) -> TypeIs[type[Lifecycle[Any]]]:
    """Whether it is a lifecycle."""
    return isinstance(value, LifecycleType)


@frozen
class PhaseUse:
    """Where ``.then`` leads from a phase."""

    next: Target | None
    exits: Mapping[str, Target]


class Place:
    """Where one phase instance stands: its lifecycle, its name there, and where its exits lead."""

    def __init__(self, phase: Phase[Any]) -> None:
        self.phase = phase
        self.owner: type[Lifecycle[Any]] | None = None
        self.name = "(unnamed)"
        self.uses: list[tuple[type[Any], str]] = []
        self.then = PhaseUse(None, {})
        self.said_twice = False
        self._states: list[tuple[State, State]] = []

    def state(self, unbound: State, bind: Callable[[Place], State]) -> State:
        """The state as it is reached through this instance, always the same object."""
        for known, bound in self._states:
            if known is unbound:
                return bound
        bound = bind(self)
        self._states.append((unbound, bound))
        return bound


def place_of(value: object) -> Place | None:
    """The place of a phase, None for anything else."""
    return value.__bound__ if is_phase(value) else None
