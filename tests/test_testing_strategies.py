"""Strategies for tests of one's own: what they give, how it shrinks, and what they say where they give nothing."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, find, given, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable

from broken_promises import Seat
from job_shadowing import HR, JobShadowing
from progflow import Actor, Program, Refused, UsageError
from progflow.programs.cross_mentoring import Mentee, Mentor, cross_mentoring
from progflow.testing import History, actors, cases, commands, histories

QUICK = settings(database=None, derandomize=True, max_examples=200, suppress_health_check=list(HealthCheck))
HISTORIES = histories(JobShadowing)
WITHIN = histories(Mentee, within=cross_mentoring, moves=300)


@QUICK
@given(HISTORIES)
def test_a_history_is_that_of_its_case(history: History[Any]) -> None:
    case, entries = history.case, history.entries
    assert [entry.seq for entry in entries] == list(range(1, case.revision + 1))
    assert {entry.case for entry in entries} == {case.id}
    assert entries[-1].after == case.state.path
    assert history.flow.get(JobShadowing, case.id) == case
    assert list(history.flow.history(case)) == list(entries)
    assert all(entry.at <= history.clock.now for entry in entries)


@QUICK
@given(HISTORIES, st.data())
def test_one_can_go_on_in_the_flow_of_a_history(history: History[Any], data: st.DataObject) -> None:
    history.clock.forward(days=1)
    history.flow.run_due()
    case = history.flow.get(JobShadowing, history.case.id)
    if case.is_open:
        command, actor = data.draw(commands(JobShadowing, case)), data.draw(actors(JobShadowing))
        foretold = history.flow.check(case, command, actor=actor)
        if foretold:
            with pytest.raises(Refused) as refused:
                history.flow.fire(case, command, actor=actor)
            assert [reason.code for reason in refused.value.reasons] == [reason.code for reason in foretold]
        else:
            assert history.flow.fire(case, command, actor=actor).revision == case.revision + 1
    history.flow.start(JobShadowing.request(department="Archive", starts=history.clock.today), actor=Actor("new"))


def test_cases_come_from_all_states() -> None:
    found: set[str] = set()

    @QUICK
    @given(cases(JobShadowing))
    def look(case: Any) -> None:
        found.add(case.state.path)

    look()
    assert found == {"requested", "approved", "running", "finished", "declined"}


def test_histories_shrink_to_few_moves() -> None:
    finished = find(HISTORIES, lambda history: history.case.state == JobShadowing.finished, settings=QUICK)
    assert [entry.event for entry in finished.entries] == ["request", "approve", "begin", "finish"]
    assert find(HISTORIES, lambda history: True, settings=QUICK).case.state == JobShadowing.requested


def test_within_a_program_there_are_all_its_cases() -> None:
    history = find(WITHIN, lambda history: history.flow.cases(Mentor).exists(), settings=QUICK)
    assert history.case.lifecycle is Mentee
    assert history.case.parent is not None
    assert history.flow.get(cross_mentoring.lifecycles[0], history.case.parent).id == history.case.parent


def test_what_is_told_is_respected() -> None:
    told = histories(JobShadowing, strategies={"request.department": st.just("Archive")}, people=1)

    @QUICK
    @given(told)
    def look(history: History[Any]) -> None:
        assert history.case.data.department == "Archive"
        assert history.case.data.employee == "person-1"

    look()


@QUICK
@given(HISTORIES, st.data())
def test_commands_fit_the_state_and_their_types(history: History[Any], data: st.DataObject) -> None:
    if history.case.is_open:
        command = data.draw(commands(JobShadowing, history.case))
        refused = history.flow.check(history.case, command, actor=Actor("hr-1", {HR}))
        assert "state" not in {reason.code for reason in refused}


def test_without_a_case_commands_begin_one() -> None:
    assert find(commands(JobShadowing), lambda command: True, settings=QUICK).event == "request"
    plain = find(
        commands(JobShadowing, strategies={"department": st.just("Archive")}), lambda command: True, settings=QUICK
    )
    assert plain.payload["department"] == "Archive"


def test_a_case_that_is_over_has_no_commands() -> None:
    over = find(cases(JobShadowing), lambda case: not case.is_open, settings=QUICK)
    with pytest.raises(Unsatisfiable):
        find(commands(JobShadowing, over), lambda command: True, settings=QUICK)


def test_actors_are_people_in_the_roles_of_the_rules() -> None:
    found: set[Actor] = set()

    @QUICK
    @given(actors(JobShadowing, people=2))
    def look(actor: Actor) -> None:
        found.add(actor)

    look()
    assert {actor.id for actor in found} == {"person-1", "person-2"}
    assert {actor.roles for actor in found} == {frozenset(), frozenset({HR})}


def test_what_means_nothing_is_told_at_once() -> None:
    with pytest.raises(UsageError, match="JobShadowing is no lifecycle of cross-mentoring"):
        histories(JobShadowing, within=cross_mentoring)
    with pytest.raises(UsageError, match="is a program"):
        histories(cross_mentoring)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    with pytest.raises(UsageError, match="'peple'"):
        histories(JobShadowing, peple=3)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    case = find(cases(JobShadowing), lambda case: True, settings=QUICK)
    with pytest.raises(UsageError, match="The case is a JobShadowing, not a Mentee"):
        commands(Mentee, case)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def test_where_no_case_ever_begins_it_says_what_to_do() -> None:
    program = Program("seats", Seat, zone="Europe/Berlin")
    with pytest.raises(UsageError, match="no Seat has begun"):
        find(histories(Seat, within=program, moves=0), lambda history: True, settings=QUICK)
