"""What the rules of an event say about when it fires: its moment and its terms, asked of one case."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from progflow.decide.timing import Alarm
from progflow.decide.verdict import ask
from progflow.decide.view import EngineView
from progflow.definition.blueprint import BoundRule, EventSpec, Kind
from progflow.errors import UsageError
from progflow.terms import Term, as_instant


def alarm_of(kind: Kind, event: EventSpec, view: EngineView, zone: ZoneInfo) -> Alarm:
    """When a timer of that event goes off, as the case behind the view gives it now.

    Raises:
        UsageError: a moment gave something that is no point in time, or a derived value no term.
    """
    moment = None if event.moment is None else _moment(kind, event.moment, view, zone)
    after, every = _term(kind, event.after, view, least=0), _term(kind, event.every, view, least=1)
    asked = ((event.moment, moment), (event.after, after), (event.every, every))
    return Alarm(
        known=all(said is None or answer is not None for said, answer in asked),
        at=moment if event.at is not None else None,
        since=moment if event.since is not None else None,
        after=after,
        every=every,
    )


def _moment(kind: Kind, bound: BoundRule, view: EngineView, zone: ZoneInfo) -> datetime | None:
    said = ask(bound, view, {})
    try:
        return None if said is None else as_instant(said, zone).astimezone(UTC)
    except (TypeError, ValueError) as error:
        raise UsageError(
            problem=f"The moment {bound.code} of {kind.blueprint.name} gave {said!r}: {error}",
            mend="Give an aware datetime, a date, end_of(day) or None.",
        ) from error


def _term(kind: Kind, said: Term | BoundRule | None, view: EngineView, *, least: int) -> Term | None:
    if not isinstance(said, BoundRule):
        return said
    term = ask(said, view, {})
    if term is None or (isinstance(term, Term) and term.count >= least):
        return term
    raise UsageError(
        problem=f"The length {said.code} of {kind.blueprint.name} is {term!r}.",
        mend=f"Give a term of at least {least}, as in days(14) or months(3), or None for not yet.",
    )
