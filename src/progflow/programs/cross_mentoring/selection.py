"""The competitive selection: scores, ranks, seats, and the waiting list of each city."""

from __future__ import annotations

from typing import Annotated, Any

from annotated_types import Ge, Le
from attrs import evolve, frozen

from progflow import (
    NEXT,
    STAY,
    Context,
    Exit,
    Guard,
    Instant,
    Moment,
    Phase,
    Reason,
    Relation,
    State,
    end_of,
    event,
    guard,
    moment,
    working_days,
)
from progflow.programs.cross_mentoring.edition import Edition
from progflow.programs.cross_mentoring.people import OFFICE

Points = Annotated[int, Ge(1), Le(10)]
"""What one assessor gives (assumption: one to ten)."""

Rank = Annotated[int, Ge(1)]
"""The place in the order of one's city; the first is 1."""


@frozen
class Score:
    """What one assessor gave."""

    assessor: str
    points: int


@frozen
class SelectionData:
    """How the applicant stands in the order of her city, and why."""

    scores: tuple[Score, ...] = ()
    rank: int | None = None
    reason: str = ""
    feedback_offered: bool = False
    moved_up: bool = False


class Selection(Phase[SelectionData]):
    """The panel gives out the seats of each city in the order of its ranking.

    Known of Köln and Düsseldorf: the call is competitive, there are five seats per city, and selected applicants
    come from both. Waiting list and confirmation are assumptions.

    Args:
        panel: who selects.
        applicant: whom it is about.
        not_about_oneself: the guard against deciding on oneself.
        seat_is_free: the guard of the quota.
        nobody_overtaken: the guard that asks for a reason where the payload's ``rank`` passes over somebody.
        rank_is_free: the guard that asks for the payload's ``rank``.
        next_in_line: the guard of the order in which those who wait move up.
        list_ends: when those who still wait are told that there will be no seat.
    """

    under_review = State(initial=True)
    waitlisted = State()
    selected = State()
    rejected = Exit()
    lapsed = Exit()

    def __init__(
        self,
        *,
        panel: Relation[Any],
        applicant: Relation[Any],
        not_about_oneself: Guard[Any],
        seat_is_free: Guard[Any],
        rank_is_free: Guard[Any],
        nobody_overtaken: Guard[Any],
        next_in_line: Guard[Any],
        list_ends: Moment[Any],
    ) -> None:
        self.panel = panel
        self.applicant = applicant
        self.not_about_oneself = not_about_oneself
        self.seat_is_free = seat_is_free
        self.rank_is_free = rank_is_free
        self.nobody_overtaken = nobody_overtaken
        self.next_in_line = next_in_line
        self.list_ends = list_ends

    @guard("The panel decides once the call is closed.")
    def call_is_closed(self, ctx: Context[SelectionData]) -> bool:
        return not ctx.parent(Edition).is_in(Edition.planned, Edition.call_open)

    @event(under_review >> STAY, by=lambda self: self.panel, when=lambda self: self.not_about_oneself)
    def score(self, ctx: Context[SelectionData], *, points: Points) -> SelectionData:
        """Give points.

        A second time replaces the first.
        """
        others = (score for score in ctx.data.scores if score.assessor != ctx.actor.id)
        return evolve(ctx.data, scores=(*others, Score(ctx.actor.id, points)))

    @event(
        under_review >> selected,
        by=lambda self: self.panel,
        when=lambda self: (
            self.not_about_oneself,
            self.call_is_closed,
            self.seat_is_free,
            self.rank_is_free,
            self.nobody_overtaken,
        ),
    )
    def select(self, ctx: Context[SelectionData], *, rank: Rank, reason: str = "") -> SelectionData:
        """Give her a seat.

        The reason is needed where somebody of her city with a higher rank waits.
        """
        return evolve(ctx.data, rank=rank, reason=reason)

    @event(
        under_review >> waitlisted,
        by=lambda self: self.panel,
        when=lambda self: (self.not_about_oneself, self.call_is_closed, self.rank_is_free),
    )
    def waitlist(self, ctx: Context[SelectionData], *, rank: Rank, reason: Reason) -> SelectionData:
        """Put her on the waiting list."""
        return evolve(ctx.data, rank=rank, reason=reason)

    @event(
        under_review >> rejected,
        by=lambda self: self.panel,
        when=lambda self: (self.not_about_oneself, self.call_is_closed),
    )
    def reject(self, ctx: Context[SelectionData], *, reason: Reason, feedback_offered: bool = True) -> SelectionData:
        """Reject the application.

        Applicants who were not selected were offered a talk about it (council paper of Köln).
        """
        return evolve(ctx.data, reason=reason, feedback_offered=feedback_offered)

    @event(waitlisted >> STAY, by=OFFICE, when=lambda self: (self.not_about_oneself, self.rank_is_free))
    def rerank(self, ctx: Context[SelectionData], *, rank: Rank, reason: Reason) -> SelectionData:
        """Change the place on the waiting list.

        Nobody is overtaken without a reason that is kept.
        """
        return evolve(ctx.data, rank=rank, reason=reason)

    @event(waitlisted >> selected, auto=True, when=lambda self: (self.seat_is_free, self.next_in_line))
    def move_up(self, ctx: Context[SelectionData]) -> SelectionData:
        """Move up to a seat that is free."""
        return evolve(ctx.data, moved_up=True)

    @event(waitlisted >> rejected, at=lambda self: self.list_ends)
    def release(self, ctx: Context[SelectionData]) -> SelectionData:
        """The waiting list ends.

        What remains of the edition is too short to begin.
        """
        return evolve(ctx.data, reason="The waiting list has ended; no seat became free in time.")

    @moment
    def confirmation_ends(self, ctx: Context[SelectionData]) -> Instant:
        """Ten working days after the selection, by the calendar of the edition (assumption)."""
        rules = ctx.parent(Edition).data.rules
        return end_of(ctx.case.entered_at.date() + working_days(rules.confirm_within, rules.calendar))

    @event(selected >> NEXT, by=lambda self: self.applicant)
    def confirm(self, ctx: Context[SelectionData]) -> None:
        """Take the seat."""

    @event(selected >> lapsed, at=confirmation_ends)
    def lapse(self, ctx: Context[SelectionData]) -> None:
        """The seat was not taken in time."""


__all__ = ["Points", "Rank", "Score", "Selection", "SelectionData"]
