"""The cross-mentoring of Köln and Düsseldorf: the edition of 2022 as a story, and every way off the straight path."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from cross_mentoring_stage import (
    BERLIN,
    CLOSING,
    KICKOFF,
    KOELN,
    PAIRS,
    PANEL,
    SMALL,
    STORES,
    Stage,
    offering,
    office,
    opened,
    panel_d,
    panel_k,
    person,
    plan,
)
from progflow import PayloadError, Refused
from progflow.ports import Store
from progflow.programs.cross_mentoring import (
    Edition,
    Format,
    MatchProposal,
    Mentee,
    Mentor,
    Seminar,
    SeminarPlace,
)


@pytest.fixture(params=STORES)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    with opened(request.param, tmp_path) as found:
        yield found


@pytest.fixture
def stage(store: Store) -> Stage:
    return Stage(store, cities=SMALL)


OCCASIONS = (*[Format.SEMINAR] * 3, *[Format.NETWORK] * 2, *[Format.FIRESIDE] * 2)


# -- the edition of 2022 -------------------------------------------------------------------------------------------


def test_the_edition_of_2022_from_call_to_certificate(store: Store) -> None:
    stage = Stage(store)
    mentees = [f"mentee-{city}-0{n}" for city in "kd" for n in range(1, 6)]
    pairs = {name: name.replace("mentee-k", "mentor-d").replace("mentee-d", "mentor-k") for name in mentees}
    pairs["mentee-k-01"], pairs["mentee-k-02"] = pairs["mentee-k-02"], pairs["mentee-k-01"]
    stage.to_matching(mentees, sorted(pairs.values()), ["mentee-k-06", "mentee-d-06"])
    stage.on(date(2022, 7, 1))
    for mentee, mentor in pairs.items():
        stage.match(mentee, mentor)
    assert {stage.state(name) for name in mentees} == {"matching.matched"}
    stage.hold_kickoff()
    assert {stage.state(name) for name in mentees} == {"tandem.active"}
    assert {stage.tandem(name).data.started for name in mentees} == {KICKOFF}
    stage.on(date(2022, 10, 4))
    for name in mentees:
        stage.meet(name)
    for number, form in enumerate(OCCASIONS):  # published: three, two and some; the days are invented
        occasion = stage.seminar(date(2022, 11, 8) + timedelta(weeks=6 * number), form=form)
        places = [stage.register(name, occasion) for name in mentees]
        stage.on(occasion[Seminar.occasion].begins or KICKOFF, 20)
        stage.do(occasion, Seminar.occasion.hold(), office)
        for place in places:
            stage.do(place, SeminarPlace.attendance.attend(), office)
    stage.on(CLOSING)
    stage.flow.fire(stage.edition_id, Edition.run.hold_closing(), actor=office)
    assert {stage.state(name) for name in mentees} == {"certificate.due"}
    assert {stage.state(name) for name in sorted(pairs.values())} == {"finished"}
    numbers = [stage.do(name, Mentee.certificate.issue(), office)[Mentee.certificate].number for name in mentees]
    assert numbers == [f"2022-{n:03}" for n in range(1, 11)]
    held = stage.flow.cases(Seminar).in_(Seminar.occasion.held).all()
    assert [case.data.format for case in held] == [*OCCASIONS]
    assert stage.edition.state is Edition.run.completed
    assert stage.state("mentee-k-06") == "selection.rejected"


def test_an_edition_needs_two_cities_and_somebody_of_each_on_the_panel(stage: Stage) -> None:
    def said(**fields: object) -> str:
        return " ".join(reason.text for reason in stage.flow.check(plan(name="2023", **fields), actor=office))

    assert said() == ""
    assert said(cities=(KOELN, KOELN)) == "An edition needs at least two cities, each named once."
    assert said(panel=PANEL[:1]) == "Nobody sits on the panel for Düsseldorf, so nobody could approve a match there."
    assert said(panel=(*PANEL, PANEL[0])) == "Somebody sits on the panel twice."
    with pytest.raises(PayloadError, match="cities"):
        plan(cities=(KOELN,))


# -- the call ------------------------------------------------------------------------------------------------------


def test_a_deadline_on_a_saturday_before_a_holiday_is_over_with_the_next_working_day(stage: Stage) -> None:
    """30 April 2022 was a Saturday, the 1st of May a Sunday and a holiday."""
    apply = stage.applying("Köln")
    stage.clock.set(datetime(2022, 5, 2, 23, 59, tzinfo=BERLIN))
    stage.flow.start(apply, parent=stage.edition, actor=person("mentee-k-02"))
    stage.clock.set(datetime(2022, 5, 3, 0, 0, tzinfo=BERLIN))
    with pytest.raises(Refused, match=r"The call is not open \(deadline: 2022-04-30\)"):
        stage.flow.start(apply, parent=stage.edition, actor=person("mentee-k-03"))
    assert stage.edition.state is Edition.selection


def test_a_moved_deadline_keeps_the_call_open(stage: Stage) -> None:
    command = Edition.call.move_deadline(deadline=date(2022, 5, 31), reason="Too few applications.")
    stage.flow.fire(stage.edition_id, command, actor=office)
    stage.on(date(2022, 5, 30))
    assert stage.edition.state is Edition.call.open
    stage.on(date(2022, 6, 1))
    assert stage.edition.state is Edition.selection


def test_one_applies_once_and_for_a_city_that_takes_part(stage: Stage) -> None:
    stage.apply(["mentee-k-02"])
    with pytest.raises(Refused, match="There is already one with this person"):
        stage.apply(["mentee-k-02"])
    with pytest.raises(Refused, match="Bonn does not take part"):
        stage.flow.start(
            stage.applying("Bonn"),
            parent=stage.edition,
            actor=person("mentee-b-01"),
        )


def test_an_incomplete_application_is_completed_by_the_applicant_alone(stage: Stage) -> None:
    command = stage.applying("Köln")
    case = stage.flow.start(command, parent=stage.edition, actor=person("mentee-k-02"))
    stage.do(case, Mentee.application.ask_for_more(missing="The grade is not proven."), office)
    hand_in = Mentee.application.hand_in(document="D-7")
    assert stage.refusal("mentee-k-02", hand_in, office) == "Only for: the mentee."
    stage.do("mentee-k-02", hand_in, person("mentee-k-02"))
    assert stage.state("mentee-k-02") == "application.submitted"


def test_only_a_superior_endorses(stage: Stage) -> None:
    command = stage.applying("Köln")
    stage.flow.start(command, parent=stage.edition, actor=person("mentee-k-02"))
    assert (
        stage.refusal("mentee-k-02", Mentee.application.endorse(), person("boss"))
        == "Only for: the superior, but not the mentee."
    )
    stage.desk.lines.add(("mentee-k-02", "boss"))
    case = stage.do("mentee-k-02", Mentee.application.endorse(), person("boss"))
    assert case[Mentee.application].endorsed_by == "boss"


# -- the selection -------------------------------------------------------------------------------------------------


def test_nothing_is_decided_while_the_call_is_open(stage: Stage) -> None:
    stage.apply(["mentee-k-02"])
    said = stage.refusal("mentee-k-02", Mentee.selection.select(rank=1), panel_k)
    assert said == "The panel decides once the call is closed."


def test_a_full_quota_is_explained_before_and_after_asking(stage: Stage) -> None:
    stage.to_selection(["mentee-k-02", "mentee-k-03", "mentee-k-04", "mentee-d-02"])
    stage.select(["mentee-k-02", "mentee-k-03"])
    offer = stage.flow.explain(stage.who("mentee-k-04"), actor=panel_k)["selection.select"]
    assert not offer.allowed
    assert [reason.text for reason in offer.reasons] == ["No seat is free (Köln): 2 of 2 are taken."]
    said = stage.refusal("mentee-k-04", Mentee.selection.select(rank=3), panel_k)
    assert said == "No seat is free (Köln): 2 of 2 are taken."
    stage.select(["mentee-d-02"])


def test_a_rank_is_given_once_in_a_city(stage: Stage) -> None:
    stage.to_selection(["mentee-k-02", "mentee-k-03", "mentee-d-02"])
    stage.select(["mentee-k-02", "mentee-d-02"][:1])
    said = stage.refusal("mentee-k-03", Mentee.selection.select(rank=1), panel_k)
    assert said == "Rank 1 has been given (Köln)."
    stage.do("mentee-d-02", Mentee.selection.select(rank=1), panel_d)


def test_scores_are_kept_per_assessor_and_replaced_by_a_second_thought(stage: Stage) -> None:
    stage.to_selection(["mentee-k-02"])
    for points in (4, 9):
        stage.do("mentee-k-02", Mentee.selection.score(points=points), panel_k)
    case = stage.do("mentee-k-02", Mentee.selection.score(points=7), panel_d)
    assert {score.assessor: score.points for score in case[Mentee.selection].scores} == {
        "panel-k": 9,
        "panel-d": 7,
    }
    said = stage.refusal("mentee-k-02", Mentee.selection.score(points=11), panel_k)
    assert said == "Points are given from 1 to 10."


def test_a_rejection_needs_a_reason(stage: Stage) -> None:
    stage.to_selection(["mentee-k-02", "mentee-k-03"])
    with pytest.raises(PayloadError, match="must not be blank"):
        Mentee.selection.reject(reason="  ")
    case = stage.do("mentee-k-02", Mentee.selection.reject(reason="Others came first."), panel_k)
    assert case.state is Mentee.selection.rejected
    assert case[Mentee.selection].feedback_offered


def test_the_waiting_list_waits_until_everybody_of_the_city_is_decided_on(stage: Stage) -> None:
    stage.to_selection(["mentee-k-02", "mentee-k-03"])
    stage.waitlist(["mentee-k-02"], first=5)
    assert stage.state("mentee-k-02") == "selection.waitlisted"
    stage.do("mentee-k-03", Mentee.selection.reject(reason="Others came first."), panel_k)
    assert stage.state("mentee-k-02") == "selection.selected"


def test_a_withdrawal_moves_the_next_of_the_same_city_up(stage: Stage) -> None:
    stage.to_matching(
        ["mentee-k-02", "mentee-k-03", "mentee-d-02", "mentee-d-03"], [], ["mentee-k-04", "mentee-k-05", "mentee-d-04"]
    )
    assert stage.refusal("mentee-k-03", Mentee.withdrawal.withdraw(reason="x"), person("mentee-k-02")) == (
        "Only for: the mentee, programme office."
    )
    stage.do("mentee-k-03", Mentee.withdrawal.withdraw(reason="A new post."), person("mentee-k-03"))
    assert stage.state("mentee-k-04") == "selection.selected"
    assert stage.who("mentee-k-04")[Mentee.selection].moved_up
    assert stage.state("mentee-k-05") == stage.state("mentee-d-04") == "selection.waitlisted"
    moved = stage.flow.history(stage.who("mentee-k-04"))[-1]
    assert (moved.title, moved.actor) == ("Move up to a seat that is free", "mentee-k-03")


def test_nobody_is_overtaken_without_a_recorded_reason(stage: Stage) -> None:
    stage.to_matching(["mentee-k-02", "mentee-k-03"], [], ["mentee-k-04", "mentee-k-05"])
    command = Mentee.selection.rerank(rank=2, reason="Scores were added up wrongly.")
    assert stage.refusal("mentee-k-05", command, office) == "Rank 2 has been given (Köln)."
    stage.do("mentee-k-04", Mentee.selection.rerank(rank=9, reason="Scores were added up wrongly."), office)
    stage.do("mentee-k-02", Mentee.withdrawal.withdraw(reason="A new post."), office)
    assert stage.state("mentee-k-05") == "selection.selected"
    assert stage.who("mentee-k-04")[Mentee.selection].reason == "Scores were added up wrongly."


def test_who_does_not_confirm_within_ten_working_days_lapses_and_the_next_moves_up(stage: Stage) -> None:
    """Ascension Day, Whit Monday and Corpus Christi of 2022 do not count in Nordrhein-Westfalen."""
    stage.to_selection(["mentee-k-02", "mentee-k-03", "mentee-k-04", "mentee-d-02"])
    stage.on(date(2022, 5, 18))
    stage.select(["mentee-k-02", "mentee-k-03"])
    stage.waitlist(["mentee-k-04"], first=3)
    stage.confirm(["mentee-k-02"])
    stage.on(date(2022, 5, 30))
    stage.flow.fire(stage.edition_id, Edition.begin_matching(), actor=office)
    stage.on(date(2022, 6, 2), hour=23)
    assert stage.state("mentee-k-03") == "selection.selected"
    stage.on(date(2022, 6, 3), hour=0)
    assert stage.state("mentee-k-03") == "selection.lapsed"
    assert stage.state("mentee-k-02") == "matching.unmatched"
    assert stage.state("mentee-k-04") == "selection.selected"
    assert stage.state("mentee-d-02") == "selection.under_review"
    assert stage.flow.explain(stage.who("mentee-k-04"), actor=office)["selection.lapse"].due == datetime(
        2022, 6, 22, tzinfo=BERLIN
    )


def test_a_late_cron_lets_nobody_confirm_after_the_term(stage: Stage) -> None:
    stage.to_selection(["mentee-k-02"])
    stage.select(["mentee-k-02"])
    stage.clock.set(datetime(2022, 5, 18, 0, 0, tzinfo=BERLIN))
    with pytest.raises(Refused, match="Not possible in the state “selection: not confirmed in time”"):
        stage.flow.fire(stage.who("mentee-k-02").id, Mentee.selection.confirm(), actor=person("mentee-k-02"))


# -- the match -----------------------------------------------------------------------------------------------------


def test_a_match_needs_one_person_of_each_city(stage: Stage) -> None:
    stage.to_matching(list(PAIRS), sorted(PAIRS.values()))
    proposal = stage.propose("mentee-k-02", "mentor-d-02")
    assert stage.refusal(proposal, MatchProposal.approval.approve(), office) == (
        "Only for: a panel member of one of the two cities, but not one of the two."
    )
    proposal = stage.do(proposal, MatchProposal.approval.approve(), panel_k)
    assert proposal.state is MatchProposal.approval.partly
    said = stage.refusal(proposal, MatchProposal.approval.approve(), panel_k)
    assert said.startswith("Köln has agreed already.")
    proposal = stage.do(proposal, MatchProposal.approval.approve(), panel_d)
    assert proposal.state is MatchProposal.approved
    assert stage.state("mentee-k-02") == "matching.matched"
    assert [approval.person for approval in stage.tandem("mentee-k-02").data.approvals] == ["panel-k", "panel-d"]


def test_a_match_is_refused_within_a_city_with_a_reporting_line_and_for_unknown_mentors(stage: Stage) -> None:
    stage.to_matching(list(PAIRS), sorted(PAIRS.values()))

    def said(mentor: str) -> str:
        return stage.refusal("mentee-k-02", Mentee.matching.propose(partner=mentor, why="Fits."), panel_k)

    assert said("mentor-k-02") == "Mentee and mentor work for the same city."
    assert said("mentor-x") == "No mentor mentor-x is available in this edition."
    offer = offering("Düsseldorf")
    stage.flow.start(offer, parent=stage.edition, actor=person("mentor-d-09"))
    assert said("mentor-d-09") == "No mentor mentor-d-09 is available in this edition."
    stage.do("mentor-d-09", Mentor.application.reject(reason="Too new in the post."), office)
    stage.do("mentor-d-03", Mentor.withdrawal.withdraw(reason="A new post."), person("mentor-d-03"))
    assert said("mentor-d-03") == "No mentor mentor-d-03 is available in this edition."
    stage.desk.lines.add(("mentee-k-02", "mentor-d-02"))
    assert said("mentor-d-02") == "Nobody reports to one's mentor, or the other way round."


def test_a_reporting_line_that_came_after_the_proposal_stops_the_approval(stage: Stage) -> None:
    stage.to_matching(list(PAIRS), sorted(PAIRS.values()))
    proposal = stage.propose("mentee-k-02", "mentor-d-02")
    stage.desk.lines.add(("mentor-d-02", "mentee-k-02"))
    assert stage.refusal(proposal, MatchProposal.approval.approve(), panel_k) == "One of the two reports to the other."


def test_an_approved_match_takes_the_place_of_other_proposals(stage: Stage) -> None:
    stage.to_matching(list(PAIRS), sorted(PAIRS.values()))
    spare = stage.propose("mentee-k-02", "mentor-d-03")
    rival = stage.propose("mentee-k-03", "mentor-d-02")
    stage.match("mentee-k-02", "mentor-d-02")
    spare = stage.flow.get(MatchProposal, spare)
    assert (spare.state, spare[MatchProposal.approval].reason) == (
        MatchProposal.approval.discarded,
        "Another proposal was approved.",
    )
    assert stage.refusal(rival, MatchProposal.approval.approve(), panel_k) == "One of the two has a tandem already."
    with pytest.raises(PayloadError, match="must not be blank"):
        MatchProposal.approval.discard(reason="")
    stage.do(rival, MatchProposal.approval.discard(reason="The mentor is taken."), office)
