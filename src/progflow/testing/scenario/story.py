"""A story on a flow and a clock of its own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from importlib.resources.abc import Traversable
from types import TracebackType
from typing import Any, Self, TypeVar, overload

from progflow.adapters.memory import MemoryStore
from progflow.definition.cases import Case, Cases
from progflow.definition.events import Command
from progflow.definition.lifecycle import Lifecycle, Program
from progflow.definition.people import Actor
from progflow.flow.verbs import Flow
from progflow.ports import Store
from progflow.terms import Term
from progflow.testing.clock import Clock, When
from progflow.testing.scenario.attempts import AnyCase, Attempt
from progflow.testing.scenario.cases import StoryCase
from progflow.testing.scenario.chronicle import Chronicle
from progflow.testing.scenario.expecting import Expectations
from progflow.testing.telling import Remark
from progflow.translations import ENGLISH

D = TypeVar("D")


class Scenario(Expectations):
    """One story that somebody told.

    ::

        story = Scenario(JobShadowing, at="2026-03-02 09:00", zone="Europe/Berlin")
        stay = story.given(JobShadowing.request(department="Archive", starts=date(2026, 4, 1)), by=employee)
        story.then_refused(stay, JobShadowing.approve(), by=employee, because="Only for: hr.")
        story.when(stay, JobShadowing.approve(), by=officer)
        story.on("2026-04-01")
        story.then(stay, JobShadowing.running)

    What is not as it is said to be ends the story with an ``AssertionError`` that tells it so far, in numbered lines.
    In ``with Scenario(…) as story:`` every other error, also that of a plain ``assert``, gets them as a note.

    Args:
        *definitions: programs, and lifecycles that stand alone.
        at: when it begins.
        zone: where its days are counted; without it where the first program counts them, or in UTC.
        store: where its cases live; without it in memory.
        facts: for each protocol that rules ask with ``ctx.ask``, the host's answerer.
        language: in which people read titles and reasons.
        catalogues: directories of your own with translations.

    Raises:
        DefinitionError, UsageError: as ``Flow`` and ``Clock``.
    """

    flow: Flow
    """Where it happens. Its verbs may be used beside those of the story, which hears of what they do."""
    clock: Clock
    """Moved by itself it lets nothing happen that is due, as if nobody had called ``run_due``."""

    def __init__(
        self,
        *definitions: Program | type[Lifecycle[Any]],
        at: When,
        zone: str | None = None,
        store: Store | None = None,
        facts: Mapping[Any, object] | None = None,
        language: str = ENGLISH,
        catalogues: Iterable[str | Traversable] = (),
    ) -> None:
        if zone is None:
            zone = next((one.zone for one in definitions if isinstance(one, Program)), "UTC")
        clock = Clock(at, zone=zone)
        flow = Flow(
            *definitions,
            store=MemoryStore() if store is None else store,
            zone=zone,
            clock=clock,
            facts=facts,
            language=language,
            catalogues=catalogues,
        )
        self._begin(flow, clock)

    @classmethod
    def of(cls, flow: Flow, clock: Clock) -> Self:
        """A story on a flow that is there already, with the clock that it was given."""
        story = cls.__new__(cls)
        story._begin(flow, clock)
        return story

    def _begin(self, flow: Flow, clock: Clock) -> None:
        self.flow = flow
        self.clock = clock
        self._chronicle = Chronicle(flow, clock)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        self._chronicle.close()
        if isinstance(error, Exception):
            self._chronicle.annotate(error)

    def told(self) -> str:
        """The story so far, in numbered lines."""
        return self._chronicle.told()

    # -- given, when

    @overload
    def given(
        self,
        what: Command[D],
        /,
        *,
        by: Actor,
        parent: AnyCase | str | None = None,
        links: Mapping[str, AnyCase] = ...,
        called: str | None = None,
        key: str | None = None,
    ) -> StoryCase[D]: ...
    @overload
    def given(
        self,
        what: type[Lifecycle[D]],
        data: D,
        /,
        *,
        by: Actor,
        parent: AnyCase | str | None = None,
        links: Mapping[str, AnyCase] = ...,
        called: str | None = None,
        key: str | None = None,
    ) -> StoryCase[D]: ...
    @overload
    def given(
        self,
        what: str,
        payload: Mapping[str, Any],
        /,
        *,
        by: Actor,
        parent: AnyCase | str | None = None,
        links: Mapping[str, AnyCase] = ...,
        called: str | None = None,
        key: str | None = None,
    ) -> StoryCase[Any]: ...
    def given(
        self,
        what: Any,
        *data: Any,
        by: Actor,
        parent: AnyCase | str | None = None,
        links: Mapping[str, AnyCase] | None = None,
        called: str | None = None,
        key: str | None = None,
    ) -> StoryCase[Any]:
        """A case begins: with a command of a ``START`` event, with a lifecycle and its data, or by name.

        Args:
            what: ``JobShadowing.request(…)``, a lifecycle class, or ``"JobShadowing.request"``.
            *data: the first data of a lifecycle without ``START`` event, or the payload of an event named by text.
            by: who begins it.
            parent: the case under which it begins.
            links: cases that it points to, by role.
            called: what the story calls it; without it, its lifecycle's name.
            key: see ``Flow.start``.

        Raises:
            Refused: and all else that ``Flow.start`` raises, with the story so far as a note.
        """
        attempt = Attempt(self.flow, (what, *data), by, parent=parent, links=links or {})
        with self._chronicle.telling(attempt):
            return self._story_case(attempt.carry_out(key), called)

    @overload
    def when(
        self, case: StoryCase[D] | Case[D], command: Command[D], /, *, by: Actor, key: str | None = None
    ) -> StoryCase[D]: ...
    @overload
    def when(
        self,
        case: StoryCase[D] | Case[D],
        event: str,
        payload: Mapping[str, Any],
        /,
        *,
        by: Actor,
        key: str | None = None,
    ) -> StoryCase[D]: ...
    def when(self, case: AnyCase, *command: Any, by: Actor, key: str | None = None) -> StoryCase[Any]:
        """Somebody fires a command on a case, typed or by name.

        Args:
            case: a case of the story, as it is by then; or a value that was read before and may be stale.
            *command: ``JobShadowing.approve()``, or ``"approve", {}``: the path of the event and its payload.
            by: who fires it.
            key: see ``Flow.fire``.

        Raises:
            Refused: and all else that ``Flow.fire`` raises, with the story so far as a note.
        """
        attempt = Attempt(self.flow, (case, *command), by)
        with self._chronicle.telling(attempt):
            return StoryCase(self.flow, attempt.carry_out(key))

    def the(self, which: Cases[D] | Case[D], /, *, called: str | None = None) -> StoryCase[D]:
        """A case that came about by itself: ``story.the(story.flow.cases(Tandem).where(mentee="mentee-1"))``.

        Args:
            which: a question with one answer, or the case.
            called: what the story calls it; without it, its lifecycle's name.

        Raises:
            UsageError: the question has no answer, or several.
        """
        with self._chronicle.telling():
            return self._story_case(which.one() if isinstance(which, Cases) else which, called)

    def _story_case(self, case: Case[D], called: str | None) -> StoryCase[D]:
        if called is not None:
            self._chronicle.called[case.id] = called
        return StoryCase(self.flow, case)

    # -- time, and what the host knows

    def on(self, when: When, /) -> None:
        """It is that day now (its first instant), or that time, and what was due until then has happened.

        Raises:
            UsageError: it lies before the present.
        """
        with self._chronicle.telling():
            self.clock.set(when)
            self._pass()

    def after(
        self,
        term: Term | None = None,
        /,
        *,
        weeks: int = 0,
        days: int = 0,
        hours: float = 0,
        minutes: float = 0,
        seconds: float = 0,
    ) -> None:
        """That much time passes (see ``Clock.forward``), and what was due until then has happened."""
        with self._chronicle.telling():
            self.clock.forward(term, weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds)
            self._pass()

    def _pass(self) -> None:
        known = len(self._chronicle.lines)
        self.flow.run_due()
        if len(self._chronicle.lines) == known:
            self._chronicle.lines.append(Remark(self.clock.now, "Time has passed."))

    def wake(self, *cases: AnyCase) -> None:
        """What the host knows has changed: what waits in these cases is asked again."""
        self._chronicle.lines.append(Remark(self.clock.now, "What the host knows has changed."))
        with self._chronicle.telling():
            for case in cases:
                self.flow.wake(case.id)
