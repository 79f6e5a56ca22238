"""Bodies that take part in a decision before it is carried out: the staff council and the equality officer."""

from __future__ import annotations

from datetime import date
from enum import Enum
from typing import Any, Final

from attrs import evolve, frozen

from progflow import (
    NEXT,
    STAY,
    Context,
    Derived,
    No,
    Phase,
    Reason,
    Role,
    State,
    Term,
    Who,
    always,
    derived,
    event,
    guard,
    invariant,
    weeks,
)
from progflow.states.people import HEAD, OFFICE, Name

STAFF_COUNCIL: Final = Role("staff council")
"""Speaks for the staff council (Personalrat)."""

EQUALITY_OFFICER: Final = Role("equality officer")
"""The equality officer (Gleichstellungsbeauftragte), or who deputises for her."""

TWO_WEEKS: Final = always(weeks(2))
ONE_WEEK: Final = always(weeks(1))


class Outcome(Enum):
    """How the staff council came to have agreed."""

    APPROVED = "approved"
    DEEMED = "deemed approved"
    CONCILIATED = "decided in conciliation"


@frozen(kw_only=True)
class StaffCouncilData:
    """What the staff council said, how often it was discussed with it, and why nothing came of it."""

    discussions: int = 0
    outcome: Outcome | None = None
    decided_on: date | None = None
    refused_because: str = ""
    dropped_because: str = ""


