"""SQLite's own ways: when a transaction begins, and what an engine of ours sets up."""

from __future__ import annotations

import os
import sqlite3
from typing import Any, Final

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.exc import DisconnectionError

from progflow.errors import StoreUnavailable, UsageError

__all__ = ["begin", "begin_before_savepoint", "in_transaction", "open_sqlite", "prepare_sqlite"]

# Entries of ours among a Connection's own attributes: the root transaction of which it is known that BEGIN
# came first, and whether that holds for every one.
_BEGUN: Final = "_progflow_begun"
_ALWAYS_BEGUN: Final = "_progflow_always_begun"

_TRIES: Final = 100


def in_transaction(connection: Connection) -> bool:
    """Whether SQLite itself, and not only SQLAlchemy, is inside a transaction."""
    return bool(_driver(connection).in_transaction)


def begin(connection: Connection, *, write: bool) -> None:
    """Begin a transaction on a connection of which SQLAlchemy has just done the same.

    A writer takes the lock at once: one that reads first and then writes gets no lock at all if somebody else
    has written in between. Whoever made the engine may have begun already, but nothing stands in that yet.
    """
    if in_transaction(connection):
        if not write:
            return
        connection.exec_driver_sql("ROLLBACK")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")
    vars(connection)[_BEGUN] = connection.get_transaction()


def begin_before_savepoint(connection: Connection) -> None:
    """Begin where sqlite3 has not yet done so: a savepoint that comes first would survive the rollback.

    Raises:
        UsageError: the host has set one already, and it may have been the first. SQLite does not tell: inside
            of BEGIN and inside of a first savepoint it says the same.
    """
    known = vars(connection)
    if connection.in_nested_transaction():
        begun = known.get(_ALWAYS_BEGUN, False) or known.get(_BEGUN) is connection.get_transaction()
        if not begun and _begins_late(_driver(connection)):
            raise UsageError(
                problem="The savepoint that this host is in may have come before SQLite's BEGIN: "
                "what is written in it would survive a rollback.",
                mend="Call progflow.adapters.sqlalchemy.prepare_sqlite(engine) once, when the engine is made.",
            )
    else:
        known[_BEGUN] = connection.get_transaction()
    if not in_transaction(connection):
        connection.exec_driver_sql("BEGIN")


def prepare_sqlite(engine: Engine) -> None:
    """Let every transaction of an engine on SQLite start with BEGIN, as it does on other databases.

    By default Python's sqlite3 sends BEGIN only before the first INSERT, UPDATE or DELETE. A savepoint that
    comes earlier (``session.begin_nested()``) then is a transaction by itself: its release commits, and the
    rollback of the session takes nothing back. Prepared, ``isolation_level`` is None on every new connection,
    and BEGIN is emitted in the engine's ``begin`` event.

    Call it once, before the engine's first connection; else ``engine.dispose()`` the pool afterwards. Calling
    it again changes nothing. What is asked to run with AUTOCOMMIT still does, such as a ``PRAGMA journal_mode``,
    which is not possible inside a transaction.

    Raises:
        UsageError: it is given something else than an Engine for SQLite.
    """
    _require_sqlite(engine)
    if not event.contains(engine, "begin", _begin_first):
        event.listen(engine, "connect", _leave_begin_to_us)
        event.listen(engine, "begin", _begin_first)


def open_sqlite(url: URL, *, patience: float) -> Engine:
    """An engine of our own on a file, in WAL mode, on which we alone begin transactions.

    Raises:
        UsageError: the URL names no file.
    """
    path = url.database or ""
    if path in ("", ":memory:") or "mode=memory" in path or url.query.get("mode") == "memory":
        raise UsageError(
            problem="An SQLite database in memory belongs to one connection: units of work cannot share it.",
            mend="Name a file, or use progflow.adapters.memory.MemoryStore.",
        )
    engine = create_engine(url, connect_args={"timeout": patience})
    event.listen(engine, "connect", _set_up)
    if not path.startswith("file:"):
        _File(path).watch(engine)
    return engine


def _require_sqlite(engine: object) -> None:
    if not isinstance(engine, Engine) or engine.dialect.name != "sqlite":
        name = engine.dialect.name if isinstance(engine, Engine) else type(engine).__name__
        raise UsageError(problem=f"prepare_sqlite cannot use {name}.", mend="Give it an Engine for SQLite.")


def _leave_begin_to_us(connection: Any, _record: object) -> None:
    connection.isolation_level = None


def _begin_first(connection: Connection) -> None:
    wanted = connection.get_execution_options().get("isolation_level") != "AUTOCOMMIT"
    vars(connection)[_ALWAYS_BEGUN] = wanted
    if wanted and not in_transaction(connection):
        connection.exec_driver_sql("BEGIN")


def _begins_late(driver: Any) -> bool:
    """Whether sqlite3 sends BEGIN by itself, and only before the first change."""
    return driver.isolation_level is not None and getattr(driver, "autocommit", None) is not False


def _driver(connection: Connection) -> Any:
    return connection.connection.driver_connection


def _set_up(connection: Any, _record: object) -> None:
    connection.isolation_level = None
    connection.execute("PRAGMA foreign_keys=ON")
    for remaining in reversed(range(_TRIES)):
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError as error:
            # Switching does not wait for its turn; beginning to write does.
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or not remaining:
                raise
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("ROLLBACK")


class _File:
    """Sees that pooled connections are to the file of that name: SQLite goes on writing to a deleted one."""

    def __init__(self, path: str) -> None:
        self._path = os.path.abspath(path)
        self._seen = False

    def watch(self, engine: Engine) -> None:
        event.listen(engine, "do_connect", self._connect)
        event.listen(engine, "connect", self._connected)
        event.listen(engine, "checkout", self._check_out)

    def _connect(self, *_: object) -> None:
        if self._seen:
            self._identity()

    def _connected(self, _connection: object, record: Any) -> None:
        record.info["progflow_file"] = self._identity()
        self._seen = True

    def _check_out(self, _connection: object, record: Any, _proxy: object) -> None:
        if record.info["progflow_file"] != self._identity():
            raise DisconnectionError("another file has the name")

    def _identity(self) -> tuple[int, int]:
        try:
            status = os.stat(self._path)
        except OSError as error:
            raise StoreUnavailable(detail=f"the file of the database is gone: {self._path}") from error
        return status.st_dev, status.st_ino
