"""Certificates are earned, numbered, and never numbered twice."""

from __future__ import annotations

from typing import Any, Generic, TypeVar

import pytest
from attrs import evolve, frozen
from hypothesis import given, settings
from hypothesis import strategies as st

from progflow import (
    OPEN,
    STAY,
    SYSTEM,
    Actor,
    Cases,
    Context,
    Lifecycle,
    PayloadError,
    Program,
    Refused,
    State,
    always,
    derived,
    event,
    guard,
    months,
    relation,
)
from progflow.states.cancellation import Cancellation, Ending
from progflow.states.certificate import Certificate
from progflow.states.people import HEAD, OFFICE
from progflow.testing.scenario import Scenario, StoryCase

office, head = Actor("office", {OFFICE}), Actor("head", {HEAD})


@frozen
class Named:
    name: str


@frozen
class Person:
    person: str
    meetings: int = 4


P = TypeVar("P", bound=Person)


class Edition(Lifecycle[Named]):
    """Something that has a name and ends."""

    running = State(initial=True)
    over = State(final=True)
    cancellation = Cancellation()

    @event(running >> over, by=OFFICE)
    def end(self, ctx: Context[Named]) -> None:
        """End."""


class Taking(Lifecycle[P], Generic[P], abstract=True, parent=Edition):
    """Somebody takes part in it, in one of two ways."""

    @relation("the person")
    def herself(self, ctx: Context[P]) -> bool:
        return ctx.actor.id == ctx.data.person

    @guard("Four meetings are needed.")
    def met_enough(self, ctx: Context[P]) -> bool:
        return ctx.data.meetings >= 4

    @guard("The edition goes on.")
    def edition_cancelled(self, ctx: Context[P]) -> bool:
        return ctx.parent(Edition).is_in(Edition.cancellation)

    @derived
    def edition_name(self, ctx: Context[P]) -> str:
        return ctx.parent(Edition).data.name

    @derived
    def everybody(self, ctx: Context[P]) -> Cases[Any]:
        return ctx.siblings(Taking)

    certificate = Certificate(
        person=herself,
        series=edition_name,
        when=(met_enough,),
        within=always(months(2)),
        parent_over=edition_cancelled,
        among=everybody,
    )
    ending = Ending(parent=Edition, upon=Edition.cancellation, of=OPEN - certificate)

    started = State(initial=True)

    @event(started >> certificate, by=OFFICE)
    def complete(self, ctx: Context[P]) -> None:
        """Complete."""

    @event(certificate.due >> STAY, by=OFFICE)
    def meet(self, ctx: Context[P]) -> P:
        """Meet once more."""
        return evolve(ctx.data, meetings=ctx.data.meetings + 1)


class Mentee(Taking[Person]):
    """As a mentee."""


class Guest(Taking[Person]):
    """As a guest."""


class Certified(Scenario):
    """A story of an edition, in which people complete what they began."""

    def __init__(self) -> None:
        super().__init__(Program("p", Edition, Mentee, Guest, zone="Europe/Berlin"), at="2026-01-15 10:00")
        self.edition = self.given(Edition, Named("2026"), by=SYSTEM)

    def completed(self, name: str, of: type[Taking[Person]] = Mentee, meetings: int = 4) -> StoryCase[Person]:
        case = self.given(of, Person(name, meetings), parent=self.edition, by=SYSTEM)
        return self.when(case, of.complete(), by=office)


@pytest.fixture
def story() -> Certified:
    return Certified()


def test_it_is_issued_with_the_next_number_of_the_series_once_it_is_earned(story: Certified) -> None:
    first, second = story.completed("a"), story.completed("b", meetings=3)
    story.when(first, Mentee.certificate.issue(), by=office)
    story.then_has(first, Mentee.certificate, number="2026-001")
    story.then_refused(second, Mentee.certificate.issue(), by=office, because="Four meetings are needed.")
    story.when(second, Mentee.meet(), by=office)
    story.when(second, Mentee.certificate.issue(), by=office)
    story.then_has(second, Mentee.certificate, number="2026-002")
    story.then_refused(first, Mentee.certificate.issue(), by=office, because="Not possible")


def test_kinds_that_share_a_series_share_its_numbers(story: Certified) -> None:
    story.when(story.completed("a"), Mentee.certificate.issue(), by=office)
    guest = story.when(story.completed("b", Guest), Guest.certificate.issue(), by=office)
    story.then_has(guest, Guest.certificate, number="2026-002")


def test_a_revoked_certificate_keeps_its_number_and_its_reason(story: Certified) -> None:
    case = story.when(story.completed("a"), Mentee.certificate.issue(), by=office)
    revoke = Mentee.certificate.revoke(reason="By mistake.")
    story.then_refused(case, revoke, by=office, because="Only for: head of administration")
    story.when(case, revoke, by=head)
    story.then_has(case, Mentee.certificate, number="2026-001", reason="By mistake.")
    other = story.when(story.completed("b"), Mentee.certificate.issue(), by=office)
    story.then_has(other, Mentee.certificate, number="2026-002")


