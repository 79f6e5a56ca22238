"""Several parties must agree: cities that approve a match, members of a jury, whoever has to say yes together."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import date, datetime
from enum import Enum
from typing import Any

from attrs import evolve, frozen

from progflow import (
    NEXT,
    Acting,
    Context,
    Derived,
    Guard,
    Moment,
    No,
    Phase,
    Reason,
    State,
    Who,
    always,
    event,
    guard,
    invariant,
)
from progflow.states.people import OFFICE, Name

UNCHANGING = always("")
"""What the votes are about where it cannot change."""


class Medium(Enum):
    """How somebody agreed."""

    ELECTRONIC = "electronically"
    PAPER = "on paper"


@frozen
class Vote:
    """The yes of a party: who gave it, on which day, and what it was about."""

    party: str
    person: str
    on: date
    about: str = ""
    medium: Medium = Medium.ELECTRONIC


@frozen
class VotesData:
    """Who has agreed, why it was sent back last, why it came to nothing if it did, and since when all agree."""

    votes: tuple[Vote, ...] = ()
    sent_back_because: str = ""
    reason: str = ""
    agreed_at: datetime | None = None


class Agreeing(Phase[VotesData], fresh=True):
    """What holds wherever several parties must agree; ``Approval`` and ``Signature`` say how they do.

    Each party has one vote, which one person gives, and nobody votes for two. When what they vote about changes,
    the votes lapse by themselves. When all parties have agreed to the same, it goes on to ``NEXT`` by itself. Where
    the phase is entered again, everybody votes anew. That all must agree, and that a single refusal ends it, are
    assumptions; where a second try is wanted, a party may also send it back, and everybody votes anew.

    Args:
        parties: the names of those that must agree. Without any, nothing is ever agreed upon.
        party: the party that the actor speaks for, ``""`` for none.
        by: who may agree or refuse: ``a_panel_member - one_of_the_pair`` keeps people from deciding on themselves.
            Several may be told as a tuple.
        about: what they vote about, as a text that changes when it does: a file number with its version.
        when: what must hold beside, for each vote and when all have agreed.
        until: the end of the time for it; without one there is time.
        discarded_by: who may discard it for all.
        on_paper: a guard that tells whether the ``person`` speaks for the ``party``, both of which it may name, and
            that this person may decide on it. With it the office records what was given on paper; without it
            everybody agrees in person.
        recorded_by: who records what was given on paper.
        may_send_back: whether a party may say no to it as it is now without ending it.
        on_agreement: what happens in the same step when all have agreed, as that the pair begins as a case.
    """

    pending = State("waits for all parties", initial=True)
    partly = State("waits for the other parties")
    refused = State(final=True)
    discarded = State(final=True)

    undecided = pending | partly

    def __init__(
        self,
        *,
        parties: Derived[Any, Collection[str]],
        party: Derived[Any, str],
        by: Who | tuple[Who, ...],
        about: Derived[Any, str] = UNCHANGING,
        when: tuple[Guard[Any], ...] = (),
        until: Moment[Any] | None = None,
        discarded_by: Who = OFFICE,
        on_paper: Guard[Any] | None = None,
        recorded_by: Who = OFFICE,
        may_send_back: bool = False,
        on_agreement: Callable[[Acting[Any]], object] | None = None,
    ) -> None:
        self.parties = parties
        self.party = party
        self.by = by
        self.about = about
        self.when = when
        self.until = until
        self.discarded_by = discarded_by
        self.on_paper = () if on_paper is None else (on_paper,)
        self.recorded_by = recorded_by
        self.may_send_back = may_send_back
        self.on_agreement = on_agreement

    # -- voting

    def valid(self, ctx: Context[VotesData]) -> tuple[Vote, ...]:
        """The votes of the parties on what it is about now."""
        parties, about = self.parties(ctx), self.about(ctx)
        return tuple(vote for vote in ctx.data.votes if vote.about == about and vote.party in parties)

    def agreed_by(self, ctx: Context[VotesData], party: str) -> bool:
        """Whether that party has agreed to what it is about now."""
        return party in {vote.party for vote in self.valid(ctx)}

    @guard("Only the parties agree, and you speak for none of them.")
    def speaks_for_a_party(self, ctx: Context[VotesData]) -> bool:
        return self.party(ctx) in self.parties(ctx)

    @guard("{party} has agreed already.")
    def party_has_not_agreed(self, ctx: Context[VotesData]) -> bool | No:
        party = self.party(ctx)
        return not self.agreed_by(ctx, party) or No(party=party)

    @guard("Nobody agrees for two parties.")
    def has_not_voted(self, ctx: Context[VotesData]) -> bool:
        return ctx.actor.id not in {vote.person for vote in self.valid(ctx)}

    def with_vote(self, ctx: Context[VotesData], vote: Vote) -> VotesData:
        """The valid votes and one more, on what it is about now."""
        return evolve(ctx.data, votes=(*self.valid(ctx), evolve(vote, about=self.about(ctx))))

    @guard("{party} is none of the parties.")
    def is_a_party(self, ctx: Context[VotesData], *, party: str) -> bool:
        return party in self.parties(ctx)

    @guard("{party} has agreed already.")
    def named_party_has_not_agreed(self, ctx: Context[VotesData], *, party: str) -> bool:
        return not self.agreed_by(ctx, party)

    @guard("Nobody agrees for two parties.")
    def named_person_has_not_voted(self, ctx: Context[VotesData], *, person: str) -> bool:
        return person not in {vote.person for vote in self.valid(ctx)}

    @guard("{on} is yet to come.")
    def on_a_day_until_today(self, ctx: Context[VotesData], *, on: date) -> bool:
        return on <= ctx.today

    @event(
        lambda self: self.undecided >> self.partly if self.on_paper else (),
        by=lambda self: self.recorded_by,
        when=lambda self: (
            self.is_a_party,
            self.named_party_has_not_agreed,
            self.named_person_has_not_voted,
            self.on_a_day_until_today,
            *self.on_paper,
            *self.when,
        ),
    )
    def record_on_paper(self, ctx: Context[VotesData], *, party: Name, person: Name, on: date) -> VotesData:
        """Record what was signed on paper."""
        return self.with_vote(ctx, Vote(party, person, on, medium=Medium.PAPER))

    # -- all of them

    @guard("It is still about the same.")
    def votes_are_outdated(self, ctx: Context[VotesData]) -> bool:
        return any(vote.about != self.about(ctx) for vote in ctx.data.votes)

    @event(
        lambda self: () if self.about is UNCHANGING else self.partly >> self.pending,
        auto=True,
        when=votes_are_outdated,
    )
    def vote_anew(self, ctx: Context[VotesData]) -> VotesData:
        """What they agreed to has changed: everybody is asked anew."""
        return evolve(ctx.data, votes=())

    @guard("Not all parties have agreed.")
    def all_agree(self, ctx: Context[VotesData]) -> bool:
        parties = self.parties(ctx)
        return bool(parties) and set(parties) == {vote.party for vote in self.valid(ctx)}

    @event(partly >> NEXT, auto=True, when=lambda self: (self.all_agree, *self.when))
    def conclude(self, ctx: Acting[VotesData]) -> VotesData:
        """All parties agree."""
        if self.on_agreement is not None:
            self.on_agreement(ctx)
        return evolve(ctx.data, agreed_at=ctx.now)

    # -- no agreement

    @event(
        lambda self: self.undecided >> self.pending if self.may_send_back else (),
        by=lambda self: self.by,
        when=speaks_for_a_party,
    )
    def send_back(self, ctx: Context[VotesData], *, reason: Reason) -> VotesData:
        """Send it back, and say why.

        Everybody votes anew.
        """
        return evolve(ctx.data, votes=(), sent_back_because=reason)

    @event(undecided >> refused, by=lambda self: self.by, when=speaks_for_a_party)
    def refuse(self, ctx: Context[VotesData], *, reason: Reason) -> VotesData:
        """Refuse, and say why."""
        return evolve(ctx.data, reason=reason)

    @event(undecided >> discarded, by=lambda self: self.discarded_by)
    def discard(self, ctx: Context[VotesData], *, reason: Reason) -> VotesData:
        """Discard it, and say why."""
        return evolve(ctx.data, reason=reason)

    @event(
        lambda self: () if self.until is None else self.undecided >> self.discarded,
        at=lambda self: self.until,
    )
    def lapse(self, ctx: Context[VotesData]) -> VotesData:
        """The time for it is over."""
        return evolve(ctx.data, reason="Not all parties agreed in time.")

    # -- what always holds

    @invariant("Each party agrees once, and each through another person.")
    def one_vote_each(self, ctx: Context[VotesData]) -> bool:
        """Invariant 7, the part of the approvals."""
        votes = ctx.data.votes
        return len({vote.party for vote in votes}) == len({vote.person for vote in votes}) == len(votes)

    @invariant("As long as it is open, what they have agreed to is what it is about, and not dated ahead.")
    def voted_on_this(self, ctx: Context[VotesData]) -> bool:
        votes, case = ctx.data.votes, ctx.case
        if case.is_in(self.pending, self.partly) and bool(votes) != case.is_in(self.partly):
            return False
        about = self.about(ctx) if votes and case.is_in(self.partly) else None
        return all(vote.on <= ctx.today and (about is None or vote.about == about) for vote in votes)

    @invariant("It is agreed upon with the consent of all.")
    def agreed_by_all(self, ctx: Context[VotesData]) -> bool:
        """Invariant 7: looked at with the agreement itself, for the parties may be others afterwards."""
        agreed = ctx.data.agreed_at
        if agreed is None or ctx.case.is_in(self.pending, self.partly, self.refused, self.discarded):
            return agreed is None
        return agreed != ctx.now or {*self.parties(ctx)} == {vote.party for vote in ctx.data.votes} != set()

    @invariant("What was refused or discarded has a reason.")
    def reason_given(self, ctx: Context[VotesData]) -> bool:
        """Invariant 6."""
        return not ctx.case.is_in(self.refused, self.discarded) or bool(ctx.data.reason.strip())


class Approval(Agreeing):
    """All parties approve: a match of two cities, a late application before a jury, an exception.

    That one person of each city approves a match is an assumption; that the mentee's own organisation does is usual
    elsewhere (a German cross-mentoring).

    Args:
        parties, party, by and the others: see ``Agreeing``.
    """

    @event(
        lambda self: self.undecided >> self.partly,
        by=lambda self: self.by,
        when=lambda self: (self.speaks_for_a_party, self.party_has_not_agreed, self.has_not_voted, *self.when),
    )
    def approve(self, ctx: Context[VotesData]) -> VotesData:
        """Approve for one's party."""
        return self.with_vote(ctx, Vote(self.party(ctx), ctx.actor.id, ctx.today))


__all__ = ["Agreeing", "Approval", "Medium", "Vote", "VotesData"]
