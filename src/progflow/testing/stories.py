"""The Hypothesis state machine that plays stories, and what becomes of one that breaks a promise."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar, TypeVar, final

from attrs import define, field
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from progflow.testing.chance import Chance, Draw, Seeded
from progflow.testing.choosing import Choosing
from progflow.testing.coverage import Coverage
from progflow.testing.moves import Broken, Move, Numbered, Stale, TheEnd, Twice, Wait
from progflow.testing.playground import Playground, Setting
from progflow.testing.promises import Beyond, RuleBroken
from progflow.testing.referee import Referee
from progflow.testing.search import Failure, Found, Place, with_last

T = TypeVar("T")


@st.composite
def chosen(draw: Draw, choose: Callable[[Chance], T]) -> T:
    """What a function chooses."""
    return choose(Seeded(draw))


@final
@define(eq=False)
class Book:
    """What the stories of one test share: where they may begin, and what has been found out in them."""

    setting: Setting
    found: Found
    beyond: Beyond
    on_failure: Callable[[Failure], BaseException]
    coverage: Coverage = field(factory=Coverage)


class Stories(RuleBasedStateMachine):
    """Plays a story. Each example begins where the search has got to, or at the very beginning."""

    book: ClassVar[Book]

    def __init__(self) -> None:
        super().__init__()
        book = self.book
        self._playground = Playground(book.setting)
        self._referee = Referee(self._playground, book.beyond)
        self._choosing = Choosing(self._playground, book.found.coverage.copy())
        self._steps: tuple[Numbered, ...] = ()

    @initialize(data=st.data())
    def take_up(self, data: st.DataObject) -> None:
        """Go on from where another story has got to."""
        places: Sequence[Place] = self.book.found.places
        place = data.draw(st.sampled_from(range(len(places))).map(places.__getitem__))
        self._playground.back_to(place.mark)
        self._steps = place.steps

    @rule(data=st.data())
    def somebody_acts(self, data: st.DataObject) -> None:
        """Somebody fires what is possible; where nobody can do anything, time passes."""
        choosing = self._choosing
        self._step(self._trying(data, lambda chance: choosing.act(chance) or choosing.wait(chance)))

    @rule(data=st.data())
    def somebody_else_acts(self, data: st.DataObject) -> None:
        """The same once more: most of what happens in a programme is that people act."""
        self.somebody_acts(data)

    @precondition(lambda self: self._playground.cases)
    @rule(data=st.data())
    def time_passes(self, data: st.DataObject) -> None:
        """Time passes, and what is due happens."""
        self._step(self._trying(data, self._choosing.wait))

    @precondition(lambda self: self._playground.cases)
    @rule(data=st.data())
    def somebody_hesitates(self, data: st.DataObject) -> None:
        """Somebody fires what was possible before time passed."""
        move = self._trying(data, self._choosing.act)
        self._step(self._trying(data, self._choosing.wait))
        if move is not None:
            self._step(move)

    @precondition(lambda self: self._playground.cases)
    @rule(data=st.data())
    def somebody_tries_what_is_not_allowed(self, data: st.DataObject) -> None:
        """Somebody fires what is likely to be refused."""
        move = self._trying(data, self._choosing.forbidden)
        if move is not None:
            self._step(move)

    @precondition(lambda self: self._playground.cases)
    @rule(data=st.data())
    def somebody_sends_a_command_twice(self, data: st.DataObject) -> None:
        """The same command under the same key."""
        move = self._trying(data, self._choosing.act)
        other = self._trying(data, self._choosing.forbidden)
        if move is not None:
            self._step(Twice(move, other))

    @precondition(lambda self: self._playground.cases)
    @rule(data=st.data())
    def somebody_is_late(self, data: st.DataObject) -> None:
        """A command on a case that has moved on since it was read."""
        move = self._trying(data, self._choosing.forbidden)
        if move is not None:
            self._step(Stale(move))

    @precondition(lambda self: self._playground.cases)
    @rule(data=st.data())
    def somebody_sends_what_does_not_fit(self, data: st.DataObject) -> None:
        """A command by name, with input that is broken."""
        move = self._trying(data, self._choosing.forbidden)
        if move is None:
            return
        kind = self._playground.kind_of(self._playground.held_case(move.case))
        parameters = kind.blueprint.events[move.event].parameters
        values, payload = self._playground.values, move.payload
        given = self._trying(data, lambda chance: values.broken(chance, payload, parameters))
        self._step(Broken(move, given))

    def teardown(self) -> None:
        """The story is over."""
        if self._steps:
            self._step(TheEnd(len(self._steps)))

    # -- one move

    def _trying(self, data: st.DataObject, choose: Callable[[Chance], T]) -> T:
        """Choose; a rule that fails already while somebody looks at what is possible breaks a promise, too."""
        self._choosing.comes_next(self._next)  # cases that are begun on trial get the ids that they will have
        try:
            return data.draw(chosen(choose))
        except RuleBroken as broken:
            raise self._failure(broken, ()) from None

    @property
    def _next(self) -> int:
        return len(self._steps) + 1

    def _step(self, move: Move) -> None:
        step = Numbered(self._next, move)
        try:
            entries = self._referee.step(step).entries
        except RuleBroken as broken:
            raise self._failure(broken, (step,)) from None
        if entries or isinstance(move, Wait):
            self._steps = (*self._steps, step)
            self.book.coverage.note_entries(entries)

    def _failure(self, broken: RuleBroken, last: tuple[Numbered, ...]) -> BaseException:
        return self.book.on_failure(Failure(with_last((*self._steps, *last), broken), broken))