class StaffCouncil(Phase[StaffCouncilData], fresh=True):
    """The staff council is asked, and nothing is carried out until it has agreed.

    It approves, asks for a discussion or refuses. If its period runs out without a word, it is deemed to have
    approved. No period runs while the measure is discussed; it starts anew after the discussion (case law on the
    staff council acts, reported at rechtslupe.de 325132). A refusal can be taken to conciliation.

    Selecting staff for training is subject to co-determination in NRW (VG Köln, 34 K 7278/09.PVL) and, even with a
    single applicant, in Berlin (BVerwG, 6 P 7.93). How long the period is depends on the Land and on the kind of
    participation: two weeks are § 69 LPVG NRW, for participation short of co-determination; for anything else they
    are an assumption. That the measure may be dropped, and who decides in conciliation, are assumptions too.

    Each entry into the phase from outside asks anew. A lifecycle that decides otherwise rather than drop the measure
    leads on from ``refused`` or ``escalated`` by an event of its own.

    Args:
        council: who speaks for the staff council; for several administrations a relation, that of this case.
        by: who asks it, ends a discussion, and escalates or drops what it refused.
        board: who records what the conciliation has decided.
        period: how long it has, in days or longer units, from the day on which it was asked.
        discuss_first: whether it may refuse only after a discussion.
    """

    requested = State("with the staff council", initial=True)
    discussion = State("under discussion")
    refused = State("refused by the staff council")
    escalated = State("in conciliation")
    dropped = State("not carried out", final=True)

    undecided = requested | discussion

    def __init__(
        self,
        *,
        council: Who = STAFF_COUNCIL,
        by: Who = OFFICE,
        board: Who = HEAD,
        period: Derived[Any, Term] = TWO_WEEKS,
        discuss_first: bool = False,
    ) -> None:
        self.council = council
        self.by = by
        self.board = board
        self.period = period
        self.discuss_first = discuss_first

    @event(undecided >> NEXT, by=lambda self: self.council)
    def approve(self, ctx: Context[StaffCouncilData]) -> StaffCouncilData:
        """Approve as the staff council."""
        return self._agreed(ctx, Outcome.APPROVED)

    @event(requested >> NEXT, after=lambda self: self.period)
    def deem_approved(self, ctx: Context[StaffCouncilData]) -> StaffCouncilData:
        """The period has run out without a word, so the staff council is deemed to have approved."""
        return self._agreed(ctx, Outcome.DEEMED)

    @event(requested >> discussion, by=lambda self: self.council)
    def ask_for_discussion(self, ctx: Context[StaffCouncilData]) -> StaffCouncilData:
        """Ask for a discussion."""
        return evolve(ctx.data, discussions=ctx.data.discussions + 1)

    @event(discussion >> requested, by=lambda self: self.by)
    def end_discussion(self, ctx: Context[StaffCouncilData]) -> None:
        """The discussion has been held.

        The period starts anew.
        """

    @guard("A discussion comes before a refusal.")
    def has_been_discussed(self, ctx: Context[StaffCouncilData]) -> bool:
        return not self.discuss_first or ctx.data.discussions > 0

    @event(undecided >> refused, by=lambda self: self.council, when=has_been_discussed)
    def refuse(self, ctx: Context[StaffCouncilData], *, reason: Reason) -> StaffCouncilData:
        """Refuse as the staff council, and say why."""
        return evolve(ctx.data, refused_because=reason, decided_on=ctx.today)

    @event(refused >> escalated, by=lambda self: self.by)
    def escalate(self, ctx: Context[StaffCouncilData]) -> None:
        """Take the refusal to conciliation."""

    @event(escalated >> NEXT, by=lambda self: self.board)
    def conciliate(self, ctx: Context[StaffCouncilData]) -> StaffCouncilData:
        """The conciliation has decided for it."""
        return self._agreed(ctx, Outcome.CONCILIATED)

    @event(escalated >> dropped, by=lambda self: self.board)
    def fail(self, ctx: Context[StaffCouncilData], *, reason: Reason) -> StaffCouncilData:
        """The conciliation has decided against it."""
        return evolve(ctx.data, dropped_because=reason)

    @event(refused >> dropped, by=lambda self: self.by)
    def drop(self, ctx: Context[StaffCouncilData], *, reason: Reason) -> StaffCouncilData:
        """Do without it, as the staff council has refused."""
        return evolve(ctx.data, dropped_because=reason)

    def _agreed(self, ctx: Context[StaffCouncilData], outcome: Outcome) -> StaffCouncilData:
        return evolve(ctx.data, outcome=outcome, decided_on=ctx.today)

    @invariant("What the staff council refused, or was dropped, has a reason.")
    def reason_given(self, ctx: Context[StaffCouncilData]) -> bool:
        """Invariant 6."""
        refused = not ctx.case.is_in(self.refused) or bool(ctx.data.refused_because.strip())
        return refused and (not ctx.case.is_in(self.dropped) or bool(ctx.data.dropped_because.strip()))

    @invariant("What was refused is never deemed approved.")
    def not_deemed_against_a_refusal(self, ctx: Context[StaffCouncilData]) -> bool:
        """Invariant 16, the part that one case can see; the period is tested with the history."""
        return not (ctx.data.refused_because and ctx.data.outcome is Outcome.DEEMED)


@frozen(kw_only=True)
class EqualityOfficerData:
    """What the equality officer said, and what was decided then."""

    shortened_because: str = ""
    objected_on: date | None = None
    objection: str = ""
    redecided_on: date | None = None
    document: str = ""
    given_up_because: str = ""


