"""The engine's side of a context: it answers from the surroundings and notes what was asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, final

from progflow.decide.draft import Draft, Queued
from progflow.decide.timing import children_token, orphans_token, own_token
from progflow.definition.cases import Case, Cases, record_of
from progflow.definition.events import Command
from progflow.definition.lifecycle import Lifecycle
from progflow.definition.people import Actor
from progflow.errors import UnknownCase, UsageError
from progflow.records import CaseRecord, Query


@final
class FindingCases:
    """Answers ``Cases`` from a draft, as case values."""

    def __init__(self, draft: Draft) -> None:
        self._draft = draft

    def find(self, query: Query) -> Sequence[Case[Any]]:
        """The cases that match."""
        return [self._draft.case(record) for record in self._draft.work.find(query)]

    def count(self, query: Query) -> int:
        """How many match."""
        return self._draft.work.count(query)


@final
class EngineView:
    """What one rule or effect sees. ``case`` is None where a case is about to begin; then ``parent`` stands for it."""

    def __init__(self, draft: Draft, definition: Lifecycle[Any], case: CaseRecord | None, parent: str | None) -> None:
        self._draft = draft
        self._definition = definition
        self._case = case
        self._parent = case.parent if case is not None else parent
        self.asked: set[str] = set()

    @property
    def actor(self) -> Actor:
        """See ``Context.actor``."""
        return self._draft.actor

    @property
    def now(self) -> datetime:
        """See ``Context.now``."""
        return self._draft.now_for(self._case, self._definition)

    @property
    def definition(self) -> Lifecycle[Any]:
        """The lifecycle whose rule or effect it is."""
        return self._definition

    def case(self) -> Case[Any]:
        """See ``Context.case``."""
        if self._case is None:
            raise UsageError(
                problem="A START event has no ctx.case and no ctx.data yet.",
                mend="Use the payload, ctx.actor, ctx.parent(…) and ctx.ask(…).",
            )
        self.asked.add(own_token(self._case.id))
        return self._draft.case(self._case)

    def data(self, phase: str | None) -> Any:
        """The data of that phase, or the lifecycle's own."""
        case = self.case()
        return case.data if phase is None else case.phase_data(phase)

    # -- the family

    def parent(self, of: type[Lifecycle[Any]] | None) -> Case[Any]:
        """See ``Context.parent``."""
        above = self._parent
        while above is not None:
            self.asked.add(own_token(above))
            record = self._draft.record(above)
            case = self._draft.case(record)
            if of is None or issubclass(case.lifecycle, of):
                return case
            above = record.parent
        wanted = "child of another case" if of is None else f"case below a {of.__name__}"
        case_id = self._case.id if self._case is not None else "(starting)"
        raise UnknownCase(case=case_id, wanted=wanted, found="case without one above")

    def siblings(self, of: type[Lifecycle[Any]] | None) -> Cases[Any]:
        """See ``Context.siblings``."""
        kinds = self._draft.kinds.including_subclasses(of or self._own_class())
        without = frozenset({self._case.id}) if self._case is not None else frozenset[str]()
        names = [kind.stored for kind in kinds]
        states: dict[str, frozenset[str] | None] = dict.fromkeys(names)
        if self._parent is not None:
            self.asked.add(children_token(self._parent))
            query = Query(states, parents=frozenset({self._parent}), without=without)
        else:
            self.asked.update(orphans_token(name) for name in names)
            query = Query(states, orphans=True, without=without)
        return Cases(kinds, query, FindingCases(self._draft))

    def _own_class(self) -> type[Lifecycle[Any]]:
        return type(self._definition)

    def children(self, of: type[Lifecycle[Any]] | None) -> Cases[Any]:
        """See ``Context.children``."""
        kinds = self._draft.kinds.all if of is None else self._draft.kinds.including_subclasses(of)
        case = record_of(self.case())
        self.asked.add(children_token(case.id))
        return Cases(
            kinds, Query(dict.fromkeys(kind.stored for kind in kinds), parents=frozenset({case.id})), self._answers()
        )

    def linked(self, role: str, of: type[Lifecycle[Any]] | None) -> Case[Any]:
        """See ``Context.linked``."""
        case = record_of(self.case())
        target = case.links.get(role)
        kind = "case" if of is None else of.__name__
        if target is None:
            raise UnknownCase(case=case.id, wanted=f"link {role!r} to a {kind}", found="case without such a link")
        self.asked.add(own_token(target))
        found = self._draft.case(self._draft.record(target))
        if of is not None and not issubclass(found.lifecycle, of):
            raise UnknownCase(case=target, wanted=kind, found=found.lifecycle.__name__)
        return found

    def linking(self, role: str, of: type[Lifecycle[Any]]) -> Cases[Any]:
        """See ``Context.linking``."""
        kinds = self._draft.kinds.including_subclasses(of)
        case = record_of(self.case())
        names = [kind.stored for kind in kinds]
        parents = frozenset({case.id} if case.parent is None else {case.id, case.parent})
        self.asked.update(map(children_token, parents))
        if case.parent is None:
            self.asked.update(map(orphans_token, names))
        query = Query(dict.fromkeys(names), parents=parents, orphans=case.parent is None, link=(role, case.id))
        return Cases(kinds, query, self._answers())

    def cases(self, of: type[Lifecycle[Any]]) -> Cases[Any]:
        """See ``Context.cases``."""
        kinds = self._draft.kinds.including_subclasses(of)
        return Cases(kinds, Query(dict.fromkeys(kind.stored for kind in kinds)), self._answers())

    def _answers(self) -> FindingCases:
        return FindingCases(self._draft)

    def ask(self, facts: Any) -> Any:
        """See ``Context.ask``."""
        return self._draft.surroundings.facts(facts)

    # -- what an effect does

    def fire(self, cases: Case[Any] | Cases[Any], command: Command[Any], if_allowed: bool) -> None:
        """See ``Acting.fire``."""
        targets = [cases] if isinstance(cases, Case) else cases.all()
        cause = self._draft.cause
        self._draft.queue.extend(Queued(case.id, command, if_allowed, cause) for case in targets)

    def start(
        self,
        what: Command[Any] | type[Lifecycle[Any]],
        data: tuple[object, ...],
        parent: Case[Any] | None,
        links: Mapping[str, Case[Any]],
    ) -> Case[Any]:
        """See ``Acting.start``."""
        above = parent.id if parent is not None else None
        acting = self._case.id if self._case is not None else None
        named = {role: case.id for role, case in links.items()}
        return self._draft.starter(what, data, above, acting, named)
