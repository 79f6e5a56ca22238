"""How names and sentences are read by people."""

from __future__ import annotations

from collections.abc import Mapping
from string import Formatter
from typing import Any, final


def readable(name: str) -> str:
    """A name as a person reads it: ``in_tandem`` is "in tandem"."""
    return name.replace("_", " ").strip()


@final
class _Sentence(Formatter):
    """Fills in what is there: a sentence that cannot be filled whole still reaches the person."""

    def get_field(self, field_name: str, args: Any, kwargs: Any) -> Any:
        # Plain names only: a sentence is no way to look into values.
        return kwargs.get(field_name, "{" + field_name + "}"), field_name

    def format_field(self, value: Any, format_spec: str) -> str:
        try:
            return str(super().format_field(value, format_spec))
        except (TypeError, ValueError):
            return str(value)


def sentence(template: str, parameters: Mapping[str, object]) -> str:
    """The author's sentence with its values; a value that nobody gave stays visible as ``{name}``."""
    try:
        return _Sentence().vformat(template, (), parameters)
    except ValueError:
        return template  # stray braces
