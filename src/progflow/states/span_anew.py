"""How long a span lasts, worked out anew for invariants: rules never ask here."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise
from typing import Any

from progflow import Context, months
from progflow.states.anew import day_meant
from progflow.states.span import Span, TimedData

ONE_DAY = timedelta(days=1)


def end_unmoved(span: Span, ctx: Context[Any]) -> date | None:
    """The last day if nothing has moved it."""
    first = day_meant(span.since, ctx)
    if span.lasts is None:
        return day_meant(span.ends, ctx)
    return None if first is None else first + months(span.lasts(ctx))


def moved(end: date, kept: TimedData) -> date:
    """That last day, later by each day of a pause, or as late as was granted, and by the days of pauses since then."""
    days = [((one.until + ONE_DAY) if one.resumed is None else one.resumed) - one.since for one in kept.pauses]
    paused = end + sum(days, timedelta())
    if kept.extended_until is None:
        return paused
    return max(paused, kept.extended_until + sum(days[kept.pauses_before :], timedelta()))


def end_meant(span: Span, ctx: Context[Any], kept: TimedData) -> date | None:
    """The last day with all that has moved it."""
    end = end_unmoved(span, ctx)
    return None if end is None else moved(end, kept)


def latest_meant(span: Span, ctx: Context[Any], kept: TimedData) -> date | None:
    """The latest day that an extension could have been asked for, whatever the pauses seemed to become meanwhile."""
    end = end_unmoved(span, ctx)
    if end is None:
        return None
    at_most = [max(one.until + ONE_DAY, one.resumed or one.until) - one.since for one in kept.pauses]
    return end + sum(at_most, timedelta()) + months(span.longest_extension(ctx))


def pauses_in_order(span: Span, ctx: Context[Any], kept: TimedData) -> bool:
    """Whether no pause begins before the span or before the end of another one, and all but the last are over."""
    first, pauses = day_meant(span.since, ctx), kept.pauses
    apart = all(one.resumed is not None and one.resumed <= other.since for one, other in pairwise(pauses))
    return apart and (not pauses or span.since is None or (first is not None and first <= pauses[0].since))


def pause_of_today_allowed(span: Span, ctx: Context[Any], kept: TimedData) -> bool:
    """Whether the pause that began today is neither too long nor one too many."""
    if not kept.pauses or kept.pauses[-1].since != ctx.today:
        return True
    longest = ctx.today + months(span.longest_pause(ctx))
    return kept.pauses[-1].until <= longest and len(kept.pauses) <= span.most_pauses(ctx)


def extension_in_order(kept: TimedData) -> bool:
    """Whether an extension leads beyond the end, was consented to by different people, and moved the end if granted."""
    asked = kept.extension
    if asked is None:
        return kept.extended_until is None
    people, parties = {vote.person for vote in asked.consents}, {vote.party for vote in asked.consents}
    apart = len(people) == len(parties) == len(asked.consents)
    beyond = asked.later_than is not None and asked.later_than < asked.until
    about = all(vote.about == str(asked.until) for vote in asked.consents)
    if not asked.granted:
        return apart and beyond and about
    on = max((vote.on for vote in asked.consents), default=date.max)
    known = sum(one.since < on for one in kept.pauses), sum(one.since <= on for one in kept.pauses)
    granted = kept.extended_until == asked.until and known[0] <= kept.pauses_before <= known[1]
    return apart and beyond and about and granted and not asked.refused_because


__all__ = [
    "end_meant",
    "end_unmoved",
    "extension_in_order",
    "latest_meant",
    "moved",
    "pause_of_today_allowed",
    "pauses_in_order",
]