def test_it_is_refused_for_a_reason_and_nobody_decides_on_the_own_one(story: Certified) -> None:
    with pytest.raises(PayloadError, match="must not be blank"):
        Mentee.certificate.refuse(reason=" ")
    case = story.completed("a", meetings=1)
    herself = Actor("a", {OFFICE, HEAD})
    for command in (Mentee.certificate.issue(), Mentee.certificate.refuse(reason="x")):
        story.then_refused(case, command, by=herself, because="but not the person")
    story.when(case, Mentee.certificate.refuse(reason="One meeting."), by=office)
    story.then(case, Mentee.certificate.refused)
    other = story.when(story.completed("a"), Mentee.certificate.issue(), by=office)
    story.then_refused(other, Mentee.certificate.revoke(reason="x"), by=herself, because="but not the person")


def test_it_is_overdue_after_its_time_and_can_still_be_issued_or_refused(story: Certified) -> None:
    late, never = story.completed("a"), story.completed("b")
    story.on("2026-03-15")
    story.then(late, Mentee.certificate.due)
    story.on("2026-03-16")
    story.then(late, Mentee.certificate.overdue)
    story.when(late, Mentee.certificate.issue(), by=office)
    story.when(never, Mentee.certificate.refuse(reason="x"), by=office)
    story.then(late, Mentee.certificate.issued)
    story.then(never, Mentee.certificate.refused)


def test_what_was_earned_outlives_what_it_belongs_to(story: Certified) -> None:
    due, issued = story.completed("a"), story.completed("b")
    story.when(issued, Mentee.certificate.issue(), by=office)
    started = story.given(Mentee, Person("c"), parent=story.edition, by=SYSTEM)
    story.when(story.edition, Edition.cancellation.cancel(reason="No money."), by=head)
    story.then(due, Mentee.certificate.overdue)
    story.then(issued, Mentee.certificate.issued)
    story.then(started, Mentee.ending.ended)
    story.when(due, Mentee.certificate.issue(), by=office)
    story.then_has(due, Mentee.certificate, number="2026-002")


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 3), st.sampled_from(["issue", "revoke", "refuse", "complete", "wait"]))))
def test_no_number_is_ever_given_twice_and_none_is_left_out(script: list[tuple[int, str]]) -> None:
    """Invariant 1, the part of the numbers."""
    story = Certified()
    cases = [story.completed(name, of) for name, of in zip("abcd", (Mentee, Guest, Mentee, Guest), strict=True)]
    numbers: list[str] = []
    for who, what in script:
        case, of = cases[who], Mentee if who % 2 == 0 else Guest
        try:
            if what == "issue":
                numbers.append(story.when(case, of.certificate.issue(), by=office)[of.certificate].number)
            elif what == "revoke":
                story.when(case, of.certificate.revoke(reason="x"), by=head)
            elif what == "refuse":
                story.when(case, of.certificate.refuse(reason="x"), by=office)
            elif what == "complete":
                cases[who] = story.completed("abcd"[who], of)
            else:
                story.on(story.clock.today + months(1))
        except Refused:
            continue
    assert numbers == [f"2026-{n + 1:03}" for n in range(len(numbers))]


class Yearly(Lifecycle[Person]):
    """A lifecycle that comes back to the certificate."""

    @relation("the person")
    def herself(self, ctx: Context[Person]) -> bool:
        return ctx.actor.id == ctx.data.person

    certificate = Certificate(person=herself, series=always("Y"))

    @event((certificate.issued | certificate.overdue) >> certificate, by=OFFICE)
    def come_back(self, ctx: Context[Person]) -> None:
        """Come back."""


def test_invariant_1_who_comes_back_to_it_gets_no_second_one() -> None:
    story = Scenario(Yearly, at="2026-01-15 10:00", zone="Europe/Berlin")
    case = story.given(Yearly, Person("a"), by=SYSTEM)
    story.when(case, Yearly.certificate.issue(), by=office)
    story.when(case, Yearly.come_back(), by=office)
    story.then_refused(case, Yearly.certificate.issue(), by=office, because="Y-001 was issued already")
    story.then_has(case, Yearly.certificate, number="Y-001")


def test_cases_without_a_parent_share_a_series_too() -> None:
    story = Scenario(Yearly, at="2026-01-15 10:00", zone="Europe/Berlin")
    cases = [story.given(Yearly, Person(name), by=SYSTEM) for name in "ab"]
    numbers = [story.when(case, Yearly.certificate.issue(), by=office)[Yearly.certificate].number for case in cases]
    assert numbers == ["Y-001", "Y-002"]
