"""A year of the trainee volunteering, and all that may come between."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from inspect import signature
from pathlib import Path
from typing import Any

import pytest

from progflow import Actor, Case, Command, Refused
from progflow.adapters.sqlalchemy import SQLAlchemyStore
from progflow.programs.trainee_volunteering import (
    OFFICE,
    TRAINEE,
    Activity,
    Deployment,
    Project,
    ProjectData,
    Rules,
    Volunteer,
    VolunteerData,
    Year,
    trainee_volunteering,
)
from progflow.states.people import Cause
from trainee_volunteering_stage import (
    COVERED,
    FRIDAY,
    RAIN_DATE,
    REGISTER_BY,
    SATURDAY,
    Stage,
    head,
    host,
    office,
    superior,
    trainee,
)

REGISTERED, PLACED = "registration.registered", "registration.placed"


# -- a year ------------------------------------------------------------------------------------------------------


def test_a_year_is_replayed_from_the_offers_to_the_certificates(tmp_path: Path) -> None:
    """The days are those that Halle published (offers by 29 February for 8 and 9 May), the kinds of work Essen's."""
    with SQLAlchemyStore(f"sqlite:///{tmp_path / 'year.db'}") as store:
        stage = Stage(store)
        stage.offer("fence", activity=Activity.MANUAL)
        stage.offer("mural", activity=Activity.ARTISTIC, on=SATURDAY)
        stage.offer("games", activity=Activity.CHILDREN)
        stage.offer("walk", activity=Activity.SENIORS, on=SATURDAY)
        due = stage.flow.explain(stage.year, actor=office)["offers.close"].due
        assert due is not None
        assert due.date() == date(2020, 3, 3)  # 29 February was a Saturday, so offers came in until Monday
        stage.on(date(2020, 3, 3))
        for name in ("fence", "mural", "games", "walk"):
            stage.publish(name)
        stage.do(stage.year_id, Year.registration.publish(deadline=REGISTER_BY))
        wishes = {f"trainee-{n}": name for n, name in enumerate(("fence", "mural", "games", "walk") * 2)}
        for name, wish in wishes.items():
            stage.register(name, wish)
            stage.ready(name, days=(FRIDAY, SATURDAY))
            stage.assign(name, wish)
        stage.on(date(2020, 5, 10))
        assert stage.year.state == Year.under_way
        for name in wishes:
            stage.came(name)
            stage.do(stage.who(name), Volunteer.certificate.issue())
        assert stage.year.state == Year.over
        assert {case.state for case in stage.flow.cases(Project).all()} == {Project.confirmed}
        certified = stage.flow.cases(Volunteer).in_(Volunteer.certificate.issued).all()
        assert [case[Volunteer.certificate].number for case in certified] == [f"2020-{n:03}" for n in range(1, 9)]
        first = certified[0][Volunteer.registration]
        assert (first.host, first.on, first.hours) == ("fence e. V.", FRIDAY, 6)


def test_every_year_is_a_year_of_its_own() -> None:
    stage = Stage()
    stage.to_registration("fence")
    stage.place_all("fence", "trainee-1")
    other = stage.flow.start(Year.plan(year=stage.year.data), actor=office)
    assert not stage.flow.cases(Project).of(other).exists()


# -- offers ------------------------------------------------------------------------------------------------------


def test_offers_come_in_until_the_deadline_and_nothing_is_published_before() -> None:
    stage = Stage()
    case = stage.offer("fence")
    assert "Offers are still coming in." in stage.refusal(case, Project.offer.admit(), office)
    stage.on(date(2020, 3, 3))
    with pytest.raises(Refused, match="deadline: 2020-02-29"):
        stage.offer("late")
    assert stage.do(case, Project.offer.admit()).state == Project.work.planned


def test_only_a_charitable_host_is_admitted_and_never_by_itself() -> None:
    stage = Stage()
    stage.city.commercial.add("fence e. V.")
    case = stage.offer("fence")
    stage.on(date(2020, 3, 3))
    assert stage.refusal(case, Project.offer.admit(), office) == "fence e. V. is not known to be charitable."
    assert "Only for" in stage.refusal(case, Project.offer.admit(), host("fence"))
    case = stage.do(case, Project.offer.reject(reason="A firm."))
    assert case[Project.offer].reason == "A firm."
    stage.do(stage.year_id, Year.registration.publish(deadline=REGISTER_BY))
    stage.on(date(2020, 4, 16))
    assert stage.year.state == Year.over, "what was rejected holds nothing up"


