"""What is known in a story at a moment: the words and days that stand in its cases, from which new ones are made."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, time
from math import prod
from typing import Any, Final, TypeAlias, cast, final
from zoneinfo import ZoneInfo

from attrs import frozen

from progflow.records import CaseRecord, Json
from progflow.testing.chance import Chance

WORDS: Final = ("amber", "birch", "coral")
"""Names for whatever has none yet; few of them, so that they meet again."""


Source: TypeAlias = tuple[str, str]
"""Where a text is from: a field of the data of a lifecycle, or people, whose field is empty."""

PEOPLE: Final[Source] = ("", "")

ID: Final = "(id)"
"""Stands for the field in which a case has its id: payloads may name other cases."""


@frozen
class Said:
    """What the data of one case says: its texts by the field in which they stand, and its days and times."""

    lifecycle: str
    texts: Mapping[str, tuple[str, ...]]
    times: tuple[datetime, ...]


@final
class Sources:
    """Where texts are from with which guards say yes: a mentor's id, a city's name.

    For each place in a payload, each guard that judges it and each source it is counted how often the guard said yes to
    a text from there, and how often it was asked.
    """

    def __init__(self) -> None:
        self._counted: dict[str, dict[str, dict[Source, tuple[int, int]]]] = {}
        self._hinted: dict[str, set[Source]] = {}

    def copy(self) -> Sources:
        """The same, to be counted on by itself."""
        other = Sources()
        other._counted = {
            path: {guard: dict(counted) for guard, counted in guards.items()} for path, guards in self._counted.items()
        }
        other._hinted = {path: set(sources) for path, sources in self._hinted.items()}
        return other

    def hint(self, event: str, payload: Mapping[str, Json], compared: Iterable[tuple[str, str, object]]) -> None:
        """Note that guards compared texts of a payload with a field of other cases: that is where they are from."""
        fields: dict[object, set[Source]] = {}
        for lifecycle, field, value in compared:
            fields.setdefault(value, set()).add((lifecycle, field))
        for path, text in _leaves(event, payload, nested=True):
            if text in fields:
                self._hinted.setdefault(path, set()).update(fields[text])

    def learn(
        self,
        event: str,
        payload: Mapping[str, Json],
        situation: Situation,
        guards: Iterable[tuple[str, Sequence[str]]],
        said_no: Collection[str],
    ) -> None:
        """Count what these guards, each with the fields of the payload that it judges, have said to a payload."""
        for guard, parameters in guards:
            for parameter in parameters:
                for path, text in _leaves(f"{event}.{parameter}", payload.get(parameter), nested=True):
                    counted = self._counted.setdefault(path, {}).setdefault(guard, {})
                    for source in situation.sources_of(text):
                        yes, asked = counted.get(source, (0, 0))
                        counted[source] = (yes + (guard not in said_no), asked + 1)

    def of(self, path: str) -> Sequence[Source]:
        """The sources from which a text that stands there most likely gets past all guards, the likeliest first."""
        hinted = sorted(self._hinted.get(path, ()))
        return list(dict.fromkeys((*hinted, *self._learnt(path))))

    def _learnt(self, path: str) -> Sequence[Source]:
        guards = self._counted.get(path)
        if not guards:
            return ()
        likely: dict[Source, float] = {}
        for source in sorted({source for counted in guards.values() for source in counted}):
            likely[source] = prod((yes + 1) / (asked + 2) for yes, asked in _counts(guards, source))
        best = max(likely.values(), default=0.0)
        return [source for source in sorted(likely, key=lambda one: -likely[one])[:3] if likely[source] > best / 3]


def _counts(guards: Mapping[str, Mapping[Source, tuple[int, int]]], source: Source) -> Iterator[tuple[int, int]]:
    return (counted.get(source, (0, 0)) for counted in guards.values())


@final
class Situation:
    """What is known where a value is needed.

    Args:
        now: the present instant, in the program's zone.
        people: their ids.
        said: what the data of the cases says, the nearest case first.
        times: further instants that matter, such as those at which timers are due.
        favourites: words that are to be taken more often than others, so that values of one payload agree.
        sources: where texts are usually from; without them the favourites come first.
        turn: which of the texts from one source comes first.
    """

    def __init__(
        self,
        now: datetime,
        people: Sequence[str],
        said: Iterable[Said] = (),
        times: Sequence[datetime] = (),
        favourites: Sequence[str] = (),
        sources: Sources | None = None,
        turn: int = 0,
    ) -> None:
        self._turn = turn
        self._now = now
        self._people = people
        self._said = tuple(said)
        self._times = times
        self._favourites = favourites
        self._sources = sources
        self._texts: dict[str, Sequence[str]] = {}
        self._all_times: Sequence[datetime] | None = None

    @property
    def now(self) -> datetime:
        """The present instant."""
        return self._now

    def texts(self, path: str) -> Sequence[str]:
        """Texts that may stand there: of fields of that name, then people, then all others."""
        if path not in self._texts:
            name = path.rpartition(".")[2].partition("[")[0]
            likely: list[str] = []
            for source in () if self._sources is None else self._sources.of(path):
                found_there = list(dict.fromkeys(self._people if source == PEOPLE else self._from(source)))
                turn = self._turn % max(1, len(found_there))
                likely += found_there[turn:] + found_there[:turn]
            same = [text for one in self._said for text in one.texts.get(name, ())]
            nearest = [text for one in self._said[:2] for texts in one.texts.values() for text in texts]
            others = [text for one in self._said[2:] for texts in one.texts.values() for text in texts]
            first = (*likely, *self._favourites) if likely else (*self._favourites, *same)
            found = dict.fromkeys((*first, *same, *self._people, *nearest, *others, *WORDS))
            self._texts[path] = tuple(found)
        return self._texts[path]

    def _from(self, source: Source) -> Iterator[str]:
        lifecycle, field = source
        for one in self._said:
            if one.lifecycle == lifecycle:
                yield from one.texts.get(field, ())

    def sources_of(self, text: str) -> Iterator[Source]:
        """Where this text stands."""
        if text in self._people:
            yield PEOPLE
        yield from {(one.lifecycle, field) for one in self._said for field, texts in one.texts.items() if text in texts}

    def times(self, path: str) -> Sequence[datetime]:
        """Instants that matter here."""
        if self._all_times is None:
            self._all_times = tuple(dict.fromkeys((*self._times, *(time for one in self._said for time in one.times))))
        return self._all_times


def some_favourites(chance: Chance, people: Sequence[str], said: Sequence[Said]) -> tuple[str, ...]:
    """A few words for one payload: people, and words that the cases around say."""
    known = [text for one in said for texts in one.texts.values() for text in texts]
    words = tuple(dict.fromkeys((*people, *known, *WORDS)))
    return tuple(chance.one_of(words) for _ in range(chance.integer(1, 3)))


def said_in(record: CaseRecord, zone: ZoneInfo) -> Said:
    """What the data of a case says."""
    texts: dict[str, dict[str, None]] = {ID: {record.id: None}}
    times: dict[datetime, None] = {}
    for field, value in _leaves("data", [record.data, *record.phases.values()]):
        moment = _moment(value, zone)
        if moment is not None:
            times[moment] = None
        elif value:
            texts.setdefault(field, {})[value] = None
    return Said(record.lifecycle, {field: tuple(found) for field, found in texts.items()}, tuple(times))


def _leaves(field: str, value: Json, *, nested: bool = False) -> Iterator[tuple[str, str]]:
    """The texts in plain data, each with the field in which it stands, or (nested) with the path to it."""
    if isinstance(value, str):
        yield field, value
    elif isinstance(value, Mapping):
        for name, one in cast("Mapping[str, Any]", value).items():
            yield from _leaves(f"{field}.{name}" if nested else name, one, nested=nested)
    elif isinstance(value, list | tuple):
        for one in cast("Sequence[Any]", value):
            yield from _leaves(f"{field}[]" if nested else field, one, nested=nested)


def _moment(text: str, zone: ZoneInfo) -> datetime | None:
    if len(text) < 10 or text[4] != "-" or not text[0].isdigit():
        return None
    try:
        if len(text) == 10:
            return datetime.combine(date.fromisoformat(text), time(), zone)
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found.astimezone(zone) if found.tzinfo is not None else None
