"""A stage for the stories of the training network: people with plainly invented ids, and a clock that is set by hand.

The id says who somebody is: ``a-1`` is an employee of administration A, ``a-superior`` her superior, ``a-personnel``
and ``a-head`` the personnel office and the head there.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from coverage_of import Coverage
from progflow import Actor, Case, Command, Program
from progflow.ports import Store
from progflow.programs.training_network import (
    CARRIER,
    EMPLOYEE,
    HEAD,
    PERSONNEL,
    Agreement,
    AgreementData,
    Course,
    CourseData,
    Kind,
    Member,
    Need,
    NeedData,
    Network,
    NetworkData,
    Place,
    Rules,
    Staff,
    Talk,
    TalkData,
    training_network,
)
from stage import ProgrammeStage

STARTS, ENDS = date(2012, 10, 1), date(2014, 12, 31)
NINE = tuple("ABCDEFGHI")
PAIR = ("A", "B")
SMALL = Rules(pool_size=2, smallest_group=0)
EXCEL = "Spreadsheets"

carrier = Actor("carrier", {CARRIER})


def employee(name: str) -> Actor:
    return Actor(name, {EMPLOYEE})


def personnel(where: str) -> Actor:
    return Actor(f"{where.lower()}-personnel", {PERSONNEL})


def head(where: str) -> Actor:
    return Actor(f"{where.lower()}-head", {HEAD})


def superior(where: str) -> Actor:
    return Actor(f"{where.lower()}-superior")


def where_is(name: str) -> str:
    """The administration that an id says."""
    return name.split("-")[0].upper()


class Desk:
    """The host's answers: who works where, and for whom."""

    def __init__(self) -> None:
        self.elsewhere: dict[str, str] = {}

    def administration_of(self, person: str) -> str:
        return self.elsewhere.get(person, where_is(person))

    def reports_to(self, person: str, superior: str) -> bool:
        return superior == f"{self.administration_of(person).lower()}-superior" != person


class Stage(ProgrammeStage):
    """One network, and short words for what people do in it."""

    def __init__(
        self,
        coverage: Coverage | None = None,
        *,
        store: Store | None = None,
        program: Program = training_network,
        rules: Rules = SMALL,
        members: tuple[str, ...] = PAIR,
        begun: bool = True,
    ) -> None:
        self.desk = Desk()
        super().__init__(program, store, date(2012, 9, 3), facts={Staff: self.desk}, coverage=coverage)
        self.need_kind: type[Any] = next(kind for kind in program.lifecycles if kind.__name__.endswith("Need"))
        network = NetworkData(name="Network", starts=STARTS, ends=ENDS, rules=rules)
        self.network_id = self.flow.start(Network.found(network=network), actor=carrier).id
        for name in members:
            self.invite(name)
            self.do(self.member(name), Member.join(declaration="D-1"), head(name))
        if begun:
            self.do(self.network, Network.record_agreement(document="S-1"), carrier)
            self.on(STARTS)

    # -- looking

    @property
    def network(self) -> Case[NetworkData]:
        return self.flow.get(Network, self.network_id)

    def member(self, name: str) -> Case[Any]:
        return self.flow.cases(Member).where(administration=name).all()[-1]

    def now_is(self, case: Case[Any]) -> Case[Any]:
        """The case as it is now."""
        return self.flow.get(case.lifecycle, case.id)

    def state(self, case: Case[Any]) -> str:
        return self.now_is(case).state.path

    def place(self, person: str) -> Case[Any]:
        """The last place of a person."""
        return self.flow.cases(Place).where(person=person).all()[-1]

    # -- doing

    def do(self, case: Case[Any], command: Command[Any], actor: Actor) -> Case[Any]:
        return self.flow.fire(case.id, command, actor=actor)

    def invite(self, name: str) -> None:
        self.flow.start(Member.invite(administration=name), parent=self.network_id, actor=carrier)

    def report(self, person: str, topic: str = EXCEL, kind: Kind = Kind.FURTHER, **more: Any) -> Case[Any]:
        need = NeedData(administration=where_is(person), topic=topic, kind=kind, **more)
        return self.flow.start(Need.report(need=need), parent=self.network_id, actor=employee(person))

    def approve(self, *needs: Case[Any]) -> None:
        for need in needs:
            self.do(need, self.need_kind.approve(), personnel(need.data.administration))

    def plan(self, topic: str = EXCEL) -> Case[CourseData]:
        plan = Course.plan(course=CourseData(topic=topic))
        return self.flow.start(plan, parent=self.network_id, actor=carrier)

    def announce(self, begins: date, *, topic: str = EXCEL, capacity: int | None = None, hours: float = 8) -> Case[Any]:
        """A course that is open for registration."""
        announce = Course.occasion.announce(begins=begins, capacity=capacity, hours=hours)
        return self.do(self.plan(topic), announce, carrier)

    def hold(self, course: Case[Any], *, absent: tuple[str, ...] = ()) -> None:
        """Hold a course on its day, and record who was there."""
        self.do(course, Course.occasion.hold(), carrier)
        for place in self.flow.cases(Place).in_(Place.attendance.registered).all():
            if place.links["course"] == course.id:
                missing = place.data.person in absent
                command = Place.attendance.miss() if missing else Place.attendance.attend()
                self.do(place, command, carrier)

    def take_up(self, person: str, **more: Any) -> Case[Any]:
        where = where_is(person)
        talk = TalkData(administration=where, person=person, **more)
        return self.flow.start(Talk.take_up(talk=talk), parent=self.member(where), actor=personnel(where))

    def draft(self, person: str, **terms: Any) -> Case[AgreementData]:
        where = where_is(person)
        terms = {"measure": "A long course", "kind": Kind.FURTHER, **terms}
        draft = Agreement.draft(agreement=AgreementData(administration=where, person=person, **terms))
        return self.flow.start(draft, parent=self.member(where), actor=personnel(where))

    def agree(self, person: str, **terms: Any) -> Case[AgreementData]:
        """An agreement that both sides have signed."""
        case = self.draft(person, **terms)
        self.do(case, Agreement.signature.sign(), employee(person))
        return self.do(case, Agreement.signature.sign(), head(where_is(person)))
