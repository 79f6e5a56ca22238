"""Stories of the intercultural mentoring that nobody told: none may break a rule of the programme."""

from hypothesis import strategies as st

from progflow.programs.intercultural_mentoring import (
    Area,
    Conditions,
    Goal,
    PanelMember,
    Rules,
    Staff,
    intercultural_mentoring,
)
from progflow.testing import program_test


class Administration:
    """The people of a story, whose superior is one of them."""

    def reports_to(self, person: str, superior: str) -> bool:
        """One is the superior of all others but one."""
        return superior == "person-6" and person not in ("person-5", "person-6")

    def may_take_part(self, person: str) -> bool:
        """All but one."""
        return person != "person-4"


EQUALITY = PanelMember("person-5", "equality", "equality officer")
PERSONNEL = PanelMember("person-6", "personnel", "personnel")
RULES = st.builds(
    Rules,
    months=st.sampled_from([3, 9]),
    seats=st.integers(1, 2),  # what a story has no mentees for is no quota
    confirm_within=st.sampled_from([1, 10]),
    refill_months=st.sampled_from([0, 2]),
    tandems_for_kickoff=st.sampled_from([0, 1]),
    fewest_tandems=st.integers(0, 1),
    mentees_per_mentor=st.sampled_from([1, 1, 2]),
    fewest_meetings=st.integers(0, 1),
    fewest_workshops=st.integers(0, 1),
    fewest_members=st.sampled_from([1, 1, 2]),
    back_within_days=st.sampled_from([None, 7]),
    goals_within_weeks=st.sampled_from([1, 6]),
)
GOALS = tuple(Goal("to be heard", area) for area in Area)

TestStories = program_test(
    intercultural_mentoring,
    facts={Staff: Administration(), Conditions: Administration()},
    strategies={
        "EditionData.panel": st.sampled_from([(EQUALITY, PERSONNEL)] * 6 + [(PERSONNEL, PERSONNEL)]),
        "EditionData.rules": RULES,
        "agree_goals.goals": st.sampled_from([GOALS, GOALS, GOALS[:1]]),
        "rank": st.integers(1, 3),
        "announce.capacity": st.sampled_from([None, 0, 1]),
        "announce.hours": st.sampled_from([0.0, 2.0]),
    },
    unreachable=[
        "Mentee.both_take_part",  # a rule of programmes of several organisations
        "Mentee.fits",  # as this one
        "Mentee.tandem.has_begun",  # of a tandem that has begun the kick-off was held
        "Mentee.tandem.end_is_known",  # and counts from it
        "Mentee.certificate.not_issued",  # nothing leads back from a certificate; other programmes may correct one
        "MatchProposal.no_reporting_line",  # it was asked before it was proposed, and the stand-in does not change
        "MatchProposal.approval.speaks_for_a_party",  # whoever may approve sits on the panel for one
        "Tandem.ready_to_begin",  # nothing is needed beside the kick-off
        "WorkshopPlace.attendance.long_enough",  # it is asked within the effect that records who was there
    ],
)
