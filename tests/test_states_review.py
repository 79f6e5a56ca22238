"""Reviews: once or again and again, early, in time, late."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from attrs import evolve, frozen
from hypothesis import given
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
    Lifecycle,
    Program,
    Refused,
    Role,
    State,
    Term,
    UsageError,
    always,
    days,
    derived,
    event,
    moment,
    months,
    relation,
    weeks,
    years,
)
from progflow.adapters.memory import MemoryStore
from progflow.states.people import OFFICE
from progflow.states.review import Review

BERLIN = ZoneInfo("Europe/Berlin")
SUPERIOR = Role("superior")
office, superior, mentee = Actor("office", {OFFICE}), Actor("s-1", {SUPERIOR}), Actor("mentee-1")


@frozen
class Pair:
    mentee: str
    kickoff: date | None = None
    paused: bool = False


class Mentoring(Lifecycle[Pair]):
    """A mentoring with one review at half time, of which the day alone is kept."""

    reviewed = State(final=True)
    broken_off = State(final=True)

    @relation("the mentee")
    def the_mentee(self, ctx: Context[Pair]) -> bool:
        return ctx.actor.id == ctx.data.mentee

    @moment
    def kickoff(self, ctx: Context[Pair]) -> date | None:
        return ctx.data.kickoff

    half_time = Review(
        after=always(months(7)), since=kickoff, by=(the_mentee, OFFICE), invited_by=OFFICE, recorded=False
    ).then(reviewed)

    @event(OPEN >> STAY, by=OFFICE)
    def begin(self, ctx: Context[Pair]) -> Pair:
        """Hold the kick-off."""
        return evolve(ctx.data, kickoff=ctx.today)

    @event(OPEN >> broken_off, by=OFFICE)
    def break_off(self, ctx: Context[Pair]) -> None:
        """Break off."""


@frozen
class Post:
    person: str
    months_between: int = 12


class Employment(Lifecycle[Post]):
    """An employee with a yearly talk, who may go on leave."""

    left = State(final=True)

    @derived
    def between(self, ctx: Context[Post]) -> Term:
        return months(ctx.data.months_between)

    @relation("the employee")
    def the_employee(self, ctx: Context[Post]) -> bool:
        return ctx.actor.id == ctx.data.person

    talk = Review(
        after=between,
        every=between,
        within=always(days(30)),
        escalates_after=always(days(14)),
        person=the_employee,
        by=SUPERIOR,
    )

    @event(OPEN >> STAY, by=OFFICE)
    def agree(self, ctx: Context[Post], *, months_between: int) -> Post:
        """Agree on another interval."""
        return evolve(ctx.data, months_between=months_between)

    @event(OPEN >> left, by=OFFICE)
    def leave(self, ctx: Context[Post]) -> None:
        """Leave."""


class Catalogue(Lifecycle[Pair]):
    """A catalogue of measures that is evaluated once, on a day that is laid down."""

    over = State(final=True)

    @moment
    def day(self, ctx: Context[Pair]) -> date | None:
        return ctx.data.kickoff

    evaluation = Review(at=day).then(over)


class Stage:
    """One case, and a clock."""

    def __init__(self, of: type[Lifecycle[Any]], data: object, *, opens: date = date(2022, 8, 15)) -> None:
        self.go_to(opens)
        self.flow = Flow(
            Program("reviews", Mentoring, Employment, Catalogue, zone="Europe/Berlin"),
            store=MemoryStore(),
            clock=lambda: self.now,
        )
        self.of = of
        self.id = self.flow.start(of, data, actor=SYSTEM).id

    def go_to(self, day: date) -> None:
        self.now = datetime.combine(day, time(12), BERLIN).astimezone(UTC)

    def come(self, day: date) -> Case[Any]:
        """Set the clock, and let happen what was due."""
        self.go_to(day)
        self.flow.run_due()
        return self.case

    def do(self, command: Command[Any], actor: Actor) -> Case[Any]:
        return self.flow.fire(self.id, command, actor=actor)

    @property
    def case(self) -> Case[Any]:
        return self.flow.get(self.of, self.id)

    def due(self, event: str) -> date | None:
        due = self.flow.explain(self.id, actor=office)[event].due
        return None if due is None else due.date()


def employed(**how: Any) -> Stage:
    return Stage(Employment, Post("e-1", **how), opens=date(2012, 10, 1))


def mentored() -> Stage:
    stage = Stage(Mentoring, Pair("mentee-1"))
    stage.do(Mentoring.begin(), office)
    return stage


def test_the_mid_term_review_is_due_seven_months_after_the_kick_off_and_its_day_is_kept() -> None:
    stage = Stage(Mentoring, Pair("mentee-1"))
    assert stage.due("half_time.become_due") is None  # there was no kick-off yet
    stage.come(date(2022, 8, 20))
    stage.do(Mentoring.begin(), office)
    assert stage.come(date(2023, 3, 20)).state == Mentoring.half_time.ahead
    assert stage.come(date(2023, 3, 21)).state == Mentoring.half_time.due
    held = stage.do(Mentoring.half_time.hold(on=date(2023, 3, 20)), mentee)
    assert held.state == Mentoring.reviewed
    assert held[Mentoring.half_time].held_on == date(2023, 3, 20)


def test_a_review_that_nobody_holds_is_missed_then_escalated_and_can_be_held_all_the_same() -> None:
    stage = mentored()
    assert stage.come(date(2023, 5, 11)).state == Mentoring.half_time.missed  # eight weeks after 15 March
    assert stage.come(date(2023, 6, 8)).state == Mentoring.half_time.escalated  # four weeks later
    assert stage.do(Mentoring.half_time.hold(on=date(2023, 6, 8)), office).state == Mentoring.reviewed
    assert [entry.event for entry in stage.flow.history(stage.id)][2:5] == [
        "half_time.become_due",
        "half_time.be_missed",
        "half_time.escalate",
    ]


def test_an_invitation_moves_the_day_and_does_not_stop_the_clock() -> None:
    stage = mentored()
    invited = stage.do(Mentoring.half_time.invite(on=date(2023, 3, 1)), office)
    assert invited.state == Mentoring.half_time.invited
    invited = stage.do(Mentoring.half_time.invite(on=date(2023, 4, 1)), office)
    assert invited[Mentoring.half_time].invited_for == date(2023, 4, 1)
    assert stage.come(date(2023, 5, 11)).state == Mentoring.half_time.missed
    invited = stage.do(Mentoring.half_time.invite(on=date(2023, 5, 20)), office)
    assert invited.state == Mentoring.half_time.missed  # an invitation makes nothing good
    with pytest.raises(Refused, match="2023-05-10 has passed already"):
        stage.do(Mentoring.half_time.invite(on=date(2023, 5, 10)), office)


def test_nobody_else_holds_it_and_nobody_before_it_can_have_been_or_in_advance() -> None:
    stage = mentored()
    with pytest.raises(Refused, match="Only for"):
        stage.do(Mentoring.half_time.hold(on=date(2022, 8, 15)), Actor("mentee-2"))
    with pytest.raises(Refused, match="Only for"):
        stage.do(Mentoring.half_time.invite(on=date(2022, 9, 1)), mentee)
    for day in (date(2022, 8, 16), date(2022, 8, 14)):
        with pytest.raises(Refused, match="between 2022-08-15 and today"):
            stage.do(Mentoring.half_time.hold(on=day), mentee)


def test_an_evaluation_on_a_day_that_is_laid_down_is_put_on_record() -> None:
    stage = Stage(Catalogue, Pair("-", kickoff=date(2022, 11, 12)))
    assert stage.come(date(2022, 11, 12)).state == Catalogue.evaluation.due
    held = stage.do(Catalogue.evaluation.hold(on=date(2022, 11, 12)), office)
    assert held.state == Catalogue.evaluation.held
    over = stage.do(Catalogue.evaluation.document(record="A-17"), office)
    assert over.state == Catalogue.over
    assert over[Catalogue.evaluation].record == "A-17"
    with pytest.raises(Refused, match="Not possible in the state"):
        stage.do(Catalogue.evaluation.hold(on=date(2022, 11, 12)), office)


def test_the_yearly_talk_comes_again_and_an_early_one_moves_the_next_date() -> None:
    stage = employed()
    assert stage.due("talk.become_due") == date(2013, 10, 2)
    stage.come(date(2013, 5, 10))
    stage.do(Employment.talk.hold(on=date(2013, 5, 8)), superior)
    stage.do(Employment.talk.document(), superior)
    assert stage.case.state == Employment.talk.documented
    assert stage.due("talk.become_due") == date(2014, 5, 9)
    assert stage.come(date(2014, 5, 9)).state == Employment.talk.due
    stage.do(Employment.talk.hold(on=date(2014, 5, 9)), superior)
    assert stage.due("talk.become_due") == date(2015, 5, 10)


def test_nobody_holds_or_records_the_own_talk_whatever_the_role() -> None:
    stage = employed()
    herself = Actor("e-1", {SUPERIOR})
    hold = Employment.talk.hold(on=date(2012, 10, 1))
    assert stage.flow.check(stage.id, hold, actor=herself)
    stage.do(hold, superior)
    assert stage.flow.check(stage.id, Employment.talk.document(), actor=herself)
    assert not stage.flow.check(stage.id, Employment.talk.document(), actor=superior)


def test_a_talk_that_was_never_put_on_record_does_not_hold_up_the_next() -> None:
    stage = employed()
    stage.do(Employment.talk.hold(on=date(2012, 10, 1)), superior)
    assert stage.come(date(2013, 10, 2)).state == Employment.talk.due
    assert stage.come(date(2013, 11, 1)).state == Employment.talk.missed
    assert stage.come(date(2013, 11, 15)).state == Employment.talk.escalated
    stage.do(Employment.talk.hold(on=date(2013, 11, 15)), superior)
    assert stage.come(date(2014, 12, 16)).state == Employment.talk.missed


def test_no_day_can_be_kept_twice() -> None:
    stage = employed()
    stage.do(Employment.talk.hold(on=date(2012, 10, 1)), superior)
    stage.do(Employment.talk.document(), superior)
    with pytest.raises(Refused, match="between 2012-10-02 and today"):
        stage.do(Employment.talk.hold(on=date(2012, 10, 1)), superior)


def test_another_interval_can_be_agreed_upon() -> None:
    stage = employed()
    stage.do(Employment.agree(months_between=24), office)
    assert stage.due("talk.become_due") == date(2014, 10, 2)
    stage.do(Employment.talk.hold(on=date(2012, 10, 1)), superior)
    stage.do(Employment.agree(months_between=6), office)
    assert stage.due("talk.become_due") == date(2013, 4, 2)


def test_it_is_due_at_a_moment_or_after_a_term_and_not_both_or_neither() -> None:
    with pytest.raises(UsageError, match="at a moment or after a term"):
        Review()
    with pytest.raises(UsageError, match="at a moment or after a term"):
        Review(at=Mentoring.kickoff, after=always(months(7)))
    with pytest.raises(UsageError, match="at a moment or after a term"):
        Review(at=Mentoring.kickoff, since=Mentoring.kickoff)


@given(st.lists(st.integers(1, 500), max_size=6), st.integers(1, 36))
def test_whenever_it_is_held_exactly_one_next_is_due_counted_from_that_day(gaps: list[int], every: int) -> None:
    """Invariant 18."""
    stage = employed(months_between=every)
    day = date(2012, 10, 1)
    for gap in gaps:
        day += timedelta(days=gap)
        stage.come(day)
        stage.do(Employment.talk.hold(on=day), superior)
        stage.do(Employment.talk.document(), superior)
        assert stage.due("talk.become_due") == day + months(every) + days(1)
        timers = [offer for offer in stage.flow.explain(stage.id, actor=office).values() if offer.due is not None]
        assert len(timers) == 1


@given(st.lists(st.integers(1, 200), min_size=1, max_size=8))
def test_small_steps_of_the_clock_give_what_one_big_step_gives(steps: list[int]) -> None:
    """Invariant 11."""
    one, other = employed(), employed()
    day = date(2012, 10, 1)
    for step in steps:
        day += timedelta(days=step)
        one.come(day)
    other.come(day)
    assert [(entry.event, entry.at) for entry in one.flow.history(one.id)] == [
        (entry.event, entry.at) for entry in other.flow.history(other.id)
    ]


def test_years_counted_from_a_day_that_does_not_come_every_year_end_with_the_month() -> None:
    stage = employed()
    stage.come(date(2016, 2, 29))
    stage.do(Employment.talk.hold(on=date(2016, 2, 29)), superior)
    assert stage.due("talk.become_due") == date(2016, 2, 29) + years(1) + days(1) == date(2017, 3, 1)


class Trial(Lifecycle[Pair]):
    """Somebody works on trial, and afterwards there is a talk, perhaps more than one."""

    on_trial = State(initial=True, resting=True)
    kept = State(resting=True)

    talk = Review(after=always(weeks(2)), within=always(weeks(1)), recorded=False).then(kept)

    @event((on_trial | kept) >> talk, by=OFFICE)
    def end_trial(self, ctx: Context[Pair]) -> None:
        """End the trial."""


def test_one_that_is_not_told_from_when_counts_from_the_day_on_which_it_was_entered() -> None:
    now = datetime(2026, 3, 2, 8, tzinfo=UTC)
    flow = Flow(Trial, store=MemoryStore(), zone="Europe/Berlin", clock=lambda: now)
    case = flow.start(Trial, Pair("m"), actor=SYSTEM)
    for day in (date(2026, 9, 1), date(2027, 9, 1)):
        now = datetime.combine(day, time(8), BERLIN)
        case = flow.fire(case.id, Trial.end_trial(), actor=office)
        assert case.state == Trial.talk.ahead
        now += timedelta(days=10)
        case = flow.fire(case.id, Trial.talk.invite(on=day + timedelta(days=12)), actor=office)
        now = datetime.combine(day + timedelta(weeks=3), time(23), BERLIN)
        flow.run_due()
        assert flow.get(Trial, case).state == Trial.talk.invited
        now += timedelta(days=1)
        flow.run_due()
        assert flow.get(Trial, case).state == Trial.talk.missed
        flow.fire(case.id, Trial.talk.hold(on=day + timedelta(weeks=3)), actor=office)
    assert flow.get(Trial, case).state == Trial.kept
