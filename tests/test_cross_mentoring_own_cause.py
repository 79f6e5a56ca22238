"""Nobody decides on oneself, nobody is overtaken in silence, and bounds that used to be missing."""

from __future__ import annotations

from datetime import date

import pytest

from cross_mentoring_stage import PAIRS, SMALL, Stage, offering, office, panel_d, panel_k, person
from progflow import Actor
from progflow.adapters.memory import MemoryStore
from progflow.programs.cross_mentoring import (
    EMPLOYEE,
    HEAD,
    OFFICE,
    Cause,
    MatchProposal,
    Mentee,
    Mentor,
    Rules,
    Tandem,
)

ON_ONESELF = "but not the mentee."


@pytest.fixture
def stage() -> Stage:
    return Stage(MemoryStore(), cities=SMALL)


def in_office(name: str) -> Actor:
    """Somebody who takes part and works in the programme office, or even heads it."""
    return Actor(name, {EMPLOYEE, OFFICE, HEAD})


# -- nobody is overtaken without a recorded reason ------------------------------------------------------------------


def test_a_seat_for_a_lower_rank_needs_a_reason_while_a_higher_one_waits(stage: Stage) -> None:
    stage.to_selection(["mentee-k-02", "mentee-k-03", "mentee-d-02"])
    stage.waitlist(["mentee-k-02"], first=1)
    said = stage.refusal("mentee-k-03", Mentee.selection.select(rank=2), panel_k)
    assert said == "Somebody with a higher rank waits (Köln); give the reason for passing over."
    assert stage.refusal("mentee-k-03", Mentee.selection.select(rank=2, reason=" "), panel_k) == said
    stage.do("mentee-d-02", Mentee.selection.select(rank=2), panel_d)
    case = stage.do("mentee-k-03", Mentee.selection.select(rank=2, reason="The first is on leave."), panel_k)
    assert case[Mentee.selection].reason == "The first is on leave."


# -- nobody decides on oneself --------------------------------------------------------------------------------------


def test_nobody_in_the_office_decides_on_the_own_application(stage: Stage) -> None:
    apply = stage.applying("Köln")
    stage.flow.start(apply, parent=stage.edition, actor=person("mentee-k-02"))
    for command in (
        Mentee.application.admit(),
        Mentee.application.reject(reason="x"),
        Mentee.application.ask_for_more(missing="x"),
    ):
        assert stage.refusal("mentee-k-02", command, in_office("mentee-k-02")).endswith(ON_ONESELF)


def test_nobody_moves_herself_on_the_waiting_list(stage: Stage) -> None:
    stage.to_selection(["mentee-k-02", "mentee-k-03"])
    stage.waitlist(["mentee-k-02"], first=5)
    command = Mentee.selection.rerank(rank=1, reason="I am good.")
    assert stage.refusal("mentee-k-02", command, in_office("mentee-k-02")).endswith(ON_ONESELF)


def test_no_mentor_accepts_the_own_offer(stage: Stage) -> None:
    offer = offering("Köln")
    stage.flow.start(offer, parent=stage.edition, actor=person("mentor-k-02"))
    for command in (Mentor.application.admit(), Mentor.application.reject(reason="x")):
        assert stage.refusal("mentor-k-02", command, in_office("mentor-k-02")).endswith("but not the mentor.")


def test_nobody_pauses_herself_nor_issues_or_revokes_her_own_certificate() -> None:
    stage = Stage(MemoryStore(), cities=SMALL, rules=Rules(fewest_meetings=0))
    stage.to_running(PAIRS)
    herself = in_office("mentee-k-02")
    pause = Mentee.tandem.pause(cause=Cause.FAMILY, until=date(2022, 10, 1))
    assert stage.refusal("mentee-k-02", pause, herself).endswith(ON_ONESELF)
    stage.on(date(2023, 11, 16))
    for command in (Mentee.certificate.issue(), Mentee.certificate.refuse(reason="x")):
        assert stage.refusal("mentee-k-02", command, herself).endswith(ON_ONESELF)
    stage.do("mentee-k-02", Mentee.certificate.issue(), office)
    assert stage.refusal("mentee-k-02", Mentee.certificate.revoke(reason="x"), herself).endswith(ON_ONESELF)


def test_no_partner_proposes_discards_or_reassesses_the_own_pair(stage: Stage) -> None:
    stage.mentors(["mentor-d-01"])
    stage.to_matching([*PAIRS, "mentee-d-02"][:4], sorted(PAIRS.values()))
    mentor = person("mentor-d-01")
    propose = Mentee.matching.propose(partner="mentor-d-01", why="Fits.")
    assert stage.refusal("mentee-k-02", propose, mentor) == "Nobody proposes oneself."
    proposal = stage.propose("mentee-k-02", "mentor-d-01")
    discard = MatchProposal.approval.discard(reason="x")
    for actor in (mentor, in_office("mentee-k-02")):
        assert stage.refusal(proposal, discard, actor).endswith("but not one of the two.")
    tandem = stage.match("mentee-k-03", "mentor-d-03")
    stage.do("mentor-d-03", Mentor.change_employer(city="Köln"), office)
    reassess = Tandem.reassess(reason="x")
    assert stage.refusal(tandem, reassess, in_office("mentor-d-03")).endswith("but not one of the two.")


