"""What the engine needs from outside, as protocols with their promises.

A store is any object that keeps these promises; ``progflow.testing.store_suite`` checks them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol, TypeAlias

from progflow.records import Batch, CaseRecord, DueTimer, EntryRecord, KeyRecord, Query

Clock: TypeAlias = Callable[[], datetime]
"""Gives the present instant, aware. Tests inject their own."""


class Reader(Protocol):
    """What may be asked of stored cases. Every answer includes what this unit of work has saved."""

    def load(self, case: str) -> CaseRecord | None:
        """The case of that id with its timers, None if there is none."""
        ...

    def find(self, query: Query) -> Sequence[CaseRecord]:
        """The cases that match, in the order of creation (``created``, then ``id``)."""
        ...

    def count(self, query: Query) -> int:
        """How many cases match."""
        ...

    def due(self, lifecycles: frozenset[str], now: datetime, limit: int) -> Sequence[DueTimer]:
        """The timers of these lifecycles' cases that are ready by ``now`` and do not rest, at most ``limit``.

        They come in ``DueTimer.order``.
        """
        ...

    def watching(self, tokens: Collection[str]) -> Sequence[CaseRecord]:
        """The cases with a timer that watches one of the tokens, in the order of creation."""
        ...


class UnitOfWork(Reader, Protocol):
    """One transaction on a store, or one savepoint inside the transaction of a host."""

    @property
    def host(self) -> object:
        """What a receiver may use to write in the same transaction: the session or connection, in memory
        the unit itself; ``flow.using`` takes it."""
        ...

    def history(self, case: str) -> Sequence[EntryRecord]:
        """All entries of the case, oldest first."""
        ...

    def key(self, key: str) -> KeyRecord | None:
        """What was carried out under that key, None if nothing was."""
        ...

    def save(self, batch: Batch) -> None:
        """Write all of it.

        Raises:
            ConflictError: a case has moved on, is there already, or its ``unique`` value or the key is taken by
                another. Nothing of the batch remains when the unit of work is then left with the error.
        """
        ...

    def after_commit(self, callback: Callable[[], None]) -> None:
        """Call back once, after what this unit of work wrote has been committed for good, and in no other case."""
        ...

    def nested(self) -> AbstractContextManager[None]:
        """A savepoint: left with an error, all that was saved inside is undone and its callbacks are forgotten."""
        ...


class Store(Protocol):
    """Where cases live.

    Every method raises ``StoreUnavailable`` when the database is locked, gone or not prepared.
    """

    def begin(self, *, write: bool) -> AbstractContextManager[UnitOfWork]:
        """A transaction of its own: committed when it is left without an error, rolled back with one.

        With ``write=False`` nothing may be saved, and writers are not kept waiting.
        """
        ...

    def join(self, host: object) -> AbstractContextManager[UnitOfWork]:
        """A savepoint in the transaction of the host, which alone commits or rolls back.

        Raises:
            UsageError: the host's object is not of a kind that this store can join.
        """
        ...


class Facts(Protocol):
    """What only the host knows."""

    def __call__(self, protocol: object) -> object:
        """The host's answerer for that protocol.

        Raises:
            UsageError: the flow was given none.
        """
        ...


class Surroundings(Reader, Protocol):
    """All that a decision may look at. It never writes, and the same answers give the same decision."""

    def facts(self, protocol: object) -> object:
        """The host's answerer for that protocol."""
        ...

    def new_id(self) -> str:
        """An id for a case that is about to begin; later ids sort after earlier ones."""
        ...
