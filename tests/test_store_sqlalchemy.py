"""What is special about the store on SQLAlchemy: hosts, files, processes, damage."""

from __future__ import annotations

import os
import pickle
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, String, event, inspect, text
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, scoped_session, sessionmaker
from sqlalchemy.pool import StaticPool

from databases import POSTGRES, a_schema, an_engine, begin_by_event, needs_postgres, use_wal
from progflow.adapters.sqlalchemy import SQLAlchemyStore, migrate, prepare_sqlite
from progflow.errors import ConflictError, DamagedData, InputFault, StoreUnavailable, UsageError
from progflow.records import KeyRecord, Query, Where
from progflow.testing.stores.base import leaves_with
from progflow.testing.stores.records import START, a_case, a_timer, an_entry, as_new, batch, moved, rearmed

ANY_MENTEE = Query({"Mentee": None})
MENTEES = frozenset({"Mentee"})


class AsyncSession:
    """Stands for the one of SQLAlchemy, which needs greenlet."""


class Base(DeclarativeBase):
    pass


class Employee(Base):
    """A row of the host's own."""

    __tablename__ = "employee"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(50))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "progflow.db"


@pytest.fixture
def own(path: Path) -> Iterator[SQLAlchemyStore]:
    with SQLAlchemyStore(f"sqlite:///{path}", busy_timeout=0.05) as store:
        yield store


@pytest.fixture
def engine(path: Path) -> Iterator[Engine]:
    """A host's engine, with sqlite3 in its default mode, on a prepared file."""
    with an_engine(f"sqlite:///{path}", connect_args={"timeout": 0.05}) as engine:
        use_wal(engine)
        migrate(engine)
        Base.metadata.create_all(engine)
        yield engine


@pytest.fixture
def hosted(engine: Engine) -> SQLAlchemyStore:
    return SQLAlchemyStore(engine)


def save(store: SQLAlchemyStore, *changes, **more) -> None:
    with store.begin(write=True) as unit:
        unit.save(batch(*changes, **more))


def states(store: SQLAlchemyStore) -> dict[str, str]:
    with store.begin(write=False) as unit:
        return {case.id: case.state for case in unit.find(ANY_MENTEE)}


def employees(engine: Engine) -> int:
    with engine.connect() as connection:
        return connection.execute(text("SELECT count(*) FROM employee")).scalar_one()


