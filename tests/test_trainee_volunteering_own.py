"""A municipality makes the programme its own; and what holds whatever people do."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from attrs import evolve, frozen
from hypothesis import given, settings
from hypothesis import strategies as st

from progflow import STAY, SYSTEM, Context, InvariantBroken, No, Program, Refused, event, guard
from progflow.programs.trainee_volunteering import (
    OFFICE,
    Activity,
    BaseProject,
    BaseVolunteer,
    Deployment,
    Project,
    ProjectData,
    Volunteer,
    VolunteerData,
    Year,
    trainee_volunteering,
)
from progflow.states.people import Cause
from trainee_volunteering_stage import FRIDAY, SATURDAY, Stage, host, office, trainee


@frozen(kw_only=True)
class OurProjectData(ProjectData):
    barrier_free: bool = False


@frozen(kw_only=True)
class OurVolunteerData(VolunteerData):
    shirt: str = "M"


class OurProject(BaseProject[OurProjectData], name="Project"):
    """Our projects say whether they are free of barriers, and take ten volunteers at most."""

    @guard("We publish projects for {most} volunteers at most.")
    def offers_are_in(self, ctx: Context[OurProjectData]) -> bool | No:
        return ctx.data.places <= 10 or No(most=10)


class OurVolunteer(BaseVolunteer[OurVolunteerData], name="Volunteer"):
    """Our volunteers get a shirt, and may register from their second year on."""

    @event(BaseVolunteer.registration.registered >> STAY, by=OFFICE)
    def change_shirt(self, ctx: Context[OurVolunteerData], *, shirt: str) -> OurVolunteerData:
        """Note another size of the shirt."""
        return evolve(ctx.data, shirt=shirt)


ours = Program("trainee-volunteering", Year, OurProject, OurVolunteer, Deployment, zone="Europe/Berlin")


def test_own_fields_and_rules_go_with_everything_that_is_inherited() -> None:
    stage = Stage(program=ours, project=OurProject, volunteer=OurVolunteer)
    for name, places in (("fence", 2), ("crowd", 11)):
        data = OurProjectData(
            name=name, host="h", activity=Activity.MANUAL, on=FRIDAY, places=places, barrier_free=True
        )
        stage.flow.start(OurProject.submit(offer=data), parent=stage.year, actor=host(name))
    crowd = stage.project_of("crowd")
    assert stage.refusal(crowd, OurProject.offer.admit(), office) == "We publish projects for 10 volunteers at most."
    stage.to_registration()
    stage.publish("fence")
    command = OurVolunteer.register(volunteer=OurVolunteerData(wish="fence", shirt="S"))
    stage.flow.start(command, parent=stage.year, actor=trainee("trainee-1"))
    stage.do(stage.who("trainee-1"), OurVolunteer.change_shirt(shirt="L"))
    stage.ready("trainee-1")
    stage.assign("trainee-1", "fence")
    stage.on(SATURDAY)
    stage.came("trainee-1")
    assert stage.who("trainee-1").data == OurVolunteerData(wish="fence", shirt="L", person="trainee-1")
    assert stage.who("trainee-1").state == OurVolunteer.certificate.due
    assert stage.project_of("fence").data.barrier_free


def test_a_certificate_is_not_given_to_whom_no_host_has_confirmed_whoever_tries() -> None:
    stage = Stage()
    stage.to_registration("fence")
    stage.place_all("fence", "trainee-1")
    with pytest.raises(Refused):
        stage.do(stage.who("trainee-1"), Volunteer.registration.take_part(), SYSTEM)


def test_what_an_own_event_forgets_the_invariants_stop() -> None:
    class Careless(BaseVolunteer[VolunteerData], name="Volunteer"):
        """Certificates without a deployment, releases without a reason."""

        @event(BaseVolunteer.registration.registered >> BaseVolunteer.certificate, by=OFFICE)
        def give_away(self, ctx: Context[VolunteerData]) -> None:
            """Give a certificate away."""

        @event(BaseVolunteer.registration.registered >> BaseVolunteer.registration.released, by=OFFICE)
        def shrug(self, ctx: Context[VolunteerData]) -> None:
            """Release without a word."""

        @guard("This never says no.")
        def not_too_often(self, ctx: Context[VolunteerData]) -> bool:
            return True

    class CarelessProject(BaseProject[ProjectData], name="Project"):
        """Merged without a word."""

        @event(BaseProject.work.open >> BaseProject.merged, by=OFFICE)
        def vanish(self, ctx: Context[ProjectData]) -> None:
            """Merge without a word."""

    program = Program("trainee-volunteering", Year, CarelessProject, Careless, Deployment, zone="Europe/Berlin")
    stage = Stage(program=program, project=CarelessProject, volunteer=Careless)
    stage.to_registration("fence", "games")
    stage.place_all("fence", "trainee-1")
    stage.register("trainee-2", "games")
    for case, command, said in (
        (stage.who("trainee-2"), Careless.give_away(), "came, as the host has confirmed"),
        (stage.who("trainee-2"), Careless.shrug(), "was told why"),
        (stage.project_of("games"), CarelessProject.vanish(), "says into what, and why"),
    ):
        with pytest.raises(InvariantBroken, match=said):
            stage.do(case, command)
    with pytest.raises(InvariantBroken, match="more often in a year than allowed"):
        stage.register("trainee-1", "games")


def test_a_project_that_is_merged_or_falls_through_keeps_to_its_day_and_its_volunteers() -> None:
    class Hasty(BaseProject[ProjectData], name="Project"):
        """Merged into whatever there is, and given up whoever has a place."""

        @guard("This never says no.")
        def takes_everybody(self, ctx: Context[ProjectData], *, into: str) -> bool:
            return True

        @guard("This always says no.")
        def somebody_placed(self, ctx: Context[ProjectData]) -> bool:
            return False

    program = Program("trainee-volunteering", Year, Hasty, Volunteer, Deployment, zone="Europe/Berlin")
    stage = Stage(program=program, project=Hasty)
    stage.offer("walk", places=3, on=SATURDAY)
    stage.offer("fence", places=3, fewest=2)
    stage.to_registration()
    stage.publish("walk")
    stage.publish("fence")
    stage.place_all("fence", "trainee-1")
    for into in ("walk", "cake"):
        with pytest.raises(InvariantBroken, match="another project of the same day"):
            stage.do(stage.project_of("fence"), Hasty.merge(into=into, reason="Few."))
    stage.on(SATURDAY)
    assert stage.states("trainee-1") == ["registration.placed"]
    assert stage.project_of("fence").state == Hasty.work.open, "set aside with what the invariant says"


def test_the_programme_is_a_value() -> None:
    assert trainee_volunteering.name == "trainee-volunteering"


TRAINEES = tuple(f"trainee-{n}" for n in range(4))
PROJECTS = ("fence", "games", "walk")
DOINGS = ("register", "assign", "back", "excuse", "withdraw", "cancel", "merge", "move", "wait", "came", "missed")
Doing = tuple[str, str, str]


def act(stage: Stage, doing: Doing) -> None:
    what, name, project = doing
    if what == "register":
        stage.register(name, project)
        stage.ready(name, days=(FRIDAY, SATURDAY))
    elif what == "assign":
        stage.assign(name, project)
    elif what == "back":
        stage.do(stage.place(name), Deployment.attendance.deregister(reason="No."), trainee(name))
    elif what == "excuse":
        stage.do(stage.place(name), Deployment.attendance.excuse(cause=Cause.EXAM))
    elif what == "withdraw":
        stage.do(stage.who(name), Volunteer.withdrawal.withdraw(reason="No."), trainee(name))
    elif what == "cancel":
        stage.do(stage.project_of(project), Project.work.cancel(reason="No."), host(project))
    elif what == "merge":
        stage.do(stage.project_of(project), Project.merge(into=PROJECTS[0], reason="Few."))
    elif what == "move":
        stage.do(stage.project_of(project), Project.work.move_day(begins=SATURDAY, reason="Rain."))
    elif what == "wait":
        stage.on(date.fromordinal(stage.clock.today.toordinal() + 40))
    elif what == "came":
        stage.came(name)
    else:
        stage.missed(name)


def holds(stage: Stage) -> None:
    """What is true at every instant, seen from outside."""
    deployments: list[Any] = list(stage.flow.cases(Deployment).all())
    for project in stage.flow.cases(Project).all():
        mine = [case for case in deployments if case.links["project"] == project.id]
        seated = [case for case in mine if case.is_in(Deployment.attendance.with_a_seat)]
        waiting = [case for case in mine if case.is_in(Deployment.attendance.waiting)]
        capacity = project[Project.work].capacity
        assert capacity is None or len(seated) <= capacity, "invariant 17"
        bookable = project.is_in(Project.work.bookable) and stage.clock.today < FRIDAY
        assert not (waiting and bookable and capacity is not None and len(seated) < capacity), "a seat stays empty"
    for volunteer in stage.flow.cases(Volunteer).all():
        mine = [case for case in deployments if case.links["volunteer"] == volunteer.id]
        open_ones = [case for case in mine if case.is_in(Deployment.attendance.undecided)]
        came = [case for case in mine if case.is_in(Deployment.attendance.credited)]
        assert len(open_ones) == volunteer.is_in(Volunteer.registration.placed), "one place, and only if placed"
        assert len(came) == volunteer.visited(Volunteer.certificate), "a certificate for all who came, and only them"


@settings(max_examples=50)
@given(
    doings=st.lists(
        st.tuples(st.sampled_from(DOINGS), st.sampled_from(TRAINEES), st.sampled_from(PROJECTS)), max_size=14
    )
)
def test_places_and_certificates_stay_right_whatever_people_do(doings: list[Doing]) -> None:
    """Invariants 1 and 17, and nobody has two places."""
    stage = Stage()
    stage.to_registration(*PROJECTS, places=2, fewest=2)
    for name in TRAINEES[:3]:
        act(stage, ("register", name, PROJECTS[1]))
        act(stage, ("assign", name, PROJECTS[1]))
    for doing in doings:
        try:
            act(stage, doing)
        except (Refused, IndexError):
            continue
        holds(stage)
