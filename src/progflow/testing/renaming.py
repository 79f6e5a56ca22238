"""Gives the people of a story simple names, and lets as few of them act as can be; other texts become plain words."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, Final, TypeAlias, cast

from attrs import evolve, frozen

from progflow.codec import is_object
from progflow.definition.people import SYSTEM, Actor, Role
from progflow.records import Json
from progflow.testing.moves import Begin, Broken, Fire, Move, Numbered, Stale, Twice
from progflow.testing.replaying import Replays
from progflow.testing.simpler import PLAIN_TEXT
from progflow.testing.situation import WORDS
from progflow.testing.values.spots import is_list

Texts: TypeAlias = Mapping[str, str]
PERSON: Final = "person"
MORE_WORDS: Final = (*WORDS, "cedar", "delta", "ember", "fern")


@frozen(eq=False)
class Renaming:
    """Other names.

    ``actors`` are those of who acts, by the old ones; of those who act in ``roles`` only, unless that is None.
    ``texts`` are those of whatever is named in payloads.
    """

    actors: Texts
    texts: Texts
    roles: frozenset[Role] | None = None

    def of(self, step: Numbered) -> Numbered:
        """The same move with the other names."""
        return evolve(step, move=self._move(step.move))

    def _move(self, move: Move) -> Move:
        match move:
            case Begin() | Fire():
                return self._plain(move)
            case Twice():
                return Twice(self._plain(move.first), None if move.other is None else self._plain(move.other))
            case Stale():
                return Stale(cast("Fire", self._plain(move.fire)))
            case Broken():
                return evolve(move, fire=cast("Fire", self._plain(move.fire)))
            case _:
                return move

    def _plain(self, move: Begin | Fire) -> Begin | Fire:
        actor = self._actor(move.actor)
        if isinstance(move, Fire):
            return evolve(move, actor=actor, payload=self._json(move.payload))
        return evolve(move, actor=actor, given=self._json(move.given))

    def _actor(self, actor: Actor) -> Actor:
        if actor is SYSTEM or self.roles not in (None, actor.roles) or actor.id not in self.actors:
            return actor
        return Actor(self.actors[actor.id], actor.roles)

    def _json(self, plain: Any) -> Json:
        if isinstance(plain, str):
            return self.texts.get(plain, plain)
        if is_object(plain):
            return {self.texts.get(name, name): self._json(value) for name, value in plain.items()}
        if is_list(plain):
            return [self._json(one) for one in plain]
        return plain


def simplify_people(replays: Replays, people: Collection[str]) -> None:
    """Give plain names to all, as long as the story fails as it does.

    Args:
        replays: play the variants.
        people: who there was to act.
    """
    _plain_texts(replays, people)
    _name_after_roles(replays)
    _merge(replays)


def slug(name: str) -> str:
    """A name as a part of an id: ``choir-office``."""
    return re.sub(r"\W+", "-", name.lower()).strip("-") or PERSON


def named_after(role: str, actor: str) -> bool:
    """Whether the id of somebody says the role: ``choir-office-1``."""
    return re.fullmatch(re.escape(slug(role)) + r"-\d+", actor) is not None


def _rename(replays: Replays, renaming: Renaming) -> bool:
    changed = [renaming.of(step) for step in replays.best.steps]
    return replays.accepts(changed, all_made=True)


def _plain_texts(replays: Replays, people: Collection[str]) -> None:
    """What is called like one of the people, or like nothing that anybody would say, is called by a plain word."""
    texts = dict.fromkeys(text for move in _moves(replays) for text in texts_in(_given(move)))
    for text in texts:
        if text in people or not PLAIN_TEXT.fullmatch(text):
            taken = {other for move in _moves(replays) for other in texts_in(_given(move))}
            word = next((word for word in MORE_WORDS if word not in taken), None)
            if word is not None:
                _rename(replays, Renaming({}, {text: word}))


def _name_after_roles(replays: Replays) -> None:
    """Who acts in a role is named after it, and is nobody else."""
    for roles in dict.fromkeys(move.actor.roles for move in _moves(replays)):
        if not roles:
            continue
        name = slug(min(role.name for role in roles))
        ids = dict.fromkeys(move.actor.id for move in _moves(replays) if move.actor.roles == roles)
        if not _rename(replays, Renaming(dict.fromkeys(ids, f"{name}-1"), {}, roles)) and len(ids) > 1:
            for number, one in enumerate(ids, 1):
                _rename(replays, Renaming({one: f"{name}-{number}"}, {}, roles))


def _merge(replays: Replays) -> None:
    """Let one do what two have done, and count who is left."""
    for one in reversed(_people(replays)):
        for other in _people(replays):
            if other == one or _rename(replays, Renaming({one: other}, {one: other})):
                break
    counted = {one: f"{PERSON}-{number}" for number, one in enumerate(_people(replays), 1)}
    if any(one != name for one, name in counted.items()):
        _rename(replays, Renaming(counted, counted))


def _people(replays: Replays) -> Sequence[str]:
    """Who also acts without a role, in the order in which they do."""
    found = dict.fromkeys(move.actor.id for move in _moves(replays))
    plain = {move.actor.id for move in _moves(replays) if not move.actor.roles}
    return tuple(one for one in found if one in plain)


def _moves(replays: Replays) -> Iterator[Begin | Fire]:
    for step in replays.best.steps:
        if isinstance(step.move, Begin | Fire) and step.move.actor is not SYSTEM:
            yield step.move


def _given(move: Begin | Fire) -> Json:
    return move.payload if isinstance(move, Fire) else move.given


def texts_in(plain: Any) -> Iterator[str]:
    """All texts in plain data."""
    if isinstance(plain, str):
        yield plain
    elif is_object(plain):
        for value in plain.values():
            yield from texts_in(value)
    elif is_list(plain):
        for one in plain:
            yield from texts_in(one)
