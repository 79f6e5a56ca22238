"""Stored histories played again: exported from any store, the same today, and told where a rule has changed."""

from __future__ import annotations

import importlib
import itertools
import json
import pickle
import sys
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

import city_participation_stage
import leadership_training_stage
import training_network_stage
from cross_mentoring_stage import CLOSING, PAIRS, SMALL, STORES, Desk, Stage, office, opened
from progflow import SYSTEM, Actor, Flow, Role, UnknownCase, UsageError
from progflow.adapters.memory import MemoryStore
from progflow.programs.city_participation import city_participation
from progflow.programs.cross_mentoring import Cause, Edition, Mentee, Staff, cross_mentoring
from progflow.programs.leadership_training import leadership_training
from progflow.programs.training_network import Staff as NetworkStaff
from progflow.programs.training_network import training_network
from progflow.testing import Clock, ReplayDiffers, export_histories, replay

GARDENS = '''
"""Allotments of an invented city."""

from __future__ import annotations

from datetime import date
from typing import Any

from attrs import evolve, frozen

from progflow import (
    ANYONE, FINAL, START, STAY, Acting, Context, Lifecycle, No, Program, Reason, Role, State, days, derived, event,
    guard, invariant, moment, months, relation,
)

OFFICE, HEAD = Role("office"), Role("head")


class Weather:
    def dry(self) -> bool: ...


@frozen
class GardenData:
    plots: int = 1
    reason: str = ""


@frozen
class LeaseData:
    person: str = ""
    rank: int = 0
    granted_on: date | None = None
    ends: date | None = None
    notes: tuple[str, ...] = ()


@frozen
class KeyData:
    lease: str
    number: int = 1


class Garden(Lifecycle[GardenData]):
    """A garden with plots."""

    planned = State(initial=True)
    open = State()
    closed = State(final=True)

    @event(planned >> open, by=OFFICE)
    def announce(self, ctx: Context[GardenData], *, plots: int) -> GardenData:
        """Announce the plots."""
        return evolve(ctx.data, plots=plots)

    @event(open >> STAY, by=OFFICE)
    def add_plot(self, ctx: Context[GardenData]) -> GardenData:
        """Add a plot."""
        return evolve(ctx.data, plots=ctx.data.plots + 1)

    @event(open >> closed, by=HEAD)
    def close(self, ctx: Acting[GardenData], *, reason: Reason) -> GardenData:
        """Close it, and say why."""
        ctx.fire(ctx.children(Lease).in_(Lease.asked, Lease.waiting), Lease.refuse(reason=reason))
        return evolve(ctx.data, reason=reason)


class Lease(Lifecycle[LeaseData], parent=Garden, unique="person"):
    """Somebody leases a plot."""

    asked = State("asked for")
    waiting = State()
    granted = State()
    running = State()
    ended = State(final=True)
    lapsed = State(final=True)
    refused = State(final=True)

    @relation("the leaseholder")
    def the_holder(self, ctx: Context[LeaseData]) -> bool:
        return ctx.actor.id == ctx.data.person

    @relation("the head of the district")
    def the_head(self, ctx: Context[LeaseData]) -> bool:
        return HEAD in ctx.actor.roles

    @guard("The garden is not open.")
    def garden_is_open(self, ctx: Context[Any]) -> bool:
        return ctx.parent(Garden).is_in(Garden.open)

    @guard("All {plots} plots are leased.")
    def plot_is_free(self, ctx: Context[LeaseData]) -> bool | No:
        plots = ctx.parent(Garden).data.plots
        return ctx.siblings(Lease).in_(Lease.granted, Lease.running).count() < plots or No(plots=plots)

    @guard("It is too wet.")
    def is_dry(self, ctx: Context[LeaseData]) -> bool:
        return ctx.ask(Weather).dry()

    @moment
    def last_day(self, ctx: Context[LeaseData]) -> date | None:
        return ctx.data.ends

    @event(START >> asked, by=ANYONE, when=garden_is_open)
    def ask(self, ctx: Context[LeaseData], *, note: str = "") -> LeaseData:
        """Ask for a plot."""
        return LeaseData(person=ctx.actor.id, notes=(note,) if note else ())

    @event(asked >> granted, by=OFFICE, when=plot_is_free)
    def grant(self, ctx: Acting[LeaseData], *, ends: date) -> LeaseData:
        """Grant it."""
        return evolve(ctx.data, granted_on=ctx.today, ends=ends)

    @event(asked >> waiting, by=OFFICE)
    def put_off(self, ctx: Acting[LeaseData], *, rank: int) -> LeaseData:
        """Put it on the waiting list."""
        return evolve(ctx.data, rank=rank)

    @event(waiting >> granted, auto=True, when=plot_is_free)
    def move_up(self, ctx: Context[LeaseData]) -> LeaseData:
        """Move up to a plot that is free."""
        return evolve(ctx.data, granted_on=ctx.today)

    @event((asked | waiting) >> refused, by=OFFICE)
    def refuse(self, ctx: Context[LeaseData], *, reason: Reason) -> LeaseData:
        """Refuse it, and say why."""
        return evolve(ctx.data, notes=(*ctx.data.notes, reason))

    @event(granted >> lapsed, after=days(14))
    def lapse(self, ctx: Context[LeaseData]) -> None:
        """Nobody has taken it."""

    @event(granted >> running, by=the_holder)
    def take(self, ctx: Acting[LeaseData], *, ends: date | None = None) -> LeaseData:
        """Take the plot."""
        ctx.start(Key.hand_out(key=KeyData(ctx.case.id)), parent=ctx.case)
        return evolve(ctx.data, ends=ends or ctx.data.ends)

    @event(running >> STAY, by=(the_holder, OFFICE))
    def note(self, ctx: Context[LeaseData], *, text: str) -> LeaseData:
        """Note something."""
        return evolve(ctx.data, notes=(*ctx.data.notes, text))

    @event(running >> STAY, by=the_head)
    def inspect(self, ctx: Context[LeaseData]) -> None:
        """Inspect the plot."""

    @event(running >> ended, at=last_day)
    def end(self, ctx: Context[LeaseData]) -> None:
        """The lease is over."""

    @event(running >> ended, auto=True, when=is_dry)
    def dry_up(self, ctx: Context[LeaseData]) -> None:
        """Nothing grows there."""


class Key(Lifecycle[KeyData], parent=Lease):
    """A key of a plot."""

    out = State()
    back = State(final=True)

    @event(START >> out, by=OFFICE)
    def hand_out(self, ctx: Context[KeyData], *, key: KeyData) -> KeyData:
        """Hand out a key."""
        return key

    @guard("The lease goes on.")
    def lease_is_over(self, ctx: Context[KeyData]) -> bool:
        return ctx.parent(Lease).is_in(FINAL)

    @event(out >> back, auto=True, when=lease_is_over)
    def give_back(self, ctx: Context[KeyData]) -> None:
        """Give the key back."""


city = Program("gardens", Garden, Lease, Key, zone="Europe/Berlin")
'''

