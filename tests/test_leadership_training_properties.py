"""What holds in compulsory leadership training whatever people do, in whatever order, and whenever."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leadership_training_stage import REFRESHER, Stage, office, trainer
from progflow import Actor, Case, Refused
from progflow.programs.leadership_training import Booking, Duty, DutyData, Module, Rules, Session
from progflow.states.obligation import PREDECESSOR
from progflow.states.people import Cause

A = Module("A", "First", 8)
B = Module("B", "Second", 8, after=("A",), exam=True)
PEOPLE: tuple[str, ...] = ("kim", "sam", "lee")

WORDS = (
    "session",
    "book",
    "book",
    "hold",
    "attend",
    "attend",
    "leave",
    "credit",
    "suspend",
    "resume",
    "wait",
    "lapse",
    "appoint",
)
STEPS = st.lists(st.tuples(st.sampled_from(WORDS), st.sampled_from(PEOPLE), st.integers(0, 50)), max_size=25)


class World(Stage):
    """Three leaders, sessions of two seats, and what happens to them."""

    def __init__(self) -> None:
        super().__init__(modules=(A, B, REFRESHER), rules=Rules(refresher_months=6, refresher_opens=1))
        self.lasts = dict.fromkeys(PEOPLE, True)
        for person in PEOPLE:
            self.appoint(person)
        for module in ("A", "B"):
            self.session(module, seats=2, hours=8)

    def step(self, what: str, person: str, number: int) -> None:
        """Try something; what is refused changes nothing."""
        numbers = [case.data.number for case in self.flow.cases(Session).all()]
        some = numbers[number % len(numbers)]
        try:
            match what:
                case "session":
                    self.session("ABR"[number % 3], seats=number % 3, hours=8)
                case "wait":
                    self.days_later(number * 5)
                case "book":
                    self.book(person, some)
                case "hold":
                    self.hold(some)
                case "attend":
                    self.attend(person, some, 8 - number % 4)
                case "leave":
                    self.fire(self.seat(person, some), Booking.attendance.deregister(reason="No time."), Actor(person))
                case _:
                    self.about(what, person, number)
        except (Refused, IndexError):
            pass

    def about(self, what: str, person: str, number: int) -> None:
        credit = Duty.credit(
            module="ABR"[number % 3], hours=number / 4, provider="Institute", on=self.today, evidence="file"
        )
        until = self.today + timedelta(days=number) if number % 2 else None
        commands: dict[str, Any] = {
            "credit": credit,
            "suspend": Duty.obligation.suspend(cause=Cause.FAMILY, until=until),
            "resume": Duty.obligation.resume(),
            "lapse": Duty.obligation.lapse(reason="Another post."),
        }
        if what == "appoint":
            self.appoint(person)
            self.lasts[person] = True
        else:
            self.fire(self.duty(person), commands[what])
            self.lasts[person] = self.lasts[person] and what != "lapse"

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


@settings(max_examples=50)
@given(steps=STEPS)
def test_whatever_happens_seats_credits_order_and_the_chain_of_duties_hold(steps: list[tuple[str, str, int]]) -> None:
    world = World()
    for what, person, number in steps:
        world.step(what, person, number)
        world.check()


@settings(max_examples=30)
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
