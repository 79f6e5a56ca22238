"""Lifecycles, the phases they are made of, and the programs that they make up."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Final, Generic, Self, TypeAlias, TypeVar, final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from attrs import frozen

from progflow.definition.blueprint import Blueprint
from progflow.definition.bodies import Body, PhaseUse, Place, is_lifecycle_class
from progflow.definition.reading import read_phase_class
from progflow.definition.resolve import Said, compile_lifecycle
from progflow.definition.states import Source, Target
from progflow.errors import DefinitionError, Fault

if TYPE_CHECKING:
    # The type checkers look at the words of a class statement (parent=, unique=) only where no metaclass is involved.
    LifecycleType: TypeAlias = type
    PhaseType: TypeAlias = type
else:
    from progflow.definition.bodies import LifecycleType, PhaseType

D = TypeVar("D")


class Phase(Source, Target, Generic[D], metaclass=PhaseType):
    """A part of a lifecycle with its own states, events and data, made to be reused.

    Write ``class TandemPhase(Phase[TandemData])``; a phase without data is a ``Phase[None]``. What it needs to
    know it takes in ``__init__``; in a lifecycle it stands as an attribute.

    Args (of the class statement):
        fresh: its data begins anew whenever the phase is entered again.
        aside: it stands beside the order of the phases: ``NEXT`` passes over it, and only its own events and those
            that name it lead there, as into a cancellation.
    """

    __bound__: Place
    __body__: ClassVar[Body]

    def __new__(cls, *args: Any, **kwargs: Any) -> Self:
        """Give the instance its place, whether or not the subclass calls ``super().__init__``."""
        phase = super().__new__(cls)
        phase.__bound__ = Place(phase)
        return phase

    def __init_subclass__(cls, *, fresh: bool = False, aside: bool = False) -> None:
        super().__init_subclass__()
        read_phase_class(cls, Phase, fresh=fresh, aside=aside)

    def __set_name__(self, owner: type[Any], name: str) -> None:
        self.__bound__.uses.append((owner, name))
        if len(self.__bound__.uses) == 1 and is_lifecycle_class(owner):
            self.__bound__.owner, self.__bound__.name = owner, name

    def then(self, target: Target, **exits: Target) -> Self:
        """Say where the ways out of this phase lead.

        Args:
            target: where ``NEXT`` leads; ``NEXT`` itself is the next phase.
            **exits: where each ``Exit()`` of the phase leads, by its name.
        """
        place = self.__bound__
        place.said_twice = place.then.next is not None
        place.then = PhaseUse(target, exits)
        return self


@frozen
class Compiled:
    """What is kept of a lifecycle class."""

    blueprint: Blueprint


class Lifecycle(Generic[D], metaclass=LifecycleType):
    """The state machine of one kind of thing, with the type of its data: ``class Mentee(Lifecycle[Data])``.

    Args (of the class statement):
        parent: the lifecycle, or several, of which its cases are children.
        unique: the field of its data that at most one open case among siblings may have; None never counts.
        version: counted up by the author when the rules change.
        abstract: a base that does not stand alone.
        name: what it is stored as within its program; the name of the class, unless given.

    Raises (from the class statement):
        DefinitionError: with every fault, its path and the mend.
    """

    __progflow__: ClassVar[Compiled]
    __body__: ClassVar[Body]

    def __init_subclass__(
        cls,
        *,
        parent: type[Lifecycle[Any]] | tuple[type[Lifecycle[Any]], ...] = (),
        unique: str = "",
        version: int = 1,
        abstract: bool = False,
        name: str = "",
    ) -> None:
        super().__init_subclass__()
        said = Said(parent=parent, unique=unique, version=version, abstract=abstract, name=name)
        cls.__progflow__ = Compiled(compile_lifecycle(cls, Lifecycle, Phase, said))


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
        return Fault(path, f"{zone!r} is no time zone.", 'Write one of the IANA database, as in "Europe/Berlin".')
    return None


def _program_faults(name: str, lifecycles: Sequence[object], zone: str) -> list[Fault]:
    faults: list[Fault] = []
    unknown_zone = zone_fault(name, zone)
    if unknown_zone is not None:
        faults.append(unknown_zone)
    if not name or "." in name:
        problem = "a program's name is not empty and has no dot."
        faults.append(Fault(name, problem, "Write a name as in cross-mentoring."))
    known: list[type[Lifecycle[Any]]] = []
    for one in lifecycles:
        if is_lifecycle_class(one) and one is not Lifecycle:
            known.append(one)
        else:
            faults.append(Fault(name, f"{one!r} is no lifecycle.", "Give classes derived from Lifecycle."))
    names: list[str] = []
    for lifecycle in known:
        faults += _member_faults(f"{name}.{blueprint_of(lifecycle).name}", lifecycle, known, names)
        names.append(blueprint_of(lifecycle).name)
    return faults


def _member_faults(
    path: str, lifecycle: type[Lifecycle[Any]], known: Sequence[type[Lifecycle[Any]]], before: Sequence[str]
) -> list[Fault]:
    faults: list[Fault] = []
    blueprint = blueprint_of(lifecycle)
    if blueprint.abstract:
        faults.append(Fault(path, "is abstract and has no cases.", "Derive one that stands alone."))
    if blueprint.name in before:
        mend = f'Give one of them a name of its own: class {lifecycle.__name__}(…, name="…").'
        faults.append(Fault(path, "is the name of two lifecycles.", mend))
    for parent in blueprint.parents:
        if not any(issubclass(one, parent) for one in known):
            problem = f"its parent {parent.__name__} is unknown here."
            faults.append(Fault(path, problem, f"Add {parent.__name__} to the program."))
    return faults
