"""What an edition does not let itself in for: input that nobody could work with later, and ways that lead nowhere."""

from __future__ import annotations

import pytest

from cross_mentoring_stage import Stage, office, panel_k, person
from progflow import PayloadError
from progflow.adapters.memory import MemoryStore
from progflow.programs.cross_mentoring import (
    Cause,
    MatchProposal,
    Mentee,
    Mentor,
    Rules,
    Staff,
    Tandem,
    cross_mentoring,
)
from progflow.testing.scenario import Scenario

PLANNED = {
    "name": "2022",
    "panel": [{"person": "panel", "party": city, "body": "office"} for city in ("Köln", "Düsseldorf")],
    "cities": [{"name": city, "signatory": "mayor"} for city in ("Köln", "Düsseldorf")],
}


def story() -> Scenario:
    return Scenario(cross_mentoring, at="2022-03-01 09:00", facts={Staff: None})


def test_an_edition_cannot_be_planned_with_a_calendar_that_nobody_knows() -> None:
    """It would be asked for only with the deadline of the call, and then nobody could publish one."""
    with pytest.raises(PayloadError) as error:
        story().given("cross-mentoring.Edition.plan", {"edition": PLANNED | {"rules": {"calendar": "NRW"}}}, by=office)
    (fault,) = error.value.faults
    assert fault.path == "edition.rules"
    assert fault.problem.startswith("'NRW' is not a calendar code. Write country and subdivision")
    with pytest.raises(ValueError, match="no subdivision 'XX'"):
        Rules(calendar="DE-XX")


def test_a_match_that_is_proposed_to_somebody_who_drops_out_falls_away() -> None:
    stage = Stage(MemoryStore())
    stage.to_running({"mentee-k-02": "mentor-d-02"})
    stage.mentors(["mentor-d-03"])
    stage.do(stage.tandem("mentee-k-02"), Tandem.dissolve(cause=Cause.MUTUAL, without_meeting=True), office)
    proposal = stage.propose("mentee-k-02", "mentor-d-03")
    stage.do("mentee-k-02", Mentee.tandem.drop_out(reason="Another post."), person("mentee-k-02"))
    assert stage.flow.get(MatchProposal, proposal.id).state is MatchProposal.approval.discarded


def test_a_match_is_proposed_anew_when_somebody_works_elsewhere_before_it_is_approved() -> None:
    """Otherwise it would be approved on facts that no longer hold, and nobody would be asked to look at it again."""
    stage = Stage(MemoryStore())
    stage.to_matching(["mentee-k-02", "mentee-k-03"], ["mentor-d-02", "mentor-d-03"])
    of_mentor, of_mentee = stage.propose("mentee-k-02", "mentor-d-02"), stage.propose("mentee-k-03", "mentor-d-03")
    stage.do(of_mentor, MatchProposal.approval.approve(), panel_k)
    stage.do("mentor-d-02", Mentor.change_employer(city="Köln"), office)
    stage.do("mentee-k-03", Mentee.change_employer(city="Düsseldorf"), office)
    for proposal in (of_mentor, of_mentee):
        now = stage.flow.get(MatchProposal, proposal.id)
        assert now.state is MatchProposal.approval.discarded
        assert now[MatchProposal.approval].reason.startswith("One of the two works elsewhere now")
