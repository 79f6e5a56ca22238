"""What the words of a definition mean, seen through a running flow."""

from __future__ import annotations

import pickle
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any, Generic, TypeVar
from uuid import UUID

import pytest
from attrs import evolve, frozen

from progflow import (
    ANYONE,
    NEXT,
    START,
    STAY,
    SYSTEM,
    Acting,
    Actor,
    Case,
    Context,
    DefinitionError,
    Exit,
    Flow,
    Guard,
    Lifecycle,
    Moment,
    No,
    PayloadError,
    Phase,
    Program,
    Reason,
    Refused,
    Relation,
    Role,
    State,
    Term,
    UnknownCase,
    UsageError,
    days,
    event,
    guard,
    moment,
    months,
    relation,
)
from progflow.adapters.memory import MemoryStore
from progflow.testing.clock import Clock

HR, OFFICE = Role("hr"), Role("office")
hr, office, anna, bert = Actor("hr-1", {HR}), Actor("office-1", {OFFICE}), Actor("anna"), Actor("bert")
MORNING = datetime(2026, 3, 2, 8, tzinfo=UTC)
D = TypeVar("D")


def flow_of(*definitions: Program | type[Lifecycle[Any]], clock: Clock | None = None) -> Flow:
    return Flow(*definitions, store=MemoryStore(), clock=clock or Clock(MORNING))


def paths(case: Case[Any]) -> str:
    return case.state.path


# -- a lifecycle made of phases --------------------------------------------------------------------------


@frozen
class PairData:
    until: date | None = None
    meetings: int = 0


class PairPhase(Phase[PairData]):
    """Two people work together for a fixed time."""

    active = State(initial=True)
    paused = State("On hold", clock="stopped")
    broken_off = Exit()
    at_work = active | paused

    def __init__(self, *, lasts: Term, eligible: Guard[Any], person: Relation[Any], from_: Moment[Any]) -> None:
        self.lasts, self.eligible, self.person, self.from_ = lasts, eligible, person, from_

    @guard("Only until {latest}, not until {until}.")
    def short(self, ctx: Context[PairData], *, until: date) -> bool | No:
        latest = ctx.today + months(3)
        return until <= latest or No(latest=latest)

    @event(active >> paused, by=OFFICE, when=lambda self: (self.eligible, self.short))
    def pause(self, ctx: Context[PairData], *, reason: Reason, until: date) -> PairData:
        """Pause the pair."""
        return evolve(ctx.data, until=until)

    @event(paused >> active, by=lambda self: (OFFICE, self.person))
    def resume(self, ctx: Context[PairData]) -> None:
        """Go on."""

    @event(active >> STAY, by=lambda self: self.person)
    def meet(self, ctx: Context[PairData], *, times: int = 1) -> PairData:
        """Note a meeting."""
        return evolve(ctx.data, meetings=ctx.data.meetings + times)

    @event(active >> NEXT, after=lambda self: self.lasts, since=lambda self: self.from_)
    def complete(self, ctx: Context[PairData]) -> None:
        """Complete."""

    @event(at_work >> broken_off, by=OFFICE)
    def break_off(self, ctx: Context[PairData]) -> None:
        """Break off."""


class PartPhase(Phase[None]):
    """A short phase."""

    open_ = State("Being checked", initial=True)

    @event(open_ >> NEXT, by=OFFICE)
    def check(self, ctx: Context[None]) -> None:
        """Check."""


class City(Enum):
    KOELN = "Köln"
    ESSEN = "Essen"


@frozen
class Person:
    name: str
    city: City = City.KOELN
    eligible: bool = True
    starts: date = date(2026, 4, 1)
    points: int = 0
    cost: Decimal = Decimal("0")
    badge: UUID | None = None
    tags: tuple[str, ...] = ()
    seen: datetime | None = None


