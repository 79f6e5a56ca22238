"""Callbacks run after the root transaction has really been committed, and in no other case.

One test for each trap, on real databases: SQLite always, PostgreSQL if one answers.
"""

from __future__ import annotations

import gc
import logging
import os
import socket
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import RootTransaction, TwoPhaseTransaction
from sqlalchemy.event import registry
from sqlalchemy.exc import DBAPIError, IntegrityError, InvalidRequestError, PendingRollbackError
from sqlalchemy.orm import Session, sessionmaker

from progflow.adapters.sqlalchemy._after_commit import after_commit

Host: TypeAlias = Session | Connection
OpenHost: TypeAlias = Callable[[Engine], Host]


def _postgres() -> str | None:
    wanted = os.environ.get("PROGFLOW_TEST_POSTGRES", "")
    if not wanted:
        try:
            socket.create_connection(("127.0.0.1", 5432), timeout=1).close()
        except OSError:
            return None
    return wanted if "://" in wanted else "postgresql+psycopg://postgres@127.0.0.1:5432/test"


POSTGRES = _postgres()
DATABASES = ["sqlite"] if POSTGRES is None else ["sqlite", "postgresql"]

TABLES = (
    "CREATE TABLE person (id INTEGER PRIMARY KEY)",
    "CREATE TABLE note (id INTEGER PRIMARY KEY, person INTEGER REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED)",
)


def open_sqlite(path: Path) -> Engine:
    engine = create_engine(f"sqlite:///{path}")

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: object) -> None:
        connection.isolation_level = None
        connection.execute("PRAGMA foreign_keys = ON")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        if connection.get_execution_options().get("isolation_level") != "AUTOCOMMIT":
            connection.exec_driver_sql("BEGIN")

    return engine


@pytest.fixture(params=DATABASES)
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    schema = f"after_commit_{uuid.uuid4().hex}"
    if request.param == "sqlite":
        engine = open_sqlite(tmp_path / "host.db")
    else:
        assert POSTGRES is not None
        engine = create_engine(POSTGRES, connect_args={"options": f"-csearch_path={schema}"})
        with engine.begin() as connection:
            connection.exec_driver_sql(f"CREATE SCHEMA {schema}")
    with engine.begin() as connection:
        for table in TABLES:
            connection.exec_driver_sql(table)
    yield engine
    if request.param == "postgresql":
        with engine.begin() as connection:
            connection.exec_driver_sql(f"DROP SCHEMA {schema} CASCADE")
    engine.dispose()


@pytest.fixture(params=["session", "connection"])
def open_host(request: pytest.FixtureRequest) -> OpenHost:
    return Session if request.param == "session" else Engine.connect


@pytest.fixture
def ran() -> list[object]:
    return []


def connection_of(host: Host) -> Connection:
    return host.connection() if isinstance(host, Session) else host


def write(host: Host, ran: list[object], number: int, *, person: int | None = None) -> None:
    """Write a row the way progflow does: in a savepoint of its own, registering when it has been released."""
    connection = connection_of(host)
    with connection.begin_nested():
        connection.execute(text("INSERT INTO note VALUES (:id, :person)"), {"id": number, "person": person})
    after_commit(host, lambda: ran.append(number))


def roll_back_after_failed_commit(host: Host) -> None:
    """SQLAlchemy's rollback() sends nothing after a failed COMMIT, and SQLite's transaction is still open."""
    host.rollback()
    if isinstance(host, Connection):
        host.connection.rollback()


def notes(engine: Engine) -> list[int]:
    """The rows that somebody else can see."""
    with engine.connect() as connection:
        return list(connection.scalars(text("SELECT id FROM note ORDER BY id")))


# --- after the commit, in order, and once ---


def test_callbacks_run_in_order_when_others_can_see_the_rows(
    engine: Engine, open_host: OpenHost, ran: list[object]
) -> None:
    with open_host(engine) as host:
        write(host, ran, 1)
        after_commit(host, lambda: ran.append(notes(engine)))
        write(host, ran, 2)
        assert ran == []
        host.commit()
        assert ran == [1, [1, 2], 2]
        host.commit()
    assert ran == [1, [1, 2], 2]


