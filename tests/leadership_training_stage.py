"""A small administration with its compulsory leadership training, and a clock."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from coverage_of import Coverage
from progflow import Actor, Case, Program
from progflow.programs.leadership_training import (
    PERSONNEL,
    TRAINER,
    Booking,
    Duty,
    DutyData,
    Level,
    Module,
    Rules,
    Session,
    SessionData,
    Training,
    leadership_training,
)
from progflow.states.people import HEAD, OFFICE
from stage import ProgrammeStage

office, head = Actor("office", {OFFICE}), Actor("head", {HEAD})
trainer, personnel = Actor("trainer", {TRAINER}), Actor("hr", {PERSONNEL})

A = Module("A", "Leading for the first time", 16)
B = Module("B", "Talks with staff", 16, after=("A",))
C = Module("C", "Change", 8, after=("B",), exam=True)
REFRESHER = Module("R", "Leading on", 8, first=False, refresher=True)
MODULES = (A, B, C, REFRESHER)

COVERAGE = Coverage()
"""What the tests of the programme have made happen."""


class Stage(ProgrammeStage):
    """The training of one administration."""

    def __init__(
        self,
        today: date = date(2026, 3, 2),
        *,
        modules: tuple[Module, ...] = MODULES,
        rules: Rules = Rules(),  # noqa: B008 - a frozen value
        program: Program = leadership_training,
        store: Any = None,
    ) -> None:
        super().__init__(program, store, today, coverage=COVERAGE)
        established = Training.establish(name="Leading", modules=modules, rules=rules)
        self.training = self.flow.start(established, actor=head)
        self.numbers = 0

    @property
    def today(self) -> date:
        return self.clock.today

    def days_later(self, number: int) -> None:
        self.on(self.today + timedelta(days=number))

    def fire(self, case: Case[Any], command: Any, actor: Actor = personnel) -> Case[Any]:
        self.clock.forward(seconds=1)
        return self.flow.fire(case.id, command, actor=actor)

    # -- leaders

    def appoint(self, person: str, *, on: date | None = None, post: str = "") -> Case[DutyData]:
        data = DutyData(
            person=person, post=post or f"post of {person}", level=Level.GROUP, appointed_on=on or self.today
        )
        self.clock.forward(seconds=1)
        return self.flow.start(Duty.arise(duty=data), parent=self.training, actor=personnel)

    def duty(self, person: str) -> Case[DutyData]:
        """The last duty of that person."""
        return self.flow.cases(Duty).where(person=person).all()[-1]

    def state(self, person: str) -> str:
        return self.duty(person).state.name

    # -- sessions

    def session(
        self, module: str, *, on: date | None = None, seats: int | None = 10, hours: float = 16, number: str = ""
    ) -> str:
        """A session that is open for registration; its number."""
        self.numbers += 1
        number = number or f"{module}-{self.numbers}"
        planned = Session.plan(session=SessionData(number=number, module=module))
        case = self.flow.start(planned, parent=self.training, actor=office)
        begins = on or self.today + timedelta(days=14)
        self.fire(case, Session.occasion.announce(begins=begins, capacity=seats, hours=hours), office)
        return number

    def session_case(self, number: str) -> Case[SessionData]:
        return self.flow.cases(Session).where(number=number).all()[-1]

    def book(self, person: str, number: str, actor: Actor | None = None) -> Case[Any]:
        return self.fire(self.duty(person), Duty.book(session=number), actor or Actor(person))

    def seat(self, person: str, number: str) -> Case[Any]:
        return self.flow.cases(Booking).where(person=person, session=number).all()[-1]

    def seat_state(self, person: str, number: str) -> str:
        return self.seat(person, number).state.name

    def hold(self, number: str) -> None:
        """Move on to its last day, and hold it."""
        ends = self.session_case(number)[Session.occasion].ends
        assert ends is not None
        self.on(max(ends, self.today))
        self.fire(self.session_case(number), Session.occasion.hold(), trainer)

    def attend(self, person: str, number: str, hours: float | None = None) -> Case[Any]:
        return self.fire(self.seat(person, number), Booking.attendance.attend(hours=hours), trainer)

    def take(self, person: str, module: str, hours: float = 16) -> None:
        """Register, and be there from the beginning to the end."""
        number = self.session(module, hours=hours)
        self.book(person, number)
        self.hold(number)
        self.attend(person, number)

    def take_all(self, person: str) -> None:
        """Do the whole first round."""
        self.take(person, "A")
        self.take(person, "B")
        self.take(person, "C", 8)
