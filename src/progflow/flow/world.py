"""What a decision may look at, made of a unit of work and of what the flow was given."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from itertools import count
from typing import Any, final

from progflow.errors import UsageError
from progflow.ports import Reader
from progflow.records import CaseRecord, DueTimer, Query, Scope


@final
class Ids:
    """Ids that sort by the time at which they were given, also within one millisecond: UUIDs of version 7 (RFC 9562)."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._counter = count(secrets.randbits(24))

    def __call__(self) -> str:
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
        return self._reader.load(case)

    def find(self, query: Query) -> Sequence[CaseRecord]:
        return self._reader.find(query)

    def count(self, query: Query) -> int:
        return self._reader.count(query)

    def due(self, scope: Scope, now: datetime, limit: int) -> Sequence[DueTimer]:
        return self._reader.due(scope, now, limit)

    def watching(self, tokens: Collection[str]) -> Sequence[CaseRecord]:
        return self._reader.watching(tokens)

    def facts(self, protocol: Any) -> object:
        if protocol not in self._facts:
            name = getattr(protocol, "__name__", repr(protocol))
            raise UsageError(problem=f"Nobody answers for {name}.", mend=f"Give Flow(…, facts={{{name}: …}}).")
        return self._facts[protocol]

    def new_id(self) -> str:
        return self._ids()
