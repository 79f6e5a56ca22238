"""A mentor, the proposal of a match, and the pair at work."""

from __future__ import annotations

from datetime import date
from typing import ClassVar, Generic, TypeVar

from attrs import asdict, evolve, frozen

from progflow import STAY, Context, Instant, end_of, event, invariant, moment, weeks
from progflow.programs import mentoring
from progflow.programs.intercultural_mentoring.edition import InterculturalEdition, kickoff_of, rules_of
from progflow.programs.intercultural_mentoring.people import Area
from progflow.programs.mentoring import AnyTandem, BaseMentor, BaseProposal, BaseTandem, MentorData, Pair
from progflow.programs.mentoring.edition import edition_of
from progflow.states.approval import Vote

N = TypeVar("N", bound=MentorData)


class InterculturalMentor(BaseMentor[N], Generic[N], abstract=True, parent=InterculturalEdition):
    """An experienced employee offers to accompany a mentee, whatever a municipality keeps beside.

    Osnabrück asked for experienced German employees. The programme has no rule on that: the office accepts an offer
    or not, and a municipality that wants a rule adds it to ``offer``.
    """


class Mentor(InterculturalMentor[MentorData]):
    """An experienced employee offers to accompany a mentee."""


@frozen(kw_only=True)
class TandemData(mentoring.TandemData):
    """A pair and what it did; ``goals_overdue`` is the day on which the office was told that it has no goals."""

    goals_overdue: date | None = None


T = TypeVar("T", bound=TandemData)


class InterculturalTandem(BaseTandem[T], Generic[T], abstract=True, parent=InterculturalEdition):
    """A mentee and a mentor work together, whatever a municipality keeps beside.

    Known of Osnabrück: after the kick-off both agreed on goals, which were personal, about dealing with others, or
    about the career. That every area has one, and that it takes six weeks at most, are assumptions.
    """

    goal_areas: ClassVar[tuple[str, ...]] = tuple(Area)

    @moment
    def goals_are_due(self, ctx: Context[T]) -> Instant | None:
        """So many weeks after the kick-off, or after the start of a pair that came together later."""
        kickoff, started = kickoff_of(ctx), ctx.data.started
        if kickoff is None or started is None:
            return None
        return end_of(max(kickoff, started) + weeks(rules_of(ctx).goals_within_weeks))

    @event(AnyTandem.started >> STAY, at=goals_are_due)
    def escalate_goals(self, ctx: Context[T]) -> T:
        """Tell the office that there are no goals yet.

        The pair goes on all the same.
        """
        return evolve(ctx.data, goals_overdue=ctx.today)

    @invariant("Who works on goals has one in every area.")
    def goals_in_every_area(self, ctx: Context[T]) -> bool:
        return not ctx.case.is_in(self.active) or {goal.area for goal in ctx.data.goals} >= {*self.goal_areas}

    @invariant("The office is told of missing goals only when the time for them is over.")
    def waited_for_goals(self, ctx: Context[T]) -> bool:
        told, started, kickoff = ctx.data.goals_overdue, ctx.data.started, kickoff_of(ctx)
        if told is None or started is None or kickoff is None:
            return told is None
        within = weeks(rules_of(ctx).goals_within_weeks)
        return kickoff + within < told and started + within < told

    @invariant("A pair starts with the approval of every party.")
    def approved_by_all(self, ctx: Context[T]) -> bool:
        """Invariant 7."""
        parties = {member.party for member in edition_of(ctx).data.panel}
        return ctx.data.started is None or {vote.party for vote in ctx.data.approvals} == parties


class Tandem(InterculturalTandem[TandemData]):
    """A mentee and a mentor work together."""


class MatchProposal(BaseProposal[Pair], parent=InterculturalEdition):
    """A mentee and a mentor are proposed to each other."""

    becomes = Tandem

    @classmethod
    def tandem_data(cls, pair: Pair, approvals: tuple[Vote, ...]) -> TandemData:
        """The first data of the pair at work."""
        return TandemData(**asdict(pair, recurse=False), approvals=approvals)


__all__ = ["InterculturalMentor", "InterculturalTandem", "MatchProposal", "Mentor", "Tandem", "TandemData"]
