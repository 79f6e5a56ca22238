"""The traps that the material about the programme holds, each with the facts behind it."""

from __future__ import annotations

from datetime import date

import pytest

from cross_mentoring_stage import (
    CLOSING,
    DEADLINE,
    KICKOFF,
    Stage,
    mayor_d,
    mayor_k,
    office,
    panel_d,
    panel_k,
    person,
    plan,
)
from progflow import PayloadError
from progflow.adapters.memory import MemoryStore
from progflow.programs.cross_mentoring import (
    Agreement,
    Cause,
    Edition,
    MatchProposal,
    MemberCity,
    Mentee,
    Mentor,
    Rules,
    Tandem,
)

PAIRS = {"mentee-k-02": "mentor-d-02", "mentee-d-02": "mentor-k-02"}
SMALL = (MemberCity("Köln", "mayor-k", 2), MemberCity("Düsseldorf", "mayor-d", 2))


@pytest.fixture
def stage() -> Stage:
    return Stage(MemoryStore(), cities=SMALL)


def test_trap_1_the_agreement_comes_after_the_matching_and_before_the_tandem_phase(stage: Stage) -> None:
    """It was signed at the kick-off: nothing before waits for it, and no tandem starts without it."""
    stage.to_matching(list(PAIRS), sorted(PAIRS.values()))
    for mentee, mentor in PAIRS.items():
        stage.match(mentee, mentor)
    assert stage.flow.get(Agreement, stage.agreement).state is Agreement.signature.pending
    stage.on(KICKOFF)
    stage.flow.fire(stage.edition_id, Edition.kickoff.hold(), actor=office)
    stage.do(stage.agreement, Agreement.signature.sign(), mayor_k)
    assert {stage.state(name) for name in PAIRS} == {"matching.matched"}
    stage.do(stage.agreement, Agreement.signature.sign(), mayor_d)
    assert {stage.state(name) for name in PAIRS} == {"tandem.active"}


def test_trap_1_signatures_before_the_kickoff_do_not_start_a_tandem(stage: Stage) -> None:
    stage.to_matching(list(PAIRS), sorted(PAIRS.values()))
    stage.match("mentee-k-02", "mentor-d-02")
    stage.sign()
    assert stage.state("mentee-k-02") == "matching.matched"


def test_trap_2_the_closing_of_7_november_2023_completes_what_nominally_ends_in_mid_november(stage: Stage) -> None:
    """15 August 2022 and 15 months are over with 15 November 2023; the ceremony was a week before."""
    stage.to_running(PAIRS)
    assert stage.last_day("mentee-k-02") == date(2023, 11, 15)
    stage.on(CLOSING)
    stage.flow.fire(stage.edition_id, Edition.run.hold_closing(), actor=office)
    assert {stage.state(name) for name in PAIRS} == {"certificate.due"}
    assert stage.tandem("mentee-k-02").state is Tandem.completed


def test_trap_2_the_tolerance_has_an_end_and_can_be_set(stage: Stage) -> None:
    stage.to_running(PAIRS)
    stage.on(date(2023, 10, 31))
    said = stage.refusal(stage.edition, Edition.run.hold_closing(), office)
    assert said == "The closing may be held 14 days before 2023-11-15 at the earliest."
    stage.on(date(2023, 11, 1))
    assert stage.flow.check(stage.edition_id, Edition.run.hold_closing(), actor=office) == ()
    strict = Stage(MemoryStore(), cities=SMALL, rules=Rules(closing_tolerance_days=7))
    strict.to_running(PAIRS)
    strict.on(CLOSING)
    assert strict.refusal(strict.edition, Edition.run.hold_closing(), office) != ""


def test_trap_2_a_participation_whose_end_has_moved_beyond_the_tolerance_goes_on(stage: Stage) -> None:
    stage.to_running(PAIRS)
    stage.on(date(2022, 12, 1))
    stage.do("mentee-d-02", Mentee.tandem.pause(cause=Cause.FAMILY, until=date(2023, 1, 31)), office)
    stage.on(CLOSING)
    stage.flow.fire(stage.edition_id, Edition.run.hold_closing(), actor=office)
    assert stage.state("mentee-k-02") == "certificate.due"
    assert stage.state("mentee-d-02") == "tandem.active"
    stage.on(date(2024, 1, 16))
    assert stage.state("mentee-d-02") == "tandem.active"
    stage.on(date(2024, 1, 17))
    assert stage.state("mentee-d-02") == "certificate.due"


def test_trap_3_a_later_change_of_employer_does_not_break_a_tandem(stage: Stage) -> None:
    """Köln's equality officer moved to a post in Düsseldorf weeks after the first edition."""
    stage.to_running(PAIRS)
    stage.do("mentor-k-02", Mentor.change_employer(city="Düsseldorf"), office)
    tandem = stage.tandem("mentee-d-02")
    assert (tandem.data.mentee_city, tandem.data.mentor_city) == ("Düsseldorf", "Köln")
    assert tandem.data.to_reassess
    stage.on(date(2022, 9, 1))
    stage.meet("mentee-d-02", times=1)
    tandem = stage.do(stage.tandem("mentee-d-02"), Tandem.reassess(reason="The fields still fit."), office)
    assert (tandem.data.to_reassess, tandem.data.reassessed) == (False, ("The fields still fit.",))
    said = stage.refusal(tandem, Tandem.reassess(reason="Again."), office)
    assert said == "Nothing has changed since the match was approved."


