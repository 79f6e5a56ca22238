"""Sources, people and rules that a phase takes, written where they are easily written wrongly."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from attrs import frozen

from progflow import (
    NEXT,
    OPEN,
    START,
    STAY,
    SYSTEM,
    Actor,
    Case,
    Context,
    DefinitionError,
    Derived,
    Flow,
    Guard,
    Lifecycle,
    No,
    Phase,
    Relation,
    Role,
    State,
    Term,
    UsageError,
    always,
    days,
    derived,
    event,
    guard,
    hours,
    moment,
    relation,
)
from progflow.adapters.memory import MemoryStore
from progflow.testing.clock import Clock
from support import clock

__all__ = ["clock"]

OFFICE = Role("office")
office = Actor("office-1", {OFFICE})


@frozen
class Note:
    number: int = 0


def faults(define: Callable[[], object]) -> dict[str, str]:
    with pytest.raises(DefinitionError) as error:
        define()
    return {fault.path: fault.problem for fault in error.value.faults}


# -- sources ---------------------------------------------------------------------------------------------


class Base(Lifecycle[Note], abstract=True):
    begun = State(initial=True)
    over = State(final=True)

    @event(begun >> over, by=OFFICE)
    def end(self, ctx: Context[Note]) -> None: ...


class Left(Base):
    left = State(resting=True)

    @event(Base.begun >> left, by=OFFICE)
    def go(self, ctx: Context[Note]) -> None: ...


class Right(Base):
    right = State(resting=True)

    @event(Base.begun >> right, by=OFFICE)
    def go(self, ctx: Context[Note]) -> None: ...


def test_a_question_about_several_kinds_may_name_or_take_away_what_only_one_has() -> None:
    flow = Flow(Left, Right, store=MemoryStore())
    left, right = flow.start(Left, Note(), actor=SYSTEM), flow.start(Right, Note(), actor=SYSTEM)
    flow.fire(left, Left.go(), actor=office)
    flow.fire(right, Right.go(), actor=office)
    both = flow.cases(Base)
    assert [one.id for one in both.in_(OPEN - Right.right).all()] == [left.id]
    assert [one.id for one in both.in_((OPEN - Right.right) - Left.left).all()] == []
    assert both.in_(Left.left | Right.right).count() == both.in_(Left.left, Right.right).count() == 2
    with pytest.raises(UsageError, match=r"Right\.right is no state or phase of Left"):
        flow.cases(Left).in_(OPEN - Right.right)


def test_an_event_whose_sources_leave_no_state_is_a_fault_but_not_in_a_base_that_others_fill() -> None:
    class Filled(Lifecycle[Note], abstract=True):
        begun = State(initial=True)
        over = State(final=True)

        @event(begun >> over, by=OFFICE)
        def end(self, ctx: Context[Note]) -> None: ...

        @event(OPEN - begun >> over, by=OFFICE)
        def end_early(self, ctx: Context[Note]) -> None: ...

    def define() -> object:
        class Empty(Filled): ...

        return Empty

    assert faults(define) == {"Empty.end_early": "can happen in no state: its sources leave none."}

    class Full(Filled):
        between = State()

        @event(Filled.begun >> between, by=OFFICE)
        def go(self, ctx: Context[Note]) -> None: ...

    assert set(Full.__progflow__.blueprint.events["end_early"].targets) == {"between"}


def test_a_phase_that_a_sister_kind_has_replaced_is_the_same_place_and_a_state_of_its_own_is_not() -> None:
    class Rooted(Lifecycle[Note], abstract=True):
        over = State(final=True)
        step = Step().then(over)

    class One(Rooted):
        step = Step().then(Rooted.over)
        extra = State(resting=True)

        @event(step >> extra, by=OFFICE)
        def leave(self, ctx: Context[Note]) -> None: ...

    class Two(Rooted):
        extra = State(resting=True)

        @event(Rooted.step >> extra, by=OFFICE)
        def leave(self, ctx: Context[Note]) -> None: ...

    flow = Flow(One, Two, store=MemoryStore())
    one, two = flow.start(One, Note(), actor=SYSTEM), flow.start(Two, Note(), actor=SYSTEM)
    assert one.is_in(One.step)
    assert two.is_in(One.step)
    assert flow.cases(Rooted).in_(One.step).count() == 2
    two = flow.fire(two, Two.leave(), actor=office)
    with pytest.raises(UsageError, match=r"One\.extra is no state or phase of Two"):
        two.is_in(One.extra)


class Away(Phase[Note], aside=True):
    gone = State(initial=True)
    lost = State(final=True)

    @event(lambda self: OPEN - self.gone >> self.gone, by=OFFICE)
    def leave(self, ctx: Context[Note]) -> None: ...

    @event(gone >> lost, by=OFFICE)
    def lose(self, ctx: Context[Note]) -> None: ...


class FarAway(Away):
    """Stands aside as the class from which it is derived."""


class Step(Phase[Note]):
    here = State(initial=True)

    @event(here >> NEXT, by=OFFICE)
    def go(self, ctx: Context[Note]) -> None: ...


def test_a_phase_stands_aside_if_its_base_does_and_as_a_source_means_what_is_not_final() -> None:
    class Walk(Lifecycle[Note]):
        over = State(final=True)
        first = Step()
        away = FarAway()
        second = Step().then(over)

        @event(away >> first, by=OFFICE)
        def come_back(self, ctx: Context[Note]) -> None: ...

    events = Walk.__progflow__.blueprint.events
    assert events["first.go"].targets == {"first.here": "second.here"}
    assert events["come_back"].targets == {"away.gone": "first.here"}
    assert set(events["away.leave"].targets) == {"first.here", "second.here"}


def test_start_may_not_stand_in_a_phase_in_whatever_way_it_is_written() -> None:
    class Told(Phase[Note]):
        here = State(initial=True, resting=True)

        @event(lambda self: START >> self.here, by=OFFICE)
        def begin(self, ctx: Context[Note]) -> Note:
            return Note()

    class Taken(Phase[Note]):
        here = State(initial=True, resting=True)
        gone = State(final=True)

        @event(((START | here) - here) >> here, here >> gone, by=OFFICE)
        def begin(self, ctx: Context[Note]) -> Note:
            return Note()

    def define() -> object:
        class Uses(Lifecycle[Note]):
            told = Told()
            taken = Taken()

            @event(OPEN - taken >> taken, by=OFFICE)
            def go(self, ctx: Context[Note]) -> None: ...

        return Uses

    found = faults(define)
    assert found == {"Uses.told.begin": "START stands in a phase.", "Uses.taken.begin": "START stands in a phase."}


def test_a_decorator_without_arrows_is_noticed_also_where_the_method_takes_no_context() -> None:
    def define() -> object:
        class Wrong(Phase[Note]):
            here = State(initial=True, resting=True)

            @event  # type: ignore[arg-type]
            def go(self) -> None: ...  # type: ignore[misc]

        return Wrong

    assert faults(define) == {"Wrong.go": "is no event: its decorator lacks the arrows."}


# -- people ----------------------------------------------------------------------------------------------


def test_only_relations_can_be_excluded() -> None:
    def define() -> object:
        class Wrong(Lifecycle[Note]):
            here = State(initial=True)
            gone = State(final=True)

            @relation("the author")
            def author(self, ctx: Context[Note]) -> bool:
                return True

            @guard("No.")
            def may(self, ctx: Context[Note]) -> bool:
                return False

            @event(here >> gone, by=author - OFFICE)  # type: ignore[operator]
            def first(self, ctx: Context[Note]) -> None: ...

            @event(here >> gone, by=OFFICE - author - may)  # type: ignore[operator]
            def second(self, ctx: Context[Note]) -> None: ...

        return Wrong

    found = faults(define)
    assert found["Wrong.first"] == "by= excludes Role('office'), which is no relation."
    assert found["Wrong.second"] == "by= excludes <Guard Wrong.may>, which is no relation."


def test_the_history_says_as_what_somebody_acted_also_where_another_one_is_named_first() -> None:
    class Signed(Lifecycle[Note]):
        here = State(initial=True)
        gone = State(final=True)

        @relation("the author")
        def author(self, ctx: Context[Note]) -> bool:
            return ctx.actor.id == "author"

        @event(here >> gone, by=(author, OFFICE - author))
        def go(self, ctx: Context[Note]) -> None: ...

    flow = Flow(Signed, store=MemoryStore())
    for actor, said in ((Actor("author", {OFFICE}), "the author"), (office, "office")):
        case = flow.fire(flow.start(Signed, Note(), actor=SYSTEM), Signed.go(), actor=actor)
        assert flow.history(case)[-1].acted_as == said


# -- rules that were made outside of a class -------------------------------------------------------------


class Desk(Phase[Note]):
    here = State(initial=True)

    def __init__(self, seats: Derived[Any, int]) -> None:
        self.seats = seats

    @guard("{seats} seats.")
    def none_left(self, ctx: Context[Note]) -> bool | No:
        return No(seats=self.seats(ctx))

    @event(here >> NEXT, by=OFFICE, when=none_left)
    def go(self, ctx: Context[Note]) -> None: ...


def reasons(lifecycle: type[Lifecycle[Any]], event: str) -> list[str]:
    flow = Flow(lifecycle, store=MemoryStore())
    offer = flow.explain(flow.start(lifecycle, Note(), actor=SYSTEM), actor=office)[event]
    return [reason.text for reason in offer.reasons]


def test_a_rule_of_no_class_is_asked_also_after_another_lifecycle_gave_it_a_name() -> None:
    ten = always(10)

    class First(Lifecycle[Note]):
        over = State(final=True)
        desk = Desk(ten).then(over)

    class Second(Lifecycle[Note]):
        over = State(final=True)
        seats = ten
        desk = Desk(seats).then(over)

    class Third(Second):
        seats = always(3)

    assert reasons(First, "desk.go") == ["10 seats."]
    assert reasons(Second, "desk.go") == ["10 seats."]
    assert reasons(Third, "desk.go") == ["3 seats."]


def says(reason: str) -> Guard[Any]:
    @guard(reason)
    def is_so(self: Any, ctx: Context[Any]) -> bool:
        return False

    return is_so


def test_two_rules_of_no_class_and_one_name_keep_their_sentences() -> None:
    class Twice(Lifecycle[Note]):
        here = State(initial=True)
        gone = State(final=True)

        @event(here >> gone, by=OFFICE, when=(says("One."), says("Two.")))
        def go(self, ctx: Context[Note]) -> None: ...

    assert reasons(Twice, "go") == ["One.", "Two."]


def test_a_rule_of_a_plain_base_is_a_fault_because_nothing_could_override_it() -> None:
    class Mixin:
        @guard("No.")
        def may(self, ctx: Context[Note]) -> bool:
            return False

    def define() -> object:
        class Uses(Mixin, Lifecycle[Note]):
            here = State(initial=True)
            gone = State(final=True)

            @event(here >> gone, by=OFFICE, when=Mixin.may)
            def go(self, ctx: Context[Note]) -> None: ...

        return Uses

    assert "may stands in Mixin, which is no lifecycle or phase" in faults(define)["Uses.go"]


def test_a_relation_that_is_excluded_may_be_given_to_a_phase() -> None:
    class Asked(Phase[Note]):
        here = State(initial=True)

        def __init__(self, no: Relation[Any], nor: Relation[Any]) -> None:
            self.no, self.nor = no, nor

        @event(here >> NEXT, by=lambda self: OFFICE - self.no - self.nor)
        def go(self, ctx: Context[Note]) -> None: ...

    class Uses(Lifecycle[Note]):
        over = State(final=True)

        @relation("one")
        def one(self, ctx: Context[Note]) -> bool:
            return ctx.actor.id == "1"

        @relation("two")
        def two(self, ctx: Context[Note]) -> bool:
            return ctx.actor.id == "2"

        asked = Asked(one, two).then(over)

    flow = Flow(Uses, store=MemoryStore())
    case = flow.start(Uses, Note(), actor=SYSTEM)
    allowed = {name: flow.explain(case, actor=Actor(name, {OFFICE}))["asked.go"].allowed for name in "123"}
    assert allowed == {"1": False, "2": False, "3": True}


# -- terms that are derived ------------------------------------------------------------------------------


@frozen
class Lengths:
    first: int = 0
    period: int = 0
    since: date | None = None


class Asked(Lifecycle[Lengths]):
    """Asks again and again, where and since when its data say."""

    here = State(initial=True, resting=True)
    resting = State(clock="stopped", resting=True)

    @derived
    def first(self, ctx: Context[Lengths]) -> Term | None:
        return days(ctx.data.first) if ctx.data.first else None

    @derived
    def period(self, ctx: Context[Lengths]) -> Term | None:
        return days(ctx.data.period) if ctx.data.period else None

    @moment
    def since(self, ctx: Context[Lengths]) -> date | None:
        return ctx.data.since

    @event(here >> STAY, after=first, every=period)
    def both(self, ctx: Context[Lengths]) -> None: ...

    @event(here >> STAY, every=period)
    def again(self, ctx: Context[Lengths]) -> None: ...

    @event(here >> STAY, after=first, since=since)
    def later(self, ctx: Context[Lengths]) -> None: ...

    @event(here >> STAY, every=days(7), since=since)
    def weekly(self, ctx: Context[Lengths]) -> None: ...

    @event((here | resting) >> STAY, by=OFFICE)
    def put(self, ctx: Context[Lengths], *, lengths: Lengths) -> Lengths:
        return lengths

    @event(here >> resting, by=OFFICE)
    def stop(self, ctx: Context[Lengths]) -> None: ...

    @event(resting >> here, by=OFFICE)
    def go_on(self, ctx: Context[Lengths]) -> None: ...


def asked(clock: Clock, lengths: Lengths) -> tuple[Flow, Case[Lengths]]:
    flow = Flow(Asked, store=MemoryStore(), zone="Europe/Berlin", clock=clock)
    return flow, flow.start(Asked, lengths, actor=SYSTEM)


def dues(flow: Flow, case: Case[Any]) -> dict[str, str]:
    offers = flow.explain(case.id, actor=office)
    return {name: f"{offers[name].due:%d.%m.}" for name in ("both", "again", "later", "weekly") if offers[name].due}


def test_a_timer_waits_until_all_that_it_asks_for_is_known(clock: Clock) -> None:
    clock.set(datetime(2026, 3, 2, 9, tzinfo=UTC))
    flow, case = asked(clock, Lengths())
    said: dict[tuple[int, int, date | None], dict[str, str]] = {
        (0, 0, None): {},
        (3, 0, None): {},
        (0, 5, None): {"again": "08.03."},
        (3, 5, None): {"both": "06.03.", "again": "08.03."},
        (3, 0, date(2026, 3, 9)): {"later": "13.03.", "weekly": "17.03."},
        (0, 0, date(2026, 3, 9)): {"weekly": "17.03."},
    }
    for (first, period, since), expected in said.items():
        flow.fire(case.id, Asked.put(lengths=Lengths(first, period, since)), actor=office)
        assert dues(flow, case) == expected


def test_a_term_that_changes_while_the_clock_stands_still_counts_when_it_goes_on(clock: Clock) -> None:
    clock.set(datetime(2026, 3, 2, 9, tzinfo=UTC))
    flow, case = asked(clock, Lengths(3, 5))
    flow.fire(case.id, Asked.stop(), actor=office)
    assert dues(flow, case) == {}
    clock.forward(days=10)
    flow.fire(case.id, Asked.put(lengths=Lengths(4, 6)), actor=office)
    assert dues(flow, case) == {}, "it stands still, whatever the term is"
    flow.fire(case.id, Asked.go_on(), actor=office)
    assert dues(flow, case) == {"both": "17.03.", "again": "19.03."}
    clock.forward(days=12)
    assert flow.run_due() == 3
    assert [(entry.event, f"{entry.at:%d.%m.}") for entry in flow.history(case)[-3:]] == [
        ("both", "17.03."),
        ("again", "19.03."),
        ("both", "23.03."),
    ]


def test_a_derived_term_may_be_of_no_length_where_it_is_no_period(clock: Clock) -> None:
    class AtOnce(Lifecycle[Note]):
        here = State(initial=True)
        gone = State(final=True)

        @derived
        def length(self, ctx: Context[Note]) -> Term:
            return hours(ctx.data.number)

        @event(here >> gone, after=length)
        def go(self, ctx: Context[Note]) -> None: ...

    flow = Flow(AtOnce, store=MemoryStore(), clock=clock)
    case = flow.start(AtOnce, Note(0), actor=SYSTEM)
    assert flow.run_due() == 1
    assert not flow.get(AtOnce, case.id).is_open


class House(Lifecycle[Lengths]):
    """Says how long its rooms stay as they are."""

    standing = State(initial=True, resting=True)

    @event(standing >> STAY, by=OFFICE)
    def put(self, ctx: Context[Lengths], *, lengths: Lengths) -> Lengths:
        return lengths


class Room(Lifecycle[Lengths], parent=House):
    """A room that is left after a while, unless another one is kept."""

    here = State(initial=True)
    kept = State(resting=True)
    gone = State(final=True)

    @derived
    def first(self, ctx: Context[Lengths]) -> Term:
        return days(ctx.parent(House).data.first)

    @derived
    def period(self, ctx: Context[Lengths]) -> Term:
        return days(ctx.parent(House).data.period)

    @guard("Another one is kept.")
    def none_is_kept(self, ctx: Context[Lengths]) -> bool:
        return not ctx.siblings(Room).in_(self.kept).exists()

    @event(here >> gone, after=first, when=none_is_kept)
    def leave(self, ctx: Context[Lengths]) -> None: ...

    @event(here >> STAY, every=period)
    def again(self, ctx: Context[Lengths]) -> None: ...

    @event(here >> kept, by=OFFICE)
    def keep(self, ctx: Context[Lengths]) -> None: ...

    @event(kept >> gone, by=OFFICE)
    def give_up(self, ctx: Context[Lengths]) -> None: ...


def test_a_derived_term_moves_with_the_case_above_and_a_timer_that_rests_goes_on_waiting(clock: Clock) -> None:
    clock.set(datetime(2026, 3, 2, 9, tzinfo=UTC))
    flow = Flow(House, Room, store=MemoryStore(), zone="Europe/Berlin", clock=clock)
    house = flow.start(House, Lengths(5, 50), actor=SYSTEM)
    room, other = (flow.start(Room, Lengths(), parent=house, actor=SYSTEM) for _ in range(2))

    def due(name: str) -> str:
        return f"{flow.explain(room.id, actor=office)[name].due:%d.%m.}"

    assert (due("leave"), due("again")) == ("08.03.", "22.04.")
    flow.fire(house.id, House.put(lengths=Lengths(6, 51)), actor=office)
    assert (due("leave"), due("again")) == ("09.03.", "23.04.")

    flow.fire(other.id, Room.keep(), actor=office)
    clock.forward(days=10)
    assert flow.run_due() == 0
    flow.fire(house.id, House.put(lengths=Lengths(6, 52)), actor=office)
    assert flow.get(Room, room.id).is_open, "what it waits for has not changed"
    flow.fire(other.id, Room.give_up(), actor=office)
    assert not flow.get(Room, room.id).is_open


def test_a_set_in_a_sentence_is_read_in_the_order_of_its_words() -> None:
    class Asks(Lifecycle[Note]):
        here = State(initial=True)
        gone = State(final=True)

        @guard("Not without {names}.")
        def all_there(self, ctx: Context[Note]) -> No:
            return No(names=frozenset("fbdaec"))

        @event(here >> gone, by=OFFICE, when=all_there)
        def go(self, ctx: Context[Note]) -> None: ...

    assert reasons(Asks, "go") == ["Not without a, b, c, d, e, f."]


def test_a_history_that_is_older_than_the_definition_has_the_path_of_a_state_that_is_no_more() -> None:
    class Before(Lifecycle[Note], name="Page"):
        drafted = State(initial=True)
        written = State(resting=True)

        @event(drafted >> written, by=OFFICE)
        def write(self, ctx: Context[Note]) -> None: ...

    class After(Lifecycle[Note], name="Page"):
        written = State("on paper", initial=True, resting=True)

    store = MemoryStore()
    flow = Flow(Before, store=store)
    case = flow.fire(flow.start(Before, Note(), actor=SYSTEM), Before.write(), actor=office)
    begun, written = Flow(After, store=store).history(case.id)
    assert begun.after_title == "drafted"
    assert (written.before_title, written.after_title) == ("drafted", "on paper")


def test_a_named_difference_in_a_phase_means_the_phase_through_which_it_is_reached() -> None:
    class Named(Phase[Note]):
        here = State(initial=True)
        there = State(resting=True)
        rest = OPEN - (here | there)
        both = (here | there) - (OPEN - here - there)

        @event(here >> there, there >> NEXT, by=OFFICE)
        def go(self, ctx: Context[Note]) -> None: ...

    class Two(Lifecycle[Note]):
        over = State(final=True)
        first = Named()
        second = Named().then(over)

    case = Flow(Two, store=MemoryStore()).start(Two, Note(), actor=SYSTEM)
    assert (case.is_in(Two.first.rest), case.is_in(Two.second.rest)) == (False, True)
    assert (case.is_in(Two.first.both), case.is_in(Two.second.both)) == (True, False)
