"""What a driver's error means to somebody who moves cases."""

from __future__ import annotations

import os
import sqlite3
from typing import Any, Final

from sqlalchemy import URL, Connection, Engine
from sqlalchemy.exc import DBAPIError, IntegrityError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from progflow.errors import ConflictError, StoreUnavailable

__all__ = ["cause_of", "translated"]

_LOCKED: Final = "locked"
_OVERTAKEN: Final = "overtaken"
_TAKEN: Final = "taken"
_UNPREPARED: Final = "unprepared"
_GONE: Final = "gone"
_FULL: Final = "full"
_READ_ONLY: Final = "read-only"

_SENTENCES: Final = {
    _LOCKED: "another connection holds the database; if it is your own session, use flow.using(session)",
    _UNPREPARED: "its tables are missing or incomplete; call progflow.adapters.sqlalchemy.migrate(engine)",
    _GONE: "the database cannot be reached",
    _FULL: "the database has no room left",
    _READ_ONLY: "the database can only be read",
}

_SQLITE: Final = {
    sqlite3.SQLITE_BUSY: _LOCKED,
    sqlite3.SQLITE_LOCKED: _LOCKED,
    sqlite3.SQLITE_CANTOPEN: _GONE,
    sqlite3.SQLITE_IOERR: _GONE,
    sqlite3.SQLITE_NOTADB: _GONE,
    sqlite3.SQLITE_CORRUPT: _GONE,
    sqlite3.SQLITE_FULL: _FULL,
    sqlite3.SQLITE_READONLY: _READ_ONLY,
}
_SQLSTATES: Final = {
    "40001": _OVERTAKEN,
    "40P01": _OVERTAKEN,
    "55P03": _LOCKED,
    "23505": _TAKEN,
    "42P01": _UNPREPARED,
    "42703": _UNPREPARED,
    "3F000": _UNPREPARED,
    "25006": _READ_ONLY,
    "53100": _FULL,
    "08": _GONE,
    "53": _GONE,
    "57P": _GONE,
    "3D": _GONE,
    "28": _GONE,
}
_MYSQL: Final = {
    1213: _OVERTAKEN,
    1020: _OVERTAKEN,
    1205: _LOCKED,
    1062: _TAKEN,
    1054: _UNPREPARED,
    1146: _UNPREPARED,
    1049: _GONE,
    2002: _GONE,
    2003: _GONE,
    2006: _GONE,
    2013: _GONE,
    1290: _READ_ONLY,
    1114: _FULL,
}


def cause_of(error: SQLAlchemyError) -> BaseException:
    """The driver's own error; SQLAlchemy's repeats the values of the statement, which may be about people."""
    return error.orig if isinstance(error, DBAPIError) and error.orig is not None else error


def translated(
    error: SQLAlchemyError,
    database: Engine | Connection,
    *,
    joined: bool,
    case: str | None = None,
    detail: str = "",
) -> Exception:
    """Our error for that of SQLAlchemy, or that itself where there is none for it.

    In a transaction that somebody else began, waiting does not help: only the host can begin again. So a lock
    that could not be had is a conflict there.
    """
    cause = cause_of(error)
    meaning = _meaning(error, cause)
    if meaning == _TAKEN:
        return ConflictError(case=case, detail=detail, retryable=True)
    if meaning == _OVERTAKEN or (joined and meaning == _LOCKED):
        return ConflictError(case=case, detail="the database let another one go first", retryable=True)
    if meaning is not None:
        path = _path(database.engine.url)
        sentence = _SENTENCES[meaning]
        if meaning in (_GONE, _FULL, _READ_ONLY):
            sentence = ": ".join(part for part in (sentence, path, str(cause).partition("\n")[0]) if part)
        lasting = path is not None and not os.path.isdir(os.path.dirname(path))
        return StoreUnavailable(detail=sentence, retryable=meaning == _LOCKED or (meaning == _GONE and not lasting))
    return error


def _path(url: URL) -> str | None:
    """The file of an SQLite database, if it has one that is not written as a URI."""
    path = url.database if url.get_backend_name() == "sqlite" else None
    return None if path in (None, "", ":memory:") or path.startswith("file:") else os.path.abspath(path)


def _meaning(error: SQLAlchemyError, cause: BaseException) -> str | None:
    if isinstance(error, PoolTimeout):
        return _LOCKED
    if not isinstance(error, DBAPIError):
        return None
    if isinstance(cause, sqlite3.Error):
        return _sqlite(cause)
    state: Any = getattr(cause, "sqlstate", None)
    number: Any = cause.args[0] if cause.args else None
    if isinstance(state, str):
        found = (_SQLSTATES.get(state[:length]) for length in (5, 3, 2))
        return next((meaning for meaning in found if meaning), None)
    if isinstance(number, int):
        return _MYSQL.get(number)
    # A server that hangs up or never answers leaves no code, and sometimes only this flag.
    lost = error.connection_invalidated or type(cause).__name__ == "OperationalError"
    return _GONE if lost and not isinstance(error, IntegrityError) else None


def _sqlite(cause: sqlite3.Error) -> str | None:
    code: int = getattr(cause, "sqlite_errorcode", 0)
    if code in (sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY):
        return _TAKEN
    if code == sqlite3.SQLITE_BUSY_SNAPSHOT:
        return _OVERTAKEN
    if code == sqlite3.SQLITE_ERROR and str(cause).startswith(("no such table", "no such column")):
        return _UNPREPARED
    return _SQLITE.get(code & 0xFF)
