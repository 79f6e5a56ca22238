"""What kind of rule a change concerns, decided by its operator and by what the rule reads and writes."""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterator
from enum import Enum
from functools import cached_property
from typing import Any, Final

import attrs
from attrs import field, frozen

from benchmarks.mutants.compiled import Graphs, dead_ends, graphs_here, only_ways_out
from benchmarks.mutants.knowledge import Knowledge
from benchmarks.mutants.patch import Mutant, Operator
from benchmarks.mutants.reading import NOTHING, Key, Reader, Reads, key_of
from progflow import Program, Role
from progflow.definition.blueprint import Blueprint, BoundRule, EventSpec
from progflow.definition.bodies import as_tuple
from progflow.definition.lifecycle import blueprint_of
from progflow.definition.rules import Rule


class Category(Enum):
    """What a changed rule is about. The first five are those that one line alone should find."""

    QUOTA = "quota"
    CASCADE = "cascade"
    DEAD_END = "dead end"
    CLOCK = "clock"
    INVARIANT = "an invariant speaks of it"
    ROLE = "role"
    GUARD = "guard"
    DATA = "data"
    TARGET = "target"


FOUND_ALONE: Final = frozenset(
    {Category.QUOTA, Category.CASCADE, Category.DEAD_END, Category.CLOCK, Category.INVARIANT}
)
"""The categories in which the kit should need neither a sheet nor a history."""

TIMERS: Final = frozenset(
    {
        Operator.SWAPPED_TIMER,
        Operator.LOST_TIMER,
        Operator.SHIFTED_TIMER,
        Operator.WRONG_ANCHOR,
        Operator.LOST_CLOCK_STOP,
    }
)
CASCADES: Final = frozenset({Operator.LOST_CASCADE, Operator.NOT_AUTOMATIC, Operator.NARROWED_ENDING})
ROLES: Final = frozenset({Operator.MISSING_ROLE, Operator.LOST_EXCLUSION, Operator.WIDENED_ROLE})
TERM: Final = r"\b(days|weeks|months|years|hours|working_days)\("
TARGETS: Final = frozenset({Operator.WRONG_TARGET, Operator.MISSING_SOURCE})


@frozen
class Answer:
    """One rule that has a say in an event: what for, and what it reads."""

    word: str
    name: str
    reads: Reads


@frozen(eq=False)
class Happening:
    """One event of one lifecycle: the rules that have a say in it, what it writes, and the fields that there are."""

    lifecycle: str
    homes: frozenset[Key]
    spec: EventSpec
    answers: tuple[Answer, ...]
    effect: Reads
    own: frozenset[str]
    around: frozenset[str]

    @property
    def writes(self) -> frozenset[str]:
        """The fields of its own data and the states that it gives."""
        targets = {target for target in self.spec.targets.values() if target is not None}
        starts = {self.spec.starts} if self.spec.starts is not None else set[str]()
        return (self.effect.writes & self.own) | targets | starts


@frozen(eq=False)
class Judged:
    """What an invariant reads, and in which phase it stands, None for the lifecycle's own."""

    phase: str | None
    names: frozenset[str]


