"""An edition as a whole: it runs, is closed, and is completed once everybody in it has finished."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from attrs import evolve, frozen

from progflow import (
    Context,
    Derived,
    Instant,
    Moment,
    No,
    Phase,
    State,
    Who,
    days,
    end_of,
    event,
    guard,
    invariant,
    moment,
)
from progflow.states.anew import day_meant
from progflow.states.people import OFFICE
from progflow.states.span import TWO_WEEKS, day_of


@frozen
class RunData:
    """The day on which it was closed, and when its closing event was held; without one it was its last day."""

    closed_on: date | None = None
    closing_held_at: datetime | None = None


class Run(Phase[RunData]):
    """An edition runs for a time that is the same for all, and is closed by an event or by its nominal end.

    Whoever takes part in it is its child. Those who are near enough to their end watch the closing and complete with it
    (``closing = closing_day(Edition.run)``, then ``Span(closing=closing)``); the others go on, and the edition waits
    for them. Children that may rest, such as those with a certificate, are not waited for.

    Args:
        ends: the nominal end, None as long as nobody knows; a day or the end of one.
        tolerance: how many days before it the closing may be held. A real edition of fifteen months that began on 15
            August 2022 was closed on 7 November 2023 (press release of the city of Düsseldorf); that there is a bound
            is an assumption.
        by: who says that the closing was held.
    """

    running = State(initial=True)
    closing = State()
    completed = State(final=True)

    over = closing | completed

    def __init__(self, *, ends: Moment[Any], tolerance: Derived[Any, int] = TWO_WEEKS, by: Who = OFFICE) -> None:
        self.ends = ends
        self.tolerance = tolerance
        self.by = by

    @guard("The closing may be held {tolerance} days before {last_day} at the earliest.")
    def close_to_the_end(self, ctx: Context[RunData]) -> bool | No:
        last_day, tolerance = day_of(self.ends, ctx), self.tolerance(ctx)
        near = last_day is not None and last_day - days(tolerance) <= ctx.today
        return near or No(tolerance=tolerance, last_day=last_day)

    @event(running >> closing, by=lambda self: self.by, when=close_to_the_end)
    def hold_closing(self, ctx: Context[RunData]) -> RunData:
        """Hold the closing event."""
        return evolve(ctx.data, closed_on=ctx.today, closing_held_at=ctx.now)

    @moment
    def nominal_end(self, ctx: Context[RunData]) -> Instant | None:
        last_day = day_of(self.ends, ctx)
        return None if last_day is None else end_of(last_day)

    @event(running >> closing, at=nominal_end)
    def close_without_event(self, ctx: Context[RunData]) -> RunData:
        """The nominal end has come without a closing event."""
        return evolve(ctx.data, closed_on=day_of(self.ends, ctx))

    @guard("There are still people taking part.")
    def nobody_takes_part(self, ctx: Context[RunData]) -> bool:
        return all(case.state.resting for case in ctx.children().open().all())

    @event(closing >> completed, auto=True, when=nobody_takes_part)
    def complete(self, ctx: Context[RunData]) -> None:
        """Everybody has finished."""

    # -- what always holds

    @invariant("It is closed on a day that is kept: that of its closing event, or else its last one, which is over.")
    def closed_in_time(self, ctx: Context[RunData]) -> bool:
        """How near it was is looked at with the event itself, for the end may be moved afterwards."""
        closed, held, case = ctx.data.closed_on, ctx.data.closing_held_at, ctx.case
        if closed is None or not case.visited(self.over):
            return closed is None and held is None and not case.visited(self.over)
        if held is None:
            return closed < case.entered_at.date()
        last_day = day_meant(self.ends, ctx) if held == ctx.now else None
        return closed == held.date() and (last_day is None or last_day <= closed + days(self.tolerance(ctx)))

    @invariant("Who takes part goes on to the end: an edition that is completed leaves nobody behind.")
    def completed_with_all(self, ctx: Context[RunData]) -> bool:
        return not ctx.case.is_in(self.completed) or all(one.state.resting for one in ctx.children().open().all())


def closing_day(run: Run) -> Moment[Any]:
    """A moment for the children of an edition: the day of its closing, None as long as it was not held.

    Args:
        run: the phase, named through the lifecycle of the edition. It needs a name in the lifecycle of the children
            before it is handed on: ``closing = closing_day(Edition.run)``.
    """

    @moment
    def day_of_closing(self: Any, ctx: Context[Any]) -> date | None:
        return ctx.parent(run.closing.lifecycle)[run].closed_on

    return day_of_closing


__all__ = ["Run", "RunData", "closing_day"]
