"""Days and times: today, what is a little before or after it, and what matters in the situation."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

import annotated_types as at

from progflow.testing.chance import Chance
from progflow.testing.values.known import Here, Plan
from progflow.testing.values.limits import Limits

DAYS: Final = (0, 1, 7, 30, 14, 90, 365, 180, -1, -7, -30, -365)
FAR: Final = 800
AROUND: Final = (0, 0, 1, -1)
MOMENTS: Final = tuple(map(timedelta, (0, 1, -1))) + tuple(timedelta(seconds=n) for n in (1, -1, 3600))
HOURS: Final = (time(9), time(0), time(14, 30), time(23, 59), time(12), time(23, 59, 59, 999_999))


def date_plan(path: str, limits: Limits) -> Plan:
    """Days around today, and around what matters."""
    bounds = limits.bounds(at.Ge, at.Gt, at.Le, at.Lt)

    def draw(chance: Chance, here: Here) -> date:
        if bounds and chance.often(50):
            return _days_after(chance.one_of(bounds), chance.integer(-1, 1))
        # One choice for all of it: Hypothesis holds what took fewer choices for simpler, and that should be today.
        kind, matter = chance.integer(0, 99), here.known.times(path)
        if kind < 50 or not matter:
            by = chance.integer(-FAR, FAR) if kind % 10 == 9 else chance.one_of(DAYS)
            return _days_after(here.known.now.date(), by)
        day = chance.one_of(matter).astimezone(here.known.now.tzinfo).date()
        return _days_after(day, chance.one_of(AROUND))

    return draw


def datetime_plan(path: str, limits: Limits) -> Plan:
    """Instants around the present one, and around what matters."""
    bounds = limits.bounds(at.Ge, at.Gt, at.Le, at.Lt)

    def draw(chance: Chance, here: Here) -> datetime:
        now = here.known.now
        if bounds and chance.often(50):
            return _after(chance.one_of(bounds), chance.one_of(MOMENTS), now)
        kind, matter = chance.integer(0, 99), here.known.times(path)
        if kind < 50 or not matter:
            return _after(now, timedelta(chance.one_of(DAYS)) if kind < 30 else chance.one_of(MOMENTS), now)
        return _after(chance.one_of(matter), chance.one_of(MOMENTS), now)

    return draw


def time_plan(limits: Limits) -> Plan:
    """Times of day: the present one, those at which a day begins and ends, those at the bounds."""
    bounds = limits.bounds(at.Ge, at.Gt, at.Le, at.Lt)
    beside = [_seconds_after(bound, by) for bound in bounds for by in (1, -1)]
    offered: Sequence[time] = [one for one in (*bounds, *beside, *HOURS) if limits.problem(one) is None]

    def draw(chance: Chance, here: Here) -> time:
        if offered and (bounds or not chance.often(30)):
            return chance.one_of(offered)
        if chance.often(50):
            return here.known.now.time()
        return time(chance.integer(0, 23), chance.integer(0, 59))

    return draw


def _days_after(day: date, days: int) -> date:
    try:
        return day + timedelta(days=days)
    except OverflowError:
        return day


def _seconds_after(of_day: time, seconds: int) -> time:
    return (datetime.combine(date(2000, 1, 2), of_day) + timedelta(seconds=seconds)).time()


def _after(moment: datetime, by: timedelta, now: datetime) -> datetime:
    # In UTC, for in a zone this would be about wall clocks, and could end in an hour that a zone leaves out.
    try:
        return (moment.astimezone(UTC) + by).astimezone(now.tzinfo)
    except OverflowError:
        return moment