class EqualityOfficer(Phase[EqualityOfficerData], fresh=True):
    """The equality officer is informed, and nothing is carried out until she has had her say.

    If her period passes without an objection, it goes on. An objection within the period suspends the measure until
    it has been decided again, in writing or electronically: one week by § 19 LGG NRW. A former rule of
    Mecklenburg-Vorpommern (until 2012) gave ten working days, which could be shortened to five; say so by
    ``period=always(working_days(10, "DE-MV")), shortened=always(working_days(5, "DE-MV"))``.

    Each entry into the phase informs her anew. That she may say early that she does not object, and that a measure
    may be given up for her objection, are assumptions.

    Args:
        officer: who speaks as the equality officer; for several administrations a relation, that of this case.
        by: who shortens the period and gives the measure up.
        redecided_by: who decides again after an objection.
        period: how long she has, in days or longer units, from the day on which she was informed.
        shortened: the shorter period for what is urgent; None if it cannot be shortened.
    """

    informed = State("with the equality officer", initial=True)
    objected = State("suspended by an objection")
    given_up = State("given up after an objection", final=True)

    def __init__(
        self,
        *,
        officer: Who = EQUALITY_OFFICER,
        by: Who = OFFICE,
        redecided_by: Who = HEAD,
        period: Derived[Any, Term] = ONE_WEEK,
        shortened: Derived[Any, Term] | None = None,
    ) -> None:
        self.officer = officer
        self.by = by
        self.redecided_by = redecided_by
        self.period = period
        self.shortened = shortened

    @derived
    def time_to_object(self, ctx: Context[EqualityOfficerData]) -> Term:
        """How long she has, as it stands now."""
        shorter = self.shortened if ctx.data.shortened_because else None
        return self.period(ctx) if shorter is None else shorter(ctx)

    @event(informed >> NEXT, after=time_to_object)
    def pass_without_objection(self, ctx: Context[EqualityOfficerData]) -> None:
        """The period has passed without an objection."""

    @event(informed >> NEXT, by=lambda self: self.officer)
    def raise_no_objection(self, ctx: Context[EqualityOfficerData]) -> None:
        """Say that there is no objection."""

    @guard("The period has been shortened already.")
    def not_shortened(self, ctx: Context[EqualityOfficerData]) -> bool:
        return not ctx.data.shortened_because

    @guard("The shorter period ended on {last_day}.")
    def still_in_time(self, ctx: Context[EqualityOfficerData]) -> bool | No:
        """Nobody takes her say away by shortening a period of which too much has passed."""
        last_day = None if self.shortened is None else ctx.case.entered_at.date() + self.shortened(ctx)
        return last_day is None or ctx.today <= last_day or No(last_day=last_day)

    @event(
        lambda self: () if self.shortened is None else self.informed >> STAY,
        by=lambda self: self.by,
        when=(not_shortened, still_in_time),
    )
    def shorten(self, ctx: Context[EqualityOfficerData], *, reason: Reason) -> EqualityOfficerData:
        """Shorten the period, because it is urgent."""
        return evolve(ctx.data, shortened_because=reason)

    @event(informed >> objected, by=lambda self: self.officer)
    def object(self, ctx: Context[EqualityOfficerData], *, reason: Reason) -> EqualityOfficerData:
        """Object as the equality officer.

        The measure is suspended until it has been decided again.
        """
        return evolve(ctx.data, objected_on=ctx.today, objection=reason)

    @event(objected >> NEXT, by=lambda self: self.redecided_by)
    def decide_again(self, ctx: Context[EqualityOfficerData], *, document: Name) -> EqualityOfficerData:
        """Decide again that it is carried out, in writing; the document is its file number."""
        return evolve(ctx.data, redecided_on=ctx.today, document=document)

    @event(objected >> given_up, by=lambda self: (self.by, self.redecided_by))
    def give_up(self, ctx: Context[EqualityOfficerData], *, reason: Reason) -> EqualityOfficerData:
        """Give the measure up after the objection."""
        return evolve(ctx.data, given_up_because=reason)

    @invariant("What the equality officer has objected to waits until it has been decided again in writing.")
    def suspended(self, ctx: Context[EqualityOfficerData]) -> bool:
        """Invariant 15: until then it stays where it is, or ends (withdrawn, cancelled, given up)."""
        decided = ctx.data.redecided_on is not None and bool(ctx.data.document)
        waits = ctx.case.is_in(self.objected) or not ctx.case.is_open
        return ctx.data.objected_on is None or decided or waits

    @invariant("What was objected to or given up has a reason.")
    def reason_given(self, ctx: Context[EqualityOfficerData]) -> bool:
        """Invariant 6."""
        objected = ctx.data.objected_on is None or bool(ctx.data.objection.strip())
        return objected and (not ctx.case.is_in(self.given_up) or bool(ctx.data.given_up_because.strip()))


__all__ = [
    "EQUALITY_OFFICER",
    "STAFF_COUNCIL",
    "EqualityOfficer",
    "EqualityOfficerData",
    "Outcome",
    "StaffCouncil",
    "StaffCouncilData",
]
