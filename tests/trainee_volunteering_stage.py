"""A stage for the stories of the trainee volunteering: people with plainly invented ids, a clock set by hand."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from coverage_of import Coverage
from progflow import Actor, Case, Command, Program
from progflow.ports import Store
from progflow.programs.trainee_volunteering import (
    HEAD,
    HOST,
    OFFICE,
    TRAINEE,
    Activity,
    Deployment,
    Institutions,
    Personnel,
    Project,
    ProjectData,
    Rules,
    Volunteer,
    VolunteerData,
    Year,
    YearData,
    trainee_volunteering,
)
from stage import ProgrammeStage

OPENING = date(2020, 1, 13)
OFFERS_BY = date(2020, 2, 29)
REGISTER_BY = date(2020, 4, 15)
FRIDAY, SATURDAY = date(2020, 5, 8), date(2020, 5, 9)
RAIN_DATE = date(2020, 5, 15)

office, head = Actor("office", {OFFICE}), Actor("head", {HEAD})
superior = Actor("superior")
COVERED = Coverage()


def host(name: str) -> Actor:
    """Who speaks for a host."""
    return Actor(f"contact of {name}", {HOST})


def trainee(name: str) -> Actor:
    """A trainee of that id."""
    return Actor(name, {TRAINEE})


class City:
    """What the host system knows: who is a trainee until when, who was born when, who is charitable."""

    def __init__(self) -> None:
        self.left: dict[str, date] = {}
        self.born: dict[str, date] = {}
        self.commercial: set[str] = set()

    def is_trainee(self, person: str, on: date) -> bool:
        """Trainees until they leave."""
        return person.startswith("trainee") and on < self.left.get(person, date.max)

    def birthday(self, person: str) -> date:
        """Of age, unless said otherwise."""
        return self.born.get(person, date(2000, 1, 1))

    def supervises(self, superior: str, person: str) -> bool:
        """One superior for all of them."""
        return superior == "superior"

    def is_charitable(self, institution: str) -> bool:
        """Charitable, unless said otherwise."""
        return institution not in self.commercial


class Stage(ProgrammeStage):
    """One year, and short words for what people do in it."""

    def __init__(
        self,
        store: Store | None = None,
        *,
        program: Program = trainee_volunteering,
        project: type[Any] = Project,
        volunteer: type[Any] = Volunteer,
        rules: Rules | None = None,
    ) -> None:
        self.city = City()
        facts = {Personnel: self.city, Institutions: self.city}
        super().__init__(program, store, OPENING, facts=facts, coverage=COVERED)
        self.project, self.volunteer = project, volunteer
        plan = Year.plan(year=YearData(name="2020", rules=rules or Rules()))
        self.year_id = self.flow.start(plan, actor=office).id
        self.flow.fire(self.year_id, Year.offers.publish(deadline=OFFERS_BY), actor=office)

    # -- looking

    @property
    def year(self) -> Case[YearData]:
        """The year now."""
        return self.flow.get(Year, self.year_id)

    def project_of(self, name: str) -> Case[Any]:
        """The last project of that name."""
        found: list[Case[Any]] = [*self.flow.cases(self.project).where(name=name).all()]
        return found[-1]

    def who(self, name: str) -> Case[Any]:
        """The last registration of that trainee."""
        found: list[Case[Any]] = [*self.flow.cases(self.volunteer).where(person=name).all()]
        return found[-1]

    def place(self, name: str) -> Case[Any]:
        """The last deployment of that trainee."""
        return self.flow.cases(Deployment).where(person=name).all()[-1]

    def states(self, *names: str) -> list[str]:
        """The states of these trainees."""
        return [self.who(name).state.path for name in names]

    # -- doing

    def do(self, case: Case[Any] | str, command: Command[Any], actor: Actor = office) -> Case[Any]:
        """Fire a command on a case as it is now."""
        return self.flow.fire(self.meant(case), command, actor=actor)

    def offer(self, name: str, **more: Any) -> Case[Any]:
        """A host offers a project on the Friday."""
        fields: dict[str, Any] = {"activity": Activity.MANUAL, "on": FRIDAY, "places": 2, **more}
        data = ProjectData(name=name, host=f"{name} e. V.", **fields)
        return self.flow.start(self.project.submit(offer=data), parent=self.year, actor=host(name))

    def publish(self, name: str) -> None:
        """The city agency admits an offer and publishes it with what the host has offered."""
        case = self.do(self.project_of(name), self.project.offer.admit())
        announce = self.project.work.announce(begins=case.data.on, capacity=case.data.places, hours=case.data.hours)
        self.do(case, announce)

    def to_registration(self, *names: str, **more: Any) -> None:
        """Hosts offer these projects; they are published once the offers are in, and trainees may register."""
        for name in names:
            self.offer(name, **more)
        self.on(date(2020, 3, 3))
        for name in names:
            self.publish(name)
        self.do(self.year_id, Year.registration.publish(deadline=REGISTER_BY))

    def register(self, name: str, wish: str) -> Case[Any]:
        """A trainee registers."""
        command = self.volunteer.register(volunteer=VolunteerData(wish=wish))
        return self.flow.start(command, parent=self.year, actor=trainee(name))

    def ready(self, name: str, *, days: Iterable[date] = (FRIDAY, RAIN_DATE), briefed: date | None = None) -> None:
        """The superior has agreed, and there was a safety briefing."""
        case = self.do(self.who(name), self.volunteer.registration.agree(days=tuple(days)), superior)
        self.do(case, self.volunteer.registration.note_briefing(on=briefed or self.clock.today))

    def assign(self, name: str, project: str) -> Case[Any]:
        """The city agency assigns."""
        return self.do(self.who(name), self.volunteer.registration.assign(project=project))

    def place_all(self, project: str, *names: str) -> None:
        """These register for the project, have what they need, and are assigned."""
        for name in names:
            self.register(name, project)
            self.ready(name)
            self.assign(name, project)

    def says(self, name: str, command: Command[Any]) -> None:
        """The host of a volunteer's project says something about the volunteer."""
        place = self.place(name)
        project: Case[Any] = self.flow.get(self.project, place.links["project"])
        self.do(place, command, host(project.data.name))

    def came(self, name: str, hours: float | None = None) -> None:
        """The host confirms that the volunteer came."""
        self.says(name, Deployment.attendance.attend(hours=hours))

    def missed(self, name: str) -> None:
        """The host says that the volunteer did not come."""
        self.says(name, Deployment.attendance.miss())
