"""An occasion with so many seats, who waits for one, and who was there."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from attrs import frozen
from hypothesis import given
from hypothesis import strategies as st

from progflow import (
    ANYONE,
    START,
    SYSTEM,
    Actor,
    Case,
    Cases,
    Context,
    Entry,
    Flow,
    Lifecycle,
    Program,
    Refused,
    Role,
    State,
    derived,
    event,
    relation,
)
from progflow.adapters.memory import MemoryStore
from progflow.states.attendance import Attendance
from progflow.states.occasion import Occasion
from progflow.states.people import OFFICE, Cause

TRAINER = Role("trainer")
office, trainer = Actor("office", {OFFICE}), Actor("trainer", {TRAINER})
DAY = date(2026, 5, 11)


@frozen
class Subject:
    subject: str


@frozen
class Booker:
    person: str
    due: date | None = None


class Workshop(Lifecycle[Subject]):
    """A workshop."""

    occasion = Occasion(held_by=(TRAINER, OFFICE))


class Booking(Lifecycle[Booker], parent=Workshop, unique="person"):
    """A seat in a workshop."""

    @relation("the person")
    def the_person(self, ctx: Context[Booker]) -> bool:
        return ctx.actor.id == ctx.data.person

    attendance = Attendance(of=Workshop.occasion, person=the_person, recorded_by=TRAINER)

    @event(START >> attendance, by=ANYONE)
    def register(self, ctx: Context[Booker]) -> Booker:
        """Register."""
        return Booker(ctx.actor.id)


class Stage:
    """A workshop with three seats and eight hours, and a clock."""

    def __init__(self, seats: int | None = 3) -> None:
        self.now = datetime(2026, 3, 2, 8, tzinfo=UTC)
        self.flow = Flow(
            Program("workshops", Workshop, Booking, zone="Europe/Berlin"), store=MemoryStore(), clock=lambda: self.now
        )
        planned = self.flow.start(Workshop, Subject("talks"), actor=SYSTEM)
        announce = Workshop.occasion.announce(begins=DAY, capacity=seats, hours=8)
        self.workshop = self.flow.fire(planned, announce, actor=office)

    def register(self, *people: str) -> list[Case[Booker]]:
        made: list[Case[Booker]] = []
        for person in people:
            self.now += timedelta(minutes=1)
            made.append(self.flow.start(Booking.register(), parent=self.workshop, actor=Actor(person)))
        return made

    def on(self, day: date) -> None:
        self.now = datetime(day.year, day.month, day.day, 8, tzinfo=UTC)
        self.flow.run_due()

    def fire(self, case: Case[Any], command: Any, actor: Actor = office) -> Case[Any]:
        return self.flow.fire(case.id, command, actor=actor)

    def hold(self) -> None:
        self.on(DAY)
        self.fire(self.workshop, Workshop.occasion.hold(), trainer)

    def states(self, *bookings: Case[Any]) -> list[str]:
        return [self.flow.get(Booking, one.id).state.name for one in bookings]

    def workshop_is(self) -> str:
        return self.flow.get(Workshop, self.workshop).state.name


def test_who_comes_while_a_seat_is_free_gets_it_and_the_others_wait() -> None:
    stage = Stage()
    made = stage.register(*"abcd")
    assert stage.states(*made) == ["registered", "registered", "registered", "waiting"]
    assert stage.workshop_is() == "full"


def test_a_seat_given_back_goes_to_the_first_who_waits_in_the_same_step() -> None:
    stage = Stage()
    made = stage.register(*"abcde")
    given_back = stage.fire(made[0], Booking.attendance.deregister(reason="A meeting."), Actor("a"))
    assert stage.states(*made) == ["deregistered", "registered", "registered", "registered", "waiting"]
    assert stage.workshop_is() == "full"
    assert not given_back[Booking.attendance].late
    moved_up = stage.flow.history(made[3].id)[-1]
    assert (moved_up.event, moved_up.caused_by) == ("attendance.move_up", f"{made[0].id}#{given_back.revision}")


def test_without_a_capacity_there_is_room_for_everybody() -> None:
    stage = Stage(seats=None)
    assert stage.states(*stage.register(*"abcdefgh")) == ["registered"] * 8
    assert stage.workshop_is() == "open"


def test_more_seats_are_taken_at_once_and_fewer_than_taken_are_refused() -> None:
    stage = Stage(seats=1)
    made = stage.register(*"abcd")
    stage.fire(stage.workshop, Workshop.occasion.resize(capacity=3))
    assert stage.states(*made) == ["registered", "registered", "registered", "waiting"]
    with pytest.raises(Refused, match="3 seats are taken already"):
        stage.fire(stage.workshop, Workshop.occasion.resize(capacity=2))
    stage.fire(stage.workshop, Workshop.occasion.resize(capacity=None))
    assert (stage.states(made[3]), stage.workshop_is()) == (["registered"], "open")


def test_on_the_day_itself_nobody_moves_up_any_more() -> None:
    stage = Stage(seats=1)
    made = stage.register("a", "b")
    stage.on(DAY)
    stage.fire(made[0], Booking.attendance.deregister(reason="The train."), Actor("a"))
    assert stage.states(*made) == ["deregistered", "waiting"]


@pytest.mark.parametrize(("days_before", "late"), [(7, False), (6, True), (0, True)])
def test_a_seat_given_back_less_than_a_week_before_is_kept_as_late(days_before: int, late: bool) -> None:
    stage = Stage()
    (mine,) = stage.register("a")
    stage.on(DAY - timedelta(days=days_before))
    mine = stage.fire(mine, Booking.attendance.deregister(reason="Another task."), Actor("a"))
    assert (mine.state, mine[Booking.attendance].late) == (Booking.attendance.deregistered, late)


def test_who_only_waits_is_never_late() -> None:
    stage = Stage(seats=1)
    _, second = stage.register("a", "b")
    stage.on(DAY)
    second = stage.fire(second, Booking.attendance.deregister(reason="It got too late."), Actor("b"))
    assert not second[Booking.attendance].late


def test_a_moved_day_has_a_reason_keeps_its_length_and_everybody_hears_of_it() -> None:
    stage = Stage(seats=1)
    made = stage.register("a", "b")
    new_day = DAY + timedelta(days=30)
    with pytest.raises(Refused, match="has passed"):
        stage.fire(stage.workshop, Workshop.occasion.move_day(begins=date(2026, 3, 1), reason="The room."))
    moved = stage.fire(stage.workshop, Workshop.occasion.move_day(begins=new_day, reason="The trainer is ill."))
    kept = moved[Workshop.occasion]
    assert (kept.begins, kept.ends, kept.moves[0].before) == (new_day, new_day, DAY)
    stage.flow.run_due()
    late_comer = stage.register("c")[0]
    stage.flow.run_due()
    heard = [stage.flow.get(Booking, one.id)[Booking.attendance].told_on for one in (*made, late_comer)]
    assert heard == [date(2026, 3, 2), date(2026, 3, 2), None]
    again = new_day + timedelta(days=1)
    stage.on(date(2026, 3, 5))
    stage.fire(stage.workshop, Workshop.occasion.move_day(begins=again, reason="The room."))
    stage.flow.run_due()
    heard = [stage.flow.get(Booking, one.id)[Booking.attendance].told_on for one in (*made, late_comer)]
    assert heard == [date(2026, 3, 5)] * 3


@pytest.mark.parametrize(("days_after", "late"), [(1, False), (7, False), (8, True)])
def test_who_hears_of_a_new_day_has_a_week_to_give_the_seat_back(days_after: int, late: bool) -> None:
    stage = Stage()
    (mine,) = stage.register("a")
    told = DAY - timedelta(days=3)
    stage.on(told)
    stage.fire(stage.workshop, Workshop.occasion.move_day(begins=told + timedelta(days=9), reason="The room."))
    stage.on(told + timedelta(days=days_after))
    mine = stage.fire(mine, Booking.attendance.deregister(reason="I cannot then."), Actor("a"))
    assert mine[Booking.attendance].late == late


def test_what_is_cancelled_has_a_reason_and_releases_everybody() -> None:
    stage = Stage(seats=1)
    made = stage.register("a", "b")
    cancelled = stage.fire(stage.workshop, Workshop.occasion.cancel(reason="Too few."))
    assert cancelled[Workshop.occasion].cancelled_because == "Too few."
    assert stage.states(*made) == ["released", "released"]
    with pytest.raises(Refused, match="Not possible in the state"):
        stage.fire(stage.workshop, Workshop.occasion.hold(), trainer)


def test_nobody_attends_before_it_was_held_and_it_is_not_held_before_its_last_day() -> None:
    stage = Stage()
    (mine,) = stage.register("a")
    stage.on(DAY - timedelta(days=1))
    with pytest.raises(Refused, match="It lasts until 2026-05-11"):
        stage.fire(stage.workshop, Workshop.occasion.hold(), trainer)
    for command in (Booking.attendance.attend(), Booking.attendance.miss()):
        with pytest.raises(Refused, match="It has not been held"):
            stage.fire(mine, command, trainer)


def test_afterwards_everybody_was_there_or_was_not_and_who_still_waited_is_released() -> None:
    stage = Stage()
    made = stage.register(*"abcd")
    stage.hold()
    stage.fire(made[0], Booking.attendance.attend(), trainer)
    stage.fire(made[1], Booking.attendance.miss(), trainer)
    stage.fire(made[2], Booking.attendance.excuse(cause=Cause.ILLNESS))
    assert stage.states(*made) == ["credited", "no_show", "excused", "released"]
    assert stage.flow.get(Booking, made[0].id)[Booking.attendance].hours == 8
    with pytest.raises(Refused):
        stage.fire(made[0], Booking.attendance.deregister(reason="Too late for that."))


def test_an_excuse_before_the_day_frees_the_seat() -> None:
    stage = Stage(seats=1)
    made = stage.register("a", "b")
    stage.fire(made[0], Booking.attendance.excuse(cause=Cause.OTHER))
    assert stage.states(*made) == ["excused", "registered"]


@pytest.mark.parametrize(
    ("hours", "state"), [(6.25, "attended"), (6.4, "credited"), (6.5, "credited"), (8, "credited")]
)
def test_it_counts_from_four_fifths_of_its_hours_on(hours: float, state: str) -> None:
    stage = Stage()
    (mine,) = stage.register("a")
    stage.hold()
    stage.fire(mine, Booking.attendance.attend(hours=hours), trainer)
    assert stage.states(mine) == [state]


def test_nobody_was_there_longer_than_it_took() -> None:
    stage = Stage()
    (mine,) = stage.register("a")
    stage.hold()
    with pytest.raises(Refused, match=r"It had 8\.0 hours"):
        stage.fire(mine, Booking.attendance.attend(hours=8.25), trainer)


def test_nobody_records_or_excuses_oneself() -> None:
    stage = Stage()
    (mine,) = stage.register("trainer")
    with pytest.raises(Refused, match="Only for"):
        stage.fire(mine, Booking.attendance.excuse(cause=Cause.OTHER), Actor("trainer", {TRAINER, OFFICE}))
    stage.hold()
    with pytest.raises(Refused, match="Only for"):
        stage.fire(mine, Booking.attendance.attend(), trainer)


def test_only_the_person_or_the_office_gives_a_seat_back() -> None:
    stage = Stage()
    (mine,) = stage.register("a")
    with pytest.raises(Refused, match="Only for"):
        stage.fire(mine, Booking.attendance.deregister(reason="I want that seat."), Actor("b"))


def test_it_ends_no_earlier_than_it_begins() -> None:
    stage = Stage()
    ends = DAY + timedelta(days=1)
    with pytest.raises(Refused, match="would end on 2026-05-12"):
        stage.fire(
            stage.workshop, Workshop.occasion.move_day(begins=ends + timedelta(days=1), ends=ends, reason="Holidays.")
        )


# -- linked, and in the order of a deadline


class Series(Lifecycle[Subject]):
    """What sessions and bookings belong to."""

    running = State(initial=True, resting=True)


class Session(Lifecycle[Subject], parent=Series):
    """A session of the series."""

    occasion = Occasion(role="session")


class Seat(Lifecycle[Booker], parent=Series):
    """A seat, which links to its session."""

    @relation("the person")
    def the_person(self, ctx: Context[Booker]) -> bool:
        return ctx.actor.id == ctx.data.person

    attendance = Attendance(of=Session.occasion, role="session", person=the_person, order=("due",))


class Linked:
    """Two sessions of one series, a seat each."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 2, 8, tzinfo=UTC)
        program = Program("series", Series, Session, Seat, zone="Europe/Berlin")
        self.flow = Flow(program, store=MemoryStore(), clock=lambda: self.now)
        self.series = self.flow.start(Series, Subject("s"), actor=SYSTEM)
        self.sessions = [self.session(), self.session()]

    def session(self) -> Case[Subject]:
        planned = self.flow.start(Session, Subject("one"), parent=self.series, actor=SYSTEM)
        return self.flow.fire(planned, Session.occasion.announce(begins=DAY, capacity=1), actor=office)

    def seat(self, person: str, session: int = 0, due: date | None = None) -> Case[Booker]:
        self.now += timedelta(minutes=1)
        links = {"session": self.sessions[session]}
        return self.flow.start(Seat, Booker(person, due), parent=self.series, links=links, actor=SYSTEM)

    def state(self, seat: Case[Booker]) -> str:
        return self.flow.get(Seat, seat.id).state.name