office_1, head_1 = Actor("clerk-17", {Role("office")}), Actor("head-3", {Role("head")})
anna, bert, carl = Actor("anna"), Actor("bert"), Actor("carl")
_numbers = itertools.count()


class Sky:
    """The host's weather."""

    def __init__(self) -> None:
        self.is_dry = False

    def dry(self) -> bool:
        return self.is_dry


@pytest.fixture
def module_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], Any]]:
    """Makes a module of a text."""
    (tmp_path / "modules").mkdir()
    monkeypatch.syspath_prepend(str(tmp_path / "modules"))
    made: list[str] = []

    def module(text: str) -> Any:
        made.append(f"gardens_{next(_numbers)}")
        (tmp_path / "modules" / f"{made[-1]}.py").write_text(text, encoding="utf-8")
        importlib.invalidate_caches()
        return importlib.import_module(made[-1])

    yield module
    for name in made:
        sys.modules.pop(name, None)


class Gardens:
    """The gardens as they are, with a year that was played in them."""

    def __init__(self, here: Any) -> None:
        self.here = here
        self.clock = Clock("2024-03-01 09:00", zone="Europe/Berlin")
        self.sky = Sky()
        self.flow = Flow(here.city, store=MemoryStore(), clock=self.clock, facts={here.Weather: self.sky})
        self.garden = self.flow.start(here.Garden, here.GardenData(), actor=SYSTEM)
        self.flow.fire(self.garden.id, here.Garden.announce(plots=1), actor=office_1)

    def ask(self, who: Actor, **payload: Any) -> Any:
        return self.flow.start(self.here.Lease.ask(**payload), parent=self.garden.id, actor=who)

    def fire(self, case: Any, command: Any, who: Actor) -> None:
        self.flow.fire(case.id, command, actor=who)

    def year(self) -> None:
        """Anna leases and Bert waits; Bert moves up, does not take it, and Carl is refused when the garden closes."""
        lease = self.here.Lease
        first, second = self.ask(anna, note="In the shade."), self.ask(bert)
        self.fire(first, lease.grant(ends=date(2024, 5, 31)), office_1)
        self.fire(second, lease.put_off(rank=1), office_1)
        self.clock.set("2024-03-04 11:00")
        self.fire(first, lease.take(), anna)
        self.fire(first, lease.note(text="The gate is broken."), anna)
        self.clock.set("2024-04-02 08:30")
        self.fire(first, lease.inspect(), head_1)
        self.clock.set("2024-06-03 06:00")  # the lease was over with the first instant of 31 May
        self.flow.run_due()
        self.clock.set("2024-07-01 12:00")
        self.flow.run_due()
        self.ask(carl)
        self.clock.set("2024-07-02 12:00")
        self.fire(self.garden, self.here.Garden.close(reason="Houses will be built."), head_1)


