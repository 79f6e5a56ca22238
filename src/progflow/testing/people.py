"""The people of a story: a few, each of whom may have any role, so that one may be what another is to a case."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from types import CodeType
from typing import Any, Final, TypeVar, final

from attrs import frozen

from progflow.definition.blueprint import Blueprint, EventSpec, Grant
from progflow.definition.people import ANYONE, Actor, Role
from progflow.definition.rules import Rule
from progflow.testing.chance import Chance

T = TypeVar("T")

HOW_MANY: Final = 6


@final
@frozen
class People:
    """Who there is, and in which roles they may act."""

    ids: tuple[str, ...]
    roles: tuple[Role, ...]

    @classmethod
    def of(cls, blueprints: Iterable[Blueprint], count: int = HOW_MANY) -> People:
        """The people for these lifecycles: as many as asked for, and all roles that their events and rules name."""
        roles: dict[Role, None] = {}
        for blueprint in blueprints:
            for event in blueprint.events.values():
                for grant in event.by:
                    roles.update(dict.fromkeys(role for tried in _as(event, grant) for role in tried))
        return cls(tuple(f"person-{number}" for number in range(1, count + 1)), tuple(roles))

    def who_may(self, chance: Chance, event: EventSpec, names: Iterable[str]) -> Iterator[Actor]:
        """Actors among whom somebody may be right for the event, as far as its roles and relations tell.

        Args:
            chance: makes the choices.
            event: the event.
            names: texts that stand in the data around: one of them may be the id of somebody who has a relation.
        """
        others = [name for name in names if name not in self.ids]
        for grant in _from_anywhere(chance, event.by):
            ids = list(self.ids)
            if not isinstance(grant.who, Role):
                ids = others + ids if chance.often(40) else ids + others
            for roles in _from_anywhere(chance, _as(event, grant)):
                for person in _from_anywhere(chance, ids):
                    yield Actor(person, roles)

    def anybody(self, chance: Chance) -> Actor:
        """Somebody in some roles: none, one, or all."""
        person = chance.one_of(self.ids)
        if not self.roles or chance.often(40):
            return Actor(person)
        return Actor(person, {chance.one_of(self.roles)} if chance.often(80) else self.roles)


def _as(event: EventSpec, grant: Grant) -> list[frozenset[Role]]:
    """In which roles somebody tries it: in the one that is asked for, or in those that the rules themselves look at."""
    if isinstance(grant.who, Role) and grant.who is not ANYONE:
        return [frozenset({grant.who})]
    rules = event.guards if isinstance(grant.who, Role) else (grant.who,)
    named = dict.fromkeys(role for bound in rules for role in _named(bound.rule, bound.definition, set()))
    return [frozenset(), *(frozenset({role}) for role in named)]


def _named(rule: Rule[Any], definition: object, seen: set[object]) -> Iterator[Role]:
    """The roles that a rule names, as ``HEAD in ctx.actor.roles`` does, or another one that it asks."""
    seen.add(rule.function)
    for name in _names_in(rule.function.__code__):
        value = rule.function.__globals__.get(name)
        if isinstance(value, Role) and value is not ANYONE:
            yield value
        other: Any = getattr(definition, name, None)
        if issubclass(type(other), Rule) and other.function not in seen:
            yield from _named(other, definition, seen)


def _names_in(code: CodeType) -> Iterator[str]:
    yield from code.co_names
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            yield from _names_in(inner)


def _from_anywhere(chance: Chance, several: Sequence[T]) -> Iterator[T]:
    """All of them, the first being any."""
    first = chance.integer(0, len(several) - 1) if several else 0
    yield from several[first:]
    yield from several[:first]
