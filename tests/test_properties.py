"""What holds whatever people do and whenever cron runs, shown on stories and definitions that Hypothesis draws."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from types import new_class
from typing import Any

import attrs
import pytest
from attrs import evolve, field, frozen
from hypothesis import given, settings
from hypothesis import strategies as st
from transitions import Machine, MachineError

from progflow import (
    ANYONE,
    NEXT,
    START,
    STAY,
    SYSTEM,
    Acting,
    Actor,
    Command,
    Context,
    Flow,
    Lifecycle,
    Phase,
    Refused,
    State,
    days,
    event,
    guard,
    hours,
    moment,
)
from progflow._machine import BEFORE_START, MODEL_ATTRIBUTE, description_of, machine_of, table_of
from progflow.decide.engine import Deciding
from progflow.decide.fold import fold
from progflow.definition.lifecycle import blueprint_of
from progflow.flow.world import World
from progflow.records import CaseRecord, EntryRecord, Query, TimerRecord
from progflow.testing.clock import Clock
from support import codes, dump, memory_flow, store_of

slow = settings(deadline=None, database=None, max_examples=50)
somebody = Actor("somebody")


# -- a town with everything that has to do with time -----------------------------------------------------------------


@frozen
class TownData:
    deadline: datetime | None = None
    count: int = 0


class Town(Lifecycle[TownData]):
    """Closes at its deadline and is over when nobody is left in it."""

    open = State(initial=True)
    closed = State()
    over = State(final=True)

    @moment
    def deadline(self, ctx: Context[TownData]) -> datetime | None:
        return ctx.data.deadline

    @guard("Somebody is still here.")
    def is_empty(self, ctx: Context[TownData]) -> bool:
        return not ctx.children(Guest).open().exists()

    @event(open >> closed, at=deadline)
    def close(self, ctx: Acting[TownData]) -> None:
        ctx.fire(ctx.children(Guest).open(), Guest.send_away(), if_allowed=True)

    @event(closed >> over, auto=True, when=is_empty)
    def end(self, ctx: Context[TownData]) -> None: ...

    @event(closed >> open, by=ANYONE)
    def reopen(self, ctx: Context[TownData]) -> TownData:
        return evolve(ctx.data, deadline=None)

    @event(open >> STAY, by=ANYONE)
    def decide_when(self, ctx: Context[TownData], *, after: int) -> TownData:
        return evolve(ctx.data, deadline=ctx.now + timedelta(hours=after))

    @event((open | closed) >> STAY, every=days(2))
    def count_all(self, ctx: Context[TownData]) -> TownData:
        return evolve(ctx.data, count=ctx.data.count + ctx.children(Guest).open().count())

    @event((open | closed) >> STAY)
    def hear(self, ctx: Context[TownData]) -> TownData:
        return evolve(ctx.data, count=ctx.data.count + 1)


@frozen
class GuestData:
    steps: int = 0
    seen: tuple[int, ...] = field(default=())


class Guest(Lifecycle[GuestData], parent=Town):
    """Waits for a room, stays some days, may pause."""

    waiting = State(initial=True)
    inside = State()
    outside = State(clock="stopped")
    gone = State(final=True)
    missed = State(final=True)

    @moment
    def deadline_of_the_town(self, ctx: Context[GuestData]) -> datetime | None:
        return ctx.parent(Town).data.deadline

    @guard("Two are inside.")
    def room_is_free(self, ctx: Context[GuestData]) -> bool:
        return ctx.siblings(Guest).in_(Guest.inside).count() < 2

    @guard("The number is odd.")
    def number_is_even(self, ctx: Context[GuestData]) -> bool:
        return ctx.parent(Town).data.count % 2 == 0

    @guard("Nobody has been counted.")
    def many_were_counted(self, ctx: Context[GuestData]) -> bool:
        return ctx.parent(Town).data.count >= 3

    @event(waiting >> inside, after=hours(30), when=room_is_free)
    def enter(self, ctx: Context[GuestData]) -> GuestData:
        return evolve(ctx.data, seen=(*ctx.data.seen, ctx.siblings(Guest).open().count()))

    @event(waiting >> inside, auto=True, when=(many_were_counted, room_is_free))
    def slip_in(self, ctx: Context[GuestData]) -> None: ...

    @event(inside >> gone, after=days(3))
    def leave(self, ctx: Acting[GuestData]) -> None:
        ctx.fire(ctx.parent(Town), Town.hear(), if_allowed=True)

    @event((waiting | inside) >> STAY, after=hours(20))
    def look_round(self, ctx: Context[GuestData]) -> GuestData:
        return evolve(ctx.data, steps=ctx.data.steps + 1)

    @event(inside >> STAY, every=days(1), when=number_is_even)
    def sing(self, ctx: Acting[GuestData]) -> GuestData:
        return evolve(ctx.data, steps=ctx.data.steps + 10)

    @event(waiting >> missed, at=deadline_of_the_town)
    def miss(self, ctx: Context[GuestData]) -> None: ...

    @event((inside | outside) >> gone, after=days(4), since=deadline_of_the_town)
    def be_late(self, ctx: Context[GuestData]) -> None: ...

    @event(inside >> outside, by=ANYONE)
    def go_out(self, ctx: Context[GuestData]) -> None: ...

    @event(outside >> inside, by=ANYONE, when=room_is_free)
    def come_in(self, ctx: Context[GuestData]) -> None: ...

    @event(inside >> inside, waiting >> waiting, by=ANYONE)
    def begin_anew(self, ctx: Context[GuestData]) -> None: ...

    @event((waiting | inside) >> STAY, by=ANYONE)
    def bring_a_friend(self, ctx: Acting[GuestData]) -> GuestData:
        if ctx.siblings(Guest).count() > 6:
            ctx.refuse("Enough.")
        ctx.start(Guest, GuestData(steps=ctx.data.steps), parent=ctx.parent(Town))
        return evolve(ctx.data, steps=ctx.data.steps + 100)

    @event((waiting | outside) >> gone)
    def send_away(self, ctx: Context[GuestData]) -> None: ...


GUEST_COMMANDS: list[Command[Any]] = [
    *[Guest.go_out(), Guest.come_in(), Guest.enter()] * 2,
    Guest.begin_anew(),
    Guest.bring_a_friend(),
]
TOWN_COMMANDS: list[Command[Any]] = [Town.reopen(), *(Town.decide_when(after=after) for after in (1, 30, 100))]


@frozen
class Move:
    """After so many minutes somebody fires this at the town or at a guest."""

    minutes: int
    guest: int | None
    command: Command[Any]


MOVES = st.lists(
    st.builds(Move, st.integers(0, 3000), st.integers(0, 3), st.sampled_from(GUEST_COMMANDS))
    | st.builds(Move, st.integers(0, 5000), st.none(), st.sampled_from(TOWN_COMMANDS)),
    max_size=14,
)
STEPS = st.sampled_from([29, 61, 307, 1440])


class Story:
    """A town in which moves are made."""

    def __init__(self) -> None:
        self.clock = Clock("2026-03-25 10:00", zone="Europe/Berlin")
        self.flow = memory_flow(self.clock, Town, Guest)
        self.town = self.flow.start(Town, TownData(), actor=SYSTEM).id
        for _ in range(3):
            self.flow.start(Guest, GuestData(), parent=self.town, actor=SYSTEM)

    def target(self, move: Move) -> str:
        if move.guest is None:
            return self.town
        guests = self.flow.cases(Guest).all()
        return guests[move.guest % len(guests)].id

    def make(self, move: Move) -> Refused | None:
        actor = SYSTEM if move.command.event == "enter" else somebody
        try:
            self.flow.fire(self.target(move), move.command, actor=actor)
        except Refused as error:
            return error
        return None


def told(flow: Flow) -> object:
    """All cases and histories, with the cases numbered and without the times of recording."""
    with store_of(flow).begin(write=False) as unit:
        records = unit.find(Query({"Town": None, "Guest": None}))
        entries = [unit.history(record.id) for record in records]
    numbers = {record.id: str(number) for number, record in enumerate(records)}

    def plain(value: Any) -> Any:
        if isinstance(value, CaseRecord | EntryRecord | TimerRecord):
            return {f.name: plain(getattr(value, f.name)) for f in attrs.fields(type(value)) if f.name != "recorded"}
        if isinstance(value, dict):
            return {key: plain(one) for key, one in value.items()}
        if isinstance(value, list | tuple):
            return [plain(one) for one in value]
        if isinstance(value, set | frozenset):
            return sorted(plain(one) for one in value)
        if isinstance(value, str):
            for case, number in numbers.items():
                value = value.replace(case, number)
        return str(value) if isinstance(value, datetime) else value

    return plain([records, entries])


@settings(slow, max_examples=120)
@given(MOVES, STEPS, st.integers(0, 30_000))
def test_overdue_timers_fired_in_one_big_step_or_in_many_small_ones_give_the_same(
    moves: list[Move], step: int, afterwards: int
) -> None:
    big, small = Story(), Story()
    for move in [*moves, None]:
        minutes = afterwards if move is None else move.minutes
        big.clock.forward(minutes=minutes)
        left = minutes
        while left > 0:
            small.clock.forward(minutes=min(step, left))
            small.flow.run_due()
            left -= step
        if move is not None:
            refused, also = big.make(move), small.make(move)
            assert (refused and codes(refused)) == (also and codes(also))
    big.flow.run_due()
    small.flow.run_due()
    assert told(big.flow) == told(small.flow)


@slow
@given(MOVES)
def test_a_late_cron_lets_nobody_past_a_deadline(moves: list[Move]) -> None:
    story = Story()
    steps: list[Any] = []
    story.flow.transitioning.connect(lambda sender, entry, host: steps.append(entry))
    lifecycles = frozenset({"Town", "Guest"})
    for move in moves:
        story.clock.forward(minutes=move.minutes)
        refused = story.make(move)
        with store_of(story.flow).begin(write=False) as unit:
            overdue = unit.due(lifecycles, story.clock(), 100)
        # What is due now was only made so by the command itself.
        assert all(timer.at == story.clock() for timer in overdue)
        assert refused is None or not overdue
    assert [step.at for step in steps] == sorted(step.at for step in steps)
    assert all(step.at <= step.recorded for step in steps)
    assert all(step.due is None or step.due <= step.at for step in steps)


@slow
@given(MOVES)
def test_an_unsuccessful_command_changes_nothing_and_check_knows_it_before(moves: list[Move]) -> None:
    story = Story()
    for move in moves:
        story.clock.forward(minutes=move.minutes)
        story.flow.run_due()
        before = dump(story.flow)
        actor = SYSTEM if move.command.event == "enter" else somebody
        checked = story.flow.check(story.target(move), move.command, actor=actor)
        assert dump(story.flow) == before
        refused = story.make(move)
        assert list(checked) == ([] if refused is None else list(refused.reasons))
        assert (dump(story.flow) == before) == (refused is not None)


@slow
@given(MOVES)
def test_offered_equals_possible(moves: list[Move]) -> None:
    story = Story()
    for move in moves:
        story.clock.forward(minutes=move.minutes)
        offer = story.flow.explain(story.target(move), actor=somebody).get(move.command.event)
        refused = story.make(move)
        if refused is None and move.command.event != "enter":
            assert offer is not None
            assert offer.allowed
        if offer is not None and not offer.allowed and move.command.event != "enter":
            assert refused is not None
            assert list(refused.reasons) == list(offer.reasons)


@slow
@given(MOVES, st.integers(0, 10_000))
def test_folding_the_history_gives_the_case(moves: list[Move], afterwards: int) -> None:
    story = Story()
    for move in moves:
        story.clock.forward(minutes=move.minutes)
        story.make(move)
    story.clock.forward(minutes=afterwards)
    story.flow.run_due()
    kinds = story.flow._transaction.engine.kinds
    with store_of(story.flow).begin(write=False) as unit:
        for record in unit.find(Query({"Town": None, "Guest": None})):
            kind = kinds.named(record.lifecycle)
            assert clocks_of(kind, fold(kind, unit.history(record.id))) == clocks_of(kind, record)


def clocks_of(kind: Any, record: CaseRecord) -> CaseRecord:
    """The case without what its history alone does not tell: what moments said, and which periods were asked."""
    timers = [evolve(timer, due=None, ready=None, resting=False, watches=frozenset()) for timer in record.timers]
    return evolve(
        record,
        timers=tuple(
            evolve(timer, asked=None) if kind.blueprint.events[timer.event].every else timer
            for timer in sorted(timers, key=lambda timer: timer.event)
        ),
    )


@slow
@given(MOVES, st.sampled_from(GUEST_COMMANDS), st.integers(0, 6))
def test_decide_is_pure(moves: list[Move], command: Command[Any], guest: int) -> None:
    story = Story()
    for move in moves:
        story.clock.forward(minutes=move.minutes)
        story.make(move)
    engine = story.flow._transaction.engine
    target = story.target(Move(0, guest, command))
    before = dump(story.flow)

    def decided() -> object:
        with store_of(story.flow).begin(write=False) as unit:
            world = World(unit, {}, map(str, count()).__next__)
            deciding = Deciding(engine.kinds, world, actor=SYSTEM, now=story.clock(), recorded=story.clock())
            record = deciding.record(target)
            kind = engine.kinds.check(record)
            try:
                deciding.fire(record, engine.kinds.event(kind, command), command.payload)
            except Refused as error:
                return error.reasons
            return deciding.work.batch()

    assert decided() == decided()
    assert dump(story.flow) == before


# -- definitions that Hypothesis draws -------------------------------------------------------------------------------


def an_event(*arrows: Any, name: str) -> Any:
    def effect(self: Any, ctx: Context[None]) -> None: ...

    effect.__name__ = effect.__qualname__ = name
    return event(*arrows, by=ANYONE)(effect)


def a_class(name: str, base: Any, members: dict[str, Any]) -> Any:
    named = {"__module__": __name__, "__qualname__": name}
    return new_class(name, (base,), {}, lambda body: body.update({**named, **members}))


def one_of(draw: st.DrawFn, things: list[Any]) -> Any:
    """One of them, drawn by its number: a state that has no name yet cannot be compared."""
    return things[draw(st.integers(0, len(things) - 1))]


@st.composite
def arrows(draw: st.DrawFn, sources: list[State], targets: list[Any]) -> list[Any]:
    numbers = draw(st.sets(st.integers(0, len(sources) - 1), min_size=1))
    chosen = [(sources[number], one_of(draw, [*targets, STAY, None])) for number in numbers]
    return [source >> (source if target is None else target) for source, target in chosen]


@st.composite
def phases(draw: st.DrawFn, name: str) -> Any:
    """A phase whose states are all reached, with further events, and a way on."""
    states = [State(initial=number == 0, resting=True) for number in range(draw(st.integers(1, 3)))]
    members: dict[str, Any] = {f"s{number}": state for number, state in enumerate(states)}
    for number in range(1, len(states)):
        source = states[draw(st.integers(0, number - 1))]
        members[f"to_{number}"] = an_event(source >> states[number], name=f"to_{number}")
    members["go_on"] = an_event(one_of(draw, states) >> NEXT, name="go_on")
    for number in range(draw(st.integers(0, 2))):
        members[f"e{number}"] = an_event(*draw(arrows(states, states)), name=f"e{number}")
    return a_class(name, Phase[None], members)()


@st.composite
def lifecycles(draw: st.DrawFn) -> type[Lifecycle[None]]:
    """A lifecycle whose states are all reached: own states, phases, ends, events with one or several arrows."""
    begins = draw(st.booleans())
    final = [State(final=True) for _ in range(draw(st.integers(0, 2)))]
    states = [State(initial=number == 0 and not begins, resting=True) for number in range(draw(st.integers(1, 4)))]
    members: dict[str, Any] = {f"s{number}": state for number, state in enumerate([*states, *final])}
    found = [draw(phases(f"Phase{number}")) for number in range(draw(st.integers(0, 2)))]
    targets: list[Any] = [*states, *final]
    for number, phase in enumerate(found):
        last = number == len(found) - 1
        members[f"p{number}"] = phase.then(one_of(draw, targets if last else [*targets, NEXT]))
        targets.append(phase)
    if begins:
        members["begin"] = an_event(START >> states[0], name="begin")
    for number, target in enumerate(targets[1:], 1):
        source = states[draw(st.integers(0, min(number, len(states)) - 1))]
        members[f"to_{number}"] = an_event(source >> target, name=f"to_{number}")
    for number in range(draw(st.integers(0, 3))):
        members[f"e{number}"] = an_event(*draw(arrows(states, targets)), name=f"e{number}")
    return a_class("Drawn", Lifecycle[None], members)


@settings(slow, max_examples=120)
@given(lifecycles(), st.data())
def test_our_table_and_the_transitions_machine_agree(lifecycle: type[Lifecycle[None]], data: st.DataObject) -> None:
    class Model:
        pass

    blueprint = blueprint_of(lifecycle)
    model: Any = Model()
    machine = Machine(model=model, **description_of(lifecycle))
    flow = memory_flow(Clock("2026-03-02", zone="Europe/Berlin"), lifecycle)
    if "begin" in blueprint.events:
        assert getattr(model, MODEL_ATTRIBUTE) == BEFORE_START
        model.trigger("begin")
        case = flow.start(Command(flow_key(lifecycle), "begin", {}), actor=somebody)
    else:
        machine.set_state(blueprint.initial, model)
        case = flow.start(lifecycle, None, actor=SYSTEM)
    assert case.state.path == getattr(model, MODEL_ATTRIBUTE)
    table = table_of(lifecycle)
    names = sorted(blueprint.events)
    for name in data.draw(st.lists(st.sampled_from(names), max_size=12)) if names else ():
        before = getattr(model, MODEL_ATTRIBUTE)
        try:
            model.trigger(name)
        except MachineError:
            assert before not in table[name]
            with pytest.raises(Refused) as caught:
                flow.fire(case.id, name, {}, actor=somebody)
            assert codes(caught.value) == ["state"]
            continue
        after = getattr(model, MODEL_ATTRIBUTE)
        assert table[name][before] in (after, None)
        assert flow.fire(case.id, name, {}, actor=somebody).state.path == after
    assert not machine_of(lifecycle).models


def flow_key(lifecycle: type[Any]) -> str:
    return f"{lifecycle.__module__}:{lifecycle.__qualname__}"


# -- the zone of the server ------------------------------------------------------------------------------------------


def a_fixed_story() -> str:
    """What is told of a story in which all sorts of timers fire, across the change of the clocks."""
    story = Story()
    for move in (
        Move(1, None, Town.decide_when(after=100)),
        Move(1900, 0, Guest.bring_a_friend()),
        Move(300, 0, Guest.go_out()),
        Move(3000, 0, Guest.come_in()),
        Move(2, 1, Guest.begin_anew()),
        Move(900, None, Town.reopen()),
    ):
        story.clock.forward(minutes=move.minutes)
        story.make(move)
    story.clock.forward(days=30)
    story.flow.run_due()
    return json.dumps(told(story.flow), sort_keys=True)


def in_a_process_of(zone: str) -> str:
    code = "import sys; import test_properties; sys.stdout.write(test_properties.a_fixed_story())"
    environment = {**os.environ, "TZ": zone, "PYTHONPATH": str(Path(__file__).parent)}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    return done.stdout


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "America/Los_Angeles"])
def test_the_time_zone_of_the_server_has_no_influence(zone: str) -> None:
    assert in_a_process_of(zone) == a_fixed_story()


def test_the_stories_have_all_that_they_are_meant_to_have() -> None:
    """A guard against stories in which nothing happens."""
    fired = {entry["event"] for entries in json.loads(a_fixed_story())[1] for entry in entries}
    assert {"(start)", "close", "enter", "leave", "look_round", "go_out", "hear", "decide_when"} <= fired
