"""Occasions at which the mentees of an edition come together, and a mentee's place in one."""

from __future__ import annotations

from typing import Any, Generic, TypeVar

from attrs import frozen

from progflow import (
    START,
    STAY,
    Acting,
    Case,
    Cases,
    Context,
    Instant,
    Lifecycle,
    No,
    State,
    event,
    guard,
    invariant,
    moment,
    months,
    relation,
)
from progflow.programs.mentoring.edition import BaseEdition, books_close, edition_of, rules_of
from progflow.programs.mentoring.mentee import BaseMentee, MenteeData
from progflow.programs.mentoring.people import Name
from progflow.states.attendance import Attendance
from progflow.states.cancellation import Ending
from progflow.states.occasion import Occasion
from progflow.states.people import OFFICE


@frozen(kw_only=True)
class SeminarData:
    """What it is about."""

    title: Name


S = TypeVar("S", bound=SeminarData)


class BaseSeminar(Lifecycle[S], Generic[S], abstract=True, parent=BaseEdition):
    """An occasion of an edition: a seminar, a workshop, a meeting of the network.

    What has not been held by the closing does not take place (assumption).
    """

    occasion = Occasion(role="seminar")
    ending = Ending(parent=BaseEdition, upon=BaseEdition.over, of=occasion.ahead)

    @event(START >> occasion, by=OFFICE)
    def plan(self, ctx: Context[S], *, seminar: S) -> S:
        """Plan it."""
        return seminar

    @invariant("What has not been held by the closing does not take place.")
    def ahead_until_the_closing(self, ctx: Context[S]) -> bool:
        """Invariant 14, the part of what an edition offers."""
        ahead = ctx.case.is_in(self.occasion.planned, self.occasion.open, self.occasion.full)
        return not ahead or not edition_of(ctx).is_in(BaseEdition.over)


@frozen(kw_only=True)
class PlaceData:
    """Whose place it is."""

    person: str


class BaseSeminarPlace(Lifecycle[PlaceData], abstract=True, parent=BaseEdition):
    """A mentee registers for a seminar; it is begun by ``Mentee.register`` and linked to both.

    Who was there is recorded by the office. What nobody has recorded so long after the closing as a certificate is
    waited for is no longer waited for either (assumption).
    """

    given_up = State("given up, as the mentee left", final=True)
    unrecorded = State("not recorded in time", final=True)

    @relation("the mentee")
    def the_mentee(self, ctx: Context[PlaceData]) -> bool:
        return ctx.actor.id == ctx.data.person

    attendance = Attendance(of=BaseSeminar.occasion, role="seminar", person=the_mentee)
    ending = Ending(parent=BaseEdition, of=attendance.undecided)

    @event(START >> attendance)
    def take(self, ctx: Context[PlaceData], *, person: str) -> PlaceData:
        """Register."""
        return PlaceData(person=person)

    @guard("The mentee still takes part.")
    def mentee_has_left(self, ctx: Context[PlaceData]) -> bool:
        return ctx.linked("mentee").is_in(BaseMentee.tandem.dropped_out)

    @event(attendance.undecided >> given_up, auto=True, when=mentee_has_left)
    def give_up(self, ctx: Context[PlaceData]) -> None:
        """The mentee takes part no longer."""

    @moment
    def time_is_over(self, ctx: Context[PlaceData]) -> Instant | None:
        return books_close(ctx)

    @event(attendance.registered >> unrecorded, at=time_is_over)
    def stay_unrecorded(self, ctx: Context[PlaceData]) -> None:
        """Nobody has recorded in time who was there."""

    # -- what always holds

    @invariant("Nobody has two places in the same seminar.")
    def one_place_each(self, ctx: Context[PlaceData]) -> bool:
        if not ctx.case.is_open:
            return True
        others = ctx.siblings(BaseSeminarPlace).open().where(person=ctx.data.person).all()
        return all(one.links["seminar"] != ctx.case.links["seminar"] for one in others)

    @invariant("A place is given up exactly when the mentee leaves.")
    def given_up_with_the_mentee(self, ctx: Context[PlaceData]) -> bool:
        left = ctx.linked("mentee").is_in(BaseMentee.tandem.dropped_out)
        if ctx.case.is_in(self.attendance.waiting, self.attendance.registered):
            return not left
        return left or not ctx.case.is_in(self.given_up)

    @invariant("Who was there is waited for as long as for a certificate.")
    def waited_for_a_record(self, ctx: Context[PlaceData]) -> bool:
        if not ctx.case.is_in(self.unrecorded):
            return True
        closed, within = edition_of(ctx)[BaseEdition.run].closed_on, rules_of(ctx).certificate_within
        return closed is not None and closed + months(within) < ctx.case.entered_at.date()


M = TypeVar("M", bound=MenteeData)


class SeminarMentee(BaseMentee[M], Generic[M], abstract=True, parent=BaseEdition):
    """A mentee of a programme that has seminars."""

    @guard("Too few seminars for a certificate: {seminars} of {needed}.")
    def attended_enough(self, ctx: Context[M]) -> bool | No:
        seminars, needed = self.seminars_attended(ctx), rules_of(ctx).fewest_seminars
        return seminars >= needed or No(seminars=seminars, needed=needed)

    def seminars_attended(self, ctx: Context[M]) -> int:
        """How many seminars of the mentee count."""
        return ctx.linking("mentee", BaseSeminarPlace).in_(BaseSeminarPlace.attendance.credited).count()

    @guard("There is no such seminar that is open for registration.")
    def seminar_is_open(self, ctx: Context[M], *, seminar: str) -> bool:
        return open_seminar(ctx, seminar) is not None

    @guard("This seminar has a registration of the mentee already.")
    def not_registered_yet(self, ctx: Context[M], *, seminar: str) -> bool:
        places = ctx.linking("mentee", BaseSeminarPlace).open().all()
        return all(place.links["seminar"] != seminar for place in places)

    @event(
        BaseMentee.tandem.going_on >> STAY,
        by=lambda self: (self.the_mentee, OFFICE),
        when=(seminar_is_open, not_registered_yet),
    )
    def register(self, ctx: Acting[M], *, seminar: Name) -> None:
        """Register for a seminar.

        Where all seats are taken, on its waiting list.
        """
        found = open_seminar(ctx, seminar)
        assert found is not None
        links: dict[str, Case[Any]] = {"seminar": found, "mentee": ctx.case}
        ctx.start(BaseSeminarPlace.take(person=ctx.data.person), parent=edition_of(ctx), links=links)

    @invariant("A certificate needs as many seminars as the edition says.")
    def certified_with_seminars(self, ctx: Context[M]) -> bool:
        """Invariant 1, the part of attendance."""
        if not ctx.case[self.certificate].number:
            return True
        places = ctx.linking("mentee", BaseSeminarPlace).all()
        return sum(one.is_in(BaseSeminarPlace.attendance.credited) for one in places) >= self.seminars_needed(ctx)

    def seminars_needed(self, ctx: Context[M]) -> int:
        """How many seminars a certificate needs."""
        return rules_of(ctx).fewest_seminars


def open_seminar(ctx: Context[Any], seminar: str) -> Case[SeminarData] | None:
    """The seminar with that id that takes registrations, None if there is none."""
    seminars: Cases[SeminarData] = ctx.siblings(BaseSeminar)
    return next((one for one in seminars.in_(BaseSeminar.occasion.bookable).all() if one.id == seminar), None)


__all__ = ["BaseSeminar", "BaseSeminarPlace", "PlaceData", "SeminarData", "SeminarMentee"]
