"""A proposal goes through committees and then before the council: votes, referral back, deferral, the resolution."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, Final

from attrs import evolve, frozen

from progflow import (
    NEXT,
    STAY,
    Context,
    Derived,
    No,
    Phase,
    Reason,
    Role,
    State,
    Who,
    event,
    guard,
    invariant,
    moment,
)
from progflow.states.people import OFFICE, Name

COMMITTEE: Final = Role("committee")
"""Speaks for a committee of the council, as its chair or its clerk."""

COUNCIL: Final = Role("council")
"""Speaks for the council, as its chair or its clerk."""


@frozen
class CommitteeVote:
    """What one committee resolved, on which day and under which number."""

    committee: str
    number: str
    on: date
    in_favour: bool = True


@frozen
class ResolutionData:
    """Where the proposal stands before committees and council.

    ``votes`` are those of the present round, ``lapsed`` those of earlier ones. ``heard`` are the committees that had
    to be heard when the council decided, ``number`` and ``decided_on`` what it decided. ``since`` is the day on which
    the round began anew, ``resumes`` the day until which it is deferred.
    """

    round: int = 1
    votes: tuple[CommitteeVote, ...] = ()
    lapsed: tuple[CommitteeVote, ...] = ()
    heard: tuple[str, ...] = ()
    number: str = ""
    decided_on: date | None = None
    reason: str = ""
    since: date | None = None
    resumes: date | None = None

    @property
    def running(self) -> ResolutionData:
        """The round that runs: what has been decided already goes its way anew."""
        return self if self.decided_on is None else self.anew(self.decided_on, reason="")

    def anew(self, since: date, *, reason: str) -> ResolutionData:
        """A new round, to which no vote of an earlier one counts."""
        lapsed = (*self.lapsed, *self.votes)
        return ResolutionData(round=self.round + 1, lapsed=lapsed, since=since, reason=reason)

    @property
    def last_day(self) -> date | None:
        """The day of what was resolved last in this round; None while nothing was."""
        days = [vote.on for vote in self.votes] + ([self.since] if self.since is not None else [])
        return max(days, default=None)

    def missing(self, committees: Sequence[str]) -> tuple[str, ...]:
        """Which of the committees have not resolved in this round, in their order."""
        voted = {vote.committee for vote in self.votes}
        return tuple(committee for committee in committees if committee not in voted)


class Resolution(Phase[ResolutionData]):
    """A proposal is discussed in committees beforehand and then resolved by the council.

    Known of Zeitz: the draft went through two committees (11.11. and 05.12.2019) before the council resolved on it
    (12.12.2019). What follows is an assumption: a committee recommends and does not bind the council; what is
    referred back goes through all committees again; votes outlive a deferral.

    A resolution is written down on its own day or later, never before it, and never as older than the one before it.

    Args:
        committees: the names of the committees that are heard before the council, in their order.
        in_order: whether they resolve in that order, or each when it likes.
        committee: who gives a committee's vote.
        council: who gives the council's resolution.
        by: who puts it on the agenda again.
    """

    in_committee = State("before committees and council", initial=True)
    referred_back = State()
    deferred = State()
    rejected = State(final=True)

    def __init__(
        self,
        *,
        committees: Derived[Any, tuple[str, ...]],
        in_order: bool = True,
        committee: Who = COMMITTEE,
        council: Who = COUNCIL,
        by: Who = OFFICE,
    ) -> None:
        self.committees = committees
        self.in_order = in_order
        self.committee = committee
        self.council = council
        self.by = by

    # -- when

    @guard("{on} has not come yet.")
    def on_a_day_that_has_come(self, ctx: Context[ResolutionData], *, on: date | None) -> bool:
        return on is None or on <= ctx.today

    @guard("{on} comes before {last}, the day of what was resolved last.")
    def after_what_was_resolved(self, ctx: Context[ResolutionData], *, on: date | None) -> bool | No:
        last = ctx.data.running.last_day
        return last is None or last <= (on or ctx.today) or No(on=on or ctx.today, last=last)

    # -- committees

    @guard("{committee} is none of the committees that are heard: {committees}.")
    def is_heard(self, ctx: Context[ResolutionData], *, committee: str) -> bool | No:
        committees = self.committees(ctx)
        return committee in committees or No(committees=", ".join(committees))

    @guard("{committee} has resolved already in this round.")
    def not_yet_resolved(self, ctx: Context[ResolutionData], *, committee: str) -> bool:
        return committee not in {vote.committee for vote in ctx.data.running.votes}

    @guard("{first} comes before {committee}.")
    def its_turn(self, ctx: Context[ResolutionData], *, committee: str) -> bool | No:
        missing = ctx.data.running.missing(self.committees(ctx))
        return not self.in_order or committee not in missing or missing[0] == committee or No(first=missing[0])

    @guard("{on} comes before {last}, the day of what was resolved last.")
    def after_what_came_before(self, ctx: Context[ResolutionData], *, on: date | None) -> bool | No:
        """Where the committees have no order, only what was referred back came before."""
        data = ctx.data.running
        last = data.last_day if self.in_order else data.since
        return last is None or last <= (on or ctx.today) or No(on=on or ctx.today, last=last)

    @event(
        in_committee >> STAY,
        by=lambda self: self.committee,
        when=(is_heard, not_yet_resolved, its_turn, on_a_day_that_has_come, after_what_came_before),
    )
    def recommend(
        self,
        ctx: Context[ResolutionData],
        *,
        committee: Name,
        number: Name,
        on: date | None = None,
        in_favour: bool = True,
    ) -> ResolutionData:
        """Resolve in a committee, for or against."""
        data = ctx.data.running
        return evolve(data, votes=(*data.votes, CommitteeVote(committee, number, on or ctx.today, in_favour)))

    # -- the council

    @guard("Not yet heard: {missing}.")
    def every_committee_was_heard(self, ctx: Context[ResolutionData]) -> bool | No:
        missing = ctx.data.running.missing(self.committees(ctx))
        return not missing or No(missing=", ".join(missing))

    @event(
        in_committee >> NEXT,
        by=lambda self: self.council,
        when=(every_committee_was_heard, on_a_day_that_has_come, after_what_was_resolved),
    )
    def adopt(self, ctx: Context[ResolutionData], *, number: Name, on: date | None = None) -> ResolutionData:
        """Adopt in the council."""
        return self._decided(ctx, number, on)

    @event(
        in_committee >> rejected,
        by=lambda self: self.council,
        when=(every_committee_was_heard, on_a_day_that_has_come, after_what_was_resolved),
    )
    def reject(
        self, ctx: Context[ResolutionData], *, number: Name, reason: Reason, on: date | None = None
    ) -> ResolutionData:
        """Reject for good in the council."""
        return evolve(self._decided(ctx, number, on), reason=reason)

    def _decided(self, ctx: Context[ResolutionData], number: str, on: date | None) -> ResolutionData:
        data = evolve(ctx.data.running, heard=self.committees(ctx), reason="")
        return evolve(data, number=number, decided_on=on or ctx.today)

    # -- not now, or not like this

    @event(
        in_committee >> referred_back,
        by=lambda self: (self.committee, self.council),
        when=(on_a_day_that_has_come, after_what_was_resolved),
    )
    def refer_back(self, ctx: Context[ResolutionData], *, reason: Reason, on: date | None = None) -> ResolutionData:
        """Refer back to the administration.

        The votes of this round lapse; all committees are heard anew.
        """
        return ctx.data.running.anew(on or ctx.today, reason=reason)

    @event(referred_back >> in_committee, by=lambda self: self.by)
    def bring_again(self, ctx: Context[ResolutionData]) -> None:
        """Bring it before the committees again."""

    @guard("Deferred until a day that is to come: {until} is not.")
    def until_a_later_day(self, ctx: Context[ResolutionData], *, until: date | None) -> bool:
        return until is None or until > ctx.today

    @event(in_committee >> deferred, by=lambda self: (self.committee, self.council, self.by), when=until_a_later_day)
    def defer(self, ctx: Context[ResolutionData], *, reason: Reason, until: date | None = None) -> ResolutionData:
        """Defer, until a day or until further notice."""
        return evolve(ctx.data.running, reason=reason, resumes=until)

    @moment
    def resumption(self, ctx: Context[ResolutionData]) -> date | None:
        return ctx.data.resumes

    @event(deferred >> in_committee, by=lambda self: self.by, at=resumption)
    def resume(self, ctx: Context[ResolutionData]) -> ResolutionData:
        """Put it on the agenda again."""
        return evolve(ctx.data, resumes=None)

    # -- what always holds

    @invariant("Nothing was resolved in the council before every committee had been heard.")
    def heard_before_resolved(self, ctx: Context[ResolutionData]) -> bool:
        """The chain is complete, and the council did not resolve on a day before a committee did."""
        data = ctx.data
        if data.decided_on is None:
            return True
        return not data.missing(data.heard) and all(vote.on <= data.decided_on for vote in data.votes)

    @invariant("What was rejected, referred back or deferred has a reason.")
    def reason_given(self, ctx: Context[ResolutionData]) -> bool:
        """Invariant 6."""
        needs_one = ctx.case.is_in(self.rejected, self.referred_back, self.deferred)
        return not needs_one or bool(ctx.data.reason.strip())


__all__ = ["COMMITTEE", "COUNCIL", "CommitteeVote", "Resolution", "ResolutionData"]
