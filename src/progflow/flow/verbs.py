"""``Flow``: the verbs that a host calls."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.resources.abc import Traversable
from typing import Any, TypeVar, final, overload

from attrs import evolve

from progflow.definition.cases import Case, Cases
from progflow.definition.events import Command, Event
from progflow.definition.lifecycle import Lifecycle, Program
from progflow.definition.people import SYSTEM, Actor
from progflow.definition.states import Source
from progflow.errors import Refused, UsageError
from progflow.flow.answers import Entry, Report
from progflow.flow.binding import bound
from progflow.flow.intents import WakeIntent, fire_intent, id_of, start_intent
from progflow.flow.listening import of_entering, of_event
from progflow.flow.questions import Questions, actor_of
from progflow.flow.running import Engine, Transaction, in_host, in_language
from progflow.flow.speaking import Tongues
from progflow.flow.world import Ids
from progflow.ports import Clock, Store
from progflow.signals import Signal, refuse_coroutine
from progflow.translations import ENGLISH, Translations

D = TypeVar("D")
R = TypeVar("R", bound=Callable[..., None])


def _utc_now() -> datetime:
    return datetime.now(UTC)


@final
class Flow(Questions):
    """Definitions bound to a store.

    Args:
        *definitions: programs, and lifecycles that stand alone.
        store: where cases live.
        zone: where the days of lifecycles that stand alone are counted.
        clock: gives the present instant, aware; tests inject their own.
        facts: for each protocol that rules ask with ``ctx.ask``, the host's answerer.
        ids: gives the id of each case that begins; later ones must sort after earlier ones. Tests inject their own.
        language: in which people read titles and reasons, as in ``"de"`` or ``"de-AT"``; what no catalogue says is
            read in its author's words.
        catalogues: directories of your own with ``<language>/LC_MESSAGES/progflow.mo``; they come before what
            progflow brings.

    Raises:
        DefinitionError: two lifecycles would be stored under one name, or the zone is unknown.
        UsageError: there is no catalogue in that language, or none in one of the directories.
    """

    transitioning: Signal
    """Inside the transaction, before its commit; a receiver that raises vetoes. Gets ``entry`` and ``host``."""
    transitioned: Signal
    """After the commit that made it true; a receiver that raises is logged. Gets ``entry``."""
    refused: Signal
    """After a command was refused; nothing was changed. Gets ``error`` and ``actor``; the sender is the lifecycle."""

    def __init__(
        self,
        *definitions: Program | type[Lifecycle[Any]],
        store: Store,
        zone: str = "UTC",
        clock: Clock = _utc_now,
        facts: Mapping[Any, object] | None = None,
        ids: Callable[[], str] | None = None,
        language: str = ENGLISH,
        catalogues: Iterable[str | Traversable] = (),
    ) -> None:
        tongues = Tongues(bound(definitions, zone), Translations(catalogues))
        kinds = tongues.kinds(language)
        engine = Engine(
            kinds=kinds,
            announced=kinds,
            language=language,
            tongues=tongues,
            store=store,
            clock=clock,
            facts={} if facts is None else facts,
            ids=Ids(time.time) if ids is None else ids,
            transitioning=Signal("transitioning"),
            transitioned=Signal("transitioned"),
            refused=Signal("refused"),
        )
        self._bind(Transaction(engine))

    def _bind(self, transaction: Transaction) -> None:
        self._transaction = transaction
        self._kinds = transaction.engine.kinds
        self.transitioning = transaction.engine.transitioning
        self.transitioned = transaction.engine.transitioned
        self.refused = transaction.engine.refused

    def _inside(self, transaction: Transaction) -> Flow:
        inside = object.__new__(Flow)
        inside._bind(transaction)
        return inside

    def using(self, host: object) -> Flow:
        """The same verbs inside the host's transaction, which alone commits or rolls back.

        Args:
            host: what the store can join, for SQLAlchemy a ``Session`` or ``Connection``.
        """
        return self._inside(in_host(self._transaction, host))

    def speaking(self, language: str) -> Flow:
        """The same verbs in another language: every title, reason and role that they give to people.

        Receivers of signals go on hearing in the language in which the flow was made.

        Args:
            language: one of ``languages``, or a regional form of it: ``"de"``, ``"de-AT"``.

        Raises:
            UsageError: there is no catalogue in that language.
        """
        return self._inside(in_language(self._transaction, language))

    @property
    def language(self) -> str:
        """In which people read what these verbs give."""
        return self._transaction.engine.language

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages that there are: that of progflow itself, and those of the catalogues."""
        return self._transaction.engine.tongues.languages

    @contextmanager
    def unit_of_work(self) -> Generator[Flow]:
        """Several commands all or nothing: the same verbs, committed together when the block ends without an error."""
        with self._transaction.open(write=True) as unit:
            yield self._inside(evolve(self._transaction, unit=unit))

    # -- moving

    @overload
    def start(
        self,
        what: Command[D],
        /,
        *,
        actor: Actor,
        parent: Case[Any] | str | None = None,
        links: Mapping[str, Case[Any]] = ...,
        key: str | None = None,
    ) -> Case[D]: ...
    @overload
    def start(
        self,
        what: type[Lifecycle[D]],
        data: D,
        /,
        *,
        actor: Actor,
        parent: Case[Any] | str | None = None,
        links: Mapping[str, Case[Any]] = ...,
        key: str | None = None,
    ) -> Case[D]: ...
    @overload
    def start(
        self,
        what: str,
        payload: Mapping[str, Any],
        /,
        *,
        actor: Actor,
        parent: Case[Any] | str | None = None,
        links: Mapping[str, Case[Any]] = ...,
        key: str | None = None,
    ) -> Case[Any]: ...
    def start(
        self,
        what: Any,
        *data: Any,
        actor: Actor | None = None,
        parent: Case[Any] | str | None = None,
        links: Mapping[str, Case[Any]] | None = None,
        key: str | None = None,
    ) -> Case[Any]:
        """Begin a case: with a command of a ``START`` event, with a lifecycle and its data, or by name.

        Args:
            what: ``Mentee.apply(…)``, a lifecycle class, or ``"cross-mentoring.Mentee.apply"``.
            *data: the first data of a lifecycle without ``START`` event, or the payload of an event named by text.
            actor: who begins it.
            parent: the case under which it begins.
            links: cases that it points to, by role.
            key: makes a retry harmless: the second call returns the case as the first one left it.

        Raises:
            Refused: not allowed, with every reason.
            PayloadError, UnknownEvent, UnknownLifecycle, UnknownCase, UsageError: what was given does not fit.
            ConflictError, KeyReused, BehindError, StoreUnavailable: see there.
        """
        intent = start_intent(self._kinds, what, data, parent, links or {})
        return self._transaction.carry_out(intent, actor_of(actor), key)

    @overload
    def fire(self, case: Case[D], command: Command[D], /, *, actor: Actor, key: str | None = None) -> Case[D]: ...
    @overload
    def fire(self, case: str, command: Command[D], /, *, actor: Actor, key: str | None = None) -> Case[D]: ...
    @overload
    def fire(
        self, case: str, command: str, payload: Mapping[str, Any], /, *, actor: Actor, key: str | None = None
    ) -> Case[Any]: ...
    def fire(
        self,
        case: Case[Any] | str,
        command: Command[Any] | str,
        payload: Mapping[str, Any] | None = None,
        /,
        *,
        actor: Actor | None = None,
        key: str | None = None,
    ) -> Case[Any]:
        """Fire a command on a case and return the new case.

        Args:
            case: the case as it was read (then it must not have moved on since), or its id.
            command: ``Mentee.tandem.pause(…)``, or the event's path as text.
            payload: for an event named by text: untrusted, structured and checked.
            actor: who fires it.
            key: makes a retry harmless: the second call returns the case as the first one left it.

        Raises:
            Refused: not allowed, with every reason; ``CascadeRefused`` and ``InvariantBroken`` are kinds of it.
            ConflictError: the case has moved on since it was read, or another writer was faster.
            PayloadError, UnknownEvent, UnknownCase, UsageError: what was given does not fit.
            KeyReused, BehindError, StoredDataError, StoreUnavailable: see there.
        """
        intent = fire_intent(self._kinds, case, command, payload)
        return self._transaction.carry_out(intent, actor_of(actor), key)

    def fire_all(
        self,
        cases: Cases[D] | Iterable[Case[D]],
        command: Command[D],
        /,
        *,
        actor: Actor,
        all_or_nothing: bool = False,
        progress: Callable[[int], None] | None = None,
    ) -> Report:
        """Fire one command on many cases.

        Args:
            cases: a question, or cases that were read.
            command: what to fire on each.
            actor: who fires it.
            all_or_nothing: one refusal refuses all, in one transaction; otherwise each moves or is refused by itself.
            progress: called with the number of cases done, after each.

        Raises:
            Refused: with ``all_or_nothing``, the first refusal.
        """
        targets = cases.all() if isinstance(cases, Cases) else tuple(cases)
        if all_or_nothing:
            with self.unit_of_work() as together:
                return together._fire_each(targets, command, actor, progress, stop=True)
        return self._fire_each(targets, command, actor, progress, stop=False)

    def _fire_each(
        self,
        targets: Sequence[Case[D]],
        command: Command[D],
        actor: Actor,
        progress: Callable[[int], None] | None,
        *,
        stop: bool,
    ) -> Report:
        moved: list[Case[Any]] = []
        refused: dict[str, Refused] = {}
        for number, case in enumerate(targets, 1):
            try:
                moved.append(self.fire(case.id, command, actor=actor))
            except Refused as error:
                if stop:
                    raise
                refused[case.id] = error
            if progress is not None:
                progress(number)
        return Report(tuple(moved), refused)

    def run_due(self) -> int:
        """Fire the timers that are due; how many fired. Call it from cron, or let an adapter do it.

        Raises:
            ExceptionGroup: rules of some timers raised by themselves; all the others have fired all the same.
        """
        return self._transaction.run_due()

    def wake(self, case: Case[Any] | str, /) -> None:
        """Ask what waits in a case again, because facts of the host have changed: resting timers, automatic events.

        Moments are computed anew as well; what was overdue is caught up first, as before any command.

        Raises:
            UnknownCase: there is no such case.
        """
        intent = WakeIntent(self._kinds, id_of(case))
        self._transaction.carry_out(intent, SYSTEM, None)

    # -- listening

    @overload
    def on(self, event: Event[Any, ...], /) -> Callable[[R], R]: ...
    @overload
    def on(self, /, *, entering: Source) -> Callable[[R], R]: ...
    def on(self, event: Event[Any, ...] | None = None, /, *, entering: Source | None = None) -> Callable[[R], R]:
        """Connect a function to an event, or to entering a state or phase, for after the commit.

        The function gets the ``Entry``. Subclasses of the lifecycle are included; a phase is entered from outside it.

        Raises:
            UsageError: the function is a coroutine function, or neither or both were named.
        """
        if (event is None) == (entering is None):
            raise UsageError(problem="on() takes an event or entering=.", mend="Name one of the two.")
        if event is not None:
            matches = of_event(self._kinds, event)
        else:
            assert entering is not None
            matches = of_entering(self._kinds, entering)

        def connect(receiver: R) -> R:
            refuse_coroutine(receiver)

            def called(sender: Any, *, entry: Entry) -> None:
                if matches(sender, entry):
                    receiver(entry)

            self.transitioned.connect(called)
            return receiver

        return connect
