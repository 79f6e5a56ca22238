"""Work that several people do together: they find an idea, agree on it, do it, present it, and it is accepted."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Any

from attrs import evolve, frozen

from progflow import (
    STAY,
    Context,
    Derived,
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
    relation,
)
from progflow.states.people import OFFICE, Name

THREE = always(3)


@frozen
class JointWorkData:
    """What they do, since when, who is known to have contributed, and why it was given up if it was.

    ``without`` are members at the end of whom no contribution is known.
    """

    idea: str = ""
    agreed_on: date | None = None
    presented_on: date | None = None
    contributed: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    sent_back_because: str = ""
    reason: str = ""


class JointWork(Phase[JointWorkData]):
    """All members do one thing together, as a film; it survives that somebody leaves while enough remain.

    Known of Osnabrück: one joint project of all mentees. Who belongs to it is asked anew each time, so who joins or
    leaves needs no step here; below the fewest it is abandoned by itself. What somebody has contributed is confirmed
    by who helps or by another member, and when it is accepted it is said of every member. The steps, the fewest of
    three and the confirmation are assumptions.

    Args:
        members: the ids of all who belong to it now.
        fewest: how many it needs to go on.
        by: who helps with every step, and accepts it or gives it up (assumption: the office); the last two are for
            nobody who belongs to it.
        until: when it is given up by itself if it has not come to an end; never, unless given.
    """

    ideation = State("looks for an idea", initial=True)
    agreed = State("agreed upon")
    in_progress = State()
    presented = State()
    accepted = State(final=True)
    abandoned = State(final=True)

    begun = agreed | in_progress
    unfinished = ideation | begun | presented

    def __init__(
        self,
        *,
        members: Derived[Any, Collection[str]],
        fewest: Derived[Any, int] = THREE,
        by: Who = OFFICE,
        until: Moment[Any] | None = None,
    ) -> None:
        self.members = members
        self.fewest = fewest
        self.by = by
        self.until = until

    @relation("a member")
    def a_member(self, ctx: Context[JointWorkData]) -> bool:
        return ctx.actor.id in self.members(ctx)

    # -- the way to the presentation

    @guard("There are {members} members; it needs {fewest}.")
    def enough_members(self, ctx: Context[JointWorkData]) -> bool | No:
        members, fewest = len(set(self.members(ctx))), self.fewest(ctx)
        return members >= fewest or No(members=members, fewest=fewest)

    @event(ideation >> agreed, by=lambda self: (self.a_member, self.by), when=enough_members)
    def agree(self, ctx: Context[JointWorkData], *, idea: Name) -> JointWorkData:
        """Agree on an idea."""
        return evolve(ctx.data, idea=idea, agreed_on=ctx.today)

    @event(agreed >> ideation, by=lambda self: (self.a_member, self.by))
    def think_again(self, ctx: Context[JointWorkData], *, reason: Reason) -> JointWorkData:
        """Look for another idea, and say why."""
        return evolve(ctx.data, idea="", agreed_on=None, sent_back_because=reason)

    @event(agreed >> in_progress, by=lambda self: (self.a_member, self.by))
    def begin(self, ctx: Context[JointWorkData]) -> None:
        """Begin to work on it."""

    @event(in_progress >> presented, by=lambda self: (self.a_member, self.by))
    def present(self, ctx: Context[JointWorkData]) -> JointWorkData:
        """Present it."""
        return evolve(ctx.data, presented_on=ctx.today)

    @event(presented >> in_progress, by=lambda self: self.by - self.a_member)
    def send_back(self, ctx: Context[JointWorkData], *, reason: Reason) -> JointWorkData:
        """Ask for more work, and say why."""
        return evolve(ctx.data, presented_on=None, sent_back_because=reason)

    # -- who has contributed

    @guard("This person does not belong to it.")
    def belongs_to_it(self, ctx: Context[JointWorkData], *, person: str) -> bool:
        return person in self.members(ctx)

    @guard("Nobody confirms the own contribution.")
    def somebody_else(self, ctx: Context[JointWorkData], *, person: str) -> bool:
        """Invariant 8."""
        return person != ctx.actor.id

    @guard("This contribution is confirmed already.")
    def not_confirmed_yet(self, ctx: Context[JointWorkData], *, person: str) -> bool:
        return person not in ctx.data.contributed

    @event(
        (in_progress | presented) >> STAY,
        by=lambda self: (self.a_member, self.by),
        when=(belongs_to_it, somebody_else, not_confirmed_yet),
    )
    def confirm_contribution(self, ctx: Context[JointWorkData], *, person: Name) -> JointWorkData:
        """Confirm what somebody has contributed."""
        return evolve(ctx.data, contributed=(*ctx.data.contributed, person))

    # -- the end

    @guard("Contributions not confirmed: {open}. Name those who have none.")
    def all_are_settled(self, ctx: Context[JointWorkData], *, without: tuple[str, ...]) -> bool | No:
        settled = {*ctx.data.contributed, *without}
        missing = [person for person in self.members(ctx) if person not in settled]
        return not missing or No(open=len(missing))

    @guard("Only members who have not contributed are named as without a contribution.")
    def without_is_true(self, ctx: Context[JointWorkData], *, without: tuple[str, ...]) -> bool:
        return {*without} <= {*self.members(ctx)} - {*ctx.data.contributed}

    @event(presented >> accepted, by=lambda self: self.by - self.a_member, when=(all_are_settled, without_is_true))
    def accept(self, ctx: Context[JointWorkData], *, without: tuple[Name, ...] = ()) -> JointWorkData:
        """Accept it."""
        return evolve(ctx.data, without=without)

    @event(unfinished >> abandoned, by=lambda self: self.by - self.a_member)
    def abandon(self, ctx: Context[JointWorkData], *, reason: Reason) -> JointWorkData:
        """Give it up, and say why."""
        return evolve(ctx.data, reason=reason)

    @guard("Enough members remain.")
    def too_few_remain(self, ctx: Context[JointWorkData]) -> bool:
        return not self.enough_members(ctx)

    @event(begun >> abandoned, auto=True, when=too_few_remain)
    def fall_apart(self, ctx: Context[JointWorkData]) -> JointWorkData:
        """Too few members remain."""
        return evolve(ctx.data, reason="Too few members remained.")

    @event(
        lambda self: self.unfinished >> self.abandoned if self.until is not None else (),
        at=lambda self: self.until,
    )
    def run_out(self, ctx: Context[JointWorkData]) -> JointWorkData:
        """The time for it is over."""
        return evolve(ctx.data, reason="It did not come to its end in time.")

    # -- what always holds

    @invariant("What was given up has a reason.")
    def reason_given(self, ctx: Context[JointWorkData]) -> bool:
        """Invariant 6."""
        return not ctx.case.is_in(self.abandoned) or bool(ctx.data.reason.strip())

    @invariant("Nobody both contributed and did not.")
    def settled_once(self, ctx: Context[JointWorkData]) -> bool:
        contributed = ctx.data.contributed
        return len(contributed) == len(set(contributed)) and not set(contributed) & set(ctx.data.without)


__all__ = ["JointWork", "JointWorkData"]
