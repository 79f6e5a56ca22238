"""How an obligation is followed up: suspensions, later deadlines, and who hears of what is overdue."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, Final

from attrs import Attribute, frozen

from progflow import days
from progflow.states.deadlines import Days
from progflow.states.people import Cause, Name


@frozen
class Step:
    """Who hears of an obligation that is so many days overdue."""

    to: Name
    after: Days


SUPERVISOR_THEN_PERSONNEL: Final = (Step("supervisor", 30), Step("personnel office", 60))
"""The superior after 30 days, the personnel office after 60 (assumption)."""


def steps_in_order(_instance: object, _field: Attribute[Any], steps: Sequence[Step]) -> None:
    """A validator for a field of steps: one after the other, each somebody else.

    Raises:
        ValueError: two are on the same day, or in the wrong order, or somebody would hear of it twice.
    """
    days_late, told = [step.after for step in steps], [step.to for step in steps]
    if days_late != sorted(set(days_late)) or len(told) != len(set(told)):
        raise ValueError("Give the steps in the order of their days, each on another day and for somebody else.")


@frozen
class Escalation:
    """Who heard of it, and when."""

    to: str
    on: date


@frozen
class Suspension:
    """How long the deadline stood still, and who said so: from its first day to the day on which it went on.

    ``until`` is the last day for which it was meant, None for as long as nobody knows; ``cause`` the class of it.
    """

    since: date
    until: date | None
    cause: Cause
    by: str
    resumed: date | None = None

    @property
    def days(self) -> int:
        """By how many days it has moved the deadline."""
        return 0 if self.resumed is None else (self.resumed - self.since).days


@frozen
class LaterDeadline:
    """A later deadline than the one before, who has granted it on which day, and why."""

    until: date
    before: date
    on: date
    by: str
    reason: str


@frozen
class ObligationData:
    """What became of one obligation.

    ``suspensions`` move its deadline by their days; the last of ``later_deadlines`` holds, and suspensions after it
    move it too. ``followed`` says that the fulfilment has led to a next one, ``ended_by`` who has ended it without.
    """

    suspensions: tuple[Suspension, ...] = ()
    later_deadlines: tuple[LaterDeadline, ...] = ()
    overdue_since: date | None = None
    escalations: tuple[Escalation, ...] = ()
    fulfilled_on: date | None = None
    followed: bool = False
    ended_because: str = ""
    ended_by: str = ""

    @property
    def days_suspended(self) -> int:
        """By how many days suspensions have moved its deadline."""
        return sum(one.days for one in self.suspensions)

    def last_day(self, due: date) -> date:
        """What becomes of that deadline with suspensions and with later deadlines that were granted."""
        moved = due + days(self.days_suspended)
        if not self.later_deadlines:
            return moved
        granted = self.later_deadlines[-1]
        since_then = sum(one.days for one in self.suspensions if one.since >= granted.on)
        return max(moved, granted.until + days(since_then))


__all__ = [
    "SUPERVISOR_THEN_PERSONNEL",
    "Escalation",
    "LaterDeadline",
    "ObligationData",
    "Step",
    "Suspension",
    "steps_in_order",
]
