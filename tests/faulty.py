"""Lifecycles with one fault each, as somebody could have made it: what a failing story is told about."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Annotated, ClassVar, Protocol

from annotated_types import Ge, MinLen
from attrs import evolve, frozen

from progflow import (
    ANYONE,
    NEXT,
    START,
    STAY,
    Acting,
    Context,
    Exit,
    Flow,
    Lifecycle,
    Phase,
    Program,
    Reason,
    Role,
    State,
    days,
    event,
    guard,
    hours,
    invariant,
    moment,
    relation,
)

HR = Role("hr")
OFFICE = Role("choir office")


# -- a guard was forgotten: only the invariant stops a timer


@frozen
class Shadowing:
    employee: str
    department: str
    starts: date
    diary: tuple[str, ...] = ()


class JobShadowing(Lifecycle[Shadowing]):
    """An employee spends two weeks in another department."""

    requested = State()
    approved = State()
    running = State()
    finished = State(final=True)
    declined = State(final=True)

    @relation("the employee")
    def the_employee(self, ctx: Context[Shadowing]) -> bool:
        return ctx.actor.id == ctx.data.employee

    @moment
    def first_day(self, ctx: Context[Shadowing]) -> date:
        return ctx.data.starts

    @event(START >> requested, by=ANYONE)
    def request(self, ctx: Context[Shadowing], *, department: Annotated[str, MinLen(1)], starts: date) -> Shadowing:
        """Ask for a stay."""
        return Shadowing(employee=ctx.actor.id, department=department, starts=starts)

    @event(requested >> approved, by=HR)
    def approve(self, ctx: Context[Shadowing]) -> None:
        """Agree to the stay."""

    @event((requested | approved) >> declined, by=HR)
    def decline(self, ctx: Context[Shadowing], *, reason: Reason) -> None:
        """Decline, and say why."""

    @event(approved >> running, at=first_day)
    def begin(self, ctx: Context[Shadowing]) -> None:
        """The stay begins."""

    @event(running >> STAY, by=the_employee)
    def note(self, ctx: Context[Shadowing], *, text: str) -> Shadowing:
        """Write into the diary of the stay."""
        return evolve(ctx.data, diary=(*ctx.data.diary, text))

    @event(running >> finished, by=(the_employee, HR), after=days(14))
    def finish(self, ctx: Context[Shadowing]) -> None:
        """End the stay, by hand or by itself after two weeks."""

    @invariant("A department hosts one stay at a time.")
    def one_at_a_time(self, ctx: Context[Shadowing]) -> bool:
        there = ctx.siblings(JobShadowing).where(department=ctx.data.department).in_(JobShadowing.running)
        return not ctx.case.is_in(JobShadowing.running) or not there.exists()


# -- a choir: phases, parents, cascades, timers, and payloads of all kinds


class Voice(Enum):
    HIGH = "high"
    LOW = "low"


@frozen
class Hall:
    name: str
    seats: Annotated[int, Ge(1)] = 80
    fee: Decimal = Decimal("0")


@frozen(kw_only=True)
class Plan:
    title: str
    halls: tuple[Hall, ...]
    first_day: date
    voices: frozenset[Voice] = frozenset(Voice)
    breaks: tuple[date, ...] = ()


@frozen
class SeasonData:
    plan: Plan
    called_off: str = ""


class Season(Lifecycle[SeasonData]):
    """A season of a choir."""

    planned = State()
    on_stage = State()
    over = State(final=True)

    @moment
    def first_day(self, ctx: Context[SeasonData]) -> date:
        return ctx.data.plan.first_day

    @event(START >> planned, by=OFFICE)
    def plan(self, ctx: Context[SeasonData], *, plan: Plan) -> SeasonData:
        """Plan a season."""
        return SeasonData(plan)

    @event(planned >> on_stage, at=first_day)
    def open(self, ctx: Context[SeasonData]) -> None:
        """The season begins."""

    @event((planned | on_stage) >> over, by=OFFICE)
    def close(self, ctx: Acting[SeasonData], *, reason: Reason = "it is late") -> SeasonData:
        """Close the season for everybody."""
        ctx.fire(ctx.children(Singer).open(), Singer.leave(reason=reason), if_allowed=True)
        return evolve(ctx.data, called_off=reason)

    @invariant("A season that is over has nobody left who sings.")
    def all_have_gone(self, ctx: Context[SeasonData]) -> bool:
        return not ctx.case.is_in(Season.over) or not ctx.children(Singer).open().exists()


@frozen
class Rehearsing:
    times: int = 0
    marks: tuple[int, ...] = ()
    until: date | None = None


class Rehearsal(Phase[Rehearsing]):
    """Somebody learns the pieces."""

    learning = State(initial=True)
    resting = State(clock="stopped")
    given_up = Exit()

    @event(learning >> STAY, by=OFFICE)
    def mark(self, ctx: Context[Rehearsing], *, marks: Sequence[Annotated[int, Ge(0)]]) -> Rehearsing:
        """Give marks."""
        return evolve(ctx.data, times=ctx.data.times + 1, marks=tuple(marks))

    @event(learning >> resting, by=OFFICE)
    def pause(self, ctx: Context[Rehearsing], *, reason: Reason, until: date | None = None) -> Rehearsing:
        """Rest the voice."""
        return evolve(ctx.data, until=until)

    @event(resting >> learning, by=OFFICE)
    def come_back(self, ctx: Context[Rehearsing]) -> None:
        """Come back."""

    @event(learning >> NEXT, after=days(30))
    def finish(self, ctx: Context[Rehearsing]) -> None:
        """The pieces are known."""

    @event(learning >> given_up, by=OFFICE)
    def give_up(self, ctx: Context[Rehearsing]) -> None:
        """Give up."""


@frozen
class SingerData:
    person: str
    voice: Voice


class Singer(Lifecycle[SingerData], parent=Season):
    """Somebody who sings."""

    on_stage = State()
    gone = State(final=True)

    rehearsal = Rehearsal().then(on_stage, given_up=gone)

    @relation("the singer")
    def the_singer(self, ctx: Context[SingerData]) -> bool:
        return ctx.actor.id == ctx.data.person

    @event(START >> rehearsal, by=ANYONE)
    def join(self, ctx: Context[SingerData], *, voice: Voice) -> SingerData:
        """Join the choir."""
        return SingerData(ctx.actor.id, voice)

    # The fault: who is on stage cannot be sent home, and a season that is closed leaves her behind.
    @event(rehearsal >> gone, by=OFFICE)
    def leave(self, ctx: Context[SingerData], *, reason: str) -> None:
        """Leave the choir."""

    @event(on_stage >> gone, by=the_singer)
    def bow(self, ctx: Context[SingerData], *, at: Hall, starts: datetime | None = None) -> None:
        """Sing a solo, and leave."""


choir = Program("choir", Season, Singer, zone="Europe/Berlin")


def voices_are_never_low(flow: Flow) -> bool:
    """Nobody sings low for long."""
    return not any(one.data.voice is Voice.LOW for one in flow.cases(Singer).in_(Singer.on_stage).all())


# -- an effect that fails


@frozen
class Marks:
    teacher: str
    average: float = 0.0


class Exam(Lifecycle[Marks]):
    """An exam."""

    running = State()
    over = State(final=True)

    @event(START >> running, by=ANYONE)
    def begin(self, ctx: Context[Marks]) -> Marks:
        """Begin the exam."""
        return Marks(ctx.actor.id)

    @event(running >> over, by=ANYONE)
    def mark(self, ctx: Context[Marks], *, marks: Sequence[Annotated[int, Ge(0)]], note: str = "") -> Marks:
        """Give marks."""
        return evolve(ctx.data, average=sum(marks) / len(marks))


# -- a dead end


@frozen
class ClubData:
    name: str
    address: str = "none yet"


class Club(Lifecycle[ClubData]):
    """A club."""

    founded = State()
    dissolved = State(final=True)

    @event(START >> founded, by=ANYONE)
    def found(self, ctx: Context[ClubData], *, club: ClubData) -> ClubData:
        """Found a club."""
        return club

    @event(founded >> STAY, by=ANYONE)
    def move(self, ctx: Context[ClubData], *, address: str) -> ClubData:
        """Move to another house."""
        return evolve(ctx.data, address=address)

    @event(founded >> dissolved)
    def strike_off(self, ctx: Context[ClubData]) -> None:
        """The court strikes it off the register."""

    @event(founded >> dissolved, by=OFFICE)
    def dissolve(self, ctx: Context[ClubData]) -> None:
        """Dissolve the club."""


class Member(Lifecycle[None], parent=Club):
    """A member of a club."""

    invited = State()
    joined = State(final=True)

    @guard("The club is no more.")
    def club_exists(self, ctx: Context[None]) -> bool:
        return ctx.parent(Club).is_in(Club.founded)

    @event(START >> invited, by=ANYONE)
    def invite(self, ctx: Context[None]) -> None:
        """Invite somebody."""

    @event(invited >> joined, by=ANYONE, when=club_exists)
    def join(self, ctx: Context[None]) -> None:
        """Join the club."""


clubs = Program("clubs", Club, Member, zone="Europe/Berlin")


# -- what the host knows


class House(Protocol):
    """What the house knows."""

    def is_open(self, person: str, *, on: date) -> bool:
        """Whether somebody may come on that day."""
        ...

    def room(self, person: str) -> int:
        """The number of somebody's room."""
        ...


