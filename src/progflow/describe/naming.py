"""What ``package.module:name`` means."""

from __future__ import annotations

import importlib
from types import ModuleType
from typing import TYPE_CHECKING, Any, TypeAlias

from progflow.definition.bodies import is_lifecycle_class, is_phase_class
from progflow.definition.lifecycle import Lifecycle, Phase, Program
from progflow.errors import UsageError

if TYPE_CHECKING:
    from typing_extensions import TypeIs

Described: TypeAlias = Program | type[Lifecycle[Any]] | type[Phase[Any]]
"""What can be described: a program, a lifecycle, or a class of phases."""


def named(what: str) -> Described:
    """The program, lifecycle or class of phases of that name; its module is imported.

    Args:
        what: as in ``my_city.parking:Parking``.

    Raises:
        UsageError: there is no such module, it has no such name, or the name is something else. What the module itself
            raises while it is imported goes through.
    """
    module_name, _, name = what.rpartition(":")
    if not module_name:
        raise UsageError(problem=f"{what!r} names nothing in a module.", mend="Write package.module:name.")
    module = _imported(what, module_name)
    found: object = getattr(module, name, None)
    if _can_be_described(found):
        return found
    known = [key for key, value in vars(module).items() if not key.startswith("_") and _can_be_described(value)]
    mend = f"It has: {', '.join(known)}." if known else "Name a program, a lifecycle or a class of phases."
    if not hasattr(module, name):
        raise UsageError(problem=f"{what!r} is not there: {module_name} has no {name!r}.", mend=mend)
    raise UsageError(problem=f"{what!r} is no program, no lifecycle and no class of phases.", mend=mend)


def _imported(what: str, name: str) -> ModuleType:
    mend = "Write package.module:name, with a module that Python finds."
    if not all(name.split(".")):
        raise UsageError(problem=f"{what!r} is not there: {name!r} is no name of a module.", mend=mend)
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        missing = error.name or ""
        if name != missing and not name.startswith(f"{missing}."):
            raise  # the module is there, and imports one that is not
        raise UsageError(problem=f"{what!r} is not there: no module {missing!r}.", mend=mend) from error


def _can_be_described(value: object) -> TypeIs[Described]:
    if value is Lifecycle or value is Phase:
        return False
    return isinstance(value, Program) or is_lifecycle_class(value) or is_phase_class(value)
