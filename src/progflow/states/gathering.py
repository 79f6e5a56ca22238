"""A public event for which nobody registers: its day, which may be moved or corrected, and how many people came."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from annotated_types import Ge
from attrs import evolve, frozen

from progflow import (
    STAY,
    Context,
    Derived,
    Guard,
    No,
    Phase,
    Reason,
    State,
    Who,
    always,
    event,
    guard,
    invariant,
)
from progflow.states.changes import Move, Recount
from progflow.states.people import OFFICE, Name

People = Annotated[int, Ge(0)]
"""How many people there were."""


@frozen
class GatheringData:
    """What became of the day, how many came, and what was written down before."""

    moves: tuple[Move, ...] = ()
    participants: int | None = None
    recounts: tuple[Recount, ...] = ()
    enough_because: str = ""
    cancelled_because: str = ""


class Gathering(Phase[GatheringData]):
    """A workshop or forum that is open to people without registration.

    A day that was moved keeps its old value and the reason, and so do a day and a number of people that turn out to be
    written down wrongly: of the idea workshops in Zeitz one source says 3 and 4 March 2019, another the 4th and 5th. A
    turnout below the bound is flagged until it is made up for or accepted with a reason (assumption).

    Args:
        day: the day for which it was announced.
        fewest: with fewer people the turnout is low.
        when: guards that must hold for holding it.
        by: who announces, moves, holds and corrects it.
    """

    announced = State(initial=True)
    held = State(resting=True)
    poorly_attended = State("held, but few came")
    cancelled = State(final=True)

    took_place = held | poorly_attended

    def __init__(
        self,
        *,
        day: Derived[Any, date],
        fewest: Derived[Any, int] = always(0),  # noqa: B008 - a constant
        when: tuple[Guard[Any], ...] = (),
        by: Who = OFFICE,
    ) -> None:
        self.day = day
        self.fewest = fewest
        self.when = when
        self.by = by

    def on(self, ctx: Context[Any]) -> date:
        """Its day, as it is known now."""
        moves = ctx.case[self].moves
        return moves[-1].after if moves else self.day(ctx)

    # -- the day

    @guard("{on} has passed already.")
    def still_to_come(self, ctx: Context[GatheringData], *, on: date) -> bool:
        return on >= ctx.today

    @event(announced >> STAY, by=lambda self: self.by, when=still_to_come)
    def move_day(self, ctx: Context[GatheringData], *, on: date, reason: Reason) -> GatheringData:
        """Move it to another day, and say why."""
        return evolve(ctx.data, moves=(*ctx.data.moves, Move(self.on(ctx), on, reason, ctx.now)))

    @guard("{on} has not come yet.")
    def in_the_past(self, ctx: Context[GatheringData], *, on: date) -> bool:
        return on <= ctx.today

    @guard("{on} is the day that is written down.")
    def another_day(self, ctx: Context[GatheringData], *, on: date) -> bool:
        return on != self.on(ctx)

    @event(took_place >> STAY, by=lambda self: self.by, when=(in_the_past, another_day))
    def correct_day(self, ctx: Context[GatheringData], *, on: date, source: Name, reason: Reason) -> GatheringData:
        """Correct the day on which it was held.

        The old one is kept, with the source of the new one and the reason.
        """
        return evolve(ctx.data, moves=(*ctx.data.moves, Move(self.on(ctx), on, reason, ctx.now, source)))

    # -- taking place

    @guard("It is on {on}.")
    def day_has_come(self, ctx: Context[GatheringData]) -> bool | No:
        return self.on(ctx) <= ctx.today or No(on=self.on(ctx))

    @event(announced >> held, by=lambda self: self.by, when=lambda self: (self.day_has_come, *self.when))
    def hold(self, ctx: Context[GatheringData], *, participants: People) -> GatheringData:
        """Hold it, and count who came."""
        return evolve(ctx.data, participants=participants)

    @guard("Enough people came.")
    def few_came(self, ctx: Context[GatheringData]) -> bool:
        came = ctx.data.participants
        return came is not None and came < self.fewest(ctx) and not ctx.data.enough_because

    @event(held >> poorly_attended, auto=True, when=few_came)
    def flag_turnout(self, ctx: Context[GatheringData]) -> None:
        """Few people came."""

    @event(poorly_attended >> held, by=lambda self: self.by)
    def accept_turnout(self, ctx: Context[GatheringData], *, reason: Reason) -> GatheringData:
        """Say why the turnout is enough."""
        return evolve(ctx.data, enough_because=reason)

    @guard("{participants} is the number that is written down.")
    def another_number(self, ctx: Context[GatheringData], *, participants: int) -> bool:
        return participants != ctx.data.participants

    @event(held >> STAY, poorly_attended >> held, by=lambda self: self.by, when=another_number)
    def correct_turnout(self, ctx: Context[GatheringData], *, participants: People, reason: Reason) -> GatheringData:
        """Correct how many people came, and say why.

        The old number is kept, and whether few came is looked at anew.
        """
        data, before = ctx.data, ctx.data.participants
        recounts = data.recounts if before is None else (*data.recounts, Recount(before, participants, reason))
        return evolve(data, participants=participants, recounts=recounts, enough_because="")

    @event(announced >> cancelled, by=lambda self: self.by)
    def cancel(self, ctx: Context[GatheringData], *, reason: Reason) -> GatheringData:
        """Cancel it, and say why."""
        return evolve(ctx.data, cancelled_because=reason)

    @invariant("What was cancelled, moved or corrected has a reason.")
    def reason_given(self, ctx: Context[GatheringData]) -> bool:
        """Invariant 6."""
        moved = all(move.reason.strip() for move in ctx.data.moves)
        changed = moved and all(recount.reason.strip() for recount in ctx.data.recounts)
        return changed and (not ctx.case.is_in(self.cancelled) or bool(ctx.data.cancelled_because.strip()))

    @invariant("What was held was not held in the future.")
    def not_ahead(self, ctx: Context[GatheringData]) -> bool:
        """Invariant 21: the day on which it was held is not later than the day on which that was written down."""
        return not ctx.case.is_in(self.took_place) or self.on(ctx) <= ctx.today


__all__ = ["Gathering", "GatheringData", "People"]
