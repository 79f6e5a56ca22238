"""What a test sees of the announcements of a flow: also where everything is rolled back at its end."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from datetime import date
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, text
from sqlalchemy.orm import Session, scoped_session, sessionmaker

from databases import POSTGRES, a_file, a_schema, an_engine, begin_by_event, needs_postgres
from job_shadowing import JobShadowing, Shadowing, colleague, employee, hr
from progflow import SYSTEM, Case, Entry, Flow, Lifecycle, Refused, State, days, event
from progflow.adapters.memory import MemoryStore
from progflow.adapters.sqlalchemy import SQLAlchemyStore, migrate
from progflow.testing.capture import Capture, capture
from progflow.testing.clock import Clock

REQUEST = JobShadowing.request(department="Archive", starts=date(2026, 4, 1))


class Visit(Lifecycle[None]):
    """Somebody comes by, and leaves by themselves."""

    here = State(initial=True)
    gone = State(final=True)

    @event(here >> gone, after=days(1))
    def leave(self, ctx: Any) -> None:
        """Leave."""


@contextmanager
def sqlite() -> Iterator[tuple[Engine, SQLAlchemyStore]]:
    with a_file() as path, an_engine(f"sqlite:///{path}") as engine:
        begin_by_event(engine)
        migrate(engine)
        yield engine, SQLAlchemyStore(engine)


@contextmanager
def postgresql() -> Iterator[tuple[Engine, SQLAlchemyStore]]:
    with a_schema() as schema, an_engine(POSTGRES) as engine:
        migrate(engine, schema=schema)
        yield engine, SQLAlchemyStore(engine, schema=schema)


Opening = Callable[[], AbstractContextManager[tuple[Engine, SQLAlchemyStore]]]
DATABASES = [pytest.param(sqlite, id="sqlite"), pytest.param(postgresql, id="postgresql", marks=needs_postgres)]


@pytest.fixture
def clock() -> Clock:
    return Clock("2026-03-02 09:00", zone="Europe/Berlin")


def flow_on(store: Any, clock: Clock) -> Flow:
    return Flow(JobShadowing, Visit, store=store, clock=clock, zone="Europe/Berlin")


@pytest.fixture(params=DATABASES)
def hosted(request: pytest.FixtureRequest, clock: Clock) -> Iterator[tuple[Engine, Flow]]:
    """A host's engine, and a flow whose tables are in its database."""
    opening: Opening = request.param
    with opening() as (engine, store):
        yield engine, flow_on(store, clock)


@pytest.fixture(params=["memory", *DATABASES])
def flow(request: pytest.FixtureRequest, clock: Clock) -> Iterator[Flow]:
    """A flow in transactions of its own."""
    if request.param == "memory":
        yield flow_on(MemoryStore(), clock)
        return
    opening: Opening = request.param
    with opening() as (_, store):
        yield flow_on(store, clock)


def names(entries: Any) -> list[str]:
    return [entry.event for entry in entries]


# -- in transactions of our own ----------------------------------------------------------------------------------


def test_steps_are_announced_after_their_commit(flow: Flow, clock: Clock) -> None:
    with capture(flow) as seen:
        stay = flow.start(REQUEST, actor=employee)
        flow.fire(stay, JobShadowing.approve(), actor=hr)
        clock.set("2026-04-01")
        assert flow.run_due() == 1
    assert seen.events == ["JobShadowing.request", "JobShadowing.approve", "JobShadowing.begin"]
    assert list(seen.steps) == list(seen.announced) == list(flow.history(stay))
    assert not seen.pending
    assert not seen.undone


def test_a_refusal_is_seen_with_its_error_and_its_actor(flow: Flow) -> None:
    stay = flow.start(REQUEST, actor=employee)
    with capture(flow) as seen:
        with pytest.raises(Refused) as refused:
            flow.fire(stay, JobShadowing.approve(), actor=colleague)
        with pytest.raises(Refused):
            flow.fire(stay, JobShadowing.note(text="…"), actor=employee)
        flow.check(stay, JobShadowing.approve(), actor=colleague)
    first, second = seen.refusals
    assert (first.error, first.actor, first.case) == (refused.value, colleague, stay.id)
    assert (first.event, first.title) == ("JobShadowing.approve", "Agree to the stay")
    assert first.at.isoformat() == "2026-03-02T09:00:00+01:00"
    assert list(seen.of(JobShadowing.note).refusals) == [second]
    assert seen.events == []


