"""One decision: a command or a timer, what its effects fire, what then happens by itself, and the rules at the end."""

from __future__ import annotations

import json
import logging
from collections import deque
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final, final
from zoneinfo import ZoneInfo

from attrs import evolve, frozen

from progflow.codec import BadValue
from progflow.decide.kinds import Kinds
from progflow.decide.overlay import Overlay
from progflow.decide.timing import clocks, own_token, rested, scheduled, tokens_of
from progflow.decide.verdict import Verdict, ask, judge, noted
from progflow.decide.view import EngineView
from progflow.definition.blueprint import START_WITH_DATA, BoundRule, EventSpec, Kind
from progflow.definition.cases import Case
from progflow.definition.context import Acting, Refusal
from progflow.definition.events import Command, load_payload
from progflow.definition.lifecycle import Lifecycle
from progflow.definition.people import SYSTEM, Actor
from progflow.definition.rules import sentence
from progflow.errors import (
    Blocker,
    CascadeRefused,
    InvariantBroken,
    Refused,
    UnknownCase,
    UnknownEvent,
    UnstorableData,
    UsageError,
)
from progflow.ports import Surroundings
from progflow.records import CaseRecord, DueTimer, EntryRecord, Json, TimerRecord
from progflow.terms import as_instant

_log: Final = logging.getLogger("progflow")

MAX_DEPTH: Final = 50
"""How long a chain of causes may get. How many cases a step moves is not bounded."""


@frozen
class Cause:
    """Why a step happens: the step that caused it, and the chain of names that led there."""

    by: str | None = None
    depth: int = 0
    chain: tuple[str, ...] = ()


@frozen
class _Queued:
    case: str
    command: Command[Any]
    if_allowed: bool
    cause: Cause


@frozen
class _Mark:
    work: tuple[int, int]
    queue: int
    touched: int
    unseen: int
    candidates: int


