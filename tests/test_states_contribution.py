"""What people contribute is sorted and merged, and nobody's voice is lost."""

from __future__ import annotations

from typing import Any, Generic, TypeVar

import pytest
from attrs import evolve, frozen
from hypothesis import given, settings
from hypothesis import strategies as st

from progflow import (
    ANYONE,
    START,
    STAY,
    Actor,
    CascadeRefused,
    Case,
    Command,
    Context,
    Flow,
    InvariantBroken,
    Lifecycle,
    PayloadError,
    Program,
    Refused,
    always,
    derived,
    event,
)
from progflow.adapters.memory import MemoryStore
from progflow.states.changes import Recount
from progflow.states.contribution import MODERATOR, Author, Moderation, ModerationData, Quadrant, Votes

moderator = Actor("moderator", {MODERATOR})
citizen, writing_moderator = Actor("citizen-1"), Actor("clerk", {MODERATOR})


@frozen(kw_only=True)
class Saying:
    group: str
    person: str | None = None


S = TypeVar("S", bound=Saying)


class BaseVoice(Lifecycle[S], Generic[S], abstract=True):
    """What somebody says."""

    @derived
    def author(self, ctx: Context[S]) -> str | None:
        return ctx.data.person

    @derived
    def group(self, ctx: Context[S]) -> str:
        return ctx.data.group

    moderation = Moderation(author=author, group=group, topics=always(("market", "parks")))

    @event(START >> moderation, by=ANYONE)
    def say(self, ctx: Context[S], *, saying: S) -> S:
        """Say something."""
        return saying


@frozen(kw_only=True)
class Quarter(Saying):
    quarter: str = "old town"


class Voice(BaseVoice[Quarter]):
    """What somebody of a quarter says."""


def flow() -> Flow:
    return Flow(Program("voices", Voice, zone="Europe/Berlin"), store=MemoryStore())


def said(here: Flow, group: str = "citizens", person: str | None = None, votes: int | None = None) -> Case[Quarter]:
    case = here.start(Voice.say(saying=Quarter(group=group, person=person)), actor=citizen)
    case = here.fire(case, Voice.moderation.moderate(heading="More trees"), actor=moderator)
    if votes is not None:
        case = here.fire(case, Voice.moderation.count(votes=votes), actor=moderator)
    return case


def data(here: Flow, case: Case[Quarter]) -> ModerationData:
    return here.get(Voice, case.id)[Voice.moderation]


def refusal(here: Flow, case: Case[Quarter], command: Command[Any], actor: Actor = moderator) -> str:
    with pytest.raises(Refused) as refused:
        here.fire(case.id, command, actor=actor)
    return " ".join(reason.text for reason in refused.value.reasons)


def test_a_contribution_is_taken_in_and_then_assigned_to_a_quadrant_and_a_topic() -> None:
    here = flow()
    case = said(here)
    assert refusal(here, case, Voice.moderation.cluster(quadrant=Quadrant.STRENGTH, topic="zoo")) == (
        "zoo is none of the topics: market, parks."
    )
    case = here.fire(case, Voice.moderation.cluster(quadrant=Quadrant.STRENGTH, topic="parks"), actor=moderator)
    assert case.state == Voice.moderation.clustered
    move = Voice.moderation.move(quadrant=Quadrant.OPPORTUNITY, topic="market", reason="It is about stalls.")
    case = here.fire(case, move, actor=moderator)
    assert (data(here, case).quadrant, data(here, case).topic) == (Quadrant.OPPORTUNITY, "market")
    assert here.cases(Voice).where(Voice.moderation, topic="market").count() == 1


def test_what_has_not_been_read_is_not_sorted() -> None:
    here = flow()
    case = here.start(Voice.say(saying=Quarter(group="staff")), actor=citizen)
    for command in (
        Voice.moderation.cluster(quadrant=Quadrant.THREAT, topic="parks"),
        Voice.moderation.count(votes=1),
        Voice.moderation.merge(into="x"),
    ):
        assert "Not possible in the state" in refusal(here, case, command)


def test_nobody_sorts_a_contribution_of_their_own_and_only_moderators_do() -> None:
    here = flow()
    own = here.start(Voice.say(saying=Quarter(group="staff", person="clerk")), actor=writing_moderator)
    anonymous = here.start(Voice.say(saying=Quarter(group="staff")), actor=writing_moderator)
    command = Voice.moderation.moderate()
    assert refusal(here, own, command, writing_moderator).startswith("Only for: moderator")
    assert refusal(here, own, command, citizen).startswith("Only for: moderator")
    here.fire(own, command, actor=moderator)
    here.fire(anonymous, command, actor=writing_moderator)


def test_a_rejection_has_a_reason_and_is_final() -> None:
    here = flow()
    with pytest.raises(PayloadError, match="must not be blank"):
        Voice.moderation.reject(reason="")
    case = here.fire(said(here), Voice.moderation.reject(reason="It insults somebody."), actor=moderator)
    assert (case.state, data(here, case).reason) == (Voice.moderation.rejected, "It insults somebody.")
    assert "Not possible in the state" in refusal(here, case, Voice.moderation.moderate())


