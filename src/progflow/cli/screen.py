"""What the demo prints, on whatever there is to print on."""

from __future__ import annotations

import codecs
import sys
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from io import TextIOWrapper
from typing import Final, cast

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from progflow import Blocker, Entry

PLAIN: Final = {
    "ä": "ae",
    "ö": "oe",
    "ü": "ue",
    "Ä": "Ae",
    "Ö": "Oe",
    "Ü": "Ue",
    "ß": "ss",
    "“": '"',
    "”": '"',
    "→": "->",
    "–": "-",
    "…": "...",
    "·": "-",
    "§": "Sec.",
}
"""How to write what a terminal may lack."""


SPELL_OUT: Final = "progflow-spell-out"
"""The name of our way to deal with letters that an encoding lacks."""

NARROW: Final = 70
"""With fewer columns a table is no longer readable."""


def day(when: date) -> str:
    """A day as it is written in Germany, 15.08.2022."""
    return f"{when:%d.%m.%Y}"


def _spell_out(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeEncodeError)
    missing = error.object[error.start : error.end]
    return "".join(PLAIN.get(letter, "?") for letter in missing), error.end


def writable() -> None:
    """Let standard output spell out what its encoding lacks, rather than fail."""
    codecs.register_error(SPELL_OUT, _spell_out)
    out: object = sys.stdout
    if isinstance(out, TextIOWrapper):
        cast(TextIOWrapper, out).reconfigure(errors=SPELL_OUT)


class Screen:
    """Chapters, steps, refusals and tables.

    Args:
        wait: called after each chapter, for a person who wants to read at leisure.
    """

    def __init__(self, *, wait: Callable[[], None] | None = None) -> None:
        writable()
        self._console = Console(highlight=False, emoji=False, soft_wrap=False)
        self._wait = wait
        self._chapters = 0

    def opening(self, title: str, text: str) -> None:
        """What this is about to be."""
        self._console.print(self._text(title, style="bold"))
        self._console.print(self._text(text))

    def chapter(self, when: date, title: str) -> None:
        """A new scene."""
        if self._wait is not None and self._chapters:
            self._wait()
        self._chapters += 1
        self._console.print()
        heading = self._text(f"{day(when)}  {title}", style="bold cyan")
        if self._console.width < NARROW:  # a rule would cut its title off
            self._console.print(heading)
        else:
            self._console.rule(heading, align="left")

    def tell(self, text: str) -> None:
        """A sentence."""
        self._console.print(Padding(self._text(text), (0, 0, 0, 2), expand=False))

    def steps(self, lines: Sequence[tuple[str, Entry]], *, most: int = 6) -> None:
        """Steps that cases have made, each with the name of the case; what came by itself is marked."""
        for name, entry in lines[:most]:
            text = self._text(name, style="bold")
            title = entry.title if entry.event != "start" else "Begin"
            text.append_text(self._text(f": {title} → ", style="not bold"))
            text.append_text(self._text(entry.after_title, style="not bold green"))
            alone = entry.caused_by is not None or entry.due is not None
            self._marked("by itself" if alone else "", text)
        if len(lines) > most:
            self._marked("", self._text(f"… and {len(lines) - most} more like these", style="dim"))

    def refusal(self, who: str, what: str, reasons: Iterable[Blocker], *, mark: str = "refused") -> None:
        """Who wanted what, and every reason why not."""
        self._marked(mark, self._text(f"{who}: {what}"), style="red")
        for reason in reasons:
            self._marked("", self._text(f"because: {_with_days(reason)}", style="yellow"))

    def facts(self, *rows: tuple[str, str]) -> None:
        """Names and values side by side."""
        table = Table.grid(padding=(0, 2))
        for name, value in rows:
            table.add_row(self._text(name, style="dim"), self._text(value, style="bold"))
        self._console.print(Padding(table, (0, 0, 0, 13), expand=False))

    def table(self, title: str, heads: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
        """A table of short texts; on a narrow screen a line for each row, so that nothing is cut in the middle."""
        self._console.print()
        if self._console.width < NARROW:
            self._console.print(self._text(title, style="bold"))
            for row in rows:
                self._console.print(self._text(" · ".join(filter(None, row))))
            return
        table = Table(title=self._text(title), title_justify="left", title_style="bold")
        for head in heads:
            table.add_column(self._text(head), overflow="fold")
        for row in rows:
            table.add_row(*map(self._text, row))
        self._console.print(table)

    def gap(self) -> None:
        """An empty line."""
        self._console.print()

    def line(self, text: str) -> None:
        """A line that is never broken, for a path or a command to copy."""
        self._console.print(self._text(text, style="bold"), soft_wrap=True)

    def _marked(self, mark: str, text: Text, *, style: str = "dim") -> None:
        """A word in the margin, and text that stays clear of the margin when it wraps."""
        row = Table.grid(padding=(0, 2))
        row.add_column(min_width=9, no_wrap=True)
        row.add_column()
        row.add_row(self._text(mark, style=style), text)
        self._console.print(Padding(row, (0, 0, 0, 2), expand=False))

    def _text(self, text: str, style: str = "") -> Text:
        """The text in letters that the terminal has, so that lines are as long as they look."""
        encoding = self._console.encoding
        return Text(text.encode(encoding, SPELL_OUT).decode(encoding), style=style)


def _with_days(reason: Blocker) -> str:
    """The sentence with its days written as everywhere else on this screen."""
    text = reason.text
    for value in reason.parameters.values():
        if isinstance(value, date):
            text = text.replace(value.isoformat(), day(value))
    return text
