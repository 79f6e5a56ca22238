"""A trainee in a year: registered, assigned, deployed, confirmed, certified."""

from __future__ import annotations

from typing import Generic, TypeVar

from attrs import evolve, frozen

from progflow import START, STAY, Context, Lifecycle, No, derived, event, guard, invariant, relation
from progflow.programs.trainee_volunteering.deployment import Deployment
from progflow.programs.trainee_volunteering.people import TRAINEE, Personnel
from progflow.programs.trainee_volunteering.project import BaseProject, project_of
from progflow.programs.trainee_volunteering.registration import Registration
from progflow.programs.trainee_volunteering.year import Year
from progflow.states.call import while_open
from progflow.states.cancellation import Ending
from progflow.states.certificate import Certificate
from progflow.states.people import OFFICE, Name
from progflow.states.withdrawal import Withdrawal


@frozen(kw_only=True)
class VolunteerData:
    """Who registers, and for which project; the id is filled in."""

    wish: Name
    person: str = ""


V = TypeVar("V", bound=VolunteerData)


class BaseVolunteer(Lifecycle[V], Generic[V], abstract=True, parent=Year):
    """A trainee takes part in a year of the programme.

    Known of Essen: it is voluntary, it is for trainees of the city, and all who engage get a certificate. Volunteers
    register themselves (a nationwide platform); the city agency assigns. A municipality that keeps more about a
    volunteer derives its own: ``class OurVolunteer(BaseVolunteer[OurVolunteerData], name="Volunteer")``.
    """

    @relation("the trainee")
    def the_trainee(self, ctx: Context[V]) -> bool:
        return ctx.actor.id == ctx.data.person

    @relation("the superior")
    def the_superior(self, ctx: Context[V]) -> bool:
        return ctx.ask(Personnel).supervises(ctx.actor.id, ctx.data.person)

    @derived
    def person(self, ctx: Context[V]) -> str:
        return ctx.data.person

    @derived
    def name_of_the_year(self, ctx: Context[V]) -> str:
        return ctx.parent(Year).data.name

    @guard("The year has not been cancelled.")
    def year_cancelled(self, ctx: Context[V]) -> bool:
        return ctx.parent(Year).is_in(Year.cancellation)

    registration = Registration(trainee=the_trainee, superior=the_superior, person=person)
    certificate = Certificate(person=the_trainee, series=name_of_the_year, parent_over=year_cancelled)
    withdrawal = Withdrawal(by=(the_trainee, OFFICE), of=registration)
    ending = Ending(parent=Year, upon=Year.cancellation, of=registration)

    # -- beginning

    call_is_open = while_open(Year.registration)

    @guard("Only for those who are trainees now.")
    def current_trainee(self, ctx: Context[V]) -> bool:
        return ctx.ask(Personnel).is_trainee(ctx.actor.id, ctx.today)

    @guard("Registered already, or taken part as often as allowed in a year ({times}).")
    def not_too_often(self, ctx: Context[V]) -> bool | No:
        """Once a year, unless the rules of the year say otherwise."""
        times = ctx.parent(Year).data.rules.per_year
        mine = ctx.siblings().where(person=ctx.actor.id)
        return mine.in_(self.registration.undecided, self.certificate).count() < times or No(times=times)

    @guard("No project {wish} is published.")
    def wish_published(self, ctx: Context[V], *, volunteer: VolunteerData) -> bool | No:
        project = project_of(ctx, volunteer.wish)
        return (project is not None and project.is_in(BaseProject.work.bookable)) or No(wish=volunteer.wish)

    @event(START >> registration, by=TRAINEE, when=(call_is_open, current_trainee, not_too_often, wish_published))
    def register(self, ctx: Context[V], *, volunteer: V) -> V:
        """Register for a project."""
        return evolve(volunteer, person=ctx.actor.id)

    @event(registration.registered >> STAY, by=the_trainee)
    def wish_for(self, ctx: Context[V], *, project: Name) -> V:
        """Wish for another project."""
        return evolve(ctx.data, wish=project)

    # -- what always holds

    @invariant("Who is due a certificate came, as the host has confirmed.")
    def took_part(self, ctx: Context[V]) -> bool:
        """Invariant 1, the part of having taken part."""
        places = ctx.linking("volunteer", Deployment)
        return not ctx.case.visited(self.certificate) or places.in_(Deployment.attendance.credited).exists()

    @invariant("Nobody takes part more often in a year than allowed.")
    def often_enough(self, ctx: Context[V]) -> bool:
        """Who is registered still counts as well: a place that is lost may be followed by another one."""
        counted = (self.registration.undecided, self.certificate)
        others = ctx.siblings().where(person=ctx.data.person).in_(*counted).count()
        return not ctx.case.is_in(*counted) or others < ctx.parent(Year).data.rules.per_year


class Volunteer(BaseVolunteer[VolunteerData]):
    """A trainee in a year of the programme, with what the programme itself keeps."""


__all__ = ["BaseVolunteer", "Volunteer", "VolunteerData"]
