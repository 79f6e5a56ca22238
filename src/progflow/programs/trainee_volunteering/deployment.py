"""One volunteer in one project: a place or the waiting list, and whether the volunteer came."""

from __future__ import annotations

from attrs import frozen

from progflow import START, Case, Context, Lifecycle, Reason, State, always, event, guard, relation
from progflow.programs.trainee_volunteering.project import BaseProject, ProjectData
from progflow.programs.trainee_volunteering.year import Year
from progflow.states.attendance import Attendance
from progflow.states.cancellation import Ending
from progflow.states.people import OFFICE


@frozen(kw_only=True)
class DeploymentData:
    """Whose it is; the project is linked, and so is the registration of the volunteer."""

    person: str
    ended_because: str = ""


class Deployment(Lifecycle[DeploymentData], parent=Year):
    """A volunteer is assigned to a project: with a place, or on its waiting list.

    A trainee who is given another project has another deployment; the registration stays the same. That somebody was
    there for an hour counts as much as a whole day: known of Essen is that all who engage get a certificate.
    """

    lost = State("place lost", final=True)

    @relation("the volunteer")
    def the_volunteer(self, ctx: Context[DeploymentData]) -> bool:
        return ctx.actor.id == ctx.data.person

    @relation("the host")
    def the_host(self, ctx: Context[DeploymentData]) -> bool:
        project: Case[ProjectData] = ctx.linked("project", BaseProject)
        return ctx.actor.id == project.data.contact

    attendance = Attendance(
        of=BaseProject.work,
        role="project",
        person=the_volunteer,
        by=OFFICE,
        recorded_by=the_host,
        least_share=always(0),
    )
    ending = Ending(parent=Year, upon=Year.cancellation, of=attendance.undecided)

    @event(START >> attendance)
    def assign(self, ctx: Context[DeploymentData], *, person: str) -> DeploymentData:
        """Be assigned to a project."""
        return DeploymentData(person=person)

    @event(attendance.undecided >> lost)
    def lose(self, ctx: Context[DeploymentData], *, reason: Reason) -> DeploymentData:
        """Lose the place, for something that is missing for the new day."""
        return DeploymentData(person=ctx.data.person, ended_because=reason)

    @guard("The volunteer has not stepped back.")
    def volunteer_gone(self, ctx: Context[DeploymentData]) -> bool:
        return not ctx.linked("volunteer").is_open

    @event(attendance.undecided >> lost, auto=True, when=volunteer_gone)
    def follow_volunteer(self, ctx: Context[DeploymentData]) -> DeploymentData:
        """The volunteer has stepped back."""
        return DeploymentData(person=ctx.data.person, ended_because="The volunteer has stepped back.")


__all__ = ["Deployment", "DeploymentData"]
