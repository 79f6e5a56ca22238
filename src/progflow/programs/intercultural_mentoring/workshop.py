"""Workshops, and a mentee's place in one."""

from __future__ import annotations

from attrs import frozen

from progflow import START, Context, Instant, Lifecycle, State, event, guard, moment, relation
from progflow.programs.intercultural_mentoring.edition import InterculturalEdition, books_close
from progflow.programs.intercultural_mentoring.people import Topic
from progflow.programs.mentoring import BaseMentee
from progflow.states.cancellation import Ending
from progflow.states.people import OFFICE, Name
from progflow.states.series import Attendance, Occasion


@frozen(kw_only=True)
class WorkshopData:
    """What it is about."""

    title: Name
    topic: Topic


class Workshop(Lifecycle[WorkshopData], parent=InterculturalEdition):
    """A workshop of an edition.

    Known of Osnabrück: workshops on intercultural competence and on gender were an important part. What has not been
    held by the closing does not take place.
    """

    occasion = Occasion(role="workshop")
    ending = Ending(parent=InterculturalEdition, upon=InterculturalEdition.over, of=occasion.ahead)

    @event(START >> occasion, by=OFFICE)
    def plan(self, ctx: Context[WorkshopData], *, workshop: WorkshopData) -> WorkshopData:
        """Plan a workshop."""
        return workshop


@frozen(kw_only=True)
class PlaceData:
    """Whose place it is."""

    person: str


class WorkshopPlace(Lifecycle[PlaceData], parent=InterculturalEdition):
    """A mentee registers for a workshop; it is begun by ``Mentee.register`` and linked to both.

    Who was there is recorded by the office. What nobody has recorded by the time at which the edition closes its books
    is no longer waited for (assumption).
    """

    given_up = State("given up, as the mentee left", final=True)
    unrecorded = State("not recorded in time", final=True)

    @relation("the mentee")
    def the_mentee(self, ctx: Context[PlaceData]) -> bool:
        return ctx.actor.id == ctx.data.person

    attendance = Attendance(of=Workshop.occasion, role="workshop", person=the_mentee)
    ending = Ending(parent=InterculturalEdition, upon=InterculturalEdition.cancelled, of=attendance.undecided)

    @event(START >> attendance)
    def take(self, ctx: Context[PlaceData], *, person: str) -> PlaceData:
        """Register for a workshop."""
        return PlaceData(person=person)

    @guard("The mentee still takes part.")
    def mentee_has_left(self, ctx: Context[PlaceData]) -> bool:
        return ctx.linked("mentee", BaseMentee).is_in(BaseMentee.tandem.dropped_out)

    @event(attendance.undecided >> given_up, auto=True, when=mentee_has_left)
    def give_up(self, ctx: Context[PlaceData]) -> None:
        """The mentee takes part no longer."""

    @moment
    def time_is_over(self, ctx: Context[PlaceData]) -> Instant | None:
        return books_close(ctx)

    @event(attendance.registered >> unrecorded, at=time_is_over)
    def stay_unrecorded(self, ctx: Context[PlaceData]) -> None:
        """Nobody has recorded in time who was there."""


__all__ = ["PlaceData", "Workshop", "WorkshopData", "WorkshopPlace"]