def test_what_is_missing_is_asked_for_and_an_offer_may_lapse_or_be_withdrawn() -> None:
    stage = Stage()
    slow, quick = stage.offer("slow"), stage.offer("quick")
    for case in (slow, quick):
        stage.do(case, Project.offer.ask_for_more(missing="Who insures them?", until=date(2020, 2, 14)))
    stage.do(quick, Project.offer.hand_in(document="D-1"), host("quick"))
    stage.on(date(2020, 2, 15))
    assert stage.project_of("slow").state == Project.offer.lapsed
    assert stage.do(quick, Project.withdrawal.withdraw(reason="Moved."), host("quick")).state.name == "withdrawn"


def test_days_that_make_no_sense_are_not_offered() -> None:
    stage = Stage()
    for days in ({"on": date(2020, 1, 13)}, {"rain_date": FRIDAY}):
        with pytest.raises(Refused, match="The day must be later than today"):
            stage.offer("fence", **days)


def test_two_open_projects_of_a_year_have_different_names() -> None:
    stage = Stage()
    stage.offer("fence")
    with pytest.raises(Refused):
        stage.offer("fence")


# -- registering and assigning -----------------------------------------------------------------------------------


def test_only_trainees_register_while_it_is_open_for_what_is_published() -> None:
    stage = Stage()
    stage.to_registration("fence")
    stage.city.left["trainee-9"] = date(2020, 2, 1)
    command = Volunteer.register(volunteer=VolunteerData(wish="fence"))
    for actor, said in ((Actor("trainee-1"), "Only for: trainee"), (trainee("trainee-9"), "trainees now")):
        with pytest.raises(Refused, match=said):
            stage.flow.start(command, parent=stage.year, actor=actor)
    with pytest.raises(Refused, match="No project cake is published"):
        stage.register("trainee-1", "cake")
    stage.on(date(2020, 4, 16))
    with pytest.raises(Refused, match="The call is not open"):
        stage.register("trainee-1", "fence")


def test_nobody_registers_for_others_whatever_is_written_into_the_form() -> None:
    stage = Stage()
    stage.to_registration("fence")
    command = Volunteer.register(volunteer=VolunteerData(wish="fence", person="trainee-2"))
    case = stage.flow.start(command, parent=stage.year, actor=trainee("trainee-1"))
    assert case.data.person == "trainee-1"


def test_a_day_needs_the_superior_a_briefing_and_a_trainee() -> None:
    stage = Stage()
    stage.to_registration("fence")
    case = stage.register("trainee-1", "fence")
    command = Volunteer.registration.assign(project="fence")
    said = stage.refusal(case, command, office)
    assert said == (
        "The superior has not agreed to the day of fence. "
        "There is no safety briefing that is valid on the day of fence."
    )
    agree = Volunteer.registration.agree(days=(FRIDAY,))
    assert "Only for" in stage.refusal(case, agree, trainee("trainee-1"))
    stage.ready("trainee-1")
    stage.city.left["trainee-1"] = FRIDAY
    assert stage.refusal(stage.who("trainee-1"), command, office) == "No longer a trainee on the day of fence."
    del stage.city.left["trainee-1"]
    assert stage.do(case, command).state == Volunteer.registration.placed


@pytest.mark.parametrize(
    ("born", "briefed", "allowed"),
    [
        (date(2000, 1, 1), date(2019, 5, 8), True),
        (date(2000, 1, 1), date(2019, 5, 7), False),
        (date(2002, 5, 9), date(2019, 11, 8), True),
        (date(2002, 5, 9), date(2019, 11, 7), False),
        (date(2002, 5, 8), date(2019, 5, 8), True),
    ],
)
def test_a_briefing_is_valid_for_a_year_and_for_youths_for_half_a_year(
    born: date, briefed: date, allowed: bool
) -> None:
    stage = Stage()
    stage.city.born["trainee-1"] = born
    stage.to_registration("fence")
    stage.register("trainee-1", "fence")
    stage.ready("trainee-1", briefed=briefed)
    case = stage.do(stage.who("trainee-1"), Volunteer.registration.file_consent(document="C-1"))
    blockers = stage.flow.check(case, Volunteer.registration.assign(project="fence"), actor=office)
    assert (not blockers) == allowed


