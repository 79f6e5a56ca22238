"""What the stages of all programmes share: a story with short words for what people do, and refusals told in full."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Any

from coverage_of import Coverage
from progflow import Actor, Case, Command, Lifecycle, Program
from progflow.ports import Store
from progflow.testing.clock import When
from progflow.testing.scenario import Scenario


class ProgrammeStage(Scenario):
    """One programme on a store. Unless told otherwise, it is ten in the morning."""

    def __init__(
        self,
        program: Program,
        store: Store | None,
        opens: date,
        *,
        facts: Mapping[Any, object] | None = None,
        coverage: Coverage | None = None,
    ) -> None:
        super().__init__(program, at=datetime.combine(opens, time(10)), store=store, facts=facts)
        self.program = program
        if coverage is not None:
            coverage.watch(self.flow)

    def meant(self, who: str | Case[Any]) -> str:
        """The id of the case that is meant: a stage whose people have names looks them up here."""
        return who if isinstance(who, str) else who.id

    def everything(self) -> dict[str, int]:
        """The revision of every case: equal when nothing has changed."""
        return {case.id: case.revision for case in self.flow.cases(Lifecycle).all()}

    def refusal(self, who: str | Case[Any], command: Command[Any], actor: Actor) -> str:
        """The sentences of a refusal that changes nothing, and that ``check`` foretells."""
        case = self.the(self.flow.get(Lifecycle, self.meant(who)))
        foretold = self.flow.check(case.id, command, actor=actor)
        self.then_refused(case, command, by=actor, because=[reason.code for reason in foretold])
        return " ".join(reason.text for reason in foretold)

    def on(self, when: When, /, hour: int = 10) -> None:
        """That day has come, at that hour unless it is later already; or the time that is given."""
        if isinstance(when, str | datetime):
            super().on(when)
        elif when == self.clock.today:
            super().on(max(self.clock.now, self.clock.instant(datetime.combine(when, time(hour)))))
        else:
            super().on(datetime.combine(when, time(hour)))
