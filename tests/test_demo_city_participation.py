"""The play of the participation process tells what happens, and leaves it in the file."""

from __future__ import annotations

from pathlib import Path

import pytest

from progflow import Flow
from progflow.adapters.sqlalchemy import SQLAlchemyStore
from progflow.cli.plays.city_participation import play
from progflow.cli.screen import Screen
from progflow.programs.city_participation import Contribution, Measure, Process, city_participation


def test_the_play_tells_the_process_and_its_file_holds_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    file = tmp_path / "play.db"
    play(file, Screen())
    told = " ".join(capsys.readouterr().out.split())
    for sentence in (
        "by itself survey “All households”: The deadline has passed → closed",
        "because: The survey was not open on 08.01.2019.",
        "because: Few people came to Citizens: call an extra forum, or say why they are enough.",
        "Nothing is lost: 14 votes",
        "A strength for one group, a weakness for the other: green.",
        "was written down 03.03.2019 is written down 04.03.2019 by gazette 04/2019",
        "because: Not known yet: the timeline, the owner.",
        "rests on “Too few trees in the old town.”",
        "because: Not yet heard: main committee.",
        "the process: Adopt in the council → evaluation: the catalogue is carried out",
        "by itself measure “Plant 200 trees”: The catalogue has been adopted → implementation: adopted",
        "photo F-7: Refuse or withdraw consent → consent: consent withdrawn",
        "The next evaluation is due after 12.11.2021",
        "All 16 cases with their history are in",
    ):
        assert sentence in told
    with SQLAlchemyStore(f"sqlite:///{file}") as store:
        flow = Flow(city_participation, store=store)
        assert flow.cases(Process).one().state == Process.ended
        assert flow.cases(Measure).one().state == Measure.implementation.done
        assert flow.cases(Contribution).in_(Contribution.moderation.merged).count() == 1
        assert flow.run_due() == 0