class TestInTheHostsTransaction:
    def test_pending_rows_of_a_session_go_with_it(self, engine, hosted) -> None:
        """Flushed before the savepoint, they outlive an error inside and are committed by the host."""
        with Session(engine) as session:
            session.add(Employee(id=1, name="Erika"))
            with leaves_with(ZeroDivisionError), hosted.join(session) as unit:
                assert session.execute(text("SELECT count(*) FROM employee")).scalar_one() == 1
                unit.save(batch(as_new(a_case())))
                raise ZeroDivisionError
            session.commit()
        assert (employees(engine), states(hosted)) == (1, {})

    def test_what_a_receiver_adds_to_the_session_stands_or_falls_with_the_unit(self, engine, hosted) -> None:
        with Session(engine) as session:
            with hosted.join(session) as unit:
                assert unit.host is session
                unit.save(batch(as_new(a_case("kept"))))
                unit.host.add(Employee(id=1, name="kept"))
            with leaves_with(ZeroDivisionError), hosted.join(session) as unit:
                unit.save(batch(as_new(a_case("undone"))))
                unit.host.add(Employee(id=2, name="undone"))
                raise ZeroDivisionError
            session.commit()
        assert (employees(engine), states(hosted)) == (1, {"kept": "draft"})

    @pytest.mark.parametrize("kind", ["session", "connection"])
    def test_a_savepoint_that_comes_first_does_not_survive_the_rollback(self, engine, hosted, kind) -> None:
        """With sqlite3 in its default mode nothing has begun when the first statement is ours."""
        with Session(engine) if kind == "session" else engine.connect() as host:
            with hosted.join(host) as unit:
                unit.save(batch(as_new(a_case())))
            host.rollback()
            with hosted.join(host) as unit:
                assert unit.load("case") is None
        assert states(hosted) == {}

    def test_a_host_that_is_left_without_commit_leaves_nothing(self, engine, hosted) -> None:
        heard = []
        with Session(engine) as session, hosted.join(session) as unit:
            unit.save(batch(as_new(a_case())))
            unit.after_commit(lambda: heard.append(1))
        assert (states(hosted), heard) == ({}, [])

    def test_a_session_on_an_outer_connection_announces_only_what_that_commits(self, engine, hosted) -> None:
        """As test suites do it: the session commits, and the connection rolls everything back.

        The savepoint of such a session comes before ours, so the host has to see to BEGIN.
        """
        begin_by_event(engine)
        heard = []
        for end in ("rollback", "commit"):
            with engine.connect() as connection:
                outer = connection.begin()
                with Session(connection, join_transaction_mode="create_savepoint") as session:
                    with hosted.join(session) as unit:
                        unit.save(batch(as_new(a_case())))
                        unit.after_commit(lambda end=end: heard.append(end))
                    session.commit()
                assert heard == []
                getattr(outer, end)()
        assert heard == ["commit"]
        assert states(hosted) == {"case": "draft"}

    def test_an_own_transaction_can_be_joined_by_its_connection(self, own) -> None:
        with own.begin(write=True) as unit, own.join(unit.host) as inner:
            inner.save(batch(as_new(a_case())))
        assert states(own) == {"case": "draft"}

    def test_only_sessions_and_connections_are_joined(self, engine, hosted) -> None:
        closed = engine.connect()
        closed.close()
        hosts = [engine, closed, sessionmaker(engine), AsyncSession(), None, "sqlite://"]
        for host in hosts:
            with pytest.raises(UsageError), hosted.join(host):
                pass
        with pytest.raises(UsageError, match="AsyncSession is going to follow"), hosted.join(AsyncSession()):
            pass

    def test_a_scoped_session_is_the_session_of_the_moment(self, engine, hosted) -> None:
        """Flask-SQLAlchemy's ``db.session`` is one."""
        heard: list[int] = []
        scoped = scoped_session(sessionmaker(engine))
        with hosted.join(scoped) as unit:
            assert unit.host is scoped()
            unit.save(batch(as_new(a_case())))
            unit.after_commit(lambda: heard.append(1))
        assert heard == []
        scoped.commit()
        assert (heard, states(hosted)) == ([1], {"case": "draft"})
        scoped.remove()

    def test_a_session_that_is_bound_class_by_class_uses_the_engine_of_the_store(self, engine, hosted) -> None:
        """Asked without a class it knows no database; its own rows and ours still go together."""
        heard: list[int] = []
        for end in ("rollback", "commit"):
            with Session(binds={Base: engine}) as session:
                session.add(Employee(id=1, name="Erika"))
                with hosted.join(session) as unit:
                    unit.save(batch(as_new(a_case())))
                    unit.after_commit(lambda: heard.append(1))
                    with leaves_with(ZeroDivisionError), unit.nested():
                        unit.save(batch(as_new(a_case("undone"))))
                        raise ZeroDivisionError
                with leaves_with(ZeroDivisionError), hosted.join(session) as unit:
                    unit.save(batch(as_new(a_case("undone too"))))
                    raise ZeroDivisionError
                getattr(session, end)()
            expected = (1, {"case": "draft"}, [1]) if end == "commit" else (0, {}, [])
            assert (employees(engine), states(hosted), heard) == expected

    def test_a_lock_that_cannot_be_had_is_a_conflict_for_a_host(self, engine, path, hosted) -> None:
        """Only the host can begin again, whether another one is writing or has written since it read."""
        save(hosted, as_new(a_case()))
        for commit in (False, True):
            with engine.connect() as host, sqlite3.connect(path) as other:
                with hosted.join(host) as unit:
                    unit.load("case")
                other.execute("INSERT INTO employee (id, name) VALUES (1, 'other')")
                if commit:
                    other.commit()
                with pytest.raises(ConflictError) as caught, hosted.join(host) as unit:
                    unit.save(batch(moved(a_case(), state="open")))
                assert caught.value.retryable
                assert isinstance(caught.value.__cause__, sqlite3.OperationalError)
                other.rollback()
            other.close()

    @pytest.mark.parametrize("kind", ["session", "connection"])
    @pytest.mark.parametrize("prepared", [False, True])
    def test_a_savepoint_of_the_host_that_comes_first(self, engine, hosted, kind, prepared) -> None:
        """As sqlite3 is made, its RELEASE is a COMMIT; prepared, the host's rollback takes all of it back."""
        if prepared:
            prepare_sqlite(engine)
            engine.dispose()
        with Session(engine) if kind == "session" else engine.connect() as host:
            with host.begin_nested():
                host.execute(text("INSERT INTO employee (id, name) VALUES (1, 'Erika')"))
                if prepared:
                    with hosted.join(host) as unit:
                        unit.save(batch(as_new(a_case())))
                else:
                    with pytest.raises(UsageError, match=r"prepare_sqlite\(engine\)"), hosted.join(host):
                        pass
            host.rollback()
        assert (employees(engine), states(hosted)) == (0 if prepared else 1, {})

    def test_a_savepoint_of_the_host_that_comes_after_ours_is_harmless(self, engine, hosted) -> None:
        """Then BEGIN was there before it, and we know."""
        for host in (Session(engine), engine.connect()):
            with host:
                for case in ("a", "b"):
                    with hosted.join(host) as unit:
                        unit.save(batch(as_new(a_case(case))))
                with host.begin_nested(), hosted.join(host) as unit:
                    unit.save(batch(as_new(a_case("c"))))
                    with hosted.join(unit.host) as inner:
                        inner.save(batch(as_new(a_case("d"))))
                host.rollback()
                # What was known of that transaction does not hold for the next.
                with host.begin_nested(), pytest.raises(UsageError, match="prepare_sqlite"), hosted.join(host):
                    pass
            assert states(hosted) == {}
        with hosted.begin(write=True) as unit, unit.nested(), hosted.join(unit.host) as inner:
            inner.save(batch(as_new(a_case())))
        assert states(hosted) == {"case": "draft"}

    def test_errors_of_the_host_pass_through(self, engine, hosted) -> None:
        """What is not a statement of ours is not translated."""
        with engine.connect() as host:
            with (
                pytest.raises(Exception, match="no such table: nowhere") as caught,
                hosted.join(host) as unit,
            ):
                unit.host.execute(text("SELECT * FROM nowhere"))
            assert type(caught.value).__module__ == "sqlalchemy.exc"

    def test_a_pool_with_one_connection_that_is_in_use_is_told_apart(self, tmp_path) -> None:
        """Our own transaction would commit or undo what the host is in the middle of."""
        with an_engine(f"sqlite:///{tmp_path / 'one.db'}", poolclass=StaticPool) as engine:
            migrate(engine)
            Base.metadata.create_all(engine)
            store = SQLAlchemyStore(engine)
            save(store, as_new(a_case()))
            with Session(engine) as session:
                session.add(Employee(id=1, name="Erika"))
                session.flush()
                with pytest.raises(StoreUnavailable, match="join that one"), store.begin(write=True):
                    pass


