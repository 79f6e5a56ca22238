"""A clock that stands still until a test moves it: the fake of ``progflow.ports.Clock``."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from typing import TypeAlias, final
from zoneinfo import ZoneInfo

from progflow.definition.lifecycle import zone_fault
from progflow.errors import UsageError
from progflow.terms import Term, as_instant, first_instant
from progflow.terms import days as calendar_days

When: TypeAlias = str | date | datetime
"""A point in time as tests write it: ``"2026-03-02 09:00"``, a day (its first instant), or a datetime.

What says no offset is clock time in the zone of the clock, as people there read it. Of a clock time that comes twice
the first is meant; one that the change to summer time leaves out is as much later as the clock was put forward.
"""


@final
class Clock:
    """Gives ``Flow(clock=…)`` the instant at which a test has set it.

    It never goes back by itself or by mistake: what a flow has written down would then lie in the future.

    Args:
        at: where it stands.
        zone: whose clock time it shows, and in which times without an offset are meant.

    Raises:
        UsageError: the text is no time, or the zone is unknown.
    """

    def __init__(self, at: When, /, *, zone: str | ZoneInfo = "UTC") -> None:
        self.zone = zone if isinstance(zone, ZoneInfo) else _known(zone)
        self._now = self.instant(at).astimezone(UTC)

    def __call__(self) -> datetime:
        """The present instant, aware and in UTC."""
        return self._now

    @property
    def now(self) -> datetime:
        """The present instant, aware and in the zone."""
        return self._now.astimezone(self.zone)

    @property
    def today(self) -> date:
        """The present day in the zone."""
        return self.now.date()

    def instant(self, when: When, /) -> datetime:
        """What a point in time means on this clock, aware and in the zone.

        Raises:
            UsageError: the text is no time.
        """
        said = read_when(when)
        if isinstance(said, datetime):
            return as_instant(said if said.tzinfo is not None else said.replace(tzinfo=self.zone), self.zone)
        return first_instant(said, self.zone)

    def set(self, to: When, /, *, backwards: bool = False) -> None:
        """Put it at a point in time.

        Args:
            to: a time, or a day for its first instant.
            backwards: allow it to go back. What was written before then lies in the future.

        Raises:
            UsageError: that would be backwards, or the text is no time.
        """
        instant = self.instant(to)
        if instant < self._now and not backwards:
            raise UsageError(
                problem=f"{instant:%Y-%m-%d %H:%M:%S} lies before the clock's present, {self.now:%Y-%m-%d %H:%M:%S}.",
                mend="Say backwards=True if time is really to go back.",
            )
        self._now = instant.astimezone(UTC)

    def forward(
        self,
        term: Term | None = None,
        /,
        *,
        weeks: int = 0,
        days: int = 0,
        hours: float = 0,
        minutes: float = 0,
        seconds: float = 0,
    ) -> None:
        """Let time pass: ``forward(days=3)``, ``forward(months(2))``.

        A term, weeks and days keep the clock time, whatever the clocks of the zone do meanwhile; hours, minutes and
        seconds are exact, and come last.

        Raises:
            UsageError: that is less than no time.
        """
        exact = timedelta(hours=hours, minutes=minutes, seconds=seconds)
        if min(weeks, days) < 0 or exact < timedelta():
            raise UsageError(problem="Time does not pass backwards.", mend="If it has to, use set(…, backwards=True).")
        moved = self.now
        if term is not None:
            moved = moved + term
        if weeks or days:
            moved = moved + calendar_days(7 * weeks + days)
        self._now = moved.astimezone(UTC) + exact

    def __repr__(self) -> str:
        return f"Clock({self.now.isoformat(' ')!r}, zone={str(self.zone)!r})"


def _known(name: str) -> ZoneInfo:
    fault = zone_fault("Clock", name)
    if fault is not None:
        raise UsageError(problem=fault.problem, mend=fault.mend)
    return ZoneInfo(name)


def read_when(when: When) -> date | datetime:
    """The day or the time that is written there; a time without an offset is naive.

    Raises:
        UsageError: the text is no time.
    """
    if not isinstance(when, str):
        return when
    with suppress(ValueError):
        return date.fromisoformat(when)
    try:
        return datetime.fromisoformat(when)
    except ValueError as error:
        mend = 'Write it like "2026-03-02 09:00", or "2026-03-02" for the first instant of that day.'
        raise UsageError(problem=f"{when!r} is no time.", mend=mend) from error
