"""What has happened in a story so far, and how it is told when something is not as it should be."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from contextlib import contextmanager, suppress
from typing import Any, Final, NoReturn, cast, final

from attrs import evolve

from progflow.definition.blueprint import START_WITH_DATA
from progflow.errors import ProgflowError
from progflow.flow.answers import Entry
from progflow.flow.verbs import Flow
from progflow.testing.clock import Clock
from progflow.testing.scenario.attempts import Attempt
from progflow.testing.telling import Told, at_minute, names_of, tell

SO_FAR: Final = "The story so far:"


@final
class Chronicle:
    """Listens to a flow, and takes notes.

    Args:
        flow: what is listened to.
        clock: the one that was given to it.
    """

    def __init__(self, flow: Flow, clock: Clock) -> None:
        self._flow = flow
        self._clock = clock
        self.lines: list[Told] = []
        self.called: dict[str, str] = {}
        """What cases are called that have a name of their own, by their ids."""
        flow.transitioned.connect(self._hear)

    def _hear(self, sender: type[Any], *, entry: Entry) -> None:
        self.lines.append(entry)

    def close(self) -> None:
        """Listen no longer."""
        self._flow.transitioned.disconnect(self._hear)

    def name(self, case: str) -> str:
        """What a case is called."""
        return (names_of(self.lines) | self.called).get(case, case)

    def told(self) -> str:
        """The story in numbered lines."""
        return tell(map(self._with_data, self.lines), names=self.called)

    def _with_data(self, one: Told) -> Told:
        """A case that began without an event has begun with its data, and these are told instead of a payload."""
        if not isinstance(one, Entry) or one.event != START_WITH_DATA:
            return one
        with self._flow._transaction.open(write=False) as unit:  # pyright: ignore[reportPrivateUsage]
            data = unit.history(one.case)[0].data
        return evolve(one, payload=cast("Mapping[str, object]", data)) if isinstance(data, Mapping) else one

    def _so_far(self) -> str:
        return f"{SO_FAR}\n{self.told()}\nIt is {at_minute(self._clock.now)} now."

    def fail(self, wrong: str) -> NoReturn:
        """End the story.

        Raises:
            AssertionError: what is wrong, and the story so far.
        """
        __tracebackhide__ = True
        raise AssertionError(f"{wrong}\n\n{self._so_far()}")

    def annotate(self, error: Exception) -> None:
        """Tell the story in an error that does not tell it yet."""
        if SO_FAR not in "".join((str(error), *getattr(error, "__notes__", ()))):
            error.add_note(self._so_far())

    @contextmanager
    def telling(self, attempt: Attempt | None = None) -> Generator[None]:
        """Tell the story, and that the attempt came to nothing, in whatever error comes up."""
        try:
            yield
        except Exception as error:
            if attempt is not None and isinstance(error, ProgflowError):
                self.note(attempt, error)
            self.annotate(error)
            raise

    def note(self, attempt: Attempt, error: ProgflowError) -> None:
        """That an attempt came to nothing."""
        with suppress(ProgflowError):  # of an event that nobody knows there is nothing to tell but its error
            self.lines.append(attempt.refusal(error, self._clock))
