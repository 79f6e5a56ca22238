"""A year of trainee volunteering: four projects, nine trainees, rain, and what else may come between."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any, Final

from progflow import Actor, Case
from progflow.cli.screen import Screen, day
from progflow.cli.stage import Stage, refused
from progflow.programs.trainee_volunteering import (
    HOST,
    OFFICE,
    TRAINEE,
    Activity,
    Deployment,
    Institutions,
    Personnel,
    Project,
    ProjectData,
    Volunteer,
    VolunteerData,
    Year,
    YearData,
    trainee_volunteering,
)
from progflow.states.people import Cause

TITLE: Final = "Trainee volunteering as in Essen"

PROLOGUE: Final = (
    "Known of Essen: every year since 2006 trainees of the city work in charitable institutions, of their own free "
    "will, and all who do get a certificate. That offers are in by 29 February for 8 and 9 May is known of a "
    "volunteers' day in Halle. That it takes a day, the people, the projects and all that goes wrong are invented, and "
    "the finer rules are defaults that a municipality can set otherwise."
)

FRIDAY, SATURDAY, RAIN_DATE = date(2020, 5, 8), date(2020, 5, 9), date(2020, 5, 15)
PROJECTS: Final = (
    ProjectData(name="fence", host="day nursery", activity=Activity.MANUAL, on=FRIDAY, places=3, rain_date=RAIN_DATE),
    ProjectData(name="mural", host="youth club", activity=Activity.ARTISTIC, on=SATURDAY, places=4, fewest=2),
    ProjectData(name="garden", host="allotments", activity=Activity.MANUAL, on=SATURDAY, places=4, fewest=2),
    ProjectData(name="games", host="home for the aged", activity=Activity.SENIORS, on=FRIDAY, places=3),
)
WISHES: Final = {
    **{f"trainee-{n}": "fence" for n in (1, 2, 3, 4)},
    **{f"trainee-{n}": "games" for n in (5, 6)},
    **{f"trainee-{n}": "mural" for n in (7, 8)},
    "trainee-9": "garden",
}
YOUNG: Final = "trainee-2"
EXAMINED: Final = "trainee-3"
WAITS: Final = "trainee-4"
SLEEPS_IN: Final = "trainee-6"
FIRM: Final = "car dealer"

office, superior = Actor("city agency", {OFFICE}), Actor("superior")


class City:
    """The host's part: who is a trainee, how old, and who is charitable."""

    def is_trainee(self, person: str, on: date) -> bool:
        """See ``Personnel``."""
        return person in WISHES

    def birthday(self, person: str) -> date:
        """See ``Personnel``."""
        return date(2003, 6, 1) if person == YOUNG else date(2000, 6, 1)

    def supervises(self, superior: str, person: str) -> bool:
        """See ``Personnel``."""
        return superior == "superior"

    def is_charitable(self, institution: str) -> bool:
        """See ``Institutions``."""
        return institution != FIRM


def host(institution: str) -> Actor:
    """Who speaks for an institution."""
    return Actor(institution, {HOST})


class Year2020(Stage):
    """One year of the programme."""

    def __init__(self, file: Path) -> None:
        city = City()
        facts = {Personnel: city, Institutions: city}
        super().__init__(trainee_volunteering, file, opens=date(2020, 1, 13), facts=facts)
        self.year_id = self.flow.start(Year.plan(year=YearData(name="2020")), actor=office).id

    @property
    def year(self) -> Case[YearData]:
        """The year now."""
        return self.flow.get(Year, self.year_id)

    def project(self, name: str) -> Case[ProjectData]:
        """The project of that name."""
        return self.flow.cases(Project).where(name=name).one()

    def volunteer(self, name: str) -> Case[VolunteerData]:
        """The registration of a trainee."""
        return self.flow.cases(Volunteer).where(person=name).one()

    def place(self, name: str) -> Case[Any]:
        """The last deployment of a trainee."""
        return self.flow.cases(Deployment).where(person=name).all()[-1]

    def names(self) -> Mapping[str, str]:
        """What each case is called on the screen."""
        called = {self.year_id: "the year"}
        projects = {case.id: case.data.name for case in self.flow.cases(Project).all()}
        called |= projects
        called |= {case.id: case.data.person for case in self.flow.cases(Volunteer).all()}
        for case in self.flow.cases(Deployment).all():
            called[case.id] = f"{case.data.person} in {projects[case.links['project']]}"
        return called

    def offer(self, project: ProjectData) -> Case[ProjectData]:
        """A host offers a project."""
        return self.flow.start(Project.submit(offer=project), parent=self.year, actor=host(project.host))

    def assign(self, name: str, project: str) -> None:
        """The city agency assigns a trainee."""
        self.do(self.volunteer(name), Volunteer.registration.assign(project=project), office)

    def confirm(self, name: str, *, came: bool = True) -> None:
        """The host says whether somebody came."""
        place = self.place(name)
        actor = host(self.flow.get(Project, place.links["project"]).data.host)
        self.do(place, Deployment.attendance.attend() if came else Deployment.attendance.miss(), actor)


