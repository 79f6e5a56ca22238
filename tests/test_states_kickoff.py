"""The kick-off: what children wait for, and the day from which they count."""

from __future__ import annotations

from datetime import date

import pytest
from attrs import frozen

from progflow import SYSTEM, Actor, Context, Lifecycle, Program, State, event, guard, months
from progflow.states.changes import Move
from progflow.states.kickoff import Kickoff, kickoff_day, kickoff_held
from progflow.states.people import OFFICE
from progflow.testing.scenario import Scenario, StoryCase

office, somebody = Actor("office", {OFFICE}), Actor("somebody")


@frozen
class EditionData:
    pairs: int = 1


class Edition(Lifecycle[EditionData]):
    """An edition that begins with a kick-off."""

    running = State(resting=True)

    @guard("No pair is there.")
    def has_pairs(self, ctx: Context[EditionData]) -> bool:
        return ctx.data.pairs > 0

    kickoff = Kickoff(when=(has_pairs,)).then(running)


class Pair(Lifecycle[None], parent=Edition):
    """A pair that begins with the kick-off and lasts nine months from then on."""

    waiting = State(initial=True)
    begun = State()
    over = State(final=True)

    was_held = kickoff_held(Edition.kickoff)
    day = kickoff_day(Edition.kickoff)

    @event(waiting >> begun, auto=True, when=was_held)
    def begin(self, ctx: Context[None]) -> None:
        """Begin."""

    @event(begun >> over, after=months(9), since=day)
    def end(self, ctx: Context[None]) -> None:
        """End."""


class Late(Lifecycle[None]):
    """An edition that says a few days late that its matching has ended."""

    matching = State(initial=True)
    running = State(resting=True)

    kickoff = Kickoff().then(running)

    @event(matching >> kickoff, by=OFFICE)
    def end_matching(self, ctx: Context[None]) -> None:
        """End the matching."""


kickoffs = Program("kickoffs", Edition, Pair, Late, zone="Europe/Berlin")


@pytest.fixture
def story() -> Scenario:
    return Scenario(kickoffs, at="2026-03-02 10:00")


@pytest.fixture
def edition(story: Scenario) -> StoryCase[EditionData]:
    return story.given(Edition, EditionData(), by=SYSTEM)


def test_children_begin_by_themselves_once_it_was_held_and_count_from_its_day(
    story: Scenario, edition: StoryCase[EditionData]
) -> None:
    pair = story.given(Pair, None, parent=edition, by=SYSTEM)
    story.then_rests(pair, Pair.begin, because="The kick-off has not been held.")
    story.on("2026-03-09 10:00")
    story.when(edition, Edition.kickoff.hold(on=date(2026, 3, 5)), by=office)
    story.then(edition, Edition.running)
    story.then_has(edition, Edition.kickoff, held_on=date(2026, 3, 5))
    story.then(pair, Pair.begun)
    story.then_due(pair, Pair.end, on="2026-12-06 00:00")


def test_it_is_held_today_unless_a_day_is_given(story: Scenario, edition: StoryCase[EditionData]) -> None:
    story.when(edition, Edition.kickoff.hold(), by=office)
    story.then_has(edition, Edition.kickoff, held_on=date(2026, 3, 2))


def test_it_is_held_on_a_day_since_the_edition_began(story: Scenario, edition: StoryCase[EditionData]) -> None:
    for on in (date(2026, 3, 1), date(2026, 3, 3)):
        between = "The kick-off is held between 2026-03-02 and today."
        story.then_refused(edition, Edition.kickoff.hold(on=on), by=office, because=between)
    story.then_allowed(edition, Edition.kickoff.hold(on=date(2026, 3, 2)), by=office)
    story.then_refused(edition, Edition.kickoff.hold(), by=somebody, because="Only for")


def test_what_it_needs_is_asked(story: Scenario) -> None:
    lonely = story.given(Edition, EditionData(pairs=0), by=SYSTEM)
    story.then_refused(lonely, Edition.kickoff.hold(), by=office, because="No pair is there.")


def test_it_may_have_been_held_before_it_was_waited_for(story: Scenario) -> None:
    late = story.given(Late, None, by=SYSTEM)
    story.on("2026-03-09 10:00")
    story.when(late, Late.end_matching(), by=office)
    story.when(late, Late.kickoff.hold(on=date(2026, 3, 5)), by=office)
    story.then_has(late, Late.kickoff, held_on=date(2026, 3, 5))


def test_it_is_planned_once_and_moved_for_a_reason(story: Scenario, edition: StoryCase[EditionData]) -> None:
    plan, move = Edition.kickoff.plan, Edition.kickoff.move_day
    passed = "2026-03-01 has passed already."
    story.then_refused(edition, plan(on=date(2026, 3, 1)), by=office, because=passed)
    story.then_allowed(edition, plan(on=date(2026, 3, 2)), by=office)
    later = move(on=date(2026, 4, 20), reason="The hall is taken.")
    story.then_refused(edition, later, by=office, because="No kick-off is planned.")
    story.when(edition, plan(on=date(2026, 4, 13)), by=office)
    planned = "The kick-off is planned for 2026-04-13; move it, and say why."
    story.then_refused(edition, plan(on=date(2026, 4, 14)), by=office, because=planned)
    story.then_refused(edition, move(on=date(2026, 3, 1), reason="x"), by=office, because=passed)
    story.when(edition, later, by=office)
    moved = Move(date(2026, 4, 13), date(2026, 4, 20), "The hall is taken.", story.clock.now)
    story.then_has(edition, Edition.kickoff, planned_for=date(2026, 4, 20), moves=(moved,))
