"""How progflow counts time: ends of terms, working days, ends of days, and what the clocks do meanwhile."""

import json
import os
import pickle
import subprocess
import sys
from calendar import monthrange
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from dateutil.relativedelta import relativedelta
from hypothesis import example, given
from hypothesis import strategies as st

from progflow.terms import (
    MONTH_END,
    Calendar,
    Instant,
    Term,
    as_instant,
    days,
    due_after,
    end_of,
    first_instant,
    hours,
    last_day,
    months,
    weeks,
    working_days,
    years,
)

BERLIN = ZoneInfo("Europe/Berlin")
KOELN, OSNABRUECK, ZEITZ = "DE-NW", "DE-NI", "DE-ST"

DATES = st.dates(date(1995, 1, 1), date(2080, 12, 31))
INSTANTS = st.datetimes(datetime(1995, 1, 1), datetime(2080, 12, 31), timezones=st.just(UTC))
COUNTS = st.integers(0, 200)
PLACES = st.sampled_from([KOELN, OSNABRUECK, ZEITZ, "DE-BY", "LU"])
ZONES = st.sampled_from(
    [
        ZoneInfo(name)
        for name in (
            "Europe/Berlin",
            "UTC",
            "America/Havana",
            "Africa/Cairo",
            "America/Sao_Paulo",
            "America/St_Johns",
            "Australia/Lord_Howe",
            "Pacific/Apia",
            "Asia/Kathmandu",
        )
    ]
)
CALENDAR_TERMS = st.builds(
    lambda make, n: make(n), st.sampled_from([days, weeks, months, lambda n: years(n % 10)]), COUNTS
)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def month_index(day: date) -> int:
    return day.year * 12 + day.month - 1


# -- the day of the event does not count, §§ 187(1), 188 BGB


@pytest.mark.parametrize(
    ("event", "term", "end"),
    [
        (date(2025, 8, 31), months(9), date(2026, 5, 31)),
        (date(2025, 8, 31), months(15), date(2026, 11, 30)),
        (date(2025, 5, 31), months(9), date(2026, 2, 28)),
        (date(2027, 5, 31), months(9), date(2028, 2, 29)),
        (date(2022, 8, 15), months(15), date(2023, 11, 15)),
        (date(2024, 2, 29), years(1), date(2025, 2, 28)),
        (date(2024, 2, 29), years(4), date(2028, 2, 29)),
        (date(2025, 3, 3), days(14), date(2025, 3, 17)),
        (date(2025, 3, 3), weeks(2), date(2025, 3, 17)),
        (date(2025, 3, 3), days(0), date(2025, 3, 3)),
    ],
)
def test_a_term_ends_with_the_day_of_the_same_number_or_the_last_of_the_month(
    event: date, term: Term, end: date
) -> None:
    assert event + term == end
    assert last_day(term, event) == end


# -- the first day counts, §§ 187(2), 188 BGB


@pytest.mark.parametrize(
    ("begin", "term", "end"),
    [
        (date(2024, 10, 31), months(4), date(2025, 2, 28)),
        (date(2025, 5, 1), months(4), date(2025, 8, 31)),
        (date(2025, 8, 31), months(9), date(2026, 5, 30)),
        (date(2022, 8, 15), months(15), date(2023, 11, 14)),
        (date(2025, 10, 29), months(4), date(2026, 2, 28)),  # the 28th is the day before the missing 29th
        (date(2025, 10, 30), months(4), date(2026, 2, 28)),  # the 29th is missing itself
        (date(2027, 10, 30), months(4), date(2028, 2, 29)),
        (date(2025, 1, 1), years(1), date(2025, 12, 31)),
        (date(2024, 2, 29), years(1), date(2025, 2, 28)),
        (date(2024, 3, 1), years(1), date(2025, 2, 28)),
        (date(2023, 3, 1), years(1), date(2024, 2, 29)),
        (date(2025, 3, 3), weeks(1), date(2025, 3, 9)),
        (date(2025, 3, 3), days(1), date(2025, 3, 3)),
        (date(2025, 3, 3), days(0), date(2025, 3, 2)),
        (date(2025, 3, 3), working_days(5, KOELN), date(2025, 3, 7)),
        (date(2025, 3, 8), working_days(5, KOELN), date(2025, 3, 14)),  # begins on a Saturday, which is none
    ],
)
def test_counting_the_first_day_a_term_ends_on_the_day_before(begin: date, term: Term, end: date) -> None:
    assert begin + term.counting_first_day() == end


