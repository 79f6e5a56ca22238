"""What somebody has taken part in, for whom there is no certificate."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from attrs import frozen

from progflow import Case, Cases, Flow
from progflow.programs.mentoring.edition import BaseEdition, EditionData
from progflow.programs.mentoring.mentee import BaseMentee
from progflow.programs.mentoring.pairs import AnyTandem, TandemData
from progflow.programs.mentoring.seminars import BaseSeminar, BaseSeminarPlace, SeminarData


@frozen(kw_only=True)
class Attended:
    """What a mentee took part in, and nothing of what was said or of why it ended.

    Args:
        person: the host's id.
        edition: its name.
        since: the day on which the first tandem began.
        until: the day on which it ended before its time, None if it did not.
        meetings: the days of the meetings with all mentors.
        seminars: the titles of the seminars that count, in the order of their days.
    """

    person: str
    edition: str
    since: date
    until: date | None
    meetings: tuple[date, ...]
    seminars: tuple[str, ...]


def attended(flow: Flow, mentee: Case[Any]) -> Attended | None:
    """What an attendance statement says; None if no tandem of the mentee has begun.

    That who has dropped out gets one in the place of a certificate is an assumption.
    """
    tandems: Cases[TandemData] = flow.cases(AnyTandem)
    own = [one for one in tandems.where(mentee=mentee.data.person).all() if one.links["mentee"] == mentee.id]
    began = [one.data.started for one in own if one.data.started is not None]
    if not began or mentee.parent is None:
        return None
    edition: Case[EditionData] = flow.get(BaseEdition, mentee.parent)
    return Attended(
        person=mentee.data.person,
        edition=edition.data.name,
        since=min(began),
        until=mentee.entered_at.date() if mentee.is_in(BaseMentee.tandem.dropped_out) else None,
        meetings=tuple(sorted(day for one in own for day in one.data.meetings)),
        seminars=tuple(title for _, title in sorted(_seminars(flow, mentee))),
    )


def _seminars(flow: Flow, mentee: Case[Any]) -> Iterator[tuple[date, str]]:
    """The first day and the title of each seminar that counts."""
    places = flow.cases(BaseSeminarPlace).where(person=mentee.data.person)
    for place in places.in_(BaseSeminarPlace.attendance.credited).all():
        seminar: Case[SeminarData] = flow.get(BaseSeminar, place.links["seminar"])
        begins = seminar[BaseSeminar.occasion].begins
        if place.links["mentee"] == mentee.id and begins is not None:
            yield begins, seminar.data.title


__all__ = ["Attended", "attended"]
