"""What a rule may ask and what an effect may do."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, Generic, NoReturn, Protocol, TypeVar, overload

from progflow.definition.bodies import is_lifecycle_class, place_of
from progflow.definition.cases import Case, Cases
from progflow.definition.people import Actor
from progflow.errors import UnknownCase, UsageError

if TYPE_CHECKING:
    from progflow.definition.events import Command
    from progflow.definition.lifecycle import Lifecycle
    from progflow.definition.rules import Rule

D = TypeVar("D")
D2 = TypeVar("D2")
T = TypeVar("T")


NO_DATA: Final = object()
"""Tells "no data given" from data that is None."""


class Refusal(Exception):
    """An effect said no. Internal: the engine turns it into ``Refused``."""

    def __init__(self, reason: str, parameters: Mapping[str, object]) -> None:
        super().__init__(reason)
        self.reason = reason
        self.parameters = parameters


class View(Protocol):
    """What stands behind a context: the engine's side of it, word for word what the context offers."""

    @property
    def actor(self) -> Actor:
        """Who acts."""
        ...

    @property
    def now(self) -> datetime:
        """The instant of the step, in the program's zone."""
        ...

    @property
    def definition(self) -> Lifecycle[Any]:
        """The one instance of the lifecycle whose rules are asked."""
        ...

    def data(self, phase: str | None) -> Any:
        """The data of that phase, or the lifecycle's own."""
        ...

    def case(self) -> Case[Any]:
        """The case before the step."""
        ...

    def parent(self, of: type[Lifecycle[Any]] | None) -> Case[Any]:
        """The nearest ancestor of that kind; None stands for any."""
        ...

    def siblings(self, of: type[Lifecycle[Any]] | None) -> Cases[Any]:
        """The siblings of that kind; None stands for the same kind."""
        ...

    def children(self, of: type[Lifecycle[Any]] | None) -> Cases[Any]:
        """The children of that kind, or of any."""
        ...

    def linked(self, role: str, of: type[Lifecycle[Any]] | None) -> Case[Any]:
        """The case that it points to."""
        ...

    def linking(self, role: str, of: type[Lifecycle[Any]]) -> Cases[Any]:
        """The cases of the family that point to it."""
        ...

    def cases(self, of: type[Lifecycle[Any]]) -> Cases[Any]:
        """All cases of that kind."""
        ...

    def ask(self, facts: Any) -> Any:
        """The host's answerer for that protocol."""
        ...

    def fire(self, cases: Case[Any] | Cases[Any], command: Command[Any], if_allowed: bool) -> None:
        """Queue a command."""
        ...

    def start(
        self,
        what: Command[Any] | type[Lifecycle[Any]],
        data: tuple[object, ...],
        parent: Case[Any] | None,
        links: Mapping[str, Case[Any]],
    ) -> Case[Any]:
        """Begin a case at once; ``data`` is empty where there is none."""
        ...


class Context(Generic[D]):
    """What a guard, relation, moment, invariant or effect may ask. It never changes anything."""

    __slots__ = ("_phase", "_view")

    def __init__(self, view: View, phase: str | None) -> None:
        self._view = view
        self._phase = phase

    @property
    def data(self) -> D:
        """The data of the phase in a phase, else the lifecycle's own.

        Raises:
            UsageError: in a ``START`` event, where there is none yet.
        """
        data: D = self._view.data(self._phase)
        return data

    @property
    def case(self) -> Case[Any]:
        """The case as it was before this step. ``case_of`` gives it with the type of its data."""
        return self._view.case()

    def case_of(self, of: type[Lifecycle[D2]]) -> Case[D2]:
        """The case, typed.

        Raises:
            UnknownCase: it is of another lifecycle.
        """
        case = self._view.case()
        if not issubclass(case.lifecycle, of):
            raise UnknownCase(case=case.id, wanted=of.__name__, found=case.lifecycle.__name__)
        return case

    @property
    def actor(self) -> Actor:
        """Who fires the command; in a cascade, who caused it; ``SYSTEM`` for a timer."""
        return self._view.actor

    @property
    def now(self) -> datetime:
        """The instant of this step, aware, in the program's zone; for a timer its due moment."""
        return self._view.now

    @property
    def today(self) -> date:
        """The day of this step in the program's zone."""
        return self._view.now.date()

    @overload
    def parent(self) -> Case[Any]: ...
    @overload
    def parent(self, of: type[Lifecycle[D2]]) -> Case[D2]: ...
    def parent(self, of: type[Lifecycle[Any]] | None = None) -> Case[Any]:
        """The nearest ancestor of that kind; the case right above, of whatever kind, unless one is named.

        Raises:
            UnknownCase: there is none.
        """
        return self._view.parent(of)

    @overload
    def siblings(self) -> Cases[Any]: ...
    @overload
    def siblings(self, of: type[Lifecycle[D2]]) -> Cases[D2]: ...
    def siblings(self, of: type[Lifecycle[Any]] | None = None) -> Cases[Any]:
        """The other cases under the same parent, of that kind (by default the same); never the case itself."""
        return self._view.siblings(of)

    @overload
    def children(self) -> Cases[Any]: ...
    @overload
    def children(self, of: type[Lifecycle[D2]]) -> Cases[D2]: ...
    def children(self, of: type[Lifecycle[Any]] | None = None) -> Cases[Any]:
        """The cases of that kind (by default of every kind) whose parent this case is."""
        return self._view.children(of)

    @overload
    def linked(self, role: str) -> Case[Any]: ...
    @overload
    def linked(self, role: str, of: type[Lifecycle[D2]]) -> Case[D2]: ...
    def linked(self, role: str, of: type[Lifecycle[Any]] | None = None) -> Case[Any]:
        """The case that this one points to with that role.

        Raises:
            UnknownCase: there is none of that kind.
        """
        return self._view.linked(role, of)

    def linking(self, role: str, of: type[Lifecycle[D2]]) -> Cases[D2]:
        """The cases of the family that point to this one with that role."""
        return self._view.linking(role, of)

    def cases(self, of: type[Lifecycle[D2]]) -> Cases[D2]:
        """All cases of that kind, beyond the family: for reports, nothing serialises on it."""
        return self._view.cases(of)

    def ask(self, facts: Callable[..., T]) -> T:
        """The host's answerer for that protocol, as given in ``Flow(facts={…})``.

        Raises:
            UsageError: the flow was given none.
        """
        answerer: T = self._view.ask(facts)
        return answerer