def test_a_second_count_needs_a_reason_and_the_first_is_kept() -> None:
    here = flow()
    case = said(here, votes=7)
    assert refusal(here, case, Voice.moderation.count(votes=9)) == "7 votes were counted; a new count needs a reason."
    case = here.fire(case, Voice.moderation.count(votes=9, reason="Two dots had fallen off."), actor=moderator)
    assert data(here, case).votes == 9
    assert data(here, case).recounts == (Recount(7, 9, "Two dots had fallen off."),)


def test_what_is_merged_keeps_all_authors_with_their_groups_and_all_votes() -> None:
    here = flow()
    first, second = said(here, "citizens", "c-1", votes=3), said(here, "staff", None, votes=4)
    third = said(here, "staff", "s-1", votes=5)
    here.fire(first, Voice.moderation.merge(into=second.id), actor=moderator)
    here.fire(second.id, Voice.moderation.merge(into=third.id), actor=moderator)
    assert data(here, third).votes == 12
    assert data(here, third).joined == (Author(None, "staff"), Author("c-1", "citizens"))
    assert here.get(Voice, first.id).state == Voice.moderation.merged
    assert data(here, first).merged_into == second.id
    taken_over = here.history(third)[-1]
    assert (taken_over.title, taken_over.actor) == (
        "Take over the authors and votes of another contribution",
        "moderator",
    )


def test_merging_needs_another_contribution_that_stands() -> None:
    here = flow()
    case, unread = said(here), here.start(Voice.say(saying=Quarter(group="staff")), actor=citizen)
    rejected = here.fire(said(here), Voice.moderation.reject(reason="Off topic."), actor=moderator)
    for into in (case.id, unread.id, rejected.id, "nobody"):
        assert refusal(here, case, Voice.moderation.merge(into=into)).startswith("There is no other contribution")


def test_nobody_but_a_merger_takes_over_votes() -> None:
    here = flow()
    case = said(here)
    command = Voice.moderation.take_over(authors=(), votes=100)
    assert refusal(here, case, command)
    assert not here.explain(case, actor=moderator)["moderation.take_over"].allowed


def test_nobody_decides_on_what_the_own_contribution_was_merged_into_or_merges_into_the_own() -> None:
    """Invariant 8."""
    here = flow()
    own, other, third = said(here, "staff", "clerk", votes=2), said(here, votes=3), said(here, votes=4)
    merge = Voice.moderation.merge(into=own.id)
    assert "Nobody takes anything over into the own contribution." in refusal(here, other, merge, writing_moderator)
    here.fire(own, Voice.moderation.merge(into=other.id), actor=moderator)
    cluster = Voice.moderation.cluster(quadrant=Quadrant.STRENGTH, topic="parks")
    assert refusal(here, other, cluster, writing_moderator) == "Only for: moderator, but not its author."
    here.fire(third, cluster, actor=writing_moderator)


class CarelessModeration(Moderation):
    """Somebody forgets the votes of what was merged."""

    @event(Moderation.sorted_ones >> STAY)
    def take_over(self, ctx: Context[ModerationData], *, authors: tuple[Author, ...], votes: Votes) -> ModerationData:
        """Take over the authors alone."""
        return evolve(ctx.data, joined=(*ctx.data.joined, *authors))


class Careless(Voice, name="Careless"):
    """What is said to somebody careless."""

    moderation = CarelessModeration(author=Voice.author, group=Voice.group)


def test_a_merger_that_would_lose_votes_does_not_happen() -> None:
    here = Flow(Program("voices", Careless, zone="Europe/Berlin"), store=MemoryStore())
    cases = [here.start(Careless.say(saying=Quarter(group="staff")), actor=citizen) for _ in range(2)]
    for case in cases:
        here.fire(case.id, Careless.moderation.moderate(), actor=moderator)
        here.fire(case.id, Careless.moderation.count(votes=3), actor=moderator)
    with pytest.raises(InvariantBroken, match="keeps its authors and votes"):
        here.fire(cases[0].id, Careless.moderation.merge(into=cases[1].id), actor=moderator)
    assert here.get(Careless, cases[0].id).state == Careless.moderation.moderated


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 50), st.sampled_from(["staff", "citizens"])), min_size=2, max_size=7),
    st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), max_size=12),
)
def test_invariant_24_however_they_are_merged_votes_and_authors_are_conserved(
    voices: list[tuple[int, str]], merges: list[tuple[int, int]]
) -> None:
    here = flow()
    cases = [said(here, group, f"p-{n}", votes) for n, (votes, group) in enumerate(voices)]
    for one, other in merges:
        merge = Voice.moderation.merge(into=cases[other % len(cases)].id)
        try:
            here.fire(cases[one % len(cases)].id, merge, actor=moderator)
        except CascadeRefused:
            raise
        except Refused:
            continue
    standing = here.cases(Voice).in_(Voice.moderation.moderated).all()
    assert sum(case[Voice.moderation].votes for case in standing) == sum(votes for votes, _ in voices)
    authors = [Author(case.data.person, case.data.group) for case in standing]
    authors += [author for case in standing for author in case[Voice.moderation].joined]
    wanted = [Author(f"p-{n}", group) for n, (_, group) in enumerate(voices)]
    assert sorted(authors, key=str) == sorted(wanted, key=str)
