"""Every statement, built once for a store: building one costs more than running it."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any, Final, TypeAlias, TypeVar

from attrs import frozen
from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Delete,
    Executable,
    Integer,
    Select,
    String,
    Table,
    and_,
    bindparam,
    case,
    delete,
    func,
    insert,
    or_,
    select,
    update,
)

from progflow.adapters.sqlalchemy._rows import (
    CASE_COLUMNS,
    ENTRY_COLUMNS,
    PAYLOAD_COLUMNS,
    TIMER_COLUMNS,
    phase_token,
    scalar_token,
)
from progflow.adapters.sqlalchemy._tables import Tables
from progflow.records import Query

__all__ = ["MANY", "Statements"]

MANY: Final = 500
"""More values than this do not go into one IN."""

Condition: TypeAlias = ColumnElement[bool]
Parameters: TypeAlias = dict[str, Any]
S = TypeVar("S")


class Statements:
    """The statements over one set of tables, for one kind of database."""

    def __init__(self, tables: Tables, dialect: str) -> None:
        self.tables = tables
        # Both find a text exactly where the column compares by code points.
        self._position = func.strpos if dialect == "postgresql" else func.instr
        self._by_shape: dict[Hashable, Any] = {}
        t = tables
        of_case = t.case.c.id == bindparam("id")
        self._cases = self._select_cases()
        self.version = select(t.meta.c.value).where(t.meta.c.name == "version")
        self.load = self._cases.where(of_case).order_by(t.timer.c.event)
        self.watching = self._ordered(
            self._cases.where(t.case.c.id.in_(select(t.watch.c.case_id).where(t.watch.c.token.in_(_several("tokens")))))
        )
        self.history = self._select_history()
        self.key = (
            select(t.key, func.coalesce(t.case.c.lifecycle, ""))
            .join_from(t.key, t.case, t.key.c.case_id == t.case.c.id, isouter=True)
            .where(t.key.c.key == bindparam("key"))
        )
        self.stored = select(t.case).where(t.case.c.id.in_(_several("ids")))
        self.holders = select(t.case.c.id, t.case.c.unique_value).where(t.case.c.unique_value.in_(_several("values")))
        self._prepare_writes()

    def _prepare_writes(self) -> None:
        # Without values: the columns are those of the rows that they are executed with.
        t = self.tables
        expected = and_(t.case.c.id == bindparam("b_id"), t.case.c.revision == bindparam("b_revision"))
        self.move = update(t.case).where(expected)
        # Changes nothing, but tells whether the case is still where it was, and keeps it there.
        self.touch = update(t.case).where(expected).values(revision=t.case.c.revision)
        self.release = update(t.case).where(t.case.c.id == bindparam("b_id")).values(unique_value=None)
        self.add_case = insert(t.case)
        self.add_link = insert(t.link)
        self.add_timer = insert(t.timer)
        self.add_watch = insert(t.watch)
        self.add_entry = insert(t.history)
        self.add_payload = insert(t.payload)
        self.add_key = insert(t.key)
        self.drop_links = delete(t.link).where(t.link.c.case_id == bindparam("b_id"))
        self.drop_timer = _delete_timer(t.timer)
        self.drop_watches = _delete_timer(t.watch)

    # -- questions whose form depends on what is asked ---------------------------------------------

    def find(self, query: Query) -> tuple[Select[Any], Parameters]:
        """The cases of a query, with their timers; without those left out, if they are too many for SQL."""
        shape, parameters = _query_shape(query)
        return self._once(("find", shape), lambda: self._find(shape)), parameters

    def count(self, query: Query) -> tuple[Select[Any], Parameters]:
        """How many those are."""
        shape, parameters = _query_shape(query)
        return self._once(("count", shape), lambda: self._count(shape)), parameters

    def ids(self, query: Query) -> tuple[Select[Any], Parameters]:
        """Which those are."""
        shape, parameters = _query_shape(query)
        return self._once(("ids", shape), lambda: self._ids(shape)), parameters

    def due(self, lifecycles: frozenset[str], now: int, limit: int) -> tuple[Executable, Parameters]:
        """The timers of these lifecycles that may fire, as rows for ``read_due``."""
        parameters: Parameters = {"now": now, "limit": limit, "lifecycles": sorted(lifecycles)}
        return self._once("due", self._due), parameters

    def _once(self, shape: Hashable, build: Callable[[], S]) -> S:
        found: S | None = self._by_shape.get(shape)
        return self._by_shape.setdefault(shape, build()) if found is None else found

    def _select_cases(self) -> Select[Any]:
        case, timer = self.tables.case, self.tables.timer
        columns = [case.c[name] for name in CASE_COLUMNS] + [timer.c[name] for name in TIMER_COLUMNS]
        return select(*columns).outerjoin_from(case, timer, timer.c.case_id == case.c.id)

    def _ordered(self, cases: Select[Any]) -> Select[Any]:
        case = self.tables.case
        return cases.order_by(case.c.created, case.c.id, self.tables.timer.c.event)

    def _select_history(self) -> Select[Any]:
        history, payload = self.tables.history, self.tables.payload
        columns = [history.c[name] for name in ENTRY_COLUMNS] + [payload.c[name] for name in PAYLOAD_COLUMNS]
        kept = and_(payload.c.case_id == history.c.case_id, payload.c.seq == history.c.seq)
        entries = select(*columns).outerjoin_from(history, payload, kept)
        return entries.where(history.c.case_id == bindparam("id")).order_by(history.c.seq)

    def _find(self, shape: QueryShape) -> Select[Any]:
        return self._ordered(self._cases.where(self._matching(shape)))

    def _count(self, shape: QueryShape) -> Select[Any]:
        return select(func.count()).select_from(self.tables.case).where(self._matching(shape))

    def _ids(self, shape: QueryShape) -> Select[Any]:
        return select(self.tables.case.c.id).where(self._matching(shape))

    def _matching(self, shape: QueryShape) -> Condition:
        """``Query.matches``, in SQL."""
        table = self.tables.case
        kinds: list[Condition] = [
            and_(table.c.lifecycle == bindparam(f"l{i}"), table.c.state.in_(_several(f"s{i}")))
            for i in range(shape.listed)
        ]
        if shape.any:
            kinds.append(table.c.lifecycle.in_(_several("any")))
        conditions = [or_(*kinds)]
        family: list[Condition] = []
        if shape.parents:
            family.append(table.c.parent.in_(_several("parents")))
        if shape.orphans:
            family.append(table.c.parent.is_(None))
        if family:
            conditions.append(or_(*family))
        if shape.link:
            link = self.tables.link
            pointing = and_(link.c.target == bindparam("target"), link.c.role == bindparam("role"))
            conditions.append(table.c.id.in_(select(link.c.case_id).where(pointing)))
        for i, absent in enumerate(shape.where):
            same = self._position(table.c.scalars, bindparam(f"w{i}", type_=String())) > 0
            unentered = self._position(table.c.scalars, bindparam(f"p{i}", type_=String())) == 0
            conditions.append(or_(same, unentered) if absent else same)
        if shape.without:
            conditions.append(table.c.id.not_in(_several("without")))
        return and_(*conditions)

    def _due(self) -> Executable:
        table, timer = self.tables.case, self.tables.timer
        at = case((timer.c.ready > table.c.stepped, timer.c.ready), else_=table.c.stepped)
        # Wrapped, so that no planner without statistics starts from all cases: few timers are due.
        lifecycle = func.coalesce(table.c.lifecycle, "")
        conditions = [timer.c.alarm <= bindparam("now"), lifecycle.in_(_several("lifecycles"))]
        columns = (timer.c.case_id, timer.c.event, at, timer.c.due, timer.c.armed, table.c.lifecycle)
        due = select(*columns).join_from(timer, table, table.c.id == timer.c.case_id).where(*conditions)
        order = (at, timer.c.due, timer.c.armed, timer.c.event, timer.c.case_id)
        return due.order_by(*order).limit(bindparam("limit", type_=Integer()))


@frozen
class QueryShape:
    """What of a query decides the form of its statement."""

    any: bool
    listed: int
    parents: bool
    orphans: bool
    link: bool
    where: tuple[bool, ...]
    without: bool


def _query_shape(query: Query) -> tuple[QueryShape, Parameters]:
    whole = sorted(name for name, states in query.states.items() if states is None)
    listed = sorted((name, sorted(states)) for name, states in query.states.items() if states)
    shape = QueryShape(
        any=bool(whole) or not listed,
        listed=len(listed),
        parents=query.parents is not None,
        orphans=query.orphans,
        link=query.link is not None,
        where=tuple(bool(condition.absent and condition.phase) for condition in query.where),
        without=0 < len(query.without) <= MANY,
    )
    parameters: Parameters = {}
    if shape.any:
        parameters["any"] = whole
    for i, (name, states) in enumerate(listed):
        parameters |= {f"l{i}": name, f"s{i}": states}
    if query.parents is not None:
        parameters["parents"] = sorted(query.parents)
    if query.link is not None:
        parameters["role"], parameters["target"] = query.link
    for i, condition in enumerate(query.where):
        parameters[f"w{i}"] = scalar_token(condition)
        if shape.where[i]:
            parameters[f"p{i}"] = phase_token(condition.phase)
    if shape.without:
        parameters["without"] = sorted(query.without)
    return shape, parameters


def _several(name: str) -> BindParameter[Any]:
    return bindparam(name, expanding=True)


def _delete_timer(table: Table) -> Delete:
    return delete(table).where(table.c.case_id == bindparam("b_id"), table.c.event == bindparam("b_event"))
