"""The roles that phases take for granted, and the words in which people and causes are written down."""

from __future__ import annotations

from enum import Enum
from typing import Annotated, Any, Final

from annotated_types import MinLen

from progflow import Relation, Role, Who

OFFICE: Final = Role("programme office")
"""Runs a programme from day to day."""

HEAD: Final = Role("head of administration")
"""Decides what the programme office may not decide alone."""

EMPLOYEE: Final = Role("employee")
"""Works for one of the administrations."""

Name = Annotated[str, MinLen(1)]
"""A text that is not empty: a city, a person's id in the host's system, a heading, a file number."""


class Cause(Enum):
    """Why something pauses or ends: a class only, never a diagnosis (assumption)."""

    MUTUAL = "by mutual consent"
    ONE_SIDED = "wished by one of the two"
    MENTOR_LEFT = "the mentor left"
    MENTEE_LEFT = "the mentee left"
    EMPLOYER_CHANGED = "a change of employer"
    FAMILY = "parental leave or care"
    ILLNESS = "illness"
    EXAM = "an examination"
    OTHER = "another cause"


def all_but(person: Relation[Any] | None, by: Who | tuple[Who, ...]) -> tuple[Who, ...]:
    """Those who may do something, but never the person whom it is about, whatever role that person has.

    Args:
        person: whom it is about; None where it is about nobody.
        by: who may do it.
    """
    several = by if isinstance(by, tuple) else (by,)
    return several if person is None else tuple(one - person for one in several)


__all__ = ["EMPLOYEE", "HEAD", "OFFICE", "Cause", "Name", "all_but"]
