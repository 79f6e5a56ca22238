"""The staff council and the equality officer: nothing is carried out before they have had their say."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from attrs import frozen
from hypothesis import given
from hypothesis import strategies as st

from progflow import (
    SYSTEM,
    Actor,
    Case,
    Context,
    Flow,
    InvariantBroken,
    Lifecycle,
    Refused,
    State,
    Term,
    always,
    days,
    derived,
    event,
    relation,
    weeks,
    working_days,
)
from progflow.states.bodies import (
    EQUALITY_OFFICER,
    STAFF_COUNCIL,
    EqualityOfficer,
    EqualityOfficerData,
    Outcome,
    StaffCouncil,
    StaffCouncilData,
)
from progflow.states.people import HEAD, OFFICE
from progflow.testing.clock import Clock
from support import berlin, clock, memory_flow

__all__ = ["clock"]

office, head = Actor("office", {OFFICE}), Actor("head", {HEAD})
council, officer = Actor("council", {STAFF_COUNCIL}), Actor("officer", {EQUALITY_OFFICER})


ACTORS = {"office": office, "head": head, "council": council, "officer": officer}


@frozen
class Measure:
    candidate: str = "somebody"
    urgent: bool = False


class Posting(Lifecycle[Measure]):
    """Somebody is sent to a training, once the staff council has agreed."""

    carried_out = State(final=True)

    council = StaffCouncil().then(carried_out)


class Careful(Lifecycle[Measure]):
    """The council must discuss first; its period depends on the case, and nobody speaks for it on oneself."""

    reworked = State()
    ready = State(resting=True)

    @relation("the candidate")
    def candidate(self, ctx: Context[Measure]) -> bool:
        return ctx.actor.id == ctx.data.candidate

    @derived
    def period(self, ctx: Context[Measure]) -> Term:
        return days(3) if ctx.data.urgent else weeks(2).on_working_day("DE-NW")

    council = StaffCouncil(council=STAFF_COUNCIL - candidate, period=period, discuss_first=True).then(ready)

    @event(council.refused >> reworked, by=OFFICE)
    def rework(self, ctx: Context[Measure]) -> None:
        """Change what was refused."""

    @event(reworked >> council, by=OFFICE)
    def ask_again(self, ctx: Context[Measure]) -> None:
        """Ask again."""


class Appointment(Lifecycle[Measure]):
    """An appointment that waits for the equality officer, with a shortcut that it must not take."""

    decided = State(resting=True)
    appointed = State(final=True)

    equality = EqualityOfficer().then(decided)

    @event(decided >> appointed, by=OFFICE)
    def appoint(self, ctx: Context[Measure]) -> None:
        """Carry it out."""

    @event(equality.objected >> decided, by=OFFICE)
    def hurry(self, ctx: Context[Measure]) -> None:
        """Pass over the objection."""


class NorthEast(Lifecycle[Measure]):
    """The former rule of Mecklenburg-Vorpommern."""

    decided = State(final=True)

    equality = EqualityOfficer(
        period=always(working_days(10, "DE-MV")), shortened=always(working_days(5, "DE-MV"))
    ).then(decided)


def begin(clock: Clock, kind: type[Lifecycle[Measure]], data: Measure | None = None) -> tuple[Flow, Case[Measure]]:
    flow = memory_flow(clock, kind)
    return flow, flow.start(kind, data or Measure(), actor=SYSTEM)


# -- the staff council -------------------------------------------------------------------------------------------


def test_the_council_approves_and_it_is_carried_out(clock: Clock) -> None:
    flow, case = begin(clock, Posting)
    case = flow.fire(case, Posting.council.approve(), actor=council)
    assert case.state == Posting.carried_out
    assert case[Posting.council].outcome is Outcome.APPROVED
    assert case[Posting.council].decided_on == date(2026, 3, 2)


def test_two_weeks_without_a_word_are_deemed_approval_and_not_a_minute_less(clock: Clock) -> None:
    flow, case = begin(clock, Posting)
    clock.set("2026-03-16 23:59")
    assert flow.run_due() == 0
    clock.set("2026-03-17 00:00")
    assert flow.run_due() == 1
    case = flow.get(Posting, case)
    assert case.state == Posting.carried_out
    assert case[Posting.council].outcome is Outcome.DEEMED


def test_a_discussion_stops_the_period_and_it_starts_anew_afterwards(clock: Clock) -> None:
    flow, case = begin(clock, Posting)
    clock.forward(days=13)
    flow.fire(case, Posting.council.ask_for_discussion(), actor=council)
    clock.forward(days=100)
    assert flow.run_due() == 0
    case = flow.fire(flow.get(Posting, case), Posting.council.end_discussion(), actor=office)
    due = flow.explain(case, actor=office)["council.deem_approved"].due
    assert due == berlin("2026-06-23") + timedelta(days=15)


def test_a_refusal_has_a_reason_and_goes_to_conciliation(clock: Clock) -> None:
    flow, case = begin(clock, Posting)
    case = flow.fire(case, Posting.council.refuse(reason="The choice is not fair."), actor=council)
    clock.forward(days=60)
    assert flow.run_due() == 0
    case = flow.fire(case, Posting.council.escalate(), actor=office)
    case = flow.fire(case, Posting.council.conciliate(), actor=head)
    assert case.state == Posting.carried_out
    assert case[Posting.council].outcome is Outcome.CONCILIATED
    assert case[Posting.council].refused_because == "The choice is not fair."


def test_conciliation_may_fail_and_the_office_may_do_without(clock: Clock) -> None:
    flow, case = begin(clock, Posting)
    refused = flow.fire(case, Posting.council.refuse(reason="No."), actor=council)
    failed = flow.fire(refused, Posting.council.escalate(), actor=office)
    failed = flow.fire(failed, Posting.council.fail(reason="The council is right."), actor=head)
    other = flow.start(Posting, Measure(), actor=SYSTEM)
    other = flow.fire(other, Posting.council.refuse(reason="No."), actor=council)
    other = flow.fire(other, Posting.council.drop(reason="It is not worth it."), actor=office)
    assert failed.state == other.state == Posting.council.dropped
    assert other[Posting.council].dropped_because == "It is not worth it."


def test_where_a_discussion_comes_first_a_refusal_waits_for_it(clock: Clock) -> None:
    flow, case = begin(clock, Careful)
    with pytest.raises(Refused, match="A discussion comes before a refusal"):
        flow.fire(case, Careful.council.refuse(reason="No."), actor=council)
    case = flow.fire(case, Careful.council.ask_for_discussion(), actor=council)
    case = flow.fire(case, Careful.council.end_discussion(), actor=office)
    case = flow.fire(case, Careful.council.refuse(reason="No."), actor=council)
    assert case.state == Careful.council.refused


def test_asked_again_the_council_decides_anew(clock: Clock) -> None:
    flow, case = begin(clock, Careful)
    case = flow.fire(case, Careful.council.ask_for_discussion(), actor=council)
    case = flow.fire(case, Careful.council.refuse(reason="No."), actor=council)
    case = flow.fire(flow.fire(case, Careful.rework(), actor=office), Careful.ask_again(), actor=office)
    assert (case[Careful.council].refused_because, case[Careful.council].discussions) == ("", 0)
    clock.forward(days=16)
    flow.run_due()
    assert flow.get(Careful, case)[Careful.council].outcome is Outcome.DEEMED


def test_the_period_may_depend_on_the_case_and_move_on_from_a_holiday(clock: Clock) -> None:
    flow, case = begin(clock, Careful, Measure(urgent=True))
    assert flow.explain(case, actor=office)["council.deem_approved"].due == berlin("2026-03-06")
    clock.set("2026-03-20 10:00")
    slow = flow.start(Careful, Measure(), actor=SYSTEM)
    # Two weeks later is Good Friday; Easter Monday is a holiday too.
    assert flow.explain(slow, actor=office)["council.deem_approved"].due == berlin("2026-04-08")


def test_only_the_council_speaks_for_itself_and_nobody_on_oneself(clock: Clock) -> None:
    flow, case = begin(clock, Careful, Measure(candidate="council"))
    commands = [Careful.council.approve(), Careful.council.ask_for_discussion()]
    for command in commands:
        for actor in (office, head, council):
            assert [blocker.code for blocker in flow.check(case, command, actor=actor)] == ["who"]
    assert not flow.check(case, commands[0], actor=Actor("her deputy", {STAFF_COUNCIL}))


@pytest.mark.parametrize(
    ("before", "command", "who"),
    [
        ([], Posting.council.approve(), "council"),
        ([], Posting.council.ask_for_discussion(), "council"),
        ([], Posting.council.refuse(reason="No."), "council"),
        (["discuss"], Posting.council.end_discussion(), "office"),
        (["refuse"], Posting.council.escalate(), "office"),
        (["refuse"], Posting.council.drop(reason="No."), "office"),
        (["refuse", "escalate"], Posting.council.conciliate(), "head"),
        (["refuse", "escalate"], Posting.council.fail(reason="No."), "head"),
    ],
)
def test_each_step_with_the_staff_council_is_the_business_of_one(
    clock: Clock, before: list[str], command: Any, who: str
) -> None:
    flow, case = begin(clock, Posting)
    for name in before:
        move, actor = COUNCIL_MOVES[name]
        case = flow.fire(case, move, actor=actor)
    assert [name for name, actor in ACTORS.items() if not flow.check(case, command, actor=actor)] == [who]


def test_an_own_version_of_the_phase_that_forgets_the_reason_is_stopped(clock: Clock) -> None:
    class Careless(StaffCouncil):
        """It refuses and drops without a word, and forgets that it refused."""

        @event(StaffCouncil.refused >> StaffCouncil.requested, by=OFFICE)
        def insist(self, ctx: Context[StaffCouncilData]) -> None:
            """Insist."""

        @event(StaffCouncil.requested >> StaffCouncil.refused, by=STAFF_COUNCIL)
        def shrug(self, ctx: Context[StaffCouncilData]) -> None:
            """Refuse without a word."""

        @event(StaffCouncil.requested >> StaffCouncil.dropped, by=OFFICE)
        def forget(self, ctx: Context[StaffCouncilData]) -> None:
            """Drop without a word."""

    class Carelessly(Lifecycle[Measure]):
        """A posting by that version."""

        ready = State(final=True)
        council = Careless().then(ready)

    flow, case = begin(clock, Carelessly)
    with pytest.raises(InvariantBroken, match="has a reason"):
        flow.fire(case, Carelessly.council.shrug(), actor=council)
    with pytest.raises(InvariantBroken, match="has a reason"):
        flow.fire(case, Carelessly.council.forget(), actor=office)
    case = flow.fire(case, Carelessly.council.refuse(reason="No."), actor=council)
    case = flow.fire(case, Carelessly.council.insist(), actor=office)
    clock.forward(days=30)
    flow.run_due()
    assert flow.get(Carelessly, case).state == Carelessly.council.requested, "never deemed against a refusal"


COUNCIL_MOVES: dict[str, tuple[Any, Actor]] = {
    "discuss": (Posting.council.ask_for_discussion(), council),
    "end": (Posting.council.end_discussion(), office),
    "refuse": (Posting.council.refuse(reason="No."), council),
    "approve": (Posting.council.approve(), council),
    "escalate": (Posting.council.escalate(), office),
    "conciliate": (Posting.council.conciliate(), head),
}
steps_of = st.lists(st.tuples(st.integers(0, 20), st.sampled_from(list(COUNCIL_MOVES))), max_size=8)


@given(steps=steps_of, rest=st.integers(0, 20))
def test_approval_is_deemed_exactly_when_the_period_has_passed_without_a_word(
    steps: list[tuple[int, str]], rest: int
) -> None:
    """Invariant 16: a model of the rule is played beside the phase, whatever happens and whenever."""
    clock = Clock("2026-03-02 09:00", zone="Europe/Berlin")
    flow, case = begin(clock, Posting)
    asked: date | None = clock.today  # the day on which the running period began; None while none runs
    deemed = decided = False
    for wait, name in [*steps, (rest, "")]:
        clock.forward(days=wait)
        flow.run_due()
        deemed = deemed or (asked is not None and not decided and clock.today > asked + timedelta(weeks=2))
        if not name:
            break
        command, actor = COUNCIL_MOVES[name]
        allowed = not flow.check(case.id, command, actor=actor)
        assert not (deemed and allowed)
        if allowed:
            flow.fire(case.id, command, actor=actor)
            decided = name in ("approve", "conciliate")
            asked = clock.today if name == "end" else asked if decided else None
    outcome = flow.get(Posting, case)[Posting.council].outcome
    assert (outcome is Outcome.DEEMED) == deemed
    assert ("council.deem_approved" in [entry.event for entry in flow.history(case)]) == deemed


# -- the equality officer ----------------------------------------------------------------------------------------


def test_a_week_without_an_objection_and_it_goes_on(clock: Clock) -> None:
    flow, case = begin(clock, Appointment)
    clock.set("2026-03-09 23:59")
    assert flow.run_due() == 0
    clock.set("2026-03-10 00:00")
    flow.run_due()
    assert flow.get(Appointment, case).state == Appointment.decided
    with pytest.raises(Refused, match="Not possible in the state"):
        flow.fire(case.id, Appointment.equality.object(reason="Too late."), actor=officer)


def test_she_may_say_at_once_that_she_does_not_object(clock: Clock) -> None:
    flow, case = begin(clock, Appointment)
    with pytest.raises(Refused, match="equality officer"):
        flow.fire(case, Appointment.equality.raise_no_objection(), actor=office)
    assert flow.fire(case, Appointment.equality.raise_no_objection(), actor=officer).state == Appointment.decided


def test_an_objection_suspends_until_it_is_decided_again_in_writing(clock: Clock) -> None:
    flow, case = begin(clock, Appointment)
    case = flow.fire(case, Appointment.equality.object(reason="She was not asked."), actor=officer)
    clock.forward(days=400)
    assert flow.run_due() == 0
    with pytest.raises(Refused):
        flow.fire(case, Appointment.appoint(), actor=office)
    case = flow.fire(case, Appointment.equality.decide_again(document="GB-12/2026"), actor=head)
    assert case[Appointment.equality].document == "GB-12/2026"
    assert flow.fire(case, Appointment.appoint(), actor=office).state == Appointment.appointed


def test_a_programme_cannot_pass_over_the_objection_by_an_event_of_its_own(clock: Clock) -> None:
    flow, case = begin(clock, Appointment)
    case = flow.fire(case, Appointment.equality.object(reason="She was not asked."), actor=officer)
    with pytest.raises(InvariantBroken, match="decided again in writing"):
        flow.fire(case, Appointment.hurry(), actor=office)
    assert flow.get(Appointment, case).state == Appointment.equality.objected


def test_it_can_be_given_up_for_a_reason(clock: Clock) -> None:
    flow, case = begin(clock, Appointment)
    case = flow.fire(case, Appointment.equality.object(reason="She was not asked."), actor=officer)
    case = flow.fire(case, Appointment.equality.give_up(reason="We advertise it anew."), actor=office)
    assert case.state == Appointment.equality.given_up
    assert case[Appointment.equality].given_up_because == "We advertise it anew."


def test_ten_working_days_can_be_shortened_to_five_once_and_for_a_reason(clock: Clock) -> None:
    flow, case = begin(clock, NorthEast)
    assert flow.explain(case, actor=office)["equality.pass_without_objection"].due == berlin("2026-03-17")
    case = flow.fire(case, NorthEast.equality.shorten(reason="The course begins soon."), actor=office)
    assert flow.explain(case, actor=office)["equality.pass_without_objection"].due == berlin("2026-03-10")
    with pytest.raises(Refused, match="shortened already"):
        flow.fire(case, NorthEast.equality.shorten(reason="Again."), actor=office)
    clock.set("2026-03-10 08:00")
    flow.run_due()
    assert flow.get(NorthEast, case).state == NorthEast.decided


def test_a_period_that_cannot_be_shortened_has_no_event_for_it(clock: Clock) -> None:
    flow, case = begin(clock, Appointment)
    assert "equality.shorten" not in flow.explain(case, actor=office)


@pytest.mark.parametrize(
    ("objected", "command", "who"),
    [
        (False, NorthEast.equality.raise_no_objection(), ["officer"]),
        (False, NorthEast.equality.object(reason="No."), ["officer"]),
        (False, NorthEast.equality.shorten(reason="Urgent."), ["office"]),
        (True, NorthEast.equality.decide_again(document="GB-1"), ["head"]),
        (True, NorthEast.equality.give_up(reason="No."), ["office", "head"]),
    ],
)
def test_each_step_with_the_equality_officer_is_the_business_of_few(
    clock: Clock, objected: bool, command: Any, who: list[str]
) -> None:
    flow, case = begin(clock, NorthEast)
    if objected:
        case = flow.fire(case, NorthEast.equality.object(reason="No."), actor=officer)
    assert [name for name, actor in ACTORS.items() if not flow.check(case, command, actor=actor)] == who


def test_an_own_version_that_forgets_why_it_was_given_up_is_stopped(clock: Clock) -> None:
    class Careless(EqualityOfficer):
        """It objects and gives up without a word."""

        @event(EqualityOfficer.informed >> EqualityOfficer.objected, by=EQUALITY_OFFICER)
        def shrug(self, ctx: Context[EqualityOfficerData]) -> EqualityOfficerData:
            """Object without a word."""
            return EqualityOfficerData(objected_on=ctx.today)

        @event(EqualityOfficer.informed >> EqualityOfficer.given_up, by=OFFICE)
        def forget(self, ctx: Context[EqualityOfficerData]) -> None:
            """Give up without a word."""

    class Carelessly(Lifecycle[Measure]):
        """An appointment by that version."""

        ready = State(final=True)
        equality = Careless().then(ready)

    flow, case = begin(clock, Carelessly)
    for command, actor in ((Carelessly.equality.shrug(), officer), (Carelessly.equality.forget(), office)):
        with pytest.raises(InvariantBroken, match="has a reason"):
            flow.fire(case, command, actor=actor)


EQUALITY_MOVES: dict[str, tuple[Any, Actor]] = {
    "object": (Appointment.equality.object(reason="No."), officer),
    "agree": (Appointment.equality.raise_no_objection(), officer),
    "decide": (Appointment.equality.decide_again(document="GB-1"), head),
    "appoint": (Appointment.appoint(), office),
    "hurry": (Appointment.hurry(), office),
}


@given(steps=st.lists(st.tuples(st.integers(0, 9), st.sampled_from(list(EQUALITY_MOVES))), max_size=8))
def test_nothing_is_carried_out_between_an_objection_and_the_new_decision(steps: list[tuple[int, str]]) -> None:
    """Invariant 15."""
    clock = Clock("2026-03-02 09:00", zone="Europe/Berlin")
    flow, case = begin(clock, Appointment)
    for wait, name in steps:
        clock.forward(days=wait)
        command, actor = EQUALITY_MOVES[name]
        if not flow.check(case.id, command, actor=actor):
            flow.fire(case.id, command, actor=actor)
    happened = [entry.event for entry in flow.history(case)]
    assert "hurry" not in happened
    if "appoint" in happened and "equality.object" in happened:
        order = [happened.index(name) for name in ("equality.object", "equality.decide_again", "appoint")]
        assert order == sorted(order)


def test_a_period_is_not_shortened_to_one_that_is_over_already(clock: Clock) -> None:
    flow, case = begin(clock, NorthEast)
    clock.set("2026-03-10 08:00")
    with pytest.raises(Refused, match="The shorter period ended on 2026-03-09"):
        flow.fire(case, NorthEast.equality.shorten(reason="The course begins soon."), actor=office)
    clock.set("2026-03-12 08:00")
    assert not flow.check(case, NorthEast.equality.object(reason="No."), actor=officer)
