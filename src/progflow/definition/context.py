"""What a rule may ask and what an effect may do."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, Generic, NoReturn, Protocol, TypeVar, overload

from progflow.definition.cases import Case, Cases
from progflow.definition.people import Actor

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
    """What stands behind a context: the engine's side of it."""

    @property
    def actor(self) -> Actor: ...
    @property
    def now(self) -> datetime: ...
    @property
    def definition(self) -> Lifecycle[Any]: ...
    def data(self, phase: str | None) -> Any: ...
    def case(self) -> Case[Any]: ...
    def parent(self, of: type[Lifecycle[Any]]) -> Case[Any]: ...
    def siblings(self, of: type[Lifecycle[Any]] | None) -> Cases[Any]: ...
    def children(self, of: type[Lifecycle[Any]]) -> Cases[Any]: ...
    def linked(self, role: str, of: type[Lifecycle[Any]]) -> Case[Any]: ...
    def linking(self, role: str, of: type[Lifecycle[Any]]) -> Cases[Any]: ...
    def cases(self, of: type[Lifecycle[Any]]) -> Cases[Any]: ...
    def ask(self, facts: Any) -> Any: ...
    def fire(self, cases: Case[Any] | Cases[Any], command: Command[Any], if_allowed: bool) -> None: ...
    def start(
        self,
        what: Command[Any] | type[Lifecycle[Any]],
        data: tuple[object, ...],
        parent: Case[Any] | None,
        links: Mapping[str, Case[Any]],
    ) -> Case[Any]: ...


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
            from progflow.errors import UnknownCase

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

    def parent(self, of: type[Lifecycle[D2]]) -> Case[D2]:
        """The nearest ancestor of that kind.

        Raises:
            UnknownCase: there is none.
        """
        return self._view.parent(of)

    @overload
    def siblings(self) -> Cases[Any]: ...
    @overload
    def siblings(self, of: type[Lifecycle[D2]]) -> Cases[D2]: ...
    def siblings(self, of: type[Lifecycle[Any]] | None = None) -> Cases[Any]:
        """The other cases under the same parent, of that kind (by default of the same); never the case itself."""
        return self._view.siblings(of)

    def children(self, of: type[Lifecycle[D2]]) -> Cases[D2]:
        """The cases of that kind whose parent this case is."""
        return self._view.children(of)

    def linked(self, role: str, of: type[Lifecycle[D2]]) -> Case[D2]:
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
        """Begin a case at once, as a child of this one unless ``parent`` says otherwise; returns the new case."""
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
    """Ask a rule from inside another one: ``self.first_pause(ctx)``."""
    from progflow.definition.lifecycle import Lifecycle, Phase
    from progflow.errors import UsageError

    owner, definition = rule.owner, rule.bound_to
    if owner is not None and issubclass(owner, Lifecycle):
        lifecycle = ctx._view.definition  # pyright: ignore[reportPrivateUsage]
        if isinstance(lifecycle, owner):
            function = getattr(type(lifecycle), rule.name).function
            return function(lifecycle, scoped(ctx, None), **payload)
    elif isinstance(definition, Phase):
        name: str = definition.__bound__.name
        return rule.function(definition, scoped(ctx, name), **payload)
    declared = f"{owner.__name__}.{rule.name}" if owner is not None else rule.name
    raise UsageError(
        problem=f"{declared} cannot be asked from here.", mend=f"Ask it as self.{rule.name}(ctx)."
    )
