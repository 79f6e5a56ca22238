"""Texts: those that are known in the situation, and some that nobody thinks of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from hypothesis import strategies as st

from progflow.errors import is_text
from progflow.testing.chance import Chance
from progflow.testing.values.known import Here, Impossible, Plan, preferred
from progflow.testing.values.limits import Limits

WORDS: Final = ("north", "south", "garden", "bridge", "lamp", "x")
ODD: Final = (
    "Grünäcker",
    "l'étage",
    "🌱 garden",
    " north ",
    "NORTH",
    "0",
    "two\nlines",
    '50 % of "a" & <b>',
    "{north}",
    " ",
    "",
    "a long text, " * 8,
)
KEEPABLE: Final = st.characters(exclude_categories=["Cs"], exclude_characters="\0")


def text_plan(path: str, limits: Limits) -> Plan:
    """Texts as long as they have to be, or of the form that they have to have."""
    if limits.patterns:
        return _matching(path, limits)
    low, high = limits.lengths
    if high is not None and high < low:
        raise Impossible(f"no text is at least {low} and at most {high} long")

    def fits(text: str) -> bool:
        return low <= len(text) and (high is None or len(text) <= high)

    words = tuple(filter(fits, WORDS)) or (_as_long_as(max(low, min(1, high or 0))),)
    ends = [_as_long_as(length) for length in (low, high) if length is not None and 0 < length <= 10_000]
    odd = tuple(filter(fits, (*ODD, *ends))) or words

    def draw(chance: Chance, here: Here) -> str:
        offered = here.known.texts(path) or words
        agreed = here.agreed_text(chance, offered)
        if agreed is not None and fits(agreed):
            return agreed
        if chance.often(20):
            return chance.one_of(odd if chance.often(50) else words)
        text = preferred(chance, offered)
        return text if fits(text) else preferred(chance, words)

    return draw


def _as_long_as(length: int) -> str:
    return ("north" * (length // 5 + 1))[:length]


def _matching(path: str, limits: Limits) -> Plan:
    strategy = st.from_regex(limits.patterns[0], fullmatch=True, alphabet=KEEPABLE).filter(is_text)
    if len(limits.patterns) > 1 or limits.constraints:
        strategy = strategy.filter(lambda text: limits.problem(text) is None)

    def draw(chance: Chance, here: Here) -> str:
        if not chance.often(20):
            offered = [text for text in here.known.texts(path) if limits.problem(text) is None]
            if offered:
                return preferred(chance, offered)
        return chance.drawn(strategy)

    return draw


def uuid_plan(path: str) -> Plan:
    """UUIDs that are known as texts, or one of a few, so that they meet again; rarely any."""

    def draw(chance: Chance, here: Here) -> UUID:
        if chance.often(10):
            return UUID(int=chance.integer(0, 2**128 - 1), version=4)
        offered = () if chance.often(30) else _uuids(here.known.texts(path))
        return preferred(chance, offered) if offered else UUID(int=chance.integer(1, 4), version=4)

    return draw


def _uuids(texts: Sequence[str]) -> Sequence[UUID]:
    found: list[UUID] = []
    for text in texts:
        if len(text) >= 32:
            try:
                found.append(UUID(text))
            except ValueError:
                continue
    return found
