"""A call is open until its deadline, and those who apply are told when it was."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from attrs import frozen

from progflow import (
    ANYONE,
    START,
    SYSTEM,
    Actor,
    Calendar,
    Case,
    Context,
    Flow,
    Lifecycle,
    PayloadError,
    Program,
    Refused,
    State,
    always,
    derived,
    event,
)
from progflow.adapters.memory import MemoryStore
from progflow.states.call import Call, while_open
from progflow.states.people import OFFICE

BERLIN = ZoneInfo("Europe/Berlin")
office, someone = Actor("office", {OFFICE}), Actor("someone")


@frozen
class Place:
    land: str


class Edition(Lifecycle[Place]):
    """An edition in one of the Länder."""

    under_way = State(resting=True)

    @derived
    def calendar(self, ctx: Context[Place]) -> str:
        return ctx.data.land

    call = Call(calendar=calendar).then(under_way)


class Applicant(Lifecycle[None], parent=Edition):
    """Somebody applies."""

    applied = State(final=True)

    call_is_open = while_open(Edition.call)

    @event(START >> applied, by=ANYONE, when=call_is_open)
    def apply(self, ctx: Context[None]) -> None:
        """Apply."""


class Stage:
    def __init__(self, land: str = "DE-NW", of: type[Lifecycle[Any]] = Edition, *others: type[Lifecycle[Any]]) -> None:
        self.now = datetime(2025, 10, 1, 10, tzinfo=BERLIN)
        self.flow = Flow(
            Program("calls", of, *others, zone="Europe/Berlin"),
            store=MemoryStore(),
            clock=lambda: self.now.astimezone(UTC),
        )
        self.edition: Case[Any] = self.flow.start(of, Place(land), actor=SYSTEM)

    def at(self, day: date, hour: int = 10, minute: int = 0) -> None:
        self.now = datetime.combine(day, time(hour, minute), BERLIN)
        self.flow.run_due()
        self.edition = self.flow.get(Edition, self.edition)


@pytest.mark.parametrize(
    ("land", "last"),
    [("DE-NW", date(2025, 10, 31)), ("DE-NI", date(2025, 11, 3)), ("DE-ST", date(2025, 11, 3))],
)
def test_a_deadline_on_a_holiday_of_the_place_ends_with_the_next_working_day(land: str, last: date) -> None:
    """The 31st of October 2025, a Friday, is a holiday in Lower Saxony and Saxony-Anhalt, not in Cologne."""
    stage = Stage(land)
    published = stage.flow.fire(stage.edition, Edition.call.publish(deadline=date(2025, 10, 31)), actor=office)
    assert published[Edition.call].published_on == date(2025, 10, 1)
    stage.at(last, 23, 59)
    assert stage.edition.state is Edition.call.open
    stage.at(date.fromordinal(last.toordinal() + 1), 0)
    assert stage.edition.state is Edition.under_way


def test_without_a_calendar_the_call_ends_on_the_day_that_it_names() -> None:
    class Plain(Lifecycle[Place]):
        """An edition that knows no holidays."""

        under_way = State(final=True)
        call = Call().then(under_way)

    stage = Stage("DE-NI", Plain)
    stage.flow.fire(stage.edition, Plain.call.publish(deadline=date(2025, 11, 1)), actor=office)
    stage.now = datetime(2025, 11, 2, tzinfo=BERLIN)
    stage.flow.run_due()
    assert stage.flow.get(Plain, stage.edition).state is Plain.under_way


def test_a_locally_closed_day_may_count_as_a_holiday() -> None:
    carnival = Calendar("DE-NW", closed={date(2026, 2, 16)})

    class Plain(Lifecycle[Place]):
        """An edition in a town that is closed on carnival Monday."""

        under_way = State(final=True)
        call = Call(calendar=always(carnival)).then(under_way)

    stage = Stage("DE-NW", Plain)
    stage.flow.fire(stage.edition, Plain.call.publish(deadline=date(2026, 2, 16)), actor=office)
    due = stage.flow.explain(stage.edition.id, actor=office)["call.close"].due
    assert due == datetime(2026, 2, 18, tzinfo=BERLIN)


def test_only_the_office_publishes_a_deadline_that_lies_ahead() -> None:
    stage = Stage()
    with pytest.raises(Refused, match="Only for: programme office"):
        stage.flow.fire(stage.edition, Edition.call.publish(deadline=date(2025, 10, 31)), actor=someone)
    with pytest.raises(Refused, match="The deadline 2025-09-30 has passed already"):
        stage.flow.fire(stage.edition, Edition.call.publish(deadline=date(2025, 9, 30)), actor=office)
    stage.edition = stage.flow.fire(stage.edition, Edition.call.publish(deadline=date(2025, 10, 1)), actor=office)
    with pytest.raises(Refused, match="Not possible in the state"):
        stage.flow.fire(stage.edition, Edition.call.publish(deadline=date(2025, 10, 31)), actor=office)


def test_a_moved_deadline_keeps_what_it_was_and_why() -> None:
    stage = Stage()
    edition = stage.flow.fire(stage.edition, Edition.call.publish(deadline=date(2025, 10, 10)), actor=office)
    with pytest.raises(PayloadError, match="must not be blank"):
        Edition.call.move_deadline(deadline=date(2025, 10, 20), reason=" ")
    move = Edition.call.move_deadline(deadline=date(2025, 10, 20), reason="Too few have applied.")
    moved = stage.flow.fire(edition, move, actor=office)[Edition.call].moves
    assert [(one.before, one.after, one.reason) for one in moved] == [
        (date(2025, 10, 10), date(2025, 10, 20), "Too few have applied.")
    ]
    assert moved[0].decided_at.date() == date(2025, 10, 1)
    stage.at(date(2025, 10, 15))
    assert stage.edition.state is Edition.call.open
    stage.at(date(2025, 10, 21))
    assert stage.edition.state is Edition.under_way


def test_those_who_apply_outside_the_call_are_told_its_deadline() -> None:
    stage = Stage("DE-NW", Edition, Applicant)

    def said() -> str:
        return " ".join(one.text for one in stage.flow.check(Applicant.apply(), parent=stage.edition.id, actor=someone))

    assert said() == "The call is not open (deadline: –)."
    stage.flow.fire(stage.edition, Edition.call.publish(deadline=date(2025, 10, 10)), actor=office)
    assert said() == ""
    stage.now = datetime(2025, 10, 11, tzinfo=BERLIN)  # nobody has called run_due
    assert said() == "The call is not open (deadline: 2025-10-10)."
