"""Compulsory leadership training: four leaders, one full session, a leave, a deadline that passes, and a refresher."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final

from progflow import SYSTEM, Actor, Case
from progflow.cli.screen import Screen, day
from progflow.cli.stage import Stage, refused
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
from progflow.programs.leadership_training.duty import hours_by_module
from progflow.states.people import HEAD, OFFICE, Cause

TITLE: Final = "The compulsory leadership training of the City of Essen, from 2002 on"

PROLOGUE: Final = (
    "Known of the real training: compulsory since 2002 for heads of sections, groups and departments, made of modules, "
    "with a module on engagement since 2004. The modules, the people, the days and all that goes wrong are invented, "
    "and the finer rules are defaults that a municipality can set otherwise."
)

FIRST: Final = Module("A", "Leading for the first time", 16)
TALKS: Final = Module("B", "Talks with staff", 16, after=("A",))
CHANGE: Final = Module("C", "Change, with an exam", 8, after=("B",), exam=True)
ENGAGEMENT: Final = Module("E", "Leading and engagement", 8)
REFRESHER: Final = Module("R", "Leading on", 8, first=False, refresher=True)

office, head, trainer = Actor("office", {OFFICE}), Actor("head", {HEAD}), Actor("trainer", {TRAINER})
personnel: Final = Actor("personnel", {PERSONNEL})

EARLY: Final = "leader-01"
NEW: Final = "leader-02"
PARENT: Final = "leader-03"
LATE: Final = "leader-04"
LATEST: Final = "leader-05"


class Essen(Stage):
    """One training, its leaders and its sessions."""

    def __init__(self, file: Path) -> None:
        super().__init__(leadership_training, file, opens=date(2002, 1, 2))
        modules = (FIRST, TALKS, CHANGE, REFRESHER)
        establish = Training.establish(name="Essen", modules=modules, rules=Rules())
        self.training: Case[Any] = self.flow.start(establish, actor=head)

    def names(self) -> Mapping[str, str]:
        """What each case is called on the screen."""
        called = {self.training.id: "the training"}
        called |= {case.id: f"duty of {case.data.person}" for case in self.flow.cases(Duty).all()}
        called |= {case.id: f"session {case.data.number}" for case in self.flow.cases(Session).all()}
        for seat in self.flow.cases(Booking).all():
            called[seat.id] = f"seat of {seat.data.person} in {seat.data.session}"
        return called

    def duty(self, person: str) -> Case[DutyData]:
        """The last duty of that person."""
        return self.flow.cases(Duty).where(person=person).all()[-1]

    def deadline(self, person: str) -> str:
        """The last day on which that person is in time."""
        due = self.due(self.duty(person), "obligation.become_overdue", personnel)
        return "none" if due is None else day(due)

    def appoint(self, person: str, level: Level, on: date | None = None) -> None:
        """The personnel system tells of an appointment."""
        data = DutyData(person=person, post=f"post-{person[-2:]}", level=level, appointed_on=on or self.today)
        self.flow.start(Duty.arise(duty=data), parent=self.training, actor=SYSTEM)

    def session(self, number: str, begins: date, *, days: int = 2, seats: int = 12) -> None:
        """The office plans a session and opens it for registration."""
        plan = Session.plan(session=SessionData(number=number, module=number[0], provider="Study institute"))
        case = self.flow.start(plan, parent=self.training, actor=office)
        ends = begins + timedelta(days=days - 1)
        self.do(case, Session.occasion.announce(begins=begins, ends=ends, capacity=seats, hours=8 * days), office)

    def book(self, person: str, number: str) -> None:
        """A leader asks for a seat."""
        self.do(self.duty(person), Duty.book(session=number), Actor(person))

    def seat(self, person: str, number: str) -> Case[Any]:
        """That person's last seat in that session."""
        return self.flow.cases(Booking).where(person=person, session=number).all()[-1]

    def missing(self, duty: Case[DutyData]) -> str:
        """The codes of the modules that are not done."""
        seats = self.flow.cases(Booking).in_(Booking.attendance.credited).all()
        hours = hours_by_module(seat for seat in seats if seat.links["duty"] == duty.id)
        return " ".join(module.code for module in duty.data.missing(hours))

    def hold(self, number: str, **hours: float) -> None:
        """The session takes place; everybody is there to the end unless fewer hours are named, by seat."""
        session = self.flow.cases(Session).where(number=number).one()
        ends = session[Session.occasion].ends
        self.come(max(self.today, ends or self.today), hour=17)
        self.do(session, Session.occasion.hold(), trainer)
        seats = self.flow.cases(Booking).where(session=number).in_(Booking.attendance.registered).all()
        for seat in seats:
            attend = Booking.attendance.attend(hours=hours.get(seat.data.person.replace("-", "_")))
            self.do(seat, attend, trainer)

    def take(self, person: str, number: str, begins: date, *, days: int = 2) -> None:
        """A session from planning to the last hour, for one person."""
        self.come(begins - timedelta(days=30))
        self.session(number, begins, days=days)
        self.book(person, number)
        self.hold(number)


