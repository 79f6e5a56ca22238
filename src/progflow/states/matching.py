"""Matching as somebody lives it who waits for a partner: proposals, a match, its loss, another one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from attrs import evolve, frozen

from progflow import (
    NEXT,
    STAY,
    Acting,
    Case,
    Cases,
    Context,
    Derived,
    Guard,
    Phase,
    Reason,
    Source,
    State,
    Who,
    event,
    guard,
    invariant,
)
from progflow.states.people import Name

StartProposal = Callable[[Acting[Any], str, str], object]
"""Begins the case of a proposal: the context of the participant's case, the partner's id, and why the two fit."""


@frozen
class MatchingData:
    """Since when there is a match, and how many fell through before they began."""

    matched_on: date | None = None
    fell_through: int = 0


class Matching(Phase[MatchingData]):
    """Somebody waits for a partner, is matched, and goes on to ``NEXT`` by itself once the pair has begun.

    A proposal and a pair are cases of their own, which others decide on; this phase starts the proposal and watches
    the pair. ``best_assignment`` in ``assignment`` proposes partners for many people at once.

    Args:
        person_id: the participant's id.
        by: who proposes: ``a_panel_member - the_mentee``.
        propose: begins the case of the proposal, in a function that takes context, partner and reason.
        when: what must hold for a proposal; these guards may name the ``partner``.
        has_pair: a guard that holds as long as there is a pair, whether it has begun or not.
        pair_begins: a guard that holds once the pair works together.
        rematch: further states in which a partner may be proposed; those of a later phase are given once it stands
            there: ``matching.rematch = tandem.without_mentor``.
    """

    unmatched = State("waits for a match", initial=True)
    matched = State()

    def __init__(
        self,
        *,
        person_id: Derived[Any, str],
        by: Who,
        propose: StartProposal,
        has_pair: Guard[Any],
        pair_begins: Guard[Any],
        when: tuple[Guard[Any], ...] = (),
        rematch: Source | None = None,
    ) -> None:
        self.person_id = person_id
        self.by = by
        self.start_proposal = propose
        self.has_pair = has_pair
        self.pair_begins = pair_begins
        self.when = when
        self.rematch = rematch

    @property
    def waiting(self) -> Source:
        """The states in which a partner may be proposed."""
        return self.unmatched if self.rematch is None else self.unmatched | self.rematch

    @guard("Nobody is matched with oneself.")
    def two_people(self, ctx: Context[MatchingData], *, partner: str) -> bool:
        """Invariant 2, its second half."""
        return partner != self.person_id(ctx)

    @guard("Nobody proposes oneself.")
    def not_oneself(self, ctx: Context[MatchingData], *, partner: str) -> bool:
        """Invariant 8."""
        return partner != ctx.actor.id

    @event(
        lambda self: self.waiting >> STAY,
        by=lambda self: self.by,
        when=lambda self: (self.two_people, self.not_oneself, *self.when),
    )
    def propose(self, ctx: Acting[MatchingData], *, partner: Name, why: Reason) -> None:
        """Propose a partner."""
        self.start_proposal(ctx, partner, why)

    @event(unmatched >> matched, auto=True, when=lambda self: self.has_pair)
    def be_matched(self, ctx: Context[MatchingData]) -> MatchingData:
        """A match was approved."""
        return evolve(ctx.data, matched_on=ctx.today)

    @guard("The match still stands.")
    def has_lost_the_pair(self, ctx: Context[MatchingData]) -> bool:
        return not self.has_pair(ctx)

    @event(matched >> unmatched, auto=True, when=has_lost_the_pair)
    def lose_match(self, ctx: Context[MatchingData]) -> MatchingData:
        """The match fell through before it began."""
        return evolve(ctx.data, matched_on=None, fell_through=ctx.data.fell_through + 1)

    @event(matched >> NEXT, auto=True, when=lambda self: self.pair_begins)
    def begin(self, ctx: Context[MatchingData]) -> None:
        """The pair has begun."""

    @invariant("Who is matched has been so since a day that is kept, and who is not has none.")
    def matched_since(self, ctx: Context[MatchingData]) -> bool:
        return not ctx.case.is_in(self.matched if ctx.data.matched_on is None else self.unmatched)


def predecessor(pairs: Cases[Any]) -> dict[str, Case[Any]]:
    """The link of a new pair to the last one that it follows; no link if there was none.

    Args:
        pairs: those of the same participant that came apart, as
            ``ctx.siblings(Tandem).where(mentee=…).in_(Tandem.dissolved)``.
    """
    before = pairs.all()
    return {"predecessor": before[-1]} if before else {}


__all__ = ["Matching", "MatchingData", "StartProposal", "predecessor"]
