"""Cases as values, and questions about them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import Enum
from typing import (
    TYPE_CHECKING,
    Any,
    Final,
    Generic,
    Protocol,
    TypeVar,
    final,
    get_origin,
)
from zoneinfo import ZoneInfo

import attrs
from attrs import evolve, frozen

from progflow.codec import BadValue, codec, is_comparable, is_number, is_object
from progflow.definition.blueprint import Kind
from progflow.definition.places import knows, paths_of, paths_or_none, phase_name, taken_away
from progflow.definition.states import Source, State
from progflow.definition.wording import Wording
from progflow.errors import DamagedData, UsageError
from progflow.records import CaseRecord, Query, Where

if TYPE_CHECKING:
    from typing_extensions import TypeIs

    from progflow.definition.lifecycle import Lifecycle, Phase

D = TypeVar("D")
D2 = TypeVar("D2")


@final
class Case(Generic[D]):
    """One running thing, as it was when it was read: a value that never changes.

    Cases are equal when they are the same case at the same revision, in the same condition.
    """

    __slots__ = ("_data", "_kind", "_phases", "_record", "_title")

    def __init__(self, record: CaseRecord, kind: Kind, title: str | None = None) -> None:
        self._record = record
        self._kind = kind
        self._title = title
        self._data: Any = _UNREAD
        self._phases: dict[str, Any] = {}

    @property
    def id(self) -> str:
        """The identifier that the store knows it by."""
        return self._record.id

    @property
    def lifecycle(self) -> type[Lifecycle[D]]:
        """What it is a case of."""
        return self._kind.lifecycle

    @property
    def data(self) -> D:
        """The lifecycle's own data.

        Raises:
            DamagedData: what is stored does not fit its type.
        """
        if self._data is _UNREAD:
            self._data = self._read(self._record.data, self._kind.blueprint.data, "data")
        data: D = self._data
        return data

    def __getitem__(self, phase: Phase[D2]) -> D2:
        """The data of a phase; what it would begin with, until the phase is entered."""
        data: D2 = self.phase_data(phase_name(self._kind.blueprint, phase))
        return data

    def phase_data(self, name: str) -> Any:
        """The data of the phase of that name."""
        if name not in self._phases:
            spec = self._kind.blueprint.phases[name]
            plain = self._record.phases.get(name, spec.default)
            self._phases[name] = self._read(plain, spec.data, name)
        return self._phases[name]

    def _read(self, plain: object, of: Any, path: str) -> Any:
        try:
            return self._kind.codec.load(plain, of, path)
        except BadValue as error:
            raise DamagedData(case=self.id, lifecycle=self._record.lifecycle, faults=error.faults) from error

    @property
    def state(self) -> State:
        """Where it is."""
        found: object = self._kind.lifecycle
        for name in self._record.state.split("."):
            found = getattr(found, name)
        assert isinstance(found, State)
        return found

    @property
    def state_title(self) -> str:
        """Where it stands, in the language of the flow that gave it: ``selection: waiting``.

        ``state.title`` is the state's own in its author's words, without the phase.
        """
        return self._kind.words.label(self._record.state) if self._title is None else self._title

    @property
    def revision(self) -> int:
        """How many steps it has made."""
        return self._record.revision

    @property
    def version(self) -> int:
        """The version of the definition that it follows."""
        return self._record.version

    @property
    def parent(self) -> str | None:
        """The id of its parent."""
        return self._record.parent

    @property
    def links(self) -> Mapping[str, str]:
        """The ids of the cases that it points to, by role."""
        return self._record.links

    @property
    def created_at(self) -> datetime:
        """When it began, in the program's zone."""
        return self._record.created.astimezone(ZoneInfo(self._kind.zone))

    @property
    def entered_at(self) -> datetime:
        """When it entered its present state, in the program's zone."""
        return self._record.entered.astimezone(ZoneInfo(self._kind.zone))

    def is_in(self, *where: Source) -> bool:
        """Whether it is in one of these states or phases."""
        return any(self._record.state in paths_of(self._kind.blueprint, part) for part in where)

    def visited(self, *where: Source) -> bool:
        """Whether it is or has ever been in one of these states or phases."""
        return any(not paths_of(self._kind.blueprint, part).isdisjoint(self._record.visited) for part in where)

    @property
    def is_open(self) -> bool:
        """Whether its state is not final."""
        return not self._kind.blueprint.states[self._record.state].final

    def __eq__(self, other: object) -> bool:
        return is_case(other) and evolve(self._record, timers=()) == evolve(record_of(other), timers=())

    def __hash__(self) -> int:
        return hash((self._record.id, self._record.revision))

    def __repr__(self) -> str:
        return f"<{self._kind.blueprint.name} {self.id} {self._record.state} r{self.revision}>"

    def __reduce__(self) -> tuple[Any, ...]:
        kind = self._kind
        return _case, (self._record, kind.lifecycle, kind.stored, kind.zone, self.state_title)


