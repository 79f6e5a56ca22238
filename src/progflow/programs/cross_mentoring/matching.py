"""The proposal of a match between two cities, which both approve."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Generic, TypeVar

from attrs import asdict

from progflow import Acting, Cases, Context, derived, invariant, relation
from progflow.programs import mentoring
from progflow.programs.cross_mentoring.edition import BaseEdition, edition_of
from progflow.programs.cross_mentoring.tandem import Pair, Tandem, TandemData
from progflow.states.approval import Vote

P = TypeVar("P", bound=Pair)


class BaseMatchProposal(mentoring.BaseProposal[P], Generic[P], abstract=True, parent=BaseEdition):
    """A mentee and a mentor of different cities are proposed to each other.

    Known of Köln and Düsseldorf: personnel development and the equality officers of both cities match. That one
    person of each city approves is an assumption.
    """

    becomes = Tandem

    @classmethod
    def tandem_data(cls, pair: P, approvals: tuple[Vote, ...]) -> TandemData:
        """The first data of the tandem, with the cities of the day of the proposal."""
        return TandemData(**asdict(pair, recurse=False), approvals=approvals)

    @relation("a panel member of one of the two cities")
    def a_panel_member(self, ctx: Context[P]) -> bool:
        return self.party(ctx) in self.parties(ctx)

    @derived
    def parties(self, ctx: Context[P]) -> Collection[str]:
        return {ctx.data.mentee_city, ctx.data.mentor_city}

    @invariant("When they were matched, the two worked for different cities.")
    def cities_differ(self, ctx: Context[P]) -> bool:
        """Invariant 3, on the facts of that day."""
        return ctx.data.mentee_city != ctx.data.mentor_city

    @invariant("A match is approved by both cities, and by no other.")
    def approved_by_both(self, ctx: Context[P]) -> bool:
        """Invariant 7, the part of the cities, both of which take part."""
        cities, votes = {ctx.data.mentee_city, ctx.data.mentor_city}, ctx.case[self.approval].votes
        parties = {vote.party for vote in votes}
        known = {city.name for city in edition_of(ctx).data.cities} >= cities
        return known and parties <= cities and (parties == cities or not ctx.case.is_in(self.approved))


def match_anew(ctx: Acting[Any], role: str) -> None:
    """Let the proposals of a mentee or mentor fall away who works elsewhere from now on: they tell what was before."""
    proposals: Cases[Any] = ctx.linking(role, BaseMatchProposal)
    because = "One of the two works elsewhere now; the match has to be proposed anew."
    ctx.fire(proposals.open(), BaseMatchProposal[Any].approval.discard(reason=because))


class MatchProposal(BaseMatchProposal[Pair]):
    """A mentee and a mentor of different cities are proposed to each other."""


__all__ = ["BaseMatchProposal", "MatchProposal", "match_anew"]
