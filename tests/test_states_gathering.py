"""A public event has a day, which is moved or corrected in the open, and a turnout."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from attrs import frozen

from progflow import (
    SYSTEM,
    Actor,
    Case,
    Command,
    Context,
    Flow,
    Lifecycle,
    PayloadError,
    Refused,
    always,
    derived,
    guard,
)
from progflow.adapters.memory import MemoryStore
from progflow.states.changes import Move, Recount
from progflow.states.gathering import Gathering, GatheringData
from progflow.states.people import OFFICE

office, somebody = Actor("office", {OFFICE}), Actor("somebody")


@frozen
class Plan:
    on: date = date(2019, 3, 3)
    room: bool = True


class Forum(Lifecycle[Plan]):
    """A forum that needs a room."""

    @derived
    def day(self, ctx: Context[Plan]) -> date:
        return ctx.data.on

    @guard("There is no room.")
    def has_a_room(self, ctx: Context[Plan]) -> bool:
        return ctx.data.room

    gathering = Gathering(day=day, fewest=always(10), when=(has_a_room,))


STEPS = Forum.gathering


class Desk:
    """One forum, and a clock."""

    def __init__(self, plan: Plan = Plan()) -> None:
        self.now = datetime(2019, 2, 1, 9, tzinfo=UTC)
        self.flow = Flow(Forum, store=MemoryStore(), zone="Europe/Berlin", clock=lambda: self.now)
        self.id = self.flow.start(Forum, plan, actor=SYSTEM).id

    @property
    def forum(self) -> Case[Plan]:
        return self.flow.get(Forum, self.id)

    @property
    def data(self) -> GatheringData:
        return self.forum[Forum.gathering]

    def on(self, day: date) -> None:
        self.now = datetime(day.year, day.month, day.day, 9, tzinfo=UTC)

    def do(self, command: Command[Any], actor: Actor = office) -> str:
        return self.flow.fire(self.id, command, actor=actor).state.name

    def said(self, command: Command[Any], actor: Actor = office) -> str:
        with pytest.raises(Refused) as refused:
            self.flow.fire(self.id, command, actor=actor)
        return " ".join(reason.text for reason in refused.value.reasons)


def test_it_is_held_on_its_day_and_not_before() -> None:
    desk = Desk()
    assert desk.said(STEPS.hold(participants=20)) == "It is on 2019-03-03."
    desk.on(date(2019, 3, 3))
    assert desk.said(STEPS.hold(participants=20), somebody) == "Only for: programme office."
    assert desk.do(STEPS.hold(participants=20)) == "held"
    assert desk.data.participants == 20


def test_a_guard_of_the_lifecycle_may_stand_in_the_way() -> None:
    desk = Desk(Plan(room=False))
    desk.on(date(2019, 3, 3))
    assert desk.said(STEPS.hold(participants=20)) == "There is no room."


def test_a_day_that_is_moved_keeps_its_old_value_and_the_reason() -> None:
    desk = Desk()
    assert desk.said(STEPS.move_day(on=date(2019, 1, 31), reason="No.")) == "2019-01-31 has passed already."
    assert not desk.flow.check(desk.id, STEPS.move_day(on=date(2019, 2, 1), reason="Today."), actor=office)
    desk.do(STEPS.move_day(on=date(2019, 3, 4), reason="A Sunday."))
    assert desk.data.moves == (Move(date(2019, 3, 3), date(2019, 3, 4), "A Sunday.", desk.now),)
    desk.on(date(2019, 3, 3))
    assert desk.said(STEPS.hold(participants=20)) == "It is on 2019-03-04."
    with pytest.raises(PayloadError, match="must not be blank"):
        STEPS.move_day(on=date(2019, 3, 4), reason="")


def test_a_day_that_was_written_down_wrongly_is_corrected_with_its_source() -> None:
    desk = Desk()
    desk.on(date(2019, 4, 1))
    desk.do(STEPS.hold(participants=20))
    correct = STEPS.correct_day
    assert desk.said(correct(on=date(2019, 4, 2), source="gazette", reason="No.")) == "2019-04-02 has not come yet."
    assert desk.said(correct(on=date(2019, 3, 3), source="gazette", reason="No.")) == (
        "2019-03-03 is the day that is written down."
    )
    assert not desk.flow.check(desk.id, correct(on=date(2019, 4, 1), source="gazette", reason="Today."), actor=office)
    desk.do(correct(on=date(2019, 3, 4), source="gazette 04/2019", reason="3 March was a Sunday."))
    desk.do(correct(on=date(2019, 3, 5), source="the minutes", reason="It was the second day."))
    assert [(change.before, change.after, change.source) for change in desk.data.moves] == [
        (date(2019, 3, 3), date(2019, 3, 4), "gazette 04/2019"),
        (date(2019, 3, 4), date(2019, 3, 5), "the minutes"),
    ]


def test_a_low_turnout_is_flagged_until_somebody_says_why_it_is_enough() -> None:
    desk = Desk()
    desk.on(date(2019, 3, 3))
    assert desk.do(STEPS.hold(participants=9)) == "poorly_attended"
    assert desk.do(STEPS.accept_turnout(reason="All quarters were there.")) == "held"
    assert desk.data.enough_because == "All quarters were there."


def test_a_number_of_people_is_corrected_and_the_old_one_is_kept() -> None:
    desk = Desk()
    desk.on(date(2019, 3, 3))
    assert desk.do(STEPS.hold(participants=12)) == "held"
    same = STEPS.correct_turnout(participants=12, reason="Counted again.")
    assert desk.said(same) == "12 is the number that is written down."
    assert desk.said(same, somebody) == "Only for: programme office."
    assert desk.do(STEPS.correct_turnout(participants=9, reason="Staff were counted too.")) == "poorly_attended"
    assert desk.do(STEPS.accept_turnout(reason="All quarters were there.")) == "held"
    assert desk.do(STEPS.correct_turnout(participants=8, reason="One name stood twice.")) == "poorly_attended"
    assert desk.do(STEPS.correct_turnout(participants=10, reason="The second list.")) == "held"
    assert (desk.data.participants, desk.data.enough_because) == (10, "")
    assert desk.data.recounts == (
        Recount(12, 9, "Staff were counted too."),
        Recount(9, 8, "One name stood twice."),
        Recount(8, 10, "The second list."),
    )


@pytest.mark.parametrize(("came", "state"), [(0, "poorly_attended"), (9, "poorly_attended"), (10, "held")])
def test_the_bound_itself_is_enough(came: int, state: str) -> None:
    desk = Desk()
    desk.on(date(2019, 3, 3))
    assert desk.do(STEPS.hold(participants=came)) == state


def test_it_may_be_cancelled_with_a_reason_until_it_was_held() -> None:
    desk = Desk()
    assert desk.do(STEPS.cancel(reason="A storm.")) == "cancelled"
    assert desk.data.cancelled_because == "A storm."
    other = Desk()
    other.on(date(2019, 3, 3))
    other.do(STEPS.hold(participants=20))
    assert other.said(STEPS.cancel(reason="Too late.")).startswith("Not possible in the state")
