"""Events: methods whose keyword-only parameters are the payload, and the commands that they make."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from types import FunctionType
from typing import TYPE_CHECKING, Any, Concatenate, Final, Generic, ParamSpec, TypeVar, final, overload

from attrs import field, frozen

from progflow.definition.blueprint import Parameter
from progflow.definition.bodies import Place, is_lifecycle_class, place_of
from progflow.definition.context import Acting
from progflow.definition.hints import has_type_variable
from progflow.definition.payload import dump_payload
from progflow.definition.people import Role
from progflow.definition.rules import Derived, Excluding, Guard, Moment, Relation
from progflow.definition.sentences import readable
from progflow.definition.states import START, Arrow
from progflow.errors import UsageError
from progflow.records import Json
from progflow.terms import Term

if TYPE_CHECKING:
    from progflow.definition.lifecycle import Lifecycle, Phase

P = ParamSpec("P")
D = TypeVar("D")
D2 = TypeVar("D2")
T = TypeVar("T")


@final
@frozen
class Command(Generic[D]):
    """An event with its payload, as plain data: it can be compared, pickled, queued and written down.

    ``lifecycle`` is the key of the class that the event was named through, ``event`` its path there.
    """

    lifecycle: str
    event: str
    payload: Mapping[str, Json] = field(hash=False)

    def __str__(self) -> str:
        return f"{self.lifecycle.rpartition(':')[2].rpartition('.')[2]}.{self.event}"


def key_of(lifecycle: type[Any]) -> str:
    """What tells one lifecycle class from another in a command; it is compared, never imported."""
    return f"{lifecycle.__module__}:{lifecycle.__qualname__}"


@frozen
class EventRule:
    """What the decorator was told, unresolved."""

    arrows: tuple[Arrow | Callable[[Any], Arrow | tuple[Arrow, ...]], ...]
    by: Any
    when: Any
    after: Any
    since: Any
    at: Any
    every: Any
    auto: bool


@final
class Event(Generic[D, P]):
    """An event of a lifecycle or phase. Called, it makes a command: ``Mentee.tandem.pause(reason="…", …)``."""

    def __init__(self, function: Callable[..., Any], rule: EventRule) -> None:
        self.function: Final = function
        self.rule: Final = rule
        self.name: str = function.__name__
        self.owner: type[Any] | None = None
        self.lifecycle: type[Lifecycle[Any]] | None = None
        self.place: Place | None = None
        self.parameters: Mapping[str, Parameter] = {}
        self.names: tuple[tuple[type[Any], str], ...] = ()
        self.__doc__ = function.__doc__

    def __set_name__(self, owner: type[Any], name: str) -> None:
        self.names = (*self.names, (owner, name))
        if self.owner is None:
            self.owner, self.name = owner, name

    @overload
    def __get__(self, instance: Phase[D], owner: type[Phase[D]]) -> Event[Any, P]: ...
    @overload
    def __get__(
        self, instance: Lifecycle[D], owner: type[Lifecycle[D]]
    ) -> Callable[Concatenate[Acting[D], P], D | None]: ...
    @overload
    def __get__(self, instance: None, owner: type[Lifecycle[D]] | type[Phase[D]]) -> Event[D, P]: ...
    def __get__(self, instance: object, owner: type[Any]) -> Any:
        place = place_of(instance)
        if place is not None:
            return self._bound(None, place)
        if instance is not None:
            return self.function.__get__(instance, owner)
        return self._bound(owner, None) if is_lifecycle_class(owner) else self

    def _bound(self, lifecycle: type[Lifecycle[Any]] | None, place: Place | None) -> Event[D, P]:
        bound: Event[D, P] = Event(self.function, self.rule)
        bound.__dict__.update(self.__dict__)
        bound.lifecycle, bound.place = lifecycle, place
        return bound

    @property
    def path(self) -> str:
        """The name within the lifecycle: ``"tandem.pause"`` for a phase's, ``"withdraw"`` for its own."""
        return f"{self.place.name}.{self.name}" if self.place is not None else self.name

    @property
    def title(self) -> str:
        """The first line of the method's docstring, without its full stop."""
        said = (inspect.getdoc(self.function) or "").strip().split("\n")[0]
        return said.removesuffix(".") or readable(self.name)

    @property
    def begins(self) -> bool:
        """Whether it leaves ``START``, as far as its arrows are no functions."""
        return any(START in arrow.sources for arrow in self.rule.arrows if isinstance(arrow, Arrow))

    @property
    def home(self) -> type[Lifecycle[Any]]:
        """The lifecycle that it was named through.

        Raises:
            UsageError: it was named through a phase class and belongs to no lifecycle.
        """
        owner = self.place.owner if self.place is not None else self.lifecycle
        if owner is None:
            declared = f"{self.owner.__name__}.{self.name}" if self.owner is not None else self.name
            raise UsageError(
                problem=f"{declared} is the event of a phase that stands in no lifecycle.",
                mend=f"Name it through the lifecycle, as in YourLifecycle.your_phase.{self.name}(…).",
            )
        return owner

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> Command[D]:
        """Make a command.

        Raises:
            PayloadError: the payload does not fit; with every fault and its path.
            UsageError: it is the event of a phase that stands in no lifecycle, or of a generic base.
        """
        if args and self.place is not None and isinstance(args[0], Acting):
            # super().name(ctx, …) in a phase arrives here: a phase is reached like a namespace of events.
            return self.function(self.place.phase, *args, **kwargs)  # type: ignore[no-any-return]
        home = self.home
        if args:
            raise UsageError(problem=f"{self.path} takes no positional values.", mend="Name each field of the payload.")
        spec = home.__progflow__.blueprint.events.get(self.path)
        if spec is None:
            problem = f"{home.__name__} goes without the event {self.path}."
            raise UsageError(problem=problem, mend="Its function of arrows gives none for what it is told here.")
        unknown = [name for name, parameter in spec.parameters.items() if has_type_variable(parameter.type)]
        if unknown:
            problem = f"The payload of {home.__name__}.{self.path} has no type yet: {', '.join(unknown)}."
            raise UsageError(problem=problem, mend=f"Name the event through a class derived from {home.__name__}.")
        plain = dump_payload(f"{home.__name__}.{self.path}", spec.parameters, kwargs)
        return Command(key_of(home), self.path, plain)

    @property
    def effect(self) -> Callable[Concatenate[Acting[D], P], D | None]:
        """What it does, to be run from the same event of a subclass: ``super().pause.effect(ctx, reason=reason)``.

        This is how to write it in a phase, where the type checkers see an event; in a lifecycle, and at run time in
        either, ``super().pause(ctx, reason=reason)`` is the same.
        """
        if self.place is None:
            raise UsageError(
                problem=f"{self.name} has no effect to be run from here.",
                mend=f"Write super().{self.name}.effect(ctx, …) in the phase that overrides it.",
            )
        bound: Callable[Concatenate[Acting[D], P], D | None] = self.function.__get__(self.place.phase)
        return bound

    def __repr__(self) -> str:
        owner = self.place.owner if self.place is not None else self.lifecycle or self.owner
        return f"<Event {owner.__name__ + '.' if owner is not None else ''}{self.path}>"


