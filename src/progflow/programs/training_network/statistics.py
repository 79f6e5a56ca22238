"""Who took part, administration by administration: what the funds were used for, and whether the goals were reached."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

from attrs import frozen

from progflow import Case, Cases, Flow
from progflow.programs.training_network.member import Member, MemberData
from progflow.programs.training_network.need import BaseNeed, NeedData
from progflow.programs.training_network.network import NetworkData
from progflow.programs.training_network.people import Group, Kind
from progflow.programs.training_network.talk import BaseTalk

People = int | None
"""A number of people, or of what they did; None if so few are behind it that somebody could be recognised."""


@frozen(kw_only=True)
class Participation:
    """One administration in numbers.

    Args:
        administration: which one.
        needs: how many needs were reported.
        measures: how many were covered, by a course or otherwise.
        people: how many people took part in a measure.
        by_kind: how many of them in measures of that kind; somebody may count in several.
        by_group: how many of them belong to that group.
        talks: how many employees have the yearly talk.
        talked: how many of them had one at least.
        overdue: how many talks have been missed.
    """

    administration: str
    needs: People
    measures: People
    people: People
    by_kind: Mapping[Kind, People]
    by_group: Mapping[Group, People]
    talks: People
    talked: People
    overdue: People


def participation(flow: Flow, network: Case[NetworkData]) -> tuple[Participation, ...]:
    """The statistics of every administration that is or was in the network, in the order of joining.

    No number tells of fewer people than the network's rules allow, unless of none; that of needs and measures neither,
    for one measure is of one person. Whoever adds numbers up or subtracts them may still learn more; publish one table
    and not several.
    """
    members = flow.cases(Member).of(network)
    known: dict[str, list[Case[MemberData]]] = {}
    for member in (one for one in members.all() if one.visited(Member.joined)):
        known.setdefault(member.data.administration, []).append(member)
    return tuple(_of(flow, network, name, cases) for name, cases in known.items())


def _of(flow: Flow, network: Case[NetworkData], name: str, members: Iterable[Case[MemberData]]) -> Participation:
    smallest = network.data.rules.smallest_group

    def people(persons: Iterable[str]) -> People:
        count = len(set(persons))
        return None if 0 < count < smallest else count

    all_needs: Cases[Any] = flow.cases(BaseNeed)
    all_talks: Cases[Any] = flow.cases(BaseTalk)
    needs = all_needs.of(network).where(administration=name)
    covered: list[NeedData] = [need.data for need in needs.in_(BaseNeed.covered).all()]
    talks = [talk for member in members for talk in all_talks.of(member).all()]

    def how_many(cases: Collection[NeedData]) -> People:
        return None if people(need.person for need in cases) is None else len(cases)

    def who(holds: Callable[[Case[Any]], bool]) -> People:
        return people(talk.data.person for talk in talks if holds(talk))

    return Participation(
        administration=name,
        needs=how_many([need.data for need in needs.all()]),
        measures=how_many(covered),
        people=people(need.person for need in covered),
        by_kind={kind: people(need.person for need in covered if need.kind is kind) for kind in Kind},
        by_group={group: people(need.person for need in covered if need.group is group) for group in Group},
        talks=who(lambda talk: True),
        talked=who(lambda talk: bool(talk[BaseTalk.talk].days)),
        overdue=who(lambda talk: talk.is_in(BaseTalk.talk.late)),
    )


__all__ = ["Participation", "People", "participation"]
