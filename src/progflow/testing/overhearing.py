"""What the host was asked in a story, and what it answered."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias, final

from attrs import field, frozen


@final
@frozen
class Answer:
    """One question to the host: a method of a protocol, what it was asked with, and what was answered."""

    protocol: Any
    method: str
    asked: Mapping[str, Any] = field(hash=False)
    answer: Any


Hear: TypeAlias = Callable[[Answer], None]


@final
class Overheard:
    """Answers as the host's answerer for a protocol does, and passes on what it has said.

    Args:
        protocol: what it answers for.
        answerer: the host's.
        hear: gets each answer.
    """

    def __init__(self, protocol: Any, answerer: Any, hear: Hear) -> None:
        self._protocol = protocol
        self._answerer = answerer
        self._hear = hear

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Answer for a protocol that is a single question."""
        return self._passed_on("__call__", self._answerer, args, kwargs)

    def __getattr__(self, name: str) -> Any:
        said = getattr(self._answerer, name)
        if not callable(said):
            return said

        def answer(*args: Any, **kwargs: Any) -> Any:
            return self._passed_on(name, said, args, kwargs)

        return answer

    def _passed_on(self, name: str, function: Any, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Any:
        answer = function(*args, **kwargs)
        asked_of = getattr(self._protocol, name, None)
        if asked_of is not None:
            asked = dict(inspect.signature(asked_of).bind(self, *args, **kwargs).arguments)
            del asked[next(iter(asked))]
            self._hear(Answer(self._protocol, name, asked, answer))
        return answer
