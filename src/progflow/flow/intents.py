"""What a caller wants, made ready to be decided: a command on a case, or the beginning of one."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Protocol, cast, final

from attrs import field, frozen

from progflow.decide.beginnings import starting
from progflow.decide.engine import Deciding
from progflow.decide.kinds import Kinds
from progflow.definition.blueprint import START_WITH_DATA, EventSpec, Kind
from progflow.definition.cases import Case, kind_of
from progflow.definition.events import Command
from progflow.definition.lifecycle import Lifecycle
from progflow.errors import ConflictError, UnknownCase, UnknownEvent, UnknownLifecycle, UsageError, is_text
from progflow.ports import Reader
from progflow.records import CaseRecord, Json


class Intent(Protocol):
    """One wish, before it is known whether it can be granted."""

    @property
    def case(self) -> str | None:
        """The case that it is about, None where one is to begin."""
        ...

    def judge_staleness(self, reader: Reader, caught_up: int) -> Kind:
        """The lifecycle that it is about, made sure that the caller's value is not stale.

        Args:
            reader: the store as it is.
            caught_up: how many steps the case has made by timers since the caller's value was judged.

        Raises:
            ConflictError: the caller's value is stale.
            UnknownCase: there is no such case.
        """
        ...

    @property
    def above(self) -> str | None:
        """The case, or the parent under which one is to begin."""
        ...

    def decide(self, deciding: Deciding) -> str:
        """Decide it; the id of the case. Raises ``Refused`` and its subclasses."""
        ...

    def fingerprint(self) -> str:
        """What tells this wish from another one under the same key."""
        ...


@final
@frozen
class FireIntent:
    """A command on a case, typed or by name. ``expected`` is the revision of the caller's value, None if only an id."""

    kinds: Kinds
    case: str
    expected: int | None
    lifecycle: str | None
    command: Command[Any] | str
    payload: Mapping[str, Json] = field(hash=False)

    @property
    def above(self) -> str:
        """The case itself."""
        return self.case

    def judge_staleness(self, reader: Reader, caught_up: int) -> Kind:
        """See ``Intent.judge_staleness``."""
        record = loaded(self.kinds, reader, self.case, self.lifecycle)
        if self.expected is not None and record.revision != self.expected + caught_up:
            raise ConflictError(case=self.case, expected=self.expected, found=record.revision)
        kind = self.kinds.check(record)
        self._event(kind)
        return kind

    def _event(self, kind: Kind) -> EventSpec:
        if isinstance(self.command, Command):
            return self.kinds.event(kind, self.command)
        events = kind.blueprint.events
        name = self.command.removeprefix(f"{kind.stored}.")
        if name not in events:
            raise UnknownEvent(lifecycle=kind.stored, event=self.command, known=tuple(events))
        return events[name]

    def decide(self, deciding: Deciding) -> str:
        """See ``Intent.decide``."""
        record = deciding.record(self.case)
        deciding.fire(record, self._event(self.kinds.check(record)), self.payload)
        return self.case

    def fingerprint(self) -> str:
        """See ``Intent.fingerprint``."""
        if isinstance(self.command, Command):
            event = self.command.event
        else:
            found = self.kinds.prefix(self.command)
            event = self.command if found is None else self.command.removeprefix(f"{found.stored}.")
        return _text(["fire", self.case, event, _sorted(self.payload)])


@final
@frozen
class WakeIntent:
    """The events of a case that wait are to be asked again."""

    kinds: Kinds
    case: str

    @property
    def above(self) -> str:
        """The case itself."""
        return self.case

    def judge_staleness(self, reader: Reader, caught_up: int) -> Kind:
        """See ``Intent.judge_staleness``."""
        return self.kinds.check(loaded(self.kinds, reader, self.case))

    def decide(self, deciding: Deciding) -> str:
        """See ``Intent.decide``."""
        deciding.wake(deciding.record(self.case))
        return self.case

    def fingerprint(self) -> str:
        """See ``Intent.fingerprint``."""
        return _text(["wake", self.case])


@final
@frozen
class StartIntent:
    """The beginning of a case: by a ``START`` event, or (event None) with its data."""

    kinds: Kinds
    kind: Kind
    event: EventSpec | None
    given: Any = field(hash=False)
    parent: str | None
    links: Mapping[str, str] = field(hash=False)

    @property
    def case(self) -> None:
        """There is none yet."""
        return None

    @property
    def above(self) -> str | None:
        """The parent."""
        return self.parent

    def judge_staleness(self, reader: Reader, caught_up: int) -> Kind:
        """See ``Intent.judge_staleness``."""
        for case in (self.parent, *self.links.values()):
            if case is not None and reader.load(case) is None:
                raise UnknownCase(case=case)
        return self.kind

    def decide(self, deciding: Deciding) -> str:
        """See ``Intent.decide``."""
        return deciding.start(self.kind, self.event, self.given, self.parent, self.links)

    def fingerprint(self) -> str:
        """See ``Intent.fingerprint``."""
        codec, data = self.kind.codec, self.kind.blueprint.data
        given = codec.dump(self.given, data) if self.event is None else _sorted(self.given)
        name = self.event.path if self.event is not None else START_WITH_DATA
        return _text(["start", self.kind.stored, name, given, self.parent, _sorted(self.links)])


