"""What an employee needs to learn: from the report to the confirmation in writing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Generic, TypeVar

from attrs import evolve, frozen

from progflow import (
    OPEN,
    START,
    Acting,
    Case,
    Cases,
    Context,
    No,
    Reason,
    State,
    Term,
    derived,
    event,
    guard,
    invariant,
    months,
)
from progflow.programs.training_network.course import Course
from progflow.programs.training_network.member import Member
from progflow.programs.training_network.network import Network
from progflow.programs.training_network.people import (
    EMPLOYEE,
    PERSONNEL,
    Group,
    Kind,
    Marked,
    Name,
    OfEmployee,
    Rules,
    works_for,
)
from progflow.programs.training_network.place import Place, PlaceData
from progflow.states.cancellation import Ending
from progflow.states.certificate import Certificate
from progflow.states.withdrawal import Withdrawal


@frozen(kw_only=True)
class NeedData(Marked):
    """Who needs what, and for what; ``measure`` is what covered it if that was no course of the network."""

    topic: Name
    kind: Kind
    group: Group = Group.OTHER
    measure: str = ""
    rejected_because: str = ""


def pool_of(needs: Sequence[Case[Any]], rules: Rules) -> bool | No:
    """Whether these needs of one topic make a pool; the numbers why not."""
    administrations = len({need.data.administration for need in needs})
    if len(needs) >= rules.pool_size and administrations >= rules.pool_administrations:
        return True
    return No(
        needs=len(needs),
        pool_size=rules.pool_size,
        administrations=administrations,
        pool_administrations=rules.pool_administrations,
    )


N = TypeVar("N", bound=NeedData)


class BaseNeed(OfEmployee[N], Generic[N], abstract=True, parent=Network):
    """An employee needs to learn something; several who need the same learn it together.

    Source: TVöD § 5 for the four kinds, and for this: taking part is documented and confirmed in writing. The
    paragraph gives no claim to a measure, so each administration decides on its own needs. That eight of them from two
    administrations make a pool is an assumption.
    """

    reported = State()
    pooled = State("pooled with others")
    approved = State()
    booked = State("has asked for a place")
    rejected = State(final=True)
    lapsed = State("its administration has left", final=True)

    wanting = reported | pooled | approved
    uncovered = wanting | booked

    @derived
    def series(self, ctx: Context[N]) -> str:
        return f"{ctx.parent(Network).data.name} {ctx.data.administration}"

    @derived
    def time_to_confirm(self, ctx: Context[N]) -> Term:
        return months(ctx.parent(Network).data.rules.confirm_within)

    @guard("The network has not been cancelled.")
    def network_cancelled(self, ctx: Context[N]) -> bool:
        return ctx.parent(Network).is_in(Network.cancellation)

    covered = Certificate(
        person=OfEmployee.the_employee,
        series=series,
        by=OfEmployee.own_personnel,
        revoked_by=OfEmployee.own_head,
        within=time_to_confirm,
        parent_over=network_cancelled,
    )
    withdrawal = Withdrawal(by=OfEmployee.the_employee, of=uncovered)
    ending = Ending(parent=Network, upon=Network.done, of=OPEN - covered)

    # -- reporting

    @guard("Needs are reported while the network runs.")
    def network_runs(self, ctx: Context[N]) -> bool:
        return ctx.parent(Network).is_in(Network.running)

    @guard("{administration} does not take part in the network now.")
    def administration_takes_part(self, ctx: Context[N], *, need: N) -> bool | No:
        joined = ctx.siblings(Member).in_(Member.joined).where(administration=need.administration)
        return joined.exists() or No(administration=need.administration)

    @guard("You do not work for {administration}.")
    def ones_own_administration(self, ctx: Context[N], *, need: N) -> bool | No:
        return works_for(ctx, ctx.actor.id, need.administration) or No(administration=need.administration)

    @guard("{person} does not work for this administration.")
    def a_colleague(self, ctx: Context[N], *, need: N) -> bool | No:
        return works_for(ctx, need.person, need.administration) or No(person=need.person)

    def is_reported(self, ctx: Context[Any], person: str, topic: str) -> bool:
        """Whether that person waits to learn it already; a need that was covered may come again."""
        return ctx.siblings().where(person=person, topic=topic).in_(self.uncovered).exists()

    @guard("You have reported that already.")
    def not_reported_yet(self, ctx: Context[N], *, need: N) -> bool:
        return not self.is_reported(ctx, ctx.actor.id, need.topic)

    @guard("That has been reported for {person} already.")
    def not_reported_for_yet(self, ctx: Context[N], *, need: N) -> bool | No:
        return not self.is_reported(ctx, need.person, need.topic) or No(person=need.person)

    @event(
        START >> reported,
        by=EMPLOYEE,
        when=lambda self: (
            self.network_runs,
            self.ones_own_administration,
            self.administration_takes_part,
            self.not_reported_yet,
        ),
    )
    def report(self, ctx: Context[N], *, need: N) -> N:
        """Report what one needs to learn."""
        return evolve(need, person=ctx.actor.id, measure="", rejected_because="")

    @event(
        START >> reported,
        by=PERSONNEL,
        when=lambda self: (
            self.network_runs,
            self.ones_own_administration,
            self.a_colleague,
            self.administration_takes_part,
            self.not_reported_for_yet,
        ),
    )
    def report_for(self, ctx: Context[N], *, need: N) -> N:
        """Report what an employee needs to learn, as a talk has shown."""
        return evolve(need, measure="", rejected_because="")

    # -- pooling and approving

    @guard(
        "Too few need it: {needs} from {administrations} administrations, not {pool_size} from {pool_administrations}."
    )
    def pool_is_there(self, ctx: Context[N]) -> bool | No:
        return pool_of((ctx.case, *others_about(ctx, ctx.data.topic)), ctx.parent(Network).data.rules)

    @event(reported >> pooled, auto=True, when=lambda self: self.pool_is_there)
    def pool(self, ctx: Context[N]) -> None:
        """Enough people of several administrations need the same."""

    @event((reported | pooled) >> approved, by=lambda self: self.own_personnel - self.the_employee)
    def approve(self, ctx: Context[N]) -> None:
        """Approve it for one's administration."""

    @event(wanting >> rejected, by=lambda self: self.own_personnel - self.the_employee)
    def reject(self, ctx: Context[N], *, reason: Reason) -> N:
        """Reject it, and say why."""
        return evolve(ctx.data, rejected_because=reason)

    @guard("The administration has not left.")
    def administration_has_left(self, ctx: Context[N]) -> bool:
        its = ctx.siblings(Member).where(administration=ctx.data.administration)
        return its.in_(Member.left).exists() and not its.open().exists()

    @event(uncovered >> lapsed, auto=True, when=lambda self: self.administration_has_left)
    def lapse(self, ctx: Context[N]) -> None:
        """Its administration has left the network."""

    # -- covering

    def course_for_it(self, ctx: Context[Any]) -> Case[Any] | None:
        """The next course about it that has a seat, or else a waiting list.

        None in which there was a place before, and none after the end of the network.
        """
        tried = {place.links["course"] for place in ctx.linking("need", Place).all()}
        courses = ctx.siblings(Course).where(topic=ctx.data.topic)
        last_day = ctx.parent(Network).data.ends
        for state in (Course.occasion.open, Course.occasion.full):
            for course in courses.in_(state).order_by(Course.occasion, "begins").all():
                begins = course[Course.occasion].begins
                if course.id not in tried and begins is not None and ctx.today < begins <= last_day:
                    return course
        return None

    @guard("No course about it is open for registration.")
    def course_is_open(self, ctx: Context[N]) -> bool:
        return self.course_for_it(ctx) is not None

    @event(approved >> booked, auto=True, when=lambda self: self.course_is_open)
    def book(self, ctx: Acting[N]) -> None:
        """Ask for a seat in the course that the carrier has announced."""
        course = self.course_for_it(ctx)
        assert course is not None
        place = PlaceData(administration=ctx.data.administration, person=ctx.data.person)
        ctx.start(Place, place, parent=ctx.parent(Network), links={"course": course, "need": ctx.case})

    @guard("The place still stands.")
    def place_is_lost(self, ctx: Context[N]) -> bool:
        return not ctx.linking("need", Place).open().exists()

    @event(booked >> approved, auto=True, when=lambda self: self.place_is_lost)
    def lose_place(self, ctx: Context[N]) -> None:
        """It came to nothing: the next course is waited for."""

    @guard("The employee has not been in the course.")
    def was_there(self, ctx: Context[N]) -> bool:
        return ctx.linking("need", Place).in_(Place.attendance.credited).exists()

    @event(booked >> covered, auto=True, when=lambda self: self.was_there)
    def be_covered(self, ctx: Context[N]) -> None:
        """The employee was in the course, and it counts."""

    @event(approved >> covered, by=lambda self: self.own_personnel - self.the_employee)
    def cover_elsewhere(self, ctx: Context[N], *, measure: Name) -> N:
        """Record a measure outside the network that has covered it."""
        return evolve(ctx.data, measure=measure)

    @invariant("What was covered was approved before, and by a course or a measure.")
    def approved_before(self, ctx: Context[N]) -> bool:
        """Invariant 1, for confirmations."""
        covered = ctx.case.visited(self.covered)
        return not covered or (ctx.case.visited(self.approved) and (bool(ctx.data.measure) or self.was_there(ctx)))

    @invariant("What was rejected has a reason.")
    def reason_given(self, ctx: Context[N]) -> bool:
        """Invariant 6."""
        return not ctx.case.is_in(self.rejected) or bool(ctx.data.rejected_because.strip())


def others_about(ctx: Context[Any], topic: str) -> Sequence[Case[Any]]:
    """The other needs of that topic in the network for which there is no course yet."""
    needs: Cases[Any] = ctx.siblings(BaseNeed)
    return needs.where(topic=topic).in_(BaseNeed.wanting).all()


class Need(BaseNeed[NeedData]):
    """What one employee needs to learn."""


__all__ = ["BaseNeed", "Need", "NeedData", "others_about", "pool_of"]