def test_a_briefing_cannot_be_noted_before_it_was_given() -> None:
    stage = Stage()
    stage.to_registration("fence")
    case = stage.register("trainee-1", "fence")
    command = Volunteer.registration.note_briefing(on=date(2020, 3, 4))
    assert stage.refusal(case, command, office) == "A briefing is noted once it has been given."


def test_who_is_not_of_age_on_the_day_needs_the_guardians_consent() -> None:
    stage = Stage()
    stage.to_registration("fence", places=2)
    stage.city.born |= {"trainee-1": date(2002, 5, 9), "trainee-2": date(2002, 5, 8)}
    for name in ("trainee-1", "trainee-2"):
        stage.register(name, "fence")
        stage.ready(name)
    command = Volunteer.registration.assign(project="fence")
    assert stage.refusal(stage.who("trainee-1"), command, office) == "The guardian's consent is missing."
    stage.do(stage.who("trainee-1"), Volunteer.registration.file_consent(document="C-1"))
    assert stage.assign("trainee-1", "fence").state.name == "placed"
    assert stage.assign("trainee-2", "fence").state.name == "placed"  # 18 on that very day


def test_who_is_one_too_many_waits_and_moves_up_in_order() -> None:
    stage = Stage()
    stage.to_registration("fence", places=1)
    stage.place_all("fence", "trainee-1", "trainee-2", "trainee-3")
    assert stage.project_of("fence").state == Project.work.full
    assert [stage.place(f"trainee-{n}").state.name for n in (1, 2, 3)] == ["registered", "waiting", "waiting"]
    place = stage.place("trainee-1")
    stage.do(place, Deployment.attendance.deregister(reason="A journey."), trainee("trainee-1"))
    assert [stage.place(f"trainee-{n}").state.name for n in (1, 2, 3)] == ["deregistered", "registered", "waiting"]
    assert stage.states("trainee-1", "trainee-2", "trainee-3") == [REGISTERED, PLACED, PLACED]


def test_only_once_a_year_unless_the_rules_say_more() -> None:
    for times in (1, 2):
        stage = Stage(rules=Rules(per_year=times))
        stage.to_registration("fence", "games")
        for _ in range(times):
            stage.register("trainee-1", "fence")
        with pytest.raises(Refused, match="as often as allowed"):
            stage.register("trainee-1", "games")


def test_another_wish_may_be_told_until_there_is_a_place() -> None:
    stage = Stage()
    stage.to_registration("fence", "games")
    case = stage.register("trainee-1", "fence")
    assert stage.do(case, Volunteer.wish_for(project="games"), trainee("trainee-1")).data.wish == "games"


def test_nobody_assigns_or_confirms_oneself() -> None:
    stage = Stage()
    stage.to_registration("fence")
    both = Actor("trainee-1", {OFFICE, TRAINEE})
    case = stage.register("trainee-1", "fence")
    stage.ready("trainee-1")
    case = stage.who("trainee-1")
    for command in (
        Volunteer.registration.assign(project="fence"),
        Volunteer.registration.file_consent(document="C-1"),
        Volunteer.registration.note_briefing(on=stage.clock.today),
    ):
        assert [one.code for one in stage.flow.check(case, command, actor=both)] == ["who"]


def test_nobody_is_assigned_to_what_is_not_published() -> None:
    stage = Stage()
    stage.to_registration("fence")
    stage.register("trainee-1", "fence")
    stage.ready("trainee-1")
    command = Volunteer.registration.assign(project="cake")
    assert stage.refusal(stage.who("trainee-1"), command, office) == "No project cake is published."


def test_each_step_is_the_business_of_one() -> None:
    stage = Stage()
    stage.offer("fence", fewest=1)
    stage.offer("games")
    stage.to_registration()
    for name in ("fence", "games"):
        stage.publish(name)
    case = stage.register("trainee-1", "fence")
    everybody = [office, head, superior, host("fence"), host("games"), trainee("trainee-1"), trainee("trainee-2")]

    def allowed(on: Case[Any], command: Command[Any]) -> list[str]:
        return [actor.id for actor in everybody if not stage.flow.check(on, command, actor=actor)]

    assert allowed(case, Volunteer.wish_for(project="games")) == ["trainee-1"]
    assert allowed(case, Volunteer.registration.release(reason="No place.")) == ["office"]
    assert allowed(case, Volunteer.withdrawal.withdraw(reason="No.")) == ["office", "trainee-1"]
    assert allowed(stage.project_of("fence"), Project.merge(into="games", reason="Few.")) == ["office"]
    assert allowed(stage.project_of("fence"), Project.work.cancel(reason="No.")) == ["office", host("fence").id]
    register = Volunteer.register(volunteer=VolunteerData(wish="fence"))
    wants = [one.id for one in everybody if not stage.flow.check(register, parent=stage.year, actor=one)]
    assert wants == ["trainee-2"], "the other trainee has registered already"
    plan = Year.plan(year=stage.year.data)
    assert [one.id for one in everybody if not stage.flow.check(plan, actor=one)] == ["office"]


