"""The clock of tests: it stands still, moves when it is told to, and knows what the clocks of its zone do."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from progflow import Flow, UsageError, hours, months, working_days
from progflow import ports as ports
from progflow.adapters.memory import MemoryStore
from progflow.testing.clock import Clock

BERLIN = ZoneInfo("Europe/Berlin")
NEW_YORK = ZoneInfo("America/New_York")


@pytest.fixture
def clock() -> Clock:
    return Clock("2026-03-02 09:00", zone="Europe/Berlin")


def test_it_gives_a_flow_the_instant_at_which_it_stands(clock: Clock) -> None:
    injected: ports.Clock = clock
    assert injected() == datetime(2026, 3, 2, 8, tzinfo=UTC)
    assert injected().tzinfo is UTC
    assert clock() == clock()
    assert Flow(store=MemoryStore(), clock=clock)._transaction.engine.now() == clock()


def test_it_shows_the_clock_time_and_the_day_of_its_zone() -> None:
    clock = Clock("2026-03-02 23:30+00:00", zone="Europe/Berlin")
    assert clock.now.isoformat() == "2026-03-03T00:30:00+01:00"
    assert clock.today == date(2026, 3, 3)
    assert Clock(clock.now, zone=NEW_YORK).today == date(2026, 3, 2)
    assert Clock(clock.now).today == date(2026, 3, 2)


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("2026-03-02 10:30", "2026-03-02T10:30:00+01:00"),
        ("2026-03-02T10:30:15", "2026-03-02T10:30:15+01:00"),
        ("2026-07-01 10:30", "2026-07-01T10:30:00+02:00"),
        ("2026-07-01 10:30Z", "2026-07-01T12:30:00+02:00"),
        ("2026-04-01", "2026-04-01T00:00:00+02:00"),
        (date(2026, 4, 1), "2026-04-01T00:00:00+02:00"),
        (datetime(2026, 7, 1, 10), "2026-07-01T10:00:00+02:00"),
        (datetime(2026, 7, 1, 10, tzinfo=UTC), "2026-07-01T12:00:00+02:00"),
        (datetime(2026, 7, 1, 10, tzinfo=NEW_YORK), "2026-07-01T16:00:00+02:00"),
        # the clock is put forward at two in the morning, and back at three
        ("2026-03-29 02:30", "2026-03-29T03:30:00+02:00"),
        ("2026-10-25 02:30", "2026-10-25T02:30:00+02:00"),
        ("2026-10-25 02:30+01:00", "2026-10-25T02:30:00+01:00"),
        (datetime(2026, 10, 25, 2, 30, fold=1), "2026-10-25T02:30:00+01:00"),
    ],
)
def test_it_is_set_to_a_clock_time_a_day_or_an_instant(clock: Clock, said: str | date | datetime, meant: str) -> None:
    assert clock.instant(said).isoformat() == meant
    clock.set(said)
    assert clock.now.isoformat() == meant
    assert Clock(said, zone=BERLIN)() == clock()


def test_a_day_begins_where_its_zone_lets_it_begin() -> None:
    assert Clock("2024-09-08", zone="America/Santiago").now.isoformat() == "2024-09-08T01:00:00-03:00"


def test_it_goes_back_only_if_that_is_said(clock: Clock) -> None:
    clock.set("2026-03-02 09:00")
    for earlier in ("2026-03-02 08:59:59", date(2026, 3, 2), "2026-03-01"):
        with pytest.raises(UsageError, match=r"before the clock's present, 2026-03-02 09:00:00.* backwards=True"):
            clock.set(earlier)
    assert clock.now.hour == 9
    clock.set("2026-03-01", backwards=True)
    assert clock.now.isoformat() == "2026-03-01T00:00:00+01:00"


def test_days_keep_the_clock_time_and_hours_are_exact() -> None:
    summer = "2026-03-28 09:00"  # the clocks are put forward in the next night
    for move, then in (
        ({"days": 1}, "2026-03-29T09:00:00+02:00"),
        ({"weeks": 1, "days": 1}, "2026-04-05T09:00:00+02:00"),
        ({"hours": 24}, "2026-03-29T10:00:00+02:00"),
        ({"minutes": 1440}, "2026-03-29T10:00:00+02:00"),
        ({"days": 1, "hours": 1, "minutes": 1, "seconds": 1}, "2026-03-29T10:01:01+02:00"),
        ({}, "2026-03-28T09:00:00+01:00"),
    ):
        clock = Clock(summer, zone="Europe/Berlin")
        clock.forward(**move)
        assert clock.now.isoformat() == then, move


def test_it_moves_by_a_term(clock: Clock) -> None:
    clock.forward(months(1))
    assert clock.now.isoformat() == "2026-04-02T09:00:00+02:00"
    clock.forward(working_days(1, "DE-NW"))  # over Easter: the 3rd and the 6th of April are holidays
    assert clock.now.isoformat() == "2026-04-07T09:00:00+02:00"
    clock.forward(hours(30), days=1)
    assert clock.now.isoformat() == "2026-04-09T15:00:00+02:00"


@pytest.mark.parametrize("less", [{"days": -1}, {"weeks": -1}, {"hours": -1}, {"hours": 1, "minutes": -61}])
def test_forward_is_not_backward(clock: Clock, less: dict[str, int]) -> None:
    with pytest.raises(UsageError, match="does not pass backwards"):
        clock.forward(**less)
    assert clock.now.hour == 9


@given(
    st.datetimes(datetime(2025, 1, 1), datetime(2027, 1, 1)),
    st.integers(0, 400),
    st.integers(0, 400),
    st.sampled_from(["Europe/Berlin", "America/New_York", "Australia/Lord_Howe"]),
)
def test_hours_and_days_add_up(at: datetime, some: int, more: int, zone: str) -> None:
    exact, days = Clock(at, zone=zone), Clock(at, zone=zone)
    begun = exact()
    exact.forward(hours=some)
    exact.forward(minutes=more)
    assert exact() - begun == timedelta(hours=some, minutes=more)
    days.forward(days=some)
    assert days.today == Clock(at, zone=zone).today + timedelta(days=some)


@pytest.mark.parametrize("text", ["", "now", "2026-13-01", "02.03.2026", "2026-03-02 25:00"])
def test_what_is_no_time_is_refused(text: str, clock: Clock) -> None:
    for use in (Clock, clock.set, clock.instant):
        with pytest.raises(UsageError, match=r"is no time\. Write it like"):
            use(text)


def test_an_unknown_zone_is_refused() -> None:
    for zone in ("Berlin", "", "../etc/passwd"):
        with pytest.raises(UsageError, match="is no time zone"):
            Clock("2026-03-02", zone=zone)


def test_what_it_shows_of_itself_makes_it_again(clock: Clock) -> None:
    assert repr(clock) == "Clock('2026-03-02 09:00:00+01:00', zone='Europe/Berlin')"
    assert eval(repr(clock))() == clock()
