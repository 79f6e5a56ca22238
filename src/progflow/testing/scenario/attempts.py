"""What somebody tries in a story: how it is carried out, asked about beforehand, and told where it came to nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias, TypeGuard, cast, final

from attrs import field, frozen

from progflow.decide.kinds import Kinds
from progflow.definition.blueprint import START_WITH_DATA, Kind
from progflow.definition.cases import Case, kind_of
from progflow.definition.events import Command
from progflow.definition.people import Actor
from progflow.errors import Blocker, ProgflowError
from progflow.flow.intents import named_start
from progflow.flow.verbs import Flow
from progflow.testing.clock import Clock
from progflow.testing.scenario.cases import StoryCase
from progflow.testing.telling import Refusal

AnyCase: TypeAlias = StoryCase[Any] | Case[Any]
"""A case of a story, meant as it is now, or a value, which may be stale."""


@final
@frozen(eq=False)
class Attempt:
    """To fire a command on a case, or to begin one.

    Args:
        flow: where.
        what: what ``Flow.fire`` or ``Flow.start`` is to be told.
        actor: who tries.
        parent: the case under which one is to begin.
        links: cases that it is to point to.
    """

    flow: Flow
    what: tuple[Any, ...]
    actor: Actor
    parent: AnyCase | str | None = None
    links: Mapping[str, AnyCase] = field(factory=dict[str, AnyCase])

    @property
    def case(self) -> AnyCase | None:
        """The case that it is about, None where one is to begin."""
        first = self.what[0]
        return first if _is_case(first) else None

    def carry_out(self, key: str | None = None) -> Case[Any]:
        """Do it.

        Raises:
            ProgflowError: whatever ``fire`` and ``start`` raise.
        """
        verb: Callable[..., Case[Any]] = self.flow.start if self.case is None else self.flow.fire
        return verb(*self._what, actor=self.actor, key=key, **self._where)

    def check(self) -> Sequence[Blocker] | None:
        """What ``check`` says about it, None where it cannot be asked: of a beginning with data.

        Raises:
            ProgflowError: whatever ``check`` raises.
        """
        if isinstance(self.what[0], type):
            return None
        ask: Callable[..., Sequence[Blocker]] = self.flow.check
        return ask(*self._what, actor=self.actor, **self._where)

    @property
    def _what(self) -> tuple[Any, ...]:
        first, *rest = self.what
        return (first.id if isinstance(first, StoryCase) else first, *rest)

    @property
    def _where(self) -> dict[str, Any]:
        if self.case is not None:
            return {}
        parent = self.parent.id if isinstance(self.parent, StoryCase) else self.parent
        links = {role: case.case if isinstance(case, StoryCase) else case for role, case in self.links.items()}
        return {"parent": parent, "links": links}

    def __str__(self) -> str:
        command = self.what[0 if self.case is None else 1]
        return f"{command.__name__} with its data" if isinstance(command, type) else str(command)

    def refusal(self, error: ProgflowError, clock: Clock) -> Refusal:
        """How it is told."""
        kinds: Kinds = self.flow._kinds  # pyright: ignore[reportPrivateUsage]
        case = self.case
        if case is None:
            kind, event, payload = self._beginning(kinds)
        else:
            kind = kind_of(case.case if isinstance(case, StoryCase) else case)
            event, payload = _said(kind, *self.what[1:])
        about = None if case is None else case.id
        return Refusal.of(kind, event, error, self.actor, clock.now, case=about, payload=payload)

    def _beginning(self, kinds: Kinds) -> tuple[Kind, str, Mapping[str, Any]]:
        first, *rest = self.what
        if isinstance(first, type):
            kind = kinds.of(first)
            return kind, START_WITH_DATA, _fields(kind.codec.dump(rest[0], kind.blueprint.data)) if rest else {}
        if _is_command(first):
            return kinds.starting(first), first.event, first.payload
        kind, event = named_start(kinds, first)
        return kind, event.path, rest[0] if rest else {}


def _is_case(value: object) -> TypeGuard[AnyCase]:
    return isinstance(value, StoryCase | Case)


def _is_command(value: object) -> TypeGuard[Command[Any]]:
    return isinstance(value, Command)


def _said(kind: Kind, command: Command[Any] | str, payload: Any = None) -> tuple[str, Mapping[str, Any]]:
    if isinstance(command, Command):
        return command.event, command.payload
    return command.removeprefix(f"{kind.stored}."), _fields(payload)


def _fields(plain: object) -> Mapping[str, Any]:
    return cast("Mapping[str, Any]", plain) if isinstance(plain, Mapping) else {}


def unlike(because: str | Sequence[str], reasons: Sequence[Blocker]) -> str | None:
    """What is wrong where these are not exactly the reasons that were expected; None if they are.

    Args:
        because: for each reason its code, or a part of its text.
        reasons: those that there are.
    """
    wanted = (because,) if isinstance(because, str) else tuple(because)
    absent = [one for one in wanted if not any(_is_meant(one, reason) for reason in reasons)]
    unexpected = [reason for reason in reasons if not any(_is_meant(one, reason) for one in wanted)]
    if len(wanted) == len(reasons) and not absent and not unexpected:
        return None
    found = "; ".join(f"{reason.text} ({reason.code})" for reason in reasons) or "for no reason"
    return f"because of {', '.join(map(repr, wanted))}. It is: {found}"


def _is_meant(said: str, reason: Blocker) -> bool:
    return said == reason.code or (bool(said) and said in reason.text)
