"""The page of invariants says where each one stands, and nothing that is not there."""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from progflow import Invariant, Lifecycle, Phase

HERE = Path(__file__).parent
PAGE = HERE.parent / "docs" / "reference" / "invariants.md"
SAID = re.compile(r"[Ii]nvariants? (\d+(?:(?:, | and |, and )\d+)*)")
NUMBERS = range(1, 25)


def numbers_in(text: str | None) -> set[int]:
    return {int(number) for said in SAID.findall(text or "") for number in re.findall(r"\d+", said)}


def definitions() -> Iterator[type[Any]]:
    for room in ("progflow.states", "progflow.programs"):
        package = importlib.import_module(room)
        for module in pkgutil.walk_packages(package.__path__, f"{room}."):
            for value in vars(importlib.import_module(module.name)).values():
                if isinstance(value, type) and issubclass(value, Lifecycle | Phase) and value.__module__ == module.name:
                    yield value


def in_definitions() -> dict[int, set[str]]:
    """The invariants of phases and lifecycles by the number that their docstring names."""
    found: dict[int, set[str]] = defaultdict(set)
    for cls in definitions():
        for name, member in vars(cls).items():
            if isinstance(member, Invariant):
                for number in numbers_in(inspect.getdoc(member.function)):
                    found[number].add(f"{cls.__name__}.{name}")
    return found


def in_tests() -> dict[int, set[str]]:
    """The test modules with a test whose docstring names the number."""
    found: dict[int, set[str]] = defaultdict(set)
    for path in sorted(HERE.glob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef):
                for number in numbers_in(ast.get_docstring(node)):
                    found[number].add(path.stem)
    return found


def rows() -> dict[int, list[str]]:
    lines = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if re.match(r"\| \d+ \|", line)]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return {int(number): rest for number, *rest in cells}


def listed(names: set[str]) -> str:
    return ", ".join(f"`{name}`" for name in sorted(names)) or "–"


def test_every_number_has_one_row() -> None:
    assert list(rows()) == list(NUMBERS)


@pytest.mark.parametrize("number", NUMBERS)
def test_the_page_names_where_it_stands(number: int) -> None:
    _, definitions_cell, tests_cell, remark = rows()[number]
    assert definitions_cell == listed(in_definitions()[number])
    assert tests_cell == listed(in_tests()[number])
    if definitions_cell == tests_cell == "–":
        assert len(remark) > 20, "what is not covered says why"
