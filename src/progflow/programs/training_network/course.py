"""The courses that the carrier runs for several administrations together."""

from __future__ import annotations

from attrs import frozen

from progflow import OPEN, START, Context, Lifecycle, No, event, guard
from progflow.programs.training_network.network import Network
from progflow.programs.training_network.people import CARRIER, Name
from progflow.states.cancellation import Ending
from progflow.states.occasion import Occasion


@frozen(kw_only=True)
class CourseData:
    """What it is about. When it is and for how many is with its ``occasion``; who takes part is with the places."""

    topic: Name
    trainer: str = ""


class Course(Lifecycle[CourseData], parent=Network):
    """The carrier plans a course once enough needs of one topic are there, from enough administrations.

    Who needs it and was approved by the own administration gets a place by oneself when the course is announced.
    """

    occasion = Occasion(by=CARRIER, role="course")
    ending = Ending(parent=Network, upon=Network.done, of=OPEN - occasion.held)

    @guard("Courses are planned while the network runs.")
    def network_runs(self, ctx: Context[CourseData]) -> bool:
        return ctx.parent(Network).is_in(Network.running)

    @guard(
        "Too few need it: {needs} from {administrations} administrations, not {pool_size} from {pool_administrations}."
    )
    def pool_is_there(self, ctx: Context[CourseData], *, course: CourseData) -> bool | No:
        from progflow.programs.training_network.need import (  # a need knows the courses that cover it
            others_about,
            pool_of,
        )

        return pool_of(others_about(ctx, course.topic), ctx.parent(Network).data.rules)

    @event(START >> occasion, by=CARRIER, when=(network_runs, pool_is_there))
    def plan(self, ctx: Context[CourseData], *, course: CourseData) -> CourseData:
        """Plan a course."""
        return course


__all__ = ["Course", "CourseData"]
