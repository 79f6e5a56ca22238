"""Lifecycles as pages: what a diagram and the tables show, and pages whose generated sections are kept up to date."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest
from attrs import frozen

from progflow import (
    ANYONE,
    NEXT,
    OPEN,
    START,
    STAY,
    Context,
    Exit,
    Lifecycle,
    Phase,
    Program,
    Role,
    State,
    UsageError,
    event,
    guard,
    invariant,
    moment,
    months,
    relation,
    weeks,
)
from progflow.describe import filled, main, mermaid, outdated, section, tables
from progflow.programs.cross_mentoring import cross_mentoring
from test_translations import say

OFFICE = Role("office")
ROOT = Path(__file__).parent.parent


@frozen
class Data:
    person: str = ""


class Trial(Phase[None]):
    """Somebody is on trial."""

    running = State(initial=True)
    paused = State(clock="stopped")
    failed = Exit()

    @event(running >> paused, by=OFFICE)
    def pause(self, ctx: Context[None]) -> None:
        """Pause."""

    @event((running | paused) >> failed, by=OFFICE)
    def fail(self, ctx: Context[None]) -> None:
        """Fail."""

    @event(running >> NEXT, after=months(6))
    def end(self, ctx: Context[None]) -> None:
        """The trial ends."""


class Post(Lifecycle[Data]):
    """A post with "trial"; nothing | else."""

    applied = State('asked for; "at last"')
    kept = State(resting=True)
    lost = State(final=True)

    trial = Trial().then(kept, failed=lost)

    @relation("the person")
    def the_person(self, ctx: Context[Data]) -> bool:
        return ctx.actor.id == ctx.data.person

    @guard("There is no vacancy | yet.")
    def vacancy(self, ctx: Context[Data]) -> bool:
        return True

    @invariant("Who has a post is known.")
    def known(self, ctx: Context[Data]) -> bool:
        return True

    @event(START >> applied, by=ANYONE)
    def apply(self, ctx: Context[Data], *, motive: str, grade: int = 1) -> Data:
        """Apply: now; with “quotes”."""
        return Data(ctx.actor.id)

    @event(applied >> trial, by=OFFICE, when=vacancy)
    def begin(self, ctx: Context[Data]) -> None:
        """Begin."""

    @event(trial >> STAY, by=(the_person, OFFICE))
    def note(self, ctx: Context[Data]) -> None:
        """Take a note."""

    @event(OPEN >> lost, by=OFFICE - the_person, auto=False)
    def close(self, ctx: Context[Data]) -> None:
        """Close."""


class Shelf(Lifecycle[Data]):
    """A shelf."""

    full = State(initial=True)
    empty = State(final=True)

    @moment
    def dusty(self, ctx: Context[Data]) -> date:
        return date(2026, 3, 2)

    @event(full >> STAY, every=weeks(1), since=dusty)
    def dust(self, ctx: Context[Data]) -> None:
        """Dust."""

    @event(full >> empty, at=dusty)
    def shut(self, ctx: Context[Data]) -> None:
        """Shut."""

    @event(full >> empty, auto=True)
    def clear(self, ctx: Context[Data]) -> None:
        """Clear."""


office_program = Program("office", Post, Shelf, zone="Europe/Berlin")


def rows(table: str, first: str) -> list[str]:
    """The cells of the row that begins with this name."""
    (row,) = [line for line in table.splitlines() if line.startswith(f"| `{first}` |")]
    return [cell.strip() for cell in re.split(r"(?<!\\)\|", row)[2:-1]]


# -- diagrams


def test_a_diagram_shows_states_with_titles_in_their_phases_with_start_and_end() -> None:
    drawn = [line.strip() for line in mermaid(Post).splitlines()]
    assert drawn[:4] == ["---", 'title: "A post with \\"trial\\"; nothing | else"', "---", "stateDiagram-v2"]
    begin, end = drawn.index("state trial {"), drawn.index("}")
    assert drawn[begin + 1 : end] == [
        "[*] --> trial.running",
        'state "running" as trial.running',
        'state "paused" as trial.paused',
    ]
    assert "state \"asked for, 'at last'\" as applied" in drawn
    assert "lost --> [*]" in drawn
    assert "kept --> [*]" not in drawn


def test_arrows_carry_the_titles_of_events_and_leave_a_phase_as_a_whole_where_each_state_does() -> None:
    arrows = {line.strip() for line in mermaid(Post).splitlines() if "-->" in line and ": " in line}
    assert arrows == {
        "[*] --> applied: Apply: now, with “quotes”",
        "applied --> trial.running: Begin",
        "trial.running --> trial.paused: Pause",
        "trial.running --> kept: The trial ends",
        "trial --> lost: Fail | Close",
        "applied --> lost: Close",
        "kept --> lost: Close",
    }


def test_a_lifecycle_that_is_started_with_its_data_begins_in_its_first_state() -> None:
    drawn = mermaid(Shelf)
    assert "[*] --> full\n" in drawn
    assert "(start)" not in drawn + mermaid(Post)
    assert "s_default" not in drawn + mermaid(Post)


def test_every_state_and_every_moving_event_of_a_programme_is_in_its_diagram() -> None:
    for lifecycle in cross_mentoring.lifecycles:
        blueprint, drawn = lifecycle.__progflow__.blueprint, mermaid(lifecycle)
        assert [path for path in blueprint.states if f" as {path}\n" not in drawn] == []
        moving = [one for one in blueprint.events.values() if one.starts or any(one.targets.values())]
        assert [one.path for one in moving if one.title not in drawn] == []


def test_a_diagram_speaks_a_language(tmp_path: Path) -> None:
    said = {"Trial": {"trial": "Probezeit"}, "Trial.pause": {"Pause": "Pausieren"}, "Post.kept": {"kept": "behalten"}}
    drawn = mermaid(Post, "de", catalogues=[say(tmp_path, said)])
    assert 'state "Probezeit" as trial\n' in drawn
    assert "trial.running --> trial.paused: Pausieren\n" in drawn
    assert 'state "behalten" as kept\n' in drawn
    with pytest.raises(UsageError, match="no catalogue in 'fr'"):
        mermaid(Post, "fr")


# -- tables


def test_tables_show_states_in_each_language_and_what_they_are(tmp_path: Path) -> None:
    said = {"Trial": {"trial": "Probezeit"}, "Trial.paused": {"paused": "ausgesetzt"}, "Role": {"office": "Amt"}}
    table = tables(Post, ("en", "de"), catalogues=[say(tmp_path, said)])
    assert "| state | en | de |  |\n|---|---|---|---|\n" in table
    assert rows(table, "trial.paused") == ["trial: paused", "Probezeit: ausgesetzt", "clock stopped"]
    assert rows(table, "trial.running")[2] == "begins"
    assert (rows(table, "kept")[2], rows(table, "lost")[2]) == ("resting", "final")
    assert rows(tables(Post, ("de",), catalogues=[tmp_path]), "begin")[2] == "Amt"


def test_tables_show_where_events_lead_who_may_what_fires_them_and_their_fields() -> None:
    table = tables(Post, ("en",))
    assert rows(table, "apply")[1:] == ["(start) → `applied`", "anyone", "", "`motive`, `grade` (optional)"]
    assert rows(table, "trial.end")[1:] == ["`trial.running` → `kept`", "", "after 6 months", ""]
    assert rows(table, "trial.fail")[1] == "`trial` → `lost`"
    assert rows(table, "close")[1:3] == ["every open state → `lost`", "office, but not the person"]
    assert rows(table, "note")[1:3] == ["stays in `trial`", "the person, office"]
    shelf = tables(Shelf, ("en",))
    assert rows(shelf, "clear")[3] == "as soon as its guards hold"
    assert rows(shelf, "dust")[3] == "every 1 week since `dusty`"
    assert rows(shelf, "shut")[3] == "at `dusty`"


def test_tables_show_the_reasons_and_what_always_holds_and_leave_out_what_there_is_not() -> None:
    table = tables(Post, ("en",))
    assert rows(table, "vacancy") == [r"There is no vacancy \| yet.", "`begin`"]
    assert rows(table, "known") == ["Who has a post is known."]
    assert [line for line in tables(Shelf).splitlines() if line.startswith("#")] == ["### States", "### Events"]


def test_every_row_of_a_table_has_the_cells_of_its_head() -> None:
    for table in re.split(r"\n\n", section(cross_mentoring)):
        lines = [line for line in table.splitlines() if line.startswith("|")]
        assert len({len(re.findall(r"(?<!\\)\|", line)) for line in lines}) <= 1


# -- pages

PAGE = """# The office

