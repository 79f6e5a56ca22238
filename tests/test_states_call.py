"""A call is open until its deadline, and those who apply are told when it was."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from attrs import frozen

from progflow import (
    ANYONE,
    START,
    SYSTEM,
    Actor,
    Calendar,
    Context,
    Lifecycle,
    PayloadError,
    Program,
    State,
    always,
    derived,
    event,
)
from progflow.states.call import Call, while_open
from progflow.states.people import OFFICE
from progflow.testing.scenario import Scenario, StoryCase

office, someone = Actor("office", {OFFICE}), Actor("someone")


@frozen
class Place:
    land: str


class Edition(Lifecycle[Place]):
    """An edition in one of the Länder."""

    under_way = State(resting=True)

    @derived
    def calendar(self, ctx: Context[Place]) -> str:
        return ctx.data.land

    call = Call(calendar=calendar).then(under_way)


class Applicant(Lifecycle[None], parent=Edition):
    """Somebody applies."""

    applied = State(final=True)

    call_is_open = while_open(Edition.call)

    @event(START >> applied, by=ANYONE, when=call_is_open)
    def apply(self, ctx: Context[None]) -> None:
        """Apply."""


def begun(
    of: type[Lifecycle[Any]], *others: type[Lifecycle[Any]], land: str = "DE-NW"
) -> tuple[Scenario, StoryCase[Place]]:
    story = Scenario(Program("calls", of, *others, zone="Europe/Berlin"), at="2025-10-01 10:00")
    return story, story.given(of, Place(land), by=SYSTEM)


@pytest.mark.parametrize(
    ("land", "last"),
    [("DE-NW", date(2025, 10, 31)), ("DE-NI", date(2025, 11, 3)), ("DE-ST", date(2025, 11, 3))],
)
def test_a_deadline_on_a_holiday_of_the_place_ends_with_the_next_working_day(land: str, last: date) -> None:
    """The 31st of October 2025, a Friday, is a holiday in Lower Saxony and Saxony-Anhalt, not in Cologne."""
    story, edition = begun(Edition, land=land)
    story.when(edition, Edition.call.publish(deadline=date(2025, 10, 31)), by=office)
    story.then_has(edition, Edition.call, published_on=date(2025, 10, 1))
    story.on(datetime.combine(last, time(23, 59)))
    story.then(edition, Edition.call.open)
    story.on(last + timedelta(days=1))
    story.then(edition, Edition.under_way)


def test_without_a_calendar_the_call_ends_on_the_day_that_it_names() -> None:
    class Plain(Lifecycle[Place]):
        """An edition that knows no holidays."""

        under_way = State(final=True)
        call = Call().then(under_way)

    story, edition = begun(Plain, land="DE-NI")
    story.when(edition, Plain.call.publish(deadline=date(2025, 11, 1)), by=office)
    story.on("2025-11-02")
    story.then(edition, Plain.under_way)


def test_a_locally_closed_day_may_count_as_a_holiday() -> None:
    carnival = Calendar("DE-NW", closed={date(2026, 2, 16)})

    class Plain(Lifecycle[Place]):
        """An edition in a town that is closed on carnival Monday."""

        under_way = State(final=True)
        call = Call(calendar=always(carnival)).then(under_way)

    story, edition = begun(Plain)
    story.when(edition, Plain.call.publish(deadline=date(2026, 2, 16)), by=office)
    story.then_due(edition, Plain.call.close, on="2026-02-18 00:00")


def test_only_the_office_publishes_a_deadline_that_lies_ahead() -> None:
    story, edition = begun(Edition)
    ahead = Edition.call.publish(deadline=date(2025, 10, 31))
    story.then_refused(edition, ahead, by=someone, because="Only for: programme office")
    past = Edition.call.publish(deadline=date(2025, 9, 30))
    story.then_refused(edition, past, by=office, because="The deadline 2025-09-30 has passed already")
    story.when(edition, Edition.call.publish(deadline=date(2025, 10, 1)), by=office)
    story.then_refused(edition, ahead, by=office, because="Not possible in the state")


def test_a_moved_deadline_keeps_what_it_was_and_why() -> None:
    story, edition = begun(Edition)
    story.when(edition, Edition.call.publish(deadline=date(2025, 10, 10)), by=office)
    with pytest.raises(PayloadError, match="must not be blank"):
        Edition.call.move_deadline(deadline=date(2025, 10, 20), reason=" ")
    later = Edition.call.move_deadline(deadline=date(2025, 10, 20), reason="Too few have applied.")
    story.when(edition, later, by=office)
    (moved,) = edition[Edition.call].moves
    assert (moved.before, moved.after, moved.reason, moved.decided_at) == (
        date(2025, 10, 10),
        date(2025, 10, 20),
        "Too few have applied.",
        story.clock.now,
    )
    story.on("2025-10-15")
    story.then(edition, Edition.call.open)
    story.on("2025-10-21")
    story.then(edition, Edition.under_way)


def test_those_who_apply_outside_the_call_are_told_its_deadline() -> None:
    story, edition = begun(Edition, Applicant)
    closed = "The call is not open (deadline: –)."
    story.then_refused(Applicant.apply(), parent=edition, by=someone, because=closed)
    story.when(edition, Edition.call.publish(deadline=date(2025, 10, 10)), by=office)
    story.then_allowed(Applicant.apply(), parent=edition, by=someone)
    story.clock.set("2025-10-11")  # nobody has called run_due
    over = "The call is not open (deadline: 2025-10-10)."
    story.then_refused(Applicant.apply(), parent=edition, by=someone, because=over)
