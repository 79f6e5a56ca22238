"""Who may take part at all, by criteria that a programme names."""

from __future__ import annotations

import pytest
from attrs import evolve, frozen

from progflow import (
    STAY,
    SYSTEM,
    Actor,
    Context,
    Flow,
    Lifecycle,
    No,
    PayloadError,
    Program,
    Refused,
    State,
    event,
    guard,
    relation,
)
from progflow.adapters.memory import MemoryStore
from progflow.states.eligibility import Eligibility
from progflow.states.people import HEAD, OFFICE

office, head = Actor("office", {OFFICE}), Actor("head", {HEAD})


@frozen
class Person:
    grade: int
    permanent: bool = True
    person: str = "p-1"


class ByHand(Lifecycle[Person]):
    """The office looks; the head may make exceptions."""

    applied = State(final=True)

    @guard("Grade 11 is needed, not {grade}.")
    def grade_reached(self, ctx: Context[Person]) -> bool | No:
        return ctx.data.grade >= 11 or No(grade=ctx.data.grade)

    @guard("A permanent post is needed.")
    def permanent(self, ctx: Context[Person]) -> bool:
        return ctx.data.permanent

    @relation("the applicant")
    def the_applicant(self, ctx: Context[Person]) -> bool:
        return ctx.actor.id == ctx.data.person

    eligibility = Eligibility(criteria=(grade_reached, permanent), person=the_applicant, excepted_by=HEAD).then(applied)


class ByItself(Lifecycle[Person]):
    """Whoever meets the criteria goes on."""

    applied = State(final=True)

    @guard("Grade 11 is needed.")
    def grade_reached(self, ctx: Context[Person]) -> bool:
        return ctx.data.grade >= 11

    @relation("the applicant")
    def the_applicant(self, ctx: Context[Person]) -> bool:
        return ctx.actor.id == ctx.data.person

    eligibility = Eligibility(criteria=(grade_reached,), person=the_applicant, automatic=True).then(applied)

    @event(eligibility >> STAY, by=OFFICE)
    def promote(self, ctx: Context[Person]) -> Person:
        """Promote."""
        return evolve(ctx.data, grade=ctx.data.grade + 1)


def flow() -> Flow:
    return Flow(Program("criteria", ByHand, ByItself, zone="Europe/Berlin"), store=MemoryStore())


def refusal(person: Person, actor: Actor = office) -> str:
    here = flow()
    with pytest.raises(Refused) as refused:
        here.fire(here.start(ByHand, person, actor=SYSTEM), ByHand.eligibility.find_eligible(), actor=actor)
    return " ".join(reason.text for reason in refused.value.reasons)


def test_every_criterion_that_is_not_met_is_named() -> None:
    assert refusal(Person(9, permanent=False)) == "Grade 11 is needed, not 9. A permanent post is needed."


def test_who_meets_them_goes_on_and_the_day_is_kept() -> None:
    here = flow()
    case = here.fire(here.start(ByHand, Person(11), actor=SYSTEM), ByHand.eligibility.find_eligible(), actor=office)
    assert case.state is ByHand.applied
    assert case[ByHand.eligibility].found_on is not None


def test_nobody_finds_oneself_eligible() -> None:
    assert "but not the applicant" in refusal(Person(11), Actor("p-1", {OFFICE}))


def test_nobody_makes_an_exception_for_oneself_or_steps_out_this_way() -> None:
    """Invariant 8."""
    here = flow()
    case = here.start(ByHand, Person(9), actor=SYSTEM)
    herself = Actor("p-1", {OFFICE, HEAD})
    for command in (
        ByHand.eligibility.make_exception(reason="I have led for years."),
        ByHand.eligibility.find_ineligible(reason="I do not want to."),
    ):
        with pytest.raises(Refused, match="but not the applicant"):
            here.fire(case, command, actor=herself)


def test_who_is_not_eligible_is_told_why() -> None:
    here = flow()
    with pytest.raises(PayloadError, match="must not be blank"):
        ByHand.eligibility.find_ineligible(reason="")
    case = here.start(ByHand, Person(9), actor=SYSTEM)
    case = here.fire(case, ByHand.eligibility.find_ineligible(reason="Grade 9."), actor=office)
    assert (case.state, case[ByHand.eligibility].reason) == (ByHand.eligibility.ineligible, "Grade 9.")


def test_an_exception_is_made_by_whoever_may_and_says_why() -> None:
    here = flow()
    case = here.start(ByHand, Person(9), actor=SYSTEM)
    exception = ByHand.eligibility.make_exception(reason="She has led for years.")
    with pytest.raises(Refused, match="Only for: head of administration"):
        here.fire(case, exception, actor=office)
    case = here.fire(case, exception, actor=head)
    assert (case.state, case[ByHand.eligibility].exception) == (ByHand.applied, "She has led for years.")


def test_where_it_goes_by_itself_it_goes_on_at_once_or_as_soon_as_a_fact_changes() -> None:
    here = flow()
    assert here.start(ByItself, Person(11), actor=SYSTEM).state is ByItself.applied
    case = here.start(ByItself, Person(10), actor=SYSTEM)
    assert case.state is ByItself.eligibility.unchecked
    assert here.fire(case, ByItself.promote(), actor=office).state is ByItself.applied
    assert set(here.explain(here.start(ByItself, Person(1), actor=SYSTEM), actor=office)) == {
        "eligibility.turn_out_eligible",
        "eligibility.find_ineligible",
        "promote",
    }


class Again(Lifecycle[Person]):
    """Whoever goes on is looked at anew."""

    going_on = State(resting=True)

    @guard("Grade 11 is needed.")
    def grade_reached(self, ctx: Context[Person]) -> bool:
        return ctx.data.grade >= 11

    @relation("the applicant")
    def the_applicant(self, ctx: Context[Person]) -> bool:
        return ctx.actor.id == ctx.data.person

    eligibility = Eligibility(criteria=(grade_reached,), person=the_applicant, excepted_by=HEAD).then(going_on)

    @event(going_on >> eligibility, by=OFFICE)
    def look_again(self, ctx: Context[Person]) -> Person:
        """Look again, after a promotion."""
        return evolve(ctx.data, grade=11)


def test_who_is_looked_at_again_is_found_eligible_without_the_exception_of_before() -> None:
    here = Flow(Again, store=MemoryStore(), zone="Europe/Berlin")
    case = here.start(Again, Person(9), actor=SYSTEM)
    here.fire(case, Again.eligibility.make_exception(reason="She has led for years."), actor=head)
    here.fire(case.id, Again.look_again(), actor=office)
    case = here.fire(case.id, Again.eligibility.find_eligible(), actor=office)
    assert (case.state, case[Again.eligibility].exception) == (Again.going_on, "")
