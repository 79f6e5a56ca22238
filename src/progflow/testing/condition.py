"""In which condition a case is after a story, and what the rule that broke looked at beside it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final, final

from attrs import evolve

from progflow.codec import is_object
from progflow.decide.draft import Draft
from progflow.decide.verdict import ask
from progflow.decide.view import EngineView
from progflow.definition.blueprint import BoundRule, Kind
from progflow.definition.people import SYSTEM
from progflow.flow.world import World
from progflow.ports import Reader
from progflow.records import CaseRecord, DueTimer, Query
from progflow.testing.moves import Fire
from progflow.testing.promises import Promise
from progflow.testing.retelling import Retelling
from progflow.testing.telling import in_words, in_zone, shortened
from progflow.testing.values.brief import brief, defaults_of

MOST_FIELDS: Final = 10
MOST_OTHERS: Final = 4
WIDEST: Final = 120
"""How many characters of the data of those beside it are told."""


@final
class Looking:
    """A reader that notes which cases it gives.

    Args:
        reader: answers.
        seen: where they are noted.
    """

    def __init__(self, reader: Reader, seen: dict[str, None]) -> None:
        self._reader = reader
        self._seen = seen

    def load(self, case: str) -> CaseRecord | None:
        """See ``Reader.load``."""
        self._seen[case] = None
        return self._reader.load(case)

    def find(self, query: Query) -> Sequence[CaseRecord]:
        """See ``Reader.find``."""
        found = self._reader.find(query)
        self._seen.update((record.id, None) for record in found)
        return found

    def count(self, query: Query) -> int:
        """See ``Reader.count``."""
        return len(self.find(query))

    def due(self, lifecycles: frozenset[str], now: datetime, limit: int) -> Sequence[DueTimer]:
        """See ``Reader.due``."""
        return self._reader.due(lifecycles, now, limit)

    def watching(self, tokens: Collection[str]) -> Sequence[CaseRecord]:
        """See ``Reader.watching``."""
        return self._reader.watching(tokens)


def rule_of(story: Retelling) -> tuple[Kind, BoundRule] | None:
    """The invariant that the story breaks, with the lifecycle that has it; None if it breaks something else."""
    broken, playground = story.broken, story.playground
    if broken.promise not in (Promise.INVARIANT, Promise.GUARDS) or broken.case is None:
        return None
    record = playground.cases.get(broken.case)
    first = [] if record is None else [playground.kind_of(record)]
    rules = ((kind, bound) for kind in (*first, *playground.kinds.all) for bound in kind.blueprint.invariants)
    return next((rule for rule in rules if rule[1].code == broken.code), None)


def condition(story: Retelling) -> Iterator[str]:
    """The condition of the case that the story is about, and of those beside it that matter, a field in a line."""
    cases, case = story.playground.cases, story.broken.case
    if case is None or case not in cases:
        yield from _briefly(story, [] if case is not None else list(cases))
        return
    yield from _in_full(story, cases[case])
    yield from _briefly(story, [one for one in _beside(story, cases[case]) if one != case])


def _in_full(story: Retelling, record: CaseRecord) -> Iterator[str]:
    fields = _fields(story, record)
    yield f"{_standing(story, record)}{':' if fields else '.'}"
    for name, value in list(fields.items())[:MOST_FIELDS]:
        yield f"    {in_words({name: value})}"
    if len(fields) > MOST_FIELDS:
        yield f"    and {len(fields) - MOST_FIELDS} more"


def _briefly(story: Retelling, cases: Sequence[str]) -> Iterator[str]:
    for case in cases[:MOST_OTHERS]:
        record = story.playground.cases[case]
        fields = shortened(in_words(_fields(story, record)), WIDEST)
        yield f"{_standing(story, record)}{f': {fields}' if fields else '.'}"
    if len(cases) > MOST_OTHERS:
        yield f"There are {len(cases) - MOST_OTHERS} more cases."


def _standing(story: Retelling, record: CaseRecord) -> str:
    label = story.playground.kind_of(record).words.label(record.state)
    return f"{story.names.get(record.id, record.id)} is in “{label}” ({record.state})"


def _fields(story: Retelling, record: CaseRecord) -> Mapping[str, object]:
    """The data that is not the default, of the case and then of its phases."""
    blueprint = story.playground.kind_of(record).blueprint
    data = brief(record.data, blueprint.data)
    found: dict[str, object] = dict(data) if is_object(data) else {}
    for name, plain in record.phases.items():
        of = blueprint.phases[name].data
        if is_object(plain):
            known = defaults_of(of)
            told = brief({one: value for one, value in plain.items() if known.get(one, value) is not value}, of)
            found.update((f"{name}.{one}", value) for one, value in told.items())
    return dict(in_zone(found, story.zone))


def _beside(story: Retelling, record: CaseRecord) -> Sequence[str]:
    """What the rule asked for, or else what stands above the case."""
    cases, rule = story.playground.cases, rule_of(story)
    if rule is not None:
        return [case for case in _asked_by(story, *rule, record) if case in cases]
    found: list[str] = []
    while record.parent is not None:
        record = cases[record.parent]
        found.append(record.id)
    return found


def _moved(story: Retelling, record: CaseRecord) -> CaseRecord:
    """The case in the state to which the event would have led that only an invariant stops."""
    if story.broken.promise is not Promise.GUARDS:
        return record
    move, events = story.last.move, story.playground.kind_of(record).blueprint.events
    waiting = [timer.event for timer in record.timers if timer.resting]
    tried = [move.event] if isinstance(move, Fire) and move.case == record.id and story.last.error else waiting
    targets = [target for name in tried if name in events and (target := events[name].targets.get(record.state))]
    return evolve(record, state=targets[0]) if targets else record


def _asked_by(story: Retelling, kind: Kind, bound: BoundRule, record: CaseRecord) -> Sequence[str]:
    playground, seen = story.playground, dict[str, None]()
    record = _moved(story, record)
    while record.lifecycle != kind.stored and record.parent is not None:
        record = playground.cases[record.parent]
    if record.lifecycle != kind.stored:
        return ()
    with playground.store.begin(write=False) as unit:
        world = World(Looking(unit, seen), playground.engine.facts, playground.engine.ids)
        draft = Draft(playground.kinds, world, actor=SYSTEM, now=playground.now, recorded=playground.now)
        try:
            ask(bound, EngineView(draft, kind.blueprint.definition, record, None), {})
        except Exception:
            return tuple(seen)  # it fails as it did in the story
    return tuple(seen)
