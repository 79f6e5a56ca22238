"""SQLite's own ways: when a transaction begins, and what an engine of ours sets up."""

from __future__ import annotations

import os
import sqlite3
from typing import Any, Final

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.exc import DisconnectionError

from progflow.errors import StoreUnavailable, UsageError

__all__ = ["begin", "begin_before_savepoint", "in_transaction", "open_sqlite"]

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


def begin_before_savepoint(connection: Connection) -> None:
    """Begin where sqlite3 has not yet done so: a savepoint that comes first would survive the rollback."""
    if not in_transaction(connection):
        connection.exec_driver_sql("BEGIN")


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
            raise StoreUnavailable(detail="the file of the database is gone") from error
        return status.st_dev, status.st_ino
