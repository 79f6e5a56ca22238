"""The promises of ``progflow.ports``, as tests that every adapter can run."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

from progflow.ports import Store
from progflow.testing.stores.answers import Answers
from progflow.testing.stores.base import Making
from progflow.testing.stores.joins import Joins
from progflow.testing.stores.units import Units
from progflow.testing.stores.writes import Writes

__all__ = ["store_suite"]


def store_suite(
    make_store: Callable[[], AbstractContextManager[Store]],
    make_host: Callable[[Store], AbstractContextManager[object]] | None = None,
    *,
    examples: int = 50,
) -> type[Any]:
    """A class of tests for pytest that checks every promise of ``Store`` and ``UnitOfWork``.

    ::

        TestMyStore = store_suite(my_store, my_transaction)

    Args:
        make_store: opens a store without any case, and closes it.
        make_host: opens a transaction of a host that the store can join, commits it when it is left without
            an error and rolls it back with one. Without it, joining is not tested.
        examples: how many random examples each property is tried on.
    """

    class StoreSuite(Answers, Writes, Units):
        making = Making(make_store, make_host, examples)

    if make_host is None:
        return StoreSuite

    class JoiningStoreSuite(StoreSuite, Joins):
        pass

    return JoiningStoreSuite
