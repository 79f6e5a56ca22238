"""What a class of tests was told: how stories are played, and what must come up in them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final, TypedDict, final

from attrs import evolve, field, frozen
from hypothesis import settings
from hypothesis.strategies import SearchStrategy

from progflow.definition.lifecycle import Lifecycle, Program, blueprint_of
from progflow.errors import UsageError
from progflow.testing import meant
from progflow.testing.coverage import Goal, goals_of
from progflow.testing.ending import way_out
from progflow.testing.meant import ByHost, Reached
from progflow.testing.people import HOW_MANY, People
from progflow.testing.playground import Playground, Setting, begin_of
from progflow.testing.promises import AllCases, Beyond
from progflow.testing.search import Failure, Found, Search
from progflow.testing.story import StoryBroken, shortest_story
from progflow.testing.values import Values

BEGINS: Final = datetime(2026, 3, 2, 9)
"""The Monday on which stories begin, unless told otherwise."""

NOTHING: Final = frozenset[str]()

MOVES_FOR_EACH: Final = 22
"""How many moves the search makes at most for each thing that ought to come up."""

AGAIN: Final = 2
"""How often what must come up, and has not, is looked for again."""


class Played(TypedDict, total=False):
    """How stories are played; all of it is optional."""

    strategies: Mapping[Any, SearchStrategy[Any]]
    """For values of which their types say too little: by type, by path (``"JobShadowing.request.department"``), by the
    end of a path, or by the field of an attrs class (``"Rules.calendar"``)."""
    facts: Mapping[Any, object]
    """The host's answerers for ``ctx.ask``, as a flow gets them; for every other protocol a stand-in answers."""
    by_system: Iterable[ByHost]
    """What the host brings about as ``SYSTEM``."""
    begins: datetime
    """When stories begin; a naive time is one of the zone."""
    people: int
    """How many people there are."""
    moves: int
    """How many moves the search makes at most."""


class Told(Played, total=False):
    """What ``lifecycle_test`` and ``program_test`` may be told beyond the definition; all of it is optional."""

    invariants: Sequence[AllCases]
    """Rules about several cases: functions of the flow whose docstring says the rule; False says that it is broken."""
    must_reach: bool | Iterable[Reached]
    """What must come up in some story, or True for everything; without it what does not is only reported."""
    unreachable: Iterable[Reached]
    """What is known not to come up, as the guard that only other programmes need."""
    approved: str | Path
    """The rule sheet that was signed off; see ``rule_sheet``."""
    replays: Iterable[str | Path]
    """Stored histories that must still come out as they did; see ``export_histories``."""
    settings: settings
    """Of Hypothesis: how many stories, how long. Its profile is respected unless told otherwise."""


@final
@frozen(eq=False, slots=False)
class Plan:
    """What one class of tests was told."""

    setting: Setting
    goals: tuple[Goal, ...]
    """What ought to come up."""
    invariants: tuple[AllCases, ...]
    must_reach: frozenset[str]
    unreachable: frozenset[str]
    approved: Path | None
    replays: tuple[Path, ...]
    moves: int | None
    settings: settings | None

    @property
    def definition(self) -> Program | type[Lifecycle[Any]]:
        """What is tested."""
        return self.setting.definitions[0]

    def why_not(self, found: Found, goal: Goal) -> str:
        """The goal with what is known about why it never came up."""
        kind = Playground(self.setting).kinds.named(goal.lifecycle)
        why = found.coverage.why_not(kind, goal)
        return f"{goal}: {why}" if why else str(goal)

    def report(self, found: Found) -> Report:
        """What a search says about what was told beside the promises."""
        goals = {path_of(goal): goal for goal in found.missing}
        missing = {name: self.why_not(found, goal) for name, goal in goals.items()}
        came_up = {path_of(goal) for goal in self.goals if goal in found.coverage.times}
        return Report(found.moves, missing, self.must_reach, self.unreachable & came_up, self._unused())

    def _unused(self) -> frozenset[str]:
        values = self.setting.values
        for kind in Playground(self.setting).kinds.all:
            blueprint = kind.blueprint
            values.look_at(blueprint.data, blueprint.name)
            for event in blueprint.events.values():
                for name, parameter in event.parameters.items():
                    values.look_at(parameter.type, f"{blueprint.name}.{event.path}.{name}")
        return values.unused

    def search(self) -> Found:
        """Look for all that can come up; what is found is the same in every run.

        What must come up and has not is looked for again, by other ways and aiming at nothing else: it would be a
        failure, and one that comes and goes with every change of a rule elsewhere would soon be switched off.
        """
        moves = self.moves if self.moves is not None else MOVES_FOR_EACH * (20 + len(self.goals))
        wanted = [goal for goal in self.goals if path_of(goal) not in self.unreachable]
        found = Search(self.setting, moves=moves, goals=wanted, beyond=self.beyond).run()
        for seed in range(2, 2 + AGAIN):
            missing = [goal for goal in found.missing if path_of(goal) in self.must_reach]
            if found.failure is not None or not missing:
                break
            again = Search(
                self.setting, moves=moves, goals=missing, beyond=self.beyond, seed=seed, known=found.coverage
            )
            further = again.run()
            found = evolve(found, failure=further.failure, moves=found.moves + further.moves)
        return found

    @property
    def beyond(self) -> Beyond:
        """What is looked at beyond the definitions."""
        return Beyond(self.invariants, way_out)

    def failure(self, failure: Failure) -> StoryBroken:
        """The failure with its shortest story, told in the words of the program."""
        return shortest_story(failure, self.setting, self.beyond)


