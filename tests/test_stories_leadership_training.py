"""Stories of the leadership training that nobody told: none may break a rule of the programme."""

from hypothesis import strategies as st

from progflow.programs.leadership_training import Deadline, Module, Rules, leadership_training
from progflow.testing import program_test

A = Module("A", "Leading for the first time", 2, deadline=Deadline(months=2), refresher=True)
B = Module("B", "Talks with staff", 2, after=("A",), deadline=Deadline(months=4))
EXAM = Module("C", "Change", 1, deadline=Deadline(months=1, begun=True), exam=True)
BACKWARDS = (B, A)

RULES = st.builds(
    Rules,
    refresher_months=st.sampled_from([None, 1, 36]),
    refresher_opens=st.sampled_from([0, 6]),
    credit_cap=st.sampled_from([50, 100]),
    least_share=st.sampled_from([50, 80, 100]),
    notice_days=st.sampled_from([0, 7]),
)

TestStories = program_test(
    leadership_training,
    strategies={
        "modules": st.sampled_from([(A,), (A, B), (A, B, EXAM), (A, A), BACKWARDS, (EXAM,), ()]),
        "rules": RULES,
        "SessionData.module": st.sampled_from(["A", "A", "B", "C", "D"]),
        "credit.module": st.sampled_from(["A", "B", "C"]),
        "announce.capacity": st.sampled_from([None, 0, 1]),
        "announce.hours": st.sampled_from([1.0, 2.0]),
    },
    unreachable=["Booking.attendance.long_enough"],  # it is asked within the effect that records who was there
)
