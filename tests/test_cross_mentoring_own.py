"""A municipality makes the programme its own: a field, a rule, a term, a phase, a second kind of mentee."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from attrs import evolve, frozen

from cross_mentoring_stage import (
    BERLIN,
    DEADLINE,
    PANEL,
    SMALL,
    Desk,
    Stage,
    offering,
    office,
    panel_d,
    panel_k,
    person,
)
from progflow import OPEN, STAY, Actor, Context, Flow, No, PayloadError, Program, State, event, guard, weeks
from progflow.adapters.memory import MemoryStore
from progflow.programs.cross_mentoring import (
    HEAD,
    OFFICE,
    Agreement,
    BaseEdition,
    BaseMentee,
    Edition,
    EditionData,
    MatchProposal,
    MemberCity,
    Mentee,
    MenteeData,
    Mentor,
    Seminar,
    SeminarPlace,
    Staff,
    Tandem,
)
from progflow.states.bodies import EQUALITY_OFFICER, EqualityOfficer, StaffCouncil
from progflow.states.certificate import Certificate

PAIRS = {"mentee-k-02": "mentor-d-02", "mentee-d-02": "mentor-k-02"}


@frozen(kw_only=True)
class OurMenteeData(MenteeData):
    part_time: bool = False


class OurMentee(BaseMentee[OurMenteeData], name="Mentee", version=2):
    """Our mentees may say that they work part time, and come from Köln."""

    @guard("{city} takes part; applications are taken from Köln alone this year.")
    def city_takes_part(self, ctx: Context[OurMenteeData], *, application: OurMenteeData) -> bool | No:
        return application.city == "Köln" or No(city=application.city)

    @event(BaseMentee.before_the_kickoff >> STAY, by=OFFICE)
    def note_part_time(self, ctx: Context[OurMenteeData], *, part_time: bool) -> OurMenteeData:
        """Note whether she works part time."""
        return evolve(ctx.data, part_time=part_time)


def program(mentee: type[BaseMentee[OurMenteeData]] | type[BaseMentee[MenteeData]]) -> Program:
    kinds = (Edition, mentee, Mentor, MatchProposal, Agreement, Tandem, Seminar, SeminarPlace)
    return Program("cross-mentoring", *kinds, zone="Europe/Berlin")


def our_stage() -> Stage:
    cities = (MemberCity("Köln", "mayor-k", 1), MemberCity("Düsseldorf", "mayor-d", 1))
    return Stage(MemoryStore(), program=program(OurMentee), mentee=OurMentee, data=OurMenteeData, cities=cities)


def test_an_own_field_is_given_with_the_application_and_kept_through_all_that_is_inherited() -> None:
    stage = our_stage()
    application = OurMenteeData(city="Köln", grade="A 11", motivation="To lead.", part_time=True)
    case = stage.flow.start(OurMentee.apply(application=application), parent=stage.edition, actor=person("mentee-k-02"))
    stage.flow.fire(case, OurMentee.application.admit(), actor=office)
    stage.on(date(2022, 5, 3))
    stage.select(["mentee-k-02"])
    stage.confirm(["mentee-k-02"])
    case = stage.do("mentee-k-02", OurMentee.withdrawal.withdraw(reason="A new post."), person("mentee-k-02"))
    assert case.data == OurMenteeData(
        person="mentee-k-02", city="Köln", employer="Köln", grade="A 11", motivation="To lead.", part_time=True
    )
    assert case[OurMentee.withdrawal].reason == "A new post."


def test_what_an_application_says_of_the_applicant_is_not_believed() -> None:
    stage = our_stage()
    application = OurMenteeData(
        person="mentee-k-03", employer="Düsseldorf", city="Köln", grade="A 11", motivation="To lead."
    )
    case = stage.flow.start(OurMentee.apply(application=application), parent=stage.edition, actor=person("mentee-k-02"))
    assert (case.data.person, case.data.employer) == ("mentee-k-02", "Köln")


def test_an_overridden_guard_speaks_where_the_inherited_event_asks() -> None:
    stage = our_stage()
    command = stage.applying("Düsseldorf")
    refused = stage.flow.check(command, parent=stage.edition, actor=person("mentee-d-02"))
    assert [reason.text for reason in refused] == [
        "Düsseldorf takes part; applications are taken from Köln alone this year."
    ]


def test_a_guard_that_was_taken_away_still_leaves_the_invariant() -> None:
    class Lax(BaseMentee[MenteeData], name="Mentee"):
        """Here the mentor may come from anywhere, or so it says."""

        @guard("This never says no.")
        def fits(self, ctx: Context[MenteeData], *, partner: str) -> bool:
            return True

    stage = Stage(MemoryStore(), program=program(Lax), mentee=Lax)
    stage.to_matching(["mentee-k-02"], ["mentor-k-02"])
    propose = Lax.matching.propose(partner="mentor-k-02", why="Fits.")
    said = stage.refusal("mentee-k-02", propose, panel_k)
    assert said == "When they were matched, the two worked for different cities."


def test_own_mentees_can_be_asked_for_by_an_own_field_and_share_the_quota() -> None:
    stage = our_stage()
    stage.to_selection(["mentee-k-02", "mentee-k-03"])
    stage.select(["mentee-k-02"])
    stage.do("mentee-k-02", OurMentee.note_part_time(part_time=True), office)
    assert stage.flow.cases(OurMentee).where(part_time=True).one().data.person == "mentee-k-02"
    said = stage.refusal("mentee-k-03", OurMentee.selection.select(rank=2), panel_k)
    assert said == "No seat is free (Köln): 1 of 1 are taken."


def test_two_kinds_of_mentees_share_seats_ranks_and_the_numbers_of_their_certificates() -> None:
    class Guest(BaseMentee[OurMenteeData]):
        """A woman of a company that the city owns."""

    kinds = (Edition, Mentee, Guest, Mentor, MatchProposal, Agreement, Tandem, Seminar, SeminarPlace)
    both = Program("cross-mentoring", *kinds, zone="Europe/Berlin")
    stage = Stage(MemoryStore(), program=both, cities=SMALL)
    guest = stage.flow.start(
        Guest.apply(application=OurMenteeData(city="Köln", grade="EG 10", motivation="To lead.")),
        parent=stage.edition,
        actor=person("guest-k"),
    )
    stage.do(guest, Guest.application.admit(), office)
    stage.to_matching(["mentee-k-02", "mentee-k-03"], ["mentor-d-02", "mentor-d-03"])
    select = Guest.selection.select(rank=3)
    assert stage.refusal(guest, select, panel_d) == "No seat is free (Köln): 2 of 2 are taken."
    waitlist = Guest.selection.waitlist(rank=2, reason="x")
    assert stage.refusal(guest, waitlist, panel_d) == "Rank 2 has been given (Köln)."
    stage.do("mentee-k-03", Mentee.withdrawal.withdraw(reason="A new post."), office)
    stage.do(guest, select, panel_d)
    stage.do(guest, Guest.selection.confirm(), person("guest-k"))
    stage.do(guest, Guest.matching.propose(partner="mentor-d-03", why="Fits."), panel_k)
    proposal = stage.flow.cases(MatchProposal).where(mentee="guest-k").one()
    for member in (panel_k, panel_d):
        stage.do(proposal, MatchProposal.approval.approve(), member)
    stage.match("mentee-k-02", "mentor-d-02")
    stage.hold_kickoff()
    stage.on(date(2022, 10, 4))
    for name in ("mentee-k-02", "guest-k"):
        stage.meet(name)
    stage.on(date(2023, 11, 16))
    first = stage.do("mentee-k-02", Mentee.certificate.issue(), office)
    second = stage.do(guest, Guest.certificate.issue(), office)
    assert (first[Mentee.certificate].number, second[Guest.certificate].number) == ("2022-001", "2022-002")


def test_a_phase_is_replaced_under_its_name_with_other_people() -> None:
    class Strict(BaseMentee[MenteeData], name="Mentee"):
        """Here the head of administration issues the certificates, and no meeting is counted."""

        certificate = Certificate(
            person=BaseMentee[MenteeData].the_mentee,
            series=BaseMentee[MenteeData].edition_name,
            by=HEAD,
        )

    stage = Stage(MemoryStore(), program=program(Strict), mentee=Strict)
    stage.to_running(PAIRS)
    stage.on(date(2023, 11, 16))
    issue = Strict.certificate.issue()
    assert "Only for: head of administration" in stage.refusal("mentee-k-02", issue, office)
    with pytest.raises(PayloadError):
        Strict.certificate.refuse(reason="")


def test_a_term_of_the_tandem_is_set_in_a_subclass() -> None:
    class OurTandem(Tandem, name="Tandem"):
        """We remind after four weeks."""

        remind_after = weeks(4)

    class OurProposal(MatchProposal, name="MatchProposal"):
        """A match becomes one of our tandems."""

        becomes = OurTandem

    class Ours(BaseMentee[MenteeData], name="Mentee"):
        """A mentee in one of our tandems."""

        proposes = OurProposal

    kinds = (Edition, Ours, Mentor, OurProposal, Agreement, OurTandem, Seminar, SeminarPlace)
    stage = Stage(MemoryStore(), program=Program("cross-mentoring", *kinds, zone="Europe/Berlin"), mentee=Ours)
    stage.to_running(PAIRS)
    stage.on(date(2022, 9, 13))
    assert stage.tandem("mentee-k-02").data.reminders == (date(2022, 9, 13),)


def test_staff_council_and_equality_officer_have_their_say_between_selection_and_matching() -> None:
    class Ours(BaseEdition[EditionData], name="Edition"):
        """With us both are asked about the list of those who were selected."""

        council = StaffCouncil()
        equality = EqualityOfficer().then(BaseEdition.kickoff)

        @event(BaseEdition.selection >> council, by=OFFICE)
        def begin_matching(self, ctx: Context[EditionData]) -> None:
            """Lay the selection before the staff council."""

    kinds = (Ours, Mentee, Mentor, MatchProposal, Agreement, Tandem, Seminar, SeminarPlace)
    now = datetime(2022, 3, 1, 10, tzinfo=BERLIN)
    flow = Flow(
        Program("cross-mentoring", *kinds, zone="Europe/Berlin"),
        store=MemoryStore(),
        clock=lambda: now,
        facts={Staff: Desk()},
    )
    cities = (MemberCity("Köln", "mayor-k", 1), MemberCity("Düsseldorf", "mayor-d", 1))
    planned = Ours.plan(edition=EditionData(name="2022", cities=cities, panel=PANEL))
    edition = flow.start(planned, actor=office).id
    flow.fire(edition, Ours.call.publish(deadline=DEADLINE), actor=office)
    application = MenteeData(city="Köln", grade="A 11", motivation="To lead.")
    mentee = flow.start(Mentee.apply(application=application), parent=edition, actor=person("mentee-k-02")).id
    mentor = flow.start(offering("Düsseldorf"), parent=edition, actor=person("mentor-d-02")).id
    flow.fire(mentee, Mentee.application.admit(), actor=office)
    flow.fire(mentor, Mentor.application.admit(), actor=office)

    now = datetime(2022, 5, 3, 10, tzinfo=BERLIN)
    flow.fire(mentee, Mentee.selection.select(rank=1), actor=panel_k)
    flow.fire(mentee, Mentee.selection.confirm(), actor=person("mentee-k-02"))
    flow.fire(edition, Ours.begin_matching(), actor=office)
    propose = Mentee.matching.propose(partner="mentor-d-02", why="Fits.")
    too_early = ["Matches are made between the selection and the closing."]
    assert [reason.text for reason in flow.check(mentee, propose, actor=panel_k)] == too_early

    now = datetime(2022, 5, 18, 10, tzinfo=BERLIN)  # two weeks without a word of the staff council
    flow.run_due()
    objection = Ours.equality.object(reason="Nobody who works part time was selected.")
    flow.fire(edition, objection, actor=Actor("equality", {EQUALITY_OFFICER}))
    now = datetime(2022, 7, 1, 10, tzinfo=BERLIN)
    flow.run_due()
    assert [reason.text for reason in flow.check(mentee, propose, actor=panel_k)] == too_early

    flow.fire(edition, Ours.equality.decide_again(document="2022/17"), actor=Actor("head", {HEAD}))
    flow.fire(mentee, propose, actor=panel_k)
    assert flow.cases(MatchProposal).one().data.mentee == "mentee-k-02"
    flow.fire(edition, Ours.cancellation.cancel(reason="No money."), actor=Actor("head", {HEAD}))
    assert not flow.cases(Mentee).one().is_open


def test_whatever_stands_under_an_edition_ends_with_an_end_that_a_municipality_has_added() -> None:
    class Ours(BaseEdition[EditionData], name="Edition"):
        """With us an edition may turn out to be illegal."""

        annulled = State(final=True)

        @event(OPEN >> annulled, by=OFFICE)
        def annul(self, ctx: Context[EditionData]) -> None:
            """Annul it."""

    kinds = (Ours, Mentee, Mentor, MatchProposal, Agreement, Tandem, Seminar, SeminarPlace)
    now = datetime(2022, 3, 1, 10, tzinfo=BERLIN)
    program = Program("cross-mentoring", *kinds, zone="Europe/Berlin")
    flow = Flow(program, store=MemoryStore(), clock=lambda: now, facts={Staff: Desk()})
    cities = (MemberCity("Köln", "mayor-k", 1), MemberCity("Düsseldorf", "mayor-d", 1))
    planned = Ours.plan(edition=EditionData(name="2022", cities=cities, panel=PANEL))
    edition = flow.start(planned, actor=office).id
    flow.fire(edition, Ours.call.publish(deadline=DEADLINE), actor=office)
    application = MenteeData(city="Köln", grade="A 11", motivation="To lead.")
    flow.start(Mentee.apply(application=application), parent=edition, actor=person("mentee-k-02"))
    flow.start(offering("Düsseldorf"), parent=edition, actor=person("mentor-d-02"))
    flow.start(Agreement.draft(document="2022/1"), parent=edition, actor=office)
    flow.fire(edition, Ours.annul(), actor=office)
    assert [case.state_title for kind in kinds for case in flow.cases(kind).open().all()] == []
    assert sum(flow.cases(kind).count() for kind in kinds) == 4


def test_the_two_definitions_do_not_share_what_one_of_them_changed() -> None:
    stage = Stage(MemoryStore())
    stage.apply(["mentee-d-02"])
    assert stage.who("mentee-d-02").data == MenteeData(
        person="mentee-d-02",
        city="Düsseldorf",
        employer="Düsseldorf",
        grade="A 11",
        motivation="To lead one day.",
    )
    assert not hasattr(Mentee, "note_part_time")
