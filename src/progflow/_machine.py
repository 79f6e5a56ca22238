"""The only home of transitions: a lifecycle compiled to one shared machine, and the table that is read from it.

No model is ever attached to the machine. It is the source of the table, the oracle of property tests and the source
of diagrams.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, Final, TypeAlias

from transitions import Machine

from progflow.definition.blueprint import Blueprint, EventSpec
from progflow.definition.lifecycle import Lifecycle, blueprint_of
from progflow.definition.wording import Wording

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


# -- the diagram


def diagram_of(lifecycle: type[Lifecycle[Any]], words: Wording) -> str:
    """The machine as a Mermaid state diagram, phases as groups, in the language of these words.

    It comes from the engine of transitions; what a page cannot show as the engine writes it is mended: the state before
    the start is a box there, and colours are fixed to black on white.
    """
    from transitions.extensions import HierarchicalGraphMachine  # costs 30 ms, and only pages need it
    from transitions.extensions.nesting import NestedState

    class Titled(NestedState):
        separator = "."

        def __init__(self, *args: Any, label: str = "", **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            self.label = label

    class Drawn(HierarchicalGraphMachine):
        state_cls = Titled

    blueprint = blueprint_of(lifecycle)
    begins = any(event.starts is not None for event in blueprint.events.values())
    machine: Any = Drawn(
        model=None,
        states=list(_boxes(blueprint, words, begins)),
        transitions=list(_edges(blueprint, words)),
        initial=None if begins else blueprint.initial,
        auto_transitions=False,
        graph_engine="mermaid",
        title=f"title: {json.dumps(words.title(), ensure_ascii=False)}",
    )
    source: str = machine.graph_cls(machine).get_graph().source
    return "".join(f"{line}\n" for line in map(_mended, source.splitlines()) if line)


def _mended(line: str) -> str:
    """A line of the engine as a page wants it; empty for one that is left out."""
    if line.lstrip().startswith(("Class ", "classDef ")) or line.endswith(f" as {BEFORE_START}"):
        return ""
    begins = line.lstrip().startswith(f"{BEFORE_START} -->")
    return (line.replace(BEFORE_START, "[*]", 1) if begins else line).rstrip()


def _drawable(text: str) -> str:
    """A title without the two signs that end a label in Mermaid."""
    return text.replace('"', "'").replace(";", ",")


def _boxes(blueprint: Blueprint, words: Wording, begins: bool) -> Iterator[Mapping[str, Any]]:
    if begins:
        yield {"name": BEFORE_START}
    phases: dict[str, list[Mapping[str, Any]]] = {}
    initial: dict[str | None, str] = {}
    for path, spec in blueprint.states.items():
        name = path.rpartition(".")[2]
        box = {"name": name, "label": _drawable(words.state(path)), "final": spec.final}
        if spec.initial:
            initial[spec.phase] = name
        if spec.phase is None:
            yield box
        else:
            phases.setdefault(spec.phase, []).append(box)
    for phase, children in phases.items():
        yield {"name": phase, "label": _drawable(words.phase(phase)), "children": children, "initial": initial[phase]}


def _edges(blueprint: Blueprint, words: Wording) -> Iterator[Mapping[str, Any]]:
    """The arrows that move; what leads from every open state of a phase to one place leaves the phase as a whole."""
    for event in blueprint.events.values():
        label = _drawable(words.event(event))
        if event.starts is not None:
            yield {"trigger": event.path, "source": BEFORE_START, "dest": event.starts, "label": label}
        for target in dict.fromkeys(target for target in event.targets.values() if target is not None):
            for source in sources_of(blueprint, event, target):
                yield {"trigger": event.path, "source": source, "dest": target, "label": label}


def sources_of(blueprint: Blueprint, event: EventSpec, target: str | None) -> tuple[str, ...]:
    """From where an event leads to that target (None: stays): states, and whole phases where it leaves each state.

    A phase stands for its states that are not final, if there are several and the target lies outside of it.
    """
    found: dict[str, None] = {}
    sources = {source for source, to in event.targets.items() if to == target}
    for source in event.targets:
        if source in sources:
            phase = blueprint.states[source].phase
            inside = {path for path in blueprint.open_states if blueprint.states[path].phase == phase}
            beyond = target is None or blueprint.states[target].phase != phase
            found[phase if phase is not None and beyond and len(inside) > 1 and inside <= sources else source] = None
    return tuple(found)
