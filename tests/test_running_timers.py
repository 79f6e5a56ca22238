"""Rule 4 of running: what timers see, in which order they fire, how they rest and what wakes them."""

from __future__ import annotations

import logging
from datetime import date, datetime
from typing import Any, Protocol

import pytest
from attrs import evolve, frozen

from progflow import (
    ANYONE,
    START,
    STAY,
    SYSTEM,
    Acting,
    Context,
    Flow,
    Lifecycle,
    State,
    UsageError,
    days,
    event,
    guard,
    hours,
    moment,
)
from progflow.testing.clock import Clock
from support import FlowMaker, berlin, codes, due, dump, events, office, refusal, somebody, state, timer
from support import clock as clock
from support import make_flow as make_flow


@frozen
class Seen:
    now: datetime | None = None
    today: date | None = None
    actor: str = ""


class Alarm(Lifecycle[Seen]):
    """Writes down what a timer sees."""

    set = State(initial=True)
    rung = State(resting=True)
    off = State(final=True)

    @event(set >> rung, after=days(3))
    def ring(self, ctx: Context[Seen]) -> Seen:
        return Seen(ctx.now, ctx.today, ctx.actor.id)

    @event(rung >> off, by=ANYONE)
    def turn_off(self, ctx: Context[Seen]) -> None: ...


def test_rule_4_a_timer_sees_its_due_moment_as_now_and_the_history_keeps_both_times(
    make_flow: FlowMaker, clock: Clock
) -> None:
    flow = make_flow(Alarm)
    case = flow.start(Alarm, Seen(), actor=SYSTEM)
    clock.set("2026-03-20 17:00")
    assert flow.run_due() == 1
    moment_of_it = berlin("2026-03-06")
    assert flow.get(Alarm, case).data == Seen(moment_of_it, date(2026, 3, 6), "system")
    step = flow.history(case)[-1]
    assert (step.due, step.at, step.recorded) == (moment_of_it, moment_of_it, clock())
    assert (step.actor, step.acted_as, step.caused_by) == ("system", None, None)
    assert flow.get(Alarm, case).entered_at == moment_of_it


class Fate(Lifecycle[tuple[str, ...]]):
    """Several timers that fire together or one after another."""

    on = State(initial=True, resting=True)

    def said(self, ctx: Context[tuple[str, ...]], what: str) -> tuple[str, ...]:
        return (*ctx.data, what)

    @event(on >> STAY, after=days(3))
    def zulu(self, ctx: Context[tuple[str, ...]]) -> tuple[str, ...]:
        return self.said(ctx, "zulu")

    @event(on >> STAY, after=days(2))
    def second(self, ctx: Context[tuple[str, ...]]) -> tuple[str, ...]:
        return self.said(ctx, "second")

    @event(on >> STAY, after=days(3))
    def alpha(self, ctx: Context[tuple[str, ...]]) -> tuple[str, ...]:
        return self.said(ctx, "alpha")

    @event(on >> STAY, after=hours(1))
    def first(self, ctx: Context[tuple[str, ...]]) -> tuple[str, ...]:
        return self.said(ctx, "first")


def test_rule_4_timers_fire_by_due_moment_then_by_name(make_flow: FlowMaker, clock: Clock) -> None:
    flow = make_flow(Fate)
    case = flow.start(Fate, (), actor=SYSTEM)
    clock.forward(days=9)
    assert flow.run_due() == 4
    assert flow.get(Fate, case).data == ("first", "second", "alpha", "zulu")


def test_rule_4_of_timers_due_together_the_one_that_was_armed_first_fires_first(
    make_flow: FlowMaker, clock: Clock
) -> None:
    flow = make_flow(Alarm)
    steps: list[str] = []
    flow.transitioned.connect(lambda sender, entry: steps.append(entry.case))
    clock.set("2026-03-02 18:00")
    late = flow.start(Alarm, Seen(), actor=SYSTEM)
    clock.set("2026-03-02 08:00", backwards=True)
    early = flow.start(Alarm, Seen(), actor=SYSTEM)
    steps.clear()
    clock.forward(days=9)
    assert flow.run_due() == 2
    assert steps == [early.id, late.id]


# -- resting and waking --------------------------------------------------------------------------------------------


