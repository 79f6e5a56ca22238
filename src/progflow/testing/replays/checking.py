"""Whether stored histories still come out as they did."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from progflow.adapters.memory import MemoryStore
from progflow.definition.lifecycle import Lifecycle, Program
from progflow.errors import UsageError
from progflow.flow.verbs import Flow
from progflow.testing.replays.histories import Histories, read
from progflow.testing.replays.playing import Player
from progflow.testing.replays.telling import Differs, ReplayDiffers


def replay(
    path: Path,
    *definitions: Program | type[Lifecycle[Any]],
    zone: str = "UTC",
    facts: Mapping[Any, object] | None = None,
) -> None:
    """Play the stored histories of a file, or of every ``*.json`` in a directory, against today's definitions.

    Every command is given again at the time at which it was given then; timers, automatic events and cascades have to
    happen by themselves, at the moment at which they did. States, data, payloads and causes have to be the same.

    What the host's facts said is not stored: give answerers that say it again. Nor is the order of commands at one
    instant, nor the roles that somebody had beside the one that counted: what makes it come out as it did is tried.

    Args:
        path: written by ``export_histories``.
        *definitions: the programs and lifecycles whose cases these are, as for ``Flow``.
        zone: where the days of lifecycles that stand alone are counted.
        facts: as for ``Flow``.

    Raises:
        ReplayDiffers: something comes out otherwise; with the first difference and what led there.
        UsageError: a file cannot be read, or has cases of other lifecycles.
    """
    files = sorted(path.glob("*.json")) if path.is_dir() else [path]
    if not files:
        raise UsageError(problem=f"There are no histories in {path}.", mend="Write some with export_histories.")
    flow = Flow(*definitions, store=MemoryStore(), zone=zone, facts=facts)
    for file in files:
        _play(read(file), flow)


def _play(histories: Histories, flow: Flow) -> None:
    player = Player(histories, flow)
    unknown = sorted({case.lifecycle for case in histories.cases.values()} - player.kinds.names)
    if unknown:
        problem = f"{histories.path} has cases of {', '.join(unknown)}, which none of the definitions is."
        raise UsageError(problem=problem, mend=f"There are: {', '.join(player.kinds.known)}.")
    try:
        _check_versions(histories, player)
        player.play()
    except Differs as error:
        raise _told(error, histories, player) from None


def _check_versions(histories: Histories, player: Player) -> None:
    for step in histories.steps:
        known = player.telling.kind(step.case).blueprint.version
        if step.version != known:
            name = player.telling.kind(step.case).blueprint.name
            today = f"{name} is version {known}, and the step was made under version {step.version}."
            raise Differs("version", step, f"{today} Export histories of the new version.")


def _told(error: Differs, histories: Histories, player: Player) -> ReplayDiffers:
    telling, step, is_new = player.telling, error.step, error.sort == "new"
    if is_new:
        number = player.reached if error.during is None else telling.numbers[error.during.name]
    else:
        number = player.reached if step is None else telling.numbers[step.name]
    last = histories.steps[number - 1]
    case = error.case or (last if step is None else step).case
    happened = "nothing of the kind" if step is None else telling.step(step)
    return ReplayDiffers(
        path=histories.path,
        step=number,
        sort=error.sort,
        case=case,
        lifecycle=histories.cases[case].lifecycle,
        event=error.event or (last if step is None else step).event,
        history=f"{happened}, with nothing before it" if is_new and step is not None else happened,
        today=error.today,
        story=tuple(telling.story(number if is_new else number - 1, telling.around(case) | telling.around(last.case))),
    )
