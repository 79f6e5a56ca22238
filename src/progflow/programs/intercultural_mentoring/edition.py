"""One edition of the intercultural mentoring."""

from __future__ import annotations

from datetime import date
from typing import Any, Generic, TypeVar

from attrs import field, frozen

from progflow import Case, Context
from progflow.programs import mentoring
from progflow.programs.intercultural_mentoring.people import Rules
from progflow.programs.mentoring import BaseEdition


@frozen(kw_only=True)
class EditionData(mentoring.EditionData):
    """What is laid down for an edition before it begins."""

    rules: Rules = field(factory=Rules)


E = TypeVar("E", bound=EditionData)


class InterculturalEdition(BaseEdition[E], Generic[E], abstract=True):
    """An edition of the intercultural mentoring, whatever a municipality lays down beside.

    Known of Osnabrück: since 2002 there were four of them, within the administration, each with seven to eight pairs
    for nine months, run by the department of personnel and organisation.
    """


class Edition(InterculturalEdition[EditionData]):
    """An edition of the intercultural mentoring."""


def rules_of(ctx: Context[Any]) -> Rules:
    """What the edition of a child has laid down."""
    edition: Case[EditionData] = ctx.parent(InterculturalEdition)
    return edition.data.rules


def kickoff_of(ctx: Context[Any]) -> date | None:
    """The day of the kick-off, for a child; None as long as it has not been held."""
    return ctx.parent(InterculturalEdition)[InterculturalEdition.kickoff].held_on


__all__ = ["Edition", "EditionData", "InterculturalEdition", "kickoff_of", "rules_of"]