@frozen
class HouseData:
    key: bool = False
    rent: int = 0


class House(Lifecycle[HouseData]):
    """Has rooms."""

    standing = State(initial=True, resting=True)

    @event(standing >> STAY, by=ANYONE)
    def change(self, ctx: Context[HouseData], *, key: bool = False, rent: int = 0) -> HouseData:
        return HouseData(key, rent)


@frozen
class RoomData:
    name: str = ""
    warm: bool = False
    stubborn: bool = False
    seen: datetime | None = None


class Heating(Protocol):
    def works(self) -> bool: ...


class Room(Lifecycle[RoomData], parent=House):
    """Opens by itself after three days, if several things are so."""

    shut = State(initial=True)
    open = State(resting=True)
    gone = State(final=True)

    @guard("It is cold.")
    def is_warm(self, ctx: Context[RoomData]) -> bool:
        return ctx.data.warm

    @guard("The house has no key.")
    def has_key(self, ctx: Context[RoomData]) -> bool:
        return ctx.parent(House).data.key

    @guard("Another room is open.")
    def is_only(self, ctx: Context[RoomData]) -> bool:
        return not ctx.siblings(Room).in_(Room.open).exists()

    @guard("It has no bed.")
    def has_bed(self, ctx: Context[RoomData]) -> bool:
        return ctx.children(Bed).exists()

    @event(shut >> open, after=days(3), when=(is_warm, has_key, is_only, has_bed))
    def unlock(self, ctx: Acting[RoomData]) -> RoomData:
        if ctx.data.stubborn:
            ctx.refuse("{name} does not want to.", name=ctx.data.name)
        return evolve(ctx.data, seen=ctx.now)

    @event((shut | open) >> STAY, by=ANYONE)
    def change(self, ctx: Context[RoomData], *, warm: bool | None = None, stubborn: bool | None = None) -> RoomData:
        data = ctx.data if warm is None else evolve(ctx.data, warm=warm)
        return data if stubborn is None else evolve(data, stubborn=stubborn)

    @event((shut | open) >> gone, by=ANYONE)
    def tear_down(self, ctx: Context[RoomData]) -> None: ...


class Bed(Lifecycle[None], parent=Room):
    """Stands in a room."""

    there = State(initial=True, resting=True)

    @event(there >> STAY, by=ANYONE)
    def make_it(self, ctx: Context[None]) -> None: ...


def a_room(flow: Flow, *, bed: bool = True, key: bool = True, **data: Any) -> tuple[Any, Any]:
    house = flow.start(House, HouseData(key=key), actor=SYSTEM)
    room = flow.start(Room, RoomData(**{"warm": True, **data}), parent=house, actor=SYSTEM)
    if bed:
        flow.start(Bed, None, parent=room, actor=SYSTEM)
    return house, room


def test_rule_4_a_refused_timer_rests_and_is_not_asked_again_by_itself(make_flow: FlowMaker, clock: Clock) -> None:
    flow = make_flow(House, Room, Bed)
    _, room = a_room(flow, warm=False)
    clock.forward(days=5)
    assert flow.run_due() == 0
    assert timer(flow, room, "unlock").resting
    before = dump(flow)
    clock.forward(days=500)
    assert flow.run_due() == 0
    assert dump(flow) == before
    assert events(flow, room) == ["(start)"]


def test_rule_4_explain_shows_why_it_rests_to_whoever_asks(make_flow: FlowMaker, clock: Clock) -> None:
    flow = make_flow(House, Room, Bed)
    _, room = a_room(flow, warm=False, key=False)
    offer = flow.explain(room, actor=somebody)["unlock"]
    assert (codes(offer.resting), offer.due) == ([], berlin("2026-03-06"))
    clock.forward(days=5)
    flow.run_due()
    offer = flow.explain(room, actor=somebody)["unlock"]
    assert codes(offer.resting) == ["is_warm", "has_key"]
    assert codes(offer.reasons) == ["who"]
    assert not offer.allowed
    assert offer.due == berlin("2026-03-06")


