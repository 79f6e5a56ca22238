"""Certificates are earned, numbered, and never numbered twice."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Any, Generic, TypeVar
from zoneinfo import ZoneInfo

import pytest
from attrs import evolve, frozen
from hypothesis import given, settings
from hypothesis import strategies as st

from progflow import (
    OPEN,
    STAY,
    SYSTEM,
    Actor,
    Case,
    Cases,
    Command,
    Context,
    Flow,
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
from progflow.adapters.memory import MemoryStore
from progflow.states.cancellation import Cancellation, Ending
from progflow.states.certificate import Certificate
from progflow.states.people import HEAD, OFFICE

BERLIN = ZoneInfo("Europe/Berlin")
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


class Stage:
    def __init__(self) -> None:
        self.now = datetime(2026, 1, 15, 10, tzinfo=BERLIN)
        self.flow = Flow(
            Program("p", Edition, Mentee, Guest, zone="Europe/Berlin"),
            store=MemoryStore(),
            clock=lambda: self.now.astimezone(UTC),
        )
        self.edition = self.flow.start(Edition, Named("2026"), actor=SYSTEM)

    def completed(self, name: str, of: type[Taking[Person]] = Mentee, meetings: int = 4) -> Case[Person]:
        case = self.flow.start(of, Person(name, meetings), parent=self.edition.id, actor=SYSTEM)
        return self.flow.fire(case, of.complete(), actor=office)

    def do(self, case: Case[Person], command: Command[Any], actor: Actor = office) -> Case[Person]:
        return self.flow.fire(case.id, command, actor=actor)

    def at(self, day: date) -> None:
        self.now = datetime.combine(day, time(0), BERLIN)
        self.flow.run_due()

    def state(self, case: Case[Person]) -> str:
        return self.flow.get(case.lifecycle, case).state.path


def test_it_is_issued_with_the_next_number_of_the_series_once_it_is_earned() -> None:
    stage = Stage()
    first, second = stage.completed("a"), stage.completed("b", meetings=3)
    assert stage.do(first, Mentee.certificate.issue())[Mentee.certificate].number == "2026-001"
    with pytest.raises(Refused, match="Four meetings are needed"):
        stage.do(second, Mentee.certificate.issue())
    stage.do(second, Mentee.meet())
    assert stage.do(second, Mentee.certificate.issue())[Mentee.certificate].number == "2026-002"
    with pytest.raises(Refused, match="Not possible"):
        stage.do(first, Mentee.certificate.issue())


def test_kinds_that_share_a_series_share_its_numbers() -> None:
    stage = Stage()
    stage.do(stage.completed("a"), Mentee.certificate.issue())
    guest = stage.do(stage.completed("b", Guest), Guest.certificate.issue())
    assert guest[Guest.certificate].number == "2026-002"


def test_a_revoked_certificate_keeps_its_number_and_its_reason() -> None:
    stage = Stage()
    case = stage.do(stage.completed("a"), Mentee.certificate.issue())
    revoke = Mentee.certificate.revoke(reason="By mistake.")
    with pytest.raises(Refused, match="Only for: head of administration"):
        stage.do(case, revoke)
    case = stage.do(case, revoke, head)
    assert (case[Mentee.certificate].number, case[Mentee.certificate].reason) == ("2026-001", "By mistake.")
    assert stage.do(stage.completed("b"), Mentee.certificate.issue())[Mentee.certificate].number == "2026-002"


def test_it_is_refused_for_a_reason_and_nobody_decides_on_the_own_one() -> None:
    stage = Stage()
    with pytest.raises(PayloadError, match="must not be blank"):
        Mentee.certificate.refuse(reason=" ")
    case = stage.completed("a", meetings=1)
    herself = Actor("a", {OFFICE, HEAD})
    for command in (Mentee.certificate.issue(), Mentee.certificate.refuse(reason="x")):
        with pytest.raises(Refused, match="but not the person"):
            stage.do(case, command, herself)
    stage.do(case, Mentee.certificate.refuse(reason="One meeting."))
    assert stage.state(case) == "certificate.refused"
    other = stage.do(stage.completed("a"), Mentee.certificate.issue())
    with pytest.raises(Refused, match="but not the person"):
        stage.do(other, Mentee.certificate.revoke(reason="x"), herself)


def test_it_is_overdue_after_its_time_and_can_still_be_issued_or_refused() -> None:
    stage = Stage()
    late, never = stage.completed("a"), stage.completed("b")
    stage.at(date(2026, 3, 15))
    assert stage.state(late) == "certificate.due"
    stage.at(date(2026, 3, 16))
    assert stage.state(late) == "certificate.overdue"
    stage.do(late, Mentee.certificate.issue())
    stage.do(never, Mentee.certificate.refuse(reason="x"))
    assert (stage.state(late), stage.state(never)) == ("certificate.issued", "certificate.refused")


def test_what_was_earned_outlives_what_it_belongs_to() -> None:
    stage = Stage()
    due, issued = stage.completed("a"), stage.do(stage.completed("b"), Mentee.certificate.issue())
    started = stage.flow.start(Mentee, Person("c"), parent=stage.edition.id, actor=SYSTEM)
    stage.flow.fire(stage.edition.id, Edition.cancellation.cancel(reason="No money."), actor=head)
    assert [stage.state(case) for case in (due, issued, started)] == [
        "certificate.overdue",
        "certificate.issued",
        "ending.ended",
    ]
    assert stage.do(due, Mentee.certificate.issue())[Mentee.certificate].number == "2026-002"


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 3), st.sampled_from(["issue", "revoke", "refuse", "complete", "wait"]))))
def test_no_number_is_ever_given_twice_and_none_is_left_out(script: list[tuple[int, str]]) -> None:
    """Invariant 1, the part of the numbers."""
    stage = Stage()
    cases = [stage.completed(name, of) for name, of in zip("abcd", (Mentee, Guest, Mentee, Guest), strict=True)]
    numbers: list[str] = []
    for who, what in script:
        case, of = cases[who], Mentee if who % 2 == 0 else Guest
        try:
            if what == "issue":
                numbers.append(stage.do(case, of.certificate.issue())[of.certificate].number)
            elif what == "revoke":
                stage.do(case, of.certificate.revoke(reason="x"), head)
            elif what == "refuse":
                stage.do(case, of.certificate.refuse(reason="x"))
            elif what == "complete":
                cases[who] = stage.completed("abcd"[who], of)
            else:
                stage.at(stage.now.date() + months(1))
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
    flow = Flow(Yearly, store=MemoryStore(), zone="Europe/Berlin")
    case = flow.start(Yearly, Person("a"), actor=SYSTEM)
    case = flow.fire(flow.fire(case, Yearly.certificate.issue(), actor=office), Yearly.come_back(), actor=office)
    with pytest.raises(Refused, match="Y-001 was issued already"):
        flow.fire(case, Yearly.certificate.issue(), actor=office)
    assert flow.get(Yearly, case)[Yearly.certificate].number == "Y-001"


def test_cases_without_a_parent_share_a_series_too() -> None:
    flow = Flow(Yearly, store=MemoryStore(), zone="Europe/Berlin")
    cases = [flow.start(Yearly, Person(name), actor=SYSTEM) for name in "ab"]
    numbers = [flow.fire(case, Yearly.certificate.issue(), actor=office)[Yearly.certificate].number for case in cases]
    assert numbers == ["Y-001", "Y-002"]
