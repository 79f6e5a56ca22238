"""Lifecycles as pages: diagrams, tables, and the generated sections of documentation.

A page holds sections between ``<!-- generated: package.module:name -->`` and ``<!-- end -->``, where the name is that
of a program or lifecycle; ``python -m progflow.describe page.md …`` writes anew what is between, and with ``--check``
only says which pages are out of date.
"""

from __future__ import annotations

import argparse
import importlib
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, Final, TypeAlias

from progflow._machine import diagram_of, sources_of
from progflow.definition.blueprint import Blueprint, BoundRule, EventSpec
from progflow.definition.bodies import is_lifecycle_class
from progflow.definition.lifecycle import Lifecycle, Program, blueprint_of
from progflow.definition.wording import Wording
from progflow.errors import UsageError
from progflow.translations import Translations

LANGUAGES: Final = ("en", "de")
"""The languages of what progflow ships."""

SECTION: Final = re.compile(
    r"^(?P<begin><!-- generated: (?P<what>\S+) -->\n).*?^(?P<end><!-- end -->)$", re.DOTALL | re.MULTILINE
)
MARKER: Final = re.compile(r"^<!-- (generated|end)\b", re.MULTILINE)

Tongue: TypeAlias = tuple[str, Wording]
"""A language, and a lifecycle in it."""


def mermaid(
    lifecycle: type[Lifecycle[Any]], language: str | None = None, *, catalogues: Iterable[str | Traversable] = ()
) -> str:
    """A lifecycle as a Mermaid state diagram: phases as groups, events at the arrows, start and ends marked.

    What leads from every open state of a phase to one place leaves the phase as a whole; events that stay are left
    out.

    Args:
        lifecycle: the lifecycle.
        language: of titles; None for those of the author.
        catalogues: as a flow gets them.

    Raises:
        UsageError: there is no catalogue in that language.
    """
    if language is None:
        return diagram_of(lifecycle, Wording(blueprint_of(lifecycle)))
    return diagram_of(lifecycle, _tongues(lifecycle, (language,), catalogues)[0][1])


def tables(
    lifecycle: type[Lifecycle[Any]],
    languages: Sequence[str] = LANGUAGES,
    *,
    catalogues: Iterable[str | Traversable] = (),
) -> str:
    """A lifecycle as Markdown tables: its states, its events, and the reasons that people read.

    Args:
        lifecycle: the lifecycle.
        languages: of titles and reasons, a column for each; who may fire an event is said in the first.
        catalogues: as a flow gets them.

    Raises:
        UsageError: there is no catalogue in one of the languages.
    """
    blueprint, tongues = blueprint_of(lifecycle), _tongues(lifecycle, languages, catalogues)
    event_head = ("event", *languages, "from → to", "who", "by itself", "payload")
    parts = (
        ("States", _table(("state", *languages, ""), _state_rows(blueprint, tongues))),
        ("Events", _table(event_head, _event_rows(blueprint, tongues))),
        ("Reasons", _table(("guard", *languages, "stands before"), _guard_rows(blueprint, tongues))),
        ("What always holds", _table(("invariant", *languages), _invariant_rows(blueprint, tongues))),
    )
    return "\n".join(f"### {title}\n\n{table}" for title, table in parts if table)


def section(
    definition: Program | type[Lifecycle[Any]],
    languages: Sequence[str] = LANGUAGES,
    *,
    catalogues: Iterable[str | Traversable] = (),
) -> str:
    """Every lifecycle of a program with its diagram and tables, as it stands in a generated section."""
    lifecycles = definition.lifecycles if isinstance(definition, Program) else (definition,)
    return "\n".join(_chapter(lifecycle, languages, tuple(catalogues)) for lifecycle in lifecycles)


def filled(page: str) -> str:
    """A page with its generated sections written anew.

    Raises:
        UsageError: a section is not closed, or names what is no program and no lifecycle.
    """

    def anew(found: re.Match[str]) -> str:
        return f"{found['begin']}\n{section(_named(found['what']))}\n{found['end']}"

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


# -- the parts of a page


