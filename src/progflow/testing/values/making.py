"""Plans from plans: one of several, several at once, trying again until it fits."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from itertools import islice
from typing import Any, Final

from attrs import frozen
from hypothesis.strategies import SearchStrategy

from progflow.codec import UTC_ZONE, BadValue, codec
from progflow.codec._types import name_of
from progflow.errors import UsageError
from progflow.testing.chance import Chance, Rolled
from progflow.testing.values.known import Here, Impossible, Plan
from progflow.testing.values.limits import Limits

TRIES: Final = 100
CHOSEN_TRIES: Final = 3
TRIES_FOR_ANOTHER: Final = 6
MORE: Final = 3
ROOMY: Final = 20


def _tries(chance: Chance) -> Iterator[Chance]:
    """What makes the choices in each of some tries.

    Hypothesis makes the simplest choices first, and again when it shrinks; it would repeat them in every try. So after
    a few it chooses a number only, and the others follow from that.
    """
    for _ in range(CHOSEN_TRIES):
        yield chance
    rolled = Rolled(chance.integer(0, 999))
    for _ in range(TRIES - CHOSEN_TRIES):
        yield rolled


def no_value(of: Any, path: str, problem: str) -> UsageError:
    """The error for a type of which no value is found."""
    return UsageError(
        problem=f"No value was found for {path} ({name_of(of)}): {problem}.",
        mend=f'Give a strategy that makes some: strategies={{"{path}": …}}.',
    )


def hopeless(of: Any, path: str, problem: str) -> Plan:
    """Says that there are no values once one is needed, for perhaps none ever is."""

    def draw(chance: Chance, here: Here) -> Any:
        raise no_value(of, path, problem)

    return draw


def one_of(options: Sequence[Any]) -> Plan:
    """One of the options.

    Raises:
        Impossible: there are none.
    """
    if not options:
        raise Impossible("there is nothing to choose from")
    return lambda chance, here: chance.one_of(options)


def kept(plan: Plan, limits: Limits, of: Any, path: str) -> Plan:
    """Values of a plan that keep to the limits."""
    if not limits:
        return plan

    def draw(chance: Chance, here: Here) -> Any:
        value = problem = None
        for each in _tries(chance):
            value = plan(each, here)
            problem = limits.problem(value)
            if problem is None:
                return value
        raise no_value(of, path, f"none of {TRIES} fits, the last was {value!r}, which {problem}")

    return draw


@frozen
class Part:
    """An argument of a class: its name, what makes it, and in how many of a hundred objects it is given.

    ``given_small`` is the same where numbers are small.
    """

    name: str
    plan: Plan
    given: int = 100
    given_small: int = 100

    def wanted(self, chance: Chance, here: Here) -> bool:
        """Whether it is given."""
        given = self.given_small if self.given_small != self.given and here.is_small(chance) else self.given
        return given == 100 or chance.often(given)


def made(cls: Callable[..., Any], parts: Sequence[Part], path: str) -> Plan:
    """Objects of a class.

    Args:
        cls: what makes them.
        parts: its arguments.
        path: where they stand.
    """

    def draw(chance: Chance, here: Here) -> Any:
        problem = ""
        for each in _tries(chance):
            arguments = {one.name: one.plan(each, here) for one in parts if one.wanted(each, here)}
            try:
                return cls(**arguments)
            except Exception as error:  # a validator may raise what it likes
                said = error.args[0] if len(error.args) > 1 else error  # attrs adds the value and more
                problem = str(said) or type(error).__name__
        raise no_value(cls, path, f"none of {TRIES} fits, the last was refused: {problem.rstrip('.')}")

    return draw


def given(strategy: SearchStrategy[Any], limits: Limits, of: Any, path: str) -> Plan:
    """Values of a strategy that fit the type."""
    is_plain = codec(UTC_ZONE).problem(of) is None

    def problem_of(value: Any) -> str | None:
        if is_plain:
            try:
                codec(UTC_ZONE).round_trip(value, of, path)
            except BadValue as error:
                return str(error)
        return limits.problem(value)

    def draw(chance: Chance, here: Here) -> Any:
        value = problem = None
        for each in _tries(chance):
            value = each.drawn(strategy)
            problem = problem_of(value)
            if problem is None:
                return value
        raise UsageError(
            problem=f"The strategy for {path} gave no value that fits: {problem}. The last was {value!r}.",
            mend=f"Give one whose values are of the type {name_of(of)}.",
        )

    return draw


def several(
    item: Plan,
    limits: Limits,
    path: str,
    *,
    collect: Callable[[list[Any]], Any],
    differ: bool,
    telling: Callable[[Any], Any] = lambda one: one,
    shallow: bool = False,
) -> Plan:
    """Lists and sets.

    Args:
        item: makes one item.
        limits: how many there are.
        path: where the items stand.
        collect: makes the collection.
        differ: whether no two items may be alike; otherwise they mostly are not.
        telling: by what two items are alike.
        shallow: whether there are as few as possible.

    Raises:
        Impossible: there is no such length.
    """
    low, high = limits.lengths
    if high is not None and high < low:
        raise Impossible(f"nothing has at least {low} and at most {high} items")
    most = low if shallow else low + MORE if high is None else min(high, low + MORE)
    at_most = high if high is not None and high <= ROOMY and not shallow else most

    def draw(chance: Chance, here: Here) -> Any:
        agreed = here.agreed_length(chance)
        count = max(low, min(agreed, at_most)) if agreed else at_most if chance.often(5) else chance.integer(low, most)
        unlike = differ or not chance.often(10)
        found: list[Any] = []
        told: list[Any] = []
        outside = here.position
        for here.position in range(count):
            tries = 0 if not unlike else TRIES if differ and len(found) < low else TRIES_FOR_ANOTHER
            one = _another(item, told, telling, tries, chance, here)
            if not differ or telling(one) not in told:
                found.append(one)
                told.append(telling(one))
        here.position = outside
        if len(found) < low:
            raise UsageError(
                problem=f"Only {len(found)} values that differ were found for {path}, which needs {low}.",
                mend=f'Give a strategy for it: strategies={{"{path}": …}}.',
            )
        return collect(found)

    return draw


def _another(
    item: Plan, told: Collection[Any], telling: Callable[[Any], Any], tries: int, chance: Chance, here: Here
) -> Any:
    """An item that is unlike those before, if one is found."""
    one = item(chance, here)
    for each in islice(_tries(chance), tries):
        if telling(one) not in told:
            break
        one = item(each, here)
    return one
