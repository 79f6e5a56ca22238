"""Stories of the cross-mentoring that nobody told: none may break a rule of the programme."""

from hypothesis import strategies as st

from progflow.programs.cross_mentoring import MemberCity, PanelMember, Rules, Staff, cross_mentoring
from progflow.testing import program_test


class CityStaff:
    """Who reports to whom in the cities of a story."""

    def reports_to(self, person: str, superior: str) -> bool:
        """One is the superior of all others but one."""
        return superior == "person-6" and person not in ("person-5", "person-6")


SEATS = st.integers(1, 2)  # more than a story has mentees would be no quota
CITIES = st.tuples(
    st.builds(MemberCity, st.just("amber"), st.just("person-5"), SEATS),
    st.builds(MemberCity, st.sampled_from(["birch", "birch", "birch", "amber"]), st.just("person-6"), SEATS),
)
AMBER, BIRCH = PanelMember("person-5", "amber", "equality officer"), PanelMember("person-6", "birch", "personnel")
RULES = st.builds(
    Rules,
    months=st.sampled_from([3, 15]),
    confirm_within=st.sampled_from([1, 10]),
    refill_months=st.sampled_from([0, 12]),
    tandems_for_kickoff=st.sampled_from([0, 0, 1]),
    fewest_tandems=st.sampled_from([0, 1]),
    mentees_per_mentor=st.sampled_from([1, 2]),
    fewest_meetings=st.integers(0, 1),
    fewest_seminars=st.sampled_from([0, 0, 1]),
    longest_pause=st.sampled_from([0, 1, 3]),
    back_within_days=st.sampled_from([None, 7]),
)

TestStories = program_test(
    cross_mentoring,
    facts={Staff: CityStaff()},
    strategies={
        "EditionData.cities": CITIES,
        "EditionData.panel": st.sampled_from([(AMBER, BIRCH), (AMBER, BIRCH), (AMBER, BIRCH), (AMBER,), (AMBER, AMBER)]),
        "EditionData.rules": RULES,
        "city": st.sampled_from(["amber", "birch", "coral"]),
        "MenteeData.city": st.sampled_from(["amber"] * 6 + ["birch", "coral"]),  # those of one city have a quota
        "MentorData.city": st.sampled_from(["birch"] * 6 + ["amber", "coral"]),
        "announce.capacity": st.sampled_from([None, 0, 1]),
        "announce.hours": st.sampled_from([0.0, 2.0]),
        "select.rank": st.integers(1, 3),
        "waitlist.rank": st.integers(1, 3),
        "rerank.rank": st.integers(1, 3),
    },
)
