"""What can go wrong, as one tree.

::

    ProgflowError
    ├── DefinitionError         a lifecycle or program contradicts itself; all faults at once
    ├── UsageError              a verb was called with something it does not take
    ├── UnknownLifecycle        no lifecycle of that name in this flow
    ├── UnknownEvent            the lifecycle has no event of that name
    ├── UnknownCase             no case of that id in this flow
    ├── PayloadError            the payload does not fit the event; all faults with their paths
    ├── UnstorableData          an effect returned data that could not be read back
    ├── Refused                 not allowed now: state, who, guards, with every reason
    │   ├── CascadeRefused      a command that an effect fired was refused, and with it everything
    │   └── InvariantBroken     the move would break a rule that always holds
    ├── ConflictError           somebody else moved the case first
    ├── KeyReused               the key was used before, for another command
    ├── BehindError             too many overdue timers for one host transaction
    ├── StoredDataError         the store holds what this definition cannot read
    │   ├── UnknownState
    │   ├── UnknownVersion
    │   └── DamagedData
    └── StoreUnavailable        the database is locked, gone or not prepared

Every error has plain fields, survives pickling and says in ``retryable`` whether doing the same again can help.
What a guard or an effect raises by itself is not wrapped: it passes through unchanged, with a note of case and event.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from attrs import define, field, frozen


@frozen
class Fault:
    """One fault of a definition: where it stands, what is wrong, and what would be right."""

    path: str
    problem: str
    mend: str

    def __str__(self) -> str:
        return f"{self.path}: {self.problem} {self.mend}"


@frozen
class InputFault:
    """One fault of a value that came from outside: the path to it (``goals[2].until``) and the problem."""

    path: str
    problem: str

    def __str__(self) -> str:
        return f"{self.path}: {self.problem}"


def is_text(value: object) -> bool:
    """Whether it is a text that every store can keep: no lone surrogates, no NUL."""
    if not isinstance(value, str) or "\0" in value:
        return False
    return value.isascii() or not any("\ud800" <= character <= "\udfff" for character in value)


@frozen
class Blocker:
    """One reason why an event is not possible.

    ``code`` is stable and made for programs (``state``, ``who``, ``unique``, ``parent``, ``depth``, or the path of
    the guard), ``parameters`` are the values in it, ``text`` is the sentence that a person reads.
    """

    code: str
    parameters: Mapping[str, object] = field(hash=False)
    text: str

    def __str__(self) -> str:
        return self.text


def _restore(cls: type[ProgflowError], fields: dict[str, Any]) -> ProgflowError:
    error = cls.__new__(cls)
    error.__dict__.update(fields)
    return error


@define(slots=False, kw_only=True, eq=False, repr=False)
class ProgflowError(Exception):
    """The root of every error that progflow raises itself."""

    retryable: bool = False

    @property
    def message(self) -> str:
        """The sentence for a person: what is wrong and, where that is known, what would be right."""
        return str(self)

    def __str__(self) -> str:
        return type(self).__name__

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.message!r})"

    def __reduce__(self) -> tuple[Any, ...]:
        return _restore, (type(self), self.__dict__)


@define(slots=False, kw_only=True, eq=False, repr=False)
class DefinitionError(ProgflowError):
    """A lifecycle, phase or program contradicts itself. ``faults`` holds all of them."""

    name: str
    faults: Sequence[Fault]

    def __str__(self) -> str:
        lines = "\n".join(f"  - {fault}" for fault in self.faults)
        count = "one fault" if len(self.faults) == 1 else f"{len(self.faults)} faults"
        return f"{self.name} has {count}:\n{lines}"


@define(slots=False, kw_only=True, eq=False, repr=False)
class UsageError(ProgflowError):
    """A verb was called with something that it does not take; ``mend`` says what would be right."""

    problem: str
    mend: str

    def __str__(self) -> str:
        return f"{self.problem} {self.mend}"


@define(slots=False, kw_only=True, eq=False, repr=False)
class UnknownLifecycle(ProgflowError):
    """This flow has no lifecycle of that name."""

    name: str
    known: Sequence[str]

    def __str__(self) -> str:
        return f"This flow has no lifecycle {self.name!r}. It has: {', '.join(self.known) or 'none'}."


@define(slots=False, kw_only=True, eq=False, repr=False)
class UnknownEvent(ProgflowError):
    """The lifecycle has no event of that name."""

    lifecycle: str
    event: str
    known: Sequence[str]

    def __str__(self) -> str:
        return f"{self.lifecycle} has no event {self.event!r}. It has: {', '.join(self.known) or 'none'}."


@define(slots=False, kw_only=True, eq=False, repr=False)
class UnknownCase(ProgflowError):
    """This flow's store has no case of that id, or one of another lifecycle than was asked for."""

    case: str
    wanted: str | None = None
    found: str | None = None

    def __str__(self) -> str:
        if self.found is not None:
            return f"Case {self.case!r} is a {self.found}, not a {self.wanted}."
        return f"This flow's store has no case {self.case!r}."


