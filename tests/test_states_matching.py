"""Somebody who waits for a partner: proposals that others decide on, the match, its loss, and another one."""

from __future__ import annotations

import pytest
from attrs import frozen

from progflow import (
    SYSTEM,
    Acting,
    Actor,
    Case,
    Context,
    Flow,
    Lifecycle,
    Program,
    Role,
    State,
    always,
    derived,
    event,
    guard,
    relation,
)
from progflow.adapters.memory import MemoryStore
from progflow.states.approval import Approval, VotesData
from progflow.states.matching import Matching, MatchingData, predecessor
from progflow.states.people import OFFICE

PANEL = Role("panel")
office, panel = Actor("office", {OFFICE}), Actor("panel-1", {PANEL})


class Edition(Lifecycle[None]):
    """What all belong to."""

    waiting = State(initial=True)
    running = State(resting=True)

    @event(waiting >> running, by=OFFICE)
    def begin(self, ctx: Context[None]) -> None:
        """Hold the kick-off."""


@frozen
class PairData:
    mentee: str
    mentor: str


class Pair(Lifecycle[PairData], parent=Edition):
    """Two people who work together."""

    approved = State(initial=True)
    begun = State()
    dissolved = State(final=True)

    @guard("The edition waits.")
    def edition_runs(self, ctx: Context[PairData]) -> bool:
        return ctx.parent(Edition).is_in(Edition.running)

    @event(approved >> begun, auto=True, when=edition_runs)
    def begin(self, ctx: Context[PairData]) -> None:
        """Begin."""

    @event((approved | begun) >> dissolved, by=OFFICE)
    def dissolve(self, ctx: Context[PairData]) -> None:
        """Come apart."""


def make_pair(ctx: Acting[VotesData]) -> None:
    data = ctx.case_of(Proposal).data
    before = ctx.siblings(Pair).where(mentee=data.mentee).in_(Pair.dissolved)
    links = {"mentee": ctx.linked("mentee"), **predecessor(before)}
    ctx.start(Pair, data, parent=ctx.parent(Edition), links=links)


class Proposal(Lifecycle[PairData], parent=Edition):
    """A pair that is proposed."""

    approved = State(final=True)

    @relation("a panel member")
    def a_panel_member(self, ctx: Context[PairData]) -> bool:
        return PANEL in ctx.actor.roles

    approval = Approval(
        parties=always(("panel",)), party=always("panel"), by=a_panel_member, on_agreement=make_pair
    ).then(approved)


def propose(ctx: Acting[MatchingData], partner: str, why: str) -> Case[PairData]:
    mentee = ctx.case_of(Mentee)
    return ctx.start(
        Proposal, PairData(mentee.data.person, partner), parent=ctx.parent(Edition), links={"mentee": mentee}
    )


@frozen
class MenteeData:
    person: str


class Mentee(Lifecycle[MenteeData], parent=Edition):
    """Somebody who waits for a mentor."""

    at_work = State()
    alone = State("without a mentor", resting=True)

    @derived
    def person(self, ctx: Context[MenteeData]) -> str:
        return ctx.data.person

    @relation("the mentee")
    def the_mentee(self, ctx: Context[MenteeData]) -> bool:
        return ctx.actor.id == ctx.data.person

    @guard("There is no pair.")
    def has_pair(self, ctx: Context[MenteeData]) -> bool:
        return ctx.linking("mentee", Pair).open().exists()

    @guard("There still is a pair.")
    def has_no_pair(self, ctx: Context[MenteeData]) -> bool:
        return not self.has_pair(ctx)

    @guard("No pair has begun.")
    def pair_begins(self, ctx: Context[MenteeData]) -> bool:
        return ctx.linking("mentee", Pair).in_(Pair.begun).exists()

    @guard("{partner} is taken.")
    def partner_is_free(self, ctx: Context[MenteeData], *, partner: str) -> bool:
        return not ctx.siblings(Pair).open().where(mentor=partner).exists()

    matching = Matching(
        person_id=person,
        by=PANEL - the_mentee,
        propose=propose,
        has_pair=has_pair,
        pair_begins=pair_begins,
        when=(partner_is_free,),
        rematch=alone,
    ).then(at_work)

    @event(at_work >> alone, auto=True, when=has_no_pair)
    def lose_mentor(self, ctx: Context[MenteeData]) -> None:
        """The pair has come apart."""

    @event(alone >> at_work, auto=True, when=pair_begins)
    def go_on(self, ctx: Context[MenteeData]) -> None:
        """A new pair has begun."""


