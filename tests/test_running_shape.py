"""Shape and asking, as section 2 of the design describes them, while cases run."""

from __future__ import annotations

from datetime import date
from enum import Enum
from typing import Any, Generic, TypeVar

import pytest
from attrs import evolve, frozen

from progflow import (
    ANYONE,
    START,
    STAY,
    SYSTEM,
    Acting,
    Case,
    Context,
    Flow,
    InvariantBroken,
    Lifecycle,
    Phase,
    Program,
    Reason,
    State,
    UnknownCase,
    UsageError,
    event,
    guard,
    invariant,
)
from progflow.testing.clock import Clock
from support import FlowMaker, berlin, codes, dump, refusal, somebody
from support import clock as clock
from support import make_flow as make_flow

# -- unique --------------------------------------------------------------------------------------------------------


class Edition(Lifecycle[None]):
    """Has people."""

    running = State(initial=True)
    over = State(final=True)

    @event(running >> over, by=ANYONE)
    def end(self, ctx: Context[None]) -> None: ...

    @invariant("At most five are in.")
    def not_crowded(self, ctx: Context[None]) -> bool:
        return ctx.children(Person).in_(Person.inside).count() <= 5


class City(Enum):
    KÖLN = "Köln"
    DÜSSELDORF = "Düsseldorf"


@frozen
class PersonData:
    account: str | None = None
    city: City = City.KÖLN
    born: date | None = None
    rank: int = 0
    tags: tuple[str, ...] = ()


class Person(Lifecycle[PersonData], parent=Edition, unique="account"):
    """Somebody, known by an account."""

    inside = State()
    outside = State(resting=True)
    gone = State(final=True)

    @event(START >> inside, by=ANYONE)
    def come(
        self, ctx: Context[PersonData], *, account: str | None = None, city: City = City.KÖLN, rank: int = 0
    ) -> PersonData:
        return PersonData(account, city, rank=rank)

    @event((inside | outside) >> STAY, by=ANYONE)
    def rename(self, ctx: Context[PersonData], *, account: str | None) -> PersonData:
        return evolve(ctx.data, account=account)

    @event(inside >> outside, by=ANYONE)
    def go_out(self, ctx: Context[PersonData]) -> None: ...

    @event((inside | outside) >> gone, by=ANYONE)
    def go(self, ctx: Context[PersonData]) -> None: ...


@pytest.fixture
def edition(make_flow: FlowMaker) -> tuple[Flow, Case[None]]:
    flow = make_flow(Edition, Person, Visitor, Special)
    return flow, flow.start(Edition, None, actor=SYSTEM)


def come(flow: Flow, parent: Case[None], account: str | None = None, **more: Any) -> Case[PersonData]:
    return flow.start(Person.come(account=account, **more), parent=parent, actor=somebody)


def test_unique_holds_for_cases_that_are_not_final_among_siblings(edition: tuple[Flow, Case[None]]) -> None:
    flow, parent = edition
    come(flow, parent, "anna")
    before = dump(flow)
    error = refusal(come, flow, parent, "anna")
    assert codes(error) == ["unique"]
    assert error.reasons[0].parameters == {"field": "account"}
    assert error.event == "Person.come"
    assert dump(flow) == before
    assert codes(flow.check(Person.come(account="anna"), parent=parent, actor=somebody)) == ["unique"]
    other = flow.start(Edition, None, actor=SYSTEM)
    come(flow, other, "anna")


def test_unique_never_counts_none(edition: tuple[Flow, Case[None]]) -> None:
    flow, parent = edition
    come(flow, parent)
    come(flow, parent)
    assert flow.cases(Person).of(parent).count() == 2


def test_unique_is_free_again_after_the_end(edition: tuple[Flow, Case[None]]) -> None:
    flow, parent = edition
    first = come(flow, parent, "anna")
    first = flow.fire(first, Person.go_out(), actor=somebody)
    assert codes(refusal(come, flow, parent, "anna")) == ["unique"]
    flow.fire(first, Person.go(), actor=somebody)
    come(flow, parent, "anna")