def test_what_a_unit_of_work_does_waits_for_its_end(flow: Flow) -> None:
    stay = flow.start(REQUEST, actor=employee)
    with capture(flow) as seen:
        with flow.unit_of_work() as work:
            work.fire(stay.id, JobShadowing.approve(), actor=hr)
            assert names(seen.pending) == ["approve"]
            assert not seen.announced
            with pytest.raises(Refused):
                work.fire(stay.id, JobShadowing.approve(), actor=hr)
            work.fire(stay.id, JobShadowing.decline(reason="Flood."), actor=hr)
            assert names(seen.pending) == ["approve", "decline"]
        assert names(seen.announced) == ["approve", "decline"]
        assert not seen.pending
        assert len(seen.refusals) == 1


def test_what_a_unit_of_work_takes_back_came_to_nothing(flow: Flow) -> None:
    with capture(flow) as seen:
        with suppress(ZeroDivisionError), flow.unit_of_work() as work:
            work.start(REQUEST, actor=employee)
            assert names(seen.steps) == ["request"]
            raise ZeroDivisionError
        assert not seen.steps
        assert not seen.pending
        assert names(seen.undone) == ["request"]


def test_what_a_receiver_vetoes_came_to_nothing(flow: Flow) -> None:
    def veto(sender: Any, entry: Entry, host: object) -> None:
        raise PermissionError("not today")

    with capture(flow) as seen:
        flow.transitioning.connect(veto)
        with pytest.raises(PermissionError):
            flow.start(REQUEST, actor=employee)
        flow.transitioning.disconnect(veto)
        assert names(seen.undone) == ["request"]
        flow.start(REQUEST, actor=employee)
    assert seen.events == ["JobShadowing.request"]
    assert names(seen.undone) == ["request"]


def test_a_receiver_that_raises_after_the_commit_hides_nothing(flow: Flow, caplog: pytest.LogCaptureFixture) -> None:
    flow.transitioned.connect(lambda sender, entry: {}.popitem())
    with caplog.at_level(logging.ERROR, "progflow"), capture(flow) as seen:
        flow.transitioned.connect(lambda sender, entry: {}.popitem())
        flow.start(REQUEST, actor=employee)
    assert names(seen.announced) == ["request"]
    assert caplog.text.count("KeyError") == 2


def test_what_a_receiver_fires_further_is_seen_too(flow: Flow) -> None:
    def also(sender: Any, entry: Entry, host: object) -> None:
        if entry.event == "request":
            flow.using(host).start(Visit, None, actor=SYSTEM)

    with capture(flow) as seen:
        flow.transitioning.connect(also)
        flow.start(REQUEST, actor=employee)
    assert seen.events == ["JobShadowing.request", "Visit.(start)"]
    assert names(seen.announced) == ["request", "(start)"]


# -- in the transaction of a host ----------------------------------------------------------------------------------


@contextmanager
def as_a_session(connection: Connection) -> Iterator[Session]:
    with Session(connection, join_transaction_mode="create_savepoint") as session:
        yield session


@contextmanager
def as_a_session_without_savepoint(connection: Connection) -> Iterator[Session]:
    with Session(connection, join_transaction_mode="rollback_only") as session:
        yield session


@contextmanager
def as_itself(connection: Connection) -> Iterator[Connection]:
    yield connection


@pytest.fixture(params=[as_a_session, as_a_session_without_savepoint, as_itself])
def rolled_back(request: pytest.FixtureRequest, hosted: tuple[Engine, Flow]) -> Iterator[tuple[Any, Flow]]:
    """A host and its flow, as tests usually have them: all that they do is rolled back at the end."""
    engine, flow = hosted
    with engine.connect() as connection:
        transaction = connection.begin()
        with request.param(connection) as host:
            yield host, flow
        transaction.rollback()
    assert flow.cases(JobShadowing).count() == 0


