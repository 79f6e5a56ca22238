"""A stage for the stories of a participation process: plainly invented people, and a clock that is set by hand."""

from __future__ import annotations

from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from coverage_of import Coverage
from progflow import Actor, Case, Command, Program, Role
from progflow.ports import Store
from progflow.programs.city_participation import (
    BOTH,
    CITIZENS,
    STAFF,
    Channel,
    Contribution,
    ContributionData,
    Goal,
    GoalData,
    Group,
    Kind,
    Measure,
    MeasureData,
    Process,
    ProcessData,
    Rules,
    Workshop,
    WorkshopData,
    city_participation,
)
from progflow.states.contribution import MODERATOR, Quadrant
from progflow.states.people import HEAD, OFFICE
from progflow.states.resolution import COMMITTEE, COUNCIL
from stage import ProgrammeStage

BERLIN = ZoneInfo("Europe/Berlin")
KICKOFF, SWOT, IDEAS = date(2018, 11, 20), date(2019, 1, 23), date(2019, 3, 4)
DRAFT, RESOLVED = date(2019, 10, 17), date(2019, 12, 12)
COMMITTEES = ("urban development", "main committee")

office, head, moderator = Actor("office", {OFFICE}), Actor("head", {HEAD}), Actor("moderator", {MODERATOR})
council, committee = Actor("council", {COUNCIL}), Actor("committee", {COMMITTEE})
parks = Actor("gardener", {Role("parks")})
citizen, clerk = Actor("citizen-1"), Actor("staff-1")


class Stage(ProgrammeStage):
    """One process, and short words for what people do in it."""

    def __init__(
        self,
        store: Store | None = None,
        *,
        program: Program = city_participation,
        coverage: Coverage | None = None,
        rules: Rules | None = None,
        groups: tuple[Group, ...] = BOTH,
        process: type[Any] = Process,
        contribution: type[Any] = Contribution,
        measure: type[Any] = Measure,
    ) -> None:
        super().__init__(program, store, date(2018, 10, 1), coverage=coverage)
        self.contribution, self.measure_kind = contribution, measure
        plan = ProcessData(
            name="Zeitz 2035",
            mandate="R-2018-01",
            committees=COMMITTEES,
            topics=("market", "parks"),
            groups=groups,
            rules=rules or Rules(),
        )
        self.process_id = self.flow.start(process.mandate(process=plan), actor=council).id

    # -- looking

    @property
    def process(self) -> Case[ProcessData]:
        return self.flow.get(Process, self.process_id)

    @property
    def state(self) -> str:
        return self.process.state.path

    def now_of(self, case: Case[Any]) -> Case[Any]:
        return self.flow.get(case.lifecycle, case.id)

    def said(self, case: Case[Any] | str, command: Command[Any], actor: Actor = office) -> str:
        """The sentences of a refusal that changes nothing, and that ``check`` foretells."""
        return self.refusal(case, command, actor)

    def unwelcome(self, contribution: ContributionData, actor: Actor = citizen) -> str:
        """Why a contribution is not taken."""
        command = self.contribution.contribute(contribution=contribution)
        return " ".join(reason.text for reason in self.flow.check(command, parent=self.process_id, actor=actor))

    # -- doing

    def do(self, case: Case[Any] | str, command: Command[Any], actor: Actor = office) -> Case[Any]:
        return self.flow.fire(self.meant(case), command, actor=actor)

    def go(self, command: Command[Any], actor: Actor = office) -> str:
        """Fire a command on the process; where it is then."""
        return self.do(self.process_id, command, actor).state.path

    def announce(self, kind: Kind, group: str, on: date, title: str = "") -> Case[WorkshopData]:
        groups = (group,) if group else ()
        workshop = WorkshopData(title=title or f"{kind.name} {group}".strip(), kind=kind, groups=groups, on=on)
        return self.flow.start(Workshop.announce(workshop=workshop), parent=self.process_id, actor=office)

    def hold(self, kind: Kind, group: str, on: date, participants: int = 20) -> Case[WorkshopData]:
        """Announce a workshop, come to its day and hold it."""
        workshop = self.announce(kind, group, on)
        self.on(on)
        return self.do(workshop, Workshop.gathering.hold(participants=participants))

    def contribute(self, text: str, group: str = CITIZENS, actor: Actor = citizen, **more: Any) -> Case[Any]:
        channel = more.pop("channel", Channel.OTHER)
        said = ContributionData(text=text, group=group, channel=channel, **more)
        command = self.contribution.contribute(contribution=said)
        return self.flow.start(command, parent=self.process_id, actor=actor)

    def cluster(
        self, case: Case[Any], quadrant: Quadrant = Quadrant.WEAKNESS, topic: str = "parks", votes: int | None = None
    ) -> Case[Any]:
        steps = self.contribution.moderation
        self.do(case, steps.moderate(heading="Trees"), moderator)
        if votes is not None:
            self.do(case, steps.count(votes=votes), moderator)
        return self.do(case, steps.cluster(quadrant=quadrant, topic=topic), moderator)

    def goal(self, *contributions: Case[Any]) -> Case[GoalData]:
        """A goal that rests on these contributions, or is the administration's own."""
        propose = Goal.propose(goal=GoalData(title="A greener city"))
        goal = self.flow.start(propose, parent=self.process_id, actor=office)
        if not contributions:
            return self.do(goal, Goal.origin.mark_as_own(reason="Climate law."))
        return self.do(goal, Goal.origin.trace(contributions=tuple(case.id for case in contributions)))

    def measure(self, *goals: Case[Any], title: str = "Plant trees") -> Case[Any]:
        """An idea, linked to these goals if there are any."""
        propose = self.measure_kind.propose(measure=MeasureData(title=title))
        measure: Case[Any] = self.flow.start(propose, parent=self.process_id, actor=office)
        return self.do(measure, Measure.planning.link(goals=tuple(goal.id for goal in goals))) if goals else measure

    def catalogued(self, *goals: Case[Any], due: date = date(2020, 10, 31), title: str = "Plant trees") -> Case[Any]:
        measure, steps = self.measure(*(goals or (self.goal(),)), title=title), self.measure_kind.planning
        self.do(measure, steps.assess(cost=20_000, due=due, owner="parks"))
        return self.do(measure, steps.catalogue())

    # -- coming to a step of the process

    def to_analysis(self) -> None:
        self.on(KICKOFF)
        self.go(Process.kickoff.hold())

    def to_ideas(self) -> None:
        self.to_analysis()
        self.hold(Kind.SWOT, STAFF, SWOT, 60)
        self.hold(Kind.SWOT, CITIZENS, SWOT)
        self.go(Process.collect_ideas())

    def to_drafting(self) -> None:
        self.to_ideas()
        self.hold(Kind.IDEAS, "", IDEAS)
        self.go(Process.draft())

    def to_published(self) -> Case[Any]:
        """The draft is published; the measure in it."""
        self.to_drafting()
        measure = self.catalogued()
        self.on(DRAFT)
        self.go(Process.publish(report="D-1"))
        return measure

    def to_resolution(self) -> Case[Any]:
        measure = self.to_published()
        self.on(date(2019, 11, 11))
        self.go(Process.submit())
        return measure

    def recommend(self, *names: str) -> None:
        for name in names or COMMITTEES:
            self.go(Process.resolution.recommend(committee=name, number=f"C-{name}"), committee)

    def to_evaluation(self) -> Case[Any]:
        measure = self.to_resolution()
        self.recommend()
        self.on(RESOLVED)
        self.go(Process.resolution.adopt(number="R-2019-12"), council)
        return measure
