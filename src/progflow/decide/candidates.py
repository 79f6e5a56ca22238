"""Automatic events and resting timers that may hold now, and in which order they are asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from heapq import heapify, heappop, heappush
from typing import TypeAlias, final

from attrs import frozen

from progflow.records import CaseRecord

Rank: TypeAlias = tuple[datetime, int, datetime, str]
"""Oldest entry first, then in the order of declaration; the rest only settles ties."""


@frozen
class Cause:
    """Why a step happens: the step that caused it (``case#seq``), and the chain of names that led there."""

    by: str | None = None
    depth: int = 0
    chain: tuple[str, ...] = ()


@final
class Candidates:
    """The automatic events and resting timers that have to be asked, each with what made it worth asking.

    Args:
        load: gives a case as it is now.
    """

    def __init__(self, load: Callable[[str], CaseRecord | None]) -> None:
        self._load = load
        self._causes: dict[tuple[str, str], Cause] = {}
        self._orders: dict[tuple[str, str], int] = {}
        self._heap: list[tuple[Rank, str, str]] = []

    def add(self, case: CaseRecord, event: str, order: int, cause: Cause, *, anew: bool = False) -> None:
        """Ask that event of the case; ``anew`` puts this cause in the place of an earlier one."""
        name = case.id, event
        if anew or name not in self._causes:
            self._causes[name] = cause
        self._orders[name] = order
        heappush(self._heap, (_rank(case, order), *name))

    def pop(self) -> tuple[CaseRecord, str, Cause] | None:
        """The next one to ask: the case as it is now, the event, and why; None if there is none."""
        while self._heap:
            rank, *name = heappop(self._heap)
            cause = self._causes.get((name[0], name[1]))
            if cause is None:
                continue
            record = self._load(name[0])
            timer = None if record is None else record.timer(name[1])
            if record is None or timer is None or not (timer.automatic or timer.resting):
                del self._causes[name[0], name[1]]
                continue
            present = _rank(record, self._orders[name[0], name[1]])
            if present != rank:
                heappush(self._heap, (present, name[0], name[1]))
                continue
            del self._causes[name[0], name[1]]
            return record, name[1], cause
        return None

    def causes(self) -> Mapping[tuple[str, str], Cause]:
        """What has to be asked, to come back to."""
        return dict(self._causes)

    def back_to(self, causes: Mapping[tuple[str, str], Cause]) -> None:
        """Ask these and no others."""
        if causes == self._causes:
            return
        self._causes = dict(causes)
        self._heap = []
        for name in causes:
            record = self._load(name[0])
            if record is not None:
                self._heap.append((_rank(record, self._orders[name]), *name))
        heapify(self._heap)


def _rank(case: CaseRecord, order: int) -> Rank:
    return (case.entered, order, case.created, case.id)
