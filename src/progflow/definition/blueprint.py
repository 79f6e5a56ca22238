"""A lifecycle after it has been read: flat, resolved and frozen. Everything that runs reads this and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

from attrs import NOTHING, field, frozen

from progflow.codec import Codec
from progflow.definition.people import Role
from progflow.definition.sentences import readable
from progflow.records import Json
from progflow.terms import Term

if TYPE_CHECKING:
    from progflow.definition.lifecycle import Lifecycle, Phase
    from progflow.definition.rules import Rule
    from progflow.definition.wording import Wording

START_WITH_DATA: Final = "(start)"
"""The name in the history of the first step of a case that was started with its data."""


@frozen
class StateSpec:
    """One state: its path, how a person reads it, and what it means."""

    path: str
    title: str
    phase: str | None
    initial: bool
    final: bool
    resting: bool
    stopped: bool

    @property
    def label(self) -> str:
        """How a person reads it where its phase is not known otherwise: ``selection: waiting``."""
        return self.title if self.phase is None else f"{readable(self.phase)}: {self.title}"


@frozen
class Parameter:
    """One field of a payload."""

    name: str
    type: Any
    default: Any = NOTHING

    @property
    def required(self) -> bool:
        """Whether a payload must have it."""
        return self.default is NOTHING


@frozen
class BoundRule:
    """A guard, relation, moment or invariant of this lifecycle, with the definition and the data that it speaks of.

    ``code`` is its path; ``phase`` the name of the phase whose data it gets, None for the lifecycle's;
    ``parameters`` the fields of the payload that it names, and ``optional`` those of them that have a default.
    """

    code: str
    phase: str | None
    rule: Rule[Any]
    definition: object = field(repr=False)
    parameters: tuple[str, ...] = ()
    optional: frozenset[str] = frozenset()


@frozen
class Grant:
    """Who may fire an event: a role or relation, ``but`` nobody who is also one of these to the case."""

    who: Role | BoundRule
    but: tuple[BoundRule, ...] = ()

    @property
    def role(self) -> str:
        """The role or relation as which somebody then acts."""
        return self.who.name if isinstance(self.who, Role) else self.who.rule.text

    @property
    def text(self) -> str:
        """How a person reads it."""
        but = " or ".join(one.rule.text for one in self.but)
        return f"{self.role}, but not {but}" if but else self.role


@frozen
class EventSpec:
    """One event with everything about it resolved.

    ``targets`` maps each source path to the target path, None for ``STAY``; ``starts`` is the target of ``START``.
    ``by`` is None when nobody but the engine and ``SYSTEM`` may fire it.
    """

    path: str
    title: str
    order: int
    phase: str | None
    function: Callable[..., Any] = field(repr=False)
    definition: object = field(repr=False)
    parameters: Mapping[str, Parameter]
    targets: Mapping[str, str | None]
    starts: str | None
    by: tuple[Grant, ...]
    guards: tuple[BoundRule, ...]
    after: Term | BoundRule | None
    since: BoundRule | None
    at: BoundRule | None
    every: Term | BoundRule | None
    auto: bool

    @property
    def timed(self) -> bool:
        """Whether a timer fires it."""
        return self.after is not None or self.at is not None or self.every is not None

    @property
    def self_firing(self) -> bool:
        """Whether it fires without a person: by time or as soon as its guards hold."""
        return self.timed or self.auto

    @property
    def moment(self) -> BoundRule | None:
        """The moment that its timer asks."""
        return self.since or self.at

    @property
    def asks(self) -> bool:
        """Whether its timer asks the case when it is due, by a moment or a term that is derived from data."""
        return self.moment is not None or isinstance(self.after, BoundRule) or isinstance(self.every, BoundRule)

    @property
    def who(self) -> tuple[str, ...]:
        """The names of the roles and relations that may fire it."""
        return tuple(grant.text for grant in self.by)


@frozen
class PhaseSpec:
    """One phase in its place: name, instance, type of its data, and that data when it is first entered."""

    name: str
    phase: Phase[Any]
    data: Any
    default: Json
    fresh: bool


@frozen
class Blueprint:
    """One lifecycle, compiled."""

    lifecycle: type[Lifecycle[Any]]
    definition: Lifecycle[Any] = field(repr=False)
    name: str
    version: int
    title: str
    data: Any
    parents: tuple[type[Lifecycle[Any]], ...]
    unique: str
    unique_scope: type[Lifecycle[Any]]
    abstract: bool
    initial: str | None
    states: Mapping[str, StateSpec]
    events: Mapping[str, EventSpec]
    phases: Mapping[str, PhaseSpec]
    invariants: tuple[BoundRule, ...]

    @property
    def arrows(self) -> tuple[tuple[str, str, str | None], ...]:
        """Every arrow between states as (event, source, target); the target is None for ``STAY``."""
        return tuple((e.path, source, target) for e in self.events.values() for source, target in e.targets.items())

    @property
    def open_states(self) -> frozenset[str]:
        """The states that are not final."""
        return frozenset(path for path, state in self.states.items() if not state.final)

    @property
    def fires_by_itself(self) -> bool:
        """Whether a change of another case could matter to one of its timers or automatic events."""
        return any(event.self_firing for event in self.events.values())

    def fires(self, event: str) -> EventSpec | None:
        """The event of that name if it fires by itself; None for a timer that was stored for what is no more."""
        found = self.events.get(event)
        return found if found is not None and found.self_firing else None

    def data_type(self, phase: str | None) -> Any:
        """The type of the phase's data, or of the lifecycle's own."""
        return self.data if phase is None else self.phases[phase].data


@frozen
class Kind:
    """A lifecycle in a flow: its blueprint, the name under which its cases are stored, its zone and its language."""

    stored: str
    blueprint: Blueprint
    codec: Codec = field(eq=False, repr=False)
    zone: str
    words: Wording = field(eq=False, repr=False)

    @property
    def lifecycle(self) -> type[Lifecycle[Any]]:
        """The class that the developer wrote."""
        return self.blueprint.lifecycle
