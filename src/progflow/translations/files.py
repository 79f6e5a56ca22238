"""Catalogues as files: ``.pot`` and ``.po`` for translators, ``.mo`` for the program. The only home of Babel."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from string import Formatter
from typing import Any, Final

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from progflow.definition.lifecycle import Lifecycle, Program
from progflow.definition.wording import Message
from progflow.errors import Fault, UsageError
from progflow.translations import DOMAIN, ENGLISH, Translations
from progflow.translations.messages import engine_messages, messages_of

HEADER: Final = """\
# Titles and reasons: the context of each is the class and the member that say it.
msgid ""
msgstr ""
"Language: {language}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"

"""

NO_DATE: Final = datetime(1970, 1, 1, tzinfo=UTC)
"""When a compiled file was made, as it says: the same source gives the same file."""

WIDTH: Final = 110
"""How long a line of a catalogue gets."""


def template(*definitions: Program | type[Lifecycle[Any]]) -> str:
    """The messages of your own programs as the text of a ``.pot`` file.

    What progflow translates itself (the phases and programs that it ships) is left out.
    """
    return _text(_catalogue(own_messages(*definitions)))


def own_messages(*definitions: Program | type[Lifecycle[Any]]) -> tuple[Message, ...]:
    """What people read of these definitions and no catalogue of progflow's says."""
    translations = Translations()
    finders = [translations.finder((one,)) for one in translations.languages if one != ENGLISH]
    return tuple(
        message
        for message in messages_of(*definitions)
        if not finders or any(find is None or find(message) is None for find in finders)
    )


def refresh(directory: str | Path, language: str, *definitions: Program | type[Lifecycle[Any]]) -> Path:
    """Bring the catalogue of a language up to date: new messages empty, those that are no more kept as comments.

    What you say in your own way under a more specific context, or of what progflow ships, is kept as long as one of
    these lifecycles says it there.

    Args:
        directory: what a flow is given as one of its ``catalogues``.
        language: as in ``"de"``.
        *definitions: the programs and lifecycles whose messages it holds.

    Returns:
        The ``.po`` file, to be filled in by hand and compiled with ``compiled``.
    """
    read = (*messages_of(*definitions), *engine_messages())
    return merged(directory, language, own_messages(*definitions), read)


def merged(directory: str | Path, language: str, offered: Iterable[Message], read: Iterable[Message]) -> Path:
    """The same for these messages: those that are offered for translation, and all that are read."""
    file = Path(directory) / language / "LC_MESSAGES" / f"{DOMAIN}.po"
    catalogue = _read(file, language) if file.exists() else _catalogue((), language)
    wanted = _catalogue(offered)
    for message, context in _said_their_own_way(catalogue, read):
        if wanted.get(message.text, context) is None:
            wanted.add(message.text, context=context, auto_comments=[f"{message.what}, said in its own way"])
    catalogue.update(wanted, no_fuzzy_matching=True)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(_text(catalogue), encoding="utf-8")
    return file


def compiled(directory: str | Path) -> tuple[Path, ...]:
    """Compile every ``progflow.po`` below a directory to the ``.mo`` beside it, and give these files.

    Raises:
        UsageError: there is none, or a translation names a value that its message does not have; with all of them.
    """
    sources = sorted(Path(directory).glob(f"*/LC_MESSAGES/{DOMAIN}.po"))
    if not sources:
        mend = f"Write {directory}/<language>/LC_MESSAGES/{DOMAIN}.po first."
        raise UsageError(problem=f"There is no catalogue below {directory}.", mend=mend)
    contents = {source.with_suffix(".mo"): binary(source) for source in sources}
    for file, content in contents.items():
        file.write_bytes(content)
    return tuple(contents)


def binary(source: Path) -> bytes:
    """What a ``.po`` file compiles to.

    Raises:
        UsageError: a translation names a value that its message does not have; with all of them.
    """
    catalogue = _read(source, source.parent.parent.name)
    faults = list(_faults(catalogue))
    if faults:
        problem = f"{source} cannot be compiled: " + " ".join(map(str, faults))
        raise UsageError(problem=problem, mend="Name the values of the message.")
    catalogue.creation_date = catalogue.revision_date = NO_DATE
    content = BytesIO()
    write_mo(content, catalogue)
    return content.getvalue()


def _catalogue(messages: Iterable[Message], language: str | None = None) -> Catalog:
    catalogue = Catalog(locale=language, fuzzy=False)
    for message in messages:
        catalogue.add(message.text, context=message.home, auto_comments=[message.what])
    return catalogue


def _said_their_own_way(catalogue: Catalog, read: Iterable[Message]) -> Iterator[tuple[Message, str]]:
    """The messages that a catalogue says under contexts in which nobody offered them, and these contexts."""
    for message in read:
        for context in message.contexts:
            there = catalogue.get(message.text, context)
            if there is not None and there.string:
                yield message, context


def _text(catalogue: Catalog) -> str:
    # A header of our own: dates and names in it would change the file where nothing has changed.
    content = BytesIO()
    write_po(content, catalogue, width=WIDTH, omit_header=True)
    language = catalogue.locale_identifier or ""
    return HEADER.format(language=language) + content.getvalue().decode().rstrip() + "\n"


def _read(file: Path, language: str) -> Catalog:
    with file.open("rb") as opened:
        return read_po(opened, locale=language)


def _faults(catalogue: Catalog) -> Iterator[Fault]:
    for message in catalogue:
        if isinstance(message.id, str) and message.id and isinstance(message.string, str) and message.string:
            try:
                known, said = _values(message.id), _values(message.string)
            except ValueError as error:
                yield Fault(f"{message.context} “{message.string}”", f"has stray braces ({error}).", "Close them.")
                continue
            for name in sorted(said - known):
                problem = f"names {{{name}}}, which “{message.id}” does not have."
                yield Fault(f"{message.context} “{message.string}”", problem, f"It has: {', '.join(known) or 'none'}.")


def _values(sentence: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(sentence) if name is not None}
