"""One decision while it is made: who, when, what it has changed so far, and what still has to follow."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, TypeAlias, final
from zoneinfo import ZoneInfo

from attrs import frozen

from progflow.decide.candidates import Candidates, Cause
from progflow.decide.kinds import Kinds
from progflow.decide.overlay import Overlay
from progflow.definition.cases import Case
from progflow.definition.events import Command
from progflow.definition.lifecycle import Lifecycle
from progflow.definition.people import Actor
from progflow.errors import UnknownCase
from progflow.ports import Surroundings
from progflow.records import CaseRecord

Starter: TypeAlias = Callable[
    [Command[Any] | type[Lifecycle[Any]], tuple[object, ...], str | None, str | None, Mapping[str, str]],
    Case[Any],
]
"""Begins a case for an effect: what, its data, the parent that was named, the acting case, and the links."""


@frozen
class Queued:
    """A command that an effect fired and that is still to be decided."""

    case: str
    command: Command[Any]
    if_allowed: bool
    cause: Cause


@frozen
class Mark:
    """Where to roll back to."""

    work: tuple[int, int]
    queued: int
    candidates: Mapping[tuple[str, str], Cause]
    touched: frozenset[str]
    unseen: Mapping[str, Cause]


@final
class Draft:
    """What one decision knows and has changed. It reads through an overlay and writes only there.

    Args:
        kinds: the lifecycles of the flow.
        surroundings: all that may be looked at; what was due before has happened there.
        actor: who causes it.
        now: when it takes effect, aware.
        recorded: when it is written down, aware.
    """

    starter: Starter

    def __init__(
        self, kinds: Kinds, surroundings: Surroundings, *, actor: Actor, now: datetime, recorded: datetime
    ) -> None:
        self.kinds = kinds
        self.surroundings = surroundings
        self.actor = actor
        self.now = now.astimezone(UTC)
        self.recorded = recorded.astimezone(UTC)
        self.work = Overlay(surroundings)
        self.queue: deque[Queued] = deque()
        self.candidates = Candidates(self.work.load)
        self.touched: set[str] = set()
        """The cases that made a step."""
        self.unseen: dict[str, Cause] = {}
        """What was touched and has not been shown to the automatic events that watch it."""
        self.asked: set[str] = set()
        """What the rules have asked about."""
        self.cause = Cause()
        self._values: dict[str, tuple[CaseRecord, Case[Any]]] = {}

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

    def at(self, record: CaseRecord | None) -> datetime:
        """The instant of a step of this case: never before its last step."""
        return self.now if record is None else max(self.now, record.stepped)

    def now_for(self, record: CaseRecord | None, definition: Lifecycle[Any]) -> datetime:
        """The same in its program's zone."""
        return self.at(record).astimezone(ZoneInfo(self.kinds.of(type(definition)).zone))

    def mark(self) -> Mark:
        """Where to roll back to."""
        return Mark(
            self.work.mark(),
            len(self.queue),
            self.candidates.causes(),
            frozenset(self.touched),
            dict(self.unseen),
        )

    def rollback(self, mark: Mark) -> None:
        """Forget all that was changed and queued since the mark; what was asked stays known."""
        self.work.rollback(mark.work)
        while len(self.queue) > mark.queued:
            self.queue.pop()
        self.candidates.back_to(mark.candidates)
        self.touched = set(mark.touched)
        self.unseen = dict(mark.unseen)
