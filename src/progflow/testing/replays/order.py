"""In which order the steps of many cases happened, as far as their histories tell it."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from progflow.errors import UsageError
from progflow.records import EntryRecord

T = TypeVar("T")


def in_order(entries: Iterable[EntryRecord], cases: Mapping[str, int]) -> Sequence[EntryRecord]:
    """The entries in the order in which they happened.

    What was decided together stands together, causes before their effects. Of two decisions the one that was recorded
    first is first, and then what took effect first; two at one instant that have no case in common stand in the order
    in which their youngest cases began. The history of one case is never out of order, and nothing comes before the
    beginning of what it points to.

    Args:
        entries: all of them.
        cases: the ids of the cases with their place in the order of creation.

    Raises:
        UsageError: an entry was caused by one that is not among them.
    """
    known = {_name(entry): entry for entry in entries}
    roots = {name: _root(entry, known) for name, entry in known.items()}
    together: dict[str, list[str]] = {}
    for name, root in roots.items():
        together.setdefault(root, []).append(name)

    def rank(root: str) -> tuple[Any, ...]:
        entry = known[root]
        youngest = max(cases[known[name].case] for name in together[root])
        return entry.recorded, entry.at, youngest, entry.seq, root

    def earlier(root: str) -> Iterator[str]:
        for name in together[root]:
            yield from (roots[before] for before in _before(known[name]) if before in roots)

    def inside(root: str) -> Sequence[str]:
        names = frozenset(together[root])
        return sorted_by(
            together[root],
            lambda name: (before for before in _before(known[name]) if before in names),
            lambda name: (known[name].at, cases[known[name].case], known[name].seq),
        )

    return [known[name] for root in sorted_by(together, earlier, rank) for name in inside(root)]


def causes_first(entries: Iterable[EntryRecord]) -> Sequence[EntryRecord]:
    """The entries of one decision, or of several that followed one another: causes before their effects."""
    known = {_name(entry): entry for entry in entries}
    names = sorted_by(
        known,
        lambda name: (before for before in _before(known[name]) if before in known),
        lambda name: (known[name].at, known[name].case, known[name].seq),
    )
    return [known[name] for name in names]


def _name(entry: EntryRecord) -> str:
    return f"{entry.case}#{entry.seq}"


def _before(entry: EntryRecord) -> Iterator[str]:
    """The steps without which this one could not have been made."""
    if entry.caused_by is not None:
        yield entry.caused_by
    if entry.seq > 1:
        yield f"{entry.case}#{entry.seq - 1}"
        return
    yield from (f"{one}#1" for one in (entry.parent, *entry.links.values()) if one is not None)


def _root(entry: EntryRecord, known: Mapping[str, EntryRecord]) -> str:
    """The step that began the decision in which this one was made."""
    while entry.caused_by is not None:
        if entry.caused_by not in known:
            problem = f"{_name(entry)} was caused by {entry.caused_by}, which this flow does not know."
            raise UsageError(problem=problem, mend="Give a flow with the definitions of all its cases.")
        entry = known[entry.caused_by]
    return _name(entry)


def sorted_by(items: Iterable[T], before: Callable[[T], Iterable[T]], rank: Callable[[T], Any]) -> Sequence[T]:
    """The items in the order of their rank, but each after those that come before it.

    Args:
        items: all of them; each can be hashed.
        before: those of the items that come before one; itself does not count.
        rank: what decides where nothing else does; of no two items the same.
    """
    following: dict[T, list[T]] = {item: [] for item in items}
    waits: dict[T, int] = {}
    for item in following:
        earlier = dict.fromkeys(one for one in before(item) if one != item)
        waits[item] = len(earlier)
        for one in earlier:
            following[one].append(item)
    ready = [(rank(item), number, item) for number, item in enumerate(following) if not waits[item]]
    heapq.heapify(ready)
    found: list[T] = []
    count = len(following)
    while ready:
        found.append(heapq.heappop(ready)[-1])
        for item in following[found[-1]]:
            waits[item] -= 1
            if not waits[item]:
                count += 1
                heapq.heappush(ready, (rank(item), count, item))
    return found
