"""The mutants: each operator does what it says; a change holds in the process that was told of it, and only there."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path

import pytest
from benchmarks.mutants import candidates, page, record, runs
from benchmarks.mutants.categories import Category, Programme, categories
from benchmarks.mutants.compiled import Graph, Way, compiled, dead_ends, only_ways_out
from benchmarks.mutants.knowledge import Knowledge
from benchmarks.mutants.mutated import environment, install
from benchmarks.mutants.patch import Mutant, Operator, Patch, PatchError
from benchmarks.mutants.source import Library, Module, library
from benchmarks.mutants.witness import ROOT, Witness

STATES = """
class Pausing(Phase[PausingData]):
    active = State(initial=True)
    paused = State(clock="stopped")
    over = State(final=True)

    both = active | paused

    def __init__(self, *, person: Relation[Any], by: Who = OFFICE, most: Derived[Any, int] = always(3)) -> None:
        self.person = person
        self.by = by - person
        self.most = most

    @guard("No more than {most}.")
    def few_enough(self, ctx: Context[PausingData], *, until: date) -> bool | No:
        return len(ctx.data.pauses) < self.most(ctx) and until > ctx.today or No(most=self.most(ctx))

    @moment
    def last_day(self, ctx: Context[PausingData]) -> Instant:
        return end_of(ctx.case.entered_at.date() + days(14))

    @moment
    def first_day(self, ctx: Context[PausingData]) -> Instant:
        return end_of(ctx.case.entered_at.date())

    @event(active >> paused, by=lambda self: (self.by, self.person), when=few_enough)
    def pause(self, ctx: Acting[PausingData], *, until: date) -> PausingData:
        \"\"\"Pause.\"\"\"
        ctx.fire(ctx.siblings().open().where(name=ctx.data.name), self.told())
        return evolve(ctx.data, pauses=(*ctx.data.pauses, until), told=True)

    @event(both >> over, at=last_day)
    def end(self, ctx: Context[PausingData]) -> None:
        \"\"\"It is over.\"\"\"

    @event(paused >> active, auto=True, when=lambda self: (self.few_enough, *self.more))
    def resume(self, ctx: Context[PausingData]) -> None:
        \"\"\"Go on.\"\"\"

    @invariant("Never more than three.")
    def never_more(self, ctx: Context[PausingData]) -> bool:
        return len(ctx.data.pauses) <= 3
"""
CASES = """
class Stay(Lifecycle[StayData], parent=Year):
    @relation("the guest")
    def guest(self, ctx: Context[StayData]) -> bool:
        return ctx.actor.id == ctx.data.guest

    pausing = Pausing(person=guest, by=HEAD - guest)
    ending = Ending(parent=Year, upon=Year.over, of=pausing | late)
