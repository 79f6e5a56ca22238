"""The call: it is planned, open until its deadline, and closes by itself."""

from __future__ import annotations

from datetime import date
from typing import Any

from attrs import evolve, frozen

from progflow import (
    NEXT,
    STAY,
    Context,
    Guard,
    Instant,
    No,
    Phase,
    Reason,
    State,
    Who,
    event,
    guard,
    invariant,
    moment,
)
from progflow.states.anew import last_day_of_deadline
from progflow.states.changes import Move
from progflow.states.deadlines import PlaceCalendar, deadline_ends
from progflow.states.people import OFFICE


@frozen
class CallData:
    """Until when the call is open, the deadlines that it had before, and the day on which it had closed."""

    deadline: date | None = None
    published_on: date | None = None
    moves: tuple[Move, ...] = ()
    closed_on: date | None = None


class Call(Phase[CallData]):
    """An edition is planned; its call is published with a deadline, and closes with the end of that day.

    Its children ask it: ``call_is_open = while_open(Edition.call)`` is the guard of their application.

    Args:
        by: who publishes the call and moves its deadline.
        calendar: whose Saturdays, Sundays and holidays move the deadline on (§ 193 BGB, see ``deadlines``); without
            one it ends on the day that it names.
    """

    planned = State(initial=True)
    open = State("call open")

    def __init__(self, *, by: Who = OFFICE, calendar: PlaceCalendar | None = None) -> None:
        self.by = by
        self.calendar = calendar

    @guard("The deadline {deadline} has passed already.")
    def deadline_ahead(self, ctx: Context[CallData], *, deadline: date) -> bool:
        return deadline >= ctx.today

    @event(planned >> open, by=lambda self: self.by, when=deadline_ahead)
    def publish(self, ctx: Context[CallData], *, deadline: date) -> CallData:
        """Open the call for applications."""
        return evolve(ctx.data, deadline=deadline, published_on=ctx.today)

    @event(open >> STAY, by=lambda self: self.by, when=deadline_ahead)
    def move_deadline(self, ctx: Context[CallData], *, deadline: date, reason: Reason) -> CallData:
        """Move the deadline, and say why.

        The day that it was is kept.
        """
        move = Move(ctx.data.deadline, deadline, reason, ctx.now)
        return evolve(ctx.data, deadline=deadline, moves=(*ctx.data.moves, move))

    @moment
    def ends(self, ctx: Context[CallData]) -> Instant | None:
        return None if ctx.data.deadline is None else deadline_ends(ctx.data.deadline, self.calendar, ctx)

    @event(open >> NEXT, at=ends)
    def close(self, ctx: Context[CallData]) -> CallData:
        """The deadline has passed."""
        return evolve(ctx.data, closed_on=ctx.today)

    # -- what always holds

    @invariant("A call is open until a day, and a deadline that was moved says why.")
    def deadline_known(self, ctx: Context[CallData]) -> bool:
        """Invariant 6, the part of corrections."""
        known = not ctx.case.visited(self.open) or ctx.data.deadline is not None
        return known and all(move.reason.strip() for move in ctx.data.moves)

    @invariant("No deadline had passed when it was set.")
    def deadlines_ahead(self, ctx: Context[CallData]) -> bool:
        """Invariant 6: what was moved keeps the days that it was before, each of which was the last one's next."""
        data = ctx.data
        if data.deadline is None or data.published_on is None:
            return data.deadline is None and not data.moves
        before = (data.moves[0].before if data.moves else data.deadline, *(move.after for move in data.moves))
        chained = all(move.before == day for move, day in zip(data.moves, before, strict=False))
        set_on = (data.published_on, *(move.decided_at.date() for move in data.moves))
        ahead = all(day is not None and on <= day for on, day in zip(set_on, before, strict=True))
        return chained and ahead and before[-1] == data.deadline

    @invariant("A call closes after its deadline, and not before.")
    def closed_after_the_deadline(self, ctx: Context[CallData]) -> bool:
        closed = ctx.data.closed_on
        if closed is None or ctx.case.is_in(self.planned, self.open):
            return True
        last = last_day_of_deadline(ctx.data.deadline, None if self.calendar is None else self.calendar(ctx))
        return last is not None and last < closed


def while_open(call: Call) -> Guard[Any]:
    """A guard for the children of an edition: its call is open.

    Args:
        call: the phase, named through the lifecycle of the edition: ``while_open(Edition.call)``.
    """

    @guard("The call is not open (deadline: {deadline}).")
    def call_is_open(self: Any, ctx: Context[Any]) -> bool | No:
        edition = ctx.parent(call.open.lifecycle)
        return edition.is_in(call.open) or No(deadline=edition[call].deadline)

    return call_is_open


__all__ = ["Call", "CallData", "while_open"]
