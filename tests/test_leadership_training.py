"""Compulsory leadership training, from the appointment to the refresher, and what comes between."""

from __future__ import annotations

import inspect
from datetime import date, timedelta
from pathlib import Path

import pytest
from attrs import evolve, frozen

from leadership_training_stage import (
    COVERAGE,
    MODULES,
    REFRESHER,
    A,
    B,
    C,
    Stage,
    head,
    office,
    personnel,
    trainer,
)
from progflow import SYSTEM, Actor, Context, PayloadError, Program, Refused, Term, days, derived, guard
from progflow.adapters.sqlalchemy import SQLAlchemyStore
from progflow.programs.leadership_training import (
    PERSONNEL,
    BaseDuty,
    BaseSession,
    Booking,
    BookingData,
    Deadline,
    Duty,
    DutyData,
    Level,
    Module,
    Rules,
    Session,
    SessionData,
    Training,
    confirmations,
    leadership_training,
    overview,
)
from progflow.states.obligation import PREDECESSOR, Step
from progflow.states.people import OFFICE, Cause

LATE = "obligation.become_overdue"


def due(stage: Stage, person: str) -> date:
    """The first day on which the leader would be overdue."""
    at = stage.flow.explain(stage.duty(person), actor=personnel)[LATE].due
    assert at is not None
    return at.date()


# -- a round


def a_round(stage: Stage) -> None:
    duty = stage.appoint("kim")
    assert duty.state == Duty.obligation.arisen
    number = stage.session("A")
    stage.book("kim", number)
    assert (stage.state("kim"), stage.seat_state("kim", number)) == ("scheduled", "registered")
    stage.hold(number)
    stage.attend("kim", number)
    assert stage.state("kim") == "partly_fulfilled"
    stage.take("kim", "B")
    stage.take("kim", "C", 8)
    done = stage.flow.get(Duty, duty)
    assert done.state == Duty.obligation.fulfilled
    assert done[Duty.obligation].fulfilled_on == stage.today
    refresher = stage.duty("kim")
    assert refresher.links[PREDECESSOR] == duty.id
    assert refresher.state == Duty.obligation.later
    assert [module.code for module in refresher.data.modules] == ["R"]


def test_a_leader_does_module_after_module_and_is_obliged_to_refresh() -> None:
    a_round(Stage())


def test_the_same_on_sqlite(tmp_path: Path) -> None:
    store = SQLAlchemyStore(f"sqlite:///{tmp_path}/training.db")
    a_round(Stage(store=store))
    store.dispose()


def test_only_the_personnel_office_or_the_hosts_own_system_obliges_somebody_and_only_once() -> None:
    stage = Stage()
    data = DutyData(person="kim", post="p", level=Level.SECTION, appointed_on=stage.today)
    with pytest.raises(Refused, match="Only for"):
        stage.flow.start(Duty.arise(duty=data), parent=stage.training, actor=office)
    stage.flow.start(Duty.arise(duty=data), parent=stage.training, actor=SYSTEM)
    with pytest.raises(Refused, match="has an open obligation already"):
        stage.flow.start(Duty.arise(duty=data), parent=stage.training, actor=personnel)
    stage.flow.start(Duty.arise(duty=evolve(data, post="q")), parent=stage.training, actor=personnel)


def test_modules_are_taken_in_their_order() -> None:
    stage = Stage()
    stage.appoint("kim")
    b = stage.session("B", on=date(2026, 6, 1))
    with pytest.raises(Refused, match="A comes first"):
        stage.book("kim", b)
    stage.take("kim", "A")
    stage.book("kim", b)
    with pytest.raises(Refused, match="B comes first"):
        stage.book("kim", stage.session("C"))


def test_nobody_books_what_is_not_needed_twice_or_at_all() -> None:
    stage = Stage()
    stage.appoint("kim")
    first, second = stage.session("A"), stage.session("A")
    with pytest.raises(Refused, match="No session X is open"):
        stage.book("kim", "X")
    with pytest.raises(Refused, match="not among those that are missing"):
        stage.book("kim", stage.session("R"))
    stage.book("kim", first)
    for number in (first, second):
        with pytest.raises(Refused, match="seats enough for A"):
            stage.book("kim", number)
    with pytest.raises(Refused, match="Only for"):
        stage.book("kim", second, Actor("somebody else"))


