"""What the plans of values work with: what is known where a value is needed, and what makes a value of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Final, Protocol, TypeAlias, TypeVar, final

from progflow.testing.chance import Chance

T = TypeVar("T")
PREFERRED: Final = 3
AGREEING: Final = 40
SMALL: Final = 25
"""In how many of a hundred payloads numbers are small."""


class Known(Protocol):
    """What is known where a value is needed.

    A path is that of a payload's field, as in ``JobShadowing.request.department``. What is inside a list or an object
    has ``[]`` in its path (``Edition.plan.edition.cities[].name``), an item of a tuple of fixed length its number
    (``pair[0]``), the key of an object ``[key]``.
    """

    @property
    def now(self) -> datetime:
        """The present instant, in the program's zone."""
        ...

    def texts(self, path: str) -> Sequence[str]:
        """Texts that may stand there, the likeliest first."""
        ...

    def times(self, path: str) -> Sequence[datetime]:
        """Instants that matter here."""
        ...


@final
class Here:
    """What is known while one payload is made.

    Now and then its lists agree: they have the same length, and the texts at one position are the same, as those of
    records that name each other. By chance alone this would almost never happen.

    Args:
        known: what is known where it is made.
    """

    __slots__ = ("_agreeing", "_small", "_words", "known", "position")

    def __init__(self, known: Known) -> None:
        self.known = known
        self.position: int | None = None
        self._agreeing: int | None = None
        self._small: bool | None = None
        self._words: list[str] = []

    def is_small(self, chance: Chance) -> bool:
        """Whether numbers are small in this payload, also those that have a default.

        A quota of five is never used up by the few cases that a story has of a kind; but a programme in which all
        numbers are other than meant gets nowhere. So they are small together, and mostly not.
        """
        if self._small is None:
            self._small = chance.often(SMALL)
        return self._small

    def agreed_length(self, chance: Chance) -> int:
        """How long all lists are; 0 if each is as long as it likes."""
        if self._agreeing is None:
            self._agreeing = chance.integer(2, 3) if chance.often(AGREEING) else 0
        return self._agreeing

    def agreed_text(self, chance: Chance, offered: Sequence[str]) -> str | None:
        """The text at this position of every list; None where nothing was agreed on."""
        if not self._agreeing or self.position is None or self.position >= self._agreeing:
            return None
        while len(self._words) <= self.position:
            further = [text for text in offered if text not in self._words]
            if not further:
                return None
            self._words.append(preferred(chance, further))
        return self._words[self.position]


Plan: TypeAlias = Callable[[Chance, Here], Any]
"""Makes a value, of a type that was looked at once."""


class Impossible(Exception):
    """No value can fit. Internal: who knows for which path it was says so."""


def preferred(chance: Chance, options: Sequence[T]) -> T:
    """One of the options: mostly one of the first few, sometimes any."""
    return chance.one_of(options if len(options) <= PREFERRED or chance.often(40) else options[:PREFERRED])
