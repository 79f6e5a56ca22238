"""Who takes part in a training network, what the host must answer, and what a network lays down for itself."""

from __future__ import annotations

from enum import Enum
from typing import Annotated, Any, Final, Generic, Protocol, TypeVar

from annotated_types import Ge, Le
from attrs import frozen

from progflow import Context, Lifecycle, Role, relation
from progflow.states.deadlines import Days, Months, Weeks
from progflow.states.people import EMPLOYEE, HEAD, Name

CARRIER: Final = Role("carrier")
"""Runs the network and its courses for all administrations; in southern Saxony-Anhalt the BWSA with its partner."""

PERSONNEL: Final = Role("personnel office")
"""Looks after the employees of its own administration, and of no other."""


class Staff(Protocol):
    """What only the personnel systems know. Give it to the flow: ``Flow(…, facts={Staff: …})``."""

    def administration_of(self, person: str) -> str:
        """The administration that the person works for now, ``""`` for none. The person is the host's id."""
        ...

    def reports_to(self, person: str, superior: str) -> bool:
        """Whether the person works under the superior, directly or through others. Both are the host's ids."""
        ...


class Kind(Enum):
    """What a measure is for: the four kinds that TVöD § 5 names."""

    MAINTAINING = "a) to keep up one's qualification"
    FURTHER = "b) to learn more"
    SECURING = "c) to secure the employment by retraining"
    RETURNING = "d) to come back after a long absence"


class Group(Enum):
    """Whom the network wanted to reach: known are leaders, and staff who had not been trained so far."""

    LEADER = "leaders"
    UNTRAINED = "so far untrained"
    OTHER = "others"


@frozen(kw_only=True)
class Marked:
    """What every case says that is about an employee: whose it is. It never changes.

    Nothing here restricts who may read a case: that is for the host.
    """

    administration: Name
    person: str = ""


Count = Annotated[int, Ge(1)]
"""One or more."""

Interval = Annotated[Months, Ge(1)]
"""A number of months, one or more."""


@frozen(kw_only=True)
class Rules:
    """What a network may set otherwise; nothing here is law. All of them are assumptions but ``talk_every``.

    Args:
        pool_size: how many needs of one topic make a pool.
        pool_administrations: from how many administrations they must come.
        talk_every: months from one talk to the next: twelve, unless something else is agreed upon (TVöD § 5).
        talk_within: weeks after which a talk that is due has been missed.
        escalates_after: weeks after which a missed talk is escalated.
        notice: days; who gives a seat in a course back later is noted as late.
        least_share: per cent of a course that one must have been there for it to count.
        confirm_within: months after which a confirmation that nobody has written is overdue.
        smallest_group: a number of people below it is left out of the statistics, so that nobody is recognised.
    """

    pool_size: Count = 8
    pool_administrations: Count = 2
    talk_every: Interval = 12
    talk_within: Weeks = 8
    escalates_after: Weeks = 4
    notice: Days = 7
    least_share: Annotated[int, Ge(0), Le(100)] = 80
    confirm_within: Interval = 1
    smallest_group: Annotated[int, Ge(0)] = 5


M = TypeVar("M", bound=Marked)


def works_for(ctx: Context[Any], person: str, administration: str) -> bool:
    """Whether the person works for that administration now."""
    return bool(administration) and ctx.ask(Staff).administration_of(person) == administration


class OfEmployee(Lifecycle[M], Generic[M], abstract=True):
    """What is about an employee of one administration, and who is who to it."""

    @relation("the employee")
    def the_employee(self, ctx: Context[Any]) -> bool:
        return bool(ctx.actor.id == ctx.data.person)

    @relation("the superior")
    def the_superior(self, ctx: Context[Any]) -> bool:
        return ctx.ask(Staff).reports_to(ctx.data.person, ctx.actor.id)

    @relation("the personnel office of the administration")
    def own_personnel(self, ctx: Context[Any]) -> bool:
        return PERSONNEL in ctx.actor.roles and works_for(ctx, ctx.actor.id, ctx.data.administration)

    @relation("the head of the administration")
    def own_head(self, ctx: Context[Any]) -> bool:
        return HEAD in ctx.actor.roles and works_for(ctx, ctx.actor.id, ctx.data.administration)


__all__ = [
    "CARRIER",
    "EMPLOYEE",
    "HEAD",
    "PERSONNEL",
    "Count",
    "Group",
    "Interval",
    "Kind",
    "Marked",
    "Name",
    "OfEmployee",
    "Rules",
    "Staff",
    "works_for",
]