def test_the_office_may_book_for_a_leader() -> None:
    stage = Stage()
    stage.appoint("kim")
    number = stage.session("A")
    stage.book("kim", number, office)
    assert stage.seat_state("kim", number) == "registered"


def test_a_module_may_be_made_of_several_sessions() -> None:
    stage = Stage()
    stage.appoint("kim")
    days = [stage.session("A", hours=8), stage.session("A", hours=8)]
    for number in days:
        stage.book("kim", number)
    stage.hold(days[0])
    stage.attend("kim", days[0])
    assert stage.state("kim") == "partly_fulfilled"
    with pytest.raises(Refused, match="A comes first"):
        stage.book("kim", stage.session("B"))
    stage.hold(days[1])
    stage.attend("kim", days[1])
    stage.book("kim", stage.session("B"))


def test_less_than_four_fifths_of_a_module_do_not_count() -> None:
    stage = Stage()
    stage.appoint("kim")
    number = stage.session("A")
    stage.book("kim", number)
    stage.hold(number)
    stage.attend("kim", number, 12.75)
    assert (stage.seat_state("kim", number), stage.state("kim")) == ("attended", "arisen")
    again = stage.session("A")
    stage.book("kim", again)
    stage.hold(again)
    stage.attend("kim", again, 12.8)
    assert (stage.seat_state("kim", again), stage.state("kim")) == ("credited", "partly_fulfilled")


# -- full courses and seats that are given back


def test_a_full_session_has_a_waiting_list_by_deadline_and_not_by_arrival() -> None:
    stage = Stage()
    stage.appoint("first")
    stage.appoint("new")
    stage.appoint("long since", on=date(2024, 6, 1))
    number = stage.session("A", seats=1)
    for person in ("first", "new", "long since"):
        stage.book(person, number)
    assert [stage.seat_state(p, number) for p in ("first", "new", "long since")] == ["registered", "waiting", "waiting"]
    assert [stage.state(p) for p in ("first", "new")] == ["scheduled", "arisen"]
    stage.fire(stage.seat("first", number), Booking.attendance.deregister(reason="A meeting."), Actor("first"))
    assert [stage.seat_state(p, number) for p in ("new", "long since")] == ["waiting", "registered"]
    assert [stage.state(p) for p in ("first", "long since")] == ["arisen", "scheduled"]


def test_a_late_cancellation_is_kept_and_the_duty_is_to_be_planned_again() -> None:
    stage = Stage()
    stage.appoint("kim")
    number = stage.session("A")
    stage.book("kim", number)
    stage.days_later(12)
    seat = stage.fire(stage.seat("kim", number), Booking.attendance.deregister(reason="An audit."), Actor("kim"))
    assert (seat[Booking.attendance].late, stage.state("kim")) == (True, "arisen")
    stage.book("kim", number)
    assert stage.seat_state("kim", number) == "registered"


def test_who_does_not_come_or_is_excused_has_to_plan_anew() -> None:
    stage = Stage()
    for person in ("kim", "sam"):
        stage.appoint(person)
    number = stage.session("A")
    for person in ("kim", "sam"):
        stage.book(person, number)
    stage.hold(number)
    stage.fire(stage.seat("kim", number), Booking.attendance.miss(), trainer)
    stage.fire(stage.seat("sam", number), Booking.attendance.excuse(cause=Cause.ILLNESS), office)
    assert [stage.seat_state(p, number) for p in ("kim", "sam")] == ["no_show", "excused"]
    assert [stage.state(p) for p in ("kim", "sam")] == ["arisen", "arisen"]


def test_a_cancelled_session_releases_its_leaders_and_a_moved_one_tells_them() -> None:
    stage = Stage()
    stage.appoint("kim")
    number = stage.session("A", seats=1)
    stage.book("kim", number)
    session = stage.session_case(number)
    assert session.state == Session.occasion.full
    moved = Session.occasion.move_day(begins=date(2026, 5, 4), reason="The trainer is ill.")
    stage.fire(session, moved, office)
    stage.flow.run_due()
    assert stage.seat("kim", number)[Booking.attendance].told_on == stage.today
    stage.fire(session, Session.occasion.resize(capacity=2), office)
    stage.fire(session, Session.occasion.cancel(reason="The trainer is still ill."), office)
    assert (stage.seat_state("kim", number), stage.state("kim")) == ("released", "arisen")


