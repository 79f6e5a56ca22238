"""What an employer has paid for binds the employee for a time, or is paid back in part."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta
from enum import Enum
from typing import Annotated, Any, Final

from annotated_types import Gt
from attrs import evolve, frozen

from progflow import (
    STAY,
    Context,
    Derived,
    Instant,
    Moment,
    No,
    Phase,
    Reason,
    Relation,
    State,
    Term,
    Who,
    days,
    end_of,
    event,
    guard,
    invariant,
    moment,
)
from progflow import months as months_long
from progflow.states.anew import day_meant
from progflow.states.people import HEAD, OFFICE

Cents = Annotated[int, Gt(0)]
"""An amount of money in whole cents of a euro."""


class LeavingCause(Enum):
    """Why an employment ends: a class only, never a diagnosis."""

    OWN_WISH = "resigned at one's own wish"
    CONDUCT = "dismissed for one's own conduct"
    PERSON = "resigned for a good reason in the person"
    EMPLOYER = "resigned for a reason that the employer gave"
    OPERATIONS = "dismissed for reasons of the employer"
    MUTUAL = "by mutual consent"
    TERM_OVER = "the end of a fixed term"
    RETIRED = "retirement or invalidity"
    DIED = "death"

    BROKEN_OFF = "broke the measure off without a good reason"
    NOT_HELD = "the measure came to nothing"


ATTRIBUTABLE: Final = frozenset({LeavingCause.OWN_WISH, LeavingCause.CONDUCT, LeavingCause.BROKEN_OFF})
"""The causes for which something is paid back.

A clause that asks for repayment also where somebody resigns for a good reason in the person is void (LAG Hamm,
1 Sa 49/18). Where the others belong is an assumption; where it is open, nothing is paid back.
"""

OF_THE_MEASURE: Final = frozenset({LeavingCause.BROKEN_OFF, LeavingCause.NOT_HELD})


@frozen
class Limit:
    """For up to so many days of a measure, a binding of at most so many months."""

    training_days: int
    months: int


CASE_LAW: Final = (Limit(10, 6), Limit(60, 12), Limit(120, 24))
"""What the courts have let pass, by days of release on full pay.

