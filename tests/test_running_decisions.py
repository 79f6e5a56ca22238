"""Rules 2 and 3 of running: how one command is decided, and what follows from it."""

from __future__ import annotations

import time

import pytest
from attrs import evolve, field, frozen

from progflow import (
    ANYONE,
    START,
    STAY,
    SYSTEM,
    Acting,
    CascadeRefused,
    Context,
    Entry,
    Flow,
    InvariantBroken,
    Lifecycle,
    No,
    Reason,
    Refused,
    State,
    UsageError,
    days,
    event,
    guard,
    invariant,
    moment,
    relation,
)
from progflow.testing.clock import Clock
from support import (
    OFFICE,
    FlowMaker,
    codes,
    dump,
    events,
    memory_flow,
    office,
    refusal,
    somebody,
    state,
    timer,
)
from support import clock as clock
from support import make_flow as make_flow

# -- rule 2: one verdict, one step ---------------------------------------------------------------------------------


@frozen
class LoanData:
    owner: str
    note: str = ""
    asked: tuple[str, ...] = ()


class Loan(Lifecycle[LoanData]):
    """Something that is lent."""

    asked = State("asked for")
    lent = State()
    back = State(final=True)

    @relation("the owner")
    def the_owner(self, ctx: Context[LoanData]) -> bool:
        return ctx.actor.id == ctx.data.owner

    @guard("It is not worth it.")
    def worth_it(self, ctx: Context[LoanData]) -> bool:
        return ctx.data.note != "worthless"

    @guard("{days} days are too long, {most} at most.")
    def short(self, ctx: Context[LoanData], *, days: int) -> bool | No:
        return True if days <= 14 else No(most=14)

    @event(START >> asked, by=ANYONE)
    def ask(self, ctx: Context[LoanData], *, note: str = "") -> LoanData:
        return LoanData(ctx.actor.id, note)

    @event(asked >> lent, by=OFFICE, when=(worth_it, short))
    def lend(self, ctx: Context[LoanData], *, days: int) -> LoanData:
        return evolve(ctx.data, note=f"{days} days")

    @event(lent >> back, by=(the_owner, OFFICE), after=days(14))
    def give_back(self, ctx: Context[LoanData]) -> None: ...

    @event((asked | lent) >> STAY, by=the_owner)
    def remark(self, ctx: Acting[LoanData], *, text: Reason) -> LoanData:
        if text == "never mind":
            ctx.refuse("Who says {what}?", what=text)
        if text == "crash":
            raise ZeroDivisionError("an effect with a mistake")
        return evolve(ctx.data, note=text)

    @event(asked >> asked)
    def ask_again(self, ctx: Context[LoanData]) -> None: ...


def test_rule_2_the_state_comes_first_and_hides_what_follows(make_flow: FlowMaker) -> None:
    flow = make_flow(Loan)
    case = flow.start(Loan.ask(note="worthless"), actor=somebody)
    error = refusal(flow.fire, case, Loan.give_back(), actor=somebody)
    assert codes(error) == ["state"]
    assert error.reasons[0].parameters == {"state": "asked", "possible": ("lent",)}
    assert error.reasons[0].text == "Not possible in the state “asked for”, only in: lent."
    assert (error.event, error.case) == ("Loan.give_back", case.id)


def test_rule_2_who_comes_second_and_hides_the_guards_from_that_actor(make_flow: FlowMaker) -> None:
    flow = make_flow(Loan)
    case = flow.start(Loan.ask(note="worthless"), actor=somebody)
    error = refusal(flow.fire, case, Loan.lend(days=99), actor=somebody)
    assert codes(error) == ["who"]
    assert error.reasons[0].parameters == {"who": ("office",)}
    assert error.reasons[0].text == "Only for: office."


def test_rule_2_all_guards_are_asked_and_every_reason_is_given(make_flow: FlowMaker) -> None:
    flow = make_flow(Loan)
    case = flow.start(Loan.ask(note="worthless"), actor=somebody)
    error = refusal(flow.fire, case, Loan.lend(days=99), actor=office)
    assert codes(error) == ["worth_it", "short"]
    assert error.reasons[1].parameters == {"days": 99, "most": 14}
    assert str(error).endswith("It is not worth it. 99 days are too long, 14 at most.")


def test_rule_2_the_effect_gives_new_data_and_nothing_leaves_it_unchanged(make_flow: FlowMaker) -> None:
    flow = make_flow(Loan)
    case = flow.start(Loan.ask(), actor=somebody)
    after = flow.fire(case, Loan.lend(days=3), actor=office)
    assert (after.data.note, after.state, after.revision) == ("3 days", Loan.lent, 2)
    assert (case.data.note, case.state, case.revision) == ("", Loan.asked, 1)
    given = flow.fire(after, Loan.give_back(), actor=somebody)
    assert given.data == after.data


