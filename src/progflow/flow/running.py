"""How a wish is carried out: in a transaction of our own, or inside the one that a host has begun."""

from __future__ import annotations

from collections.abc import Callable, Collection, Generator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Final, TypeVar, final

from attrs import evolve, field, frozen

from progflow.decide.catching_up import catch_up, lineage, next_due, pass_over
from progflow.decide.engine import Deciding
from progflow.decide.fold import fold
from progflow.decide.kinds import Kinds
from progflow.decide.overlay import Overlay
from progflow.definition.blueprint import Kind
from progflow.definition.cases import Case
from progflow.definition.people import SYSTEM, Actor
from progflow.errors import ConflictError, KeyReused, Refused, StoredDataError, UsageError
from progflow.flow.answers import Entry, entry_of
from progflow.flow.intents import Intent
from progflow.flow.world import World
from progflow.ports import Clock, Store, Surroundings, UnitOfWork
from progflow.records import CaseRecord, DueTimer, EntryRecord, KeyRecord, Scope
from progflow.signals import Signal

T = TypeVar("T")

TIMERS_IN_A_HOST: Final = 200
"""How many overdue timers are caught up inside one host transaction."""

ATTEMPTS: Final = 100
"""How often a wish makes way for overdue timers before it gives up."""


@final
@frozen
class Engine:
    """All that one flow consists of, whatever transaction it works in."""

    kinds: Kinds
    store: Store
    clock: Clock
    facts: Mapping[Any, object] = field(hash=False)
    ids: Callable[[], str]
    transitioning: Signal
    transitioned: Signal
    refused: Signal

    def now(self) -> datetime:
        """The present instant.

        Raises:
            UsageError: the clock gave a naive datetime.
        """
        now = self.clock()
        if now.tzinfo is None:
            raise UsageError(problem="The clock gave a naive datetime.", mend="Let it give datetime.now(UTC).")
        return now

    def world(self, unit: UnitOfWork) -> World:
        """What a decision in this unit may look at."""
        return World(unit, self.facts, self.ids)

    def deciding(self, world: Surroundings, actor: Actor, now: datetime) -> Deciding:
        """A decision that takes effect now."""
        return Deciding(self.kinds, world, actor=actor, now=now, recorded=now)

    def write(self, unit: UnitOfWork, work: Overlay, key: KeyRecord | None = None) -> None:
        """One batch, then the receivers inside the transaction, then those for after the commit."""
        batch = work.batch(key)
        if not batch.changes and key is None:
            return
        unit.save(batch)
        steps = [self._step(entry) for entry in batch.entries]
        for lifecycle, entry in steps:
            self.transitioning.send(lifecycle, entry=entry, host=unit.host)
        if steps and self.transitioned.receivers:
            unit.after_commit(lambda: self._announce(steps))

    def _step(self, record: EntryRecord) -> tuple[type[Any], Entry]:
        kind = self.kinds.named(record.lifecycle)
        return kind.lifecycle, entry_of(kind, record)

    def _announce(self, steps: Sequence[tuple[type[Any], Entry]]) -> None:
        for lifecycle, entry in steps:
            self.transitioned.announce(lifecycle, entry=entry)

    def announce_refusal(self, error: Refused, actor: Actor) -> None:
        """Tell who asked for what and why not; nothing else remains of it."""
        self.refused.announce(None, error=error, actor=actor)