def test_who_waits_moves_up_by_deadline_then_by_arrival_and_without_one_last() -> None:
    here = Linked()
    order: list[str] = []

    @here.flow.on(Seat.attendance.move_up)
    def note(entry: Entry) -> None:
        order.append(entry.case)

    first = here.seat("first")
    waiting = [
        here.seat("without"),
        here.seat("late", due=date(2027, 1, 1)),
        here.seat("soon", due=date(2026, 6, 1)),
        here.seat("soon too", due=date(2026, 6, 1)),
    ]
    assert [here.state(seat) for seat in waiting] == ["waiting"] * 4
    expected = [first, waiting[2], waiting[3], waiting[1], waiting[0]]
    for seat in expected:
        assert here.state(seat) == "registered"
        here.flow.fire(seat.id, Seat.attendance.deregister(reason="No."), actor=office)
    assert order == [seat.id for seat in expected]


def test_each_session_has_its_own_seats_and_its_own_line() -> None:
    here = Linked()
    one, other = here.seat("a", 0), here.seat("a", 1)
    second = here.seat("b", 1)
    assert [here.state(seat) for seat in (one, other, second)] == ["registered", "registered", "waiting"]
    here.flow.fire(here.sessions[0].id, Session.occasion.cancel(reason="No room."), actor=office)
    assert [here.state(seat) for seat in (one, other, second)] == ["released", "registered", "waiting"]


