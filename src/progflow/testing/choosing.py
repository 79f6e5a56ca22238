"""Which move comes next: commands that go through, by people who may, with payloads that fit; and time that passes."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import timedelta
from itertools import accumulate, islice
from typing import Final, TypeVar, final

from attrs import frozen

from progflow.codec import is_object
from progflow.definition.blueprint import EventSpec, Kind
from progflow.definition.payload import dump_payload, load_payload
from progflow.definition.people import SYSTEM, Actor
from progflow.errors import Blocker, PayloadError
from progflow.records import CaseRecord, Json
from progflow.testing.chance import Chance
from progflow.testing.coverage import Coverage
from progflow.testing.moves import Begin, Fire, Wait
from progflow.testing.playground import SECOND, Playground
from progflow.testing.promises import failed
from progflow.testing.situation import some_favourites

T = TypeVar("T")

TRIES: Final = 6
"""How many payloads are tried until one goes through."""

MOST: Final = 4
"""How many cases of one lifecycle are begun under one parent."""

SPANS: Final = tuple(
    timedelta(**span)
    for span in ({"hours": 1}, {"days": 1}, {"days": 8}, {"days": 31}, {"days": 120}, {"days": 400}, {"minutes": 1})
)


@final
@frozen
class Chosen:
    """An event that may come next: of a case, or one by which a case could begin below that parent."""

    kind: Kind
    event: EventSpec | None
    record: CaseRecord | None
    parent: str | None
    by_system: bool = False

    @property
    def near(self) -> str | None:
        """The case beside which it happens."""
        return self.record.id if self.record is not None else self.parent


@final
class Choosing:
    """Chooses moves in a playground.

    Args:
        playground: where they are to be made.
        coverage: what has come up so far: what came up seldom is chosen more often.
        roots: how many cases are begun at most of which others are children.
    """

    def __init__(self, playground: Playground, coverage: Coverage, *, roots: int = 2) -> None:
        self._roots = roots
        self._playground = playground
        self._number = 0
        self.fewest: int | None = None
        """How many reasons there were at least against what was tried last; None where nobody may do it."""
        self._coverage = coverage
        self._tried = coverage.tried
        self._order: dict[str, dict[str, int]] = {}
        self._setting = playground.setting

    def comes_next(self, number: int) -> None:
        """The moves that are chosen from now on are to be the step of that number."""
        self._number = number

    # -- commands

    def act(self, chance: Chance, prefer: Callable[[Chosen], int] = lambda chosen: 1) -> Begin | Fire | None:
        """A command that goes through; None if none was found.

        Args:
            chance: makes the choices.
            prefer: how much more often than others it is tried.
        """
        options = [(one, self._weight(one) * prefer(one)) for one in self.options()]
        for _ in range(TRIES):
            options = [option for option in options if option[1] > 0]
            if not options:
                return None
            number = weighted(chance, [weight for _, weight in options])
            move = self.tried(chance, options.pop(number)[0])
            if move is not None:
                return move
        return None

    def options(self) -> Iterator[Chosen]:
        """All events that leave a state in which some case is, and all by which one could begin."""
        playground = self._playground
        yield from self._beginnings()
        for record in playground.cases.values():
            kind = playground.kind_of(record)
            for event in kind.blueprint.events.values():
                if record.state not in event.targets:
                    continue
                if event.by:
                    yield Chosen(kind, event, record, None)
                elif self._setting.is_by_system(kind, event.path):
                    yield Chosen(kind, event, record, None, by_system=True)

    def _beginnings(self) -> Iterator[Chosen]:
        playground = self._playground
        for kind in playground.kinds.all:
            starts = [event for event in kind.blueprint.events.values() if event.starts is not None]
            for parent in self._parents(kind):
                for event in starts:
                    if event.by or self._setting.is_by_system(kind, event.path):
                        yield Chosen(kind, event, None, parent, by_system=not event.by)
                if not starts and self._setting.is_by_system(kind, None):
                    yield Chosen(kind, None, None, parent, by_system=True)

    def _parents(self, kind: Kind) -> Iterator[str | None]:
        """Where one more case of that kind may begin; None stands for nowhere."""
        playground = self._playground
        begun: dict[str | None, int] = {}
        for record in playground.cases.values():
            if record.lifecycle == kind.stored:
                begun[record.parent] = begun.get(record.parent, 0) + 1
        parents = kind.blueprint.parents
        if not parents:
            most = MOST if self._stands_alone(kind) else self._roots
            if begun.get(None, 0) < most:
                yield None
            return
        for record in playground.cases.values():
            fits = issubclass(playground.kind_of(record).lifecycle, parents)
            if fits and not playground.is_over(record) and begun.get(record.id, 0) < MOST:
                yield record.id

    def _stands_alone(self, kind: Kind) -> bool:
        return not any(
            issubclass(kind.lifecycle, parent)
            for other in self._playground.kinds.all
            for parent in other.blueprint.parents
        )

    def _weight(self, chosen: Chosen) -> int:
        event = chosen.event
        fired = self._coverage.fired(chosen.kind.stored, "(start)" if event is None else event.path)
        tried = self._tried[chosen.kind.stored, None if event is None else event.path]
        weight = 1 + 2000 // (4 + fired + tried // 16)
        if chosen.record is None:
            same = sum(record.lifecycle == chosen.kind.stored for record in self._playground.cases.values())
            return weight * 4 // (1 + same * same * (1 if chosen.parent is not None else 30)) + 1
        assert event is not None
        return weight * self._onward(chosen.kind, event, chosen.record.state) // 2 + 1

    def _onward(self, kind: Kind, event: EventSpec, state: str) -> int:
        """What leads on is chosen more often than what stays or goes back, and that more often than what ends."""
        target, states = event.targets[state], kind.blueprint.states
        if target is None or target == state:
            return 3
        if states[target].final:
            return 1
        order = self._order.setdefault(kind.stored, {path: place for place, path in enumerate(states)})
        return 8 if order[target] > order[state] else 3

    def tried(self, chance: Chance, chosen: Chosen, tries: int = TRIES) -> Begin | Fire | None:
        """A command of that event that goes through; None if none was found after so many payloads."""
        self._tried[chosen.kind.stored, None if chosen.event is None else chosen.event.path] += 1
        actor, reasons = self._somebody(chance, chosen)
        self.fewest = None if actor is None else len(reasons)
        if actor is None or reasons:
            return None
        parameters = chosen.event.parameters if chosen.event is not None else None
        for _ in range(1 if parameters is not None and not parameters else tries):
            move = self.command(chance, chosen, actor)
            against = self._against(move)
            self._note(chosen, against, actor, move)
            self._learn(chosen, move, against)
            self.fewest = min(self.fewest or len(against), len(against))
            if not against:
                given = move.payload if isinstance(move, Fire) else move.given
                self._coverage.note_accepted(chosen.kind.stored, move.event, given)
                return move
        return None

    def _learn(self, chosen: Chosen, move: Begin | Fire, against: Sequence[Blocker]) -> None:
        """Count from where the texts were with which the guards said yes, and with which no."""
        event, payload = chosen.event, move.payload if isinstance(move, Fire) else move.given
        if event is None or not any(guard.parameters for guard in event.guards):
            return
        guards = [(guard.code, guard.parameters) for guard in event.guards if guard.parameters]
        name = f"{chosen.kind.blueprint.name}.{event.path}"
        said_no = {reason.code for reason in against}
        if said_no and said_no.isdisjoint(guard.code for guard in event.guards):
            return  # it did not even come to the guards
        situation = self._playground.situation(chosen.near)
        self._coverage.sources.learn(name, payload, situation, guards, said_no)

    def _against(self, move: Begin | Fire) -> Sequence[Blocker]:
        try:
            return self._playground.try_out(self._number, move)
        except Exception as error:
            broken = failed(error, move.case if isinstance(move, Fire) else None)
            broken.move = move
            raise broken from error

    def possible(self, chance: Chance, chosen: Chosen) -> bool:
        """Whether somebody may fire it now, as far as that does not depend on the payload."""
        actor, reasons = self._somebody(chance, chosen)
        return actor is not None and not reasons

    def _somebody(self, chance: Chance, chosen: Chosen) -> tuple[Actor | None, Sequence[Blocker]]:
        """Somebody who may fire it, with the reasons against it that do not depend on the payload."""
        playground, event = self._playground, chosen.event
        if event is None:
            return SYSTEM, ()
        among = (SYSTEM,) if chosen.by_system else playground.people.who_may(chance, event, self._names(chosen))
        for actor in among:
            try:
                reasons = playground.verdict(chosen.kind, event, chosen.record, chosen.parent, actor).reasons
            except Exception as error:
                broken = failed(error, None if chosen.record is None else chosen.record.id)
                broken.move = self.command(chance, chosen, actor)  # fired, it fails in the same way
                raise broken from error
            if not any(reason.code == "who" for reason in reasons):
                self._note(chosen, reasons, actor, None)
                return actor, reasons
        return None, ()

    def _names(self, chosen: Chosen) -> Iterator[str]:
        """The texts in the data of the case and of its parent."""
        near = list(islice(self._playground.said_near(chosen.near), 2))
        yield from dict.fromkeys(text for said in near for texts in said.texts.values() for text in texts)

    def _note(self, chosen: Chosen, reasons: Sequence[Blocker], actor: Actor, move: Begin | Fire | None) -> None:
        event, kind = chosen.event, chosen.kind
        if not reasons or event is None:
            return
        self._coverage.note_reasons(kind, event.path, reasons)
        if self._coverage.fired(kind.stored, event.path):
            return
        payload, plain = None, None
        if move is not None:
            plain = move.payload if isinstance(move, Fire) else move.given
            payload, _ = load_payload(event.path, event.parameters, plain, kind.codec)
        codes = {reason.code for reason in reasons}
        heard = self._playground.asked_by(kind, event, chosen.record, chosen.parent, (actor, payload), codes)
        self._coverage.note_asked(kind, event.path, heard.standings)
        if plain:
            self._coverage.sources.hint(f"{kind.blueprint.name}.{event.path}", plain, heard.compared)

    def command(self, chance: Chance, chosen: Chosen, actor: Actor) -> Begin | Fire:
        """A command of that event with some payload that fits its types."""
        playground, kind, event = self._playground, chosen.kind, chosen.event
        said = list(playground.said_near(chosen.near))
        people = (actor.id, *playground.people.ids)
        sources = self._coverage.sources if chance.often(70) else None
        favourites, turn = some_favourites(chance, people, said), chance.integer(0, 11)
        situation = playground.situation(chosen.near, favourites, sources, turn)
        name = kind.blueprint.name
        if event is None:
            data = playground.values.value(chance, kind.blueprint.data, name, situation)
            return Begin(kind.stored, None, kind.codec.dump(data, kind.blueprint.data), chosen.parent, actor)
        typed = playground.values.payload(chance, f"{name}.{event.path}", event.parameters, situation)
        plain = self._like_others(chance, chosen, dump_payload(f"{name}.{event.path}", event.parameters, typed))
        if chosen.record is None:
            return Begin(kind.stored, event.path, plain, chosen.parent, actor)
        return Fire(chosen.record.id, event.path, plain, actor)

    def _like_others(self, chance: Chance, chosen: Chosen, plain: Mapping[str, Json]) -> Mapping[str, Json]:
        """The payload, half of the time mixed with one that went through before."""
        assert chosen.event is not None
        accepted = self._coverage.accepted.get((chosen.kind.stored, chosen.event.path))
        if not accepted or chance.often(50):
            return plain
        mixture: Mapping[str, Json] = mixed(chance, chance.one_of(accepted), plain)
        try:
            load_payload(chosen.event.path, chosen.event.parameters, mixture, chosen.kind.codec)
        except PayloadError:
            return plain
        return mixture

    def forbidden(self, chance: Chance) -> Fire | None:
        """A command that may well be refused: some event of some case by anybody."""
        playground = self._playground
        if not playground.cases:
            return None
        record = chance.one_of(list(playground.cases.values()))
        kind = playground.kind_of(record)
        events = [event for event in kind.blueprint.events.values() if event.targets]
        if not events:
            return None
        chosen = Chosen(kind, chance.one_of(events), record, None)
        move = self.command(chance, chosen, playground.people.anybody(chance))
        assert isinstance(move, Fire)
        return move

    # -- time

    def wait(self, chance: Chance) -> Wait:
        """Time passes: to just before, at or just after a moment at which something is due, or for some span."""
        playground = self._playground
        due = [moment for moment in playground.due_moments() if moment > playground.now][:5]
        if due and chance.often(65):
            moment = due[weighted(chance, [2 ** (len(due) - number) for number in range(len(due))])]
            until = chance.one_of((moment, moment + SECOND, moment - SECOND))
            if until > playground.now:
                return Wait(until)
        return Wait(playground.now + chance.one_of(SPANS))


def mixed(chance: Chance, known: Json, new: Json) -> Json:
    """Mostly what is known, with something new here and there."""
    if is_object(known) and is_object(new):
        return {name: mixed(chance, known[name], new[name]) if name in known else new[name] for name in new}
    return new if chance.often(20) else known


def weighted(chance: Chance, weights: Sequence[int]) -> int:
    """The number of one of these, the heavier the more often."""
    sums = list(accumulate(weights))
    return bisect_right(sums, chance.integer(0, sums[-1] - 1))
