"""What was adopted is carried out, deferred or given up."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from attrs import frozen

from progflow import SYSTEM, Actor, Case, Command, Context, Flow, Lifecycle, PayloadError, Refused, derived, relation
from progflow.adapters.memory import MemoryStore
from progflow.states.implementation import Implementation, ImplementationData, Obstacle, Progress
from progflow.states.people import HEAD, OFFICE

office, head, owner, somebody = Actor("office", {OFFICE}), Actor("head", {HEAD}), Actor("parks"), Actor("somebody")


@frozen
class Plan:
    owner: str = "parks"
    due: date | None = date(2020, 6, 30)


class Work(Lifecycle[Plan]):
    """Something to be done."""

    @derived
    def planned(self, ctx: Context[Plan]) -> date | None:
        return ctx.data.due

    @relation("the unit in charge")
    def unit(self, ctx: Context[Plan]) -> bool:
        return ctx.actor.id == ctx.data.owner

    implementation = Implementation(due=planned, owner=unit)


class Desk:
    """One piece of work, and a clock."""

    def __init__(self, plan: Plan = Plan()) -> None:
        self.now = datetime(2020, 1, 1, 9, tzinfo=UTC)
        self.flow = Flow(Work, store=MemoryStore(), zone="Europe/Berlin", clock=lambda: self.now)
        self.id = self.flow.start(Work, plan, actor=SYSTEM).id

    @property
    def work(self) -> Case[Plan]:
        return self.flow.get(Work, self.id)

    @property
    def data(self) -> ImplementationData:
        return self.work[Work.implementation]

    def on(self, day: date) -> None:
        self.now = datetime(day.year, day.month, day.day, 9, tzinfo=UTC)
        self.flow.run_due()

    def do(self, command: Command[Any], actor: Actor = owner) -> str:
        return self.flow.fire(self.id, command, actor=actor).state.name

    def said(self, command: Command[Any], actor: Actor = owner) -> str:
        with pytest.raises(Refused) as refused:
            self.flow.fire(self.id, command, actor=actor)
        return " ".join(reason.text for reason in refused.value.reasons)


STEPS = Work.implementation


def test_the_unit_in_charge_begins_reports_and_finishes() -> None:
    desk = Desk()
    assert desk.said(STEPS.begin(), somebody) == "Only for: the unit in charge, programme office."
    assert desk.do(STEPS.begin()) == "in_progress"
    desk.do(STEPS.report(percent=40, note="Planted."))
    desk.on(date(2020, 5, 4))
    assert desk.said(STEPS.finish(on=date(2020, 5, 5))) == "2020-05-05 has not come yet."
    assert not desk.flow.check(desk.id, STEPS.finish(on=date(2020, 5, 4)), actor=owner)
    assert desk.do(STEPS.finish(on=date(2020, 4, 30)), office) == "done"
    assert (desk.data.done_on, desk.data.reports) == (date(2020, 4, 30), (Progress(date(2020, 1, 1), 40, "Planted."),))
    desk.on(date(2020, 9, 1))
    assert desk.data.overdue_since is None
    with pytest.raises(PayloadError, match="percent"):
        STEPS.report(percent=101)


def test_what_is_not_done_in_time_is_overdue_until_it_gets_another_day() -> None:
    desk = Desk()
    desk.on(date(2020, 6, 30))
    assert desk.data.overdue_since is None
    desk.on(date(2020, 7, 1))
    assert desk.data.overdue_since == date(2020, 6, 30)
    assert (
        desk.said(STEPS.move_deadline(due=date(2020, 6, 30), reason="No."), office) == "2020-06-30 has passed already."
    )
    assert not desk.flow.check(desk.id, STEPS.move_deadline(due=date(2020, 7, 1), reason="Today."), actor=office)
    desk.do(STEPS.move_deadline(due=date(2020, 12, 31), reason="The firm is late."), office)
    (move,) = desk.data.moves
    assert (move.before, move.after, move.reason) == (date(2020, 6, 30), date(2020, 12, 31), "The firm is late.")
    assert desk.data.overdue_since is None
    desk.on(date(2021, 1, 4))
    assert desk.data.overdue_since == date(2020, 12, 31)
    assert desk.work.state == STEPS.waiting


def test_an_open_end_is_never_overdue() -> None:
    desk = Desk(Plan(due=None))
    desk.on(date(2040, 1, 1))
    assert desk.data.overdue_since is None
    desk.do(STEPS.move_deadline(due=date(2041, 1, 1), reason="At last."), office)
    assert desk.data.moves[0].before is None


def test_what_is_deferred_for_lack_of_funds_comes_again_on_its_day() -> None:
    desk = Desk()
    desk.do(STEPS.begin())
    assert desk.said(STEPS.defer(obstacle=Obstacle.FUNDS, reason="No budget.", until=date(2020, 1, 1))) == (
        "Deferred until a day that is to come: 2020-01-01 is not."
    )
    desk.do(STEPS.defer(obstacle=Obstacle.FUNDS, reason="No budget this year.", until=date(2021, 1, 15)))
    assert (desk.work.state, desk.data.obstacle) == (STEPS.deferred, Obstacle.FUNDS)
    desk.on(date(2021, 1, 14))
    assert (desk.work.state, desk.data.overdue_since) == (STEPS.deferred, None)
    desk.on(date(2021, 1, 15))
    assert (desk.work.state, desk.data.obstacle) == (STEPS.waiting, None)
    assert desk.data.overdue_since == date(2020, 6, 30)


def test_what_is_deferred_without_a_day_waits_for_the_office() -> None:
    desk = Desk()
    desk.do(STEPS.defer(obstacle=Obstacle.OTHERS, reason="The Land decides first."))
    desk.on(date(2030, 1, 1))
    assert desk.said(STEPS.resume()) == "Only for: programme office."
    assert desk.do(STEPS.resume(), office) == "waiting"


def test_what_is_deferred_can_get_another_day_or_be_given_up_and_the_office_reports_too() -> None:
    desk = Desk()
    desk.do(STEPS.begin())
    desk.do(STEPS.report(percent=10), office)
    desk.do(STEPS.defer(obstacle=Obstacle.STAFF, reason="Nobody is there."))
    assert desk.do(STEPS.move_deadline(due=date(2020, 12, 31), reason="Next winter."), office) == "deferred"
    assert desk.data.reason == "Nobody is there."
    assert desk.do(STEPS.discard(reason="Nobody will be there."), head) == "discarded"


def test_only_the_head_gives_up_what_was_adopted_and_with_a_reason() -> None:
    desk = Desk()
    assert desk.said(STEPS.discard(reason="No."), office) == "Only for: head of administration."
    assert desk.do(STEPS.discard(reason="The site was sold."), head) == "discarded"
    assert desk.data.reason == "The site was sold."
