"""The mentee's part in an edition, from the application to the certificate."""

from __future__ import annotations

from typing import Any, Generic, TypeVar

from attrs import evolve, frozen

from progflow import (
    NEXT,
    START,
    STAY,
    Acting,
    Cases,
    Context,
    Instant,
    No,
    Reason,
    State,
    end_of,
    event,
    guard,
    invariant,
    moment,
    relation,
)
from progflow.programs.cross_mentoring.application import Application
from progflow.programs.cross_mentoring.certificate import Certificate
from progflow.programs.cross_mentoring.edition import Edition, OfEdition, panel_member
from progflow.programs.cross_mentoring.matching import MatchData, MatchProposal, reporting_line
from progflow.programs.cross_mentoring.mentor import Mentor, MentorData
from progflow.programs.cross_mentoring.participation import Participation
from progflow.programs.cross_mentoring.people import EMPLOYEE, OFFICE, Cause, Name, Staff
from progflow.programs.cross_mentoring.selection import Selection
from progflow.programs.cross_mentoring.tandem import Tandem


@frozen
class MenteeData:
    """Who applies. ``city`` gives the seat and never changes; ``employer`` is the city she works for now."""

    person: str
    city: str
    employer: str
    grade: str
    motivation: str
    withdrawn_because: str = ""


M = TypeVar("M", bound=MenteeData)


