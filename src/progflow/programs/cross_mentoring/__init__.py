"""Cross-mentoring between cities, as Köln and Düsseldorf do it.

Women of both cities apply for five seats each; for fifteen months each works with an experienced leader of the other
city. One lifecycle for each kind of thing, and all of them children of the edition::

    edition.py        call, selection, matching, kick-off, closing, cancellation
    mentee.py         from the application to the certificate, made of four phases:
        application.py    complete or not
        selection.py      seats, ranks and the waiting list of each city
        participation.py  the tandem phase: clock, pause, extension
        certificate.py    numbered, at most one
    mentor.py         offers, is available, leaves
    matching.py       a match proposal, approved by both cities
    agreement.py      the cooperation agreement that both cities sign
    tandem.py         a pair at work
    people.py         roles, what the host must answer, and what an edition may set otherwise

Each module knows only those below it in this list, beside the edition that is the parent of all; what depends on
another case watches it and moves by itself. Every rule says where it comes from: what is called an assumption is a
default that can be set otherwise, in the ``Rules`` of an edition, by overriding a guard, a moment or a phase in a
subclass, or by deriving an own mentee from ``BaseMentee``. Nothing here is legal advice.

One person may be mentee and mentor in the same edition, as there is at most one tandem for each role, and never in
the same pair (assumption). One thing is known to both sides: ``Edition`` counts tandems before it is called off, so
``too_few_tandems`` imports ``tandem.py``, which stands under the edition.

The flow needs to know who reports to whom: ``Flow(cross_mentoring, store=…, facts={Staff: your_answerer})``.
"""

from progflow import Program
from progflow.programs.cross_mentoring.agreement import Agreement, AgreementData
from progflow.programs.cross_mentoring.certificate import Certificate, CertificateData
from progflow.programs.cross_mentoring.edition import Edition, EditionData
from progflow.programs.cross_mentoring.matching import MatchData, MatchProposal
from progflow.programs.cross_mentoring.mentee import BaseMentee, Mentee, MenteeData
from progflow.programs.cross_mentoring.mentor import Mentor, MentorData
from progflow.programs.cross_mentoring.participation import Participation, ParticipationData
from progflow.programs.cross_mentoring.people import (
    EMPLOYEE,
    HEAD,
    OFFICE,
    Approval,
    Cause,
    MemberCity,
    PanelMember,
    Rules,
    Staff,
)
from progflow.programs.cross_mentoring.selection import Selection, SelectionData
from progflow.programs.cross_mentoring.tandem import Tandem, TandemData

cross_mentoring = Program(
    "cross-mentoring",
    Edition,
    Mentee,
    Mentor,
    MatchProposal,
    Agreement,
    Tandem,
    zone="Europe/Berlin",
)
"""The programme as a value: ``Flow(cross_mentoring, store=…, facts={Staff: …})``."""

__all__ = [
    "EMPLOYEE",
    "HEAD",
    "OFFICE",
    "Agreement",
    "AgreementData",
    "Approval",
    "BaseMentee",
    "Cause",
    "Certificate",
    "CertificateData",
    "Edition",
    "EditionData",
    "MatchData",
    "MatchProposal",
    "MemberCity",
    "Mentee",
    "MenteeData",
    "Mentor",
    "MentorData",
    "PanelMember",
    "Participation",
    "ParticipationData",
    "Rules",
    "Selection",
    "SelectionData",
    "Staff",
    "Tandem",
    "TandemData",
    "cross_mentoring",
]
