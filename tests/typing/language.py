"""The definition language as the type checkers see it: lines marked WRONG are errors in both, all others in neither."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from typing import Any, Generic, TypeVar, assert_type

from attrs import evolve, frozen

from progflow import (
    ANYONE,
    NEXT,
    START,
    STAY,
    Acting,
    Case,
    Cases,
    Context,
    Derived,
    Exit,
    Guard,
    Instant,
    Lifecycle,
    Moment,
    No,
    Phase,
    Program,
    Reason,
    Relation,
    Role,
    State,
    Term,
    days,
    derived,
    end_of,
    event,
    guard,
    invariant,
    moment,
    months,
    relation,
    working_days,
)

D = TypeVar("D")
HR, OFFICE = Role("hr"), Role("office")


@frozen
class VisitData:
    host: str
    until: date | None = None


@frozen
class RoomData:
    seats: int = 0


class Room(Phase[RoomData]):
    """A phase that is made to be reused."""

    free = State(initial=True)
    shut = State("Closed for a while", clock="stopped")
    burnt = Exit()
    either = free | shut

    def __init__(self, *, lasts: Term, may: Guard[Any], person: Relation[Any], day: Moment[Any]) -> None:
        self.lasts, self.may, self.person, self.day = lasts, may, person, day

    @guard("No seats.")
    def has_seats(self, ctx: Context[RoomData]) -> bool:
        return ctx.data.seats > 0

    @guard("Not so many.")
    def enough(self, ctx: Context[RoomData], *, seats: int) -> bool | No:
        return ctx.data.seats >= seats or No(seats=ctx.data.seats)

    @event(free >> shut, by=(HR, OFFICE), when=(has_seats, enough))
    def shut_down(self, ctx: Acting[RoomData], *, seats: int, why: Reason) -> RoomData:
        """Shut."""
        assert_type(ctx.data, RoomData)
        if seats > 100:
            ctx.refuse("Too many: {seats}.", seats=seats)
        return evolve(ctx.data, seats=seats)

    @event(shut >> free, by=lambda self: (HR, self.person), when=lambda self: (self.may, self.has_seats))
    def open_up(self, ctx: Context[RoomData]) -> None:
        """Open."""

    @event(either >> NEXT, after=lambda self: self.lasts, since=lambda self: self.day)
    def complete(self, ctx: Context[RoomData]) -> None:
        """Complete."""

    @event(free >> burnt, by=HR)
    def burn(self, ctx: Context[RoomData]) -> None:
        """Burn."""

    @event(free >> STAY, every=days(7))
    def count(self, ctx: Context[RoomData]) -> RoomData:
        """Count."""
        return ctx.data

    @event(free >> STAY, by=HR)  # WRONG
    def other_data(self, ctx: Context[VisitData]) -> RoomData:
        return RoomData()

    @event(free, by=HR)  # WRONG
    def no_arrow(self, ctx: Context[RoomData]) -> None: ...

    @event(free >> "shut", by=HR)  # WRONG
    def text(self, ctx: Context[RoomData]) -> None: ...

    @event(NEXT >> free, by=HR)  # WRONG
    def backwards(self, ctx: Context[RoomData]) -> None: ...

    @event(free >> START, by=HR)  # WRONG
    def again(self, ctx: Context[RoomData]) -> None: ...

    @event(free >> STAY, by="hr")  # WRONG
    def role_by_name(self, ctx: Context[RoomData]) -> None: ...

    @event(free >> STAY, after=3)  # WRONG
    def bare_number(self, ctx: Context[RoomData]) -> None: ...

    @event(free >> STAY, by=HR, auto="yes")  # WRONG
    def eager(self, ctx: Context[RoomData]) -> None: ...


class LargeRoom(Room):
    """A phase that overrides."""

    @event(Room.free >> Room.shut, by=HR)
    def shut_down(self, ctx: Acting[RoomData], *, seats: int, why: Reason) -> RoomData:
        """Shut, as before and then some."""
        before: RoomData | None = super().shut_down.effect(ctx, seats=seats, why=why)
        super().shut_down.effect(ctx, seats="3", why=why)  # WRONG
        super().shut_down.effect(ctx, seats=3)  # WRONG
        return RoomData() if before is None else before


class BaseVisit(Lifecycle[D], Generic[D], abstract=True):
    """What all visits share."""

    planned = State(initial=True)
    over = State(final=True)

    @event(planned >> over, by=HR)
    def end(self, ctx: Context[D], *, note: str = "") -> D | None:
        """End."""
        return ctx.data


class Visit(BaseVisit[VisitData], unique="host", version=2):
    """A visit."""

    @guard("Not the host.")
    def may(self, ctx: Context[VisitData]) -> bool:
        return bool(ctx.data.host)

    @guard("Too late.")
    def before(self, ctx: Context[VisitData], *, until: date) -> bool:
        return until > ctx.today

    @relation("the host")
    def host(self, ctx: Context[VisitData]) -> bool:
        return ctx.actor.id == ctx.data.host

    @moment
    def last_day(self, ctx: Context[VisitData]) -> date | None:
        return ctx.data.until

    @moment
    def exact(self, ctx: Context[VisitData]) -> datetime:
        return ctx.now

    @moment
    def last_instant(self, ctx: Context[VisitData]) -> Instant:
        return end_of(ctx.today)

    room = Room(lasts=months(3), may=may, person=host, day=last_day).then(BaseVisit.over, burnt=BaseVisit.over)

    @event(START >> BaseVisit.planned, by=ANYONE)
    def plan(self, ctx: Context[VisitData], *, host: str) -> VisitData:
        """Plan."""
        return VisitData(host)

    @event(BaseVisit.planned >> room, by=(host, HR), when=(may, before))
    def enter(self, ctx: Context[VisitData], *, until: date) -> VisitData:
        """Enter."""
        return evolve(ctx.data, until=until)

    @event(BaseVisit.planned >> BaseVisit.over, at=last_day)
    def expire(self, ctx: Context[VisitData]) -> None: ...

    @event(BaseVisit.planned >> BaseVisit.over, after=working_days(3, "DE-NW"), since=exact)
    def forget(self, ctx: Context[VisitData]) -> None: ...

    @event((room | BaseVisit.planned) >> STAY, by=host)
    def note(self, ctx: Acting[VisitData], *, text: str) -> None:
        assert self.may(ctx)
        assert self.before(ctx, until=ctx.today)
        assert_type(self.last_day(ctx), datetime | date | Instant | None)
        ctx.fire(ctx.siblings(Visit).in_(Visit.planned), Visit.end(), if_allowed=True)
        assert_type(ctx.start(Visit.plan(host=text)), Case[VisitData])
        assert_type(ctx.start(Other, 3), Case[int])
        ctx.start(Other, "3")  # WRONG
        ctx.start(Visit.plan())  # WRONG

    @invariant("At most three.")
    def three(self, ctx: Context[VisitData]) -> bool:
        assert_type(ctx.siblings(Visit), Cases[VisitData])
        assert_type(ctx.siblings(), Cases[Any])
        assert_type(ctx.case_of(Visit), Case[VisitData])
        assert_type(ctx.case_of(Visit)[Visit.room], RoomData)
        assert_type(ctx.parent(Other).data, int)
        return ctx.siblings(Visit).count() < 3

    @event(BaseVisit.planned >> BaseVisit.over, by=HR)
    def end(self, ctx: Acting[VisitData], *, note: str = "") -> VisitData | None:
        """End, as inherited."""
        super().end(ctx, note=3)  # WRONG
        return super().end(ctx, note=note)

    @guard("Rules only ask.")
    def fires(self, ctx: Context[VisitData]) -> bool:
        ctx.fire(ctx.case, Visit.end())  # WRONG
        ctx.start(Other, 3)  # WRONG
        ctx.refuse("no")  # WRONG
        return True

    @event(room >> STAY, when=Room.has_seats)  # WRONG
    def guard_of_other_data(self, ctx: Context[VisitData]) -> None: ...

    @event(room >> STAY, at=may)  # WRONG
    def guard_as_a_moment(self, ctx: Context[VisitData]) -> None: ...

    @event(room >> STAY, by=may)  # WRONG
    def guard_as_a_relation(self, ctx: Context[VisitData]) -> None: ...

    @event(room >> STAY, when=host)  # WRONG
    def relation_as_a_guard(self, ctx: Context[VisitData]) -> None: ...

    @event(room >> STAY, by=host)  # WRONG
    def relation_of_other_data(self, ctx: Context[RoomData]) -> None: ...

    @event(room >> STAY, by=HR)  # WRONG
    def returns_something_else(self, ctx: Context[VisitData]) -> int:
        return 3

    @guard("A guard answers yes or no.")  # WRONG
    def answers_text(self, ctx: Context[VisitData]) -> str:
        return "yes"

    @moment  # WRONG
    def number(self, ctx: Context[VisitData]) -> int:
        return 3

    @relation("a relation takes no payload")  # WRONG
    def with_payload(self, ctx: Context[VisitData], *, text: str) -> bool:
        return True


class Other(Lifecycle[int], parent=(Visit, BaseVisit)):
    """Something else."""

    a = State(initial=True)
    b = State(final=True)

    @event(a >> b, by=HR)
    def go(self, ctx: Context[int]) -> None: ...


class WrongParent(Lifecycle[int], parent="Visit"):  # WRONG
    a = State(initial=True, final=True)


class UnknownWord(Lifecycle[int], uniq="x"):  # WRONG
    a = State(initial=True, final=True)


class Guests(Lifecycle[VisitData], abstract=True):
    """What a phase takes as a collection may be told as a tuple."""

    @derived
    def names(self, ctx: Context[VisitData]) -> tuple[str, ...]:
        return ("a", "b")

    @derived
    def number(self, ctx: Context[VisitData]) -> int:
        return 2


def invite(names: Derived[Any, Collection[str]]) -> None: ...


invite(Guests.names)
invite(Guests.number)  # WRONG
State(clock="slow")  # WRONG
State("Title", True)  # WRONG
Program("visits", Visit, Other, zone="Europe/Berlin")
Program("visits", Visit)  # WRONG
Program("visits", VisitData, zone="UTC")  # WRONG
