"""Classes of phases as pages: what can be told of them outside of a lifecycle, and the page that shows all of ours."""

from __future__ import annotations

import importlib
import pkgutil
import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from attrs import Factory, frozen

import progflow.states
from progflow import (
    NEXT,
    OPEN,
    STAY,
    Context,
    Derived,
    Exit,
    Guard,
    Moment,
    Phase,
    Relation,
    Role,
    Source,
    State,
    Term,
    UsageError,
    Who,
    always,
    days,
    event,
    moment,
    months,
    relation,
)
from progflow.definition.bodies import is_phase_class
from progflow.describe import named, section
from test_translations import say

OFFICE = Role("office")
PAGE = Path(__file__).parent.parent / "docs" / "reference" / "phases.md"


@frozen
class Length:
    begins: Moment[Any]
    review: Term | None = None


@frozen
class TrialData:
    """What is known of a trial.

    ``notes`` are short.
    """

    notes: tuple[str, ...] = ()
    until: date | None = None
    marks: list[int] = Factory(lambda: [1, 2])


class Trial(Phase[TrialData], fresh=True):
    """Somebody is on trial.

    Known of ``offices``.

    Args:
        by: who decides,
            in the end: the office.
        person, length: whom it is about, and how long.
        of: where it can end.
        ready: what must hold.
        ends: when it ends; never, unless given.
        strict: whether one failure ends it.
        within: how long it takes.
    """

    running = State("on trial", initial=True)
    paused = State(clock="stopped")
    over = State(final=True)
    failed = Exit()

    unfinished = running | paused

    def __init__(
        self,
        *,
        by: Who,
        person: Relation[Any],
        length: Length,
        of: Source = OPEN,
        ready: tuple[Guard[Any], ...] = (),
        ends: Moment[Any] | None = None,
        helper: Who | None = None,
        strict: bool = False,
        within: Derived[Any, Term] = always(days(7)),  # noqa: B008 - a frozen value
    ) -> None:
        if ends is not None and strict:
            raise UsageError(problem="A strict trial does not end.", mend="Leave one.")
        self.by, self.person, self.length, self.of, self.ready = by, person, length, of, ready
        self.ends, self.strict, self.within = ends, strict, within
        self.helper = by if helper is None else helper

    @relation("somebody else")
    def somebody(self, ctx: Context[Any]) -> bool:
        return True

    @moment
    def at_noon(self, ctx: Context[Any]) -> date:
        return date(2026, 3, 2)

    @event(running >> STAY, by=lambda self: (self.by - self.person, self.somebody))
    def note(self, ctx: Context[TrialData], *, text: str, grade: int = 1) -> None:
        """Take a note."""

    @event(running >> paused, by=OFFICE)
    def pause(self, ctx: Context[TrialData]) -> None:
        """Pause."""

    @event(unfinished >> NEXT, at=at_noon)
    def end(self, ctx: Context[TrialData]) -> None:
        """End."""

    @event(lambda self: () if self.ends is None else self.running >> self.over, at=lambda self: self.ends)
    def stop(self, ctx: Context[TrialData]) -> None:
        """Stop."""

    @event(lambda self: self.of - self.paused >> self.failed, by=lambda self: self.helper)
    def fail(self, ctx: Context[TrialData]) -> None:
        """Fail."""

    @event(lambda self: self.running >> self.failed if self.strict else (), auto=True)
    def fail_at_once(self, ctx: Context[TrialData]) -> None:
        """Fail at once."""

    @event(
        lambda self: self.running >> STAY if self.length.review else (),
        after=lambda self: self.length.review,
        since=lambda self: self.length.begins,
    )
    def review(self, ctx: Context[TrialData]) -> None:
        """Review."""

    @event(paused >> running, after=months(2))
    def go_on(self, ctx: Context[TrialData]) -> None:
        """Go on."""

    @event(paused >> over, by=lambda self: self.by if len(self.ready) > 2 else OFFICE)
    def give_up(self, ctx: Context[TrialData]) -> None:
        """Give up."""


class ShortTrial(Trial):
    """It is over soon.

    Args:
        by: who decides soon.
        person and the others: see ``Trial``.
    """


class Rest(Phase[None], aside=True):
    """Nothing happens."""

    resting = State(initial=True, resting=True)


def rows(text: str, first: str) -> list[str]:
    """The cells of the row that begins with this name."""
    (row,) = [line for line in text.splitlines() if line.startswith(f"| `{first}` |")]
    return [cell.strip() for cell in re.split(r"(?<!\\)\|", row)[2:-1]]


def test_a_phase_is_shown_with_its_import_and_what_it_is_for() -> None:
    said = section(Trial)
    assert said.startswith(
        "### Trial\n\n```python\nfrom test_describe_phases import Trial\n```\n\n"
        "Somebody is on trial.\n\nKnown of `offices`.\n\n**Parameters**\n\n"
    )
    assert re.findall(r"^\*\*(.*)\*\*$", said, re.MULTILINE) == ["Parameters", "States", "Events", "Data"]
    assert re.findall(r"^\*\*(.*)\*\*$", section(Rest), re.MULTILINE) == ["States"]


