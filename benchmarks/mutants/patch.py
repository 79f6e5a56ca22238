"""One change of one rule: the text before, the text after, and where it stands, whatever the lines are numbered."""

from __future__ import annotations

import hashlib
from enum import Enum
from typing import Any

from attrs import frozen

from benchmarks.mutants.source import Module, Place


class Operator(Enum):
    """What is done to a rule. The value is what the table calls it."""

    DROP_GUARD = "guard dropped"
    NEGATE_GUARD = "guard negated"
    DROP_CONDITION = "part of a condition dropped"
    SHIFT_COMPARISON = "comparison off by one"
    SHIFT_NUMBER = "number off by one"
    WRONG_SIGN = "plus and minus swapped"
    WRONG_TARGET = "wrong target"
    MISSING_SOURCE = "source missing"
    MISSING_ROLE = "role missing"
    LOST_EXCLUSION = "exclusion lost"
    WIDENED_ROLE = "role widened"
    SWAPPED_TIMER = "timer swapped"
    LOST_TIMER = "timer lost"
    SHIFTED_TIMER = "timer shifted"
    WRONG_ANCHOR = "wrong anchor"
    LOST_CLOCK_STOP = "clock stop removed"
    LOST_CASCADE = "cascade lost"
    NOT_AUTOMATIC = "automatic event not automatic"
    NARROWED_ENDING = "ending narrowed"
    FORGOTTEN_UPDATE = "data update forgotten"
    WRONG_POPULATION = "wrong population"

    @property
    def slug(self) -> str:
        """Its name in an id."""
        return self.name.lower().replace("_", "-")


class PatchError(Exception):
    """A patch does not apply to the present source.

    Args:
        mutant: the id, or the place where there is none yet.
        problem: what is not as it was.
    """

    def __init__(self, mutant: str, problem: str) -> None:
        super().__init__(f"{mutant}: {problem}")
        self.mutant = mutant
        self.problem = problem


@frozen
class Patch:
    """A change of a module's text.

    Args:
        module: its dotted name.
        place: the definition in it, ``TimedPhase.pause``.
        old: the text before.
        nth: which of the equal texts in that definition it is, from 0.
        new: the text after.
    """

    module: str
    place: str
    old: str
    nth: int
    new: str

    def applied(self, module: Module) -> str:
        """The text of the module with the change.

        Raises:
            PatchError: the definition is no longer there, or the text in it.
        """
        place = module.place(self.place)
        if place is None:
            raise PatchError(f"{self.module}:{self.place}", "there is no such definition any more.")
        start, end = module.span(place.node)
        at, old = start, self.old.encode()
        for count in range(self.nth + 1):
            at = module.data.find(old, at if count == 0 else at + 1, end)
            if at < 0:
                raise PatchError(f"{self.module}:{self.place}", f"it no longer says {self.old!r} ({self.nth + 1}).")
        return (module.data[:at] + self.new.encode() + module.data[at + len(old) :]).decode()

    @property
    def digest(self) -> str:
        """A number that depends on the change alone, and on no place in an order."""
        said = "\0".join((self.module, self.place, self.old, str(self.nth), self.new))
        return hashlib.sha256(said.encode()).hexdigest()

    def to_json(self) -> dict[str, Any]:
        """As it is written down."""
        return {"module": self.module, "place": self.place, "old": self.old, "nth": self.nth, "new": self.new}

    @classmethod
    def from_json(cls, said: dict[str, Any]) -> Patch:
        """As it was written down."""
        return cls(**said)


@frozen
class Mutant:
    """A change of one rule, and what it means.

    Args:
        operator: what was done.
        patch: the change.
        says: in words.
        line: where it stands now.
        element: the name of the rule that was taken away or exchanged, where there is one.
    """

    operator: Operator
    patch: Patch
    says: str
    line: int
    element: str = ""

    @property
    def id(self) -> str:
        """Its name: where it stands, what was done, and four figures that tell it from others of that kind there."""
        module = self.patch.module.removeprefix("progflow.")
        return f"{module}:{self.patch.place}:{self.operator.slug}:{self.patch.digest[:6]}"


def patch_of(place: Place, start: int, end: int, new: str) -> Patch:
    """The change of that part of the module's text, which lies within the definition."""
    module = place.module
    first, _ = module.span(place.node)
    old = module.data[start:end]
    nth, at = 0, module.data.find(old, first)
    while at < start:
        nth, at = nth + 1, module.data.find(old, at + 1)
    assert at == start, f"{place} does not hold {old!r}"
    return Patch(module.name, place.name, old.decode(), nth, new)