def play(file: Path, screen: Screen) -> None:
    """Play it into the file and tell it on the screen."""
    with Essen(file) as stage:
        screen.opening(TITLE, PROLOGUE)
        for chapter in (
            appointments,
            order,
            full,
            too_short,
            engagement,
            credits_for_others,
            leave,
            deadline_passes,
            fulfilled,
            demotion,
        ):
            chapter(stage, screen)
        overview(stage, screen)
        screen.gap()
        screen.tell(f"All {stage.how_many} cases with their history are in")
        screen.line(str(file))


def appointments(stage: Essen, screen: Screen) -> None:
    """Nobody applies: the obligation comes with the post."""
    screen.chapter(stage.today, "Leadership becomes something to be learnt")
    codes = ", ".join(f"{module.code} ({module.hours:g} hours)" for module in stage.training.data.concept.first_round)
    screen.tell(f"Whoever becomes a leader has to take the modules {codes} within two years.")
    stage.come(date(2002, 3, 1))
    with stage.watching() as steps:
        stage.appoint(EARLY, Level.SECTION)
        stage.appoint(PARENT, Level.DEPARTMENT)
    screen.steps(steps)
    screen.facts((f"{EARLY} has to be done by", stage.deadline(EARLY)))


def order(stage: Essen, screen: Screen) -> None:
    """One module after the other."""
    stage.session("B-2002", date(2002, 10, 7))
    screen.chapter(stage.today, "The second step before the first")
    screen.refusal(EARLY, "Ask for a seat in session B-2002", refused(lambda: stage.book(EARLY, "B-2002")))


def full(stage: Essen, screen: Screen) -> None:
    """A waiting list by deadline, and a seat that is given back late."""
    stage.come(date(2003, 9, 1))
    stage.appoint(NEW, Level.GROUP)
    stage.appoint(LATE, Level.SECTION)
    stage.session("A-2003", date(2003, 10, 6), seats=2)
    screen.chapter(stage.today, "Two seats, four leaders")
    for person in (NEW, LATE, EARLY, PARENT):
        stage.come(stage.today + timedelta(days=1))
        stage.book(person, "A-2003")
        seat = stage.seat(person, "A-2003")
        screen.tell(f"{person}: {seat.state.title}, deadline {stage.deadline(person)}.")
    stage.come(date(2003, 10, 2))
    with stage.watching() as steps:
        give_back = Booking.attendance.deregister(reason="An audit.")
        stage.do(stage.seat(NEW, "A-2003"), give_back, Actor(NEW))
    screen.tell(f"On {day(stage.today)}, four days before the session, {NEW} gives the seat back.")
    screen.steps(steps, most=8)
    late = stage.seat(NEW, "A-2003")[Booking.attendance].late
    screen.tell(f"Kept as late: {'yes' if late else 'no'}. The nearest deadline moved up, not who came first.")


def too_short(stage: Essen, screen: Screen) -> None:
    """Four fifths of the hours count, fewer do not."""
    with stage.watching() as steps:
        stage.hold("A-2003", leader_04=12)
    screen.chapter(stage.today, "Who was there, and for how long")
    screen.steps(steps, most=8)
    seat = stage.seat(LATE, "A-2003")
    offer = stage.flow.explain(seat, actor=SYSTEM)["attendance.credit"]
    screen.refusal(LATE, offer.title, offer.reasons, mark="not yet")


