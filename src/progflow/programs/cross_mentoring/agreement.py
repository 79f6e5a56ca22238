"""The cooperation agreement between the cities."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from attrs import evolve, frozen

from progflow import START, STAY, Context, Lifecycle, derived, event, guard, invariant, relation
from progflow.programs.cross_mentoring.edition import BaseEdition, edition_of
from progflow.states.cancellation import Ending
from progflow.states.people import OFFICE, Name
from progflow.states.signature import InForce, Signature


@frozen
class AgreementData:
    """What was agreed upon: a file number of the host."""

    document: str


class Agreement(Lifecycle[AgreementData], parent=BaseEdition):
    """The cities agree to run the edition together.

    Known of Köln and Düsseldorf: both lord mayors signed at the kick-off, after selection and matching. So it is
    needed before a tandem starts, and for nothing before that. Tandems that have started go on when it is terminated
    (assumption).
    """

    @relation("a signatory of a member city")
    def a_signatory(self, ctx: Context[AgreementData]) -> bool:
        return bool(self.own_city(ctx))

    @derived
    def cities(self, ctx: Context[AgreementData]) -> Collection[str]:
        return edition_of(ctx).data.names

    @derived
    def own_city(self, ctx: Context[AgreementData]) -> str:
        return self._signs_for(ctx, ctx.actor.id)

    @derived
    def document(self, ctx: Context[AgreementData]) -> str:
        return ctx.data.document

    @guard("{person} does not sign for {party}.")
    def is_signatory(self, ctx: Context[AgreementData], *, person: str, party: str) -> bool:
        return self._signs_for(ctx, person) == party

    @guard("The edition goes on.")
    def edition_is_over(self, ctx: Context[AgreementData]) -> bool:
        return edition_of(ctx).is_in(BaseEdition.over)

    signature = Signature(parties=cities, party=own_city, by=a_signatory, about=document, on_paper=is_signatory)
    in_force = InForce(over=edition_is_over, terminated_by=a_signatory)
    left_over = Ending(parent=BaseEdition, upon=BaseEdition.over, of=signature)

    @guard("There is an agreement for this edition already.")
    def the_only_one(self, ctx: Context[AgreementData]) -> bool:
        return not ctx.siblings(Agreement).open().exists()

    @event(START >> signature, by=OFFICE, when=the_only_one)
    def draft(self, ctx: Context[AgreementData], *, document: Name) -> AgreementData:
        """Draft the agreement."""
        return AgreementData(document)

    @event(signature >> STAY, by=OFFICE)
    def revise(self, ctx: Context[AgreementData], *, document: Name) -> AgreementData:
        """Draft it anew.

        Who has signed the text as it was before signs again.
        """
        return evolve(ctx.data, document=document)

    @invariant("An agreement in force was signed by each city.")
    def signed_by_all(self, ctx: Context[AgreementData]) -> bool:
        """Invariant 7, the part of the agreement."""
        signed = {vote.party for vote in ctx.case[self.signature].votes}
        cities = {city.name for city in edition_of(ctx).data.cities}
        return not ctx.case.visited(self.in_force.in_force) or signed == cities

    @invariant("There is one agreement at a time, and none that is not over when the edition is.")
    def one_for_the_edition(self, ctx: Context[AgreementData]) -> bool:
        """Invariant 14, the part of the agreement."""
        over = edition_of(ctx).is_in(BaseEdition.run.closing) or not edition_of(ctx).is_open
        if ctx.case.is_open:
            return not over and ctx.siblings(Agreement).open().first() is None
        return over or not ctx.case.is_in(self.in_force.ended, self.left_over.ended)

    def _signs_for(self, ctx: Context[Any], person: str) -> str:
        return next((city.name for city in edition_of(ctx).data.cities if city.signatory == person), "")


__all__ = ["Agreement", "AgreementData"]
