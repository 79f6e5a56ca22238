"""Who has to do with compulsory leadership training, and what a municipality lays down in its concept."""

from __future__ import annotations

from datetime import date, datetime
from enum import Enum
from typing import Annotated, Final

from annotated_types import Ge, Gt, Le
from attrs import field, frozen

from progflow import Role, months
from progflow.states.deadlines import Days, Months
from progflow.states.follow_up import SUPERVISOR_THEN_PERSONNEL, Step, steps_in_order
from progflow.states.people import Name

PERSONNEL: Final = Role("personnel office")
"""Hears of appointments, leaves and ends of posts; credits, extends and waives."""

TRAINER: Final = Role("trainer")
"""Holds sessions and records who was there."""


class Level(Enum):
    """What somebody leads. Known of Essen: heads of sections, groups and departments are all obliged."""

    SECTION = "section"
    GROUP = "group"
    DEPARTMENT = "department"


@frozen
class Deadline:
    """By when a module is to be done, counted from the day of the appointment, which is itself the first day.

    Args:
        months: so many months; none is the day before the appointment.
        year_end: instead, the end of the calendar year so many years after that of the appointment.
        begun: it is enough to have begun by then.
    """

    months: Months = 24
    year_end: Annotated[int, Ge(0), Le(100)] | None = None
    begun: bool = False

    def last_day(self, appointed_on: date) -> date:
        """The last day, § 187(2) BGB: an appointment takes effect as its day begins."""
        if self.year_end is not None:
            return date(appointed_on.year + self.year_end, 12, 31)
        return appointed_on + months(self.months).counting_first_day()


@frozen
class Module:
    """A part of the training, which may be taken in one session or in several.

    Args:
        code: as sessions name it.
        hours: how long it is altogether.
        after: the modules that must be done before one may register for it.
        deadline: by when it is to be done the first time (assumption: two years).
        exam: it bears an exam; nothing else is credited for it.
        named: the concept names it as one for which other courses are credited, although it bears an exam.
        first: it belongs to the first round.
        refresher: it belongs to every further one.
    """

    code: Name
    title: Name
    hours: Annotated[float, Gt(0)]
    after: tuple[Name, ...] = ()
    deadline: Deadline = field(factory=Deadline)
    exam: bool = False
    named: bool = False
    first: bool = True
    refresher: bool = False

    @property
    def creditable(self) -> bool:
        """Whether other courses may be credited for it."""
        return self.named or not self.exam


@frozen
class Rules:
    """What a municipality may set otherwise; nothing here is law for municipalities.

    Args:
        refresher_months: a refresher is due so many months after the last fulfilment, None for never (assumption).
        refresher_opens: a refresher is to be planned so many months before it is due (assumption).
        credit_cap: how much of the hours may be credited from elsewhere, in per cent. Half is what the Bavarian tax
            administration and others have in their training rules (FachV-FM § 5, EStBAPO § 11).
        least_share: how much of the hours one must have been there, in per cent (assumption).
        notice_days: who gives a seat back later than so many days before is late (assumption).
        steps: who hears of what is overdue (assumption: the superior after 30 days, the personnel office after 60).
    """

    refresher_months: Annotated[Months, Ge(1)] | None = 36
    refresher_opens: Months = 6
    credit_cap: Annotated[int, Ge(0), Le(100)] = 50
    least_share: Annotated[int, Ge(1), Le(100)] = 80
    notice_days: Days = 7
    steps: tuple[Step, ...] = field(default=SUPERVISOR_THEN_PERSONNEL, validator=steps_in_order)


@frozen
class Concept:
    """The catalogue of modules and the rules, as they were in force from one revision to the next."""

    modules: tuple[Module, ...] = ()
    rules: Rules = field(factory=Rules)
    version: int = 1

    @property
    def first_round(self) -> tuple[Module, ...]:
        """The modules of somebody newly appointed."""
        return tuple(module for module in self.modules if module.first)

    @property
    def refresher(self) -> tuple[Module, ...]:
        """The modules of everybody who has done the first round."""
        return tuple(module for module in self.modules if module.refresher)

    def out_of_order(self) -> tuple[Module, str] | None:
        """A module with the code of one that should come before it and does not, None if there is none."""
        for modules in (self.first_round, self.refresher):
            before: set[str] = set()
            for module in modules:
                for code in module.after:
                    if code not in before:
                        return module, code
                before.add(module.code)
        return None


@frozen
class Credit:
    """Hours of another course that count for a module, with the evidence; who has credited them, and when."""

    module: str
    hours: float
    provider: str
    on: date
    evidence: str
    by: str
    noted_at: datetime


__all__ = [
    "PERSONNEL",
    "TRAINER",
    "Concept",
    "Credit",
    "Deadline",
    "Level",
    "Module",
    "Rules",
]
