"""The store: one writer at a time, readers that wait for nobody."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from types import MappingProxyType
from typing import Final, final

from attrs import frozen

from progflow.adapters.memory._state import Committed, Overlay
from progflow.adapters.memory._unit import MemoryUnit
from progflow.errors import StoreUnavailable, UsageError
from progflow.records import CaseRecord, EntryRecord

_log: Final = logging.getLogger("progflow")


@final
@frozen(eq=False)
class Snapshot:
    """What a memory store had committed at one moment. It never changes."""

    held: Committed

    @property
    def cases(self) -> Mapping[str, CaseRecord]:
        """The cases by their ids."""
        return MappingProxyType(self.held.cases)

    @property
    def entries(self) -> Mapping[str, Sequence[EntryRecord]]:
        """The histories by the ids of the cases, oldest entry first."""
        return MappingProxyType(self.held.entries)

    def holds_the_same(self, other: Snapshot) -> bool:
        """Whether the other holds the same cases, histories, keys and unique values."""
        mine, theirs = self.held, other.held
        return (
            mine.cases == theirs.cases
            and mine.entries == theirs.entries
            and mine.keys == theirs.keys
            and mine.holders == theirs.holders
        )


class MemoryStore:
    """A store that lives as long as the object. Threads may share it."""

    def __init__(self) -> None:
        self._committed = Committed()
        self._writing = threading.Lock()
        self._writer: int | None = None
        # Held for moments only: while a reader looks something up, and while a writer publishes.
        self._publishing = threading.Lock()
        self._readers: dict[int, Overlay] = {}

    @contextmanager
    def begin(self, *, write: bool) -> Generator[MemoryUnit, None, None]:
        """A transaction of its own; see ``Store.begin``.

        Raises:
            StoreUnavailable: this thread has a write unit open already and would wait for itself.
        """
        if not write:
            yield from self._read()
            return
        if self._writer == threading.get_ident():
            raise StoreUnavailable(
                detail="this thread is inside a write unit of this store; join that one instead",
                retryable=False,
            )
        unit = MemoryUnit(self._committed, Overlay(), None)
        with self._writing:
            self._writer = threading.get_ident()
            try:
                yield unit
                self._publish(unit.overlay)
            finally:
                unit.close()
                self._writer = None
        _call_all(unit.callbacks)

    def snapshot(self) -> Snapshot:
        """All that is committed now, to come back to with ``restore``: for tests that try out what would happen."""
        with self._publishing:
            return Snapshot(self._committed.copy())

    def restore(self, snapshot: Snapshot) -> None:
        """Hold again what was committed when the snapshot was taken, and nothing of what came after.

        Raises:
            UsageError: a unit of work is open.
        """
        with self._publishing:
            if self._writer is not None or self._readers:
                raise UsageError(
                    problem="A unit of work of this store is open.", mend="Restore it between units of work."
                )
            self._committed.become(snapshot.held)

    @contextmanager
    def join(self, host: object) -> Generator[MemoryUnit, None, None]:
        """A savepoint in an open write unit of this same store; see ``Store.join``.

        Raises:
            UsageError: the host is anything else.
        """
        if not isinstance(host, MemoryUnit) or not host.is_writing(self._committed):
            raise UsageError(
                problem=f"A memory store cannot join {type(host).__name__}.",
                mend="Give it an open write unit of the same store.",
            )
        with host.nested():
            yield host

    def awaiting(self, host: object) -> Callable[[], bool]:
        """What tells from now on whether all that was written in the unit until now still waits for its commit.

        It is no longer so once that has come, and once the unit was left with an error, also a nested part of it.

        Args:
            host: an open write unit, as receivers are given it.
        """
        assert isinstance(host, MemoryUnit)
        return host.awaiting()

    def _read(self) -> Generator[MemoryUnit, None, None]:
        unit = MemoryUnit(self._committed, Overlay(), self._publishing)
        with self._publishing:
            self._readers[id(unit)] = unit.overlay
        try:
            yield unit
        finally:
            unit.close()
            with self._publishing:
                del self._readers[id(unit)]
        _call_all(unit.callbacks)

    def _publish(self, overlay: Overlay) -> None:
        with self._publishing:
            for reader in self._readers.values():
                reader.remember(overlay, self._committed)
            self._committed.take(overlay)


def _call_all(callbacks: Sequence[Callable[[], None]]) -> None:
    """Call each once, in order. What was committed stays so: an error is logged, nobody else notices."""
    for callback in callbacks:
        try:
            callback()
        except Exception:
            _log.exception("A callback after the commit failed: %r", callback)
