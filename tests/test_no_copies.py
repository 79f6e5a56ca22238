"""Programmes share their phases and do not copy them: no six lines of code stand twice in states and programs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

import progflow

SOURCE: Final = Path(progflow.__file__).parent
LONGEST: Final = 5


def code_of(text: str) -> list[tuple[int, str]]:
    """The lines that say something, with their numbers: no blank ones, comments, imports or lone brackets."""
    found: list[tuple[int, str]] = []
    inside_import = False
    for number, line in enumerate(text.splitlines(), 1):
        said = " ".join(line.split())
        begins = said.startswith(("import ", "from ")) and " import" in f"{said} import"
        inside_import = (inside_import or begins) and not (said.endswith(")") or (begins and not said.endswith("(")))
        if begins or inside_import or said.startswith("#") or not any(map(str.isalnum, said)):
            continue
        found.append((number, said))
    return found


def copies(files: Mapping[str, str]) -> list[str]:
    """Every run of more than the allowed lines that stands in two places, as ``a.py:3 = b.py:17``."""
    seen: dict[tuple[str, ...], str] = {}
    found: list[str] = []
    for name, text in files.items():
        lines = code_of(text)
        for start in range(len(lines) - LONGEST):
            run = tuple(said for _, said in lines[start : start + LONGEST + 1])
            here = f"{name}:{lines[start][0]}"
            if run in seen:
                found.append(f"{seen[run]} = {here}: {run[0]}")
            seen.setdefault(run, here)
    return found


def texts(folders: Iterable[str]) -> dict[str, str]:
    paths = [path for folder in folders for path in sorted((SOURCE / folder).rglob("*.py"))]
    return {str(path.relative_to(SOURCE)): path.read_text(encoding="utf-8") for path in paths}


def test_no_six_lines_stand_twice() -> None:
    files = texts(("states", "programs"))
    assert len(files) > 10
    assert copies(files) == []


def test_six_lines_that_stand_twice_are_found_also_with_other_blanks_between_them() -> None:
    six = [f"value_{number} = {number}" for number in range(6)]
    one, other = "\n".join(six), "import os\n\nfirst = 1\n    " + "\n\n# why\n    ".join(six)
    assert copies({"a.py": one, "b.py": other}) == ["a.py:1 = b.py:4: value_0 = 0"]
    assert copies({"a.py": one, "b.py": "\n".join(six[:5])}) == []
    assert copies({"a.py": one + "\n" + one}) == ["a.py:1 = a.py:7: value_0 = 0"]
