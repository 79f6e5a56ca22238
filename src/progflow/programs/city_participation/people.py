"""Who takes part in a participation process, what is held in it, and what may be set otherwise."""

from __future__ import annotations

from enum import Enum
from typing import Annotated

from annotated_types import Ge
from attrs import frozen


class Group(Enum):
    """Whose view a contribution is. Known of Zeitz: staff and citizens, whose views were compared."""

    STAFF = "staff"
    CITIZENS = "citizens"


class Audience(Enum):
    """Whom a workshop is for."""

    STAFF = "staff"
    CITIZENS = "citizens"
    EVERYBODY = "everybody"


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
        fewest_citizens: with fewer people a workshop that citizens may attend has a low turnout. In Zeitz about 120
            people came to 13 public forums.
        display_days: how long the draft is public before it goes before the committees. In Zeitz it was 25 days.
        evaluation_months: how long after the resolution, and after each evaluation, the next one is due. Zeitz
            evaluated eleven months after the resolution.
    """

    fewest_citizens: Annotated[int, Ge(0)] = 8
    display_days: Annotated[int, Ge(0)] = 14
    evaluation_months: Annotated[int, Ge(1)] = 12


__all__ = ["Audience", "Channel", "Group", "Kind", "Rules"]