def test_rule_2_every_step_leaves_one_entry_that_says_all(make_flow: FlowMaker, clock: Clock) -> None:
    flow = make_flow(Loan)
    case = flow.start(Loan.ask(), actor=somebody)
    clock.forward(hours=1)
    case = flow.fire(case, Loan.lend(days=3), actor=office)
    flow.fire(case, Loan.give_back(), actor=somebody)
    first, second, third = flow.history(case)
    assert (first.seq, first.event, first.before, first.after) == (1, "ask", None, "asked")
    assert (first.actor, first.acted_as, first.payload) == ("somebody", "anyone", {"note": ""})
    assert (second.seq, second.before, second.after, second.title) == (2, "asked", "lent", "lend")
    assert (second.actor, second.acted_as, second.payload) == ("office-1", "office", {"days": 3})
    assert (second.at, second.recorded, second.due, second.caused_by) == (clock(), clock(), None, None)
    assert third.acted_as == "the owner"


def test_rule_2_system_passes_every_who_and_nobody_else_with_its_id_does(make_flow: FlowMaker) -> None:
    flow = make_flow(Loan)
    case = flow.start(Loan.ask(), actor=somebody)
    case = flow.fire(case, Loan.ask_again(), actor=SYSTEM)
    assert flow.history(case)[-1].acted_as is None
    error = refusal(flow.fire, case, Loan.ask_again(), actor=evolve(SYSTEM))
    assert codes(error) == ["who"]
    assert error.reasons[0].text == "Happens by itself; nobody may fire it."


def test_rule_2_the_role_anyone_in_an_actor_opens_nothing_more(make_flow: FlowMaker) -> None:
    flow = make_flow(Loan)
    case = flow.start(Loan.ask(), actor=somebody)
    actor = evolve(somebody, id="x", roles={ANYONE})
    assert codes(refusal(flow.fire, case, Loan.lend(days=1), actor=actor)) == ["who"]


def test_rule_2_an_effect_may_refuse_and_nothing_remains(make_flow: FlowMaker) -> None:
    flow = make_flow(Loan)
    case = flow.start(Loan.ask(), actor=somebody)
    before = dump(flow)
    error = refusal(flow.fire, case, Loan.remark(text="never mind"), actor=somebody)
    assert codes(error) == ["remark"]
    assert error.reasons[0].parameters == {"what": "never mind"}
    assert error.reasons[0].text == "Who says never mind?"
    assert type(error) is Refused
    assert dump(flow) == before


def test_rule_2_stay_keeps_the_state_and_the_moment_of_entry(make_flow: FlowMaker, clock: Clock) -> None:
    flow = make_flow(Loan)
    case = flow.start(Loan.ask(), actor=somebody)
    entered = case.entered_at
    clock.forward(hours=5)
    case = flow.fire(case, Loan.remark(text="still here"), actor=somebody)
    assert (case.state, case.entered_at, case.revision) == (Loan.asked, entered, 2)
    case = flow.fire(case, Loan.ask_again(), actor=SYSTEM)
    assert (case.state, case.entered_at, case.revision) == (Loan.asked, clock(), 3)


def test_rule_2_a_start_has_no_case_and_no_data_yet(make_flow: FlowMaker) -> None:
    class Early(Lifecycle[None]):
        there = State(resting=True)

        @event(START >> there, by=ANYONE)
        def begin(self, ctx: Context[None], *, ask_for: str) -> None:
            assert ctx.actor is somebody
            assert ctx.now.tzinfo is not None
            getattr(ctx, ask_for)

    flow = make_flow(Early)
    for word in ("case", "data"):
        with pytest.raises(UsageError, match=r"START event has no ctx\.case"):
            flow.start(Early.begin(ask_for=word), actor=somebody)
    assert flow.cases(Early).count() == 0


# -- rule 2: automatic events --------------------------------------------------------------------------------------


@frozen
class EditionData:
    order: tuple[str, ...] = ()
    limit: int = 100


class Edition(Lifecycle[EditionData]):
    """Has tandems, and is over when they all are."""

    running = State(initial=True)
    counted = State()
    finished = State(final=True)

    @guard("There is an open tandem.")
    def all_over(self, ctx: Context[EditionData]) -> bool:
        tandems = ctx.children(Tandem)
        return tandems.exists() and not tandems.open().exists()

    @guard("Never.")
    def never(self, ctx: Context[EditionData]) -> bool:
        return ctx.children(Tandem).where(name="never").exists()

    @event(running >> finished, auto=True, when=never)
    def give_up(self, ctx: Context[EditionData]) -> None: ...

    @event(running >> counted, auto=True, when=all_over)
    def count(self, ctx: Context[EditionData]) -> None: ...

    @event(counted >> finished, auto=True)
    def finish(self, ctx: Context[EditionData]) -> None: ...

    @event(running >> STAY)
    def noticed(self, ctx: Context[EditionData], *, what: str) -> EditionData:
        return evolve(ctx.data, order=(*ctx.data.order, what))

    @event(running >> STAY, by=ANYONE)
    def restrict(self, ctx: Context[EditionData], *, limit: int) -> EditionData:
        return evolve(ctx.data, limit=limit)

    @invariant("There are no more tandems than the limit says.")
    def few(self, ctx: Context[EditionData]) -> bool:
        return ctx.children(Tandem).count() <= ctx.data.limit


@frozen
class TandemData:
    name: str = ""
    score: int = 0


