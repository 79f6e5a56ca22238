"""The approved rule sheet: all that is a rule is on it, and a change of any rule changes it where it should."""

from __future__ import annotations

import importlib
import itertools
import os
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from progflow import ANYONE, START, Context, Lifecycle, Program, State, UsageError, event, guard
from progflow.programs.cross_mentoring import cross_mentoring
from progflow.testing.rule_sheets import APPROVE, approved_difference, rule_sheet

PROGRAMMES = (
    "city_participation",
    "cross_mentoring",
    "intercultural_mentoring",
    "leadership_training",
    "trainee_volunteering",
    "training_network",
)

BADGES = '''
"""Parking badges of an invented city."""

from __future__ import annotations

from datetime import date
from enum import Enum
from functools import wraps
from typing import Annotated, Any, ClassVar

from annotated_types import Ge, MinLen
from attrs import evolve, field, frozen, validators

from progflow import (
    NEXT, OPEN, START, STAY, Acting, Context, Derived, Exit, Lifecycle, No, Phase, Program, Reason, Role, State, Term,
    days, derived, event, guard, invariant, moment, months, relation, weeks,
)

OFFICE, HEAD = Role("office"), Role("head")
MOST = 2
CLOSED = frozenset({"old town", "market", "harbour"})


class Zone(Enum):
    CENTRE = "centre"
    RIM = "rim"


@frozen
class Fees:
    """What a badge costs."""

    per_month: Annotated[int, Ge(0)] = 30
    free_months: int = field(default=1, validator=validators.ge(0))

    def paid(self, months_taken: int) -> int:
        """How many months are paid for."""
        return max(0, months_taken - self.free_months)

    @property
    def deposit(self) -> int:
        return self.per_month * 2


@frozen
class BadgeData:
    """One badge."""

    holder: str = ""
    zone: Zone = Zone.RIM
    fees: Fees = field(factory=Fees)
    notes: tuple[str, ...] = ()
    ends: date | None = None


@frozen
class TrialData:
    warnings: int = 0


def noted(function: Any) -> Any:
    @wraps(function)
    def kept(self: Any, ctx: Any, **payload: Any) -> Any:
        return function(self, ctx, **payload)

    return kept


def same_person(ctx: Context[Any]) -> bool:
    """Whether somebody acts on the own badge."""
    return ctx.actor.id == ctx.data.holder


def badges_of(ctx: Context[Any]) -> int:
    # how many there are already
    return ctx.siblings(Badge).open().where(holder=ctx.actor.id).count()


def longest(choose: Any) -> Derived[Any, int]:
    @derived
    def chosen(self: Any, ctx: Context[Any]) -> int:
        return choose(ctx.data.fees)

    return chosen


class Trial(Phase[TrialData]):
    """A badge on trial."""

    running = State(initial=True)
    halted = State(clock="stopped")
    failed = Exit()

    def __init__(self, *, lasts: Term, most_warnings: int, until: Any = None, check: Any = None) -> None:
        self.lasts = lasts
        self.most_warnings = most_warnings
        self.until = until
        self.check = check

    def left(self, ctx: Context[TrialData]) -> int:
        return self.most_warnings - ctx.data.warnings

    @guard("No warning is left.")
    def may_be_warned(self, ctx: Context[TrialData]) -> bool:
        return self.left(ctx) > 0

    @event(running >> STAY, by=OFFICE, when=may_be_warned)
    def warn(self, ctx: Context[TrialData]) -> TrialData:
        """Warn."""
        return evolve(ctx.data, warnings=ctx.data.warnings + 1)

    @event(running >> halted, by=OFFICE)
    def halt(self, ctx: Context[TrialData]) -> None:
        """Halt."""

    @event(halted >> running, by=OFFICE)
    def go_on(self, ctx: Context[TrialData]) -> None:
        """Go on."""

    @event((running | halted) >> failed, by=OFFICE)
    def fail(self, ctx: Context[TrialData]) -> None:
        """Fail."""

    @event(running >> NEXT, after=lambda self: self.lasts)
    def end(self, ctx: Context[TrialData]) -> None:
        """The trial is over."""


class Badge(Lifecycle[BadgeData], unique="holder", version=3):
    """A parking badge."""

    asked = State("asked for")
    valid = State(resting=True)
    frozen_ = State("frozen", clock="stopped")
    spent = State(final=True)
    refused = State(final=True)

    grace: ClassVar[Term] = weeks(2)

    @relation("the holder")
    def the_holder(self, ctx: Context[BadgeData]) -> bool:
        return same_person(ctx)

    @guard("You have {most} badges already.")
    def may_have_one(self, ctx: Context[BadgeData]) -> bool | No:
        return badges_of(ctx) < MOST or No(most=MOST)

    @guard("The {zone} is closed to badges.")
    @noted
    def zone_is_open(self, ctx: Context[BadgeData], *, zone: str) -> bool:
        return zone not in CLOSED

    @guard("Something is still to be paid.")
    def all_paid(self, ctx: Context[BadgeData]) -> bool:
        return self.owed(ctx) == 0

    def owed(self, ctx: Context[BadgeData]) -> int:
        return ctx.data.fees.paid(len(ctx.data.notes))

    @moment
    def last_day(self, ctx: Context[BadgeData]) -> date | None:
        return None if ctx.data.ends is None else ctx.data.ends + days(1)

    @moment
    def asked_on(self, ctx: Context[BadgeData]) -> date:
        return ctx.case.created_at.date()

    deposit = longest(lambda fees: fees.deposit + 1)
    trial = Trial(
        lasts=months(6), most_warnings=3, until=deposit, check=lambda ctx: ctx.data.warnings < 5
    ).then(valid, failed=refused)

    @event(START >> asked, by=OFFICE, when=(may_have_one, zone_is_open))
    def ask(self, ctx: Context[BadgeData], *, zone: Annotated[str, MinLen(1)], holder: str = "") -> BadgeData:
        """Ask for a badge."""
        return BadgeData(holder=holder or ctx.actor.id)

    @event(asked >> trial, by=(OFFICE - the_holder, HEAD))
    def grant(self, ctx: Acting[BadgeData], *, reason: Reason) -> BadgeData:
        """Grant it."""
        ctx.fire(ctx.siblings(Badge).in_(Badge.asked), Badge.note(text="Another one was granted."))
        return evolve(ctx.data, notes=(*ctx.data.notes, reason))

    @event(OPEN >> STAY, by=the_holder)
    def note(self, ctx: Context[BadgeData], *, text: str) -> BadgeData:
        """Note something."""
        return evolve(ctx.data, notes=(*ctx.data.notes, text))

    @event(valid >> spent, by=the_holder, at=last_day, when=all_paid)
    def expire(self, ctx: Context[BadgeData]) -> None:
        """It has expired."""

    @event(asked >> refused, after=months(2), since=asked_on)
    def lapse(self, ctx: Context[BadgeData]) -> None:
        """Nobody has decided."""

    @event(valid >> STAY, every=lambda self: self.grace)
    def remind(self, ctx: Context[BadgeData]) -> None:
        """Remind the holder."""

    @event(valid >> frozen_, by=HEAD)
    def freeze(self, ctx: Context[BadgeData]) -> None:
        """Freeze it."""

    @event(frozen_ >> valid, auto=True, when=all_paid)
    def thaw(self, ctx: Context[BadgeData]) -> None:
        """It counts again."""

    @invariant("A badge has a holder.")
    def held(self, ctx: Context[BadgeData]) -> bool:
        return bool(ctx.data.holder)


city = Program("city", Badge, zone="Europe/Berlin")
'''

