"""One unit of work: a transaction of our own, or a savepoint in that of a host."""

from __future__ import annotations

from collections.abc import Callable, Collection, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Final

from attrs import define
from sqlalchemy import Connection, CursorResult, Executable
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from progflow.adapters.sqlalchemy._after_commit import after_commit
from progflow.adapters.sqlalchemy._errors import cause_of, translated
from progflow.adapters.sqlalchemy._rows import Row, key_row, micros, read_cases, read_due, read_entry, read_key
from progflow.adapters.sqlalchemy._statements import MANY, Statements
from progflow.adapters.sqlalchemy._writing import Rows
from progflow.errors import ConflictError, UsageError
from progflow.records import Batch, CaseRecord, DueTimer, EntryRecord, KeyRecord, Query

__all__ = ["OURS", "SQLAlchemyUnit", "savepoint"]

OURS: Final = "_progflow_unit"
"""The entry, among a Connection's own attributes, of the unit whose transaction it is in, if that is our own."""


@contextmanager
def savepoint(host: Session | Connection, connection: Connection) -> Generator[None, None, None]:
    """A savepoint of the host on that connection: released on a clean exit, rolled back with an error."""
    with host.begin_nested():
        if isinstance(host, Session):
            # A session only notes that it wants one, and sets it when it is next asked for its connection.
            host.connection(bind_arguments={"bind": connection.engine})
        yield