@frozen(eq=False)
class Programme:
    """One programme, read: its events, its invariants and its graphs."""

    name: str
    knowledge: Knowledge

    @cached_property
    def blueprints(self) -> list[Blueprint]:
        """Its lifecycles."""
        module = importlib.import_module(f"progflow.programs.{self.name}")
        programs = [one for one in vars(module).values() if isinstance(one, Program)]
        return [blueprint_of(lifecycle) for program in programs for lifecycle in program.lifecycles]

    @cached_property
    def graphs(self) -> Graphs:
        """Its states and arrows."""
        return graphs_here([self.name])

    @cached_property
    def only_ways(self) -> frozenset[tuple[str, str]]:
        """The events that are the only way on from somewhere."""
        return only_ways_out(self.graphs)

    @cached_property
    def happenings(self) -> list[Happening]:
        """All events of all lifecycles."""
        return [one for blueprint in self.blueprints for one in self._happenings(blueprint)]

    def _happenings(self, blueprint: Blueprint) -> Iterator[Happening]:
        reader = Reader(self.knowledge, blueprint.definition)
        homes = frozenset((cls.__module__, cls.__qualname__) for cls in blueprint.lifecycle.__mro__)
        above = [one for one in self.blueprints if issubclass(one.lifecycle, blueprint.parents or ())]
        around = frozenset(name for one in (blueprint, *above) for name in _fields(one, None))
        for spec in blueprint.events.values():
            answers = tuple(
                Answer(word, bound.rule.name, reader.of_rule(bound.rule, bound.definition))
                for word, bound in _rules_of(spec)
            )
            yield Happening(
                lifecycle=f"{self.name}.{blueprint.lifecycle.__name__}",
                homes=homes,
                spec=spec,
                answers=answers,
                effect=reader.of_function(spec.function, spec.definition),
                own=_fields(blueprint, spec.phase),
                around=(around | frozenset(self.knowledge.rule_fields)) - {"rules"},
            )

    @cached_property
    def judged(self) -> dict[str, list[Judged]]:
        """By lifecycle what its invariants read."""
        return {
            f"{self.name}.{blueprint.lifecycle.__name__}": list(_judged(blueprint, self.knowledge))
            for blueprint in self.blueprints
        }

    def speaks_of(self, lifecycle: str, phase: str | None, *sets: frozenset[str]) -> bool:
        """Whether one of the invariants of the lifecycle or of that phase reads something of each of these sets."""
        near = [one.names for one in self.judged[lifecycle] if one.phase in (None, phase)]
        return any(all(names & one for one in sets) for names in near)


def _fields(blueprint: Blueprint, phase: str | None) -> frozenset[str]:
    """The names of the fields of a phase's data; without a phase those of the lifecycle and of all its phases."""
    types = [blueprint.data_type(phase)]
    if phase is None:
        types += [one.data for one in blueprint.phases.values()]
    return frozenset(one.name for data in types if attrs.has(data) for one in attrs.fields(data))


def _judged(blueprint: Blueprint, knowledge: Knowledge) -> Iterator[Judged]:
    reader = Reader(knowledge, blueprint.definition)
    for bound in blueprint.invariants:
        reads = reader.of_rule(bound.rule, bound.definition)
        yield Judged(bound.phase, reads.fields | reads.states)


def _rules_of(spec: EventSpec) -> Iterator[tuple[str, BoundRule]]:
    for guard in spec.guards:
        yield "when", guard
    for grant in spec.by:
        if not isinstance(grant.who, Role):
            yield "by", grant.who
        for but in grant.but:
            yield "but", but
    for word, said in (("at", spec.at), ("since", spec.since), ("after", spec.after), ("every", spec.every)):
        if isinstance(said, BoundRule):
            yield word, said


@frozen(eq=False)
class Concerned:
    """An event that a change concerns, and what the changed part reads."""

    happening: Happening
    words: frozenset[str] = field(factory=frozenset[str])
    reads: Reads = NOTHING


def concerned(mutant: Mutant, programme: Programme) -> list[Concerned]:
    """The events in which the changed rule has a say."""
    key: Key = (mutant.patch.module, mutant.patch.place)
    found: list[Concerned] = []
    for one in programme.happenings:
        itself = key == key_of(one.spec.function)
        if itself or _holds(key, one):
            named = _named(mutant, one)
            if named or itself:
                found.append(_concerned(one, named))
        asked = [answer for answer in one.answers if key in answer.reads.keys]
        if asked:
            found.append(_concerned(one, asked))
        elif key in one.effect.keys and not itself:
            found.append(Concerned(one))
    return found


def _named(mutant: Mutant, one: Happening) -> list[Answer]:
    """The rules of an event that a change takes away or exchanges."""
    if mutant.operator is Operator.LOST_EXCLUSION:
        return [answer for answer in one.answers if answer.word == "but"]
    element = mutant.element.removeprefix("*")
    names = {element.rpartition(".")[2].split("[")[0]}
    if element.startswith("self."):
        given: Any = getattr(one.spec.definition, element.removeprefix("self.").split(".")[0], None)
        names |= set(_names(given))
    return [answer for answer in one.answers if answer.name in names]


def _names(given: Any) -> Iterator[str]:
    """The names of the rules that a phase was handed, one or several."""
    for rule in as_tuple(given):
        if isinstance(rule, Rule):
            yield rule.name


def _concerned(one: Happening, answers: list[Answer]) -> Concerned:
    reads = NOTHING
    for answer in answers:
        reads = reads | answer.reads
    return Concerned(one, frozenset(answer.word for answer in answers), reads)


