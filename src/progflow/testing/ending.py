"""What is looked at when a story is over: that everybody can still come to an end."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final, final

from progflow.definition.blueprint import EventSpec
from progflow.definition.people import SYSTEM
from progflow.records import CaseRecord
from progflow.testing.chance import Chance, Rolled
from progflow.testing.choosing import Choosing, Chosen
from progflow.testing.coverage import Coverage
from progflow.testing.moves import Move, Numbered, Wait
from progflow.testing.playground import Playground
from progflow.testing.promises import VARIES, Beyond, Promise, RuleBroken
from progflow.testing.referee import AGAIN, Referee

MOST_MOVES: Final = 60
LAST: Final = 9_990
"""Numbers the moves where only time passes; no story is that long."""

LONGEST: Final = timedelta(days=366 * 12)
"""How long the program is left alone until nothing can be expected to happen by itself any more."""


@final
class WayOut:
    """Plays a program to its end: lets all time pass, and moves what still can be moved.

    A case that is neither over nor resting, and that nobody can move any more, nor any other case of its family, is
    left behind. Whether somebody can is judged without the payload; what cannot be found out, as who is what to whom in
    the eyes of the host, counts as a way out. That what stands above it can be broken off, by a phase that stands aside
    such as a cancellation, is no way out.
    """

    def __init__(self, playground: Playground, number: int) -> None:
        self._playground = playground
        self._coverage = Coverage()
        self._choosing = Choosing(playground, self._coverage)
        self._referee = Referee(playground, Beyond(), thorough=False)
        self._chance: Chance = Rolled(number)
        self._acts = number > 0
        self._number = 100_000 * (number or LAST)
        self._made: list[Numbered] = []

    def look(self) -> None:
        """Play to the end.

        Raises:
            RuleBroken: somebody is left behind, or the way there breaks another promise.
        """
        try:
            self._look()
        except RuleBroken as broken:
            tried = () if broken.move is None else (Numbered(self._number + 1, broken.move),)
            broken.way = (*self._made, *tried)
            raise

    def _look(self) -> None:
        begun = self._playground.now
        self._let_be(begun + LONGEST)
        for _ in range(MOST_MOVES):
            waiting = list(self._waiting())
            if not waiting:
                return
            due = self._playground.due_moments()
            if due and due[0] - begun < LONGEST:
                self._step(Wait(max(due[0], self._playground.now)))
                continue
            ways = self._ways()
            self._look_for_stuck(waiting, ways)
            if not self._acts or not self._go(waiting, ways):
                return

    def _let_be(self, until: datetime) -> None:
        """Let all that time pass and ask the invariants then: where something has not happened by itself, one fails."""
        mark, made = self._playground.mark(), list(self._made)
        self._step(Wait(until))
        self._referee.look_at_invariants()
        self._playground.back_to(mark)
        self._made = made

    def _waiting(self) -> Iterator[CaseRecord]:
        """The cases that have still to come to an end."""
        for record in self._playground.cases.values():
            state = self._playground.kind_of(record).blueprint.states[record.state]
            if not state.final and not state.resting:
                yield record

    def _leads_on(self, chosen: Chosen) -> bool:
        if chosen.record is None or chosen.event is None:
            return False
        target = chosen.event.targets[chosen.record.state]
        return target is not None and target != chosen.record.state

    def _ways(self) -> list[Chosen]:
        return [chosen for chosen in self._choosing.options() if self._leads_on(chosen) and self._possible(chosen)]

    def _possible(self, chosen: Chosen) -> bool:
        playground = self._playground
        asked = playground.facts.asked
        if self._choosing.possible(self._chance, chosen):
            return True
        if playground.facts.asked == asked or chosen.event is None:
            return False
        return not playground.verdict(chosen.kind, chosen.event, chosen.record, chosen.parent, SYSTEM).reasons

    def _look_for_stuck(self, waiting: list[CaseRecord], ways: list[Chosen]) -> None:
        for record in waiting:
            if not self._is_moving(record, ways):
                kind = self._playground.kind_of(record)
                self._look_for_chance(record)
                found = f"A {kind.blueprint.name} stays in {record.state} for ever: nobody can move it any more."
                closed = [event.path for event in kind.blueprint.events.values() if _is_closed(event, record.state)]
                if closed:
                    found += f" Only effects and the host could, by {' or '.join(closed)}; see by_system=."
                raise RuleBroken(Promise.WAY_OUT, found, record.id, f"{kind.stored} {record.state}")

    def _look_for_chance(self, record: CaseRecord) -> None:
        """What cannot be done, asked once more, may be a rule that throws dice."""
        playground = self._playground
        for chosen in self._choosing.options():
            kind, event = chosen.kind, chosen.event
            if chosen.record is record and event is not None:
                verdicts = [playground.verdict(kind, event, record, None, SYSTEM).reasons for _ in range(AGAIN)]
                if any(reasons != verdicts[0] for reasons in verdicts):
                    name = f"{kind.blueprint.name}.{event.path}"
                    raise RuleBroken(Promise.SAME, f"{name}: {VARIES}", record.id, name)

    def _is_moving(self, record: CaseRecord, ways: Iterable[Chosen]) -> bool:
        above = list(self._above(record))
        return any(self._is_a_way(chosen, above) for chosen in ways)

    def _is_a_way(self, chosen: Chosen, above: Sequence[str]) -> bool:
        """Whether it may help a case that stands under those, itself the first of them."""
        assert chosen.record is not None
        if list(self._above(chosen.record))[-1] != above[-1]:
            return False
        return chosen.record.id not in above[1:] or not self._breaks_off(chosen)

    def _breaks_off(self, chosen: Chosen) -> bool:
        assert chosen.record is not None
        assert chosen.event is not None
        target = chosen.event.targets[chosen.record.state]
        phase = None if target is None else chosen.kind.blueprint.states[target].phase
        return phase is not None and type(chosen.kind.blueprint.phases[phase].phase).__body__.aside

    def _above(self, record: CaseRecord) -> Iterator[str]:
        """The case itself and all that it stands under."""
        yield record.id
        while record.parent is not None:
            record = self._playground.cases[record.parent]
            yield record.id

    def _go(self, waiting: list[CaseRecord], ways: list[Chosen]) -> bool:
        """Make one move that leads on; whether there was one.

        First come those that break nothing off, have been made least and end a case.
        """
        ids = {record.id for record in waiting}

        def order(chosen: Chosen) -> tuple[bool, int, bool]:
            assert chosen.record is not None
            assert chosen.event is not None
            target = chosen.event.targets[chosen.record.state]
            final = target is not None and chosen.kind.blueprint.states[target].final
            return (
                self._breaks_off(chosen),
                self._coverage.fired(chosen.kind.stored, chosen.event.path),
                not (final and chosen.record.id in ids),
            )

        for chosen in sorted(ways, key=order):
            move = self._choosing.tried(self._chance, chosen)
            if move is not None:
                self._step(move)
                return True
        return False

    def _step(self, move: Move) -> None:
        self._number += 1
        self._made.append(Numbered(self._number, move))
        passed = self._referee.step(self._made[-1])
        self._coverage.note_entries(passed.entries)


def _is_closed(event: EventSpec, state: str) -> bool:
    return event.targets.get(state, state) != state and not event.by and not event.self_firing


def way_out(playground: Playground, number: int) -> None:
    """See ``WayOut``."""
    WayOut(playground, number).look()