def test_linked_seats_hear_of_a_moved_day() -> None:
    here = Linked()
    one, other = here.seat("a", 0), here.seat("b", 1)
    here.now += timedelta(minutes=1)
    move = Session.occasion.move_day(begins=date(2026, 6, 1), reason="The room.")
    here.flow.fire(here.sessions[0].id, move, actor=office)
    here.flow.run_due()
    heard = [here.flow.get(Seat, seat.id)[Seat.attendance].told_on for seat in (one, other)]
    assert heard == [date(2026, 3, 2), None]


# -- whatever happens


def test_a_seat_beyond_the_capacity_is_not_given_whoever_would_give_it() -> None:
    """Invariant 17 does not rest on the guard of the attendance alone."""

    class Greedy(Attendance):
        seat_is_free = Attendance.can_be_joined

    class Grab(Lifecycle[Booker], parent=Workshop):
        """Takes a seat without asking whether one is free."""

        @relation("the person")
        def the_person(self, ctx: Context[Booker]) -> bool:
            return ctx.actor.id == ctx.data.person

        attendance = Greedy(of=Workshop.occasion, person=the_person)

    flow = Flow(Program("workshops", Workshop, Grab, zone="Europe/Berlin"), store=MemoryStore())
    planned = flow.start(Workshop, Subject("talks"), actor=SYSTEM)
    announce = Workshop.occasion.announce(begins=date(2100, 1, 1), capacity=0)
    workshop = flow.fire(planned, announce, actor=office)
    grab = flow.start(Grab, Booker("a"), parent=workshop, actor=SYSTEM)
    assert grab.state == Grab.attendance.waiting, "an automatic event that would break an invariant rests"


