"""A failure as a story: numbered lines in the program's own words, and what broke."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Final, final

from progflow.errors import Blocker
from progflow.testing.condition import condition, rule_of
from progflow.testing.moves import Begin, Fire, Numbered
from progflow.testing.playground import Playground, Setting
from progflow.testing.promises import AllCases, Beyond, Promise
from progflow.testing.retelling import Retelling
from progflow.testing.search import Failure
from progflow.testing.shortening import Shortening
from progflow.testing.snippets import snippet_of
from progflow.testing.telling import reasons_of, tell

GIVEN_UP: Final = "There may be a shorter story: looking for it was given up."


@final
class StoryBroken(AssertionError):
    """A story breaks a promise of progflow or a rule of the program.

    ``story`` is what is told about it, ``snippet`` the test to paste, ``rule`` what was broken, ``found`` how, and
    ``steps`` are its moves.
    """

    def __init__(self, story: str, snippet: str, rule: str, found: str, steps: tuple[Numbered, ...]) -> None:
        super().__init__(f"{story}\n\nAs a test:\n\n{snippet}")
        self.story = story
        self.snippet = snippet
        self.rule = rule
        self.found = found
        self.steps = steps


def shortest_story(failure: Failure, setting: Setting, beyond: Beyond) -> StoryBroken:
    """The shortest story that fails like this one, in words.

    Args:
        failure: the story that was found.
        setting: what it was played with.
        beyond: what was looked at beyond the definitions.
    """
    shortening = Shortening(Playground(setting), beyond)
    shortest = shortening.shortest(failure)
    return story_of(shortest, setting, rules=beyond.always, given_up=shortening.given_up)


def story_of(
    failure: Failure, setting: Setting, *, rules: Sequence[AllCases] = (), given_up: bool = False
) -> StoryBroken:
    """The failure in words.

    Args:
        failure: the story.
        setting: what it was played with.
        rules: the rules about several cases that were looked at.
        given_up: whether there may be a shorter one.
    """
    story = Retelling(failure, setting)
    broken = story.broken
    parts = [
        _headline(story),
        story.in_names(tell(story.told(), names=story.names)),
        "\n".join(_answers(story)),
        story.in_names("\n".join(condition(story))),
        GIVEN_UP if given_up else "",
    ]
    snippet = snippet_of(story, _rule(story), rules)
    return StoryBroken("\n\n".join(filter(None, parts)), snippet, broken.promise.value, broken.found, failure.steps)


def _rule(story: Retelling) -> str:
    """The sentence of the rule that is broken, if it is one of the program."""
    rule = rule_of(story)
    if rule is not None:
        kind, bound = rule
        return kind.words.rule(bound)
    promise, move = story.broken.promise, story.last.move
    if promise is Promise.NO_ERROR and isinstance(move, Begin | Fire):
        return f"{story.kind_of(move).blueprint.name} {move.event or 'begin'} does not fail"
    return story.broken.found if promise is Promise.INVARIANT else promise.value


def _headline(story: Retelling) -> str:
    """What was promised, and the rule that it is about."""
    promise, rule = story.broken.promise.value, rule_of(story)
    if rule is not None:
        kind, bound = rule
        return f"{promise}\n{kind.blueprint.name}.{bound.code}: {kind.words.rule(bound)}"
    if story.broken.promise in (Promise.INVARIANT, Promise.NO_ERROR):
        return f"{promise}\n{story.in_names(story.broken.found)}"
    return promise


def _answers(story: Retelling) -> Iterator[str]:
    """What was said about the last command beforehand, and what then became of it."""
    last, move, playground = story.last, story.last.move, story.playground
    if story.broken.promise not in (Promise.OFFERED, Promise.CHECKED) or not isinstance(move, Begin | Fire):
        return
    after = playground.mark()
    playground.back_to(last.before)
    yield f"explain said: {_said(lambda: _explained(playground, move))}"
    yield f"check said:   {_said(lambda: playground.check(move))}"
    yield f"fire said:    {'nothing against it' if last.error is None else reasons_of(last.error)}"
    playground.back_to(after)


def _explained(playground: Playground, move: Begin | Fire) -> Sequence[Blocker]:
    if isinstance(move, Fire):
        return playground.flow.explain(move.case, actor=move.actor)[move.event].reasons
    lifecycle = playground.kinds.named(move.kind).lifecycle
    return playground.flow.explain(lifecycle, parent=move.parent, actor=move.actor)[move.event or ""].reasons


def _said(ask: Callable[[], Sequence[Blocker]]) -> str:
    try:
        return " ".join(reason.text for reason in ask()) or "nothing against it"
    except Exception as error:
        return reasons_of(error)
