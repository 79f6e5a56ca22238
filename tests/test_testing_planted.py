"""What one line says of copies of the cross-mentoring, each with a fault that a municipality could have built in."""

from __future__ import annotations

from typing import Any

import pytest

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
from progflow.testing import StoryBroken, program_test

RULES = [nobody_is_beyond_the_seats, who_dropped_out_gets_no_certificate, a_pause_shortens_nothing]


@pytest.mark.parametrize(
    ("mentee", "says"),
    [
        pytest.param(OneTooMany, "seat", id="a quota that can be exceeded"),
        pytest.param(SeatLost, "seat", id="a rematch that loses a seat"),
        pytest.param(CertifiedAllTheSame, "ertificate", id="a certificate for a mentee who has dropped out"),
        pytest.param(CutShort, "pause", id="a pause that shortens a term"),
        pytest.param(Forsaken, "for ever", id="a dead end after a dissolution"),
    ],
)
def test_a_planted_fault_is_found_and_told(mentee: Any, says: str) -> None:
    tests = program_test(cross_mentoring_with(mentee), invariants=RULES)
    with pytest.raises(StoryBroken) as broken:
        tests("test_what_can_come_up").debug()
    assert says in broken.value.story


def test_a_guard_that_can_never_be_true_is_found() -> None:
    tests = program_test(cross_mentoring_with(NeverEarly), must_reach=[NeverEarly.tandem.complete_early])
    with pytest.raises(AssertionError, match=r"Mentee\.tandem\.complete_early: .*near_the_end"):
        tests("test_what_can_come_up").debug()
