"""``progflow demo training-network``, as it is read."""

from __future__ import annotations

from pathlib import Path

import pytest

from progflow import Flow
from progflow.adapters.sqlalchemy import SQLAlchemyStore
from progflow.programs.training_network import Agreement, Need, Network, Staff, Talk, training_network
from test_demo import run, squeezed


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """One performance: where it was, and all that it printed."""
    where = tmp_path_factory.mktemp("demo")
    done = run(where, "demo", "training-network")
    assert (done.returncode, done.stderr) == (0, b"")
    return where, done.stdout.decode()


@pytest.mark.parametrize(
    "sentence",
    [
        "by itself the network: The network begins → running",
        "the next talk of a-1 12.11.2013 the talk of d-1, not held 16.01.2013",
        "because: Too few need it: 7 from 3 administrations, not 8 from 2.",
        "by itself need of a-1: Enough people of several administrations need the same → pooled",
        "refused a-personnel, for b-1: Approve it for one's administration",
        "Six have a seat; c-2 and c-3 wait.",
        "by itself place of c-2: Get the next free seat → attendance: registered",
        "by itself need of c-1: It came to nothing: the next course is waited for → approved",
        "b-1: 2012 B-001",
        "because: More than 24 months are unusual for 85 days of training; say why it is longer.",
        "full months of the binding 9 of 24 to be paid back 3,000 euros of 4,800",
        "by itself talk of a-1: It is still not held → talk: escalated",
        "The network is accounted for.",
    ],
)
def test_a_person_reads(played: tuple[Path, str], sentence: str) -> None:
    assert sentence in squeezed(played[1])


def test_the_file_that_it_names_holds_the_cases(played: tuple[Path, str]) -> None:
    file = Path(played[1].strip().splitlines()[-1])

    class Nobody:
        def administration_of(self, person: str) -> str:
            return ""

        def reports_to(self, person: str, superior: str) -> bool:
            return False

    with SQLAlchemyStore(f"sqlite:///{file}") as store:
        flow = Flow(training_network, store=store, facts={Staff: Nobody()})
        assert flow.cases(Network).one().state == Network.accounted
        assert flow.cases(Need).in_(Need.covered.issued).count() == 4
        assert flow.cases(Agreement).one()[Agreement.binding].owed == 300_000
        assert flow.cases(Talk).in_(Talk.talk.escalated).count() == 3


def test_it_plays_on_a_poor_terminal(tmp_path: Path) -> None:
    done = run(tmp_path, "demo", "training-network", PYTHONIOENCODING="ascii", COLUMNS="40", TERM="dumb")
    assert (done.returncode, done.stderr) == (0, b"")
    lines = [line for line in done.stdout.decode("ascii").splitlines() if ".db" not in line]
    assert max(map(len, lines)) <= 40
