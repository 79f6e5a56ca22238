"""Strategies that were given: for a type, for a path, for its end, for a field of a class."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, final, get_origin

from hypothesis.strategies import SearchStrategy

from progflow.errors import UsageError


@final
class Given:
    """Strategies by what they are for; the most specific is found.

    Args:
        strategies: by type; or by a text: a path, its end, or a field of an attrs class (``"Rules.calendar"``).

    Raises:
        UsageError: a key is no type and no text, or a value is no strategy.
    """

    def __init__(self, strategies: Mapping[Any, SearchStrategy[Any]]) -> None:
        self._by_text: dict[str, SearchStrategy[Any]] = {}
        self._by_type: list[tuple[object, SearchStrategy[Any]]] = []
        self.unused: set[str] = set()
        for key, strategy in strategies.items():
            if not isinstance(strategy, SearchStrategy):  # pyright: ignore[reportUnnecessaryIsInstance]
                mend = "Give a strategy of Hypothesis, as st.just(…)."
                raise UsageError(problem=f"What is given for {key!r} is no strategy: {strategy!r}.", mend=mend)
            if isinstance(key, str):
                self._by_text[key] = strategy
                self.unused.add(key)
            else:
                self._by_type.append((key, strategy))

    def find(self, of: Any, path: str, names: tuple[str, ...]) -> SearchStrategy[Any] | None:
        """The strategy for a type at a path, None if none was given.

        Args:
            of: the type.
            path: where the value stands.
            names: the field as its class names it, the class itself first and then its bases.
        """
        fitting = self._fitting(path, names)
        if fitting:
            # Of two that are equally long the end of the path says more: the class may stand in several places.
            best = max(fitting, key=lambda key: (key.count("."), key not in names, -_place(names, key)))
            self.unused.discard(best)
            return self._by_text[best]
        return next((strategy for key, strategy in self._by_type if key == of or key is get_origin(of)), None)

    def names(self, path: str, names: tuple[str, ...]) -> bool:
        """Whether a strategy was given for just that field, and not for all of its type."""
        return bool(self._fitting(path, names))

    def _fitting(self, path: str, names: tuple[str, ...]) -> list[str]:
        return [key for key in self._by_text if key in names or path == key or path.endswith(f".{key}")]


def _place(names: tuple[str, ...], key: str) -> int:
    return names.index(key) if key in names else 0
