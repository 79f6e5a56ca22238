"""The proposal of a match, and its approval by all parties."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, ClassVar, Generic, TypeVar

from attrs import asdict

from progflow import (
    Acting,
    Case,
    Context,
    Derived,
    Guard,
    State,
    Who,
    derived,
    event,
    guard,
    invariant,
    relation,
)
from progflow.programs.mentoring.edition import BaseEdition, edition_of, rules_of, seat_on_panel
from progflow.programs.mentoring.mentee import BaseMentee
from progflow.programs.mentoring.mentor import BaseMentor
from progflow.programs.mentoring.pairs import AnyTandem, OfPair, Pair, TandemData, tandems_beside
from progflow.programs.mentoring.people import reporting_line
from progflow.states.approval import Approval, Vote, VotesData
from progflow.states.cancellation import Ending
from progflow.states.matching import predecessor
from progflow.states.people import OFFICE


class MatchApproval(Approval):
    """All parties approve a match, or it falls away by itself because somebody else was quicker.

    Args:
        parties, party, by, when, discarded_by: see ``Agreeing``.
        overtaken: a guard that holds as soon as another match of the same people has come about.
        gone: a guard that holds as soon as one of the two is no longer there.
    """

    def __init__(
        self,
        *,
        parties: Derived[Any, Collection[str]],
        party: Derived[Any, str],
        by: Who,
        when: tuple[Guard[Any], ...],
        discarded_by: Who,
        overtaken: Guard[Any],
        gone: Guard[Any],
    ) -> None:
        super().__init__(parties=parties, party=party, by=by, when=when, discarded_by=discarded_by)
        self.overtaken = overtaken
        self.gone = gone

    @event(lambda self: self.undecided >> self.discarded, auto=True, when=lambda self: self.overtaken)
    def be_overtaken(self, ctx: Context[VotesData]) -> VotesData:
        """Another proposal was approved."""
        return VotesData(ctx.data.votes, "Another proposal was approved.")

    @event(lambda self: self.undecided >> self.discarded, auto=True, when=lambda self: self.gone)
    def fall_away(self, ctx: Context[VotesData]) -> VotesData:
        """One of the two is no longer there."""
        return VotesData(ctx.data.votes, "One of the two is no longer there.")


P = TypeVar("P", bound=Pair)


class BaseProposal(OfPair[P], Generic[P], abstract=True, parent=BaseEdition):
    """A mentee and a mentor are proposed to each other, and approved by one person of each party.

    It is begun by ``Mentee.matching.propose``, and linked to ``mentee`` and ``mentor``. That one person of each party
    on the panel approves is an assumption; that the mentee's organisation does is usual (a German cross-mentoring).
    """

    agreed = State("approved by all")
    approved = State(final=True)

    becomes: ClassVar[type[AnyTandem[Any]]]
    """What the pair is a case of once its match is approved."""

    @classmethod
    def tandem_data(cls, pair: P, approvals: tuple[Vote, ...]) -> TandemData:
        """The first data of the tandem."""
        return TandemData(**asdict(pair, recurse=False), approvals=approvals)

    @relation("a panel member")
    def a_panel_member(self, ctx: Context[P]) -> bool:
        return seat_on_panel(ctx) is not None

    @derived
    def parties(self, ctx: Context[P]) -> Collection[str]:
        """Those that must approve: all that sit on the panel."""
        return {member.party for member in edition_of(ctx).data.panel}

    @derived
    def party(self, ctx: Context[P]) -> str:
        seat = seat_on_panel(ctx)
        return "" if seat is None else seat.party

    @guard("One of the two has a tandem already.")
    def both_are_free(self, ctx: Context[P]) -> bool:
        tandems = tandems_beside(ctx).open()
        with_mentor = tandems.where(mentor=ctx.data.mentor).count()
        return not self.mentee_is_taken(ctx) and with_mentor < rules_of(ctx).mentees_per_mentor

    @guard("One of the two reports to the other.")
    def no_reporting_line(self, ctx: Context[P]) -> bool:
        """Usual elsewhere (Beller and Hoffmeister-Schönfelder); only the host knows who reports to whom."""
        return not reporting_line(ctx, ctx.data.mentee, ctx.data.mentor)

    @guard("No other match of the mentee stands.")
    def mentee_is_taken(self, ctx: Context[P]) -> bool:
        return tandems_beside(ctx).open().where(mentee=ctx.data.mentee).exists()

    @guard("Both are still there.")
    def one_has_gone(self, ctx: Context[P]) -> bool:
        mentee, mentor = ctx.linked("mentee"), ctx.linked("mentor")
        return not mentee.is_in(BaseMentee.taking_part) or not mentor.is_in(BaseMentor.available)

    approval = MatchApproval(
        parties=parties,
        party=party,
        by=a_panel_member - OfPair[P].one_of_the_two,
        when=(both_are_free, no_reporting_line),
        discarded_by=OFFICE - OfPair[P].one_of_the_two,
        overtaken=mentee_is_taken,
        gone=one_has_gone,
    ).then(agreed)
    left_over = Ending(parent=BaseEdition, when=BaseEdition.over, of=approval)

    @event(agreed >> approved, auto=True)
    def become_a_tandem(self, ctx: Acting[P]) -> None:
        """The two become a tandem."""
        data, edition = ctx.data, edition_of(ctx)
        came_apart = tandems_beside(ctx).where(mentee=data.mentee).in_(AnyTandem.dissolved)
        links: dict[str, Case[Any]] = {role: ctx.linked(role) for role in ("mentee", "mentor")}
        tandem = self.tandem_data(data, ctx.case[self.approval].votes)
        ctx.start(self.becomes, tandem, parent=edition, links=links | predecessor(came_apart))

    @invariant("No partner has approved the own match.")
    def nobody_approved_the_own_match(self, ctx: Context[P]) -> bool:
        """Invariant 8."""
        return not {ctx.data.mentee, ctx.data.mentor} & {vote.person for vote in ctx.case[self.approval].votes}


__all__ = ["BaseProposal", "MatchApproval"]
