"""An obligation that recurs: planned, fulfilled, overdue, suspended, and followed by the next one."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from attrs import evolve, frozen
from hypothesis import given, settings
from hypothesis import strategies as st

from progflow import (
    START,
    STAY,
    SYSTEM,
    Actor,
    Case,
    Command,
    Context,
    Flow,
    Lifecycle,
    Refused,
    Role,
    derived,
    event,
    guard,
    months,
    relation,
)
from progflow.adapters.memory import MemoryStore
from progflow.states.obligation import PREDECESSOR, Obligation
from progflow.states.people import Cause

HR = Role("personnel office")
hr = Actor("hr", {HR})
FIRST_DUE = date(2026, 12, 31)


@frozen
class DrillData:
    """A drill of two parts; ``parts`` are the days on which parts were done."""

    person: str
    due: date
    opens: date | None = None
    date_set: bool = False
    parts: tuple[date, ...] = ()


class Drill(Lifecycle[DrillData]):
    """Somebody does a drill of two parts, and again every twelve months."""

    @relation("the person")
    def the_person(self, ctx: Context[DrillData]) -> bool:
        return ctx.actor.id == ctx.data.person

    @derived
    def due(self, ctx: Context[DrillData]) -> date:
        return ctx.data.due

    @derived
    def opens(self, ctx: Context[DrillData]) -> date | None:
        return ctx.data.opens

    @guard("No day is set.")
    def planned(self, ctx: Context[DrillData]) -> bool:
        return ctx.data.date_set

    @guard("Nothing is done.")
    def begun(self, ctx: Context[DrillData]) -> bool:
        return bool(ctx.data.parts)

    @guard("A part is missing.")
    def done(self, ctx: Context[DrillData]) -> bool:
        return len(ctx.data.parts) >= 2

    @derived
    def last_part(self, ctx: Context[DrillData]) -> date:
        return max(ctx.data.parts)

    @derived
    def following(self, ctx: Context[DrillData]) -> Command[DrillData] | None:
        due = self.obligation.day_of_fulfilment(ctx) + months(12)
        return Drill.arise(person=ctx.data.person, due=due, opens=due - months(3))

    obligation = Obligation(
        due=due,
        opens=opens,
        planned=planned,
        begun=begun,
        done=done,
        following=following,
        fulfilled_on=last_part,
        person=the_person,
        by=HR,
    )

    @event(START >> obligation, by=HR)
    def arise(self, ctx: Context[DrillData], *, person: str, due: date, opens: date | None = None) -> DrillData:
        """The obligation arises."""
        return DrillData(person, due, opens)

    @event(obligation >> STAY)
    def plan(self, ctx: Context[DrillData], *, on: bool = True) -> DrillData:
        """Set or take back the day."""
        return evolve(ctx.data, date_set=on)

    @event(obligation >> STAY)
    def do(self, ctx: Context[DrillData], *, on: date) -> DrillData:
        """Do a part."""
        return evolve(ctx.data, parts=(*ctx.data.parts, on))

    @event(obligation >> STAY)
    def hasten(self, ctx: Context[DrillData], *, due: date) -> DrillData:
        """Set another first deadline."""
        return evolve(ctx.data, due=due)


class Stage:
    """One drill, and a clock."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 2, 8, tzinfo=UTC)
        self.flow = Flow(Drill, store=MemoryStore(), zone="Europe/Berlin", clock=lambda: self.now)
        self.first = self.flow.start(Drill.arise(person="p-1", due=FIRST_DUE), actor=hr)

    def on(self, day: date) -> None:
        self.now = datetime(day.year, day.month, day.day, 8, tzinfo=UTC)
        self.flow.run_due()

    @property
    def today(self) -> date:
        return self.now.date()

    def fire(self, command: Command[Any], actor: Actor = SYSTEM) -> Case[DrillData]:
        """Fire it on the one that is open."""
        return self.flow.fire(self.case.id, command, actor=actor)

    @property
    def case(self) -> Case[DrillData]:
        return self.flow.cases(Drill).all()[-1]

    @property
    def state(self) -> str:
        return self.case.state.name

    def do_all(self) -> Case[DrillData]:
        self.fire(Drill.do(on=self.today))
        before = self.case
        self.fire(Drill.do(on=self.today))
        return self.flow.get(Drill, before)

    def told(self) -> list[str]:
        return [escalation.to for escalation in self.case[Drill.obligation].escalations]


