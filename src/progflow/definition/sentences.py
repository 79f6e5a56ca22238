"""How names and sentences are read by people."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from string import Formatter
from typing import Any, Final, final

NOTHING: Final = "–"
"""What a person reads where a value is not known."""


def readable(name: str) -> str:
    """A name as a person reads it: ``in_tandem`` is "in tandem"."""
    return name.replace("_", " ").strip()


@final
class _Sentence(Formatter):
    """Fills in what is there: a sentence that cannot be filled whole still reaches the person."""

    def __init__(self, read: Callable[[object], object]) -> None:
        self._read: Final = read

    def get_field(self, field_name: str, args: Any, kwargs: Any) -> Any:
        # Plain names only: a sentence is no way to look into values.
        return self._read(kwargs[field_name]) if field_name in kwargs else "{" + field_name + "}", field_name

    def format_field(self, value: Any, format_spec: str) -> str:
        if value is None:
            return NOTHING
        try:
            return str(super().format_field(value, format_spec))
        except (TypeError, ValueError):
            return str(value)


def as_it_is(value: object) -> object:
    """The value itself."""
    return value


def sentence(template: str, parameters: Mapping[str, object], read: Callable[[object], object] = as_it_is) -> str:
    """The author's sentence with its values; a value that nobody gave stays visible as ``{name}``.

    Args:
        template: the sentence.
        parameters: the values by name.
        read: gives a value as a person reads it.
    """
    try:
        return _Sentence(read).vformat(template, (), parameters)
    except ValueError:
        return template  # stray braces
