"""What becomes of the definitions with a change: whether they are accepted, and which states lead where.

Run as a program it prints that of the programmes that it is given, with the change that the environment names.
"""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
from collections.abc import Iterable, Mapping
from typing import Any, Final

from attrs import frozen

from benchmarks.mutants.mutated import activate, environment
from benchmarks.mutants.patch import Patch

REFUSED: Final = 3
"""The exit code for definitions that do not compile."""

Graphs = dict[str, "Graph"]
"""By lifecycle, ``cross_mentoring.Mentee``."""


@frozen
class Way:
    """What an event does to the graph: by what it may happen, and where it leads. ``open``: a person, a timer or an
    automatic firing may bring it about; other events wait for a cascade or for the host."""

    open: bool
    targets: Mapping[str, str | None]


@frozen
class Graph:
    """The states of a lifecycle, those in which a case begins, those in which it may stay, and the events."""

    begins: tuple[str, ...]
    rests: tuple[str, ...]
    ways: Mapping[str, Way]

    def reached(self, ways: Iterable[str]) -> frozenset[str]:
        """The states that a case can come to by these events."""
        return _closure(self._edges(ways, forward=True), self.begins)

    def ending(self, ways: Iterable[str]) -> frozenset[str]:
        """The states from which these events lead to one in which a case may stay."""
        return _closure(self._edges(ways, forward=False), self.rests)

    def _edges(self, ways: Iterable[str], *, forward: bool) -> dict[str, set[str]]:
        edges: dict[str, set[str]] = {}
        for name in ways:
            for source, target in self.ways[name].targets.items():
                if target is not None:
                    one, other = (source, target) if forward else (target, source)
                    edges.setdefault(one, set()).add(other)
        return edges


def _closure(edges: Mapping[str, set[str]], roots: Iterable[str]) -> frozenset[str]:
    found: set[str] = set()
    waiting = list(roots)
    while waiting:
        state = waiting.pop()
        if state not in found:
            found.add(state)
            waiting.extend(edges.get(state, ()))
    return frozenset(found)


def dead_ends(before: Graphs, after: Graphs) -> bool:
    """Whether a change has taken the last way to an end from a state, or the last way to a state.

    An event counts as long as somebody or something may bring it about that could before.
    """
    for name, graph in before.items():
        changed = after.get(name)
        if changed is None:
            continue
        then = graph.ways
        now = [way for way, one in changed.ways.items() if one.open or (way in then and not then[way].open)]
        if graph.ending(then) - changed.ending(now) or graph.reached(then) - changed.reached(now):
            return True
    return False


def only_ways_out(graphs: Graphs) -> frozenset[tuple[str, str]]:
    """The events, by lifecycle, that are the only way on from one of their sources.

    What leads out of everything, as a cancellation, is no way on.
    """
    found: set[tuple[str, str]] = set()
    for name, graph in graphs.items():
        leaving: dict[str, list[str]] = {}
        for event, way in graph.ways.items():
            ends = set(way.targets.values())
            aside = len(way.targets) > 2 and len(ends) == 1 and ends <= set(graph.rests)
            for source, target in way.targets.items() if not aside else ():
                if target not in (None, source) and source not in graph.rests:
                    leaving.setdefault(source, []).append(event)
        found |= {(name, events[0]) for events in leaving.values() if len(events) == 1}
    return frozenset(found)


def graphs_here(programmes: Iterable[str]) -> Graphs:
    """The graphs of these programmes as this process has imported them."""
    from progflow import Program

    found: Graphs = {}
    for programme in programmes:
        module = importlib.import_module(f"progflow.programs.{programme}")
        for program in (one for one in vars(module).values() if isinstance(one, Program)):
            for lifecycle in program.lifecycles:
                found[f"{programme}.{lifecycle.__name__}"] = _graph(lifecycle.__progflow__.blueprint)
    return found


def _graph(blueprint: Any) -> Graph:
    starts = tuple(event.starts for event in blueprint.events.values() if event.starts is not None)
    return Graph(
        begins=starts or ((blueprint.initial,) if blueprint.initial else ()),
        rests=tuple(path for path, state in blueprint.states.items() if state.final or state.resting),
        ways={path: Way(bool(one.by) or one.self_firing, dict(one.targets)) for path, one in blueprint.events.items()},
    )


def compiled(patch: Patch | None, programmes: Iterable[str]) -> Graphs | str:
    """The graphs of these programmes with that change, in a process of their own; or why they are refused."""
    command = [sys.executable, "-m", "benchmarks.mutants.compiled", *programmes]
    ran = subprocess.run(command, env=environment(patch), capture_output=True, text=True, timeout=120, check=False)
    if ran.returncode == 0:
        return {name: _from_json(said) for name, said in json.loads(ran.stdout).items()}
    return ran.stdout.strip() if ran.returncode == REFUSED else ran.stderr.strip().splitlines()[-1]


def _from_json(said: dict[str, Any]) -> Graph:
    ways = {name: Way(open=is_open, targets=targets) for name, (is_open, targets) in said["ways"].items()}
    return Graph(tuple(said["begins"]), tuple(said["rests"]), ways)


def _to_json(graph: Graph) -> dict[str, Any]:
    ways = {name: (way.open, way.targets) for name, way in graph.ways.items()}
    return {"begins": graph.begins, "rests": graph.rests, "ways": ways}


def main(programmes: list[str]) -> int:
    """Print the graphs of these programmes, or why a definition is refused."""
    activate()
    from progflow import ProgflowError

    try:
        found = graphs_here(programmes)
    except ProgflowError as error:
        print(f"{type(error).__name__}: {str(error).splitlines()[0]}")
        return REFUSED
    print(json.dumps({name: _to_json(graph) for name, graph in found.items()}))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