def engagement(stage: Essen, screen: Screen) -> None:
    """A module more, for those who come later."""
    stage.come(date(2004, 1, 5))
    modules = (FIRST, TALKS, CHANGE, ENGAGEMENT, REFRESHER)
    revise = Training.revise(modules=modules, rules=Rules(), reason="Engagement is a task of leaders.")
    stage.do(stage.training, revise, personnel)
    stage.appoint(LATEST, Level.GROUP)
    screen.chapter(stage.today, "A module on engagement")
    rows = ((person, " ".join(module.code for module in stage.duty(person).data.modules)) for person in (LATE, LATEST))
    screen.facts(*rows)
    screen.tell("A revision is only for obligations that arise later.")


def credits_for_others(stage: Essen, screen: Screen) -> None:
    """What was learnt elsewhere, up to a half, and never the exam."""
    screen.chapter(stage.today, "A course at the university")

    def credit(module: str, hours: float) -> None:
        course = Duty.credit(module=module, hours=hours, provider="University", on=stage.today, evidence="file 2004/17")
        stage.do(stage.duty(LATEST), course, personnel)

    screen.refusal(personnel.id, f"8 hours of C for {LATEST}", refused(lambda: credit("C", 8)))
    with stage.watching() as steps:
        credit("A", 16)
    screen.steps(steps)
    screen.refusal(personnel.id, f"16 hours of B for {LATEST}", refused(lambda: credit("B", 16)))


def leave(stage: Essen, screen: Screen) -> None:
    """Parental leave stops the deadline."""
    stage.come(date(2004, 2, 2))
    screen.chapter(stage.today, "Parental leave")
    before = stage.deadline(PARENT)
    with stage.watching() as steps:
        suspend = Duty.obligation.suspend(cause=Cause.FAMILY, until=date(2005, 2, 1))
        stage.do(stage.duty(PARENT), suspend, SYSTEM)
        stage.come(date(2005, 2, 2))
    screen.steps([step for step in steps if PARENT in step[0]])
    screen.facts((f"deadline of {PARENT} before", before), ("and after the leave", stage.deadline(PARENT)))


def deadline_passes(stage: Essen, screen: Screen) -> None:
    """More and more people hear of it."""
    with stage.watching() as steps:
        stage.come(date(2005, 11, 2))
    screen.chapter(stage.today, "A deadline passes")
    screen.steps([step for step in steps if LATE in step[0]])
    told = stage.duty(LATE)[Duty.obligation].escalations
    screen.facts(*((one.to, day(one.on)) for one in told))


def fulfilled(stage: Essen, screen: Screen) -> None:
    """The last module, and when it is time again."""
    stage.take(LATE, "A-2006", date(2006, 2, 6))
    stage.take(LATE, "B-2006", date(2006, 4, 3))
    stage.take(NEW, "A-2006-2", date(2006, 6, 5))
    with stage.watching() as steps:
        stage.take(LATE, "C-2006", date(2006, 9, 4), days=1)
    screen.chapter(stage.today, "Done, and not for ever")
    screen.steps([step for step in steps if LATE in step[0] and "duty" in step[0]])
    screen.facts((f"refresher of {LATE} by", stage.deadline(LATE)))
    screen.tell("Three years from the last module, however late the first round was.")


def demotion(stage: Essen, screen: Screen) -> None:
    """The role ends, and the duty with it."""
    stage.come(date(2006, 10, 2))
    screen.chapter(stage.today, "Back to the old post")
    stage.session("B-2006-2", date(2006, 11, 6), seats=1)
    stage.book(NEW, "B-2006-2")
    with stage.watching() as steps:
        stage.do(stage.duty(NEW), Duty.obligation.lapse(reason="Back to the old post."), SYSTEM)
    screen.steps(steps)


def overview(stage: Essen, screen: Screen) -> None:
    """Who has done what, and what is left."""
    rows = [
        (
            case.data.person,
            " ".join(module.code for module in case.data.modules),
            stage.missing(case),
            case.state_title.removeprefix("obligation: "),
            str(len(case[Duty.obligation].escalations)),
        )
        for case in stage.flow.cases(Duty).all()
    ]
    screen.table("Everybody who had to", ("Who", "Modules", "Missing", "Where it stands", "Escalated"), rows)


__all__ = ["TITLE", "play"]