@given(DATES, st.integers(0, 400))
@example(date(2024, 10, 31), 4)
def test_months_counting_the_first_day_end_on_the_decisive_day_of_section_188(begin: date, n: int) -> None:
    """§ 188(3), told a second way: the day before the corresponding number, or the month's last."""
    year, month = divmod(month_index(begin) + n, 12)
    if begin.day == 1:
        expected = date(year, month + 1, 1) - timedelta(days=1)
    else:
        expected = date(year, month + 1, min(begin.day - 1, monthrange(year, month + 1)[1]))
    assert begin + months(n).counting_first_day() == expected


@given(DATES, COUNTS)
def test_counting_the_first_day_of_days_and_weeks_gives_exactly_so_many_days(begin: date, n: int) -> None:
    assert (begin + days(n).counting_first_day() - begin).days + 1 == n
    assert (begin + weeks(n).counting_first_day() - begin).days + 1 == 7 * n


# -- months


@given(DATES, st.integers(0, 400))
def test_months_agree_with_relativedelta(anchor: date, n: int) -> None:
    assert anchor + months(n) == anchor + relativedelta(months=n)
    assert anchor - months(n) == anchor - relativedelta(months=n)
    assert anchor + years(n) == anchor + relativedelta(years=n)


@given(DATES, st.integers(0, 400))
def test_months_end_in_the_right_month_and_never_after_the_number_of_the_anchor(anchor: date, n: int) -> None:
    end = anchor + months(n)
    assert month_index(end) == month_index(anchor) + n
    assert end.day == min(anchor.day, monthrange(end.year, end.month)[1])


@given(DATES, st.integers(0, 12), st.integers(0, 30))
@example(date(2025, 1, 31), 1, 2)
def test_periods_are_counted_from_the_anchor_and_never_chained(anchor: date, k: int, n: int) -> None:
    assert anchor + months(k).times(n) == anchor + months(k * n)
    assert months(k).times(n) == months(k * n)


def test_the_third_month_from_the_31st_ends_on_the_31st_again() -> None:
    assert [date(2025, 1, 31) + months(1).times(n) for n in (1, 2, 3)] == [
        date(2025, 2, 28),
        date(2025, 3, 31),
        date(2025, 4, 30),
    ]


def test_times_keeps_how_the_term_is_counted_and_adjusted() -> None:
    term = months(1).counting_first_day().on_working_day(KOELN)
    assert term.times(3) == months(3).counting_first_day().on_working_day(KOELN)


# -- what holds for every term


@given(DATES, st.integers(0, 60), CALENDAR_TERMS, st.booleans(), st.booleans())
def test_a_later_event_never_ends_earlier(
    anchor: date, later: int, term: Term, from_begin: bool, adjusted: bool
) -> None:
    term = term.counting_first_day() if from_begin else term
    term = term.to_day(15, MONTH_END).on_working_day(ZEITZ) if adjusted and anchor.year < 2060 else term
    if adjusted and (anchor + term).year > 2090:
        return
    assert anchor + term <= anchor + timedelta(days=later) + term


@given(DATES, st.integers(0, 100), st.integers(0, 30), st.booleans())
def test_a_longer_term_never_ends_earlier(anchor: date, n: int, more: int, from_begin: bool) -> None:
    for make in (days, weeks, months, lambda k: working_days(k, KOELN)):
        short, long = make(n), make(n + more)
        if from_begin:
            short, long = short.counting_first_day(), long.counting_first_day()
        assert anchor + short <= anchor + long


@given(DATES, COUNTS, st.booleans())
def test_minus_undoes_plus_for_days_and_weeks(anchor: date, n: int, from_begin: bool) -> None:
    for term in (days(n), weeks(n)):
        counted = term.counting_first_day() if from_begin else term
        assert anchor + counted - counted == anchor


@given(DATES, st.integers(0, 60))
def test_minus_undoes_plus_for_working_days_that_start_on_one(anchor: date, n: int) -> None:
    anchor = anchor + days(0).on_working_day(KOELN)
    assert anchor + working_days(n, KOELN) - working_days(n, KOELN) == anchor


@given(DATES.filter(lambda day: day.day <= 28), COUNTS)
def test_minus_undoes_plus_for_months_up_to_the_28th(anchor: date, n: int) -> None:
    assert anchor + months(n) - months(n) == anchor


@given(DATES.filter(lambda day: day.day <= 27), COUNTS)
def test_plus_undoes_minus_for_months_counting_the_first_day(end: date, n: int) -> None:
    term = months(n).counting_first_day()
    assert end - term + term == end


def test_counting_back_months_with_the_last_day_gives_the_first_day_of_the_period() -> None:
    assert date(2025, 8, 31) - months(4).counting_first_day() == date(2025, 5, 1)
    assert date(2026, 3, 31) - months(1).counting_first_day() == date(2026, 3, 1)


