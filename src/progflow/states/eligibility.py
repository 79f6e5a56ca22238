"""Whether somebody may take part at all."""

from __future__ import annotations

from datetime import date
from typing import Any

from attrs import evolve, frozen

from progflow import NEXT, Context, Guard, Phase, Reason, Relation, State, Who, event, invariant
from progflow.states.people import OFFICE


@frozen
class EligibilityData:
    """When somebody was found eligible, why in spite of a criterion, or why not."""

    found_on: date | None = None
    exception: str = ""
    reason: str = ""


class Eligibility(Phase[EligibilityData], fresh=True):
    """Somebody is found eligible by criteria that the lifecycle gives, or not, for a reason.

    What was found is kept with its day: facts that change later (a grade, an employer) do not undo it. Each entry into
    the phase looks anew.

    Args:
        criteria: the guards that must hold, each with the sentence that a person reads: ``(grade_reached, permanent)``.
            Programmes of other administrations ask for a grade, a permanent post and two years of service (mentees
            of the NRW districts).
        person: whom it is about; nobody decides on oneself.
        by: who finds somebody eligible or not; where ``automatic``, who finds that somebody is not.
        excepted_by: who may let somebody through in spite of a criterion, with a reason; nobody, unless given.
        automatic: whether it goes on by itself as soon as all criteria hold.
    """

    unchecked = State("eligibility not settled", initial=True)
    ineligible = State("not eligible", final=True)

    def __init__(
        self,
        *,
        criteria: tuple[Guard[Any], ...],
        person: Relation[Any],
        by: Who = OFFICE,
        excepted_by: Who | None = None,
        automatic: bool = False,
    ) -> None:
        self.criteria = criteria
        self.person = person
        self.by = by
        self.excepted_by = excepted_by
        self.automatic = automatic

    @event(
        lambda self: () if self.automatic else self.unchecked >> NEXT,
        by=lambda self: self.by - self.person,
        when=lambda self: self.criteria,
    )
    def find_eligible(self, ctx: Context[EligibilityData]) -> EligibilityData:
        """Find that all criteria are met."""
        return evolve(ctx.data, found_on=ctx.today)

    @event(
        lambda self: self.unchecked >> NEXT if self.automatic else (),
        auto=True,
        when=lambda self: self.criteria,
    )
    def turn_out_eligible(self, ctx: Context[EligibilityData]) -> EligibilityData:
        """All criteria are met."""
        return evolve(ctx.data, found_on=ctx.today)

    @event(
        lambda self: self.unchecked >> NEXT if self.excepted_by is not None else (),
        by=lambda self: self.excepted_by - self.person,
    )
    def make_exception(self, ctx: Context[EligibilityData], *, reason: Reason) -> EligibilityData:
        """Let through in spite of a criterion, and say why."""
        return evolve(ctx.data, found_on=ctx.today, exception=reason)

    @event(unchecked >> ineligible, by=lambda self: self.by - self.person)
    def find_ineligible(self, ctx: Context[EligibilityData], *, reason: Reason) -> EligibilityData:
        """Find that a criterion is not met, and say which."""
        return evolve(ctx.data, reason=reason)

    @invariant("Who was found not eligible was told why.")
    def reason_given(self, ctx: Context[EligibilityData]) -> bool:
        """Invariant 6."""
        return not ctx.case.is_in(self.ineligible) or bool(ctx.data.reason.strip())


__all__ = ["Eligibility", "EligibilityData"]