def test_rule_4_explain_shows_also_what_only_the_effect_refuses(make_flow: FlowMaker, clock: Clock) -> None:
    flow = make_flow(House, Room, Bed)
    _, room = a_room(flow, stubborn=True, name="The attic")
    clock.forward(days=5)
    (reason,) = flow.explain(room, actor=somebody)["unlock"].resting
    assert reason.text == "The attic does not want to."


@pytest.mark.parametrize("what", ["its own data", "its parent", "a sibling", "a child", "a refusing effect"])
def test_rule_4_a_change_of_what_it_asked_about_asks_it_again_in_the_same_unit(
    make_flow: FlowMaker, clock: Clock, what: str
) -> None:
    flow = make_flow(House, Room, Bed)
    house, room = a_room(
        flow,
        warm=what != "its own data",
        key=what != "its parent",
        bed=what != "a child",
        stubborn=what == "a refusing effect",
    )
    if what == "a sibling":
        other = flow.start(Room, RoomData(warm=True), parent=house, actor=SYSTEM)
        flow.start(Bed, None, parent=other, actor=SYSTEM)
    clock.forward(days=5)
    assert flow.run_due() == (what == "a sibling")
    if what == "a sibling" and flow.get(Room, room).is_in(Room.open):
        room, other = other, room
    assert timer(flow, room, "unlock").resting
    clock.forward(days=1)
    match what:
        case "its own data":
            flow.fire(room, Room.change(warm=True), actor=somebody)
        case "its parent":
            flow.fire(house, House.change(key=True), actor=somebody)
        case "a sibling":
            flow.fire(other.id, Room.tear_down(), actor=somebody)
        case "a child":
            flow.start(Bed, None, parent=room, actor=SYSTEM)
        case _:
            flow.fire(room, Room.change(stubborn=False), actor=somebody)
    room = flow.get(Room, room)
    assert room.is_in(Room.open)
    assert room.data.seen == clock()
    step = flow.history(room)[-1]
    assert (step.due, step.at) == (berlin("2026-03-06"), clock())
    assert step.caused_by is not None


def test_rule_4_a_change_elsewhere_does_not_ask_it(make_flow: FlowMaker, clock: Clock) -> None:
    flow = make_flow(House, Room, Bed)
    _, room = a_room(flow, warm=False)
    clock.forward(days=5)
    flow.run_due()
    before = timer(flow, room, "unlock")
    other_house, _ = a_room(flow)
    flow.fire(other_house, House.change(key=False), actor=somebody)
    assert timer(flow, room, "unlock") == before


def test_rule_4_a_refused_attempt_leaves_no_trace_that_wakes_others(make_flow: FlowMaker, clock: Clock) -> None:
    flow = make_flow(House, Room, Bed)
    _, room = a_room(flow, warm=False)
    clock.forward(days=5)
    flow.run_due()
    before = dump(flow)
    refusal(flow.fire, room, Room.unlock(), actor=somebody)
    refusal(flow.start, Bed, None, parent=room, actor=somebody)
    assert dump(flow) == before


