"""The lifecycles that a flow knows, under the names by which its store and its users speak of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, final

from progflow._machine import table_of
from progflow.definition.blueprint import Blueprint, EventSpec, Kind
from progflow.definition.cases import Case
from progflow.definition.events import Command, key_of
from progflow.definition.lifecycle import Lifecycle
from progflow.errors import UnknownEvent, UnknownLifecycle, UnknownState, UnknownVersion
from progflow.records import CaseRecord


@final
class Kinds:
    """The lifecycles of one flow."""

    def __init__(self, kinds: Iterable[Kind]) -> None:
        self._by_name = {kind.stored: kind for kind in kinds}
        self._by_class = {kind.lifecycle: kind for kind in self._by_name.values()}
        self._family = {kind.lifecycle: self._subclasses(kind.lifecycle) for kind in self._by_name.values()}
        self._keys = {kind.lifecycle: frozenset(map(key_of, kind.lifecycle.__mro__)) for kind in self._by_name.values()}
        self.names = frozenset(self._by_name)
        self.known = tuple(self._by_name)
        self.all = tuple(self._by_name.values())
        self._groups = self._grouped()
        self._tables = {kind.stored: table_of(kind.lifecycle) for kind in self._by_name.values()}
        self.someone_waits = any(kind.blueprint.fires_by_itself for kind in self._by_name.values())

    def targets(self, kind: Kind, event: EventSpec) -> Mapping[str, str | None]:
        """Where the event leads, by the state that it leaves; None where it stays."""
        return self._tables[kind.stored][event.path]

    def group(self, kind: Kind) -> frozenset[str]:
        """The lifecycles whose timers could matter to a case of this kind: all that are related by parents.

        No family reaches beyond such a group, so the order of timers is kept within it.
        """
        return self._groups[kind.stored]

    def named(self, stored: str) -> Kind:
        """The lifecycle of that stored name.

        Raises:
            UnknownLifecycle: there is none.
        """
        try:
            return self._by_name[stored]
        except KeyError:
            raise UnknownLifecycle(name=stored, known=tuple(self._by_name)) from None

    def prefix(self, name: str) -> Kind | None:
        """The lifecycle whose stored name begins a name like ``cross-mentoring.Mentee.apply``, if there is one."""
        parts = name.split(".")
        found = (self._by_name.get(".".join(parts[:length])) for length in range(len(parts) - 1, 0, -1))
        return next((kind for kind in found if kind is not None), None)

    def of(self, lifecycle: type[Lifecycle[Any]]) -> Kind:
        """The lifecycle of that class.

        Raises:
            UnknownLifecycle: it is not part of this flow.
        """
        try:
            return self._by_class[lifecycle]
        except (KeyError, TypeError):
            raise UnknownLifecycle(
                name=getattr(lifecycle, "__name__", repr(lifecycle)), known=tuple(self._by_name)
            ) from None

    def including_subclasses(self, lifecycle: type[Lifecycle[Any]]) -> tuple[Kind, ...]:
        """The lifecycle and its subclasses in this flow; an abstract base stands for its subclasses.

        Raises:
            UnknownLifecycle: neither it nor a subclass is part of this flow.
        """
        if lifecycle in self._family:
            return self._family[lifecycle]
        found = self._subclasses(lifecycle)
        return found or (self.of(lifecycle),)

    def _subclasses(self, lifecycle: type[Lifecycle[Any]]) -> tuple[Kind, ...]:
        found = [kind for kind in self._by_name.values() if issubclass(kind.lifecycle, lifecycle)]
        return tuple(sorted(found, key=lambda kind: kind.lifecycle is not lifecycle))

    def _grouped(self) -> dict[str, frozenset[str]]:
        groups: dict[str, frozenset[str]] = {name: frozenset({name}) for name in self._by_name}
        for kind in self._by_name.values():
            for parent in kind.blueprint.parents:
                for other in self._subclasses(parent):
                    merged = groups[kind.stored] | groups[other.stored]
                    groups.update(dict.fromkeys(merged, merged))
        return groups

    def starting(self, command: Command[Any]) -> Kind:
        """The lifecycle that a command of a ``START`` event was named through, or the one that stands in its place.

        Raises:
            UnknownLifecycle: neither it nor exactly one subclass is part of this flow.
        """
        named = [kind for kind in self._by_class.values() if key_of(kind.lifecycle) == command.lifecycle]
        derived = [kind for kind in self._by_class.values() if command.lifecycle in self._keys[kind.lifecycle]]
        found = named or derived
        if len(found) == 1:
            return found[0]
        raise UnknownLifecycle(name=command.lifecycle.rpartition(":")[2], known=tuple(self._by_name))

    def event(self, kind: Kind, command: Command[Any]) -> EventSpec:
        """The event of this lifecycle that the command means.

        Raises:
            UnknownEvent: it has none of that name, or the command was named through another lifecycle.
        """
        blueprint = kind.blueprint
        if command.lifecycle not in self._keys[kind.lifecycle] or command.event not in blueprint.events:
            raise UnknownEvent(lifecycle=kind.stored, event=str(command), known=tuple(blueprint.events))
        return blueprint.events[command.event]

    def case(self, record: CaseRecord) -> Case[Any]:
        """The stored case as a value.

        Raises:
            UnknownLifecycle, UnknownVersion, UnknownState: the definitions of this flow cannot read it.
        """
        return Case(record, self.check(record))

    def check(self, record: CaseRecord) -> Kind:
        """The lifecycle of a stored case, made sure that it can be read."""
        kind = self.named(record.lifecycle)
        blueprint: Blueprint = kind.blueprint
        if record.version != blueprint.version:
            raise UnknownVersion(
                case=record.id, lifecycle=record.lifecycle, version=record.version, known=blueprint.version
            )
        if record.state not in blueprint.states:
            raise UnknownState(
                case=record.id, lifecycle=record.lifecycle, state=record.state, known=tuple(blueprint.states)
            )
        return kind
