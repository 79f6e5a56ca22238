"""Running callbacks once the host's root transaction has really been committed, and in no other case.

How the moment is found: SQLAlchemy has no event for it. A Connection's ``commit`` fires before COMMIT, also
if that fails; a Session's ``after_commit`` fires as well when a savepoint is released or when the Session
only takes part in an outer transaction, and its errors break the Session; closing a Session announces no
rollback. Whichever way the host goes (``Session.commit``, ``Connection.commit``, ``with … begin()``,
``close``), it ends at three public methods of the one ``RootTransaction``. So this object becomes, for its
lifetime, an instance of a subclass that adds no slots: nothing changes for anybody else, nothing outlives it.
Replacing ``Connection._commit_impl`` would need private names and be too early, a proxy for the transaction
would fail SQLAlchemy's identity assertions.

How savepoints are followed: by the statements that went through this one Connection, with a listener on it
until the transaction ends. SQLAlchemy's savepoint events come before their statement, do not name the
savepoint that begins, and never hear of a SAVEPOINT sent as text. Savepoints from before the first callback
are unknown here, and rolling back to an unknown one drops everything: a misreading can cost a callback but
never runs one too many.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Final
from weakref import ref

from sqlalchemy import Connection, event
from sqlalchemy.engine import RootTransaction, TwoPhaseTransaction
from sqlalchemy.exc import InvalidRequestError
from sqlalchemy.orm import Session, SessionTransaction

__all__ = ["after_commit", "awaiting"]

_log: Final = logging.getLogger("progflow")

# Entries of ours among a Connection's and a SessionTransaction's own attributes. (Connection.info would not
# do: it belongs to the DBAPI connection and goes back to the pool with it.)
_WATCH: Final = "_progflow_watch"
_PENDING: Final = "_progflow_pending"

# Private to SQLAlchemy, on Session and Connection alike: see _run.
_WITH_BLOCK: Final = "_trans_context_manager"

_STATEMENT: Final = re.compile(
    r"""(?>[\s;]+ | /\*.*?\*/ | --[^\n]*)*+
    (?P<verb>SAVEPOINT|RELEASE|ROLLBACK|ABORT)\b
    (?:\s+(?:WORK|TRANSACTION|TO|SAVEPOINT)\b)*+
    (?:\s+(?P<name>"(?:[^"]|"")*" | `[^`]*` | \[[^]]*\] | '[^']*' | [^\s;]+))?""",
    re.IGNORECASE | re.DOTALL | re.VERBOSE,
)

_IDLE, _ACTIVE, _IN_TRANSACTION = 0, 1, 2  # libpq's numbers (psycopg, psycopg2); 3 is a failed transaction


def after_commit(
    host: Session | Connection, callback: Callable[[], None], connection: Connection | None = None
) -> None:
    """Call ``callback`` once after the root transaction that ``host`` is in has been committed.

    Callbacks run in order of registration, after COMMIT has succeeded and as soon as the host can be used
    again: they may begin (and should end) a transaction of their own on it. For a Session that is when its
    own transaction has ended; if it has joined that of an outer Connection, when the outer one is committed.
    None runs if COMMIT fails, after a rollback (also to a savepoint from before the callback came), or if the
    host is closed, invalidated or dropped without a commit. With the isolation level AUTOCOMMIT the commit of
    the host's transaction still is the moment, though COMMIT has nothing to do; after its rollback no
    callback runs, though the rows stay. A two-phase transaction counts from its second phase, if that goes
    through the same Connection.

    An Exception that a callback raises is logged under ``progflow``: the others still run, the host notices
    nothing. What is no Exception (KeyboardInterrupt, a task's cancellation) is passed on.

    A Session that has several connections, and none by default, needs to be given the one that is meant.

    A COMMIT sent as text, or a COMMIT or ROLLBACK that goes past SQLAlchemy, is no end of its transaction:
    with sqlite3 and psycopg the callbacks from before it are dropped, unless the driver has begun another one
    since.

    Raises:
        InvalidRequestError: the host is in no transaction that could still be committed.
    """
    if isinstance(host, Connection):
        connection = host
    elif (
        connection is None and host.in_transaction()
    ):  # else Session.connection() would begin one, just for the callback
        connection = host.connection()
    root = connection.get_transaction() if connection is not None else None
    if connection is None or root is None or not root.is_valid:
        raise InvalidRequestError(
            f"after_commit() needs a {type(host).__name__} in a transaction that can still be committed: "
            "write first, then register the callback, then commit"
        )
    watch: _Watch = vars(connection).get(_WATCH) or _begin_watch(connection, root)
    watch.opened = watch.opened or _driver_status(connection) not in (None, _IDLE)
    if isinstance(host, Session):
        watch.sessions[host] = None
    watch.callbacks.append(callback)


def awaiting(host: Session | Connection, connection: Connection) -> Callable[[], bool]:
    """What tells from now on whether a callback that is registered now still waits for the commit.

    It is no longer so once the commit has come, and once a rollback has put an end to it.

    Args:
        host: as for ``after_commit``.
        connection: the one that is meant.

    Raises:
        InvalidRequestError: the host is in no transaction that could still be committed.
    """

    def nothing() -> None:
        pass

    after_commit(host, nothing, connection)
    watched = ref(connection)  # a host that drops it without an end must go on being able to
    watch: _Watch = vars(connection)[_WATCH]

    def waits() -> bool:
        alive = watched()
        return alive is not None and vars(alive).get(_WATCH) is watch and nothing in watch.callbacks

    return waits