class BaseMentee(OfEdition[M], Generic[M], abstract=True, unique="person"):
    """A woman of a member city takes part in an edition as a mentee.

    Known of Köln and Düsseldorf: ten mentees, five women per city, a competitive application, fifteen months, a
    mentor from the other city. A municipality that keeps more about a mentee derives its own from this one::

        @frozen
        class OurMenteeData(MenteeData):
            part_time: bool = False


        class OurMentee(BaseMentee[OurMenteeData], name="Mentee"):
            def first_data(self, application: MenteeData) -> OurMenteeData:
                return OurMenteeData(**asdict(application))
    """

    confirmed = State("confirmed, without a match")
    matched = State()
    rejected = State(final=True)
    lapsed = State("not confirmed in time", final=True)
    withdrawn = State(final=True)
    dropped_out = State(final=True)

    # -- who she is to whom

    @relation("the mentee")
    def the_mentee(self, ctx: Context[M]) -> bool:
        return ctx.actor.id == ctx.data.person

    @relation("her superior")
    def her_superior(self, ctx: Context[M]) -> bool:
        return ctx.ask(Staff).reports_to(ctx.data.person, ctx.actor.id)

    @relation("a panel member")
    def a_panel_member(self, ctx: Context[M]) -> bool:
        return panel_member(ctx) is not None

    @guard("Nobody decides on oneself.")
    def not_about_oneself(self, ctx: Context[M]) -> bool:
        return ctx.actor.id != ctx.data.person

    # -- the quota of each city, and the order of its waiting list

    @guard("No seat of {city} is free: {taken} of {seats} are taken.")
    def seat_is_free(self, ctx: Context[M]) -> bool | No:
        city, seats = ctx.data.city, ctx.parent(Edition).data.seats_of(ctx.data.city)
        taken = ctx.siblings().where(city=city).in_(self.with_a_seat).count()
        return taken < seats or No(taken=taken, seats=seats, city=city)

    @guard("Rank {rank} of {city} has been given.")
    def rank_is_free(self, ctx: Context[M], *, rank: int) -> bool | No:
        city = ctx.data.city
        given = ctx.siblings().where(city=city).where(self.selection, rank=rank).exists()
        return No(city=city) if given else True

    @guard("Somebody of {city} with a higher rank waits; give the reason for passing her over.")
    def nobody_overtaken(self, ctx: Context[M], *, rank: int, reason: str) -> bool | No:
        """Invariant 5: nobody is overtaken without a reason that is kept."""
        waiting = ctx.siblings().where(city=ctx.data.city).in_(self.selection.waitlisted)
        first = waiting.order_by(self.selection, "rank").first()
        before = None if first is None else first[self.selection].rank
        return before is None or rank < before or bool(reason.strip()) or No(city=ctx.data.city)

    @guard("Somebody of {city} has not been decided on, or stands before her.")
    def next_in_line(self, ctx: Context[M]) -> bool | No:
        of_her_city = ctx.siblings().where(city=ctx.data.city)
        if of_her_city.in_(self.application, self.selection.under_review).exists():
            return No(city=ctx.data.city)
        first = of_her_city.in_(self.selection.waitlisted).order_by(self.selection, "rank").first()
        hers = ctx.case[self.selection].rank
        if first is None or hers is None:
            return hers is not None
        before = first[self.selection].rank
        return before is None or hers < before or No(city=ctx.data.city)

    @moment
    def waiting_list_ends(self, ctx: Context[M]) -> Instant | None:
        """After the kick-off a seat is filled again only if twelve months remain (assumption)."""
        last = ctx.parent(Edition).data.last_day_to_refill
        return None if last is None else end_of(last)

    @guard("Too few meetings for a certificate: {meetings} of {needed}.")
    def took_part_enough(self, ctx: Context[M]) -> bool | No:
        """Four meetings, as other programmes ask for (assumption)."""
        tandems = ctx.linking("mentee", Tandem).all()
        meetings = sum(len(tandem.data.meetings) for tandem in tandems)
        needed = ctx.parent(Edition).data.rules.fewest_meetings
        return meetings >= needed or No(meetings=meetings, needed=needed)

    # -- the way through the edition

    application = Application(applicant=the_mentee, supervisor=her_superior, not_about_oneself=not_about_oneself).then(
        NEXT, rejected=rejected
    )
    selection = Selection(
        panel=a_panel_member,
        applicant=the_mentee,
        not_about_oneself=not_about_oneself,
        seat_is_free=seat_is_free,
        rank_is_free=rank_is_free,
        nobody_overtaken=nobody_overtaken,
        next_in_line=next_in_line,
        list_ends=waiting_list_ends,
    ).then(confirmed, rejected=rejected, lapsed=lapsed)
    tandem = Participation(mentee=the_mentee, not_about_oneself=not_about_oneself).then(NEXT, dropped_out=dropped_out)
    certificate = Certificate(earned=took_part_enough, not_about_oneself=not_about_oneself)

    with_a_seat = selection.selected | confirmed | matched | tandem
    before_the_kickoff = application | selection | confirmed | matched

    def first_data(self, application: MenteeData) -> M:
        """What is kept of an application: where a municipality adds what it wants to know."""
        raise NotImplementedError

    @guard("The call is not open; its deadline was {deadline}.")
    def call_is_open(self, ctx: Context[M]) -> bool | No:
        edition = ctx.parent(Edition)
        return edition.is_in(Edition.call_open) or No(deadline=edition.data.deadline)

    @guard("{city} does not take part in this edition.")
    def city_takes_part(self, ctx: Context[M], *, city: str) -> bool:
        return city in {one.name for one in ctx.parent(Edition).data.cities}

    @event(START >> application, by=EMPLOYEE, when=(call_is_open, city_takes_part))
    def apply(self, ctx: Context[M], *, city: Name, grade: Name, motivation: Reason) -> M:
        """Apply for a seat of one's city."""
        return self.first_data(MenteeData(ctx.actor.id, city, city, grade, motivation))

    @event(before_the_kickoff >> withdrawn, by=(the_mentee, OFFICE))
    def withdraw(self, ctx: Acting[M], *, reason: Reason) -> M:
        """Step back.

        Before the tandem phase; her seat goes to the next of her city.
        """
        tandems = ctx.linking("mentee", Tandem).open()
        ctx.fire(tandems, Tandem.dissolve(cause=Cause.MENTEE_LEFT, without_meeting=True))
        proposals = ctx.linking("mentee", MatchProposal).open()
        ctx.fire(proposals, MatchProposal.fall_away(reason="The mentee has stepped back."))
        return evolve(ctx.data, withdrawn_because=reason)

    # -- the match

    @guard("Matches are made between the selection and the closing.")
    def time_to_match(self, ctx: Context[M]) -> bool:
        return ctx.parent(Edition).is_in(Edition.matching, Edition.running)

    @guard("No mentor {mentor} is available in this edition.")
    def mentor_is_available(self, ctx: Context[M], *, mentor: str) -> bool:
        return self._mentors(ctx, mentor).exists()

    @guard("Mentee and mentor work for the same city.")
    def another_city(self, ctx: Context[M], *, mentor: str) -> bool:
        """Known of Köln and Düsseldorf: the mentor comes from the other city, as it is on the day of the match."""
        return not self._mentors(ctx, mentor).where(city=ctx.data.employer).exists()

    @guard("One of the two works for {city}, which does not take part in this edition.")
    def both_cities_take_part(self, ctx: Context[M], *, mentor: str) -> bool | No:
        """Nobody could approve the match for a city that is not in the edition."""
        cities = {one.name for one in ctx.parent(Edition).data.cities}
        theirs = (ctx.data.employer, *(one.data.city for one in self._mentors(ctx, mentor).all()))
        return next((No(city=city) for city in theirs if city not in cities), True)

    @guard("Nobody decides on a match of their own.")
    def not_of_the_pair(self, ctx: Context[M], *, mentor: str) -> bool:
        return ctx.actor.id not in (ctx.data.person, mentor)

    @guard("Nobody is one's own mentor, and nobody reports to one's mentor or the other way round.")
    def independent(self, ctx: Context[M], *, mentor: str) -> bool:
        return mentor != ctx.data.person and not reporting_line(ctx, ctx.data.person, mentor)

    @guard("This match has been proposed already.")
    def not_proposed_yet(self, ctx: Context[M], *, mentor: str) -> bool:
        return not ctx.linking("mentee", MatchProposal).open().where(mentor=mentor).exists()

    @event(
        (confirmed | tandem.without_mentor) >> STAY,
        by=a_panel_member,
        when=(
            not_of_the_pair,
            time_to_match,
            mentor_is_available,
            both_cities_take_part,
            another_city,
            independent,
            not_proposed_yet,
        ),
    )
    def propose_match(self, ctx: Acting[M], *, mentor: Name, why: Reason) -> None:
        """Propose a mentor.

        The cities of both are kept as they are today.
        """
        found = self._mentors(ctx, mentor).one()
        ctx.start(
            MatchProposal,
            MatchData(ctx.data.person, mentor, ctx.data.employer, found.data.city, why=why),
            parent=ctx.parent(Edition),
            links={"mentee": ctx.case, "mentor": found},
        )

    @guard("No match of hers has been approved.")
    def has_a_tandem(self, ctx: Context[M]) -> bool:
        return ctx.linking("mentee", Tandem).open().exists()

    @guard("Her match still stands.")
    def has_lost_the_tandem(self, ctx: Context[M]) -> bool:
        return not self.has_a_tandem(ctx)

    @guard("Her tandem has not started.")
    def tandem_has_started(self, ctx: Context[M]) -> bool:
        return ctx.linking("mentee", Tandem).in_(Tandem.started, Tandem.active).exists()

    @event(confirmed >> matched, auto=True, when=has_a_tandem)
    def be_matched(self, ctx: Context[M]) -> None:
        """Both cities have approved a match."""

    @event(matched >> confirmed, auto=True, when=has_lost_the_tandem)
    def lose_match(self, ctx: Context[M]) -> None:
        """The match fell through before it began."""

    @event(matched >> tandem, auto=True, when=tandem_has_started)
    def begin(self, ctx: Context[M]) -> None:
        """The tandem has started."""

    # -- what changes around her

    @guard("{city} is the employer already.")
    def employer_changes(self, ctx: Context[M], *, city: str) -> bool:
        return city != ctx.data.employer

    @event((before_the_kickoff | tandem) >> STAY, by=OFFICE, when=employer_changes)
    def change_employer(self, ctx: Acting[M], *, city: Name) -> M:
        """Work for another city from today on.

        Her seat and her tandem stay as they are. There is no new match from a city that does not take part.
        """
        ctx.fire(ctx.linking("mentee", Tandem).open(), Tandem.ask_to_reassess())
        return evolve(ctx.data, employer=city)

    @event(before_the_kickoff >> OfEdition.cancelled, auto=True, when=lambda self: self.edition_closing)
    def be_left_over(self, ctx: Context[M]) -> None:
        """The edition closes before her tandem phase has begun."""

    @event((before_the_kickoff | tandem) >> OfEdition.cancelled, auto=True, when=lambda self: self.edition_cancelled)
    def end_with_edition(self, ctx: Context[M]) -> None:
        """The edition was cancelled."""

    # -- what always holds

    @invariant("A certificate is only for a participation that was completed.")
    def certified_after_completion(self, ctx: Context[M]) -> bool:
        """Invariant 1."""
        certified = bool(ctx.case[self.certificate].number)
        completed = ctx.case.visited(self.tandem) and not ctx.case.visited(self.dropped_out)
        return not certified or (completed and self.took_part_enough(ctx))

    @invariant("No city has more mentees than seats.")
    def within_the_quota(self, ctx: Context[M]) -> bool:
        """Invariant 4: selected, confirmed, matched, active, paused and waiting for a new mentor, all of them."""
        return not ctx.case.is_in(self.with_a_seat) or self.seat_is_free(ctx)

    @invariant("No two mentees of a city have the same rank.")
    def ranked_once(self, ctx: Context[M]) -> bool:
        """Invariant 5, as far as one moment shows it."""
        rank = ctx.case[self.selection].rank
        return rank is None or self.rank_is_free(ctx, rank=rank)

    @invariant("Who was rejected, withdrew or dropped out did so for a reason that is kept.")
    def reason_given(self, ctx: Context[M]) -> bool:
        """Invariant 6."""
        case = ctx.case
        reasons = (case[self.application].rejected_because, case[self.selection].reason)
        return (
            (not case.is_in(self.rejected) or any(map(str.strip, reasons)))
            and (not case.is_in(self.withdrawn) or bool(ctx.data.withdrawn_because.strip()))
            and (not case.is_in(self.dropped_out) or bool(case[self.tandem].ended_because.strip()))
        )

    def _mentors(self, ctx: Context[Any], person: str) -> Cases[MentorData]:
        return ctx.siblings(Mentor).where(person=person).in_(Mentor.available)


class Mentee(BaseMentee[MenteeData]):
    """A woman of a member city takes part in an edition as a mentee."""

    def first_data(self, application: MenteeData) -> MenteeData:
        """Exactly the application."""
        return application


__all__ = ["BaseMentee", "Mentee", "MenteeData"]
