"""What a phase may take from the lifecycle in which it stands: people, sources, values, and what it may leave out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, Generic, TypeVar

import pytest
from attrs import evolve, frozen

from progflow import (
    ANYONE,
    FINAL,
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
    Moment,
    No,
    PayloadError,
    Phase,
    Reason,
    Refused,
    Relation,
    Role,
    Source,
    State,
    Term,
    UnknownCase,
    UnknownLifecycle,
    UsageError,
    Who,
    always,
    days,
    derived,
    event,
    guard,
    relation,
    weeks,
)
from progflow.adapters.memory import MemoryStore

OFFICE = Role("office")
office = Actor("office-1", {OFFICE})


@frozen
class SeatData:
    given_by: str = ""


class Seat(Phase[SeatData]):
    """A seat among those that there are."""

    asked = State(initial=True)
    given = State(resting=True)

    def __init__(self, *, seats: Derived[Any, int], by: Who, applicant: Relation[Any], free: bool = False) -> None:
        self.seats, self.by, self.applicant, self.free = seats, by, applicant, free

    @guard("{taken} of {seats} seats are taken.")
    def seat_is_free(self, ctx: Context[SeatData]) -> bool | No:
        taken, seats = ctx.siblings().in_(self.given).count(), self.seats(ctx)
        return taken < seats or No(taken=taken, seats=seats)

    @event(asked >> given, by=lambda self: self.by - self.applicant, when=seat_is_free)
    def give(self, ctx: Context[SeatData]) -> SeatData:
        """Give a seat."""
        return SeatData(ctx.actor.id)

    @event(lambda self: self.given >> self.asked if self.free else (), by=lambda self: self.applicant)
    def give_back(self, ctx: Context[SeatData]) -> None:
        """Give the seat back."""


class Removal(Phase[None], aside=True):
    """Taken out, from wherever it is."""

    removed = State(initial=True, final=True)

    def __init__(self, *, of: Source = OPEN) -> None:
        self.of = of

    @event(lambda self: self.of >> self.removed, by=OFFICE)
    def remove(self, ctx: Context[None], *, reason: Reason) -> None:
        """Take out."""


class Thanks(Phase[None]):
    """A word of thanks at the end."""

    due = State(initial=True)

    @event(due >> NEXT, by=OFFICE)
    def say(self, ctx: Context[None]) -> None:
        """Say thanks."""


@frozen(kw_only=True)
class Application:
    city: str
    person: str = ""


D = TypeVar("D", bound=Application)


class BaseMember(Lifecycle[D], Generic[D], abstract=True):
    """A member, to whom a municipality may add fields."""

    written = State()
    over = State(final=True)

    @relation("the applicant")
    def the_applicant(self, ctx: Context[D]) -> bool:
        return ctx.actor.id == ctx.data.person

    @derived
    def seats_of_the_city(self, ctx: Context[D]) -> int:
        return 1 if ctx.data.city == "Köln" else 0

    seat = Seat(seats=seats_of_the_city, by=OFFICE, applicant=the_applicant)
    removal = Removal(of=OPEN - seat.given)
    thanks = Thanks().then(over)

    unseated = OPEN - seat

    @event(START >> written, by=ANYONE)
    def apply(self, ctx: Context[D], *, application: D) -> D:
        """Apply."""
        return evolve(application, person=ctx.actor.id)

    @event(written >> seat, auto=True)
    def ask(self, ctx: Context[D]) -> None:
        """Ask for a seat."""

    @event(seat.given >> thanks, by=OFFICE)
    def leave(self, ctx: Context[D]) -> None:
        """Leave."""


class Member(BaseMember[Application]):
    """A member."""


@frozen(kw_only=True)
class LongApplication(Application):
    part_time: bool = False


class LargeMember(BaseMember[LongApplication]):
    """A member of a municipality that keeps more and has more seats."""

    extra = State()

    @derived
    def seats_of_the_city(self, ctx: Context[LongApplication]) -> int:
        return 2

    @event(BaseMember.written >> extra, by=OFFICE)
    def look(self, ctx: Context[LongApplication]) -> None:
        """Look closer."""


def flow_of(lifecycle: type[Lifecycle[Any]]) -> Flow:
    return Flow(lifecycle, store=MemoryStore(), zone="Europe/Berlin")


def member(flow: Flow, name: str, city: str = "Köln") -> Case[Application]:
    return flow.start(Member.apply(application=Application(city=city)), actor=Actor(name))


# -- people ----------------------------------------------------------------------------------------------


def test_nobody_decides_on_oneself_where_a_role_excludes_a_relation() -> None:
    flow = flow_of(Member)
    clerk = Actor("clerk", {OFFICE})
    case = flow.start(Member.apply(application=Application(city="Köln")), actor=clerk)
    offer = flow.explain(case, actor=clerk)["seat.give"]
    assert not offer.allowed
    assert offer.who == ("office, but not the applicant",)
    with pytest.raises(Refused, match="Only for: office, but not the applicant"):
        flow.fire(case, Member.seat.give(), actor=clerk)
    assert flow.fire(case, Member.seat.give(), actor=office).is_in(Member.seat.given)
    assert flow.history(case)[-1].acted_as == "office"


def test_a_relation_may_exclude_others_too_and_system_passes() -> None:
    class Note(Lifecycle[Application]):
        open = State(initial=True)

        @relation("a reader")
        def reader(self, ctx: Context[Application]) -> bool:
            return ctx.actor.id.startswith("r")

        @relation("the author")
        def author(self, ctx: Context[Application]) -> bool:
            return ctx.actor.id == ctx.data.person

        @relation("somebody of the same city")
        def neighbour(self, ctx: Context[Application]) -> bool:
            return ctx.actor.id.endswith(ctx.data.city)

        shut = State(final=True)

        @event(open >> shut, by=reader - author - neighbour)
        def approve(self, ctx: Context[Application]) -> None: ...

    flow = flow_of(Note)
    for name, allowed in (("r1", True), ("r-author", False), ("r2-K", False), ("x", False)):
        case = flow.start(Note, Application(city="K", person="r-author"), actor=SYSTEM)
        offer = flow.explain(case, actor=Actor(name))["approve"]
        assert offer.allowed is allowed, name
        assert offer.who == ("a reader, but not the author or somebody of the same city",)
    case = flow.start(Note, Application(city="K", person=SYSTEM.id), actor=SYSTEM)
    assert not flow.fire(case, Note.approve(), actor=SYSTEM).is_open


# -- sources ---------------------------------------------------------------------------------------------


def test_open_means_every_state_that_is_not_final_also_those_of_a_subclass() -> None:
    flow = flow_of(LargeMember)
    start = LargeMember.apply(application=LongApplication(city="Bonn"))
    explained = [
        flow.explain(flow.start(start, actor=Actor("a")), actor=office)["removal.remove"].allowed for _ in range(2)
    ]
    assert explained == [True, True]
    specs = LargeMember.__progflow__.blueprint.events["removal.remove"].targets
    assert set(specs) == {"written", "seat.asked", "thanks.due", "extra"}
    assert set(specs.values()) == {"removal.removed"}


def test_a_source_without_a_part_is_also_a_place_to_ask_about() -> None:
    flow = flow_of(Member)
    case = member(flow, "a")
    assert case.is_in(OPEN)
    assert not case.is_in(Member.unseated)
    removed = flow.fire(case, Member.removal.remove(reason="Moved."), actor=office)
    assert not removed.is_in(OPEN, Member.unseated)
    other = member(flow, "b")
    assert [one.id for one in flow.cases(Member).in_(OPEN).all()] == [other.id]
    assert flow.cases(Member).in_(OPEN - Member.seat.given).count() == 1
    assert flow.cases(Member).in_(Member.unseated).count() == 0
    seated = flow.fire(other, Member.seat.give(), actor=office)
    assert seated.is_in(OPEN)
    assert not seated.is_in(OPEN - Member.seat.given)
    with pytest.raises(Refused, match="Not possible in the state"):
        flow.fire(seated, Member.removal.remove(reason="No."), actor=office)


def test_next_passes_over_a_phase_that_stands_aside() -> None:
    """``removal`` stands between ``seat`` and ``thanks``; it would swallow everybody otherwise."""

    class Short(Lifecycle[None]):
        removal = Removal()
        first = Thanks()
        away = Removal()
        second = Thanks()
        done = State(final=True)
        last = Thanks().then(done)

    flow = flow_of(Short)
    case = flow.start(Short, None, actor=SYSTEM)
    assert case.is_in(Short.first), "and a lifecycle does not begin aside"
    case = flow.fire(case, Short.first.say(), actor=office)
    assert case.is_in(Short.second)
    case = flow.fire(case, Short.second.say(), actor=office)
    assert case.is_in(Short.last)


def test_final_means_every_final_state_also_those_of_a_subclass_and_nothing_leaves_it() -> None:
    class Lost(BaseMember[LongApplication]):
        lost = State(final=True)

        @event(OPEN >> lost, by=OFFICE)
        def lose(self, ctx: Context[LongApplication]) -> None: ...

    flow = flow_of(Lost)
    kept, lost, removed = (
        flow.start(Lost.apply(application=LongApplication(city="Bonn")), actor=Actor(name)) for name in "abc"
    )
    lost = flow.fire(lost, Lost.lose(), actor=office)
    removed = flow.fire(removed, Lost.removal.remove(reason="Moved."), actor=office)
    assert [case.is_in(FINAL) for case in (kept, lost, removed)] == [False, True, True]
    assert flow.cases(Lost).in_(FINAL - Lost.removal).one().id == lost.id
    with pytest.raises(DefinitionError, match="is final, but revive can happen there"):

        class Undead(Lifecycle[None]):
            here = State(initial=True)
            gone = State(final=True)

            @event(here >> gone, by=OFFICE)
            def go(self, ctx: Context[None]) -> None: ...

            @event(FINAL >> here, by=OFFICE)
            def revive(self, ctx: Context[None]) -> None: ...


# -- values ----------------------------------------------------------------------------------------------


def test_a_phase_is_told_a_value_from_the_lifecycles_data() -> None:
    flow = flow_of(Member)
    first, second = member(flow, "a"), member(flow, "b")
    flow.fire(first, Member.seat.give(), actor=office)
    with pytest.raises(Refused, match="1 of 1 seats are taken"):
        flow.fire(second, Member.seat.give(), actor=office)
    elsewhere = member(flow, "c", city="Bonn")
    with pytest.raises(Refused, match="1 of 0 seats are taken"):
        flow.fire(elsewhere, Member.seat.give(), actor=office)


def test_a_subclass_overrides_a_derived_value_under_its_name() -> None:
    flow = flow_of(LargeMember)
    start = LargeMember.apply(application=LongApplication(city="Bonn", part_time=True))
    cases = [flow.start(start, actor=Actor(name)) for name in "abc"]
    for case in cases[:2]:
        assert flow.fire(case, LargeMember.seat.give(), actor=office).data.part_time
    with pytest.raises(Refused, match="2 of 2 seats are taken"):
        flow.fire(cases[2], LargeMember.seat.give(), actor=office)


def test_a_value_that_is_always_the_same_may_be_a_default_of_an_authors_value() -> None:
    class Seats:
        number = always(3)

    class Desk(Phase[None]):
        open = State(initial=True)
        taken = State(final=True)

        def __init__(self, seats: type[Seats]) -> None:
            self.seats = seats

        @guard("No seats.")
        def has_seats(self, ctx: Context[None]) -> bool:
            return self.seats.number(ctx) == 3

        @event(open >> taken, by=ANYONE, when=has_seats)
        def take(self, ctx: Context[None]) -> None:
            """Take it."""

    class Room(Lifecycle[None]):
        desk = Desk(Seats)

    flow = Flow(Room, store=MemoryStore(), zone="UTC")
    room = flow.start(Room, None, actor=SYSTEM)
    assert flow.fire(room, Room.desk.take(), actor=Actor("somebody")).state == Room.desk.taken


def test_a_value_may_always_be_the_same() -> None:
    class Club(Lifecycle[Application]):
        @relation("the applicant")
        def the_applicant(self, ctx: Context[Application]) -> bool:
            return ctx.actor.id == ctx.data.person

        seat = Seat(seats=always(1), by=OFFICE, applicant=the_applicant, free=True)

    flow = flow_of(Club)
    case = flow.start(Club, Application(city="", person="a"), actor=SYSTEM)
    case = flow.fire(case, Club.seat.give(), actor=office)
    other = flow.start(Club, Application(city="", person="b"), actor=SYSTEM)
    assert not flow.explain(other, actor=office)["seat.give"].allowed
    flow.fire(case, Club.seat.give_back(), actor=Actor("a"))
    assert flow.explain(other, actor=office)["seat.give"].allowed


def within(of: Derived[Any, int]) -> Guard[Any]:
    """A guard that a module hands out, and that belongs to no class."""

    @guard("Only {most}.")
    def is_within(self: Any, ctx: Context[Any]) -> bool | No:
        return ctx.data.seats <= of(ctx) or No(most=of(ctx))

    return is_within


@frozen
class Hall:
    seats: int
    pause: int = 3


class Break(Phase[None]):
    """A break of some length, which its lifecycle says."""

    taking = State(initial=True)
    paused = State(clock="stopped")

    def __init__(self, *, lasts: Derived[Any, Term], may: Guard[Any], day: Moment[Any] | None = None) -> None:
        self.lasts, self.may, self.day = lasts, may, day

    @event(taking >> NEXT, after=lambda self: self.lasts)
    def end(self, ctx: Context[None]) -> None: ...

    @event(taking >> NEXT, by=ANYONE, when=lambda self: self.may)
    def cut_short(self, ctx: Context[None]) -> None: ...

    @event(taking >> paused, by=ANYONE)
    def stop(self, ctx: Context[None]) -> None: ...

    @event(paused >> taking, by=ANYONE)
    def go_on(self, ctx: Context[None]) -> None: ...


class Concert(Lifecycle[Hall]):
    """A concert with a break."""

    over = State(final=True)

    @derived
    def length(self, ctx: Context[Hall]) -> Term:
        return days(ctx.data.pause)

    first = Break(lasts=length, may=within(always(10)))
    second = Break(lasts=always(weeks(1)), may=within(derived(lambda self, ctx: ctx.data.pause))).then(over)

    @event(first >> STAY, by=ANYONE)
    def lengthen(self, ctx: Context[Hall], *, pause: int) -> Hall:
        return evolve(ctx.data, pause=pause)


def concert(seats: int = 5) -> tuple[Flow, list[datetime], Case[Hall]]:
    now = [datetime(2026, 3, 2, 9, tzinfo=UTC)]
    flow = Flow(Concert, store=MemoryStore(), zone="Europe/Berlin", clock=lambda: now[0])
    return flow, now, flow.start(Concert, Hall(seats), actor=SYSTEM)


def due(flow: Flow, case: Case[Any], event: str) -> str:
    at = flow.explain(case.id, actor=office)[event].due
    return f"{at:%d.%m. %H:%M}" if at else "never"


def test_a_term_may_be_derived_and_moves_with_the_data_and_a_stopped_clock() -> None:
    flow, now, case = concert()
    assert due(flow, case, "first.end") == "06.03. 00:00"
    flow.fire(case, Concert.lengthen(pause=5), actor=office)
    assert due(flow, case, "first.end") == "08.03. 00:00"
    flow.fire(case.id, Concert.first.stop(), actor=office)
    assert due(flow, case, "first.end") == "never"
    now[0] += timedelta(days=10)
    flow.fire(case.id, Concert.first.go_on(), actor=office)
    assert due(flow, case, "first.end") == "18.03. 00:00"
    now[0] += timedelta(days=10)
    assert flow.run_due() == 1
    case = flow.get(Concert, case.id)
    assert case.is_in(Concert.second)
    assert due(flow, case, "second.end") == "26.03. 00:00"


def test_a_derived_term_that_is_none_waits_and_anything_else_is_a_clear_error() -> None:
    class Vague(Lifecycle[Hall]):
        open = State(initial=True)
        shut = State(final=True)

        @derived
        def length(self, ctx: Context[Hall]) -> Term | None:
            return days(ctx.data.pause) if ctx.data.pause else None

        @event(open >> shut, after=length)
        def end(self, ctx: Context[Hall]) -> None: ...

        @event(open >> STAY, by=ANYONE)
        def set(self, ctx: Context[Hall], *, pause: int) -> Hall:
            return evolve(ctx.data, pause=pause)

    flow = flow_of(Vague)
    case = flow.start(Vague, Hall(1, pause=0), actor=SYSTEM)
    assert due(flow, case, "end") == "never"
    flow.fire(case, Vague.set(pause=2), actor=office)
    assert due(flow, case, "end") != "never"

    class Wrong(Lifecycle[Hall]):
        open = State(initial=True)
        shut = State(final=True)

        @derived
        def length(self, ctx: Context[Hall]) -> Any:
            return ctx.data.pause

        @event(open >> STAY, every=length)
        def end(self, ctx: Context[Hall]) -> None: ...

        @event(open >> shut, by=ANYONE)
        def shut_it(self, ctx: Context[Hall]) -> None: ...

    with pytest.raises(UsageError, match=r"The length length of Wrong is 3\. Give a term of at least 1"):
        flow_of(Wrong).start(Wrong, Hall(1), actor=SYSTEM)


def test_a_rule_that_belongs_to_no_class_is_asked_by_the_lifecycle() -> None:
    flow, _, case = concert(seats=11)
    (no,) = flow.check(case, Concert.first.cut_short(), actor=office)
    assert (no.code, no.text) == ("is_within", "Only 10.")
    flow, _, case = concert(seats=5)
    case = flow.fire(case, Concert.first.cut_short(), actor=office)
    (no,) = flow.check(case, Concert.second.cut_short(), actor=office)
    assert no.text == "Only 3."


def test_a_rule_of_no_class_that_takes_fields_of_the_payload_needs_a_name() -> None:
    @guard("Too late.")
    def early(self: Any, ctx: Context[Any], *, until: int) -> bool:
        return until < 3

    with pytest.raises(DefinitionError, match=r"Give it a name in the lifecycle, and write that: early = …"):

        class Uses(Lifecycle[Hall]):
            pause = Break(lasts=always(days(1)), may=early).then(STAY)


# -- what is left out ------------------------------------------------------------------------------------


def test_an_event_whose_function_gives_no_arrow_is_left_out() -> None:
    flow = flow_of(Member)
    case = flow.fire(member(flow, "a"), Member.seat.give(), actor=office)
    assert "seat.give_back" not in flow.explain(case, actor=Actor("a"))
    with pytest.raises(UsageError, match=r"Member goes without the event seat\.give_back"):
        Member.seat.give_back()
    with pytest.raises(UsageError, match=r"Member goes without the event seat\.give_back"):
        flow.on(Member.seat.give_back)


def test_a_function_of_arrows_that_fails_or_gives_something_else_is_a_fault() -> None:
    class Broken(Phase[None]):
        here = State(initial=True, resting=True)

        @event(lambda self: self.nowhere >> self.here, by=OFFICE)
        def first(self, ctx: Context[None]) -> None: ...

        @event(lambda self: self.here, by=OFFICE)  # type: ignore[arg-type, return-value]
        def second(self, ctx: Context[None]) -> None: ...

        @event(lambda self: (self.here >> STAY, self.here >> STAY), by=OFFICE)
        def third(self, ctx: Context[None]) -> None: ...

    with pytest.raises(DefinitionError) as error:

        class Uses(Lifecycle[None]):
            broken = Broken()

    said = {fault.path.removeprefix("Uses."): fault.problem for fault in error.value.faults}
    assert "AttributeError" in said["broken.first"]
    assert "gives <State Uses.broken.here>" in said["broken.second"]
    assert "two arrows from broken.here" in said["broken.third"]


# -- a municipality's own fields -------------------------------------------------------------------------


def test_the_payload_of_start_has_the_fields_of_the_subclass() -> None:
    flow = flow_of(LargeMember)
    case = flow.start(
        "LargeMember.apply", {"application": {"city": "Bonn", "part_time": True, "person": "x"}}, actor=Actor("a")
    )
    data = flow.get(LargeMember, case).data
    assert data == LongApplication(city="Bonn", part_time=True, person="a")
    with pytest.raises(PayloadError, match="part_time"):
        flow.start("LargeMember.apply", {"application": {"city": "Bonn", "part_time": "often"}}, actor=Actor("a"))


def test_a_beginning_named_through_the_base_begins_the_one_subclass_that_there_is() -> None:
    class Renamed(LargeMember):
        """Stands in the place of the large one."""

    class Another(LargeMember):
        """A second one."""

    command = LargeMember.apply(application=LongApplication(city="Bonn"))
    assert flow_of(Renamed).start(command, actor=Actor("a")).lifecycle is Renamed
    both = Flow(LargeMember, Renamed, store=MemoryStore(), zone="Europe/Berlin")
    assert both.start(command, actor=Actor("a")).lifecycle is LargeMember
    with pytest.raises(UnknownLifecycle, match="LargeMember"):
        Flow(Another, Renamed, store=MemoryStore(), zone="Europe/Berlin").start(command, actor=Actor("a"))


def test_a_beginning_of_a_generic_base_has_no_type_of_payload_yet() -> None:
    with pytest.raises(UsageError, match=r"BaseMember\.apply has no type yet: application"):
        BaseMember.apply(application=Application(city="Bonn"))


def test_the_case_right_above_needs_no_kind() -> None:
    class House(Lifecycle[None]):
        standing = State(initial=True, resting=True)

    class Room(Lifecycle[None], parent=House):
        free = State(initial=True)
        taken = State(final=True)

        @guard("The house is not standing.")
        def house_stands(self, ctx: Context[None]) -> bool:
            return ctx.parent().is_in(House.standing) and ctx.parent() == ctx.parent(House)

        @event(free >> taken, by=ANYONE, when=house_stands)
        def take(self, ctx: Context[None]) -> None: ...

    class Tent(Lifecycle[None]):
        free = State(initial=True)
        taken = State(final=True)

        @event(free >> taken, by=ANYONE)
        def take(self, ctx: Context[None]) -> None:
            assert ctx.parent()

    flow = Flow(House, Room, Tent, store=MemoryStore(), zone="Europe/Berlin")
    house = flow.start(House, None, actor=SYSTEM)
    room = flow.start(Room, None, parent=house, actor=SYSTEM)
    assert not flow.fire(room, Room.take(), actor=office).is_open
    tent = flow.start(Tent, None, actor=SYSTEM)
    with pytest.raises(UnknownCase, match="a case without one above, not a child of another case"):
        flow.fire(tent, Tent.take(), actor=office)
