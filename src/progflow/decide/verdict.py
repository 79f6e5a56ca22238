"""May this event happen now: state, who, then all guards. The one verdict behind explain, check, fire and timers."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from attrs import frozen

from progflow.decide.kinds import Kinds
from progflow.decide.view import EngineView
from progflow.definition.blueprint import BoundRule, EventSpec, Kind
from progflow.definition.context import Context
from progflow.definition.payload import Payload
from progflow.definition.people import ANYONE, SYSTEM, Actor, Role
from progflow.definition.rules import Guard
from progflow.definition.wording import Says
from progflow.errors import Blocker
from progflow.records import CaseRecord


@frozen
class Verdict:
    """The reasons against, and under which role or relation the actor may."""

    reasons: tuple[Blocker, ...]
    acted_as: str | None = None


def judge(
    kinds: Kinds,
    kind: Kind,
    event: EventSpec,
    record: CaseRecord | None,
    view: EngineView,
    actor: Actor | None,
    payload: Payload | None,
) -> Verdict:
    """The verdict on one event.

    Args:
        kinds: the lifecycles of the flow, with their tables.
        kind: the lifecycle.
        event: the event.
        record: the case; None where it is about to begin.
        view: what the rules see.
        actor: who wants it; None where the question who is not asked (timers, cascades).
        payload: read once the actor may fire the event; None leaves out the guards that need one.
    """
    if record is not None and record.state not in kinds.targets(kind, event):
        return Verdict((_wrong_state(kind, event, record),))
    acted_as: str | None = None
    if actor is not None:
        allowed, acted_as = _who(event, view, actor)
        if not allowed:
            return Verdict((_wrong_actor(kind, event),))
    typed = None if payload is None else payload.typed
    return Verdict(tuple(_guards(kind, event, view, typed)), acted_as)


def _wrong_state(kind: Kind, event: EventSpec, record: CaseRecord) -> Blocker:
    words = kind.words
    possible = ", ".join(map(words.label, event.targets)) or words.says(Says.NO_STATE)
    text = words.says(Says.WRONG_STATE, state=words.label(record.state), possible=possible)
    return Blocker("state", {"state": record.state, "possible": tuple(event.targets)}, text)


def _wrong_actor(kind: Kind, event: EventSpec) -> Blocker:
    words, who = kind.words, ", ".join(kind.words.who(event))
    text = words.says(Says.WRONG_ACTOR, who=who) if who else words.says(Says.NOBODY)
    return Blocker("who", {"who": event.who}, text)


def _who(event: EventSpec, view: EngineView, actor: Actor) -> tuple[bool, str | None]:
    if actor is SYSTEM:
        return True, None
    for grant in event.by:
        if _is(grant.who, view, actor) and not any(_is(one, view, actor) for one in grant.but):
            return True, grant.role
    return False, None


def _is(who: Role | BoundRule, view: EngineView, actor: Actor) -> bool:
    if isinstance(who, Role):
        return who in actor.roles or who == ANYONE
    return bool(ask(who, view, {}))


def _guards(kind: Kind, event: EventSpec, view: EngineView, payload: Mapping[str, Any] | None) -> list[Blocker]:
    found: list[Blocker] = []
    for bound in event.guards:
        given = _given(bound, event, payload)
        if given is None:
            continue
        assert isinstance(bound.rule, Guard)
        answer = ask(bound, view, given)
        blocker = bound.rule.blocker(bound.code, answer, given, partial(kind.words.reason, bound))
        if blocker is not None:
            found.append(blocker)
    return found


def _given(bound: BoundRule, event: EventSpec, payload: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if payload is not None:
        return {name: payload[name] for name in bound.parameters if name in payload}
    return {} if not bound.parameters else None


def ask(bound: BoundRule, view: EngineView, payload: Mapping[str, Any]) -> Any:
    """Ask one rule; what it raises by itself passes through, with a note of which it was."""
    context: Context[Any] = Context(view, bound.phase)
    try:
        return bound.rule.function(bound.definition, context, **payload)
    except Exception as error:
        noted(error, f"raised by {type(bound.rule).__name__.lower()} {bound.code}")
        raise


def noted(error: Exception, note: str) -> None:
    """Add a note to an error, once."""
    if note not in getattr(error, "__notes__", ()):
        error.add_note(note)
