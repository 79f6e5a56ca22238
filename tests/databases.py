"""Databases to test stores on: a file in a temporary directory, and PostgreSQL where there is one."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.exc import OperationalError

POSTGRES = os.environ.get("PROGFLOW_TEST_POSTGRES", "postgresql+psycopg://postgres@127.0.0.1:5432/test")


@cache
def has_postgres() -> bool:
    """Whether there is one. If it is asked for by name, its absence is a failure and no reason to skip."""
    if "PROGFLOW_TEST_POSTGRES" in os.environ:
        return True
    engine = create_engine(POSTGRES, connect_args={"connect_timeout": 2})
    try:
        engine.connect().close()
    except OperationalError:
        return False
    finally:
        engine.dispose()
    return True


needs_postgres = pytest.mark.skipif(not has_postgres(), reason="no PostgreSQL")


@contextmanager
def a_file() -> Iterator[Path]:
    """The path of an SQLite file that is not there yet."""
    with tempfile.TemporaryDirectory() as directory:
        yield Path(directory) / "progflow.db"


@contextmanager
def an_engine(url: str, **options: object) -> Iterator[Engine]:
    """An engine as a host has it, disposed of in the end."""
    engine = create_engine(url, **options)
    try:
        yield engine
    finally:
        engine.dispose()


@contextmanager
def a_schema() -> Iterator[str]:
    """The name of an empty schema on PostgreSQL, dropped in the end."""
    name = f"progflow_{uuid4().hex}"
    with an_engine(POSTGRES) as engine:
        with engine.begin() as connection:
            connection.execute(text(f"CREATE SCHEMA {name}"))
        try:
            yield name
        finally:
            with engine.begin() as connection:
                connection.execute(text(f"DROP SCHEMA {name} CASCADE"))


def use_wal(engine: Engine) -> None:
    """Let readers and a writer work at once, as a host would; the file remembers it."""
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA journal_mode=WAL")


def begin_by_event(engine: Engine) -> None:
    """Let the host emit BEGIN itself, as SQLAlchemy's documentation tells it to for SQLite."""

    @event.listens_for(engine, "connect")
    def _connected(connection: object, _record: object) -> None:
        connection.isolation_level = None  # type: ignore[attr-defined]

    @event.listens_for(engine, "begin")
    def _begun(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN")

    engine.dispose()  # what is in the pool already would stay as it is
