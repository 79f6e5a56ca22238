"""The registration of a trainee: what is needed for a day, the place, and what came of it."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from annotated_types import MinLen
from attrs import evolve, frozen

from progflow import (
    NEXT,
    STAY,
    Acting,
    Case,
    Context,
    Derived,
    Phase,
    Reason,
    Relation,
    Source,
    State,
    event,
    guard,
    invariant,
    months,
    years,
)
from progflow.programs.trainee_volunteering.deployment import Deployment, DeploymentData
from progflow.programs.trainee_volunteering.people import Personnel
from progflow.programs.trainee_volunteering.project import BaseProject, ProjectData, project_of, projects_of
from progflow.programs.trainee_volunteering.year import Year
from progflow.states.people import OFFICE, Name


@frozen(kw_only=True)
class RegistrationData:
    """What is there for a day of work, and what was done: the certificate names host, day and hours.

    Of the guardian's consent only the file number is kept, of the briefing only the day.
    """

    agreed: tuple[date, ...] = ()
    consent: str = ""
    briefed_on: date | None = None
    project: str = ""
    host: str = ""
    on: date | None = None
    hours: float = 0.0
    reason: str = ""


class Registration(Phase[RegistrationData]):
    """A trainee is registered, gets a place in a project, and the host says who came.

    The place itself is a ``Deployment``, and this phase follows it: who loses it may get another one, who came is due
    a certificate, who did not come gets none, and nothing else happens, for it is voluntary (assumption).

    Volunteers are assigned only for a day that their superior has agreed to (volunteering rules of an insurance
    company), with a safety briefing that is valid on it (a year, for youths half a year, by the accident insurers'
    rules), and with the guardian's consent if they are not of age by then (assumption).

    Args:
        trainee: whose it is.
        superior: who agrees to days.
        person: the id of the trainee.
    """

    registered = State("registered, without a place", initial=True)
    placed = State("assigned to a project")
    released = State("released without a place", final=True)
    no_show = State("did not come", final=True)
    excused = State(final=True)

    undecided = registered | placed

    def __init__(self, *, trainee: Relation[Any], superior: Relation[Any], person: Derived[Any, str]) -> None:
        self.trainee = trainee
        self.superior = superior
        self.person = person

    # -- what a day needs

    @event(undecided >> STAY, by=lambda self: self.superior - self.trainee)
    def agree(
        self, ctx: Context[RegistrationData], *, days: Annotated[tuple[date, ...], MinLen(1)]
    ) -> RegistrationData:
        """Agree to these days away from work.

        The rain date of a project is one of its days; a second time replaces the first.
        """
        return evolve(ctx.data, agreed=days)

    @event(undecided >> STAY, by=lambda self: OFFICE - self.trainee)
    def file_consent(self, ctx: Context[RegistrationData], *, document: Name) -> RegistrationData:
        """File the guardian's consent."""
        return evolve(ctx.data, consent=document)

    @guard("A briefing is noted once it has been given.")
    def briefing_given(self, ctx: Context[RegistrationData], *, on: date) -> bool:
        return on <= ctx.today

    @event(undecided >> STAY, by=lambda self: OFFICE - self.trainee, when=briefing_given)
    def note_briefing(self, ctx: Context[RegistrationData], *, on: date) -> RegistrationData:
        """Note the day of the safety briefing."""
        return evolve(ctx.data, briefed_on=on)

    def of_age(self, ctx: Context[RegistrationData], day: date) -> bool:
        """Whether the trainee is of age on that day (§ 2 BGB: with the 18th birthday)."""
        birthday = ctx.ask(Personnel).birthday(self.person(ctx))
        return day >= birthday + years(ctx.parent(Year).data.rules.adult_at)

    def has_consent(self, ctx: Context[RegistrationData], day: date) -> bool:
        """Whether nobody's consent is missing on that day."""
        return bool(ctx.data.consent) or self.of_age(ctx, day)

    def is_briefed(self, ctx: Context[RegistrationData], day: date) -> bool:
        """Whether there was a safety briefing that is valid on that day."""
        rules, briefed_on = ctx.parent(Year).data.rules, ctx.data.briefed_on
        valid = rules.briefing_months if self.of_age(ctx, day) else rules.briefing_months_youth
        return briefed_on is not None and briefed_on <= day <= briefed_on + months(valid)

    # -- the place

    def _published(self, ctx: Context[RegistrationData], name: str) -> tuple[Case[ProjectData], date] | None:
        """The published project of that name with its day."""
        project = project_of(ctx, name)
        day = None if project is None else project[BaseProject.work].begins
        if project is None or day is None or not project.is_in(BaseProject.work.bookable):
            return None
        return project, day

    @guard("No project {project} is published.")
    def is_published(self, ctx: Context[RegistrationData], *, project: str) -> bool:
        return self._published(ctx, project) is not None

    @guard("The superior has not agreed to the day of {project}.")
    def day_agreed(self, ctx: Context[RegistrationData], *, project: str) -> bool:
        found = self._published(ctx, project)
        return found is None or found[1] in ctx.data.agreed

    @guard("The guardian's consent is missing.")
    def consent_filed(self, ctx: Context[RegistrationData], *, project: str) -> bool:
        found = self._published(ctx, project)
        return found is None or self.has_consent(ctx, found[1])

    @guard("There is no safety briefing that is valid on the day of {project}.")
    def briefed(self, ctx: Context[RegistrationData], *, project: str) -> bool:
        found = self._published(ctx, project)
        return found is None or self.is_briefed(ctx, found[1])

    @guard("No longer a trainee on the day of {project}.")
    def trainee_then(self, ctx: Context[RegistrationData], *, project: str) -> bool:
        found = self._published(ctx, project)
        return found is None or ctx.ask(Personnel).is_trainee(self.person(ctx), found[1])

    @event(
        registered >> placed,
        by=lambda self: OFFICE - self.trainee,
        when=(is_published, trainee_then, day_agreed, consent_filed, briefed),
    )
    def assign(self, ctx: Acting[RegistrationData], *, project: Name) -> None:
        """Assign to a project.

        If it is fully booked, the volunteer waits there and moves up by oneself.
        """
        self._place(ctx, project)

    def _place(self, ctx: Acting[RegistrationData], name: str) -> None:
        found = self._published(ctx, name)
        if found is not None:
            links = {"project": found[0], "volunteer": ctx.case}
            ctx.start(Deployment.assign(person=self.person(ctx)), parent=ctx.parent(Year), links=links)

    def place(self, ctx: Context[RegistrationData]) -> Case[DeploymentData] | None:
        """The deployment that counts now, the last one; None if there was none."""
        found = ctx.linking("volunteer", Deployment).all()
        return found[-1] if found else None

    def place_is_in(self, ctx: Context[RegistrationData], *where: Source) -> bool:
        """Whether the deployment that counts now stands there."""
        place = self.place(ctx)
        return place is not None and place.is_in(*where)

    def project_now(self, ctx: Context[RegistrationData]) -> Case[ProjectData] | None:
        """The project of the deployment that counts now."""
        place, projects = self.place(ctx), projects_of(ctx)
        wanted = None if place is None else place.links["project"]
        return next((case for case in projects.all() if case.id == wanted), None)

    # -- losing the place

    @guard("The place is not lost.")
    def place_lost(self, ctx: Context[RegistrationData]) -> bool:
        attendance = Deployment.attendance
        return self.place_is_in(ctx, attendance.deregistered, attendance.released, Deployment.lost)

    @event(placed >> registered, auto=True, when=place_lost)
    def lose_place(self, ctx: Context[RegistrationData]) -> None:
        """The place is lost, and another one can be given."""

    @guard("The project was not merged with another one that is published.")
    def project_merged(self, ctx: Context[RegistrationData]) -> bool:
        project = self.project_now(ctx)
        if project is None or not project.is_in(BaseProject.merged):
            return False
        released = self.place_is_in(ctx, Deployment.attendance.released)
        return released and self._published(ctx, project.data.merged_into) is not None

    @event(registered >> placed, auto=True, when=project_merged)
    def follow_merger(self, ctx: Acting[RegistrationData]) -> None:
        """Move to the project with which it was merged."""
        project = self.project_now(ctx)
        if project is not None:
            self._place(ctx, project.data.merged_into)

    @guard("Nothing is missing for the day of the project.")
    def something_missing(self, ctx: Context[RegistrationData]) -> bool:
        project = self.project_now(ctx)
        day = None if project is None else project[BaseProject.work].begins
        if project is None or day is None or not project.is_in(BaseProject.work.bookable):
            return False
        return day not in ctx.data.agreed or not self.has_consent(ctx, day) or not self.is_briefed(ctx, day)

    @event(placed >> registered, auto=True, when=something_missing)
    def lose_place_of_new_day(self, ctx: Acting[RegistrationData]) -> None:
        """Lose the place, as something is missing for the new day of the project.

        The superior has not agreed to it, or the safety briefing is no longer valid.
        """
        mine = ctx.linking("volunteer", Deployment).in_(Deployment.attendance.undecided)
        ctx.fire(mine, Deployment.lose(reason="Something is missing for the new day."))

    # -- what came of it

    @guard("The host has not confirmed it.")
    def came(self, ctx: Context[RegistrationData]) -> bool:
        return self.place_is_in(ctx, Deployment.attendance.credited)

    @event(placed >> NEXT, auto=True, when=came)
    def take_part(self, ctx: Context[RegistrationData]) -> RegistrationData:
        """The host has confirmed the deployment."""
        project, place = self.project_now(ctx), self.place(ctx)
        if project is None or place is None:
            return ctx.data
        return evolve(
            ctx.data,
            project=project.data.name,
            host=project.data.host,
            on=project[BaseProject.work].begins,
            hours=place[Deployment.attendance].hours,
        )

    @guard("The host has not said so.")
    def did_not_come(self, ctx: Context[RegistrationData]) -> bool:
        return self.place_is_in(ctx, Deployment.attendance.no_show)

    @event(placed >> no_show, auto=True, when=did_not_come)
    def stay_away(self, ctx: Context[RegistrationData]) -> None:
        """The volunteer did not come.

        There is no certificate, and no sanction.
        """

    @guard("Nobody has excused the volunteer.")
    def is_excused(self, ctx: Context[RegistrationData]) -> bool:
        return self.place_is_in(ctx, Deployment.attendance.excused)

    @event(placed >> excused, auto=True, when=is_excused)
    def be_excused(self, ctx: Context[RegistrationData]) -> None:
        """The volunteer was excused."""

    # -- no place

    @event(registered >> released, by=lambda self: OFFICE - self.trainee)
    def release(self, ctx: Context[RegistrationData], *, reason: Reason) -> RegistrationData:
        """Release, as there is no place."""
        return evolve(ctx.data, reason=reason)

    @guard("The year is not over.")
    def year_over(self, ctx: Context[RegistrationData]) -> bool:
        return ctx.parent(Year).is_in(Year.over)

    @event(registered >> released, auto=True, when=year_over)
    def release_at_end(self, ctx: Context[RegistrationData]) -> RegistrationData:
        """The year is over, and there was no place."""
        return evolve(ctx.data, reason="The year is over.")

    @invariant("Who was released was told why.")
    def reason_given(self, ctx: Context[RegistrationData]) -> bool:
        """Invariant 6."""
        return not ctx.case.is_in(self.released) or bool(ctx.data.reason.strip())


__all__ = ["Registration", "RegistrationData"]
