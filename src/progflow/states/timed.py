"""A part of a programme that takes its time: it can pause, be extended, and end a little early by decision."""

from __future__ import annotations

from datetime import date
from typing import Any

from attrs import evolve

from progflow import (
    NEXT,
    STAY,
    Context,
    Guard,
    Instant,
    No,
    Phase,
    Reason,
    Relation,
    Source,
    State,
    Who,
    days,
    end_of,
    event,
    guard,
    invariant,
    moment,
    months,
)
from progflow.states.anew import day_meant
from progflow.states.approval import Vote
from progflow.states.people import OFFICE, Cause
from progflow.states.span import Ended, Extension, Pause, Span, TimedData, day_of
from progflow.states.span_anew import (
    end_meant,
    extension_in_order,
    latest_meant,
    pause_of_today_allowed,
    pauses_in_order,
)


class TimedPhase(Phase[TimedData]):
    """Somebody takes part for a time that is the same for all, and yet everybody's own.

    It goes on to ``NEXT`` by itself at its end. A pause moves the end by its days, for which the class of a cause is
    kept and no diagnosis; after its last day it goes on by itself, unless somebody has to say so. A later end is asked
    for, also during a pause, and granted once all parties have consented. Who may not go on is dropped out, for a
    reason.

    Args:
        person: whose participation it is.
        span: how long, and what may move the end.
        by: who decides on it (assumption: the office); nobody decides on oneself.
        completed_when: what must hold beside for it to be complete; at its end it waits for that.
    """

    active = State(initial=True)
    paused = State(clock="stopped")
    dropped_out = State(final=True)

    @property
    def going_on(self) -> Source:
        """The states in which its time counts."""
        return self.active

    @property
    def unfinished(self) -> Source:
        """All states in which somebody takes part."""
        return self.going_on | self.paused

    def __init__(
        self,
        *,
        person: Relation[Any],
        span: Span,
        by: Who = OFFICE,
        completed_when: tuple[Guard[Any], ...] = (),
    ) -> None:
        self.person = person
        self.span = span
        self.by = by - person
        self.either = (person, by)
        self.consented_by = self.by if span.consented_by is None else span.consented_by - person
        self.completed_when = completed_when

    # -- the end

    def last_day_unextended(self, ctx: Context[TimedData]) -> date | None:
        """The last day with the pauses alone; None as long as nobody knows."""
        nominal = self.span.nominal(ctx)
        return None if nominal is None else nominal + days(ctx.data.days_paused)

    def last_day(self, ctx: Context[TimedData]) -> date | None:
        """The last day; None as long as nobody knows."""
        unextended, until = self.last_day_unextended(ctx), ctx.data.extended_until
        if unextended is None or until is None:
            return unextended
        later = sum(pause.days for pause in ctx.data.pauses[ctx.data.pauses_before :])
        return max(unextended, until + days(later))

    @moment
    def end(self, ctx: Context[TimedData]) -> Instant | None:
        last_day = self.last_day(ctx)
        return None if last_day is None else end_of(last_day)

    @event(lambda self: self.going_on >> NEXT, at=end, when=lambda self: self.completed_when)
    def complete(self, ctx: Context[TimedData]) -> TimedData:
        """The time is over."""
        return evolve(ctx.data, ended=Ended.IN_FULL, ended_at=ctx.now)

    def is_near_the_end(self, ctx: Context[TimedData], day: date) -> bool:
        """Whether a decision of that day may complete it."""
        last_day = self.last_day(ctx)
        return last_day is not None and last_day - days(self.span.tolerance(ctx)) <= day

    @guard("It can be completed {tolerance} days before {last_day} at the earliest.")
    def near_the_end(self, ctx: Context[TimedData]) -> bool | No:
        tolerance = self.span.tolerance(ctx)
        return self.is_near_the_end(ctx, ctx.today) or No(tolerance=tolerance, last_day=self.last_day(ctx))

    @event(
        lambda self: self.going_on >> NEXT,
        by=lambda self: self.by,
        when=lambda self: (self.near_the_end, *self.completed_when),
    )
    def complete_early(self, ctx: Context[TimedData]) -> TimedData:
        """Complete it a little before its end."""
        return evolve(ctx.data, ended=Ended.EARLY, ended_at=ctx.now)

    @guard("The closing has not been held, or the end is too far off for it.")
    def closing_reaches(self, ctx: Context[TimedData]) -> bool:
        held = None if self.span.closing is None else day_of(self.span.closing, ctx)
        return held is not None and held <= ctx.today and self.is_near_the_end(ctx, held)

    @event(
        lambda self: () if self.span.closing is None else self.going_on >> NEXT,
        auto=True,
        when=lambda self: (self.closing_reaches, *self.completed_when),
    )
    def complete_at_closing(self, ctx: Context[TimedData]) -> TimedData:
        """The closing completes it."""
        return evolve(ctx.data, ended=Ended.EARLY, ended_at=ctx.now)

    # -- pausing

    @guard("No more pauses: {most} may be taken, and there have been so many.")
    def may_pause_again(self, ctx: Context[TimedData]) -> bool | No:
        most = self.span.most_pauses(ctx)
        return len(ctx.data.pauses) < most or No(most=most)

    @guard("A pause ends on {latest} at the latest, and after today.")
    def short_enough(self, ctx: Context[TimedData], *, until: date) -> bool | No:
        latest = ctx.today + months(self.span.longest_pause(ctx))
        return ctx.today < until <= latest or No(latest=latest)

    @guard("It has not begun.")
    def has_begun(self, ctx: Context[TimedData]) -> bool:
        if self.span.since is None:
            return True
        first = day_of(self.span.since, ctx)
        return first is not None and first <= ctx.today

    @event(
        lambda self: self.going_on >> self.paused,
        by=lambda self: self.by,
        when=(has_begun, may_pause_again, short_enough),
    )
    def pause(self, ctx: Context[TimedData], *, cause: Cause, until: date) -> TimedData:
        """Pause.

        For parental leave, illness and the like; only the class of the cause is kept.
        """
        return evolve(ctx.data, pauses=(*ctx.data.pauses, Pause(ctx.today, until, cause)))

    def days_to_come_back(self, ctx: Context[TimedData]) -> int | None:
        """How many days after a pause somebody has to say that it goes on; None if it does so by itself."""
        return None if self.span.back_within is None else self.span.back_within(ctx)

    @moment
    def pause_ends(self, ctx: Context[TimedData]) -> Instant | None:
        by_itself = bool(ctx.data.pauses) and self.days_to_come_back(ctx) is None
        return end_of(ctx.data.pauses[-1].until) if by_itself else None

    @event(paused >> active, by=lambda self: self.either, at=pause_ends)
    def resume(self, ctx: Context[TimedData]) -> TimedData:
        """Go on after the pause.

        The end moves by the days from the first day of the pause to today. Unless the span says otherwise, it goes on
        by itself after its last day; who cannot drops out.
        """
        *before, last = ctx.data.pauses
        return evolve(ctx.data, pauses=(*before, evolve(last, resumed=ctx.today)))

    @moment
    def return_ends(self, ctx: Context[TimedData]) -> Instant | None:
        within = self.days_to_come_back(ctx)
        return end_of(ctx.data.pauses[-1].until + days(within)) if ctx.data.pauses and within is not None else None

    @event(lambda self: () if self.span.back_within is None else self.paused >> self.dropped_out, at=return_ends)
    def stay_away(self, ctx: Context[TimedData]) -> TimedData:
        """Nobody has said in time that it goes on after the pause."""
        return evolve(
            ctx.data,
            reason="Nobody said in time that it goes on after the pause.",
            ended=Ended.STAYED_AWAY,
            ended_at=ctx.now,
        )

    # -- extending

    @guard("Nobody knows yet when it ends.")
    def end_is_known(self, ctx: Context[TimedData]) -> bool:
        return self.last_day(ctx) is not None

    @guard("{until} is not later than the end on {last_day}.")
    def later_than_the_end(self, ctx: Context[TimedData], *, until: date) -> bool | No:
        last_day = self.last_day(ctx)
        return last_day is None or until > last_day or No(last_day=last_day)

    def latest_end(self, ctx: Context[TimedData]) -> date | None:
        """The last day that extensions can lead to, all of them together."""
        unextended = self.last_day_unextended(ctx)
        return None if unextended is None else unextended + months(self.span.longest_extension(ctx))

    @guard("An extension ends on {latest} at the latest.")
    def within_bounds(self, ctx: Context[TimedData], *, until: date) -> bool | No:
        latest = self.latest_end(ctx)
        return latest is None or until <= latest or No(latest=latest)

    @event(
        lambda self: self.unfinished >> STAY,
        by=lambda self: self.either,
        when=(end_is_known, later_than_the_end, within_bounds),
    )
    def ask_for_extension(self, ctx: Context[TimedData], *, until: date, reason: Reason) -> TimedData:
        """Ask for a later end.

        Also during a pause. To ask again replaces what was asked before.
        """
        return evolve(ctx.data, extension=Extension(until, reason, self.last_day(ctx)))

    @guard("No extension was asked for that your party has not consented to.")
    def awaits_consent(self, ctx: Context[TimedData]) -> bool:
        asked = ctx.data.extension
        if asked is None or not asked.is_open:
            return False
        consents = asked.consents
        party, parties = self.span.party(ctx), self.span.parties(ctx)
        return party in parties and all(party != one.party and ctx.actor.id != one.person for one in consents)

    @guard("What was asked for no longer fits: it ends on {latest} at the latest.")
    def still_within_bounds(self, ctx: Context[TimedData]) -> bool | No:
        asked, latest = ctx.data.extension, self.latest_end(ctx)
        return asked is None or latest is None or asked.until <= latest or No(latest=latest)

    @event(
        lambda self: self.unfinished >> STAY,
        by=lambda self: self.consented_by,
        when=(awaits_consent, still_within_bounds),
    )
    def consent_to_extension(self, ctx: Context[TimedData]) -> TimedData:
        """Consent to the extension for one's party.

        The end moves once all parties have consented.
        """
        asked, party = ctx.data.extension, self.span.party(ctx)
        assert asked is not None
        asked = evolve(asked, consents=(*asked.consents, Vote(party, ctx.actor.id, ctx.today, str(asked.until))))
        if not set(self.span.parties(ctx)) <= {one.party for one in asked.consents}:
            return evolve(ctx.data, extension=asked)
        granted = evolve(asked, granted=True)
        return evolve(ctx.data, extension=granted, extended_until=asked.until, pauses_before=len(ctx.data.pauses))

    @event(lambda self: self.unfinished >> STAY, by=lambda self: self.consented_by, when=awaits_consent)
    def refuse_extension(self, ctx: Context[TimedData], *, reason: Reason) -> TimedData:
        """Refuse the extension, and say why.

        The end stays where it is.
        """
        asked = ctx.data.extension
        assert asked is not None
        return evolve(ctx.data, extension=evolve(asked, refused_because=reason))

    # -- the review in the middle

    @event(
        lambda self: self.going_on >> STAY if self.span.review_after is not None else (),
        after=lambda self: self.span.review_after,
        since=lambda self: self.span.since,
    )
    def call_for_review(self, ctx: Context[TimedData]) -> TimedData:
        """The review in the middle is due."""
        return evolve(ctx.data, review_due=ctx.data.reviewed_on is None)

    @event(
        lambda self: self.going_on >> STAY if self.span.review_after is not None else (),
        by=lambda self: self.either,
    )
    def review(self, ctx: Context[TimedData]) -> TimedData:
        """Hold the review in the middle.

        The day is kept; what was said stays there.
        """
        return evolve(ctx.data, review_due=False, reviewed_on=ctx.today)

    # -- the early end

    @event(lambda self: self.unfinished >> self.dropped_out, by=lambda self: self.either)
    def drop_out(self, ctx: Context[TimedData], *, reason: Reason) -> TimedData:
        """End it before its time, and say why."""
        return evolve(ctx.data, reason=reason, ended=Ended.BROKEN_OFF, ended_at=ctx.now)

    # -- what always holds

    @invariant("A pause moves the end by its own days and no more.")
    def pauses_in_bounds(self, ctx: Context[TimedData]) -> bool:
        """Invariant 12: what was paused is what the end has moved by, and only the last pause may still last."""
        late = days(0 if self.span.back_within is None else self.span.back_within(ctx) or 0)
        for one in ctx.data.pauses:
            over = one.until + days(1) + late
            if not one.since < one.until or not one.since <= (one.resumed or one.since) <= over:
                return False
        return pauses_in_order(self.span, ctx, ctx.data) and pause_of_today_allowed(self.span, ctx, ctx.data)

    @invariant("Who pauses has a pause that is not over, and nobody else who takes part.")
    def paused_while_it_lasts(self, ctx: Context[TimedData]) -> bool:
        """Invariant 12: a pause ends in time, so that the end moves by no more than was agreed upon."""
        last = ctx.data.pauses[-1] if ctx.data.pauses else None
        lasts = last is not None and last.resumed is None
        if not ctx.case.is_in(self.paused):
            return not lasts or not ctx.case.is_in(self.unfinished)
        late = days(0 if self.span.back_within is None else self.span.back_within(ctx) or 0)
        return lasts and last is not None and ctx.today <= last.until + days(1) + late

    @invariant("It is completed after its last day, or no sooner before it than is allowed.")
    def completed_in_time(self, ctx: Context[TimedData]) -> bool:
        """Looked at with the completion itself, for the end of an edition may be moved afterwards."""
        ended = ctx.data.ended if ctx.data.ended_at == ctx.now else None
        if ended not in (Ended.IN_FULL, Ended.EARLY):
            return True
        last_day = end_meant(self.span, ctx, ctx.data)
        if last_day is None or ended is Ended.IN_FULL:
            return last_day is not None and last_day < ctx.today
        return last_day <= ctx.today + days(self.span.tolerance(ctx))

    @invariant("An extension leads beyond the end, not too far, and is granted by different people.")
    def extended_in_order(self, ctx: Context[TimedData]) -> bool:
        kept, asked = ctx.data, ctx.data.extension
        if not extension_in_order(kept) or asked is None:
            return asked is None and kept.extended_until is None
        decided_today = any(vote.on == ctx.today for vote in asked.consents)
        if asked.granted and decided_today and not {one.party for one in asked.consents} >= {*self.span.parties(ctx)}:
            return False
        latest = latest_meant(self.span, ctx, kept) if asked.is_open or decided_today else None
        return latest is None or asked.until <= latest

    @invariant("A review in the middle is due from its day on, until it is held.")
    def reviewed_once_due(self, ctx: Context[TimedData]) -> bool:
        if not ctx.data.review_due:
            return True
        since, after = day_meant(self.span.since, ctx), self.span.review_after
        due = after is not None and since is not None and since + after < ctx.today
        return due and ctx.data.reviewed_on is None

    @invariant("Who did not come back from a pause was waited for as long as was promised.")
    def waited_for_return(self, ctx: Context[TimedData]) -> bool:
        if ctx.data.ended is not Ended.STAYED_AWAY:
            return True
        within = None if self.span.back_within is None else self.span.back_within(ctx)
        last = ctx.data.pauses[-1] if ctx.data.pauses else None
        if within is None or last is None or last.resumed is not None:
            return False
        return last.until + days(within) < ctx.case.entered_at.date()

    @invariant("Who dropped out did so for a reason that is kept.")
    def reason_given(self, ctx: Context[TimedData]) -> bool:
        """Invariant 6."""
        how = ctx.data.ended in (Ended.BROKEN_OFF, Ended.STAYED_AWAY) and ctx.data.ended_at == ctx.case.entered_at
        return not ctx.case.is_in(self.dropped_out) or (how and bool(ctx.data.reason.strip()))


__all__ = ["TimedPhase"]
