"""The shortest story that breaks the same promise: moves are left out and made simpler as long as it still does."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from typing import Final, final

from progflow.testing.moves import Begin, Numbered, TheEnd
from progflow.testing.playground import Playground
from progflow.testing.promises import Beyond, Promise
from progflow.testing.replaying import Replays
from progflow.testing.search import Failure
from progflow.testing.simplifying import Simplifying

MOVES: Final = 1500
"""How many moves are made at most while a story is made shorter."""

FEW: Final = 12
"""Up to how many moves it is tried to leave out any two of them at once."""

ROUNDS: Final = 3


@final
class Shortening:
    """Shortens stories in one playground.

    Args:
        playground: where they are played again, from its beginning.
        beyond: what is looked at beyond the definitions.
        moves: how many moves are made at most.
    """

    def __init__(self, playground: Playground, beyond: Beyond, moves: int = MOVES) -> None:
        self._playground = playground
        self._beyond = beyond
        self._moves = moves
        self._start = playground.mark()
        self.given_up = False
        """Whether there might be a shorter story: it was not looked for any longer."""

    def shortest(self, failure: Failure) -> Failure:
        """The same failure by fewer and simpler moves; as it is, if it does not happen again."""
        for thorough in (False, True):
            self._playground.back_to(self._start)
            replays = Replays(self._playground, self._beyond, failure.broken, thorough=thorough, moves=self._moves)
            if replays.accepts(failure.steps):
                _shorten(replays)
                self.given_up = replays.left <= 0
                return replays.best
        return failure


def _shorten(replays: Replays) -> None:
    """Fewer moves, then simpler ones, which may make others superfluous."""
    _tell_the_end(replays)
    _leave_out_cases(replays)
    _leave_out_moves(replays)
    for _ in range(ROUNDS):
        Simplifying(replays).simplify()
        if not _leave_out_single_moves(replays):
            break
    while len(replays.best.steps) <= FEW and any(map(replays.accepts, _without_two(replays.best.steps))):
        pass


def _tell_the_end(replays: Replays) -> None:
    """What was done to look for a way out is a part of the story; then at last only time passes."""
    steps, broken = replays.best.steps, replays.best.broken
    if isinstance(steps[-1].move, TheEnd) and (broken.way or broken.promise is Promise.WAY_OUT):
        last = [Numbered(steps[-1].number, TheEnd(0))] if broken.promise is Promise.WAY_OUT else []
        replays.accepts([*steps[:-1], *broken.way, *last])


def _leave_out_cases(replays: Replays) -> None:
    """Without its beginning a case has no moves at all, nor do those below it."""
    for step in reversed(replays.best.steps):
        if isinstance(step.move, Begin):
            replays.accepts([one for one in replays.best.steps if one is not step])


def _leave_out_moves(replays: Replays) -> None:
    size = max(1, len(replays.best.steps) // 2)
    while size:
        before = len(replays.best.steps)
        place = before - size
        while place > -size:
            low = max(place, 0)
            replays.accepts([*replays.best.steps[:low], *replays.best.steps[low + size :]])
            place = min(place, len(replays.best.steps)) - size
        if len(replays.best.steps) == before or size == 1:
            size //= 2


def _leave_out_single_moves(replays: Replays) -> bool:
    """Whether there were any that no other one needs."""
    before = replays.best.steps
    for step in reversed(before):
        replays.accepts([one for one in replays.best.steps if one.number != step.number], all_made=True)
    return len(replays.best.steps) < len(before)


def _without_two(steps: tuple[Numbered, ...]) -> Iterator[list[Numbered]]:
    for one, other in combinations(reversed(steps), 2):
        yield [step for step in steps if step is not one and step is not other]
