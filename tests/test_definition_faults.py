"""Every fault of a definition: where it is, how to mend it, and that its correct neighbour is accepted."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import pytest
from attrs import field, frozen

from progflow import (
    ANYONE,
    NEXT,
    START,
    STAY,
    Context,
    DefinitionError,
    Exit,
    Fault,
    Lifecycle,
    Phase,
    Program,
    Role,
    State,
    UsageError,
    days,
    event,
    guard,
    invariant,
    moment,
    relation,
)

if TYPE_CHECKING:
    from decimal import Decimal as OnlyForCheckers

HR = Role("hr")
D = TypeVar("D")


@frozen
class Loan:
    """Data that builds without arguments."""

    item: str = ""
    due: date | None = None


@frozen
class Needs:
    """Data that does not."""

    item: str


class Simple(Phase[None]):
    """A phase that leads on."""

    busy = State(initial=True)

    @event(busy >> NEXT, by=HR)
    def leave(self, ctx: Context[None]) -> None:
        """Go on."""


class WithExit(Phase[None]):
    """A phase with a second way out."""

    busy = State(initial=True)
    failed = Exit()

    @event(busy >> NEXT, by=HR)
    def leave(self, ctx: Context[None]) -> None:
        """Go on."""

    @event(busy >> failed, by=HR)
    def fail(self, ctx: Context[None]) -> None:
        """Give up."""


class Base(Lifecycle[Loan]):
    """A lifecycle to inherit from and to borrow from."""

    out = State(initial=True)
    back = State(final=True)

    @guard("Not today.")
    def today(self, ctx: Context[Loan]) -> bool:
        return True

    @event(out >> back, by=HR, when=today)
    def give_back(self, ctx: Context[Loan], *, note: str = "") -> None:
        """Give back."""


def faults(define: Callable[[], object]) -> tuple[Fault, ...]:
    with pytest.raises(DefinitionError) as caught:
        define()
    assert caught.value.faults
    assert all(fault.path and fault.problem and fault.mend for fault in caught.value.faults)
    assert all(str(fault) in str(caught.value) for fault in caught.value.faults)
    return tuple(caught.value.faults)


def only(define: Callable[[], object], path: str, problem: str, mend: str) -> None:
    (fault,) = faults(define)
    assert fault.path == path
    assert problem in fault.problem
    assert mend in fault.mend


# -- states -----------------------------------------------------------------------------------------


def test_no_initial_state() -> None:
    def bad() -> None:
        class Thing(Lifecycle[Loan]):
            out = State()
            back = State(final=True)

            @event(out >> back, by=HR)
            def go(self, ctx: Context[Loan]) -> None: ...

    class Good(Lifecycle[Loan]):
        out = State()
        back = State(final=True)

        @event(START >> out, by=HR)
        def begin(self, ctx: Context[Loan]) -> Loan:
            return Loan()

        @event(out >> back, by=HR)
        def go(self, ctx: Context[Loan]) -> None: ...

    only(bad, "Thing", "no initial state", "State(initial=True)")


def test_two_initial_states() -> None:
    def bad() -> None:
        class Thing(Lifecycle[Loan]):
            out = State(initial=True)
            in_transit = State(initial=True)
            back = State(final=True)

            @event((out | in_transit) >> back, by=HR)
            def go(self, ctx: Context[Loan]) -> None: ...

            @event(out >> in_transit, by=HR)
            def send(self, ctx: Context[Loan]) -> None: ...

    only(bad, "Thing", "2 initial states: out, in_transit", "Leave one")


def test_a_phase_without_or_with_two_initial_states() -> None:
    class None_(Phase[None]):
        a = State(resting=True)

    class Two(Phase[None]):
        a = State(initial=True, resting=True)
        b = State(initial=True, resting=True)

        @event(a >> b, by=HR)
        def go(self, ctx: Context[None]) -> None: ...

    def none() -> None:
        class Thing(Lifecycle[Loan]):
            done = State(initial=True, resting=True)
            part = None_()

            @event(done >> None_.a, by=HR)
            def go(self, ctx: Context[Loan]) -> None: ...

    def two() -> None:
        class Thing(Lifecycle[Loan]):
            part = Two()

    only(none, "Thing.part", "no initial state", "State(initial=True)")
    only(two, "Thing.part", "2 initial states: part.a, part.b", "Leave one")


def test_no_states_at_all() -> None:
    def bad() -> None:
        class Thing(Lifecycle[Loan]):
            pass

    only(bad, "Thing", "no states", "State()")


def test_unreachable_state() -> None:
    def bad() -> None:
        class Thing(Lifecycle[Loan]):
            out = State(initial=True)
            lost = State()
            back = State(final=True)

            @event((out | lost) >> back, by=HR)
            def go(self, ctx: Context[Loan]) -> None: ...

    class Good(Lifecycle[Loan]):
        out = State(initial=True)
        lost = State()
        back = State(final=True)

        @event((out | lost) >> back, by=HR)
        def go(self, ctx: Context[Loan]) -> None: ...

        @event(out >> lost, by=HR)
        def lose(self, ctx: Context[Loan]) -> None: ...

    only(bad, "Thing.lost", "unreachable", "Let an event lead there")


def test_state_that_nothing_leaves_and_is_neither_final_nor_resting() -> None:
    def bad() -> None:
        class Thing(Lifecycle[Loan]):
            out = State(initial=True)
            back = State()

            @event(out >> back, by=HR)
            def go(self, ctx: Context[Loan]) -> None: ...

            @event(back >> STAY, by=HR)
            def note(self, ctx: Context[Loan]) -> None: ...

    class Good(Lifecycle[Loan]):
        out = State(initial=True)
        back = State(resting=True)

        @event(out >> back, by=HR)
        def go(self, ctx: Context[Loan]) -> None: ...

    back = next(fault for fault in faults(bad) if fault.path == "Thing.back")
    assert "left by nothing" in back.problem
    assert "final=True, or resting=True" in back.mend


def test_final_state_that_something_leaves() -> None:
    def bad() -> None:
        class Thing(Lifecycle[Loan]):
            out = State(initial=True)
            back = State(final=True)

            @event(out >> back, by=HR)
            def go(self, ctx: Context[Loan]) -> None: ...

            @event(back >> out, by=HR)
            def again(self, ctx: Context[Loan]) -> None: ...

    only(bad, "Thing.back", "is final, but again", "resting=True")


def test_final_state_in_which_something_happens() -> None:
    def bad() -> None:
        class Thing(Lifecycle[Loan]):
            out = State(initial=True)
            back = State(final=True)

            @event(out >> back, by=HR)
            def go(self, ctx: Context[Loan]) -> None: ...

            @event((out | back) >> STAY, by=HR)
            def note(self, ctx: Context[Loan]) -> None: ...

    only(bad, "Thing.back", "is final, but note", "Take the arrow away")


def test_final_and_resting_state() -> None:
    def bad() -> None:
        class Thing(Lifecycle[Loan]):
            out = State(initial=True, final=True, resting=True)

    only(bad, "Thing.out", "final and resting", "Leave one")


def test_state_from_which_no_end_can_be_reached() -> None:
    def bad() -> None:
        class Thing(Lifecycle[Loan]):
            out = State(initial=True)
            round = State()
            back = State(final=True)

            @event(out >> back, by=HR)
            def go(self, ctx: Context[Loan]) -> None: ...

            @event(out >> round, by=HR)
            def turn(self, ctx: Context[Loan]) -> None: ...

            @event(round >> round, by=HR)
            def spin(self, ctx: Context[Loan]) -> None: ...

            a = State()
            b = State()

            @event(out >> a, a >> b, b >> a, by=HR)
            def swing(self, ctx: Context[Loan]) -> None: ...

    found = {fault.path: fault for fault in faults(bad)}
    assert set(found) == {"Thing.round", "Thing.a", "Thing.b"}
    assert "no end can be reached" in found["Thing.a"].problem
    assert "final or resting state" in found["Thing.a"].mend


# -- arrows -----------------------------------------------------------------------------------------


def test_one_event_with_two_arrows_from_one_state() -> None:
    def bad() -> None:
        class Thing(Lifecycle[Loan]):
            out = State(initial=True)
            back = State(final=True)
            lost = State(final=True)

            @event(out >> back, out >> lost, by=HR)
            def go(self, ctx: Context[Loan]) -> None: ...

    def begins_twice() -> None:
        class Thing(Lifecycle[Loan]):
            out = State(final=True)
            back = State(final=True)

            @event(START >> out, START >> back, by=HR)
            def begin(self, ctx: Context[Loan]) -> Loan:
                return Loan()

    class Good(Lifecycle[Loan]):
        out = State(initial=True)
        late = State()
        back = State(final=True)

        @event(out >> back, late >> back, by=HR)
        def go(self, ctx: Context[Loan]) -> None: ...

        @event(out >> late, by=HR)
        def wait(self, ctx: Context[Loan]) -> None: ...

    found = {fault.path: fault for fault in faults(bad)}
    assert "two arrows from out" in found["Thing.go"].problem
    assert "two events with two guards" in found["Thing.go"].mend
    assert any("two arrows from START" in fault.problem for fault in faults(begins_twice))


def test_event_without_an_arrow() -> None:
    def bad() -> None:
        class Thing(Lifecycle[Loan]):
            out = State(initial=True, final=True)

            @event(by=HR)
            def go(self, ctx: Context[Loan]) -> None: ...

    only(bad, "Thing.go", "no arrow", "@event(a >> b)")


def test_start_in_a_phase() -> None:
    def bad() -> None:
        class Part(Phase[None]):
            a = State(initial=True)

            @event(START >> a, by=HR)
            def begin(self, ctx: Context[None]) -> None: ...

    only(bad, "Part.begin", "START stands in a phase", "in the lifecycle")


def test_start_that_leads_to_stay() -> None:
    def bad() -> None:
        class Thing(Lifecycle[Loan]):
            out = State(initial=True, final=True)

            @event(START >> STAY, by=HR)
            def begin(self, ctx: Context[Loan]) -> Loan:
                return Loan()

    only(bad, "Thing.begin", "START leads to STAY", "Name the state")


def test_start_that_returns_no_data() -> None:
    def bad() -> None:
        class Thing(Lifecycle[Loan]):
            out = State(final=True)

            @event(START >> out, by=HR)
            def begin(self, ctx: Context[Loan]) -> None: ...

    class Good(Lifecycle[None]):
        out = State(final=True)

        @event(START >> out, by=HR)
        def begin(self, ctx: Context[None]) -> None: ...

    only(bad, "Thing.begin", "returns no data", "Return the first data")


def test_next_in_the_last_phase_without_then() -> None:
    def bad() -> None:
        class Thing(Lifecycle[Loan]):
            done = State(final=True)
            first = Simple()
            last = Simple()

    def said() -> None:
        class Thing(Lifecycle[Loan]):
            first = Simple().then(NEXT)

    class Good(Lifecycle[Loan]):
        done = State(final=True)
        first = Simple()
        last = Simple().then(done)

    found = {fault.path: fault for fault in faults(bad)}
    assert "NEXT, but it is the last phase" in found["Thing.last"].problem
    assert ".then(target)" in found["Thing.last"].mend
    assert "Thing.first" not in found
    assert any(fault.path == "Thing.first" and "last phase" in fault.problem for fault in faults(said))


def test_an_unbound_exit() -> None:
    def bad() -> None:
        class Thing(Lifecycle[Loan]):
            done = State(final=True)
            part = WithExit().then(done)

    class Good(Lifecycle[Loan]):
        done = State(final=True)
        part = WithExit().then(done, failed=done)

    only(bad, "Thing.part", "exit 'failed' is unbound", ".then(…, failed=target)")


def test_then_binds_an_exit_that_the_phase_lacks() -> None:
    def bad() -> None:
        class Thing(Lifecycle[Loan]):
            done = State(final=True)
            part = WithExit().then(done, failed=done, exploded=done)

    only(bad, "Thing.part", "'exploded', which is no exit", "It has: failed.")


def test_then_said_twice() -> None:
    def bad() -> None:
        class Thing(Lifecycle[Loan]):
            done = State(final=True)
            part = Simple().then(done).then(done)

    only(bad, "Thing.part", "said twice", "Say once")


def test_then_leads_to_stay() -> None:
    def bad() -> None:
        class Thing(Lifecycle[Loan]):
            done = State(final=True)
            part = WithExit().then(done, failed=STAY)

    only(bad, "Thing.part.fail", "binds to STAY", "state or phase")


def test_next_or_an_exit_in_a_lifecycle() -> None:
    def bad() -> None:
        class Thing(Lifecycle[Loan]):
            out = State(initial=True, resting=True)

            @event(out >> NEXT, by=HR)
            def go(self, ctx: Context[Loan]) -> None: ...

    only(bad, "Thing.go", "only the events of a phase can", "Name the state or phase")


def test_an_exit_of_another_phase() -> None:
    class Other(Phase[None]):
        a = State(initial=True, resting=True)

        @event(a >> WithExit.failed, by=HR)
        def go(self, ctx: Context[None]) -> None: ...

    def bad() -> None:
        class Thing(Lifecycle[Loan]):
            part = Other()

    only(bad, "Thing.part.go", "no exit of this phase", "Exit()")


def test_a_state_of_another_lifecycle() -> None:
    def bad() -> None:
        class Thing(Lifecycle[Loan]):
            out = State(initial=True, resting=True)

            @event(out >> Base.back, by=HR)
            def go(self, ctx: Context[Loan]) -> None: ...

    only(bad, "Thing.go", "Base.back, which is no state of this lifecycle", "Name one of its own: out.")


def test_a_phase_of_another_lifecycle_even_of_the_same_name() -> None:
    class Other(Lifecycle[Loan]):
        done = State(final=True)
        part = Simple().then(done)

    def source() -> None:
        class Thing(Lifecycle[Loan]):
            done = State(final=True)
            part = Simple().then(done)

            @event(Other.part >> done, by=HR)
            def go(self, ctx: Context[Loan]) -> None: ...

    def target() -> None:
        class Thing(Lifecycle[Loan]):
            begin = State(initial=True)
            done = State(final=True)
            part = Simple().then(done)

            @event(begin >> part, by=HR)
            def enter(self, ctx: Context[Loan]) -> None: ...

            @event(begin >> Other.part, by=HR)
            def go(self, ctx: Context[Loan]) -> None: ...

    def state() -> None:
        class Thing(Lifecycle[Loan]):
            done = State(final=True)
            part = Simple().then(done)

            @event(Other.part.busy >> done, by=HR)
            def go(self, ctx: Context[Loan]) -> None: ...

    only(source, "Thing.go", "leaves Other.part, which is no phase of this lifecycle", "Name one of its own: part")
    only(target, "Thing.go", "leads to Other.part", "Name one of its own: part")
    only(state, "Thing.go", "no state of this lifecycle", "Name one of its own")


def test_a_phase_without_a_name() -> None:
    def bad() -> None:
        class Thing(Lifecycle[Loan]):
            out = State(initial=True, resting=True)

            @event(out >> Simple(), by=HR)
            def go(self, ctx: Context[Loan]) -> None: ...

    only(bad, "Thing.go", "a Simple that has no name", "Assign it to an attribute")


def test_a_phase_state_that_could_be_either_of_two() -> None:
    def bad() -> None:
        class Thing(Lifecycle[Loan]):
            done = State(final=True)
            first = Simple()
            second = Simple().then(done)

            @event(Simple.busy >> done, by=HR)
            def go(self, ctx: Context[Loan]) -> None: ...

    class Good(Lifecycle[Loan]):
        done = State(final=True)
        first = Simple()
        second = Simple().then(done)

        @event(first.busy >> done, by=HR)
        def go(self, ctx: Context[Loan]) -> None: ...

    only(bad, "Thing.go", "more than once: first.busy, second.busy", "through one of the phases")


# -- events that fire by themselves -------------------------------------------------------------------


def test_two_automatic_events_from_one_state_without_guards() -> None:
    def bad() -> None:
        class Thing(Lifecycle[Loan]):
            out = State(initial=True)
            back = State(final=True)
            lost = State(final=True)

            @event(out >> back, auto=True)
            def go(self, ctx: Context[Loan]) -> None: ...

            @event(out >> lost, auto=True)
            def lose(self, ctx: Context[Loan]) -> None: ...

    class Good(Lifecycle[Loan]):
        out = State(initial=True)
        back = State(final=True)
        lost = State(final=True)

        @guard("Not yet.")
        def lost_it(self, ctx: Context[Loan]) -> bool:
            return False

        @event(out >> lost, auto=True, when=lost_it)
        def lose(self, ctx: Context[Loan]) -> None: ...

        @event(out >> back, auto=True)
        def go(self, ctx: Context[Loan]) -> None: ...

    only(bad, "Thing.out", "two automatic events without guards: go, lose", "Guard them")


def test_automatic_events_that_go_round_without_guards() -> None:
    def bad() -> None:
        class Thing(Lifecycle[Loan]):
            a = State(initial=True)
            b = State()
            end = State(final=True)

            @event(a >> b, b >> a, auto=True)
            def swing(self, ctx: Context[Loan]) -> None: ...

            @event((a | b) >> end, by=HR)
            def stop(self, ctx: Context[Loan]) -> None: ...

    found = {fault.path: fault for fault in faults(bad)}
    assert set(found) == {"Thing.a", "Thing.b"}
    assert "without end" in found["Thing.a"].problem
    assert "Guard one" in found["Thing.a"].mend


@pytest.mark.parametrize("target", ["stay", "again"])
def test_an_automatic_event_that_stays(target: str) -> None:
    def bad() -> None:
        class Thing(Lifecycle[Loan]):
            out = State(initial=True)
            back = State(final=True)

            @event(out >> back, by=HR)
            def go(self, ctx: Context[Loan]) -> None: ...

            @event(out >> (STAY if target == "stay" else out), auto=True)
            def tick(self, ctx: Context[Loan]) -> None: ...

    only(bad, "Thing.tick", "automatic and stays", "another state")


def test_a_self_firing_event_with_a_required_payload() -> None:
    def bad() -> None:
        class Thing(Lifecycle[Loan]):
            out = State(initial=True)
            back = State(final=True)

            @event(out >> back, after=days(3))
            def go(self, ctx: Context[Loan], *, why: str, note: str = "") -> None: ...

    class Good(Lifecycle[Loan]):
        out = State(initial=True)
        back = State(final=True)

        @event(out >> back, after=days(3))
        def go(self, ctx: Context[Loan], *, why: str = "") -> None: ...

    only(bad, "Thing.go", "requires why", "a default")


def test_start_that_fires_by_itself() -> None:
    def bad() -> None:
        class Thing(Lifecycle[Loan]):
            out = State(final=True)

            @event(START >> out, after=days(1))
            def begin(self, ctx: Context[Loan]) -> Loan:
                return Loan()

    only(bad, "Thing.begin", "begins a case and fires by itself", "two events")


def test_since_without_a_term() -> None:
    def bad() -> None:
        class Thing(Lifecycle[Loan]):
            out = State(initial=True)
            back = State(final=True)

            @moment
            def day(self, ctx: Context[Loan]) -> date:
                return date(2026, 1, 1)

            @event(out >> back, since=day)
            def go(self, ctx: Context[Loan]) -> None: ...

    class Good(Lifecycle[Loan]):
        out = State(initial=True)
        back = State(final=True)

        @moment
        def day(self, ctx: Context[Loan]) -> date:
            return date(2026, 1, 1)

        @event(out >> back, since=day, after=days(1))
        def go(self, ctx: Context[Loan]) -> None: ...

    only(bad, "Thing.go", "since= without a term", "after= or every=")


def test_alarms_that_contradict_each_other() -> None:
    def bad() -> None:
        class Thing(Lifecycle[Loan]):
            out = State(initial=True)
            back = State(final=True)

            @moment
            def day(self, ctx: Context[Loan]) -> date:
                return date(2026, 1, 1)

            @event(out >> back, at=day, after=days(1))
            def both(self, ctx: Context[Loan]) -> None: ...

            @event(out >> back, at=day, since=day)
            def twice(self, ctx: Context[Loan]) -> None: ...

            @event(out >> back, auto=True, after=days(1))
            def eager(self, ctx: Context[Loan]) -> None: ...

            @event(out >> STAY, every=days(0))
            def never(self, ctx: Context[Loan]) -> None: ...

            @event(out >> back, at=lambda self: (self.day, self.day))
            def two(self, ctx: Context[Loan]) -> None: ...

            @event(out >> back, after=lambda self: (days(1), days(2)))  # type: ignore[arg-type, return-value]
            def terms(self, ctx: Context[Loan]) -> None: ...

    found = {fault.path: fault.problem for fault in faults(bad)}
    assert found["Thing.both"] == "has after= and at=."
    assert "since=" in found["Thing.twice"]
    assert found["Thing.eager"] == "is automatic and has a timer."
    assert found["Thing.never"] == "every= has a term of no length."
    assert found["Thing.two"] == "at= names 2 moments."
    assert found["Thing.terms"] == "after= names 2 terms."


# -- payloads ---------------------------------------------------------------------------------------


def test_a_payload_annotation_that_cannot_be_structured() -> None:
    def bad() -> None:
        class Thing(Lifecycle[Loan]):
            out = State(initial=True, resting=True)

            @event(out >> STAY, by=HR)
            def go(self, ctx: Context[Loan], *, length: timedelta, what: object, many: list) -> None: ...  # type: ignore[type-arg]

    found = {fault.path: fault for fault in faults(bad)}
    assert set(found) == {"Thing.go(length)", "Thing.go(what)", "Thing.go(many)"}
    assert all("cannot be structured" in fault.problem for fault in found.values())
    assert "timedelta" in found["Thing.go(length)"].problem
    assert "scalars, Enums, attrs classes" in found["Thing.go(length)"].mend


def test_a_payload_annotation_that_cannot_be_resolved() -> None:
    def bad() -> None:
        class Thing(Lifecycle[Loan]):
            out = State(initial=True, resting=True)

            @event(out >> STAY, by=HR)
            def go(self, ctx: Context[Loan], *, what: Nowhere) -> None: ...  # type: ignore[name-defined]  # noqa: F821

    only(bad, "Thing.go(what)", "'Nowhere' cannot be resolved", "Import or define it before")


def test_a_payload_annotation_that_is_only_imported_under_type_checking() -> None:
    def bad() -> None:
        class Thing(Lifecycle[Loan]):
            out = State(initial=True, resting=True)

            @event(out >> STAY, by=HR)
            def go(self, ctx: Context[Loan], *, price: OnlyForCheckers) -> None: ...

    only(bad, "Thing.go(price)", "'OnlyForCheckers' cannot be resolved", "not only under TYPE_CHECKING")


def test_a_field_of_a_payload_class_that_cannot_be_resolved() -> None:
    @frozen
    class Offer:
        price: OnlyForCheckers

    def bad() -> None:
        class Thing(Lifecycle[Loan]):
            out = State(initial=True, resting=True)

            @event(out >> STAY, by=HR)
            def go(self, ctx: Context[Loan], *, offer: Offer) -> None: ...

    only(bad, "Thing.go(offer)", "OnlyForCheckers", "not only under TYPE_CHECKING")


def test_a_missing_annotation() -> None:
    def bad() -> None:
        class Thing(Lifecycle[Loan]):
            out = State(initial=True, resting=True)

            @event(out >> STAY, by=HR)
            def go(self, ctx: Context[Loan], *, what) -> None: ...  # type: ignore[no-untyped-def]

    only(bad, "Thing.go(what)", "no annotation", "what: str")


def test_a_positional_payload() -> None:
    def bad() -> None:
        class Thing(Lifecycle[Loan]):
            out = State(initial=True, resting=True)

            @event(out >> STAY, by=HR)
            def go(self, ctx: Context[Loan], what: str) -> None: ...

    only(bad, "Thing.go(what)", "positional payload", "def go(self, ctx, *, what: …)")


def test_a_payload_of_any_fields() -> None:
    def bad() -> None:
        class Thing(Lifecycle[Loan]):
            out = State(initial=True, resting=True)

            @event(out >> STAY, by=HR)
            def go(self, ctx: Context[Loan], *some: str, **rest: str) -> None: ...

    found = {fault.path: fault for fault in faults(bad)}
    assert set(found) == {"Thing.go(some)", "Thing.go(rest)"}
    assert "takes any payload" in found["Thing.go(rest)"].problem
    assert "Name each field" in found["Thing.go(rest)"].mend


def test_a_default_that_does_not_fit_its_type() -> None:
    def bad() -> None:
        class Thing(Lifecycle[Loan]):
            out = State(initial=True, resting=True)

            @event(out >> STAY, by=HR)
            def go(self, ctx: Context[Loan], *, count: int = "3") -> None: ...  # type: ignore[assignment]

    only(bad, "Thing.go(count)", "default does not fit", "Change one of the two")


def test_a_method_without_a_context() -> None:
    def bad() -> None:
        class Thing(Lifecycle[Loan]):
            out = State(initial=True, resting=True)

            @event(out >> STAY, by=HR)  # type: ignore[arg-type]
            def go(self) -> None: ...

            @guard("No.")  # type: ignore[arg-type]
            def may(self) -> bool:
                return True

            @moment  # type: ignore[arg-type]
            def day(self, ctx: Context[Loan], *, other: date) -> date:
                return other

    found = {fault.path: fault for fault in faults(bad)}
    assert "takes no context" in found["Thing.go"].problem
    assert "def go(self, ctx" in found["Thing.go"].mend
    assert "takes no context" in found["Thing.may"].problem
    assert "more than the context" in found["Thing.day"].problem


def test_a_coroutine_or_generator_as_a_rule_or_effect() -> None:
    def bad() -> None:
        class Thing(Lifecycle[Loan]):
            out = State(initial=True, resting=True)

            @guard("No.")  # type: ignore[arg-type]
            async def may(self, ctx: Context[Loan]) -> bool:
                await asyncio.sleep(0)
                return False

            @event(out >> STAY, by=HR)  # type: ignore[arg-type]
            def go(self, ctx: Context[Loan]) -> Any:
                yield None

    found = {fault.path: fault for fault in faults(bad)}
    assert set(found) == {"Thing.may", "Thing.go"}
    assert "coroutine" in found["Thing.may"].problem
    assert "plain method: def may" in found["Thing.may"].mend


# -- data -------------------------------------------------------------------------------------------


def test_phase_data_that_does_not_build_without_arguments() -> None:
    class Bad(Phase[Needs]):
        a = State(initial=True, resting=True)

    class Good(Phase[Loan]):
        a = State(initial=True, resting=True)

    def bad() -> None:
        class Thing(Lifecycle[Loan]):
            part = Bad()

    class Fine(Lifecycle[Loan]):
        part = Good()

    only(bad, "Thing.part", "does not build without arguments", "Give every field a default")


def test_data_that_cannot_be_structured() -> None:
    @frozen
    class Length:
        length: timedelta = timedelta()

    @frozen
    class Hidden:
        counted: int = field(init=False, default=0)

    def bad() -> None:
        class Thing(Lifecycle[Length]):
            out = State(initial=True, final=True)

    def phase() -> None:
        class Part(Phase[Length]):
            a = State(initial=True)

    def lost() -> None:
        class Thing(Lifecycle[Hidden]):
            out = State(initial=True, final=True)

    only(bad, "Thing(Lifecycle[…])", "Length.length", "scalars")
    only(phase, "Part(Phase[…])", "Length.length", "scalars")
    only(lost, "Thing(Lifecycle[…])", "Hidden.counted is no argument", "scalars")


def test_data_that_is_not_known() -> None:
    def bad() -> None:
        class Thing(Lifecycle[D], Generic[D]):
            out = State(initial=True, final=True)

    class Good(Lifecycle[D], Generic[D], abstract=True):
        out = State(initial=True, final=True)

    class Part(Phase[D], Generic[D]):
        a = State(initial=True, resting=True)

    def phase() -> None:
        class Thing(Lifecycle[Loan]):
            part: Part[Loan] = Part()

    def text() -> None:
        class Thing(Lifecycle["Nowhere"]):  # type: ignore[name-defined]
            out = State(initial=True, final=True)

    only(bad, "Thing(Lifecycle[…])", "not known", "abstract=True")
    only(phase, "Thing.part", "not known", "Part[YourData](…)")
    only(text, "Thing(…['Nowhere'])", "cannot be resolved", "not only under TYPE_CHECKING")


def test_a_lifecycle_that_does_not_build_without_arguments() -> None:
    def bad() -> None:
        class Thing(Lifecycle[Loan]):
            out = State(initial=True, final=True)

            def __init__(self, size: int) -> None:
                self.size = size

    only(bad, "Thing", "does not build without arguments", "Take __init__ away")


# -- rules ------------------------------------------------------------------------------------------


def test_a_guard_of_another_lifecycle() -> None:
    def bad() -> None:
        class Thing(Lifecycle[Loan]):
            out = State(initial=True)
            back = State(final=True)

            @event(out >> back, by=HR, when=Base.today)
            def go(self, ctx: Context[Loan]) -> None: ...

    class Good(Base):
        @event(Base.out >> Base.back, by=HR, when=Base.today)
        def lose(self, ctx: Context[Loan]) -> None: ...

    only(bad, "Thing.go", "Base.today is a guard of another lifecycle", "Use a guard of this lifecycle")


def test_a_relation_or_moment_of_another_lifecycle() -> None:
    class Other(Lifecycle[Loan]):
        out = State(initial=True, final=True)

        @relation("the borrower")
        def borrower(self, ctx: Context[Loan]) -> bool:
            return True

        @moment
        def day(self, ctx: Context[Loan]) -> date:
            return date(2026, 1, 1)

    def bad() -> None:
        class Thing(Lifecycle[Loan]):
            out = State(initial=True)
            back = State(final=True)

            @event(out >> back, by=Other.borrower, at=Other.day)
            def go(self, ctx: Context[Loan]) -> None: ...

    found = faults(bad)
    assert [fault.path for fault in found] == ["Thing.go", "Thing.go"]
    assert "relation of another lifecycle" in found[0].problem
    assert "moment of another lifecycle" in found[1].problem


def test_a_guard_of_another_lifecycles_phase_of_the_same_name() -> None:
    class Guarded(Phase[None]):
        a = State(initial=True, resting=True)

        @guard("No.")
        def ready(self, ctx: Context[None]) -> bool:
            return True

    class Other(Lifecycle[None]):
        part = Guarded()

    def bad() -> None:
        class Thing(Lifecycle[None]):
            part = Guarded()

            @event(part >> STAY, by=HR, when=Other.part.ready)
            def go(self, ctx: Context[None]) -> None: ...

    class Good(Lifecycle[None]):
        part = Guarded()

        @event(part >> STAY, by=HR, when=part.ready)
        def go(self, ctx: Context[None]) -> None: ...

    only(bad, "Thing.go", "another lifecycle", "one that is given to it")


def test_a_guard_parameter_that_the_payload_lacks() -> None:
    def bad() -> None:
        class Thing(Lifecycle[Loan]):
            out = State(initial=True, resting=True)

            @guard("Too long.")
            def short(self, ctx: Context[Loan], *, until: date) -> bool:
                return True

            @event(out >> STAY, by=HR, when=short)
            def go(self, ctx: Context[Loan], *, why: str) -> None: ...

    class Good(Lifecycle[Loan]):
        out = State(initial=True, resting=True)

        @guard("Too long.")
        def short(self, ctx: Context[Loan], *, until: date, note: str = "") -> bool:
            return True

        @event(out >> STAY, by=HR, when=short)
        def go(self, ctx: Context[Loan], *, until: date) -> None: ...

    only(bad, "Thing.go", "asks for 'until', which the payload lacks", "Add until to the payload")


def test_a_guard_parameter_of_another_type_than_the_payload() -> None:
    def bad() -> None:
        class Thing(Lifecycle[Loan]):
            out = State(initial=True, resting=True)

            @guard("Too long.")
            def short(self, ctx: Context[Loan], *, until: date) -> bool:
                return True

            @event(out >> STAY, by=HR, when=short)
            def go(self, ctx: Context[Loan], *, until: str) -> None: ...

    only(bad, "Thing.go", "takes 'until' as date, the payload has str", "Make both str")


def test_words_that_take_something_else() -> None:
    def bad() -> None:
        class Thing(Lifecycle[Loan]):
            out = State(initial=True)
            back = State(final=True)

            @guard("No.")
            def may(self, ctx: Context[Loan]) -> bool:
                return True

            @event(out >> back, by=may)  # type: ignore[call-overload]
            def who(self, ctx: Context[Loan]) -> None: ...

            @event(out >> back, by=HR, when=HR)  # type: ignore[call-overload]
            def when(self, ctx: Context[Loan]) -> None: ...

            @event(out >> back, after=3)  # type: ignore[call-overload]
            def term(self, ctx: Context[Loan]) -> None: ...

            @event(out >> back, by=HR, when=lambda self: self.nowhere)
            def missing(self, ctx: Context[Loan]) -> None: ...

    found = {fault.path: fault for fault in faults(bad)}
    assert "takes roles and relations, not <Guard Thing.may>" in found["Thing.who"].problem
    assert "takes a guard, not Role('hr')" in found["Thing.when"].problem
    assert "@guard" in found["Thing.when"].mend
    assert "takes a term, not 3" in found["Thing.term"].problem
    assert "days(14)" in found["Thing.term"].mend
    assert "AttributeError" in found["Thing.missing"].problem
    assert "lambda self" in found["Thing.missing"].mend


# -- names ------------------------------------------------------------------------------------------


def test_a_name_used_twice() -> None:
    def bad() -> None:
        class Thing(Lifecycle[Loan]):
            out = State(initial=True, resting=True)

            @event(out >> STAY, by=HR)
            def go(self, ctx: Context[Loan]) -> None: ...

            @event(out >> STAY, by=HR)  # type: ignore[no-redef]
            def go(self, ctx: Context[Loan], *, why: str) -> None: ...  # noqa: F811

    only(bad, "Thing.go", "used twice in the class", "a name of its own")


def test_one_object_under_two_names() -> None:
    def bad() -> None:
        class Thing(Lifecycle[Loan]):
            out = State(initial=True, resting=True)
            also = out

            @event(out >> STAY, by=HR)
            def go(self, ctx: Context[Loan]) -> None: ...

            went = go

    found = [str(fault) for fault in faults(bad)]
    assert (
        "Thing.also: is the same state as Thing.out: a name used twice. Write a new state for the second name." in found
    )
    assert any(said.startswith("Thing.went: is the same event as Thing.go: a name used twice.") for said in found)
    assert not any(said.startswith(("Thing.out: is the same", "Thing.go: is the same")) for said in found)


def test_a_member_borrowed_from_another_lifecycle() -> None:
    def bad() -> None:
        class Thing(Lifecycle[Loan]):
            out = Base.out
            go = Base.give_back

    found = {fault.path for fault in faults(bad)}
    assert {"Thing.out", "Thing.go"} <= found


def test_a_name_that_is_inherited_as_something_else() -> None:
    def bad() -> None:
        class Thing(Base):
            out = State()
            today = 3  # type: ignore[assignment]

    found = {fault.path: fault for fault in faults(bad)}
    assert "name of a state that it inherits" in found["Thing.out"].problem
    assert "name of a guard that it inherits" in found["Thing.today"].problem
    assert "another name" in found["Thing.out"].mend


def test_a_name_that_phase_needs_itself() -> None:
    def bad() -> None:
        class Part(Phase[None]):
            then = State(initial=True)  # type: ignore[assignment]

    only(bad, "Part.then", "word of Phase itself", "another name")


def test_one_phase_instance_in_two_places() -> None:
    def bad() -> None:
        class Thing(Lifecycle[Loan]):
            done = State(final=True)
            first = Simple().then(done)
            second = first

    shared = Simple()

    class Good(Lifecycle[Loan]):
        done = State(final=True)
        first = shared.then(done)

    def elsewhere() -> None:
        class Thing(Lifecycle[Loan]):
            done = State(final=True)
            other = shared

    class Inherits(Good):
        """Not a second place."""

    found = faults(bad)
    assert any("in two places, Thing.first and Thing.second" in fault.problem for fault in found)
    assert any("Write Simple(…) anew" in fault.mend for fault in found)
    assert any("in two places, Good.first and Thing.other" in fault.problem for fault in faults(elsewhere))


def test_an_overridden_event_that_changes_its_payload() -> None:
    def bad() -> None:
        class Thing(Base):
            @event(Base.out >> Base.back, by=HR)  # type: ignore[assignment]
            def give_back(self, ctx: Context[Loan], *, note: int = 0) -> None: ...

    class Good(Base):
        @event(Base.out >> Base.back, by=ANYONE)
        def give_back(self, ctx: Context[Loan], *, note: str = "none") -> None: ...

    only(bad, "Thing.give_back", "changes its payload", "Keep it: note")


# -- the class statement ------------------------------------------------------------------------------


@pytest.mark.parametrize("parent", ["Base", Loan, Lifecycle, None, (Base, 3)])
def test_an_unknown_parent(parent: Any) -> None:
    def bad() -> None:
        class Thing(Lifecycle[Loan], parent=parent):
            out = State(initial=True, final=True)

    class Good(Lifecycle[Loan], parent=Base):
        out = State(initial=True, final=True)

    only(bad, "Thing(parent=…)", "unknown parent", "Name a lifecycle class")


def test_a_unique_field_that_the_data_lacks_or_that_cannot_be_compared() -> None:
    @frozen
    class Many:
        items: tuple[str, ...] = ()

    def lacks() -> None:
        class Thing(Lifecycle[Loan], unique="number"):
            out = State(initial=True, final=True)

    def many() -> None:
        class Thing(Lifecycle[Many], unique="items"):
            out = State(initial=True, final=True)

    class Good(Lifecycle[Loan], unique="item"):
        out = State(initial=True, final=True)

    only(lacks, "Thing(unique=…)", "'number' is no field", "It has: due, item")
    only(many, "Thing(unique=…)", "cannot be compared", "text, number, date")


def test_a_version_or_a_name_that_is_none() -> None:
    def bad() -> None:
        class Thing(Lifecycle[Loan], version=0, name="a.b"):
            out = State(initial=True, final=True)

    found = {fault.path: fault for fault in faults(bad)}
    assert set(found) == {"Thing(version=…)", "Thing(name=…)"}
    assert "Begin with 1" in found["Thing(version=…)"].mend


# -- programs ---------------------------------------------------------------------------------------


class Alone(Lifecycle[Loan]):
    out = State(initial=True, final=True)


class Child(Lifecycle[Loan], parent=Alone):
    out = State(initial=True, final=True)


class Draft(Lifecycle[D], Generic[D], abstract=True):
    out = State(initial=True, final=True)


class Namesake(Lifecycle[Loan], name="Alone"):
    out = State(initial=True, final=True)


def test_a_program_reports_all_of_its_faults() -> None:
    def bad() -> None:
        Program("a.b", Child, Draft, Loan, Lifecycle, zone="Europe/Entenhausen")  # type: ignore[arg-type]

    found = faults(bad)
    assert [fault.path for fault in found] == ["a.b", "a.b", "a.b", "a.b", "a.b.Child", "a.b.Draft"]
    text = " ".join(map(str, found))
    assert "no time zone" in text
    assert "no dot" in text
    assert "is no lifecycle" in text
    assert "Add Alone to the program" in text
    assert "abstract" in text


def test_a_program_with_two_lifecycles_of_one_name() -> None:
    only(lambda: Program("p", Alone, Namesake, zone="UTC"), "p.Alone", "name of two lifecycles", 'name="…"')
    Program("p", Alone, Child, zone="Europe/Berlin")


# -- all at once --------------------------------------------------------------------------------------


def test_all_faults_of_a_definition_are_reported_in_one_error() -> None:
    def bad() -> None:
        class Thing(Lifecycle[Loan], parent=3, unique="number"):  # type: ignore[arg-type]
            out = State(initial=True)
            lost = State()
            back = State(final=True)
            part = WithExit().then(back)

            @event(out >> back, out >> lost, by=HR)
            def go(self, ctx: Context[Loan], what: str, *, length: timedelta) -> None: ...

            @invariant("Always.")
            def always(self, ctx: Context[Loan]) -> bool:
                return True

    with pytest.raises(DefinitionError) as caught:
        bad()
    assert caught.value.name == "Thing"
    assert {fault.path for fault in caught.value.faults} >= {
        "Thing(parent=…)",
        "Thing(unique=…)",
        "Thing.go",
        "Thing.go(what)",
        "Thing.go(length)",
        "Thing.part",
    }
    assert "faults:" in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1 + len(caught.value.faults)


def test_a_decorator_without_its_parentheses_is_refused_where_it_stands() -> None:
    """Otherwise the method would silently be none: no event, no rule."""

    def go(self: Any, ctx: Context[None]) -> None: ...

    for decorate in (event, guard, relation, invariant):
        with pytest.raises(UsageError, match="Write @"):
            decorate(go)  # type: ignore[arg-type, call-overload]


def test_a_method_that_speaks_of_other_data_than_its_class() -> None:
    """The type checkers see it only where the event is used; here it stands."""

    def define() -> None:
        class Stay(Lifecycle[Loan]):
            here = State(initial=True)
            gone = State(final=True)

            @guard("No.")
            def free(self, ctx: Context[int]) -> bool:
                return True

            @event(here >> gone, after=days(1))
            def leave(self, ctx: Context[None]) -> None: ...

    found = faults(define)
    assert [fault.path for fault in found] == ["Stay.free", "Stay.leave"]
    assert found[0].problem == "speaks of int, but the data of Stay is Loan."
    assert found[1].mend == "Write ctx: Context[Loan]."


def test_a_method_that_speaks_of_any_data_fits_everywhere() -> None:
    @guard("No.")
    def handed_out(self: Any, ctx: Context[Any]) -> bool:
        return True

    class Stay(Lifecycle[Loan]):
        here = State(initial=True)
        gone = State(final=True)
        free = handed_out

        @event(here >> gone, auto=True, when=free)
        def leave(self, ctx: Context[Loan]) -> None: ...

    assert "leave" in Stay.__progflow__.blueprint.events
