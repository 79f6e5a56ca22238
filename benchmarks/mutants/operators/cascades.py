"""What one case does to another: it is not told, it does not watch, or it watches too little."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Final

from benchmarks.mutants.knowledge import Knowledge
from benchmarks.mutants.operators.change import Writer, called, calls, flat, keyword, walk, without
from benchmarks.mutants.patch import Mutant, Operator
from benchmarks.mutants.source import PLAIN, Kind, Place

ENDS: Final = frozenset({"Ending", "Withdrawal", "Cancellation"})


def lost_cascade(place: Place, knowledge: Knowledge) -> Iterator[Mutant]:
    """Another case is not begun, not told, or does not end with this one."""
    write = Writer(Operator.LOST_CASCADE, place)
    if place.kind is Kind.EVENT or (place.kind in PLAIN and knowledge.is_asked(place)):
        for node in walk(place.body):
            if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call) and _acts(node.value):
                said = ast.unparse(node.value.func)
                yield write.exchange(node, "pass", f"without {said}(…)", said)
    if place.kind is Kind.VALUE and isinstance(place.value, ast.Call) and called(place.value) == "Ending":
        yield write.exchange(place.node, "pass", "does not end with what it belongs to")


def _acts(call: ast.Call) -> bool:
    """Whether it fires or starts something, itself or through a function that is given the context."""
    if ast.unparse(call.func) in ("ctx.fire", "ctx.start"):
        return True
    return any(isinstance(one, ast.Name) and one.id == "ctx" for one in call.args)


def not_automatic(place: Place, knowledge: Knowledge) -> Iterator[Mutant]:
    """What should happen as soon as its guards hold waits for somebody."""
    call = place.decorator if place.kind is Kind.EVENT else None
    auto = None if call is None else keyword(call, "auto")
    if auto is not None:
        yield Writer(Operator.NOT_AUTOMATIC, place).exchange(auto.value, "False", "does not fire by itself")


def narrowed_ending(place: Place, knowledge: Knowledge) -> Iterator[Mutant]:
    """A withdrawal, a cancellation or an end with the parent covers other states than it should."""
    write = Writer(Operator.NARROWED_ENDING, place)
    for call in calls(place):
        if called(call) not in ENDS:
            continue
        for one in call.keywords:
            if one.arg in ("of", "upon"):
                yield from _narrower(place, write, one)
        if called(call) == "Ending" and keyword(call, "of") is None:
            cls = knowledge.owner(place)
            first = next(iter(knowledge.other_targets(place, ast.Name("OPEN"))), None)
            if cls is not None and first is not None:
                start, end = place.module.span(call)
                text = place.module.data[start:end].decode().removesuffix(")")
                yield write.exchange(call, f"{text}, of={first})", f"only from {first}", first)


def _narrower(place: Place, write: Writer, one: ast.keyword) -> Iterator[Mutant]:
    parts = flat(one.value, ast.BitOr)
    if len(parts) > 1:
        for gone, rest in without(parts, place, " | "):
            yield write.exchange(one.value, rest, f"{one.arg}= not {gone}", gone)
    elif isinstance(one.value, ast.BinOp) and isinstance(one.value.op, ast.Sub):
        whole, spared = place.module.said(one.value.left), place.module.said(one.value.right)
        yield write.exchange(one.value, whole, f"{one.arg}= also {spared}", spared)
    elif one.arg == "upon":
        others = write_others(place, one.value)
        for other in others:
            said = place.module.said(one.value)
            yield write.exchange(one.value, other, f"upon= {other} in the place of {said}", other)


def write_others(place: Place, value: ast.expr) -> list[str]:
    """``FINAL`` in the place of particular ends of the parent."""
    return [] if place.module.said(value) == "FINAL" else ["FINAL"]


OPERATORS = (lost_cascade, not_automatic, narrowed_ending)
