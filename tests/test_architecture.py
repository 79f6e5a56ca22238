"""The layers of the package, and the one home of each third-party package, read from its imports."""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from attrs import frozen

import progflow

ROOT = Path(progflow.__file__).parent
LAYERS = (
    {"errors", "records", "terms"},
    {"codec"},
    {"definition", "ports"},
    {"_machine", "signals", "translations"},
    {"decide"},
    {"flow", "describe"},
    {"states", "adapters"},
    {"programs"},
    {"testing", "cli"},
)
RANKS = {room: rank for rank, rooms in enumerate(LAYERS) for room in rooms}
HOMES = {
    "transitions": {"_machine"},
    "cattrs": {"codec"},
    "blinker": {"signals"},
    "hypothesis": {"testing"},
    "sqlalchemy": {"adapters.sqlalchemy"},
    "click": {"cli"},
    "rich": {"cli"},
    "holidays": {"terms"},
    "babel": {"translations"},
    "dateutil": {"terms"},
    "scipy": {"states.assignment"},
    "attrs": set[str](),  # everywhere
    "annotated_types": set[str](),  # everywhere
}


@frozen
class Import:
    """One import, as it is written: from which module of ours, of what, and where."""

    module: str
    what: str
    line: int

    def __str__(self) -> str:
        return f"{self.module}:{self.line} imports {self.what}"


def modules() -> Iterator[tuple[str, Path]]:
    for path in sorted(ROOT.rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        yield ".".join(parts[:-1] if parts[-1] == "__init__" else parts), path


def is_for_checkers(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and ast.unparse(node.test) in ("TYPE_CHECKING", "typing.TYPE_CHECKING")


def imports_in(module: str, node: ast.AST) -> Iterator[Import]:
    """Every import, those inside functions included, those that only the type checkers see excepted."""
    if isinstance(node, ast.If) and is_for_checkers(node):
        for child in node.orelse:
            yield from imports_in(module, child)
        return
    if isinstance(node, ast.Import):
        for name in node.names:
            yield Import(module, name.name, node.lineno)
    elif isinstance(node, ast.ImportFrom):
        assert node.level == 0, f"{module}:{node.lineno} imports relatively"
        for name in node.names:
            yield Import(module, f"{node.module}.{name.name}", node.lineno)
    for child in ast.iter_child_nodes(node):
        yield from imports_in(module, child)


def all_imports() -> list[Import]:
    return [
        found
        for module, path in modules()
        for found in imports_in(module, ast.parse(path.read_text(encoding="utf-8"), str(path)))
    ]


IMPORTS = all_imports()


def inside(module: str, room: str) -> bool:
    return module == room or module.startswith(f"{room}.")


def test_every_module_stands_in_a_layer() -> None:
    rooms = {module.split(".")[0] for module, _ in modules()} - {"", "__main__"}
    assert rooms <= RANKS.keys()


def test_inner_layers_know_nothing_of_outer_ones() -> None:
    wrong = []
    for found in IMPORTS:
        name, _, rest = found.what.partition(".")
        room, other = found.module.split(".")[0], rest.split(".")[0]
        if name != "progflow" or room in ("", "__main__") or room == other:
            continue
        if other not in RANKS:  # a public name, taken from the front door: only for those who live outside of it
            if RANKS[room] <= RANKS["flow"]:
                wrong.append(f"{found}, from the package that it is a part of")
        elif RANKS[other] > RANKS[room] or (RANKS[other] == RANKS[room] and room not in LAYERS[0] | LAYERS[2]):
            wrong.append(str(found))
    assert wrong == []


def test_no_module_of_the_engine_imports_another_in_a_circle() -> None:
    """Programs are excepted: lifecycles name each other in their effects, and so do the modules that they stand in."""
    names = {module for module, _ in modules()}
    edges: dict[str, set[str]] = {name: set() for name in names}
    for found in IMPORTS:
        if found.what.startswith("progflow.") and found.module and not inside(found.module, "programs"):
            what = found.what.removeprefix("progflow.")
            target = what if what in names else what.rpartition(".")[0]
            if target in names and target != found.module and target:
                edges[found.module].add(target)
    circles = []
    for start in edges:
        seen: set[str] = set()
        waiting = list(edges[start])
        while waiting:
            name = waiting.pop()
            if name not in seen:
                seen.add(name)
                waiting.extend(edges[name])
        if start in seen:
            circles.append(start)
    assert circles == []


def test_adapters_know_only_ports_records_and_errors() -> None:
    wrong = [
        str(found)
        for found in IMPORTS
        if inside(found.module, "adapters")
        and found.what.startswith("progflow.")
        and found.what.split(".")[1] not in ("ports", "records", "errors", "adapters")
    ]
    assert wrong == []


def test_one_adapter_knows_nothing_of_another() -> None:
    wrong = [
        str(found)
        for found in IMPORTS
        if inside(found.module, "adapters")
        and found.what.startswith("progflow.adapters.")
        and found.what.split(".")[2] != found.module.split(".")[1]
    ]
    assert wrong == []


@pytest.mark.parametrize("package", [name for name, homes in HOMES.items() if homes])
def test_each_third_party_package_has_one_home(package: str) -> None:
    users = {found.module for found in IMPORTS if found.what.split(".")[0] == package}
    homes = HOMES[package]
    assert all(any(inside(user, home) for home in homes) for user in users), sorted(users)


def test_nothing_else_is_imported_from_outside() -> None:
    known = {"progflow", *HOMES, *sys.stdlib_module_names}
    assert {found.what.split(".")[0] for found in IMPORTS} - known == set()


def test_no_module_imports_another_of_its_own_package_inside_a_function() -> None:
    wrong = []
    for module, path in modules():
        if not inside(module, "definition") and not inside(module, "codec"):
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef):
                wrong += [str(found) for found in imports_in(module, node)]
    assert wrong == []


# -- the public names -----------------------------------------------------------------------------------


def public() -> dict[str, object]:
    return {
        name: value
        for name, value in vars(progflow).items()
        if not name.startswith("_") and not isinstance(value, ModuleType)
    }


def homes_of_public_names() -> dict[str, list[str]]:
    """Where each public name is imported from by ``progflow/__init__.py``."""
    found: dict[str, list[str]] = {}
    for one in IMPORTS:
        if one.module == "":
            home, _, name = one.what.rpartition(".")
            found.setdefault(name, []).append(home)
    return found


def test_every_public_name_has_one_home_where_it_is_written() -> None:
    homes = homes_of_public_names()
    assert homes.keys() >= public().keys()
    for name, where in homes.items():
        assert len(where) == 1, f"{name} is imported from {where}"
        module = importlib.import_module(where[0])
        tree = ast.parse(inspect.getsource(module))
        written = {
            target
            for node in tree.body
            for target in (
                [node.name]
                if isinstance(node, ast.ClassDef | ast.FunctionDef)
                else [t.id for t in node.targets if isinstance(t, ast.Name)]
                if isinstance(node, ast.Assign)
                else [node.target.id]
                if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name)
                else []
            )
        }
        assert name in written, f"{name} is not written in {where[0]}"