class _Watch:
    """What is to be done after one root transaction.

    A frame is the name of a savepoint with the number of callbacks there were when it began: rolling back to
    it cuts the list off there, releasing it is forgetting the frame.
    """

    __slots__ = ("callbacks", "frames", "opened", "sessions")

    def __init__(self) -> None:
        self.callbacks: list[Callable[[], None]] = []
        self.frames: list[tuple[str, int]] = []
        self.sessions: dict[Session, None] = {}
        self.opened = False  # whether the driver has had a transaction open that should be there at COMMIT

    def follow(self, connection: Connection, cursor: Any, statement: str, *_: Any) -> None:
        """Take note of a statement that has been executed (SQLAlchemy's ``after_cursor_execute``)."""
        found = _STATEMENT.match(statement)
        if found is None:
            return
        verb, name = found["verb"].upper(), found["name"] or ""
        if name[:1] not in ('"', "`", "[", "'"):
            name = name.lower()
        if verb == "SAVEPOINT":
            self.frames.append((name, len(self.callbacks)))
            return
        # The innermost frame of that name; -1 is the whole transaction, or a savepoint older than the first
        # callback.
        at = max((i for i, (known, _count) in enumerate(self.frames) if name and known == name), default=-1)
        if verb == "RELEASE":
            del self.frames[max(at, 0) :]
            # SQLite's outermost RELEASE outside of BEGIN (AUTOCOMMIT) is a COMMIT: no more to lose.
            self.opened = self.opened and _driver_status(connection) != _IDLE
        else:
            del self.callbacks[self.frames[at][1] if at >= 0 else 0 :]
            del self.frames[at + 1 :]  # the savepoint itself still stands

    def lost(self, connection: Connection) -> bool:
        """Whether COMMIT is going to succeed without committing what was written.

        That is so if the host has swallowed a statement's error: PostgreSQL answers COMMIT in a failed
        transaction with ROLLBACK and no error, and when SQLite has rolled back by itself (INSERT OR ROLLBACK,
        a full disk), sqlite3's ``commit()`` does nothing.
        """
        return self.opened and _driver_status(connection) not in (None, _ACTIVE, _IN_TRANSACTION)


class _WatchedRoot(RootTransaction):
    __slots__ = ()  # the condition for an existing transaction to become an instance

    def commit(self) -> None:
        watch: _Watch = vars(self.connection)[_WATCH]
        lost = watch.lost(self.connection)
        try:
            super().commit()
        finally:  # after a commit that raised, too, SQLAlchemy allows nothing but rollback
            _end_watch(self)
        if not lost:
            _deliver(watch, self.connection)

    def rollback(self) -> None:
        try:
            super().rollback()
        finally:
            _end_watch(self)

    def close(self) -> None:
        try:
            super().close()
        finally:
            _end_watch(self)


class _WatchedTwoPhase(_WatchedRoot, TwoPhaseTransaction):
    __slots__ = ()

    def prepare(self) -> None:
        super().prepare()
        # No longer the driver's transaction; if there was nothing to prepare, the second phase fails by
        # itself.
        vars(self.connection)[_WATCH].opened = False


class _EndingSession(SessionTransaction):
    """A Session's transaction whose root has been committed while the Session is still busy with the end.

    Each ends in ``close()``, also after an error. A listener for ``after_transaction_end`` could not be taken
    off, nor the next one put on, while that event is being dispatched, and would run ahead of the host's.
    """

    def close(self, invalidate: bool = False) -> None:
        try:
            super().close(invalidate)
        finally:
            for run in vars(self).pop(_PENDING, ()):
                run()


def _begin_watch(connection: Connection, root: RootTransaction) -> _Watch:
    watch = _Watch()
    event.listen(connection, "after_cursor_execute", watch.follow)
    if isinstance(root, TwoPhaseTransaction):
        root.__class__ = _WatchedTwoPhase
    else:
        root.__class__ = _WatchedRoot
    vars(connection)[_WATCH] = watch
    return watch


def _end_watch(root: RootTransaction) -> None:
    watch: _Watch | None = vars(root.connection).pop(_WATCH, None)
    if watch is not None:
        event.remove(root.connection, "after_cursor_execute", watch.follow)
        if isinstance(root, TwoPhaseTransaction):
            root.__class__ = TwoPhaseTransaction
        else:
            root.__class__ = RootTransaction


def _driver_status(connection: Connection) -> int | None:
    """How the driver's transaction stands, in libpq's numbers; None if the driver does not tell."""
    if connection.invalidated:
        return None
    driver: Any = connection.connection.driver_connection
    status: int | None = getattr(getattr(driver, "info", None), "transaction_status", None)
    if status is None and hasattr(driver, "in_transaction"):  # sqlite3
        status = _IN_TRANSACTION if driver.in_transaction else _IDLE
    return status


def _deliver(watch: _Watch, connection: Connection) -> None:
    for session in watch.sessions:
        ending = session.get_transaction()
        if ending is not None and not ending.is_active:  # it is this Session that is committing
            ending.__class__ = _EndingSession
            pending: list[Callable[[], None]] = vars(ending).setdefault(_PENDING, [])
            pending.append(partial(_run, watch.callbacks, (connection, session)))
            return
    _run(watch.callbacks, (connection,))


def _run(callbacks: Sequence[Callable[[], None]], hosts: Sequence[Session | Connection]) -> None:
    # `with session.begin():` commits in its __exit__, and until that has returned SQLAlchemy refuses every
    # new transaction. The block has nothing left to protect, so it is put aside for the time of the
    # callbacks.
    blocks = [(host, getattr(host, _WITH_BLOCK, None)) for host in hosts]
    for host, _block in blocks:
        setattr(host, _WITH_BLOCK, None)
    try:
        for callback in callbacks:
            try:
                callback()
            except Exception:
                _log.exception("A callback after the commit failed: %r", callback)
    finally:
        for host, block in blocks:
            setattr(host, _WITH_BLOCK, block)
