"""The mentee's part in an edition, from the application to the certificate."""

from __future__ import annotations

from typing import Any, ClassVar, Generic, TypeVar

from attrs import evolve, frozen

from progflow import (
    OPEN,
    START,
    Acting,
    Case,
    Cases,
    Context,
    Instant,
    Lifecycle,
    No,
    days,
    derived,
    end_of,
    event,
    guard,
    invariant,
    moment,
    months,
    relation,
    working_days,
)
from progflow.programs.mentoring.edition import BaseEdition, by_rule, edition_of, rules_of, seat_on_panel
from progflow.programs.mentoring.mentor import BaseMentor, MentorData, mentors_beside
from progflow.programs.mentoring.pairs import AnyTandem, OfPair, Pair, tandems_of
from progflow.programs.mentoring.people import Name, Staff, reporting_line
from progflow.states.application import Application
from progflow.states.call import while_open
from progflow.states.cancellation import Ending
from progflow.states.certificate import Certificate
from progflow.states.kickoff import kickoff_day
from progflow.states.matching import Matching
from progflow.states.people import EMPLOYEE, OFFICE
from progflow.states.run import closing_day
from progflow.states.selection import Selection
from progflow.states.span import Ended, Span
from progflow.states.span_anew import moved
from progflow.states.tandem import TandemPhase
from progflow.states.withdrawal import Withdrawal


@frozen(kw_only=True)
class MenteeData:
    """Who applies, and why; ``person`` is filled in from who applies."""

    person: str = ""
    motivation: Name


M = TypeVar("M", bound=MenteeData)


def available_mentor(ctx: Context[Any], person: str) -> Case[MentorData] | None:
    """The available mentor of that id in the edition, None if there is none."""
    return mentors_beside(ctx).where(person=person).in_(BaseMentor.available).first()


def propose_match(ctx: Acting[Any], partner: str, why: str) -> None:
    """Begin the proposal of a match, with the facts of both as they are today."""
    kind, mentor = ctx.case.lifecycle, available_mentor(ctx, partner)
    assert issubclass(kind, BaseMentee)
    assert mentor is not None
    pair = kind.snapshot(ctx.case, mentor, why)
    ctx.start(kind.proposes, pair, parent=edition_of(ctx), links={"mentee": ctx.case, "mentor": mentor})


