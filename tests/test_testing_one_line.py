"""What one line makes of a lifecycle or a program: how it runs, what it may be told, what it reports."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Generic, Protocol, TypeVar

import pytest
from annotated_types import Gt, Lt, MinLen
from attrs import frozen
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.database import InMemoryExampleDatabase

from broken_promises import OFFICE, Alarm, Child, Counted, Name, Scribbling, Seat, mail
from job_shadowing import JobShadowing
from kit import SHORT, lines, outcome
from progflow import ANYONE, START, Context, Flow, Lifecycle, Program, State, UsageError, event, guard
from progflow.testing import NeverHappens, lifecycle_test, program_test
from progflow.testing.one_line import LifecycleTest
from progflow.testing.plan import path_of
from progflow.testing.promises import Promise
from progflow.testing.stories import Stories

TESTS = Path(__file__).parent
D = TypeVar("D")


class NeverTrue(Lifecycle[Counted]):
    """One of its guards can never be true."""

    open = State()
    closed = State(final=True)
    shut = State(final=True)

    @event(START >> open, by=OFFICE)
    def begin(self, ctx: Context[Counted]) -> Counted:
        """Begin."""
        return Counted()

    @guard("Not enough.")
    def enough(self, ctx: Context[Counted]) -> bool:
        return ctx.data.count > 5

    @event(open >> shut, by=OFFICE, when=enough)
    def shut_down(self, ctx: Context[Counted]) -> None:
        """Shut it down."""

    @event(open >> closed, by=OFFICE)
    def close(self, ctx: Context[Counted]) -> None:
        """Close it."""


class OurNeverTrue(NeverTrue):
    """Derived, and no different."""


def names(found: Mapping[str, BaseException]) -> dict[str, str]:
    return {name: str(error).splitlines()[0] for name, error in found.items()}


# -- under pytest and unittest, without more code


def run(*command: str, cwd: Path, **env: str) -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join([str(TESTS), *filter(None, [os.environ.get("PYTHONPATH")])])
    return subprocess.run(
        [sys.executable, "-m", *command],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": path, **env},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


@pytest.fixture
def suite(tmp_path: Path) -> Path:
    """A directory with tests that are one line each, one of them of something that is wrong."""
    (tmp_path / "test_programmes.py").write_text(
        "from broken_promises import Seat\n"
        "from job_shadowing import JobShadowing\n"
        "from kit import SHORT\n"
        "from progflow.testing import lifecycle_test\n\n"
        "TestJobShadowing = lifecycle_test(JobShadowing, settings=SHORT)\n"
        "TestSeat = lifecycle_test(Seat, settings=SHORT)\n",
        encoding="utf-8",
    )
    return tmp_path


@pytest.mark.parametrize("runner", ["pytest", "unittest"])
def test_one_line_is_collected_and_fails_with_its_story(runner: str, suite: Path) -> None:
    command = ("pytest", "-q", "-p", "no:cacheprovider") if runner == "pytest" else ("unittest", "test_programmes")
    said = run(*command, cwd=suite)
    text = said.stdout + said.stderr
    assert said.returncode == 1, text
    assert ("2 failed, 2 passed" in text) if runner == "pytest" else ("failures=2" in text and "Ran 4 tests" in text)
    assert Promise.GUARDS.value in text
    assert "Nobody sits on two seats." in text
    assert "Seat 2" in text


def test_a_class_of_tests_is_named_after_what_it_tests() -> None:
    tests = lifecycle_test(JobShadowing)
    assert issubclass(tests, LifecycleTest)
    assert tests.__name__ == "TestJobShadowing"
    assert program_test(mail).__name__ == "Testmail"


def test_each_class_of_tests_keeps_to_itself_what_it_has_found() -> None:
    one, other = lifecycle_test(Seat, settings=SHORT), lifecycle_test(JobShadowing, settings=SHORT)
    assert outcome(one).raised
    assert not outcome(other).raised
    assert outcome(one).raised


# -- the same for every seed

DIGEST = """
import json, sys
from broken_promises import mail
from job_shadowing import JobShadowing
from test_testing_one_line import NeverTrue
from progflow.testing import lifecycle_test, program_test