def test_only_who_speaks_for_a_host_offers_a_project() -> None:
    stage = Stage()
    data = ProjectData(name="fence", host="h", activity=Activity.MANUAL, on=FRIDAY, places=1)
    for actor in (office, trainee("trainee-1")):
        with pytest.raises(Refused, match="Only for: host"):
            stage.flow.start(Project.submit(offer=data), parent=stage.year, actor=actor)


# -- what may come between ---------------------------------------------------------------------------------------


def test_a_host_cancels_and_volunteers_get_another_place_or_are_released() -> None:
    stage = Stage()
    stage.to_registration("fence", "games")
    stage.place_all("fence", "trainee-1", "trainee-2", "trainee-3")
    stage.do(stage.project_of("fence"), Project.work.cancel(reason="No wood."), host("fence"))
    assert stage.states("trainee-1", "trainee-2", "trainee-3") == [REGISTERED] * 3
    stage.assign("trainee-1", "games")
    released = stage.do(stage.who("trainee-2"), Volunteer.registration.release(reason="Games do not suit."))
    stage.do(stage.who("trainee-3"), Volunteer.withdrawal.withdraw(reason="No."), trainee("trainee-3"))
    assert released[Volunteer.registration].reason == "Games do not suit."
    assert stage.place("trainee-1").state.name == "registered"
    assert len(stage.flow.cases(Deployment).where(person="trainee-1").all()) == 2


def test_who_steps_back_frees_the_place_for_the_next() -> None:
    stage = Stage()
    stage.to_registration("fence", places=1)
    stage.place_all("fence", "trainee-1", "trainee-2")
    stage.do(stage.who("trainee-1"), Volunteer.withdrawal.withdraw(reason="A journey."), trainee("trainee-1"))
    assert stage.place("trainee-1").state == Deployment.lost
    assert stage.place("trainee-2").state.name == "registered"


def test_on_a_rain_date_that_was_agreed_to_everybody_keeps_the_place() -> None:
    stage = Stage()
    stage.to_registration("fence", rain_date=RAIN_DATE)
    stage.place_all("fence", "trainee-1")
    stage.on(FRIDAY, hour=7)
    stage.do(stage.project_of("fence"), Project.work.move_day(begins=RAIN_DATE, reason="Rain."))
    stage.on(SATURDAY)
    assert stage.project_of("fence").state == Project.work.open
    stage.on(date(2020, 5, 16))
    stage.came("trainee-1")
    assert stage.who("trainee-1")[Volunteer.registration].on == RAIN_DATE


def test_on_a_day_that_was_not_agreed_to_the_place_is_lost_and_can_be_given_anew() -> None:
    stage = Stage()
    stage.to_registration("fence")
    stage.place_all("fence", "trainee-1")
    stage.do(stage.project_of("fence"), Project.work.move_day(begins=SATURDAY, reason="Rain."))
    assert stage.states("trainee-1") == [REGISTERED]
    assert stage.place("trainee-1").state == Deployment.lost
    stage.ready("trainee-1", days=(SATURDAY,))
    stage.assign("trainee-1", "fence")
    assert stage.place("trainee-1").state.name == "registered"


def test_on_a_day_for_which_the_briefing_is_too_old_the_place_is_lost() -> None:
    stage = Stage()
    stage.to_registration("fence")
    stage.register("trainee-1", "fence")
    stage.ready("trainee-1", briefed=date(2019, 5, 10))
    stage.assign("trainee-1", "fence")
    stage.do(stage.project_of("fence"), Project.work.move_day(begins=RAIN_DATE, reason="Rain."))
    assert stage.states("trainee-1") == [REGISTERED]


def test_under_staffed_projects_of_a_day_are_merged_and_everybody_moves_along() -> None:
    stage = Stage()
    stage.to_registration("fence", "games", places=3, fewest=2)
    stage.place_all("fence", "trainee-1")
    stage.place_all("games", "trainee-2", "trainee-3")
    merge = Project.merge(into="games", reason="One alone cannot build it.")
    case = stage.do(stage.project_of("fence"), merge)
    assert (case.state, case.data.merged_into) == (Project.merged, "games")
    assert stage.states("trainee-1") == [PLACED]
    assert stage.place("trainee-1").links["project"] == stage.project_of("games").id
    assert stage.project_of("games").state == Project.work.full


