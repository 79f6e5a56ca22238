"""How a wish is carried out: in a transaction of our own, or inside the one that a host has begun."""

from __future__ import annotations

from collections.abc import Callable, Collection, Generator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Final, TypeVar, final

from attrs import define, evolve, field, frozen

from progflow.decide.catching_up import Laps, catch_up, lineage, next_due, pass_over
from progflow.decide.engine import Deciding
from progflow.decide.fold import fold
from progflow.decide.kinds import Kinds
from progflow.decide.overlay import Overlay
from progflow.definition.blueprint import Kind
from progflow.definition.cases import Case
from progflow.definition.people import SYSTEM, Actor
from progflow.errors import ConflictError, KeyReused, Refused, StoredDataError, UsageError, is_text
from progflow.flow.answers import Entry, entry_of
from progflow.flow.intents import Intent
from progflow.flow.speaking import Tongues
from progflow.flow.world import World
from progflow.ports import Clock, Reader, Store, Surroundings, UnitOfWork
from progflow.records import CaseRecord, DueTimer, EntryRecord, KeyRecord
from progflow.signals import Signal

T = TypeVar("T")

TIMERS_IN_A_HOST: Final = 200
"""How many overdue timers are caught up inside one host transaction."""

ATTEMPTS: Final = 100
"""How often a wish makes way for overdue timers before it gives up."""


@final
@frozen
class Engine:
    """All that one flow consists of, whatever transaction it works in.

    ``kinds`` are the lifecycles in the language of who calls, ``announced`` in the one in which the flow was made:
    receivers are the host's, and do not change their language with who happens to click.
    """

    kinds: Kinds
    announced: Kinds
    language: str
    tongues: Tongues
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
        if steps and self.transitioned.receivers:
            # Before the receivers inside the transaction: what these fire is announced after what they heard of.
            unit.after_commit(lambda: self._announce(steps))
        for lifecycle, entry in steps:
            self.transitioning.send(lifecycle, entry=entry, host=unit.host)

    def _step(self, record: EntryRecord) -> tuple[type[Any], Entry]:
        kind = self.announced.named(record.lifecycle)
        return kind.lifecycle, entry_of(kind, record)

    def _announce(self, steps: Sequence[tuple[type[Any], Entry]]) -> None:
        for lifecycle, entry in steps:
            self.transitioned.announce(lifecycle, entry=entry)


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
        if key is not None and (not is_text(key) or not key):
            raise UsageError(problem=f"{key!r} is no key.", mend="Give a text that tells this wish from all others.")
        wish = Wish(intent, actor, key, self.engine.now())
        try:
            return self._alone(wish) if self.own else self._joined(wish)
        except Refused as error:
            # The announcement is all that remains of it.
            sender = None if wish.kind is None else wish.kind.lifecycle
            self.engine.refused.announce(sender, error=error, actor=actor)
            raise

    def _alone(self, wish: Wish) -> Case[Any]:
        engine = self.engine
        passed_over: set[tuple[str, str]] = set()
        steps = 0
        for _ in range(ATTEMPTS):
            with self.open(write=True) as unit:
                before = self._under_key(unit, wish)
                if before is not None:
                    return before
                lifecycles = engine.kinds.group(wish.judge_staleness(unit, steps))
                if next_due(unit, lifecycles, wish.now, passed_over) is None:
                    deciding = engine.deciding(engine.world(unit), wish.actor, wish.now)
                    return self._written(unit, deciding.work, wish, wish.intent.decide(deciding))
                own = wish.own(unit)
            steps += self._fire_overdue(lifecycles, wish, own, passed_over)
        raise ConflictError(case=wish.intent.case, retryable=True, detail="timers kept becoming due")

    def _fire_overdue(
        self, lifecycles: frozenset[str], wish: Wish, own: frozenset[str], passed_over: set[tuple[str, str]]
    ) -> int:
        """Fire those that are overdue, each in a unit of its own; how many steps the case made by them."""
        steps, laps = 0, Laps()
        while (attempt := self._fire_next(lifecycles, wish.now, passed_over, laps)) is not None:
            if attempt.error is not None:
                pass_over(attempt.timer, attempt.error, own)
                passed_over.add((attempt.timer.case, attempt.timer.event))
            steps += sum(entry.case == wish.intent.case for entry in attempt.entries)
        return steps

    def _joined(self, wish: Wish) -> Case[Any]:
        engine = self.engine
        with self.open(write=True) as unit:
            before = self._under_key(unit, wish)
            if before is not None:
                return before
            settled = Overlay(engine.world(unit))
            kind = wish.judge_staleness(unit, 0)
            own = wish.own(settled)
            self._settle(settled, engine.kinds.group(kind), own, wish.now, TIMERS_IN_A_HOST)
            deciding = engine.deciding(settled, wish.actor, wish.now)
            case = wish.intent.decide(deciding)
            settled.absorb(deciding.work)
            return self._written(unit, settled, wish, case)

    def _settle(
        self, settled: Overlay, lifecycles: frozenset[str], own: frozenset[str], now: datetime, limit: int | None
    ) -> None:
        catch_up(self.engine.kinds, settled, lifecycles, now=now, recorded=now, limit=limit, own=own)

    def _written(self, unit: UnitOfWork, work: Overlay, wish: Wish, case: str) -> Case[Any]:
        record = work.load(case)
        assert record is not None
        kept = None
        if wish.key is not None:
            kept = KeyRecord(wish.key, wish.fingerprint(), case, record.revision)
        self.engine.write(unit, work, kept)
        if self.engine.transitioning.receivers:
            record = unit.load(case) or record  # a receiver may have moved it on
        return self.engine.kinds.case(record)

    def _under_key(self, unit: UnitOfWork, wish: Wish) -> Case[Any] | None:
        known = None if wish.key is None else unit.key(wish.key)
        if known is None:
            return None
        if known.fingerprint != wish.fingerprint():
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
        *,
        strict: bool,
    ) -> T:
        """Answer for now, with overdue timers applied, and write nothing.

        Args:
            about: the kinds that it is about, each with the case or the parent that it is about.
            actor: who asks.
            answer: gives the answer from a decision that is thrown away.
            strict: raise what a timer of the case itself raises, as ``fire`` would, instead of passing it over.
        """
        engine, now = self.engine, self.engine.now()
        with self.open(write=False) as unit:
            settled = Overlay(engine.world(unit))
            own: dict[frozenset[str], frozenset[str]] = {}
            for kind, above in about(unit):
                lifecycles = engine.kinds.group(kind)
                mine = lineage(settled, above) if strict and actor is not SYSTEM else frozenset[str]()
                own[lifecycles] = own.get(lifecycles, frozenset()) | mine
            for lifecycles, cases in own.items():
                self._settle(settled, lifecycles, cases, now, None)
            return answer(engine.deciding(settled, actor, now))

    # -- timers

    def run_due(self) -> int:
        """Fire every timer that is due, each in a unit of its own; one that fails stops no other."""
        now = self.engine.now()
        lifecycles = self.engine.kinds.names
        failed: dict[tuple[str, str], Exception] = {}
        fired, laps = 0, Laps()
        while (attempt := self._fire_next(lifecycles, now, failed, laps)) is not None:
            if attempt.error is not None:
                if getattr(attempt.error, "retryable", False):
                    raise attempt.error
                failed[attempt.timer.case, attempt.timer.event] = attempt.error
            fired += bool(attempt.entries)
        if failed:
            what = "1 timer" if len(failed) == 1 else f"{len(failed)} timers"
            raise ExceptionGroup(f"{what} failed; {fired} fired", list(failed.values()))
        return fired

    def _fire_next(
        self, lifecycles: frozenset[str], now: datetime, passed_over: Collection[tuple[str, str]], laps: Laps
    ) -> Attempt | None:
        """Fire the next timer in a unit of its own; None if none is due."""
        engine = self.engine
        attempt: Attempt | None = None
        for _ in range(ATTEMPTS):
            timer: DueTimer | None = None
            try:
                with self.open(write=True) as unit:
                    timer = next_due(unit, lifecycles, now, passed_over)
                    if timer is None:
                        return None
                    laps.count(timer)
                    deciding = Deciding(engine.kinds, engine.world(unit), actor=SYSTEM, now=timer.at, recorded=now)
                    deciding.fire_timer(timer)
                    engine.write(unit, deciding.work)
                return Attempt(timer, tuple(deciding.work.entries))
            except Exception as error:
                if timer is None:
                    raise
                attempt = Attempt(timer, (), error)
                if not (self.own and isinstance(error, ConflictError) and error.retryable):
                    break  # otherwise somebody else was faster, perhaps with this very timer: look again
        return attempt


