"""The proposal of a match, and its approval by all parties."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, ClassVar, Generic, TypeVar

from attrs import asdict, evolve

from progflow import Acting, Case, Cases, Context, State, derived, event, guard, invariant, relation
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
        parties, party, by and the others: see ``Agreeing``.
    """

    @guard("No other match of the mentee stands.")
    def mentee_is_taken(self, ctx: Context[VotesData]) -> bool:
        return tandems_beside(ctx).open().where(mentee=ctx.case.data.mentee).exists()

    @event(lambda self: self.undecided >> self.discarded, auto=True, when=mentee_is_taken)
    def be_overtaken(self, ctx: Context[VotesData]) -> VotesData:
        """Another proposal was approved."""
        return evolve(ctx.data, reason="Another proposal was approved.")

    @guard("Both are still there.")
    def one_has_gone(self, ctx: Context[VotesData]) -> bool:
        mentee, mentor = ctx.linked("mentee"), ctx.linked("mentor")
        takes_part = mentee.is_open and mentee.is_in(BaseMentee.taking_part)
        return not takes_part or not mentor.is_in(BaseMentor.available)

    @event(lambda self: self.undecided >> self.discarded, auto=True, when=one_has_gone)
    def fall_away(self, ctx: Context[VotesData]) -> VotesData:
        """One of the two is no longer there."""
        return evolve(ctx.data, reason="One of the two is no longer there.")


def start_tandem(ctx: Acting[Any]) -> None:
    """The two of an approved match become a tandem; one that follows another is linked to it."""
    kind, pair = ctx.case.lifecycle, ctx.case.data
    assert issubclass(kind, BaseProposal)
    came_apart = tandems_beside(ctx).where(mentee=pair.mentee).in_(AnyTandem.dissolved)
    links = {role: ctx.linked(role) for role in ("mentee", "mentor")} | predecessor(came_apart)
    ctx.start(kind.becomes, kind.tandem_data(pair, ctx.data.votes), parent=edition_of(ctx), links=links)


P = TypeVar("P", bound=Pair)


class BaseProposal(OfPair[P], Generic[P], abstract=True, parent=BaseEdition):
    """A mentee and a mentor are proposed to each other, and approved by one person of each party.

    It is begun by ``Mentee.matching.propose``, and linked to ``mentee`` and ``mentor``. That one person of each party
    on the panel approves is an assumption; that the mentee's organisation does is usual (a German cross-mentoring).
    """

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
        return (
            not tandems.where(mentee=ctx.data.mentee).exists()
            and tandems.where(mentor=ctx.data.mentor).count() < rules_of(ctx).mentees_per_mentor
        )

    @guard("One of the two reports to the other.")
    def no_reporting_line(self, ctx: Context[P]) -> bool:
        """Usual elsewhere (Beller and Hoffmeister-Schönfelder); only the host knows who reports to whom."""
        return not reporting_line(ctx, ctx.data.mentee, ctx.data.mentor)

    approval = MatchApproval(
        parties=parties,
        party=party,
        by=a_panel_member - OfPair[P].one_of_the_two,
        when=(both_are_free, no_reporting_line),
        discarded_by=OFFICE - OfPair[P].one_of_the_two,
        on_agreement=start_tandem,
    ).then(approved)
    left_over = Ending(parent=BaseEdition, upon=BaseEdition.over, of=approval)

    # -- what always holds

    @invariant("No partner has approved the own match.")
    def nobody_approved_the_own_match(self, ctx: Context[P]) -> bool:
        """Invariant 8."""
        return not {ctx.data.mentee, ctx.data.mentor} & {vote.person for vote in ctx.case[self.approval].votes}

    @invariant("A match is decided on only as long as both are there and the mentee has no other one.")
    def still_possible(self, ctx: Context[P]) -> bool:
        """Invariant 2: of two proposals one is overtaken."""
        if not ctx.case.is_in(self.approval.pending, self.approval.partly):
            return True
        mentee: Case[Any] = ctx.linked("mentee", BaseMentee)
        mentor: Case[Any] = ctx.linked("mentor", BaseMentor)
        there = mentee.is_open and mentee.is_in(BaseMentee.matching, BaseMentee.tandem)
        if not there or not mentor.is_in(BaseMentor.available) or edition_of(ctx).is_in(BaseEdition.run.over):
            return False
        return ctx.siblings(AnyTandem).open().where(mentee=ctx.data.mentee).first() is None

    @invariant("A match is proposed once at a time.")
    def proposed_once(self, ctx: Context[P]) -> bool:
        beside: Cases[Any] = ctx.siblings(BaseProposal)
        same = beside.open().where(mentee=ctx.data.mentee, mentor=ctx.data.mentor)
        return not ctx.case.is_open or same.first() is None

    @invariant("An approved match becomes a tandem with the same approvals.")
    def becomes_a_tandem(self, ctx: Context[P]) -> bool:
        """Invariant 7."""
        if not ctx.case.is_in(self.approved):
            return True
        votes, agreed = ctx.case[self.approval].votes, ctx.case[self.approval].agreed_at
        tandems: Cases[TandemData] = ctx.siblings(AnyTandem)
        of_both = tandems.where(mentee=ctx.data.mentee, mentor=ctx.data.mentor).all()
        return agreed is not None and any(one.data.approvals == votes for one in of_both)


__all__ = ["BaseProposal", "MatchApproval"]