class Acting(Context[D]):
    """What an effect may do beside asking."""

    __slots__ = ()

    def fire(self, cases: Case[Any] | Cases[Any], command: Command[Any], *, if_allowed: bool = False) -> None:
        """Queue a command for these cases; they are looked up now, their commands decided in turn.

        Args:
            cases: one case or a question about several.
            command: what to fire on each; only the question who is skipped.
            if_allowed: pass over a case that refuses; otherwise one refusal refuses everything.
        """
        self._view.fire(cases, command, if_allowed)

    @overload
    def start(
        self, what: Command[D2], *, parent: Case[Any] | None = None, links: Mapping[str, Case[Any]] = ...
    ) -> Case[D2]: ...
    @overload
    def start(
        self,
        what: type[Lifecycle[D2]],
        data: D2,
        *,
        parent: Case[Any] | None = None,
        links: Mapping[str, Case[Any]] = ...,
    ) -> Case[D2]: ...
    def start(
        self,
        what: Any,
        data: Any = NO_DATA,
        *,
        parent: Case[Any] | None = None,
        links: Mapping[str, Case[Any]] = MappingProxyType({}),
    ) -> Case[Any]:
        """Begin a case at once and return it: a child of this one unless ``parent`` says otherwise."""
        return self._view.start(what, () if data is NO_DATA else (data,), parent, links)

    def refuse(self, reason: str, **parameters: object) -> NoReturn:
        """Say no from inside the effect: nothing of the step remains.

        Args:
            reason: the sentence for the person; ``{name}`` stands for the parameter of that name.
            **parameters: the values in the sentence.
        """
        raise Refusal(reason, parameters)


def scoped(ctx: Context[Any], phase: str | None) -> Context[Any]:
    """The same context with the data of that phase, or of the lifecycle."""
    return Context(ctx._view, phase)  # pyright: ignore[reportPrivateUsage]


def evaluate(rule: Rule[Any], ctx: Context[Any], payload: Mapping[str, object]) -> Any:
    """Ask a rule from inside another one: ``self.first_pause(ctx)``, also ``super().first_pause(ctx)``.

    A rule that was handed to a phase as a parameter is the one that the lifecycle has under its name now: a subclass
    may have overridden it, or replaced the phase that it belongs to.
    """
    lifecycle = ctx._view.definition  # pyright: ignore[reportPrivateUsage]
    place, handed = place_of(rule.bound_to), rule.bound_to is None
    if place is not None and place.owner is not None and isinstance(lifecycle, place.owner):
        phase = getattr(lifecycle, place.name)
        function = rule.function if phase is place.phase else getattr(phase, rule.name).function
        return function(phase, scoped(ctx, place.name), **payload)
    if place is None and is_lifecycle_class(rule.owner) and isinstance(lifecycle, rule.owner):
        function = getattr(lifecycle, rule.name).function if handed else rule.function
        return function(lifecycle, scoped(ctx, None), **payload)
    if place is None and not rule.inside:
        # always(…) and the like belong to no class, even if some other lifecycle has given them a name.
        return rule.function(lifecycle, scoped(ctx, None), **payload)
    declared = f"{rule.owner.__name__}.{rule.name}" if rule.owner is not None else rule.name
    raise UsageError(problem=f"{declared} cannot be asked from here.", mend=f"Ask it as self.{rule.name}(ctx).")