Who = Role | Relation[Any] | Excluding[Any]
"""Who may fire an event: what a phase takes as a parameter where its lifecycle says who."""


_Arrows = Arrow | Callable[[Any], Arrow | tuple[Arrow, ...]]
_Length = Term | Derived[Any, Term] | Derived[Any, Term | None]
_Terms = _Length | Callable[[Any], _Length] | None
_SaidWho = Callable[[Any], Who | tuple[Who, ...]]
_SaidWhen = Callable[[Any], Guard[Any] | tuple[Guard[Any], ...]]
_SaidAt = Callable[[Any], Moment[Any]]
_OneWho = Role | Relation[D] | Excluding[D]
_By = _OneWho[D] | tuple[_OneWho[D], ...] | _SaidWho
_When = Guard[D] | tuple[Guard[D], ...] | _SaidWhen
_At = Moment[D] | _SaidAt | None


# The first overload is for what says all its rules as functions of ``self``, or has none; each of the others for what
# names one of its rules outright, in by, when, since or at. They exclude one another where an argument is a function:
# with two that match, mypy would take the event for Any, and no payload would be checked.
@overload
def event(
    *arrows: _Arrows,
    by: Role | tuple[Role, ...] | _SaidWho = (),
    when: _SaidWhen = ...,
    after: _Terms = None,
    since: _SaidAt | None = None,
    at: _SaidAt | None = None,
    every: _Terms = None,
    auto: bool = False,
) -> Callable[[Callable[Concatenate[Any, Acting[D], P], D | None]], Event[D, P]]: ...
@overload
def event(
    *arrows: _Arrows,
    by: _By[D] = (),
    when: Guard[D] | tuple[Guard[D], ...],
    after: _Terms = None,
    since: _At[D] = None,
    at: _At[D] = None,
    every: _Terms = None,
    auto: bool = False,
) -> Callable[[Callable[Concatenate[Any, Acting[D], P], D | None]], Event[D, P]]: ...
@overload
def event(
    *arrows: _Arrows,
    by: Relation[D] | Excluding[D] | tuple[_OneWho[D], ...],
    when: _When[D] = (),
    after: _Terms = None,
    since: _At[D] = None,
    at: _At[D] = None,
    every: _Terms = None,
    auto: bool = False,
) -> Callable[[Callable[Concatenate[Any, Acting[D], P], D | None]], Event[D, P]]: ...
@overload
def event(
    *arrows: _Arrows,
    by: _By[D] = (),
    when: _When[D] = (),
    after: _Terms = None,
    since: Moment[D],
    at: _At[D] = None,
    every: _Terms = None,
    auto: bool = False,
) -> Callable[[Callable[Concatenate[Any, Acting[D], P], D | None]], Event[D, P]]: ...
@overload
def event(
    *arrows: _Arrows,
    by: _By[D] = (),
    when: _When[D] = (),
    after: _Terms = None,
    since: _At[D] = None,
    at: Moment[D],
    every: _Terms = None,
    auto: bool = False,
) -> Callable[[Callable[Concatenate[Any, Acting[D], P], D | None]], Event[D, P]]: ...
def event(
    *arrows: _Arrows,
    by: Any = (),
    when: Any = (),
    after: Any = None,
    since: Any = None,
    at: Any = None,
    every: Any = None,
    auto: bool = False,
) -> Callable[[Callable[..., Any]], Event[Any, Any]]:
    """Make a method an event.

    Its keyword-only parameters are the payload; what it returns is the new data (None: unchanged). ``by``,
    ``when``, ``after``, ``since``, ``at`` and ``every`` may also be functions of ``self`` that give the value.

    Args:
        *arrows: from where to where, ``a >> b``, ``(a | b) >> c``; at most one from each state. A function of
            ``self`` gives one arrow or several: that is how a phase takes sources and targets as parameters. If it
            gives none, ``()``, the lifecycle goes without the event.
        by: the roles and relations that may fire it, ``OFFICE - the_applicant`` for one but not the other; without
            it only the engine and ``SYSTEM`` may.
        when: the guards that must all hold.
        after: fires by itself this long after its sources were entered, or after ``since``; a term, or a derived
            value that gives it (None: not yet).
        since: the moment from which ``after`` or ``every`` counts instead.
        at: fires by itself at that moment.
        every: asks again each such period.
        auto: fires by itself as soon as its guards hold.

    Raises:
        UsageError: the decorator was written without its arrows.
    """
    for arrow in arrows:
        if not isinstance(arrow, Arrow) and not _gives_arrows(arrow):
            raise UsageError(problem=f"{arrow!r} is no arrow.", mend="Write @event(a >> b, …).")
    return Making(EventRule(arrows, by, when, after, since, at, every, auto))


@final
@frozen
class Making:
    """What makes a method an event. It is still there where ``@event`` was written without its arrows."""

    rule: EventRule

    def __call__(self, function: Callable[..., Any]) -> Event[Any, Any]:
        """Make this method the event."""
        return Event(function, self.rule)


def _gives_arrows(said: object) -> bool:
    """Whether it is a function of ``self`` alone; a method that takes a context as well was meant to be the event."""
    return isinstance(said, FunctionType) and said.__code__.co_argcount == 1
