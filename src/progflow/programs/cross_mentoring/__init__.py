"""Cross-mentoring between cities, as Köln and Düsseldorf do it.

Women of both cities apply for five seats each; for fifteen months each works with an experienced leader of the other
city. What all mentoring programmes share it takes from ``progflow.programs.mentoring``; its own are the cities::

    people.py     the member cities, and the length of an edition
    edition.py    at least two cities, each of them on the panel
    agreement.py  the cooperation agreement that all cities sign
    tandem.py     the cities of a pair as they were, and what becomes of it when somebody changes the employer
    matching.py   both cities approve a match
    mentor.py     a mentor of one city
    mentee.py     a mentee of another, with the seats and the waiting list of each city
    seminars.py   seminars, networking meetings, fireside evenings

Each module knows only those above it in this list. Every rule says where it comes from: what is called an assumption
is a default that can be set otherwise, in the ``Rules`` of an edition, by overriding a guard, a moment, a derived
value or a phase in a subclass, or by deriving an own lifecycle from its base, as ``BaseMentee``. Nothing here is legal
advice.

The flow needs to know who reports to whom: ``Flow(cross_mentoring, store=…, facts={Staff: your_answerer})``.
"""

from progflow import Program
from progflow.programs.cross_mentoring.agreement import Agreement, AgreementData
from progflow.programs.cross_mentoring.edition import BaseEdition, Edition, EditionData
from progflow.programs.cross_mentoring.matching import BaseMatchProposal, MatchProposal
from progflow.programs.cross_mentoring.mentee import BaseMentee, Mentee, MenteeData
from progflow.programs.cross_mentoring.mentor import BaseMentor, Mentor, MentorData
from progflow.programs.cross_mentoring.people import MemberCity, Rules
from progflow.programs.cross_mentoring.seminars import Format, Seminar, SeminarData, SeminarPlace
from progflow.programs.cross_mentoring.tandem import BaseTandem, Pair, Tandem, TandemData
from progflow.programs.mentoring import Attended, Goal, PanelMember, Staff, attended
from progflow.states.people import EMPLOYEE, HEAD, OFFICE, Cause

cross_mentoring = Program(
    "cross-mentoring",
    Edition,
    Mentee,
    Mentor,
    MatchProposal,
    Agreement,
    Tandem,
    Seminar,
    SeminarPlace,
    zone="Europe/Berlin",
)
"""The programme as a value: ``Flow(cross_mentoring, store=…, facts={Staff: …})``."""

__all__ = [
    "EMPLOYEE",
    "HEAD",
    "OFFICE",
    "Agreement",
    "AgreementData",
    "Attended",
    "BaseEdition",
    "BaseMatchProposal",
    "BaseMentee",
    "BaseMentor",
    "BaseTandem",
    "Cause",
    "Edition",
    "EditionData",
    "Format",
    "Goal",
    "MatchProposal",
    "MemberCity",
    "Mentee",
    "MenteeData",
    "Mentor",
    "MentorData",
    "Pair",
    "PanelMember",
    "Rules",
    "Seminar",
    "SeminarData",
    "SeminarPlace",
    "Staff",
    "Tandem",
    "TandemData",
    "attended",
    "cross_mentoring",
]
