"""What the kit draws: values that fit their types and limits, mostly of what is known, and payloads that are broken."""

from __future__ import annotations

import importlib
import json
import os
import pkgutil
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence, Set
from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from functools import partial
from pathlib import Path
from random import Random
from typing import Annotated, Any, Generic, Literal, NewType, Optional, TypeVar
from uuid import UUID

import annotated_types as at
import pytest
from attrs import NOTHING, Factory, field, frozen, validators
from hypothesis import find, given, settings
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

import progflow.programs
from progflow import START, Context, Lifecycle, Program, State, UsageError, event
from progflow.codec import codec
from progflow.definition.blueprint import Parameter
from progflow.definition.lifecycle import blueprint_of
from progflow.definition.payload import dump_payload, load_payload
from progflow.errors import PayloadError
from progflow.testing.chance import Drawn, Rolled
from progflow.testing.values import Values
from support import BERLIN, berlin

quick = settings(deadline=None, database=None, max_examples=30)
T = TypeVar("T")
NOW = berlin("2026-03-01 10:00")
DUE = berlin("2026-08-15")
PEOPLE = ("office-1", "person-1", "person-2", "person-3", "person-4")


@frozen
class Town:
    """A situation in which a few texts and days are known, wherever they are asked for."""

    now: datetime = NOW
    people: Sequence[str] = PEOPLE
    due: Sequence[datetime] = (DUE,)

    def texts(self, path: str) -> Sequence[str]:
        return self.people

    def times(self, path: str) -> Sequence[datetime]:
        return self.due


TOWN = Town()


# -- types of all kinds -----------------------------------------------------------------------------------------------


class Colour(Enum):
    RED = "red"
    BLUE = "blue"


class Size(Enum):
    SMALL = 1
    LARGE = 2


Name = Annotated[str, at.MinLen(1)]
PersonId = NewType("PersonId", str)
Percent = NewType("Percent", Annotated[int, at.Interval(ge=0, le=100)])


@frozen
class Person:
    id: Name
    born: date | None = None


@frozen
class Box(Generic[T]):
    content: T
    more: tuple[T, ...] = ()


@frozen
class PersonBox(Box[Person]):
    label: Name = "box"


@frozen
class Branch:
    name: Name
    branches: tuple[Branch, ...]
    twin: Branch | None


def an_even_number(value: int) -> bool:
    """must be even"""
    return value % 2 == 0


def a_week_long(span: Span) -> None:
    if span.until < span.since:
        raise ValueError("it ends before it begins")


@frozen
class Span:
    since: date
    until: date

    def __attrs_post_init__(self) -> None:
        a_week_long(self)


@frozen(kw_only=True)
class Guarded:
    """Every validator that is understood, and one that is not."""

    size: str = field(validator=validators.in_(["S", "M", "L"]))
    colour: str | None = field(validator=validators.optional(validators.in_({"red", "green", "blue"})))
    points: int = field(validator=[validators.ge(3), validators.lt(7)])
    share: float = field(validator=validators.and_(validators.gt(0), validators.le(1)))
    code: str = field(validator=validators.matches_re(r"[A-Z]{2}-\d{3}"))
    short: str = field(
        validator=validators.and_(validators.min_len(2), validators.max_len(3), validators.instance_of(str))
    )
    marks: tuple[int, ...] = field(
        validator=validators.deep_iterable(validators.in_([1, 2, 3]), validators.min_len(1)), converter=tuple
    )
    by_name: Mapping[str, int] = field(validator=validators.deep_mapping(validators.min_len(3), validators.ge(5)))
    odd: int = field()

    @odd.validator
    def _odd(self, attribute: Any, value: int) -> None:
        if value % 2 == 0:
            raise ValueError("must be odd")


@frozen
class Defaults:
    _hidden: int = 4
    names: tuple[Name, ...] = Factory(tuple)
    rules: Box[int] = Box(3)


