"""Lets each step of a story happen, and compares what progflow says about it before with what it does."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, final

from attrs import evolve

from progflow.errors import Blocker, ConflictError, InvariantBroken, KeyReused, PayloadError, Refused
from progflow.records import EntryRecord
from progflow.testing.differing import End, difference
from progflow.testing.inspection import Inspection
from progflow.testing.moves import Begin, Broken, Fire, Numbered, Stale, TheEnd, Twice, Wait
from progflow.testing.playground import SECOND, Mark, Playground
from progflow.testing.promises import VARIES, Beyond, Passed, Promise, RuleBroken, failed

SMALL_STEPS: Final = 4

AGAIN: Final = 20
"""How often a step is repeated to find out whether it is the same each time."""

COMPARED: Final = (Promise.CHECKED, Promise.OFFERED, Promise.CLOCK, Promise.LATE, Promise.UNCHANGED)
"""The promises that compare what was done or asked several times."""


@final
class Referee:
    """Lets moves happen in a playground and looks closely at what they do.

    Args:
        playground: where they happen.
        beyond: what is looked at beyond the definitions.
        thorough: look at all that is promised; otherwise only at what each step costs nothing more: errors, invariants
            that had to say no, and what ``check`` foretold.
    """

    def __init__(self, playground: Playground, beyond: Beyond, *, thorough: bool = True) -> None:
        self._playground = playground
        self._beyond = beyond
        self._thorough = thorough
        self._inspection = Inspection(playground, beyond, thorough=thorough)
        self._before_wait: tuple[Mark, datetime] | None = None

    def look_at_invariants(self) -> None:
        """Ask the invariants of all cases.

        Raises:
            RuleBroken: one does not hold.
        """
        self._inspection.look_at_invariants()

    def step(self, step: Numbered) -> Passed:
        """Let it happen.

        Raises:
            RuleBroken: it breaks a promise.
        """
        before = self._playground.mark()
        try:
            passed = self._taken(step)
        except RuleBroken as broken:
            if broken.promise in COMPARED and self._varies(before, step):
                raise RuleBroken(Promise.SAME, f"{self._called(step)}: {VARIES}", broken.case, broken.code) from broken
            raise
        self._inspection.look(before.snapshot.cases, before.snapshot.entries)
        return passed

    def _taken(self, step: Numbered) -> Passed:
        passed, move = Passed(()), step.move
        match move:
            case Wait():
                passed = self._wait(step, move)
            case Begin() | Fire():
                passed = self._command(step, move)
                self._before_wait = None
            case Twice():
                passed = self._twice(step.number, move)
                self._before_wait = None
            case Stale():
                passed = self._stale(move.fire)
            case Broken():
                passed = self._broken(move.fire, move.given)
            case TheEnd():
                passed = self._end(move.number)
        return passed

    def _called(self, step: Numbered) -> str:
        match step.move:
            case Begin(kind=kind, event=event):
                return f"{self._playground.kinds.named(kind).blueprint.name}.{event or 'the beginning'}"
            case Fire(case=case, event=event):
                return f"{self._playground.kind_of(self._playground.held_case(case)).blueprint.name}.{event}"
            case _:
                return "What happens by itself"

    def _varies(self, before: Mark, step: Numbered) -> bool:
        """Whether the step, made again and again, is not the same each time."""
        outcomes = [self._outcome(before, step) for _ in range(AGAIN)]
        return any(outcome != outcomes[0] for outcome in outcomes)

    def _outcome(self, before: Mark, step: Numbered) -> object:
        self._playground.back_to(before)
        try:
            self._playground.carry_out(step)
        except Exception as error:
            return str(error)
        return self._told()

    # -- commands

    def _command(self, step: Numbered, move: Begin | Fire) -> Passed:
        playground = self._playground
        before = playground.mark()
        foretold = self._foretell(move) if self._thorough else None
        offered = self._offered(move) if self._thorough else None
        late = self._late(step) if self._thorough else None
        reasons: tuple[Blocker, ...] = ()
        try:
            if self._thorough or not playground.carry_out_tried(step):
                playground.carry_out(step)
        except Refused as error:
            reasons = self._refused(error)
        except Exception as error:
            raise failed(error, _case(move)) from error
        self._compare(move, foretold, offered, reasons)
        if reasons:
            if not playground.held.holds_the_same(before.snapshot):
                raise RuleBroken(Promise.UNCHANGED, "Something is stored otherwise than before.", _case(move))
        elif self._is_over_at(before, move):
            raise RuleBroken(Promise.FINAL, f"{_name(move)} moved a case that was over.", _case(move))
        if late is not None and late != (told := self._told()):
            found = f"{_name(move)}, after timers on time | just after them: {difference(told, late)}"
            raise RuleBroken(Promise.LATE, found, _case(move))
        return Passed(self._new_entries(before.snapshot.entries), reasons)

    def _foretell(self, move: Begin | Fire) -> Sequence[Blocker]:
        try:
            return self._playground.check(move)
        except Refused as error:
            raise RuleBroken(Promise.CHECKED, f"check itself was refused: {error}", _case(move)) from error
        except Exception as error:
            raise failed(error, _case(move)) from error

    def _offered(self, move: Begin | Fire) -> Sequence[Blocker] | None:
        playground = self._playground
        if move.event is None:
            return None
        try:
            if isinstance(move, Begin):
                kind = playground.kinds.named(move.kind)
                offers = playground.flow.explain(kind.lifecycle, parent=move.parent, actor=move.actor)
            else:
                offers = playground.flow.explain(move.case, actor=move.actor)
        except Exception as error:
            raise failed(error, _case(move)) from error
        offer = offers.get(move.event)
        return None if offer is None else tuple(offer.reasons)

    def _refused(self, error: Refused) -> tuple[Blocker, ...]:
        if isinstance(error, InvariantBroken):
            raise failed(error, error.case) from error
        return tuple(error.reasons)

    def _compare(
        self,
        move: Begin | Fire,
        foretold: Sequence[Blocker] | None,
        offered: Sequence[Blocker] | None,
        reasons: tuple[Blocker, ...],
    ) -> None:
        case = _case(move)
        if foretold is not None and tuple(foretold) != reasons and not (isinstance(move, Begin) and move.event is None):
            found = f"For {_name(move)} check says “{_texts(foretold)}”, fire “{_texts(reasons)}”."
            raise RuleBroken(Promise.CHECKED, found, case)
        if offered is None:
            return
        if offered and not reasons:
            found = f"{_name(move)} is not offered ({_texts(offered)}), and goes through."
            raise RuleBroken(Promise.OFFERED, found, case)
        codes = [reason.code for reason in reasons]
        if offered and [reason.code for reason in offered] != [c for c in codes if c in {o.code for o in offered}]:
            found = f"For {_name(move)} explain says “{_texts(offered)}”, fire “{_texts(reasons)}”."
            raise RuleBroken(Promise.OFFERED, found, case)
        if not offered and any(code in ("state", "who") for code in codes):
            found = f"{_name(move)} is offered, and refused: {_texts(reasons)}"
            raise RuleBroken(Promise.OFFERED, found, case)

    def _is_over_at(self, before: Mark, move: Begin | Fire) -> bool:
        if isinstance(move, Begin):
            return False
        return self._playground.is_over(before.snapshot.cases[move.case])

    def _late(self, step: Numbered) -> End | None:
        """What it leads to if the timers that were due have to be caught up by the command itself."""
        playground = self._playground
        if self._before_wait is None:
            return None
        (earlier, until), now = self._before_wait, playground.mark()
        if playground.held.cases.keys() != earlier.snapshot.cases.keys():
            return None  # cases that timers have begun would have other ids
        playground.back_to(earlier)
        playground.now = until
        try:
            playground.carry_out(step)
        except Refused:
            pass
        except Exception as error:
            raise failed(error, _case_of(step)) from error
        # What is due in lifecycles that have nothing to do with the command is caught up by the next run.
        playground.pass_time(until)
        told = self._told()
        playground.back_to(now)
        return told

    # -- time

    def _wait(self, step: Numbered, move: Wait) -> Passed:
        playground = self._playground
        before = playground.mark()
        try:
            playground.carry_out(step)
        except Exception as error:
            raise failed(error, None) from error
        entries = self._new_entries(before.snapshot.entries)
        self._before_wait = (before, playground.now)
        if self._thorough and before.snapshot.cases:
            self._in_small_steps(step, before, move.until)
        return Passed(entries)

    def _in_small_steps(self, step: Numbered, before: Mark, until: datetime) -> None:
        playground, told, after = self._playground, self._told(), self._playground.mark()
        playground.back_to(before)
        whole = until - before.now
        instants = {before.now + whole * part / SMALL_STEPS for part in range(1, SMALL_STEPS)}
        for moment in playground.due_moments()[:3]:
            instants |= {moment - SECOND, moment, moment + SECOND}
        for number, instant in enumerate(sorted(one for one in instants if before.now < one < until)):
            self._let_time_pass(step, instant, anew=number == 0)
        self._let_time_pass(step, until, anew=False)
        in_small_steps = self._told()
        playground.back_to(after)
        if told != in_small_steps:
            found = f"In one step | in small steps: {difference(told, in_small_steps)}"
            raise RuleBroken(Promise.CLOCK, found)

    def _let_time_pass(self, step: Numbered, until: datetime, *, anew: bool) -> None:
        playground = self._playground
        try:
            if anew:
                playground.carry_out(Numbered(step.number, Wait(until)))
            else:
                playground.pass_time(until)
        except Exception as error:
            raise failed(error, None) from error

    # -- twice, stale, broken

    def _twice(self, number: int, move: Twice) -> Passed:
        playground, key = self._playground, f"key-{number}"
        before, step, case = playground.held, Numbered(number, move.first), _case(move.first)
        try:
            first = playground.carry_out(step, key=key)
            once = playground.held
            second = playground.carry_out(step, key=key, once_more=True)
            if second != first or not playground.held.holds_the_same(once):
                raise RuleBroken(Promise.KEY, "The second call did something more.", case)
            if move.other is not None and _wish(move.other) != _wish(move.first):
                self._must_not_share(key, Numbered(number, move.other))
        except Refused as error:
            return Passed((), self._refused(error))
        except Exception as error:
            raise failed(error, case) from error
        return Passed(self._new_entries(before.entries))

    def _must_not_share(self, key: str, other: Numbered) -> None:
        try:
            self._playground.carry_out(other, key=key, once_more=True)
        except KeyReused:
            return
        raise RuleBroken(Promise.KEY, "The same key was taken for another command.", _case_of(other))

    def _stale(self, move: Fire) -> Passed:
        playground = self._playground
        record = playground.held_case(move.case)
        earlier = playground.kinds.case(evolve(record, revision=record.revision - 1))
        command, before = playground.command(move), playground.held
        try:
            playground.flow.fire(earlier, command, actor=move.actor)
        except ConflictError as error:
            if error.retryable:
                raise RuleBroken(Promise.STALE, "It is refused as if trying again could help.", move.case) from error
        except Refused as error:
            found = f"It is refused for other reasons: {_texts(error.reasons)}"
            raise RuleBroken(Promise.STALE, found, move.case) from error
        except Exception as error:
            raise failed(error, move.case) from error
        else:
            raise RuleBroken(Promise.STALE, f"{_name(move)} went through.", move.case)
        finally:
            playground.touched()
        self._same_as(before.cases, Promise.STALE, move.case)
        return Passed(())

    def _broken(self, move: Fire, given: Any) -> Passed:
        playground = self._playground
        before = playground.held
        try:
            playground.flow.fire(move.case, move.event, given, actor=move.actor)
        except (PayloadError, Refused):
            pass
        except Exception as error:
            raise failed(error, move.case) from error
        else:
            raise RuleBroken(Promise.BROKEN_INPUT, f"{_name(move)} took {given!r}.", move.case)
        finally:
            playground.touched()
        self._same_as(before.cases, Promise.BROKEN_INPUT, move.case)
        return Passed(())

    def _same_as(self, before: Any, promise: Promise, case: str) -> None:
        if dict(self._playground.cases) != dict(before):
            raise RuleBroken(promise, "Something is stored otherwise than before.", case)

    # -- what holds

    def _end(self, number: int) -> Passed:
        self._inspection.look_at_invariants()
        if self._beyond.ending is not None:
            self._beyond.ending(self._playground, number)
        return Passed(())

    # -- telling states apart

    def _told(self) -> End:
        """All that is stored, but when it was written down."""
        held = self._playground.held
        entries = {case: [evolve(entry, recorded=entry.at) for entry in told] for case, told in held.entries.items()}
        return dict(held.cases), entries

    def _new_entries(self, before: Any) -> tuple[EntryRecord, ...]:
        found: list[EntryRecord] = []
        for case, entries in self._playground.held.entries.items():
            found.extend(entries[len(before.get(case, ())) :])
        return tuple(sorted(found, key=lambda entry: (entry.at, entry.case, entry.seq)))


def _texts(reasons: Sequence[Blocker]) -> str:
    return " ".join(reason.text for reason in reasons) or "nothing against it"


def _name(move: Begin | Fire) -> str:
    return move.event or "the beginning"


def _wish(move: Begin | Fire) -> tuple[object, ...]:
    """What makes it another wish under a key; in which roles somebody has it does not."""
    if isinstance(move, Fire):
        return move.actor.id, move.case, move.event, move.payload
    return move.actor.id, move.kind, move.event, move.given, move.parent


def _case(move: Begin | Fire) -> str | None:
    return move.case if isinstance(move, Fire) else None


def _case_of(step: Numbered) -> str | None:
    return step.move.case if isinstance(step.move, Fire) else None
