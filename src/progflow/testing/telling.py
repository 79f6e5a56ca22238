"""A story as numbered lines in the program's own words: when, who, what with which payload, and where it led.

::

    1. 2026-03-02 09:00  emp-1 (anyone)  JobShadowing: Ask for a stay (department: "Archive", starts: 2026-04-01) → requested
    2. 2026-03-02 09:00  hr-1 (hr)       JobShadowing: Agree to the stay → approved
    3. 2026-03-02 09:00  emp-1           JobShadowing: Decline, and say why – refused: Only for: hr.
    4. 2026-04-01 00:00  by itself       JobShadowing: The stay begins → running
"""  # noqa: E501  # a line of a story is as long as what it tells

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final, Self, TypeAlias, cast, final
from zoneinfo import ZoneInfo

from attrs import field, frozen

from progflow.definition.blueprint import START_WITH_DATA, Kind
from progflow.definition.people import Actor
from progflow.definition.wording import Says
from progflow.errors import CascadeRefused, ProgflowError, Refused
from progflow.flow.answers import Entry

LONGEST: Final = 200
"""How many characters of a payload are told."""

LONGEST_TEXT: Final = 50
"""How many characters of one text in it."""

WIDEST: Final = 32
"""How many columns the people take at most; a longer one moves its line to the right."""


@final
@frozen
class Refusal:
    """A command that came to nothing. Nothing has changed.

    Args:
        error: what it ended with: ``Refused`` with its reasons, or any other error, also one that a rule raised.
        actor: whose command it was.
        event: the event as errors name it: ``"JobShadowing.decline"``.
        title: the event as people read it.
        at: when, aware, in the program's zone.
        case: the id of the case, None where one was to begin.
        payload: plain data, None where it is not known.
    """

    error: Exception
    actor: Actor
    event: str
    title: str
    at: datetime
    case: str | None = None
    payload: Mapping[str, object] | None = field(default=None, hash=False)

    @classmethod
    def of(
        cls,
        kind: Kind,
        event: str,
        error: Exception,
        actor: Actor,
        at: datetime,
        *,
        case: str | None = None,
        payload: Mapping[str, object] | None = None,
    ) -> Self:
        """The same, its title in the words of the lifecycle, its time in the zone of the program."""
        spec, words = kind.blueprint.events.get(event), kind.words
        begin = words.says(Says.BEGIN) if event == START_WITH_DATA else event
        title = begin if spec is None else words.event(spec)
        at = at.astimezone(ZoneInfo(kind.zone))
        return cls(error, actor, f"{kind.blueprint.name}.{event}", title, at, case, payload)


@final
@frozen
class Remark:
    """Anything else that belongs into a story: that time passes, what the host's facts say now.

    Args:
        at: when, aware, in the program's zone.
        text: what there is to say.
        who: whose doing it is, None for nobody's.
    """

    at: datetime
    text: str
    who: str | None = None


Told: TypeAlias = Entry | Refusal | Remark
"""What makes one line of a story."""


def tell(story: Iterable[Told], *, names: Mapping[str, str] | None = None) -> str:
    """The story as numbered lines.

    Args:
        story: its steps, refusals and remarks, in their order.
        names: what to call cases, by their ids. The others are called by their lifecycles, and numbered in the order
            in which they come up where there are several.
    """
    told = tuple(story)
    called = names_of(told) | dict(names or {})
    rows = [(_time(one), _who(one, called), _what(one, called)) for one in told]
    times = max((len(time) for time, _, _ in rows), default=0)
    width = min(WIDEST, max((len(who) for _, who, _ in rows), default=0))
    digits = len(str(len(rows)))
    return "\n".join(
        _printable(f"{number:>{digits}}. {time:<{times}}  {who:<{width}}  {' '.join(what.splitlines())}")
        for number, (time, who, what) in enumerate(rows, 1)
    )


