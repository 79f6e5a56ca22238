"""What a batch means for the tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeAlias

from attrs import define, field

from progflow.adapters.sqlalchemy._rows import Row, case_row, entry_row, payload_row, timer_row
from progflow.records import Batch, CaseChange, CaseRecord, EntryRecord, TimerRecord

__all__ = ["Links", "Rows"]

Links: TypeAlias = Mapping[str, tuple[int, Mapping[str, str]]]
"""What cases are known to link to: by id, the revision at which they did and what."""


def _rows() -> list[Row]:
    return []


@define
class Rows:
    """The rows of a batch, table by table. Making them fails where a value cannot be stored."""

    moved: list[Row] = field(factory=_rows)
    touched: list[Row] = field(factory=_rows)
    added: list[Row] = field(factory=_rows)
    links_gone: list[Row] = field(factory=_rows)
    links: list[Row] = field(factory=_rows)
    timers_gone: list[Row] = field(factory=_rows)
    timers: list[Row] = field(factory=_rows)
    watches: list[Row] = field(factory=_rows)
    entries: list[Row] = field(factory=_rows)
    payloads: list[Row] = field(factory=_rows)

    @classmethod
    def of(cls, batch: Batch, known: Links) -> Rows:
        """The rows of the batch, given what its cases are known to link to."""
        rows = cls()
        for change in batch.changes:
            rows._change(change, known)
        rows._history(batch.entries)
        return rows

    def _change(self, change: CaseChange, known: Links) -> None:
        case = change.case
        if change.expected is None:
            self.added.append(case_row(case))
            self._link(case)
        elif change.expected == case.revision:
            self.touched.append({"b_id": case.id, "b_revision": change.expected})
        else:
            row = case_row(case)
            del row["id"], row["created"]
            self.moved.append(row | {"b_id": case.id, "b_revision": change.expected})
            if known.get(case.id) != (change.expected, case.links):
                self.links_gone.append({"b_id": case.id})
                self._link(case)
        for event, timer in change.timers.items():
            self._timer(case.id, event, timer, new=change.expected is None)

    def _link(self, case: CaseRecord) -> None:
        rows = ({"case_id": case.id, "role": role, "target": target} for role, target in case.links.items())
        self.links.extend(rows)

    def _timer(self, case: str, event: str, timer: TimerRecord | None, *, new: bool) -> None:
        if not new:
            self.timers_gone.append({"b_id": case, "b_event": event})
        if timer is not None:
            self.timers.append(timer_row(case, timer))
            watches = ({"token": token, "case_id": case, "event": event} for token in sorted(timer.watches))
            self.watches.extend(watches)

    def _history(self, entries: Iterable[EntryRecord]) -> None:
        for entry in entries:
            self.entries.append(entry_row(entry))
            payload = payload_row(entry)
            if payload is not None:
                self.payloads.append(payload)
