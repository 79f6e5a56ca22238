"""Running as the type checkers see it: lines marked WRONG are errors in both, all others in neither."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, assert_type

from attrs import frozen

from progflow import (
    ANYONE,
    NEXT,
    START,
    SYSTEM,
    Actor,
    Blocker,
    Case,
    Cases,
    Command,
    Context,
    Entry,
    Flow,
    Lifecycle,
    Offer,
    Phase,
    Role,
    State,
    event,
)

HR = Role("hr")


@frozen
class Pause:
    until: date | None = None


class Working(Phase[Pause]):
    active = State(initial=True)
    paused = State(clock="stopped")

    @event(active >> paused, by=HR)
    def pause(self, ctx: Context[Pause], *, reason: str, until: date) -> Pause:
        """Pause."""
        return Pause(until)

    @event((active | paused) >> NEXT, by=HR)
    def finish(self, ctx: Context[Pause], *, note: str = "") -> None:
        """Finish."""


@frozen
class Seat:
    city: str


class Stay(Lifecycle[Seat], unique="city"):
    waiting = State(initial=True)
    done = State(final=True)
    working = Working().then(done)

    @event(START >> waiting, by=ANYONE)
    def apply(self, ctx: Context[Seat], *, city: str) -> Seat:
        """Apply."""
        return Seat(city)

    @event(waiting >> working, by=HR)
    def begin(self, ctx: Context[Seat]) -> None:
        """Begin."""


class Number(Lifecycle[int]):
    a = State(initial=True)
    b = State(final=True)

    @event(a >> b, by=HR)
    def go(self, ctx: Context[int]) -> None: ...


def commands() -> None:
    assert_type(Stay.apply(city="Essen"), Command[Seat])
    assert_type(Stay.working.pause(reason="x", until=date(2026, 1, 1)), Command[Any])
    assert_type(Stay.working.finish(), Command[Any])
    Stay.apply(city=3)  # WRONG
    Stay.apply("Essen")  # WRONG
    Stay.apply()  # WRONG
    Stay.apply(city="Essen", why="x")  # WRONG
    Stay.working.pause(reason="x")  # WRONG
    Stay.working.pause(reason="x", until="tomorrow")  # WRONG
    Stay.working.pose()  # WRONG
    Stay.nothing()  # WRONG


def starting(flow: Flow, me: Actor, parent: Case[int]) -> None:
    assert_type(flow.start(Stay.apply(city="Essen"), actor=me), Case[Seat])
    assert_type(flow.start(Number, 3, actor=SYSTEM), Case[int])
    assert_type(flow.start("Stay.apply", {"city": "Essen"}, actor=me), Case[Any])
    flow.start(Stay.apply(city="Essen"), actor=me, parent=parent, links={"room": parent}, key="k")
    flow.start(Stay.apply(city="Essen"), actor=me, parent=parent.id)
    flow.start(Stay.apply(city="Essen"))  # WRONG
    flow.start(Number, "3", actor=me)  # WRONG
    flow.start(Number, actor=me)  # WRONG
    flow.start("Stay.apply", actor=me)  # WRONG
    flow.start(Stay.apply, actor=me)  # WRONG
    flow.start(Stay.apply(city="Essen"), actor="me")  # WRONG
    flow.start(Stay.apply(city="Essen"), actor=me, links=[parent])  # WRONG


def firing(flow: Flow, me: Actor, case: Case[Seat]) -> None:
    assert_type(flow.fire(case, Stay.begin(), actor=me), Case[Seat])
    finished: Case[Seat] = flow.fire(case, Stay.working.finish(), actor=me)
    print(finished)
    assert_type(flow.fire(case.id, Stay.begin(), actor=me), Case[Seat])
    assert_type(flow.fire(case.id, "working.finish", {"note": "x"}, actor=me), Case[Any])
    assert_type(flow.check(case, Stay.begin(), actor=me), Sequence[Blocker])
    assert_type(flow.check(Stay.apply(city="Essen"), actor=me), Sequence[Blocker])
    flow.fire(case, Stay.begin())  # WRONG
    flow.fire(case, Number.go(), actor=me)  # WRONG
    flow.fire(case, Stay.begin, actor=me)  # WRONG
    flow.fire(case.id, "working.finish", actor=me)  # WRONG
    flow.check(case, Number.go(), actor=me)  # WRONG


def asking(flow: Flow, me: Actor, case: Case[Seat]) -> None:
    assert_type(flow.explain(case, actor=me), Mapping[str, Offer])
    assert_type(flow.explain(Stay, actor=me), Mapping[str, Offer])
    assert_type(flow.get(Stay, case.id), Case[Seat])
    assert_type(flow.cases(Stay), Cases[Seat])
    assert_type(flow.cases(Stay).where(city="Essen").in_(Stay.working, Stay.done).open().first(), Case[Seat] | None)
    assert_type(flow.cases(Stay).where(Stay.working, until=None).order_by("city").one(), Case[Seat])
    assert_type(flow.cases(Stay).all(), Sequence[Case[Seat]])
    assert_type(case.data.city, str)
    assert_type(case[Stay.working], Pause)
    assert_type(case.state, State)
    assert_type(flow.history(case), Sequence[Entry])
    _ = case.is_in(Stay.working.active, Stay.working) or case.visited(Stay.waiting)
    _ = case.state == Stay.working.active
    _ = case["working"]  # WRONG
    _ = case.data.town  # WRONG
    case.data = Seat("Bonn")  # WRONG
    _ = case.is_in("working")  # WRONG
    _ = case.is_in(NEXT)  # WRONG
    _ = flow.cases(Stay).in_("working")  # WRONG
    _ = flow.get("Stay", case.id)  # WRONG
    _ = flow.explain(case)  # WRONG


def listening(flow: Flow) -> None:
    @flow.on(Stay.working.pause)
    def paused(entry: Entry) -> None:
        print(entry.event)

    @flow.on(entering=Stay.working)
    def entered(entry: Entry) -> None:
        print(entry.after)

    @flow.on(entering="working")  # WRONG
    def named(entry: Entry) -> None: ...

    @flow.on("working.pause")  # WRONG
    def by_text(entry: Entry) -> None: ...