def test_unique_is_checked_whenever_the_field_changes(edition: tuple[Flow, Case[None]]) -> None:
    flow, parent = edition
    come(flow, parent, "anna")
    other = come(flow, parent, "berta")
    error = refusal(flow.fire, other, Person.rename(account="anna"), actor=somebody)
    assert (codes(error), error.case) == (["unique"], other.id)
    other = flow.fire(other, Person.rename(account="carla"), actor=somebody)
    come(flow, parent, "berta")
    other = flow.fire(other, Person.rename(account=None), actor=somebody)
    come(flow, parent, "carla")
    assert codes(refusal(flow.fire, other, Person.rename(account="carla"), actor=somebody)) == ["unique"]


def test_unique_values_may_be_exchanged_by_one_command_through_none(edition: tuple[Flow, Case[None]]) -> None:
    flow, parent = edition
    one, two = come(flow, parent, "anna"), come(flow, parent, "berta")
    with flow.unit_of_work() as unit:
        unit.fire(one.id, Person.rename(account=None), actor=somebody)
        unit.fire(two.id, Person.rename(account="anna"), actor=somebody)
        unit.fire(one.id, Person.rename(account="berta"), actor=somebody)
    assert [flow.get(Person, case).data.account for case in (one, two)] == ["berta", "anna"]


class Badge(Lifecycle[PersonData], unique="account"):
    """Has no parent: its siblings are all badges."""

    valid = State(initial=True)
    void = State(final=True)

    @event(valid >> void, by=ANYONE)
    def end(self, ctx: Context[PersonData]) -> None: ...


class GoldenBadge(Badge, unique="account"):
    """A kind of badge."""


def test_unique_counts_subclasses_and_cases_without_a_parent(make_flow: FlowMaker) -> None:
    flow = make_flow(Program("town", Badge, GoldenBadge, zone="Europe/Berlin"))
    badge = flow.start(Badge, PersonData("anna"), actor=SYSTEM)
    assert codes(refusal(flow.start, GoldenBadge, PersonData("anna"), actor=SYSTEM)) == ["unique"]
    flow.fire(badge, Badge.end(), actor=somebody)
    flow.start(GoldenBadge, PersonData("anna"), actor=SYSTEM)
    assert codes(refusal(flow.start, Badge, PersonData("anna"), actor=SYSTEM)) == ["unique"]


def test_unique_values_of_two_programs_in_one_store_do_not_meet(make_flow: FlowMaker) -> None:
    one = make_flow(Program("one", Badge, zone="UTC"))
    other = Flow(Program("other", Badge, zone="UTC"), store=one._transaction.engine.store)
    one.start(Badge, PersonData("anna"), actor=SYSTEM)
    other.start(Badge, PersonData("anna"), actor=SYSTEM)


# -- parents -------------------------------------------------------------------------------------------------------


class Special(Edition):
    """An edition like any other, and yet another one."""


class Visitor(Lifecycle[None], parent=(Edition, Person)):
    """Visits an edition or somebody."""

    there = State(resting=True)

    @event(START >> there, by=ANYONE)
    def visit(self, ctx: Context[None]) -> None:
        assert ctx.parent(Edition).id


def test_nothing_starts_under_a_final_parent(edition: tuple[Flow, Case[None]]) -> None:
    flow, parent = edition
    parent = flow.fire(parent, Edition.end(), actor=somebody)
    error = refusal(come, flow, parent, "anna")
    assert codes(error) == ["parent"]
    assert error.reasons[0].parameters == {"parent": parent.id, "state": "over"}
    offer = flow.explain(Person, parent=parent, actor=somebody)["come"]
    assert (offer.allowed, codes(offer.reasons)) == (False, ["parent"])
    assert codes(flow.check(Person.come(), parent=parent, actor=somebody)) == ["parent"]


