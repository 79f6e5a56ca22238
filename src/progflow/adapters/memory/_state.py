"""What is committed, with its indexes, and what differs from it for one unit of work.

A unit sees the committed cases through an overlay, and the trick is the same on both sides: a writer's
overlay holds what it has saved and not yet committed, a reader's the old values of whatever was committed
since it began.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import TypeAlias, TypeVar

from attrs import define, field

from progflow.records import CaseRecord, DueTimer, EntryRecord, KeyRecord

V = TypeVar("V")
Entries: TypeAlias = tuple[EntryRecord, ...]
Alarm: TypeAlias = tuple[datetime, datetime, datetime, str, str]
"""The ``order`` of a due timer, which holds all there is to know about it."""


@define(eq=False)
class Overlay:
    """What differs from the committed state, as one unit sees it."""

    cases: dict[str, CaseRecord | None] = field(factory=dict[str, "CaseRecord | None"])
    entries: dict[str, Entries] = field(factory=dict[str, Entries])
    keys: dict[str, KeyRecord | None] = field(factory=dict[str, "KeyRecord | None"])
    holders: dict[str, str | None] = field(factory=dict[str, "str | None"])
    undo: list[Callable[[], object]] = field(factory=list[Callable[[], object]])

    def put(self, table: dict[str, V], key: str, value: V) -> None:
        """Set, and note how to take it back."""
        if key in table:
            old = table[key]
            self.undo.append(lambda: table.__setitem__(key, old))
        else:
            self.undo.append(lambda: table.pop(key))
        table[key] = value

    def back_to(self, mark: int) -> None:
        """Take back all that was put since."""
        while len(self.undo) > mark:
            self.undo.pop()()

    def remember(self, change: Overlay, committed: Committed) -> None:
        """Keep the old values of what is about to change."""
        for case in change.cases:
            self.cases.setdefault(case, committed.cases.get(case))
        for case in change.entries:
            self.entries.setdefault(case, committed.entries.get(case, ()))
        for key in change.keys:
            self.keys.setdefault(key, committed.keys.get(key))


class Committed:
    """The committed state with its indexes. Only ``take`` and ``become`` change it."""

    def __init__(self) -> None:
        self.cases: dict[str, CaseRecord] = {}
        self.entries: dict[str, Entries] = {}
        self.keys: dict[str, KeyRecord] = {}
        self.holders: dict[str, str] = {}
        self.groups: defaultdict[tuple[str, ...], set[str]] = defaultdict(set)
        self.alarms: list[Alarm] = []
        # Ready before their case's last step: they fire at a later instant than they are ready at.
        self.held_up: set[Alarm] = set()

    def copy(self) -> Committed:
        """The same, to be kept: records never change, so only what holds them is copied."""
        kept = Committed()
        kept.become(self)
        return kept

    def become(self, other: Committed) -> None:
        """Hold what the other holds, and share nothing with it that changes."""
        self.cases, self.entries = dict(other.cases), dict(other.entries)
        self.keys, self.holders = dict(other.keys), dict(other.holders)
        self.groups = defaultdict(set, {name: set(cases) for name, cases in other.groups.items()})
        self.alarms, self.held_up = list(other.alarms), set(other.held_up)

    def take(self, overlay: Overlay) -> None:
        """Make what a writer has saved the committed state."""
        for case, record in overlay.cases.items():
            old = self.cases.get(case)
            assert record is not None
            self.cases[case] = record
            self._regroup(case, _groups(old), _groups(record))
            self._rearm(old, record)
        self.entries.update(overlay.entries)
        self.keys.update({key: record for key, record in overlay.keys.items() if record is not None})
        for value, holder in overlay.holders.items():
            if holder is None:
                self.holders.pop(value, None)
            else:
                self.holders[value] = holder

    def _regroup(self, case: str, old: set[tuple[str, ...]], new: set[tuple[str, ...]]) -> None:
        for group in old - new:
            self.groups[group].discard(case)
            if not self.groups[group]:
                del self.groups[group]
        for group in new - old:
            self.groups[group].add(case)

    def _rearm(self, old: CaseRecord | None, new: CaseRecord) -> None:
        before = dict(alarms_of(old)) if old else {}
        after = dict(alarms_of(new))
        for alarm in before.keys() - after.keys():
            del self.alarms[bisect_left(self.alarms, alarm)]
            self.held_up.discard(alarm)
        for alarm in after.keys() - before.keys():
            insort(self.alarms, alarm)
        self.held_up.difference_update(before)
        self.held_up.update(alarm for alarm, ready in after.items() if ready < alarm[0])

    def group(self, *name: str) -> set[str]:
        """The cases of an index entry."""
        return self.groups.get(name, set())


def _groups(case: CaseRecord | None) -> set[tuple[str, ...]]:
    if case is None:
        return set()
    found: set[tuple[str, ...]] = {("lifecycle", case.lifecycle), ("state", case.lifecycle, case.state)}
    found.add(("orphan", case.lifecycle) if case.parent is None else ("parent", case.parent))
    found.update(("link", role, target) for role, target in case.links.items())
    found.update(("watch", token) for timer in case.timers for token in timer.watches)
    return found


def alarms_of(case: CaseRecord) -> Iterator[tuple[Alarm, datetime]]:
    for timer in case.timers:
        if timer.ready is not None and timer.due is not None and not timer.resting:
            yield DueTimer.of(case, timer).order, timer.ready