def test_parameters_are_shown_with_type_default_and_meaning() -> None:
    said = section(Trial)
    assert rows(said, "by") == ["`Who`", "(required)", "who decides, in the end: the office."]
    assert rows(said, "length") == ["`Length`", "(required)", "whom it is about, and how long."]
    assert rows(said, "of")[1] == "OPEN"
    assert rows(said, "ready")[:2] == ["`tuple[Guard[Any], ...]`", "nothing"]
    assert rows(said, "ends")[0] == r"`Moment[Any] \| None`"
    assert rows(said, "strict")[1] == "no"
    assert rows(said, "within")[1] == "7 days"
    assert rows(said, "helper")[2] == ""


def test_a_subclass_says_of_its_parameters_what_its_base_says_unless_it_says_otherwise() -> None:
    said = section(ShortTrial)
    assert rows(said, "by")[2] == "who decides soon."
    assert rows(said, "person")[2] == "whom it is about, and how long."
    assert rows(said, "note")[0] == "Take a note"


def test_states_are_shown_in_each_language_with_what_they_are_and_their_groups(tmp_path: Path) -> None:
    where = say(tmp_path, {"Trial.running": {"on trial": "auf Probe"}, "Trial.note": {"Take a note": "Notieren"}})
    said = section(Trial, ("en", "de"), catalogues=[where])
    assert rows(said, "running") == ["on trial", "auf Probe", "begins"]
    assert rows(said, "paused")[2] == "clock stopped"
    assert rows(said, "note")[:2] == ["Take a note", "Notieren"]
    assert rows(section(ShortTrial, ("de",), catalogues=[where]), "running")[0] == "auf Probe"
    assert "\n\nGroups: `unfinished` (`running`, `paused`).\n\n" in said
    assert "by `.then(…, name=target)`: `failed`.\n" in said
    assert "Entered again, it begins anew with its data.\n" in said
    assert "It stands aside: `NEXT` passes over it.\n" in section(Rest)


def test_events_name_the_parameters_that_say_what_the_class_leaves_open() -> None:
    said = section(Trial, ("en",))
    assert rows(said, "note")[1:3] == ["stays in `running`", "`by`, but not `person`, somebody else"]
    assert rows(said, "note")[4] == "`text`, `grade` (optional)"
    assert rows(said, "pause")[1:4] == ["`running` → `paused`", "office", ""]
    assert rows(said, "end")[1:4] == ["`running`, `paused` → `NEXT`", "", "at `at_noon`"]
    assert rows(said, "go_on")[3] == "after 2 months"
    assert rows(said, "give_up")[2] == "depends on the parameters"


def test_events_tell_what_depends_on_an_optional_parameter() -> None:
    said = section(Trial, ("en",))
    assert rows(said, "stop")[1:4] == ["`running` → `over` (with `ends`)", "", "at `ends`"]
    assert rows(said, "fail")[1:3] == ["`of` without `paused` → `failed`", "`helper`; without `helper`: `by`"]
    assert rows(said, "fail_at_once")[1:4] == [
        "`running` → `failed` (with `strict`)",
        "",
        "as soon as its guards hold",
    ]
    assert rows(said, "review")[1] == "stays in `running` (with `length.review`)"
    assert rows(said, "review")[3] == "after `length.review` since `length.begins`"


def test_the_data_of_a_phase_are_shown_with_how_they_begin() -> None:
    said = section(Trial)
    assert "`TrialData`: What is known of a trial.\n\n`notes` are short.\n\n| field |" in said
    assert rows(said, "notes") == ["`tuple[str, ...]`", "nothing"]
    assert rows(said, "until") == [r"`date \| None`", "nothing"]
    assert rows(said, "marks") == ["`list[int]`", "1, 2"]


# -- the page of our own phases


def shipped() -> list[str]:
    """The phases that the modules of ``progflow.states`` export, as a page names them."""
    found = []
    for module in pkgutil.iter_modules(progflow.states.__path__, "progflow.states."):
        exported = importlib.import_module(module.name)
        found += [f"{module.name}:{name}" for name in exported.__all__ if is_phase_class(getattr(exported, name))]
    return found


def test_every_phase_that_progflow_ships_stands_on_the_page_once() -> None:
    on_the_page = re.findall(r"^<!-- generated: (\S+) -->$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert sorted(on_the_page) == sorted(shipped())


@pytest.mark.parametrize("what", shipped())
def test_of_every_shipped_phase_everything_can_be_told(what: str) -> None:
    phase = named(what)
    assert is_phase_class(phase)
    said = section(phase)
    assert "depends on the parameters" not in said
    assert "object at" not in said
    parameters = said.partition("**Parameters**")[2].partition("**States**")[0].splitlines()
    assert [line for line in parameters if line.endswith("|  |")] == [], "a parameter that the docstring leaves out"
    lengths = [len(re.findall(r"(?<!\\)\|", line)) for line in parameters if line.startswith("|")]
    assert len(set(lengths)) <= 1
