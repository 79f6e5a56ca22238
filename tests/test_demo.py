"""``progflow demo`` as a person runs it: in a shell, on a file, twice, and on terminals that lack this and that."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import pytest

from progflow import Flow
from progflow.adapters.sqlalchemy import SQLAlchemyStore
from progflow.programs.cross_mentoring import Edition, Mentee, Staff, Tandem, cross_mentoring

COMMAND = Path(sys.executable).with_name("progflow")


def run(where: Path, *words: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
    plain = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "NO_COLOR")}
    return subprocess.run(
        [str(COMMAND), *words],
        cwd=where,
        env={**plain, "PYTHONIOENCODING": "utf-8", "COLUMNS": "100", **environment},
        capture_output=True,
        stdin=subprocess.DEVNULL,
        timeout=120,
        check=False,
    )


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """One performance: where it was, and all that it printed."""
    where = tmp_path_factory.mktemp("demo")
    done = run(where, "demo")
    assert done.stderr == b""
    assert done.returncode == 0
    return where, done.stdout.decode()


def squeezed(text: str) -> str:
    """The text as it is read, without the line breaks of a screen."""
    return " ".join(text.split())


@pytest.mark.parametrize(
    "sentence",
    [
        "Köln: 8 applications for 5 seats.",
        "Düsseldorf: 7 applications for 5 seats.",
        "refused mentee-k-09: Apply for a seat of one's city because: The call is not open (deadline: 30.04.2022).",
        "because: No seat is free (Köln): 5 of 5 are taken.",
        "mentee-k-04: Step back, and say why → withdrawal: withdrawn by itself mentee-k-06: Move up",
        "by itself mentee-d-05: The seat was not taken in time → selection: not confirmed in time",
        "because: Only for: a panel member of one of the two cities, but not one of the two.",
        "panel-k approves for Köln:",
        "panel-d approves for Düsseldorf:",
        "because: The cooperation agreement is not in force. because: The kick-off has not been held.",
        "15.08.2022 The kick-off",
        "by itself the agreement: All parties agree → in force: in force",
        "mentee-d-02 ended on 15.11.2023 mentee-d-02 ends on 16.01.2024 everybody else ends on 15.11.2023",
        "tandem mentee-k-06 / mentor-d-05: Dissolve the tandem → dissolved",
        "predecessor of the new tandem mentee-k-06 / mentor-d-05",
        "her last day before 15.11.2023 her last day now 15.11.2023",
        "07.11.2023 The closing",
        "9 certificates are issued: 2022-001 … 2022-009.",
        "because: Too few meetings for a certificate: 1 of 4.",
        "The way of mentee-k-06",
        "Everybody who applied in time",
        "The edition is completed. All 51 cases with their history are in",
    ],
)
def test_a_person_reads(played: tuple[Path, str], sentence: str) -> None:
    assert sentence in squeezed(played[1])


def test_the_timeline_of_one_mentee_tells_day_event_state_and_cause(played: tuple[Path, str]) -> None:
    rows = [line for line in played[1].splitlines() if line.startswith("│ 1") or line.startswith("│ 0")]
    cells = [[cell.strip() for cell in row.strip("│").split("│")] for row in rows]
    assert ["11.05.2022", "Move up to a seat that is free", "selection: selected", "mentee-k-04"] in cells
    assert ["15.08.2022", "The pair has begun", "tandem: active", "mayor-d"] in cells
    assert ["16.03.2023", "The review in the middle is due", "tandem: active", "the clock"] in cells
    days = [datetime.strptime(row[0], "%d.%m.%Y").replace(tzinfo=UTC) for row in cells]
    assert days == sorted(days)


def test_the_file_that_it_names_holds_the_cases(played: tuple[Path, str]) -> None:
    where, said = played
    file = Path(said.strip().splitlines()[-1])
    assert file.parent == where.resolve()

    class Nobody:
        def reports_to(self, person: str, superior: str) -> bool:
            return False

    with SQLAlchemyStore(f"sqlite:///{file}") as store:
        flow = Flow(cross_mentoring, store=store, facts={Staff: Nobody()})
        assert flow.cases(Edition).one().state is Edition.run.completed
        assert flow.cases(Mentee).count() == 15
        assert flow.cases(Mentee).in_(Mentee.certificate.issued).count() == 9
        assert flow.cases(Tandem).in_(Tandem.completed).count() == 10
        twice = flow.cases(Tandem).where(mentee="mentee-k-06").all()
        assert [tandem.links.get("predecessor") for tandem in twice] == [None, twice[0].id]
        assert flow.run_due() == 0


def test_a_second_run_takes_a_new_file_and_leaves_the_first_alone(tmp_path: Path) -> None:
    first = tmp_path / "progflow-demo.db"
    first.write_bytes(b"somebody's data")
    done = run(tmp_path, "demo")
    assert done.returncode == 0
    assert done.stdout.decode().strip().endswith("progflow-demo-2.db")
    assert first.read_bytes() == b"somebody's data"


def test_a_named_file_that_exists_is_not_touched(tmp_path: Path) -> None:
    mine = tmp_path / "mine.db"
    mine.write_bytes(b"somebody's data")
    done = run(tmp_path, "demo", "--file", "mine.db")
    assert (done.returncode, done.stdout) == (1, b"")
    assert done.stderr.decode() == "Error: mine.db is there already and stays as it is. Give another --file.\n"
    assert mine.read_bytes() == b"somebody's data"


def test_a_place_where_nothing_can_be_written_is_a_clear_message(tmp_path: Path) -> None:
    done = run(tmp_path, "demo", "--file", "no/such/place.db")
    assert done.returncode == 1
    assert done.stderr.decode() == "Error: no/such/place.db cannot be written: No such file or directory.\n"


@pytest.mark.parametrize(
    "environment",
    [
        {"PYTHONIOENCODING": "ascii"},
        {"PYTHONIOENCODING": "latin-1", "COLUMNS": "40"},
        {"COLUMNS": "20", "NO_COLOR": "1", "TERM": "dumb"},
    ],
    ids=["ascii", "latin-1", "narrow"],
)
def test_it_plays_on_a_poor_terminal(tmp_path: Path, environment: Mapping[str, str]) -> None:
    done = run(tmp_path, "demo", **environment)
    encoding = environment.get("PYTHONIOENCODING", "utf-8")
    said = done.stdout.decode(encoding)
    assert (done.returncode, done.stderr) == (0, b"")
    assert ("Koeln" if encoding == "ascii" else "Köln") in said
    assert "\x1b" not in said
    if "COLUMNS" in environment:
        lines = [line for line in said.splitlines() if ".db" not in line]
        assert max(map(len, lines)) <= int(environment["COLUMNS"])


def test_without_the_extra_it_says_how_to_get_it(tmp_path: Path) -> None:
    for missing in ("click", "rich"):
        code = f"import sys; sys.modules[{missing!r}] = None; from progflow.cli import main; main()"
        done = subprocess.run(
            [sys.executable, "-c", code, "demo"], cwd=tmp_path, capture_output=True, text=True, check=False
        )
        assert done.returncode == 1
        expected = f'progflow on the command line needs {missing}. Install it: pip install "progflow[cli]"\n'
        assert done.stderr == expected
    assert list(tmp_path.iterdir()) == []


def test_version_and_help_say_what_there_is(tmp_path: Path) -> None:
    assert run(tmp_path, "--version").stdout.decode() == f"progflow, version {version('progflow')}\n"
    said = run(tmp_path, "--help", PYTHONIOENCODING="ascii").stdout.decode()
    assert "demo" in said
    assert "import it into your own system" in said
    assert "--file" in run(tmp_path, "demo", "--help", PYTHONIOENCODING="ascii").stdout.decode()
    assert list(tmp_path.iterdir()) == []
