"""The cities of a cross-mentoring, and what an edition may set otherwise."""

from __future__ import annotations

from typing import Annotated

from annotated_types import Ge
from attrs import frozen

from progflow.programs import mentoring
from progflow.states.people import Name


@frozen
class MemberCity:
    """A city that takes part.

    ``seats`` are five for each of the two cities, as in Köln and Düsseldorf; ``signatory`` is the id of the person
    who signs the cooperation agreement, there the lord mayor.
    """

    name: Name
    signatory: Name
    seats: Annotated[int, Ge(0)] = 5


@frozen(kw_only=True)
class Rules(mentoring.Rules):
    """What a municipality may set otherwise for an edition; nothing here is law.

    Known of Köln and Düsseldorf are the fifteen ``months``, counted from the day of the kick-off, and that the edition
    that began on 15 August 2022 was closed on 7 November 2023, a week before its nominal end (press release of the
    city of Düsseldorf, 2023): hence ``closing_tolerance_days``. The seats are those of the cities. For the others, all
    of them assumptions, see ``mentoring.Rules``.
    """

    months: Annotated[int, Ge(1)] = 15


__all__ = ["MemberCity", "Rules"]