def test_counting_back_is_refused_where_an_adjustment_could_mean_either_way() -> None:
    with pytest.raises(ValueError, match=r"2025-03-31 - 14 days, then on a working day .* bare term"):
        date(2025, 3, 31) - days(14).on_working_day(KOELN)
    assert date(2025, 4, 27) - days(7) + days(0).on_working_day(KOELN) == date(2025, 4, 22)


# -- working days


@pytest.mark.parametrize(
    ("day", "place", "moved"),
    [
        (date(2025, 10, 31), KOELN, date(2025, 10, 31)),
        (date(2025, 10, 31), OSNABRUECK, date(2025, 11, 3)),
        (date(2025, 10, 31), ZEITZ, date(2025, 11, 3)),
        (date(2024, 5, 30), KOELN, date(2024, 5, 31)),
        (date(2024, 5, 30), OSNABRUECK, date(2024, 5, 30)),
        (date(2024, 5, 30), ZEITZ, date(2024, 5, 30)),
        (date(2025, 1, 6), KOELN, date(2025, 1, 6)),
        (date(2025, 1, 6), OSNABRUECK, date(2025, 1, 6)),
        (date(2025, 1, 6), ZEITZ, date(2025, 1, 7)),
        (date(2025, 4, 18), KOELN, date(2025, 4, 22)),  # from Good Friday over Easter Monday
        (date(2025, 3, 8), KOELN, date(2025, 3, 10)),  # a Saturday
    ],
)
def test_an_end_moves_on_to_the_next_working_day_of_the_place(day: date, place: str, moved: date) -> None:
    """§ 193 BGB with Reformation Day, Corpus Christi and Epiphany, which not every Land has."""
    assert day - timedelta(days=10) + days(10).on_working_day(place) == moved


def test_a_locally_closed_day_is_no_working_day() -> None:
    rosenmontag = date(2025, 3, 3)
    koeln = Calendar(KOELN, closed=[rosenmontag])
    assert Calendar(KOELN).is_working_day(rosenmontag)
    assert not koeln.is_working_day(rosenmontag)
    assert date(2025, 3, 1) + days(0).on_working_day(koeln) == date(2025, 3, 4)
    assert date(2025, 2, 28) + working_days(1, koeln) == date(2025, 3, 4)


def test_working_days_leave_out_weekends_and_holidays() -> None:
    assert date(2025, 4, 14) + working_days(10, KOELN) == date(2025, 4, 30)
    assert date(2025, 4, 30) - working_days(10, KOELN) == date(2025, 4, 14)
    assert date(2025, 3, 8) + working_days(0, KOELN) == date(2025, 3, 8)


@given(DATES, st.integers(1, 60), PLACES)
def test_working_days_end_on_the_nth_working_day(anchor: date, n: int, place: str) -> None:
    end = anchor + working_days(n, place)
    calendar = Calendar(place)
    passed = [anchor + timedelta(days=i) for i in range(1, (end - anchor).days + 1)]
    assert calendar.is_working_day(end)
    assert sum(map(calendar.is_working_day, passed)) == n


@given(DATES, st.integers(0, 90), PLACES, st.frozensets(DATES, max_size=5))
def test_on_working_day_gives_the_first_working_day_from_the_bare_end_on(
    anchor: date, n: int, place: str, closed: frozenset[date]
) -> None:
    calendar = Calendar(place, closed=closed)
    bare, end = anchor + days(n), anchor + days(n).on_working_day(calendar)
    assert calendar.is_working_day(end)
    assert not any(calendar.is_working_day(bare + timedelta(days=i)) for i in range((end - bare).days))


def test_calendars_of_several_threads_agree() -> None:
    day = date(2031, 10, 31)
    with ThreadPoolExecutor(16) as pool:
        answers = pool.map(lambda _: Calendar(ZEITZ).is_working_day(day), range(200))
    assert set(answers) == {False}


def test_a_year_whose_holidays_are_unknown_is_refused_and_not_taken_for_one_without() -> None:
    with pytest.raises(ValueError, match=r"holidays of DE-NW are known for \d+ to \d+, not 1989"):
        Calendar(KOELN).is_working_day(date(1989, 5, 1))


# -- on to a day of the month


