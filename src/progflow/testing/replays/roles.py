"""In which roles somebody may have acted."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from typing import Any, final

from progflow.definition.blueprint import EventSpec, Kind
from progflow.definition.people import ANYONE, Role
from progflow.testing.replays.histories import Step
from progflow.testing.replays.plain import texts_in


@final
class Roles:
    """In which roles somebody may have acted: a history keeps only the one that counted."""

    def __init__(self, kinds: Iterable[Kind], steps: Iterable[Step]) -> None:
        grants = [grant for kind in kinds for event in kind.blueprint.events.values() for grant in event.by]
        self._known = {grant.who for grant in grants if isinstance(grant.who, Role)}
        self._known |= {role for kind in kinds for role in _roles_beside(kind.lifecycle)}
        self._known.discard(ANYONE)
        names = {role.name for role in self._known}
        self._words = names | {grant.role for grant in grants}
        self._names = names | {ANYONE.name}
        self._elsewhere: dict[str, set[Role]] = {}
        for step in steps:
            if step.acted_as is not None and step.acted_as in names:
                self._elsewhere.setdefault(step.actor, set()).add(Role(step.acted_as))

    def same(self, history: str | None, today: str | None) -> bool:
        """Whether somebody acts as then; a relation may have got another name since, as which nobody else acts."""
        return history == today or (history not in self._words and today not in self._names)

    def of(self, step: Step, spec: EventSpec | None, data: object) -> Iterator[frozenset[Role]]:
        """The roles to try, one after another: first only that in which the history says that it was done.

        Rules may ask for other roles of the actor as well, which no history tells: those in which the same person
        acted elsewhere, any other that the definitions know, all of them, and those that the case's own data name.
        """
        grants = () if spec is None else spec.by
        relation = any(grant.role == step.acted_as and not isinstance(grant.who, Role) for grant in grants)
        role = any(grant.role == step.acted_as and isinstance(grant.who, Role) for grant in grants)
        own = (
            frozenset[Role]() if step.acted_as is None or (relation and not role) else frozenset({Role(step.acted_as)})
        )
        known = sorted(self._known, key=lambda one: one.name)
        named = frozenset(Role(text) for text in texts_in(data) if text)
        more = (self._elsewhere.get(step.actor, ()), *({one} for one in known), known, named)
        yield from dict.fromkeys((own, *(own | frozenset(roles) for roles in more)))


def _roles_beside(lifecycle: type[Any]) -> Iterator[Role]:
    """The roles that stand in the modules of a lifecycle and its bases: relations may ask for them."""
    for base in lifecycle.__mro__:
        module = sys.modules.get(base.__module__)
        yield from (value for value in vars(module).values() if isinstance(value, Role)) if module is not None else ()
