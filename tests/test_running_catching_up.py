"""Rule 1 of running, "Catch up": what was due has happened before anything is decided."""

from __future__ import annotations

import logging

import pytest
from attrs import evolve, frozen
from sqlalchemy import create_engine

from progflow import (
    ANYONE,
    START,
    STAY,
    SYSTEM,
    Acting,
    BehindError,
    ConflictError,
    Context,
    Flow,
    Lifecycle,
    State,
    UsageError,
    days,
    event,
    guard,
    hours,
)
from progflow.adapters.memory import MemoryStore
from progflow.adapters.sqlalchemy import SQLAlchemyStore
from progflow.testing.clock import Clock
from support import (
    OFFICE,
    FlowMaker,
    codes,
    dump,
    events,
    memory_flow,
    office,
    refusal,
    somebody,
    state,
    timer,
)
from support import clock as clock
from support import make_flow as make_flow


@frozen
class CallData:
    seats: int = 1
    broken: bool = False


class Call(Lifecycle[CallData]):
    """A call for applications, open for ten days."""

    open = State()
    closed = State(resting=True)
    over = State(final=True)

    @event(START >> open, by=ANYONE)
    def announce(self, ctx: Context[CallData], *, seats: int = 1) -> CallData:
        return CallData(seats)

    @guard("The call cannot be closed.")
    def can_be_closed(self, ctx: Context[CallData]) -> bool:
        if ctx.data.broken:
            raise LookupError("the list is gone")
        return True

    @event(open >> closed, after=days(10), when=can_be_closed)
    def close(self, ctx: Context[CallData]) -> None: ...

    @event(open >> STAY, by=ANYONE)
    def breaks(self, ctx: Context[CallData]) -> CallData:
        return evolve(ctx.data, broken=True)

    @event(open >> STAY, by=ANYONE)
    def mend(self, ctx: Context[CallData]) -> CallData:
        return evolve(ctx.data, broken=False)

    @event((open | closed) >> over, by=ANYONE)
    def end(self, ctx: Context[CallData]) -> None: ...


@frozen
class ApplicationData:
    broken: bool = False


class Application(Lifecycle[ApplicationData], parent=Call):
    """An application, to be confirmed within five days."""

    sent = State()
    confirmed = State(resting=True)
    lapsed = State(final=True)

    @guard("The call is closed.")
    def call_is_open(self, ctx: Context[ApplicationData]) -> bool:
        return ctx.parent(Call).is_in(Call.open)

    @guard("All seats are taken.")
    def seat_is_free(self, ctx: Context[ApplicationData]) -> bool:
        held = ctx.siblings(Application).open().count()
        return held < ctx.parent(Call).data.seats

    @guard("It cannot lapse.")
    def can_lapse(self, ctx: Context[ApplicationData]) -> bool:
        if ctx.data.broken:
            raise ArithmeticError("a rule with a mistake")
        return True

    @event(START >> sent, by=ANYONE, when=(call_is_open, seat_is_free))
    def send(self, ctx: Context[ApplicationData], *, broken: bool = False) -> ApplicationData:
        return ApplicationData(broken)

    @event(sent >> confirmed, by=ANYONE)
    def confirm(self, ctx: Context[ApplicationData]) -> None: ...

    @event(sent >> lapsed, after=days(5), when=can_lapse)
    def lapse(self, ctx: Context[ApplicationData]) -> None: ...

    @event(confirmed >> lapsed, by=ANYONE)
    def withdraw(self, ctx: Context[ApplicationData]) -> None: ...


class Beat(Lifecycle[None]):
    """Something that beats every hour."""

    beating = State(initial=True)
    still = State(final=True)

    @event(beating >> STAY, every=hours(1))
    def beat(self, ctx: Acting[None]) -> None: ...

    @event(beating >> still, by=ANYONE)
    def stop(self, ctx: Context[None]) -> None: ...


@pytest.fixture
def flow(make_flow: FlowMaker) -> Flow:
    return make_flow(Call, Application, Beat)


def test_rule_1_a_late_cron_lets_nobody_past_the_deadline_of_the_case_itself(flow: Flow, clock: Clock) -> None:
    call = flow.start(Call.announce(), actor=office)
    application = flow.start(Application.send(), parent=call, actor=somebody)
    clock.forward(days=6)
    error = refusal(flow.fire, application.id, Application.confirm(), actor=somebody)
    assert codes(error) == ["state"]
    assert error.reasons[0].parameters["state"] == "lapsed"
    assert events(flow, application) == ["send", "lapse"]


