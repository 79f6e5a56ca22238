"""An application is completed, supported, admitted or rejected."""

from __future__ import annotations

from datetime import date

import pytest
from attrs import frozen

from progflow import (
    SYSTEM,
    Actor,
    Context,
    Lifecycle,
    PayloadError,
    Program,
    State,
    UsageError,
    always,
    guard,
    relation,
)
from progflow.states.application import Application
from progflow.states.people import OFFICE
from progflow.testing.scenario import Scenario, StoryCase

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


@pytest.fixture
def story() -> Scenario:
    return Scenario(Program("wishes", Wish, zone="Europe/Berlin"), at="2022-04-04 10:00")


@pytest.fixture
def wish(story: Scenario) -> StoryCase[Person]:
    return story.given(Wish, Person(), by=SYSTEM)


def test_what_is_missing_is_asked_for_and_handed_in_by_the_applicant_alone(
    story: Scenario, wish: StoryCase[Person]
) -> None:
    story.when(wish, Wish.application.ask_for_more(missing="The grade is not proven."), by=office)
    story.then_has(wish, Wish.application, missing="The grade is not proven.")
    hand_in = Wish.application.hand_in(document="D-7")
    story.then_refused(wish, hand_in, by=office, because="Only for: the applicant.")
    story.when(wish, hand_in, by=herself)
    story.then(wish, Wish.application.submitted)
    story.then_has(wish, Wish.application, missing="", documents=("D-7",))


def test_an_incomplete_application_is_not_admitted_but_can_be_rejected(
    story: Scenario, wish: StoryCase[Person]
) -> None:
    story.when(wish, Wish.application.endorse(), by=boss)
    story.when(wish, Wish.application.ask_for_more(missing="The grade is not proven."), by=office)
    story.then_refused(wish, Wish.application.admit(), by=office, because="Not possible")
    with pytest.raises(PayloadError, match="must not be blank"):
        Wish.application.reject(reason=" ")
    story.when(wish, Wish.application.reject(reason="Nothing came."), by=office)
    story.then(wish, Wish.application.rejected)
    story.then_has(wish, Wish.application, reason="Nothing came.")


def test_with_a_day_it_lapses_after_the_next_working_day_and_without_one_never(
    story: Scenario, wish: StoryCase[Person]
) -> None:
    """16 April 2022 was the Saturday before Easter."""
    patient = story.given(Wish, Person("p-2"), by=SYSTEM)
    story.when(wish, Wish.application.ask_for_more(missing="The grade.", until=date(2022, 4, 16)), by=office)
    story.when(patient, Wish.application.ask_for_more(missing="The grade."), by=office)
    story.on("2022-04-19")
    story.then(wish, Wish.application.incomplete)
    story.on("2022-04-20")
    story.then(wish, Wish.application.lapsed)
    story.on("2032-04-20")
    story.then(patient, Wish.application.incomplete)


def test_who_hands_in_late_is_late_even_if_nobody_has_looked(story: Scenario, wish: StoryCase[Person]) -> None:
    other = story.given(Wish, Person("p-2"), by=SYSTEM)
    over = Wish.application.ask_for_more(missing="x", until=date(2022, 4, 3))
    story.then_refused(other, over, by=office, because="2022-04-03 is over already.")
    story.when(other, Wish.application.ask_for_more(missing="x", until=date(2022, 4, 4)), by=office)
    story.when(wish, Wish.application.ask_for_more(missing="The grade.", until=date(2022, 4, 5)), by=office)
    story.clock.set("2022-04-06")
    hand_in = Wish.application.hand_in(document="D-7")
    story.then_refused(wish, hand_in, by=herself, because="not completed in time")


def test_a_day_that_was_given_is_gone_with_what_was_handed_in(story: Scenario, wish: StoryCase[Person]) -> None:
    story.when(wish, Wish.application.ask_for_more(missing="The grade.", until=date(2022, 4, 5)), by=office)
    story.when(wish, Wish.application.hand_in(document="D-7"), by=herself)
    story.then_has(wish, Wish.application, until=None)
    story.when(wish, Wish.application.ask_for_more(missing="The plan."), by=office)
    story.on("2022-05-01")
    story.then(wish, Wish.application.incomplete)


def test_it_is_admitted_once_a_superior_supports_it_and_the_criteria_hold(
    story: Scenario, wish: StoryCase[Person]
) -> None:
    unsupported = "No superior has supported the application."
    story.then_refused(wish, Wish.application.admit(), by=office, because=unsupported)
    story.then_refused(wish, Wish.application.endorse(), by=herself, because="Only for: the superior")
    story.when(wish, Wish.application.endorse(statement="She is good."), by=boss)
    story.then_has(wish, Wish.application, endorsed_by="boss", statement="She is good.")
    story.when(wish, Wish.application.admit(), by=office)
    story.then(wish, Wish.admitted)
    young = story.given(Wish, Person(years=1), by=SYSTEM)
    story.when(young, Wish.application.endorse(), by=boss)
    story.then_refused(young, Wish.application.admit(), by=office, because="Two years of service are needed.")


def test_nobody_supports_or_decides_on_oneself(story: Scenario) -> None:
    own = story.given(Wish, Person(superior="p-1"), by=SYSTEM)
    in_office = Actor("p-1", {OFFICE})
    for command in (
        Wish.application.endorse(),
        Wish.application.admit(),
        Wish.application.reject(reason="x"),
        Wish.application.ask_for_more(missing="x"),
    ):
        story.then_refused(own, command, by=in_office, because="but not the applicant")


def test_where_no_superior_is_named_there_is_no_endorsing() -> None:
    class Plain(Lifecycle[Person]):
        """Somebody wants to take part, and no superior is asked."""

        admitted = State(final=True)

        @relation("the applicant")
        def the_applicant(self, ctx: Context[Person]) -> bool:
            return ctx.actor.id == ctx.data.person

        application = Application(person=the_applicant).then(admitted)

    story = Scenario(Program("plain", Plain, zone="Europe/Berlin"), at="2022-04-04 10:00")
    wish = story.given(Plain, Person(), by=SYSTEM)
    assert "application.endorse" not in story.flow.explain(wish.id, actor=boss)
    story.when(wish, Plain.application.admit(), by=office)
    story.then(wish, Plain.admitted)


def test_who_must_be_supported_has_a_superior() -> None:
    with pytest.raises(UsageError, match="nobody could support"):
        Application(person=Wish.the_applicant, needs_endorsement=True)