def test_each_transaction_has_callbacks_of_its_own(engine: Engine, open_host: OpenHost, ran: list[object]) -> None:
    with open_host(engine) as host:
        write(host, ran, 1)
        host.commit()
        write(host, ran, 2)
        host.rollback()
        write(host, ran, 3)
        host.commit()
    assert ran == notes(engine) == [1, 3]


def test_a_host_without_a_transaction_is_told_so(engine: Engine, open_host: OpenHost, ran: list[object]) -> None:
    with open_host(engine) as host:
        with pytest.raises(InvalidRequestError, match="in a transaction that can still be committed"):
            after_commit(host, lambda: ran.append("never"))
        assert not host.in_transaction()


def test_a_host_that_can_only_roll_back_is_told_so(engine: Engine, open_host: OpenHost) -> None:
    def register(host: Host) -> None:
        with pytest.raises(InvalidRequestError):
            after_commit(host, lambda: None)

    with open_host(engine) as host:
        connection_of(host).execute(text("INSERT INTO note VALUES (1, 4711)"))
        with pytest.raises(IntegrityError):
            host.commit()
        register(host)
        roll_back_after_failed_commit(host)
        connection = connection_of(host)
        connection.execute(text("SELECT 1"))
        connection.invalidate()
        register(host)


# --- the moment ---


def test_the_commit_event_comes_also_when_commit_fails(engine: Engine, open_host: OpenHost, ran: list[object]) -> None:
    """A deferred foreign key is checked at COMMIT; SQLAlchemy has announced the commit by then."""
    announced: list[object] = []
    with open_host(engine) as host:
        event.listen(connection_of(host), "commit", announced.append)
        write(host, ran, 1, person=4711)
        with pytest.raises(IntegrityError):
            host.commit()
        assert len(announced) == 1
        roll_back_after_failed_commit(host)
        write(host, ran, 2)
        host.commit()
    assert ran == notes(engine) == [2]


def test_a_failing_commit_at_the_end_of_a_with_block_runs_nothing(
    engine: Engine, open_host: OpenHost, ran: list[object]
) -> None:
    with open_host(engine) as host:
        with pytest.raises(IntegrityError), host.begin():
            write(host, ran, 1, person=4711)
        roll_back_after_failed_commit(host)
        with host.begin():
            write(host, ran, 2)
    assert ran == notes(engine) == [2]


def test_a_commit_that_a_listener_of_the_host_prevents_runs_nothing(engine: Engine, ran: list[object]) -> None:
    def veto(_connection: Connection) -> None:
        raise ArithmeticError

    with engine.connect() as connection:
        write(connection, ran, 1)
        event.listen(connection, "commit", veto)
        with pytest.raises(ArithmeticError):
            connection.commit()
        roll_back_after_failed_commit(connection)
        event.remove(connection, "commit", veto)
        connection.execute(text("SELECT 1"))
        connection.commit()
    assert ran == notes(engine) == []


def test_session_after_commit_fires_also_when_a_savepoint_is_released(engine: Engine, ran: list[object]) -> None:
    fired: list[object] = []
    with Session(engine) as session:
        event.listen(session, "after_commit", fired.append)
        with session.begin_nested():
            write(session, ran, 1)
        assert (len(fired), ran) == (1, [])
        session.rollback()
    assert ran == notes(engine) == []


def test_a_commit_that_the_database_answers_with_a_rollback_runs_nothing(
    engine: Engine, open_host: OpenHost, ran: list[object]
) -> None:
    """The host catches an error and commits all the same: COMMIT raises nothing and commits nothing."""
    fatal = "INSERT OR ROLLBACK INTO note VALUES (1)" if engine.name == "sqlite" else "SELECT 1 / 0"
    fatal = fatal.replace("VALUES (1)", "VALUES (1, NULL)")
    with open_host(engine) as host:
        write(host, ran, 1)
        with pytest.raises(DBAPIError):
            connection_of(host).exec_driver_sql(fatal)
        host.commit()
        assert ran == notes(engine) == []
        write(host, ran, 2)
        host.commit()
    assert ran == notes(engine) == [2]


def test_an_error_cured_by_its_savepoint_costs_no_callback(
    engine: Engine, open_host: OpenHost, ran: list[object]
) -> None:
    with open_host(engine) as host:
        write(host, ran, 1)
        with pytest.raises(IntegrityError):
            write(host, ran, 1)
        write(host, ran, 2)
        host.commit()
    assert ran == notes(engine) == [1, 2]