TYPES: tuple[Any, ...] = (
    str,
    int,
    float,
    bool,
    None,
    Decimal,
    date,
    datetime,
    time,
    UUID,
    Colour,
    Size,
    Literal["a", 1, True, None],
    int | None,
    Optional[Name],  # noqa: UP045
    str | int | float | bool | None,
    Person | Branch,
    tuple[int, ...],
    tuple[str, int, date],
    list[Colour],
    set[int],
    frozenset[Name],
    Sequence[date],
    Set[Colour],
    Collection[UUID],
    Mapping[str, int],
    dict[date, Person],
    Mapping[Colour, tuple[Person, ...]],
    PersonId,
    Percent,
    Person,
    Box[int],
    Box[tuple[Person, ...]],
    PersonBox,
    Branch,
    Span,
    Guarded,
    Defaults,
    Annotated[tuple[Person, ...], at.MinLen(2)],
    Annotated[set[Colour], at.Len(2, 2)],
    Annotated[Mapping[Name, int], at.Len(1, 2)],
    Annotated[int, at.Ge(0), at.Predicate(an_even_number)],
    Annotated[int, at.Gt(10), at.Lt(100), at.MultipleOf(7)],
    Annotated[int, at.Le(-3)],
    Annotated[int, at.Ge(10**12)],
    Annotated[int | None, at.Interval(gt=0, lt=3)],
    Annotated[float, at.Gt(0), at.Lt(0.001)],
    Annotated[float, at.Ge(0), at.Le(10_000), at.MultipleOf(0.25)],
    Annotated[Decimal, at.Gt(Decimal("9.99")), at.Le(10)],
    Annotated[Decimal, at.Lt(0)],
    Annotated[str, at.Len(3, 3)],
    Annotated[str, at.MinLen(50), at.MaxLen(60)],
    Annotated[str, at.MaxLen(0)],
    Annotated[str, at.Predicate(str.isascii), at.MinLen(2)],
    Annotated[date, at.Ge(date(2030, 1, 1)), at.Lt(date(2030, 1, 3))],
    Annotated[datetime, at.Gt(DUE), at.Le(DUE + timedelta(seconds=1))],
    Annotated[time, at.Gt(time(9)), at.Lt(time(9, 1))] | None,
)


def drawn(of: Any, path: str = "Story.tell.it", values: Values | None = None) -> SearchStrategy[Any]:
    values = values or Values()

    @st.composite
    def draw_one(draw: DrawFn) -> Any:
        return values.value(Drawn(draw), of, path, TOWN)

    return draw_one()


def rolled(of: Any, times: int = 300, values: Values | None = None, path: str = "Story.tell.it") -> list[Any]:
    chance, values = Rolled(1), values or Values()
    return [values.value(chance, of, path, TOWN) for _ in range(times)]


def assert_fits(value: object, of: Any) -> None:
    plain, back = codec(BERLIN).round_trip(value, of, "it")
    assert back == value
    assert type(back) is type(value)
    json.dumps(plain, allow_nan=False)


@pytest.mark.parametrize("of", TYPES, ids=str)
def test_every_value_fits_its_type_and_survives_being_stored(of: Any) -> None:
    for value in rolled(of):
        assert_fits(value, of)


@pytest.mark.parametrize("of", TYPES, ids=str)
def test_every_value_that_hypothesis_chooses_fits_its_type(of: Any) -> None:
    @quick
    @given(drawn(of))
    def check(value: object) -> None:
        assert_fits(value, of)

    check()


# -- programmes -------------------------------------------------------------------------------------------------------


def events() -> Iterator[tuple[str, Mapping[str, Parameter]]]:
    """Every event of every programme that is shipped."""
    for module in pkgutil.iter_modules(progflow.programs.__path__, "progflow.programs."):
        for program in vars(importlib.import_module(module.name)).values():
            if isinstance(program, Program):
                for lifecycle in program.lifecycles:
                    for path, one in blueprint_of(lifecycle).events.items():
                        yield f"{program.name}.{lifecycle.__name__}.{path}", one.parameters


EVENTS = dict(events())
WITH_PAYLOAD = {name: parameters for name, parameters in EVENTS.items() if parameters}


PROGRAMS = sorted({name.partition(".")[0] for name in EVENTS})


def events_of(program: str) -> Mapping[str, Mapping[str, Parameter]]:
    return {name: parameters for name, parameters in EVENTS.items() if name.partition(".")[0] == program}


def test_there_are_events_of_six_programmes() -> None:
    assert len(PROGRAMS) == 6
    assert len(WITH_PAYLOAD) > 200


