"""A review, talk or evaluation that becomes due, is held on a day that is kept, and may come again."""

from __future__ import annotations

from datetime import date, datetime
from itertools import pairwise
from typing import Any

from attrs import evolve, frozen

from progflow import (
    NEXT,
    STAY,
    Context,
    Derived,
    Instant,
    Moment,
    No,
    Phase,
    Relation,
    State,
    Term,
    UsageError,
    Who,
    always,
    end_of,
    event,
    guard,
    invariant,
    moment,
    weeks,
)
from progflow.states.people import OFFICE, all_but

EIGHT_WEEKS = always(weeks(8))
FOUR_WEEKS = always(weeks(4))


@frozen
class ReviewData:
    """The days on which it was held, and what is agreed upon for the next one; nothing of what was said.

    ``began`` is the day on which the phase was entered, ``record`` the host's file number of the last record.
    """

    began: date | None = None
    days: tuple[date, ...] = ()
    invited_for: date | None = None
    record: str = ""

    @property
    def held_on(self) -> date | None:
        """The day on which it was held last."""
        return self.days[-1] if self.days else None


class Review(Phase[ReviewData]):
    """Something is looked back upon: a mentoring at half time, goals, a year of work, a catalogue of measures.

    It is due at a moment, or some time after one. Who is late is told so in two steps: it is missed, then escalated;
    it can be held all the same. It can be held early as well. The clock never stands still: under TVöD § 5 the talk
    stays due during parental leave and long illness (commentary of Haufe on TVöD § 5).

    One that comes again is counted from the day on which the last one was held, so an early one moves the next date
    (assumption); with a number of employees at once, a group talk, fire ``hold`` for each (allowed by TVöD § 5).

    Args:
        at: when it is due for the first time.
        after: how long after ``since`` it is due, if no ``at`` is given: ``always(months(7))``.
        since: from when ``after`` counts; from the entry into the phase, unless given.
        every: how long after the last one the next one is due; without it there is one, and ``NEXT`` follows.
        within: how long after it is due it is missed (assumption: eight weeks).
        escalates_after: how long after that it is escalated (assumption: four weeks).
        person: whom it is about; nobody holds or records the own one. None where it is about nobody.
        by: who holds and records it.
        invited_by: who invites to it; the same, unless given. Here the person may be among them.
        recorded: whether a record is made; without one the day alone is kept.
    """

    ahead = State("not due yet", initial=True)
    due = State()
    invited = State()
    held = State()
    documented = State(resting=True)
    missed = State()
    escalated = State()

    late = missed | escalated
    outstanding = due | invited | late

    def __init__(
        self,
        *,
        at: Moment[Any] | None = None,
        after: Derived[Any, Term] | None = None,
        since: Moment[Any] | None = None,
        every: Derived[Any, Term] | None = None,
        within: Derived[Any, Term] = EIGHT_WEEKS,
        escalates_after: Derived[Any, Term] = FOUR_WEEKS,
        person: Relation[Any] | None = None,
        by: Who | tuple[Who, ...] = OFFICE,
        invited_by: Who | tuple[Who, ...] = (),
        recorded: bool = True,
    ) -> None:
        if (at is None) == (after is None) or (at is not None and since is not None):
            raise UsageError(
                problem="A review is due at a moment or after a term.",
                mend="Write at=the_day, or after=always(months(7)) with or without since=kickoff.",
            )
        self.at = at
        self.after = after
        self.since = since
        self.every = every
        self.within = within
        self.escalates_after = escalates_after
        self.by = all_but(person, by)
        self.invited_by = invited_by or self.by
        self.recorded = recorded

    # -- when

    def beginning(self, ctx: Context[ReviewData]) -> date:
        """The day on which the phase was entered; of one that was entered as due already, that of the case."""
        if ctx.case.is_in(self.ahead):
            return ctx.case.entered_at.date()
        return ctx.data.began or ctx.case.created_at.date()

    @moment
    def due_from(self, ctx: Context[ReviewData]) -> date | datetime | Instant | None:
        last = ctx.data.held_on
        if last is not None and self.every is not None:
            return end_of(last + self.every(ctx))
        if self.at is not None:
            return self.at(ctx)
        since = self.beginning(ctx) if self.since is None else self.since(ctx)
        return None if since is None or self.after is None else end_of(_day(since, ctx) + self.after(ctx))

    @moment
    def missed_from(self, ctx: Context[ReviewData]) -> Instant | None:
        due = self.due_from(ctx)
        return None if due is None else end_of(_day(due, ctx) + self.within(ctx))

    @moment
    def escalated_from(self, ctx: Context[ReviewData]) -> Instant | None:
        missed = self.missed_from(ctx)
        return None if missed is None else end_of(_day(missed, ctx) + self.escalates_after(ctx))

    @event(
        lambda self: (self.ahead | self.held | self.documented if self.every else self.ahead) >> self.due, at=due_from
    )
    def become_due(self, ctx: Context[ReviewData]) -> ReviewData:
        """It is due.

        One that comes again does not wait for the record of the last.
        """
        return evolve(ctx.data, began=self.beginning(ctx))

    @event((due | invited) >> missed, at=missed_from)
    def be_missed(self, ctx: Context[ReviewData]) -> None:
        """It was not held in time."""

    @event(missed >> escalated, at=escalated_from)
    def escalate(self, ctx: Context[ReviewData]) -> None:
        """It is still not held.

        Whom that is reported to is up to the host, who hears of it as of every step.
        """

    # -- inviting and holding

    @guard("{on} has passed already.")
    def still_to_come(self, ctx: Context[ReviewData], *, on: date) -> bool:
        return on >= ctx.today

    @event(
        (ahead | documented | due) >> invited,
        (invited | late) >> STAY,
        by=lambda self: self.invited_by,
        when=still_to_come,
    )
    def invite(self, ctx: Context[ReviewData], *, on: date) -> ReviewData:
        """Invite for a day.

        A second time moves the day.
        """
        return evolve(ctx.data, began=self.beginning(ctx), invited_for=on)

    @guard("It can have been held between {earliest} and today.")
    def plausible_day(self, ctx: Context[ReviewData], *, on: date) -> bool | No:
        """After the last one, and not before the case began."""
        last, began = ctx.data.held_on, ctx.case.created_at.date()
        earliest = began if last is None else date.fromordinal(last.toordinal() + 1)
        return earliest <= on <= ctx.today or No(earliest=earliest)

    @event((ahead | documented | outstanding) >> held, by=lambda self: self.by, when=plausible_day)
    def hold(self, ctx: Context[ReviewData], *, on: date) -> ReviewData:
        """Hold it.

        The day is kept; what was said stays between those who said it.
        """
        return evolve(ctx.data, days=(*ctx.data.days, on), invited_for=None)

    @event(lambda self: self.held >> self.documented if self.recorded else (), by=lambda self: self.by)
    def document(self, ctx: Context[ReviewData], *, record: str = "") -> ReviewData:
        """Put it on record.

        A file number of the host, where there is one.
        """
        return evolve(ctx.data, record=record)

    @event(lambda self: () if self.recorded else self.held >> self.documented, auto=True)
    def keep_the_day(self, ctx: Context[ReviewData]) -> None:
        """The day is kept, and no more is asked for."""

    @event(lambda self: () if self.every else self.documented >> NEXT, auto=True)
    def finish(self, ctx: Context[ReviewData]) -> None:
        """It is done."""

    # -- what always holds

    @invariant("It was held on days that follow one another, and the next one is later than the last.")
    def in_order(self, ctx: Context[ReviewData]) -> bool:
        """Invariant 18: what comes again has exactly one next one."""
        days, due = ctx.data.days, self.due_from(ctx)
        ordered = all(one < other for one, other in pairwise(days))
        if self.every is None or not days:
            return ordered
        return ordered and due is not None and _day(due, ctx) > days[-1]

    @invariant("What was held has a day.")
    def day_kept(self, ctx: Context[ReviewData]) -> bool:
        """The certificate of a mentoring, or the next talk, counts on it."""
        return not ctx.case.is_in(self.held, self.documented) or bool(ctx.data.days)


def _day(when: date | datetime | Instant, ctx: Context[Any]) -> date:
    """The day from which a term counts that begins then, in the zone of the program."""
    if isinstance(when, Instant):
        return when.day
    return when.astimezone(ctx.now.tzinfo).date() if isinstance(when, datetime) else when


__all__ = ["Review", "ReviewData"]
