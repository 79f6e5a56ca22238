"""Stored histories, played again against today's definitions."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import groupby, islice
from typing import Any, Final, final

from attrs import evolve, frozen

from progflow.adapters.memory import MemoryStore, Snapshot
from progflow.codec import BadValue
from progflow.decide.catching_up import Laps
from progflow.definition.blueprint import START_WITH_DATA, EventSpec
from progflow.definition.people import SYSTEM, Actor
from progflow.errors import ProgflowError, Refused, UsageError
from progflow.flow.running import Transaction
from progflow.flow.verbs import Flow
from progflow.flow.world import Ids
from progflow.records import EntryRecord, Json
from progflow.signals import Signal
from progflow.testing.replays.comparing import Known, compared
from progflow.testing.replays.histories import Histories, Step
from progflow.testing.replays.order import causes_first
from progflow.testing.replays.pseudonyms import Pseudonyms
from progflow.testing.replays.roles import Roles
from progflow.testing.replays.telling import Differs, Telling

LOST: Final = "it does not happen"

TRIALS: Final = 3000
"""How often commands are given to find an order in which they come out, where several were given at one instant."""

REPAIRS: Final = 3
"""How many of them may have to be put before others."""

FEW: Final = 3
"""As how many people they are given then."""


@frozen
class Mark:
    """Where a replay can be taken back to."""

    snapshot: Snapshot
    here: Mapping[str, str]
    met: Mapping[str, int]
    order: Sequence[Step]
    known: Mapping[str, Known]


@final
class Player:
    """Plays histories on a store in memory, with a clock that stands where it stood then.

    Commands are given again; timers, automatic events and cascades must happen by themselves. What was given at one
    instant is tried in the order of the file, and what does not come out as it did is tried again after the others.

    Args:
        histories: what happened.
        flow: whose definitions, facts and language count; nothing is done in its store.
        thorough: whether a long search for the order of what was given at one instant is worth the while.
    """

    def __init__(self, histories: Histories, flow: Flow, *, thorough: bool = False) -> None:
        self._histories = histories
        self._thorough = thorough
        self._now = datetime.min.replace(tzinfo=UTC)
        self._store = MemoryStore()
        engine = evolve(
            flow._transaction.engine,  # pyright: ignore[reportPrivateUsage]
            store=self._store,
            clock=lambda: self._now,
            ids=Ids(time.time),
            transitioning=Signal("transitioning"),
            transitioned=Signal("transitioned"),
            refused=Signal("refused"),
        )
        self._transaction = Transaction(engine)
        self._flow = flow._inside(self._transaction)  # pyright: ignore[reportPrivateUsage]
        self.kinds: Final = engine.kinds
        self.telling: Final = Telling(self.kinds, histories)
        self._of_case: dict[str, list[Step]] = {}
        self._effects: dict[str, list[Step]] = {}
        for step in histories.steps:
            self._of_case.setdefault(step.case, []).append(step)
            if step.caused_by is not None:
                self._effects.setdefault(step.caused_by, []).append(step)
        self._here: dict[str, str] = {}
        """The ids of the cases on our store."""
        self._met: dict[str, int] = {}
        """How many steps of each case have come out as they did."""
        self.order: list[Step] = []
        """The steps that nothing caused, in the order in which they came out."""
        self.settled = 0
        """How many of them were made before the instant at which it is."""
        self._known: dict[str, Known] = {}
        """The data of each case, as history and today agree on it."""
        self._held = self._store.snapshot()
        self._raised: dict[tuple[str, str], Exception] = {}
        """What timers have raised, by our case and the event."""
        self._trials = TRIALS
        self._worked: dict[tuple[str, str, str], Actor | None] = {}
        """As whom somebody did such a thing the last time, or anything at all."""
        self._roles = Roles(self.kinds.all, histories.steps)

    @property
    def reached(self) -> int:
        """The number of the last step that has come out as it did."""
        numbers = self.telling.numbers
        return max((numbers[step.name] for step in self._histories.steps if self._is_met(step)), default=1)

    def decision(self, root: Step) -> Sequence[Step]:
        """The step with all that followed from it at once, in the order of the file."""
        numbers = self.telling.numbers
        found, waiting = list[Step](), [root]
        while waiting:
            found.append(waiting.pop())
            waiting += self._effects.get(found[-1].name, ())
        return sorted(found, key=lambda step: numbers[step.name])

    def play(self) -> None:
        """Play all of it.

        Raises:
            Differs: something comes out otherwise.
        """
        roots = (step for step in self._histories.steps if step.caused_by is None)
        for recorded, several in groupby(roots, key=lambda step: step.recorded):
            self.settled = len(self.order)
            self._now, together = recorded, list(several)
            self._let_happen(together)
            self._carry_out([root for root in together if not self._is_met(root)])

    # -- what was done at one instant

    def _carry_out(self, roots: Sequence[Step]) -> None:
        """Let these happen in an order in which they come out: that of the file, or what begins something first.

        Raises:
            Differs: they come out in none of those that were tried.
        """
        mark = self._mark()
        error = self._in_turn(roots)
        if error is None:
            return
        self._trials = TRIALS
        late = sorted(roots, key=lambda root: all(step.seq > 1 for step in self.decision(root)))
        ways: list[Callable[[], Differs | None]] = [
            lambda: self._in_turn(late),
            lambda: self._in_turn(late, late=True),
            lambda: self._in_turn(late, late=True, repairs=REPAIRS),
        ]
        for way in ways if len(roots) > 1 and self._thorough else ways[:2] if len(roots) > 1 else ():
            self._back_to(mark)
            if way() is None:
                return
        raise error

    def _in_turn(self, roots: Sequence[Step], *, late: bool = False, repairs: int = 0) -> Differs | None:
        """Let these happen one after another, what differs again after the others; None if all came out.

        Args:
            roots: the steps.
            late: begin again after each that comes out, so that those that stand behind come as late as can be.
            repairs: how often what differs to the end may be put before what has been done.
        """
        left, failed, done = list(roots), dict[str, Differs](), list[tuple[Step, Mark]]()
        while left:
            count = len(done)
            for root in left:
                mark, error = self._mark(), self._differs(root, few=late)
                if error is not None:
                    failed[root.name] = error
                elif self._is_met(root):
                    done.append((root, mark))
                    if late:
                        break
            left = [root for root in left if not self._is_met(root)]
            if len(done) == count:
                stuck = [root for root in left if root.name in failed]
                if repairs and any(self._put_before(root, left, done, repairs) for root in stuck):
                    return None
                return next((failed[root.name] for root in stuck), Differs("lost", left[0], f"{LOST}."))
        return None

    def _put_before(self, root: Step, left: Sequence[Step], done: Sequence[tuple[Step, Mark]], repairs: int) -> bool:
        """Whether all comes out with this step somewhere before what has been done, and the others right after it."""
        others = [one for one in left if one is not root]
        for place in reversed(range(len(done))):
            self._back_to(done[place][1])
            if self._trials > 0 and self._differs(root, few=True) is None and self._is_met(root):
                following = [*others, *(step for step, _ in done[place:])]
                if self._in_turn(following, late=True, repairs=repairs - 1) is None:
                    return True
        return False

    def _differs(self, root: Step, *, few: bool = False) -> Differs | None:
        """Let a step happen if it can be the next one; what differs then, and nothing has happened.

        Args:
            root: the step.
            few: only as whom it is likely to have been done.
        """
        if self._is_met(root) or not self._is_next(root):
            return None
        mark, lifecycle = self._mark(), self._histories.cases[root.case].lifecycle
        likely = (root.actor, lifecycle, root.event), (root.actor, "", "")
        first: Differs | None = None
        worked = (self._worked[what] for what in likely if what in self._worked and self._is_given(root))
        actors = dict.fromkeys((*worked, *self._attempts(root)))
        for actor in islice(actors, FEW if few else None):
            self._trials -= 1
            try:
                self._do(root, actor)
            except Differs as error:
                # As somebody else it may be possible and come out otherwise: that tells more than that it is refused.
                first = error if first is None or _tells(error) > _tells(first) else first
                self._back_to(mark)
            else:
                self._worked |= dict.fromkeys(likely if self._is_given(root) else (), actor)
                return None
        return first

    def _is_next(self, root: Step) -> bool:
        """Whether no other step has to come first in any of the cases that it moves."""
        firsts: dict[str, int] = {}
        for step in self.decision(root):
            firsts[step.case] = min(firsts.get(step.case, step.seq), step.seq)
        above = self._histories.cases[root.case]
        needed = () if root.seq > 1 else (above.parent, *above.links.values())
        begun = all(one is None or one in self._here for one in needed)
        return begun and all(self._met.get(case, 0) == seq - 1 for case, seq in firsts.items())

    def _is_met(self, step: Step) -> bool:
        return self._met.get(step.case, 0) >= step.seq

    # -- one command

    def _attempts(self, root: Step) -> Iterator[Actor | None]:
        """Who may have done it; None for what happens by itself."""
        spec = self._spec(root)
        if not self._is_given(root):
            yield None
        elif root.actor == SYSTEM.id and root.acted_as is None:
            yield SYSTEM
        else:
            data, phases = self._known.get(root.case, (None, {}))
            for roles in self._roles.of(root, spec, [data, phases]):
                yield Actor(root.actor, roles)

    def _is_given(self, root: Step) -> bool:
        """Whether somebody gave it as a command; otherwise it happened by itself."""
        spec = self._spec(root)
        return root.due is None and not (spec is not None and spec.auto and root.acted_as is None)

    def _do(self, root: Step, actor: Actor | None) -> None:
        """Let the step happen, and look whether it does as it did."""
        if actor is None:
            self._wake(root)
        else:
            try:
                self._give(root, actor)
            except Refused as error:
                raise Differs("refused", root, f"it is refused. {' '.join(map(str, error.reasons))}") from error
            except UsageError as error:
                raise _failed(root, error) from error
            except (ProgflowError, BadValue) as error:
                raise Differs("refused", root, f"it is refused. {error}") from error
            except Exception as error:
                raise _failed(root, error) from error
            self._meet(root)
        if not self._is_met(root):
            raise Differs("lost", root, self._why_lost(root))

    def _give(self, root: Step, actor: Actor) -> None:
        translated = Pseudonyms(self._here)
        payload: Mapping[str, Json] = translated.value(root.payload)
        if root.seq > 1:
            self._flow.fire(self._here[root.case], root.event, payload, actor=actor)
            return
        said, kind = self._histories.cases[root.case], self.telling.kind(root.case)
        above = None if said.parent is None else self._here[said.parent]
        links: Mapping[str, Any] = {role: self._here[one] for role, one in said.links.items()}
        if root.event != START_WITH_DATA:
            self._flow.start(f"{kind.stored}.{root.event}", payload, parent=above, links=links, actor=actor)
            return
        data = kind.codec.load(translated.value(root.data), kind.blueprint.data, "data")
        self._flow.start(kind.lifecycle, data, parent=above, links=links, actor=actor)

    def _wake(self, root: Step) -> None:
        """Ask what has not happened by itself again: facts of the host may have changed, and somebody said so."""
        why = self._why_lost(root)
        try:
            self._flow.wake(self._here[root.case])
            self._meet(root)
        except Differs:
            raise Differs("lost", root, why) from None
        except Exception as error:
            raise _failed(root, error) from error

    def _why_lost(self, step: Step) -> str:
        case, kind = self._here.get(step.case), self.telling.kind(step.case)
        if case is None or step.event not in kind.blueprint.events:
            return f"{LOST}."
        try:
            offer = self._flow.explain(case, actor=SYSTEM).get(step.event)
        except Exception as error:
            return f"{LOST}; to ask why raises {type(error).__name__}: {error}"
        raised = self._raised.get((case, step.event))
        if raised is not None:
            return f"{LOST}; it raises {type(raised).__name__}: {raised}"
        if offer is not None and offer.resting:
            return f"{LOST}; it waits. {' '.join(map(str, offer.resting))}"
        if offer is not None and offer.due is not None:
            return f"{LOST}; it is due on {self.telling.day(offer.due, kind)}."
        return f"{LOST}."

    def _spec(self, step: Step) -> EventSpec | None:
        return self.telling.kind(step.case).blueprint.events.get(step.event)

    # -- what happens by itself

    def _let_happen(self, roots: Iterable[Step]) -> None:
        """Let the timers fire that are due, of the lifecycles in which something was done: there none was left over."""
        for group in dict.fromkeys(self.kinds.group(self.telling.kind(root.case)) for root in roots):
            laps, failed = Laps(), set[tuple[str, str]]()
            next_one = self._transaction._fire_next  # pyright: ignore[reportPrivateUsage]
            while (attempt := next_one(group, self._now, failed, laps)) is not None:
                if attempt.error is not None:  # as it may have then; what it should have done is missed later
                    failed.add((attempt.timer.case, attempt.timer.event))
                    self._raised[attempt.timer.case, attempt.timer.event] = attempt.error
        self._meet(None)

    def _meet(self, root: Step | None) -> None:
        """Compare all that has happened with the history.

        Raises:
            Differs: something is otherwise.
        """
        before, self._held = self._held, self._store.snapshot()
        new = [
            entry for case, all_ in self._held.entries.items() for entry in all_[len(before.entries.get(case, ())) :]
        ]
        self._name_new_cases(new, root)
        there = {ours: theirs for theirs, ours in self._here.items()}
        others = Pseudonyms(there)
        met = [(self._step_of(entry, there), entry) for entry in causes_first(new)]
        for step, entry in met:
            if step is None or self._is_to_be_given(step, root):
                case = there.get(entry.case)
                raise Differs("new", step, self.telling.entry(entry, case), case, entry.event, root)
            known = self._known.get(step.case, (None, {}))
            self._known[step.case] = compared(self.telling, self._roles, step, entry, others, known)
            self._met[step.case] = step.seq
            if step.caused_by is None:
                self.order.append(step)
        for root in (step for step, _ in met if step is not None and step.caused_by is None):
            lost = next((step for step in self.decision(root) if not self._is_met(step)), None)
            if lost is not None:
                raise Differs("lost", lost, self._why_lost(lost))

    def _is_to_be_given(self, step: Step, root: Step | None) -> bool:
        """Whether it is a command that has not been given again yet: what happened in its place is new."""
        return step.due is None and step.caused_by is None and (root is None or step.name != root.name)

    def _step_of(self, entry: EntryRecord, there: Mapping[str, str]) -> Step | None:
        steps = self._of_case.get(there.get(entry.case, ""), [])
        return steps[entry.seq - 1] if entry.seq <= len(steps) else None

    def _name_new_cases(self, new: Iterable[EntryRecord], root: Step | None) -> None:
        """Find out which case of the history each new one is: one of its kind that began for the same reason."""
        there = {ours: theirs for theirs, ours in self._here.items()}
        for entry in sorted((entry for entry in new if entry.seq == 1), key=lambda entry: entry.case):
            others = Pseudonyms(there)
            caused_by = others.step_name(entry.caused_by)
            fitting = [
                step
                for case, (step, *_) in self._of_case.items()
                if case not in self._here
                and self._histories.cases[case].lifecycle == entry.lifecycle
                and (step.caused_by, step.event) == (caused_by, entry.event)
                and (step.caused_by is not None or (root is not None and step.name == root.name))
            ]
            same = [step for step in fitting if step.data == others.value(entry.data)]
            for step in (*same, *fitting)[:1]:
                self._here[step.case] = entry.case
                there[entry.case] = step.case

    # -- there and back

    def _mark(self) -> Mark:
        return Mark(self._held, dict(self._here), dict(self._met), tuple(self.order), dict(self._known))

    def _back_to(self, mark: Mark) -> None:
        self._store.restore(mark.snapshot)
        self._held = mark.snapshot
        self.order = list(mark.order)
        self._here, self._met, self._known = dict(mark.here), dict(mark.met), dict(mark.known)


def _tells(error: Differs) -> int:
    return {"who": 0, "refused": 1}.get(error.sort, 2)


def _failed(step: Step | None, error: Exception) -> Differs:
    return Differs("failed", step, f"it raises {type(error).__name__}: {error}")
