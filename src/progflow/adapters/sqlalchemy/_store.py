"""The store: whose engine it is, and where its transactions begin and end."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager, suppress
from typing import Any, Final, Self, cast

from sqlalchemy import URL, Connection, Engine, create_engine, make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError, UnboundExecutionError
from sqlalchemy.orm import Session, scoped_session

from progflow.adapters.sqlalchemy import _sqlite
from progflow.adapters.sqlalchemy._after_commit import awaiting
from progflow.adapters.sqlalchemy._errors import cause_of, translated
from progflow.adapters.sqlalchemy._schema import create_tables, verify
from progflow.adapters.sqlalchemy._statements import Statements
from progflow.adapters.sqlalchemy._tables import Tables
from progflow.adapters.sqlalchemy._unit import OURS, SQLAlchemyUnit, savepoint
from progflow.errors import StoreUnavailable, UsageError

__all__ = ["SQLAlchemyStore"]

_log: Final = logging.getLogger("progflow")


class SQLAlchemyStore:
    """Cases in a database.

    Given a URL, the store has an engine of its own: it creates the tables on first use, and ``dispose()``
    (or leaving the store as a context manager) closes its connections. An SQLite file is opened in WAL mode.

    Given an engine, the host stays in charge of it: nothing is created (see ``migrate``), nothing closed.

    Args:
        database: a URL, or the host's engine.
        prefix: begins the name of every table.
        schema: the database's schema of the tables.
        busy_timeout: for how many seconds a writer waits for another one; only for an SQLite file of our own.

    Raises:
        UsageError: the URL is of an SQLite database in memory or cannot be read, or ``database`` is neither
            URL nor engine.
    """

    def __init__(
        self,
        database: str | URL | Engine,
        *,
        prefix: str = "progflow_",
        schema: str | None = None,
        busy_timeout: float = 5.0,
    ) -> None:
        self._owned = not isinstance(database, Engine)
        self._engine = _engine(database, busy_timeout)
        self._tables = Tables(prefix=prefix, schema=schema)
        self._statements = Statements(self._tables, self._engine.dialect.name)
        self._reading = self._engine
        if self._engine.dialect.name == "postgresql":
            # All that a reader sees is from one moment, as it is on SQLite.
            self._reading = self._engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        self._preparing = threading.Lock()
        self._prepared = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.dispose()

    def dispose(self) -> None:
        """Close the connections of an engine of our own. The store can still be used, and opens new ones."""
        if self._owned:
            self._engine.dispose()

    @contextmanager
    def begin(self, *, write: bool) -> Generator[SQLAlchemyUnit, None, None]:
        """A transaction of its own; see ``Store.begin``. ``host`` of the unit is its connection.

        Raises:
            StoreUnavailable: the database is locked, gone or not prepared.
            ConflictError: it was the database that found out, while committing.
        """
        if self._owned:
            self._create()
        connection = self._connect(write=write)
        unit = SQLAlchemyUnit(self._statements, connection, connection, write=write, joined=False)
        with connection:
            self._verify(connection)
            vars(connection)[OURS] = unit
            try:
                yield unit
            except BaseException:
                with suppress(SQLAlchemyError):  # of a connection that is lost there is nothing to take back
                    connection.rollback()
                raise
            finally:
                unit.close()
                del vars(connection)[OURS]
            try:
                connection.commit()
            except SQLAlchemyError as error:
                raise translated(error, connection, joined=False) from cause_of(error)
        _call_all(unit.callbacks)

    @contextmanager
    def join(self, host: object) -> Generator[SQLAlchemyUnit, None, None]:
        """A savepoint in the transaction of a ``Session`` or ``Connection``; see ``Store.join``.

        Of a ``scoped_session`` it is the Session of the moment. A Session that has several databases, and none
        for a question without a class, is asked for its connection to the engine of this store.

        What the session has pending is flushed first. One that is in no transaction yet begins it, as it does
        with every statement; the host ends it.

        Raises:
            UsageError: the host is anything else, or commits every statement by itself, or is in a savepoint that
            may have come before SQLite's BEGIN (see ``prepare_sqlite``).
            StoreUnavailable: the database is gone or not prepared.
        """
        if isinstance(host, scoped_session):
            host = cast("scoped_session[Session]", host)()
        if not isinstance(host, Session | Connection):
            raise UsageError(
                problem=f"This store cannot join {type(host).__name__}.",
                mend="Give it a Session or a Connection of SQLAlchemy. (AsyncSession is going to follow.)",
            )
        if self._owned:
            self._create()
        connection = _connection_of(host, self._engine)
        unit = SQLAlchemyUnit(self._statements, connection, host, write=True, joined=True)
        with savepoint(host, connection):
            self._verify(connection)
            try:
                yield unit
            finally:
                unit.close()

    def awaiting(self, host: object) -> Callable[[], bool]:
        """What tells from now on whether all that was written on the host until now still waits for its commit.

        It is no longer so once the host has committed, and once it has rolled back, also to a savepoint from before.
        Tests that are rolled back themselves see by it what would have been committed.

        Args:
            host: a ``Session`` or ``Connection`` on which this store has written, as receivers are given it.
        """
        assert isinstance(host, Session | Connection)
        return awaiting(host, _connection_of(host, self._engine))

    def _create(self) -> None:
        if self._prepared:
            return
        with self._preparing:
            if not self._prepared:
                create_tables(self._engine, self._tables)
                self._prepared = True

    def _verify(self, connection: Connection) -> None:
        """Once, and through the connection at hand: a host's engine may have no second one to give."""
        if not self._prepared:
            verify(connection, self._tables)
            self._prepared = True

    def _connect(self, *, write: bool) -> Connection:
        """A connection in a transaction of its own."""
        connection: Connection | None = None
        try:
            connection = (self._engine if write else self._reading).connect()
            sqlite = connection.dialect.name == "sqlite"
            _require_transactions(connection)
            if sqlite:
                _require_idle(connection)
            connection.begin()
            if sqlite:
                _sqlite.begin(connection, write=write)
        except BaseException as error:
            if connection is not None:
                connection.close()
            if isinstance(error, SQLAlchemyError):
                raise translated(error, self._engine, joined=False) from cause_of(error)
            raise
        return connection