def test_autocommit_callbacks_wait_for_the_commit_that_has_nothing_to_do(engine: Engine, ran: list[object]) -> None:
    """The host's commit still is the moment; after its rollback no callback runs, but the rows stay."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:

        def insert(number: int) -> None:
            connection.execute(text("INSERT INTO note VALUES (:id, NULL)"), {"id": number})
            after_commit(connection, lambda: ran.append(number))

        insert(1)
        assert (notes(engine), ran) == ([1], [])
        connection.commit()
        assert ran == [1]
        insert(2)
        connection.rollback()
    assert (notes(engine), ran) == ([1, 2], [1])


def test_autocommit_releasing_the_outermost_savepoint_of_sqlite_loses_nothing(
    tmp_path: Path, ran: list[object]
) -> None:
    engine = open_sqlite(tmp_path / "auto.db")
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for table in TABLES:
            connection.exec_driver_sql(table)
        with connection.begin_nested():
            write(connection, ran, 1)
        assert ran == []
        connection.commit()
    assert ran == notes(engine) == [1]
    engine.dispose()


# --- savepoints ---


@pytest.mark.parametrize("before", [True, False], ids=["known", "older than the first callback"])
def test_rolling_back_to_a_savepoint_drops_what_came_since(
    engine: Engine, open_host: OpenHost, ran: list[object], before: bool
) -> None:
    with open_host(engine) as host:
        if before:
            write(host, ran, 1)
        savepoint = host.begin_nested()
        write(host, ran, 2)
        savepoint.rollback()
        write(host, ran, 3)
        host.commit()
    assert ran == notes(engine) == ([1, 3] if before else [3])


def test_a_session_savepoint_that_sends_savepoint_late_is_known(engine: Engine, ran: list[object]) -> None:
    """Session.begin_nested() waits for the connection's next use, which may be in after_commit()."""
    with Session(engine) as session:
        write(session, ran, 1)
        savepoint = session.begin_nested()
        after_commit(session, lambda: ran.append("dropped"))
        savepoint.rollback()
        session.commit()
    assert ran == notes(engine) == [1]


def test_a_released_savepoint_goes_with_the_one_around_it(
    engine: Engine, open_host: OpenHost, ran: list[object]
) -> None:
    with open_host(engine) as host:
        write(host, ran, 1)
        outer = host.begin_nested()
        write(host, ran, 2)
        with host.begin_nested():
            write(host, ran, 3)
        outer.rollback()
        write(host, ran, 4)
        with host.begin_nested():
            write(host, ran, 5)
            inner = host.begin_nested()
            write(host, ran, 6)
            inner.rollback()
        host.commit()
    assert ran == notes(engine) == [1, 4, 5]


def test_a_savepoint_of_the_connection_under_a_session_counts_too(engine: Engine, ran: list[object]) -> None:
    with Session(engine) as session:
        write(session, ran, 1)
        savepoint = session.connection().begin_nested()
        write(session, ran, 2)
        savepoint.rollback()
        session.commit()
    assert ran == notes(engine) == [1]


def test_committing_with_savepoints_open_runs_their_callbacks(
    engine: Engine, open_host: OpenHost, ran: list[object]
) -> None:
    with open_host(engine) as host:
        write(host, ran, 1)
        host.begin_nested()
        write(host, ran, 2)
        host.begin_nested()
        write(host, ran, 3)
        host.commit()
    assert ran == notes(engine) == [1, 2, 3]