@define(slots=False, kw_only=True, eq=False, repr=False)
class PayloadError(ProgflowError):
    """The payload does not fit the event. ``faults`` holds all of them, each with its path."""

    event: str
    faults: Sequence[InputFault]

    def __str__(self) -> str:
        return f"The payload of {self.event} does not fit: " + "; ".join(map(str, self.faults))


@define(slots=False, kw_only=True, eq=False, repr=False)
class UnstorableData(ProgflowError):
    """An effect returned (or a start was given) data that does not survive being stored and read back."""

    event: str
    faults: Sequence[InputFault]

    def __str__(self) -> str:
        return f"{self.event} would store data that cannot be read back: " + "; ".join(map(str, self.faults))


@define(slots=False, kw_only=True, eq=False, repr=False)
class Refused(ProgflowError):
    """The event is not allowed now. ``reasons`` holds every reason, in the order of the checks.

    ``case`` is the id of the case, or None where a case could not even begin.
    """

    event: str
    reasons: Sequence[Blocker]
    case: str | None = None

    def __str__(self) -> str:
        return f"{self.event} is not allowed: " + " ".join(blocker.text for blocker in self.reasons)


@define(slots=False, kw_only=True, eq=False, repr=False)
class CascadeRefused(Refused):
    """A command that an effect fired was refused, so everything was. ``chain`` leads from the cause to the refusal."""

    chain: Sequence[str]

    def __str__(self) -> str:
        why = " ".join(blocker.text for blocker in self.reasons)
        return f"{' → '.join(self.chain)} is not allowed: {why}"


@define(slots=False, kw_only=True, eq=False, repr=False)
class InvariantBroken(Refused):
    """The move would leave a case in a condition that a rule of its lifecycle forbids."""


@define(slots=False, kw_only=True, eq=False, repr=False)
class ConflictError(ProgflowError):
    """Somebody else moved the case first.

    A race between two writers is ``retryable``; a stale value (a case that was read before it moved on) is not:
    read the case again and decide anew.
    """

    case: str | None
    expected: int | None = None
    found: int | None = None
    detail: str = ""

    def __str__(self) -> str:
        if self.found is not None:
            moved = f"Case {self.case!r} is at revision {self.found}, not {self.expected}"
            return f"{moved}: it has moved on since it was read. Read it again and decide anew."
        return f"Another writer was faster{': ' + self.detail if self.detail else ''}. Try again."


@define(slots=False, kw_only=True, eq=False, repr=False)
class KeyReused(ProgflowError):
    """The key was used before, for another command."""

    key: str

    def __str__(self) -> str:
        return f"The key {self.key!r} was used before, for another command. Use a new key for a new command."


@define(slots=False, kw_only=True, eq=False, repr=False)
class BehindError(ProgflowError):
    """More timers are overdue than may be caught up inside one host transaction. Call ``run_due()``, then retry."""

    limit: int
    retryable: bool = True

    def __str__(self) -> str:
        return f"More than {self.limit} timers are overdue here. Call flow.run_due(), then try again."


@define(slots=False, kw_only=True, eq=False, repr=False)
class StoredDataError(ProgflowError):
    """The store holds something that this definition cannot read. Nothing was changed."""

    case: str
    lifecycle: str

    def __str__(self) -> str:
        return f"Case {self.case!r} of {self.lifecycle} cannot be read."


@define(slots=False, kw_only=True, eq=False, repr=False)
class UnknownState(StoredDataError):
    """The case is stored in a state that the definition no longer has."""

    state: str
    known: Sequence[str]

    def __str__(self) -> str:
        return (
            f"Case {self.case!r} is stored in state {self.state!r}, which {self.lifecycle} does not have. "
            f"It has: {', '.join(self.known)}."
        )


@define(slots=False, kw_only=True, eq=False, repr=False)
class UnknownVersion(StoredDataError):
    """The case is stored under a version that this definition is not."""

    version: int
    known: int

    def __str__(self) -> str:
        return (
            f"Case {self.case!r} is stored under version {self.version} of {self.lifecycle}, "
            f"the definition is version {self.known}."
        )


@define(slots=False, kw_only=True, eq=False, repr=False)
class DamagedData(StoredDataError):
    """The stored data of the case does not fit its type. ``faults`` says where."""

    faults: Sequence[InputFault]

    def __str__(self) -> str:
        return f"The stored data of case {self.case!r} ({self.lifecycle}) is damaged: " + "; ".join(
            map(str, self.faults)
        )


@define(slots=False, kw_only=True, eq=False, repr=False)
class StoreUnavailable(ProgflowError):
    """The database is locked, gone or not prepared. The driver's own error is the cause."""

    detail: str
    retryable: bool = True

    def __str__(self) -> str:
        return f"The store is not available: {self.detail}"
