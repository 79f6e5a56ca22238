"""How the groups see the city: the same topics side by side, from the contributions that were sorted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from attrs import field, frozen

from progflow import Case
from progflow.programs.city_participation.contribution import BaseContribution, authors_of
from progflow.programs.city_participation.people import CITIZENS, STAFF
from progflow.states.contribution import Quadrant


@frozen
class View:
    """What the groups say about one topic in one quadrant: how many voices of each group, and how many votes in all."""

    topic: str
    quadrant: Quadrant
    voices: Mapping[str, int] = field(hash=False)
    votes: int

    def seen_by(self, group: str) -> bool:
        """Whether anybody of the group says so."""
        return self.voices.get(group, 0) > 0


@frozen
class Comparison:
    """All views, by topic and quadrant, and what they have in common."""

    groups: tuple[str, ...]
    views: tuple[View, ...]

    @property
    def shared(self) -> tuple[View, ...]:
        """What every group says."""
        return tuple(view for view in self.views if all(view.seen_by(group) for group in self.groups))

    def only(self, group: str) -> tuple[View, ...]:
        """What this group says and no other."""
        others = [one for one in self.groups if one != group]
        return tuple(v for v in self.views if v.seen_by(group) and not any(v.seen_by(one) for one in others))

    @property
    def contested(self) -> tuple[str, ...]:
        """The topics in which one group sees a strength where another one sees a weakness."""
        seen = {(one.topic, one.quadrant, group) for one in self.views for group in self.groups if one.seen_by(group)}
        topics = dict.fromkeys(view.topic for view in self.views)
        pairs = [(one, other) for one in self.groups for other in self.groups if one != other]
        return tuple(
            topic
            for topic in topics
            if any(
                (topic, Quadrant.STRENGTH, one) in seen and (topic, Quadrant.WEAKNESS, other) in seen
                for one, other in pairs
            )
        )


def compare_views(contributions: Iterable[Case[Any]], groups: Sequence[str] = (STAFF, CITIZENS)) -> Comparison:
    """Compare what the groups say.

    Args:
        contributions: cases of ``Contribution`` or of your own; those that have not been sorted are passed over, and
            what was merged counts as a voice where it was merged into.
        groups: which groups are compared; a group that nobody spoke for has no voices.
    """
    voices: dict[tuple[str, Quadrant], Counter[str]] = {}
    votes: Counter[tuple[str, Quadrant]] = Counter()
    for case in contributions:
        sorted_as = case[BaseContribution.moderation]
        if sorted_as.quadrant is None or not case.is_in(BaseContribution.moderation.clustered):
            continue
        key = sorted_as.topic, sorted_as.quadrant
        voices.setdefault(key, Counter()).update(author.group for author in authors_of(case))
        votes[key] += sorted_as.votes
    order = list(Quadrant)
    found = sorted(voices, key=lambda key: (key[0], order.index(key[1])))
    views = (View(*key, {group: voices[key][group] for group in groups}, votes[key]) for key in found)
    return Comparison(tuple(groups), tuple(views))


__all__ = ["Comparison", "View", "compare_views"]
