"""Definitions as a flow knows them: each under the name by which it is stored, in the zone of its program."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from zoneinfo import ZoneInfo

from progflow.codec import codec
from progflow.definition.blueprint import Kind
from progflow.definition.lifecycle import Lifecycle, Program, blueprint_of, zone_fault
from progflow.definition.wording import Wording
from progflow.errors import DefinitionError, Fault


def bound(definitions: Iterable[Program | type[Lifecycle[Any]]], zone: str) -> list[Kind]:
    """The lifecycles of a flow.

    Args:
        definitions: programs, and lifecycles that stand alone.
        zone: where the days of those that stand alone are counted.

    Raises:
        DefinitionError: with every fault.
    """
    unknown = zone_fault("Flow(zone=…)", zone)
    if unknown is not None:
        raise DefinitionError(name="Flow", faults=(unknown,))
    faults: list[Fault] = []
    found: dict[str, Kind] = {}
    for definition in definitions:
        for stored, lifecycle, where in _named(definition, zone, faults):
            blueprint = blueprint_of(lifecycle)
            if blueprint.abstract:
                faults.append(Fault(stored, "is abstract and has no cases.", "Derive one that stands alone."))
            if any(lifecycle is kind.lifecycle for kind in found.values()):
                faults.append(Fault(stored, "is given twice.", "Leave one of them."))
            elif stored in found:
                faults.append(Fault(stored, "is the name of two lifecycles.", "Give one of them another name=."))
            found[stored] = Kind(stored, blueprint, codec(ZoneInfo(where)), where, Wording(blueprint))
    faults += _unknown_parents(found.values())
    if faults:
        raise DefinitionError(name="Flow", faults=tuple(faults))
    return list(found.values())


def _named(
    definition: Program | type[Lifecycle[Any]], zone: str, faults: list[Fault]
) -> list[tuple[str, type[Lifecycle[Any]], str]]:
    if isinstance(definition, Program):
        return [(f"{definition.name}.{blueprint_of(one).name}", one, definition.zone) for one in definition.lifecycles]
    if getattr(definition, "__progflow__", None) is None:
        faults.append(
            Fault(repr(definition), "is no lifecycle and no program.", "Give classes derived from Lifecycle.")
        )
        return []
    return [(blueprint_of(definition).name, definition, zone)]


def _unknown_parents(kinds: Iterable[Kind]) -> list[Fault]:
    known = tuple(kinds)
    return [
        Fault(kind.stored, f"its parent {parent.__name__} is unknown here.", f"Add {parent.__name__} to the flow.")
        for kind in known
        for parent in kind.blueprint.parents
        if not any(issubclass(one.lifecycle, parent) for one in known)
    ]
