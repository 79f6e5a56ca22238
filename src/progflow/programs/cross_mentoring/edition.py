"""An edition of several cities: what is laid down for it, and who may plan it."""

from __future__ import annotations

from typing import Annotated, Any, Generic, TypeVar

from annotated_types import MinLen
from attrs import evolve, field, frozen

from progflow import START, STAY, Case, Context, No, event, guard, invariant
from progflow.programs import mentoring
from progflow.programs.cross_mentoring.people import MemberCity, Rules
from progflow.states.people import OFFICE, Name


@frozen(kw_only=True)
class EditionData(mentoring.EditionData):
    """What is laid down for an edition; the party of a panel member is a city."""

    cities: Annotated[tuple[MemberCity, ...], MinLen(2)]
    rules: Rules = field(factory=Rules)

    @property
    def names(self) -> frozenset[str]:
        """The names of the cities."""
        return frozenset(city.name for city in self.cities)


E = TypeVar("E", bound=EditionData)


class BaseEdition(mentoring.BaseEdition[E], Generic[E], abstract=True):
    """An edition of the cross-mentoring between cities.

    In Köln and Düsseldorf personnel development and the equality officers of both cities sit on the panel; the tandems
    meet for the first time at the kick-off, whose day begins the fifteen months.
    """

    @guard("An edition needs at least two cities, each named once.")
    def two_cities(self, ctx: Context[E], *, edition: EditionData) -> bool:
        return len(edition.names) == len(edition.cities) >= 2

    @guard("Nobody sits on the panel for {city}, so nobody could approve a match there.")
    def every_city_on_the_panel(self, ctx: Context[E], *, edition: EditionData) -> bool | No:
        missing = sorted(edition.names - {member.party for member in edition.panel})
        return No(city=missing[0]) if missing else True

    @event(
        START >> mentoring.BaseEdition.call,
        by=OFFICE,
        when=lambda self: (self.two_cities, self.every_city_on_the_panel, self.one_seat_each),
    )
    def plan(self, ctx: Context[E], *, edition: E) -> E:
        """Plan an edition."""
        return edition

    @guard("{city} does not take part in this edition.")
    def city_takes_part(self, ctx: Context[E], *, city: str) -> bool:
        return city in ctx.data.names

    @event(mentoring.BaseEdition.call_to_run >> STAY, by=OFFICE, when=city_takes_part)
    def change_signatory(self, ctx: Context[E], *, city: Name, signatory: Name) -> E:
        """Let somebody else sign for a city, as after an election.

        What was signed before stays signed.
        """
        cities = (evolve(one, signatory=signatory) if one.name == city else one for one in ctx.data.cities)
        return evolve(ctx.data, cities=tuple(cities))

    @invariant("At least two cities take part, each named once and on the panel.")
    def cities_on_the_panel(self, ctx: Context[E]) -> bool:
        cities, parties = [city.name for city in ctx.data.cities], {member.party for member in ctx.data.panel}
        return len(cities) >= 2 and len(set(cities)) == len(cities) and parties >= set(cities)


class Edition(BaseEdition[EditionData]):
    """An edition of the cross-mentoring between cities."""


def edition_of(ctx: Context[Any]) -> Case[EditionData]:
    """The edition to which the case of a child belongs."""
    return ctx.parent(BaseEdition)


__all__ = ["BaseEdition", "Edition", "EditionData", "edition_of"]
