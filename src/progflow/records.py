"""Frozen values that cross the port between the engine and a store.

They speak of ids, paths and plain JSON, never of classes: a store can be written without knowing a definition, and
what it holds can be read without one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, TypeAlias, cast

from attrs import field, frozen

Json: TypeAlias = Any
"""What ``json`` reads back as it wrote it: None, bool, int, float, str, and lists and string-keyed dicts of them."""


@frozen
class TimerRecord:
    """The alarm of one event for one case, and the clock behind it. All times are aware and in UTC.

    ``anchor`` is when the event's sources were entered; ``stopped`` since when the clock stands; ``days_stopped`` and
    ``seconds_stopped`` what earlier stops added. ``asked`` is the last due moment that was fired (or, with ``every=``,
    asked). ``due`` is the next due moment, ``ready`` the first instant at which it may really fire, None while it
    does not wait for time. ``resting`` marks one that was refused and waits for a change of what it ``watches``.
    ``automatic`` marks the event that waits for its guards and not for time.
    """

    event: str
    anchor: datetime
    armed: datetime
    stopped: datetime | None = None
    days_stopped: int = 0
    seconds_stopped: float = 0.0
    asked: datetime | None = None
    due: datetime | None = None
    ready: datetime | None = None
    resting: bool = False
    automatic: bool = False
    watches: frozenset[str] = frozenset()


@frozen
class CaseRecord:
    """One case as it is stored. ``data`` and the values of ``phases`` are plain JSON; times are aware and in UTC.

    ``created`` is when it began, ``entered`` when its present state was entered, ``stepped`` when its last step took
    effect. ``visited`` holds the states it has been in, the present one included, in the order of first entry.
    ``unique`` is held by at most one case at a time; None when nothing is to be held.
    """

    id: str
    lifecycle: str
    version: int
    state: str
    revision: int
    created: datetime
    entered: datetime
    stepped: datetime
    data: Json = field(hash=False)
    phases: Mapping[str, Json] = field(hash=False)
    visited: tuple[str, ...]
    parent: str | None = None
    links: Mapping[str, str] = field(factory=dict[str, str], hash=False)
    unique: str | None = None
    timers: tuple[TimerRecord, ...] = ()

    def timer(self, event: str) -> TimerRecord | None:
        """The timer of that event, if it has one."""
        return next((timer for timer in self.timers if timer.event == event), None)


@frozen
class EntryRecord:
    """One step in the history of a case.

    ``seq`` is the revision that the step led to. ``at`` is when it took effect (for a timer its due moment),
    ``recorded`` when it was written. ``data`` and ``phases`` hold what the step changed: ``data`` is None when the
    lifecycle's own data stayed (``data_changed`` tells that from data that is null), ``phases`` only has the phases
    that changed.
    """

    case: str
    lifecycle: str
    version: int
    seq: int
    event: str
    before: str | None
    after: str
    actor: str
    acted_as: str | None
    caused_by: str | None
    due: datetime | None
    at: datetime
    recorded: datetime
    payload: Mapping[str, Json] = field(hash=False)
    data_changed: bool
    data: Json = field(hash=False)
    phases: Mapping[str, Json] = field(hash=False)
    stays: bool = False
    parent: str | None = None
    links: Mapping[str, str] = field(factory=dict[str, str], hash=False)


@frozen
class KeyRecord:
    """That a command was carried out under a key: which (as a fingerprint), on which case, up to which revision."""

    key: str
    fingerprint: str
    case: str
    revision: int


@frozen
class Where:
    """``data[phase][field] == value``, on a scalar; ``phase`` is empty for the lifecycle's own data.

    ``absent`` says whether a case that has not entered the phase yet counts (its data would be the default).
    """

    phase: str
    field: str
    value: str | int | float | bool | None
    absent: bool = False


@frozen
class Query:
    """Which cases. Every condition that is given must hold.

    ``states`` maps each lifecycle that is asked for to the states that count, None for any. ``parents`` restricts to
    the children of these cases, ``orphans`` to cases without a parent; with both, either will do. ``link`` restricts
    to cases that point with that role to that case. ``without`` leaves out cases by id. The order is that of creation.
    """

    states: Mapping[str, frozenset[str] | None] = field(hash=False)
    parents: frozenset[str] | None = None
    orphans: bool = False
    link: tuple[str, str] | None = None
    where: tuple[Where, ...] = ()
    without: frozenset[str] = frozenset()

    def matches(self, case: CaseRecord) -> bool:
        """Whether the case is one of those that are asked for. Every store must agree with this."""
        if case.lifecycle not in self.states or case.id in self.without:
            return False
        states = self.states[case.lifecycle]
        if states is not None and case.state not in states:
            return False
        if not self._is_of_family(case.parent):
            return False
        if self.link is not None and case.links.get(self.link[0]) != self.link[1]:
            return False
        return all(_same(condition, case) for condition in self.where)

    def _is_of_family(self, parent: str | None) -> bool:
        if self.parents is None and not self.orphans:
            return True
        return self.orphans if parent is None else parent in (self.parents or ())


def _same(condition: Where, case: CaseRecord) -> bool:
    if condition.phase and condition.phase not in case.phases:
        return condition.absent
    data = case.phases[condition.phase] if condition.phase else case.data
    if not isinstance(data, Mapping) or condition.field not in data:
        return False
    value = cast("Mapping[str, object]", data)[condition.field]
    if isinstance(value, bool) or isinstance(condition.value, bool):
        return value is condition.value
    return value == condition.value


@frozen
class DueTimer:
    """A timer that may fire: which, and the instant at which it does."""

    case: str
    event: str
    at: datetime
    due: datetime
    armed: datetime

    @property
    def order(self) -> tuple[datetime, datetime, datetime, str, str]:
        """Timers fire in this order: when they fire, due, armed first, name of the event; the id settles the rest."""
        return (self.at, self.due, self.armed, self.event, self.case)

    @classmethod
    def of(cls, case: CaseRecord, timer: TimerRecord) -> DueTimer:
        """The due timer that this timer of the case is. It must be ready and due."""
        assert timer.ready is not None
        assert timer.due is not None
        return cls(case.id, timer.event, max(timer.ready, case.stepped), timer.due, timer.armed)


@frozen
class CaseChange:
    """A case after the batch. ``expected`` is the stored revision that it replaces, None for a new case.

    ``timers`` lists the timers that changed: the new value, or None for one that is gone. Where the revision is the
    expected one, only timers changed.
    """

    case: CaseRecord
    expected: int | None
    timers: Mapping[str, TimerRecord | None] = field(hash=False)


@frozen
class Batch:
    """What one unit of work writes, all of it or nothing."""

    changes: Sequence[CaseChange]
    entries: Sequence[EntryRecord]
    key: KeyRecord | None = None