class SQLAlchemyUnit:
    """One unit of work on a database."""

    def __init__(
        self,
        statements: Statements,
        connection: Connection,
        host: Session | Connection,
        *,
        write: bool,
        joined: bool,
    ) -> None:
        self.callbacks: list[Callable[[], None]] = []
        """What is to be called after the commit, if the transaction is our own."""
        self._statements = statements
        self._connection = connection
        self._host = host
        self._write = write
        self._joined = joined
        self._open = True
        # What the cases linked to when they were read: links rarely change, and need not be written again.
        self._links: dict[str, tuple[int, Mapping[str, str]]] = {}

    @property
    def host(self) -> object:
        """The host's session or connection; in a transaction of our own its connection."""
        return self._host

    def close(self) -> None:
        """Refuse everything from now on."""
        self._open = False

    # -- reading -----------------------------------------------------------------------------------

    def load(self, case: str) -> CaseRecord | None:
        """See ``Reader.load``."""
        found = self._cases(self._statements.load, {"id": case})
        return found[0] if found else None

    def find(self, query: Query) -> Sequence[CaseRecord]:
        """See ``Reader.find``."""
        found = self._cases(*self._statements.find(query))
        return [case for case in found if case.id not in query.without]

    def count(self, query: Query) -> int:
        """See ``Reader.count``."""
        if len(query.without) > MANY:
            ids = self._read(*self._statements.ids(query)).scalars()
            return sum(case not in query.without for case in ids)
        counted: int = self._read(*self._statements.count(query)).scalar_one()
        return counted

    def due(self, lifecycles: frozenset[str], now: datetime, limit: int) -> Sequence[DueTimer]:
        """See ``Reader.due``."""
        rows = self._read(*self._statements.due(lifecycles, micros(now), limit)).all()
        return [read_due(row) for row in rows]

    def watching(self, tokens: Collection[str]) -> Sequence[CaseRecord]:
        """See ``Reader.watching``."""
        found: dict[str, CaseRecord] = {}
        for part in _slices(tokens):
            found.update((case.id, case) for case in self._cases(self._statements.watching, {"tokens": part}))
        return sorted(found.values(), key=lambda case: (case.created, case.id))

    def history(self, case: str) -> Sequence[EntryRecord]:
        """See ``UnitOfWork.history``."""
        return [read_entry(row) for row in self._read(self._statements.history, {"id": case}).all()]

    def key(self, key: str) -> KeyRecord | None:
        """See ``UnitOfWork.key``."""
        row = self._read(self._statements.key, {"key": key}).one_or_none()
        return None if row is None else read_key(row)

    def _cases(self, statement: Executable, parameters: Row) -> list[CaseRecord]:
        found = read_cases(self._read(statement, parameters).all())
        if self._write:
            self._links.update((case.id, (case.revision, dict(case.links))) for case in found)
        return found

    def _read(self, statement: Executable, parameters: Row) -> CursorResult[*tuple[Any, ...]]:
        """Every question goes through here. None locks: rules that count a family need one writer at a time."""
        return self._execute(statement, parameters)

    # -- writing -----------------------------------------------------------------------------------

    def save(self, batch: Batch) -> None:
        """See ``UnitOfWork.save``."""
        self._require_open()
        if not self._write:
            raise UsageError(problem="This unit of work only reads.", mend="Begin one with write=True.")
        rows, statements = Rows.of(batch, self._links), self._statements
        self._release(rows.moved)
        self._move(statements.move, rows.moved)
        self._move(statements.touch, rows.touched)
        self._add(statements.add_case, rows.added, "id", "the case or its unique value is there already")
        self._run(statements.drop_links, rows.links_gone)
        self._run(statements.add_link, rows.links)
        self._run(statements.drop_watches, rows.timers_gone)
        self._run(statements.drop_timer, rows.timers_gone)
        self._run(statements.add_timer, rows.timers)
        self._run(statements.add_watch, rows.watches)
        self._add(statements.add_entry, rows.entries, "case_id", "the history has gone on")
        self._run(statements.add_payload, rows.payloads)
        if batch.key is not None:
            self._add(statements.add_key, [key_row(batch.key)], "case_id", "the same key was used at the same time")
        self._links.update((c.case.id, (c.case.revision, dict(c.case.links))) for c in batch.changes)

    def after_commit(self, callback: Callable[[], None]) -> None:
        """See ``UnitOfWork.after_commit``."""
        self._require_open()
        if not self._joined:
            self.callbacks.append(callback)
            return
        # At once, and not when this unit ends: what is joined inside of it comes later, and is heard of later.
        ours: SQLAlchemyUnit | None = vars(self._connection).get(OURS)
        if ours is None:
            after_commit(self._host, callback, self._connection)
        else:
            kept = _Kept(callback)
            ours.callbacks.append(kept.call)
            after_commit(self._host, kept.stand, self._connection)

    @contextmanager
    def nested(self) -> Generator[None, None, None]:
        """See ``UnitOfWork.nested``."""
        self._require_open()
        mark = len(self.callbacks)
        links = dict(self._links)
        try:
            with savepoint(self._host, self._connection):
                yield
        except BaseException:
            del self.callbacks[mark:]
            self._links = links
            raise

    def _release(self, moved: Sequence[Row]) -> None:
        """Let a unique value pass from one case of the batch to another, whichever is written first."""
        taken = {row["unique_value"]: row["b_id"] for row in moved if row["unique_value"] is not None}
        if not taken or len(moved) == 1:
            return
        ids = {row["b_id"] for row in moved}
        for values in _slices(taken):
            held = self._execute(self._statements.holders, {"values": values}).all()
            gone = [{"b_id": case} for case, value in held if case != taken[value] and case in ids]
            self._run(self._statements.release, gone)

    def _move(self, statement: Executable, rows: Sequence[Row]) -> None:
        """Update cases, each if it is still at its revision."""
        if not rows:
            return
        detail = "another case holds the unique value"
        if len(rows) == 1 or self._connection.dialect.supports_sane_multi_rowcount:
            changed = self._execute(statement, rows, case=_only(rows, "b_id"), detail=detail).rowcount
        else:
            changed = sum(self._execute(statement, row, case=row["b_id"], detail=detail).rowcount for row in rows)
        if changed != len(rows):
            raise self._overtaken(rows)

    def _overtaken(self, rows: Sequence[Row]) -> ConflictError:
        """Which case it was that had moved on."""
        for part in _slices([row["b_id"] for row in rows]):
            stored = {row["id"]: row for row in self._execute(self._statements.stored, {"ids": part}).mappings()}
            for row in (row for row in rows if row["b_id"] in part):
                written = {name: value for name, value in row.items() if not name.startswith("b_")}
                written = written or {"revision": row["b_revision"]}
                found = stored.get(row["b_id"])
                if found is None or any(found[name] != value for name, value in written.items()):
                    detail = f"case {row['b_id']!r} is no longer at revision {row['b_revision']}"
                    expected = row["b_revision"]
                    return ConflictError(case=row["b_id"], expected=expected, detail=detail, retryable=True)
        return ConflictError(case=None, detail="a case of the batch has moved on", retryable=True)

    def _add(self, statement: Executable, rows: Sequence[Row], column: str, detail: str) -> None:
        if rows:
            self._execute(statement, rows, case=_only(rows, column), detail=detail)

    def _run(self, statement: Executable, rows: Sequence[Row]) -> None:
        if rows:
            self._execute(statement, rows)

    def _execute(
        self,
        statement: Executable,
        parameters: Row | Sequence[Row],
        *,
        case: str | None = None,
        detail: str = "",
    ) -> CursorResult[*tuple[Any, ...]]:
        self._require_open()
        if isinstance(parameters, Sequence) and len(parameters) == 1:
            parameters = parameters[0]
        try:
            return self._connection.execute(statement, parameters)
        except SQLAlchemyError as error:
            raise translated(error, self._connection, joined=self._joined, case=case, detail=detail) from cause_of(
                error
            )

    def _require_open(self) -> None:
        if not self._open:
            raise UsageError(problem="This unit of work is over.", mend="Begin a new one.")


@define(eq=False)
class _Kept:
    """The place of a callback among those of a transaction of our own.

    It came from a unit that was joined to it, by a host who may set savepoints of its own, of which only the watch on
    the connection hears: it says, with the commit, whether the callback still stands.
    """

    callback: Callable[[], None]
    stands: bool = False

    def stand(self) -> None:
        self.stands = True

    def call(self) -> None:
        if self.stands:
            self.callback()


def _only(rows: Sequence[Row], column: str) -> str | None:
    """The case that the rows are about, if it is one."""
    return rows[0][column] if len(rows) == 1 else None


def _slices(values: Iterable[str]) -> Iterator[list[str]]:
    """The values, in portions that fit into a statement."""
    ordered = sorted(set(values))
    return (ordered[start : start + MANY] for start in range(0, len(ordered), MANY))