@frozen
class VisitData:
    guest: str
    room: int


class Visit(Lifecycle[VisitData]):
    """A visit."""

    announced = State()
    over = State(final=True)

    @event(START >> announced, by=ANYONE)
    def announce(self, ctx: Context[VisitData]) -> VisitData:
        """Announce a visit."""
        return VisitData(ctx.actor.id, ctx.ask(House).room(ctx.actor.id))

    @event(announced >> over, by=ANYONE)
    def come(self, ctx: Context[VisitData]) -> None:
        """Come."""
        if not ctx.ask(House).is_open(ctx.data.guest, on=ctx.today):
            raise LookupError("Nobody is there.")


# -- rules that do not always say the same


class Moody(Lifecycle[None]):
    """Says yes when it is asked for the first time."""

    waiting = State()
    over = State(final=True)

    asked: ClassVar[list[int]] = [0]

    @guard("Not any more.")
    def is_the_first(self, ctx: Context[None]) -> bool:
        Moody.asked[0] += 1
        return Moody.asked[0] % 2 == 1

    @event(START >> waiting, by=ANYONE)
    def come(self, ctx: Context[None]) -> None:
        """Come."""

    @event(waiting >> over, by=ANYONE, when=is_the_first)
    def go(self, ctx: Context[None]) -> None:
        """Go."""


@frozen
class Pot:
    lid: bool = False


class Cooking(Lifecycle[Pot]):
    """Soup that is ready after an hour, if anybody looks."""

    cold = State()
    hot = State()
    eaten = State(final=True)

    @guard("It takes until noon.")
    def it_is_noon(self, ctx: Context[Pot]) -> bool:
        return ctx.now.hour >= 12

    @event(START >> cold, by=ANYONE)
    def put_on(self, ctx: Context[Pot]) -> Pot:
        """Put it on."""
        return Pot()

    @event(cold >> STAY, every=hours(5))
    def lift_the_lid(self, ctx: Context[Pot]) -> Pot:
        """Lift the lid."""
        return Pot(not ctx.data.lid)

    @event(cold >> hot, auto=True, when=it_is_noon)
    def boil(self, ctx: Context[Pot]) -> None:
        """It boils."""

    @event(hot >> eaten, by=ANYONE)
    def eat(self, ctx: Context[Pot]) -> None:
        """Eat it."""
