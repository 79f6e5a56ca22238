"""Creating the tables, and seeing that they are there."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from hashlib import sha256
from typing import Any, Final

from sqlalchemy import Connection, Engine, Select, func, insert, inspect, select
from sqlalchemy.exc import SQLAlchemyError

from progflow.adapters.sqlalchemy._errors import cause_of, translated
from progflow.adapters.sqlalchemy._sqlite import begin
from progflow.adapters.sqlalchemy._tables import SCHEMA_VERSION, Tables
from progflow.errors import StoreUnavailable, UsageError

__all__ = ["create_tables", "migrate", "verify"]

_VERSION: Final = "version"
_PATIENCE: Final = 60


def migrate(engine: Engine, *, prefix: str = "progflow_", schema: str | None = None) -> None:
    """Create the tables if they are missing. Several processes may do it at once.

    Args:
        engine: the engine of the host's database.
        prefix: begins the name of every table, index and constraint.
        schema: the database's schema for the tables; it must exist.

    Raises:
        UsageError: it is given something else than an Engine.
        StoreUnavailable: the database is locked or gone, or its tables come from a newer progflow.
    """
    _require_engine(engine)
    create_tables(engine, Tables(prefix=prefix, schema=schema))


def _require_engine(engine: object) -> None:
    if not isinstance(engine, Engine):
        raise UsageError(
            problem=f"migrate cannot use {type(engine).__name__}.",
            mend="Give it an Engine, as sqlalchemy.create_engine(url) makes it.",
        )


def create_tables(engine: Engine, tables: Tables) -> None:
    """See ``migrate``."""
    try:
        with engine.connect() as connection:
            if inspect(connection).has_table(tables.meta.name, schema=tables.schema):
                verify(connection, tables)
                return
        with engine.connect() as connection, connection.begin(), _locked(connection, tables):
            tables.metadata.create_all(connection)
            if connection.scalar(stored_version(tables)) is None:
                connection.execute(insert(tables.meta), {"name": _VERSION, "value": SCHEMA_VERSION})
            verify(connection, tables)
    except SQLAlchemyError as error:
        raise translated(error, engine, joined=False) from cause_of(error)


def verify(connection: Connection, tables: Tables) -> None:
    """See that the tables are there and of this version.

    Raises:
        StoreUnavailable: they are not; ``retryable`` is False.
    """
    try:
        found = connection.scalar(stored_version(tables))
    except SQLAlchemyError as error:
        raise translated(error, connection, joined=False) from cause_of(error)
    if found != SCHEMA_VERSION:
        raise StoreUnavailable(
            detail=f"its tables are of version {found}, and this progflow knows version {SCHEMA_VERSION}",
            retryable=False,
        )


def stored_version(tables: Tables) -> Select[Any]:
    """The statement that asks for the version of the tables."""
    return select(tables.meta.c.value).where(tables.meta.c.name == _VERSION)


@contextmanager
def _locked(connection: Connection, tables: Tables) -> Generator[None, None, None]:
    """Let others who want to create the same tables wait until we have committed."""
    name = f"{tables.schema or ''}.{tables.prefix}"
    if connection.dialect.name == "sqlite":
        begin(connection, write=True)
    elif connection.dialect.name == "postgresql":
        number = int.from_bytes(sha256(name.encode()).digest()[:8], signed=True)
        connection.execute(select(func.pg_advisory_xact_lock(number)))
    elif connection.dialect.name in ("mysql", "mariadb"):  # where creating a table is a commit by itself
        connection.execute(select(func.get_lock(name, _PATIENCE)))
    try:
        yield
    finally:
        if connection.dialect.name in ("mysql", "mariadb"):
            connection.execute(select(func.release_lock(name)))
