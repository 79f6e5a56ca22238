"""The tandem phase as the mentee lives it: her seat and her clock, whoever the mentor is."""

from __future__ import annotations

from datetime import date
from typing import Any

from attrs import evolve, frozen

from progflow import (
    NEXT,
    STAY,
    Acting,
    Context,
    Exit,
    Guard,
    Instant,
    No,
    Phase,
    Reason,
    Relation,
    State,
    Term,
    days,
    end_of,
    event,
    guard,
    invariant,
    moment,
    months,
    relation,
)
from progflow.programs.cross_mentoring.edition import Edition, panel_member
from progflow.programs.cross_mentoring.people import OFFICE, Approval, Cause
from progflow.programs.cross_mentoring.tandem import Tandem


@frozen
class Extension:
    """A later end that was asked for, and which cities have agreed to it."""

    until: date
    reason: str
    consents: tuple[Approval, ...] = ()


@frozen
class ParticipationData:
    """Pauses, the extension and the review of one participation."""

    paused_on: date | None = None
    paused_until: date | None = None
    pause_cause: Cause | None = None
    days_paused: int = 0
    extension: Extension | None = None
    extended_until: date | None = None
    review_due: bool = False
    reviewed_on: date | None = None
    ended_because: str = ""


class Participation(Phase[ParticipationData]):
    """Fifteen months with a mentor, from the day of the kick-off.

    The clock belongs to the participation and not to the tandem (assumption): without a mentor she keeps her seat
    and waits for a new match, while the time goes on. A pause moves the end by its days.

    Args:
        mentee: whose participation it is.
        not_about_oneself: the guard against deciding on oneself.
        review_after: when the mid-term review is due (assumption: seven months after the kick-off).
    """

    active = State(initial=True)
    paused = State(clock="stopped")
    without_mentor = State()
    dropped_out = Exit()

    going_on = active | without_mentor
    unfinished = going_on | paused

    def __init__(
        self,
        *,
        mentee: Relation[Any],
        not_about_oneself: Guard[Any],
        review_after: Term = months(7),  # noqa: B008 - a frozen value
    ) -> None:
        self.mentee = mentee
        self.not_about_oneself = not_about_oneself
        self.review_after = review_after

    # -- the clock

    def last_day(self, ctx: Context[ParticipationData]) -> date | None:
        """The last day of this participation; None before the kick-off."""
        unextended = self.last_day_unextended(ctx)
        if unextended is None or ctx.data.extended_until is None:
            return unextended
        return max(unextended, ctx.data.extended_until)

    def last_day_unextended(self, ctx: Context[ParticipationData]) -> date | None:
        """The last day with the pause alone, which counts as long as it is planned while it lasts."""
        nominal, paused = ctx.parent(Edition).data.last_day, ctx.data.days_paused
        began, until = ctx.data.paused_on, ctx.data.paused_until
        if ctx.case.is_in(self.paused) and began is not None and until is not None:
            paused = (until - began).days + 1
        return None if nominal is None else nominal + days(paused)

    @moment
    def kickoff(self, ctx: Context[ParticipationData]) -> date | None:
        return ctx.parent(Edition).data.kickoff

    @moment
    def end(self, ctx: Context[ParticipationData]) -> Instant | None:
        last_day = self.last_day(ctx)
        return None if last_day is None else end_of(last_day)

    @event(going_on >> NEXT, at=end)
    def complete(self, ctx: Acting[ParticipationData]) -> None:
        """The time of this participation is over."""
        self._let_tandem_end(ctx)

    @guard("The closing has not been held, or the end is too far off for it.")
    def closing_reaches(self, ctx: Context[ParticipationData]) -> bool:
        """By decision and within a tolerance: the closing of 7 November 2023 came before the nominal end."""
        edition, last_day = ctx.parent(Edition), self.last_day(ctx)
        closing = edition.data.closing
        return (
            edition.is_in(Edition.closing)
            and closing is not None
            and last_day is not None
            and edition.data.ends_early_enough(last_day, closing)
        )

    @event(going_on >> NEXT, auto=True, when=closing_reaches)
    def complete_at_closing(self, ctx: Acting[ParticipationData]) -> None:
        """The closing completes the participation.

        It does so if the end is near enough.
        """
        self._let_tandem_end(ctx)

    def _let_tandem_end(self, ctx: Acting[ParticipationData]) -> None:
        """A tandem that has begun is completed; one that was approved and never began lapses."""
        tandems = ctx.linking("mentee", Tandem)
        ctx.fire(tandems.in_(Tandem.begun), Tandem.complete())
        ctx.fire(tandems.in_(Tandem.approved), Tandem.lapse())

    # -- the mentor

    @guard("A mentor is there.")
    def has_no_mentor(self, ctx: Context[ParticipationData]) -> bool:
        return not ctx.linking("mentee", Tandem).open().exists()

    @guard("No tandem of hers has started.")
    def has_a_mentor(self, ctx: Context[ParticipationData]) -> bool:
        return ctx.linking("mentee", Tandem).in_(Tandem.started, Tandem.active).exists()

    @event(active >> without_mentor, auto=True, when=has_no_mentor)
    def lose_mentor(self, ctx: Context[ParticipationData]) -> None:
        """Her tandem was dissolved.

        She keeps her seat.
        """

    @event(without_mentor >> active, auto=True, when=has_a_mentor)
    def go_on_with_new_mentor(self, ctx: Context[ParticipationData]) -> None:
        """A new tandem has started.

        The clock went on meanwhile.
        """

    # -- pausing

    @guard("There was a pause already.")
    def first_pause(self, ctx: Context[ParticipationData]) -> bool:
        return ctx.data.paused_on is None

    @guard("A pause ends on {latest} at the latest, and after today.")
    def short_enough(self, ctx: Context[ParticipationData], *, until: date) -> bool | No:
        """At most three months (assumption)."""
        latest = ctx.today + months(ctx.parent(Edition).data.rules.longest_pause)
        return ctx.today < until <= latest or No(latest=latest)

    @guard("The participation was extended; it is not paused any more.")
    def not_extended(self, ctx: Context[ParticipationData]) -> bool:
        return ctx.data.extended_until is None

    @event(
        active >> paused,
        by=OFFICE,
        when=lambda self: (self.not_about_oneself, self.first_pause, self.short_enough, self.not_extended),
    )
    def pause(self, ctx: Acting[ParticipationData], *, cause: Cause, until: date) -> ParticipationData:
        """Pause the participation.

        For parental leave, illness and the like; only the class of the cause is kept. There is one pause
        (assumption). Who needs longer asks for an extension, also while it lasts.
        """
        ctx.fire(ctx.linking("mentee", Tandem).in_(Tandem.started, Tandem.active), Tandem.pause())
        return evolve(ctx.data, paused_on=ctx.today, paused_until=until, pause_cause=cause)

    @moment
    def pause_ends(self, ctx: Context[ParticipationData]) -> Instant | None:
        return None if ctx.data.paused_until is None else end_of(ctx.data.paused_until)

    @event(paused >> active, by=lambda self: (self.mentee, OFFICE), at=pause_ends)
    def resume(self, ctx: Acting[ParticipationData]) -> ParticipationData:
        """Go on after the pause.

        The end moves by the days from the first day of the pause to today. After the last day of the pause she goes
        on by herself (assumption); who cannot is dropped out by the office or herself, with an attendance statement.
        """
        ctx.fire(ctx.linking("mentee", Tandem).in_(Tandem.paused), Tandem.resume())
        began = ctx.data.paused_on
        return evolve(ctx.data, days_paused=(ctx.today - began).days if began is not None else 0)

    # -- extending

    @guard("{until} is not later than the end on {last_day}.")
    def later_than_the_end(self, ctx: Context[ParticipationData], *, until: date) -> bool | No:
        last_day = self.last_day(ctx)
        return (last_day is not None and until > last_day) or No(last_day=last_day)

    @guard("An extension ends on {latest} at the latest.")
    def extended_shortly(self, ctx: Context[ParticipationData], *, until: date) -> bool | No:
        """At most three months later than without it, however often it is asked for (assumption)."""
        unextended = self.last_day_unextended(ctx)
        if unextended is None:
            return True
        latest = unextended + months(ctx.parent(Edition).data.rules.longest_extension)
        return until <= latest or No(latest=latest)

    @event(unfinished >> STAY, by=lambda self: (self.mentee, OFFICE), when=(later_than_the_end, extended_shortly))
    def ask_for_extension(self, ctx: Context[ParticipationData], *, until: date, reason: Reason) -> ParticipationData:
        """Ask for a later end.

        Also while the participation is paused.
        """
        return evolve(ctx.data, extension=Extension(until, reason))

    @relation("a panel member")
    def a_panel_member(self, ctx: Context[ParticipationData]) -> bool:
        return panel_member(ctx) is not None

    @guard("No extension was asked for that this city has not agreed to.")
    def extension_awaits_city(self, ctx: Context[ParticipationData]) -> bool:
        seat, asked = panel_member(ctx), ctx.data.extension
        if asked is None or ctx.data.extended_until == asked.until:
            return False
        return seat is None or seat.city not in {consent.city for consent in asked.consents}

    @guard("Nobody agrees to an extension of one's own.")
    def not_her_own(self, ctx: Context[ParticipationData]) -> bool:
        return not self.mentee(ctx)

    @event(unfinished >> STAY, by=a_panel_member, when=(extension_awaits_city, not_her_own))
    def consent_to_extension(self, ctx: Context[ParticipationData]) -> ParticipationData:
        """Agree to the extension for one's city.

        The end moves once every city has agreed (assumption).
        """
        seat, asked = panel_member(ctx), ctx.data.extension
        if seat is None or asked is None:
            return ctx.data
        consents = (*asked.consents, Approval(ctx.actor.id, seat.city, ctx.today))
        everyone = {city.name for city in ctx.parent(Edition).data.cities}
        granted = everyone == {consent.city for consent in consents}
        return evolve(
            ctx.data,
            extension=evolve(asked, consents=consents),
            extended_until=asked.until if granted else ctx.data.extended_until,
        )

    # -- the mid-term review

    @event(going_on >> STAY, after=lambda self: self.review_after, since=kickoff)
    def call_for_review(self, ctx: Context[ParticipationData]) -> ParticipationData:
        """The mid-term review is due."""
        return evolve(ctx.data, review_due=True)

    @event(going_on >> STAY, by=lambda self: (self.mentee, OFFICE))
    def review(self, ctx: Context[ParticipationData]) -> ParticipationData:
        """Hold the mid-term review.

        The day is kept; what was said stays there.
        """
        return evolve(ctx.data, review_due=False, reviewed_on=ctx.today)

    # -- the early end

    @event(unfinished >> dropped_out, by=lambda self: (self.mentee, OFFICE))
    def drop_out(self, ctx: Acting[ParticipationData], *, reason: Reason) -> ParticipationData:
        """End the participation early.

        An attendance statement takes the certificate's place (assumption).
        """
        tandems = ctx.linking("mentee", Tandem).open()
        ctx.fire(tandems, Tandem.dissolve(cause=Cause.MENTEE_LEFT, without_meeting=True))
        return evolve(ctx.data, ended_because=reason)

    # -- what always holds

    @invariant("A pause lasts no longer than allowed.")
    def pause_in_bounds(self, ctx: Context[ParticipationData]) -> bool:
        """Invariant 12, the part of the calendar: what was paused is what the end has moved by."""
        began, until = ctx.data.paused_on, ctx.data.paused_until
        if began is None or until is None:
            return ctx.data.days_paused == 0
        return 0 <= ctx.data.days_paused <= (until - began).days + 1


__all__ = ["Extension", "Participation", "ParticipationData"]
