"""Whatever happens in a training network, in whatever order: what always holds."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from progflow import Actor, Case, Command, Lifecycle, Refused
from progflow.programs.training_network import Course, Member, Need, Network, Place
from progflow.states.people import Cause
from training_network_stage import (
    STARTS,
    Stage,
    carrier,
    employee,
    head,
    personnel,
    where_is,
)

PEOPLE = tuple(f"{where}-{number}" for where in "ab" for number in (1, 2, 3))
TOPICS = ("Law", "Rhetoric")
WORDS = (
    "report",
    "approve",
    "reject",
    "withdraw",
    "plan",
    "deregister",
    "excuse",
    "hold",
    "attend",
    "miss",
    "call off",
    "move",
    "elsewhere",
    "confirm",
    "rest",
    "return",
    "leave",
    *("report", "approve", "plan", "attend", "hold", "wait") * 2,
)
KINDS: tuple[type[Lifecycle[Any]], ...] = (Member, Need, Course, Place)
Step = tuple[str, int, int]
steps = st.lists(st.tuples(st.sampled_from(WORDS), st.integers(0, 50), st.integers(0, 3)), min_size=5, max_size=45)


class Walk(Stage):
    """Does what it is told, as far as it is allowed."""

    def __init__(self) -> None:
        super().__init__()
        self.day = STARTS
        self.approve(*(self.report(person, "Law") for person in PEOPLE))
        self.announce(self.day + timedelta(days=5), topic="Law", capacity=3, hours=8)

    def step(self, word: str, pick: int, number: int) -> None:
        topic, person = TOPICS[pick % 2], PEOPLE[pick % len(PEOPLE)]
        try:
            if word == "report":
                self.report(person, topic)
            elif word == "plan":
                self.announce(self.day + timedelta(days=number * 10), topic=topic, capacity=number, hours=8)
            elif word == "wait":
                self.day += timedelta(days=1 + pick % 10)
                self.on(self.day)
            else:
                self.fire_on_one(word, pick, number)
        except Refused:
            pass

    def fire_on_one(self, word: str, pick: int, number: int) -> None:
        kind, command = self.command(word, number)
        cases = self.flow.cases(kind).open().all()
        if cases:
            case = cases[pick % len(cases)]
            self.do(case, command, self.actor_for(word, case))

    def command(self, word: str, number: int) -> tuple[type[Lifecycle[Any]], Command[Any]]:
        later = self.day + timedelta(days=5 * number)
        known: dict[str, tuple[type[Lifecycle[Any]], Command[Any]]] = {
            "approve": (Need, Need.approve()),
            "reject": (Need, Need.reject(reason="-")),
            "withdraw": (Need, Need.withdrawal.withdraw(reason="-")),
            "elsewhere": (Need, Need.cover_elsewhere(measure="-")),
            "confirm": (Need, Need.covered.issue()),
            "deregister": (Place, Place.attendance.deregister(reason="-")),
            "excuse": (Place, Place.attendance.excuse(cause=Cause.ILLNESS)),
            "attend": (Place, Place.attendance.attend(hours=float(5 + number))),
            "miss": (Place, Place.attendance.miss()),
            "hold": (Course, Course.occasion.hold()),
            "call off": (Course, Course.occasion.cancel(reason="-")),
            "move": (Course, Course.occasion.move_day(begins=later, reason="-")),
            "rest": (Member, Member.rest(reason="-")),
            "return": (Member, Member.resume()),
            "leave": (Member, Member.leave(reason="-")),
        }
        return known[word]

    def actor_for(self, word: str, case: Case[Any]) -> Actor:
        if word in ("withdraw", "deregister"):
            return employee(case.data.person)
        if word in ("attend", "miss", "hold", "call off", "move"):
            return carrier
        where = case.data.administration
        return head(where) if word in ("rest", "return", "leave") else personnel(where)

    def all(self, kind: type[Lifecycle[Any]]) -> list[Case[Any]]:
        return list(self.flow.cases(kind).all())


def check(walk: Walk) -> None:
    """What holds after every step."""
    places = walk.all(Place)
    gone = {member.data.administration for member in walk.all(Member) if member.is_in(Member.left)}
    for need in walk.all(Need):
        its = [place for place in places if place.links["need"] == need.id]
        standing = [place for place in its if place.is_open]
        if need.is_in(Need.booked):
            assert len(standing) == 1
        elif need.is_in(Need.covered):
            counted = [place for place in standing if place.is_in(Place.attendance.credited)]
            assert len(standing) == len(counted) == (0 if need.data.measure else 1)
        else:
            assert not standing
        if need.is_in(Need.uncovered):
            assert need.data.administration not in gone
        assert not need.visited(Need.covered) or need.visited(Need.approved)
        assert where_is(need.data.person) == need.data.administration
    for course in walk.all(Course):
        seated = [place for place in places if place.links["course"] == course.id]
        taken = [place for place in seated if place.is_in(Place.attendance.with_a_seat)]
        assert len(taken) <= (course[Course.occasion].capacity or 0)
        waiting = [place for place in seated if place.is_in(Place.attendance.waiting)]
        if waiting and course.is_in(Course.occasion.bookable):
            begins = course[Course.occasion].begins
            assert begins is not None
            full = len(taken) == (course[Course.occasion].capacity or 0)
            assert full or begins <= walk.day


@given(steps)
@settings(max_examples=25)
def test_needs_places_and_courses_agree_with_one_another_after_every_step(walked: list[Step]) -> None:
    """Invariants 1, 8 and 17."""
    walk = Walk()
    for step in walked:
        walk.step(*step)
        check(walk)


@given(steps)
@settings(max_examples=25)
def test_a_network_that_is_cancelled_at_any_time_leaves_only_what_may_rest(walked: list[Step]) -> None:
    """Invariant 14."""
    walk = Walk()
    for step in walked:
        walk.step(*step)
    walk.do(walk.network, Network.cancellation.cancel(reason="The funds were cut."), carrier)
    for kind in KINDS:
        for case in walk.all(kind):
            assert case.state.final or case.state.resting
            assert all(offer.due is None for offer in walk.flow.explain(case, actor=carrier).values())


@given(steps)
@settings(max_examples=10)
def test_what_was_recorded_gives_the_cases_that_there_are(walked: list[Step]) -> None:
    """Invariant 10: the last entry of each history is where the case stands, and no step is left out."""
    walk = Walk()
    for step in walked:
        walk.step(*step)
    for kind in KINDS:
        for case in walk.all(kind):
            entries = walk.flow.history(case)
            assert entries[-1].after == case.state.path
            assert [entry.before for entry in entries[1:]] == [entry.after for entry in entries[:-1]]