class Mentee(Lifecycle[Person], unique="name", version=3):
    """Someone who takes part.

    More about it.
    """

    withdrawn = State(final=True)

    @guard("{name} is not eligible.")
    def eligible(self, ctx: Context[Person]) -> bool | No:
        return ctx.data.eligible or No(name=ctx.data.name)

    @relation("the mentee herself")
    def herself(self, ctx: Context[Person]) -> bool:
        return ctx.actor.id == ctx.data.name

    @moment
    def first_day(self, ctx: Context[Person]) -> date:
        return ctx.data.starts

    selection = PartPhase()
    pair = PairPhase(lasts=months(6), eligible=eligible, person=herself, from_=first_day).then(
        NEXT, broken_off=selection
    )
    certificate = PartPhase().then(withdrawn)

    everywhere = selection | pair | certificate

    @event(START >> selection, by=ANYONE)
    def apply(self, ctx: Context[Person], *, person: Person) -> Person:
        """Apply for a place."""
        return person

    @event(everywhere >> withdrawn, by=(herself, OFFICE))
    def withdraw(self, ctx: Context[Person], *, reason: Reason) -> None:
        """Step back."""

    @event(pair.active >> pair.active, by=OFFICE)
    def renew(self, ctx: Context[Person]) -> None:
        """Begin the pair anew."""

    @event((selection | PairPhase.paused) >> certificate, by=OFFICE)
    def shorten(self, ctx: Context[Person]) -> None:
        """Go straight to the certificate."""

    @event(everywhere >> STAY, by=OFFICE)
    def award(self, ctx: Context[Person], *, points: int) -> Person:
        """Give points."""
        return evolve(ctx.data, points=ctx.data.points + points)


def begun(flow: Flow, person: Person | None = None) -> Case[Person]:
    return flow.start(Mentee.apply(person=person or Person("anna")), actor=anna)


def paired(flow: Flow, person: Person | None = None) -> Case[Person]:
    return flow.fire(begun(flow, person), Mentee.selection.check(), actor=office)


def test_a_phase_as_a_target_means_its_initial_state_and_next_the_following_phase() -> None:
    flow = flow_of(Mentee)
    case = begun(flow)
    assert paths(case) == "selection.open_"
    case = flow.fire(case, Mentee.selection.check(), actor=office)
    assert paths(case) == "pair.active"
    assert case.state == Mentee.pair.active


def test_then_leads_on_and_further_exits_lead_where_they_are_bound() -> None:
    flow = flow_of(Mentee)
    case = flow.fire(paired(flow), Mentee.pair.break_off(), actor=office)
    assert case.is_in(Mentee.selection)
    case = flow.fire(case, Mentee.shorten(), actor=office)
    case = flow.fire(case, Mentee.certificate.check(), actor=office)
    assert case.state == Mentee.withdrawn


def test_a_phase_as_a_source_means_all_its_states_that_are_not_final() -> None:
    flow = flow_of(Mentee)
    case = flow.fire(paired(flow), Mentee.pair.pause(reason="ill", until=date(2026, 4, 1)), actor=office)
    assert flow.fire(case, Mentee.withdraw(reason="moved"), actor=anna).state == Mentee.withdrawn


def test_a_group_can_be_a_source_and_a_place_to_ask_about_also_through_its_phase() -> None:
    flow = flow_of(Mentee)
    case = paired(flow)
    assert case.is_in(Mentee.everywhere)
    assert case.is_in(Mentee.pair.at_work)
    assert not case.is_in(Mentee.pair.paused, Mentee.selection)
    assert case.visited(Mentee.selection)
    assert not case.visited(Mentee.certificate)


def test_stay_keeps_the_moment_of_entry_and_an_arrow_to_itself_enters_anew() -> None:
    clock = Clock(MORNING)
    flow = flow_of(Mentee, clock=clock)
    case = paired(flow)
    clock.forward(hours=5)
    stayed = flow.fire(case, Mentee.pair.meet(), actor=anna)
    assert stayed.entered_at == MORNING
    renewed = flow.fire(stayed, Mentee.renew(), actor=office)
    assert renewed.state == stayed.state
    assert renewed.entered_at == clock.now


def test_a_state_of_a_phase_class_may_stand_in_the_arrows_of_a_lifecycle() -> None:
    flow = flow_of(Mentee)
    case = flow.fire(paired(flow), Mentee.pair.pause(reason="ill", until=date(2026, 4, 1)), actor=office)
    assert flow.fire(case, Mentee.shorten(), actor=office).is_in(Mentee.certificate)


def test_names_paths_and_titles() -> None:
    assert (Mentee.pair.active.path, Mentee.withdrawn.path) == ("pair.active", "withdrawn")
    assert (Mentee.pair.active.title, Mentee.pair.paused.title) == ("active", "On hold")
    assert (Mentee.pair.pause.path, Mentee.pair.pause.title) == ("pair.pause", "Pause the pair")
    assert Mentee.apply.title == "Apply for a place"
    assert repr(Mentee.pair.active) == "<State Mentee.pair.active>"
    assert repr(Mentee.pair.pause) == "<Event Mentee.pair.pause>"
    assert repr(PairPhase.pause) == "<Event PairPhase.pause>"


