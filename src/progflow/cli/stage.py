"""Where a play is given: one programme in an SQLite file, and a clock that is set by hand. All people are invented."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any, Final, Self
from zoneinfo import ZoneInfo

from progflow import Actor, Blocker, Case, Command, Entry, Flow, Program, Refused
from progflow.adapters.sqlalchemy import SQLAlchemyStore

BERLIN: Final = ZoneInfo("Europe/Berlin")


class Stage:
    """One programme in an SQLite file, and a clock. It is a context manager that lets go of the file.

    Args:
        program: what is played.
        file: where it is kept.
        opens: the first day of the play.
        facts: what the programme asks of its host.
    """

    def __init__(self, program: Program, file: Path, *, opens: date, facts: Mapping[Any, object] | None = None) -> None:
        self.program = program
        self._now = datetime.combine(opens, time(10), BERLIN)
        self._store = SQLAlchemyStore(f"sqlite:///{file}")
        self._watched: list[Entry] = []
        self.flow = Flow(program, store=self._store, clock=lambda: self._now.astimezone(UTC), facts=facts or {})
        self.flow.transitioned.connect(self._note)

    def _note(self, sender: Any, *, entry: Entry) -> None:
        self._watched.append(entry)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._store.dispose()

    # -- time

    @property
    def today(self) -> date:
        """The day on the stage."""
        return self._now.date()

    def come(self, to: date, hour: int = 10) -> None:
        """Set the clock, and let happen what was due until then."""
        self._now = datetime.combine(to, time(hour), BERLIN)
        self.flow.run_due()

    # -- looking

    def names(self) -> Mapping[str, str]:
        """What each case is called on the screen, by its id; the name of its lifecycle where a play says nothing."""
        found = (self.flow.cases(kind).all() for kind in self.program.lifecycles)
        return {case.id: case.lifecycle.__name__ for cases in found for case in cases}

    @property
    def how_many(self) -> int:
        """How many cases there are."""
        return sum(self.flow.cases(kind).count() for kind in self.program.lifecycles)

    @contextmanager
    def watching(self) -> Generator[list[tuple[str, Entry]]]:
        """The steps that are made inside the block, each with the name of its case."""
        self._watched.clear()
        seen: list[tuple[str, Entry]] = []
        yield seen
        names = self.names()
        seen += [(names.get(entry.case, entry.case), entry) for entry in self._watched]

    def due(self, case: Case[Any] | str, event: str, actor: Actor) -> date | None:
        """The last day before that event fires by itself; None while it does not."""
        due = self.flow.explain(case if isinstance(case, str) else case.id, actor=actor)[event].due
        return None if due is None else (due - timedelta(seconds=1)).date()

    # -- doing

    def do(self, case: Case[Any] | str, command: Command[Any], actor: Actor) -> Case[Any]:
        """Fire a command, on the case as it is now."""
        return self.flow.fire(case if isinstance(case, str) else case.id, command, actor=actor)


def refused(act: Callable[[], object]) -> tuple[Blocker, ...]:
    """The reasons for which something is refused.

    Raises:
        AssertionError: it was not refused; then the play is wrong.
    """
    try:
        act()
    except Refused as error:
        return tuple(error.reasons)
    raise AssertionError("this was to be refused")