def play(file: Path, screen: Screen) -> None:
    """Play the year into the file and tell it on the screen."""
    with Year2020(file) as stage:
        screen.opening(TITLE, PROLOGUE)
        for chapter in (
            offers,
            publishing,
            registering,
            waiting,
            examination,
            cancelling,
            merging,
            rain,
            confirming,
            certificates,
        ):
            chapter(stage, screen)
        everybody(stage, screen, file)


def offers(stage: Year2020, screen: Screen) -> None:
    """Hosts offer projects until a deadline that moves on from a Saturday."""
    screen.chapter(stage.today, "The offers")
    stage.do(stage.year_id, Year.offers.publish(deadline=date(2020, 2, 29)), office)
    due = stage.due(stage.year_id, "offers.close", office)
    assert due is not None
    screen.tell(f"Offers are wanted by 29.02.2020. That is a Saturday, so they may come until the end of {day(due)}.")
    for project in PROJECTS:
        stage.offer(project)
        screen.tell(f"{project.host}: {project.name} on {day(project.on)}, for {project.places}.")
    stage.offer(ProjectData(name="wash", host=FIRM, activity=Activity.OTHER, on=FRIDAY, places=9))
    screen.tell(f"{FIRM}: wash on {day(FRIDAY)}, for 9.")


def publishing(stage: Year2020, screen: Screen) -> None:
    """The city agency looks at the offers and publishes them."""
    stage.come(date(2020, 3, 3))
    screen.chapter(stage.today, "What is published")
    admit = Project.offer.admit()
    reasons = refused(lambda: stage.do(stage.project("wash"), admit, office))
    screen.refusal("city agency for wash", Project.offer.admit.title, reasons)
    stage.do(stage.project("wash"), Project.offer.reject(reason="A firm."), office)
    for project in PROJECTS:
        case = stage.do(stage.project(project.name), admit, office)
        announce = Project.work.announce(begins=project.on, capacity=project.places, hours=project.hours)
        stage.do(case, announce, office)
    screen.tell(f"{len(PROJECTS)} projects are admitted and published.")
    stage.do(stage.year_id, Year.registration.publish(deadline=date(2020, 4, 15)), office)


def registering(stage: Year2020, screen: Screen) -> None:
    """Trainees register, and nobody works without what a day needs."""
    stage.come(date(2020, 4, 1))
    screen.chapter(stage.today, "The registration")
    for name, wish in WISHES.items():
        command = Volunteer.register(volunteer=VolunteerData(wish=wish))
        stage.flow.start(command, parent=stage.year, actor=Actor(name, {TRAINEE}))
    screen.tell(f"{len(WISHES)} trainees register.")
    offer = stage.flow.explain(stage.volunteer(YOUNG), actor=office)["registration.assign"]
    assign = Volunteer.registration.assign(project="fence")
    reasons = stage.flow.check(stage.volunteer(YOUNG), assign, actor=office)
    screen.refusal(f"city agency for {YOUNG}, who is 16", offer.title, reasons)
    for name in WISHES:
        case = stage.volunteer(name)
        stage.do(case, Volunteer.registration.agree(days=(FRIDAY, SATURDAY, RAIN_DATE)), superior)
        stage.do(case, Volunteer.registration.note_briefing(on=stage.today), office)
    stage.do(stage.volunteer(YOUNG), Volunteer.registration.file_consent(document="file 12"), office)
    screen.tell("The superiors agree, there is a safety briefing, and the guardian's consent is filed.")


