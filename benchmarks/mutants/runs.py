"""Asks the kit about each mutant, in a process of its own, and writes down what it says as it comes."""

from __future__ import annotations

import json
import re
import sys
import time
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from enum import Enum
from hashlib import sha256
from pathlib import Path
from typing import Any, Final, TextIO

from attrs import define, field, frozen

from benchmarks.mutants.patch import Patch
from benchmarks.mutants.record import Recorded
from benchmarks.mutants.witness import ROOT, run_tests

SETTINGS_FILE: Final = Path(__file__).parents[1] / "settings.toml"


class Outcome(Enum):
    """What a setting makes of a mutant. One that takes too long is not killed."""

    KILLED = "killed"
    SURVIVED = "survived"
    TOO_LONG = "took too long"


@frozen
class Setting:
    """A way of asking the kit.

    Args:
        name: its name on the command line.
        title: what the table calls it.
        tests: what pytest is given; ``{programme}`` is ``cross_mentoring``, ``{Programme}`` is ``CrossMentoring``.
        but: by programme what it is given instead.
        after: the settings whose answer it adds to: what they kill it kills.
    """

    name: str
    title: str
    tests: tuple[str, ...]
    but: Mapping[str, tuple[str, ...]] = field(factory=dict[str, tuple[str, ...]])
    after: tuple[str, ...] = ()

    def asks(self, programme: str) -> list[str]:
        """What pytest is given for a programme."""
        camel = "".join(part.capitalize() for part in programme.split("_"))
        said = self.but.get(programme, self.tests)
        return [one.format(programme=programme, Programme=camel) for one in said]


def settings(file: Path = SETTINGS_FILE) -> list[Setting]:
    """The settings, in the order in which they are asked."""
    said: dict[str, Any] = tomllib.loads(file.read_text(encoding="utf-8"))
    return [
        Setting(
            name,
            one["title"],
            tuple(one["tests"]),
            {programme: tuple(tests) for programme, tests in one.get("but", {}).items()},
            tuple(one.get("after", ())),
        )
        for name, one in said.items()
    ]


@frozen
class Answer:
    """What one setting makes of one mutant: how long it took, and the first line of the failure."""

    mutant: str
    setting: str
    outcome: Outcome
    seconds: float
    how: str = ""

    def to_json(self) -> str:
        """As it is written down."""
        said = {"mutant": self.mutant, "setting": self.setting, "outcome": self.outcome.value}
        return json.dumps({**said, "seconds": self.seconds, "how": self.how}, ensure_ascii=False)


class NotReadyError(Exception):
    """The kit does not pass on the programmes as they are, or pytest found nothing to run."""


def answers(file: Path) -> dict[tuple[str, str], Answer]:
    """What was written down, by mutant and setting."""
    found: dict[tuple[str, str], Answer] = {}
    for line in file.read_text(encoding="utf-8").splitlines() if file.exists() else ():
        said = json.loads(line)
        one = Answer(said["mutant"], said["setting"], Outcome(said["outcome"]), said["seconds"], said["how"])
        found[(one.mutant, one.setting)] = one
    return found


def killed(mutant: str, setting: Setting, found: Mapping[tuple[str, str], Answer]) -> Answer | None:
    """The answer by which a setting, or one that it adds to, kills a mutant; None if none does."""
    several = (found.get((mutant, name)) for name in (*setting.after, setting.name))
    return next((one for one in several if one is not None and one.outcome is Outcome.KILLED), None)


def ask(tests: Sequence[str], patch: Patch | None, seconds: float) -> tuple[Outcome, float, str]:
    """Run these tests with that change.

    Raises:
        NotReadyError: pytest found nothing to run, or could not.
    """
    began = time.monotonic()
    code, said = run_tests(tests, patch, seconds=seconds)
    took = round(time.monotonic() - began, 1)
    if code == -1:
        return Outcome.TOO_LONG, took, f"not done after {seconds:.0f} s"
    if code == 0:
        return Outcome.SURVIVED, took, ""
    if code in (1, 2) and re.search(r"^(FAILED|ERROR) ", said, re.MULTILINE):
        return Outcome.KILLED, took, _first_line(said)
    raise NotReadyError(f"pytest {' '.join(tests)} ended with {code}:\n{said[-2000:]}")


def _first_line(said: str) -> str:
    """What failed, in one line: the kit says it first."""
    lines = re.findall(r"^E +(\S.*)$", said, re.MULTILINE)
    lines += re.findall(r"^(?:FAILED|ERROR) \S+ - (.*)$", said, re.MULTILINE)
    return lines[0][:240] if lines else "it fails"


def state_of_source() -> str:
    """A number that changes with the source of progflow and with its tests."""
    mixed = sha256()
    for folder in ("src/progflow", "tests"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            mixed.update(path.read_bytes())
    return mixed.hexdigest()[:12]


@define
class Runner:
    """Runs the settings on the mutants.

    Args:
        results: the file with the answers; what stands there is not asked again.
        processes: how many at a time.
        seconds: how long one may take.
        out: where the progress is shown.
    """

    results: Path
    processes: int = 2
    seconds: float = 600.0
    out: TextIO = field(factory=lambda: sys.stderr)

    def check_original(self, programmes: Iterable[str], wanted: Sequence[Setting]) -> None:
        """Ask about the programmes as they are; what passed with the same source is not asked again.

        Raises:
            NotReadyError: the kit fails there, so it would kill whatever it is given.
        """
        known, state = answers(self.results), state_of_source()
        for programme in sorted(programmes):
            for setting in wanted:
                name = f"({programme} as it is, {state})"
                if (name, setting.name) in known:
                    continue
                outcome, took, how = ask(setting.asks(programme), None, self.seconds)
                print(f"{programme} as it is, {setting.title}: {took:.0f} s", file=self.out, flush=True)
                if outcome is not Outcome.SURVIVED:
                    raise NotReadyError(f"{setting.title} does not pass on {programme} as it is: {how}")
                self._write(Answer(name, setting.name, outcome, took))

    def run(self, mutants: Sequence[Recorded], wanted: Sequence[Setting]) -> Iterator[Answer]:
        """Ask each setting about each mutant that it has not been asked about, and that none before it has killed."""
        for setting in wanted:
            known = answers(self.results)
            waiting = [
                one for one in mutants if (one.id, setting.name) not in known and killed(one.id, setting, known) is None
            ]
            yield from self._ask_all(waiting, setting)

    def _ask_all(self, waiting: Sequence[Recorded], setting: Setting) -> Iterator[Answer]:
        began = time.monotonic()
        with ThreadPoolExecutor(self.processes) as pool:
            asked = {pool.submit(ask, setting.asks(one.programme), one.patch, self.seconds): one for one in waiting}
            for number, future in enumerate(as_completed(asked), 1):
                outcome, took, how = future.result()
                answer = Answer(asked[future].id, setting.name, outcome, took, how)
                self._write(answer)
                left = (time.monotonic() - began) / number * (len(waiting) - number)
                said = f"{setting.title}: {number} of {len(waiting)}, {left / 60:.0f} min left"
                print(f"{said} · {outcome.value} · {answer.mutant}", file=self.out, flush=True)
                yield answer

    def _write(self, answer: Answer) -> None:
        with self.results.open("a", encoding="utf-8") as file:
            file.write(answer.to_json() + "\n")
