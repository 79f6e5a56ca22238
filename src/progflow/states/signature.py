"""An agreement that several parties sign, on the screen or on paper, and how long it is in force."""

from __future__ import annotations

from typing import Any

from attrs import evolve, frozen

from progflow import Context, Guard, Moment, Phase, Reason, State, Who, event, invariant
from progflow.states.approval import Agreeing, Vote, VotesData


class Signature(Agreeing):
    """All parties sign. It is followed by ``InForce``, or by whatever needs the signatures.

    Known of Köln and Düsseldorf: both lord mayors signed their cooperation agreement, at the kick-off. When the text
    that they sign changes (``about``), the signatures lapse.

    Args:
        parties, party, by and the others: see ``Agreeing``. With ``on_paper`` signatures on paper are recorded too.
    """

    @event(
        lambda self: self.undecided >> self.partly,
        by=lambda self: self.by,
        when=lambda self: (self.speaks_for_a_party, self.party_has_not_agreed, self.has_not_voted, *self.when),
    )
    def sign(self, ctx: Context[VotesData]) -> VotesData:
        """Sign for one's party."""
        return self.with_vote(ctx, Vote(self.party(ctx), ctx.actor.id, ctx.today))


@frozen
class InForceData:
    """Why it ended before its time, if it did."""

    reason: str = ""


class InForce(Phase[InForceData], fresh=True):
    """What was signed is in force until it ends by itself or is terminated.

    Args:
        over: a guard that holds as soon as it ends by itself, as with the edition that it was made for.
        terminated_by: who may terminate it before (assumption: those who may sign).
        until: the end that was agreed upon, if any.
    """

    in_force = State(initial=True)
    ended = State(final=True)
    terminated = State(final=True)

    def __init__(self, *, over: Guard[Any], terminated_by: Who, until: Moment[Any] | None = None) -> None:
        self.over = over
        self.terminated_by = terminated_by
        self.until = until

    @event(in_force >> ended, auto=True, when=lambda self: self.over)
    def end(self, ctx: Context[InForceData]) -> None:
        """What it was made for is over."""

    @event(lambda self: () if self.until is None else self.in_force >> self.ended, at=lambda self: self.until)
    def expire(self, ctx: Context[InForceData]) -> None:
        """The time that was agreed upon is over."""

    @event(in_force >> terminated, by=lambda self: self.terminated_by)
    def terminate(self, ctx: Context[InForceData], *, reason: Reason) -> InForceData:
        """Terminate it, and say why.

        What has begun under it goes on (assumption).
        """
        return evolve(ctx.data, reason=reason)

    @invariant("What was terminated has a reason.")
    def reason_given(self, ctx: Context[InForceData]) -> bool:
        """Invariant 6."""
        return not ctx.case.is_in(self.terminated) or bool(ctx.data.reason.strip())


__all__ = ["InForce", "InForceData", "Signature"]
