"""Intercultural mentoring: eight pairs, goals, three workshops, a film that survives, and seven certificates."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final

from progflow import Actor, Case
from progflow.cli.screen import Screen, day
from progflow.cli.stage import Stage, refused
from progflow.programs.intercultural_mentoring import (
    EMPLOYEE,
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
    Staff,
    Tandem,
    Topic,
    Workshop,
    WorkshopData,
    WorkshopPlace,
    intercultural_mentoring,
)

TITLE: Final = "The intercultural mentoring of the City of Osnabrück"

PROLOGUE: Final = (
    "Known of the real programme: four editions since 2002, each of seven to eight pairs for nine months, a kick-off, "
    "then goals, workshops on intercultural competence and gender, and one project of all mentees, a film for example. "
    "The people, the days and all that goes wrong are invented, and the finer rules are defaults that a municipality "
    "can set otherwise."
)

KICKOFF: Final = date(2008, 4, 1)
PAIRS: Final = {f"mentee-{n}": f"mentor-{n}" for n in range(1, 9)}
SUPERIOR: Final = "mentor-2"
LATE: Final = "mentee-4"
ALONE: Final = "mentee-5"
LEAVES: Final = "mentee-7"
SILENT: Final = "mentee-8"
SPARE: Final = "mentor-9"

office, personnel, equality = Actor("office", {OFFICE}), Actor("personnel"), Actor("equality")


class Desk:
    """What the personnel system knows; of whom the programme is for it says yes or no, and nothing else."""

    def reports_to(self, person: str, superior: str) -> bool:
        """One mentee works under a mentor."""
        return (person, superior) == ("mentee-1", SUPERIOR)

    def may_take_part(self, person: str) -> bool:
        """Everybody here."""
        return True


class Osnabrueck(Stage):
    """One edition, its people, its workshops and its film."""

    def __init__(self, file: Path) -> None:
        desk = Desk()
        facts: Mapping[Any, object] = {Staff: desk, Conditions: desk}
        super().__init__(intercultural_mentoring, file, opens=date(2008, 1, 14), facts=facts)
        panel = tuple(PanelMember(name, body, body) for name, body in BODIES.items())
        plan = Edition.plan(edition=EditionData(name="2008", panel=panel))
        self.edition_id = self.flow.start(plan, actor=office).id
        self.do(self.edition_id, Edition.call.publish(deadline=date(2008, 2, 15)), office)

    def names(self) -> Mapping[str, str]:
        """What each case is called on the screen."""
        called = dict(super().names())
        for mentee in self.flow.cases(Mentee).all():
            called[mentee.id] = mentee.data.person
        for mentor in self.flow.cases(Mentor).all():
            called[mentor.id] = mentor.data.person
        for tandem in self.flow.cases(Tandem).all():
            called[tandem.id] = f"{tandem.data.mentee} and {tandem.data.mentor}"
        for place in self.flow.cases(WorkshopPlace).all():
            called[place.id] = f"place of {place.data.person}"
        called |= {project.id: "the project" for project in self.flow.cases(JointProject).all()}
        return called | {self.edition_id: "the edition"}

    @property
    def edition(self) -> Case[EditionData]:
        """The edition now."""
        return self.flow.get(Edition, self.edition_id)

    def mentee(self, name: str) -> Case[MenteeData]:
        """The mentee of that id."""
        return self.flow.cases(Mentee).where(person=name).one()

    def tandem(self, name: str) -> Case[Any]:
        """The last pair of a mentee."""
        return self.flow.cases(Tandem).where(mentee=name).all()[-1]

    @property
    def project(self) -> Case[Any]:
        """The joint project."""
        return self.flow.cases(JointProject).one()

    def offer(self, name: str) -> None:
        """A mentor offers oneself and is accepted."""
        offer = Mentor.offer(offer=MentorData(experience="Many years in the town hall."))
        case = self.flow.start(offer, parent=self.edition, actor=Actor(name, {EMPLOYEE}))
        self.do(case, Mentor.application.admit(), office)

    def propose(self, mentee: str, mentor: str) -> Case[Any]:
        """A match is proposed."""
        self.do(self.mentee(mentee), Mentee.matching.propose(partner=mentor, why="The fields are close."), personnel)
        return self.flow.cases(MatchProposal).where(mentee=mentee, mentor=mentor).all()[-1]

    def match(self, mentee: str, mentor: str) -> None:
        """A match is proposed, and both bodies approve it."""
        proposal = self.propose(mentee, mentor)
        for actor in (personnel, equality):
            self.do(proposal, MatchProposal.approval.approve(), actor)

    def meet(self, name: str) -> None:
        """The two meet today."""
        self.do(self.tandem(name), Tandem.log_meeting(on=self.today), Actor(name))

    def workshop(self, title: str, topic: Topic, on: date, names: Iterable[str]) -> None:
        """A workshop, from the plan to the last hour."""
        plan = Workshop.plan(seminar=WorkshopData(title=title, topic=topic))
        case = self.flow.start(plan, parent=self.edition, actor=office)
        self.do(case, Workshop.occasion.announce(begins=on, capacity=8, hours=6), office)
        for name in names:
            self.do(self.mentee(name), Mentee.register(seminar=case.id), Actor(name))
        self.come(on, hour=17)
        self.do(case, Workshop.occasion.hold(), office)
        for place in self.flow.cases(WorkshopPlace).in_(WorkshopPlace.attendance.registered).all():
            self.do(place, WorkshopPlace.attendance.attend(), office)


BODIES: Final = {"personnel": "personnel and organisation", "equality": "equality office"}


def play(file: Path, screen: Screen) -> None:
    """Play it into the file and tell it on the screen."""
    with Osnabrueck(file) as stage:
        screen.opening(TITLE, PROLOGUE)
        for chapter in (call, matching, kickoff, goals, workshops, new_mentor, film, leaving, closing, certificates):
            chapter(stage, screen)
        overview(stage, screen)
        screen.gap()
        screen.tell(f"All {stage.how_many} cases with their history are in")
        screen.line(str(file))


def call(stage: Osnabrueck, screen: Screen) -> None:
    """Eight seats."""
    for name in PAIRS:
        apply = Mentee.apply(application=MenteeData(motivation="To get on."))
        case = stage.flow.start(apply, parent=stage.edition, actor=Actor(name, {EMPLOYEE}))
        stage.do(case, Mentee.application.admit(), office)
    for name in (*PAIRS.values(), SPARE):
        stage.offer(name)
    screen.chapter(stage.today, "The call")
    screen.tell(f"{len(PAIRS)} employees apply, {len(PAIRS) + 1} experienced colleagues offer to accompany them.")
    screen.tell("The personnel system says whether the programme is meant for somebody: yes or no, and never why.")


def matching(stage: Osnabrueck, screen: Screen) -> None:
    """Two bodies approve, and nobody gets a superior."""
    stage.come(date(2008, 2, 19))
    for rank, name in enumerate(PAIRS, 1):
        stage.do(stage.mentee(name), Mentee.selection.select(rank=rank), personnel)
        stage.do(stage.mentee(name), Mentee.selection.confirm(), Actor(name))
    stage.do(stage.edition, Edition.begin_matching(), office)
    screen.chapter(stage.today, "Who goes with whom")
    screen.refusal(personnel.id, f"mentee-1 with {SUPERIOR}", refused(lambda: stage.propose("mentee-1", SUPERIOR)))
    hold = Edition.kickoff.hold()
    screen.refusal(office.id, "Hold the kick-off", refused(lambda: stage.do(stage.edition, hold, office)))
    for mentee, mentor in PAIRS.items():
        stage.match(mentee, mentor)
    screen.tell(f"{len(PAIRS)} pairs are approved, each by {' and '.join(BODIES.values())}.")


def kickoff(stage: Osnabrueck, screen: Screen) -> None:
    """From here on everything counts."""
    stage.come(KICKOFF)
    with stage.watching() as steps:
        stage.do(stage.edition, Edition.kickoff.hold(), office)
    screen.chapter(stage.today, "The kick-off")
    screen.steps(steps, most=4)
    ends = stage.due(stage.mentee("mentee-1"), "tandem.complete", office)
    assert ends is not None
    screen.tell(f"Nine months from today end with {day(ends)}.")


def goals(stage: Osnabrueck, screen: Screen) -> None:
    """Goals in three areas; who has none is called to mind, and goes on."""
    stage.come(date(2008, 4, 21))
    screen.chapter(stage.today, "Goals")
    three = tuple(Goal("Something to reach.", area.value) for area in Area)
    some = Tandem.agree_goals(goals=three[:1])
    said = refused(lambda: stage.do(stage.tandem("mentee-1"), some, Actor("mentee-1")))
    screen.refusal("mentee-1", "Agree on goals", said)
    agree = Tandem.agree_goals(goals=three)
    for name in PAIRS:
        if name != LATE:
            stage.do(stage.tandem(name), agree, Actor(name))
    with stage.watching() as steps:
        stage.come(date(2008, 5, 14))
    screen.tell("Six weeks after the kick-off:")
    screen.steps(steps)
    stage.do(stage.tandem(LATE), agree, Actor(LATE))


def workshops(stage: Osnabrueck, screen: Screen) -> None:
    """Three of them, and one mentee who stays away."""
    there = [name for name in PAIRS if name != SILENT]
    stage.workshop("Seeing with other eyes", Topic.INTERCULTURAL, date(2008, 5, 28), PAIRS)
    stage.workshop("Women, men, and the town hall", Topic.GENDER, date(2008, 6, 25), there)
    stage.workshop("At the counter", Topic.INTERCULTURAL, date(2008, 9, 3), there)
    screen.chapter(stage.today, "Workshops")
    rows = ((one.data.title, f"{one.data.topic.value}, {one.state.title}") for one in stage.flow.cases(Workshop).all())
    screen.facts(*rows)


def new_mentor(stage: Osnabrueck, screen: Screen) -> None:
    """A mentor leaves; the seat is kept, and the clock goes on."""
    with stage.watching() as steps:
        gone = stage.flow.cases(Mentor).where(person=PAIRS[ALONE]).one()
        stage.do(gone, Mentor.leave(), office)
        stage.come(date(2008, 9, 15))
        stage.match(ALONE, SPARE)
    screen.chapter(stage.today, "A mentor leaves, another one comes")
    shown = ("leave", "tandem.lose_partner", "lose_mentor", "begin", "tandem.find_partner")
    screen.steps([step for step in steps if step[1].event in shown])
    three = tuple(Goal("Something to reach.", area.value) for area in Area)
    stage.do(stage.tandem(ALONE), Tandem.agree_goals(goals=three), Actor(ALONE))


def film(stage: Osnabrueck, screen: Screen) -> None:
    """One project of all."""
    screen.chapter(stage.today, "A film")
    stage.flow.start(JointProject.found(), parent=stage.edition, actor=Actor("mentee-1"))
    work = JointProject.work
    with stage.watching() as steps:
        stage.do(stage.project, work.agree(idea="A film about hidden talents."), Actor("mentee-1"))
        stage.do(stage.project, work.begin(), Actor("mentee-2"))
    screen.steps(steps)
    own = work.confirm_contribution(person="mentee-1")
    said = refused(lambda: stage.do(stage.project, own, Actor("mentee-1")))
    screen.refusal("mentee-1", "Confirm the own contribution", said)


def leaving(stage: Osnabrueck, screen: Screen) -> None:
    """Somebody leaves, and the film goes on."""
    stage.come(date(2008, 10, 6))
    with stage.watching() as steps:
        leave = Mentee.tandem.drop_out(reason="A post in another town.")
        stage.do(stage.mentee(LEAVES), leave, Actor(LEAVES))
    screen.chapter(stage.today, "One less")
    screen.steps(steps)
    screen.tell(f"The film goes on with seven; with fewer than three it would end. It is {stage.project.state.title}.")


def closing(stage: Osnabrueck, screen: Screen) -> None:
    """The film is shown, and the edition closed."""
    work, remain = JointProject.work, [name for name in PAIRS if name != LEAVES]
    for name in remain:
        if name != SILENT:
            witness = "mentee-2" if name == "mentee-1" else "mentee-1"
            stage.do(stage.project, work.confirm_contribution(person=name), Actor(witness))
        for number in range(3):
            stage.come(stage.today + timedelta(days=number))
            stage.meet(name)
        stage.do(stage.mentee(name), Mentee.review_goals(), Actor(name))
    stage.come(date(2008, 12, 19))
    stage.do(stage.project, work.present(), Actor("mentee-1"))
    screen.chapter(stage.today, "The film is shown")
    said = refused(lambda: stage.do(stage.project, work.accept(), office))
    screen.refusal(office.id, "Accept it", said)
    with stage.watching() as steps:
        stage.do(stage.project, work.accept(without=(SILENT,)), office)
        stage.do(stage.edition, Edition.run.hold_closing(), office)
    screen.steps(steps, most=4)


def certificates(stage: Osnabrueck, screen: Screen) -> None:
    """Who has earned one, and who has not."""
    screen.chapter(stage.today, "Certificates")
    issue = Mentee.certificate.issue()
    for name in PAIRS:
        if name not in (LEAVES, SILENT):
            stage.do(stage.mentee(name), issue, office)
    said = refused(lambda: stage.do(stage.mentee(SILENT), issue, office))
    screen.refusal(office.id, f"Issue the certificate of {SILENT}", said)
    refuse = Mentee.certificate.refuse(reason="Too few workshops, and no part in the film.")
    with stage.watching() as steps:
        stage.do(stage.mentee(SILENT), refuse, office)
    screen.steps(steps)


def overview(stage: Osnabrueck, screen: Screen) -> None:
    """What became of everybody."""
    rows = [
        (case.data.person, case.state_title, case[Mentee.certificate].number) for case in stage.flow.cases(Mentee).all()
    ]
    screen.table("All mentees", ("Who", "Where it ended", "Certificate"), rows)


__all__ = ["TITLE", "play"]
