"""Guards that are missing or say the opposite, conditions that lack a part."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from benchmarks.mutants.knowledge import Knowledge
from benchmarks.mutants.operators.change import Writer, given, keyword, shorter, thinks, unwrapped, without
from benchmarks.mutants.patch import Mutant, Operator
from benchmarks.mutants.source import PLAIN, Kind, Place


def drop_guard(place: Place, knowledge: Knowledge) -> Iterator[Mutant]:
    """A guard of an event, or of those that a phase is handed, is forgotten."""
    write = Writer(Operator.DROP_GUARD, place)
    values = [one.value for _, one, _ in given(place, knowledge, "tuple[Guard")]
    when = keyword(place.decorator, "when") if place.kind is Kind.EVENT and place.decorator is not None else None
    if when is not None:
        values.append(when.value)
    if place.kind in PLAIN and isinstance(place.node, ast.FunctionDef) and place.node.returns is not None:
        gives = "tuple[Guard" in ast.unparse(place.node.returns)
        values += [one.value for one in place.body if gives and isinstance(one, ast.Return) and one.value is not None]
    for value in map(unwrapped, values):
        if isinstance(value, ast.Tuple):
            for one, rest in shorter(value, place):
                yield write.exchange(value, rest, f"goes without {one}", one)
        elif isinstance(value, ast.Name | ast.Attribute):
            said = place.module.said(value)
            yield write.exchange(value, "()", f"goes without {said}", said)


def negate_guard(place: Place, knowledge: Knowledge) -> Iterator[Mutant]:
    """A guard or relation says no where it said yes."""
    if place.kind not in (Kind.GUARD, Kind.RELATION):
        return
    write = Writer(Operator.NEGATE_GUARD, place)
    for node in (one for part in place.body for one in ast.walk(part)):
        if isinstance(node, ast.Return) and node.value is not None:
            first, last = _decides(node.value)
            start, end = place.module.span(first)[0], place.module.span(last)[1]
            said = place.module.data[start:end].decode()
            alone = first is last and isinstance(first, ast.UnaryOp)
            opposite = said.removeprefix("not ") if alone else f"not ({said})"
            yield write.cut(start, end, opposite, f"says the opposite of {said}", place.last)


def _decides(value: ast.expr) -> tuple[ast.expr, ast.expr]:
    """The first and last part of the condition, in ``this or that or No(…)`` and in ``No(…) if this else True``."""
    if isinstance(value, ast.IfExp) and (_is_no(value.body) or _is_no(value.orelse)):
        return value.test, value.test
    if isinstance(value, ast.BoolOp) and isinstance(value.op, ast.Or) and _is_no(value.values[-1]):
        return value.values[0], value.values[-2]
    return value, value


def _is_no(value: ast.expr) -> bool:
    return isinstance(value, ast.Call) and ast.unparse(value.func) == "No"


def drop_condition(place: Place, knowledge: Knowledge) -> Iterator[Mutant]:
    """A part of ``a and b`` or of ``a or b`` is forgotten."""
    if not thinks(place, knowledge):
        return
    write = Writer(Operator.DROP_CONDITION, place)
    for node in (one for part in place.body for one in ast.walk(part)):
        if isinstance(node, ast.BoolOp):
            joint = " and " if isinstance(node.op, ast.And) else " or "
            for one, rest in without(node.values, place, joint):
                if not one.startswith("No("):
                    yield write.exchange(node, rest, f"does not ask whether {one}")


OPERATORS = (drop_guard, negate_guard, drop_condition)
