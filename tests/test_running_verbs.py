"""Rules 5 to 7 of running, and the verbs of a flow: offered equals possible, stored data, conflicts and keys."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from attrs import define, evolve, frozen
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from job_shadowing import HR, JobShadowing, Shadowing, colleague, employee, hr
from progflow import (
    ANYONE,
    START,
    STAY,
    SYSTEM,
    Acting,
    Actor,
    Blocker,
    Case,
    ConflictError,
    Context,
    DefinitionError,
    Flow,
    KeyReused,
    Lifecycle,
    Phase,
    Program,
    Refused,
    State,
    UnknownCase,
    UnknownLifecycle,
    UnstorableData,
    UsageError,
    days,
    event,
)
from progflow.adapters.memory import MemoryStore
from progflow.adapters.sqlalchemy import SQLAlchemyStore
from progflow.decide.fold import fold
from progflow.definition.cases import kind_of, record_of
from progflow.testing.clock import Clock
from support import FlowMaker, berlin, codes, dump, events, refusal, somebody, state, store_of
from support import clock as clock
from support import make_flow as make_flow

Stay = Case[Shadowing]
HOSTING = date(2026, 4, 1)


@pytest.fixture
def flow(make_flow: FlowMaker) -> Flow:
    return make_flow(Program("stays", JobShadowing, zone="Europe/Berlin"))


def ask(flow: Flow, department: str = "Parks", starts: date = HOSTING, actor: Actor = employee) -> Stay:
    return flow.start(JobShadowing.request(department=department, starts=starts), actor=actor)


# -- rule 5: offered equals possible ---------------------------------------------------------------------------------


def test_rule_5_check_gives_the_reasons_that_fire_would_be_refused_with(flow: Flow) -> None:
    stay = ask(flow)
    for command, actor in (
        (JobShadowing.approve(), colleague),
        (JobShadowing.note(text="x"), employee),
        (JobShadowing.approve(), hr),
        (JobShadowing.approve(), hr),
        (JobShadowing.decline(reason="no"), hr),
    ):
        stay = flow.get(JobShadowing, stay)
        reasons = flow.check(stay, command, actor=actor)
        before = dump(flow)
        if reasons:
            error = refusal(flow.fire, stay, command, actor=actor)
            assert error.reasons == reasons
            assert dump(flow) == before
        else:
            assert dump(flow) == before
            flow.fire(stay, command, actor=actor)


def test_rule_5_explain_says_for_every_event_whether_it_is_possible_and_if_not_why(flow: Flow, clock: Clock) -> None:
    stay = ask(flow)
    offers = flow.explain(stay, actor=hr)
    assert list(offers) == ["approve", "decline", "begin", "note", "finish"]
    assert [name for name, offer in offers.items() if offer.allowed] == ["approve", "decline"]
    assert codes(offers["note"].reasons) == ["state"]
    assert codes(flow.explain(stay, actor=employee)["approve"].reasons) == ["who"]
    approve, finish = offers["approve"], offers["finish"]
    assert (approve.name, approve.title, approve.who) == ("approve", "Agree to the stay", ("hr",))
    assert finish.who == ("the employee", "hr")
    assert (approve.due, approve.resting, finish.due) == (None, (), None)


def test_rule_5_explain_gives_the_form_of_the_payload(flow: Flow) -> None:
    stay = ask(flow)
    offers = flow.explain(stay, actor=hr)
    (reason,) = offers["decline"].form
    assert (reason.name, reason.required, reason.default) == ("reason", True, None)
    (report,) = offers["finish"].form
    assert (report.name, report.required, report.default) == ("report", False, None)
    form = flow.explain(JobShadowing, actor=hr)["request"].form
    assert [(field.name, field.required) for field in form] == [("department", True), ("starts", True)]


def test_rule_5_explain_says_when_an_event_fires_by_itself(flow: Flow) -> None:
    stay = flow.fire(ask(flow), JobShadowing.approve(), actor=hr)
    assert flow.explain(stay, actor=colleague)["begin"].due == berlin("2026-04-01")


def test_rule_5_explain_before_there_is_a_case_offers_its_beginnings(flow: Flow) -> None:
    offers = flow.explain(JobShadowing, actor=somebody)
    assert list(offers) == ["request"]
    assert offers["request"].allowed
    assert offers["request"].who == ("anyone",)


def test_rule_5_explain_all_gives_a_page(flow: Flow) -> None:
    stays = [ask(flow, f"dep-{number}") for number in range(3)]
    flow.fire(stays[1], JobShadowing.decline(reason="no"), actor=hr)
    page = flow.explain_all(flow.cases(JobShadowing), actor=hr)
    assert [page[stay.id]["approve"].allowed for stay in stays] == [True, False, True]
    assert flow.explain_all([stays[0], stays[2].id], actor=hr).keys() == {stays[0].id, stays[2].id}
    assert page[stays[0].id] == flow.explain(stays[0], actor=hr)


def test_rule_5_a_stale_value_may_be_explained_but_not_fired(flow: Flow) -> None:
    stay = ask(flow)
    flow.fire(stay, JobShadowing.approve(), actor=hr)
    assert not flow.explain(stay, actor=hr)["approve"].allowed
    with pytest.raises(ConflictError):
        flow.check(stay, JobShadowing.decline(reason="late"), actor=hr)


def test_rule_5_a_command_by_name_is_the_same_command(flow: Flow) -> None:
    stay = flow.start("stays.JobShadowing.request", {"department": "Parks", "starts": "2026-04-01"}, actor=employee)
    assert stay.data == Shadowing("emp-1", "Parks", HOSTING)
    assert codes(flow.check(stay.id, "approve", {}, actor=somebody)) == ["who"]
    flow.fire(stay.id, "approve", {}, actor=hr)
    flow.fire(stay.id, "stays.JobShadowing.decline", {"reason": "no place"}, actor=hr)
    assert [(entry.event, entry.payload) for entry in flow.history(stay)] == [
        ("request", {"department": "Parks", "starts": "2026-04-01"}),
        ("approve", {}),
        ("decline", {"reason": "no place"}),
    ]


def test_rule_5_a_refusal_changes_nothing_and_is_announced(flow: Flow) -> None:
    heard: list[tuple[object, Refused, Actor]] = []
    flow.refused.connect(lambda sender, error, actor: heard.append((sender, error, actor)))
    stay = ask(flow)
    before = dump(flow)
    error = refusal(flow.fire, stay, JobShadowing.approve(), actor=somebody)
    assert heard == [(JobShadowing, error, somebody)]
    flow.check(stay, JobShadowing.approve(), actor=somebody)
    assert len(heard) == 1
    assert dump(flow) == before


# -- rule 6: what is stored ------------------------------------------------------------------------------------------


@define
class Loose:
    """Data that do not check themselves."""

    day: Any = None
    number: int = 0


@frozen
class Strict:
    day: date
    number: int = 0


class Record(Lifecycle[Strict]):
    """Stores what it is given, if it comes back."""

    there = State(initial=True, resting=True)

    @event(there >> STAY, by=ANYONE)
    def put(self, ctx: Context[Strict], *, what: str) -> Strict:
        wrong: dict[str, Any] = {
            "a datetime": Strict(day=datetime(2026, 1, 1, tzinfo=UTC)),
            "a bool": Strict(day=date(2026, 1, 1), number=True),
            "both": Strict(day=None, number="1"),  # type: ignore[arg-type]
            "another class": Loose(),
            "fine": Strict(day=date(2026, 1, 1), number=7),
        }
        given: Strict = wrong[what]
        return given


@pytest.mark.parametrize("what", ["a datetime", "a bool", "both", "another class"])
def test_rule_6_data_that_cannot_come_back_are_never_stored(make_flow: FlowMaker, what: str) -> None:
    flow = make_flow(Record)
    case = flow.start(Record, Strict(date(2026, 1, 1)), actor=SYSTEM)
    before = dump(flow)
    for verb in (flow.fire, flow.check):
        with pytest.raises(UnstorableData) as caught:
            verb(case, Record.put(what=what), actor=somebody)
        assert caught.value.event == "Record.put"
        assert len(caught.value.faults) == (2 if what == "both" else 1)
        assert all(fault.path.startswith("data") for fault in caught.value.faults)
    assert dump(flow) == before
    assert flow.fire(case, Record.put(what="fine"), actor=somebody).data.number == 7


def test_rule_6_a_datetime_where_a_date_belongs_is_not_stored_at_the_start_either(make_flow: FlowMaker) -> None:
    flow = make_flow(Record)
    with pytest.raises(UnstorableData, match=r"data\.day"):
        flow.start(Record, Strict(datetime(2026, 1, 1, tzinfo=UTC)), actor=SYSTEM)
    assert flow.cases(Record).count() == 0


def test_rule_6_folding_the_history_gives_the_case(flow: Flow, clock: Clock) -> None:
    stay = flow.fire(ask(flow), JobShadowing.approve(), actor=hr)
    clock.set("2026-04-03")
    stay = flow.fire(stay.id, JobShadowing.note(text="day one"), actor=employee)
    with store_of(flow).begin(write=False) as unit:
        folded = fold(kind_of(stay), unit.history(stay.id))
        assert evolve(folded, timers=()) == evolve(record_of(stay), timers=())
    assert [(one.event, one.anchor) for one in folded.timers] == [
        (one.event, one.anchor) for one in record_of(stay).timers
    ]


def test_rule_6_loading_runs_no_rules(make_flow: FlowMaker) -> None:
    calls: list[str] = []

    class Watching(Lifecycle[int]):
        there = State(initial=True, resting=True)

        @event(there >> STAY, by=ANYONE)
        def step(self, ctx: Context[int]) -> int:
            calls.append("effect")
            return ctx.data + 1

    flow = make_flow(Watching)
    case = flow.fire(flow.start(Watching, 0, actor=SYSTEM), Watching.step(), actor=somebody)
    assert calls == ["effect"]
    flow.get(Watching, case)
    flow.history(case)
    flow.cases(Watching).all()
    assert calls == ["effect"]


def test_rule_6_a_new_process_goes_on_where_the_old_one_was(clock: Clock, tmp_path: Path) -> None:
    with SQLAlchemyStore(f"sqlite:///{tmp_path}/a.db") as store:
        flow = Flow(JobShadowing, store=store, clock=clock, zone="Europe/Berlin")
        stay = flow.fire(ask(flow), JobShadowing.approve(), actor=hr)
    clock.set("2026-05-01")
    with SQLAlchemyStore(f"sqlite:///{tmp_path}/a.db") as store:
        again = Flow(JobShadowing, store=store, clock=clock, zone="Europe/Berlin")
        assert again.get(JobShadowing, stay) == stay
        assert again.run_due() == 2
        assert events(again, stay) == ["request", "approve", "begin", "finish"]


# -- rule 7: conflicts and keys --------------------------------------------------------------------------------------


def test_rule_7_a_stale_case_is_refused_and_a_retry_does_not_help(flow: Flow) -> None:
    stay = ask(flow)
    flow.fire(stay, JobShadowing.approve(), actor=hr)
    with pytest.raises(ConflictError) as caught:
        flow.fire(stay, JobShadowing.decline(reason="x"), actor=hr)
    error = caught.value
    assert (error.case, error.expected, error.found, error.retryable) == (stay.id, 1, 2, False)
    flow.fire(stay.id, JobShadowing.decline(reason="x"), actor=hr)


def test_rule_7_a_key_makes_a_retry_harmless(flow: Flow) -> None:
    stay = ask(flow)
    first = flow.fire(stay, JobShadowing.approve(), actor=hr, key="k1")
    again = flow.fire(stay, JobShadowing.approve(), actor=hr, key="k1")
    assert again == first
    assert events(flow, stay) == ["request", "approve"]


def test_rule_7_the_second_call_gives_the_case_as_the_first_left_it(flow: Flow, clock: Clock) -> None:
    stay = ask(flow)
    first = flow.fire(stay, JobShadowing.approve(), actor=hr, key="k1")
    clock.set("2026-04-02")
    flow.fire(stay.id, JobShadowing.note(text="later"), actor=employee)
    again = flow.fire(stay, JobShadowing.approve(), actor=hr, key="k1")
    assert (again.state, again.revision, again.data) == (first.state, first.revision, first.data)
    assert again.entered_at == first.entered_at
    assert flow.get(JobShadowing, stay).revision == 4


def test_rule_7_a_key_is_looked_up_before_anything_else(flow: Flow, clock: Clock) -> None:
    stay = ask(flow)
    flow.fire(stay, JobShadowing.approve(), actor=hr, key="k1")
    clock.forward(days=100)
    before = dump(flow)
    flow.fire(stay, JobShadowing.approve(), actor=hr, key="k1")
    assert dump(flow) == before


def test_rule_7_the_key_of_somebody_else_is_an_error(flow: Flow) -> None:
    """Otherwise whoever guesses a key would be given the case without being asked who they are."""
    stay = ask(flow)
    flow.fire(stay, JobShadowing.approve(), actor=hr, key="k1")
    with pytest.raises(KeyReused):
        flow.fire(stay, JobShadowing.approve(), actor=somebody, key="k1")


def test_rule_7_the_same_key_with_another_command_is_an_error(flow: Flow) -> None:
    stay = ask(flow)
    other = ask(flow, "Pools")
    flow.fire(stay, JobShadowing.decline(reason="a"), actor=hr, key="k1")
    before = dump(flow)
    starts = JobShadowing.request(department="Parks", starts=HOSTING)
    for call in (
        lambda: flow.fire(stay, JobShadowing.decline(reason="b"), actor=hr, key="k1"),
        lambda: flow.fire(other, JobShadowing.decline(reason="a"), actor=hr, key="k1"),
        lambda: flow.fire(stay, JobShadowing.approve(), actor=hr, key="k1"),
        lambda: flow.start(starts, actor=employee, key="k1"),
        lambda: flow.fire(stay.id, "decline", {"reason": object()}, actor=hr, key="k1"),
        lambda: flow.fire(stay.id, "decline", {1: "a", "b": {2}}, actor=hr, key="k1"),
        lambda: flow.fire(stay.id, "decline", ["a"], actor=hr, key="k1"),
    ):
        with pytest.raises(KeyReused) as caught:
            call()
        assert (caught.value.key, caught.value.retryable) == ("k1", False)
    assert dump(flow) == before


def test_rule_7_a_command_by_name_under_the_key_of_the_typed_one_is_the_same(flow: Flow) -> None:
    stay = ask(flow)
    first = flow.fire(stay, JobShadowing.decline(reason="a"), actor=hr, key="k1")
    assert flow.fire(stay.id, "decline", {"reason": "a"}, actor=hr, key="k1") == first
    assert flow.fire(stay.id, "stays.JobShadowing.decline", {"reason": "a"}, actor=hr, key="k1") == first


def test_rule_7_a_key_of_a_beginning_gives_the_case_that_began(flow: Flow) -> None:
    command = JobShadowing.request(department="Parks", starts=HOSTING)
    first = flow.start(command, actor=employee, key="new")
    assert flow.start(command, actor=employee, key="new") == first
    assert flow.cases(JobShadowing).count() == 1


class Part(Phase[None]):
    """A phase that stands in two places."""

    going = State(initial=True)

    @event(going >> STAY, by=ANYONE)
    def step(self, ctx: Context[None]) -> None: ...


class TwoParts(Lifecycle[None]):
    one = Part()
    two = Part()
    over = State(final=True)

    @event(one >> two, two >> over, by=ANYONE)
    def go_on(self, ctx: Context[None]) -> None: ...


def test_rule_7_events_of_one_name_in_two_phases_are_two_commands(make_flow: FlowMaker) -> None:
    flow = make_flow(TwoParts)
    case = flow.start(TwoParts, None, actor=SYSTEM)
    flow.fire(case.id, TwoParts.one.step(), actor=somebody, key="k")
    with pytest.raises(KeyReused):
        flow.fire(case.id, TwoParts.two.step(), actor=somebody, key="k")


def test_rule_7_a_refused_command_leaves_its_key_free(flow: Flow) -> None:
    stay = ask(flow)
    refusal(flow.fire, stay, JobShadowing.approve(), actor=somebody, key="k1")
    assert flow.fire(stay, JobShadowing.approve(), actor=hr, key="k1").revision == 2


# -- several at once -------------------------------------------------------------------------------------------------


def test_fire_all_moves_what_it_can_and_reports_the_rest(flow: Flow) -> None:
    stays = [ask(flow, f"dep-{number}") for number in range(4)]
    flow.fire(stays[2], JobShadowing.decline(reason="no"), actor=hr)
    done: list[int] = []
    report = flow.fire_all(stays, JobShadowing.approve(), actor=hr, progress=done.append)
    assert [case.id for case in report.moved] == [stays[0].id, stays[1].id, stays[3].id]
    assert list(report.refused) == [stays[2].id]
    assert codes(report.refused[stays[2].id]) == ["state"]
    assert done == [1, 2, 3, 4]


def test_fire_all_takes_a_question(flow: Flow) -> None:
    for number in range(3):
        ask(flow, f"dep-{number}")
    report = flow.fire_all(flow.cases(JobShadowing).in_(JobShadowing.requested), JobShadowing.approve(), actor=hr)
    assert len(report.moved) == 3
    assert not report.refused


def test_fire_all_all_or_nothing_moves_nobody_if_one_is_refused(flow: Flow) -> None:
    stays = [ask(flow, f"dep-{number}") for number in range(3)]
    flow.fire(stays[2], JobShadowing.decline(reason="no"), actor=hr)
    before = dump(flow)
    error = refusal(flow.fire_all, stays, JobShadowing.approve(), actor=hr, all_or_nothing=True)
    assert error.case == stays[2].id
    assert dump(flow) == before
    report = flow.fire_all(stays[:2], JobShadowing.approve(), actor=hr, all_or_nothing=True)
    assert len(report.moved) == 2


def test_a_unit_of_work_is_all_or_nothing(flow: Flow) -> None:
    stay = ask(flow)
    before = dump(flow)

    def together() -> None:
        with flow.unit_of_work() as unit:
            moved = unit.fire(stay, JobShadowing.approve(), actor=hr)
            unit.start(JobShadowing.request(department="Pools", starts=HOSTING), actor=employee)
            assert unit.cases(JobShadowing).count() == 2
            assert unit.get(JobShadowing, stay) == moved
            unit.fire(moved, JobShadowing.approve(), actor=hr)

    assert codes(refusal(together)) == ["state"]
    assert dump(flow) == before


def test_a_refusal_that_is_caught_inside_a_unit_of_work_leaves_the_rest_of_it(flow: Flow) -> None:
    stay = ask(flow)
    with flow.unit_of_work() as unit:
        refusal(unit.fire, stay, JobShadowing.approve(), actor=somebody)
        unit.fire(stay, JobShadowing.approve(), actor=hr)
    assert state(flow, stay) == "approved"


# -- inside a host's transaction -------------------------------------------------------------------------------------


def test_verbs_work_inside_the_transaction_of_a_host_which_alone_commits(clock: Clock, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/host.db"
    with SQLAlchemyStore(url) as store:
        flow = Flow(JobShadowing, store=store, clock=clock, zone="Europe/Berlin")
        stay = ask(flow)
        engine = create_engine(url)
        with Session(engine) as session:
            inside = flow.using(session)
            moved = inside.fire(stay, JobShadowing.approve(), actor=hr)
            assert inside.get(JobShadowing, stay) == moved
            assert codes(inside.check(moved, JobShadowing.approve(), actor=hr)) == ["state"]
            session.rollback()
        assert state(flow, stay) == "requested"
        with Session(engine) as session, session.begin():
            flow.using(session).fire(stay, JobShadowing.approve(), actor=hr)
            with flow.using(session).unit_of_work() as unit:
                unit.start(JobShadowing.request(department="Pools", starts=HOSTING), actor=employee)
        engine.dispose()
        assert state(flow, stay) == "approved"
        assert flow.cases(JobShadowing).count() == 2


def test_using_needs_a_host_that_the_store_knows(flow: Flow) -> None:
    with pytest.raises(UsageError, match="not None"):
        flow.using(None)
    with pytest.raises(UsageError, match="cannot join"):
        flow.using("session").cases(JobShadowing).count()


# -- get, cases, history, and what a flow is made of -----------------------------------------------------------------


def test_get_gives_a_typed_case_by_id_or_value(flow: Flow) -> None:
    stay = ask(flow)
    assert flow.get(JobShadowing, stay.id) == flow.get(JobShadowing, stay) == stay
    assert (stay.parent, stay.links, stay.version, stay.lifecycle) == (None, {}, 1, JobShadowing)
    with pytest.raises(UnknownCase):
        flow.get(JobShadowing, "nobody")


def test_history_gives_every_step_oldest_first_in_the_zone_of_the_program(flow: Flow, clock: Clock) -> None:
    stay = flow.fire(ask(flow), JobShadowing.approve(), actor=hr)
    first, second = flow.history(stay)
    assert (first.case, first.lifecycle) == (stay.id, "stays.JobShadowing")
    assert (first.title, second.title) == ("Ask for a stay", "Agree to the stay")
    assert str(second.at) == "2026-03-02 09:00:00+01:00"
    with pytest.raises(UnknownCase):
        flow.history("nobody")


def test_two_lifecycles_of_one_name_are_a_fault(clock: Clock) -> None:
    class Abstract(Lifecycle[None], abstract=True):
        there = State(initial=True, resting=True)

    class Lonely(Lifecycle[None], parent=JobShadowing):
        there = State(initial=True, resting=True)

    class Twin(Lifecycle[None], name="JobShadowing"):
        there = State(initial=True, resting=True)

    store = MemoryStore()
    for definitions, problem in (
        ((JobShadowing, Twin), "is the name of two lifecycles"),
        ((JobShadowing, JobShadowing), "is given twice"),
        ((Program("a", JobShadowing, zone="UTC"), Program("b", JobShadowing, zone="UTC")), "is given twice"),
        ((Lonely,), "its parent JobShadowing is unknown here"),
        ((Abstract,), "is abstract"),
        (("JobShadowing",), "is no lifecycle and no program"),
    ):
        with pytest.raises(DefinitionError, match=problem):
            Flow(*definitions, store=store)
    with pytest.raises(DefinitionError, match="is no time zone"):
        Flow(JobShadowing, store=store, zone="Europe/Koeln")


def test_a_lifecycle_that_a_flow_does_not_have_is_named(flow: Flow) -> None:
    class Stranger(Lifecycle[None]):
        there = State(resting=True)

        @event(START >> there, by=ANYONE)
        def begin(self, ctx: Context[None]) -> None: ...

    for call in (
        lambda: flow.cases(Stranger),
        lambda: flow.get(Stranger, "x"),
        lambda: flow.explain(Stranger, actor=somebody),
        lambda: flow.start(Stranger.begin(), actor=somebody),
        lambda: flow.on(Stranger.begin),
        lambda: flow.on(entering=Stranger.there),
    ):
        with pytest.raises(UnknownLifecycle) as caught:
            call()
        assert caught.value.known == ("stays.JobShadowing",)


def test_system_may_start_with_data_and_nobody_else(make_flow: FlowMaker) -> None:
    flow = make_flow(Record)
    error = refusal(flow.start, Record, Strict(date(2026, 1, 1)), actor=Actor("x", {HR}))
    assert codes(error) == ["who"]
    assert error.event == "Record.(start)"
    assert flow.start(Record, Strict(date(2026, 1, 1)), actor=SYSTEM).revision == 1


def test_a_report_and_an_offer_are_values(flow: Flow) -> None:
    stay = ask(flow)
    assert flow.explain(stay, actor=hr) == flow.explain(stay, actor=hr)
    assert isinstance(flow.explain(stay, actor=somebody)["approve"].reasons[0], Blocker)


def test_an_effect_gets_a_context_that_can_act_also_where_it_says_acting(make_flow: FlowMaker) -> None:
    class Plain(Lifecycle[None]):
        there = State(initial=True, resting=True)

        @event(there >> STAY, by=ANYONE)
        def act(self, ctx: Acting[None]) -> None:
            assert isinstance(ctx, Acting)

    flow = make_flow(Plain)
    flow.fire(flow.start(Plain, None, actor=SYSTEM), Plain.act(), actor=somebody)


def test_rule_7_the_same_key_with_other_links_is_an_error(make_flow: FlowMaker) -> None:
    class Mentor(Lifecycle[None]):
        here = State(initial=True, resting=True)

    class Pair(Lifecycle[None]):
        together = State(resting=True)

        @event(START >> together, by=ANYONE)
        def join(self, ctx: Context[None]) -> None: ...

    flow = make_flow(Mentor, Pair)
    one, other = (flow.start(Mentor, None, actor=SYSTEM) for _ in range(2))
    pair = flow.start(Pair.join(), links={"mentor": one}, actor=somebody, key="k")
    assert flow.start(Pair.join(), links={"mentor": one}, actor=somebody, key="k") == pair
    with pytest.raises(KeyReused):
        flow.start(Pair.join(), links={"mentor": other}, actor=somebody, key="k")


def test_rule_1_explain_and_check_catch_up_without_a_limit(make_flow: FlowMaker, clock: Clock) -> None:
    """Only what is written inside a host's transaction is limited."""

    class Note(Lifecycle[None]):
        fresh = State(initial=True)
        stale = State(resting=True)

        @event(fresh >> stale, after=days(1))
        def fade(self, ctx: Context[None]) -> None: ...

        @event(stale >> STAY, by=ANYONE)
        def read(self, ctx: Context[None]) -> None: ...

    flow = make_flow(Note)
    with flow.unit_of_work() as work:
        notes = [work.start(Note, None, actor=SYSTEM) for _ in range(210)]
    clock.forward(days=3)
    assert flow.explain(notes[-1], actor=somebody)["read"].allowed
    assert flow.check(notes[-1].id, Note.read(), actor=somebody) == ()
    assert flow.get(Note, notes[-1]).is_in(Note.fresh)