@pytest.mark.parametrize(
    ("event", "term", "end"),
    [
        (date(2025, 1, 20), weeks(4).to_day(15, MONTH_END), date(2025, 2, 28)),
        (date(2025, 1, 18), weeks(4).to_day(15, MONTH_END), date(2025, 2, 15)),
        (date(2025, 1, 18), weeks(4).to_day(MONTH_END), date(2025, 2, 28)),
        (date(2025, 1, 31), days(0).to_day(MONTH_END), date(2025, 1, 31)),
        (date(2025, 2, 3), days(0).to_day(30), date(2025, 2, 28)),
        (date(2024, 2, 3), days(0).to_day(30), date(2024, 2, 29)),
        (date(2025, 12, 20), days(0).to_day(15, 1), date(2026, 1, 1)),
        (date(2025, 12, 20), days(0).to_day(15), date(2026, 1, 15)),
    ],
)
def test_an_end_goes_on_to_the_next_such_day_of_the_month(event: date, term: Term, end: date) -> None:
    assert event + term == end


@given(DATES, st.sets(st.integers(1, 31), min_size=1))
def test_to_day_gives_the_first_match_on_or_after_the_end(anchor: date, numbers: set[int]) -> None:
    def matches(day: date) -> bool:
        last = monthrange(day.year, day.month)[1]
        return day.day in {min(number, last) for number in numbers}

    candidates = (anchor + timedelta(days=i) for i in range(62))
    assert anchor + days(0).to_day(*numbers) == next(day for day in candidates if matches(day))


def test_adjustments_are_applied_in_the_order_in_which_they_are_written() -> None:
    friday = date(2025, 8, 29)
    assert friday + days(1).to_day(MONTH_END).on_working_day(KOELN) == date(2025, 9, 1)
    assert friday + days(1).on_working_day(KOELN).to_day(MONTH_END) == date(2025, 9, 30)


# -- datetimes and the clock


def test_days_and_longer_keep_the_clock_time_over_a_change_of_the_clocks() -> None:
    noon = datetime(2025, 3, 29, 12, tzinfo=BERLIN)
    assert noon + days(1) == datetime(2025, 3, 30, 12, tzinfo=BERLIN)
    assert ((noon + days(1)).astimezone(UTC) - noon.astimezone(UTC)) == timedelta(hours=23)
    assert noon + months(8) == datetime(2025, 11, 29, 12, tzinfo=BERLIN)
    assert noon - weeks(1) == datetime(2025, 3, 22, 12, tzinfo=BERLIN)
    assert noon + months(1).counting_first_day() == datetime(2025, 4, 28, 12, tzinfo=BERLIN)


def test_hours_are_exact_over_a_change_of_the_clocks() -> None:
    noon = datetime(2025, 3, 29, 12, tzinfo=BERLIN)
    assert (noon + hours(24)).isoformat() == "2025-03-30T13:00:00+02:00"
    assert (noon + hours(24) - hours(24)).isoformat() == noon.isoformat()
    assert hours(1).exact
    assert not days(1).exact


def test_a_clock_time_that_is_left_out_becomes_as_much_later_as_the_clock_was_put_forward() -> None:
    left_out = datetime(2025, 3, 29, 2, 30, tzinfo=BERLIN) + days(1)
    assert left_out.isoformat() == "2025-03-30T03:30:00+02:00"
    second = datetime(2024, 10, 27, 2, 30, tzinfo=BERLIN, fold=1)
    assert (second + days(154)).isoformat() == "2025-03-30T03:30:00+02:00"


def test_an_anchor_that_does_not_exist_is_counted_from_as_the_instant_that_it_means() -> None:
    anchor = datetime(2025, 3, 30, 2, 30, tzinfo=BERLIN)
    assert (anchor + days(1)).isoformat() == "2025-03-31T03:30:00+02:00"
    assert (anchor + hours(1)).isoformat() == "2025-03-30T04:30:00+02:00"


def test_of_a_clock_time_that_comes_twice_the_first_is_meant() -> None:
    assert (datetime(2025, 10, 25, 2, 30, tzinfo=BERLIN) + days(1)).isoformat() == "2025-10-26T02:30:00+02:00"


def test_a_second_clock_time_stays_a_second_one_where_there_are_two() -> None:
    second = datetime(2025, 10, 26, 2, 30, tzinfo=BERLIN, fold=1)
    assert (second + days(0)).isoformat() == second.isoformat()
    assert (second + days(364)).isoformat() == "2026-10-25T02:30:00+01:00"
    assert (second + days(1)).fold == 0


@given(INSTANTS, ZONES, CALENDAR_TERMS)
def test_a_datetime_and_a_term_give_an_existing_instant_in_the_same_zone(
    instant: datetime, zone: ZoneInfo, term: Term
) -> None:
    anchor = instant.astimezone(zone)
    found = anchor + term
    assert found.tzinfo is zone
    assert found.astimezone(UTC).astimezone(zone).isoformat() == found.isoformat()
    if found.date() == anchor.date() + term:
        assert found.time() >= anchor.time()
    if found.time() != anchor.time():
        assert not exists(datetime.combine(anchor.date() + term, anchor.time()), zone)


