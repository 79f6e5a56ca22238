"""How names are read by people."""

from __future__ import annotations


def readable(name: str) -> str:
    """A name as a person reads it: ``in_tandem`` is "in tandem"."""
    return name.replace("_", " ").strip()
