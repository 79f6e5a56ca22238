"""Every measure serves a goal, and every goal has an origin."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from attrs import frozen

from progflow import (
    SYSTEM,
    Actor,
    Case,
    Command,
    Context,
    Flow,
    Lifecycle,
    PayloadError,
    Program,
    Reason,
    Refused,
    State,
    derived,
    event,
    guard,
)
from progflow.adapters.memory import MemoryStore
from progflow.states.people import OFFICE
from progflow.states.planning import Origin, OriginData, Planning, PlanningData

office, somebody = Actor("office", {OFFICE}), Actor("somebody")


@frozen
class Nothing:
    """No data."""


class Catalogue(Lifecycle[Nothing]):
    """What is adopted, or not."""

    draft = State(initial=True)
    adopted = State(final=True)

    @event(draft >> adopted, by=OFFICE)
    def adopt(self, ctx: Context[Nothing]) -> None:
        """Adopt it."""


class Goal(Lifecycle[Nothing], parent=Catalogue):
    """What is to be reached."""

    @derived
    def contributions(self, ctx: Context[Nothing]) -> tuple[str, ...]:
        return ("c-1", "c-2")

    @derived
    def serving(self, ctx: Context[Nothing]) -> int:
        measures = ctx.siblings(Measure).open().all()
        return sum(ctx.case.id in case[Measure.planning].goals for case in measures)

    origin = Origin(contributions=contributions, serving=serving)


class Measure(Lifecycle[Nothing], parent=Catalogue):
    """What is to be done."""

    under_way = State(final=True)

    @derived
    def goals(self, ctx: Context[Nothing]) -> tuple[str, ...]:
        return tuple(goal.id for goal in ctx.siblings(Goal).in_(Goal.origin.traced).all())

    @guard("The catalogue has not been adopted.")
    def catalogue_adopted(self, ctx: Context[Nothing]) -> bool:
        return ctx.parent(Catalogue).is_in(Catalogue.adopted)

    @guard("The catalogue has been closed.")
    def catalogue_open(self, ctx: Context[Nothing]) -> bool:
        return ctx.parent(Catalogue).is_in(Catalogue.draft)

    planning = Planning(goals=goals, adopted=catalogue_adopted, catalogue_open=(catalogue_open,)).then(under_way)


class Desk:
    """One catalogue."""

    def __init__(self, *more: type[Lifecycle[Nothing]]) -> None:
        program = Program("catalogues", Catalogue, Goal, Measure, *more, zone="Europe/Berlin")
        now = datetime(2019, 7, 1, tzinfo=UTC)
        self.flow = Flow(program, store=MemoryStore(), clock=lambda: now)
        self.catalogue = self.flow.start(Catalogue, Nothing(), actor=SYSTEM)

    def goal(self, *, traced: bool = True, of: type[Goal] = Goal) -> Case[Any]:
        goal = self.flow.start(of, Nothing(), parent=self.catalogue.id, actor=SYSTEM)
        return self.do(goal, Goal.origin.trace(contributions=("c-1",))) if traced else goal

    def measure(self, *, of: type[Measure] = Measure) -> Case[Any]:
        return self.flow.start(of, Nothing(), parent=self.catalogue.id, actor=SYSTEM)

    def catalogued(self, *goals: Case[Any]) -> Case[Any]:
        measure = self.do(self.measure(), Measure.planning.link(goals=tuple(goal.id for goal in goals)))
        self.do(measure, Measure.planning.assess(cost=5000, due=date(2020, 6, 30), owner="parks"))
        return self.do(measure, Measure.planning.catalogue())

    def do(self, case: Case[Any], command: Command[Any], actor: Actor = office) -> Case[Any]:
        return self.flow.fire(case.id, command, actor=actor)

    def said(self, case: Case[Any], command: Command[Any], actor: Actor = office) -> str:
        with pytest.raises(Refused) as refused:
            self.do(case, command, actor)
        return " ".join(reason.text for reason in refused.value.reasons)


def test_a_goal_rests_on_contributions_that_there_are() -> None:
    desk = Desk()
    goal = desk.goal(traced=False)
    assert desk.said(goal, Goal.origin.trace(contributions=("c-1", "c-9"))) == (
        "There is no contribution c-9 that a goal could rest on."
    )
    with pytest.raises(PayloadError, match="contributions"):
        Goal.origin.trace(contributions=())
    desk.do(goal, Goal.origin.trace(contributions=("c-1", "c-1")))
    goal = desk.do(goal, Goal.origin.trace(contributions=("c-2", "c-1")))
    assert (goal.state, goal[Goal.origin].contributions) == (Goal.origin.traced, ("c-1", "c-2"))


def test_a_goal_without_contributions_is_marked_as_the_administrations_own() -> None:
    desk = Desk()
    goal = desk.do(desk.goal(traced=False), Goal.origin.mark_as_own(reason="The law asks for it."))
    assert (goal.state, goal[Goal.origin].own_because) == (Goal.origin.traced, "The law asks for it.")
    goal = desk.do(goal, Goal.origin.trace(contributions=("c-2",)))
    assert goal[Goal.origin].contributions == ("c-2",)


def test_a_goal_is_given_up_only_when_no_measure_serves_it() -> None:
    desk = Desk()
    goal, other = desk.goal(), desk.goal()
    measure = desk.do(desk.measure(), Measure.planning.link(goals=(goal.id,)))
    drop = Goal.origin.drop(reason="It is reached.")
    assert desk.said(goal, drop) == "1 measures serve it."
    desk.do(measure, Measure.planning.link(goals=(other.id,)))
    assert desk.do(goal, drop).state == Goal.origin.dropped


def test_what_a_measure_serves_may_change_while_it_is_assessed() -> None:
    desk = Desk()
    goal, other = desk.goal(), desk.goal()
    measure = desk.do(desk.measure(), Measure.planning.link(goals=(goal.id,)))
    desk.do(measure, Measure.planning.assess(cost=5000))
    measure = desk.do(measure, Measure.planning.link(goals=(other.id,)))
    assert (measure.state, measure[Measure.planning].goals) == (Measure.planning.assessed, (other.id,))


def test_a_measure_serves_goals_that_stand() -> None:
    desk = Desk()
    measure, loose = desk.measure(), desk.goal(traced=False)
    assert desk.said(measure, Measure.planning.link(goals=(loose.id,))) == (
        f"There is no goal {loose.id} that a measure could serve."
    )
    with pytest.raises(PayloadError, match="goals"):
        Measure.planning.link(goals=())
    assert desk.do(measure, Measure.planning.link(goals=(desk.goal().id,))).state == Measure.planning.linked


def test_cost_timeline_and_owner_are_known_before_the_catalogue() -> None:
    desk = Desk()
    measure = desk.do(desk.measure(), Measure.planning.link(goals=(desk.goal().id,)))
    assert not desk.flow.check(measure, Measure.planning.assess(due=date(2019, 7, 1)), actor=office)
    assert desk.said(measure, Measure.planning.assess(due=date(2019, 6, 30))) == "2019-06-30 has passed already."
    desk.do(measure, Measure.planning.assess(cost=0))
    assert desk.said(measure, Measure.planning.catalogue()) == "Not known yet: the timeline, the owner."
    desk.do(measure, Measure.planning.assess(due=date(2020, 6, 30), owner="parks"))
    measure = desk.do(measure, Measure.planning.catalogue())
    assert measure.state == Measure.planning.catalogued
    assert (measure[Measure.planning].cost, measure[Measure.planning].owner) == (0, "parks")


def test_what_is_in_the_catalogue_is_adopted_with_it_and_nothing_else() -> None:
    desk = Desk()
    goal = desk.goal()
    measure, idea = desk.catalogued(goal), desk.measure()
    desk.do(desk.catalogue, Catalogue.adopt())
    assert desk.flow.get(Measure, measure.id).state == Measure.under_way
    assert desk.flow.get(Measure, idea.id).state == Measure.planning.idea


def test_a_measure_is_taken_out_of_the_catalogue_while_it_is_open() -> None:
    desk = Desk()
    measure = desk.catalogued(desk.goal())
    assert desk.said(measure, Measure.planning.discard(reason="Too dear.")).startswith("Not possible in the state")
    measure = desk.do(measure, Measure.planning.take_out(reason="The committee asks for less."))
    assert measure.state == Measure.planning.assessed
    measure = desk.do(measure, Measure.planning.discard(reason="Too dear."))
    assert (measure.state, measure[Measure.planning].reason) == (Measure.planning.discarded, "Too dear.")


def test_only_the_office_plans() -> None:
    desk = Desk()
    goal, measure = desk.goal(), desk.measure()
    assert desk.said(goal, Goal.origin.drop(reason="No."), somebody) == "Only for: programme office."
    assert desk.said(measure, Measure.planning.discard(reason="No."), somebody) == "Only for: programme office."


def test_a_closed_catalogue_takes_nothing_more() -> None:
    desk = Desk()
    measure = desk.do(desk.measure(), Measure.planning.link(goals=(desk.goal().id,)))
    desk.do(measure, Measure.planning.assess(cost=1, due=date(2020, 6, 30), owner="parks"))
    desk.do(desk.catalogue, Catalogue.adopt())
    assert desk.said(measure, Measure.planning.catalogue()) == "The catalogue has been closed."


class LaxPlanning(Planning):
    """Somebody has taken the guard away."""

    @guard("Never said.")
    def all_is_known(self, ctx: Context[PlanningData]) -> bool:
        return True


class LaxOrigin(Origin):
    """Somebody marks goals as the administration's own and does not say why."""

    @event(Origin.proposed >> Origin.traced, by=OFFICE)
    def mark_as_own(self, ctx: Context[OriginData], *, reason: Reason) -> OriginData:
        """Mark it, and forget why."""
        return ctx.data


class LaxMeasure(Measure, name="LaxMeasure"):
    """A measure in the hands of somebody careless."""

    planning = LaxPlanning(goals=Measure.goals, adopted=Measure.catalogue_adopted).then(Measure.under_way)


class LaxGoal(Goal, name="LaxGoal"):
    """A goal in the same hands."""

    origin = LaxOrigin(contributions=Goal.contributions)


def test_guards_that_were_taken_away_still_leave_the_invariants() -> None:
    desk = Desk(LaxGoal, LaxMeasure)
    goal = desk.goal(traced=False, of=LaxGoal)
    assert desk.said(goal, LaxGoal.origin.mark_as_own(reason="The law.")) == (
        "Every goal rests on a contribution or is marked as the administration's own."
    )
    measure = desk.do(desk.measure(of=LaxMeasure), LaxMeasure.planning.link(goals=(desk.goal().id,)))
    desk.do(measure, LaxMeasure.planning.assess(cost=1))
    assert desk.said(measure, LaxMeasure.planning.catalogue()) == (
        "What is in the catalogue has a cost, a timeline and an owner."
    )
