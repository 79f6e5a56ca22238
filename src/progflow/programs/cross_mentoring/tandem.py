"""The tandem: one mentee and one mentor, from the approval of their match to the end."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Generic, TypeVar

from annotated_types import MinLen
from attrs import evolve, frozen

from progflow import (
    STAY,
    Context,
    Reason,
    State,
    Term,
    event,
    guard,
    invariant,
    moment,
    relation,
    weeks,
)
from progflow.programs.cross_mentoring.agreement import Agreement
from progflow.programs.cross_mentoring.edition import Edition, OfEdition
from progflow.programs.cross_mentoring.people import OFFICE, Approval, Cause


@frozen
class Pair:
    """A mentee and a mentor, by the host's ids, as they were when they were matched.

    The cities are those of that day: a later change of employer does not change them.
    """

    mentee: str
    mentor: str
    mentee_city: str
    mentor_city: str
    approvals: tuple[Approval, ...] = ()

    @property
    def approved_by_both(self) -> bool:
        """Whether one person of each of the two cities has approved."""
        cities = {one.city for one in self.approvals}
        people = {one.person for one in self.approvals}
        return cities == {self.mentee_city, self.mentor_city} and len(people) == 2


P = TypeVar("P", bound=Pair)


class OfPair(OfEdition[P], Generic[P], abstract=True):
    """What holds for a pair from the proposal to the end of the tandem."""

    @guard("Nobody decides on a match of their own.")
    def not_of_the_pair(self, ctx: Context[P]) -> bool:
        """Düsseldorf's equality officer was a mentor, and equality officers sat on the matching panel."""
        return ctx.actor.id not in (ctx.data.mentee, ctx.data.mentor)

    @invariant("When they were matched, the two worked for different cities.")
    def cities_differ(self, ctx: Context[P]) -> bool:
        """Invariant 3, on the facts of that day."""
        return ctx.data.mentee_city != ctx.data.mentor_city

    @invariant("No partner has approved the own match.")
    def nobody_approved_the_own_match(self, ctx: Context[P]) -> bool:
        """Invariant 8."""
        return not {ctx.data.mentee, ctx.data.mentor} & {one.person for one in ctx.data.approvals}


@frozen
class TandemData(Pair):
    """A pair and what it did.

    Of meetings only the days are kept; what is talked about is confidential (assumption).
    """

    started: date | None = None
    goals: tuple[str, ...] = ()
    meetings: tuple[date, ...] = ()
    reminders: tuple[date, ...] = ()
    to_reassess: bool = False
    reassessed: tuple[str, ...] = ()
    cause: Cause | None = None


