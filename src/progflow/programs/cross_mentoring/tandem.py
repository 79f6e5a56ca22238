"""A pair of two cities, and what becomes of it when one of the two changes the employer."""

from __future__ import annotations

from typing import Generic, TypeVar

from attrs import evolve, frozen

from progflow import STAY, Context, Reason, event, guard, invariant
from progflow.programs import mentoring
from progflow.programs.cross_mentoring.agreement import Agreement
from progflow.programs.cross_mentoring.edition import BaseEdition
from progflow.states.people import OFFICE


@frozen(kw_only=True)
class Pair(mentoring.Pair):
    """A mentee and a mentor, with the cities for which they worked on the day of the proposal."""

    mentee_city: str
    mentor_city: str


@frozen(kw_only=True)
class TandemData(mentoring.TandemData):
    """A pair, what it did, and why it stays together although somebody works elsewhere now."""

    mentee_city: str
    mentor_city: str
    to_reassess: bool = False
    reassessed: tuple[str, ...] = ()


T = TypeVar("T", bound=TandemData)


class BaseTandem(mentoring.BaseTandem[T], Generic[T], abstract=True, parent=BaseEdition):
    """A mentee and a mentor of the other city work together, under an agreement of both cities."""

    @guard("The cooperation agreement is not in force.")
    def ready_to_begin(self, ctx: Context[T]) -> bool:
        """Known of Köln and Düsseldorf: it was signed at the kick-off, after the matching."""
        return ctx.siblings(Agreement).in_(Agreement.in_force.in_force).exists()

    @event(mentoring.BaseTandem.unfinished >> STAY)
    def ask_to_reassess(self, ctx: Context[T]) -> T:
        """One of the two has changed the employer: look at the pair again."""
        return evolve(ctx.data, to_reassess=True)

    @guard("Nothing has changed since the match was approved.")
    def has_to_be_reassessed(self, ctx: Context[T]) -> bool:
        return ctx.data.to_reassess

    @event(
        mentoring.BaseTandem.unfinished >> STAY,
        by=lambda self: OFFICE - self.one_of_the_two,
        when=has_to_be_reassessed,
    )
    def reassess(self, ctx: Context[T], *, reason: Reason) -> T:
        """Decide that the pair stays together.

        Köln's equality officer moved to a post in Düsseldorf weeks after the first edition (local press): facts
        change, and a match is judged by the day on which it was made. If the pair may not go on, dissolve it.
        """
        return evolve(ctx.data, to_reassess=False, reassessed=(*ctx.data.reassessed, reason))

    @invariant("When they were matched, the two worked for different cities.")
    def cities_differ(self, ctx: Context[T]) -> bool:
        """Invariant 3, on the facts of that day."""
        return ctx.data.mentee_city != ctx.data.mentor_city

    @invariant("A tandem starts under an agreement of the cities, and approved by both.")
    def agreed_before(self, ctx: Context[T]) -> bool:
        """Invariant 7: an agreement that ended later does not undo the start."""
        started, cities = ctx.data.started, {ctx.data.mentee_city, ctx.data.mentor_city}
        if started is None:
            return True
        agreements = [one for one in ctx.siblings(Agreement).all() if one.visited(Agreement.in_force.in_force)]
        in_force = any(one.is_open or one.entered_at.date() >= started for one in agreements)
        return in_force and {vote.party for vote in ctx.data.approvals} == cities

    @invariant("A pair of which somebody works elsewhere now is judged anew, or has been.")
    def looked_at_again(self, ctx: Context[T]) -> bool:
        """Invariant 3, on the facts of today."""
        if not ctx.case.is_open or ctx.data.to_reassess or ctx.data.reassessed:
            return all(reason.strip() for reason in ctx.data.reassessed)
        employer, city = ctx.linked("mentee").data.employer, ctx.linked("mentor").data.city
        same: bool = (employer, city) == (ctx.data.mentee_city, ctx.data.mentor_city)
        return same


class Tandem(BaseTandem[TandemData]):
    """A mentee and a mentor of the other city work together."""


__all__ = ["BaseTandem", "Pair", "Tandem", "TandemData"]
