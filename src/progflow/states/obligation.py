"""Obligations that recur: what somebody has to do by a day, again and again while a role lasts."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise
from typing import Any, Final

from attrs import evolve

from progflow import (
    STAY,
    Acting,
    Case,
    Command,
    Context,
    Derived,
    Guard,
    Instant,
    Lifecycle,
    No,
    Phase,
    Reason,
    Relation,
    State,
    Who,
    always,
    days,
    end_of,
    event,
    guard,
    invariant,
    moment,
)
from progflow.states.follow_up import (
    SUPERVISOR_THEN_PERSONNEL,
    Escalation,
    LaterDeadline,
    ObligationData,
    Step,
    Suspension,
)
from progflow.states.people import HEAD, Cause, all_but

PREDECESSOR: Final = "predecessor"
"""The role of the link from an obligation to the one whose fulfilment it follows."""


class Obligation(Phase[ObligationData]):
    """Somebody has to do something by a day; once it is done, the next obligation follows, while the role lasts.

    It watches what fulfils it: guards of the lifecycle say whether that is planned, begun and done, and the
    obligation moves by itself. Each cycle is a case of its own, so that it keeps the rules under which it arose; the
    next one links to it as its ``predecessor``, has its parent and its other links, and begins in the step of the
    fulfilment. When the deadline has passed, it is overdue, and more and more people hear of it. The states are a
    normal form of how administrations follow up on compulsory training (assumption).

    Args:
        due: the last day on which it is in time; it may change with what has been done so far.
        opens: from when on it is time to plan it; None for at once. Until then the obligation is put aside.
        planned: what fulfils it is planned.
        begun: a part of it is done.
        done: all of it is done.
        following: the command by which the next obligation begins, None if there is none. Its deadline counts from the
            fulfilment, ``self.obligation.day_of_fulfilment(ctx)``, and not from the old deadline (assumption).
        fulfilled_on: the day on which it was really done; the day of the step, unless given.
        person: whose it is; nobody suspends, extends or waives the own one. None where it is nobody's own.
        by: who suspends, extends, waives it, and says that the role has ended (assumption: the head of
            administration; a system of the host does it as ``SYSTEM``).
        steps: who hears of it when it is overdue, in the order of their days; nobody twice.
    """

    arisen = State("to be planned", initial=True)
    later = State("not due for some time")
    refresher_due = State("to be planned again")
    scheduled = State("planned")
    partly_fulfilled = State("fulfilled in part")
    overdue = State()
    escalated = State("overdue and escalated")
    suspended = State(clock="stopped")
    fulfilled = State(final=True)
    waived = State(final=True)
    lapsed = State("lapsed with the role", final=True)

    unplanned = arisen | later | refresher_due
    in_time = unplanned | scheduled | partly_fulfilled
    late = overdue | escalated
    going_on = in_time | late
    unfinished = going_on | suspended

    def __init__(
        self,
        *,
        due: Derived[Any, date],
        planned: Guard[Any],
        begun: Guard[Any],
        done: Guard[Any],
        following: Derived[Any, Command[Any] | None],
        opens: Derived[Any, date | None] = always(None),  # noqa: B008 - a frozen value
        fulfilled_on: Derived[Any, date] | None = None,
        person: Relation[Any] | None = None,
        by: Who = HEAD,
        steps: Derived[Any, tuple[Step, ...]] = always(SUPERVISOR_THEN_PERSONNEL),  # noqa: B008 - a frozen value
    ) -> None:
        self.due = due
        self.planned = planned
        self.begun = begun
        self.done = done
        self.following = following
        self.opens = opens
        self.fulfilled_on = fulfilled_on
        self.by = all_but(person, by)
        self.steps = steps

    # -- what fulfils it

    @guard("It is planned.")
    def not_planned(self, ctx: Context[ObligationData]) -> bool:
        return not self.planned(ctx)

    def day_of_fulfilment(self, ctx: Context[Any]) -> date:
        """The day on which it was done, from which the next deadline counts."""
        return ctx.today if self.fulfilled_on is None else self.fulfilled_on(ctx)

    @event(unfinished >> fulfilled, auto=True, when=lambda self: self.done)
    def fulfil(self, ctx: Acting[ObligationData]) -> ObligationData:
        """All of it is done.

        The next obligation begins.
        """
        command = self.following(ctx)
        if command is not None:
            above: Case[Any] | None = None if ctx.case.parent is None else ctx.parent(Lifecycle)
            links = {role: ctx.linked(role) for role in ctx.case.links}
            ctx.start(command, parent=above, links={**links, PREDECESSOR: ctx.case})
        return evolve(ctx.data, fulfilled_on=self.day_of_fulfilment(ctx), followed=command is not None)

    @event((unplanned | scheduled) >> partly_fulfilled, auto=True, when=lambda self: self.begun)
    def begin(self, ctx: Context[ObligationData]) -> None:
        """A part of it is done."""

    @event(unplanned >> scheduled, auto=True, when=lambda self: self.planned)
    def schedule(self, ctx: Context[ObligationData]) -> None:
        """It is planned how it will be done."""

    @event(scheduled >> arisen, auto=True, when=not_planned)
    def fall_through(self, ctx: Context[ObligationData]) -> None:
        """What was planned came to nothing."""

    # -- put aside until it is time

    @guard("It is time to plan it.")
    def far_off(self, ctx: Context[ObligationData]) -> bool:
        opens = self.opens(ctx)
        return opens is not None and ctx.today < opens

    @event(arisen >> later, auto=True, when=far_off)
    def put_aside(self, ctx: Context[ObligationData]) -> None:
        """There is time until it has to be planned."""

    @moment
    def time_to_plan(self, ctx: Context[ObligationData]) -> date | None:
        return self.opens(ctx)

    @event(later >> refresher_due, at=time_to_plan)
    def fall_due(self, ctx: Context[ObligationData]) -> None:
        """It is time to plan it again."""

    # -- the deadline

    def last_day(self, ctx: Context[Any]) -> date:
        """The last day on which it is in time, with suspensions and extensions."""
        return ctx.case[self].last_day(self.due(ctx))

    @moment
    def deadline(self, ctx: Context[ObligationData]) -> Instant:
        return end_of(self.last_day(ctx))

    @guard("The deadline {last_day} has passed.")
    def deadline_ahead(self, ctx: Context[ObligationData]) -> bool | No:
        last_day = self.last_day(ctx)
        return ctx.today <= last_day or No(last_day=last_day)

    @event(in_time >> overdue, at=deadline)
    def become_overdue(self, ctx: Context[ObligationData]) -> ObligationData:
        """The deadline has passed."""
        return evolve(ctx.data, overdue_since=ctx.today)

    @event(late >> arisen, auto=True, when=deadline_ahead)
    def be_in_time_again(self, ctx: Context[ObligationData]) -> ObligationData:
        """What was late is done or was extended; the rest is in time."""
        return evolve(ctx.data, overdue_since=None, escalations=())

    @guard("It has not been overdue before, or is in time again.")
    def is_still_late(self, ctx: Context[ObligationData]) -> bool:
        return ctx.data.overdue_since is not None and not self.deadline_ahead(ctx)

    @event(in_time >> overdue, auto=True, when=is_still_late)
    def be_overdue_as_before(self, ctx: Context[ObligationData]) -> None:
        """It was overdue before it was suspended, and still is."""

    @moment
    def next_step(self, ctx: Context[ObligationData]) -> Instant | None:
        steps, told = self.steps(ctx), len(ctx.data.escalations)
        return None if told >= len(steps) else end_of(self.last_day(ctx) + days(steps[told].after))

    @event(overdue >> escalated, at=next_step)
    def escalate(self, ctx: Context[ObligationData]) -> ObligationData:
        """Tell the first who has to know."""
        return self._told(ctx)

    @event(escalated >> STAY, at=next_step)
    def escalate_further(self, ctx: Context[ObligationData]) -> ObligationData:
        """Tell the next who has to know."""
        return self._told(ctx)

    def _told(self, ctx: Context[ObligationData]) -> ObligationData:
        told = ctx.data.escalations
        return evolve(ctx.data, escalations=(*told, Escalation(self.steps(ctx)[len(told)].to, ctx.today)))

    @guard("{until} is not later than the deadline {last_day}, or has passed.")
    def later_than_the_deadline(self, ctx: Context[ObligationData], *, until: date) -> bool | No:
        last_day = self.last_day(ctx)
        return until > max(last_day, ctx.today) or No(last_day=last_day)

    @event(going_on >> STAY, by=lambda self: self.by, when=later_than_the_deadline)
    def extend(self, ctx: Context[ObligationData], *, until: date, reason: Reason) -> ObligationData:
        """Grant a later deadline, and say why."""
        granted = LaterDeadline(until, self.last_day(ctx), ctx.today, ctx.actor.id, reason)
        return evolve(ctx.data, later_deadlines=(*ctx.data.later_deadlines, granted))

    # -- suspended

    @guard("A suspension ends after today.")
    def ends_in_future(self, ctx: Context[ObligationData], *, until: date | None) -> bool:
        return until is None or until > ctx.today

    @event(going_on >> suspended, by=lambda self: self.by, when=ends_in_future)
    def suspend(self, ctx: Context[ObligationData], *, cause: Cause, until: date | None = None) -> ObligationData:
        """Suspend it, for parental leave and the like.

        The deadline stops; only the class of the cause is kept. It can still be fulfilled meanwhile.
        """
        begun = Suspension(ctx.today, until, cause, ctx.actor.id)
        return evolve(ctx.data, suspensions=(*ctx.data.suspensions, begun))

    @moment
    def suspension_ends(self, ctx: Context[ObligationData]) -> Instant | None:
        until = ctx.data.suspensions[-1].until
        return None if until is None else end_of(until)

    @event(suspended >> arisen, by=lambda self: self.by, at=suspension_ends)
    def resume(self, ctx: Context[ObligationData]) -> ObligationData:
        """Go on with it.

        The deadline moves by the days of the suspension, its first day included.
        """
        *before, last = ctx.data.suspensions
        resumed = evolve(ctx.data, suspensions=(*before, evolve(last, resumed=ctx.today)))
        if resumed.last_day(self.due(ctx)) < ctx.today:
            return resumed
        # What was late was done meanwhile: it comes back in time, where nothing else would take back who heard of it.
        return evolve(resumed, overdue_since=None, escalations=())

    # -- the end without fulfilment

    @event(unfinished >> waived, by=lambda self: self.by)
    def waive(self, ctx: Context[ObligationData], *, reason: Reason) -> ObligationData:
        """Waive it, and say why.

        No further one follows.
        """
        return evolve(ctx.data, ended_because=reason, ended_by=ctx.actor.id)

    @event(unfinished >> lapsed, by=lambda self: self.by)
    def lapse(self, ctx: Context[ObligationData], *, reason: Reason) -> ObligationData:
        """The role has ended, and the obligation with it.

        After a demotion or a change of post. No further one follows.
        """
        return evolve(ctx.data, ended_because=reason, ended_by=ctx.actor.id)

    # -- what always holds

    def _deadline_meant(self, ctx: Context[Any]) -> date:
        """The last day, worked out once more for the invariants."""
        kept, suspended = ctx.case[self], timedelta()
        after_grant = timedelta()
        for one in kept.suspensions:
            if one.resumed is not None:
                suspended += one.resumed - one.since
                if kept.later_deadlines and one.resumed > kept.later_deadlines[-1].on:
                    after_grant += one.resumed - one.since
        moved = self.due(ctx) + suspended
        return max([moved, *(granted.until + after_grant for granted in kept.later_deadlines[-1:])])

    @invariant("The deadline is moved by the days of all suspensions, and by a later one that was granted.")
    def deadline_in_order(self, ctx: Context[ObligationData]) -> bool:
        """Invariant 12, for suspensions."""
        granted = ctx.data.later_deadlines
        further = all(one.before < one.until and one.on < one.until for one in granted)
        onward = all(one.until <= other.before and one.on <= other.on for one, other in pairwise(granted))
        return further and onward and self.last_day(ctx) == self._deadline_meant(ctx)

    @invariant("The deadline stands still exactly while it is suspended, and no longer than was meant.")
    def suspended_in_order(self, ctx: Context[ObligationData]) -> bool:
        """Invariant 12, for suspensions."""
        one_day, suspensions, case = timedelta(days=1), ctx.data.suspensions, ctx.case
        apart = all(one.resumed is not None and one.resumed <= other.since for one, other in pairwise(suspensions))
        meant = all(
            one.until is None
            or (one.since < one.until and one.since <= (one.resumed or one.since) <= one.until + one_day)
            for one in suspensions
        )
        still = bool(suspensions) and suspensions[-1].resumed is None
        if case.is_in(self.suspended):
            until = suspensions[-1].until if still else None
            return apart and meant and still and (until is None or ctx.today <= until)
        return apart and meant and not (still and case.is_in(self.going_on))

    @invariant("It is overdue only after its last day, and whoever heard of it did so in turn and not too early.")
    def late_in_order(self, ctx: Context[ObligationData]) -> bool:
        case, told, steps = ctx.case, ctx.data.escalations, self.steps(ctx)
        if [one.to for one in told] != [step.to for step in steps[: len(told)]]:
            return False
        if not case.is_in(self.late):
            settled = case.is_in(self.in_time) and case.entered_at < ctx.now
            return not settled or (not told and ctx.data.overdue_since is None)
        last_day, since = self._deadline_meant(ctx), ctx.data.overdue_since
        late = since is not None and since <= ctx.today and last_day < ctx.today
        if case.is_in(self.overdue) and not any(one.since >= (since or one.since) for one in ctx.data.suspensions):
            late = late and since == case.entered_at.date()
        early = told and told[-1].on == ctx.today and ctx.today <= last_day + timedelta(days=steps[len(told) - 1].after)
        return late and not early and (bool(told) or not case.is_in(self.escalated))

    @invariant("It stands where it has come to: not planned, planned, fulfilled in part, fulfilled.")
    def stands_where_it_is(self, ctx: Context[ObligationData]) -> bool:
        """What moves by itself may still be on its way at the instant of the move."""
        case = ctx.case
        if case.is_in(self.unfinished) and self.done(ctx):
            return False
        if not case.is_in(self.in_time) or case.entered_at == ctx.now:
            return True
        if self.begun(ctx):
            return case.is_in(self.partly_fulfilled)
        opens = self.opens(ctx)
        due = case.is_in(self.later, self.refresher_due) or opens is None or opens <= ctx.today
        return due and case.is_in(self.scheduled) == bool(self.planned(ctx)) and not case.is_in(self.partly_fulfilled)

    @invariant("What was fulfilled has the day on which it was done.")
    def fulfilment_dated(self, ctx: Context[ObligationData]) -> bool:
        """Invariant 21."""
        on, case = ctx.data.fulfilled_on, ctx.case
        return (on is not None and on <= case.entered_at.date()) if case.is_in(self.fulfilled) else on is None

    @invariant("What was waived, has lapsed or got a later deadline has a reason, and somebody who has decided it.")
    def reason_given(self, ctx: Context[ObligationData]) -> bool:
        """Invariant 6."""
        data, ended = ctx.data, ctx.case.is_in(self.waived, self.lapsed)
        told = all(one.reason.strip() and one.by for one in data.later_deadlines)
        return told and ended == bool(data.ended_because.strip()) == bool(data.ended_by)

    @invariant("Exactly one obligation follows a fulfilled one, and none an unfulfilled one.")
    def followed_once(self, ctx: Context[ObligationData]) -> bool:
        """Invariant 18: a role that has ended leaves no open obligation that could be fulfilled."""
        following = ctx.linking(PREDECESSOR, ctx.case.lifecycle).count()
        return following == (1 if ctx.case.is_in(self.fulfilled) and ctx.data.followed else 0)


__all__ = ["PREDECESSOR", "Obligation"]
