"""Source code in lines that are not too long."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, TypeAlias

from attrs import frozen

WIDTH: Final = 110
INDENT: Final = "    "


@frozen
class Group:
    """Something in brackets: a call, a list, an object. Each part has what stands before it: ``name=``, ``key: ``."""

    opening: str
    parts: Sequence[tuple[str, Code]]
    closing: str = ")"
    single: str = ""
    """What stands behind a part that stands alone: the comma of a tuple."""


Code: TypeAlias = str | Group


def flat(code: Code) -> str:
    """The code in one line."""
    if isinstance(code, str):
        return code
    inside = ", ".join(f"{before}{flat(part)}" for before, part in code.parts)
    return f"{code.opening}{inside}{code.single if len(code.parts) == 1 else ''}{code.closing}"


def lines(before: str, code: Code, indent: str = "", after: str = "") -> Iterator[str]:
    """The code in as many lines as it takes.

    Args:
        before: what stands before it in its first line.
        code: the code.
        indent: the indentation of its first line.
        after: what stands behind it in its last line.
    """
    whole = f"{indent}{before}{flat(code)}{after}"
    if isinstance(code, str) or len(whole) <= WIDTH or not code.parts:
        yield whole
        return
    yield f"{indent}{before}{code.opening}"
    for name, part in code.parts:
        yield from lines(name, part, indent + INDENT, ",")
    yield f"{indent}{code.closing}{after}"


def quoted(text: str) -> str:
    """A text as source code, in double quotes where that takes no more escapes."""
    said = repr(text)
    return f'"{said[1:-1]}"' if said[0] == "'" and '"' not in said else said


def call(function: str, *args: Code, **named: Code) -> Group:
    """A call."""
    return Group(f"{function}(", [*(("", one) for one in args), *((f"{name}=", one) for name, one in named.items())])
