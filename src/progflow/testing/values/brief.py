"""Plain data without what goes without saying: fields that have their default."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, get_origin

import attrs

from progflow.codec import UTC_ZONE, codec, is_object
from progflow.codec._types import is_attrs
from progflow.definition.blueprint import Parameter
from progflow.records import Json
from progflow.testing.values.fields import fields_of
from progflow.testing.values.spots import Spot, Trail, is_list, spots_in


def brief_payload(plain: Mapping[str, Json], parameters: Mapping[str, Parameter]) -> dict[str, Json]:
    """A payload without the fields that have their default, and without those inside its values.

    Args:
        plain: the payload; fields that are not known stay as they are.
        parameters: the fields that are known.
    """
    found: dict[str, Json] = {}
    for name, value in plain.items():
        parameter = parameters.get(name)
        if parameter is None:
            found[name] = value
        elif parameter.required or codec(UTC_ZONE).dump(parameter.default, parameter.type) != value:
            found[name] = brief(value, parameter.type)
    return found


def brief(plain: Json, of: Any) -> Json:
    """A value without the fields that have their default.

    Args:
        plain: its plain form.
        of: its type.
    """
    spare = {trail for spot in spots_in((), of, plain) if is_attrs(spot.type) for trail in _spare(spot.trail, spot)}
    return _without(plain, (), spare)


def _spare(trail: Trail, spot: Spot) -> list[Trail]:
    if not is_object(spot.plain):
        return []
    defaults = defaults_of(spot.type)
    return [(*trail, name) for name, plain in spot.plain.items() if name in defaults and defaults[name] == plain]


def _without(plain: Any, trail: Trail, spare: set[Trail]) -> Json:
    if is_object(plain):
        inside = ((name, (*trail, name)) for name in plain)
        return {name: _without(plain[name], there, spare) for name, there in inside if there not in spare}
    if is_list(plain):
        return [_without(one, (*trail, number), spare) for number, one in enumerate(plain)]
    return plain


@lru_cache(maxsize=1024)
def defaults_of(of: Any) -> Mapping[str, Json]:
    """The plain forms of the defaults of an attrs class; not of those that depend on other fields."""
    cls: type[Any] = get_origin(of) or of
    types = {one.name: one.type for one in fields_of(of)}
    found: dict[str, Json] = {}
    for one in attrs.fields(cls):
        default: Any = one.default
        if isinstance(default, attrs.Factory):  # type: ignore[arg-type]
            if default.takes_self:
                continue
            default = default.factory()
        if default is not attrs.NOTHING:
            found[one.name] = codec(UTC_ZONE).dump(default, types[one.name])
    return found