class TestSQLiteFile:
    def test_it_is_set_up_for_readers_and_a_writer(self, own) -> None:
        with own.begin(write=True) as unit:
            pragmas = {
                name: unit.host.exec_driver_sql(f"PRAGMA {name}").scalar_one()
                for name in ("journal_mode", "foreign_keys", "busy_timeout")
            }
        assert pragmas == {"journal_mode": "wal", "foreign_keys": 1, "busy_timeout": 50}

    def test_an_engine_can_be_prepared_twice(self, path) -> None:
        """Also one of which a connection has been used with AUTOCOMMIT: SQLAlchemy resets that to the default."""
        begun: list[str] = []
        with an_engine(f"sqlite:///{path}") as engine:
            event.listen(engine, "before_cursor_execute", lambda _c, _cu, sql, *_: begun.append(sql))
            for _ in range(2):
                prepare_sqlite(engine)
            with engine.connect() as connection:
                connection.execute(text("SELECT 1"))
            assert begun == ["BEGIN", "SELECT 1"]
            with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.execute(text("VACUUM"))
            migrate(engine)
            hosted = SQLAlchemyStore(engine)
            with Session(engine) as session:
                with session.begin_nested(), hosted.join(session) as unit:
                    unit.save(batch(as_new(a_case())))
                session.rollback()
            assert states(hosted) == {}

    def test_only_engines_of_sqlite_are_prepared(self, engine) -> None:
        with an_engine("postgresql+psycopg://host/database") as other, engine.connect() as connection:
            for database in (other, connection, "sqlite:///x.db"):
                with pytest.raises(UsageError, match="SQLite"):
                    prepare_sqlite(database)

    def test_foreign_keys_hold(self, own) -> None:
        with pytest.raises(Exception, match="FOREIGN KEY"):
            save(own, entries=[an_entry("nobody")])

    def test_a_second_writer_is_told_that_it_is_locked(self, own, path) -> None:
        """It can try again; readers are not disturbed."""
        save(own, as_new(a_case()))
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreUnavailable, match=r"your own session, use flow\.using\(session\)") as caught:
            own.begin(write=True).__enter__()
        assert caught.value.retryable
        assert isinstance(caught.value.__cause__, sqlite3.OperationalError)
        assert states(own) == {"case": "draft"}
        other.close()
        save(own, moved(a_case(), state="open"))

    def test_a_writer_that_reads_first_is_never_locked_out_later(self, own) -> None:
        """BEGIN IMMEDIATE: whoever has begun can also write."""
        save(own, as_new(a_case()))
        with own.begin(write=True) as unit:
            unit.load("case")
            with pytest.raises(StoreUnavailable), own.begin(write=True):
                pass
            unit.save(batch(moved(a_case(), state="open")))
        assert states(own) == {"case": "open"}

    def test_the_same_holds_where_the_host_emits_begin(self, engine, path, hosted) -> None:
        """Its BEGIN would not take the lock, and the first write would come too late."""
        begin_by_event(engine)
        save(hosted, as_new(a_case()))
        with hosted.begin(write=True) as unit:
            unit.load("case")
            other = sqlite3.connect(path, isolation_level=None, timeout=0)
            with pytest.raises(sqlite3.OperationalError, match="locked"):
                other.execute("BEGIN IMMEDIATE")
            other.close()
            unit.save(batch(moved(a_case(), state="open")))
        assert states(hosted) == {"case": "open"}

    def test_a_file_that_is_gone_is_not_made_anew(self, own, path, tmp_path) -> None:
        """What would be written now would be lost; once the file is back, so are its cases."""
        save(own, as_new(a_case()))
        own.dispose()
        backup = tmp_path / "backup"
        shutil.copy(path, backup)
        assert states(own) == {"case": "draft"}
        path.unlink()
        for write in (True, False):
            with pytest.raises(StoreUnavailable, match="is gone"), own.begin(write=write):
                pass
        own.dispose()
        with pytest.raises(StoreUnavailable, match="is gone"):
            save(own, as_new(a_case("lost")))
        assert not path.exists()
        shutil.copy(backup, path)
        assert states(own) == {"case": "draft"}

    def test_another_file_under_the_name_is_noticed(self, own, path, tmp_path) -> None:
        """A backup that is put in place while connections are open is what is read from then on."""
        save(own, as_new(a_case()))
        own.dispose()
        shutil.copy(path, tmp_path / "backup")
        save(own, as_new(a_case("later")))
        os.replace(tmp_path / "backup", path)
        for leftover in ("-wal", "-shm"):
            Path(f"{path}{leftover}").unlink(missing_ok=True)
        assert states(own) == {"case": "draft"}

    def test_a_directory_that_is_missing_is_said(self, tmp_path) -> None:
        with SQLAlchemyStore(f"sqlite:///{tmp_path}/missing/progflow.db") as store:
            with pytest.raises(StoreUnavailable) as caught:
                states(store)
            assert isinstance(caught.value.__cause__, sqlite3.OperationalError)
            assert f"{tmp_path}/missing/progflow.db" in caught.value.detail
            assert "unable to open database file" in caught.value.detail
            assert not caught.value.retryable

    def test_a_file_that_cannot_be_opened_for_another_reason_may_be_tried_again(self, tmp_path) -> None:
        with SQLAlchemyStore(f"sqlite:///{tmp_path}") as store, pytest.raises(StoreUnavailable) as caught:
            states(store)
        assert caught.value.retryable

    def test_a_file_that_is_no_database_is_said(self, path) -> None:
        path.write_text("This is no database, and long enough to be seen as none." * 20)
        with SQLAlchemyStore(f"sqlite:///{path}") as store, pytest.raises(StoreUnavailable) as caught:
            states(store)
        assert f"{path}: file is not a database" in caught.value.detail

    @pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "sqlite:///file:x?mode=memory&uri=true"])
    def test_a_database_in_memory_is_refused(self, url) -> None:
        with pytest.raises(UsageError, match="MemoryStore"):
            SQLAlchemyStore(url)

    def test_what_is_neither_url_nor_engine_is_refused(self) -> None:
        with pytest.raises(UsageError, match="URL or an Engine"):
            SQLAlchemyStore(42)  # type: ignore[arg-type]

    @pytest.mark.parametrize("url", ["not a url", "nosuch://host/database", ""])
    def test_a_text_that_is_no_url_is_refused(self, url) -> None:
        with pytest.raises(UsageError, match="sqlite:///"):
            SQLAlchemyStore(url)

    def test_tables_are_created_on_an_engine_only(self, engine) -> None:
        with engine.connect() as connection:
            for database in ("sqlite:///x.db", connection, None):
                with pytest.raises(UsageError, match="create_engine"):
                    migrate(database)

    def test_due_timers_are_found_by_an_index(self, engine, hosted) -> None:
        save(hosted, *(as_new(a_case(str(i), timers=(a_timer(),))) for i in range(50)))
        asked: list[tuple[str, object]] = []
        event.listen(engine, "before_cursor_execute", lambda _c, _cu, sql, values, *_: asked.append((sql, values)))
        with hosted.begin(write=False) as unit:
            unit.due(MENTEES, START, 10)
            sql, values = asked[-1]
            plan = unit.host.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", values).all()
            assert any("ix_progflow_timer_alarm" in row[-1] for row in plan), plan


