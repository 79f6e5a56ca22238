"""What would be simpler than a payload: less in it, and values that anybody would take for an example."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final, Literal, TypeAlias, get_args, get_origin
from uuid import UUID

from attrs import frozen

from progflow.codec import UTC_ZONE, BadValue, codec, is_object
from progflow.codec._types import LISTS, OBJECTS, is_attrs, is_enum
from progflow.definition.blueprint import Parameter
from progflow.definition.payload import load_payload
from progflow.errors import PayloadError
from progflow.records import Json
from progflow.testing.situation import WORDS
from progflow.testing.values.brief import brief, brief_payload, defaults_of
from progflow.testing.values.spots import Spot, Trail, is_fixed, replaced, spots_in

PLAIN_TEXT: Final = re.compile(r"[A-Za-zÄÖÜäöüß][\wÄÖÜäöüß.-]{0,19}")
FEW: Final = 5
"""How many values are tried in one place."""

Change: TypeAlias = Callable[[Any], Json]
"""Makes a payload simpler in one place."""


@frozen(eq=False)
class Known:
    """What is simple here: who there is, the time at which the story begins, and the present one."""

    people: Collection[str]
    begins: datetime
    now: datetime

    @property
    def days(self) -> Sequence[date]:
        """Days that need no explanation."""
        first = self.begins.date()
        month = (first.replace(day=1) + timedelta(days=31)).replace(day=1)
        today = self.now.date()
        return tuple(dict.fromkeys((first, first + timedelta(days=1), month, today, today + timedelta(days=1))))


@frozen(eq=False)
class Whole:
    """A payload, or the data with which a case begins.

    ``of`` are the fields of the payload, or the type of the data.
    """

    plain: Json
    of: Mapping[str, Parameter] | Any

    @property
    def _is_payload(self) -> bool:
        return isinstance(self.of, Mapping)

    def changed(self, changes: Sequence[Change]) -> Whole:
        """The same after these changes."""
        plain = self.plain
        for change in changes:
            plain = change(plain)
        return Whole(plain, self.of)

    @property
    def briefly(self) -> Whole:
        """The same without what has its default."""
        return Whole(brief_payload(self.plain, self.of) if self._is_payload else brief(self.plain, self.of), self.of)

    @property
    def fits(self) -> bool:
        """Whether it can be read."""
        try:
            if self._is_payload:
                load_payload("payload", self.of, self.plain, codec(UTC_ZONE))
            else:
                codec(UTC_ZONE).load(self.plain, self.of, "data")
        except (PayloadError, BadValue):
            return False
        return True

    @property
    def spots(self) -> Iterator[Spot]:
        """Its values."""
        if not self._is_payload:
            yield from spots_in((), self.of, self.plain)
            return
        for name, plain in self.plain.items():
            yield from spots_in((name,), self.of[name].type, plain)

    # -- less in it

    @property
    def spare(self) -> Iterator[Change]:
        """Leaves something out, or makes a list empty; what is inside of something that can go is passed over."""
        going: set[Trail] = set()
        optional = {(name,) for name, one in self.of.items() if not one.required} if self._is_payload else set[Trail]()
        for spot in self.spots:
            if is_attrs(spot.type) and is_object(spot.plain):
                optional |= {(*spot.trail, name) for name in defaults_of(spot.type) if name in spot.plain}
            if any(spot.trail[:length] in going for length in range(len(spot.trail))):
                continue
            if spot.trail in optional:
                going.add(spot.trail)
                yield _removing(spot.trail)
            elif spot.optional and spot.plain is not None:
                going.add(spot.trail)
                yield _putting(spot.trail, None)
            elif _can_be_empty(spot):
                going.add(spot.trail)
                yield _putting(spot.trail, type(spot.plain)())

    @property
    def items(self) -> Iterator[Change]:
        """Leaves out one item of a list or object; the last ones first, so that the others stay where they are."""
        found: list[Trail] = []
        for spot in self.spots:
            if _can_be_empty(spot):
                keys = spot.plain if is_object(spot.plain) else range(len(spot.plain))
                found.extend((*spot.trail, key) for key in keys)
        for trail in sorted(found, key=lambda trail: [(isinstance(key, str), key) for key in trail], reverse=True):
            yield _removing(trail)

    # -- simpler values

    def values(self, known: Known, number: int) -> Iterator[Change]:
        """Puts the simplest value in each place, or the one that comes after so many others."""
        for spot in self.spots:
            options = [one for one in _simplest(spot, known) if one != spot.plain][:FEW]
            if number < len(options):
                yield _putting(spot.trail, options[number])


def _can_be_empty(spot: Spot) -> bool:
    kind = get_origin(spot.type)
    return kind in (*LISTS, *OBJECTS) and not is_fixed(spot.type) and bool(spot.plain)


def _removing(trail: Trail) -> Change:
    def without(plain: Any) -> Json:
        if is_object(plain):
            return {name: value for name, value in plain.items() if name != trail[-1]}
        return [value for number, value in enumerate(plain) if number != trail[-1]]

    return lambda plain: replaced(plain, trail[:-1], without)


def _putting(trail: Trail, value: Json) -> Change:
    return lambda plain: replaced(plain, trail, lambda _: value)


def _simplest(spot: Spot, known: Known) -> Sequence[Json]:
    """Values that are simpler than the one that is there, the simplest first; not all need fit its type."""
    if spot.plain is None:
        return ()
    options = list(_options(spot, known))
    return options[: options.index(spot.plain)] if spot.plain in options else options


def _options(spot: Spot, known: Known) -> Iterator[Json]:
    of, dump = spot.type, codec(UTC_ZONE).dump
    if of is str:
        yield from _texts(spot, known)
    elif of is bool:
        yield False
    elif of in (int, float, Decimal):
        yield from _numbers(spot)
    elif of is date:
        yield from (day.isoformat() for day in known.days)
    elif of is datetime:
        yield from (dump(one, of) for one in (known.begins, known.begins + timedelta(days=1)))
    elif of is UUID:
        yield dump(UUID(int=1, version=4), of)
    elif is_enum(of):
        yield from (dump(member, of) for member in of)
    elif get_origin(of) is Literal:
        yield from get_args(of)


def _texts(spot: Spot, known: Known) -> Iterator[Json]:
    if PLAIN_TEXT.fullmatch(spot.plain) and spot.plain not in known.people:
        return
    word = next((word for word in WORDS if word not in known.people), WORDS[0])
    yield word
    if spot.limits.lengths[0] > len(word):
        yield (word * spot.limits.lengths[0])[: spot.limits.lengths[0]]
    if not PLAIN_TEXT.fullmatch(spot.plain):
        yield from list(known.people)[:1]


def _numbers(spot: Spot) -> Iterator[Json]:
    present = Decimal(spot.plain)
    for number in (0, 1, 2, 3, 5, 10, 100):
        if abs(present) > number or present != int(present):
            yield str(number) if spot.type is Decimal else number
