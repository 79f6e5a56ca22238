"""A mentor of one of the cities."""

from __future__ import annotations

from typing import Any, Generic, TypeVar

from attrs import evolve, frozen

from progflow import START, STAY, Acting, Context, No, event, guard
from progflow.programs import mentoring
from progflow.programs.cross_mentoring.edition import BaseEdition, edition_of
from progflow.programs.cross_mentoring.matching import match_anew
from progflow.programs.cross_mentoring.tandem import BaseTandem
from progflow.programs.mentoring.pairs import tandems_of
from progflow.states.people import EMPLOYEE, OFFICE, Name


@frozen(kw_only=True)
class MentorData(mentoring.MentorData):
    """Who offers to be a mentor. ``city`` is the employer now; it may change."""

    city: Name


N = TypeVar("N", bound=MentorData)


class BaseMentor(mentoring.BaseMentor[N], Generic[N], abstract=True, parent=BaseEdition):
    """An experienced leader of a member city, of any gender, offers to accompany a mentee of another one."""

    @guard("{city} does not take part in this edition.")
    def city_takes_part(self, ctx: Context[N], *, offer: MentorData) -> bool | No:
        return offer.city in edition_of(ctx).data.names or No(city=offer.city)

    @event(
        START >> mentoring.BaseMentor.application,
        by=EMPLOYEE,
        when=lambda self: (self.edition_takes_mentors, self.city_takes_part),
    )
    def offer(self, ctx: Context[N], *, offer: N) -> N:
        """Offer to be a mentor."""
        return self.received(ctx, offer)

    @guard("{city} is the employer already.")
    def employer_changes(self, ctx: Context[N], *, city: str) -> bool:
        return city != ctx.data.city

    @event(mentoring.BaseMentor.taking_part >> STAY, by=OFFICE, when=employer_changes)
    def change_employer(self, ctx: Acting[N], *, city: Name) -> N:
        """Work for another city from today on.

        Tandems go on until they are judged anew. A match that is being decided on is proposed anew; there
        is none with a city that does not take part.
        """
        ctx.fire(tandems_of(ctx, "mentor").open(), BaseTandem[Any].ask_to_reassess())
        match_anew(ctx, "mentor")
        return evolve(ctx.data, city=city)


class Mentor(BaseMentor[MentorData]):
    """An experienced leader of a member city, of any gender, offers to accompany a mentee of another one."""


__all__ = ["BaseMentor", "Mentor", "MentorData"]