for tests in (lifecycle_test(JobShadowing), lifecycle_test(NeverTrue), program_test(mail)):
    found = tests.plan.search()
    steps = [repr(place.steps) for place in found.places]
    print(json.dumps([found.moves, sorted(map(str, found.missing)), steps]))
"""


def test_the_search_does_not_depend_on_the_process_nor_on_its_hash_seed(tmp_path: Path) -> None:
    script = tmp_path / "digest.py"
    script.write_text(DIGEST, encoding="utf-8")
    said = [run("digest", cwd=tmp_path, PYTHONHASHSEED=seed) for seed in ("0", "4321")]
    assert said[0].returncode == 0, said[0].stderr
    assert said[0].stdout == said[1].stdout
    found = [json.loads(line) for line in said[0].stdout.splitlines()]
    assert len(found) == 3
    assert all(steps for _, _, steps in found)


def test_the_search_does_not_depend_on_the_seed_of_hypothesis_nor_on_its_database() -> None:
    few = settings(SHORT, max_examples=2)
    others = (settings(few, derandomize=False), settings(few, derandomize=False, database=InMemoryExampleDatabase()))
    said = outcome(lifecycle_test(NeverTrue, settings=few)).warned
    assert [outcome(lifecycle_test(NeverTrue, settings=given)).warned for given in others] == [said, said]


# -- what never comes up


def test_what_never_comes_up_is_reported_with_the_guard_that_said_no() -> None:
    [warning] = outcome(lifecycle_test(NeverTrue, settings=SHORT)).warned
    assert "never came up" in warning
    assert "state NeverTrue.shut" in warning
    assert "event NeverTrue.shut_down: enough said no" in warning
    assert "reason" not in warning
    assert "close" not in warning


def test_nothing_is_reported_where_everything_comes_up() -> None:
    assert outcome(lifecycle_test(Seat, moves=1, settings=SHORT)).warned == []
    assert outcome(lifecycle_test(JobShadowing, must_reach=True, settings=SHORT)).raised == {}


def test_a_warning_is_an_error_to_pytest_only_if_it_is_told_so() -> None:
    assert issubclass(NeverHappens, UserWarning)


MUST: dict[str, Any] = {
    "everything": True,
    "a state": [NeverTrue.shut],
    "an event": [NeverTrue.shut_down],
    "a path": ["NeverTrue.shut_down"],
}


@pytest.mark.parametrize("must", MUST)
def test_what_must_come_up_and_does_not_fails(must: str) -> None:
    found = outcome(lifecycle_test(NeverTrue, must_reach=MUST[must], settings=SHORT))
    assert list(found.raised) == ["test_what_can_come_up"]
    assert "event NeverTrue.shut_down: enough said no" in str(found.raised["test_what_can_come_up"])
    assert found.warned == []


@pytest.mark.parametrize("must", [[NeverTrue.closed, NeverTrue.close, NeverTrue.enough], False, []])
def test_what_need_not_come_up_is_only_reported(must: Any) -> None:
    found = outcome(lifecycle_test(NeverTrue, must_reach=must, settings=SHORT))
    assert found.raised == {}
    assert len(found.warned) == 1


def test_what_cannot_come_up_is_left_out() -> None:
    found = outcome(
        lifecycle_test(NeverTrue, must_reach=True, unreachable=[NeverTrue.shut, "NeverTrue.shut_down"], settings=SHORT)
    )
    assert (found.raised, found.warned) == ({}, [])


def test_what_is_said_not_to_come_up_and_does_fails() -> None:
    found = outcome(lifecycle_test(NeverTrue, unreachable=[NeverTrue.close], settings=SHORT))
    assert names(found.raised) == {
        "test_what_can_come_up": "Said to be unreachable, and came up: NeverTrue.close.",
    }


def test_what_a_base_declares_stands_for_what_derives_from_it() -> None:
    found = outcome(lifecycle_test(OurNeverTrue, must_reach=[NeverTrue.shut], settings=SHORT))
    assert "state OurNeverTrue.shut" in str(found.raised["test_what_can_come_up"])


# -- what it may be told


class Library(Protocol):
    """What only the host knows."""

    def has(self, title: str) -> bool:
        """Whether there is such a book."""
        ...

    def places(self) -> int:
        """How many places there are."""
        ...


class Loan(Lifecycle[Name]):
    """A book is lent, if there is one."""

    asked = State()
    lent = State()
    back = State(final=True)

    @event(START >> asked, by=ANYONE)
    def ask(self, ctx: Context[Name], *, name: Annotated[str, MinLen(3)]) -> Name:
        """Ask for a book."""
        return Name(name)

    @guard("There is no such book.")
    def there(self, ctx: Context[Name]) -> bool:
        return ctx.ask(Library).has(ctx.data.name) and ctx.ask(Library).places() >= 0

    @event(asked >> lent, by=OFFICE, when=there)
    def lend(self, ctx: Context[Name]) -> None:
        """Lend it."""

    @event(asked >> back, by=OFFICE)
    def say_no(self, ctx: Context[Name]) -> None:
        """Say no."""

    @event(lent >> back)
    def take_back(self, ctx: Context[Name]) -> None:
        """Take it back: the host's machine does."""