# -- parameters of phases, guards, relations, terms --------------------------------------------------------


def test_guards_given_to_a_phase_get_the_lifecycles_data_and_those_of_the_phase_its_own() -> None:
    flow = flow_of(Mentee)
    case = paired(flow, Person("anna", eligible=False))
    with pytest.raises(Refused) as refused:
        flow.fire(case, Mentee.pair.pause(reason="ill", until=date(2027, 1, 1)), actor=office)
    assert [(b.code, b.text) for b in refused.value.reasons] == [
        ("eligible", "anna is not eligible."),
        ("pair.short", "Only until 2026-06-02, not until 2027-01-01."),
    ]


def test_relations_and_terms_and_moments_given_to_a_phase() -> None:
    clock = Clock(MORNING)
    flow = flow_of(Mentee, clock=clock)
    case = paired(flow)
    with pytest.raises(Refused, match="the mentee herself"):
        flow.fire(case, Mentee.pair.meet(), actor=bert)
    case = flow.fire(case, Mentee.pair.meet(times=3), actor=anna)
    assert case[Mentee.pair].meetings == 3
    assert flow.explain(case, actor=anna)["pair.complete"].due == datetime(2026, 10, 2, tzinfo=UTC)
    clock.set("2026-10-03")
    flow.run_due()
    assert flow.get(Mentee, case).is_in(Mentee.certificate)


def test_phase_data_is_its_default_until_the_phase_is_entered() -> None:
    flow = flow_of(Mentee)
    case = begun(flow)
    assert case[Mentee.pair] == PairData()
    assert case[Mentee.selection] is None


def test_phase_data_survives_reentering_unless_the_phase_is_fresh() -> None:
    class Fresh(Phase[PairData], fresh=True):
        a = State(initial=True)

        @event(a >> STAY, by=HR)
        def meet(self, ctx: Context[PairData]) -> PairData:
            return evolve(ctx.data, meetings=7)

    class Kept(Fresh):
        """A subclass of a fresh phase is fresh."""

    class Plain(Phase[PairData]):
        a = State(initial=True)

        @event(a >> STAY, by=HR)
        def meet(self, ctx: Context[PairData]) -> PairData:
            return evolve(ctx.data, meetings=7)

    class Round(Lifecycle[None]):
        end = State(final=True)
        out = State(initial=True)
        fresh = Fresh()
        kept = Kept()
        plain = Plain()

        @event(out >> fresh, fresh >> kept, kept >> plain, plain >> out, by=HR)
        def go(self, ctx: Context[None]) -> None: ...

        @event(out >> end, by=HR)
        def stop(self, ctx: Context[None]) -> None: ...

    flow = flow_of(Round)
    case = flow.start(Round, None, actor=SYSTEM)
    for phase in (Round.fresh, Round.kept, Round.plain):
        case = flow.fire(flow.fire(case, Round.go(), actor=hr), phase.meet(), actor=hr)
    case = flow.fire(case, Round.go(), actor=hr)
    seen = []
    for phase in (Round.fresh, Round.kept, Round.plain):
        case = flow.fire(case, Round.go(), actor=hr)
        seen.append(case[phase].meetings)
    assert seen == [0, 0, 7]


# -- states as values ---------------------------------------------------------------------------------------


class Extended(Mentee):
    """Mentee with one more rule."""


def test_inherited_states_are_equal_and_states_of_other_lifecycles_are_not() -> None:
    class Other(Lifecycle[None]):
        withdrawn = State(initial=True, final=True)

    assert Extended.withdrawn == Mentee.withdrawn
    assert Extended.pair.active == Mentee.pair.active
    assert hash(Extended.pair.active) == hash(Mentee.pair.active)
    assert Mentee.pair.active != Mentee.pair.paused
    assert Other.withdrawn != Mentee.withdrawn
    assert Mentee.withdrawn != "withdrawn"
    assert {Mentee.pair.active: 1}[Mentee.pair.active] == 1