class Tandem(Lifecycle[TandemData], parent=Edition):
    """Two people."""

    active = State(initial=True)
    ready = State()
    over = State(final=True)

    @guard("It has no points.")
    def has_points(self, ctx: Context[TandemData]) -> bool:
        return ctx.data.score > 0

    @event(active >> STAY, by=ANYONE)
    def score(self, ctx: Context[TandemData], *, points: int) -> TandemData:
        return evolve(ctx.data, score=points)

    @event(active >> ready, auto=True, when=has_points)
    def get_ready(self, ctx: Acting[TandemData]) -> None:
        ctx.fire(ctx.parent(Edition), Edition.noticed(what=f"{ctx.data.name} is ready"))

    @event((active | ready) >> over, by=ANYONE)
    def end(self, ctx: Acting[TandemData]) -> None: ...

    @event(active >> STAY, by=ANYONE)
    def rename(self, ctx: Acting[TandemData], *, name: str) -> TandemData:
        return evolve(ctx.data, name=name)

    @invariant("The score is not negative.")
    def not_negative(self, ctx: Context[TandemData]) -> bool:
        return ctx.data.score >= 0


def an_edition(flow: Flow, *names: str) -> tuple[object, list[object]]:
    edition = flow.start(Edition, EditionData(), actor=SYSTEM)
    return edition, [flow.start(Tandem, TandemData(name), parent=edition, actor=SYSTEM) for name in names]


def test_rule_2_automatic_events_fire_in_the_same_unit_until_nothing_moves(make_flow: FlowMaker) -> None:
    flow = make_flow(Edition, Tandem)
    edition, (one, two) = an_edition(flow, "one", "two")
    flow.fire(one, Tandem.end(), actor=somebody)
    assert state(flow, edition) == "running"
    flow.fire(two, Tandem.end(), actor=somebody)
    assert events(flow, edition) == ["(start)", "count", "finish"]
    counted = flow.history(edition)[1]
    assert counted.caused_by == f"{two.id}#2"
    assert counted.actor == "somebody"
    assert counted.acted_as is None


def test_rule_2_each_of_several_resting_automatic_events_is_woken(make_flow: FlowMaker) -> None:
    flow = make_flow(Edition, Tandem)
    edition, (one,) = an_edition(flow, "one")
    assert timer(flow, edition, "give_up").resting
    assert timer(flow, edition, "count").resting
    flow.fire(one, Tandem.rename(name="never"), actor=somebody)
    assert events(flow, edition) == ["(start)", "give_up"]


def test_rule_2_automatic_events_fire_after_the_queue_is_empty_oldest_entry_first(
    make_flow: FlowMaker, clock: Clock
) -> None:
    flow = make_flow(Edition, Tandem, Scorer)
    edition = flow.start(Edition, EditionData(), actor=SYSTEM)
    for name in ("first", "second", "third"):
        flow.start(Tandem, TandemData(name), parent=edition, actor=SYSTEM)
        clock.forward(minutes=1)
    scorer = flow.start(Scorer, None, parent=edition, actor=SYSTEM)
    flow.fire(scorer, Scorer.score_all(), actor=somebody)
    assert flow.get(Edition, edition).data.order == (
        "scored",
        "first is ready",
        "second is ready",
        "third is ready",
    )


class Scorer(Lifecycle[None], parent=Edition):
    """Scores all tandems, the youngest first."""

    there = State(initial=True, resting=True)

    @event(there >> STAY, by=ANYONE)
    def score_all(self, ctx: Acting[None]) -> None:
        for tandem in reversed(ctx.siblings(Tandem).all()):
            ctx.fire(tandem, Tandem.score(points=1))
        ctx.fire(ctx.parent(Edition), Edition.noticed(what="scored"))


class Ordered(Lifecycle[None]):
    """Two automatic events from one state."""

    begun = State(initial=True)
    first = State(final=True)
    second = State(final=True)

    @guard("Never.")
    def always(self, ctx: Context[None]) -> bool:
        return True

    @event(begun >> first, auto=True, when=always)
    def zeta(self, ctx: Context[None]) -> None: ...

    @event(begun >> second, auto=True, when=always)
    def alpha(self, ctx: Context[None]) -> None: ...


def test_rule_2_automatic_events_of_one_case_fire_in_the_order_of_declaration(make_flow: FlowMaker) -> None:
    flow = make_flow(Ordered)
    assert events(flow, flow.start(Ordered, None, actor=SYSTEM)) == ["(start)", "zeta"]


class Circle(Lifecycle[None]):
    """Goes round by itself."""

    a = State(initial=True)
    b = State()
    end = State(final=True)

    @event(a >> b, by=ANYONE)
    def go(self, ctx: Context[None]) -> None: ...

    @event(b >> a, auto=True)
    def back(self, ctx: Acting[None]) -> None:
        ctx.fire(ctx.case, Circle.go(), if_allowed=True)

    @event((a | b) >> end, by=ANYONE)
    def stop(self, ctx: Context[None]) -> None: ...


