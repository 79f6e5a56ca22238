"""The tandem: one mentee and one mentor, from the approval of their match to the end."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, ClassVar, Generic, TypeVar

from annotated_types import MinLen
from attrs import evolve

from progflow import STAY, Case, Cases, Context, No, Term, event, guard, invariant, moment, weeks
from progflow.programs.mentoring.edition import BaseEdition, edition_of, rules_of
from progflow.programs.mentoring.mentee import BaseMentee
from progflow.programs.mentoring.mentor import BaseMentor
from progflow.programs.mentoring.pairs import AnyTandem, TandemData
from progflow.programs.mentoring.people import Goal
from progflow.states.cancellation import Ending
from progflow.states.kickoff import kickoff_held
from progflow.states.people import OFFICE, Cause

T = TypeVar("T", bound=TandemData)


class BaseTandem(AnyTandem[T], Generic[T], abstract=True, parent=BaseEdition):
    """A mentee and a mentor work together.

    The clock of the phase is not here but with the mentee's participation: a tandem may be dissolved and another one
    follow it, linked as ``predecessor``, and the end stays where it was (assumption). It watches its mentee and its
    mentor, to which it is linked, and pauses, ends or comes apart by itself.
    """

    remind_after: ClassVar[Term] = weeks(8)
    """How long without a meeting until both are reminded (assumption)."""

    goal_areas: ClassVar[tuple[str, ...]] = ()
    """The areas in which a pair agrees on goals; anything at all, if there are none."""

    ending = Ending(parent=BaseEdition)

    def mentee(self, ctx: Context[Any]) -> Case[Any]:
        """The mentee of the pair."""
        return ctx.linked("mentee", BaseMentee)

    def mentor(self, ctx: Context[Any]) -> Case[Any]:
        """The mentor of the pair."""
        return ctx.linked("mentor", BaseMentor)

    # -- the start

    kickoff_held = kickoff_held(BaseEdition.kickoff)

    @guard("Something that it needs is still missing.")
    def ready_to_begin(self, ctx: Context[T]) -> bool:
        """What a programme asks for beside the kick-off, as an agreement in force."""
        return True

    @event(AnyTandem.approved >> AnyTandem.started, auto=True, when=(ready_to_begin, kickoff_held))
    def begin(self, ctx: Context[T]) -> T:
        """The tandem begins.

        It does as soon as the kick-off has been held and all else is there, whichever comes last.
        """
        return evolve(ctx.data, started=ctx.today)

    @guard("Goals are missing for: {areas}.")
    def every_area(self, ctx: Context[T], *, goals: tuple[Goal, ...]) -> bool | No:
        missing = [area for area in self.goal_areas if area not in {goal.area for goal in goals}]
        return not missing or No(areas=tuple(missing))

    @event(AnyTandem.started >> STAY, by=lambda self: self.one_of_the_two, when=every_area)
    def agree_goals(self, ctx: Context[T], *, goals: Annotated[tuple[Goal, ...], MinLen(1)]) -> T:
        """Agree on goals.

        Other programmes ask for written ones (Austrian federal civil service).
        """
        return evolve(ctx.data, goals=goals)

    @guard("No goals have been written down.")
    def has_goals(self, ctx: Context[T]) -> bool:
        return bool(ctx.data.goals)

    @event(AnyTandem.started >> AnyTandem.active, auto=True, when=has_goals)
    def go_to_work(self, ctx: Context[T]) -> None:
        """The goals are agreed."""

    # -- meetings

    @guard("{on} is not a day between the start of the tandem and today.")
    def plausible_day(self, ctx: Context[T], *, on: date) -> bool:
        """They may have met at the kick-off, also where something else was signed only after it."""
        kickoff = edition_of(ctx)[BaseEdition.kickoff].held_on
        return kickoff is not None and max(kickoff, ctx.case.created_at.date()) <= on <= ctx.today

    @event(AnyTandem.at_work >> STAY, by=lambda self: (self.one_of_the_two, OFFICE), when=plausible_day)
    def log_meeting(self, ctx: Context[T], *, on: date) -> T:
        """Log a meeting.

        The day, and nothing of what was said.
        """
        return evolve(ctx.data, meetings=tuple(sorted({*ctx.data.meetings, on})))

    @moment
    def last_contact(self, ctx: Context[T]) -> date | None:
        return max(ctx.data.meetings, default=ctx.data.started)

    @event(AnyTandem.at_work >> STAY, every=lambda self: self.remind_after, since=last_contact)
    def remind(self, ctx: Context[T]) -> T:
        """Remind both that they have not met for a while.

        The clock stands still while they are paused.
        """
        contact = max(ctx.data.meetings, default=ctx.data.started)
        return evolve(ctx.data, reminders=(*ctx.data.reminders, ctx.today), reminded_after=contact)

    # -- interruptions

    @guard("The participation is not paused.")
    def mentee_paused(self, ctx: Context[T]) -> bool:
        return self.mentee(ctx).is_in(BaseMentee.tandem.paused)

    @guard("The participation is still paused.")
    def mentee_is_back(self, ctx: Context[T]) -> bool:
        return not self.mentee_paused(ctx)

    @event(AnyTandem.at_work >> AnyTandem.paused, auto=True, when=mentee_paused)
    def pause(self, ctx: Context[T]) -> None:
        """The participation pauses."""

    @event(AnyTandem.paused >> AnyTandem.started, auto=True, when=mentee_is_back)
    def resume(self, ctx: Context[T]) -> None:
        """The participation goes on."""

    # -- the end

    @guard("They have not met yet. One meeting first is recommended; say without_meeting to dissolve all the same.")
    def met_before(self, ctx: Context[T], *, without_meeting: bool) -> bool:
        """Recommended by a handbook on mentoring (Beller and Hoffmeister-Schönfelder), so it can be passed over."""
        return without_meeting or bool(ctx.data.meetings)

    @event(AnyTandem.unfinished >> AnyTandem.dissolved, by=lambda self: (self.one_of_the_two, OFFICE), when=met_before)
    def dissolve(self, ctx: Context[T], *, cause: Cause, without_meeting: bool = False) -> T:
        """Dissolve the tandem.

        It is nobody's fault: a class of causes is kept and no more.
        """
        return evolve(ctx.data, cause=cause)

    @guard("The mentee still takes part.")
    def mentee_has_gone(self, ctx: Context[T]) -> bool:
        return self.mentee(ctx).is_in(BaseMentee.withdrawal, BaseMentee.tandem.dropped_out)

    @event(AnyTandem.unfinished >> AnyTandem.dissolved, auto=True, when=mentee_has_gone)
    def lose_mentee(self, ctx: Context[T]) -> T:
        """The mentee takes part no longer."""
        return evolve(ctx.data, cause=Cause.MENTEE_LEFT)

    @guard("The mentor is still there.")
    def mentor_has_gone(self, ctx: Context[T]) -> bool:
        return self.mentor(ctx).is_in(BaseMentor.withdrawal, BaseMentor.left)

    @event(AnyTandem.unfinished >> AnyTandem.dissolved, auto=True, when=mentor_has_gone)
    def lose_mentor(self, ctx: Context[T]) -> T:
        """The mentor is no longer there.

        The mentee keeps the seat.
        """
        left = self.mentor(ctx).is_in(BaseMentor.left)
        return evolve(ctx.data, cause=Cause.MENTOR_LEFT if left else Cause.ONE_SIDED)

    @guard("The participation goes on.")
    def mentee_has_completed(self, ctx: Context[T]) -> bool:
        return self.mentee(ctx).is_in(BaseMentee.certificate)

    @event(AnyTandem.begun >> AnyTandem.completed, auto=True, when=mentee_has_completed)
    def complete(self, ctx: Context[T]) -> None:
        """The participation is completed."""

    @guard("It can still begin.")
    def too_late_to_begin(self, ctx: Context[T]) -> bool:
        return edition_of(ctx).is_in(BaseEdition.run.over) or self.mentee_has_completed(ctx)

    @event(AnyTandem.approved >> AnyTandem.lapsed, auto=True, when=too_late_to_begin)
    def lapse(self, ctx: Context[T]) -> None:
        """The edition closes, or the participation is completed, before the tandem could begin.

        It waited for a kick-off or for something else that did not come, or no longer held.
        """

    # -- what always holds

    @invariant("Nobody is in more tandems at a time than the edition allows.")
    def one_at_a_time(self, ctx: Context[T]) -> bool:
        """Invariant 2: one tandem for a mentee; for a mentor as many as the edition says, one unless it does."""
        if not ctx.case.is_open:
            return True
        tandems: Cases[Any] = ctx.siblings(AnyTandem)
        others = tandems.open()
        several = others.where(mentor=ctx.data.mentor).count() + 1
        return others.where(mentee=ctx.data.mentee).first() is None and several <= rules_of(ctx).mentees_per_mentor

    @invariant("A tandem starts after the kick-off, approved by different people.")
    def started_in_order(self, ctx: Context[T]) -> bool:
        """Invariant 7; what a programme asks for beside it says so itself."""
        started = ctx.data.started
        if started is None or not ctx.case.visited(AnyTandem.started):
            return started is None and not ctx.case.visited(AnyTandem.started)
        votes, held = ctx.data.approvals, edition_of(ctx)[BaseEdition.kickoff].held_on
        people, parties = {vote.person for vote in votes}, {vote.party for vote in votes}
        approved = bool(votes) and len(people) == len(parties) == len(votes)
        return approved and held is not None and max(held, ctx.case.created_at.date()) <= started <= ctx.today

    @invariant("No partner has approved the own match.")
    def nobody_approved_the_own_match(self, ctx: Context[T]) -> bool:
        """Invariant 8."""
        return not {ctx.data.mentee, ctx.data.mentor} & {vote.person for vote in ctx.data.approvals}

    @invariant("A pair that is together has a mentee and a mentor who are there, and time to begin.")
    def both_are_there(self, ctx: Context[T]) -> bool:
        if not ctx.case.is_open:
            return True
        mentee: Case[Any] = ctx.linked("mentee", BaseMentee)
        mentor: Case[Any] = ctx.linked("mentor", BaseMentor)
        there = mentee.is_in(BaseMentee.matching, BaseMentee.tandem) and mentor.is_in(BaseMentor.available)
        over = edition_of(ctx).is_in(BaseEdition.run.over)
        return there and mentee.is_open and not (over and ctx.case.is_in(AnyTandem.approved))

    @invariant("A tandem pauses with its mentee, and no longer.")
    def pauses_with_the_mentee(self, ctx: Context[T]) -> bool:
        """What has just changed may still be followed by the other."""
        if not ctx.case.is_in(AnyTandem.begun) or ctx.case.entered_at == ctx.now:
            return True
        mentee: Case[Any] = ctx.linked("mentee", BaseMentee)
        return mentee.is_in(BaseMentee.tandem.paused) == ctx.case.is_in(AnyTandem.paused)

    @invariant("A tandem is completed with its mentee, and lapses only where it could not begin.")
    def ended_with_the_mentee(self, ctx: Context[T]) -> bool:
        case, completed = ctx.case, ctx.linked("mentee", BaseMentee).visited(BaseMentee.certificate)
        if case.is_in(AnyTandem.completed):
            return completed
        in_time = completed or edition_of(ctx).visited(BaseEdition.run.closing)
        return not case.is_in(AnyTandem.lapsed) or (in_time and not case.visited(AnyTandem.started))

    @invariant("A tandem that was dissolved has a class of causes, and no other.")
    def cause_given(self, ctx: Context[T]) -> bool:
        """Invariant 6."""
        cause = ctx.data.cause
        return (cause is not None) == ctx.case.is_in(AnyTandem.dissolved)

    @invariant("They met on days between the start and today.")
    def met_meanwhile(self, ctx: Context[T]) -> bool:
        held = edition_of(ctx)[BaseEdition.kickoff].held_on
        first = max(held or ctx.today, ctx.case.created_at.date())
        return all(first <= day <= ctx.today for day in ctx.data.meetings)

    @invariant("Nobody is reminded sooner than so long after the last meeting.")
    def reminded_after_a_while(self, ctx: Context[T]) -> bool:
        reminders, after, started = ctx.data.reminders, ctx.data.reminded_after, ctx.data.started
        if not reminders or after is None or started is None:
            return not reminders and after is None
        return after + self.remind_after < reminders[-1] and started + self.remind_after < reminders[0]

    @invariant("A tandem that follows one that came apart names it.")
    def follows_the_last(self, ctx: Context[T]) -> bool:
        tandems: Cases[Any] = ctx.siblings(AnyTandem)
        before = tandems.where(mentee=ctx.data.mentee).in_(AnyTandem.dissolved).all()
        earlier = [one for one in before if one.entered_at < ctx.case.created_at]
        named = ctx.case.links.get("predecessor")
        return named in {one.id for one in before} if named is not None else not earlier


__all__ = ["BaseTandem"]