def test_comparing_a_state_of_a_phase_that_stands_nowhere_says_what_to_write() -> None:
    flow = flow_of(Mentee)
    case = paired(flow)
    for ask in (
        lambda: case.state == PairPhase.active,
        lambda: case.is_in(PairPhase.active),
        lambda: hash(PairPhase.active),
        lambda: flow.cases(Mentee).in_(PairPhase.active).all(),
    ):
        with pytest.raises(UsageError) as error:
            ask()
        assert "PairPhase.active" in error.value.problem
        assert error.value.mend == "Name it through the lifecycle, as in YourLifecycle.your_phase.active."


def test_asking_about_a_place_of_another_lifecycle_is_an_error_with_a_mend() -> None:
    class Other(Lifecycle[None]):
        away = State(initial=True, final=True)

    flow = flow_of(Mentee)
    case = begun(flow)
    with pytest.raises(UsageError, match=r"Other\.away is no state or phase of Mentee"):
        case.is_in(Other.away)
    with pytest.raises(UsageError, match="no place where a case can be"):
        case.is_in(START)
    with pytest.raises(UsageError, match="no place where a case can be"):
        case.is_in(PairPhase)  # type: ignore[arg-type]


# -- who ------------------------------------------------------------------------------------------------------


def test_an_event_without_by_is_closed_to_everybody_but_system() -> None:
    class Closed(Lifecycle[None]):
        a = State(initial=True)
        b = State(final=True)

        @event(a >> b)
        def go(self, ctx: Context[None]) -> None: ...

    flow = flow_of(Closed)
    with pytest.raises(Refused) as refused:
        flow.start(Closed, None, actor=hr)
    assert refused.value.reasons[0].code == "who"
    case = flow.start(Closed, None, actor=SYSTEM)
    for actor in (hr, Actor("system"), Actor("x", {Role("anyone")})):
        with pytest.raises(Refused):
            flow.fire(case, Closed.go(), actor=actor)
    assert flow.fire(case, Closed.go(), actor=SYSTEM).state == Closed.b


def test_roles_are_the_same_by_name_and_actors_are_values() -> None:
    assert Role("hr") == HR
    assert Actor("x", {HR}) == Actor("x", [Role("hr")])
    assert pickle.loads(pickle.dumps(SYSTEM)) is SYSTEM
    with pytest.raises(UsageError, match="no role"):
        Actor("x", {"hr"})  # type: ignore[arg-type]


# -- overriding -----------------------------------------------------------------------------------------------


@frozen
class Visit:
    name: str
    stops: tuple[str, ...] = ()


class BaseVisit(Lifecycle[Visit]):
    """A visit."""

    planned = State()
    over = State(final=True)

    @guard("Not today.")
    def allowed(self, ctx: Context[Visit]) -> bool:
        return ctx.data.name == "anna"

    @moment
    def ends(self, ctx: Context[Visit]) -> date:
        return date(2026, 3, 10)

    @event(START >> planned, by=ANYONE)
    def plan(self, ctx: Context[Visit], *, name: str) -> Visit:
        return Visit(name, stops=("base",))

    @event(planned >> STAY, by=HR, when=allowed)
    def stop(self, ctx: Acting[Visit], *, place: str) -> Visit | None:
        return evolve(ctx.data, stops=(*ctx.data.stops, place))

    @event(planned >> over, at=ends)
    def end(self, ctx: Context[Visit]) -> None: ...


class LongVisit(BaseVisit):
    """Later, for more people, with two notes for each stop."""

    @guard("Not even here.")
    def allowed(self, ctx: Context[Visit]) -> bool:
        return super().allowed(ctx) or ctx.data.name == "bert"

    @moment
    def ends(self, ctx: Context[Visit]) -> date:
        return date(2026, 5, 10)

    @event(BaseVisit.planned >> STAY, by=OFFICE, when=allowed)
    def stop(self, ctx: Acting[Visit], *, place: str) -> Visit | None:
        before = super().stop(ctx, place=place)
        return None if before is None else evolve(before, stops=(*before.stops, "long"))


def test_inherited_events_use_the_guard_and_moment_that_a_subclass_overrides() -> None:
    flow = flow_of(BaseVisit, LongVisit)
    short = flow.start(BaseVisit.plan(name="bert"), actor=bert)
    long = flow.start(LongVisit.plan(name="bert"), actor=bert)
    with pytest.raises(Refused, match=r"Not today\."):
        flow.fire(short, BaseVisit.stop(place="x"), actor=hr)
    assert flow.explain(short, actor=hr)["end"].due == datetime(2026, 3, 10, tzinfo=UTC)
    assert flow.explain(long, actor=hr)["end"].due == datetime(2026, 5, 10, tzinfo=UTC)