def test_a_child_begins_under_one_of_the_kinds_of_parents_or_their_subclasses(
    edition: tuple[Flow, Case[None]],
) -> None:
    flow, parent = edition
    person = come(flow, parent, "anna")
    assert flow.start(Visitor.visit(), parent=parent, actor=somebody).parent == parent.id
    assert flow.start(Visitor.visit(), parent=person.id, actor=somebody).parent == person.id
    special = flow.start(Special, None, actor=SYSTEM)
    assert come(flow, special, "anna").parent == special.id
    visitor = flow.start(Visitor.visit(), parent=special, actor=somebody)
    with pytest.raises(UnknownCase) as caught:
        flow.start(Visitor.visit(), parent=visitor, actor=somebody)
    assert (caught.value.wanted, caught.value.found) == ("Edition, Person", "Visitor")


def test_a_parent_is_given_where_one_is_needed_and_nowhere_else(edition: tuple[Flow, Case[None]]) -> None:
    flow, parent = edition
    with pytest.raises(UsageError, match=r"A Person is the child of: Edition\. Give parent="):
        flow.start(Person.come(), actor=somebody)
    with pytest.raises(UsageError, match="Edition is nobody's child"):
        flow.start(Edition, None, parent=parent, actor=SYSTEM)
    with pytest.raises(UnknownCase):
        flow.start(Person.come(), parent="nobody", actor=somebody)


def test_the_invariants_of_the_parent_hold_after_a_move_of_a_child(edition: tuple[Flow, Case[None]]) -> None:
    flow, parent = edition
    people = [come(flow, parent) for _ in range(5)]
    with pytest.raises(InvariantBroken) as caught:
        come(flow, parent)
    assert (caught.value.case, caught.value.event) == (parent.id, "Person.come")
    flow.fire(people[0], Person.go_out(), actor=somebody)
    come(flow, parent)


# -- asking --------------------------------------------------------------------------------------------------------


@frozen
class NoteData:
    text: str = ""


class Notes(Phase[NoteData]):
    """A phase with data of its own, and a look at the family."""

    writing = State(initial=True)
    written = State()

    @guard("Somebody else is writing.")
    def alone(self, ctx: Context[NoteData]) -> bool:
        return not ctx.siblings().in_(Story.notes).exists()

    @event(writing >> STAY, by=ANYONE)
    def write(self, ctx: Context[NoteData], *, text: Reason) -> NoteData:
        return NoteData(ctx.data.text + text)

    @event(writing >> written, by=ANYONE, when=alone)
    def finish(self, ctx: Context[NoteData]) -> None: ...


@frozen
class StoryData:
    log: tuple[str, ...] = ()


class Library(Lifecycle[None]):
    """Has stories."""

    open = State(initial=True, resting=True)


class Shelf(Lifecycle[None], parent=Library):
    """Stands in the library, with stories on it."""

    there = State(initial=True, resting=True)


class Story(Lifecycle[StoryData], parent=Shelf):
    """Asks all that can be asked."""

    idea = State(initial=True)
    notes = Notes().then(idea)
    end = State(final=True)

    @event(idea >> notes, notes >> idea, by=ANYONE)
    def turn(self, ctx: Context[StoryData]) -> None: ...

    @event((idea | notes) >> end, by=ANYONE)
    def finish(self, ctx: Context[StoryData]) -> None: ...

    @event((idea | notes) >> STAY, by=ANYONE)
    def ask(self, ctx: Acting[StoryData]) -> StoryData:
        story = ctx.case_of(Story)
        siblings = ctx.siblings(Story)
        assert ctx.case == story
        assert ctx.case.id not in {one.id for one in siblings.all()}
        with pytest.raises(UnknownCase):
            ctx.case_of(Library)
        with pytest.raises(UnknownCase):
            ctx.linked("nobody", Story)
        with pytest.raises(UnknownCase):
            ctx.linked("model", Library)
        with pytest.raises(UnknownCase):
            ctx.parent(Person)
        return StoryData(
            (
                ctx.actor.id,
                str(ctx.now),
                str(ctx.today),
                ctx.parent(Shelf).state.path,
                ctx.parent(Library).state.path,
                f"{siblings.count()} siblings",
                f"{siblings.in_(Story.notes).count()} in notes",
                f"{ctx.children(Chapter).count()} chapters",
                f"model {ctx.linked('model', Story).state.path}",
                f"{ctx.linking('model', Story).count()} copies",
                f"{ctx.cases(Story).count()} in all",
                f"text {story[Story.notes].text!r}",
                f"visited {story.visited(Story.notes)} {story.visited(Story.idea)}",
            )
        )


