"""What was adopted is carried out: begun, reported on, deferred, done or given up."""

from __future__ import annotations

from datetime import date
from enum import Enum
from typing import Annotated, Any

from annotated_types import Ge, Le
from attrs import evolve, frozen

from progflow import (
    STAY,
    Context,
    Derived,
    Instant,
    Phase,
    Reason,
    State,
    Who,
    end_of,
    event,
    guard,
    invariant,
    moment,
)
from progflow.states.changes import Move
from progflow.states.people import HEAD, OFFICE

Percent = Annotated[int, Ge(0), Le(100)]
"""How far something is, as its owner sees it."""


class Obstacle(Enum):
    """Why something is deferred: a class, for counting; the reason says it in words."""

    FUNDS = "lack of funds"
    STAFF = "lack of staff"
    OTHERS = "others have to act first"
    OTHER = "another obstacle"


@frozen
class Progress:
    """How far it was on a day."""

    on: date
    percent: int
    note: str


@frozen
class ImplementationData:
    """How the work goes. ``overdue_since`` is the due day that passed; the last of ``moves`` the one that holds."""

    reports: tuple[Progress, ...] = ()
    moves: tuple[Move, ...] = ()
    overdue_since: date | None = None
    obstacle: Obstacle | None = None
    resumes: date | None = None
    reason: str = ""
    done_on: date | None = None


class Implementation(Phase[ImplementationData]):
    """Something that was adopted is carried out by the unit that answers for it.

    Known of participation processes: what is carried out is done, deferred or discarded. The reports, the reminder at
    the due day and that only the head gives something up that was adopted are assumptions.

    Args:
        due: the day until which it is to be done, as it was planned; None for open end.
        owner: who carries it out and reports.
        by: who keeps the list.
        discarded_by: who may give up what was adopted.
    """

    waiting = State("adopted", initial=True)
    in_progress = State()
    deferred = State()
    done = State(final=True)
    discarded = State(final=True)

    unfinished = waiting | in_progress

    def __init__(
        self,
        *,
        due: Derived[Any, date | None],
        owner: Who = OFFICE,
        by: Who = OFFICE,
        discarded_by: Who | tuple[Who, ...] = HEAD,
    ) -> None:
        self.due = due
        self.owner = owner
        self.by = by
        self.discarded_by = discarded_by

    # -- work

    @event(waiting >> in_progress, by=lambda self: (self.owner, self.by))
    def begin(self, ctx: Context[ImplementationData]) -> None:
        """Begin to carry it out."""

    @event(in_progress >> STAY, by=lambda self: (self.owner, self.by))
    def report(self, ctx: Context[ImplementationData], *, percent: Percent, note: str = "") -> ImplementationData:
        """Report how far it is."""
        return evolve(ctx.data, reports=(*ctx.data.reports, Progress(ctx.today, percent, note)))

    @guard("{on} has not come yet.")
    def on_a_day_that_has_come(self, ctx: Context[ImplementationData], *, on: date | None) -> bool:
        return on is None or on <= ctx.today

    @event(in_progress >> done, by=lambda self: (self.owner, self.by), when=on_a_day_that_has_come)
    def finish(self, ctx: Context[ImplementationData], *, on: date | None = None) -> ImplementationData:
        """It is done."""
        return evolve(ctx.data, done_on=on or ctx.today)

    # -- time

    def due_day(self, ctx: Context[Any]) -> date | None:
        """Until when it is to be done; None for open end."""
        moves = ctx.case[self].moves
        return moves[-1].after if moves else self.due(ctx)

    @moment
    def falls_due(self, ctx: Context[ImplementationData]) -> Instant | None:
        due = self.due_day(ctx)
        return None if due is None else end_of(due)

    @event(unfinished >> STAY, at=falls_due)
    def be_overdue(self, ctx: Context[ImplementationData]) -> ImplementationData:
        """The due day has passed and it is not done."""
        return evolve(ctx.data, overdue_since=self.due_day(ctx))

    @guard("{due} has passed already.")
    def day_ahead(self, ctx: Context[ImplementationData], *, due: date) -> bool:
        return due >= ctx.today

    @event((unfinished | deferred) >> STAY, by=lambda self: self.by, when=day_ahead)
    def move_deadline(self, ctx: Context[ImplementationData], *, due: date, reason: Reason) -> ImplementationData:
        """Set another due day, and say why.

        The day that it was is kept.
        """
        move = Move(self.due_day(ctx), due, reason, ctx.now)
        return evolve(ctx.data, moves=(*ctx.data.moves, move), overdue_since=None)

    # -- not now, or not at all

    @guard("Deferred until a day that is to come: {until} is not.")
    def until_a_later_day(self, ctx: Context[ImplementationData], *, until: date | None) -> bool:
        return until is None or until > ctx.today

    @event(unfinished >> deferred, by=lambda self: (self.owner, self.by), when=until_a_later_day)
    def defer(
        self, ctx: Context[ImplementationData], *, obstacle: Obstacle, reason: Reason, until: date | None = None
    ) -> ImplementationData:
        """Defer it, as for lack of funds."""
        return evolve(ctx.data, obstacle=obstacle, reason=reason, resumes=until)

    @moment
    def resumption(self, ctx: Context[ImplementationData]) -> date | None:
        return ctx.data.resumes

    @event(deferred >> waiting, by=lambda self: self.by, at=resumption)
    def resume(self, ctx: Context[ImplementationData]) -> ImplementationData:
        """Take it up again."""
        return evolve(ctx.data, obstacle=None, resumes=None)

    @event((unfinished | deferred) >> discarded, by=lambda self: self.discarded_by)
    def discard(self, ctx: Context[ImplementationData], *, reason: Reason) -> ImplementationData:
        """Give it up, and say why."""
        return evolve(ctx.data, reason=reason)

    # -- what always holds

    @invariant("What was deferred, moved or given up has a reason, and what is done has a day.")
    def accounted_for(self, ctx: Context[ImplementationData]) -> bool:
        """Invariant 6."""
        case, data = ctx.case, ctx.data
        reasoned = not case.is_in(self.deferred, self.discarded) or bool(data.reason.strip())
        reasoned = reasoned and all(move.reason.strip() for move in data.moves)
        return reasoned and (not case.is_in(self.done) or data.done_on is not None)


__all__ = ["Implementation", "ImplementationData", "Obstacle", "Percent", "Progress"]
