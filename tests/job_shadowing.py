"""The lifecycle of the design page: an employee spends two weeks in another department."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from annotated_types import MinLen
from attrs import evolve, frozen

from progflow import (
    ANYONE,
    START,
    STAY,
    Acting,
    Actor,
    Context,
    Lifecycle,
    No,
    Reason,
    Role,
    State,
    days,
    event,
    guard,
    invariant,
    moment,
    relation,
)

HR = Role("hr")
hr = Actor("hr-1", {HR})
employee = Actor("emp-1")
colleague = Actor("emp-2")


@frozen
class Shadowing:
    employee: str
    department: str
    starts: date
    diary: tuple[str, ...] = ()
    report: str | None = None


class JobShadowing(Lifecycle[Shadowing], version=1):
    """An employee spends two weeks in another department."""

    requested = State()
    approved = State()
    running = State()
    finished = State(final=True)
    declined = State(final=True)

    @relation("the employee")
    def the_employee(self, ctx: Context[Shadowing]) -> bool:
        return ctx.actor.id == ctx.data.employee

    @guard("{department} already hosts someone.")
    def department_is_free(self, ctx: Context[Shadowing]) -> bool | No:
        taken = ctx.siblings(JobShadowing).where(department=ctx.data.department).in_(JobShadowing.running).exists()
        return No(department=ctx.data.department) if taken else True

    @moment
    def first_day(self, ctx: Context[Shadowing]) -> date:
        return ctx.data.starts

    @event(START >> requested, by=ANYONE)
    def request(self, ctx: Context[Shadowing], *, department: Annotated[str, MinLen(1)], starts: date) -> Shadowing:
        """Ask for a stay."""
        return Shadowing(employee=ctx.actor.id, department=department, starts=starts)

    @event(requested >> approved, by=HR)
    def approve(self, ctx: Context[Shadowing]) -> None:
        """Agree to the stay."""

    @event((requested | approved) >> declined, by=HR)
    def decline(self, ctx: Context[Shadowing], *, reason: Reason) -> None:
        """Decline, and say why."""

    @event(approved >> running, at=first_day, when=department_is_free)
    def begin(self, ctx: Context[Shadowing]) -> None:
        """The stay begins."""

    @event(running >> STAY, by=the_employee)
    def note(self, ctx: Context[Shadowing], *, text: str) -> Shadowing:
        """Write into the diary of the stay."""
        return evolve(ctx.data, diary=(*ctx.data.diary, text))

    @event(running >> finished, by=(the_employee, HR), after=days(14))
    def finish(self, ctx: Acting[Shadowing], *, report: str | None = None) -> Shadowing:
        """End the stay, by hand or by itself after two weeks."""
        return evolve(ctx.data, report=report)

    @invariant("A stay that ended was running before.")
    def ran_before(self, ctx: Context[Shadowing]) -> bool:
        return not ctx.case.is_in(JobShadowing.finished) or ctx.case.visited(JobShadowing.running)