def test_rule_3_depth_is_bounded_also_where_a_refusal_would_be_passed_over(make_flow: FlowMaker) -> None:
    flow = make_flow(Circle)
    case = flow.start(Circle, None, actor=SYSTEM)
    before = dump(flow)
    error = refusal(flow.fire, case, Circle.go(), actor=somebody)
    assert codes(error) == ["depth"]
    assert error.reasons[0].parameters == {"limit": 50}
    assert isinstance(error, CascadeRefused)
    assert error.chain[:3] == ("Circle.go", "Circle.back", "Circle.go")
    assert dump(flow) == before


# -- rule 2: invariants --------------------------------------------------------------------------------------------


def test_rule_2_the_invariants_of_the_case_are_checked_at_the_end(make_flow: FlowMaker) -> None:
    flow = make_flow(Edition, Tandem)
    _, (one,) = an_edition(flow, "one")
    before = dump(flow)
    error = refusal(flow.fire, one, Tandem.score(points=-1), actor=somebody)
    assert isinstance(error, InvariantBroken)
    assert codes(error) == ["not_negative"]
    assert error.reasons[0].text == "The score is not negative."
    assert (error.case, error.event) == (one.id, "Tandem.score")
    assert dump(flow) == before


def test_rule_2_the_invariants_of_the_parent_are_checked_when_a_child_moves(make_flow: FlowMaker) -> None:
    flow = make_flow(Edition, Tandem)
    edition, _ = an_edition(flow, "one")
    edition = flow.fire(edition, Edition.restrict(limit=1), actor=somebody)
    error = refusal(flow.start, Tandem, TandemData("two"), parent=edition, actor=SYSTEM)
    assert codes(error) == ["few"]
    assert error.case == edition.id
    assert flow.cases(Tandem).count() == 1


def test_rule_2_invariants_are_not_asked_in_the_middle(make_flow: FlowMaker) -> None:
    class Sum(Lifecycle[int]):
        there = State(initial=True, resting=True)

        @event(there >> STAY, by=ANYONE)
        def through_minus(self, ctx: Acting[int]) -> int:
            ctx.fire(ctx.case, Sum.up())
            return -5

        @event(there >> STAY)
        def up(self, ctx: Acting[int]) -> int:
            return ctx.data + 10

        @invariant("It is not negative.")
        def positive(self, ctx: Context[int]) -> bool:
            return ctx.data >= 0

    flow = make_flow(Sum)
    case = flow.start(Sum, 0, actor=SYSTEM)
    assert flow.fire(case, Sum.through_minus(), actor=somebody).data == 5


# -- rule 3: cascades ----------------------------------------------------------------------------------------------


@frozen
class BoxData:
    log: tuple[str, ...] = ()


class Box(Lifecycle[BoxData]):
    """Holds things, and tells them what to do."""

    open = State(initial=True)
    shut = State(final=True)

    @event(open >> STAY)
    def told(self, ctx: Context[BoxData], *, what: str) -> BoxData:
        return evolve(ctx.data, log=(*ctx.data.log, what))

    @event(open >> STAY, by=ANYONE)
    def shake(self, ctx: Acting[BoxData]) -> None:
        ctx.fire(ctx.children(Thing), Thing.fall())
        ctx.fire(ctx.case, Box.told(what="last"))

    @event(open >> STAY, by=ANYONE)
    def tip(self, ctx: Acting[BoxData], *, gently: bool) -> None:
        ctx.fire(ctx.children(Thing), Thing.drop(), if_allowed=gently)

    @event(open >> STAY, by=ANYONE)
    def fill(self, ctx: Acting[BoxData], *, names: tuple[str, ...]) -> BoxData:
        put = [ctx.start(Thing.put(name=name)) for name in names]
        assert ctx.children(Thing).count() >= len(put)
        ctx.fire(ctx.children(Thing), Thing.fall())
        return evolve(ctx.data, log=tuple(f"{thing.data.name}:{thing.state.path}" for thing in put))

    @event(open >> STAY, by=ANYONE)
    def try_to_fill(self, ctx: Acting[BoxData], *, names: tuple[str, ...]) -> BoxData:
        log: list[str] = []
        for name in names:
            try:
                ctx.start(Thing.put(name=name))
            except Refused as error:
                log.append(error.reasons[0].code)
        return BoxData(tuple(log))

    @event(open >> shut, by=OFFICE)
    def shut_it(self, ctx: Acting[BoxData]) -> None:
        ctx.fire(ctx.children(Thing).open(), Thing.throw_away())


@frozen
class ThingData:
    name: str
    fixed: bool = False
    log: tuple[str, ...] = field(default=())


