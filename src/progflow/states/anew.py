"""What invariants work out anew, and rules never ask: a slip in a rule is then not made a second time."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from progflow import Calendar, Context, Instant, Moment, days


def day_meant(moment: Moment[Any] | None, ctx: Context[Any]) -> date | None:
    """The local day in which a moment lies, the end of a day still lying in it; None as long as nobody knows."""
    said = None if moment is None else moment(ctx)
    if isinstance(said, datetime):
        return said.astimezone(ctx.now.tzinfo).date()
    return said.day if isinstance(said, Instant) else said


def last_day_of_deadline(day: date | None, calendar: str | Calendar | None) -> date | None:
    """The day with which a deadline is over: the next working day of the place, where a calendar says so."""
    if day is None or calendar is None:
        return day
    return day + days(0).on_working_day(calendar)


__all__ = ["day_meant", "last_day_of_deadline"]
