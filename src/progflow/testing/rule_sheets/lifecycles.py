"""One lifecycle on a rule sheet: every rule in a row of its own."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Sequence
from typing import Any, Final, Generic, TypeAlias, TypeVar, cast, final

from attrs import NOTHING, frozen

from progflow.definition.blueprint import Blueprint, BoundRule, EventSpec, Grant
from progflow.definition.lifecycle import Lifecycle, Phase
from progflow.definition.people import Role
from progflow.definition.reading import is_member, members_of
from progflow.definition.rules import Derived, Guard, Invariant, Moment, Relation, Rule
from progflow.definition.states import NEXT, Target
from progflow.definition.wording import Wording
from progflow.describe.lifecycles import by_itself, state_rows, ways
from progflow.describe.markdown import code, table
from progflow.testing.rule_sheets.bodies import Bodies, plain_function
from progflow.testing.rule_sheets.kinds import fields_of, is_rule
from progflow.testing.rule_sheets.words import Words, place

Row: TypeAlias = Sequence[str]
R = TypeVar("R", bound=Rule[Any])

BODY: Final = "body"
"""The head of the last column."""

ENGINE: Final = (Lifecycle.__module__, Generic.__module__, object.__module__)
"""Where the classes stand that say nothing about a programme."""


@final
@frozen
class LifecycleSheet:
    """One lifecycle, about to be written down.

    Args:
        blueprint: the lifecycle.
        wording: its titles and reasons in the language of the sheet.
        bodies: gives the fingerprints of its code.
        words: puts values and types into words.
    """

    blueprint: Blueprint
    wording: Wording
    bodies: Bodies
    words: Words

    def __str__(self) -> str:
        parts = (
            ("What it is", ("what", "is"), self._about()),
            ("States", ("state", "title", ""), state_rows(self.blueprint, [("", self.wording)])),
            ("Phases", ("phase", "title", "kind", "data", ""), self._phases()),
            ("Where the phases lead", ("way out", "leads to"), self._exits()),
            ("Events", ("event", "title", "from → to", "who", "when", "by itself", BODY), self._events()),
            ("Payloads", ("field", "type", "unless given"), self._payloads()),
            ("Who somebody is", ("relation", "what somebody is to the case", BODY), self._rules(Relation)),
            ("Guards", ("guard", "the reason of its no", "before", BODY), self._guards()),
            ("Points in time", ("moment", BODY), self._computed(Moment)),
            ("Values", ("value", BODY), self._computed(Derived)),
            ("What always holds", ("invariant", "rule", BODY), self._rules(Invariant)),
            ("What the phases are told", ("parameter", "value", BODY), self._parameters()),
            ("What stands beside the rules", ("name", "value", BODY), self._beside()),
        )
        tables = ((title, table(head, rows)) for title, head, rows in parts)
        sections = "\n".join(f"### {title}\n\n{said}" for title, said in tables if said)
        return f"## {self.blueprint.name}\n\n{self.wording.title()}.\n\n{sections}"

    # -- the lifecycle and its phases

    def _about(self) -> Iterator[Row]:
        blueprint = self.blueprint
        yield "version", str(blueprint.version)
        yield "data", self.words.type(blueprint.data)
        if blueprint.parents:
            yield "child of", " or ".join(code(one.__name__) for one in blueprint.parents)
        if blueprint.unique:
            among = "" if blueprint.unique_scope is blueprint.lifecycle else f", of {blueprint.unique_scope.__name__}"
            yield "only one open case of the same", f"{code(blueprint.unique)} among siblings{among}"
        if blueprint.initial is not None and not any(event.starts for event in blueprint.events.values()):
            yield "begins, with its data, in", code(blueprint.initial)

    def _phases(self) -> Iterator[Row]:
        for name, spec in self.blueprint.phases.items():
            kind = type(spec.phase)
            beside = {"stands aside": kind.__body__.aside, "begins anew when entered again": spec.fresh}
            said = ", ".join(text for text, holds in beside.items() if holds)
            yield code(name), self.wording.phase(name), code(kind.__name__), self.words.type(spec.data), said

    def _exits(self) -> Iterator[Row]:
        for name, spec in self.blueprint.phases.items():
            where = spec.phase.__bound__
            following = self._after(name)
            if where.then.next is not None or following is not None:
                yield code(f"{name}.NEXT"), self._target(where.then.next or NEXT, following)
            for exit_name, target in where.then.exits.items():
                yield code(f"{name}.{exit_name}"), self._target(target, following)

    def _after(self, phase: str) -> str | None:
        names = list(self.blueprint.phases)
        later = names[names.index(phase) + 1 :]
        return next((one for one in later if not type(self.blueprint.phases[one].phase).__body__.aside), None)

    def _target(self, target: Target, following: str | None) -> str:
        return code(following) if target is NEXT and following is not None else place(target)

    # -- events

    def _events(self) -> Iterator[Row]:
        for event in self.blueprint.events.values():
            yield (
                code(event.path),
                self.wording.event(event),
                "; ".join(ways(self.blueprint, event)),
                ", ".join(map(self._grant, event.by)) or "nobody",
                ", ".join(code(bound.code) for bound in event.guards),
                by_itself(event),
                self.bodies.of(event.function, event.definition),
            )

    def _grant(self, grant: Grant) -> str:
        but = " or ".join(map(self._one, grant.but))
        return f"{self._one(grant.who)}, but not {but}" if but else self._one(grant.who)

    def _one(self, who: Role | BoundRule) -> str:
        if isinstance(who, Role):
            return self.wording.role(who.name)
        return f"{self.wording.rule(who)} ({code(who.code)})"

    def _payloads(self) -> Iterator[Row]:
        for event in self.blueprint.events.values():
            for name, field in event.parameters.items():
                unless = "required" if field.default is NOTHING else self.words.value(field.default)
                yield code(f"{event.path}.{name}"), self.words.type(field.type), unless

    # -- rules

    def _bound(self) -> Iterator[BoundRule]:
        """Every rule of the lifecycle and its phases, and those of no class that its events name."""
        spots: list[tuple[str | None, object]] = [(None, self.blueprint.definition)]
        spots += [(name, spec.phase) for name, spec in self.blueprint.phases.items()]
        for phase, definition in spots:
            for name, member in members_of(type(definition)).items():
                if is_rule(member):
                    yield BoundRule(name if phase is None else f"{phase}.{name}", phase, member, definition)
        seen: dict[int, BoundRule] = {}
        for event in self.blueprint.events.values():
            seen |= {id(bound.rule): bound for bound in _named_by(event) if bound.rule.owner is None}
        yield from seen.values()

    def _of_kind(self, kind: type[R]) -> Iterator[tuple[BoundRule, str]]:
        for bound in self._bound():
            if isinstance(bound.rule, kind):
                yield bound, self.bodies.of(bound.rule.function, bound.definition)

    def _rules(self, kind: type[Rule[Any]]) -> Iterator[Row]:
        for bound, body in self._of_kind(kind):
            yield code(bound.code), self.wording.rule(bound), body

    def _computed(self, kind: type[Rule[Any]]) -> Iterator[Row]:
        for bound, body in self._of_kind(kind):
            yield code(bound.code), body

    def _guards(self) -> Iterator[Row]:
        before: dict[tuple[str, int], list[str]] = {}
        for event in self.blueprint.events.values():
            for bound in event.guards:
                before.setdefault((bound.code, id(bound.rule)), []).append(code(event.path))
        for bound, body in self._of_kind(Guard):
            events = ", ".join(before.get((bound.code, id(bound.rule)), ()))
            yield code(bound.code), self.wording.rule(bound), events, body

    # -- what the rules rest upon

    def _parameters(self) -> Iterator[Row]:
        for name, spec in self.blueprint.phases.items():
            for key, value in vars(spec.phase).items():
                if not key.startswith("__"):
                    yield from self._parameter(f"{name}.{key}", value, spec.phase)

    def _parameter(self, path: str, value: object, phase: Phase[Any]) -> Iterator[Row]:
        """A row for a parameter, or for each field of one that has fields."""
        if not self.bodies.holds_parts(value):
            yield code(path), self.words.value(value), self.bodies.of_value(value, phase)
            return
        for one in fields_of(value):
            yield from self._parameter(f"{path}.{one.name}", getattr(value, one.name), phase)

    def _beside(self) -> Iterator[Row]:
        yield from self._helpers("", self.blueprint.definition)
        for name, spec in self.blueprint.phases.items():
            yield from self._helpers(f"{name}.", spec.phase)

    def _helpers(self, before: str, definition: Lifecycle[Any] | Phase[Any]) -> Iterator[Row]:
        """Plain methods and values of a class, as rules ask them through ``self``."""
        for name in _plain_names(type(definition)):
            static: object = inspect.getattr_static(type(definition), name)
            if plain_function(static) is not None:
                yield code(f"{before}{name}"), "", self.bodies.of(cast(Any, static), definition, rule=False)
            else:
                value: object = getattr(definition, name)
                yield code(f"{before}{name}"), self.words.value(value), self.bodies.of_value(value, definition)


def _named_by(event: EventSpec) -> Iterator[BoundRule]:
    """The rules that an event names."""
    for grant in event.by:
        yield from (one for one in (grant.who, *grant.but) if isinstance(one, BoundRule))
    yield from event.guards
    yield from (one for one in (event.after, event.since, event.at, event.every) if isinstance(one, BoundRule))


def _plain_names(cls: type[Any]) -> Sequence[str]:
    """What a definition declares beside its members, inherited names first."""
    found: dict[str, object] = {}
    for base in reversed(cls.__mro__):
        if base.__module__ not in ENGINE:
            found |= {name: value for name, value in vars(base).items() if not name.startswith("__")}
    return [name for name, value in found.items() if not is_member(value)]
