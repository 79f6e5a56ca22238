"""Joint work: it belongs to all who are there, survives that somebody leaves, and says who has contributed."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from attrs import evolve, frozen
from hypothesis import given, settings
from hypothesis import strategies as st

from progflow import (
    OPEN,
    STAY,
    SYSTEM,
    Actor,
    Case,
    Command,
    Context,
    Flow,
    Instant,
    Lifecycle,
    Role,
    derived,
    end_of,
    event,
    moment,
)
from progflow.adapters.memory import MemoryStore
from progflow.states.joint_work import JointWork
from progflow.states.people import OFFICE, Name

office = Actor("office", {OFFICE})
ann, ben, cem, dee = (Actor(name) for name in ("ann", "ben", "cem", "dee"))


@frozen
class FilmData:
    crew: tuple[str, ...] = ("ann", "ben", "cem", "dee")
    until: date | None = None


class Film(Lifecycle[FilmData]):
    """What a crew does together."""

    @derived
    def crew(self, ctx: Context[FilmData]) -> tuple[str, ...]:
        return ctx.data.crew

    @moment
    def last_day(self, ctx: Context[FilmData]) -> Instant | None:
        return None if ctx.data.until is None else end_of(ctx.data.until)

    work = JointWork(members=crew, until=last_day)

    @event(OPEN >> STAY, by=OFFICE)
    def change_crew(self, ctx: Context[FilmData], *, crew: tuple[Name, ...]) -> FilmData:
        """Change who belongs to it."""
        return evolve(ctx.data, crew=crew)


work = Film.work
NAMED_WRONGLY = "Only members who have not contributed are named as without a contribution."


class Stage:
    def __init__(self, until: date | None = None) -> None:
        self.now = datetime(2026, 3, 2, 9, tzinfo=UTC)
        self.flow = Flow(Film, store=MemoryStore(), zone="Europe/Berlin", clock=lambda: self.now)
        self.case = self.flow.start(Film, FilmData(until=until), actor=SYSTEM)

    def do(self, command: Command[FilmData], actor: Actor) -> Case[FilmData]:
        return self.flow.fire(self.case.id, command, actor=actor)

    def why_not(self, command: Command[FilmData], actor: Actor) -> str:
        return " ".join(one.text for one in self.flow.check(self.case.id, command, actor=actor))

    def leave(self, *names: str) -> Case[FilmData]:
        crew = tuple(name for name in self.flow.get(Film, self.case).data.crew if name not in names)
        return self.do(Film.change_crew(crew=crew), office)

    def to_presentation(self) -> None:
        self.do(work.agree(idea="A film about arriving."), ann)
        self.do(work.begin(), ben)
        self.do(work.present(), cem)

    @property
    def state(self) -> str:
        return self.flow.get(Film, self.case).state.name


@pytest.fixture
def stage() -> Stage:
    return Stage()


def test_from_the_idea_to_the_acceptance(stage: Stage) -> None:
    stage.do(work.agree(idea="A film."), ann)
    stage.do(work.think_again(reason="Somebody has made it."), ben)
    assert stage.state == "ideation"
    stage.to_presentation()
    stage.do(work.send_back(reason="The sound is missing."), office)
    stage.do(work.present(), dee)
    for name, by in (("ann", ben), ("ben", ann), ("cem", office)):
        stage.do(work.confirm_contribution(person=name), by)
    why = "Contributions not confirmed: 1. Name those who have none."
    assert stage.why_not(work.accept(), office) == why
    case = stage.do(work.accept(without=("dee",)), office)
    data = case[work]
    assert case.state == work.accepted
    assert (data.contributed, data.without) == (("ann", "ben", "cem"), ("dee",))
    assert (data.agreed_on, data.presented_on) == (date(2026, 3, 2), date(2026, 3, 2))


def test_who_does_not_belong_to_it_does_nothing_and_members_do_not_accept_it(stage: Stage) -> None:
    assert stage.why_not(work.agree(idea="x"), Actor("eve")) == "Only for: a member, programme office."
    stage.to_presentation()
    everybody = ("ann", "ben", "cem", "dee")
    why = stage.why_not(work.accept(without=everybody), Actor("ann", {OFFICE}))
    assert why == "Only for: programme office, but not a member."
    assert stage.why_not(work.abandon(reason="x"), ann) == "Only for: programme office, but not a member."


def test_a_contribution_is_confirmed_once_by_somebody_else(stage: Stage) -> None:
    stage.to_presentation()
    assert stage.why_not(work.confirm_contribution(person="ann"), ann) == "Nobody confirms the own contribution."
    assert stage.why_not(work.confirm_contribution(person="eve"), ann) == "This person does not belong to it."
    stage.do(work.confirm_contribution(person="ann"), ben)
    assert stage.why_not(work.confirm_contribution(person="ann"), cem) == "This contribution is confirmed already."
    why = stage.why_not(work.accept(without=("ann", "ben", "cem", "dee")), office)
    assert why == NAMED_WRONGLY


def test_it_survives_that_somebody_leaves_while_three_remain(stage: Stage) -> None:
    stage.do(work.agree(idea="A film."), ann)
    stage.leave("ann")
    assert stage.state == "agreed"
    case = stage.leave("ben")
    assert (case.state, case[work].reason) == (work.abandoned, "Too few members remained.")


def test_an_idea_waits_for_enough_members(stage: Stage) -> None:
    stage.leave("ann", "ben")
    assert stage.state == "ideation"
    assert stage.why_not(work.agree(idea="A film."), cem) == "There are 2 members; it needs 3."


def test_what_was_presented_outlives_its_members(stage: Stage) -> None:
    stage.to_presentation()
    stage.leave("ann", "ben")
    assert stage.state == "presented"
    assert stage.do(work.accept(without=("cem", "dee")), office).state == work.accepted


def test_it_is_given_up_for_a_reason(stage: Stage) -> None:
    case = stage.do(work.abandon(reason="No camera."), office)
    assert (case.state, case[work].reason) == (work.abandoned, "No camera.")


def test_it_is_given_up_by_itself_when_its_time_is_over() -> None:
    stage = Stage(until=date(2026, 6, 30))
    stage.to_presentation()
    stage.now = datetime(2026, 6, 30, 22, tzinfo=UTC)
    stage.flow.run_due()
    case = stage.flow.get(Film, stage.case)
    assert (case.state, case[work].reason) == (work.abandoned, "It did not come to its end in time.")


@settings(deadline=None)
@given(st.lists(st.sampled_from(["ann", "ben", "cem", "dee"]), max_size=4), st.booleans())
def test_it_goes_on_exactly_as_long_as_three_are_there(leaving: list[str], begun: bool) -> None:
    stage = Stage()
    stage.do(work.agree(idea="A film."), ann)
    if begun:
        stage.do(work.begin(), ann)
    left = set[str]()
    for name in leaving:
        if stage.state != "abandoned":
            stage.leave(name)
        left.add(name)
        assert (stage.state == "abandoned") == (4 - len(left) < 3)


LEADER = Role("group leader")


class Play(Lifecycle[FilmData]):
    """What a crew does, which a leader helps with who may belong to it."""

    @derived
    def crew(self, ctx: Context[FilmData]) -> tuple[str, ...]:
        return ctx.data.crew

    work = JointWork(members=crew, by=LEADER)


def test_who_decides_instead_of_the_office_helps_too_but_not_with_the_own_work() -> None:
    """Invariant 8, and the role that is given is asked for everything that the office does."""
    flow = Flow(Play, store=MemoryStore(), zone="Europe/Berlin")
    case = flow.start(Play, FilmData(), actor=SYSTEM)
    leader, leading_member = Actor("eve", {LEADER}), Actor("ann", {LEADER})
    assert flow.check(case, Play.work.agree(idea="A play."), actor=office)
    flow.fire(case.id, Play.work.agree(idea="A play."), actor=leader)
    refused = flow.check(case.id, Play.work.abandon(reason="x"), actor=leading_member)
    assert [one.text for one in refused] == ["Only for: group leader, but not a member."]
    assert not flow.check(case.id, Play.work.abandon(reason="x"), actor=leader)


def test_only_members_are_named_as_without_a_contribution(stage: Stage) -> None:
    stage.to_presentation()
    everybody = ("ann", "ben", "cem", "dee")
    assert stage.why_not(work.accept(without=(*everybody, "eve")), office) == NAMED_WRONGLY
    assert stage.why_not(work.accept(without=everybody), office) == ""