def test_trap_3_the_city_of_the_day_counts_for_a_new_match(stage: Stage) -> None:
    """Invariant 3: the cities differ on the day of the proposal, whatever they were before."""
    stage.to_matching(list(PAIRS), sorted(PAIRS.values()))
    stage.do("mentor-k-02", Mentor.change_employer(city="Düsseldorf"), office)
    said = stage.refusal("mentee-d-02", Mentee.matching.propose(partner="mentor-k-02", why="Fits."), panel_k)
    assert said == "Mentee and mentor work for the same city."
    proposal = stage.propose("mentee-k-02", "mentor-k-02")
    assert (proposal.data.mentee_city, proposal.data.mentor_city) == ("Köln", "Düsseldorf")


def test_trap_3_a_mentee_who_moved_before_the_match_is_matched_from_where_she_is(stage: Stage) -> None:
    stage.to_matching(list(PAIRS), sorted(PAIRS.values()))
    stage.do("mentee-k-02", Mentee.change_employer(city="Düsseldorf"), office)
    said = stage.refusal("mentee-k-02", Mentee.matching.propose(partner="mentor-d-02", why="Fits."), panel_k)
    assert said == "Mentee and mentor work for the same city."
    proposal = stage.propose("mentee-k-02", "mentor-k-02")
    assert (proposal.data.mentee_city, proposal.data.mentor_city) == ("Düsseldorf", "Köln")


def test_trap_3_the_seat_stays_with_the_city_that_gave_it(stage: Stage) -> None:
    stage.to_matching(["mentee-k-02", "mentee-k-03", "mentee-d-02", "mentee-d-03"], [], ["mentee-k-04"])
    case = stage.do("mentee-k-02", Mentee.change_employer(city="Düsseldorf"), office)
    assert (case.data.city, case.data.employer) == ("Köln", "Düsseldorf")
    again = Mentee.change_employer(city="Düsseldorf")
    assert stage.refusal("mentee-k-02", again, office) == "Düsseldorf is the employer already."
    assert stage.state("mentee-k-04") == "selection.waitlisted"


def test_trap_4_a_panel_member_who_is_in_the_pair_does_not_approve_it(stage: Stage) -> None:
    """Düsseldorf's equality officer was also a mentor, while equality officers sat on the matching panel."""
    stage.mentors(["mentor-d-01"])
    stage.to_matching(list(PAIRS), sorted(PAIRS.values()))
    proposal = stage.propose("mentee-k-02", "mentor-d-01")
    said = stage.refusal(proposal, MatchProposal.approval.approve(), person("mentor-d-01"))
    assert said.endswith("but not one of the two.")
    other = stage.propose("mentee-k-02", "mentor-d-02")
    assert stage.flow.check(other, MatchProposal.approval.approve(), actor=person("mentor-d-01")) == ()


def test_trap_4_a_panel_member_who_applies_does_not_decide_on_herself(stage: Stage) -> None:
    stage.to_selection(["mentee-k-01", "mentee-k-02"])
    herself = person("mentee-k-01")
    for command in (
        Mentee.selection.score(points=10),
        Mentee.selection.select(rank=1),
        Mentee.selection.waitlist(rank=1, reason="x"),
        Mentee.selection.reject(reason="x"),
    ):
        assert stage.refusal("mentee-k-01", command, herself) == "Only for: a panel member, but not the mentee."
    stage.do("mentee-k-02", Mentee.selection.score(points=8), herself)


def test_trap_4_nobody_consents_to_the_own_extension(stage: Stage) -> None:
    """Invariant 8."""
    stage.to_running({"mentee-k-01": "mentor-d-02"})
    ask = Mentee.tandem.ask_for_extension(until=date(2024, 1, 31), reason="The project runs until then.")
    stage.do("mentee-k-01", ask, person("mentee-k-01"))
    said = stage.refusal("mentee-k-01", Mentee.tandem.consent_to_extension(), person("mentee-k-01"))
    assert said == "Only for: a panel member, but not the mentor or the mentee."


def test_trap_4_a_panel_member_who_is_the_mentor_does_not_consent_to_the_extension_of_the_own_pair(
    stage: Stage,
) -> None:
    """Invariant 8, the part of the pair."""
    stage.to_running({"mentee-k-02": "mentor-d-01", "mentee-k-03": "mentor-d-02"})
    for name in ("mentee-k-02", "mentee-k-03"):
        ask = Mentee.tandem.ask_for_extension(until=date(2024, 1, 31), reason="The project runs until then.")
        stage.do(name, ask, person(name))
    consent = Mentee.tandem.consent_to_extension()
    said = stage.refusal("mentee-k-02", consent, person("mentor-d-01"))
    assert said == "Only for: a panel member, but not the mentor or the mentee."
    stage.do("mentee-k-03", consent, person("mentor-d-01"))


