"""A rule sheet: all that is a rule, as a document that a person reads and signs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from importlib.resources.abc import Traversable
from typing import Any, Final

from progflow.definition.blueprint import Blueprint
from progflow.definition.lifecycle import Lifecycle, Program, blueprint_of
from progflow.definition.wording import Wording
from progflow.describe.markdown import code, table
from progflow.testing.rule_sheets.bodies import Bodies, Project, Reached
from progflow.testing.rule_sheets.data import classes_of, data_section
from progflow.testing.rule_sheets.lifecycles import LifecycleSheet
from progflow.testing.rule_sheets.words import Words
from progflow.translations import ENGLISH, Translations

ABOUT: Final = (
    "The column *body* is a fingerprint of the code behind a rule: it changes when the code of the rule changes, and "
    "whoever signs the sheet then looks at the rule again."
)


def rule_sheet(
    definition: type[Lifecycle[Any]] | Program,
    *,
    language: str | None = None,
    catalogues: Iterable[str | Traversable] = (),
) -> str:
    """All rules of a lifecycle or program as one Markdown document, every rule in a row of its own.

    What a rule does cannot be said in words; its fingerprint stands for it. It is made of its source without comments,
    docstrings, formatting and annotations, and of the functions, classes and values of the same project that it looks
    up by name, as far as that can be told without running it. It is the same in every process and version of Python;
    only for a function without a source, as one typed into a shell, it depends on the version.

    Args:
        definition: a lifecycle or a program.
        language: of titles and reasons; None for those of the author.
        catalogues: as a flow gets them.

    Raises:
        UsageError: there is no catalogue in that language.
    """
    lifecycles = definition.lifecycles if isinstance(definition, Program) else (definition,)
    blueprints = [blueprint_of(lifecycle) for lifecycle in lifecycles]
    project, reached = Project(_classes(blueprints)), Reached()
    classes = classes_of(blueprints, project)
    project.told = frozenset(classes)
    translations = Translations(catalogues)
    translate = translations.into(translations.variants(language or ENGLISH)) if language else None
    head = f"# The rules of {definition.name if isinstance(definition, Program) else blueprints[0].name}\n\n{ABOUT}\n"
    if isinstance(definition, Program):
        head += f"\nDays are counted in {definition.zone}.\n"
    parts = [head]
    for blueprint in blueprints:
        bodies = Bodies(project, reached, blueprint.definition)
        wording = Wording(blueprint) if translate is None else Wording(blueprint, translate)
        parts.append(str(LifecycleSheet(blueprint, wording, bodies, Words(bodies))))
    bodies = Bodies(project, reached)
    if classes:
        parts.append(f"## Data\n\n{data_section(classes, bodies, Words(bodies))}")
    functions = table(("function", "body"), ((code(name), body) for name, body in reached.rows(bodies)))
    if functions:
        parts.append(f"## Functions that rules call\n\n{functions}")
    return "\n".join(parts)


def _classes(blueprints: Iterable[Blueprint]) -> Iterator[type[Any]]:
    for blueprint in blueprints:
        yield blueprint.lifecycle
        yield from (type(spec.phase) for spec in blueprint.phases.values())
