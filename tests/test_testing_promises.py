"""Each promise that a story can break is broken here by a definition, or by an engine that is damaged on purpose."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from attrs import evolve, frozen
from hypothesis import settings

import broken_promises as broken
import progflow.decide.steps
from broken_promises import Careless, Counted
from job_shadowing import JobShadowing
from kit import SHORT, lines, outcome
from progflow import Case, Flow, Lifecycle, Program, Refused
from progflow.adapters.memory._unit import MemoryUnit
from progflow.decide.kinds import Kinds
from progflow.decide.steps import entry_of
from progflow.flow.questions import Questions
from progflow.records import Batch, KeyRecord
from progflow.testing import StoryBroken, lifecycle_test, program_test
from progflow.testing.promises import Promise
from support import store_of

Damage = Callable[[pytest.MonkeyPatch], None]


def told(tested: type[Lifecycle[Any]] | Program, given: settings = SHORT) -> StoryBroken:
    """The story that one line tells of it."""
    random.seed(1)  # for the dice
    if isinstance(tested, Program):
        return outcome(program_test(tested, settings=given)).story
    return outcome(lifecycle_test(tested, settings=given)).story


# -- definitions


@frozen
class Planted:
    """What is wrong, and what the story has to say about it, in at most so many lines."""

    tested: type[Lifecycle[Any]] | Program
    promise: Promise
    says: str
    most: int
    stories: settings = SHORT


LONGER = settings(max_examples=150, stateful_step_count=10, derandomize=True, database=None)

PLANTED = {
    "an invariant of one that another breaks": Planted(
        broken.Lamp, Promise.INVARIANT, "It is dark where somebody watches.", 5
    ),
    "an invariant that does the work of a guard": Planted(broken.Seat, Promise.GUARDS, "Nobody sits on two seats.", 4),
    "an invariant that holds back a timer": Planted(broken.Alarm, Promise.GUARDS, "One alarm rings at a time.", 5),
    "a guard that throws dice": Planted(broken.Dice, Promise.SAME, "Dice.approve", 30),
    "a guard that remembers": Planted(broken.Remembering, Promise.SAME, "Remembering.approve", 6),
    "the guard of a timer that remembers": Planted(broken.Impatient, Promise.SAME, "What happens by itself", 6),
    "a guard that asks beyond its family": Planted(broken.mail, Promise.LATE, "answer", 5, LONGER),
    "a guard that raises": Planted(broken.GuardRaises, Promise.NO_ERROR, "little_enough", 3),
    "a relation that raises": Planted(broken.RelationRaises, Promise.NO_ERROR, "the_first", 4),
    "a moment that raises": Planted(broken.MomentRaises, Promise.NO_ERROR, "moment later", 3),
    "an effect that raises": Planted(broken.EffectRaises, Promise.NO_ERROR, "EffectRaises.approve", 3),
    "an invariant that raises": Planted(broken.InvariantRaises, Promise.NO_ERROR, "not_negative", 2),
    "data that comes back otherwise": Planted(broken.Drifting, Promise.COMES_BACK, "otherwise", 2),
    "an effect that changes its data in place": Planted(broken.Scribbling, Promise.IN_PLACE, "Write a note", 3),
    "an effect that gives back the old data": Planted(broken.Overwriting, Promise.IN_PLACE, "Write a note", 3),
    "a guard that leaves the last one behind": Planted(broken.Waiting, Promise.WAY_OUT, "alone", 4),
    "a timer that nobody can wind up": Planted(broken.Trap, Promise.WAY_OUT, "closed", 3),
    "a parent that leaves its children behind": Planted(broken.orphans, Promise.WAY_OUT, "A Child stays in small", 4),
}


@pytest.mark.parametrize("what", PLANTED)
def test_one_line_finds_and_tells(what: str) -> None:
    planted = PLANTED[what]
    story = told(planted.tested, planted.stories)
    assert story.rule == planted.promise.value
    assert planted.says in story.found
    assert planted.says in str(story)
    assert 1 <= len(lines(story)) <= planted.most, story


def test_one_line_says_what_is_wrong_with_a_guard_that_looks_at_the_clock_on_the_wall() -> None:
    """Depending on when it is asked, somebody sees it answer otherwise, or no story can be played again."""
    said = {str(error) for error in outcome(lifecycle_test(broken.WallClock, settings=SHORT)).raised.values()}
    assert said
    for text in said:
        assert Promise.SAME.value in text
        assert "the real clock" in text


# -- an engine that is damaged


def hide_what_is_possible(patch: pytest.MonkeyPatch) -> None:
    explain = Questions.explain

    def hiding(self: Any, *args: Any, **kwargs: Any) -> Any:
        offers = explain(self, *args, **kwargs)
        return {name: evolve(offer, allowed=True, reasons=()) for name, offer in offers.items()}

    patch.setattr(Questions, "explain", hiding)


def check_nothing(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Questions, "check", lambda self, *args, **kwargs: ())


def write_when_refused(patch: pytest.MonkeyPatch) -> None:
    fire, number = Flow.fire, itertools.count()

    def writing(self: Flow, case: Any, *args: Any, **kwargs: Any) -> Any:
        try:
            return fire(self, case, *args, **kwargs)
        except Refused:
            with store_of(self).begin(write=True) as unit:
                unit.save(Batch((), (), KeyRecord(f"refused {next(number)}", "", "", 0)))
            raise

    patch.setattr(Flow, "fire", writing)


def let_the_dead_walk(patch: pytest.MonkeyPatch) -> None:
    targets = Kinds.targets

    def more(self: Kinds, kind: Any, event: Any) -> Mapping[str, str | None]:
        return {**targets(self, kind, event), "over": None}

    patch.setattr(Kinds, "targets", more)


def write_another_history(patch: pytest.MonkeyPatch) -> None:
    save = MemoryUnit.save

    def saving(self: MemoryUnit, batch: Batch) -> None:
        wrong = [evolve(entry, after="asked") if entry.event == "approve" else entry for entry in batch.entries]
        save(self, evolve(batch, entries=wrong))

    patch.setattr(MemoryUnit, "save", saving)


def lose_the_data(patch: pytest.MonkeyPatch) -> None:
    save = MemoryUnit.save

    def saving(self: MemoryUnit, batch: Batch) -> None:
        save(self, evolve(batch, entries=[evolve(entry, data={"count": 1}) for entry in batch.entries]))

    patch.setattr(MemoryUnit, "save", saving)


def call_it_a_timer(patch: pytest.MonkeyPatch) -> None:
    def timed(draft: Any, step: Any, after: Any, *args: Any, **kwargs: Any) -> Any:
        entry = entry_of(draft, step, after, *args, **kwargs)
        return evolve(entry, due=entry.at) if entry.event == "end" else entry

    patch.setattr(progflow.decide.steps, "entry_of", timed)


def forget_the_keys(patch: pytest.MonkeyPatch) -> None:
    save = MemoryUnit.save
    patch.setattr(MemoryUnit, "key", lambda self, key: None)
    patch.setattr(MemoryUnit, "save", lambda self, batch: save(self, evolve(batch, key=None)))


def take_what_is_stale(patch: pytest.MonkeyPatch) -> None:
    fire = Flow.fire

    def by_id(self: Flow, case: Any, *args: Any, **kwargs: Any) -> Any:
        return fire(self, case.id if isinstance(case, Case) else case, *args, **kwargs)

    patch.setattr(Flow, "fire", by_id)


def take_anything(patch: pytest.MonkeyPatch) -> None:
    fire = Flow.fire

    def helping(self: Flow, case: Any, command: Any, payload: Any = None, /, **kwargs: Any) -> Any:
        if isinstance(command, str):
            return fire(self, case, command, {"note": "x"} if command == "note" else {}, **kwargs)
        return fire(self, case, command, **kwargs)

    patch.setattr(Flow, "fire", helping)


class Noting(Careless):
    """One that can be written into."""

    @broken.event(Careless.asked >> broken.STAY, by=broken.ANYONE)
    def note(self, ctx: broken.Context[Counted], *, note: str) -> Counted:
        """Write something down."""
        return Counted(ctx.data.count + len(note))


DAMAGES: dict[str, tuple[Damage, Promise]] = {
    "what is not possible is offered": (hide_what_is_possible, Promise.OFFERED),
    "check has nothing against anything": (check_nothing, Promise.CHECKED),
    "a refusal writes something": (write_when_refused, Promise.UNCHANGED),
    "what is over goes on": (let_the_dead_walk, Promise.FINAL),
    "the history tells of another state": (write_another_history, Promise.FOLDS),
    "the history tells of other data": (lose_the_data, Promise.FOLDS),
    "what a person did is written down as a timer": (call_it_a_timer, Promise.TIMER),
    "keys are forgotten": (forget_the_keys, Promise.KEY),
    "nobody asks whether a case is stale": (take_what_is_stale, Promise.STALE),
    "input is made to fit": (take_anything, Promise.BROKEN_INPUT),
}


@pytest.mark.parametrize("what", DAMAGES)
def test_one_line_finds_that(what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    damage, promise = DAMAGES[what]
    tests = lifecycle_test(Noting, settings=LONGER)
    damage(monkeypatch)
    assert outcome(tests).story.rule == promise.value


def test_all_promises_are_broken_here_but_the_one_that_needs_a_wrong_clock() -> None:
    shown = {planted.promise for planted in PLANTED.values()} | {promise for _, promise in DAMAGES.values()}
    assert set(Promise) - shown == {Promise.CLOCK}


# -- what is right


def test_nothing_is_found_where_nothing_is_wrong() -> None:
    for lifecycle in (JobShadowing, Careless, Noting):
        assert outcome(lifecycle_test(lifecycle, settings=SHORT)).raised == {}
