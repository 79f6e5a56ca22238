"""A store in a database, through SQLAlchemy: SQLite in a file, PostgreSQL, MariaDB."""

from progflow.adapters.sqlalchemy._schema import migrate
from progflow.adapters.sqlalchemy._sqlite import prepare_sqlite
from progflow.adapters.sqlalchemy._store import SQLAlchemyStore

__all__ = ["SQLAlchemyStore", "migrate", "prepare_sqlite"]