def test_in_a_test_that_is_rolled_back_the_steps_are_seen_and_wait(rolled_back: tuple[Any, Flow]) -> None:
    host, flow = rolled_back
    with capture(flow) as seen:
        stay = flow.using(host).start(REQUEST, actor=employee)
        flow.using(host).fire(stay, JobShadowing.approve(), actor=hr)
        with pytest.raises(Refused):
            flow.using(host).fire(stay.id, JobShadowing.approve(), actor=hr)
        assert seen.events == ["JobShadowing.request", "JobShadowing.approve"]
        assert list(seen.pending) == list(flow.using(host).history(stay))
        assert not seen.announced
    assert seen.events == ["JobShadowing.request", "JobShadowing.approve"]
    assert [one.actor for one in seen.refusals] == [hr]


def test_a_savepoint_that_is_rolled_back_inside_takes_its_steps_with_it(rolled_back: tuple[Any, Flow]) -> None:
    host, flow = rolled_back
    inside = flow.using(host)
    with capture(flow) as seen:
        stay = inside.start(REQUEST, actor=employee)
        inner = host.begin_nested()
        inside.fire(stay.id, JobShadowing.decline(reason="Flood."), actor=hr)
        innermost = host.begin_nested()
        inside.start(Visit, None, actor=SYSTEM)
        innermost.commit()
        assert seen.events == ["JobShadowing.request", "JobShadowing.decline", "Visit.(start)"]
        inner.rollback()
        assert seen.events == ["JobShadowing.request"]
        assert names(seen.undone) == ["decline", "(start)"]
        with host.begin_nested():
            inside.fire(stay.id, JobShadowing.approve(), actor=hr)
        assert seen.events == ["JobShadowing.request", "JobShadowing.approve"]


def test_commit_and_rollback_of_the_tested_code_count_inside_of_the_tests_own_transaction(
    hosted: tuple[Engine, Flow],
) -> None:
    engine, flow = hosted
    with engine.connect() as connection, capture(flow) as seen:
        transaction = connection.begin()
        with Session(connection, join_transaction_mode="create_savepoint") as session:
            stay = flow.using(session).start(REQUEST, actor=employee)
            session.commit()
            flow.using(session).fire(stay.id, JobShadowing.decline(reason="Flood."), actor=hr)
            session.rollback()
            flow.using(session).fire(stay.id, JobShadowing.approve(), actor=hr)
            session.commit()
            assert names(seen.pending) == ["request", "approve"]
            assert names(seen.undone) == ["decline"]
            assert not seen.announced
        assert names(seen.pending) == ["request", "approve"]
        transaction.rollback()
        assert not seen.pending
        assert names(seen.undone) == ["request", "decline", "approve"]


def test_what_was_seen_stays_as_it_was_when_the_listening_ended(hosted: tuple[Engine, Flow]) -> None:
    engine, flow = hosted
    with Session(engine) as session:
        with capture(flow) as rolled:
            flow.using(session).start(REQUEST, actor=employee)
        session.rollback()
        with capture(flow) as committed:
            flow.using(session).start(REQUEST, actor=employee)
        session.commit()
    for seen in (rolled, committed):
        assert names(seen.pending) == names(seen.steps) == ["request"]
        assert not seen.announced
        assert not seen.undone


def test_what_the_host_commits_is_announced(hosted: tuple[Engine, Flow]) -> None:
    engine, flow = hosted
    with capture(flow) as seen, Session(engine) as session:
        stay = flow.using(session).start(REQUEST, actor=employee)
        with session.begin_nested():
            flow.using(session).fire(stay.id, JobShadowing.approve(), actor=hr)
        assert not seen.announced
        session.commit()
        assert list(seen.announced) == list(seen.steps) == list(flow.history(stay))
        flow.using(session).fire(stay.id, JobShadowing.decline(reason="Flood."), actor=hr)
        assert (names(seen.announced), names(seen.pending)) == (["request", "approve"], ["decline"])
    assert (names(seen.announced), names(seen.pending)) == (["request", "approve"], [])
    assert names(seen.undone) == ["decline"]


