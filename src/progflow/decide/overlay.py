"""What has been decided but not written, laid over what is stored: reading it gives the world as it will be."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import final

from progflow.ports import Surroundings
from progflow.records import (
    Batch,
    CaseChange,
    CaseRecord,
    DueTimer,
    EntryRecord,
    KeyRecord,
    Query,
    TimerRecord,
)


@final
class Overlay:
    """Staged changes over another reader. It is a reader itself, so overlays can be stacked."""

    def __init__(self, below: Surroundings) -> None:
        self._below = below
        self._loaded: dict[str, CaseRecord | None] = {}
        self._staged: dict[str, CaseRecord] = {}
        self._journal: list[tuple[str, CaseRecord | None]] = []
        self.entries: list[EntryRecord] = []

    # -- reading

    def load(self, case: str) -> CaseRecord | None:
        """The case as it will be."""
        if case in self._staged:
            return self._staged[case]
        if case not in self._loaded:
            self._loaded[case] = self._below.load(case)
        return self._loaded[case]

    def find(self, query: Query) -> Sequence[CaseRecord]:
        """The cases that will match, in the order of creation."""
        found = self._below.find(query)
        for record in found:
            self._loaded.setdefault(record.id, record)
        if not self._staged:
            return found
        merged = [record for record in found if record.id not in self._staged]
        staged = [record for record in self._staged.values() if query.matches(record)]
        return sorted(merged + staged, key=lambda record: (record.created, record.id)) if staged else merged

    def count(self, query: Query) -> int:
        """How many cases will match."""
        count = self._below.count(query)
        for case, record in self._staged.items():
            before = self._loaded[case]
            count += query.matches(record) - (before is not None and query.matches(before))
        return count

    def due(self, lifecycles: frozenset[str], now: datetime, limit: int) -> Sequence[DueTimer]:
        """The timers that will be ready, in their order."""
        hidden = sum(len(before.timers) for case in self._staged if (before := self._loaded[case]) is not None)
        found = [timer for timer in self._below.due(lifecycles, now, limit + hidden) if timer.case not in self._staged]
        for record in self._staged.values():
            if record.lifecycle in lifecycles:
                found += [
                    DueTimer.of(record, timer)
                    for timer in record.timers
                    if timer.ready is not None and not timer.resting and max(timer.ready, record.stepped) <= now
                ]
        return sorted(found, key=lambda timer: timer.order)[:limit]

    def watching(self, tokens: Collection[str]) -> Sequence[CaseRecord]:
        """The cases with a timer that will watch one of the tokens."""
        found = [record for record in self._below.watching(tokens) if record.id not in self._staged]
        wanted = frozenset(tokens)
        staged = [
            record
            for record in self._staged.values()
            if any(not timer.watches.isdisjoint(wanted) for timer in record.timers)
        ]
        return sorted(found + staged, key=lambda record: (record.created, record.id))

    def facts(self, protocol: object) -> object:
        """The host's answerer for that protocol."""
        return self._below.facts(protocol)

    def new_id(self) -> str:
        """An id for a case that is about to begin."""
        return self._below.new_id()

    # -- staging

    def stage(self, record: CaseRecord, *, new: bool = False) -> None:
        """Put a case in the place of what it was; ``new`` says that it was nothing."""
        if record.id not in self._loaded:
            self._loaded[record.id] = None if new else self._below.load(record.id)
        self._journal.append((record.id, self._staged.get(record.id)))
        self._staged[record.id] = record

    def mark(self) -> tuple[int, int]:
        """Where to roll back to."""
        return len(self._journal), len(self.entries)

    def rollback(self, mark: tuple[int, int]) -> None:
        """Forget what was staged since the mark."""
        steps, entries = mark
        while len(self._journal) > steps:
            case, before = self._journal.pop()
            if before is None:
                del self._staged[case]
            else:
                self._staged[case] = before
        del self.entries[entries:]

    def absorb(self, above: Overlay) -> None:
        """Take over what was staged above."""
        for record in above.changed():
            self.stage(record, new=above.is_new(record.id))
        self.entries.extend(above.entries)

    def is_new(self, case: str) -> bool:
        """Whether the staged case is not there below."""
        return self._loaded[case] is None

    def changed(self) -> Sequence[CaseRecord]:
        """The staged cases."""
        return tuple(self._staged.values())

    def batch(self, key: KeyRecord | None = None) -> Batch:
        """What has to be written."""
        changes: list[CaseChange] = []
        for case, record in self._staged.items():
            before = self._loaded[case]
            timers = _timer_changes(before, record)
            if before is None or before.revision != record.revision or timers:
                changes.append(CaseChange(record, None if before is None else before.revision, timers))
        return Batch(tuple(changes), tuple(self.entries), key)


def _timer_changes(before: CaseRecord | None, after: CaseRecord) -> dict[str, TimerRecord | None]:
    old = {timer.event: timer for timer in before.timers} if before is not None else {}
    new = {timer.event: timer for timer in after.timers}
    changes: dict[str, TimerRecord | None] = {event: timer for event, timer in new.items() if old.get(event) != timer}
    changes.update({event: None for event in old if event not in new})
    return changes