class Shelf:
    def __init__(self, *titles: str) -> None:
        self.titles = titles

    def has(self, title: str) -> bool:
        return title in self.titles

    def places(self) -> int:
        return len(self.titles)


def drawn(tests: type[LifecycleTest]) -> set[Any]:
    """The names in all the data that the search has come to."""
    return {
        record.data["name"]
        for place in tests.plan.search().places
        for record in place.mark.snapshot.cases.values()
        if isinstance(record.data, dict)
    }


KEYS: list[Any] = [str, "Loan.ask.name", "ask.name", "name"]


@pytest.mark.parametrize("key", KEYS)
def test_values_are_drawn_from_the_strategies_that_are_given(key: Any) -> None:
    titles = st.sampled_from(["Faust", "Woyzeck"])
    assert drawn(lifecycle_test(Loan, strategies={key: titles}, moves=60)) == {"Faust", "Woyzeck"}


def test_a_strategy_that_nothing_asks_for_is_named() -> None:
    given = {"Loan.ask.name": st.just("Faust"), "Loan.ask.title": st.just("Faust"), "Rules.calender": st.none()}
    found = outcome(lifecycle_test(Loan, strategies=given, settings=SHORT))
    assert list(found.raised) == ["test_what_can_come_up"]
    said = str(found.raised["test_what_can_come_up"])
    assert said.startswith("Nothing asks for the strategies of Loan.ask.title, Rules.calender.")


def test_a_strategy_for_an_event_that_nobody_comes_to_is_not_called_unused() -> None:
    class Far(NeverTrue):
        """Nobody ever repairs it, for it never breaks down."""

        broken = State()

        @event(NeverTrue.open >> broken, by=OFFICE, when=NeverTrue.enough)
        def break_down(self, ctx: Context[Counted]) -> None:
            """It breaks down."""

        @event(broken >> NeverTrue.closed, by=OFFICE)
        def repair(self, ctx: Context[Counted], *, text: str) -> None:
            """Repair it."""

    tests = [lifecycle_test(Far, strategies={key: st.just("x")}, settings=SHORT) for key in ("repair.text", "text")]
    assert [outcome(one).raised for one in tests] == [{}, {}]


def test_the_facts_that_are_given_answer() -> None:
    titles = {"Loan.ask.name": st.sampled_from(["Faust", "Woyzeck"])}
    host = {"by_system": [Loan.take_back], "settings": SHORT}
    tests = lifecycle_test(Loan, strategies=titles, facts={Library: Shelf()}, **host)
    [warning] = outcome(tests).warned
    assert "there said no" in warning
    tests = lifecycle_test(Loan, strategies=titles, facts={Library: Shelf("Faust")}, **host)
    assert tests.plan.search().missing == ()