@pytest.fixture
def gardens(module_of: Callable[[str], Any]) -> Gardens:
    played = Gardens(module_of(GARDENS))
    played.year()
    return played


def exported(gardens: Gardens, where: Path, **options: Any) -> Path:
    path = where / "gardens.json"
    export_histories(gardens.flow, path, **options)
    return path


def steps(path: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["steps"]
    return found


def replayed(here: Any, path: Path, sky: Sky | None = None) -> None:
    replay(path, here.city, facts={here.Weather: sky or Sky()})


def differs(here: Any, path: Path, sky: Sky | None = None) -> ReplayDiffers:
    with pytest.raises(ReplayDiffers) as caught:
        replayed(here, path, sky)
    return caught.value


def changed(old: str, new: str) -> str:
    assert GARDENS.count(old) == 1, f"{GARDENS.count(old)} times: {old}"
    return GARDENS.replace(old, new)


# -- whole programmes


def edition(stage: Stage) -> None:
    """Four tandems from the call to the certificates, with a pause, an ending that was late, and a second match."""
    stage.to_running(PAIRS)
    stage.on(date(2022, 10, 4))
    for name in PAIRS:
        stage.meet(name)
    stage.do("mentee-d-03", Mentee.tandem.pause(cause=Cause.ILLNESS, until=date(2022, 11, 30)), office)
    stage.on(CLOSING)
    stage.flow.fire(stage.edition_id, Edition.run.hold_closing(), actor=office)
    stage.do("mentee-k-02", Mentee.certificate.issue(), office)
    stage.clock.forward(days=200)
    stage.flow.run_due()


def test_a_whole_edition_comes_out_as_it_did_and_is_the_same_file_from_every_store(tmp_path: Path) -> None:
    files: list[bytes] = []
    for kind in STORES:
        with opened(kind, tmp_path) as store:
            stage = Stage(store, cities=SMALL)
            edition(stage)
            export_histories(stage.flow, tmp_path / f"{kind}.json")
        files.append((tmp_path / f"{kind}.json").read_bytes())
        replay(tmp_path / f"{kind}.json", cross_mentoring, facts={Staff: Desk()})
    assert len(steps(tmp_path / "memory.json")) > 100
    assert len(set(files)) == 1


def test_a_participation_process_comes_out_as_it_did(tmp_path: Path) -> None:
    stage = city_participation_stage.Stage()
    stage.to_evaluation()
    export_histories(stage.flow, tmp_path / "process.json")
    replay(tmp_path / "process.json", city_participation)


def test_a_leadership_training_comes_out_as_it_did(tmp_path: Path) -> None:
    stage = leadership_training_stage.Stage()
    stage.appoint("leader-1")
    stage.take_all("leader-1")
    stage.days_later(1200)
    export_histories(stage.flow, tmp_path / "training.json")
    replay(tmp_path / "training.json", leadership_training)


def test_roles_that_only_a_relation_asks_for_are_found(tmp_path: Path) -> None:
    """The head of an administration is who has the role of a head, and works there."""
    stage = training_network_stage.Stage()
    stage.approve(stage.report("a-1"), stage.report("b-1"))
    export_histories(stage.flow, tmp_path / "network.json", pseudonyms=False)
    replay(tmp_path / "network.json", training_network, facts={NetworkStaff: stage.desk})


# -- what is exported


def test_what_was_exported_comes_out_as_it_did(gardens: Gardens, tmp_path: Path) -> None:
    replayed(gardens.here, exported(gardens, tmp_path))


def test_timers_that_ran_late_take_effect_at_their_moment(gardens: Gardens, tmp_path: Path) -> None:
    ended = next(step for step in steps(exported(gardens, tmp_path)) if step["event"] == "end")
    assert (ended["due"], ended["at"]) == ("2024-05-30T22:00:00+00:00",) * 2
    assert ended["recorded"] == "2024-06-03T04:00:00+00:00"


def test_the_file_tells_cases_and_steps_in_their_order(gardens: Gardens, tmp_path: Path) -> None:
    path = exported(gardens, tmp_path)
    whole = json.loads(path.read_text(encoding="utf-8"))
    assert (whole["format"], whole["version"]) == ("progflow histories", 1)
    assert whole["cases"][3] == {"id": "case-4", "lifecycle": "gardens.Key", "parent": "case-2"}
    told = [(step["case"], step["event"], step.get("caused_by")) for step in whole["steps"]]
    assert told == [
        ("case-1", "(start)", None),
        ("case-1", "announce", None),
        ("case-2", "ask", None),
        ("case-2", "grant", None),
        ("case-3", "ask", None),
        ("case-3", "put_off", None),
        ("case-2", "take", None),
        ("case-4", "hand_out", "case-2#3"),
        ("case-2", "note", None),
        ("case-2", "inspect", None),
        ("case-2", "end", None),
        ("case-3", "move_up", "case-2#6"),
        ("case-4", "give_back", "case-2#6"),
        ("case-3", "lapse", None),
        ("case-5", "ask", None),
        ("case-1", "close", None),
        ("case-5", "refuse", "case-1#3"),
    ]
    again = exported(gardens, tmp_path, progress=[].append)
    assert json.loads(again.read_text(encoding="utf-8")) == whole


def test_no_id_of_a_person_or_case_is_left_in_the_file(gardens: Gardens, tmp_path: Path) -> None:
    path = tmp_path / "gardens.json"
    names = export_histories(gardens.flow, path)
    text = path.read_text(encoding="utf-8")
    ids = [case.id for kind in gardens.here.city.lifecycles for case in gardens.flow.cases(kind).all()]
    assert not [one for one in ("clerk-17", "head-3", "anna", "bert", "carl", *ids) if one in text]
    assert names == {
        **{"clerk-17": "person-1", "anna": "person-2", "bert": "person-3", "head-3": "person-4", "carl": "person-5"},
        **{one: f"case-{number}" for number, one in enumerate(sorted(ids), 1)},
    }
    (key,) = (step for step in steps(path) if step["event"] == "hand_out")
    assert key["payload"]["key"]["lease"] == key["data"]["lease"] == "case-2"
    assert {step["actor"] for step in steps(path) if "due" in step} == {"system"}


def test_names_can_be_given_also_to_those_who_have_never_acted(gardens: Gardens, tmp_path: Path) -> None:
    path = exported(gardens, tmp_path, pseudonyms={"anna": "person-2", "The gate is broken.": "(a note)"})
    text = path.read_text(encoding="utf-8")
    assert "The gate is broken." not in text
    assert [step["actor"] for step in steps(path) if step["event"] == "ask"] == ["person-2", "person-3", "person-5"]
    replayed(gardens.here, path)


def test_ids_are_kept_when_that_is_wanted(gardens: Gardens, tmp_path: Path) -> None:
    path = exported(gardens, tmp_path, pseudonyms=False)
    assert {step["actor"] for step in steps(path)} == {"system", "clerk-17", "anna", "bert", "head-3", "carl"}
    replayed(gardens.here, path)


def test_one_case_brings_its_whole_family_and_leaves_others_out(gardens: Gardens, tmp_path: Path) -> None:
    other = gardens.flow.start(gardens.here.Garden, gardens.here.GardenData(), actor=SYSTEM)
    lease = gardens.flow.cases(gardens.here.Lease).all()[1]
    read: list[int] = []
    path = exported(gardens, tmp_path, cases=[lease], pseudonyms=False, progress=read.append)
    told = {case["id"] for case in json.loads(path.read_text(encoding="utf-8"))["cases"]}
    assert (len(told), other.id in told, read) == (5, False, [1, 2, 3, 4, 5])
    replayed(gardens.here, path)
    with pytest.raises(UnknownCase):
        exported(gardens, tmp_path, cases=["nobody"])


def test_of_commands_at_one_instant_an_order_is_found_in_which_they_come_out(
    module_of: Callable[[str], Any], tmp_path: Path
) -> None:
    """The garden was closed after somebody had asked, and no history of a case tells that."""
    gardens = Gardens(module_of(GARDENS))
    lease = gardens.ask(anna)
    gardens.fire(lease, gardens.here.Lease.grant(ends=date(2024, 5, 31)), office_1)
    gardens.fire(gardens.garden, gardens.here.Garden.close(reason="Houses will be built."), head_1)
    path = exported(gardens, tmp_path)
    told = [(step["case"], step["event"]) for step in steps(path)]
    assert told[1:] == [("case-1", "announce"), ("case-2", "ask"), ("case-2", "grant"), ("case-1", "close")]
    replayed(gardens.here, path)
    whole = json.loads(path.read_text(encoding="utf-8"))
    whole["steps"][1:] = [whole["steps"][number] for number in (1, 4, 2, 3)]  # as somebody else may have written it
    path.write_text(json.dumps(whole), encoding="utf-8")
    replayed(gardens.here, path)


def test_what_a_host_has_woken_is_woken_again(module_of: Callable[[str], Any], tmp_path: Path) -> None:
    gardens = Gardens(module_of(GARDENS))
    lease = gardens.ask(anna)
    gardens.fire(lease, gardens.here.Lease.grant(ends=date(2024, 5, 31)), office_1)
    gardens.fire(lease, gardens.here.Lease.take(), anna)
    gardens.sky.is_dry = True
    gardens.clock.set("2024-04-01 12:00")
    gardens.flow.wake(lease.id)
    path = exported(gardens, tmp_path)
    assert [step["event"] for step in steps(path)][-2:] == ["dry_up", "give_back"]

    class Later(Sky):
        """It is dry when it is asked for the second time."""

        asked = 0

        def dry(self) -> bool:
            self.asked += 1
            return self.asked > 1

    replayed(gardens.here, path, Later())
    assert "it waits. It is too wet." in str(differs(gardens.here, path))


# -- what has changed since


CHANGES: dict[str, tuple[str, str, str, int, str]] = {
    "a guard added": (
        "granted >> running, by=the_holder)",
        "granted >> running, by=the_holder, when=is_dry)",
        *("refused", 7, "it is refused. It is too wet."),
    ),
    "a role taken away": (
        "open >> closed, by=HEAD",
        "open >> closed, by=OFFICE",
        *("refused", 16, "it is refused. Only for: office."),
    ),
    "a role widened": (
        "asked >> waiting, by=OFFICE",
        "asked >> waiting, by=ANYONE",
        *("who", 6, "person-1 acts as anyone."),
    ),
    "a relation that is another": (
        "return HEAD in ctx.actor.roles",
        "return ctx.actor.id == ctx.data.person",
        *("refused", 10, "it is refused. Only for: the head of the district."),
    ),
    "a timer later": (
        "after=days(14)",
        "after=days(20)",
        *("time", 14, "2024-06-21 00:00  Lease case-3: Nobody has taken it → lapsed"),
    ),
    "a timer much later": (
        "after=days(14)",
        "after=months(2)",
        *("lost", 14, "it does not happen; it is due on 2024-08-01 00:00."),
    ),
    "a timer guarded": (
        "after=days(14))",
        "after=days(14), when=is_dry)",
        *("lost", 14, "it does not happen; it waits. It is too wet."),
    ),
    "a timer taken away": ("after=days(14)", "by=OFFICE", "lost", 14, "it does not happen."),
    "a timer that raises": (
        '        """Nobody has taken it."""\n',
        '        """Nobody has taken it."""\n        raise ValueError("Odd.")\n',
        *("lost", 14, "it does not happen; it raises ValueError: Odd."),
    ),
    "a timer that is new": (
        "running >> STAY, by=the_head",
        "running >> STAY, by=the_head, after=days(20)",
        *("new", 9, "2024-03-25 00:00  Lease case-2: Inspect the plot stays"),
    ),
    "an automatic event that is no longer one": (
        "waiting >> granted, auto=True",
        "waiting >> granted, by=OFFICE",
        *("lost", 12, "it does not happen."),
    ),
    "an automatic event that comes sooner": (
        "is_in(FINAL)",
        "is_in(FINAL, Lease.running)",
        *("time", 13, "2024-03-04 11:00  Key case-4: Give the key back → back"),
    ),
    "a cascade that is lost": (
        "        ctx.fire(ctx.children(Lease).in_(Lease.asked, Lease.waiting), Lease.refuse(reason=reason))\n",
        "",
        *("lost", 17, "it does not happen."),
    ),
    "a cascade to others": (
        "in_(Lease.asked, Lease.waiting)",
        "in_(Lease.waiting)",
        *("lost", 17, "it does not happen."),
    ),
    "a cascade that is new": (
        '        """Put it on the waiting list."""\n',
        '        """Put it on the waiting list."""\n        ctx.fire(ctx.parent(Garden), Garden.add_plot())\n',
        *("new", 6, "2024-03-01 09:00  Garden case-1: Add a plot stays"),
    ),
    "a case that does not begin": (
        "        ctx.start(Key.hand_out(key=KeyData(ctx.case.id)), parent=ctx.case)\n",
        "",
        *("lost", 8, "it does not happen."),
    ),
    "a case that newly begins": (
        '        """Grant it."""\n',
        '        """Grant it."""\n        ctx.start(Key.hand_out(key=KeyData("")), parent=ctx.case)\n',
        *("new", 4, "2024-03-01 09:00  Key a new case: Hand out a key → out"),
    ),
    "a data update that is forgotten": (
        "        return evolve(ctx.data, notes=(*ctx.data.notes, text))",
        "        return None",
        *("data", 9, 'its data are others: notes was ["In the shade.", "The gate is broken."]'),
    ),
    "data that are others": (
        "granted_on=ctx.today, ends=ends",
        "granted_on=ends, ends=ends",
        *("data", 4, 'its data are others: granted_on was "2024-03-01", and today it is "2024-05-31".'),
    ),
    "another default": (
        "number: int = 1",
        "number: int = 2",
        *("payload", 8, "its payload is another: key.number was 1, and today it is 2."),
    ),
    "another target": (
        "running >> ended, at=last_day",
        "running >> lapsed, at=last_day",
        *("state", 11, "2024-05-31 00:00  Lease case-2: The lease is over → lapsed"),
    ),
    "a state that is entered anew": (
        "running >> STAY, by=the_head",
        "running >> running, by=the_head",
        *("state", 10, "2024-04-02 08:30  Lease case-2: Inspect the plot → running"),
    ),
    "an event that left": (
        "def inspect",
        "def look_at",
        *("refused", 10, "it is refused. gardens.Lease has no event 'inspect'."),
    ),
    "an automatic event of another name": (
        "def give_back",
        "def hand_back",
        *("event", 13, "Give the key back → back (the event hand_back, not give_back)"),
    ),
    "a field that is needed": (
        "*, text: str)",
        "*, text: str, page: int)",
        *("refused", 9, "it is refused. The payload of gardens.Lease.note does not fit: page: is missing"),
    ),
    "a rule that raises": (
        "granted_on=ctx.today, ends=ends",
        "granted_on=ctx.today, ends=1 / 0",
        *("failed", 4, "it raises ZeroDivisionError: division by zero"),
    ),
    "another version": (
        "Lifecycle[KeyData], parent=Lease",
        "Lifecycle[KeyData], parent=Lease, version=2",
        *("version", 8, "Key is version 2, and the step was made under version 1."),
    ),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_of_a_rule_is_found_and_told(
    gardens: Gardens, module_of: Callable[[str], Any], tmp_path: Path, name: str
) -> None:
    old, new, sort, number, today = CHANGES[name]
    path = exported(gardens, tmp_path)
    error = differs(module_of(changed(old, new)), path)
    assert (error.sort, error.step) == (sort, number)
    assert today in error.today
    assert str(error).splitlines()[-1] == f"Today:          {error.today}"


def test_a_difference_is_told_with_what_led_there(
    gardens: Gardens, module_of: Callable[[str], Any], tmp_path: Path
) -> None:
    path = exported(gardens, tmp_path)
    error = differs(module_of(changed("after=days(14)", "after=days(20)")), path)
    assert (
        str(error)
        == f"""The history in {path} comes out otherwise today, at step 14.

   1. 2024-03-01 09:00  Garden case-1: Begin → planned (system)
   2. 2024-03-01 09:00  Garden case-1: Announce the plots → open (person-1, office)
   5. 2024-03-01 09:00  Lease case-3: Ask for a plot → asked for (person-3, anyone)
   6. 2024-03-01 09:00  Lease case-3: Put it on the waiting list → waiting (person-1, office)
  12. 2024-05-31 00:00  Lease case-3: Move up to a plot that is free → granted (because of step 11)

It happened:    2024-06-15 00:00  Lease case-3: Nobody has taken it → lapsed (by itself)
Today:          2024-06-21 00:00  Lease case-3: Nobody has taken it → lapsed"""
    )
    assert (error.case, error.lifecycle, error.event) == ("case-3", "gardens.Lease", "lapse")
    again = pickle.loads(pickle.dumps(error))
    assert (str(again), again.step, again.path) == (str(error), 14, path)


def test_what_is_new_is_told_with_what_came_next_instead(
    gardens: Gardens, module_of: Callable[[str], Any], tmp_path: Path
) -> None:
    path = exported(gardens, tmp_path)
    error = differs(module_of(changed("running >> STAY, by=the_head", "running >> STAY, after=days(20)")), path)
    assert "\nIt happened:    2024-04-02 08:30  Lease case-2: Inspect the plot stays (person-4, the head" in str(error)
    assert str(error).splitlines()[-4].startswith("   9. 2024-03-04 11:00  Lease case-2: Note something")
    assert error.history.endswith(", with nothing before it")


def test_a_relation_that_only_has_another_name_is_no_difference(
    gardens: Gardens, module_of: Callable[[str], Any], tmp_path: Path
) -> None:
    path = exported(gardens, tmp_path)
    replayed(module_of(changed('@relation("the leaseholder")', '@relation("who leases it")')), path)


def test_a_rule_that_is_not_touched_by_the_history_is_not_noticed(
    gardens: Gardens, module_of: Callable[[str], Any], tmp_path: Path
) -> None:
    path = exported(gardens, tmp_path)
    replayed(
        module_of(changed("(asked | waiting) >> refused, by=OFFICE", "(asked | waiting) >> refused, by=HEAD")), path
    )


def test_another_answer_of_the_host_is_a_difference(gardens: Gardens, tmp_path: Path) -> None:
    path, sky = exported(gardens, tmp_path), Sky()
    sky.is_dry = True
    error = differs(gardens.here, path, sky)
    assert (error.sort, error.step) == ("new", 7)
    assert "Nothing grows there → ended" in error.today
    with pytest.raises(ReplayDiffers, match="Nobody answers for Weather"):
        replay(path, gardens.here.city)


# -- files


def test_all_files_of_a_directory_are_played(gardens: Gardens, module_of: Callable[[str], Any], tmp_path: Path) -> None:
    where = tmp_path / "histories"
    where.mkdir()
    with pytest.raises(UsageError, match="There are no histories in"):
        replayed(gardens.here, where)
    exported(gardens, where).rename(where / "b.json")
    (where / "a.json").write_bytes((where / "b.json").read_bytes())
    replayed(gardens.here, where)
    error = differs(module_of(changed("after=days(14)", "after=days(20)")), where)
    assert error.path == where / "a.json"


@pytest.mark.parametrize(
    ("edit", "problem"),
    [
        (lambda whole: "{", "holds no histories"),
        (lambda whole: [], "does not say 'progflow histories'"),
        (lambda whole: whole | {"format": "else"}, "does not say 'progflow histories'"),
        (lambda whole: whole | {"version": 2}, "is of version 2 of the format; this progflow reads version 1"),
        (lambda whole: whole | {"steps": {}}, "its 'steps' are no list"),
        (lambda whole: whole | {"steps": [{"case": 1}]}, r"steps\[0\].case: must be text"),
        (lambda whole: whole | {"cases": [{"id": "case-1", "kind": 1}]}, r"cases\[0\].*does not know: kind"),
        (lambda whole: whole | {"cases": whole["cases"] * 2}, "two cases have one id"),
        (lambda whole: whole | {"cases": whole["cases"][1:]}, "names case-1, which is no case"),
        (lambda whole: whole | {"steps": whole["steps"][1:]}, "case-1#2 does not follow the step before it"),
        (lambda whole: whole | {"steps": []}, "case-1 has no step"),
        (lambda whole: edited(whole, 7, caused_by="case-2#9"), "case-2#9, which has not happened before it"),
        (lambda whole: edited(whole, 1, before=None), "has a state before it"),
        (lambda whole: lifecycle(whole, "gardens.Shed"), "has cases of gardens.Shed, which none of the definitions is"),
    ],
)
def test_a_file_that_is_no_history_says_what_is_wrong(
    gardens: Gardens, tmp_path: Path, edit: Callable[[Any], Any], problem: str
) -> None:
    path = exported(gardens, tmp_path)
    whole = edit(json.loads(path.read_text(encoding="utf-8")))
    path.write_text(whole if isinstance(whole, str) else json.dumps(whole), encoding="utf-8")
    with pytest.raises(UsageError, match=problem):
        replayed(gardens.here, path)


def test_a_file_that_is_not_there_is_a_usage_error(gardens: Gardens, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="holds no histories"):
        replayed(gardens.here, tmp_path / "nothing.json")


def edited(whole: Any, number: int, **fields: Any) -> Any:
    whole["steps"][number] |= fields
    return whole


def lifecycle(whole: Any, name: str) -> Any:
    whole["cases"][0]["lifecycle"] = name
    return whole