@pytest.mark.parametrize("program", PROGRAMS)
def test_every_payload_of_a_programme_is_accepted_as_it_was_meant(program: str) -> None:
    values = Values()
    for name, parameters in events_of(program).items():
        for seed in range(10):
            payload = values.payload(Rolled(seed), name, parameters, TOWN)
            typed, _ = load_payload(name, parameters, dump_payload(name, parameters, payload), codec(BERLIN))
            assert {field: typed[field] for field in payload} == payload


@quick
@given(st.data(), st.sampled_from(sorted(WITH_PAYLOAD)))
def test_every_payload_that_hypothesis_chooses_is_accepted(data: st.DataObject, name: str) -> None:
    payload = Values().payload(Drawn(data.draw), name, EVENTS[name], TOWN)
    dump_payload(name, EVENTS[name], payload)


@pytest.mark.parametrize("program", PROGRAMS)
def test_every_broken_payload_is_refused_and_leaves_the_good_one_alone(program: str) -> None:
    values = Values()
    for name, parameters in events_of(program).items():
        for seed in range(10):
            chance = Rolled(seed)
            plain = dump_payload(name, parameters, values.payload(chance, name, parameters, TOWN))
            before = json.dumps(plain)
            broken = values.broken(chance, plain, parameters)
            assert json.dumps(plain) == before
            with pytest.raises(PayloadError):
                load_payload(name, parameters, broken, codec(BERLIN))


@frozen
class Order:
    """What a payload consists of that can be broken in every way."""

    name: Name
    pieces: Annotated[int, at.Ge(1), at.Le(5)]
    price: Annotated[Decimal, at.Gt(0)]
    days: Annotated[tuple[date, ...], at.MinLen(1), at.MaxLen(2)]
    until: Annotated[date, at.Ge(date(2026, 1, 1))]
    to: Mapping[str, Person] = Factory(dict)


ORDER: Mapping[str, Parameter] = {
    "order": Parameter("order", Order, NOTHING),
    "note": Parameter("note", str | None, None),
    "box": Parameter("box", tuple[str, int], ("a", 1)),
}


def broken_orders(times: int) -> Iterator[object]:
    values = Values({"to": st.just({"a": Person("b")})})
    for seed in range(times):
        chance = Rolled(seed)
        order = Order("lamp", 3, Decimal("1.5"), (NOW.date(),), NOW.date(), {"a": Person("person-1")})
        yield values.broken(chance, dump_payload("Shop.order", ORDER, {"order": order}), ORDER)


def test_payloads_are_broken_in_every_way() -> None:
    said: Counter[str] = Counter()
    for broken in broken_orders(1500):
        with pytest.raises(PayloadError) as refused:
            load_payload("Shop.order", ORDER, broken, codec(BERLIN))
        said.update(f"{fault.path}: {fault.problem}" for fault in refused.value.faults)
    for expected in (
        "order: is missing",
        "order.name: is missing",
        "order.to['a'].id: is missing",
        "no_such_field: is no field of this event",
        "order: has fields that it does not know: no_such_field",
        "order: must be an object with the fields of Order, not null",
        "order.name: must be text, not null",
        "order.pieces: must be a whole number, not the text",
        "order.days[0]: must be a date as in 2026-08-15, not the text '2026-02-30'",
        "order.name: must have a length of at least 1",
        "order.pieces: must be at least 1",
        "order.pieces: must be at most 5",
        "order.price: must be greater than 0",
        "order.days: must have a length of at least 1",
        "order.days: must have a length of at most 2",
        "order.until: must be at least 2026-01-01",
        "note: must be",
        "box: must be a list of 2",
        "payload: must be an object with named fields, not a value of type list",
    ):
        assert any(line.startswith(expected) for line in said), f"{expected}\n" + "\n".join(sorted(said))


def test_a_payload_without_fields_can_be_broken_too() -> None:
    for seed in range(100):
        broken = Values().broken(Rolled(seed), {}, {})
        with pytest.raises(PayloadError):
            load_payload("Shop.close", {}, broken, codec(BERLIN))


# -- what is likely ---------------------------------------------------------------------------------------------------


def share(found: Collection[Any], condition: Callable[[Any], bool]) -> float:
    return sum(map(condition, found)) / len(found)


def test_texts_are_mostly_known_ones_and_the_first_of_them_most_often() -> None:
    counted = Counter(rolled(str, 2000))
    known = sum(counted[person] for person in PEOPLE)
    assert 0.75 < known / 2000 < 0.85
    assert min(counted[person] for person in PEOPLE[:3]) > max(counted[person] for person in PEOPLE[3:]) > 0
    assert all(counted[person] for person in PEOPLE)