class Thing(Lifecycle[ThingData], parent=Box, unique="name"):
    """A thing in a box."""

    lying = State()
    fallen = State()
    gone = State(final=True)

    @guard("{name} is fixed.")
    def loose(self, ctx: Context[ThingData]) -> bool | No:
        return No(name=ctx.data.name) if ctx.data.fixed else True

    @event(START >> lying, by=OFFICE)
    def put(self, ctx: Acting[ThingData], *, name: str, fixed: bool = False) -> ThingData:
        if name == "forbidden":
            ctx.refuse("Not {name}.", name=name)
        return ThingData(name, fixed)

    @event((lying | fallen) >> fallen)
    def fall(self, ctx: Acting[ThingData]) -> None:
        others = ctx.siblings(Thing).in_(Thing.fallen).count()
        ctx.fire(ctx.parent(Box), Box.told(what=f"{ctx.data.name} after {others} by {ctx.actor.id}"))

    @event(lying >> fallen, when=loose)
    def drop(self, ctx: Acting[ThingData]) -> None:
        ctx.fire(ctx.parent(Box), Box.told(what=f"dropped {ctx.data.name}"))

    @event((lying | fallen) >> gone, by=OFFICE, when=loose)
    def throw_away(self, ctx: Context[ThingData]) -> None: ...


def a_box(flow: Flow, *names: str, fixed: tuple[str, ...] = ()) -> tuple[object, list[object]]:
    box = flow.start(Box, BoxData(), actor=SYSTEM)
    things = [flow.start(Thing.put(name=name, fixed=name in fixed), parent=box, actor=office) for name in names]
    return box, things


def test_rule_3_queued_commands_are_decided_first_in_first_out_each_seeing_what_came_before(
    make_flow: FlowMaker,
) -> None:
    flow = make_flow(Box, Thing)
    box, things = a_box(flow, "a", "b")
    flow.fire(box, Box.shake(), actor=somebody)
    log = flow.get(Box, box).data.log
    assert log == ("last", "a after 0 by somebody", "b after 1 by somebody")
    step = flow.history(things[0])[-1]
    assert (step.event, step.actor, step.acted_as, step.caused_by) == (
        "fall",
        "somebody",
        None,
        f"{box.id}#2",
    )


def test_rule_3_cascades_skip_only_the_question_who(make_flow: FlowMaker) -> None:
    flow = make_flow(Box, Thing)
    box, (thing,) = a_box(flow, "a")
    assert codes(refusal(flow.fire, thing, Thing.fall(), actor=somebody)) == ["who"]
    flow.fire(box, Box.shake(), actor=somebody)
    assert state(flow, thing) == "fallen"


def test_rule_3_one_refusal_refuses_everything_with_the_chain(make_flow: FlowMaker) -> None:
    flow = make_flow(Box, Thing)
    box, (_, fixed) = a_box(flow, "a", "b", fixed=("b",))
    before = dump(flow)
    error = refusal(flow.fire, box, Box.tip(gently=False), actor=somebody)
    assert isinstance(error, CascadeRefused)
    assert error.chain == ("Box.tip", "Thing.drop")
    assert (error.event, error.case, codes(error)) == ("Thing.drop", fixed.id, ["loose"])
    assert str(error) == "Box.tip → Thing.drop is not allowed: b is fixed."
    assert dump(flow) == before


def test_rule_3_if_allowed_passes_over_what_refuses(make_flow: FlowMaker) -> None:
    flow = make_flow(Box, Thing)
    box, (one, two, three) = a_box(flow, "a", "b", "c", fixed=("b",))
    flow.fire(box, Box.tip(gently=True), actor=somebody)
    assert [state(flow, thing) for thing in (one, two, three)] == ["fallen", "lying", "fallen"]
    assert flow.get(Box, box).data.log == ("dropped a", "dropped c")
    assert flow.history(two)[-1].seq == 1


def test_rule_3_start_decides_at_once_and_gives_the_new_case(make_flow: FlowMaker) -> None:
    flow = make_flow(Box, Thing)
    box, _ = a_box(flow, "old")
    box = flow.fire(box, Box.fill(names=("x", "y")), actor=somebody)
    assert flow.history(box)[1].payload == {"names": ["x", "y"]}
    things = flow.cases(Thing).of(box).all()
    assert [(thing.data.name, thing.state.path, thing.parent) for thing in things] == [
        ("old", "fallen", box.id),
        ("x", "fallen", box.id),
        ("y", "fallen", box.id),
    ]
    started = flow.history(things[1])[0]
    assert (started.event, started.actor, started.acted_as, started.caused_by) == (
        "put",
        "somebody",
        None,
        f"{box.id}#2",
    )
    assert flow.get(Box, box).data.log[:2] == ("x:lying", "y:lying")


def test_rule_3_a_refused_start_refuses_everything_with_the_chain(make_flow: FlowMaker) -> None:
    flow = make_flow(Box, Thing)
    box, _ = a_box(flow)
    before = dump(flow)
    error = refusal(flow.fire, box, Box.fill(names=("x", "forbidden")), actor=somebody)
    assert isinstance(error, CascadeRefused)
    assert error.chain == ("Box.fill", "Thing.put")
    assert codes(error) == ["put"]
    assert dump(flow) == before


def test_rule_3_nothing_remains_of_a_start_whose_refusal_the_effect_catches(make_flow: FlowMaker) -> None:
    flow = make_flow(Box, Thing)
    box, _ = a_box(flow, "a")
    box = flow.fire(box, Box.try_to_fill(names=("a", "b", "forbidden", "b")), actor=somebody)
    assert box.data.log == ("unique", "put", "unique")
    assert [thing.data.name for thing in flow.cases(Thing).of(box).all()] == ["a", "b"]


