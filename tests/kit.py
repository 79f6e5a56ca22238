"""Runs what the kit makes as unittest would, and says what came of it."""

from __future__ import annotations

import re
import unittest
import warnings
from typing import Any

from attrs import define, field
from hypothesis import settings

from progflow.testing import NeverHappens, StoryBroken
from progflow.testing.one_line import LifecycleTest

SHORT = settings(max_examples=15, stateful_step_count=10, derandomize=True, database=None)
"""Always the same few stories, for what is found soon or never."""


@define
class Outcome(unittest.TestResult):
    """What came of the tests of one class, by the names of their methods."""

    ran: list[str] = field(factory=list)
    raised: dict[str, BaseException] = field(factory=dict)
    warned: list[str] = field(factory=list)

    def __attrs_pre_init__(self) -> None:
        super().__init__()

    def startTest(self, test: unittest.TestCase) -> None:
        super().startTest(test)
        self.ran.append(test._testMethodName)

    def addFailure(self, test: unittest.TestCase, err: Any) -> None:
        super().addFailure(test, err)
        self.raised[test._testMethodName] = err[1]

    def addError(self, test: unittest.TestCase, err: Any) -> None:
        super().addError(test, err)
        self.raised[test._testMethodName] = err[1]

    @property
    def story(self) -> StoryBroken:
        """The story that was told by each test that failed."""
        [story] = {str(error): error for error in self.raised.values()}.values()
        assert isinstance(story, StoryBroken), story
        return story


def outcome(tests: type[LifecycleTest]) -> Outcome:
    """What comes of these tests."""
    result = Outcome()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        unittest.defaultTestLoader.loadTestsFromTestCase(tests).run(result)
    result.warned.extend(str(one.message) for one in caught if one.category is NeverHappens)
    return result


def lines(story: StoryBroken) -> list[str]:
    """The numbered lines of a story."""
    return [line for line in str(story).splitlines() if re.match(r" *\d+\. ", line)]
