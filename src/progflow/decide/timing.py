"""When timers are due: clocks that start, stop and go on with the steps of a case, and the moments they lead to."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from attrs import evolve

from progflow.definition.blueprint import Blueprint, EventSpec
from progflow.records import CaseRecord, EntryRecord, TimerRecord
from progflow.terms import Term, due_after


def own_token(case: str) -> str:
    """What a timer watches that asked about this case."""
    return f"case:{case}"


def children_token(parent: str) -> str:
    """What a timer watches that asked about the children of this case."""
    return f"in:{parent}"


def orphans_token(lifecycle: str) -> str:
    """What a timer watches that asked about the cases of this lifecycle that have no parent."""
    return f"in:{lifecycle}"


def tokens_of(case: CaseRecord) -> frozenset[str]:
    """What a change of this case touches."""
    head = children_token(case.parent) if case.parent is not None else orphans_token(case.lifecycle)
    return frozenset((own_token(case.id), head))


def clocks(
    blueprint: Blueprint, before: CaseRecord | None, entry: EntryRecord, zone: ZoneInfo
) -> Mapping[str, TimerRecord]:
    """The clocks of all events that fire by themselves, after the step that this entry records.

    Args:
        blueprint: the lifecycle.
        before: the case before the step, None where it begins.
        entry: the step.
        zone: where days are counted.
    """
    found: dict[str, TimerRecord] = {}
    for event in blueprint.events.values():
        if not event.self_firing:
            continue
        old = before.timer(event.path) if before is not None else None
        if old is not None and event.path == entry.event and entry.due is not None:
            old = evolve(old, asked=entry.due)
        new = _clock(blueprint, event, old, entry, zone)
        if new is not None:
            found[event.path] = new
    return found


def _clock(
    blueprint: Blueprint, event: EventSpec, old: TimerRecord | None, entry: EntryRecord, zone: ZoneInfo
) -> TimerRecord | None:
    if old is not None and entry.stays:
        return old
    if entry.after in event.targets:
        if old is None or (entry.before == entry.after and old.stopped is None):
            # One that has entered its own source anew does not fire for the same moment again.
            asked = old.asked if old is not None and entry.event == event.path else None
            return TimerRecord(event=event.path, anchor=entry.at, armed=entry.at, asked=asked, automatic=event.auto)
        return old if old.stopped is None else _resumed(old, entry.at, zone)
    if old is not None and not event.auto and blueprint.states[entry.after].stopped:
        return old if old.stopped is not None else evolve(old, stopped=entry.at)
    return None


def _resumed(timer: TimerRecord, now: datetime, zone: ZoneInfo) -> TimerRecord:
    assert timer.stopped is not None
    days = (now.astimezone(zone).date() - timer.stopped.astimezone(zone).date()).days
    return evolve(
        timer,
        stopped=None,
        days_stopped=timer.days_stopped + days,
        seconds_stopped=timer.seconds_stopped + (now - timer.stopped).total_seconds(),
    )


def scheduled(
    event: EventSpec, timer: TimerRecord, moment: datetime | None, now: datetime, zone: ZoneInfo
) -> TimerRecord:
    """The timer with its next due moment. A timer that rests goes on resting while that stays the same."""
    if timer.automatic:
        return timer
    if timer.stopped is not None:
        return evolve(timer, due=None, ready=None, resting=False)
    due = _next_due(event, timer, moment, zone)
    if due is None:
        return evolve(timer, due=None, ready=None, resting=False)
    if due == timer.due and (timer.resting or timer.ready is not None):
        return timer
    return evolve(timer, due=due, ready=max(due, now), resting=False)


def _next_due(event: EventSpec, timer: TimerRecord, moment: datetime | None, zone: ZoneInfo) -> datetime | None:
    if event.moment is not None and moment is None:
        return None
    first: datetime | None = None
    if event.at is not None:
        first = moment
    elif event.after is not None:
        first = _after(timer, moment, event.after, zone)
    every = event.every
    if every is None:
        return None if first == timer.asked else first
    asked = timer.asked
    period = 0 if first is not None else 1

    def due(number: int) -> datetime:
        return _period(every, number, first, timer, moment, zone)

    if asked is None or due(period) > asked:
        return due(period)
    step = 1
    while due(period + step) <= asked:  # years may have passed since: leap, then look in between
        period, step = period + step, step * 2
    return due(bisect_right(range(period + step), asked, lo=period, key=due))


def _period(
    every: Term,
    period: int,
    first: datetime | None,
    timer: TimerRecord,
    moment: datetime | None,
    zone: ZoneInfo,
) -> datetime:
    if first is None:
        return _after(timer, moment, every.times(period), zone)
    if period == 0:
        return first
    return (first.astimezone(zone) + every.times(period)).astimezone(UTC)


def _after(timer: TimerRecord, moment: datetime | None, term: Term, zone: ZoneInfo) -> datetime:
    due = due_after(
        moment if moment is not None else timer.anchor,
        term,
        zone,
        days_stopped=timer.days_stopped,
        time_stopped=timedelta(seconds=timer.seconds_stopped),
    )
    return due.astimezone(UTC)


def rested(timer: TimerRecord, watches: frozenset[str]) -> TimerRecord:
    """A timer that was refused: it waits for a change of what it asked about."""
    return evolve(timer, resting=True, ready=None, watches=watches)