PREPARE = """
import sys
from progflow.adapters.sqlalchemy import SQLAlchemyStore
from progflow.testing.stores.records import a_case, as_new, batch
url, schema, case = sys.argv[1:]
print("ready", flush=True)
sys.stdin.readline()
with SQLAlchemyStore(url, schema=schema or None, busy_timeout=30) as store:
    with store.begin(write=True) as unit:
        unit.save(batch(as_new(a_case(case))))
"""

DIE = """
import sys
from progflow.adapters.sqlalchemy import SQLAlchemyStore
from progflow.testing.stores.records import a_case, an_entry, as_new, batch, moved
store = SQLAlchemyStore(sys.argv[1])
with store.begin(write=True) as unit:
    unit.save(batch(moved(a_case(), state="open"), *(as_new(a_case(f"new{i}")) for i in range(5000))))
    print("ready", flush=True)
    sys.stdin.readline()
"""


def process(script: str, *arguments: object) -> subprocess.Popen[str]:
    """A Python that has come to where it says so and waits for a line."""
    command = [sys.executable, "-c", script, *map(str, arguments)]
    running = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert running.stdout.readline() == "ready\n"
    return running


def prepare_at_once(url: str, schema: str = "") -> None:
    running = [process(PREPARE, url, schema, f"case{i}") for i in range(4)]
    for each in running:
        each.stdin.write("\n")
        each.stdin.flush()
    for each in running:
        each.communicate()
        assert each.returncode == 0


