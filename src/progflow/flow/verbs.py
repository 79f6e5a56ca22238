"""``Flow``: the verbs that a host calls."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, TypeVar, final, overload
from zoneinfo import ZoneInfo

from attrs import evolve

from progflow.codec import codec
from progflow.decide.engine import Deciding
from progflow.decide.kinds import Kinds
from progflow.definition.blueprint import Kind
from progflow.definition.cases import Case, Cases, paths_of
from progflow.definition.events import Command, Event
from progflow.definition.lifecycle import Lifecycle, Program, blueprint_of, zone_fault
from progflow.definition.people import Actor
from progflow.definition.states import Source
from progflow.errors import Blocker, DefinitionError, Fault, Refused, UnknownCase, UsageError
from progflow.flow.answers import Entry, Offer, Report, entry_of, offers
from progflow.flow.intents import fire_intent, loaded, start_intent
from progflow.flow.running import Engine, Transaction, in_host
from progflow.flow.world import Ids
from progflow.ports import Clock, Store, UnitOfWork
from progflow.records import Query
from progflow.signals import Signal, refuse_coroutine

D = TypeVar("D")
R = TypeVar("R", bound=Callable[..., None])


def _utc_now() -> datetime:
    return datetime.now(UTC)


@final
class Flow:
    """Definitions bound to a store.

    Args:
        *definitions: programs, and lifecycles that stand alone.
        store: where cases live.
        zone: where the days of lifecycles that stand alone are counted.
        clock: gives the present instant, aware; tests inject their own.
        facts: for each protocol that rules ask with ``ctx.ask``, the host's answerer.

    Raises:
        DefinitionError: two lifecycles would be stored under one name, or the zone is unknown.
    """

    transitioning: Signal
    """Inside the transaction, before its commit; a receiver that raises vetoes the move. Gets ``entry`` and ``host``."""
    transitioned: Signal
    """After the commit that made it true; a receiver that raises is logged. Gets ``entry``."""
    refused: Signal
    """After a command was refused; nothing was changed. Gets ``error`` and ``actor``."""

    def __init__(
        self,
        *definitions: Program | type[Lifecycle[Any]],
        store: Store,
        zone: str = "UTC",
        clock: Clock = _utc_now,
        facts: Mapping[Any, object] | None = None,
    ) -> None:
        engine = Engine(
            kinds=Kinds(_kinds(definitions, zone)),
            store=store,
            clock=clock,
            facts=dict(facts or {}),
            ids=Ids(time.time),
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
        actor: Actor,
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
        return self._transaction.carry_out(intent, _actor(actor), key)

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
        actor: Actor,
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
        return self._transaction.carry_out(intent, _actor(actor), key)

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
        """Ask the resting timers and automatic events of a case again, because facts of the host have changed."""
        record = self._loaded(case)
        self._transaction.wake(record)

    # -- asking

    @overload
    def check(self, case: Case[D], command: Command[D], /, *, actor: Actor) -> Sequence[Blocker]: ...
    @overload
    def check(self, case: str, command: Command[Any], /, *, actor: Actor) -> Sequence[Blocker]: ...
    @overload
    def check(self, case: str, command: str, payload: Mapping[str, Any], /, *, actor: Actor) -> Sequence[Blocker]: ...
    @overload
    def check(
        self,
        start: Command[Any],
        /,
        *,
        actor: Actor,
        parent: Case[Any] | str | None = None,
        links: Mapping[str, Case[Any]] = ...,
    ) -> Sequence[Blocker]: ...
    def check(
        self,
        case: Case[Any] | str | Command[Any],
        command: Command[Any] | str | None = None,
        payload: Mapping[str, Any] | None = None,
        /,
        *,
        actor: Actor,
        parent: Case[Any] | str | None = None,
        links: Mapping[str, Case[Any]] | None = None,
    ) -> Sequence[Blocker]:
        """Fire without writing, cascades included: the reasons against it, none if it would go through.

        Raises:
            ConflictError, PayloadError, UnknownEvent, UnknownCase, UsageError: as ``fire`` and ``start``.
        """
        intent = (
            start_intent(self._kinds, case, (), parent, links or {})
            if isinstance(case, Command)
            else fire_intent(self._kinds, case, command if command is not None else "", payload)
        )

        def answer(deciding: Deciding) -> Sequence[Blocker]:
            try:
                intent.decide(deciding)
            except Refused as error:
                return tuple(error.reasons)
            return ()

        return self._transaction.asking(
            lambda unit: [(intent.judge_staleness(unit, 0), intent.above)], _actor(actor), answer
        )

    @overload
    def explain(self, case: Case[Any] | str, /, *, actor: Actor) -> Mapping[str, Offer]: ...
    @overload
    def explain(
        self, start: type[Lifecycle[Any]], /, *, actor: Actor, parent: Case[Any] | str | None = None
    ) -> Mapping[str, Offer]: ...
    def explain(
        self,
        case: Case[Any] | str | type[Lifecycle[Any]],
        /,
        *,
        actor: Actor,
        parent: Case[Any] | str | None = None,
    ) -> Mapping[str, Offer]:
        """Every event of a case as this actor sees it now; of a lifecycle, the events by which a case could begin.

        What depends on the payload or on cascades is only known to ``check``.
        """
        if isinstance(case, Case | str):
            return self.explain_all((case,), actor=actor)[case.id if isinstance(case, Case) else case]
        kind = self._kinds.of(case)
        above = parent.id if isinstance(parent, Case) else parent

        def about(unit: UnitOfWork) -> Sequence[tuple[Kind, str | None]]:
            if above is not None:
                loaded(self._kinds, unit, above)
            return [(kind, above)]

        return self._transaction.asking(about, _actor(actor), lambda deciding: offers(deciding, kind, None, above))

    def explain_all(
        self, cases: Cases[Any] | Iterable[Case[Any] | str], /, *, actor: Actor
    ) -> Mapping[str, Mapping[str, Offer]]:
        """``explain`` for a page of cases in one transaction: the offers by the ids of the cases."""
        given = cases.all() if isinstance(cases, Cases) else tuple(cases)
        ids = [case.id if isinstance(case, Case) else case for case in given]

        def about(unit: UnitOfWork) -> Sequence[tuple[Kind, str | None]]:
            return [(self._kinds.check(loaded(self._kinds, unit, case)), case) for case in ids]

        def answer(deciding: Deciding) -> Mapping[str, Mapping[str, Offer]]:
            found: dict[str, Mapping[str, Offer]] = {}
            for case in ids:
                record = deciding.record(case)
                found[case] = offers(deciding, self._kinds.check(record), record, None)
            return found

        return self._transaction.asking(about, _actor(actor), answer)

    def get(self, of: type[Lifecycle[D]], case: Case[Any] | str, /) -> Case[D]:
        """The case of that lifecycle or of a subclass, as it is stored now.

        Raises:
            UnknownCase: there is none.
            StoredDataError: the definition cannot read it.
        """
        case_id = case.id if isinstance(case, Case) else case
        kinds = self._kinds.including_subclasses(of)
        with self._transaction.open(write=False) as unit:
            record = loaded(self._kinds, unit, case_id)
        if record.lifecycle not in {kind.stored for kind in kinds}:
            raise UnknownCase(case=case_id, wanted=of.__name__, found=record.lifecycle)
        found: Case[D] = self._kinds.case(record)
        _ = found.data
        return found

    def cases(self, of: type[Lifecycle[D]], /) -> Cases[D]:
        """A question about all cases of that lifecycle and its subclasses, as they are stored now."""
        kinds = self._kinds.including_subclasses(of)
        return Cases(kinds, Query(dict.fromkeys(kind.stored for kind in kinds)), _Stored(self._transaction))

    def history(self, case: Case[Any] | str, /) -> Sequence[Entry]:
        """All steps of a case, oldest first.

        Raises:
            UnknownCase: there is none.
        """
        case_id = case.id if isinstance(case, Case) else case
        with self._transaction.open(write=False) as unit:
            record = loaded(self._kinds, unit, case_id)
            kind = self._kinds.check(record)
            return tuple(entry_of(kind, entry) for entry in unit.history(case_id))

    def _loaded(self, case: Case[Any] | str) -> str:
        case_id = case.id if isinstance(case, Case) else case
        with self._transaction.open(write=False) as unit:
            return loaded(self._kinds, unit, case_id).id

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
        matches = _event_matcher(event) if event is not None else _entering_matcher(self._kinds, entering)

        def connect(receiver: R) -> R:
            refuse_coroutine(receiver)

            def called(sender: Any, *, entry: Entry) -> None:
                if matches(sender, entry):
                    receiver(entry)

            self.transitioned.connect(called)
            return receiver

        return connect


@final
class _Stored:
    """Answers ``Cases`` from what is stored, each question in a transaction of its own or the host's."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    def find(self, query: Query) -> Sequence[Case[Any]]:
        kinds = self._transaction.engine.kinds
        with self._transaction.open(write=False) as unit:
            return [kinds.case(record) for record in unit.find(query)]

    def count(self, query: Query) -> int:
        with self._transaction.open(write=False) as unit:
            return unit.count(query)