def test_texts_have_edges_but_nothing_that_no_store_keeps() -> None:
    found = "".join(texts := rolled(str, 2000))
    assert all(character in found for character in "ü'🌱\n")
    assert "" in texts
    assert " " in texts
    assert any(text != text.strip() for text in texts)
    assert max(map(len, texts)) > 100
    assert not re.search("[\0\ud800-\udfff]", found)


def test_texts_are_short_words_where_nothing_is_known() -> None:
    values, chance = Values(), Rolled(1)
    found = [values.value(chance, str, "Story.tell.it", Town(people=())) for _ in range(500)]
    assert share(found, lambda text: 0 < len(text) < 10 and text.isalpha()) > 0.7


def test_known_texts_that_are_too_short_or_too_long_are_not_taken() -> None:
    assert not set(rolled(Annotated[str, at.MaxLen(3)])) & set(PEOPLE)
    assert not set(rolled(Annotated[str, at.MinLen(9)])) & set(PEOPLE)
    assert set(rolled(Annotated[str, at.MaxLen(8)])) >= set(PEOPLE)


def test_days_are_those_around_today_and_around_what_matters() -> None:
    found = set(rolled(date, 2000))
    today, due = NOW.date(), DUE.date()
    assert found >= {today + timedelta(days=days) for days in (0, 1, -1, 7, -7, 30, -30, 365, -365)}
    assert found >= {due, due + timedelta(days=1), due - timedelta(days=1)}
    assert share(rolled(date, 2000), lambda day: abs((day - today).days) < 400) > 0.9


def test_a_day_that_matters_is_the_one_of_the_zone() -> None:
    late = datetime(2026, 8, 14, 22, 30, tzinfo=UTC)
    values, chance = Values(), Rolled(1)
    found = Counter(values.value(chance, date, "Story.tell.on", Town(due=(late,))) for _ in range(500))
    assert found[date(2026, 8, 15)] > found[date(2026, 8, 14)]


def test_instants_are_those_that_matter_and_just_before_and_after_them() -> None:
    found = set(rolled(datetime, 2000))
    for moment in (NOW, DUE):
        seconds = {moment + timedelta(seconds=by) for by in (0, 1, -1)}
        assert found >= seconds | {moment + timedelta(days=by) for by in (1, -1)}
    assert all(one.tzinfo is BERLIN for one in found)


def test_instants_never_stand_in_an_hour_that_the_zone_leaves_out() -> None:
    before = berlin("2026-03-28 02:30")
    values, chance = Values(), Rolled(1)
    for _ in range(300):
        found = values.value(chance, datetime, "Story.tell.at", Town(now=before, due=()))
        assert found.astimezone(UTC).astimezone(BERLIN) == found


def test_days_stay_within_the_calendar() -> None:
    ends = Town(now=datetime(9999, 12, 31, tzinfo=UTC), due=(datetime(1, 1, 1, tzinfo=UTC),))
    values, chance = Values(), Rolled(1)
    for _ in range(300):
        values.value(chance, date, "Story.tell.on", ends)
        values.value(chance, datetime, "Story.tell.at", ends)


def test_whole_numbers_are_small_or_at_their_bounds_and_rarely_big() -> None:
    found = rolled(Annotated[int, at.Ge(0), at.Le(5000)], 2000)
    assert share(found, lambda number: number <= 10) > 0.7
    assert {0, 1, 4999, 5000} <= set(found)
    assert any(10 < number < 4999 for number in found)
    anything = rolled(int, 2000)
    assert share(anything, lambda number: 0 <= number <= 10) > 0.7
    assert min(anything) < 0
    assert 0 < share(anything, lambda number: number > 100) < 0.05


def test_fields_with_a_default_mostly_keep_it() -> None:
    found = rolled(Defaults, 500)
    assert 0.7 < share(found, lambda one: one.names == ()) < 0.9
    assert 0.2 < share(found, lambda one: one.rules != Box(3)) < 0.4  # in some payloads all numbers are small


