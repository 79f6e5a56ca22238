"""A phase that takes its time: everybody's end is counted from one day, and moves only by what was agreed upon."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from attrs import evolve, frozen
from hypothesis import given, settings
from hypothesis import strategies as st

from progflow import (
    OPEN,
    STAY,
    SYSTEM,
    Actor,
    Case,
    Command,
    Context,
    Flow,
    Instant,
    Lifecycle,
    Program,
    Role,
    State,
    UsageError,
    always,
    days,
    derived,
    end_of,
    event,
    guard,
    moment,
    months,
    relation,
)
from progflow.adapters.memory import MemoryStore
from progflow.states.people import OFFICE, Cause
from progflow.states.span import Span, TimedData
from progflow.states.tandem import TandemPhase
from progflow.states.timed import TimedPhase

BERLIN = ZoneInfo("Europe/Berlin")
KICKOFF = date(2022, 8, 15)
LAST_DAY = date(2023, 11, 15)
office, other = Actor("office", {OFFICE}), Actor("other-office", {OFFICE})
mentee = Actor("mentee")
koeln, duesseldorf = Actor("Köln"), Actor("Düsseldorf")


@frozen
class EditionData:
    kickoff: date | None = KICKOFF
    closing: date | None = None
    months: int = 15


class Edition(Lifecycle[EditionData]):
    """What all have in common."""

    running = State(initial=True, resting=True)

    @event(running >> STAY, by=OFFICE)
    def hold_kickoff(self, ctx: Context[EditionData]) -> EditionData:
        """Hold the kick-off."""
        return evolve(ctx.data, kickoff=ctx.today)

    @event(running >> STAY, by=OFFICE)
    def hold_closing(self, ctx: Context[EditionData]) -> EditionData:
        """Hold the closing."""
        return evolve(ctx.data, closing=ctx.today)


@frozen
class MenteeData:
    person: str = "mentee"
    partner: str = "there"
    goals: bool = True


class Mentee(Lifecycle[MenteeData], parent=Edition):
    """Somebody who takes part with a partner."""

    completed = State(final=True)

    @relation("the mentee")
    def the_mentee(self, ctx: Context[MenteeData]) -> bool:
        return ctx.actor.id == ctx.data.person

    @relation("a city")
    def a_city(self, ctx: Context[MenteeData]) -> bool:
        return ctx.actor.id in self.cities(ctx)

    @derived
    def cities(self, ctx: Context[MenteeData]) -> tuple[str, ...]:
        return ("Köln", "Düsseldorf")

    @derived
    def city(self, ctx: Context[MenteeData]) -> str:
        """The city of the actor's seat; who has no other one sits for the city that is one's id."""
        seats = [role.name for role in ctx.actor.roles if role.name in self.cities(ctx)]
        return seats[0] if seats else ctx.actor.id

    @derived
    def length(self, ctx: Context[MenteeData]) -> int:
        return ctx.parent(Edition).data.months

    @moment
    def kickoff(self, ctx: Context[MenteeData]) -> date | None:
        return ctx.parent(Edition).data.kickoff

    @moment
    def closing(self, ctx: Context[MenteeData]) -> date | None:
        return ctx.parent(Edition).data.closing

    @guard("No partner is there.")
    def has_partner(self, ctx: Context[MenteeData]) -> bool:
        return ctx.data.partner != "gone"

    @guard("The partner has not begun.")
    def partner_begins(self, ctx: Context[MenteeData]) -> bool:
        return ctx.data.partner == "there"

    @guard("Her goals have not been reviewed.")
    def goals_reviewed(self, ctx: Context[MenteeData]) -> bool:
        return ctx.data.goals

    tandem = TandemPhase(
        person=the_mentee,
        span=Span(
            since=kickoff,
            lasts=length,
            parties=cities,
            party=city,
            consented_by=a_city,
            closing=closing,
            review_after=months(7),
        ),
        has_partner=has_partner,
        partner_begins=partner_begins,
        completed_when=(goals_reviewed,),
    ).then(completed)

    @event(OPEN >> STAY, by=OFFICE)
    def change(self, ctx: Context[MenteeData], *, partner: str = "there", goals: bool = True) -> MenteeData:
        """Change what the host says of her."""
        return evolve(ctx.data, partner=partner, goals=goals)


class Stay(Lifecycle[MenteeData], parent=Edition):
    """Somebody who stays until a day, with up to two pauses, nobody to consent but the office, and no review."""

    @relation("the guest")
    def the_guest(self, ctx: Context[MenteeData]) -> bool:
        return ctx.actor.id == ctx.data.person

    @moment
    def last_moment(self, ctx: Context[MenteeData]) -> Instant:
        return end_of(date(2022, 12, 31))

    staying = TimedPhase(person=the_guest, span=Span(ends=last_moment, most_pauses=always(2), back_within=always(5)))
    over = State(final=True)
    staying.then(over)


class Stage:
    def __init__(self, kickoff: date | None = KICKOFF, length: int = 15) -> None:
        self.now = datetime(2022, 8, 15, 10, tzinfo=BERLIN)
        program = Program("timed", Edition, Mentee, Stay, zone="Europe/Berlin")
        self.flow = Flow(program, store=MemoryStore(), clock=lambda: self.now.astimezone(UTC))
        self.edition = self.flow.start(Edition, EditionData(kickoff, months=length), actor=SYSTEM)
        self.case = self.flow.start(Mentee, MenteeData(), parent=self.edition, actor=SYSTEM)
        self.stay = self.flow.start(Stay, MenteeData(), parent=self.edition, actor=SYSTEM)

    def on(self, day: date) -> None:
        self.now = datetime.combine(day, time(10), BERLIN)
        self.flow.run_due()

    def do(self, command: Command[MenteeData], actor: Actor = office) -> None:
        self.flow.fire(self.case.id, command, actor=actor)

    def why_not(self, command: Command[MenteeData], actor: Actor = office) -> str:
        return " ".join(one.text for one in self.flow.check(self.case.id, command, actor=actor))

    @property
    def state(self) -> str:
        return self.flow.get(Mentee, self.case).state.path

    @property
    def data(self) -> TimedData:
        return self.flow.get(Mentee, self.case)[Mentee.tandem]

    @property
    def last_day(self) -> date | None:
        due = self.flow.explain(self.case.id, actor=office)["tandem.complete"].due
        return None if due is None else due.astimezone(BERLIN).date() - timedelta(days=1)


@pytest.fixture
def stage() -> Stage:
    return Stage()


def pause(until: date, cause: Cause = Cause.FAMILY) -> Command[MenteeData]:
    return Mentee.tandem.pause(cause=cause, until=until)


# -- the end -------------------------------------------------------------------------------------------------------


def test_it_ends_by_itself_after_its_months_however_late_somebody_came(stage: Stage) -> None:
    stage.on(date(2022, 9, 30))
    late = stage.flow.start(Mentee, MenteeData("late"), parent=stage.edition, actor=SYSTEM)
    stage.on(LAST_DAY)
    assert stage.state == "tandem.active"
    stage.on(LAST_DAY + timedelta(days=1))
    assert stage.state == "completed"
    assert stage.flow.get(Mentee, late).state == Mentee.completed
    assert stage.flow.history(late)[-1].at == datetime(2023, 11, 16, tzinfo=BERLIN)


def test_before_the_kickoff_nothing_counts() -> None:
    stage = Stage(kickoff=None)
    assert stage.last_day is None
    assert stage.why_not(pause(date(2022, 9, 1))) == "It has not begun."
    ask = Mentee.tandem.ask_for_extension(until=date(2024, 1, 1), reason="x")
    assert stage.why_not(ask, mentee) == "Nobody knows yet when it ends."
    stage.on(date(2022, 8, 31))
    stage.flow.fire(stage.edition.id, Edition.hold_kickoff(), actor=office)
    assert stage.last_day == date(2023, 11, 30)


@given(st.dates(KICKOFF, date(2040, 1, 1)), st.integers(1, 60))
def test_months_are_counted_from_the_kickoff_and_never_chained(kickoff: date, length: int) -> None:
    """Invariant 13."""
    assert Stage(kickoff, length).last_day == kickoff + months(length)


@pytest.mark.parametrize(
    ("kickoff", "length", "last"),
    [
        (date(2025, 8, 31), 9, date(2026, 5, 31)),
        (date(2025, 8, 31), 15, date(2026, 11, 30)),
        (date(2025, 5, 31), 9, date(2026, 2, 28)),
        (date(2027, 5, 31), 9, date(2028, 2, 29)),
    ],
)
def test_a_day_that_a_month_lacks_is_its_last(kickoff: date, length: int, last: date) -> None:
    """Invariant 13, by §§ 187(1), 188 BGB."""
    assert Stage(kickoff, length).last_day == last


def test_what_it_needs_beside_its_time_is_waited_for(stage: Stage) -> None:
    stage.do(Mentee.change(goals=False))
    stage.on(date(2023, 12, 1))
    assert stage.state == "tandem.active"
    resting = stage.flow.explain(stage.case.id, actor=office)["tandem.complete"].resting
    assert [one.text for one in resting] == ["Her goals have not been reviewed."]
    stage.do(Mentee.change(goals=True))
    assert stage.state == "completed"


def test_trap_2_the_closing_completes_who_is_near_the_end_and_spares_who_is_not(stage: Stage) -> None:
    second = stage.flow.start(Mentee, MenteeData("second"), parent=stage.edition, actor=SYSTEM)
    stage.do(pause(date(2022, 8, 30)))
    stage.on(date(2023, 11, 7))
    stage.flow.fire(stage.edition.id, Edition.hold_closing(), actor=office)
    assert stage.flow.get(Mentee, second).state == Mentee.completed
    assert stage.state == "tandem.active"
    assert stage.last_day == date(2023, 12, 1)


def test_a_decision_completes_it_within_the_tolerance(stage: Stage) -> None:
    early = Mentee.tandem.complete_early()
    stage.on(date(2023, 10, 31))
    assert stage.why_not(early) == "It can be completed 14 days before 2023-11-15 at the earliest."
    stage.on(date(2023, 11, 1))
    assert "Only for" in stage.why_not(early, mentee)
    stage.do(early)
    assert stage.state == "completed"


def test_what_it_needs_beside_its_time_is_asked_also_where_it_ends_early(stage: Stage) -> None:
    stage.do(Mentee.change(goals=False))
    stage.on(date(2023, 11, 7))
    assert stage.why_not(Mentee.tandem.complete_early()) == "Her goals have not been reviewed."
    stage.flow.fire(stage.edition.id, Edition.hold_closing(), actor=office)
    assert stage.state == "tandem.active"
    stage.do(Mentee.change(goals=True))
    assert stage.state == "completed"


# -- pauses --------------------------------------------------------------------------------------------------------


def test_a_pause_moves_the_end_by_its_days_and_ends_by_itself(stage: Stage) -> None:
    stage.on(date(2022, 11, 1))
    stage.do(pause(date(2022, 11, 30)))
    assert stage.data.pauses[0].resumed is None
    stage.on(date(2022, 12, 24))
    assert (stage.state, stage.last_day) == ("tandem.active", LAST_DAY + timedelta(days=30))
    assert stage.data.pauses[0].resumed == date(2022, 12, 1)


def test_who_goes_on_earlier_has_paused_less(stage: Stage) -> None:
    stage.on(date(2022, 11, 1))
    stage.do(pause(date(2022, 11, 30)))
    stage.on(date(2022, 11, 11))
    stage.do(Mentee.tandem.resume(), mentee)
    assert stage.last_day == LAST_DAY + timedelta(days=10)


def test_a_pause_of_no_time_changes_nothing(stage: Stage) -> None:
    """Invariant 12."""
    before = stage.state, stage.last_day
    stage.do(pause(date(2022, 9, 1)))
    stage.do(Mentee.tandem.resume())
    assert (stage.state, stage.last_day) == before


def test_the_number_and_the_length_of_pauses_are_bounded(stage: Stage) -> None:
    assert stage.why_not(pause(date(2022, 11, 16))) == "A pause ends on 2022-11-15 at the latest, and after today."
    assert stage.why_not(pause(KICKOFF)) == "A pause ends on 2022-11-15 at the latest, and after today."
    stage.do(pause(date(2022, 11, 15)))
    stage.on(date(2023, 1, 1))
    assert stage.why_not(pause(date(2023, 2, 1))) == "No more pauses: 1 may be taken, and there have been so many."


def test_nobody_pauses_oneself_whatever_role_they_have(stage: Stage) -> None:
    herself = Actor("mentee", {OFFICE})
    assert stage.why_not(pause(date(2022, 9, 1)), herself) == "Only for: programme office, but not the mentee."


def test_the_office_may_do_for_somebody_what_the_person_may(stage: Stage) -> None:
    offers = stage.flow.explain(stage.case.id, actor=Actor("nobody"))
    (blocker,) = offers["tandem.drop_out"].reasons
    assert blocker.text == "Only for: the mentee, programme office."


def test_a_pause_can_be_the_end(stage: Stage) -> None:
    stage.do(pause(date(2022, 9, 1), Cause.ILLNESS))
    stage.do(Mentee.tandem.drop_out(reason="It takes longer."), mentee)
    assert (stage.state, stage.data.reason) == ("tandem.dropped_out", "It takes longer.")
    assert "Not possible" in stage.why_not(Mentee.tandem.resume())


def test_other_numbers_are_a_matter_of_the_span(stage: Stage) -> None:
    for until in (date(2022, 8, 20), date(2022, 8, 30)):
        stage.flow.fire(stage.stay.id, Stay.staying.pause(cause=Cause.OTHER, until=until), actor=office)
        stage.on(until + timedelta(days=1))
        stage.flow.fire(stage.stay.id, Stay.staying.resume(), actor=office)
    later = Stay.staying.pause(cause=Cause.OTHER, until=date(2022, 9, 9))
    (blocker,) = stage.flow.check(stage.stay.id, later, actor=office)
    assert blocker.text == "No more pauses: 2 may be taken, and there have been so many."
    offers = stage.flow.explain(stage.stay.id, actor=office)
    assert "staying.review" not in offers
    assert "staying.complete_at_closing" not in offers
    due = offers["staying.complete"].due
    assert due is not None
    assert due.astimezone(BERLIN) == datetime(2023, 1, 17, tzinfo=BERLIN)
    ask = Stay.staying.ask_for_extension(until=date(2023, 2, 1), reason="More to see.")
    stage.flow.fire(stage.stay.id, ask, actor=Actor("mentee", {OFFICE}))
    (blocker,) = stage.flow.check(stage.stay.id, Stay.staying.consent_to_extension(), actor=Actor("mentee", {OFFICE}))
    assert blocker.text == "Only for: programme office, but not the guest."
    stage.flow.fire(stage.stay.id, Stay.staying.consent_to_extension(), actor=office)
    stage.on(date(2023, 2, 2))
    assert stage.flow.get(Stay, stage.stay).state == Stay.over


def test_who_has_to_come_back_by_oneself_is_dropped_out_without_it(stage: Stage) -> None:
    command = Stay.staying.pause(cause=Cause.OTHER, until=date(2022, 8, 20))
    stage.flow.fire(stage.stay.id, command, actor=office)
    stage.on(date(2022, 8, 25))
    assert stage.flow.get(Stay, stage.stay).state == Stay.staying.paused
    assert not stage.flow.check(stage.stay.id, Stay.staying.resume(), actor=office)
    stage.on(date(2022, 8, 26))
    stay = stage.flow.get(Stay, stage.stay)
    assert stay.state == Stay.staying.dropped_out
    assert stay[Stay.staying].reason == "Nobody said in time that it goes on after the pause."


def test_a_span_counts_months_or_names_its_end() -> None:
    with pytest.raises(UsageError, match="since= and lasts=, or ends="):
        Span()
    with pytest.raises(UsageError, match="since= and lasts=, or ends="):
        Span(lasts=always(3))


# -- extensions ----------------------------------------------------------------------------------------------------

LATER = date(2024, 1, 31)


def ask(until: date) -> Command[MenteeData]:
    return Mentee.tandem.ask_for_extension(until=until, reason="The project runs until then.")


def test_an_extension_needs_both_cities(stage: Stage) -> None:
    consent = Mentee.tandem.consent_to_extension()
    nothing = "No extension was asked for that your party has not consented to."
    assert stage.why_not(ask(LAST_DAY), mentee) == "2023-11-15 is not later than the end on 2023-11-15."
    assert stage.why_not(ask(date(2024, 2, 16)), mentee) == "An extension ends on 2024-02-15 at the latest."
    assert stage.why_not(consent, koeln) == nothing
    stage.do(ask(LATER), mentee)
    stage.do(consent, koeln)
    assert (stage.why_not(consent, koeln), stage.last_day) == (nothing, LAST_DAY)
    stage.do(consent, duesseldorf)
    assert (stage.why_not(consent, duesseldorf), stage.last_day) == (nothing, LATER)


def test_a_refused_extension_leaves_the_end_where_it_is(stage: Stage) -> None:
    stage.do(ask(LATER))
    stage.do(Mentee.tandem.consent_to_extension(), koeln)
    stage.do(Mentee.tandem.refuse_extension(reason="No means."), duesseldorf)
    assert stage.last_day == LAST_DAY
    assert stage.data.extension is not None
    assert stage.data.extension.refused_because == "No means."
    assert "No extension" in stage.why_not(Mentee.tandem.consent_to_extension(), duesseldorf)


def test_nobody_consents_for_two_parties_after_a_change_of_seats(stage: Stage) -> None:
    stage.do(ask(LATER))
    stage.do(Mentee.tandem.consent_to_extension(), koeln)
    moved = Actor("Köln", {Role("Düsseldorf")})
    assert "No extension was asked for" in stage.why_not(Mentee.tandem.consent_to_extension(), moved)


def test_what_is_asked_for_anew_is_consented_to_anew(stage: Stage) -> None:
    stage.do(ask(LATER))
    stage.do(Mentee.tandem.consent_to_extension(), koeln)
    stage.do(ask(date(2023, 12, 31)))
    stage.do(Mentee.tandem.consent_to_extension(), duesseldorf)
    assert stage.last_day == LAST_DAY
    stage.do(Mentee.tandem.consent_to_extension(), koeln)
    assert stage.last_day == date(2023, 12, 31)


def grant(stage: Stage, until: date) -> None:
    stage.do(ask(until), mentee)
    for city in (koeln, duesseldorf):
        stage.do(Mentee.tandem.consent_to_extension(), city)


def test_a_pause_after_an_extension_moves_the_later_end(stage: Stage) -> None:
    grant(stage, LATER)
    stage.do(pause(date(2022, 8, 24)))
    stage.on(date(2022, 9, 1))
    assert stage.last_day == LATER + timedelta(days=10)


def test_an_extension_during_a_pause_is_counted_with_its_planned_end(stage: Stage) -> None:
    stage.do(pause(date(2022, 9, 13)))
    assert stage.why_not(ask(date(2023, 12, 15)), mentee) == "2023-12-15 is not later than the end on 2023-12-15."
    grant(stage, date(2023, 12, 20))
    stage.on(date(2022, 8, 20))
    stage.do(Mentee.tandem.resume(), mentee)
    assert stage.last_day == date(2023, 12, 20)


def test_consents_to_what_no_longer_fits_are_refused(stage: Stage) -> None:
    stage.do(pause(date(2022, 9, 13)))
    stage.do(ask(date(2024, 3, 15)), mentee)
    stage.on(date(2022, 8, 20))
    stage.do(Mentee.tandem.resume(), mentee)
    why = stage.why_not(Mentee.tandem.consent_to_extension(), koeln)
    assert why == "What was asked for no longer fits: it ends on 2024-02-20 at the latest."


def test_nobody_consents_to_the_own_extension() -> None:
    stage = Stage()
    stage.case = stage.flow.start(Mentee, MenteeData("Köln"), parent=stage.edition, actor=SYSTEM)
    stage.do(ask(LATER))
    why = stage.why_not(Mentee.tandem.consent_to_extension(), koeln)
    assert why == "Only for: a city, but not the mentee."


# -- partners and the review ---------------------------------------------------------------------------------------


def test_without_a_partner_the_seat_is_kept_and_the_clock_goes_on(stage: Stage) -> None:
    stage.on(date(2022, 11, 1))
    stage.do(Mentee.change(partner="gone"))
    assert (stage.state, stage.last_day) == ("tandem.without_mentor", LAST_DAY)
    stage.do(Mentee.change(partner="found"))
    assert stage.state == "tandem.without_mentor"
    stage.do(Mentee.change(partner="there"))
    assert (stage.state, stage.last_day) == ("tandem.active", LAST_DAY)
    stage.do(Mentee.change(partner="gone"))
    stage.on(date(2023, 11, 16))
    assert stage.state == "completed"


def test_who_waits_for_a_partner_may_pause_and_waits_again(stage: Stage) -> None:
    stage.do(Mentee.change(partner="gone"))
    stage.do(pause(date(2022, 8, 31)))
    stage.on(date(2022, 9, 1))
    assert stage.state == "tandem.without_mentor"


def test_the_review_is_called_for_after_seven_months_and_a_pause_puts_it_off(stage: Stage) -> None:
    stage.do(pause(date(2022, 8, 24)))
    stage.on(date(2023, 3, 25))
    assert not stage.data.review_due
    stage.on(date(2023, 3, 26))
    assert stage.data.review_due
    stage.do(Mentee.tandem.review(), mentee)
    assert (stage.data.review_due, stage.data.reviewed_on) == (False, date(2023, 3, 26))


def test_a_review_that_was_held_before_is_not_called_for(stage: Stage) -> None:
    stage.do(Mentee.tandem.review())
    stage.on(date(2023, 3, 20))
    assert not stage.data.review_due


# -- whatever happens ----------------------------------------------------------------------------------------------

acts = st.lists(
    st.tuples(st.sampled_from(["pause", "resume", "ask", "consent", "lose", "find", "wait"]), st.integers(0, 90)),
    max_size=8,
)


def play(stage: Stage, story: list[tuple[str, int]], *, small: bool) -> None:
    """Each act, and so many days; in small steps of the clock or in one."""
    for act, number in story:
        today = stage.now.date()
        commands: dict[str, list[tuple[Command[MenteeData], Actor]]] = {
            "pause": [(pause(today + days(number)), office)],
            "resume": [(Mentee.tandem.resume(), mentee)],
            "ask": [(ask(LAST_DAY + days(number)), mentee)],
            "consent": [(Mentee.tandem.consent_to_extension(), city) for city in (koeln, duesseldorf)],
            "lose": [(Mentee.change(partner="gone"), office)],
            "find": [(Mentee.change(partner="there"), office)],
        }
        for command, actor in commands.get(act, []):
            if not stage.flow.check(stage.case.id, command, actor=actor):
                stage.do(command, actor)
        for step in range(number) if small else ():
            stage.on(today + timedelta(days=step))
        stage.on(today + timedelta(days=number))
    stage.on(date(2025, 1, 1))


def entries(stage: Stage) -> list[tuple[str, datetime]]:
    return [(one.event, one.at) for one in stage.flow.history(stage.case)]


@settings(max_examples=25, deadline=None)
@given(acts)
def test_one_big_step_of_the_clock_is_as_many_small_ones(story: list[tuple[str, int]]) -> None:
    """Invariant 11."""
    one, many = Stage(), Stage()
    play(one, story, small=False)
    play(many, story, small=True)
    assert entries(one) == entries(many)


@settings(deadline=None)
@given(acts)
def test_active_and_paused_time_make_up_all_time(story: list[tuple[str, int]]) -> None:
    """Invariant 12: it ends so many days later as it was paused, or on the day that was granted."""
    stage = Stage()
    play(stage, story, small=False)
    assert stage.state == "completed"
    last = stage.flow.history(stage.case)[-1].at.astimezone(BERLIN).date() - timedelta(days=1)
    paused = stage.data.days_paused
    if stage.data.extended_until is None:
        assert last == LAST_DAY + timedelta(days=paused)
    else:
        assert LAST_DAY + days(paused) <= last <= LAST_DAY + days(paused) + months(3)


def test_a_case_is_read_with_its_type() -> None:
    stage = Stage()
    case: Case[MenteeData] = stage.flow.get(Mentee, stage.case)
    assert case[Mentee.tandem] == TimedData()
