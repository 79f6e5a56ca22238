"""Terms, calendars and ends of days: how progflow counts time.

Days and longer units follow §§ 187(1) and 188 BGB: the day of the event does not count, a term ends with
its last day, and a day that a month does not have is the month's last. `Term.counting_first_day` is § 187(2).
A date plus a term is its last day, and it is over at the first instant after that day. Hours are exact.

Local times pass through UTC, so that every result is an instant that exists: a clock time that the change
to summer time leaves out is as much later as the clock was put forward; of one that comes twice the first is
meant, unless the value started from was itself a second one. The zone of the server is never asked.

Python compares datetimes of one zone by their clock times and does not look at `fold`, which is wrong in the
hour that comes twice, and no datetime in a zone can prevent it: convert to UTC before comparing.
"""

from collections.abc import Generator, Iterable
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import lru_cache
from typing import Final, Literal, final, overload
from zoneinfo import ZoneInfo

from attrs import evolve, field, frozen
from dateutil.relativedelta import relativedelta

MONTH_END: Final = 31
"""The last day of any month, for `Term.to_day`: a month without a day of this number ends earlier."""

Unit = Literal["hour", "day", "week", "month", "year", "working day"]
Direction = Literal[1, -1]
ONE_DAY: Final = timedelta(days=1)
NO_TIME: Final = timedelta()


def _closed_days(days: Iterable[date]) -> frozenset[date]:
    return frozenset(_plain_date(day, "a closed day") for day in days)


@final
@frozen
class Calendar:
    """The working days of a place: Monday to Friday without public holidays and locally closed days.

    `code` names a country and its subdivision as the `holidays` package does, "DE-NW"; a country without
    subdivisions stands alone, "LU". `closed` are further days on which nobody works there: Rosenmontag, the
    bridging day of the town hall.

    Raises ValueError if the package does not know the code.
    """

    code: str
    closed: frozenset[date] = field(default=frozenset(), converter=_closed_days, repr=lambda days: repr(sorted(days)))

    def __attrs_post_init__(self) -> None:
        _check_code(self.code)

    def is_working_day(self, day: date) -> bool:
        """Whether people work there on this day.

        Raises ValueError for a weekday of a year whose holidays the package does not know (Germany:
        before 1991, after 2100), rather than take a holiday for a working day.
        """
        day = _plain_date(day, "the day")
        if day.weekday() >= 5 or day in self.closed:
            return False
        return day not in _public_holidays(self.code, day.year)

    def __str__(self) -> str:
        if not self.closed:
            return self.code
        return f"{self.code} and {len(self.closed)} closed day{'s' if len(self.closed) != 1 else ''}"


def _check_code(code: object) -> None:
    if not isinstance(code, str):
        raise TypeError(f'A calendar is a code like "DE-NW" or a Calendar, not {code!r}.')
    _look_up(code)


@lru_cache(maxsize=64)  # looking up takes half a millisecond, and a term is made anew each time that it is asked for
def _look_up(code: str) -> None:
    import holidays  # costs 60 ms, and many programmes need no calendar

    country, dash, subdivision = code.partition("-")
    example = 'Write country and subdivision as the holidays package has them, like "DE-NW".'
    if not (len(country) == 2 and country.isalpha() and country.isupper()) or bool(dash) != bool(subdivision):
        raise ValueError(f"{code!r} is not a calendar code. {example}")
    try:
        known = holidays.country_holidays(country)
    except NotImplementedError:
        raise ValueError(f"Calendar {code!r}: there is no country {country!r}. {example}") from None
    if subdivision and subdivision not in (*known.subdivisions, *known.subdivisions_aliases):
        choice = ", ".join(f"{country}-{name}" for name in known.subdivisions) or country
        raise ValueError(f"Calendar {code!r}: no subdivision {subdivision!r}. Choose among: {choice}.")


# A pure function remembered: the package's own objects grow while they are read, which threads do not bear.
@lru_cache(maxsize=1024)
def _public_holidays(code: str, year: int) -> frozenset[date]:
    import holidays

    country, _, subdivision = code.partition("-")
    found = holidays.country_holidays(country, subdiv=subdivision or None, years=year)
    if not found.start_year <= year <= found.end_year:
        raise ValueError(f"holidays of {code} are known for {found.start_year} to {found.end_year}, not {year}.")
    return frozenset(day for day in found if day.year == year)


