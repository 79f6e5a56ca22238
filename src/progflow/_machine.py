"""The only home of transitions: a lifecycle compiled to one shared machine, and the table that is read from it.

No model is ever attached to the machine. It is the source of the table, the oracle of property tests and the source
of diagrams.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final, TypeAlias

from transitions import Machine

from progflow.definition.lifecycle import Lifecycle, blueprint_of

BEFORE_START: Final = "(start)"
"""The state of the machine in which a case is that has not begun."""

MODEL_ATTRIBUTE: Final = "progflow_state"

Table: TypeAlias = Mapping[str, Mapping[str, str | None]]
"""For each event and each source the target; None means that the event stays."""


def description_of(lifecycle: type[Lifecycle[Any]]) -> Mapping[str, Any]:
    """What a machine of that lifecycle is made of: states are paths, triggers are paths of events."""
    blueprint = blueprint_of(lifecycle)
    transitions: list[dict[str, Any]] = []
    for event in blueprint.events.values():
        if event.starts is not None:
            transitions.append({"trigger": event.path, "source": BEFORE_START, "dest": event.starts})
        for source, target in event.targets.items():
            transitions.append({"trigger": event.path, "source": source, "dest": target})
    return {
        "states": [BEFORE_START, *blueprint.states],
        "transitions": transitions,
        "initial": BEFORE_START,
        "auto_transitions": False,
        "model_attribute": MODEL_ATTRIBUTE,
    }


@lru_cache(maxsize=4096)
def machine_of(lifecycle: type[Lifecycle[Any]]) -> Machine:
    """The one machine of a lifecycle, which everybody shares and nobody changes."""
    return Machine(model=None, **description_of(lifecycle))


@lru_cache(maxsize=4096)
def table_of(lifecycle: type[Lifecycle[Any]]) -> Table:
    """The machine's arrows between states as a look-up."""
    table: dict[str, dict[str, str | None]] = {}
    for name, event in machine_of(lifecycle).events.items():
        rows = table.setdefault(str(name), {})
        for source, transitions in event.transitions.items():
            for transition in transitions:
                if source != BEFORE_START:
                    rows[str(source)] = None if transition.dest is None else str(transition.dest)
    return table
