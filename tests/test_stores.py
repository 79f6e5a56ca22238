"""Every store keeps every promise of the port: the suite that ships, with each kind of host."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest
from attrs import evolve
from sqlalchemy import Connection
from sqlalchemy.orm import Session

from databases import POSTGRES, a_file, a_schema, an_engine, begin_by_event, needs_postgres, use_wal
from progflow.adapters.memory import MemoryStore
from progflow.adapters.sqlalchemy import SQLAlchemyStore, migrate, prepare_sqlite
from progflow.errors import StoreUnavailable, UsageError
from progflow.ports import Store
from progflow.records import Query
from progflow.testing import store_suite
from progflow.testing.stores.records import START, a_case, a_timer, as_new, batch, moved, rearmed

ANY_MENTEE = Query({"Mentee": None})


class HostedStore(SQLAlchemyStore):
    """A store that remembers the engine of its host."""

    def __init__(self, engine, **options):
        super().__init__(engine, **options)
        self.engine = engine


@contextmanager
def memory() -> Iterator[Store]:
    yield MemoryStore()


def memory_host(store: Store) -> AbstractContextManager[object]:
    return store.begin(write=True)


@contextmanager
def own_file() -> Iterator[Store]:
    with (
        a_file() as path,
        SQLAlchemyStore(f"sqlite:///{path}") as store,
        an_engine(f"sqlite:///{path}") as engine,
    ):
        store.engine = engine
        yield store


@contextmanager
def host_file() -> Iterator[Store]:
    with a_file() as path, an_engine(f"sqlite:///{path}") as engine:
        use_wal(engine)
        migrate(engine)
        yield HostedStore(engine)


@contextmanager
def host_file_with_begin() -> Iterator[Store]:
    with a_file() as path, an_engine(f"sqlite:///{path}") as engine:
        use_wal(engine)
        begin_by_event(engine)
        migrate(engine, prefix="wf_")
        yield HostedStore(engine, prefix="wf_")


@contextmanager
def prepared_file() -> Iterator[Store]:
    with a_file() as path, an_engine(f"sqlite:///{path}") as engine:
        use_wal(engine)
        prepare_sqlite(engine)
        engine.dispose()
        migrate(engine)
        yield HostedStore(engine)


@contextmanager
def own_postgres() -> Iterator[Store]:
    with (
        a_schema() as schema,
        SQLAlchemyStore(POSTGRES, schema=schema) as store,
        an_engine(POSTGRES) as engine,
    ):
        store.engine = engine
        yield store


@contextmanager
def host_postgres() -> Iterator[Store]:
    with a_schema() as schema, an_engine(POSTGRES) as engine:
        migrate(engine, schema=schema)
        yield HostedStore(engine, schema=schema)


@contextmanager
def a_session(store) -> Iterator[Session]:
    with Session(store.engine) as session, session.begin():
        yield session


@contextmanager
def a_connection(store) -> Iterator[Connection]:
    with store.engine.begin() as connection:
        yield connection


@contextmanager
def a_session_in_a_savepoint(store) -> Iterator[Session]:
    with Session(store.engine) as session, session.begin(), session.begin_nested():
        yield session


TestMemory = store_suite(memory, memory_host)
TestOwnFileWithSession = store_suite(own_file, a_session)
TestHostFileWithConnection = store_suite(host_file, a_connection, examples=10)
TestHostFileWithBegin = store_suite(host_file_with_begin, a_connection, examples=10)
TestHostFileWithSavepoint = store_suite(prepared_file, a_session_in_a_savepoint, examples=10)
TestHostFileWithSession = store_suite(host_file, a_session, examples=10)


@needs_postgres
class TestOwnPostgresWithSession(store_suite(own_postgres, a_session)):
    pass


@needs_postgres
class TestHostPostgresWithConnection(store_suite(host_postgres, a_connection, examples=10)):
    pass


STORES = [
    pytest.param(memory, id="memory"),
    pytest.param(own_file, id="sqlite"),
    pytest.param(own_postgres, id="postgresql", marks=needs_postgres),
]


@pytest.fixture(params=STORES)
def store(request: pytest.FixtureRequest) -> Iterator[Store]:
    make: Callable[[], AbstractContextManager[Store]] = request.param
    with make() as store:
        yield store


def test_a_reader_sees_one_moment(store: Store) -> None:
    """What is committed after its first question is not there for it."""
    with store.begin(write=True) as unit:
        unit.save(batch(as_new(a_case(timers=(a_timer(watches=frozenset({"x"})),)))))
    mentees = frozenset({"Mentee"})
    with store.begin(write=False) as reader:
        assert reader.count(ANY_MENTEE) == 1
        with store.begin(write=True) as unit:
            changed = evolve(moved(a_case(), state="open"), timers={"close": None})
            unit.save(batch(changed, as_new(a_case("new"))))
        case = reader.load("case")
        assert case is not None
        assert case.state == "draft"
        assert [found.id for found in reader.find(ANY_MENTEE)] == ["case"]
        assert len(reader.due(mentees, case.timers[0].due, 9)) == 1
        assert len(reader.watching(["x"])) == 1
    with store.begin(write=False) as reader:
        assert reader.count(ANY_MENTEE) == 2
        assert reader.due(mentees, case.timers[0].due, 9) == []
        assert reader.watching(["x"]) == []


def test_a_unit_that_is_over_refuses_everything(store: Store) -> None:
    with store.begin(write=True) as unit:
        pass
    uses = (
        lambda: unit.load("case"),
        lambda: unit.count(ANY_MENTEE),
        lambda: unit.save(batch()),
        lambda: unit.after_commit(lambda: None),
        lambda: unit.nested().__enter__(),
    )
    for use in uses:
        with pytest.raises(UsageError, match="is over"):
            use()


def test_the_host_of_a_unit_can_be_joined(store: Store) -> None:
    """So that a receiver can go on in the same transaction, whatever the store."""
    with store.begin(write=True) as unit, store.join(unit.host) as inner:
        inner.save(batch(as_new(a_case())))
        with store.join(inner.host) as innermost:
            innermost.save(batch(as_new(a_case("other"))))
    with store.begin(write=False) as unit:
        assert unit.count(ANY_MENTEE) == 2


def test_a_callback_that_raises_is_logged_and_stops_nobody(store: Store, caplog: pytest.LogCaptureFixture) -> None:
    heard = []
    with caplog.at_level(logging.ERROR, "progflow"), store.begin(write=True) as unit:
        unit.save(batch(as_new(a_case())))
        unit.after_commit({}.popitem)
        unit.after_commit(lambda: heard.append("second"))
    assert heard == ["second"]
    assert "KeyError" in caplog.text


def test_a_callback_runs_after_a_unit_that_only_reads(store: Store) -> None:
    heard = []
    with store.begin(write=False) as unit:
        unit.after_commit(lambda: heard.append(1))
    assert heard == [1]


class TestMemoryOnly:
    def test_writing_inside_of_writing_is_refused_and_does_not_wait_for_ever(self) -> None:
        store = MemoryStore()
        with store.begin(write=True):
            with pytest.raises(StoreUnavailable) as caught, store.begin(write=True):
                pass
            assert not caught.value.retryable
        with store.begin(write=True) as unit:
            unit.save(batch(as_new(a_case())))

    def test_only_an_open_write_unit_of_the_same_store_is_joined(self) -> None:
        store, other = MemoryStore(), MemoryStore()
        with store.begin(write=True) as over:
            pass
        with store.begin(write=False) as reading, other.begin(write=True) as foreign:
            for host in (over, reading, foreign, store, None):
                with pytest.raises(UsageError), store.join(host):
                    pass

    def test_a_time_without_a_zone_is_refused(self) -> None:
        store = MemoryStore()
        naive = a_case(created=START.replace(tzinfo=None))
        with pytest.raises(ValueError, match="created has no time zone"), store.begin(write=True) as unit:
            unit.save(batch(as_new(naive)))

    def test_due_comes_from_an_index_that_follows_every_change(self) -> None:
        store = MemoryStore()
        case = a_case(timers=(a_timer("a"), a_timer("b", ready=START)))
        ahead = a_case("ahead", stepped=START.replace(year=2030), timers=(a_timer(ready=START),))
        with store.begin(write=True) as unit:
            unit.save(batch(as_new(case), as_new(ahead)))
        mentees, now = frozenset({"Mentee"}), case.timers[0].due
        with store.begin(write=False) as unit:
            assert [(due.case, due.event) for due in unit.due(mentees, now, 9)] == [
                ("case", "b"),
                ("case", "a"),
                ("ahead", "close"),
            ]
        with store.begin(write=True) as unit:
            unit.save(batch(rearmed(case, a=a_timer("a", resting=True), b=None), rearmed(ahead, close=None)))
        with store.begin(write=False) as unit:
            assert unit.due(mentees, now, 9) == []
