"""An application, until it is complete and admitted."""

from __future__ import annotations

from datetime import date
from typing import Any

from attrs import evolve, frozen

from progflow import (
    NEXT,
    STAY,
    Context,
    Guard,
    Instant,
    Phase,
    Reason,
    Relation,
    State,
    UsageError,
    Who,
    event,
    guard,
    invariant,
    moment,
)
from progflow.states.anew import last_day_of_deadline
from progflow.states.deadlines import PlaceCalendar, deadline_ends
from progflow.states.people import OFFICE, Name


@frozen
class ApplicationData:
    """What became of the application. ``documents`` are file numbers of the host, never the documents.

    ``asked_on`` is the day on which something missing was asked for, ``admitted_on`` the one on which it was admitted.
    """

    missing: str = ""
    until: date | None = None
    documents: tuple[str, ...] = ()
    endorsed_by: str = ""
    statement: str = ""
    reason: str = ""
    asked_on: date | None = None
    admitted_on: date | None = None


class Application(Phase[ApplicationData]):
    """An application is looked at for completeness, and admitted or rejected.

    That what is missing is asked for before anybody is rejected is an assumption, usual for competitive calls.

    Args:
        person: whose it is; nobody decides on the own one.
        by: who decides.
        superior: who may support it; without one nobody is asked to. Other programmes take applications through
            channels with the superior's comment (Bavarian rules for school heads).
        needs_endorsement: whether it is admitted only once a superior has supported it.
        when: what else must hold before it is admitted.
        calendar: whose holidays move on the day by which something missing must come; without one it stays.
    """

    submitted = State(initial=True)
    incomplete = State()
    rejected = State(final=True)
    lapsed = State("not completed in time", final=True)

    undecided = submitted | incomplete

    def __init__(
        self,
        *,
        person: Relation[Any],
        by: Who = OFFICE,
        superior: Relation[Any] | None = None,
        needs_endorsement: bool = False,
        when: tuple[Guard[Any], ...] = (),
        calendar: PlaceCalendar | None = None,
    ) -> None:
        if needs_endorsement and superior is None:
            raise UsageError(
                problem="An application needs to be supported, and nobody could support it.",
                mend="Write superior=the_superior, or leave needs_endorsement out.",
            )
        self.person = person
        self.by = by
        self.superior = superior
        self.needs_endorsement = needs_endorsement
        self.when = when
        self.calendar = calendar

    @guard("{until} is over already.")
    def day_ahead(self, ctx: Context[ApplicationData], *, until: date | None) -> bool:
        return until is None or until >= ctx.today

    @event(submitted >> incomplete, by=lambda self: self.by - self.person, when=day_ahead)
    def ask_for_more(
        self, ctx: Context[ApplicationData], *, missing: Reason, until: date | None = None
    ) -> ApplicationData:
        """Ask for what is missing.

        With a day, the application lapses if nothing has come by then.
        """
        return evolve(ctx.data, missing=missing, until=until, asked_on=ctx.today)

    @event(incomplete >> submitted, by=lambda self: self.person)
    def hand_in(self, ctx: Context[ApplicationData], *, document: Name) -> ApplicationData:
        """Hand in what was missing."""
        return evolve(ctx.data, missing="", until=None, documents=(*ctx.data.documents, document))

    @moment
    def must_come_by(self, ctx: Context[ApplicationData]) -> Instant | None:
        return None if ctx.data.until is None else deadline_ends(ctx.data.until, self.calendar, ctx)

    @event(incomplete >> lapsed, at=must_come_by)
    def lapse(self, ctx: Context[ApplicationData]) -> None:
        """What was missing has not come in time."""

    @event(
        lambda self: (self.undecided >> STAY) if self.superior is not None else (),
        by=lambda self: self.superior - self.person,
    )
    def endorse(self, ctx: Context[ApplicationData], *, statement: str = "") -> ApplicationData:
        """Support the application as the superior."""
        return evolve(ctx.data, endorsed_by=ctx.actor.id, statement=statement)

    @guard("No superior has supported the application.")
    def endorsed(self, ctx: Context[ApplicationData]) -> bool:
        return bool(ctx.data.endorsed_by)

    @event(
        submitted >> NEXT,
        by=lambda self: self.by - self.person,
        when=lambda self: (self.endorsed, *self.when) if self.needs_endorsement else self.when,
    )
    def admit(self, ctx: Context[ApplicationData]) -> ApplicationData:
        """Admit the application."""
        return evolve(ctx.data, admitted_on=ctx.today)

    @event(lambda self: self.undecided >> self.rejected, by=lambda self: self.by - self.person)
    def reject(self, ctx: Context[ApplicationData], *, reason: Reason) -> ApplicationData:
        """Reject the application, and say why."""
        return evolve(ctx.data, reason=reason)

    # -- what always holds

    @invariant("Something is missing exactly as long as it is waited for.")
    def missing_while_incomplete(self, ctx: Context[ApplicationData]) -> bool:
        data, case = ctx.data, ctx.case
        if not case.is_in(self.submitted, self.incomplete):
            return data.admitted_on is None or not data.missing
        asked = data.asked_on is not None and (data.until is None or data.asked_on <= data.until)
        return (bool(data.missing.strip()) and asked) if case.is_in(self.incomplete) else data.missing == ""

    @invariant("An application lapses only after the day by which something had to come.")
    def lapsed_in_time(self, ctx: Context[ApplicationData]) -> bool:
        if not ctx.case.is_in(self.lapsed):
            return True
        last = last_day_of_deadline(ctx.data.until, None if self.calendar is None else self.calendar(ctx))
        return last is not None and last < ctx.case.entered_at.date()

    @invariant("Nothing is admitted without the superior, where that is needed.")
    def supported(self, ctx: Context[ApplicationData]) -> bool:
        return not self.needs_endorsement or ctx.data.admitted_on is None or bool(ctx.data.endorsed_by)

    @invariant("An application that was rejected says why.")
    def reason_given(self, ctx: Context[ApplicationData]) -> bool:
        """Invariant 6."""
        return not ctx.case.is_in(self.rejected) or bool(ctx.data.reason.strip())


__all__ = ["Application", "ApplicationData"]
