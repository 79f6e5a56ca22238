"""What the host has answered, as a class to paste."""

from __future__ import annotations

import inspect
import typing
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Any

from progflow.testing.overhearing import Answer
from progflow.testing.snippets.layout import INDENT, Code, Group, call, lines
from progflow.testing.snippets.naming import Names
from progflow.testing.snippets.values import code_of


def answerers(answers: Iterable[Answer], names: Names) -> tuple[Sequence[str], Code | None]:
    """Classes that answer for the host, and the value of ``facts=``; no value where nobody was asked."""
    asked: dict[Any, dict[str, list[Answer]]] = {}
    for answer in answers:
        known = asked.setdefault(answer.protocol, {}).setdefault(answer.method, [])
        if all(one.asked != answer.asked for one in known):
            known.append(answer)
    written: list[str] = []
    facts: list[tuple[str, Code]] = []
    for protocol, methods in asked.items():
        name = f"{protocol.__name__}Says"
        written += ["", "", f"class {name}:", f'{INDENT}"""What the host says in this story."""']
        for method, known in methods.items():
            written += ["", *_method(protocol, method, known, names)]
        facts.append((f"{names.of(protocol)}: ", call(name)))
    return written, Group("{", facts, "}") if facts else None


def _method(protocol: Any, method: str, answers: Sequence[Answer], names: Names) -> Iterator[str]:
    function = getattr(protocol, method)
    hints = _hints(function)
    parameters = list(inspect.signature(function).parameters.values())
    said = [parameters[0].name]
    for before, one in pairwise(parameters):
        if one.kind is one.KEYWORD_ONLY and before.kind not in (one.KEYWORD_ONLY, one.VAR_POSITIONAL):
            said.append("*")
        stars = "*" if one.kind is one.VAR_POSITIONAL else "**" if one.kind is one.VAR_KEYWORD else ""
        default = "" if one.default is one.empty else f" = {one.default!r}"
        said.append(f"{stars}{one.name}: {_type(hints.get(one.name, Any), names)}{default}")
    yield f"{INDENT}def {method}({', '.join(said)}) -> {_type(hints.get('return', Any), names)}:"
    yield from _body([one.name for one in parameters[1:]], answers, names)


def _body(parameters: Sequence[str], answers: Sequence[Answer], names: Names) -> Iterator[str]:
    indent = INDENT * 2
    if not parameters or all(one.answer == answers[0].answer for one in answers):
        yield from lines("return ", code_of(answers[0].answer, names), indent)
        return
    asked = f"({', '.join(parameters)})" if len(parameters) > 1 else parameters[0]
    questions = [(_question(parameters, one, names), one.answer) for one in answers]
    if all(isinstance(answer, bool) for _, answer in questions):
        yes = [("", question) for question, answer in questions if answer]
        yield from lines(f"return {asked} in ", Group("[", yes, "]"), indent)
        return
    yield f"{indent}asked = {asked}"
    for question, answer in questions:
        yield from lines("if asked == ", question, indent, ":")
        yield from lines("return ", code_of(answer, names), indent + INDENT)
    yield f'{indent}raise LookupError(f"Nobody asked this before: {{asked}}")'


def _question(parameters: Sequence[str], answer: Answer, names: Names) -> Code:
    values = [code_of(answer.asked.get(name), names) for name in parameters]
    return values[0] if len(values) == 1 else Group("(", [("", value) for value in values])


def _hints(function: Any) -> dict[str, Any]:
    try:
        return typing.get_type_hints(function)
    except Exception:
        return {}


def _type(hint: Any, names: Names) -> str:
    """The type where it is a plain class; whoever pastes it knows the others better."""
    if hint is None or hint is type(None):
        return "None"
    if isinstance(hint, type) and not typing.get_args(hint):
        return names.of(hint)
    return names.imported("typing", "Any")
