"""Seats of a group, its ranking, and a waiting list that nobody is passed over on in silence."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Any, Generic, TypeVar
from zoneinfo import ZoneInfo

import pytest
from attrs import frozen
from hypothesis import given, settings
from hypothesis import strategies as st

from progflow import (
    OPEN,
    STAY,
    SYSTEM,
    Actor,
    Case,
    Cases,
    Command,
    Context,
    Flow,
    Lifecycle,
    PayloadError,
    Program,
    Refused,
    Role,
    State,
    always,
    derived,
    event,
    guard,
    moment,
    relation,
    working_days,
)
from progflow.adapters.memory import MemoryStore
from progflow.states.people import OFFICE
from progflow.states.selection import Selection
from progflow.states.withdrawal import Withdrawal

BERLIN = ZoneInfo("Europe/Berlin")
JURY = Role("jury")
jury, second, office = Actor("j-1", {JURY}), Actor("j-2", {JURY}), Actor("office", {OFFICE})


@frozen
class Offer:
    seats: int = 2
    filled_until: date = date(2026, 12, 31)


@frozen
class Person:
    person: str
    city: str


P = TypeVar("P", bound=Person)


class Course(Lifecycle[Offer]):
    """Something with so many seats for each city."""

    call = State(initial=True)
    deciding = State(resting=True)

    @event(call >> deciding, by=OFFICE)
    def close(self, ctx: Context[Offer]) -> None:
        """Close the call."""

    @event((call | deciding) >> STAY, by=OFFICE)
    def set_seats(self, ctx: Context[Offer], *, seats: int) -> Offer:
        """Change the number of seats."""
        return Offer(seats)


class Applicant(Lifecycle[P], Generic[P], abstract=True, parent=Course):
    """Somebody of a city."""

    @relation("the applicant")
    def herself(self, ctx: Context[P]) -> bool:
        return ctx.actor.id == ctx.data.person

    @guard("The call is still open.")
    def call_closed(self, ctx: Context[P]) -> bool:
        return ctx.parent(Course).is_in(Course.deciding)

    @derived
    def seats(self, ctx: Context[P]) -> int:
        return ctx.parent(Course).data.seats

    @derived
    def everybody(self, ctx: Context[P]) -> Cases[Any]:
        return ctx.siblings(Applicant)

    @moment
    def list_ends(self, ctx: Context[P]) -> date:
        return ctx.parent(Course).data.filled_until

    selection = Selection(
        by=JURY,
        person=herself,
        seats=seats,
        confirm_within=always(working_days(10, "DE-NW")),
        group=("city",),
        when=(call_closed,),
        list_ends=list_ends,
        among=everybody,
    )
    withdrawal = Withdrawal(by=(herself, OFFICE), of=OPEN)

    taking_part = State(resting=True)
    selection.then(taking_part)


class Inside(Applicant[Person]):
    """Somebody of the administration."""


class Outside(Applicant[Person]):
    """Somebody of a company that the city owns."""


class Stage:
    def __init__(self, *names: str, seats: int = 2) -> None:
        self.now = datetime(2026, 5, 4, 10, tzinfo=BERLIN)
        program = Program("p", Course, Inside, Outside, zone="Europe/Berlin")
        self.flow = Flow(program, store=MemoryStore(), clock=lambda: self.now.astimezone(UTC))
        self.course = self.flow.start(Course, Offer(seats), actor=SYSTEM).id
        for name in names:
            city = "Köln" if name.startswith("k") else "Bonn"
            self.flow.start(Inside, Person(name, city), parent=self.course, actor=SYSTEM)

    def close(self) -> Stage:
        self.flow.fire(self.course, Course.close(), actor=office)
        return self

    def who(self, name: str) -> Case[Any]:
        found = [*self.flow.cases(Inside).where(person=name).all(), *self.flow.cases(Outside).where(person=name).all()]
        return found[-1]

    def do(self, name: str, command: Command[Any], actor: Actor = jury) -> Case[Any]:
        return self.flow.fire(self.who(name).id, command, actor=actor)

    def refusal(self, name: str, command: Command[Any], actor: Actor = jury) -> str:
        with pytest.raises(Refused) as refused:
            self.do(name, command, actor)
        return " ".join(reason.text for reason in refused.value.reasons)

    def at(self, day: date) -> None:
        self.now = datetime.combine(day, time(0), BERLIN)
        self.flow.run_due()

    def state(self, name: str) -> str:
        return self.who(name).state.name

    def states(self) -> dict[str, str]:
        return {case.data.person: case.state.name for case in self.flow.cases(Inside).all()}


def select(rank: int, reason: str = "") -> Command[Any]:
    return Inside.selection.select(rank=rank, reason=reason)


def waitlist(rank: int) -> Command[Any]:
    return Inside.selection.waitlist(rank=rank, reason="Others came first.")


WITHDRAW = Inside.withdrawal.withdraw(reason="A new post.")
CONFIRM = Inside.selection.confirm()


def test_seats_are_given_once_ready_and_up_to_the_quota_of_the_group() -> None:
    stage = Stage("k1", "k2", "k3", "b1")
    assert stage.refusal("k1", select(1)) == "The call is still open."
    stage.close()
    stage.do("k1", select(1))
    stage.do("k2", select(2))
    assert stage.refusal("k3", select(3)) == "No seat is free (Köln): 2 of 2 are taken."
    stage.do("b1", select(1))


def test_a_seat_is_held_in_later_phases_and_freed_by_any_end() -> None:
    stage = Stage("k1", "k2", "k3").close()
    for name, rank in (("k1", 1), ("k2", 2)):
        stage.do(name, select(rank))
        stage.do(name, CONFIRM, Actor(name))
    stage.do("k3", waitlist(3))
    assert stage.states() == {"k1": "taking_part", "k2": "taking_part", "k3": "waitlisted"}
    stage.do("k1", WITHDRAW, Actor("k1"))
    assert stage.state("k3") == "selected"
    assert stage.who("k3")[Inside.selection].moved_up


def test_kinds_that_share_the_seats_share_ranks_and_waiting_list() -> None:
    stage = Stage("k1", seats=1).close()
    stage.flow.start(Outside, Person("k2", "Köln"), parent=stage.course, actor=SYSTEM)
    stage.do("k1", select(1))
    assert "No seat is free (Köln): 1 of 1" in stage.refusal("k2", Outside.selection.select(rank=2))
    assert "Rank 1 has been given (Köln)." in stage.refusal("k2", Outside.selection.waitlist(rank=1, reason="x"))
    stage.do("k2", Outside.selection.waitlist(rank=2, reason="x"))
    stage.do("k1", WITHDRAW, office)
    assert stage.state("k2") == "selected"


def test_a_kind_that_has_replaced_the_phase_still_shares_seats_ranks_and_waiting_list() -> None:
    class Quick(Applicant[Person]):
        """Somebody who has to answer within a day."""

        selection = Selection(
            by=JURY,
            person=Applicant[Person].herself,
            seats=Applicant[Person].seats,
            confirm_within=always(working_days(1, "DE-NW")),
            group=("city",),
            among=Applicant[Person].everybody,
        ).then(Applicant.taking_part)

    flow = Flow(Program("p", Course, Inside, Quick, zone="Europe/Berlin"), store=MemoryStore())
    course = flow.start(Course, Offer(1), actor=SYSTEM)
    flow.fire(course, Course.close(), actor=office)
    one, quick, third = (
        flow.start(of, Person(name, "Köln"), parent=course.id, actor=SYSTEM)
        for of, name in ((Inside, "k1"), (Quick, "k2"), (Quick, "k3"))
    )
    one = flow.fire(one, select(1), actor=jury)
    with pytest.raises(Refused, match="1 of 1 are taken"):
        flow.fire(quick, Quick.selection.select(rank=2), actor=jury)
    with pytest.raises(Refused, match="Rank 1 has been given"):
        flow.fire(quick, Quick.selection.waitlist(rank=1, reason="x"), actor=jury)
    quick = flow.fire(quick, Quick.selection.waitlist(rank=2, reason="x"), actor=jury)
    third = flow.fire(third, Quick.selection.waitlist(rank=3, reason="x"), actor=jury)
    flow.fire(one, WITHDRAW, actor=office)
    assert flow.get(Quick, quick).state == Quick.selection.selected
    other = flow.start(Inside, Person("k4", "Köln"), parent=course.id, actor=SYSTEM)
    with pytest.raises(Refused, match="Somebody with a higher rank waits"):
        flow.fire(other, select(4), actor=jury)


def test_without_a_group_all_share_the_seats() -> None:
    class Anybody(Lifecycle[Person], parent=Course):
        """Somebody, from wherever."""

        @relation("the applicant")
        def herself(self, ctx: Context[Person]) -> bool:
            return ctx.actor.id == ctx.data.person

        taking_part = State(final=True)
        selection = Selection(
            by=JURY, person=herself, seats=always(1), confirm_within=always(working_days(5, "DE"))
        ).then(taking_part)

    flow = Flow(Program("p", Course, Anybody, zone="Europe/Berlin"), store=MemoryStore())
    course = flow.start(Course, Offer(), actor=SYSTEM)
    one, other = (flow.start(Anybody, Person(c, c), parent=course, actor=SYSTEM) for c in "kb")
    flow.fire(one, Anybody.selection.select(rank=1), actor=jury)
    with pytest.raises(Refused, match="No seat is free: 1 of 1 are taken"):
        flow.fire(other, Anybody.selection.select(rank=2), actor=jury)
    assert "selection.release" not in flow.explain(other, actor=jury)


def test_the_waiting_list_waits_until_everybody_of_the_group_is_decided_on() -> None:
    stage = Stage("k1", "k2", "b1").close()
    stage.do("k1", waitlist(5))
    assert stage.state("k1") == "waitlisted"
    stage.do("k2", Inside.selection.reject(reason="Others came first."))
    assert stage.state("k1") == "selected"


def test_nobody_is_overtaken_without_a_reason_and_it_is_kept() -> None:
    stage = Stage("k1", "k2", "b1").close()
    stage.do("k1", waitlist(1))
    said = "Somebody with a higher rank waits (Köln); give the reason for passing over."
    assert stage.refusal("k2", select(2)) == stage.refusal("k2", select(2, " ")) == said
    stage.do("b1", select(2))
    assert stage.do("k2", select(2, "On leave."))[Inside.selection].reason == "On leave."


def test_a_rank_is_given_once_in_a_group_and_changed_only_with_a_reason() -> None:
    stage = Stage("k1", "k2", "k3", "b1", seats=0).close()
    stage.do("k1", waitlist(1))
    assert stage.refusal("k2", waitlist(1)) == "Rank 1 has been given (Köln)."
    stage.do("b1", waitlist(1))
    stage.do("k2", waitlist(2))
    with pytest.raises(PayloadError, match="must not be blank"):
        Inside.selection.rerank(rank=9, reason="")
    stage.do("k1", Inside.selection.rerank(rank=9, reason="Added up wrongly."), office)
    stage.do("k3", Inside.selection.reject(reason="x"))
    stage.flow.fire(stage.course, Course.set_seats(seats=1), actor=office)
    assert (stage.state("k1"), stage.state("k2")) == ("waitlisted", "selected")
    with pytest.raises(PayloadError, match="rank"):
        select(0)


def test_who_does_not_confirm_in_time_loses_the_seat_to_the_next() -> None:
    """Ascension Day, Whit Monday and Corpus Christi of 2026 do not count in Nordrhein-Westfalen."""
    stage = Stage("k1", "k2", seats=1).close()
    stage.at(date(2026, 5, 13))
    stage.do("k1", select(1))
    stage.do("k2", waitlist(2))
    stage.at(date(2026, 5, 29))
    assert stage.state("k1") == "selected"
    stage.at(date(2026, 5, 30))
    assert (stage.state("k1"), stage.state("k2")) == ("lapsed", "selected")
    due = stage.flow.explain(stage.who("k2"), actor=office)["selection.lapse"].due
    assert due is not None
    assert due.date() == date(2026, 6, 16)
    stage.now = datetime(2026, 6, 16, tzinfo=BERLIN)  # nobody has called run_due
    assert "not confirmed in time" in stage.refusal("k2", CONFIRM, Actor("k2"))


def test_the_waiting_list_ends_and_says_so() -> None:
    stage = Stage("k1", "k2", seats=1).close()
    stage.do("k1", select(1))
    stage.do("k1", CONFIRM, Actor("k1"))
    stage.do("k2", waitlist(2))
    stage.at(date(2026, 12, 31))
    assert stage.state("k2") == "rejected"
    assert stage.who("k2")[Inside.selection].reason.startswith("The waiting list has ended")


def test_no_seat_is_given_after_the_day_on_which_the_waiting_list_ends() -> None:
    stage = Stage("k1", "k2").close()
    stage.at(date(2026, 12, 31))
    stage.do("k1", select(1))
    stage.at(date(2027, 1, 1))
    assert stage.refusal("k2", select(2)) == "Seats were given until 2026-12-31."


def test_points_are_kept_per_assessor_and_criterion_and_replaced_by_a_second_thought() -> None:
    stage = Stage("k1")
    for points in (4, 9):
        stage.do("k1", Inside.selection.score(points=points))
    stage.do("k1", Inside.selection.score(points=3, criterion="motivation"))
    case = stage.do("k1", Inside.selection.score(points=7), second)
    assert {(one.assessor, one.criterion): one.points for one in case[Inside.selection].scores} == {
        ("j-1", ""): 9,
        ("j-1", "motivation"): 3,
        ("j-2", ""): 7,
    }
    assert stage.refusal("k1", Inside.selection.score(points=11)) == "Points are given from 1 to 10."


def test_nobody_decides_on_oneself() -> None:
    stage = Stage("k1", "k2", seats=0).close()
    herself = Actor("k1", {JURY, OFFICE})
    for command in (
        Inside.selection.score(points=10),
        select(1),
        waitlist(1),
        Inside.selection.reject(reason="x"),
    ):
        assert stage.refusal("k1", command, herself) == "Only for: jury, but not the applicant."
    stage.do("k1", waitlist(2))
    command = Inside.selection.rerank(rank=1, reason="I am good.")
    assert stage.refusal("k1", command, herself) == "Only for: programme office, but not the applicant."
    assert stage.refusal("k2", CONFIRM, office).startswith("Not possible")


NAMES = ("k1", "k2", "k3", "k4", "b1", "b2")
acts = st.tuples(
    st.sampled_from(["select", "waitlist", "reject", "rerank", "confirm", "withdraw", "wait", "seats"]),
    st.sampled_from(NAMES),
    st.integers(1, 6),
)


def carry_out(stage: Stage, what: str, name: str, number: int) -> None:
    commands: dict[str, tuple[Command[Any], Actor]] = {
        "select": (select(number), jury),
        "waitlist": (waitlist(number), jury),
        "reject": (Inside.selection.reject(reason="No."), jury),
        "rerank": (Inside.selection.rerank(rank=number, reason="Anew."), office),
        "confirm": (CONFIRM, Actor(name)),
        "withdraw": (WITHDRAW, office),
    }
    try:
        if what == "wait":
            stage.at(date.fromordinal(stage.now.date().toordinal() + 3 * number))
        elif what == "seats":
            seats = max(number // 2, stage.flow.get(Course, stage.course).data.seats)
            stage.flow.fire(stage.course, Course.set_seats(seats=seats), actor=office)
        else:
            stage.do(name, *commands[what])
    except Refused:
        return


@settings(max_examples=60, deadline=None)
@given(st.lists(acts, max_size=25))
def test_quota_group_and_order_hold_whatever_is_done(script: list[tuple[str, str, int]]) -> None:
    """Invariants 4 and 5."""
    stage = Stage(*NAMES, seats=1).close()
    before = {case.data.person: case for case in stage.flow.cases(Inside).all()}
    for what, name, number in script:
        carry_out(stage, what, name, number)
        seats = stage.flow.get(Course, stage.course).data.seats
        now = {case.data.person: case for case in stage.flow.cases(Inside).all()}
        for letter in "kb":
            group = {name: case for name, case in now.items() if name.startswith(letter)}
            seated = [case for case in group.values() if case.state.name in ("selected", "taking_part")]
            assert len(seated) <= seats
            waiting = {name: case for name, case in group.items() if case.state.name == "waitlisted"}
            ranks = [case[Inside.selection].rank or 0 for case in waiting.values()]
            for one, case in group.items():
                if before[one].state.name == "waitlisted" and case.state.name == "selected":
                    assert all((case[Inside.selection].rank or 0) < rank for rank in ranks)
            undecided = any(case.state.name == "under_review" for case in group.values())
            assert undecided or not waiting or len(seated) == seats
        before = now


class Revised(Applicant[Person], name="Revised"):
    """Somebody whose selection may be looked at again."""

    @event((Applicant.selection.selected | Applicant.taking_part) >> Applicant.selection, by=JURY)
    def look_again(self, ctx: Context[Person]) -> None:
        """Look again."""


def test_who_is_put_on_the_list_after_all_gives_the_seat_to_the_first_who_waits() -> None:
    now = datetime(2026, 5, 4, 10, tzinfo=UTC)
    flow = Flow(Program("p", Course, Revised, zone="Europe/Berlin"), store=MemoryStore(), clock=lambda: now)
    course = flow.start(Course, Offer(1), actor=SYSTEM)
    first, other = (flow.start(Revised, Person(name, "Köln"), parent=course, actor=SYSTEM) for name in ("k1", "k2"))
    flow.fire(course, Course.close(), actor=office)
    flow.fire(first.id, Revised.selection.select(rank=1), actor=jury)
    flow.fire(other.id, Revised.selection.waitlist(rank=2, reason="One seat."), actor=jury)
    flow.fire(first.id, Revised.look_again(), actor=jury)
    assert flow.get(Revised, other).state == Revised.selection.waitlisted, "who is looked at again keeps the seat"
    case = flow.fire(first.id, Revised.selection.waitlist(rank=3, reason="A mistake in the points."), actor=jury)
    assert (case.state, case[Revised.selection].seated) == (Revised.selection.waitlisted, False)
    assert flow.get(Revised, other).state == Revised.selection.selected
