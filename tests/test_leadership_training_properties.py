"""What holds in compulsory leadership training whatever people do, in whatever order, and whenever."""

from __future__ import annotations

from contextlib import suppress
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leadership_training_stage import REFRESHER, Stage, office, trainer
from progflow import Case, Refused
from progflow.programs.leadership_training import Booking, Duty, DutyData, Module, Rules, Session
from progflow.states.obligation import PREDECESSOR
from progflow.states.people import Cause

A = Module("A", "First", 8)
B = Module("B", "Second", 8, after=("A",), exam=True)
PEOPLE: tuple[str, ...] = ("kim", "sam", "lee")

USUAL = ("course", "course", "session", "book", "hold", "attend", "wait")
SELDOM = (
    "leave",
    "excuse",
    "miss",
    "credit",
    "suspend",
    "resume",
    "extend",
    "lapse",
    "waive",
    "appoint",
    "move",
    "resize",
)
STEPS = st.lists(
    st.tuples(st.sampled_from((*USUAL, *USUAL, *USUAL, *SELDOM)), st.integers(0, 59)), min_size=15, max_size=40
)


class World(Stage):
    """Three leaders, sessions of few seats, and what happens to them."""

    def __init__(self) -> None:
        super().__init__(modules=(A, B, REFRESHER), rules=Rules(refresher_months=6, refresher_opens=1))
        self.lasts = dict.fromkeys(PEOPLE, True)
        for person in PEOPLE:
            self.appoint(person)

    def step(self, what: str, number: int) -> None:
        """Do something to somebody who can be named; what is refused changes nothing."""
        person = PEOPLE[number % 3]
        with suppress(Refused):
            match what:
                case "session":
                    self.session("ABR"[number % 3], seats=1 + number % 2, hours=8)
                case "course":
                    self.course("ABR"[number % 3], number)
                case "wait":
                    self.days_later(number * 4)
                case "appoint":
                    self.appoint(person)
                    self.lasts[person] = True
                case "book":
                    self.book_what_is_needed(person)
                case "hold" | "move" | "resize":
                    self.about_sessions(what, number)
                case "attend" | "leave" | "excuse" | "miss":
                    self.about_seats(what, number)
                case _:
                    self.about_duties(what, person, number)

    def course(self, module: str, number: int) -> None:
        """A session for whoever needs it, held and recorded; some are not there to the end."""
        session = self.session(module, seats=2, hours=8)
        for person in PEOPLE:
            with suppress(Refused):
                self.book(person, session)
        self.hold(session)
        for seat in self.flow.cases(Booking).where(session=session).in_(Booking.attendance.registered).all():
            self.attend(seat.data.person, session, 8 - number % 5 % 3)

    def book_what_is_needed(self, person: str) -> None:
        """Ask for a seat in the first session in which it is possible."""
        for session in self.flow.cases(Session).in_(Session.occasion.bookable).all():
            with suppress(Refused):
                self.book(person, session.data.number)
                return

    def about_sessions(self, what: str, number: int) -> None:
        sessions = self.flow.cases(Session).in_(Session.occasion.bookable).all()
        if not sessions:
            return
        session = sessions[number % len(sessions)]
        if what == "hold":
            self.hold(session.data.number)
        elif what == "move":
            begins = self.today + timedelta(days=number)
            self.fire(session, Session.occasion.move_day(begins=begins, reason="The room."), office)
        else:
            self.fire(session, Session.occasion.resize(capacity=number % 4), office)

    def about_seats(self, what: str, number: int) -> None:
        seats = self.flow.cases(Booking).in_(Booking.attendance.undecided).all()
        if not seats:
            return
        if what == "attend":  # those first who can have been there
            seats = sorted(seats, key=lambda one: not self.was_held(one))
            number = 0
        commands: dict[str, Any] = {
            "attend": Booking.attendance.attend(hours=8 - len(seats) % 3),
            "leave": Booking.attendance.deregister(reason="No time."),
            "excuse": Booking.attendance.excuse(cause=Cause.OTHER),
            "miss": Booking.attendance.miss(),
        }
        self.fire(seats[number % len(seats)], commands[what], trainer if what in ("attend", "miss") else office)

    def was_held(self, seat: Case[Any]) -> bool:
        return self.flow.get(Session, seat.links["session"]).is_in(Session.occasion.held)

    def about_duties(self, what: str, person: str, number: int) -> None:
        until = self.today + timedelta(days=number)
        hours = (number + 1) / 4
        credit = Duty.credit(module="ABR"[number % 3], hours=hours, provider="Institute", on=self.today, evidence="f")
        commands: dict[str, Any] = {
            "credit": credit,
            "suspend": Duty.obligation.suspend(cause=Cause.FAMILY, until=until if number % 2 else None),
            "resume": Duty.obligation.resume(),
            "extend": Duty.obligation.extend(until=until, reason="No session."),
            "lapse": Duty.obligation.lapse(reason="Another post."),
            "waive": Duty.obligation.waive(reason="Retires."),
        }
        ends = what in ("lapse", "waive")
        if ends and number % 4:
            return  # most stay
        self.fire(self.duty(person), commands[what])
        self.lasts[person] = self.lasts[person] and not ends

    # -- what holds

    def check(self) -> None:
        for person in PEOPLE:
            self.check_chain(person)
        for session in self.flow.cases(Session).all():
            self.check_session(session)
        for duty in self.flow.cases(Duty).all():
            self.check_duty(duty)

    def check_chain(self, person: str) -> None:
        """Invariant 18."""
        chain = self.flow.cases(Duty).where(person=person).all()
        assert [case.is_open for case in chain] == [False] * (len(chain) - 1) + [self.lasts[person]]
        for before, after in pairwise(chain):
            assert (before.state == Duty.obligation.fulfilled) == (after.links.get(PREDECESSOR) == before.id)

    def check_session(self, session: Case[Any]) -> None:
        """Invariants 5 and 17: never more people than seats, nobody overtaken, nobody there before it was held."""
        seats = [one for one in self.flow.cases(Booking).all() if one.links["session"] == session.id]
        capacity = session[Session.occasion].capacity
        seated = [one for one in seats if one.is_in(Booking.attendance.with_a_seat)]
        waiting = [one for one in seats if one.state == Booking.attendance.waiting]
        assert capacity is None or len(seated) <= capacity
        assert session.state == Session.occasion.held or not any(
            one.is_in(Booking.attendance.was_there) for one in seats
        )
        begins = session[Session.occasion].begins
        if begins is not None and self.today < begins:
            assert not waiting or len(seated) == capacity
        assert session.state != Session.occasion.held or not waiting

    def check_duty(self, duty: Case[DutyData]) -> None:
        """Invariant 17: nothing credited beyond the cap or for an exam; and nothing out of order."""
        credits = duty.data.credits
        assert sum(credit.hours for credit in credits) <= sum(module.hours for module in duty.data.modules) / 2
        assert all(credit.module != "B" for credit in credits)
        seats = [one for one in self.flow.cases(Booking).all() if one.links["duty"] == duty.id]
        hours = sum(one[Booking.attendance].hours for one in seats if one.data.module == "A")
        hours += sum(credit.hours for credit in credits if credit.module == "A")
        assert hours >= 6.4 or not any(one.data.module == "B" for one in seats)