def test_rule_1_a_late_cron_lets_nobody_past_the_deadline_of_an_ancestor(flow: Flow, clock: Clock) -> None:
    call = flow.start(Call.announce(), actor=office)
    clock.forward(days=11)
    error = refusal(flow.start, Application.send(), parent=call, actor=somebody)
    assert codes(error) == ["call_is_open"]
    assert events(flow, call) == ["announce", "close"]


def test_rule_1_overdue_timers_of_the_family_are_caught_up_before_siblings_are_counted(
    flow: Flow, clock: Clock
) -> None:
    call = flow.start(Call.announce(seats=1), actor=office)
    first = flow.start(Application.send(), parent=call, actor=somebody)
    assert codes(refusal(flow.start, Application.send(), parent=call, actor=somebody)) == ["seat_is_free"]
    clock.forward(days=6)
    flow.start(Application.send(), parent=call, actor=somebody)
    assert state(flow, first) == "lapsed"


def test_rule_1_timers_that_are_caught_up_keep_their_own_moment_in_the_history(flow: Flow, clock: Clock) -> None:
    call = flow.start(Call.announce(), actor=office)
    clock.forward(days=30)
    flow.fire(call.id, Call.end(), actor=office)
    closing, ending = flow.history(call)[1:]
    assert closing.due == closing.at
    assert str(closing.at) == "2026-03-13 00:00:00+01:00"
    assert closing.recorded == clock() == ending.at
    assert closing.actor == SYSTEM.id
    assert ending.due is None


def test_rule_1_timers_are_not_yet_due_on_the_last_day_and_due_with_the_first_instant_after_it(
    flow: Flow, clock: Clock
) -> None:
    call = flow.start(Call.announce(), actor=office)
    clock.set("2026-03-12 23:59")
    flow.start(Application.send(), parent=call, actor=somebody)
    clock.set("2026-03-13 00:00")
    assert codes(refusal(flow.start, Application.send(), parent=call, actor=somebody)) == [
        "call_is_open",
        "seat_is_free",
    ]


def test_rule_1_staleness_is_judged_against_what_is_stored_before_timers_move_the_case(
    flow: Flow, clock: Clock
) -> None:
    call = flow.start(Call.announce(), actor=office)
    clock.forward(days=11)
    ended = flow.fire(call, Call.end(), actor=office)
    assert events(flow, call) == ["announce", "close", "end"]
    assert ended.revision == 3


def test_rule_1_a_value_that_is_stale_already_is_refused_before_any_timer_fires(flow: Flow, clock: Clock) -> None:
    call = flow.start(Call.announce(), actor=office)
    flow.fire(call, Call.mend(), actor=office)
    clock.forward(days=11)
    before = dump(flow)
    with pytest.raises(ConflictError) as caught:
        flow.fire(call, Call.end(), actor=office)
    assert not caught.value.retryable
    assert dump(flow) == before


def test_rule_1_in_a_transaction_of_our_own_caught_up_timers_stay_when_the_command_is_refused(
    flow: Flow, clock: Clock
) -> None:
    call = flow.start(Call.announce(), actor=office)
    clock.forward(days=11)
    refusal(flow.start, Application.send(), parent=call, actor=somebody)
    assert state(flow, call) == "closed"
    assert flow.run_due() == 0


def test_rule_1_in_a_unit_of_work_they_go_with_the_command(flow: Flow, clock: Clock) -> None:
    call = flow.start(Call.announce(), actor=office)
    clock.forward(days=11)
    before = dump(flow)
    with flow.unit_of_work() as inside:
        refusal(inside.start, Application.send(), parent=call, actor=somebody)
        assert state(inside, call) == "open"
    assert dump(flow) == before


def test_rule_1_inside_a_host_transaction_at_most_200_timers_are_caught_up(flow: Flow, clock: Clock) -> None:
    beat = flow.start(Beat, None, actor=SYSTEM)
    clock.forward(hours=200)
    with flow.unit_of_work() as inside:
        assert inside.fire(beat.id, Beat.stop(), actor=office).revision == 202
    other = flow.start(Beat, None, actor=SYSTEM)
    clock.forward(hours=201)
    before = dump(flow)
    with pytest.raises(BehindError) as caught, flow.unit_of_work() as inside:
        inside.fire(other.id, Beat.stop(), actor=office)
    assert caught.value.retryable
    assert caught.value.limit == 200
    assert dump(flow) == before
    assert flow.run_due() == 201
    with flow.unit_of_work() as inside:
        inside.fire(other.id, Beat.stop(), actor=office)


