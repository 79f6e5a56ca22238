"""The type checkers accept what is right and refuse what is marked WRONG, without a plugin."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

TYPING = Path(__file__).parent / "typing"
FILES = sorted(TYPING.glob("*.py"))


def marked(file: Path) -> set[int]:
    lines = file.read_text(encoding="utf-8").splitlines()
    return {number for number, line in enumerate(lines, 1) if line.endswith("# WRONG")}


def run(*command: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", *command],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
        env={**os.environ, "PYRIGHT_PYTHON_IGNORE_WARNINGS": "1"},
    )
    assert done.returncode in (0, 1), done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def mypy(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[int, str]]:
    cache = tmp_path_factory.mktemp("mypy")
    said = run("mypy", "--strict", "--config-file=", f"--cache-dir={cache}", "--no-pretty", "--follow-imports=silent",
               *map(str, FILES))  # fmt: skip
    found: dict[str, dict[int, str]] = {file.name: {} for file in FILES}
    for line in said.splitlines():
        match = re.fullmatch(r"(.+?):(\d+): error: (.*)", line)
        if match is not None:
            found.setdefault(Path(match[1]).name, {})[int(match[2])] = match[3]
    return found


@pytest.fixture(scope="module")
def pyright(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[int, str]]:
    project = tmp_path_factory.mktemp("pyright")
    for file in FILES:
        shutil.copy(file, project)
    settings = {"typeCheckingMode": "strict", "pythonVersion": "3.11"}
    (project / "pyrightconfig.json").write_text(json.dumps(settings), encoding="utf-8")
    said = run("pyright", "--outputjson", "--pythonpath", sys.executable, "--project", str(project))
    found: dict[str, dict[int, str]] = {file.name: {} for file in FILES}
    for one in json.loads(said[said.index("{") :])["generalDiagnostics"]:
        if one["severity"] == "error":
            found[Path(one["file"]).name][one["range"]["start"]["line"] + 1] = one["message"]
    return found


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
@pytest.mark.parametrize("checker", ["mypy", "pyright"])
def test_what_is_marked_wrong_is_an_error_and_nothing_else_is(
    checker: str, file: Path, request: pytest.FixtureRequest
) -> None:
    found: dict[int, str] = request.getfixturevalue(checker)[file.name]
    wrong = marked(file)
    assert wrong, "a file of this kind shows what is refused"
    assert {line: said for line, said in found.items() if line not in wrong} == {}, "refused, but it is right"
    assert sorted(wrong - found.keys()) == [], "accepted, but it is marked WRONG"


def test_a_field_that_is_missing_is_named_in_the_message(
    mypy: dict[str, dict[int, str]], pyright: dict[str, dict[int, str]]
) -> None:
    file = TYPING / "running.py"
    lines = file.read_text(encoding="utf-8").splitlines()
    line = lines.index('    Stay.working.pause(reason="x")  # WRONG') + 1
    assert 'Missing named argument "until"' in mypy[file.name][line]
    assert 'Argument missing for parameter "until"' in pyright[file.name][line]