class TestProcesses:
    def test_several_may_create_the_tables_at_once(self, path) -> None:
        prepare_at_once(f"sqlite:///{path}")
        with SQLAlchemyStore(f"sqlite:///{path}") as store:
            assert list(states(store)) == [f"case{i}" for i in range(4)]

    @needs_postgres
    def test_several_may_create_the_tables_at_once_on_postgresql(self) -> None:
        with a_schema() as schema:
            prepare_at_once(POSTGRES, schema)
            with SQLAlchemyStore(POSTGRES, schema=schema) as store:
                assert list(states(store)) == [f"case{i}" for i in range(4)]

    def test_one_that_is_killed_leaves_the_file_as_it_was(self, path) -> None:
        url = f"sqlite:///{path}"
        with SQLAlchemyStore(url) as store:
            save(store, as_new(a_case()))
        killed = process(DIE, url)
        killed.send_signal(signal.SIGKILL)
        killed.communicate()
        assert killed.returncode == -signal.SIGKILL
        with SQLAlchemyStore(url) as store:
            assert states(store) == {"case": "draft"}
            save(store, moved(a_case(), state="open"))
            assert states(store) == {"case": "open"}

    def test_another_one_on_the_same_file_finds_everything(self, path) -> None:
        url, case = f"sqlite:///{path}", a_case(timers=(a_timer(watches=frozenset({"x"})),), links={"m": "n"})
        key = KeyRecord("key", "fingerprint", "case", 1)
        with SQLAlchemyStore(url) as store:
            save(store, as_new(case), entries=[an_entry()], key=key)
        with SQLAlchemyStore(url) as store, store.begin(write=False) as unit:
            assert unit.load("case") == case
            assert list(unit.history("case")) == [an_entry()]
            assert unit.key("key") == key
            assert list(unit.watching(["x"])) == [case]