RAW: dict[str, tuple[list[str | int], list[int]]] = {
    "rollback to": ([1, "SAVEPOINT a", 2, "ROLLBACK TO SAVEPOINT a", 3], [1, 3]),
    "the savepoint stands after rollback to": (
        [1, "SAVEPOINT a", 2, "ROLLBACK TO a", 3, "ROLLBACK TO a", 4],
        [1, 4],
    ),
    "release merges": ([1, "SAVEPOINT a", 2, "RELEASE SAVEPOINT a", 3], [1, 2, 3]),
    "released into an outer one": (
        [1, "SAVEPOINT a", 2, "SAVEPOINT b", 3, "RELEASE b", "ROLLBACK TO a", 4],
        [1, 4],
    ),
    "an outer rollback takes the inner one with it": (
        ["SAVEPOINT a", 1, "SAVEPOINT b", 2, "ROLLBACK TO a", 3],
        [3],
    ),
    "an outer release takes the inner one with it": (
        [1, "SAVEPOINT a", 2, "SAVEPOINT b", 3, "RELEASE a", 4],
        [1, 2, 3, 4],
    ),
    "older than the first callback": (["SAVEPOINT a", 1, "ROLLBACK TO a", 2], [2]),
    "older, with a younger one inside": (
        ["SAVEPOINT a", 1, "SAVEPOINT b", 2, "ROLLBACK TO b", 3, "ROLLBACK TO a", 4],
        [4],
    ),
    "older, released": (["SAVEPOINT a", 1, "SAVEPOINT b", 2, "RELEASE a", 3], [1, 2, 3]),
    "the innermost of a name": (
        [1, "SAVEPOINT a", 2, "SAVEPOINT a", 3, "ROLLBACK TO a", 4, "RELEASE a", "ROLLBACK TO a", 5],
        [1, 5],
    ),
    "an outer rollback forgets the inner savepoint": (
        [1, "SAVEPOINT b", 2, "SAVEPOINT a", 3, "SAVEPOINT b", 4, "ROLLBACK TO a", 5, "ROLLBACK TO b", 6],
        [1, 6],
    ),
    "an outer release forgets the inner savepoint": (
        [1, "SAVEPOINT b", 2, "SAVEPOINT a", 3, "SAVEPOINT b", 4, "RELEASE a", 5, "ROLLBACK TO b", 6],
        [1, 6],
    ),
    "the release of an older one forgets the inner savepoint": (
        ["SAVEPOINT b", "SAVEPOINT a", 1, "SAVEPOINT b", 2, "RELEASE a", 3, "ROLLBACK TO b", 4],
        [4],
    ),
    "comments, case and blanks": (
        [1, "-- x -- y\n /* z */\n savepoint  A ;", 2, "  Rollback Work To Savepoint a;", 3],
        [1, 3],
    ),
    "quoted": ([1, 'SAVEPOINT "a b"', 2, 'ROLLBACK TO "a b"', 3], [1, 3]),
}


@pytest.mark.parametrize("case", RAW)
def test_savepoints_sent_as_text_count_too(engine: Engine, open_host: OpenHost, ran: list[object], case: str) -> None:
    steps, left = RAW[case]
    with open_host(engine) as host:
        for step in steps:
            if isinstance(step, int):
                write(host, ran, step)
            else:
                step = step.replace("Work", "Transaction")  # SQLite knows this word only, PostgreSQL both
                connection_of(host).exec_driver_sql(step)
        host.commit()
    assert ran == notes(engine) == left


def test_a_rollback_sent_as_text_drops_what_came_before_it(engine: Engine, ran: list[object]) -> None:
    with engine.connect() as connection:
        write(connection, ran, 1)
        connection.exec_driver_sql("ROLLBACK")
        write(connection, ran, 2)
        connection.commit()
    assert ran == notes(engine) == [2]


@pytest.mark.parametrize("past_sqlalchemy", [False, True], ids=["as text", "on the driver"])
def test_a_rollback_that_is_not_the_transactions_own_drops_everything(
    engine: Engine, ran: list[object], past_sqlalchemy: bool
) -> None:
    with engine.connect() as connection:
        write(connection, ran, 1)
        if past_sqlalchemy:
            connection.connection.rollback()
        else:
            connection.exec_driver_sql("ROLLBACK")
        connection.commit()
    assert ran == notes(engine) == []


# --- ends without a commit ---


def test_rollback_drops_the_callbacks(engine: Engine, open_host: OpenHost, ran: list[object]) -> None:
    with open_host(engine) as host:
        write(host, ran, 1)
        host.rollback()
        host.commit()
    assert ran == notes(engine) == []


def test_an_error_in_a_with_block_drops_the_callbacks(engine: Engine, open_host: OpenHost, ran: list[object]) -> None:
    with open_host(engine) as host:
        with pytest.raises(ZeroDivisionError), host.begin():  # noqa: PT012 - the block is what is tested
            write(host, ran, 1)
            raise ZeroDivisionError
        host.commit()
    assert ran == notes(engine) == []