def test_a_stand_in_answers_for_what_only_the_host_knows() -> None:
    tests = lifecycle_test(Loan, by_system=[Loan.take_back], must_reach=True, settings=SHORT)
    assert outcome(tests).raised == {}


def test_the_same_question_to_a_stand_in_has_the_same_answer_in_every_playground() -> None:
    setting = lifecycle_test(Loan).plan.setting
    one, other = setting.stand_ins()[Library], setting.stand_ins()[Library]
    titles = [f"title {number}" for number in range(50)]
    answers = [one.has(title) for title in titles]
    assert answers == [other.has(title) for title in reversed(titles)][::-1]
    assert {True, False} == set(answers)
    assert one.places() == other.places()


def test_what_the_host_brings_about_is_done_by_the_system_if_the_test_is_told_so() -> None:
    story = outcome(lifecycle_test(Loan, settings=SHORT)).story
    assert story.rule == Promise.WAY_OUT.value
    assert "Only effects and the host could, by take_back; see by_system=." in story.found
    assert outcome(lifecycle_test(Loan, by_system=[Loan.take_back], must_reach=True, settings=SHORT)).raised == {}


def test_rules_about_several_cases_are_asked_and_told_by_their_docstring() -> None:
    def one_at_a_time(flow: Flow) -> bool:
        """One book is lent at a time."""
        return flow.cases(Loan).in_(Loan.lent).count() <= 1

    def no_loan_at_all(flow: Flow) -> None:
        lent = flow.cases(Loan).in_(Loan.lent).count()
        assert lent == 0, f"{lent} are lent."

    story = outcome(lifecycle_test(Loan, invariants=[one_at_a_time], by_system=[Loan.take_back], settings=SHORT)).story
    assert story.rule == Promise.INVARIANT.value
    assert "One book is lent at a time." in story.found
    assert len(lines(story)) <= 5
    story = outcome(lifecycle_test(Loan, invariants=[no_loan_at_all], settings=SHORT)).story
    assert "no loan at all" in story.found
    assert "1 are lent." in story.found


def test_a_rule_about_several_cases_that_raises_is_told() -> None:
    def careless(flow: Flow) -> bool:
        return flow.cases(Loan).in_(Loan.lent).all()[0].data.name != ""

    story = outcome(lifecycle_test(Loan, invariants=[careless], settings=SHORT)).story
    assert story.rule == Promise.NO_ERROR.value
    assert "IndexError" in story.found
    assert "careless" in story.found


def stories_played(monkeypatch: pytest.MonkeyPatch, lifecycle: type[Lifecycle[Any]], **told: Any) -> int:
    """How many stories Hypothesis plays."""
    begun: list[object] = []
    make = Stories.__init__

    def counting(self: Stories) -> None:
        begun.append(self)
        make(self)

    with monkeypatch.context() as patch:
        patch.setattr(Stories, "__init__", counting)
        outcome(lifecycle_test(lifecycle, **told))
    return len(begun)


def test_settings_say_how_many_stories_are_played(monkeypatch: pytest.MonkeyPatch) -> None:
    for examples in (3, 8):
        given = settings(max_examples=examples, database=None)
        assert examples <= stories_played(monkeypatch, NeverTrue, settings=given) <= examples + 2


def test_the_profile_of_hypothesis_is_respected(monkeypatch: pytest.MonkeyPatch) -> None:
    settings.register_profile("as before", settings())
    settings.register_profile("very few", max_examples=4, database=None)
    settings.load_profile("very few")
    try:
        assert 4 <= stories_played(monkeypatch, NeverTrue) <= 6
    finally:
        settings.load_profile("as before")


