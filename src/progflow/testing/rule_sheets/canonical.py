"""What a function says, free of how it is set, and the names that it looks up elsewhere.

Comments, formatting, docstrings and annotations are left out, and whatever differs between versions of Python: the
text is the same for all of them.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from types import CodeType
from typing import Any, Final, TypeAlias

from attrs import define, field, frozen

from progflow.testing.rule_sheets.kinds import is_row, is_set
from progflow.testing.rule_sheets.source import Written, written

Chain: TypeAlias = tuple[str, ...]
"""A name with its attributes: ``("self", "span", "lasts")``."""

SUPER: Final = "super()"
"""The first name of a chain on what a base class says."""

LEFT_OUT: Final = frozenset({"ctx", "kind", "annotation", "returns", "type_comment", "type_params", "decorator_list"})


@frozen
class Canonical:
    """What a function says.

    ``text`` tells it from others; ``empty`` if it does nothing. ``first`` is its first parameter, ``chains`` are the
    names that it looks up, without its other variables, in the order in which they stand there; ``imports`` the names
    that it imports itself, each with its module and the name there.
    """

    text: str
    empty: bool
    first: str
    chains: tuple[Chain, ...]
    imports: Mapping[str, tuple[str, str]]


def canonical(function: Callable[..., Any], *, decorated: bool = False) -> Canonical:
    """What a function says, by its source or, where there is none, by its code.

    Args:
        function: a plain function.
        decorated: whether its decorators belong to it; those of a rule are told elsewhere.
    """
    nodes = written(function)
    return _of_source(nodes, decorated) if nodes else _of_code(function)


# -- by the source


@lru_cache(maxsize=8192)
def _of_source(nodes: tuple[Written, ...], decorated: bool) -> Canonical:
    reading = _Reading()
    texts = [reading.function(node, decorated=decorated) for node in nodes]
    own = frozenset(name for node in nodes for name in _own_names(node))
    first = next((one.arg for node in nodes for one in (*node.args.posonlyargs, *node.args.args)), "")
    chains = tuple(chain for chain in dict.fromkeys(reading.chains) if chain[0] not in own or chain[0] == first)
    empty = all(not isinstance(node, ast.Lambda) and not _said(node.body) for node in nodes)
    return Canonical(" ".join(texts), empty, first, chains, reading.imports)


def _said(statements: Iterable[ast.stmt]) -> list[ast.stmt]:
    """The statements that do something: no docstring, no lone constant, no ``pass``, no annotation alone."""
    return [one for one in statements if not _idle(one)]


def _idle(node: ast.stmt) -> bool:
    return (
        isinstance(node, ast.Pass)
        or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))
        or (isinstance(node, ast.AnnAssign) and node.value is None and isinstance(node.target, ast.Name))
    )


def _own_names(node: Written) -> Iterator[str]:
    """The variables of a function itself, without those of the functions and comprehensions inside it."""
    for one in ast.walk(node.args):
        if isinstance(one, ast.arg):
            yield one.arg
    waiting: list[ast.AST] = [node.body] if isinstance(node, ast.Lambda) else list(node.body)
    while waiting:
        one = waiting.pop()
        if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store):
            yield one.id
        elif isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield one.name
            continue
        elif isinstance(one, ast.ExceptHandler | ast.MatchAs | ast.MatchStar) and one.name is not None:
            yield one.name
        if not isinstance(one, ast.Lambda | ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp):
            waiting.extend(ast.iter_child_nodes(one))


@define
class _Reading:
    """Writes nodes down, and notes the names that they look up."""

    chains: list[Chain] = field(factory=list[Chain])
    imports: dict[str, tuple[str, str]] = field(factory=dict[str, "tuple[str, str]"])

    def function(self, node: Written, *, decorated: bool) -> str:
        decorators = self._several(node.decorator_list) if decorated and not isinstance(node, ast.Lambda) else ""
        body = self._one(node.body) if isinstance(node, ast.Lambda) else self._several(_said(node.body))
        return f"{decorators}({self._one(node.args)}: {body})"

    def _several(self, nodes: Iterable[object]) -> str:
        return "[" + " ".join(self._one(node) for node in nodes) + "]"

    def _one(self, node: object) -> str:
        match node:
            case None:
                return "-"
            case _ if is_row(node):
                return self._several(one for one in node if not isinstance(one, ast.stmt) or not _idle(one))
            case ast.AST():
                return self._node(node)
            case _:
                return ascii(node)

    def _node(self, node: ast.AST) -> str:
        match node:
            case ast.Constant():
                return f"{type(node.value).__name__}:{node.value!a}"
            case ast.Name() | ast.Attribute():
                return self._name(node)
            case ast.Return(value=None) | ast.Return(value=ast.Constant(value=None)):
                return "Return()"
            case ast.AnnAssign():
                return f"Assign([{self._one(node.target)}] {self._one(node.value)})"
            case ast.JoinedStr():
                return f"JoinedStr{self._several(_joined(node.values))}"
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.Lambda():
                name = "" if isinstance(node, ast.Lambda) else node.name
                return f"{type(node).__name__} {name}{self.function(node, decorated=True)}"
            case ast.arg():
                return node.arg
            case ast.ImportFrom():
                if node.level == 0 and node.module is not None:
                    self.imports.update({one.asname or one.name: (node.module, one.name) for one in node.names})
                return self._fields(node)
            case _:
                return self._fields(node)

    def _fields(self, node: ast.AST) -> str:
        parts: list[str] = []
        for name in node._fields:
            value: object = getattr(node, name, None)
            if name not in LEFT_OUT and value is not None and value != []:
                parts.append(f"{name}={self._one(value)}")
        return f"{type(node).__name__}({' '.join(parts)})"

    def _name(self, node: ast.Name | ast.Attribute) -> str:
        chain = _chain(node)
        if chain is not None:
            self.chains.append(chain)
            return ".".join(chain)
        assert isinstance(node, ast.Attribute)
        return f"({self._one(node.value)}).{node.attr}"


def _chain(node: ast.expr) -> Chain | None:
    if isinstance(node, ast.Name):
        return (node.id,)
    if isinstance(node, ast.Attribute):
        before = _chain(node.value)
        return None if before is None else (*before, node.attr)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "super" and not node.args:
        return (SUPER,)
    return None


def _joined(values: Iterable[ast.expr]) -> Iterator[object]:
    """The parts of an f-string; how its constant text is cut into pieces differs between versions."""
    said = ""
    for one in values:
        if isinstance(one, ast.Constant):
            said += str(one.value)
            continue
        if said:
            yield ast.Constant(said)
        said = ""
        yield one
    if said:
        yield ast.Constant(said)


# -- by the code


def _of_code(function: Callable[..., Any]) -> Canonical:
    code: CodeType = function.__code__
    own, first = frozenset(code.co_varnames), next(iter(code.co_varnames), "")
    names = [*code.co_freevars, *_looked_up(code)]
    chains = [(name,) for name in names if name not in own] + [(first, name) for name in names if first]
    said = code.co_consts[:1] == (function.__doc__,)
    text = f"{_shape(code)} {' '.join(map(_constant, code.co_consts[said:]))}"
    return Canonical(text, False, first, tuple(dict.fromkeys(chains)), {})


def _looked_up(code: CodeType) -> Iterator[str]:
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _looked_up(constant)


def _shape(code: CodeType) -> str:
    return ascii((code.co_code.hex(), code.co_names, code.co_varnames, code.co_freevars, code.co_cellvars))


def _constant(value: object) -> str:
    if isinstance(value, CodeType):
        return f"({_shape(value)} {' '.join(map(_constant, value.co_consts))})"
    if is_set(value):
        return " ".join(sorted(map(_constant, value)))
    return f"{type(value).__name__}:{value!a}"
