"""The lifecycles of a flow in every language that somebody has asked for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import final

from attrs import evolve

from progflow.decide.kinds import Kinds
from progflow.definition.blueprint import Kind
from progflow.definition.wording import Wording
from progflow.translations import Translations


@final
class Tongues:
    """Gives the lifecycles of one flow in a language, made once for each."""

    def __init__(self, kinds: Sequence[Kind], translations: Translations) -> None:
        self._own = kinds
        self._translations = translations
        self._made: dict[tuple[str, ...], Kinds] = {}

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages that there are."""
        return self._translations.languages

    def kinds(self, language: str) -> Kinds:
        """The lifecycles as they are read in that language.

        Raises:
            UsageError: there is no catalogue in that language.
        """
        variants = self._translations.variants(language)
        if variants not in self._made:
            into = self._translations.into(variants)
            self._made[variants] = Kinds(evolve(kind, words=Wording(kind.blueprint, into)) for kind in self._own)
        return self._made[variants]
