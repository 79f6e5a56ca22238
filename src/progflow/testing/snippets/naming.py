"""What things are called in source code, and what must be imported for that."""

from __future__ import annotations

import builtins
import keyword
import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any, final

from progflow.definition.lifecycle import Program
from progflow.testing.snippets.layout import INDENT, WIDTH


@final
class Names:
    """The names in one piece of source code."""

    def __init__(self) -> None:
        self._imported: dict[str, dict[str, str]] = {}
        self._things: dict[str, object] = {}
        self._local: dict[str, str] = {}
        self._taken: set[str] = {"story", *dir(builtins)}
        self.cases: dict[str, str] = {}
        """The variables of cases, by their ids: where a value is such an id, it is asked for."""

    # -- what there is elsewhere

    def of(self, thing: Any) -> str:
        """What a class or function is called. Its module is imported from, or it is noted where it is defined."""
        module, path = str(thing.__module__), str(thing.__qualname__)
        top = path.partition(".")[0]
        if module == "builtins":
            return path
        if _found(sys.modules.get(module), path) is thing and (home := _home(module, top)):
            return path.replace(top, self._named(home, top, getattr(sys.modules[module], top)), 1)
        name, around = path.rpartition("<locals>.")[2], path.rpartition(".<locals>")[0]
        self._local[name.partition(".")[0]] = f"{module}.{around}" if around else module
        return name

    def imported(self, module: str, name: str) -> str:
        """What is called so in a module; by another name if there is already something else of that name."""
        return self._named(module, name, getattr(sys.modules[module], name))

    def _named(self, home: str, name: str, thing: object) -> str:
        known = self._imported.setdefault(home, {})
        if name not in known:
            called, number = name, 1
            while self._things.get(called, thing) is not thing:
                number += 1
                called = f"{name}_{number}"
            known[name] = called
            self._things[called] = thing
            self._taken.add(called)
        return known[name]

    def program(self, program: Program) -> str | None:
        """What a program is called; None if it has no name in any module."""
        for module in _around(program):
            for name, value in vars(module).items():
                home = _home(module.__name__, name) if value is program and not name.startswith("_") else None
                if home is not None:
                    return self._named(home, name, program)
        return None

    @property
    def lines(self) -> Iterator[str]:
        """The imports, and what must be there beside them."""
        modules = sorted(self._imported, key=lambda name: (not _is_standard(name), name))
        for place, module in enumerate(modules):
            if place and _is_standard(modules[place - 1]) != _is_standard(module):
                yield ""
            names = sorted(self._imported[module].items(), key=lambda one: (not one[0].isupper(), one[0]))
            yield from _import(module, [name if name == called else f"{name} as {called}" for name, called in names])
        if self._local:
            yield ""
        for name, where in self._local.items():
            yield f"# {name} is that of {where}, from which nothing can be imported."

    # -- what there is here

    def new(self, wanted: str) -> str:
        """A name for a variable, like that one."""
        name = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|\W+", "_", wanted).strip("_").lower() or "it"
        name = f"_{name}" if name[0].isdigit() else name
        found, number = name, 1
        while found in self._taken or keyword.iskeyword(found):
            number += 1
            found = f"{name}_{number}"
        self._taken.add(found)
        return found


def _import(module: str, names: Sequence[str]) -> Iterator[str]:
    line = f"from {module} import {', '.join(names)}"
    if len(line) <= WIDTH:
        yield line
        return
    yield f"from {module} import ("
    yield from (f"{INDENT}{name}," for name in names)
    yield ")"


def _found(module: ModuleType | None, path: str) -> object:
    found: object = module
    for name in path.split("."):
        found = getattr(found, name, None)
    return found


def _home(module: str, name: str) -> str | None:
    """The shortest public way to it: a package that shows it, or else the module in which it is written.

    What is run as a script can be imported by the name of its file; None where there is no file.
    """
    if module == "__main__":
        script = Path(getattr(sys.modules[module], "__file__", None) or "").stem
        return script if script.isidentifier() and script != module else None
    thing, parts = getattr(sys.modules[module], name), module.split(".")
    for length in range(1, len(parts)):
        home = ".".join(parts[:length])
        if home in sys.modules and vars(sys.modules[home]).get(name) is thing:
            return home
    return module


def _around(program: Program) -> Sequence[ModuleType]:
    """Where a program is likely to have a name: beside its lifecycles, in the packages around, and anywhere else."""
    likely: dict[str, None] = {}
    for lifecycle in program.lifecycles:
        parts = lifecycle.__module__.split(".")
        likely.update((".".join(parts[:length]), None) for length in range(len(parts), 0, -1))
    likely.update((name, None) for name in sorted(sys.modules) if name not in likely)
    found = (sys.modules.get(name) for name in likely)
    return [module for module in found if isinstance(module, ModuleType)]


def _is_standard(module: str) -> bool:
    return module.partition(".")[0] in sys.stdlib_module_names
