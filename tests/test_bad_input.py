"""Bad input: each kind has its own clear error, says whether a retry can help, and leaves everything as it was."""

from __future__ import annotations

import pickle
import sqlite3
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve, frozen

import progflow.errors
from job_shadowing import JobShadowing, colleague, employee, hr
from progflow import (
    ANYONE,
    START,
    STAY,
    SYSTEM,
    Acting,
    Actor,
    BehindError,
    Blocker,
    CascadeRefused,
    Case,
    ConflictError,
    Context,
    DamagedData,
    DefinitionError,
    Fault,
    Flow,
    InputFault,
    InvariantBroken,
    KeyReused,
    Lifecycle,
    No,
    PayloadError,
    ProgflowError,
    Reason,
    Refused,
    State,
    StoredDataError,
    StoreUnavailable,
    UnknownCase,
    UnknownEvent,
    UnknownLifecycle,
    UnknownState,
    UnknownVersion,
    UnstorableData,
    UsageError,
    event,
    guard,
)
from progflow.adapters.memory import MemoryStore
from progflow.adapters.sqlalchemy import SQLAlchemyStore
from progflow.records import Batch, CaseChange
from progflow.testing.clock import Clock
from support import FlowMaker, codes, dump, refusal, somebody, store_of
from support import clock as clock
from support import make_flow as make_flow


@frozen
class Goal:
    what: str
    until: date


@frozen
class MeetingData:
    at: datetime | None = None
    day: date | None = None
    goals: tuple[Goal, ...] = ()


class Meeting(Lifecycle[MeetingData]):
    """Takes all sorts of input."""

    planned = State()
    held = State(final=True)

    @guard("No.")
    def fails(self, ctx: Context[MeetingData]) -> bool:
        raise RuntimeError("a guard with a mistake")

    @event(START >> planned, by=ANYONE)
    def plan(self, ctx: Context[MeetingData], *, at: datetime, day: date | None = None) -> MeetingData:
        return MeetingData(at, day)

    @event(planned >> STAY, by=ANYONE)
    def agree(
        self, ctx: Context[MeetingData], *, goals: tuple[Goal, ...], reason: Reason, number: int = 0
    ) -> MeetingData:
        return evolve(ctx.data, goals=goals)

    @event(planned >> STAY, by=ANYONE)
    def touch(self, ctx: Context[MeetingData]) -> None: ...

    @event(planned >> STAY, by=ANYONE, when=fails)
    def fail(self, ctx: Context[MeetingData]) -> None: ...

    @event(planned >> STAY, by=ANYONE)
    def crash(self, ctx: Context[MeetingData]) -> None:
        raise RuntimeError("an effect with a mistake")

    @event(planned >> held, by=ANYONE)
    def hold(self, ctx: Context[MeetingData]) -> None: ...


NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.fixture
def flow(make_flow: FlowMaker) -> Flow:
    return make_flow(Meeting, JobShadowing)


@pytest.fixture
def meeting(flow: Flow) -> Case[MeetingData]:
    return flow.start(Meeting.plan(at=NOON), actor=somebody)


@pytest.fixture(autouse=True)
def nothing_changes(request: pytest.FixtureRequest) -> Iterator[None]:
    """Whatever goes wrong, the store is afterwards as it was."""
    if "meeting" not in request.fixturenames:
        yield
        return
    request.getfixturevalue("meeting")
    flow = request.getfixturevalue("flow")
    before = dump(flow)
    yield
    assert dump(flow) == before


def failure(of: type[ProgflowError], call: Callable[[], object], *, retryable: bool = False) -> Any:
    """The error that the call ends with, made sure that it is of exactly this class and comes through pickle."""
    with pytest.raises(of) as caught:
        call()
    error = caught.value
    assert type(error) is of
    assert isinstance(error, ProgflowError)
    assert error.retryable is retryable
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is of
    assert str(again) == str(error) != ""
    return error


# -- events and payloads ---------------------------------------------------------------------------------------------


