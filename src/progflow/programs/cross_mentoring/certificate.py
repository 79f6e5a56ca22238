"""The certificate at the end of a completed participation."""

from __future__ import annotations

from datetime import date
from typing import Any

from attrs import evolve, frozen

from progflow import Context, Guard, Instant, Phase, Reason, State, end_of, event, guard, invariant, moment, months
from progflow.programs.cross_mentoring.edition import Edition
from progflow.programs.cross_mentoring.people import HEAD, OFFICE


@frozen
class CertificateData:
    """The number that was given, the day, and why there is none (any more)."""

    number: str = ""
    issued_on: date | None = None
    reason: str = ""


class Certificate(Phase[CertificateData]):
    """At most one certificate, numbered within the edition (assumption: a certificate is usual elsewhere).

    Args:
        earned: the guard of what a certificate needs beside completing.
        not_about_oneself: the guard against deciding on oneself.
    """

    due = State("completed", initial=True)
    overdue = State("overdue", resting=True)
    issued = State("certified", resting=True)
    refused = State("completed without certificate", final=True)
    revoked = State("certificate revoked", final=True)

    undecided = due | overdue

    def __init__(self, *, earned: Guard[Any], not_about_oneself: Guard[Any]) -> None:
        self.earned = earned
        self.not_about_oneself = not_about_oneself

    @event(undecided >> issued, by=OFFICE, when=lambda self: (self.not_about_oneself, self.earned))
    def issue(self, ctx: Context[CertificateData]) -> CertificateData:
        """Issue the certificate.

        It gets the next number of the edition.
        """
        before = sum(bool(one[self].number) for one in ctx.siblings().all())
        number = f"{ctx.parent(Edition).data.name}-{before + 1:03}"
        return evolve(ctx.data, number=number, issued_on=ctx.today)

    @moment
    def decision_ends(self, ctx: Context[CertificateData]) -> Instant:
        return end_of(ctx.case.entered_at.date() + months(ctx.parent(Edition).data.rules.certificate_within))

    @event(due >> overdue, at=decision_ends)
    def become_overdue(self, ctx: Context[CertificateData]) -> None:
        """Nobody has decided on the certificate in time.

        The edition does not wait for it any longer. She loses nothing: it can still be issued.
        """

    @guard("The edition has not been cancelled.")
    def edition_cancelled(self, ctx: Context[CertificateData]) -> bool:
        return ctx.parent(Edition).is_in(Edition.cancelled)

    @event(due >> overdue, auto=True, when=edition_cancelled)
    def outlive_edition(self, ctx: Context[CertificateData]) -> None:
        """The edition was cancelled after she had completed.

        What she has earned can still be issued.
        """

    @event(undecided >> refused, by=OFFICE, when=lambda self: self.not_about_oneself)
    def refuse(self, ctx: Context[CertificateData], *, reason: Reason) -> CertificateData:
        """Refuse the certificate.

        The participation stays completed.
        """
        return evolve(ctx.data, reason=reason)

    @event(issued >> revoked, by=HEAD, when=lambda self: self.not_about_oneself)
    def revoke(self, ctx: Context[CertificateData], *, reason: Reason) -> CertificateData:
        """Revoke the certificate.

        Its number is never given again.
        """
        return evolve(ctx.data, reason=reason)

    @invariant("A certificate has a number of its own, and a revoked one keeps it.")
    def numbered_once(self, ctx: Context[CertificateData]) -> bool:
        """Invariant 1, the part of the numbers."""
        given = ctx.case.visited(self.issued)
        taken = {one[self].number for one in ctx.siblings().all()}
        return bool(ctx.data.number) == given and (not given or ctx.data.number not in taken)

    @invariant("A certificate that was refused or revoked has a reason.")
    def reason_given(self, ctx: Context[CertificateData]) -> bool:
        """Invariant 6."""
        return not ctx.case.is_in(self.refused, self.revoked) or bool(ctx.data.reason.strip())


__all__ = ["Certificate", "CertificateData"]
