"""Signals: vetoes inside the transaction, news after the commit, refusals, and the short forms."""

from __future__ import annotations

import gc
import logging
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.orm import Session

from progflow import (
    ANYONE,
    NEXT,
    STAY,
    SYSTEM,
    Acting,
    Actor,
    Case,
    Context,
    Entry,
    Flow,
    Lifecycle,
    Phase,
    Refused,
    State,
    UsageError,
    days,
    event,
)
from progflow.adapters.sqlalchemy import SQLAlchemyStore
from progflow.testing.clock import Clock
from support import FlowMaker, codes, dump, events, refusal, somebody, state
from support import clock as clock
from support import make_flow as make_flow


class Trip(Phase[None]):
    """A part with states of its own."""

    packing = State(initial=True)
    away = State()

    @event(packing >> away, by=ANYONE)
    def leave(self, ctx: Context[None]) -> None: ...

    @event(away >> packing, by=ANYONE)
    def come_back(self, ctx: Context[None]) -> None: ...

    @event(away >> NEXT, by=ANYONE, after=days(5))
    def arrive(self, ctx: Context[None]) -> None: ...


class Holiday(Lifecycle[int]):
    """Has a trip in it."""

    wished = State(initial=True)
    trip = Trip().then(wished)
    over = State(final=True)

    @event(wished >> trip, by=ANYONE)
    def begin(self, ctx: Context[int]) -> None: ...

    @event(wished >> STAY, by=ANYONE)
    def count(self, ctx: Context[int]) -> int:
        return ctx.data + 1

    @event(wished >> wished, by=ANYONE)
    def anew(self, ctx: Context[int]) -> None: ...

    @event((wished | trip) >> over, by=ANYONE)
    def end(self, ctx: Acting[int]) -> None: ...

    @event(wished >> STAY, by=ANYONE)
    def count_twice(self, ctx: Acting[int]) -> int:
        ctx.fire(ctx.case, Holiday.count())
        return ctx.data + 1


class LongHoliday(Holiday):
    """A holiday like any other."""


@pytest.fixture
def flow(make_flow: FlowMaker) -> Flow:
    return make_flow(Holiday, LongHoliday)


@pytest.fixture
def holiday(flow: Flow) -> Case[int]:
    return flow.start(Holiday, 0, actor=SYSTEM)


# -- inside the transaction ------------------------------------------------------------------------------------------


def test_transitioning_is_sent_for_each_step_in_the_order_of_connection(flow: Flow, holiday: Case[int]) -> None:
    heard: list[tuple[str, str]] = []
    receivers = [lambda sender, entry, host, n=n: heard.append((n, entry.event)) for n in "zyxabc"]
    for receiver in receivers:
        flow.transitioning.connect(receiver)
    flow.fire(holiday, Holiday.count_twice(), actor=somebody)
    assert heard == [(n, name) for name in ("count_twice", "count") for n in "zyxabc"]


def test_a_receiver_of_transitioning_that_raises_vetoes_the_move(flow: Flow, holiday: Case[int]) -> None:
    def veto(sender: Any, entry: Entry, host: object) -> None:
        if entry.event == "count":
            raise PermissionError("not today")

    heard: list[str] = []
    flow.transitioning.connect(lambda sender, entry, host: heard.append(entry.event))
    flow.transitioning.connect(veto)
    flow.transitioned.connect(lambda sender, entry: heard.append(f"after {entry.event}"))
    before = dump(flow)
    for command in (Holiday.count(), Holiday.count_twice()):
        with pytest.raises(PermissionError, match="not today"):
            flow.fire(holiday, command, actor=somebody)
        assert dump(flow) == before
    assert not flow.check(holiday, Holiday.count(), actor=somebody)
    assert heard == ["count", "count_twice", "count"]


