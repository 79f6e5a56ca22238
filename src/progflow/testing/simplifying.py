"""Makes the moves of a story simpler: who acts, with what, and until when time passes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, time, timedelta
from functools import partial
from typing import Final, TypeGuard, final
from zoneinfo import ZoneInfo

from attrs import evolve

from progflow.definition.people import SYSTEM, Actor
from progflow.testing.moves import Begin, Fire, Move, Twice, Wait
from progflow.testing.playground import Playground
from progflow.testing.renaming import simplify_people
from progflow.testing.replaying import Replays
from progflow.testing.simpler import FEW, Change, Known, Whole

FIRST_DUE: Final = 3
"""Of how many moments at which something is due it is tried to wait for one."""


@final
class Simplifying:
    """Makes moves simpler, one after the other.

    Args:
        replays: play the variants.
    """

    def __init__(self, replays: Replays) -> None:
        self._replays = replays
        setting = replays.playground.setting
        self._zone = ZoneInfo(setting.zone)
        begins = setting.begins.astimezone(self._zone)
        self._known = Known(setting.people.ids, begins, begins)

    def simplify(self) -> None:
        """Make all moves as simple as they can be."""
        self._say_briefly()
        for step in reversed(self._replays.best.steps):
            self._simplify(step.number)
        simplify_people(self._replays, self._known.people)

    def _simplify(self, number: int) -> None:
        match self._move(number):
            case Twice() as move:
                self._once(number, move)
            case Wait() as move:
                self._shorter(number, move)
            case _:
                pass
        self._fewer_roles(number)
        self._simpler_payload(number)

    def _move(self, number: int) -> Move | None:
        return next((step.move for step in self._replays.best.steps if step.number == number), None)

    def _put(self, number: int, move: Move, *, all_made: bool = True) -> bool:
        """Whether the story still fails with another move in that place."""
        steps = self._replays.best.steps
        changed = [evolve(one, move=move) if one.number == number else one for one in steps]
        return self._replays.accepts(changed, all_made=all_made)

    # -- what is done, and by whom

    def _once(self, number: int, move: Twice) -> None:
        if not self._put(number, move.first) and move.other is not None:
            self._put(number, Twice(move.first))

    def _fewer_roles(self, number: int) -> None:
        move = self._move(number)
        if not isinstance(move, Begin | Fire) or not move.actor.roles or move.actor is SYSTEM:
            return
        roles = sorted(move.actor.roles, key=lambda role: role.name)
        fewer = [Actor(move.actor.id), *(Actor(move.actor.id, {role}) for role in roles if len(roles) > 1)]
        any(self._put(number, evolve(move, actor=actor)) for actor in fewer)

    # -- with what

    def _simpler_payload(self, number: int) -> None:
        for changes_of in self._ways(number):
            whole = self._whole(number)
            if whole is not None:
                self._change(number, list(changes_of(whole)))

    def _ways(self, number: int) -> Iterator[Callable[[Whole], Iterator[Change]]]:
        yield lambda whole: whole.spare
        yield lambda whole: whole.items
        for option in range(FEW):
            acting = [step.move.actor.id for step in self._replays.best.steps if _is_plain(step.move)]
            now = self._before(number).now.astimezone(self._zone)
            known = evolve(self._known, people=(*self._known.people, *acting), now=now)
            yield partial(Whole.values, known=known, number=option)

    def _say_briefly(self) -> None:
        """Without what has its default: that changes nothing but what there is to read."""
        wholes = [(step, self._whole(step.number)) for step in self._replays.best.steps]
        self._replays.accepts(
            [
                step if whole is None else evolve(step, move=_with_payload(step.move, whole.briefly))
                for step, whole in wholes
            ]
        )

    def _change(self, number: int, changes: Sequence[Change]) -> None:
        """Make as many of these changes as the story allows: all at once, or one half and then the other."""
        whole = self._whole(number)
        if not changes or whole is None:
            return
        changed = whole.changed(changes)
        if changed.plain != whole.plain and changed.fits and self._put_payload(number, changed):
            return
        if len(changes) > 1:
            half = len(changes) // 2
            self._change(number, changes[:half])
            self._change(number, changes[half:])

    def _whole(self, number: int) -> Whole | None:
        """The payload of that move, if it has one."""
        move = self._move(number)
        if not _is_plain(move):
            return None
        kinds = self._replays.playground.kinds
        if isinstance(move, Fire):
            record = self._before(number).cases[move.case]
            return Whole(move.payload, kinds.named(record.lifecycle).blueprint.events[move.event].parameters)
        blueprint = kinds.named(move.kind).blueprint
        if move.event is None:
            return Whole(move.given, blueprint.data)
        return Whole(move.given, blueprint.events[move.event].parameters)

    def _put_payload(self, number: int, whole: Whole) -> bool:
        move = self._move(number)
        if move is None:
            return False
        simpler = _with_payload(move, whole)
        # Where a case begins with a lower quota, fewer others are needed to exceed it.
        return self._put(number, simpler) or (isinstance(move, Begin) and self._put(number, simpler, all_made=False))

    def _before(self, number: int) -> Playground:
        numbers = [step.number for step in self._replays.best.steps]
        return self._replays.go_before(numbers.index(number))

    # -- until when

    def _shorter(self, number: int, move: Wait) -> None:
        """Wait no longer than it takes, and until something is due, or a day begins."""
        playground = self._before(number)
        due = [moment for moment in playground.due_moments() if moment > playground.now]
        if move.until in due[:1]:
            return
        sooner = [moment for moment in due if moment < move.until][:FIRST_DUE]
        now = playground.now.astimezone(self._zone)
        if not any(self._put(number, Wait(moment)) for moment in sorted({*sooner, *_days(now, move.until)})):
            self._as_few_days(number, now, move.until)

    def _as_few_days(self, number: int, now: datetime, until: datetime) -> None:
        """So many days that with half of them all would be well."""
        fewest, most = 1, (until.astimezone(self._zone).date() - now.date()).days + 1
        while fewest < most:
            days = (fewest + most) // 2
            if self._put(number, Wait(_day(now, days))):
                most = days
            else:
                fewest = days + 1


def _days(now: datetime, until: datetime) -> Iterator[datetime]:
    """The beginnings of the next days."""
    yield from (day for day in (_day(now, 1), _day(now, 2)) if day < until)


def _day(now: datetime, days: int) -> datetime:
    return datetime.combine(now.date() + timedelta(days=days), time(), now.tzinfo)


def _is_plain(move: Move | None) -> TypeGuard[Begin | Fire]:
    return isinstance(move, Begin | Fire)


def _with_payload(move: Move, whole: Whole) -> Move:
    assert isinstance(move, Begin | Fire)
    return evolve(move, payload=whole.plain) if isinstance(move, Fire) else evolve(move, given=whole.plain)
