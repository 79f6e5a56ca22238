"""Payloads that must be refused, made from one that is accepted."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final, get_origin

import annotated_types as at
from attrs import frozen

from progflow.codec import UTC_ZONE, codec
from progflow.codec._types import LISTS, is_attrs
from progflow.definition.blueprint import Parameter
from progflow.definition.payload import load_payload
from progflow.errors import PayloadError
from progflow.records import Json
from progflow.testing.chance import Chance
from progflow.testing.values.fields import fields_of
from progflow.testing.values.spots import Spot, Trail, replaced, spots_in

NO_OBJECTS: Final[tuple[Json, ...]] = ([], "", 0, True, [{}])
WRONG: Final[tuple[Json, ...]] = (
    3,
    "3",
    True,
    1.5,
    [],
    {},
    "no such thing",
    "2026-02-30",
    "2026-08-15T10:00:00",
    float("nan"),
    "half \ud83d",
    "\0",
    [[]],
    {"no": "field"},
)
UNKNOWN: Final = "no_such_field"
LONGEST: Final = 10_000
TRIES: Final = 20


@frozen
class Whole:
    """A payload that is accepted, and what there is to break in it."""

    plain: Mapping[str, Json]
    parameters: Mapping[str, Parameter]
    spots: Sequence[Spot]

    @property
    def objects(self) -> list[Spot]:
        """The values that have fields."""
        return [spot for spot in self.spots if is_attrs(spot.type)]

    @property
    def trails(self) -> list[Trail]:
        """Where a value stands or could stand."""
        left_out = [(name,) for name in self.parameters if name not in self.plain]
        return [*(spot.trail for spot in self.spots), *left_out]

    def replaced(self, trail: Trail, by: Callable[[Any], Json]) -> Json:
        """The payload with something else in one place; ``by`` makes it of what stands there."""
        return replaced(self.plain, trail, by)


def broken_payload(chance: Chance, plain: Mapping[str, Json], parameters: Mapping[str, Parameter]) -> object:
    """A payload that ``load_payload`` refuses; if nothing else was found, one that is no object at all.

    Args:
        chance: makes the choices.
        plain: a payload that fits; it stays as it is.
        parameters: the fields.
    """
    spots = [spot for name, value in plain.items() for spot in spots_in((name,), parameters[name].type, value)]
    whole = Whole(plain, parameters, spots)
    for _ in range(TRIES):
        broken = chance.one_of(WAYS)(chance, whole)
        if _is_refused(broken, parameters):
            return broken
    return chance.one_of(NO_OBJECTS)


def _is_refused(plain: object, parameters: Mapping[str, Parameter]) -> bool:
    try:
        load_payload("payload", parameters, plain, codec(UTC_ZONE))
    except PayloadError:
        return True
    return False


# -- ways to break it --------------------------------------------------------------------------------


def _missing(chance: Chance, whole: Whole) -> Json:
    found: list[tuple[Trail, str]] = [((), name) for name, one in whole.parameters.items() if one.required]
    found += [(spot.trail, one.name) for spot in whole.objects for one in fields_of(spot.type) if not one.has_default]
    if not found:
        return whole.plain
    trail, name = chance.one_of(found)
    return whole.replaced(trail, lambda plain: {one: value for one, value in plain.items() if one != name})


def _unknown(chance: Chance, whole: Whole) -> Json:
    trail = chance.one_of([(), *(spot.trail for spot in whole.objects)])
    return whole.replaced(trail, lambda plain: {**plain, UNKNOWN: 3})


def _null(chance: Chance, whole: Whole) -> Json:
    return whole.replaced(chance.one_of(whole.trails), lambda plain: None) if whole.parameters else whole.plain


def _of_wrong_type(chance: Chance, whole: Whole) -> Json:
    if not whole.parameters:
        return whole.plain
    wrong = chance.one_of(WRONG)
    return whole.replaced(chance.one_of(whole.trails), lambda plain: wrong)


def _out_of_bounds(chance: Chance, whole: Whole) -> Json:
    limited = [spot for spot in whole.spots if spot.limits]
    spot = chance.one_of(limited) if limited else None
    outside = [] if spot is None else list(_outside(spot))
    if spot is None or not outside:
        return whole.plain
    beyond = chance.one_of(outside)
    return whole.replaced(spot.trail, lambda plain: beyond)


def _no_object(chance: Chance, whole: Whole) -> Json:
    return chance.one_of(NO_OBJECTS)


WAYS: Final = (_missing, _unknown, _null, _of_wrong_type, _out_of_bounds, _no_object)


def _outside(spot: Spot) -> Iterator[Json]:
    """Just outside of what the value keeps to, in its plain form."""
    low, high = spot.limits.lengths
    if spot.type is str or get_origin(spot.type) in LISTS:
        yield from (spot.plain[: low - 1],) if low else ()
        if high is not None and spot.plain and high < LONGEST:
            yield (spot.plain * (high + 1))[: high + 1]
    for bound in spot.limits.bounds(at.Gt, at.Lt):
        yield _plain(spot, bound, 0)
    for bound in spot.limits.bounds(at.Ge):
        yield _plain(spot, bound, -1)
    for bound in spot.limits.bounds(at.Le):
        yield _plain(spot, bound, 1)
    yield from ("", " ") if spot.type is str else ()


def _plain(spot: Spot, bound: Any, by: int) -> Json:
    if spot.type is date:
        return (bound + timedelta(days=by)).isoformat()
    if spot.type is Decimal:
        return str(bound + by)
    return bound + by if isinstance(bound, int | float) else str(bound)