def test_a_story_that_failed_is_tried_first_the_next_time(monkeypatch: pytest.MonkeyPatch) -> None:
    database = InMemoryExampleDatabase()
    given = settings(database=database, max_examples=100, stateful_step_count=10)
    assert outcome(lifecycle_test(Scribbling, settings=given)).story.rule == Promise.IN_PLACE.value
    assert database.data
    assert stories_played(monkeypatch, Scribbling, settings=given) <= 2  # found, and played once more


# -- the story


def test_a_story_is_short_and_the_same_each_time() -> None:
    told = [outcome(lifecycle_test(Alarm, settings=SHORT)).story for _ in range(2)]
    assert str(told[0]) == str(told[1])
    assert told[0].steps == told[1].steps
    assert len(lines(told[0])) <= 5
    assert len(told[0].steps) <= 3


def test_both_tests_of_a_class_tell_the_same_story() -> None:
    found = outcome(lifecycle_test(Seat, settings=SHORT))
    assert sorted(found.raised) == ["test_stories", "test_what_can_come_up"]
    assert len(set(map(id, found.raised.values()))) == 1


# -- which lifecycles


class NoStart(Lifecycle[Counted]):
    """It is begun with its data."""

    open = State(initial=True)
    closed = State(final=True)

    @event(open >> closed, by=OFFICE)
    def close(self, ctx: Context[Counted]) -> None:
        """Close it."""


def test_a_lifecycle_without_a_start_event_is_begun_with_its_data() -> None:
    tests = lifecycle_test(NoStart, strategies={"count": st.integers(1, 9)}, must_reach=True, settings=SHORT)
    assert outcome(tests).raised == {}
    counts = {
        record.data["count"] for place in tests.plan.search().places for record in place.mark.snapshot.cases.values()
    }
    assert len(counts) > 1


def test_the_parents_of_a_lifecycle_are_played_as_well() -> None:
    tests = lifecycle_test(Child, settings=SHORT)
    assert [one.__name__ for one in tests.plan.setting.definitions] == ["Child", "Parent"]
    assert {goal.lifecycle for goal in tests.plan.goals} == {"Child"}
    assert outcome(tests).story.rule == Promise.WAY_OUT.value


class Base(Lifecycle[D], Generic[D], abstract=True):
    """A base that does not stand alone."""

    open = State(initial=True)
    closed = State(final=True)

    @event(open >> closed, by=OFFICE)
    def close(self, ctx: Context[D]) -> None:
        """Close it."""


class Stands(Base[Counted]):
    """One that does."""


class NoValues(NoStart):
    """There is no number between five and six."""

    @event(NoStart.open >> NoStart.closed, by=OFFICE)
    def shut(self, ctx: Context[Counted], *, number: Annotated[int, Gt(5), Lt(6)]) -> None:
        """Shut it."""


WRONG: dict[str, tuple[Any, Mapping[str, Any], str]] = {
    "an abstract base": (Base, {}, "Base is abstract and has no cases. Derive a lifecycle that stands alone"),
    "a generic base with its data": (Base[Counted], {}, "is no lifecycle"),
    "another class": (Counted, {}, "Counted is no lifecycle"),
    "a program": (mail, {}, "mail is a program. Write program_test"),
    "an unknown option": (NoStart, {"setting": SHORT}, "There is no option 'setting'. Did you mean settings?"),
    "an unknown path": (NoStart, {"must_reach": ["NoStart.clsoe"]}, "Did you mean NoStart.close"),
    "an unknown path that never comes up": (NoStart, {"unreachable": ["x"]}, "There are NoStart.close, NoStart.closed"),
    "a state of another": (NoStart, {"must_reach": [Seat.free]}, "Seat.free is nothing that could come up here"),
    "an event of another": (NoStart, {"by_system": [Seat.remove]}, "Seat is not tested here"),
    "no rule": (NoStart, {"invariants": [3]}, "3 is no rule"),
    "no strategy": (NoStart, {"strategies": {"count": 3}}, "is no strategy"),
    "no zone": (NoStart, {"zone": "Mars"}, "There is no time zone 'Mars'"),
}


