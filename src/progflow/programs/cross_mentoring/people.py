"""Who takes part in a cross-mentoring programme, and what an edition lays down before it begins."""

from __future__ import annotations

from datetime import date
from enum import Enum
from typing import Annotated, Protocol

from annotated_types import Ge, MinLen
from attrs import frozen

from progflow import Role

OFFICE = Role("programme office")
"""Runs the programme from day to day, in either city."""

HEAD = Role("head of administration")
"""Decides what the programme office may not decide alone."""

EMPLOYEE = Role("employee")
"""Works for one of the member cities."""

Name = Annotated[str, MinLen(1)]
"""A text that is not empty: a city, a person's id in the host's system, a heading."""


class Staff(Protocol):
    """What only the personnel system knows. Give it to the flow: ``Flow(…, facts={Staff: …})``."""

    def reports_to(self, person: str, superior: str) -> bool:
        """Whether the person works under the superior, directly or through others. Both are the host's ids."""
        ...


class Cause(Enum):
    """Why a tandem or a pause is what it is: a class only, never a diagnosis (assumption)."""

    MUTUAL = "by mutual consent"
    ONE_SIDED = "wished by one of the two"
    MENTOR_LEFT = "the mentor left"
    MENTEE_LEFT = "the mentee left"
    EMPLOYER_CHANGED = "a change of employer"
    FAMILY = "parental leave or care"
    ILLNESS = "illness"
    OTHER = "another cause"


@frozen
class MemberCity:
    """A city that takes part.

    ``seats`` are five for each of the two cities, as in Köln and Düsseldorf; ``signatory`` is the id of the person
    who signs the cooperation agreement, there the lord mayor.
    """

    name: Name
    signatory: Name
    seats: Annotated[int, Ge(0)] = 5


@frozen
class PanelMember:
    """Somebody who selects and matches for a city.

    In Köln and Düsseldorf these are personnel development and the equality officers of both cities.
    """

    person: Name
    city: Name
    body: Name


@frozen
class Approval:
    """A yes that somebody gave for a city."""

    person: Name
    city: Name
    on: date


@frozen
class Rules:
    """What a municipality may set otherwise for an edition; nothing here is law.

    Known of Köln and Düsseldorf is ``months`` (15). The others are assumptions:

    Args:
        months: how long a participation lasts, counted from the day of the kick-off.
        closing_tolerance_days: how much earlier than the nominal end a closing may complete a participation. The
            edition of 2022 began on 15 August 2022 and was closed on 7 November 2023, a week before the nominal end
            (press release of the city of Düsseldorf, 2023).
        confirm_within: working days for confirming a place.
        calendar: whose public holidays count.
        refill_months: after the kick-off a seat is filled again only if at least so many months remain.
        certificate_within: months after which the edition no longer waits for a decision on a certificate.
        longest_pause: months that one pause may last at most.
        longest_extension: months that extensions may add to the end at most, all of them together.
        mentees_per_mentor: how many tandems a mentor may have at the same time.
        fewest_tandems: with fewer the programme office may call the edition off.
        fewest_meetings: how many meetings a certificate needs. Other programmes ask for four (Austrian federal
            civil service).
    """

    months: Annotated[int, Ge(1)] = 15
    closing_tolerance_days: Annotated[int, Ge(0)] = 14
    confirm_within: Annotated[int, Ge(1)] = 10
    calendar: Name = "DE-NW"
    refill_months: Annotated[int, Ge(0)] = 12
    longest_pause: Annotated[int, Ge(0)] = 3
    longest_extension: Annotated[int, Ge(0)] = 3
    certificate_within: Annotated[int, Ge(1)] = 6
    mentees_per_mentor: Annotated[int, Ge(1)] = 1
    fewest_tandems: Annotated[int, Ge(0)] = 3
    fewest_meetings: Annotated[int, Ge(0)] = 4


__all__ = [
    "EMPLOYEE",
    "HEAD",
    "OFFICE",
    "Approval",
    "Cause",
    "MemberCity",
    "Name",
    "PanelMember",
    "Rules",
    "Staff",
]