def test_a_session_of_no_known_module_is_refused_and_so_is_a_number_given_twice() -> None:
    stage = Stage()
    stage.session("A", number="A-1")
    with pytest.raises(Refused, match="has had a module Z"):
        stage.session("Z")
    with pytest.raises(Refused, match="number"):
        stage.session("B", number="A-1")


# -- deadlines


def test_who_is_late_is_known_to_more_and_more_people_until_it_is_done() -> None:
    stage = Stage()
    stage.appoint("kim", on=date(2024, 3, 4))
    assert due(stage, "kim") == date(2026, 3, 4)
    stage.on(date(2026, 3, 4))
    assert stage.state("kim") == "overdue"
    stage.on(date(2026, 4, 3))
    assert stage.state("kim") == "escalated"
    stage.on(date(2026, 5, 3))
    told = stage.duty("kim")[Duty.obligation].escalations
    assert [(one.to, one.on) for one in told] == [
        ("supervisor", date(2026, 4, 3)),
        ("personnel office", date(2026, 5, 3)),
    ]
    first = stage.duty("kim")
    stage.take_all("kim")
    assert stage.flow.get(Duty, first).state == Duty.obligation.fulfilled


def test_a_later_deadline_needs_a_reason_and_nobody_grants_it_to_oneself() -> None:
    stage = Stage()
    stage.appoint("hr", on=date(2024, 3, 4))
    stage.on(date(2026, 3, 10))
    extend = Duty.obligation.extend(until=date(2026, 9, 30), reason="No session was offered.")
    with pytest.raises(Refused, match="Only for"):
        stage.fire(stage.duty("hr"), extend)
    with pytest.raises(PayloadError, match="blank"):
        Duty.obligation.extend(until=date(2026, 9, 30), reason=" ")
    stage.fire(stage.duty("hr"), extend, Actor("hr-2", {PERSONNEL}))
    assert (stage.state("hr"), due(stage, "hr")) == ("arisen", date(2026, 10, 1))


def test_parental_leave_suspends_the_deadline() -> None:
    stage = Stage()
    stage.appoint("kim")
    before = due(stage, "kim")
    stage.fire(stage.duty("kim"), Duty.obligation.suspend(cause=Cause.FAMILY, until=date(2027, 3, 1)), SYSTEM)
    assert stage.state("kim") == "suspended"
    stage.on(date(2027, 3, 2))
    assert (stage.state("kim"), due(stage, "kim")) == ("arisen", before + timedelta(days=365))


def test_who_was_late_before_a_leave_is_late_after_it() -> None:
    stage = Stage()
    stage.appoint("kim", on=date(2024, 3, 4))
    stage.on(date(2026, 3, 10))
    since = stage.duty("kim")[Duty.obligation].overdue_since
    stage.fire(stage.duty("kim"), Duty.obligation.suspend(cause=Cause.FAMILY, until=date(2026, 6, 1)), SYSTEM)
    assert stage.state("kim") == "suspended"
    stage.on(date(2026, 6, 2))
    assert (stage.state("kim"), stage.duty("kim")[Duty.obligation].overdue_since) == ("overdue", since)


def test_what_was_late_and_is_done_during_a_leave_is_not_late_after_it() -> None:
    stage = Stage(modules=(evolve(A, deadline=Deadline(months=12)), B, C, REFRESHER))
    stage.appoint("kim", on=date(2025, 2, 3))
    stage.on(date(2026, 3, 10))
    assert stage.state("kim") == "escalated"
    stage.fire(stage.duty("kim"), Duty.obligation.suspend(cause=Cause.FAMILY))
    stage.take("kim", "A")
    stage.fire(stage.duty("kim"), Duty.obligation.resume())
    kept = stage.duty("kim")[Duty.obligation]
    assert (stage.state("kim"), kept.overdue_since, kept.escalations) == ("partly_fulfilled", None, ())
    stage.on(due(stage, "kim") + timedelta(days=31))
    assert stage.state("kim") == "escalated"


def test_who_is_on_leave_may_still_take_part_and_comes_back_earlier() -> None:
    stage = Stage()
    stage.appoint("kim")
    stage.fire(stage.duty("kim"), Duty.obligation.suspend(cause=Cause.FAMILY))
    stage.take("kim", "A")
    assert stage.state("kim") == "suspended"
    stage.fire(stage.duty("kim"), Duty.obligation.resume())
    assert stage.state("kim") == "partly_fulfilled"


