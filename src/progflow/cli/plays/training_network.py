"""The training network of nine administrations: talks, needs, one course, one agreement, and the numbers at the end."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any, Final

from progflow import Actor, Case
from progflow.cli.screen import Screen, day
from progflow.cli.stage import Stage, refused
from progflow.programs.training_network import (
    CARRIER,
    EMPLOYEE,
    HEAD,
    PERSONNEL,
    Agreement,
    AgreementData,
    Course,
    CourseData,
    Group,
    Kind,
    Member,
    Need,
    NeedData,
    Network,
    NetworkData,
    Participation,
    Place,
    Rules,
    Staff,
    Talk,
    TalkData,
    participation,
    training_network,
)
from progflow.programs.training_network.statistics import People
from progflow.states.binding import LeavingCause

TITLE: Final = "A training network of nine administrations, 2012 to 2014"

PROLOGUE: Final = (
    "Known of the network in southern Saxony-Anhalt: nine administrations and a carrier, from 01.10.2012 to "
    "31.12.2014, on the ground of TVöD § 5; leaders and staff who had not been trained so far were to take part more "
    "often. The administrations A to I, the people, the other days and all that goes wrong are invented, and the finer "
    "rules are defaults that a network can set otherwise."
)

NINE: Final = tuple("ABCDEFGHI")
TOPIC: Final = "Writing so that citizens understand"
REPORTING: Final = tuple(f"{where.lower()}-{number}" for where in "ABC" for number in (1, 2, 3))
RESIGNS: Final = "d-1"

carrier: Final = Actor("carrier", {CARRIER})


def where_is(name: str) -> str:
    """The administration that an id stands for: ``a-1`` works for A."""
    return name[0].upper()


def employee(name: str) -> Actor:
    """Somebody who works for one of the nine."""
    return Actor(name, {EMPLOYEE})


def personnel(where: str) -> Actor:
    """The personnel office there."""
    return Actor(f"{where.lower()}-personnel", {PERSONNEL})


class Registry:
    """The host's part: who works where, and who leads whom."""

    def administration_of(self, person: str) -> str:
        """See ``Staff``."""
        return where_is(person)

    def reports_to(self, person: str, superior: str) -> bool:
        """See ``Staff``."""
        return superior == f"{person[0]}-superior"


class Years(Stage):
    """The network from its preparation to its end."""

    def __init__(self, file: Path) -> None:
        super().__init__(training_network, file, opens=date(2012, 9, 3), facts={Staff: Registry()})
        rules = Rules(smallest_group=3)
        data = NetworkData(name="2012", starts=date(2012, 10, 1), ends=date(2014, 12, 31), rules=rules)
        self.network_id = self.flow.start(Network.found(network=data), actor=carrier).id
        self.course_id = ""

    # -- looking

    @property
    def network(self) -> Case[NetworkData]:
        """The network now."""
        return self.flow.get(Network, self.network_id)

    def member(self, where: str) -> Case[Any]:
        """An administration in the network."""
        return self.flow.cases(Member).where(administration=where).one()

    def need(self, person: str) -> Case[NeedData]:
        """What that person needs."""
        return self.flow.cases(Need).where(person=person).one()

    def place(self, person: str) -> Case[Any]:
        """The place of that person."""
        return self.flow.cases(Place).where(person=person).one()

    def talk(self, person: str) -> Case[TalkData]:
        """The talk of that person."""
        return self.flow.cases(Talk).where(person=person).one()

    def names(self) -> Mapping[str, str]:
        """What each case is called on the screen."""
        called = {self.network_id: "the network", self.course_id: "the course"}
        called |= {case.id: case.data.administration for case in self.flow.cases(Member).all()}
        for kind in self.program.lifecycles:
            if kind not in (Network, Course, Member):
                word = kind.__name__.lower()
                called |= {case.id: f"{word} of {case.data.person}" for case in self.flow.cases(kind).all()}
        return called

    # -- doing

    def report(self, person: str) -> None:
        """An employee says what she or he needs to learn."""
        group = Group.LEADER if person.endswith("1") else Group.UNTRAINED
        need = NeedData(administration=where_is(person), topic=TOPIC, kind=Kind.FURTHER, group=group)
        self.flow.start(Need.report(need=need), parent=self.network_id, actor=employee(person))

    def draft(self, person: str, months: int, because: str = "") -> Case[AgreementData]:
        """An agreement on a course of four months, 4,800 euros."""
        where = where_is(person)
        agreement = AgreementData(
            administration=where,
            person=person,
            measure="A course of four months",
            kind=Kind.FURTHER,
            training_days=85,
            costs=480_000,
            to_repay=480_000,
            binding_months=months,
            longer_because=because,
        )
        draft = Agreement.draft(agreement=agreement)
        return self.flow.start(draft, parent=self.member(where), actor=personnel(where))


