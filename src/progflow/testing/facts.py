"""A stand-in for what only the host knows: it answers every question of a protocol, always in the same way."""

from __future__ import annotations

import inspect
import typing
from collections.abc import Iterator, Mapping
from hashlib import sha256
from typing import Any, Final, final

from progflow.testing.chance import Rolled
from progflow.testing.overhearing import Hear, Overheard
from progflow.testing.values import Known, Values

YES: Final = 30
"""How often, of a hundred, a stand-in says yes to a question of yes or no."""


@final
class StandIns(Mapping[Any, object]):
    """The host's answerers: those that were given, and a stand-in for every other protocol.

    A stand-in answers by the annotation of the method and by what it is asked with: the same question gets the same
    answer, in every process, and other questions get others.

    Args:
        given: the host's answerers, by protocol.
        values: makes the answers.
        known: what they are made of; it must not change with the story, for facts do not.
    """

    def __init__(self, given: Mapping[Any, object], values: Values, known: Known) -> None:
        self._given = dict(given)
        self._values = values
        self._known = known
        self.asked = 0
        """How often rules have asked the host for something."""
        self.hear: Hear | None = None
        """Gets every answer from now on."""

    def __getitem__(self, protocol: Any) -> object:
        self.asked += 1
        if protocol not in self._given:
            self._given[protocol] = StandIn(protocol, self._values, self._known)
        answerer = self._given[protocol]
        return answerer if self.hear is None else Overheard(protocol, answerer, self.hear)

    def __contains__(self, protocol: object) -> bool:
        return True

    def __iter__(self) -> Iterator[Any]:
        return iter(self._given)

    def __len__(self) -> int:
        return len(self._given)


@final
class StandIn:
    """Answers for one protocol."""

    def __init__(self, protocol: Any, values: Values, known: Known) -> None:
        self._protocol = protocol
        self._values = values
        self._known = known
        self._said: dict[str, Any] = {}

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Answer for a protocol that is a single question."""
        return self._answer("__call__", args, kwargs)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") or not callable(getattr(self._protocol, name, None)):
            raise AttributeError(name)

        def answer(*args: Any, **kwargs: Any) -> Any:
            return self._answer(name, args, kwargs)

        return answer

    def _answer(self, method: str, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Any:
        function = getattr(self._protocol, method)
        asked = inspect.signature(function).bind(self, *args, **kwargs).arguments
        question = f"{self._protocol.__qualname__}.{method}" + repr([(k, v) for k, v in asked.items() if k != "self"])
        if question not in self._said:
            of = typing.get_type_hints(function, include_extras=True).get("return", Any)
            number = int.from_bytes(sha256(question.encode()).digest()[:8])
            name = f"{self._protocol.__qualname__}.{method}"
            chance = Rolled(number)
            self._said[question] = (
                chance.often(YES) if of is bool else self._values.value(chance, of, name, self._known)
            )
        return self._said[question]
