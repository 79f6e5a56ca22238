"""What follows from a step: what effects queued, what waited for it, moments that it moves, and the invariants."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from typing import Final, final

from attrs import evolve

from progflow.decide.candidates import Cause
from progflow.decide.draft import Draft, Mark, Queued
from progflow.decide.steps import Step, Steps, ended_parent, too_deep
from progflow.decide.timing import own_token, rested
from progflow.decide.verdict import ask, noted
from progflow.decide.view import EngineView
from progflow.definition.blueprint import BoundRule, EventSpec, Kind
from progflow.errors import Blocker, InvariantBroken, Refused
from progflow.records import CaseRecord, DueTimer, TimerRecord

_log: Final = logging.getLogger("progflow")


@final
class Following:
    """Lets happen in a draft what follows."""

    def __init__(self, draft: Draft, steps: Steps) -> None:
        self._draft = draft
        self._steps = steps
        self._tolerated: set[tuple[str, str]] = set()
        """Invariants that a step has broken which may be mended by what follows: they are asked at the end."""

    def settle(self) -> None:
        """Decide the queue, first in, first out, then what waits, until nothing moves; then the invariants.

        Raises:
            Refused: and its subclasses.
        """
        draft = self._draft
        seen: set[str] = set()
        while True:
            if draft.queue:
                self._cascade(draft.queue.popleft())
                continue
            seen |= draft.unseen.keys()
            self._show_waiting()
            if not self._fire_waiting():
                break
        self._reschedule_watching(seen)
        self._check_invariants()

    def _cascade(self, item: Queued) -> None:
        draft = self._draft
        record = draft.record(item.case)
        kind = draft.kinds.check(record)
        event = draft.kinds.event(kind, item.command)
        mark = draft.mark() if item.if_allowed else None
        try:
            self._steps.make(Step(kind, event.path, record, cause=item.cause), item.command.payload)
        except Refused as error:
            if mark is None or too_deep(error):
                raise
            draft.rollback(mark)

    # -- automatic events and resting timers

    def _show_waiting(self) -> None:
        """Let automatic events and resting timers be asked that asked about what has changed since."""
        draft = self._draft
        unseen, draft.unseen = draft.unseen, {}
        if not unseen or not draft.kinds.someone_waits:
            return
        for record in draft.work.watching(unseen.keys()):
            if record.lifecycle not in draft.kinds.names:
                continue
            for timer in record.timers:
                seen = timer.watches & unseen.keys()
                if seen and (timer.automatic or timer.resting):
                    self.ask_again(record, timer.event, unseen[min(seen)])

    def ask_again(self, record: CaseRecord, event: str, cause: Cause) -> None:
        """Let an automatic event or resting timer be asked, unless it is going to be already."""
        spec = self._draft.kinds.check(record).blueprint.fires(event)
        if spec is not None:
            self._draft.candidates.add(record, event, spec.order, cause)

    def _fire_waiting(self) -> bool:
        """Ask those that may hold now; whether one fired."""
        while (found := self._draft.candidates.pop()) is not None:
            record, event, cause = found
            kind = self._draft.kinds.check(record)
            timer = _timer(record, event)
            if self._fires(Step(kind, event, record, cause=cause, due=timer.due), timer):
                return True
        return False

    def _fires(self, step: Step, timer: TimerRecord) -> bool:
        """Try an automatic event or a resting timer, with all that its effect fires.

        One that is refused, itself or in what it fires or by an invariant, rests: it must not refuse the command
        of somebody else.
        """
        draft, record = self._draft, step.record
        assert record is not None
        mark = draft.mark()
        before, draft.asked = draft.asked, set()
        try:
            self._make_whole(step)
            broken = self._broken_by(mark)
            if broken:
                refused = self._invariant_broken(*broken[0])  # while there is still what the step has begun
                draft.rollback(mark)
                if not self._tolerates(broken):
                    raise refused
                self._make_whole(step)
        except Refused as error:
            if too_deep(error):
                raise
            draft.rollback(mark)
            watches = frozenset(draft.asked | timer.watches | {own_token(record.id)})
            self._stage_timer(record, rested(timer, watches))
            return False
        except Exception as error:
            if timer.automatic:
                raise
            # A timer that failed by itself must not undo the command of somebody else.
            draft.rollback(mark)
            _log.error("The timer %s of case %s failed and rests on", step.event, record.id, exc_info=error)
            return False
        finally:
            draft.asked |= before
        return True

    # -- timers

    def rest(self, kind: Kind, event: EventSpec, record: CaseRecord, due: DueTimer) -> None:
        """Put a refused timer to rest with what it asked about; one that asks each period waits for the next."""
        timer = _timer(record, event.path)
        if event.every is not None:
            again = evolve(timer, asked=due.due, ready=None)
            self._stage_timer(record, self._steps.scheduled(kind, event, again, record))
            return
        watches = frozenset(self._draft.asked | timer.watches | {own_token(record.id)})
        self._stage_timer(record, rested(timer, watches))

    def forget(self, record: CaseRecord, event: str) -> None:
        """Take away a timer whose event the definition has no more, or that does not fire by itself any more."""
        timers = tuple(timer for timer in record.timers if timer.event != event)
        self._draft.work.stage(evolve(record, timers=timers))

    def _stage_timer(self, record: CaseRecord, timer: TimerRecord) -> None:
        timers = tuple(timer if one.event == timer.event else one for one in record.timers)
        self._draft.work.stage(evolve(record, timers=timers))

    def _reschedule_watching(self, tokens: set[str]) -> None:
        """Compute anew the moments that asked about what has changed."""
        draft = self._draft
        if not tokens or not draft.kinds.someone_waits:
            return
        for record in draft.work.watching(tokens):
            if record.lifecycle in draft.kinds.names:
                watching = [timer for timer in record.timers if not timer.watches.isdisjoint(tokens)]
                self.reschedule(record, frozenset(timer.event for timer in watching))

    def reschedule(self, record: CaseRecord, events: frozenset[str]) -> None:
        """Compute the moments of those timers of the case anew."""
        draft = self._draft
        kind = draft.kinds.check(record)
        timers: list[TimerRecord] = []
        for timer in record.timers:
            event = kind.blueprint.fires(timer.event)
            if event is not None and timer.event in events and event.asks and not timer.automatic:
                try:
                    timer = self._steps.scheduled(kind, event, timer, record)
                except Exception as error:
                    Step(kind, event.path, record).note(error)
                    raise
            timers.append(timer)
        if tuple(timers) != record.timers:
            draft.work.stage(evolve(record, timers=tuple(timers)))

    # -- invariants

    def _make_whole(self, step: Step) -> None:
        self._steps.make(step, {})
        while self._draft.queue:
            self._cascade(self._draft.queue.popleft())

    def _broken_by(self, mark: Mark) -> list[tuple[str, BoundRule]]:
        """The invariants that are broken after what has been done since the mark, but those known to be broken then."""
        cases = {entry.case for entry in self._draft.work.entries[mark.work[1] :]}
        return [one for one in self._broken(cases) if (one[0], one[1].code) not in self._tolerated]

    def _tolerates(self, broken: list[tuple[str, BoundRule]]) -> bool:
        """Whether all of these were broken already: an earlier step has done it, and a later one may mend it."""
        for case, bound in broken:
            record = self._draft.work.load(case)
            if record is not None and not self._holds(record, bound):
                self._tolerated.add((case, bound.code))
        return all((case, bound.code) in self._tolerated for case, bound in broken)

    def _check_invariants(self) -> None:
        """Those of every case that made a step and of its parent, each case once."""
        for case in sorted(self._draft.touched):
            self._check_beginning(self._draft.record(case))
        for case, bound in self._broken(self._draft.touched):
            raise self._invariant_broken(case, bound)

    def _broken(self, cases: Iterable[str]) -> Iterator[tuple[str, BoundRule]]:
        """The broken invariants of these cases and of their parents."""
        checked: set[str] = set()
        for case in sorted(cases):
            for one in (case, self._draft.record(case).parent):
                if one is not None and one not in checked:
                    checked.add(one)
                    record = self._draft.record(one)
                    for bound in self._draft.kinds.check(record).blueprint.invariants:
                        if not self._holds(record, bound):
                            yield one, bound

    def _holds(self, record: CaseRecord, bound: BoundRule) -> bool:
        draft = self._draft
        if bound.phase is not None and bound.phase not in record.phases:
            return True
        view = EngineView(draft, draft.kinds.check(record).blueprint.definition, record, None)
        try:
            return bool(ask(bound, view, {}))
        except Exception as error:
            noted(error, f"after {self._first_event()}, for case {record.id}")
            raise
        finally:
            draft.asked |= view.asked

    def _invariant_broken(self, case: str, bound: BoundRule) -> InvariantBroken:
        words = self._draft.kinds.check(self._draft.record(case)).words
        reasons = (Blocker(bound.code, {}, words.rule(bound)),)
        return InvariantBroken(event=self._first_event(), reasons=reasons, case=case)

    def _check_beginning(self, record: CaseRecord) -> None:
        """What has begun does not stay open under a parent that ended in the same decision."""
        draft = self._draft
        if record.parent is None or not draft.work.is_new(record.id):
            return
        blueprint, above = draft.kinds.check(record).blueprint, draft.record(record.parent)
        parent = draft.kinds.check(above)
        if parent.blueprint.states[above.state].final and not blueprint.states[record.state].final:
            raise Refused(
                event=self._first_event(), reasons=(ended_parent(parent, above),), case=draft.work.entries[0].case
            )

    def _first_event(self) -> str:
        entry = next(iter(self._draft.work.entries), None)
        if entry is None:
            return "flow.wake"
        return f"{self._draft.kinds.named(entry.lifecycle).blueprint.name}.{entry.event}"


def _timer(record: CaseRecord, event: str) -> TimerRecord:
    timer = record.timer(event)
    assert timer is not None
    return timer