class TestTables:
    def test_nothing_is_created_on_the_engine_of_a_host(self, path) -> None:
        """Missing tables are said, with what to call; also when joined, and the host can go on."""
        with an_engine(f"sqlite:///{path}") as engine:
            store = SQLAlchemyStore(engine)
            for _ in range(2):
                with pytest.raises(StoreUnavailable, match="migrate") as caught, store.begin(write=True):
                    pass
                assert not caught.value.retryable
            with Session(engine) as session:
                with pytest.raises(StoreUnavailable, match="migrate"), store.join(session):
                    pass
                session.execute(text("SELECT 1"))
            assert inspect(engine).get_table_names() == []
            for _ in range(2):
                migrate(engine)
            save(store, as_new(a_case()))
            assert states(store) == {"case": "draft"}

    @needs_postgres
    def test_missing_tables_are_said_on_postgresql(self) -> None:
        with a_schema() as schema, an_engine(POSTGRES) as engine:
            store = SQLAlchemyStore(engine, schema=schema)
            with engine.begin() as connection:
                with pytest.raises(StoreUnavailable, match="migrate"), store.join(connection):
                    pass
                connection.execute(text("SELECT 1"))
            with pytest.raises(StoreUnavailable, match="migrate"):
                states(store)

    def test_nobody_else_writes_while_the_tables_are_created(self, path) -> None:
        """The lock is there before the first of them is, and until the last."""
        locked: list[bool] = []

        def look(_connection: object, _cursor: object, sql: str, *_: object) -> None:
            if sql.lstrip().startswith("CREATE"):
                other = sqlite3.connect(path, isolation_level=None, timeout=0)
                with leaves_with(sqlite3.OperationalError):
                    other.execute("BEGIN IMMEDIATE")
                other.close()
                locked.append(True)

        with an_engine(f"sqlite:///{path}") as engine:
            event.listen(engine, "before_cursor_execute", look)
            migrate(engine)
        assert len(locked) > 8

    def test_prefixes_stand_side_by_side(self, engine) -> None:
        migrate(engine, prefix="")
        one, other = SQLAlchemyStore(engine), SQLAlchemyStore(engine, prefix="")
        save(one, as_new(a_case("one")))
        save(other, as_new(a_case("other")))
        assert (list(states(one)), list(states(other))) == (["one"], ["other"])
        names = set(inspect(engine).get_table_names()) - {"employee"}
        bare = {"case", "history", "payload", "link", "timer", "watch", "key", "meta"}
        assert names == bare | {f"progflow_{name}" for name in bare}

    def test_tables_of_another_version_are_left_alone(self, engine, path) -> None:
        with engine.begin() as connection:
            connection.execute(text("UPDATE progflow_meta SET value = 99"))
        with SQLAlchemyStore(f"sqlite:///{path}") as own:
            for store in (own, SQLAlchemyStore(engine)):
                with pytest.raises(StoreUnavailable, match="version 99") as caught:
                    states(store)
                assert not caught.value.retryable
        with pytest.raises(StoreUnavailable, match="version 99"):
            migrate(engine)

    def test_payloads_can_be_erased_and_the_steps_stay(self, engine, hosted) -> None:
        save(
            hosted,
            as_new(a_case()),
            entries=[an_entry(), an_entry(seq=2, payload={}, data=None, data_changed=False)],
        )
        with engine.begin() as connection:
            assert connection.execute(text("DELETE FROM progflow_payload")).rowcount == 1
        with hosted.begin(write=False) as unit:
            first, second = unit.history("case")
        assert (first.payload, first.data, first.phases, first.data_changed) == ({}, None, {}, True)
        assert (first.event, second.seq) == ("apply", 2)


class TestStatements:
    def test_they_are_built_once(self, engine, hosted) -> None:
        """The second time round, every statement is an object that was there before."""
        seen: list[object] = []
        rounds: list[set[int]] = []
        event.listen(engine, "before_execute", lambda _connection, clause, *_: seen.append(clause))
        for i in range(2):
            del seen[:]
            self._use(hosted, str(i))
            rounds.append({id(clause) for clause in seen})
            kept = list(seen)  # so that no id is given twice
            assert len(kept) > 20
        assert rounds[1] <= rounds[0]

    def _use(self, store: SQLAlchemyStore, mark: str) -> None:
        case = a_case(mark, links={"m": "n"}, timers=(a_timer(watches=frozenset({"x"})),), parent="p")
        key = KeyRecord(mark, "f", mark, 1)
        save(store, as_new(case), entries=[an_entry(mark)], key=key)
        changed = moved(case, links={"m": "o"}, unique=None)
        save(store, changed, entries=[an_entry(mark, seq=2)])
        save(store, rearmed(changed.case, close=None))
        query = Query(
            {"Mentee": frozenset({"draft", mark}), "Edition": None}, parents=frozenset({"p"}), link=("m", "o")
        )
        where = (Where("", "city", mark), Where("selection", "rank", 1, absent=True))
        with store.begin(write=False) as unit:
            unit.load(mark)
            unit.history(mark)
            unit.key(mark)
            for each in (query, ANY_MENTEE, Query({"Mentee": None}, where=where, without=frozenset({mark}))):
                unit.find(each)
                unit.count(each)
            unit.due(MENTEES, START, 5)
            unit.watching([mark])

    def test_a_load_is_one_statement(self, engine, hosted) -> None:
        save(hosted, as_new(a_case(timers=(a_timer("a", watches=frozenset("xy")), a_timer("b")))))
        statements: list[str] = []
        with hosted.begin(write=True) as unit:
            event.listen(engine, "before_cursor_execute", lambda _c, _cu, sql, *_: statements.append(sql))
            unit.load("case")
            assert len(statements) == 1


