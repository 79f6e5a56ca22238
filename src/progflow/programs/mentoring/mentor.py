"""The mentor's part in an edition."""

from __future__ import annotations

from typing import Any, Generic, TypeVar

from attrs import evolve, frozen

from progflow import START, Cases, Context, Lifecycle, State, event, guard, invariant, relation
from progflow.programs.mentoring.edition import BaseEdition, edition_of
from progflow.programs.mentoring.pairs import AnyTandem, tandems_of
from progflow.programs.mentoring.people import Name
from progflow.states.application import Application
from progflow.states.cancellation import Ending
from progflow.states.people import EMPLOYEE, OFFICE
from progflow.states.withdrawal import Withdrawal


@frozen(kw_only=True)
class MentorData:
    """Who offers to be a mentor; ``person`` is filled in from who makes the offer."""

    person: str = ""
    experience: Name


N = TypeVar("N", bound=MentorData)


class BaseMentor(Lifecycle[N], Generic[N], abstract=True, parent=BaseEdition, unique="person"):
    """Somebody offers to accompany a mentee.

    That mentors apply in writing too is usual (mentees and mentors of the NRW districts); that the office accepts them
    is an assumption. One person may be mentee and mentor in the same edition, but never in the same pair (assumption).
    What a mentor has to do with watches the mentor: a tandem is dissolved and a proposal falls away by itself.
    """

    available = State()
    left = State("left employment", final=True)
    finished = State(final=True)

    @relation("the mentor")
    def the_mentor(self, ctx: Context[N]) -> bool:
        return ctx.actor.id == ctx.data.person

    application = Application(person=the_mentor).then(available)
    taking_part = application | available

    withdrawal = Withdrawal(by=(the_mentor, OFFICE), of=taking_part)
    ending = Ending(parent=BaseEdition)

    @guard("The edition does not take up mentors now.")
    def edition_takes_mentors(self, ctx: Context[N]) -> bool:
        """Also while it runs, for somebody may be needed in another's place."""
        edition = edition_of(ctx)
        return edition.is_open and not edition.is_in(BaseEdition.call.planned, BaseEdition.run.closing)

    def received(self, ctx: Context[N], offer: N) -> N:
        """What is kept of an offer: where a programme fills in what it knows itself."""
        return evolve(offer, person=ctx.actor.id)

    @event(START >> application, by=EMPLOYEE, when=edition_takes_mentors)
    def offer(self, ctx: Context[N], *, offer: N) -> N:
        """Offer to be a mentor."""
        return self.received(ctx, offer)

    @event(taking_part >> left, by=OFFICE)
    def leave(self, ctx: Context[N]) -> None:
        """Leave employment.

        A tandem is dissolved with that cause (assumption).
        """

    @guard("The edition has not come to its closing.")
    def edition_closing(self, ctx: Context[N]) -> bool:
        return edition_of(ctx).is_in(BaseEdition.run.over)

    @guard("The mentor still has a tandem.")
    def has_no_tandem(self, ctx: Context[N]) -> bool:
        return not tandems_of(ctx, "mentor").open().exists()

    @event(taking_part >> finished, auto=True, when=(edition_closing, has_no_tandem))
    def finish(self, ctx: Context[N]) -> None:
        """The edition is over for this mentor.

        It closes, and the mentor has no tandem (any more).
        """

    @invariant("A mentor was accepted, and has finished only after the closing and without a tandem.")
    def finished_in_order(self, ctx: Context[N]) -> bool:
        case = ctx.case
        accepted = case[self.application].admitted_on is not None or not case.visited(self.available)
        if not case.is_in(self.finished):
            return accepted
        closing = edition_of(ctx).visited(BaseEdition.run.closing)
        return accepted and closing and ctx.linking("mentor", AnyTandem).open().first() is None

    @invariant("Mentors offer themselves between the publication of the call and the closing.")
    def offered_in_time(self, ctx: Context[N]) -> bool:
        """A kick-off that is noted late may lie so far back that the edition is over at once."""
        edition, began = edition_of(ctx), ctx.case.created_at
        published, closed = edition[BaseEdition.call].published_on, edition[BaseEdition.run].closed_on
        noted = edition[BaseEdition.kickoff].noted_at
        before = closed is None or began.date() <= closed or (noted is not None and began <= noted)
        return published is not None and published <= began.date() and before

    @invariant("Once the edition closes, a mentor without a tandem has finished.")
    def nobody_kept_waiting(self, ctx: Context[N]) -> bool:
        closing = ctx.case.is_open and edition_of(ctx).is_in(BaseEdition.run.over)
        return not closing or ctx.linking("mentor", AnyTandem).open().first() is not None


def mentors_beside(ctx: Context[Any]) -> Cases[MentorData]:
    """The mentors of the edition, for any child of it."""
    return ctx.siblings(BaseMentor)


__all__ = ["BaseMentor", "MentorData", "mentors_beside"]
