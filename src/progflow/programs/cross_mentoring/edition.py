"""One edition of the programme: from the call to the closing."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Generic, TypeVar

from annotated_types import MinLen
from attrs import evolve, field, frozen

from progflow import (
    START,
    STAY,
    Context,
    Instant,
    Lifecycle,
    No,
    Reason,
    State,
    days,
    end_of,
    event,
    guard,
    invariant,
    moment,
    months,
)
from progflow.programs.cross_mentoring.people import HEAD, OFFICE, MemberCity, Name, PanelMember, Rules

D = TypeVar("D")


@frozen
class EditionData:
    """What is laid down for an edition, and the days on which it took its turns."""

    name: str
    cities: tuple[MemberCity, ...]
    deadline: date
    panel: tuple[PanelMember, ...]
    rules: Rules = field(factory=Rules)
    kickoff: date | None = None
    closing: date | None = None
    cancelled_because: str = ""

    def seats_of(self, city: str) -> int:
        """How many seats the city has; none if it does not take part."""
        return sum(member.seats for member in self.cities if member.name == city)

    @property
    def last_day(self) -> date | None:
        """The nominal last day of every participation that was not paused; None before the kick-off."""
        return None if self.kickoff is None else self.kickoff + months(self.rules.months)

    @property
    def last_day_to_refill(self) -> date | None:
        """Until when a seat that gets free is filled again; None before the kick-off, when it always is."""
        return None if self.last_day is None else self.last_day - months(self.rules.refill_months)

    def ends_early_enough(self, last_day: date, today: date) -> bool:
        """Whether a participation with that last day may be completed today, by decision."""
        return last_day - days(self.rules.closing_tolerance_days) <= today


class Edition(Lifecycle[EditionData]):
    """An edition of the cross-mentoring between cities.

    The states are a normal form of what the cities describe (assumption). Whoever takes part in it is a child of the
    edition and watches it: when it is cancelled, they all end by themselves in the same step.

    From the kick-off on an edition comes to its end by itself, whatever was left undone. Before it nothing ends by
    itself, for nothing has begun: what came to nothing is cancelled.
    """

    planned = State()
    call_open = State()
    selection = State()
    matching = State()
    running = State()
    closing = State()
    completed = State(final=True)
    cancelled = State(final=True)

    before_the_end = planned | call_open | selection | matching | running
    unfinished = before_the_end | closing

    # -- beginning

    @guard("An edition needs at least two cities, each named once.")
    def two_cities(self, ctx: Context[EditionData], *, cities: tuple[MemberCity, ...]) -> bool:
        return len({city.name for city in cities}) == len(cities) >= 2

    @guard("Nobody sits on the panel for {city}, so nobody could approve a match there.")
    def every_city_on_the_panel(
        self, ctx: Context[EditionData], *, cities: tuple[MemberCity, ...], panel: tuple[PanelMember, ...]
    ) -> bool | No:
        missing = [city.name for city in cities if all(member.city != city.name for member in panel)]
        return No(city=missing[0]) if missing else True

    @guard("The deadline {deadline} has passed already.")
    def deadline_ahead(self, ctx: Context[EditionData], *, deadline: date) -> bool:
        return deadline >= ctx.today

    @event(START >> planned, by=OFFICE, when=(two_cities, every_city_on_the_panel, deadline_ahead))
    def plan(
        self,
        ctx: Context[EditionData],
        *,
        name: Name,
        cities: Annotated[tuple[MemberCity, ...], MinLen(2)],
        deadline: date,
        panel: tuple[PanelMember, ...],
        rules: Rules = Rules(),  # noqa: B008 - a frozen value
    ) -> EditionData:
        """Plan an edition."""
        return EditionData(name, cities, deadline, panel, rules)

    @event(planned >> call_open, by=OFFICE)
    def publish(self, ctx: Context[EditionData]) -> None:
        """Open the call for applications."""

    @moment
    def call_ends(self, ctx: Context[EditionData]) -> Instant:
        """The end of the deadline, moved on from a Saturday, Sunday or holiday.

        Source: § 193 BGB for declarations that are due on such a day; that the call follows it is an assumption.
        """
        return end_of(ctx.data.deadline + days(0).on_working_day(ctx.data.rules.calendar))

    @event(call_open >> selection, at=call_ends)
    def close_call(self, ctx: Context[EditionData]) -> None:
        """The deadline for applications has passed."""

    @event(call_open >> STAY, by=OFFICE, when=deadline_ahead)
    def move_deadline(self, ctx: Context[EditionData], *, deadline: date, reason: Reason) -> EditionData:
        """Move the deadline."""
        return evolve(ctx.data, deadline=deadline)

    @event(selection >> matching, by=OFFICE)
    def begin_matching(self, ctx: Context[EditionData]) -> None:
        """Begin to match mentees and mentors."""

    # -- the running edition

    @event(matching >> running, by=OFFICE)
    def hold_kickoff(self, ctx: Context[EditionData]) -> EditionData:
        """Hold the kick-off.

        Known of Köln and Düsseldorf: tandems meet there for the first time. Its day begins the 15 months.
        """
        return evolve(ctx.data, kickoff=ctx.today)

    @guard("The closing may be held {tolerance} days before {last_day} at the earliest.")
    def close_to_the_end(self, ctx: Context[EditionData]) -> bool | No:
        data = ctx.data
        if data.last_day is not None and data.ends_early_enough(data.last_day, ctx.today):
            return True
        return No(tolerance=data.rules.closing_tolerance_days, last_day=data.last_day)

    @event(running >> closing, by=OFFICE, when=close_to_the_end)
    def hold_closing(self, ctx: Context[EditionData]) -> EditionData:
        """Hold the closing event.

        It completes the participations that are near enough to their end; the ceremony of the edition of 2022 came
        a week before its nominal end. The tolerance is an assumption.
        """
        return evolve(ctx.data, closing=ctx.today)

    @moment
    def nominal_end(self, ctx: Context[EditionData]) -> Instant | None:
        return None if ctx.data.last_day is None else end_of(ctx.data.last_day)

    @event(running >> closing, at=nominal_end)
    def close_without_event(self, ctx: Context[EditionData]) -> EditionData:
        """The nominal end has come without a closing event."""
        return evolve(ctx.data, closing=ctx.data.last_day)

    @guard("There are still people taking part.")
    def nobody_takes_part(self, ctx: Context[EditionData]) -> bool:
        return all(case.state.resting for case in ctx.children().open().all())

    @event(closing >> completed, auto=True, when=nobody_takes_part)
    def complete(self, ctx: Context[EditionData]) -> None:
        """Everybody has finished."""

    # -- the end before its time

    @guard("{tandems} tandems have come about; {needed} are enough to go on.")
    def too_few_tandems(self, ctx: Context[EditionData]) -> bool | No:
        from progflow.programs.cross_mentoring.tandem import Tandem  # a tandem is the child of an edition

        needed, tandems = ctx.data.rules.fewest_tandems, ctx.children(Tandem).open().count()
        return tandems < needed or No(tandems=tandems, needed=needed)

    @event(unfinished >> cancelled, by=HEAD)
    def cancel(self, ctx: Context[EditionData], *, reason: Reason) -> EditionData:
        """Cancel the edition.

        Also while it closes; who has completed by then keeps her claim to a certificate.
        """
        return evolve(ctx.data, cancelled_because=reason)

    @event(before_the_end >> cancelled, by=OFFICE, when=too_few_tandems)
    def call_off(self, ctx: Context[EditionData], *, reason: Reason) -> EditionData:
        """Call the edition off for lack of tandems.

        That fewer than three are too few is an assumption.
        """
        return evolve(ctx.data, cancelled_because=reason)

    # -- what always holds

    @invariant("A cancelled edition says why.")
    def reason_given(self, ctx: Context[EditionData]) -> bool:
        """Invariant 6: what was cancelled has a reason."""
        return not ctx.case.is_in(self.cancelled) or bool(ctx.data.cancelled_because.strip())

    @invariant("A cancelled edition leaves nothing open behind.")
    def nothing_left_open(self, ctx: Context[EditionData]) -> bool:
        """Invariant 14: only certificates stay, those that were issued and those that somebody has earned.

        What stays has no timer.
        """
        return not ctx.case.is_in(self.cancelled) or self.nobody_takes_part(ctx)


class OfEdition(Lifecycle[D], Generic[D], abstract=True, parent=Edition):
    """Everything that stands under an edition and ends with it."""

    cancelled = State("ended with the edition", final=True)

    @guard("The edition has not been cancelled.")
    def edition_cancelled(self, ctx: Context[D]) -> bool:
        return ctx.parent(Edition).is_in(Edition.cancelled)

    @guard("The edition has not come to its closing.")
    def edition_closing(self, ctx: Context[D]) -> bool:
        return ctx.parent(Edition).is_in(Edition.closing)

    @guard("The edition goes on.")
    def edition_over(self, ctx: Context[D]) -> bool:
        return ctx.parent(Edition).is_in(Edition.closing, Edition.cancelled)


def panel_member(ctx: Context[Any]) -> PanelMember | None:
    """The actor's seat on the panel of the edition, None if there is none."""
    panel = ctx.parent(Edition).data.panel
    return next((member for member in panel if member.person == ctx.actor.id), None)


__all__ = ["Edition", "EditionData", "OfEdition", "panel_member"]
