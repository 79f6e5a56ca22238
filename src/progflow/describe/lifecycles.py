"""Lifecycles as Mermaid diagrams and tables."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from importlib.resources.abc import Traversable
from typing import Any, TypeAlias

from progflow._machine import diagram_of, sources_of
from progflow.definition.blueprint import Blueprint, BoundRule, EventSpec
from progflow.definition.lifecycle import Lifecycle, blueprint_of
from progflow.definition.wording import Wording
from progflow.describe.markdown import LANGUAGES, code, table
from progflow.translations import Translations

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
        ("States", table(("state", *languages, ""), state_rows(blueprint, tongues))),
        ("Events", table(event_head, _event_rows(blueprint, tongues))),
        ("Reasons", table(("guard", *languages, "stands before"), _guard_rows(blueprint, tongues))),
        ("What always holds", table(("invariant", *languages), _invariant_rows(blueprint, tongues))),
    )
    return "\n".join(f"### {title}\n\n{rows}" for title, rows in parts if rows)


def chapter(lifecycle: type[Lifecycle[Any]], languages: Sequence[str], catalogues: Sequence[str | Traversable]) -> str:
    """A lifecycle with its diagram and tables, as it stands in a generated section."""
    titles = " / ".join(dict.fromkeys(words.title() for _, words in _tongues(lifecycle, languages, catalogues)))
    diagram = mermaid(lifecycle, languages[0], catalogues=catalogues)
    tabled = tables(lifecycle, languages, catalogues=catalogues)
    return f"## {blueprint_of(lifecycle).name}\n\n{titles}.\n\n```mermaid\n{diagram}```\n\n{tabled}"


# -- the parts of a page


def _tongues(
    lifecycle: type[Lifecycle[Any]], languages: Sequence[str], catalogues: Iterable[str | Traversable]
) -> list[Tongue]:
    blueprint, translations = blueprint_of(lifecycle), Translations(catalogues)
    return [(one, Wording(blueprint, translations.into(translations.variants(one)))) for one in languages]


def state_rows(blueprint: Blueprint, tongues: Sequence[Tongue]) -> Iterator[Sequence[str]]:
    """The states: path, a title in each language, and what is special about it."""
    for path, state in blueprint.states.items():
        kinds = {
            "begins": state.initial,
            "final": state.final,
            "resting": state.resting,
            "clock stopped": state.stopped,
        }
        titles = (words.label(path) for _, words in tongues)
        yield code(path), *titles, ", ".join(kind for kind, holds in kinds.items() if holds)


def _event_rows(blueprint: Blueprint, tongues: Sequence[Tongue]) -> Iterator[Sequence[str]]:
    for event in blueprint.events.values():
        titles = (words.event(event) for _, words in tongues)
        who = ", ".join(tongues[0][1].who(event))
        payload = ", ".join(
            code(name) if field.required else f"{code(name)} (optional)" for name, field in event.parameters.items()
        )
        yield code(event.path), *titles, "; ".join(ways(blueprint, event)), who, by_itself(event), payload


def ways(blueprint: Blueprint, event: EventSpec) -> Iterator[str]:
    """The arrows of an event, those to one target together."""
    if event.starts is not None:
        yield f"(start) → {code(event.starts)}"
    for target in dict.fromkeys(event.targets.values()):
        sources = frozenset(source for source, to in event.targets.items() if to == target)
        every = sources == blueprint.open_states and len(sources) > 1
        said = "every open state" if every else ", ".join(map(code, sources_of(blueprint, event, target)))
        yield f"{said} → {code(target)}" if target is not None else f"stays in {said}"


def by_itself(event: EventSpec) -> str:
    """When an event fires without a person; empty if it does not."""
    if event.auto:
        return "as soon as its guards hold"
    parts = (
        "" if event.at is None else f"at {code(event.at.code)}",
        "" if event.after is None else f"after {_length(event.after)}",
        "" if event.every is None else f"every {_length(event.every)}",
    )
    said = ", then ".join(part for part in parts if part)
    return said if event.since is None else f"{said} since {code(event.since.code)}"


def _length(said: object) -> str:
    return code(said.code) if isinstance(said, BoundRule) else str(said)


def _guard_rows(blueprint: Blueprint, tongues: Sequence[Tongue]) -> Iterator[Sequence[str]]:
    guards: dict[str, BoundRule] = {}
    before: dict[str, list[str]] = {}
    for event in blueprint.events.values():
        for bound in event.guards:
            guards[bound.code] = bound
            before.setdefault(bound.code, []).append(code(event.path))
    for name, bound in guards.items():
        yield code(name), *(words.rule(bound) for _, words in tongues), ", ".join(before[name])


def _invariant_rows(blueprint: Blueprint, tongues: Sequence[Tongue]) -> Iterator[Sequence[str]]:
    for bound in blueprint.invariants:
        yield code(bound.code), *(words.rule(bound) for _, words in tongues)
