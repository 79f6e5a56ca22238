"""What a decision may look at, made of a unit of work and of what the flow was given."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from itertools import count
from typing import Any, final

from progflow.errors import UsageError
from progflow.ports import Reader
from progflow.records import CaseRecord, DueTimer, Query


@final
class Ids:
    """Ids that sort by the time at which they were given, also within a millisecond: UUIDs, version 7 (RFC 9562)."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._counter = count(secrets.randbits(24))

    def __call__(self) -> str:
        """The next one."""
        milliseconds = int(self._clock() * 1000) & (1 << 48) - 1
        counted = next(self._counter) & (1 << 26) - 1
        value = milliseconds << 80 | 7 << 76 | (counted >> 14) << 64 | 2 << 62 | (counted & 0x3FFF) << 48
        text = f"{value | secrets.randbits(48):032x}"
        return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))


@final
class World:
    """A unit of work together with the host's facts and the source of ids."""

    def __init__(self, reader: Reader, facts: Mapping[Any, object], ids: Callable[[], str]) -> None:
        self._reader = reader
        self._facts = facts
        self._ids = ids

    def load(self, case: str) -> CaseRecord | None:
        """See ``Surroundings.load``."""
        return self._reader.load(case)

    def find(self, query: Query) -> Sequence[CaseRecord]:
        """See ``Surroundings.find``."""
        return self._reader.find(query)

    def count(self, query: Query) -> int:
        """See ``Surroundings.count``."""
        return self._reader.count(query)

    def due(self, lifecycles: frozenset[str], now: datetime, limit: int) -> Sequence[DueTimer]:
        """See ``Surroundings.due``."""
        return self._reader.due(lifecycles, now, limit)

    def watching(self, tokens: Collection[str]) -> Sequence[CaseRecord]:
        """See ``Surroundings.watching``."""
        return self._reader.watching(tokens)

    def facts(self, protocol: Any) -> object:
        """See ``Surroundings.facts``."""
        if protocol not in self._facts:
            name = getattr(protocol, "__name__", repr(protocol))
            raise UsageError(problem=f"Nobody answers for {name}.", mend=f"Give Flow(…, facts={{{name}: …}}).")
        return self._facts[protocol]

    def new_id(self) -> str:
        """See ``Surroundings.new_id``."""
        return self._ids()
