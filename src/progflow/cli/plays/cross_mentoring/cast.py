"""Who plays, and short words for what they do. All people are invented."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from progflow import Actor, Case
from progflow.cli.stage import Stage
from progflow.programs.cross_mentoring import (
    EMPLOYEE,
    HEAD,
    OFFICE,
    Agreement,
    AgreementData,
    Edition,
    EditionData,
    Goal,
    MatchProposal,
    MemberCity,
    Mentee,
    MenteeData,
    Mentor,
    MentorData,
    PanelMember,
    Staff,
    Tandem,
    TandemData,
    cross_mentoring,
)

BERLIN: Final = ZoneInfo("Europe/Berlin")
CITIES: Final = (MemberCity("Köln", "mayor-k"), MemberCity("Düsseldorf", "mayor-d"))
PANEL: Final = (
    PanelMember("panel-k", "Köln", "personnel development"),
    PanelMember("panel-d", "Düsseldorf", "personnel development"),
    PanelMember("mentor-d-01", "Düsseldorf", "equality officer"),
)

office: Final = Actor("office", {OFFICE})
head: Final = Actor("head", {HEAD})
panel_k, panel_d = Actor("panel-k"), Actor("panel-d")
mayor_k, mayor_d = Actor("mayor-k"), Actor("mayor-d")


def employee(name: str) -> Actor:
    """Somebody who works for one of the cities; the id says which: k for Köln, d for Düsseldorf."""
    return Actor(name, {EMPLOYEE})


def city_of(name: str) -> str:
    """The city that an id stands for."""
    return "Köln" if "-k-" in name else "Düsseldorf"


class OrganisationChart:
    """The host's part: who reports to whom. In this play nobody reports to anybody who matters."""

    def reports_to(self, person: str, superior: str) -> bool:
        """See ``Staff``."""
        return False


class Edition2022(Stage):
    """One edition of the cross-mentoring."""

    def __init__(self, file: Path) -> None:
        super().__init__(cross_mentoring, file, opens=date(2022, 3, 1), facts={Staff: OrganisationChart()})
        self.edition_id = ""
        self.agreement_id = ""

    # -- looking

    @property
    def edition(self) -> Case[EditionData]:
        """The edition now."""
        return self.flow.get(Edition, self.edition_id)

    def mentee(self, name: str) -> Case[MenteeData]:
        """The mentee of that id."""
        return self.flow.cases(Mentee).where(person=name).one()

    def mentor(self, name: str) -> Case[MentorData]:
        """The mentor of that id."""
        return self.flow.cases(Mentor).where(person=name).one()

    def tandem(self, mentee: str) -> Case[TandemData]:
        """The last tandem of a mentee."""
        return self.flow.cases(Tandem).where(mentee=mentee).all()[-1]

    def names(self) -> Mapping[str, str]:
        """What each case is called on the screen."""
        flow = self.flow
        called = {self.edition_id: "the edition", self.agreement_id: "the agreement"}
        called |= {case.id: case.data.person for case in flow.cases(Mentee).all()}
        called |= {case.id: case.data.person for case in flow.cases(Mentor).all()}
        pairs: dict[str, Sequence[Case[Any]]] = {
            "match": flow.cases(MatchProposal).all(),
            "tandem": flow.cases(Tandem).all(),
        }
        for word, cases in pairs.items():
            called |= {case.id: f"{word} {case.data.mentee} / {case.data.mentor}" for case in cases}
        return called

    # -- doing

    def plan(self, deadline: date) -> None:
        """Plan the edition, draft its agreement, open the call."""
        data = EditionData(name="2022", cities=CITIES, panel=PANEL)
        self.edition_id = self.flow.start(Edition.plan(edition=data), actor=office).id
        draft = Agreement.draft(document="cooperation agreement")
        agreement: Case[AgreementData] = self.flow.start(draft, parent=self.edition, actor=office)
        self.agreement_id = agreement.id
        self.flow.fire(self.edition_id, Edition.call.publish(deadline=deadline), actor=office)

    def apply(self, name: str) -> Case[MenteeData]:
        """An employee applies for a seat of her city."""
        data = MenteeData(city=city_of(name), grade="A 11", motivation="To lead one day.")
        return self.flow.start(Mentee.apply(application=data), parent=self.edition, actor=employee(name))

    def offer(self, name: str) -> None:
        """A leader offers to be a mentor and is accepted."""
        data = MentorData(city=city_of(name), experience="Ten years in charge.")
        case = self.flow.start(Mentor.offer(offer=data), parent=self.edition, actor=employee(name))
        self.flow.fire(case, Mentor.application.admit(), actor=office)

    def propose(self, mentee: str, mentor: str) -> Case[Any]:
        """The panel proposes a match."""
        propose = Mentee.matching.propose(partner=mentor, why="Their fields are close.")
        self.do(self.mentee(mentee), propose, panel_k)
        return self.flow.cases(MatchProposal).where(mentee=mentee, mentor=mentor).all()[-1]

    def match(self, mentee: str, mentor: str) -> None:
        """The panel proposes a match, and both cities approve."""
        proposal = self.propose(mentee, mentor)
        for actor in (panel_k, panel_d):
            self.do(proposal, MatchProposal.approval.approve(), actor)

    def meet(self, mentee: str, days: Iterable[date]) -> None:
        """Write down goals, if there are none, and log meetings."""
        tandem = self.tandem(mentee)
        if not tandem.data.goals:
            self.do(tandem, Tandem.agree_goals(goals=(Goal("Lead a project."),)), employee(mentee))
        for one in days:
            self.do(tandem, Tandem.log_meeting(on=one), employee(mentee))
