"""What a leader has to do: the modules of one round, from the appointment or the last fulfilment on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Annotated, Any, Generic, TypeVar

from annotated_types import Gt
from attrs import evolve, field, frozen

from progflow import (
    START,
    STAY,
    Acting,
    Case,
    Cases,
    Command,
    Context,
    Lifecycle,
    No,
    days,
    derived,
    event,
    guard,
    invariant,
    months,
    relation,
)
from progflow.programs.leadership_training.anew import Round
from progflow.programs.leadership_training.people import PERSONNEL, Concept, Credit, Level, Module
from progflow.programs.leadership_training.session import BaseSession, Booking, BookingData, SessionData
from progflow.programs.leadership_training.training import Training
from progflow.states.cancellation import Ending
from progflow.states.follow_up import Step
from progflow.states.obligation import PREDECESSOR, Obligation
from progflow.states.occasion import Hours
from progflow.states.people import OFFICE, Name

Attended = Mapping[str, float]
"""Hours that count from sessions, by the code of the module."""


@frozen(kw_only=True)
class DutyData:
    """Who leads what since when; person and post are the host's ids.

    The rest is kept by the duty itself: the concept under which it arose, the deadline of a refresher (None for the
    first round, whose modules have deadlines of their own), and what was credited from elsewhere.
    """

    person: Name
    post: Name
    level: Level
    appointed_on: date
    concept: Concept = field(factory=Concept)
    due: date | None = None
    credits: tuple[Credit, ...] = ()

    @property
    def modules(self) -> tuple[Module, ...]:
        """The modules of this round."""
        return self.concept.first_round if self.due is None else self.concept.refresher

    def module(self, code: str) -> Module | None:
        """The module of that code, if this round has it."""
        return next((module for module in self.modules if module.code == code), None)

    def last_day(self, module: Module) -> date:
        """By when that module is to be done, or begun."""
        return module.deadline.last_day(self.appointed_on) if self.due is None else self.due

    def hours_done(self, attended: Attended, module: Module) -> float:
        """How many hours of the module count, from sessions and from elsewhere."""
        credited = sum(credit.hours for credit in self.credits if credit.module == module.code)
        return attended.get(module.code, 0.0) + credited

    def missing(self, attended: Attended) -> tuple[Module, ...]:
        """The modules that are not done, in the order of the concept."""
        share = self.concept.rules.least_share
        return tuple(one for one in self.modules if self.hours_done(attended, one) * 100 < one.hours * share)

    def next_deadline(self, attended: Attended) -> date:
        """The deadline of the module that is due first; some need only have begun."""
        missing = self.missing(attended)
        waiting = [one for one in missing if not (one.deadline.begun and self.hours_done(attended, one) > 0)]
        return min(map(self.last_day, waiting), default=max(map(self.last_day, self.modules)))


def hours_by_module(seats: Iterable[Case[BookingData]]) -> Attended:
    """How many hours those seats count for, by the code of the module."""
    found: dict[str, float] = {}
    for seat in seats:
        code = seat.data.module
        found[code] = found.get(code, 0.0) + seat[Booking.attendance].hours
    return found


D = TypeVar("D", bound=DutyData)


class BaseDuty(Lifecycle[D], Generic[D], abstract=True, parent=Training):
    """A leader has to take part in the modules of one round by their deadlines.

    It arises with the post, by an event of the personnel system, and not by an application. There is one for each
    round: when all modules are done, the next one arises for the refresher, with the concept that is in force then.

    A municipality that keeps more about a leader derives its own from this one::

        @frozen(kw_only=True)
        class OurDutyData(DutyData):
            part_time: bool = False


        class OurDuty(BaseDuty[OurDutyData], name="Duty"):
            pass
    """

    @relation("the leader")
    def the_leader(self, ctx: Context[D]) -> bool:
        return ctx.actor.id == ctx.data.person

    # -- how much is done

    def booked_as(self) -> type[Booking]:
        """What a seat is kept as: where a municipality names a kind of its own."""
        return Booking

    def attended(self, ctx: Context[Any]) -> Sequence[Case[BookingData]]:
        """The seats that count for this duty."""
        return ctx.linking("duty", Booking).in_(Booking.attendance.credited).all()

    def sessions(self, ctx: Context[Any]) -> Cases[SessionData]:
        """The sessions of all modules."""
        found: Cases[SessionData] = ctx.siblings(BaseSession)
        return found

    def hours(self, ctx: Context[Any]) -> Attended:
        """How many hours count from sessions, by the code of the module."""
        return hours_by_module(self.attended(ctx))

    def missing(self, ctx: Context[D]) -> tuple[Module, ...]:
        """The modules that are not done."""
        return ctx.data.missing(self.hours(ctx))

    @guard("No seat is taken.")
    def seat_is_taken(self, ctx: Context[D]) -> bool:
        return ctx.linking("duty", Booking).in_(Booking.attendance.registered).exists()

    @guard("Nothing is done.")
    def something_is_done(self, ctx: Context[D]) -> bool:
        return any(self.hours(ctx).values()) or bool(ctx.data.credits)

    @guard("Modules are missing.")
    def all_is_done(self, ctx: Context[D]) -> bool:
        return not self.missing(ctx)

    @derived
    def last_day_of_all(self, ctx: Context[D]) -> date:
        """The day on which the last part took place, also if it was recorded later."""
        numbers = {seat.data.session for seat in self.attended(ctx)}
        sessions = self.sessions(ctx).in_(BaseSession.occasion.held).all()
        ends = [one[BaseSession.occasion].ends for one in sessions if one.data.number in numbers]
        return max([*(day for day in ends if day is not None), *(credit.on for credit in ctx.data.credits)])

    @derived
    def next_deadline(self, ctx: Context[D]) -> date:
        return ctx.data.next_deadline(self.hours(ctx))

    # -- the obligation

    @derived
    def opens(self, ctx: Context[D]) -> date | None:
        due = ctx.data.due
        return None if due is None else due - months(ctx.data.concept.rules.refresher_opens)

    @derived
    def steps(self, ctx: Context[D]) -> tuple[Step, ...]:
        return ctx.data.concept.rules.steps

    @derived
    def following(self, ctx: Context[D]) -> Command[Any] | None:
        """The refresher: 36 months after the last part was done, whatever the deadline was (assumption)."""
        concept = ctx.parent(Training).data.concept
        after = concept.rules.refresher_months
        if after is None:
            return None
        due = self.last_day_of_all(ctx) + months(after)
        return type(self).renew(duty=evolve(ctx.data, concept=concept, due=due, credits=()))

    obligation = Obligation(
        due=next_deadline,
        opens=opens,
        planned=seat_is_taken,
        begun=something_is_done,
        done=all_is_done,
        following=following,
        fulfilled_on=last_day_of_all,
        person=the_leader,
        by=PERSONNEL,
        steps=steps,
    )
    ending = Ending(parent=Training, upon=Training.cancellation)

    @guard("This post has an open obligation already.")
    def no_open_duty(self, ctx: Context[D], *, duty: D) -> bool:
        return not ctx.siblings().where(person=duty.person, post=duty.post).open().exists()

    @event(START >> obligation, by=PERSONNEL, when=lambda self: self.no_open_duty)
    def arise(self, ctx: Context[D], *, duty: D) -> D:
        """Somebody becomes a leader.

        The modules are those of the concept that is in force.
        """
        return evolve(duty, concept=ctx.parent(Training).data.concept, due=None, credits=())

    @event(START >> obligation)
    def renew(self, ctx: Context[D], *, duty: D) -> D:
        """The round was fulfilled; the next one arises."""
        return duty

    # -- seats

    @guard("No session {session} is open for registration.")
    def session_is_bookable(self, ctx: Context[D], *, session: str) -> bool:
        return self._session(ctx, session) is not None

    @guard("Its module is not among those that are missing.")
    def module_is_missing(self, ctx: Context[D], *, session: str) -> bool:
        return self._module(ctx, session) is not None

    @guard("{first} comes first.")
    def in_order(self, ctx: Context[D], *, session: str) -> bool | No:
        module = self._module(ctx, session)
        missing = [one.code for one in self.missing(ctx)]
        before = [code for code in (module.after if module is not None else ()) if code in missing]
        return No(first=before[0]) if before else True

    @guard("There are seats enough for {module} already.")
    def seats_are_needed(self, ctx: Context[D], *, session: str) -> bool | No:
        """Nobody takes seats that others need (assumption)."""
        module = self._module(ctx, session)
        if module is None:
            return True
        seats = ctx.linking("duty", Booking).in_(Booking.attendance.undecided).where(module=module.code).all()
        ids = {one.links["session"] for one in seats}
        booked = [one for one in self.sessions(ctx).all() if one.id in ids]
        hours = ctx.data.hours_done(self.hours(ctx), module)
        hours += sum(one[BaseSession.occasion].hours for one in booked)
        numbers = {one.data.number for one in booked}
        return (session not in numbers and hours < module.hours) or No(module=module.code)

    @event(
        obligation.unfinished >> STAY,
        by=lambda self: (self.the_leader, OFFICE),
        when=lambda self: (self.session_is_bookable, self.module_is_missing, self.in_order, self.seats_are_needed),
    )
    def book(self, ctx: Acting[D], *, session: Name) -> None:
        """Ask for a seat in a session.

        Without a free one it is a place on the waiting list, in the order of the deadlines.
        """
        found, module, rules = self._session(ctx, session), self._module(ctx, session), ctx.data.concept.rules
        assert found is not None
        assert module is not None
        seat = BookingData(
            person=ctx.data.person,
            session=session,
            module=module.code,
            due=ctx.data.last_day(module) + days(ctx.case[self.obligation].days_suspended),
            least_share=rules.least_share,
            notice_days=rules.notice_days,
        )
        links = {"session": found, "duty": ctx.case}
        ctx.start(self.booked_as(), seat, parent=ctx.parent(Training), links=links)

    def _session(self, ctx: Context[D], number: str) -> Case[SessionData] | None:
        return self.sessions(ctx).where(number=number).in_(BaseSession.occasion.bookable).first()

    def _module(self, ctx: Context[D], number: str) -> Module | None:
        """The module of that session, if it is missing."""
        session = self._session(ctx, number)
        codes = () if session is None else (session.data.module,)
        return next((one for one in self.missing(ctx) if one.code in codes), None)

    # -- credit for other courses

    @guard("{module} is not among the modules that are missing.")
    def credited_module_is_missing(self, ctx: Context[D], *, module: str) -> bool:
        return module in {one.code for one in self.missing(ctx)}

    @guard("{module} bears an exam; no other course is credited for it.")
    def creditable(self, ctx: Context[D], *, module: str) -> bool:
        found = ctx.data.module(module)
        return found is None or found.creditable

    @guard("{left} more hours may be credited, which is up to {cap} per cent of all.")
    def below_the_cap(self, ctx: Context[D], *, hours: float) -> bool | No:
        cap = ctx.data.concept.rules.credit_cap
        left = self._hours_to_credit(ctx)
        return hours <= left or No(left=left, cap=cap)

    @guard("The course was held on {on}, which has not come.")
    def course_was_held(self, ctx: Context[D], *, on: date) -> bool:
        return on <= ctx.today

    @event(
        obligation.unfinished >> STAY,
        by=lambda self: PERSONNEL - self.the_leader,
        when=lambda self: (
            self.credited_module_is_missing,
            self.creditable,
            self.below_the_cap,
            self.course_was_held,
        ),
    )
    def credit(
        self,
        ctx: Context[D],
        *,
        module: Name,
        hours: Annotated[Hours, Gt(0)],
        provider: Name,
        on: date,
        evidence: Name,
    ) -> D:
        """Credit another course for a module.

        Up to the cap, and for no module that bears an exam unless the concept names it.
        """
        more = Credit(module, hours, provider, on, evidence, ctx.actor.id, ctx.now)
        return evolve(ctx.data, credits=(*ctx.data.credits, more))

    def _hours_to_credit(self, ctx: Context[D]) -> float:
        """How many hours may still be credited."""
        data = ctx.data
        cap = sum(module.hours for module in data.modules) * data.concept.rules.credit_cap / 100
        return cap - sum(credit.hours for credit in data.credits)

    # -- what always holds

    @invariant("What was done is counted seat by seat and credit by credit, and so is what is missing.")
    def counted(self, ctx: Context[D]) -> bool:
        """Invariant 17: only hours that count bring a leader further."""
        anew, data = Round.of(ctx, ctx.data), ctx.data
        hours = {one.code: anew.hours(one.code) for one in anew.modules}
        counted = {code: self.hours(ctx).get(code, 0.0) for code in hours} == hours
        states = (self.all_is_done(ctx), self.something_is_done(ctx), self.seat_is_taken(ctx))
        stands = states == (not anew.missing, anew.begun, anew.planned)
        return counted and stands and self.next_deadline(ctx) == anew.deadline(data)

    @invariant("No more is credited than the cap allows, and nothing for an exam or for what is done.")
    def credited_in_bounds(self, ctx: Context[D]) -> bool:
        """Invariant 17, the part of the credited share, and invariant 8: nobody credits oneself."""
        anew, data = Round.of(ctx, ctx.data), ctx.data
        cap = data.concept.rules.credit_cap * sum(one.hours for one in anew.modules)
        modules = {one.code: one for one in anew.modules}
        for place, credit in enumerate(data.credits):
            module = modules.get(credit.module)
            if module is None or (module.exam and not module.named) or credit.by == data.person:
                return False
            noted = ctx.case.created_at <= credit.noted_at and credit.on <= credit.noted_at.date()
            if not noted or not anew.missing_then(module.code, credit.noted_at, data.credits[:place]):
                return False
        left = cap / 100 - sum(credit.hours for credit in data.credits)
        exact = abs(left - self._hours_to_credit(ctx)) < 1e-6
        edge = self._hours_to_credit(ctx)
        return (
            left > -1e-6
            and exact
            and self.below_the_cap(ctx, hours=edge)
            and not self.below_the_cap(ctx, hours=edge + 1)
        )

    @invariant("Each seat was needed when it was asked for, and the modules before it were done.")
    def seats_in_order(self, ctx: Context[D]) -> bool:
        return all(Round.of(ctx, ctx.data).asked_for_in_order())

    @invariant("A seat stands under the rules of the duty and is wanted by its deadline.")
    def seats_alike(self, ctx: Context[D]) -> bool:
        return all(Round.of(ctx, ctx.data).alike(ctx.data, ctx.case[self.obligation]))

    @invariant("Nobody is late unnoticed, and a refresher is planned when it is time.")
    def followed_up(self, ctx: Context[D]) -> bool:
        """A deadline of this training only moves on, so what has passed is known at once."""
        case, data, duty = ctx.case, ctx.data, self.obligation
        if case.is_in(duty.later, duty.refresher_due):
            opens = None if data.due is None else data.due - months(data.concept.rules.refresher_opens)
            if opens is None or (ctx.today < opens) != case.is_in(duty.later):
                return False
        if not case.is_in(duty.going_on) or case.entered_at == ctx.now:
            return True
        last_day = duty.last_day(ctx)
        if case.is_in(duty.in_time):
            return ctx.today <= last_day
        steps, told = data.concept.rules.steps, len(case[duty].escalations)
        return told == len(steps) or ctx.today <= last_day + days(steps[told].after)

    @invariant("Nobody decides on the own obligation.")
    def decided_by_others(self, ctx: Context[D]) -> bool:
        """Invariant 8."""
        kept = ctx.case[self.obligation]
        deciding = (*(one.by for one in kept.suspensions), *(one.by for one in kept.later_deadlines), kept.ended_by)
        return ctx.data.person not in deciding

    @invariant("A post has at most one open obligation.")
    def one_at_a_time(self, ctx: Context[D]) -> bool:
        """Invariant 18, the part of at most one."""
        others = ctx.siblings().where(person=ctx.data.person, post=ctx.data.post).open()
        return not ctx.case.is_open or not others.exists()

    @invariant("A refresher is due so many months after what it refreshes was done, whenever that was recorded.")
    def counted_from_the_last_day(self, ctx: Context[D]) -> bool:
        """Invariant 18, the part of the next one; the first round follows nothing."""
        data, case = ctx.data, ctx.case
        fulfilled = case[self.obligation].fulfilled_on
        if case.is_in(self.obligation.fulfilled) and fulfilled != Round.of(ctx, data).last_day:
            return False
        if PREDECESSOR not in case.links:
            return data.due is None
        before: Case[DutyData] = ctx.linked(PREDECESSOR, BaseDuty)
        done, after = before[self.obligation].fulfilled_on, data.concept.rules.refresher_months
        same = (before.data.person, before.data.post, before.data.level) == (data.person, data.post, data.level)
        return same and done is not None and after is not None and data.due == done + months(after)

    @invariant("It arose under the concept that was in force then, and is refreshed if that says so.")
    def concept_in_force(self, ctx: Context[D]) -> bool:
        case, training = ctx.case, ctx.parent(Training).data
        since = training.revised_at or case.created_at
        if case.created_at > since and ctx.data.concept != training.concept:
            return False
        if not case.is_in(self.obligation.fulfilled) or case.entered_at <= since:
            return ctx.data.concept.version <= training.concept.version
        return case[self.obligation].followed == (training.concept.rules.refresher_months is not None)


class Duty(BaseDuty[DutyData]):
    """A leader has to take part in the modules of one round by their deadlines."""


__all__ = ["BaseDuty", "Duty", "DutyData", "hours_by_module"]
