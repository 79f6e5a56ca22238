"""``progflow demo leadership-training``: what a person reads, and what the file holds afterwards."""

from __future__ import annotations

from pathlib import Path

import pytest

from progflow import Flow
from progflow.adapters.sqlalchemy import SQLAlchemyStore
from progflow.programs.leadership_training import Booking, Duty, leadership_training
from test_demo import run, squeezed


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """One performance: its file, and all that it printed."""
    where = tmp_path_factory.mktemp("demo")
    done = run(where, "demo", "leadership-training")
    assert (done.returncode, done.stderr) == (0, b"")
    said = done.stdout.decode()
    return Path(said.strip().splitlines()[-1]), squeezed(said)


@pytest.mark.parametrize(
    "sentence",
    [
        "has to take the modules A (16 hours), B (16 hours), C (8 hours) within two years.",
        "leader-01 has to be done by 29.02.2004",
        "refused leader-01: Ask for a seat in session B-2002 because: A comes first.",
        "leader-01: on the waiting list, deadline 29.02.2004.",
        "by itself seat of leader-01 in A-2003: Get the next free seat → attendance: registered",
        "Kept as late: yes.",
        "because: Too short: 12.0 of 16.0 hours.",
        "leader-04 A B C leader-05 A B C E",
        "because: C bears an exam; no other course is credited for it.",
        "because: 8.0 more hours may be credited, which is up to 50 per cent of all.",
        "deadline of leader-03 before 29.02.2004 and after the leave 01.03.2005",
        "supervisor 01.10.2005 personnel office 31.10.2005",
        "by itself duty of leader-04: The round was fulfilled; the next one arises",
        "refresher of leader-04 by 04.09.2009",
        "duty of leader-02: The role has ended, and the obligation with it → obligation: lapsed",
        "leader-01 │ A B C │ B C │ overdue and escalated │ 2",
        "leader-04 │ A B C │ │ fulfilled │ 2",
        "All 23 cases with their history are in",
    ],
)
def test_a_person_reads(played: tuple[Path, str], sentence: str) -> None:
    assert sentence in played[1]


def test_the_file_holds_the_cases(played: tuple[Path, str]) -> None:
    with SQLAlchemyStore(f"sqlite:///{played[0]}") as store:
        flow = Flow(leadership_training, store=store)
        assert [case.state.name for case in flow.cases(Duty).where(person="leader-04").all()] == ["fulfilled", "later"]
        assert flow.cases(Booking).in_(Booking.attendance.credited).count() == 5
