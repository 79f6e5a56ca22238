"""A numbered certificate for what was completed."""

from __future__ import annotations

from datetime import date
from typing import Any

from attrs import evolve, frozen

from progflow import (
    Cases,
    Context,
    Derived,
    Guard,
    No,
    Phase,
    Reason,
    Relation,
    State,
    Term,
    Who,
    always,
    event,
    guard,
    invariant,
    months,
)
from progflow.states.people import HEAD, OFFICE


@frozen
class CertificateData:
    """The number that was given, its series, the day, and why there is none (any more)."""

    series: str = ""
    number: str = ""
    issued_on: date | None = None
    reason: str = ""


class Certificate(Phase[CertificateData]):
    """Somebody has completed something: a certificate is due, and issued, refused or late; at most one.

    That there is one at all is usual for such programmes (universities and the Austrian federal civil service issue
    them; the trainees of Essen all get one), its form and numbers are assumptions.

    Where one is given every year, each is a case of its own. What is overdue or issued rests: whatever the case belongs
    to need not wait for it.

    Args:
        person: whose it is; nobody decides on the own one.
        series: what its number begins with, as the name of the edition; numbers count up within a series and are
            never given twice. A series must not be used under two parents.
        when: what it needs beside having come so far.
        by: who issues and refuses it.
        revoked_by: who may take it back.
        within: how long the decision may take until it is overdue (assumption: six months).
        parent_over: says that what the case belongs to has ended before its time; then what is due becomes overdue
            at once, and can still be issued.
        among: the cases that share the series, in case they are of several kinds: ``ctx.siblings(BaseMentee)``.
    """

    due = State("completed", initial=True)
    overdue = State(resting=True)
    issued = State("certified", resting=True)
    refused = State("completed without certificate", final=True)
    revoked = State("certificate revoked", final=True)

    undecided = due | overdue

    def __init__(
        self,
        *,
        person: Relation[Any],
        series: Derived[Any, str],
        when: tuple[Guard[Any], ...] = (),
        by: Who = OFFICE,
        revoked_by: Who = HEAD,
        within: Derived[Any, Term] = always(months(6)),  # noqa: B008 - a frozen value
        parent_over: Guard[Any] | None = None,
        among: Derived[Any, Cases[Any]] | None = None,
    ) -> None:
        self.person = person
        self.series = series
        self.when = when
        self.by = by
        self.revoked_by = revoked_by
        self.within = within
        self.parent_over = parent_over
        self.among = among

    def others(self, ctx: Context[Any]) -> Cases[Any]:
        """The cases that share the series of numbers."""
        return ctx.siblings() if self.among is None else self.among(ctx)

    @guard("{number} was issued already.")
    def not_issued(self, ctx: Context[CertificateData]) -> bool | No:
        return not ctx.data.number or No(number=ctx.data.number)

    @event(
        undecided >> issued,
        by=lambda self: self.by - self.person,
        when=lambda self: (self.not_issued, *self.when),
    )
    def issue(self, ctx: Context[CertificateData]) -> CertificateData:
        """Issue the certificate.

        It gets the next number of its series.
        """
        series = self.series(ctx)
        given = self.others(ctx).where(self, series=series).count()
        return evolve(ctx.data, series=series, number=f"{series}-{given + 1:03}", issued_on=ctx.today)

    @event(due >> overdue, after=lambda self: self.within)
    def become_overdue(self, ctx: Context[CertificateData]) -> None:
        """Nobody has decided on the certificate in time.

        Nothing is lost: it can still be issued.
        """

    @event(
        lambda self: self.due >> self.overdue if self.parent_over is not None else (),
        auto=True,
        when=lambda self: self.parent_over,
    )
    def outlive(self, ctx: Context[CertificateData]) -> None:
        """What it belongs to has ended before its time.

        What was earned can still be issued.
        """

    @event(undecided >> refused, by=lambda self: self.by - self.person)
    def refuse(self, ctx: Context[CertificateData], *, reason: Reason) -> CertificateData:
        """Refuse the certificate, and say why."""
        return evolve(ctx.data, reason=reason)

    @event(issued >> revoked, by=lambda self: self.revoked_by - self.person)
    def revoke(self, ctx: Context[CertificateData], *, reason: Reason) -> CertificateData:
        """Revoke the certificate, and say why.

        Its number is never given again.
        """
        return evolve(ctx.data, reason=reason)

    # -- what always holds

    @invariant("A certificate has a number of its own, and a revoked one keeps it.")
    def numbered_once(self, ctx: Context[CertificateData]) -> bool:
        """Invariant 1, the part of the numbers: within a series they count up, and none is left out."""
        number, given = ctx.data.number, ctx.case.visited(self.issued)
        if not given or not number:
            return not given and not number
        series, _, count = number.rpartition("-")
        others = ctx.siblings() if self.among is None else self.among(ctx)
        so_many = others.where(self, series=series).count() + 1
        counted = count.isdecimal() and 1 <= int(count) <= so_many and series == ctx.data.series
        return counted and others.where(self, number=number).first() is None

    @invariant("A certificate bears the day on which it was issued.")
    def dated(self, ctx: Context[CertificateData]) -> bool:
        on = ctx.data.issued_on
        if not ctx.case.is_in(self.issued):
            return (on is None) == (not ctx.case.visited(self.issued))
        return on == ctx.case.entered_at.date()

    @invariant("A certificate that was refused or revoked has a reason.")
    def reason_given(self, ctx: Context[CertificateData]) -> bool:
        """Invariant 6."""
        return not ctx.case.is_in(self.refused, self.revoked) or bool(ctx.data.reason.strip())


__all__ = ["Certificate", "CertificateData"]
