"""Trainee volunteering, as the city of Essen has held it every year since 2006.

Charitable institutions offer projects for a day; trainees of the city register, the city agency assigns them, the host
says who came, and everybody who did gets a certificate. One lifecycle for each kind of thing, all of them children of
the year::

    year.py           two deadlines, the time under way, the end by itself
    volunteer.py      a trainee, from the registration to the certificate:
        registration.py   consent, briefing, agreed days; the place, and what came of it
    deployment.py     one volunteer in one project: a place or the waiting list, present or not
    project.py        an offer: checked, published, staffed, carried out, confirmed
    people.py         roles, what the host must answer, and what a year may set otherwise

What depends on another case watches it and moves by itself: a volunteer follows the deployment, a deployment its
project, a project those who are assigned to it. A municipality sets otherwise what is marked as an assumption: in the
``Rules`` of a year, by overriding a guard, or by deriving its own project or volunteer from ``BaseProject`` and
``BaseVolunteer``. Nothing here is legal advice.

The flow needs to know who is a trainee, and who is charitable: ``Flow(trainee_volunteering, store=…, facts={Personnel:
…, Institutions: …})``.
"""

from progflow import Program
from progflow.programs.trainee_volunteering.deployment import Deployment, DeploymentData
from progflow.programs.trainee_volunteering.people import HOST, TRAINEE, Activity, Institutions, Personnel, Rules
from progflow.programs.trainee_volunteering.project import BaseProject, Project, ProjectData
from progflow.programs.trainee_volunteering.registration import Registration, RegistrationData
from progflow.programs.trainee_volunteering.volunteer import BaseVolunteer, Volunteer, VolunteerData
from progflow.programs.trainee_volunteering.year import Year, YearData
from progflow.states.people import HEAD, OFFICE

trainee_volunteering = Program("trainee-volunteering", Year, Project, Volunteer, Deployment, zone="Europe/Berlin")
"""The programme as a value: ``Flow(trainee_volunteering, store=…, facts={Personnel: …, Institutions: …})``."""

__all__ = [
    "HEAD",
    "HOST",
    "OFFICE",
    "TRAINEE",
    "Activity",
    "BaseProject",
    "BaseVolunteer",
    "Deployment",
    "DeploymentData",
    "Institutions",
    "Personnel",
    "Project",
    "ProjectData",
    "Registration",
    "RegistrationData",
    "Rules",
    "Volunteer",
    "VolunteerData",
    "Year",
    "YearData",
    "trainee_volunteering",
]
