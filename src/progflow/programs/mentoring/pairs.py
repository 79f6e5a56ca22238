"""A mentee and a mentor as they were on the day of their match, and the states of a pair that others watch."""

from __future__ import annotations

from datetime import date
from typing import Any, Generic, TypeVar

from attrs import frozen

from progflow import Cases, Context, Lifecycle, State, invariant, relation
from progflow.programs.mentoring.people import Goal
from progflow.states.approval import Vote
from progflow.states.people import Cause


@frozen(kw_only=True)
class Pair:
    """A mentee and a mentor, by the host's ids, and why the two fit.

    What a programme judges a pair by (such as the employer of each) it keeps here as it is on that day: facts change,
    and a later change does not undo a match.
    """

    mentee: str
    mentor: str
    why: str = ""


P = TypeVar("P", bound=Pair)


class OfPair(Lifecycle[P], Generic[P], abstract=True):
    """What holds for a pair from the proposal to the end of the tandem."""

    @relation("one of the two")
    def one_of_the_two(self, ctx: Context[P]) -> bool:
        return ctx.actor.id in (ctx.data.mentee, ctx.data.mentor)

    @invariant("Nobody is one's own mentor.")
    def two_people(self, ctx: Context[P]) -> bool:
        """Invariant 2, the part of the pair."""
        return ctx.data.mentee != ctx.data.mentor


@frozen(kw_only=True)
class TandemData(Pair):
    """A pair and what it did.

    Of meetings only the days are kept; what is talked about is confidential (assumption). ``reminded_after`` is the
    day of the last one when both were last reminded.
    """

    approvals: tuple[Vote, ...] = ()
    started: date | None = None
    goals: tuple[Goal, ...] = ()
    meetings: tuple[date, ...] = ()
    reminders: tuple[date, ...] = ()
    reminded_after: date | None = None
    cause: Cause | None = None


T = TypeVar("T", bound=TandemData)


class AnyTandem(OfPair[T], Generic[T], abstract=True):
    """The tandems of whatever edition: their states, as those see them who count or watch them."""

    approved = State(initial=True)
    started = State()
    active = State()
    paused = State(clock="stopped")
    completed = State(final=True)
    dissolved = State(final=True)
    lapsed = State("never begun", final=True)

    at_work = started | active
    begun = at_work | paused
    unfinished = approved | begun


def tandems_beside(ctx: Context[Any]) -> Cases[TandemData]:
    """The other tandems of the edition, for any child of it."""
    return ctx.siblings(AnyTandem)


def tandems_of(ctx: Context[Any], role: str) -> Cases[TandemData]:
    """The tandems of a mentee or mentor, whatever has become of them."""
    return ctx.linking(role, AnyTandem)


__all__ = ["AnyTandem", "OfPair", "Pair", "TandemData", "tandems_beside", "tandems_of"]
