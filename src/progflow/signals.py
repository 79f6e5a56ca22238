"""The only home of blinker: receivers in the order in which they were connected, held strongly, never coroutines."""

from __future__ import annotations

import inspect
import logging
from collections.abc import Callable, Generator
from typing import Any, Final, TypeVar, final
from weakref import ref

import blinker

from progflow.errors import UsageError

F = TypeVar("F", bound=Callable[..., Any])

_log: Final = logging.getLogger("progflow")


@final
class Signal(blinker.Signal):
    """A blinker signal whose sender is the lifecycle class; receivers are called in the order of connection."""

    def connect(self, receiver: F, sender: Any = blinker.ANY, weak: bool = False) -> F:
        """Connect a receiver; it is held strongly unless ``weak`` says otherwise.

        Raises:
            UsageError: the receiver is a coroutine function, whose result nobody would await.
        """
        refuse_coroutine(receiver)
        return super().connect(receiver, sender, weak)

    def receivers_for(self, sender: Any) -> Generator[Callable[..., Any], None, None]:
        """The receivers of this sender, in the order of connection."""
        connected: list[Any] = []
        for held in tuple(self.receivers.values()):
            connected.append(held() if isinstance(held, ref) else held)  # pyright: ignore[reportUnknownMemberType]
        yield from sorted(super().receivers_for(sender), key=connected.index)

    def announce(self, sender: Any, **values: Any) -> None:
        """Call every receiver; what one raises is logged and stops nobody."""
        if not self.receivers or self.is_muted:
            return
        for receiver in self.receivers_for(sender):
            try:
                receiver(sender, **values)
            except Exception:
                _log.exception("A receiver of %s failed: %r", self.__doc__, receiver)


def refuse_coroutine(receiver: Callable[..., Any]) -> None:
    """Make sure that a receiver is an ordinary function.

    Raises:
        UsageError: it is a coroutine function.
    """
    called = getattr(receiver, "__call__", receiver)  # noqa: B004
    if inspect.iscoroutinefunction(receiver) or inspect.iscoroutinefunction(called):
        raise UsageError(
            problem=f"{receiver!r} is a coroutine function; nobody would await it.",
            mend="Connect an ordinary function, and let it hand the work to your event loop.",
        )
