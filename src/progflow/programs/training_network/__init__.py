"""A training network of several administrations, as nine of southern Saxony-Anhalt did it.

Employees talk with their superiors about what they need to learn, as TVöD § 5 asks; what several need they learn
together, in courses that a carrier runs for all. One lifecycle for each kind of thing::

    network.py      for how long it runs, and the proof of what it was used for
    member.py       an administration: joined, resting, left
        talk.py         the yearly talk of one employee                      (of a member)
        agreement.py    qualification agreement, binding and repayment       (of a member)
    need.py         what one employee needs: pooled, approved, covered, confirmed in writing
    place.py        one employee's place in one course
    course.py       a course for several administrations
    statistics.py   who took part, for each administration
    people.py       roles, what the host must answer, and what a network may set otherwise

Members, needs, places and courses are children of the network; talks and agreements are children of a member, since
they belong to its administration and outlive the network. What depends on another case watches it and moves by
itself: needs become a pool, ask for a seat when a course is announced, and are covered when it was attended.

Every case about an employee says which administration it belongs to; who may read it is for the host. Every rule says
where it comes from: what is called an assumption is a default that can be set otherwise, in the ``Rules`` of a network
or by deriving from ``BaseNeed``, ``BaseTalk`` or ``BaseAgreement``, which also take further fields. Nothing here is
legal advice. One thing is known to both sides: a course is planned for a pool of needs, so ``pool_is_there`` imports
``need.py``, which stands above it.

The flow needs to know who works where: ``Flow(training_network, store=…, facts={Staff: your_answerer})``.
"""

from progflow import Program
from progflow.programs.training_network.agreement import Agreement, AgreementData, BaseAgreement, Initiator
from progflow.programs.training_network.course import Course, CourseData
from progflow.programs.training_network.member import Member, MemberData
from progflow.programs.training_network.need import BaseNeed, Need, NeedData
from progflow.programs.training_network.network import Network, NetworkData
from progflow.programs.training_network.people import (
    CARRIER,
    EMPLOYEE,
    HEAD,
    PERSONNEL,
    Group,
    Kind,
    Marked,
    Rules,
    Staff,
)
from progflow.programs.training_network.place import Place, PlaceData
from progflow.programs.training_network.statistics import Participation, participation
from progflow.programs.training_network.talk import BaseTalk, Talk, TalkData

training_network = Program(
    "training-network",
    Network,
    Member,
    Talk,
    Need,
    Course,
    Place,
    Agreement,
    zone="Europe/Berlin",
)
"""The programme as a value: ``Flow(training_network, store=…, facts={Staff: …})``."""

__all__ = [
    "CARRIER",
    "EMPLOYEE",
    "HEAD",
    "PERSONNEL",
    "Agreement",
    "AgreementData",
    "BaseAgreement",
    "BaseNeed",
    "BaseTalk",
    "Course",
    "CourseData",
    "Group",
    "Initiator",
    "Kind",
    "Marked",
    "Member",
    "MemberData",
    "Need",
    "NeedData",
    "Network",
    "NetworkData",
    "Participation",
    "Place",
    "PlaceData",
    "Rules",
    "Staff",
    "Talk",
    "TalkData",
    "participation",
    "training_network",
]