@final
class Deciding:
    """One decision while it is made. It reads through an overlay and writes only there.

    Args:
        kinds: the lifecycles of the flow.
        surroundings: all that may be looked at; what was due before has happened there.
        actor: who causes it.
        now: when it takes effect, aware.
        recorded: when it is written down, aware.
    """

    def __init__(
        self,
        kinds: Kinds,
        surroundings: Surroundings,
        *,
        actor: Actor,
        now: datetime,
        recorded: datetime,
    ) -> None:
        self.kinds = kinds
        self.actor = actor
        self.facts = surroundings.facts
        self.work = Overlay(surroundings)
        self._settled = surroundings
        self._now = now.astimezone(UTC)
        self._recorded = recorded.astimezone(UTC)
        self._queue: deque[_Queued] = deque()
        self._candidates: dict[tuple[str, str], Cause] = {}
        self._touched: dict[str, None] = {}
        self._unseen: dict[str, Cause] = {}
        self._asked: set[str] = set()
        self._cause = Cause()
        self._values: dict[str, tuple[CaseRecord, Case[Any]]] = {}

    # -- what views ask

    def record(self, case: str) -> CaseRecord:
        """The case of that id, as this decision has it so far.

        Raises:
            UnknownCase: there is none.
        """
        record = self.work.load(case)
        if record is None:
            raise UnknownCase(case=case)
        return record

    def case(self, record: CaseRecord) -> Case[Any]:
        """The case as a value, the same object as long as it is the same."""
        known = self._values.get(record.id)
        if known is None or known[0] is not record:
            known = self._values[record.id] = record, self.kinds.case(record)
        return known[1]

    def now_for(self, record: CaseRecord | None, definition: Lifecycle[Any]) -> datetime:
        """The instant of a step of this case, in its program's zone: never before its last step."""
        zone = ZoneInfo(self.kinds.of(type(definition)).zone)
        return self._at(record).astimezone(zone)

    def _at(self, record: CaseRecord | None) -> datetime:
        return self._now if record is None else max(self._now, record.stepped)

    # -- the ways in

    def fire(self, record: CaseRecord, event: EventSpec, payload: Mapping[str, Json]) -> None:
        """Decide a command on a case and all that follows from it.

        Raises:
            Refused: and its subclasses.
        """
        self._step(self.kinds.check(record), event, record, payload, actor=self.actor, cause=Cause())
        self._settle()

    def start(
        self, kind: Kind, event: EventSpec | None, given: Any, parent: str | None, links: Mapping[str, str]
    ) -> str:
        """Decide the beginning of a case, by a ``START`` event with its payload or (event None) with its data.

        Returns the id of the new case.
        """
        record = self._begin(kind, event, given, parent, links, actor=self.actor, cause=Cause())
        self._settle()
        return record.id

    def fire_timer(self, due: DueTimer) -> bool:
        """Decide a timer that is due; whether it fired. A refused one rests."""
        record = self.record(due.case)
        kind = self.kinds.check(record)
        event = kind.blueprint.events[due.event]
        mark = self.work.mark()
        try:
            self._step(kind, event, record, {}, actor=None, cause=Cause(), due=due.due)
            self._settle()
        except Refused:
            self.work.rollback(mark)
            self._rest(kind, event, record, due)
            return False
        return True

    def wake(self, record: CaseRecord) -> None:
        """Let resting timers and automatic events of the case be asked again."""
        waiting = [timer.event for timer in record.timers if timer.automatic or timer.resting]
        self._candidates.update({(record.id, event): Cause() for event in waiting})
        self._settle()

    # -- one step

    def _step(
        self,
        kind: Kind,
        event: EventSpec,
        record: CaseRecord,
        payload: Mapping[str, Json],
        *,
        actor: Actor | None,
        cause: Cause,
        due: datetime | None = None,
    ) -> CaseRecord:
        typed, plain = load_payload(f"{kind.stored}.{event.path}", event.parameters, payload, kind.codec)
        view = EngineView(self, kind.blueprint.definition, record, None)
        verdict = self._judged(kind, event, record, view, actor, typed)
        self._refuse(kind, event, record.id, verdict.reasons, cause)
        at = self._at(record)
        result = self._effect(kind, event, record, view, typed, f"{record.id}#{record.revision + 1}", cause)
        target = event.targets[record.state]
        after = self._with_data(kind, event, record, result)
        after = self._entered(kind, after, target, at)
        entry = self._entry(event.path, record, after, plain, verdict, cause, due, stays=target is None)
        self._put(kind, record, after, entry, cause)
        return self.record(record.id)

    def _judged(
        self,
        kind: Kind,
        event: EventSpec,
        record: CaseRecord | None,
        view: EngineView,
        actor: Actor | None,
        payload: Mapping[str, Any] | None,
    ) -> Verdict:
        try:
            return judge(kind, event, record, view, actor, payload)
        except Exception as error:
            self._note(error, kind, event, record)
            raise
        finally:
            self._asked |= view.asked

    def _refuse(
        self, kind: Kind, event: EventSpec, case: str | None, reasons: tuple[Blocker, ...], cause: Cause
    ) -> None:
        name = f"{kind.blueprint.name}.{event.path}"
        if not reasons and cause.depth > MAX_DEPTH:
            text = f"More than {MAX_DEPTH} steps caused one another."
            reasons = (Blocker("depth", {"limit": MAX_DEPTH}, text),)
        if not reasons:
            return
        if cause.chain:
            raise CascadeRefused(event=name, reasons=reasons, case=case, chain=(*cause.chain, name))
        raise Refused(event=name, reasons=reasons, case=case)

    def _effect(
        self,
        kind: Kind,
        event: EventSpec,
        record: CaseRecord | None,
        view: EngineView,
        payload: Mapping[str, Any],
        step: str,
        cause: Cause,
    ) -> Any:
        outer = self._cause
        name = f"{kind.blueprint.name}.{event.path}"
        self._cause = Cause(step, cause.depth + 1, (*cause.chain, name))
        try:
            result = event.function(event.definition, Acting(view, event.phase), **payload)
            self._queue.extend(
                _Queued(case, command, soft, self._cause) for case, command, soft in view.queued
            )
        except Refusal as refusal:
            blocker = Blocker(event.path, refusal.parameters, sentence(refusal.reason, refusal.parameters))
            self._refuse(kind, event, record.id if record is not None else None, (blocker,), cause)
        except Exception as error:
            self._note(error, kind, event, record)
            raise
        else:
            return result
        finally:
            self._cause = outer
            self._asked |= view.asked

    def _note(self, error: Exception, kind: Kind, event: EventSpec, record: CaseRecord | None) -> None:
        if not isinstance(error, Refused):
            case = f"case {record.id}" if record is not None else "a case that begins"
            noted(error, f"in {kind.stored}.{event.path} of {case}")

    def _with_data(self, kind: Kind, event: EventSpec, record: CaseRecord, result: Any) -> CaseRecord:
        if result is None:
            return record
        of = kind.blueprint.data_type(event.phase)
        plain = self._storable(kind, event.path, of, result, event.phase or "data")
        if event.phase is None:
            return evolve(record, data=plain)
        return evolve(record, phases={**record.phases, event.phase: plain})

    def _storable(self, kind: Kind, event: str, of: Any, value: Any, path: str) -> Json:
        try:
            return kind.codec.round_trip(value, of, path)[0]
        except BadValue as error:
            raise UnstorableData(event=f"{kind.blueprint.name}.{event}", faults=error.faults) from error

    def _entered(self, kind: Kind, record: CaseRecord, target: str | None, at: datetime) -> CaseRecord:
        state = record.state if target is None else target
        blueprint = kind.blueprint
        phase = blueprint.states[state].phase
        came_from = blueprint.states[record.state].phase if record.revision else None
        phases = record.phases
        if phase is not None and (
            phase not in phases
            or (target is not None and came_from != phase and blueprint.phases[phase].fresh)
        ):
            phases = {**phases, phase: blueprint.phases[phase].default}
        return evolve(
            record,
            state=state,
            phases=phases,
            revision=record.revision + 1,
            stepped=at,
            entered=record.entered if target is None else at,
            visited=record.visited if state in record.visited else (*record.visited, state),
            unique=unique_key(kind, record, state),
        )

    def _entry(
        self,
        event: str,
        before: CaseRecord | None,
        after: CaseRecord,
        payload: Mapping[str, Json],
        verdict: Verdict,
        cause: Cause,
        due: datetime | None,
        *,
        stays: bool,
    ) -> EntryRecord:
        old = before.phases if before is not None else {}
        changed = before is None or before.data != after.data
        return EntryRecord(
            case=after.id,
            lifecycle=after.lifecycle,
            version=after.version,
            seq=after.revision,
            event=event,
            before=before.state if before is not None else None,
            after=after.state,
            actor=self.actor.id,
            acted_as=verdict.acted_as,
            caused_by=cause.by,
            due=due,
            at=after.stepped,
            recorded=self._recorded,
            payload=payload,
            data_changed=changed,
            data=after.data if changed else None,
            phases={
                name: plain for name, plain in after.phases.items() if name not in old or old[name] != plain
            },
            stays=stays,
            parent=after.parent,
            links=after.links,
        )

    def _put(
        self, kind: Kind, before: CaseRecord | None, after: CaseRecord, entry: EntryRecord, cause: Cause
    ) -> None:
        kept = clocks(kind.blueprint, before, entry, ZoneInfo(kind.zone))
        following = Cause(f"{after.id}#{entry.seq}", cause.depth + 1, cause.chain)
        self.work.stage(evolve(after, timers=()), new=before is None)
        timers: list[TimerRecord] = []
        for path, timer in kept.items():
            event = kind.blueprint.events[path]
            if timer.automatic or timer.resting:
                self._candidates[after.id, path] = following
            timers.append(self._scheduled(kind, event, timer, after))
        self.work.stage(evolve(after, timers=tuple(timers)))
        self.work.entries.append(entry)
        self._touched[after.id] = None
        for token in tokens_of(after):
            self._unseen.setdefault(token, following)
        if after.unique is not None and (before is None or before.unique != after.unique):
            self._check_unique(kind, before, after, entry)

    def _scheduled(self, kind: Kind, event: EventSpec, timer: TimerRecord, record: CaseRecord) -> TimerRecord:
        if event.moment is None or timer.automatic:
            return scheduled(event, timer, None, self._at(record), ZoneInfo(kind.zone))
        view = EngineView(self, kind.blueprint.definition, record, None)
        said = ask(event.moment, view, {})
        try:
            moment = None if said is None else as_instant(said, ZoneInfo(kind.zone)).astimezone(UTC)
        except (TypeError, ValueError) as error:
            raise UsageError(
                problem=f"The moment {event.moment.code} of {kind.blueprint.name} gave {said!r}: {error}",
                mend="Give an aware datetime, a date, end_of(day) or None.",
            ) from error
        kept = timer.watches if timer.resting else frozenset[str]()
        timer = evolve(timer, watches=kept | view.asked | {own_token(record.id)})
        return scheduled(event, timer, moment, self._at(record), ZoneInfo(kind.zone))

    def _check_unique(
        self, kind: Kind, before: CaseRecord | None, after: CaseRecord, entry: EntryRecord
    ) -> None:
        blueprint = kind.blueprint
        view = EngineView(self, blueprint.definition, after, None)
        others = view.siblings(blueprint.unique_scope).open()
        value = self.case(after).data
        self._asked |= view.asked
        if others.where(**{blueprint.unique: getattr(value, blueprint.unique)}).exists():
            name = f"{blueprint.name}.{entry.event}"
            text = f"There is already one with this {blueprint.unique} that has not ended."
            reasons = (Blocker("unique", {"field": blueprint.unique}, text),)
            raise Refused(event=name, reasons=reasons, case=None if before is None else after.id)

    # -- beginnings

    def _begin(
        self,
        kind: Kind,
        event: EventSpec | None,
        given: Any,
        parent: str | None,
        links: Mapping[str, str],
        *,
        actor: Actor | None,
        cause: Cause,
    ) -> CaseRecord:
        self._check_parent(kind, event, parent, cause)
        for linked in links.values():
            self.record(linked)
        view = EngineView(self, kind.blueprint.definition, None, parent)
        case = self._new_id()
        plain: Mapping[str, Json] = {}
        if event is None:
            verdict, result = self._begin_with_data(kind, actor), given
            name, target = START_WITH_DATA, kind.blueprint.initial
        else:
            name, target = event.path, event.starts
            typed, plain = load_payload(f"{kind.stored}.{event.path}", event.parameters, given, kind.codec)
            verdict = self._judged(kind, event, None, view, actor, typed)
            self._refuse(kind, event, None, verdict.reasons, cause)
            result = self._effect(kind, event, None, view, typed, f"{case}#1", cause)
        assert target is not None
        data = self._storable(kind, name, kind.blueprint.data, result, "data")
        at = self._now
        empty = CaseRecord(
            id=case,
            lifecycle=kind.stored,
            version=kind.blueprint.version,
            state=target,
            revision=0,
            created=at,
            entered=at,
            stepped=at,
            data=data,
            phases={},
            visited=(),
            parent=parent,
            links=dict(links),
        )
        after = self._entered(kind, empty, target, at)
        entry = self._entry(name, None, after, plain, verdict, cause, None, stays=False)
        self._put(kind, None, after, entry, cause)
        return self.record(case)

    def _begin_with_data(self, kind: Kind, actor: Actor | None) -> Verdict:
        name = f"{kind.blueprint.name}.{START_WITH_DATA}"
        if kind.blueprint.initial is None or any(event.starts for event in kind.blueprint.events.values()):
            known = [event.path for event in kind.blueprint.events.values() if event.starts]
            raise UnknownEvent(lifecycle=kind.stored, event="start with data", known=known)
        if actor is not None and actor is not SYSTEM:
            text = "Begins by an effect or by SYSTEM only."
            raise Refused(event=name, reasons=(Blocker("who", {"who": ()}, text),))
        return Verdict(())

    def _check_parent(self, kind: Kind, event: EventSpec | None, parent: str | None, cause: Cause) -> None:
        reasons = self.parent_reasons(kind, parent)
        if reasons:
            name = f"{kind.blueprint.name}.{event.path if event is not None else START_WITH_DATA}"
            if cause.chain:
                raise CascadeRefused(event=name, reasons=reasons, chain=(*cause.chain, name))
            raise Refused(event=name, reasons=reasons)

    def parent_reasons(self, kind: Kind, parent: str | None) -> tuple[Blocker, ...]:
        """Why nothing may begin under that parent.

        Raises:
            UsageError: a parent is needed and there is none.
            UnknownCase: it is of another lifecycle.
        """
        wanted = kind.blueprint.parents
        names = ", ".join(one.__name__ for one in wanted)
        if parent is None:
            if wanted:
                problem = f"A {kind.blueprint.name} is the child of: {names}."
                raise UsageError(problem=problem, mend="Give parent=….")
            return ()
        record = self.record(parent)
        above = self.kinds.check(record)
        if not issubclass(above.lifecycle, wanted):
            raise UnknownCase(
                case=parent, wanted=names or "case that may have children", found=above.blueprint.name
            )
        state = above.blueprint.states[record.state]
        if not state.final:
            return ()
        text = f"The {above.blueprint.name} has ended ({state.title}); nothing begins in it any more."
        return (Blocker("parent", {"parent": parent, "state": record.state}, text),)

    def _new_id(self) -> str:
        return self._settled.new_id()

    def start_from_effect(
        self,
        what: Command[Any] | type[Lifecycle[Any]],
        data: tuple[object, ...],
        parent: str | None,
        links: Mapping[str, str],
    ) -> Case[Any]:
        """Begin a case for an effect, at once."""
        if isinstance(what, Command):
            kind = self.kinds.starting(what)
            event = self.kinds.event(kind, what)
            if event.starts is None:
                raise UnknownEvent(lifecycle=kind.stored, event=event.path, known=_starting(kind))
            record = self._begin(kind, event, what.payload, parent, links, actor=None, cause=self._cause)
        else:
            kind = self.kinds.of(what)
            value = data[0] if data else None
            record = self._begin(kind, None, value, parent, links, actor=None, cause=self._cause)
        return self.case(record)

    # -- what follows

    def _settle(self) -> None:
        seen: set[str] = set()
        while True:
            if self._queue:
                self._cascade(self._queue.popleft())
                continue
            seen |= self._unseen.keys()
            self._wake_waiting()
            if not self._fire_waiting():
                break
        self._reschedule(seen)
        self._check_invariants()

    def _cascade(self, item: _Queued) -> None:
        record = self.record(item.case)
        kind = self.kinds.check(record)
        event = self.kinds.event(kind, item.command)
        mark = self._mark()
        try:
            self._step(kind, event, record, item.command.payload, actor=None, cause=item.cause)
        except Refused:
            if not item.if_allowed:
                raise
            self._undo(mark)

    def _mark(self) -> _Mark:
        grown = (len(self._queue), len(self._touched), len(self._unseen), len(self._candidates))
        return _Mark(self.work.mark(), *grown)

    def _undo(self, mark: _Mark) -> None:
        """Forget an attempt that was refused. During one these collections only grow, at their end."""
        self.work.rollback(mark.work)
        while len(self._queue) > mark.queue:
            self._queue.pop()
        for kept, size in (
            (self._touched, mark.touched),
            (self._unseen, mark.unseen),
            (self._candidates, mark.candidates),
        ):
            while len(kept) > size:
                kept.popitem()

    def _wake_waiting(self) -> None:
        """Let automatic events and resting timers be asked that asked about what has changed since."""
        if self.kinds.someone_waits and self._unseen:
            for record in self.work.watching(self._unseen.keys()):
                if record.lifecycle in self.kinds.names:
                    for timer in record.timers:
                        if timer.automatic or timer.resting:
                            for token in sorted(timer.watches & self._unseen.keys()):
                                self._candidates.setdefault((record.id, timer.event), self._unseen[token])
        self._unseen.clear()

    def _fire_waiting(self) -> bool:
        """Ask the automatic events and resting timers that may hold now, oldest entry first; whether one fired."""
        found: list[tuple[tuple[Any, ...], str, Kind, EventSpec]] = []
        for case, path in self._candidates:
            record = self.work.load(case)
            timer = record.timer(path) if record is not None else None
            if record is not None and timer is not None and (timer.automatic or timer.resting):
                kind = self.kinds.check(record)
                event = kind.blueprint.events[path]
                found.append(((record.entered, event.order, record.created, case), case, kind, event))
        for _, case, kind, event in sorted(found, key=lambda item: item[0]):
            if self._fires(self.record(case), kind, event, self._candidates.pop((case, event.path))):
                return True
        self._candidates.clear()
        return False

    def _fires(self, record: CaseRecord, kind: Kind, event: EventSpec, cause: Cause) -> bool:
        """Try an automatic event or a resting timer; a refused one rests."""
        mark = self._mark()
        timer = _timer(record, event)
        before, self._asked = self._asked, set()
        try:
            self._step(kind, event, record, {}, actor=None, cause=cause, due=timer.due)
        except Refused as error:
            if any(reason.code == "depth" for reason in error.reasons):
                raise
            self._undo(mark)
            watches = frozenset(self._asked | timer.watches | {own_token(record.id)})
            self._stage_timer(record, rested(timer, watches))
            return False
        except Exception as error:
            if event.auto:
                raise
            # A timer that failed by itself must not undo the command of somebody else.
            self._undo(mark)
            _log.error("The timer %s of case %s failed and rests on", event.path, record.id, exc_info=error)
            return False
        finally:
            self._asked |= before
        return True

    def _rest(self, kind: Kind, event: EventSpec, record: CaseRecord, due: DueTimer) -> None:
        timer = _timer(record, event)
        if event.every is not None:
            again = evolve(timer, asked=due.due, ready=None)
            self._stage_timer(record, self._scheduled(kind, event, again, record))
            return
        watches = frozenset(self._asked | timer.watches | {own_token(record.id)})
        self._stage_timer(record, rested(timer, watches))

    def _stage_timer(self, record: CaseRecord, timer: TimerRecord) -> None:
        timers = tuple(timer if one.event == timer.event else one for one in record.timers)
        self.work.stage(evolve(record, timers=timers))

    def _reschedule(self, tokens: set[str]) -> None:
        """Compute anew the moments that asked about what has changed."""
        if not tokens or not self.kinds.someone_waits:
            return
        for record in self.work.watching(tokens):
            if record.lifecycle not in self.kinds.names or record.id in self._touched:
                continue
            kind = self.kinds.check(record)
            timers = tuple(
                timer
                if timer.automatic or timer.watches.isdisjoint(tokens)
                else self._scheduled(kind, kind.blueprint.events[timer.event], timer, record)
                for timer in record.timers
            )
            if timers != record.timers:
                self.work.stage(evolve(record, timers=timers))

    def _check_invariants(self) -> None:
        checked: set[str] = set()
        for case in sorted(self._touched):
            record = self.work.load(case)
            if record is None:
                continue
            for one in (case, record.parent):
                if one is not None and one not in checked:
                    checked.add(one)
                    self._check_invariants_of(self.record(one))

    def _check_invariants_of(self, record: CaseRecord) -> None:
        kind = self.kinds.check(record)
        for bound in kind.blueprint.invariants:
            if bound.phase is not None and bound.phase not in record.phases:
                continue
            view = EngineView(self, kind.blueprint.definition, record, None)
            holds = ask(bound, view, {})
            self._asked |= view.asked
            if not holds:
                raise InvariantBroken(event=self._first_event(), reasons=(_broken(bound),), case=record.id)

    def _first_event(self) -> str:
        entry = self.work.entries[0]
        return f"{self.kinds.named(entry.lifecycle).blueprint.name}.{entry.event}"


def _broken(bound: BoundRule) -> Blocker:
    return Blocker(bound.code, {}, bound.rule.text)


def _timer(record: CaseRecord, event: EventSpec) -> TimerRecord:
    timer = record.timer(event.path)
    assert timer is not None
    return timer


def _starting(kind: Kind) -> tuple[str, ...]:
    return tuple(event.path for event in kind.blueprint.events.values() if event.starts)


def unique_key(kind: Kind, record: CaseRecord, state: str) -> str | None:
    """What the case holds alone among its siblings while it is in that state; None for nothing."""
    blueprint = kind.blueprint
    if not blueprint.unique or blueprint.states[state].final:
        return None
    value = record.data.get(blueprint.unique)
    if value is None:
        return None
    scope = blueprint.unique_scope
    return json.dumps(
        [f"{scope.__module__}:{scope.__qualname__}", record.parent or kind.stored, value], ensure_ascii=False
    )