def test_a_session_closed_without_commit_fires_no_after_rollback(engine: Engine, ran: list[object]) -> None:
    fired: list[object] = []
    session = Session(engine)
    event.listen(session, "after_rollback", fired.append)
    write(session, ran, 1)
    session.close()
    assert fired == []
    session.execute(text("SELECT 1"))
    session.commit()
    session.close()
    assert ran == notes(engine) == []


def test_the_pool_hands_no_callbacks_on(engine: Engine, open_host: OpenHost, ran: list[object]) -> None:
    with open_host(engine) as host:
        write(host, ran, 1)
        driver = connection_of(host).connection.driver_connection
    with open_host(engine) as host:
        connection_of(host).execute(text("SELECT 1"))
        assert connection_of(host).connection.driver_connection is driver
        host.commit()
    assert ran == notes(engine) == []


def test_an_invalidated_connection_drops_the_callbacks(engine: Engine, open_host: OpenHost, ran: list[object]) -> None:
    with open_host(engine) as host:
        write(host, ran, 1)
        connection = connection_of(host)
        connection.invalidate()
        with pytest.raises(PendingRollbackError):
            connection.commit()
        host.rollback()
        connection_of(host).execute(text("SELECT 1"))
        host.commit()
    assert ran == notes(engine) == []


def test_an_invalidated_session_drops_the_callbacks(engine: Engine, ran: list[object]) -> None:
    with Session(engine) as session:
        write(session, ran, 1)
        session.invalidate()
        session.execute(text("SELECT 1"))
        session.commit()
    assert ran == notes(engine) == []


# --- the host can be used again ---


def commit_directly(host: Host, work: Callable[[], None]) -> None:
    work()
    host.commit()


def commit_by_with_begin(host: Host, work: Callable[[], None]) -> None:
    with host.begin():
        work()


def commit_by_with_begin_and_savepoints(host: Host, work: Callable[[], None]) -> None:
    with host.begin(), host.begin_nested(), host.begin_nested():
        work()


def commit_within_with_begin(host: Host, work: Callable[[], None]) -> None:
    with host.begin():
        work()
        host.commit()


def commit_with_a_savepoint_open(host: Host, work: Callable[[], None]) -> None:
    host.begin_nested()
    work()
    host.commit()


WAYS = [
    commit_directly,
    commit_by_with_begin,
    commit_by_with_begin_and_savepoints,
    commit_within_with_begin,
    commit_with_a_savepoint_open,
]


@pytest.mark.parametrize("way", WAYS)
def test_a_callback_can_use_its_host(
    engine: Engine,
    open_host: OpenHost,
    ran: list[object],
    way: Callable[[Host, Callable[[], None]], None],
    caplog: pytest.LogCaptureFixture,
) -> None:
    """In a new transaction, with callbacks of its own, and so on."""
    with open_host(engine) as host:

        def chain(number: int) -> None:
            def further() -> None:
                assert not host.in_transaction()
                way(host, lambda: chain(number + 1))

            write(host, ran, number)
            if number < 4:
                after_commit(host, further)

        way(host, lambda: chain(1))
        assert ran == [1, 2, 3, 4]
        with host.begin():
            write(host, ran, 5)
    assert ran == notes(engine) == [1, 2, 3, 4, 5]
    assert caplog.records == []


def test_a_callback_can_use_the_session_of_a_sessionmaker_begin(engine: Engine, ran: list[object]) -> None:
    with sessionmaker(engine).begin() as session:
        write(session, ran, 1)

        def further() -> None:
            with session.begin():
                write(session, ran, 2)

        after_commit(session, further)
    assert ran == notes(engine) == [1, 2]


def test_a_callback_can_open_another_session(engine: Engine, open_host: OpenHost, ran: list[object]) -> None:
    def further() -> None:
        with Session(engine) as other, other.begin():
            write(other, ran, 2)

    with open_host(engine) as host:
        write(host, ran, 1)
        after_commit(host, further)
        host.commit()
    assert ran == notes(engine) == [1, 2]


def test_callbacks_come_after_all_listeners_of_the_session(engine: Engine, ran: list[object]) -> None:
    """And those may change the listeners that are being dispatched, which a listener of ours could not."""
    with Session(engine) as session:
        write(session, ran, 1)
        for name in ("after_commit", "after_transaction_end"):
            event.listen(session, name, lambda *_: ran.append("listener"))
        session.commit()
    assert ran == ["listener", "listener", 1]


