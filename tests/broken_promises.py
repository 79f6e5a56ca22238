"""Lifecycles that break one promise each, in the way in which a developer could have got it wrong."""

from __future__ import annotations

import random
from datetime import date, datetime
from typing import Annotated

from annotated_types import Ge, MinLen
from attrs import define, field, frozen

from progflow import (
    ANYONE,
    START,
    STAY,
    Context,
    Lifecycle,
    Program,
    Reason,
    Role,
    State,
    days,
    event,
    guard,
    invariant,
    moment,
    relation,
)

OFFICE = Role("office")
HEAD = Role("head")


@frozen
class Name:
    name: str = ""


@frozen
class Counted:
    count: int = 0


# -- invariants


class Lamp(Lifecycle[Name]):
    """A lamp of a dark room; somebody watches over the darkness, and nobody asks the watch."""

    off = State()
    on = State()
    watching = State()
    broken = State(final=True)

    @event(START >> off, by=OFFICE)
    def hang(self, ctx: Context[Name]) -> Name:
        """Hang a lamp."""
        return Name()

    @guard("A lamp is on.")
    def it_is_dark(self, ctx: Context[Name]) -> bool:
        return not ctx.siblings(Lamp).in_(Lamp.on).exists()

    @event(off >> watching, by=OFFICE, when=it_is_dark)
    def watch(self, ctx: Context[Name]) -> None:
        """Watch over the darkness."""

    @event(off >> on, by=OFFICE)
    def switch_on(self, ctx: Context[Name]) -> None:
        """Switch it on."""

    @event((off | on | watching) >> broken, by=OFFICE)
    def break_down(self, ctx: Context[Name]) -> None:
        """Break down."""

    @invariant("It is dark where somebody watches.")
    def dark_where_watched(self, ctx: Context[Name]) -> bool:
        return not ctx.case.is_in(Lamp.watching) or not ctx.siblings(Lamp).in_(Lamp.on).exists()


class Seat(Lifecycle[Name]):
    """A seat for one, and only an invariant says so."""

    free = State()
    taken = State()
    gone = State(final=True)

    @event(START >> free, by=OFFICE)
    def offer(self, ctx: Context[Name]) -> Name:
        """Offer a seat."""
        return Name()

    @event(free >> taken, by=ANYONE)
    def sit_down(self, ctx: Context[Name], *, name: str) -> Name:
        """Sit down."""
        return Name(name)

    @event((free | taken) >> gone, by=OFFICE)
    def remove(self, ctx: Context[Name]) -> None:
        """Remove it."""

    @invariant("Nobody sits on two seats.")
    def one_for_each(self, ctx: Context[Name]) -> bool:
        return not ctx.case.is_in(Seat.taken) or not ctx.siblings(Seat).where(name=ctx.data.name).exists()


class Alarm(Lifecycle[Name]):
    """What happens by itself is held back by an invariant and by no guard."""

    set = State()
    rung = State()
    over = State(final=True)

    @event(START >> set, by=OFFICE)
    def set_it(self, ctx: Context[Name], *, name: str) -> Name:
        """Set an alarm."""
        return Name(name)

    @event(set >> rung, after=days(3))
    def ring(self, ctx: Context[Name]) -> None:
        """It rings."""

    @event((set | rung) >> over, by=OFFICE)
    def stop(self, ctx: Context[Name]) -> None:
        """Stop it."""

    @invariant("One alarm rings at a time.")
    def one_at_a_time(self, ctx: Context[Name]) -> bool:
        return not ctx.case.is_in(Alarm.rung) or not ctx.siblings(Alarm).in_(Alarm.rung).exists()


# -- rules that are no rules


class Dice(Lifecycle[Name]):
    """Whether it may be approved is thrown by dice."""

    asked = State()
    approved = State(final=True)

    @event(START >> asked, by=ANYONE)
    def ask(self, ctx: Context[Name]) -> Name:
        """Ask."""
        return Name()

    @guard("The dice say no.")
    def lucky(self, ctx: Context[Name]) -> bool:
        return random.random() < 0.5

    @event(asked >> approved, by=OFFICE, when=lucky)
    def approve(self, ctx: Context[Name]) -> None:
        """Approve."""


class WallClock(Lifecycle[Name]):
    """It may be approved in every other microsecond."""

    asked = State()
    approved = State(final=True)

    @event(START >> asked, by=ANYONE)
    def ask(self, ctx: Context[Name]) -> Name:
        """Ask."""
        return Name()

    @guard("Come back a little later.")
    def now(self, ctx: Context[Name]) -> bool:
        return datetime.now().microsecond % 2 == 0

    @event(asked >> approved, by=OFFICE, when=now)
    def approve(self, ctx: Context[Name]) -> None:
        """Approve."""


class Remembering(Lifecycle[Name]):
    """A guard that remembers how often it was asked."""

    asked = State()
    approved = State(final=True)
    times = [0]  # noqa: RUF012  # what must not be is what is shown

    @event(START >> asked, by=ANYONE)
    def ask(self, ctx: Context[Name]) -> Name:
        """Ask."""
        return Name()

    @guard("Not every time.")
    def third_time(self, ctx: Context[Name]) -> bool:
        self.times[0] += 1
        return self.times[0] % 3 == 0

    @event(asked >> approved, by=OFFICE, when=third_time)
    def approve(self, ctx: Context[Name]) -> None:
        """Approve."""


