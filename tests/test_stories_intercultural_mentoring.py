"""Stories of the intercultural mentoring that nobody told: none may break a rule of the programme."""

from hypothesis import strategies as st

from progflow.programs.intercultural_mentoring import Conditions, Rules, intercultural_mentoring
from progflow.testing import program_test


class MeantForMost:
    """Whom the programme is meant for."""

    def may_take_part(self, person: str) -> bool:
        """All but one."""
        return person != "person-6"


RULES = st.builds(
    Rules,
    tandems_for_kickoff=st.sampled_from([0, 1]),  # seven pairs are more than a story has
    fewest_members=st.sampled_from([1, 2]),
    fewest_meetings=st.sampled_from([0, 1]),
    fewest_workshops=st.sampled_from([0, 1]),
    seats=st.sampled_from([1, 2]),
    back_within_days=st.sampled_from([None, 7]),
)

TestStories = program_test(
    intercultural_mentoring,
    facts={Conditions: MeantForMost()},
    strategies={"EditionData.rules": RULES},
)
