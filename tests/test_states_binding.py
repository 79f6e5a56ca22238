"""Bindings: they run out, are paid back in part, or are waived."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from attrs import evolve, frozen
from hypothesis import given
from hypothesis import strategies as st

from progflow import (
    STAY,
    SYSTEM,
    Actor,
    Case,
    Command,
    Context,
    Flow,
    Instant,
    Lifecycle,
    Program,
    Refused,
    always,
    derived,
    end_of,
    event,
    moment,
    months,
    relation,
    weeks,
)
from progflow.adapters.memory import MemoryStore
from progflow.states.binding import ATTRIBUTABLE, Binding, LeavingCause, Limit, longest_usual, pro_rata
from progflow.states.people import HEAD, OFFICE

BERLIN = ZoneInfo("Europe/Berlin")
office, head = Actor("office", {OFFICE}), Actor("head", {HEAD})
SIGNED = date(2013, 1, 7)
COURSE_ENDS = date(2013, 1, 31)


@frozen
class Terms:
    person: str
    months: int = 12
    cents: int = 120_000
    over_on: date | None = None


class Agreement(Lifecycle[Terms]):
    """A course that the employer pays, and a binding."""

    @relation("the employee")
    def the_employee(self, ctx: Context[Terms]) -> bool:
        return ctx.actor.id == ctx.data.person

    @moment
    def over(self, ctx: Context[Terms]) -> Instant | None:
        return None if ctx.data.over_on is None else end_of(ctx.data.over_on)

    @derived
    def how_long(self, ctx: Context[Terms]) -> int:
        return ctx.data.months

    @derived
    def how_much(self, ctx: Context[Terms]) -> int:
        return ctx.data.cents

    binding = Binding(person=the_employee, begins=over, months=how_long, costs=how_much)

    @event(binding.in_force >> STAY, by=OFFICE)
    def end_course(self, ctx: Context[Terms], *, on: date) -> Terms:
        """The course is over."""
        return evolve(ctx.data, over_on=on)


class Patient(Lifecycle[Terms]):
    """A binding of half a year that has begun, of which the office may hear four weeks late."""

    @relation("the employee")
    def the_employee(self, ctx: Context[Terms]) -> bool:
        return ctx.actor.id == ctx.data.person

    @moment
    def over(self, ctx: Context[Terms]) -> Instant | None:
        return None if ctx.data.over_on is None else end_of(ctx.data.over_on)

    binding = Binding(
        person=the_employee, begins=over, months=always(6), costs=always(60_000), known_within=always(weeks(4))
    )


class Stage:
    """One agreement, and a clock."""

    def __init__(self, terms: Terms | None = None) -> None:
        self.go_to(SIGNED)
        program = Program("agreements", Agreement, zone="Europe/Berlin")
        self.flow = Flow(program, store=MemoryStore(), clock=lambda: self.now)
        self.id = self.flow.start(Agreement, terms or Terms("e-1"), actor=SYSTEM).id

    def go_to(self, day: date) -> None:
        self.now = datetime.combine(day, time(12), BERLIN).astimezone(UTC)

    def come(self, day: date) -> Case[Terms]:
        """Set the clock, and let happen what was due."""
        self.go_to(day)
        self.flow.run_due()
        return self.case

    def do(self, command: Command[Any], actor: Actor = office) -> Case[Any]:
        return self.flow.fire(self.id, command, actor=actor)

    @property
    def case(self) -> Case[Terms]:
        return self.flow.get(Agreement, self.id)


def bound(terms: Terms | None = None) -> Stage:
    stage = Stage(terms)
    stage.go_to(COURSE_ENDS)
    stage.do(Agreement.end_course(on=COURSE_ENDS))
    stage.come(date(2013, 2, 1))
    return stage


def test_the_binding_runs_from_the_end_of_the_measure_and_is_over_by_itself() -> None:
    stage = Stage()
    assert stage.come(date(2013, 1, 31)).state == Agreement.binding.in_force
    stage.do(Agreement.end_course(on=COURSE_ENDS))
    case = stage.come(date(2013, 2, 1))
    assert (case.state, case[Agreement.binding].began) == (Agreement.binding.binding, date(2013, 2, 1))
    assert stage.come(date(2014, 1, 31)).state == Agreement.binding.binding
    assert stage.come(date(2014, 2, 1)).state == Agreement.binding.fulfilled


@pytest.mark.parametrize(("left", "state"), [(date(2013, 7, 15), "repayment"), (date(2013, 8, 5), "released")])
def test_who_has_left_within_the_binding_may_be_recorded_some_time_after_it(left: date, state: str) -> None:
    now = datetime(2013, 1, 31, 12, tzinfo=UTC)
    flow = Flow(Patient, store=MemoryStore(), zone="Europe/Berlin", clock=lambda: now)
    case = flow.start(Patient, Terms("e-1", over_on=COURSE_ENDS), actor=SYSTEM)
    now = datetime(2013, 8, 28, 12, tzinfo=UTC)
    flow.run_due()
    assert flow.get(Patient, case.id).state == Patient.binding.binding
    leave = Patient.binding.leave(on=left, cause=LeavingCause.OWN_WISH)
    assert flow.fire(case.id, leave, actor=office).state.name == state
    kept = flow.start(Patient, Terms("e-2", over_on=COURSE_ENDS), actor=SYSTEM)
    now = datetime(2013, 8, 29, 12, tzinfo=UTC)
    flow.run_due()
    assert flow.get(Patient, kept.id).state == Patient.binding.fulfilled


def test_an_agreement_that_is_recorded_late_binds_no_longer() -> None:
    stage = Stage()
    stage.go_to(date(2013, 4, 15))
    case = stage.do(Agreement.end_course(on=COURSE_ENDS))
    case = stage.come(date(2013, 4, 15))
    assert case[Agreement.binding].began == date(2013, 2, 1)


@pytest.mark.parametrize(
    ("left", "owed"),
    [
        (date(2013, 2, 1), 120_000),
        (date(2013, 2, 27), 120_000),
        (date(2013, 2, 28), 110_000),
        (date(2013, 7, 31), 60_000),
        (date(2014, 1, 30), 10_000),
    ],
)
def test_who_resigns_pays_back_the_months_that_are_left(left: date, owed: int) -> None:
    stage = bound()
    stage.come(left)
    case = stage.do(Agreement.binding.leave(on=left, cause=LeavingCause.OWN_WISH))
    assert (case.state, case[Agreement.binding].owed) == (Agreement.binding.repayment, owed)


def test_who_leaves_on_the_last_day_owes_nothing() -> None:
    stage = bound()
    stage.come(date(2014, 1, 31))
    case = stage.do(Agreement.binding.leave(on=date(2014, 1, 31), cause=LeavingCause.OWN_WISH))
    assert case.state == Agreement.binding.released


@pytest.mark.parametrize("cause", [cause for cause in LeavingCause if cause not in ATTRIBUTABLE])
def test_nothing_is_paid_back_for_a_cause_that_is_not_the_employees(cause: LeavingCause) -> None:
    """Invariant 23, its last part."""
    stage = Stage()
    case = stage.do(Agreement.binding.leave(on=SIGNED, cause=cause))
    assert (case.state, case[Agreement.binding].owed) == (Agreement.binding.released, 0)


def test_who_breaks_the_measure_off_owes_the_whole_and_only_while_it_lasts() -> None:
    stage = Stage()
    case = stage.do(Agreement.binding.leave(on=SIGNED, cause=LeavingCause.BROKEN_OFF))
    assert case[Agreement.binding].owed == 120_000
    stage = bound()
    with pytest.raises(Refused, match="The measure is over"):
        stage.do(Agreement.binding.leave(on=date(2013, 2, 1), cause=LeavingCause.BROKEN_OFF))


def test_it_is_paid_back_in_parts_and_never_more_than_is_owed() -> None:
    stage = bound()
    stage.come(date(2013, 7, 31))
    stage.do(Agreement.binding.leave(on=date(2013, 7, 31), cause=LeavingCause.CONDUCT))
    assert stage.do(Agreement.binding.receive(cents=40_000)).state == Agreement.binding.repayment
    with pytest.raises(Refused, match="Only 20000 cents are still owed"):
        stage.do(Agreement.binding.receive(cents=20_001))
    case = stage.do(Agreement.binding.receive(cents=20_000))
    assert (case.state, case[Agreement.binding].paid) == (Agreement.binding.repaid, 60_000)


@pytest.mark.parametrize("left", [False, True])
def test_the_head_may_waive_it_with_a_reason_and_nobody_ones_own(left: bool) -> None:
    stage = bound()
    if left:
        stage.do(Agreement.binding.leave(on=date(2013, 2, 1), cause=LeavingCause.OWN_WISH))
    for actor in (office, Actor("e-1", {HEAD})):
        with pytest.raises(Refused, match="Only for"):
            stage.do(Agreement.binding.waive(reason="Hardship."), actor)
    case = stage.do(Agreement.binding.waive(reason="Hardship."), head)
    assert case.state == Agreement.binding.waived


def test_nobody_records_the_own_leaving_nor_a_day_that_cannot_be() -> None:
    stage = bound()
    with pytest.raises(Refused, match="Only for"):
        stage.do(Agreement.binding.leave(on=date(2013, 2, 1), cause=LeavingCause.MUTUAL), Actor("e-1", {OFFICE}))
    for day in (date(2013, 1, 6), date(2013, 2, 2)):
        with pytest.raises(Refused, match="between 2013-01-07 and today"):
            stage.do(Agreement.binding.leave(on=day, cause=LeavingCause.MUTUAL))


def test_a_leaving_that_is_recorded_late_counts_from_its_day() -> None:
    stage = bound()
    case = stage.do(Agreement.binding.leave(on=date(2013, 1, 15), cause=LeavingCause.OWN_WISH))
    assert case[Agreement.binding].owed == 120_000


def test_an_agreement_without_a_binding_is_fulfilled_with_the_measure() -> None:
    stage = Stage(Terms("e-1", months=0))
    case = stage.do(Agreement.binding.leave(on=SIGNED, cause=LeavingCause.OWN_WISH))
    assert case.state == Agreement.binding.released
    assert bound(Terms("e-1", months=0)).case.state == Agreement.binding.fulfilled


def test_what_the_courts_have_let_pass_is_a_table_that_can_be_another() -> None:
    assert [longest_usual(count) for count in (1, 6, 10, 11, 90, 120, 500)] == [6, 6, 6, 12, 24, 24, 24]
    assert longest_usual(200, (Limit(365, 36),)) == 36


dates = st.dates(date(2012, 1, 1), date(2020, 12, 31))


@given(st.integers(0, 10**7), st.integers(1, 60), dates, st.integers(0, 2000), st.integers(0, 400))
def test_repayment_never_grows_and_is_nothing_at_the_end(
    costs: int, bound: int, began: date, one: int, on: int
) -> None:
    """Invariant 23."""
    earlier, later = began + timedelta(days=one), began + timedelta(days=one + on)
    assert costs >= pro_rata(costs, bound, began, earlier) >= pro_rata(costs, bound, began, later) >= 0
    end = began + months(bound).counting_first_day()
    assert pro_rata(costs, bound, began, end) == 0
    assert bound == 1 or costs < bound or pro_rata(costs, bound, began, end - timedelta(days=1)) > 0
    assert pro_rata(costs, bound, began, began) == costs


@given(st.integers(1, 24), st.integers(0, 800), st.sampled_from(LeavingCause), st.integers(0, 500_000))
def test_whenever_and_why_ever_somebody_leaves_it_ends_as_the_rule_says(
    length: int, after: int, cause: LeavingCause, costs: int
) -> None:
    """Invariant 23, as it is played."""
    stage = bound(Terms("e-1", length, costs))
    day = date(2013, 2, 1) + timedelta(days=after)
    case = stage.come(day)
    if case.state == Agreement.binding.fulfilled:
        assert day > date(2013, 2, 1) + months(length).counting_first_day()
        return
    if cause in (LeavingCause.BROKEN_OFF, LeavingCause.NOT_HELD):
        return
    case = stage.do(Agreement.binding.leave(on=day, cause=cause))
    owed = pro_rata(costs, length, date(2013, 2, 1), day) if cause in ATTRIBUTABLE else 0
    assert case[Agreement.binding].owed == owed
    assert case.state == (Agreement.binding.repayment if owed else Agreement.binding.released)


def test_a_measure_that_ended_early_is_recorded_late_too() -> None:
    """The day counts, not when it is written down."""
    for cause, owed in ((LeavingCause.BROKEN_OFF, 120_000), (LeavingCause.NOT_HELD, 0)):
        case = bound().do(Agreement.binding.leave(on=date(2013, 1, 20), cause=cause))
        assert case[Agreement.binding].owed == owed
