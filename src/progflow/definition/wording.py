"""How people read a lifecycle: its titles, reasons and roles, in the author's words or in a translation of them.

Every text has contexts, by which a catalogue can tell it from an equal text elsewhere: the class that declares it with
the name of the member, ``Selection.select``, and more specific ones. What is stored never depends on them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Set
from enum import Enum, StrEnum
from typing import TYPE_CHECKING, Any, Final, TypeAlias, cast, final

from attrs import evolve, frozen

from progflow.definition.bodies import Definition
from progflow.definition.people import Role
from progflow.definition.sentences import readable, sentence

if TYPE_CHECKING:
    from progflow.definition.blueprint import Blueprint, BoundRule, EventSpec, Grant

ENGINE: Final = "progflow"
"""The context of what the engine says by itself."""

ROLE: Final = "Role"
"""The context of the names of roles: roles of one name are the same role wherever they are."""


@final
class Says(StrEnum):
    """What the engine says by itself, with the values that it puts in."""

    WRONG_STATE = "Not possible in the state “{state}”, only in: {possible}."
    NO_STATE = "no state"
    WRONG_ACTOR = "Only for: {who}."
    BUT_NOT = "{who}, but not {but}"
    OR = " or "
    NOBODY = "Happens by itself; nobody may fire it."
    ONLY_SYSTEM = "Begins by an effect or by SYSTEM only."
    PARENT_ENDED = "The {parent} has ended ({state}); nothing begins in it any more."
    UNIQUE = "There is already one with this {field} that has not ended."
    DEPTH = "More than {limit} steps caused one another."
    ASLEEP = "Nothing is against it any more: flow.wake(case) lets it be asked again."
    BEGIN = "Begin"


@frozen
class Message:
    """A text in its author's words.

    ``what`` it is (a state, an event, a guard) is for the translator. ``contexts`` are those under which a translation
    may stand, the most specific first; ``home`` is the one under which it is offered for translation: that of the
    class which declares it.
    """

    what: str
    text: str
    contexts: tuple[str, ...]
    home: str


Translate: TypeAlias = Callable[[Message], str]
"""Gives the text in some language; the author's, if there is no translation."""


def authors_words(message: Message) -> str:
    """The text as its author wrote it."""
    return message.text


