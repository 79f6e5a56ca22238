"""One step of one case: payload, verdict, effect, new data and state, timers, and the entry that records it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, final
from zoneinfo import ZoneInfo

from attrs import evolve, field, frozen

from progflow.codec import BadValue
from progflow.decide.alarms import alarm_of
from progflow.decide.candidates import Cause
from progflow.decide.draft import Draft
from progflow.decide.timing import clocks, own_token, scheduled, tokens_of
from progflow.decide.verdict import Verdict, judge, noted
from progflow.decide.view import EngineView
from progflow.definition.blueprint import EventSpec, Kind
from progflow.definition.context import Acting, Refusal
from progflow.definition.lifecycle import blueprint_of
from progflow.definition.payload import Payload
from progflow.definition.people import Actor
from progflow.definition.sentences import readable
from progflow.definition.wording import Says
from progflow.errors import Blocker, CascadeRefused, Refused, UnstorableData
from progflow.records import CaseRecord, EntryRecord, Json, TimerRecord

MAX_DEPTH: Final = 50
"""How long a chain of causes may get. How many cases a step moves is not bounded."""


@frozen
class Step:
    """What has to be decided: an event of a case (None where one begins), by whom, and why.

    ``actor`` is None where the question who is not asked (timers, automatic events, cascades); ``due`` is the moment
    of a timer.
    """

    kind: Kind
    event: str
    record: CaseRecord | None
    actor: Actor | None = None
    cause: Cause = field(factory=Cause)
    due: datetime | None = None

    @property
    def name(self) -> str:
        """The event as errors name it."""
        return f"{self.kind.blueprint.name}.{self.event}"

    @property
    def case(self) -> str | None:
        """The id of the case, if it is there already."""
        return None if self.record is None else self.record.id

    @property
    def spec(self) -> EventSpec:
        """The event."""
        return self.kind.blueprint.events[self.event]

    def note(self, error: Exception) -> None:
        """Say in an error that a rule or effect raised by itself where that was."""
        if not isinstance(error, Refused):
            case = f"case {self.record.id}" if self.record is not None else "a case that begins"
            noted(error, f"in {self.kind.stored}.{self.event} of {case}")

    def refuse(self, reasons: tuple[Blocker, ...]) -> None:
        """Refuse the step if there are reasons, or if too many steps have caused one another."""
        if not reasons and self.cause.depth > MAX_DEPTH:
            text = self.kind.words.says(Says.DEPTH, limit=MAX_DEPTH)
            reasons = (Blocker("depth", {"limit": MAX_DEPTH}, text),)
        if not reasons:
            return
        if self.cause.chain:
            chain = (*self.cause.chain, self.name)
            raise CascadeRefused(event=self.name, reasons=reasons, case=self.case, chain=chain)
        raise Refused(event=self.name, reasons=reasons, case=self.case)


def ended_parent(parent: Kind, record: CaseRecord) -> Blocker:
    """That nothing begins under a parent that has ended."""
    words = parent.words
    text = words.says(Says.PARENT_ENDED, parent=words.name(), state=words.label(record.state))
    return Blocker("parent", {"parent": record.id, "state": record.state}, text)


def too_deep(error: Refused) -> bool:
    """Whether it was refused because too many steps caused one another: nobody passes over that."""
    return any(reason.code == "depth" for reason in error.reasons)


@final
class Steps:
    """Makes steps in a draft."""

    def __init__(self, draft: Draft) -> None:
        self._draft = draft

    def make(self, step: Step, payload: Mapping[str, Json]) -> CaseRecord:
        """Decide one step of a case that is there, and put it into the draft.

        Raises:
            Refused: and its subclasses.
        """
        try:
            return self._made(step, payload)
        except Exception as error:
            step.note(error)
            raise

    def _made(self, step: Step, payload: Mapping[str, Json]) -> CaseRecord:
        record, event, kind = step.record, step.spec, step.kind
        assert record is not None
        given = Payload(f"{kind.stored}.{event.path}", event.parameters, payload, kind.codec)
        verdict = self.judged(step, None, given)
        step.refuse(verdict.reasons)
        at, place = self._draft.at(record), len(self._draft.work.entries)
        result = self.effect(step, None, given.typed, f"{record.id}#{record.revision + 1}")
        target = self._draft.kinds.targets(kind, event)[record.state]
        after = entered(kind, self._with_data(step, record, result), target, at)
        self.put(step, after, entry_of(self._draft, step, after, given.plain, verdict, stays=target is None), place)
        return self._draft.record(record.id)

    def judged(self, step: Step, parent: str | None, payload: Payload | None) -> Verdict:
        """The verdict on a step; ``parent`` is where a case is to begin.

        Raises:
            DamagedData: the stored data of the case cannot be read.
        """
        draft, event, record = self._draft, step.spec, step.record
        if record is not None:
            case = draft.case(record)
            _ = case.data if event.phase is None else (case.data, case.phase_data(event.phase))
        view = EngineView(draft, step.kind.blueprint.definition, record, parent)
        try:
            return judge(draft.kinds, step.kind, event, record, view, step.actor, payload)
        except Exception as error:
            step.note(error)
            raise
        finally:
            draft.asked |= view.asked

    def effect(self, step: Step, parent: str | None, payload: Mapping[str, Any], name: str) -> Any:
        """What the method of the event returns; what it fires is queued, what it starts has begun.

        Args:
            step: the step.
            parent: where a case is to begin.
            payload: typed.
            name: how the history names this step, as the cause of others.
        """
        draft, event = self._draft, step.spec
        view = EngineView(draft, step.kind.blueprint.definition, step.record, parent)
        outer = draft.cause
        draft.cause = Cause(name, step.cause.depth + 1, (*step.cause.chain, step.name))
        try:
            return event.function(event.definition, Acting(view, event.phase), **payload)
        except Refusal as refusal:
            text = step.kind.words.refused(event, refusal.reason, refusal.parameters)
            step.refuse((Blocker(event.path, refusal.parameters, text),))
        finally:
            draft.cause = outer
            draft.asked |= view.asked

    def _with_data(self, step: Step, record: CaseRecord, result: Any) -> CaseRecord:
        if result is None:
            return record
        phase = step.spec.phase
        plain = self.storable(step, step.kind.blueprint.data_type(phase), result, phase or "data")
        if phase is None:
            return evolve(record, data=plain)
        return evolve(record, phases={**record.phases, phase: plain})

    def storable(self, step: Step, of: Any, value: Any, path: str) -> Json:
        """The data as plain JSON, made sure that it comes back.

        Raises:
            UnstorableData: it would not; with every fault.
        """
        try:
            return step.kind.codec.round_trip(value, of, path)[0]
        except BadValue as error:
            raise UnstorableData(event=step.name, faults=error.faults) from error

    def put(self, step: Step, after: CaseRecord, entry: EntryRecord, place: int) -> None:
        """Put a decided step into the draft: the case with its timers, the entry, and whom it may concern.

        ``place`` is where the entry belongs: before those of the cases that its effect began, causes first.
        """
        draft, kind, before = self._draft, step.kind, step.record
        chain = (*step.cause.chain, step.name)
        following = Cause(f"{after.id}#{entry.seq}", step.cause.depth + 1, chain)
        kept = clocks(kind.blueprint, before, entry, ZoneInfo(kind.zone))
        draft.work.stage(evolve(after, timers=()), new=before is None)
        timers: list[TimerRecord] = []
        for path, timer in kept.items():
            event = kind.blueprint.events[path]
            if timer.automatic or timer.resting:
                draft.candidates.add(after, path, event.order, following, anew=True)
            timers.append(self.scheduled(kind, event, timer, after))
        draft.work.stage(evolve(after, timers=tuple(timers)))
        draft.work.entries.insert(place, entry)
        draft.touched.add(after.id)
        for token in tokens_of(after):
            draft.unseen.setdefault(token, following)
        if after.unique is not None and (before is None or before.unique != after.unique):
            self._check_unique(step, after)

    def scheduled(self, kind: Kind, event: EventSpec, timer: TimerRecord, record: CaseRecord) -> TimerRecord:
        """The timer with the due moment that its case and its rules give it now."""
        at, zone = self._draft.at(record), ZoneInfo(kind.zone)
        if timer.automatic:
            return timer
        view = EngineView(self._draft, kind.blueprint.definition, record, None)
        alarm = alarm_of(kind, event, view, zone)
        if event.asks:
            kept = timer.watches if timer.resting else frozenset[str]()
            timer = evolve(timer, watches=kept | view.asked | {own_token(record.id)})
        return scheduled(timer, alarm, at, zone)

    def _check_unique(self, step: Step, after: CaseRecord) -> None:
        blueprint, draft = step.kind.blueprint, self._draft
        view = EngineView(draft, blueprint.definition, after, None)
        others = view.siblings(blueprint.unique_scope).open()
        value = getattr(draft.case(after).data, blueprint.unique)
        draft.asked |= view.asked
        if others.where(**{blueprint.unique: value}).exists():
            text = step.kind.words.says(Says.UNIQUE, field=readable(blueprint.unique))
            step.refuse((Blocker("unique", {"field": blueprint.unique}, text),))


def entered(kind: Kind, record: CaseRecord, target: str | None, at: datetime) -> CaseRecord:
    """The case after a step to that state; with None it stays where it is.

    Data of a phase that is entered for the first time is its default, and again for a phase that begins anew.
    """
    state = record.state if target is None else target
    blueprint = kind.blueprint
    phase = blueprint.states[state].phase
    came_from = blueprint.states[record.state].phase if record.revision else None
    phases = record.phases
    if phase is not None and (
        phase not in phases or (target is not None and came_from != phase and blueprint.phases[phase].fresh)
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


def entry_of(
    draft: Draft,
    step: Step,
    after: CaseRecord,
    payload: Mapping[str, Json],
    verdict: Verdict,
    *,
    stays: bool,
) -> EntryRecord:
    """The entry that records a step."""
    before = step.record
    old: Mapping[str, Json] = before.phases if before is not None else {}
    changed = before is None or before.data is not after.data  # 1 equals 1.0 and True, and is not the same
    return EntryRecord(
        case=after.id,
        lifecycle=after.lifecycle,
        version=after.version,
        seq=after.revision,
        event=step.event,
        before=before.state if before is not None else None,
        after=after.state,
        actor=draft.actor.id,
        acted_as=verdict.acted_as,
        caused_by=step.cause.by,
        due=step.due,
        at=after.stepped,
        recorded=draft.recorded,
        payload=payload,
        data_changed=changed,
        data=after.data if changed else None,
        phases={n: plain for n, plain in after.phases.items() if n not in old or old[n] is not plain},
        stays=stays,
        parent=after.parent,
        links=after.links,
    )


def unique_key(kind: Kind, record: CaseRecord, state: str) -> str | None:
    """What the case holds alone among its siblings while it is in that state; None for nothing."""
    blueprint = kind.blueprint
    data: Json = record.data
    if not blueprint.unique or blueprint.states[state].final or not isinstance(data, dict):
        return None
    value: Json = data.get(blueprint.unique)  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    if value is None:
        return None
    program = kind.stored.removesuffix(blueprint.name)
    among = f"{program}{blueprint_of(blueprint.unique_scope).name}"
    return json.dumps([among, record.parent, value], ensure_ascii=False)