def test_an_overridden_event_replaces_arrows_and_who_and_may_run_the_inherited_effect() -> None:
    flow = flow_of(LongVisit)
    case = flow.start(LongVisit.plan(name="anna"), actor=anna)
    with pytest.raises(Refused, match="Only for"):
        flow.fire(case, LongVisit.stop(place="x"), actor=hr)
    case = flow.fire(case, LongVisit.stop(place="x"), actor=office)
    assert case.data.stops == ("base", "x", "long")


def test_a_command_of_the_base_fires_the_event_of_the_subclass() -> None:
    flow = flow_of(LongVisit)
    case = flow.start(LongVisit.plan(name="anna"), actor=anna)
    assert flow.fire(case, BaseVisit.stop(place="x"), actor=office).data.stops == ("base", "x", "long")


class LoudPair(PairPhase):
    """A pair whose meetings count double."""

    @event(PairPhase.active >> STAY, by=lambda self: self.person)
    def meet(self, ctx: Acting[PairData], *, times: int = 1) -> PairData | None:
        super().meet.effect(ctx, times=times)
        once: PairData | None = super().meet(ctx, times=times)  # type: ignore[call-arg, assignment]
        return None if once is None else evolve(once, meetings=once.meetings + times)


class LoudMentee(Mentee):
    """A mentee with louder pairs."""

    pair = LoudPair(lasts=months(1), eligible=Mentee.eligible, person=Mentee.herself, from_=Mentee.first_day).then(
        NEXT, broken_off=Mentee.selection
    )


def test_a_phase_is_replaced_under_its_name_and_runs_inherited_effects() -> None:
    flow = flow_of(Mentee, LoudMentee)
    case: Case[Person] = flow.start(LoudMentee.apply(person=Person("anna")), actor=anna)
    case = flow.fire(case, LoudMentee.selection.check(), actor=office)
    assert case.state == LoudMentee.pair.active
    case = flow.fire(case, LoudMentee.pair.meet(times=2), actor=anna)
    assert case[LoudMentee.pair].meetings == 4
    assert case.is_in(Mentee.pair)
    assert flow.explain(case, actor=anna)["pair.complete"].due == datetime(2026, 5, 2, tzinfo=UTC)
    assert flow.fire(case, Mentee.withdraw(reason="moved"), actor=office).state == Mentee.withdrawn


def test_an_effect_in_a_phase_can_only_be_run_from_its_phase() -> None:
    with pytest.raises(UsageError, match=r"super\(\)\.apply\.effect"):
        _ = Mentee.apply.effect


def test_rules_are_callable_from_other_rules_with_the_payload_that_they_name() -> None:
    class Thing(Lifecycle[Visit]):
        a = State(initial=True, resting=True)

        @guard("Too far.")
        def near(self, ctx: Context[Visit], *, place: str) -> bool | No:
            return place == "here" or No()

        @guard("No.")
        def both(self, ctx: Context[Visit], *, place: str) -> bool:
            return self.near(ctx, place=place) and ctx.data.name == "anna"

        @event(a >> STAY, by=HR, when=both)
        def go(self, ctx: Context[Visit], *, place: str) -> None: ...

    flow = flow_of(Thing)
    case = flow.start(Thing, Visit("anna"), actor=SYSTEM)
    assert flow.check(case, Thing.go(place="here"), actor=hr) == ()
    assert [b.code for b in flow.check(case, Thing.go(place="there"), actor=hr)] == ["both"]


def test_a_rule_of_another_lifecycle_cannot_be_asked() -> None:
    class Thing(Lifecycle[Visit]):
        a = State(initial=True, resting=True)

        @guard("No.")
        def borrowed(self, ctx: Context[Visit]) -> bool:
            return BaseVisit.allowed(ctx)

        @event(a >> STAY, by=HR, when=borrowed)
        def go(self, ctx: Context[Visit]) -> None: ...

    flow = flow_of(Thing)
    case = flow.start(Thing, Visit("anna"), actor=SYSTEM)
    with pytest.raises(UsageError, match=r"BaseVisit\.allowed cannot be asked from here"):
        flow.fire(case, Thing.go(), actor=hr)


# -- generic bases ----------------------------------------------------------------------------------------------


@frozen
class Member:
    name: str


@frozen
class CityMember(Member):
    district: str = ""


