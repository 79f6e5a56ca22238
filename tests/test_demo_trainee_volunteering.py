"""``progflow demo trainee-volunteering``, as it is read."""

from __future__ import annotations

from pathlib import Path

import pytest

from test_demo import run, squeezed


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> str:
    """All that one performance printed."""
    where: Path = tmp_path_factory.mktemp("demo")
    done = run(where, "demo", "trainee-volunteering")
    assert (done.stderr, done.returncode) == (b"", 0)
    return squeezed(done.stdout.decode())


@pytest.mark.parametrize(
    "sentence",
    [
        "That is a Saturday, so they may come until the end of 02.03.2020.",
        "because: car dealer is not known to be charitable.",
        "because: The guardian's consent is missing.",
        "The fence is fully booked, so trainee-4 waits.",
        "by itself trainee-4 in fence: Get the next free seat",
        "by itself trainee-5: The place is lost, and another one can be given",
        "by itself trainee-9: Move to the project with which it was merged",
        "trainee-6 in mural: Record that the person did not come",
        "by itself the year: Every project has been settled → over",
        "7 certificates are issued, one for everybody who came.",
        "The year is over. All 27 cases with their history are in",
    ],
)
def test_a_person_reads(told: str, sentence: str) -> None:
    assert sentence in told
