"""Where the arrows of an event lead, in the paths of the lifecycle."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from attrs import define, frozen

from progflow.definition.bodies import is_phase
from progflow.definition.events import Event
from progflow.definition.shape import Shape, Spot
from progflow.definition.states import FINAL, NEXT, OPEN, START, STAY, Exit, Source, State, Target, Without

START_PATH: Final = "(START)"
STAY_PATH: Final = "(STAY)"
"""Words in the place of a path, which no state can have as its name."""


@frozen
class Ways:
    """Where an event leads from each source (None: it stays), and where from ``START``, if it does."""

    targets: dict[str, str | None]
    starts: str | None


@define
class Arrows:
    """Follows the arrows of the events of one lifecycle."""

    shape: Shape

    def ways(self, path: str, event: Event[Any, Any], spot: Spot) -> Ways:
        """Where the event leads; what leads nowhere is noted as a fault."""
        found: dict[str, str | None] = {}
        if not event.rule.arrows:
            self.shape.fault(path, "has no arrow.", "Write from where to where: @event(a >> b).")
        known_faults = len(self.shape.faults)
        for arrow in self.shape.arrows(event, path, spot):
            target = self._target(path, arrow.target, spot)
            for source in self._sources(path, arrow.sources, spot):
                if source in found:
                    mend = "Leave one; where it depends, write two events with two guards."
                    self.shape.fault(path, f"has two arrows from {source.strip('()')}.", mend)
                found[source] = target
        if event.rule.arrows and not found and not self.shape.abstract and len(self.shape.faults) == known_faults:
            mend = "Name sources that are not final, or let a function of arrows give none."
            self.shape.fault(path, "can happen in no state: its sources leave none.", mend)
        starts = found.pop(START_PATH, None)
        if starts is not None and spot.phase is not None:
            self.shape.fault(path, "START stands in a phase.", "Write the event that begins a case in the lifecycle.")
            starts = None
        if starts == STAY_PATH:
            self.shape.fault(path, "START leads to STAY.", "Name the state in which the case begins.")
            starts = None
        known = {source: target for source, target in found.items() if target is not None}
        return Ways({s: None if t == STAY_PATH else t for s, t in known.items()}, starts)

    def _sources(self, path: str, sources: tuple[Source, ...], spot: Spot) -> Iterator[str]:
        for source in sources:
            if source is START:
                yield START_PATH
            elif source is OPEN or source is FINAL:
                ends = source is FINAL
                yield from (where for where, spec in self.shape.states.items() if spec.final is ends)
            elif isinstance(source, Without):
                without = frozenset(self._sources(path, tuple(source.part.__parts__()), spot))
                whole = self._sources(path, tuple(source.whole.__parts__()), spot)
                yield from (where for where in whole if where not in without)
            elif is_phase(source):
                name = self.shape.phase_name(source)
                if name is not None:
                    states = self.shape.states.items()
                    yield from (where for where, spec in states if spec.phase == name and not spec.final)
                else:
                    problem = f"leaves {_shown(source)}, which is no phase of this lifecycle."
                    self.shape.fault(path, problem, self._own_phases())
            elif isinstance(source, State):
                found = self.shape.state_path(path, source, spot)
                if found is not None:
                    yield found

    def _target(self, path: str, target: Target, spot: Spot) -> str | None:
        if target is STAY:
            return STAY_PATH
        if isinstance(target, State):
            return self.shape.state_path(path, target, spot)
        if is_phase(target):
            name = self.shape.phase_name(target)
            if name is not None:
                return self.shape.initial_of(name)
            problem = f"leads to {_shown(target)}, which is no phase of this lifecycle."
            self.shape.fault(path, problem, self._own_phases())
            return None
        if isinstance(target, Exit) and spot.phase is not None:
            return self._exit(path, target, spot.phase)
        problem = f"leads to {target!r}, which only the events of a phase can."
        self.shape.fault(path, problem, "Name the state or phase.")
        return None

    def _exit(self, path: str, target: Exit, phase: str) -> str | None:
        if target is not NEXT and target not in self.shape.phase_members[phase].values():
            problem = f"leads to {target!r}, which is no exit of this phase."
            self.shape.fault(path, problem, "Write name = Exit() in the class of the phase.")
            return None
        use = self.shape.phases[phase].__bound__.then
        bound = (use.next or NEXT) if target is NEXT else use.exits.get(target.name)
        if bound is None:
            return None  # an unbound exit, noted at the phase
        if bound is NEXT:
            following = self.shape.next_of(phase)
            return None if following is None else self.shape.initial_of(following)
        if bound is STAY:
            problem = f"leads to {target!r}, which .then binds to STAY."
            self.shape.fault(path, problem, "Bind it to a state or phase.")
            return None
        return self._target(path, bound, Spot(None, self.shape.definition))

    def _own_phases(self) -> str:
        names = ", ".join(self.shape.phases)
        return f"Name one of its own: {names}." if names else "Assign it to an attribute of the class."


def _shown(phase: object) -> str:
    assert is_phase(phase)
    place = phase.__bound__
    owner = place.owner.__name__ + "." if place.owner is not None else ""
    return f"{owner}{place.name}" if place.uses else f"a {type(phase).__name__} that has no name"
