"""Sessions of the modules, and the seats in them."""

from __future__ import annotations

from datetime import date
from typing import Generic, TypeVar

from attrs import frozen

from progflow import START, Case, Context, Lifecycle, No, State, Term, days, derived, event, guard, invariant, relation
from progflow.programs.leadership_training.people import TRAINER
from progflow.programs.leadership_training.training import Training
from progflow.states.attendance import Attendance
from progflow.states.cancellation import Ending
from progflow.states.occasion import Occasion
from progflow.states.people import OFFICE, Name


@frozen(kw_only=True)
class SessionData:
    """Which module it is of; the number is its own."""

    number: Name
    module: Name
    provider: str = ""


S = TypeVar("S", bound=SessionData)


class BaseSession(Lifecycle[S], Generic[S], abstract=True, parent=Training, unique="number"):
    """One session of a module, with its day, its hours and its seats."""

    occasion = Occasion(by=OFFICE, held_by=(TRAINER, OFFICE), role="session")
    ending = Ending(parent=Training, upon=Training.cancellation, of=occasion.ahead)

    @guard("No concept has had a module {module}.")
    def module_is_known(self, ctx: Context[S], *, session: S) -> bool | No:
        return session.module in ctx.parent(Training).data.codes or No(module=session.module)

    @event(START >> occasion, by=OFFICE, when=lambda self: self.module_is_known)
    def plan(self, ctx: Context[S], *, session: S) -> S:
        """Plan a session."""
        return session

    @invariant("A session is about a module that some concept has had.")
    def about_a_module(self, ctx: Context[S]) -> bool:
        return ctx.data.module in ctx.parent(Training).data.codes


class Session(BaseSession[SessionData]):
    """One session of a module, with its day, its hours and its seats."""


@frozen(kw_only=True)
class BookingData:
    """Whose seat it is, in which session, and by when the module is to be done."""

    person: str
    session: str
    module: str
    due: date
    least_share: int
    notice_days: int


class Booking(Lifecycle[BookingData], parent=Training):
    """A leader's seat in a session; it links to the session and to the duty for which it counts.

    Whose deadline is nearest moves up first (assumption). The rules are those of the duty.
    """

    not_needed = State("no longer needed", final=True)

    @relation("the leader")
    def the_leader(self, ctx: Context[BookingData]) -> bool:
        return ctx.actor.id == ctx.data.person

    @derived
    def notice(self, ctx: Context[BookingData]) -> Term:
        return days(ctx.data.notice_days)

    @derived
    def least_share(self, ctx: Context[BookingData]) -> int:
        return ctx.data.least_share

    attendance = Attendance(
        of=BaseSession.occasion,
        role="session",
        person=the_leader,
        by=OFFICE,
        recorded_by=TRAINER,
        order=("due",),
        notice=notice,
        least_share=least_share,
    )
    ending = Ending(parent=Training, upon=Training.cancellation, of=attendance.undecided)

    @guard("The duty for which it counts is open.")
    def duty_is_over(self, ctx: Context[BookingData]) -> bool:
        return not ctx.linked("duty").is_open

    @event(
        attendance.undecided >> not_needed,
        auto=True,
        when=lambda self: (self.duty_is_over, self.attendance.not_held),
    )
    def fall_away(self, ctx: Context[BookingData]) -> None:
        """The duty was fulfilled, waived or has lapsed; the seat is free for others."""

    # -- what always holds

    @invariant("A seat is asked for in a session that takes people, and bears its number and module.")
    def of_a_session(self, ctx: Context[BookingData]) -> bool:
        session: Case[SessionData] = ctx.linked("session", BaseSession)
        occasion, same = BaseSession.occasion, (session.data.number, session.data.module)
        taken = session.is_in(occasion.open, occasion.full) or ctx.case.created_at <= session.entered_at
        return same == (ctx.data.session, ctx.data.module) and taken and session.visited(occasion.open)

    @invariant("A seat is kept for an open duty alone, unless the session was held already.")
    def of_an_open_duty(self, ctx: Context[BookingData]) -> bool:
        """Invariant 14, for the seats of one leader."""
        case, duty = ctx.case, ctx.linked("duty")
        if case.is_in(Booking.not_needed):
            return not duty.is_open
        waits = case.is_in(Booking.attendance.waiting, Booking.attendance.registered)
        held = ctx.linked("session", BaseSession).is_in(BaseSession.occasion.held)
        return not waits or duty.is_open or held


__all__ = ["BaseSession", "Booking", "BookingData", "Session", "SessionData"]