def test_rule_1_the_transaction_of_a_host_rolls_caught_up_timers_back(clock: Clock, tmp_path: object) -> None:
    url = f"sqlite:///{tmp_path}/host.db"
    with SQLAlchemyStore(url) as store:
        flow = Flow(Call, Application, store=store, clock=clock, zone="Europe/Berlin")
        call = flow.start(Call.announce(), actor=office)
        clock.forward(days=11)
        before = dump(flow)
        engine = create_engine(url)
        with engine.connect() as connection:
            flow.using(connection).fire(call.id, Call.end(), actor=office)
            assert flow.using(connection).get(Call, call).is_in(Call.over)
            connection.rollback()
        assert dump(flow) == before
        with engine.connect() as connection:
            flow.using(connection).fire(call.id, Call.end(), actor=office)
            connection.commit()
        engine.dispose()
        assert events(flow, call) == ["announce", "close", "end"]


def test_rule_1_get_cases_and_history_show_what_is_stored(flow: Flow, clock: Clock) -> None:
    call = flow.start(Call.announce(), actor=office)
    clock.forward(days=11)
    assert flow.get(Call, call).is_in(Call.open)
    assert flow.cases(Call).in_(Call.open).count() == 1
    assert events(flow, call) == ["announce"]


def test_rule_1_explain_and_check_answer_for_now_and_write_nothing(flow: Flow, clock: Clock) -> None:
    call = flow.start(Call.announce(), actor=office)
    application = flow.start(Application.send(), parent=call, actor=somebody)
    clock.forward(days=11)
    before = dump(flow)
    assert codes(flow.check(application.id, Application.confirm(), actor=somebody)) == ["state"]
    assert not flow.explain(application, actor=somebody)["confirm"].allowed
    assert codes(flow.check(Application.send(), parent=call, actor=somebody)) == ["call_is_open"]
    assert codes(flow.explain(Application, parent=call, actor=somebody)["send"].reasons) == ["call_is_open"]
    assert dump(flow) == before