def _calendar(value: str | Calendar) -> Calendar:
    return value if isinstance(value, Calendar) else Calendar(value)


@frozen
class OnWorkingDay:
    """§ 193 BGB: an end on a Saturday, Sunday or holiday moves on to the next working day."""

    calendar: Calendar

    def apply(self, end: date) -> date:
        """Move the end on where it has to move."""
        while not self.calendar.is_working_day(end):
            end += ONE_DAY
        return end

    def __str__(self) -> str:
        return f"on a working day ({self.calendar})"


@frozen
class ToDay:
    """The end moves on to the next of these days of the month."""

    days: tuple[int, ...]

    def apply(self, end: date) -> date:
        """Move to the first such day on or after the end; 31 is the last day of any month."""
        month = end.replace(day=1)
        following = month + relativedelta(months=1)
        dates = (first + relativedelta(day=day) for first in (month, following) for day in self.days)
        return min(day for day in dates if day >= end)

    def __str__(self) -> str:
        words = ("the end of the month" if day == MONTH_END else f"day {day}" for day in self.days)
        return "to " + " or ".join(words)


@final
@frozen(kw_only=True)
class Term:
    """A length of time in calendar words, made by `months(15)` or `working_days(10, "DE-NW")`.

    `date + term` is the last day of the term, `aware datetime + term` that day at the same clock time (hours:
    exactly so much later). `-` counts back, and takes the bare term only, as no rule says which way an
    adjustment would move then. A date with hours is a TypeError, a naive datetime a ValueError.
    """

    count: int
    unit: Unit
    calendar: Calendar | None = None
    first_day_counts: bool = False
    adjustments: tuple[OnWorkingDay | ToDay, ...] = ()

    def __attrs_post_init__(self) -> None:
        _check_number(self.count, f"{self.unit}s")
        if (self.unit == "working day") != (self.calendar is not None):
            raise ValueError("Working days are counted with a calendar, other units without one.")
        if self.exact and (self.first_day_counts or self.adjustments):
            raise ValueError(
                f"hours({self.count}) end at an instant and have no days to count or to move to: "
                "counting_first_day, on_working_day and to_day are for days(…) and longer."
            )

    @property
    def exact(self) -> bool:
        """Whether this is exact time (hours) and not calendar days."""
        return self.unit == "hour"

    def counting_first_day(self) -> "Term":
        """Count the day that the term begins on, as § 187(2) BGB does for what begins with the day itself.

        The term then ends on the day before the one of the same number; by § 188(3) on the last of the month
        where that day is missing: 31 October and four months are over with 28 February.
        """
        return evolve(self, first_day_counts=True)

    def on_working_day(self, calendar: str | Calendar) -> "Term":
        """Move an end on a Saturday, Sunday or holiday of the place on to the next working day (§ 193 BGB).

        Meant for what somebody has to do or declare by then, not for how long a phase lasts. Adjustments are
        applied in the order in which they are written.
        """
        return evolve(self, adjustments=(*self.adjustments, OnWorkingDay(_calendar(calendar))))

    def to_day(self, *days_of_month: int) -> "Term":
        """Go on to the next such day of the month on or after the end: `to_day(15, MONTH_END)`."""
        if not days_of_month:
            raise ValueError("to_day needs at least one day of the month, like to_day(15, MONTH_END).")
        for day in days_of_month:
            _check_number(day, "to_day", least=1, most=MONTH_END)
        return evolve(self, adjustments=(*self.adjustments, ToDay(tuple(sorted(set(days_of_month))))))

    def times(self, n: int) -> "Term":
        """As long as `n` of these terms, counted from one anchor, so that what recurs never drifts."""
        _check_number(n, "times")
        return evolve(self, count=self.count * n)

    @overload
    def __radd__(self, anchor: datetime) -> datetime: ...
    @overload
    def __radd__(self, anchor: date) -> date: ...
    def __radd__(self, anchor: object) -> date:
        return _counted(self, anchor, 1) if isinstance(anchor, date) else NotImplemented

    @overload
    def __rsub__(self, anchor: datetime) -> datetime: ...
    @overload
    def __rsub__(self, anchor: date) -> date: ...
    def __rsub__(self, anchor: object) -> date:
        return _counted(self, anchor, -1) if isinstance(anchor, date) else NotImplemented

    def __str__(self) -> str:
        words = f"{self.count} {self.unit}{'s' if self.count != 1 else ''}"
        if self.calendar is not None:
            words += f" ({self.calendar})"
        if self.first_day_counts:
            words += " counting the first day"
        return ", then ".join((words, *map(str, self.adjustments)))


