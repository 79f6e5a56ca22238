"""One edition of a mentoring programme: from the call to the closing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Generic, TypeVar

from annotated_types import MinLen
from attrs import evolve, field, frozen

from progflow import (
    FINAL,
    OPEN,
    START,
    STAY,
    Case,
    Cases,
    Context,
    Derived,
    Instant,
    Lifecycle,
    No,
    State,
    days,
    derived,
    end_of,
    event,
    guard,
    invariant,
    moment,
    months,
)
from progflow.programs.mentoring.pairs import AnyTandem
from progflow.programs.mentoring.people import Name, PanelMember, Rules
from progflow.states.call import Call
from progflow.states.cancellation import Cancellation
from progflow.states.kickoff import Kickoff
from progflow.states.people import OFFICE
from progflow.states.run import Run


@frozen(kw_only=True)
class EditionData:
    """What is laid down for an edition before it begins."""

    name: Name
    panel: Annotated[tuple[PanelMember, ...], MinLen(1)]
    rules: Rules = field(factory=Rules)


E = TypeVar("E", bound=EditionData)
V = TypeVar("V")


class BaseEdition(Lifecycle[E], Generic[E], abstract=True):
    """An edition: its call, the selection, the matching until the kick-off, the time of the pairs, and the closing.

    The states are a normal form of what programmes describe (assumption). Whoever takes part in it is a child of the
    edition and watches it: when it is cancelled, they all end by themselves in the same step.

    From the kick-off on an edition comes to its end by itself, whatever was left undone. Before it nothing ends by
    itself, for nothing has begun: what came to nothing is cancelled.
    """

    selection = State()

    @derived
    def calendar(self, ctx: Context[E]) -> str:
        return ctx.data.rules.calendar

    @derived
    def tolerance(self, ctx: Context[E]) -> int:
        return ctx.data.rules.closing_tolerance_days

    @moment
    def nominal_end(self, ctx: Context[E]) -> Instant | None:
        """The end of the nominal last day of every participation that was not paused; None before the kick-off."""
        held = ctx.case[self.kickoff].held_on
        return None if held is None else end_of(held + months(ctx.data.rules.months))

    def tandems(self, ctx: Context[E]) -> int:
        """How many pairs there are that have not come to an end."""
        return ctx.children(AnyTandem).open().count()

    @guard("{tandems} tandems have come about; {needed} are enough to go on.")
    def too_few_tandems(self, ctx: Context[E]) -> bool | No:
        needed, tandems = ctx.data.rules.fewest_tandems, self.tandems(ctx)
        return tandems < needed or No(tandems=tandems, needed=needed)

    @guard("{tandems} tandems have come about; the kick-off needs {needed}.")
    def enough_tandems(self, ctx: Context[E]) -> bool | No:
        needed, tandems = ctx.data.rules.tandems_for_kickoff, self.tandems(ctx)
        return tandems >= needed or No(tandems=tandems, needed=needed)

    call = Call(calendar=calendar).then(selection)
    kickoff = Kickoff(when=(enough_tandems,))
    run = Run(ends=nominal_end, tolerance=tolerance)
    cancellation = Cancellation()
    calling_off = Cancellation(by=OFFICE, of=OPEN - run.closing, when=(too_few_tandems,))

    call_to_run = call | selection | kickoff | run
    cancelled = cancellation | calling_off
    over = run.closing | FINAL

    @guard("Somebody sits on the panel twice.")
    def one_seat_each(self, ctx: Context[E], *, edition: EditionData) -> bool:
        """Nobody speaks for two parties."""
        return len({member.person for member in edition.panel}) == len(edition.panel)

    @event(START >> call, by=OFFICE, when=one_seat_each)
    def plan(self, ctx: Context[E], *, edition: E) -> E:
        """Plan an edition."""
        return edition

    @guard("{person} does not sit on the panel.")
    def sits_on_the_panel(self, ctx: Context[E], *, person: str) -> bool:
        return person in {member.person for member in ctx.data.panel}

    @guard("{successor} sits on the panel already.")
    def has_no_seat_yet(self, ctx: Context[E], *, successor: str) -> bool:
        return successor not in {member.person for member in ctx.data.panel}

    @event(call_to_run >> STAY, by=OFFICE, when=(sits_on_the_panel, has_no_seat_yet))
    def replace_on_panel(self, ctx: Context[E], *, person: Name, successor: Name) -> E:
        """Put somebody in another's place on the panel, for the same party and body."""
        panel = (evolve(one, person=successor) if one.person == person else one for one in ctx.data.panel)
        return evolve(ctx.data, panel=tuple(panel))

    @event(selection >> kickoff, by=OFFICE)
    def begin_matching(self, ctx: Context[E]) -> None:
        """Begin to match mentees and mentors."""

    # -- what always holds

    @invariant("Nobody sits on the panel twice.")
    def panel_of_different_people(self, ctx: Context[E]) -> bool:
        return len({member.person for member in ctx.data.panel}) == len(ctx.data.panel)

    @invariant("It goes on step by step: the call is closed, the kick-off is held with enough tandems.")
    def goes_step_by_step(self, ctx: Context[E]) -> bool:
        """Invariant 7, the part of the edition; the tandems are counted with the kick-off itself."""
        case, closed, held = ctx.case, ctx.case[self.call].closed_on, ctx.case[self.kickoff]
        if (closed is None and case.visited(self.selection)) or (held.held_on is None and case.visited(self.run)):
            return False
        noted, needed = held.noted_at, ctx.data.rules.tandems_for_kickoff
        if noted is None or noted != ctx.now or needed == 0:
            return True
        begun: Cases[Any] = ctx.children(AnyTandem)
        tandems = [one for one in begun.all() if one.created_at <= noted]
        return len([one for one in tandems if one.is_open or one.entered_at >= noted]) >= needed

    @invariant("It is closed with its last day, or no sooner before it than is allowed.")
    def closed_near_the_end(self, ctx: Context[E]) -> bool:
        closed, held, rules = ctx.case[self.run].closed_on, ctx.case[self.kickoff].held_on, ctx.data.rules
        if closed is None:
            return True
        last_day = None if held is None else held + months(rules.months)
        return last_day is not None and closed <= last_day <= closed + days(rules.closing_tolerance_days)

    @invariant("It is called off only with too few tandems, and before its closing.")
    def called_off_with_few(self, ctx: Context[E]) -> bool:
        """Looked at with the calling off itself, which ends the tandems in the same step."""
        case = ctx.case
        if not case.is_in(self.calling_off.cancelled) or case.entered_at != ctx.now:
            return True
        ended = AnyTandem.completed, AnyTandem.dissolved, AnyTandem.lapsed
        begun: Cases[Any] = ctx.children(AnyTandem)
        tandems = [one for one in begun.all() if not one.is_in(*ended)]
        until_now = [one for one in tandems if one.is_open or one.entered_at == ctx.now]
        return len(until_now) < ctx.data.rules.fewest_tandems and not case.visited(self.run.closing)


