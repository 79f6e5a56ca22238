"""In what two ends of a story differ that should be the same."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Final, TypeAlias

from progflow.records import CaseRecord, EntryRecord, TimerRecord
from progflow.testing.telling import in_words

MOST: Final = 2
"""How many cases are told about."""

End: TypeAlias = tuple[Mapping[str, CaseRecord], Mapping[str, Sequence[EntryRecord]]]
"""All cases, and their histories."""


def difference(one: End, other: End) -> str:
    """What is otherwise, case by case: how it is in one of them, and behind a bar how in the other."""
    found = list(islice(_differences(one, other), MOST + 1))
    return "; ".join(found[:MOST]) + (", and more" if len(found) > MOST else "") + "."


def _differences(one: End, other: End) -> Iterator[str]:
    for case in sorted(one[0].keys() | other[0].keys()):
        this, that = one[0].get(case), other[0].get(case)
        if this is None or that is None:
            yield f"{case} is {'not there | there' if this is None else 'there | not there'}"
        elif (pair := _pair(this, that) or _histories(one, other, case)) is not None:
            yield f"{case}: {pair[0]} | {pair[1]}"


def _pair(this: CaseRecord, that: CaseRecord) -> tuple[str, str] | None:
    if this.state != that.state:
        return this.state, that.state
    if this.data != that.data:
        return in_words({"data": this.data}), in_words({"data": that.data})
    if this.phases != that.phases:
        return in_words(this.phases), in_words(that.phases)
    for event in sorted({timer.event for timer in (*this.timers, *that.timers)}):
        if this.timer(event) != that.timer(event):
            return f"{event} {_waits(this.timer(event))}", f"{event} {_waits(that.timer(event))}"
    return None


def _waits(timer: TimerRecord | None) -> str:
    if timer is None:
        return "does not wait"
    if timer.resting:
        return f"rests since {timer.armed:%Y-%m-%d %H:%M} UTC"
    return "waits" if timer.due is None else f"is due {timer.due:%Y-%m-%d %H:%M} UTC"


def _histories(one: End, other: End, case: str) -> tuple[str, str] | None:
    this, that = (
        ", ".join(f"{entry.event} {entry.at:%Y-%m-%d %H:%M} UTC" for entry in end[1].get(case, ()))
        for end in (one, other)
    )
    return None if one[1].get(case) == other[1].get(case) else (this, that)