def hours(n: int) -> Term:
    """`n` hours of exact time, whatever the clocks do meanwhile."""
    return Term(count=n, unit="hour")


def days(n: int) -> Term:
    """`n` calendar days; `days(0)` ends with the day of the event itself."""
    return Term(count=n, unit="day")


def weeks(n: int) -> Term:
    """`n` weeks: over with the day of the same name (§ 188(2) BGB)."""
    return Term(count=n, unit="week")


def months(n: int) -> Term:
    """`n` months: over with the day of the same number, or the last of a month without it (§ 188 BGB)."""
    return Term(count=n, unit="month")


def years(n: int) -> Term:
    """`n` years of twelve months each."""
    return Term(count=n, unit="year")


def working_days(n: int, calendar: str | Calendar) -> Term:
    """`n` working days of a place; none end with the day of the event, whatever day that is."""
    return Term(count=n, unit="working day", calendar=_calendar(calendar))


def _bare_end(term: Term, anchor: date, direction: Direction) -> date:
    """The end without adjustments, counted forward, or back with first and last day exchanged."""
    n = term.count * direction
    if term.unit in ("month", "year"):
        end = anchor + relativedelta(months=n if term.unit == "month" else 12 * n)
        missing = direction == 1 and end.day < anchor.day  # then the day before is missing too, or is the end
        return end - direction * ONE_DAY if term.first_day_counts and not missing else end
    if term.first_day_counts:
        anchor -= direction * ONE_DAY
    if term.calendar is None:
        return anchor + timedelta(days=7 * n if term.unit == "week" else n)
    for _ in range(term.count):
        anchor += direction * ONE_DAY
        while not term.calendar.is_working_day(anchor):
            anchor += direction * ONE_DAY
    return anchor


def _end(term: Term, anchor: date, direction: Direction = 1, *, days_stopped: int = 0) -> date:
    if term.exact:
        raise TypeError(f"hours do not go with the date {anchor}: take an aware datetime, or days(…).")
    if term.adjustments and direction == -1:
        raise ValueError(
            "which way an adjustment moves is not clear when counting back. Subtract the bare term; "
            "(day - days(14)) + days(0).on_working_day(…) moves the result forward."
        )
    end = _bare_end(term, anchor, direction)
    if days_stopped:
        end += timedelta(days=days_stopped)
        if term.calendar is not None:  # a term of working days ends on one, also after it was stopped
            end = OnWorkingDay(term.calendar).apply(end)
    for adjustment in term.adjustments:
        end = adjustment.apply(end)
    return end


def _counted(term: Term, anchor: date, direction: Direction) -> date:
    with _range_of(f"{anchor} {'+' if direction == 1 else '-'} {term}"):
        if not isinstance(anchor, datetime):
            return _end(term, anchor, direction)
        start = _existing(_aware(anchor), anchor.tzinfo)
        if term.exact:
            moved = start.astimezone(UTC) + timedelta(hours=direction * term.count)
            return moved.astimezone(anchor.tzinfo)
        wall = datetime.combine(_end(term, start.date(), direction), start.timetz())
        found = _existing(wall, anchor.tzinfo)
        if found.replace(tzinfo=None) == wall.replace(tzinfo=None):
            return found
        return _existing(wall.replace(fold=0), anchor.tzinfo)  # left out by the clock: later, never earlier


def last_day(term: Term, first: date) -> date:
    """The last day of a term whose event happens (or that begins) on `first`, adjustments included.

    Raises TypeError for hours, which end at an instant and not with a day.
    """
    return _counted(term, _plain_date(first, "the first day"), 1)


@final
@frozen
class Instant:
    """The end of a day in whatever zone the program has; made by `end_of`."""

    day: date

    def __attrs_post_init__(self) -> None:
        _plain_date(self.day, "the day")

    def __str__(self) -> str:
        return f"end of {self.day}"


