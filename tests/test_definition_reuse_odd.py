"""Sources, people and rules that a phase takes, written where they are easily written wrongly."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from attrs import frozen

from progflow import (
    NEXT,
    OPEN,
    START,
    SYSTEM,
    Actor,
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
    UsageError,
    always,
    event,
    guard,
    relation,
)
from progflow.adapters.memory import MemoryStore

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
