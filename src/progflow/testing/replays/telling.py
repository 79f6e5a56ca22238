"""How a replay tells what happened, and where it comes out otherwise than it did."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias, final
from zoneinfo import ZoneInfo

from attrs import define

from progflow.decide.kinds import Kinds
from progflow.definition.blueprint import START_WITH_DATA, Kind
from progflow.definition.wording import Says
from progflow.records import EntryRecord
from progflow.testing.replays.histories import Histories, Step

SHOWN: Final = 15
"""How many steps before the difference are told."""

Sort: TypeAlias = Literal[
    "refused", "failed", "event", "state", "who", "payload", "data", "time", "lost", "new", "version"
]
"""What differs: what was possible is refused or raises, another event, state, role, payload, data or moment; a step
that does not happen by itself any more, one that newly does, or a history of another version of the lifecycle."""


def _restore(fields: dict[str, Any]) -> ReplayDiffers:
    error = ReplayDiffers.__new__(ReplayDiffers)
    error.__dict__.update(fields)
    return error


@final
@define(slots=False, kw_only=True, eq=False, repr=False)
class ReplayDiffers(AssertionError):
    """A stored history comes out otherwise today.

    ``step`` is the number of the step in the file, counted from 1 (of a new one, that of the step before it);
    ``sort`` what differs. ``history`` says what happened, ``today`` what happens now, ``story`` what led there.
    """

    path: Path
    step: int
    sort: Sort
    case: str
    lifecycle: str
    event: str
    history: str
    today: str
    story: Sequence[str]

    def __str__(self) -> str:
        head = f"The history in {self.path} comes out otherwise today, at step {self.step}."
        parts = (head, "", *self.story, "", f"It happened:    {self.history}", f"Today:          {self.today}")
        return "\n".join(parts)

    def __repr__(self) -> str:
        return f"ReplayDiffers({self.sort!r}, step {self.step} of {self.path})"

    def __reduce__(self) -> tuple[Callable[..., ReplayDiffers], tuple[Any, ...]]:
        return _restore, (self.__dict__,)


@define(slots=False, eq=False)
class Differs(Exception):
    """The first difference. Internal: the replay knows what led there, and tells it.

    ``step`` is the one that happened; of a new one that which came next in its ``case`` instead, None if nothing did,
    or if the case itself is new. ``during`` is the command that was given then, None for what happened by itself.
    """

    sort: Sort
    step: Step | None
    today: str
    case: str | None = None
    event: str = ""
    during: Step | None = None


@final
class Telling:
    """Tells steps in the words of today's definitions."""

    def __init__(self, kinds: Kinds, histories: Histories) -> None:
        self._kinds = kinds
        self._histories = histories
        self.numbers: Final = {step.name: number for number, step in enumerate(histories.steps, 1)}

    def kind(self, case: str) -> Kind:
        """The lifecycle of a case of the history."""
        return self._kinds.named(self._histories.cases[case].lifecycle)

    def day(self, when: datetime, kind: Kind) -> str:
        """A moment on the clocks of the program."""
        return f"{when.astimezone(ZoneInfo(kind.zone)):%Y-%m-%d %H:%M}"

    def title(self, kind: Kind, event: str) -> str:
        """An event as people read it; its path where the lifecycle has no such event any more."""
        found = kind.blueprint.events.get(event)
        if found is not None:
            return kind.words.event(found)
        return kind.words.says(Says.BEGIN) if event == START_WITH_DATA else event

    def state(self, kind: Kind, path: str) -> str:
        """A state as people read it; its path where the lifecycle has no such state any more."""
        return kind.words.label(path) if path in kind.blueprint.states else path

    def step(self, step: Step) -> str:
        """One step of the history in a line."""
        kind = self.kind(step.case)
        where = "stays" if step.stays else f"→ {self.state(kind, step.after)}"
        what = f"{kind.blueprint.name} {step.case}: {self.title(kind, step.event)} {where}"
        return f"{self.day(step.at, kind)}  {what} ({self._by(step)})"

    def _by(self, step: Step) -> str:
        if step.caused_by is not None:
            return f"because of step {self.numbers[step.caused_by]}"
        if step.due is not None:
            return "by itself"
        return step.actor if step.acted_as is None else f"{step.actor}, {step.acted_as}"

    def entry(self, entry: EntryRecord, case: str | None) -> str:
        """What happens today, in a line; the case as the history knows it."""
        kind = self._kinds.named(entry.lifecycle)
        name = "a new case" if case is None else case
        where = "stays" if entry.stays else f"→ {self.state(kind, entry.after)}"
        return f"{self.day(entry.at, kind)}  {kind.blueprint.name} {name}: {self.title(kind, entry.event)} {where}"

    def story(self, until: int, around: frozenset[str]) -> Iterator[str]:
        """The steps before one, of the cases around it, each with its number."""
        before = [step for step in self._histories.steps[:until] if step.case in around]
        if len(before) > SHOWN:
            yield f"     ({len(before) - SHOWN} earlier steps)"
        for step in before[-SHOWN:]:
            yield f"{self.numbers[step.name]:4}. {self.step(step)}"

    def around(self, case: str) -> frozenset[str]:
        """A case with its ancestors and all that it points to."""
        found: set[str] = set()
        waiting = [case]
        while waiting:
            one = waiting.pop()
            if one not in found:
                found.add(one)
                said = self._histories.cases[one]
                waiting += [said.parent] if said.parent is not None else []
                found.update(said.links.values())
        return frozenset(found)
