"""Values as source code."""

from __future__ import annotations

from collections.abc import Sequence, Set
from datetime import UTC, date, datetime, time
from decimal import Decimal
from enum import Enum
from typing import Any, cast
from uuid import UUID
from zoneinfo import ZoneInfo

import attrs

from progflow.codec import is_object
from progflow.testing.clock import Clock
from progflow.testing.snippets.layout import Code, Group, call, flat, quoted
from progflow.testing.snippets.naming import Names


def code_of(value: Any, names: Names) -> Code:
    """The source code of a value: what stands in data and payloads, and whatever says itself how it is written."""
    kind: type[Any] = value.__class__
    match value:
        case Enum():
            return f"{names.of(kind)}.{value.name}" if value.name else repr(value)
        case str():
            return f"{names.cases[value]}.id" if value in names.cases else quoted(value)
        case Decimal() | UUID():
            return call(names.of(kind), quoted(str(value)))
        case datetime():
            return _instant(value, names)
        case date():
            return call(names.of(date), *map(str, (value.year, value.month, value.day)))
        case time():
            return repr(value).replace("datetime.time", names.of(time))
        case _ if attrs.has(kind):
            return _object(value, names)
        case _ if is_object(value):
            items = [(f"{flat(code_of(key, names))}: ", code_of(one, names)) for key, one in value.items()]
            return Group("{", items, "}")
        case set() | frozenset():
            return _set(cast("Set[Any]", value), names)
        case list() | tuple():
            opening, closing, single = ("[", "]", "") if kind is list else ("(", ")", ",")
            parts = [("", code_of(one, names)) for one in cast("Sequence[Any]", value)]
            return Group(opening, parts, closing, single)
        case _:
            return repr(value)


def _set(value: Set[Any], names: Names) -> Code:
    items = sorted((code_of(one, names) for one in value), key=flat)
    inside: Code = Group("{", [("", one) for one in items], "}")
    if isinstance(value, frozenset):
        return call("frozenset", inside) if items else "frozenset()"
    return inside if items else "set()"


def _instant(value: datetime, names: Names) -> Code:
    zone = value.tzinfo
    if zone is not None and not isinstance(zone, ZoneInfo):
        value, zone = value.astimezone(UTC), ZoneInfo("UTC")
    parts = [value.year, value.month, value.day, value.hour, value.minute, value.second, value.microsecond]
    while len(parts) > 4 and not parts[-1]:
        parts.pop()
    named: dict[str, Code] = {}
    if zone is not None:
        is_utc = zone.key == "UTC"
        named["tzinfo"] = names.imported("datetime", "UTC") if is_utc else call(names.of(ZoneInfo), quoted(zone.key))
    if value.fold:
        named["fold"] = "1"
    return call(names.of(datetime), *map(str, parts), **named)


def _object(value: Any, names: Names) -> Code:
    """A call of the class with what is not the default; with everything, if that would make another object."""
    kind: type[Any] = value.__class__
    fields = [(one, getattr(value, one.name)) for one in attrs.fields(kind) if one.init]
    told = [(one, given) for one, given in fields if not _is_default(one, given)]
    try:
        if kind(**{one.alias or one.name: given for one, given in told}) != value:
            told = fields
    except Exception:
        told = fields
    return Group(f"{names.of(kind)}(", [(f"{one.alias or one.name}=", code_of(given, names)) for one, given in told])


def _is_default(one: Any, given: object) -> bool:
    default = one.default
    if isinstance(default, attrs.Factory):  # type: ignore[arg-type]
        return not default.takes_self and default.factory() == given
    return default is not attrs.NOTHING and type(default) is type(given) and default == given


def moment(instant: datetime, zone: ZoneInfo) -> str:
    """A point in time as a scenario takes it: clock time in its zone, with the offset only where it must be said."""
    local = instant.astimezone(zone)
    spec = "microseconds" if local.microsecond else "seconds" if local.second else "minutes"
    text = local.replace(tzinfo=None).isoformat(" ", spec)
    return text if Clock(text, zone=zone)() == instant.astimezone(UTC) else local.isoformat(" ", spec)
