"""Plays a story that fails once more, and tells what happens in it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, TypeAlias, cast, final
from zoneinfo import ZoneInfo

from attrs import evolve, frozen

from progflow.codec import is_object
from progflow.definition.blueprint import START_WITH_DATA, Kind
from progflow.definition.cases import Case
from progflow.definition.people import Actor
from progflow.flow.answers import entry_of
from progflow.records import CaseRecord, EntryRecord
from progflow.testing.ending import way_out
from progflow.testing.moves import Begin, Broken, Fire, Numbered, Stale, TheEnd, Twice, Wait
from progflow.testing.overhearing import Answer
from progflow.testing.playground import Mark, Playground, Setting
from progflow.testing.promises import Promise, RuleBroken
from progflow.testing.renaming import named_after
from progflow.testing.replays.order import sorted_by
from progflow.testing.search import Failure
from progflow.testing.telling import Refusal, Remark, Told, in_zone, names_of
from progflow.testing.values.brief import brief, brief_payload

Attempted: TypeAlias = Begin | Fire | Stale | Broken | Wait | TheEnd

ID: Final = re.compile(r"\b\d{5,}-\d{3}\b")
MOST_BY_ITSELF: Final = 8
"""How many steps are told that cases make by themselves once nobody acts any more."""


@final
@frozen(eq=False)
class Happened:
    """What was attempted, and what came of it.

    ``before`` is how all was, ``after`` are the cases as it left them, ``ended`` is the instant after it, ``case`` the
    one that it moved.
    """

    move: Attempted
    key: str | None
    before: Mark
    after: Mapping[str, CaseRecord]
    ended: datetime
    entries: Sequence[EntryRecord]
    case: str | None
    error: Exception | None


@final
class Retelling:
    """A story that fails, played as people would do it: without looking at anything but what the verbs say.

    Args:
        failure: the story.
        setting: what it is played with.
    """

    def __init__(self, failure: Failure, setting: Setting) -> None:
        self.failure = failure
        self.playground = Playground(setting)
        self.zone = ZoneInfo(setting.zone)
        self.answers: list[Answer] = []
        """What the host was asked in the story, and what it answered."""
        self.playground.facts.hear = self.answers.append
        self.happened: Sequence[Happened] = [one for step in failure.steps for one in self._play(step)]
        self.names: Mapping[str, str] = names_of(self._entries())
        """What the cases are called, by their ids."""

    @property
    def broken(self) -> RuleBroken:
        """What the story breaks."""
        return self.failure.broken

    @property
    def last(self) -> Happened:
        """What was attempted at last."""
        return self.happened[-1]

    # -- playing

    def _play(self, step: Numbered) -> Iterator[Happened]:
        key = f"key-{step.number}"
        match step.move:
            case Twice(first=first, other=other):
                yield self._attempted(Numbered(step.number, first), key)
                again = (first,) if other is None else (first, other)
                yield from [self._attempted(Numbered(step.number, move), key, once_more=True) for move in again]
            case move:
                yield self._attempted(Numbered(step.number, move), None)

    def _attempted(self, step: Numbered, key: str | None, *, once_more: bool = False) -> Happened:
        playground, move, before = self.playground, cast("Attempted", step.move), self.playground.mark()
        case: Case[Any] | None = None
        error: Exception | None = None
        try:
            case = self._carried_out(step, key, once_more=once_more)
        except Exception as raised:
            error = raised
        finally:
            playground.touched()
        entries = self._new(before.snapshot.entries)
        return Happened(move, key, before, playground.cases, playground.now, entries, case.id if case else None, error)

    def _carried_out(self, step: Numbered, key: str | None, *, once_more: bool) -> Case[Any] | None:
        playground = self.playground
        match step.move:
            case Stale(fire=fire):
                record = playground.held_case(fire.case)
                earlier = playground.kinds.case(evolve(record, revision=record.revision - 1))
                return playground.flow.fire(earlier, playground.command(fire), actor=fire.actor)
            case Broken(fire=fire, given=given):
                return playground.flow.fire(fire.case, fire.event, given, actor=fire.actor)
            case TheEnd(number=number):
                try:
                    way_out(playground, number)
                except RuleBroken:
                    return None  # which is what the story is about
            case _:
                return playground.carry_out(step, key=key, once_more=once_more)
        return None

    def _new(self, before: Mapping[str, Sequence[EntryRecord]]) -> Sequence[EntryRecord]:
        """The entries since then."""
        held = self.playground.held.entries
        new = [entry for case in held for entry in held[case][len(before.get(case, ())) :]]
        known = {f"{entry.case}#{entry.seq}": entry for entry in new}

        def earlier(name: str) -> Iterator[str]:
            entry = known[name]
            yield from (one for one in (entry.caused_by, f"{entry.case}#{entry.seq - 1}") if one in known)

        names = sorted_by(known, earlier, lambda name: (known[name].at, known[name].case, known[name].seq))
        return [known[name] for name in names]

    # -- telling

    def told(self) -> Iterator[Told]:
        """The story; at last comes what it breaks."""
        for one in self.happened:
            yield from self._told(one)
        if self.broken.promise not in (Promise.GUARDS, Promise.NO_ERROR) or self.last.error is None:
            yield Remark(self._local(self.last.ended), self.in_names(self.broken.found))

    def _told(self, one: Happened) -> Iterator[Told]:
        entries = one.entries if not isinstance(one.move, TheEnd) else one.entries[:MOST_BY_ITSELF]
        yield from map(self._entry, entries)
        at = self._local(one.ended)
        if len(entries) < len(one.entries):
            yield Remark(at, f"{len(one.entries) - len(entries)} more steps that happen by themselves.")
        elif isinstance(one.move, Wait | TheEnd):
            if one.error is not None:
                yield Remark(at, f"What is due fails: {_text(one.error)}", "by itself")
            elif not entries and self._local(one.before.now) != at:
                yield Remark(at, "Time has passed.")
        elif one.error is not None:
            yield self._refusal(one, one.error, at)
        elif not entries:
            yield Remark(at, f"The same again under the same key ({one.key}): nothing more happens.")

    def _local(self, instant: datetime) -> datetime:
        return instant.astimezone(self.zone)

    def _entries(self) -> Iterator[Told]:
        for one in self.happened:
            yield from map(self._entry, one.entries)

    def _entry(self, record: EntryRecord) -> Told:
        kind = self.playground.kinds.named(record.lifecycle)
        given = record.data if record.event == START_WITH_DATA else record.payload
        entry = entry_of(kind, record)
        acted_as = entry.acted_as
        if acted_as is not None and named_after(acted_as, entry.actor):
            acted_as = None  # the name of the actor says it
        return evolve(entry, payload=self._brief(kind, record.event, given), acted_as=acted_as)

    def _brief(self, kind: Kind, event: str, given: object) -> Mapping[str, Any]:
        """What an event was given, without what goes without saying."""
        if not is_object(given):
            return {} if given is None else {"payload": given}
        spec = kind.blueprint.events.get(event)
        told = brief(given, kind.blueprint.data) if spec is None else brief_payload(given, spec.parameters)
        local: Mapping[str, Any] = in_zone(told, self.zone)
        return local

    def _refusal(self, one: Happened, error: Exception, at: datetime) -> Told:
        move = one.move.fire if isinstance(one.move, Stale | Broken) else one.move
        assert isinstance(move, Begin | Fire)
        kind, event = self.kind_of(move), move.event or START_WITH_DATA
        given: object = move.payload if isinstance(move, Fire) else move.given
        payload = self._brief(kind, event, one.move.given if isinstance(one.move, Broken) else given)
        case = move.case if isinstance(move, Fire) else None
        actor = move.actor
        if any(named_after(role.name, actor.id) for role in actor.roles):
            actor = Actor(actor.id)  # whose name says the role
        return Refusal.of(kind, event, error, actor, at, case=case, payload=payload)

    def kind_of(self, move: Begin | Fire) -> Kind:
        """The lifecycle that it is about."""
        if isinstance(move, Begin):
            return self.playground.kinds.named(move.kind)
        return self.playground.kind_of(self.playground.held_case(move.case))

    def in_names(self, text: str) -> str:
        """A text in which cases are called as in the story."""
        return ID.sub(lambda found: self.names.get(found[0], found[0]), text)


def _text(error: Exception) -> str:
    while isinstance(error, ExceptionGroup):
        error = cast("ExceptionGroup[Exception]", error).exceptions[0]
    return f"{type(error).__name__}: {error}"
