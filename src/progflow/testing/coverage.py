"""What has come up in stories, and what has not: states, events, and the reasons with which guards say no."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from enum import Enum
from typing import Final, final

from attrs import frozen

from progflow.definition.blueprint import Kind
from progflow.errors import Blocker
from progflow.records import EntryRecord, Json
from progflow.testing.listening import Standing
from progflow.testing.situation import Sources

KEPT: Final = 8
"""How many payloads are kept of each event."""


class What(Enum):
    """What can come up in a story."""

    STATE = "state"
    EVENT = "event"
    REASON = "reason"


@final
@frozen(order=True)
class Goal:
    """Something that ought to come up in some story: a state, an event, or a guard that says no."""

    lifecycle: str
    what: str
    name: str

    def __str__(self) -> str:
        return f"{self.what} {self.lifecycle}.{self.name}"


def goals_of(kinds: Iterable[Kind]) -> tuple[Goal, ...]:
    """All that the definitions of these lifecycles promise."""
    found: dict[Goal, None] = {}
    for kind in kinds:
        blueprint, name = kind.blueprint, kind.stored
        found.update((Goal(name, What.STATE.value, path), None) for path in blueprint.states)
        found.update((Goal(name, What.EVENT.value, path), None) for path in blueprint.events)
        for event in blueprint.events.values():
            found.update((Goal(name, What.REASON.value, guard.code), None) for guard in event.guards)
    return tuple(found)


@final
class Coverage:
    """Counts what has come up."""

    def __init__(self) -> None:
        self.times: Counter[Goal] = Counter()
        self.tried: Counter[tuple[str, str | None]] = Counter()
        """How often somebody has tried to fire an event: (lifecycle, event), None for a beginning with data."""
        self.asked: dict[tuple[str, str], set[Standing]] = {}
        """For each lifecycle and event: the states of other cases that its guards asked for before they said no."""
        self.sources = Sources()
        self.accepted: dict[tuple[str, str | None], list[Json]] = {}
        """Payloads with which an event went through: what is like them is likely to go through as well."""
        self.said_no: dict[tuple[str, str], Counter[str]] = {}
        """For each lifecycle and event: which reasons were given against it, how often."""

    def copy(self) -> Coverage:
        """The same counts, to be counted on by themselves."""
        other = Coverage()
        other.times, other.tried = Counter(self.times), Counter(self.tried)
        other.sources = self.sources.copy()
        other.accepted = {event: list(payloads) for event, payloads in self.accepted.items()}
        return other

    def note_entries(self, entries: Iterable[EntryRecord]) -> bool:
        """Count these steps; whether one of them brought something new."""
        new = False
        for entry in entries:
            for goal in (
                Goal(entry.lifecycle, What.EVENT.value, entry.event),
                Goal(entry.lifecycle, What.STATE.value, entry.after),
            ):
                new = new or goal not in self.times
                self.times[goal] += 1
        return new

    def note_reasons(self, kind: Kind, event: str, reasons: Sequence[Blocker]) -> bool:
        """Count that these reasons were given; whether one of them is new."""
        new = False
        counted = self.said_no.setdefault((kind.stored, event), Counter())
        for reason in reasons:
            goal = Goal(kind.stored, What.REASON.value, reason.code)
            new = new or goal not in self.times
            self.times[goal] += 1
            counted[reason.code] += 1
        return new

    def note_asked(self, kind: Kind, event: str, asked: Iterable[Standing]) -> None:
        """Keep what rules asked for before they said no."""
        self.asked.setdefault((kind.stored, event), set()).update(asked)

    def note_accepted(self, kind: str, event: str | None, payload: Json) -> None:
        """Keep a payload with which an event went through."""
        kept = self.accepted.setdefault((kind, event), [])
        if payload and payload not in kept:
            kept.append(payload)
            del kept[:-KEPT]

    def missing(self, goals: Iterable[Goal]) -> tuple[Goal, ...]:
        """Those that never came up."""
        return tuple(goal for goal in goals if goal not in self.times)

    def fired(self, kind: str, event: str) -> int:
        """How often the event has fired."""
        return self.times[Goal(kind, What.EVENT.value, event)]

    def why_not(self, kind: Kind, goal: Goal) -> str:
        """What is known about a goal of that lifecycle that never came up; empty for nothing."""
        event = kind.blueprint.events.get(goal.name) if goal.what == What.EVENT.value else None
        if event is None:
            return ""
        counted = self.said_no.get((goal.lifecycle, goal.name))
        if counted:
            return ", ".join(f"{code} said no {count} times" for code, count in counted.most_common(3))
        came = any(Goal(goal.lifecycle, What.STATE.value, source) in self.times for source in event.targets)
        if not came and event.targets:
            return "nobody ever came where it leaves from"
        closed = not event.by and not event.self_firing
        return "only effects and the host may bring it about; see by_system=" if closed else ""
