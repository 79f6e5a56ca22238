"""Stories of a participation process that nobody told: none may break a rule of the programme."""

from datetime import date

from hypothesis import strategies as st

from progflow.programs.city_participation import Group, Kind, Rules, city_participation
from progflow.testing import program_test

GROUPS = [(Group("staff", fewest=1),), (Group("staff", fewest=1), Group("citizens"))]

DUE = [date(2026, 9, 30), date(2027, 9, 30), date(2028, 9, 30)]

TestStories = program_test(
    city_participation,
    strategies={
        "ProcessData.groups": st.sampled_from(GROUPS),
        "ProcessData.committees": st.sampled_from([("planning", "finance"), ("planning", "finance"), ("planning",)]),
        "ProcessData.topics": st.sampled_from([(), ("traffic",)]),
        "ProcessData.rules": st.builds(
            Rules, display_days=st.sampled_from([0, 7]), evaluation_months=st.sampled_from([1, 12])
        ),
        "WorkshopData.kind": st.sampled_from([Kind.SWOT, Kind.IDEAS, Kind.SWOT, Kind.IDEAS, Kind.FORUM]),
        "WorkshopData.groups": st.sampled_from([(), (), (), (), ("staff",), ("citizens",)]),
        "ContributionData.group": st.sampled_from(["staff", "citizens"]),
        "topic": st.sampled_from(["traffic", "parks"]),
        "committee": st.sampled_from(["planning", "finance", "sports"]),
        "participants": st.integers(0, 3),
        "assess.cost": st.sampled_from([500, 500, 500, 0, None]),
        "assess.due": st.sampled_from([*DUE, *DUE, None]),
        "assess.owner": st.sampled_from(["office", "moderator", "office", "moderator", ""]),
    },
)
