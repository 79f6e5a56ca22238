"""Who takes part in a mentoring programme, what only the host knows, and what an edition may set otherwise."""

from __future__ import annotations

from typing import Annotated, Any, Protocol

from annotated_types import Ge
from attrs import field, frozen

from progflow import Context
from progflow.states.deadlines import calendar_code
from progflow.states.people import Name


class Staff(Protocol):
    """What only the personnel system knows. Give it to the flow: ``Flow(…, facts={Staff: …})``."""

    def reports_to(self, person: str, superior: str) -> bool:
        """Whether the person works under the superior, directly or through others. Both are the host's ids."""
        ...


def reporting_line(ctx: Context[Any], one: str, other: str) -> bool:
    """Whether one of the two reports to the other, as the host's ``Staff`` says."""
    staff = ctx.ask(Staff)
    return staff.reports_to(one, other) or staff.reports_to(other, one)


@frozen
class PanelMember:
    """Somebody who selects and matches, and the party for which that person speaks.

    A party is what must agree to a match: an organisation, where several take part, or a body of the only one.
    """

    person: Name
    party: Name
    body: Name


@frozen
class Goal:
    """What a pair wants to reach; the area is empty where there are none."""

    text: Name
    area: str = ""


@frozen(kw_only=True)
class Rules:
    """What a municipality may set otherwise for an edition. All of it is an assumption, nothing is law.

    Args:
        months: how long a participation lasts, counted from the day of the kick-off.
        seats: how many mentees there may be; in a programme with quotas each group has its own number.
        confirm_within: working days for confirming a place.
        calendar: whose public holidays count.
        refill_months: after the kick-off a seat is filled again only if at least so many months remain.
        tandems_for_kickoff: how many pairs it takes to hold the kick-off.
        fewest_tandems: with fewer the programme office may call the edition off.
        mentees_per_mentor: how many tandems a mentor may have at the same time. In a political mentoring in Osnabrück
            fourteen mentors accompanied 21 mentees (press release, 2025).
        fewest_meetings: how many meetings a certificate needs. Other programmes ask for four (Austrian federal
            civil service).
        fewest_seminars: how many seminars a certificate needs, in a programme that has any.
        longest_pause: months that one pause may last at most.
        back_within_days: None lets whoever has paused go on by itself after the last day of the pause. With a number
            the mentee or the office must say so, and who has not so many days after that last day is dropped out; what
            ``attended`` tells then takes the certificate's place.
        longest_extension: months that extensions may add to the end at most, all of them together.
        closing_tolerance_days: how much earlier than the nominal end a closing may complete a participation.
        certificate_within: months after which the edition no longer waits for a decision on a certificate.
    """

    months: Annotated[int, Ge(1)] = 12
    seats: Annotated[int, Ge(0)] = 10
    confirm_within: Annotated[int, Ge(1)] = 10
    calendar: Name = field(default="DE-NW", validator=calendar_code)
    refill_months: Annotated[int, Ge(0)] = 12
    tandems_for_kickoff: Annotated[int, Ge(0)] = 0
    fewest_tandems: Annotated[int, Ge(0)] = 3
    mentees_per_mentor: Annotated[int, Ge(1)] = 1
    fewest_meetings: Annotated[int, Ge(0)] = 4
    fewest_seminars: Annotated[int, Ge(0)] = 0
    longest_pause: Annotated[int, Ge(0)] = 3
    back_within_days: Annotated[int, Ge(0)] | None = None
    longest_extension: Annotated[int, Ge(0)] = 3
    closing_tolerance_days: Annotated[int, Ge(0)] = 14
    certificate_within: Annotated[int, Ge(1)] = 6


__all__ = ["Goal", "Name", "PanelMember", "Rules", "Staff", "reporting_line"]
