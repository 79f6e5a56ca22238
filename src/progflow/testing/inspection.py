"""A close look at what a step has left behind: histories, data, timers, and whatever always holds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from typing import final

from attrs import evolve

from progflow.decide.beginnings import Beginnings
from progflow.decide.draft import Draft
from progflow.decide.fold import fold
from progflow.decide.steps import Step, Steps
from progflow.decide.verdict import ask
from progflow.decide.view import EngineView
from progflow.definition.blueprint import BoundRule, Kind
from progflow.definition.payload import load_payload
from progflow.definition.people import SYSTEM
from progflow.errors import DamagedData
from progflow.records import CaseRecord, EntryRecord, TimerRecord
from progflow.testing.playground import Playground
from progflow.testing.promises import Beyond, Promise, RuleBroken, failed


@final
class Inspection:
    """Looks at the cases of a playground.

    Args:
        playground: where they are.
        beyond: what is looked at beyond the definitions.
        thorough: look at all that is promised; otherwise only whether an invariant had to say no.
    """

    def __init__(self, playground: Playground, beyond: Beyond, *, thorough: bool) -> None:
        self._playground = playground
        self._beyond = beyond
        self._thorough = thorough

    def look(self, cases: Mapping[str, CaseRecord], entries: Mapping[str, Sequence[EntryRecord]]) -> None:
        """Look at all that has changed since these were the cases and their histories.

        Raises:
            RuleBroken: something is not as promised.
        """
        playground = self._playground
        changed = [record for case, record in playground.cases.items() if cases.get(case) is not record]
        self._look_at_resting(changed, cases)
        if changed or self._thorough:
            self._look_at_rules_about_all()
        self.look_at_invariants(self._beside(changed, cases))
        if not self._thorough:
            return
        for record in changed:
            known = len(entries.get(record.id, ()))
            self._look_at_history(record, known)
            self._look_at_data(record)
            if record.id in cases:
                self._look_at_effect(cases[record.id], playground.held.entries[record.id][known:])
        self.look_at_invariants(changed)

    def _beside(self, changed: Iterable[CaseRecord], before: Mapping[str, CaseRecord]) -> list[CaseRecord]:
        """The cases under and beside those that are in another state now: the flow asks only those that have moved."""
        records = self._playground.cases.values()
        moved = {one.id: one for one in changed if one.id not in before or before[one.id].state != one.state}
        named = {case for one in moved.values() for case in one.links.values()}
        return [
            one
            for one in records
            if one.id not in moved
            and (one.parent in moved or one.id in named or not moved.keys().isdisjoint(one.links.values()))
        ]

    def _look_at_resting(self, changed: Iterable[CaseRecord], before: Mapping[str, CaseRecord]) -> None:
        """A timer or automatic event that only an invariant holds back has no guard that does."""
        for record in changed:
            old = before.get(record.id)
            for timer in record.timers:
                if timer.resting and (old is None or old.timer(timer.event) != timer):
                    self._look_at_reasons(record, timer)

    def _look_at_reasons(self, record: CaseRecord, timer: TimerRecord) -> None:
        playground = self._playground
        kind = playground.kind_of(record)
        event = kind.blueprint.fires(timer.event)
        if event is None:
            return
        try:
            reasons = playground.asking(SYSTEM, lambda deciding: deciding.why_it_rests(kind, event, record))
        except Exception as error:
            raise failed(error, record.id) from error
        invariants = {bound.code for one in playground.kinds.all for bound in one.blueprint.invariants}
        guards = {
            bound.code for one in playground.kinds.all for e in one.blueprint.events.values() for bound in e.guards
        }
        for reason in reasons:
            if reason.code in invariants - guards:
                found = f"{event.title} would happen by itself, and only this invariant stops it: {reason.text}"
                raise RuleBroken(Promise.GUARDS, found, record.id, reason.code)

    def _look_at_history(self, record: CaseRecord, known: int) -> None:
        playground = self._playground
        kind, entries = playground.kind_of(record), playground.held.entries.get(record.id, ())
        folded = fold(kind, entries)
        if _comparable(kind, folded) != _comparable(kind, record) or record.revision != len(entries):
            raise RuleBroken(Promise.FOLDS, f"It adds up to {folded.state}, stored is {record.state}.", record.id)
        for number in range(max(known, 1), len(entries)):
            entry = entries[number]
            if entry.due is not None:
                self._look_at_timer(kind, entry, fold(kind, entries[:number]))

    def _look_at_timer(self, kind: Kind, entry: EntryRecord, before: CaseRecord) -> None:
        assert entry.due is not None
        timer = before.timer(entry.event)
        if timer is None or before.state not in kind.blueprint.events[entry.event].targets:
            raise RuleBroken(Promise.TIMER, f"{entry.event} fired in {before.state}.", entry.case)
        if kind.blueprint.events[entry.event].auto:
            return
        if timer.asked == entry.due:
            raise RuleBroken(Promise.TIMER, f"{entry.event} fired twice for {entry.due}.", entry.case)

    def _look_at_data(self, record: CaseRecord) -> None:
        kind = self._playground.kind_of(record)
        case = self._playground.kinds.case(record)
        try:
            same = kind.codec.dump(case.data, kind.blueprint.data) == record.data
            for name in record.phases:
                same = same and (
                    kind.codec.dump(case.phase_data(name), kind.blueprint.phases[name].data) == record.phases[name]
                )
        except DamagedData as error:
            raise RuleBroken(Promise.COMES_BACK, str(error), record.id) from error
        entry = self._playground.held.entries[record.id][-1]
        event = kind.blueprint.events.get(entry.event)
        if event is not None:
            _, plain = load_payload(entry.event, event.parameters, entry.payload, kind.codec)
            same = same and plain == entry.payload
        if not same:
            raise RuleBroken(Promise.COMES_BACK, "It comes back otherwise.", record.id)

    def _look_at_effect(self, before: CaseRecord, made: Sequence[EntryRecord]) -> None:
        """Let the effect of the first of these entries happen once more, on a copy that is thrown away."""
        playground, kind = self._playground, self._playground.kind_of(before)
        event = kind.blueprint.events.get(made[0].event) if made else None
        if event is None:
            return
        typed, _ = load_payload(event.path, event.parameters, made[0].payload, kind.codec)
        with playground.store.begin(write=False) as unit:
            world = playground.engine.world(unit)
            draft = Draft(playground.kinds, world, actor=SYSTEM, now=made[0].at, recorded=made[0].at)
            steps = Steps(draft)
            draft.starter = Beginnings(draft, steps).from_effect
            with suppress(Exception):  # where others have moved on meanwhile, it need not be possible any more
                steps.effect(Step(kind, event.path, before), None, typed, "")
            case = draft.case(before)
        same = kind.codec.dump(case.data, kind.blueprint.data) == before.data
        for name, plain in before.phases.items():
            same = same and kind.codec.dump(case.phase_data(name), kind.blueprint.phases[name].data) == plain
        if not same:
            raise RuleBroken(Promise.IN_PLACE, f"{event.title} changes its ctx.data in place.", before.id, event.path)

    def look_at_invariants(self, of: Iterable[CaseRecord] | None = None) -> None:
        """Ask the invariants of these cases, and of all unless some are named.

        Raises:
            RuleBroken: one does not hold.
        """
        playground = self._playground
        with playground.store.begin(write=False) as unit:
            world = playground.engine.world(unit)
            draft = Draft(playground.kinds, world, actor=SYSTEM, now=playground.now, recorded=playground.now)
            for record in list(playground.cases.values() if of is None else of):
                kind = playground.kind_of(record)
                for bound in kind.blueprint.invariants:
                    self._ask(draft, kind, bound, draft.record(record.id))

    def _look_at_rules_about_all(self) -> None:
        for holds in self._beyond.always:
            said = (holds.__doc__ or holds.__name__.replace("_", " ")).strip().split("\n")[0]
            try:
                answer = holds(self._playground.flow)
            except AssertionError as error:
                raise RuleBroken(Promise.INVARIANT, f"{said} {error}".strip(), None, holds.__name__) from error
            except Exception as error:
                raise failed(error, None) from error
            if answer is False:
                raise RuleBroken(Promise.INVARIANT, said, None, holds.__name__)

    def _ask(self, draft: Draft, kind: Kind, bound: BoundRule, record: CaseRecord) -> None:
        if bound.phase is not None and bound.phase not in record.phases:
            return
        try:
            holds = bool(ask(bound, EngineView(draft, kind.blueprint.definition, record, None), {}))
        except Exception as error:
            raise failed(error, record.id) from error
        if not holds:
            raise RuleBroken(Promise.INVARIANT, kind.words.rule(bound), record.id, bound.code)


def _comparable(kind: Kind, record: CaseRecord) -> CaseRecord:
    """The case without what its history alone does not tell: what moments said, and which periods were asked."""
    timers = [evolve(timer, due=None, ready=None, resting=False, watches=frozenset()) for timer in record.timers]
    return evolve(
        record,
        timers=tuple(
            evolve(timer, asked=None) if kind.blueprint.events[timer.event].every is not None else timer
            for timer in sorted(timers, key=lambda timer: timer.event)
        ),
    )