def test_a_demotion_ends_the_obligation_and_frees_the_seat() -> None:
    stage = Stage()
    for person in ("kim", "sam"):
        stage.appoint(person)
    number = stage.session("A", seats=1)
    for person in ("kim", "sam"):
        stage.book(person, number)
    lapsed = stage.fire(stage.duty("kim"), Duty.obligation.lapse(reason="Back to the old post."), SYSTEM)
    assert lapsed.state == Duty.obligation.lapsed
    assert [stage.seat_state(p, number) for p in ("kim", "sam")] == ["not_needed", "registered"]
    assert stage.flow.cases(Duty).where(person="kim").count() == 1
    stage.appoint("kim")


def test_what_was_held_before_a_demotion_can_still_be_recorded() -> None:
    stage = Stage()
    stage.appoint("kim")
    number = stage.session("A")
    stage.book("kim", number)
    stage.hold(number)
    stage.fire(stage.duty("kim"), Duty.obligation.lapse(reason="Another post."))
    stage.attend("kim", number)
    assert stage.seat_state("kim", number) == "credited"


def test_a_waiver_has_a_reason_and_nobody_waives_ones_own() -> None:
    stage = Stage()
    stage.appoint("hr")
    waive = Duty.obligation.waive(reason="Retires in three months.")
    with pytest.raises(Refused, match="Only for"):
        stage.fire(stage.duty("hr"), waive)
    waived = stage.fire(stage.duty("hr"), waive, Actor("hr-2", {PERSONNEL}))
    assert (waived.state, waived[Duty.obligation].ended_because) == (
        Duty.obligation.waived,
        "Retires in three months.",
    )


# -- credit for other courses


def credit(stage: Stage, module: str, hours: float, *, on: date | None = None, actor: Actor = personnel) -> None:
    command = Duty.credit(module=module, hours=hours, provider="Institute", on=on or stage.today, evidence="file 7")
    stage.fire(stage.duty("kim"), command, actor)


def test_at_most_half_is_credited_from_elsewhere_and_never_for_an_exam() -> None:
    stage = Stage()
    stage.appoint("kim")
    with pytest.raises(Refused, match="C bears an exam"):
        credit(stage, "C", 1)
    with pytest.raises(Refused, match=r"20\.0 more hours may be credited, which is up to 50 per cent"):
        credit(stage, "A", 21)
    with pytest.raises(Refused, match="has not come"):
        credit(stage, "A", 1, on=date(2027, 1, 1))
    credit(stage, "A", 16)
    assert stage.state("kim") == "partly_fulfilled"
    with pytest.raises(Refused, match="A is not among"):
        credit(stage, "A", 1)
    with pytest.raises(Refused, match=r"4\.0 more hours"):
        credit(stage, "B", 5)
    credit(stage, "B", 4)
    stage.take("kim", "B", 12)


def test_a_module_that_the_concept_names_is_credited_although_it_bears_an_exam() -> None:
    stage = Stage(modules=(A, B, evolve(C, named=True), REFRESHER))
    stage.appoint("kim")
    credit(stage, "C", 8)


def test_nobody_credits_oneself() -> None:
    stage = Stage()
    stage.appoint("kim")
    with pytest.raises(Refused, match="Only for"):
        credit(stage, "A", 1, actor=Actor("kim", {PERSONNEL}))


# -- the refresher


def test_a_refresher_is_due_three_years_after_the_last_fulfilment_and_not_after_the_deadline() -> None:
    stage = Stage()
    stage.appoint("kim")
    stage.take_all("kim")
    fulfilled = stage.today
    assert due(stage, "kim") == fulfilled.replace(year=2029) + timedelta(days=1)
    stage.on(date(2028, 10, 12))
    assert stage.state("kim") == "later"
    stage.on(date(2028, 10, 13))
    assert stage.state("kim") == "refresher_due"
    stage.on(date(2029, 6, 1))
    assert stage.state("kim") == "escalated"
    stage.take("kim", "R", 8)
    assert due(stage, "kim") == stage.today.replace(year=2032) + timedelta(days=1)
    assert [case.state.name for case in stage.flow.cases(Duty).all()] == ["fulfilled", "fulfilled", "later"]


