"""What holds whatever people do: the quota of each city, the order of the waiting lists, and that an end is an end."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from attrs import frozen
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cross_mentoring_stage import Stage, head, office, panel_d, panel_k, person
from progflow import Actor, Command, Refused
from progflow.adapters.memory import MemoryStore
from progflow.programs.cross_mentoring import (
    Agreement,
    Cause,
    Edition,
    MatchProposal,
    MemberCity,
    Mentee,
    Mentor,
    Seminar,
    SeminarPlace,
    Tandem,
)

KIND: tuple[type[Any], ...] = (Mentee, Mentor, MatchProposal, Agreement, Tandem, Seminar, SeminarPlace)
MENTEES = tuple(f"mentee-{city}-0{n}" for city in "kd" for n in range(2, 6))
SEATS = {"Köln": 2, "Düsseldorf": 1}

mentees = st.sampled_from(MENTEES)
ranks = st.integers(1, 6)


@frozen
class Act:
    """Somebody does something to a mentee, or time passes."""

    mentee: str
    command: Command[Any] | None
    actor: Actor
    days: int = 0


def _for(command: st.SearchStrategy[Command[Any]], *actors: Actor) -> st.SearchStrategy[Act]:
    return st.builds(Act, mentees, command, st.sampled_from(actors))


def _by_herself(command: Command[Any]) -> st.SearchStrategy[Act]:
    return mentees.map(lambda name: Act(name, command, person(name)))


acts = st.one_of(
    _for(st.builds(lambda rank: Mentee.selection.select(rank=rank), ranks), panel_k, panel_d),
    _for(
        st.builds(lambda rank: Mentee.selection.waitlist(rank=rank, reason="Later."), ranks),
        panel_k,
        panel_d,
    ),
    _for(st.just(Mentee.selection.reject(reason="No.")), panel_k),
    _for(st.builds(lambda rank: Mentee.selection.rerank(rank=rank, reason="Added up anew."), ranks), office),
    _by_herself(Mentee.selection.confirm()),
    _by_herself(Mentee.withdrawal.withdraw(reason="A new post.")),
    st.integers(1, 20).map(lambda days: Act(MENTEES[0], None, office, days)),
)


def applied() -> Stage:
    cities = tuple(MemberCity(name, f"mayor-{name[0].lower()}", seats) for name, seats in SEATS.items())
    stage = Stage(MemoryStore(), cities=cities)
    stage.to_selection(MENTEES)
    return stage


def carry_out(stage: Stage, act: Act) -> None:
    if act.command is None:
        stage.after(days=act.days)
        return
    try:
        stage.do(act.mentee, act.command, act.actor)
    except Refused:
        return


def standing(stage: Stage) -> Mapping[str, tuple[str, str, int | None]]:
    """City, state and rank of each mentee."""
    return {
        case.data.person: (case.data.city, case.state.path, case[Mentee.selection].rank)
        for case in stage.flow.cases(Mentee).all()
    }


def seats_taken(now: Mapping[str, tuple[str, str, int | None]], city: str) -> int:
    free = {
        "selection.rejected",
        "selection.lapsed",
        "withdrawal.withdrawn",
        "tandem.dropped_out",
        "left_over.ended",
        "ending.ended",
    }
    waiting = {"application.submitted", "application.incomplete", "selection.under_review", "selection.waitlisted"}
    return sum(one == city and state not in free | waiting for one, state, _ in now.values())


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(acts, max_size=30))
def test_the_quota_is_never_exceeded_and_a_move_up_keeps_to_its_city_and_its_order(script: list[Act]) -> None:
    """Invariants 4 and 5."""
    stage = applied()
    before = standing(stage)
    for act in script:
        carry_out(stage, act)
        now = standing(stage)
        for city, seats in SEATS.items():
            assert seats_taken(now, city) <= seats
            moved = [
                name
                for name, (of, state, _) in now.items()
                if of == city
                and before[name][1] == "selection.waitlisted"
                and state not in ("selection.waitlisted", "withdrawal.withdrawn", "selection.rejected")
            ]
            still = [rank for of, state, rank in now.values() if (of, state) == (city, "selection.waitlisted")]
            assert all((now[name][2] or 0) < (rank or 0) for name in moved for rank in still)
            undecided = any(of == city and state == "selection.under_review" for of, state, _ in now.values())
            assert undecided or not still or seats_taken(now, city) == seats
        before = now


later = st.sampled_from(["pause", "dissolve", "leave", "drop_out", "meet", "pass", "extend", "withdraw"])


def happen(stage: Stage, what: str, name: str) -> None:
    mentor = name.replace("mentee-k", "mentor-d") if "-k-" in name else name.replace("mentee-d", "mentor-k")
    try:
        match what:
            case "pause":
                until = date.fromordinal(stage.clock.today.toordinal() + 40)
                stage.do(name, Mentee.tandem.pause(cause=Cause.FAMILY, until=until), office)
            case "dissolve":
                tandem = stage.tandem(name)
                stage.do(tandem, Tandem.dissolve(cause=Cause.MUTUAL, without_meeting=True), office)
            case "leave":
                stage.do(mentor, Mentor.leave(), office)
            case "drop_out":
                stage.do(name, Mentee.tandem.drop_out(reason="A new post."), office)
            case "meet":
                stage.meet(name, times=1)
            case "extend":
                ask = Mentee.tandem.ask_for_extension(until=date(2024, 2, 1), reason="Not done.")
                stage.do(name, ask, office)
            case "withdraw":
                stage.do(name, Mentee.withdrawal.withdraw(reason="A new post."), office)
            case _:
                stage.after(days=33)
    except Refused:
        return


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(later, st.sampled_from(["mentee-k-02", "mentee-k-03", "mentee-d-02"])), max_size=12))
def test_cancelling_leaves_nothing_open_and_nothing_that_could_still_happen(script: list[tuple[str, str]]) -> None:
    """Invariant 14."""
    pairs = {"mentee-k-02": "mentor-d-02", "mentee-k-03": "mentor-d-03", "mentee-d-02": "mentor-k-02"}
    cities = (MemberCity("Köln", "mayor-k", 2), MemberCity("Düsseldorf", "mayor-d", 2))
    stage = Stage(MemoryStore(), cities=cities)
    stage.to_running(pairs, ["mentee-k-04"])
    for what, name in script:
        happen(stage, what, name)
    cancelled = not stage.flow.check(stage.edition_id, Edition.cancellation.cancel(reason="No money."), actor=head)
    assert cancelled == stage.edition.is_in(Edition.run.running, Edition.run.closing)
    if not cancelled:
        return
    stage.flow.fire(stage.edition_id, Edition.cancellation.cancel(reason="No money."), actor=head)
    assert all(case.state.resting for kind in KIND for case in stage.flow.cases(kind).open().all())
    everything = stage.everything()
    stage.clock.set(stage.clock.now.replace(year=2030))
    assert stage.flow.run_due() == 0
    assert stage.everything() == everything


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(st.tuples(later, st.sampled_from(["mentee-k-02", "mentee-k-03", "mentee-d-02"])), max_size=10),
    st.integers(1, 9),
)
def test_every_edition_comes_to_its_end_in_one_big_step_as_in_many_small_ones(
    script: list[tuple[str, str]], steps: int
) -> None:
    """Invariant 11."""
    pairs = {"mentee-k-02": "mentor-d-02", "mentee-k-03": "mentor-d-03", "mentee-d-02": "mentor-k-02"}

    def played(pieces: int) -> list[list[tuple[str, str, Any]]]:
        stage = Stage(MemoryStore())
        stage.to_running(pairs)
        for what, name in script:
            happen(stage, what, name)
        begin, end = stage.clock.now, stage.clock.now.replace(year=2025)
        for piece in range(1, pieces + 1):
            stage.clock.set(begin + (end - begin) * piece / pieces)
            stage.flow.run_due()
        assert stage.edition.is_in(Edition.run.completed)
        left = {case.state.path for kind in KIND for case in stage.flow.cases(kind).open().all()}
        assert left <= {"certificate.overdue"}
        return [
            [(entry.event, entry.after, entry.at) for entry in stage.flow.history(case)]
            for kind in KIND
            for case in stage.flow.cases(kind).all()
        ]

    assert played(1) == played(steps)
