"""Stories of the trainee volunteering that nobody told: none may break a rule of the programme."""

from datetime import date

from hypothesis import strategies as st

from progflow.programs.trainee_volunteering import Institutions, Personnel, Rules, trainee_volunteering
from progflow.testing import program_test


class City:
    """The people of a story: most are trainees, some come of age in it, and one supervises the others."""

    def is_trainee(self, person: str, on: date) -> bool:
        """All but one, and one of them until the end of March."""
        return person != "person-6" and (person != "person-5" or on <= date(2026, 3, 31))

    def birthday(self, person: str) -> date:
        """Some are of age when the story begins, others come of age later."""
        return date(2008, 9, 1) if person in ("person-1", "person-2", "person-3") else date(2000, 1, 1)

    def supervises(self, superior: str, person: str) -> bool:
        """One does, of all others."""
        return superior == "person-6" != person

    def is_charitable(self, institution: str) -> bool:
        """All but one."""
        return institution != "coral"


RULES = st.builds(Rules, per_year=st.sampled_from([1, 2]), confirm_within=st.sampled_from([1, 4]))

TestStories = program_test(
    trainee_volunteering,
    facts={Personnel: City(), Institutions: City()},
    strategies={
        "YearData.rules": RULES,
        "ProjectData.fewest": st.sampled_from([0, 1, 2]),
        "announce.capacity": st.sampled_from([1, 1, 2, None]),
        "resize.capacity": st.sampled_from([0, 1, 2, None]),
        "announce.hours": st.sampled_from([0.0, 6.0]),
        "attend.hours": st.sampled_from([None, 3.0, 8.0]),
    },
)