@final
class Wording:
    """One lifecycle in one language.

    Args:
        blueprint: the lifecycle.
        translate: gives its texts in that language.
    """

    def __init__(self, blueprint: Blueprint, translate: Translate = authors_words) -> None:
        self._blueprint = blueprint
        self._translate = translate
        self._known: dict[tuple[str, str, str], str] = {}

    def title(self) -> str:
        """What the lifecycle is: the first line of its docstring."""
        return self._translate(self._of_class("lifecycle", self._blueprint.title))

    def name(self) -> str:
        """What one of its cases is called in a sentence.

        It is offered for translation under the class from which all of its kind are derived: whoever derives their own
        ``OurMentee(BaseMentee, name="Mentee")`` finds "Mentee" there.
        """
        message = self._of_class("name of a lifecycle", self._blueprint.name)
        return self._translate(evolve(message, home=message.contexts[-1]))

    def phase(self, name: str) -> str:
        """What a phase is called."""
        return self._read("phase", name, readable(name), None, name)

    def state(self, path: str) -> str:
        """The title of a state."""
        state = self._blueprint.states[path]
        return self._read("state", path, state.title, state.phase, path.rpartition(".")[2])

    def label(self, path: str) -> str:
        """The title of a state where its phase is not known otherwise: ``selection: waiting``."""
        phase = self._blueprint.states[path].phase
        return self.state(path) if phase is None else f"{self.phase(phase)}: {self.state(path)}"

    def event(self, event: EventSpec) -> str:
        """The title of an event."""
        return self._read("event", event.path, event.title, event.phase, event.path.rpartition(".")[2])

    def rule(self, bound: BoundRule) -> str:
        """The sentence of a guard or invariant, the name of a relation."""
        return self._read(kind_of(bound.rule), bound.code, bound.rule.text, bound.phase, bound.rule.name)

    def role(self, name: str) -> str:
        """The name of a role."""
        return self._everywhere("role", name, ROLE)

    def who(self, event: EventSpec) -> tuple[str, ...]:
        """The roles and relations that may fire an event."""
        return tuple(self._grant(grant) for grant in event.by)

    def _grant(self, grant: Grant) -> str:
        who = self._one(grant.who)
        if not grant.but:
            return who
        but = self.says(Says.OR).join(self.rule(one) for one in grant.but)
        return self.says(Says.BUT_NOT, who=who, but=but)

    def _one(self, who: Role | BoundRule) -> str:
        return self.role(who.name) if isinstance(who, Role) else self.rule(who)

    def acted_as(self, event: EventSpec | None, stored: str) -> str:
        """The role or relation of a step, which is stored in its author's words."""
        granted = () if event is None else event.by
        return next((self._one(grant.who) for grant in granted if grant.role == stored), self.role(stored))

    def reason(self, bound: BoundRule, values: Mapping[str, object]) -> str:
        """The sentence of a guard with its values."""
        return sentence(self.rule(bound), values, self._in_words)

    def refused(self, event: EventSpec, reason: str, values: Mapping[str, object]) -> str:
        """The sentence with which the effect of an event says no, with its values."""
        return sentence(self.refusal(event, reason), values, self._in_words)

    def refusal(self, event: EventSpec, reason: str) -> str:
        """The same as its author wrote it, with the names of the values."""
        return self._translate(self._of_member("refusal", reason, event.phase, event.path.rpartition(".")[2]))

    def says(self, said: Says, **values: object) -> str:
        """A sentence of the engine's own, with its values."""
        return sentence(self._everywhere("engine", said.value, ENGINE), values)

    def _in_words(self, value: object) -> object:
        """A value as a person reads it: a member of an Enum of words as its word, several one after another."""
        if isinstance(value, Enum) and isinstance(value.value, str):
            return self._translate(word(value))
        if isinstance(value, list | tuple | Set):
            said = [str(self._in_words(one)) for one in cast(Iterable[object], value)]
            return ", ".join(sorted(said) if isinstance(value, Set) else said)
        return value

    def _read(self, what: str, path: str, text: str, phase: str | None, name: str) -> str:
        if self._translate is authors_words:
            return text
        # By its text as well: two rules of no class may have one name.
        known = self._known.get((what, path, text))
        if known is None:
            known = self._known[what, path, text] = self._translate(self._of_member(what, text, phase, name))
        return known

    def _everywhere(self, what: str, text: str, context: str) -> str:
        """A text that is the same in every lifecycle."""
        known = self._known.get((what, context, text))
        if known is None:
            known = self._known[what, context, text] = self._translate(Message(what, text, (context,), context))
        return known

    def _of_class(self, what: str, text: str) -> Message:
        contexts = tuple(called(cls) for cls in _classes(self._blueprint.lifecycle))
        return Message(what, text, contexts, contexts[0])

    def _of_member(self, what: str, text: str, phase: str | None, name: str) -> Message:
        """A text of a member of the lifecycle (phase None) or of one of its phases.

        A phase's own text is found under the lifecycle's path first, so that one programme may say it in another way.
        """
        classes, path = _classes(self._blueprint.lifecycle), name if phase is None else f"{phase}.{name}"
        contexts = [f"{called(cls)}.{path}" for cls in classes]
        if phase is not None:
            classes = _classes(type(self._blueprint.phases[phase].phase))
            contexts += [f"{called(cls)}.{name}" for cls in classes]
        elif name in self._blueprint.phases:
            # What a phase is called is said once for all lifecycles in which it stands.
            classes = _classes(type(self._blueprint.phases[name].phase))
            contexts += [called(cls) for cls in classes]
            return Message(what, text, tuple(contexts), called(classes[0]))
        home = next((f"{called(cls)}.{name}" for cls in classes if name in vars(cls)), contexts[0])
        return Message(what, text, tuple(contexts), home)


def word(member: Enum) -> Message:
    """A member of an Enum of words: ``Cause.ILLNESS``, in its author's words "illness"."""
    home = f"{called(type(member))}.{member.name}"
    return Message(f"one of {type(member).__name__}", str(member.value), (home,), home)


def kind_of(rule: object) -> str:
    """What a rule is: a guard, a relation, an invariant."""
    return type(rule).__name__.lower()


def _classes(cls: type[Any]) -> list[type[Any]]:
    """The class and its bases, without ``Lifecycle`` or ``Phase`` itself, which declare nothing."""
    definitions: list[type[Any]] = [one for one in cls.__mro__ if isinstance(one, Definition)]
    return definitions[:-1]


def called(cls: type[Any]) -> str:
    """The name of a class in a context: without the functions around it."""
    return cls.__qualname__.rpartition("<locals>.")[2]
