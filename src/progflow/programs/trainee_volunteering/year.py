"""One year of the programme: offers, registration, deployment, and its end by itself."""

from __future__ import annotations

from attrs import field, frozen

from progflow import START, Context, Lifecycle, State, derived, event, guard
from progflow.programs.trainee_volunteering.people import Rules
from progflow.states.call import Call
from progflow.states.cancellation import Cancellation
from progflow.states.people import OFFICE, Name


@frozen(kw_only=True)
class YearData:
    """What is laid down for a year; its name begins the numbers of its certificates."""

    name: Name
    rules: Rules = field(factory=Rules)


class Year(Lifecycle[YearData]):
    """A year of trainee volunteering; Essen has had one every year since 2006.

    Hosts offer until a first deadline, trainees register until a second one. That offers are in before anything is
    published follows the volunteers' day of Halle (offers by 29 February for 8 and 9 May); the second deadline is an
    assumption. Projects, volunteers and their deployments are children of the year and watch it. It comes to its end
    by itself; a host who says nothing and certificates that are due do not hold it up.
    """

    under_way = State()
    over = State(final=True)

    # -- the two deadlines

    @derived
    def calendar(self, ctx: Context[YearData]) -> str:
        return ctx.data.rules.calendar

    offers = Call(calendar=calendar)
    registration = Call(calendar=calendar).then(under_way)
    cancellation = Cancellation()

    @event(START >> offers, by=OFFICE)
    def plan(self, ctx: Context[YearData], *, year: YearData) -> YearData:
        """Plan a year."""
        return year

    @guard("A project lies ahead, or a host has not said who came.")
    def nothing_ahead(self, ctx: Context[YearData]) -> bool:
        from progflow.programs.trainee_volunteering.project import BaseProject  # a project is the child of a year

        return not ctx.children(BaseProject).open().in_(BaseProject.unsettled).exists()

    @event(under_way >> over, auto=True, when=nothing_ahead)
    def end(self, ctx: Context[YearData]) -> None:
        """Every project has been settled.

        Who is still without a place is released.
        """


__all__ = ["Year", "YearData"]