class NotesPhase(Phase[D], Generic[D]):
    """A phase that lets its data be replaced."""

    open_ = State(initial=True, resting=True)

    @event(open_ >> STAY, by=HR)
    def replace(self, ctx: Context[D], *, data: D) -> D:
        return data


class BaseMember(Lifecycle[D], Generic[D], abstract=True):
    """A member, whatever is known of her."""

    known = State(resting=True)

    @event(START >> known, by=ANYONE)
    def enter(self, ctx: Context[D], *, data: D) -> D:
        return data


class CityMembers(BaseMember[CityMember]):
    """The members of one city."""

    notes = NotesPhase[PairData]()

    @event(BaseMember.known >> notes, by=HR)
    def annotate(self, ctx: Context[CityMember]) -> None: ...


def test_an_abstract_base_is_generic_in_its_data_payloads_included() -> None:
    flow = flow_of(CityMembers)
    case = flow.start(CityMembers.enter(data=CityMember("anna", district="Ehrenfeld")), actor=anna)
    assert case.data == CityMember("anna", district="Ehrenfeld")
    named = flow.start("CityMembers.enter", {"data": {"name": "bert", "district": "Kalk"}}, actor=bert)
    assert named.data == CityMember("bert", "Kalk")
    assert {c.id for c in flow.cases(BaseMember).all()} == {case.id, named.id}
    with pytest.raises(PayloadError):
        CityMembers.enter(data=Member("anna"))  # type: ignore[arg-type]


def test_a_generic_phase_takes_its_data_where_it_stands() -> None:
    flow = flow_of(CityMembers)
    case = flow.start(CityMembers.enter(data=CityMember("anna")), actor=anna)
    case = flow.fire(case, CityMembers.annotate(), actor=hr)
    case = flow.fire(case, CityMembers.notes.replace(data=PairData(meetings=2)), actor=hr)
    assert case[CityMembers.notes] == PairData(meetings=2)


def test_a_generic_phase_in_a_generic_base_gets_the_data_of_the_subclass() -> None:
    @frozen
    class Count:
        count: int = 0

    class Counted(Lifecycle[D], Generic[D], abstract=True):
        notes: NotesPhase[D] = NotesPhase[D]()

    class Real(Counted[Count]):
        pass

    flow = flow_of(Real)
    case = flow.start(Real, Count(), actor=SYSTEM)
    case = flow.fire(case.id, "notes.replace", {"data": {"count": 3}}, actor=hr)
    assert case[Real.notes] == Count(3)


def test_an_abstract_lifecycle_has_no_cases() -> None:
    with pytest.raises(DefinitionError, match="abstract"):
        Program("p", BaseMember, zone="UTC")


# -- unique, version, programs ----------------------------------------------------------------------------------


def test_unique_lets_one_open_case_of_a_value_be() -> None:
    flow = flow_of(Mentee)
    case = begun(flow)
    with pytest.raises(Refused) as refused:
        begun(flow)
    assert refused.value.reasons[0].code == "unique"
    flow.fire(case, Mentee.withdraw(reason="moved"), actor=anna)
    assert begun(flow).is_open


def test_a_case_carries_the_version_of_its_definition() -> None:
    assert begun(flow_of(Mentee)).version == 3


def test_a_program_is_a_value() -> None:
    program = Program("visits", BaseVisit, zone="Europe/Berlin")
    assert program == Program("visits", BaseVisit, zone="Europe/Berlin")
    assert hash(program) == hash(Program("visits", BaseVisit, zone="Europe/Berlin"))
    assert program != Program("visits", BaseVisit, zone="UTC")
    assert program != Program("visits", BaseVisit, LongVisit, zone="Europe/Berlin")
    assert pickle.loads(pickle.dumps(program)) == program
    flow = flow_of(program)
    case = flow.start("visits.BaseVisit.plan", {"name": "anna"}, actor=anna)
    assert str(case.entered_at.tzinfo) == "Europe/Berlin"


# -- commands -----------------------------------------------------------------------------------------------------


def test_a_command_is_an_event_with_a_payload_of_plain_data() -> None:
    command = Mentee.pair.pause(reason="ill", until=date(2026, 4, 1))
    assert command.event == "pair.pause"
    assert command.payload == {"reason": "ill", "until": "2026-04-01"}
    assert str(command) == "Mentee.pair.pause"
    assert command == Mentee.pair.pause(until=date(2026, 4, 1), reason="ill")
    assert command != Mentee.pair.pause(reason="ill", until=date(2026, 4, 2))
    assert hash(command) == hash(Mentee.pair.pause(reason="ill", until=date(2026, 4, 1)))
    assert pickle.loads(pickle.dumps(command)) == command


