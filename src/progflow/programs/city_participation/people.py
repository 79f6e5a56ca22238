"""Who takes part in a participation process, what is held in it, and what may be set otherwise."""

from __future__ import annotations

from enum import Enum
from typing import Annotated, Final

from annotated_types import Ge
from attrs import frozen

from progflow.states.deadlines import Days, Months
from progflow.states.people import Name

STAFF: Final = "staff"
CITIZENS: Final = "citizens"


@frozen
class Group:
    """A group whose view is asked for.

    ``fewest`` is the number of people below which a workshop for them has a low turnout (assumption: eight citizens;
    in Zeitz about 120 people came to 13 public forums).
    """

    name: Name
    fewest: Annotated[int, Ge(0)] = 0


BOTH: Final = (Group(STAFF), Group(CITIZENS, fewest=8))
"""Known of Zeitz: staff and citizens, whose views were compared. Its group of citizens was small."""


class Kind(Enum):
    """What a workshop is for."""

    SWOT = "strengths and weaknesses, opportunities and threats"
    IDEAS = "ideas"
    FORUM = "forum"


class Channel(Enum):
    """How a contribution came in."""

    WORKSHOP = "in a workshop"
    SURVEY = "in the survey"
    OTHER = "in another way"


@frozen(kw_only=True)
class Rules:
    """What a municipality may set otherwise for a process; nothing here is law, and all of it is an assumption.

    Args:
        display_days: how long the draft is public before it goes before the committees. In Zeitz it was 25 days.
        evaluation_months: how long after the resolution, and after each evaluation, the next one is due. Zeitz
            evaluated eleven months after the resolution.
    """

    display_days: Days = 14
    evaluation_months: Annotated[Months, Ge(1)] = 12


__all__ = ["BOTH", "CITIZENS", "STAFF", "Channel", "Group", "Kind", "Rules"]
