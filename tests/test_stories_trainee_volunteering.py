"""Stories of the trainee volunteering that nobody told: none may break a rule of the programme."""

from datetime import date

from hypothesis import strategies as st

from progflow.programs.trainee_volunteering import Institutions, Personnel, Rules, trainee_volunteering
from progflow.testing import program_test


class City:
    """The people of a story: most are trainees, some come of age in it, and one supervises the others."""

    def is_trainee(self, person: str, on: date) -> bool:
        """All but one, and two of them until the end of March."""
        return person != "person-6" and (person not in ("person-4", "person-5") or on <= date(2026, 3, 31))

    def birthday(self, person: str) -> date:
        """Some are of age when the story begins, others come of age later."""
        return date(2008, 9, 1) if person in ("person-1", "person-2", "person-3") else date(2000, 1, 1)

    def supervises(self, superior: str, person: str) -> bool:
        """One does, of all others."""
        return superior == "person-6" != person

    def is_charitable(self, institution: str) -> bool:
        """All but one."""
        return institution != "bank"


RULES = st.builds(Rules, per_year=st.sampled_from([1, 2]), confirm_within=st.sampled_from([1, 4]))

# few days and names, so that they meet
DAYS = [date(2026, 4, 13), date(2026, 4, 13), date(2026, 4, 13), date(2026, 6, 8), date(2027, 2, 1)]
PROJECTS = ["garden", "kitchen"]

TestStories = program_test(
    trainee_volunteering,
    facts={Personnel: City(), Institutions: City()},
    strategies={
        "YearData.rules": RULES,
        "ProjectData.name": st.sampled_from(PROJECTS),
        "VolunteerData.wish": st.sampled_from(PROJECTS),
        "assign.project": st.sampled_from(PROJECTS),
        "merge.into": st.sampled_from(PROJECTS),
        "ProjectData.host": st.sampled_from(["hospice", "hospice", "bank"]),
        "ProjectData.fewest": st.sampled_from([2, 1, 2, 0]),
        "ProjectData.places": st.sampled_from([1, 2]),
        "announce.begins": st.sampled_from(DAYS),
        "move_day.begins": st.sampled_from(DAYS),
        "agree.days": st.sampled_from([tuple(DAYS), tuple(DAYS), tuple(DAYS[:1])]),
        "announce.capacity": st.sampled_from([1, 1, 2, None, 0]),
        "resize.capacity": st.sampled_from([0, 1, 2, None]),
        "offers.publish.deadline": st.sampled_from([date(2026, 3, 3), date(2026, 3, 9), date(2026, 4, 1)]),
        "registration.publish.deadline": st.sampled_from([date(2026, 3, 16), date(2026, 4, 7), date(2026, 5, 4)]),
        "announce.hours": st.sampled_from([0.0, 6.0]),
        "attend.hours": st.sampled_from([None, 3.0, 8.0]),
    },
    moves=5_000,
    must_reach=[  # a guard that always says no, and a timer that is lost, break no promise
        "Project.work.announce",
        "Project.work.fill",
        "Project.fall_through",
        "Project.give_up_waiting",
        "Volunteer.register",
        "Volunteer.registration.assign",
        "Year.end",
    ],
    unreachable=[
        # a number is given with the certificate, so what has one is not issued any more
        "Volunteer.certificate.not_issued",
        # when the day is over, one of both is so
        "Project.somebody_placed",
        "Project.nobody_placed",
        # an hour is enough
        "Deployment.attendance.long_enough",
    ],
)
