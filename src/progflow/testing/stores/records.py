"""Random records for the store suite: small pools, so that questions often find something and ties occur."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import cast

from attrs import evolve
from hypothesis import strategies as st

from progflow.records import (
    Batch,
    CaseChange,
    CaseRecord,
    DueTimer,
    EntryRecord,
    Json,
    KeyRecord,
    Query,
    TimerRecord,
    Where,
)

START = datetime(2026, 3, 1, 8, 30, 15, 123456, tzinfo=UTC)

# No NUL and no lone surrogates: there are databases that know neither.
_TEXTS = st.sampled_from(
    [
        "",
        "a",
        "A",
        "ä",
        "Ä",
        "1",
        "true",
        "null",
        "'",
        '"',
        "\\",
        "%",
        "_",
        "\n",
        " a",
        "日本",
        "😀",
        "x" * 100,
    ]
) | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)
_WHOLE = [0, 1, -1, 2**53 + 1, 10**16, 10**40]
_FRACTIONS = [0.0, -0.0, 1.0, 0.1, 1.5, float(2**53), 1e16, 1e300, 5e-324]
_SCALARS: st.SearchStrategy[Json] = (
    st.none() | st.booleans() | st.sampled_from(_WHOLE) | st.sampled_from(_FRACTIONS) | _TEXTS
)
_FIELDS = st.sampled_from(["a", "A", "ä", "a.b", '"', "'", "$", "\\", "\n"])
_JSON = st.recursive(
    _SCALARS,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(_FIELDS, inner, max_size=2),
    max_leaves=4,
)
_DATA: st.SearchStrategy[Json] = st.dictionaries(_FIELDS, _JSON, max_size=4) | _JSON
_PHASES = ["selection", "tandem.inner", "Ä"]
_ENTERED = st.dictionaries(st.sampled_from(_PHASES), _DATA, max_size=2)
INSTANTS = st.sampled_from([START + timedelta(hours=hours) for hours in (0, 1, 2, 3, 26, 9000)]) | st.datetimes(
    datetime(1900, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC)
)
_STATES = ["draft", "open", "tandem.active", "Ä"]
_LIFECYCLES = ["Mentee", "mentee", "Edition"]
_PARENTS = ["edition", "Edition"]
_TARGETS = ["mentor", "Mentor"]
_ROLES = ["mentor", "buddy"]
_EVENTS = ["close", "Close", "tandem.complete", "ä"]
TOKENS = ["case:1", "case:2", "parent"]


def _maybe(values: st.SearchStrategy[str]) -> st.SearchStrategy[str | None]:
    return st.none() | values


def _instants_or_none() -> st.SearchStrategy[datetime | None]:
    return st.none() | INSTANTS


def a_timer(event: str = "close", **fields: Json) -> TimerRecord:
    """A timer that is due an hour after the start, but for what is given."""
    due = START + timedelta(hours=1)
    return evolve(TimerRecord(event, anchor=START, armed=START, due=due, ready=due), **fields)


def a_case(case: str = "case", **fields: Json) -> CaseRecord:
    """A case in its first revision, but for what is given."""
    record = CaseRecord(
        id=case,
        lifecycle="Mentee",
        version=1,
        state="draft",
        revision=1,
        created=START,
        entered=START,
        stepped=START,
        data={"city": "Köln"},
        phases={},
        visited=("draft",),
    )
    return evolve(record, **fields)


def an_entry(case: str = "case", seq: int = 1, **fields: Json) -> EntryRecord:
    """A step of a case, but for what is given."""
    record = EntryRecord(
        case=case,
        lifecycle="Mentee",
        version=1,
        seq=seq,
        event="apply",
        before=None,
        after="draft",
        actor="erika",
        acted_as="applicant",
        caused_by=None,
        due=None,
        at=START,
        recorded=START,
        payload={"city": "Köln"},
        data_changed=True,
        data={"city": "Köln"},
        phases={},
    )
    return evolve(record, **fields)


_TIMERS = st.builds(
    TimerRecord,
    event=st.sampled_from(_EVENTS),
    anchor=INSTANTS,
    armed=INSTANTS,
    stopped=_instants_or_none(),
    days_stopped=st.integers(-1000, 1000),
    seconds_stopped=st.floats(-1e9, 1e9) | st.just(0.1),
    asked=_instants_or_none(),
    due=_instants_or_none(),
    ready=_instants_or_none(),
    resting=st.booleans(),
    automatic=st.booleans(),
    watches=st.frozensets(st.sampled_from(TOKENS), max_size=2),
)


def cases() -> st.SearchStrategy[CaseRecord]:
    """Cases with everything that a case can have; ``id`` and ``unique`` are for the test to give."""
    return st.builds(
        CaseRecord,
        id=st.just(""),
        lifecycle=st.sampled_from(_LIFECYCLES),
        version=st.integers(1, 9),
        state=st.sampled_from(_STATES),
        revision=st.integers(1, 1_000_000),
        created=INSTANTS,
        entered=INSTANTS,
        stepped=INSTANTS,
        data=_DATA,
        phases=_ENTERED,
        visited=st.lists(st.sampled_from(_STATES), max_size=3).map(tuple),
        parent=_maybe(st.sampled_from(_PARENTS)),
        links=st.dictionaries(st.sampled_from(_ROLES), st.sampled_from(_TARGETS)),
        timers=st.lists(_TIMERS, max_size=2, unique_by=lambda timer: timer.event).map(
            lambda timers: tuple(sorted(timers, key=lambda timer: timer.event))
        ),
    )


def entries() -> st.SearchStrategy[EntryRecord]:
    """Entries with everything that an entry can have; ``case`` and ``seq`` are for the test to give."""
    return st.builds(
        EntryRecord,
        case=st.just(""),
        lifecycle=st.sampled_from(_LIFECYCLES),
        version=st.integers(1, 9),
        seq=st.just(0),
        event=st.sampled_from(_EVENTS),
        before=_maybe(st.sampled_from(_STATES)),
        after=st.sampled_from(_STATES),
        actor=_TEXTS,
        acted_as=_maybe(_TEXTS),
        caused_by=_maybe(_TEXTS),
        due=_instants_or_none(),
        at=INSTANTS,
        recorded=INSTANTS,
        payload=st.dictionaries(_FIELDS, _JSON, max_size=3),
        data_changed=st.booleans(),
        data=_DATA,
        phases=_ENTERED,
        stays=st.booleans(),
        parent=_maybe(st.sampled_from(_PARENTS)),
        links=st.dictionaries(st.sampled_from(_ROLES), st.sampled_from(_TARGETS)),
    ).map(lambda entry: entry if entry.data_changed else evolve(entry, data=None))


def _wheres() -> st.SearchStrategy[Where]:
    return st.builds(
        Where,
        phase=st.sampled_from(["", *_PHASES]),
        field=_FIELDS,
        value=_SCALARS,
        absent=st.booleans(),
    )


@st.composite
def queries(draw: st.DrawFn, stored: list[CaseRecord]) -> Query:
    """Questions about these cases, many of them such that they find something."""
    states = st.none() | st.frozensets(st.sampled_from(_STATES))
    wheres = draw(st.lists(_wheres(), max_size=2))
    fitting = draw(st.booleans())
    if stored and fitting:
        wheres = [*wheres[:1], *draw(_fitting(draw(st.sampled_from(stored))))]
    return Query(
        states=draw(st.dictionaries(st.sampled_from(_LIFECYCLES), states)),
        parents=draw(st.none() | st.frozensets(st.sampled_from(_PARENTS), max_size=2)),
        orphans=draw(st.booleans()),
        link=draw(st.none() | st.tuples(st.sampled_from(_ROLES), st.sampled_from(_TARGETS))),
        where=tuple(wheres),
        without=draw(st.frozensets(st.sampled_from([case.id for case in stored] or [""]), max_size=2)),
    )


def _fitting(case: CaseRecord) -> st.SearchStrategy[list[Where]]:
    """A condition that holds for the case, if it has a scalar field."""
    parts: list[tuple[str, Json]] = [("", case.data), *case.phases.items()]
    found = [
        Where(phase, name, value)
        for phase, data in parts
        for name, value in _fields(data)
        if value is None or isinstance(value, str | int | float)
    ]
    return st.lists(st.sampled_from(found), min_size=1, max_size=1) if found else st.just([])


def _fields(data: Json) -> Iterable[tuple[str, Json]]:
    return cast(dict[str, Json], data).items() if isinstance(data, dict) else ()


def lifecycle_sets() -> st.SearchStrategy[frozenset[str]]:
    """Some of the lifecycles."""
    return st.frozensets(st.sampled_from(_LIFECYCLES))


class Marked:
    """Renames what is shared between cases, so that one store can hold many examples apart."""

    def __init__(self, mark: str) -> None:
        self._mark = mark

    def name(self, name: str) -> str:
        """The name, made this example's own."""
        return f"{self._mark}/{name}"

    def names(self, names: Iterable[str]) -> frozenset[str]:
        """The names, made this example's own."""
        return frozenset(map(self.name, names))

    def case(self, case: CaseRecord) -> CaseRecord:
        """The case with its own id, lifecycle, relatives and watched tokens."""
        return evolve(
            case,
            id=self.name(case.id),
            lifecycle=self.name(case.lifecycle),
            parent=None if case.parent is None else self.name(case.parent),
            links={role: self.name(target) for role, target in case.links.items()},
            timers=tuple(evolve(timer, watches=self.names(timer.watches)) for timer in case.timers),
        )

    def query(self, query: Query) -> Query:
        """The same question about the renamed cases."""
        return evolve(
            query,
            states={self.name(lifecycle): states for lifecycle, states in query.states.items()},
            parents=None if query.parents is None else self.names(query.parents),
            link=None if query.link is None else (query.link[0], self.name(query.link[1])),
            without=self.names(query.without),
        )


def expected_due(stored: Iterable[CaseRecord], lifecycles: frozenset[str], now: datetime) -> list[DueTimer]:
    """What ``due`` has to answer, by definition."""
    found = [
        DueTimer.of(case, timer)
        for case in stored
        if case.lifecycle in lifecycles
        for timer in case.timers
        if timer.ready is not None and timer.due is not None and timer.ready <= now and not timer.resting
    ]
    return sorted(found, key=lambda timer: timer.order)


def as_new(case: CaseRecord) -> CaseChange:
    """The change by which the case begins."""
    return CaseChange(case, None, {timer.event: timer for timer in case.timers})


def moved(case: CaseRecord, **fields: Json) -> CaseChange:
    """The change by which the case takes one step."""
    return CaseChange(evolve(case, revision=case.revision + 1, **fields), case.revision, {})


def rearmed(case: CaseRecord, **timers: TimerRecord | None) -> CaseChange:
    """The change by which only timers of the case change."""
    return CaseChange(case, case.revision, timers)


def batch(*changes: CaseChange, entries: Sequence[EntryRecord] = (), key: KeyRecord | None = None) -> Batch:
    """A batch of these."""
    return Batch(changes, entries, key)
