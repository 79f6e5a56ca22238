"""Who decides on a phase that takes its time: nobody on oneself, and all parties as they are now."""

from __future__ import annotations

from datetime import UTC, date, datetime

from attrs import evolve, frozen

from progflow import (
    OPEN,
    STAY,
    SYSTEM,
    Actor,
    Case,
    Command,
    Context,
    Flow,
    Instant,
    Lifecycle,
    Role,
    State,
    derived,
    end_of,
    event,
    moment,
    relation,
)
from progflow.adapters.memory import MemoryStore
from progflow.states.people import OFFICE, Cause
from progflow.states.span import Span
from progflow.states.timed import TimedPhase

LEAD = Role("department lead")
office, leading_guest = Actor("office", {OFFICE}), Actor("guest", {LEAD})


def lead(department: str) -> Actor:
    return Actor(department, {LEAD})


@frozen
class StayData:
    departments: tuple[str, ...] = ("archive", "library")


class Stay(Lifecycle[StayData]):
    """A stay that the departments concerned decide on; which they are may change."""

    over = State(final=True)

    @relation("the guest")
    def the_guest(self, ctx: Context[StayData]) -> bool:
        return ctx.actor.id == "guest"

    @derived
    def departments(self, ctx: Context[StayData]) -> tuple[str, ...]:
        return ctx.data.departments

    @derived
    def department(self, ctx: Context[StayData]) -> str:
        return ctx.actor.id

    @moment
    def last_moment(self, ctx: Context[StayData]) -> Instant:
        return end_of(date(2026, 6, 30))

    staying = TimedPhase(
        person=the_guest, by=LEAD, span=Span(ends=last_moment, parties=departments, party=department)
    ).then(over)

    @event(OPEN >> STAY, by=OFFICE)
    def change(self, ctx: Context[StayData], *, departments: tuple[str, ...]) -> StayData:
        """Change which departments are concerned."""
        return evolve(ctx.data, departments=departments)


class Stage:
    def __init__(self) -> None:
        now = datetime(2026, 6, 20, 9, tzinfo=UTC)
        self.flow = Flow(Stay, store=MemoryStore(), zone="Europe/Berlin", clock=lambda: now)
        self.id = self.flow.start(Stay, StayData(), actor=SYSTEM).id

    def do(self, command: Command[StayData], actor: Actor) -> Case[StayData]:
        return self.flow.fire(self.id, command, actor=actor)

    def why_not(self, command: Command[StayData], actor: Actor) -> str:
        return " ".join(one.text for one in self.flow.check(self.id, command, actor=actor))


def test_nobody_decides_on_oneself_whoever_decides() -> None:
    """Invariant 8: also where the role that decides is one of the person's own."""
    stage = Stage()
    for command in (
        Stay.staying.complete_early(),
        Stay.staying.pause(cause=Cause.FAMILY, until=date(2026, 7, 1)),
    ):
        assert stage.why_not(command, leading_guest) == "Only for: department lead, but not the guest."
        assert not stage.why_not(command, lead("archive"))
    stage.do(Stay.change(departments=("archive", "guest")), office)
    stage.do(Stay.staying.ask_for_extension(until=date(2026, 7, 31), reason="There is more to see."), leading_guest)
    refused = stage.why_not(Stay.staying.consent_to_extension(), leading_guest)
    assert refused == "Only for: department lead, but not the guest."


def test_a_later_end_is_granted_by_the_parties_of_now_and_not_by_as_many_as_there_were() -> None:
    stage = Stage()
    stage.do(Stay.staying.ask_for_extension(until=date(2026, 7, 31), reason="There is more to see."), leading_guest)
    stage.do(Stay.staying.consent_to_extension(), lead("archive"))
    stage.do(Stay.change(departments=("library", "museum")), office)
    case = stage.do(Stay.staying.consent_to_extension(), lead("library"))
    assert case[Stay.staying].extended_until is None
    case = stage.do(Stay.staying.consent_to_extension(), lead("museum"))
    assert case[Stay.staying].extended_until == date(2026, 7, 31)