@final
@frozen
class Report:
    """What became of what ought to come up, in ``moves`` moves.

    ``missing`` says of what never came up what is known about it, by its path.
    """

    moves: int
    missing: Mapping[str, str] = field(hash=False)
    must_reach: frozenset[str]
    came_up_all_the_same: frozenset[str]
    unused: frozenset[str]

    @property
    def fault(self) -> Exception | None:
        """What makes a test fail; None for nothing."""
        if self.unused:
            problem = f"Nothing asks for the strategies of {_listed(self.unused)}."
            mend = (
                "A key is a type, a path such as Mentee.apply.city, the end of one, or a field such as Rules.calendar."
            )
            return UsageError(problem=problem, mend=mend)
        if self.came_up_all_the_same:
            return AssertionError(f"Said to be unreachable, and came up: {_listed(self.came_up_all_the_same)}.")
        return AssertionError(str(self)) if self.missing.keys() & self.must_reach else None

    def __str__(self) -> str:
        return f"In {self.moves} moves never came up:\n" + "\n".join(f"  {one}" for one in self.missing.values())


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names))


def path_of(goal: Goal) -> str:
    """How a goal is named by people who write tests: ``Mentee.withdraw``, without the name of the program."""
    return f"{goal.lifecycle.rpartition('.')[2]}.{goal.name}"


def lifecycle_plan(lifecycle: type[Lifecycle[Any]], zone: str, told: Told) -> Plan:
    """The plan for one lifecycle; those above it are played as well.

    Raises:
        UsageError: something was told that means nothing here.
    """
    meant.a_lifecycle(lifecycle)
    lifecycles = [lifecycle]
    for one in lifecycles:
        lifecycles.extend(parent for parent in blueprint_of(one).parents if parent not in lifecycles)
    return _plan_of(tuple(lifecycles), lifecycles, (lifecycle,), zone, told)


def program_plan(program: Program, told: Told) -> Plan:
    """The plan for all of a program.

    Raises:
        UsageError: something was told that means nothing here.
    """
    meant.a_program(program)
    return _plan_of((program,), program.lifecycles, program.lifecycles, program.zone, told)


def _plan_of(
    definitions: tuple[Program | type[Lifecycle[Any]], ...],
    lifecycles: Sequence[type[Lifecycle[Any]]],
    tested: tuple[type[Lifecycle[Any]], ...],
    zone: str,
    told: Told,
) -> Plan:
    meant.options(told, Told.__annotations__)
    meant.a_zone(zone)
    system = (*meant.by_host(told.get("by_system", ()), lifecycles), *meant.begun_by_host(lifecycles, tested))
    setting = Setting(
        definitions=definitions,
        zone=zone,
        people=People.of(map(blueprint_of, lifecycles), told.get("people", HOW_MANY)),
        values=Values(told.get("strategies", {})),
        facts=told.get("facts", {}),
        begins=begin_of(zone, told.get("begins", BEGINS)),
        by_system=frozenset(system),
    )
    kinds = Playground(setting).kinds
    goals = goals_of(kinds.of(lifecycle) for lifecycle in tested)
    wanted, paths = told.get("must_reach", False), frozenset(map(path_of, goals))
    approved = told.get("approved")
    return Plan(
        setting=setting,
        goals=goals,
        invariants=meant.rules(told.get("invariants", ())),
        must_reach=meant.names(wanted, tested, paths) if not isinstance(wanted, bool) else paths if wanted else NOTHING,
        unreachable=meant.names(told.get("unreachable", ()), tested, paths),
        approved=None if approved is None else Path(approved),
        replays=tuple(map(Path, told.get("replays", ()))),
        moves=told.get("moves"),
        settings=told.get("settings"),
    )
