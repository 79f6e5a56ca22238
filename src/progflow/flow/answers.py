"""What a flow gives back beside cases: steps of a history, offers, and reports of many commands at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, final
from zoneinfo import ZoneInfo

from attrs import NOTHING, field, frozen

from progflow.decide.engine import Deciding
from progflow.definition.blueprint import START_WITH_DATA, EventSpec, Kind
from progflow.definition.cases import Case
from progflow.definition.wording import Says
from progflow.errors import Blocker, Refused
from progflow.records import CaseRecord, EntryRecord, Json


@final
@frozen
class Entry:
    """One step in the history of a case; also what a receiver gets.

    ``seq`` counts from 1 and is the revision that the step led to. ``before`` is None where the case began.
    ``before_title`` and ``after_title`` say the same for people. ``acted_as`` is the role or relation that let the
    actor do it, None for ``SYSTEM``, timers and cascades; it is stored in its author's words, and like all titles
    given in the language of the flow.
    ``caused_by`` names the step (``case#seq``) that caused this one. ``at`` is when it took effect: for a timer its
    ``due`` moment; ``recorded`` is when it was written down. Times are aware, in the program's zone; the payload is
    plain data.
    """

    case: str
    lifecycle: str
    seq: int
    event: str
    title: str
    before: str | None
    after: str
    actor: str
    acted_as: str | None
    caused_by: str | None
    due: datetime | None
    at: datetime
    recorded: datetime
    payload: Mapping[str, object] = field(hash=False)
    before_title: str | None
    after_title: str


def entry_of(kind: Kind, record: EntryRecord) -> Entry:
    """The public form of a stored entry."""
    zone, words = ZoneInfo(kind.zone), kind.words
    event = kind.blueprint.events.get(record.event)
    return Entry(
        case=record.case,
        lifecycle=record.lifecycle,
        seq=record.seq,
        event=record.event,
        title=_title(kind, event, record),
        before=record.before,
        after=record.after,
        actor=record.actor,
        acted_as=None if record.acted_as is None else words.acted_as(event, record.acted_as),
        caused_by=record.caused_by,
        due=None if record.due is None else record.due.astimezone(zone),
        at=record.at.astimezone(zone),
        recorded=record.recorded.astimezone(zone),
        payload=record.payload,
        before_title=None if record.before is None else _label(kind, record.before),
        after_title=_label(kind, record.after),
    )


def _title(kind: Kind, event: EventSpec | None, record: EntryRecord) -> str:
    if event is not None:
        return kind.words.event(event)
    return kind.words.says(Says.BEGIN) if record.event == START_WITH_DATA else record.event


def _label(kind: Kind, state: str) -> str:
    # A history may be older than the definition: a state that is no more has its path alone.
    return kind.words.label(state) if state in kind.blueprint.states else state


@final
@frozen
class Field:
    """One field of a payload, as a form needs it. ``default`` is plain data, None where the field is required."""

    name: str
    type: Any
    required: bool
    default: Json = field(default=None, hash=False)


@final
@frozen
class Offer:
    """One event as a person sees it: what it is, whether it is possible now, and if not, why and who could.

    ``due`` is when it fires by itself; ``resting`` are the reasons why an event that fires by itself waits.
    """

    name: str
    title: str
    allowed: bool
    reasons: Sequence[Blocker]
    who: Sequence[str]
    form: Sequence[Field]
    due: datetime | None
    resting: Sequence[Blocker]


def offers(deciding: Deciding, kind: Kind, record: CaseRecord | None, parent: str | None) -> dict[str, Offer]:
    """Every event of the case, or (record None) every event by which a case could begin."""
    events = kind.blueprint.events.values()
    if record is None:
        return {event.path: _offer(deciding, kind, event, None, parent) for event in events if event.starts}
    return {event.path: _offer(deciding, kind, event, record, parent) for event in events if event.targets}


def _offer(deciding: Deciding, kind: Kind, event: EventSpec, record: CaseRecord | None, parent: str | None) -> Offer:
    reasons = deciding.judged(kind, event, record, parent).reasons
    timer = record.timer(event.path) if record is not None else None
    resting: tuple[Blocker, ...] = ()
    if record is not None and timer is not None and timer.resting:
        resting = deciding.why_it_rests(kind, event, record)
    return Offer(
        name=event.path,
        title=kind.words.event(event),
        allowed=not reasons,
        reasons=reasons,
        who=kind.words.who(event),
        form=tuple(_field(kind, name, event) for name in event.parameters),
        due=None if timer is None or timer.due is None else timer.due.astimezone(ZoneInfo(kind.zone)),
        resting=resting,
    )


def _field(kind: Kind, name: str, event: EventSpec) -> Field:
    parameter = event.parameters[name]
    default = None if parameter.default is NOTHING else kind.codec.dump(parameter.default, parameter.type)
    return Field(name, parameter.type, parameter.required, default)


@final
@frozen
class Report:
    """What became of a command that was fired on many cases. ``refused`` holds the error of each by its id."""

    moved: Sequence[Case[Any]]
    refused: Mapping[str, Refused] = field(hash=False)