class Chapter(Lifecycle[None], parent=Story):
    """A part of a story."""

    there = State(initial=True, resting=True)


def test_a_context_answers_about_the_case_its_family_and_the_day(make_flow: FlowMaker, clock: Clock) -> None:
    flow = make_flow(Library, Shelf, Story, Chapter)
    clock.set("2026-06-30 23:30")
    library = flow.start(Library, None, actor=SYSTEM)
    shelf = flow.start(Shelf, None, parent=library, actor=SYSTEM)
    model = flow.start(Story, StoryData(), parent=shelf, actor=SYSTEM)
    story = flow.start(Story, StoryData(), parent=shelf, links={"model": model}, actor=SYSTEM)
    flow.start(Story, StoryData(), parent=shelf, links={"model": story}, actor=SYSTEM)
    elsewhere = flow.start(Shelf, None, parent=library, actor=SYSTEM)
    flow.start(Story, StoryData(), parent=elsewhere, actor=SYSTEM)
    flow.start(Chapter, None, parent=story, actor=SYSTEM)
    flow.fire(model, Story.turn(), actor=somebody)
    story = flow.fire(story, Story.ask(), actor=somebody)
    assert story.data.log == (
        "somebody",
        "2026-06-30 23:30:00+02:00",
        "2026-06-30",
        "there",
        "open",
        "2 siblings",
        "1 in notes",
        "1 chapters",
        "model notes.writing",
        "1 copies",
        "4 in all",
        "text ''",
        "visited False True",
    )
    assert story.links == {"model": model.id}


def test_a_phase_has_data_of_its_own_that_stay_when_it_is_entered_again(make_flow: FlowMaker) -> None:
    flow = make_flow(Library, Shelf, Story, Chapter)
    library = flow.start(Library, None, actor=SYSTEM)
    shelf = flow.start(Shelf, None, parent=library, actor=SYSTEM)
    story = flow.start(Story, StoryData(("kept",)), parent=shelf, actor=SYSTEM)
    assert story[Story.notes] == NoteData()
    story = flow.fire(story, Story.turn(), actor=somebody)
    story = flow.fire(story, Story.notes.write(text="once "), actor=somebody)
    story = flow.fire(story, Story.turn(), actor=somebody)
    story = flow.fire(story, Story.turn(), actor=somebody)
    story = flow.fire(story, Story.notes.write(text="more"), actor=somebody)
    assert story[Story.notes].text == "once more"
    assert story.data.log == ("kept",)


def test_siblings_in_a_reusable_phase_are_those_of_the_lifecycle_that_it_stands_in(make_flow: FlowMaker) -> None:
    flow = make_flow(Library, Shelf, Story, Chapter)
    library = flow.start(Library, None, actor=SYSTEM)
    shelf = flow.start(Shelf, None, parent=library, actor=SYSTEM)
    one, two = (flow.start(Story, StoryData(), parent=shelf, actor=SYSTEM) for _ in range(2))
    one = flow.fire(one, Story.turn(), actor=somebody)
    assert not flow.check(one, Story.notes.finish(), actor=somebody)
    flow.fire(two, Story.turn(), actor=somebody)
    assert codes(flow.check(one, Story.notes.finish(), actor=somebody)) == ["notes.alone"]


# -- questions from outside ----------------------------------------------------------------------------------------


