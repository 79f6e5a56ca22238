"""The half of a scenario that says how things should be."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NoReturn, TypeVar

from progflow.definition.cases import Case, kind_of, record_of
from progflow.definition.events import Command, Event
from progflow.definition.lifecycle import Lifecycle, Phase
from progflow.definition.people import SYSTEM, Actor
from progflow.definition.places import paths_of
from progflow.definition.states import Source
from progflow.errors import ProgflowError, Refused, UnknownEvent
from progflow.flow.answers import Entry, Offer
from progflow.flow.verbs import Flow
from progflow.records import CaseRecord
from progflow.testing.clock import Clock, When, read_when
from progflow.testing.scenario.attempts import AnyCase, Attempt, unlike
from progflow.testing.scenario.chronicle import Chronicle
from progflow.testing.scenario.judging import what_does_not_hold, who_is_left_behind
from progflow.testing.telling import at_minute, reasons_of

E = TypeVar("E", bound=ProgflowError)


class Expectations:
    """Every ``then`` that does not hold ends the story with an ``AssertionError`` that tells it so far."""

    flow: Flow
    clock: Clock
    _chronicle: Chronicle

    # -- where a case is, and with what

    def then(self, case: AnyCase, *where: Source) -> None:
        """The case is in that state or phase, or in one of several.

        Raises:
            AssertionError: it is somewhere else.
        """
        __tracebackhide__ = True
        now = self._now(case)
        if not now.is_in(*where):
            wanted = " or ".join(_in_words(now, part) for part in where)
            self._fail(now, f"should be in {wanted}. It is in “{now.state_title}”.")

    def then_has(self, case: AnyCase, phase: Phase[Any] | None = None, /, **fields: object) -> None:
        """The data of the case has these values; with a phase, its data: ``then_has(edition, Edition.call, moves=())``.

        Raises:
            AssertionError: a value is another one, or there is no such field.
        """
        __tracebackhide__ = True
        now = self._now(case)
        data = now.data if phase is None else now[phase]
        wrong: list[str] = []
        for name, wanted in fields.items():
            if not hasattr(data, name):
                wrong.append(f"should have {name}={wanted!r}. {type(data).__name__} has no field of that name.")
            elif getattr(data, name) != wanted:
                wrong.append(f"should have {name}={wanted!r}. It has {getattr(data, name)!r}.")
        if wrong:
            self._fail(now, "\n".join(wrong))

    # -- what happens by itself

    def then_due(self, case: AnyCase, event: Event[Any, ...] | str, /, *, on: When | None) -> None:
        """That event is due on that day, or at that time, and then fires by itself; with None, it is not.

        Raises:
            AssertionError: it is due at another time, or not at all.
        """
        __tracebackhide__ = True
        now, path = self._now(case), _path(event)
        due = self._offer(now, path).due
        if not self._is_due(due, on):
            wanted = "should not be due" if on is None else f"should be due on {on}"
            found = "It is not due." if due is None else f"It is due on {at_minute(due)}."
            self._fail(now, f"{path} {wanted}. {found}")

    def _offer(self, case: Case[Any], event: str) -> Offer:
        offers = self.flow.explain(case.id, actor=SYSTEM)
        if event not in offers:
            raise UnknownEvent(lifecycle=case.lifecycle.__name__, event=event, known=tuple(offers))
        return offers[event]

    def _is_due(self, due: datetime | None, on: When | None) -> bool:
        if due is None or on is None:
            return due is on
        if isinstance(read_when(on), datetime):
            return due == self.clock.instant(on)
        return due.astimezone(self.clock.zone).date() == read_when(on)

    def then_rests(self, case: AnyCase, event: Event[Any, ...] | str, /, *, because: str | Sequence[str]) -> None:
        """That event would have fired by itself, and waits for these reasons to go away.

        Args:
            case: which case.
            event: which event.
            because: every reason, by its code or a part of its text.

        Raises:
            AssertionError: it does not wait, or it waits for other reasons.
        """
        __tracebackhide__ = True
        now, path = self._now(case), _path(event)
        wrong = unlike(because, self._offer(now, path).resting)
        if wrong is not None:
            self._fail(now, f"{path} should rest {wrong}")

    # -- what is promised of all cases

    def then_all_holds(self) -> None:
        """Every invariant of every case holds, also of those that nobody has touched.

        Raises:
            AssertionError: one does not.
        """
        __tracebackhide__ = True
        broken = what_does_not_hold(self.flow, self.clock)
        if broken is not None:
            self._chronicle.fail(f"{self._chronicle.name(broken.case or '')}: {broken.found}")

    def then_all_can_end(self, *, by_system: Iterable[Event[Any, ...]] = ()) -> None:
        """Where time alone leads from here, every case is over or may rest, or somebody in some role can lead it on.

        It is tried out beside the story. Facts that were not given are answered as in ``lifecycle_test``.

        Args:
            by_system: what the host fires as ``SYSTEM``.

        Raises:
            AssertionError: a case would stay where it is for ever.
        """
        __tracebackhide__ = True
        broken = who_is_left_behind(self.flow, self.clock, by_system)
        if broken is not None:
            self._chronicle.fail(f"{self._chronicle.name(broken.case or '')}: {broken.found}")

    # -- what people may do

    def then_offered(self, case: AnyCase, /, *events: Event[Any, ...] | str, by: Actor) -> None:
        """These events and no others are offered to that person, as ``explain`` says it.

        Raises:
            AssertionError: one is missing, or there are others.
        """
        __tracebackhide__ = True
        now = self._now(case)
        found = {name: offer for name, offer in self.flow.explain(now.id, actor=by).items() if offer.allowed}
        wanted = {_path(event) for event in events}
        if wanted != found.keys():
            self._fail(now, f"should offer {_list(wanted)} to {by.id}. It offers {_list(found)}.")

    def then_allowed(
        self,
        case_or_start: AnyCase | Command[Any] | str,
        *command: Any,
        by: Actor,
        parent: AnyCase | str | None = None,
        links: Mapping[str, AnyCase] | None = None,
    ) -> None:
        """That command would go through, as ``check`` says it. It is not fired.

        Args:
            case_or_start: the case; or, where one would begin, what ``given`` takes.
            *command: what ``when`` takes beside the case.
            by: who would fire it.
            parent: as for ``given``.
            links: as for ``given``.

        Raises:
            AssertionError: there are reasons against it.
        """
        __tracebackhide__ = True
        attempt = Attempt(self.flow, (case_or_start, *command), by, parent=parent, links=links or {})
        with self._chronicle.telling(attempt):
            reasons = attempt.check()
        if reasons:
            said = " ".join(reason.text for reason in reasons)
            self._chronicle.fail(f"{attempt} by {by.id} should be allowed. It is not: {said}")

    def then_refused(
        self,
        case_or_start: AnyCase | Command[Any] | type[Lifecycle[Any]] | str,
        *command: Any,
        by: Actor,
        because: str | Sequence[str],
        parent: AnyCase | str | None = None,
        links: Mapping[str, AnyCase] | None = None,
    ) -> Refused:
        """That command is refused; ``check`` foretells it, and nothing changes.

        Args:
            case_or_start: the case; or, where one would begin, what ``given`` takes.
            *command: what ``when`` takes beside the case.
            by: who tries.
            because: every reason, by its code or a part of its text.
            parent: as for ``given``.
            links: as for ``given``.

        Returns:
            The refusal, to be looked at closely.

        Raises:
            AssertionError: it goes through, is refused for other reasons, ``check`` says otherwise, or something
                changes.
        """
        __tracebackhide__ = True
        attempt = Attempt(self.flow, (case_or_start, *command), by, parent=parent, links=links or {})
        with self._chronicle.telling(attempt):
            foretold = attempt.check()
        error = self._come_to_nothing(Refused, attempt)
        wrong = unlike(because, error.reasons)
        if wrong is not None:
            self._chronicle.fail(f"{attempt} by {by.id} should be refused {wrong}")
        if foretold is not None and tuple(foretold) != tuple(error.reasons):
            said = " ".join(reason.text for reason in foretold) or "that nothing is against it"
            self._chronicle.fail(f"{attempt} by {by.id} is refused: {reasons_of(error)}\nBut check said: {said}")
        return error

    def then_fails(
        self,
        error: type[E],
        case_or_start: AnyCase | Command[Any] | type[Lifecycle[Any]] | str,
        /,
        *command: Any,
        by: Actor,
        because: str = "",
        key: str | None = None,
        parent: AnyCase | str | None = None,
        links: Mapping[str, AnyCase] | None = None,
    ) -> E:
        """That command comes to nothing in another way: its payload does not fit, the case is stale, ….

        Args:
            error: how: ``PayloadError``, ``ConflictError``, ….
            case_or_start: the case; or, where one would begin, what ``given`` takes.
            *command: what ``when`` takes beside the case.
            by: who tries.
            because: what stands in the message.
            key: see ``Flow.fire``.
            parent: as for ``given``.
            links: as for ``given``.

        Returns:
            The error, to be looked at closely.

        Raises:
            AssertionError: it goes through, comes to nothing in another way, or something changes.
        """
        __tracebackhide__ = True
        attempt = Attempt(self.flow, (case_or_start, *command), by, parent=parent, links=links or {})
        found = self._come_to_nothing(error, attempt, key)
        if because not in str(found):
            self._chronicle.fail(f"{attempt} by {by.id} should fail because of {because!r}. It says: {found}")
        return found

    def _come_to_nothing(self, kind: type[E], attempt: Attempt, key: str | None = None) -> E:
        """Try it; the error that it ends with."""
        __tracebackhide__ = True
        before, known = self._everything(), len(self._chronicle.lines)
        wanted = f"{attempt} by {attempt.actor.id} should end with {kind.__name__}"
        try:
            attempt.carry_out(key)
        except kind as error:
            late = _are_late(self._chronicle.lines[known:])
            self._chronicle.note(attempt, error)
            changed = [case for case, record in self._everything().items() if before.get(case) != record]
            if changed and not late:
                names = ", ".join(map(self._chronicle.name, changed))
                self._chronicle.fail(f"{attempt} by {attempt.actor.id} came to nothing, and yet changed {names}.")
            return error
        except ProgflowError as error:
            self._chronicle.note(attempt, error)
            self._chronicle.fail(f"{wanted}. It ends with {type(error).__name__}: {error}")
        self._chronicle.fail(f"{wanted}. It goes through.")

    def _everything(self) -> dict[str, CaseRecord]:
        """All cases as they are stored, with their timers."""
        every: type[Lifecycle[Any]] = Lifecycle
        return {case.id: record_of(case) for case in self.flow.cases(every).all()}

    def _now(self, case: AnyCase) -> Case[Any]:
        return self.flow.get(case.lifecycle, case.id)

    def _fail(self, case: Case[Any], wrong: str) -> NoReturn:
        __tracebackhide__ = True
        name = self._chronicle.name(case.id)
        self._chronicle.fail("\n".join(f"{name} {line}" for line in wrong.splitlines()))


def _are_late(steps: Sequence[object]) -> bool:
    """Whether a command that came to nothing has caught up what was overdue, which does not go back again."""
    caught_up: set[str] = set()
    for one in steps:
        if isinstance(one, Entry) and (one.due is not None or one.caused_by in caught_up):
            caught_up.add(f"{one.case}#{one.seq}")
        else:
            return False
    return bool(caught_up)


def _path(event: Event[Any, ...] | str) -> str:
    return event if isinstance(event, str) else event.path


def _list(names: Iterable[str]) -> str:
    return ", ".join(sorted(names)) or "nothing"


def _in_words(case: Case[Any], where: Source) -> str:
    kind = kind_of(case)
    if isinstance(where, Phase):
        return f"“{kind.words.phase(where.__bound__.name)}”"
    inside = paths_of(kind.blueprint, where)
    return " or ".join(f"“{kind.words.label(path)}”" for path in kind.blueprint.states if path in inside)
