"""Goals, each with its origin, and measures, each with its goals: the trace from what was said to what is done."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any, Generic, TypeVar

from attrs import frozen

from progflow import OPEN, START, Case, Cases, Context, Lifecycle, derived, event, guard, invariant, relation
from progflow.programs.city_participation.contribution import BaseContribution, contributions_of
from progflow.programs.city_participation.process import Process
from progflow.states.cancellation import Ending
from progflow.states.implementation import Implementation
from progflow.states.people import OFFICE, Name
from progflow.states.planning import Origin, Planning


@frozen(kw_only=True)
class GoalData:
    """What is to be reached."""

    title: Name


class Goal(Lifecycle[GoalData], parent=Process):
    """A goal of the city.

    It rests on contributions or is marked as the administration's own; nothing else is a goal (assumption).
    """

    @derived
    def contributions(self, ctx: Context[GoalData]) -> tuple[str, ...]:
        """Those that were sorted; what was merged since counts as well."""
        steps = BaseContribution.moderation
        return tuple(case.id for case in contributions_of(ctx).in_(steps.clustered, steps.merged).all())

    @derived
    def serving(self, ctx: Context[GoalData]) -> int:
        """How many measures serve it, those that are done included, those that were given up not."""
        measures: Cases[MeasureData] = ctx.siblings(BaseMeasure)
        kept = (case for case in measures.all() if not case.is_in(BaseMeasure.given_up))
        return sum(ctx.case.id in case[BaseMeasure.planning].goals for case in kept)

    origin = Origin(contributions=contributions, serving=serving)
    ending = Ending(parent=Process, upon=Process.over, of=OPEN - origin.traced)

    @event(START >> origin, by=OFFICE)
    def propose(self, ctx: Context[GoalData], *, goal: GoalData) -> GoalData:
        """Propose a goal."""
        return goal


@frozen(kw_only=True)
class MeasureData:
    """What is to be done."""

    title: Name


M = TypeVar("M", bound=MeasureData)


class BaseMeasure(Lifecycle[M], Generic[M], abstract=True, parent=Process):
    """A measure: an idea that serves a goal, is assessed, catalogued, adopted with the catalogue and carried out.

    The unit that answers for a measure acts in a role of the unit's name: ``Actor("m-1", {Role("parks")})`` reports
    on the measures of the unit ``"parks"`` (assumption). Derive your own to keep more about it.
    """

    @relation("the responsible unit")
    def responsible_unit(self, ctx: Context[M]) -> bool:
        return ctx.case[self.planning].owner in {role.name for role in ctx.actor.roles}

    @derived
    def goals(self, ctx: Context[M]) -> tuple[str, ...]:
        return tuple(case.id for case in ctx.siblings(Goal).in_(Goal.origin.traced).all())

    @derived
    def due(self, ctx: Context[M]) -> date | None:
        return ctx.case[self.planning].due

    @derived
    def resolution(self, ctx: Context[M]) -> str:
        return ctx.parent(Process)[Process.resolution].number

    @guard("The council has not adopted the catalogue.")
    def catalogue_adopted(self, ctx: Context[M]) -> bool:
        return ctx.parent(Process).is_in(Process.evaluation)

    @guard("The catalogue is changed while it is drafted.")
    def being_drafted(self, ctx: Context[M]) -> bool:
        return ctx.parent(Process).is_in(Process.drafting)

    planning = Planning(goals=goals, adopted=catalogue_adopted, adopted_as=resolution, catalogue_open=(being_drafted,))
    implementation = Implementation(due=due, owner=responsible_unit)
    ending = Ending(parent=Process, upon=Process.over)

    given_up = planning.discarded | implementation.discarded | ending

    @event(START >> planning, by=OFFICE)
    def propose(self, ctx: Context[M], *, measure: M) -> M:
        """Propose a measure."""
        return measure

    @invariant("A measure serves goals that have an origin.")
    def goals_have_an_origin(self, ctx: Context[M]) -> bool:
        """Every measure is traced to what was said, or to a goal that is the administration's own."""
        return ctx.case.is_in(self.given_up) or set(ctx.case[self.planning].goals) <= set(self.goals(ctx))


class Measure(BaseMeasure[MeasureData]):
    """A measure of the catalogue."""


def trace_of(measure: Case[Any], goals: Iterable[Case[GoalData]]) -> dict[str, tuple[str, ...]]:
    """From a measure back to what was said: the contributions of each goal that it serves, both by their ids.

    A goal that is the administration's own has none.
    """
    known = {goal.id: goal[Goal.origin].contributions for goal in goals}
    return {goal: known[goal] for goal in measure[BaseMeasure.planning].goals}


__all__ = ["BaseMeasure", "Goal", "GoalData", "Measure", "MeasureData", "trace_of"]