def test_a_listener_that_raises_in_after_commit_only_delays_the_callbacks(engine: Engine, ran: list[object]) -> None:
    """The Session stays broken until it is closed, but its rows are there for everybody."""

    def broken(_session: Session) -> None:
        raise ZeroDivisionError

    with Session(engine) as session:
        event.listen(session, "after_commit", broken)
        write(session, ran, 1)
        with pytest.raises(ZeroDivisionError):
            session.commit()
        assert ran == []
    assert ran == notes(engine) == [1]


def test_a_listener_that_raises_at_the_end_does_not_stop_the_callbacks(engine: Engine, ran: list[object]) -> None:
    def broken(_session: Session, _transaction: object) -> None:
        raise ZeroDivisionError

    with Session(engine) as session:
        write(session, ran, 1)
        event.listen(session, "after_transaction_end", broken)
        with pytest.raises(ZeroDivisionError):
            session.commit()
        event.remove(session, "after_transaction_end", broken)
        assert ran == notes(engine) == [1]


def test_the_with_block_is_back_in_force_after_the_callbacks(
    engine: Engine, open_host: OpenHost, ran: list[object]
) -> None:
    with open_host(engine) as host:
        with host.begin():
            write(host, ran, 1)
            host.commit()
            assert ran == [1]
            with pytest.raises(InvalidRequestError, match="closed transaction inside context manager"):
                host.execute(text("SELECT 1"))
        host.execute(text("SELECT 1"))


def test_a_session_host_whose_connection_is_committed_directly(engine: Engine, ran: list[object]) -> None:
    with Session(engine) as session:
        write(session, ran, 1)
        session.connection().commit()
        assert ran == notes(engine) == [1]


# --- a Session joined to an outer Connection ---

MODES: list[Any] = ["create_savepoint", "conditional_savepoint", "rollback_only"]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("nested", [False, True], ids=["", "in a savepoint"])
@pytest.mark.parametrize("commits", [False, True], ids=["outer rolls back", "outer commits"])
def test_a_joined_session_announces_commits_that_are_none(
    engine: Engine, ran: list[object], mode: Any, nested: bool, commits: bool
) -> None:
    with engine.connect() as connection:
        root = connection.begin()
        if nested:
            connection.begin_nested()
        with Session(bind=connection, join_transaction_mode=mode) as session:
            write(session, ran, 1)
            session.commit()
            write(session, ran, 2)
            with session.begin_nested():
                write(session, ran, 3)
            session.commit()
        assert ran == []
        if commits:
            root.commit()
        else:
            root.rollback()
    assert ran == notes(engine) == ([1, 2, 3] if commits else [])


@pytest.mark.parametrize(
    ("mode", "left"), [("create_savepoint", [1]), ("conditional_savepoint", []), ("rollback_only", [])]
)
def test_a_joined_session_that_rolls_back_drops_as_much_as_the_database(
    engine: Engine, ran: list[object], mode: Any, left: list[int]
) -> None:
    """create_savepoint goes back to its savepoint, the others roll back the outer transaction."""
    with engine.connect() as connection:
        connection.begin()
        write(connection, ran, 1)
        with Session(bind=connection, join_transaction_mode=mode) as session:
            write(session, ran, 2)
            session.rollback()
        connection.commit()
    assert ran == notes(engine) == left


@pytest.mark.parametrize(("mode", "left"), [("create_savepoint", []), ("rollback_only", [1])])
def test_a_joined_session_closed_without_commit_follows_its_rows(
    engine: Engine, ran: list[object], mode: Any, left: list[int]
) -> None:
    """With rollback_only closing leaves them in the outer transaction, which commits them."""
    with engine.begin() as connection, Session(bind=connection, join_transaction_mode=mode) as session:
        write(session, ran, 1)
    assert ran == notes(engine) == left


