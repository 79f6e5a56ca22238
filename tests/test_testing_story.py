"""A failing story is told in the program's own words, as short as can be, and as a test to paste."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from types import ModuleType
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from attrs import Factory, evolve, field, frozen

import faulty
from faulty import OFFICE, Club, Exam, JobShadowing, Moody, Visit, Voice, choir, clubs
from job_shadowing import JobShadowing as GoodShadowing
from progflow import (
    ANYONE,
    START,
    STAY,
    SYSTEM,
    Actor,
    Context,
    Flow,
    Lifecycle,
    Program,
    Role,
    State,
    event,
    invariant,
)
from progflow.definition.lifecycle import blueprint_of
from progflow.testing import StoryBroken, lifecycle_test
from progflow.testing.ending import way_out
from progflow.testing.moves import Begin, Broken, Fire, Move, Numbered, Stale, TheEnd, Twice, Wait
from progflow.testing.people import People
from progflow.testing.playground import Playground, Setting
from progflow.testing.promises import AllCases, Beyond, Promise, RuleBroken
from progflow.testing.referee import Referee
from progflow.testing.search import Failure, Search
from progflow.testing.shortening import Shortening
from progflow.testing.snippets.layout import Code, Group, flat, lines
from progflow.testing.snippets.naming import Names
from progflow.testing.snippets.values import code_of, moment
from progflow.testing.story import shortest_story, story_of
from progflow.testing.values import Values

BERLIN = ZoneInfo("Europe/Berlin")
MONDAY = datetime(2026, 3, 2, 9, tzinfo=BERLIN)
one, two, three = Actor("person-1"), Actor("person-2"), Actor("person-3")
hr, office = Actor("person-4", {Role("hr")}), Actor("person-5", {OFFICE})
both = Actor("person-5", {OFFICE, Role("hr")})

Definition = Program | type[Lifecycle[Any]]


def setting(definition: Definition, facts: Mapping[Any, object] | None = None) -> Setting:
    lifecycles = definition.lifecycles if isinstance(definition, Program) else (definition,)
    people = People.of(map(blueprint_of, lifecycles))
    return Setting((definition,), "Europe/Berlin", people, Values(), facts or {}, MONDAY)


def on(*day: int, hour: int = 0) -> Wait:
    year, month, number = day
    return Wait(datetime(year, month, number, hour, tzinfo=BERLIN))


def numbered(moves: Sequence[Move]) -> list[Numbered]:
    return [Numbered(number, move) for number, move in enumerate(moves, 1)]


def failing(definition: Definition, *moves: Move, rules: Sequence[AllCases] = (), thorough: bool = False) -> Failure:
    """The story of these moves, which fails."""
    playground = Playground(setting(definition))
    referee = Referee(playground, Beyond(tuple(rules), way_out), thorough=thorough)
    made: list[Numbered] = []
    for step in numbered(moves):
        made.append(step)
        try:
            referee.step(step)
            referee.look_at_invariants()
        except RuleBroken as broken:
            return Failure(tuple(made), broken)
    raise AssertionError("It does not fail.")


def shortest(definition: Definition, *moves: Move, rules: Sequence[AllCases] = ()) -> StoryBroken:
    failure = failing(definition, *moves, rules=rules)
    return shortest_story(failure, setting(definition), Beyond(tuple(rules), way_out))


def told(definition: Definition, promise: Promise, *moves: Move, found: str = "So.", case: str | None = None) -> str:
    """The story of these moves, of which is said that they break that promise."""
    failure = Failure(tuple(numbered(moves)), RuleBroken(promise, found, case))
    return str(story_of(failure, setting(definition)))


def the_story(said: object) -> list[str]:
    """The numbered lines."""
    return [line for line in str(said).partition("\n\nAs a test:")[0].splitlines() if line.lstrip()[:1].isdigit()]


def snippet(said: object) -> str:
    return str(said).partition("As a test:\n\n")[2]


def paste(said: object, **known: object) -> Exception:
    """What comes of it if somebody pastes the test and runs it."""
    code, module = snippet(said), ModuleType("pasted")
    vars(module).update(known)
    exec(compile(code, "pasted", "exec"), vars(module))
    (function,) = [value for name, value in vars(module).items() if name.startswith("test_")]
    with pytest.raises(Exception) as raised:  # noqa: PT011  # whatever it is, the tests look at it
        function()
    return raised.value


# -- stories that fail


def ask(department: str = "lamp", starts: str = "2026-03-05", who: Actor = one, kind: str = "JobShadowing") -> Begin:
    return Begin(kind, "request", {"department": department, "starts": starts}, None, who)


OVERBOOKED = (
    ask("two\nlines", who=one),
    ask("bridge", "2026-04-01", who=three),
    Fire("00001-001", "approve", {}, hr),
    on(2026, 3, 4),
    Fire("00002-001", "decline", {"reason": "no room"}, hr),
    ask("two\nlines", "2026-03-09", who=two),
    Fire("00006-001", "approve", {}, both),
    on(2026, 3, 7),
    Fire("00001-001", "note", {"text": "nice"}, one),
    on(2026, 3, 12),
)

SEASON = {
    "plan": {
        "title": "north",
        "halls": [{"name": "x", "seats": 3, "fee": "1.5"}, {"name": "y", "seats": 80, "fee": "0"}],
        "first_day": "2026-03-09",
        "voices": ["low"],
        "breaks": ["2026-05-01"],
    }
}

LEFT_BEHIND = (
    Begin("choir.Season", "plan", SEASON, None, office),
    Begin("choir.Singer", "join", {"voice": "high"}, "00001-001", one),
    Begin("choir.Singer", "join", {"voice": "low"}, "00001-001", two),
    Fire("00003-001", "rehearsal.pause", {"reason": "cold", "until": "2026-03-20"}, office),
    Fire("00002-001", "rehearsal.mark", {"marks": [3, 1, 2]}, office),
    on(2026, 3, 20),
    Fire("00003-001", "rehearsal.come_back", {}, office),
    on(2026, 4, 15),
    Fire("00001-001", "close", {"reason": "rain"}, office),
)

FORSAKEN = (
    Begin("clubs.Club", "found", {"club": {"name": "north", "address": "here"}}, None, one),
    Begin("clubs.Member", "invite", {}, "00001-001", two),
    Fire("00002-001", "join", {}, two),
    Begin("clubs.Member", "invite", {}, "00001-001", three),
    Fire("00001-001", "move", {"address": "there"}, two),
    TheEnd(3),
)

FAILS = (
    Begin("Exam", "begin", {}, None, one),
    Begin("Exam", "begin", {}, None, two),
    Fire("00001-001", "mark", {"marks": [1], "note": "good"}, one),
    Fire("00002-001", "mark", {"marks": [], "note": "none"}, two),
)

NOBODY_THERE = (
    Begin("Visit", "announce", {}, None, one),
    on(2026, 3, 5),
    Fire("00001-001", "come", {}, two),
)


def nobody_asks_twice(flow: Flow) -> bool:
    """Nobody asks for a second stay before the first is over."""
    stays = flow.cases(GoodShadowing).open().all()
    return len({stay.data.employee for stay in stays}) == len(stays)


TWICE = (
    ask(kind="JobShadowing", who=one),
    ask("bridge", who=two),
    Fire("00001-001", "approve", {}, hr),
    on(2026, 3, 3),
    ask("garden", "2026-05-01", who=one),
)


def test_a_story_is_told_with_what_broke_the_condition_of_the_cases_and_a_test_to_paste() -> None:
    command = 'JobShadowing.request(department="amber", starts=date(2026, 3, 2))'
    assert str(shortest(JobShadowing, *OVERBOOKED)).splitlines() == [
        "Guards say no before an invariant has to.",
        "JobShadowing.one_at_a_time: A department hosts one stay at a time.",
        "",
        "1. 2026-03-02 09:00  person-1 (anyone)  JobShadowing 1: Ask for a stay "
        '(department: "amber", starts: 2026-03-02) → requested',
        "2. 2026-03-02 09:00  hr-1               JobShadowing 1: Agree to the stay → approved",
        "3. 2026-03-02 09:00  by itself          JobShadowing 1: The stay begins → running",
        "4. 2026-03-02 09:00  person-1 (anyone)  JobShadowing 2: Ask for a stay "
        '(department: "amber", starts: 2026-03-02) → requested',
        "5. 2026-03-02 09:00  hr-1               JobShadowing 2: Agree to the stay → approved",
        "6. 2026-03-02 09:00                     The stay begins would happen by itself, "
        "and only this invariant stops it: A department hosts one stay at a time.",
        "",
        "JobShadowing 2 is in “approved” (approved):",
        '    employee: "person-1"',
        '    department: "amber"',
        "    starts: 2026-03-02",
        'JobShadowing 1 is in “running” (running): employee: "person-1", department: "amber", starts: 2026-03-02',
        "",
        "As a test:",
        "",
        "from datetime import date",
        "",
        "from faulty import JobShadowing",
        "from progflow import SYSTEM, Actor, Role",
        "from progflow.testing import Scenario",
        "",
        "",
        "def test_a_department_hosts_one_stay_at_a_time() -> None:",
        '    person_1 = Actor("person-1")',
        '    hr_1 = Actor("hr-1", {Role("hr")})',
        '    story = Scenario(JobShadowing, at="2026-03-02 09:00", zone="Europe/Berlin")',
        f"    job_shadowing_1 = story.given({command}, by=person_1)",
        "    story.when(job_shadowing_1, JobShadowing.approve(), by=hr_1)",
        '    story.on("2026-03-02 09:00")  # what is due by now',
        f"    job_shadowing_2 = story.given({command}, by=person_1)",
        "    story.when(job_shadowing_2, JobShadowing.approve(), by=hr_1)",
        '    story.on("2026-03-02 09:00")  # what is due by now',
        '    reasons = story.flow.explain(job_shadowing_2.id, actor=SYSTEM)["begin"].resting',
        "    # Guards say no before an invariant has to.",
        '    assert "one_at_a_time" not in [reason.code for reason in reasons]',
    ]


def test_timers_cascades_and_phases_are_told_and_nothing_that_goes_without_saying() -> None:
    failure = failing(choir, *LEFT_BEHIND)
    story = str(story_of(failure, setting(choir)))
    assert the_story(story) == [
        "1. 2026-03-02 09:00  person-5 (choir office)  Season: Plan a season "
        '(plan: {title: "north", halls: [{name: "x", seats: 3, fee: "1.5"}, {name: "y"}], first_day: 2026-03-09, '
        'voices: ["low"], breaks: [2026-05-01]}) → planned',
        '2. 2026-03-02 09:00  person-1 (anyone)        Singer 1: Join the choir (voice: "high") → rehearsal: learning',
        '3. 2026-03-02 09:00  person-2 (anyone)        Singer 2: Join the choir (voice: "low") → rehearsal: learning',
        "4. 2026-03-02 09:00  person-5 (choir office)  Singer 2: Rest the voice "
        '(reason: "cold", until: 2026-03-20) → rehearsal: resting',
        "5. 2026-03-02 09:00  person-5 (choir office)  Singer 1: Give marks (marks: [3, 1, 2])",
        "6. 2026-03-09 00:00  by itself                Season: The season begins → on stage",
        "7. 2026-03-20 00:00  person-5 (choir office)  Singer 2: Come back → rehearsal: learning",
        "8. 2026-04-02 00:00  by itself                Singer 1: The pieces are known → on stage",
        "9. 2026-04-15 00:00  person-5 (choir office)  Season: Close the season for everybody "
        '(reason: "rain") – refused: A season that is over has nobody left who sings.',
    ]
    assert story.partition("\n\n")[2].partition("\n\n")[2].partition("\n\n")[0].splitlines()[-2:] == [
        'Singer 1 is in “on stage” (on_stage): person: "person-1", voice: "high", '
        "rehearsal.times: 1, rehearsal.marks: [3, 1, 2]",
        'Singer 2 is in “rehearsal: learning” (rehearsal.learning): person: "person-2", voice: "low", '
        "rehearsal.until: 2026-03-20",
    ]


def test_what_was_done_to_look_for_a_way_out_is_part_of_the_story_as_far_as_it_matters() -> None:
    story = shortest(clubs, *FORSAKEN)
    assert the_story(story) == [
        '1. 2026-03-02 09:00  person-1 (anyone)  Club: Found a club (club: {name: "north"}) → founded',
        "2. 2026-03-02 09:00  person-1 (anyone)  Member: Invite somebody → invited",
        "3. 2026-03-02 09:00  choir-office-1     Club: Dissolve the club → dissolved",
        "4. 2026-03-02 09:00                     A Member stays in invited for ever: nobody can move it any more.",
    ]
    assert "Member is in “invited” (invited).\nClub is in “dissolved” (dissolved): name: " in str(story)


def test_a_rule_about_several_cases_is_told_with_all_of_them() -> None:
    story = str(shortest(GoodShadowing, *TWICE, rules=[nobody_asks_twice]))
    assert story.startswith(
        "What always holds, holds after every move.\nNobody asks for a second stay before the first is over.\n"
    )
    assert "JobShadowing 1 is in “requested” (requested): employee: " in story
    assert "JobShadowing 2 is in “requested” (requested): employee: " in story


def test_an_error_of_a_rule_is_told_in_the_line_of_the_command() -> None:
    story = str(shortest(Exam, *FAILS))
    assert story.startswith("Rules and effects do not fail.\nZeroDivisionError: division by zero, in mark (faulty.py:")
    assert the_story(story)[-1].endswith(
        "Exam: Give marks (marks: []) – comes to nothing: ZeroDivisionError: division by zero"
    )


def test_where_verbs_contradict_each_other_all_their_answers_are_told() -> None:
    moves = (Begin("JobShadowing", "request", {"department": "x", "starts": "2026-03-05"}, None, one),)
    approve = Fire("00001-001", "approve", {}, one)
    story = told(JobShadowing, Promise.OFFERED, *moves, approve, case="00001-001")
    assert (
        "explain said: Only for: hr.\ncheck said:   Only for: hr.\nfire said:    Only for: hr.\n\nJobShadowing is in"
    ) in story
    begins = told(JobShadowing, Promise.CHECKED, *moves)
    assert "explain said: nothing against it\ncheck said:   nothing against it\nfire said:    nothing" in begins
    broken = told(Exam, Promise.CHECKED, *FAILS[:2], FAILS[-1], case="00002-001")
    assert "check said:   ZeroDivisionError: division by zero" in broken


def test_commands_that_are_sent_twice_too_late_or_broken_are_told() -> None:
    begin, note = ask(who=one), Fire("00001-001", "note", {"text": "x" * 300}, one)
    approve = Fire("00001-001", "approve", {}, hr)
    story = told(
        JobShadowing,
        Promise.KEY,
        Twice(begin, ask("bridge")),
        Twice(approve),
        on(2026, 3, 5),
        Stale(note),
        case="00001-001",
    )
    assert [line.partition("  ")[2] for line in the_story(story)] == [
        'person-1 (anyone)  JobShadowing: Ask for a stay (department: "lamp", starts: 2026-03-05) → requested',
        "                   The same again under the same key (key-1): nothing more happens.",
        "person-1           JobShadowing: Ask for a stay "
        '(department: "bridge", starts: 2026-03-05) – comes to nothing: '
        "The key 'key-1' was used before, for another command. Use a new key for a new command.",
        "person-4 (hr)      JobShadowing: Agree to the stay → approved",
        "                   The same again under the same key (key-2): nothing more happens.",
        "by itself          JobShadowing: The stay begins → running",
        f'person-1           JobShadowing: Write into the diary of the stay (text: "{"x" * 49}…") – comes to nothing: '
        "Case 'JobShadowing' is at revision 3, not 2: it has moved on since it was read. "
        "Read it again and decide anew.",
        "                   So.",
    ]
    broken = told(JobShadowing, Promise.BROKEN_INPUT, begin, Broken(approve, [3]), case="00001-001")
    assert "Agree to the stay (payload: [3]) – comes to nothing: The payload of JobShadowing.approve" in broken


def test_time_that_passes_is_told_and_so_is_what_fails_meanwhile() -> None:
    class Alarm(Lifecycle[None]):
        """Rings."""

        set_ = State()
        over = State(final=True)

        @event(START >> set_, by=ANYONE)
        def begin(self, ctx: Context[None]) -> None:
            """Set it."""

        @event(set_ >> over, after=faulty.days(3))
        def ring(self, ctx: Context[None]) -> None:
            """It rings."""
            raise RuntimeError("It is broken.")

    story = shortest(Alarm, Begin("Alarm", "begin", {}, None, one), on(2026, 3, 3), on(2026, 3, 30))
    assert the_story(story)[1:] == [
        "2. 2026-03-06 00:00  by itself          What is due fails: RuntimeError: It is broken."
    ]
    assert "\n# Alarm is that of test_testing_story.test_time_that_passes_is_told_" in snippet(story)
    error = paste(story, Alarm=Alarm)
    assert isinstance(error, ExceptionGroup)
    assert "It is broken." in str(error.exceptions[0])
    waits = told(JobShadowing, Promise.CLOCK, ask(), on(2026, 3, 4, hour=1))
    assert the_story(waits)[1].split("  ", 1)[1].strip() == "Time has passed."


def test_a_case_with_much_data_is_told_in_a_few_lines() -> None:
    @frozen
    class Much:
        fields: Mapping[str, str] = field(factory=dict[str, str])
        a: int = 0
        b: int = 0
        c: int = 0
        d: int = 0
        e: int = 0
        f: int = 0
        g: int = 0
        h: int = 0
        i: int = 0
        j: int = 0

    class Store(Lifecycle[Much]):
        """Stores much."""

        full = State(initial=True)
        over = State(final=True)

        @event(full >> over, by=ANYONE)
        def throw_away(self, ctx: Context[Much]) -> None:
            """Throw all away."""

    data = dict.fromkeys("abcdefghij", 1) | {"fields": {"x": "y" * 100}}
    story = told(Store, Promise.FOLDS, Begin("Store", None, data, None, SYSTEM), case="00001-001")
    assert f'    fields: {{x: "{"y" * 49}…"}}' in story.splitlines()
    assert "    and 1 more" in story.splitlines()


def test_a_typical_story_takes_no_more_than_forty_lines() -> None:
    for definition, moves in ((JobShadowing, OVERBOOKED), (choir, LEFT_BEHIND), (clubs, FORSAKEN), (Exam, FAILS)):
        assert len(str(shortest(definition, *moves)).splitlines()) <= 42


# -- the test to paste


class Mark(Exception):
    """Stands for nothing."""


@pytest.mark.parametrize(
    ("definition", "moves", "rules", "error", "says"),
    [
        pytest.param(JobShadowing, OVERBOOKED, (), AssertionError, "", id="only an invariant stops a timer"),
        pytest.param(choir, LEFT_BEHIND, (), AssertionError, "", id="only an invariant stops a command"),
        pytest.param(clubs, FORSAKEN, (), AssertionError, "A Member stays in invited for ever", id="a dead end"),
        pytest.param(Exam, FAILS, (), ZeroDivisionError, "division by zero", id="an effect fails"),
        pytest.param(Visit, NOBODY_THERE, (), LookupError, "Nobody is there.", id="the host answers"),
        pytest.param(GoodShadowing, TWICE, (nobody_asks_twice,), AssertionError, "", id="a rule about several cases"),
    ],
)
@pytest.mark.parametrize("short", [False, True], ids=["as found", "shortest"])
def test_the_test_to_paste_fails_as_the_story_does(
    definition: Definition,
    moves: Sequence[Move],
    rules: Sequence[AllCases],
    error: type[Exception],
    says: str,
    short: bool,
) -> None:
    failure = failing(definition, *moves, rules=rules)
    if short or isinstance(moves[-1], TheEnd):  # only the shortest story tells how a way out was looked for
        story = shortest_story(failure, setting(definition), Beyond(tuple(rules), way_out))
    else:
        story = story_of(failure, setting(definition), rules=rules)
    found = paste(story)
    assert type(found) is error
    assert says in str(found)


def test_the_test_to_paste_makes_cases_by_their_data_with_parents_and_finds_those_that_came_by_themselves() -> None:
    class Box(Lifecycle[faulty.Hall]):
        """A box."""

        open_ = State(initial=True)
        shut = State(final=True)

        @event(open_ >> shut, by=ANYONE)
        def shut_it(self, ctx: faulty.Acting[faulty.Hall]) -> None:
            """Shut it."""

        @event(open_ >> STAY, by=ANYONE)
        def fill(self, ctx: faulty.Acting[faulty.Hall], *, times: int = 1) -> None:
            """Fill it."""
            for number in range(times):
                ctx.start(Coin, faulty.Hall(f"coin {number}", seats=number + 1))

    class Coin(Lifecycle[faulty.Hall], parent=Box):
        """A coin."""

        lies = State(initial=True)
        gone = State(final=True)

        @event(lies >> gone, by=ANYONE)
        def spend(self, ctx: Context[faulty.Hall], *, at: datetime, beside: str) -> None:
            """Spend it."""
            assert ctx.siblings(Coin).exists()
            assert beside in [coin.id for coin in ctx.siblings(Coin).all()]
            raise RuntimeError(f"Spent {ctx.data.name} at {at.isoformat()}.")

    boxes = Program("boxes", Box, Coin, zone="Europe/Berlin")
    moves = (
        Begin("boxes.Box", None, {"name": "big", "seats": 2, "fee": "0"}, None, SYSTEM),
        Fire("00001-001", "fill", {"times": 3}, one),
        Fire("00002-002", "spend", {"at": "2026-03-02T12:00:00+00:00", "beside": "00002-003"}, one),
    )
    failure = failing(boxes, *moves)
    story = story_of(failure, setting(boxes))
    assert 'story.given(Box, Hall(name="big", seats=2), by=SYSTEM)' in snippet(story)
    assert "coin_2 = story.the(story.flow.cases(Coin).all()[1])" in snippet(story)
    assert "beside=coin_3.id" in snippet(story)
    assert 'Program("boxes", Box, Coin, zone="Europe/Berlin")' in snippet(story)
    assert '(at: 2026-03-02 13:00, beside: "Coin 3")' in the_story(story)[-1]
    assert str(paste(story, Box=Box, Coin=Coin)) == "Spent coin 1 at 2026-03-02T13:00:00+01:00."


def test_what_people_say_with_the_host_is_repeated_in_the_test() -> None:
    class Desk:
        def is_open(self, person: str, *, on: date) -> bool:
            return person == "person-2"

        def room(self, person: str) -> int:
            return int(person[-1])

    moves = (*NOBODY_THERE[:1], Begin("Visit", "announce", {}, None, two), Fire("00002-001", "come", {}, one))
    failing_moves = (*moves, Fire("00001-001", "come", {}, one))
    failure = Failure(tuple(numbered(failing_moves)), RuleBroken(Promise.NO_ERROR, "LookupError", "00001-001"))
    story = story_of(failure, setting(Visit, {faulty.House: Desk()}))
    code = snippet(story)
    assert "facts={House: HouseSays()}" in code
    assert 'return (person, on) in [("person-2", date(2026, 3, 2))]' in code
    assert '        if asked == "person-2":\n            return 2\n' in code
    assert str(paste(story)) == "Nobody is there."


def test_commands_whose_answers_differ_are_said_as_they_should_be() -> None:
    begin = ask()
    approve = Fire("00001-001", "approve", {}, one)
    refused = told(JobShadowing, Promise.CHECKED, begin, approve, case="00001-001")
    assert 'story.then_refused(job_shadowing, JobShadowing.approve(), by=person_1, because="who")' in refused
    allowed = told(JobShadowing, Promise.CHECKED, begin, Fire("00001-001", "approve", {}, hr), case="00001-001")
    assert "story.then_allowed(job_shadowing, JobShadowing.approve(), by=person_4_as_hr)" in allowed
    offered = told(JobShadowing, Promise.OFFERED, begin, approve, case="00001-001")
    assert 'assert not story.flow.explain(job_shadowing.id, actor=person_1)["approve"].allowed' in offered
    begins = told(JobShadowing, Promise.OFFERED, begin)
    assert 'assert story.flow.explain(JobShadowing, actor=person_1)["request"].allowed' in begins
    over = told(JobShadowing, Promise.FINAL, begin, approve, case="00001-001")
    assert 'because="state")' in over
    unchanged = told(JobShadowing, Promise.UNCHANGED, begin, approve, case="00001-001")
    assert 'because="who")' in unchanged


def test_what_the_host_can_lead_on_with_is_told_to_the_test() -> None:
    where = evolve(setting(clubs), by_system=frozenset({(Club, "strike_off"), (Club, "found"), (Club, None)}))
    failure = failing(clubs, *FORSAKEN)
    story = shortest_story(failure, where, Beyond((), way_out))
    assert "    story.then_all_can_end(by_system=[Club.strike_off])" in snippet(story)
    assert isinstance(paste(story), AssertionError)


def test_what_a_scenario_cannot_say_stands_in_a_comment() -> None:
    begin, approve = ask(), Fire("00001-001", "approve", {}, hr)
    key = snippet(told(JobShadowing, Promise.KEY, Twice(begin)))
    assert (
        '    story.given(JobShadowing.request(department="lamp", starts=date(2026, 3, 5)), by=person_1, key="key-1")'
        in key
    )
    reused = snippet(told(JobShadowing, Promise.KEY, Twice(begin, ask("x"))))
    assert "story.then_fails(\n        KeyReused,\n" in reused
    stale = snippet(told(JobShadowing, Promise.STALE, begin, approve, Stale(approve)))
    assert "# story.then_fails(ConflictError, earlier, JobShadowing.approve(), by=person_4_as_hr)" in stale
    broken = snippet(told(JobShadowing, Promise.BROKEN_INPUT, begin, Broken(approve, {"x": [None]})))
    assert 'story.then_fails(PayloadError, job_shadowing, "approve", {"x": [None]}, by=person_4_as_hr)' in broken
    for said in (key, reused, stale, broken):
        compile(said, "pasted", "exec")
    late = snippet(told(JobShadowing, Promise.LATE, begin, approve, on(2026, 3, 6), found="It differs. " * 20))
    assert max(map(len, late.splitlines())) <= 110
    assert "story.clock.set(…)" in late


@frozen
class Odd:
    of: tuple[int, ...] = Factory(lambda self: (self.x,), takes_self=True)  # type: ignore[misc]
    x: int = 1
    _hidden: str = "h"


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        3,
        1.5,
        "a'b",
        'a"b',
        "two\nlines ü 🌱",
        Decimal("1.50"),
        UUID(int=3),
        date(2026, 3, 2),
        datetime(2026, 3, 2, 9, tzinfo=BERLIN),
        datetime(2026, 10, 25, 2, 30, 5, 7, tzinfo=BERLIN, fold=1),
        datetime(2026, 3, 2, tzinfo=UTC),
        datetime(2026, 3, 2, 9, 30),
        time(14, 30),
        Voice.LOW,
        [1, [2]],
        (),
        (1,),
        (1, "2"),
        {1, 2},
        set(),
        frozenset({Voice.LOW, Voice.HIGH}),
        frozenset(),
        {"a": {"b": date(2026, 1, 1)}},
        faulty.Plan(title="x", halls=(faulty.Hall("h", fee=Decimal(3)),), first_day=date(2026, 3, 2)),
        Odd((1,), 1),
        Odd((2,), 2, "k"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_value_is_written_so_that_it_comes_back(value: object) -> None:
    names = Names()
    code = flat(code_of(value, names))
    module: dict[str, Any] = {}
    exec("\n".join(names.lines), module)
    again = eval(code, module)
    assert again == value
    assert type(again) is type(value)
    if isinstance(value, datetime):
        assert again.astimezone(UTC) == value.astimezone(UTC)


def test_an_aware_time_of_any_zone_is_written() -> None:
    value = datetime.fromisoformat("2026-03-02T09:00:00+05:30")
    assert flat(code_of(value, Names())) == "datetime(2026, 3, 2, 3, 30, tzinfo=UTC)"


def test_a_moment_is_clock_time_and_has_an_offset_only_where_it_must() -> None:
    assert moment(MONDAY, BERLIN) == "2026-03-02 09:00"
    assert moment(MONDAY + timedelta(seconds=3), BERLIN) == "2026-03-02 09:00:03"
    assert moment(datetime(2026, 10, 25, 0, 30, tzinfo=UTC), BERLIN) == "2026-10-25 02:30"
    assert moment(datetime(2026, 10, 25, 1, 30, tzinfo=UTC), BERLIN) == "2026-10-25 02:30+01:00"


def test_what_has_a_shorter_public_way_to_it_is_imported_by_that() -> None:
    names = Names()
    assert [names.of(thing) for thing in (Actor, Flow, Names, int)] == ["Actor", "Flow", "Names", "int"]
    assert list(names.lines) == [
        "from progflow import Actor, Flow",
        "from progflow.testing.snippets.naming import Names",
    ]


def test_two_things_of_one_name_are_told_apart() -> None:
    names = Names()
    assert names.of(JobShadowing) == "JobShadowing"
    assert names.of(GoodShadowing) == "JobShadowing_2"
    assert list(names.lines) == [
        "from faulty import JobShadowing",
        "from job_shadowing import JobShadowing as JobShadowing_2",
    ]


def test_what_nothing_can_be_imported_from_is_named_all_the_same() -> None:
    class Local:
        class Inner:
            pass

    names = Names()
    assert names.of(Local.Inner) == "Local.Inner"
    where = f"{__name__}.test_what_nothing_can_be_imported_from_is_named_all_the_same"
    assert list(names.lines) == ["", f"# Local is that of {where}, from which nothing can be imported."]


def test_what_is_run_as_a_script_is_imported_by_its_file(monkeypatch: pytest.MonkeyPatch) -> None:
    script = ModuleType("__main__")
    vars(script)["Mark"] = Mark
    monkeypatch.setitem(sys.modules, "__main__", script)
    monkeypatch.setattr(Mark, "__module__", "__main__")
    names = Names()
    assert names.of(Mark) == "Mark"
    assert list(names.lines) == ["", "# Mark is that of __main__, from which nothing can be imported."]
    script.__file__ = "/home/somebody/shadowing.py"
    names = Names()
    assert names.of(Mark) == "Mark"
    assert list(names.lines) == ["from shadowing import Mark"]


def test_a_program_is_called_by_its_name_in_a_module() -> None:
    names = Names()
    assert names.program(choir) == "choir"
    assert names.program(Program("other", JobShadowing, zone="Europe/Berlin")) is None
    assert list(names.lines) == ["from faulty import choir"]


def test_variables_are_new_and_no_keywords() -> None:
    names = Names()
    wanted = ("story", "Mentee 1", "JobShadowing", "class", "list", "1st", "…", "Mentee 1")
    assert [names.new(one) for one in wanted] == [
        "story_2",
        "mentee_1",
        "job_shadowing",
        "class_2",
        "list_2",
        "_1st",
        "it",
        "mentee_1_2",
    ]


def test_long_code_stands_in_several_lines() -> None:
    inner: Code = Group("g(", [("", repr("x" * 60)), ("", repr("y" * 40))])
    assert list(lines("a = ", Group("f(", [("x=", inner), ("", "1")]))) == [
        "a = f(",
        "    x=g(",
        f"        {'x' * 60!r},",
        f"        {'y' * 40!r},",
        "    ),",
        "    1,",
        ")",
    ]
    assert list(lines("a = ", Group("f(", []))) == ["a = f()"]


# -- shortening


def test_moves_and_payloads_become_as_simple_as_the_failure_allows() -> None:
    story = shortest(choir, *LEFT_BEHIND)
    plan = {"plan": {"title": "north", "halls": [], "first_day": "2026-03-02"}}
    person, clerk = Actor("person-1"), Actor("choir-office-1", {OFFICE})
    assert [step.move for step in story.steps] == [
        Begin("choir.Season", "plan", plan, None, clerk),
        Begin("choir.Singer", "join", {"voice": "high"}, "00001-001", person),
        on(2026, 4, 2),
        Fire("00001-001", "close", {}, clerk),
    ]


def test_a_command_that_is_sent_twice_is_sent_once_where_that_is_enough() -> None:
    story = shortest(Exam, Twice(FAILS[0], FAILS[1]), Fire("00001-001", "mark", {"marks": []}, one))  # type: ignore[arg-type]
    assert [type(step.move) for step in story.steps] == [Begin, Fire]


def test_time_passes_no_longer_than_it_takes() -> None:
    class Late(Lifecycle[None]):
        """Must not be asked about in April."""

        waiting = State()
        over = State(final=True)

        @event(START >> waiting, by=ANYONE)
        def begin(self, ctx: Context[None]) -> None:
            """Begin."""

        @event(waiting >> over, by=ANYONE)
        def end(self, ctx: Context[None]) -> None:
            """End."""
            if ctx.today >= date(2026, 4, 17):
                raise RuntimeError("It is too late.")

    begin = Begin("Late", "begin", {}, None, one)
    story = shortest(Late, begin, on(2026, 3, 3), on(2027, 8, 9, hour=13), Fire("00001-001", "end", {}, one))
    assert [step.move for step in story.steps][1] == on(2026, 4, 17)


def test_a_story_that_does_not_fail_again_is_told_as_it_is() -> None:
    failure = Failure(tuple(numbered([ask(), ask("x")])), RuleBroken(Promise.NO_ERROR, "It has rained.", None, "rain"))
    assert Shortening(Playground(setting(JobShadowing)), Beyond()).shortest(failure) is failure


def test_whoever_gives_up_early_says_so() -> None:
    failure = failing(choir, *LEFT_BEHIND)
    shortening = Shortening(Playground(setting(choir)), Beyond((), way_out), moves=15)
    found = shortening.shortest(failure)
    assert shortening.given_up
    assert found.broken.what == failure.broken.what
    said = str(story_of(found, setting(choir), given_up=True))
    assert "There may be a shorter story: looking for it was given up." in said
    assert "There may be a shorter story" not in str(shortest(choir, *LEFT_BEHIND))


@pytest.mark.parametrize(
    "definition", [JobShadowing, choir, clubs, Visit, Moody], ids=lambda one: getattr(one, "name", str(one))
)
def test_the_shortest_story_fails_as_the_one_that_was_found_and_always_is_the_same(definition: Definition) -> None:
    where, beyond = setting(definition), Beyond((), way_out)
    failed = 0
    for seed in range(1, 7):
        Moody.asked[0] = 0
        failure = Search(where, moves=400, beyond=beyond, seed=seed).run().failure
        if failure is None:
            continue
        failed += 1
        Moody.asked[0] = 0
        found = Shortening(Playground(where), beyond).shortest(failure)
        assert found.broken.what == failure.broken.what
        assert len(found.steps) <= len(failure.steps) + len(failure.broken.way)
        if definition is not Moody:
            assert Shortening(Playground(where), beyond).shortest(failure).steps == found.steps
            shorter = Shortening(Playground(where), beyond).shortest(found)
            assert len(shorter.steps) <= len(found.steps)
    assert failed


# -- under a test


def test_the_one_line_fails_with_the_story() -> None:
    test = lifecycle_test(JobShadowing)("test_what_can_come_up")
    with pytest.raises(StoryBroken) as raised:
        test.debug()
    assert raised.value.rule == Promise.GUARDS.value
    assert str(raised.value) == f"{raised.value.story}\n\nAs a test:\n\n{raised.value.snippet}"
    assert len(the_story(raised.value)) == 6
    assert isinstance(paste(raised.value), AssertionError)


def test_what_a_test_makes_of_a_story_depends_on_nothing_but_the_definition() -> None:
    stories = set()
    for _ in range(2):
        test: Callable[..., Any] = lifecycle_test(JobShadowing)
        with pytest.raises(StoryBroken) as raised:
            test("test_what_can_come_up").debug()
        stories.add(str(raised.value))
    assert len(stories) == 1


class Twins(Lifecycle[None]):
    """Nobody is alone."""

    here = State()
    gone = State(final=True)

    @event(START >> here, by=ANYONE)
    def come(self, ctx: Context[None]) -> None:
        """Come."""

    @event(here >> gone, by=ANYONE)
    def go(self, ctx: Context[None]) -> None:
        """Go."""

    @invariant("There are no three of them.")
    def at_most_two(self, ctx: Context[None]) -> bool:
        return ctx.siblings(Twins).in_(Twins.here).count() < 2


def test_an_invariant_that_the_move_of_another_case_breaks_is_asked_in_the_test() -> None:
    begin = Begin("Twins", "come", {}, None, one)
    moves = (begin, begin, Fire("00001-001", "go", {}, one), begin, begin)
    story = shortest(Twins, *moves)
    assert len(story.steps) == 4 or story.rule == Promise.GUARDS.value
    assert isinstance(paste(story), AssertionError)