def exists(wall: datetime, zone: ZoneInfo) -> bool:
    return wall.replace(tzinfo=zone).astimezone(UTC).astimezone(zone).replace(tzinfo=None) == wall


@given(INSTANTS, ZONES, st.integers(0, 10_000))
def test_hours_move_an_instant_by_so_much_in_every_zone(instant: datetime, zone: ZoneInfo, n: int) -> None:
    assert (instant.astimezone(zone) + hours(n)).astimezone(UTC) == instant + timedelta(hours=n)


def test_a_fixed_offset_is_a_zone_too() -> None:
    anchor = datetime(2025, 3, 29, 12, tzinfo=timezone(timedelta(hours=1)))
    assert (anchor + days(1)).isoformat() == "2025-03-30T12:00:00+01:00"


# -- first instants and ends of days


def test_the_end_of_a_day_in_berlin_follows_the_clocks() -> None:
    assert as_instant(end_of(date(2025, 3, 30)), BERLIN).astimezone(UTC) == utc("2025-03-30T22:00")
    assert as_instant(end_of(date(2025, 10, 26)), BERLIN).astimezone(UTC) == utc("2025-10-26T23:00")


@pytest.mark.parametrize(
    ("zone", "day", "expected"),
    [
        ("Europe/Berlin", date(2025, 3, 30), "2025-03-30T00:00:00+01:00"),
        ("America/Havana", date(2025, 3, 9), "2025-03-09T01:00:00-04:00"),  # midnight is left out
        ("America/Havana", date(2025, 11, 2), "2025-11-02T00:00:00-04:00"),  # and comes twice, on one day
        ("Africa/Cairo", date(2024, 4, 26), "2024-04-26T01:00:00+03:00"),
        ("Africa/Cairo", date(2024, 11, 1), "2024-11-01T00:00:00+02:00"),  # the hour before comes twice
        (
            "America/St_Johns",
            date(2010, 11, 7),
            "2010-11-07T00:00:00-02:30",
        ),  # back to the day before at 00:01
        ("America/Toronto", date(1919, 3, 31), "1919-03-31T00:30:00-04:00"),  # 23:30 to 00:30
        ("Pacific/Apia", date(2011, 12, 30), "2011-12-31T00:00:00+14:00"),  # a day that never was
    ],
)
def test_the_first_instant_of_a_day_exists(zone: str, day: date, expected: str) -> None:
    found = first_instant(day, ZoneInfo(zone))
    assert found.isoformat() == expected
    assert found.tzinfo is ZoneInfo(zone)


@given(DATES, ZONES)
@example(date(2025, 3, 9), ZoneInfo("America/Havana"))
@example(date(2025, 11, 2), ZoneInfo("America/Havana"))
@example(date(2011, 12, 30), ZoneInfo("Pacific/Apia"))
def test_just_before_the_first_instant_it_is_an_earlier_day(day: date, zone: ZoneInfo) -> None:
    found = first_instant(day, zone).astimezone(UTC)
    assert found.astimezone(zone).date() >= day
    assert (found - timedelta(microseconds=1)).astimezone(zone).date() < day


@given(DATES, ZONES)
def test_the_end_of_a_day_is_the_first_instant_of_the_next(day: date, zone: ZoneInfo) -> None:
    tomorrow = day + timedelta(days=1)
    assert as_instant(end_of(day), zone).isoformat() == as_instant(tomorrow, zone).isoformat()


@given(INSTANTS, ZONES)
def test_an_aware_datetime_is_itself_in_the_zone(instant: datetime, zone: ZoneInfo) -> None:
    found = as_instant(instant.astimezone(BERLIN), zone)
    assert found.tzinfo is zone
    assert found.astimezone(UTC) == instant


def test_a_clock_time_that_does_not_exist_becomes_one_that_does() -> None:
    assert as_instant(datetime(2025, 3, 30, 2, 30, tzinfo=BERLIN), BERLIN).hour == 3


def test_results_are_to_be_compared_in_utc() -> None:
    """In the hour that comes twice Python orders the datetimes of one zone by their clock times alone."""
    anchor = datetime(2025, 10, 26, 1, 30, tzinfo=BERLIN)
    first, second = due_after(anchor, hours(1), BERLIN), due_after(anchor, hours(2), BERLIN)
    assert not first < second
    assert first.astimezone(UTC) < second.astimezone(UTC)


