"""One decision: a command, a beginning or a timer, and all that follows from it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, final

from progflow.decide.beginnings import Beginnings, beginning
from progflow.decide.candidates import Cause
from progflow.decide.draft import Draft
from progflow.decide.following import Following
from progflow.decide.kinds import Kinds
from progflow.decide.overlay import Overlay
from progflow.decide.steps import Step, Steps
from progflow.decide.verdict import Verdict
from progflow.definition.blueprint import EventSpec, Kind
from progflow.definition.people import SYSTEM, Actor
from progflow.definition.wording import Says
from progflow.errors import Blocker, Refused
from progflow.ports import Surroundings
from progflow.records import CaseRecord, DueTimer, Json


@final
class Deciding:
    """One decision. It is pure: the same surroundings give the same decision, and nothing is written.

    Args:
        kinds: the lifecycles of the flow.
        surroundings: all that may be looked at; what was due before has happened there.
        actor: who causes it.
        now: when it takes effect, aware.
        recorded: when it is written down, aware.
    """

    def __init__(
        self, kinds: Kinds, surroundings: Surroundings, *, actor: Actor, now: datetime, recorded: datetime
    ) -> None:
        self._draft = Draft(kinds, surroundings, actor=actor, now=now, recorded=recorded)
        self._steps = Steps(self._draft)
        self._beginnings = Beginnings(self._draft, self._steps)
        self._following = Following(self._draft, self._steps)
        self._draft.starter = self._beginnings.from_effect

    @property
    def work(self) -> Overlay:
        """What has been decided so far."""
        return self._draft.work

    @property
    def actor(self) -> Actor:
        """Who causes it."""
        return self._draft.actor

    def record(self, case: str) -> CaseRecord:
        """The case of that id, as this decision has it so far.

        Raises:
            UnknownCase: there is none.
        """
        return self._draft.record(case)

    def fire(self, record: CaseRecord, event: EventSpec, payload: Mapping[str, Json]) -> None:
        """Decide a command on a case and all that follows from it.

        Raises:
            Refused: and its subclasses.
            PayloadError: the payload does not fit.
        """
        kind = self._draft.kinds.check(record)
        self._steps.make(Step(kind, event.path, record, self.actor), payload)
        self._following.settle()

    def start(
        self, kind: Kind, event: EventSpec | None, given: Any, parent: str | None, links: Mapping[str, str]
    ) -> str:
        """Decide the beginning of a case, by a ``START`` event with its payload or (event None) with its data.

        Returns the id of the new case.

        Raises:
            Refused: and its subclasses.
            PayloadError, UnstorableData, UsageError, UnknownCase: what was given does not fit.
        """
        step = beginning(kind, event, self.actor, Cause())
        record = self._beginnings.begin(step, event, given, parent, links)
        self._following.settle()
        return record.id

    def fire_timer(self, due: DueTimer) -> bool:
        """Decide a timer that is due; whether it fired. A refused one rests."""
        draft = self._draft
        record = draft.record(due.case)
        kind = draft.kinds.check(record)
        event, timer = kind.blueprint.fires(due.event), record.timer(due.event)
        if timer is None or timer.resting or timer.due != due.due:
            return False  # somebody else was faster
        if event is None or not event.timed:
            self._following.forget(record, due.event)
            return False
        mark = draft.mark()
        try:
            self._steps.make(Step(kind, event.path, record, due=due.due), {})
            self._following.settle()
        except Refused:
            draft.rollback(mark)
            self._following.rest(kind, event, record, due)
            return False
        return True

    def wake(self, record: CaseRecord) -> None:
        """Ask the resting timers and automatic events of the case again, and compute its moments anew."""
        self._following.reschedule(record, frozenset(timer.event for timer in record.timers))
        for timer in self.record(record.id).timers:
            if timer.automatic or timer.resting:
                self._following.ask_again(record, timer.event, Cause())
        self._following.settle()

    # -- questions

    def judged(self, kind: Kind, event: EventSpec, record: CaseRecord | None, parent: str | None) -> Verdict:
        """The verdict on an event for this actor, as far as it does not depend on the payload.

        Args:
            kind: the lifecycle.
            event: the event.
            record: the case, None where one could begin.
            parent: where it could begin.
        """
        reasons = self._beginnings.parent_reasons(kind, parent) if record is None else ()
        if reasons:
            return Verdict(reasons)
        return self._steps.judged(Step(kind, event.path, record, self.actor), parent, None)

    def why_it_rests(self, kind: Kind, event: EventSpec, record: CaseRecord) -> tuple[Blocker, ...]:
        """Why an event that fires by itself rests: what would be against it now, whoever asks."""
        draft = self._draft
        trial = Deciding(draft.kinds, draft.surroundings, actor=SYSTEM, now=draft.now, recorded=draft.recorded)
        try:
            trial._steps.make(Step(kind, event.path, record), {})
            trial._following.settle()
        except Refused as error:
            return tuple(error.reasons)
        return (Blocker("asleep", {}, kind.words.says(Says.ASLEEP)),)
