"""A proposal of who goes with whom: the best assignment that the rules allow."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Hashable, Mapping, Sequence
from enum import Enum
from typing import Any, Generic, TypeVar

from attrs import frozen

from progflow import UsageError

P = TypeVar("P", bound=Hashable)
Q = TypeVar("Q", bound=Hashable)

Scores = Mapping[tuple[P, Q], float] | Callable[[P, Q], float]
"""How well two people fit; a mapping allows only the pairs that it has."""

Forbidden = Collection[tuple[P, Q]] | Callable[[P, Q], bool]
"""The pairs that may not be."""


class Why(Enum):
    """Why somebody could not be placed."""

    NOBODY_ALLOWED = "no partner is allowed"
    ALL_TAKEN = "all places with an allowed partner are taken by others"


@frozen
class Placed(Generic[P, Q]):
    """Somebody and the partner who is proposed."""

    person: P
    partner: Q
    score: float


@frozen
class Unplaced(Generic[P]):
    """Somebody without a partner, why, and how many partners would have been allowed."""

    person: P
    why: Why
    allowed: int


@frozen
class Assignment(Generic[P, Q]):
    """Who is proposed to whom, and who is left over; both in the order in which the people were given."""

    pairs: tuple[Placed[P, Q], ...]
    unplaced: tuple[Unplaced[P], ...]

    @property
    def total(self) -> float:
        """The sum of the scores."""
        return math.fsum(pair.score for pair in self.pairs)

    def partner_of(self, person: P) -> Q | None:
        """The partner who is proposed to somebody, None if there is none."""
        return next((pair.partner for pair in self.pairs if pair.person == person), None)


def best_assignment(
    people: Sequence[P],
    partners: Mapping[Q, int] | Sequence[Q],
    scores: Scores[P, Q],
    *,
    forbidden: Forbidden[P, Q] = (),
) -> Assignment[P, Q]:
    """Propose the best assignment of people to partners.

    It places as many people as the rules allow, and among all such assignments takes one with the highest sum of
    scores. The same input gives the same answer. It only proposes: people decide.

    Args:
        people: who is to be placed, each once.
        partners: with whom; a mapping says how many places each has, in a sequence each has one.
        scores: how well two fit, higher is better, also below zero.
        forbidden: pairs that are never proposed, as those with a reporting line between them.

    Raises:
        UsageError: somebody is named twice, a number of places is negative, a score is not finite.
        ImportError: SciPy is not there; it comes with ``progflow[matching]``.
    """
    places = dict(partners) if isinstance(partners, Mapping) else dict.fromkeys(partners, 1)
    _check(people, partners, places)
    fits = [[_fit(person, partner, scores, forbidden) for partner in places] for person in people]
    columns = [column for column, number in enumerate(places.values()) for _ in range(min(number, len(people)))]
    names = list(places)
    chosen = _solved(fits, columns)
    pairs: list[Placed[P, Q]] = []
    unplaced: list[Unplaced[P]] = []
    for person, row, column in zip(people, fits, chosen, strict=True):
        fit = None if column is None else row[column]
        if column is not None and fit is not None:
            pairs.append(Placed(person, names[column], fit))
        else:
            allowed = sum(one is not None for one in row)
            unplaced.append(Unplaced(person, Why.ALL_TAKEN if allowed else Why.NOBODY_ALLOWED, allowed))
    return Assignment(tuple(pairs), tuple(unplaced))


def _solved(fits: Sequence[Sequence[float | None]], columns: Sequence[int]) -> list[int | None]:
    """The partner's number for each person, None where there is none.

    Beside the places there is one column of nobody for each person, so expensive that it is the last resort.
    """
    if not fits:
        return []
    known = [fit for row in fits for fit in row if fit is not None]
    best, worst = max(known, default=0.0), min(known, default=0.0)
    nobody = (best - worst + 1.0) * (len(fits) + 1)
    costs = [
        [math.inf if fit is None else best - fit for fit in (row[column] for column in columns)] + [nobody] * len(fits)
        for row in fits
    ]
    return [columns[one] if one < len(columns) else None for one in _rows_to_columns(costs)]


def _rows_to_columns(costs: Sequence[Sequence[float]]) -> list[int]:
    try:
        from scipy.optimize import linear_sum_assignment  # large, and only needed here
    except ImportError as error:
        raise ImportError("best_assignment needs SciPy: install progflow[matching].") from error
    _, found = linear_sum_assignment(costs)
    return [int(column) for column in found]


def _fit(person: P, partner: Q, scores: Scores[P, Q], forbidden: Forbidden[P, Q]) -> float | None:
    """The score of a pair, None if it may not be."""
    if forbidden(person, partner) if callable(forbidden) else (person, partner) in forbidden:
        return None
    score = scores(person, partner) if callable(scores) else scores.get((person, partner))
    if score is not None and not math.isfinite(score):
        problem = f"The score of {person!r} and {partner!r} is {score!r}."
        raise UsageError(problem=problem, mend="Give a finite number, and name what may not be in forbidden=.")
    return score


def _check(people: Sequence[Hashable], partners: Collection[Hashable], places: Mapping[Any, int]) -> None:
    for names in (people, partners):
        twice = [name for number, name in enumerate(names) if name in list(names)[:number]]
        if twice:
            raise UsageError(problem=f"{twice[0]!r} is named twice.", mend="Name each once; places are numbers.")
    for partner, number in places.items():
        if number < 0:
            raise UsageError(problem=f"{partner!r} has {number} places.", mend="Give a number, 0 or more.")


__all__ = ["Assignment", "Placed", "Unplaced", "Why", "best_assignment"]
