"""What a flow announces, collected for a test: steps, refusals, and what still waits for a commit."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Any, Protocol, Self, TypeAlias, final, runtime_checkable

from attrs import define, frozen

from progflow.definition.cases import Case
from progflow.definition.events import Event
from progflow.definition.lifecycle import Lifecycle
from progflow.definition.people import Actor
from progflow.errors import CascadeRefused, Refused
from progflow.flow.answers import Entry
from progflow.flow.running import Engine
from progflow.flow.verbs import Flow
from progflow.testing.telling import Refusal, tell

About: TypeAlias = "Case[Any] | str | type[Lifecycle[Any]] | Event[Any, ...]"
"""A case or its id, a lifecycle with its subclasses, or an event."""


@runtime_checkable
class Foretelling(Protocol):
    """A store that can tell what is going to be committed. Those that ship can."""

    def awaiting(self, host: object) -> Callable[[], bool]:
        """What tells from now on whether all that was written on the host until now still waits for its commit.

        Args:
            host: what receivers inside the transaction are given.
        """
        ...


@final
@define(eq=False)
class _Step:
    """One step that was seen, and what has become of it."""

    entry: Entry
    lifecycle: type[Any]
    waits: Callable[[], bool]
    announced: int | None = None  # which announcement it was

    @property
    def case(self) -> str:
        return self.entry.case

    @property
    def event(self) -> str:
        return self.entry.event

    @property
    def pending(self) -> bool:
        return self.announced is None and self.waits()


@final
@frozen
class _Refused:
    refusal: Refusal
    lifecycle: type[Any] | None

    @property
    def case(self) -> str | None:
        return self.refusal.case

    @property
    def event(self) -> str:
        return self.refusal.event.partition(".")[2]


class Seen:
    """What a flow has announced, or the part of it that is about something: see ``of``."""

    def __init__(self, seen: list[_Step | _Refused], wanted: Callable[[_Step | _Refused], bool]) -> None:
        self._seen = seen
        self._wanted = wanted

    @property
    def steps(self) -> Sequence[Entry]:
        """All steps that stand: those that were announced and those that wait for a commit, as they were made."""
        return [step.entry for step in self._steps() if step.announced is not None or step.pending]

    @property
    def announced(self) -> Sequence[Entry]:
        """The steps that ``transitioned`` has announced after their commit, in the order in which it has."""
        found = [(step.announced, step.entry) for step in self._steps() if step.announced is not None]
        return [entry for _, entry in sorted(found, key=lambda one: one[0])]

    @property
    def pending(self) -> Sequence[Entry]:
        """The steps that a transaction has made that is still open, as they were made.

        Its commit would announce them. In a test that is rolled back as a whole, nothing is ever more than pending.
        """
        return [step.entry for step in self._steps() if step.pending]

    @property
    def undone(self) -> Sequence[Entry]:
        """The steps that came to nothing: vetoed by a receiver, rolled back by the host, or lost to a savepoint."""
        return [step.entry for step in self._steps() if step.announced is None and not step.pending]

    @property
    def events(self) -> Sequence[str]:
        """The names of ``steps`` as errors have them: ``["JobShadowing.request", "JobShadowing.approve"]``."""
        return [f"{entry.lifecycle.rpartition('.')[2]}.{entry.event}" for entry in self.steps]

    @property
    def refusals(self) -> Sequence[Refusal]:
        """The commands that were refused, each with its error and its actor."""
        return [one.refusal for one in self._all() if isinstance(one, _Refused)]

    def of(self, about: About, /) -> Seen:
        """The part that is about a case, a lifecycle and its subclasses, or an event."""
        chosen = _about(about)
        return Seen(self._seen, lambda one: self._wanted(one) and chosen(one))

    def __str__(self) -> str:
        """The story that was seen, as numbered lines."""
        standing = {id(entry) for entry in self.steps}
        return tell(
            one.refusal if isinstance(one, _Refused) else one.entry
            for one in self._all()
            if isinstance(one, _Refused) or id(one.entry) in standing
        )

    def _all(self) -> Sequence[_Step | _Refused]:
        return [one for one in self._seen if self._wanted(one)]

    def _steps(self) -> Sequence[_Step]:
        return [one for one in self._all() if isinstance(one, _Step)]


@final
class Capture(Seen):
    """Collects what a flow announces, from the moment it is made until ``stop`` or the end of its ``with`` block.

    What it shows then stays as it was at the end, whatever becomes of transactions that are still open.

    Args:
        flow: what is listened to, also where it works inside a host's transaction or in another language.
    """

    def __init__(self, flow: Flow) -> None:
        super().__init__([], lambda _: True)
        engine = flow._transaction.engine  # pyright: ignore[reportPrivateUsage]
        self._engine: Engine = engine
        self._announcements = 0
        self._made: dict[int, _Step] = {}
        self._listening = (
            (engine.transitioning, self._make),
            (engine.transitioned, self._announce),
            (engine.refused, self._refuse),
        )
        for signal, receiver in self._listening:
            signal.connect(receiver)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """Listen no longer. Doing so twice does no harm."""
        for signal, receiver in self._listening:
            signal.disconnect(receiver)
        for step in self._steps():
            step.waits = _always if step.pending else _never

    def clear(self) -> None:
        """Forget what was seen so far, for example while a test was being set up."""
        self._seen.clear()
        self._made.clear()

    def _make(self, sender: type[Any], *, entry: Entry, host: object) -> None:
        store = self._engine.store
        # Of another store nobody knows; its steps count as pending until they are announced.
        waits = store.awaiting(host) if isinstance(store, Foretelling) else _always
        step = self._made[id(entry)] = _Step(entry, sender, waits)
        self._seen.append(step)

    def _announce(self, sender: type[Any], *, entry: Entry) -> None:
        step = self._made.get(id(entry))
        if step is None:  # it was made before this began to listen
            step = _Step(entry, sender, _never)
            self._seen.append(step)
        self._announcements += 1
        step.announced = self._announcements

    def _refuse(self, sender: type[Any] | None, *, error: Refused, actor: Actor) -> None:
        engine = self._engine
        event = error.chain[0] if isinstance(error, CascadeRefused) else error.event
        if sender is None:  # it was not even known what it was about
            refusal = Refusal(error, actor, event, event, engine.now(), error.case)
        else:
            path = event.partition(".")[2]
            refusal = Refusal.of(engine.announced.of(sender), path, error, actor, engine.now(), case=error.case)
        self._seen.append(_Refused(refusal, sender))


def capture(flow: Flow) -> Capture:
    """Collect what a flow announces.

    ::

        with capture(flow) as seen:
            book_a_stay(session)
        assert seen.events == ["JobShadowing.request"]
        assert not seen.refusals

    In a fixture, ``with capture(flow) as seen: yield seen`` does. It makes no difference to what a test then says
    whether the host commits, or stands in a transaction that the test rolls back: ``steps`` and ``events`` hold what
    was announced and what the host's commit would announce, ``announced`` and ``pending`` tell the two apart.

    Args:
        flow: what is listened to, also where it works inside a host's transaction or in another language.
    """
    return Capture(flow)


def _about(about: About) -> Callable[[_Step | _Refused], bool]:
    if isinstance(about, Event):
        home, path = about.home, about.path
        return lambda one: _is_of(one.lifecycle, home) and one.event == path
    if isinstance(about, type):
        return lambda one: _is_of(one.lifecycle, about)
    case = about if isinstance(about, str) else about.id
    return lambda one: one.case == case


def _is_of(lifecycle: type[Any] | None, wanted: type[Any]) -> bool:
    return lifecycle is not None and issubclass(lifecycle, wanted)


def _always() -> bool:
    return True


def _never() -> bool:
    return False
