"""Lifecycles, the phases they are made of, and the programs that they make up."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from types import FrameType
from typing import Any, Final, Generic, Self, TypeVar, final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from attrs import field, frozen

from progflow.definition.blueprint import Blueprint
from progflow.definition.states import Source, State, Target
from progflow.errors import DefinitionError, Fault

D = TypeVar("D")


class Namespace(dict[str, Any]):
    """A class body that remembers what was written over."""

    def __init__(self, frame: FrameType) -> None:
        super().__init__()
        self.frame = frame
        self.overwritten: list[str] = []

    def __setitem__(self, name: str, value: Any) -> None:
        if name in self and _is_member(self[name]):
            self.overwritten.append(name)
        super().__setitem__(name, value)


def _is_member(value: object) -> bool:
    from progflow.definition.resolve import MEMBERS

    return isinstance(value, MEMBERS)


@frozen
class Body:
    """What is known of one class body: the names around it, for annotations, and the names that it used twice."""

    names: Mapping[str, Any] = field(repr=False)
    overwritten: tuple[str, ...]


class _Definition(type):
    """Reads a class body as a definition: names used twice are noticed, and the names around it are kept."""

    @classmethod
    def __prepare__(mcs, name: str, bases: tuple[type, ...], /, **kwargs: Any) -> Namespace:
        return Namespace(sys._getframe(1))  # pyright: ignore[reportPrivateUsage]

    def __new__(mcs, name: str, bases: tuple[type, ...], namespace: dict[str, Any], /, **kwargs: Any) -> Any:
        frame = namespace.frame if isinstance(namespace, Namespace) else None
        around: dict[str, Any] = {}
        module = namespace.get("__module__")
        while frame is not None and frame.f_globals.get("__name__") == module:
            around = {**frame.f_locals, **around} if frame.f_locals is not frame.f_globals else around
            frame = frame.f_back
        overwritten = tuple(namespace.overwritten) if isinstance(namespace, Namespace) else ()
        attributes = {**namespace, "__body__": Body(around, overwritten)}
        return super().__new__(mcs, name, bases, attributes, **kwargs)


@frozen
class PhaseUse:
    """Where ``.then`` leads from a phase."""

    next: Target | None
    exits: Mapping[str, Target]


class Place:
    """Where one phase instance stands: its lifecycle, its name there, and where its exits lead."""

    def __init__(self, phase: Phase[Any]) -> None:
        self._phase = phase
        self._states: list[tuple[State, State]] = []
        self.owner: type[Lifecycle[Any]] | None = None
        self.name = "(unnamed)"
        self.uses: list[tuple[type[Any], str]] = []
        self.then = PhaseUse(None, {})
        self.rebound = False

    def state(self, unbound: State, bind: Callable[[Phase[Any]], State]) -> State:
        """The state as it is reached through this instance, always the same object."""
        for known, bound in self._states:
            if known is unbound:
                return bound
        bound = bind(self._phase)
        self._states.append((unbound, bound))
        return bound


class Phase(Source, Target, Generic[D], metaclass=_Definition):
    """A part of a lifecycle with its own states, events and data, made to be reused.

    Write ``class TandemPhase(Phase[TandemData])``; a phase without data is a ``Phase[None]``. What it needs to know
    it takes in ``__init__``; in a lifecycle it stands as an attribute.

    Args (of the class statement):
        fresh: its data begins anew whenever the phase is entered again.
    """

    __bound__: Place
    __body__: Body
    __fresh__: bool = False

    def __new__(cls, *args: Any, **kwargs: Any) -> Self:
        phase = super().__new__(cls)
        phase.__bound__ = Place(phase)
        return phase

    def __init_subclass__(cls, *, fresh: bool = False, **kwargs: Any) -> None:
        from progflow.definition.resolve import read_phase_class

        super().__init_subclass__(**kwargs)
        cls.__fresh__ = fresh or cls.__fresh__
        read_phase_class(cls)

    def __set_name__(self, owner: type[Any], name: str) -> None:
        self.__bound__.uses.append((owner, name))
        if len(self.__bound__.uses) == 1 and issubclass(owner, Lifecycle):
            self.__bound__.owner, self.__bound__.name = owner, name

    def then(self, target: Target, **exits: Target) -> Self:
        """Say where the ways out of this phase lead.

        Args:
            target: where ``NEXT`` leads; ``NEXT`` itself is the next phase.
            **exits: where each ``Exit()`` of the phase leads, by its name.
        """
        place = self.__bound__
        place.rebound = place.then.next is not None
        place.then = PhaseUse(target, exits)
        return self


@frozen
class Compiled:
    """What is kept of a lifecycle class."""

    blueprint: Blueprint


class Lifecycle(Generic[D], metaclass=_Definition):
    """The state machine of one kind of thing, with the type of its data: ``class Mentee(Lifecycle[MenteeData])``.

    Args (of the class statement):
        parent: the lifecycle, or several, of which its cases are children.
        unique: the field of its data that at most one open case among siblings may have; None never counts.
        version: counted up by the author when the rules change.
        abstract: a base that does not stand alone.
        name: what it is stored as within its program; the name of the class, unless given.

    Raises (from the class statement):
        DefinitionError: with every fault, its path and the mend.
    """

    __progflow__: Compiled
    __body__: Body

    def __init_subclass__(
        cls,
        *,
        parent: type[Lifecycle[Any]] | tuple[type[Lifecycle[Any]], ...] = (),
        unique: str = "",
        version: int = 1,
        abstract: bool = False,
        name: str = "",
        **kwargs: Any,
    ) -> None:
        from progflow.definition.resolve import compile_lifecycle

        super().__init_subclass__(**kwargs)
        cls.__progflow__ = Compiled(
            compile_lifecycle(
                cls, parent=parent, unique=unique, version=version, abstract=abstract, name=name
            )
        )


def blueprint_of(lifecycle: type[Lifecycle[Any]]) -> Blueprint:
    """The compiled form of a lifecycle class."""
    return lifecycle.__progflow__.blueprint


@final
class Program:
    """Lifecycles that belong together: a value.

    Args:
        name: what its cases are stored under, ``cross-mentoring`` in ``cross-mentoring.Mentee``.
        *lifecycles: all of them; each parent must be among them.
        zone: the time zone that its days are counted in, for example ``"Europe/Berlin"``.

    Raises:
        DefinitionError: two lifecycles of one name, an unknown parent or zone, an abstract lifecycle.
    """

    def __init__(self, name: str, *lifecycles: type[Lifecycle[Any]], zone: str) -> None:
        self.name: Final = name
        self.lifecycles: Final = lifecycles
        self.zone: Final = zone
        faults = _program_faults(name, lifecycles, zone)
        if faults:
            raise DefinitionError(name=f"Program {name!r}", faults=tuple(faults))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Program):
            return NotImplemented
        return (self.name, self.lifecycles, self.zone) == (other.name, other.lifecycles, other.zone)

    def __hash__(self) -> int:
        return hash((self.name, self.lifecycles, self.zone))

    def __repr__(self) -> str:
        return f"<Program {self.name}: {', '.join(one.__name__ for one in self.lifecycles)}>"


def zone_fault(path: str, zone: str) -> Fault | None:
    """The fault of a zone that nobody knows, None if it is known."""
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return Fault(
            path, f"{zone!r} is no time zone.", 'Write one of the IANA database, as in "Europe/Berlin".'
        )
    return None


def _program_faults(name: str, lifecycles: tuple[type[Lifecycle[Any]], ...], zone: str) -> list[Fault]:
    faults: list[Fault] = []
    unknown_zone = zone_fault(name, zone)
    if unknown_zone is not None:
        faults.append(unknown_zone)
    if not name or "." in name:
        faults.append(
            Fault(
                name, "a program's name is not empty and has no dot.", "Write a name as in cross-mentoring."
            )
        )
    seen: dict[str, type[Any]] = {}
    for lifecycle in lifecycles:
        if getattr(lifecycle, "__progflow__", None) is None:
            faults.append(
                Fault(name, f"{lifecycle!r} is no lifecycle.", "Give classes derived from Lifecycle.")
            )
            continue
        blueprint = blueprint_of(lifecycle)
        if blueprint.abstract:
            mend = "Derive one that stands alone."
            faults.append(Fault(f"{name}.{blueprint.name}", "is abstract and has no cases.", mend))
        if blueprint.name in seen:
            mend = f'Give one of them a name of its own: class {lifecycle.__name__}(…, name="…").'
            faults.append(Fault(f"{name}.{blueprint.name}", "is the name of two lifecycles.", mend))
        seen[blueprint.name] = lifecycle
        for parent in blueprint.parents:
            if not any(issubclass(one, parent) for one in lifecycles):
                mend = f"Add {parent.__name__} to the program."
                faults.append(
                    Fault(f"{name}.{blueprint.name}", f"its parent {parent.__name__} is unknown here.", mend)
                )
    return faults
