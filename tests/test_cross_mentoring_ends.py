"""Every edition comes to an end, whatever was left undone in it."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from cross_mentoring_stage import CLOSING, KICKOFF, PAIRS, SMALL, Stage, head, mayor_d, office, plan
from progflow.adapters.memory import MemoryStore
from progflow.programs.cross_mentoring import Agreement, Cause, Edition, Mentee, Mentor, Tandem


@pytest.fixture
def stage() -> Stage:
    return Stage(MemoryStore(), cities=SMALL)


def rematched_without_agreement(stage: Stage) -> None:
    """A mentor left after the agreement was terminated; the new tandem is approved and can never begin."""
    stage.mentors(["mentor-d-04"])
    stage.to_running(PAIRS)
    stage.do(stage.agreement, Agreement.in_force.terminate(reason="A new council."), mayor_d)
    stage.do("mentor-d-02", Mentor.leave(), office)
    assert stage.match("mentee-k-02", "mentor-d-04").state is Tandem.approved


def test_a_tandem_that_could_not_begin_does_not_hold_up_the_closing(stage: Stage) -> None:
    rematched_without_agreement(stage)
    stage.on(CLOSING)
    stage.flow.fire(stage.edition_id, Edition.run.hold_closing(), actor=office)
    assert {stage.state(name) for name in PAIRS} == {"certificate.due"}
    assert stage.tandem("mentee-k-02").state is Tandem.lapsed
    assert stage.tandem("mentee-k-03").state is Tandem.completed
    assert stage.state("mentor-d-04") == "finished"


def test_a_tandem_that_could_not_begin_does_not_hold_up_the_nominal_end(stage: Stage) -> None:
    rematched_without_agreement(stage)
    stage.on(date(2023, 11, 16))
    assert {stage.state(name) for name in PAIRS} == {"certificate.due"}
    assert stage.tandem("mentee-k-02").state is Tandem.lapsed


def test_who_comes_back_from_a_pause_to_a_tandem_that_could_not_begin_still_waits_for_it(stage: Stage) -> None:
    rematched_without_agreement(stage)
    pause = Mentee.tandem.pause(cause=Cause.FAMILY, until=KICKOFF + timedelta(days=14))
    stage.do("mentee-k-02", pause, office)
    stage.on(KICKOFF + timedelta(days=15))
    assert stage.state("mentee-k-02") == "tandem.without_mentor"
    assert stage.tandem("mentee-k-02").state is Tandem.approved


def test_an_edition_whose_agreement_was_never_signed_is_completed_at_its_end(stage: Stage) -> None:
    stage.to_matching(list(PAIRS), sorted(PAIRS.values()))
    for mentee, mentor in PAIRS.items():
        stage.match(mentee, mentor)
    stage.on(KICKOFF)
    stage.flow.fire(stage.edition_id, Edition.kickoff.hold(), actor=office)
    stage.on(date(2025, 1, 1))
    assert {stage.tandem(name).state for name in PAIRS} == {Tandem.lapsed}
    assert {stage.state(name) for name in PAIRS} == {"left_over.ended"}
    assert {stage.state(name) for name in PAIRS.values()} == {"finished"}
    assert stage.edition.state is Edition.run.completed


def test_an_edition_does_not_wait_for_ever_for_certificates_and_they_can_still_be_issued(stage: Stage) -> None:
    stage.to_running(PAIRS)
    stage.meet("mentee-k-02", times=1)
    stage.on(date(2022, 9, 20))
    stage.meet("mentee-k-02")
    stage.on(date(2024, 5, 16))
    assert stage.edition.state is Edition.run.closing
    stage.on(date(2024, 5, 17))
    assert stage.edition.state is Edition.run.completed
    assert {stage.state(name) for name in PAIRS} == {"certificate.overdue"}
    stage.do("mentee-k-02", Mentee.certificate.issue(), office)
    stage.do("mentee-k-03", Mentee.certificate.refuse(reason="No meetings."), office)
    assert stage.state("mentee-k-02") == "certificate.issued"


STATES = ("call.planned", "call.open", "selection", "kickoff.awaited", "run.running", "run.closing")


@pytest.mark.parametrize("until", STATES)
def test_an_edition_can_be_cancelled_until_it_is_completed(stage: Stage, until: str) -> None:
    if until == "call.planned":
        command = plan(name="2023", cities=SMALL)
        edition = stage.flow.start(command, actor=office)
    else:
        if until == "selection":
            stage.to_selection(["mentee-k-02"])
        elif until == "kickoff.awaited":
            stage.to_matching(list(PAIRS), sorted(PAIRS.values()))
        elif until != "call.open":
            stage.to_running(PAIRS)
        if until == "run.closing":
            stage.meet("mentee-k-02", times=1)
            stage.on(CLOSING)
            stage.flow.fire(stage.edition_id, Edition.run.hold_closing(), actor=office)
        edition = stage.edition
    assert edition.state.path == until
    edition = stage.flow.fire(edition.id, Edition.cancellation.cancel(reason="The budget was cut."), actor=head)
    assert edition.state is Edition.cancellation.cancelled
    left = {case.state.path for case in stage.flow.cases(Mentee).open().all()}
    assert left == ({"certificate.overdue"} if until == "run.closing" else set())
    stage.on(date(2030, 1, 1))
    everything = stage.everything()
    stage.on(date(2031, 1, 1))
    assert stage.everything() == everything
