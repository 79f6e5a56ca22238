"""Every change that the operators can make to the shipped programmes and their phases."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.mutants.knowledge import Knowledge
from benchmarks.mutants.operators import arrows, cascades, conditions, data, numbers, roles, timing
from benchmarks.mutants.operators.change import Said
from benchmarks.mutants.patch import Mutant
from benchmarks.mutants.source import Kind, Place, library

OPERATORS: tuple[Said, ...] = (
    *conditions.OPERATORS,
    *numbers.OPERATORS,
    *arrows.OPERATORS,
    *roles.OPERATORS,
    *timing.OPERATORS,
    *cascades.OPERATORS,
    *data.OPERATORS,
)


def mutants_of(place: Place, knowledge: Knowledge) -> Iterator[Mutant]:
    """What the operators make of one definition; invariants are left as they are."""
    if place.kind is not Kind.INVARIANT:
        for operator in OPERATORS:
            yield from operator(place, knowledge)


def candidates(knowledge: Knowledge | None = None) -> list[Mutant]:
    """All of them, sorted by id; of two that say the same the first."""
    known = Knowledge(library()) if knowledge is None else knowledge
    found: dict[str, Mutant] = {}
    for place in known.places:
        for mutant in mutants_of(place, known):
            if mutant.patch.old != mutant.patch.new:
                found.setdefault(mutant.patch.digest, mutant)
    return sorted(found.values(), key=lambda mutant: mutant.id)