"""


def module(text: str, name: str = "somewhere") -> Module:
    return Module(name, Path("somewhere.py"), text)


def snippets() -> Library:
    return Library({"phases": module(STATES, "phases"), "cases": module(CASES, "cases")})


class Blind(Knowledge):
    """Knows the text alone: what else could stand somewhere is looked up in classes, and a snippet makes none."""

    def owner(self, place: object) -> None:
        return None


@pytest.fixture(scope="module")
def of_snippets() -> dict[Operator, list[tuple[str, str, str]]]:
    """By operator where, what was there before and what is there then."""
    known = Blind(snippets())
    found: dict[Operator, list[tuple[str, str, str]]] = {one: [] for one in Operator}
    for place in known.places:
        for mutant in candidates.mutants_of(place, known):
            found[mutant.operator].append((place.last, mutant.patch.old, mutant.patch.new))
    return found


@pytest.mark.parametrize(
    ("operator", "place", "old", "new"),
    [
        (Operator.DROP_GUARD, "pause", "few_enough", "()"),
        (Operator.DROP_GUARD, "resume", "(self.few_enough, *self.more)", "(*self.more,)"),
        (Operator.DROP_GUARD, "resume", "(self.few_enough, *self.more)", "(self.few_enough,)"),
        (Operator.DROP_CONDITION, "few_enough",
         "len(ctx.data.pauses) < self.most(ctx) and until > ctx.today", "until > ctx.today"),
        (Operator.NEGATE_GUARD, "guest", "ctx.actor.id == ctx.data.guest", "not (ctx.actor.id == ctx.data.guest)"),
        (Operator.SHIFT_COMPARISON, "few_enough", "until > ctx.today", "until >= ctx.today"),
        (Operator.SHIFT_NUMBER, "last_day", "14", "15"),
        (Operator.SHIFT_NUMBER, "__init__", "3", "2"),
        (Operator.WRONG_SIGN, "last_day",
         "ctx.case.entered_at.date() + days(14)", "ctx.case.entered_at.date() - days(14)"),
        (Operator.MISSING_SOURCE, "both", "active | paused", "paused - active"),
        (Operator.MISSING_ROLE, "pause", "(self.by, self.person)", "(self.person,)"),
        (Operator.MISSING_ROLE, "pausing", "Pausing(person=guest, by=HEAD - guest)", "Pausing(person=guest)"),
        (Operator.LOST_EXCLUSION, "__init__", "by - person", "by"),
        (Operator.LOST_EXCLUSION, "pausing", "HEAD - guest", "HEAD"),
        (Operator.WIDENED_ROLE, "pause", "(self.by, self.person)", "ANYONE"),
        (Operator.WIDENED_ROLE, "end", "both >> over, at=last_day", "both >> over, at=last_day, by=ANYONE"),
        (Operator.WIDENED_ROLE, "__init__", "OFFICE", "ANYONE"),
        (Operator.LOST_TIMER, "end", "event(both >> over, at=last_day)", "event(both >> over)"),
        (Operator.SHIFTED_TIMER, "first_day",
         "end_of(ctx.case.entered_at.date())", "ctx.case.entered_at.date()"),
        (Operator.WRONG_ANCHOR, "first_day", "ctx.case.entered_at", "ctx.case.created_at"),
        (Operator.LOST_CLOCK_STOP, "paused", 'State(clock="stopped")', "State()"),
        (Operator.LOST_CASCADE, "pause",
         "ctx.fire(ctx.siblings().open().where(name=ctx.data.name), self.told())", "pass"),
        (Operator.NOT_AUTOMATIC, "resume", "True", "False"),
        (Operator.NARROWED_ENDING, "ending", "pausing | late", "late"),
        (Operator.FORGOTTEN_UPDATE, "pause",
         "evolve(ctx.data, pauses=(*ctx.data.pauses, until), told=True)",
         "evolve(ctx.data, pauses=(*ctx.data.pauses, until))"),
        (Operator.FORGOTTEN_UPDATE, "pause", "(*ctx.data.pauses, until)", "(until,)"),
        (Operator.WRONG_POPULATION, "pause", "ctx.siblings().open()", "ctx.siblings()"),
    ],
)  # fmt: skip
def test_an_operator_makes_of_a_rule_what_it_says(
    operator: Operator, place: str, old: str, new: str, of_snippets: dict[Operator, list[tuple[str, str, str]]]
) -> None:
    assert (place, old, new) in of_snippets[operator]


def test_invariants_titles_and_first_data_are_left_alone(
    of_snippets: dict[Operator, list[tuple[str, str, str]]],
) -> None:
    changed = [each for several in of_snippets.values() for each in several]
    assert "never_more" not in {place for place, _, _ in changed}
    assert [old for _, old, _ in changed if old.startswith('"')] == []


def test_another_target_is_a_state_of_the_same_phase_and_another_moment_one_of_the_same_class() -> None:
    known = Knowledge(library())
    place = known.by_key[("progflow.states.review", "Review.be_missed")]
    made = list(candidates.mutants_of(place, known))
    targets = {one.patch.new for one in made if one.operator is Operator.WRONG_TARGET}
    moments = {one.patch.new for one in made if one.operator is Operator.SWAPPED_TIMER}
    assert targets < {"ahead", "due", "invited", "held", "documented", "escalated"}
    assert len(targets) == 2
    assert moments == {"due_from", "escalated_from"}


def test_every_operator_finds_something_in_the_shipped_programmes() -> None:
    assert {one.operator for one in candidates.candidates()} == set(Operator)


# -- a change of the text


def test_a_patch_finds_its_place_whatever_stands_before_it() -> None:
    patch = Patch("somewhere", "Pausing.last_day", "14", 0, "15")
    moved = module('"""Fourteen, 14 und vierzehn ist dasselbe: „14“."""\n\n' + STATES)
    changed = patch.applied(moved)
    assert changed == moved.text.replace("days(14)", "days(15)")


def test_a_patch_takes_the_text_that_was_meant_where_there_are_several() -> None:
    text = "def three(ctx):\n    return 1 < ctx < 1\n"
    assert Patch("somewhere", "three", "1", 1, "2").applied(module(text)) == "def three(ctx):\n    return 1 < ctx < 2\n"


@pytest.mark.parametrize("place", ["Pausing.no_such_thing", "Pausing.end"])
def test_a_patch_of_what_is_no_longer_there_says_so(place: str) -> None:
    with pytest.raises(PatchError) as error:
        Patch("somewhere", place, "days(14)", 0, "days(15)").applied(module(STATES))
    assert error.value.mutant == f"somewhere:{place}"


def test_an_id_depends_on_the_change_and_on_no_line() -> None:
    ids: list[set[str]] = []
    for before in ("", "# something\n\n"):
        known = Blind(Library({"phases": module(before + STATES, "phases")}))
        ids.append({one.id for place in known.places for one in candidates.mutants_of(place, known)})
    assert ids[0] == ids[1]
    assert "phases:Pausing.pause:lost-cascade:" in " ".join(ids[0])


# -- the change in a process

REMIND = Patch("progflow.programs.mentoring.tandem", "BaseTandem.remind_after", "weeks(8)", 0, "weeks(9)")


def said_by(code: str, patch: Patch | None) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment(patch), cwd=ROOT, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def test_the_change_holds_in_the_process_that_was_told_of_it_and_in_no_other() -> None:
    code = "from benchmarks.mutants.mutated import activate; activate()\n"
    code += "from progflow.programs.cross_mentoring import Tandem; print(Tandem.remind_after)"
    shipped = Path(library().modules[REMIND.module].path).read_text(encoding="utf-8")
    assert (said_by(code, REMIND), said_by(code, None)) == ("9 weeks", "8 weeks")
    assert Path(library().modules[REMIND.module].path).read_text(encoding="utf-8") == shipped


def test_a_module_that_was_imported_already_cannot_be_changed() -> None:
    with pytest.raises(RuntimeError, match="imported already"):
        install(Patch("progflow.terms", "weeks", "n", 0, "m"))


def test_pytest_runs_with_the_change(tmp_path: Path) -> None:
    test = tmp_path / "test_reminder.py"
    test.write_text(
        "from progflow import weeks\nfrom progflow.programs.cross_mentoring import Tandem\n"
        "def test_it(): assert Tandem.remind_after == weeks(8)\n"
    )
    tests = [str(test), "--rootdir", str(tmp_path), "--config-file", "/dev/null"]
    assert [runs.ask(tests, patch, 60)[0] for patch in (None, REMIND)] == [
        runs.Outcome.SURVIVED,
        runs.Outcome.KILLED,
    ]


def test_what_the_check_of_the_definition_refuses_is_no_mutant() -> None:
    edition = "progflow.programs.cross_mentoring.edition"
    wrong = Patch(edition, "BaseEdition.plan", "mentoring.BaseEdition.call", 0, "mentoring.BaseEdition.run")
    graphs = compiled(wrong, ["cross_mentoring"])
    assert isinstance(graphs, str)
    assert graphs.startswith("DefinitionError")


# -- what a change is about


def graph(**ways: Way) -> dict[str, Graph]:
    return {"Stay": Graph(("asked",), ("over",), ways)}


def test_a_dead_end_is_a_state_that_nobody_can_leave_any_more_or_come_to() -> None:
    go, end = Way(open=True, targets={"asked": "there"}), Way(open=True, targets={"there": "over"})
    before = graph(go=go, end=end)
    closed = Way(open=False, targets=end.targets)
    assert dead_ends(before, graph(go=go, end=closed))
    assert dead_ends(before, graph(go=Way(open=True, targets={"asked": "over"}), end=end))
    assert not dead_ends(before, before)
    assert not dead_ends(graph(go=go, end=closed), graph(go=go, end=closed)), "it was for the host before"
    assert only_ways_out(before) == {("Stay", "go"), ("Stay", "end")}


@pytest.fixture(scope="module")
def cross_mentoring() -> Programme:
    return Programme("cross_mentoring", Knowledge(library()))


@pytest.mark.parametrize(
    ("place", "operator", "new", "about"),
    [
        ("states.selection:Selection.select", Operator.DROP_GUARD,
         "(*self.when, self.seats_are_given, self.rank_is_free, self.nobody_overtaken)", Category.QUOTA),
        ("states.selection:Selection.seat_is_free", Operator.SHIFT_COMPARISON, "taken <= seats", Category.QUOTA),
        ("states.timed:TimedPhase.end", Operator.SHIFTED_TIMER, "last_day", Category.CLOCK),
        ("states.span:Span.nominal", Operator.WRONG_SIGN, "first - months(self.lasts(ctx))", Category.CLOCK),
        ("programs.mentoring.people:Rules.months", Operator.SHIFT_NUMBER, "13", Category.CLOCK),
        ("programs.mentoring.matching:start_tandem", Operator.LOST_CASCADE, "pass", Category.CASCADE),
        ("states.withdrawal:Withdrawal.withdraw", Operator.FORGOTTEN_UPDATE, "return None", Category.INVARIANT),
        ("states.application:Application.hand_in", Operator.MISSING_ROLE, "()", Category.ROLE),
        ("states.application:Application.endorse", Operator.FORGOTTEN_UPDATE,
         "evolve(ctx.data, endorsed_by=ctx.actor.id)", Category.DATA),
    ],
)  # fmt: skip
def test_what_a_change_is_about_is_read_in_the_definitions(
    place: str, operator: Operator, new: str, about: Category, cross_mentoring: Programme
) -> None:
    module_name, _, name = place.partition(":")
    known = cross_mentoring.knowledge
    made = candidates.mutants_of(known.by_key[(f"progflow.{module_name}", name)], known)
    found = next(one for one in made if one.operator is operator and one.patch.new == new)
    assert categories(found, cross_mentoring, cross_mentoring.graphs)[0] is about


# -- the record


def test_every_recorded_change_still_applies_to_the_source() -> None:
    kept = record.load()
    assert record.outdated(kept, library()) == [], "python -m benchmarks.mutants search, then record"


def test_the_record_holds_enough_of_everything() -> None:
    kept = record.load().mutants
    assert len(kept) >= 120
    assert len({one.programme for one in kept}) == 6
    assert {one.operator for one in kept} == set(Operator)
    assert len({one.id for one in kept}) == len(kept)


def test_every_witness_is_a_test_of_the_suite() -> None:
    for one in record.load().mutants:
        file, name = one.witness.test.split("::")[:2]
        assert f"def {name.split('[')[0]}(" in (ROOT / file).read_text(encoding="utf-8"), one.id


# -- the runs and the page


def recorded(number: int, *about: Category) -> record.Recorded:
    patch = Patch("progflow.states.timed", "TimedPhase.end", "a", number, "b")
    mutant = Mutant(Operator.SHIFTED_TIMER, patch, f"the {number}. rule", 1)
    seen = Witness("tests/test_x.py::test_it", "it fails")
    return record.Recorded(mutant.id, "cross_mentoring", mutant.operator, about, mutant.says, patch, seen)


def setting(name: str, test: Path, *after: str) -> runs.Setting:
    return runs.Setting(name, name, (str(test), "--rootdir", str(test.parent), "--config-file", "/dev/null"), {}, after)


def test_what_one_setting_kills_the_next_is_not_asked_about_and_answers_are_kept(tmp_path: Path) -> None:
    alone, more = setting("alone", tmp_path / "a.py"), setting("more", tmp_path / "b.py", "alone")
    one, other = recorded(0, Category.CLOCK), recorded(1, Category.GUARD)
    results = tmp_path / "results.jsonl"
    said = [
        runs.Answer(one.id, "alone", runs.Outcome.KILLED, 1.0, "it fails"),
        runs.Answer(other.id, "alone", runs.Outcome.SURVIVED, 1.0),
        runs.Answer(other.id, "more", runs.Outcome.TOO_LONG, 9.0, "not done after 9 s"),
    ]
    results.write_text("".join(f"{each.to_json()}\n" for each in said), encoding="utf-8")
    assert list(runs.Runner(results).run([one, other], [alone, more])) == []
    known = runs.answers(results)
    assert runs.killed(one.id, more, known) == said[0]
    assert runs.killed(other.id, more, known) is None


def test_the_kit_has_to_pass_on_the_programmes_as_they_are(tmp_path: Path) -> None:
    test = tmp_path / "test_wrong.py"
    test.write_text("def test_it(): assert False\n")
    runner = runs.Runner(tmp_path / "results.jsonl", out=io.StringIO())
    with pytest.raises(runs.NotReadyError, match="cross_mentoring as it is"):
        runner.check_original(["cross_mentoring"], [setting("alone", test)])


def test_a_command_that_runs_no_test_is_no_answer(tmp_path: Path) -> None:
    test = tmp_path / "test_none.py"
    test.write_text("")
    with pytest.raises(runs.NotReadyError, match="ended with 5"):
        runs.ask(setting("alone", test).asks("cross_mentoring"), None, 60)


def test_the_page_shows_shares_and_every_survivor_with_its_reason(tmp_path: Path) -> None:
    alone = setting("alone", tmp_path / "a.py")
    one, other, third = recorded(0, Category.CLOCK), recorded(1, Category.CLOCK, Category.GUARD), recorded(2)
    answers = {
        (each.id, "alone"): runs.Answer(each.id, "alone", outcome, 1.0)
        for each, outcome in ((one, runs.Outcome.KILLED), (other, runs.Outcome.SURVIVED))
    }
    results = page.Results(record.Record((one, other, third), (), ()), (alone,), answers)
    file = tmp_path / "page.md"
    file.write_text(f"# Before\n\n{page.BEGIN}\nold\n{page.END}\nAfter\n", encoding="utf-8")
    assert page.write(results, file, {}) == [other.id]
    text = file.read_text(encoding="utf-8")
    assert "| clock | 2 | 1 of 2 (50.0 %) |" in text
    assert page.NO_REASON in text
    assert "\nold\n" not in text
    assert text.startswith("# Before")
    assert text.endswith(f"{page.END}\nAfter\n")
    assert page.write(results, file, {other.id: "Nobody can see it."}) == []
    assert "Nobody can see it." in file.read_text(encoding="utf-8")


def test_the_settings_name_what_pytest_is_given_for_each_programme() -> None:
    several = runs.settings()
    assert [one.name for one in several] == ["alone", "replayed", "approved"]
    assert all("{" not in word for one in several for word in one.asks("cross_mentoring"))


def test_an_answer_comes_back_as_it_was_written() -> None:
    answer = runs.Answer("a", "alone", runs.Outcome.KILLED, 1.5, "„it“ fails")
    assert json.loads(answer.to_json())["how"] == answer.how
