"""How long something lasts, and what has moved its end: spans, pauses, extensions."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from enum import Enum
from typing import Any

from attrs import frozen

from progflow import Context, Derived, Instant, Moment, Term, UsageError, Who, always, months
from progflow.states.approval import Vote
from progflow.states.people import Cause

TWO_WEEKS = always(14)
THREE_MONTHS = always(3)
ONCE = always(1)
THE_OFFICE = always(("office",))
AS_THE_OFFICE = always("office")


def day_of(moment: Moment[Any], ctx: Context[Any]) -> date | None:
    """The local day in which a moment lies; ``end_of(day)`` still belongs to that day."""
    at = moment(ctx)
    if isinstance(at, Instant):
        return at.day
    return at.astimezone(ctx.now.tzinfo).date() if isinstance(at, datetime) else at


@frozen(kw_only=True)
class Span:
    """How long it takes, and what may move its end. All of it but ``since`` and ``lasts`` are assumptions.

    Args:
        since: the moment from which it counts for everybody, as the kick-off.
        lasts: how many months from then on, counted from that one day and never chained.
        ends: a moment within its last day, instead of counting months.
        longest_pause: how many months a pause may last at most.
        most_pauses: how many pauses there may be.
        back_within: how many days after the last day of a pause somebody has to say that it goes on, and is dropped out
            without that. Without it, or with None, it goes on by itself after the last day.
        longest_extension: how many months later than without them all extensions together may end it.
        parties: those that must consent to an extension; the office alone, unless given.
        party: the party that the actor speaks for, ``""`` for none.
        consented_by: who may consent; who decides on the phase, unless given. Nobody consents for oneself.
        tolerance: how many days before its end a decision may complete it. A real edition that began on 15 August
            2022 for fifteen months was closed on 7 November 2023 (press release of the city of Düsseldorf).
        closing: the moment of a closing event that completes all who are within the tolerance.
        review_after: when the review in the middle is due, counted from ``since``; without it there is none.
    """

    since: Moment[Any] | None = None
    lasts: Derived[Any, int] | None = None
    ends: Moment[Any] | None = None
    longest_pause: Derived[Any, int] = THREE_MONTHS
    most_pauses: Derived[Any, int] = ONCE
    back_within: Derived[Any, int | None] | None = None
    longest_extension: Derived[Any, int] = THREE_MONTHS
    parties: Derived[Any, Collection[str]] = THE_OFFICE
    party: Derived[Any, str] = AS_THE_OFFICE
    consented_by: Who | None = None
    tolerance: Derived[Any, int] = TWO_WEEKS
    closing: Moment[Any] | None = None
    review_after: Term | None = None

    def __attrs_post_init__(self) -> None:
        if (self.lasts is None) == (self.ends is None) or (self.lasts is not None and self.since is None):
            mend = "Write Span(since=kickoff, lasts=months_of_it), or Span(ends=last_moment)."
            raise UsageError(problem="A span has since= and lasts=, or ends=.", mend=mend)

    def nominal(self, ctx: Context[Any]) -> date | None:
        """The last day without pauses and extensions; None as long as nobody knows."""
        if self.ends is not None:
            return day_of(self.ends, ctx)
        first = None if self.since is None else day_of(self.since, ctx)
        return None if first is None or self.lasts is None else first + months(self.lasts(ctx))


@frozen
class Pause:
    """One pause: from its first day on, until it is over or somebody goes on before. ``resumed`` is the day of that."""

    since: date
    until: date
    cause: Cause
    resumed: date | None = None

    @property
    def days(self) -> int:
        """By how many days it moves the end; as long as it lasts those that are planned."""
        return (self.until - self.since).days + 1 if self.resumed is None else (self.resumed - self.since).days


@frozen
class Extension:
    """A later end that was asked for, who has consented to it, and why it was refused if it was.

    ``later_than`` is the end as it was when it was asked for.
    """

    until: date
    reason: str
    later_than: date | None = None
    consents: tuple[Vote, ...] = ()
    granted: bool = False
    refused_because: str = ""

    @property
    def is_open(self) -> bool:
        """Whether nobody has decided yet."""
        return not self.granted and not self.refused_because


class Ended(Enum):
    """How somebody's time came to an end."""

    IN_FULL = "with its last day"
    EARLY = "a little early, by a decision or a closing"
    BROKEN_OFF = "before its time"
    STAYED_AWAY = "nobody came back from a pause"


@frozen
class TimedData:
    """What has moved the end, and how it ended before its time if it did.

    ``pauses_before`` are the pauses that were known when the end ``extended_until`` was granted; later ones move it.
    ``ended`` and ``ended_at`` say how and when it came to an end.
    """

    pauses: tuple[Pause, ...] = ()
    extension: Extension | None = None
    extended_until: date | None = None
    pauses_before: int = 0
    review_due: bool = False
    reviewed_on: date | None = None
    reason: str = ""
    ended: Ended | None = None
    ended_at: datetime | None = None

    @property
    def days_paused(self) -> int:
        """By how many days all pauses have moved the end."""
        return sum(pause.days for pause in self.pauses)


__all__ = ["Ended", "Extension", "Pause", "Span", "TimedData", "day_of"]
