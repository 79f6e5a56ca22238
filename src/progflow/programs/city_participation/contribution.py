"""What somebody says about the city: where from, in which group, perhaps without a name."""

from __future__ import annotations

from datetime import date
from typing import Any, Generic, TypeVar

from attrs import evolve, frozen

from progflow import (
    ANYONE,
    OPEN,
    START,
    Case,
    Cases,
    Context,
    Lifecycle,
    No,
    Reason,
    derived,
    event,
    guard,
    invariant,
)
from progflow.programs.city_participation.people import Channel
from progflow.programs.city_participation.process import Process
from progflow.programs.city_participation.survey import Survey
from progflow.states.cancellation import Ending
from progflow.states.contribution import MODERATOR, Author, Moderation
from progflow.states.people import OFFICE, Name


@frozen(kw_only=True)
class ContributionData:
    """What is said.

    Args:
        text: in the person's own words.
        group: for which group the person speaks.
        channel: how it came in.
        said_on: when it was said, if it is written down later than that; the day on which it comes in, unless given.
        person: the host's id of who said it, where somebody else writes it down; who enters it, unless given.
        anonymous: whether the person wishes to be unknown; then no id is kept.
    """

    text: Reason
    group: Name
    channel: Channel = Channel.WORKSHOP
    said_on: date | None = None
    person: Name | None = None
    anonymous: bool = False


C = TypeVar("C", bound=ContributionData)


class BaseContribution(Lifecycle[C], Generic[C], abstract=True, parent=Process):
    """A contribution to the process.

    Derive your own to keep more about it: ``class OurContribution(BaseContribution[OurData], name="Contribution")``.
    """

    @derived
    def author(self, ctx: Context[C]) -> str | None:
        return ctx.data.person

    @derived
    def group(self, ctx: Context[C]) -> str:
        return ctx.data.group

    @derived
    def topics(self, ctx: Context[C]) -> tuple[str, ...]:
        return ctx.parent(Process).data.topics

    moderation = Moderation(author=author, group=group, topics=topics)
    ending = Ending(parent=Process, upon=Process.over, of=OPEN - moderation.clustered)

    # -- contributing

    @guard("Contributions are taken until the draft goes before the committees.")
    def time_to_contribute(self, ctx: Context[C]) -> bool:
        """What is said about the published draft counts as well (assumption)."""
        return ctx.parent(Process).is_in(Process.before_the_bodies)

    @guard("{group} is none of the groups of this process.")
    def known_group(self, ctx: Context[C], *, contribution: ContributionData) -> bool | No:
        return next((No(group=one) for one in ctx.parent(Process).data.missing([contribution.group])), True)

    @guard("The survey was not open on {said_on}.")
    def survey_was_open(self, ctx: Context[C], *, contribution: ContributionData) -> bool | No:
        """A reply counts by the day on which it was given, also if it is entered later."""
        on = contribution.said_on or ctx.today
        if contribution.channel is not Channel.SURVEY:
            return True
        return any(was_open(case, on) for case in ctx.siblings(Survey).all()) or No(said_on=on)

    @guard("What was said is written down on that day or later.")
    def said_already(self, ctx: Context[C], *, contribution: ContributionData) -> bool:
        """Invariant 21."""
        return contribution.said_on is None or contribution.said_on <= ctx.today

    @guard("Whoever enters a contribution is kept in its history: to remain unknown, let the moderator enter it.")
    def stays_unknown(self, ctx: Context[C], *, contribution: ContributionData) -> bool:
        return not contribution.anonymous or bool(ctx.actor.roles & {MODERATOR, OFFICE})

    @guard("Of somebody who wishes to be unknown no id is given.")
    def not_named(self, ctx: Context[C], *, contribution: ContributionData) -> bool:
        """What an event is told is kept in the history."""
        return not contribution.anonymous or contribution.person is None

    @guard("Only the moderator and the office write down what somebody else has said.")
    def for_oneself(self, ctx: Context[C], *, contribution: ContributionData) -> bool:
        return contribution.person in (None, ctx.actor.id) or bool(ctx.actor.roles & {MODERATOR, OFFICE})

    @event(
        START >> moderation,
        by=ANYONE,
        when=(time_to_contribute, known_group, survey_was_open, said_already, stays_unknown, not_named, for_oneself),
    )
    def contribute(self, ctx: Context[C], *, contribution: C) -> C:
        """Contribute."""
        person = None if contribution.anonymous else contribution.person or ctx.actor.id
        return evolve(contribution, person=person, said_on=contribution.said_on or ctx.today)

    @invariant("Of somebody who wishes to be unknown no id is kept.")
    def unknown_stays_unknown(self, ctx: Context[C]) -> bool:
        return not ctx.data.anonymous or ctx.data.person is None


class Contribution(BaseContribution[ContributionData]):
    """What somebody says about the city."""


def contributions_of(ctx: Context[Any]) -> Cases[ContributionData]:
    """The contributions that stand beside the case."""
    return ctx.siblings(BaseContribution)


def was_open(survey: Case[Any], on: date) -> bool:
    """Whether the survey was open on that day."""
    call = survey[Survey.call]
    return call.published_on is not None and call.deadline is not None and call.published_on <= on <= call.deadline


def authors_of(contribution: Case[Any]) -> tuple[Author, ...]:
    """Everybody behind a contribution, also behind what was merged into it."""
    data = contribution.data
    return (Author(data.person, data.group), *contribution[BaseContribution.moderation].joined)


__all__ = ["BaseContribution", "Contribution", "ContributionData", "authors_of", "contributions_of"]
