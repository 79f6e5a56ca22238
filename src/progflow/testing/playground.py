"""A program on a store in memory, with people and a clock that stands still: stories are played there, and undone."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final, TypeAlias, TypeVar, final
from zoneinfo import ZoneInfo

from attrs import field, frozen

from progflow.adapters.memory import MemoryStore, Snapshot
from progflow.decide.draft import Draft
from progflow.decide.engine import Deciding
from progflow.decide.kinds import Kinds
from progflow.decide.timing import own_token
from progflow.decide.verdict import Verdict, ask
from progflow.decide.view import EngineView
from progflow.definition.blueprint import EventSpec, Kind
from progflow.definition.cases import Case
from progflow.definition.events import Command, key_of
from progflow.definition.lifecycle import Lifecycle, Program
from progflow.definition.people import Actor
from progflow.errors import Blocker, InvariantBroken, Refused
from progflow.flow.intents import Intent, fire_intent, start_intent
from progflow.flow.running import Engine
from progflow.flow.verbs import Flow
from progflow.flow.world import World
from progflow.records import Batch, CaseRecord
from progflow.testing.facts import StandIns
from progflow.testing.listening import ANY_STATE, Heard, Listening
from progflow.testing.moves import Begin, Fire, Numbered, Wait
from progflow.testing.people import People
from progflow.testing.situation import Said, Situation, Sources, said_in
from progflow.testing.values import Values

T = TypeVar("T")

Given: TypeAlias = tuple[Actor, Mapping[str, Any] | None]
"""Who fires, with which typed payload; None for no payload yet."""


@final
@frozen
class Setting:
    """What stories are played with: definitions, people, values, the host's facts, and the day on which they begin."""

    definitions: tuple[Program | type[Lifecycle[Any]], ...]
    zone: str
    people: People
    values: Values
    facts: Mapping[Any, object] = field(hash=False)
    begins: datetime
    by_system: frozenset[tuple[type[Lifecycle[Any]], str | None]] = frozenset()
    """Events that the host fires as ``SYSTEM``, also of subclasses; None for a beginning with data."""

    def is_by_system(self, kind: Kind, event: str | None) -> bool:
        """Whether the host brings about that event, or (None) the beginning of such a case with its data."""
        return any(event == named and issubclass(kind.lifecycle, home) for home, named in self.by_system)

    def stand_ins(self) -> StandIns:
        """The host's facts, with stand-ins for those that were not given."""
        known = Situation(self.begins, self.people.ids)
        return StandIns(self.facts, self.values, known)


@final
@frozen(eq=False)
class Mark:
    """Where a playground can be taken back to."""

    snapshot: Snapshot
    now: datetime
    given_ids: tuple[int, int]


