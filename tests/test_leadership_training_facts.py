"""What is published about such trainings, played again: Essen since 2002, and the Bavarian rules for school heads."""

from __future__ import annotations

from datetime import date

import pytest
from attrs import evolve

from leadership_training_stage import MODULES, REFRESHER, Stage, personnel
from progflow import Refused
from progflow.programs.leadership_training import Deadline, Duty, Level, Module, Rules, Training

ENGAGEMENT = Module("E", "Leading and engagement", 8)


def test_essen_compulsory_since_2002_with_a_module_on_engagement_since_2004() -> None:
    """Leaders of sections, groups and departments; modular. Who was appointed before 2004 keeps the old modules."""
    essen = Stage(date(2002, 1, 2), modules=MODULES)
    essen.appoint("2003", on=date(2003, 3, 1))
    essen.on(date(2004, 1, 2))
    added = (*MODULES[:-1], ENGAGEMENT, REFRESHER)
    essen.fire(essen.training, Training.revise(modules=added, rules=Rules(), reason="Engagement is a task of leaders."))
    essen.appoint("2004")
    assert [module.code for module in essen.duty("2003").data.modules] == ["A", "B", "C"]
    assert [module.code for module in essen.duty("2004").data.modules] == ["A", "B", "C", "E"]
    assert {*Level} == {Level.SECTION, Level.GROUP, Level.DEPARTMENT}


# -- Bavaria, the training of school heads: the same parameters, set otherwise

BAVARIA = (
    Module("A", "Portfolio before the appointment: ten days", 60, deadline=Deadline(months=0)),
    Module("B", "Training at the academy", 60, after=("A",), deadline=Deadline(year_end=1, begun=True)),
    Module("C", "Further modules", 30, after=("B",), deadline=Deadline(months=60)),
)
APPOINTED = date(2025, 8, 1)


def bavaria(*, exam: bool = False, named: bool = False) -> Stage:
    """A head who was chosen in January and is appointed with the first of August."""
    modules = (evolve(BAVARIA[0], exam=exam, named=named), *BAVARIA[1:])
    stage = Stage(date(2025, 1, 15), modules=modules, rules=Rules(refresher_months=None))
    stage.appoint("head", on=APPOINTED)
    return stage


def first_late_day(stage: Stage) -> date:
    at = stage.flow.explain(stage.duty("head"), actor=personnel)["obligation.become_overdue"].due
    assert at is not None
    return at.date()


def test_bavaria_module_a_is_done_before_the_appointment_as_a_portfolio_of_ten_days() -> None:
    stage = bavaria()
    assert first_late_day(stage) == APPOINTED
    for _ in range(8):
        stage.take("head", "A", 6)
    assert stage.state("head") == "partly_fulfilled"
    assert first_late_day(stage) == date(2027, 1, 1)


def test_bavaria_module_b_has_begun_at_latest_in_the_year_after_and_c_is_done_within_five() -> None:
    stage = bavaria()
    stage.take("head", "A", 60)
    assert first_late_day(stage) == date(2027, 1, 1)
    stage.on(date(2026, 12, 1))
    stage.take("head", "B", 20)
    assert first_late_day(stage) == date(2030, 8, 1)
    stage.on(date(2030, 8, 1))
    assert stage.state("head") == "overdue"


def test_bavaria_who_has_not_begun_b_is_overdue_and_back_in_time_with_the_first_hours() -> None:
    stage = bavaria()
    stage.take("head", "A", 60)
    stage.on(date(2027, 1, 1))
    assert stage.state("head") == "overdue"
    stage.take("head", "B", 20)
    assert stage.state("head") == "partly_fulfilled"
    assert stage.duty("head")[Duty.obligation].overdue_since is None


def test_bavaria_at_most_half_is_credited_and_never_what_bears_the_exam_unless_it_is_named() -> None:
    """FachV-FM § 5 and EStBAPO § 11: the rules of the tax administration."""
    for exam, named, allowed in ((False, False, True), (True, False, False), (True, True, True)):
        stage = bavaria(exam=exam, named=named)
        credit = Duty.credit(module="A", hours=60, provider="Institute", on=stage.today, evidence="file 7")
        if allowed:
            stage.fire(stage.duty("head"), credit)
        else:
            with pytest.raises(Refused, match="bears an exam"):
                stage.fire(stage.duty("head"), credit)
    stage = bavaria()
    too_much = Duty.credit(module="A", hours=76, provider="Institute", on=stage.today, evidence="file 7")
    with pytest.raises(Refused, match=r"75\.0 more hours may be credited"):
        stage.fire(stage.duty("head"), too_much)