def play(file: Path, screen: Screen) -> None:
    """Play the years into the file and tell them on the screen."""
    with Years(file) as stage:
        screen.opening(TITLE, PROLOGUE)
        for chapter in (joining, talks, pooling, approving, booking, course, confirming, binding, missing, leaving):
            chapter(stage, screen)
        ending(stage, screen)
        timeline(stage, screen, "c-2")
        epilogue(stage, screen, file)


def joining(stage: Years, screen: Screen) -> None:
    """Nine administrations, and a day on which the network begins by itself."""
    screen.chapter(stage.today, "The network is prepared")
    for where in NINE:
        invited = stage.flow.start(Member.invite(administration=where), parent=stage.network_id, actor=carrier)
        stage.do(invited, Member.join(declaration="declaration"), Actor(f"{where.lower()}-head", {HEAD}))
    screen.tell("Nine administrations have joined.")
    stage.do(stage.network, Network.record_agreement(document="agreement of the social partners"), carrier)
    screen.tell("The social partners have agreed, so the network begins on its day:")
    with stage.watching() as steps:
        stage.come(date(2012, 10, 1))
    screen.steps(steps)


def talks(stage: Years, screen: Screen) -> None:
    """The yearly talk, which is due on its day, and moves when it is held early."""
    for person in (*REPORTING, RESIGNS):
        talk = TalkData(administration=where_is(person), person=person, last_talk=date(2012, 1, 16))
        take_up = Talk.take_up(talk=talk)
        stage.flow.start(take_up, parent=stage.member(where_is(person)), actor=personnel(where_is(person)))
    stage.come(date(2012, 11, 12))
    screen.chapter(stage.today, "The talks that TVöD § 5 asks for")
    due = stage.due(stage.talk("a-1"), "talk.become_due", carrier)
    for person in REPORTING:
        held = Talk.talk.hold(on=stage.today)
        stage.do(stage.talk(person), held, Actor(f"{person[0]}-superior"))
        stage.do(stage.talk(person), Talk.talk.document(), Actor(f"{person[0]}-superior"))
    moved = stage.due(stage.talk("a-1"), "talk.become_due", carrier)
    assert due is not None
    assert moved is not None
    screen.tell(f"In A, B and C all talks are held early. An early talk moves the next one from {day(due)}:")
    screen.facts(("the next talk of a-1", day(moved)), ("the talk of d-1, not held", day(due)))


def pooling(stage: Years, screen: Screen) -> None:
    """The eighth need of one topic makes a pool."""
    stage.come(date(2012, 11, 20))
    screen.chapter(stage.today, "Needs become a pool")
    for person in REPORTING[:7]:
        stage.report(person)
    screen.tell(f"Seven employees of three administrations need the same: {TOPIC.lower()}.")
    plan = Course.plan(course=CourseData(topic=TOPIC))
    why = refused(lambda: stage.flow.start(plan, parent=stage.network_id, actor=carrier))
    screen.refusal(carrier.id, Course.plan.title, why)
    with stage.watching() as steps:
        stage.report(REPORTING[7])
    screen.tell("An eighth reports it, and all of them are a pool:")
    screen.steps(steps, most=4)
    stage.report(REPORTING[8])


