"""Tests of the suite that show that a change is one: they pass as things are, and fail with it."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from attrs import frozen

from benchmarks.mutants.categories import ROLES, Happening, Programme, concerned
from benchmarks.mutants.compiled import Graphs
from benchmarks.mutants.mutated import environment
from benchmarks.mutants.patch import Mutant, Patch
from benchmarks.mutants.reading import Key, key_of
from benchmarks.mutants.source import PROGRAMMES
from benchmarks.mutants.tracing import VARIABLE

ROOT: Final = Path(__file__).parents[2]
"""Where the tests are run."""

OF_ALL: Final = "tests/test_who_decides.py"
"""The file with a test of each programme, under its name."""

MOST_SECONDS: Final = 120.0
MOST_TESTS: Final = 80
QUIET: Final = ("-q", "--no-header", "--tb=line", "-p", "no:xdist", "-p", "benchmarks.mutants.plugin")


@frozen
class Traced:
    """One test: how long it takes, and the definitions that it comes by."""

    test: str
    seconds: float
    found: frozenset[str]


@frozen
class Witness:
    """A test that fails with a change, and how."""

    test: str
    fails: str


def test_files(programme: str) -> list[str]:
    """The files with the tests of a programme as it ships; those of what others derive from it are left out."""
    names = sorted(path.name for path in (ROOT / "tests").glob(f"test_{programme}*.py") if "_own" not in path.name)
    return [*(f"tests/{name}" for name in names), OF_ALL]


def trace(folder: Path) -> Iterator[str]:
    """Note what the tests of all programmes come by, a file for each of them; what is there already is kept."""
    for programme in PROGRAMMES:
        for file in test_files(programme):
            target = folder / f"{Path(file).stem}.jsonl"
            if not target.exists():  # a file of several programmes is read once
                environs = environment(None) | {VARIABLE: str(target)}
                command = [sys.executable, "-m", "pytest", "-q", "-p", "no:xdist", "-p", "benchmarks.mutants.tracing"]
                only = ["-k", "not sqlite and not postgres and not mariadb"]
                subprocess.run([*command, *only, file], cwd=ROOT, env=environs, check=True, capture_output=True)
                yield file


def traces(folder: Path) -> dict[str, list[Traced]]:
    """What was noted, by programme."""
    found: dict[str, list[Traced]] = {}
    for programme in PROGRAMMES:
        found[programme] = []
        for file in test_files(programme):
            path = folder / f"{Path(file).stem}.jsonl"
            for line in path.read_text(encoding="utf-8").splitlines() if path.exists() else ():
                said = json.loads(line)
                if file == OF_ALL and f"[{programme.replace('_', '-')}]" not in said["test"]:
                    continue
                found[programme].append(Traced(said["test"], said["seconds"], frozenset(said["found"])))
    return found


def concerning(mutant: Mutant, programme: Programme, after: Graphs) -> frozenset[str]:
    """The definitions of which one must run if the change is to show."""
    place: Key = (mutant.patch.module, mutant.patch.place)
    happenings = [one.happening for one in concerned(mutant, programme)]
    happenings += [
        one
        for one in programme.happenings
        if one.lifecycle in after and _differs(programme.graphs, after, one.lifecycle, one.spec.path)
    ]
    state = mutant.patch.place.rpartition(".")[2]
    happenings += [one for one in programme.happenings if not happenings and _passes(one, state)]
    keys = {place} | {key_of(one.spec.function) for one in happenings}
    return frozenset(f"{module}:{name}" for module, name in keys)


def _passes(one: Happening, state: str) -> bool:
    """Whether an event leads from or to a state of that name."""
    paths = {*one.spec.targets, *(target for target in one.spec.targets.values() if target is not None)}
    return any(path.rpartition(".")[2] == state for path in paths)


def _differs(before: Graphs, after: Graphs, lifecycle: str, event: str) -> bool:
    return before[lifecycle].ways.get(event) != after[lifecycle].ways.get(event)


def likely(mutant: Mutant, programme: Programme, after: Graphs, tests: Sequence[Traced]) -> list[str]:
    """The tests that come by the change, the fastest first; at most so many as can be waited for.

    About who may do something, the one comes first that asks about all of it.
    """
    near = concerning(mutant, programme, after)
    about_roles = mutant.operator in ROLES
    near_by = [one for one in tests if one.found & near or (about_roles and OF_ALL in one.test)]
    if not near_by:
        around = f"{mutant.patch.module}:{mutant.patch.place.rpartition('.')[0]}."
        near_by = [one for one in tests if any(name.startswith(around) for name in one.found)]
    chosen: list[str] = []
    seconds = 0.0
    for one in sorted(near_by, key=lambda one: (about_roles and OF_ALL not in one.test, one.seconds, one.test)):
        asks_all = about_roles and OF_ALL in one.test
        if asks_all or (len(chosen) < MOST_TESTS and seconds + one.seconds <= MOST_SECONDS):
            chosen.append(one.test)
            seconds += 0 if asks_all else one.seconds
    return chosen


def run_tests(tests: Sequence[str], patch: Patch | None, *, seconds: float, first: bool = True) -> tuple[int, str]:
    """Run these tests with that change; the exit code of pytest and what it printed, -1 if it took too long.

    Hypothesis keeps what it finds in a folder of each run: one mutant must not give away another.
    """
    command = [sys.executable, "-m", "pytest", *QUIET, "-rfE", *(["-x"] if first else []), *tests]
    with TemporaryDirectory(prefix="mutant-") as folder:
        apart = {"COLUMNS": "300", "HYPOTHESIS_STORAGE_DIRECTORY": folder}
        try:
            ran = subprocess.run(
                command,
                cwd=ROOT,
                env=environment(patch) | apart,
                capture_output=True,
                text=True,
                timeout=seconds,
                check=False,
            )
        except subprocess.TimeoutExpired as expired:
            return -1, expired.stdout.decode() if isinstance(expired.stdout, bytes) else ""
    return ran.returncode, ran.stdout + ran.stderr


def witness(mutant: Mutant, tests: Sequence[str], *, seconds: float = 2 * MOST_SECONDS) -> Witness | None:
    """The first of these tests that fails with the change; None if all pass, or take too long.

    Raises:
        RuntimeError: pytest could not run them, as when one of them is no longer there.
    """
    if not tests:
        return None
    code, said = run_tests(tests, mutant.patch, seconds=seconds)
    if code in (-1, 0):
        return None
    failed = re.search(r"^(?:FAILED|ERROR) (\S+?\.py::.*?)(?: - (.*))?$", said, re.MULTILINE)
    if code != 1 or failed is None:
        raise RuntimeError(f"pytest {' '.join(tests)} ended with {code}:\n{said[-2000:]}")
    return Witness(failed[1], _short(failed[2] or "it fails"))


def _short(said: str) -> str:
    return said if len(said) <= 160 else f"{said[:157]}…"


def not_passing(tests: Iterable[str]) -> list[str]:
    """Those of the witnesses that do not pass as things are."""
    code, said = run_tests(sorted(set(tests)), None, seconds=3600, first=False)
    if code == 0:
        return []
    return re.findall(r"^(?:FAILED|ERROR) (\S+)", said, re.MULTILINE) or [said[-500:]]


def tells(patch: Patch, test: str) -> bool:
    """Whether a test fails with a change."""
    return run_tests([test], patch, seconds=4 * MOST_SECONDS)[0] == 1