@final
@frozen
class Transaction:
    """Where a flow works: in transactions of its own, inside a host's, or inside a unit of work that stays open."""

    engine: Engine
    host: object = None
    unit: UnitOfWork | None = None

    @property
    def own(self) -> bool:
        """Whether each wish gets a transaction of its own."""
        return self.host is None and self.unit is None

    @contextmanager
    def open(self, *, write: bool) -> Generator[UnitOfWork]:
        """A unit of work of the right kind."""
        if self.unit is not None:
            with self.unit.nested():
                yield self.unit
        elif self.host is not None:
            with self.engine.store.join(self.host) as unit:
                yield unit
        else:
            with self.engine.store.begin(write=write) as unit:
                yield unit

    # -- wishes

    def carry_out(self, intent: Intent, actor: Actor, key: str | None) -> Case[Any]:
        """Decide and write a wish; the case as it then is."""
        try:
            return self._alone(intent, actor, key) if self.own else self._joined(intent, actor, key)
        except Refused as error:
            self.engine.announce_refusal(error, actor)
            raise

    def _alone(self, intent: Intent, actor: Actor, key: str | None) -> Case[Any]:
        engine, now = self.engine, self.engine.now()
        passed_over: set[tuple[str, str]] = set()
        steps = 0
        for _ in range(ATTEMPTS):
            with self.open(write=True) as unit:
                before = self._under_key(unit, intent, key)
                if before is not None:
                    return before
                scope = engine.kinds.group(intent.judge_staleness(unit, steps))
                if next_due(unit, scope, now, passed_over) is None:
                    deciding = engine.deciding(engine.world(unit), actor, now)
                    return self._written(unit, deciding.work, intent, intent.decide(deciding), key)
                own = lineage(unit, intent.above)
            steps += self._fire_overdue(scope, now, intent.case, own, passed_over)
        raise ConflictError(case=intent.case, retryable=True, detail="timers kept becoming due")

    def _fire_overdue(
        self,
        scope: Scope,
        now: datetime,
        case: str | None,
        own: frozenset[str],
        passed_over: set[tuple[str, str]],
    ) -> int:
        """Fire the overdue timers of the scope, each in a unit of its own; how many steps the case made by them."""
        steps = 0
        while True:
            try:
                entries = self._fire_next(scope, now, passed_over)
            except _TimerFailed as failed:
                pass_over(failed.timer, failed.cause, own)
                passed_over.add((failed.timer.case, failed.timer.event))
                continue
            if entries is None:
                return steps
            steps += sum(entry.case == case for entry in entries)

    def _joined(self, intent: Intent, actor: Actor, key: str | None) -> Case[Any]:
        engine, now = self.engine, self.engine.now()
        with self.open(write=True) as unit:
            before = self._under_key(unit, intent, key)
            if before is not None:
                return before
            settled = Overlay(engine.world(unit))
            kind = intent.judge_staleness(unit, 0)
            own = lineage(settled, intent.above)
            self._settle(settled, engine.kinds.group(kind), own, now, TIMERS_IN_A_HOST)
            deciding = engine.deciding(settled, actor, now)
            case = intent.decide(deciding)
            settled.absorb(deciding.work)
            return self._written(unit, settled, intent, case, key)

    def _settle(self, settled: Overlay, scope: Scope, own: frozenset[str], now: datetime, limit: int | None) -> None:
        catch_up(self.engine.kinds, settled, scope, now=now, recorded=now, limit=limit, own=own)

    def _written(self, unit: UnitOfWork, work: Overlay, intent: Intent, case: str, key: str | None) -> Case[Any]:
        record = work.load(case)
        assert record is not None
        kept = None if key is None else KeyRecord(key, intent.fingerprint(), case, record.revision)
        self.engine.write(unit, work, kept)
        return self.engine.kinds.case(record)

    def _under_key(self, unit: UnitOfWork, intent: Intent, key: str | None) -> Case[Any] | None:
        known = None if key is None else unit.key(key)
        if known is None:
            return None
        if known.fingerprint != intent.fingerprint():
            raise KeyReused(key=known.key)
        return self.engine.kinds.case(self.at_revision(unit, known.case, known.revision))

    def at_revision(self, unit: UnitOfWork, case: str, revision: int) -> CaseRecord:
        """The case as it was at an earlier revision, from its history."""
        record = unit.load(case)
        if record is not None and record.revision == revision:
            return record
        entries = [entry for entry in unit.history(case) if entry.seq <= revision]
        if not entries:
            raise StoredDataError(case=case, lifecycle=record.lifecycle if record is not None else "?")
        return fold(self.engine.kinds.named(entries[0].lifecycle), entries)

    # -- questions

    def asking(
        self,
        about: Callable[[UnitOfWork], Sequence[tuple[Kind, str | None]]],
        actor: Actor,
        answer: Callable[[Deciding], T],
    ) -> T:
        """Answer for now, with overdue timers applied, and write nothing.

        Args:
            about: the kinds that it is about, each with the case or the parent that it is about.
            actor: who asks.
            answer: gives the answer from a decision that is thrown away.
        """
        engine, now = self.engine, self.engine.now()
        with self.open(write=False) as unit:
            settled = Overlay(engine.world(unit))
            own: dict[Scope, frozenset[str]] = {}
            for kind, above in about(unit):
                scope = engine.kinds.group(kind)
                own[scope] = own.get(scope, frozenset()) | lineage(settled, above)
            for scope, cases in own.items():
                self._settle(settled, scope, cases, now, None)
            return answer(engine.deciding(settled, actor, now))

    # -- timers

    def run_due(self) -> int:
        """Fire every timer that is due, each in a unit of its own; one that fails stops no other."""
        now = self.engine.now()
        scope = Scope(self.engine.kinds.names)
        failed: dict[tuple[str, str], Exception] = {}
        fired = 0
        while True:
            try:
                entries = self._fire_next(scope, now, failed)
            except _TimerFailed as error:
                if getattr(error.cause, "retryable", False):
                    raise error.cause from error.cause.__cause__
                failed[error.timer.case, error.timer.event] = error.cause
                continue
            if entries is None:
                break
            fired += bool(entries)
        if failed:
            raise ExceptionGroup(f"{len(failed)} timers failed; {fired} fired", list(failed.values()))
        return fired

    def _fire_next(
        self, scope: Scope, now: datetime, passed_over: Collection[tuple[str, str]]
    ) -> Sequence[EntryRecord] | None:
        """Fire the next timer in a unit of its own: the steps that it made, none if it rests, None if none is due."""
        engine = self.engine
        timer: DueTimer | None = None
        try:
            with self.open(write=True) as unit:
                timer = next_due(unit, scope, now, passed_over)
                if timer is None:
                    return None
                world = engine.world(unit)
                deciding = Deciding(engine.kinds, world, actor=SYSTEM, now=timer.at, recorded=now)
                deciding.fire_timer(timer)
                engine.write(unit, deciding.work)
                return tuple(deciding.work.entries)
        except Exception as error:
            if timer is None:
                raise
            raise _TimerFailed(timer, error) from error

    def wake(self, case: str) -> None:
        """Ask the resting timers and automatic events of a case again."""
        engine, now = self.engine, self.engine.now()
        with self.open(write=True) as unit:
            record = unit.load(case)
            assert record is not None
            deciding = engine.deciding(engine.world(unit), SYSTEM, now)
            deciding.wake(record)
            engine.write(unit, deciding.work)


class _TimerFailed(Exception):
    def __init__(self, timer: DueTimer, cause: Exception) -> None:
        super().__init__(f"{timer.event} of case {timer.case}")
        self.timer = timer
        self.cause = cause


def in_host(transaction: Transaction, host: object) -> Transaction:
    """The same flow inside the host's transaction."""
    return evolve(transaction, host=host)