def test_a_receiver_of_transitioning_gets_what_it_needs_to_write_in_the_same_transaction(
    clock: Clock, tmp_path: Path
) -> None:
    url = f"sqlite:///{tmp_path}/host.db"
    with SQLAlchemyStore(url) as store:
        flow = Flow(Holiday, store=store, clock=clock)
        holiday = flow.start(Holiday, 0, actor=SYSTEM)
        engine = create_engine(url)
        with engine.begin() as connection:
            connection.execute(text("CREATE TABLE note (said TEXT)"))
        hosts: list[object] = []

        def note(sender: Any, entry: Entry, host: Any) -> None:
            hosts.append(host)
            host.execute(text("INSERT INTO note VALUES (:said)"), {"said": entry.event})

        flow.transitioning.connect(note)
        flow.fire(holiday, Holiday.count(), actor=somebody)
        with Session(engine) as session:
            flow.using(session).fire(holiday.id, Holiday.count(), actor=somebody)
            session.rollback()
            flow.using(session).fire(holiday.id, Holiday.end(), actor=somebody)
            session.commit()
        with engine.connect() as connection:
            assert connection.execute(text("SELECT said FROM note")).scalars().all() == ["count", "end"]
        engine.dispose()
        assert isinstance(hosts[0], Connection)
        assert hosts[1:] == [session, session]


def test_a_receiver_of_transitioning_may_fire_a_further_command_in_the_same_transaction(
    clock: Clock, tmp_path: Path
) -> None:
    with SQLAlchemyStore(f"sqlite:///{tmp_path}/a.db") as store:
        flow = Flow(Holiday, store=store, clock=clock)
        one, two = (flow.start(Holiday, 0, actor=SYSTEM) for _ in range(2))

        def also(sender: Any, entry: Entry, host: object) -> None:
            if entry.case == one.id:
                flow.using(host).fire(two.id, Holiday.end(), actor=somebody)

        flow.transitioning.connect(also)
        flow.fire(one, Holiday.end(), actor=somebody)
        assert state(flow, two) == "over"


# -- after the commit ------------------------------------------------------------------------------------------------


def test_transitioned_is_sent_after_the_commit_with_the_lifecycle_as_sender(flow: Flow, holiday: Case[int]) -> None:
    heard: list[tuple[Any, Entry, int]] = []

    def hear(sender: Any, entry: Entry) -> None:
        heard.append((sender, entry, flow.get(Holiday, entry.case).revision))

    flow.transitioned.connect(hear)
    flow.fire(holiday, Holiday.count_twice(), actor=somebody)
    assert [(sender, entry.event, revision) for sender, entry, revision in heard] == [
        (Holiday, "count_twice", 3),
        (Holiday, "count", 3),
    ]
    assert heard[0][1] == flow.history(holiday)[1]


def test_transitioned_can_be_limited_to_one_lifecycle(flow: Flow) -> None:
    heard: list[Any] = []
    flow.transitioned.connect(lambda sender, entry: heard.append(sender), sender=LongHoliday)
    flow.start(Holiday, 0, actor=SYSTEM)
    flow.start(LongHoliday, 0, actor=SYSTEM)
    assert heard == [LongHoliday]


def test_transitioned_is_never_sent_for_what_was_rolled_back(flow: Flow, holiday: Case[int]) -> None:
    heard: list[str] = []
    flow.transitioned.connect(lambda sender, entry: heard.append(entry.event))
    refusal(flow.fire, holiday, Holiday.trip.leave(), actor=somebody)

    def together() -> None:
        with flow.unit_of_work() as unit:
            unit.fire(holiday.id, Holiday.count(), actor=somebody)
            unit.fire(holiday.id, Holiday.trip.leave(), actor=somebody)

    refusal(together)
    assert heard == []


def test_transitioned_waits_for_the_end_of_a_unit_of_work(flow: Flow, holiday: Case[int]) -> None:
    heard: list[str] = []
    flow.transitioned.connect(lambda sender, entry: heard.append(entry.event))
    with flow.unit_of_work() as unit:
        unit.fire(holiday.id, Holiday.count(), actor=somebody)
        refusal(unit.fire, holiday.id, Holiday.trip.leave(), actor=somebody)
        unit.fire(holiday.id, Holiday.begin(), actor=somebody)
        assert heard == []
    assert heard == ["count", "begin"]


