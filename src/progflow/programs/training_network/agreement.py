"""The qualification agreement between an employee and the administration."""

from __future__ import annotations

from datetime import date
from enum import Enum
from typing import Annotated, Generic, TypeVar

from annotated_types import Ge
from attrs import evolve, frozen

from progflow import (
    START,
    STAY,
    Context,
    Guard,
    Instant,
    No,
    always,
    derived,
    end_of,
    event,
    guard,
    invariant,
    moment,
    relation,
)
from progflow.programs.training_network.member import Member
from progflow.programs.training_network.people import PERSONNEL, Kind, Marked, Name, OfEmployee, works_for
from progflow.states.binding import Binding, longest_usual
from progflow.states.cancellation import Ending
from progflow.states.deadlines import Months
from progflow.states.signature import Signature

Cents = Annotated[int, Ge(0)]
"""An amount of money in whole cents of a euro; it may be none."""

Number = Annotated[int, Ge(0)]
"""None or more."""

EMPLOYEE_SIDE, EMPLOYER_SIDE = "employee", "employer"


class Initiator(Enum):
    """Who wants the measure."""

    EMPLOYER = "the employer"
    EMPLOYEE = "the employee"


@frozen(kw_only=True)
class AgreementData(Marked):
    """What the two sides agree upon.

    Args:
        measure: what is learned.
        kind: what for.
        initiated_by: who wants it.
        training_days: on how many days the employee is released for it on full pay.
        costs: what it costs, in cents.
        share: what the employee pays of it, in cents.
        hours: what the employee gives of the own time.
        to_repay: what is paid back if the employee leaves before the binding has begun to run off, in cents.
        binding_months: how long the employee stays after the measure.
        longer_because: the reason for a longer binding than usual.
        version: counts the texts; those who have signed an earlier one sign anew.
        over_on: the last day of the measure, once it is over.
    """

    measure: Name
    kind: Kind
    initiated_by: Initiator = Initiator.EMPLOYER
    training_days: Number = 0
    costs: Cents = 0
    share: Cents = 0
    hours: Number = 0
    to_repay: Cents = 0
    binding_months: Months = 0
    longer_because: str = ""
    version: int = 1
    over_on: date | None = None


A = TypeVar("A", bound=AgreementData)