class Talk(Lifecycle[tuple[str, ...]]):
    """Says things in the order in which it was told to."""

    on = State(initial=True, resting=True)

    @event(on >> STAY)
    def say(self, ctx: Context[tuple[str, ...]], *, what: str) -> tuple[str, ...]:
        return (*ctx.data, what)

    @event(on >> STAY, by=ANYONE)
    def speak(self, ctx: Acting[tuple[str, ...]]) -> None:
        ctx.fire(ctx.case, Talk.say(what="1"))
        ctx.start(Word.begin(), parent=ctx.case)
        ctx.fire(ctx.case, Talk.say(what="3"))


class Word(Lifecycle[None], parent=Talk):
    """A word that has something to say when it begins."""

    there = State(resting=True)

    @event(START >> there)
    def begin(self, ctx: Acting[None]) -> None:
        ctx.fire(ctx.parent(Talk), Talk.say(what="2"))


def test_rule_3_first_in_first_out_also_for_what_a_start_queues_in_between(make_flow: FlowMaker) -> None:
    flow = make_flow(Talk, Word)
    talk = flow.start(Talk, (), actor=SYSTEM)
    flow.fire(talk, Talk.speak(), actor=somebody)
    assert flow.get(Talk, talk).data == ("1", "2", "3")


class Founder(Lifecycle[None]):
    """Founds others, which are nobody's children."""

    there = State(initial=True, resting=True)

    @event(there >> STAY, by=ANYONE)
    def found(self, ctx: Acting[None]) -> None:
        assert ctx.start(Loan.ask(note="founded")).parent is None


def test_rule_3_a_lifecycle_without_parent_begins_without_one(make_flow: FlowMaker) -> None:
    flow = make_flow(Founder, Loan)
    founder = flow.start(Founder, None, actor=SYSTEM)
    flow.fire(founder, Founder.found(), actor=somebody)
    assert flow.cases(Loan).one().data.owner == "somebody"


class Parent(Lifecycle[None]):
    there = State(resting=True)

    @event(START >> there, by=ANYONE)
    def begin(self, ctx: Acting[None]) -> None:
        ctx.start(Child, None)


class Child(Lifecycle[None], parent=Parent):
    there = State(initial=True, resting=True)


def test_rule_3_a_start_event_cannot_have_children_yet(make_flow: FlowMaker) -> None:
    flow = make_flow(Parent, Child)
    with pytest.raises(UsageError, match="child of"):
        flow.start(Parent.begin(), actor=somebody)
    assert flow.cases(Parent).count() == 0


class Chain(Lifecycle[int]):
    """Fires itself as often as it is told."""

    on = State(initial=True, resting=True)

    @event(on >> STAY, by=ANYONE)
    def go(self, ctx: Acting[int], *, more: int) -> int:
        if more:
            ctx.fire(ctx.case, Chain.go(more=more - 1))
        return ctx.data + 1


def test_rule_3_depth_is_bounded_at_fifty(make_flow: FlowMaker) -> None:
    flow = make_flow(Chain)
    case = flow.start(Chain, 0, actor=SYSTEM)
    flow.fire(case, Chain.go(more=50), actor=somebody)
    assert flow.get(Chain, case).data == 51
    before = dump(flow)
    error = refusal(flow.fire, case.id, Chain.go(more=51), actor=somebody)
    assert codes(error) == ["depth"]
    assert isinstance(error, CascadeRefused)
    assert len(error.chain) == 52
    assert dump(flow) == before


def test_rule_3_count_is_not_bounded(clock: Clock) -> None:
    flow = memory_flow(clock, Box, Thing)
    box = flow.start(Box, BoxData(), actor=SYSTEM)
    with flow.unit_of_work() as inside:
        for number in range(1000):
            inside.start(Thing.put(name=str(number)), parent=box, actor=office)
    began = time.perf_counter()
    flow.fire(box, Box.shut_it(), actor=office)
    assert time.perf_counter() - began < 30
    assert flow.cases(Thing).of(box).in_(Thing.gone).count() == 1000


def test_rule_4_an_automatic_event_whose_cascade_is_refused_rests_and_refuses_nobody_else(make_flow: FlowMaker) -> None:
    class Hub(Lifecycle[None]):
        on = State(initial=True)
        ready = State(resting=True)

        @guard("Not yet.")
        def has_spoke(self, ctx: Context[None]) -> bool:
            return ctx.children(Spoke).exists()

        @event(on >> ready, auto=True, when=has_spoke)
        def get_ready(self, ctx: Acting[None]) -> None:
            ctx.fire(ctx.children(Spoke), Spoke.turn())

    class Spoke(Lifecycle[None], parent=Hub):
        still = State(initial=True, resting=True)
        turning = State(resting=True)

        @guard("It is stuck.")
        def loose(self, ctx: Context[None]) -> bool:
            return False

        @event(still >> turning, when=loose)
        def turn(self, ctx: Context[None]) -> None: ...

    flow = make_flow(Hub, Spoke)
    hub = flow.start(Hub, None, actor=SYSTEM)
    spoke = flow.start(Spoke, None, parent=hub, actor=SYSTEM)
    assert events(flow, hub) == ["(start)"]
    assert events(flow, spoke) == ["(start)"]
    assert [blocker.code for blocker in flow.explain(hub.id, actor=office)["get_ready"].resting] == ["loose"]