@frozen
class Attempt:
    """What became of a timer: the steps that it made (none if it rests), or what its rules raised by themselves."""

    timer: DueTimer
    entries: Sequence[EntryRecord]
    error: Exception | None = None


@final
@define
class Wish:
    """A wish with the one who has it, the key that makes it repeatable, and when it was made."""

    intent: Intent
    actor: Actor
    key: str | None
    now: datetime
    kind: Kind | None = None

    def own(self, reader: Reader) -> frozenset[str]:
        """The cases whose failing timers stop this wish: its own and its ancestors. They never stop ``SYSTEM``."""
        return frozenset() if self.actor is SYSTEM else lineage(reader, self.intent.above)

    def fingerprint(self) -> str:
        """What tells it from another wish under the same key; the same wish of somebody else is another one."""
        return f"{self.actor.id} {self.intent.fingerprint()}"

    def judge_staleness(self, reader: UnitOfWork, caught_up: int) -> Kind:
        """See ``Intent.judge_staleness``."""
        self.kind = self.intent.judge_staleness(reader, caught_up)
        return self.kind


def in_language(transaction: Transaction, language: str) -> Transaction:
    """The same flow in another language.

    Raises:
        UsageError: there is no catalogue in that language.
    """
    engine = transaction.engine
    kinds = engine.tongues.kinds(language)
    return evolve(transaction, engine=evolve(engine, kinds=kinds, language=language))


def in_host(transaction: Transaction, host: object) -> Transaction:
    """The same flow inside the host's transaction.

    Raises:
        UsageError: there is no host.
    """
    if host is None:
        raise UsageError(
            problem="using() takes the session or connection of the host, not None.",
            mend="Leave using() out for transactions of our own.",
        )
    return evolve(transaction, host=host)