def test_a_command_reports_all_faults_of_its_payload_with_paths() -> None:
    with pytest.raises(PayloadError) as error:
        Mentee.pair.pause(reason=" ", until=datetime(2026, 4, 1), why="x")  # type: ignore[call-arg]
    assert {fault.path for fault in error.value.faults} == {"reason", "until", "why"}
    assert error.value.event == "Mentee.pair.pause"


def test_a_command_needs_its_lifecycle_and_the_names_of_its_fields() -> None:
    with pytest.raises(UsageError, match=r"YourLifecycle\.your_phase\.resume"):
        PairPhase.resume()
    with pytest.raises(UsageError, match="no positional values"):
        Mentee.withdraw("moved")  # type: ignore[misc, call-arg]


# -- cases as values ------------------------------------------------------------------------------------------------


def test_a_case_is_a_value_equal_to_itself_as_it_was_read_and_survives_pickling() -> None:
    flow = flow_of(Mentee)
    case = begun(flow)
    assert flow.get(Mentee, case) == case
    copied = pickle.loads(pickle.dumps(case))
    assert copied == case
    assert hash(copied) == hash(case)
    assert (copied.data, copied.state, copied.created_at) == (case.data, case.state, case.created_at)
    moved = flow.fire(copied, Mentee.selection.check(), actor=office)
    assert moved != case
    assert (case.revision, moved.revision) == (1, 2)
    assert case.state == Mentee.selection.open_


# -- questions ----------------------------------------------------------------------------------------------------


BADGE = UUID("12345678-1234-5678-1234-567812345678")


def people() -> Flow:
    flow = flow_of(Mentee, Extended)
    for person in (
        Person("anna", City.KOELN, points=3, cost=Decimal("1.50"), badge=BADGE),
        Person("bert", City.ESSEN, points=1, seen=MORNING),
        Person("cora", City.KOELN, points=2, cost=Decimal("2.25")),
    ):
        flow.start(Mentee.apply(person=person), actor=anna)
    flow.start(Extended.apply(person=Person("dora", City.ESSEN)), actor=anna)
    return flow


def names(cases: Any) -> list[str]:
    return [case.data.name for case in cases.all()]


def test_where_compares_fields_with_values_of_their_type() -> None:
    cases = people().cases(Mentee)
    assert names(cases.where(city=City.KOELN)) == ["anna", "cora"]
    assert names(cases.where(city=City.KOELN, points=2)) == ["cora"]
    assert names(cases.where(city=City.KOELN).where(points=3)) == ["anna"]
    assert names(cases.where(badge=BADGE)) == ["anna"]
    assert names(cases.where(badge=None)) == ["bert", "cora", "dora"]
    assert names(cases.where(seen=MORNING + timedelta(0))) == ["bert"]
    assert names(cases.where(starts=date(2026, 4, 1), eligible=True)) == ["anna", "bert", "cora", "dora"]


@pytest.mark.parametrize(
    ("conditions", "said"),
    [
        ({"points": "1"}, "can never match"),
        ({"points": True}, "can never match"),
        ({"city": "Köln "}, "can never match"),
        ({"starts": MORNING}, "can never match"),
        ({"seen": datetime(2026, 3, 2)}, "can never match"),
        ({"eligible": 1}, "can never match"),
        ({"badge": str(BADGE)[:-1]}, "can never match"),
        ({"tags": ("a",)}, "cannot be compared"),
        ({"cost": Decimal(1)}, "cannot be compared"),
        ({"nowhere": 1}, "has no field 'nowhere'"),
    ],
)
def test_where_refuses_what_can_never_match(conditions: dict[str, Any], said: str) -> None:
    with pytest.raises(UsageError, match=said) as error:
        people().cases(Mentee).where(**conditions)
    assert error.value.mend


def test_where_on_a_phase_compares_its_data_and_its_default_counts_before_it_is_entered() -> None:
    flow = people()
    case = flow.fire(flow.cases(Mentee).where(name="anna").one(), Mentee.selection.check(), actor=office)
    flow.fire(case, Mentee.pair.meet(times=5), actor=anna)
    assert names(flow.cases(Mentee).where(Mentee.pair, meetings=5)) == ["anna"]
    assert names(flow.cases(Mentee).where(Mentee.pair, meetings=0)) == ["bert", "cora", "dora"]
    with pytest.raises(UsageError, match=r"Mentee\.pair has no field 'points'"):
        flow.cases(Mentee).where(Mentee.pair, points=1)