def test_rule_4_a_resting_timer_whose_cascade_or_invariant_says_no_blocks_nobody_else(
    make_flow: FlowMaker, clock: Clock
) -> None:
    """What would remove the obstacle is possible, and once it has, the timer fires in the same unit."""

    class Project(Lifecycle[None]):
        running = State(initial=True)
        closed = State(final=True)

        @event(running >> closed, after=days(1))
        def close(self, ctx: Acting[None]) -> None:
            ctx.fire(ctx.children(Task).open(), Task.finish())

        @event(running >> STAY, by=ANYONE)
        def note(self, ctx: Context[None]) -> None: ...

        @invariant("A closed project has a task that was worked on.")
        def worked_on(self, ctx: Context[None]) -> bool:
            return ctx.case.is_in(Project.running) or ctx.children(Task).exists()

    class Task(Lifecycle[None], parent=Project):
        to_do = State(initial=True)
        ready = State()
        done = State(final=True)

        @event(to_do >> ready, by=ANYONE)
        def work(self, ctx: Context[None]) -> None: ...

        @event(ready >> done)
        def finish(self, ctx: Context[None]) -> None: ...

    flow = make_flow(Project, Task)
    project = flow.start(Project, None, actor=SYSTEM)
    clock.forward(days=3)
    assert flow.run_due() == 0
    flow.fire(project.id, Project.note(), actor=somebody)
    task = flow.start(Task, None, parent=project, actor=SYSTEM)
    flow.fire(project.id, Project.note(), actor=somebody)
    assert flow.get(Project, project).is_in(Project.running)
    flow.fire(task, Task.work(), actor=somebody)
    assert flow.get(Project, project).is_in(Project.closed)
    assert flow.get(Task, task).is_in(Task.done)


def test_rule_4_an_automatic_event_rests_when_what_it_begins_breaks_an_invariant(make_flow: FlowMaker) -> None:
    """The case that was begun is gone again when it is said why."""

    class Pool(Lifecycle[None]):
        open = State(initial=True)
        shared = State(final=True)

        @guard("Nobody has asked for it.")
        def wanted(self, ctx: Context[None]) -> bool:
            return ctx.case.revision > 1

        @event(open >> STAY, by=ANYONE)
        def ask(self, ctx: Context[None]) -> None: ...

        @event(open >> shared, auto=True, when=wanted)
        def share(self, ctx: Acting[None]) -> None:
            ctx.start(Share, 0)

    class Share(Lifecycle[int], parent=Pool):
        there = State(initial=True, final=True)

        @invariant("A share is more than nothing.")
        def is_something(self, ctx: Context[int]) -> bool:
            return ctx.data > 0

    flow = make_flow(Pool, Share)
    pool = flow.start(Pool, None, actor=SYSTEM)
    flow.fire(pool.id, Pool.ask(), actor=somebody)
    assert flow.get(Pool, pool).is_in(Pool.open)
    assert flow.cases(Share).count() == 0
    resting = flow.explain(pool.id, actor=office)["share"].resting
    assert [blocker.text for blocker in resting] == ["A share is more than nothing."]


def test_rule_2_an_invariant_may_be_broken_while_automatic_events_are_on_their_way_to_mend_it(
    make_flow: FlowMaker,
) -> None:
    """Cancelling leaves the children open until each has ended by itself; what holds is asked at the end."""

    class Trip(Lifecycle[None]):
        on = State(initial=True)
        off = State(final=True)

        @event(on >> off, by=ANYONE)
        def cancel(self, ctx: Context[None]) -> None: ...

        @invariant("A cancelled trip leaves nobody waiting.")
        def nobody_waits(self, ctx: Context[None]) -> bool:
            return ctx.case.is_in(Trip.on) or not ctx.children().open().exists()

    class Guest(Lifecycle[None], parent=Trip):
        waiting = State(initial=True)
        home = State(final=True)

        @guard("The trip takes place.")
        def trip_is_off(self, ctx: Context[None]) -> bool:
            return ctx.parent(Trip).is_in(Trip.off)

        @event(waiting >> home, auto=True, when=trip_is_off)
        def go_home(self, ctx: Context[None]) -> None: ...

    flow = make_flow(Trip, Guest)
    trip = flow.start(Trip, None, actor=SYSTEM)
    guests = [flow.start(Guest, None, parent=trip, actor=SYSTEM) for _ in range(5)]
    assert flow.fire(trip, Trip.cancel(), actor=somebody).is_in(Trip.off)
    assert all(flow.get(Guest, guest).is_in(Guest.home) for guest in guests)


