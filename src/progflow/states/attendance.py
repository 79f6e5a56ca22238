"""One person in what takes place on a day: on the waiting list, registered, and afterwards there or not."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from attrs import evolve, frozen

from progflow import (
    STAY,
    Acting,
    Case,
    Cases,
    Context,
    Derived,
    No,
    Phase,
    Reason,
    Relation,
    State,
    Term,
    Who,
    always,
    days,
    event,
    guard,
    invariant,
    moment,
)
from progflow.states.occasion import Hours, Occasion
from progflow.states.people import OFFICE, Cause


@frozen
class AttendanceData:
    """What became of one person's seat.

    ``late`` marks a seat that was given back too late, ``told_on`` the day on which the person heard that the
    occasion was moved, ``cause`` the class of an excuse, never a diagnosis.
    """

    hours: float = 0.0
    late: bool = False
    reason: str = ""
    cause: Cause | None = None
    told_on: date | None = None


class Attendance(Phase[AttendanceData]):
    """One person in one occasion: registered or on the waiting list, and afterwards whether the person was there.

    Everybody begins on the waiting list and moves up by oneself while a seat is free, so that nobody is overtaken by
    somebody who comes later. On the day itself nobody moves up any more (assumption).

    Args:
        of: the occasion, as ``Session.occasion``.
        role: how the case links to that of the occasion; it is its child, unless given. A linked one stands under the
            same parent.
        person: whose it is.
        by: who helps the person to give a seat back, and excuses; nobody excuses oneself.
        recorded_by: who says who was there; the same, unless given. Nobody does it for oneself.
        order: the fields of the lifecycle's data by which those who wait move up, ``("due",)`` for those first whose
            deadline is nearest; who came first goes first among equals, and before everybody without such fields.
        notice: whoever gives the seat back later than so long before is late (assumption: a week). Who has heard of a
            new day has as long again.
        least_share: how much of its hours one must have been there for it to count, in per cent (assumption: 80);
            an occasion of no hours always counts.
        among: the cases that share the seats, in case they are of several kinds: ``ctx.siblings(BaseBooking)``.
    """

    waiting = State("on the waiting list", initial=True)
    registered = State()
    deregistered = State(final=True)
    released = State("released, as there was no seat or it was cancelled", final=True)
    excused = State(final=True)
    no_show = State("did not come", final=True)
    attended = State("was there, but not long enough", resting=True)
    credited = State("was there", resting=True)

    undecided = waiting | registered
    was_there = attended | credited
    with_a_seat = registered | was_there

    def __init__(
        self,
        *,
        of: Occasion,
        role: str = "",
        person: Relation[Any],
        by: Who = OFFICE,
        recorded_by: Who | None = None,
        order: Sequence[str] = (),
        notice: Derived[Any, Term] = always(days(7)),  # noqa: B008 - a frozen value
        least_share: Derived[Any, int] = always(80),  # noqa: B008 - a frozen value
        among: Derived[Any, Cases[Any]] | None = None,
    ) -> None:
        self.of = of
        self.role = role
        self.person = person
        self.by = by
        self.recorded_by = by if recorded_by is None else recorded_by
        self.order = tuple(order)
        self.notice = notice
        self.least_share = least_share
        self.among = among

    def occasion(self, ctx: Context[Any]) -> Case[Any]:
        """The case of the occasion."""
        kind = self.of.held.lifecycle
        return ctx.linked(self.role, kind) if self.role else ctx.parent(kind)

    def others(self, ctx: Context[Any], where: State) -> list[Case[Any]]:
        """The others of this occasion who stand there."""
        found = ctx.siblings() if self.among is None else self.among(ctx)
        return [case for case in found.in_(where).all() if case.links.get(self.role) == ctx.case.links.get(self.role)]

    # -- the waiting list

    @guard("It is not open for registration, or has begun.")
    def can_be_joined(self, ctx: Context[AttendanceData]) -> bool:
        occasion = self.occasion(ctx)
        begins = occasion[self.of].begins
        return occasion.is_in(self.of.bookable) and begins is not None and ctx.today < begins

    @guard("All {capacity} seats are taken.")
    def seat_is_free(self, ctx: Context[AttendanceData]) -> bool | No:
        capacity = self.occasion(ctx)[self.of].capacity
        taken = len(self.others(ctx, self.registered))
        return capacity is None or taken < capacity or No(capacity=capacity)

    @guard("Others who wait come first.")
    def next_in_line(self, ctx: Context[AttendanceData]) -> bool:
        mine = self._place_in_line(ctx.case)
        return all(mine < self._place_in_line(case) for case in self.others(ctx, self.waiting))

    def _place_in_line(self, case: Case[Any]) -> tuple[object, ...]:
        values = [getattr(case.data, name) for name in self.order]
        return (*((value is None, value) for value in values), case.created_at, case.id)

    @event(waiting >> registered, auto=True, when=(can_be_joined, seat_is_free, next_in_line))
    def move_up(self, ctx: Context[AttendanceData]) -> None:
        """Get the next free seat."""

    # -- before it takes place

    @guard("It was held already.")
    def not_held(self, ctx: Context[AttendanceData]) -> bool:
        return not self.occasion(ctx).visited(self.of.held)

    @event(undecided >> deregistered, by=lambda self: (self.person, self.by), when=not_held)
    def deregister(self, ctx: Context[AttendanceData], *, reason: Reason) -> AttendanceData:
        """Give the seat back.

        It goes to the next who waits. Whether it came late is kept.
        """
        return evolve(ctx.data, reason=reason, late=self.too_late(ctx))

    def too_late(self, ctx: Context[AttendanceData]) -> bool:
        """Whether a seat that is given back today is given back late."""
        begins, told, notice = self.occasion(ctx)[self.of].begins, ctx.data.told_on, self.notice(ctx)
        if begins is None or ctx.case.is_in(self.waiting) or ctx.today <= begins - notice:
            return False
        return told is None or ctx.today > told + notice

    @moment
    def moved(self, ctx: Context[AttendanceData]) -> datetime | None:
        moves = self.occasion(ctx)[self.of].moves
        return moves[-1].decided_at if moves and moves[-1].decided_at >= ctx.case.created_at else None

    @event(undecided >> STAY, at=moved)
    def hear_of_move(self, ctx: Context[AttendanceData]) -> AttendanceData:
        """Hear that it was moved to another day."""
        return evolve(ctx.data, told_on=ctx.today)

    @guard("It still takes place, or there may still be a seat.")
    def nothing_to_wait_for(self, ctx: Context[AttendanceData]) -> bool:
        occasion = self.occasion(ctx)
        given_up = not occasion.visited(self.of.held)  # cancelled, or led elsewhere by an event of its lifecycle
        gone_on = occasion.visited(self.of) and not occasion.is_in(self.of.ahead)
        return gone_on and (given_up or ctx.case.is_in(self.waiting))

    @event(undecided >> released, auto=True, when=nothing_to_wait_for)
    def release(self, ctx: Context[AttendanceData]) -> None:
        """It does not take place, or no seat got free."""

    @event(registered >> excused, by=lambda self: self.by - self.person)
    def excuse(self, ctx: Context[AttendanceData], *, cause: Cause) -> AttendanceData:
        """Excuse the person, before or afterwards.

        Only the class of the cause is kept.
        """
        return evolve(ctx.data, cause=cause)

    # -- after it was held

    @guard("It has not been held.")
    def was_held(self, ctx: Context[AttendanceData]) -> bool:
        return self.occasion(ctx).visited(self.of.held)

    @guard("It had {all_hours} hours.")
    def within_its_hours(self, ctx: Context[AttendanceData], *, hours: float | None) -> bool | No:
        all_hours = self.occasion(ctx)[self.of].hours
        return hours is None or hours <= all_hours or No(all_hours=all_hours)

    @event(registered >> attended, by=lambda self: self.recorded_by - self.person, when=(was_held, within_its_hours))
    def attend(self, ctx: Acting[AttendanceData], *, hours: Hours | None = None) -> AttendanceData:
        """Record that the person was there.

        All the time, unless fewer hours are given.
        """
        ctx.fire(ctx.case, self.credit(), if_allowed=True)
        return evolve(ctx.data, hours=self.occasion(ctx)[self.of].hours if hours is None else hours)

    @guard("Too short: {hours} of {all_hours} hours.")
    def long_enough(self, ctx: Context[AttendanceData]) -> bool | No:
        all_hours = self.occasion(ctx)[self.of].hours
        enough = ctx.data.hours * 100 >= all_hours * self.least_share(ctx)
        return enough or No(hours=ctx.data.hours, all_hours=all_hours)

    @event(attended >> credited, when=long_enough)
    def credit(self, ctx: Context[AttendanceData]) -> None:
        """It counts, as the person was there long enough."""

    @event(registered >> no_show, by=lambda self: self.recorded_by - self.person, when=was_held)
    def miss(self, ctx: Context[AttendanceData]) -> None:
        """Record that the person did not come."""

    # -- what always holds

    def _beside(self, ctx: Context[Any], *where: State) -> list[Case[Any]]:
        """The others of this occasion who stand there, looked for once more for the invariants."""
        found = ctx.siblings() if self.among is None else self.among(ctx)
        same = ctx.case.links.get(self.role)
        return [one for one in found.in_(*where).all() if one.links.get(self.role) == same]

    @invariant("Nobody has a seat that is not there.")
    def seat_is_there(self, ctx: Context[AttendanceData]) -> bool:
        """Invariant 17, the part of the capacity."""
        if not ctx.case.is_in(self.registered):
            return True
        capacity = self.occasion(ctx)[self.of].capacity
        return capacity is None or len(self._beside(ctx, self.registered, self.attended, self.credited)) < capacity

    @invariant("Nobody got a seat before somebody who came first, nor on the day itself.")
    def seated_in_turn(self, ctx: Context[AttendanceData]) -> bool:
        """Invariant 5: looked at with the seat itself, for an occasion is moved, and who waits may be sorted anew."""
        case, kept = ctx.case, self.occasion(ctx)[self.of]
        if not case.is_in(self.registered) or case.entered_at != ctx.now:
            return True
        moved = bool(kept.moves) and kept.moves[-1].decided_at >= ctx.now
        in_time = moved or (kept.begins is not None and ctx.today < kept.begins)
        waited = [one for one in self._beside(ctx, self.waiting) if one.created_at < case.entered_at]
        return in_time and all(self._comes_before(case, one) for one in waited)

    def _comes_before(self, one: Case[Any], other: Case[Any]) -> bool:
        for name in self.order:
            hers, his = getattr(one.data, name), getattr(other.data, name)
            if hers != his:
                return his is None or (hers is not None and hers < his)
        return one.created_at <= other.created_at

    @invariant("Nobody waits for what is over, or has a seat in what does not take place.")
    def waits_for_something(self, ctx: Context[AttendanceData]) -> bool:
        if not ctx.case.is_in(self.waiting, self.registered):
            return True
        occasion = self.occasion(ctx)
        to_come = not occasion.visited(self.of) or occasion.is_in(self.of.planned, self.of.open, self.of.full)
        return to_come or (ctx.case.is_in(self.registered) and occasion.visited(self.of.held))

    @invariant("Nobody attended what was not held.")
    def attended_what_was_held(self, ctx: Context[AttendanceData]) -> bool:
        """Invariant 17, the part of what was held: nobody missed it before, and nobody gave a seat back afterwards."""
        if ctx.case.is_in(self.attended, self.credited, self.no_show):
            return self.occasion(ctx).visited(self.of.held)
        if not ctx.case.is_in(self.deregistered):
            return True
        occasion = self.occasion(ctx)
        return not occasion.is_in(self.of.held) or ctx.case.entered_at <= occasion.entered_at

    @invariant("It counts if somebody was there long enough, and nobody was there longer than it took.")
    def counted_by_hours(self, ctx: Context[AttendanceData]) -> bool:
        """Invariant 17, the part of the hours: looked at when they are recorded."""
        if not ctx.case.is_in(self.attended, self.credited) or ctx.case.entered_at != ctx.now:
            return True
        hours, all_hours = ctx.data.hours, self.occasion(ctx)[self.of].hours
        long_enough = all_hours * self.least_share(ctx) <= hours * 100
        return 0 <= hours <= all_hours and long_enough == ctx.case.is_in(self.credited)

    @invariant("Who gave a seat back has said why.")
    def reason_given(self, ctx: Context[AttendanceData]) -> bool:
        return not ctx.case.is_in(self.deregistered) or bool(ctx.data.reason.strip())


__all__ = ["Attendance", "AttendanceData"]
