"""Compulsory leadership training, as the City of Essen has it.

Who becomes a leader is obliged to take part in a training that is made of modules, and to refresh it later. Nobody
applies: the obligation arises with the post. One lifecycle for each kind of thing, and all of them children of the
training::

    people.py    roles, modules with their deadlines, and the rules that a concept lays down
    training.py  the training itself: the concept in force, and its revisions
    session.py   sessions of the modules, with seats and a waiting list; a leader's seat in one
    duty.py      what one leader has to do in one round, and the next one after it
    overview.py  who has done what, and confirmations

Each module knows only those above it in this list; what depends on another case watches it and moves by itself: a
duty is planned when a seat is registered and fulfilled when enough was attended, a seat is given to the next who waits
when it gets free, and falls away with the duty for which it was meant.

Every rule says where it comes from: what is called an assumption is a default that can be set otherwise, in the
``Rules`` of a concept, by overriding a guard or a derived value in a subclass, or by deriving own duties and sessions
from ``BaseDuty`` and ``BaseSession``. Nothing here is legal advice.

The host's personnel system speaks as ``SYSTEM``, or as an actor with the role ``PERSONNEL``: ``Duty.arise`` with an
appointment, ``Duty.obligation.suspend`` and ``resume`` around a leave, ``Duty.obligation.lapse`` when the post ends.
"""

from progflow import Program
from progflow.programs.leadership_training.duty import BaseDuty, Duty, DutyData
from progflow.programs.leadership_training.overview import Confirmation, Standing, confirmations, overview
from progflow.programs.leadership_training.people import (
    PERSONNEL,
    TRAINER,
    Concept,
    Credit,
    Deadline,
    Level,
    Module,
    Rules,
)
from progflow.programs.leadership_training.session import BaseSession, Booking, BookingData, Session, SessionData
from progflow.programs.leadership_training.training import Training, TrainingData

leadership_training = Program("leadership-training", Training, Session, Booking, Duty, zone="Europe/Berlin")
"""The programme as a value: ``Flow(leadership_training, store=…)``."""

__all__ = [
    "PERSONNEL",
    "TRAINER",
    "BaseDuty",
    "BaseSession",
    "Booking",
    "BookingData",
    "Concept",
    "Confirmation",
    "Credit",
    "Deadline",
    "Duty",
    "DutyData",
    "Level",
    "Module",
    "Rules",
    "Session",
    "SessionData",
    "Standing",
    "Training",
    "TrainingData",
    "confirmations",
    "leadership_training",
    "overview",
]