@final
class Playground:
    """One program in which a story is played, step by step."""

    def __init__(self, setting: Setting) -> None:
        self.setting = setting
        self.people = setting.people
        self.values = setting.values
        self.now = setting.begins.astimezone(UTC)
        self.store = MemoryStore()
        self._number, self._count = 0, 0
        self.facts = setting.stand_ins()
        self.flow = Flow(
            *setting.definitions,
            store=self.store,
            zone=setting.zone,
            clock=lambda: self.now,
            facts=self.facts,
            ids=self.new_id,
        )
        self.engine: Engine = self.flow._transaction.engine  # pyright: ignore[reportPrivateUsage]
        self.kinds: Kinds = self.engine.kinds
        self._said: dict[str, tuple[CaseRecord, Said]] = {}
        self._held: Snapshot | None = None
        self._tried: tuple[int, Begin | Fire, Batch] | None = None

    def new_id(self) -> str:
        """The id of the next case: it follows from the number of the step."""
        self._count += 1
        return f"{self._number:05d}-{self._count:03d}"

    # -- there and back

    def mark(self) -> Mark:
        """Where to come back to."""
        return Mark(self.held, self.now, (self._number, self._count))

    def back_to(self, mark: Mark) -> None:
        """As it was at that mark."""
        self.store.restore(mark.snapshot)
        self.now = mark.now
        self._number, self._count = mark.given_ids
        self._held, self._tried = mark.snapshot, None

    @property
    def held(self) -> Snapshot:
        """All that is stored now."""
        if self._held is None:
            self._held = self.store.snapshot()
        return self._held

    # -- what can happen

    def carry_out(self, step: Numbered, *, key: str | None = None, once_more: bool = False) -> Case[Any] | None:
        """Let a move happen, and what is due by then; the case that it moved, as the move left it.

        Args:
            step: the move.
            key: under which it is sent.
            once_more: whether the same step has been carried out before: other cases get other ids.

        Raises:
            Refused: and all else that the flow raises.
        """
        if not once_more:
            self._number, self._count = step.number, 0
        move = step.move
        try:
            case: Case[Any] | None = None
            if isinstance(move, Begin):
                case = self.begin(move, key)
            elif isinstance(move, Fire):
                case = self.flow.fire(move.case, self.command(move), actor=move.actor, key=key)
            elif isinstance(move, Wait):
                self.now = max(self.now, move.until.astimezone(UTC))
            self.flow.run_due()
            return case
        finally:
            self.touched()

    def pass_time(self, until: datetime) -> None:
        """Let the clock come to that instant, and what is due happen."""
        self.now = max(self.now, until.astimezone(UTC))
        try:
            self.flow.run_due()
        finally:
            self.touched()

    def begin(self, move: Begin, key: str | None = None) -> Case[Any]:
        """Begin a case."""
        kind = self.kinds.named(move.kind)
        if move.event is not None:
            command = Command[Any](key_of(kind.lifecycle), move.event, move.given)
            return self.flow.start(command, parent=move.parent, actor=move.actor, key=key)
        data = kind.codec.load(move.given, kind.blueprint.data, "data")
        return self.flow.start(kind.lifecycle, data, parent=move.parent, actor=move.actor, key=key)

    def command(self, move: Fire) -> Command[Any]:
        """The command of a move."""
        kind = self.kinds.named(self.held_case(move.case).lifecycle)
        return Command(key_of(kind.lifecycle), move.event, move.payload)

    def check(self, move: Begin | Fire) -> Sequence[Any]:
        """What ``flow.check`` says to it; of a case that begins with its data, what is against a beginning there."""
        if isinstance(move, Fire):
            return self.flow.check(move.case, self.command(move), actor=move.actor)
        if move.event is None:
            return ()
        kind = self.kinds.named(move.kind)
        command = Command[Any](key_of(kind.lifecycle), move.event, move.given)
        return self.flow.check(command, parent=move.parent, actor=move.actor)

    def touched(self) -> None:
        """Something was done on the flow itself: what is stored must be looked at anew."""
        self._held = None

    # -- what there is

    @property
    def cases(self) -> Mapping[str, CaseRecord]:
        """All cases by their ids."""
        return self.held.cases

    def held_case(self, case: str) -> CaseRecord:
        """The stored case of that id."""
        return self.cases[case]

    def kind_of(self, record: CaseRecord) -> Kind:
        """The lifecycle of a case."""
        return self.kinds.named(record.lifecycle)

    def is_over(self, record: CaseRecord) -> bool:
        """Whether the case is in a final state."""
        return self.kind_of(record).blueprint.states[record.state].final

    def due_moments(self) -> list[datetime]:
        """The instants at which timers will fire, in order."""
        found = {timer.ready for case in self.cases.values() for timer in case.timers if timer.ready is not None}
        return sorted(found)

    # -- what would be

    def asking(self, actor: Actor, question: Callable[[Deciding], T]) -> T:
        """Ask a decision that is thrown away; nothing may be overdue."""
        with self.store.begin(write=False) as unit:
            return question(self.engine.deciding(self.engine.world(unit), actor, self.now))

    def try_out(self, number: int, move: Begin | Fire) -> Sequence[Blocker]:
        """Why it would be refused as the step of that number, cascades included; nothing if it would go through.

        What it would write is kept, to be written by ``carry_out_tried``.

        Raises:
            InvariantBroken: all guards said yes, and an invariant did not hold.
            Exception: what rules and effects raise by themselves.
        """
        self._number, self._count = number, 0

        def decide(deciding: Deciding) -> Sequence[Blocker]:
            try:
                self._intent(move).decide(deciding)
            except InvariantBroken:
                raise
            except Refused as error:
                return tuple(error.reasons)
            self._tried = (number, move, deciding.work.batch(None))
            return ()

        return self.asking(move.actor, decide)

    def carry_out_tried(self, step: Numbered) -> bool:
        """Write what was found out when this very step was tried out; whether there was something to write.

        It spares deciding it once more. Nothing has happened in between.
        """
        tried, self._tried = self._tried, None
        if tried is None or tried[:2] != (step.number, step.move):
            return False
        try:
            with self.store.begin(write=True) as unit:
                unit.save(tried[2])
            self.flow.run_due()
        finally:
            self.touched()
        return True

    def _intent(self, move: Begin | Fire) -> Intent:
        if isinstance(move, Fire):
            return fire_intent(self.kinds, move.case, self.command(move), None)
        kind = self.kinds.named(move.kind)
        if move.event is not None:
            command = Command[Any](key_of(kind.lifecycle), move.event, move.given)
            return start_intent(self.kinds, command, (), move.parent, {})
        data = kind.codec.load(move.given, kind.blueprint.data, "data")
        return start_intent(self.kinds, kind.lifecycle, (data,), move.parent, {})

    def verdict(
        self, kind: Kind, event: EventSpec, record: CaseRecord | None, parent: str | None, actor: Actor
    ) -> Verdict:
        """The verdict on an event as far as it does not depend on the payload."""
        return self.asking(actor, lambda deciding: deciding.judged(kind, event, record, parent))

    def asked_by(
        self,
        kind: Kind,
        event: EventSpec,
        near: CaseRecord | None,
        parent: str | None,
        given: Given,
        codes: Collection[str],
    ) -> Heard:
        """What these guards of the event ask for.

        Of a single case that they look at (a parent, a linked one) it is not known which: its state is ``ANY_STATE``.
        """
        actor, payload = given
        heard = Heard()
        with self.store.begin(write=False) as unit:
            world = World(Listening(unit, heard), self.engine.facts, self.engine.ids)
            draft = Draft(self.kinds, world, actor=actor, now=self.now, recorded=self.now)
            view = EngineView(draft, kind.blueprint.definition, near, parent)
            for bound in event.guards:
                if bound.code in codes and (payload is not None or not bound.parameters):
                    typed = (
                        {} if payload is None else {name: payload[name] for name in bound.parameters if name in payload}
                    )
                    ask(bound, view, typed)
        own = None if near is None else near.id
        for case in self.cases.values():
            if case.id != own and own_token(case.id) in view.asked:
                heard.standings.add((case.lifecycle, ANY_STATE))
        return heard

    def situation(
        self, near: str | None, favourites: Sequence[str] = (), sources: Sources | None = None, turn: int = 0
    ) -> Situation:
        """What is known beside a case (or the parent of one that is to begin)."""
        said = list(self.said_near(near))
        zone = ZoneInfo(self.setting.zone)
        times = [moment.astimezone(zone) for moment in self.due_moments()[:8]]
        return Situation(self.now.astimezone(zone), self.people.ids, said, times, favourites, sources, turn)

    def said_near(self, case: str | None) -> Iterator[Said]:
        """What the data of the cases says: the case itself, its ancestors, then all the others, the latest first."""
        found: dict[str, None] = {}
        while case is not None and case in self.cases:
            found[case] = None
            case = self.cases[case].parent
        found.update(dict.fromkeys(reversed(list(self.cases))))
        zone = ZoneInfo(self.setting.zone)
        for one in found:
            record = self.cases[one]
            known = self._said.get(one)
            if known is None or known[0] is not record:
                known = self._said[one] = record, said_in(record, zone)
            yield known[1]


def begin_of(zone: str, now: datetime) -> datetime:
    """The instant at which stories begin, in the program's zone."""
    return now.replace(tzinfo=ZoneInfo(zone)) if now.tzinfo is None else now.astimezone(ZoneInfo(zone))


SECOND: Final = timedelta(seconds=1)
