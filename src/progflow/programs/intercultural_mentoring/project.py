"""The joint project of all mentees, such as a film."""

from __future__ import annotations

from typing import Any

from attrs import frozen

from progflow import START, Cases, Context, Instant, Lifecycle, derived, event, guard, invariant, moment, relation
from progflow.programs.intercultural_mentoring.edition import InterculturalEdition, rules_of
from progflow.programs.mentoring import BaseMentee, MenteeData
from progflow.programs.mentoring.edition import books_close
from progflow.states.cancellation import Ending
from progflow.states.joint_work import JointWork
from progflow.states.people import OFFICE


@frozen(kw_only=True)
class ProjectData:
    """What the project is called as long as nobody has agreed on an idea."""

    name: str = ""


class JointProject(Lifecycle[ProjectData], parent=InterculturalEdition):
    """All mentees do one thing together.

    Known of Osnabrück: one joint project of all mentees that has to do with culture, a film for example. That there
    is another one where the first was given up is an assumption.
    """

    @relation("a mentee who takes part")
    def a_mentee(self, ctx: Context[ProjectData]) -> bool:
        return ctx.actor.id in mentees_at_work(ctx)

    @derived
    def members(self, ctx: Context[ProjectData]) -> tuple[str, ...]:
        return mentees_at_work(ctx)

    @derived
    def fewest(self, ctx: Context[ProjectData]) -> int:
        return rules_of(ctx).fewest_members

    @moment
    def time_is_over(self, ctx: Context[ProjectData]) -> Instant | None:
        return books_close(ctx)

    work = JointWork(members=members, fewest=fewest, until=time_is_over)
    ending = Ending(parent=InterculturalEdition, upon=InterculturalEdition.cancelled)

    @guard("The joint project begins after the kick-off.")
    def edition_runs(self, ctx: Context[ProjectData]) -> bool:
        return ctx.parent(InterculturalEdition).is_in(InterculturalEdition.run.running)

    @guard("There is a joint project already.")
    def the_only_one(self, ctx: Context[ProjectData]) -> bool:
        return all(project.is_in(JointProject.work.abandoned) for project in ctx.siblings(JointProject).all())

    @event(START >> work, by=(OFFICE, a_mentee), when=(edition_runs, the_only_one))
    def found(self, ctx: Context[ProjectData], *, name: str = "") -> ProjectData:
        """Begin to look for a joint project."""
        return ProjectData(name=name)

    @invariant("There is one joint project at a time, from the kick-off to the closing.")
    def one_for_all(self, ctx: Context[ProjectData]) -> bool:
        others = ctx.siblings(JointProject).all()
        alone = all(one.is_in(JointProject.work.abandoned, JointProject.ending.ended) for one in others)
        run, began = ctx.parent(InterculturalEdition)[InterculturalEdition.run], ctx.case.created_at.date()
        kickoff = ctx.parent(InterculturalEdition)[InterculturalEdition.kickoff].held_on
        in_time = kickoff is not None and kickoff <= began and (run.closed_on is None or began <= run.closed_on)
        given_up = ctx.case.is_in(JointProject.work.abandoned, JointProject.ending.ended)
        return in_time and (alone or given_up)


def mentees_at_work(ctx: Context[Any]) -> tuple[str, ...]:
    """The ids of the mentees who take part or have completed, for any child of the edition."""
    mentees: Cases[MenteeData] = ctx.siblings(BaseMentee)
    there = mentees.in_(BaseMentee.tandem.unfinished, BaseMentee.certificate)
    return tuple(mentee.data.person for mentee in there.all())


__all__ = ["JointProject", "ProjectData", "mentees_at_work"]