@pytest.mark.parametrize("what", WRONG)
def test_what_means_nothing_is_refused_where_it_is_written(what: str) -> None:
    lifecycle, told, said = WRONG[what]
    with pytest.raises(UsageError) as caught:
        lifecycle_test(lifecycle, **told)
    assert said in str(caught.value)


def test_a_lifecycle_is_no_program() -> None:
    with pytest.raises(UsageError, match="Seat is a lifecycle"):
        program_test(Seat)  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="3 is no program"):
        program_test(3)  # type: ignore[arg-type]


def test_what_derives_from_an_abstract_base_is_tested() -> None:
    assert outcome(lifecycle_test(Stands, must_reach=True, settings=SHORT)).raised == {}


def test_a_payload_of_which_there_are_no_values_is_named_with_what_would_help() -> None:
    found = outcome(lifecycle_test(NoValues, settings=SHORT))
    assert sorted(found.raised) == ["test_stories", "test_what_can_come_up"]
    for error in found.raised.values():
        assert isinstance(error, UsageError)
        assert "No value was found for NoValues.shut.number" in str(error)
        assert 'strategies={"NoValues.shut.number": …}' in str(error)
    given = {"NoValues.shut.number": st.none()}
    said = str(outcome(lifecycle_test(NoValues, strategies=given, settings=SHORT)).raised["test_stories"])
    assert said.startswith("The strategy for NoValues.shut.number gave no value that fits")


# -- several lifecycles


@frozen
class Empty:
    pass


class House(Lifecycle[Empty]):
    """A house with rooms."""

    built = State()
    gone = State(final=True)

    @event(START >> built, by=OFFICE)
    def build(self, ctx: Context[Empty]) -> Empty:
        """Build it."""
        return Empty()

    @event(built >> gone, by=OFFICE)
    def tear_down(self, ctx: Context[Empty]) -> None:
        """Tear it down."""


class Room(Lifecycle[Empty], parent=House):
    """A room, which falls with its house."""

    there = State()
    fallen = State(final=True)

    @event(START >> there, by=OFFICE)
    def furnish(self, ctx: Context[Empty]) -> Empty:
        """Furnish it."""
        return Empty()

    @guard("The house stands.")
    def house_is_gone(self, ctx: Context[Empty]) -> bool:
        return ctx.parent(House).is_in(House.gone)

    @event(there >> fallen, auto=True, when=house_is_gone)
    def fall(self, ctx: Context[Empty]) -> None:
        """It falls with its house."""


houses = Program("houses", House, Room, zone="Europe/Berlin")


def test_a_program_is_tested_with_several_cases_of_all_its_lifecycles() -> None:
    tests = program_test(houses, must_reach=True, settings=SHORT)
    assert outcome(tests).raised == {}
    found = tests.plan.search()
    most: Sequence[int] = [
        sum(record.lifecycle == "houses.Room" for record in place.mark.snapshot.cases.values())
        for place in found.places
    ]
    assert max(most) >= 2


def test_a_rule_of_a_program_may_speak_of_several_lifecycles() -> None:
    def every_house_has_a_room(flow: Flow) -> bool:
        """A house is never without a room."""
        return all(flow.cases(Room).all() for _ in flow.cases(House).all())

    story = outcome(program_test(houses, invariants=[every_house_has_a_room], settings=SHORT)).story
    assert "A house is never without a room." in story.found
    assert len(lines(story)) == 2


def test_what_must_come_up_is_looked_for_again_before_it_is_a_failure() -> None:
    once = lifecycle_test(JobShadowing, moves=10).plan.search()
    missing = {path_of(goal) for goal in once.missing}
    more = lifecycle_test(JobShadowing, moves=10, must_reach=missing).plan.search()
    assert {path_of(goal) for goal in more.missing} < missing
    assert once.moves < more.moves <= 3 * once.moves + 20
