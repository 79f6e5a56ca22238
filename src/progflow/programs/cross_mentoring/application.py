"""The application of a mentee, until it is complete and admitted."""

from __future__ import annotations

from typing import Any

from attrs import evolve, frozen

from progflow import NEXT, STAY, Context, Exit, Guard, Phase, Reason, Relation, State, event
from progflow.programs.cross_mentoring.people import OFFICE, Name


@frozen
class ApplicationData:
    """What became of the application."""

    missing: str = ""
    endorsed_by: str = ""
    rejected_because: str = ""


class Application(Phase[ApplicationData]):
    """An application is looked at for completeness (assumption: usual for competitive calls).

    Args:
        applicant: whose it is.
        supervisor: who may support it.
        not_about_oneself: the guard against deciding on oneself.
    """

    submitted = State(initial=True)
    incomplete = State()
    rejected = Exit()

    def __init__(self, *, applicant: Relation[Any], supervisor: Relation[Any], not_about_oneself: Guard[Any]) -> None:
        self.applicant = applicant
        self.supervisor = supervisor
        self.not_about_oneself = not_about_oneself

    @event(submitted >> incomplete, by=OFFICE, when=lambda self: self.not_about_oneself)
    def ask_for_more(self, ctx: Context[ApplicationData], *, missing: Reason) -> ApplicationData:
        """Ask for what is missing."""
        return evolve(ctx.data, missing=missing)

    @event(incomplete >> submitted, by=lambda self: self.applicant)
    def complete(self, ctx: Context[ApplicationData], *, document: Name) -> ApplicationData:
        """Hand in what was missing."""
        return evolve(ctx.data, missing="")

    @event((submitted | incomplete) >> STAY, by=lambda self: self.supervisor)
    def endorse(self, ctx: Context[ApplicationData]) -> ApplicationData:
        """Support the application as the superior."""
        return evolve(ctx.data, endorsed_by=ctx.actor.id)

    @event(submitted >> NEXT, by=OFFICE, when=lambda self: self.not_about_oneself)
    def admit(self, ctx: Context[ApplicationData]) -> None:
        """Admit the application to the selection."""

    @event((submitted | incomplete) >> rejected, by=OFFICE, when=lambda self: self.not_about_oneself)
    def reject(self, ctx: Context[ApplicationData], *, reason: Reason) -> ApplicationData:
        """Reject the application."""
        return evolve(ctx.data, rejected_because=reason)


__all__ = ["Application", "ApplicationData"]