def test_trap_5_the_rules_of_a_later_edition_change_nothing_in_one_that_runs(stage: Stage) -> None:
    """Elsewhere mentees could choose male mentors only from the sixth edition on: what holds is the edition's own."""
    stage.to_running(PAIRS)
    later = plan(name="2023", cities=SMALL, rules=Rules(months=12, fewest_meetings=6, longest_pause=1))
    edition = stage.flow.start(later, actor=office)
    stage.flow.fire(edition, Edition.call.publish(deadline=date(2022, 10, 14)), actor=office)
    assert stage.last_day("mentee-k-02") == date(2023, 11, 15)
    pause = Mentee.tandem.pause(cause=Cause.FAMILY, until=date(2022, 11, 15))
    assert stage.flow.check(stage.who("mentee-k-02"), pause, actor=office) == ()
    assert stage.flow.get(Edition, edition).data.rules.months == 12


def test_trap_6_what_is_corrected_keeps_the_old_value_and_the_reason(stage: Stage) -> None:
    """Sources contradict one another: seed and gazette named different days for the same workshops."""
    move = Edition.call.move_deadline(deadline=date(2022, 5, 31), reason="The gazette had another day.")
    with pytest.raises(PayloadError, match="must not be blank"):
        Edition.call.move_deadline(deadline=date(2022, 5, 31), reason="")
    moved = stage.do(stage.edition, move, office)[Edition.call].moves
    assert [(one.before, one.reason) for one in moved] == [(DEADLINE, "The gazette had another day.")]
    assert stage.flow.history(stage.edition)[-1].actor == "office"


def test_trap_7_a_mentor_may_have_several_mentees_where_the_edition_says_so() -> None:
    """Elsewhere 14 mentors accompanied 21 mentees."""
    stage = Stage(MemoryStore(), cities=SMALL, rules=Rules(mentees_per_mentor=2))
    mentees = ["mentee-k-02", "mentee-k-03", "mentee-d-02", "mentee-d-03"]
    stage.to_matching(mentees, ["mentor-d-02", "mentor-k-02", "mentor-k-03"], [])
    for mentee in mentees[:2]:
        stage.match(mentee, "mentor-d-02")
    stage.hold_kickoff()
    assert {stage.state(name) for name in mentees[:2]} == {"tandem.active"}
    stage.do("mentor-d-02", Mentor.leave(), office)
    assert {stage.state(name) for name in mentees[:2]} == {"tandem.without_mentor"}


def test_trap_7_one_mentee_per_mentor_unless_the_edition_says_otherwise(stage: Stage) -> None:
    stage.to_matching(["mentee-k-02", "mentee-k-03"], ["mentor-d-02"])
    stage.match("mentee-k-02", "mentor-d-02")
    proposal = stage.propose("mentee-k-03", "mentor-d-02")
    said = stage.refusal(proposal, MatchProposal.approval.approve(), panel_d)
    assert said == "One of the two has a tandem already."


def test_trap_8_a_pause_keeps_a_class_of_causes_and_no_diagnosis(stage: Stage) -> None:
    stage.to_running(PAIRS)
    case = stage.who("mentee-d-02")
    payload = {"cause": "a broken leg", "until": "2022-10-01", "diagnosis": "S82"}
    with pytest.raises(PayloadError) as error:
        stage.flow.fire(case.id, "tandem.pause", payload, actor=office)
    assert {fault.path for fault in error.value.faults} == {"cause", "diagnosis"}
    form = stage.flow.explain(case, actor=office)["tandem.pause"].form
    assert {field.name: field.type for field in form} == {"cause": Cause, "until": date}


def test_trap_8_of_a_meeting_only_the_day_is_kept(stage: Stage) -> None:
    stage.to_running(PAIRS)
    tandem = stage.tandem("mentee-k-02")
    payload = {"on": "2022-08-15", "about": "something confidential"}
    with pytest.raises(PayloadError, match="is no field of this event"):
        stage.flow.fire(tandem.id, "log_meeting", payload, actor=person("mentee-k-02"))
    form = stage.flow.explain(tandem, actor=office)["log_meeting"].form
    assert [(field.name, field.type) for field in form] == [("on", date)]


def test_no_rule_is_shown_to_a_user_as_law() -> None:
    """Reasons and titles name no statute: what they say is the programme's rule or a default."""
    texts: list[str] = []
    for lifecycle in (Edition, Mentee, Mentor, MatchProposal, Agreement, Tandem):
        blueprint = lifecycle.__progflow__.blueprint
        for event in blueprint.events.values():
            texts += [event.title, *(bound.rule.text for bound in event.guards)]
    assert not [text for text in texts if "§" in text or "law" in text.lower().split()]
