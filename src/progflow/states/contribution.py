"""What people contribute is read, sorted into clusters, and merged where it says the same; nobody's voice is lost."""

from __future__ import annotations

from enum import Enum
from typing import Annotated, Any, Final

from annotated_types import Ge
from attrs import evolve, frozen

from progflow import (
    STAY,
    Acting,
    Context,
    Derived,
    No,
    Phase,
    Reason,
    Role,
    State,
    Who,
    always,
    event,
    guard,
    invariant,
    relation,
)
from progflow.states.changes import Recount
from progflow.states.people import Name

MODERATOR: Final = Role("moderator")
"""Leads the workshops and sorts what was said in them."""

Votes = Annotated[int, Ge(0)]
"""How many votes, points or dots were given."""


class Quadrant(Enum):
    """What a contribution sees in its topic."""

    STRENGTH = "strength"
    WEAKNESS = "weakness"
    OPPORTUNITY = "opportunity"
    THREAT = "threat"


@frozen
class Author:
    """Who contributed, and for which group; ``person`` is the host's id, None where somebody wished to be unknown."""

    person: str | None
    group: str


@frozen
class ModerationData:
    """How a contribution was taken in and where it belongs.

    ``counted`` are the votes for the contribution itself, ``taken_over`` those of the contributions that were merged
    into it, whose authors are ``joined``.
    """

    heading: str = ""
    quadrant: Quadrant | None = None
    topic: str = ""
    counted: int | None = None
    taken_over: int = 0
    joined: tuple[Author, ...] = ()
    recounts: tuple[Recount, ...] = ()
    merged_into: str | None = None
    reason: str = ""

    @property
    def votes(self) -> int:
        """All votes, also of what was merged into it."""
        return (self.counted or 0) + self.taken_over