_UNREAD: Final = object()


def _case(record: CaseRecord, lifecycle: type[Lifecycle[Any]], stored: str, zone: str, title: str) -> Case[Any]:
    blueprint = lifecycle.__progflow__.blueprint
    # A catalogue does not travel with a case; what it has said of this case does.
    return Case(record, Kind(stored, blueprint, codec(ZoneInfo(zone)), zone, Wording(blueprint)), title)


def is_case(value: object) -> TypeIs[Case[Any]]:
    """Whether it is a case."""
    return isinstance(value, Case)


def record_of(case: Case[Any]) -> CaseRecord:
    """The stored form of a case."""
    return case._record  # pyright: ignore[reportPrivateUsage]


def kind_of(case: Case[Any]) -> Kind:
    """The lifecycle of a case, as its flow knows it."""
    return case._kind  # pyright: ignore[reportPrivateUsage]


class Answers(Protocol):
    """Who answers questions about cases."""

    def find(self, query: Query) -> Sequence[Case[Any]]:
        """The cases that match, in the order of creation."""
        ...

    def count(self, query: Query) -> int:
        """How many cases match."""
        ...


@final
@frozen
class Cases(Generic[D]):
    """A question about cases of one lifecycle and its subclasses. Asking happens in the last word of the chain."""

    _kinds: tuple[Kind, ...]
    _query: Query
    _answers: Answers = attrs.field(eq=False)
    _order: tuple[tuple[str, str, bool], ...] = ()

    def where(self, phase: Phase[Any] | None = None, /, **equals: object) -> Cases[D]:
        """Those whose fields have these values; with a phase, the fields of its data.

        Raises:
            UsageError: no such field, or a value that is not a scalar of the field's type.
        """
        conditions = tuple(self._condition(phase, name, value) for name, value in equals.items())
        return self._with(evolve(self._query, where=(*self._query.where, *conditions)))

    def in_(self, *where: Source) -> Cases[D]:
        """Those in one of these states or phases."""
        wanted = {
            kind.stored: frozenset[str]().union(*(paths_or_none(kind.blueprint, part) for part in where))
            for kind in self._kinds
        }
        if where and not any(wanted.values()):
            paths_of(self._kinds[0].blueprint, where[0])
        for part in where:
            for without in taken_away(part):
                if not any(knows(kind.blueprint, without) for kind in self._kinds):
                    paths_of(self._kinds[0].blueprint, without)
        return self._narrowed(wanted)

    def open(self) -> Cases[D]:
        """Those whose state is not final."""
        return self._narrowed({kind.stored: kind.blueprint.open_states for kind in self._kinds})

    def of(self, parent: Case[Any]) -> Cases[D]:
        """The children of that case."""
        among = frozenset({parent.id}) if self._query.parents is None else self._query.parents & {parent.id}
        return self._with(evolve(self._query, parents=among, orphans=False))

    def order_by(self, phase_or_field: Phase[Any] | str, /, *fields: str) -> Cases[D]:
        """In the order of these fields, None last; a leading ``-`` turns a field's order round.

        With a phase first, the fields are those of its data.
        """
        if isinstance(phase_or_field, str):
            phase, names = None, (phase_or_field, *fields)
        else:
            phase, names = phase_or_field, fields
        order: list[tuple[str, str, bool]] = []
        for name in names:
            bare = name.removeprefix("-")
            of = self._field_type(phase, bare)
            if not (is_comparable(of) or is_number(of)):
                mend = "Name a field that is a text, number, date, Enum or UUID."
                raise UsageError(problem=f"{bare!r} is of type {of}, which has no order.", mend=mend)
            order.append((phase.__bound__.name if phase is not None else "", bare, name.startswith("-")))
        return evolve(self, order=(*self._order, *order))

    def count(self) -> int:
        """How many there are."""
        return self._answers.count(self._query)

    def exists(self) -> bool:
        """Whether there is one."""
        return self.count() > 0

    def sum(self, field: str) -> Any:
        """The sum of a field of the lifecycle's data; None counts as nothing.

        Raises:
            UsageError: no such field, or one that is no number.
        """
        of = self._field_type(None, field)
        if not is_number(of):
            raise UsageError(problem=f"{field!r} is of type {of}, which has no sum.", mend="Name a number.")
        values = [getattr(case.data, field) for case in self._answers.find(self._query)]
        return sum(value for value in values if value is not None)

    def one(self) -> Case[D]:
        """The only one.

        Raises:
            UsageError: there is none, or more than one.
        """
        found = self.all()
        if len(found) != 1:
            problem = f"{len(found)} cases of {self._kinds[0].blueprint.name} match, not exactly one."
            raise UsageError(problem=problem, mend="Use .first() or .all() where that may be.")
        return found[0]

    def first(self) -> Case[D] | None:
        """The first one, None if there is none."""
        found = self.all()
        return found[0] if found else None

    def all(self) -> Sequence[Case[D]]:
        """All of them, in the order of creation unless ``order_by`` says otherwise."""
        found = list(self._answers.find(self._query))
        for phase, name, turned in reversed(self._order):
            known = [case for case in found if _value(case, phase, name) is not None]
            known.sort(key=lambda case: _value(case, phase, name), reverse=turned)
            found = known + [case for case in found if _value(case, phase, name) is None]
        return tuple(found)

    def _with(self, query: Query) -> Cases[D]:
        return evolve(self, query=query)

    def _narrowed(self, wanted: Mapping[str, frozenset[str]]) -> Cases[D]:
        states = {
            stored: wanted[stored] if known is None else known & wanted[stored]
            for stored, known in self._query.states.items()
        }
        return self._with(evolve(self._query, states=states))

    def _field_type(self, phase: Phase[Any] | None, name: str) -> Any:
        blueprint = self._kinds[0].blueprint
        of = blueprint.data_type(None if phase is None else phase_name(blueprint, phase))
        fields = {f.name: f.type for f in attrs.fields(attrs.resolve_types(_bare(of)))} if attrs.has(_bare(of)) else {}
        if name not in fields:
            owner = blueprint.name if phase is None else f"{blueprint.name}.{phase.__bound__.name}"
            known = ", ".join(fields) or "no fields"
            raise UsageError(problem=f"The data of {owner} has no field {name!r}.", mend=f"It has: {known}.")
        return fields[name]

    def _condition(self, phase: Phase[Any] | None, name: str, value: object) -> Where:
        of = self._field_type(phase, name)
        kind = self._kinds[0]
        if not is_comparable(of):
            raise UsageError(
                problem=f"{name!r} is of type {of}, which cannot be compared in a store.",
                mend="Ask for a field that is a text, number, date, Enum or UUID, or filter the list.",
            )
        try:
            plain, _ = kind.codec.round_trip(value, of, name)
        except BadValue as error:
            raise UsageError(
                problem=f"{name}={value!r} can never match: {error}.", mend=f"Give a value of {of}."
            ) from None
        where = "" if phase is None else phase_name(kind.blueprint, phase)
        default = kind.blueprint.phases[where].default if where else None
        absent = is_object(default) and default.get(name) == plain
        return Where(where, name, plain, absent)


def _value(case: Case[Any], phase: str, name: str) -> Any:
    value = getattr(case.phase_data(phase) if phase else case.data, name)
    return value.value if isinstance(value, Enum) else value


def _bare(of: Any) -> Any:
    return get_origin(of) or of
