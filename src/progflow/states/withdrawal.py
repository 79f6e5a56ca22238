"""Stepping back from what one has applied for."""

from __future__ import annotations

from attrs import frozen

from progflow import Context, Phase, Reason, Source, State, Who, event, invariant


@frozen
class WithdrawalData:
    """Why somebody stepped back."""

    reason: str = ""


class Withdrawal(Phase[WithdrawalData], aside=True):
    """Somebody steps back before it has begun, for a reason that is kept; nobody needs to agree.

    It stands aside: the other phases follow one another as if it were not there. What depends on the case watches it
    and moves by itself: a seat gets free because the case is no longer open, a match ends because its mentee has gone.

    Args:
        by: who may say so, mostly the person, or the office in the person's name.
        of: the states from which it is possible.
    """

    withdrawn = State(initial=True, final=True)

    def __init__(self, *, by: Who | tuple[Who, ...], of: Source) -> None:
        self.by = by
        self.of = of

    @event(lambda self: self.of >> self.withdrawn, by=lambda self: self.by)
    def withdraw(self, ctx: Context[WithdrawalData], *, reason: Reason) -> WithdrawalData:
        """Step back, and say why."""
        return WithdrawalData(reason)

    @invariant("Who stepped back has said why.")
    def reason_given(self, ctx: Context[WithdrawalData]) -> bool:
        """Invariant 6."""
        return not ctx.case.is_in(self.withdrawn) or bool(ctx.data.reason.strip())


__all__ = ["Withdrawal", "WithdrawalData"]
