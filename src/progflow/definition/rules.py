"""Guards, relations, moments, derived values and invariants: what may be asked, as methods that say it in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Annotated, Any, Concatenate, Generic, Self, TypeVar, final

from annotated_types import Predicate
from attrs import frozen

from progflow.definition.blueprint import Parameter
from progflow.definition.bodies import Definition
from progflow.definition.context import Context, evaluate
from progflow.definition.people import Role
from progflow.errors import Blocker, UsageError
from progflow.terms import Instant

D = TypeVar("D")
T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


def _not_blank(text: str) -> bool:
    """must not be blank"""
    return bool(text.strip())


Reason = Annotated[str, Predicate(_not_blank)]
"""A text that is not blank."""


@final
class No:
    """A guard's no with the values that its sentence names: ``return No(department=…)``."""

    def __init__(self, **parameters: object) -> None:
        self.parameters: Mapping[str, object] = parameters

    def __bool__(self) -> bool:
        return False


class Rule(Generic[D]):
    """A method of a definition that asks and never acts. Internal base of the five kinds."""

    def __init__(self, function: Callable[..., Any], text: str) -> None:
        self.function = function
        self.text = text
        self.name: str = function.__name__
        self.owner: type[Any] | None = None
        self.bound_to: object = None
        self.names: tuple[tuple[type[Any], str], ...] = ()
        self.parameters: Mapping[str, Parameter] = {}

    def __set_name__(self, owner: type[Any], name: str) -> None:
        if not isinstance(owner, Definition):
            return  # a value of the author's that carries it, such as one given to several phases
        self.names = (*self.names, (owner, name))
        if self.owner is None:
            self.owner, self.name = owner, name

    def __get__(self, instance: object, owner: type[Any]) -> Self:
        if instance is None or self.bound_to is not None:
            return self
        bound = type(self).__new__(type(self))
        bound.__dict__.update(self.__dict__)
        bound.bound_to = instance
        return bound

    @property
    def inside(self) -> bool:
        """Whether it was written in the body of the class that owns it, and not made elsewhere and named there."""
        return self.owner is not None and self.function.__qualname__.rpartition(".")[0] == self.owner.__qualname__

    def __repr__(self) -> str:
        owner = self.owner.__name__ + "." if self.owner is not None else ""
        return f"<{type(self).__name__} {owner}{self.name}>"


@final
class Relation(Rule[D]):
    """What an actor can be to a case, for example "the employee"."""

    def __call__(self, ctx: Context[D]) -> bool:
        """Ask it from inside another rule or effect."""
        return bool(evaluate(self, ctx, {}))

    def __sub__(self, other: Relation[D]) -> Excluding[D]:
        return Excluding(self, (other,))

    def __rsub__(self, role: Role) -> Excluding[D]:
        return Excluding(role, (self,))


@final
@frozen
class Excluding(Generic[D]):
    """Somebody who is not also that to the case: ``by=OFFICE - the_applicant``, so that nobody decides on oneself."""

    who: Role | Relation[D]
    but: tuple[Relation[D], ...]

    def __sub__(self, other: Relation[D]) -> Excluding[D]:
        return Excluding(self.who, (*self.but, other))


def _check_words(words: object, right: str) -> None:
    if not isinstance(words, str):
        raise UsageError(problem=f"The decorator of {words!r} lacks its words.", mend=f"Write {right}.")


def relation(name: str) -> Callable[[Callable[[Any, Context[D]], bool]], Relation[D]]:
    """Make a method a relation.

    Args:
        name: what the actor is to the case, as a person reads it: ``"the employee"``.
    """
    _check_words(name, '@relation("the employee")')
    return lambda function: Relation(function, name)


@final
class Guard(Rule[D]):
    """A condition of an event, with the reason that a person reads when it says no."""

    def __call__(self, ctx: Context[D], **payload: Any) -> bool:
        """Ask it from inside another rule or effect, with the fields of the payload that it names."""
        return bool(evaluate(self, ctx, payload))

    def blocker(
        self, code: str, answer: object, payload: Mapping[str, object], say: Callable[[Mapping[str, object]], str]
    ) -> Blocker | None:
        """The reason that this answer gives, None if it is a yes; ``say`` gives the sentence with its values."""
        if answer:
            return None
        parameters = {**payload, **(answer.parameters if isinstance(answer, No) else {})}
        return Blocker(code, parameters, say(parameters))


def guard(reason: str) -> Callable[[Callable[Concatenate[Any, Context[D], ...], bool | No]], Guard[D]]:
    """Make a method a guard.

    Args:
        reason: the sentence for the person who is refused; ``{name}`` stands for a value given with
            ``No(name=…)`` or for a parameter of the payload that the guard names.
    """
    _check_words(reason, '@guard("Why not.")')
    return lambda function: Guard(function, reason)


@final
class Moment(Rule[D]):
    """A point in time computed from data.

    A date is its first instant, ``end_of(day)`` the first instant after it, and None means not yet.
    """

    def __call__(self, ctx: Context[D]) -> datetime | date | Instant | None:
        """Ask it from inside another rule or effect."""
        answer: datetime | date | Instant | None = evaluate(self, ctx, {})
        return answer


def moment(compute: Callable[[Any, Context[D]], datetime | date | Instant | None]) -> Moment[D]:
    """Make a method a moment."""
    return Moment(compute, "")


@final
class Derived(Rule[D], Generic[D, T_co]):
    """A value computed from data: what a phase is told by the lifecycle in which it stands, as a number of seats."""

    def __call__(self, ctx: Context[D]) -> T_co:
        """Compute it from inside another rule or effect, also in a phase to which it was given."""
        value: T_co = evaluate(self, ctx, {})
        return value


def derived(compute: Callable[[Any, Context[D]], T]) -> Derived[D, T]:
    """Make a method a derived value, to be given to a phase: ``Selection(seats=seats_of_her_city)``.

    A subclass may override it under its name, and the phase gets the new one.
    """
    return Derived(compute, "")


def always(value: T) -> Derived[Any, T]:
    """A derived value that is always the same: ``Selection(seats=always(10))``."""

    def compute(self: Any, ctx: Context[Any]) -> T:
        return value

    return Derived(compute, "")


@final
class Invariant(Rule[D]):
    """A rule that holds after every move of the case and of its children."""

    def __call__(self, ctx: Context[D]) -> bool:
        """Ask it from inside another rule or effect."""
        return bool(evaluate(self, ctx, {}))


def invariant(rule: str) -> Callable[[Callable[[Any, Context[D]], bool]], Invariant[D]]:
    """Make a method an invariant.

    Args:
        rule: what always holds, as a sentence.
    """
    _check_words(rule, '@invariant("What always holds.")')
    return lambda function: Invariant(function, rule)
