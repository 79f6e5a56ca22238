"""Plain data and typed values: strictly one to one, and every fault at once, with its path."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from enum import Enum, IntEnum
from typing import Annotated, Any, Generic, Literal, NewType, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

import attrs
import pytest
from annotated_types import Ge, Gt, Interval, Le, Len, Lt, MaxLen, MinLen, MultipleOf, Predicate
from attrs import field, frozen, validators
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from progflow import InputFault, Reason
from progflow.codec import UTC_ZONE, BadValue, codec, is_comparable, is_number

utc = codec(UTC_ZONE)
berlin = codec(ZoneInfo("Europe/Berlin"))
T = TypeVar("T")
BADGE = UUID("12345678-1234-5678-1234-567812345678")
Number = NewType("Number", int)


class City(Enum):
    KOELN = "Köln"
    ESSEN = "Essen"


class Rank(IntEnum):
    FIRST = 1
    SECOND = 2


@frozen
class Goal:
    text: str
    until: date | None = None


@frozen
class Plan:
    title: str
    goals: tuple[Goal, ...] = ()
    notes: Mapping[str, int] = field(factory=dict[str, int])


@frozen
class Stage(Goal):
    more: str = ""


@frozen
class Box(Generic[T]):
    inside: T


@frozen
class Tree:
    name: str
    below: tuple[Tree, ...] = ()


@frozen
class Checked:
    mail: str = field(validator=validators.matches_re(r".+@.+"))
    count: int = field(default=1, validator=validators.ge(1))


def faults(load: Callable[[], object]) -> dict[str, str]:
    with pytest.raises(BadValue) as caught:
        load()
    return {fault.path: fault.problem for fault in caught.value.faults}


# -- scalars --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("of", "typed", "plain"),
    [
        (str, "x", "x"),
        (int, 3, 3),
        (bool, True, True),
        (float, 1.5, 1.5),
        (type(None), None, None),
        (date, date(2026, 8, 15), "2026-08-15"),
        (time, time(14, 30), "14:30:00"),
        (Decimal, Decimal("1.50"), "1.50"),
        (UUID, BADGE, str(BADGE)),
        (City, City.KOELN, "Köln"),
        (Rank, Rank.FIRST, 1),
        (Number, Number(3), 3),
        (Literal["a", 1], 1, 1),
        (datetime, datetime(2026, 8, 15, 10, tzinfo=UTC), "2026-08-15T10:00:00+00:00"),
        (date | None, None, None),
        (date | None, date(2026, 8, 15), "2026-08-15"),
        (int | str, "3", "3"),
        (Plan | Checked | None, Checked("a@b"), {"mail": "a@b", "count": 1}),
        (list[int], [1, 2], [1, 2]),
        (tuple[date, ...], (date(2026, 1, 1),), ["2026-01-01"]),
        (tuple[int, str], (1, "x"), [1, "x"]),
        (frozenset[int], frozenset({2, 1}), [1, 2]),
        (set[City], {City.KOELN, City.ESSEN}, ["Essen", "Köln"]),
        (Sequence[int], (1, 2), [1, 2]),
        (dict[str, int], {"a": 1}, {"a": 1}),
        (dict[City, date], {City.KOELN: date(2026, 1, 1)}, {"Köln": "2026-01-01"}),
        (Mapping[date, int], {date(2026, 1, 1): 1}, {"2026-01-01": 1}),
        (Goal, Goal("x", date(2026, 1, 1)), {"text": "x", "until": "2026-01-01"}),
        (Box[date], Box(date(2026, 1, 1)), {"inside": "2026-01-01"}),
        (Tree, Tree("a", (Tree("b"),)), {"name": "a", "below": [{"name": "b", "below": []}]}),
        (Annotated[int, Ge(1)], 1, 1),
        (tuple[Annotated[str, MinLen(1)], ...], ("x",), ["x"]),
    ],
)
def test_values_become_plain_json_and_come_back(of: Any, typed: Any, plain: Any) -> None:
    assert utc.problem(of) is None
    written, back = utc.round_trip(typed, of, "it")
    assert written == plain
    assert json.loads(json.dumps(written)) == plain
    assert back == typed
    assert type(back) is type(typed)


@pytest.mark.parametrize(
    ("of", "plain", "said"),
    [
        (str, 3, "must be text, not the number 3"),
        (str, None, "must be text, not null"),
        (int, "3", "must be a whole number, not the text '3'"),
        (int, True, "must be a whole number, not true"),
        (int, 3.0, "must be a whole number"),
        (bool, 1, "must be true or false, not the number 1"),
        (float, "1", "must be a finite number"),
        (float, True, "must be a finite number, not true"),
        (float, float("nan"), "must be a finite number"),
        (float, float("inf"), "must be a finite number"),
        (date, "2026-02-30", "must be a date as in 2026-08-15"),
        (date, "20260815", "must be a date"),
        (date, "2026-08-15T10:00:00+00:00", "must be a date"),
        (date, datetime(2026, 8, 15, tzinfo=UTC), "not the datetime 2026-08-15T00:00:00+00:00"),
        (datetime, "2026-08-15T10:00:00", "with a UTC offset, not the naive 2026-08-15T10:00:00"),
        (datetime, "2026-08-15", "with a UTC offset"),
        (datetime, 5, "with a UTC offset"),
        (time, "25:00", "must be a time of day"),
        (Decimal, 1.5, "must be a decimal number written as text"),
        (Decimal, "NaN", "must be a decimal number"),
        (Decimal, "x", "must be a decimal number"),
        (UUID, "1234", "must be a UUID"),
        (UUID, 5, "must be a UUID"),
        (City, "KOELN", "must be one of Köln, Essen, not the text 'KOELN'"),
        (Rank, "1", "must be one of 1, 2"),
        (Rank, True, "must be one of 1, 2, not true"),
        (Literal["a", 1], True, "must be one of a, 1, not true"),
        (type(None), 0, "must be null"),
        (list[int], "12", "must be a list, not the text '12'"),
        (list[int], {"a": 1}, "must be a list"),
        (tuple[int, str], [1], "must be a list of 2"),
        (dict[str, int], [1], "must be an object"),
        (dict[str, int], "x", "must be an object"),
        (Goal, ["text"], "must be an object with the fields of Goal"),
        (Goal, "text", "must be an object with the fields of Goal"),
    ],
)
def test_nothing_is_coerced(of: Any, plain: Any, said: str) -> None:
    problem = faults(lambda: utc.load(plain, of, "it"))["it"]
    assert said in problem


def test_a_long_text_is_cut_in_the_message() -> None:
    assert len(faults(lambda: utc.load("x" * 5000, int, "it"))["it"]) < 120


# -- typed values that do not fit ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("of", "value"),
    [
        (date, datetime(2026, 8, 15, tzinfo=UTC)),
        (datetime, datetime(2026, 8, 15)),
        (datetime, date(2026, 8, 15)),
        (int, True),
        (str, 3),
        (Decimal, 1.5),
        (UUID, str),
        (tuple[int, ...], "12"),
        (Goal, {"text": 3}),
        (Goal, Plan("x")),
        (Goal, Stage("x", more="would be lost")),
        (Plan, Plan("x", goals=(Stage("y", more="would be lost"),))),
        (Plan, Plan("x", goals="abc")),  # type: ignore[arg-type]
        (list[list[str]], ["ab"]),
        (tuple[int, ...], {1, 2}),
        (tuple[int, str], (1, "x", 2)),
        (Goal, Goal("x", until=datetime(2026, 8, 15, tzinfo=UTC))),
        (dict[str, int], {1: 1}),
        (City, "Bonn"),
        (str, object()),
    ],
)
def test_a_value_that_would_not_come_back_is_refused(of: Any, value: Any) -> None:
    with pytest.raises(BadValue):
        utc.round_trip(value, of, "it")


def test_datetimes_are_written_in_utc_and_read_in_the_zone() -> None:
    summer = datetime(2026, 8, 15, 10, tzinfo=timezone(timedelta(hours=2)))
    plain, back = berlin.round_trip(summer, datetime, "it")
    assert plain == "2026-08-15T08:00:00+00:00"
    assert back == summer
    assert back.tzinfo == ZoneInfo("Europe/Berlin")


# -- all faults at once, with paths -------------------------------------------------------------------------


def test_all_faults_of_a_value_are_reported_with_their_paths() -> None:
    plain = {
        "title": 3,
        "goals": [{"text": "a"}, {"until": "tomorrow", "why": 1}, 7],
        "notes": {"a": "x", "b": 2},
        "extra": 1,
        "another": 2,
    }
    assert faults(lambda: utc.load(plain, Plan, "plan")) == {
        "plan": "has fields that it does not know: another, extra",
        "plan.title": "must be text, not the number 3",
        "plan.goals[1].text": "is missing",
        "plan.goals[1].until": "must be a date as in 2026-08-15, not the text 'tomorrow'",
        "plan.goals[1]": "has fields that it does not know: why",
        "plan.goals[2]": "must be an object with the fields of Goal, not the number 7",
        "plan.notes['a']": "must be a whole number, not the text 'x'",
    }


def test_the_faults_of_attrs_validators_are_sentences() -> None:
    found = faults(lambda: utc.load({"mail": "nobody"}, Checked, "it"))
    assert "must match regex" in found["it"]
    assert "attribute=" not in found["it"].lower()
    assert utc.load({"mail": "a@b"}, Checked, "it") == Checked("a@b")


def test_a_fault_of_an_input_is_a_plain_value() -> None:
    with pytest.raises(BadValue) as error:
        utc.load("x", int, "count")
    assert str(error.value) == "count: must be a whole number, not the text 'x'"


# -- constraints --------------------------------------------------------------------------------------------


def _even(number: int) -> bool:
    """must be even"""
    return number % 2 == 0


@pytest.mark.parametrize(
    ("of", "good", "bad", "said"),
    [
        (Annotated[int, Gt(1)], 2, 1, "greater than 1"),
        (Annotated[int, Ge(1)], 1, 0, "at least 1"),
        (Annotated[int, Lt(3)], 2, 3, "less than 3"),
        (Annotated[int, Le(3)], 3, 4, "at most 3"),
        (Annotated[int, Interval(ge=1, le=3)], 2, 9, "at most 3"),
        (Annotated[int, MultipleOf(5)], 10, 7, "multiple of 5"),
        (Annotated[str, MinLen(2)], "ab", "a", "length of at least 2"),
        (Annotated[str, MaxLen(2)], "ab", "abc", "length of at most 2"),
        (Annotated[list[int], Len(1, 2)], [1], [], "length of at least 1"),
        (Annotated[int, Predicate(_even)], 2, 3, "must be even"),
        (Reason, "because", "  ", "must not be blank"),
        (Annotated[int, Ge(1)] | None, None, 0, "at least 1"),
        (Annotated[int | None, Ge(1)], None, 0, "at least 1"),
        (Annotated[date, Ge(date(2026, 1, 1))], "2026-01-01", "2025-12-31", "at least 2026-01-01"),
        (list[Annotated[int, Ge(1)]], [1], [0], "at least 1"),
        (Annotated[int, "a note that is no constraint"], 1, "x", "whole number"),
    ],
)
def test_constraints_of_annotated_types_are_checked(of: Any, good: Any, bad: Any, said: str) -> None:
    assert utc.problem(of) is None
    utc.load(good, of, "it")
    (problem,) = faults(lambda: utc.load(bad, of, "it")).values()
    assert said in problem


def test_all_broken_constraints_are_said() -> None:
    of = Annotated[int, Ge(10), MultipleOf(5)]
    assert faults(lambda: utc.load(3, of, "it"))["it"] == "must be at least 10 and must be a multiple of 5"


# -- what is supported ----------------------------------------------------------------------------------------


class Plain:
    """A class that nobody can read from plain data."""


@frozen
class Unknown:
    inner: Plain


@frozen
class Lost:
    counted: int = field(init=False, default=0)


@attrs.define
class Untyped:
    x = field(default=1)  # type: ignore[var-annotated]


@pytest.mark.parametrize(
    ("of", "said"),
    [
        (Any, "says nothing about the value"),
        (object, "says nothing about the value"),
        (list, "says nothing about what is in it"),
        (dict, "says nothing about what is in it"),
        (list[Any], "says nothing about the value"),
        (bytes, "bytes is no type that can be written"),
        (timedelta, "timedelta is no type"),
        (Plain, "Plain is no type"),
        (Callable[[], int], "is no type"),
        (dict[int, str], "int cannot be the key of a JSON object"),
        (dict[Rank, str], "Rank cannot be the key"),
        (dict[str, Plain], "Plain is no type"),
        (tuple[int, Plain], "Plain is no type"),
        (Plain | None, "Plain is no type"),
        (Annotated[Plain, Ge(1)], "Plain is no type"),
        (Literal[b"x"], "b'x' in a Literal"),
        (Unknown, "Unknown.inner: Plain is no type"),
        (Box[Plain], "Box.inside: Plain is no type"),
        (Lost, "Lost.counted is no argument of the class"),
        (Untyped, "Untyped.x has no annotation"),
        (date | str, "date and str cannot be told apart"),
        (date | UUID | None, "date and UUID cannot be told apart"),
        (City | str, "cannot be told apart"),
    ],
)
def test_types_that_could_not_come_back_are_told(of: Any, said: str) -> None:
    problem = utc.problem(of)
    assert problem is not None
    assert said in problem


def test_what_can_be_compared_in_a_store_and_what_can_be_added_up() -> None:
    assert all(map(is_comparable, (str, int, bool, date, datetime, UUID, City, int | None, Annotated[str, MinLen(1)])))
    assert not any(map(is_comparable, (Decimal, time, list[int], Goal, Any, dict[str, int], int | Goal)))
    assert all(map(is_number, (int, float, Decimal, int | None, Annotated[int, Ge(1)])))
    assert not any(map(is_number, (bool, str, date, City, int | str)))


# -- for any data ---------------------------------------------------------------------------------------------

TEXTS = st.text(max_size=8)
INSTANTS = st.datetimes(
    datetime(1990, 1, 1), datetime(2090, 1, 1), timezones=st.sampled_from([UTC, ZoneInfo("Europe/Berlin")])
).map(lambda one: one.replace(fold=0).astimezone(UTC))
SCALARS: dict[Any, st.SearchStrategy[Any]] = {
    str: TEXTS,
    int: st.integers(),
    bool: st.booleans(),
    float: st.floats(allow_nan=False, allow_infinity=False),
    date: st.dates(),
    time: st.times(),
    datetime: INSTANTS,
    Decimal: st.decimals(allow_nan=False, allow_infinity=False),
    UUID: st.uuids(),
    City: st.sampled_from(City),
    Rank: st.sampled_from(Rank),
    Annotated[int, Ge(3)]: st.integers(min_value=3),
}
KEYS: dict[Any, st.SearchStrategy[Any]] = {str: TEXTS, date: st.dates(), UUID: st.uuids(), City: st.sampled_from(City)}

# A busy machine is no fault of the codec.
patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

Typed = tuple[Any, st.SearchStrategy[Any]]


def _containers(inner: st.SearchStrategy[Typed]) -> st.SearchStrategy[Typed]:
    def record(parts: list[Typed]) -> Typed:
        fields = {f"f{number}": attrs.field(type=of) for number, (of, _) in enumerate(parts)}
        cls = attrs.make_class("Record", fields, frozen=True)
        return cls, st.tuples(*(values for _, values in parts)).map(lambda values: cls(*values))

    return st.one_of(
        inner.map(lambda t: (t[0] | None, st.none() | t[1])),
        inner.map(lambda t: (tuple[t[0], ...], st.lists(t[1], max_size=3).map(tuple))),
        inner.map(lambda t: (list[t[0]], st.lists(t[1], max_size=3))),
        st.tuples(inner, inner).map(lambda p: (tuple[p[0][0], p[1][0]], st.tuples(p[0][1], p[1][1]))),
        st.tuples(st.sampled_from(list(KEYS.items())), inner).map(
            lambda p: (dict[p[0][0], p[1][0]], st.dictionaries(p[0][1], p[1][1], max_size=3))
        ),
        st.lists(inner, min_size=1, max_size=4).map(record),
    )


TYPED = st.recursive(st.sampled_from(list(SCALARS.items())), _containers, max_leaves=6)


@patient
@given(st.data())
def test_any_data_comes_back_as_it_was_through_json(data: st.DataObject) -> None:
    of, values = data.draw(TYPED)
    value = data.draw(values)
    assert utc.problem(of) is None
    plain, back = utc.round_trip(value, of, "it")
    assert back == value
    assert utc.load(json.loads(json.dumps(plain)), of, "it") == value
    assert utc.dump(back, of) == plain


PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)


@patient
@given(st.data())
def test_any_plain_data_is_read_or_refused_with_paths_and_never_anything_else(data: st.DataObject) -> None:
    of, _ = data.draw(TYPED)
    plain = data.draw(PLAIN)
    found: tuple[InputFault, ...] = ()
    try:
        value = utc.load(plain, of, "it")
    except BadValue as refused:
        found = refused.faults
        assert found
    else:
        assert utc.round_trip(value, of, "it")[1] == value
    assert all(fault.path.startswith("it") and fault.problem for fault in found)
