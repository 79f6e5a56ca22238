"""Where the choices of a story come from: Hypothesis, which remembers and shrinks them, or a number that was fixed."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from random import Random
from typing import Any, Final, Protocol, TypeVar, final

from hypothesis import HealthCheck, Phase, Verbosity, currently_in_test_context, given, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from hypothesis.internal.conjecture.providers import AVAILABLE_PROVIDERS, HypothesisProvider
from hypothesis.strategies import SearchStrategy

from progflow.errors import UsageError

T = TypeVar("T")
EXAMPLES: Final = 40
BACKEND: Final = "progflow"
WHATEVER_IT_COSTS: Final = (
    HealthCheck.too_slow,
    HealthCheck.filter_too_much,
    HealthCheck.data_too_large,
    HealthCheck.large_base_example,
)


class Chance(Protocol):
    """Makes the choices of a story, one after the other."""

    def integer(self, low: int, high: int) -> int:
        """A whole number, both ends included."""
        ...

    def one_of(self, options: Sequence[T]) -> T:
        """One of the options, of which there is at least one."""
        ...

    def often(self, percent: int) -> bool:
        """True in about so many of a hundred cases."""
        ...

    def drawn(self, strategy: SearchStrategy[T]) -> T:
        """A value of a strategy of Hypothesis.

        Raises:
            UsageError: the strategy gives no value.
        """
        ...


class Draw(Protocol):
    """How Hypothesis hands over a value: ``draw`` in a composite strategy, ``data.draw`` in a test."""

    def __call__(self, strategy: SearchStrategy[T], /) -> T:
        """A value of the strategy."""
        ...


@final
class Drawn:
    """Choices that Hypothesis makes, remembers and shrinks: low numbers, first options, ``often`` to False.

    Args:
        draw: the function ``draw`` of ``st.composite``, or ``data.draw`` of ``st.data()``.
    """

    def __init__(self, draw: Draw) -> None:
        self._draw = draw

    def integer(self, low: int, high: int) -> int:
        """A whole number, both ends included; it shrinks to the lower end."""
        return low + self._draw(_up_to(high - low))

    def one_of(self, options: Sequence[T]) -> T:
        """One of the options; it shrinks to the first."""
        return options[self._draw(_up_to(len(options) - 1))] if len(options) > 1 else options[0]

    def often(self, percent: int) -> bool:
        """True in about so many of a hundred cases; it shrinks to False."""
        return self._draw(_up_to(99)) >= 100 - percent

    def drawn(self, strategy: SearchStrategy[T]) -> T:
        """A value of the strategy."""
        return self._draw(strategy)


@final
class Rolled:
    """Choices that follow from a number: the same number gives the same choices, in every process.

    Args:
        seed: the number.
    """

    def __init__(self, seed: int) -> None:
        self._random = Random(seed)

    def integer(self, low: int, high: int) -> int:
        """A whole number, both ends included."""
        return self._random.randint(low, high)

    def one_of(self, options: Sequence[T]) -> T:
        """One of the options."""
        return self._random.choice(options)

    def often(self, percent: int) -> bool:
        """True in about so many of a hundred cases."""
        return self._random.random() * 100 < percent

    def drawn(self, strategy: SearchStrategy[T]) -> T:
        """One of the first values that the strategy gives.

        Raises:
            UsageError: it gives none.
        """
        examples: Sequence[T] = _examples(strategy)
        return self._random.choice(examples)


@final
class Seeded:
    """Choices that follow from a number that Hypothesis has drawn; only what strategies give it draws itself.

    A story has some hundred choices at each step, and Hypothesis takes a while for each that it is to remember; it
    remembers the number instead.

    Args:
        draw: the function ``draw`` of ``st.composite``, or ``data.draw`` of ``st.data()``.
    """

    def __init__(self, draw: Draw) -> None:
        self._draw = draw
        self._rolled = Rolled(draw(_up_to(2**32 - 1)))

    def integer(self, low: int, high: int) -> int:
        """A whole number, both ends included."""
        return self._rolled.integer(low, high)

    def one_of(self, options: Sequence[T]) -> T:
        """One of the options."""
        return self._rolled.one_of(options)

    def often(self, percent: int) -> bool:
        """True in about so many of a hundred cases."""
        return self._rolled.often(percent)

    def drawn(self, strategy: SearchStrategy[T]) -> T:
        """A value of the strategy."""
        return self._draw(strategy)


@lru_cache(maxsize=1024)
def _up_to(high: int) -> SearchStrategy[int]:
    return st.integers(0, high)


@final
class Unswayed(HypothesisProvider):
    """Draws as Hypothesis does, but for the constants that it finds in whatever modules are loaded.

    Those differ from process to process, and with them all that is drawn. Where Hypothesis has no such thing, or calls
    it otherwise, nothing is overridden.
    """

    def _maybe_draw_constant(self, *args: object, **kwargs: object) -> None:
        return None


AVAILABLE_PROVIDERS.setdefault(BACKEND, f"{Unswayed.__module__}.{Unswayed.__qualname__}")


@lru_cache(maxsize=1024)
def _examples(strategy: SearchStrategy[Any]) -> Sequence[Any]:
    # Hypothesis forbids one run within another in the same thread, for shrinking's sake; here nothing is shrunk.
    if currently_in_test_context():
        with ThreadPoolExecutor(1) as other:
            return other.submit(_collected, strategy).result()
    return _collected(strategy)


def _collected(strategy: SearchStrategy[Any]) -> Sequence[Any]:
    found: list[Any] = []

    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=WHATEVER_IT_COSTS,
        verbosity=Verbosity.normal,
        backend=BACKEND,
    )
    @given(strategy)
    def collect(value: object) -> None:
        found.append(value)

    try:
        collect()
    except Unsatisfiable:
        found.clear()
    if not found:
        raise UsageError(problem=f"The strategy {strategy!r} gives no value.", mend="Give one that does.")
    return tuple(found)
