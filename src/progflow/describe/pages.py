"""The generated sections of pages."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterable, Sequence
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Final

from progflow.definition.bodies import is_phase_class
from progflow.definition.lifecycle import Program
from progflow.describe.lifecycles import chapter
from progflow.describe.markdown import LANGUAGES
from progflow.describe.naming import Described, named
from progflow.describe.phases import phase_section
from progflow.errors import UsageError

SECTION: Final = re.compile(
    r"^(?P<begin><!-- generated: (?P<what>\S+) -->\n).*?^(?P<end><!-- end -->)$", re.DOTALL | re.MULTILINE
)
MARKER: Final = re.compile(r"^<!-- (generated|end)\b", re.MULTILINE)


def section(
    definition: Described,
    languages: Sequence[str] = LANGUAGES,
    *,
    catalogues: Iterable[str | Traversable] = (),
) -> str:
    """What stands in a generated section.

    Every lifecycle of a program with its diagram and tables; a class of phases with its parameters, states, events and
    data.
    """
    if is_phase_class(definition):
        return phase_section(definition, languages, catalogues=catalogues)
    lifecycles = definition.lifecycles if isinstance(definition, Program) else (definition,)
    return "\n".join(chapter(lifecycle, languages, tuple(catalogues)) for lifecycle in lifecycles)


def filled(page: str) -> str:
    """A page with its generated sections written anew.

    Raises:
        UsageError: a section is not closed, or names what cannot be described.
    """

    def anew(found: re.Match[str]) -> str:
        return f"{found['begin']}\n{section(named(found['what']))}\n{found['end']}"

    markers = [found[1] for found in MARKER.finditer(page)]
    if markers != ["generated", "end"] * len(SECTION.findall(page)):
        mend = "Write <!-- generated: package.module:name --> and, after it, <!-- end -->."
        raise UsageError(problem="The generated sections do not begin and end in turn.", mend=mend)
    return SECTION.sub(anew, page)


def outdated(pages: Iterable[Path]) -> tuple[Path, ...]:
    """The pages whose generated sections are not what the definitions say now."""
    return tuple(page for page in pages if filled(page.read_text(encoding="utf-8")) != page.read_text(encoding="utf-8"))


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the generated sections of pages anew; with ``--check`` only name those that are out of date."""
    parser = argparse.ArgumentParser(prog="python -m progflow.describe", description=main.__doc__)
    parser.add_argument("pages", nargs="+", type=Path)
    parser.add_argument("--check", action="store_true")
    said = parser.parse_args(arguments)
    changed = outdated(said.pages)
    for page in changed:
        if not said.check:
            page.write_text(filled(page.read_text(encoding="utf-8")), encoding="utf-8")
        print(page)
    return int(said.check and bool(changed))
