"""One line tests a lifecycle, or a whole program: a class of tests that is made from the definition."""

from __future__ import annotations

import unittest
import warnings
from collections.abc import Mapping
from typing import Any, ClassVar, Final, Unpack, cast

from hypothesis import HealthCheck, Phase, Verbosity, settings
from hypothesis.errors import Flaky
from hypothesis.stateful import run_state_machine_as_test

from progflow.definition.lifecycle import Lifecycle, Program
from progflow.testing.plan import Plan, Told, lifecycle_plan, program_plan
from progflow.testing.promises import VARIES, Promise
from progflow.testing.replays import replay
from progflow.testing.rule_sheets import approved_difference, rule_sheet
from progflow.testing.search import Failure, Found
from progflow.testing.stories import Book, Stories
from progflow.testing.story import StoryBroken

STEPS: Final = 15
"""How many moves Hypothesis makes in one story, beyond the place from which it goes on."""


class NeverHappens(UserWarning):
    """Something that a definition provides for came up in no story: a state, an event, or a guard's no."""


class LifecycleTest(unittest.TestCase):
    """What ``lifecycle_test`` and ``program_test`` make: collected by pytest and by unittest alike."""

    __test__: ClassVar[bool] = False  # where a test module imports it by name, pytest has nothing to collect
    plan: ClassVar[Plan]
    _found: ClassVar[Found | None] = None
    _told: ClassVar[dict[object, StoryBroken]] = {}

    @classmethod
    def _find(cls) -> Found:
        if cls._found is None:
            cls._found = cls.plan.search()
        return cls._found

    @classmethod
    def _fail_with(cls, failure: Failure) -> StoryBroken:
        what = (failure.broken.what, failure.steps)
        if what not in cls._told:
            cls._told[what] = cls.plan.failure(failure)
        return cls._told[what]

    def test_what_can_come_up(self) -> None:
        """Look for a story of each state, event and refusal; none may break a promise on the way."""
        found = self._find()
        if found.failure is not None:
            raise self._fail_with(found.failure)
        report = self.plan.report(found)
        if report.fault is not None:
            raise report.fault
        if report.missing:
            warnings.warn(str(report), NeverHappens, stacklevel=1)

    def test_stories(self) -> None:
        """Play stories that Hypothesis draws; none may break a promise."""
        found = self._find()
        if found.failure is not None:
            raise self._fail_with(found.failure)
        book = Book(self.plan.setting, found, self.plan.beyond, self._fail_with)
        machine = type(f"{type(self).__name__}Stories", (Stories,), {"book": book})
        try:
            run_state_machine_as_test(machine, settings=_settings(self.plan.settings))
        except Flaky as error:
            raise _of_flaky(error) from error


class _Approved(LifecycleTest):
    def test_rules_are_those_that_were_signed_off(self) -> None:
        """Compare the rule sheet of today's definitions with the one that was signed off."""
        assert self.plan.approved is not None
        definitions = self.plan.definition
        difference = approved_difference(rule_sheet(definitions), self.plan.approved)
        if difference is not None:
            raise AssertionError(difference)


class _Replayed(LifecycleTest):
    def test_stored_histories_come_out_as_they_did(self) -> None:
        """Play stored histories against today's definitions."""
        setting = self.plan.setting
        for path in self.plan.replays:
            replay(path, *setting.definitions, zone=setting.zone, facts=setting.stand_ins())


def _of_flaky(error: Flaky) -> BaseException:
    """What to say when stories that began alike did not go on alike."""
    broken = (
        cast("BaseExceptionGroup[BaseException]", error).exceptions if isinstance(error, BaseExceptionGroup) else ()
    )
    told = next((one for one in broken if isinstance(one, StoryBroken)), None)
    return told or AssertionError(f"{Promise.SAME.value}\nIn some story: {VARIES}")


def _settings(given: settings | None) -> settings:
    """The profile of Hypothesis, but for what is done here in another way: shortening, printing, and time limits."""
    return settings(
        given or settings(stateful_step_count=STEPS),
        deadline=None,
        phases=(Phase.explicit, Phase.reuse, Phase.generate),
        suppress_health_check=cast("list[HealthCheck]", list(HealthCheck)),  # but for those that are no more
        verbosity=Verbosity.quiet,
        print_blob=False,
        report_multiple_bugs=False,
    )


def lifecycle_test(
    lifecycle: type[Lifecycle[Any]], *, zone: str = "Europe/Berlin", **told: Unpack[Told]
) -> type[LifecycleTest]:
    """A class of tests for one lifecycle: ``TestStay = lifecycle_test(JobShadowing)``.

    Stories are made from the definition: people fire what is allowed and what is not, by right and wrong actors, with
    payloads that fit and that do not, twice and too late, and time passes. After every step all that progflow promises
    must hold, and every invariant. What never comes up is reported.

    The lifecycles above it are played as well. Lifecycles that it asks about beside these belong into a program: see
    ``program_test``.

    Args:
        lifecycle: what is tested.
        zone: where its days are counted.
        **told: see ``Told``.

    Raises:
        UsageError: something was told that means nothing here.
    """
    plan = lifecycle_plan(lifecycle, zone, told)
    return _test_class(lifecycle.__name__, plan)


def program_test(program: Program, **told: Unpack[Told]) -> type[LifecycleTest]:
    """A class of tests for all lifecycles of a program together: ``TestMentoring = program_test(cross_mentoring)``.

    As ``lifecycle_test``, with several cases of all kinds at once: links, cascades, quotas, and endings of parents.

    Args:
        program: what is tested.
        **told: see ``Told``.

    Raises:
        UsageError: something was told that means nothing here.
    """
    plan = program_plan(program, told)
    return _test_class(program.name, plan)


def _test_class(name: str, plan: Plan) -> type[LifecycleTest]:
    bases: list[type[LifecycleTest]] = []
    if plan.approved is not None:
        bases.append(_Approved)
    if plan.replays:
        bases.append(_Replayed)
    members: Mapping[str, object] = {"plan": plan, "_told": {}, "__module__": __name__, "__test__": True}
    return type(f"Test{name}", tuple(bases) or (LifecycleTest,), dict(members))
