"""Numbers: small ones, those at their bounds, rarely big ones."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final

import annotated_types as at

from progflow.testing.chance import Chance
from progflow.testing.values.known import Here, Impossible, Plan
from progflow.testing.values.limits import Limits

SMALL: Final = range(11)
FEW: Final = 4
BIG: Final = (50, 100, 366, 1000, 10_000, 1_000_000)
NUMBERS: Final = tuple(Fraction(cents, 100) for cents in (0, 100, 200, 50, 150, 300, 500, 1000, 1, 375, -100, 10_000))
CENT: Final = Fraction(1, 100)
WIDEST: Final = 100


def integer_plan(limits: Limits) -> Plan:
    """Whole numbers; the simplest is the one that is nearest to nought."""
    step, first, last = limits.whole
    if first is not None and last is not None and last < first:
        raise Impossible("its bounds leave no whole number")

    def inside(numbers: Iterable[int]) -> tuple[int, ...]:
        return tuple(n * step for n in numbers if (first is None or first <= n) and (last is None or n <= last))

    nearest = max(0 if last is None else min(0, last), 0 if first is None else first)
    up, down = inside(nearest + n for n in SMALL), inside(nearest - n for n in SMALL)
    small = up if len(up) > 1 else down
    low, high = nearest - WIDEST if first is None else first, nearest + WIDEST if last is None else last
    bounds = [one for one in (first, last) if one is not None]
    edges = inside((*(bound + by for bound in bounds for by in (0, 1, -1)), -1, -2, 0, 1, WIDEST))
    big = inside(BIG) or edges

    def draw(chance: Chance, here: Here) -> int:
        if here.is_small(chance):
            return chance.one_of(small[:FEW])
        if not chance.often(30):
            return chance.one_of(small)
        if not chance.often(30):
            return chance.one_of(edges)
        return chance.one_of(big) if chance.often(20) else step * chance.integer(low, high)

    return draw


def number_plan(of: type[float] | type[Decimal], limits: Limits) -> Plan:
    """Finite numbers, most of them with few places."""
    lows = [Fraction(one) for one in limits.bounds(at.Ge, at.Gt)]
    highs = [Fraction(one) for one in limits.bounds(at.Le, at.Lt)]
    low, high = max(lows, default=None), min(highs, default=None)
    begin, end = _range(low, high)
    edges = [bound + by for bound in (low, high) if bound is not None for by in (0, CENT, -CENT, 1, -1)]
    between = [begin + (end - begin) * part / 4 for part in range(5)]
    steps = [Fraction(one) for one in limits.steps]
    stepped = [step * (begin // step + n) for step in steps for n in SMALL]
    candidates = [_as(of, number) for number in (*NUMBERS, *edges, *between, *stepped)]
    fitting = tuple(dict.fromkeys(number for number in candidates if limits.problem(number) is None))
    if not fitting:
        raise Impossible("no number was found that keeps to its bounds")

    def draw(chance: Chance, here: Here) -> Any:
        if steps or not chance.often(15):
            return chance.one_of(fitting)
        number = _as(of, begin + (end - begin) * chance.integer(0, WIDEST) / WIDEST)
        return number if limits.problem(number) is None else chance.one_of(fitting)

    return draw


def _range(low: Fraction | None, high: Fraction | None) -> tuple[Fraction, Fraction]:
    if low is None:
        return (high - WIDEST, high) if high is not None else (Fraction(0), Fraction(WIDEST))
    return low, low + WIDEST if high is None else high


def _as(of: type[float] | type[Decimal], number: Fraction) -> float | Decimal:
    return float(number) if of is float else Decimal(number.numerator) / Decimal(number.denominator)
