"""A city makes the participation process its own: a field, a rule, a phase, a bound."""

from __future__ import annotations

from datetime import date

from attrs import frozen

from city_participation_stage import COMMITTEES, SWOT, Stage, citizen, committee, council, moderator, office
from progflow import NEXT, Context, No, Program, event, guard
from progflow.programs.city_participation import (
    BOTH,
    CITIZENS,
    STAFF,
    BaseContribution,
    BaseMeasure,
    Channel,
    ContributionData,
    Goal,
    Group,
    Kind,
    MeasureData,
    Photo,
    Process,
    ProcessData,
    Rules,
    Survey,
    Workshop,
    compare_views,
)
from progflow.states.contribution import Quadrant
from progflow.states.people import OFFICE
from progflow.states.resolution import Resolution


@frozen(kw_only=True)
class OurContributionData(ContributionData):
    quarter: str


class OurContribution(BaseContribution[OurContributionData], name="Contribution"):
    """We want to know the quarter, and take nothing from outside."""

    @guard("{quarter} is no quarter of ours.")
    def stays_unknown(self, ctx: Context[OurContributionData], *, contribution: OurContributionData) -> bool | No:
        return contribution.quarter != "elsewhere" or No(quarter=contribution.quarter)


@frozen(kw_only=True)
class OurMeasureData(MeasureData):
    climate: bool = False


class OurMeasure(BaseMeasure[OurMeasureData], name="Measure"):
    """We keep whether a measure serves the climate."""


class OurProcess(Process, name="Process"):
    """With us the committees have no order, and one workshop for staff is enough."""

    resolution = Resolution(committees=Process.committees, in_order=False).then(NEXT)

    @guard("Staff has not been heard.")
    def every_group_heard(self, ctx: Context[ProcessData]) -> bool:
        found = ctx.children(Workshop).in_(Workshop.took_place)
        return any(case.data.is_for(STAFF) for case in found.where(kind=Kind.SWOT).all())


ours = Program(
    "city-participation", OurProcess, Workshop, Survey, OurContribution, Goal, OurMeasure, Photo, zone="Europe/Berlin"
)


def our_stage(*groups: Group) -> Stage:
    return Stage(
        program=ours, process=OurProcess, contribution=OurContribution, measure=OurMeasure, groups=groups or BOTH
    )


def said(quarter: str) -> OurContributionData:
    return OurContributionData(text="Benches.", group=CITIZENS, channel=Channel.OTHER, quarter=quarter)


def test_an_own_field_comes_in_with_the_contribution_and_is_kept_through_all_that_is_inherited() -> None:
    stage = our_stage()
    contribute = OurContribution.contribute(contribution=said("old town"))
    case = stage.flow.start(contribute, parent=stage.process_id, actor=citizen)
    stage.cluster(case, Quadrant.STRENGTH, "market")
    found = stage.flow.cases(OurContribution).where(quarter="old town").one()
    assert (found.data.quarter, found.data.person) == ("old town", "citizen-1")
    assert [view.topic for view in compare_views([found]).views] == ["market"]


def test_an_overridden_guard_speaks_where_the_inherited_event_asks() -> None:
    stage = our_stage()
    contribute = OurContribution.contribute(contribution=said("elsewhere"))
    refused = stage.flow.check(contribute, parent=stage.process_id, actor=citizen)
    assert [reason.text for reason in refused] == ["elsewhere is no quarter of ours."]


def test_an_own_rule_of_the_process_and_a_replaced_phase() -> None:
    stage = our_stage()
    stage.to_analysis()
    stage.hold(Kind.SWOT, STAFF, SWOT)
    assert stage.go(OurProcess.collect_ideas()) == "idea_workshops"
    stage.hold(Kind.IDEAS, "", date(2019, 3, 4))
    stage.go(OurProcess.draft())
    goal = stage.goal(
        stage.cluster(
            stage.flow.start(
                OurContribution.contribute(contribution=said("old town")), parent=stage.process_id, actor=citizen
            )
        )
    )
    propose = OurMeasure.propose(measure=OurMeasureData(title="Plant trees", climate=True))
    measure = stage.flow.start(propose, parent=stage.process_id, actor=office)
    stage.do(measure, OurMeasure.planning.link(goals=(goal.id,)))
    stage.do(measure, OurMeasure.planning.assess(cost=1, due=date(2020, 1, 1), owner="parks"))
    stage.do(measure, OurMeasure.planning.catalogue())
    stage.go(OurProcess.publish(report="D-1"))
    stage.on(date(2019, 11, 11))
    stage.go(OurProcess.submit())
    for name in reversed(COMMITTEES):
        stage.go(OurProcess.resolution.recommend(committee=name, number=name), committee)
    assert stage.go(OurProcess.resolution.adopt(number="R-1"), council) == "evaluation.ahead"
    adopted = stage.flow.get(OurMeasure, measure.id)
    assert (adopted.state, adopted.data.climate) == (OurMeasure.implementation.waiting, True)


def test_the_bounds_are_those_of_the_process() -> None:
    stage = our_stage(Group(STAFF, fewest=2), Group(CITIZENS))
    stage.to_analysis()
    assert stage.hold(Kind.SWOT, STAFF, SWOT, 1).state == Workshop.gathering.poorly_attended
    assert stage.hold(Kind.SWOT, CITIZENS, SWOT, 0).state == Workshop.gathering.held
    plain = Stage(rules=Rules(evaluation_months=6))
    plain.to_evaluation()
    plain.on(date(2020, 6, 12))
    assert plain.state == "evaluation.ahead"
    plain.on(date(2020, 6, 13))
    assert plain.state == "evaluation.due"


def test_nobody_sorts_a_contribution_of_their_own() -> None:
    stage = our_stage()
    own = stage.flow.start(
        OurContribution.contribute(contribution=said("old town")), parent=stage.process_id, actor=moderator
    )
    assert stage.said(own, OurContribution.moderation.moderate(), moderator).startswith("Only for: moderator")


class Hasty(Process, name="Process"):
    """Somebody would like to do without the council."""

    @event(Process.analysis >> Process.evaluation, by=OFFICE)
    def just_begin(self, ctx: Context[ProcessData]) -> None:
        """Just begin."""


def test_an_own_event_does_not_get_past_the_council() -> None:
    kinds = (Hasty, Workshop, Survey, OurContribution, Goal, OurMeasure, Photo)
    stage = Stage(
        program=Program("city-participation", *kinds, zone="Europe/Berlin"),
        process=Hasty,
        contribution=OurContribution,
        measure=OurMeasure,
    )
    stage.to_analysis()
    assert stage.said(stage.process_id, Hasty.just_begin()) == (
        "Nothing is carried out without a resolution of the council."
    )