TYPED = '''
from progflow import ANYONE, START, Context, Lifecycle, State, event, guard

LIMIT = 3

class Badge(Lifecycle[int]):
    asked = State()
    done = State(final=True)

    @guard("No.")
    def small(self, ctx: Context[int]) -> bool:
        """Whether it is small."""
        return ctx.data < LIMIT

    @event(START >> asked, by=ANYONE)
    def ask(self, ctx: Context[int], *, number: int) -> int:
        return number

    @event(asked >> done, by=ANYONE, when=small)
    def finish(self, ctx: Context[int]) -> None:
        """Finish."""
'''

_numbers = itertools.count()

PINNED = {
    "ask": "b0239b41",
    "grant": "5496051c",
    "zone_is_open": "7312833a",
    "last_day": "4701998a",
    "deposit": "95c1f62d",
    "trial.may_be_warned": "1e110a5e",
    "trial.check": "193a818a",
    "held": "b2389192",
    "paid": "8b9e6140",
    "badges_of": "ba6f4054",
}


class Claim(Lifecycle[None]):
    """A claim, with a rule whose assert pytest has rewritten."""

    made = State()
    met = State(final=True)

    @guard("Not today.")
    def not_today(self, ctx: Context[None]) -> bool:
        assert ctx.today is not None
        return ctx.today.day > 1

    @event(START >> made, by=ANYONE)
    def make(self, ctx: Context[None]) -> None:
        """Make it."""

    @event(made >> met, by=ANYONE, when=not_today)
    def meet(self, ctx: Context[None]) -> None:
        """Meet it."""