def test_in_and_open_narrow_by_state() -> None:
    flow = people()
    flow.fire(flow.cases(Mentee).where(name="bert").one(), Mentee.withdraw(reason="moved"), actor=office)
    flow.fire(flow.cases(Mentee).where(name="cora").one(), Mentee.selection.check(), actor=office)
    cases = flow.cases(Mentee)
    assert names(cases.open()) == ["anna", "cora", "dora"]
    assert names(cases.in_(Mentee.withdrawn, Mentee.pair)) == ["bert", "cora"]
    assert names(cases.in_(Mentee.selection).in_(Mentee.pair)) == []
    assert names(cases.in_(Mentee.everywhere).open()) == ["anna", "cora", "dora"]


def test_order_by_sorts_by_several_fields_also_backwards_with_none_last() -> None:
    cases = people().cases(Mentee)
    assert names(cases.order_by("points")) == ["dora", "bert", "cora", "anna"]
    assert names(cases.order_by("-points")) == ["anna", "cora", "bert", "dora"]
    assert names(cases.order_by("city", "-name")) == ["dora", "bert", "cora", "anna"]
    assert names(cases.order_by("seen")) == ["bert", "anna", "cora", "dora"]
    assert names(cases.order_by("-cost"))[:2] == ["cora", "anna"]
    assert names(cases.order_by(Mentee.pair, "meetings", "until")) == ["anna", "bert", "cora", "dora"]
    with pytest.raises(UsageError, match="has no order"):
        cases.order_by("tags")
    with pytest.raises(UsageError, match="no field"):
        cases.order_by("nowhere")


def test_count_exists_sum_one_first_and_all() -> None:
    cases = people().cases(Mentee)
    assert cases.count() == 4
    assert cases.where(points=1).exists()
    assert not cases.where(points=9).exists()
    assert cases.sum("points") == 6
    assert cases.sum("cost") == Decimal("3.75")
    assert cases.where(points=9).sum("points") == 0
    assert cases.where(points=1).one().data.name == "bert"
    first = cases.order_by("-points").first()
    assert first is not None
    assert first.data.name == "anna"
    assert cases.where(points=9).first() is None
    with pytest.raises(UsageError, match="4 cases of Mentee match, not exactly one"):
        cases.one()
    with pytest.raises(UsageError, match="0 cases"):
        cases.where(points=9).one()
    with pytest.raises(UsageError, match="has no sum"):
        cases.sum("name")


def test_questions_and_get_include_subclasses() -> None:
    flow = people()
    dora = flow.cases(Extended).one()
    assert dora.lifecycle is Extended
    assert names(flow.cases(Mentee).where(name="dora")) == ["dora"]
    assert flow.get(Mentee, dora) == dora
    anna_ = flow.cases(Mentee).where(name="anna").one()
    with pytest.raises(UnknownCase):
        flow.get(Extended, anna_)


def test_a_chain_of_words_asks_anew_each_time_and_leaves_the_question_as_it_was() -> None:
    flow = people()
    everyone = flow.cases(Mentee)
    few = everyone.where(city=City.ESSEN)
    assert (everyone.count(), few.count()) == (4, 2)
    flow.fire(few.all()[0], Mentee.withdraw(reason="moved"), actor=office)
    assert few.open().count() == 1


def test_terms_and_days_of_a_definition_may_come_from_the_instance() -> None:
    class Timed(Phase[None]):
        a = State(initial=True)

        def __init__(self, lasts: Term | None = None) -> None:
            self.lasts = lasts

        @event(a >> NEXT, by=HR, after=lambda self: self.lasts)
        def go(self, ctx: Context[None]) -> None: ...

    class Thing(Lifecycle[None]):
        done = State(final=True)
        first = Timed(days(2))
        second = Timed().then(done)

    flow = flow_of(Thing)
    case = flow.start(Thing, None, actor=SYSTEM)
    assert flow.explain(case, actor=hr)["first.go"].due == datetime(2026, 3, 5, tzinfo=UTC)
    case = flow.fire(case, Thing.first.go(), actor=hr)
    assert flow.explain(case, actor=hr)["second.go"].due is None
