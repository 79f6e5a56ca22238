"""Cancelling takes along what stands under it."""

from __future__ import annotations

import pytest
from attrs import frozen

from progflow import (
    OPEN,
    SYSTEM,
    Actor,
    Context,
    Flow,
    InvariantBroken,
    Lifecycle,
    Phase,
    Program,
    Refused,
    Role,
    State,
    event,
    guard,
)
from progflow.adapters.memory import MemoryStore
from progflow.states.cancellation import Cancellation, Ending
from progflow.states.people import HEAD

OFFICE = Role("office")
head, office = Actor("head", {HEAD}), Actor("office", {OFFICE})


@frozen
class Named:
    name: str


class Course(Lifecycle[Named]):
    """A course that may be cancelled until it is over."""

    planned = State(initial=True)
    over = State(final=True)

    cancellation = Cancellation()

    @event(planned >> over, by=OFFICE)
    def finish(self, ctx: Context[Named]) -> None:
        """The course is over."""


class Proof(Phase[None]):
    """What somebody has earned."""

    due = State(initial=True)
    issued = State(resting=True)

    @event(due >> issued, by=OFFICE)
    def issue(self, ctx: Context[None]) -> None:
        """Issue it."""


class Seat(Lifecycle[Named], parent=Course):
    """A seat in a course; what was issued outlives it."""

    booked = State(initial=True)

    proof = Proof()
    ending = Ending(parent=Course, upon=Course.cancellation, of=OPEN - proof.issued)

    @event(booked >> proof, by=OFFICE)
    def take(self, ctx: Context[Named]) -> None:
        """Take part."""


def flow() -> Flow:
    return Flow(Program("courses", Course, Seat, zone="Europe/Berlin"), store=MemoryStore())


def test_children_end_in_the_same_step_and_what_may_rest_stays() -> None:
    here = flow()
    course = here.start(Course, Named("c"), actor=SYSTEM)
    seats = [here.start(Seat, Named(name), parent=course, actor=SYSTEM) for name in "abc"]
    here.fire(seats[1], Seat.take(), actor=office)
    here.fire(here.fire(seats[2], Seat.take(), actor=office), Seat.proof.issue(), actor=office)
    cancelled = here.fire(course, Course.cancellation.cancel(reason="Nobody teaches it."), actor=head)
    assert cancelled[Course.cancellation].reason == "Nobody teaches it."
    assert [here.get(Seat, seat).state for seat in seats] == [Seat.ending.ended, Seat.ending.ended, Seat.proof.issued]
    assert here.history(seats[0])[-1].caused_by == f"{course.id}#{cancelled.revision}"


def test_only_the_head_of_administration_cancels_and_nobody_twice() -> None:
    here = flow()
    course = here.start(Course, Named("c"), actor=SYSTEM)
    with pytest.raises(Refused, match="head of administration"):
        here.fire(course, Course.cancellation.cancel(reason="No."), actor=office)
    course = here.fire(course, Course.cancellation.cancel(reason="Yes."), actor=head)
    with pytest.raises(Refused, match="Not possible in the state"):
        here.fire(course, Course.cancellation.cancel(reason="Again."), actor=head)


def test_what_is_over_can_no_longer_be_cancelled() -> None:
    here = flow()
    course = here.start(Course, Named("c"), actor=SYSTEM)
    course = here.fire(course, Course.finish(), actor=office)
    assert not here.explain(course, actor=head)["cancellation.cancel"].allowed


class Club(Lifecycle[Named]):
    """The head may cancel it, and the office as well while too few take part."""

    open = State(initial=True)
    over = State(final=True)

    @guard("Enough take part.")
    def too_few(self, ctx: Context[Named]) -> bool:
        return ctx.data.name == "empty"

    cancellation = Cancellation()
    calling_off = Cancellation(by=OFFICE, when=(too_few,))

    @event(open >> over, by=OFFICE)
    def finish(self, ctx: Context[Named]) -> None:
        """The club is over."""


def test_somebody_may_cancel_only_under_a_condition() -> None:
    here = Flow(Program("clubs", Club, zone="Europe/Berlin"), store=MemoryStore())
    full, empty = (here.start(Club, Named(name), actor=SYSTEM) for name in ("full", "empty"))
    call_off = Club.calling_off.cancel(reason="Nobody comes.")
    with pytest.raises(Refused, match="Enough take part"):
        here.fire(full, call_off, actor=office)
    assert here.fire(empty, call_off, actor=office).state is Club.calling_off.cancelled
    assert here.fire(full, Club.cancellation.cancel(reason="No money."), actor=head).state.name == "cancelled"


class Loan(Lifecycle[Named], parent=Course):
    """Something lent for a course, that does not end by itself."""

    lent = State(initial=True)
    returned = State(final=True)

    @event(lent >> returned, by=OFFICE)
    def bring_back(self, ctx: Context[Named]) -> None:
        """Bring it back."""


def test_nothing_is_cancelled_that_would_leave_something_open_behind() -> None:
    """Invariant 14."""
    here = Flow(Program("courses", Course, Loan, zone="Europe/Berlin"), store=MemoryStore())
    course = here.start(Course, Named("c"), actor=SYSTEM)
    loan = here.start(Loan, Named("projector"), parent=course, actor=SYSTEM)
    cancel = Course.cancellation.cancel(reason="Nobody teaches it.")
    with pytest.raises(InvariantBroken, match="leaves nothing open behind"):
        here.fire(course.id, cancel, actor=head)
    here.fire(loan, Loan.bring_back(), actor=office)
    assert here.fire(course.id, cancel, actor=head).state == Course.cancellation.cancelled


def test_without_more_words_it_ends_with_any_end_of_the_parent_also_one_that_a_subclass_adds() -> None:
    class Trip(Lifecycle[Named]):
        planned = State(initial=True)
        over = State(final=True)

        @event(planned >> over, by=OFFICE)
        def finish(self, ctx: Context[Named]) -> None: ...

    class OurTrip(Trip):
        rained_off = State(final=True)

        @event(Trip.planned >> rained_off, by=OFFICE)
        def rain_off(self, ctx: Context[Named]) -> None: ...

    class Place(Lifecycle[Named], parent=Trip):
        booked = State(initial=True)
        ending = Ending(parent=Trip)

    for command in (OurTrip.finish(), OurTrip.rain_off()):
        here = Flow(Program("trips", OurTrip, Place, zone="Europe/Berlin"), store=MemoryStore())
        trip = here.start(OurTrip, Named("t"), actor=SYSTEM)
        place = here.start(Place, Named("a"), parent=trip, actor=SYSTEM)
        here.fire(trip, command, actor=office)
        assert here.get(Place, place).is_in(Place.ending)