def _event_matcher(event: Event[Any, ...]) -> Callable[[type[Any], Entry], bool]:
    home, path = event.home, event.path
    return lambda sender, entry: issubclass(sender, home) and entry.event == path


def _entering_matcher(kinds: Kinds, entering: Source | None) -> Callable[[type[Any], Entry], bool]:
    assert entering is not None
    parts = entering.__parts__()
    homes = tuple({_home(part) for part in parts})
    found = {
        kind.lifecycle: paths_of(kind.blueprint, entering)
        for home in homes
        for kind in kinds.including_subclasses(home)
    }

    def matches(sender: type[Any], entry: Entry) -> bool:
        paths = found.get(sender, frozenset())
        stayed = entry.before == entry.after or (len(paths) > 1 and entry.before in paths)
        return entry.after in paths and not stayed

    return matches


def _home(part: Any) -> type[Lifecycle[Any]]:
    home: type[Lifecycle[Any]] = part.lifecycle if hasattr(part, "lifecycle") else part.__bound__.owner
    return home


def _actor(actor: object) -> Actor:
    if not isinstance(actor, Actor):
        raise UsageError(problem=f"{actor!r} is no actor.", mend='Give actor=Actor("…", {…}), or SYSTEM.')
    return actor


def _kinds(definitions: Iterable[Program | type[Lifecycle[Any]]], zone: str) -> list[Kind]:
    faults: list[Fault] = []
    unknown = zone_fault("Flow(zone=…)", zone)
    if unknown is not None:
        raise DefinitionError(name="Flow", faults=(unknown,))
    found: dict[str, Kind] = {}
    for definition in definitions:
        if isinstance(definition, Program):
            named = [
                (f"{definition.name}.{blueprint_of(one).name}", one, definition.zone) for one in definition.lifecycles
            ]
        else:
            named = [(blueprint_of(definition).name, definition, zone)]
        for stored, lifecycle, where in named:
            blueprint = blueprint_of(lifecycle)
            if blueprint.abstract:
                faults.append(Fault(stored, "is abstract and has no cases.", "Derive one that stands alone."))
            if stored in found:
                faults.append(Fault(stored, "is the name of two lifecycles.", "Give one of them another name=."))
            if any(lifecycle is kind.lifecycle for kind in found.values()):
                faults.append(Fault(stored, "is given twice.", "Leave one of them."))
            found[stored] = Kind(stored, blueprint, codec(ZoneInfo(where)), where)
    if faults:
        raise DefinitionError(name="Flow", faults=tuple(faults))
    return list(found.values())