def test_an_unknown_event(flow: Flow, meeting: Case[MeetingData]) -> None:
    for name in ("helt", "", "Meeting.helt", "JobShadowing.approve", "__init__", "hold.x"):
        error = failure(UnknownEvent, lambda name=name: flow.fire(meeting.id, name, {}, actor=somebody))
        assert (error.lifecycle, error.event) == ("Meeting", name)
        assert error.known == ("plan", "agree", "touch", "fail", "crash", "hold")
    failure(UnknownEvent, lambda: flow.check(meeting.id, "helt", {}, actor=somebody))
    failure(UnknownEvent, lambda: flow.start("Meeting.helt", {}, actor=somebody))
    failure(UnknownEvent, lambda: flow.start("Meeting.hold", {}, actor=somebody))


def test_an_event_of_another_lifecycle(flow: Flow, meeting: Case[MeetingData]) -> None:
    error = failure(UnknownEvent, lambda: flow.fire(meeting.id, JobShadowing.approve(), actor=hr))
    assert error.event == "JobShadowing.approve"
    failure(UnknownEvent, lambda: flow.start(JobShadowing, None, actor=SYSTEM))


def test_an_unknown_lifecycle(flow: Flow, meeting: Case[MeetingData]) -> None:
    failure(UnknownEvent, lambda: flow.start("Meeting", {}, actor=somebody))
    for name in ("Meetin.plan", "Meetin", "", "other.Meeting.plan", "os.system"):
        error = failure(UnknownLifecycle, lambda name=name: flow.start(name, {}, actor=somebody))
        assert error.known == ("Meeting", "JobShadowing")
        assert error.name == (name.rpartition(".")[0] or name)


def test_a_payload_with_all_its_faults_at_once_each_with_its_path(flow: Flow, meeting: Case[MeetingData]) -> None:
    payload = {
        "goals": [{"what": 3, "until": "2026-13-01"}, {"until": "2026-01-01", "extra": 1}, "goal"],
        "reason": "  ",
        "number": "7",
        "colour": "red",
    }
    error = failure(PayloadError, lambda: flow.fire(meeting.id, "agree", payload, actor=somebody))
    assert error.event == "Meeting.agree"
    assert {fault.path for fault in error.faults} == {
        "colour",
        "goals[0].what",
        "goals[0].until",
        "goals[1].what",
        "goals[1]",
        "goals[2]",
        "reason",
        "number",
    }
    assert "must be a whole number, not the text '7'" in str(error)
    again = failure(PayloadError, lambda: flow.check(meeting.id, "agree", payload, actor=somebody))
    assert again.faults == error.faults


def test_a_payload_with_missing_and_extra_fields(flow: Flow, meeting: Case[MeetingData]) -> None:
    error = failure(PayloadError, lambda: flow.fire(meeting.id, "agree", {"reasn": "x"}, actor=somebody))
    assert sorted(map(str, error.faults)) == [
        "goals: is missing",
        "reasn: is no field of this event, which takes goals, reason, number",
        "reason: is missing",
    ]


@pytest.mark.parametrize("payload", [[], "text", 3, None, {1: 2}, {"goals": object()}])
def test_a_payload_that_is_no_object_of_plain_data(flow: Flow, meeting: Case[MeetingData], payload: Any) -> None:
    failure(PayloadError, lambda: flow.fire(meeting.id, "agree", payload, actor=somebody))


@pytest.mark.parametrize("payload", [[], "text", 3])
def test_the_payload_of_a_beginning_that_is_no_object(flow: Flow, meeting: Case[MeetingData], payload: Any) -> None:
    failure(PayloadError, lambda: flow.start("Meeting.plan", payload, actor=somebody))


def test_a_typed_payload_is_checked_where_the_command_is_made(flow: Flow, meeting: Case[MeetingData]) -> None:
    failure(PayloadError, lambda: Meeting.plan(at="2026-03-02"))  # type: ignore[arg-type]
    failure(PayloadError, lambda: Meeting.plan())  # type: ignore[call-arg]
    failure(PayloadError, lambda: Meeting.hold(quickly=True))  # type: ignore[call-arg]


def test_a_naive_datetime_where_an_aware_one_is_needed(flow: Flow, meeting: Case[MeetingData]) -> None:
    naive = datetime(2026, 3, 2, 12)
    error = failure(PayloadError, lambda: Meeting.plan(at=naive))
    assert error.faults[0].path == "at"
    assert "naive" in error.faults[0].problem
    failure(PayloadError, lambda: flow.start("Meeting.plan", {"at": "2026-03-02T12:00:00"}, actor=somebody))
    failure(PayloadError, lambda: flow.start("Meeting.plan", {"at": "2026-03-02"}, actor=somebody))