def test_no_public_name_is_offered_by_a_second_public_module() -> None:
    offered = public()
    second = []
    for found in pkgutil.iter_modules(progflow.__path__, "progflow."):
        room = found.name.removeprefix("progflow.")
        if room.startswith("_") or not found.ispkg:
            continue
        source = ROOT / room / "__init__.py"
        names = {one.what.rpartition(".")[2] for one in imports_in(room, ast.parse(source.read_text(encoding="utf-8")))}
        second += [f"progflow.{room}.{name}" for name in names & offered.keys() if room in ("testing", "adapters")]
    assert second == []


def test_the_public_names_stand_in_order() -> None:
    source = (ROOT / "__init__.py").read_text(encoding="utf-8")
    homes = [node.module for node in ast.parse(source).body if isinstance(node, ast.ImportFrom)]
    assert homes == sorted(homes, key=lambda home: home or "")
    for node in ast.parse(source).body:
        if isinstance(node, ast.ImportFrom):
            assert all(name.asname is None for name in node.names)


# -- what an import costs ---------------------------------------------------------------------------------


def test_importing_progflow_loads_neither_sqlalchemy_nor_hypothesis_nor_any_adapter() -> None:
    code = "import sys, progflow; print(*sorted(sys.modules))"
    done = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=True)
    loaded = done.stdout.split()
    roots = {name.split(".")[0] for name in loaded}
    assert roots.isdisjoint({"sqlalchemy", "hypothesis", "click", "rich", "pytest", "babel"})
    assert not [name for name in loaded if name.startswith(("progflow.adapters", "progflow.testing", "progflow.cli"))]


def test_importing_the_memory_store_does_not_load_sqlalchemy() -> None:
    code = "import sys, progflow.adapters.memory; print('sqlalchemy' in sys.modules)"
    done = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


# -- house rules that can be counted ------------------------------------------------------------------------


def test_modules_and_functions_of_the_definition_language_stay_small() -> None:
    large = []
    for module, path in modules():
        source = path.read_text(encoding="utf-8")
        if not any(inside(module, room) for room in ("definition", "codec")):
            continue
        if len(source.splitlines()) > 420:
            large.append(f"{module} has {len(source.splitlines())} lines")
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.FunctionDef) and node.end_lineno is not None:
                said = ast.get_docstring(node, clean=False)
                lines = node.end_lineno - node.lineno + 1 - (len(said.splitlines()) if said else 0)
                if lines > 45:
                    large.append(f"{module}.{node.name} has {lines} lines")
    assert large == []