def _tongues(
    lifecycle: type[Lifecycle[Any]], languages: Sequence[str], catalogues: Iterable[str | Traversable]
) -> list[Tongue]:
    blueprint, translations = blueprint_of(lifecycle), Translations(catalogues)
    return [(one, Wording(blueprint, translations.into(translations.variants(one)))) for one in languages]


def _chapter(lifecycle: type[Lifecycle[Any]], languages: Sequence[str], catalogues: Sequence[str | Traversable]) -> str:
    titles = " / ".join(dict.fromkeys(words.title() for _, words in _tongues(lifecycle, languages, catalogues)))
    diagram = mermaid(lifecycle, languages[0], catalogues=catalogues)
    tabled = tables(lifecycle, languages, catalogues=catalogues)
    return f"## {blueprint_of(lifecycle).name}\n\n{titles}.\n\n```mermaid\n{diagram}```\n\n{tabled}"


def _state_rows(blueprint: Blueprint, tongues: Sequence[Tongue]) -> Iterator[Sequence[str]]:
    for path, state in blueprint.states.items():
        kinds = {
            "begins": state.initial,
            "final": state.final,
            "resting": state.resting,
            "clock stopped": state.stopped,
        }
        titles = (words.label(path) for _, words in tongues)
        yield _code(path), *titles, ", ".join(kind for kind, holds in kinds.items() if holds)


def _event_rows(blueprint: Blueprint, tongues: Sequence[Tongue]) -> Iterator[Sequence[str]]:
    for event in blueprint.events.values():
        titles = (words.event(event) for _, words in tongues)
        who = ", ".join(tongues[0][1].who(event))
        payload = ", ".join(
            _code(name) if field.required else f"{_code(name)} (optional)" for name, field in event.parameters.items()
        )
        yield _code(event.path), *titles, "; ".join(_ways(blueprint, event)), who, _by_itself(event), payload


def _ways(blueprint: Blueprint, event: EventSpec) -> Iterator[str]:
    if event.starts is not None:
        yield f"(start) → {_code(event.starts)}"
    for target in dict.fromkeys(event.targets.values()):
        sources = frozenset(source for source, to in event.targets.items() if to == target)
        every = sources == blueprint.open_states and len(sources) > 1
        said = "every open state" if every else ", ".join(map(_code, sources_of(blueprint, event, target)))
        yield f"{said} → {_code(target)}" if target is not None else f"stays in {said}"


def _by_itself(event: EventSpec) -> str:
    if event.auto:
        return "as soon as its guards hold"
    if event.at is not None:
        return f"at {_code(event.at.code)}"
    if event.after is None and event.every is None:
        return ""
    length = f"after {event.after}" if event.after is not None else f"every {event.every}"
    return length if event.since is None else f"{length} since {_code(event.since.code)}"


def _guard_rows(blueprint: Blueprint, tongues: Sequence[Tongue]) -> Iterator[Sequence[str]]:
    guards: dict[str, BoundRule] = {}
    before: dict[str, list[str]] = {}
    for event in blueprint.events.values():
        for bound in event.guards:
            guards[bound.code] = bound
            before.setdefault(bound.code, []).append(_code(event.path))
    for code, bound in guards.items():
        yield _code(code), *(words.rule(bound) for _, words in tongues), ", ".join(before[code])


def _invariant_rows(blueprint: Blueprint, tongues: Sequence[Tongue]) -> Iterator[Sequence[str]]:
    for bound in blueprint.invariants:
        yield _code(bound.code), *(words.rule(bound) for _, words in tongues)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    body = [_row(row) for row in rows]
    return "\n".join((_row(head), "|" + "---|" * len(head), *body, "")) if body else ""


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _code(name: str) -> str:
    return f"`{name}`"


def _named(what: str) -> Program | type[Lifecycle[Any]]:
    module, _, name = what.partition(":")
    try:
        found: object = getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError, ValueError) as error:
        raise UsageError(problem=f"{what!r} is not there ({error}).", mend="Write package.module:name.") from error
    if isinstance(found, Program) or is_lifecycle_class(found):
        return found
    raise UsageError(problem=f"{what!r} is no program and no lifecycle.", mend="Name one of them.")


if __name__ == "__main__":
    sys.exit(main())
