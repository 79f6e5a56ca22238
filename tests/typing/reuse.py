"""What a phase takes from its lifecycle, as the type checkers see it: lines marked WRONG are errors in both."""

from __future__ import annotations

from typing import Any, Generic, TypeVar, assert_type

from attrs import evolve, frozen

from progflow import (
    ANYONE,
    OPEN,
    START,
    Case,
    Context,
    Derived,
    Excluding,
    Flow,
    Lifecycle,
    Phase,
    Relation,
    Role,
    Source,
    State,
    Term,
    Who,
    always,
    days,
    derived,
    event,
    relation,
)

OFFICE = Role("office")


@frozen
class SeatData:
    number: int = 0


class Seat(Phase[SeatData]):
    """A phase that is told who, how many and from where."""

    asked = State(initial=True)
    given = State(resting=True)

    def __init__(self, *, seats: Derived[Any, int], by: Who, applicant: Relation[Any], of: Source = OPEN) -> None:
        self.seats, self.by, self.applicant, self.of = seats, by, applicant, of

    @event(lambda self: (self.of - self.given) >> self.given, by=lambda self: self.by - self.applicant)
    def give(self, ctx: Context[SeatData]) -> SeatData:
        """Give."""
        assert_type(self.seats(ctx), int)
        return SeatData(self.seats(ctx))

    @event(lambda self: (), by=OFFICE)
    def left_out(self, ctx: Context[SeatData]) -> None: ...

    @derived
    def patience(self, ctx: Context[SeatData]) -> Term | None:
        return days(ctx.data.number) if ctx.data.number else None

    @event(asked >> given, after=patience)
    def wait(self, ctx: Context[SeatData]) -> None: ...

    @event(asked >> given, after=lambda self: self.patience)
    def wait_again(self, ctx: Context[SeatData]) -> None: ...

    @derived
    def number(self, ctx: Context[SeatData]) -> int:
        return ctx.data.number

    @event(asked >> given, after=number)  # WRONG
    def wait_for_a_number(self, ctx: Context[SeatData]) -> None: ...

    @event(lambda self: "given", by=OFFICE)  # WRONG
    def no_arrow(self, ctx: Context[SeatData]) -> None: ...

    @event(asked >> given, by=OFFICE - 3)  # WRONG
    def no_relation(self, ctx: Context[SeatData]) -> None: ...


@frozen(kw_only=True)
class Form:
    city: str
    person: str = ""


@frozen(kw_only=True)
class LongForm(Form):
    part_time: bool = False


F = TypeVar("F", bound=Form)


class BaseMember(Lifecycle[F], Generic[F], abstract=True):
    """Generic in what a municipality keeps."""

    over = State(final=True)

    @relation("the applicant")
    def the_applicant(self, ctx: Context[F]) -> bool:
        return ctx.actor.id == ctx.data.person

    @derived
    def seats(self, ctx: Context[F]) -> int:
        return len(ctx.data.city)

    @derived
    def city(self, ctx: Context[F]) -> str:
        return ctx.data.city

    seat = Seat(seats=seats, by=OFFICE - the_applicant, applicant=the_applicant)
    other = Seat(seats=city, by=OFFICE, applicant=the_applicant)  # WRONG
    third = Seat(seats=3, by=OFFICE, applicant=the_applicant)  # WRONG
    fourth = Seat(seats=always("3"), by=OFFICE, applicant=the_applicant)  # WRONG
    fifth = Seat(seats=always(3), by=the_applicant - the_applicant, applicant=the_applicant)
    here = OPEN - seat

    @event(START >> seat, by=ANYONE)
    def apply(self, ctx: Context[F], *, form: F) -> F:
        """Apply."""
        assert_type(self.seats(ctx), int)
        return evolve(form, person=ctx.actor.id)

    @event((here | seat) >> over, by=OFFICE - the_applicant)
    def end(self, ctx: Context[F]) -> None: ...

    @event(seat >> over, by=(OFFICE, the_applicant, OFFICE - the_applicant - the_applicant))
    def quit(self, ctx: Context[F]) -> None: ...


class Member(BaseMember[LongForm]):
    """A member."""

    @derived
    def seats(self, ctx: Context[LongForm]) -> int:
        return 2 if ctx.data.part_time else 1


def use(flow: Flow, case: Case[LongForm]) -> None:
    """From the outside."""
    assert_type(Member.apply(form=LongForm(city="Bonn")).payload["form"] is not None, bool)
    Member.apply(form=Form(city="Bonn"))  # WRONG
    Member.apply(form=LongForm(city="Bonn", part_time="often"))  # WRONG
    case.is_in(Member.here, OPEN, OPEN - Member.seat)
    case.is_in(Member.here - 3)  # WRONG
    who: Excluding[LongForm] = OFFICE - Member.the_applicant
    del who


def payloads() -> None:
    """An event whose rules are all functions of self keeps the type of its payload."""
    Member.seat.give()
    Member.seat.give(number=3)  # WRONG
    Member.seat.giev()  # WRONG