def _engine(database: str | URL | Engine | object, busy_timeout: float) -> Engine:
    if isinstance(database, Engine):
        return database
    if not isinstance(database, str | URL):
        raise UsageError(
            problem=f"SQLAlchemyStore cannot use {type(database).__name__}.",
            mend="Give it a URL or an Engine.",
        )
    try:
        url = make_url(database)
        if url.get_backend_name() == "sqlite":
            return _sqlite.open_sqlite(url, patience=busy_timeout)
        return create_engine(url)
    except ArgumentError as error:  # the URL may hold a password, and is not repeated
        raise UsageError(
            problem="SQLAlchemyStore cannot use this URL.",
            mend='Write it like "sqlite:///cases.db" or "postgresql+psycopg://user@host/database".',
        ) from error


def _connection_of(host: Session | Connection, engine: Engine) -> Connection:
    """The host's connection, in a transaction that the database knows of."""
    if isinstance(host, Session):
        try:
            connection = host.connection()
        except UnboundExecutionError:
            connection = host.connection(bind_arguments={"bind": engine})
    elif host.closed:
        raise UsageError(problem="The connection is closed.", mend="Join an open one.")
    else:
        connection = host
    _require_transactions(connection)
    if connection.dialect.name == "sqlite":
        if not connection.in_transaction():
            connection.begin()
        _sqlite.begin_before_savepoint(connection)
    return connection


def _require_transactions(connection: Connection) -> None:
    driver: Any = connection.connection.driver_connection
    if getattr(driver, "autocommit", None) is True:
        raise UsageError(
            problem="The connection commits every statement by itself (AUTOCOMMIT).",
            mend="Give the store an engine, session or connection with transactions.",
        )


def _require_idle(connection: Connection) -> None:
    """A pool with one connection hands it out again while the host is in the middle of something."""
    driver: Any = connection.connection.driver_connection
    if driver.in_transaction and getattr(driver, "autocommit", None) is not False:
        raise StoreUnavailable(
            detail="the engine's connection is inside a transaction of the host; join that one instead",
            retryable=False,
        )


def _call_all(callbacks: Sequence[Callable[[], None]]) -> None:
    """Call each once, in order. What was committed stays so: an error is logged, nobody else notices."""
    for callback in callbacks:
        try:
            callback()
        except Exception:
            _log.exception("A callback after the commit failed: %r", callback)
