"""Stories as the type checkers see them: lines marked WRONG are errors in both, all others in neither."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import assert_type

from attrs import frozen
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from progflow import (
    ANYONE,
    START,
    SYSTEM,
    Actor,
    Case,
    Command,
    Context,
    Entry,
    Flow,
    Lifecycle,
    PayloadError,
    Phase,
    Program,
    Refused,
    Role,
    State,
    event,
    months,
    ports,
)
from progflow.adapters.memory import MemoryStore
from progflow.testing import History, actors, cases, commands, histories, lifecycle_test, program_test
from progflow.testing.capture import Capture, capture
from progflow.testing.clock import Clock
from progflow.testing.scenario import Scenario, StoryCase

HR = Role("hr")
hr = Actor("hr-1", {HR})


@frozen
class Pause:
    until: date | None = None


class Working(Phase[Pause]):
    active = State(initial=True)
    paused = State(clock="stopped")

    @event(active >> paused, by=HR)
    def pause(self, ctx: Context[Pause], *, until: date) -> Pause:
        """Pause."""
        return Pause(until)


@frozen
class Seat:
    city: str


class Stay(Lifecycle[Seat]):
    waiting = State()
    working = Working()
    done = State(final=True)

    @event(START >> waiting, by=ANYONE)
    def apply(self, ctx: Context[Seat], *, city: str) -> Seat:
        """Apply."""
        return Seat(city)

    @event(waiting >> working, by=HR)
    def begin(self, ctx: Context[Seat]) -> None:
        """Begin."""

    @event((waiting | working) >> done, by=HR)
    def end(self, ctx: Context[Seat]) -> None:
        """End."""


class Number(Lifecycle[int]):
    a = State(initial=True)
    b = State(final=True)

    @event(a >> b, by=HR)
    def go(self, ctx: Context[int]) -> None: ...


STAYS = Program("stays", Stay, Number, zone="Europe/Berlin")


def a_story(story: Scenario) -> None:
    stay = story.given(Stay.apply(city="Köln"), by=hr, called="the stay")
    assert_type(stay, StoryCase[Seat])
    assert_type(story.given(Number, 7, by=SYSTEM, parent=stay, links={"of": stay}), StoryCase[int])
    story.given("Stay.apply", {"city": "Köln"}, by=hr)
    assert_type(stay.data.city, str)
    assert_type(stay[Stay.working].until, date | None)
    assert_type(stay.case, Case[Seat])
    assert_type(story.when(stay, Stay.begin(), by=hr), StoryCase[Seat])
    story.when(stay, Stay.working.pause(until=date(2026, 4, 1)), by=hr)
    story.when(stay.case, "end", {}, by=hr, key="form-1")
    assert_type(story.the(story.flow.cases(Number).in_(Number.a)), StoryCase[int])
    story.on("2026-04-01")
    story.on(datetime(2026, 4, 2, 9))
    story.after(months(1))
    story.after(days=3, hours=2.5)
    story.then(stay, Stay.working, Stay.done)
    story.then_has(stay, city="Köln")
    story.then_has(stay, Stay.working, until=None)
    story.then_due(stay, Stay.end, on=None)
    story.then_rests(stay, "end", because=("who", "state"))
    story.then_offered(stay, Stay.begin, Stay.end, by=hr)
    story.then_allowed(stay, Stay.begin(), by=hr)
    assert_type(story.then_refused(stay, Stay.begin(), by=hr, because="state"), Refused)
    assert_type(story.then_fails(PayloadError, stay, "begin", {"x": 1}, by=hr), PayloadError)
    assert_type(story.told(), str)

    story.given(Stay.apply(city="Köln"))  # WRONG
    story.given(Number, "seven", by=hr)  # WRONG
    story.given(Stay.apply(), by=hr)  # WRONG
    story.when(stay, Number.go(), by=hr)  # WRONG
    story.when(stay, "end", by=hr)  # WRONG
    story.when(stay.id, Stay.begin(), by=hr)  # WRONG
    story.on(5)  # WRONG
    story.after("a month")  # WRONG
    story.then(stay, "working")  # WRONG
    story.then_due(stay, Stay.end)  # WRONG
    story.then_refused(stay, Stay.begin(), by=hr)  # WRONG
    story.then_fails(ValueError, stay, "begin", {}, by=hr)  # WRONG
    stay.data = Seat("Bonn")  # WRONG


def a_clock() -> None:
    clock = Clock("2026-03-02 09:00", zone="Europe/Berlin")
    injected: ports.Clock = clock
    flow = Flow(Stay, store=MemoryStore(), clock=clock)
    assert_type(injected(), datetime)
    assert_type(clock.now, datetime)
    assert_type(clock.today, date)
    Scenario.of(flow, clock)

    clock.forward(days=1.5)  # WRONG
    clock.set(2026)  # WRONG
    clock.now = datetime(2026, 3, 2)  # WRONG
    Scenario(Stay)  # WRONG
    Scenario.of(flow, flow)  # WRONG


def what_was_announced(flow: Flow, case: Case[Seat]) -> None:
    with capture(flow) as seen:
        flow.fire(case, Stay.begin(), actor=hr)
    assert_type(seen, Capture)
    assert_type(seen.steps, Sequence[Entry])
    assert_type(seen.of(case).events, Sequence[str])
    assert_type(seen.of(Stay).of(Stay.begin).refusals[0].actor, Actor)
    assert_type(seen.of(Stay.working.pause).pending, Sequence[Entry])

    capture(case)  # WRONG
    seen.of(Stay.begin())  # WRONG
    seen.steps = []  # WRONG


def one_line() -> None:
    lifecycle_test(Stay, strategies={"city": st.just("Köln")}, must_reach=[Stay.done, Stay.begin], people=3)
    program_test(STAYS, by_system=[Number], moves=100)

    lifecycle_test(Stay, must_reech=True)  # WRONG
    lifecycle_test(Stay, people="three")  # WRONG
    lifecycle_test(STAYS)  # WRONG
    program_test(Stay)  # WRONG


def strategies(case: Case[Seat]) -> None:
    assert_type(histories(Stay, people=3), SearchStrategy[History[Seat]])
    assert_type(cases(Stay, within=STAYS), SearchStrategy[Case[Seat]])
    assert_type(commands(Stay, case), SearchStrategy[Command[Seat]])
    assert_type(commands(Number), SearchStrategy[Command[int]])
    assert_type(actors(Stay), SearchStrategy[Actor])

    histories(Stay, invariants=[])  # WRONG
    histories(Stay, within=Stay)  # WRONG
    commands(Number, case)  # WRONG
    actors(hr)  # WRONG


def a_history(history: History[Seat]) -> None:
    assert_type(history.case.data.city, str)
    assert_type(history.entries, tuple[Entry, ...])
    assert_type(history.flow, Flow)
    assert_type(history.clock, Clock)
    history.case = history.case  # WRONG