class BaseVisit(Lifecycle[Booker], abstract=True, parent=Workshop):
    """A seat in a workshop, for whomever."""

    @relation("the person")
    def the_person(self, ctx: Context[Booker]) -> bool:
        return ctx.actor.id == ctx.data.person

    @derived
    def everybody(self, ctx: Context[Booker]) -> Cases[Any]:
        return ctx.siblings(BaseVisit)

    attendance = Attendance(of=Workshop.occasion, person=the_person, among=everybody)


class Visit(BaseVisit):
    """Of somebody who works here."""


class GuestVisit(BaseVisit):
    """Of somebody from elsewhere."""


def test_several_kinds_share_the_seats_and_the_waiting_list() -> None:
    now = datetime(2026, 3, 2, 8, tzinfo=UTC)
    program = Program("workshops", Workshop, Visit, GuestVisit, zone="Europe/Berlin")
    flow = Flow(program, store=MemoryStore(), clock=lambda: now)
    planned = flow.start(Workshop, Subject("talks"), actor=SYSTEM)
    workshop = flow.fire(planned, Workshop.occasion.announce(begins=DAY, capacity=2), actor=office)
    made: list[Case[Any]] = []
    for number, kind in enumerate((Visit, GuestVisit, GuestVisit, Visit)):
        now += timedelta(minutes=1)
        made.append(flow.start(kind, Booker(f"p-{number}"), parent=workshop.id, actor=SYSTEM))
    assert [case.state.name for case in made] == ["registered", "registered", "waiting", "waiting"]
    flow.fire(made[0].id, Visit.attendance.deregister(reason="No time."), actor=office)
    states = [flow.get(case.lifecycle, case).state.name for case in made]
    assert states == ["deregistered", "registered", "registered", "waiting"]


