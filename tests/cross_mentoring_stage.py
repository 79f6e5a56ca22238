"""A stage for the stories of the cross-mentoring: people with plainly invented ids, and a clock that is set by hand."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from coverage_of import Coverage
from progflow import Actor, Case, Command, Program
from progflow.adapters.memory import MemoryStore
from progflow.adapters.sqlalchemy import SQLAlchemyStore
from progflow.ports import Store
from progflow.programs.cross_mentoring import (
    EMPLOYEE,
    HEAD,
    OFFICE,
    Agreement,
    Edition,
    EditionData,
    Format,
    Goal,
    MatchProposal,
    MemberCity,
    Mentee,
    MenteeData,
    Mentor,
    MentorData,
    PanelMember,
    Rules,
    Seminar,
    SeminarData,
    SeminarPlace,
    Staff,
    Tandem,
    cross_mentoring,
)
from stage import ProgrammeStage

BERLIN = ZoneInfo("Europe/Berlin")
DEADLINE = date(2022, 4, 30)
KICKOFF = date(2022, 8, 15)
CLOSING = date(2023, 11, 7)

PAIRS = {
    "mentee-k-02": "mentor-d-02",
    "mentee-k-03": "mentor-d-03",
    "mentee-d-02": "mentor-k-02",
    "mentee-d-03": "mentor-k-03",
}
SMALL = (MemberCity("Köln", "mayor-k", 2), MemberCity("Düsseldorf", "mayor-d", 2))
STORES = ("memory", "sqlite")

office = Actor("office", {OFFICE})
head = Actor("head", {HEAD})
panel_k, panel_d = Actor("panel-k"), Actor("panel-d")
mayor_k, mayor_d = Actor("mayor-k"), Actor("mayor-d")

KOELN = MemberCity("Köln", "mayor-k")
DUESSELDORF = MemberCity("Düsseldorf", "mayor-d")
PANEL = (
    PanelMember("panel-k", "Köln", "personnel development"),
    PanelMember("panel-d", "Düsseldorf", "personnel development"),
    PanelMember("mentor-d-01", "Düsseldorf", "equality officer"),
    PanelMember("mentee-k-01", "Köln", "equality officer"),
)


PLAYED = Coverage()
"""What has happened on any stage."""


def plan(**fields: Any) -> Command[EditionData]:
    """Plan an edition of two cities, unless told otherwise."""
    given: dict[str, Any] = {"name": "2022", "cities": (KOELN, DUESSELDORF), "panel": PANEL} | fields
    return Edition.plan(edition=EditionData(**given))


def offering(city: str) -> Command[MentorData]:
    """An offer to be a mentor."""
    return Mentor.offer(offer=MentorData(city=city, experience="Ten years in charge."))


def person(name: str) -> Actor:
    """An employee of that id."""
    return Actor(name, {EMPLOYEE})


class Desk:
    """The host's answer to who reports to whom."""

    def __init__(self) -> None:
        self.lines: set[tuple[str, str]] = set()

    def reports_to(self, person: str, superior: str) -> bool:
        """Only the lines that were drawn."""
        return (person, superior) in self.lines