def edition_of(ctx: Context[Any]) -> Case[EditionData]:
    """The edition to which the case of a child belongs."""
    return ctx.parent(BaseEdition)


def rules_of(ctx: Context[Any]) -> Rules:
    """What the edition of a child has laid down."""
    return edition_of(ctx).data.rules


def books_close(ctx: Context[Any]) -> Instant | None:
    """When an edition stops waiting for what was left undone, for a child; None before its closing.

    It is as long after the closing as for a decision on a certificate.
    """
    closed = edition_of(ctx)[BaseEdition.run].closed_on
    return None if closed is None else end_of(closed + months(rules_of(ctx).certificate_within))


def by_rule(choose: Callable[[Rules], V]) -> Derived[Any, V]:
    """A value that a phase of a child takes from the rules of its edition: ``lasts = by_rule(lambda r: r.months)``."""

    @derived
    def said(self: Any, ctx: Context[Any]) -> V:
        return choose(rules_of(ctx))

    return said


def seat_on_panel(ctx: Context[Any]) -> PanelMember | None:
    """The actor's seat on the panel of the edition, None if there is none."""
    panel = edition_of(ctx).data.panel
    return next((member for member in panel if member.person == ctx.actor.id), None)


__all__ = ["BaseEdition", "EditionData", "books_close", "by_rule", "edition_of", "rules_of", "seat_on_panel"]