def test_only_what_is_under_staffed_is_merged_and_only_where_everybody_fits_on_that_day() -> None:
    stage = Stage()
    stage.offer("fence", places=3, fewest=2)
    stage.offer("games", places=2, fewest=1)
    stage.offer("walk", places=9, on=SATURDAY)
    stage.to_registration()
    for name in ("fence", "games", "walk"):
        stage.publish(name)
    stage.place_all("games", "trainee-1")
    case = stage.project_of("fence")
    for into in ("walk", "fence", "cake"):
        assert "no other project" in stage.refusal(case, Project.merge(into=into, reason="Few."), office)
    stage.place_all("fence", "trainee-2")
    assert not stage.flow.check(case.id, Project.merge(into="games", reason="Few."), actor=office)
    stage.place_all("games", "trainee-3")
    assert stage.flow.check(case.id, Project.merge(into="games", reason="Few."), actor=office)
    stage.place_all("fence", "trainee-4")
    said = stage.refusal(stage.project_of("fence"), Project.merge(into="walk", reason="Few."), office)
    assert "Enough volunteers have a place: 2." in said


def test_a_no_show_gets_no_certificate_and_no_sanction() -> None:
    stage = Stage()
    stage.to_registration("fence", "walk", on=date(2020, 4, 3))
    stage.register("trainee-1", "fence")
    stage.ready("trainee-1", days=(date(2020, 4, 3),))
    stage.assign("trainee-1", "fence")
    stage.on(date(2020, 4, 4))
    stage.missed("trainee-1")
    case = stage.who("trainee-1")
    assert case.state == Volunteer.registration.no_show
    assert not case.visited(Volunteer.certificate)
    assert stage.project_of("fence").state == Project.confirmed


def test_who_did_not_come_may_register_again_in_the_same_year() -> None:
    stage = Stage()
    stage.offer("early", on=date(2020, 3, 20))
    stage.offer("fence")
    stage.to_registration()
    for name in ("early", "fence"):
        stage.publish(name)
    stage.register("trainee-1", "early")
    stage.ready("trainee-1", days=(date(2020, 3, 20),))
    stage.assign("trainee-1", "early")
    stage.on(date(2020, 3, 21))
    stage.missed("trainee-1")
    stage.place_all("fence", "trainee-1")
    assert stage.states("trainee-1") == [PLACED]


def test_an_exam_on_that_day_excuses() -> None:
    stage = Stage()
    stage.to_registration("fence", places=1)
    stage.place_all("fence", "trainee-1", "trainee-2")
    stage.do(stage.place("trainee-1"), Deployment.attendance.excuse(cause=Cause.EXAM))
    assert stage.states("trainee-1") == ["registration.excused"]
    assert stage.place("trainee-2").state.name == "registered"


def test_nobody_is_confirmed_before_the_day_nor_by_another_host() -> None:
    stage = Stage()
    stage.to_registration("fence", "games")
    stage.place_all("fence", "trainee-1")
    place = stage.place("trainee-1")
    waits = stage.flow.explain(stage.who("trainee-1"), actor=office)["registration.take_part"].resting
    assert [one.text for one in waits] == ["The host has not confirmed it."]
    assert "It has not been held." in stage.refusal(place, Deployment.attendance.attend(), host("fence"))
    stage.on(FRIDAY, hour=18)
    assert "Only for" in stage.refusal(stage.project_of("fence"), Project.work.hold(), host("games"))
    stage.do(stage.project_of("fence"), Project.work.hold(), host("fence"))
    for actor in (host("games"), office, trainee("trainee-1")):
        assert "Only for" in stage.refusal(place, Deployment.attendance.attend(), actor)
    stage.came("trainee-1", hours=2)
    case = stage.who("trainee-1")
    assert (case.state, case[Volunteer.registration].hours) == (Volunteer.certificate.due, 2)


def test_a_project_without_volunteers_falls_through_and_the_others_are_released_at_the_end() -> None:
    stage = Stage()
    stage.to_registration("fence")
    stage.register("trainee-1", "fence")
    stage.on(SATURDAY)
    assert stage.project_of("fence").state == Project.fell_through
    assert stage.year.state == Year.over
    assert stage.who("trainee-1")[Volunteer.registration].reason == "The year is over."