def test_cases_are_found_by_state_phase_field_and_parent_in_the_order_of_creation(
    edition: tuple[Flow, Case[None]],
) -> None:
    flow, parent = edition
    anna = come(flow, parent, "anna", rank=2)
    berta = come(flow, parent, "berta", city=City.DÜSSELDORF, rank=1)
    carla = come(flow, parent, None, rank=1)
    flow.fire(berta, Person.go_out(), actor=somebody)
    people = flow.cases(Person)
    assert [one.id for one in people.all()] == [anna.id, berta.id, carla.id]
    assert people.where(city=City.KÖLN, rank=1).one().id == carla.id
    assert people.where(account=None).one().id == carla.id
    assert people.in_(Person.outside).one().id == berta.id
    assert people.in_(Person.inside, Person.outside).count() == 3
    assert [one.id for one in people.order_by("rank", "account").all()] == [berta.id, carla.id, anna.id]
    assert [one.id for one in people.order_by("-rank").all()] == [anna.id, berta.id, carla.id]
    assert people.sum("rank") == 4
    assert people.of(parent).open().exists()
    assert people.where(rank=9).first() is None
    with pytest.raises(UsageError, match="not exactly one"):
        people.one()


def test_what_can_never_match_is_an_error_and_not_an_empty_answer(edition: tuple[Flow, Case[None]]) -> None:
    flow, _ = edition
    people = flow.cases(Person)
    for wrong in ({"rank": "1"}, {"rank": True}, {"tags": ("a",)}, {"nothing": 1}, {"city": "Bonn"}):
        with pytest.raises(UsageError):
            people.where(**wrong)
    with pytest.raises(UsageError):
        people.in_(Edition.running)


def test_get_and_cases_include_subclasses(edition: tuple[Flow, Case[None]]) -> None:
    flow, parent = edition
    special = flow.start(Special, None, actor=SYSTEM)
    assert flow.get(Edition, special).lifecycle is Special
    assert {one.id for one in flow.cases(Edition).all()} == {parent.id, special.id}
    assert flow.cases(Special).one().id == special.id
    with pytest.raises(UnknownCase):
        flow.get(Special, parent)


def test_times_of_a_case_are_in_the_zone_of_its_program(make_flow: FlowMaker, clock: Clock) -> None:
    flow = make_flow(Program("town", Badge, zone="America/New_York"))
    badge = flow.start(Badge, PersonData(), actor=SYSTEM)
    assert str(badge.created_at) == "2026-03-02 03:00:00-05:00"
    assert str(flow.history(badge)[0].at) == "2026-03-02 03:00:00-05:00"
    assert badge.entered_at == berlin("2026-03-02 09:00")


# -- links and bases -----------------------------------------------------------------------------------------------

D = TypeVar("D", bound=PersonData)


class Base(Lifecycle[D], Generic[D], abstract=True):
    """A base to which a municipality adds a field."""

    there = State(initial=True)
    over = State(final=True)

    @guard("No.")
    def may_end(self, ctx: Context[D]) -> bool:
        return False

    @event(there >> over, by=ANYONE, when=may_end)
    def end(self, ctx: Context[D]) -> D | None:
        return None

    @event(there >> STAY, by=ANYONE)
    def promote(self, ctx: Context[D]) -> D:
        return evolve(ctx.data, rank=ctx.data.rank + 1)


@frozen
class TownData(PersonData):
    district: str = "Ehrenfeld"


class InTown(Base[TownData]):
    """With a district, and another guard."""

    @guard("Not before the first promotion.")
    def may_end(self, ctx: Context[TownData]) -> bool:
        return ctx.data.rank > 0


def test_a_subclass_overrides_a_guard_and_inherited_events_use_it(make_flow: FlowMaker) -> None:
    flow = make_flow(InTown)
    case = flow.start(InTown, TownData(), actor=SYSTEM)
    assert refusal(flow.fire, case, InTown.end(), actor=somebody).reasons[0].text.startswith("Not before")
    case = flow.fire(case, InTown.promote(), actor=somebody)
    assert case.data == TownData(rank=1)
    assert flow.fire(case, Base.end(), actor=somebody).is_in(InTown.over)
    assert flow.cases(Base).count() == 1