# -- when a timer is due


def test_a_timer_is_due_at_the_first_instant_after_the_last_day() -> None:
    anchor = datetime(2025, 8, 31, 17, 45, tzinfo=BERLIN)
    assert due_after(anchor, months(9), BERLIN).isoformat() == "2026-06-01T00:00:00+02:00"
    assert due_after(anchor, days(0), BERLIN).isoformat() == "2025-09-01T00:00:00+02:00"
    assert due_after(anchor, hours(36), BERLIN).isoformat() == "2025-09-02T05:45:00+02:00"


def test_the_day_of_the_anchor_is_the_one_in_the_zone_of_the_program() -> None:
    late = utc("2025-08-30T22:30")  # already the 31st in Berlin
    assert due_after(late, months(9), BERLIN).isoformat() == "2026-06-01T00:00:00+02:00"
    assert due_after(late, months(9), ZoneInfo("UTC")).isoformat() == "2026-05-31T00:00:00+00:00"


def test_a_pause_moves_the_end_by_its_calendar_days() -> None:
    """Nine months from 31.08.2025, stopped from 01.12.2025 until 01.02.2026: the last day is 01.08.2026."""
    stopped = (date(2026, 2, 1) - date(2025, 12, 1)).days
    due = due_after(datetime(2025, 8, 31, 9, tzinfo=BERLIN), months(9), BERLIN, days_stopped=stopped)
    assert stopped == 62
    assert due == first_instant(date(2026, 8, 2), BERLIN)


def test_a_pause_moves_hours_by_exact_time_only() -> None:
    anchor = datetime(2025, 3, 29, 12, tzinfo=BERLIN)
    due = due_after(anchor, hours(1), BERLIN, days_stopped=3, time_stopped=timedelta(minutes=90))
    assert due.astimezone(UTC) == utc("2025-03-29T13:30")
    assert due_after(anchor, days(1), BERLIN, time_stopped=timedelta(hours=90)).day == 31


def test_an_end_that_a_pause_moved_to_a_sunday_still_moves_on() -> None:
    friday = datetime(2025, 3, 7, 12, tzinfo=BERLIN)
    term = days(7).on_working_day(KOELN)
    assert due_after(friday, term, BERLIN) == first_instant(date(2025, 3, 15), BERLIN)
    assert due_after(friday, term, BERLIN, days_stopped=2) == first_instant(date(2025, 3, 18), BERLIN)


def test_a_pause_is_added_to_the_bare_end_and_not_to_the_adjusted_one() -> None:
    """The bare end is a Saturday; two days later is a Monday, not the one of § 193 plus two."""
    saturday = datetime(2025, 3, 8, 12, tzinfo=BERLIN)
    due = due_after(saturday, days(7).on_working_day(KOELN), BERLIN, days_stopped=2)
    assert due == first_instant(date(2025, 3, 18), BERLIN)


def test_working_days_end_on_a_working_day_also_after_a_pause() -> None:
    friday = datetime(2025, 3, 7, 12, tzinfo=BERLIN)
    assert due_after(friday, working_days(5, KOELN), BERLIN, days_stopped=1) == first_instant(date(2025, 3, 18), BERLIN)


@given(INSTANTS, ZONES, CALENDAR_TERMS, st.integers(0, 100))
def test_days_and_longer_are_due_at_the_first_instant_of_a_local_day(
    anchor: datetime, zone: ZoneInfo, term: Term, stopped: int
) -> None:
    due = due_after(anchor, term, zone, days_stopped=stopped)
    last = anchor.astimezone(zone).date() + term + timedelta(days=stopped)
    assert due.isoformat() == first_instant(last + timedelta(days=1), zone).isoformat()
    assert due.astimezone(UTC) > anchor
    if zone.key in ("Europe/Berlin", "UTC"):
        assert due.time() == time()


@given(INSTANTS, st.integers(0, 90), st.integers(0, 90), PLACES)
def test_a_submission_deadline_always_ends_with_a_working_day(
    anchor: datetime, n: int, stopped: int, place: str
) -> None:
    for term in (days(n).on_working_day(place), working_days(n + 1, place)):
        due = due_after(anchor, term, BERLIN, days_stopped=stopped)
        assert Calendar(place).is_working_day(due.date() - timedelta(days=1))


@given(INSTANTS, ZONES, CALENDAR_TERMS, st.integers(0, 50), st.integers(0, 50))
def test_a_longer_pause_is_never_due_earlier(
    anchor: datetime, zone: ZoneInfo, term: Term, stopped: int, more: int
) -> None:
    sooner = due_after(anchor, term, zone, days_stopped=stopped)
    later = due_after(anchor, term, zone, days_stopped=stopped + more)
    assert sooner.astimezone(UTC) <= later.astimezone(UTC)