def waiting(stage: Year2020, screen: Screen) -> None:
    """More trainees than places."""
    screen.chapter(stage.today, "Who works where")
    for name, wish in WISHES.items():
        if name != WAITS:
            stage.assign(name, wish)
    with stage.watching() as steps:
        stage.assign(WAITS, WISHES[WAITS])
    screen.steps(steps)
    screen.tell(f"The fence is {stage.project('fence').state.title}, so {WAITS} waits.")


def examination(stage: Year2020, screen: Screen) -> None:
    """An examination on the same day excuses, and the next moves up."""
    stage.come(date(2020, 4, 20))
    screen.chapter(stage.today, "An examination on the same day")
    with stage.watching() as steps:
        stage.do(stage.place(EXAMINED), Deployment.attendance.excuse(cause=Cause.EXAM), office)
    screen.steps(steps)


def cancelling(stage: Year2020, screen: Screen) -> None:
    """A host cancels, and everybody gets another place."""
    stage.come(date(2020, 4, 27))
    screen.chapter(stage.today, "A host cancels")
    with stage.watching() as steps:
        stage.do(stage.project("games"), Project.work.cancel(reason="The flu."), host("home for the aged"))
    screen.steps(steps)
    for name in ("trainee-5", SLEEPS_IN):
        stage.assign(name, "mural")
    screen.tell(f"trainee-5 and {SLEEPS_IN} get a place at the mural.")


def merging(stage: Year2020, screen: Screen) -> None:
    """Too few volunteers: a project of the same day takes them in."""
    stage.come(date(2020, 4, 28))
    screen.chapter(stage.today, "Too few for the garden")
    merge = Project.merge(into="mural", reason="One alone cannot dig it.")
    reasons = refused(lambda: stage.do(stage.project("garden"), merge, office))
    screen.refusal("city agency", Project.merge.title, reasons)
    stage.do(stage.project("mural"), Project.work.resize(capacity=5), office)
    screen.tell("The youth club makes room for a fifth. Now:")
    with stage.watching() as steps:
        stage.do(stage.project("garden"), merge, office)
    screen.steps(steps)


def rain(stage: Year2020, screen: Screen) -> None:
    """It rains, and the fence is built a week later."""
    stage.come(FRIDAY, hour=7)
    screen.chapter(stage.today, "Rain")
    with stage.watching() as steps:
        stage.do(stage.project("fence"), Project.work.move_day(begins=RAIN_DATE, reason="Rain."), office)
    screen.steps(steps)
    screen.tell("The superiors had agreed to the rain date as well, so everybody keeps the place.")


def confirming(stage: Year2020, screen: Screen) -> None:
    """The hosts say who came."""
    stage.come(date(2020, 5, 11))
    screen.chapter(stage.today, "Who came")
    for name in ("trainee-5", "trainee-7", "trainee-8", "trainee-9"):
        stage.confirm(name)
    with stage.watching() as steps:
        stage.confirm(SLEEPS_IN, came=False)
    screen.steps(steps)
    screen.tell("It is voluntary: nothing else happens.")
    stage.come(date(2020, 5, 16))
    with stage.watching() as steps:
        for name in ("trainee-1", YOUNG, WAITS):
            stage.confirm(name)
    screen.tell("A week later the fence is there. With the last volunteer the year is over:")
    screen.steps(steps[-3:])


def certificates(stage: Year2020, screen: Screen) -> None:
    """A numbered certificate for everybody who came."""
    stage.come(date(2020, 5, 25))
    screen.chapter(stage.today, "The certificates")
    for case in stage.flow.cases(Volunteer).in_(Volunteer.certificate).all():
        stage.do(case, Volunteer.certificate.issue(), office)
    issued = stage.flow.cases(Volunteer).in_(Volunteer.certificate.issued).count()
    screen.tell(f"{issued} certificates are issued, one for everybody who came.")


def everybody(stage: Year2020, screen: Screen, file: Path) -> None:
    """All trainees, and what came of it."""

    def row(case: Case[VolunteerData]) -> tuple[str, str, str, str, str]:
        done, certificate = case[Volunteer.registration], case[Volunteer.certificate]
        on = "" if done.on is None else day(done.on)
        return case.data.person, case.state.title, done.host, on, certificate.number

    cases = stage.flow.cases(Volunteer).all()
    screen.table("Everybody who registered", ("Trainee", "State", "Host", "Day", "Certificate"), map(row, cases))
    screen.gap()
    screen.tell(f"The year is {stage.year.state.title}. All {stage.how_many} cases with their history are in")
    screen.line(str(file))
