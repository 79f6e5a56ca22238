"""Ways that are seldom taken in the cross-mentoring, and that every event fires and every end is reached."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from inspect import signature

import pytest

import test_cross_mentoring
import test_cross_mentoring_ends
import test_cross_mentoring_own_cause
import test_cross_mentoring_running
import test_cross_mentoring_traps
from cross_mentoring_stage import (
    CLOSING,
    KICKOFF,
    PAIRS,
    PLAYED,
    SMALL,
    Stage,
    head,
    mayor_d,
    mayor_k,
    offering,
    office,
    panel_d,
    panel_k,
    person,
)
from progflow import Actor
from progflow.adapters.memory import MemoryStore
from progflow.programs.cross_mentoring import (
    Agreement,
    Attended,
    Cause,
    Edition,
    MatchProposal,
    Mentee,
    Mentor,
    Rules,
    Seminar,
    SeminarPlace,
    Tandem,
    attended,
    cross_mentoring,
)
from progflow.states.approval import Medium

ELSEWHERE = (
    test_cross_mentoring,
    test_cross_mentoring_ends,
    test_cross_mentoring_own_cause,
    test_cross_mentoring_running,
    test_cross_mentoring_traps,
)


@pytest.fixture
def stage() -> Stage:
    return Stage(MemoryStore(), cities=SMALL)


# -- applications that come to nothing -----------------------------------------------------------------------------


def test_an_application_is_rejected_or_lapses_without_what_was_asked_for(stage: Stage) -> None:
    for name in ("mentee-k-02", "mentee-k-03"):
        stage.flow.start(stage.applying("Köln"), parent=stage.edition, actor=person(name))
    stage.do("mentee-k-02", Mentee.application.reject(reason="The post is limited."), office)
    ask = Mentee.application.ask_for_more(missing="The grade is not proven.", until=date(2022, 3, 11))
    stage.do("mentee-k-03", ask, office)
    stage.on(date(2022, 3, 12))
    assert (stage.state("mentee-k-02"), stage.state("mentee-k-03")) == ("application.rejected", "application.lapsed")


def test_a_mentor_hands_in_what_is_missing_or_is_not_waited_for(stage: Stage) -> None:
    for name in ("mentor-k-02", "mentor-k-03"):
        stage.flow.start(offering("Köln"), parent=stage.edition, actor=person(name))
        ask = Mentor.application.ask_for_more(missing="Since when?", until=date(2022, 3, 11))
        stage.do(name, ask, office)
    stage.do("mentor-k-02", Mentor.application.hand_in(document="D-7"), person("mentor-k-02"))
    stage.on(date(2022, 3, 12))
    assert (stage.state("mentor-k-02"), stage.state("mentor-k-03")) == ("application.submitted", "application.lapsed")


# -- the agreement -------------------------------------------------------------------------------------------------


def test_a_signature_on_paper_counts_if_it_is_that_of_the_signatory(stage: Stage) -> None:
    def record(person: str, party: str) -> str:
        command = Agreement.signature.record_on_paper(party=party, person=person, on=date(2022, 3, 1))
        return " ".join(one.text for one in stage.flow.check(stage.agreement.id, command, actor=office))

    assert record("mayor-d", "Köln") == "mayor-d does not sign for Köln."
    assert record("mayor-b", "Bonn").startswith("Bonn is none of the parties.")
    on_paper = Agreement.signature.record_on_paper(party="Köln", person="mayor-k", on=date(2022, 3, 1))
    stage.do(stage.agreement, on_paper, office)
    agreement = stage.do(stage.agreement, Agreement.signature.sign(), mayor_d)
    assert agreement.state is Agreement.in_force.in_force
    assert [vote.medium for vote in agreement[Agreement.signature].votes] == [Medium.PAPER, Medium.ELECTRONIC]


def test_who_has_signed_another_text_signs_again(stage: Stage) -> None:
    stage.do(stage.agreement, Agreement.signature.sign(), mayor_k)
    agreement = stage.do(stage.agreement, Agreement.revise(document="A-1, second draft"), office)
    assert agreement.state is Agreement.signature.pending
    stage.sign()
    assert stage.flow.get(Agreement, stage.agreement).state is Agreement.in_force.in_force


@pytest.mark.parametrize("by_a_city", [True, False])
def test_an_agreement_that_came_to_nothing_makes_room_for_another(stage: Stage, by_a_city: bool) -> None:
    another(stage, by_a_city=by_a_city)


def test_a_refused_and_a_discarded_agreement_make_room_for_another(stage: Stage) -> None:
    another(stage, by_a_city=True)
    another(stage, by_a_city=False)


def another(stage: Stage, *, by_a_city: bool) -> None:
    if by_a_city:
        stage.do(stage.agreement, Agreement.signature.refuse(reason="Too dear."), mayor_k)
    else:
        stage.do(stage.agreement, Agreement.signature.discard(reason="Wrong file."), office)
    stage.agreement = stage.flow.start(Agreement.draft(document="A-2"), parent=stage.edition, actor=office)
    assert stage.flow.cases(Agreement).open().one().id == stage.agreement.id


def test_a_new_lord_mayor_signs_and_the_old_one_no_longer(stage: Stage) -> None:
    stage.do(stage.agreement, Agreement.signature.sign(), mayor_k)
    change = Edition.change_signatory(city="Düsseldorf", signatory="mayor-d-new")
    stage.flow.fire(stage.edition_id, change, actor=office)
    assert "Only for: a signatory" in stage.refusal(stage.agreement, Agreement.signature.sign(), mayor_d)
    agreement = stage.do(stage.agreement, Agreement.signature.sign(), Actor("mayor-d-new"))
    assert agreement.state is Agreement.in_force.in_force
    unknown = Edition.change_signatory(city="Bonn", signatory="mayor-b")
    assert stage.refusal(stage.edition, unknown, office) == "Bonn does not take part in this edition."


def test_somebody_takes_the_place_of_a_panel_member_for_the_same_city(stage: Stage) -> None:
    stage.to_matching(list(PAIRS), sorted(PAIRS.values()))
    proposal = stage.propose("mentee-k-02", "mentor-d-02")
    replace = Edition.replace_on_panel(person="panel-d", successor="panel-d-new")
    stage.flow.fire(stage.edition_id, replace, actor=office)
    approve = MatchProposal.approval.approve()
    assert stage.refusal(proposal, approve, panel_d).startswith("Only for: a panel member")
    for member in (panel_k, Actor("panel-d-new")):
        stage.do(proposal, approve, member)
    assert {vote.party for vote in stage.tandem("mentee-k-02").data.approvals} == {"Köln", "Düsseldorf"}
    assert stage.refusal(stage.edition, replace, office) == (
        "panel-d does not sit on the panel. panel-d-new sits on the panel already."
    )


# -- matches -------------------------------------------------------------------------------------------------------


def test_a_city_refuses_a_match_and_another_is_proposed(stage: Stage) -> None:
    stage.to_matching(list(PAIRS), sorted(PAIRS.values()))
    proposal = stage.propose("mentee-k-02", "mentor-d-02")
    stage.do(proposal, MatchProposal.approval.approve(), panel_k)
    refused = stage.do(proposal, MatchProposal.approval.refuse(reason="The fields are far apart."), panel_d)
    assert refused.state is MatchProposal.approval.refused
    assert stage.state("mentee-k-02") == "matching.unmatched"
    assert stage.match("mentee-k-02", "mentor-d-03").state is Tandem.approved


def test_a_proposal_that_nobody_decided_on_ends_with_the_closing() -> None:
    """One that falls away because its mentee has completed, and one whose mentee goes on after a pause."""
    stage = Stage(MemoryStore(), cities=SMALL, rules=Rules(mentees_per_mentor=2))
    stage.mentors(["mentor-d-04"])
    stage.to_running({"mentee-k-02": "mentor-d-02", "mentee-k-03": "mentor-d-03", "mentee-d-02": "mentor-k-02"})
    stage.on(date(2022, 9, 1))
    for name in ("mentee-k-02", "mentee-d-02"):
        stage.do(name, Mentee.tandem.pause(cause=Cause.FAMILY, until=date(2022, 11, 30)), office)
    for name in ("mentee-k-03", "mentee-k-02"):
        stage.do(stage.tandem(name), Tandem.dissolve(cause=Cause.MUTUAL, without_meeting=True), office)
    stage.on(date(2022, 12, 1))
    completes = stage.propose("mentee-k-03", "mentor-d-04")
    stage.do("mentor-k-02", Mentor.change_employer(city="Düsseldorf"), office)
    goes_on = stage.propose("mentee-k-02", "mentor-k-02")
    stage.on(CLOSING)
    stage.flow.fire(stage.edition_id, Edition.run.hold_closing(), actor=office)
    assert stage.flow.get(MatchProposal, completes).state is MatchProposal.approval.discarded
    assert stage.flow.get(MatchProposal, goes_on).state is MatchProposal.left_over.ended
    assert stage.state("mentee-k-03") == "certificate.due"
    assert stage.state("mentee-k-02") == "tandem.without_mentor"


def test_a_proposal_cannot_be_made_twice_nor_for_somebody_who_has_a_mentor(stage: Stage) -> None:
    stage.to_matching(list(PAIRS), sorted(PAIRS.values()))
    stage.propose("mentee-k-02", "mentor-d-02")
    again = Mentee.matching.propose(partner="mentor-d-02", why="Fits.")
    assert stage.refusal("mentee-k-02", again, panel_k) == "This match has been proposed already."
    stage.match("mentee-k-03", "mentor-d-03")
    assert stage.refusal("mentee-k-03", again, panel_k).startswith("Not possible")


# -- kick-off and calling off --------------------------------------------------------------------------------------


def test_a_kickoff_that_was_moved_counts_from_the_day_on_which_it_was_held(stage: Stage) -> None:
    stage.to_matching(list(PAIRS), sorted(PAIRS.values()))
    stage.match("mentee-k-02", "mentor-d-02")
    stage.flow.fire(stage.edition_id, Edition.kickoff.plan(on=date(2022, 8, 1)), actor=office)
    stage.flow.fire(stage.edition_id, Edition.kickoff.move_day(on=KICKOFF, reason="A strike."), actor=office)
    stage.on(KICKOFF + timedelta(days=2))
    stage.flow.fire(stage.edition_id, Edition.kickoff.hold(on=KICKOFF), actor=office)
    stage.sign()
    assert stage.last_day("mentee-k-02") == date(2023, 11, 15)
    stage.do(stage.tandem("mentee-k-02"), Tandem.log_meeting(on=KICKOFF), person("mentee-k-02"))


def test_a_kickoff_may_need_a_number_of_tandems() -> None:
    stage = Stage(MemoryStore(), cities=SMALL, rules=Rules(tandems_for_kickoff=2))
    stage.to_matching(list(PAIRS), sorted(PAIRS.values()))
    stage.match("mentee-k-02", "mentor-d-02")
    said = stage.refusal(stage.edition, Edition.kickoff.hold(), office)
    assert said == "1 tandems have come about; the kick-off needs 2."
    stage.match("mentee-k-03", "mentor-d-03")
    stage.flow.fire(stage.edition_id, Edition.kickoff.hold(), actor=office)


def test_who_has_completed_keeps_the_claim_to_a_certificate_when_the_edition_is_cancelled(stage: Stage) -> None:
    stage.to_running({"mentee-k-02": "mentor-d-02"})
    stage.meet("mentee-k-02", times=1)
    stage.on(date(2022, 10, 4))
    stage.meet("mentee-k-02", times=3)
    stage.on(CLOSING)
    stage.flow.fire(stage.edition_id, Edition.run.hold_closing(), actor=office)
    stage.flow.fire(stage.edition_id, Edition.cancellation.cancel(reason="The budget was cut."), actor=head)
    assert stage.state("mentee-k-02") == "certificate.overdue"
    stage.do("mentee-k-02", Mentee.certificate.issue(), office)
    assert stage.state("mentee-k-02") == "certificate.issued"


def test_an_edition_that_is_called_off_takes_everybody_along(stage: Stage) -> None:
    stage.to_matching(list(PAIRS), sorted(PAIRS.values()))
    stage.match("mentee-k-02", "mentor-d-02")
    stage.flow.fire(stage.edition_id, Edition.calling_off.cancel(reason="Too few tandems."), actor=office)
    assert stage.edition.state is Edition.calling_off.cancelled
    assert stage.edition[Edition.calling_off].reason == "Too few tandems."
    assert {stage.state(name) for name in (*PAIRS, *PAIRS.values())} == {"ending.ended"}
    assert stage.tandem("mentee-k-02").state is Tandem.ending.ended


# -- the time of the tandems ---------------------------------------------------------------------------------------


def test_who_does_not_say_that_she_goes_on_after_a_pause_is_dropped_out_where_the_edition_says_so() -> None:
    """Else dropped, with an attendance statement."""
    stage = Stage(MemoryStore(), cities=SMALL, rules=Rules(back_within_days=14))
    stage.to_running(PAIRS)
    stage.meet("mentee-d-02", times=1)
    for name in ("mentee-d-02", "mentee-d-03"):
        pause = Mentee.tandem.pause(cause=Cause.FAMILY, until=date(2022, 10, 31))
        stage.do(name, pause, office)
    stage.on(date(2022, 11, 14))
    assert stage.state("mentee-d-02") == stage.state("mentee-d-03") == "tandem.paused"
    stage.do("mentee-d-03", Mentee.tandem.resume(), person("mentee-d-03"))
    stage.on(date(2022, 11, 15))
    assert (stage.state("mentee-d-02"), stage.state("mentee-d-03")) == ("tandem.dropped_out", "tandem.active")
    assert stage.who("mentee-d-02")[Mentee.tandem].reason
    assert stage.tandem("mentee-d-02").state is Tandem.dissolved
    assert attended(stage.flow, stage.who("mentee-d-02")) == Attended(
        person="mentee-d-02",
        edition="2022",
        since=KICKOFF,
        until=date(2022, 11, 15),
        meetings=(KICKOFF,),
        seminars=(),
    )
    assert stage.last_day("mentee-d-03") == date(2023, 11, 15) + timedelta(days=91)


def test_a_city_refuses_an_extension_and_the_end_stays(stage: Stage) -> None:
    stage.to_running(PAIRS)
    ask = Mentee.tandem.ask_for_extension(until=date(2024, 1, 31), reason="The project runs until then.")
    stage.do("mentee-k-02", ask, person("mentee-k-02"))
    stage.do("mentee-k-02", Mentee.tandem.consent_to_extension(), panel_k)
    stage.do("mentee-k-02", Mentee.tandem.refuse_extension(reason="No budget."), panel_d)
    assert stage.last_day("mentee-k-02") == date(2023, 11, 15)
    assert stage.refusal("mentee-k-02", Mentee.tandem.consent_to_extension(), panel_d) != ""


def test_the_office_completes_a_participation_a_little_before_its_end(stage: Stage) -> None:
    stage.to_running(PAIRS)
    stage.on(date(2023, 10, 31))
    assert stage.refusal("mentee-k-02", Mentee.tandem.complete_early(), office).startswith(
        "It can be completed 14 days"
    )
    stage.on(date(2023, 11, 1))
    stage.do("mentee-k-02", Mentee.tandem.complete_early(), office)
    assert stage.state("mentee-k-02") == "certificate.due"
    assert stage.tandem("mentee-k-02").state is Tandem.completed
    assert stage.state("mentor-d-02") == "available"


def test_a_mentor_for_two_is_free_for_the_second_and_not_for_a_third() -> None:
    stage = Stage(MemoryStore(), rules=Rules(mentees_per_mentor=2))
    stage.to_matching(["mentee-k-02", "mentee-k-03", "mentee-k-04"], ["mentor-d-02"])
    for mentee in ("mentee-k-02", "mentee-k-03"):
        stage.match(mentee, "mentor-d-02")
    proposal = stage.propose("mentee-k-04", "mentor-d-02")
    assert stage.refusal(proposal, MatchProposal.approval.approve(), panel_k) == "One of the two has a tandem already."
    stage.do(stage.tandem("mentee-k-02"), Tandem.dissolve(cause=Cause.MUTUAL, without_meeting=True), office)
    assert stage.state("mentee-k-02") == "matching.unmatched"
    for member in (panel_k, panel_d):
        stage.do(proposal, MatchProposal.approval.approve(), member)
    assert stage.tandem("mentee-k-04").data.mentor == "mentor-d-02"


# -- seminars ------------------------------------------------------------------------------------------------------

WORKSHOP = date(2022, 11, 10)
THREE = ("mentee-k-02", "mentee-k-03", "mentee-d-02")


def places(stage: Stage) -> dict[str, str]:
    return {case.data.person: case.state.name for case in stage.flow.cases(SeminarPlace).all()}


def test_a_seminar_has_seats_and_a_waiting_list_and_counts_for_who_was_there(stage: Stage) -> None:
    stage.to_running(PAIRS)
    seminar = stage.seminar(WORKSHOP, capacity=2)
    seats = {name: stage.register(name, seminar) for name in (*THREE, "mentee-d-03")}
    assert list(places(stage).values()) == ["registered", "registered", "waiting", "waiting"]
    again = Mentee.register(seminar=seminar.id)
    assert stage.refusal("mentee-k-02", again, person("mentee-k-02")) == (
        "This seminar has a registration of the mentee already."
    )
    stage.do(seats["mentee-k-02"], SeminarPlace.attendance.excuse(cause=Cause.ILLNESS), office)
    leave = SeminarPlace.attendance.deregister(reason="On leave.")
    stage.do(seats["mentee-d-03"], leave, person("mentee-d-03"))
    moved = Seminar.occasion.move_day(begins=WORKSHOP + timedelta(days=1), reason="The trainer is ill.")
    stage.do(seminar, moved, office)
    stage.do(seminar, Seminar.occasion.resize(capacity=3), office)
    stage.on(WORKSHOP + timedelta(days=1), hour=18)
    stage.do(seminar, Seminar.occasion.hold(), office)
    stage.do(seats["mentee-k-03"], SeminarPlace.attendance.attend(), office)
    stage.do(seats["mentee-d-02"], SeminarPlace.attendance.miss(), office)
    assert list(places(stage).values()) == ["excused", "credited", "no_show", "deregistered"]
    said = [attended(stage.flow, stage.who(name)) for name in ("mentee-k-03", "mentee-d-02")]
    assert [one and (one.until, one.seminars) for one in said] == [(None, ("To lead without orders",)), (None, ())]


def test_an_attendance_statement_tells_of_this_edition_and_of_all_mentors(stage: Stage) -> None:
    stage.to_running(PAIRS)
    stage.meet("mentee-k-02", times=1)
    stage.do(stage.tandem("mentee-k-02"), Tandem.dissolve(cause=Cause.MUTUAL), office)
    stage.mentors(["mentor-d-09"])
    stage.on(KICKOFF + timedelta(days=9))
    stage.match("mentee-k-02", "mentor-d-09")
    stage.meet("mentee-k-02", times=1)
    stage.do("mentee-k-02", Mentee.tandem.drop_out(reason="A new post."), office)
    said = attended(stage.flow, stage.who("mentee-k-02"))
    assert said is not None
    assert (said.since, said.until) == (KICKOFF, KICKOFF + timedelta(days=9))
    assert said.meetings == (KICKOFF, KICKOFF + timedelta(days=9))


def test_who_never_had_a_tandem_has_nothing_to_be_told_of(stage: Stage) -> None:
    stage.to_selection(["mentee-k-02"])
    assert attended(stage.flow, stage.who("mentee-k-02")) is None


def test_a_seminar_that_does_not_take_place_releases_everybody(stage: Stage) -> None:
    stage.to_running(PAIRS)
    cancelled, left_open = stage.seminar(WORKSHOP), stage.seminar(date(2023, 11, 10))
    stage.register("mentee-k-02", cancelled)
    stage.register("mentee-k-02", left_open)
    stage.do(cancelled, Seminar.occasion.cancel(reason="Nobody teaches it."), office)
    assert stage.flow.cases(SeminarPlace).in_(SeminarPlace.attendance.released).count() == 1
    stage.on(CLOSING)
    stage.flow.fire(stage.edition_id, Edition.run.hold_closing(), actor=office)
    assert stage.flow.get(Seminar, left_open).state is Seminar.ending.ended
    assert stage.flow.cases(SeminarPlace).open().count() == 0


def test_a_place_is_given_up_by_who_leaves_and_not_waited_for_without_a_record(stage: Stage) -> None:
    stage.to_running(PAIRS)
    seminar = stage.seminar(WORKSHOP)
    for name in THREE:
        stage.register(name, seminar)
    stage.do("mentee-k-02", Mentee.tandem.drop_out(reason="A new post."), office)
    stage.on(WORKSHOP, hour=18)
    stage.do(seminar, Seminar.occasion.hold(), office)
    stage.do("mentee-k-03", Mentee.tandem.drop_out(reason="A new post."), office)
    assert places(stage) == dict.fromkeys(THREE[:2], "given_up") | {"mentee-d-02": "registered"}
    stage.on(date(2024, 5, 17))
    assert places(stage)["mentee-d-02"] == "unrecorded"
    assert stage.edition.state is Edition.run.completed


def test_places_end_with_an_edition_that_is_cancelled(stage: Stage) -> None:
    stage.to_running(PAIRS)
    held = stage.seminar(WORKSHOP)
    stage.register("mentee-k-02", held)
    stage.on(WORKSHOP, hour=18)
    stage.do(held, Seminar.occasion.hold(), office)
    stage.flow.fire(stage.edition_id, Edition.cancellation.cancel(reason="The budget was cut."), actor=head)
    assert places(stage) == {"mentee-k-02": "ended"}


def test_an_edition_may_ask_for_seminars_before_it_certifies() -> None:
    stage = Stage(MemoryStore(), cities=SMALL, rules=Rules(fewest_meetings=0, fewest_seminars=1))
    stage.to_running(PAIRS)
    seminar = stage.seminar(WORKSHOP)
    seat = stage.register("mentee-k-02", seminar)
    stage.on(WORKSHOP, hour=18)
    stage.do(seminar, Seminar.occasion.hold(), office)
    stage.do(seat, SeminarPlace.attendance.attend(hours=4), office)
    stage.on(date(2023, 11, 16))
    issue = Mentee.certificate.issue()
    assert stage.refusal("mentee-k-03", issue, office) == "Too few seminars for a certificate: 0 of 1."
    stage.do("mentee-k-02", issue, office)


# -- all of it -----------------------------------------------------------------------------------------------------


def test_every_event_fires_and_every_end_is_reached() -> None:
    """In the stories that are told in this process, or else in all of those that need no more than a stage."""
    told = (*(vars(module) for module in ELSEWHERE), globals())
    stories: list[Callable[..., object]] = [
        found
        for names in told
        for name, found in names.items()
        if name.startswith("test_") and not name.endswith("_is_reached") and callable(found)
    ]
    for story in stories:
        needed = signature(story).parameters
        if set(needed) <= {"stage"} and PLAYED.missing(cross_mentoring):
            story(*(Stage(MemoryStore(), cities=SMALL) for _ in needed))
    assert PLAYED.missing(cross_mentoring) == []
