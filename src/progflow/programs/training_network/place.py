"""One employee's place in one course."""

from __future__ import annotations

from typing import Any

from attrs import frozen

from progflow import Context, State, Term, days, derived, event, guard
from progflow.programs.training_network.course import Course
from progflow.programs.training_network.network import Network
from progflow.programs.training_network.people import CARRIER, Marked, OfEmployee
from progflow.states.attendance import Attendance
from progflow.states.cancellation import Ending


@frozen(kw_only=True)
class PlaceData(Marked):
    """Whose place it is. It links to its ``course`` and to the ``need`` that it is to cover."""


class Place(OfEmployee[PlaceData], parent=Network):
    """An employee has asked for a course by way of a need; the trainer records who was there.

    It falls away by itself when the need is gone: withdrawn, rejected, or lapsed with its administration.
    """

    @derived
    def notice(self, ctx: Context[Any]) -> Term:
        return days(ctx.parent(Network).data.rules.notice)

    @derived
    def least_share(self, ctx: Context[Any]) -> int:
        return ctx.parent(Network).data.rules.least_share

    attendance = Attendance(
        of=Course.occasion,
        role="course",
        person=OfEmployee.the_employee,
        by=OfEmployee.own_personnel,
        recorded_by=CARRIER,
        notice=notice,
        least_share=least_share,
    )
    too_short = State("was there for too short a time", final=True)
    fallen_away = State("no longer needed", final=True)
    ending = Ending(parent=Network, upon=Network.done, of=attendance.undecided)

    @guard("The time counts.")
    def does_not_count(self, ctx: Context[Any]) -> bool:
        return not self.attendance.long_enough(ctx)

    @event(attendance.attended >> too_short, auto=True, when=does_not_count)
    def be_too_short(self, ctx: Context[PlaceData]) -> None:
        """It does not count, as the person was not there long enough."""

    @guard("It is still needed.")
    def need_is_gone(self, ctx: Context[PlaceData]) -> bool:
        return not ctx.linked("need").is_open

    @event(attendance.undecided >> fallen_away, auto=True, when=need_is_gone)
    def fall_away(self, ctx: Context[PlaceData]) -> None:
        """It is no longer needed."""


__all__ = ["Place", "PlaceData"]
