"""The source of the programmes and of the phases that they are made of, cut into definitions."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from enum import Enum
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from attrs import field, frozen

PROGRAMMES: Final = (
    "city_participation",
    "cross_mentoring",
    "intercultural_mentoring",
    "leadership_training",
    "trainee_volunteering",
    "training_network",
)
"""The programmes that ship, as their packages are called."""

ROOMS: Final = ("progflow.programs", "progflow.states")
"""The packages whose rules are changed."""

Definition = ast.FunctionDef | ast.ClassDef | ast.Assign | ast.AnnAssign


class Kind(Enum):
    """What a definition is, for the operators."""

    EVENT = "event"
    GUARD = "guard"
    RELATION = "relation"
    MOMENT = "moment"
    DERIVED = "derived"
    INVARIANT = "invariant"
    INIT = "init"
    METHOD = "method"
    FUNCTION = "function"
    VALUE = "value"


DECORATED: Final = {
    kind.value: kind for kind in (Kind.EVENT, Kind.GUARD, Kind.RELATION, Kind.MOMENT, Kind.DERIVED, Kind.INVARIANT)
}
RULES: Final = frozenset({Kind.GUARD, Kind.RELATION, Kind.MOMENT, Kind.DERIVED})
PLAIN: Final = frozenset({Kind.METHOD, Kind.FUNCTION})


@frozen(eq=False)
class Module:
    """One module, as text and as a tree."""

    name: str
    path: Path
    text: str

    @cached_property
    def data(self) -> bytes:
        """The text as the tree counts its columns: in bytes of UTF-8."""
        return self.text.encode()

    @cached_property
    def tree(self) -> ast.Module:
        """The tree."""
        return ast.parse(self.text, str(self.path))

    @cached_property
    def lines(self) -> tuple[int, ...]:
        """Where each line begins, counted in bytes."""
        starts = [0]
        for line in self.data.splitlines(keepends=True):
            starts.append(starts[-1] + len(line))
        return tuple(starts)

    def offset(self, line: int, column: int) -> int:
        """Where that is, counted in bytes; lines begin with 1."""
        return self.lines[line - 1] + column

    def span(self, node: ast.expr | ast.stmt) -> tuple[int, int]:
        """From where to where a node stands; a definition with its decorators."""
        first = node
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and node.decorator_list:
            first = node.decorator_list[0]
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        return self.offset(first.lineno, first.col_offset), self.offset(node.end_lineno, node.end_col_offset)

    def said(self, node: ast.expr | ast.stmt) -> str:
        """The text of a node."""
        start, end = self.span(node)
        return self.data[start:end].decode()

    @cached_property
    def places(self) -> tuple[Place, ...]:
        """All definitions in it, also those within functions, in their order."""
        return tuple(_places(self, self.tree.body, "", ""))

    def place(self, name: str) -> Place | None:
        """The definition of that dotted name."""
        return next((place for place in self.places if place.name == name), None)


@frozen(eq=False)
class Place:
    """One definition: a method, a function, or a value that is given a name.

    Args:
        module: where it stands.
        name: its dotted name in the module, ``TimedPhase.pause``.
        owner: the dotted name of the class around it, empty for a function of the module.
        kind: what it is.
        node: its part of the tree.
    """

    module: Module = field(repr=False)
    name: str
    owner: str
    kind: Kind
    node: ast.FunctionDef | ast.Assign | ast.AnnAssign = field(repr=False)

    @property
    def last(self) -> str:
        """Its own name, without those of the classes around it."""
        return self.name.rpartition(".")[2]

    @property
    def body(self) -> list[ast.stmt]:
        """What a function does, without its docstring and without the definitions in it."""
        if not isinstance(self.node, ast.FunctionDef):
            return []
        without = self.node.body[1:] if ast.get_docstring(self.node) is not None else self.node.body
        return [one for one in without if not isinstance(one, ast.FunctionDef | ast.ClassDef)]

    @property
    def value(self) -> ast.expr | None:
        """What a name stands for, None for a function."""
        return None if isinstance(self.node, ast.FunctionDef) else self.node.value

    @property
    def decorator(self) -> ast.Call | None:
        """The call by which an event is made."""
        for one in self.node.decorator_list if isinstance(self.node, ast.FunctionDef) else ():
            if isinstance(one, ast.Call) and isinstance(one.func, ast.Name) and one.func.id in DECORATED:
                return one
        return None

    @property
    def begins(self) -> bool:
        """Whether it is an event by which a case begins."""
        call = self.decorator if self.kind is Kind.EVENT else None
        return call is not None and any(isinstance(one, ast.Name) and one.id == "START" for one in ast.walk(call))


def _kind(node: ast.FunctionDef, owner: str) -> Kind:
    for one in node.decorator_list:
        name = one.func if isinstance(one, ast.Call) else one
        if isinstance(name, ast.Name) and name.id in DECORATED:
            return DECORATED[name.id]
    if node.name == "__init__":
        return Kind.INIT
    return Kind.METHOD if owner else Kind.FUNCTION


def _places(module: Module, body: Iterable[ast.stmt], owner: str, before: str) -> Iterator[Place]:
    for node in body:
        if isinstance(node, ast.ClassDef):
            yield from _places(module, node.body, f"{before}{node.name}", f"{before}{node.name}.")
        elif isinstance(node, ast.FunctionDef):
            name = f"{before}{node.name}"
            yield Place(module, name, owner, _kind(node, owner), node)
            inner = [one for one in node.body if isinstance(one, ast.FunctionDef)]
            yield from _places(module, inner, owner, f"{name}.")
        elif isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            if len(targets) == 1 and isinstance(targets[0], ast.Name | ast.Attribute):
                said = ast.unparse(targets[0])
                if said != "__all__":
                    yield Place(module, f"{before}{said}", owner, Kind.VALUE, node)


def read(name: str) -> Module:
    """The module of that name as it is installed.

    Raises:
        ModuleNotFoundError: there is none.
    """
    spec = find_spec(name)
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(f"There is no module {name}.", name=name)
    path = Path(spec.origin)
    return Module(name, path, path.read_text(encoding="utf-8"))


def module_names() -> list[str]:
    """The names of all modules of the programmes and phases, sorted."""
    found: list[str] = []
    for room in ROOMS:
        spec = find_spec(room)
        assert spec is not None
        assert spec.origin is not None
        root = Path(spec.origin).parent
        for path in root.rglob("*.py"):
            parts = path.relative_to(root).with_suffix("").parts
            parts = parts[:-1] if parts[-1] == "__init__" else parts
            found.append(".".join((room, *parts)))
    return sorted(found)


@frozen(eq=False)
class Library:
    """All modules of the programmes and phases, and which of them each programme is made of."""

    modules: dict[str, Module]

    @cached_property
    def used(self) -> dict[str, frozenset[str]]:
        """By programme the names of the modules that it is made of, its own and those that they import."""
        return {programme: self._closure(f"progflow.programs.{programme}") for programme in PROGRAMMES}

    def users(self, module: str) -> tuple[str, ...]:
        """The programmes that are made of that module, among others."""
        return tuple(programme for programme in PROGRAMMES if module in self.used[programme])

    def _closure(self, root: str) -> frozenset[str]:
        waiting, found = [name for name in self.modules if name == root or name.startswith(f"{root}.")], set[str]()
        while waiting:
            name = waiting.pop()
            if name not in found:
                found.add(name)
                waiting.extend(self._imported(self.modules[name]))
        return frozenset(found)

    def _imported(self, module: Module) -> Iterator[str]:
        for node in ast.walk(module.tree):
            if isinstance(node, ast.ImportFrom) and node.module is not None:
                for alias in node.names:
                    deeper = f"{node.module}.{alias.name}"
                    yield from (name for name in (deeper, node.module) if name in self.modules)


def library() -> Library:
    """The programmes and phases as they are installed."""
    return Library({name: read(name) for name in module_names()})