def test_rule_4_a_woken_event_that_would_break_an_invariant_rests_on(make_flow: FlowMaker) -> None:
    class Lamp(Lifecycle[None]):
        off = State(initial=True)
        on = State(final=True)

        @guard("Not yet.")
        def wanted(self, ctx: Context[None]) -> bool:
            return True

        @event(off >> on, auto=True, when=wanted)
        def light(self, ctx: Context[None]) -> None: ...

        @invariant("It is never on.")
        def dark(self, ctx: Context[None]) -> bool:
            return ctx.case.is_in(Lamp.off)

    flow = make_flow(Lamp)
    lamp = flow.start(Lamp, None, actor=SYSTEM)
    flow.wake(lamp)
    assert events(flow, lamp) == ["(start)"]


def test_nothing_begins_under_a_parent_that_ends_in_the_same_step(make_flow: FlowMaker) -> None:
    class Nest(Lifecycle[None]):
        here = State(initial=True)
        gone = State(final=True)

        @event(here >> gone, by=ANYONE)
        def fall(self, ctx: Acting[None]) -> None:
            ctx.start(Egg, None)

    class Egg(Lifecycle[None], parent=Nest):
        whole = State(initial=True, resting=True)

    flow = make_flow(Nest, Egg)
    nest = flow.start(Nest, None, actor=SYSTEM)
    before = dump(flow)
    assert codes(refusal(flow.fire, nest, Nest.fall(), actor=somebody)) == ["parent"]
    assert dump(flow) == before


# -- moments and terms that a decision sets ------------------------------------------------------------------------


def test_rule_2_timers_are_set_by_the_step_that_enters_their_sources(make_flow: FlowMaker, clock: Clock) -> None:
    flow = make_flow(Loan)
    case = flow.start(Loan.ask(), actor=somebody)
    assert timer(flow, case, "give_back") is None
    case = flow.fire(case, Loan.lend(days=3), actor=office)
    assert timer(flow, case, "give_back").anchor == clock()


def test_rule_2_what_a_rule_raises_by_itself_undoes_everything_and_says_where(make_flow: FlowMaker) -> None:
    class Sore(Lifecycle[str]):
        there = State(initial=True, resting=True)
        timed = State()
        end = State(final=True)

        @guard("Never.")
        def raises(self, ctx: Context[str]) -> bool:
            raise KeyError("guard")

        @relation("nobody")
        def nobody(self, ctx: Context[str]) -> bool:
            raise KeyError("relation")

        @moment
        def when(self, ctx: Context[str]) -> None:
            raise KeyError("moment")

        @invariant("Holds.")
        def holds(self, ctx: Context[str]) -> bool:
            if ctx.data == "bad":
                raise KeyError("invariant")
            return True

        @event(there >> STAY, by=ANYONE, when=raises)
        def guarded(self, ctx: Context[str]) -> None: ...

        @event(there >> STAY, by=nobody)
        def related(self, ctx: Context[str]) -> None: ...

        @event(there >> STAY, by=ANYONE)
        def acting(self, ctx: Context[str]) -> None:
            raise KeyError("effect")

        @event(there >> STAY, by=ANYONE)
        def spoil(self, ctx: Context[str]) -> str:
            return "bad"

        @event(there >> timed, by=ANYONE)
        def wait(self, ctx: Context[str]) -> None: ...

        @event(timed >> end, at=when)
        def arrive(self, ctx: Context[str]) -> None: ...

    flow = make_flow(Sore)
    case = flow.start(Sore, "good", actor=SYSTEM)
    before = dump(flow)
    for command, what, where in (
        (Sore.guarded(), "guard", "guarded"),
        (Sore.related(), "relation", "related"),
        (Sore.acting(), "effect", "acting"),
        (Sore.spoil(), "invariant", "spoil"),
        (Sore.wait(), "moment", "wait"),
    ):
        for verb in (flow.fire, flow.check):
            with pytest.raises(KeyError) as caught:
                verb(case, command, actor=somebody)
            assert caught.value.args == (what,)
            notes = "; ".join(caught.value.__notes__)
            assert case.id in notes, what
            assert f"Sore.{where}" in notes, (what, notes)
    with pytest.raises(KeyError) as caught:
        flow.explain(case, actor=somebody)
    assert case.id in "; ".join(caught.value.__notes__)
    assert dump(flow) == before


def test_rule_3_a_step_comes_before_what_its_effect_began(make_flow: FlowMaker) -> None:
    """In what is announced as in what is stored: causes first."""

    class Nest(Lifecycle[None]):
        empty = State(initial=True)
        full = State(resting=True)

        @event(empty >> full, by=ANYONE)
        def lay(self, ctx: Acting[None]) -> None:
            ctx.start(Egg, None)
            ctx.start(Egg, None)

    class Egg(Lifecycle[None], parent=Nest):
        whole = State(initial=True, resting=True)

    flow = make_flow(Nest, Egg)
    nest = flow.start(Nest, None, actor=SYSTEM)
    heard: list[str] = []

    @flow.transitioned.connect
    def hear(sender: object, *, entry: Entry) -> None:
        heard.append(f"{entry.lifecycle}.{entry.event}")

    flow.fire(nest, Nest.lay(), actor=somebody)
    assert heard == ["Nest.lay", "Egg.(start)", "Egg.(start)"]
