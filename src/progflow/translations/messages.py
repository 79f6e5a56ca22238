"""The texts of definitions that people read, as messages to be translated."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable, Iterable, Iterator
from enum import Enum
from typing import TYPE_CHECKING, Any, get_args, get_origin

import attrs
from attrs import evolve

from progflow.definition.blueprint import EventSpec
from progflow.definition.bodies import Definition
from progflow.definition.events import Event
from progflow.definition.lifecycle import Lifecycle, Program, blueprint_of
from progflow.definition.reading import is_member
from progflow.definition.rules import Rule
from progflow.definition.states import State
from progflow.definition.wording import ENGINE, Message, Says, Wording, called, kind_of, word

if TYPE_CHECKING:
    from typing_extensions import TypeIs


def messages_of(*definitions: Program | type[Lifecycle[Any]]) -> tuple[Message, ...]:
    """What people read of these programs and lifecycles, each text once for each class that declares it.

    Titles come from names, ``State("…")`` and docstrings, reasons from decorators, words from the Enums in payloads and
    data, which may fill a reason. A sentence of ``ctx.refuse`` is found where it stands as a plain string in the method
    of the event.
    """
    return once(
        message
        for lifecycle in _lifecycles(definitions)
        for message in (*_read(lifecycle), *_around(lifecycle), *_filling(lifecycle))
    )


def once(messages: Iterable[Message]) -> tuple[Message, ...]:
    """Each text once for each home, with the contexts of all the places in which it is read."""
    found: dict[tuple[str, str], Message] = {}
    for message in messages:
        first = found.setdefault((message.home, message.text), message)
        if first is not message:
            contexts = tuple(dict.fromkeys((*first.contexts, *message.contexts)))
            found[message.home, message.text] = evolve(first, contexts=contexts)
    return tuple(found.values())


def engine_messages() -> tuple[Message, ...]:
    """What the engine says by itself."""
    return tuple(Message("engine", said.value, (ENGINE,), ENGINE) for said in Says)


def declared_in(cls: type[Any]) -> Iterator[Message]:
    """What people read of the members that a lifecycle or phase class declares itself, wherever it stands."""
    for name, member in vars(cls).items():
        home = f"{called(cls)}.{name}"
        if not is_member(member):
            continue
        if isinstance(member, State):
            yield Message("state", member.title, (home,), home)
        elif isinstance(member, Event):
            yield Message("event", member.title, (home,), home)
            for reason in refusals_in(member.function):
                yield Message("refusal", reason, (home,), home)
        elif isinstance(member, Rule) and member.text:
            yield Message(kind_of(member), member.text, (home,), home)


def _lifecycles(definitions: Iterable[Program | type[Lifecycle[Any]]]) -> Iterator[type[Lifecycle[Any]]]:
    for definition in definitions:
        if isinstance(definition, Program):
            yield from definition.lifecycles
        else:
            yield definition


def _read(lifecycle: type[Lifecycle[Any]]) -> list[Message]:
    """All that running reads of a lifecycle, asked for as running does."""
    found: list[Message] = []

    def note(message: Message) -> str:
        found.append(message)
        return message.text

    blueprint = blueprint_of(lifecycle)
    words = Wording(blueprint, note)
    words.title()
    if not blueprint.abstract:
        words.name()
    for phase in blueprint.phases:
        words.phase(phase)
    for state in blueprint.states:
        words.state(state)
    for event in blueprint.events.values():
        _read_event(words, event)
    for bound in blueprint.invariants:
        words.rule(bound)
    return [message for message in found if message.home != ENGINE]


def _read_event(words: Wording, event: EventSpec) -> None:
    words.event(event)
    words.who(event)
    for bound in event.guards:
        words.rule(bound)
    for reason in refusals_in(event.function):
        words.refusal(event, reason)


def _around(lifecycle: type[Lifecycle[Any]]) -> Iterator[Message]:
    """What its classes declare and this lifecycle may not use: a phase leaves out events, a subclass overrides them."""
    definitions = [lifecycle, *(type(spec.phase) for spec in blueprint_of(lifecycle).phases.values())]
    for cls in dict.fromkeys(base for definition in definitions for base in definition.__mro__):
        if isinstance(cls, Definition):
            yield from declared_in(cls)


def is_enum(value: object) -> TypeIs[type[Enum]]:
    """Whether it is a class of Enums."""
    return isinstance(value, type) and issubclass(value, Enum)


def words_of(cls: type[Enum]) -> Iterator[Message]:
    """The members of an Enum of words."""
    return (word(member) for member in cls if isinstance(member.value, str))


def _filling(lifecycle: type[Lifecycle[Any]]) -> Iterator[Message]:
    """The words of the Enums in its payloads and data."""
    blueprint = blueprint_of(lifecycle)
    types = [field.type for event in blueprint.events.values() for field in event.parameters.values()]
    types += [blueprint.data_type(phase) for phase in (None, *blueprint.phases)]
    for cls in dict.fromkeys(enums for of in types for enums in _enums(of, set())):
        yield from words_of(cls)


def _enums(of: Any, seen: set[Any]) -> Iterator[type[Enum]]:
    origin = get_origin(of) or of
    if is_enum(origin):
        yield origin
    elif inspect.isclass(origin) and attrs.has(origin) and origin not in seen:
        seen.add(origin)
        for attribute in attrs.fields(origin):
            yield from _enums(attribute.type, seen)
    for arg in get_args(of):
        yield from _enums(arg, seen)


def refusals_in(function: Callable[..., Any]) -> Iterator[str]:
    """The sentences with which an effect says no, as far as they stand in its source as plain strings."""
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    except (OSError, SyntaxError):
        return  # written at a prompt, or come without its source
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "refuse":
            given = [*node.args[:1], *(keyword.value for keyword in node.keywords if keyword.arg == "reason")]
            for one in given:
                if isinstance(one, ast.Constant) and isinstance(one.value, str):
                    yield one.value
