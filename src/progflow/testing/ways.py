"""How far a state is from where a case stands, by the arrows of its lifecycle."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from typing import Final, final

from progflow.decide.kinds import Kinds
from progflow.definition.blueprint import Blueprint
from progflow.testing.listening import Standing

BEFORE: Final = ""
"""Where a case is before it begins."""


@final
class Ways:
    """Knows for every state how many arrows lead to it from every other."""

    def __init__(self, kinds: Kinds) -> None:
        self._kinds = kinds
        self._known: dict[Standing, Mapping[str, int]] = {}

    def to(self, standing: Standing) -> Mapping[str, int]:
        """How many arrows it takes to get there, by the state from which; ``BEFORE`` for a case that is to begin."""
        if standing not in self._known:
            lifecycle, state = standing
            self._known[standing] = _distances(self._kinds.named(lifecycle).blueprint, state)
        return self._known[standing]


def _distances(blueprint: Blueprint, state: str) -> Mapping[str, int]:
    arrows: dict[str, set[str]] = {}
    for _, source, target in blueprint.arrows:
        if target is not None:
            arrows.setdefault(target, set()).add(source)
    for event in blueprint.events.values():
        if event.starts is not None:
            arrows.setdefault(event.starts, set()).add(BEFORE)
    if blueprint.initial is not None:
        arrows.setdefault(blueprint.initial, set()).add(BEFORE)
    found, waiting = {state: 0}, deque([state])
    while waiting:
        here = waiting.popleft()
        for source in sorted(arrows.get(here, ())):
            if source not in found:
                found[source] = found[here] + 1
                waiting.append(source)
    return found
