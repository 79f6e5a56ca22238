"""The kick-off: what children wait for, and the day from which they count."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from attrs import frozen

from progflow import SYSTEM, Actor, Case, Command, Context, Flow, Lifecycle, Program, State, event, guard, months
from progflow.adapters.memory import MemoryStore
from progflow.states.changes import Move
from progflow.states.kickoff import Kickoff, kickoff_day, kickoff_held
from progflow.states.people import OFFICE

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


class Stage:
    def __init__(self, pairs: int = 1) -> None:
        self.now = datetime(2026, 3, 2, 9, tzinfo=UTC)
        program = Program("kickoffs", Edition, Pair, Late, zone="Europe/Berlin")
        self.flow = Flow(program, store=MemoryStore(), clock=lambda: self.now)
        self.edition = self.flow.start(Edition, EditionData(pairs), actor=SYSTEM)
        self.pair = self.flow.start(Pair, None, parent=self.edition, actor=SYSTEM)

    def do(self, command: Command[EditionData]) -> Case[EditionData]:
        return self.flow.fire(self.edition.id, command, actor=office)

    def why_not(self, command: Command[EditionData], actor: Actor = office) -> str:
        return " ".join(one.text for one in self.flow.check(self.edition.id, command, actor=actor))


@pytest.fixture
def stage() -> Stage:
    return Stage()


def test_children_begin_by_themselves_once_it_was_held_and_count_from_its_day(stage: Stage) -> None:
    (waits,) = stage.flow.explain(stage.pair, actor=office)["begin"].resting
    assert waits.text == "The kick-off has not been held."
    stage.now = datetime(2026, 3, 9, 9, tzinfo=UTC)
    edition = stage.do(Edition.kickoff.hold(on=date(2026, 3, 5)))
    assert (edition.state, edition[Edition.kickoff].held_on) == (Edition.running, date(2026, 3, 5))
    assert stage.flow.get(Pair, stage.pair).state == Pair.begun
    due = stage.flow.explain(stage.pair.id, actor=office)["end"].due
    assert due is not None
    assert due.astimezone(UTC) == datetime(2026, 12, 5, 23, tzinfo=UTC)


def test_it_is_held_today_unless_a_day_is_given(stage: Stage) -> None:
    assert stage.do(Edition.kickoff.hold())[Edition.kickoff].held_on == date(2026, 3, 2)


def test_it_is_held_on_a_day_since_the_edition_began(stage: Stage) -> None:
    for on in (date(2026, 3, 1), date(2026, 3, 3)):
        assert stage.why_not(Edition.kickoff.hold(on=on)) == "The kick-off is held between 2026-03-02 and today."
    assert stage.why_not(Edition.kickoff.hold(on=date(2026, 3, 2))) == ""
    assert "Only for" in stage.why_not(Edition.kickoff.hold(), somebody)


def test_what_it_needs_is_asked() -> None:
    assert Stage(pairs=0).why_not(Edition.kickoff.hold()) == "No pair is there."


def test_it_may_have_been_held_before_it_was_waited_for() -> None:
    stage = Stage()
    late = stage.flow.start(Late, None, actor=SYSTEM)
    stage.now = datetime(2026, 3, 9, 9, tzinfo=UTC)
    stage.flow.fire(late.id, Late.end_matching(), actor=office)
    held = stage.flow.fire(late.id, Late.kickoff.hold(on=date(2026, 3, 5)), actor=office)
    assert held[Late.kickoff].held_on == date(2026, 3, 5)


def test_it_is_planned_once_and_moved_for_a_reason(stage: Stage) -> None:
    assert stage.why_not(Edition.kickoff.plan(on=date(2026, 3, 1))) == "2026-03-01 has passed already."
    assert stage.why_not(Edition.kickoff.plan(on=date(2026, 3, 2))) == ""
    move = Edition.kickoff.move_day(on=date(2026, 4, 20), reason="The hall is taken.")
    assert stage.why_not(move) == "No kick-off is planned."
    stage.do(Edition.kickoff.plan(on=date(2026, 4, 13)))
    again = stage.why_not(Edition.kickoff.plan(on=date(2026, 4, 14)))
    assert again == "The kick-off is planned for 2026-04-13; move it, and say why."
    gone = Edition.kickoff.move_day(on=date(2026, 3, 1), reason="x")
    assert stage.why_not(gone) == "2026-03-01 has passed already."
    data = stage.do(move)[Edition.kickoff]
    assert data.planned_for == date(2026, 4, 20)
    assert data.moves == (Move(date(2026, 4, 13), date(2026, 4, 20), "The hall is taken.", stage.now),)
