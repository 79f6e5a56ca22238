"""What people can do in a story, as values: a story is a list of them, and can be played again."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TypeAlias, final

from attrs import field, frozen

from progflow.definition.people import Actor
from progflow.records import Json


@final
@frozen
class Begin:
    """Somebody begins a case: by a ``START`` event with its payload, or (event None) with its data.

    ``kind`` is the stored name of the lifecycle, ``given`` the payload or the data as plain data.
    """

    kind: str
    event: str | None
    given: Json = field(hash=False)
    parent: str | None
    actor: Actor


@final
@frozen
class Fire:
    """Somebody fires an event on a case, with a payload as plain data."""

    case: str
    event: str
    payload: Mapping[str, Json] = field(hash=False)
    actor: Actor


@final
@frozen
class Wait:
    """Time passes until that instant, and what is due happens."""

    until: datetime


@final
@frozen
class Twice:
    """Somebody sends a command twice under one key, and then (unless None) another one under it."""

    first: Begin | Fire
    other: Begin | Fire | None = None


@final
@frozen
class Stale:
    """Somebody fires an event on a case as it was one step earlier."""

    fire: Fire


@final
@frozen
class Broken:
    """Somebody fires an event by name with a payload that does not fit."""

    fire: Fire
    given: Json = field(hash=False)


@final
@frozen
class TheEnd:
    """The story is over: all that should hold at last is looked at.

    The number settles how things are tried out; 0 that nothing is: only time passes.
    """

    number: int


Move: TypeAlias = Begin | Fire | Wait | Twice | Stale | Broken | TheEnd


@final
@frozen
class Numbered:
    """A move in its place of a story. The number stays when others are left out, and so do the ids that it gives."""

    number: int
    move: Move
