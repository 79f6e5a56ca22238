"""``python -m benchmarks.kit``: how long one line takes, and what it spends its time on.

Processor time of one process, first without and then with a profiler, which makes everything slower and so only gives
the shares.
"""

from __future__ import annotations

import cProfile
import pstats
import sys
import time
import unittest
import warnings
from collections import Counter
from importlib import import_module
from pathlib import Path
from typing import Any, Final, TypeAlias

from progflow.testing import NeverHappens, lifecycle_test

TESTS: Final = Path(__file__).parents[1] / "tests"

ROOMS: Final = (
    ("progflow/testing/", "the kit: choosing, looking closely, telling"),
    ("progflow/adapters/memory/", "the memory store"),
    ("progflow/codec/", "data from and to its plain form"),
    ("progflow/", "the decision: rules, effects, timers, cascades"),
    ("hypothesis/", "Hypothesis"),
)
"""By a part of the file's path what its functions are for; others work for whoever calls them."""

Function: TypeAlias = tuple[str, int, str]


def run(tests: type[unittest.TestCase]) -> float:
    """Run all tests of a class; the seconds of processor time that it took.

    Raises:
        SystemExit: one of them failed.
    """
    result = unittest.TestResult()
    began = time.process_time()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NeverHappens)
        unittest.defaultTestLoader.loadTestsFromTestCase(tests).run(result)
    if not result.wasSuccessful():
        raise SystemExit("\n".join(told for _, told in (*result.failures, *result.errors)))
    return time.process_time() - began


def room(function: Function) -> str | None:
    """What a function is for; None if it works for its callers."""
    path = function[0].replace("\\", "/")
    return next((name for part, name in ROOMS if part in path), None)


def shares(profile: cProfile.Profile) -> dict[str, float]:
    """Which part of the time each room takes; what stands in no room counts for those that call it."""
    stats: Any = pstats.Stats(profile)
    found: Counter[str] = Counter()
    for function, (_, _, own, _, _) in stats.stats.items():
        for name, part in _owners(stats.stats, function, frozenset()).items():
            found[name] += own * part
    whole = sum(found.values())
    return {name: seconds / whole for name, seconds in found.most_common()}


def _owners(stats: Any, function: Function, above: frozenset[Function]) -> dict[str, float]:
    """For whom a function works, as parts of one."""
    name = room(function)
    if name is not None:
        return {name: 1.0}
    callers = {one: own for one, (_, _, own, _) in stats[function][4].items() if one not in above}
    whole = sum(callers.values())
    if not whole or len(above) > 8:
        return {"everything else": 1.0}
    found: Counter[str] = Counter()
    for caller, own in callers.items():
        for name, part in _owners(stats, caller, above | {function}).items():
            found[name] += part * own / whole
    return dict(found)


def fresh(tests: type[unittest.TestCase]) -> type[unittest.TestCase]:
    """The same tests, which have found nothing yet."""
    return type(tests.__name__, (tests,), {"_found": None, "_told": {}, "__test__": True})


def main() -> None:
    """Print a table for each."""
    sys.path.insert(0, str(TESTS))
    for title, tests in (
        ("a lifecycle, as in the README", lifecycle_test(import_module("job_shadowing").JobShadowing)),
        ("cross_mentoring", import_module("test_stories_cross_mentoring").TestStories),
    ):
        print(f"{title}: {run(fresh(tests)):.1f} s of processor time")
        profile = cProfile.Profile()
        profile.runcall(run, fresh(tests))
        for name, part in shares(profile).items():
            print(f"  {part:4.0%} {name}")


if __name__ == "__main__":
    main()