@pytest.mark.parametrize("kind", [Session, Connection])
def test_transitioned_waits_for_the_commit_of_the_host(clock: Clock, tmp_path: Path, kind: Any) -> None:
    url = f"sqlite:///{tmp_path}/host.db"
    with SQLAlchemyStore(url) as store:
        flow = Flow(Holiday, store=store, clock=clock)
        holiday = flow.start(Holiday, 0, actor=SYSTEM)
        heard: list[str] = []
        flow.transitioned.connect(lambda sender, entry: heard.append(entry.event))
        engine = create_engine(url)
        host: Any = Session(engine) if kind is Session else engine.connect()
        flow.using(host).fire(holiday.id, Holiday.count(), actor=somebody)
        host.rollback()
        assert heard == []
        flow.using(host).fire(holiday.id, Holiday.begin(), actor=somebody)
        nested = host.begin_nested()
        flow.using(host).fire(holiday.id, Holiday.trip.leave(), actor=somebody)
        nested.rollback()
        flow.using(host).fire(holiday.id, Holiday.end(), actor=somebody)
        assert heard == []
        host.commit()
        assert heard == ["begin", "end"]
        host.close()
        engine.dispose()


def test_timers_are_announced_like_commands(flow: Flow, holiday: Case[int], clock: Clock) -> None:
    flow.fire(flow.fire(holiday, Holiday.begin(), actor=somebody), Holiday.trip.leave(), actor=somebody)
    heard: list[tuple[str, bool]] = []
    flow.transitioned.connect(lambda sender, entry: heard.append((entry.event, entry.due is not None)))
    clock.forward(days=10)
    flow.run_due()
    assert heard == [("trip.arrive", True)]


def test_receivers_are_held_strongly(flow: Flow, holiday: Case[int]) -> None:
    heard: list[str] = []

    class Listener:
        def hear(self, sender: Any, entry: Entry) -> None:
            heard.append(entry.event)

    flow.transitioned.connect(Listener().hear)
    flow.on(Holiday.count)(lambda entry: heard.append(f"on {entry.event}"))
    gc.collect()
    flow.fire(holiday, Holiday.count(), actor=somebody)
    assert heard == ["count", "on count"]


def test_a_receiver_that_raises_after_the_commit_is_logged_and_stops_nobody(
    flow: Flow, holiday: Case[int], caplog: pytest.LogCaptureFixture
) -> None:
    heard: list[str] = []

    def broken(sender: Any, entry: Entry) -> None:
        raise OSError("the mail server is away")

    flow.transitioned.connect(broken)
    flow.transitioned.connect(lambda sender, entry: heard.append(entry.event))
    with caplog.at_level(logging.ERROR, "progflow"):
        assert flow.fire(holiday, Holiday.count(), actor=somebody).data == 1
    assert heard == ["count"]
    assert "the mail server is away" in caplog.text
    assert "broken" in caplog.text


def test_a_receiver_may_fire_a_further_command(flow: Flow, holiday: Case[int]) -> None:
    heard: list[str] = []

    @flow.on(Holiday.count)
    def end_it(entry: Entry) -> None:
        flow.fire(entry.case, Holiday.end(), actor=somebody)

    flow.transitioned.connect(lambda sender, entry: heard.append(entry.event))
    flow.fire(holiday, Holiday.count(), actor=somebody)
    assert events(flow, holiday) == ["(start)", "count", "end"]
    assert sorted(heard) == ["count", "end"]


def test_a_receiver_can_be_disconnected(flow: Flow, holiday: Case[int]) -> None:
    heard: list[str] = []

    def hear(sender: Any, entry: Entry) -> None:
        heard.append(entry.event)

    flow.transitioned.connect(hear)
    flow.transitioned.disconnect(hear)
    flow.fire(holiday, Holiday.count(), actor=somebody)
    assert heard == []


# -- coroutines ------------------------------------------------------------------------------------------------------


async def later(sender: Any, **values: Any) -> None: ...


class LaterByCall:
    async def __call__(self, sender: Any, **values: Any) -> None: ...


@pytest.mark.parametrize("receiver", [later, LaterByCall(), LaterByCall().__call__])
def test_a_coroutine_function_is_refused_when_it_is_connected(flow: Flow, receiver: Any) -> None:
    for connect in (
        flow.transitioning.connect,
        flow.transitioned.connect,
        flow.refused.connect,
        flow.on(Holiday.count),
        flow.on(entering=Holiday.over),
    ):
        with pytest.raises(UsageError, match="nobody would await it"):
            connect(receiver)


# -- short forms -----------------------------------------------------------------------------------------------------


