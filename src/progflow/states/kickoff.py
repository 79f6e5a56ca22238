"""The kick-off: what an edition waits for, and the day from which everything in it counts."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from attrs import evolve, frozen

from progflow import (
    NEXT,
    STAY,
    Context,
    Guard,
    Moment,
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
from progflow.states.changes import Move
from progflow.states.people import OFFICE


@frozen
class KickoffData:
    """The day for which it is planned, those for which it was before, and the one on which it was held.

    ``noted_at`` is when somebody said that it was held.
    """

    planned_for: date | None = None
    held_on: date | None = None
    moves: tuple[Move, ...] = ()
    noted_at: datetime | None = None


class Kickoff(Phase[KickoffData], fresh=True):
    """An edition waits for its kick-off; its day is kept, and the time of everybody counts from it.

    Children of the edition ask for it with ``kickoff_held(Edition.kickoff)`` and count from
    ``kickoff_day(Edition.kickoff)``. Known of Köln and Düsseldorf: the tandems meet there for the first time. That it
    is entered a few days later, with the day on which it was held, is an assumption; that day may lie before the phase
    was entered, though not before the edition began.

    Args:
        by: who plans it and says that it was held.
        when: what must hold for it, as enough pairs.
    """

    awaited = State("waits for the kick-off", initial=True)

    def __init__(self, *, by: Who = OFFICE, when: tuple[Guard[Any], ...] = ()) -> None:
        self.by = by
        self.when = when

    @guard("{on} has passed already.")
    def on_a_day_to_come(self, ctx: Context[KickoffData], *, on: date) -> bool:
        return on >= ctx.today

    @guard("The kick-off is planned for {planned_for}; move it, and say why.")
    def not_planned_yet(self, ctx: Context[KickoffData]) -> bool | No:
        return ctx.data.planned_for is None or No(planned_for=ctx.data.planned_for)

    @event(awaited >> STAY, by=lambda self: self.by, when=(on_a_day_to_come, not_planned_yet))
    def plan(self, ctx: Context[KickoffData], *, on: date) -> KickoffData:
        """Plan the kick-off."""
        return evolve(ctx.data, planned_for=on)

    @guard("No kick-off is planned.")
    def is_planned(self, ctx: Context[KickoffData]) -> bool:
        return ctx.data.planned_for is not None

    @event(awaited >> STAY, by=lambda self: self.by, when=(on_a_day_to_come, is_planned))
    def move_day(self, ctx: Context[KickoffData], *, on: date, reason: Reason) -> KickoffData:
        """Move the kick-off to another day, and say why.

        The day that it was is kept.
        """
        moves = (*ctx.data.moves, Move(ctx.data.planned_for, on, reason, ctx.now))
        return evolve(ctx.data, planned_for=on, moves=moves)

    @guard("The kick-off is held between {first} and today.")
    def on_a_plausible_day(self, ctx: Context[KickoffData], *, on: date | None) -> bool | No:
        first = ctx.case.created_at.date()
        return on is None or first <= on <= ctx.today or No(first=first)

    @event(awaited >> NEXT, by=lambda self: self.by, when=lambda self: (self.on_a_plausible_day, *self.when))
    def hold(self, ctx: Context[KickoffData], *, on: date | None = None) -> KickoffData:
        """Hold the kick-off.

        It was today, unless another day is given.
        """
        return evolve(ctx.data, held_on=ctx.today if on is None else on, noted_at=ctx.now)

    @invariant("A kick-off that was moved says why.")
    def reason_given(self, ctx: Context[KickoffData]) -> bool:
        """Invariant 6, the part of corrections."""
        return all(move.reason.strip() for move in ctx.data.moves)

    @invariant("What is no longer waited for was held on a day that is kept.")
    def day_is_kept(self, ctx: Context[KickoffData]) -> bool:
        """Invariant 7, the part of the kick-off: it lies between the beginning of the edition and when it was noted."""
        held, noted = ctx.data.held_on, ctx.data.noted_at
        if held is None or noted is None:
            return held is None and noted is None
        return not ctx.case.is_in(self.awaited) and ctx.case.created_at.date() <= held <= noted.date()

    @invariant("A kick-off is planned for a day to come.")
    def planned_ahead(self, ctx: Context[KickoffData]) -> bool:
        """Invariant 6: what was moved keeps the days that it was before, each of which was the last one's next."""
        planned, moves = ctx.data.planned_for, ctx.data.moves
        before = (moves[0].before, *(move.after for move in moves)) if moves else (planned,)
        chained = all(move.before == day for move, day in zip(moves, before, strict=False))
        ahead = all(move.decided_at.date() <= move.after for move in moves)
        return chained and ahead and before[-1] == planned and (planned is not None or not moves)


def kickoff_held(kickoff: Kickoff) -> Guard[Any]:
    """A guard for the children of an edition: its kick-off has been held.

    Args:
        kickoff: the phase, named through the lifecycle of the edition. It needs a name in the lifecycle of the
            children before it is handed on: ``kickoff_held = kickoff_held(Edition.kickoff)``.
    """

    @guard("The kick-off has not been held.")
    def kickoff_was_held(self: Any, ctx: Context[Any]) -> bool:
        return _day(kickoff, ctx) is not None

    return kickoff_was_held


def kickoff_day(kickoff: Kickoff) -> Moment[Any]:
    """A moment for the children of an edition: the day of its kick-off, None as long as it was not held.

    Args:
        kickoff: the phase, named through the lifecycle of the edition. It needs a name in the lifecycle of the
            children before it is handed on: ``kickoff = kickoff_day(Edition.kickoff)``.
    """

    @moment
    def day_of_kickoff(self: Any, ctx: Context[Any]) -> date | None:
        return _day(kickoff, ctx)

    return day_of_kickoff


def _day(kickoff: Kickoff, ctx: Context[Any]) -> date | None:
    return ctx.parent(kickoff.awaited.lifecycle)[kickoff].held_on


__all__ = ["Kickoff", "KickoffData", "kickoff_day", "kickoff_held"]