def test_rule_4_a_resting_timer_whose_rule_raises_undoes_nobodys_command(
    make_flow: FlowMaker, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    class Mother(Lifecycle[int]):
        there = State(initial=True, resting=True)

        @event(there >> STAY, by=ANYONE)
        def put(self, ctx: Context[int], *, number: int) -> int:
            return number

    class Kid(Lifecycle[None], parent=Mother):
        there = State(initial=True)
        over = State(final=True)

        @guard("There is none.")
        def divides(self, ctx: Context[None]) -> bool:
            number = ctx.parent(Mother).data
            return number > 0 and 10 // (number - 5) > 0

        @event(there >> over, after=days(1), when=divides)
        def end(self, ctx: Context[None]) -> None: ...

    flow = make_flow(Mother, Kid)
    mother = flow.start(Mother, 0, actor=SYSTEM)
    kid = flow.start(Kid, None, parent=mother, actor=SYSTEM)
    clock.forward(days=3)
    flow.run_due()
    with caplog.at_level(logging.ERROR, "progflow"):
        mother = flow.fire(mother, Mother.put(number=5), actor=somebody)
    assert mother.data == 5
    assert kid.id in caplog.text
    assert timer(flow, kid, "end").resting
    flow.fire(mother, Mother.put(number=6), actor=somebody)
    assert state(flow, kid) == "over"


# -- facts of the host ---------------------------------------------------------------------------------------------


class Plain:
    """What the host knows."""

    def __init__(self) -> None:
        self.warm = False
        self.day = date(2026, 5, 1)

    def works(self) -> bool:
        return self.warm

    def holiday(self) -> date:
        return self.day


class Holidays(Protocol):
    def holiday(self) -> date: ...


class Boiler(Lifecycle[None]):
    """Asks the host."""

    cold = State(initial=True)
    warm = State()
    off = State(final=True)

    @guard("The heating does not work.")
    def heating_works(self, ctx: Context[None]) -> bool:
        return ctx.ask(Heating).works()

    @moment
    def next_holiday(self, ctx: Context[None]) -> date:
        return ctx.ask(Holidays).holiday()

    @event(cold >> warm, auto=True, when=heating_works)
    def heat(self, ctx: Context[None]) -> None: ...

    @event(warm >> off, after=days(1), when=heating_works)
    def end(self, ctx: Context[None]) -> None: ...

    @event((cold | warm) >> STAY, at=next_holiday)
    def rest(self, ctx: Context[None]) -> None: ...


def test_rule_4_wake_asks_again_after_the_facts_of_the_host_have_changed(make_flow: FlowMaker, clock: Clock) -> None:
    facts = Plain()
    flow = make_flow(Boiler, facts={Heating: facts, Holidays: facts})
    boiler = flow.start(Boiler, None, actor=SYSTEM)
    assert timer(flow, boiler, "heat").resting
    facts.warm = True
    assert flow.run_due() == 0
    (reason,) = flow.explain(boiler, actor=somebody)["heat"].resting
    assert reason.code == "asleep"
    flow.wake(boiler)
    assert state(flow, boiler) == "warm"
    facts.warm = False
    clock.forward(days=3)
    assert flow.run_due() == 0
    facts.warm = True
    flow.wake(boiler.id)
    assert events(flow, boiler) == ["(start)", "heat", "end"]


def test_rule_4_wake_computes_moments_anew(make_flow: FlowMaker) -> None:
    facts = Plain()
    flow = make_flow(Boiler, facts={Heating: facts, Holidays: facts})
    boiler = flow.start(Boiler, None, actor=SYSTEM)
    assert due(flow, boiler, "rest") == berlin("2026-05-01")
    facts.day = date(2026, 6, 1)
    assert due(flow, boiler, "rest") == berlin("2026-05-01")
    flow.wake(boiler)
    assert due(flow, boiler, "rest") == berlin("2026-06-01")


def test_rule_4_wake_catches_up_before_it_lets_anything_happen(make_flow: FlowMaker, clock: Clock) -> None:
    class Race(Lifecycle[None]):
        running = State(initial=True)
        won = State(final=True)
        lost = State(final=True)

        @guard("Not yet.")
        def heating_works(self, ctx: Context[None]) -> bool:
            return ctx.ask(Heating).works()

        @event(running >> won, auto=True, when=heating_works)
        def win(self, ctx: Context[None]) -> None: ...

        @event(running >> lost, after=days(2))
        def lose(self, ctx: Context[None]) -> None: ...

    facts = Plain()
    flow = make_flow(Race, facts={Heating: facts})
    race = flow.start(Race, None, actor=SYSTEM)
    facts.warm = True
    clock.forward(days=5)
    flow.wake(race)
    assert state(flow, race) == "lost"


def test_a_fact_that_nobody_answers_says_so(make_flow: FlowMaker) -> None:
    flow = make_flow(Boiler)
    with pytest.raises(UsageError, match="Nobody answers for H") as caught:
        flow.start(Boiler, None, actor=SYSTEM)
    assert not caught.value.retryable
    assert flow.cases(Boiler).count() == 0


# -- automatic events rest in the same way ---------------------------------------------------------------------------


class Edition(Lifecycle[None]):
    """Over when all its tandems are approved."""

    running = State(initial=True)
    over = State(final=True)

    @guard("Not all tandems are approved.")
    def all_approved(self, ctx: Context[None]) -> bool:
        tandems = ctx.children(Tandem)
        return tandems.count() > 0 and tandems.count() == tandems.in_(Tandem.approved).count()

    @event(running >> over, auto=True, when=all_approved)
    def end(self, ctx: Context[None]) -> None: ...


class Tandem(Lifecycle[None], parent=Edition):
    """Waits for an approval, at most thirty days."""

    asked = State()
    approved = State(resting=True)
    lapsed = State(final=True)

    @event(START >> asked, by=ANYONE)
    def ask(self, ctx: Context[None]) -> None: ...

    @event(asked >> approved, by=ANYONE)
    def approve(self, ctx: Context[None]) -> None: ...

    @event(asked >> lapsed, after=days(30))
    def lapse(self, ctx: Context[None]) -> None: ...


def test_rule_4_an_automatic_event_fires_when_the_last_of_the_children_is_there(make_flow: FlowMaker) -> None:
    flow = make_flow(Edition, Tandem)
    edition = flow.start(Edition, None, actor=SYSTEM)
    tandems = [flow.start(Tandem.ask(), parent=edition, actor=somebody) for _ in range(3)]
    for tandem in tandems:
        assert state(flow, edition) == "running"
        assert codes(flow.explain(edition, actor=somebody)["end"].resting) == ["all_approved"]
        flow.fire(tandem, Tandem.approve(), actor=office)
    assert state(flow, edition) == "over"
    last = flow.history(edition)[-1]
    assert (last.actor, last.caused_by) == ("office-1", f"{tandems[-1].id}#2")


def test_rule_4_a_moment_that_is_moved_into_the_past_fires_at_the_change_and_not_before(
    make_flow: FlowMaker, clock: Clock
) -> None:
    class Congress(Lifecycle[date]):
        on = State(initial=True, resting=True)

        @event(on >> STAY, by=ANYONE)
        def move(self, ctx: Context[date], *, to: date) -> date:
            return to

    class Talk(Lifecycle[None], parent=Congress):
        planned = State(initial=True)
        held = State(final=True)

        @moment
        def day(self, ctx: Context[None]) -> date:
            return ctx.parent(Congress).data

        @event(planned >> held, at=day)
        def hold(self, ctx: Context[None]) -> None: ...

    flow = make_flow(Congress, Talk)
    congress = flow.start(Congress, date(2026, 6, 1), actor=SYSTEM)
    talk = flow.start(Talk, None, parent=congress, actor=SYSTEM)
    clock.set("2026-03-20 14:00")
    flow.fire(congress, Congress.move(to=date(2026, 1, 1)), actor=somebody)
    clock.set("2026-04-01 08:00")
    assert flow.run_due() == 1
    assert flow.history(talk)[-1].at == berlin("2026-03-20 14:00")


def test_what_links_to_a_case_is_found_among_its_siblings_and_its_children(make_flow: FlowMaker) -> None:
    class House(Lifecycle[None]):
        here = State(initial=True, resting=True)

    class Room(Lifecycle[None], parent=House):
        free = State(initial=True)
        taken = State(final=True)

        @guard("Nothing points to it.")
        def pointed_to_twice(self, ctx: Context[None]) -> bool:
            return ctx.linking("room", Sign).count() == 2

        @event(free >> taken, by=ANYONE, when=pointed_to_twice)
        def take(self, ctx: Context[None]) -> None: ...

    class Sign(Lifecycle[None], parent=(House, Room)):
        up = State(resting=True)

        @event(START >> up, by=ANYONE)
        def put_up(self, ctx: Context[None]) -> None: ...

    flow = make_flow(House, Room, Sign)
    house = flow.start(House, None, actor=SYSTEM)
    room = flow.start(Room, None, parent=house, actor=SYSTEM)
    elsewhere = flow.start(House, None, actor=SYSTEM)
    flow.start(Sign.put_up(), parent=elsewhere, links={"room": room}, actor=somebody)
    flow.start(Sign.put_up(), parent=house, links={"room": room}, actor=somebody)
    assert codes(refusal(flow.fire, room.id, Room.take(), actor=somebody)) == ["pointed_to_twice"]
    flow.start(Sign.put_up(), parent=room, links={"room": room}, actor=somebody)
    assert flow.fire(room.id, Room.take(), actor=somebody).is_in(Room.taken)