def test_the_refresher_counts_from_the_day_of_the_session_however_late_it_is_recorded() -> None:
    stage = Stage(modules=(A, REFRESHER))
    stage.appoint("kim")
    number = stage.session("A")
    stage.book("kim", number)
    stage.hold(number)
    held_on = stage.today
    stage.days_later(40)
    stage.attend("kim", number)
    assert stage.duty("kim").data.due == held_on.replace(year=2029)


def test_without_refreshers_nothing_follows() -> None:
    stage = Stage(modules=(A,), rules=Rules(refresher_months=None))
    stage.appoint("kim")
    stage.take("kim", "A")
    assert [case.state.name for case in stage.flow.cases(Duty).all()] == ["fulfilled"]


# -- the concept


def test_a_revision_is_only_for_obligations_that_arise_later() -> None:
    stage = Stage()
    stage.appoint("before")
    ethics = Module("E", "Ethics", 4, refresher=True)
    revise = Training.revise(modules=(*MODULES, ethics), rules=Rules(refresher_months=24), reason="New law.")
    stage.fire(stage.training, revise)
    stage.appoint("after")
    assert [module.code for module in stage.duty("before").data.modules] == ["A", "B", "C"]
    assert [module.code for module in stage.duty("after").data.modules] == ["A", "B", "C", "E"]
    stage.take_all("before")
    refresher = stage.duty("before").data
    assert [module.code for module in refresher.modules] == ["R", "E"]
    assert (refresher.due, refresher.concept.version) == (stage.today.replace(year=2028), 2)


@pytest.mark.parametrize(
    ("modules", "fault"),
    [
        ((), "No module belongs to the first round"),
        ((A, A), "The code A is given twice"),
        ((A,), "No module belongs to the refresher"),
        ((B, A, REFRESHER), "B comes after A, which does not come before it"),
        ((A, evolve(REFRESHER, after=("A",))), "R comes after A"),
    ],
)
def test_a_concept_that_contradicts_itself_is_refused(modules: tuple[Module, ...], fault: str) -> None:
    stage = Stage()
    with pytest.raises(Refused, match=fault):
        stage.fire(stage.training, Training.revise(modules=modules, rules=Rules(), reason="A new catalogue."))


def test_abolishing_the_training_ends_what_is_open_and_keeps_what_was_attended() -> None:
    """Invariant 14."""
    stage = Stage()
    for person in ("kim", "sam", "lee"):
        stage.appoint(person)
    held, ahead = stage.session("A"), stage.session("A", on=date(2027, 1, 1))
    for person, number in (("kim", held), ("lee", held), ("sam", ahead)):
        stage.book(person, number)
    stage.hold(held)
    stage.attend("kim", held)
    stage.fire(stage.training, Training.cancellation.cancel(reason="The council has decided so."), head)
    assert [stage.state(person) for person in ("kim", "sam", "lee")] == ["ended"] * 3
    assert (stage.seat_state("kim", held), stage.seat_state("lee", held)) == ("credited", "ended")
    assert not stage.seat("sam", ahead).is_open
    assert [stage.session_case(number).state.name for number in (held, ahead)] == ["held", "ended"]


# -- what it yields


def test_the_overview_tells_who_has_to_do_what_by_when() -> None:
    stage = Stage()
    stage.appoint("late", on=date(2024, 3, 1))
    stage.appoint("kim")
    stage.appoint("gone")
    stage.take("kim", "A")
    stage.fire(stage.duty("kim"), Duty.obligation.suspend(cause=Cause.FAMILY, until=stage.today + timedelta(days=9)))
    stage.days_later(10)
    stage.fire(stage.duty("gone"), Duty.obligation.lapse(reason="Another post."))
    late, kim = overview(stage.flow, stage.training)
    assert (late.person, late.missing, late.due, late.overdue_since) == (
        "late",
        ("A", "B", "C"),
        date(2026, 2, 28),
        date(2026, 3, 2),
    )
    assert (kim.missing, kim.due, kim.overdue_since) == (("B", "C"), date(2028, 3, 1) + timedelta(days=10), None)
    assert "fulfilled in part" in kim.state


def test_a_confirmation_names_session_days_and_hours() -> None:
    stage = Stage()
    duty = stage.appoint("kim")
    number = stage.session("A", hours=16)
    stage.book("kim", number)
    stage.hold(number)
    stage.attend("kim", number, 13)
    (one,) = confirmations(stage.flow, duty)
    assert (one.module, one.title, one.session, one.begins, one.hours) == (
        "A",
        "Leading for the first time",
        number,
        stage.today,
        13,
    )


