"""Classes of phases as Markdown: what can be told before they stand in a lifecycle."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import Enum
from functools import partial
from importlib.resources.abc import Traversable
from typing import TYPE_CHECKING, Any, Final, TypeAlias, cast

import attrs

from progflow.definition import hints
from progflow.definition.bodies import is_phase_class
from progflow.definition.events import Event
from progflow.definition.lifecycle import Phase
from progflow.definition.people import Role
from progflow.definition.reading import members_of
from progflow.definition.rules import Derived, Rule
from progflow.definition.states import FINAL, OPEN, STAY, Arrow, Exit, Group, State, Without
from progflow.definition.wording import Message, Translate, called
from progflow.describe.markdown import LANGUAGES, code, table
from progflow.describe.standins import Less, Specimen, parameters_of, said_by, specimen_of, who_text
from progflow.translations import Translations

if TYPE_CHECKING:
    from typing_extensions import TypeIs

ARGS: Final = re.compile(r"^Args:\n(?P<entries>(?:[ ]+.*\n|\n)*)", re.MULTILINE)
ENTRY: Final = re.compile(r"^ {4}(?P<names>\w[\w ,]*?): (?P<text>.*(?:\n(?: {5,}.*)?)*)", re.MULTILINE)
ELSEWHERE: Final = re.compile(r"see ``\w+``(?:\.|$)")

Tongue: TypeAlias = tuple[str, Translate]
"""A language, and what gives a text in it."""


def phase_section(
    cls: type[Phase[Any]], languages: Sequence[str] = LANGUAGES, *, catalogues: Iterable[str | Traversable] = ()
) -> str:
    """A class of phases with its parameters, states, events and data.

    Where the class leaves open what its events are told, the parameter is named that says it.

    Args:
        cls: the class.
        languages: of titles, a column for each.
        catalogues: as a flow gets them.

    Raises:
        UsageError: there is no catalogue in one of the languages.
    """
    translations = Translations(catalogues)
    tongues = [(one, translations.into(translations.variants(one))) for one in languages]
    specimen = specimen_of(cls)
    event_head = ("event", *languages, "from → to", "who", "by itself", "payload")
    parts = (
        ("Parameters", table(("parameter", "type", "unless given", "what it is"), _parameter_rows(cls))),
        ("States", _states(cls, tongues)),
        ("Events", table(event_head, _event_rows(cls, specimen, tongues))),
        ("Data", _data(cls)),
    )
    about = _paragraphs(f"```python\nfrom {cls.__module__} import {cls.__name__}\n```", _text(_about(cls)))
    tabled = "\n".join(f"**{title}**\n\n{said}" for title, said in parts if said)
    return f"### {cls.__name__}\n\n{about}\n\n{tabled}"


def _paragraphs(*parts: str) -> str:
    return "\n\n".join(part.rstrip("\n") for part in parts if part)


# -- what it is for, and what it takes


def _about(cls: type[Any]) -> str:
    """The docstring up to its arguments."""
    return ARGS.split(_doc(cls))[0].strip()


def _doc(cls: type[Any]) -> str:
    return f"{inspect.cleandoc(cls.__doc__ or '')}\n"


def _text(said: str) -> str:
    """A docstring as Markdown."""
    return said.replace("``", "`")


def _line(said: str) -> str:
    return _text(" ".join(said.split()))


def _parameter_rows(cls: type[Phase[Any]]) -> Iterator[Sequence[str]]:
    texts = _argument_texts(cls)
    for name, one in parameters_of(cls).items():
        yield code(name), _type(one.annotation), _default(one.default), _line(texts.get(name, ""))


def _argument_texts(cls: type[Phase[Any]]) -> Mapping[str, str]:
    """What the docstrings of the class and its bases say of the parameters; the class itself has the last word."""
    found: dict[str, str] = {}
    for base in reversed(cls.__mro__):
        section = ARGS.search(_doc(base)) if is_phase_class(base) else None
        for entry in ENTRY.finditer(section["entries"] if section else ""):
            if not ELSEWHERE.match(entry["text"].strip()):
                found.update(dict.fromkeys(re.split(r", | and ", entry["names"]), entry["text"]))
    return found


def _type(annotation: object) -> str:
    written = annotation if isinstance(annotation, str) else inspect.formatannotation(annotation)
    return code(written.strip("\"'"))


def _default(default: object) -> str:
    if default is inspect.Parameter.empty or default is attrs.NOTHING:
        return "(required)"
    value = _value(default)
    if default is None or value in ((), "", frozenset[Any]()):
        return "nothing"
    return _said(value)


def _value(default: object) -> object:
    """The default, also where it is a derived value that is always the same."""
    if _is_derived(default):
        try:
            return default.function(None, None)
        except Exception:
            return "computed"
    return default


def _is_derived(value: object) -> TypeIs[Derived[Any, Any]]:
    return isinstance(value, Derived)


def _said(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Role):
        return value.name
    if isinstance(value, Enum):
        return code(value.name)
    if isinstance(value, tuple | list | set | frozenset):
        parts = [_said(one) for one in cast(Iterable[object], value)]
        return ", ".join(sorted(parts) if isinstance(value, set | frozenset) else parts) or "nothing"
    return str(value) if not isinstance(value, str) or value else "nothing"


# -- states


def _bases(cls: type[Any]) -> list[type[Any]]:
    """The class and its bases, without ``Phase`` itself."""
    return [base for base in cls.__mro__ if is_phase_class(base)][:-1]


def _titles(cls: type[Any], what: str, name: str, text: str, tongues: Sequence[Tongue]) -> Iterator[str]:
    contexts = tuple(f"{called(base)}.{name}" for base in _bases(cls))
    return (translate(Message(what, text, contexts, contexts[0])) for _, translate in tongues)


def _states(cls: type[Phase[Any]], tongues: Sequence[Tongue]) -> str:
    tabled = table(("state", *(language for language, _ in tongues), ""), _state_rows(cls, tongues))
    return f"{_paragraphs(tabled, *_beside_states(cls))}\n"


def _state_rows(cls: type[Phase[Any]], tongues: Sequence[Tongue]) -> Iterator[Sequence[str]]:
    for name, state in members_of(cls).items():
        if isinstance(state, State):
            kinds = {
                "begins": state.initial,
                "final": state.final,
                "resting": state.resting,
                "clock stopped": state.clock == "stopped",
            }
            titles = _titles(cls, "state", name, state.title, tongues)
            yield code(name), *titles, ", ".join(kind for kind, holds in kinds.items() if holds)


def _beside_states(cls: type[Phase[Any]]) -> Iterator[str]:
    groups = {
        name: value
        for base in reversed(_bases(cls))
        for name, value in vars(base).items()
        if isinstance(value, Group) and not name.startswith("_")
    }
    if groups:
        said = (f"{code(name)} ({', '.join(map(_source, group.__parts__()))})" for name, group in groups.items())
        yield f"Groups: {', '.join(said)}."
    exits = [name for name, member in members_of(cls).items() if isinstance(member, Exit)]
    if exits:
        yield f"Its exits are bound where it is used, by `.then(…, name=target)`: {', '.join(map(code, exits))}."
    if cls.__body__.aside:
        yield "It stands aside: `NEXT` passes over it."
    if cls.__body__.fresh:
        yield "Entered again, it begins anew with its data."


# -- events


def _event_rows(cls: type[Phase[Any]], specimen: Specimen, tongues: Sequence[Tongue]) -> Iterator[Sequence[str]]:
    for name, member in members_of(cls).items():
        if isinstance(member, Event):
            fields = member.parameters.items()
            payload = (code(key) if one.required else f"{code(key)} (optional)" for key, one in fields)
            ways, who, by_itself = (partial(render, member) for render in (_ways, _who, _by_itself))
            yield (
                code(name),
                *_titles(cls, "event", name, member.title, tongues),
                specimen.told(ways),
                specimen.told(who, where=ways),
                specimen.told(by_itself, where=ways),
                ", ".join(payload),
            )


def _ways(event: Event[Any, Any], phase: Phase[Any]) -> str:
    return "; ".join(_way(arrow) for said in event.rule.arrows for arrow in said_by(phase, said))


def _way(arrow: Arrow) -> str:
    sources = ", ".join(map(_source, arrow.sources))
    target = arrow.target
    if target is STAY:
        return f"stays in {sources}"
    if isinstance(target, Exit):
        return f"{sources} → {code(target.name)}"
    return f"{sources} → {_source(target)}"


def _source(source: object) -> str:
    if isinstance(source, State):
        return code(source.name)
    if source is OPEN:
        return "every open state"
    if source is FINAL:
        return "every final state"
    if isinstance(source, Without | Less):
        return f"{_source(source.whole)} without {_source(source.part)}"
    return str(source)


def _who(event: Event[Any, Any], phase: Phase[Any]) -> str:
    return ", ".join(map(who_text, said_by(phase, event.rule.by)))


def _by_itself(event: Event[Any, Any], phase: Phase[Any]) -> str:
    rule = event.rule
    if rule.auto:
        return "as soon as its guards hold"
    at = "".join(f"at {_asked(one)}" for one in said_by(phase, rule.at))
    after = "".join(f"after {_asked(one)}" for one in said_by(phase, rule.after))
    every = "".join(f"every {_asked(one)}" for one in said_by(phase, rule.every))
    since = "".join(f" since {_asked(one)}" for one in said_by(phase, rule.since))
    return at or (f"{after or every}{since}" if after or every else "")


def _asked(said: object) -> str:
    return code(said.name) if _is_rule(said) else str(said)


def _is_rule(value: object) -> TypeIs[Rule[Any]]:
    return isinstance(value, Rule)


# -- data


def _data(cls: type[Phase[Any]]) -> str:
    of = hints.type_argument(cls, Phase)
    if not isinstance(of, type) or not attrs.has(of):
        return "" if of in (None, type(None)) else f"{_type(of)}\n"
    written = {name: one for base in reversed(of.__mro__) for name, one in inspect.get_annotations(base).items()}
    rows = (
        (code(one.name), _type(written.get(one.name, one.type)), _default(_begins_as(one.default)))
        for one in attrs.fields(of)
    )
    about = _text(inspect.cleandoc(of.__doc__ or ""))
    return _paragraphs(f"{code(of.__name__)}: {about}", table(("field", "type", "begins as"), rows)) + "\n"


def _begins_as(default: Any) -> object:
    factory: Any = getattr(default, "factory", None)
    return default if factory is None or default.takes_self else factory()
