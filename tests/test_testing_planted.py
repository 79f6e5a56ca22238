"""What one line says of copies of the cross-mentoring, each with a fault that a municipality could have built in."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import strategies as st

from planted import (
    CertifiedAllTheSame,
    CutShort,
    Forsaken,
    NeverEarly,
    OneTooMany,
    SeatLost,
    a_pause_shortens_nothing,
    cross_mentoring_with,
    nobody_is_beyond_the_seats,
    who_dropped_out_gets_no_certificate,
)
from progflow.programs.cross_mentoring import MemberCity, Rules, Staff, cross_mentoring
from progflow.testing import StoryBroken, program_test
from test_stories_cross_mentoring import AMBER, BIRCH, STRATEGIES, CityStaff

ALWAYS = [nobody_is_beyond_the_seats, who_dropped_out_gets_no_certificate, a_pause_shortens_nothing]
FACTS = {Staff: CityStaff()}

SMALL = {
    **STRATEGIES,
    "EditionData.cities": st.just((MemberCity("amber", "person-5", 1), MemberCity("birch", "person-6", 1))),
    "EditionData.panel": st.just((AMBER, BIRCH)),
    "EditionData.rules": st.just(Rules(refill_months=0, fewest_meetings=0, fewest_tandems=0)),
    "city": st.sampled_from(["amber", "birch"]),
    "MenteeData.city": st.just("amber"),  # all mentees want the one seat
    "MentorData.city": st.just("birch"),
}

NO_SEAT_LEFT = "No city has more mentees than seats"
HER_TIME = "The time of a participation is that of the edition, and of what has moved its end."


@pytest.mark.parametrize(
    ("mentee", "rule", "told"),
    [
        pytest.param(
            OneTooMany,
            NO_SEAT_LEFT,
            ["Mentee: Give a seat (rank: 1) – refused: No city has more mentees than seats"],
            id="a quota that can be exceeded",
        ),
        pytest.param(
            SeatLost,
            NO_SEAT_LEFT,
            ["tandem: waits for a new match", "Move up to a seat that is free would happen by itself"],
            id="a rematch that loses a seat",
        ),
        pytest.param(
            CertifiedAllTheSame,
            HER_TIME,
            ["Mentee: End it before its time, and say why"],
            id="a certificate for a mentee who has dropped out",
        ),
        pytest.param(
            CutShort,
            HER_TIME,
            ["Mentee: Pause", "Mentee: Go on after the pause", "The time is over would happen by itself"],
            id="a pause that shortens a term",
        ),
        pytest.param(
            Forsaken,
            HER_TIME,
            ["tandem: waits for a new match", "run: closing"],
            id="a dead end after a dissolution",
        ),
    ],
)
def test_a_planted_fault_is_found_and_told(mentee: Any, rule: str, told: list[str]) -> None:
    told_besides = {"rank": st.integers(1, 2)} if mentee is SeatLost else {}  # two want the seat, one after the other
    strategies = {**SMALL, **told_besides}
    tests = program_test(cross_mentoring_with(mentee), strategies=strategies, facts=FACTS, invariants=ALWAYS)
    with pytest.raises(StoryBroken) as broken:
        tests("test_what_can_come_up").debug()
    promise, what, *steps = broken.value.story.splitlines()
    assert rule in what, promise
    assert [words for words in told if not any(words in step for step in steps)] == []


def test_a_guard_that_can_never_be_true_is_found() -> None:
    never = cross_mentoring_with(NeverEarly)
    tests = program_test(
        never, strategies=SMALL, facts=FACTS, must_reach=[NeverEarly.tandem.complete_early], moves=4000
    )
    with pytest.raises(AssertionError, match=r"Mentee\.tandem\.complete_early: .*near_the_end said no") as never_early:
        tests("test_what_can_come_up").debug()
    assert not isinstance(never_early.value, StoryBroken)


def test_the_same_rules_find_nothing_in_what_is_not_changed() -> None:
    tests = program_test(cross_mentoring, strategies=SMALL, facts=FACTS, invariants=ALWAYS, moves=2500)
    tests("test_what_can_come_up").debug()
