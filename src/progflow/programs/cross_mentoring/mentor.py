"""The mentor's part in an edition."""

from __future__ import annotations

from attrs import evolve, frozen

from progflow import START, STAY, Acting, Context, Reason, State, event, guard, invariant, relation
from progflow.programs.cross_mentoring.edition import Edition, OfEdition
from progflow.programs.cross_mentoring.matching import MatchProposal
from progflow.programs.cross_mentoring.people import EMPLOYEE, OFFICE, Cause, Name
from progflow.programs.cross_mentoring.tandem import Tandem


@frozen
class MentorData:
    """Who offers to be a mentor. ``city`` is the employer now; it may change."""

    person: str
    city: str
    experience: str = ""
    ended_because: str = ""


class Mentor(OfEdition[MentorData], unique="person"):
    """An experienced leader of a member city, of any gender, offers to accompany a mentee of another one.

    That mentors apply in writing too is usual elsewhere; the office accepts them (assumption).
    """

    offered = State()
    available = State()
    declined = State(final=True)
    withdrawn = State(final=True)
    left = State(final=True)
    finished = State(final=True)

    taking_part = offered | available

    @relation("the mentor")
    def the_mentor(self, ctx: Context[MentorData]) -> bool:
        return ctx.actor.id == ctx.data.person

    @guard("{city} does not take part in this edition.")
    def city_takes_part(self, ctx: Context[MentorData], *, city: str) -> bool:
        return city in {one.name for one in ctx.parent(Edition).data.cities}

    @guard("The edition does not take up mentors now.")
    def edition_is_open(self, ctx: Context[MentorData]) -> bool:
        """Also while it runs, for somebody may be needed in another's place."""
        return ctx.parent(Edition).is_in(Edition.call_open, Edition.selection, Edition.matching, Edition.running)

    @event(START >> offered, by=EMPLOYEE, when=(edition_is_open, city_takes_part))
    def offer(self, ctx: Context[MentorData], *, city: Name, experience: Name) -> MentorData:
        """Offer to be a mentor."""
        return MentorData(ctx.actor.id, city, experience)

    @guard("Nobody decides on oneself.")
    def not_about_oneself(self, ctx: Context[MentorData]) -> bool:
        return ctx.actor.id != ctx.data.person

    @event(offered >> available, by=OFFICE, when=not_about_oneself)
    def accept(self, ctx: Context[MentorData]) -> None:
        """Accept the offer."""

    @event(offered >> declined, by=OFFICE, when=not_about_oneself)
    def decline(self, ctx: Context[MentorData], *, reason: Reason) -> MentorData:
        """Decline the offer."""
        return evolve(ctx.data, ended_because=reason)

    @event(taking_part >> withdrawn, by=(the_mentor, OFFICE))
    def withdraw(self, ctx: Acting[MentorData], *, reason: Reason) -> MentorData:
        """Step back.

        A tandem that there is ends, and its mentee keeps her seat.
        """
        self._let_go(ctx, Cause.ONE_SIDED)
        return evolve(ctx.data, ended_because=reason)

    @event(taking_part >> left, by=OFFICE)
    def leave(self, ctx: Acting[MentorData]) -> MentorData:
        """Leave employment.

        The tandem is dissolved with that cause (assumption).
        """
        self._let_go(ctx, Cause.MENTOR_LEFT)
        return evolve(ctx.data, ended_because=Cause.MENTOR_LEFT.value)

    def _let_go(self, ctx: Acting[MentorData], cause: Cause) -> None:
        ctx.fire(ctx.linking("mentor", Tandem).open(), Tandem.dissolve(cause=cause, without_meeting=True))
        proposals = ctx.linking("mentor", MatchProposal).open()
        ctx.fire(proposals, MatchProposal.fall_away(reason="The mentor is no longer available."))

    @guard("{city} is the employer already.")
    def employer_changes(self, ctx: Context[MentorData], *, city: str) -> bool:
        return city != ctx.data.city

    @event(taking_part >> STAY, by=OFFICE, when=employer_changes)
    def change_employer(self, ctx: Acting[MentorData], *, city: Name) -> MentorData:
        """Work for another city from today on.

        Tandems go on until they are judged anew. There is no new match with a city that does not take part.
        """
        ctx.fire(ctx.linking("mentor", Tandem).open(), Tandem.ask_to_reassess())
        return evolve(ctx.data, city=city)

    @guard("The mentor still has a tandem.")
    def has_no_tandem(self, ctx: Context[MentorData]) -> bool:
        return not ctx.linking("mentor", Tandem).open().exists()

    @event(taking_part >> finished, auto=True, when=lambda self: (self.edition_closing, self.has_no_tandem))
    def finish(self, ctx: Context[MentorData]) -> None:
        """The last tandem of this mentor is over."""

    @event(taking_part >> OfEdition.cancelled, auto=True, when=lambda self: self.edition_cancelled)
    def end_with_edition(self, ctx: Context[MentorData]) -> None:
        """The edition was cancelled."""

    @invariant("Who was declined or has left was told why.")
    def reason_given(self, ctx: Context[MentorData]) -> bool:
        """Invariant 6."""
        ended = ctx.case.is_in(Mentor.declined, Mentor.withdrawn, Mentor.left)
        return not ended or bool(ctx.data.ended_because.strip())


__all__ = ["Mentor", "MentorData"]