@settings(max_examples=20)
@given(steps=STEPS)
def test_whatever_happens_seats_credits_order_and_the_chain_of_duties_hold(steps: list[tuple[str, int]]) -> None:
    world = World()
    for what, number in steps:
        world.step(what, number)
        world.check()


@settings(max_examples=15)
@given(stops=st.lists(st.integers(1, 60), max_size=4))
def test_one_step_of_the_clock_is_as_good_as_many(stops: list[int]) -> None:
    """Invariant 11: deadlines, escalation and the end of a suspension come at the same days."""

    def story(days: list[int]) -> list[tuple[str, date, str]]:
        stage = Stage(modules=(A, B, REFRESHER))
        stage.appoint("kim", on=date(2024, 5, 1))
        stage.book("kim", stage.session("A", hours=8, on=date(2027, 1, 1)))
        stage.fire(stage.duty("kim"), Duty.obligation.suspend(cause=Cause.FAMILY, until=date(2026, 4, 1)))
        for number in days:
            stage.days_later(number)
        stage.on(date(2026, 12, 1))
        return [(entry.event, entry.at.date(), entry.after) for entry in stage.flow.history(stage.duty("kim"))]

    assert story(stops) == story([])


def test_nobody_records_oneself() -> None:
    """Invariant 8."""
    stage = Stage()
    stage.appoint(trainer.id)
    number = stage.session("A")
    stage.book(trainer.id, number, office)
    stage.hold(number)
    with pytest.raises(Refused, match="Only for"):
        stage.attend(trainer.id, number)
