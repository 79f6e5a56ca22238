"""Timers that are swapped, lost or shifted, that count from the wrong day, and clocks that do not stop."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from benchmarks.mutants.knowledge import Knowledge
from benchmarks.mutants.operators.change import Writer, calls, given, keyword, leave_out, thinks, unwrapped, walk
from benchmarks.mutants.patch import Mutant, Operator
from benchmarks.mutants.source import Kind, Place

COUNTERPART = {"entered_at": "created_at", "created_at": "entered_at", "max": "min", "min": "max"}


def _said(place: Place, *words: str) -> Iterator[tuple[ast.Call, ast.keyword]]:
    """What an event says under these words."""
    call = place.decorator
    if place.kind is Kind.EVENT and call is not None:
        yield from ((call, one) for word in words if (one := keyword(call, word)) is not None)


def swapped_timer(place: Place, knowledge: Knowledge) -> Iterator[Mutant]:
    """Once in the place of each time and the other way round, or at another moment of the same class."""
    write = Writer(Operator.SWAPPED_TIMER, place)
    for call, one in _said(place, "after", "every"):
        other = "every" if one.arg == "after" else "after"
        if keyword(call, other) is None:
            start, end = place.module.offset(one.lineno, one.col_offset), place.module.span(one.value)[1]
            value = place.module.said(one.value)
            yield write.cut(start, end, f"{other}={value}", f"{other}= in the place of {one.arg}=")
    for _, one in _said(place, "at"):
        moment = unwrapped(one.value)
        for other in knowledge.other_moments(place, moment):
            said = place.module.said(moment)
            yield write.exchange(moment, other, f"at= {other} in the place of {said}", other)


def lost_timer(place: Place, knowledge: Knowledge) -> Iterator[Mutant]:
    """What should happen by itself, in time, waits for somebody."""
    write = Writer(Operator.LOST_TIMER, place)
    for call, one in _said(place, "at", "after", "every"):
        kept = [word for word in call.keywords if word is not one and (word.arg != "since" or _counts(call, one))]
        said = [place.module.said(argument) for argument in call.args]
        said += [f"{word.arg}={place.module.said(word.value)}" for word in kept]
        name = place.module.said(unwrapped(one.value))
        yield write.exchange(call, f"event({', '.join(said)})", f"without {one.arg}= {name}", name)
    for call, one, optional in given(place, knowledge, "Moment"):
        if optional:
            name = place.module.said(one.value)
            yield write.exchange(call, leave_out(call, one, place), f"without {one.arg}= {name}", name)


def _counts(call: ast.Call, gone: ast.keyword) -> bool:
    """Whether there is still a term that ``since=`` belongs to."""
    return any(one.arg in ("after", "every") and one is not gone for one in call.keywords)


def shifted_timer(place: Place, knowledge: Knowledge) -> Iterator[Mutant]:
    """A day too early: at the beginning of the last day and not after it, or on a day on which nobody works."""
    if not thinks(place, knowledge) and place.kind is not Kind.VALUE:
        return
    write = Writer(Operator.SHIFTED_TIMER, place)
    nodes = [place.value] if place.value is not None else place.body
    for node in walk(nodes):
        if not isinstance(node, ast.Call):
            continue
        if isinstance(node.func, ast.Name) and node.func.id == "end_of":
            day = place.module.said(node.args[0])
            yield write.exchange(node, day, f"when {day} begins, and not when it is over")
        elif isinstance(node.func, ast.Name) and node.func.id == "working_days":
            new = f"days({place.module.said(node.args[0])})"
            yield write.exchange(node, new, f"{new} in the place of {place.module.said(node)}")
        elif isinstance(node.func, ast.Attribute) and node.func.attr in ("counting_first_day", "on_working_day"):
            yield write.exchange(node, place.module.said(node.func.value), f"without {node.func.attr}")


def wrong_anchor(place: Place, knowledge: Knowledge) -> Iterator[Mutant]:
    """It counts from another day."""
    write = Writer(Operator.WRONG_ANCHOR, place)
    for call, one in _said(place, "since"):
        moment = unwrapped(one.value)
        name = place.module.said(moment)
        said = [place.module.said(argument) for argument in call.args]
        said += [f"{word.arg}={place.module.said(word.value)}" for word in call.keywords if word is not one]
        yield write.exchange(call, f"event({', '.join(said)})", f"counts from entry, and not since {name}", name)
        for other in knowledge.other_moments(place, moment):
            yield write.exchange(moment, other, f"since= {other} in the place of {name}", other)
    for _, one, _ in given(place, knowledge, "Moment"):
        for other in knowledge.other_moments(place, one.value):
            name = place.module.said(one.value)
            yield write.exchange(one.value, other, f"{one.arg}= {other} in the place of {name}", other)
    if thinks(place, knowledge):
        yield from _other_words(place, write)


def _other_words(place: Place, write: Writer) -> Iterator[Mutant]:
    for node in walk(place.body):
        if isinstance(node, ast.Attribute) and node.attr in ("entered_at", "created_at"):
            new = f"{place.module.said(node.value)}.{COUNTERPART[node.attr]}"
            yield write.exchange(node, new, f"{new} in the place of {place.module.said(node)}")
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("max", "min"):
            other = COUNTERPART[node.func.id]
            said = place.module.said(node)
            yield write.exchange(node.func, other, f"{other} in the place of {node.func.id} in {said}")


def lost_clock_stop(place: Place, knowledge: Knowledge) -> Iterator[Mutant]:
    """The terms run on while it is paused."""
    write = Writer(Operator.LOST_CLOCK_STOP, place)
    for call in calls(place):
        one = keyword(call, "clock")
        if one is not None:
            yield write.exchange(call, leave_out(call, one, place), "its clock does not stop")


OPERATORS = (swapped_timer, lost_timer, shifted_timer, wrong_anchor, lost_clock_stop)
