"""What holds in the intercultural mentoring whatever people do: seats, certificates, and that an end is an end."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from intercultural_mentoring_stage import GOALS, KICKOFF, Stage, equality, head, office, pairs, person, personnel
from progflow import Actor, Blocker, Case, Command, Refused
from progflow.programs.intercultural_mentoring import (
    Cause,
    Edition,
    JointProject,
    MatchProposal,
    Mentee,
    Mentor,
    Rules,
    Tandem,
    Workshop,
    WorkshopPlace,
    intercultural_mentoring,
)

MENTEES, MENTORS = tuple(pairs(3)), ("mentor-1", "mentor-2", "mentor-3", "mentor-9")
RULES = Rules(tandems_for_kickoff=1, fewest_workshops=1, fewest_meetings=1, mentees_per_mentor=2, back_within_days=7)

Act = Callable[[Stage, str, str, int], tuple[Case[Any], Command[Any], Actor] | None]


def first(stage: Stage, kind: type[Any], mentee: str) -> Case[Any] | None:
    """The last case of that kind that belongs to a mentee."""
    field = "person" if kind is WorkshopPlace else "mentee"
    found = stage.flow.cases(kind).where(**{field: mentee}).all()
    return found[-1] if found else None


def on_tandem(command: Callable[[Stage], Command[Any]]) -> Act:
    def act(stage: Stage, mentee: str, mentor: str, number: int) -> tuple[Case[Any], Command[Any], Actor] | None:
        found = first(stage, Tandem, mentee)
        return None if found is None else (found, command(stage), person(mentee))

    return act


def on_mentee(command: Callable[[Stage, str, int], Command[Any]], actor: Actor | None = None) -> Act:
    return lambda stage, mentee, mentor, number: (
        stage.who(mentee),
        command(stage, mentor, number),
        actor or person(mentee),
    )


def on_project(command: Callable[[str], Command[Any]], actor: Actor | None = None) -> Act:
    return lambda stage, mentee, mentor, number: (stage.project, command(mentee), actor or person(MENTEES[0]))


def on_proposal(actor: Actor) -> Act:
    def act(stage: Stage, mentee: str, mentor: str, number: int) -> tuple[Case[Any], Command[Any], Actor] | None:
        found = first(stage, MatchProposal, mentee)
        return None if found is None else (found, MatchProposal.approval.approve(), actor)

    return act


def on_place(stage: Stage, mentee: str, mentor: str, number: int) -> tuple[Case[Any], Command[Any], Actor] | None:
    found = first(stage, WorkshopPlace, mentee)
    return None if found is None else (found, WorkshopPlace.attendance.attend(), office)


def workshop_of(stage: Stage) -> Case[Any]:
    return stage.flow.cases(Workshop).all()[0]


def days_from(stage: Stage, number: int) -> date:
    return stage.clock.today + timedelta(days=number)


ACTS: dict[str, Act] = {
    "goals": on_tandem(lambda stage: Tandem.agree_goals(goals=GOALS)),
    "meet": on_tandem(lambda stage: Tandem.log_meeting(on=stage.clock.today)),
    "dissolve": on_tandem(lambda stage: Tandem.dissolve(cause=Cause.MUTUAL, without_meeting=True)),
    "pause": on_mentee(lambda s, _, n: Mentee.tandem.pause(cause=Cause.FAMILY, until=days_from(s, n)), office),
    "resume": on_mentee(lambda s, _, n: Mentee.tandem.resume()),
    "propose": on_mentee(lambda s, mentor, n: Mentee.matching.propose(partner=mentor, why="x"), personnel),
    "one approves": on_proposal(personnel),
    "the other approves": on_proposal(equality),
    "drop out": on_mentee(lambda s, _, n: Mentee.tandem.drop_out(reason="x")),
    "review": on_mentee(lambda s, _, n: Mentee.review_goals()),
    "register": on_mentee(lambda s, _, n: Mentee.register(seminar=workshop_of(s).id)),
    "attend": on_place,
    "hold workshop": lambda stage, mentee, mentor, number: (workshop_of(stage), Workshop.occasion.hold(), office),
    "mentor leaves": lambda stage, mentee, mentor, number: (stage.who(mentor), Mentor.leave(), office),
    "idea": on_project(lambda mentee: JointProject.work.agree(idea="A film.")),
    "begin": on_project(lambda mentee: JointProject.work.begin()),
    "contribute": on_project(lambda mentee: JointProject.work.confirm_contribution(person=mentee), office),
    "present": on_project(lambda mentee: JointProject.work.present()),
    "accept": on_project(lambda mentee: JointProject.work.accept(), office),
    "close": lambda stage, mentee, mentor, number: (stage.edition, Edition.run.hold_closing(), office),
    "cancel": lambda stage, mentee, mentor, number: (stage.edition, Edition.cancellation.cancel(reason="x"), head),
    "certify": on_mentee(lambda s, _, n: Mentee.certificate.issue(), office),
}

stories = st.lists(
    st.tuples(
        st.sampled_from([*ACTS, "wait", "wait"]),
        st.sampled_from(MENTEES),
        st.sampled_from(MENTORS),
        st.integers(0, 60),
    ),
    max_size=25,
)


def played(story: list[tuple[str, str, str, int]]) -> Stage:
    """A running edition in which all that is possible of the story has happened."""
    stage = Stage(rules=RULES)
    stage.to_running(pairs(3))
    stage.offer("mentor-9")
    stage.workshop(KICKOFF + timedelta(days=40), seats=2)
    stage.flow.start(JointProject.found(), parent=stage.edition, actor=office)
    for name, mentee, mentor, number in story:
        if name == "wait":
            stage.on(days_from(stage, number))
            continue
        wish = ACTS[name](stage, mentee, mentor, number)
        if wish is not None:
            case, command, actor = wish
            foretold = tuple(stage.flow.check(case.id, command, actor=actor))
            reasons: tuple[Blocker, ...] = ()
            try:
                stage.flow.fire(case.id, command, actor=actor)
            except Refused as refused:
                reasons = tuple(refused.reasons)
            assert foretold == reasons
    return stage


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(stories)
def test_whatever_happens_seats_and_certificates_are_in_order_and_the_edition_ends(
    story: list[tuple[str, str, str, int]],
) -> None:
    """Invariants 1, 2, 4 and 14 beside those that each lifecycle checks by itself; offered equals possible (22)."""
    stage = played(story)
    mentees = stage.flow.cases(Mentee).all()
    assert sum(case.is_open and case[Mentee.selection].seated for case in mentees) <= RULES.seats
    for mentor in MENTORS:
        assert stage.flow.cases(Tandem).open().where(mentor=mentor).count() <= RULES.mentees_per_mentor
    for case in mentees:
        if case[Mentee.certificate].number:
            workshops = stage.flow.cases(WorkshopPlace).where(person=case.data.person)
            assert workshops.in_(WorkshopPlace.attendance.credited).exists()
            assert case.data.goals_reviewed is not None
            assert not case.visited(Mentee.tandem.dropped_out)
    stage.on(date(2011, 1, 1))
    assert not stage.edition.is_open
    for kind in intercultural_mentoring.lifecycles:
        assert all(case.state.resting for case in stage.flow.cases(kind).open().all())
