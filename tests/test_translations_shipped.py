"""What progflow ships speaks German: nothing is missing, nothing is left over, and people read it where they work."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

import progflow
from progflow import Flow, Refused
from progflow.translations.files import binary
from progflow.translations.shipped import shipped_messages

LOCALE = Path(progflow.__file__).parent / "locale"
LANGUAGES = ("de", "en")


def catalogue_in(language: str) -> Catalog:
    with (LOCALE / language / "LC_MESSAGES" / "progflow.po").open("rb") as opened:
        return read_po(opened, locale=language)


def test_everything_that_ships_has_a_german_translation() -> None:
    """Phases, programmes, roles, words, and what the engine says; ``python -m progflow.translations`` adds what is new."""
    german = catalogue_in("de")
    said = {(one.context, one.id): one for one in german if one.id and not one.fuzzy}
    missing = [
        (message.home, message.text)
        for message in shipped_messages()
        if (found := said.get((message.home, message.text))) is None or not str(found.string).strip()
    ]
    assert missing == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_translation_is_left_of_what_is_no_more(language: str) -> None:
    read = {(context, message.text) for message in shipped_messages() for context in message.contexts}
    catalogue = catalogue_in(language)
    left = [(one.context, one.id) for one in catalogue if one.id and (one.context, one.id) not in read]
    assert left == []
    assert [(one.context, one.id) for one in catalogue.obsolete.values()] == []
    assert [(one.context, one.id) for one in catalogue if one.id and (one.fuzzy or not one.string)] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_ships_compiled_is_byte_for_byte_what_its_source_compiles_to(language: str) -> None:
    source = LOCALE / language / "LC_MESSAGES" / "progflow.po"
    assert source.with_suffix(".mo").read_bytes() == binary(source)


def test_an_english_entry_is_there_only_where_somebody_says_it_otherwise_than_its_author() -> None:
    assert [one.id for one in catalogue_in("en") if one.id and one.string == one.id] == []