def _holds(key: Key, one: Happening) -> bool:
    """Whether it is an event of the phase that this value is."""
    owner, _, name = key[1].rpartition(".")
    return one.spec.phase == name and (key[0], owner) in one.homes


def categories(mutant: Mutant, programme: Programme, after: Graphs) -> list[Category]:
    """All that a change concerns, the most telling first.

    Args:
        mutant: the change.
        programme: the programme in which it is looked at, unchanged.
        after: the graphs of the programme with the change.
    """
    events = concerned(mutant, programme)
    found: list[Category] = []
    if _is_quota(mutant, events):
        found.append(Category.QUOTA)
    if mutant.operator in CASCADES or ".cancellation:Ending" in mutant.id:
        found.append(Category.CASCADE)
    if _is_dead_end(mutant, programme, events, after):
        found.append(Category.DEAD_END)
    if mutant.operator in TIMERS or _is_term(mutant, events):
        found.append(Category.CLOCK)
    if _is_spoken_of(mutant, programme, events, after):
        found.append(Category.INVARIANT)
    return [*found, _plain(mutant.operator)]


def _plain(operator: Operator) -> Category:
    if operator in ROLES:
        return Category.ROLE
    if operator in TARGETS:
        return Category.TARGET
    return Category.DATA if operator is Operator.FORGOTTEN_UPDATE else Category.GUARD


def _is_quota(mutant: Mutant, events: list[Concerned]) -> bool:
    """A guard that counts cases is gone or changed, or something that it asks."""
    if mutant.operator in ROLES | TARGETS | TIMERS | CASCADES | {Operator.FORGOTTEN_UPDATE}:
        return False
    return any("when" in one.words and one.reads.counts for one in events)


def _is_term(mutant: Mutant, events: list[Concerned]) -> bool:
    """A moment or a term of a timer is changed, or something that it asks."""
    if mutant.operator in ROLES | TARGETS | CASCADES | {Operator.FORGOTTEN_UPDATE}:
        return False
    term = mutant.operator is Operator.SHIFT_NUMBER and re.search(TERM, mutant.says) is not None
    return term or any(one.words & {"at", "since", "after", "every"} for one in events)


def _is_dead_end(mutant: Mutant, programme: Programme, events: list[Concerned], after: Graphs) -> bool:
    """The last way is gone, or the guard of the only way on says the opposite."""
    if dead_ends(programme.graphs, after):
        return True
    if mutant.operator is not Operator.NEGATE_GUARD:
        return False
    only = {(one.happening.lifecycle, one.happening.spec.path) for one in events if "when" in one.words}
    return bool(only & programme.only_ways)


def _is_spoken_of(mutant: Mutant, programme: Programme, events: list[Concerned], after: Graphs) -> bool:
    """An invariant restates the rule: it judges what the event gives, by the facts by which the rule decides.

    Where somebody is missing from those who may do it, less happens, and of that no invariant speaks.
    """
    if mutant.operator is Operator.MISSING_ROLE:
        return False
    if mutant.operator is Operator.FORGOTTEN_UPDATE:
        return any(
            programme.speaks_of(one.happening.lifecycle, one.happening.spec.phase, fields)
            for one in events
            if (fields := frozenset({mutant.element}) if mutant.element else one.happening.effect.writes)
            & one.happening.own
        )
    if any(
        programme.speaks_of(name, state.split(".")[0] if "." in state else None, frozenset({state}))
        for name, state in _moved(programme.graphs, after)
    ):
        return True
    return any(
        programme.speaks_of(
            one.happening.lifecycle,
            one.happening.spec.phase,
            (one.reads.fields & one.happening.around) | one.reads.states,
            one.happening.writes,
        )
        for one in events
        if one.words
    )


def _moved(before: Graphs, after: Graphs) -> Iterator[tuple[str, str]]:
    """The states, by lifecycle, to which an arrow led before that now leads elsewhere, and to which it leads now."""
    for name, graph in before.items():
        changed_graph = after.get(name, graph)
        for event, way in graph.ways.items():
            changed = changed_graph.ways.get(event, way)
            for source, target in way.targets.items():
                other = changed.targets.get(source, target)
                if other != target:
                    yield from ((name, state) for state in (target, other) if state is not None)
