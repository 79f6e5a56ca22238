"""What takes place on a day with so many seats: a workshop, a session, a day of work."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Protocol, runtime_checkable

from annotated_types import Ge, Le
from attrs import evolve, frozen

from progflow import (
    STAY,
    Case,
    Cases,
    Context,
    Lifecycle,
    No,
    Phase,
    Reason,
    Source,
    State,
    Who,
    event,
    guard,
    invariant,
)
from progflow.states.changes import Move
from progflow.states.people import OFFICE

Seats = Annotated[int, Ge(0)]
"""How many people there is room for."""

Hours = Annotated[float, Ge(0), Le(10_000)]
"""A number of hours, or of teaching units; quarters are exact."""


@runtime_checkable
class Seating(Protocol):
    """A phase in some states of which a case has a seat, as ``Attendance``."""

    @property
    def with_a_seat(self) -> Source:
        """The states in which the seat is taken."""
        ...


@frozen
class OccasionData:
    """When it takes place, how long it is, and for how many; a capacity of None has no bound."""

    begins: date | None = None
    ends: date | None = None
    capacity: int | None = None
    hours: float = 0.0
    moves: tuple[Move, ...] = ()
    cancelled_because: str = ""


class Occasion(Phase[OccasionData]):
    """A workshop, a session of a module, a day of work: planned, open for registration, full, held.

    The states are a normal form of what the programmes describe (assumption). Whoever registers is a case of its own
    with an ``Attendance``, which watches this one: it moves up when a seat gets free, hears of a new day, and is
    released when it was cancelled.

    Args:
        by: who plans and moves it.
        held_by: who says that it was held; the same, unless given. Several may be told as a tuple.
        cancelled_by: who cancels it; ``by``, unless given. Several may be told as a tuple.
        role: how the cases of those who attend link to this one; they are its children, unless given.
    """

    planned = State(initial=True)
    open = State("open for registration")
    full = State("fully booked")
    held = State(resting=True)
    cancelled = State(final=True)

    bookable = open | full
    ahead = planned | bookable

    def __init__(
        self,
        *,
        by: Who = OFFICE,
        held_by: Who | tuple[Who, ...] | None = None,
        cancelled_by: Who | tuple[Who, ...] | None = None,
        role: str = "",
    ) -> None:
        self.by = by
        self.held_by = by if held_by is None else held_by
        self.cancelled_by = by if cancelled_by is None else cancelled_by
        self.role = role

    # -- seats

    def attending(self, ctx: Context[Any]) -> Cases[Any]:
        """The cases of those who have asked for a seat, whatever became of it."""
        return ctx.linking(self.role, Lifecycle) if self.role else ctx.children()

    def taken(self, ctx: Context[Any]) -> int:
        """How many seats are taken, by those who are registered or were there."""
        return sum(_has_a_seat(case) for case in self.attending(ctx).all())

    @guard("All {capacity} seats are taken.")
    def seat_is_free(self, ctx: Context[OccasionData]) -> bool | No:
        capacity = ctx.data.capacity
        return capacity is None or self.taken(ctx) < capacity or No(capacity=capacity)

    @guard("A seat is free.")
    def no_seat_is_free(self, ctx: Context[OccasionData]) -> bool:
        return not self.seat_is_free(ctx)

    @event(open >> full, auto=True, when=no_seat_is_free)
    def fill(self, ctx: Context[OccasionData]) -> None:
        """The last seat is taken."""

    @event(full >> open, auto=True, when=seat_is_free)
    def free(self, ctx: Context[OccasionData]) -> None:
        """A seat is free again."""

    @guard("{taken} seats are taken already.")
    def room_for_all(self, ctx: Context[OccasionData], *, capacity: Seats | None) -> bool | No:
        taken = self.taken(ctx)
        return capacity is None or capacity >= taken or No(taken=taken)

    @event(bookable >> STAY, by=lambda self: self.by, when=room_for_all)
    def resize(self, ctx: Context[OccasionData], *, capacity: Seats | None) -> OccasionData:
        """Change the number of seats."""
        return evolve(ctx.data, capacity=capacity)

    # -- the day

    @guard("It begins on {begins} and would end on {ends}.")
    def ends_after_it_begins(self, ctx: Context[OccasionData], *, begins: date, ends: date | None) -> bool:
        return ends is None or begins <= ends

    @guard("{begins} has passed.")
    def day_ahead(self, ctx: Context[OccasionData], *, begins: date) -> bool:
        return begins >= ctx.today

    @event(planned >> open, by=lambda self: self.by, when=(day_ahead, ends_after_it_begins))
    def announce(
        self,
        ctx: Context[OccasionData],
        *,
        begins: date,
        ends: date | None = None,
        capacity: Seats | None = None,
        hours: Hours = 0.0,
    ) -> OccasionData:
        """Open it for registration.

        Without a last day it takes one day, without a capacity there is room for everybody.
        """
        return OccasionData(begins, begins if ends is None else ends, capacity, hours)

    @event(bookable >> STAY, by=lambda self: self.by, when=(day_ahead, ends_after_it_begins))
    def move_day(
        self, ctx: Context[OccasionData], *, begins: date, ends: date | None = None, reason: Reason
    ) -> OccasionData:
        """Move it to another day, and say why.

        Who is registered or waits hears of it and keeps the seat. Without a last day it is as long as before.
        """
        data = ctx.data
        if data.begins is None or data.ends is None:
            return data
        move = Move(data.begins, begins, reason, ctx.now)
        ends = begins + (data.ends - data.begins) if ends is None else ends
        return evolve(data, begins=begins, ends=ends, moves=(*data.moves, move))

    @guard("It lasts until {ends}.")
    def last_day_has_come(self, ctx: Context[OccasionData]) -> bool | No:
        ends = ctx.data.ends
        return (ends is not None and ends <= ctx.today) or No(ends=ends)

    @event(bookable >> held, by=lambda self: self.held_by, when=last_day_has_come)
    def hold(self, ctx: Context[OccasionData]) -> None:
        """It was held.

        From then on it can be recorded who was there.
        """

    @event(ahead >> cancelled, by=lambda self: self.cancelled_by)
    def cancel(self, ctx: Context[OccasionData], *, reason: Reason) -> OccasionData:
        """Cancel it, and say why.

        Who is registered or waits is released in the same step.
        """
        return evolve(ctx.data, cancelled_because=reason)

    # -- what always holds

    def _seats_taken(self, ctx: Context[Any]) -> int:
        """How many seats are taken, counted once more for the invariants."""
        cases: Cases[Any] = ctx.linking(self.role, Lifecycle) if self.role else ctx.children()
        places = ((case, case.state.place) for case in cases.all())
        phases = ((case, None if place is None else place.phase) for case, place in places)
        return sum(isinstance(phase, Seating) and case.is_in(phase.with_a_seat) for case, phase in phases)

    @invariant("No more people attend than there are seats.")
    def within_capacity(self, ctx: Context[OccasionData]) -> bool:
        """Invariant 17, the part of the capacity."""
        capacity = ctx.data.capacity
        return capacity is None or self._seats_taken(ctx) <= capacity

    @invariant("Nobody has a seat in what was cancelled.")
    def nobody_seated_in_vain(self, ctx: Context[OccasionData]) -> bool:
        """Invariant 14, the part of the seats: they are released in the same step."""
        before = not ctx.case.is_in(self.cancelled) or ctx.case.entered_at == ctx.now
        return before or self._seats_taken(ctx) == 0

    @invariant("It is known when it takes place, and it was not held before it was over.")
    def held_when_over(self, ctx: Context[OccasionData]) -> bool:
        """Invariant 17, the part of the days: what was moved keeps those on which it should have begun before."""
        begins, ends, moves = ctx.data.begins, ctx.data.ends, ctx.data.moves
        if begins is None or ends is None:
            return not ctx.case.visited(self.bookable)
        days = (*(move.before for move in moves), begins)
        chained = all(
            move.after == day and move.decided_at.date() <= move.after
            for move, day in zip(moves, days[1:], strict=True)
        )
        return chained and begins <= ends and (not ctx.case.is_in(self.held) or ends <= ctx.case.entered_at.date())

    @invariant("What was cancelled or moved has a reason.")
    def reason_given(self, ctx: Context[OccasionData]) -> bool:
        """Invariant 6."""
        moved = all(move.reason.strip() for move in ctx.data.moves)
        return moved and (not ctx.case.is_in(self.cancelled) or bool(ctx.data.cancelled_because.strip()))


def _has_a_seat(case: Case[Any]) -> bool:
    """Whether the case stands in a phase that gives seats, and has one there."""
    place = case.state.place
    phase = None if place is None else place.phase
    return isinstance(phase, Seating) and case.is_in(phase.with_a_seat)


__all__ = ["Hours", "Occasion", "OccasionData", "Seating", "Seats"]
