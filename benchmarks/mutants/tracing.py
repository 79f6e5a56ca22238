"""A plugin of pytest that notes for each test which definitions of the programmes and phases it has come by.

An event counts also where it was only asked for: who may not fire it never gets to its effect.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import CodeType, FrameType
from typing import Any, Final

import pytest

import progflow
from progflow.definition.events import Event

VARIABLE: Final = "PROGFLOW_TRACE"
"""The variable of the environment that names the file to write to."""

ROOT: Final = str(Path(progflow.__file__).parent)
ASKED: Final[CodeType] = vars(Event)["__call__"].__code__


class Tracer:
    """Collects the code that runs, as ``progflow.states.timed:TimedPhase.pause``."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._known: dict[CodeType, str | None] = {}
        self._found: set[str] = set()
        path.write_text("", encoding="utf-8")

    def note(self, frame: FrameType, what: str, _: Any) -> None:
        """Called by the interpreter whenever a function is called."""
        if what != "call":
            return
        code = frame.f_code
        if code is ASKED:
            code = frame.f_locals["self"].function.__code__
        if code not in self._known:
            self._known[code] = _name(code)
        name = self._known[code]
        if name is not None:
            self._found.add(name)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        """Note what one test does, with its fixtures."""
        self._found = set()
        began = time.monotonic()
        sys.setprofile(self.note)
        threading.setprofile(self.note)
        try:
            yield
        finally:
            sys.setprofile(None)
            threading.setprofile(None)
            said = {"test": item.nodeid, "seconds": round(time.monotonic() - began, 2), "found": sorted(self._found)}
            with self._path.open("a", encoding="utf-8") as file:
                file.write(json.dumps(said) + "\n")


def _name(code: CodeType) -> str | None:
    if not code.co_filename.startswith(ROOT):
        return None
    module = "progflow." + code.co_filename[len(ROOT) + 1 : -3].replace("/", ".")
    if module.split(".")[1] not in ("programs", "states"):
        return None
    return f"{module}:{code.co_qualname.replace('.<locals>', '')}"


def pytest_configure(config: pytest.Config) -> None:
    """Begin to watch, if the environment names a file."""
    path = os.environ.get(VARIABLE)
    if path:
        config.pluginmanager.register(Tracer(Path(path)))
