"""A competitive selection: scores, ranks, seats, and a waiting list whose first moves up by itself."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Any, Final

from annotated_types import Ge
from attrs import evolve, frozen

from progflow import (
    NEXT,
    STAY,
    Cases,
    Context,
    Derived,
    Guard,
    Moment,
    No,
    Phase,
    Reason,
    Relation,
    State,
    Term,
    Who,
    event,
    guard,
    invariant,
)
from progflow.states.people import OFFICE
from progflow.states.span import day_of

Rank = Annotated[int, Ge(1)]
"""The place in the order of one's group; the first is 1."""

LIST_HAS_ENDED: Final = "The waiting list has ended; no seat became free in time."
"""Why somebody was rejected who waited to the end."""


@frozen
class Score:
    """What one assessor gave for one criterion; the criterion is empty where there is only one."""

    assessor: str
    points: int
    criterion: str = ""


@frozen
class SelectionData:
    """How somebody stands in the order of the group, and why. ``seated``: has a seat, or had it to the end.

    ``ranked_at`` and ``seated_at`` say since when it is so.
    """

    scores: tuple[Score, ...] = ()
    rank: int | None = None
    reason: str = ""
    feedback_offered: bool = False
    moved_up: bool = False
    seated: bool = False
    ranked_at: datetime | None = None
    seated_at: datetime | None = None