def test_a_host_who_says_nothing_holds_up_neither_the_year_nor_for_ever_a_certificate() -> None:
    stage = Stage()
    stage.to_registration("fence")
    stage.place_all("fence", "trainee-1", "trainee-2")
    stage.on(date(2020, 6, 5))
    assert (stage.project_of("fence").state, stage.year.state) == (Project.work.held, Year.under_way)
    stage.on(date(2020, 6, 6))
    assert (stage.project_of("fence").state, stage.year.state) == (Project.unconfirmed, Year.over)
    stage.came("trainee-1")
    stage.missed("trainee-2")
    assert stage.project_of("fence").state == Project.confirmed
    assert stage.states("trainee-1", "trainee-2") == ["certificate.due", "registration.no_show"]


def test_a_certificate_may_be_overdue_refused_or_revoked() -> None:
    stage = Stage()
    stage.to_registration("fence", places=3)
    stage.place_all("fence", "trainee-1", "trainee-2", "trainee-3")
    stage.on(SATURDAY)
    for name in ("trainee-1", "trainee-2", "trainee-3"):
        stage.came(name)
    issued = stage.do(stage.who("trainee-1"), Volunteer.certificate.issue())
    issued = stage.do(issued, Volunteer.certificate.revoke(reason="Mixed up."), head)
    assert issued[Volunteer.certificate].number == "2020-001"
    stage.do(stage.who("trainee-2"), Volunteer.certificate.refuse(reason="Mixed up."))
    stage.on(date(2020, 11, 10))
    assert stage.states("trainee-3") == ["certificate.overdue"]


def test_a_cancelled_year_takes_everything_along_but_what_was_earned() -> None:
    stage = Stage()
    stage.offer("early", on=date(2020, 3, 20))
    stage.offer("fence")
    stage.offer("slow")
    stage.to_registration()
    for name in ("early", "fence"):
        stage.publish(name)
    stage.register("trainee-1", "early")
    stage.ready("trainee-1", days=(date(2020, 3, 20),))
    stage.assign("trainee-1", "early")
    stage.place_all("fence", "trainee-2")
    stage.register("trainee-3", "fence")
    stage.on(date(2020, 3, 23))
    stage.came("trainee-1")
    stage.do(stage.year_id, Year.cancellation.cancel(reason="An epidemic."), head)
    assert stage.states("trainee-1", "trainee-2", "trainee-3") == ["certificate.overdue", *["ending.ended"] * 2]
    assert [stage.project_of(name).state.name for name in ("early", "fence", "slow")] == ["confirmed", "ended", "ended"]
    assert stage.place("trainee-2").state == Deployment.ending.ended
    assert stage.do(stage.who("trainee-1"), Volunteer.certificate.issue()).state == Volunteer.certificate.issued


def test_deadlines_can_be_moved_for_a_reason() -> None:
    stage = Stage()
    stage.do(stage.year_id, Year.offers.move_deadline(deadline=date(2020, 3, 6), reason="Few offers."))
    stage.on(date(2020, 3, 6))
    stage.offer("late")
    stage.on(date(2020, 3, 9))
    stage.do(stage.year_id, Year.registration.publish(deadline=REGISTER_BY))
    stage.do(stage.year_id, Year.registration.move_deadline(deadline=FRIDAY, reason="Few volunteers."))
    assert stage.year[Year.registration].moves[0].before == REGISTER_BY


def test_places_can_be_made_more() -> None:
    stage = Stage()
    stage.to_registration("fence", places=1)
    stage.place_all("fence", "trainee-1", "trainee-2")
    stage.do(stage.project_of("fence"), Project.work.resize(capacity=2))
    assert stage.place("trainee-2").state.name == "registered"
    assert stage.project_of("fence").state == Project.work.full
    stage.do(stage.place("trainee-2"), Deployment.attendance.deregister(reason="A journey."), trainee("trainee-2"))
    assert stage.project_of("fence").state == Project.work.open


def test_every_event_fires_and_every_end_is_reached_in_these_stories() -> None:
    told: list[Callable[[], None]] = [
        story
        for name, story in globals().items()
        if name.startswith("test_") and "every_event_fires" not in name and not signature(story).parameters
    ]
    for story in told:
        story()
    assert len(told) > 25
    assert COVERED.missing(trainee_volunteering) == []
