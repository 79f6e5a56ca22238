"""What an event forgets to write down, and cases that are counted though they should not be."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Final

from benchmarks.mutants.knowledge import Knowledge
from benchmarks.mutants.operators.change import Writer, thinks, walk
from benchmarks.mutants.patch import Mutant, Operator
from benchmarks.mutants.source import PLAIN, Kind, Place

CHOOSES: Final = frozenset({"open", "in_", "where"})


def _acts(place: Place, knowledge: Knowledge) -> bool:
    return place.kind is Kind.EVENT or (place.kind in PLAIN and knowledge.is_asked(place))


def _without_argument(call: ast.Call, gone: ast.expr | ast.keyword, place: Place) -> str:
    said = [place.module.said(one) for one in call.args if one is not gone]
    for one in call.keywords:
        if one is not gone:
            value = place.module.said(one.value)
            said.append(f"**{value}" if one.arg is None else f"{one.arg}={value}")
    return f"{place.module.said(call.func)}({', '.join(said)})"


def forgotten_update(place: Place, knowledge: Knowledge) -> Iterator[Mutant]:
    """A field keeps its old value, or only the last of several entries is kept."""
    if not _acts(place, knowledge):
        return
    write = Writer(Operator.FORGOTTEN_UPDATE, place)
    for node in walk(place.body):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "evolve":
            for one in node.keywords:
                if one.arg is not None:
                    new = _without_argument(node, one, place)
                    yield write.exchange(node, new, f"does not write {one.arg}", one.arg)
                if isinstance(one.value, ast.Tuple) and any(isinstance(part, ast.Starred) for part in one.value.elts):
                    last = ", ".join(
                        place.module.said(part) for part in one.value.elts if not isinstance(part, ast.Starred)
                    )
                    yield write.exchange(
                        one.value, f"({last},)" if last else "()", f"forgets the earlier {one.arg}", one.arg or ""
                    )
        elif isinstance(node, ast.Return) and _makes_data(node, place):
            yield write.exchange(node, "return None", "writes nothing")


def _makes_data(node: ast.Return, place: Place) -> bool:
    """Whether an event that does not begin a case returns its new data from scratch."""
    if place.kind is not Kind.EVENT or place.begins or not isinstance(node.value, ast.Call):
        return False
    return ast.unparse(node.value.func) != "evolve"


def wrong_population(place: Place, knowledge: Knowledge) -> Iterator[Mutant]:
    """Cases are asked about that should not count: ended ones, those that stand elsewhere, those of others."""
    if not thinks(place, knowledge) and place.kind is not Kind.EVENT:
        return
    write = Writer(Operator.WRONG_POPULATION, place)
    for node in walk(place.body):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        if node.func.attr in CHOOSES and not (node.func.attr == "open" and node.args):
            around, said = place.module.said(node.func.value), place.module.said(node)
            what = said[len(around) :]
            yield write.exchange(node, around, f"without {what}")
            for one in node.keywords if len(node.keywords) > 1 else ():
                yield write.exchange(node, _without_argument(node, one, place), f"whatever its {one.arg}")
        if node.func.attr in ("in_", "is_in") and len(node.args) > 1:
            for argument in node.args:
                gone = place.module.said(argument)
                yield write.exchange(node, _without_argument(node, argument, place), f"not {gone}", gone)


OPERATORS = (forgotten_update, wrong_population)
