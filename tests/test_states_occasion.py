"""An occasion that its lifecycle leads on from: settled after it was held, or given up before."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from attrs import frozen

from progflow import (
    ANYONE,
    START,
    SYSTEM,
    Actor,
    Case,
    Command,
    Context,
    Flow,
    Lifecycle,
    Program,
    Refused,
    Role,
    State,
    event,
    relation,
)
from progflow.adapters.memory import MemoryStore
from progflow.states.attendance import Attendance
from progflow.states.occasion import Occasion
from progflow.states.people import OFFICE

HOST = Role("host")
office, host = Actor("office", {OFFICE}), Actor("host", {HOST})
DAY = date(2026, 3, 2)


@frozen
class Titled:
    title: str = ""


@frozen
class Booked:
    person: str


class Outing(Lifecycle[Titled]):
    """An outing that is settled once it was held, and that may come to nothing in a way of its own."""

    settled = State(final=True)
    rained_off = State(final=True)

    occasion = Occasion(cancelled_by=(OFFICE, HOST))

    @event(occasion.held >> settled, by=OFFICE)
    def settle(self, ctx: Context[Titled]) -> None:
        """Settle the accounts."""

    @event(occasion.ahead >> rained_off, by=OFFICE)
    def rain_off(self, ctx: Context[Titled]) -> None:
        """Give it up for rain."""


class Guest(Lifecycle[Booked], parent=Outing):
    """Somebody who comes along."""

    @relation("the guest")
    def the_guest(self, ctx: Context[Booked]) -> bool:
        return ctx.actor.id == ctx.data.person

    attendance = Attendance(of=Outing.occasion, person=the_guest)

    @event(START >> attendance, by=ANYONE)
    def come(self, ctx: Context[Booked]) -> Booked:
        """Come along."""
        return Booked(ctx.actor.id)


class Stage:
    """An outing with one seat, and two who want to come along."""

    def __init__(self) -> None:
        self.now = datetime(2026, 2, 1, 9, tzinfo=UTC)
        program = Program("outings", Outing, Guest, zone="Europe/Berlin")
        self.flow = Flow(program, store=MemoryStore(), clock=lambda: self.now)
        planned = self.flow.start(Outing, Titled("zoo"), actor=SYSTEM)
        self.outing = self.flow.fire(planned, Outing.occasion.announce(begins=DAY, capacity=1, hours=4), actor=office)
        self.guests = [self.flow.start(Guest.come(), parent=self.outing, actor=Actor(name)).id for name in "ab"]

    def do(self, command: Command[Any], actor: Actor = office) -> Case[Any]:
        return self.flow.fire(self.outing.id, command, actor=actor)

    def states(self) -> list[str]:
        return [self.flow.get(Guest, one).state.name for one in self.guests]


def test_who_was_there_is_recorded_also_after_the_lifecycle_has_gone_on() -> None:
    stage = Stage()
    stage.now = datetime(2026, 3, 2, 18, tzinfo=UTC)
    stage.do(Outing.occasion.hold())
    stage.do(Outing.settle())
    stage.flow.fire(stage.guests[0], Guest.attendance.attend(), actor=office)
    assert stage.states() == ["credited", "released"]
    with pytest.raises(Refused):
        stage.flow.fire(stage.guests[0], Guest.attendance.deregister(reason="No."), actor=office)


def test_what_its_lifecycle_gives_up_releases_everybody_as_if_it_were_cancelled() -> None:
    stage = Stage()
    stage.do(Outing.rain_off())
    assert stage.states() == ["released", "released"]


class Trip(Lifecycle[Titled]):
    """Something that is only drafted at first."""

    drafted = State(initial=True)
    occasion = Occasion(role="trip")

    @event(drafted >> occasion, by=OFFICE)
    def plan(self, ctx: Context[Titled]) -> None:
        """Plan it."""


class Traveller(Lifecycle[Booked]):
    """Somebody who wants to come along, without a parent."""

    @relation("the traveller")
    def the_traveller(self, ctx: Context[Booked]) -> bool:
        return ctx.actor.id == ctx.data.person

    attendance = Attendance(of=Trip.occasion, role="trip", person=the_traveller)


def test_who_asks_for_a_seat_before_it_is_planned_waits_for_it() -> None:
    flow = Flow(Program("trips", Trip, Traveller, zone="Europe/Berlin"), store=MemoryStore())
    trip = flow.start(Trip, Titled("zoo"), actor=SYSTEM)
    traveller = flow.start(Traveller, Booked("a"), links={"trip": trip}, actor=SYSTEM)
    assert traveller.state == Traveller.attendance.waiting
    flow.fire(trip.id, Trip.plan(), actor=office)
    flow.fire(trip.id, Trip.occasion.announce(begins=date(2100, 3, 2), capacity=1), actor=office)
    assert flow.get(Traveller, traveller).state == Traveller.attendance.registered


def test_others_may_cancel_it_than_those_who_plan_it() -> None:
    stage = Stage()
    with pytest.raises(Refused):
        stage.do(Outing.occasion.resize(capacity=2), host)
    stage.do(Outing.occasion.cancel(reason="Nobody is there to open."), host)
    assert stage.states() == ["released", "released"]
