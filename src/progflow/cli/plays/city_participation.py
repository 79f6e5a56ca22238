"""The participation process of Zeitz: what two groups say, what is to be done about it, and who resolves on it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any, Final

from progflow import Actor, Case, Role
from progflow.cli.screen import Screen, day
from progflow.cli.stage import Stage, refused
from progflow.programs.city_participation import (
    CITIZENS,
    STAFF,
    Channel,
    Contribution,
    ContributionData,
    Goal,
    GoalData,
    Kind,
    Measure,
    MeasureData,
    Photo,
    PhotoData,
    Process,
    ProcessData,
    Survey,
    SurveyData,
    Workshop,
    WorkshopData,
    city_participation,
    compare_views,
    trace_of,
)
from progflow.states.contribution import MODERATOR, Quadrant
from progflow.states.implementation import Obstacle
from progflow.states.people import OFFICE
from progflow.states.resolution import COMMITTEE, COUNCIL

TITLE: Final = "The participation process of Zeitz, 2018 to 2020"

PROLOGUE: Final = (
    "Known of the real process: its days from the kick-off on 20.11.2018 to the evaluation on 12.11.2020, a survey "
    "among about 2,000 households with about 520 replies, two groups whose views were compared, two committees and "
    "the council. The people, what they say, the other days and all that goes wrong are invented, and the finer rules "
    "are defaults that a municipality can set otherwise."
)

office, moderator = Actor("office", {OFFICE}), Actor("moderator", {MODERATOR})
committee, council = Actor("committee", {COMMITTEE}), Actor("council", {COUNCIL})
parks: Final = Actor("gardener", {Role("parks")})

SAID: Final = (
    ("citizen-1", CITIZENS, "Too few trees in the old town.", Quadrant.WEAKNESS, "green", 9),
    ("citizen-2", CITIZENS, "There should be more trees.", Quadrant.WEAKNESS, "green", 5),
    ("citizen-3", CITIZENS, "The market is lively.", Quadrant.STRENGTH, "market", 6),
    ("staff-1", STAFF, "We have large parks.", Quadrant.STRENGTH, "green", 4),
    ("staff-2", STAFF, "The market draws people.", Quadrant.STRENGTH, "market", 3),
    (None, STAFF, "Shops are closing.", Quadrant.THREAT, "market", 7),
)


class Zeitz(Stage):
    """One process."""

    def __init__(self, file: Path) -> None:
        super().__init__(city_participation, file, opens=date(2018, 10, 1))
        self.process = ""

    def names(self) -> Mapping[str, str]:
        """What each case is called on the screen."""
        flow, called = self.flow, {self.process: "the process"}
        called |= {case.id: f"survey “{case.data.title}”" for case in flow.cases(Survey).all()}
        called |= {case.id: f"workshop “{case.data.title}”" for case in flow.cases(Workshop).all()}
        called |= {case.id: f"“{case.data.text}”" for case in flow.cases(Contribution).all()}
        called |= {case.id: f"goal “{case.data.title}”" for case in flow.cases(Goal).all()}
        called |= {case.id: f"measure “{case.data.title}”" for case in flow.cases(Measure).all()}
        return called | {case.id: f"photo {case.data.file}" for case in flow.cases(Photo).all()}

    def workshop(self, title: str, kind: Kind, group: str, on: date) -> Case[WorkshopData]:
        """Announce a workshop."""
        announced = WorkshopData(title=title, kind=kind, on=on, groups=(group,) if group else ())
        return self.flow.start(Workshop.announce(workshop=announced), parent=self.process, actor=office)

    def hold(self, workshop: Case[Any], participants: int) -> Case[Any]:
        """Hold a workshop."""
        return self.do(workshop, Workshop.gathering.hold(participants=participants), office)

    def saying(self, text: str) -> Case[ContributionData]:
        """The contribution with that text."""
        return self.flow.cases(Contribution).where(text=text).one()


def play(file: Path, screen: Screen) -> None:
    """Play the process into the file and tell it on the screen."""
    with Zeitz(file) as stage:
        screen.opening(TITLE, PROLOGUE)
        for chapter in (kickoff, survey, swot, views, ideas, catalogue, committees, council_meets, photo, a_year_later):
            chapter(stage, screen)
        timeline(stage, screen)
        screen.gap()
        screen.tell(f"All {stage.how_many} cases with their history are in")
        screen.line(str(file))


def kickoff(stage: Zeitz, screen: Screen) -> None:
    """The mandate and the kick-off."""
    process = ProcessData(
        name="Zeitz 2035",
        mandate="R-2018-01",
        committees=("urban development", "main committee"),
        topics=("green", "market"),
    )
    stage.process = stage.flow.start(Process.mandate(process=process), actor=council).id
    stage.come(date(2018, 11, 20))
    screen.chapter(stage.today, "The kick-off")
    with stage.watching() as steps:
        stage.do(stage.process, Process.kickoff.hold(), office)
    screen.steps(steps)


def survey(stage: Zeitz, screen: Screen) -> None:
    """The survey closes by itself, and a reply counts by the day on which it was given."""
    households = SurveyData(title="All households", households=2000)
    case = stage.flow.start(Survey.prepare(survey=households), parent=stage.process, actor=office)
    stage.do(case, Survey.call.publish(deadline=date(2019, 1, 4)), office)
    stage.come(date(2018, 12, 3))
    for person, group, text, *_ in SAID:
        said = ContributionData(text=text, group=group, channel=Channel.SURVEY, person=person, anonymous=person is None)
        stage.flow.start(Contribution.contribute(contribution=said), parent=stage.process, actor=moderator)
    with stage.watching() as steps:
        stage.come(date(2019, 1, 8))
    screen.chapter(stage.today, "The survey")
    screen.steps(steps)
    stage.do(case, Survey.count(replies=520), office)
    screen.tell(f"520 of {households.households} households have replied.")
    late = ContributionData(text="Better late.", group=CITIZENS, channel=Channel.SURVEY)
    contribute = Contribution.contribute(contribution=late)
    why = refused(lambda: stage.flow.start(contribute, parent=stage.process, actor=Actor("citizen-9")))
    screen.refusal("citizen-9", Contribution.contribute.title, why)


def swot(stage: Zeitz, screen: Screen) -> None:
    """Two groups, of which one is too small."""
    days = date(2019, 1, 23), date(2019, 2, 6)
    staff = stage.workshop("Staff", Kind.SWOT, STAFF, days[0])
    citizens = stage.workshop("Citizens", Kind.SWOT, CITIZENS, days[0])
    stage.come(days[0])
    screen.chapter(stage.today, "Two groups look at the city")
    with stage.watching() as steps:
        stage.hold(staff, 60)
        stage.hold(citizens, 5)
    screen.steps(steps)
    why = refused(lambda: stage.do(stage.process, Process.collect_ideas(), office))
    screen.refusal(office.id, Process.collect_ideas.title, why)
    with stage.watching() as steps:
        stage.do(citizens, Workshop.call_extra_forum(title="Forum in the park", on=days[1]), office)
        stage.come(days[1])
        stage.hold(stage.flow.cases(Workshop).where(title="Forum in the park").one(), 22)
        stage.do(stage.process, Process.collect_ideas(), office)
    screen.steps(steps)


def views(stage: Zeitz, screen: Screen) -> None:
    """What was said is sorted and merged, and the groups are compared."""
    screen.chapter(stage.today, "The views of the two groups")
    steps = Contribution.moderation
    for _, _, text, quadrant, topic, votes in SAID:
        case = stage.saying(text)
        stage.do(case, steps.moderate(), moderator)
        stage.do(case, steps.count(votes=votes), moderator)
        stage.do(case, steps.cluster(quadrant=quadrant, topic=topic), moderator)
    trees, more_trees = stage.saying(SAID[0][2]), stage.saying(SAID[1][2])
    with stage.watching() as merging:
        stage.do(more_trees, steps.merge(into=trees.id), moderator)
    screen.steps(merging)
    merged = stage.saying(SAID[0][2])[steps]
    screen.tell(f"Nothing is lost: {merged.votes} votes, and the author of the other one is kept.")
    seen = compare_views(stage.flow.cases(Contribution).all())
    rows = [(one.topic, one.quadrant.value, *(str(one.voices[group]) for group in seen.groups)) for one in seen.views]
    screen.table("Voices", ("Topic", "Seen as", "Staff", "Citizens"), rows)
    screen.tell(f"Both say so: {', '.join(view.topic for view in seen.shared)}.")
    screen.tell(f"A strength for one group, a weakness for the other: {', '.join(seen.contested)}.")


def ideas(stage: Zeitz, screen: Screen) -> None:
    """Two sources name two days; the correction keeps both."""
    announced = stage.workshop("Ideas", Kind.IDEAS, "", date(2019, 3, 3))
    stage.come(date(2019, 3, 4))
    stage.hold(announced, 12)
    stage.come(date(2019, 4, 1))
    screen.chapter(stage.today, "Two sources, two days")
    correct = Workshop.gathering.correct_day(
        on=date(2019, 3, 4), source="gazette 04/2019", reason="3 March was a Sunday."
    )
    change = stage.do(announced, correct, office)[Workshop.gathering].moves[-1]
    assert change.before is not None
    screen.facts(
        ("was written down", day(change.before)),
        ("is written down", day(change.after)),
        ("by", change.source),
        ("because", change.reason),
    )
    final = stage.workshop("Final ideas", Kind.IDEAS, "", date(2019, 6, 18))
    stage.come(date(2019, 6, 18))
    stage.hold(final, 14)
    stage.do(stage.process, Process.draft(), office)


def catalogue(stage: Zeitz, screen: Screen) -> None:
    """A measure serves a goal, a goal rests on what somebody said, and nothing is catalogued by halves."""
    stage.come(date(2019, 9, 2))
    screen.chapter(stage.today, "The catalogue")
    flow, trees = stage.flow, stage.saying(SAID[0][2])
    goal = flow.start(Goal.propose(goal=GoalData(title="A greener town")), parent=stage.process, actor=office)
    stage.do(goal, Goal.origin.trace(contributions=(trees.id,)), office)
    plant = MeasureData(title="Plant 200 trees")
    measure = flow.start(Measure.propose(measure=plant), parent=stage.process, actor=office)
    stage.do(measure, Measure.planning.link(goals=(goal.id,)), office)
    stage.do(measure, Measure.planning.assess(cost=60_000), office)
    why = refused(lambda: stage.do(measure, Measure.planning.catalogue(), office))
    screen.refusal(office.id, Measure.planning.catalogue.title, why)
    stage.do(measure, Measure.planning.assess(due=date(2020, 10, 31), owner="parks"), office)
    measure = stage.do(measure, Measure.planning.catalogue(), office)
    contributions = [one for ids in trace_of(measure, flow.cases(Goal).all()).values() for one in ids]
    names = stage.names()
    screen.facts(
        ("in the catalogue", plant.title),
        ("serves", names[goal.id]),
        ("rests on", ", ".join(names[one] for one in contributions)),
    )
    stage.come(date(2019, 10, 17))
    stage.do(stage.process, Process.publish(report="D-1"), office)
    screen.tell(f"The draft is published on {day(stage.today)}.")


def committees(stage: Zeitz, screen: Screen) -> None:
    """One committee after the other; nothing else will do."""
    stage.come(date(2019, 11, 11))
    stage.do(stage.process, Process.submit(), office)
    screen.chapter(stage.today, "Before the committees")
    vote = Process.resolution.recommend
    with stage.watching() as steps:
        stage.do(stage.process, vote(committee="urban development", number="U-17"), committee)
    screen.steps(steps)
    why = refused(lambda: stage.do(stage.process, Process.resolution.adopt(number="R-1"), council))
    screen.refusal(council.id, Process.resolution.adopt.title, why)
    stage.come(date(2019, 12, 5))
    stage.do(stage.process, vote(committee="main committee", number="M-31"), committee)


def council_meets(stage: Zeitz, screen: Screen) -> None:
    """The council adopts, and the measures follow by themselves."""
    stage.come(date(2019, 12, 12))
    screen.chapter(stage.today, "The council")
    with stage.watching() as steps:
        stage.do(stage.process, Process.resolution.adopt(number="R-2019-12"), council)
    screen.steps(steps)


def photo(stage: Zeitz, screen: Screen) -> None:
    """Consent can be withdrawn at any time."""
    stage.come(date(2020, 1, 20))
    screen.chapter(stage.today, "A photo")
    take = Photo.take(photo=PhotoData(file="F-7", people=("citizen-1", "citizen-2")))
    case = stage.flow.start(take, parent=stage.process, actor=office)
    with stage.watching() as steps:
        for person in ("citizen-1", "citizen-2"):
            stage.do(case, Photo.consent.give(), Actor(person))
        stage.do(case, Photo.publish(), office)
        stage.do(case, Photo.consent.withdraw(), Actor("citizen-2"))
    screen.steps(steps)


def a_year_later(stage: Zeitz, screen: Screen) -> None:
    """A measure is deferred for lack of funds; the evaluation looks back and is due again in a year."""
    measure = stage.flow.cases(Measure).one()
    stage.do(measure, Measure.implementation.begin(), parks)
    stage.come(date(2020, 5, 4))
    reason = "The budget was frozen."
    defer = Measure.implementation.defer(obstacle=Obstacle.FUNDS, reason=reason, until=date(2021, 1, 4))
    with stage.watching() as steps:
        stage.do(measure, defer, parks)
        stage.come(date(2020, 11, 12))
        stage.do(stage.process, Process.evaluation.hold(on=stage.today), office)
        stage.do(stage.process, Process.evaluation.document(record="E-1"), office)
    screen.chapter(stage.today, "A year later")
    screen.steps(steps)
    due = stage.due(stage.process, "evaluation.become_due", office)
    assert due is not None
    screen.tell(f"The next evaluation is due after {day(due)}: a year from this one, which came early.")
    with stage.watching() as steps:
        stage.come(date(2021, 1, 4))
    screen.steps(steps)
    stage.do(measure, Measure.implementation.begin(), parks)
    stage.come(date(2021, 4, 20))
    with stage.watching() as steps:
        stage.do(measure, Measure.implementation.finish(), parks)
        stage.do(stage.process, Process.end(), office)
    screen.steps(steps)


def timeline(stage: Zeitz, screen: Screen) -> None:
    """The history of the process."""
    rows = [
        (day(entry.at), entry.title, entry.after_title, "the clock" if entry.due is not None else entry.actor)
        for entry in stage.flow.history(stage.process)
    ]
    screen.table("The way of the process", ("Day", "What happened", "State", "Caused by"), rows)
