"""Several parties agree, or sign; then it goes on by itself, and never without one of them."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from attrs import evolve, frozen
from hypothesis import given
from hypothesis import strategies as st

from progflow import (
    OPEN,
    STAY,
    SYSTEM,
    Actor,
    Case,
    Context,
    Flow,
    Instant,
    Lifecycle,
    Program,
    Refused,
    Role,
    State,
    derived,
    end_of,
    event,
    guard,
    moment,
    relation,
)
from progflow.adapters.memory import MemoryStore
from progflow.states.approval import Approval, Medium
from progflow.states.people import OFFICE
from progflow.states.signature import InForce, Signature

PANEL = Role("panel")
CITIES = ("Essen", "Köln", "Zeitz")
office = Actor("office", {OFFICE})


def member(city: str, number: int = 1) -> Actor:
    return Actor(f"{city}-{number}", {PANEL})


@frozen
class PairData:
    mentee: str
    mentor: str
    version: int = 1
    free: bool = True
    cities: tuple[str, ...] = CITIES
    until: date | None = None


class Proposal(Lifecycle[PairData]):
    """A pair that all cities approve."""

    approved = State(final=True)

    @relation("one of the two")
    def one_of_the_two(self, ctx: Context[PairData]) -> bool:
        return ctx.actor.id in (ctx.data.mentee, ctx.data.mentor)

    @relation("a panel member")
    def a_panel_member(self, ctx: Context[PairData]) -> bool:
        return PANEL in ctx.actor.roles

    @derived
    def cities(self, ctx: Context[PairData]) -> tuple[str, ...]:
        return ctx.data.cities

    @derived
    def city(self, ctx: Context[PairData]) -> str:
        """The city of the actor's seat; who has no other one sits for the city in one's id."""
        seats = [role.name for role in ctx.actor.roles if role.name in CITIES]
        return seats[0] if seats else ctx.actor.id.partition("-")[0]

    @derived
    def pair(self, ctx: Context[PairData]) -> str:
        return f"{ctx.data.mentee} and {ctx.data.mentor}, version {ctx.data.version}"

    @guard("One of the two is taken.")
    def both_are_free(self, ctx: Context[PairData]) -> bool:
        return ctx.data.free

    @moment
    def deadline(self, ctx: Context[PairData]) -> Instant | None:
        return None if ctx.data.until is None else end_of(ctx.data.until)

    approval = Approval(
        parties=cities,
        party=city,
        by=a_panel_member - one_of_the_two,
        about=pair,
        when=(both_are_free,),
        until=deadline,
    ).then(approved)

    @event(OPEN >> STAY, by=OFFICE)
    def change(self, ctx: Context[PairData], *, version: int) -> PairData:
        """Change the pair."""
        return evolve(ctx.data, version=version)

    @event(OPEN >> STAY, by=OFFICE)
    def keep(self, ctx: Context[PairData], *, cities: tuple[str, ...]) -> PairData:
        """Change which cities take part."""
        return evolve(ctx.data, cities=cities)

    @event(OPEN >> STAY, by=OFFICE)
    def take(self, ctx: Context[PairData], *, free: bool) -> PairData:
        """Say whether both are free."""
        return evolve(ctx.data, free=free)


class Draft(Lifecycle[PairData]):
    """A text that the cities may send back."""

    adopted = State(final=True)

    @derived
    def cities(self, ctx: Context[PairData]) -> tuple[str, ...]:
        return ctx.data.cities

    @derived
    def city(self, ctx: Context[PairData]) -> str:
        return ctx.actor.id.partition("-")[0]

    approval = Approval(parties=cities, party=city, by=PANEL, may_send_back=True).then(adopted)


@frozen
class TreatyData:
    text: str
    over: bool = False
    agreed: bool = True


class Treaty(Lifecycle[TreatyData]):
    """An agreement that two lord mayors sign, once the councils have agreed to it."""

    @relation("a lord mayor")
    def a_mayor(self, ctx: Context[TreatyData]) -> bool:
        return ctx.actor.id.startswith("mayor")

    @derived
    def cities(self, ctx: Context[TreatyData]) -> frozenset[str]:
        return frozenset({"Köln", "Düsseldorf"})

    @derived
    def city(self, ctx: Context[TreatyData]) -> str:
        return {"mayor-k": "Köln", "mayor-d": "Düsseldorf"}.get(ctx.actor.id, "")

    @derived
    def text(self, ctx: Context[TreatyData]) -> str:
        return ctx.data.text

    @guard("{person} does not sign for {party}.")
    def signs(self, ctx: Context[TreatyData], *, person: str, party: str) -> bool:
        return person == {"Köln": "mayor-k", "Düsseldorf": "mayor-d"}.get(party)

    @guard("It is not over.")
    def is_over(self, ctx: Context[TreatyData]) -> bool:
        return ctx.data.over

    @guard("The councils have not agreed.")
    def councils_agree(self, ctx: Context[TreatyData]) -> bool:
        return ctx.data.agreed

    signature = Signature(parties=cities, party=city, by=a_mayor, about=text, on_paper=signs, when=(councils_agree,))
    validity = InForce(over=is_over, terminated_by=a_mayor)

    @event(OPEN >> STAY, by=OFFICE)
    def amend(self, ctx: Context[TreatyData], *, text: str) -> TreatyData:
        """Change the text."""
        return evolve(ctx.data, text=text)

    @event(OPEN >> STAY, by=OFFICE)
    def close(self, ctx: Context[TreatyData]) -> TreatyData:
        """Say that what it was made for is over."""
        return evolve(ctx.data, over=True)


class Stage:
    def __init__(self) -> None:
        self.now = datetime(2026, 3, 2, 9, tzinfo=UTC)
        program = Program("approvals", Proposal, Treaty, zone="Europe/Berlin")
        self.flow = Flow(program, store=MemoryStore(), clock=lambda: self.now)

    def pair(self, until: date | None = None) -> Case[PairData]:
        return self.flow.start(Proposal, PairData("mentee", "mentor", until=until), actor=SYSTEM)

    def treaty(self) -> Case[TreatyData]:
        return self.flow.start(Treaty, TreatyData("first draft"), actor=SYSTEM)

    def why_not(self, case: Case[PairData], actor: Actor) -> str:
        return " ".join(one.text for one in self.flow.check(case.id, Proposal.approval.approve(), actor=actor))


@pytest.fixture
def stage() -> Stage:
    return Stage()


def approve(stage: Stage, case: Case[PairData], *actors: Actor) -> Case[PairData]:
    for actor in actors:
        case = stage.flow.fire(case.id, Proposal.approval.approve(), actor=actor)
    return case


def test_it_goes_on_by_itself_when_the_last_party_has_approved(stage: Stage) -> None:
    case = approve(stage, stage.pair(), member("Essen"))
    assert case.state == Proposal.approval.partly
    case = approve(stage, case, member("Zeitz"), member("Köln"))
    assert case.state == Proposal.approved
    votes = case[Proposal.approval].votes
    assert [(one.party, one.person, one.on) for one in votes] == [
        (city, f"{city}-1", date(2026, 3, 2)) for city in ("Essen", "Zeitz", "Köln")
    ]


def test_a_party_has_one_vote_and_others_have_none(stage: Stage) -> None:
    case = approve(stage, stage.pair(), member("Essen"))
    assert stage.why_not(case, member("Essen", 2)) == "Essen has agreed already."
    assert stage.why_not(case, member("Halle")) == "Only the parties agree, and you speak for none of them."
    assert stage.why_not(case, office) == "Only for: a panel member, but not one of the two."


def test_nobody_approves_for_two_parties_after_a_change_of_seats(stage: Stage) -> None:
    case = approve(stage, stage.pair(), member("Essen"))
    moved = Actor("Essen-1", {PANEL, Role("Köln")})
    assert stage.why_not(case, moved) == "Nobody agrees for two parties."


def test_nobody_approves_the_own_pair_whatever_seat_they_have(stage: Stage) -> None:
    case = stage.flow.start(Proposal, PairData("mentee", "Köln-1"), actor=SYSTEM)
    assert stage.why_not(case, member("Köln")) == "Only for: a panel member, but not one of the two."
    assert stage.why_not(case, member("Köln", 2)) == ""


def test_votes_lapse_by_themselves_when_what_they_are_about_changes(stage: Stage) -> None:
    case = approve(stage, stage.pair(), member("Essen"), member("Köln"))
    case = stage.flow.fire(case, Proposal.change(version=2), actor=office)
    assert (case.state, case[Proposal.approval].votes) == (Proposal.approval.pending, ())
    case = approve(stage, case, member("Zeitz"), member("Köln"))
    assert case.state == Proposal.approval.partly
    assert approve(stage, case, member("Essen")).state == Proposal.approved


def test_what_must_hold_beside_is_asked_for_each_vote_and_again_at_the_end(stage: Stage) -> None:
    case = approve(stage, stage.pair(), member("Essen"), member("Köln"))
    case = stage.flow.fire(case, Proposal.take(free=False), actor=office)
    assert stage.why_not(case, member("Zeitz")) == "One of the two is taken."
    case = stage.flow.fire(case, Proposal.take(free=True), actor=office)
    assert approve(stage, case, member("Zeitz")).state == Proposal.approved


def test_where_a_second_try_is_wanted_a_party_sends_it_back_and_everybody_votes_anew(stage: Stage) -> None:
    flow = Flow(Draft, store=MemoryStore(), zone="Europe/Berlin", clock=lambda: stage.now)
    steps, draft = Draft.approval, flow.start(Draft, PairData("mentee", "mentor"), actor=SYSTEM).id
    for city in ("Essen", "Köln"):
        flow.fire(draft, steps.approve(), actor=member(city))
    back = steps.send_back(reason="The costs are missing.")
    assert flow.check(draft, back, actor=member("Halle"))
    case = flow.fire(draft, back, actor=member("Zeitz"))
    assert (case.state, case[steps].votes) == (steps.pending, ())
    for city in CITIES:
        case = flow.fire(draft, steps.approve(), actor=member(city))
    assert (case.state, case[steps].sent_back_because) == (Draft.adopted, "The costs are missing.")


def test_a_party_that_is_no_longer_asked_does_not_count(stage: Stage) -> None:
    case = approve(stage, stage.pair(), member("Essen"), member("Köln"))
    case = stage.flow.fire(case, Proposal.keep(cities=("Köln", "Zeitz")), actor=office)
    assert case.state == Proposal.approval.partly
    assert stage.why_not(case, member("Essen")) == "Only the parties agree, and you speak for none of them."
    assert approve(stage, case, member("Zeitz")).state == Proposal.approved


def test_it_goes_on_with_those_who_are_left_once_all_else_holds(stage: Stage) -> None:
    case = approve(stage, stage.pair(), member("Essen"), member("Köln"))
    stage.flow.fire(case, Proposal.take(free=False), actor=office)
    case = stage.flow.fire(case.id, Proposal.keep(cities=("Essen", "Köln")), actor=office)
    assert case.state == Proposal.approval.partly
    assert stage.flow.fire(case, Proposal.take(free=True), actor=office).state == Proposal.approved


def test_without_any_party_nothing_is_agreed_upon(stage: Stage) -> None:
    case = approve(stage, stage.pair(), member("Essen"))
    case = stage.flow.fire(case, Proposal.keep(cities=()), actor=office)
    assert case.state == Proposal.approval.partly


def test_one_refusal_ends_it_for_a_reason(stage: Stage) -> None:
    case = approve(stage, stage.pair(), member("Essen"))
    with pytest.raises(Refused, match="Only for"):
        stage.flow.fire(case, Proposal.approval.refuse(reason="I."), actor=office)
    with pytest.raises(Refused, match="speak for none"):
        stage.flow.fire(case, Proposal.approval.refuse(reason="I."), actor=member("Halle"))
    case = stage.flow.fire(case, Proposal.approval.refuse(reason="No time for her."), actor=member("Köln"))
    assert (case.state, case[Proposal.approval].reason) == (Proposal.approval.refused, "No time for her.")


def test_the_office_discards_it_for_a_reason(stage: Stage) -> None:
    case = stage.pair()
    case = stage.flow.fire(case, Proposal.approval.discard(reason="Another was better."), actor=office)
    assert (case.state, case[Proposal.approval].reason) == (Proposal.approval.discarded, "Another was better.")
    assert "Not possible" in stage.why_not(case, member("Köln"))


def test_it_lapses_when_its_time_is_over(stage: Stage) -> None:
    case = approve(stage, stage.pair(until=date(2026, 3, 31)), member("Essen"))
    stage.now = datetime(2026, 3, 31, 21, 59, tzinfo=UTC)
    assert stage.why_not(case, member("Köln")) == ""
    stage.now = datetime(2026, 3, 31, 22, tzinfo=UTC)
    stage.flow.run_due()
    case = stage.flow.get(Proposal, case)
    assert case.state == Proposal.approval.discarded
    assert case[Proposal.approval].reason == "Not all parties agreed in time."


@given(st.lists(st.tuples(st.sampled_from([*CITIES, "Halle", "change"]), st.integers(1, 2)), max_size=12))
def test_it_is_approved_exactly_when_all_have_approved_the_same(acts: list[tuple[str, int]]) -> None:
    """Invariant 7, the part of the approvals."""
    stage = Stage()
    case, version = stage.pair(), 1
    agreed = set[str]()
    for city, number in acts:
        if city == "change":
            case = stage.flow.get(Proposal, case)
            if case.is_open:
                version, agreed = version + 1, set[str]()
                stage.flow.fire(case, Proposal.change(version=version), actor=office)
            continue
        allowed = city in CITIES and city not in agreed and agreed != set(CITIES)
        assert (not stage.flow.check(case.id, Proposal.approval.approve(), actor=member(city, number))) == allowed
        if allowed:
            approve(stage, case, member(city, number))
            agreed.add(city)
    case = stage.flow.get(Proposal, case)
    assert case.is_in(Proposal.approved) == (agreed == set(CITIES))
    assert case.is_in(Proposal.approval.pending) == (not agreed)


# -- signatures ----------------------------------------------------------------------------------------------------


def signed(stage: Stage) -> Case[TreatyData]:
    treaty = stage.treaty()
    for name in ("mayor-k", "mayor-d"):
        treaty = stage.flow.fire(treaty, Treaty.signature.sign(), actor=Actor(name))
    return treaty


def test_an_agreement_is_in_force_when_all_have_signed_and_ends_with_what_it_is_for(stage: Stage) -> None:
    treaty = signed(stage)
    assert treaty.state == Treaty.validity.in_force
    assert stage.flow.fire(treaty, Treaty.close(), actor=office).state == Treaty.validity.ended


def test_a_signatory_terminates_it_for_a_reason(stage: Stage) -> None:
    treaty = signed(stage)
    treaty = stage.flow.fire(treaty, Treaty.validity.terminate(reason="No money."), actor=Actor("mayor-k"))
    assert (treaty.state, treaty[Treaty.validity].reason) == (Treaty.validity.terminated, "No money.")


def test_a_signature_on_paper_is_recorded_with_its_day(stage: Stage) -> None:
    treaty = stage.treaty()
    record = Treaty.signature.record_on_paper

    def why_not(party: str, person: str, on: date) -> str:
        command = record(party=party, person=person, on=on)
        return " ".join(one.text for one in stage.flow.check(treaty.id, command, actor=office))

    assert why_not("Halle", "mayor-k", date(2026, 3, 1)) == (
        "Halle is none of the parties. mayor-k does not sign for Halle."
    )
    assert why_not("Köln", "clerk", date(2026, 3, 1)) == "clerk does not sign for Köln."
    assert why_not("Köln", "mayor-k", date(2026, 3, 3)) == "2026-03-03 is yet to come."
    assert why_not("Köln", "mayor-k", date(2026, 3, 2)) == ""
    command = record(party="Köln", person="mayor-k", on=date(2026, 2, 27))
    treaty = stage.flow.fire(treaty, command, actor=office)
    assert why_not("Köln", "mayor-k", date(2026, 3, 1)) == "Köln has agreed already. Nobody agrees for two parties."
    (vote,) = treaty[Treaty.signature].votes
    assert (vote.medium, vote.on, vote.about) == (Medium.PAPER, date(2026, 2, 27), "first draft")
    with pytest.raises(Refused, match="Köln has agreed already"):
        stage.flow.fire(treaty, Treaty.signature.sign(), actor=Actor("mayor-k"))
    treaty = stage.flow.fire(treaty, Treaty.signature.sign(), actor=Actor("mayor-d"))
    assert treaty.state == Treaty.validity.in_force


def test_what_must_hold_beside_is_asked_of_every_signature(stage: Stage) -> None:
    treaty = stage.flow.start(Treaty, TreatyData("first draft", agreed=False), actor=SYSTEM)
    paper = Treaty.signature.record_on_paper(party="Köln", person="mayor-k", on=date(2026, 3, 2))
    for command, actor in ((paper, office), (Treaty.signature.sign(), Actor("mayor-k"))):
        (blocker,) = stage.flow.check(treaty, command, actor=actor)
        assert blocker.text == "The councils have not agreed."


def test_another_text_is_signed_anew(stage: Stage) -> None:
    treaty = stage.flow.fire(stage.treaty(), Treaty.signature.sign(), actor=Actor("mayor-k"))
    treaty = stage.flow.fire(treaty, Treaty.amend(text="second draft"), actor=office)
    assert treaty.state == Treaty.signature.pending
    treaty = stage.flow.fire(treaty, Treaty.signature.sign(), actor=Actor("mayor-d"))
    assert treaty.state == Treaty.signature.partly


def test_whoever_takes_no_paper_offers_none() -> None:
    names = Flow(Proposal, store=MemoryStore(), zone="Europe/Berlin")
    case = names.start(Proposal, PairData("mentee", "mentor"), actor=SYSTEM)
    assert "approval.record_on_paper" not in names.explain(case, actor=office)