DAMAGE = [
    ("progflow_case", "data", "{", InputFault("data", "is not JSON")),
    ("progflow_case", "phases", "[]", InputFault("phases", "is not a JSON object")),
    ("progflow_case", "visited", "[1]", InputFault("visited", "is not a JSON list of texts")),
    ("progflow_case", "created", "soon", InputFault("created", "is not a number of microseconds")),
    ("progflow_case", "stepped", 10**18, InputFault("stepped", "is not an instant that Python knows")),
    ("progflow_case", "revision", "abc", InputFault("revision", "is not a whole number")),
    ("progflow_case", "version", 1.5, InputFault("version", "is not a whole number")),
    ("progflow_timer", "due", "soon", InputFault("timers.close.due", "is not a number of microseconds")),
    ("progflow_timer", "days_stopped", "abc", InputFault("timers.close.days_stopped", "is not a whole number")),
    ("progflow_timer", "seconds_stopped", "abc", InputFault("timers.close.seconds_stopped", "is not a number")),
    ("progflow_timer", "watches", "", InputFault("timers.close.watches", "is not JSON")),
]


class TestDamage:
    @pytest.mark.parametrize(("table", "column", "value", "fault"), DAMAGE)
    def test_a_damaged_column_is_named_and_costs_one_case(self, engine, hosted, table, column, value, fault) -> None:
        save(hosted, *(as_new(a_case(case, timers=(a_timer(),))) for case in ("bad", "good")))
        where = "id" if table == "progflow_case" else "case_id"
        with engine.begin() as connection:
            damage = text(f"UPDATE {table} SET {column} = :value WHERE {where} = 'bad'")
            connection.execute(damage, {"value": value})
        with hosted.begin(write=False) as unit:
            for ask in (lambda: unit.load("bad"), lambda: unit.find(ANY_MENTEE)):
                with pytest.raises(DamagedData) as caught:
                    ask()
                error = pickle.loads(pickle.dumps(caught.value))
                assert (error.case, error.lifecycle, error.faults) == ("bad", "Mentee", [fault])
            assert unit.load("good") is not None
            assert unit.count(ANY_MENTEE) == 2
            assert len(unit.find(Query({"Mentee": None}, without=frozenset({"bad"})))) == 1

    def test_all_faults_are_named_at_once(self, engine, hosted) -> None:
        save(hosted, as_new(a_case(timers=(a_timer(),))))
        with engine.begin() as connection:
            connection.execute(text("UPDATE progflow_case SET data = '', links = '7', entered = 'x'"))
            connection.execute(text("UPDATE progflow_timer SET armed = 'x'"))
        with hosted.begin(write=False) as unit, pytest.raises(DamagedData) as caught:
            unit.load("case")
        assert [fault.path for fault in caught.value.faults] == [
            "entered",
            "data",
            "links",
            "timers.close.armed",
        ]

    def test_a_damaged_entry_is_named(self, engine, hosted) -> None:
        save(hosted, as_new(a_case()), entries=[an_entry()])
        with engine.begin() as connection:
            connection.execute(text("UPDATE progflow_history SET at = 'x'"))
            connection.execute(text("UPDATE progflow_payload SET payload = 'x'"))
        with hosted.begin(write=False) as unit, pytest.raises(DamagedData) as caught:
            unit.history("case")
        assert [fault.path for fault in caught.value.faults] == ["history[1].at", "history[1].payload"]

    def test_a_damaged_number_in_the_history_is_named(self, engine, hosted) -> None:
        for column, path in (("version", "history[1].version"), ("seq", "history[abc].seq")):
            case = a_case(column)
            save(hosted, as_new(case), entries=[an_entry(column)])
            with engine.begin() as connection:
                connection.execute(text(f"UPDATE progflow_history SET {column} = 'abc' WHERE case_id = '{column}'"))
            with hosted.begin(write=False) as unit, pytest.raises(DamagedData) as caught:
                unit.history(column)
            assert caught.value.faults == [InputFault(path, "is not a whole number")]

    def test_a_damaged_key_is_named(self, engine, hosted) -> None:
        save(hosted, as_new(a_case()), key=KeyRecord("key", "fingerprint", "case", 1))
        with engine.begin() as connection:
            connection.execute(text("UPDATE progflow_key SET revision = 'abc'"))
        with hosted.begin(write=False) as unit, pytest.raises(DamagedData) as caught:
            unit.key("key")
        error = caught.value
        fault = InputFault("key.revision", "is not a whole number")
        assert (error.case, error.lifecycle, error.faults) == ("case", "Mentee", [fault])

    def test_a_damaged_timer_that_is_due_is_named(self, engine, hosted) -> None:
        save(hosted, as_new(a_case(timers=(a_timer(),))))
        with engine.begin() as connection:
            connection.execute(text("UPDATE progflow_timer SET armed = 'x'"))
        with hosted.begin(write=False) as unit, pytest.raises(DamagedData) as caught:
            unit.due(MENTEES, START.replace(year=2030), 5)
        assert [fault.path for fault in caught.value.faults] == ["timers.close.armed"]

    def test_values_do_not_show_in_the_cause_of_a_conflict(self, hosted) -> None:
        """SQLAlchemy's error repeats the values of the statement; the driver's own is the cause."""
        save(hosted, as_new(a_case(unique="x")))
        with pytest.raises(ConflictError) as caught:
            save(hosted, as_new(a_case("other", unique="x", data={"name": "Erika"})))
        assert isinstance(caught.value.__cause__, sqlite3.IntegrityError)
        assert "Erika" not in f"{caught.value}{caught.value.__cause__}"
        assert (caught.value.case, caught.value.retryable) == ("other", True)


