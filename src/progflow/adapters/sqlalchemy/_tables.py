"""The tables, as SQLAlchemy Core.

Instants are microseconds since 1970 in UTC: they sort, are exact, and no driver has an opinion about them.
JSON is text that only this package reads, so that one damaged row is one damaged case and not an error in
the middle of a result. Texts compare by code points everywhere, as they do in Python.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Double,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
)
from sqlalchemy.dialects import mysql
from sqlalchemy.types import TypeEngine

__all__ = ["SCHEMA_VERSION", "Tables"]

SCHEMA_VERSION = 1


def _name() -> TypeEngine[str]:
    """A text to look things up by. MariaDB needs a length in a key; 255 lets three of them share one."""
    short = mysql.VARCHAR(255, charset="utf8mb4", collation="utf8mb4_bin")
    return String().with_variant(String(collation="C"), "postgresql").with_variant(short, "mysql", "mariadb")


def _body() -> TypeEngine[str]:
    """A text of any length."""
    return Text().with_variant(mysql.LONGTEXT(charset="utf8mb4", collation="utf8mb4_bin"), "mysql", "mariadb")


def _required(name: str, kind: TypeEngine[Any], *more: Any, **options: Any) -> Column[Any]:
    return Column(name, kind, *more, nullable=False, **options)


class Tables:
    """The tables under one prefix and, where the database has such, in one schema.

    ``case`` holds what is the case now, ``history`` every step. ``payload`` holds what a step was given and
    what data it left, apart from the step, so that a person can be erased and the step stays. ``link`` and
    ``watch`` repeat what a case links to and a timer watches, to be looked up from the other end. ``key``
    holds which commands were carried out, ``meta`` the version of these tables.

    ``case.scalars`` repeats the scalar fields of the data in a form in which SQL can compare them exactly;
    ``timer.alarm`` is ``ready``, but only while the timer may fire.
    """

    def __init__(self, *, prefix: str = "progflow_", schema: str | None = None) -> None:
        self.metadata = MetaData(schema=schema)
        self.prefix = prefix
        self.schema = schema
        self.case = self._case()
        self.history = self._history()
        self.payload = self._payload()
        self.link = self._link()
        self.timer = self._timer()
        self.watch = self._watch()
        self.key = self._table(
            "key",
            Column("key", _name(), primary_key=True),
            _required("fingerprint", _body()),
            _required("case_id", _name()),
            _required("revision", Integer()),
        )
        self.meta = self._table("meta", Column("name", _name(), primary_key=True), _required("value", Integer()))

    def _table(self, name: str, *parts: Any) -> Table:
        return Table(f"{self.prefix}{name}", self.metadata, *parts, mysql_engine="InnoDB")

    def _index(self, table: str, *columns: str, unique: bool = False) -> Index:
        return Index(f"ix_{self.prefix}{table}_{'_'.join(columns)}", *columns, unique=unique)

    def _of_case(self, **options: Any) -> Column[Any]:
        return _required("case_id", _name(), ForeignKey(self.case.c.id), **options)

    def _case(self) -> Table:
        return self._table(
            "case",
            Column("id", _name(), primary_key=True),
            _required("lifecycle", _name()),
            _required("version", Integer()),
            _required("state", _name()),
            _required("revision", Integer()),
            _required("created", BigInteger()),
            _required("entered", BigInteger()),
            _required("stepped", BigInteger()),
            _required("data", _body()),
            _required("phases", _body()),
            _required("visited", _body()),
            Column("parent", _name()),
            _required("links", _body()),
            Column("unique_value", _name()),
            _required("scalars", _body()),
            self._index("case", "parent"),
            self._index("case", "lifecycle", "state"),
            self._index("case", "unique_value", unique=True),
        )

    def _history(self) -> Table:
        return self._table(
            "history",
            self._of_case(primary_key=True),
            Column("seq", Integer(), primary_key=True, autoincrement=False),
            _required("lifecycle", _name()),
            _required("version", Integer()),
            _required("event", _name()),
            Column("before", _name()),
            _required("after", _name()),
            _required("actor", _name()),
            Column("acted_as", _name()),
            Column("caused_by", _name()),
            Column("due", BigInteger()),
            _required("at", BigInteger()),
            _required("recorded", BigInteger()),
            _required("data_changed", Boolean()),
            _required("stays", Boolean()),
            Column("parent", _name()),
            _required("links", _body()),
        )

    def _payload(self) -> Table:
        return self._table(
            "payload",
            Column("case_id", _name(), primary_key=True),
            Column("seq", Integer(), primary_key=True, autoincrement=False),
            _required("payload", _body()),
            _required("data", _body()),
            _required("phases", _body()),
            ForeignKeyConstraint(("case_id", "seq"), (self.history.c.case_id, self.history.c.seq)),
        )

    def _link(self) -> Table:
        return self._table(
            "link",
            self._of_case(primary_key=True),
            Column("role", _name(), primary_key=True),
            _required("target", _name()),
            self._index("link", "target", "role"),
        )

    def _timer(self) -> Table:
        alarm = Column("alarm", BigInteger())
        return self._table(
            "timer",
            self._of_case(primary_key=True),
            Column("event", _name(), primary_key=True),
            _required("anchor", BigInteger()),
            _required("armed", BigInteger()),
            Column("stopped", BigInteger()),
            _required("days_stopped", Integer()),
            _required("seconds_stopped", Double()),
            Column("asked", BigInteger()),
            Column("due", BigInteger()),
            Column("ready", BigInteger()),
            _required("resting", Boolean()),
            _required("automatic", Boolean()),
            _required("watches", _body()),
            alarm,
            # Most timers wait for something else, or for long: only those that may fire are worth an index.
            Index(
                f"ix_{self.prefix}timer_alarm",
                alarm,
                sqlite_where=alarm.is_not(None),
                postgresql_where=alarm.is_not(None),
            ),
        )

    def _watch(self) -> Table:
        return self._table(
            "watch",
            Column("token", _name(), primary_key=True),
            Column("case_id", _name(), primary_key=True),
            Column("event", _name(), primary_key=True),
            self._index("watch", "case_id", "event"),
            ForeignKeyConstraint(("case_id", "event"), (self.timer.c.case_id, self.timer.c.event)),
        )