def names_of(story: Iterable[Told]) -> dict[str, str]:
    """What the cases of a story are called, by their ids: ``Edition``, ``Mentee 1``, ``Mentee 2``."""
    found: dict[str, dict[str, None]] = {}
    for one in story:
        if isinstance(one, Entry):
            found.setdefault(one.lifecycle.rpartition(".")[2], {})[one.case] = None
    return {
        case: kind if len(cases) == 1 else f"{kind} {number}"
        for kind, cases in found.items()
        for number, case in enumerate(cases, 1)
    }


def in_words(payload: Mapping[str, object]) -> str:
    """A payload as people read it: ``department: "Archive", starts: 2026-04-01``."""
    return _printable(shortened(", ".join(f"{name}: {_value(value)}" for name, value in payload.items())))


def shortened(text: str, longest: int = LONGEST) -> str:
    """The text up to so many characters."""
    return text if len(text) <= longest else text[: longest - 1] + "…"


def reasons_of(error: Exception) -> str:
    """Why something came to nothing, in one sentence or several."""
    if isinstance(error, ExceptionGroup):
        return reasons_of(cast("ExceptionGroup[Exception]", error).exceptions[0])
    if not isinstance(error, ProgflowError):
        return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    if not isinstance(error, Refused):
        return str(error)
    texts = " ".join(reason.text for reason in error.reasons)
    return f"{' → '.join(error.chain)}: {texts}" if isinstance(error, CascadeRefused) else texts


def at_minute(when: datetime) -> str:
    """A time as stories tell it; seconds only where there are any."""
    return f"{when:%Y-%m-%d %H:%M:%S}" if when.second or when.microsecond else f"{when:%Y-%m-%d %H:%M}"


def _time(one: Told) -> str:
    return at_minute(one.at)


def _who(one: Told, names: Mapping[str, str]) -> str:
    if isinstance(one, Remark):
        return one.who or ""
    if isinstance(one, Refusal):
        roles = ", ".join(sorted(role.name for role in one.actor.roles))
        return f"{one.actor.id} ({roles})" if roles else one.actor.id
    if one.due is not None:
        return "by itself"
    if one.caused_by is not None:
        cause = one.caused_by.partition("#")[0]
        return "by itself" if cause == one.case or cause not in names else f"because of {names[cause]}"
    return one.actor if one.acted_as is None else f"{one.actor} ({one.acted_as})"


def _what(one: Told, names: Mapping[str, str]) -> str:
    if isinstance(one, Remark):
        return one.text
    payload = in_words(one.payload) if one.payload else ""
    given = f"{one.title} ({payload})" if payload else one.title
    if isinstance(one, Refusal):
        name = names.get(one.case or "", one.event.partition(".")[0])
        mark = "refused" if isinstance(one.error, Refused) else "comes to nothing"
        return f"{name}: {given} – {mark}: {reasons_of(one.error)}"
    where = "" if one.before == one.after else f" → {one.after_title}"
    return f"{names[one.case]}: {given}{where}"


def in_zone(plain: Any, zone: ZoneInfo) -> Any:
    """Plain data with its instants as clock times in a zone, without their offsets."""
    if isinstance(plain, str):
        return at_minute(datetime.fromisoformat(plain).astimezone(zone)) if _INSTANT.fullmatch(plain) else plain
    if isinstance(plain, Mapping):
        fields = cast("Mapping[Any, object]", plain)
        return {name: in_zone(one, zone) for name, one in fields.items()}
    if isinstance(plain, list | tuple):
        return [in_zone(one, zone) for one in cast("list[object]", plain)]
    return plain


_INSTANT: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?[+-]\d\d:\d\d")
_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d([T ][\d:.+Z-]+)?")


def _value(value: object) -> str:
    if value is None:
        return "–"
    if isinstance(value, str):
        return value if _DAY.fullmatch(value) else json.dumps(shortened(value, LONGEST_TEXT), ensure_ascii=False)
    if isinstance(value, Mapping):
        fields = cast("Mapping[Any, object]", value)
        return "{" + ", ".join(f"{name}: {_value(one)}" for name, one in fields.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_value, cast("list[object]", value))) + "]"
    return json.dumps(value, default=repr)


def _printable(text: str) -> str:
    # Half a character, which a text can hold in Python and nowhere else, would let printing fail.
    return text.encode("utf-8", "backslashreplace").decode()