def test_a_datetime_where_a_date_belongs(flow: Flow, meeting: Case[MeetingData]) -> None:
    for wrong in ("2026-03-02T00:00:00", "2026-03-02T00:00:00+00:00", NOON, 20260302):
        payload = {"at": NOON.isoformat(), "day": wrong}
        error = failure(PayloadError, lambda payload=payload: flow.start("Meeting.plan", payload, actor=somebody))
        assert error.faults[0].path.startswith("day")
    failure(PayloadError, lambda: Meeting.plan(at=NOON, day=NOON))


def test_a_naive_clock(meeting: Case[MeetingData], flow: Flow) -> None:
    naive = Flow(Meeting, store=store_of(flow), clock=lambda: datetime(2026, 1, 1))
    failure(UsageError, lambda: naive.fire(meeting, Meeting.touch(), actor=somebody))
    failure(UsageError, naive.run_due)


# -- who and which case ----------------------------------------------------------------------------------------------


def test_an_actor_without_the_role(flow: Flow) -> None:
    stay = flow.start(JobShadowing.request(department="x", starts=date(2026, 4, 1)), actor=employee)
    before = dump(flow)
    error = failure(Refused, lambda: flow.fire(stay, JobShadowing.approve(), actor=employee))
    assert (codes(error), error.case, error.event) == (["who"], stay.id, "JobShadowing.approve")
    assert dump(flow) == before


@pytest.mark.parametrize("actor", [None, "hr", 7, {"id": "x"}])
def test_no_actor(flow: Flow, meeting: Case[MeetingData], actor: Any) -> None:
    for call in (
        lambda: flow.start(Meeting.plan(at=NOON), actor=actor),
        lambda: flow.fire(meeting, Meeting.touch(), actor=actor),
        lambda: flow.check(meeting, Meeting.touch(), actor=actor),
        lambda: flow.explain(meeting, actor=actor),
        lambda: flow.explain(Meeting, actor=actor),
        lambda: flow.explain_all([meeting], actor=actor),
        lambda: flow.fire_all([meeting], Meeting.touch(), actor=actor),
    ):
        error = failure(UsageError, call)
        assert "actor" in error.mend


def test_an_actor_that_was_forgotten(flow: Flow, meeting: Case[MeetingData]) -> None:
    for call in (
        lambda: flow.start(Meeting.plan(at=NOON)),
        lambda: flow.fire(meeting, Meeting.touch()),
        lambda: flow.check(meeting, Meeting.touch()),
        lambda: flow.explain(meeting),
    ):
        assert failure(UsageError, call).problem == "There is no actor."


def test_roles_that_are_no_roles() -> None:
    failure(UsageError, lambda: Actor("x", {"hr"}))  # type: ignore[arg-type]


def test_a_case_of_another_flow(flow: Flow, meeting: Case[MeetingData], clock: Clock) -> None:
    other = Flow(Meeting, JobShadowing, store=MemoryStore(), clock=clock)
    stranger = other.start(Meeting.plan(at=NOON), actor=somebody)
    for call in (
        lambda: flow.fire(stranger, Meeting.touch(), actor=somebody),
        lambda: flow.fire(stranger.id, Meeting.touch(), actor=somebody),
        lambda: flow.check(stranger, Meeting.touch(), actor=somebody),
        lambda: flow.explain(stranger, actor=somebody),
        lambda: flow.get(Meeting, stranger),
        lambda: flow.history(stranger),
        lambda: flow.wake(stranger),
        lambda: flow.explain_all([meeting, stranger], actor=somebody),
    ):
        assert failure(UnknownCase, call).case == stranger.id


def test_a_case_of_another_lifecycle(flow: Flow, meeting: Case[MeetingData]) -> None:
    error = failure(UnknownCase, lambda: flow.get(JobShadowing, meeting.id))
    assert (error.wanted, error.found) == ("JobShadowing", "Meeting")


