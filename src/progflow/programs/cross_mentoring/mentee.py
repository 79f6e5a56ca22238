"""A mentee of one of the cities: the seats of each, and the rule of the other city."""

from __future__ import annotations

from typing import Any, Generic, TypeVar

from attrs import evolve, frozen

from progflow import START, STAY, Acting, Case, Cases, Context, No, derived, event, guard, invariant
from progflow.programs import mentoring
from progflow.programs.cross_mentoring.edition import BaseEdition, edition_of
from progflow.programs.cross_mentoring.matching import MatchProposal, match_anew
from progflow.programs.cross_mentoring.tandem import BaseTandem, Pair
from progflow.programs.mentoring.mentee import available_mentor
from progflow.programs.mentoring.pairs import tandems_of
from progflow.states.people import EMPLOYEE, OFFICE, Name


@frozen(kw_only=True)
class MenteeData(mentoring.MenteeData):
    """Who applies. ``city`` gives the seat and never changes; ``employer`` is the city she works for now."""

    city: Name
    employer: str = ""
    grade: Name


M = TypeVar("M", bound=MenteeData)


class BaseMentee(mentoring.SeminarMentee[M], Generic[M], abstract=True, parent=BaseEdition):
    """A woman of a member city takes part in an edition as a mentee.

    Known of Köln and Düsseldorf: ten mentees, five women per city, a competitive application, fifteen months, a
    mentor from the other city. A municipality that keeps more about a mentee derives its own from this one::

        @frozen(kw_only=True)
        class OurMenteeData(MenteeData):
            part_time: bool = False

        class OurMentee(BaseMentee[OurMenteeData], name="Mentee"):
            "Our mentees may say that they work part time."
    """

    proposes = MatchProposal

    @classmethod
    def snapshot(cls, mentee: Case[Any], mentor: Case[Any], why: str) -> mentoring.Pair:
        """The two with their employers as they are on the day of the proposal."""
        one, other = mentee.data, mentor.data
        return Pair(mentee=one.person, mentor=other.person, why=why, mentee_city=one.employer, mentor_city=other.city)

    @derived
    def seats(self, ctx: Context[M]) -> int:
        cities = edition_of(ctx).data.cities
        return sum(city.seats for city in cities if city.name == ctx.data.city)

    @derived
    def quota_group(self, ctx: Context[M]) -> tuple[str, ...]:
        return ("city",)

    @guard("One of the two works for {city}, which does not take part in this edition.")
    def both_take_part(self, ctx: Context[M], *, partner: str) -> bool | No:
        """Nobody could approve the match for a city that is not in the edition."""
        mentor, cities = available_mentor(ctx, partner), edition_of(ctx).data.names
        theirs: tuple[str, ...] = (ctx.data.employer, *(() if mentor is None else (_city(mentor),)))
        return next((No(city=city) for city in theirs if city not in cities), True)

    @guard("Mentee and mentor work for the same city.")
    def fits(self, ctx: Context[M], *, partner: str) -> bool:
        """Known of Köln and Düsseldorf: the mentor comes from the other city, as it is on the day of the match."""
        mentor = available_mentor(ctx, partner)
        return mentor is None or _city(mentor) != ctx.data.employer

    def received(self, ctx: Context[M], application: M) -> M:
        """The application; the city for which she applies is her employer."""
        return evolve(super().received(ctx, application), employer=application.city)

    @guard("{city} does not take part in this edition.")
    def city_takes_part(self, ctx: Context[M], *, application: MenteeData) -> bool | No:
        return application.city in edition_of(ctx).data.names or No(city=application.city)

    @event(
        START >> mentoring.BaseMentee.application,
        by=EMPLOYEE,
        when=lambda self: (self.call_is_open, self.city_takes_part),
    )
    def apply(self, ctx: Context[M], *, application: M) -> M:
        """Apply for a seat of one's city."""
        return self.received(ctx, application)

    @guard("{city} is the employer already.")
    def employer_changes(self, ctx: Context[M], *, city: str) -> bool:
        return city != ctx.data.employer

    @event(mentoring.BaseMentee.taking_part >> STAY, by=OFFICE, when=employer_changes)
    def change_employer(self, ctx: Acting[M], *, city: Name) -> M:
        """Work for another city from today on.

        Her seat and her tandem stay as they are. A match that is being decided on is proposed anew; there
        is none from a city that does not take part.
        """
        ctx.fire(tandems_of(ctx, "mentee").open(), BaseTandem[Any].ask_to_reassess())
        match_anew(ctx, "mentee")
        return evolve(ctx.data, employer=city)

    @invariant("No city has more mentees than seats, and every mentee has applied for a city that takes part.")
    def within_the_seats_of_the_city(self, ctx: Context[M]) -> bool:
        """Invariant 4: counted by where the mentees of a city stand."""
        own = [city for city in edition_of(ctx).data.cities if city.name == ctx.data.city]
        if len(own) != 1 or not ctx.data.employer:
            return False
        if not ctx.case.is_in(self.selection.selected):
            return True
        mentees: Cases[Any] = ctx.siblings(mentoring.BaseMentee)
        seated = (
            mentees.open()
            .where(city=ctx.data.city)
            .in_(self.selection.selected, self.matching, self.tandem, self.certificate)
        )
        return seated.count() + 1 <= own[0].seats


def _city(mentor: Case[Any]) -> str:
    city: str = mentor.data.city
    return city


class Mentee(BaseMentee[MenteeData]):
    """A woman of a member city takes part in an edition as a mentee."""


__all__ = ["BaseMentee", "Mentee", "MenteeData"]
