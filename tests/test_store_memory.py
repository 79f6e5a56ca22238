"""A memory store can be taken back to where it was, and a flow gives the ids that it is told to."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Iterable
from contextlib import nullcontext, suppress
from datetime import datetime

import pytest
from attrs import define, evolve, field
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, precondition, rule

from job_shadowing import JobShadowing, employee, hr
from progflow import ConflictError, KeyReused, Refused, UsageError
from progflow.adapters.memory import MemoryStore, Snapshot
from progflow.records import CaseChange, CaseRecord, EntryRecord, KeyRecord, Query
from progflow.testing.clock import Clock
from progflow.testing.stores.records import (
    INSTANTS,
    START,
    TOKENS,
    a_case,
    a_timer,
    an_entry,
    as_new,
    batch,
    cases,
    expected_due,
    moved,
    queries,
    rearmed,
)
from support import berlin, clock, dump, memory_flow  # noqa: F401  # the clock is a fixture

LIFECYCLES = frozenset({"Mentee", "mentee", "Edition"})


def save(store: MemoryStore, *changes: CaseChange, entries: Iterable[EntryRecord] = (), key: str | None = None) -> None:
    used = None if key is None else KeyRecord(key, "x", changes[0].case.id, changes[0].case.revision)
    with store.begin(write=True) as unit:
        unit.save(batch(*changes, entries=tuple(entries), key=used))


@define
class World:
    """What a store ought to hold."""

    cases: dict[str, CaseRecord] = field(factory=dict)
    history: dict[str, list[int]] = field(factory=dict)
    keys: set[str] = field(factory=set)
    holders: dict[str, str] = field(factory=dict)

    def copy(self) -> World:
        history = {case: list(steps) for case, steps in self.history.items()}
        return World(dict(self.cases), history, set(self.keys), dict(self.holders))


class Worlds(RuleBasedStateMachine):
    """Cases begin, move and rearm their timers; now and then all is as it was at a snapshot."""

    snapshots: Bundle[tuple[Snapshot, World]] = Bundle("snapshots")

    def __init__(self) -> None:
        super().__init__()
        self.store = MemoryStore()
        self.world = World()

    @rule(case=cases(), unique=st.none() | st.sampled_from("ab"))
    def begin(self, case: CaseRecord, unique: str | None) -> None:
        case = evolve(case, id=str(len(self.world.cases)), unique=unique)
        if unique in self.world.holders:
            with pytest.raises(ConflictError):
                save(self.store, as_new(case))
            return
        save(self.store, as_new(case), entries=[an_entry(case.id)], key=f"key of {case.id}")
        self.world.cases[case.id] = case
        self.world.history[case.id] = [1]
        self.world.keys.add(f"key of {case.id}")
        if unique is not None:
            self.world.holders[unique] = case.id

    @precondition(lambda self: self.world.cases)
    @rule(data=st.data(), new=cases())
    def move(self, data: st.DataObject, new: CaseRecord) -> None:
        old = self.world.cases[data.draw(st.sampled_from(sorted(self.world.cases)))]
        new = evolve(
            new, id=old.id, created=old.created, parent=old.parent, lifecycle=old.lifecycle, revision=old.revision + 1
        )
        timers = {one.event: None for one in old.timers} | {one.event: one for one in new.timers}
        step = len(self.world.history[old.id]) + 1
        save(self.store, CaseChange(new, old.revision, timers), entries=[an_entry(old.id, step)])
        self.world.cases[old.id] = new
        self.world.history[old.id].append(step)
        if old.unique is not None:
            del self.world.holders[old.unique]

    @precondition(lambda self: self.world.cases)
    @rule(data=st.data(), resting=st.booleans())
    def rearm(self, data: st.DataObject, resting: bool) -> None:
        old = self.world.cases[data.draw(st.sampled_from(sorted(self.world.cases)))]
        alarm = a_timer("close", resting=resting, watches=frozenset(TOKENS[:1]))
        save(self.store, rearmed(old, close=alarm))
        others = [one for one in old.timers if one.event != "close"]
        self.world.cases[old.id] = evolve(old, timers=tuple(sorted((*others, alarm), key=lambda one: one.event)))

    @rule(target=snapshots)
    def take_a_snapshot(self) -> tuple[Snapshot, World]:
        return self.store.snapshot(), self.world.copy()

    @rule(taken=snapshots)
    def go_back(self, taken: tuple[Snapshot, World]) -> None:
        snapshot, world = taken
        self.store.restore(snapshot)
        assert self.store.snapshot().holds_the_same(snapshot)
        self.world = world.copy()

    @rule(taken=consumes(snapshots))
    def a_snapshot_stays_as_it_was_taken(self, taken: tuple[Snapshot, World]) -> None:
        snapshot, world = taken
        assert dict(snapshot.cases) == world.cases
        steps = {case: [entry.seq for entry in entries] for case, entries in snapshot.entries.items()}
        assert steps == world.history

    @rule(data=st.data())
    def every_answer_is_that_of_this_world(self, data: st.DataObject) -> None:
        stored = list(self.world.cases.values())
        self.ask(data.draw(queries(stored)), data.draw(INSTANTS))

    def ask(self, query: Query, now: datetime) -> None:
        stored = list(self.world.cases.values())
        with self.store.begin(write=False) as unit:
            wanted = sorted(filter(query.matches, stored), key=lambda case: (case.created, case.id))
            assert list(unit.find(query)) == wanted
            assert list(unit.due(LIFECYCLES, now, 99)) == expected_due(stored, LIFECYCLES, now)

    @invariant()
    def every_case_is_found_where_it_belongs(self) -> None:
        for case in self.world.cases.values():
            everywhere = Query(dict.fromkeys(LIFECYCLES))
            in_its_state = Query({case.lifecycle: frozenset({case.state})})
            moments = [timer.ready for timer in case.timers if timer.ready is not None]
            self.ask(in_its_state, max(moments, default=case.stepped))
            if case.parent is None:
                self.ask(evolve(everywhere, orphans=True), case.stepped)
            else:
                self.ask(evolve(everywhere, parents=frozenset({case.parent})), case.stepped)
            for link in case.links.items():
                self.ask(evolve(everywhere, link=link), case.stepped)
        with self.store.begin(write=False) as unit:
            for token in TOKENS:
                watching = [one.id for one in self.world.cases.values() if any(token in t.watches for t in one.timers)]
                assert sorted(one.id for one in unit.watching([token])) == sorted(watching)

    @invariant()
    def a_unique_value_is_free_if_nobody_in_this_world_holds_it(self) -> None:
        for unique in "ab":
            taken = pytest.raises(ConflictError) if unique in self.world.holders else nullcontext()
            with suppress(LookupError), self.store.begin(write=True) as unit:
                with taken:
                    unit.save(batch(as_new(a_case("of no world", unique=unique))))
                raise LookupError  # and so it is rolled back

    @invariant()
    def histories_and_keys_are_those_of_this_world(self) -> None:
        with self.store.begin(write=False) as unit:
            for case in map(str, range(len(self.world.cases) + 3)):
                assert [entry.seq for entry in unit.history(case)] == self.world.history.get(case, [])
                assert (unit.key(f"key of {case}") is not None) == (f"key of {case}" in self.world.keys)


TestWorlds = Worlds.TestCase
TestWorlds.settings = settings(deadline=None, max_examples=25, stateful_step_count=20)


def test_a_snapshot_that_was_gone_back_to_can_be_gone_back_to_again() -> None:
    store = MemoryStore()
    before = store.snapshot()
    for name in ("one", "other"):
        save(store, as_new(a_case(name)), entries=[an_entry(name)])
        assert dict(before.cases) == {}
        store.restore(before)
        assert store.snapshot().holds_the_same(before)


def test_a_store_can_go_forth_again_to_where_it_came_back_from() -> None:
    store = MemoryStore()
    case = a_case()
    save(store, as_new(case))
    early = store.snapshot()
    save(store, moved(case, state="open"))
    late = store.snapshot()
    store.restore(early)
    assert store.snapshot().cases["case"].state == "draft"
    store.restore(late)
    assert store.snapshot().cases["case"].state == "open"


def test_what_was_taken_after_the_snapshot_is_free_again_and_what_was_free_is_taken() -> None:
    store = MemoryStore()
    free = store.snapshot()
    save(store, as_new(a_case(unique="a")), key="k")
    taken = store.snapshot()
    store.restore(free)
    save(store, as_new(a_case("other", unique="a")), key="k")
    store.restore(taken)
    with pytest.raises(ConflictError):
        save(store, as_new(a_case("other", unique="a")))
    with pytest.raises(ConflictError):
        save(store, as_new(a_case("other")), key="k")


@pytest.mark.parametrize("write", [True, False])
def test_a_store_is_not_taken_back_under_an_open_unit(write: bool) -> None:
    store = MemoryStore()
    save(store, as_new(a_case()))
    snapshot = store.snapshot()
    with store.begin(write=write), pytest.raises(UsageError, match="between units of work"):
        store.restore(snapshot)
    store.restore(snapshot)


def test_a_store_is_not_taken_back_while_another_thread_writes() -> None:
    store, inside, over = MemoryStore(), threading.Event(), threading.Event()
    snapshot = store.snapshot()

    def write() -> None:
        with store.begin(write=True):
            inside.set()
            over.wait(10)

    thread = threading.Thread(target=write)
    thread.start()
    inside.wait(10)
    with pytest.raises(UsageError):
        store.restore(snapshot)
    over.set()
    thread.join()
    store.restore(snapshot)


def test_a_snapshot_holds_nothing_that_is_not_committed() -> None:
    store = MemoryStore()
    with store.begin(write=True) as unit:
        unit.save(batch(as_new(a_case())))
        during = store.snapshot()
    assert dict(during.cases) == {}
    assert list(store.snapshot().cases) == ["case"]


DIFFERENCES = {
    "another case": lambda store: save(store, as_new(a_case("other"))),
    "a step of a case": lambda store: save(store, moved(a_case(), state="open")),
    "a timer": lambda store: save(store, rearmed(a_case(), close=a_timer())),
    "an entry": lambda store: save(store, rearmed(a_case()), entries=[an_entry(seq=2)]),
    "a key": lambda store: save(store, rearmed(a_case()), key="k"),
    "a unique value": lambda store: save(store, moved(a_case(), unique="u")),
}


@pytest.mark.parametrize("difference", DIFFERENCES)
def test_two_snapshots_differ_by(difference: str) -> None:
    store = MemoryStore()
    save(store, as_new(a_case()), entries=[an_entry()])
    before = store.snapshot()
    assert before.holds_the_same(store.snapshot())
    DIFFERENCES[difference](store)
    assert not before.holds_the_same(store.snapshot())
    assert not store.snapshot().holds_the_same(before)


def test_snapshots_of_two_stores_that_hold_the_same_are_the_same() -> None:
    one, other = MemoryStore(), MemoryStore()
    for store in (one, other):
        save(store, as_new(a_case()), entries=[an_entry()], key="k")
    assert one.snapshot().holds_the_same(other.snapshot())


def test_what_a_snapshot_shows_cannot_be_changed() -> None:
    store = MemoryStore()
    save(store, as_new(a_case()))
    snapshot = store.snapshot()
    with pytest.raises(TypeError):
        snapshot.cases["case"] = a_case("other")  # type: ignore[index]
    with pytest.raises(TypeError):
        snapshot.entries["case"] = ()  # type: ignore[index]


def test_a_flow_goes_on_from_where_its_store_was_taken_back_to(clock: Clock) -> None:  # noqa: F811
    store = MemoryStore()
    flow = memory_flow(clock, JobShadowing, store=store)
    request = JobShadowing.request(department="Archive", starts=berlin("2026-04-01").date())
    case = flow.start(request, actor=employee, key="request-1")
    flow.fire(case, JobShadowing.approve(), actor=hr)
    approved, held = store.snapshot(), dump(flow)

    clock.set("2026-04-20 09:00")
    flow.run_due()
    assert flow.get(JobShadowing, case.id).is_in(JobShadowing.finished)
    store.restore(approved)
    assert dump(flow) == held

    clock.set("2026-04-02 09:00", backwards=True)
    flow.run_due()
    assert flow.get(JobShadowing, case.id).is_in(JobShadowing.running)
    other = JobShadowing.request(department="Museum", starts=berlin("2026-04-01").date())
    with pytest.raises(KeyReused):
        flow.start(other, actor=employee, key="request-1")
    with pytest.raises(Refused):
        flow.fire(case.id, JobShadowing.approve(), actor=hr)


# -- ids


def test_a_flow_gives_the_ids_that_it_is_told_to(clock: Clock) -> None:  # noqa: F811
    numbers = itertools.count(1)
    flow = memory_flow(clock, JobShadowing, ids=lambda: f"case-{next(numbers)}")
    request = JobShadowing.request(department="Archive", starts=START.date())
    begun = [flow.start(request, actor=employee).id for _ in range(3)]
    assert begun == ["case-1", "case-2", "case-3"]
    assert [entry.case for entry in flow.history("case-2")] == ["case-2"]


def test_an_id_that_was_given_before_is_not_given_to_another_case(clock: Clock) -> None:  # noqa: F811
    flow = memory_flow(clock, JobShadowing, ids=lambda: "case-1")
    request = JobShadowing.request(department="Archive", starts=START.date())
    flow.start(request, actor=employee)
    held = dump(flow)
    with pytest.raises(ConflictError):
        flow.start(request, actor=employee)
    assert dump(flow) == held


def test_what_is_only_checked_begins_nothing_and_later_cases_have_later_ids(clock: Clock) -> None:  # noqa: F811
    numbers = itertools.count(1)
    flow = memory_flow(clock, JobShadowing, ids=lambda: f"case-{next(numbers)}")
    request = JobShadowing.request(department="Archive", starts=START.date())
    assert list(flow.check(request, actor=employee)) == []
    assert flow.cases(JobShadowing).count() == 0
    first, second = flow.start(request, actor=employee).id, flow.start(request, actor=employee).id
    assert first < second
