"""When timers are due: clocks that start, stop and go on with the steps of a case, and the moments they lead to."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from attrs import evolve, frozen

from progflow.definition.blueprint import Blueprint, EventSpec
from progflow.records import CaseRecord, EntryRecord, TimerRecord
from progflow.terms import Term, days, due_after, first_instant


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
    if old is not None and not event.auto and _outlasts(blueprint, event, old, entry):
        return old if old.stopped is not None else evolve(old, stopped=entry.at)
    return None


def _outlasts(blueprint: Blueprint, event: EventSpec, old: TimerRecord, entry: EntryRecord) -> bool:
    """Whether the clock is kept, standing: in a stopped state, or so that a moment does not come twice."""
    state = blueprint.states[entry.after]
    return state.stopped or (event.at is not None and old.asked is not None and not state.final)


def _resumed(timer: TimerRecord, now: datetime, zone: ZoneInfo) -> TimerRecord:
    assert timer.stopped is not None
    days = (now.astimezone(zone).date() - timer.stopped.astimezone(zone).date()).days
    return evolve(
        timer,
        stopped=None,
        days_stopped=timer.days_stopped + days,
        seconds_stopped=timer.seconds_stopped + (now - timer.stopped).total_seconds(),
    )


@frozen
class Alarm:
    """When a timer goes off: at a moment, after a term (since a moment), each period; as its rules give it now.

    ``known`` is False where a moment or a term that is asked for gave None: not yet.
    """

    known: bool = True
    at: datetime | None = None
    since: datetime | None = None
    after: Term | None = None
    every: Term | None = None


def scheduled(timer: TimerRecord, alarm: Alarm, now: datetime, zone: ZoneInfo) -> TimerRecord:
    """The timer with its next due moment. A timer that rests goes on resting while that stays the same."""
    if timer.automatic:
        return timer
    due = _next_due(alarm, timer, zone) if timer.stopped is None and alarm.known else None
    if due is None:
        return evolve(timer, due=None, ready=None, resting=False)
    if due == timer.due and (timer.resting or timer.ready is not None):
        return timer
    return evolve(timer, due=due, ready=max(due, now), resting=False)


def _next_due(alarm: Alarm, timer: TimerRecord, zone: ZoneInfo) -> datetime | None:
    if alarm.every is None:
        only = alarm.at if alarm.after is None else _after(alarm, timer, alarm.after, zone)
        return None if only == timer.asked else only
    asked = timer.asked
    period = 0 if alarm.at is not None or alarm.after is not None else 1

    def due(number: int) -> datetime:
        return _period(alarm, number, timer, zone)

    if asked is None or due(period) > asked:
        return due(period)
    step = 1
    while due(period + step) <= asked:  # years may have passed since: leap, then look in between
        period, step = period + step, step * 2
    return due(bisect_right(range(period + step), asked, lo=period, key=due))


def _period(alarm: Alarm, number: int, timer: TimerRecord, zone: ZoneInfo) -> datetime:
    """When it is asked for that time: counted from the anchor, or from the moment of ``at=``, and never chained."""
    every, after = alarm.every, alarm.after
    assert every is not None
    if alarm.at is not None:
        return alarm.at if number == 0 else (alarm.at.astimezone(zone) + every.times(number)).astimezone(UTC)
    if after is None:
        return _after(alarm, timer, every.times(number), zone)
    if after.unit == every.unit and not every.adjustments:
        together = evolve(after, count=after.count + number * every.count)
        return _after(alarm, timer, together, zone)
    first = _after(alarm, timer, after, zone).astimezone(zone)
    if number == 0 or every.exact or after.exact:
        return (first if number == 0 else first + every.times(number)).astimezone(UTC)
    last_day = first.date() - days(1) + every.times(number)
    return first_instant(last_day + days(1), zone).astimezone(UTC)


def _after(alarm: Alarm, timer: TimerRecord, term: Term, zone: ZoneInfo) -> datetime:
    due = due_after(
        timer.anchor if alarm.since is None else alarm.since,
        term,
        zone,
        days_stopped=timer.days_stopped,
        time_stopped=timedelta(seconds=timer.seconds_stopped),
    )
    return due.astimezone(UTC)


def rested(timer: TimerRecord, watches: frozenset[str]) -> TimerRecord:
    """A timer that was refused: it waits for a change of what it asked about."""
    return evolve(timer, resting=True, ready=None, watches=watches)