PROBE = """
import json
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo
from progflow.terms import *
berlin = ZoneInfo("Europe/Berlin")
anchor = datetime(2025, 3, 29, 23, 30, tzinfo=UTC)
terms = [hours(30), days(1), months(7), working_days(5, "DE-NW"), weeks(1).on_working_day("DE-ST")]
print(json.dumps([
    *(str(due_after(anchor, term, berlin)) for term in terms),
    *(str(anchor.astimezone(berlin) + term) for term in terms),
    str(as_instant(end_of(date(2025, 10, 26)), berlin)),
    str(first_instant(date(2025, 3, 9), ZoneInfo("America/Havana"))),
]))
"""


def test_the_time_zone_of_the_server_has_no_influence() -> None:
    def answers(server: str) -> list[str]:
        run = subprocess.run(
            [sys.executable, "-c", PROBE],
            env={**os.environ, "TZ": server},
            capture_output=True,
            text=True,
            check=True,
        )
        return list(json.loads(run.stdout))

    in_berlin = answers("Europe/Berlin")
    assert in_berlin[0] == "2025-03-31 07:30:00+02:00"
    assert in_berlin[-2] == "2025-10-27 00:00:00+01:00"
    assert answers("America/Havana") == answers("Pacific/Kiritimati") == answers("UTC") == in_berlin


def test_a_program_without_working_days_does_not_load_the_holidays() -> None:
    code = "import sys, progflow.terms as t; t.months(3); sys.exit('holidays' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


# -- what is refused


@pytest.mark.parametrize("make", [hours, days, weeks, months, years, lambda n: working_days(n, KOELN)])
def test_a_term_has_a_whole_number_that_is_not_negative(make: Callable[[object], Term]) -> None:
    with pytest.raises(ValueError, match="-1 is not a whole number, 0 or more"):
        make(-1)
    for wrong in (True, 1.5, "3", None):
        with pytest.raises(TypeError, match="is not a whole number, 0 or more"):
            make(wrong)


def test_days_of_the_month_are_from_1_to_31() -> None:
    for wrong in (0, 32, -1):
        with pytest.raises(ValueError, match=f"to_day: {wrong} is not a whole number, 1 to 31"):
            days(1).to_day(wrong)
    with pytest.raises(TypeError, match="to_day: True is not"):
        days(1).to_day(True)
    with pytest.raises(ValueError, match="at least one day of the month"):
        days(1).to_day()


@pytest.mark.parametrize(
    ("code", "mend"),
    [
        ("DE-XX", "Choose among: DE-BB, DE-BE"),
        ("XX-NW", "no country 'XX'"),
        ("de-nw", 'like "DE-NW"'),
        ("DE-", 'like "DE-NW"'),
        ("DEU", 'like "DE-NW"'),
        ("", 'like "DE-NW"'),
        ("HolidayBase", 'like "DE-NW"'),
        ("LU-NW", "Choose among: LU"),
    ],
)
def test_an_unknown_calendar_is_refused_with_the_mend_where_the_term_is_made(code: str, mend: str) -> None:
    for make in (Calendar, lambda code: working_days(1, code), lambda code: days(1).on_working_day(code)):
        with pytest.raises(ValueError, match=mend):
            make(code)


def test_a_calendar_is_a_code_with_closed_dates() -> None:
    with pytest.raises(TypeError, match="a code like"):
        working_days(1, 7)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="As a closed day a date is needed"):
        Calendar(KOELN, closed=["2025-03-03"])  # type: ignore[list-item]
    with pytest.raises(TypeError, match=r"take the local \.date\(\)"):
        Calendar(KOELN).is_working_day(datetime(2025, 3, 3, tzinfo=BERLIN))


@pytest.mark.parametrize(
    "change",
    [
        lambda term: term.on_working_day(KOELN),
        lambda term: term.to_day(15),
        lambda term: term.counting_first_day(),
    ],
)
def test_hours_have_no_days_to_count_or_to_move_to(change: Callable[[Term], Term]) -> None:
    with pytest.raises(ValueError, match=r"hours\(5\) end at an instant"):
        change(hours(5))


def test_working_days_and_calendars_belong_together() -> None:
    with pytest.raises(ValueError, match="counted with a calendar"):
        Term(count=1, unit="working day")
    with pytest.raises(ValueError, match="other units without"):
        Term(count=1, unit="day", calendar=Calendar(KOELN))


