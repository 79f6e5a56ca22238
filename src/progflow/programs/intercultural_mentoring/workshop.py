"""Workshops, and a mentee's place in one."""

from __future__ import annotations

from attrs import frozen

from progflow.programs.intercultural_mentoring.edition import InterculturalEdition
from progflow.programs.intercultural_mentoring.people import Topic
from progflow.programs.mentoring import BaseSeminar, BaseSeminarPlace, PlaceData, SeminarData


@frozen(kw_only=True)
class WorkshopData(SeminarData):
    """What it is about."""

    topic: Topic


class Workshop(BaseSeminar[WorkshopData], parent=InterculturalEdition):
    """A workshop of an edition.

    Known of Osnabrück: workshops on intercultural competence and on gender were an important part.
    """


class WorkshopPlace(BaseSeminarPlace, parent=InterculturalEdition):
    """A mentee registers for a workshop and attends it."""


__all__ = ["PlaceData", "Workshop", "WorkshopData", "WorkshopPlace"]
