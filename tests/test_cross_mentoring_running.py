"""The cross-mentoring from the kick-off on: pauses, extensions, dissolved tandems, certificates, and every end."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from cross_mentoring_stage import (
    BERLIN,
    CLOSING,
    KICKOFF,
    PAIRS,
    SMALL,
    STORES,
    Stage,
    head,
    mayor_d,
    mayor_k,
    office,
    opened,
    panel_d,
    panel_k,
    person,
)
from progflow import PayloadError, Refused, days
from progflow.ports import Store
from progflow.programs.cross_mentoring import (
    Agreement,
    Cause,
    Edition,
    Goal,
    MatchProposal,
    Mentee,
    Mentor,
    Rules,
    Seminar,
    SeminarPlace,
    Tandem,
)


@pytest.fixture(params=STORES)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    with opened(request.param, tmp_path) as found:
        yield found


@pytest.fixture
def stage(store: Store) -> Stage:
    return Stage(store, cities=SMALL)


# -- agreement and kick-off ----------------------------------------------------------------------------------------


def test_each_city_signs_once_and_then_the_agreement_is_in_force(stage: Stage) -> None:
    assert (
        stage.refusal(stage.agreement, Agreement.signature.sign(), office) == "Only for: a signatory of a member city."
    )
    stage.do(stage.agreement, Agreement.signature.sign(), mayor_k)
    said = stage.refusal(stage.agreement, Agreement.signature.sign(), mayor_k)
    assert said.startswith("Köln has agreed already.")
    agreement = stage.do(stage.agreement, Agreement.signature.sign(), mayor_d)
    assert agreement.state is Agreement.in_force.in_force
    with pytest.raises(Refused, match="There is an agreement for this edition already"):
        stage.flow.start(Agreement.draft(document="A-2"), parent=stage.edition, actor=office)


def test_a_tandem_waits_for_the_kickoff_and_the_agreement_and_says_so(stage: Stage) -> None:
    stage.to_matching(list(PAIRS), sorted(PAIRS.values()))
    tandem = stage.match("mentee-k-02", "mentor-d-02")
    waiting = stage.flow.explain(tandem, actor=office)["begin"].resting
    assert [reason.text for reason in waiting] == [
        "The cooperation agreement is not in force.",
        "The kick-off has not been held.",
    ]
    stage.on(KICKOFF)
    stage.flow.fire(stage.edition_id, Edition.kickoff.hold(), actor=office)
    assert stage.tandem("mentee-k-02").state is Tandem.approved
    stage.sign()
    assert stage.tandem("mentee-k-02").state is Tandem.started
    assert stage.state("mentee-k-02") == "tandem.active"


# -- the tandem phase ----------------------------------------------------------------------------------------------


def test_a_withdrawal_after_the_match_frees_seat_and_mentor(stage: Stage) -> None:
    stage.to_matching(list(PAIRS), sorted(PAIRS.values()), ["mentee-k-04"])
    stage.match("mentee-k-02", "mentor-d-02")
    stage.do("mentee-k-02", Mentee.withdrawal.withdraw(reason="A new post."), person("mentee-k-02"))
    assert stage.tandem("mentee-k-02").data.cause is Cause.MENTEE_LEFT
    assert stage.state("mentee-k-04") == "selection.selected"
    stage.confirm(["mentee-k-04"])
    stage.match("mentee-k-04", "mentor-d-02")


def test_a_reminder_comes_every_eight_weeks_without_a_meeting(stage: Stage) -> None:
    stage.to_running(PAIRS)
    stage.on(date(2022, 10, 10))
    assert stage.tandem("mentee-k-02").data.reminders == ()
    stage.on(date(2022, 10, 11))
    assert stage.tandem("mentee-k-02").data.reminders == (date(2022, 10, 11),)
    stage.meet("mentee-k-02", times=1)
    stage.on(date(2022, 12, 6))
    assert len(stage.tandem("mentee-k-02").data.reminders) == 1
    stage.on(date(2023, 2, 1))
    assert stage.tandem("mentee-k-02").data.reminders[1:] == (date(2022, 12, 7), date(2023, 2, 1))


def test_a_meeting_is_a_day_between_the_start_and_today(stage: Stage) -> None:
    stage.to_running(PAIRS)
    tandem = stage.tandem("mentee-k-02")
    for day in (date(2022, 8, 14), date(2022, 8, 16)):
        said = stage.refusal(tandem, Tandem.log_meeting(on=day), person("mentor-d-02"))
        assert said == f"{day} is not a day between the start of the tandem and today."


def test_goals_bring_a_tandem_to_work(stage: Stage) -> None:
    stage.to_running(PAIRS)
    tandem = stage.tandem("mentee-k-02")
    assert stage.refusal(tandem, Tandem.agree_goals(goals=(Goal("Lead."),)), office) == "Only for: one of the two."
    tandem = stage.do(
        tandem, Tandem.agree_goals(goals=(Goal("Lead a project."), Goal("Speak in public."))), person("mentor-d-02")
    )
    assert tandem.state is Tandem.active
    with pytest.raises(PayloadError, match="goals"):
        Tandem.agree_goals(goals=())


def test_the_mid_term_review_is_due_after_seven_months(stage: Stage) -> None:
    stage.to_running(PAIRS)
    stage.on(date(2023, 3, 15))
    assert not stage.who("mentee-k-02")[Mentee.tandem].review_due
    stage.on(date(2023, 3, 16))
    assert stage.who("mentee-k-02")[Mentee.tandem].review_due
    case = stage.do("mentee-k-02", Mentee.tandem.review(), person("mentee-k-02"))
    assert (case[Mentee.tandem].review_due, case[Mentee.tandem].reviewed_on) == (False, date(2023, 3, 16))


def test_a_pause_moves_the_end_of_this_one_participation_by_its_days(stage: Stage) -> None:
    """1 December to 31 January are 62 days."""
    stage.to_running(PAIRS)
    stage.meet("mentee-d-02", times=1)
    assert stage.last_day("mentee-d-02") == date(2023, 11, 15)
    stage.on(date(2022, 12, 1))
    pause = Mentee.tandem.pause(cause=Cause.FAMILY, until=date(2023, 1, 31))
    stage.do("mentee-d-02", pause, office)
    assert stage.tandem("mentee-d-02").state is Tandem.paused
    assert stage.state("mentee-d-02") == "tandem.paused"
    assert stage.last_day("mentee-d-02") is None
    stage.on(date(2023, 2, 1))
    assert stage.state("mentee-d-02") == "tandem.active"
    assert stage.tandem("mentee-d-02").state is Tandem.active
    assert stage.last_day("mentee-d-02") == date(2023, 11, 15) + days(62)
    assert stage.last_day("mentee-d-03") == date(2023, 11, 15)
    assert stage.flow.explain(stage.who("mentee-d-02"), actor=office)["tandem.call_for_review"].due == datetime(
        2023, 5, 17, tzinfo=BERLIN
    )


def test_no_reminder_comes_during_a_pause(stage: Stage) -> None:
    stage.to_running(PAIRS)
    stage.on(date(2022, 9, 15))
    stage.do("mentee-d-02", Mentee.tandem.pause(cause=Cause.ILLNESS, until=date(2022, 12, 15)), office)
    stage.on(date(2022, 12, 15))
    assert stage.tandem("mentee-d-02").data.reminders == ()
    assert stage.tandem("mentee-d-03").data.reminders != ()


def test_a_pause_ended_at_once_leaves_the_end_where_it_was(stage: Stage) -> None:
    stage.to_running(PAIRS)
    stage.do("mentee-d-02", Mentee.tandem.pause(cause=Cause.FAMILY, until=date(2022, 9, 30)), office)
    stage.do("mentee-d-02", Mentee.tandem.resume(), person("mentee-d-02"))
    assert stage.last_day("mentee-d-02") == date(2023, 11, 15)
    assert stage.tandem("mentee-d-02").state is Tandem.started


def test_a_pause_is_at_most_three_months_and_there_is_one(stage: Stage) -> None:
    stage.to_running(PAIRS)

    def pause(until: date) -> str:
        return stage.refusal("mentee-d-02", Mentee.tandem.pause(cause=Cause.FAMILY, until=until), office)

    assert pause(date(2022, 11, 16)) == "A pause ends on 2022-11-15 at the latest, and after today."
    assert pause(KICKOFF) == "A pause ends on 2022-11-15 at the latest, and after today."
    stage.do("mentee-d-02", Mentee.tandem.pause(cause=Cause.FAMILY, until=date(2022, 11, 15)), office)
    stage.on(date(2022, 11, 16))
    assert stage.state("mentee-d-02") == "tandem.active"
    assert pause(date(2022, 12, 24)) == "No more pauses: 1 may be taken, and there have been so many."


def test_an_extension_needs_both_cities(stage: Stage) -> None:
    stage.to_running(PAIRS)
    ask = Mentee.tandem.ask_for_extension(until=date(2024, 1, 31), reason="The project runs until then.")
    early = Mentee.tandem.ask_for_extension(until=date(2023, 1, 31), reason="x")
    consent = Mentee.tandem.consent_to_extension()
    assert stage.refusal("mentee-k-02", early, office) == "2023-01-31 is not later than the end on 2023-11-15."
    nothing = "No extension was asked for that your party has not consented to."
    assert stage.refusal("mentee-k-02", consent, panel_k) == nothing
    stage.do("mentee-k-02", ask, person("mentee-k-02"))
    stage.do("mentee-k-02", consent, panel_k)
    assert stage.last_day("mentee-k-02") == date(2023, 11, 15)
    assert stage.refusal("mentee-k-02", consent, panel_k) == nothing
    stage.do("mentee-k-02", consent, panel_d)
    assert stage.last_day("mentee-k-02") == date(2024, 1, 31)
    assert stage.last_day("mentee-k-03") == date(2023, 11, 15)


def test_a_dissolved_tandem_is_matched_again_and_the_clock_goes_on(stage: Stage) -> None:
    stage.mentors(["mentor-d-04"])
    stage.to_running(PAIRS)
    first = stage.tandem("mentee-k-02")
    dissolve = Tandem.dissolve(cause=Cause.MUTUAL)
    assert stage.refusal(first, dissolve, person("mentee-k-02")).startswith("They have not met yet.")
    stage.on(date(2022, 12, 1))
    stage.meet("mentee-k-02", times=1)
    stage.do(first, dissolve, person("mentee-k-02"))
    assert stage.state("mentee-k-02") == "tandem.without_mentor"
    assert stage.last_day("mentee-k-02") == date(2023, 11, 15)
    second = stage.match("mentee-k-02", "mentor-d-04")
    assert second.links["predecessor"] == first.id
    assert second.data.started == date(2022, 12, 1)
    assert stage.state("mentee-k-02") == "tandem.active"
    assert stage.last_day("mentee-k-02") == date(2023, 11, 15)


def test_a_tandem_may_be_dissolved_without_a_meeting_if_somebody_says_so(stage: Stage) -> None:
    stage.to_running(PAIRS)
    tandem = stage.tandem("mentee-k-02")
    command = Tandem.dissolve(cause=Cause.ONE_SIDED, without_meeting=True)
    assert stage.do(tandem, command, person("mentor-d-02")).state is Tandem.dissolved


def test_a_mentor_who_leaves_is_the_cause_and_the_mentee_keeps_her_seat(stage: Stage) -> None:
    stage.to_running(PAIRS, ["mentee-k-04"])
    pending = stage.flow.cases(MatchProposal).count()
    stage.do("mentor-d-02", Mentor.leave(), office)
    assert stage.tandem("mentee-k-02").data.cause is Cause.MENTOR_LEFT
    assert stage.state("mentee-k-02") == "tandem.without_mentor"
    assert stage.state("mentee-k-04") == "selection.waitlisted"
    assert stage.state("mentor-d-02") == "left"
    assert stage.flow.cases(MatchProposal).count() == pending


def test_who_has_no_mentor_at_the_end_completes_all_the_same(stage: Stage) -> None:
    stage.to_running(PAIRS)
    stage.do("mentor-d-02", Mentor.leave(), office)
    stage.on(date(2023, 11, 16))
    assert stage.state("mentee-k-02") == stage.state("mentee-k-03") == "certificate.due"


def test_a_seat_that_gets_free_early_enough_is_filled_after_the_kickoff(stage: Stage) -> None:
    stage.mentors(["mentor-d-04"])
    stage.to_running(PAIRS, ["mentee-k-04", "mentee-k-05"])
    stage.on(date(2022, 11, 15))
    stage.do("mentee-k-02", Mentee.tandem.drop_out(reason="A new post."), person("mentee-k-02"))
    assert stage.state("mentee-k-04") == "selection.selected"
    stage.confirm(["mentee-k-04"])
    stage.match("mentee-k-04", "mentor-d-04")
    assert stage.state("mentee-k-04") == "tandem.active"
    assert stage.last_day("mentee-k-04") == date(2023, 11, 15)


def test_with_less_than_twelve_months_to_go_no_seat_is_filled_and_the_waiting_list_ends(stage: Stage) -> None:
    stage.to_running(PAIRS, ["mentee-k-04"])
    stage.on(date(2022, 11, 16))
    assert stage.state("mentee-k-04") == "selection.rejected"
    stage.do("mentee-k-02", Mentee.tandem.drop_out(reason="A new post."), person("mentee-k-02"))
    assert stage.state("mentee-k-02") == "tandem.dropped_out"
    assert stage.who("mentee-k-04")[Mentee.selection].reason.startswith("The waiting list has ended")


# -- closing, certificates, the end --------------------------------------------------------------------------------


def test_a_certificate_is_earned_numbered_and_its_number_never_given_again(stage: Stage) -> None:
    stage.to_running(PAIRS)
    stage.on(date(2022, 10, 4))
    for name in ("mentee-k-02", "mentee-k-03", "mentee-d-02"):
        stage.meet(name)
    stage.meet("mentee-d-03", times=3)
    stage.on(CLOSING)
    stage.flow.fire(stage.edition_id, Edition.run.hold_closing(), actor=office)
    issue = Mentee.certificate.issue()
    said = stage.refusal("mentee-d-03", issue, office)
    assert said == "Too few meetings for a certificate: 3 of 4."
    stage.do("mentee-k-02", issue, office)
    assert "certified”, only in" in stage.refusal("mentee-k-02", issue, office)
    revoked = stage.do("mentee-k-02", Mentee.certificate.revoke(reason="Issued by mistake."), head)
    assert revoked[Mentee.certificate].number == "2022-001"
    case = stage.do("mentee-k-03", issue, office)
    assert case[Mentee.certificate].number == "2022-002"
    stage.do("mentee-d-02", issue, office)
    assert stage.edition.state is Edition.run.closing
    stage.do("mentee-d-03", Mentee.certificate.refuse(reason="Three meetings."), office)
    assert stage.edition.state is Edition.run.completed


def test_who_dropped_out_gets_no_certificate(stage: Stage) -> None:
    stage.to_running(PAIRS)
    stage.on(date(2022, 10, 4))
    stage.meet("mentee-k-02")
    stage.do("mentee-k-02", Mentee.tandem.drop_out(reason="A new post."), office)
    assert "Not possible" in stage.refusal("mentee-k-02", Mentee.certificate.issue(), office)


def open_cases(stage: Stage) -> list[str]:
    kinds: tuple[type[Any], ...] = (Mentee, Mentor, MatchProposal, Agreement, Tandem, Seminar, SeminarPlace)
    return [case.state.path for kind in kinds for case in stage.flow.cases(kind).open().all()]


def test_cancelling_takes_everybody_along_and_leaves_no_timer(stage: Stage) -> None:
    stage.mentors(["mentor-d-04"])
    stage.to_running(PAIRS, ["mentee-k-04"])
    stage.do("mentor-d-02", Mentor.leave(), office)
    stage.propose("mentee-k-02", "mentor-d-04")
    stage.do("mentee-d-02", Mentee.tandem.pause(cause=Cause.FAMILY, until=date(2022, 9, 15)), office)
    with pytest.raises(PayloadError, match="must not be blank"):
        Edition.cancellation.cancel(reason=" ")
    stage.flow.fire(stage.edition_id, Edition.cancellation.cancel(reason="The budget was cut."), actor=head)
    assert stage.edition.state is Edition.cancellation.cancelled
    assert open_cases(stage) == []
    assert stage.state("mentee-d-02") == stage.state("mentor-d-04") == "ending.ended"
    everything = stage.everything()
    stage.on(date(2025, 1, 1))
    assert stage.everything() == everything
    assert stage.flow.run_due() == 0


def test_the_office_calls_off_only_for_lack_of_tandems(stage: Stage) -> None:
    stage.to_matching(list(PAIRS), sorted(PAIRS.values()))
    call_off = Edition.calling_off.cancel(reason="Too few tandems.")
    for mentee in ("mentee-k-02", "mentee-k-03", "mentee-d-02"):
        assert stage.flow.check(stage.edition_id, call_off, actor=office) == ()
        stage.match(mentee, PAIRS[mentee])
    assert stage.refusal(stage.edition, call_off, office) == "3 tandems have come about; 3 are enough to go on."
    assert (
        stage.refusal(stage.edition, Edition.cancellation.cancel(reason="x"), office)
        == "Only for: head of administration."
    )
    stage.flow.fire(stage.edition_id, Edition.cancellation.cancel(reason="The budget was cut."), actor=head)
    assert open_cases(stage) == []


def test_without_a_closing_event_the_edition_closes_at_its_nominal_end(stage: Stage) -> None:
    stage.to_running(PAIRS)
    stage.on(date(2023, 11, 15), hour=23)
    assert stage.edition.state is Edition.run.running
    stage.on(date(2023, 11, 16))
    assert stage.edition.state is Edition.run.closing
    assert stage.edition[Edition.run].closed_on == date(2023, 11, 15)
    assert {stage.state(name) for name in PAIRS} == {"certificate.due"}


def test_who_was_never_matched_is_left_over_at_the_closing(stage: Stage) -> None:
    stage.to_matching(list(PAIRS), sorted(PAIRS.values()))
    stage.match("mentee-d-02", "mentor-k-02")
    stage.hold_kickoff()
    stage.on(date(2023, 11, 16))
    assert stage.state("mentee-k-02") == "left_over.ended"
    assert stage.state("mentee-d-02") == "certificate.due"


def test_an_edition_can_set_its_own_numbers(store: Store) -> None:
    rules = Rules(months=9, confirm_within=3, longest_pause=1, fewest_meetings=0, closing_tolerance_days=0)
    stage = Stage(store, cities=SMALL, rules=rules)
    stage.to_running(PAIRS)
    assert stage.last_day("mentee-k-02") == date(2023, 5, 15)
    assert stage.refusal(stage.edition, Edition.run.hold_closing(), office) == (
        "The closing may be held 0 days before 2023-05-15 at the earliest."
    )
    stage.on(date(2023, 5, 15))
    stage.flow.fire(stage.edition_id, Edition.run.hold_closing(), actor=office)
    stage.do("mentee-k-02", Mentee.certificate.issue(), office)