@needs_postgres
class TestPostgres:
    @pytest.fixture
    def schema(self) -> Iterator[str]:
        with a_schema() as schema:
            yield schema

    def test_a_serialisation_failure_is_a_conflict(self, schema) -> None:
        with an_engine(POSTGRES, isolation_level="REPEATABLE READ") as engine:
            migrate(engine, schema=schema)
            store = SQLAlchemyStore(engine, schema=schema)
            save(store, as_new(a_case()))
            with leaves_with(ConflictError) as caught, store.begin(write=True) as unit:
                unit.load("case")
                save(store, moved(a_case(), state="open"))
                unit.save(batch(moved(a_case(), state="late")))
            assert caught.error.retryable
            assert caught.error.__cause__.sqlstate == "40001"
            assert states(store) == {"case": "open"}

    def test_a_lock_that_cannot_be_had_is_said(self, schema) -> None:
        with an_engine(POSTGRES, connect_args={"options": "-c lock_timeout=50"}) as engine:
            migrate(engine, schema=schema)
            store = SQLAlchemyStore(engine, schema=schema)
            save(store, as_new(a_case()))
            with store.begin(write=True) as unit:
                unit.save(batch(moved(a_case(), state="open")))
                with pytest.raises(StoreUnavailable) as caught:
                    save(store, moved(a_case(), state="late"))
                assert caught.value.retryable
                with engine.begin() as host, pytest.raises(ConflictError), store.join(host) as joined:
                    joined.save(batch(moved(a_case(), state="late")))
            assert states(store) == {"case": "open"}

    def test_a_server_that_is_gone_is_said(self, schema) -> None:
        with SQLAlchemyStore("postgresql+psycopg://postgres@127.0.0.1:1/test") as store:
            with pytest.raises(StoreUnavailable) as caught:
                states(store)
            assert caught.value.retryable

    def test_a_connection_that_is_lost_is_said_and_replaced(self, schema) -> None:
        with SQLAlchemyStore(POSTGRES, schema=schema) as store:
            save(store, as_new(a_case()))
            with leaves_with(StoreUnavailable) as caught, store.begin(write=True) as unit:
                pid = unit.host.exec_driver_sql("SELECT pg_backend_pid()").scalar_one()
                with an_engine(POSTGRES) as engine, engine.begin() as other:
                    other.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})
                unit.load("case")
            assert caught.error.retryable
            assert states(store) == {"case": "draft"}

    def test_a_host_without_transactions_is_refused(self, schema) -> None:
        with an_engine(POSTGRES, isolation_level="AUTOCOMMIT") as engine:
            migrate(engine, schema=schema)
            store = SQLAlchemyStore(engine, schema=schema)
            with pytest.raises(UsageError, match="AUTOCOMMIT"), store.begin(write=True):
                pass
            with engine.connect() as host, pytest.raises(UsageError, match="AUTOCOMMIT"), store.join(host):
                pass
