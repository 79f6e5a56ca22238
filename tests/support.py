"""Small helpers of the tests: a clock that is set by hand, flows on every store, and all that a store holds."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from attrs import evolve
from sqlalchemy import MetaData, create_engine, select

from progflow import Actor, Blocker, Flow, Refused, Role
from progflow.adapters.memory import MemoryStore
from progflow.adapters.sqlalchemy import SQLAlchemyStore
from progflow.definition.cases import Case, record_of
from progflow.records import TimerRecord
from progflow.testing.clock import Clock

BERLIN = ZoneInfo("Europe/Berlin")
OFFICE = Role("office")
office = Actor("office-1", {OFFICE})
somebody = Actor("somebody")


def berlin(text: str) -> datetime:
    """A clock time in Berlin: ``berlin("2026-03-01 08:00")``, or midnight with a day alone."""
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN)


FlowMaker = Callable[..., Flow]
STORES = ("memory", "sqlite")


def memory_flow(clock: Clock, *definitions: Any, **options: Any) -> Flow:
    """A flow in memory, its days counted in Berlin."""
    options = {"zone": "Europe/Berlin", "store": MemoryStore(), "clock": clock, **options}
    return Flow(*definitions, **options)


@pytest.fixture
def clock() -> Clock:
    """A clock that stands at nine on a Monday morning: 2 March 2026."""
    return Clock("2026-03-02 09:00", zone="Europe/Berlin")


@pytest.fixture(params=STORES)
def make_flow(request: pytest.FixtureRequest, clock: Clock, tmp_path: Path) -> Iterator[FlowMaker]:
    """Makes flows on one of the stores, all with the clock of the test."""
    opened: list[SQLAlchemyStore] = []
    number = itertools.count()

    def make(*definitions: Any, **options: Any) -> Flow:
        if request.param == "sqlite" and "store" not in options:
            opened.append(SQLAlchemyStore(f"sqlite:///{tmp_path}/{next(number)}.db"))
            options["store"] = opened[-1]
        return memory_flow(clock, *definitions, **options)

    yield make
    for store in opened:
        store.dispose()


def store_of(flow: Flow) -> Any:
    """The store of a flow."""
    return flow._transaction.engine.store


def dump(flow: Flow) -> object:
    """Everything that the flow's store holds."""
    store = store_of(flow)
    if isinstance(store, MemoryStore):
        held = store._committed
        return (dict(held.cases), dict(held.entries), dict(held.keys), dict(held.holders))
    tables = MetaData()
    engine = create_engine(store._engine.url)
    with engine.connect() as connection:
        tables.reflect(connection)
        rows = {table.name: sorted(map(repr, connection.execute(select(table)))) for table in tables.sorted_tables}
    engine.dispose()
    return rows


def refusal(verb: Callable[..., Any], *args: Any, **kwargs: Any) -> Refused:
    """The refusal that the call ends with."""
    with pytest.raises(Refused) as caught:
        verb(*args, **kwargs)
    return caught.value


def codes(reasons: Sequence[Blocker] | Refused) -> list[str]:
    """The codes of the reasons, in their order."""
    return [reason.code for reason in (reasons.reasons if isinstance(reasons, Refused) else reasons)]


def events(flow: Flow, case: Case[Any] | str) -> list[str]:
    """The events of a case so far."""
    return [entry.event for entry in flow.history(case)]


def state(flow: Flow, case: Case[Any]) -> str:
    """The path of the state in which the case is stored."""
    return flow.get(type_of(case), case).state.path


def type_of(case: Case[Any]) -> Any:
    """The lifecycle of a case."""
    return case.lifecycle


def timer(flow: Flow, case: Case[Any] | str, event: str) -> TimerRecord | None:
    """The stored timer of that event."""
    with store_of(flow).begin(write=False) as unit:
        found: TimerRecord | None = unit.load(case if isinstance(case, str) else case.id).timer(event)
        return found


def due(flow: Flow, case: Case[Any], event: str) -> datetime | None:
    """When the event fires by itself, in Berlin, as ``explain`` says it."""
    return flow.explain(case, actor=somebody)[event].due


def without_timers(case: Case[Any]) -> object:
    """The record of a case without its timers."""
    return evolve(record_of(case), timers=())