class BaseAgreement(OfEmployee[A], Generic[A], abstract=True, parent=Member):
    """Employee and administration agree on a measure: who gives what for it, and how long the employee stays.

    Source: TVöD § 5. What the employer wants the employer pays; an employee takes a share in money or time by
    agreement. On the binding see ``progflow.states.binding``; a longer one than the courts have let pass needs a
    reason, and is allowed with it. In force it outlives the network and the membership.
    """

    @relation("the employee, or the head of the administration")
    def one_who_signs(self, ctx: Context[A]) -> bool:
        return self.the_employee(ctx) or self.own_head(ctx)

    @derived
    def side(self, ctx: Context[A]) -> str:
        """Nobody signs for both sides: a head who is the employee signs as that, and another one for the employer."""
        if self.the_employee(ctx):
            return EMPLOYEE_SIDE
        return EMPLOYER_SIDE if self.own_head(ctx) else ""

    @derived
    def text(self, ctx: Context[A]) -> str:
        return f"version {ctx.data.version}"

    @moment
    def measure_over(self, ctx: Context[A]) -> Instant | None:
        return None if ctx.data.over_on is None else end_of(ctx.data.over_on)

    @derived
    def binding_months(self, ctx: Context[A]) -> int:
        return ctx.data.binding_months

    @derived
    def to_repay(self, ctx: Context[A]) -> int:
        return ctx.data.to_repay

    @guard("{person} does not sign as the {party}.")
    def signs_as(self, ctx: Context[A], *, party: str, person: str) -> bool:
        """The employer signs through somebody of the administration; whom it may be is seen by who records it."""
        data = ctx.data
        if party == EMPLOYEE_SIDE:
            return person == data.person
        return person != data.person and works_for(ctx, person, data.administration)

    signature = Signature(
        parties=always((EMPLOYEE_SIDE, EMPLOYER_SIDE)),
        party=side,
        by=one_who_signs,
        about=text,
        discarded_by=OfEmployee.own_personnel,
        on_paper=signs_as,
        recorded_by=OfEmployee.own_personnel,
    )
    binding = Binding(
        person=OfEmployee.the_employee,
        begins=measure_over,
        months=binding_months,
        costs=to_repay,
        by=OfEmployee.own_personnel,
        waived_by=OfEmployee.own_head,
    )
    ending = Ending(parent=Member, upon=Member.gone, of=signature)

    # -- the text

    @guard("The administration does not take part in the network now.")
    def administration_takes_part(self, ctx: Context[A]) -> bool:
        return ctx.parent(Member).is_in(Member.joined)

    @guard("It is for an employee of your own administration only.")
    def for_ones_own(self, ctx: Context[A], *, agreement: A) -> bool:
        theirs = ctx.parent(Member).data.administration
        people = (ctx.actor.id, agreement.person)
        return agreement.administration == theirs and all(works_for(ctx, person, theirs) for person in people)

    @guard("What the employer wants the employer pays.")
    def shared_fairly(self, ctx: Context[A], *, agreement: A) -> bool:
        """Source: TVöD § 5 (a commentary)."""
        share = agreement.share or agreement.hours
        return agreement.initiated_by is Initiator.EMPLOYEE or not share

    @guard("At most {spent} cents are spent on it, so no more can be paid back.")
    def no_more_than_spent(self, ctx: Context[A], *, agreement: A) -> bool | No:
        spent = max(agreement.costs - agreement.share, 0)
        return agreement.to_repay <= spent or No(spent=spent)

    @guard("More than {usual} months are unusual for {days} days of training; say why it is longer.")
    def usually_long(self, ctx: Context[A], *, agreement: A) -> bool | No:
        """What the courts have let pass; with a reason it may be longer."""
        usual = longest_usual(agreement.training_days)
        unusual = agreement.to_repay > 0 and agreement.binding_months > usual
        return not unusual or bool(agreement.longer_because.strip()) or No(usual=usual, days=agreement.training_days)

    @property
    def fair_terms(self) -> tuple[Guard[A], ...]:
        """What a text must keep to, the first as every later one."""
        return (self.shared_fairly, self.no_more_than_spent, self.usually_long)

    @event(
        START >> signature,
        by=PERSONNEL,
        when=lambda self: (self.administration_takes_part, self.for_ones_own, *self.fair_terms),
    )
    def draft(self, ctx: Context[A], *, agreement: A) -> A:
        """Draft an agreement."""
        return evolve(agreement, version=1, over_on=None)

    @event(
        signature.undecided >> STAY,
        by=lambda self: self.own_personnel - self.the_employee,
        when=lambda self: self.fair_terms,
    )
    def amend(self, ctx: Context[A], *, agreement: A) -> A:
        """Change the text.

        Whoever has signed signs anew. Whose agreement it is does not change.
        """
        old = ctx.data
        return evolve(
            agreement, administration=old.administration, person=old.person, version=old.version + 1, over_on=None
        )

    # -- the measure

    @guard("{on} is yet to come.")
    def has_come(self, ctx: Context[A], *, on: date) -> bool:
        return on <= ctx.today

    @event(binding.in_force >> STAY, by=lambda self: self.own_personnel - self.the_employee, when=has_come)
    def end_measure(self, ctx: Context[A], *, on: date) -> A:
        """Record the last day of the measure.

        From then on the binding runs.
        """
        return evolve(ctx.data, over_on=on)

    @invariant("No more can be paid back than the employer has spent.")
    def spent_before(self, ctx: Context[A]) -> bool:
        """Invariant 23, the part of the agreement."""
        return ctx.data.to_repay <= max(ctx.data.costs - ctx.data.share, 0)


class Agreement(BaseAgreement[AgreementData]):
    """A qualification agreement between an employee and the administration."""


__all__ = ["Agreement", "AgreementData", "BaseAgreement", "Initiator"]
