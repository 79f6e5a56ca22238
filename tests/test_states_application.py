"""An application is completed, supported, admitted or rejected."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest
from attrs import frozen

from progflow import (
    SYSTEM,
    Actor,
    Case,
    Command,
    Context,
    Flow,
    Lifecycle,
    PayloadError,
    Program,
    Refused,
    State,
    UsageError,
    always,
    guard,
    relation,
)
from progflow.adapters.memory import MemoryStore
from progflow.states.application import Application
from progflow.states.people import OFFICE

BERLIN = ZoneInfo("Europe/Berlin")
office, herself, boss = Actor("office", {OFFICE}), Actor("p-1"), Actor("boss")


@frozen
class Person:
    person: str = "p-1"
    superior: str = "boss"
    years: int = 3


class Wish(Lifecycle[Person]):
    """Somebody wants to take part."""

    admitted = State(final=True)

    @relation("the applicant")
    def the_applicant(self, ctx: Context[Person]) -> bool:
        return ctx.actor.id == ctx.data.person

    @relation("the superior")
    def the_superior(self, ctx: Context[Person]) -> bool:
        return ctx.actor.id == ctx.data.superior

    @guard("Two years of service are needed.")
    def long_enough(self, ctx: Context[Person]) -> bool:
        return ctx.data.years >= 2

    application = Application(
        person=the_applicant,
        superior=the_superior,
        needs_endorsement=True,
        when=(long_enough,),
        calendar=always("DE-NW"),
    ).then(admitted)


class Stage:
    def __init__(self, person: Person = Person()) -> None:
        self.now = datetime(2022, 4, 4, 10, tzinfo=BERLIN)
        program = Program("wishes", Wish, zone="Europe/Berlin")
        self.flow = Flow(program, store=MemoryStore(), clock=lambda: self.now.astimezone(UTC))
        self.id = self.flow.start(Wish, person, actor=SYSTEM).id

    @property
    def wish(self) -> Case[Person]:
        return self.flow.get(Wish, self.id)

    def do(self, command: Command[Person], actor: Actor) -> Case[Person]:
        return self.flow.fire(self.id, command, actor=actor)

    def refusal(self, command: Command[Person], actor: Actor) -> str:
        with pytest.raises(Refused) as refused:
            self.do(command, actor)
        return " ".join(reason.text for reason in refused.value.reasons)

    def at(self, day: date) -> None:
        self.now = datetime.combine(day, time(0), BERLIN)
        self.flow.run_due()


def test_what_is_missing_is_asked_for_and_handed_in_by_the_applicant_alone() -> None:
    stage = Stage()
    wish = stage.do(Wish.application.ask_for_more(missing="The grade is not proven."), office)
    assert wish[Wish.application].missing == "The grade is not proven."
    assert stage.refusal(Wish.application.hand_in(document="D-7"), office) == "Only for: the applicant."
    wish = stage.do(Wish.application.hand_in(document="D-7"), herself)
    assert wish.state is Wish.application.submitted
    assert (wish[Wish.application].missing, wish[Wish.application].documents) == ("", ("D-7",))


def test_an_incomplete_application_is_not_admitted_but_can_be_rejected() -> None:
    stage = Stage()
    stage.do(Wish.application.endorse(), boss)
    stage.do(Wish.application.ask_for_more(missing="The grade is not proven."), office)
    assert "Not possible" in stage.refusal(Wish.application.admit(), office)
    with pytest.raises(PayloadError, match="must not be blank"):
        Wish.application.reject(reason=" ")
    wish = stage.do(Wish.application.reject(reason="Nothing came."), office)
    assert (wish.state, wish[Wish.application].reason) == (Wish.application.rejected, "Nothing came.")


def test_with_a_day_it_lapses_after_the_next_working_day_and_without_one_never() -> None:
    """16 April 2022 was the Saturday before Easter."""
    stage, patient = Stage(), Stage()
    stage.do(Wish.application.ask_for_more(missing="The grade.", until=date(2022, 4, 16)), office)
    patient.do(Wish.application.ask_for_more(missing="The grade."), office)
    stage.at(date(2022, 4, 19))
    assert stage.wish.state is Wish.application.incomplete
    stage.at(date(2022, 4, 20))
    assert stage.wish.state is Wish.application.lapsed
    patient.at(date(2032, 4, 20))
    assert patient.wish.state is Wish.application.incomplete


def test_who_hands_in_late_is_late_even_if_nobody_has_looked() -> None:
    stage = Stage()
    stage.do(Wish.application.ask_for_more(missing="The grade.", until=date(2022, 4, 5)), office)
    stage.now = datetime(2022, 4, 6, tzinfo=BERLIN)
    assert "not completed in time" in stage.refusal(Wish.application.hand_in(document="D-7"), herself)
    other = Stage()
    said = other.refusal(Wish.application.ask_for_more(missing="x", until=date(2022, 4, 3)), office)
    assert said == "2022-04-03 is over already."
    other.do(Wish.application.ask_for_more(missing="x", until=date(2022, 4, 4)), office)


def test_a_day_that_was_given_is_gone_with_what_was_handed_in() -> None:
    stage = Stage()
    stage.do(Wish.application.ask_for_more(missing="The grade.", until=date(2022, 4, 5)), office)
    assert stage.do(Wish.application.hand_in(document="D-7"), herself)[Wish.application].until is None
    stage.do(Wish.application.ask_for_more(missing="The plan."), office)
    stage.at(date(2022, 5, 1))
    assert stage.wish.state is Wish.application.incomplete


def test_it_is_admitted_once_a_superior_supports_it_and_the_criteria_hold() -> None:
    stage = Stage()
    assert stage.refusal(Wish.application.admit(), office) == "No superior has supported the application."
    assert stage.refusal(Wish.application.endorse(), herself).startswith("Only for: the superior")
    wish = stage.do(Wish.application.endorse(statement="She is good."), boss)
    assert (wish[Wish.application].endorsed_by, wish[Wish.application].statement) == ("boss", "She is good.")
    assert stage.do(Wish.application.admit(), office).state is Wish.admitted
    young = Stage(Person(years=1))
    young.do(Wish.application.endorse(), boss)
    assert young.refusal(Wish.application.admit(), office) == "Two years of service are needed."


def test_nobody_supports_or_decides_on_oneself() -> None:
    stage = Stage(Person(superior="p-1"))
    in_office = Actor("p-1", {OFFICE})
    for command in (
        Wish.application.endorse(),
        Wish.application.admit(),
        Wish.application.reject(reason="x"),
        Wish.application.ask_for_more(missing="x"),
    ):
        assert "but not the applicant" in stage.refusal(command, in_office)


def test_where_no_superior_is_named_there_is_no_endorsing() -> None:
    class Plain(Lifecycle[Person]):
        """Somebody wants to take part, and no superior is asked."""

        admitted = State(final=True)

        @relation("the applicant")
        def the_applicant(self, ctx: Context[Person]) -> bool:
            return ctx.actor.id == ctx.data.person

        application = Application(person=the_applicant).then(admitted)

    here = Flow(Program("plain", Plain, zone="Europe/Berlin"), store=MemoryStore())
    wish = here.start(Plain, Person(), actor=SYSTEM)
    assert "application.endorse" not in here.explain(wish, actor=boss)
    assert here.fire(wish, Plain.application.admit(), actor=office).state is Plain.admitted


def test_who_must_be_supported_has_a_superior() -> None:
    with pytest.raises(UsageError, match="nobody could support"):
        Application(person=Wish.the_applicant, needs_endorsement=True)
