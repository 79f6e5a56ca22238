"""What the invariants of this training work out anew, and rules never ask."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

from attrs import frozen

from progflow import Case, Cases, Context, months
from progflow.programs.leadership_training.people import Concept, Credit, Deadline, Module
from progflow.programs.leadership_training.session import BaseSession, Booking, BookingData, SessionData
from progflow.states.follow_up import ObligationData


def round_of(concept: Concept, *, refresher: bool) -> list[Module]:
    """The modules of the first round, or of a further one."""
    return [one for one in concept.modules if (one.refresher if refresher else one.first)]


def counted_until(deadline: Deadline, appointed_on: date) -> date:
    """The last day of a deadline, § 187(2) BGB."""
    if deadline.year_end is None:
        return appointed_on + months(deadline.months).counting_first_day()
    return date(appointed_on.year + deadline.year_end + 1, 1, 1) - timedelta(days=1)


@frozen(eq=False)
class Seat:
    """A seat of a leader, with its session."""

    booking: Case[BookingData]
    session: Case[SessionData]

    @property
    def hours(self) -> float:
        """How many hours the leader was there, if they count."""
        return self.booking[Booking.attendance].hours if self.counts else 0.0

    @property
    def counts(self) -> bool:
        """Whether the leader was there long enough."""
        return self.booking.is_in(Booking.attendance.credited)

    @property
    def waited_for(self) -> bool:
        """Whether nobody knows yet what becomes of it."""
        return self.booking.is_in(Booking.attendance.waiting, Booking.attendance.registered)

    def waited_for_at(self, moment: datetime) -> bool:
        """Whether nobody knew it after that moment."""
        return self.waited_for or self.booking.entered_at > moment


@frozen(eq=False)
class Round:
    """One round of one leader, looked at seat by seat and credit by credit, in the order in which they came."""

    modules: list[Module]
    seats: list[Seat]
    credits: tuple[Credit, ...]
    least_share: int

    @classmethod
    def of(cls, ctx: Context[Any], data: Any) -> Round:
        """The round of the duty."""
        found: Cases[SessionData] = ctx.siblings(BaseSession)
        sessions = {one.id: one for one in found.all()}
        bookings = ctx.linking("duty", Booking).all()
        seats = [Seat(one, sessions[one.links["session"]]) for one in bookings]
        modules = round_of(data.concept, refresher=data.due is not None)
        return cls(modules, seats, data.credits, data.concept.rules.least_share)

    def hours(self, code: str) -> float:
        """How many hours of sessions of that module count."""
        return sum(one.hours for one in self.seats if one.session.data.module == code)

    def done(self, code: str) -> float:
        """The same with what was credited."""
        return self.hours(code) + sum(one.hours for one in self.credits if one.module == code)

    @property
    def missing(self) -> list[Module]:
        """The modules that are not done."""
        return [one for one in self.modules if not self.done(one.code) * 100 >= one.hours * self.least_share]

    @property
    def begun(self) -> bool:
        """Whether something is done."""
        return bool(self.credits) or any(one.hours for one in self.seats)

    @property
    def planned(self) -> bool:
        """Whether a seat is taken."""
        return any(one.booking.is_in(Booking.attendance.registered) for one in self.seats)

    def deadline(self, data: Any) -> date:
        """By when the next part has to be done."""
        until = {one.code: self.deadline_of(one.code, data) for one in self.modules}
        waiting = [one for one in self.missing if not (one.deadline.begun and self.done(one.code))]
        if data.due is not None or not waiting:
            return max(until.values())
        return min(until[one.code] for one in waiting)

    def deadline_of(self, code: str, data: Any) -> date:
        """By when that module has to be done, or begun."""
        due: date | None = data.due
        if due is not None:
            return due
        return next(counted_until(one.deadline, data.appointed_on) for one in self.modules if one.code == code)

    def alike(self, data: Any, kept: ObligationData) -> Iterator[bool]:
        """For each seat whether it has the rules of the duty, and its deadline as suspensions had moved it by then."""
        rules = data.person, data.concept.rules.least_share, data.concept.rules.notice_days
        for seat in self.seats:
            theirs, on = seat.booking.data, seat.booking.created_at.date()
            before = sum(one.days for one in kept.suspensions if one.resumed is not None and one.resumed < on)
            that_day = sum(one.days for one in kept.suspensions if one.resumed == on)
            moved = theirs.due - self.deadline_of(theirs.module, data)
            same = rules == (theirs.person, theirs.least_share, theirs.notice_days)
            yield same and moved.days in (before, before + that_day)

    @property
    def last_day(self) -> date | None:
        """The day on which the last part took place; None if nothing has."""
        ends = [one.session[BaseSession.occasion].ends for one in self.seats if one.counts]
        return max([day for day in (*ends, *(one.on for one in self.credits)) if day is not None], default=None)

    # -- as it was then

    def missing_then(self, code: str, at: datetime, known: tuple[Credit, ...]) -> bool:
        """Whether the module was not done at that time, as far as its hours and these credits were known before."""
        hours = sum(one.hours for one in self.seats if one.session.data.module == code and one.booking.entered_at < at)
        credited = sum(one.hours for one in known if one.module == code)
        return all((hours + credited) * 100 < one.hours * self.least_share for one in self.modules if one.code == code)

    def asked_for_in_order(self) -> Iterator[bool]:
        """For each seat whether it was needed when it was asked for, and what comes before it was done."""
        done = {one.code for one in self.modules} - {one.code for one in self.missing}
        for place, seat in enumerate(self.seats):
            code, at = seat.session.data.module, seat.booking.created_at
            module = next((one for one in self.modules if one.code == code), None)
            known = tuple(one for one in self.credits if one.noted_at < at)
            same = [one for one in self.seats if one.session.data.module == code]
            ahead = [one for one in self.seats[:place] if one in same and one.waited_for_at(at)]
            covered = sum(one.session[BaseSession.occasion].hours for one in ahead)
            covered += sum(one.hours for one in same if one.booking.entered_at < at)
            covered += sum(one.hours for one in known if one.module == code)
            again = any(one.session.id == seat.session.id for one in ahead)
            in_turn = module is not None and {*module.after} <= done and covered < module.hours
            yield in_turn and not again and self.missing_then(code, at, known)


__all__ = ["Round", "Seat", "counted_until", "round_of"]