def test_a_session_that_is_closed_or_dropped_leaves_nothing_pending(hosted: tuple[Engine, Flow]) -> None:
    engine, flow = hosted
    with capture(flow) as seen:
        session = Session(engine)
        flow.using(session).start(REQUEST, actor=employee)
        session.close()
        assert not seen.steps
        connection = engine.connect()
        flow.using(connection).start(REQUEST, actor=employee)
        assert names(seen.steps) == ["request"]
        connection.close()
        assert not seen.steps


def test_the_session_of_a_registry_is_as_good_as_any(hosted: tuple[Engine, Flow]) -> None:
    engine, flow = hosted
    registry = scoped_session(sessionmaker(engine))
    with capture(flow) as seen:
        flow.using(registry).start(REQUEST, actor=employee)
        assert names(seen.pending) == ["request"]
        registry.commit()
        assert names(seen.announced) == ["request"]
    registry.remove()


def test_an_error_of_the_host_does_not_hide_what_still_stands(hosted: tuple[Engine, Flow]) -> None:
    engine, flow = hosted
    with capture(flow) as seen, engine.connect() as connection:
        connection.begin()
        flow.using(connection).start(REQUEST, actor=employee)
        with pytest.raises(Exception, match="nowhere"), connection.begin_nested():
            connection.execute(text("SELECT * FROM nowhere"))
        assert names(seen.pending) == ["request"]
        connection.commit()
        assert names(seen.announced) == ["request"]


# -- listening -------------------------------------------------------------------------------------------------------


def receivers(flow: Flow) -> list[int]:
    return [len(signal.receivers) for signal in (flow.transitioning, flow.transitioned, flow.refused)]


def test_it_leaves_the_flow_as_it_was() -> None:
    flow = flow_on(MemoryStore(), Clock("2026-03-02"))
    flow.transitioned.connect(lambda sender, entry: None)
    assert receivers(flow) == [0, 1, 0]
    with suppress(ZeroDivisionError), capture(flow):
        assert receivers(flow) == [1, 2, 1]
        raise ZeroDivisionError
    assert receivers(flow) == [0, 1, 0]
    seen = capture(flow)
    flow.start(REQUEST, actor=employee)
    seen.stop()
    seen.stop()
    flow.start(REQUEST, actor=employee)
    assert seen.events == ["JobShadowing.request"]
    assert receivers(flow) == [0, 1, 0]


def test_one_within_another_sees_its_own_part() -> None:
    flow = flow_on(MemoryStore(), Clock("2026-03-02"))
    with capture(flow) as outer:
        stay = flow.start(REQUEST, actor=employee)
        with capture(flow) as inner:
            flow.fire(stay, JobShadowing.approve(), actor=hr)
        flow.fire(stay.id, JobShadowing.decline(reason="Flood."), actor=hr)
    assert names(outer.steps) == ["request", "approve", "decline"]
    assert names(inner.steps) == ["approve"]


def test_it_hears_the_flow_in_every_language() -> None:
    flow = flow_on(MemoryStore(), Clock("2026-03-02"))
    with capture(flow.speaking("de")) as seen:
        stay = flow.start(REQUEST, actor=employee)
        with pytest.raises(Refused):
            flow.speaking("de").fire(stay, JobShadowing.approve(), actor=employee)
    assert seen.events == ["JobShadowing.request"]
    assert "Nur für" in str(seen.refusals[0].error)


def test_steps_that_were_made_before_it_began_are_seen_when_they_are_announced() -> None:
    flow = flow_on(MemoryStore(), Clock("2026-03-02"))
    with capture(flow) as outer, flow.unit_of_work() as work:
        work.start(REQUEST, actor=employee)
        later = capture(flow)
        assert not later.steps
        assert names(outer.pending) == ["request"]
    later.stop()
    assert names(later.announced) == names(later.steps) == ["request"]


def test_what_was_seen_while_a_test_was_set_up_can_be_forgotten() -> None:
    flow = flow_on(MemoryStore(), Clock("2026-03-02"))
    with capture(flow) as seen:
        stay = flow.start(REQUEST, actor=employee)
        with pytest.raises(Refused):
            flow.fire(stay, JobShadowing.approve(), actor=employee)
        seen.clear()
        assert not seen.steps
        assert not seen.refusals
        flow.fire(stay, JobShadowing.approve(), actor=hr)
    assert seen.events == ["JobShadowing.approve"]


