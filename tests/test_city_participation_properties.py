"""Whatever people try: the trace holds, no voice is lost, and nothing is carried out that the council did not adopt."""

from __future__ import annotations

from datetime import date
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from city_participation_stage import (
    COMMITTEES,
    DRAFT,
    Stage,
    citizen,
    clerk,
    committee,
    council,
    head,
    moderator,
    office,
    parks,
)
from progflow import Actor, Case, Command, PayloadError, Refused
from progflow.programs.city_participation import CITIZENS, STAFF, Contribution, Goal, Measure, Process, authors_of
from progflow.states.contribution import Quadrant
from progflow.states.implementation import Obstacle

ALMIGHTY = Actor(
    "all of them", frozenset(role for actor in (office, head, moderator, council, committee) for role in actor.roles)
)
ACTORS = (ALMIGHTY, ALMIGHTY, office, head, moderator, council, committee, parks, citizen)
NUMBER = st.integers(0, 3)
"""Which of the cases of a kind."""
TRIES = st.tuples(st.integers(0, 19), NUMBER, NUMBER, st.integers(0, 30), st.sampled_from(ACTORS))
"""Which move, on which two cases, how many days later, by whom."""


class Play:
    """A process in the middle, with some of everything, on which anything may be tried."""

    def __init__(self, *, in_committee: bool) -> None:
        self.stage = stage = Stage()
        stage.to_drafting()
        speakers = [(CITIZENS, citizen), (STAFF, clerk), (CITIZENS, Actor("citizen-2"))]
        said = [stage.contribute("Trees.", group, who) for group, who in speakers]
        self.said = [stage.cluster(case, votes=votes) for votes, case in enumerate(said)]
        self.goals = [stage.goal(), stage.goal(self.said[0]), stage.goal(self.said[1], self.said[2])]
        self.measures = [stage.measure(self.goals[0]), stage.catalogued(self.goals[1]), stage.measure()]
        stage.on(DRAFT)
        if in_committee:
            stage.go(Process.publish(report="D-1"))
            stage.on(date(2019, 11, 11))
            stage.go(Process.submit())

    def moves(self, one: int, other: int) -> list[tuple[str, Command[Any]]]:
        """What may be tried, on the cases of these numbers."""
        said, goal, measure = self.said[one % 3], self.goals[one % 3], self.measures[one % 3]
        into, towards = self.said[other % 3], self.goals[other % 3]
        voices, origin, planning, work = Contribution.moderation, Goal.origin, Measure.planning, Measure.implementation
        return [
            (said.id, voices.merge(into=into.id)),
            (said.id, voices.count(votes=other, reason="Counted again.")),
            (said.id, voices.move(quadrant=Quadrant.THREAT, topic="market", reason="It fits.")),
            (said.id, voices.reject(reason="Off topic.")),
            (goal.id, origin.trace(contributions=(into.id,))),
            (goal.id, origin.drop(reason="Reached.")),
            (measure.id, planning.link(goals=(towards.id,))),
            (measure.id, planning.assess(cost=other, owner="parks")),
            (measure.id, planning.catalogue()),
            (measure.id, planning.take_out(reason="Anew.")),
            (measure.id, planning.discard(reason="No.")),
            (measure.id, work.begin()),
            (measure.id, work.defer(obstacle=Obstacle.FUNDS, reason="No funds.")),
            (measure.id, work.finish()),
            (self.stage.process_id, Process.publish(report="D")),
            (self.stage.process_id, Process.revise()),
            (self.stage.process_id, Process.submit()),
            (self.stage.process_id, Process.resolution.recommend(committee=COMMITTEES[one % 2], number="C")),
            (self.stage.process_id, Process.resolution.adopt(number="R")),
            (self.stage.process_id, Process.resolution.refer_back(reason="Anew.")),
        ]

    def all_of(self, kind: Any) -> list[Case[Any]]:
        return list(self.stage.flow.cases(kind).all())


@settings(max_examples=60, deadline=None)
@given(st.lists(TRIES, max_size=25), st.booleans())
def test_trace_votes_and_resolution_hold_whatever_is_tried(
    tries: list[tuple[int, int, int, int, Actor]], in_committee: bool
) -> None:
    """Invariant 24, and the trace of domain 1.6; by right and wrong people, in any order."""
    play = Play(in_committee=in_committee)
    counted = {case.id: n for n, case in enumerate(play.said)}
    for which, one, other, passed, actor in tries:
        case_id, command = play.moves(one, other)[which]
        play.stage.on(play.stage.clock.today.fromordinal(play.stage.clock.today.toordinal() + passed))
        try:
            play.stage.flow.fire(case_id, command, actor=actor)
        except (Refused, PayloadError):
            continue
        if command.event == "moderation.count":
            counted[case_id] = other
    standing = play.stage.flow.cases(Contribution).in_(Contribution.moderation.clustered).all()
    assert sum(case[Contribution.moderation].votes for case in standing) == sum(counted.values())
    assert sorted(str(author.person) for case in standing for author in authors_of(case)) == [
        "citizen-1",
        "citizen-2",
        "staff-1",
    ]
    goals = {case.id: case for case in play.all_of(Goal)}
    for measure in play.all_of(Measure):
        planned = measure[Measure.planning]
        if measure.visited(Measure.planning.linked) and not measure.is_in(Measure.given_up):
            assert planned.goals
            assert all(goals[goal].is_in(Goal.origin.traced) for goal in planned.goals)
        if measure.visited(Measure.implementation):
            assert play.stage.process.visited(Process.evaluation)
            assert not planned.missing
    for goal in goals.values():
        origin = goal[Goal.origin]
        assert origin.contributions or origin.own_because