# -- a municipality's own


@frozen(kw_only=True)
class OurDutyData(DutyData):
    part_time: bool = False


class OurDuty(BaseDuty[OurDutyData], name="Duty"):
    """Who works part time need not be there as long; nobody registers on the day before."""

    @guard("Part-time leaders register through the office.")
    def session_is_bookable(self, ctx: Context[OurDutyData], *, session: str) -> bool:
        booked_by_office = OFFICE in ctx.actor.roles
        return super().session_is_bookable(ctx, session=session) and (booked_by_office or not ctx.data.part_time)


def test_a_municipality_adds_fields_and_overrides_rules_and_refreshers_keep_them() -> None:
    ours = Program("leadership-training", Training, Session, Booking, OurDuty, zone="Europe/Berlin")
    stage = Stage(program=ours, modules=(A, REFRESHER), rules=Rules(steps=(Step("mayor", 1),)))
    data = OurDutyData(person="kim", post="p", level=Level.DEPARTMENT, appointed_on=stage.today, part_time=True)
    duty = stage.flow.start(OurDuty.arise(duty=data), parent=stage.training, actor=personnel)
    number = stage.session("A")
    with pytest.raises(Refused, match="Part-time leaders"):
        stage.fire(duty, OurDuty.book(session=number), Actor("kim"))
    stage.fire(duty, OurDuty.book(session=number), office)
    stage.hold(number)
    stage.attend("kim", number)
    refresher = stage.flow.cases(OurDuty).open().one()
    assert (refresher.data.part_time, refresher.data.due) == (True, stage.today.replace(year=2029))
    stage.on(date(2029, 12, 1))
    assert [one.to for one in stage.flow.get(OurDuty, refresher)[OurDuty.obligation].escalations] == ["mayor"]


@frozen(kw_only=True)
class OurSessionData(SessionData):
    online: bool


class OurSession(BaseSession[OurSessionData], name="Session"):
    """Ours says whether it is held online."""


class OurBooking(Booking, name="Booking"):
    """Whoever gives the seat back is never late."""

    @derived
    def notice(self, ctx: Context[BookingData]) -> Term:
        return days(0)


class DutyWithOurBookings(BaseDuty[DutyData], name="Duty"):
    """Its seats are ours."""

    def booked_as(self) -> type[Booking]:
        return OurBooking


def test_a_municipality_has_sessions_and_bookings_of_its_own() -> None:
    kinds = (Training, OurSession, OurBooking, DutyWithOurBookings)
    stage = Stage(program=Program("leadership-training", *kinds, zone="Europe/Berlin"))
    data = OurSessionData(number="A-1", module="A", online=True)
    session = stage.flow.start(OurSession.plan(session=data), parent=stage.training, actor=office)
    stage.fire(session, OurSession.occasion.announce(begins=date(2026, 3, 4), capacity=1, hours=16), office)
    leader = DutyData(person="kim", post="p", level=Level.GROUP, appointed_on=stage.today)
    duty = stage.flow.start(DutyWithOurBookings.arise(duty=leader), parent=stage.training, actor=personnel)
    stage.fire(duty, DutyWithOurBookings.book(session="A-1"), Actor("kim"))
    seat = stage.flow.cases(OurBooking).one()
    assert seat.state == OurBooking.attendance.registered
    assert stage.flow.get(OurSession, session).data.online
    stage.on(date(2026, 3, 4))
    seat = stage.fire(seat, OurBooking.attendance.deregister(reason="Ill."), Actor("kim"))
    assert not seat[OurBooking.attendance].late


def test_deadlines_count_from_the_day_of_the_appointment() -> None:
    first = date(2025, 8, 1)
    assert Deadline(months=0).last_day(first) == date(2025, 7, 31)
    assert Deadline(months=60).last_day(first) == date(2030, 7, 31)
    assert Deadline(year_end=1).last_day(first) == date(2026, 12, 31)


def test_every_event_fires_and_every_end_is_reached() -> None:
    """The stories above make everything happen that the programme knows."""
    stories = [
        said for name, said in globals().items() if name.startswith("test_") and not name.endswith("_is_reached")
    ]
    for story in stories:
        if not inspect.signature(story).parameters:
            story()
    assert COVERAGE.missing(leadership_training) == []
