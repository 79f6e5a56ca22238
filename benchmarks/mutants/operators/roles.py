"""Who may do something: somebody is missing, or too many may."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from benchmarks.mutants.knowledge import Knowledge
from benchmarks.mutants.operators.change import Writer, given, keyword, leave_out, shorter, unwrapped
from benchmarks.mutants.patch import Mutant, Operator
from benchmarks.mutants.source import Kind, Place


def _by(place: Place) -> ast.expr | None:
    """Who may fire an event, as it is written."""
    found = keyword(place.decorator, "by") if place.kind is Kind.EVENT and place.decorator is not None else None
    return None if found is None else unwrapped(found.value)


def missing_role(place: Place, knowledge: Knowledge) -> Iterator[Mutant]:
    """Somebody who may do it is forgotten."""
    write = Writer(Operator.MISSING_ROLE, place)
    said = _by(place)
    for value in [] if said is None else [said]:
        if isinstance(value, ast.Tuple):
            for one, rest in shorter(value, place):
                yield write.exchange(value, rest, f"not for {one}", one)
        else:
            one = place.module.said(value)
            yield write.exchange(value, "()", f"not for {one}, and so for nobody", one)
    for call, argument, optional in given(place, knowledge, "Who"):
        if isinstance(argument.value, ast.Tuple):
            for one, rest in shorter(argument.value, place):
                yield write.exchange(argument.value, rest, f"{argument.arg}= not for {one}", one)
        elif optional:
            one = place.module.said(argument.value)
            new = leave_out(call, argument, place)
            yield write.exchange(call, new, f"{argument.arg}= is left out, which was {one}", one)


def lost_exclusion(place: Place, knowledge: Knowledge) -> Iterator[Mutant]:
    """Somebody decides on the own case."""
    write = Writer(Operator.LOST_EXCLUSION, place)
    said = _by(place)
    values = [] if said is None else [said]
    values += [one.value for _, one, _ in given(place, knowledge, "Who")]
    if place.kind is Kind.INIT:
        values += [one.value for part in place.body for one in ast.walk(part) if isinstance(one, ast.Assign)]
    for value in values:
        for node in ast.walk(value):
            if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Sub):
                whole, gone = place.module.said(node.left), place.module.said(node.right)
                yield write.exchange(node, whole, f"{whole} also as {gone}", gone)
            elif isinstance(node, ast.Call) and ast.unparse(node.func) == "all_but":
                gone, by = (place.module.said(one) for one in node.args)
                yield write.exchange(node, f"all_but(None, {by})", f"{by} also as {gone}", gone)


def widened_role(place: Place, knowledge: Knowledge) -> Iterator[Mutant]:
    """Anybody at all may do it."""
    write = Writer(Operator.WIDENED_ROLE, place)
    said = _by(place)
    if said is not None and place.module.said(said) != "ANYONE":
        yield write.exchange(said, "ANYONE", f"for anyone, and not only for {place.module.said(said)}")
    call = place.decorator
    if place.kind is Kind.EVENT and call is not None and keyword(call, "by") is None and call.args:
        last = call.keywords[-1].value if call.keywords else call.args[-1]
        _, end = place.module.span(last)
        start, _ = place.module.span(call.args[0])
        text = place.module.data[start:end].decode()
        yield write.cut(start, end, f"{text}, by=ANYONE", "for anyone, and not only by itself")
    for _, argument, _ in given(place, knowledge, "Who"):
        one = place.module.said(argument.value)
        yield write.exchange(argument.value, "ANYONE", f"{argument.arg}= anyone, and not only {one}")
    if place.kind is Kind.INIT and isinstance(place.node, ast.FunctionDef):
        args = place.node.args
        for arg, default in zip(args.kwonlyargs, args.kw_defaults, strict=True):
            annotation = "" if arg.annotation is None else ast.unparse(arg.annotation)
            if default is not None and annotation == "Who":
                one = place.module.said(default)
                yield write.exchange(default, "ANYONE", f"{arg.arg}= anyone unless given, and not {one}")


OPERATORS = (missing_role, lost_exclusion, widened_role)
