"""The process itself: from the mandate through workshops, draft, committees and council to the yearly evaluation."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date
from typing import TYPE_CHECKING, Annotated

from annotated_types import MinLen
from attrs import evolve, field, frozen

from progflow import (
    START,
    Case,
    Context,
    Lifecycle,
    No,
    State,
    Term,
    days,
    derived,
    event,
    guard,
    invariant,
    moment,
    months,
)
from progflow.programs.city_participation.people import BOTH, Group, Kind, Rules
from progflow.states.cancellation import Cancellation
from progflow.states.kickoff import Kickoff
from progflow.states.people import OFFICE, Name
from progflow.states.resolution import COUNCIL, Resolution
from progflow.states.review import Review

if TYPE_CHECKING:
    from progflow.programs.city_participation.workshop import Workshop, WorkshopData


@frozen(kw_only=True)
class ProcessData:
    """What is laid down for a process.

    Args:
        name: how everybody calls it.
        mandate: the number of the council's resolution that asks for it.
        committees: which committees are heard before the council, in their order.
        groups: whose views are asked for and compared.
        topics: what contributions are sorted by; with none, by whatever the moderator names.
        rules: what is set otherwise than the defaults.
        report: the host's number of the report that was published last; it is filled in when that happens.
    """

    name: Name
    mandate: Name
    committees: Annotated[tuple[str, ...], MinLen(1)]
    groups: Annotated[tuple[Group, ...], MinLen(1)] = BOTH
    topics: tuple[str, ...] = ()
    rules: Rules = field(factory=Rules)
    report: str = ""

    def missing(self, groups: Iterable[str]) -> tuple[str, ...]:
        """Which of these groups are none of the process."""
        known = {group.name for group in self.groups}
        return tuple(group for group in groups if group not in known)

    def fewest(self, groups: Collection[str]) -> int:
        """How many people a workshop for these groups needs, all of them if none is named."""
        return max(group.fewest for group in self.groups if not groups or group.name in groups)


class Process(Lifecycle[ProcessData]):
    """A city asks its staff and its citizens what is to become of it.

    Known of Zeitz (2018 to 2020): kick-off, survey, a workshop of two groups on strengths, weaknesses, opportunities
    and threats, idea workshops, goals and projects, a catalogue of measures, a published draft, two committees, the
    council, and an evaluation after a year. Workshops, the survey, contributions, goals, measures and photos are
    children of the process and watch it. The states are a normal form of that (assumption).
    """

    analysis = State("strengths and weaknesses")
    idea_workshops = State()
    drafting = State()
    published = State()
    ended = State(final=True)

    collecting = analysis | idea_workshops

    # -- what the phases are told

    @derived
    def committees(self, ctx: Context[ProcessData]) -> tuple[str, ...]:
        return ctx.data.committees

    @derived
    def between_evaluations(self, ctx: Context[ProcessData]) -> Term:
        return months(ctx.data.rules.evaluation_months)

    @moment
    def resolved_on(self, ctx: Context[ProcessData]) -> date | None:
        return ctx.case[self.resolution].decided_on

    kickoff = Kickoff().then(analysis)
    resolution = Resolution(committees=committees)
    evaluation = Review(after=between_evaluations, since=resolved_on, every=between_evaluations)
    cancellation = Cancellation()

    before_the_bodies = kickoff | collecting | drafting | published
    over = ended | resolution.rejected | cancellation

    # -- beginning

    @event(START >> kickoff, by=(COUNCIL, OFFICE))
    def mandate(self, ctx: Context[ProcessData], *, process: ProcessData) -> ProcessData:
        """Mandate the process.

        From then on it waits for its kick-off.
        """
        return evolve(process, report="")

    # -- collecting

    @guard("No workshop of this kind has been held yet for: {group}.")
    def every_group_heard(self, ctx: Context[ProcessData]) -> bool | No:
        """Known of Zeitz: staff and citizens looked at the city in two groups."""
        seen = [case.data for case in held(ctx, Kind.SWOT)]
        missing = (group.name for group in ctx.data.groups if not any(one.is_for(group.name) for one in seen))
        return next((No(group=name) for name in missing), True)

    @guard("{title} is still ahead.")
    def none_ahead(self, ctx: Context[ProcessData]) -> bool | No:
        """A workshop that was announced is held or cancelled before the step to which it belongs is over."""
        ahead = ctx.children(workshop()).in_(workshop().gathering.announced).all()
        later = {Kind.IDEAS} if ctx.case.is_in(self.analysis) else set[Kind]()
        return next((No(title=case.data.title) for case in ahead if case.data.kind not in later), True)

    @guard("Few people came to {title}: call an extra forum, or say why they are enough.")
    def turnout_dealt_with(self, ctx: Context[ProcessData]) -> bool | No:
        few = ctx.children(workshop()).in_(workshop().gathering.poorly_attended).first()
        return few is None or No(title=few.data.title)

    @guard("The survey is not closed.")
    def survey_closed(self, ctx: Context[ProcessData]) -> bool:
        from progflow.programs.city_participation.survey import Survey  # a child knows its parent

        return not ctx.children(Survey).in_(Survey.call).exists()

    @event(
        analysis >> idea_workshops, by=OFFICE, when=(every_group_heard, none_ahead, turnout_dealt_with, survey_closed)
    )
    def collect_ideas(self, ctx: Context[ProcessData]) -> None:
        """Go on to the idea workshops."""

    @guard("No idea workshop has been held.")
    def ideas_heard(self, ctx: Context[ProcessData]) -> bool:
        return bool(held(ctx, Kind.IDEAS))

    @event(idea_workshops >> drafting, by=OFFICE, when=(ideas_heard, none_ahead, turnout_dealt_with))
    def draft(self, ctx: Context[ProcessData]) -> None:
        """Begin to draft the catalogue."""

    # -- the draft

    @guard("{unsorted} contributions have not been sorted.")
    def all_sorted(self, ctx: Context[ProcessData]) -> bool | No:
        from progflow.programs.city_participation.contribution import BaseContribution

        steps = BaseContribution.moderation
        unsorted = ctx.children(BaseContribution).in_(steps.received, steps.moderated).count()
        return unsorted == 0 or No(unsorted=unsorted)

    @guard("There is no measure in the catalogue.")
    def catalogue_filled(self, ctx: Context[ProcessData]) -> bool:
        from progflow.programs.city_participation.measure import BaseMeasure

        return ctx.children(BaseMeasure).in_(BaseMeasure.planning.catalogued).exists()

    @event(drafting >> published, by=OFFICE, when=(all_sorted, catalogue_filled))
    def publish(self, ctx: Context[ProcessData], *, report: Name) -> ProcessData:
        """Publish the draft."""
        return evolve(ctx.data, report=report)

    @guard("The draft is public until {last_day}.")
    def displayed_long_enough(self, ctx: Context[ProcessData]) -> bool | No:
        last_day = ctx.case.entered_at.date() + days(ctx.data.rules.display_days)
        return last_day < ctx.today or No(last_day=last_day)

    @event(published >> resolution, by=OFFICE, when=(displayed_long_enough, all_sorted, none_ahead, turnout_dealt_with))
    def submit(self, ctx: Context[ProcessData]) -> None:
        """Bring the draft before committees and council."""

    @event((published | resolution.referred_back | evaluation.documented) >> drafting, by=OFFICE)
    def revise(self, ctx: Context[ProcessData]) -> None:
        """Draft the catalogue anew.

        After what was said about the draft, after a referral back, or after an evaluation.
        """

    # -- the end

    @guard("{unfinished} measures are not done yet.")
    def measures_settled(self, ctx: Context[ProcessData]) -> bool | No:
        from progflow.programs.city_participation.measure import BaseMeasure

        unfinished = ctx.children(BaseMeasure).in_(BaseMeasure.implementation).open().count()
        return unfinished == 0 or No(unfinished=unfinished)

    @event((evaluation.ahead | evaluation.documented) >> ended, by=OFFICE, when=measures_settled)
    def end(self, ctx: Context[ProcessData]) -> None:
        """End the process: every measure is done or given up."""

    @invariant("Nothing is carried out without a resolution of the council.")
    def resolved_before_carried_out(self, ctx: Context[ProcessData]) -> bool:
        """Known of Zeitz: the council resolved on the catalogue."""
        return not ctx.case.is_in(self.evaluation, self.ended) or bool(ctx.case[self.resolution].number)


def workshop() -> type[Workshop]:
    """The lifecycle of the workshops. A child knows its parent, so it cannot be named before."""
    from progflow.programs.city_participation.workshop import Workshop

    return Workshop


def held(ctx: Context[ProcessData], kind: Kind) -> Sequence[Case[WorkshopData]]:
    """The workshops of that kind that were held, however many came."""
    return ctx.children(workshop()).in_(workshop().took_place).where(kind=kind).all()


__all__ = ["Process", "ProcessData"]
