"""What all tests of the store suite share."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from datetime import timedelta
from itertools import count
from typing import Any, ClassVar

from attrs import frozen
from hypothesis import given, settings
from hypothesis import strategies as st

from progflow.errors import ConflictError
from progflow.ports import Store, UnitOfWork
from progflow.records import CaseChange, CaseRecord, EntryRecord, KeyRecord, Query
from progflow.testing.stores.records import Marked, as_new, batch

ANY_MENTEE = Query({"Mentee": None})
EVERY_MENTEE = frozenset({"Mentee"})
HOUR = timedelta(hours=1)


class Boom(Exception):
    """What a unit of work is left with in these tests."""


class Caught:
    """The error that a block was left with."""

    error: Any = None


@contextmanager
def leaves_with(kind: type[BaseException]) -> Generator[Caught, None, None]:
    """The block must be left with an error of that kind."""
    caught = Caught()
    try:
        yield caught
    except kind as error:
        caught.error = error
    else:
        raise AssertionError(f"{kind.__name__} was expected")


@contextmanager
def loses_a_race() -> Generator[Caught, None, None]:
    """The block must be left with a conflict that trying again can solve."""
    with leaves_with(ConflictError) as caught:
        yield caught
    assert caught.error.retryable, "a race between writers is retryable"


@frozen
class Making:
    """What ``store_suite`` was given."""

    store: Callable[[], AbstractContextManager[Store]]
    host: Callable[[Store], AbstractContextManager[object]] | None
    examples: int


class Suite:
    """A fresh store for each test, and short ways to use it."""

    making: ClassVar[Making]
    store: Store

    def setup_method(self) -> None:
        """Open the store."""
        self._opened = ExitStack()
        self._marks = count()
        self.store = self._opened.enter_context(self.making.store())

    def teardown_method(self) -> None:
        """Close it."""
        self._opened.close()

    def save(self, *changes: CaseChange, entries: tuple[EntryRecord, ...] = (), key: KeyRecord | None = None) -> None:
        """Write it in a transaction of its own."""
        with self.writing() as unit:
            unit.save(batch(*changes, entries=entries, key=key))

    def reading(self) -> AbstractContextManager[UnitOfWork]:
        """A unit of work that only reads."""
        return self.store.begin(write=False)

    def writing(self) -> AbstractContextManager[UnitOfWork]:
        """A unit of work that writes."""
        return self.store.begin(write=True)

    def load(self, case: str = "case") -> CaseRecord | None:
        """The case as it was committed."""
        with self.reading() as unit:
            return unit.load(case)

    def state(self, case: str = "case") -> str | None:
        """The state of the case as it was committed; None if there is no case."""
        found = self.load(case)
        return None if found is None else found.state

    def for_all(self, strategy: st.SearchStrategy[Any], check: Callable[[Any, Marked], None]) -> None:
        """Check each example; names that are marked with its mark are its own in this store."""

        @settings(max_examples=self.making.examples, deadline=None, database=None)
        @given(strategy)
        def holds(example: Any) -> None:
            check(example, Marked(str(next(self._marks))))

        holds()

    def populate(self, stored: list[CaseRecord], mark: Marked) -> list[CaseRecord]:
        """Store the cases under names of their own, each in a transaction of its own but the first two."""
        marked = [mark.case(case) for case in stored]
        if marked:
            self.save(*map(as_new, marked[:2]))
        for case in marked[2:]:
            self.save(as_new(case))
        return marked
