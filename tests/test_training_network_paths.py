"""The training network: what may go wrong, who may not do what, and that everything that can happen has happened."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from coverage_of import Coverage
from progflow import Actor, PayloadError, Refused
from progflow.programs.training_network import (
    PERSONNEL,
    Agreement,
    AgreementData,
    Course,
    Group,
    Initiator,
    Kind,
    Member,
    Need,
    NeedData,
    Network,
    NetworkData,
    Place,
    Rules,
    Talk,
    TalkData,
    participation,
    training_network,
)
from progflow.states.binding import LeavingCause
from progflow.states.people import Cause
from training_network_stage import (
    ENDS,
    EXCEL,
    STARTS,
    Stage,
    carrier,
    employee,
    head,
    personnel,
    superior,
)

COURSE_DAY = date(2013, 1, 15)


@pytest.fixture
def coverage() -> Coverage:
    return Coverage()


# -- the network and its members


def test_the_network_waits_for_the_social_partners(coverage: Coverage) -> None:
    stage = Stage(coverage, begun=False)
    stage.on(date(2012, 10, 20))
    assert stage.state(stage.network) == "preparing"
    stage.do(stage.network, Network.record_agreement(document="S-1"), carrier)
    assert stage.state(stage.network) == "running"


def test_the_network_can_run_longer_but_not_shorter(coverage: Coverage) -> None:
    stage = Stage(coverage)
    with pytest.raises(Refused, match="ends on 2014-12-31 already"):
        stage.do(stage.network, Network.extend(until=ENDS, reason="-"), carrier)
    stage.do(stage.network, Network.extend(until=date(2015, 3, 31), reason="Courses were late."), carrier)
    stage.on(date(2015, 3, 31))
    assert stage.state(stage.network) == "running"
    stage.on(date(2015, 4, 1))
    assert stage.state(stage.network) == "over"
    with pytest.raises(Refused, match="takes up nobody"):
        stage.invite("C")


def test_a_network_ends_after_it_starts(coverage: Coverage) -> None:
    stage = Stage(coverage)
    wrong = NetworkData(name="N", starts=ENDS, ends=STARTS)
    with pytest.raises(Refused, match="end before it starts"):
        stage.flow.start(Network.found(network=wrong), actor=carrier)


def test_only_its_own_head_brings_an_administration_in_and_each_is_in_once(coverage: Coverage) -> None:
    stage = Stage(coverage)
    stage.invite("C")
    with pytest.raises(Refused, match="Only for"):
        stage.do(stage.member("C"), Member.join(declaration="D"), head("A"))
    with pytest.raises(Refused):
        stage.invite("C")
    stage.do(stage.member("C"), Member.decline(reason="No staff for it."), head("C"))
    stage.invite("C")  # who has declined may be asked again
    assert stage.state(stage.member("C")) == "invited"


def test_an_administration_that_rests_begins_nothing_new_but_its_talks_stay_due(coverage: Coverage) -> None:
    stage = Stage(coverage)
    talk, need = stage.take_up("a-1"), stage.report("a-1")
    stage.do(stage.member("A"), Member.rest(reason="Merger."), head("A"))
    with pytest.raises(Refused, match="A does not take part"):
        stage.report("a-2")
    with pytest.raises(Refused, match="does not take part"):
        stage.draft("a-1")
    stage.on(date(2013, 10, 2))
    assert (stage.state(talk), stage.state(need)) == ("talk.due", "reported")
    stage.do(stage.member("A"), Member.resume(), head("A"))
    stage.report("a-2")


def test_an_administration_that_leaves_takes_its_needs_and_places_along_and_keeps_its_agreements(
    coverage: Coverage,
) -> None:
    stage = Stage(coverage)
    talk, in_force, unsigned = stage.take_up("a-1"), stage.agree("a-1"), stage.draft("a-2")
    theirs, waiting = stage.report("a-1"), stage.report("b-1")
    stage.approve(theirs, waiting)
    course = stage.announce(COURSE_DAY, capacity=1)
    assert stage.state(course) == "occasion.full"
    stage.do(stage.member("A"), Member.leave(reason="Too expensive."), head("A"))
    assert (stage.state(theirs), stage.state(stage.place("a-1"))) == ("lapsed", "fallen_away")
    assert stage.state(stage.place("b-1")) == "attendance.registered"  # the seat goes to the next
    assert (stage.state(talk), stage.state(unsigned)) == ("ending.ended", "ending.ended")
    assert stage.state(in_force) == "binding.in_force"


def test_a_cancelled_network_leaves_nothing_behind_but_what_was_earned(coverage: Coverage) -> None:
    """Invariant 14."""
    stage = Stage(coverage)
    earned, other, late = stage.report("a-1"), stage.report("b-1"), stage.report("b-2", "Law")
    stage.approve(earned, other)
    course = stage.announce(COURSE_DAY)
    stage.on(COURSE_DAY)
    stage.hold(course, absent=("b-1",))
    stage.report("a-3", "Law")
    stage.approve(late)
    next_course = stage.announce(date(2013, 3, 1), topic="Law")
    stage.do(stage.network, Network.cancellation.cancel(reason="The funds were cut."), carrier)
    assert stage.state(earned) == "covered.overdue"
    ended = (other, late, next_course, stage.member("A"), stage.place("b-2"))
    assert [stage.state(case) for case in ended[:4]] == ["ending.ended"] * 4
    assert not stage.now_is(ended[4]).is_open
    number = stage.do(earned, Need.covered.issue(), personnel("A"))[Need.covered].number
    assert number == "Network A-001"


# -- talks


def test_the_talk_comes_yearly_unless_something_else_is_agreed_upon(coverage: Coverage) -> None:
    """TVöD § 5."""
    stage = Stage(coverage)
    yearly, half, other = stage.take_up("a-1"), stage.take_up("a-2", every=6), stage.take_up("a-3")
    stage.do(other, Talk.agree_interval(every=24), personnel("A"))
    stage.on(date(2013, 4, 2))
    assert [stage.state(talk) for talk in (yearly, half, other)] == ["talk.ahead", "talk.due", "talk.ahead"]
    stage.on(date(2013, 10, 2))
    assert [stage.state(talk) for talk in (yearly, other)] == ["talk.due", "talk.ahead"]


def test_the_talk_is_due_during_leave_too(coverage: Coverage) -> None:
    stage = Stage(coverage)
    talk = stage.take_up("a-1")
    stage.on(date(2013, 10, 2))
    assert stage.state(talk) == "talk.due"
    assert not any(state.stopped for state in Talk.__progflow__.blueprint.states.values())  # nothing suspends it


def test_a_talk_that_nobody_holds_is_missed_and_escalated_and_can_still_be_held(coverage: Coverage) -> None:
    stage = Stage(coverage)
    talk = stage.take_up("a-1")
    stage.on(date(2013, 10, 2))
    stage.do(talk, Talk.talk.invite(on=date(2013, 10, 20)), employee("a-1"))  # the employee may ask for it
    stage.on(date(2013, 11, 27))
    assert stage.state(talk) == "talk.missed"
    stage.on(date(2013, 12, 25))
    assert stage.state(talk) == "talk.escalated"
    for nobody in (superior("B"), employee("a-1"), personnel("A")):
        with pytest.raises(Refused, match="Only for"):
            stage.do(talk, Talk.talk.hold(on=date(2013, 12, 20)), nobody)
    stage.do(talk, Talk.talk.hold(on=date(2013, 12, 20)), superior("A"))
    assert stage.state(stage.do(talk, Talk.talk.document(record="T-1"), superior("A"))) == "talk.documented"


def test_a_group_talk_is_held_for_several_at_once_and_an_early_one_moves_the_next(coverage: Coverage) -> None:
    stage = Stage(coverage)
    talks = [stage.take_up(f"a-{number}") for number in (1, 2, 3)]
    stage.on(date(2013, 3, 4))
    report = stage.flow.fire_all(talks, Talk.talk.hold(on=date(2013, 3, 4)), actor=superior("A"))
    assert len(report.moved) == 3
    stage.on(date(2014, 3, 4))
    assert {stage.state(talk) for talk in talks} == {"talk.held"}
    stage.on(date(2014, 3, 5))
    assert {stage.state(talk) for talk in talks} == {"talk.due"}


def test_only_the_own_personnel_office_takes_somebody_up_and_nobody_twice(coverage: Coverage) -> None:
    stage = Stage(coverage)
    talk = stage.take_up("a-1")
    with pytest.raises(Refused):
        stage.take_up("a-1")
    for data, reason in (
        (TalkData(administration="A", person="b-1"), "b-1 does not work for this"),
        (TalkData(administration="B", person="b-1"), "your own administration only"),
        (TalkData(administration="A", person="a-2", last_talk=date(2012, 10, 2)), "cannot have been on 2012-10-02"),
    ):
        with pytest.raises(Refused, match=reason):
            stage.flow.start(Talk.take_up(talk=data), parent=stage.member("A"), actor=personnel("A"))
    stage.do(talk, Talk.end(), personnel("A"))
    assert stage.state(talk) == "ended"


# -- needs, courses and places


def test_needs_of_one_topic_become_a_pool_when_they_are_enough_from_enough_administrations(coverage: Coverage) -> None:
    stage = Stage(coverage, rules=Rules(pool_size=3))
    first, second, third = stage.report("a-1"), stage.report("a-2"), stage.report("a-3")
    with pytest.raises(Refused, match="3 from 1 administrations, not 3 from 2"):
        stage.plan()
    other = stage.report("b-1", "Another topic")
    assert [stage.state(need) for need in (first, second, third, other)] == ["reported"] * 4
    fourth = stage.report("b-1")
    assert [stage.state(need) for need in (first, second, third, fourth, other)] == ["pooled"] * 4 + ["reported"]
    stage.plan()


def test_each_administration_approves_its_own_and_nobody_decides_on_oneself(coverage: Coverage) -> None:
    """Invariant 8."""
    stage = Stage(coverage)
    need = stage.report("a-1")
    own = NeedData(administration="A", topic=EXCEL, kind=Kind.MAINTAINING, person="a-personnel")
    hers = stage.flow.start(Need.report_for(need=own), parent=stage.network_id, actor=personnel("A"))
    for case, nobody in ((need, personnel("B")), (need, carrier), (hers, personnel("A"))):
        with pytest.raises(Refused, match="Only for"):
            stage.do(case, Need.approve(), nobody)
    stage.do(hers, Need.approve(), Actor("a-2", {PERSONNEL}))
    stage.do(need, Need.reject(reason="Not for this post."), personnel("A"))
    with pytest.raises(Refused, match="Not possible in the state"):
        stage.do(need, Need.approve(), personnel("A"))
    with pytest.raises(PayloadError, match="blank"):
        stage.do(hers, Need.reject(reason=" "), Actor("a-2", {PERSONNEL}))


def test_a_need_is_reported_by_oneself_or_ones_personnel_office(coverage: Coverage) -> None:
    stage = Stage(coverage)
    need = NeedData(administration="B", topic=EXCEL, kind=Kind.SECURING, person="b-1")
    with pytest.raises(Refused, match="You do not work for B"):
        stage.flow.start(Need.report(need=need), parent=stage.network_id, actor=employee("a-1"))
    with pytest.raises(Refused, match="You do not work for B"):
        stage.flow.start(Need.report_for(need=need), parent=stage.network_id, actor=personnel("A"))
    stage.desk.elsewhere["b-1"] = "C"
    with pytest.raises(Refused, match="b-1 does not work for this"):
        stage.flow.start(Need.report_for(need=need), parent=stage.network_id, actor=personnel("B"))


def test_nobody_makes_a_pool_alone_by_reporting_again_and_again(coverage: Coverage) -> None:
    stage = Stage(coverage)
    need = stage.report("a-1")
    with pytest.raises(Refused, match="You have reported that already"):
        stage.report("a-1")
    again = NeedData(administration="A", topic=EXCEL, kind=Kind.FURTHER, person="a-1")
    with pytest.raises(Refused, match="reported for a-1 already"):
        stage.flow.start(Need.report_for(need=again), parent=stage.network_id, actor=personnel("A"))
    stage.approve(need)
    stage.do(need, Need.cover_elsewhere(measure="Evening school"), personnel("A"))
    stage.report("a-1")  # years later one may need it again


def test_nobody_gets_a_place_in_a_course_after_the_end_of_the_network(coverage: Coverage) -> None:
    stage = Stage(coverage)
    needs = [stage.report(name) for name in ("a-1", "b-1")]
    stage.approve(*needs)
    stage.announce(ENDS + timedelta(days=1))
    assert [stage.state(need) for need in needs] == ["approved", "approved"]
    stage.do(stage.network, Network.extend(until=date(2015, 3, 31), reason="Courses were late."), carrier)
    assert [stage.state(need) for need in needs] == ["booked", "booked"]


def test_whose_case_it_is_stays_as_it_was_when_somebody_changes_the_employer(coverage: Coverage) -> None:
    stage = Stage(coverage)
    need = stage.report("a-1")
    stage.desk.elsewhere["a-1"] = "B"
    assert stage.now_is(need).data.administration == "A"
    assert stage.now_is(stage.report("b-2")).data.administration == "B"


def test_who_has_waited_longest_gets_the_next_seat_and_the_waiting_list_ends_with_the_course(
    coverage: Coverage,
) -> None:
    """Invariant 17."""
    stage = Stage(coverage)
    needs = [stage.report(name) for name in ("a-1", "a-2", "b-1", "b-2")]
    stage.approve(*needs)
    course = stage.announce(COURSE_DAY, capacity=1)
    stage.do(stage.place("a-1"), Place.attendance.deregister(reason="Too busy."), employee("a-1"))
    assert stage.state(stage.place("a-2")) == "attendance.registered"
    assert stage.state(needs[0]) == "approved"  # and waits for the next course
    stage.do(course, Course.occasion.resize(capacity=2), carrier)
    assert stage.state(stage.place("b-1")) == "attendance.registered"
    stage.on(COURSE_DAY)
    stage.hold(course)
    assert [stage.state(need) for need in needs] == ["approved", "covered.due", "covered.due", "approved"]
    assert stage.state(stage.place("b-2")) == "attendance.released"
    stage.announce(date(2013, 2, 15))
    assert [stage.state(needs[number]) for number in (0, 3)] == ["booked", "booked"]


def test_a_moved_course_keeps_its_places_and_a_cancelled_one_gives_the_needs_back(coverage: Coverage) -> None:
    stage = Stage(coverage)
    needs = [stage.report(name) for name in ("a-1", "b-1")]
    stage.approve(*needs)
    course = stage.announce(COURSE_DAY)
    moved = Course.occasion.move_day(begins=date(2013, 1, 22), reason="The trainer is ill.")
    stage.do(course, moved, carrier)
    stage.on(STARTS)
    assert stage.now_is(stage.place("a-1"))[Place.attendance].told_on == STARTS
    stage.do(course, Course.occasion.cancel(reason="The trainer is still ill."), carrier)
    assert [stage.state(need) for need in needs] == ["approved", "approved"]
    assert stage.state(stage.place("a-1")) == "attendance.released"
    stage.announce(date(2013, 2, 1))
    assert [stage.state(need) for need in needs] == ["booked", "booked"]


def test_who_was_not_there_long_enough_is_not_covered(coverage: Coverage) -> None:
    stage = Stage(coverage)
    needs = [stage.report(name) for name in ("a-1", "b-1", "b-2")]
    stage.approve(*needs)
    course = stage.announce(COURSE_DAY, hours=10)
    stage.on(COURSE_DAY)
    stage.do(course, Course.occasion.hold(), carrier)
    stage.do(stage.place("a-1"), Place.attendance.attend(hours=7.5), carrier)
    stage.do(stage.place("b-1"), Place.attendance.attend(hours=8), carrier)
    stage.do(stage.place("b-2"), Place.attendance.excuse(cause=Cause.ILLNESS), personnel("B"))
    assert [stage.state(need) for need in needs] == ["approved", "covered.due", "approved"]
    assert stage.state(stage.place("a-1")) == "too_short"


def test_who_withdraws_a_need_gives_the_place_to_the_next(coverage: Coverage) -> None:
    stage = Stage(coverage)
    needs = [stage.report(name) for name in ("a-1", "b-1")]
    stage.approve(*needs)
    course = stage.announce(COURSE_DAY, capacity=1)
    with pytest.raises(Refused, match="Only for"):
        stage.do(needs[0], Need.withdrawal.withdraw(reason="Not mine."), employee("b-1"))
    stage.do(needs[0], Need.withdrawal.withdraw(reason="I have learned it at home."), employee("a-1"))
    assert (stage.state(stage.place("b-1")), stage.state(course)) == ("attendance.registered", "occasion.full")
    stage.do(needs[1], Need.withdrawal.withdraw(reason="So have I."), employee("b-1"))
    assert stage.state(course) == "occasion.open"


def test_a_measure_elsewhere_covers_an_approved_need_and_is_confirmed_too(coverage: Coverage) -> None:
    stage = Stage(coverage)
    need = stage.report("a-1", "Beekeeping")
    with pytest.raises(Refused, match="Not possible in the state"):
        stage.do(need, Need.cover_elsewhere(measure="Evening school"), personnel("A"))
    stage.approve(need)
    stage.do(need, Need.cover_elsewhere(measure="Evening school"), personnel("A"))
    stage.on(STARTS + timedelta(days=32))
    assert stage.state(need) == "covered.overdue"
    stage.do(need, Need.covered.issue(), personnel("A"))
    with pytest.raises(Refused, match="Only for"):
        stage.do(need, Need.covered.revoke(reason="Wrong person."), head("B"))
    revoked = stage.do(need, Need.covered.revoke(reason="Wrong person."), head("A"))
    assert revoked[Need.covered].number == "Network A-001"


def test_a_confirmation_can_be_refused_with_a_reason(coverage: Coverage) -> None:
    stage = Stage(coverage)
    need = stage.report("a-1")
    stage.approve(need)
    stage.do(need, Need.cover_elsewhere(measure="Evening school"), personnel("A"))
    assert stage.state(stage.do(need, Need.covered.refuse(reason="Never went."), personnel("A"))) == "covered.refused"


def test_what_is_still_open_ends_when_the_network_is_accounted_for(coverage: Coverage) -> None:
    stage = Stage(coverage)
    needs = [stage.report(name) for name in ("a-1", "b-1")]
    others = [stage.report(name, "Law") for name in ("a-1", "b-1")]
    stage.approve(*needs, *others)
    held, course = stage.announce(date(2014, 12, 29)), stage.announce(date(2014, 12, 30), topic="Law")
    stage.on(date(2015, 1, 12))
    stage.do(held, Course.occasion.hold(), carrier)  # and nobody has recorded who was there
    with pytest.raises(Refused, match="while the network runs"):
        stage.plan()
    stage.do(stage.network, Network.account(proof="P-1"), carrier)
    first, second = stage.flow.cases(Place).where(person="a-1").all()
    assert {stage.state(case) for case in (*needs, *others, course, first)} == {"ending.ended"}
    assert (stage.state(held), stage.state(second)) == ("occasion.held", "attendance.released")
    assert stage.state(stage.member("A")) == "joined"


# -- agreements


def test_an_agreement_is_signed_by_both_sides_and_anew_when_its_text_changes(coverage: Coverage) -> None:
    stage = Stage(coverage)
    agreement = stage.draft("a-1", costs=100_000, to_repay=100_000, training_days=8, binding_months=6)
    stage.do(agreement, Agreement.signature.sign(), employee("a-1"))
    for nobody in (head("B"), personnel("A"), employee("a-2")):
        with pytest.raises(Refused):
            stage.do(agreement, Agreement.signature.sign(), nobody)
    text = AgreementData(administration="B", person="b-9", measure="A shorter course", kind=Kind.RETURNING)
    amended = stage.do(agreement, Agreement.amend(agreement=text), personnel("A"))
    assert (amended.data.person, amended.data.administration, amended.data.version) == ("a-1", "A", 2)
    assert stage.state(agreement) == "signature.pending"
    stage.do(agreement, Agreement.signature.sign(), head("A"))
    for party, person in (("employee", "a-2"), ("employer", "b-head"), ("employer", "a-1")):
        wrong = Agreement.signature.record_on_paper(party=party, person=person, on=STARTS)
        with pytest.raises(Refused):
            stage.do(agreement, wrong, personnel("A"))
    paper = Agreement.signature.record_on_paper(party="employee", person="a-1", on=STARTS)
    assert stage.state(stage.do(agreement, paper, personnel("A"))) == "binding.in_force"


def test_an_agreement_may_come_to_nothing(coverage: Coverage) -> None:
    stage = Stage(coverage)
    refused, discarded = stage.draft("a-1"), stage.draft("a-2")
    stage.do(refused, Agreement.signature.refuse(reason="Too long a binding."), employee("a-1"))
    stage.do(discarded, Agreement.signature.discard(reason="The course is full."), personnel("A"))
    assert (stage.state(refused), stage.state(discarded)) == ("signature.refused", "signature.discarded")


def test_what_the_employer_wants_the_employer_pays(coverage: Coverage) -> None:
    """TVöD § 5."""
    stage = Stage(coverage)
    for share in ({"share": 10_000}, {"hours": 8}):
        with pytest.raises(Refused, match="the employer pays"):
            stage.draft("a-1", costs=100_000, **share)
        stage.draft("a-1", costs=100_000, initiated_by=Initiator.EMPLOYEE, **share)
    with pytest.raises(Refused, match="At most 90000 cents"):
        stage.draft("a-1", costs=100_000, share=10_000, to_repay=95_000, initiated_by=Initiator.EMPLOYEE)


def test_a_longer_binding_than_usual_needs_a_reason(coverage: Coverage) -> None:
    """BAG 3 AZR 173/08: for just over one week, six months at most."""
    stage = Stage(coverage)
    terms = {"costs": 100_000, "to_repay": 100_000, "training_days": 6}
    stage.draft("a-1", **terms, binding_months=6)
    with pytest.raises(Refused, match="More than 6 months are unusual for 6 days"):
        stage.draft("a-1", **terms, binding_months=7)
    stage.draft("a-1", **terms, binding_months=7, longer_because="It is worth much to her.")


def test_an_agreement_is_for_an_employee_of_the_own_administration(coverage: Coverage) -> None:
    stage = Stage(coverage)
    foreign = AgreementData(administration="B", person="b-1", measure="A course", kind=Kind.FURTHER)
    with pytest.raises(Refused, match="of your own administration only"):
        stage.flow.start(Agreement.draft(agreement=foreign), parent=stage.member("A"), actor=personnel("A"))


def test_who_resigns_during_the_binding_pays_back_what_is_left(coverage: Coverage) -> None:
    """Invariant 23."""
    stage = Stage(coverage)
    terms = {"costs": 240_000, "to_repay": 240_000, "training_days": 90, "binding_months": 24}
    resigns, ill, stays, forgiven = (stage.agree(f"a-{number}", **terms) for number in range(1, 5))
    stage.on(date(2012, 12, 31))
    with pytest.raises(Refused, match="2013-01-01 is yet to come"):
        stage.do(stays, Agreement.end_measure(on=date(2013, 1, 1)), personnel("A"))
    for agreement in (resigns, ill, stays, forgiven):
        stage.do(agreement, Agreement.end_measure(on=date(2012, 12, 31)), personnel("A"))
    stage.on(date(2013, 6, 30))
    wish = Agreement.binding.leave(on=date(2013, 6, 30), cause=LeavingCause.OWN_WISH)
    assert stage.do(resigns, wish, personnel("A"))[Agreement.binding].owed == 180_000
    reason = Agreement.binding.leave(on=date(2013, 6, 30), cause=LeavingCause.PERSON)
    assert stage.state(stage.do(ill, reason, personnel("A"))) == "binding.released"
    assert stage.state(stage.do(resigns, Agreement.binding.receive(cents=180_000), personnel("A"))) == "binding.repaid"
    stage.do(forgiven, Agreement.binding.waive(reason="Moves with the family."), head("A"))
    stage.on(date(2015, 1, 1))
    assert (stage.state(stays), stage.state(forgiven)) == ("binding.fulfilled", "binding.waived")


# -- statistics


def test_the_statistics_tell_nothing_of_few_people(coverage: Coverage) -> None:
    stage = Stage(coverage, rules=Rules(pool_size=2, smallest_group=3))
    for name in ("a-1", "a-2", "a-3", "b-1", "b-2"):
        need = stage.report(name, group=Group.UNTRAINED if name < "a-3" else Group.LEADER)
        stage.approve(need)
        stage.do(need, Need.cover_elsewhere(measure="Evening school"), personnel(need.data.administration))
        stage.take_up(name)
    ours, theirs = participation(stage.flow, stage.network)
    assert (ours.people, ours.by_kind[Kind.FURTHER], ours.by_kind[Kind.SECURING]) == (3, 3, 0)
    assert (ours.by_group[Group.UNTRAINED], ours.by_group[Group.OTHER]) == (None, 0)
    assert (theirs.people, theirs.talks, theirs.talked, theirs.overdue) == (None, None, 0, 0)
    assert (ours.needs, ours.measures) == (3, 3)
    assert (theirs.needs, theirs.measures) == (None, None), "two measures are of two people at most"


# -- everything

STORIES = [story for name, story in list(globals().items()) if name.startswith("test_")]


def test_every_event_fires_and_every_end_is_reached_in_these_stories() -> None:
    coverage = Coverage()
    for story in STORIES:
        story(coverage)
    assert coverage.missing(training_network) == []
