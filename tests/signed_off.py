"""The rules of the programmes that ship, as they were signed off, and what has happened under them.

Run it to write both anew, read what has changed, and commit it:

    python tests/signed_off.py
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from attrs import field, frozen

from progflow import Flow, Program
from progflow.adapters.sqlalchemy import SQLAlchemyStore
from progflow.cli.plays import play_of
from progflow.cli.plays.cross_mentoring.cast import OrganisationChart
from progflow.cli.plays.intercultural_mentoring import Desk
from progflow.cli.plays.trainee_volunteering import City
from progflow.cli.plays.training_network import Registry
from progflow.cli.screen import Screen
from progflow.programs.city_participation import city_participation
from progflow.programs.cross_mentoring import Staff, cross_mentoring
from progflow.programs.intercultural_mentoring import Conditions, intercultural_mentoring
from progflow.programs.leadership_training import leadership_training
from progflow.programs.trainee_volunteering import Institutions, Personnel, trainee_volunteering
from progflow.programs.training_network import Staff as NetworkStaff
from progflow.programs.training_network import training_network
from progflow.testing import export_histories, rule_sheet

FOLDER: Final = Path(__file__).parent / "signed_off"


@frozen
class Signed:
    """A programme that ships, with what its host has said in its play."""

    program: Program
    facts: Mapping[Any, object] = field(factory=dict[Any, object])

    @property
    def sheet(self) -> Path:
        """Its rules."""
        return FOLDER / f"{self.program.name}.md"

    @property
    def histories(self) -> Path:
        """What has happened in its play."""
        return FOLDER / f"{self.program.name}.json"


SIGNED: Final[Mapping[str, Signed]] = {
    "cross_mentoring": Signed(cross_mentoring, {Staff: OrganisationChart()}),
    "intercultural_mentoring": Signed(intercultural_mentoring, {Staff: Desk(), Conditions: Desk()}),
    "trainee_volunteering": Signed(trainee_volunteering, {Personnel: City(), Institutions: City()}),
    "leadership_training": Signed(leadership_training),
    "training_network": Signed(training_network, {NetworkStaff: Registry()}),
    "city_participation": Signed(city_participation),
}


def write(signed: Signed, say: Any = lambda line: None) -> None:
    """Write the rules of a programme anew, and the histories of its play."""
    FOLDER.mkdir(exist_ok=True)
    signed.sheet.write_text(rule_sheet(signed.program), encoding="utf-8", newline="\n")
    say(f"{signed.sheet.name}: the rules of today")
    with TemporaryDirectory() as folder:
        file = Path(folder) / "play.db"
        with redirect_stdout(StringIO()):
            play_of(signed.program.name).play(file, Screen())
        store = SQLAlchemyStore(f"sqlite:///{file}")
        try:
            flow = Flow(signed.program, store=store, facts=signed.facts)
            export_histories(flow, signed.histories, pseudonyms=_the_invented(flow, signed.program))
        finally:
            store.dispose()
    say(f"{signed.histories.name}: what happens in the play today")


def _the_invented(flow: Flow, program: Program) -> Mapping[str, str]:
    """The people of a play are invented; they keep their names, by which the host knows them."""
    cases = (case for kind in program.lifecycles for case in flow.cases(kind).all())
    actors = {entry.actor for case in cases for entry in flow.history(case)}
    return {actor: actor for actor in sorted(actors)}


if __name__ == "__main__":
    for one in SIGNED.values():
        write(one, lambda line: sys.stderr.write(f"{line}\n"))