class Impatient(Lifecycle[Name]):
    """A timer whose guard remembers how often it was asked: how often depends on how the clock is moved."""

    waiting = State()
    over = State(final=True)
    times = [0]  # noqa: RUF012  # what must not be is what is shown

    @event(START >> waiting, by=ANYONE)
    def wait(self, ctx: Context[Name]) -> Name:
        """Wait."""
        return Name()

    @guard("Not every time.")
    def every_other_time(self, ctx: Context[Name]) -> bool:
        self.times[0] += 1
        return self.times[0] % 2 == 0

    @event(waiting >> over, after=days(3), when=every_other_time)
    def end(self, ctx: Context[Name]) -> None:
        """It is over."""

    @event(waiting >> over, by=OFFICE)
    def give_up(self, ctx: Context[Name]) -> None:
        """Give up."""


class Clerk(Lifecycle[Name]):
    """A clerk at work, until a day."""

    working = State()
    home = State(final=True)

    @event(START >> working, by=OFFICE)
    def begin(self, ctx: Context[Name]) -> Name:
        """Begin to work."""
        return Name()

    @event(working >> home, after=days(5))
    def go_home(self, ctx: Context[Name]) -> None:
        """Go home."""


class Letter(Lifecycle[Name]):
    """A letter may be answered as long as some clerk works, and clerks do not belong to its family."""

    here = State()
    answered = State(final=True)

    @event(START >> here, by=OFFICE)
    def receive(self, ctx: Context[Name]) -> Name:
        """Receive a letter."""
        return Name()

    @guard("No clerk is at work.")
    def somebody_works(self, ctx: Context[Name]) -> bool:
        return ctx.cases(Clerk).in_(Clerk.working).exists()

    @event(here >> answered, by=OFFICE, when=somebody_works)
    def answer(self, ctx: Context[Name]) -> None:
        """Answer it."""

    @event(here >> answered, by=HEAD)
    def ignore(self, ctx: Context[Name]) -> None:
        """Let it be."""


mail = Program("mail", Clerk, Letter, zone="Europe/Berlin")


# -- what raises


class Careless(Lifecycle[Counted]):
    """What others are built from: asked, approved, over."""

    asked = State()
    approved = State()
    over = State(final=True)

    @event(START >> asked, by=ANYONE)
    def ask(self, ctx: Context[Counted], *, count: Annotated[int, Ge(0)]) -> Counted:
        """Ask."""
        return Counted(count)

    @relation("the first")
    def the_first(self, ctx: Context[Counted]) -> bool:
        return ctx.data.count == 1

    @guard("There is too much of it.")
    def little_enough(self, ctx: Context[Counted]) -> bool:
        return ctx.data.count < 100

    @moment
    def later(self, ctx: Context[Counted]) -> date | None:
        return None

    @event(asked >> approved, by=OFFICE, when=little_enough)
    def approve(self, ctx: Context[Counted]) -> Counted | None:
        """Approve."""

    @event(approved >> STAY, by=lambda self: self.the_first)
    def look_back(self, ctx: Context[Counted]) -> None:
        """Look back."""

    @event((asked | approved) >> over, by=OFFICE)
    def end(self, ctx: Context[Counted]) -> None:
        """End it."""

    @event(approved >> over, at=later)
    def end_later(self, ctx: Context[Counted]) -> None:
        """It ends."""

    @invariant("There is not less than nothing of it.")
    def not_negative(self, ctx: Context[Counted]) -> bool:
        return ctx.data.count >= 0


class GuardRaises(Careless):
    """Nobody thought of nothing."""

    @guard("There is too much of it.")
    def little_enough(self, ctx: Context[Counted]) -> bool:
        return 100 // ctx.data.count > 1


class RelationRaises(Careless):
    """Nobody thought of nothing."""

    @relation("the first")
    def the_first(self, ctx: Context[Counted]) -> bool:
        return 1 // ctx.data.count == 1


