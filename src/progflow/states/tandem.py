"""A time of one's own with a partner: a mentee with a mentor, and a new one if the first is lost."""

from __future__ import annotations

from typing import Any

from progflow import Context, Guard, Relation, Source, State, Who, event, guard
from progflow.states.people import OFFICE
from progflow.states.span import Span, TimedData
from progflow.states.timed import TimedPhase


class TandemPhase(TimedPhase):
    """Somebody takes part with a partner: a mentee with a mentor, whoever the mentor is.

    The clock belongs to her and not to the pair: without a mentor she keeps her seat and waits for a new match, while
    her time goes on (assumption).

    Args:
        person, span, by, completed_when: see ``TimedPhase``.
        has_partner: a guard that holds while she has a partner with whom she works, or is going to.
        partner_begins: a guard that holds once she works with a partner (again).
    """

    without_mentor = State("waits for a new match")

    @property
    def going_on(self) -> Source:
        """The states in which her time counts: with a mentor or without."""
        return self.active | self.without_mentor

    def __init__(
        self,
        *,
        person: Relation[Any],
        span: Span,
        has_partner: Guard[Any],
        partner_begins: Guard[Any],
        by: Who = OFFICE,
        completed_when: tuple[Guard[Any], ...] = (),
    ) -> None:
        super().__init__(person=person, span=span, by=by, completed_when=completed_when)
        self.has_partner = has_partner
        self.partner_begins = partner_begins

    @guard("A mentor is there.")
    def has_lost_partner(self, ctx: Context[TimedData]) -> bool:
        return not (self.has_partner(ctx) and self.partner_begins(ctx))  # during a pause she may be given a new one

    @event(lambda self: self.active >> self.without_mentor, auto=True, when=has_lost_partner)
    def lose_partner(self, ctx: Context[TimedData]) -> None:
        """The pair has come apart.

        She keeps her seat.
        """

    @event(without_mentor >> TimedPhase.active, auto=True, when=lambda self: self.partner_begins)
    def find_partner(self, ctx: Context[TimedData]) -> None:
        """A new pair has begun.

        The clock went on meanwhile.
        """


__all__ = ["TandemPhase"]
