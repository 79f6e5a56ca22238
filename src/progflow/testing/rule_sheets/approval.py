"""Whether a rule sheet is the one that was signed off."""

from __future__ import annotations

import os
from collections.abc import Sequence
from difflib import unified_diff
from itertools import takewhile
from pathlib import Path
from typing import Final

from progflow.errors import UsageError

APPROVE: Final = "PROGFLOW_APPROVE"
"""The environment variable that, set to 1, writes sheets down instead of comparing them."""

HOW: Final = f"run the tests once with {APPROVE}=1, look at the file in version control, and commit it"


def approved_difference(sheet: str, path: Path) -> str | None:
    """What differs between a rule sheet and the one that was signed off; None if nothing does.

    With ``PROGFLOW_APPROVE=1`` in the environment the sheet is written to the file instead, and nothing differs.

    Args:
        sheet: as ``rule_sheet`` gives it.
        path: the file that was signed off, UTF-8.

    Raises:
        UsageError: the file cannot be read or written.
    """
    try:
        if os.environ.get(APPROVE) == "1":
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(sheet, encoding="utf-8", newline="\n")
            return None
        if not path.exists():
            return f"Nobody has signed off the rules: there is no {path}. To sign them off, {HOW}."
        approved = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        mend = "Give the path of a text file in UTF-8, in a directory that may be written to."
        raise UsageError(problem=f"The rule sheet {path} cannot be used ({error}).", mend=mend) from error
    return None if approved == sheet else _told(approved, sheet, path)


def _told(approved: str, sheet: str, path: Path) -> str:
    head = f"The rules are not those that were signed off in {path}: read what differs, and if it is meant, {HOW}."
    lines = approved.splitlines(), sheet.splitlines()
    difference = unified_diff(*lines, "signed off", "now", n=1, lineterm="")
    return "\n".join((head, "", *(_headed(line, lines[1]) for line in difference)))


def _headed(line: str, sheet: Sequence[str]) -> str:
    """A line of the difference; the one that begins a part says in which table it stands."""
    if not line.startswith("@@ "):
        return line
    number = int(line.split("+")[1].split(" ")[0].split(",")[0])
    above = [one for one in sheet[:number] if one.startswith("#")]
    titles: list[str] = []
    for one in reversed(above):
        depth = len(list(takewhile(lambda sign: sign == "#", one)))
        if not titles or depth < len(titles[-1]) - len(titles[-1].lstrip("#")):
            titles.append(one)
    return f"{line} {', '.join(one.lstrip('# ') for one in reversed(titles) if not one.startswith('# '))}".rstrip()
