"""Stories of a training network that nobody told: none may break a rule of the programme."""

from datetime import date

from hypothesis import strategies as st

from progflow.programs.training_network import Rules, Staff, training_network
from progflow.states.binding import LeavingCause
from progflow.testing import program_test


class Offices:
    """The people of a story work for two administrations; the last of each is the superior of the others."""

    def __init__(self) -> None:
        self.administrations = {"amber": ("person-1", "person-2", "person-3"), "birch": ("person-4", "person-5")}

    def administration_of(self, person: str) -> str:
        """The one to which the person belongs."""
        return next((name for name, people in self.administrations.items() if person in people), "")

    def reports_to(self, person: str, superior: str) -> bool:
        """Whether the superior is that of the person's administration."""
        staff = self.administrations.get(self.administration_of(person), ())
        return bool(staff) and person != superior == staff[-1]


RULES = st.builds(
    Rules,
    pool_size=st.sampled_from([1, 1, 2]),  # eight people of one need are more than a story has
    pool_administrations=st.just(1),
    talk_every=st.sampled_from([1, 12]),
    talk_within=st.integers(0, 8),
    escalates_after=st.integers(0, 4),
    least_share=st.sampled_from([80, 100, 0]),
)

TestStories = program_test(
    training_network,
    facts={Staff: Offices()},
    strategies={
        "NetworkData.rules": RULES,
        "administration": st.sampled_from(["amber", "birch"]),
        "NetworkData.starts": st.sampled_from([date(2026, 3, 2), date(2026, 3, 9), date(2030, 1, 1)]),
        "NetworkData.ends": st.sampled_from([date(2026, 12, 31), date(2027, 12, 31), date(2029, 12, 31)]),
        "topic": st.sampled_from(["maps", "letters"]),
        "announce.capacity": st.sampled_from([0, 1, 1, 2, None]),
        "announce.hours": st.sampled_from([6.0, 6.0, 6.0, 0.0]),
        "attend.hours": st.sampled_from([3.0, 3.0, 8.0, None]),
        "AgreementData.to_repay": st.sampled_from([0, 600, 600]),
        "AgreementData.costs": st.sampled_from([0, 600, 900]),
        "AgreementData.share": st.sampled_from([0, 0, 300]),
        "AgreementData.binding_months": st.sampled_from([0, 6, 24]),
        "leave.cause": st.sampled_from([LeavingCause.OWN_WISH, LeavingCause.BROKEN_OFF, LeavingCause.RETIRED]),
        "receive.cents": st.sampled_from([300, 600]),
    },
    unreachable=[
        # a number is given with the certificate, so what has one is not issued any more
        "Need.covered.not_issued",
        # nobody reads why not: what is owed, or counts, is decided in the step in which it is recorded
        "Place.attendance.long_enough",
        "Place.does_not_count",
        "Agreement.binding.owes",
        "Agreement.binding.owes_nothing",
        # who may sign here speaks for a party
        "Agreement.signature.speaks_for_a_party",
    ],
)
