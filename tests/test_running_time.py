"""Time, as section 2 of the design describes it: when events fire by themselves."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest
from attrs import evolve, frozen

from progflow import (
    ANYONE,
    START,
    STAY,
    SYSTEM,
    Case,
    Context,
    Flow,
    Instant,
    Lifecycle,
    State,
    UsageError,
    days,
    end_of,
    event,
    guard,
    hours,
    moment,
    months,
)
from progflow.testing.clock import Clock
from support import FlowMaker, berlin, due, events, somebody, state, timer
from support import clock as clock
from support import make_flow as make_flow


class Term(Lifecycle[None]):
    """Terms that run over several states, and clocks that stop."""

    one = State(initial=True)
    two = State()
    pause = State(clock="stopped")
    longer_pause = State(clock="stopped")
    aside = State(resting=True)
    over = State(final=True)

    @event((one | two) >> over, after=days(10))
    def end(self, ctx: Context[None]) -> None: ...

    @event((one | two) >> STAY, after=hours(100))
    def ring(self, ctx: Context[None]) -> None: ...

    @event(one >> two, by=ANYONE)
    def go_on(self, ctx: Context[None]) -> None: ...

    @event(two >> one, by=ANYONE)
    def go_back(self, ctx: Context[None]) -> None: ...

    @event(one >> STAY, two >> STAY, by=ANYONE)
    def look(self, ctx: Context[None]) -> None: ...

    @event(one >> one, two >> two, by=ANYONE)
    def anew(self, ctx: Context[None]) -> None: ...

    @event((one | two) >> pause, longer_pause >> pause, by=ANYONE)
    def stop(self, ctx: Context[None]) -> None: ...

    @event(pause >> longer_pause, by=ANYONE)
    def stop_longer(self, ctx: Context[None]) -> None: ...

    @event((pause | longer_pause) >> two, by=ANYONE)
    def resume(self, ctx: Context[None]) -> None: ...

    @event((one | pause) >> aside, by=ANYONE)
    def leave(self, ctx: Context[None]) -> None: ...

    @event(aside >> one, by=ANYONE)
    def come_back(self, ctx: Context[None]) -> None: ...


@pytest.fixture
def term(make_flow: FlowMaker) -> tuple[Flow, Case[None]]:
    flow = make_flow(Term)
    return flow, flow.start(Term, None, actor=SYSTEM)


def fire(flow: Flow, case: Case[Any], *commands: Any) -> Case[Any]:
    for command in commands:
        case = flow.fire(case, command, actor=somebody)
    return case


def test_a_term_counts_from_entry_into_the_sources(term: tuple[Flow, Case[None]]) -> None:
    flow, case = term
    assert due(flow, case, "end") == berlin("2026-03-13")
    assert due(flow, case, "ring") == berlin("2026-03-06 13:00")


def test_moving_among_the_sources_continues_the_term(term: tuple[Flow, Case[None]], clock: Clock) -> None:
    flow, case = term
    clock.forward(days=3)
    case = fire(flow, case, Term.go_on())
    assert due(flow, case, "end") == berlin("2026-03-13")
    clock.forward(hours=1)
    case = fire(flow, case, Term.go_back(), Term.look())
    assert due(flow, case, "end") == berlin("2026-03-13")
    assert due(flow, case, "ring") == berlin("2026-03-06 13:00")


def test_entering_the_same_state_anew_restarts_the_term(term: tuple[Flow, Case[None]], clock: Clock) -> None:
    flow, case = term
    clock.forward(days=3)
    case = fire(flow, case, Term.anew())
    assert due(flow, case, "end") == berlin("2026-03-16")
    assert due(flow, case, "ring") == berlin("2026-03-09 13:00")


def test_any_other_exit_ends_the_term(term: tuple[Flow, Case[None]], clock: Clock) -> None:
    flow, case = term
    case = fire(flow, case, Term.leave())
    assert timer(flow, case, "end") is None
    clock.forward(days=30)
    assert flow.run_due() == 0
    case = fire(flow, case, Term.come_back())
    assert due(flow, case, "end") == berlin("2026-04-12")


def test_a_stopped_clock_suspends_the_term_by_calendar_days(term: tuple[Flow, Case[None]], clock: Clock) -> None:
    flow, case = term
    clock.set("2026-03-04 23:00")
    case = fire(flow, case, Term.stop())
    assert due(flow, case, "end") is None
    clock.set("2026-03-20 01:00")
    assert flow.run_due() == 0
    case = fire(flow, case, Term.resume())
    assert due(flow, case, "end") == berlin("2026-03-29")


def test_a_stopped_clock_suspends_hours_by_exact_time_also_across_the_change_of_the_clocks(
    term: tuple[Flow, Case[None]], clock: Clock
) -> None:
    flow, case = term
    clock.set("2026-03-04 09:00")
    case = fire(flow, case, Term.stop())
    clock.set("2026-03-30 09:30")
    case = fire(flow, case, Term.resume())
    assert due(flow, case, "ring") == berlin("2026-04-01 13:30")
    assert due(flow, case, "end") == berlin("2026-04-08")


def test_a_stop_of_a_few_hours_on_one_day_moves_hours_but_no_days(term: tuple[Flow, Case[None]], clock: Clock) -> None:
    flow, case = term
    case = fire(flow, case, Term.stop())
    clock.set("2026-03-02 23:59")
    case = fire(flow, case, Term.resume())
    assert due(flow, case, "end") == berlin("2026-03-13")
    assert due(flow, case, "ring") == berlin("2026-03-07 03:59")


def test_several_stops_add_up_and_one_stopped_state_after_another_is_one_stop(
    term: tuple[Flow, Case[None]], clock: Clock
) -> None:
    flow, case = term
    case = fire(flow, case, Term.stop())
    clock.forward(days=2)
    case = fire(flow, case, Term.stop_longer())
    clock.forward(days=3)
    case = fire(flow, case, Term.resume())
    assert due(flow, case, "end") == berlin("2026-03-18")
    clock.forward(days=1)
    case = fire(flow, case, Term.stop())
    clock.forward(days=10)
    case = fire(flow, case, Term.resume())
    assert due(flow, case, "end") == berlin("2026-03-28")


def test_leaving_a_stopped_state_for_elsewhere_ends_the_term(term: tuple[Flow, Case[None]], clock: Clock) -> None:
    flow, case = term
    case = fire(flow, case, Term.stop())
    clock.forward(days=5)
    case = fire(flow, case, Term.leave(), Term.come_back())
    assert due(flow, case, "end") == berlin("2026-03-18")


def test_on_stay_a_timer_fires_once_for_its_due_moment(term: tuple[Flow, Case[None]], clock: Clock) -> None:
    flow, case = term
    clock.set("2026-03-12 23:59")
    assert flow.run_due() == 1
    assert events(flow, case) == ["(start)", "ring"]
    assert flow.run_due() == 0
    case = flow.get(Term, case)
    assert due(flow, case, "ring") is None
    case = fire(flow, case, Term.go_on(), Term.look())
    assert due(flow, case, "ring") is None
    case = fire(flow, case, Term.anew())
    assert due(flow, case, "ring") == berlin("2026-03-17 03:59")


# -- moments -------------------------------------------------------------------------------------------------------


@frozen
class Dates:
    day: date | None = None
    instant: datetime | None = None
    since: date | None = None
    until_end_of: date | None = None


class Course(Lifecycle[Dates]):
    """Has dates of its own and gives dates to its lessons."""

    planned = State()
    stopped = State(clock="stopped")
    over = State(final=True)

    @moment
    def first_day(self, ctx: Context[Dates]) -> date | None:
        return ctx.data.day

    @moment
    def exactly(self, ctx: Context[Dates]) -> datetime | None:
        return ctx.data.instant

    @moment
    def end_of_day(self, ctx: Context[Dates]) -> Instant | None:
        return None if ctx.data.until_end_of is None else end_of(ctx.data.until_end_of)

    @moment
    def since_day(self, ctx: Context[Dates]) -> date | None:
        return ctx.data.since

    @event(START >> planned, by=ANYONE)
    def plan(self, ctx: Context[Dates]) -> Dates:
        return Dates()

    @event(planned >> STAY, by=ANYONE)
    def set_dates(
        self,
        ctx: Context[Dates],
        *,
        day: date | None = None,
        instant: datetime | None = None,
        since: date | None = None,
        until_end_of: date | None = None,
    ) -> Dates:
        return Dates(day, instant, since, until_end_of)

    @event(planned >> STAY, at=first_day)
    def on_day(self, ctx: Context[Dates]) -> None: ...

    @event(planned >> STAY, at=exactly)
    def at_instant(self, ctx: Context[Dates]) -> None: ...

    @event(planned >> STAY, at=end_of_day)
    def after_day(self, ctx: Context[Dates]) -> None: ...

    @event(planned >> over, since=since_day, after=months(1))
    def end(self, ctx: Context[Dates]) -> None: ...

    @event(planned >> stopped, by=ANYONE)
    def stop(self, ctx: Context[Dates]) -> None: ...

    @event(stopped >> planned, by=ANYONE)
    def resume(self, ctx: Context[Dates]) -> None: ...


class Lesson(Lifecycle[None], parent=Course):
    """Begins and ends with the dates of its course."""

    waiting = State(initial=True)
    running = State()
    done = State(final=True)

    @moment
    def first_day_of_the_course(self, ctx: Context[None]) -> date | None:
        return ctx.parent(Course).data.day

    @guard("The course is over.")
    def course_runs(self, ctx: Context[None]) -> bool:
        return ctx.parent(Course).is_open

    @event(waiting >> running, at=first_day_of_the_course, when=course_runs)
    def begin(self, ctx: Context[None]) -> None: ...

    @event(waiting >> STAY, by=ANYONE)
    def postpone(self, ctx: Context[None]) -> None: ...

    @event(running >> done, after=days(7), since=first_day_of_the_course)
    def finish(self, ctx: Context[None]) -> None: ...


@pytest.fixture
def course(make_flow: FlowMaker) -> tuple[Flow, Case[Dates]]:
    flow = make_flow(Course, Lesson)
    return flow, flow.start(Course.plan(), actor=somebody)


def test_none_as_a_moment_means_not_yet(course: tuple[Flow, Case[Dates]], clock: Clock) -> None:
    flow, case = course
    for name in ("on_day", "at_instant", "after_day", "end"):
        assert due(flow, case, name) is None
    clock.forward(days=1000)
    assert flow.run_due() == 0


def test_a_date_is_its_first_instant_and_end_of_the_first_after_it(course: tuple[Flow, Case[Dates]]) -> None:
    flow, case = course
    day, instant = date(2026, 5, 1), berlin("2026-05-02 12:34")
    case = fire(flow, case, Course.set_dates(day=day, instant=instant, until_end_of=day))
    assert due(flow, case, "on_day") == berlin("2026-05-01")
    assert due(flow, case, "at_instant") == instant
    assert due(flow, case, "after_day") == berlin("2026-05-02")


def test_since_counts_a_term_from_a_moment_instead_of_entry(course: tuple[Flow, Case[Dates]]) -> None:
    flow, case = course
    case = fire(flow, case, Course.set_dates(since=date(2026, 2, 10)))
    assert due(flow, case, "end") == berlin("2026-03-11")
    case = fire(flow, case, Course.set_dates(since=date(2026, 1, 31)))
    assert flow.run_due() == 1
    assert flow.history(case)[-1].due == berlin("2026-03-01")
    assert state(flow, case) == "over"


def test_a_stopped_clock_moves_what_is_counted_since_a_moment_and_not_what_is_at_one(
    course: tuple[Flow, Case[Dates]], clock: Clock
) -> None:
    flow, case = course
    case = fire(flow, case, Course.set_dates(since=date(2026, 3, 1), day=date(2026, 3, 10)), Course.stop())
    assert due(flow, case, "end") is due(flow, case, "on_day") is None
    clock.forward(days=5)
    case = fire(flow, case, Course.resume())
    assert due(flow, case, "end") == berlin("2026-04-07")
    assert due(flow, case, "on_day") == berlin("2026-03-10")


def test_a_moment_that_passed_while_the_clock_stood_fires_when_it_goes_on(
    course: tuple[Flow, Case[Dates]], clock: Clock
) -> None:
    flow, case = course
    case = fire(flow, case, Course.set_dates(day=date(2026, 3, 10)), Course.stop())
    clock.set("2026-03-20 10:00")
    fire(flow, case, Course.resume())
    assert flow.run_due() == 1
    step = flow.history(case)[-1]
    assert (step.event, step.due, step.at) == ("on_day", berlin("2026-03-10"), clock())


def test_a_moment_that_moves_fires_once_for_each_due_moment(course: tuple[Flow, Case[Dates]], clock: Clock) -> None:
    flow, case = course
    case = fire(flow, case, Course.set_dates(day=date(2026, 3, 10)), Course.set_dates(day=date(2026, 3, 12)))
    clock.set("2026-03-12 08:00")
    assert flow.run_due() == 1
    case = fire(flow, flow.get(Course, case), Course.set_dates(day=date(2026, 3, 12)))
    assert flow.run_due() == 0
    fire(flow, case, Course.set_dates(day=date(2026, 3, 11)))
    assert flow.run_due() == 1
    assert [entry.due for entry in flow.history(case) if entry.event == "on_day"] == [
        berlin("2026-03-12"),
        berlin("2026-03-11"),
    ]


def test_a_moment_of_the_parent_is_computed_anew_when_the_parents_data_change(
    course: tuple[Flow, Case[Dates]], clock: Clock
) -> None:
    flow, case = course
    lessons = [flow.start(Lesson, None, parent=case, actor=SYSTEM) for _ in range(2)]
    assert [due(flow, lesson, "begin") for lesson in lessons] == [None, None]
    case = fire(flow, case, Course.set_dates(day=date(2026, 4, 1)))
    assert [due(flow, lesson, "begin") for lesson in lessons] == [berlin("2026-04-01")] * 2
    case = fire(flow, case, Course.set_dates(day=date(2026, 3, 4)))
    clock.set("2026-03-04 00:00")
    assert flow.run_due() == 3
    assert [due(flow, lesson, "finish") for lesson in lessons] == [berlin("2026-03-12")] * 2
    fire(flow, flow.get(Course, case), Course.set_dates(day=date(2026, 3, 8)))
    assert [due(flow, lesson, "finish") for lesson in lessons] == [berlin("2026-03-16")] * 2


def test_a_moment_of_the_parent_that_is_taken_back_is_not_yet_again(course: tuple[Flow, Case[Dates]]) -> None:
    flow, case = course
    lesson = flow.start(Lesson, None, parent=case, actor=SYSTEM)
    case = fire(flow, case, Course.set_dates(day=date(2026, 4, 1)), Course.set_dates())
    assert due(flow, lesson, "begin") is None


def test_a_moment_of_the_parent_counts_also_for_a_child_that_moved_in_the_same_unit(
    make_flow: FlowMaker,
) -> None:
    class Term2(Lifecycle[date]):
        there = State(initial=True, resting=True)

        @event(there >> STAY)
        def move(self, ctx: Context[date], *, to: date) -> date:
            return to

    class Part(Lifecycle[None], parent=Term2):
        there = State(initial=True)
        over = State(final=True)

        @moment
        def end_of_the_term(self, ctx: Context[None]) -> date:
            return ctx.parent(Term2).data

        @event(there >> over, at=end_of_the_term)
        def end(self, ctx: Context[None]) -> None: ...

        @event(there >> STAY, by=ANYONE)
        def ask_for(self, ctx: Any, *, to: date) -> None:
            ctx.fire(ctx.parent(Term2), Term2.move(to=to))

    flow = make_flow(Term2, Part)
    parent = flow.start(Term2, date(2026, 6, 1), actor=SYSTEM)
    part = flow.start(Part, None, parent=parent, actor=SYSTEM)
    part = fire(flow, part, Part.ask_for(to=date(2026, 7, 1)))
    assert due(flow, part, "end") == berlin("2026-07-01")


def test_a_moment_that_gives_something_else_says_what_is_needed(make_flow: FlowMaker) -> None:
    class Naive(Lifecycle[None]):
        there = State(initial=True)
        over = State(final=True)

        @moment
        def naive(self, ctx: Context[None]) -> datetime:
            return datetime(2026, 3, 1)

        @event(there >> over, at=naive)
        def end(self, ctx: Context[None]) -> None: ...

    flow = make_flow(Naive)
    with pytest.raises(UsageError, match="aware datetime, a date"):
        flow.start(Naive, None, actor=SYSTEM)
    assert flow.cases(Naive).count() == 0


# -- every= --------------------------------------------------------------------------------------------------------


@frozen
class ReminderData:
    allowed: bool = True


class Reminder(Lifecycle[ReminderData]):
    """Reminds each month, if it may."""

    on = State(initial=True)
    off = State(final=True)

    @guard("Not now.")
    def may(self, ctx: Context[ReminderData]) -> bool:
        return ctx.data.allowed

    @event(on >> STAY, every=months(1), when=may)
    def remind(self, ctx: Context[ReminderData]) -> None: ...

    @event(on >> STAY, by=ANYONE)
    def allow(self, ctx: Context[ReminderData], *, it: bool) -> ReminderData:
        return evolve(ctx.data, allowed=it)

    @event(on >> off, by=ANYONE)
    def switch_off(self, ctx: Context[ReminderData]) -> None: ...


def reminders(flow: Flow, case: Case[Any]) -> list[str]:
    return [str(entry.at.date()) for entry in flow.history(case) if entry.event == "remind"]


def test_every_asks_each_period_counted_from_the_anchor_and_never_chained(make_flow: FlowMaker, clock: Clock) -> None:
    flow = make_flow(Reminder)
    clock.set("2026-01-31 10:00", backwards=True)
    case = flow.start(Reminder, ReminderData(), actor=SYSTEM)
    clock.set("2026-05-02 10:00")
    assert flow.run_due() == 3
    assert reminders(flow, case) == ["2026-03-01", "2026-04-01", "2026-05-01"]


def test_every_asks_once_a_period_and_a_change_in_between_wakes_nothing(make_flow: FlowMaker, clock: Clock) -> None:
    flow = make_flow(Reminder)
    clock.set("2026-01-10 10:00", backwards=True)
    case = flow.start(Reminder, ReminderData(allowed=False), actor=SYSTEM)
    clock.set("2026-02-20 10:00")
    assert flow.run_due() == 0
    assert not timer(flow, case, "remind").resting
    case = fire(flow, case, Reminder.allow(it=True))
    assert flow.run_due() == 0
    assert due(flow, case, "remind") == berlin("2026-03-11")
    clock.set("2026-03-11 10:00")
    assert flow.run_due() == 1
    assert reminders(flow, case) == ["2026-03-11"]


def test_every_goes_on_where_it_was_after_a_long_time_without_asking_all_periods_from_the_beginning(
    make_flow: FlowMaker, clock: Clock
) -> None:
    class Daily(Lifecycle[None]):
        on = State(initial=True, resting=True)

        @event(on >> STAY, every=days(1))
        def tick(self, ctx: Context[None]) -> None: ...

    flow = make_flow(Daily)
    case = flow.start(Daily, None, actor=SYSTEM)
    clock.forward(days=400)
    assert flow.run_due() == 399
    assert len({entry.at for entry in flow.history(case)}) == 400
    assert due(flow, case, "tick") == berlin("2027-04-07")


def test_every_counts_on_from_the_first_time_where_there_is_one(make_flow: FlowMaker, clock: Clock) -> None:
    class Late(Lifecycle[None]):
        on = State(initial=True, resting=True)

        @event(on >> STAY, after=days(10), every=days(7))
        def remind(self, ctx: Context[None]) -> None: ...

    flow = make_flow(Late)
    case = flow.start(Late, None, actor=SYSTEM)
    clock.set("2026-04-01 10:00")
    assert flow.run_due() == 3
    assert reminders(flow, case) == ["2026-03-13", "2026-03-20", "2026-03-27"]


def test_after_and_every_count_months_from_the_anchor_too(make_flow: FlowMaker, clock: Clock) -> None:
    """From 30 January: the last days are 28 February, 30 March, 30 April, not 28 of each."""

    class Monthly(Lifecycle[None]):
        on = State(initial=True, resting=True)

        @event(on >> STAY, after=months(1), every=months(1))
        def remind(self, ctx: Context[None]) -> None: ...

    clock.set("2026-01-30 10:00", backwards=True)
    flow = make_flow(Monthly)
    case = flow.start(Monthly, None, actor=SYSTEM)
    clock.set("2026-05-02 10:00")
    assert flow.run_due() == 3
    assert reminders(flow, case) == ["2026-03-01", "2026-03-31", "2026-05-01"]


def test_a_moment_that_has_fired_does_not_fire_again_when_the_case_comes_back(
    make_flow: FlowMaker, clock: Clock
) -> None:
    """A season opens on its day and shuts on its day; shut again, it does not open for the day that has passed."""

    class Season(Lifecycle[date]):
        shut = State(initial=True)
        open = State()
        gone = State(final=True)

        @moment
        def opens(self, ctx: Context[date]) -> date:
            return ctx.data

        @moment
        def shuts(self, ctx: Context[date]) -> date:
            return ctx.data + months(5)

        @event(shut >> open, at=opens)
        def open_up(self, ctx: Context[date]) -> None: ...

        @event(open >> shut, at=shuts)
        def shut_down(self, ctx: Context[date]) -> None: ...

        @event(shut >> STAY, by=ANYONE)
        def plan(self, ctx: Context[date], *, day: date) -> date:
            return day

        @event((shut | open) >> gone, by=ANYONE)
        def tear_down(self, ctx: Context[date]) -> None: ...

    flow = make_flow(Season)
    case = flow.start(Season, date(2026, 5, 1), actor=SYSTEM)
    clock.set("2026-11-01 10:00")
    assert flow.run_due() == 2
    flow.fire(case.id, Season.plan(day=date(2027, 5, 1)), actor=somebody)
    clock.set("2027-06-01 10:00")
    assert flow.run_due() == 1
    assert flow.get(Season, case).is_in(Season.open)


# -- ending --------------------------------------------------------------------------------------------------------


def test_an_automatic_event_fires_as_soon_as_it_can(make_flow: FlowMaker) -> None:
    class Through(Lifecycle[None]):
        one = State(initial=True)
        two = State()
        three = State(final=True)

        @event(one >> two, auto=True)
        def first(self, ctx: Context[None]) -> None: ...

        @event(two >> three, auto=True)
        def second(self, ctx: Context[None]) -> None: ...

    flow = make_flow(Through)
    case = flow.start(Through, None, actor=SYSTEM)
    assert case.is_in(Through.three)
    assert events(flow, case) == ["(start)", "first", "second"]


def test_a_final_state_arms_nothing(make_flow: FlowMaker, clock: Clock) -> None:
    flow = make_flow(Reminder)
    case = flow.start(Reminder, ReminderData(), actor=SYSTEM)
    fire(flow, case, Reminder.switch_off())
    assert timer(flow, case, "remind") is None
    clock.forward(days=1000)
    assert flow.run_due() == 0


def test_an_event_at_a_moment_that_enters_its_own_state_anew_fires_once_for_it(
    make_flow: FlowMaker, clock: Clock
) -> None:
    class Round(Lifecycle[None]):
        on = State(initial=True, resting=True)

        @moment
        def day(self, ctx: Context[None]) -> date:
            return date(2026, 3, 10)

        @event(on >> on, at=day)
        def again(self, ctx: Context[None]) -> None: ...

        @event(on >> on, after=days(20))
        def later(self, ctx: Context[None]) -> None: ...

    flow = make_flow(Round)
    case = flow.start(Round, None, actor=SYSTEM)
    clock.set("2026-05-01")
    assert flow.run_due() <= 10
    assert [entry.event for entry in flow.history(case)][:3] == ["(start)", "again", "later"]
