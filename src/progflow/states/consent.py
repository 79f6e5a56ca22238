"""Consent of everybody whom something is about, and its withdrawal at any time."""

from __future__ import annotations

from typing import Any

from attrs import evolve, frozen

from progflow import (
    NEXT,
    OPEN,
    STAY,
    Context,
    Derived,
    No,
    Phase,
    Source,
    State,
    Who,
    event,
    guard,
    invariant,
    relation,
)
from progflow.states.people import OFFICE, Name


@frozen
class ConsentData:
    """Who has consented, by the host's ids, and who has said no; ``documents`` are the file numbers of paper forms."""

    given_by: tuple[str, ...] = ()
    documents: tuple[str, ...] = ()
    withdrawn_by: str = ""


class Consent(Phase[ConsentData]):
    """Something is shown only while everybody whom it is about agrees: a photo, an entry in a list of participants.

    Consent can be withdrawn at any time and needs no reason (Art. 7(3) GDPR); that one no is enough is an assumption.
    Withdrawing does not undo what was lawful before; what is taken down, the host takes down when it hears of the step.

    Args:
        people: the ids of those whom it is about; with none the phase is over at once.
        of: the states from which consent can be withdrawn; every one that is not final, unless given.
        recorded_by: who writes down what somebody said on paper.
    """

    asked = State("consent asked", initial=True)
    withdrawn = State("consent withdrawn", final=True)

    def __init__(self, *, people: Derived[Any, tuple[str, ...]], of: Source = OPEN, recorded_by: Who = OFFICE) -> None:
        self.people = people
        self.of = of
        self.recorded_by = recorded_by

    @relation("somebody whom it is about")
    def one_of_them(self, ctx: Context[ConsentData]) -> bool:
        return ctx.actor.id in self.people(ctx)

    @guard("You have consented already.")
    def not_yet_given(self, ctx: Context[ConsentData]) -> bool:
        return ctx.actor.id not in ctx.data.given_by

    @event(asked >> STAY, by=one_of_them, when=not_yet_given)
    def give(self, ctx: Context[ConsentData]) -> ConsentData:
        """Consent to it being shown."""
        return evolve(ctx.data, given_by=(*ctx.data.given_by, ctx.actor.id))

    @guard("It is not about {person}, or {person} has consented already.")
    def still_wanted(self, ctx: Context[ConsentData], *, person: str) -> bool:
        return person in self.people(ctx) and person not in ctx.data.given_by

    @event(asked >> STAY, by=lambda self: self.recorded_by, when=still_wanted)
    def record(self, ctx: Context[ConsentData], *, person: Name, document: Name) -> ConsentData:
        """Record consent that was given on paper."""
        data = ctx.data
        return evolve(data, given_by=(*data.given_by, person), documents=(*data.documents, document))

    @guard("{missing} of those whom it is about have not consented.")
    def given_by_all(self, ctx: Context[ConsentData]) -> bool | No:
        missing = set(self.people(ctx)) - set(ctx.data.given_by)
        return not missing or No(missing=len(missing))

    @event(asked >> NEXT, auto=True, when=given_by_all)
    def be_complete(self, ctx: Context[ConsentData]) -> None:
        """Everybody has consented."""

    @event(lambda self: self.of >> self.withdrawn, by=one_of_them)
    def withdraw(self, ctx: Context[ConsentData]) -> ConsentData:
        """Refuse or withdraw consent.

        It needs no reason.
        """
        return evolve(ctx.data, withdrawn_by=ctx.actor.id)

    @guard("It is not about {person}.")
    def about_them(self, ctx: Context[ConsentData], *, person: str) -> bool:
        return person in self.people(ctx)

    @event(lambda self: self.of >> self.withdrawn, by=lambda self: self.recorded_by, when=about_them)
    def record_withdrawal(self, ctx: Context[ConsentData], *, person: Name) -> ConsentData:
        """Record that somebody refuses or has withdrawn consent."""
        return evolve(ctx.data, withdrawn_by=person)

    @invariant("Nothing is shown without the consent of everybody whom it is about.")
    def nothing_without_consent(self, ctx: Context[ConsentData]) -> bool:
        """Whoever is added later has to be asked first."""
        case = ctx.case
        shown = case.visited(self.asked) and case.is_open and not case.is_in(self.asked)
        return not shown or set(self.people(ctx)) <= set(ctx.data.given_by)


__all__ = ["Consent", "ConsentData"]