def test_optional_fields_of_a_payload_are_mostly_left_out_each_by_itself() -> None:
    values, chance = Values(), Rolled(1)
    found = [values.payload(chance, "Shop.order", ORDER, TOWN) for _ in range(500)]
    assert all("order" in payload for payload in found)
    assert 0.2 < share(found, lambda payload: "note" in payload) < 0.3
    assert {frozenset(payload) - {"order"} for payload in found} == {
        frozenset(),
        frozenset({"note"}),
        frozenset({"box"}),
        frozenset({"note", "box"}),
    }


def test_items_of_a_list_mostly_differ_by_what_tells_them_apart() -> None:
    lists = [people for people in rolled(tuple[Person, ...], 1000) if len(people) > 1]
    assert 0.85 < share(lists, lambda people: len({person.id for person in people}) == len(people)) < 1


def test_lists_begin_at_their_shortest_and_have_a_few_more() -> None:
    lengths = Counter(map(len, rolled(Annotated[tuple[int, ...], at.MinLen(2)], 500)))
    assert set(lengths) == {2, 3, 4, 5}
    assert 7 in map(len, rolled(Annotated[tuple[int, ...], at.MaxLen(7)], 500))


@frozen
class Guest:
    name: Name
    host: Name


@frozen
class Evening:
    """Guests that name their hosts: by chance alone these would hardly ever be among the others."""

    hosts: Annotated[tuple[Person, ...], at.MinLen(1)]
    guests: Annotated[tuple[Guest, ...], at.MinLen(2)]


def test_lists_of_one_value_now_and_then_name_each_other() -> None:
    def agree(evening: Evening) -> bool:
        return {guest.host for guest in evening.guests} == {host.id for host in evening.hosts}

    assert 0.3 < share(rolled(Evening, 500), agree) < 0.8


def test_something_that_contains_itself_comes_to_an_end() -> None:
    def depth(branch: Branch) -> int:
        return 1 + max((depth(one) for one in (*branch.branches, branch.twin) if one is not None), default=0)

    assert {depth(branch) for branch in rolled(Branch)} == {1, 2, 3}


# -- strategies that were given ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "path"),
    [
        (int, "Story.tell.points"),
        ("points", "Story.tell.points"),
        ("tell.points", "Story.tell.points"),
        ("Story.tell.points", "Story.tell.points"),
        ("Story.tell.all[].points", "Story.tell.all[].points"),
    ],
)
def test_a_strategy_goes_for_a_type_a_path_or_its_end(key: object, path: str) -> None:
    values = Values({key: st.just(77)})
    assert set(rolled(int, 50, values, path)) == {77}


def test_a_strategy_is_not_taken_for_what_merely_sounds_like_it() -> None:
    values = Values({"points": st.just(77), str: st.just("x")})
    assert 77 not in rolled(int, 200, values, "Story.tell.appoints")
    assert 77 not in rolled(int, 200, values, "Story.points.all")


def test_the_most_specific_strategy_wins() -> None:
    values = Values(
        {
            int: st.just(1),
            "points": st.just(2),
            "tell.points": st.just(3),
            "Story.tell.points": st.just(4),
        }
    )
    paths = ("Story.tell.number", "Story.ask.points", "Tale.tell.points", "Story.tell.points")
    assert [rolled(int, 1, values, path)[0] for path in paths] == [1, 2, 3, 4]


def test_a_strategy_for_a_field_of_a_class_holds_wherever_the_class_stands_and_for_its_heirs() -> None:
    values = Values({"Person.id": st.just("nobody"), "Box.content": st.just(Person("somebody"))})
    assert {person.id for person in rolled(Person, 50, values)} == {"nobody"}
    assert {one.id for people in rolled(tuple[Person, ...], 50, values) for one in people} == {"nobody"}
    assert {box.content.id for box in rolled(PersonBox, 50, values)} == {"somebody"}


def test_the_class_itself_goes_before_its_base_and_the_path_before_both() -> None:
    by_class = {"Box.label": st.just("base"), "PersonBox.label": st.just("heir")}
    chosen = {box.label for box in rolled(PersonBox, 300, Values(by_class))}
    assert chosen == {"heir"}
    with_path = {**by_class, "it.label": st.just("path")}
    assert {box.label for box in rolled(PersonBox, 300, Values(with_path))} == {"path"}


