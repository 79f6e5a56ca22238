"""The verbs that ask: they write nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar, final, overload

from progflow.decide.engine import Deciding
from progflow.decide.kinds import Kinds
from progflow.definition.blueprint import Kind
from progflow.definition.cases import Case, Cases
from progflow.definition.events import Command
from progflow.definition.lifecycle import Lifecycle
from progflow.definition.people import Actor
from progflow.errors import Blocker, Refused, UnknownCase, UsageError
from progflow.flow.answers import Entry, Offer, entry_of, offers
from progflow.flow.intents import Intent, fire_intent, id_of, loaded, start_intent
from progflow.flow.running import Transaction
from progflow.ports import UnitOfWork
from progflow.records import Query

D = TypeVar("D")


class Questions:
    """The half of ``Flow`` that asks. ``check`` and ``explain`` answer for now, the others show what is stored."""

    _transaction: Transaction
    _kinds: Kinds

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
    @overload
    def check(
        self,
        start: str,
        payload: Mapping[str, Any],
        /,
        *,
        actor: Actor,
        parent: Case[Any] | str | None = None,
        links: Mapping[str, Case[Any]] = ...,
    ) -> Sequence[Blocker]: ...
    def check(
        self,
        case: Case[Any] | str | Command[Any],
        command: Command[Any] | str | Mapping[str, Any] | None = None,
        payload: Mapping[str, Any] | None = None,
        /,
        *,
        actor: Actor | None = None,
        parent: Case[Any] | str | None = None,
        links: Mapping[str, Case[Any]] | None = None,
    ) -> Sequence[Blocker]:
        """Fire without writing, cascades included: the reasons against it, none if it would go through.

        Raises:
            ConflictError, PayloadError, UnknownEvent, UnknownCase, UsageError: as ``fire`` and ``start``.
        """
        if isinstance(case, Command):
            intent: Intent = start_intent(self._kinds, case, (), parent, links or {})
        elif isinstance(case, str) and isinstance(command, Mapping):
            intent = start_intent(self._kinds, case, (command,), parent, links or {})
        elif isinstance(command, Mapping):
            raise UsageError(problem="There is no command to check.", mend="Name the event before its payload.")
        elif command is not None:
            intent = fire_intent(self._kinds, case, command, payload)
        else:
            raise UsageError(problem="There is no command to check.", mend="Give one: Mentee.withdraw(reason=…).")

        def answer(deciding: Deciding) -> Sequence[Blocker]:
            try:
                intent.decide(deciding)
            except Refused as error:
                return tuple(error.reasons)
            return ()

        return self._transaction.asking(
            lambda unit: [(intent.judge_staleness(unit, 0), intent.above)], actor_of(actor), answer, strict=True
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
        actor: Actor | None = None,
        parent: Case[Any] | str | None = None,
    ) -> Mapping[str, Offer]:
        """Every event of a case as this actor sees it now; of a lifecycle, the events by which a case could begin.

        What depends on the payload or on cascades is only known to ``check``.

        Raises:
            UnknownCase, UnknownLifecycle: there is no such case, or no such lifecycle in this flow.
            UsageError: a parent is needed and there is none.
        """
        if not isinstance(case, type):
            return self.explain_all((case,), actor=actor_of(actor))[id_of(case)]
        kind = self._kinds.of(case)
        above = None if parent is None else id_of(parent)

        def about(unit: UnitOfWork) -> Sequence[tuple[Kind, str | None]]:
            if above is not None:
                loaded(self._kinds, unit, above)
            return [(kind, above)]

        return self._transaction.asking(
            about, actor_of(actor), lambda deciding: offers(deciding, kind, None, above), strict=False
        )

    def explain_all(
        self, cases: Cases[Any] | Iterable[Case[Any] | str], /, *, actor: Actor
    ) -> Mapping[str, Mapping[str, Offer]]:
        """``explain`` for a page of cases in one transaction: the offers by the ids of the cases."""
        given = cases.all() if isinstance(cases, Cases) else tuple(cases)
        ids = [id_of(case) for case in given]

        def about(unit: UnitOfWork) -> Sequence[tuple[Kind, str | None]]:
            return [(self._kinds.check(loaded(self._kinds, unit, case)), case) for case in ids]

        def answer(deciding: Deciding) -> Mapping[str, Mapping[str, Offer]]:
            found: dict[str, Mapping[str, Offer]] = {}
            for case in ids:
                record = deciding.record(case)
                found[case] = offers(deciding, self._kinds.check(record), record, None)
            return found

        return self._transaction.asking(about, actor_of(actor), answer, strict=False)

    def get(self, of: type[Lifecycle[D]], case: Case[Any] | str, /) -> Case[D]:
        """The case of that lifecycle or of a subclass, as it is stored now.

        Raises:
            UnknownCase: there is none.
            StoredDataError: the definition cannot read it.
        """
        case_id = id_of(case)
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
        case_id = id_of(case)
        with self._transaction.open(write=False) as unit:
            record = loaded(self._kinds, unit, case_id)
            kind = self._kinds.check(record)
            return tuple(entry_of(kind, entry) for entry in unit.history(case_id))


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


def actor_of(actor: object) -> Actor:
    """The actor that a verb was given.

    Raises:
        UsageError: there is none, or it is something else.
    """
    if actor is None:
        raise UsageError(problem="There is no actor.", mend='Give actor=Actor("…", {…}), or SYSTEM.')
    if not isinstance(actor, Actor):
        raise UsageError(problem=f"{actor!r} is no actor.", mend='Give actor=Actor("…", {…}), or SYSTEM.')
    return actor
