"""Quotas, terms and days that are off by one, and signs that are swapped."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from typing import Final

from benchmarks.mutants.knowledge import Knowledge
from benchmarks.mutants.operators.change import Writer, thinks, walk
from benchmarks.mutants.patch import Mutant, Operator
from benchmarks.mutants.source import Kind, Place

NEIGHBOUR: Final[dict[type[ast.cmpop], str]] = {ast.Lt: "<=", ast.LtE: "<", ast.Gt: ">=", ast.GtE: ">"}
SIGN: Final[dict[type[ast.operator], str]] = {ast.Add: "-", ast.Sub: "+"}


def shift_comparison(place: Place, knowledge: Knowledge) -> Iterator[Mutant]:
    """Less where it should be at most, and the other way round."""
    if not thinks(place, knowledge):
        return
    write = Writer(Operator.SHIFT_COMPARISON, place)
    for node in walk(place.body):
        if not isinstance(node, ast.Compare):
            continue
        sides = [node.left, *node.comparators]
        for number, one in enumerate(node.ops):
            if type(one) in NEIGHBOUR:
                said = [place.module.said(side) for side in sides]
                signs = [_sign(each) for each in node.ops]
                signs[number] = NEIGHBOUR[type(one)]
                new = said[0] + "".join(f" {sign} {side}" for sign, side in zip(signs, said[1:], strict=True))
                yield write.exchange(node, new, f"{new} in the place of {place.module.said(node)}")


def _sign(one: ast.cmpop) -> str:
    return ast.unparse(ast.Compare(ast.Name("a"), [one], [ast.Name("b")]))[2:-2]


def shift_number(place: Place, knowledge: Knowledge) -> Iterator[Mutant]:
    """One more or one less than the rule says."""
    write = Writer(Operator.SHIFT_NUMBER, place)
    for node in _numbers(_spoken(place, knowledge)):
        assert isinstance(node.value, int)
        around = _around(place, node)
        for other in (node.value + 1, node.value - 1):
            if other >= 0:
                yield write.exchange(node, str(other), f"{other} in the place of {node.value} in {around}")


def _spoken(place: Place, knowledge: Knowledge) -> Iterable[ast.AST]:
    """The parts of a definition whose numbers are a rule: not the first data of a case, and no annotation."""
    if thinks(place, knowledge) or place.kind is Kind.EVENT:
        return place.body
    if place.kind is Kind.INIT and isinstance(place.node, ast.FunctionDef):
        return [one for one in place.node.args.kw_defaults if one is not None]
    value_of_data = isinstance(place.node, ast.AnnAssign) and place.owner and not place.owner.endswith("Rules")
    constant = isinstance(place.node, ast.AnnAssign) and ast.unparse(place.node.annotation).startswith("ClassVar")
    return [] if place.value is None or (value_of_data and not constant) else [place.value]


def _numbers(nodes: Iterable[ast.AST]) -> Iterator[ast.Constant]:
    for node in nodes:
        if isinstance(node, ast.Subscript):
            yield from _numbers([node.value])
        elif isinstance(node, ast.Constant):
            if isinstance(node.value, int) and not isinstance(node.value, bool):
                yield node
        elif not isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield from _numbers([node.value] if isinstance(node, ast.AnnAssign) and node.value else _below(node))


def _below(node: ast.AST) -> Iterable[ast.AST]:
    return () if isinstance(node, ast.AnnAssign) else ast.iter_child_nodes(node)


def _around(place: Place, number: ast.Constant) -> str:
    """The smallest expression around a number, which says what is counted."""
    whole: list[ast.expr] = [
        one
        for one in ast.walk(place.node)
        if isinstance(one, ast.expr) and one is not number and any(below is number for below in ast.walk(one))
    ]
    smallest = min(whole, key=lambda one: len(place.module.said(one)), default=None)
    return place.last if smallest is None else place.module.said(smallest)


def wrong_sign(place: Place, knowledge: Knowledge) -> Iterator[Mutant]:
    """Earlier where it should be later, less where it should be more."""
    if not thinks(place, knowledge) and place.kind is not Kind.EVENT:
        return
    write = Writer(Operator.WRONG_SIGN, place)
    for node in walk(place.body):
        if isinstance(node, ast.BinOp) and type(node.op) in SIGN and not _of_sets(node):
            left, right = place.module.said(node.left), place.module.said(node.right)
            new = f"{left} {SIGN[type(node.op)]} {right}"
            yield write.exchange(node, new, f"{new} in the place of {place.module.said(node)}")


def _of_sets(node: ast.BinOp) -> bool:
    """Whether it takes one set or source from another, or joins texts or tuples: no sum."""
    other = ast.Set | ast.SetComp | ast.Dict | ast.Tuple | ast.JoinedStr | ast.List
    sides = (node.left, node.right)
    texts = any(isinstance(one, ast.Constant) and isinstance(one.value, str) for one in sides)
    return texts or any(isinstance(one, other) or ast.unparse(one).startswith(("set(", "frozenset(")) for one in sides)


OPERATORS = (shift_comparison, shift_number, wrong_sign)
