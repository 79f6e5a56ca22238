"""What an edition offers beside the tandems: seminars, meetings of the network, fireside evenings."""

from __future__ import annotations

from enum import Enum

from attrs import frozen

from progflow.programs import mentoring
from progflow.programs.cross_mentoring.edition import BaseEdition


class Format(Enum):
    """What kind of occasion it is."""

    SEMINAR = "seminar"
    NETWORK = "networking meeting"
    FIRESIDE = "fireside evening"


@frozen(kw_only=True)
class SeminarData(mentoring.SeminarData):
    """What it is about, and of what kind."""

    format: Format = Format.SEMINAR


class Seminar(mentoring.BaseSeminar[SeminarData], parent=BaseEdition):
    """A seminar, a networking meeting or a fireside evening of an edition.

    Köln and Düsseldorf held three seminars, two networking meetings and fireside evenings (press release of the city
    of Düsseldorf, 2023). That a certificate needs none of them is an assumption: see ``Rules.fewest_seminars``.
    """


class SeminarPlace(mentoring.BaseSeminarPlace, parent=BaseEdition):
    """A mentee registers for a seminar and attends it."""


__all__ = ["Format", "Seminar", "SeminarData", "SeminarPlace"]