Just over one week: six months at most (BAG 3 AZR 173/08). Three to four months: two years are not too long (BAG
5 AZR 241/94). A year for what lies between is an assumption, and so is that ten days are just over one week and 120
four months. For longer measures more may be allowed; that depends on the case, so the last limit goes on. Nothing here
is law; a programme may set other limits.
"""


def longest_usual(training_days: int, limits: Sequence[Limit] = CASE_LAW) -> int:
    """How many months of binding are usual at most for a measure of that length.

    Args:
        training_days: on how many days the employee is released for it on full pay.
        limits: what is taken for usual, the shortest first; the last one holds for all that is longer too.
    """
    return next((limit.months for limit in limits if training_days <= limit.training_days), limits[-1].months)


def pro_rata(costs: int, months: int, began: date, left: date) -> int:
    """What is to be paid back, in cents: for each full month of the binding a part less, rounded down.

    Months without work count like others: they do not make the binding longer (a lawyer's commentary). That the
    parts are months and all the same is usual (assumption).

    Args:
        costs: what is to be paid back as long as no month has passed.
        months: how long the binding lasts.
        began: its first day.
        left: the last day of the employment.
    """
    passed = (left.year - began.year) * 12 + left.month - began.month + 1
    while passed > 0 and began + months_long(passed).counting_first_day() > left:
        passed -= 1
    return costs * max(months - max(passed, 0), 0) // max(months, 1)


@frozen
class Bound:
    """What was agreed upon: how many months the binding lasts, and what is to be paid back in full, in cents."""

    months: int
    costs: int


@frozen
class BindingData:
    """When the binding began, how it ended, and what is to be paid back, in cents.

    ``bound`` is what counted when the person left; ``still_owed`` what of the ``owed`` has not been paid. ``noted_by``
    has recorded the end, ``waived_by`` has waived it.
    """

    began: date | None = None
    left: date | None = None
    cause: LeavingCause | None = None
    bound: Bound | None = None
    owed: int = 0
    paid: int = 0
    still_owed: int = 0
    noted_by: str = ""
    waived_by: str = ""
    reason: str = ""


class Binding(Phase[BindingData]):
    """Who stays until the end of the binding owes nothing; who leaves before pays back a part, for some causes only.

    The TVöD-S permits an agreement on repayment expressly; elsewhere the courts have set limits (``CASE_LAW``). It is
    for the lifecycle to ask ``longest_usual`` where the length is agreed upon. The binding is a length of calendar
    months: nothing makes it longer, no leave and no illness.

    Args:
        person: who is bound; nobody waives a debt of one's own.
        begins: the moment from which the binding runs, as the end of the day on which the measure was over; None as
            long as it goes on.
        months: how many months the binding lasts; with none nothing binds and nothing is ever paid back.
        costs: what is to be paid back in full, in cents: what the employer has spent, or a part of it.
        attributable: the causes for which something is paid back.
        known_within: how long after its last day somebody who left before may still be recorded; until then it is not
            fulfilled. Without it, it is fulfilled with its last day.
        by: who records the end of the employment and what was paid.
        waived_by: who may waive it (assumption: the head of administration).
    """

    in_force = State(initial=True)
    binding = State("binding runs")
    left = State("left before the end")
    fulfilled = State(final=True)
    released = State("left and owes nothing", final=True)
    repayment = State("to be paid back")
    repaid = State("paid back", final=True)
    waived = State(final=True)

    bound = in_force | binding

    def __init__(
        self,
        *,
        person: Relation[Any],
        begins: Moment[Any],
        months: Derived[Any, int],
        costs: Derived[Any, int],
        attributable: Collection[LeavingCause] = ATTRIBUTABLE,
        known_within: Derived[Any, Term] | None = None,
        by: Who = OFFICE,
        waived_by: Who = HEAD,
    ) -> None:
        self.person = person
        self.begins = begins
        self.months = months
        self.costs = costs
        self.attributable = frozenset(attributable)
        self.known_within = known_within
        self.by = by
        self.waived_by = waived_by

    # -- how long

    def first_day(self, ctx: Context[BindingData]) -> date | None:
        """The first day of the binding, None as long as the measure goes on."""
        begins = self.begins(ctx)
        if isinstance(begins, Instant):
            return begins.day + days(1)
        return begins.astimezone(ctx.now.tzinfo).date() if isinstance(begins, datetime) else begins

    def last_day(self, ctx: Context[BindingData]) -> date | None:
        """The last day of the binding, None as long as it has not begun."""
        began = ctx.data.began
        return None if began is None else began + months_long(self.months(ctx)).counting_first_day()

    @event(in_force >> binding, at=lambda self: self.begins)
    def begin(self, ctx: Context[BindingData]) -> BindingData:
        """The measure is over, and the binding runs."""
        return evolve(ctx.data, began=self.first_day(ctx))

    @moment
    def ends(self, ctx: Context[BindingData]) -> Instant | None:
        last = self.last_day(ctx)
        if last is not None and self.known_within is not None:
            last += self.known_within(ctx)
        return None if last is None else end_of(last)

    @event(binding >> fulfilled, at=ends)
    def fulfil(self, ctx: Context[BindingData]) -> None:
        """The binding is over."""

    # -- leaving

    @guard("The last day lies between {earliest} and today.")
    def plausible_day(self, ctx: Context[BindingData], *, on: date) -> bool | No:
        earliest = ctx.case.created_at.date()
        return earliest <= on <= ctx.today or No(earliest=earliest)

    @guard("The measure is over; only the employment can end.")
    def fits_the_time(self, ctx: Context[BindingData], *, on: date, cause: LeavingCause) -> bool:
        return cause not in OF_THE_MEASURE or ctx.data.began is None or on < ctx.data.began

    @event(bound >> left, by=lambda self: self.by - self.person, when=(plausible_day, fits_the_time))
    def leave(self, ctx: Context[BindingData], *, on: date, cause: LeavingCause) -> BindingData:
        """The employment, or the measure, has ended early.

        On a day before the binding began, the whole is to be paid back (assumption).
        """
        owed, bound = self.owed_for(ctx, on, cause), Bound(self.months(ctx), self.costs(ctx))
        return evolve(ctx.data, left=on, cause=cause, bound=bound, owed=owed, still_owed=owed, noted_by=ctx.actor.id)

    def owed_for(self, ctx: Context[BindingData], on: date, cause: LeavingCause) -> int:
        """What somebody who leaves on that day for that cause has to pay back, in cents."""
        if cause not in self.attributable or self.months(ctx) == 0:
            return 0
        if ctx.data.began is None:
            return self.costs(ctx)
        return pro_rata(self.costs(ctx), self.months(ctx), ctx.data.began, on)

    @guard("Nothing is owed.")
    def owes(self, ctx: Context[BindingData]) -> bool:
        return ctx.data.owed > 0

    @guard("Something is owed.")
    def owes_nothing(self, ctx: Context[BindingData]) -> bool:
        return ctx.data.owed == 0

    @event(left >> repayment, auto=True, when=owes)
    def ask_back(self, ctx: Context[BindingData]) -> None:
        """A part has to be paid back."""

    @event(left >> released, auto=True, when=owes_nothing)
    def let_go(self, ctx: Context[BindingData]) -> None:
        """There is nothing to pay back."""

    # -- paying back

    @guard("Only {open} cents are still owed.")
    def still_owed(self, ctx: Context[BindingData], *, cents: int) -> bool | No:
        still = ctx.data.owed - ctx.data.paid
        return cents <= still or No(open=still)

    @event(repayment >> STAY, by=lambda self: self.by - self.person, when=still_owed)
    def receive(self, ctx: Context[BindingData], *, cents: Cents) -> BindingData:
        """Record a payment."""
        return evolve(ctx.data, paid=ctx.data.paid + cents, still_owed=ctx.data.still_owed - cents)

    @guard("Not all has been paid back.")
    def all_paid(self, ctx: Context[BindingData]) -> bool:
        return ctx.data.paid == ctx.data.owed

    @event(repayment >> repaid, auto=True, when=all_paid)
    def settle(self, ctx: Context[BindingData]) -> None:
        """All has been paid back."""

    @event((bound | repayment) >> waived, by=lambda self: self.waived_by - self.person)
    def waive(self, ctx: Context[BindingData], *, reason: Reason) -> BindingData:
        """Waive the binding, or what is still owed."""
        return evolve(ctx.data, reason=reason, waived_by=ctx.actor.id)

    # -- what always holds

    @invariant("The binding begins when the measure is over, and ends with its last day.")
    def binds_in_time(self, ctx: Context[BindingData]) -> bool:
        """Who is recorded late goes from one to the other at once, so what has just been entered is passed over."""
        case, began, measure_over = ctx.case, ctx.data.began, self.begins(ctx)
        first = day_meant(self.begins, ctx)
        if first is not None and isinstance(measure_over, Instant):
            first += timedelta(days=1)
        if began is None or not case.visited(self.binding):
            return began is None and not case.visited(self.binding, self.fulfilled)
        last = began + months_long(self.months(ctx)).counting_first_day()
        if self.known_within is not None:
            last += self.known_within(ctx)
        if case.is_in(self.fulfilled):
            return first == began and last < case.entered_at.date()
        running = case.is_in(self.binding) and case.entered_at < ctx.now
        return first == began and began <= ctx.today and (not running or ctx.today <= last)

    @invariant("Nothing is owed for a cause that is not the employee's, and nobody pays more than is owed.")
    def owed_in_part(self, ctx: Context[BindingData]) -> bool:
        """Invariant 23: each full month of the binding makes it less, and with the last one it is nothing."""
        data, bound = ctx.data, ctx.data.bound
        if bound is None or data.left is None:
            return data.owed == data.paid == data.still_owed == 0 and not ctx.case.visited(self.left)
        if data.cause not in self.attributable:
            return data.owed == data.paid == data.still_owed == 0
        full = 0
        while data.began is not None and full < bound.months:
            if data.began + months_long(full + 1).counting_first_day() > data.left:
                break
            full += 1
        owed = 0 if bound.months == 0 else bound.costs * (bound.months - full) // bound.months
        return data.owed == owed and data.paid >= 0 and data.still_owed >= 0 and data.paid + data.still_owed == owed

    @invariant("It is paid back as long as something is owed, and no longer.")
    def settled(self, ctx: Context[BindingData]) -> bool:
        """Invariant 23."""
        case, owed, still = ctx.case, ctx.data.owed, ctx.data.still_owed
        if case.is_in(self.left):
            return case.entered_at == ctx.now
        if case.is_in(self.repayment):
            return owed > 0 and (still > 0 or case.entered_at == ctx.now)
        return (not case.is_in(self.repaid) or owed > 0 == still) and (not case.is_in(self.released) or owed == 0)

    @invariant("Who left did so while bound, on a day that has come; after the measure nobody breaks it off.")
    def left_in_time(self, ctx: Context[BindingData]) -> bool:
        """Invariant 21."""
        data, left = ctx.data, ctx.data.left
        if left is None:
            return data.cause is None and not data.noted_by and not ctx.case.visited(self.left)
        broken_off = data.cause in (LeavingCause.BROKEN_OFF, LeavingCause.NOT_HELD)
        in_time = ctx.case.created_at.date() <= left <= ctx.today
        return in_time and bool(data.noted_by) and not (broken_off and data.began is not None and data.began <= left)

    @invariant("What was waived has a reason, and somebody who has decided it.")
    def reason_given(self, ctx: Context[BindingData]) -> bool:
        """Invariant 6."""
        return ctx.case.is_in(self.waived) == bool(ctx.data.reason.strip()) == bool(ctx.data.waived_by)


__all__ = [
    "ATTRIBUTABLE",
    "CASE_LAW",
    "Binding",
    "BindingData",
    "Bound",
    "Cents",
    "LeavingCause",
    "Limit",
    "longest_usual",
    "pro_rata",
]