def test_who_steps_back_takes_the_proposals_along_all_the_same(stage: Stage) -> None:
    stage.to_matching(list(PAIRS), sorted(PAIRS.values()))
    of_mentee, of_mentor = stage.propose("mentee-k-02", "mentor-d-02"), stage.propose("mentee-k-03", "mentor-d-03")
    stage.do("mentee-k-02", Mentee.withdrawal.withdraw(reason="A new post."), person("mentee-k-02"))
    stage.do("mentor-d-03", Mentor.withdrawal.withdraw(reason="A new post."), person("mentor-d-03"))
    for proposal in (of_mentee, of_mentor):
        assert stage.flow.get(MatchProposal, proposal).state is MatchProposal.approval.discarded


# -- cities outside the edition -------------------------------------------------------------------------------------


def test_no_match_is_proposed_with_somebody_who_works_outside_the_member_cities(stage: Stage) -> None:
    stage.to_matching(list(PAIRS), sorted(PAIRS.values()))
    stage.do("mentor-d-02", Mentor.change_employer(city="Bonn"), office)
    stage.do("mentee-k-03", Mentee.change_employer(city="Bonn"), office)
    for mentee, mentor in (("mentee-k-02", "mentor-d-02"), ("mentee-k-03", "mentor-d-03")):
        said = stage.refusal(mentee, Mentee.matching.propose(partner=mentor, why="Fits."), panel_k)
        assert said == "One of the two works for Bonn, which does not take part in this edition."


# -- pause and extension --------------------------------------------------------------------------------------------


def test_an_extension_is_asked_for_and_granted_during_a_pause(stage: Stage) -> None:
    stage.to_running(PAIRS)
    stage.on(date(2022, 12, 1))
    stage.do("mentee-d-02", Mentee.tandem.pause(cause=Cause.FAMILY, until=date(2023, 1, 31)), office)
    early = Mentee.tandem.ask_for_extension(until=date(2024, 1, 16), reason="Longer leave.")
    assert stage.refusal("mentee-d-02", early, office) == "2024-01-16 is not later than the end on 2024-01-16."
    ask = Mentee.tandem.ask_for_extension(until=date(2024, 3, 31), reason="Longer leave.")
    stage.do("mentee-d-02", ask, person("mentee-d-02"))
    for member in (panel_k, panel_d):
        stage.do("mentee-d-02", Mentee.tandem.consent_to_extension(), member)
    stage.on(date(2023, 2, 1))
    assert stage.state("mentee-d-02") == "tandem.active"
    assert stage.last_day("mentee-d-02") == date(2024, 3, 31)


def test_an_extension_asked_for_before_a_pause_never_makes_the_end_earlier(stage: Stage) -> None:
    stage.to_running(PAIRS)
    ask = Mentee.tandem.ask_for_extension(until=date(2023, 11, 20), reason="Five days more.")
    stage.do("mentee-d-02", ask, person("mentee-d-02"))
    stage.on(date(2022, 12, 1))
    stage.do("mentee-d-02", Mentee.tandem.pause(cause=Cause.FAMILY, until=date(2023, 1, 31)), office)
    for member in (panel_k, panel_d):
        stage.do("mentee-d-02", Mentee.tandem.consent_to_extension(), member)
    stage.on(date(2023, 2, 1))
    assert stage.last_day("mentee-d-02") == date(2024, 1, 16)


def test_an_extension_has_an_end_that_can_be_set_and_not_be_passed_by_asking_twice(stage: Stage) -> None:
    stage.to_running(PAIRS)

    def ask(until: date) -> str:
        command = Mentee.tandem.ask_for_extension(until=until, reason="Not done.")
        return stage.refusal("mentee-k-02", command, office)

    assert ask(date(2024, 2, 16)) == "An extension ends on 2024-02-15 at the latest."
    last = Mentee.tandem.ask_for_extension(until=date(2024, 2, 15), reason="Not done.")
    stage.do("mentee-k-02", last, office)
    for member in (panel_k, panel_d):
        stage.do("mentee-k-02", Mentee.tandem.consent_to_extension(), member)
    assert ask(date(2024, 3, 1)) == "An extension ends on 2024-02-15 at the latest."


# -- both at once ---------------------------------------------------------------------------------------------------


def test_one_person_may_be_mentee_and_mentor_but_never_of_herself(stage: Stage) -> None:
    stage.to_matching(list(PAIRS), sorted(PAIRS.values()))
    offer = offering("Köln")
    case = stage.flow.start(offer, parent=stage.edition, actor=person("mentee-k-02"))
    stage.do(case, Mentor.application.admit(), office)
    stage.do(case, Mentor.change_employer(city="Düsseldorf"), office)
    said = stage.refusal("mentee-k-02", Mentee.matching.propose(partner="mentee-k-02", why="Fits."), panel_k)
    assert said == "Nobody is matched with oneself."
