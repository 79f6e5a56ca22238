"""The training network of southern Saxony-Anhalt, from 1 October 2012 to 31 December 2014, and its rules."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from progflow import Refused
from progflow.adapters.memory import MemoryStore
from progflow.adapters.sqlalchemy import SQLAlchemyStore
from progflow.ports import Store
from progflow.programs.training_network import (
    Agreement,
    Course,
    Group,
    Member,
    Need,
    Network,
    Place,
    Rules,
    Talk,
    participation,
)
from training_network_stage import (
    ENDS,
    NINE,
    STARTS,
    Stage,
    carrier,
    personnel,
    superior,
)

LEADING = "Leading a team"


@pytest.mark.parametrize("store", ["memory", "sqlite"])
def test_the_network_as_it_ran_from_2012_to_2014(store: str, tmp_path: Path) -> None:
    sqlite = SQLAlchemyStore(f"sqlite:///{tmp_path}/network.db") if store == "sqlite" else None
    replay(sqlite or MemoryStore())
    if sqlite is not None:
        sqlite.dispose()


def replay(store: Store) -> None:
    stage = Stage(store=store, members=NINE, rules=Rules(smallest_group=0), begun=False)
    assert stage.state(stage.network) == "preparing"
    stage.do(stage.network, Network.record_agreement(document="Social partners 2012"), carrier)
    stage.on(STARTS)
    assert stage.state(stage.network) == "running"
    assert stage.flow.cases(Member).in_(Member.joined).count() == 9

    # every administration talks with its employees in the first winter
    talks = {name: stage.take_up(f"{name.lower()}-1", last_talk=date(2012, 2, 1)) for name in NINE}
    stage.on(date(2013, 2, 2))
    assert {stage.state(talk) for talk in talks.values()} == {"talk.due"}
    for name, talk in talks.items():
        stage.do(talk, Talk.talk.hold(on=date(2013, 2, 1)), superior(name))
        stage.do(talk, Talk.talk.document(), superior(name))

    # nine leaders need the same; a tenth need is of one administration alone
    needs = [stage.report(f"{name.lower()}-1", LEADING, group=Group.LEADER) for name in NINE]
    assert {stage.state(need) for need in needs} == {"pooled"}
    alone = stage.report("a-2", "Beekeeping")
    assert stage.state(alone) == "reported"
    stage.approve(*needs)
    course = stage.announce(date(2013, 5, 14), topic=LEADING, capacity=12, hours=16)
    assert stage.flow.cases(Place).in_(Place.attendance.registered).count() == 9
    stage.on(date(2013, 5, 14))
    stage.hold(course, absent=("i-1",))
    covered = [need for need in needs if stage.state(need) == "covered.due"]
    assert len(covered) == 8
    assert stage.state(needs[-1]) == "approved"  # the ninth waits for another course
    numbers = [
        stage.do(need, Need.covered.issue(), personnel(need.data.administration))[Need.covered].number
        for need in covered
    ]
    assert numbers[0] == "Network A-001"
    assert len(set(numbers)) == 8

    # one goes to a long course, with a binding
    stage.on(date(2013, 6, 3))
    agreement = stage.agree("b-1", training_days=90, binding_months=24, costs=480_000, to_repay=480_000)
    stage.on(date(2013, 11, 29))
    stage.do(agreement, Agreement.end_measure(on=date(2013, 11, 29)), personnel("B"))

    # the second year: one talk is forgotten
    for name, talk in talks.items():
        if name != "C":
            stage.on(date(2014, 1, 20))
            stage.do(talk, Talk.talk.hold(on=date(2014, 1, 20)), superior(name))
    stage.on(date(2014, 5, 31))
    assert stage.state(talks["C"]) == "talk.escalated"
    stage.do(talks["C"], Talk.talk.hold(on=date(2014, 5, 30)), superior("C"))

    # the end, and what remains
    stage.on(ENDS + timedelta(days=1))
    assert stage.state(stage.network) == "over"
    with pytest.raises(Refused, match="while the network runs"):
        stage.report("a-1", LEADING)
    table = {row.administration: row for row in participation(stage.flow, stage.network)}
    assert list(table) == list(NINE)
    assert [row.people for row in table.values()] == [1] * 8 + [0]
    assert (table["A"].needs, table["A"].measures, table["A"].by_group[Group.LEADER]) == (2, 1, 1)
    assert {row.talked for row in table.values()} == {1}
    stage.do(stage.network, Network.account(proof="Proof of use 2015"), carrier)
    assert (stage.state(alone), stage.state(needs[-1]), stage.state(needs[0])) == (
        "ending.ended",
        "ending.ended",
        "covered.issued",
    )
    stage.on(date(2015, 12, 1))
    assert stage.state(talks["A"]) == "talk.escalated"  # TVöD § 5 does not end with the network
    assert stage.state(agreement) == "binding.fulfilled"
    assert stage.flow.cases(Course).one().state == Course.occasion.held