class BaseMentee(Lifecycle[M], Generic[M], abstract=True, parent=BaseEdition, unique="person"):
    """Somebody takes part in an edition as a mentee.

    A programme says what a pair is (``proposes`` and ``snapshot``), and overrides what is its own: the seats and the
    fields that make a group (``seats``, ``quota_group``), and the guards.
    """

    proposes: ClassVar[type[OfPair[Any]]]
    """What a proposal of a match is a case of; it has a link to its ``mentee`` and one to its ``mentor``."""

    @classmethod
    def snapshot(cls, mentee: Case[Any], mentor: Case[Any], why: str) -> Pair:
        """The two as they are on the day of the proposal: what a programme judges them by is kept in its own pair."""
        return Pair(mentee=mentee.data.person, mentor=mentor.data.person, why=why)

    # -- who somebody is to the mentee

    @relation("the mentee")
    def the_mentee(self, ctx: Context[M]) -> bool:
        return ctx.actor.id == ctx.data.person

    @relation("the superior")
    def the_superior(self, ctx: Context[M]) -> bool:
        return ctx.ask(Staff).reports_to(ctx.data.person, ctx.actor.id)

    @relation("the mentor")
    def the_mentor(self, ctx: Context[M]) -> bool:
        return tandems_of(ctx, "mentee").open().where(mentor=ctx.actor.id).exists()

    @relation("a panel member")
    def a_panel_member(self, ctx: Context[M]) -> bool:
        return seat_on_panel(ctx) is not None

    # -- what the edition says to the phases

    @derived
    def person(self, ctx: Context[M]) -> str:
        return ctx.data.person

    @derived
    def quota_group(self, ctx: Context[M]) -> tuple[str, ...]:
        """The names of the fields that make a group with seats of its own."""
        return ()

    @derived
    def all_mentees(self, ctx: Context[M]) -> Cases[Any]:
        """Those who share seats, ranks and the numbers of certificates, also of another kind."""
        return ctx.siblings(BaseMentee)

    seats = by_rule(lambda rules: rules.seats)
    confirm_within = by_rule(lambda rules: working_days(rules.confirm_within, rules.calendar))
    lasts = by_rule(lambda rules: rules.months)
    longest_pause = by_rule(lambda rules: rules.longest_pause)
    back_within = by_rule(lambda rules: rules.back_within_days)
    longest_extension = by_rule(lambda rules: rules.longest_extension)
    tolerance = by_rule(lambda rules: rules.closing_tolerance_days)
    certificate_within = by_rule(lambda rules: months(rules.certificate_within))

    @derived
    def parties(self, ctx: Context[M]) -> tuple[str, ...]:
        """Those that must consent to an extension: all that sit on the panel."""
        return tuple(dict.fromkeys(member.party for member in edition_of(ctx).data.panel))

    @derived
    def party(self, ctx: Context[M]) -> str:
        seat = seat_on_panel(ctx)
        return "" if seat is None else seat.party

    @derived
    def edition_name(self, ctx: Context[M]) -> str:
        return edition_of(ctx).data.name

    kickoff = kickoff_day(BaseEdition.kickoff)
    closing = closing_day(BaseEdition.run)

    # -- rules of the phases

    call_is_open = while_open(BaseEdition.call)

    @guard("The panel decides once the call is closed.")
    def call_is_closed(self, ctx: Context[M]) -> bool:
        return not edition_of(ctx).is_in(BaseEdition.call)

    @moment
    def waiting_list_ends(self, ctx: Context[M]) -> Instant | None:
        """After the kick-off a seat is filled again only if so many months remain as the rules say."""
        held, rules = edition_of(ctx)[BaseEdition.kickoff].held_on, rules_of(ctx)
        return None if held is None else end_of(held + months(rules.months) - months(rules.refill_months))

    @guard("No match of this mentee stands.")
    def has_a_tandem(self, ctx: Context[M]) -> bool:
        return tandems_of(ctx, "mentee").open().exists()

    @guard("No tandem of this mentee has started.")
    def tandem_has_started(self, ctx: Context[M]) -> bool:
        return tandems_of(ctx, "mentee").in_(AnyTandem.begun).exists()

    @guard("Matches are made between the selection and the closing.")
    def time_to_match(self, ctx: Context[M]) -> bool:
        return edition_of(ctx).is_in(BaseEdition.kickoff, BaseEdition.run.running)

    @guard("No mentor {partner} is available in this edition.")
    def mentor_is_available(self, ctx: Context[M], *, partner: str) -> bool:
        return available_mentor(ctx, partner) is not None

    @guard("The two do not fit.")
    def fits(self, ctx: Context[M], *, partner: str) -> bool | No:
        """Where a programme says who may be matched with whom, as two that work for different cities."""
        return True

    @guard("One of the two does not take part in this edition.")
    def both_take_part(self, ctx: Context[M], *, partner: str) -> bool | No:
        """Where a programme knows who is outside of an edition, as who works for another city."""
        return True

    @guard("Nobody reports to one's mentor, or the other way round.")
    def independent(self, ctx: Context[M], *, partner: str) -> bool:
        """Usual elsewhere (Beller and Hoffmeister-Schönfelder); only the host knows who reports to whom."""
        return not reporting_line(ctx, ctx.data.person, partner)

    @guard("This match has been proposed already.")
    def not_proposed_yet(self, ctx: Context[M], *, partner: str) -> bool:
        return not ctx.linking("mentee", self.proposes).open().where(mentor=partner).exists()

    @guard("Too few meetings for a certificate: {meetings} of {needed}.")
    def took_part_enough(self, ctx: Context[M]) -> bool | No:
        tandems = tandems_of(ctx, "mentee").all()
        meetings, needed = sum(len(tandem.data.meetings) for tandem in tandems), rules_of(ctx).fewest_meetings
        return meetings >= needed or No(meetings=meetings, needed=needed)

    @guard("Too few occasions were attended for a certificate.")
    def attended_enough(self, ctx: Context[M]) -> bool | No:
        """Where a programme has seminars; see ``SeminarMentee``."""
        return True

    @guard("The edition has not been cancelled.")
    def edition_cancelled(self, ctx: Context[M]) -> bool:
        return edition_of(ctx).is_in(BaseEdition.cancelled)

    # -- the way through the edition

    application = Application(person=the_mentee, superior=the_superior)
    selection = Selection(
        by=a_panel_member,
        person=the_mentee,
        seats=seats,
        group=quota_group,
        confirm_within=confirm_within,
        when=(call_is_closed,),
        list_ends=waiting_list_ends,
        among=all_mentees,
    )
    matching = Matching(
        person_id=person,
        by=a_panel_member - the_mentee,
        propose=propose_match,
        when=(time_to_match, mentor_is_available, both_take_part, fits, independent, not_proposed_yet),
        has_pair=has_a_tandem,
        pair_begins=tandem_has_started,
    )
    tandem = TandemPhase(
        person=the_mentee,
        span=Span(
            since=kickoff,
            lasts=lasts,
            longest_pause=longest_pause,
            back_within=back_within,
            longest_extension=longest_extension,
            tolerance=tolerance,
            closing=closing,
            parties=parties,
            party=party,
            consented_by=a_panel_member - the_mentor,
            review_after=months(7),
        ),
        has_partner=has_a_tandem,
        partner_begins=tandem_has_started,
    )
    matching.rematch = tandem.without_mentor
    certificate = Certificate(
        person=the_mentee,
        series=edition_name,
        when=(took_part_enough, attended_enough),
        within=certificate_within,
        parent_over=edition_cancelled,
        among=all_mentees,
    )

    before_the_kickoff = application | selection | matching
    taking_part = before_the_kickoff | tandem.unfinished

    withdrawal = Withdrawal(by=(the_mentee, OFFICE), of=before_the_kickoff)
    left_over = Ending(parent=BaseEdition, upon=BaseEdition.run.closing, of=before_the_kickoff)
    ending = Ending(parent=BaseEdition, of=OPEN - certificate)

    def received(self, ctx: Context[M], application: M) -> M:
        """What is kept of an application: where a programme fills in what it knows itself."""
        return evolve(application, person=ctx.actor.id)

    @event(START >> application, by=EMPLOYEE, when=call_is_open)
    def apply(self, ctx: Context[M], *, application: M) -> M:
        """Apply."""
        return self.received(ctx, application)

    # -- what always holds

    @invariant("Whoever takes part has applied during the call, was admitted, and got the seat after the call.")
    def came_in_order(self, ctx: Context[M]) -> bool:
        """Invariant 4: who takes part has a seat, also while she waits for another mentor."""
        case, edition = ctx.case, edition_of(ctx)
        call, began = edition[BaseEdition.call], case.created_at.date()
        if call.published_on is None or began < call.published_on:
            return False
        if call.closed_on is not None and began >= call.closed_on:
            return False
        admitted = case[self.application].admitted_on is not None or not case.visited(self.selection)
        seat = case[self.selection]
        decided = seat.seated or seat.rank is not None or case.is_in(self.selection.rejected)
        seated = seat.seated or not case.visited(self.matching, self.tandem, self.certificate)
        return admitted and seated and (edition.visited(BaseEdition.selection) or not decided)

    @invariant("A seat was kept for so many working days, and was not given when the waiting list had ended.")
    def seat_kept_and_given_in_time(self, ctx: Context[M]) -> bool:
        """Invariant 4: when the list ends is told by the rules, and asked of what happened after the kick-off."""
        case, rules, kickoff = ctx.case, rules_of(ctx), edition_of(ctx)[BaseEdition.kickoff]
        given = case[self.selection].seated_at
        if case.is_in(self.selection.lapsed):
            term = working_days(rules.confirm_within, rules.calendar)
            return given is not None and given.date() + term < case.entered_at.date()
        first, noted = kickoff.held_on, kickoff.noted_at
        ends = None if first is None else first + months(rules.months) - months(rules.refill_months)
        if case.is_in(self.selection.rejected) and case.visited(self.selection.waitlisted):
            return ends is not None and ends < case.entered_at.date()
        late = case.is_in(self.selection.selected) and noted is not None and given is not None and noted < given
        return not late or (ends is not None and given is not None and given.date() <= ends)

    @invariant("Nobody is left over when the edition closes who had not begun.")
    def nobody_left_over(self, ctx: Context[M]) -> bool:
        before = ctx.case.is_open and ctx.case.is_in(self.application, self.selection, self.matching)
        return not before or not edition_of(ctx).is_in(BaseEdition.run.over)

    @invariant("Who is matched has a tandem, who takes part has one that has begun, and who waits for one has none.")
    def as_her_tandem_stands(self, ctx: Context[M]) -> bool:
        tandems: Cases[Any] = ctx.linking("mentee", AnyTandem)
        case, has = ctx.case, tandems.open()
        if case.is_in(self.matching.unmatched):
            return has.first() is None
        if case.is_in(self.matching.matched):
            return has.first() is not None
        if case.is_in(self.tandem.active, self.tandem.without_mentor):
            begun = has.in_(AnyTandem.started, AnyTandem.active, AnyTandem.paused).first()
            return (begun is not None) == case.is_in(self.tandem.active)
        return True

    @invariant("The time of a participation is that of the edition, and of what has moved its end.")
    def took_her_time(self, ctx: Context[M]) -> bool:
        case, kept, edition = ctx.case, ctx.case[self.tandem], edition_of(ctx)
        completed = kept.ended in (Ended.IN_FULL, Ended.EARLY)
        if case.visited(self.certificate) and not completed:
            return False
        first, rules = edition[BaseEdition.kickoff].held_on, edition.data.rules
        if first is None:
            return not case.visited(self.tandem)
        last_day, spare = moved(first + months(rules.months), kept), days(rules.closing_tolerance_days)
        if completed and kept.ended_at is not None:
            ended_on = kept.ended_at.date()
            return last_day < ended_on if kept.ended is Ended.IN_FULL else last_day <= ended_on + spare
        closed = edition[BaseEdition.run].closed_on
        going_on = case.is_in(self.tandem.active, self.tandem.without_mentor)
        return not going_on or closed is None or closed + spare < last_day

    @invariant("A later end was consented to by every party.")
    def extended_by_all(self, ctx: Context[M]) -> bool:
        asked = ctx.case[self.tandem].extension
        parties = {member.party for member in edition_of(ctx).data.panel}
        return asked is None or not asked.granted or {vote.party for vote in asked.consents} >= parties

    @invariant("A certificate is only for a participation that was completed, with enough meetings.")
    def certified_after_completion(self, ctx: Context[M]) -> bool:
        """Invariant 1."""
        if not ctx.case[self.certificate].number:
            return True
        tandems: Cases[Any] = ctx.linking("mentee", AnyTandem)
        enough = sum(len(one.data.meetings) for one in tandems.all()) >= rules_of(ctx).fewest_meetings
        return enough and ctx.case.visited(self.tandem) and not ctx.case.visited(self.tandem.dropped_out)

    @invariant("A decision on a certificate is overdue only when its time is over, or the edition was cancelled.")
    def waited_for_a_decision(self, ctx: Context[M]) -> bool:
        if not ctx.case.is_in(self.certificate.overdue):
            return True
        ended, within = ctx.case[self.tandem].ended_at, rules_of(ctx).certificate_within
        late = ended is not None and ended.date() + months(within) < ctx.case.entered_at.date()
        return late or edition_of(ctx).is_in(BaseEdition.cancelled)


__all__ = ["BaseMentee", "MenteeData"]
