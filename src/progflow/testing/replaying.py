"""Plays variants of one story that fails, and of each only what is different."""

from __future__ import annotations

from collections.abc import Sequence
from typing import final

from attrs import evolve, frozen

from progflow.errors import ProgflowError
from progflow.testing.moves import Begin, Broken, Fire, Numbered, Stale, Twice, Wait
from progflow.testing.playground import Mark, Playground
from progflow.testing.promises import Beyond, Promise, RuleBroken
from progflow.testing.referee import Referee
from progflow.testing.search import Failure


@final
@frozen(eq=False)
class Made:
    """A move that was made, and how all was before."""

    step: Numbered
    before: Mark


@final
class Replays:
    """Variants of a story, each played from where it differs from the last one that failed like it.

    Args:
        playground: where they are played; it is as it was before the story.
        beyond: what is looked at beyond the definitions.
        like: what the story breaks.
        thorough: whether all that is promised is looked at.
        moves: how many moves are made at most.
    """

    def __init__(self, playground: Playground, beyond: Beyond, like: RuleBroken, *, thorough: bool, moves: int) -> None:
        self.playground = playground
        self.left = moves
        self._beyond = beyond
        self._like = like.what
        self._thorough = thorough
        self._asks_all = like.promise is Promise.INVARIANT and like.case is not None
        self._begin = playground.mark()
        self._made: Sequence[Made] = ()
        self._refuted: set[tuple[tuple[Numbered, ...], bool]] = set()
        self.best = Failure((), like)
        """The last one that failed like the story: its moves up to the one that failed."""

    def accepts(self, steps: Sequence[Numbered], *, all_made: bool = False) -> bool:
        """Play these moves; whether they fail like the story.

        Args:
            steps: the moves.
            all_made: whether all of them must be made, but for the one that fails. Otherwise those that cannot be made
                any more are passed over, and those that are refused.
        """
        tried = tuple(steps), all_made
        if not steps or tried in self._refuted:
            return False
        accepted = self._accepts(steps, all_made=all_made)
        if not accepted:
            self._refuted.add(tried)
        return accepted

    def _accepts(self, steps: Sequence[Numbered], *, all_made: bool) -> bool:
        known = self._known(steps)
        if known == len(steps):
            return False
        self.playground.back_to(self._begin if known == 0 else self._made[known].before)
        made = list(self._made[:known])
        referee = Referee(self.playground, self._beyond, thorough=self._thorough)
        for step in steps[known:]:
            if not self._can_be_made(step):
                if all_made:
                    return False
                continue
            if self.left <= 0:
                return False
            self.left -= 1
            before = self.playground.mark()
            try:
                passed = referee.step(step)
                if self._asks_all:
                    referee.look_at_invariants()
            except RuleBroken as broken:
                return self._failed([*made, Made(step, before)], broken)
            except ProgflowError:
                return False
            if not passed.reasons:
                made.append(Made(step, before))
            elif all_made:
                return False
        return False

    def _failed(self, made: Sequence[Made], broken: RuleBroken) -> bool:
        if broken.what != self._like:
            return False
        self._made, self.best = made, Failure(tuple(one.step for one in made), broken)
        return True

    def _known(self, steps: Sequence[Numbered]) -> int:
        """How many moves need not be made again: those that are the same as in the last story that failed."""
        known = 0
        while known < min(len(steps), len(self._made)) and steps[known] == self._made[known].step:
            known += 1
        if self._thorough and known < len(self._made):
            known = self._before_the_wait(known)
        return known

    def _before_the_wait(self, known: int) -> int:
        """Whether it matters when timers fire is looked at in two moves: time passes, and somebody does something."""
        place = known
        while place > 0 and not isinstance(self._made[place - 1].step.move, Begin | Fire | Twice):
            place -= 1
            if isinstance(self._made[place].step.move, Wait):
                return place
        return known

    def go_before(self, place: int) -> Playground:
        """The playground, as it was before that move of the last story that failed."""
        self.playground.back_to(self._made[place].before)
        return self.playground

    def _can_be_made(self, step: Numbered) -> bool:
        move, cases = step.move, self.playground.cases
        match move:
            case Begin():
                return move.parent is None or move.parent in cases
            case Fire():
                return move.case in cases
            case Twice():
                return self._can_be_made(evolve(step, move=move.first)) and (
                    move.other is None or self._can_be_made(evolve(step, move=move.other))
                )
            case Stale() | Broken():
                return move.fire.case in cases
            case Wait():
                return move.until > self.playground.now
            case _:
                return True