def test_rule_1_a_timer_whose_rule_raises_stops_nobody_but_its_own_case(
    flow: Flow, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    call = flow.start(Call.announce(seats=5), actor=office)
    broken = flow.start(Application.send(broken=True), parent=call, actor=somebody)
    other = flow.start(Application.send(), parent=call, actor=somebody)
    clock.forward(days=6)
    with caplog.at_level(logging.ERROR, "progflow"):
        refusal(flow.fire, other.id, Application.confirm(), actor=somebody)
    assert "lapse" in caplog.text
    assert broken.id in caplog.text
    assert state(flow, other) == "lapsed"
    with pytest.raises(ArithmeticError, match="mistake") as caught:
        flow.fire(broken.id, Application.confirm(), actor=somebody)
    assert any(broken.id in note and "lapse" in note for note in caught.value.__notes__)
    assert state(flow, broken) == "sent"


def test_rule_1_a_timer_of_an_ancestor_whose_rule_raises_stops_the_command(flow: Flow, clock: Clock) -> None:
    call = flow.start(Call.announce(), actor=office)
    flow.fire(call, Call.breaks(), actor=office)
    clock.forward(days=11)
    with pytest.raises(LookupError, match="gone"):
        flow.start(Application.send(), parent=call, actor=somebody)
    with pytest.raises(LookupError, match="gone"), flow.unit_of_work() as inside:
        inside.start(Application.send(), parent=call, actor=somebody)
    with pytest.raises(LookupError, match="gone"):
        flow.check(Application.send(), parent=call, actor=somebody)


def test_rule_1_run_due_fires_all_it_can_and_reports_each_that_failed(flow: Flow, clock: Clock) -> None:
    call = flow.start(Call.announce(seats=5), actor=office)
    flow.start(Application.send(broken=True), parent=call, actor=somebody)
    good = flow.start(Application.send(), parent=call, actor=somebody)
    clock.forward(days=6)
    with pytest.raises(ExceptionGroup, match="1 timer failed; 1 fired") as caught:
        flow.run_due()
    (failed,) = caught.value.exceptions
    assert isinstance(failed, ArithmeticError)
    assert state(flow, good) == "lapsed"


def test_rule_1_timers_fire_in_the_order_of_their_moments_across_the_family(flow: Flow, clock: Clock) -> None:
    call = flow.start(Call.announce(seats=2), actor=office)
    application = flow.start(Application.send(), parent=call, actor=somebody)
    steps: list[tuple[str, str]] = []
    flow.transitioned.connect(lambda sender, entry: steps.append((entry.case, entry.event)))
    clock.forward(days=30)
    assert flow.run_due() == 2
    assert steps == [(application.id, "lapse"), (call.id, "close")]


def test_rule_1_a_final_case_has_no_timers(flow: Flow, clock: Clock) -> None:
    call = flow.start(Call.announce(), actor=office)
    assert timer(flow, call, "close") is not None
    flow.fire(call, Call.end(), actor=office)
    assert timer(flow, call, "close") is None
    clock.forward(days=30)
    assert flow.run_due() == 0


def test_run_due_inside_a_unit_of_work_is_undone_with_it(flow: Flow, clock: Clock) -> None:
    flow.start(Call.announce(), actor=office)
    clock.forward(days=11)
    before = dump(flow)
    fired: list[int] = []

    def together() -> None:
        with flow.unit_of_work() as inside:
            fired.append(inside.run_due())
            inside.start(Beat, None, actor=somebody)

    refusal(together)
    assert fired == [1]
    assert dump(flow) == before


def test_timers_that_bounce_a_case_at_one_instant_are_stopped_and_said(make_flow: FlowMaker, clock: Clock) -> None:
    class Bouncing(Lifecycle[None]):
        here = State(initial=True)
        there = State()
        gone = State(final=True)

        @event(here >> there, after=hours(0))
        def go(self, ctx: Context[None]) -> None: ...

        @event(there >> here, after=hours(0))
        def come_back(self, ctx: Context[None]) -> None: ...

        @event((here | there) >> gone, by=ANYONE)
        def leave(self, ctx: Context[None]) -> None: ...

    flow = make_flow(Bouncing)
    case = flow.start(Bouncing, None, actor=SYSTEM)
    with pytest.raises(ExceptionGroup) as failed:
        flow.run_due()
    assert "has fired 50 times at one instant" in str(failed.value.exceptions[0])
    with pytest.raises(UsageError, match="50 times at one instant"):
        flow.fire(case.id, Bouncing.leave(), actor=somebody)


# -- what a definition no longer has ---------------------------------------------------------------------------------


def _generation(number: int) -> type[Lifecycle[None]]:
    class Ticket(Lifecycle[None]):
        open = State(initial=True)
        late = State()
        closed = State(final=True)

        if number == 1:

            @event(open >> late, after=days(3))
            def tick(self, ctx: Context[None]) -> None: ...

        if number == 2:

            @event(open >> late, after=days(3))
            def tock(self, ctx: Context[None]) -> None: ...

        if number == 3:

            @event(open >> late, by=OFFICE)
            def tick(self, ctx: Context[None]) -> None: ...

        @event((open | late) >> closed, by=OFFICE)
        def close(self, ctx: Context[None]) -> None: ...

    return Ticket


@pytest.mark.parametrize("number", [2, 3], ids=["the event is gone", "it fires by hand only"])
def test_a_stored_timer_of_an_event_that_does_not_fire_by_itself_any_more_fires_nothing(
    number: int, clock: Clock
) -> None:
    store = MemoryStore()
    before, after = _generation(1), _generation(number)
    case = memory_flow(clock, before, store=store).start(before, None, actor=SYSTEM)
    clock.forward(days=10)
    flow = memory_flow(clock, after, store=store)
    assert flow.run_due() == 0
    assert flow.get(after, case.id).state.name == "open"
    assert flow.explain(case.id, actor=office)["close"].allowed
    assert flow.fire(case.id, "close", {}, actor=office).state.name == "closed"


def test_a_failing_timer_leaves_a_way_back(make_flow: FlowMaker, clock: Clock) -> None:
    """Nobody gets past it but SYSTEM; whoever looks is told all the same."""

    class Fuse(Lifecycle[None]):
        whole = State(initial=True)
        blown = State(final=True)

        @guard("Not yet.")
        def broken(self, ctx: Context[None]) -> bool:
            raise ZeroDivisionError

        @event(whole >> blown, after=days(1), when=broken)
        def blow(self, ctx: Context[None]) -> None: ...

        @event(whole >> blown, by=OFFICE)
        def take_out(self, ctx: Context[None]) -> None: ...

    flow = make_flow(Fuse)
    fuse = flow.start(Fuse, None, actor=SYSTEM)
    clock.forward(days=3)
    assert flow.explain(fuse.id, actor=somebody)["take_out"].allowed is False
    with pytest.raises(ZeroDivisionError):
        flow.fire(fuse.id, Fuse.take_out(), actor=office)
    with pytest.raises(ZeroDivisionError):
        flow.check(fuse.id, Fuse.take_out(), actor=office)
    assert flow.check(fuse.id, Fuse.take_out(), actor=SYSTEM) == ()
    assert flow.fire(fuse.id, Fuse.take_out(), actor=SYSTEM).is_in(Fuse.blown)
