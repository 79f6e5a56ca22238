"""What the documentation shows is what happens: each page's Python is run as one script, its output compared."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


def blocks(page: Path, language: str) -> list[str]:
    tokens = MarkdownIt().parse(page.read_text(encoding="utf-8"))
    return [token.content for token in tokens if token.type == "fence" and token.info.strip() == language]


PAGES_WITH_CODE = [page for page in PAGES if blocks(page, "python")]


@pytest.mark.parametrize("page", PAGES_WITH_CODE, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_a_reader_who_pastes_the_code_of_a_page_sees_what_the_page_shows(page: Path, tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text("\n".join(blocks(page, "python")), encoding="utf-8")
    ran = subprocess.run(
        [sys.executable, "-W", "error", script.name],
        cwd=tmp_path,
        capture_output=True,
        encoding="utf-8",
        env={**os.environ, "PYTHONIOENCODING": "utf-8", "PYTHONUTF8": "1"},
        timeout=120,
    )
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout == "".join(blocks(page, "text"))


def test_the_readme_has_exactly_the_two_commands() -> None:
    assert [line for block in blocks(ROOT / "README.md", "sh") for line in block.splitlines()] == [
        'python -m pip install -e ".[cli]" && progflow demo',
        'python -m pip install -e ".[test]" && python -m pytest -n auto --dist worksteal',
    ]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_within_the_documentation_lead_somewhere(page: Path) -> None:
    targets = re.findall(r"\]\((?!https?:|#)([^)#]+)", page.read_text(encoding="utf-8"))
    assert [target for target in targets if not (page.parent / target).exists()] == []


CHECKERS = [["mypy", "--strict", "--no-error-summary"], ["pyright", "--pythonpath", sys.executable]]


@pytest.mark.parametrize("checker", CHECKERS, ids=["mypy", "pyright"])
def test_the_code_of_every_page_passes_the_strict_type_checkers(checker: list[str], tmp_path: Path) -> None:
    for page in PAGES_WITH_CODE:
        name = page.relative_to(ROOT).as_posix().replace("/", "_").replace("-", "_").removesuffix(".md")
        (tmp_path / f"{name.lower()}.py").write_text("\n".join(blocks(page, "python")), encoding="utf-8")
    (tmp_path / "pyrightconfig.json").write_text('{"typeCheckingMode": "strict", "reportUnusedImport": false}')
    ran = subprocess.run(
        [sys.executable, "-m", *checker, "."], cwd=tmp_path, capture_output=True, encoding="utf-8", timeout=300
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
