"""Days until which somebody has to hand something in, and how long a time may be that a municipality sets."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from annotated_types import Ge, Le
from attrs import Attribute

from progflow import Calendar, Context, Derived, Instant, days, end_of

PlaceCalendar = Derived[Any, str] | Derived[Any, Calendar]
"""Whose public holidays and closed days count, as the lifecycle says it: ``"DE-NW"`` or a ``Calendar``."""


Days = Annotated[int, Ge(0), Le(36_500)]
"""A number of days: of a hundred years at most, since no calendar goes beyond the year 9999."""

Weeks = Annotated[int, Ge(0), Le(5_200)]
"""A number of weeks, of a hundred years at most."""

Months = Annotated[int, Ge(0), Le(1_200)]
"""A number of months, of a hundred years at most."""


def calendar_code(_instance: object, _field: Attribute[str], code: str) -> None:
    """A validator for a field that names a calendar: ``calendar: str = field(validator=calendar_code)``.

    Raises:
        ValueError: there is no such calendar; it says what a code looks like.
    """
    Calendar(code)


def deadline_ends(day: date, calendar: PlaceCalendar | None, ctx: Context[Any]) -> Instant:
    """When a day by which something has to be handed in is over, at 24:00 of the local day.

    With a calendar a Saturday, Sunday or holiday of the place moves it on to the next working day. Source: § 193 BGB,
    for declarations that are due on such a day; that what is asked for here follows it is an assumption.
    """
    return end_of(day if calendar is None else day + days(0).on_working_day(calendar(ctx)))


__all__ = ["Days", "Months", "PlaceCalendar", "Weeks", "calendar_code", "deadline_ends"]
