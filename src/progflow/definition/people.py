"""Who acts: actors, the roles that they have, and the one actor that is the host itself."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, final

from attrs import field, frozen

from progflow.errors import UsageError, is_text


@final
@frozen(repr=False)
class Role:
    """A role that an actor can have, for example ``Role("hr")``. Roles of one name are the same role."""

    name: str

    def __repr__(self) -> str:
        return f"Role({self.name!r})"


ANYONE: Final = Role("anyone")
"""``by=ANYONE`` opens an event to every actor."""


def _roles(roles: Iterable[Role]) -> frozenset[Role]:
    if isinstance(roles, Role):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise UsageError(problem=f"{roles!r} is one role.", mend="Give several: {" + repr(roles) + "}.")
    found = frozenset(roles)
    for role in found:
        if not isinstance(role, Role):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise UsageError(problem=f"{role!r} is no role.", mend='Write Role("…").')
    return found


@final
@frozen
class Actor:
    """Who fires a command: an id that the host understands, and the roles in which the person acts now.

    Args:
        id: the host's own identifier; it is written into the history, so it should be no name.
        roles: the roles of this person at this moment.
    """

    id: str
    roles: frozenset[Role] = field(default=frozenset[Role](), converter=_roles)

    def __attrs_post_init__(self) -> None:
        if not is_text(self.id) or not self.id:
            raise UsageError(problem=f"{self.id!r} is no actor's id.", mend="Give a text: the host's own identifier.")

    def __reduce__(self) -> str | tuple[object, ...]:
        # SYSTEM is known by identity, so it must still be itself after a trip through pickle.
        return "SYSTEM" if self is SYSTEM else (Actor, (self.id, self.roles))


SYSTEM: Final = Actor("system")
"""The host's own hand: passes every ``by=``. Known by identity; an actor that merely has its id is not it."""
