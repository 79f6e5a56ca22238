"""The mentee's part in an edition."""

from __future__ import annotations

from datetime import date
from typing import Any, Generic, TypeVar

from attrs import evolve, frozen

from progflow import STAY, Cases, Context, No, event, guard, invariant, months
from progflow.programs import mentoring
from progflow.programs.intercultural_mentoring.edition import InterculturalEdition, rules_of
from progflow.programs.intercultural_mentoring.pair import MatchProposal
from progflow.programs.intercultural_mentoring.people import Conditions
from progflow.programs.intercultural_mentoring.project import JointProject
from progflow.programs.mentoring import BaseMentee, SeminarMentee
from progflow.programs.mentoring.pairs import tandems_of
from progflow.states.application import Application
from progflow.states.certificate import Certificate
from progflow.states.people import OFFICE
from progflow.states.tandem import TandemPhase


@frozen(kw_only=True)
class MenteeData(mentoring.MenteeData):
    """Who applies, and when the goals were looked at again; nothing about a person's origin is kept."""

    goals_reviewed: date | None = None


M = TypeVar("M", bound=MenteeData)


class InterculturalMentee(SeminarMentee[M], Generic[M], abstract=True, parent=InterculturalEdition):
    """An employee takes part in an edition as a mentee, whatever a municipality keeps beside.

    Known of Osnabrück: employees with a migration background, each for nine months with a mentor. Whether the
    programme is meant for somebody is asked of the host (``Conditions``) and not kept.

    A certificate needs that the nine months are over, enough meetings and workshops, goals that were reviewed, and a
    contribution to the joint project that was confirmed; a project that was given up blocks nobody (assumption).
    """

    proposes = MatchProposal

    # -- what a certificate needs

    @guard("The goals have not been reviewed.")
    def goals_were_reviewed(self, ctx: Context[M]) -> bool:
        return ctx.data.goals_reviewed is not None

    @guard("Too few workshops for a certificate: {workshops} of {needed}.")
    def attended_enough(self, ctx: Context[M]) -> bool | No:
        workshops, needed = self.seminars_attended(ctx), rules_of(ctx).fewest_workshops
        return workshops >= needed or No(workshops=workshops, needed=needed)

    @guard("No contribution to the joint project has been confirmed.")
    def contributed(self, ctx: Context[M]) -> bool:
        """Only a project that goes on or was accepted asks for it."""
        projects = [one for one in ctx.siblings(JointProject).all() if not one.is_in(JointProject.work.abandoned)]
        return all(ctx.data.person in project[JointProject.work].contributed for project in projects)

    @guard("The conditions of the programme are not met.")
    def meets_conditions(self, ctx: Context[M]) -> bool:
        return ctx.ask(Conditions).may_take_part(ctx.data.person)

    # -- the way through the edition

    application = Application(
        person=BaseMentee[M].the_mentee, superior=BaseMentee[M].the_superior, when=(meets_conditions,)
    )
    tandem = TandemPhase(
        person=BaseMentee[M].the_mentee,
        span=evolve(BaseMentee[M].tandem.span, review_after=months(4)),
        has_partner=BaseMentee[M].has_a_tandem,
        partner_begins=BaseMentee[M].tandem_has_started,
    )
    certificate = Certificate(
        person=BaseMentee[M].the_mentee,
        series=BaseMentee[M].edition_name,
        when=(BaseMentee[M].took_part_enough, attended_enough, goals_were_reviewed, contributed),
        within=BaseMentee[M].certificate_within,
        parent_over=BaseMentee[M].edition_cancelled,
        among=BaseMentee[M].all_mentees,
    )

    def received(self, ctx: Context[M], application: M) -> M:
        """What is kept of an application."""
        return evolve(super().received(ctx, application), goals_reviewed=None)

    # -- goals

    @guard("No goals have been agreed upon.")
    def has_goals(self, ctx: Context[M]) -> bool:
        return any(tandem.data.goals for tandem in tandems_of(ctx, "mentee").all())

    @event((tandem.going_on | certificate.undecided) >> STAY, by=(BaseMentee[M].the_mentee, OFFICE), when=has_goals)
    def review_goals(self, ctx: Context[M]) -> M:
        """Review the goals.

        Also after the end; the day is kept, and not what became of them.
        """
        return evolve(ctx.data, goals_reviewed=ctx.today)

    # -- what always holds

    @invariant("A certificate needs reviewed goals, and a contribution to every project that was not given up.")
    def certified_after_all_of_it(self, ctx: Context[M]) -> bool:
        """Invariant 1: of the projects that were there when it was issued."""
        if not ctx.case.is_in(self.certificate.issued):
            return True
        issued, person = ctx.case.entered_at, ctx.data.person
        projects = [one for one in ctx.siblings(JointProject).all() if one.created_at < issued]
        asked = [one for one in projects if not one.is_in(JointProject.work.abandoned, JointProject.ending.ended)]
        contributed = all(person in one[JointProject.work].contributed for one in asked)
        return contributed and ctx.data.goals_reviewed is not None

    def seminars_needed(self, ctx: Context[M]) -> int:
        """How many workshops a certificate needs."""
        return rules_of(ctx).fewest_workshops

    @invariant("There are no more mentees than seats.")
    def within_the_seats(self, ctx: Context[M]) -> bool:
        """Invariant 4: counted by where the mentees stand."""
        if not ctx.case.is_in(self.selection.selected):
            return True
        mentees: Cases[Any] = ctx.siblings(BaseMentee)
        seated = mentees.open().in_(self.selection.selected, self.matching, self.tandem, self.certificate)
        return seated.count() + 1 <= rules_of(ctx).seats


class Mentee(InterculturalMentee[MenteeData]):
    """An employee takes part in an edition as a mentee."""


__all__ = ["InterculturalMentee", "Mentee", "MenteeData"]
