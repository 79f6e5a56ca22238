"""A case of a story, which is always as it is at present."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Generic, TypeVar, final

from progflow.definition.cases import Case
from progflow.definition.events import Event
from progflow.definition.lifecycle import Lifecycle, Phase
from progflow.definition.people import SYSTEM
from progflow.definition.states import Source, State
from progflow.flow.verbs import Flow

D = TypeVar("D")
D2 = TypeVar("D2")


@final
class StoryCase(Generic[D]):
    """Gives what ``Case`` gives, each time anew from the store; ``case`` is the value that it has now."""

    def __init__(self, flow: Flow, case: Case[D]) -> None:
        self._flow = flow
        self.id = case.id
        self.lifecycle: type[Lifecycle[D]] = case.lifecycle

    @property
    def case(self) -> Case[D]:
        """The case as it is stored now: a value that stays as it is."""
        return self._flow.get(self.lifecycle, self.id)

    @property
    def data(self) -> D:
        """The lifecycle's own data."""
        return self.case.data

    def __getitem__(self, phase: Phase[D2]) -> D2:
        """The data of a phase; what it would begin with, until the phase is entered."""
        return self.case[phase]

    @property
    def state(self) -> State:
        """Where it is."""
        return self.case.state

    @property
    def parent(self) -> str | None:
        """The id of its parent."""
        return self.case.parent

    @property
    def links(self) -> Mapping[str, str]:
        """The ids of the cases that it points to, by role."""
        return self.case.links

    def is_in(self, *where: Source) -> bool:
        """Whether it is in one of these states or phases."""
        return self.case.is_in(*where)

    def visited(self, *where: Source) -> bool:
        """Whether it is or has ever been in one of these states or phases."""
        return self.case.visited(*where)

    @property
    def events(self) -> list[str]:
        """The events of its history, oldest first."""
        return [entry.event for entry in self._flow.history(self.id)]

    def due(self, event: Event[Any, ...] | str) -> datetime | None:
        """When that event fires by itself, in the program's zone; None while it does not."""
        path = event if isinstance(event, str) else event.path
        return self._flow.explain(self.id, actor=SYSTEM)[path].due

    def __repr__(self) -> str:
        return repr(self.case)
