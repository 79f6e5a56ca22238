"""Where a case can be: the states that a state, phase, group or difference of them means in a lifecycle."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from progflow.definition.blueprint import Blueprint
from progflow.definition.bodies import is_lifecycle_class, place_of
from progflow.definition.states import FINAL, OPEN, Source, State, Without
from progflow.errors import UsageError

if TYPE_CHECKING:
    from progflow.definition.lifecycle import Phase


def paths_of(blueprint: Blueprint, where: Source) -> frozenset[str]:
    """The paths of the states of this lifecycle that the source names; of a phase all of them.

    Raises:
        UsageError: it names a state of another lifecycle, or none.
    """
    found: set[str] = set()
    for part in _parts(where):
        place = place_of(part)
        if place is not None:
            _check_home(blueprint, place.owner, place.name, place.name in blueprint.phases)
            found |= {path for path, state in blueprint.states.items() if state.phase == place.name}
        elif part is OPEN:
            found |= blueprint.open_states
        elif part is FINAL:
            found |= blueprint.states.keys() - blueprint.open_states
        elif isinstance(part, Without):
            found |= paths_of(blueprint, part.whole) - paths_of(blueprint, part.part)
        elif isinstance(part, State):
            _check_home(blueprint, part.lifecycle, part.path, part.path in blueprint.states)
            found.add(part.path)
        else:
            raise UsageError(problem=f"{part!r} is no place where a case can be.", mend="Name states or phases.")
    return frozenset(found)


def _parts(where: object) -> Sequence[Source]:
    if not isinstance(where, Source):
        mend = "Name states or phases through their lifecycle, as in Mentee.tandem."
        raise UsageError(problem=f"{where!r} is no place where a case can be.", mend=mend)
    return where.__parts__()


def _check_home(blueprint: Blueprint, home: type[Any] | None, path: str, known: bool) -> None:
    if home is None or not known or not _akin(blueprint.lifecycle, home, path):
        declared = f"{home.__name__}.{path}" if home is not None else path
        raise UsageError(
            problem=f"{declared} is no state or phase of {blueprint.name}.",
            mend=f"Name one of its own, as in {blueprint.name}.{next(iter(blueprint.states), '…')}.",
        )


def _akin(lifecycle: type[Any], home: type[Any], path: str) -> bool:
    """Whether that path means the same in both: one derives from the other, or both from the base that declares it.

    So a phase that a subclass has replaced under its name is still the one that its sister kinds inherit.
    """
    return issubclass(lifecycle, home) or any(
        issubclass(lifecycle, base)
        for base in home.__mro__[1:]
        if is_lifecycle_class(base) and "__progflow__" in vars(base) and _declares(base.__progflow__.blueprint, path)
    )


def _declares(blueprint: Blueprint, path: str) -> bool:
    return path in blueprint.states or path in blueprint.phases


def paths_or_none(blueprint: Blueprint, where: Source) -> frozenset[str]:
    """The same, nothing for what the lifecycle does not have."""
    found: set[str] = set()
    for part in _parts(where):
        if isinstance(part, Without):
            found |= paths_or_none(blueprint, part.whole) - paths_or_none(blueprint, part.part)
        elif part is OPEN or part is FINAL or knows(blueprint, part):
            found |= paths_of(blueprint, part)
    return frozenset(found)


def knows(blueprint: Blueprint, where: Source) -> bool:
    """Whether the lifecycle has all that the source names."""
    try:
        paths_of(blueprint, where)
    except UsageError:
        return False
    return True


def taken_away(where: Source) -> Iterator[Source]:
    """What the differences in a source take away."""
    for part in _parts(where):
        if isinstance(part, Without):
            yield from (*_parts(part.part), *taken_away(part.whole))


def phase_name(blueprint: Blueprint, phase: Phase[Any]) -> str:
    """The name of a phase in this lifecycle.

    Raises:
        UsageError: it stands in none, or in another.
    """
    place = place_of(phase)
    if place is None:
        mend = "Name it through the lifecycle, as in Mentee.tandem."
        raise UsageError(problem=f"{phase!r} is no phase of a lifecycle.", mend=mend)
    _check_home(blueprint, place.owner, place.name, place.name in blueprint.phases)
    return place.name