class Moderation(Phase[ModerationData]):
    """A contribution is read, sorted and perhaps merged with another one that says the same.

    Known of Zeitz: strengths, weaknesses, opportunities and threats, gathered in two groups whose views were compared.
    That a contribution may be anonymous and that its group is kept all the same, the order of the steps and the votes
    are assumptions.

    Args:
        author: the host's id of the person, None if anonymous.
        group: for which group the person spoke.
        topics: the topics to choose from; with none any may be named.
        by: who sorts; never one of the authors.
    """

    received = State(initial=True)
    moderated = State()
    clustered = State(resting=True)
    merged = State("merged into another", final=True)
    rejected = State(final=True)

    sorted_ones = moderated | clustered

    def __init__(
        self,
        *,
        author: Derived[Any, str | None],
        group: Derived[Any, str],
        topics: Derived[Any, tuple[str, ...]] = always(()),  # noqa: B008 - a constant
        by: Who = MODERATOR,
    ) -> None:
        self.author = author
        self.group = group
        self.topics = topics
        self.by = by

    @relation("its author")
    def its_author(self, ctx: Context[ModerationData]) -> bool:
        """Also the author of what was merged into it."""
        return ctx.actor.id in {author.person for author in self.authors(ctx)}

    # -- reading and sorting

    @event(received >> moderated, by=lambda self: self.by - self.its_author)
    def moderate(self, ctx: Context[ModerationData], *, heading: str = "") -> ModerationData:
        """Take it in, perhaps under a heading.

        What was said stays as it is; the heading is what is shown.
        """
        return evolve(ctx.data, heading=heading)

    @guard("{topic} is none of the topics: {topics}.")
    def known_topic(self, ctx: Context[ModerationData], *, topic: str) -> bool | No:
        topics = self.topics(ctx)
        return not topics or topic in topics or No(topics=", ".join(topics))

    @event(moderated >> clustered, by=lambda self: self.by - self.its_author, when=known_topic)
    def cluster(self, ctx: Context[ModerationData], *, quadrant: Quadrant, topic: Name) -> ModerationData:
        """Assign it to a quadrant and a topic."""
        return evolve(ctx.data, quadrant=quadrant, topic=topic)

    @event(clustered >> STAY, by=lambda self: self.by - self.its_author, when=known_topic)
    def move(self, ctx: Context[ModerationData], *, quadrant: Quadrant, topic: Name, reason: Reason) -> ModerationData:
        """Assign it elsewhere, and say why."""
        return evolve(ctx.data, quadrant=quadrant, topic=topic, reason=reason)

    @event((received | moderated) >> rejected, by=lambda self: self.by - self.its_author)
    def reject(self, ctx: Context[ModerationData], *, reason: Reason) -> ModerationData:
        """Do not take it in, and say why."""
        return evolve(ctx.data, reason=reason)

    # -- votes

    @guard("{was} votes were counted; a new count needs a reason.")
    def counted_once(self, ctx: Context[ModerationData], *, reason: str) -> bool | No:
        return ctx.data.counted is None or bool(reason.strip()) or No(was=ctx.data.counted)

    @event(sorted_ones >> STAY, by=lambda self: self.by - self.its_author, when=counted_once)
    def count(self, ctx: Context[ModerationData], *, votes: Votes, reason: str = "") -> ModerationData:
        """Write down how many votes it got.

        A second count replaces the first, needs a reason, and the first is kept.
        """
        data = evolve(ctx.data, counted=votes)
        if ctx.data.counted is None:
            return data
        return evolve(data, recounts=(*data.recounts, Recount(ctx.data.counted, votes, reason)))

    # -- merging

    def authors(self, ctx: Context[Any]) -> tuple[Author, ...]:
        """Everybody behind the case: its own author, and those of what was merged into it."""
        return (Author(self.author(ctx), self.group(ctx)), *ctx.case[self].joined)

    @guard("There is no other contribution {into} that has been moderated and not merged itself.")
    def another_one(self, ctx: Context[ModerationData], *, into: str) -> bool:
        return any(case.id == into for case in ctx.siblings().in_(self.sorted_ones).all())

    @event(sorted_ones >> merged, by=lambda self: self.by - self.its_author, when=another_one)
    def merge(self, ctx: Acting[ModerationData], *, into: Name) -> ModerationData:
        """Merge it into another one that says the same.

        That one keeps all authors and all votes.
        """
        other = next(case for case in ctx.siblings().in_(self.sorted_ones).all() if case.id == into)
        ctx.fire(other, self.take_over(authors=self.authors(ctx), votes=ctx.data.votes))
        return evolve(ctx.data, merged_into=into)

    @guard("Nobody takes anything over into the own contribution.")
    def not_ones_own(self, ctx: Context[ModerationData]) -> bool:
        """Invariant 8: who merges is asked about both."""
        return not self.its_author(ctx)

    @event(sorted_ones >> STAY, when=not_ones_own)
    def take_over(self, ctx: Context[ModerationData], *, authors: tuple[Author, ...], votes: Votes) -> ModerationData:
        """Take over the authors and votes of another contribution."""
        data = ctx.data
        return evolve(data, joined=(*data.joined, *authors), taken_over=data.taken_over + votes)

    # -- what always holds

    @invariant("Whatever was merged keeps its authors and votes in what it was merged into.")
    def nothing_lost(self, ctx: Context[ModerationData]) -> bool:
        """Invariant 24."""
        merged = ctx.siblings().where(self, merged_into=ctx.case.id).all()
        votes = sum(case[self].votes for case in merged)
        authors = sum(1 + len(case[self].joined) for case in merged)
        return (ctx.data.taken_over, len(ctx.data.joined)) == (votes, authors)

    @invariant("What was rejected has a reason.")
    def rejected_with_reason(self, ctx: Context[ModerationData]) -> bool:
        """Invariant 6."""
        return not ctx.case.is_in(self.rejected) or bool(ctx.data.reason.strip())


__all__ = [
    "MODERATOR",
    "Author",
    "Moderation",
    "ModerationData",
    "Quadrant",
    "Votes",
]
