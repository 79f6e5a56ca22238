"""``progflow demo intercultural-mentoring``: what a person reads, and what the file holds afterwards."""

from __future__ import annotations

from pathlib import Path

import pytest

from progflow import Flow
from progflow.adapters.sqlalchemy import SQLAlchemyStore
from progflow.programs.intercultural_mentoring import JointProject, Mentee, intercultural_mentoring
from test_demo import run, squeezed


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """One performance: its file, and all that it printed."""
    where = tmp_path_factory.mktemp("demo")
    done = run(where, "demo", "intercultural-mentoring")
    assert (done.returncode, done.stderr) == (0, b"")
    said = done.stdout.decode()
    return Path(said.strip().splitlines()[-1]), squeezed(said)


@pytest.mark.parametrize(
    "sentence",
    [
        "8 employees apply, 9 experienced colleagues offer to accompany them.",
        "because: Nobody reports to one's mentor, or the other way round.",
        "because: 0 tandems have come about; the kick-off needs 7.",
        "Nine months from today end with 01.01.2009.",
        "because: Goals are missing for: dealing with others, career.",
        "by itself mentee-4 and mentor-4: Tell the office that there are no goals yet → started",
        "Women, men, and the town hall gender, held",
        "by itself mentee-5: The pair has come apart → tandem: waits for a new match",
        "by itself mentee-5: A new pair has begun → tandem: active",
        "because: Nobody confirms the own contribution.",
        "The film goes on with seven; with fewer than three it would end. It is in progress.",
        "because: Contributions not confirmed: 1. Name those who have none.",
        "by itself mentee-1: The closing completes it → certificate: completed",
        "because: Too few workshops for a certificate: 1 of 3.",
        "by itself the edition: Everybody has finished → run: completed",
        "All 62 cases with their history are in",
    ],
)
def test_a_person_reads(played: tuple[Path, str], sentence: str) -> None:
    assert sentence in played[1]


def test_the_file_holds_the_cases(played: tuple[Path, str]) -> None:
    with SQLAlchemyStore(f"sqlite:///{played[0]}") as store:
        flow = Flow(intercultural_mentoring, store=store)
        assert flow.cases(Mentee).in_(Mentee.certificate.issued).count() == 6
        assert flow.cases(JointProject).one()[JointProject.work].without == ("mentee-8",)