def test_a_date_and_hours_do_not_go_together() -> None:
    with pytest.raises(TypeError, match="hours do not go with the date 2025-03-03"):
        date(2025, 3, 3) + hours(5)
    with pytest.raises(TypeError, match="hours do not go with the date 2025-03-03"):
        date(2025, 3, 3) - hours(5)
    with pytest.raises(TypeError, match="hours do not go with the date"):
        last_day(hours(5), date(2025, 3, 3))


@pytest.mark.parametrize("term", [hours(5), days(1), months(1)])
def test_a_naive_datetime_is_refused_everywhere(term: Term) -> None:
    naive = datetime(2025, 3, 3, 12)
    attempts: list[Callable[[], datetime]] = [
        lambda: naive + term,
        lambda: naive - term,
        lambda: as_instant(naive, BERLIN),
        lambda: due_after(naive, term, BERLIN),
    ]
    for wrong in attempts:
        with pytest.raises(ValueError, match="naive, so nobody knows which instant it is"):
            wrong()


def test_where_a_day_is_needed_a_datetime_is_refused_and_the_other_way_round() -> None:
    instant = datetime(2025, 3, 3, tzinfo=BERLIN)
    for wrong in (
        lambda: end_of(instant),
        lambda: Instant(instant),
        lambda: first_instant(instant, BERLIN),
        lambda: last_day(days(1), instant),
    ):
        with pytest.raises(TypeError, match="a date is needed"):
            wrong()
    with pytest.raises(TypeError, match="An aware datetime is needed"):
        due_after(date(2025, 3, 3), days(1), BERLIN)  # type: ignore[arg-type]


def test_only_dates_and_datetimes_take_a_term() -> None:
    with pytest.raises(TypeError, match="unsupported operand"):
        3 + days(1)  # type: ignore[operator]
    with pytest.raises(TypeError, match="unsupported operand"):
        timedelta(1) - days(1)  # type: ignore[operator]


def test_a_stop_cannot_be_negative() -> None:
    anchor = datetime(2025, 3, 3, tzinfo=BERLIN)
    with pytest.raises(ValueError, match="days_stopped: -1"):
        due_after(anchor, days(1), BERLIN, days_stopped=-1)
    with pytest.raises(ValueError, match="time_stopped"):
        due_after(anchor, hours(1), BERLIN, time_stopped=timedelta(-1))


@pytest.mark.parametrize(
    "compute",
    [
        lambda: date(2025, 8, 31) + months(10**6),
        lambda: date(2025, 8, 31) + days(10**30),
        lambda: date(2025, 8, 31) - years(3000),
        lambda: date(2025, 8, 31) + working_days(10**9, KOELN),
        lambda: datetime(2025, 8, 31, tzinfo=BERLIN) + hours(10**9),
        lambda: due_after(datetime(2025, 8, 31, tzinfo=BERLIN), years(8000), BERLIN),
        lambda: as_instant(end_of(date.max), BERLIN),
        lambda: first_instant(date.min, BERLIN),
    ],
)
def test_what_leaves_the_calendar_is_refused_with_what_was_computed(compute: Callable[[], object]) -> None:
    with pytest.raises(ValueError, match="cannot be computed: "):
        compute()


# -- as values


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (months(15), "15 months"),
        (years(1), "1 year"),
        (hours(36), "36 hours"),
        (working_days(10, KOELN), "10 working days (DE-NW)"),
        (weeks(2).counting_first_day(), "2 weeks counting the first day"),
        (days(14).on_working_day(ZEITZ), "14 days, then on a working day (DE-ST)"),
        (weeks(4).to_day(MONTH_END, 15), "4 weeks, then to day 15 or the end of the month"),
        (Calendar(KOELN, closed=[date(2025, 3, 3)]), "DE-NW and 1 closed day"),
        (end_of(date(2025, 3, 30)), "end of 2025-03-30"),
    ],
)
def test_terms_calendars_and_instants_read_like_words(value: object, words: str) -> None:
    assert str(value) == words


def test_terms_are_values() -> None:
    closed = [date(2025, 3, 3), date(2024, 2, 12)]
    term = working_days(10, Calendar(KOELN, closed=closed)).to_day(15, MONTH_END)
    again = pickle.loads(pickle.dumps(term))
    assert again == term
    assert hash(again) == hash(term)
    assert repr(again) == repr(working_days(10, Calendar(KOELN, closed=closed[::-1])).to_day(31, 15, 15))
    assert working_days(1, KOELN) == working_days(1, Calendar(KOELN))
    assert end_of(date(2025, 3, 30)) == Instant(date(2025, 3, 30))
