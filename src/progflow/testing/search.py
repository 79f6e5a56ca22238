"""Looking for what never comes up: stories that go on from the places where others got to, always in the same way.

Random stories seldom get far: a certificate takes some forty moves in the right order. So the search keeps where its
stories have been, and goes on from there: from places that it has seldom gone on from, and from those where something
that is still missing could happen next. It depends on the definitions alone, and not on the seed of a test run.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final, TypeAlias, final

from attrs import define, field, frozen

from progflow.definition.blueprint import EventSpec, Kind
from progflow.definition.people import SYSTEM
from progflow.records import EntryRecord
from progflow.testing.chance import Chance, Rolled
from progflow.testing.choosing import Choosing, Chosen
from progflow.testing.coverage import Coverage, Goal, What, goals_of
from progflow.testing.listening import ANY_STATE, Standing
from progflow.testing.moves import Move, Numbered, TheEnd, Wait
from progflow.testing.playground import Mark, Playground, Setting
from progflow.testing.promises import Beyond, Passed, RuleBroken
from progflow.testing.referee import Referee
from progflow.testing.ways import Ways

STRIDE: Final = 10
"""How many moves a story goes on before another one is taken up."""

HARDER: Final = 15
"""How many payloads are tried for an event that has never fired."""

LEAST: Final = 3
"""The part of the moves that are made also when all has come up: what is wrong may need one case more."""

AMONG: Final = 12
"""Among how many features one is chosen."""

PLACES: Final = 3000
"""How many places are kept."""


NEAREST: Final = 8
"""How many places are kept in which the fewest reasons stand against an event that has never fired."""

Missing: TypeAlias = tuple[Kind, EventSpec]
"""An event that has never come up as it should."""


@define(eq=False)
class Place:
    """Where a story has got to; ``standings`` are those of the cases that are not over."""

    mark: Mark
    steps: tuple[Numbered, ...]
    standings: frozenset[Standing]
    visits: int = 0


@final
@frozen
class Failure:
    """A story that breaks a promise."""

    steps: tuple[Numbered, ...]
    broken: RuleBroken = field(eq=False)


@final
@frozen
class Found:
    """What a search has come to.

    ``missing`` are the goals that never came up, ``places`` are where its stories got to.
    """

    coverage: Coverage
    goals: tuple[Goal, ...]
    places: tuple[Place, ...]
    failure: Failure | None
    moves: int

    @property
    def missing(self) -> tuple[Goal, ...]:
        """The goals that never came up."""
        return self.coverage.missing(self.goals)


@final
class Search:
    """One search in one setting: until all has come up, and then for a while.

    Args:
        setting: what is played with.
        moves: how many moves are made at most.
        goals: what ought to come up; by default all that the definitions promise.
        beyond: what is looked at beyond the definitions.
        seed: settles all choices.
        known: what an earlier search has found out, which this one goes on counting; it ends when all has come up.
    """

    def __init__(
        self,
        setting: Setting,
        *,
        moves: int,
        goals: Sequence[Goal] | None = None,
        beyond: Beyond,
        seed: int = 1,
        known: Coverage | None = None,
    ) -> None:
        self._beyond = beyond
        self._playground = Playground(setting)
        self._coverage = Coverage() if known is None else known
        self._goals = goals_of(self._playground.kinds.all) if goals is None else tuple(goals)
        self._moves = moves
        self._least = moves // LEAST if known is None else 0
        self._made = 0
        self._places: dict[object, Place] = {}
        self._ways = Ways(self._playground.kinds)
        self._with: dict[Standing, list[Place]] = {}
        self._near: dict[tuple[str, str], list[tuple[int, Place]]] = {}
        self._aimed: Counter[tuple[str, str]] = Counter()
        self._chance: Chance = Rolled(seed)

    def run(self) -> Found:
        """Search until all has come up, or as many moves have been made as were allowed."""
        self._keep(self._key(), ())
        failure = None
        try:
            while self._made < self._moves and (self._made < self._least or self._coverage.missing(self._goals)):
                self._go_on(*self._chosen())
            self._try_ends()
        except _Stopped as stopped:
            failure = stopped.failure
        places = tuple(sorted(self._places.values(), key=lambda place: len(place.steps)))
        return Found(self._coverage, self._goals, places, failure, self._made)

    # -- going on

    def _go_on(self, place: Place, aim: Aim) -> None:
        place.visits += 1
        playground = self._playground
        playground.back_to(place.mark)
        referee = Referee(playground, self._beyond, thorough=False)
        choosing = Choosing(playground, self._coverage, roots=2 if self._chance.often(5) else 1)
        steps = place.steps
        for number in range(STRIDE):
            self._made += 1
            choosing.comes_next(len(steps) + 1)
            move = self._try_what_is_missing(choosing, steps, aim) if number % 3 == 0 else None
            move = move or self._choose(choosing, aim, steps)
            step = Numbered(len(steps) + 1, move)
            steps = (*steps, step)
            if self._note(self._take(referee, steps).entries, steps) and aim.event is not None:
                return  # somewhere new: others may go on from there

    def _try_what_is_missing(self, choosing: Choosing, steps: tuple[Numbered, ...], aim: Aim) -> Move | None:
        """What makes the event happen at which the story aims, if that can be tried here."""
        if aim.event is not None and aim.event[1].timed:
            kind, event = aim.event
            moments = [
                timer.ready
                for record in self._playground.cases.values()
                if record.lifecycle == kind.stored
                for timer in record.timers
                if timer.event == event.path and timer.ready is not None
            ]
            if moments:
                return Wait(self._chance.one_of(sorted(moments)))
        options = [one for one in choosing.options() if one.event is not None and aim.is_at(one.kind, one.event)]
        if not options:
            return None
        try:
            move = choosing.tried(self._chance, self._chance.one_of(options), HARDER)
        except RuleBroken as broken:
            raise _Stopped(Failure(with_last(steps, broken), broken)) from broken
        if move is None and choosing.fewest is not None and aim.event is not None:
            self._note_near(aim.event, choosing.fewest, steps)
        return move

    def _note_near(self, event: Missing, fewest: int, steps: tuple[Numbered, ...]) -> None:
        """Keep the places in which the fewest reasons stand against an event that has never fired."""
        name = event[0].stored, event[1].path
        kept, standings = self._near.setdefault(name, []), self._standings()
        distance = 4 * fewest - 3 * len(self._coverage.asked.get(name, set()) & standings)
        if len(kept) < NEAREST or distance < kept[-1][0] or (distance == kept[-1][0] and self._chance.often(30)):
            kept[NEAREST - 1 :] = []
            kept.append((distance, Place(self._playground.mark(), steps, standings)))
            kept.sort(key=lambda one: one[0])

    def _choose(self, choosing: Choosing, aim: Aim, steps: tuple[Numbered, ...]) -> Move:
        try:
            if self._playground.cases and self._chance.often(aim.patience):
                return choosing.wait(self._chance)
            return choosing.act(self._chance, aim.prefer) or choosing.wait(self._chance)
        except RuleBroken as broken:
            raise _Stopped(Failure(with_last(steps, broken), broken)) from broken

    def _take(self, referee: Referee, steps: tuple[Numbered, ...]) -> Passed:
        """Take the last of these steps."""
        try:
            return referee.step(steps[-1])
        except RuleBroken as broken:
            raise _Stopped(Failure(steps, broken)) from broken

    def _try_ends(self) -> None:
        """From each state in which a case can wait, once: whether all can still come to their ends."""
        tried: set[tuple[str, str]] = set()
        for place in sorted(self._places.values(), key=lambda place: len(place.steps), reverse=True):
            if place.standings <= tried:
                continue
            tried |= place.standings
            self._playground.back_to(place.mark)
            end = Numbered(len(place.steps) + 1, TheEnd(len(tried)))
            self._take(Referee(self._playground, self._beyond, thorough=False), (*place.steps, end))

    def _note(self, entries: tuple[EntryRecord, ...], steps: tuple[Numbered, ...]) -> bool:
        """Count what has happened, and keep the place if it is a new one; whether something new has come up."""
        self._note_waiting(entries)
        new = self._coverage.note_entries(entries)
        key = self._key()
        if new or (key not in self._places and len(self._places) < PLACES):
            self._keep(key, steps)
        return new

    def _standings(self) -> frozenset[Standing]:
        """Where the cases are that are not over."""
        playground = self._playground
        cases = (record for record in playground.cases.values() if not playground.is_over(record))
        return frozenset((record.lifecycle, record.state) for record in cases)

    def _keep(self, key: object, steps: tuple[Numbered, ...]) -> None:
        place = self._places[key] = Place(self._playground.mark(), steps, self._standings())
        for standing in sorted(place.standings):
            self._with.setdefault(standing, []).append(place)

    def _note_waiting(self, entries: tuple[EntryRecord, ...]) -> None:
        """Count the guards that hold back what would happen by itself in the cases that have just moved."""
        playground = self._playground
        for case in {entry.case for entry in entries}:
            record = playground.held_case(case)
            kind = playground.kind_of(record)
            for timer in record.timers:
                event = kind.blueprint.fires(timer.event)
                if timer.resting and event is not None and event.guards:
                    goals = [Goal(kind.stored, What.REASON.value, guard.code) for guard in event.guards]
                    if any(goal not in self._coverage.times for goal in goals):
                        reasons = playground.verdict(kind, event, record, None, SYSTEM).reasons
                        self._coverage.note_reasons(kind, event.path, reasons)
                        codes = {reason.code for reason in reasons}
                        heard = playground.asked_by(kind, event, record, None, (SYSTEM, None), codes)
                        self._coverage.note_asked(kind, event.path, heard.standings)

    def _key(self) -> object:
        """Where the story is, roughly: how many cases stand in which states, more than two being many."""
        counted: dict[tuple[str, str], int] = {}
        for record in self._playground.cases.values():
            where = record.lifecycle, record.state
            counted[where] = min(counted.get(where, 0) + 1, 2)
        return frozenset(counted.items())

    # -- from where

    def _chosen(self) -> tuple[Place, Aim]:
        """Where to go on, and what to aim at there."""
        places = list(self._places.values())
        if self._chance.often(6):
            return places[0], Aim(self._ways)  # from the beginning: what was laid down there may be a dead end
        missing = self._within_reach()
        if missing and self._chance.often(70):
            kind, event = min(
                (self._chance.one_of(missing) for _ in range(3)),
                key=lambda one: self._aimed[one[0].stored, one[1].path],
            )
            self._aimed[kind.stored, event.path] += 1
            nearest = self._near.get((kind.stored, event.path))
            if nearest and self._chance.often(60):
                _, place = min(
                    (self._chance.one_of(nearest) for _ in range(2)), key=lambda one: (one[0], one[1].visits)
                )
                return place, Aim(self._ways, (kind, event))
            asked = self._coverage.asked.get((kind.stored, event.path), set())
            near = [p for source in event.targets for p in self._with.get((kind.stored, source), ())] or places
            sample = [self._chance.one_of(near) for _ in range(AMONG)]
            place = max(sample, key=lambda place: (len(asked & place.standings), -place.visits))
            absent = sorted(asked - place.standings)
            return place, Aim(self._ways, (kind, event), self._chance.one_of(absent) if absent else None)
        sample = [self._chance.one_of(places) for _ in range(AMONG)]
        place = max(sample, key=lambda place: self._rarity(place) / (1 + place.visits))
        wanted = sorted(self._never_reached())
        towards = self._chance.one_of(wanted) if wanted and self._chance.often(50) else None
        return place, Aim(self._ways, None, towards)

    def _rarity(self, place: Place) -> float:
        """How seldom cases have been where they are in that place, the rarest counting."""
        times = self._coverage.times
        return max((1 / (1 + times[Goal(one[0], What.STATE.value, one[1])]) for one in place.standings), default=0.0)

    def _within_reach(self) -> list[Missing]:
        """The events that have never fired, where some case has been where they leave from.

        Now and then, and when there are none, those that have fired, but of which a guard has never said no.
        """
        missing = set(self._coverage.missing(self._goals))
        unfired: list[Missing] = []
        unrefused: list[Missing] = []
        for kind in self._playground.kinds.all:
            for event in kind.blueprint.events.values():
                if not any((kind.stored, source) in self._with for source in event.targets):
                    continue
                if Goal(kind.stored, What.EVENT.value, event.path) in missing:
                    unfired.append((kind, event))
                elif any(Goal(kind.stored, What.REASON.value, guard.code) in missing for guard in event.guards):
                    unrefused.append((kind, event))
        return unrefused if not unfired or (unrefused and self._chance.often(12)) else unfired

    def _never_reached(self) -> Iterator[Standing]:
        for goal in self._coverage.missing(self._goals):
            if goal.what == What.STATE.value:
                yield goal.lifecycle, goal.name


@final
@frozen(eq=False)
class Aim:
    """What a story aims at for a while: an event that has never fired, and a state in which some case has to be."""

    ways: Ways
    event: Missing | None = None
    standing: Standing | None = None

    @property
    def patience(self) -> int:
        """How often, of a hundred moves, time passes."""
        if self.event is None:
            return 15
        return 50 if self.event[1].timed else 6

    def is_at(self, kind: Kind, event: EventSpec) -> bool:
        """Whether that is the event."""
        return self.event is not None and self.event[0] is kind and self.event[1] is event

    def prefer(self, chosen: Chosen) -> int:
        """How much more often than others it is tried: what brings a case nearer to the state is."""
        return max(self._towards_event(chosen), self._towards_standing(chosen))

    def _towards_event(self, chosen: Chosen) -> int:
        """What changes the data of a case from which the event could fire may be what its guards wait for."""
        if self.event is None or chosen.record is None or chosen.event is None or self.event[0] is not chosen.kind:
            return 1
        sources = self.event[1].targets
        target = chosen.event.targets[chosen.record.state]
        return 12 if chosen.record.state in sources and (target is None or target in sources) else 1

    def _towards_standing(self, chosen: Chosen) -> int:
        if self.standing is None or self.standing[0] != chosen.kind.stored or chosen.event is None:
            return 1
        if self.standing[1] == ANY_STATE:
            return 4 if chosen.record is None or chosen.event.targets[chosen.record.state] is None else 12
        ways = self.ways.to(self.standing)
        if chosen.record is None:
            return 30 if chosen.event.starts in ways else 1
        here, target = chosen.record.state, chosen.event.targets[chosen.record.state]
        if here not in ways or target is None:
            return 1
        return 60 if target in ways and ways[target] < ways[here] else 1


def with_last(steps: tuple[Numbered, ...], broken: RuleBroken) -> tuple[Numbered, ...]:
    """The steps with the move that broke something while somebody looked whether it is possible."""
    return steps if broken.move is None else (*steps, Numbered(len(steps) + 1, broken.move))


class _Stopped(Exception):
    """A story broke a promise."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(str(failure.broken))
        self.failure = failure
