"""The cooperation agreement between the cities."""

from __future__ import annotations

from typing import Any

from attrs import evolve, frozen

from progflow import START, Context, No, Reason, State, event, guard, invariant, relation
from progflow.programs.cross_mentoring.edition import Edition, OfEdition
from progflow.programs.cross_mentoring.people import OFFICE, Approval, Name


@frozen
class AgreementData:
    """What was agreed upon (a file number of the host) and who has signed it."""

    document: str
    signatures: tuple[Approval, ...] = ()
    ended_because: str = ""


class Agreement(OfEdition[AgreementData]):
    """The cities agree to run the edition together.

    Known of Köln and Düsseldorf: both lord mayors signed at the kick-off, after selection and matching. So it is
    needed before a tandem starts, and for nothing before that.
    """

    drafted = State()
    partly_signed = State()
    in_force = State()
    ended = State(final=True)
    terminated = State(final=True)

    @relation("a signatory of a member city")
    def a_signatory(self, ctx: Context[AgreementData]) -> bool:
        return self._city(ctx) is not None

    @guard("There is an agreement for this edition already.")
    def the_only_one(self, ctx: Context[AgreementData]) -> bool:
        return not ctx.siblings(Agreement).open().exists()

    @guard("{city} has signed already.")
    def city_has_not_signed(self, ctx: Context[AgreementData]) -> bool | No:
        city = self._city(ctx)
        return No(city=city) if city in {one.city for one in ctx.data.signatures} else True

    @guard("Not every city has signed.")
    def all_have_signed(self, ctx: Context[AgreementData]) -> bool:
        wanted = {city.name for city in ctx.parent(Edition).data.cities}
        return wanted == {signature.city for signature in ctx.data.signatures}

    @event(START >> drafted, by=OFFICE, when=the_only_one)
    def draft(self, ctx: Context[AgreementData], *, document: Name) -> AgreementData:
        """Draft the agreement."""
        return AgreementData(document)

    @event((drafted | partly_signed) >> partly_signed, by=a_signatory, when=city_has_not_signed)
    def sign(self, ctx: Context[AgreementData]) -> AgreementData:
        """Sign for one's city."""
        city = self._city(ctx)
        assert city is not None
        signature = Approval(ctx.actor.id, city, ctx.today)
        return evolve(ctx.data, signatures=(*ctx.data.signatures, signature))

    @event(partly_signed >> in_force, auto=True, when=all_have_signed)
    def enter_into_force(self, ctx: Context[AgreementData]) -> None:
        """All cities have signed."""

    @event(in_force >> terminated, by=a_signatory)
    def terminate(self, ctx: Context[AgreementData], *, reason: Reason) -> AgreementData:
        """Terminate the agreement.

        Tandems that have started go on (assumption).
        """
        return evolve(ctx.data, ended_because=reason)

    alive = drafted | partly_signed | in_force

    @event(alive >> ended, auto=True, when=lambda self: self.edition_closing)
    def end(self, ctx: Context[AgreementData]) -> None:
        """The edition is over."""

    @event(alive >> OfEdition.cancelled, auto=True, when=lambda self: self.edition_cancelled)
    def end_with_edition(self, ctx: Context[AgreementData]) -> None:
        """The edition was cancelled."""

    @invariant("An agreement in force was signed by each city once.")
    def signed_by_all(self, ctx: Context[AgreementData]) -> bool:
        """Invariant 7, the part of the agreement."""
        cities = [signature.city for signature in ctx.data.signatures]
        return len(cities) == len(set(cities)) and (not ctx.case.is_in(Agreement.in_force) or self.all_have_signed(ctx))

    def _city(self, ctx: Context[Any]) -> str | None:
        cities = ctx.parent(Edition).data.cities
        return next((city.name for city in cities if city.signatory == ctx.actor.id), None)


__all__ = ["Agreement", "AgreementData"]
