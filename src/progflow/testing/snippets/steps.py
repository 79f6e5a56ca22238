"""The steps of a story as calls of a scenario."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, final

from progflow.definition.blueprint import EventSpec, Kind
from progflow.definition.payload import load_payload
from progflow.definition.people import SYSTEM, Actor
from progflow.records import CaseRecord
from progflow.testing.moves import Begin, Broken, Fire, Stale, TheEnd, Wait
from progflow.testing.promises import Promise
from progflow.testing.renaming import named_after, texts_in
from progflow.testing.retelling import Happened, Retelling
from progflow.testing.snippets.layout import Code, Group, call, lines, quoted
from progflow.testing.snippets.naming import Names
from progflow.testing.snippets.values import code_of, moment
from progflow.testing.values.brief import brief, brief_payload


@final
class Steps:
    """Writes what happens in a story.

    Args:
        story: the story.
        names: what things are called.
    """

    def __init__(self, story: Retelling, names: Names) -> None:
        self.story = story
        self.names = names
        self._actors: dict[Actor, str] = {}
        self._needed = [set(_cases_of(one)) for one in story.happened]
        if story.broken.promise is Promise.GUARDS and story.broken.case is not None:
            self._needed.append({story.broken.case})

    # -- what people do

    def all_but_the_last(self) -> Iterator[str]:
        """What leads to what breaks."""
        for place, one in enumerate(self.story.happened[:-1]):
            yield from self.step(one, place)

    def step(self, one: Happened, place: int) -> Iterator[str]:
        """One call; then what it has woken happens."""
        move = one.move
        if isinstance(move, Wait):
            yield from lines("", call("story.on", quoted(self.moment(one))))
        elif isinstance(move, Begin | Fire) and one.error is None:
            needed = one.case is not None and any(one.case in cases for cases in self._needed[place + 1 :])
            yield from self.needs(one)
            before = f"{self._new(one.case)} = " if isinstance(move, Begin) and needed and one.case else ""
            yield from lines(before, self.attempt(one))
            if _has_woken(one):
                yield from lines("", call("story.on", quoted(self.moment(one))), after="  # what is due by now")

    def attempt(self, one: Happened, verb: str = "", *more: tuple[str, Code]) -> Group:
        """The call that makes a move."""
        move = one.move
        assert isinstance(move, Begin | Fire)
        key: list[tuple[str, Code]] = [] if one.key is None else [("key=", quoted(one.key))]
        if isinstance(move, Fire):
            verb, args = verb or "story.when", [self.case(move.case), self.command(move)]
        else:
            verb, args = verb or "story.given", self._beginning(move)
            if move.parent is not None:
                key.append(("parent=", self.case(move.parent)))
        return Group(f"{verb}(", [*(("", arg) for arg in args), ("by=", self.actor(move.actor)), *more, *key])

    def command(self, move: Begin | Fire) -> Code:
        """A command with its payload, without the fields that have their default."""
        kind = self.story.kind_of(move)
        event = kind.blueprint.events[move.event or ""]
        given = move.payload if isinstance(move, Fire) else move.given
        typed, plain = load_payload(event.path, event.parameters, given, kind.codec)
        told = brief_payload(plain, event.parameters)
        return self._command(kind, event, {name: typed[name] for name in told})

    def _command(self, kind: Kind, event: EventSpec, payload: dict[str, Any]) -> Code:
        values = [(f"{name}=", code_of(value, self.names)) for name, value in payload.items()]
        return Group(f"{self.names.of(kind.lifecycle)}.{event.path}(", values)

    def _beginning(self, move: Begin) -> list[Code]:
        if move.event is not None:
            return [self.command(move)]
        kind = self.story.kind_of(move)
        data = kind.codec.load(brief(move.given, kind.blueprint.data), kind.blueprint.data, "data")
        return [self.names.of(kind.lifecycle), code_of(data, self.names)]

    def moment(self, one: Happened) -> str:
        """When it is over."""
        return moment(one.ended, self.story.zone)

    # -- who, and which case

    def actor(self, actor: Actor) -> str:
        """The variable of an actor."""
        if actor is SYSTEM:
            return self.names.imported("progflow", "SYSTEM")
        if actor not in self._actors:
            wanted, roles = actor.id, sorted(role.name for role in actor.roles)
            if roles and not any(named_after(role, actor.id) for role in roles):
                wanted = f"{actor.id}_as_{'_'.join(roles)}"
            self._actors[actor] = self.names.new(wanted)
        return self._actors[actor]

    def actors(self) -> Iterator[str]:
        """Makes the actors that were named so far."""
        for actor, name in self._actors.items():
            roles = [("", call(self.names.of(type(role)), quoted(role.name))) for role in actor.roles]
            inside: list[Code] = [Group("{", sorted(roles, key=str), "}")] if roles else []
            yield from lines(f"{name} = ", call(self.names.of(Actor), quoted(actor.id), *inside))

    def needs(self, one: Happened) -> Iterator[str]:
        """Looks up the cases of a step that came about by themselves."""
        for case in sorted(_cases_of(one)):
            yield from self.looked_up(case, one.before.snapshot.cases.values())

    def looked_up(self, case: str, among: Iterable[CaseRecord]) -> Iterator[str]:
        """Looks a case up that came about by itself, unless that has been done."""
        if case in self.names.cases:
            return
        known, kinds = {record.id: record for record in among}, self.story.playground.kinds
        lifecycle = kinds.named(known[case].lifecycle).lifecycle
        stored = {kind.stored for kind in kinds.including_subclasses(lifecycle)}
        same = [record for record in known.values() if record.lifecycle in stored]
        ordered = [record.id for record in sorted(same, key=lambda record: (record.created, record.id))]
        asked = f"story.flow.cases({self.names.of(lifecycle)})"
        which = asked if len(ordered) == 1 else f"{asked}.all()[{ordered.index(case)}]"
        yield from lines(f"{self._new(case)} = ", call("story.the", which))

    def case(self, case: str) -> str:
        """The variable of a case."""
        return self.names.cases[case]

    def _new(self, case: str) -> str:
        self.names.cases[case] = self.names.new(self.story.names.get(case, "case"))
        return self.names.cases[case]


def _cases_of(one: Happened) -> Iterator[str]:
    """The cases that a step names, also in its payload."""
    move = one.move.fire if isinstance(one.move, Stale | Broken) else one.move
    if not isinstance(move, Begin | Fire):
        return
    named = move.parent if isinstance(move, Begin) else move.case
    given = move.given if isinstance(move, Begin) else move.payload
    known = one.before.snapshot.cases
    yield from dict.fromkeys(text for text in (named, *texts_in(given)) if text is not None and text in known)


def _has_woken(one: Happened) -> bool:
    """Whether a timer was due once the command was through: it has fired, or rests now."""
    if isinstance(one.move, Wait | TheEnd):
        return False
    before = {record.id: record.timers for record in one.before.snapshot.cases.values()}
    rests = any(
        timer.resting and not timer.automatic and timer not in before.get(record.id, ())
        for record in one.after.values()
        for timer in record.timers
    )
    return rests or any(entry.due is not None for entry in one.entries)
