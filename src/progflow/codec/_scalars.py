"""Scalars, each read from one plain form and from nothing else."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal, InvalidOperation
from enum import Enum
from typing import Any, Final, get_args
from uuid import UUID
from zoneinfo import ZoneInfo

from attrs import frozen

from progflow.codec._types import is_enum
from progflow.errors import is_text


def _exactly(of: type[Any], wanted: str) -> Callable[[Any, Any], Any]:
    def structure(value: Any, cls: Any) -> Any:
        if cls is not of and is_enum(cls):  # cattrs looks at str and int first, and an Enum may be one
            return read_enum(value, cls)
        if type(value) is not of:
            raise TypeError(f"must be {wanted}, not {shown(value)}")
        return value

    return structure


def shown(value: object) -> str:
    """A plain value as it is shown in a fault."""
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case int() | float():
            return f"the number {value}"
        case str():
            return f"the text {value[:40]!r}"
        case datetime():
            return f"the datetime {value.isoformat()}"
        case Misfit():
            return shown(value.value)
        case _:
            return f"a value of type {type(value).__name__}"


@frozen
class Misfit:
    """A text or number where something else was meant that is written as one: it would come back as what it is not."""

    value: str | int


def misfit(value: Any) -> Any:
    """The value, marked if reading it back would turn it into something else."""
    return Misfit(value) if isinstance(value, str | int) and not isinstance(value, Enum) else value


_read_any_text: Final = _exactly(str, "text")


def _read_text(value: Any, cls: Any) -> Any:
    text = _read_any_text(value, cls)
    if not isinstance(text, Enum) and not is_text(text):
        raise ValueError("must be text without NUL and without halves of characters")
    return text


def _read_float(value: Any, _: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise TypeError(f"must be a finite number, not {shown(value)}")
    return float(value)


def _read_date(value: Any, _: Any) -> date:
    if type(value) is not str or len(value) != 10 or value[4] + value[7] != "--":
        raise TypeError(f"must be a date as in 2026-08-15, not {shown(value)}")
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise TypeError(f"must be a date as in 2026-08-15, not {shown(value)}") from None


def read_datetime(value: Any, zone: ZoneInfo) -> datetime:
    """An instant with its offset, in the given zone."""
    try:
        instant = datetime.fromisoformat(value) if type(value) is str and len(value) > 10 else None
    except ValueError:
        instant = None
    if instant is None or instant.tzinfo is None:
        if isinstance(value, datetime) or instant is not None:
            raise TypeError(f"must be a datetime with a UTC offset, not the naive {value}")
        raise TypeError(f"must be a datetime with a UTC offset as in 2026-08-15T10:00:00+02:00, not {shown(value)}")
    return instant.astimezone(zone)


def _read_time(value: Any, _: Any) -> time:
    try:
        return time.fromisoformat(value)
    except (ValueError, TypeError):
        raise TypeError(f"must be a time of day as in 14:30, not {shown(value)}") from None


def _read_decimal(value: Any, _: Any) -> Decimal:
    try:
        number = Decimal(value) if type(value) in (str, int) else None
    except InvalidOperation:
        number = None
    if number is None or not number.is_finite():
        raise TypeError(f"must be a decimal number written as text, not {shown(value)}")
    return number


def _read_uuid(value: Any, _: Any) -> UUID:
    try:
        return UUID(value)
    except (ValueError, TypeError, AttributeError):
        raise TypeError(f"must be a UUID, not {shown(value)}") from None


def _read_null(value: Any, _: Any) -> None:
    if value is not None:
        raise TypeError(f"must be null, not {shown(value)}")


def read_literal(value: Any, of: Any) -> Any:
    """One of the values of a Literal, of its very type: true is not 1."""
    for known in get_args(of):
        if type(known) is type(value) and known == value:
            return known
    offered = ", ".join(str(known) for known in get_args(of))
    raise ValueError(f"must be one of {offered}, not {shown(value)}")


def read_enum(value: Any, of: Any) -> Enum:
    """The member with that value, of its very type."""
    for member in of:
        if type(member.value) is type(value) and member.value == value:
            return member  # type: ignore[no-any-return]
    offered = ", ".join(str(member.value) for member in of)
    raise ValueError(f"must be one of {offered}, not {shown(value)}")


def write_enum(value: Any) -> Any:
    """The value of a member; anything else as it is."""
    return value.value if isinstance(value, Enum) else value


def write_datetime(value: Any) -> Any:
    """An aware datetime in UTC; anything else as it is, to be refused."""
    if not isinstance(value, datetime) or value.tzinfo is None:
        return misfit(value)
    return value.astimezone(UTC).isoformat()


STRUCTURE: Final[Mapping[Any, Callable[[Any, Any], Any]]] = {
    str: _read_text,
    int: _exactly(int, "a whole number"),
    bool: _exactly(bool, "true or false"),
    type(None): _read_null,
    float: _read_float,
    date: _read_date,
    time: _read_time,
    Decimal: _read_decimal,
    UUID: _read_uuid,
}

UNSTRUCTURE: Final[Mapping[Any, Callable[[Any], Any]]] = {
    str: write_enum,
    int: write_enum,
    float: write_enum,
    date: lambda value: value.isoformat() if type(value) is date else misfit(value),
    datetime: write_datetime,
    time: lambda value: value.isoformat() if type(value) is time else misfit(value),
    Decimal: lambda value: str(value) if type(value) is Decimal else misfit(value),
    UUID: lambda value: str(value) if type(value) is UUID else misfit(value),
}