def approving(stage: Years, screen: Screen) -> None:
    """Each administration decides on its own."""
    stage.come(date(2012, 12, 3))
    screen.chapter(stage.today, "Each administration decides on its own")
    theirs = refused(lambda: stage.do(stage.need("b-1"), Need.approve(), personnel("A")))
    screen.refusal(f"{personnel('A').id}, for b-1", Need.approve.title, theirs)
    for person in REPORTING[1:]:
        stage.do(stage.need(person), Need.approve(), personnel(where_is(person)))
    with stage.watching() as steps:
        stage.do(stage.need("a-1"), Need.reject(reason="Was in such a course last year."), personnel("A"))
    screen.steps(steps)
    screen.tell("The other eight are approved.")


def booking(stage: Years, screen: Screen) -> None:
    """A course is announced, and whoever needs it asks for a seat by oneself."""
    stage.come(date(2013, 1, 14))
    screen.chapter(stage.today, "A course with six seats")
    plan = Course.plan(course=CourseData(topic=TOPIC, trainer="a trainer of the carrier"))
    stage.course_id = stage.flow.start(plan, parent=stage.network_id, actor=carrier).id
    announce = Course.occasion.announce(begins=date(2013, 3, 5), ends=date(2013, 3, 6), capacity=6, hours=16)
    with stage.watching() as steps:
        stage.do(stage.course_id, announce, carrier)
    screen.steps(steps, most=3)
    waiting = stage.flow.cases(Place).in_(Place.attendance.waiting).all()
    screen.tell(f"Six have a seat; {' and '.join(case.data.person for case in waiting)} wait.")
    stage.come(date(2013, 2, 4))
    with stage.watching() as steps:
        give_back = Place.attendance.deregister(reason="The election is on that day.")
        stage.do(stage.place("b-2"), give_back, employee("b-2"))
    screen.tell(f"On {day(stage.today)} a seat is given back:")
    screen.steps(steps)


def course(stage: Years, screen: Screen) -> None:
    """Who was there, who was not, and who was not there long enough."""
    stage.come(date(2013, 3, 6), hour=17)
    screen.chapter(stage.today, "The course is held")
    stage.do(stage.course_id, Course.occasion.hold(), carrier)
    with stage.watching() as steps:
        for case in stage.flow.cases(Place).in_(Place.attendance.registered).all():
            hours = 8 if case.data.person == "b-3" else 16
            absent = case.data.person == "c-1"
            stage.do(case, Place.attendance.miss() if absent else Place.attendance.attend(hours=hours), carrier)
    screen.steps([step for step in steps if step[0].endswith(("a-2", "b-3", "c-1"))], most=9)
    open_ones = stage.flow.cases(Need).in_(Need.approved).all()
    screen.tell(f"{len(open_ones)} needs wait for the next course, by themselves.")


def confirming(stage: Years, screen: Screen) -> None:
    """Taking part is confirmed in writing."""
    stage.come(date(2013, 3, 11))
    screen.chapter(stage.today, "Confirmed in writing")
    for case in stage.flow.cases(Need).in_(Need.covered).all():
        confirmed = stage.do(case, Need.covered.issue(), personnel(case.data.administration))
        screen.tell(f"{case.data.person}: {confirmed[Need.covered].number}")


