"""A survey among households: sent out with a deadline, closed by itself, its replies counted."""

from __future__ import annotations

from typing import Annotated

from annotated_types import Ge
from attrs import evolve, frozen

from progflow import OPEN, START, Context, Lifecycle, State, event, guard
from progflow.programs.city_participation.process import Process
from progflow.states.call import Call
from progflow.states.cancellation import Ending
from progflow.states.people import OFFICE, Name


@frozen(kw_only=True)
class SurveyData:
    """Whom it goes to. ``replies`` is filled in when they have been counted."""

    title: Name
    households: Annotated[int, Ge(1)]
    replies: int | None = None


class Survey(Lifecycle[SurveyData], parent=Process):
    """A survey among households.

    Known of Zeitz: it went to about 2,000 households, ran until 4 January 2019, and about 520 replied. Each reply that
    says something is a contribution of its own.
    """

    closed = State()
    counted = State(final=True)

    call = Call().then(closed)
    ending = Ending(parent=Process, upon=Process.over, of=OPEN)

    @event(START >> call, by=OFFICE)
    def prepare(self, ctx: Context[SurveyData], *, survey: SurveyData) -> SurveyData:
        """Prepare a survey."""
        return evolve(survey, replies=None)

    @guard("{replies} replies are more than households that were asked.")
    def not_more_than_asked(self, ctx: Context[SurveyData], *, replies: int) -> bool:
        return replies <= ctx.data.households

    @event(closed >> counted, by=OFFICE, when=not_more_than_asked)
    def count(self, ctx: Context[SurveyData], *, replies: Annotated[int, Ge(0)]) -> SurveyData:
        """Count the replies."""
        return evolve(ctx.data, replies=replies)


__all__ = ["Survey", "SurveyData"]