@pytest.mark.parametrize("wrong", [None, 3, object()])
def test_something_that_is_no_case_or_no_command(flow: Flow, meeting: Case[MeetingData], wrong: Any) -> None:
    failure(UsageError, lambda: flow.fire(wrong, Meeting.touch(), actor=somebody))
    failure(UsageError, lambda: flow.fire(meeting, wrong, actor=somebody))
    failure(UsageError, lambda: flow.start(wrong, actor=somebody))
    failure(UsageError, lambda: flow.check(wrong, Meeting.touch(), actor=somebody))
    failure(UsageError, lambda: flow.explain(wrong, actor=somebody))
    failure(UsageError, lambda: flow.get(Meeting, wrong))
    failure(UsageError, lambda: flow.history(wrong))
    failure(UsageError, lambda: flow.wake(wrong))


def test_a_command_with_a_second_payload(flow: Flow, meeting: Case[MeetingData]) -> None:
    failure(UsageError, lambda: flow.fire(meeting, Meeting.touch(), {}, actor=somebody))  # type: ignore[call-overload]


# -- what is in the store --------------------------------------------------------------------------------------------


def damage(flow: Flow, case: Case[Any], **changes: Any) -> None:
    """Write a case into the store that no definition would write."""
    with store_of(flow).begin(write=True) as unit:
        record = unit.load(case.id)
        changed = evolve(record, revision=record.revision + 1, **changes)
        unit.save(Batch((CaseChange(changed, record.revision, {}),), ()))


def every_way_to_read(flow: Flow, case: Case[MeetingData]) -> list[Callable[[], object]]:
    return [
        lambda: flow.get(Meeting, case.id),
        lambda: flow.fire(case.id, Meeting.touch(), actor=somebody),
        lambda: flow.check(case.id, Meeting.touch(), actor=somebody),
        lambda: flow.explain(case.id, actor=somebody),
        lambda: flow.wake(case.id),
    ]


def reads_fail(flow: Flow, case: Case[MeetingData], of: type[ProgflowError], but: int = 5) -> Any:
    before = dump(flow)
    errors = [failure(of, call) for call in every_way_to_read(flow, case)[:but]]
    assert dump(flow) == before
    return errors[0]


def test_a_state_that_the_definition_no_longer_has(flow: Flow) -> None:
    case = flow.start(Meeting.plan(at=NOON), actor=somebody)
    damage(flow, case, state="postponed")
    error = reads_fail(flow, case, UnknownState)
    assert (error.case, error.lifecycle, error.state, error.known) == (
        case.id,
        "Meeting",
        "postponed",
        ("planned", "held"),
    )
    failure(UnknownState, lambda: flow.history(case))
    failure(UnknownState, lambda: flow.cases(Meeting).all())


def test_a_version_that_the_definition_no_longer_has(flow: Flow) -> None:
    case = flow.start(Meeting.plan(at=NOON), actor=somebody)
    damage(flow, case, version=7)
    error = reads_fail(flow, case, UnknownVersion)
    assert (error.version, error.known) == (7, 1)


def test_a_lifecycle_that_the_flow_does_not_have(flow: Flow) -> None:
    case = flow.start(Meeting.plan(at=NOON), actor=somebody)
    other = Flow(JobShadowing, store=store_of(flow))
    failure(UnknownLifecycle, lambda: other.fire(case.id, "touch", {}, actor=somebody))


@pytest.mark.parametrize(
    ("data", "paths"),
    [
        ({"at": "yesterday", "day": 3, "goals": []}, {"data.at", "data.day"}),
        ({"at": None, "day": None, "goals": [], "more": 1}, {"data"}),
        ([], {"data"}),
        (None, {"data"}),
        ({"__class__": "os.system", "at": "!!python/object"}, None),
    ],
)
def test_a_damaged_data_column(flow: Flow, data: Any, paths: set[str] | None) -> None:
    case = flow.start(Meeting.plan(at=NOON), actor=somebody)
    damage(flow, case, data=data)
    error = reads_fail(flow, case, DamagedData, but=4)
    assert (error.case, error.lifecycle) == (case.id, "Meeting")
    if paths is not None:
        assert {fault.path for fault in error.faults} == paths


def test_one_damaged_case_leaves_the_others_usable(flow: Flow) -> None:
    case, other = (flow.start(Meeting.plan(at=NOON), actor=somebody) for _ in range(2))
    damage(flow, case, data=3)
    assert flow.fire(other, Meeting.touch(), actor=somebody).revision == 2
    assert flow.cases(Meeting).count() == 2