class Stage(ProgrammeStage):
    """One edition, and short words for what people do in it."""

    def __init__(
        self,
        store: Store,
        *,
        program: Program = cross_mentoring,
        mentee: type[Any] = Mentee,
        data: type[MenteeData] = MenteeData,
        cities: tuple[MemberCity, ...] = (KOELN, DUESSELDORF),
        rules: Rules | None = None,
    ) -> None:
        self.desk = Desk()
        super().__init__(program, store, date(2022, 3, 1), facts={Staff: self.desk}, coverage=PLAYED)
        self.mentee = mentee
        self.data = data
        self.edition_id = self.flow.start(plan(cities=cities, rules=rules or Rules()), actor=office).id
        self.agreement = self.flow.start(Agreement.draft(document="A-1"), parent=self.edition, actor=office)
        self.flow.fire(self.edition_id, Edition.call.publish(deadline=DEADLINE), actor=office)

    # -- looking

    def meant(self, who: str | Case[Any]) -> str:
        """The case, or the mentee or mentor of that name."""
        return self.who(who).id if isinstance(who, str) else who.id

    @property
    def edition(self) -> Case[EditionData]:
        """The edition now."""
        return self.flow.get(Edition, self.edition_id)

    def who(self, name: str) -> Case[Any]:
        """The mentee or mentor of that id now."""
        of = self.mentee if name.startswith("mentee") else Mentor
        return self.flow.cases(of).where(person=name).all()[-1]

    def state(self, name: str) -> str:
        """Where the mentee or mentor is."""
        return self.who(name).state.path

    def tandem(self, mentee: str) -> Case[Any]:
        """The last tandem of a mentee."""
        return self.flow.cases(Tandem).where(mentee=mentee).all()[-1]

    def last_day(self, name: str) -> date | None:
        """The last day of a participation, as its timer has it; None while that stands still."""
        due = self.flow.explain(self.who(name), actor=office)["tandem.complete"].due
        return None if due is None else due.date() - timedelta(days=1)

    # -- doing

    def do(self, name: str | Case[Any], command: Command[Any], actor: Actor) -> Case[Any]:
        """Fire a command on somebody."""
        return self.flow.fire(self.meant(name), command, actor=actor)

    def applying(self, city: str) -> Command[Any]:
        """An application for a seat of that city."""
        application = self.data(city=city, grade="A 11", motivation="To lead one day.")
        command: Command[Any] = self.mentee.apply(application=application)
        return command

    def apply(self, names: Iterable[str]) -> None:
        """Let these mentees apply (k is Köln, d Düsseldorf) and be admitted."""
        for name in names:
            case = self.flow.start(self.applying(city_of(name)), parent=self.edition, actor=person(name))
            self.flow.fire(case, self.mentee.application.admit(), actor=office)

    def mentors(self, names: Iterable[str]) -> None:
        """Let these mentors offer themselves and be accepted."""
        for name in names:
            case = self.flow.start(offering(city_of(name)), parent=self.edition, actor=person(name))
            self.flow.fire(case, Mentor.application.admit(), actor=office)

    def select(self, names: Sequence[str], *, first: int = 1) -> None:
        """Give a seat to each, in the order of the names."""
        for rank, name in enumerate(names, first):
            self.do(name, self.mentee.selection.select(rank=rank), self.panel_for(name))

    def waitlist(self, names: Sequence[str], *, first: int) -> None:
        """Put each on the waiting list, in the order of the names."""
        for rank, name in enumerate(names, first):
            command = self.mentee.selection.waitlist(rank=rank, reason="Good, but others came first.")
            self.do(name, command, self.panel_for(name))

    def panel_for(self, name: str) -> Actor:
        """Who decides on somebody: never the person herself."""
        return panel_d if name == "mentee-k-01" or "-d-" in name else panel_k

    def confirm(self, names: Iterable[str]) -> None:
        """Let each take her seat."""
        for name in names:
            self.do(name, self.mentee.selection.confirm(), person(name))

    def propose(self, mentee: str, mentor: str, actor: Actor = panel_k) -> Case[Any]:
        """Propose a match."""
        self.do(mentee, self.mentee.matching.propose(partner=mentor, why="The fields are close."), actor)
        return self.flow.cases(MatchProposal).where(mentee=mentee, mentor=mentor).all()[-1]

    def match(self, mentee: str, mentor: str) -> Case[Any]:
        """Propose a match and let both cities approve it; the tandem."""
        proposal = self.propose(mentee, mentor)
        self.do(proposal, MatchProposal.approval.approve(), panel_k)
        self.do(proposal, MatchProposal.approval.approve(), panel_d)
        return self.tandem(mentee)

    def sign(self) -> None:
        """Both lord mayors sign."""
        self.do(self.agreement, Agreement.signature.sign(), mayor_k)
        self.do(self.agreement, Agreement.signature.sign(), mayor_d)

    def hold_kickoff(self) -> None:
        """The 15th of August 2022: the kick-off, and the signatures there."""
        self.on(KICKOFF)
        self.flow.fire(self.edition_id, Edition.kickoff.hold(), actor=office)
        self.sign()

    def meet(self, mentee: str, times: int = 4) -> None:
        """Agree on goals and log so many meetings, on the days up to today."""
        tandem = self.tandem(mentee)
        if not tandem.data.goals:
            tandem = self.do(tandem, Tandem.agree_goals(goals=(Goal("Lead a project."),)), person(mentee))
        for number in range(times):
            day = self.clock.today - timedelta(days=number)
            tandem = self.do(tandem, Tandem.log_meeting(on=day), person(mentee))

    def seminar(self, begins: date, *, capacity: int = 10, form: Format = Format.SEMINAR) -> Case[Any]:
        """Plan a seminar of four hours, with so many seats, and open its registration."""
        data = SeminarData(title="To lead without orders", format=form)
        case = self.flow.start(Seminar.plan(seminar=data), parent=self.edition, actor=office)
        return self.flow.fire(case, Seminar.occasion.announce(begins=begins, capacity=capacity, hours=4), actor=office)

    def register(self, mentee: str, seminar: Case[Any]) -> Case[Any]:
        """Let a mentee register; the place."""
        self.do(mentee, self.mentee.register(seminar=seminar.id), person(mentee))
        return self.flow.cases(SeminarPlace).where(person=mentee).all()[-1]

    # -- whole stretches

    def to_selection(self, applicants: Sequence[str]) -> None:
        """From the call to the day after it: these have applied."""
        self.apply(applicants)
        self.on(date(2022, 5, 3))

    def to_matching(self, mentees: Sequence[str], mentors: Sequence[str], waiting: Sequence[str] = ()) -> None:
        """All of these are selected and confirmed, or wait; mentors are there; matching may begin."""
        self.mentors(mentors)
        self.to_selection([*mentees, *waiting])
        for letter in "kd":
            here = [name for name in mentees if f"-{letter}-" in name]
            self.select(here)
            self.waitlist([name for name in waiting if f"-{letter}-" in name], first=len(here) + 1)
        self.confirm(mentees)
        self.flow.fire(self.edition_id, Edition.begin_matching(), actor=office)

    def to_running(self, pairs: dict[str, str], waiting: Sequence[str] = ()) -> None:
        """These tandems are at work since the kick-off."""
        self.to_matching(list(pairs), sorted(set(pairs.values())), waiting)
        for mentee, mentor in pairs.items():
            self.match(mentee, mentor)
        self.hold_kickoff()


@contextmanager
def opened(kind: str, where: Path) -> Iterator[Store]:
    """A store of that kind, in that directory if it needs one."""
    if kind == "memory":
        yield MemoryStore()
        return
    with SQLAlchemyStore(f"sqlite:///{where / 'edition.db'}") as sqlite:
        yield sqlite


def city_of(name: str) -> str:
    """The city that an id stands for."""
    return "Köln" if "-k-" in name else "Düsseldorf"
