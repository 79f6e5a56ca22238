"""The participation process of Zeitz as it was, and what else may come between."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from inspect import signature
from pathlib import Path

import pytest

from city_participation_stage import (
    BERLIN,
    DRAFT,
    IDEAS,
    KICKOFF,
    RESOLVED,
    SWOT,
    Stage,
    citizen,
    clerk,
    committee,
    council,
    head,
    moderator,
    office,
    parks,
)
from coverage_of import Coverage
from progflow import Actor, PayloadError
from progflow.adapters.memory import MemoryStore
from progflow.adapters.sqlalchemy import SQLAlchemyStore
from progflow.programs.city_participation import (
    CITIZENS,
    STAFF,
    Channel,
    Contribution,
    ContributionData,
    Goal,
    Group,
    Kind,
    Measure,
    Photo,
    PhotoData,
    Process,
    Survey,
    SurveyData,
    Workshop,
    WorkshopData,
    authors_of,
    city_participation,
    compare_views,
    trace_of,
)
from progflow.states.contribution import Quadrant
from progflow.states.implementation import Obstacle


@pytest.fixture
def stage() -> Stage:
    return Stage()


def survey(stage: Stage, until: date) -> str:
    data = SurveyData(title="All households", households=2000)
    case = stage.flow.start(Survey.prepare(survey=data), parent=stage.process_id, actor=office)
    stage.do(case, Survey.call.publish(deadline=until))
    return case.id


# -- the history of Zeitz ------------------------------------------------------------------------------------------


def play_zeitz(stage: Stage) -> None:
    """What was published of it, on its days; the people and the contents are invented."""
    stage.go(Process.kickoff.plan(on=date(2018, 11, 13)))
    stage.go(Process.kickoff.move_day(on=KICKOFF, reason="The hall is closed."))
    stage.on(KICKOFF)
    stage.go(Process.kickoff.hold())
    survey_id = survey(stage, date(2019, 1, 4))
    reply = stage.contribute("Too few trees.", channel=Channel.SURVEY)
    stage.on(date(2019, 1, 5))
    stage.do(survey_id, Survey.count(replies=520))
    stage.announce(Kind.SWOT, STAFF, SWOT)
    stage.announce(Kind.SWOT, CITIZENS, SWOT)
    stage.on(SWOT)
    for workshop in stage.flow.cases(Workshop).in_(Workshop.gathering.announced).all():
        stage.do(workshop, Workshop.gathering.hold(participants=60 if workshop.data.groups == (STAFF,) else 9))
    stage.go(Process.collect_ideas())
    ideas = [stage.announce(Kind.IDEAS, "", day) for day in (date(2019, 3, 3), date(2019, 3, 4))]
    for workshop, day in zip(ideas, (IDEAS, date(2019, 3, 5)), strict=True):
        stage.on(day)
        stage.do(workshop, Workshop.gathering.hold(participants=12))
        correct = Workshop.gathering.correct_day(on=day, source="gazette 04/2019", reason="3 March was a Sunday.")
        stage.do(workshop, correct)
    stage.do(ideas[-1], Workshop.gathering.correct_turnout(participants=13, reason="A late arrival was left out."))
    for number in range(13):
        stage.hold(Kind.FORUM, CITIZENS, date(2019, 3, 11) + timedelta(weeks=number), 12 if number == 0 else 9)
    stage.hold(Kind.IDEAS, "", date(2019, 6, 18), 14)
    stage.go(Process.draft())
    measure = stage.catalogued(stage.goal(stage.cluster(reply)))
    stage.on(DRAFT)
    stage.go(Process.publish(report="draft of 17.10."))
    stage.on(date(2019, 11, 11))
    stage.go(Process.submit())
    for name, day in (("urban development", date(2019, 11, 11)), ("main committee", date(2019, 12, 5))):
        stage.on(day)
        stage.go(Process.resolution.recommend(committee=name, number=f"C-{day:%m%d}"), committee)
    stage.on(RESOLVED)
    stage.go(Process.resolution.adopt(number="R-2019-12"), council)
    stage.do(measure, Measure.implementation.begin(), parks)
    stage.on(date(2020, 11, 12))
    stage.go(Process.evaluation.hold(on=date(2020, 11, 12)))
    stage.go(Process.evaluation.document(record="E-1"))


@pytest.mark.parametrize("store", ["memory", "sqlite"])
def test_the_published_history_replays_on_its_days(store: str, tmp_path: Path) -> None:
    sqlite = SQLAlchemyStore(f"sqlite:///{tmp_path / 'zeitz.db'}") if store == "sqlite" else None
    stage = Stage(sqlite or MemoryStore())
    play_zeitz(stage)
    assert [(f"{entry.at:%d.%m.%Y}", entry.after) for entry in stage.flow.history(stage.process)] == [
        ("01.10.2018", "kickoff.awaited"),
        ("01.10.2018", "kickoff.awaited"),
        ("01.10.2018", "kickoff.awaited"),
        ("20.11.2018", "analysis"),
        ("23.01.2019", "idea_workshops"),
        ("18.06.2019", "drafting"),
        ("17.10.2019", "published"),
        ("11.11.2019", "resolution.in_committee"),
        ("11.11.2019", "resolution.in_committee"),
        ("05.12.2019", "resolution.in_committee"),
        ("12.12.2019", "evaluation.ahead"),
        ("12.11.2020", "evaluation.held"),
        ("12.11.2020", "evaluation.documented"),
    ]
    resolution = stage.process[Process.resolution]
    assert [vote.on for vote in resolution.votes] == [date(2019, 11, 11), date(2019, 12, 5)]
    assert (resolution.decided_on, resolution.number) == (RESOLVED, "R-2019-12")
    assert stage.flow.cases(Survey).one().data.replies == 520
    forums = stage.flow.cases(Workshop).where(kind=Kind.FORUM).in_(Workshop.took_place).all()
    assert (len(forums), sum(case[Workshop.gathering].participants or 0 for case in forums)) == (13, 120)
    closing = next(entry for entry in stage.flow.history(stage.flow.cases(Survey).one()) if entry.event == "call.close")
    assert closing.at == datetime(2019, 1, 5, tzinfo=BERLIN)
    if sqlite is not None:
        sqlite.dispose()


def test_trap_6_sources_that_contradict_each_other_leave_both_days_and_the_reason(stage: Stage) -> None:
    play_zeitz(stage)
    changes = [case[Workshop.gathering].moves for case in stage.flow.cases(Workshop).where(kind=Kind.IDEAS).all()]
    assert [(one.before, one.after, one.source) for change in changes for one in change] == [
        (date(2019, 3, 3), date(2019, 3, 4), "gazette 04/2019"),
        (date(2019, 3, 4), date(2019, 3, 5), "gazette 04/2019"),
    ]


def test_every_measure_is_traced_to_what_somebody_said(stage: Stage) -> None:
    play_zeitz(stage)
    measure = stage.flow.cases(Measure).one()
    goals = stage.flow.cases(Goal).all()
    reply = stage.flow.cases(Contribution).where(channel=Channel.SURVEY).one()
    assert trace_of(measure, goals) == {goals[0].id: (reply.id,)}


# -- collecting ----------------------------------------------------------------------------------------------------


def test_the_process_begins_with_the_kickoff_and_not_before(stage: Stage) -> None:
    workshop = stage.announce(Kind.SWOT, STAFF, date(2018, 10, 2))
    stage.on(date(2018, 10, 2))
    assert stage.said(workshop, Workshop.gathering.hold(participants=9)) == "The process is not at this step."
    assert stage.state == "kickoff.awaited"
    stage.to_analysis()
    assert stage.state == "analysis"


def test_staff_and_citizens_are_both_heard(stage: Stage) -> None:
    stage.to_analysis()
    assert stage.said(stage.process_id, Process.collect_ideas()) == (
        "No workshop of this kind has been held yet for: staff."
    )
    stage.hold(Kind.SWOT, STAFF, SWOT)
    assert stage.said(stage.process_id, Process.collect_ideas()) == (
        "No workshop of this kind has been held yet for: citizens."
    )
    stage.hold(Kind.SWOT, CITIZENS, date(2019, 1, 24))
    assert stage.go(Process.collect_ideas()) == "idea_workshops"


def test_one_workshop_for_everybody_hears_both_groups(stage: Stage) -> None:
    stage.to_analysis()
    stage.hold(Kind.SWOT, "", SWOT)
    assert stage.go(Process.collect_ideas()) == "idea_workshops"


def test_what_was_announced_is_held_moved_or_cancelled_before_it_goes_on(stage: Stage) -> None:
    stage.to_analysis()
    stage.hold(Kind.SWOT, "", SWOT)
    extra = stage.announce(Kind.SWOT, CITIZENS, date(2019, 1, 30))
    stage.announce(Kind.IDEAS, CITIZENS, IDEAS)
    assert stage.said(stage.process_id, Process.collect_ideas()) == "SWOT citizens is still ahead."
    stage.do(extra, Workshop.gathering.move_day(on=date(2019, 2, 1), reason="The hall is closed."))
    assert stage.said(stage.process_id, Process.collect_ideas()) == "SWOT citizens is still ahead."
    stage.do(extra, Workshop.gathering.cancel(reason="Nobody can come."))
    assert stage.go(Process.collect_ideas()) == "idea_workshops"
    assert stage.said(stage.process_id, Process.draft()) == (
        "No idea workshop has been held. IDEAS citizens is still ahead."
    )


def test_a_workshop_is_announced_for_a_day_to_come(stage: Stage) -> None:
    plan = stage.announce(Kind.FORUM, CITIZENS, date(2018, 10, 1)).data
    stage.on(date(2018, 10, 2))
    refused = stage.flow.check(Workshop.announce(workshop=plan), parent=stage.process_id, actor=office)
    assert [reason.text for reason in refused] == ["2018-10-01 has passed already."]


def test_a_low_turnout_of_citizens_holds_the_process_until_there_is_an_extra_forum(stage: Stage) -> None:
    stage.to_analysis()
    stage.hold(Kind.SWOT, STAFF, SWOT, 3)
    few = stage.hold(Kind.SWOT, CITIZENS, SWOT, 5)
    assert few.state == Workshop.gathering.poorly_attended
    assert stage.said(stage.process_id, Process.collect_ideas()) == (
        "Few people came to SWOT citizens: call an extra forum, or say why they are enough."
    )
    call = Workshop.call_extra_forum(title="Forum in the park", on=date(2019, 2, 6))
    assert stage.do(few, call).state == Workshop.made_up
    extra = stage.flow.cases(Workshop).where(title="Forum in the park").one()
    assert extra.links == {"instead_of": few.id}
    assert stage.said(stage.process_id, Process.collect_ideas()) == "Forum in the park is still ahead."
    stage.on(date(2019, 2, 6))
    stage.do(extra, Workshop.gathering.hold(participants=25))
    assert stage.go(Process.collect_ideas()) == "idea_workshops"


def test_a_low_turnout_may_be_enough_for_a_reason(stage: Stage) -> None:
    stage.to_analysis()
    few = stage.hold(Kind.SWOT, "", SWOT, 7)
    assert stage.said(few, Workshop.call_extra_forum(title="Forum", on=date(2019, 1, 22))) == (
        "2019-01-22 has passed already."
    )
    stage.do(few, Workshop.gathering.accept_turnout(reason="All quarters were there."))
    assert stage.go(Process.collect_ideas()) == "idea_workshops"


def test_a_process_knows_its_groups_and_asks_each_of_them() -> None:
    groups = (Group(CITIZENS), Group("youth", fewest=5), Group("old age"))
    stage = Stage(groups=groups)
    stage.to_analysis()
    staff = WorkshopData(title="Staff", kind=Kind.SWOT, groups=(STAFF,), on=SWOT)
    refused = stage.flow.check(Workshop.announce(workshop=staff), parent=stage.process_id, actor=office)
    assert [reason.text for reason in refused] == ["staff is none of the groups of this process."]
    assert stage.unwelcome(ContributionData(text="Benches.", group=STAFF)) == (
        "staff is none of the groups of this process."
    )
    stage.hold(Kind.SWOT, CITIZENS, SWOT, 0)
    assert stage.hold(Kind.SWOT, "youth", SWOT, 4).state == Workshop.gathering.poorly_attended
    assert "No workshop of this kind has been held yet for: old age." in stage.said(
        stage.process_id, Process.collect_ideas()
    )
    assert stage.contribute("Benches.", "youth").data.group == "youth"


def test_the_survey_closes_by_itself_and_the_process_waits_for_it(stage: Stage) -> None:
    survey_id = survey(stage, date(2019, 1, 24))
    stage.to_analysis()
    stage.hold(Kind.SWOT, "", SWOT)
    assert stage.said(stage.process_id, Process.collect_ideas()) == "The survey is not closed."
    move = Survey.call.move_deadline(deadline=date(2019, 1, 25), reason="Snow.")
    stage.do(survey_id, move)
    stage.on(date(2019, 1, 25), hour=23)
    assert stage.flow.get(Survey, survey_id).state == Survey.call.open
    stage.on(date(2019, 1, 26))
    assert stage.said(survey_id, Survey.count(replies=2001)) == "2001 replies are more than households that were asked."
    assert not stage.flow.check(survey_id, Survey.count(replies=2000), actor=office)
    assert stage.do(survey_id, Survey.count(replies=520)).state == Survey.counted
    assert stage.go(Process.collect_ideas()) == "idea_workshops"


# -- contributions -------------------------------------------------------------------------------------------------


def test_a_reply_to_the_survey_counts_by_the_day_on_which_it_was_given(stage: Stage) -> None:
    reply = ContributionData(text="Benches.", group=CITIZENS, channel=Channel.SURVEY)
    assert stage.unwelcome(reply) == "The survey was not open on 2018-10-01."
    survey(stage, date(2018, 10, 5))
    stage.contribute("Benches.", channel=Channel.SURVEY)
    stage.on(date(2018, 10, 8))
    assert stage.unwelcome(reply) == "The survey was not open on 2018-10-08."
    stage.contribute("On paper.", channel=Channel.SURVEY, said_on=date(2018, 10, 5), actor=office, anonymous=True)


def test_a_contribution_is_not_dated_ahead_and_not_taken_once_the_committees_have_the_draft(stage: Stage) -> None:
    ahead = ContributionData(text="Benches.", group=CITIZENS, said_on=date(2018, 10, 2))
    assert stage.unwelcome(ahead) == "What was said is written down on that day or later."
    for given, kept in ((None, 1), (date(2018, 10, 1), 1), (date(2018, 9, 30), 30)):
        case = stage.cluster(stage.contribute("Benches.", said_on=given))
        assert case.data.said_on.day == kept
    stage.to_resolution()
    late = ContributionData(text="Benches.", group=CITIZENS)
    assert stage.unwelcome(late) == "Contributions are taken until the draft goes before the committees."


def test_whoever_wishes_to_be_unknown_is_nowhere_in_the_record(stage: Stage) -> None:
    unknown = ContributionData(text="Benches.", group=STAFF, anonymous=True)
    assert stage.unwelcome(unknown, clerk).startswith("Whoever enters a contribution is kept in its history")
    named = ContributionData(text="Benches.", group=STAFF, anonymous=True, person="staff-1")
    assert stage.unwelcome(named, moderator) == "Of somebody who wishes to be unknown no id is given."
    case = stage.contribute("Benches.", STAFF, moderator, anonymous=True)
    assert (case.data.person, case.data.group) == (None, STAFF)
    assert authors_of(case)[0].person is None


def test_only_moderator_and_office_write_down_what_others_said(stage: Stage) -> None:
    other = ContributionData(text="Benches.", group=CITIZENS, person="citizen-2")
    assert stage.unwelcome(other).startswith("Only the moderator and the office")
    assert stage.contribute("Benches.", actor=moderator, person="citizen-2").data.person == "citizen-2"
    assert stage.contribute("Benches.").data.person == "citizen-1"


def test_a_contribution_is_sorted_moved_merged_or_rejected(stage: Stage) -> None:
    steps = Contribution.moderation
    first = stage.cluster(stage.contribute("Trees."), votes=4)
    second = stage.cluster(stage.contribute("More trees.", STAFF, clerk), votes=3)
    assert "zoo is none of the topics" in stage.said(
        first, steps.move(quadrant=Quadrant.THREAT, topic="zoo", reason="It is."), moderator
    )
    stage.do(first, steps.move(quadrant=Quadrant.THREAT, topic="parks", reason="It is."), moderator)
    stage.do(second, steps.merge(into=first.id), moderator)
    merged = stage.now_of(first)
    assert merged[steps].votes == 7
    assert [author.group for author in authors_of(merged)] == ["citizens", "staff"]
    rejected = stage.do(stage.contribute("…"), steps.reject(reason="It says nothing."), moderator)
    assert rejected.state == steps.rejected


def test_the_views_of_the_groups_are_compared(stage: Stage) -> None:
    stage.cluster(stage.contribute("Few trees."), Quadrant.WEAKNESS, "parks", 2)
    stage.cluster(stage.contribute("Nice parks.", STAFF, clerk), Quadrant.STRENGTH, "parks")
    busy = stage.cluster(stage.contribute("A lively market."), Quadrant.STRENGTH, "market", 1)
    also = stage.cluster(stage.contribute("A busy market.", STAFF, clerk), Quadrant.STRENGTH, "market", 4)
    stage.do(also, Contribution.moderation.merge(into=busy.id), moderator)
    stage.contribute("Not sorted yet.")
    seen = compare_views(stage.flow.cases(Contribution).all())
    assert [(view.topic, view.quadrant.value, dict(view.voices)) for view in seen.views] == [
        ("market", "strength", {"staff": 1, "citizens": 1}),
        ("parks", "strength", {"staff": 1, "citizens": 0}),
        ("parks", "weakness", {"staff": 0, "citizens": 1}),
    ]
    assert [view.votes for view in seen.views] == [5, 0, 2]
    assert [view.topic for view in seen.shared] == ["market"]
    assert [view.quadrant for view in seen.only("citizens")] == [Quadrant.WEAKNESS]
    assert seen.contested == ("parks",)
    assert compare_views(()).views == ()


# -- goals, measures, draft ----------------------------------------------------------------------------------------


def test_goals_rest_on_sorted_contributions_and_measures_on_goals(stage: Stage) -> None:
    stage.to_drafting()
    goal, measure = stage.goal(), stage.measure()
    assert stage.said(goal, Goal.origin.trace(contributions=("c-1",))) == (
        "There is no contribution c-1 that a goal could rest on."
    )
    stage.do(measure, Measure.planning.link(goals=(goal.id,)))
    assert stage.said(goal, Goal.origin.drop(reason="Reached.")) == "1 measures serve it."
    stage.do(measure, Measure.planning.discard(reason="Too dear."))
    assert stage.do(goal, Goal.origin.drop(reason="Reached.")).state == Goal.origin.dropped


def test_the_draft_is_published_when_all_is_sorted_and_something_is_in_the_catalogue(stage: Stage) -> None:
    stage.to_ideas()
    late = stage.contribute("Late, but in time.")
    stage.hold(Kind.IDEAS, "", IDEAS)
    stage.go(Process.draft())
    assert stage.said(stage.process_id, Process.publish(report="D-1")) == (
        "1 contributions have not been sorted. There is no measure in the catalogue."
    )
    measure = stage.catalogued(stage.goal(stage.cluster(late)))
    assert stage.go(Process.publish(report="D-1")) == "published"
    assert stage.process.data.report == "D-1"
    assert stage.said(measure, Measure.planning.take_out(reason="No.")) == (
        "The catalogue is changed while it is drafted."
    )
    stage.go(Process.revise())
    stage.do(measure, Measure.planning.take_out(reason="The cost is wrong."))
    stage.do(measure, Measure.planning.assess(cost=30_000))
    stage.do(measure, Measure.planning.catalogue())
    assert stage.go(Process.publish(report="D-2")) == "published"


def test_the_draft_is_public_for_a_while_before_it_goes_before_the_committees(stage: Stage) -> None:
    stage.to_published()
    stage.on(date(2019, 10, 31))
    assert stage.said(stage.process_id, Process.submit()) == "The draft is public until 2019-10-31."
    comment = stage.contribute("The draft forgets the market.")
    stage.on(date(2019, 11, 1))
    assert stage.said(stage.process_id, Process.submit()) == "1 contributions have not been sorted."
    stage.cluster(comment, topic="market")
    assert stage.go(Process.submit()) == "resolution.in_committee"


# -- committees and council ----------------------------------------------------------------------------------------


def test_only_the_council_adopts_and_only_after_the_committees(stage: Stage) -> None:
    measure = stage.to_resolution()
    adopt = Process.resolution.adopt(number="R-1")
    assert stage.said(stage.process_id, adopt, office) == "Only for: council."
    assert stage.said(stage.process_id, adopt, council) == "Not yet heard: urban development, main committee."
    stage.recommend()
    assert stage.now_of(measure).state == Measure.planning.catalogued
    assert stage.go(adopt, council) == "evaluation.ahead"
    assert stage.now_of(measure).state == Measure.implementation.waiting


def test_what_is_referred_back_is_drafted_anew_and_goes_through_all_committees_again(stage: Stage) -> None:
    measure = stage.to_resolution()
    stage.recommend("urban development")
    assert stage.go(Process.resolution.refer_back(reason="The costs."), council) == "resolution.referred_back"
    assert stage.go(Process.revise()) == "drafting"
    stage.do(measure, Measure.planning.take_out(reason="The costs."))
    stage.do(measure, Measure.planning.assess(cost=10_000))
    stage.do(measure, Measure.planning.catalogue())
    stage.go(Process.publish(report="D-2"))
    stage.on(date(2019, 12, 5))
    stage.go(Process.submit())
    assert stage.said(stage.process_id, Process.resolution.adopt(number="R-1"), council) == (
        "Not yet heard: urban development, main committee."
    )
    stage.recommend()
    assert stage.go(Process.resolution.adopt(number="R-1"), council) == "evaluation.ahead"


def test_what_is_referred_back_may_come_again_as_it_is(stage: Stage) -> None:
    stage.to_resolution()
    stage.go(Process.resolution.refer_back(reason="Not on this agenda."), committee)
    assert stage.go(Process.resolution.bring_again()) == "resolution.in_committee"


def test_the_council_may_wait_for_the_budget(stage: Stage) -> None:
    stage.to_resolution()
    stage.go(Process.resolution.defer(reason="The budget is open.", until=date(2020, 1, 15)), council)
    stage.on(date(2020, 1, 15))
    assert stage.state == "resolution.in_committee"


def test_what_the_council_rejects_ends_with_all_that_belongs_to_it(stage: Stage) -> None:
    measure = stage.to_resolution()
    take = Photo.take(photo=PhotoData(file="F-1", people=("anna",)))
    loose = stage.flow.start(take, parent=stage.process_id, actor=office)
    forum = stage.announce(Kind.FORUM, "", date(2020, 1, 9))
    stage.recommend()
    reject = Process.resolution.reject(number="R-1", reason="No majority.")
    assert stage.go(reject, council) == "resolution.rejected"
    assert stage.now_of(measure).state == Measure.ending.ended
    assert stage.now_of(loose).state == Photo.ending.ended
    assert stage.now_of(forum).state == Workshop.ending.ended


# -- carrying out and looking back ---------------------------------------------------------------------------------


def test_a_measure_is_carried_out_by_its_unit_deferred_for_lack_of_funds_and_done(stage: Stage) -> None:
    measure, steps = stage.to_evaluation(), Measure.implementation
    assert stage.said(measure, steps.begin(), citizen) == "Only for: the responsible unit, programme office."
    stage.do(measure, steps.begin(), parks)
    stage.do(measure, steps.report(percent=30), parks)
    stage.do(measure, steps.defer(obstacle=Obstacle.FUNDS, reason="No budget.", until=date(2021, 1, 4)), parks)
    stage.on(date(2021, 1, 4))
    assert stage.now_of(measure)[steps].overdue_since == date(2020, 10, 31)
    stage.do(measure, steps.move_deadline(due=date(2021, 5, 31), reason="The budget came late."))
    stage.do(measure, steps.begin(), parks)
    assert stage.do(measure, steps.finish(), parks).state == steps.done


def test_a_measure_that_cannot_be_done_is_given_up_by_the_head(stage: Stage) -> None:
    measure = stage.to_evaluation()
    give_up = Measure.implementation.discard(reason="The site was sold.")
    assert stage.said(measure, give_up, office) == "Only for: head of administration."
    assert stage.do(measure, give_up, head).state == Measure.implementation.discarded


def test_the_evaluation_is_due_every_year_and_said_to_be_missed_when_nobody_holds_it(stage: Stage) -> None:
    stage.to_evaluation()
    stage.on(date(2020, 12, 12))
    assert stage.state == "evaluation.ahead"
    stage.on(date(2020, 12, 13))
    assert stage.state == "evaluation.due"
    assert stage.go(Process.evaluation.invite(on=date(2021, 1, 20))) == "evaluation.invited"
    stage.on(date(2021, 2, 7))
    assert stage.state == "evaluation.missed"
    stage.on(date(2021, 3, 8))
    assert stage.state == "evaluation.escalated"
    stage.go(Process.evaluation.hold(on=date(2021, 3, 8)))
    assert stage.go(Process.evaluation.document()) == "evaluation.documented"
    stage.on(date(2022, 3, 9))
    assert stage.state == "evaluation.due"


def test_an_evaluation_may_lead_to_a_new_catalogue_on_which_the_council_resolves_anew(stage: Stage) -> None:
    first = stage.to_evaluation()
    stage.on(date(2020, 11, 12))
    stage.go(Process.evaluation.hold(on=date(2020, 11, 12)))
    stage.go(Process.evaluation.document())
    assert stage.go(Process.revise()) == "drafting"
    assert stage.now_of(first).state == Measure.implementation.waiting
    second = stage.catalogued(due=date(2022, 12, 31), title="Benches")
    stage.go(Process.publish(report="D-2"))
    stage.on(date(2020, 12, 1))
    stage.go(Process.submit())
    stage.recommend()
    stage.go(Process.resolution.adopt(number="R-2020-12"), council)
    assert stage.now_of(second).state == Measure.implementation.waiting
    assert [stage.now_of(one)[Measure.planning].resolution for one in (first, second)] == ["R-2019-12", "R-2020-12"]
    assert stage.process[Process.resolution].round == 2
    assert stage.state == "evaluation.ahead"


def test_the_process_ends_when_every_measure_is_done_or_given_up(stage: Stage) -> None:
    measure = stage.to_evaluation()
    stage.on(date(2020, 9, 1))
    kept = stage.flow.cases(Workshop).all()[0]
    idea = stage.measure(title="An idea that came too late")
    assert stage.said(stage.process_id, Process.end()) == "1 measures are not done yet."
    stage.do(measure, Measure.implementation.begin(), parks)
    stage.do(measure, Measure.implementation.finish(), parks)
    assert stage.go(Process.end()) == "ended"
    assert stage.now_of(idea).state == Measure.ending.ended
    assert stage.now_of(kept).state == Workshop.gathering.held


def test_cancelling_takes_along_what_is_under_way_and_leaves_what_may_rest(stage: Stage) -> None:
    survey_id = survey(stage, date(2018, 12, 31))
    open_one, sorted_one = stage.contribute("Trees."), stage.cluster(stage.contribute("Benches."))
    proposal = stage.flow.start(Goal.propose(goal=stage.goal(sorted_one).data), parent=stage.process_id, actor=office)
    assert stage.go(Process.cancellation.cancel(reason="A new council."), head) == "cancellation.cancelled"
    assert stage.flow.get(Survey, survey_id).state == Survey.ending.ended
    assert stage.now_of(open_one).state == Contribution.ending.ended
    assert stage.now_of(sorted_one).state == Contribution.moderation.clustered
    assert stage.now_of(proposal).state == Goal.ending.ended


# -- photos --------------------------------------------------------------------------------------------------------


def test_a_photo_is_shown_while_everybody_in_it_consents(stage: Stage) -> None:
    steps, anna = Photo.consent, Actor("anna")
    take = Photo.take(photo=PhotoData(file="F-1", people=("anna", "ben")))
    photo = stage.flow.start(take, parent=stage.process_id, actor=office)
    stage.do(photo, steps.give(), anna)
    assert stage.said(photo, Photo.publish()).startswith("Not possible in the state")
    stage.do(photo, steps.record(person="ben", document="D-7"))
    assert stage.do(photo, Photo.publish()).state == Photo.published
    assert stage.do(photo, steps.withdraw(), anna).state == steps.withdrawn


def test_a_photo_may_be_refused_on_paper(stage: Stage) -> None:
    take = Photo.take(photo=PhotoData(file="F-2", people=("ben",)))
    photo = stage.flow.start(take, parent=stage.process_id, actor=office)
    assert stage.do(photo, Photo.consent.record_withdrawal(person="ben")).state == Photo.consent.withdrawn


# -- all of it -----------------------------------------------------------------------------------------------------


def test_a_reason_is_never_blank() -> None:
    with pytest.raises(PayloadError, match="must not be blank"):
        Process.resolution.reject(number="R-1", reason=" ")
    with pytest.raises(PayloadError, match="must not be blank"):
        Process.cancellation.cancel(reason="")


def test_every_event_fires_and_every_end_is_reached_in_these_stories() -> None:
    coverage = Coverage()
    stories: list[Callable[[Stage], None]] = [
        story
        for name, story in globals().items()
        if name.startswith("test_") and list(signature(story).parameters) == ["stage"]
    ]
    for story in stories:
        story(Stage(coverage=coverage))
    assert len(stories) > 20
    assert coverage.missing(city_participation) == []