def test_it_moves_by_itself_with_what_fulfils_it() -> None:
    stage = Stage()
    assert stage.state == "arisen"
    assert stage.fire(Drill.plan()).state == Drill.obligation.scheduled
    assert stage.fire(Drill.plan(on=False)).state == Drill.obligation.arisen
    assert stage.fire(Drill.do(on=stage.today)).state == Drill.obligation.partly_fulfilled
    assert stage.fire(Drill.do(on=stage.today)).state == Drill.obligation.fulfilled


def test_the_next_one_counts_from_the_day_it_was_really_done_and_waits_until_it_is_time() -> None:
    stage = Stage()
    stage.on(date(2026, 6, 15))
    stage.fire(Drill.do(on=date(2026, 5, 1)))
    done = stage.flow.fire(stage.first.id, Drill.do(on=date(2026, 6, 1)), actor=SYSTEM)
    assert done[Drill.obligation].fulfilled_on == date(2026, 6, 1)
    following = stage.case
    assert following.links[PREDECESSOR] == done.id
    assert (following.data.due, following.state) == (date(2027, 6, 1), Drill.obligation.later)
    stage.on(date(2027, 2, 28))
    assert stage.state == "later"
    stage.on(date(2027, 3, 1))
    assert stage.state == "refresher_due"
    stage.fire(Drill.plan())
    assert stage.state == "scheduled"


def test_one_that_is_done_early_moves_the_next_deadline() -> None:
    stage = Stage()
    stage.do_all()
    stage.on(date(2026, 4, 2))
    assert stage.state == "later"
    stage.do_all()
    assert stage.case.data.due == date(2027, 4, 2)
    assert stage.flow.cases(Drill).count() == 3
    assert stage.flow.cases(Drill).open().count() == 1


def test_after_its_last_day_it_is_overdue_and_more_and_more_people_hear_of_it() -> None:
    stage = Stage()
    stage.on(FIRST_DUE)
    assert stage.state == "arisen"
    stage.on(FIRST_DUE + timedelta(days=1))
    assert (stage.state, stage.told()) == ("overdue", [])
    stage.on(FIRST_DUE + timedelta(days=30))
    assert stage.state == "overdue"
    stage.on(FIRST_DUE + timedelta(days=31))
    assert (stage.state, stage.told()) == ("escalated", ["supervisor"])
    stage.on(FIRST_DUE + timedelta(days=61))
    assert (stage.state, stage.told()) == ("escalated", ["supervisor", "personnel office"])
    stage.on(FIRST_DUE + timedelta(days=900))
    assert len(stage.told()) == 2
    assert stage.do_all().state == Drill.obligation.fulfilled


def test_a_later_deadline_has_a_reason_and_takes_it_back_from_overdue() -> None:
    stage = Stage()
    stage.on(FIRST_DUE + timedelta(days=40))
    with pytest.raises(Refused, match="is not later"):
        stage.fire(Drill.obligation.extend(until=stage.today, reason="No course."), hr)
    later = stage.today + timedelta(days=10)
    extended = stage.fire(Drill.obligation.extend(until=later, reason="No course was offered."), hr)
    assert (extended.state, extended[Drill.obligation].escalations) == (Drill.obligation.arisen, ())
    stage.on(later)
    assert stage.state == "arisen"
    stage.on(later + timedelta(days=1))
    assert stage.state == "overdue"


def test_a_suspension_moves_the_deadline_by_its_days() -> None:
    stage = Stage()
    stage.on(date(2026, 12, 1))
    stage.fire(Drill.obligation.suspend(cause=Cause.FAMILY), hr)
    stage.on(date(2027, 6, 1))
    assert stage.state == "suspended"
    assert stage.fire(Drill.obligation.resume(), hr)[Drill.obligation].days_suspended == 182
    stage.on(FIRST_DUE + timedelta(days=182))
    assert stage.state == "arisen"
    stage.on(FIRST_DUE + timedelta(days=183))
    assert stage.state == "overdue"


def test_a_suspension_moves_a_later_deadline_too_that_was_granted_before_it_and_not_one_after_it() -> None:
    """Invariant 12: what stood still is not lost."""
    stage = Stage()
    extend = Drill.obligation.extend(until=date(2027, 3, 31), reason="No trainer.")
    stage.fire(extend, hr)
    stage.on(date(2027, 1, 4))
    stage.fire(Drill.obligation.suspend(cause=Cause.FAMILY), hr)
    stage.on(date(2027, 1, 14))
    stage.fire(Drill.obligation.resume(), hr)
    stage.on(date(2027, 4, 10))
    assert stage.state == "arisen"
    stage.fire(Drill.obligation.extend(until=date(2027, 4, 20), reason="No trainer."), hr)
    stage.on(date(2027, 4, 20))
    assert stage.state == "arisen"
    stage.on(date(2027, 4, 21))
    assert stage.state == "overdue"


