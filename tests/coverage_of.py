"""What the tests of a programme have made happen: which events have fired, and which final states were reached."""

from __future__ import annotations

from typing import Any

from progflow import Entry, Flow, Lifecycle, Program


class Coverage:
    """Watches flows; ``missing`` says what never happened in any of them."""

    def __init__(self) -> None:
        self._seen: set[tuple[str, str]] = set()

    def watch(self, flow: Flow) -> Flow:
        """Note every step of this flow from now on."""
        flow.transitioned.connect(self._note)
        return flow

    def _note(self, sender: type[Lifecycle[Any]], *, entry: Entry) -> None:
        kinds = [kind for kind in sender.__mro__ if issubclass(kind, Lifecycle)]
        self._seen |= {(kind.__qualname__, word) for kind in kinds for word in (f"event {entry.event}", entry.after)}

    def missing(self, program: Program) -> list[str]:
        """Events that never fired and final states that were never reached, each as ``Mentee.withdraw``."""
        found: list[str] = []
        for kind in program.lifecycles:
            blueprint = kind.__progflow__.blueprint
            wanted = [(path, f"event {path}") for path in blueprint.events]
            wanted += [(path, path) for path, state in blueprint.states.items() if state.final]
            found += [f"{kind.__name__}.{p}" for p, word in wanted if (kind.__qualname__, word) not in self._seen]
        return found
