"""States, exits and the arrows between them, as they are written in a class body."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final, Literal, final

from attrs import frozen

from progflow.definition.bodies import Place, is_lifecycle_class, place_of
from progflow.definition.sentences import readable
from progflow.errors import UsageError

if TYPE_CHECKING:
    from progflow.definition.lifecycle import Lifecycle


class Target:
    """What an arrow may lead to: a state, a phase (its initial state), an exit, ``NEXT`` or ``STAY``."""


class Source:
    """What an arrow may leave: a state, a phase (all its states that are not final), a group, ``OPEN`` or ``START``."""

    def __or__(self, other: Source) -> Source:
        return Group((*self.__parts__(), *other.__parts__()))

    def __sub__(self, other: Source) -> Source:
        return Without(self, other)

    def __rshift__(self, target: Target) -> Arrow:
        return Arrow(tuple(self.__parts__()), target)

    def __parts__(self) -> tuple[Source, ...]:
        return (self,)


@final
@frozen
class Arrow:
    """From each of the sources to the target."""

    sources: tuple[Source, ...]
    target: Target


@final
class State(Source, Target):
    """A state of a lifecycle or phase; its name is the attribute that it is assigned to.

    Args:
        title: how a person reads it; the name with blanks, unless given.
        initial: a phase begins here, and a lifecycle that has no ``START`` event.
        final: the end; nothing leaves it.
        resting: not final, and yet nothing need leave it; the case counts as open.
        clock: ``"stopped"`` suspends the running terms of the states from which it is entered.
    """

    def __init__(
        self,
        title: str = "",
        *,
        initial: bool = False,
        final: bool = False,
        resting: bool = False,
        clock: Literal["running", "stopped"] = "running",
    ) -> None:
        if clock not in ("running", "stopped"):  # pyright: ignore[reportUnnecessaryContains]
            raise UsageError(problem=f"clock={clock!r} says nothing.", mend='Write clock="stopped", or leave it out.')
        self.initial: Final = initial
        self.final: Final = final
        self.resting: Final = resting
        self.clock: Final = clock
        self._title = title
        self._names: tuple[tuple[type[Any], str], ...] = ()
        self._place: Place | None = None

    def __set_name__(self, owner: type[Any], name: str) -> None:
        self._names = (*self._names, (owner, name))

    def __get__(self, instance: object, owner: type[Any]) -> State:
        place = place_of(instance)
        return self if place is None or self._place is not None else place.state(self, self._in)

    def _in(self, place: Place) -> State:
        bound = State(self._title, initial=self.initial, final=self.final, resting=self.resting, clock=self.clock)
        bound._names = self._names
        bound._place = place
        return bound

    @property
    def names(self) -> tuple[tuple[type[Any], str], ...]:
        """The classes and names that this object was assigned to; more than one is a fault."""
        return self._names

    @property
    def place(self) -> Place | None:
        """The place of the phase instance through which this state was reached, None for a lifecycle's own."""
        return self._place

    @property
    def name(self) -> str:
        """The name within the class that declares it."""
        return self._names[0][1] if self._names else "(unnamed)"

    @property
    def path(self) -> str:
        """The name within the lifecycle: ``"tandem.active"`` for a phase's, ``"withdrawn"`` for its own."""
        return f"{self._place.name}.{self.name}" if self._place is not None else self.name

    @property
    def title(self) -> str:
        """How a person reads it."""
        return self._title or readable(self.name)

    @property
    def owner(self) -> type[Any] | None:
        """The lifecycle through which it is named, or the phase class while it stands in none."""
        if self._place is not None:
            return self._place.owner
        return self._names[0][0] if self._names else None

    @property
    def lifecycle(self) -> type[Lifecycle[Any]]:
        """The lifecycle that declares it.

        Raises:
            UsageError: it is the state of a phase that stands in no lifecycle.
        """
        owner = self.owner
        if not is_lifecycle_class(owner):
            declared = f"{owner.__name__}.{self.name}" if owner is not None else self.name
            raise UsageError(
                problem=f"{declared} is the state of a phase that stands in no lifecycle.",
                mend=f"Name it through the lifecycle, as in YourLifecycle.your_phase.{self.name}.",
            )
        return owner

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        if not isinstance(other, State):
            return NotImplemented
        return self.lifecycle is other.lifecycle and self.path == other.path

    def __hash__(self) -> int:
        return hash((self.lifecycle, self.path))

    def __repr__(self) -> str:
        owner = self.owner
        return f"<State {owner.__name__ + '.' if owner is not None else ''}{self.path}>"


@final
class Group(Source):
    """Several sources under one name: ``open_ones = requested | approved``."""

    def __init__(self, parts: tuple[Source, ...]) -> None:
        self._parts = parts

    def __parts__(self) -> tuple[Source, ...]:
        return self._parts

    def __get__(self, instance: object, owner: type[Any]) -> Group:
        return Group(tuple(_reached(part, instance, owner) for part in self._parts))

    def __iter__(self) -> Iterator[Source]:
        return iter(self._parts)


@final
class Without(Source):
    """A source without a part of it: ``OPEN - certificate``."""

    def __init__(self, whole: Source, part: Source) -> None:
        self.whole: Final = whole
        self.part: Final = part

    def __get__(self, instance: object, owner: type[Any]) -> Without:
        return Without(_reached(self.whole, instance, owner), _reached(self.part, instance, owner))

    def __repr__(self) -> str:
        return f"{self.whole!r} - {self.part!r}"


def _reached(source: Source, instance: object, owner: type[Any]) -> Source:
    """The source as it is reached through a phase instance."""
    return source.__get__(instance, owner) if isinstance(source, State | Group | Without) else source


@final
class Exit(Target):
    """A way out of a phase, bound by ``.then(…, name=target)`` where the phase is used."""

    def __init__(self) -> None:
        self._names: tuple[tuple[type[Any], str], ...] = ()

    def __set_name__(self, owner: type[Any], name: str) -> None:
        self._names = (*self._names, (owner, name))

    @property
    def names(self) -> tuple[tuple[type[Any], str], ...]:
        """The classes and names that this object was assigned to."""
        return self._names

    @property
    def name(self) -> str:
        """The name under which ``.then`` binds it."""
        return "NEXT" if self is NEXT else self._names[0][1] if self._names else "(unnamed)"

    def __repr__(self) -> str:
        return "NEXT" if self is NEXT else f"<Exit {self.name}>"


@final
class _Start(Source):
    def __repr__(self) -> str:
        return "START"


@final
class _Open(Source):
    def __repr__(self) -> str:
        return "OPEN"


@final
class _Final(Source):
    def __repr__(self) -> str:
        return "FINAL"


@final
class _Stay(Target):
    def __repr__(self) -> str:
        return "STAY"


START: Final[Source] = _Start()
"""The source of the events by which a case begins."""

OPEN: Final[Source] = _Open()
"""Every state of the lifecycle that is not final, also those that a subclass adds: ``OPEN >> cancelled``."""

FINAL: Final[Source] = _Final()
"""Every final state of the lifecycle, also those that a subclass adds: a place to ask about, which nothing leaves."""

NEXT: Final = Exit()
"""The first state of the next phase."""

STAY: Final[Target] = _Stay()
"""Keeps the state, the moment of entry and the running terms."""