class Tandem(OfPair[TandemData]):
    """A mentee and a mentor of the other city work together.

    The clock of the phase is not here but with the mentee's participation: a tandem may be dissolved and another one
    follow it, linked as ``predecessor``, and the end stays where it was (assumption).
    """

    approved = State(initial=True)
    started = State()
    active = State()
    paused = State(clock="stopped")
    completed = State(final=True)
    dissolved = State(final=True)
    lapsed = State("never begun", final=True)

    at_work = started | active
    begun = at_work | paused
    unfinished = approved | begun

    remind_after: Term = weeks(8)
    """How long without a meeting until both are reminded (assumption)."""

    @relation("one of the two")
    def one_of_the_two(self, ctx: Context[TandemData]) -> bool:
        return ctx.actor.id in (ctx.data.mentee, ctx.data.mentor)

    # -- the start

    @guard("The cooperation agreement is not in force.")
    def agreement_in_force(self, ctx: Context[TandemData]) -> bool:
        """Known of Köln and Düsseldorf: it was signed at the kick-off, after the matching."""
        return ctx.siblings(Agreement).in_(Agreement.in_force).exists()

    @guard("The kick-off has not been held.")
    def kickoff_held(self, ctx: Context[TandemData]) -> bool:
        return ctx.parent(Edition).data.kickoff is not None

    @event(approved >> started, auto=True, when=(agreement_in_force, kickoff_held))
    def begin(self, ctx: Context[TandemData]) -> TandemData:
        """The tandem begins.

        It does as soon as the kick-off has been held and the agreement is in force, whichever comes later.
        """
        return evolve(ctx.data, started=ctx.today)

    @event(started >> STAY, by=one_of_the_two)
    def agree_goals(self, ctx: Context[TandemData], *, goals: Annotated[tuple[Reason, ...], MinLen(1)]) -> TandemData:
        """Agree on goals.

        Other programmes ask for written ones (Austrian federal civil service).
        """
        return evolve(ctx.data, goals=goals)

    @guard("No goals have been written down.")
    def has_goals(self, ctx: Context[TandemData]) -> bool:
        return bool(ctx.data.goals)

    @event(started >> active, auto=True, when=has_goals)
    def go_to_work(self, ctx: Context[TandemData]) -> None:
        """The goals are agreed."""

    # -- meetings

    @guard("{on} is not a day between the start of the tandem and today.")
    def plausible_day(self, ctx: Context[TandemData], *, on: date) -> bool:
        return ctx.data.started is not None and ctx.data.started <= on <= ctx.today

    @event(at_work >> STAY, by=(one_of_the_two, OFFICE), when=plausible_day)
    def log_meeting(self, ctx: Context[TandemData], *, on: date) -> TandemData:
        """Log a meeting.

        The day, and nothing of what was said.
        """
        return evolve(ctx.data, meetings=tuple(sorted({*ctx.data.meetings, on})))

    @moment
    def last_contact(self, ctx: Context[TandemData]) -> date | None:
        return max(ctx.data.meetings, default=ctx.data.started)

    @event(at_work >> STAY, every=lambda self: self.remind_after, since=last_contact)
    def remind(self, ctx: Context[TandemData]) -> TandemData:
        """Remind both that they have not met for a while.

        The clock stands still while they are paused.
        """
        return evolve(ctx.data, reminders=(*ctx.data.reminders, ctx.today))

    # -- interruptions: the mentee's participation and the mentor fire these

    @event(at_work >> paused)
    def pause(self, ctx: Context[TandemData]) -> None:
        """The participation pauses."""

    @event(paused >> started)
    def resume(self, ctx: Context[TandemData]) -> None:
        """The participation goes on."""

    @event(unfinished >> STAY)
    def ask_to_reassess(self, ctx: Context[TandemData]) -> TandemData:
        """One of the two has changed the employer: look at the pair again."""
        return evolve(ctx.data, to_reassess=True)

    @guard("Nothing has changed since the match was approved.")
    def has_to_be_reassessed(self, ctx: Context[TandemData]) -> bool:
        return ctx.data.to_reassess

    @event(unfinished >> STAY, by=OFFICE, when=lambda self: (self.not_of_the_pair, self.has_to_be_reassessed))
    def reassess(self, ctx: Context[TandemData], *, reason: Reason) -> TandemData:
        """Decide that the pair stays together.

        Köln's equality officer moved to a post in Düsseldorf weeks after the first edition (local press): facts
        change, and a match is judged by the day on which it was made. If the pair may not go on, dissolve it.
        """
        return evolve(ctx.data, to_reassess=False, reassessed=(*ctx.data.reassessed, reason))

    # -- the end

    @guard("They have not met yet. One meeting first is recommended; say without_meeting to dissolve all the same.")
    def met_before(self, ctx: Context[TandemData], *, without_meeting: bool) -> bool:
        """Recommended by a handbook on mentoring (Beller and Hoffmeister-Schönfelder), so it can be passed over."""
        return without_meeting or bool(ctx.data.meetings)

    @event(unfinished >> dissolved, by=(one_of_the_two, OFFICE), when=met_before)
    def dissolve(self, ctx: Context[TandemData], *, cause: Cause, without_meeting: bool = False) -> TandemData:
        """Dissolve the tandem.

        It is nobody's fault: a class of causes is kept and no more.
        """
        return evolve(ctx.data, cause=cause)

    @event(begun >> completed)
    def complete(self, ctx: Context[TandemData]) -> None:
        """The participation is completed."""

    @event(approved >> lapsed)
    def lapse(self, ctx: Context[TandemData]) -> None:
        """The participation is completed before the tandem could begin."""

    @event(approved >> lapsed, auto=True, when=lambda self: self.edition_closing)
    def lapse_at_closing(self, ctx: Context[TandemData]) -> None:
        """The edition closes before the tandem could begin.

        It waited for a kick-off or an agreement that did not come, or no longer held.
        """

    @event(
        unfinished >> OfEdition.cancelled,
        auto=True,
        when=lambda self: self.edition_cancelled,
    )
    def end_with_edition(self, ctx: Context[TandemData]) -> None:
        """The edition was cancelled."""

    # -- what always holds

    @invariant("Nobody is in more tandems at a time than the edition allows, nor one's own mentor.")
    def one_at_a_time(self, ctx: Context[TandemData]) -> bool:
        """Invariant 2: one tandem for a mentee; for a mentor as many as the edition says, one unless it does."""
        if not ctx.case.is_open:
            return True
        others = ctx.siblings(Tandem).open()
        allowed = ctx.parent(Edition).data.rules.mentees_per_mentor
        return (
            ctx.data.mentee != ctx.data.mentor
            and not others.where(mentee=ctx.data.mentee).exists()
            and others.where(mentor=ctx.data.mentor).count() < allowed
        )

    @invariant("A tandem starts under an agreement, after the kick-off, approved by both cities.")
    def started_in_order(self, ctx: Context[TandemData]) -> bool:
        """Invariant 7: an agreement that ended later does not undo the start."""
        if not ctx.case.visited(Tandem.started):
            return True
        agreed = any(case.visited(Agreement.in_force) for case in ctx.siblings(Agreement).all())
        return agreed and self.kickoff_held(ctx) and ctx.data.approved_by_both

    @invariant("A tandem that was dissolved has a class of causes.")
    def cause_given(self, ctx: Context[TandemData]) -> bool:
        """Invariant 6."""
        return not ctx.case.is_in(Tandem.dissolved) or ctx.data.cause is not None


__all__ = ["OfPair", "Pair", "Tandem", "TandemData"]
