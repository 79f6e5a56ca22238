"""From records to rows and back. What cannot be read back is damaged data, with the column to blame."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from itertools import groupby
from typing import Any, Final, TypeAlias, TypeGuard, cast

from progflow.errors import DamagedData, InputFault
from progflow.records import CaseRecord, DueTimer, EntryRecord, Json, KeyRecord, TimerRecord, Where

__all__ = [
    "case_row",
    "entry_row",
    "key_row",
    "micros",
    "payload_row",
    "phase_token",
    "read_cases",
    "read_due",
    "read_entry",
    "read_key",
    "scalar_token",
    "timer_row",
]

Row: TypeAlias = dict[str, Any]

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_LONG: Final = 64
_encode: Final = json.JSONEncoder(allow_nan=False, separators=(",", ":")).encode
_UNREADABLE: Final = (TypeError, ValueError, OverflowError, RecursionError)


def micros(time: datetime) -> int:
    """The instant as the tables hold it."""
    return (time - _EPOCH) // _MICROSECOND


def _micros_or_none(time: datetime | None) -> int | None:
    return None if time is None else (time - _EPOCH) // _MICROSECOND


def _instant(stored: int) -> datetime:
    if type(stored) is not int:
        raise ValueError("is not a number of microseconds")
    return _EPOCH + timedelta(microseconds=stored)


def _instant_or_none(stored: int | None) -> datetime | None:
    return None if stored is None else _instant(stored)


def _whole(stored: int) -> int:
    if type(stored) is not int:
        raise ValueError("is not a whole number")
    return stored


def _number(stored: float) -> float:
    if type(stored) not in (float, int):
        raise ValueError("is not a number")
    return stored


def _text(value: Json) -> str:
    plain: Json = dict(cast(Mapping[str, Json], value)) if isinstance(value, Mapping) else value
    return _encode(plain)


def _object(text: str) -> dict[str, Json]:
    value = json.loads(text)
    if type(value) is not dict:
        raise ValueError("is not a JSON object")
    return cast(dict[str, Json], value)


def _names(text: str) -> tuple[str, ...]:
    value: Json = json.loads(text)
    if not _is_list(value) or not all(type(name) is str for name in value):
        raise ValueError("is not a JSON list of texts")
    return tuple(value)


def _is_list(value: Json) -> TypeGuard[list[Json]]:
    return type(value) is list


# -- scalars: one line per field, so that looking for a line is comparing a field ------------------


def scalar_token(condition: Where) -> str:
    """What ``scalars`` contains if and only if the field is there and has that value."""
    return _line(condition.phase, condition.field, condition.value) or "\n\r\n"


def phase_token(phase: str) -> str:
    """What ``scalars`` contains if and only if the case has entered the phase."""
    return f"\n[{json.dumps(phase)}]\n"


def _line(phase: str, name: str, value: Json) -> str | None:
    """A line for a scalar. JSON escapes every line break, so that a line is never found inside another."""
    if isinstance(value, float):
        # 1 == 1.0 in Python: what is whole is written as such.
        text = str(int(value)) if value.is_integer() else repr(value)
    elif value is None or isinstance(value, bool | int | str):
        text = json.dumps(value)
        if len(text) > _LONG and isinstance(value, str):
            text = f"#{sha256(text.encode()).hexdigest()}"
    else:
        return None
    return f"\n[{json.dumps(phase)},{json.dumps(name)},{text}]\n"


def _scalars(case: CaseRecord) -> str:
    lines = [phase_token(phase) for phase in case.phases if phase]
    parts = [("", case.data), *((phase, data) for phase, data in case.phases.items() if phase)]
    for phase, data in parts:
        if isinstance(data, Mapping):
            fields = cast(Mapping[str, Json], data).items()
            lines.extend(line for name, value in fields if (line := _line(phase, name, value)))
    return "".join(lines)


# -- to rows ---------------------------------------------------------------------------------------


def case_row(case: CaseRecord) -> Row:
    """The values of a row in ``case``."""
    return {
        "id": case.id,
        "lifecycle": case.lifecycle,
        "version": case.version,
        "state": case.state,
        "revision": case.revision,
        "created": micros(case.created),
        "entered": micros(case.entered),
        "stepped": micros(case.stepped),
        "data": _text(case.data),
        "phases": _text(case.phases),
        "visited": _text(case.visited),
        "parent": case.parent,
        "links": _text(case.links),
        "unique_value": case.unique,
        "scalars": _scalars(case),
    }


def timer_row(case: str, timer: TimerRecord) -> Row:
    """The values of a row in ``timer``."""
    fires = timer.due is not None and not timer.resting
    ready = _micros_or_none(timer.ready)
    return {
        "case_id": case,
        "event": timer.event,
        "anchor": micros(timer.anchor),
        "armed": micros(timer.armed),
        "stopped": _micros_or_none(timer.stopped),
        "days_stopped": timer.days_stopped,
        "seconds_stopped": timer.seconds_stopped,
        "asked": _micros_or_none(timer.asked),
        "due": _micros_or_none(timer.due),
        "ready": ready,
        "resting": timer.resting,
        "automatic": timer.automatic,
        "watches": _text(sorted(timer.watches)),
        "alarm": ready if fires else None,
    }


def entry_row(entry: EntryRecord) -> Row:
    """The values of a row in ``history``."""
    return {
        "case_id": entry.case,
        "seq": entry.seq,
        "lifecycle": entry.lifecycle,
        "version": entry.version,
        "event": entry.event,
        "before": entry.before,
        "after": entry.after,
        "actor": entry.actor,
        "acted_as": entry.acted_as,
        "caused_by": entry.caused_by,
        "due": _micros_or_none(entry.due),
        "at": micros(entry.at),
        "recorded": micros(entry.recorded),
        "data_changed": entry.data_changed,
        "stays": entry.stays,
        "parent": entry.parent,
        "links": _text(entry.links),
    }


def payload_row(entry: EntryRecord) -> Row | None:
    """The values of a row in ``payload``; None if there is nothing to keep apart."""
    if not entry.payload and entry.data is None and not entry.phases:
        return None
    return {
        "case_id": entry.case,
        "seq": entry.seq,
        "payload": _text(entry.payload),
        "data": _text(entry.data),
        "phases": _text(entry.phases),
    }


def key_row(key: KeyRecord) -> Row:
    """The values of a row in ``key``."""
    return {
        "key": key.key,
        "fingerprint": key.fingerprint,
        "case_id": key.case,
        "revision": key.revision,
    }


# -- from rows -------------------------------------------------------------------------------------


CASE_COLUMNS: Final = (
    "id",
    "lifecycle",
    "version",
    "state",
    "revision",
    "created",
    "entered",
    "stepped",
    "data",
    "phases",
    "visited",
    "parent",
    "links",
    "unique_value",
)
TIMER_COLUMNS: Final = (
    "event",
    "anchor",
    "armed",
    "stopped",
    "days_stopped",
    "seconds_stopped",
    "asked",
    "due",
    "ready",
    "resting",
    "automatic",
    "watches",
)
ENTRY_COLUMNS: Final = (
    "case_id",
    "lifecycle",
    "version",
    "seq",
    "event",
    "before",
    "after",
    "actor",
    "acted_as",
    "caused_by",
    "due",
    "at",
    "recorded",
    "data_changed",
    "stays",
    "parent",
    "links",
)
PAYLOAD_COLUMNS: Final = ("payload", "data", "phases")

_DECODERS: Final[Mapping[str, Callable[[Any], object]]] = {
    **dict.fromkeys(("created", "entered", "stepped", "anchor", "armed", "at", "recorded"), _instant),
    **dict.fromkeys(("stopped", "asked", "due", "ready"), _instant_or_none),
    **dict.fromkeys(("version", "revision", "seq", "days_stopped"), _whole),
    "seconds_stopped": _number,
    **dict.fromkeys(("phases", "links", "payload"), _object),
    **dict.fromkeys(("visited", "watches"), _names),
    "data": json.loads,
}


def read_cases(rows: Iterable[Sequence[Any]]) -> list[CaseRecord]:
    """The cases, from rows of a case and one of its timers (or none) each, those of one case together.

    Raises:
        DamagedData: a case cannot be read.
    """
    return [_case(list(group)) for _, group in groupby(rows, key=_first)]


def _first(row: Sequence[Any]) -> Any:
    return row[0]


def _case(rows: Sequence[Sequence[Any]]) -> CaseRecord:
    row = rows[0]
    case, lifecycle, version, state, revision, created, entered, stepped = row[:8]
    data, phases, visited, parent, links, unique = row[8:14]
    try:
        return CaseRecord(
            id=case,
            lifecycle=lifecycle,
            version=_whole(version),
            state=state,
            revision=_whole(revision),
            created=_instant(created),
            entered=_instant(entered),
            stepped=_instant(stepped),
            data=json.loads(data),
            phases=_object(phases),
            visited=_names(visited),
            parent=parent,
            links=_object(links),
            unique=unique,
            timers=tuple(_timer(each[14:]) for each in rows) if row[14] is not None else (),
        )
    except _UNREADABLE as error:
        faults = [*_faults("", CASE_COLUMNS, row[:14])]
        for each in rows if row[14] is not None else ():
            faults += _faults(f"timers.{each[14]}.", TIMER_COLUMNS, each[14:])
        raise DamagedData(case=case, lifecycle=lifecycle, faults=faults) from error


def _timer(row: Sequence[Any]) -> TimerRecord:
    event, anchor, armed, stopped, days_stopped, seconds_stopped = row[:6]
    asked, due, ready, resting, automatic, watches = row[6:]
    return TimerRecord(
        event=event,
        anchor=_instant(anchor),
        armed=_instant(armed),
        stopped=_instant_or_none(stopped),
        days_stopped=_whole(days_stopped),
        seconds_stopped=_number(seconds_stopped),
        asked=_instant_or_none(asked),
        due=_instant_or_none(due),
        ready=_instant_or_none(ready),
        resting=resting,
        automatic=automatic,
        watches=frozenset(_names(watches)),
    )


def read_due(row: Sequence[Any]) -> DueTimer:
    """A due timer, from a row of case, event, at, due, armed and lifecycle.

    Raises:
        DamagedData: one of the instants cannot be read.
    """
    case, event, at, due, armed, lifecycle = row
    try:
        return DueTimer(case, event, _instant(at), _instant(due), _instant(armed))
    except _UNREADABLE as error:
        faults = _faults(f"timers.{event}.", ("at", "due", "armed"), row[2:5])
        raise DamagedData(case=case, lifecycle=lifecycle, faults=[*faults]) from error


def read_key(row: Sequence[Any]) -> KeyRecord:
    """What was carried out under a key, from a row of key, fingerprint, case, revision and lifecycle.

    Raises:
        DamagedData: the revision cannot be read.
    """
    key, fingerprint, case, revision, lifecycle = row
    try:
        return KeyRecord(key, fingerprint, case, _whole(revision))
    except _UNREADABLE as error:
        faults = _faults("key.", ("revision",), (revision,))
        raise DamagedData(case=case, lifecycle=lifecycle, faults=[*faults]) from error


def read_entry(row: Sequence[Any]) -> EntryRecord:
    """An entry, from a row of history with its payload, which is null where there is none.

    Raises:
        DamagedData: the entry cannot be read.
    """
    case, lifecycle, version, seq, event, before, after, actor, acted_as, caused_by = row[:10]
    due, at, recorded, data_changed, stays, parent, links, payload, data, phases = row[10:]
    try:
        return EntryRecord(
            case=case,
            lifecycle=lifecycle,
            version=_whole(version),
            seq=_whole(seq),
            event=event,
            before=before,
            after=after,
            actor=actor,
            acted_as=acted_as,
            caused_by=caused_by,
            due=_instant_or_none(due),
            at=_instant(at),
            recorded=_instant(recorded),
            payload={} if payload is None else _object(payload),
            data_changed=data_changed,
            data=None if data is None else json.loads(data),
            phases={} if phases is None else _object(phases),
            stays=stays,
            parent=parent,
            links=_object(links),
        )
    except _UNREADABLE as error:
        columns = ENTRY_COLUMNS + PAYLOAD_COLUMNS
        absent = {column for column, stored in zip(columns, row, strict=True) if stored is None}
        faults = _faults(f"history[{seq}].", columns, row, without=absent)
        raise DamagedData(case=case, lifecycle=lifecycle, faults=[*faults]) from error


def _faults(
    path: str, columns: Sequence[str], row: Sequence[Any], *, without: Collection[str] = ()
) -> Iterator[InputFault]:
    """What is wrong with each column of a row that could not be read. What is in it is nobody's business."""
    for column, stored in zip(columns, row, strict=True):
        try:
            if column not in without:
                _DECODERS.get(column, _as_it_is)(stored)
        except json.JSONDecodeError:
            yield InputFault(f"{path}{column}", "is not JSON")
        except OverflowError:
            yield InputFault(f"{path}{column}", "is not an instant that Python knows")
        except _UNREADABLE as error:
            yield InputFault(f"{path}{column}", str(error))


def _as_it_is(stored: object) -> object:
    return stored