def test_on_an_event_hears_of_that_event_also_in_subclasses(flow: Flow, holiday: Case[int]) -> None:
    heard: list[tuple[str, str]] = []

    @flow.on(Holiday.trip.leave)
    def hear(entry: Entry) -> None:
        heard.append((entry.lifecycle, entry.event))

    assert hear.__name__ == "hear"
    for case in (holiday, flow.start(LongHoliday, 0, actor=SYSTEM)):
        case = flow.fire(case, Holiday.begin(), actor=somebody)
        flow.fire(case, Holiday.trip.leave(), actor=somebody)
    assert heard == [("Holiday", "trip.leave"), ("LongHoliday", "trip.leave")]


def test_on_an_event_of_a_subclass_does_not_hear_of_the_base(flow: Flow, holiday: Case[int]) -> None:
    heard: list[str] = []
    flow.on(LongHoliday.count)(lambda entry: heard.append(entry.lifecycle))
    flow.fire(holiday, Holiday.count(), actor=somebody)
    flow.fire(flow.start(LongHoliday, 0, actor=SYSTEM), LongHoliday.count(), actor=somebody)
    assert heard == ["LongHoliday"]


def test_on_entering_a_phase_hears_of_entering_it_from_outside(flow: Flow, holiday: Case[int]) -> None:
    heard: list[str] = []
    flow.on(entering=Holiday.trip)(lambda entry: heard.append(entry.event))
    case = holiday
    for command in (Holiday.begin(), Holiday.trip.leave(), Holiday.trip.come_back(), Holiday.trip.leave()):
        case = flow.fire(case, command, actor=somebody)
    assert heard == ["begin"]
    case = flow.fire(case, Holiday.trip.arrive(), actor=somebody)
    flow.fire(case, Holiday.begin(), actor=somebody)
    assert heard == ["begin", "begin"]


def test_on_entering_a_state_hears_of_each_entry_and_not_of_staying(flow: Flow) -> None:
    heard: list[str] = []
    flow.on(entering=Holiday.wished)(lambda entry: heard.append(entry.event))
    flow.on(entering=Holiday.trip.packing)(lambda entry: heard.append(f"packing by {entry.event}"))
    case = flow.start(Holiday, 0, actor=SYSTEM)
    for command in (Holiday.count(), Holiday.anew(), Holiday.begin(), Holiday.trip.leave(), Holiday.trip.come_back()):
        case = flow.fire(case, command, actor=somebody)
    assert heard == ["(start)", "anew", "packing by begin", "packing by trip.come_back"]


def test_on_entering_one_of_several(flow: Flow, holiday: Case[int]) -> None:
    heard: list[str] = []
    flow.on(entering=Holiday.trip | Holiday.over)(lambda entry: heard.append(entry.event))
    case = flow.fire(holiday, Holiday.begin(), actor=somebody)
    case = flow.fire(case, Holiday.trip.leave(), actor=somebody)
    flow.fire(case, Holiday.end(), actor=somebody)
    assert heard == ["begin", "end"]


def test_on_takes_one_of_the_two(flow: Flow) -> None:
    with pytest.raises(UsageError, match="an event or entering="):
        flow.on()  # type: ignore[call-overload]
    with pytest.raises(UsageError, match="an event or entering="):
        flow.on(Holiday.count, entering=Holiday.over)  # type: ignore[call-overload]


# -- refusals --------------------------------------------------------------------------------------------------------


def test_refused_is_sent_when_nothing_is_left_of_the_command(flow: Flow, holiday: Case[int]) -> None:
    heard: list[tuple[Any, str, str]] = []

    def hear(sender: Any, error: Refused, actor: Actor) -> None:
        heard.append((sender, codes(error)[0], actor.id))
        flow.fire(holiday.id, Holiday.count(), actor=SYSTEM)

    flow.refused.connect(hear)
    refusal(flow.fire, holiday, Holiday.trip.leave(), actor=somebody)
    assert heard == [(Holiday, "state", "somebody")]
    assert flow.get(Holiday, holiday).data == 1


def test_a_receiver_of_refused_that_raises_does_not_hide_the_refusal(
    flow: Flow, holiday: Case[int], caplog: pytest.LogCaptureFixture
) -> None:
    def broken(sender: Any, error: Refused, actor: Actor) -> None:
        raise OSError("away")

    flow.refused.connect(broken)
    with caplog.at_level(logging.ERROR, "progflow"):
        refusal(flow.fire, holiday, Holiday.trip.leave(), actor=somebody)
    assert "away" in caplog.text
