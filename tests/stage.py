"""What the stages of all programmes share: a flow, a clock that is set by hand, refusals that are looked at closely."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest

from coverage_of import Coverage
from progflow import Actor, Case, Command, Flow, Program, Refused
from progflow.adapters.memory import MemoryStore
from progflow.ports import Store
from support import BERLIN


class ProgrammeStage:
    """One programme on a store."""

    def __init__(
        self,
        program: Program,
        store: Store | None,
        opens: date,
        *,
        facts: Mapping[Any, object] | None = None,
        coverage: Coverage | None = None,
    ) -> None:
        self.now = datetime.combine(opens, time(10), BERLIN)
        self.program = program
        self.flow = Flow(
            program, store=store or MemoryStore(), clock=lambda: self.now.astimezone(UTC), facts=facts or {}
        )
        if coverage is not None:
            coverage.watch(self.flow)

    def meant(self, who: str | Case[Any]) -> str:
        """The id of the case that is meant: a stage whose people have names looks them up here."""
        return who if isinstance(who, str) else who.id

    def everything(self) -> dict[str, int]:
        """The revision of every case: equal when nothing has changed."""
        return {case.id: case.revision for kind in self.program.lifecycles for case in self.flow.cases(kind).all()}

    def refusal(self, who: str | Case[Any], command: Command[Any], actor: Actor) -> str:
        """The sentences of a refusal that changes nothing, and that ``check`` foretells."""
        case, before = self.meant(who), self.everything()
        foretold = self.flow.check(case, command, actor=actor)
        with pytest.raises(Refused) as refused:
            self.flow.fire(case, command, actor=actor)
        assert self.everything() == before
        assert tuple(foretold) == tuple(refused.value.reasons)
        return " ".join(reason.text for reason in foretold)

    def on(self, day: date, hour: int = 10) -> None:
        """Let the clock come to that day, and what is due until then happen."""
        self.now = datetime.combine(day, time(hour), BERLIN)
        self.flow.run_due()

    def after(self, **span: float) -> None:
        """Let time pass."""
        self.now += timedelta(**span)
        self.flow.run_due()
