"""Plain data: what it is, which texts are in it, and where two differ."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from progflow.records import Json

if TYPE_CHECKING:
    from typing_extensions import TypeIs

LONGEST: Final = 80
"""How much of a value is shown."""


def is_list(value: object) -> TypeIs[list[Any]]:
    """Several values."""
    return isinstance(value, list)


def is_object(value: object) -> TypeIs[Mapping[str, Any]]:
    """Values by names."""
    return isinstance(value, Mapping)


def texts_in(value: object) -> Iterator[str]:
    """The texts in plain data, without the names of fields."""
    if isinstance(value, str):
        yield value
    elif is_object(value) or is_list(value):
        for one in value.values() if is_object(value) else value:
            yield from texts_in(one)


def difference(history: object, today: object, path: str = "") -> str | None:
    """Where plain data differ first, and how; None if they are the same.

    Args:
        history: as they were.
        today: as they are.
        path: where they stand.
    """
    if is_object(history) and is_object(today):
        names = dict.fromkeys((*history, *today))
        inside = ((f"{path}.{name}" if path else name, name) for name in names)
        return next((found for where, name in inside if (found := _field(history, today, name, where))), None)
    if is_list(history) and is_list(today) and len(history) == len(today):
        pairs = enumerate(zip(history, today, strict=True))
        return next((found for n, (one, other) in pairs if (found := difference(one, other, f"{path}[{n}]"))), None)
    same = type(history) is type(today) and history == today  # 1 equals True, and is not the same
    return None if same else f"{path or 'it'} was {_shown(history)}, and today it is {_shown(today)}"


def _field(history: Mapping[str, Json], today: Mapping[str, Json], name: str, path: str) -> str | None:
    if name not in history:
        return f"{path} was not there, and today it is {_shown(today[name])}"
    if name not in today:
        return f"{path} was {_shown(history[name])}, and today it is not there"
    return difference(history[name], today[name], path)


def _shown(value: object) -> str:
    said = json.dumps(value, ensure_ascii=False)
    return said if len(said) <= LONGEST else f"{said[: LONGEST - 1]}…"