def _sorted(payload: object) -> object:
    if not isinstance(payload, Mapping):
        return payload
    fields = cast(Mapping[object, Json], payload)
    return sorted(((str(name), value) for name, value in fields.items()), key=lambda field: field[0])


def _text(what: Sequence[object]) -> str:
    # Untrusted values may be anything; what is no JSON is refused as a payload, but must be told apart before.
    return json.dumps(what, ensure_ascii=False, default=repr)


def id_of(case: Case[Any] | str) -> str:
    """The id of a case that is given as a value or by its id.

    Raises:
        UsageError: it is neither.
    """
    if isinstance(case, Case):
        return case.id
    if not isinstance(case, str):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise UsageError(problem=f"{case!r} is no case.", mend="Give a case or its id.")
    if not is_text(case):
        raise UnknownCase(case=case)
    return case


def loaded(kinds: Kinds, reader: Reader, case: str, lifecycle: str | None = None) -> CaseRecord:
    """The stored case, made sure that this flow can read it.

    Raises:
        UnknownCase: there is none of that id, or it is of another lifecycle.
    """
    record = reader.load(case)
    if record is None:
        raise UnknownCase(case=case)
    if lifecycle is not None and record.lifecycle != lifecycle:
        raise UnknownCase(case=case, wanted=lifecycle, found=record.lifecycle)
    kinds.check(record)
    return record


def fire_intent(
    kinds: Kinds, case: Case[Any] | str, command: Command[Any] | str, payload: Mapping[str, Any] | None
) -> FireIntent:
    """Make a wish of the arguments of ``fire``."""
    if isinstance(command, Command):
        if payload is not None:
            raise UsageError(problem="A command has its payload already.", mend="Leave the payload out.")
        given: Mapping[str, Any] = command.payload
    elif isinstance(command, str):  # pyright: ignore[reportUnnecessaryIsInstance]
        given = {} if payload is None else payload
    else:
        raise UsageError(problem=f"{command!r} is no command.", mend="Call the event: Mentee.withdraw(reason=…).")
    if isinstance(case, Case):
        kind = kind_of(case)
        return FireIntent(kinds, case.id, case.revision, kind.stored, command, given)
    return FireIntent(kinds, id_of(case), None, None, command, given)


def start_intent(
    kinds: Kinds,
    what: Command[Any] | type[Lifecycle[Any]] | str,
    data: tuple[Any, ...],
    parent: Case[Any] | str | None,
    links: Mapping[str, Case[Any]],
) -> StartIntent:
    """Make a wish of the arguments of ``start``."""
    above = None if parent is None else id_of(parent)
    named = {role: id_of(case) for role, case in links.items()}
    if isinstance(what, Command):
        kind = kinds.starting(what)
        event = kinds.event(kind, what)
        return StartIntent(kinds, kind, _start_event(kind, event), what.payload, above, named)
    if isinstance(what, str):
        kind, event = named_start(kinds, what)
        given: Any = data[0] if data else dict[str, Any]()
        return StartIntent(kinds, kind, event, given, above, named)
    if not isinstance(what, type):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise UsageError(problem=f"{what!r} begins nothing.", mend="Give a START command, or a lifecycle and its data.")
    kind = kinds.of(what)
    if not data and kind.blueprint.data is not None:
        raise UsageError(
            problem=f"A {kind.blueprint.name} begins with its data.", mend=f"Give it: start({what.__name__}, …)."
        )
    return StartIntent(kinds, kind, None, data[0] if data else None, above, named)


def _start_event(kind: Kind, event: EventSpec) -> EventSpec:
    if event.starts is None:
        raise UnknownEvent(lifecycle=kind.stored, event=f"{event.path} (as a beginning)", known=starting(kind))
    return event


def named_start(kinds: Kinds, name: str) -> tuple[Kind, EventSpec]:
    """The lifecycle and event of a name like ``cross-mentoring.Mentee.apply``.

    Raises:
        UnknownLifecycle, UnknownEvent: there is none of that name.
    """
    kind = kinds.prefix(name)
    if kind is None and name in kinds.names:
        raise UnknownEvent(lifecycle=name, event="", known=starting(kinds.named(name)))
    if kind is None:
        raise UnknownLifecycle(name=name.rpartition(".")[0] or name, known=kinds.known)
    path = name.removeprefix(f"{kind.stored}.")
    if path not in kind.blueprint.events:
        raise UnknownEvent(lifecycle=kind.stored, event=path, known=tuple(kind.blueprint.events))
    return kind, _start_event(kind, kind.blueprint.events[path])
