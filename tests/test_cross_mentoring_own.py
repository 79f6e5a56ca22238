"""A municipality makes the programme its own: a field, a rule, a term, a phase."""

from __future__ import annotations

from datetime import date

from attrs import asdict, evolve, frozen

from cross_mentoring_stage import Stage, office, panel_k, person
from progflow import NEXT, STAY, Context, No, Program, event, guard, weeks
from progflow.adapters.memory import MemoryStore
from progflow.programs.cross_mentoring import (
    Agreement,
    BaseMentee,
    Edition,
    MatchProposal,
    MemberCity,
    Mentee,
    MenteeData,
    Mentor,
    Tandem,
)
from progflow.programs.cross_mentoring.people import OFFICE

PAIRS = {"mentee-k-02": "mentor-d-02", "mentee-d-02": "mentor-k-02"}


@frozen
class OurMenteeData(MenteeData):
    part_time: bool = False


class OurMentee(BaseMentee[OurMenteeData], name="Mentee", version=2):
    """Our mentees may say that they work part time, and keep a seat only with grade A 11 and above."""

    def first_data(self, application: MenteeData) -> OurMenteeData:
        return OurMenteeData(**asdict(application))

    @guard("{city} takes part; applications are taken from Köln alone this year.")
    def city_takes_part(self, ctx: Context[OurMenteeData], *, city: str) -> bool | No:
        return city == "Köln" or No(city=city)

    @event(BaseMentee.before_the_kickoff >> STAY, by=OFFICE)
    def note_part_time(self, ctx: Context[OurMenteeData], *, part_time: bool) -> OurMenteeData:
        """Note whether she works part time."""
        return evolve(ctx.data, part_time=part_time)


class OurTandem(Tandem, name="Tandem"):
    """We remind after four weeks."""

    remind_after = weeks(4)


ours = Program(
    "cross-mentoring",
    Edition,
    OurMentee,
    Mentor,
    MatchProposal,
    Agreement,
    Tandem,
    zone="Europe/Berlin",
)


def our_stage() -> Stage:
    cities = (MemberCity("Köln", "mayor-k", 1), MemberCity("Düsseldorf", "mayor-d", 1))
    return Stage(MemoryStore(), program=ours, mentee=OurMentee, cities=cities)


def test_an_own_field_is_kept_through_all_that_is_inherited() -> None:
    stage = our_stage()
    stage.to_selection(["mentee-k-02"])
    stage.do("mentee-k-02", OurMentee.note_part_time(part_time=True), office)
    stage.select(["mentee-k-02"])
    stage.confirm(["mentee-k-02"])
    case = stage.do("mentee-k-02", OurMentee.withdraw(reason="A new post."), person("mentee-k-02"))
    assert case.data == OurMenteeData(
        person="mentee-k-02",
        city="Köln",
        employer="Köln",
        grade="A 11",
        motivation="To lead one day.",
        withdrawn_because="A new post.",
        part_time=True,
    )


def test_an_overridden_guard_speaks_where_the_inherited_event_asks() -> None:
    stage = our_stage()
    command = OurMentee.apply(city="Düsseldorf", grade="A 11", motivation="To lead.")
    refused = stage.flow.check(command, parent=stage.edition, actor=person("mentee-d-02"))
    assert [reason.text for reason in refused] == [
        "Düsseldorf takes part; applications are taken from Köln alone this year."
    ]


def test_a_guard_that_was_taken_away_still_leaves_the_invariant() -> None:
    class Lax(BaseMentee[MenteeData], name="Mentee"):
        """Here the mentor may come from anywhere, or so it says."""

        @guard("This never says no.")
        def another_city(self, ctx: Context[MenteeData], *, mentor: str) -> bool:
            return True

        def first_data(self, application: MenteeData) -> MenteeData:
            return application

    program = Program("cross-mentoring", Edition, Lax, Mentor, MatchProposal, Agreement, Tandem, zone="Europe/Berlin")
    stage = Stage(MemoryStore(), program=program, mentee=Lax)
    stage.to_matching(["mentee-k-02"], ["mentor-k-02"])
    propose = Lax.propose_match(mentor="mentor-k-02", why="Fits.")
    said = stage.refusal("mentee-k-02", propose, panel_k)
    assert said == "When they were matched, the two worked for different cities."


def test_own_mentees_can_be_asked_for_by_an_own_field_and_share_the_quota() -> None:
    stage = our_stage()
    stage.to_selection(["mentee-k-02", "mentee-k-03"])
    stage.select(["mentee-k-02"])
    stage.do("mentee-k-02", OurMentee.note_part_time(part_time=True), office)
    assert stage.flow.cases(OurMentee).where(part_time=True).one().data.person == "mentee-k-02"
    said = stage.refusal("mentee-k-03", OurMentee.selection.select(rank=2), panel_k)
    assert said == "No seat of Köln is free: 1 of 1 are taken."


def test_a_phase_is_replaced_under_its_name_with_another_term() -> None:
    from progflow.programs.cross_mentoring import Participation

    class Sooner(BaseMentee[MenteeData], name="Mentee"):
        """The review is due after three weeks."""

        tandem = Participation(
            mentee=Mentee.the_mentee, not_about_oneself=Mentee.not_about_oneself, review_after=weeks(3)
        ).then(NEXT, dropped_out=BaseMentee.dropped_out)

        def first_data(self, application: MenteeData) -> MenteeData:
            return application

    program = Program(
        "cross-mentoring", Edition, Sooner, Mentor, MatchProposal, Agreement, Tandem, zone="Europe/Berlin"
    )
    stage = Stage(MemoryStore(), program=program, mentee=Sooner)
    stage.to_running(PAIRS)
    stage.on(date(2022, 9, 6))
    assert stage.who("mentee-k-02")[Sooner.tandem].review_due


def test_the_two_definitions_do_not_share_what_one_of_them_changed() -> None:
    stage = Stage(MemoryStore())
    stage.apply(["mentee-d-02"])
    assert stage.who("mentee-d-02").data == MenteeData(
        "mentee-d-02", "Düsseldorf", "Düsseldorf", "A 11", "To lead one day."
    )
    assert not hasattr(Mentee, "note_part_time")
