"""Stored histories, written to a file: what a flow has gone through, to be played again against tomorrow's rules."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

from progflow.definition.cases import Case
from progflow.definition.people import SYSTEM
from progflow.errors import UnknownCase
from progflow.flow.intents import id_of
from progflow.flow.verbs import Flow
from progflow.ports import UnitOfWork
from progflow.records import CaseRecord, EntryRecord, Query
from progflow.testing.replays.histories import CaseOf, Histories, Step, written
from progflow.testing.replays.order import in_order, sorted_by
from progflow.testing.replays.playing import Player
from progflow.testing.replays.pseudonyms import Pseudonyms, numbered
from progflow.testing.replays.telling import Differs

Progress: TypeAlias = Callable[[int], None]


def export_histories(
    flow: Flow,
    path: Path,
    cases: Iterable[Case[Any] | str] | None = None,
    *,
    pseudonyms: bool | Mapping[str, str] = True,
    progress: Progress | None = None,
) -> Mapping[str, str]:
    """Write the stored histories of a flow to a file, as ``replay`` plays them again.

    Histories do not tell in which order commands were given at one instant. Where there are several, an order is looked
    for in which all comes out as it did, with the flow's own definitions and facts; nothing is written for it.

    Ids of actors and cases get other names (``person-1``, ``case-1``), also where a text in a payload or in data is
    such an id; so nobody should be called like a text that a rule itself writes there. Somebody who has never acted is
    known by the data alone, and free texts stay what they are: say the names of those people, and read the file before
    you keep it.

    Args:
        flow: a flow on any store.
        path: where to write, as JSON in UTF-8.
        cases: whose histories, with all cases of their families and all that they point to or were caused by; every
            case, unless given.
        pseudonyms: False keeps all ids; a mapping gives names for some people, also for those who have never acted.
        progress: called with the number of cases read, after each.

    Returns:
        The other names of people and cases, for facts that have to know them; empty without pseudonyms.

    Raises:
        UnknownCase: there is no such case.
    """
    given = None if cases is None else [id_of(case) for case in cases]
    transaction = flow._transaction  # pyright: ignore[reportPrivateUsage]
    with transaction.open(write=False) as unit:
        reading = _Reading(unit, transaction.engine.kinds.names, progress)
        records = reading.all() if given is None else reading.around(given)
        entries = [entry for record in records for entry in reading.history(record.id)]
    places = {record.id: number for number, record in enumerate(records)}
    found = [CaseOf(one.id, one.lifecycle, one.parent, one.links) for one in records]
    steps = _tried(flow, path, found, [_step(entry) for entry in in_order(entries, places)])
    names: Mapping[str, str] = {}
    if pseudonyms is not False:
        names = numbered((step.actor for step in steps), found, {} if pseudonyms is True else pseudonyms)
    other, kinds = (
        Pseudonyms(names),
        {record.id: transaction.engine.kinds.named(record.lifecycle) for record in records},
    )
    text = written([other.case(case) for case in found], [other.step(step, kinds[step.case]) for step in steps])
    path.write_text(text, encoding="utf-8", newline="\n")
    return {name: one for name, one in names.items() if name != SYSTEM.id}


def _step(entry: EntryRecord) -> Step:
    return Step(
        case=entry.case,
        seq=entry.seq,
        version=entry.version,
        event=entry.event,
        before=entry.before,
        after=entry.after,
        actor=entry.actor,
        acted_as=entry.acted_as,
        caused_by=entry.caused_by,
        due=entry.due,
        at=entry.at,
        recorded=entry.recorded,
        stays=entry.stays,
        payload=entry.payload,
        changes=entry.data_changed,
        data=entry.data,
        phases=entry.phases,
    )


# -- which cases


class _Reading:
    """Reads cases and their histories, each once."""

    def __init__(self, unit: UnitOfWork, lifecycles: frozenset[str], progress: Progress | None) -> None:
        self._unit = unit
        self._lifecycles = lifecycles
        self._progress = progress
        self._histories: dict[str, Sequence[EntryRecord]] = {}

    def history(self, case: str) -> Sequence[EntryRecord]:
        """All entries of a case."""
        if case not in self._histories:
            self._histories[case] = self._unit.history(case)
            if self._progress is not None:
                self._progress(len(self._histories))
        return self._histories[case]

    def all(self) -> Sequence[CaseRecord]:
        """Every case, in the order of creation."""
        return self._unit.find(Query(dict.fromkeys(self._lifecycles)))

    def around(self, cases: Iterable[str]) -> Sequence[CaseRecord]:
        """These cases with their families, and with all that they point to or were caused by."""
        found: dict[str, CaseRecord] = {}
        waiting = list(cases)
        while waiting:
            case = waiting.pop()
            if case in found:
                continue
            record = self._unit.load(case)
            if record is None or record.lifecycle not in self._lifecycles:
                raise UnknownCase(case=case)
            found[case] = record
            waiting += self._beside(record)
        return sorted(found.values(), key=lambda record: (record.created, record.id))

    def _beside(self, record: CaseRecord) -> Iterator[str]:
        if record.parent is not None:
            yield record.parent
        yield from record.links.values()
        children = Query(dict.fromkeys(self._lifecycles), parents=frozenset({record.id}))
        yield from (child.id for child in self._unit.find(children))
        for entry in self.history(record.id):
            if entry.caused_by is not None:
                yield entry.caused_by.rpartition("#")[0]


# -- in which order


def _tried(flow: Flow, path: Path, cases: Sequence[CaseOf], steps: Sequence[Step]) -> Sequence[Step]:
    """The steps in an order in which they come out as they did, as far as there is need of one and it is found."""
    commands = Counter(step.recorded for step in steps if step.caused_by is None and step.due is None)
    if not any(number > 1 for number in commands.values()):
        return steps
    player = Player(Histories(path, {case.id: case for case in cases}, steps), flow, thorough=True)
    try:
        player.play()
        found = player.order
    except Differs:
        found = player.order[: player.settled]
    roots = {root.name: root for root in (*found, *(step for step in steps if step.caused_by is None))}
    decisions = {name: player.decision(root) for name, root in roots.items()}
    decided = {step.name: name for name, together in decisions.items() for step in together}
    places = {name: number for number, name in enumerate(roots)}
    in_turn = sorted_by(
        roots,
        lambda name: (decided[f"{one.case}#{one.seq - 1}"] for one in decisions[name] if one.seq > 1),
        places.__getitem__,  # what came out at once, as a timer and a command, may have two cases in common
    )
    return [step for name in in_turn for step in decisions[name]]
