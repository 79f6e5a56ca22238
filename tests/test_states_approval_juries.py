"""Parties may be roles of their own: two juries that must both say yes."""

from __future__ import annotations

import pytest
from attrs import frozen

from progflow import SYSTEM, Actor, Context, Flow, Lifecycle, Refused, Role, State, always, derived, relation
from progflow.adapters.memory import MemoryStore
from progflow.states.approval import Approval

EXPERTS, PUBLIC = Role("experts"), Role("public")
JURIES = (EXPERTS, PUBLIC)


@frozen
class Sketch:
    artist: str


class Prize(Lifecycle[Sketch]):
    """A prize that two juries agree on."""

    given = State(final=True)

    @relation("the artist")
    def the_artist(self, ctx: Context[Sketch]) -> bool:
        return ctx.actor.id == ctx.data.artist

    @derived
    def jury(self, ctx: Context[Sketch]) -> str:
        return next((role.name for role in JURIES if role in ctx.actor.roles), "")

    approval = Approval(
        parties=always(tuple(role.name for role in JURIES)),
        party=jury,
        by=(EXPERTS - the_artist, PUBLIC - the_artist),
    ).then(given)


def test_one_of_each_jury_says_yes_and_nobody_on_the_own_sketch() -> None:
    flow = Flow(Prize, store=MemoryStore(), zone="Europe/Berlin")
    case = flow.start(Prize, Sketch("a"), actor=SYSTEM)
    for actor in (Actor("a", {EXPERTS}), Actor("x")):
        with pytest.raises(Refused, match="Only for: experts, but not the artist"):
            flow.fire(case, Prize.approval.approve(), actor=actor)
    case = flow.fire(case, Prize.approval.approve(), actor=Actor("b", {EXPERTS}))
    with pytest.raises(Refused, match="experts has agreed already"):
        flow.fire(case, Prize.approval.approve(), actor=Actor("c", {EXPERTS}))
    case = flow.fire(case, Prize.approval.approve(), actor=Actor("d", {PUBLIC}))
    assert case.state == Prize.given
