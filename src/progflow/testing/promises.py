"""What a story can break: the promises of progflow, and rules of the program."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from enum import Enum
from typing import Final, TypeAlias, cast, final

from attrs import frozen

from progflow.errors import Blocker, InvariantBroken
from progflow.flow.verbs import Flow
from progflow.records import EntryRecord
from progflow.testing.moves import Begin, Fire, Numbered
from progflow.testing.playground import Playground


class Promise(Enum):
    """What a story can break, as a sentence."""

    INVARIANT = "What always holds, holds after every move."
    GUARDS = "Guards say no before an invariant has to."
    OFFERED = "What is offered is possible, and what is not offered is not."
    CHECKED = "check says beforehand what fire will do."
    UNCHANGED = "A refusal changes nothing."
    FINAL = "A final state is an end."
    FOLDS = "The history adds up to the case."
    COMES_BACK = "What is stored comes back as it was."
    IN_PLACE = "An effect leaves the old data as it was, and gives the new."
    TIMER = "A timer fires once, and only where it was armed."
    CLOCK = "One big step of the clock does the same as many small ones."
    LATE = "Whether timers fire on time or just before the next command makes no difference."
    NO_ERROR = "Rules and effects do not fail."
    SAME = "Rules and effects do the same each time."
    KEY = "The same key does it once."
    STALE = "A stale case is refused."
    BROKEN_INPUT = "Input that does not fit is refused."
    WAY_OUT = "From everywhere a case can still come to its end."


class RuleBroken(Exception):
    """A story breaks a promise. ``promise`` is which, ``found`` what was found, ``case`` where."""

    def __init__(self, promise: Promise, found: str, case: str | None = None, code: str = "") -> None:
        super().__init__(f"{promise.value} {found}")
        self.promise = promise
        self.found = found
        self.case = case
        self.code = code
        """Which rule of the definition it is about, or empty: a shorter story must break the same."""
        self.move: Begin | Fire | None = None
        """The move that broke it, where it was only tried out."""
        self.way: tuple[Numbered, ...] = ()
        """What was done to look at how the story could end, up to what broke it."""

    @property
    def what(self) -> tuple[str, str]:
        """What tells this finding from another one."""
        return (self.promise.value, self.code)


@final
@frozen
class Passed:
    """What a step did: the entries that it made, none if it was refused, and with which reasons it was."""

    entries: tuple[EntryRecord, ...]
    reasons: tuple[Blocker, ...] = ()


AllCases: TypeAlias = Callable[[Flow], bool | None]
"""A rule about several cases: False or an AssertionError says that it is broken; its docstring says what it is."""

VARIES: Final = (
    "asked once more under the same circumstances, a rule or an effect does something else. It must not depend on "
    "chance, on the real clock or on what it remembers; all that it may go by stands in its context."
)
"""How it is said that something is not the same each time."""

Ending: TypeAlias = Callable[[Playground, int], None]
"""Looks at a story that is over; the number settles how things are tried out."""


@final
@frozen(eq=False)
class Beyond:
    """What a test looks at beyond the definitions: rules about several cases, and how a story may end."""

    always: tuple[AllCases, ...] = ()
    ending: Ending | None = None


def failed(error: Exception, case: str | None) -> RuleBroken:
    """What an error comes to: one that a rule or effect raised by itself, or that of an invariant."""
    if isinstance(error, RuleBroken):
        return error
    if isinstance(error, InvariantBroken):
        texts = " ".join(reason.text for reason in error.reasons)
        found = f"{error.event} went past all guards, and only this invariant stopped it: {texts}"
        return RuleBroken(Promise.GUARDS, found, error.case, error.reasons[0].code)
    if isinstance(error, ExceptionGroup):
        return failed(cast("ExceptionGroup[Exception]", error).exceptions[0], case)
    notes = "; ".join(getattr(error, "__notes__", ()))
    where = traceback.extract_tb(error.__traceback__)[-1] if error.__traceback__ else None
    at = "" if where is None else f", in {where.name} ({where.filename.rpartition('/')[2]}:{where.lineno})"
    found = f"{type(error).__name__}: {error}{at}{f' ({notes})' if notes else ''}"
    return RuleBroken(Promise.NO_ERROR, found, case, f"{type(error).__name__}{at}")
