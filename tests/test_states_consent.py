"""Something is shown only while everybody whom it is about agrees."""

from __future__ import annotations

from typing import Any

import pytest
from attrs import frozen

from progflow import (
    OPEN,
    STAY,
    SYSTEM,
    Actor,
    Case,
    Command,
    Context,
    Flow,
    InvariantBroken,
    Lifecycle,
    Refused,
    State,
    derived,
    event,
    guard,
)
from progflow.adapters.memory import MemoryStore
from progflow.states.consent import Consent, ConsentData
from progflow.states.people import OFFICE

office, anna, ben, carl = Actor("office", {OFFICE}), Actor("anna"), Actor("ben"), Actor("carl")


@frozen
class Picture:
    people: tuple[str, ...] = ("anna", "ben")


class Photo(Lifecycle[Picture]):
    """A photo."""

    cleared = State()
    shown = State(resting=True)

    @derived
    def people(self, ctx: Context[Picture]) -> tuple[str, ...]:
        return ctx.data.people

    consent = Consent(people=people).then(cleared)

    @event(OPEN >> STAY, by=OFFICE)
    def name(self, ctx: Context[Picture], *, people: tuple[str, ...]) -> Picture:
        """Name who can be seen."""
        return Picture(people)

    @event(cleared >> shown, by=OFFICE)
    def show(self, ctx: Context[Picture]) -> None:
        """Show it."""


STEPS = Photo.consent


def photo(*people: str) -> tuple[Flow, Case[Picture]]:
    flow = Flow(Photo, store=MemoryStore(), zone="Europe/Berlin")
    return flow, flow.start(Photo, Picture(people), actor=SYSTEM)


def said(flow: Flow, case: Case[Picture], command: Command[Any], actor: Actor) -> str:
    with pytest.raises(Refused) as refused:
        flow.fire(case.id, command, actor=actor)
    return " ".join(reason.text for reason in refused.value.reasons)


def test_it_is_shown_when_everybody_has_consented() -> None:
    flow, case = photo("anna", "ben")
    flow.fire(case.id, STEPS.give(), actor=anna)
    assert said(flow, case, Photo.show(), office).startswith("Not possible in the state")
    waits = flow.explain(case.id, actor=office)["consent.be_complete"].resting
    assert [reason.text for reason in waits] == ["1 of those whom it is about have not consented."]
    assert said(flow, case, STEPS.give(), anna) == "You have consented already."
    assert said(flow, case, STEPS.give(), carl) == "Only for: somebody whom it is about."
    case = flow.fire(case.id, STEPS.give(), actor=ben)
    assert case.state == Photo.cleared
    assert flow.fire(case, Photo.show(), actor=office).state == Photo.shown


def test_what_is_about_nobody_needs_no_consent() -> None:
    _, case = photo()
    assert case.state == Photo.cleared


@pytest.mark.parametrize("shown", [False, True])
def test_one_no_is_enough_at_any_time_without_a_reason(shown: bool) -> None:
    flow, case = photo("anna")
    if shown:
        case = flow.fire(flow.fire(case, STEPS.give(), actor=anna), Photo.show(), actor=office)
    assert said(flow, case, STEPS.withdraw(), carl) == "Only for: somebody whom it is about."
    case = flow.fire(case, STEPS.withdraw(), actor=anna)
    assert (case.state, case[Photo.consent].withdrawn_by) == (Photo.consent.withdrawn, "anna")


def test_what_was_said_on_paper_is_recorded_by_the_office() -> None:
    flow, case = photo("anna", "ben")
    record = STEPS.record(person="anna", document="D-7")
    assert said(flow, case, record, ben) == "Only for: programme office."
    assert said(flow, case, STEPS.record(person="carl", document="D-8"), office) == (
        "It is not about carl, or carl has consented already."
    )
    case = flow.fire(case.id, record, actor=office)
    assert (case[Photo.consent].documents, case[Photo.consent].given_by) == (("D-7",), ("anna",))
    assert said(flow, case, STEPS.record_withdrawal(person="carl"), office) == "It is not about carl."
    case = flow.fire(case.id, STEPS.record_withdrawal(person="anna"), actor=office)
    assert (case.state, case[Photo.consent].withdrawn_by) == (Photo.consent.withdrawn, "anna")


def test_who_is_discovered_later_is_asked_first() -> None:
    flow, case = photo("anna")
    flow.fire(case.id, Photo.name(people=("anna", "ben")), actor=office)
    case = flow.fire(case.id, STEPS.give(), actor=anna)
    assert case.state == Photo.consent.asked
    case = flow.fire(case.id, STEPS.give(), actor=ben)
    with pytest.raises(InvariantBroken, match="without the consent of everybody"):
        flow.fire(case.id, Photo.name(people=("anna", "ben", "carl")), actor=office)
    flow.fire(case.id, Photo.name(people=("anna",)), actor=office)


class LaxConsent(Consent):
    """Somebody has taken the guard away."""

    @guard("Never said.")
    def given_by_all(self, ctx: Context[ConsentData]) -> bool:
        return bool(ctx.data.given_by)


class LaxPhoto(Lifecycle[Picture]):
    """A photo in the hands of somebody careless."""

    shown = State(resting=True)

    @derived
    def people(self, ctx: Context[Picture]) -> tuple[str, ...]:
        return ctx.data.people

    consent = LaxConsent(people=people).then(shown)


def test_a_guard_that_was_taken_away_still_leaves_the_invariant() -> None:
    flow = Flow(LaxPhoto, store=MemoryStore(), zone="Europe/Berlin")
    case = flow.start(LaxPhoto, Picture(), actor=SYSTEM)
    case = flow.fire(case, LaxPhoto.consent.give(), actor=anna)
    assert case.state == LaxPhoto.consent.asked
    assert flow.fire(case, LaxPhoto.consent.give(), actor=ben).state == LaxPhoto.shown