def end_of(day: date) -> Instant:
    """The first instant after `day`: until then it is still that day."""
    return Instant(day)


def first_instant(day: date, zone: ZoneInfo) -> datetime:
    """The first instant of that local day, aware and in `zone`.

    Mostly midnight; later where the clock leaves midnight out, the first of two where midnight comes twice,
    and the first instant after the day if the zone skipped it.
    """
    day = _plain_date(day, "the day")
    midnight = datetime(day.year, day.month, day.day, tzinfo=zone)
    with _range_of(f"The first instant of {day} in {zone.key}"):
        late = midnight.astimezone(UTC)
        if late.astimezone(zone).replace(tzinfo=None) == midnight.replace(tzinfo=None):
            return late.astimezone(zone)
        early = midnight.replace(fold=1).astimezone(UTC)
        while late - early > timedelta(seconds=1):  # the clock was put forward between these two
            middle = early + timedelta(seconds=(late - early) // timedelta(seconds=2))
            early, late = (early, middle) if middle.astimezone(zone).date() >= day else (middle, late)
        return late.astimezone(zone)


def as_instant(value: date | datetime | Instant, zone: ZoneInfo) -> datetime:
    """What a moment means, aware and in `zone`: a date its first instant, `end_of(day)` the first one after.

    Raises ValueError for a naive datetime. Compare results in UTC.
    """
    if isinstance(value, Instant):
        with _range_of(f"The {value}"):
            following = value.day + ONE_DAY
        return first_instant(following, zone)
    if not isinstance(value, datetime):
        return first_instant(value, zone)
    with _range_of(f"{value} in {zone.key}"):
        return _existing(_aware(value), zone)


def due_after(
    anchor: datetime, term: Term, zone: ZoneInfo, *, days_stopped: int = 0, time_stopped: timedelta = NO_TIME
) -> datetime:
    """When a timer that counts from `anchor` is due, aware and in `zone`.

    Hours end exactly, `time_stopped` later if the clock stood still. Anything longer is due at the first
    instant after its last day, counted from the local date of the anchor. `days_stopped` moves the bare end
    on by calendar days before it is adjusted, so that a moved end still keeps off Sundays; working days still
    end on a working day. Both may be given; what does not fit the term is not used. Compare results in UTC.
    """
    _check_number(days_stopped, "days_stopped")
    if time_stopped < NO_TIME:
        raise ValueError(f"time_stopped: {time_stopped} is not a length of time, zero or more.")
    with _range_of(f"The end of {term} from {anchor}"):
        start = _existing(_aware(anchor), zone)
        if term.exact:
            return (start.astimezone(UTC) + timedelta(hours=term.count) + time_stopped).astimezone(zone)
        following = _end(term, start.date(), days_stopped=days_stopped) + ONE_DAY
    return first_instant(following, zone)


def _existing(value: datetime, zone: tzinfo | None) -> datetime:
    """The same instant with the clock time, offset and fold that it really has in the zone."""
    return value.astimezone(UTC).astimezone(zone)


def _check_number(value: object, what: str, *, least: int = 0, most: int | None = None) -> None:
    wanted = "a whole number, " + (f"{least} or more" if most is None else f"{least} to {most}")
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"{what}: {value!r} is not {wanted}.")
    if value < least or (most is not None and value > most):
        raise ValueError(f"{what}: {value} is not {wanted}.")


def _plain_date(value: object, what: str) -> date:
    if isinstance(value, datetime) or not isinstance(value, date):
        raise TypeError(f"As {what} a date is needed, not {value!r}. Of a datetime take the local .date().")
    return value


def _aware(value: object) -> datetime:
    if not isinstance(value, datetime):
        raise TypeError(f"An aware datetime is needed, not {value!r}.")
    if value.utcoffset() is None:
        raise ValueError(f"{value!r} is naive, so nobody knows which instant it is. Give it a tzinfo.")
    return value


@contextmanager
def _range_of(what: str) -> Generator[None]:
    """Say which computation it was that left the years 1 to 9999 or the years whose holidays are known."""
    try:
        yield
    except (OverflowError, ValueError) as error:
        raise ValueError(f"{what} cannot be computed: {error}") from error
