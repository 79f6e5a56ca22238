"""A project that a charitable host offers: checked, published, staffed, carried out, confirmed."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Generic, TypeVar

from annotated_types import Ge
from attrs import evolve, frozen

from progflow import (
    START,
    Case,
    Cases,
    Context,
    Instant,
    Lifecycle,
    No,
    Reason,
    State,
    end_of,
    event,
    guard,
    invariant,
    moment,
    relation,
    weeks,
)
from progflow.programs.trainee_volunteering.people import HOST, Activity, Institutions
from progflow.programs.trainee_volunteering.year import Year
from progflow.states.application import Application
from progflow.states.call import while_open
from progflow.states.cancellation import Ending
from progflow.states.occasion import Occasion
from progflow.states.people import OFFICE, Name
from progflow.states.withdrawal import Withdrawal


@frozen(kw_only=True)
class ProjectData:
    """What a host offers.

    Args:
        name: how everybody calls it; unique among the projects of a year that are open.
        host: the institution, by the id under which the city knows it.
        activity: what there is to do.
        on: the day.
        places: for how many volunteers.
        fewest: with fewer it is better merged with another.
        rain_date: the day instead, if it cannot take place on the first.
        hours: how long a day of work is.
        insurance: a note on who insures the volunteers.
        contact: who speaks for the host, by the id in the host system; whoever makes the offer.
    """

    name: Name
    host: Name
    activity: Activity
    on: date
    places: Annotated[int, Ge(1)]
    fewest: Annotated[int, Ge(0)] = 0
    rain_date: date | None = None
    hours: Annotated[float, Ge(0)] = 6.0
    insurance: str = ""
    contact: str = ""
    merged_into: str = ""
    merged_because: str = ""


P = TypeVar("P", bound=ProjectData)


class BaseProject(Lifecycle[P], Generic[P], abstract=True, parent=Year, unique="name"):
    """A project in a charitable institution.

    Known of Essen: many projects a year, manual, artistic, with children, with seniors. That the municipality looks
    at offers and releases them is what a nationwide platform for volunteers does; rain date, merging and the fewest
    volunteers are assumptions. A municipality that keeps more about a project derives its own:
    ``class OurProject(BaseProject[OurProjectData], name="Project")``.

    What the host offers is a wish. Once it is published, the day and the places of ``work`` count, as the city agency
    has agreed them with the host; to postpone it to the rain date is to move its day.
    """

    confirmed = State("confirmed by the host", final=True)
    unconfirmed = State("not confirmed by the host", resting=True)
    merged = State("merged with another project", final=True)
    fell_through = State("fell through for lack of volunteers", final=True)

    @relation("the host")
    def the_host(self, ctx: Context[P]) -> bool:
        return ctx.actor.id == ctx.data.contact

    # -- the offer

    call_is_open = while_open(Year.offers)

    @guard("The day must be later than today, and the rain date later than the day.")
    def days_ahead(self, ctx: Context[P], *, offer: ProjectData) -> bool:
        return ctx.today < offer.on and (offer.rain_date is None or offer.on < offer.rain_date)

    @guard("Offers are still coming in.")
    def offers_are_in(self, ctx: Context[P]) -> bool:
        return not ctx.parent(Year).is_in(Year.offers)

    @guard("{host} is not known to be charitable.")
    def charitable(self, ctx: Context[P]) -> bool | No:
        """Known of Essen: the projects are in charitable institutions."""
        return ctx.ask(Institutions).is_charitable(ctx.data.host) or No(host=ctx.data.host)

    offer = Application(person=the_host, when=(offers_are_in, charitable))
    work = Occasion(held_by=(OFFICE, the_host), cancelled_by=(OFFICE, the_host), role="project")
    withdrawal = Withdrawal(by=the_host, of=offer)
    ending = Ending(parent=Year, upon=Year.cancellation)

    ahead = offer | work.ahead
    unsettled = ahead | work.held

    @event(START >> offer, by=HOST, when=(call_is_open, days_ahead))
    def submit(self, ctx: Context[P], *, offer: P) -> P:
        """Offer a project."""
        return evolve(offer, contact=ctx.actor.id, merged_into="", merged_because="")

    # -- too few volunteers

    @guard("Enough volunteers have a place: {volunteers}.")
    def under_staffed(self, ctx: Context[P]) -> bool | No:
        volunteers = self.work.taken(ctx)
        return volunteers < ctx.data.fewest or No(volunteers=volunteers)

    @guard("{into} is no other project that takes place on the same day and has a place for everybody.")
    def takes_everybody(self, ctx: Context[P], *, into: str) -> bool:
        """The superiors have agreed to the day, so a merger keeps it (assumption)."""
        from progflow.programs.trainee_volunteering.deployment import Deployment  # it points to a project

        other = project_of(ctx, into)
        if other is None or not other.is_in(self.work.open) or other[self.work].begins != ctx.case[self.work].begins:
            return False
        capacity = other[self.work].capacity
        placed = ctx.siblings(Deployment).in_(Deployment.attendance.with_a_seat).all()
        there = sum(case.links["project"] == other.id for case in placed)
        return capacity is None or there + self.work.taken(ctx) <= capacity

    @event(work.open >> merged, by=OFFICE, when=(under_staffed, takes_everybody))
    def merge(self, ctx: Context[P], *, into: Name, reason: Reason) -> P:
        """Merge it with another project of that day, for lack of volunteers.

        Who has a place moves there by oneself.
        """
        return evolve(ctx.data, merged_into=into, merged_because=reason)

    # -- the day, and after it

    def last_day(self, ctx: Context[P]) -> date:
        """The day on which it takes place, as it stands now."""
        return ctx.case[self.work].ends or ctx.data.on

    @moment
    def day_over(self, ctx: Context[P]) -> Instant:
        return end_of(self.last_day(ctx))

    @guard("Nobody has a place.")
    def somebody_placed(self, ctx: Context[P]) -> bool:
        return self.work.taken(ctx) > 0

    @guard("Somebody has a place.")
    def nobody_placed(self, ctx: Context[P]) -> bool:
        return not self.somebody_placed(ctx)

    @event(work.bookable >> work.held, at=day_over, when=somebody_placed)
    def carry_out(self, ctx: Context[P]) -> None:
        """The day of the project is over."""

    @event(ahead >> fell_through, at=day_over, when=nobody_placed)
    def fall_through(self, ctx: Context[P]) -> None:
        """The day has passed, and nobody had a place."""

    @guard("The host has not said of everybody whether they came.")
    def all_settled(self, ctx: Context[P]) -> bool:
        return all(case.state.resting for case in self.work.attending(ctx).open().all())

    @event((work.held | unconfirmed) >> confirmed, auto=True, when=all_settled)
    def confirm(self, ctx: Context[P]) -> None:
        """The host has said of everybody whether they came."""

    @moment
    def patience_ends(self, ctx: Context[P]) -> Instant:
        return end_of(self.last_day(ctx) + weeks(ctx.parent(Year).data.rules.confirm_within))

    @event(work.held >> unconfirmed, at=patience_ends)
    def give_up_waiting(self, ctx: Context[P]) -> None:
        """The host has not said in time who came.

        Nobody loses anything: it can still be said.
        """

    @invariant("What was merged says into what, and why.")
    def merged_for_a_reason(self, ctx: Context[P]) -> bool:
        """Invariant 6."""
        data = ctx.data
        return not ctx.case.is_in(self.merged) or bool(data.merged_into and data.merged_because.strip())

    @invariant("What was merged goes on with another project of the same day.")
    def merged_on_its_day(self, ctx: Context[P]) -> bool:
        """Looked at with the merger itself, for the other one may be moved later, or its name be given again."""
        case = ctx.case
        if not case.is_in(self.merged) or case.entered_at != ctx.now:
            return True
        others = projects_of(ctx).where(name=ctx.data.merged_into).all()
        if not others:
            return False
        kept = others[-1][self.work]
        moved = bool(kept.moves) and kept.moves[-1].decided_at >= ctx.now
        return moved or kept.begins == case[self.work].begins

    @invariant("A project falls through only if nobody had a place in it.")
    def nobody_sent_away(self, ctx: Context[P]) -> bool:
        """Who had a place would have been released with it."""
        if not ctx.case.is_in(self.fell_through):
            return True
        from progflow.programs.trainee_volunteering.deployment import Deployment  # it points to a project

        released = self.work.attending(ctx).in_(Deployment.attendance.released).all()
        return not any(case.visited(Deployment.attendance.registered) for case in released)


class Project(BaseProject[ProjectData]):
    """A project in a charitable institution, with what the programme itself keeps."""


def projects_of(ctx: Context[Any]) -> Cases[ProjectData]:
    """The projects of the same year, whatever a municipality keeps more about them."""
    return ctx.siblings(BaseProject)


def project_of(ctx: Context[Any], name: str) -> Case[ProjectData] | None:
    """The other project of that name in the same year, the last one if it was offered again; None if there is none."""
    found = projects_of(ctx).where(name=name).all()
    return found[-1] if found else None


__all__ = ["BaseProject", "Project", "ProjectData", "project_of", "projects_of"]
