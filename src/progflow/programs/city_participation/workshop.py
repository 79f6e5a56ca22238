"""A workshop of the process: strengths and weaknesses, ideas, forum."""

from __future__ import annotations

from datetime import date

from attrs import evolve, frozen

from progflow import OPEN, START, Acting, Context, Lifecycle, No, State, derived, event, guard
from progflow.programs.city_participation.people import Kind
from progflow.programs.city_participation.process import Process
from progflow.states.cancellation import Ending
from progflow.states.gathering import Gathering
from progflow.states.people import OFFICE, Name


@frozen(kw_only=True)
class WorkshopData:
    """What is announced: what for, the day that was meant at first, and for which groups; for all, if none is named."""

    title: Name
    kind: Kind
    on: date
    groups: tuple[str, ...] = ()

    def is_for(self, group: str) -> bool:
        """Whether people of that group may come."""
        return not self.groups or group in self.groups


WHEN = {
    Kind.SWOT: Process.analysis,
    Kind.IDEAS: Process.idea_workshops,
    Kind.FORUM: Process.collecting | Process.drafting | Process.published,
}
"""In which states of the process a workshop of each kind is held."""


class Workshop(Lifecycle[WorkshopData], parent=Process):
    """People come together, without registration.

    Known of Zeitz: the staff's group was large, that of the citizens small. So a low turnout is flagged, and the
    process waits until there is an extra forum or a reason why it is enough (assumption).
    """

    made_up = State("few came; an extra forum was called", resting=True)

    @derived
    def day(self, ctx: Context[WorkshopData]) -> date:
        return ctx.data.on

    @derived
    def fewest(self, ctx: Context[WorkshopData]) -> int:
        return ctx.parent(Process).data.fewest(ctx.data.groups)

    @guard("The process is not at this step.")
    def process_is_there(self, ctx: Context[WorkshopData]) -> bool:
        return ctx.parent(Process).is_in(WHEN[ctx.data.kind])

    gathering = Gathering(day=day, fewest=fewest, when=(process_is_there,))
    ending = Ending(parent=Process, upon=Process.over, of=OPEN - (gathering.held | made_up))

    took_place = gathering.took_place | made_up

    @guard("{day} has passed already.")
    def day_ahead(self, ctx: Context[WorkshopData], *, workshop: WorkshopData) -> bool | No:
        return workshop.on >= ctx.today or No(day=workshop.on)

    @guard("{group} is none of the groups of this process.")
    def known_groups(self, ctx: Context[WorkshopData], *, workshop: WorkshopData) -> bool | No:
        return next((No(group=one) for one in ctx.parent(Process).data.missing(workshop.groups)), True)

    @event(START >> gathering, by=OFFICE, when=(day_ahead, known_groups))
    def announce(self, ctx: Context[WorkshopData], *, workshop: WorkshopData) -> WorkshopData:
        """Announce a workshop."""
        return workshop

    @event(gathering.poorly_attended >> made_up, by=OFFICE)
    def call_extra_forum(self, ctx: Acting[WorkshopData], *, title: Name, on: date) -> None:
        """Call an extra forum, as few people came."""
        extra = evolve(ctx.data, title=title, kind=Kind.FORUM, on=on)
        again = type(self).announce(workshop=extra)  # also where a city has derived its own workshop
        ctx.start(again, parent=ctx.parent(Process), links={"instead_of": ctx.case})


__all__ = ["WHEN", "Workshop", "WorkshopData"]