def test_of_a_store_that_cannot_tell_all_counts_as_pending_until_it_is_announced() -> None:
    class Plain:
        """A store with no more than the port asks for."""

        def __init__(self) -> None:
            inner = MemoryStore()
            self.begin, self.join = inner.begin, inner.join

    flow = flow_on(Plain(), Clock("2026-03-02"))
    with capture(flow) as seen:
        with suppress(ZeroDivisionError), flow.unit_of_work() as work:
            work.start(REQUEST, actor=employee)
            raise ZeroDivisionError
        assert names(seen.pending) == ["request"]
        flow.start(REQUEST, actor=colleague)
        assert names(seen.announced) == ["request"]


# -- looking -----------------------------------------------------------------------------------------------------------


class LongVisit(Visit):
    """A visit like any other."""


@pytest.fixture
def told() -> tuple[Capture, Case[Shadowing], Case[Shadowing]]:
    clock = Clock("2026-03-02 09:00", zone="Europe/Berlin")
    flow = Flow(JobShadowing, Visit, LongVisit, store=MemoryStore(), clock=clock, zone="Europe/Berlin")
    with capture(flow) as seen:
        one = flow.start(REQUEST, actor=employee)
        flow.start(Visit, None, actor=SYSTEM)
        other = flow.start(JobShadowing.request(department='"Z"', starts=date(2026, 5, 4)), actor=colleague)
        flow.start(LongVisit, None, actor=SYSTEM)
        flow.fire(one, JobShadowing.approve(), actor=hr)
        with pytest.raises(Refused):
            flow.fire(other, JobShadowing.approve(), actor=colleague)
        clock.set("2026-04-01 12:00")
        flow.run_due()
    return seen, one, other


def test_the_part_about_a_case_a_lifecycle_or_an_event_is_picked_out(
    told: tuple[Capture, Case[Shadowing], Case[Shadowing]],
) -> None:
    seen, one, other = told
    assert names(seen.of(one).steps) == ["request", "approve", "begin"]
    assert names(seen.of(other.id).announced) == ["request"]
    assert names(seen.of(Visit).steps) == ["(start)", "(start)", "leave", "leave"]
    assert names(seen.of(LongVisit).steps) == ["(start)", "leave"]
    assert [entry.case for entry in seen.of(JobShadowing.request).steps] == [one.id, other.id]
    assert names(seen.of(JobShadowing.request).of(one).steps) == ["request"]
    assert len(seen.of(LongVisit.leave).steps) == 1
    assert [len(seen.of(part).refusals) for part in (one, other, JobShadowing, Visit)] == [0, 1, 1, 0]


def test_what_was_seen_can_be_read(told: tuple[Capture, Case[Shadowing], Case[Shadowing]]) -> None:
    seen, _one, other = told
    assert str(seen).splitlines() == [
        '1. 2026-03-02 09:00  emp-1 (anyone)  JobShadowing 1: Ask for a stay (department: "Archive", '
        "starts: 2026-04-01) → requested",
        "2. 2026-03-02 09:00  system          Visit: Begin → here",
        r'3. 2026-03-02 09:00  emp-2 (anyone)  JobShadowing 2: Ask for a stay (department: "\"Z\"", '
        "starts: 2026-05-04) → requested",
        "4. 2026-03-02 09:00  system          LongVisit: Begin → here",
        "5. 2026-03-02 09:00  hr-1 (hr)       JobShadowing 1: Agree to the stay → approved",
        "6. 2026-03-02 09:00  emp-2           JobShadowing 2: Agree to the stay – refused: Only for: hr.",
        "7. 2026-03-04 00:00  by itself       Visit: Leave → gone",
        "8. 2026-03-04 00:00  by itself       LongVisit: Leave → gone",
        "9. 2026-04-01 00:00  by itself       JobShadowing 1: The stay begins → running",
    ]
    assert str(seen.of(other)).count("\n") == 1
