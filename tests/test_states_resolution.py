"""Committees are heard, then the council resolves."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from attrs import frozen
from hypothesis import given, settings
from hypothesis import strategies as st

from progflow import (
    SYSTEM,
    Actor,
    Case,
    Command,
    Context,
    Flow,
    Lifecycle,
    PayloadError,
    Program,
    Refused,
    Role,
    State,
    always,
    derived,
    event,
    guard,
)
from progflow.adapters.memory import MemoryStore
from progflow.states.people import OFFICE
from progflow.states.resolution import COMMITTEE, COUNCIL, CommitteeVote, Resolution, ResolutionData

committee, council = Actor("committee", {COMMITTEE}), Actor("council", {COUNCIL})
office, nobody = Actor("office", {OFFICE}), Actor("nobody", {Role("clerk")})


@frozen
class Paper:
    committees: tuple[str, ...] = ("finance", "main")


class InOrder(Lifecycle[Paper]):
    """A paper that goes through its committees in order, and comes again a year later."""

    @derived
    def committees(self, ctx: Context[Paper]) -> tuple[str, ...]:
        return ctx.data.committees

    in_force = State(resting=True)

    resolution = Resolution(committees=committees).then(in_force)

    @event(in_force >> resolution, by=OFFICE)
    def update(self, ctx: Context[Paper]) -> None:
        """Bring it up to date."""


class AnyOrder(Lifecycle[Paper]):
    """A paper that the committees take up when they like."""

    in_force = State(final=True)

    @derived
    def committees(self, ctx: Context[Paper]) -> tuple[str, ...]:
        return ctx.data.committees

    resolution = Resolution(committees=committees, in_order=False).then(in_force)


class Desk:
    """One paper, and a clock."""

    def __init__(self, of: type[Lifecycle[Paper]] = InOrder, paper: Paper = Paper()) -> None:
        self.now = datetime(2019, 10, 17, 9, tzinfo=UTC)
        program = Program("papers", InOrder, AnyOrder, Lax, zone="Europe/Berlin")
        self.flow = Flow(program, store=MemoryStore(), clock=lambda: self.now)
        self.of: Any = of
        self.id = self.flow.start(of, paper, actor=SYSTEM).id

    @property
    def paper(self) -> Case[Paper]:
        return self.flow.get(self.of, self.id)

    @property
    def data(self) -> ResolutionData:
        data: ResolutionData = self.paper[self.of.resolution]
        return data

    def on(self, day: date) -> None:
        self.now = datetime(day.year, day.month, day.day, 9, tzinfo=UTC)
        self.flow.run_due()

    def do(self, command: Command[Any], actor: Actor) -> str:
        return self.flow.fire(self.id, command, actor=actor).state.path

    def said(self, command: Command[Any], actor: Actor) -> str:
        with pytest.raises(Refused) as refused:
            self.flow.fire(self.id, command, actor=actor)
        return " ".join(reason.text for reason in refused.value.reasons)


def test_a_proposal_is_adopted_by_the_council_after_all_committees() -> None:
    desk = Desk()
    desk.on(date(2019, 12, 20))
    steps = InOrder.resolution
    assert desk.said(steps.adopt(number="R-1"), council) == "Not yet heard: finance, main."
    desk.do(steps.recommend(committee="finance", number="F-1", on=date(2019, 11, 11)), committee)
    desk.do(steps.recommend(committee="main", number="M-1", on=date(2019, 12, 5), in_favour=False), committee)
    assert desk.do(steps.adopt(number="R-1", on=date(2019, 12, 12)), council) == "in_force"
    assert desk.data.votes == (
        CommitteeVote("finance", "F-1", date(2019, 11, 11)),
        CommitteeVote("main", "M-1", date(2019, 12, 5), in_favour=False),
    )
    assert (desk.data.number, desk.data.decided_on) == ("R-1", date(2019, 12, 12))
    assert desk.data.heard == ("finance", "main")


def test_the_day_is_today_unless_it_is_given() -> None:
    desk = Desk(paper=Paper(()))
    desk.do(InOrder.resolution.adopt(number="R-1"), council)
    assert desk.data.decided_on == date(2019, 10, 17)


def test_only_committees_vote_for_committees_and_only_the_council_resolves() -> None:
    desk = Desk()
    steps = InOrder.resolution
    for actor in (council, office, nobody):
        assert desk.said(steps.recommend(committee="finance", number="F-1"), actor) == "Only for: committee."
    for actor in (committee, office, nobody):
        assert desk.said(steps.adopt(number="R-1"), actor) == "Only for: council."
        assert desk.said(steps.reject(number="R-1", reason="No."), actor) == "Only for: council."


def test_committees_resolve_once_in_their_order_and_only_those_that_are_heard() -> None:
    desk = Desk()
    vote = InOrder.resolution.recommend
    assert desk.said(vote(committee="main", number="M-1"), committee) == "finance comes before main."
    assert desk.said(vote(committee="sports", number="S-1"), committee) == (
        "sports is none of the committees that are heard: finance, main."
    )
    desk.do(vote(committee="finance", number="F-1"), committee)
    assert desk.said(vote(committee="finance", number="F-2"), committee) == (
        "finance has resolved already in this round."
    )


def test_where_there_is_no_order_days_may_cross_but_the_council_comes_last() -> None:
    desk = Desk(AnyOrder)
    steps = AnyOrder.resolution
    desk.on(date(2019, 12, 20))
    desk.do(steps.recommend(committee="main", number="M-1", on=date(2019, 12, 5)), committee)
    desk.do(steps.recommend(committee="finance", number="F-1", on=date(2019, 11, 11)), committee)
    assert desk.said(steps.adopt(number="R-1", on=date(2019, 12, 4)), council) == (
        "2019-12-04 comes before 2019-12-05, the day of what was resolved last."
    )
    assert desk.do(steps.adopt(number="R-1", on=date(2019, 12, 5)), council) == "in_force"


def test_nothing_is_dated_ahead_or_before_what_came_first() -> None:
    desk = Desk()
    vote = InOrder.resolution.recommend
    assert desk.said(vote(committee="finance", number="F-1", on=date(2019, 11, 11)), committee) == (
        "2019-11-11 has not come yet."
    )
    desk.on(date(2019, 12, 5))
    desk.do(vote(committee="finance", number="F-1", on=date(2019, 11, 11)), committee)
    assert not desk.flow.check(desk.id, vote(committee="main", number="M-1", on=date(2019, 12, 5)), actor=committee)
    assert desk.said(vote(committee="main", number="M-1", on=date(2019, 11, 10)), committee) == (
        "2019-11-10 comes before 2019-11-11, the day of what was resolved last."
    )


def test_what_is_referred_back_loses_its_votes_and_goes_through_all_committees_again() -> None:
    desk = Desk()
    steps = InOrder.resolution
    desk.do(steps.recommend(committee="finance", number="F-1"), committee)
    assert desk.do(steps.refer_back(reason="The costs are missing."), committee) == "resolution.referred_back"
    assert (desk.data.round, desk.data.votes, desk.data.reason) == (2, (), "The costs are missing.")
    assert desk.data.lapsed == (CommitteeVote("finance", "F-1", date(2019, 10, 17)),)
    assert desk.said(steps.bring_again(), committee) == "Only for: programme office."
    desk.on(date(2019, 11, 2))
    desk.do(steps.bring_again(), office)
    assert desk.said(steps.adopt(number="R-1"), council) == "Not yet heard: finance, main."
    assert desk.said(steps.recommend(committee="finance", number="F-2", on=date(2019, 10, 16)), committee) == (
        "2019-10-16 comes before 2019-10-17, the day of what was resolved last."
    )
    for name in ("finance", "main"):
        desk.do(steps.recommend(committee=name, number=f"{name}-2"), committee)
    assert desk.do(steps.adopt(number="R-1"), council) == "in_force"


def test_the_council_may_refer_back_too_and_nobody_else() -> None:
    desk = Desk()
    command = InOrder.resolution.refer_back(reason="Not yet.")
    assert desk.said(command, office) == "Only for: committee, council."
    assert desk.do(command, council) == "resolution.referred_back"


def test_a_rejection_is_final_and_has_a_reason() -> None:
    desk = Desk(paper=Paper(()))
    with pytest.raises(PayloadError, match="must not be blank"):
        InOrder.resolution.reject(number="R-1", reason=" ")
    assert desk.do(InOrder.resolution.reject(number="R-1", reason="No majority."), council) == "resolution.rejected"
    assert (desk.data.reason, desk.data.number) == ("No majority.", "R-1")
    assert "Not possible in the state" in desk.said(InOrder.resolution.adopt(number="R-2"), council)


def test_what_is_deferred_comes_again_on_its_day_with_the_votes_that_it_had() -> None:
    desk = Desk()
    steps = InOrder.resolution
    desk.do(steps.recommend(committee="finance", number="F-1"), committee)
    assert desk.said(steps.defer(reason="Budget.", until=date(2019, 10, 17)), council) == (
        "Deferred until a day that is to come: 2019-10-17 is not."
    )
    desk.do(steps.defer(reason="The budget is open.", until=date(2020, 1, 15)), council)
    desk.on(date(2020, 1, 14))
    assert desk.paper.state.path == "resolution.deferred"
    desk.on(date(2020, 1, 15))
    assert desk.paper.state.path == "resolution.in_committee"
    desk.do(steps.recommend(committee="main", number="M-1"), committee)
    assert desk.do(steps.adopt(number="R-1"), council) == "in_force"


def test_what_is_deferred_without_a_day_waits_for_the_office() -> None:
    desk = Desk()
    desk.do(InOrder.resolution.defer(reason="Until further notice."), office)
    desk.on(date(2029, 1, 1))
    assert desk.paper.state.path == "resolution.deferred"
    assert desk.do(InOrder.resolution.resume(), office) == "resolution.in_committee"


def test_what_comes_again_after_a_resolution_is_heard_anew() -> None:
    desk = Desk(paper=Paper(("main",)))
    steps = InOrder.resolution
    desk.do(steps.recommend(committee="main", number="M-1"), committee)
    desk.do(steps.adopt(number="R-1"), council)
    desk.on(date(2020, 11, 12))
    desk.do(InOrder.update(), office)
    assert desk.said(steps.adopt(number="R-2"), council) == "Not yet heard: main."
    desk.do(steps.recommend(committee="main", number="M-2"), committee)
    desk.do(steps.adopt(number="R-2"), council)
    assert (desk.data.round, [vote.number for vote in desk.data.lapsed], desk.data.number) == (2, ["M-1"], "R-2")


class LaxResolution(Resolution):
    """Somebody has taken the guards away."""

    @guard("Never said.")
    def every_committee_was_heard(self, ctx: Context[ResolutionData]) -> bool:
        return True

    @guard("Never said.")
    def after_what_was_resolved(self, ctx: Context[ResolutionData], *, on: date | None) -> bool:
        return True


class Lax(Lifecycle[Paper]):
    """A paper in the hands of somebody careless."""

    in_force = State(final=True)

    resolution = LaxResolution(committees=always(("main",))).then(in_force)


@pytest.mark.parametrize(("voted", "on"), [(None, date(2019, 12, 20)), (date(2019, 12, 5), date(2019, 12, 4))])
def test_a_guard_that_was_taken_away_still_leaves_the_invariant(voted: date | None, on: date) -> None:
    desk = Desk(Lax)
    desk.on(date(2019, 12, 20))
    if voted is not None:
        desk.do(Lax.resolution.recommend(committee="main", number="M-1", on=voted), committee)
    said = desk.said(Lax.resolution.adopt(number="R-1", on=on), council)
    assert said == "Nothing was resolved in the council before every committee had been heard."


MOVES = st.lists(
    st.tuples(
        st.sampled_from(["recommend", "adopt", "refer_back", "bring_again", "defer", "resume"]),
        st.sampled_from(["finance", "main", "sports"]),
        st.integers(min_value=-40, max_value=5),
    ),
    max_size=14,
)


@settings(max_examples=60, deadline=None)
@given(MOVES, st.sampled_from([InOrder, AnyOrder]))
def test_whatever_is_tried_nothing_is_adopted_without_every_committee(
    moves: list[tuple[str, str, int]], of: type[Lifecycle[Paper]]
) -> None:
    desk = Desk(of)
    heard: set[str] = set()
    for name, body, ago in moves:
        on = desk.now.date() + timedelta(days=ago)
        steps = desk.of.resolution
        commands: dict[str, Command[Any]] = {
            "recommend": steps.recommend(committee=body, number="N", on=on),
            "adopt": steps.adopt(number="R", on=on),
            "refer_back": steps.refer_back(reason="Again."),
            "bring_again": steps.bring_again(),
            "defer": steps.defer(reason="Later."),
            "resume": steps.resume(),
        }
        desk.now += timedelta(days=1)
        try:
            desk.do(commands[name], Actor("all", {COMMITTEE, COUNCIL, OFFICE}))
        except Refused:
            continue
        if name == "recommend":
            heard.add(body)
        elif name == "refer_back":
            heard = set()
        elif name == "adopt":
            assert heard == {"finance", "main"}
            assert all(vote.on <= on for vote in desk.data.votes)
            break
