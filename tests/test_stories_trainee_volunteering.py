"""Stories of the trainee volunteering that nobody told: none may break a rule of the programme."""

from datetime import date

from progflow.programs.trainee_volunteering import Institutions, Personnel, trainee_volunteering
from progflow.testing import program_test


class City:
    """The people of a story: most are trainees, one comes of age in it, and one supervises the others."""

    def is_trainee(self, person: str, on: date) -> bool:
        """All but one, and one of them until the end of the year."""
        return person != "person-6" and (person != "person-5" or on.year == 2026)

    def birthday(self, person: str) -> date:
        """Some are of age when the story begins, others come of age later."""
        return date(2008, 9, 1) if person in ("person-2", "person-3") else date(2000, 1, 1)

    def supervises(self, superior: str, person: str) -> bool:
        """One does, of all others."""
        return superior == "person-6" != person

    def is_charitable(self, institution: str) -> bool:
        """All but one."""
        return institution != "coral"


TestStories = program_test(trainee_volunteering, facts={Personnel: City(), Institutions: City()})
