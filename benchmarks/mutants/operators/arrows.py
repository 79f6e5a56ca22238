"""Where an event leads, and from where."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from hashlib import sha256
from typing import Final

from benchmarks.mutants.knowledge import Knowledge
from benchmarks.mutants.operators.change import Writer, calls, flat, without
from benchmarks.mutants.patch import Mutant, Operator
from benchmarks.mutants.source import PLAIN, Kind, Place

MOST: Final = 2
"""How many of the other states are tried for one target."""


def _arrows(place: Place) -> Iterator[ast.BinOp]:
    """The arrows of an event."""
    if place.kind is Kind.EVENT and place.decorator is not None:
        for argument in place.decorator.args:
            for node in ast.walk(argument):
                if isinstance(node, ast.BinOp) and isinstance(node.op, ast.RShift):
                    yield node


def wrong_target(place: Place, knowledge: Knowledge) -> Iterator[Mutant]:
    """An arrow leads to another state of the same phase or lifecycle."""
    write = Writer(Operator.WRONG_TARGET, place)
    targets = [arrow.right for arrow in _arrows(place)]
    for call in calls(place):
        if isinstance(call.func, ast.Attribute) and call.func.attr == "then":
            targets += call.args
    for target in targets:
        said = place.module.said(target)
        others = sorted(knowledge.other_targets(place, target), key=lambda one: _mixed(place, said, one))
        for other in others[:MOST]:
            yield write.exchange(target, other, f"leads to {other} in the place of {said}", other)


def _mixed(place: Place, said: str, other: str) -> str:
    """A number by which some of many are taken, the same whenever it is asked."""
    return sha256(f"{place.module.name} {place.name} {said} {other}".encode()).hexdigest()


def missing_source(place: Place, knowledge: Knowledge) -> Iterator[Mutant]:
    """A state from which it should be possible is forgotten."""
    write = Writer(Operator.MISSING_SOURCE, place)
    groups = [arrow.left for arrow in _arrows(place)]
    if place.kind is Kind.VALUE and place.value is not None and not isinstance(place.value, ast.Call):
        groups.append(place.value)
    if place.kind in PLAIN and isinstance(place.node, ast.FunctionDef) and place.node.returns is not None:
        gives = ast.unparse(place.node.returns) == "Source"
        groups += [one.value for one in place.body if gives and isinstance(one, ast.Return) and one.value is not None]
    for group in groups:
        parts = flat(group, ast.BitOr)
        if len(parts) > 1:
            named = group is place.value and len(parts) == 2
            for one, rest in without(parts, place, " | "):
                # a second name for what is left would be a fault of its own
                yield write.exchange(group, f"{rest} - {one}" if named else rest, f"not from {one}", one)
    call = place.decorator
    if place.kind is Kind.EVENT and call is not None and len(call.args) > 1:
        start, end = place.module.span(call.args[0])[0], place.module.span(call.args[-1])[1]
        for one, rest in without(call.args, place, ", "):
            yield write.cut(start, end, rest, f"without the arrow {one}", one)


OPERATORS = (wrong_target, missing_source)
