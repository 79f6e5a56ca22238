"""What is asked of the host, and what an edition of the intercultural mentoring may set otherwise."""

from __future__ import annotations

from enum import Enum, StrEnum
from typing import Annotated, Protocol

from annotated_types import Ge
from attrs import field, frozen

from progflow.programs import mentoring
from progflow.states.deadlines import calendar_code
from progflow.states.people import Name


class Conditions(Protocol):
    """What only the personnel system knows. Give it to the flow: ``Flow(…, facts={Conditions: …})``.

    Osnabrück's mentoring is for employees with a migration background. That may be data of a special category (Art. 9
    GDPR), so nothing of it is ever told to progflow: it asks for a yes or a no, and keeps only what somebody decided.
    """

    def may_take_part(self, person: str) -> bool:
        """Whether the programme is meant for this person. It is the host's id."""
        ...


class Topic(Enum):
    """What a workshop is about."""

    INTERCULTURAL = "intercultural competence"
    GENDER = "gender"
    OTHER = "something else"


class Area(StrEnum):
    """What goals may be about; known of Osnabrück."""

    PERSONAL = "personal"
    OTHERS = "dealing with others"
    CAREER = "career"


@frozen(kw_only=True)
class Rules(mentoring.Rules):
    """What a municipality may set otherwise for an edition; nothing here is law.

    Known of Osnabrück are ``months`` (nine), and seven to eight pairs: ``tandems_for_kickoff`` and ``seats``. The
    others are assumptions.

    Args:
        goals_within_weeks: how long after the kick-off a pair has time to agree on goals; later the office is told.
        fewest_workshops: how many workshops a certificate needs. A university asks for three talks and three events
            (mentoring of the university of Koblenz).
        fewest_members: with fewer the joint project of all mentees is given up.
    """

    months: Annotated[int, Ge(1)] = 9
    seats: Annotated[int, Ge(0)] = 8
    calendar: Name = field(default="DE-NI", validator=calendar_code)
    refill_months: Annotated[int, Ge(0)] = 6
    tandems_for_kickoff: Annotated[int, Ge(0)] = 7
    fewest_meetings: Annotated[int, Ge(0)] = 3
    goals_within_weeks: Annotated[int, Ge(1)] = 6
    fewest_workshops: Annotated[int, Ge(0)] = 3
    fewest_members: Annotated[int, Ge(1)] = 3


__all__ = ["Area", "Conditions", "Rules", "Topic"]
