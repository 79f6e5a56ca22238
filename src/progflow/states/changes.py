"""What was written down and no longer holds: days that were moved or corrected, counts that were replaced."""

from __future__ import annotations

from datetime import date, datetime

from attrs import frozen


@frozen
class Move:
    """Another day than before, why, and when that was decided.

    ``source`` says where the correction of a day that has passed comes from; a day that was moved ahead of time has
    none. ``before`` is None where no day had been set.
    """

    before: date | None
    after: date
    reason: str
    decided_at: datetime
    source: str = ""


@frozen
class Recount:
    """A count that was replaced: what it was before, what it was after, and why."""

    before: int
    after: int
    reason: str


__all__ = ["Move", "Recount"]
