"""An edition runs, is closed by an event or by its nominal end, and completed when nobody is left in it."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest
from attrs import evolve, frozen

from progflow import (
    STAY,
    SYSTEM,
    Actor,
    Case,
    Context,
    Flow,
    Instant,
    Lifecycle,
    Program,
    Refused,
    State,
    end_of,
    event,
    guard,
    moment,
)
from progflow.adapters.memory import MemoryStore
from progflow.states.people import OFFICE
from progflow.states.run import Run, closing_day

BERLIN = ZoneInfo("Europe/Berlin")
office, someone = Actor("office", {OFFICE}), Actor("someone")


@frozen
class Dates:
    last_day: date | None = date(2023, 11, 15)


class Edition(Lifecycle[Dates]):
    """Something that ends on a day."""

    @moment
    def ends(self, ctx: Context[Dates]) -> Instant | None:
        return None if ctx.data.last_day is None else end_of(ctx.data.last_day)

    run = Run(ends=ends)

    @event(run.running >> STAY, by=OFFICE)
    def set_end(self, ctx: Context[Dates], *, last_day: date) -> Dates:
        """Set the end."""
        return evolve(ctx.data, last_day=last_day)


class Guest(Lifecycle[None], parent=Edition):
    """Somebody in it, with or without a certificate in the end."""

    there = State(initial=True)
    certified = State(resting=True)
    gone = State(final=True)

    closing = closing_day(Edition.run)

    @guard("The closing has not been held.")
    def closed(self, ctx: Context[None]) -> bool:
        return self.closing(ctx) is not None

    @event(there >> certified, by=OFFICE, when=closed)
    def certify(self, ctx: Context[None]) -> None:
        """Certify."""

    @event(there >> gone, by=OFFICE)
    def leave(self, ctx: Context[None]) -> None:
        """Leave."""


class Stage:
    def __init__(self, last_day: date | None = date(2023, 11, 15)) -> None:
        self.now = datetime(2022, 8, 15, 10, tzinfo=BERLIN)
        program = Program("p", Edition, Guest, zone="Europe/Berlin")
        self.flow = Flow(program, store=MemoryStore(), clock=lambda: self.now.astimezone(UTC))
        self.id = self.flow.start(Edition, Dates(last_day), actor=SYSTEM).id

    @property
    def edition(self) -> Case[Dates]:
        return self.flow.get(Edition, self.id)

    def at(self, day: date, hour: int = 10) -> None:
        self.now = datetime.combine(day, time(hour), BERLIN)
        self.flow.run_due()

    def guest(self) -> Case[None]:
        return self.flow.start(Guest, None, parent=self.id, actor=SYSTEM)

    def refusal(self, actor: Actor = office) -> str:
        with pytest.raises(Refused) as refused:
            self.flow.fire(self.id, Edition.run.hold_closing(), actor=actor)
        return " ".join(reason.text for reason in refused.value.reasons)


def test_the_closing_is_held_by_the_office_near_enough_to_the_nominal_end() -> None:
    stage = Stage()
    stage.guest()
    stage.at(date(2023, 10, 31))
    assert stage.refusal() == "The closing may be held 14 days before 2023-11-15 at the earliest."
    stage.at(date(2023, 11, 1))
    assert stage.refusal(someone) == "Only for: programme office."
    edition = stage.flow.fire(stage.id, Edition.run.hold_closing(), actor=office)
    assert (edition.state, edition[Edition.run].closed_on) == (Edition.run.closing, date(2023, 11, 1))


def test_without_an_event_it_is_closed_by_its_nominal_end_which_is_the_day_that_is_kept() -> None:
    stage = Stage()
    stage.guest()
    stage.at(date(2023, 11, 15), 23)
    assert stage.edition.state is Edition.run.running
    stage.at(date(2023, 12, 24))
    assert stage.edition.state is Edition.run.closing
    assert stage.edition[Edition.run].closed_on == date(2023, 11, 15)


def test_it_does_not_end_as_long_as_nobody_knows_when() -> None:
    stage = Stage(None)
    stage.at(date(2030, 1, 1))
    assert stage.edition.state is Edition.run.running
    assert stage.refusal().startswith("The closing may be held 14 days before")
    stage.flow.fire(stage.id, Edition.set_end(last_day=date(2030, 1, 10)), actor=office)
    stage.at(date(2030, 1, 11))
    assert stage.edition.state is Edition.run.completed


def test_it_waits_for_those_who_are_still_there_and_not_for_those_who_rest() -> None:
    stage = Stage()
    one, other = stage.guest(), stage.guest()
    with pytest.raises(Refused, match="The closing has not been held"):
        stage.flow.fire(one, Guest.certify(), actor=office)
    stage.at(date(2023, 11, 7))
    stage.flow.fire(stage.id, Edition.run.hold_closing(), actor=office)
    stage.flow.fire(one.id, Guest.certify(), actor=office)
    assert stage.edition.state is Edition.run.closing
    stage.flow.fire(other.id, Guest.leave(), actor=office)
    assert stage.edition.state is Edition.run.completed
    assert stage.flow.get(Guest, one).state is Guest.certified
