"""The proposal of a match, and its approval by both cities."""

from __future__ import annotations

from typing import Any

from attrs import evolve, frozen

from progflow import Acting, Context, No, Reason, State, event, guard, invariant, relation
from progflow.programs.cross_mentoring.edition import Edition, OfEdition, panel_member
from progflow.programs.cross_mentoring.people import OFFICE, Approval, Staff
from progflow.programs.cross_mentoring.tandem import OfPair, Pair, Tandem, TandemData


@frozen
class MatchData(Pair):
    """A pair as it was on the day of the proposal, why the two fit, and why it was discarded, if it was."""

    why: str = ""
    discarded_because: str = ""


class MatchProposal(OfPair[MatchData]):
    """A mentee and a mentor are proposed to each other.

    Known of Köln and Düsseldorf: personnel development and the equality officers of both cities match. That one
    person of each city approves is an assumption; that the mentee's organisation approves is usual elsewhere. It is
    begun by ``Mentee.propose_match`` and linked to ``mentee`` and ``mentor``.
    """

    proposed = State(initial=True)
    one_side_approved = State()
    approved = State(final=True)
    discarded = State(final=True)

    undecided = proposed | one_side_approved

    @relation("a panel member of one of the two cities")
    def a_representative(self, ctx: Context[MatchData]) -> bool:
        seat = panel_member(ctx)
        return seat is not None and seat.city in (ctx.data.mentee_city, ctx.data.mentor_city)

    @guard("{city} has approved already.")
    def city_has_not_spoken(self, ctx: Context[MatchData]) -> bool | No:
        seat = panel_member(ctx)
        if seat is None or seat.city not in {approval.city for approval in ctx.data.approvals}:
            return True
        return No(city=seat.city)

    @guard("One of the two has a tandem already.")
    def both_are_free(self, ctx: Context[MatchData]) -> bool:
        tandems = ctx.siblings(Tandem).open()
        allowed = ctx.parent(Edition).data.rules.mentees_per_mentor
        return (
            not tandems.where(mentee=ctx.data.mentee).exists()
            and tandems.where(mentor=ctx.data.mentor).count() < allowed
        )

    @guard("One of the two reports to the other.")
    def no_reporting_line(self, ctx: Context[MatchData]) -> bool:
        """Usual elsewhere (Beller and Hoffmeister-Schönfelder); only the host knows who reports to whom."""
        return not reporting_line(ctx, ctx.data.mentee, ctx.data.mentor)

    @event(
        undecided >> one_side_approved,
        by=a_representative,
        when=lambda self: (self.not_of_the_pair, self.city_has_not_spoken, self.both_are_free, self.no_reporting_line),
    )
    def approve(self, ctx: Context[MatchData]) -> MatchData:
        """Approve for one's city."""
        seat = panel_member(ctx)
        city = seat.city if seat is not None else ctx.data.mentee_city
        return evolve(ctx.data, approvals=(*ctx.data.approvals, Approval(ctx.actor.id, city, ctx.today)))

    @guard("One of the cities has not approved.")
    def both_have_approved(self, ctx: Context[MatchData]) -> bool:
        return ctx.data.approved_by_both

    @event(one_side_approved >> approved, auto=True, when=(both_have_approved, both_are_free))
    def conclude(self, ctx: Acting[MatchData]) -> None:
        """Both cities have approved.

        The two become a tandem, and other proposals for the mentee fall away.
        """
        data = ctx.data
        tandems = ctx.siblings(Tandem).where(mentee=data.mentee).in_(Tandem.dissolved).all()
        links = {role: ctx.linked(role) for role in ("mentee", "mentor")}
        if tandems:
            links["predecessor"] = tandems[-1]
        ctx.start(
            Tandem,
            TandemData(data.mentee, data.mentor, data.mentee_city, data.mentor_city, data.approvals),
            parent=ctx.parent(Edition),
            links=links,
        )
        others = ctx.siblings(MatchProposal).open().where(mentee=data.mentee)
        ctx.fire(others, MatchProposal.fall_away(reason="Another proposal was approved."))

    @event(undecided >> discarded, by=(a_representative, OFFICE), when=lambda self: self.not_of_the_pair)
    def discard(self, ctx: Context[MatchData], *, reason: Reason) -> MatchData:
        """Discard the proposal, and say why."""
        return evolve(ctx.data, discarded_because=reason)

    @event(undecided >> discarded)
    def fall_away(self, ctx: Context[MatchData], *, reason: Reason) -> MatchData:
        """One of the two is matched otherwise, or no longer there."""
        return evolve(ctx.data, discarded_because=reason)

    @event(undecided >> OfEdition.cancelled, auto=True, when=lambda self: self.edition_over)
    def end_with_edition(self, ctx: Context[MatchData]) -> None:
        """The edition was cancelled or has come to its closing."""

    @invariant("A match is approved by one person of each city.")
    def approved_by_both(self, ctx: Context[MatchData]) -> bool:
        """Invariant 7, the part of the approvals."""
        return not ctx.case.is_in(MatchProposal.approved) or ctx.data.approved_by_both

    @invariant("What was discarded has a reason.")
    def reason_given(self, ctx: Context[MatchData]) -> bool:
        """Invariant 6."""
        return not ctx.case.is_in(MatchProposal.discarded) or bool(ctx.data.discarded_because.strip())


def reporting_line(ctx: Context[Any], one: str, other: str) -> bool:
    """Whether one of the two reports to the other, as the host's ``Staff`` says."""
    staff = ctx.ask(Staff)
    return staff.reports_to(one, other) or staff.reports_to(other, one)


__all__ = ["MatchData", "MatchProposal", "reporting_line"]