class Selection(Phase[SelectionData]):
    """Seats are given out in the order of a ranking, in each group by itself, and the others wait or are rejected.

    Who has got a seat holds it as long as the case is open, also in the phases that follow; whatever ends the case
    (a withdrawal, a seat that is not confirmed) lets the first of the waiting list of the same group move up by
    itself. Known of Köln and Düsseldorf: the call is competitive, and each city has five seats. Waiting list, ranks
    and confirmation are assumptions.

    Args:
        by: who scores, selects, puts on the waiting list and rejects.
        person: whom it is about; nobody decides on oneself.
        seats: how many seats the group of the person has. Whoever may lower the number is kept from going below
            those that are taken, or nobody in that group can take another step.
        confirm_within: how long a seat is kept for somebody who has not said yes.
        group: the names of the fields of the lifecycle's data that make a group, as ``("city",)``, also derived; all
            are one group without any.
        when: what must hold before anybody is selected, put on the list or rejected; scoring may begin before.
        reranked_by: who may change a place on the waiting list.
        list_ends: until when seats are given; then those who still wait are told that none will come. Without it there
            is no such day.
        scale: the fewest and the most points that an assessor may give.
        among: the cases that share the seats, in case they are of several kinds: ``ctx.siblings(BaseMentee)``.
    """

    under_review = State(initial=True)
    waitlisted = State("on the waiting list")
    selected = State()
    rejected = State(final=True)
    lapsed = State("not confirmed in time", final=True)

    def __init__(
        self,
        *,
        by: Who,
        person: Relation[Any],
        seats: Derived[Any, int],
        confirm_within: Derived[Any, Term],
        group: tuple[str, ...] | Derived[Any, tuple[str, ...]] = (),
        when: tuple[Guard[Any], ...] = (),
        reranked_by: Who = OFFICE,
        list_ends: Moment[Any] | None = None,
        scale: tuple[int, int] = (1, 10),
        among: Derived[Any, Cases[Any]] | None = None,
    ) -> None:
        self.by = by
        self.person = person
        self.seats = seats
        self.confirm_within = confirm_within
        self.group = group
        self.when = when
        self.reranked_by = reranked_by
        self.list_ends = list_ends
        self.scale = scale
        self.among = among

    # -- the group, its seats and its order

    def fields(self, ctx: Context[Any]) -> tuple[str, ...]:
        """The names of the fields that make a group."""
        return self.group if isinstance(self.group, tuple) else self.group(ctx)

    def rivals(self, ctx: Context[Any]) -> Cases[Any]:
        """The other cases of the same group, whatever state they are in."""
        others = ctx.siblings() if self.among is None else self.among(ctx)
        return others.where(**{name: getattr(ctx.case.data, name) for name in self.fields(ctx)})

    def of_group(self, ctx: Context[Any]) -> str:
        """The group in brackets, as a sentence names it; empty where all are one group."""
        names = ", ".join(str(getattr(ctx.case.data, name)) for name in self.fields(ctx))
        return f" ({names})" if names else ""

    @guard("No seat is free{group}: {taken} of {seats} are taken.")
    def seat_is_free(self, ctx: Context[SelectionData]) -> bool | No:
        seats, taken = self.seats(ctx), self.rivals(ctx).open().where(self, seated=True).count()
        return taken < seats or No(taken=taken, seats=seats, group=self.of_group(ctx))

    @guard("Seats were given until {last_day}.")
    def seats_are_given(self, ctx: Context[SelectionData]) -> bool | No:
        last_day = None if self.list_ends is None else day_of(self.list_ends, ctx)
        return last_day is None or ctx.today <= last_day or No(last_day=last_day)

    @guard("Rank {rank} has been given{group}.")
    def rank_is_free(self, ctx: Context[SelectionData], *, rank: int) -> bool | No:
        return not self.rivals(ctx).where(self, rank=rank).exists() or No(group=self.of_group(ctx))

    @guard("Somebody with a higher rank waits{group}; give the reason for passing over.")
    def nobody_overtaken(self, ctx: Context[SelectionData], *, rank: int, reason: str) -> bool | No:
        """Invariant 5: nobody is overtaken without a reason that is kept."""
        first = self._first_rank(ctx)
        return first is None or rank < first or bool(reason.strip()) or No(group=self.of_group(ctx))

    @guard("Somebody has not been decided on, or stands before{group}.")
    def next_in_line(self, ctx: Context[SelectionData]) -> bool | No:
        first, rank = self._first_rank(ctx), ctx.data.rank
        undecided = self.rivals(ctx).open().where(self, rank=None, seated=False).exists()
        next_one = rank is not None and (first is None or rank < first)
        return (next_one and not undecided) or No(group=self.of_group(ctx))

    def _first_rank(self, ctx: Context[Any]) -> int | None:
        """The rank of the first of the others who wait."""
        first = self.rivals(ctx).in_(self.waitlisted).order_by(self, "rank").first()
        return None if first is None else first[self].rank

    # -- the decision

    @guard("Points are given from {fewest} to {most}.")
    def on_the_scale(self, ctx: Context[SelectionData], *, points: int) -> bool | No:
        fewest, most = self.scale
        return fewest <= points <= most or No(fewest=fewest, most=most)

    @event(under_review >> STAY, by=lambda self: self.by - self.person, when=on_the_scale)
    def score(self, ctx: Context[SelectionData], *, points: int, criterion: str = "") -> SelectionData:
        """Give points.

        A second time replaces the first.
        """
        given = Score(ctx.actor.id, points, criterion)
        kept = (one for one in ctx.data.scores if (one.assessor, one.criterion) != (given.assessor, criterion))
        return evolve(ctx.data, scores=(*kept, given))

    @event(
        under_review >> selected,
        by=lambda self: self.by - self.person,
        when=lambda self: (
            *self.when,
            self.seats_are_given,
            self.seat_is_free,
            self.rank_is_free,
            self.nobody_overtaken,
        ),
    )
    def select(self, ctx: Context[SelectionData], *, rank: Rank, reason: str = "") -> SelectionData:
        """Give a seat.

        The reason is needed where somebody of the same group with a higher rank waits.
        """
        return evolve(ctx.data, rank=rank, reason=reason, ranked_at=ctx.now, seated=True, seated_at=ctx.now)

    @event(
        under_review >> waitlisted,
        by=lambda self: self.by - self.person,
        when=lambda self: (*self.when, self.rank_is_free),
    )
    def waitlist(self, ctx: Context[SelectionData], *, rank: Rank, reason: Reason) -> SelectionData:
        """Put on the waiting list."""
        return evolve(ctx.data, rank=rank, reason=reason, ranked_at=ctx.now, moved_up=False, seated=False)

    @event(under_review >> rejected, by=lambda self: self.by - self.person, when=lambda self: self.when)
    def reject(self, ctx: Context[SelectionData], *, reason: Reason, feedback_offered: bool = True) -> SelectionData:
        """Reject, and say why.

        Who was not selected was offered a talk about it (council paper of Köln).
        """
        return evolve(ctx.data, reason=reason, feedback_offered=feedback_offered)

    # -- the waiting list

    @event(waitlisted >> STAY, by=lambda self: self.reranked_by - self.person, when=rank_is_free)
    def rerank(self, ctx: Context[SelectionData], *, rank: Rank, reason: Reason) -> SelectionData:
        """Change the place on the waiting list.

        Nobody is overtaken without a reason that is kept.
        """
        return evolve(ctx.data, rank=rank, reason=reason, ranked_at=ctx.now)

    @event(waitlisted >> selected, auto=True, when=(seat_is_free, next_in_line))
    def move_up(self, ctx: Context[SelectionData]) -> SelectionData:
        """Move up to a seat that is free."""
        return evolve(ctx.data, moved_up=True, seated=True, seated_at=ctx.now)

    @event(
        lambda self: self.waitlisted >> self.rejected if self.list_ends is not None else (),
        at=lambda self: self.list_ends,
    )
    def release(self, ctx: Context[SelectionData]) -> SelectionData:
        """The waiting list ends."""
        return evolve(ctx.data, reason=LIST_HAS_ENDED)

    # -- the answer

    @event(selected >> NEXT, by=lambda self: self.person)
    def confirm(self, ctx: Context[SelectionData]) -> None:
        """Take the seat."""

    @event(selected >> lapsed, after=lambda self: self.confirm_within)
    def lapse(self, ctx: Context[SelectionData]) -> None:
        """The seat was not taken in time."""

    # -- what always holds

    def _group(self, ctx: Context[Any]) -> Cases[Any]:
        """The others of the same group, said once more: an invariant does not lean on the rules that it judges."""
        names = self.group if isinstance(self.group, tuple) else self.group(ctx)
        others = ctx.siblings() if self.among is None else self.among(ctx)
        return others.where(**{name: getattr(ctx.case.data, name) for name in names})

    @invariant("No group has more people than seats.")
    def within_the_quota(self, ctx: Context[SelectionData]) -> bool:
        """Invariant 4: whoever has got a seat and is still there, in whatever phase."""
        if not (ctx.data.seated and ctx.case.is_open):
            return True
        return self._group(ctx).open().where(self, seated=True).count() + 1 <= self.seats(ctx)

    @invariant("No two of a group have the same rank.")
    def ranked_once(self, ctx: Context[SelectionData]) -> bool:
        """Invariant 5, as far as one moment shows it."""
        rank = ctx.data.rank
        return rank is None or self._group(ctx).where(self, rank=rank).first() is None

    @invariant("Who has a seat was given it by rank, at a time that is kept; who waits has a rank and no seat.")
    def stands_in_order(self, ctx: Context[SelectionData]) -> bool:
        """Invariant 4: who is selected holds a seat, so that it is counted."""
        data, case = ctx.data, ctx.case
        ranked = data.rank is not None and data.ranked_at is not None
        if data.seated:
            given = data.seated_at is not None and data.ranked_at is not None and data.ranked_at <= data.seated_at
            return ranked and given and case.visited(self.selected) and not case.is_in(self.waitlisted)
        return not case.is_in(self.selected) and (ranked or not case.is_in(self.waitlisted))

    @invariant("Nobody got a seat before somebody with a higher rank who waited, unless there is a reason.")
    def nobody_passed_over(self, ctx: Context[SelectionData]) -> bool:
        """Invariant 5: as long as the answer is awaited, those who waited then and still do are seen."""
        rank, since = ctx.data.rank, ctx.data.seated_at
        if not ctx.case.is_in(self.selected) or rank is None or since is None:
            return True
        if not ctx.data.moved_up:
            return bool(ctx.data.reason.strip()) or not any(self._waited_above(ctx, rank, since))
        undecided = self._group(ctx).open().where(self, rank=None, seated=False).all()
        return not any(self._waited_above(ctx, rank, since)) and all(one.created_at >= since for one in undecided)

    def _waited_above(self, ctx: Context[Any], rank: int, since: datetime) -> Iterator[bool]:
        """For each who waits whether she did so before that time, with a higher rank."""
        for one in self._group(ctx).in_(self.waitlisted).all():
            hers = one[self]
            yield hers.rank is not None and hers.rank < rank and hers.ranked_at is not None and hers.ranked_at < since

    @invariant("Whose seat was given away had as long to take it as was promised.")
    def waited_for_an_answer(self, ctx: Context[SelectionData]) -> bool:
        if not ctx.case.is_in(self.lapsed):
            return True
        since = ctx.data.seated_at
        return since is not None and ctx.case.entered_at.date() > since.date() + self.confirm_within(ctx)

    @invariant("Points are on the scale, and each assessor gives them once for each criterion.")
    def scored_once(self, ctx: Context[SelectionData]) -> bool:
        (fewest, most), scores = self.scale, ctx.data.scores
        once = len({(one.assessor, one.criterion) for one in scores}) == len(scores)
        return once and all(fewest <= one.points <= most for one in scores)

    @invariant("Who was rejected or waits was told why.")
    def reason_given(self, ctx: Context[SelectionData]) -> bool:
        """Invariant 6."""
        return not ctx.case.is_in(self.rejected, self.waitlisted) or bool(ctx.data.reason.strip())


__all__ = ["LIST_HAS_ENDED", "Rank", "Score", "Selection", "SelectionData"]
