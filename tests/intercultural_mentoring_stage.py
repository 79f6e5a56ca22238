"""A stage for the stories of the intercultural mentoring: people with plainly invented ids, a clock set by hand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any

from coverage_of import Coverage
from progflow import Actor, Case, Command, Lifecycle, Program
from progflow.ports import Store
from progflow.programs.intercultural_mentoring import (
    EMPLOYEE,
    HEAD,
    OFFICE,
    Area,
    Conditions,
    Edition,
    EditionData,
    Goal,
    JointProject,
    MatchProposal,
    Mentee,
    MenteeData,
    Mentor,
    MentorData,
    PanelMember,
    Rules,
    Staff,
    Tandem,
    Topic,
    Workshop,
    WorkshopData,
    WorkshopPlace,
    intercultural_mentoring,
)
from stage import ProgrammeStage

CALL, DEADLINE, KICKOFF = date(2008, 1, 14), date(2008, 2, 15), date(2008, 4, 1)
LAST_DAY = date(2009, 1, 1)
PANEL = (
    PanelMember("personnel", "personnel and organisation", "personnel and organisation"),
    PanelMember("equality", "equality office", "equality office"),
)
GOALS = tuple(Goal("Something to reach.", area.value) for area in Area)

office, head = Actor("office", {OFFICE}), Actor("head", {HEAD})
personnel, equality = Actor("personnel"), Actor("equality")
COVERED = Coverage()


def person(name: str) -> Actor:
    """An employee of that id."""
    return Actor(name, {EMPLOYEE})


def pairs(number: int) -> dict[str, str]:
    """So many mentees, each with a mentor of the same number."""
    return {f"mentee-{n}": f"mentor-{n}" for n in range(1, number + 1)}


class Town:
    """What the host system knows."""

    def __init__(self) -> None:
        self.lines: set[tuple[str, str]] = set()
        self.not_meant: set[str] = set()

    def reports_to(self, person: str, superior: str) -> bool:
        """Only the lines that were drawn."""
        return (person, superior) in self.lines

    def may_take_part(self, person: str) -> bool:
        """The programme is meant for everybody, unless said otherwise."""
        return person not in self.not_meant


class Stage(ProgrammeStage):
    """One edition, and short words for what people do in it."""

    def __init__(
        self,
        store: Store | None = None,
        *,
        program: Program = intercultural_mentoring,
        edition: type[Any] = Edition,
        mentee: type[Any] = Mentee,
        tandem: type[Lifecycle[Any]] = Tandem,
        proposal: type[Lifecycle[Any]] = MatchProposal,
        rules: Rules | None = None,
        data: EditionData | None = None,
    ) -> None:
        self.town = Town()
        facts = {Staff: self.town, Conditions: self.town}
        super().__init__(program, store, CALL, facts=facts, coverage=COVERED)
        self.kind, self.mentee, self.pair, self.proposal = edition, mentee, tandem, proposal
        self.edition_id = self.plan(data or EditionData(name="2008", panel=PANEL, rules=rules or Rules()))

    def plan(self, data: EditionData, deadline: date = DEADLINE) -> str:
        """Plan an edition and publish its call; its id."""
        self.deadline = deadline
        edition = self.flow.start(self.kind.plan(edition=data), actor=office)
        return self.flow.fire(edition, self.kind.call.publish(deadline=deadline), actor=office).id

    # -- looking

    @property
    def edition(self) -> Case[Any]:
        """The edition now."""
        return self.flow.get(self.kind, self.edition_id)

    def meant(self, who: str | Case[Any]) -> str:
        """The case, or the mentee or mentor of that name."""
        return self.who(who).id if isinstance(who, str) else who.id

    def who(self, name: str) -> Case[Any]:
        """The mentee or mentor of that id now."""
        of = self.mentee if name.startswith("mentee") else Mentor
        return self.flow.cases(of).of(self.edition).where(person=name).all()[-1]

    def state(self, name: str) -> str:
        """Where the mentee or mentor is."""
        return self.who(name).state.path

    def tandem(self, mentee: str) -> Case[Any]:
        """The last tandem of a mentee."""
        return self.flow.cases(self.pair).of(self.edition).where(mentee=mentee).all()[-1]

    def place(self, mentee: str) -> Case[Any]:
        """The last place of a mentee in a workshop."""
        return self.flow.cases(WorkshopPlace).of(self.edition).where(person=mentee).all()[-1]

    @property
    def project(self) -> Case[Any]:
        """The last joint project."""
        return self.flow.cases(JointProject).of(self.edition).all()[-1]

    # -- doing

    def do(self, name: str | Case[Any], command: Command[Any], actor: Actor = office) -> Case[Any]:
        """Fire a command on somebody or something as it is now."""
        return self.flow.fire(self.meant(name), command, actor=actor)

    def apply(self, name: str) -> Case[Any]:
        """Let a mentee apply."""
        command = self.mentee.apply(application=MenteeData(motivation="To get on."))
        return self.flow.start(command, parent=self.edition, actor=person(name))

    def offer(self, name: str) -> Case[Any]:
        """Let a mentor offer oneself, and be accepted."""
        offer = Mentor.offer(offer=MentorData(experience="Ten years in the town hall."))
        case = self.flow.start(offer, parent=self.edition, actor=person(name))
        return self.do(case, Mentor.application.admit())

    def to_matching(self, mentees: Iterable[str], mentors: Iterable[str]) -> None:
        """All of these are selected and confirmed, mentors are there, matching may begin."""
        mentees = list(mentees)
        for name in mentees:
            self.do(self.apply(name), self.mentee.application.admit())
        for name in mentors:
            self.offer(name)
        self.select(mentees)

    def select(self, mentees: Iterable[str]) -> None:
        """The call is over; these get their seats and take them, and matching may begin."""
        self.on(self.deadline + timedelta(days=4))
        for rank, name in enumerate(mentees, 1):
            self.do(name, self.mentee.selection.select(rank=rank), personnel)
            self.do(name, self.mentee.selection.confirm(), person(name))
        self.do(self.edition, self.kind.begin_matching())

    def propose(self, mentee: str, mentor: str) -> Case[Any]:
        """Propose a match."""
        self.do(mentee, self.mentee.matching.propose(partner=mentor, why="The fields are close."), personnel)
        return self.flow.cases(self.proposal).of(self.edition).where(mentee=mentee, mentor=mentor).all()[-1]

    def match(self, mentee: str, mentor: str) -> Case[Any]:
        """Propose a match and let both bodies approve it; the tandem."""
        proposal = self.propose(mentee, mentor)
        for actor in (personnel, equality):
            self.do(proposal, MatchProposal.approval.approve(), actor)
        return self.tandem(mentee)

    def to_running(self, matches: Mapping[str, str], kickoff: date = KICKOFF) -> None:
        """These pairs are there, and the kick-off is held."""
        self.to_matching(matches, sorted(set(matches.values())))
        for mentee, mentor in matches.items():
            self.match(mentee, mentor)
        self.on(kickoff)
        self.do(self.edition, self.kind.kickoff.hold())

    def agree_goals(self, *mentees: str) -> None:
        """Each agrees on goals with the mentor."""
        for name in mentees:
            self.do(self.tandem(name), Tandem.agree_goals(goals=GOALS), person(name))

    def meet(self, *mentees: str, times: int = 3) -> None:
        """Each has met so often, on the days up to today."""
        for name in mentees:
            for number in range(times):
                day = self.clock.today - timedelta(days=number)
                self.do(self.tandem(name), Tandem.log_meeting(on=day), person(name))

    def workshop(self, begins: date, topic: Topic = Topic.INTERCULTURAL, seats: int | None = None) -> Case[Any]:
        """Plan a workshop and open it for registration."""
        plan = Workshop.plan(seminar=WorkshopData(title="Seeing with other eyes", topic=topic))
        case = self.flow.start(plan, parent=self.edition, actor=office)
        return self.do(case, Workshop.occasion.announce(begins=begins, capacity=seats, hours=6))

    def register(self, name: str, workshop: Case[Any]) -> Case[Any]:
        """A mentee registers for a workshop."""
        self.do(name, self.mentee.register(seminar=workshop.id), person(name))
        return self.place(name)

    def attend(self, workshop: Case[Any], *mentees: str) -> None:
        """These register for the workshop, and were there."""
        places = [self.register(name, workshop) for name in mentees]
        begins = self.flow.get(Workshop, workshop)[Workshop.occasion].begins
        assert begins is not None
        self.on(begins, hour=18)
        self.do(workshop, Workshop.occasion.hold())
        for place in places:
            self.do(place, WorkshopPlace.attendance.attend())

    def three_workshops(self, *mentees: str, first: date = KICKOFF + timedelta(days=45)) -> None:
        """Three workshops, a month apart, and these were there."""
        topics = (Topic.INTERCULTURAL, Topic.GENDER, Topic.INTERCULTURAL)
        for number, topic in enumerate(topics):
            self.attend(self.workshop(first + timedelta(days=30 * number), topic), *mentees)

    def film(self, *mentees: str, accepted: bool = True) -> None:
        """They make a film, and everybody has contributed."""
        first, second = mentees[:2]
        self.flow.start(JointProject.found(), parent=self.edition, actor=person(first))
        work = JointProject.work
        self.do(self.project, work.agree(idea="A film about hidden talents."), person(first))
        self.do(self.project, work.begin(), person(first))
        for name in mentees:
            self.do(self.project, work.confirm_contribution(person=name), person(second if name == first else first))
        if accepted:
            self.do(self.project, work.present(), person(first))
            self.do(self.project, work.accept())