def test_a_strategy_for_a_type_is_taken_inside_of_others() -> None:
    values = Values({Person: st.just(Person("nobody")), Name: st.just("a name")})
    assert {person for people in rolled(list[Person | None], 50, values) for person in people} == {
        None,
        Person("nobody"),
    }
    assert set(rolled(Name, 20, values)) == {"a name"}


def test_a_strategy_for_a_plain_type_still_keeps_to_the_limits() -> None:
    values = Values({int: st.integers(-5, 5)})
    assert set(rolled(Annotated[int, at.Ge(4)], 100, values)) == {4, 5}


def test_a_strategy_whose_values_do_not_fit_is_told_with_its_path() -> None:
    values = Values({"tell.on": st.just("tomorrow")})
    with pytest.raises(UsageError, match=r"Story\.tell\.on.*must be a date.*'tomorrow'.*of the type date"):
        rolled(date, 1, values, "Story.tell.on")


def test_a_strategy_that_gives_nothing_is_told() -> None:
    with pytest.raises(UsageError, match=r"nothing\(\) gives no value"):
        rolled(int, 1, Values({int: st.nothing()}))


def test_what_is_no_strategy_is_told_at_once() -> None:
    wrong: Any = {"points": 3}
    with pytest.raises(UsageError, match=r"'points' is no strategy: 3.*st\.just"):
        Values(wrong)


def test_strategies_that_never_came_up_are_known() -> None:
    values = Values({"points": st.just(3), "Person.id": st.just("a"), "pionts": st.just(3), int: st.just(3)})
    assert values.unused == {"points", "pionts", "Person.id"}
    rolled(int, 1, values, "Story.tell.points")
    rolled(Person, 1, values)
    assert values.unused == {"pionts"}


# -- nothing that fits ------------------------------------------------------------------------------------------------


def never(value: object) -> bool:
    """must be what nobody can say"""
    return False


@frozen
class Never:
    number: int

    def __attrs_post_init__(self) -> None:
        raise UsageError(problem="Never.", mend="Not even then.")


class Unwritten:
    """No attrs class, no Enum, nothing that the codec knows."""


@pytest.mark.parametrize(
    ("of", "said"),
    [
        (Annotated[str, at.Predicate(never)], "none of 100 fits.*must be what nobody can say"),
        (Annotated[int, at.Predicate(lambda value: value.no_such_thing)], "none of 100 fits.*no_such_thing"),
        (Never, "none of 100 fits, the last was refused"),
        (Annotated[int, at.Gt(3), at.Lt(4)], "leave no whole number"),
        (Annotated[float, at.Gt(3), at.Lt(3)], "no number was found"),
        (Annotated[str, at.MinLen(3), at.MaxLen(2)], "no text is at least 3 and at most 2 long"),
        (Annotated[list[str], at.MinLen(3), at.MaxLen(2)], "at least 3 and at most 2 items"),
        (Annotated[set[bool], at.MinLen(3)], "Only 2 values that differ were found"),
        (Any, "says nothing about the value"),
        (Unwritten, "no type that can be written as plain data"),
    ],
)
def test_where_nothing_fits_the_error_says_where_and_what_to_do(of: Any, said: str) -> None:
    with pytest.raises(UsageError, match=said) as error:
        rolled(of, 1, path="Story.tell.it")
    assert "Story.tell.it" in str(error.value)
    assert 'strategies={"Story.tell.it": …}' in str(error.value)


def test_a_field_for_which_nothing_fits_is_told_with_its_whole_path() -> None:
    @frozen
    class Holder:
        odd: tuple[Annotated[str, at.Predicate(never)], ...] = field(validator=validators.min_len(1))

    with pytest.raises(UsageError, match=r'strategies=\{"Story\.tell\.it\.odd\[\]": …\}'):
        rolled(Holder, 1)


def test_where_nothing_fits_is_no_matter_until_a_value_is_needed() -> None:
    parameters = {"it": Parameter("it", Annotated[str, at.Predicate(never)], "x")}
    left_out = 0
    for seed in range(20):
        with suppress(UsageError):
            left_out += Values().payload(Rolled(seed), "Story.tell", parameters, TOWN) == {}
    assert left_out > 10


# -- where the choices come from --------------------------------------------------------------------------------------


