"""Who takes part in trainee volunteering, and what a year lays down before it begins."""

from __future__ import annotations

from datetime import date
from enum import Enum
from typing import Annotated, Final, Protocol

from annotated_types import Ge, Le
from attrs import field, frozen

from progflow import Role
from progflow.states.deadlines import Months, Weeks, calendar_code
from progflow.states.people import Name

TRAINEE: Final = Role("trainee")
"""Learns a profession with the city (Auszubildende)."""

HOST: Final = Role("host")
"""Speaks for an institution that offers projects."""


class Personnel(Protocol):
    """What only the personnel system knows. Give it to the flow: ``Flow(…, facts={Personnel: …})``."""

    def is_trainee(self, person: str, on: date) -> bool:
        """Whether the person is a trainee of the city on that day."""
        ...

    def birthday(self, person: str) -> date:
        """When the person was born; it is asked for and never kept."""
        ...

    def supervises(self, superior: str, person: str) -> bool:
        """Whether the superior agrees with this trainee on days away from work."""
        ...


class Institutions(Protocol):
    """What only the city agency knows of institutions. Give it to the flow as well."""

    def is_charitable(self, institution: str) -> bool:
        """Whether the institution is recognised as charitable."""
        ...


class Activity(Enum):
    """What there is to do. Known of Essen: manual and artistic projects, and some with children and with seniors."""

    MANUAL = "manual"
    ARTISTIC = "artistic"
    CHILDREN = "with children"
    SENIORS = "with seniors"
    OTHER = "something else"


@frozen(kw_only=True)
class Rules:
    """What a municipality may set otherwise for a year; nothing here is law but where it says so.

    Args:
        per_year: how many times a trainee may take part in a year; once is what another corporate programme allows
            (volunteering rules of an insurance company).
        adult_at: the age from which nobody needs the guardian's consent (§ 2 BGB).
        briefing_months: how long a safety briefing is valid: a year by the accident insurers' rule (DGUV).
        briefing_months_youth: the same for those who are not of age: half a year.
        confirm_within: weeks after which the year no longer waits for the host's confirmation (assumption).
        calendar: whose public holidays move a deadline on (§ 193 BGB; that these deadlines follow it is an assumption).
    """

    per_year: Annotated[int, Ge(1)] = 1
    adult_at: Annotated[int, Ge(0), Le(100)] = 18
    briefing_months: Annotated[Months, Ge(1)] = 12
    briefing_months_youth: Annotated[Months, Ge(1)] = 6
    confirm_within: Annotated[Weeks, Ge(1)] = 4
    calendar: Name = field(default="DE-NW", validator=calendar_code)


__all__ = ["HOST", "TRAINEE", "Activity", "Institutions", "Personnel", "Rules"]
