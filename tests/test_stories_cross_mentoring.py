"""Stories of the cross-mentoring that nobody told: none may break a rule of the programme."""

from hypothesis import strategies as st

from progflow.programs.cross_mentoring import MemberCity, PanelMember, Rules, Staff, cross_mentoring
from progflow.testing import program_test


class CityStaff:
    """Who reports to whom in the cities of a story."""

    def reports_to(self, person: str, superior: str) -> bool:
        """One is the superior of all others but one."""
        return superior == "person-6" and person not in ("person-5", "person-6")


SEATS = st.integers(1, 2)  # what a story has no mentees for is no quota
CITIES = st.tuples(
    st.builds(MemberCity, st.just("amber"), st.just("person-5"), SEATS),
    st.builds(MemberCity, st.sampled_from(["birch"] * 7 + ["amber"]), st.just("person-6"), SEATS),
)
AMBER, BIRCH = PanelMember("person-5", "amber", "equality officer"), PanelMember("person-6", "birch", "personnel")
PANELS = [(AMBER, BIRCH)] * 6 + [(AMBER,), (AMBER, AMBER)]
RULES = st.builds(
    Rules,
    months=st.sampled_from([3, 9]),
    confirm_within=st.sampled_from([1, 10]),
    refill_months=st.sampled_from([0, 2]),
    tandems_for_kickoff=st.sampled_from([0, 0, 1]),
    fewest_tandems=st.sampled_from([0, 1]),
    mentees_per_mentor=st.sampled_from([1, 1, 2]),
    fewest_meetings=st.sampled_from([0, 1]),
    fewest_seminars=st.sampled_from([0, 0, 1]),
    longest_pause=st.sampled_from([1, 3]),
    back_within_days=st.sampled_from([None, 7]),
)

STRATEGIES = {
    "EditionData.cities": CITIES,
    "EditionData.panel": st.sampled_from(PANELS),
    "EditionData.rules": RULES,
    "city": st.sampled_from(["amber", "birch", "coral"]),
    "MenteeData.city": st.sampled_from(["amber"] * 6 + ["birch", "coral"]),  # a quota is that of one city
    "MentorData.city": st.sampled_from(["birch"] * 6 + ["amber", "coral"]),
    "rank": st.integers(1, 3),
    "announce.capacity": st.sampled_from([None, 0, 1]),
    "announce.hours": st.sampled_from([0.0, 2.0]),
}

TestStories = program_test(
    cross_mentoring,
    facts={Staff: CityStaff()},
    strategies=STRATEGIES,
    unreachable=[
        "Mentee.tandem.has_begun",  # of a tandem that has begun the kick-off was held
        "Mentee.tandem.end_is_known",  # and counts from it
        "Mentee.certificate.not_issued",  # nothing leads back from a certificate; other programmes may correct one
        "MatchProposal.no_reporting_line",  # it was asked before it was proposed, and the stand-in does not change
        "MatchProposal.approval.speaks_for_a_party",  # whoever may approve sits on the panel for one of the two
        "Agreement.signature.speaks_for_a_party",  # and whoever may sign does so for a city
        "Tandem.every_area",  # goals are about anything here
        "SeminarPlace.attendance.long_enough",  # it is asked within the effect that records who was there
    ],
)
