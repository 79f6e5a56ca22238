"""A failing story as a function that a developer can paste: it fails as the story does, until the fault is mended."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any, Final

from progflow.definition.lifecycle import Lifecycle, Program
from progflow.testing.promises import AllCases
from progflow.testing.retelling import Retelling
from progflow.testing.scenario import Scenario
from progflow.testing.snippets.ends import ending
from progflow.testing.snippets.host import answerers
from progflow.testing.snippets.layout import INDENT, Code, Group, call, lines, quoted
from progflow.testing.snippets.naming import Names
from progflow.testing.snippets.steps import Steps
from progflow.testing.snippets.values import moment

LONGEST_NAME: Final = 60


def snippet_of(story: Retelling, rule: str, rules: Sequence[AllCases] = ()) -> str:
    """The story as a test function, with its imports.

    Args:
        story: the story.
        rule: what it breaks: this gives the test its name.
        rules: the rules about several cases that were looked at.
    """
    names = Names()
    steps = Steps(story, names)
    happens = [*steps.all_but_the_last(), *ending(steps, rules)]
    host, facts = answerers(story.answers, names)
    body = [*steps.actors(), *_scenario(story, names, facts), *happens]
    written = [*names.lines, *host, "", "", f"def {_name(rule)}() -> None:"]
    return "\n".join([*written, *(f"{INDENT}{line}" for line in body)])


def _name(rule: str) -> str:
    words = re.sub(r"\W+", "_", rule.lower()).strip("_")
    while len(words) > LONGEST_NAME:
        words = words.rpartition("_")[0] if "_" in words else words[:LONGEST_NAME]
    return f"test_{words or 'story'}"


def _scenario(story: Retelling, names: Names, facts: Code | None) -> Iterator[str]:
    setting = story.playground.setting
    parts: list[tuple[str, Code]] = [("", _definition(one, names)) for one in setting.definitions]
    parts.append(("at=", quoted(moment(setting.begins, story.zone))))
    if not any(isinstance(one, Program) for one in setting.definitions):
        parts.append(("zone=", quoted(setting.zone)))
    if facts is not None:
        parts.append(("facts=", facts))
    yield from lines("story = ", Group(f"{names.of(Scenario)}(", parts))


def _definition(one: Program | type[Lifecycle[Any]], names: Names) -> Code:
    if not isinstance(one, Program):
        return names.of(one)
    return names.program(one) or call(
        names.of(Program), quoted(one.name), *(names.of(kind) for kind in one.lifecycles), zone=quoted(one.zone)
    )