def test_a_data_column_that_is_no_json(clock: Clock, tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    with SQLAlchemyStore(f"sqlite:///{path}") as store:
        flow = Flow(Meeting, store=store, clock=clock)
        case = flow.start(Meeting.plan(at=NOON), actor=somebody)
        with sqlite3.connect(path) as connection:
            connection.execute("UPDATE progflow_case SET data = '{\"at\": __import__'")
        connection.close()
        error = reads_fail(flow, case, DamagedData, but=4)
        assert error.case == case.id


def test_a_database_that_is_locked(clock: Clock, tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    with SQLAlchemyStore(f"sqlite:///{path}", busy_timeout=0.05) as store:
        flow = Flow(Meeting, store=store, clock=clock)
        case = flow.start(Meeting.plan(at=NOON), actor=somebody)
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        before = dump(flow)
        error = failure(StoreUnavailable, lambda: flow.fire(case, Meeting.touch(), actor=somebody), retryable=True)
        assert "another connection holds the database" in error.detail
        assert flow.get(Meeting, case) == case
        other.execute("ROLLBACK")
        other.close()
        assert dump(flow) == before
        assert flow.fire(case, Meeting.touch(), actor=somebody).revision == 2


def test_a_database_that_is_gone(clock: Clock, tmp_path: Path) -> None:
    store = SQLAlchemyStore(f"sqlite:///{tmp_path}/nowhere/a.db")
    flow = Flow(Meeting, store=store, clock=clock)
    failure(StoreUnavailable, lambda: flow.start(Meeting.plan(at=NOON), actor=somebody), retryable=False)
    failure(StoreUnavailable, lambda: flow.cases(Meeting).count(), retryable=False)
    failure(StoreUnavailable, flow.run_due, retryable=False)
    store.dispose()


# -- what rules raise by themselves ----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["fail", "crash"])
def test_what_a_guard_or_an_effect_raises_passes_through_with_a_note(
    flow: Flow, meeting: Case[MeetingData], name: str
) -> None:
    for verb in (flow.fire, flow.check):
        with pytest.raises(RuntimeError, match="with a mistake") as caught:
            verb(meeting.id, name, {}, actor=somebody)
        assert type(caught.value) is RuntimeError
        notes = "; ".join(caught.value.__notes__)
        assert meeting.id in notes
        assert f"Meeting.{name}" in notes
        assert len(set(caught.value.__notes__)) == len(caught.value.__notes__)
    with pytest.raises(RuntimeError):
        flow.explain(meeting, actor=somebody)


# -- the errors themselves -------------------------------------------------------------------------------------------

BLOCKER = Blocker("code", {"name": "value"}, "A sentence.")
INPUT = InputFault("path", "a problem")
EXAMPLES: list[ProgflowError] = [
    DefinitionError(name="Mentee", faults=(Fault("a.b", "is wrong.", "Mend it."),)),
    UsageError(problem="It is wrong.", mend="Mend it."),
    UnknownLifecycle(name="X", known=("A", "B")),
    UnknownEvent(lifecycle="A", event="x", known=("a",)),
    UnknownCase(case="1", wanted="A", found="B"),
    PayloadError(event="A.a", faults=(INPUT,)),
    UnstorableData(event="A.a", faults=(INPUT,)),
    Refused(event="A.a", reasons=(BLOCKER,), case="1"),
    CascadeRefused(event="A.a", reasons=(BLOCKER,), case="1", chain=("A.b", "A.a")),
    InvariantBroken(event="A.a", reasons=(BLOCKER,), case="1"),
    ConflictError(case="1", expected=1, found=2),
    ConflictError(case=None, detail="a race", retryable=True),
    KeyReused(key="k"),
    BehindError(limit=200),
    StoredDataError(case="1", lifecycle="A"),
    UnknownState(case="1", lifecycle="A", state="x", known=("a",)),
    UnknownVersion(case="1", lifecycle="A", version=1, known=2),
    DamagedData(case="1", lifecycle="A", faults=(INPUT,)),
    StoreUnavailable(detail="gone"),
]


@pytest.mark.parametrize("error", EXAMPLES, ids=lambda error: type(error).__name__)
@pytest.mark.parametrize("protocol", range(2, pickle.HIGHEST_PROTOCOL + 1))
def test_every_error_survives_pickling_with_its_fields_and_notes(error: ProgflowError, protocol: int) -> None:
    error.add_note("a note")
    again = pickle.loads(pickle.dumps(error, protocol))
    assert type(again) is type(error)
    assert vars(again) == vars(error)
    assert (str(again), repr(again), again.retryable) == (str(error), repr(error), error.retryable)
    assert again.__notes__[-1] == "a note"
    with pytest.raises(type(error)):
        raise again


def test_every_error_of_the_tree_is_among_the_examples() -> None:
    def below(cls: type[ProgflowError]) -> set[type[ProgflowError]]:
        return {cls}.union(*map(below, cls.__subclasses__()))

    here = {cls for cls in below(ProgflowError) if cls.__module__ == progflow.errors.__name__}
    assert here - {ProgflowError} == {type(error) for error in EXAMPLES}
    drawn = progflow.errors.__doc__ or ""
    assert all(cls.__name__ in drawn for cls in here)


def test_only_what_a_retry_can_help_is_retryable() -> None:
    assert {type(error) for error in EXAMPLES if error.retryable} == {
        BehindError,
        ConflictError,
        StoreUnavailable,
    }


def test_a_refusal_with_values_of_the_author_survives_pickling(flow: Flow) -> None:
    stay = flow.start(JobShadowing.request(department="Parks", starts=date(2026, 4, 1)), actor=employee)
    error = refusal(flow.fire, stay, JobShadowing.note(text="x"), actor=employee)
    again = pickle.loads(pickle.dumps(error))
    assert again.reasons == error.reasons


def test_who_may_not_fire_an_event_does_not_learn_what_it_takes(make_flow: FlowMaker) -> None:
    """State, then who, then the payload."""
    flow = make_flow(JobShadowing)
    stay = flow.start(JobShadowing.request(department="IT", starts=date(2026, 4, 1)), actor=employee)
    with pytest.raises(Refused) as refused:
        flow.fire(stay.id, "decline", {"nonsense": 1}, actor=colleague)
    assert [reason.code for reason in refused.value.reasons] == ["who"]
    with pytest.raises(PayloadError):
        flow.fire(stay.id, "decline", {"nonsense": 1}, actor=hr)


@pytest.mark.parametrize("text", ["\ud800", "a\x00b"], ids=["half a character", "NUL"])
def test_text_that_no_store_could_keep_is_refused_before_it_gets_there(make_flow: FlowMaker, text: str) -> None:
    flow = make_flow(JobShadowing)
    with pytest.raises(PayloadError, match="department"):
        flow.start("JobShadowing.request", {"department": text, "starts": "2026-04-01"}, actor=employee)
    with pytest.raises(UnknownCase):
        flow.get(JobShadowing, text)
    with pytest.raises(UsageError):
        Actor(text)
    with pytest.raises(UsageError):
        flow.start(JobShadowing.request(department="IT", starts=date(2026, 4, 1)), actor=employee, key=text)
    assert flow.cases(JobShadowing).count() == 0


def test_a_beginning_by_name_can_be_checked(make_flow: FlowMaker) -> None:
    flow = make_flow(JobShadowing)
    given = {"department": "IT", "starts": "2026-04-01"}
    assert flow.check("JobShadowing.request", given, actor=employee) == ()
    with pytest.raises(PayloadError, match="starts"):
        flow.check("JobShadowing.request", {"department": "IT"}, actor=employee)


def test_a_reason_that_cannot_be_filled_in_still_reaches_the_person(make_flow: FlowMaker) -> None:
    """Missing values, values that a format does not fit, stray braces from elsewhere."""

    class Gate(Lifecycle[None]):
        shut = State(initial=True)
        open = State(final=True)

        @guard("Open until {day:%d.%m.%Y}, then {nothing}.")
        def in_time(self, ctx: Context[None]) -> bool | No:
            return No(day=None)

        @event(shut >> open, by=ANYONE, when=in_time)
        def go(self, ctx: Context[None]) -> None: ...

        @event(shut >> STAY, by=ANYONE)
        def knock(self, ctx: Acting[None], *, word: str) -> None:
            ctx.refuse(f"Not with {word}")

    flow = make_flow(Gate)
    gate = flow.start(Gate, None, actor=SYSTEM)
    assert flow.check(gate, Gate.go(), actor=employee)[0].text == "Open until –, then {nothing}."
    for word in ("}", "{0}", "{word.__class__}"):
        assert flow.check(gate, Gate.knock(word=word), actor=employee)[0].text == f"Not with {word}"