@pytest.mark.parametrize("way", [commit_directly, commit_by_with_begin, commit_within_with_begin])
def test_a_joined_session_in_full_control_commits_the_outer_transaction(
    engine: Engine, ran: list[object], way: Callable[[Host, Callable[[], None]], None]
) -> None:
    with engine.connect() as connection:
        connection.begin()
        with Session(bind=connection, join_transaction_mode="control_fully") as session:

            def further() -> None:
                with session.begin():
                    write(session, ran, 2)

            def work() -> None:
                write(session, ran, 1)
                after_commit(session, further)

            way(session, work)
            assert ran == notes(engine) == [1, 2]


def test_two_joined_sessions_and_the_connection_share_one_order(engine: Engine, ran: list[object]) -> None:
    with (
        engine.begin() as connection,
        Session(bind=connection, join_transaction_mode="create_savepoint") as one,
        Session(bind=connection, join_transaction_mode="create_savepoint") as two,
    ):
        write(one, ran, 1)
        one.commit()
        write(two, ran, 2)
        two.rollback()
        write(connection, ran, 3)
        write(one, ran, 4)
        one.commit()
    assert ran == notes(engine) == [1, 3, 4]


# --- callbacks that raise ---


@pytest.mark.parametrize("way", [commit_directly, commit_by_with_begin])
def test_a_callback_that_raises_is_logged_and_stops_nobody(
    engine: Engine,
    open_host: OpenHost,
    ran: list[object],
    way: Callable[[Host, Callable[[], None]], None],
    caplog: pytest.LogCaptureFixture,
) -> None:
    def broken() -> None:
        raise ZeroDivisionError

    with open_host(engine) as host:

        def work() -> None:
            write(host, ran, 1)
            after_commit(host, broken)
            write(host, ran, 2)

        way(host, work)
        write(host, ran, 3)
        host.commit()
    assert ran == notes(engine) == [1, 2, 3]
    [record] = caplog.records
    assert (record.name, record.levelno) == ("progflow", logging.ERROR)
    assert record.exc_info is not None
    assert record.exc_info[0] is ZeroDivisionError


def test_a_callback_that_leaves_an_error_in_the_session_stops_nobody(
    engine: Engine, ran: list[object], caplog: pytest.LogCaptureFixture
) -> None:
    with Session(engine) as session:
        write(session, ran, 1)

        def broken() -> None:
            with session.begin():
                write(session, ran, 1)

        after_commit(session, broken)
        write(session, ran, 2)
        session.commit()
        write(session, ran, 3)
        session.commit()
    assert ran == notes(engine) == [1, 2, 3]
    assert len(caplog.records) == 1


def test_a_keyboard_interrupt_is_passed_on_after_the_commit(
    engine: Engine, open_host: OpenHost, ran: list[object]
) -> None:
    def interrupt() -> None:
        raise KeyboardInterrupt

    with open_host(engine) as host:
        write(host, ran, 1)
        after_commit(host, interrupt)
        with pytest.raises(KeyboardInterrupt):
            host.commit()
        with host.begin():
            write(host, ran, 2)
    assert ran == notes(engine) == [1, 2]


# --- two phases ---


ON_POSTGRES = pytest.mark.parametrize("engine", [name for name in DATABASES if name == "postgresql"], indirect=True)

if POSTGRES is not None:  # SQLite has none

    @ON_POSTGRES
    @pytest.mark.parametrize("prepares", [False, True], ids=["", "prepared"])
    def test_two_phases_count_from_the_second(engine: Engine, ran: list[object], prepares: bool) -> None:
        with engine.connect() as connection:
            if prepares and connection.exec_driver_sql("SHOW max_prepared_transactions").scalar() == "0":
                pytest.skip("this server has max_prepared_transactions = 0")
            connection.rollback()
            for number, commits in enumerate((True, False, True)):
                transaction = connection.begin_twophase()
                write(connection, ran, number)
                if prepares:
                    transaction.prepare()
                assert number not in ran
                if commits:
                    transaction.commit()
                else:
                    transaction.rollback()
                assert type(transaction) is TwoPhaseTransaction
        assert ran == notes(engine) == [0, 2]

    @ON_POSTGRES
    @pytest.mark.parametrize("prepares", [False, True], ids=["", "prepared"])
    def test_two_phases_of_a_failed_transaction_run_nothing(engine: Engine, ran: list[object], prepares: bool) -> None:
        """PREPARE of a failed transaction rolls back without an error, as COMMIT does."""
        with engine.connect() as connection:
            if prepares and connection.exec_driver_sql("SHOW max_prepared_transactions").scalar() == "0":
                pytest.skip("this server has max_prepared_transactions = 0")
            connection.rollback()
            transaction = connection.begin_twophase()
            write(connection, ran, 1)
            with pytest.raises(DBAPIError):
                connection.exec_driver_sql("SELECT 1 / 0")
            if prepares:
                transaction.prepare()
                with pytest.raises(DBAPIError):
                    transaction.commit()
                connection.invalidate()  # psycopg does not get out of this by rollback()
            else:
                transaction.commit()
        assert ran == notes(engine) == []

    @ON_POSTGRES
    def test_a_two_phase_session_can_be_used_by_its_callbacks(engine: Engine, ran: list[object]) -> None:
        with engine.connect() as connection:
            if connection.exec_driver_sql("SHOW max_prepared_transactions").scalar() == "0":
                pytest.skip("this server has max_prepared_transactions = 0")
        with Session(engine, twophase=True) as session:

            def further() -> None:
                with session.begin():
                    write(session, ran, 2)

            with session.begin():
                write(session, ran, 1)
                after_commit(session, further)
        assert ran == notes(engine) == [1, 2]


