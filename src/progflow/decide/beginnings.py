"""How a case begins: by a ``START`` event with its payload, or with its data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, final

from progflow.decide.draft import Draft
from progflow.decide.steps import Step, Steps, ended_parent, entered, entry_of
from progflow.decide.verdict import Verdict
from progflow.definition.blueprint import START_WITH_DATA, EventSpec, Kind
from progflow.definition.cases import Case
from progflow.definition.events import Command
from progflow.definition.lifecycle import Lifecycle
from progflow.definition.payload import Payload
from progflow.definition.people import SYSTEM, Actor
from progflow.definition.wording import Says
from progflow.errors import Blocker, UnknownCase, UnknownEvent, UsageError
from progflow.records import CaseRecord, Json


@final
class Beginnings:
    """Lets cases begin in a draft."""

    def __init__(self, draft: Draft, steps: Steps) -> None:
        self._draft = draft
        self._steps = steps

    def begin(
        self,
        step: Step,
        event: EventSpec | None,
        given: Any,
        parent: str | None,
        links: Mapping[str, str],
    ) -> CaseRecord:
        """Decide the beginning of a case, and put it into the draft; the new case.

        Args:
            step: the beginning, without a case.
            event: the ``START`` event; None to begin with data.
            given: the payload, or the data.
            parent: the case under which it begins.
            links: cases that it points to.

        Raises:
            Refused: and its subclasses.
        """
        try:
            return self._begun(step, event, given, parent, links)
        except Exception as error:
            step.note(error)
            raise

    def _begun(
        self,
        step: Step,
        event: EventSpec | None,
        given: Any,
        parent: str | None,
        links: Mapping[str, str],
    ) -> CaseRecord:
        kind = step.kind
        step.refuse(self.parent_reasons(kind, parent))
        for linked in links.values():
            self._draft.record(linked)
        case, place = self._draft.surroundings.new_id(), len(self._draft.work.entries)
        plain: Mapping[str, Json] = {}
        if event is None:
            verdict, result, target = self._with_data(step), given, kind.blueprint.initial
        else:
            payload = Payload(f"{kind.stored}.{event.path}", event.parameters, given, kind.codec)
            verdict, target = self._steps.judged(step, parent, payload), event.starts
            step.refuse(verdict.reasons)
            plain, result = payload.plain, self._steps.effect(step, parent, payload.typed, f"{case}#1")
        assert target is not None
        data = self._steps.storable(step, kind.blueprint.data, result, "data")
        after = entered(kind, self._empty(kind, case, target, data, parent, links), target, self._draft.now)
        self._steps.put(step, after, entry_of(self._draft, step, after, plain, verdict, stays=False), place)
        return self._draft.record(case)

    def _empty(
        self, kind: Kind, case: str, state: str, data: Json, parent: str | None, links: Mapping[str, str]
    ) -> CaseRecord:
        """The case before its first step."""
        at = self._draft.now
        return CaseRecord(
            id=case,
            lifecycle=kind.stored,
            version=kind.blueprint.version,
            state=state,
            revision=0,
            created=at,
            entered=at,
            stepped=at,
            data=data,
            phases={},
            visited=(),
            parent=parent,
            links=dict(links),
        )

    def _with_data(self, step: Step) -> Verdict:
        blueprint = step.kind.blueprint
        if blueprint.initial is None or any(event.starts for event in blueprint.events.values()):
            raise UnknownEvent(lifecycle=step.kind.stored, event="start with data", known=starting(step.kind))
        if step.actor is not None and step.actor is not SYSTEM:
            step.refuse((Blocker("who", {"who": ()}, step.kind.words.says(Says.ONLY_SYSTEM)),))
        step.refuse(())
        return Verdict(())

    def parent_reasons(self, kind: Kind, parent: str | None) -> tuple[Blocker, ...]:
        """Why nothing may begin under that parent.

        Raises:
            UsageError: a parent is needed and there is none, or given and not needed.
            UnknownCase: there is none of that id, or it is of another lifecycle.
        """
        wanted = kind.blueprint.parents
        names = ", ".join(one.__name__ for one in wanted)
        if parent is None:
            if wanted:
                problem = f"A {kind.blueprint.name} is the child of: {names}."
                raise UsageError(problem=problem, mend="Give parent=….")
            return ()
        if not wanted:
            problem = f"A {kind.blueprint.name} is nobody's child."
            raise UsageError(problem=problem, mend="Leave parent= out.")
        record = self._draft.record(parent)
        above = self._draft.kinds.check(record)
        if not issubclass(above.lifecycle, wanted):
            raise UnknownCase(case=parent, wanted=names, found=above.blueprint.name)
        final = above.blueprint.states[record.state].final
        return (ended_parent(above, record),) if final else ()

    def from_effect(
        self,
        what: Command[Any] | type[Lifecycle[Any]],
        data: tuple[object, ...],
        parent: str | None,
        acting: str | None,
        links: Mapping[str, str],
    ) -> Case[Any]:
        """Begin a case for an effect, at once; nothing remains of one that is refused.

        Args:
            what: the ``START`` command, or the lifecycle.
            data: the data that it begins with, if any was given.
            parent: the parent that the effect named, if any.
            acting: the case whose effect it is, which is the parent otherwise.
            links: cases that it points to.
        """
        draft = self._draft
        event: EventSpec | None = None
        given: Any = data[0] if data else None
        if isinstance(what, Command):
            kind = draft.kinds.starting(what)
            event, given = draft.kinds.event(kind, what), what.payload
            if event.starts is None:
                raise UnknownEvent(lifecycle=kind.stored, event=event.path, known=starting(kind))
        else:
            kind = draft.kinds.of(what)
        if parent is None and kind.blueprint.parents:
            parent = acting
        mark = draft.mark()
        try:
            record = self.begin(beginning(kind, event, None, draft.cause), event, given, parent, links)
        except BaseException:
            draft.rollback(mark)
            raise
        return draft.case(record)


def beginning(kind: Kind, event: EventSpec | None, actor: Actor | None, cause: Any) -> Step:
    """The step by which a case begins."""
    return Step(kind, START_WITH_DATA if event is None else event.path, None, actor, cause)


def starting(kind: Kind) -> tuple[str, ...]:
    """The events by which a case of that lifecycle begins."""
    return tuple(event.path for event in kind.blueprint.events.values() if event.starts)
