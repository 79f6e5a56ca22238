"""The yearly talk about qualification."""

from __future__ import annotations

from datetime import date
from typing import Generic, TypeVar

from attrs import evolve, frozen

from progflow import (
    OPEN,
    START,
    STAY,
    Context,
    No,
    State,
    Term,
    derived,
    event,
    guard,
    moment,
    months,
    weeks,
)
from progflow.programs.training_network.member import Member
from progflow.programs.training_network.network import Network
from progflow.programs.training_network.people import PERSONNEL, Interval, Marked, OfEmployee, works_for
from progflow.states.cancellation import Ending
from progflow.states.review import Review


@frozen(kw_only=True)
class TalkData(Marked):
    """Whose talk it is, when the last one was before the network, and every how many months if not as usual."""

    last_talk: date | None = None
    every: Interval | None = None


T = TypeVar("T", bound=TalkData)


class BaseTalk(OfEmployee[T], Generic[T], abstract=True, parent=Member, unique="person"):
    """Every employee has a claim to a talk about qualification, year after year, in which needs are found out.

    Source: TVöD § 5. It is the one claim that the paragraph gives to everybody; it comes yearly unless something else
    is agreed upon, may be held with several at once, and stays due during parental leave and long illness; so of leave
    nothing is kept here.
    """

    @derived
    def interval(self, ctx: Context[T]) -> Term:
        return months(ctx.data.every or ctx.parent(Network).data.rules.talk_every)

    @derived
    def time_to_hold_it(self, ctx: Context[T]) -> Term:
        return weeks(ctx.parent(Network).data.rules.talk_within)

    @derived
    def time_until_escalation(self, ctx: Context[T]) -> Term:
        return weeks(ctx.parent(Network).data.rules.escalates_after)

    @moment
    def last_before(self, ctx: Context[T]) -> date:
        return ctx.data.last_talk or ctx.case.created_at.date()

    talk = Review(
        after=interval,
        since=last_before,
        every=interval,
        within=time_to_hold_it,
        escalates_after=time_until_escalation,
        person=OfEmployee.the_employee,
        by=OfEmployee.the_superior,
        invited_by=(OfEmployee.the_superior, OfEmployee.own_personnel, OfEmployee.the_employee),
    )
    ended = State("the employment has ended", final=True)
    ending = Ending(parent=Member, upon=Member.gone)

    @guard("The last talk cannot have been on {last_talk}.")
    def was_held(self, ctx: Context[T], *, talk: T) -> bool | No:
        last = talk.last_talk
        return last is None or last <= ctx.today or No(last_talk=last)

    @guard("{person} does not work for this administration.")
    def works_here(self, ctx: Context[T], *, talk: T) -> bool | No:
        here = works_for(ctx, talk.person, talk.administration)
        return here or No(person=talk.person)

    @guard("You look after the employees of your own administration only.")
    def for_ones_own(self, ctx: Context[T], *, talk: T) -> bool:
        own = talk.administration == ctx.parent(Member).data.administration
        return own and works_for(ctx, ctx.actor.id, talk.administration)

    @event(START >> talk, by=PERSONNEL, when=lambda self: (self.for_ones_own, self.works_here, self.was_held))
    def take_up(self, ctx: Context[T], *, talk: T) -> T:
        """Take an employee up into the yearly talks."""
        return talk

    @event(OPEN >> STAY, by=lambda self: self.own_personnel)
    def agree_interval(self, ctx: Context[T], *, every: Interval) -> T:
        """Agree on another interval, in months."""
        return evolve(ctx.data, every=every)

    @event(OPEN >> ended, by=lambda self: self.own_personnel)
    def end(self, ctx: Context[T]) -> None:
        """The employment has ended."""


class Talk(BaseTalk[TalkData]):
    """The yearly talk of one employee."""


__all__ = ["BaseTalk", "Talk", "TalkData"]
