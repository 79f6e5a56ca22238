"""What progflow ships in words: the messages of its phases, programs and engine, for its own catalogues."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from types import ModuleType
from typing import Final

from progflow.definition.bodies import is_lifecycle_class, is_phase_class
from progflow.definition.people import Role
from progflow.definition.wording import ROLE, Message
from progflow.translations.messages import declared_in, engine_messages, is_enum, messages_of, once, words_of

ROOMS: Final = ("progflow.states", "progflow.programs")


def shipped_messages() -> tuple[Message, ...]:
    """Every text that people read of what progflow ships."""
    return once((*engine_messages(), *(one for module in _modules() for one in _in_module(module))))


def _modules() -> Iterator[ModuleType]:
    for room in ROOMS:
        package = importlib.import_module(room)
        yield package
        for module in pkgutil.walk_packages(package.__path__, f"{room}."):
            yield importlib.import_module(module.name)


def _in_module(module: ModuleType) -> Iterator[Message]:
    for value in vars(module).values():
        if isinstance(value, Role):
            yield Message("role", value.name, (ROLE,), ROLE)
        elif getattr(value, "__module__", None) == module.__name__:
            yield from _in_class(value)


def _in_class(value: object) -> Iterator[Message]:
    if is_lifecycle_class(value):
        yield from messages_of(value)
    elif is_phase_class(value):
        yield from declared_in(value)
    elif is_enum(value):
        yield from words_of(value)
