"""The last step of a story, as it should be."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from textwrap import wrap
from typing import Final

from progflow.errors import ConflictError, KeyReused, PayloadError
from progflow.records import CaseRecord
from progflow.testing.moves import Begin, Broken, Fire, Stale, TheEnd
from progflow.testing.promises import AllCases, Promise
from progflow.testing.retelling import Happened
from progflow.testing.snippets.layout import WIDTH, Code, Group, call, lines, quoted
from progflow.testing.snippets.steps import Steps
from progflow.testing.snippets.values import code_of


def ending(steps: Steps, rules: Sequence[AllCases]) -> Iterator[str]:
    """What the last step is, and what should come of it."""
    story = steps.story
    last, broken = story.last, story.broken
    yield from steps.needs(last)
    match broken.promise, last.move:
        case _, Stale() | Broken():
            yield from _input(steps, last)
        case Promise.KEY, _:
            yield from _key(steps, last)
        case Promise.GUARDS, Begin() | Fire() if last.error is not None:
            yield from _refused_by_a_guard(steps, last)
        case ((Promise.OFFERED | Promise.CHECKED | Promise.FINAL | Promise.UNCHANGED), Begin() | Fire()):
            yield from _foretold(steps, last)
        case Promise.NO_ERROR, Begin() | Fire() if last.error is not None:
            yield from lines("", steps.attempt(last))
        case _:
            yield from _done(steps, last)
            yield from _holds(steps, rules)


def _done(steps: Steps, last: Happened) -> Iterator[str]:
    if isinstance(last.move, TheEnd):
        if last.ended != last.before.now:
            yield from lines("", call("story.on", quoted(steps.moment(last))))
    else:
        yield from steps.step(last, len(steps.story.happened) - 1)


def _holds(steps: Steps, rules: Sequence[AllCases]) -> Iterator[str]:
    """What should be so after the last step."""
    story = steps.story
    broken = story.broken
    if broken.promise is Promise.WAY_OUT:
        yield from lines("", Group("story.then_all_can_end(", _by_system(steps)))
    elif broken.promise is Promise.GUARDS and broken.case is not None:
        yield from _rests_by_a_guard(steps, story.playground.cases[broken.case])
    elif broken.promise in (Promise.INVARIANT, Promise.NO_ERROR) and broken.case is not None:
        yield "story.then_all_holds()"
    elif rule := next((rule for rule in rules if rule.__name__ == broken.code), None):
        yield from lines("assert ", call(steps.names.of(rule), "story.flow"), after=" is not False")
    elif broken.promise is not Promise.NO_ERROR:
        said = f"{broken.promise.value} {_HOW.get(broken.promise, '')}{story.in_names(broken.found)}"
        yield from (f"# {line}" for line in wrap(said, WIDTH - 8))


_HOW: Final = {
    Promise.CLOCK: "Here the last story.on(…) is the one big step; before it there can be others. ",
    Promise.LATE: "Here timers fire on time; with story.clock.set(…) in place of the last story.on(…) they are late. ",
}


def _by_system(steps: Steps) -> Sequence[tuple[str, Code]]:
    """What the host fires by itself, and may lead on with."""
    playground = steps.story.playground
    events: list[tuple[str, Code]] = [
        ("", f"{steps.names.of(kind.lifecycle)}.{event.path}")
        for kind in playground.kinds.all
        for event in kind.blueprint.events.values()
        if event.targets and not event.by and playground.setting.is_by_system(kind, event.path)
    ]
    return [("by_system=", Group("[", events, "]"))] if events else []


def _rests_by_a_guard(steps: Steps, record: CaseRecord) -> Iterator[str]:
    yield from steps.looked_up(record.id, steps.story.playground.cases.values())
    events = [timer.event for timer in record.timers if timer.resting]
    system, case = steps.names.imported("progflow", "SYSTEM"), steps.case(record.id)
    for event in events:
        explained = f"story.flow.explain({case}.id, actor={system})[{quoted(event)}]"
        yield f"reasons = {explained}.resting"
        yield from _not_by_an_invariant(steps)


def _refused_by_a_guard(steps: Steps, last: Happened) -> Iterator[str]:
    move = last.move
    assert isinstance(move, Begin | Fire)
    if move.event is None:
        yield from lines("", steps.attempt(last))
        return
    case = [("", f"{steps.case(move.case)}.id")] if isinstance(move, Fire) else []
    parent = [("parent=", f"{steps.case(move.parent)}.id")] if isinstance(move, Begin) and move.parent else []
    by = ("actor=", steps.actor(move.actor))
    yield from lines("reasons = ", Group("story.flow.check(", [*case, ("", steps.command(move)), by, *parent]))
    yield from _not_by_an_invariant(steps)


def _not_by_an_invariant(steps: Steps) -> Iterator[str]:
    yield f"# {Promise.GUARDS.value}"
    yield f"assert {quoted(steps.story.broken.code)} not in [reason.code for reason in reasons]"


def _foretold(steps: Steps, last: Happened) -> Iterator[str]:
    """What was said beforehand, and then came otherwise."""
    promise, move = steps.story.broken.promise, last.move
    assert isinstance(move, Begin | Fire)
    codes: list[Code] = [quoted(reason.code) for reason in getattr(last.error, "reasons", ())]
    because: Code = codes[0] if len(codes) == 1 else Group("[", [("", code) for code in codes], "]")
    if promise is Promise.FINAL:
        yield from lines("", steps.attempt(last, "story.then_refused", ("because=", quoted("state"))))
    elif promise is Promise.OFFERED:
        yield from _offered(steps, move)
        yield from lines("", steps.attempt(last), after=f"  # {'is refused' if codes else 'goes through'}")
    elif codes:
        yield from lines("", steps.attempt(last, "story.then_refused", ("because=", because)))
    else:
        yield from lines("", steps.attempt(last, "story.then_allowed"))
        yield from lines("", steps.attempt(last))


def _offered(steps: Steps, move: Begin | Fire) -> Iterator[str]:
    by = ("actor=", steps.actor(move.actor))
    if isinstance(move, Fire):
        asked = Group("story.flow.explain(", [("", f"{steps.case(move.case)}.id"), by])
    else:
        lifecycle = steps.names.of(steps.story.kind_of(move).lifecycle)
        parent = [] if move.parent is None else [("parent=", f"{steps.case(move.parent)}.id")]
        asked = Group("story.flow.explain(", [("", lifecycle), *parent, by])
    not_ = "" if steps.story.last.error is None else "not "
    yield from lines(f"assert {not_}", asked, after=f"[{quoted(move.event or '')}].allowed")


def _key(steps: Steps, last: Happened) -> Iterator[str]:
    if last.error is None:
        yield from lines("again = ", steps.attempt(last))
        yield f"# {Promise.KEY.value} {steps.story.broken.found}"
        return
    attempt = steps.attempt(last, "story.then_fails")
    yield from lines("", Group(attempt.opening, [("", steps.names.of(KeyReused)), *attempt.parts]))


def _input(steps: Steps, last: Happened) -> Iterator[str]:
    """A stale case, or input that does not fit."""
    move = last.move
    if isinstance(move, Broken):
        case, names = steps.case(move.fire.case), steps.names
        yield from lines(
            "",
            Group(
                "story.then_fails(",
                [
                    ("", names.of(PayloadError)),
                    ("", case),
                    ("", quoted(move.fire.event)),
                    ("", code_of(move.given, names)),
                    ("by=", steps.actor(move.fire.actor)),
                ],
            ),
        )
        return
    assert isinstance(move, Stale)
    error, case, actor = steps.names.of(ConflictError), steps.case(move.fire.case), steps.actor(move.fire.actor)
    yield f"# earlier = {case}.case, one step earlier"
    fired = Group("# story.then_fails(", [("", error), ("", "earlier"), ("", steps.command(move.fire)), ("by=", actor)])
    yield from lines("", fired)
