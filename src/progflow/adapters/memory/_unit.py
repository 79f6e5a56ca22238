"""One unit of work on a memory store."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Collection, Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from datetime import datetime
from itertools import chain
from threading import Lock

from attrs import define, evolve, field

from progflow.adapters.memory._copies import handed_out, own_case, own_entry, own_timer
from progflow.adapters.memory._state import Alarm, Committed, Entries, Overlay, alarms_of
from progflow.errors import ConflictError, UsageError
from progflow.records import Batch, CaseChange, CaseRecord, DueTimer, EntryRecord, KeyRecord, Query


@define(eq=False)
class MemoryUnit:
    """One unit of work on a memory store."""

    _committed: Committed
    overlay: Overlay
    # What a reader holds while it looks something up; None for the writer, whom nobody can surprise.
    _guard: Lock | None
    callbacks: list[Callable[[], None]] = field(factory=list[Callable[[], None]])
    _open: bool = True

    @property
    def host(self) -> object:
        """This unit: there is nothing else that a receiver could write to, and the store can join it."""
        return self

    def is_writing(self, committed: Committed) -> bool:
        """Whether it is an open write unit on that."""
        return self._committed is committed and self._open and self._guard is None

    def close(self) -> None:
        """Refuse everything from now on."""
        self._open = False

    def load(self, case: str) -> CaseRecord | None:
        """See ``Reader.load``."""
        with self._looking():
            record = self._case(case)
        return None if record is None else handed_out(record)

    def find(self, query: Query) -> Sequence[CaseRecord]:
        """See ``Reader.find``."""
        with self._looking():
            found = [case for case in self._these(self._candidates(query)) if query.matches(case)]
        return _out(found)

    def count(self, query: Query) -> int:
        """See ``Reader.count``."""
        with self._looking():
            return sum(map(query.matches, self._these(self._candidates(query))))

    def due(self, lifecycles: frozenset[str], now: datetime, limit: int) -> Sequence[DueTimer]:
        """See ``Reader.due``."""
        with self._looking():
            own = [
                alarm
                for case in self.overlay.cases.values()
                if case is not None and case.lifecycle in lifecycles
                for alarm, ready in alarms_of(case)
                if ready <= now
            ]
            found = heapq.nsmallest(limit, chain(own, self._stored_alarms(lifecycles, now, limit)))
        return [DueTimer(case, event, at, due, armed) for at, due, armed, event, case in found]

    def watching(self, tokens: Collection[str]) -> Sequence[CaseRecord]:
        """See ``Reader.watching``."""
        wanted = frozenset(tokens)
        with self._looking():
            committed = self._committed
            candidates = chain.from_iterable(committed.group("watch", token) for token in wanted)
            found = [
                case
                for case in self._these(candidates)
                if any(not wanted.isdisjoint(timer.watches) for timer in case.timers)
            ]
        return _out(found)

    def history(self, case: str) -> Sequence[EntryRecord]:
        """See ``UnitOfWork.history``."""
        with self._looking():
            entries = self._entries(case)
        return [own_entry(entry) for entry in entries]

    def key(self, key: str) -> KeyRecord | None:
        """See ``UnitOfWork.key``."""
        with self._looking():
            found = self.overlay.keys
            return found[key] if key in found else self._committed.keys.get(key)

    def save(self, batch: Batch) -> None:
        """See ``UnitOfWork.save``."""
        self._require_open()
        if self._guard is not None:
            raise UsageError(problem="This unit of work only reads.", mend="Begin one with write=True.")
        changes = [self._checked(change) for change in batch.changes]
        entries = [own_entry(entry) for entry in batch.entries]
        with self.nested():
            self._save_cases(changes)
            self._save_entries(entries)
            if batch.key is not None:
                if self.key(batch.key.key) is not None:
                    raise _lost(batch.key.case, "the same key was used at the same time")
                self.overlay.put(self.overlay.keys, batch.key.key, batch.key)

    def after_commit(self, callback: Callable[[], None]) -> None:
        """See ``UnitOfWork.after_commit``."""
        self._require_open()
        self.callbacks.append(callback)

    def awaiting(self) -> Callable[[], bool]:
        """What tells from now on whether a callback that is registered now still waits for the commit."""

        def nothing() -> None:
            pass

        self.after_commit(nothing)
        return lambda: self._open and nothing in self.callbacks

    @contextmanager
    def nested(self) -> Generator[None, None, None]:
        """See ``UnitOfWork.nested``."""
        self._require_open()
        mark, callbacks = len(self.overlay.undo), len(self.callbacks)
        try:
            yield
        except BaseException:
            self.overlay.back_to(mark)
            del self.callbacks[callbacks:]
            raise

    @contextmanager
    def _looking(self) -> Generator[None, None, None]:
        self._require_open()
        with self._guard or nullcontext():
            yield

    def _require_open(self) -> None:
        if not self._open:
            raise UsageError(problem="This unit of work is over.", mend="Begin a new one.")

    def _case(self, case: str) -> CaseRecord | None:
        cases = self.overlay.cases
        return cases[case] if case in cases else self._committed.cases.get(case)

    def _entries(self, case: str) -> Entries:
        entries = self.overlay.entries
        return entries[case] if case in entries else self._committed.entries.get(case, ())

    def _these(self, candidates: Iterable[str]) -> Iterator[CaseRecord]:
        """The cases of those ids as this unit sees them, and all that are not as they were committed."""
        for case in dict.fromkeys(chain(candidates, self.overlay.cases)):
            record = self._case(case)
            if record is not None:
                yield record

    def _candidates(self, query: Query) -> Collection[str]:
        committed = self._committed
        choices: list[Collection[str]] = []
        if query.link is not None:
            choices.append(committed.group("link", *query.link))
        if query.parents is not None or query.orphans:
            children = [committed.group("parent", parent) for parent in query.parents or ()]
            orphans = [committed.group("orphan", name) for name in query.states if query.orphans]
            choices.append(_union([*children, *orphans]))
        groups = (
            committed.group("lifecycle", name)
            if states is None
            else _union(committed.group("state", name, state) for state in states)
            for name, states in query.states.items()
        )
        return min(choices, key=len) if choices else _union(groups)

    def _stored_alarms(self, lifecycles: frozenset[str], now: datetime, limit: int) -> list[Alarm]:
        committed = self._committed
        found: list[Alarm] = []
        for alarm in committed.alarms:
            if len(found) == limit or alarm[0] > now:
                break
            if self._covers(lifecycles, alarm):
                found.append(alarm)
        later = [alarm for alarm in committed.held_up if alarm[0] > now and self._ready(alarm) <= now]
        return found + [alarm for alarm in later if self._covers(lifecycles, alarm)]

    def _covers(self, lifecycles: frozenset[str], alarm: Alarm) -> bool:
        case = alarm[4]
        return case not in self.overlay.cases and self._committed.cases[case].lifecycle in lifecycles

    def _ready(self, alarm: Alarm) -> datetime:
        timer = self._committed.cases[alarm[4]].timer(alarm[3])
        assert timer is not None
        assert timer.ready is not None
        return timer.ready

    def _checked(self, change: CaseChange) -> CaseRecord:
        """The case as it is to be stored, if nobody else moved it."""
        case, stored = change.case, self._case(change.case.id)
        found = None if stored is None else stored.revision
        if found != change.expected:
            detail = f"case {case.id!r} is at revision {found}, not {change.expected}"
            raise _lost(case.id, detail, change.expected)
        timers = {timer.event: timer for timer in stored.timers} if stored else {}
        for event, timer in change.timers.items():
            timers.pop(event, None)
            if timer is not None:
                timers[event] = own_timer(timer)
        ordered = tuple(timers[event] for event in sorted(timers))
        if stored is not None and case.revision == change.expected:
            return evolve(stored, timers=ordered)
        return own_case(evolve(case, timers=ordered))

    def _save_cases(self, changes: Sequence[CaseRecord]) -> None:
        overlay, committed = self.overlay, self._committed
        for case in changes:
            old = self._case(case.id)
            if old is not None and old.unique is not None and old.unique != case.unique:
                overlay.put(overlay.holders, old.unique, None)
        for case in changes:
            overlay.put(overlay.cases, case.id, case)
            if case.unique is None:
                continue
            known = case.unique in overlay.holders
            holder = overlay.holders[case.unique] if known else committed.holders.get(case.unique)
            if holder not in (None, case.id):
                raise _lost(case.id, f"case {holder!r} holds {case.unique!r}")
            overlay.put(overlay.holders, case.unique, case.id)

    def _save_entries(self, entries: Sequence[EntryRecord]) -> None:
        for entry in entries:
            known = self._entries(entry.case)
            if known and known[-1].seq >= entry.seq and any(entry.seq == other.seq for other in known):
                raise _lost(entry.case, f"the history of case {entry.case!r} already has step {entry.seq}")
            grown = (*known, entry)
            if known and known[-1].seq > entry.seq:
                grown = tuple(sorted(grown, key=lambda each: each.seq))
            self.overlay.put(self.overlay.entries, entry.case, grown)


def _lost(case: str, detail: str, expected: int | None = None) -> ConflictError:
    return ConflictError(case=case, expected=expected, detail=detail, retryable=True)


def _union(groups: Iterable[set[str]]) -> set[str]:
    return set[str]().union(*groups)


def _out(cases: Iterable[CaseRecord]) -> Sequence[CaseRecord]:
    return [handed_out(case) for case in sorted(cases, key=lambda case: (case.created, case.id))]
