"""Whoever has applied may step back, until it has begun."""

from __future__ import annotations

import pytest
from attrs import frozen

from progflow import SYSTEM, Actor, Context, Flow, Lifecycle, PayloadError, Program, Refused, State, event, relation
from progflow.adapters.memory import MemoryStore
from progflow.states.people import OFFICE
from progflow.states.withdrawal import Withdrawal

office, herself, someone = Actor("office", {OFFICE}), Actor("p-1"), Actor("p-2")


@frozen
class Person:
    person: str = "p-1"


class Stay(Lifecycle[Person]):
    """A stay that begins some day."""

    asked = State(initial=True)
    agreed = State()
    begun = State(resting=True)

    @relation("the employee")
    def the_employee(self, ctx: Context[Person]) -> bool:
        return ctx.actor.id == ctx.data.person

    withdrawal = Withdrawal(by=(the_employee, OFFICE), of=asked | agreed)

    @event(asked >> agreed, by=OFFICE)
    def agree(self, ctx: Context[Person]) -> None:
        """Agree."""

    @event(agreed >> begun, by=OFFICE)
    def begin(self, ctx: Context[Person]) -> None:
        """Begin."""


def flow() -> Flow:
    return Flow(Program("stays", Stay, zone="Europe/Berlin"), store=MemoryStore())


@pytest.mark.parametrize("actor", [herself, office])
def test_the_person_or_the_office_for_her_steps_back_for_a_reason_that_is_kept(actor: Actor) -> None:
    here = flow()
    stay = here.fire(here.start(Stay, Person(), actor=SYSTEM), Stay.agree(), actor=office)
    stay = here.fire(stay, Stay.withdrawal.withdraw(reason="A new post."), actor=actor)
    assert (stay.state, stay[Stay.withdrawal].reason) == (Stay.withdrawal.withdrawn, "A new post.")


def test_nobody_else_and_nobody_without_a_reason() -> None:
    here = flow()
    stay = here.start(Stay, Person(), actor=SYSTEM)
    with pytest.raises(Refused, match="Only for: the employee, programme office"):
        here.fire(stay, Stay.withdrawal.withdraw(reason="x"), actor=someone)
    with pytest.raises(PayloadError, match="must not be blank"):
        Stay.withdrawal.withdraw(reason="")


def test_what_has_begun_cannot_be_stepped_back_from_and_nobody_does_so_twice() -> None:
    here = flow()
    stay = here.fire(here.start(Stay, Person(), actor=SYSTEM), Stay.agree(), actor=office)
    begun = here.fire(stay, Stay.begin(), actor=office)
    with pytest.raises(Refused, match="Not possible"):
        here.fire(begun, Stay.withdrawal.withdraw(reason="x"), actor=herself)
    other = here.fire(here.start(Stay, Person(), actor=SYSTEM), Stay.withdrawal.withdraw(reason="x"), actor=herself)
    with pytest.raises(Refused, match="Not possible"):
        here.fire(other, Stay.withdrawal.withdraw(reason="y"), actor=herself)
