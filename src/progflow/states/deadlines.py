"""Days until which somebody has to hand something in."""

from __future__ import annotations

from datetime import date
from typing import Any

from progflow import Calendar, Context, Derived, Instant, days, end_of

PlaceCalendar = Derived[Any, str] | Derived[Any, Calendar]
"""Whose public holidays and closed days count, as the lifecycle says it: ``"DE-NW"`` or a ``Calendar``."""


def deadline_ends(day: date, calendar: PlaceCalendar | None, ctx: Context[Any]) -> Instant:
    """When a day by which something has to be handed in is over, at 24:00 of the local day.

    With a calendar a Saturday, Sunday or holiday of the place moves it on to the next working day. Source: § 193 BGB,
    for declarations that are due on such a day; that what is asked for here follows it is an assumption.
    """
    return end_of(day if calendar is None else day + days(0).on_working_day(calendar(ctx)))


__all__ = ["PlaceCalendar", "deadline_ends"]
