"""Titles and reasons in other languages, from gettext catalogues.

A catalogue is ``<directory>/<language>/LC_MESSAGES/progflow.mo``. progflow brings one for what it ships; a host gives
its own with ``Flow(…, catalogues=["locale"])``, and where both say something, the host's counts. The author's sentence
is the key, so that a sentence that has changed is read in its author's words until somebody has translated it anew.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable, Sequence
from gettext import GNUTranslations, NullTranslations
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Final, final

from progflow.definition.wording import Message, Translate, authors_words
from progflow.errors import UsageError

DOMAIN: Final = "progflow"
"""The name of the catalogues."""

ENGLISH: Final = "en"
"""What progflow itself is written in, and therefore there without a catalogue."""


class _Silence(NullTranslations):
    """Tells "no translation" from one that is the same as the text."""

    def pgettext(self, context: str, message: str) -> str:
        return ""


@final
class Translations:
    """The catalogues of a flow, and the languages that they have.

    Args:
        catalogues: directories of the host, the first before the others.

    Raises:
        UsageError: one of them holds no catalogue.
    """

    def __init__(self, catalogues: Iterable[str | Traversable] = ()) -> None:
        own = [Path(where) if isinstance(where, str) else where for where in catalogues]
        for where in own:
            if not _languages(where):
                problem = f"There is no catalogue below {where}."
                mend = f"Compile one to {where}/<language>/LC_MESSAGES/{DOMAIN}.mo."
                raise UsageError(problem=problem, mend=mend)
        self._places: Final[Sequence[Traversable]] = (*own, resources.files("progflow") / "locale")
        found = {language for where in self._places for language in _languages(where)}
        self.languages: Final = tuple(sorted({ENGLISH, *found}))

    def variants(self, language: str) -> tuple[str, ...]:
        """The languages to look into for that one: a regional one (``de-AT``), and then the language itself.

        Raises:
            UsageError: no catalogue is in that language.
        """
        wanted = language.replace("-", "_")
        found = tuple(one for one in dict.fromkeys((wanted, wanted.partition("_")[0])) if one in self.languages)
        if not found:
            problem = f"There is no catalogue in {language!r}."
            raise UsageError(problem=problem, mend=f"There are: {', '.join(self.languages)}.")
        return found

    def into(self, variants: Sequence[str]) -> Translate:
        """What gives a text in the first of these languages that has it, else in its author's words.

        Raises:
            UsageError: a catalogue cannot be read.
        """
        find = self.finder(variants)
        return authors_words if find is None else lambda message: find(message) or message.text

    def finder(self, variants: Sequence[str]) -> Callable[[Message], str | None] | None:
        """What finds a translation, None where there is none; None itself if there is no catalogue to look into."""
        there = [_file(where, variant) for variant in variants for where in self._places]
        catalogues = [_read(file) for file in there if file.is_file()]
        if not catalogues:
            return None

        def find(message: Message) -> str | None:
            for catalogue in catalogues:
                for context in message.contexts:
                    said = catalogue.pgettext(context, message.text)
                    if said:
                        return said
            return None

        return find


def _file(where: Traversable, language: str) -> Traversable:
    return where / language / "LC_MESSAGES" / f"{DOMAIN}.mo"


def _languages(where: Traversable) -> list[str]:
    if not where.is_dir():
        return []
    return [one.name for one in where.iterdir() if _file(where, one.name).is_file()]


def _read(file: Traversable) -> GNUTranslations:
    try:
        with file.open("rb") as opened:
            catalogue = GNUTranslations(opened)
    except (OSError, ValueError, LookupError, struct.error) as error:
        problem = f"The catalogue {file} cannot be read ({error})."
        raise UsageError(problem=problem, mend="Compile it anew.") from error
    catalogue.add_fallback(_Silence())
    return catalogue
