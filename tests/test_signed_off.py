"""The programmes that ship have the rules that were signed off, and what happened under them still comes out so."""

from __future__ import annotations

import pytest

from progflow.testing import program_test, replay
from signed_off import SIGNED


@pytest.mark.parametrize("programme", SIGNED)
def test_the_rules_are_those_that_were_signed_off(programme: str) -> None:
    tests = program_test(SIGNED[programme].program, approved=SIGNED[programme].sheet)
    tests("test_rules_are_those_that_were_signed_off").debug()


@pytest.mark.parametrize("programme", SIGNED)
def test_the_histories_of_the_play_come_out_as_they_did(programme: str) -> None:
    signed = SIGNED[programme]
    replay(signed.histories, signed.program, facts=signed.facts)