By hand.

<!-- generated: test_describe:office_program -->
old
<!-- end -->

More by hand.
"""


def test_a_page_gets_the_section_of_its_program_and_keeps_what_is_around_it() -> None:
    page = filled(PAGE)
    assert page.startswith("# The office\n\nBy hand.\n\n<!-- generated: test_describe:office_program -->\n\n## Post\n")
    assert page.endswith("\n<!-- end -->\n\nMore by hand.\n")
    assert "\nold\n" not in page
    assert re.findall(r"^## (.*)$", page, re.MULTILINE) == ["Post", "Shelf"]
    assert page.count("```mermaid\n") == 2
    assert filled(page) == page


def test_a_page_may_show_how_a_section_is_written() -> None:
    page = "So it is written:\n\n    <!-- generated: nowhere:nothing -->\n    <!-- end -->\n"
    assert filled(page) == page


def test_a_command_writes_pages_anew_and_checks_them(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page, other = tmp_path / "office.md", tmp_path / "other.md"
    page.write_text(PAGE, encoding="utf-8")
    other.write_text("# No section\n", encoding="utf-8")
    assert main(["--check", str(page), str(other)]) == 1
    assert capsys.readouterr().out == f"{page}\n"
    assert page.read_text(encoding="utf-8") == PAGE
    assert main([str(page), str(other)]) == 0
    assert page.read_text(encoding="utf-8") == filled(PAGE)
    assert main(["--check", str(page), str(other)]) == 0
    page.write_text(filled(PAGE).replace("The trial ends", "The trial is over"), encoding="utf-8")
    assert outdated([page, other]) == (page,)


@pytest.mark.parametrize(
    ("page", "message"),
    [
        ("<!-- generated: test_describe:office_program -->\n", "do not begin and end in turn"),
        ("<!-- end -->\n<!-- generated: test_describe:office_program -->\n", "do not begin and end in turn"),
        ("<!-- generated: test_describe:office program -->\n<!-- end -->\n", "do not begin and end in turn"),
        ("<!-- generated: nowhere:nothing -->\n<!-- end -->", "is not there"),
        ("<!-- generated: test_describe:nothing -->\n<!-- end -->", "is not there"),
        ("<!-- generated: test_describe:ROOT -->\n<!-- end -->", "is no program, no lifecycle"),
    ],
)
def test_a_section_that_cannot_be_written_is_an_error(page: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        filled(page)


def test_the_generated_sections_of_the_documentation_are_up_to_date() -> None:
    assert outdated(sorted((ROOT / "docs").rglob("*.md"))) == ()