# --- nothing is left behind ---


def end_by_commit(host: Host) -> None:
    host.commit()


def end_by_rollback(host: Host) -> None:
    host.rollback()


def end_by_failing_commit(host: Host) -> None:
    connection_of(host).execute(text("INSERT INTO note VALUES (-1, 4711)"))
    with pytest.raises(IntegrityError):
        host.commit()
    roll_back_after_failed_commit(host)


def end_by_close(host: Host) -> None:
    host.close()


REGISTERED = ("_key_to_collection", "_collection_to_key")  # all the listeners that SQLAlchemy knows of

ENDS = [end_by_commit, end_by_rollback, end_by_failing_commit, end_by_close]


@pytest.mark.parametrize("end", ENDS)
def test_no_trace_is_left_on_the_objects_of_the_host(
    engine: Engine, open_host: OpenHost, ran: list[object], end: Callable[[Host], None]
) -> None:
    with open_host(engine) as host:
        connection = connection_of(host)
        connection.execute(text("SELECT 1"))
        transaction = connection.get_transaction()
        write(host, ran, 1)
        end(host)
        assert type(transaction) is RootTransaction
        assert not [name for thing in (host, connection) for name in vars(thing) if "progflow" in name]
        assert list(connection.dispatch.after_cursor_execute) == []
        assert list(engine.dispatch.after_cursor_execute) == []
    assert ran == ([1] if end is end_by_commit else [])


@pytest.mark.parametrize("end", ENDS)
def test_thousands_of_transactions_do_not_grow_memory(tmp_path: Path, end: Callable[[Host], None]) -> None:
    engine = open_sqlite(tmp_path / "many.db")
    with engine.begin() as connection:
        for table in TABLES:
            connection.exec_driver_sql(table)
    calls = 0

    def called() -> None:
        nonlocal calls
        calls += 1

    def size() -> tuple[int, int]:
        gc.collect()
        return len(gc.get_objects()), sum(len(vars(registry)[name]) for name in REGISTERED)

    with Session(engine) as session, engine.connect() as connection:
        hosts: list[Host] = [session] if end is end_by_close else [session, connection]

        def many(times: int) -> None:
            for _ in range(times):
                for host in hosts:
                    connection_of(host).execute(text("SELECT 1"))
                    after_commit(host, called)
                    end(host)

        many(50)
        objects, listeners = size()
        many(1000)
        more_objects, more_listeners = size()
    assert more_objects - objects < 100
    assert more_listeners <= listeners
    assert calls == (2100 if end is end_by_commit else 0)
    engine.dispose()


def test_a_host_that_is_just_dropped_takes_its_callbacks_with_it(tmp_path: Path, ran: list[object]) -> None:
    engine = open_sqlite(tmp_path / "dropped.db")
    with engine.begin() as connection:
        for table in TABLES:
            connection.exec_driver_sql(table)
    session = Session(engine)
    write(session, ran, 1)
    del session
    gc.collect()
    assert engine.pool.checkedout() == 0  # type: ignore[attr-defined]
    assert ran == notes(engine) == []
    engine.dispose()