def binding(stage: Years, screen: Screen) -> None:
    """A long course, and a binding that is longer than usual."""
    stage.come(date(2013, 4, 2))
    screen.chapter(stage.today, "A long course, and a binding")
    too_long = refused(lambda: stage.draft(RESIGNS, 36))
    screen.refusal(personnel("D").id, f"{Agreement.draft.title}, 36 months", too_long)
    agreement = stage.draft(RESIGNS, 24)
    with stage.watching() as steps:
        for signs in (employee(RESIGNS), Actor("d-head", {HEAD})):
            stage.do(agreement, Agreement.signature.sign(), signs)
    screen.steps(steps)
    stage.come(date(2013, 8, 30), hour=16)
    stage.do(agreement, Agreement.end_measure(on=stage.today), personnel("D"))
    with stage.watching() as steps:
        stage.come(date(2013, 9, 2))
    screen.tell("Four months of course, 4,800 euros, 24 months of binding from then on:")
    screen.steps(steps)


def missing(stage: Years, screen: Screen) -> None:
    """A talk that nobody holds."""
    with stage.watching() as steps:
        stage.come(date(2014, 3, 3))
    screen.chapter(stage.today, "The talks of the next year")
    screen.steps([step for step in steps if step[0] == "talk of a-1"])
    screen.tell("So it is with all talks of A, B and C: nobody has held one. It can still be done.")
    held = Talk.talk.hold(on=stage.today)
    for person in REPORTING[3:]:
        stage.do(stage.talk(person), held, Actor(f"{person[0]}-superior"))
    screen.tell("In B and C it is done that day; in A it is not.")


def leaving(stage: Years, screen: Screen) -> None:
    """Who resigns pays back a part; for a reason of the person nothing."""
    stage.come(date(2014, 5, 30))
    screen.chapter(stage.today, "A resignation")
    agreement = stage.flow.cases(Agreement).where(person=RESIGNS).one()
    with stage.watching() as steps:
        leave = Agreement.binding.leave(on=stage.today, cause=LeavingCause.OWN_WISH)
        left = stage.do(agreement, leave, personnel("D"))
    screen.steps(steps)
    owed = left[Agreement.binding].owed // 100
    screen.facts(("full months of the binding", "9 of 24"), ("to be paid back", f"{owed:,} euros of 4,800"))
    screen.tell("Had it been for a good reason in the person, nothing would be owed: such a clause would be void.")
    stage.do(stage.talk(RESIGNS), Talk.end(), personnel("D"))


def ending(stage: Years, screen: Screen) -> None:
    """The end, and the numbers of each administration."""
    with stage.watching() as steps:
        stage.come(date(2015, 1, 1))
    screen.chapter(stage.today, "The network is over")
    screen.steps([step for step in steps if step[0] == "the network"])
    stage.come(date(2015, 2, 16))
    with stage.watching() as steps:
        stage.do(stage.network, Network.account(proof="proof of use"), carrier)
    screen.steps(steps, most=4)
    heads = ("", "Needs", "Measures", "People", "Leaders", "So far untrained", "Talks", "Overdue")
    rows = [row(one) for one in participation(stage.flow, stage.network) if one.needs != 0]
    screen.table("Who took part (few: of fewer than three people, so that nobody is recognised)", heads, rows)


def row(one: Participation) -> tuple[str, ...]:
    """One administration in the table."""

    def shown(people: People) -> str:
        return "few" if people is None else str(people)

    groups = (one.by_group[Group.LEADER], one.by_group[Group.UNTRAINED])
    counts = (one.needs, one.measures, one.people, *groups, one.talks, one.overdue)
    return one.administration, *map(shown, counts)


def timeline(stage: Years, screen: Screen, person: str) -> None:
    """The history of one need."""
    entries = stage.flow.history(stage.need(person))
    rows = [
        (day(entry.at), entry.title, entry.after_title, "the clock" if entry.due is not None else entry.actor)
        for entry in entries
    ]
    screen.table(f"What {person} needed", ("Day", "What happened", "State", "Caused by"), rows)


def epilogue(stage: Years, screen: Screen, file: Path) -> None:
    """Where it all is."""
    screen.gap()
    screen.tell("The talks go on, as the paragraph knows no end of a project.")
    screen.tell(f"The network is {stage.network.state.title}. All {stage.how_many} cases with their history are in")
    screen.line(str(file))
