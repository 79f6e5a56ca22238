"""Overdue timers, in order: before anything is decided, what was due has happened."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Collection
from datetime import datetime
from typing import Final, final

from progflow.decide.engine import Deciding
from progflow.decide.kinds import Kinds
from progflow.decide.overlay import Overlay
from progflow.decide.steps import MAX_DEPTH
from progflow.definition.people import SYSTEM
from progflow.errors import BehindError, UsageError
from progflow.ports import Reader
from progflow.records import DueTimer

_log: Final = logging.getLogger("progflow")


def lineage(reader: Reader, case: str | None) -> frozenset[str]:
    """The ids of a case and its ancestors."""
    found: set[str] = set()
    while case is not None and case not in found:
        found.add(case)
        record = reader.load(case)
        case = record.parent if record is not None else None
    return frozenset(found)


@final
class Laps:
    """Notices timers that fire again and again at one instant: nothing would ever come after them."""

    def __init__(self) -> None:
        self._fired: Counter[tuple[str, str, datetime]] = Counter()

    def count(self, timer: DueTimer) -> None:
        """Count one more time.

        Raises:
            UsageError: it is one too many.
        """
        lap = timer.case, timer.event, timer.at
        self._fired[lap] += 1
        if self._fired[lap] > MAX_DEPTH:
            raise UsageError(
                problem=f"{timer.event} of case {timer.case} has fired {MAX_DEPTH} times at one instant.",
                mend="Let time pass between the states that it goes round, or guard it.",
            )


def next_due(
    reader: Reader, lifecycles: frozenset[str], now: datetime, passed_over: Collection[tuple[str, str]] = ()
) -> DueTimer | None:
    """The timer that has to fire next, without those that failed before."""
    found = reader.due(lifecycles, now, 1 + len(passed_over))
    return next((timer for timer in found if (timer.case, timer.event) not in passed_over), None)


def catch_up(
    kinds: Kinds,
    settled: Overlay,
    lifecycles: frozenset[str],
    *,
    now: datetime,
    recorded: datetime,
    limit: int | None,
    own: Collection[str],
) -> None:
    """Fire the overdue timers of the lifecycles into an overlay, in order.

    A timer whose rules raise by themselves stops nobody: it is logged and passed over, unless it is one of the case
    that everything is about, or of its ancestors.

    Args:
        kinds: the lifecycles of the flow.
        settled: takes what the timers change.
        lifecycles: whose timers.
        now: until when.
        recorded: when it is written down.
        limit: how many timers at most, None for any number.
        own: the case and its ancestors.

    Raises:
        BehindError: there are more than ``limit``.
    """
    passed_over: set[tuple[str, str]] = set()
    fired, laps = 0, Laps()
    while (timer := next_due(settled, lifecycles, now, passed_over)) is not None:
        if limit is not None and fired >= limit:
            raise BehindError(limit=limit)
        deciding = Deciding(kinds, settled, actor=SYSTEM, now=timer.at, recorded=recorded)
        try:
            laps.count(timer)
            deciding.fire_timer(timer)
        except Exception as error:
            pass_over(timer, error, own)
            passed_over.add((timer.case, timer.event))
            continue
        fired += 1
        settled.absorb(deciding.work)


def pass_over(timer: DueTimer, error: Exception, own: Collection[str]) -> None:
    """Log that a timer failed by itself; raise it again where it concerns the case that everything is about."""
    if timer.case in own or getattr(error, "retryable", False):
        raise error
    _log.error("The timer %s of case %s failed and is passed over", timer.event, timer.case, exc_info=error)
