"""Goals that rest on what people contributed, and the measures that serve them: from the idea into the catalogue.

Two phases for two kinds of cases, ``Origin`` for a goal and ``Planning`` for a measure. Together they hold the trace:
every measure serves a goal, and every goal rests on a contribution or is marked as the administration's own.
"""

from __future__ import annotations

from datetime import date
from enum import Enum
from typing import Annotated, Any

from annotated_types import Ge, MinLen
from attrs import evolve, frozen

from progflow import (
    NEXT,
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
from progflow.states.people import OFFICE

Euros = Annotated[int, Ge(0)]
"""An estimate in whole euros."""


@frozen
class OriginData:
    """What a goal rests on: contributions by their ids, or the administration's own wish with its reason."""

    contributions: tuple[str, ...] = ()
    own_because: str = ""
    dropped_because: str = ""


class Origin(Phase[OriginData]):
    """A goal is traced to the contributions that it rests on, or marked as the administration's own.

    That nothing else becomes a goal is an assumption.

    Args:
        contributions: the ids of the contributions that a goal may rest on.
        serving: how many measures serve it; while there are any it is not dropped.
        by: who traces it.
    """

    proposed = State(initial=True)
    traced = State("traced to its origin", resting=True)
    dropped = State(final=True)

    def __init__(
        self,
        *,
        contributions: Derived[Any, tuple[str, ...]],
        serving: Derived[Any, int] = always(0),  # noqa: B008 - a constant
        by: Who = OFFICE,
    ) -> None:
        self.contributions = contributions
        self.serving = serving
        self.by = by

    @guard("There is no contribution {missing} that a goal could rest on.")
    def known_contributions(self, ctx: Context[OriginData], *, contributions: tuple[str, ...]) -> bool | No:
        known = self.contributions(ctx)
        return next((No(missing=one) for one in contributions if one not in known), True)

    @event(proposed >> traced, traced >> STAY, by=lambda self: self.by, when=known_contributions)
    def trace(self, ctx: Context[OriginData], *, contributions: Annotated[tuple[str, ...], MinLen(1)]) -> OriginData:
        """Trace it to contributions."""
        known = ctx.data.contributions
        more = (one for one in dict.fromkeys(contributions) if one not in known)
        return evolve(ctx.data, contributions=(*known, *more))

    @event(proposed >> traced, by=lambda self: self.by)
    def mark_as_own(self, ctx: Context[OriginData], *, reason: Reason) -> OriginData:
        """Mark it as the administration's own goal."""
        return evolve(ctx.data, own_because=reason)

    @guard("{measures} measures serve it.")
    def serves_nothing(self, ctx: Context[OriginData]) -> bool | No:
        return self.serving(ctx) == 0 or No(measures=self.serving(ctx))

    @event((proposed | traced) >> dropped, by=lambda self: self.by, when=serves_nothing)
    def drop(self, ctx: Context[OriginData], *, reason: Reason) -> OriginData:
        """Give the goal up, and say why."""
        return evolve(ctx.data, dropped_because=reason)

    @invariant("Every goal rests on a contribution or is marked as the administration's own.")
    def has_an_origin(self, ctx: Context[OriginData]) -> bool:
        """The first half of the trace."""
        return not ctx.case.is_in(self.traced) or bool(ctx.data.contributions or ctx.data.own_because.strip())


class Gap(Enum):
    """What a catalogue needs of a measure."""

    GOAL = "a goal"
    COST = "the cost"
    TIMELINE = "the timeline"
    OWNER = "the owner"


@frozen
class PlanningData:
    """What a measure is for, what it costs in whole euros, until when it is to be done, and by which unit.

    ``resolution`` is the number of the resolution by which it was adopted.
    """

    goals: tuple[str, ...] = ()
    cost: int | None = None
    due: date | None = None
    owner: str = ""
    resolution: str = ""
    reason: str = ""

    @property
    def missing(self) -> tuple[Gap, ...]:
        """What a catalogue needs and is not known yet."""
        known = {Gap.GOAL: bool(self.goals), Gap.COST: self.cost is not None}
        known |= {Gap.TIMELINE: self.due is not None, Gap.OWNER: bool(self.owner)}
        return tuple(gap for gap, is_known in known.items() if not is_known)


class Planning(Phase[PlanningData]):
    """An idea becomes a measure in a catalogue: it serves a goal, is assessed, catalogued and then adopted elsewhere.

    Known of Zeitz: the administration turned ideas into a catalogue with time axis, cost estimate and responsible
    unit, which the council adopted. That each of the three must be there before is an assumption.

    Args:
        goals: the ids of the goals that a measure may serve.
        adopted: the guard that says that the catalogue has been adopted; then the measure follows by itself.
        adopted_as: the number of the resolution by which it was, to be kept with the measure.
        catalogue_open: the guards that must hold for putting measures into the catalogue and taking them out.
        by: who plans it.
    """

    idea = State(initial=True)
    linked = State("linked to a goal")
    assessed = State()
    catalogued = State("in the catalogue")
    discarded = State(final=True)

    planned = idea | linked | assessed

    def __init__(
        self,
        *,
        goals: Derived[Any, tuple[str, ...]],
        adopted: Guard[Any],
        adopted_as: Derived[Any, str] = always(""),  # noqa: B008 - a constant
        catalogue_open: tuple[Guard[Any], ...] = (),
        by: Who = OFFICE,
    ) -> None:
        self.goals = goals
        self.adopted = adopted
        self.adopted_as = adopted_as
        self.catalogue_open = catalogue_open
        self.by = by

    @guard("There is no goal {missing} that a measure could serve.")
    def known_goals(self, ctx: Context[PlanningData], *, goals: tuple[str, ...]) -> bool | No:
        known = self.goals(ctx)
        return next((No(missing=one) for one in goals if one not in known), True)

    @event(idea >> linked, (linked | assessed) >> STAY, by=lambda self: self.by, when=known_goals)
    def link(self, ctx: Context[PlanningData], *, goals: Annotated[tuple[str, ...], MinLen(1)]) -> PlanningData:
        """Say which goals it serves; a second time replaces the first."""
        return evolve(ctx.data, goals=goals)

    @guard("{due} has passed already.")
    def due_ahead(self, ctx: Context[PlanningData], *, due: date | None) -> bool:
        return due is None or due >= ctx.today

    @event(linked >> assessed, assessed >> STAY, by=lambda self: self.by, when=due_ahead)
    def assess(
        self,
        ctx: Context[PlanningData],
        *,
        cost: Euros | None = None,
        due: date | None = None,
        owner: str = "",
    ) -> PlanningData:
        """Assess cost, timeline and responsible unit, at once or one after the other."""
        data = ctx.data
        return evolve(
            data,
            cost=data.cost if cost is None else cost,
            due=due or data.due,
            owner=owner or data.owner,
        )

    @guard("Not known yet: {missing}.")
    def all_is_known(self, ctx: Context[PlanningData]) -> bool | No:
        return not ctx.data.missing or No(missing=ctx.data.missing)

    @event(assessed >> catalogued, by=lambda self: self.by, when=lambda self: (self.all_is_known, *self.catalogue_open))
    def catalogue(self, ctx: Context[PlanningData]) -> None:
        """Put it into the catalogue."""

    @event(catalogued >> assessed, by=lambda self: self.by, when=lambda self: self.catalogue_open)
    def take_out(self, ctx: Context[PlanningData], *, reason: Reason) -> PlanningData:
        """Take it out of the catalogue to assess it anew."""
        return evolve(ctx.data, reason=reason)

    @event(planned >> discarded, by=lambda self: self.by)
    def discard(self, ctx: Context[PlanningData], *, reason: Reason) -> PlanningData:
        """Do not pursue it, and say why.

        What is in the catalogue is taken out first.
        """
        return evolve(ctx.data, reason=reason)

    @event(catalogued >> NEXT, auto=True, when=lambda self: self.adopted)
    def be_adopted(self, ctx: Context[PlanningData]) -> PlanningData:
        """The catalogue has been adopted."""
        return evolve(ctx.data, resolution=self.adopted_as(ctx))

    @invariant("Every measure serves a goal once it is linked.")
    def serves_a_goal(self, ctx: Context[PlanningData]) -> bool:
        """The second half of the trace."""
        return not ctx.case.visited(self.linked) or bool(ctx.data.goals)

    @invariant("What is in the catalogue has a cost, a timeline and an owner.")
    def catalogued_complete(self, ctx: Context[PlanningData]) -> bool:
        """A guard says so where it begins; this, that nothing takes it away."""
        return not ctx.case.is_in(self.catalogued) or not ctx.data.missing

    @invariant("What was discarded has a reason.")
    def discarded_with_reason(self, ctx: Context[PlanningData]) -> bool:
        """Invariant 6."""
        return not ctx.case.is_in(self.discarded) or bool(ctx.data.reason.strip())


__all__ = ["Euros", "Gap", "Origin", "OriginData", "Planning", "PlanningData"]
