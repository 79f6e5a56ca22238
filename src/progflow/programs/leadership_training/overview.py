"""Who has done what and who has not, and the confirmation of what somebody has taken part in."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from attrs import frozen

from progflow import Case, Cases, Flow
from progflow.programs.leadership_training.duty import BaseDuty, DutyData, hours_by_module
from progflow.programs.leadership_training.people import Level
from progflow.programs.leadership_training.session import BaseSession, Booking, BookingData, SessionData
from progflow.programs.leadership_training.training import TrainingData


@frozen(kw_only=True)
class Standing:
    """How one leader stands in one round.

    Args:
        person: the host's id.
        post: what is led; the host's id.
        level: at which level.
        state: where the duty stands, as a person reads it.
        missing: the codes of the modules that are not done.
        due: by when the next of them is to be done.
        overdue_since: since when it is overdue, None if it is not.
    """

    person: str
    post: str
    level: Level
    state: str
    missing: tuple[str, ...]
    due: date
    overdue_since: date | None


@frozen(kw_only=True)
class Confirmation:
    """What somebody has taken part in.

    Args:
        module: its code.
        title: what it is called.
        session: the number of the session.
        provider: who has held it.
        begins: its first day.
        ends: its last day.
        hours: how many hours the person was there.
    """

    module: str
    title: str
    session: str
    provider: str
    begins: date
    ends: date
    hours: float


def overview(flow: Flow, training: Case[TrainingData]) -> tuple[Standing, ...]:
    """Everybody with an open duty, the nearest deadline first."""
    duties: Cases[DutyData] = flow.cases(BaseDuty)
    found = (_standing(flow, duty) for duty in duties.of(training).in_(BaseDuty.obligation).open().all())
    return tuple(sorted(found, key=lambda one: (one.due, one.person, one.post)))


def confirmations(flow: Flow, duty: Case[DutyData]) -> tuple[Confirmation, ...]:
    """The sessions that count for that duty, in the order of their days; what was credited stands in its data.

    See ``DutyData.credits`` for courses that were held elsewhere.
    """
    found = (_confirmation(flow, duty, seat) for seat in _seats(flow, duty))
    return tuple(sorted(found, key=lambda one: (one.begins, one.session)))


def _seats(flow: Flow, duty: Case[DutyData]) -> Iterator[Case[BookingData]]:
    seats = flow.cases(Booking).where(person=duty.data.person).in_(Booking.attendance.credited).all()
    return (seat for seat in seats if seat.links["duty"] == duty.id)


def _standing(flow: Flow, duty: Case[DutyData]) -> Standing:
    data, kept = duty.data, duty[BaseDuty.obligation]
    hours = hours_by_module(_seats(flow, duty))
    return Standing(
        person=data.person,
        post=data.post,
        level=data.level,
        state=duty.state_title,
        missing=tuple(module.code for module in data.missing(hours)),
        due=kept.last_day(data.next_deadline(hours)),
        overdue_since=kept.overdue_since,
    )


def _confirmation(flow: Flow, duty: Case[DutyData], seat: Case[BookingData]) -> Confirmation:
    session: Case[SessionData] = flow.get(BaseSession, seat.links["session"])
    held = session[BaseSession.occasion]
    module = duty.data.module(seat.data.module)
    assert held.begins is not None
    assert held.ends is not None
    return Confirmation(
        module=seat.data.module,
        title=seat.data.module if module is None else module.title,
        session=session.data.number,
        provider=session.data.provider,
        begins=held.begins,
        ends=held.ends,
        hours=seat[Booking.attendance].hours,
    )


__all__ = ["Confirmation", "Standing", "confirmations", "overview"]