class Stage:
    def __init__(self) -> None:
        program = Program("matching", Edition, Pair, Proposal, Mentee, zone="Europe/Berlin")
        self.flow = Flow(program, store=MemoryStore())
        self.edition = self.flow.start(Edition, None, actor=SYSTEM)
        self.mentee = self.flow.start(Mentee, MenteeData("ann"), parent=self.edition, actor=SYSTEM)

    def why_not(self, partner: str, actor: Actor = panel) -> str:
        command = Mentee.matching.propose(partner=partner, why="They fit.")
        return " ".join(one.text for one in self.flow.check(self.mentee.id, command, actor=actor))

    def match(self, partner: str) -> Case[PairData]:
        self.flow.fire(self.mentee.id, Mentee.matching.propose(partner=partner, why="They fit."), actor=panel)
        proposal = self.flow.cases(Proposal).where(mentor=partner).all()[-1]
        self.flow.fire(proposal, Proposal.approval.approve(), actor=panel)
        return self.flow.cases(Pair).where(mentor=partner).all()[-1]

    @property
    def state(self) -> str:
        return self.flow.get(Mentee, self.mentee).state.path


@pytest.fixture
def stage() -> Stage:
    return Stage()


def test_a_proposal_is_a_case_of_its_own_and_changes_nothing_until_it_is_approved(stage: Stage) -> None:
    stage.flow.fire(stage.mentee, Mentee.matching.propose(partner="x", why="They fit."), actor=panel)
    proposal = stage.flow.cases(Proposal).one()
    assert (proposal.data, proposal.state) == (PairData("ann", "x"), Proposal.approval.pending)
    assert stage.state == "matching.unmatched"
    stage.flow.fire(proposal, Proposal.approval.approve(), actor=panel)
    assert stage.state == "matching.matched"


def test_it_goes_on_by_itself_once_the_pair_has_begun(stage: Stage) -> None:
    stage.match("x")
    stage.flow.fire(stage.edition, Edition.begin(), actor=office)
    assert stage.state == "at_work"


def test_a_match_that_falls_through_leaves_somebody_waiting(stage: Stage) -> None:
    stage.flow.fire(stage.match("x"), Pair.dissolve(), actor=office)
    assert stage.state == "matching.unmatched"
    assert stage.flow.get(Mentee, stage.mentee)[Mentee.matching] == MatchingData(None, 1)
    assert stage.match("y").data.mentor == "y"


def test_a_rematch_is_proposed_from_a_later_state_and_knows_its_predecessor(stage: Stage) -> None:
    first = stage.match("x")
    assert "predecessor" not in first.links
    stage.flow.fire(stage.edition, Edition.begin(), actor=office)
    stage.flow.fire(first.id, Pair.dissolve(), actor=office)
    assert stage.state == "alone"
    second = stage.match("y")
    assert second.links["predecessor"] == first.id
    assert stage.state == "at_work"


def test_nobody_is_matched_with_oneself_nor_proposes_oneself_or_for_oneself(stage: Stage) -> None:
    assert stage.why_not("ann") == "Nobody is matched with oneself."
    assert stage.why_not("panel-1") == "Nobody proposes oneself."
    assert stage.why_not("x", Actor("ann", {PANEL})) == "Only for: panel, but not the mentee."
    assert stage.why_not("x", office) == "Only for: panel, but not the mentee."
    stage.match("x")
    assert "Not possible" in stage.why_not("y")


def test_the_rules_of_the_programme_are_asked_with_the_partner(stage: Stage) -> None:
    other = Stage()
    other.match("x")
    other.mentee = other.flow.start(Mentee, MenteeData("ben"), parent=other.edition, actor=SYSTEM)
    assert other.why_not("x") == "x is taken."
    assert other.why_not("y") == ""
