"""Where a function is written: its node in the syntax tree of its module, if that is what really runs."""

from __future__ import annotations

import ast
import linecache
import warnings
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import lru_cache
from types import CodeType
from typing import Any, TypeAlias

from attrs import frozen

Written: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
"""The node of a function."""

Spot: TypeAlias = tuple[int, int]
"""A line and a column."""


@frozen
class Parsed:
    """A module: its functions and what they compile to, each by the first line and the name."""

    functions: dict[tuple[int, str], list[Written]]
    codes: dict[tuple[int, str], list[CodeType]]


def written(function: Callable[..., Any]) -> tuple[Written, ...]:
    """The node of a function; empty where there is no source, or where it is not the source of what runs.

    A file may have changed since it was imported, and a function may have been made from other text than its file
    holds. Only where pytest has rewritten the asserts of a module its source counts all the same. Several lambdas in
    one line that cannot be told apart are all given.
    """
    code: CodeType = function.__code__
    key = code.co_firstlineno, code.co_name
    for text in _texts(function):
        try:
            parsed = _parsed(text)
        except (SyntaxError, ValueError):
            continue
        if code in parsed.codes.get(key, ()) or _rewritten(function):
            found = parsed.functions.get(key, [])
            return tuple(found) if len(found) < 2 else _told_apart(found, code)
    return ()


def _texts(function: Callable[..., Any]) -> Iterator[str]:
    """The text of its module: that of its file, and that which its loader gives, where it loads from elsewhere."""
    file, names = function.__code__.co_filename, function.__globals__
    linecache.checkcache(file)
    yield "".join(linecache.getlines(file, names))
    get_source = getattr(names.get("__loader__"), "get_source", None)
    with suppress(ImportError, OSError):
        yield (get_source(names.get("__name__")) or "") if get_source is not None else ""


def _rewritten(function: Callable[..., Any]) -> bool:
    return type(function.__globals__.get("__loader__")).__module__.startswith("_pytest.")


@lru_cache(maxsize=512)
def _parsed(text: str) -> Parsed:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # whatever there is to warn of was said when the module was imported
        tree = ast.parse(text)
        whole = compile(text, "<module>", "exec", dont_inherit=True)
    parsed = Parsed({}, {})
    for node in ast.walk(tree):
        if isinstance(node, Written):
            parsed.functions.setdefault((_first_line(node), _name(node)), []).append(node)
    for code in _codes(whole):
        parsed.codes.setdefault((code.co_firstlineno, code.co_name), []).append(code)
    return parsed


def _codes(code: CodeType) -> Iterator[CodeType]:
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _codes(constant)


def _first_line(node: Written) -> int:
    decorators = [] if isinstance(node, ast.Lambda) else node.decorator_list
    return min((node.lineno, *(one.lineno for one in decorators)))


def _name(node: Written) -> str:
    return "<lambda>" if isinstance(node, ast.Lambda) else node.name


def _told_apart(nodes: list[Written], code: CodeType) -> tuple[Written, ...]:
    """The innermost of these that holds every instruction; all of them if none does."""
    spots: list[tuple[Spot, Spot]] = []
    for line, end_line, column, end_column in code.co_positions():
        if line is None or end_line is None or column is None or end_column is None or (column, end_column) == (0, 0):
            continue  # what the interpreter itself does on entry
        spots.append(((line, column), (end_line, end_column)))
    holding = [node for node in nodes if spots and all(_holds(node, *spot) for spot in spots)]
    return (max(holding, key=lambda node: (node.lineno, node.col_offset)),) if holding else tuple(nodes)


def _holds(node: Written, begins: Spot, ends: Spot) -> bool:
    last = node.end_lineno or node.lineno, node.end_col_offset or node.col_offset
    return (node.lineno, node.col_offset) <= begins and ends <= last
