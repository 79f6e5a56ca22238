"""Strategies for tests of one's own: of a receiver, of a report, of whatever is given cases and their histories."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache, cached_property
from operator import attrgetter
from typing import Any, Final, Generic, TypeVar, Unpack, cast, final
from zoneinfo import ZoneInfo

from attrs import frozen
from hypothesis import reject
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from progflow.definition.cases import Case, kind_of, record_of
from progflow.definition.events import Command, key_of
from progflow.definition.lifecycle import Lifecycle, Program, blueprint_of
from progflow.definition.payload import dump_payload
from progflow.definition.people import Actor
from progflow.errors import ProgflowError, UsageError
from progflow.flow.answers import Entry
from progflow.flow.verbs import Flow
from progflow.testing import meant
from progflow.testing.chance import Chance, Draw, Drawn
from progflow.testing.choosing import Choosing
from progflow.testing.clock import Clock
from progflow.testing.moves import Numbered
from progflow.testing.people import HOW_MANY, People
from progflow.testing.plan import BEGINS, Played, Told, lifecycle_plan, program_plan
from progflow.testing.playground import Playground
from progflow.testing.promises import RuleBroken
from progflow.testing.search import Found, Place
from progflow.testing.situation import Situation, said_in
from progflow.testing.values import NOTHING_GIVEN, Values

D = TypeVar("D")

MOST: Final = 5
"""How many moves a history goes on at most from where the search has got to."""


@final
@frozen(eq=False)
class History(Generic[D]):
    """What has happened to one case, in a flow of its own in which one can go on.

    ``case`` is what it has come to, ``entries`` are its steps, the oldest first: each is also what a receiver got.
    ``flow`` holds all other cases of the story, and ``clock`` is its clock.
    """

    case: Case[D]
    entries: tuple[Entry, ...]
    flow: Flow
    clock: Clock

    def __repr__(self) -> str:
        return f"<{self.case!r} after {', '.join(entry.event for entry in self.entries)}>"


def histories(
    lifecycle: type[Lifecycle[D]],
    *,
    within: Program | None = None,
    zone: str = "Europe/Berlin",
    **played: Unpack[Played],
) -> SearchStrategy[History[D]]:
    """Histories of cases as the rules allow them: ``@given(histories(JobShadowing))``.

    They get as far as the stories of ``lifecycle_test``, and of ``program_test`` with ``within=``, and come from all
    states alike. The search for them is made when the first is drawn, and only once where nothing else is told. They
    shrink to earlier states and fewer moves.

    Args:
        lifecycle: of which the cases are.
        within: the program in which they are played, with links, siblings and cascades; without one those above it are
            played alone.
        zone: where days are counted; a program has its own.
        **played: see ``Played``.

    Raises:
        UsageError: something was told that means nothing here; or, when the first is drawn, no case ever begins.
    """
    meant.a_lifecycle(lifecycle)
    if within is not None:
        meant.one_of(lifecycle, within)
    played_in = lifecycle if within is None else within
    stories = _Stories(played_in, zone, played) if played else _stories(played_in, zone)
    return _histories(_Standing(stories, lifecycle))


def cases(
    lifecycle: type[Lifecycle[D]],
    *,
    within: Program | None = None,
    zone: str = "Europe/Berlin",
    **played: Unpack[Played],
) -> SearchStrategy[Case[D]]:
    """Cases in all conditions to which the rules let them come; see ``histories``, which also gives their flow.

    Raises:
        UsageError: something was told that means nothing here; or, when the first is drawn, no case ever begins.
    """
    found: SearchStrategy[Case[D]] = histories(lifecycle, within=within, zone=zone, **played).map(attrgetter("case"))
    return found


def actors(lifecycle: type[Lifecycle[Any]], *, people: int = 6) -> SearchStrategy[Actor]:
    """People in the roles that the rules name: in none, in one, or in all.

    Args:
        lifecycle: whose rules.
        people: how many there are: ``person-1`` and so on, as in ``histories``.
    """
    known = People.of([blueprint_of(lifecycle)], people)
    return _actors(known)


def commands(
    lifecycle: type[Lifecycle[D]],
    case: Case[D] | None = None,
    *,
    strategies: Mapping[Any, SearchStrategy[Any]] = NOTHING_GIVEN,
) -> SearchStrategy[Command[D]]:
    """Commands that somebody could send, with payloads that fit their types: also those that will be refused.

    Args:
        lifecycle: whose events.
        case: a case of it, for the events that leave its state, also those that fire by themselves; None for those by
            which a case begins. Where there are none (the case is over) the example is given up, as by ``assume``.
        strategies: for values of which their types say too little; see ``Played``.

    Raises:
        UsageError: the lifecycle is abstract, or the case is none of it.
    """
    meant.a_lifecycle(lifecycle)
    if case is not None and not issubclass(case.lifecycle, lifecycle):
        problem = f"The case is a {case.lifecycle.__name__}, not a {lifecycle.__name__}."
        raise UsageError(problem=problem, mend="Name the lifecycle of the case, or a base of it.")
    return _commands(lifecycle if case is None else case.lifecycle, case, Values(strategies))


# -- how they are drawn


@final
class _Stories:
    """The stories of a program or a lifecycle; they are looked for when the first one is drawn."""

    def __init__(self, what: Program | type[Lifecycle[Any]], zone: str, played: Played) -> None:
        told = cast("Told", played)
        self.plan = program_plan(what, told) if isinstance(what, Program) else lifecycle_plan(what, zone, told)

    @cached_property
    def found(self) -> Found:
        """What the search has come to."""
        return self.plan.search()


@cache
def _stories(what: Program | type[Lifecycle[Any]], zone: str) -> _Stories:
    """Stories about which nothing was told are looked for once, whatever is drawn from them."""
    return _Stories(what, zone, {})


@final
class _Standing:
    """The cases of one lifecycle in these stories."""

    def __init__(self, stories: _Stories, lifecycle: type[Lifecycle[Any]]) -> None:
        self.stories = stories
        self.lifecycle = lifecycle

    @cached_property
    def by_state(self) -> Sequence[Sequence[tuple[Place, str]]]:
        """Where stories have got to, with the id of a case, by its state: in the order of the definition.

        Raises:
            UsageError: no such case has begun in any story.
        """
        plan, stories = self.stories.plan, self.stories.found
        kinds = [kind for kind in Playground(plan.setting).kinds.all if issubclass(kind.lifecycle, self.lifecycle)]
        found: dict[tuple[str, str], list[tuple[Place, str]]] = {
            (kind.stored, state): [] for kind in kinds for state in kind.blueprint.states
        }
        for place in stories.places:
            for record in place.mark.snapshot.cases.values():
                if (record.lifecycle, record.state) in found:
                    found[record.lifecycle, record.state].append((place, record.id))
        if not any(found.values()):
            problem = f"In {stories.moves} moves no {self.lifecycle.__name__} has begun."
            mend = "Say what is missing, with strategies=, facts= or by_system=; lifecycle_test tells what it is."
            raise UsageError(problem=problem, mend=mend)
        return [several for several in found.values() if several]


@st.composite
def _histories(draw: Draw, standing: _Standing) -> History[Any]:
    place, which = draw(st.sampled_from(draw(st.sampled_from(standing.by_state))))
    stories = standing.stories
    playground = Playground(stories.plan.setting)
    playground.back_to(place.mark)
    chance = Drawn(draw)
    if chance.often(50):
        _go_on(playground, Choosing(playground, stories.found.coverage.copy()), chance, len(place.steps))
    setting, zone = stories.plan.setting, stories.plan.setting.zone
    clock = Clock(playground.now, zone=zone)
    flow = Flow(
        *setting.definitions,
        store=playground.store,
        zone=zone,
        clock=clock,
        facts=playground.facts,
        ids=playground.new_id,
    )
    case = flow.get(standing.lifecycle, which)
    return History(case, tuple(flow.history(case)), flow, clock)


def _go_on(playground: Playground, choosing: Choosing, chance: Chance, made: int) -> None:
    """Make some moves; where a rule fails the story is over, for it is not what is being tested."""
    for number in range(made + 1, made + 1 + chance.integer(1, MOST)):
        choosing.comes_next(number)
        try:
            move = choosing.wait(chance) if chance.often(10) else choosing.act(chance) or choosing.wait(chance)
            playground.carry_out(Numbered(number, move))
        except (RuleBroken, ProgflowError):
            return


@st.composite
def _actors(draw: Draw, people: People) -> Actor:
    return people.anybody(Drawn(draw))


@st.composite
def _commands(draw: Draw, lifecycle: type[Lifecycle[Any]], case: Case[Any] | None, values: Values) -> Command[Any]:
    blueprint, record = blueprint_of(lifecycle), None if case is None else record_of(case)
    events = [
        event
        for event in blueprint.events.values()
        if (event.starts is not None if record is None else record.state in event.targets)
    ]
    if not events:
        reject()
    event, chance = draw(st.sampled_from(events)), Drawn(draw)
    zone = ZoneInfo("UTC" if case is None else kind_of(case).zone)
    now = BEGINS.replace(tzinfo=zone) if record is None else record.stepped.astimezone(zone)
    said = () if record is None else (said_in(record, zone),)
    known = Situation(now, People.of((), HOW_MANY).ids, said)
    name = f"{blueprint.name}.{event.path}"
    payload = dump_payload(name, event.parameters, values.payload(chance, name, event.parameters, known))
    return Command(key_of(lifecycle), event.path, payload)