def fingerprint(seed: int) -> str:
    """All types and all events, drawn once with a number."""
    values, chance = Values(), Rolled(seed)
    found: list[object] = []
    for of in TYPES:
        found += [codec(BERLIN).dump(values.value(chance, of, "Story.tell.it", TOWN), of) for _ in range(5)]
    for name, parameters in WITH_PAYLOAD.items():
        plain = dump_payload(name, parameters, values.payload(chance, name, parameters, TOWN))
        found += [plain, values.broken(chance, plain, parameters)]
    return json.dumps(found)


def test_the_same_number_gives_the_same_values_and_another_gives_others() -> None:
    assert fingerprint(3) == fingerprint(3) != fingerprint(4)


@pytest.mark.parametrize("hash_seed", ["0", "1"])
def test_the_same_number_gives_the_same_values_in_another_process(hash_seed: str) -> None:
    script = "import test_testing_values as tests; print(tests.fingerprint(3))"
    tests = str(Path(__file__).parent)
    done = subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": tests},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == fingerprint(3)


def simplest(of: Any, condition: Callable[[Any], bool] = lambda value: True) -> Any:
    return find(drawn(of), condition, settings=settings(database=None, deadline=None), random=Random(1))


@pytest.mark.parametrize(
    ("of", "condition", "expected"),
    [
        (int, lambda number: True, 0),
        (int, lambda number: number >= 5, 5),
        (Annotated[int, at.Ge(3)], lambda number: True, 3),
        (str, lambda text: True, "office-1"),
        (date, lambda day: day > NOW.date(), NOW.date() + timedelta(days=1)),
        (datetime, lambda moment: True, NOW),
        (bool, lambda yes: True, False),
        (Colour, lambda colour: True, Colour.RED),
        (int | None, lambda number: True, None),
        (tuple[str, ...], lambda texts: len(texts) >= 2, ("office-1", "person-1")),
        (Defaults, lambda one: True, Defaults()),
        (Person, lambda person: person.born is not None, Person("office-1", NOW.date())),
    ],
)
def test_what_hypothesis_chooses_shrinks_to_the_simplest(
    of: Any, condition: Callable[[Any], bool], expected: Any
) -> None:
    assert simplest(of, condition) == expected


def test_choices_of_both_kinds_keep_within_their_bounds() -> None:
    @quick
    @given(st.data())
    def check(data: st.DataObject) -> None:
        for chance in (Drawn(data.draw), Rolled(data.draw(st.integers()))):
            low = data.draw(st.integers(-10, 10))
            high = low + data.draw(st.integers(0, 10))
            assert low <= chance.integer(low, high) <= high
            assert chance.one_of("abc") in "abc"
            assert chance.often(100) is True
            assert chance.often(0) is False
            assert 3 <= chance.drawn(st.integers(3, 5)) <= 5

    check()


def test_rolled_choices_come_about_as_often_as_they_should() -> None:
    chance = Rolled(5)
    assert 0.65 < share([chance.often(70) for _ in range(1000)], bool) < 0.75
    assert {chance.integer(1, 3) for _ in range(100)} == {1, 2, 3}


def test_choices_that_hypothesis_makes_shrink_to_the_low_end_the_first_option_and_no() -> None:
    @st.composite
    def choices(draw: DrawFn) -> tuple[int, str, bool]:
        chance = Drawn(draw)
        return chance.integer(3, 9), chance.one_of("xyz"), chance.often(80)

    find_one = partial(find, choices(), settings=settings(database=None), random=Random(1))
    assert find_one(lambda found: True) == (3, "x", False)
    assert find_one(lambda found: found[2]) == (3, "x", True)
    assert find_one(lambda found: found[0] > 5) == (6, "x", False)


# -- definitions of one's own -----------------------------------------------------------------------------------------


@frozen
class RequestData:
    department: Name = "parks"


class Request(Lifecycle[RequestData]):
    """A request for something."""

    asked = State(resting=True)

    @event(START >> asked, by=())
    def ask(self, ctx: Context[RequestData], *, department: Name, on: date, why: str = "") -> RequestData:
        """Ask."""
        return RequestData(department)


def test_payloads_of_a_definition_of_ones_own_are_commands() -> None:
    parameters = blueprint_of(Request).events["ask"].parameters
    values = Values({"request.ask.department": st.just("no"), "Request.ask.department": st.just("yes")})
    for seed in range(20):
        command = Request.ask(**values.payload(Rolled(seed), "Request.ask", parameters, TOWN))
        assert command.payload["department"] == "yes"
