"""The plays of ``progflow demo NAME``, one for each programme: a module with ``TITLE`` and ``play(file, screen)``."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Final, Protocol, cast

from progflow.cli.screen import Screen

NAMES: Final = (
    "cross-mentoring",
    "city-participation",
    "intercultural-mentoring",
    "leadership-training",
    "trainee-volunteering",
    "training-network",
)
"""What can be played, by the name of the programme; the first is played unless another is named."""


class Play(Protocol):
    """What a module of this package offers."""

    TITLE: str

    def play(self, file: Path, screen: Screen) -> None:
        """Play it into the file, and tell it on the screen."""
        ...


def play_of(name: str) -> Play:
    """The play of that name, loaded when it is wanted."""
    return cast(Play, import_module(f"{__name__}.{name.replace('-', '_')}"))
