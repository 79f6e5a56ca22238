"""Copies of the cross-mentoring, each with one fault that a municipality could have built in, and rules beside them."""

from __future__ import annotations

from collections import Counter
from datetime import date

from progflow import NEXT, Case, Context, Flow, No, Program, Reason, Source, days, event, guard, months
from progflow.programs.cross_mentoring import (
    Agreement,
    BaseMentee,
    Edition,
    MatchProposal,
    MenteeData,
    Mentor,
    Seminar,
    SeminarPlace,
    Tandem,
)
from progflow.programs.mentoring.mentee import BaseMentee as AnyMentee
from progflow.states.selection import Rank, Selection, SelectionData
from progflow.states.span import Span, TimedData
from progflow.states.tandem import TandemPhase

Base = BaseMentee[MenteeData]


def cross_mentoring_with(mentee: type[BaseMentee[MenteeData]]) -> Program:
    """The cross-mentoring with other mentees."""
    kinds = (Edition, mentee, Mentor, MatchProposal, Agreement, Tandem, Seminar, SeminarPlace)
    return Program("cross-mentoring", *kinds, zone="Europe/Berlin")


def a_selection(kind: type[Selection]) -> Selection:
    """The selection of the cross-mentoring, of another kind."""
    return kind(
        by=Base.a_panel_member,
        person=Base.the_mentee,
        seats=Base.seats,
        group=Base.quota_group,
        confirm_within=Base.confirm_within,
        when=(Base.call_is_closed,),
        list_ends=Base.waiting_list_ends,
        among=Base.all_mentees,
    )


def a_tandem(kind: type[TandemPhase]) -> TandemPhase:
    """The time of the tandems of the cross-mentoring, of another kind."""
    return kind(
        person=Base.the_mentee,
        span=Span(
            since=Base.kickoff,
            lasts=Base.lasts,
            longest_pause=Base.longest_pause,
            back_within=Base.back_within,
            longest_extension=Base.longest_extension,
            tolerance=Base.tolerance,
            closing=Base.closing,
            parties=Base.parties,
            party=Base.party,
            consented_by=Base.a_panel_member - Base.the_mentor,
            review_after=months(7),
        ),
        has_partner=Base.has_a_tandem,
        partner_begins=Base.tandem_has_started,
    )


# -- a quota that can be exceeded


class OpenHandedSelection(Selection):
    """Nobody asks whether a seat is free."""

    @event(
        Selection.under_review >> Selection.selected,
        by=lambda self: self.by - self.person,
        when=lambda self: (*self.when, self.seats_are_given, self.rank_is_free, self.nobody_overtaken),
    )
    def select(self, ctx: Context[SelectionData], *, rank: Rank, reason: str = "") -> SelectionData:
        """Give a seat."""
        return super().select(ctx, rank=rank, reason=reason)


class OneTooMany(BaseMentee[MenteeData], name="Mentee"):
    """A mentee of a city that gives more seats than it has."""

    selection = a_selection(OpenHandedSelection)


# -- a rematch that loses a seat


class ForgetfulSelection(Selection):
    """The seat of a mentee who waits for a new match is counted as free."""

    @guard("No seat is free{group}: {taken} of {seats} are taken.")
    def seat_is_free(self, ctx: Context[SelectionData]) -> bool | No:
        seated = self.rivals(ctx).open().where(self, seated=True)
        seats, taken = self.seats(ctx), seated.count() - seated.in_(AnyMentee.tandem.without_mentor).count()
        return taken < seats or No(taken=taken, seats=seats, group=self.of_group(ctx))


class SeatLost(BaseMentee[MenteeData], name="Mentee"):
    """A mentee whose seat is given to another while she waits for a new match."""

    selection = a_selection(ForgetfulSelection)


# -- a certificate for a mentee who has dropped out


class MercifulTandem(TandemPhase):
    """Who drops out goes on to the certificate like everybody else."""

    @event(lambda self: self.unfinished >> NEXT, by=lambda self: self.either)
    def drop_out(self, ctx: Context[TimedData], *, reason: Reason) -> TimedData:
        """End it before its time, and say why."""
        return super().drop_out(ctx, reason=reason)


class CertifiedAllTheSame(BaseMentee[MenteeData], name="Mentee"):
    """A mentee who gets a certificate although she has dropped out."""

    tandem = a_tandem(MercifulTandem)


# -- a pause that shortens a term


class HurriedTandem(TandemPhase):
    """The days of a pause are taken from the end instead of being added to it."""

    def last_day_unextended(self, ctx: Context[TimedData]) -> date | None:
        nominal = self.span.nominal(ctx)
        return None if nominal is None else nominal - days(ctx.data.days_paused)


class CutShort(BaseMentee[MenteeData], name="Mentee"):
    """A mentee who pays for every pause with days of the tandem."""

    tandem = a_tandem(HurriedTandem)


# -- a dead end after a dissolution


class ForsakenTandem(TandemPhase):
    """All that can be done is done with a mentor, also to come to the end."""

    @property
    def going_on(self) -> Source:
        return self.active


class Forsaken(BaseMentee[MenteeData], name="Mentee"):
    """A mentee who waits for a new match for ever once the time to match is over."""

    tandem = a_tandem(ForsakenTandem)


# -- a guard that can never be true


class PatientTandem(TandemPhase):
    """It can be completed early once it is over, and then it is over already."""

    @guard("It can be completed {tolerance} days before {last_day} at the earliest.")
    def near_the_end(self, ctx: Context[TimedData]) -> bool | No:
        last_day = self.last_day(ctx)
        return (last_day is not None and last_day < ctx.today) or No(
            tolerance=self.span.tolerance(ctx), last_day=last_day
        )


class NeverEarly(BaseMentee[MenteeData], name="Mentee"):
    """A mentee whose tandem nobody can ever complete early."""

    tandem = a_tandem(PatientTandem)


# -- rules beside a programme, for those faults that fool its own


def nobody_is_beyond_the_seats(flow: Flow) -> bool:
    """Whoever takes part has a seat of her own, also while she waits for a new match."""
    mentees = flow.cases(AnyMentee).open().all()
    seated = Counter((one.parent, one.data.city) for one in mentees if one[AnyMentee.selection].seated)
    return all(
        seated[edition.id, city.name] <= city.seats
        for edition in flow.cases(Edition).all()
        for city in edition.data.cities
    )


def who_dropped_out_gets_no_certificate(flow: Flow) -> bool:
    """Nobody gets a certificate who has dropped out before."""
    certified = flow.cases(AnyMentee).in_(AnyMentee.certificate.issued).all()
    return not any(entry.event == "tandem.drop_out" for mentee in certified for entry in flow.history(mentee))


def a_pause_shortens_nothing(flow: Flow) -> bool:
    """Whoever has completed by the mere course of time has taken part for all her months beside her pauses."""
    return all(_took_her_time(flow, mentee) for mentee in flow.cases(AnyMentee).in_(AnyMentee.certificate).all())


def _took_her_time(flow: Flow, mentee: Case[MenteeData]) -> bool:
    completed = next((entry for entry in flow.history(mentee) if entry.event == "tandem.complete"), None)
    if completed is None:
        return True
    edition = flow.get(Edition, mentee.parent or "")
    held = edition[Edition.kickoff].held_on
    assert held is not None
    shortest = held + months(edition.data.rules.months) + days(mentee[AnyMentee.tandem].days_paused)
    return completed.at.date() > shortest