Step = tuple[str, int]
STEPS = st.lists(st.tuples(st.sampled_from(["register", "leave", "excuse", "resize", "move"]), st.integers(0, 5)))


@given(steps=STEPS, ending=st.sampled_from(["hold", "cancel"]))
def test_attendance_never_exceeds_capacity_and_nobody_is_overtaken(steps: list[Step], ending: str) -> None:
    """Invariants 5 and 17, whatever people do: who moves up is always the one who has waited longest."""
    stage = Stage(seats=2)
    made: list[Case[Any]] = []
    for number, (what, which) in enumerate(steps):
        try:
            if what == "register":
                made += stage.register(f"p{number}")
            elif what == "resize":
                stage.fire(stage.workshop, Workshop.occasion.resize(capacity=which))
            elif what == "move":
                begins = DAY + timedelta(days=which)
                stage.fire(stage.workshop, Workshop.occasion.move_day(begins=begins, reason="A reason."))
            elif which < len(made):
                leave = Booking.attendance.deregister(reason="No time.")
                excuse = Booking.attendance.excuse(cause=Cause.FAMILY)
                stage.fire(made[which], leave if what == "leave" else excuse)
        except Refused:
            continue
        capacity = stage.flow.get(Workshop, stage.workshop)[Workshop.occasion].capacity
        seated = [one for one in made if stage.states(one) == ["registered"]]
        waiting = [one for one in made if stage.states(one) == ["waiting"]]
        assert capacity is not None
        assert len(seated) <= capacity
        assert not waiting or len(seated) == capacity, "a seat is free, and somebody waits"
        assert all(one.created_at < another.created_at for one in seated for another in waiting)
        assert stage.workshop_is() == ("full" if len(seated) == capacity else "open")
    stage.on(DAY + timedelta(days=5))
    if ending == "hold":
        stage.fire(stage.workshop, Workshop.occasion.hold(), trainer)
        for one in made:
            if stage.states(one) == ["registered"]:
                stage.fire(one, Booking.attendance.attend(), trainer)
        assert {*stage.states(*made)} <= {"credited", "deregistered", "excused", "released"}
    else:
        stage.fire(stage.workshop, Workshop.occasion.cancel(reason="No trainer."))
        assert {*stage.states(*made)} <= {"released", "deregistered", "excused"}
