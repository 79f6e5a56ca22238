"""Intercultural mentoring within an administration, as Osnabrück has held it four times since 2002.

Employees with a migration background work for nine months with an experienced colleague; they agree on goals after the
kick-off, attend workshops on intercultural competence and gender, and do one project together. One lifecycle for each
kind of thing, on the bases of ``progflow.programs.mentoring``, and all of them children of the edition::

    people.py     what is asked of the host, topics and areas, and what an edition may set otherwise
    edition.py    call, selection, matching until the kick-off, the time of the pairs, closing, cancellation
    pair.py       mentors, match proposals, and pairs with goals in three areas
    workshop.py   workshops, and a mentee's place in one
    project.py    the joint project of all mentees
    mentee.py     from the application to the certificate

Whom the programme is for may be data of a special category, so nothing of it is kept here: the host answers yes or no.
A municipality sets otherwise what is marked as an assumption: in the ``Rules`` of an edition, by overriding a guard, or
by deriving its own from ``InterculturalEdition``, ``InterculturalMentee``, ``InterculturalMentor`` and
``InterculturalTandem``. Nothing here is legal advice.

The flow needs two answerers: ``Flow(intercultural_mentoring, store=…, facts={Staff: …, Conditions: …})``.
"""

from progflow import Program
from progflow.programs.intercultural_mentoring.edition import Edition, EditionData, InterculturalEdition
from progflow.programs.intercultural_mentoring.mentee import InterculturalMentee, Mentee, MenteeData
from progflow.programs.intercultural_mentoring.pair import (
    InterculturalMentor,
    InterculturalTandem,
    MatchProposal,
    Mentor,
    Tandem,
    TandemData,
)
from progflow.programs.intercultural_mentoring.people import Area, Conditions, Rules, Topic
from progflow.programs.intercultural_mentoring.project import JointProject, ProjectData
from progflow.programs.intercultural_mentoring.workshop import PlaceData, Workshop, WorkshopData, WorkshopPlace
from progflow.programs.mentoring import Attended, Goal, MentorData, PanelMember, Staff, attended
from progflow.states.people import EMPLOYEE, HEAD, OFFICE, Cause

intercultural_mentoring = Program(
    "intercultural-mentoring",
    Edition,
    Mentee,
    Mentor,
    MatchProposal,
    Tandem,
    Workshop,
    WorkshopPlace,
    JointProject,
    zone="Europe/Berlin",
)
"""The programme as a value: ``Flow(intercultural_mentoring, store=…, facts={Staff: …, Conditions: …})``."""

__all__ = [
    "EMPLOYEE",
    "HEAD",
    "OFFICE",
    "Area",
    "Attended",
    "Cause",
    "Conditions",
    "Edition",
    "EditionData",
    "Goal",
    "InterculturalEdition",
    "InterculturalMentee",
    "InterculturalMentor",
    "InterculturalTandem",
    "JointProject",
    "MatchProposal",
    "Mentee",
    "MenteeData",
    "Mentor",
    "MentorData",
    "PanelMember",
    "PlaceData",
    "ProjectData",
    "Rules",
    "Staff",
    "Tandem",
    "TandemData",
    "Topic",
    "Workshop",
    "WorkshopData",
    "WorkshopPlace",
    "attended",
    "intercultural_mentoring",
]
