"""Cancelling a case, and taking along what stands under it."""

from __future__ import annotations

from typing import Any

from attrs import frozen

from progflow import FINAL, OPEN, Context, Guard, Lifecycle, Phase, Reason, Source, State, Who, event, guard, invariant
from progflow.states.people import HEAD


@frozen
class CancellationData:
    """Why it was cancelled."""

    reason: str = ""


class Cancellation(Phase[CancellationData], aside=True):
    """A case is cancelled, for a reason that is kept.

    It stands aside: the other phases follow one another as if it were not there. The children of the case end by
    themselves in the same step if they have a phase ``Ending``.

    Args:
        by: who may cancel (assumption: the head of administration).
        of: the states from which it can be cancelled; every one that is not final, unless given.
        when: what must hold for it, as too few who take part; nothing, unless given.
    """

    cancelled = State(initial=True, final=True)

    def __init__(self, *, by: Who = HEAD, of: Source = OPEN, when: tuple[Guard[Any], ...] = ()) -> None:
        self.by = by
        self.of = of
        self.when = when

    @event(lambda self: self.of >> self.cancelled, by=lambda self: self.by, when=lambda self: self.when)
    def cancel(self, ctx: Context[CancellationData], *, reason: Reason) -> CancellationData:
        """Cancel, and say why.

        What stands under it ends in the same step.
        """
        return CancellationData(reason)

    @invariant("What was cancelled has a reason.")
    def reason_given(self, ctx: Context[CancellationData]) -> bool:
        """Invariant 6."""
        return not ctx.case.is_in(self.cancelled) or bool(ctx.data.reason.strip())

    @invariant("What was cancelled leaves nothing open behind.")
    def nothing_left_open(self, ctx: Context[CancellationData]) -> bool:
        """Invariant 14: only what may rest stays, as a certificate that was issued."""
        return not ctx.case.is_in(self.cancelled) or all(case.state.resting for case in ctx.children().open().all())


class Ending(Phase[None], aside=True):
    """A case ends by itself with what it belongs to.

    Args:
        parent: what it belongs to.
        upon: the states of the parent that end it, as ``Edition.cancellation``; every final one, also of a subclass,
            unless given.
        of: the states that it leaves then; every one that is not final, unless given. ``OPEN - certificate`` spares
            what outlives the parent.
    """

    ended = State("ended with what it belonged to", initial=True, final=True)

    def __init__(self, *, parent: type[Lifecycle[Any]], upon: Source = FINAL, of: Source = OPEN) -> None:
        self.parent = parent
        self.upon = upon
        self.of = of

    @guard("What it belongs to goes on.")
    def parent_has_ended(self, ctx: Context[None]) -> bool:
        return ctx.parent(self.parent).is_in(self.upon)

    @event(lambda self: self.of >> self.ended, auto=True, when=parent_has_ended)
    def end(self, ctx: Context[None]) -> None:
        """End with what it belongs to."""


__all__ = ["Cancellation", "CancellationData", "Ending"]
