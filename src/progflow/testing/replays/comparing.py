"""Whether a step of a history is the same today."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from progflow.records import EntryRecord, Json
from progflow.testing.replays.histories import Step
from progflow.testing.replays.plain import difference
from progflow.testing.replays.pseudonyms import Pseudonyms
from progflow.testing.replays.roles import Roles
from progflow.testing.replays.telling import Differs, Telling

Known: TypeAlias = tuple[Json, Mapping[str, Json]]
"""The data of a case: the lifecycle's own, and those of its phases."""


def compared(telling: Telling, roles: Roles, step: Step, entry: EntryRecord, others: Pseudonyms, known: Known) -> Known:
    """The data of the case after a step that is the same as it was.

    Args:
        telling: tells what differs.
        roles: knows who may act as what.
        step: how it was.
        entry: how it is today.
        others: the names that the history has for our cases.
        known: the data before it.

    Raises:
        Differs: it is otherwise.
    """
    today = telling.entry(entry, step.case)
    if step.event != entry.event:
        raise Differs("event", step, f"{today} (the event {entry.event}, not {step.event})")
    if (step.before, step.after, step.stays) != (entry.before, entry.after, entry.stays):
        raise Differs("state", step, today)
    if (step.at, step.due) != (entry.at, entry.due):
        raise Differs("time", step, today)
    if step.caused_by != others.step_name(entry.caused_by):
        raise Differs("event", step, f"{today}, for another reason")
    if not roles.same(step.acted_as, entry.acted_as):
        raise Differs("who", step, f"{step.actor} acts as {entry.acted_as}.")
    found = difference(step.payload, others.value(entry.payload))
    if found is not None:
        raise Differs("payload", step, f"its payload is another: {found}.")
    data, phases = known
    then = step.data if step.changes else data, {**phases, **step.phases}
    now = others.value(entry.data) if entry.data_changed else data, {**phases, **others.value(entry.phases)}
    found = difference(then[0], now[0]) or difference(then[1], now[1])
    if found is not None:
        raise Differs("data", step, f"its data are others: {found}.")
    return then
