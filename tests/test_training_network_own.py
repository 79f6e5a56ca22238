"""A network of one's own: more fields, other rules; and what holds whatever is reported."""

from __future__ import annotations

from typing import Any

from attrs import evolve, frozen
from hypothesis import given
from hypothesis import strategies as st

from progflow import Context, No, Program, Term, derived, guard, weeks
from progflow.programs.training_network import (
    Agreement,
    BaseNeed,
    BaseTalk,
    Course,
    Kind,
    Marked,
    Member,
    NeedData,
    Network,
    Place,
    Rules,
    TalkData,
    participation,
    training_network,
)
from progflow.programs.training_network.people import works_for
from training_network_stage import SMALL, STARTS, Stage, carrier, employee, personnel, where_is


@frozen(kw_only=True)
class OurNeedData(NeedData):
    """We want to know which products are concerned, and what it may cost."""

    product: str
    may_cost: int = 0


class OurNeed(BaseNeed[OurNeedData]):
    """What one of our employees needs to learn."""

    @guard("More than 500 euros are decided on by the council.")
    def cheap_enough(self, ctx: Context[OurNeedData], *, need: OurNeedData) -> bool:
        return need.may_cost <= 500

    @guard("You do not work for {administration}, or it costs too much.")
    def ones_own_administration(self, ctx: Context[OurNeedData], *, need: OurNeedData) -> bool | No:
        own = works_for(ctx, ctx.actor.id, need.administration) and self.cheap_enough(ctx, need=need)
        return own or No(administration=need.administration)


@frozen(kw_only=True)
class OurTalkData(TalkData):
    """Some have asked for somebody of the staff council beside them."""

    with_council: bool = False


class OurTalk(BaseTalk[OurTalkData]):
    """Our yearly talk, which is missed after two weeks."""

    @derived
    def time_to_hold_it(self, ctx: Context[Any]) -> Term:
        return weeks(2)


ours = Program("ours", Network, Member, OurTalk, OurNeed, Course, Place, Agreement, zone="Europe/Berlin")


def report(stage: Stage, person: str, *, may_cost: int = 0) -> Any:
    need = OurNeedData(
        administration=where_is(person), topic="Law", kind=Kind.FURTHER, product="Passports", may_cost=may_cost
    )
    return stage.flow.start(OurNeed.report(need=need), parent=stage.network_id, actor=employee(person))


def test_own_fields_and_rules_go_all_the_way_from_the_report_to_the_statistics() -> None:
    stage = Stage(program=ours)
    needs = [report(stage, "a-1"), report(stage, "b-1")]
    assert needs[0].data.product == "Passports"
    stage.approve(*needs)
    course = stage.announce(STARTS.replace(month=11), topic="Law")
    stage.on(STARTS.replace(month=11))
    stage.hold(course)
    assert [stage.state(need) for need in needs] == ["covered.due", "covered.due"]
    assert [row.people for row in participation(stage.flow, stage.network)] == [1, 1]
    need = OurNeedData(administration="A", topic="Law", kind=Kind.FURTHER, product="-", may_cost=900)
    offered = stage.flow.check(OurNeed.report(need=need), parent=stage.network_id, actor=employee("a-1"))
    assert [blocker.text for blocker in offered] == ["You do not work for A, or it costs too much."]


def test_a_derived_value_that_is_overridden_reaches_the_phase() -> None:
    stage = Stage(program=ours)
    data = OurTalkData(administration="A", person="a-1", with_council=True)
    talk = stage.flow.start(OurTalk.take_up(talk=data), parent=stage.member("A"), actor=personnel("A"))
    stage.on(STARTS.replace(year=2013, day=16))
    assert stage.state(talk) == "talk.missed"


def test_every_case_about_an_employee_says_whose_administration_it_is() -> None:
    about = {kind.__name__ for kind in training_network.lifecycles if issubclass(data_of(kind), Marked)}
    assert about == {"Talk", "Need", "Place", "Agreement"}


def data_of(kind: type[Any]) -> type[Any]:
    return kind.__progflow__.blueprint.data  # type: ignore[no-any-return]


topics = st.sampled_from(["Law", "Rhetoric"])
reports = st.lists(st.tuples(st.sampled_from("ABC"), topics), max_size=9)


@given(reports, st.integers(1, 4), st.integers(1, 3))
def test_there_is_a_pool_exactly_where_enough_need_the_same(
    reported: list[tuple[str, str]], size: int, administrations: int
) -> None:
    rules = evolve(SMALL, pool_size=size, pool_administrations=administrations)
    stage = Stage(rules=rules, members=("A", "B", "C"))
    needs = [stage.report(f"{where.lower()}-{n}", topic) for n, (where, topic) in enumerate(reported)]
    for topic in ("Law", "Rhetoric"):
        about = [where for where, name in reported if name == topic]
        enough = len(about) >= size and len(set(about)) >= administrations
        states = {stage.state(need) for need in needs if need.data.topic == topic}
        assert states <= ({"pooled"} if enough else {"reported"})
        command = Course.plan(course=training_course(topic))
        assert (not stage.flow.check(command, parent=stage.network_id, actor=carrier)) == enough


def training_course(topic: str) -> Any:
    from progflow.programs.training_network import CourseData

    return CourseData(topic=topic)


@given(st.lists(st.tuples(st.sampled_from("AB"), st.integers(1, 40)), max_size=6), st.integers(0, 4))
def test_no_course_has_more_people_than_seats_and_whoever_leaves_makes_room(
    steps: list[tuple[str, int]], capacity: int
) -> None:
    """Invariants 5 and 17: seats go to those who have waited longest."""
    stage = Stage(rules=Rules(pool_size=2))
    needs = [stage.report(f"{'ab'[n % 2]}-{n}", "Law") for n in range(4)]
    stage.approve(*needs)
    stage.announce(STARTS.replace(year=2013), topic="Law", capacity=capacity)
    waiting = list(needs)
    for _, pick in steps:
        if waiting:
            need = waiting.pop(pick % len(waiting))
            stage.do(need, stage.need_kind.withdrawal.withdraw(reason="-"), employee(need.data.person))
        seated = stage.flow.cases(Place).in_(Place.attendance.registered).all()
        assert [place.data.person for place in seated] == [need.data.person for need in waiting[:capacity]]
