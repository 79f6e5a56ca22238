"""What rules ask about: when a guard says no, the cases that it asked for are what is missing."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Final, TypeAlias, final

from attrs import field, frozen

from progflow.ports import Reader
from progflow.records import CaseRecord, DueTimer, Query

Standing: TypeAlias = tuple[str, str]
"""That a case of this lifecycle is in this state."""

ANY_STATE: Final = ""
"""Stands for a state of which only is known that somebody looked at it."""


Compared: TypeAlias = tuple[str, str, object]
"""That the field of that name of cases of this lifecycle was compared with a value."""


@final
@frozen
class Heard:
    """What rules asked for: in which states other cases are, and whether a field of theirs has some value."""

    standings: set[Standing] = field(factory=set[Standing])
    compared: set[Compared] = field(factory=set[Compared])


@final
class Listening:
    """A reader that notes what is asked for.

    Args:
        reader: answers.
        heard: where it is noted.
    """

    def __init__(self, reader: Reader, heard: Heard) -> None:
        self._reader = reader
        self._heard = heard

    def load(self, case: str) -> CaseRecord | None:
        """See ``Reader.load``."""
        return self._reader.load(case)

    def find(self, query: Query) -> Sequence[CaseRecord]:
        """See ``Reader.find``."""
        self._note(query)
        return self._reader.find(query)

    def count(self, query: Query) -> int:
        """See ``Reader.count``."""
        self._note(query)
        return self._reader.count(query)

    def due(self, lifecycles: frozenset[str], now: datetime, limit: int) -> Sequence[DueTimer]:
        """See ``Reader.due``."""
        return self._reader.due(lifecycles, now, limit)

    def watching(self, tokens: Collection[str]) -> Sequence[CaseRecord]:
        """See ``Reader.watching``."""
        return self._reader.watching(tokens)

    def _note(self, query: Query) -> None:
        for lifecycle, states in query.states.items():
            self._heard.standings.update((lifecycle, state) for state in states or (ANY_STATE,))
            self._heard.compared.update((lifecycle, where.field, where.value) for where in query.where)
