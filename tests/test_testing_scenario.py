"""A scenario reads as its story, and where the story is untrue, it is told."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Protocol

import pytest
from attrs import evolve, frozen

from job_shadowing import HR, JobShadowing, Shadowing, colleague, employee, hr
from progflow import (
    ANYONE,
    FINAL,
    OPEN,
    START,
    STAY,
    SYSTEM,
    Acting,
    Actor,
    Blocker,
    ConflictError,
    Context,
    Entry,
    Flow,
    InvariantBroken,
    KeyReused,
    Lifecycle,
    PayloadError,
    Phase,
    Program,
    Reason,
    Refused,
    State,
    UnknownCase,
    UnknownEvent,
    UsageError,
    event,
    guard,
    hours,
    invariant,
    months,
)
from progflow.adapters.memory import MemoryStore
from progflow.adapters.sqlalchemy import SQLAlchemyStore
from progflow.ports import Store
from progflow.testing.clock import Clock
from progflow.testing.scenario import Scenario, StoryCase

REQUEST = JobShadowing.request(department="Archive", starts=date(2026, 4, 1))
MORNING = "2026-03-02 09:00"


@pytest.fixture(params=["memory", "sqlite"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    if request.param == "memory":
        yield MemoryStore()
        return
    with SQLAlchemyStore(f"sqlite:///{tmp_path}/story.db") as sqlite:
        yield sqlite


@pytest.fixture
def story(store: Store) -> Scenario:
    return Scenario(JobShadowing, at=MORNING, zone="Europe/Berlin", store=store)


@pytest.fixture
def stay(story: Scenario) -> StoryCase[Shadowing]:
    return story.given(REQUEST, by=employee)


def untrue(then: Any, *args: Any, **kwargs: Any) -> str:
    """What the error says that the story ends with."""
    with pytest.raises(AssertionError) as caught:
        then(*args, **kwargs)
    return str(caught.value)


# -- a lifecycle that has everything else ---------------------------------------------------------------------------


class Weather(Protocol):
    def is_dry(self) -> bool: ...


class Sky:
    def __init__(self) -> None:
        self.dry = False

    def is_dry(self) -> bool:
        return self.dry


@frozen
class TourData:
    guide: str
    seats: int = 1


@frozen
class WalkData:
    stops: tuple[str, ...] = ()


class Walk(Phase[WalkData]):
    """The walk itself."""

    under_way = State(initial=True)
    paused = State(clock="stopped")

    @event(under_way >> STAY, by=ANYONE)
    def stop(self, ctx: Context[WalkData], *, at: str) -> WalkData:
        """Stop somewhere."""
        return evolve(ctx.data, stops=(*ctx.data.stops, at))

    @event(under_way >> paused, by=ANYONE)
    def pause(self, ctx: Context[WalkData]) -> None:
        """Pause."""


class Tour(Lifecycle[TourData]):
    """A guided tour of the town hall."""

    planned = State("being planned", initial=True)
    walk = Walk()
    over = State(final=True)

    @guard("It rains.")
    def dry(self, ctx: Context[TourData]) -> bool:
        return ctx.ask(Weather).is_dry()

    @guard("There is no seat.")
    def has_seat(self, ctx: Context[TourData]) -> bool:
        return ctx.data.seats > 0

    @event(planned >> walk, auto=True, when=dry)
    def set_off(self, ctx: Context[TourData]) -> None:
        """Set off."""

    @event(walk >> over, after=hours(2))
    def end(self, ctx: Context[TourData]) -> None:
        """Come back."""

    @event(OPEN >> over, by=HR, when=(has_seat, dry))
    def call_off(self, ctx: Acting[TourData], *, reason: Reason) -> None:
        """Call it off."""
        ctx.fire(ctx.children(Guest), Guest.leave())

    @event(planned >> STAY, by=HR)
    def shrink(self, ctx: Context[TourData], *, seats: int) -> TourData:
        """Take seats away."""
        return evolve(ctx.data, seats=seats)

    @invariant("Seats are not negative.")
    def seats_count(self, ctx: Context[TourData]) -> bool:
        return ctx.data.seats >= 0


class Guest(Lifecycle[None], parent=Tour):
    """Somebody comes along."""

    coming = State()
    gone = State(final=True)

    @event(START >> coming, by=ANYONE)
    def come(self, ctx: Context[None]) -> None:
        """Come along."""

    @event(coming >> gone, by=ANYONE)
    def leave(self, ctx: Context[None]) -> None:
        """Leave."""


tours = Program("tours", Tour, Guest, zone="Europe/Berlin")


@pytest.fixture
def sky() -> Sky:
    return Sky()


@pytest.fixture
def walk(store: Store, sky: Sky) -> Scenario:
    return Scenario(tours, at=MORNING, store=store, facts={Weather: sky})


@pytest.fixture
def tour(walk: Scenario) -> StoryCase[TourData]:
    return walk.given(Tour, TourData("guide-1"), by=SYSTEM)


# -- it is played -----------------------------------------------------------------------------------------------------


def test_a_story_is_told_as_it_was_told(story: Scenario) -> None:
    stay = story.given(REQUEST, by=employee)
    story.then(stay, JobShadowing.requested)
    story.then_refused(stay, JobShadowing.approve(), by=employee, because="Only for: hr.")
    story.when(stay, JobShadowing.approve(), by=hr)
    story.then_due(stay, JobShadowing.begin, on="2026-04-01")
    story.on("2026-04-01")
    story.then(stay, JobShadowing.running)
    story.when(stay, JobShadowing.note(text="Found the fire code of 1911."), by=employee)
    story.then_has(stay, department="Archive", diary=("Found the fire code of 1911.",))
    story.after(days=15)
    story.then(stay, JobShadowing.finished)


def test_a_case_of_the_story_is_always_as_it_is_now(story: Scenario, stay: StoryCase[Shadowing]) -> None:
    before = stay.case
    assert story.when(stay, JobShadowing.approve(), by=hr).id == stay.id
    story.on("2026-04-01")
    story.when(stay, JobShadowing.note(text="One."), by=employee)
    assert (stay.data.diary, stay.state, stay.events) == (
        ("One.",),
        JobShadowing.running,
        ["request", "approve", "begin", "note"],
    )
    assert stay.is_in(JobShadowing.running)
    assert stay.visited(JobShadowing.approved)
    assert stay.due(JobShadowing.finish) == stay.due("finish") == datetime(2026, 4, 15, 22, tzinfo=UTC)
    assert (stay.parent, stay.links, stay.lifecycle) == (None, {}, JobShadowing)
    assert repr(stay) == f"<JobShadowing {stay.id} running r4>"
    assert before.state is JobShadowing.requested


def test_everything_can_also_be_said_by_name(story: Scenario) -> None:
    stay = story.given("JobShadowing.request", {"department": "Archive", "starts": "2026-04-01"}, by=employee)
    story.then_allowed(stay, "approve", {}, by=hr)
    story.then_refused(stay, "approve", {}, by=employee, because="who")
    story.when(stay, "approve", {}, by=hr)
    story.then_due(stay, "begin", on=date(2026, 4, 1))
    story.then_fails(
        PayloadError, stay, "decline", {"reason": " ", "why": 1}, by=hr, because="reason: must not be blank"
    )
    story.then_fails(PayloadError, "JobShadowing.request", {}, by=hr, because="department")
    story.then(stay, JobShadowing.approved)


def test_cases_have_parents_and_links_and_begin_with_data(walk: Scenario, tour: StoryCase[TourData]) -> None:
    guest = walk.given(Guest.come(), by=employee, parent=tour, links={"friend": tour})
    other = walk.given("tours.Guest.come", {}, by=employee, parent=tour.case, links={"friend": guest.case})
    third = walk.given(Guest.come(), by=employee, parent=tour.id)
    assert [guest.parent, other.parent, third.parent] == [tour.id] * 3
    assert (guest.links, other.links) == ({"friend": tour.id}, {"friend": guest.id})
    walk.then_allowed(Guest.come(), by=employee, parent=tour, links={"friend": guest})
    walk.then_has(tour, guide="guide-1", seats=1)


def test_a_case_that_came_about_by_itself_joins_the_story(story: Scenario, stay: StoryCase[Shadowing]) -> None:
    found = story.the(story.flow.cases(JobShadowing).where(department="Archive"))
    assert (found.id, found.data) == (stay.id, stay.data)
    assert story.the(stay.case).id == stay.id
    with pytest.raises(UsageError, match="0 cases"):
        story.the(story.flow.cases(JobShadowing).where(department="Attic"))


def test_time_stands_still_until_the_story_goes_on(story: Scenario, stay: StoryCase[Shadowing]) -> None:
    story.when(stay, JobShadowing.approve(), by=hr)
    story.clock.set("2026-04-01 08:30:15")
    assert stay.state is JobShadowing.approved  # nobody has called run_due
    story.on("2026-04-01 08:30:16")
    story.then(stay, JobShadowing.running)
    assert story.clock.now.isoformat() == "2026-04-01T08:30:16+02:00"
    story.after(months(1))
    assert story.clock.now.isoformat() == "2026-05-01T08:30:16+02:00"
    with pytest.raises(UsageError, match="before the clock's present"):
        story.on("2026-05-01")


def test_what_the_host_knows_can_change(walk: Scenario, tour: StoryCase[TourData], sky: Sky) -> None:
    walk.then_rests(tour, Tour.set_off, because="It rains.")
    walk.then_rests(tour, "set_off", because="dry")
    sky.dry = True
    walk.then(tour, Tour.planned)
    walk.wake(tour)
    walk.then(tour, Tour.walk)
    walk.then_due(tour, Tour.end, on="2026-03-02 11:00")
    walk.when(tour, Tour.walk.stop(at="the cellar"), by=employee)
    walk.then_has(tour, Tour.walk, stops=("the cellar",))
    assert tour[Tour.walk].stops == ("the cellar",)


def test_a_story_can_be_played_on_a_flow_that_is_there_already(store: Store) -> None:
    clock = Clock(MORNING, zone="Europe/Berlin")
    flow = Flow(JobShadowing, store=store, clock=clock, zone="Europe/Berlin")
    early = flow.start(REQUEST, actor=employee)
    story = Scenario.of(flow, clock)
    assert (story.flow, story.clock) == (flow, clock)
    story.when(early, JobShadowing.approve(), by=hr)
    flow.fire(early.id, JobShadowing.decline(reason="Flood."), actor=hr)
    assert story.told().count("\n") == 1


def test_a_story_counts_days_where_its_program_does(tmp_path: Path) -> None:
    assert str(Scenario(tours, at=MORNING, facts={}).clock.zone) == "Europe/Berlin"
    assert str(Scenario(JobShadowing, at=MORNING).clock.zone) == "UTC"
    assert str(Scenario(tours, at=MORNING, zone="America/Lima").clock.zone) == "America/Lima"


def test_a_story_can_be_told_in_another_language() -> None:
    story = Scenario(JobShadowing, at=MORNING, language="de")
    stay = story.given(REQUEST, by=employee)
    story.then_refused(stay, JobShadowing.approve(), by=employee, because="Nur für: hr.")


def test_a_retry_of_the_story_is_harmless(story: Scenario) -> None:
    stay, again = (story.given(REQUEST, by=employee, key="form-1") for _ in range(2))
    assert stay.id == again.id
    for _ in range(2):
        story.when(stay, JobShadowing.approve(), by=hr, key="form-2")
    assert stay.events == ["request", "approve"]
    other = JobShadowing.decline(reason="Flood.")
    story.then_fails(KeyReused, stay, other, by=hr, key="form-2", because="used before")


def test_a_value_that_was_read_before_may_be_stale(story: Scenario, stay: StoryCase[Shadowing]) -> None:
    before = stay.case
    story.when(before, JobShadowing.approve(), by=hr)
    story.then_fails(ConflictError, before, JobShadowing.decline(reason="Flood."), by=hr, because="moved on")
    story.then(before, JobShadowing.approved)


# -- refusals ----------------------------------------------------------------------------------------------------------


def test_a_refusal_is_known_by_the_code_or_by_a_part_of_the_text_of_every_reason(
    walk: Scenario, tour: StoryCase[TourData]
) -> None:
    walk.when(tour, Tour.shrink(seats=0), by=hr)
    off = Tour.call_off(reason="Rain.")
    error = walk.then_refused(tour, off, by=hr, because=("has_seat", "dry"))
    assert [reason.code for reason in error.reasons] == ["has_seat", "dry"]
    walk.then_refused(tour, off, by=hr, because=["It rains", "There is no seat."])
    for because in ("dry", "has_seat", ("dry", "has_seat", "who"), "", "r", ()):
        said = untrue(walk.then_refused, tour, off, by=hr, because=because)
        assert "There is no seat. (has_seat); It rains. (dry)" in said, because


def test_a_beginning_is_refused_too(walk: Scenario, tour: StoryCase[TourData], sky: Sky) -> None:
    sky.dry = True
    walk.when(tour, Tour.call_off(reason="Rain."), by=hr)
    walk.then_refused(Guest.come(), by=employee, parent=tour, because="parent")
    walk.then_refused("tours.Guest.come", {}, by=employee, parent=tour.id, because="has ended")
    walk.then_refused(Tour, TourData("guide-2", seats=-1), by=SYSTEM, because="Seats are not negative.")
    told = walk.told().splitlines()[-1]
    assert told.endswith('system     Tour: Begin (guide: "guide-2", seats: -1) – refused: Seats are not negative.')


def test_cascades_and_broken_rules_are_refusals(walk: Scenario, tour: StoryCase[TourData]) -> None:
    error = walk.then_refused(tour, Tour.shrink(seats=-1), by=hr, because="seats_count")
    assert isinstance(error, InvariantBroken)
    walk.then_fails(InvariantBroken, tour, Tour.shrink(seats=-1), by=hr)


def test_a_late_refusal_may_catch_up_what_was_overdue(story: Scenario, stay: StoryCase[Shadowing]) -> None:
    story.when(stay, JobShadowing.approve(), by=hr)
    story.clock.set("2026-04-02")
    story.then_refused(stay, JobShadowing.decline(reason="Flood."), by=hr, because="state")
    story.then(stay, JobShadowing.running)


def test_what_is_refused_must_change_nothing(story: Scenario, stay: StoryCase[Shadowing]) -> None:
    @story.flow.refused.connect
    def meddle(sender: Any, *, error: Refused, actor: Actor) -> None:
        if actor is colleague:
            story.flow.fire(stay.id, JobShadowing.approve(), actor=hr)

    said = untrue(story.then_refused, stay, JobShadowing.approve(), by=colleague, because="who")
    assert said.startswith("JobShadowing.approve by emp-2 came to nothing, and yet changed JobShadowing.\n")


def test_what_is_refused_must_be_foretold(story: Scenario, stay: StoryCase[Shadowing]) -> None:
    @story.flow.transitioning.connect
    def veto(sender: Any, *, entry: Entry, host: object) -> None:
        raise Refused(event="JobShadowing.approve", reasons=(Blocker("veto", {}, "Not today."),), case=entry.case)

    said = untrue(story.then_refused, stay, JobShadowing.approve(), by=hr, because="veto")
    assert said.startswith(
        "JobShadowing.approve by hr-1 is refused: Not today.\nBut check said: that nothing is against it\n"
    )


# -- what is untrue ---------------------------------------------------------------------------------------------------


def test_an_untrue_place_is_told_with_the_story_so_far(story: Scenario, stay: StoryCase[Shadowing]) -> None:
    story.when(stay, JobShadowing.approve(), by=hr)
    story.on("2026-03-20")
    story.then_refused(stay, JobShadowing.note(text="Hello."), by=employee, because="state")
    said = untrue(story.then, stay, JobShadowing.running, JobShadowing.finished)
    assert said.splitlines() == [
        "JobShadowing should be in “running” or “finished”. It is in “approved”.",
        "",
        "The story so far:",
        '1. 2026-03-02 09:00  emp-1 (anyone)  JobShadowing: Ask for a stay (department: "Archive", '
        "starts: 2026-04-01) → requested",
        "2. 2026-03-02 09:00  hr-1 (hr)       JobShadowing: Agree to the stay → approved",
        "3. 2026-03-20 00:00                  Time has passed.",
        "4. 2026-03-20 00:00  emp-1           JobShadowing: Write into the diary of the stay "
        '(text: "Hello.") – refused: Not possible in the state “approved”, only in: running.',
        "It is 2026-03-20 00:00 now.",
    ]


def test_places_are_told_in_the_words_of_the_program(walk: Scenario, tour: StoryCase[TourData]) -> None:
    def first_line(*where: Any) -> str:
        return untrue(walk.then, tour, *where).splitlines()[0]

    assert first_line(Tour.walk) == "Tour should be in “walk”. It is in “being planned”."
    assert "“walk: paused”" in first_line(Tour.walk.paused)
    assert "in “walk: under way” or “over”." in first_line(Tour.walk.under_way | Tour.over)
    assert "in “over”." in first_line(FINAL)


def test_untrue_data_are_told_all_at_once(walk: Scenario, tour: StoryCase[TourData]) -> None:
    said = untrue(walk.then_has, tour, guide="guide-2", seats=1, rooms=3)
    assert said.splitlines()[:2] == [
        "Tour should have guide='guide-2'. It has 'guide-1'.",
        "Tour should have rooms=3. TourData has no field of that name.",
    ]
    assert "should have stops=('x',). It has ()." in untrue(walk.then_has, tour, Tour.walk, stops=("x",))


def test_an_untrue_moment_is_told(story: Scenario, stay: StoryCase[Shadowing]) -> None:
    begin = JobShadowing.begin
    story.then_due(stay, begin, on=None)
    assert "begin should be due on 2026-04-01. It is not due." in untrue(story.then_due, stay, begin, on="2026-04-01")
    story.when(stay, JobShadowing.approve(), by=hr)
    for right in ("2026-04-01", date(2026, 4, 1), "2026-04-01 00:00", datetime(2026, 3, 31, 22, tzinfo=UTC)):
        story.then_due(stay, begin, on=right)
    for wrong in ("2026-03-31", date(2026, 4, 2), "2026-04-01 00:01", datetime(2026, 4, 1, tzinfo=UTC), None):
        said = untrue(story.then_due, stay, begin, on=wrong)
        assert ("should not be due" in said) == (wrong is None)
        assert "It is due on 2026-04-01 00:00." in said
    with pytest.raises(UnknownEvent, match="has no event 'start'"):
        story.then_due(stay, "start", on=None)


def test_what_does_not_rest_is_told(walk: Scenario, tour: StoryCase[TourData], sky: Sky) -> None:
    said = untrue(walk.then_rests, tour, Tour.set_off, because="It snows.")
    assert "Tour set_off should rest because of 'It snows.'. It is: It rains. (dry)" in said
    sky.dry = True
    walk.wake(tour)
    assert "It is: for no reason" in untrue(walk.then_rests, tour, Tour.set_off, because="dry")


def test_what_is_offered_is_all_that_is_offered(story: Scenario, stay: StoryCase[Shadowing]) -> None:
    story.then_offered(stay, JobShadowing.approve, "decline", by=hr)
    story.then_offered(stay, by=employee)
    said = untrue(story.then_offered, stay, JobShadowing.approve, by=hr)
    assert "should offer approve to hr-1. It offers approve, decline." in said
    assert "should offer nothing to hr-1." in untrue(story.then_offered, stay, by=hr)


def test_what_is_not_allowed_is_told(story: Scenario, stay: StoryCase[Shadowing]) -> None:
    story.then_allowed(stay, JobShadowing.approve(), by=hr)
    story.then_allowed(REQUEST, by=colleague)
    assert stay.events == ["request"]
    said = untrue(story.then_allowed, stay, JobShadowing.approve(), by=employee)
    assert "JobShadowing.approve by emp-1 should be allowed. It is not: Only for: hr." in said


def test_what_goes_through_is_no_refusal(story: Scenario, stay: StoryCase[Shadowing]) -> None:
    said = untrue(story.then_refused, stay, JobShadowing.approve(), by=hr, because="who")
    assert said.startswith("JobShadowing.approve by hr-1 should end with Refused. It goes through.\n")
    assert "Agree to the stay → approved" in said


def test_an_error_of_another_kind_is_told(story: Scenario, stay: StoryCase[Shadowing]) -> None:
    said = untrue(story.then_fails, ConflictError, stay, "decline", {"reason": ""}, by=hr)
    assert "should end with ConflictError. It ends with PayloadError: The payload of" in said
    assert 'JobShadowing: Decline, and say why (reason: "") – comes to nothing: The payload of' in said
    said = untrue(story.then_fails, PayloadError, stay, "decline", {"reason": ""}, by=hr, because="too long")
    assert "should fail because of 'too long'. It says: The payload of" in said


def test_a_step_that_is_refused_tells_the_story_beside_its_error(story: Scenario, stay: StoryCase[Shadowing]) -> None:
    with pytest.raises(Refused, match="Only for: hr") as caught:
        story.when(stay, JobShadowing.approve(), by=colleague)
    (note,) = caught.value.__notes__
    assert note.splitlines()[0] == "The story so far:"
    assert "emp-2           JobShadowing: Agree to the stay – refused: Only for: hr." in note
    with pytest.raises(UnknownCase) as unknown:
        story.given(REQUEST, by=employee, parent="nobody")
    assert len(unknown.value.__notes__) == 1
    with pytest.raises(UnknownEvent) as mistaken:
        story.when(stay, "aprove", {}, by=hr)
    assert len(mistaken.value.__notes__) == 1


def test_in_a_with_block_every_error_tells_the_story_once(story: Scenario) -> None:
    def lived(end: Any) -> list[str]:
        with pytest.raises(Exception) as caught, story:  # noqa: PT011
            end(story.given(REQUEST, by=employee))
        return [str(caught.value), *getattr(caught.value, "__notes__", ())]

    def plainly(stay: StoryCase[Shadowing]) -> None:
        assert stay.data.diary == ("x",), "the diary"

    def by_then(stay: StoryCase[Shadowing]) -> None:
        story.then(stay, JobShadowing.running)

    def by_when(stay: StoryCase[Shadowing]) -> None:
        story.when(stay, JobShadowing.approve(), by=employee)

    for end in (plainly, by_then, by_when):
        assert "".join(lived(end)).count("The story so far:") == 1, end
    heard = len(story.flow.transitioned.receivers)
    assert heard == 0


# -- it is told -------------------------------------------------------------------------------------------------------


def test_cases_are_told_by_their_names(walk: Scenario, sky: Sky) -> None:
    tour = walk.given(Tour, TourData("guide-1", 2), by=SYSTEM, called="the tour")
    walk.given(Guest.come(), by=employee, parent=tour, called="the first guest")
    walk.given(Guest.come(), by=colleague, parent=tour)
    sky.dry = True
    walk.wake(tour)
    walk.when(tour, Tour.call_off(reason="A flood."), by=hr)
    assert walk.told().splitlines() == [
        '1. 2026-03-02 09:00  system               the tour: Begin (guide: "guide-1", seats: 2) → being planned',
        "2. 2026-03-02 09:00  emp-1 (anyone)       the first guest: Come along → coming",
        "3. 2026-03-02 09:00  emp-2 (anyone)       Guest 2: Come along → coming",
        "4. 2026-03-02 09:00                       What the host knows has changed.",
        "5. 2026-03-02 09:00  system               the tour: Set off → walk: under way",
        '6. 2026-03-02 09:00  hr-1 (hr)            the tour: Call it off (reason: "A flood.") → over',
        "7. 2026-03-02 09:00  because of the tour  the first guest: Leave → gone",
        "8. 2026-03-02 09:00  because of the tour  Guest 2: Leave → gone",
    ]


def test_what_the_flow_does_beside_the_story_is_told_too(story: Scenario, stay: StoryCase[Shadowing]) -> None:
    story.flow.fire(stay.id, JobShadowing.approve(), actor=hr)
    story.clock.set("2026-04-01")
    story.flow.run_due()
    assert len(story.told().splitlines()) == 3
    assert "by itself" in story.told()
