"""An edition runs, is closed by an event or by its nominal end, and completed when nobody is left in it."""

from __future__ import annotations

from datetime import date

import pytest
from attrs import evolve, frozen

from progflow import (
    STAY,
    SYSTEM,
    Actor,
    Context,
    Instant,
    Lifecycle,
    Program,
    State,
    end_of,
    event,
    guard,
    moment,
)
from progflow.states.people import OFFICE
from progflow.states.run import Run, closing_day
from progflow.testing.scenario import Scenario, StoryCase

office, someone = Actor("office", {OFFICE}), Actor("someone")


@frozen
class Dates:
    last_day: date | None = date(2023, 11, 15)


class Edition(Lifecycle[Dates]):
    """Something that ends on a day."""

    @moment
    def ends(self, ctx: Context[Dates]) -> Instant | None:
        return None if ctx.data.last_day is None else end_of(ctx.data.last_day)

    run = Run(ends=ends)

    @event(run.running >> STAY, by=OFFICE)
    def set_end(self, ctx: Context[Dates], *, last_day: date) -> Dates:
        """Set the end."""
        return evolve(ctx.data, last_day=last_day)


class Guest(Lifecycle[None], parent=Edition):
    """Somebody in it, with or without a certificate in the end."""

    there = State(initial=True)
    certified = State(resting=True)
    gone = State(final=True)

    closing = closing_day(Edition.run)

    @guard("The closing has not been held.")
    def closed(self, ctx: Context[None]) -> bool:
        return self.closing(ctx) is not None

    @event(there >> certified, by=OFFICE, when=closed)
    def certify(self, ctx: Context[None]) -> None:
        """Certify."""

    @event(there >> gone, by=OFFICE)
    def leave(self, ctx: Context[None]) -> None:
        """Leave."""


@pytest.fixture
def story() -> Scenario:
    return Scenario(Program("p", Edition, Guest, zone="Europe/Berlin"), at="2022-08-15 10:00")


@pytest.fixture
def edition(story: Scenario) -> StoryCase[Dates]:
    return story.given(Edition, Dates(), by=SYSTEM)


def test_the_closing_is_held_by_the_office_near_enough_to_the_nominal_end(
    story: Scenario, edition: StoryCase[Dates]
) -> None:
    story.given(Guest, None, parent=edition, by=SYSTEM)
    story.on("2023-10-31")
    early = "The closing may be held 14 days before 2023-11-15 at the earliest."
    story.then_refused(edition, Edition.run.hold_closing(), by=office, because=early)
    story.on("2023-11-01")
    story.then_refused(edition, Edition.run.hold_closing(), by=someone, because="Only for: programme office.")
    story.when(edition, Edition.run.hold_closing(), by=office)
    story.then(edition, Edition.run.closing)
    story.then_has(edition, Edition.run, closed_on=date(2023, 11, 1))


def test_without_an_event_it_is_closed_by_its_nominal_end_which_is_the_day_that_is_kept(
    story: Scenario, edition: StoryCase[Dates]
) -> None:
    story.given(Guest, None, parent=edition, by=SYSTEM)
    story.on("2023-11-15 23:00")
    story.then(edition, Edition.run.running)
    story.on("2023-12-24")
    story.then(edition, Edition.run.closing)
    story.then_has(edition, Edition.run, closed_on=date(2023, 11, 15))


def test_it_does_not_end_as_long_as_nobody_knows_when(story: Scenario) -> None:
    edition = story.given(Edition, Dates(None), by=SYSTEM)
    story.on("2030-01-01")
    story.then(edition, Edition.run.running)
    early = "The closing may be held 14 days before"
    story.then_refused(edition, Edition.run.hold_closing(), by=office, because=early)
    story.when(edition, Edition.set_end(last_day=date(2030, 1, 10)), by=office)
    story.on("2030-01-11")
    story.then(edition, Edition.run.completed)


def test_it_waits_for_those_who_are_still_there_and_not_for_those_who_rest(
    story: Scenario, edition: StoryCase[Dates]
) -> None:
    one, other = (story.given(Guest, None, parent=edition, by=SYSTEM) for _ in range(2))
    story.then_refused(one, Guest.certify(), by=office, because="The closing has not been held.")
    story.on("2023-11-07")
    story.when(edition, Edition.run.hold_closing(), by=office)
    story.when(one, Guest.certify(), by=office)
    story.then(edition, Edition.run.closing)
    story.when(other, Guest.leave(), by=office)
    story.then(edition, Edition.run.completed)
    story.then(one, Guest.certified)