def test_a_suspension_with_a_last_day_ends_by_itself() -> None:
    stage = Stage()
    with pytest.raises(Refused, match="ends after today"):
        stage.fire(Drill.obligation.suspend(cause=Cause.FAMILY, until=stage.today), hr)
    stage.fire(Drill.obligation.suspend(cause=Cause.FAMILY, until=date(2026, 3, 11)), hr)
    stage.on(date(2026, 3, 11))
    assert stage.state == "suspended"
    stage.on(date(2026, 3, 12))
    assert (stage.state, stage.case[Drill.obligation].days_suspended) == ("arisen", 10)


def test_what_is_suspended_can_be_fulfilled_and_what_was_overdue_goes_on_being_overdue() -> None:
    stage = Stage()
    stage.on(FIRST_DUE + timedelta(days=31))
    stage.fire(Drill.obligation.suspend(cause=Cause.ILLNESS), hr)
    stage.on(FIRST_DUE + timedelta(days=200))
    assert (stage.state, stage.told()) == ("suspended", ["supervisor"])
    stage.fire(Drill.obligation.resume(), hr)
    stage.flow.run_due()
    assert (stage.state, stage.told()) == ("overdue", ["supervisor"])
    stage.on(FIRST_DUE + timedelta(days=230))
    assert (stage.state, stage.told()) == ("escalated", ["supervisor", "personnel office"])
    stage.fire(Drill.obligation.suspend(cause=Cause.ILLNESS), hr)
    assert stage.do_all().state == Drill.obligation.fulfilled


def test_no_time_passes_between_suspending_and_going_on() -> None:
    """Invariant 12."""
    stage = Stage()
    due = stage.flow.explain(stage.case, actor=hr)["obligation.become_overdue"].due
    stage.fire(Drill.obligation.suspend(cause=Cause.OTHER), hr)
    stage.fire(Drill.obligation.resume(), hr)
    assert stage.flow.explain(stage.case, actor=hr)["obligation.become_overdue"].due == due


@pytest.mark.parametrize("end", [Drill.obligation.waive, Drill.obligation.lapse])
def test_what_was_waived_or_lapsed_has_a_reason_and_nothing_follows(end: Any) -> None:
    stage = Stage()
    with pytest.raises(Refused, match="Only for"):
        stage.fire(end(reason="I know it all."), Actor("p-1", {HR}))
    ended = stage.fire(end(reason="The post has gone."), hr)
    assert not ended.is_open
    assert stage.flow.cases(Drill).count() == 1
    with pytest.raises(Refused, match="Not possible in the state"):
        stage.fire(Drill.do(on=stage.today))


def test_when_a_deadline_comes_nearer_it_is_overdue() -> None:
    stage = Stage()
    stage.fire(Drill.hasten(due=date(2026, 3, 10)))
    stage.on(date(2026, 3, 11))
    assert stage.state == "overdue"


Move = tuple[str, int]
MOVES = st.lists(
    st.tuples(
        st.sampled_from(["do", "plan", "suspend", "resume", "wait", "wait", "extend", "lapse"]), st.integers(1, 400)
    ),
    max_size=14,
)


@settings(max_examples=60)
@given(moves=MOVES)
def test_while_the_role_lasts_there_is_exactly_one_open_obligation(moves: list[Move]) -> None:
    """Invariant 18, and 12: every fulfilment is followed by one, whatever happens between."""
    stage = Stage()
    lapsed = False
    for what, number in moves:
        soon = stage.today + timedelta(days=number)
        commands: dict[str, Command[Any]] = {
            "do": Drill.do(on=stage.today),
            "plan": Drill.plan(on=number % 2 == 0),
            "suspend": Drill.obligation.suspend(cause=Cause.FAMILY, until=soon if number % 2 else None),
            "resume": Drill.obligation.resume(),
            "extend": Drill.obligation.extend(until=soon, reason="A reason."),
            "lapse": Drill.obligation.lapse(reason="Another post."),
        }
        try:
            if what == "wait":
                stage.on(soon)
            elif not lapsed:
                stage.fire(commands[what])
                lapsed = what == "lapse"
        except Refused:
            pass
        chain = stage.flow.cases(Drill).all()
        assert [case.is_open for case in chain] == [False] * (len(chain) - 1) + [not lapsed]
        for before, after in pairwise(chain):
            fulfilled_on = before[Drill.obligation].fulfilled_on
            assert fulfilled_on is not None
            assert before.state == Drill.obligation.fulfilled
            assert after.links[PREDECESSOR] == before.id
            assert after.data.due == fulfilled_on + months(12)
