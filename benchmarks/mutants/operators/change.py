"""What an operator says, and what all of them need."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator
from typing import TypeAlias

from attrs import frozen

from benchmarks.mutants.knowledge import Knowledge
from benchmarks.mutants.patch import Mutant, Operator, patch_of
from benchmarks.mutants.source import PLAIN, RULES, Kind, Place

Said: TypeAlias = Callable[[Place, Knowledge], Iterator[Mutant]]
"""An operator: all that it would do to one definition."""


@frozen
class Writer:
    """Writes the changes of one operator to one definition."""

    operator: Operator
    place: Place

    def exchange(self, node: ast.expr | ast.stmt, new: str, says: str, element: str = "") -> Mutant:
        """The change of a node."""
        start, end = self.place.module.span(node)
        return self.cut(start, end, new, says, element)

    def cut(self, start: int, end: int, new: str, says: str, element: str = "") -> Mutant:
        """The change of a part of the text."""
        module = self.place.module
        line = module.data.count(b"\n", 0, start) + 1
        patch = patch_of(self.place, start, end, new)
        return Mutant(self.operator, patch, f"{self.place.name}: {' '.join(says.split())}", line, element)


def keyword(call: ast.Call, name: str) -> ast.keyword | None:
    """The argument of that name."""
    return next((one for one in call.keywords if one.arg == name), None)


def unwrapped(value: ast.expr) -> ast.expr:
    """What a function of ``self`` gives, or the value itself."""
    return value.body if isinstance(value, ast.Lambda) else value


def flat(value: ast.expr, operator: type[ast.operator]) -> list[ast.expr]:
    """The parts of ``a | b | c``."""
    if isinstance(value, ast.BinOp) and isinstance(value.op, operator):
        return [*flat(value.left, operator), *flat(value.right, operator)]
    return [value]


def without(parts: list[ast.expr], place: Place, joint: str) -> Iterator[tuple[str, str]]:
    """For each of several parts its text, and that of the others joined."""
    said = [place.module.said(part) for part in parts]
    for number, one in enumerate(said):
        yield one, joint.join(said[:number] + said[number + 1 :])


def shorter(value: ast.Tuple, place: Place) -> Iterator[tuple[str, str]]:
    """For each element of a tuple its text, and the tuple without it."""
    for one, rest in without(list(value.elts), place, ", "):
        yield one, "()" if not rest else f"({rest},)" if len(value.elts) == 2 else f"({rest})"


def walk(nodes: Iterable[ast.AST]) -> Iterator[ast.AST]:
    """All nodes below these, without annotations and what else says nothing at run time."""
    for node in nodes:
        yield node
        if isinstance(node, ast.AnnAssign):
            yield from walk([] if node.value is None else [node.value])
        elif not isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield from walk(ast.iter_child_nodes(node))


def thinks(place: Place, knowledge: Knowledge) -> bool:
    """Whether it is a rule, or a plain function that rules ask."""
    return place.kind in RULES or (place.kind in PLAIN and knowledge.is_asked(place))


def calls(place: Place) -> Iterator[ast.Call]:
    """The phases that a value is made of, those in brackets included."""
    if place.kind is Kind.VALUE and place.value is not None:
        yield from (one for one in ast.walk(place.value) if isinstance(one, ast.Call))


def called(call: ast.Call) -> str:
    """The name of what is called."""
    return ast.unparse(call.func).rpartition(".")[2]


def given(place: Place, knowledge: Knowledge, wanted: str) -> Iterator[tuple[ast.Call, ast.keyword, bool]]:
    """The arguments of phases whose annotation names the wanted type, and whether they may be left out."""
    for call in calls(place):
        known = knowledge.parameters.get(called(call), {})
        for one in call.keywords:
            parameter = known.get(one.arg or "")
            if parameter is not None and wanted in parameter.annotation:
                yield call, one, parameter.optional


def leave_out(call: ast.Call, gone: ast.keyword, place: Place) -> str:
    """The text of a call without one of its arguments."""
    said = [place.module.said(one) for one in call.args]
    said += [_argument(one, place) for one in call.keywords if one is not gone]
    return f"{place.module.said(call.func)}({', '.join(said)})"


def _argument(one: ast.keyword, place: Place) -> str:
    value = place.module.said(one.value)
    return f"**{value}" if one.arg is None else f"{one.arg}={value}"