class MomentRaises(Careless):
    """Nobody thought of nothing."""

    @moment
    def later(self, ctx: Context[Counted]) -> date | None:
        return date(2026 + 1 // ctx.data.count, 1, 1)


class EffectRaises(Careless):
    """Nobody thought of nothing."""

    @event(Careless.asked >> Careless.approved, by=OFFICE)
    def approve(self, ctx: Context[Counted]) -> Counted | None:
        """Approve."""
        return Counted(100 // ctx.data.count)


class InvariantRaises(Careless):
    """Nobody thought of nothing."""

    @invariant("There is not less than nothing of it.")
    def not_negative(self, ctx: Context[Counted]) -> bool:
        return 100 // ctx.data.count >= 0


# -- what does not come back


def _rounded(value: float) -> float:
    return round(value + 0.5, 1)


@frozen
class Priced:
    """A converter that gives something else each time; where equality passes over it, storing cannot notice."""

    price: float = field(converter=_rounded, eq=False)


class Drifting(Lifecycle[Priced]):
    """A price that grows with every look at it."""

    open = State()
    sold = State(final=True)

    @event(START >> open, by=OFFICE)
    def price(self, ctx: Context[Priced], *, price: Annotated[float, Ge(0)]) -> Priced:
        """Price it."""
        return Priced(price)

    @event(open >> sold, by=OFFICE)
    def sell(self, ctx: Context[Priced]) -> None:
        """Sell it."""


@frozen
class Fee:
    """The same where equality notices."""

    fee: float = field(converter=_rounded)


class Growing(Lifecycle[Fee]):
    """A fee that cannot be stored, for it comes back higher."""

    open = State()
    paid = State(final=True)

    @event(START >> open, by=OFFICE)
    def charge(self, ctx: Context[Fee], *, fee: Annotated[float, Ge(0)]) -> Fee:
        """Charge it."""
        return Fee(fee)

    @event(open >> paid, by=OFFICE)
    def pay(self, ctx: Context[Fee]) -> None:
        """Pay it."""


@define
class Diary:
    """Notes that can be changed in place."""

    notes: list[str] = field(factory=list)
    count: int = 0


class Scribbling(Lifecycle[Diary]):
    """What a note changes is the old data, and then nothing says that there is new data."""

    open = State()
    closed = State(final=True)

    @event(START >> open, by=OFFICE)
    def begin(self, ctx: Context[Diary]) -> Diary:
        """Begin a diary."""
        return Diary()

    @event(open >> STAY, by=OFFICE)
    def note(self, ctx: Context[Diary], *, text: Reason) -> None:
        """Write a note."""
        ctx.data.notes.append(text)

    @event(open >> closed, by=OFFICE)
    def close(self, ctx: Context[Diary]) -> None:
        """Close it."""


class Overwriting(Lifecycle[Diary]):
    """The old data is changed in place and given back as the new data."""

    open = State()
    closed = State(final=True)

    @event(START >> open, by=OFFICE)
    def begin(self, ctx: Context[Diary]) -> Diary:
        """Begin a diary."""
        return Diary()

    @event(open >> STAY, by=OFFICE)
    def note(self, ctx: Context[Diary], *, text: Reason) -> Diary:
        """Write a note."""
        ctx.data.notes.append(text)
        ctx.data.count += 1
        return ctx.data

    @event(open >> closed, by=OFFICE)
    def close(self, ctx: Context[Diary]) -> None:
        """Close it."""


# -- dead ends


class Waiting(Lifecycle[Name]):
    """Who waits may go on when there is a friend; the last one waits for ever."""

    alone = State()
    gone = State(final=True)

    @event(START >> alone, by=ANYONE)
    def come(self, ctx: Context[Name]) -> Name:
        """Come."""
        return Name()

    @guard("Nobody goes alone.")
    def has_company(self, ctx: Context[Name]) -> bool:
        return ctx.siblings(Waiting).in_(Waiting.gone).count() < 1

    @event(alone >> gone, by=ANYONE, when=has_company)
    def go(self, ctx: Context[Name]) -> None:
        """Go."""


class Trap(Lifecycle[Name]):
    """Only time leads out, and it is not said how much of it if nobody has said so before."""

    open = State()
    closed = State()
    over = State(final=True)

    @event(START >> open, by=ANYONE)
    def begin(self, ctx: Context[Name]) -> Name:
        """Begin."""
        return Name()

    @event(open >> STAY, by=ANYONE)
    def name_it(self, ctx: Context[Name], *, name: Annotated[str, MinLen(1)]) -> Name:
        """Name it."""
        return Name(name)

    @event(open >> closed, by=OFFICE)
    def close(self, ctx: Context[Name]) -> None:
        """Close it."""

    @moment
    def last_day(self, ctx: Context[Name]) -> date | None:
        return date(2026, 12, 31) if ctx.data.name else None

    @event(closed >> over, at=last_day)
    def end(self, ctx: Context[Name]) -> None:
        """It is over."""


class Parent(Lifecycle[Name]):
    """What has children, and ends without asking for them."""

    open = State()
    over = State(final=True)

    @event(START >> open, by=OFFICE)
    def begin(self, ctx: Context[Name]) -> Name:
        """Begin."""
        return Name()

    @event(open >> over, by=OFFICE)
    def end(self, ctx: Context[Name]) -> None:
        """End it."""


class Child(Lifecycle[Name], parent=Parent):
    """A child that can only go on as long as its parent does."""

    small = State()
    grown = State(final=True)

    @event(START >> small, by=OFFICE)
    def be_born(self, ctx: Context[Name]) -> Name:
        """Be born."""
        return Name()

    @guard("The parent is gone.")
    def parent_is_there(self, ctx: Context[Name]) -> bool:
        return ctx.parent(Parent).is_in(Parent.open)

    @event(small >> grown, by=ANYONE, when=parent_is_there)
    def grow_up(self, ctx: Context[Name]) -> None:
        """Grow up."""


orphans = Program("orphans", Parent, Child, zone="Europe/Berlin")
