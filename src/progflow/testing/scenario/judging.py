"""A close look at a flow, beside it: whether all that always holds does, and whether all can come to their ends."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from progflow.definition.cases import record_of
from progflow.definition.events import Event
from progflow.definition.lifecycle import Lifecycle, Program
from progflow.flow.verbs import Flow
from progflow.records import Batch, CaseChange
from progflow.testing.clock import Clock
from progflow.testing.ending import way_out
from progflow.testing.inspection import Inspection
from progflow.testing.people import People
from progflow.testing.playground import Playground, Setting
from progflow.testing.promises import Beyond, RuleBroken
from progflow.testing.values import Values


def what_does_not_hold(flow: Flow, clock: Clock) -> RuleBroken | None:
    """The first invariant that does not hold, of any case."""
    try:
        Inspection(_beside(flow, clock), Beyond(), thorough=False).look_at_invariants()
    except RuleBroken as broken:
        return broken
    return None


def who_is_left_behind(flow: Flow, clock: Clock, by_system: Iterable[Event[Any, ...]]) -> RuleBroken | None:
    """The first case that stays where it is for ever, though it should not: see ``WayOut``."""
    try:
        way_out(_beside(flow, clock, by_system), 0)
    except RuleBroken as broken:
        return broken
    return None


def _beside(flow: Flow, clock: Clock, by_system: Iterable[Event[Any, ...]] = ()) -> Playground:
    """A playground with what is stored now."""
    engine = flow._transaction.engine  # pyright: ignore[reportPrivateUsage]
    programs: dict[tuple[str, str], list[type[Lifecycle[Any]]]] = {}
    for kind in engine.kinds.all:
        programs.setdefault((kind.stored.rpartition(".")[0], kind.zone), []).append(kind.lifecycle)
    definitions: list[Program | type[Lifecycle[Any]]] = []
    for (program, zone), lifecycles in programs.items():
        definitions += [Program(program, *lifecycles, zone=zone)] if program else lifecycles
    people = People.of(kind.blueprint for kind in engine.kinds.all)
    system = frozenset((event.home, event.path) for event in by_system)
    setting = Setting(tuple(definitions), str(clock.zone), people, Values(), dict(engine.facts), clock.now, system)
    playground = Playground(setting)
    every: type[Lifecycle[Any]] = Lifecycle
    records = [record_of(case) for case in flow.cases(every).all()]
    with flow._transaction.open(write=False) as unit:  # pyright: ignore[reportPrivateUsage]
        entries = [entry for record in records for entry in unit.history(record.id)]
    changes = [CaseChange(one, None, {timer.event: timer for timer in one.timers}) for one in records]
    with playground.store.begin(write=True) as unit:
        unit.save(Batch(changes, entries))
    playground.touched()
    return playground
