"""A case from its history: the entries are the truth, the stored case is what they add up to."""

from __future__ import annotations

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from attrs import evolve

from progflow.decide.steps import unique_key
from progflow.decide.timing import clocks
from progflow.definition.blueprint import Kind
from progflow.records import CaseRecord, EntryRecord


def fold(kind: Kind, entries: Sequence[EntryRecord]) -> CaseRecord:
    """The case that these entries add up to.

    Its timers have their clocks (anchor, stops); when they are due also depends on what their moments ask, which the
    history of one case does not hold.

    Args:
        kind: the lifecycle.
        entries: the history from the first entry on, in order; at least one.
    """
    record: CaseRecord | None = None
    for entry in entries:
        before = record
        timers = tuple(clocks(kind.blueprint, before, entry, ZoneInfo(kind.zone)).values())
        if before is None:
            before = _beginning(entry)
        record = evolve(
            before,
            state=entry.after,
            revision=entry.seq,
            data=entry.data if entry.data_changed else before.data,
            phases={**before.phases, **entry.phases},
            stepped=entry.at,
            entered=before.entered if entry.stays else entry.at,
            visited=before.visited if entry.after in before.visited else (*before.visited, entry.after),
            timers=timers,
        )
        record = evolve(record, unique=unique_key(kind, record, record.state))
    assert record is not None
    return record


def _beginning(entry: EntryRecord) -> CaseRecord:
    return CaseRecord(
        id=entry.case,
        lifecycle=entry.lifecycle,
        version=entry.version,
        state=entry.after,
        revision=0,
        created=entry.at,
        entered=entry.at,
        stepped=entry.at,
        data=entry.data,
        phases={},
        visited=(),
        parent=entry.parent,
        links=entry.links,
    )
