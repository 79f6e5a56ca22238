"""What the sections of a page are written with."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

LANGUAGES: Final = ("en", "de")
"""The languages of what progflow ships."""


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; empty where there are no rows."""
    body = [_row(row) for row in rows]
    return "\n".join((_row(head), "|" + "---|" * len(head), *body, "")) if body else ""


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def code(name: str) -> str:
    """A name of the program."""
    return f"`{name}`"