@pytest.fixture
def sheet_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Makes the sheet of a module of that text."""
    monkeypatch.syspath_prepend(str(tmp_path))
    made: list[str] = []

    def sheet(text: str, what: str = "city") -> str:
        made.append(f"badges_{next(_numbers)}")
        (tmp_path / f"{made[-1]}.py").write_text(text, encoding="utf-8")
        importlib.invalidate_caches()
        return rule_sheet(getattr(importlib.import_module(made[-1]), what))

    yield sheet
    for name in made:
        sys.modules.pop(name, None)


def changed(old: str, new: str) -> str:
    assert BADGES.count(old) == 1, f"{BADGES.count(old)} times: {old}"
    return BADGES.replace(old, new)


def difference(before: str, after: str) -> list[str]:
    """The first cells of the rows that differ."""
    rows = set(before.splitlines()) ^ set(after.splitlines())
    return sorted({row.split(" | ")[0].strip("| `") for row in rows})


# -- what is on it


def test_the_sheet_says_in_one_sentence_what_a_fingerprint_is(sheet_of: Any) -> None:
    said = sheet_of(BADGES).splitlines()
    assert said[0] == "# The rules of city"
    assert "it changes when the code of the rule changes" in said[2]
    assert "whoever signs the sheet then looks at the rule again" in said[2]
    assert said[4] == "Days are counted in Europe/Berlin."


@pytest.mark.parametrize(
    "row",
    [
        "| version | 3 |",
        "| only one open case of the same | `holder` among siblings |",
        "| `asked` | asked for |  |",
        "| `spent` | spent | final |",
        "| `valid` | valid | resting |",
        "| `trial.halted` | trial: halted | clock stopped |",
        "| `trial.failed` | `refused` |",
        "| `trial.NEXT` | `valid` |",
        "| `trial` | trial | `Trial` | `TrialData` |  |",
        "| `grant` | Grant it | `asked` → `trial.running` | office, but not the holder (`the_holder`), head |  |  | ",
        "| `expire` | It has expired | `valid` → `spent` | the holder (`the_holder`) | `all_paid` | at `last_day` |",
        "| `lapse` | Nobody has decided | `asked` → `refused` | nobody |  | after 2 months since `asked_on` | – |",
        "| `remind` | Remind the holder | stays in `valid` | nobody |  | every 2 weeks | – |",
        "| `thaw` | It counts again | `frozen_` → `valid` | nobody | `all_paid` | as soon as its guards hold | – |",
        "| `trial.end` | The trial is over | `trial.running` → `valid` | nobody |  | after 6 months | – |",
        "| `ask.zone` | text, length at least 1 | required |",
        '| `ask.holder` | text | "" |',
        "| `grant.reason` | text, must not be blank | required |",
        "| `may_have_one` | You have {most} badges already. | `ask` | ",
        "| `trial.may_be_warned` | No warning is left. | `trial.warn` | ",
        "| `held` | A badge has a holder. | ",
        "| `the_holder` | the holder | ",
        "| `trial.lasts` | 6 months |  |",
        "| `trial.most_warnings` | 3 |  |",
        "| `grace` | 2 weeks |  |",
        "| `owed` |  | ",
        "| `per_month` | whole number, at least 0 | 30 |  |",
        "| `zone` | `Zone` | `RIM` |  |",
        "| `fees` | `Fees` | `Fees` |  |",
        "| `ends` | day or nothing | nothing |  |",
        '| `CENTRE` | "centre" |  |',
        "| `paid` |  |  | ",
        "| `badges_of` | ",
    ],
)
def test_every_rule_has_a_row_that_a_clerk_can_read(sheet_of: Any, row: str) -> None:
    assert [line for line in sheet_of(BADGES).splitlines() if line.startswith(row)]


@pytest.mark.parametrize("name", PROGRAMMES)
def test_the_sheets_of_all_programmes_are_the_same_in_every_process(name: str) -> None:
    program: Program = getattr(importlib.import_module(f"progflow.programs.{name}"), name)
    here = rule_sheet(program)
    code = f"""
        from progflow.programs.{name} import {name}
        from progflow.testing.rule_sheets import rule_sheet
        print(rule_sheet({name}), end="")
    """
    elsewhere = subprocess.run(
        [sys.executable, "-W", "error", "-c", textwrap.dedent(code)],
        env={**os.environ, "PYTHONHASHSEED": "4711", "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        check=True,
    )
    assert elsewhere.stdout.decode() == here
    assert " at 0x" not in here
    for lifecycle in program.lifecycles:
        assert f"\n## {lifecycle.__progflow__.blueprint.name}\n" in here


def test_one_lifecycle_has_a_sheet_of_its_own(sheet_of: Any) -> None:
    said = sheet_of(BADGES, "Badge")
    assert said.startswith("# The rules of Badge\n")
    assert "Days are counted" not in said


def test_titles_and_reasons_are_said_in_another_language() -> None:
    said = rule_sheet(cross_mentoring, language="de")
    assert "| `selection.confirm` | Platz bestätigen | " in said
    with pytest.raises(UsageError, match="There is no catalogue in 'xx'"):
        rule_sheet(cross_mentoring, language="xx")


def test_rules_that_were_typed_into_a_shell_have_fingerprints_as_well() -> None:
    def sheet(text: str) -> str:
        names: dict[str, Any] = {"__name__": "__main__"}
        exec(compile(text, "<stdin>", "exec"), names)
        lifecycle: type[Lifecycle[Any]] = names["Badge"]
        return rule_sheet(lifecycle)

    assert sheet(TYPED) == sheet(TYPED)
    assert sheet(TYPED) == sheet(TYPED.replace("Whether it is small.", "Whether it is little."))
    assert difference(sheet(TYPED), sheet(TYPED.replace("ctx.data < LIMIT", "ctx.data > LIMIT"))) == ["small"]
    assert difference(sheet(TYPED), sheet(TYPED.replace("LIMIT = 3", "LIMIT = 4"))) == ["small"]


def test_it_is_the_same_inside_and_outside_of_pytest() -> None:
    code = "import test_testing_rule_sheet as here; print(here.rule_sheet(here.Claim), end='')"
    outside = subprocess.run(
        [sys.executable, "-c", code], cwd=Path(__file__).parent, capture_output=True, check=True, encoding="utf-8"
    )
    assert rule_sheet(Claim) == outside.stdout


def test_fingerprints_stay_what_they_are_from_version_to_version(sheet_of: Any) -> None:
    """Otherwise everybody would have to sign off all sheets anew: these are the same on every Python."""
    bodies = {
        row.split(" | ")[0].strip("| `"): row.split(" | ")[-1].strip(" |") for row in sheet_of(BADGES).splitlines()
    }
    assert {name: bodies[name] for name in PINNED} == PINNED


# -- what changes it


CHANGES = {
    "an arrow": ("valid >> spent", "(valid | asked) >> spent", "expire"),
    "a target": ("asked >> refused, after", "asked >> spent, after", "lapse"),
    "a role": ("by=(OFFICE - the_holder, HEAD)", "by=(HEAD - the_holder, HEAD)", "grant"),
    "a role the less": ("by=(OFFICE - the_holder, HEAD)", "by=HEAD", "grant"),
    "nobody is excluded any more": ("OFFICE - the_holder", "OFFICE", "grant"),
    "a relation": ('@relation("the holder")', '@relation("the driver")', "the_holder"),
    "a relation of another kind": ("valid >> spent, by=the_holder", 'valid >> spent, by=Role("the holder")', "expire"),
    "a guard dropped": ("at=last_day, when=all_paid", "at=last_day", "expire"),
    "the order of guards": ("(may_have_one, zone_is_open)", "(zone_is_open, may_have_one)", "ask"),
    "a guard negated": ("self.left(ctx) > 0", "not self.left(ctx) > 0", "trial.may_be_warned"),
    "a guard's reason": ("No warning is left.", "No warning is left over.", "trial.may_be_warned"),
    "a term": ("after=months(2)", "after=months(3)", "lapse"),
    "a unit": ("after=months(2)", "after=weeks(2)", "lapse"),
    "how a term counts": ("after=months(2)", "after=months(2).counting_first_day()", "lapse"),
    "a term that a phase is told": ("lasts=months(6)", "lasts=months(7)", "trial.lasts"),
    "a number that a phase is told": ("most_warnings=3", "most_warnings=4", "trial.most_warnings"),
    "a function that a phase is told": ("ctx.data.warnings < 5", "ctx.data.warnings <= 5", "trial.check"),
    "a value in a closure": ("fees.deposit + 1", "fees.deposit - 1", "deposit"),
    "a length on the class": ("= weeks(2)", "= weeks(3)", "grace"),
    "the anchor of a term": (", since=asked_on", "", "lapse"),
    "a moment": ("ctx.data.ends + days(1)", "ctx.data.ends + days(2)", "last_day"),
    "a timer": ("at=last_day", "since=last_day, after=days(1)", "expire"),
    "a timer dropped": (", at=last_day", "", "expire"),
    "automatic no more": ("auto=True", "by=HEAD", "thaw"),
    "a constraint": ("MinLen(1)", "MinLen(2)", "ask.zone"),
    "a constraint of a field": ("Ge(0)", "Ge(1)", "per_month"),
    "a validator": ("validators.ge(0)", "validators.ge(1)", "free_months"),
    "a type": ("text: str)", "text: str | None)", "note.text"),
    "a default": ('holder: str = "") ->', 'holder: str = "office") ->', "ask.holder"),
    "a field that is needed": ('holder: str = "") ->', "holder: str) ->", "ask.holder"),
    "a default of the data": ("] = 30", "] = 31", "per_month"),
    "a default of the phase's data": ("warnings: int = 0", "warnings: int = 1", "warnings"),
    "a member of an Enum": ('RIM = "rim"', 'RIM = "edge"', "RIM"),
    "a computed field": ("self.per_month * 2", "self.per_month * 3", "deposit"),
    "a method of the data": ("months_taken - self.free_months", "months_taken + self.free_months", "paid"),
    "a clock that is stopped": ('halted = State(clock="stopped")', "halted = State()", "trial.halted"),
    "a state that is final": ("valid = State(resting=True)", "valid = State()", "valid"),
    "a title": ('State("asked for")', 'State("wished for")', "asked"),
    "where an exit leads": ("failed=refused", "failed=spent", "trial.failed"),
    "where a phase leads": (").then(valid", ").then(frozen_", "trial.NEXT"),
    "what is unique": ('unique="holder", ', "", "only one open case of the same"),
    "the version": ("version=3", "version=4", "version"),
    "an invariant": ("return bool(ctx.data.holder)", "return True", "held"),
    "an invariant's rule": ("A badge has a holder.", "A badge is held.", "held"),
    "a data update that is forgotten": (
        'BadgeData:\n        """Note something."""\n        return evolve(ctx.data, notes=(*ctx.data.notes, text))',
        'None:\n        """Note something."""',
        "note",
    ),
    "a data update that is wrong": ("(*ctx.data.notes, text)", "(text,)", "note"),
    "an off-by-one": ("warnings=ctx.data.warnings + 1", "warnings=ctx.data.warnings + 2", "trial.warn"),
    "a cascade that is lost": (
        '        ctx.fire(ctx.siblings(Badge).in_(Badge.asked), Badge.note(text="Another one was granted."))\n',
        "",
        "grant",
    ),
    "a cascade to others": ("in_(Badge.asked)", "in_(Badge.valid)", "grant"),
    "a helper of the class": ("most_warnings - ctx.data.warnings", "most_warnings + ctx.data.warnings", "trial.left"),
    "a helper of the module": ("ctx.actor.id == ctx.data.holder", "ctx.actor.id != ctx.data.holder", "same_person"),
    "a number of the module": ("MOST = 2", "MOST = 3", "may_have_one"),
    "a set of the module": ('"market", ', "", "zone_is_open"),
    "a decorator of a rule": ("    @noted\n", "", "zone_is_open"),
    "what a decorator does": ("return function(self, ctx, **payload)", "return True", "zone_is_open"),
    "the zone": ("Europe/Berlin", "Europe/Lisbon", "Days are counted in Europe/Berlin."),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_of_any_rule_changes_its_row(sheet_of: Any, name: str) -> None:
    old, new, row = CHANGES[name]
    assert row in difference(sheet_of(BADGES), sheet_of(changed(old, new)))


def test_only_what_rests_on_a_helper_changes_with_it(sheet_of: Any) -> None:
    other = sheet_of(changed("ctx.actor.id == ctx.data.holder", "ctx.actor.id != ctx.data.holder"))
    assert difference(sheet_of(BADGES), other) == ["same_person", "the_holder"]
    other = sheet_of(changed("months_taken - self.free_months", "months_taken + self.free_months"))
    assert difference(sheet_of(BADGES), other) == ["paid"]
    other = sheet_of(changed("ctx.data.fees.paid(len(ctx.data.notes))", "ctx.data.fees.deposit"))
    assert difference(sheet_of(BADGES), other) == ["all_paid", "owed"]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("# how many there are already", "# the number of them"),
        ("    # how many there are already\n", ""),
        ('"""Whether somebody acts on the own badge."""', '"""Is it the own badge?"""'),
        ('    """Whether somebody acts on the own badge."""\n', ""),
        ("(ctx.data.ends + days(1))", "ctx.data.ends + days(1)"),
        ("ctx: Context[BadgeData], *, text: str) -> BadgeData", "ctx: Acting[BadgeData], *, text: str) -> BadgeData"),
        ("def same_person(ctx: Context[Any]) -> bool:", "def same_person(ctx):"),
        ("return bool(ctx.data.holder)", "return (\n            bool(ctx.data.holder)  # or nobody\n        )"),
        (
            "return BadgeData(holder=holder or ctx.actor.id)",
            "\n\n        return BadgeData(holder=(holder or ctx.actor.id))",
        ),
        ('"""How many months are paid for."""', '"""Months that are paid for."""'),
        ('{"old town", "market", "harbour"}', "{'market', 'old town', 'harbour'}"),
    ],
)
def test_comments_docstrings_formatting_and_annotations_say_nothing(sheet_of: Any, old: str, new: str) -> None:
    text = BADGES.replace("else ctx.data.ends + days(1)", "else (ctx.data.ends + days(1))")
    assert text.count(old) == 1
    assert sheet_of(text) == sheet_of(text.replace(old, new))


def test_what_runs_counts_and_not_what_a_file_has_become_since(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(tmp_path))
    path = tmp_path / "badges_edited.py"
    path.write_text(BADGES, encoding="utf-8")
    module = importlib.import_module("badges_edited")
    try:
        path.write_text(changed("return bool(ctx.data.holder)", "return True"), encoding="utf-8")
        os.utime(path, (1, 1))
        edited = rule_sheet(module.city)
        path.write_text(BADGES, encoding="utf-8")
        os.utime(path, (2, 2))
        assert difference(edited, rule_sheet(module.city)) == ["held"]
    finally:
        sys.modules.pop("badges_edited")


# -- signing it off


def test_nothing_differs_from_a_sheet_that_was_signed_off(sheet_of: Any, tmp_path: Path) -> None:
    path = tmp_path / "city.md"
    path.write_text(sheet_of(BADGES), encoding="utf-8")
    assert approved_difference(sheet_of(BADGES), path) is None


def test_a_sheet_that_nobody_has_signed_off_says_how_to(tmp_path: Path) -> None:
    path = tmp_path / "city.md"
    said = approved_difference("# The rules\n", path)
    assert said == (
        f"Nobody has signed off the rules: there is no {path}. To sign them off, run the tests once with "
        "PROGFLOW_APPROVE=1, look at the file in version control, and commit it."
    )
    assert not path.exists()


def test_what_differs_is_told_with_the_table_in_which_it_stands(sheet_of: Any, tmp_path: Path) -> None:
    path = tmp_path / "city.md"
    path.write_text(sheet_of(BADGES), encoding="utf-8")
    said = approved_difference(sheet_of(changed("after=months(2)", "after=months(3)")), path)
    assert said is not None
    head, blank, before, after, where, *rows = said.splitlines()
    assert head == (
        f"The rules are not those that were signed off in {path}: read what differs, and if it is meant, run the tests "
        "once with PROGFLOW_APPROVE=1, look at the file in version control, and commit it."
    )
    assert (blank, before, after) == ("", "--- signed off", "+++ now")
    assert where.endswith("@@ Badge, Events")
    assert [row for row in rows if row[0] != " "] == [
        "-| `lapse` | Nobody has decided | `asked` → `refused` | nobody |  | after 2 months since `asked_on` | – |",
        "+| `lapse` | Nobody has decided | `asked` → `refused` | nobody |  | after 3 months since `asked_on` | – |",
    ]


def test_with_the_variable_set_the_sheet_is_written_and_then_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "rules" / "city.md"
    monkeypatch.setenv(APPROVE, "1")
    assert approved_difference("# Die Regeln für Köln\n", path) is None
    assert path.read_bytes() == "# Die Regeln für Köln\n".encode()
    monkeypatch.setenv(APPROVE, "0")
    assert approved_difference("# Die Regeln für Köln\n", path) is None
    assert approved_difference("# Die Regeln für Bonn\n", path) is not None


def test_a_file_that_is_no_text_is_a_usage_error(tmp_path: Path) -> None:
    path = tmp_path / "city.md"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(UsageError, match="cannot be used"):
        approved_difference("# The rules\n", path)
    with pytest.raises(UsageError, match="cannot be used"):
        approved_difference("# The rules\n", tmp_path)
