"""Puts a changed module in the place of the shipped one, in this process alone; no file is touched.

A process that is told of a patch in its environment has the changed rule once it has called ``activate``, before it
imports anything of the programmes. ``python -m pytest -p benchmarks.mutants.plugin`` does so.
"""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from types import CodeType, ModuleType
from typing import Final

from benchmarks.mutants.patch import Patch
from benchmarks.mutants.source import read

VARIABLE: Final = "PROGFLOW_MUTANT"
"""The variable of the environment that holds a patch as JSON."""


class _Loader(SourceFileLoader):
    """Compiles the changed text, and offers it progflow's public names that the change uses."""

    def __init__(self, name: str, path: str, patch: Patch) -> None:
        super().__init__(name, path)
        self._patch = patch

    def get_code(self, fullname: str) -> CodeType:
        """The changed module, compiled anew: nothing of it is kept for later."""
        return compile(self._patch.applied(read(fullname)), self.path, "exec", dont_inherit=True)

    def exec_module(self, module: ModuleType) -> None:
        """Run it in its namespace."""
        import progflow  # not before: what is changed may be a part of it

        for name in re.findall(r"[A-Za-z_]+", self._patch.new):
            if hasattr(progflow, name):
                setattr(module, name, getattr(progflow, name))
        super().exec_module(module)


class Finder(MetaPathFinder):
    """Finds one module in its changed form, and leaves all others to the finders after it."""

    def __init__(self, patch: Patch) -> None:
        self.patch: Final = patch

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """The module that is changed, with a loader of ours."""
        if fullname != self.patch.module:
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is None or spec.origin is None:
            return None
        spec.loader = _Loader(fullname, spec.origin, self.patch)
        return spec


def install(patch: Patch) -> None:
    """Change what this process imports from now on.

    Raises:
        RuntimeError: the module has been imported already.
    """
    if patch.module in sys.modules:
        raise RuntimeError(f"{patch.module} has been imported already; nothing can be changed any more.")
    sys.meta_path.insert(0, Finder(patch))


def activate() -> None:
    """Change what the environment names, if it names anything."""
    said = os.environ.get(VARIABLE)
    if said:
        install(Patch.from_json(json.loads(said)))


def environment(patch: Patch | None) -> dict[str, str]:
    """The environment of a process in which that rule is changed; the same examples are drawn in each."""
    kept = {name: value for name, value in os.environ.items() if name != VARIABLE}
    kept |= {"CI": "1", "PYTHONHASHSEED": "0", "PYTHONDONTWRITEBYTECODE": "1"}
    return kept if patch is None else {**kept, VARIABLE: json.dumps(patch.to_json())}
