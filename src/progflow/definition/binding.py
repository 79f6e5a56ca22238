"""Whose guards, relations, moments and terms an event names."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from types import FunctionType, MethodType
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define

from progflow.definition.blueprint import BoundRule, Grant
from progflow.definition.bodies import as_tuple, is_lifecycle_class, place_of
from progflow.definition.events import Event
from progflow.definition.people import Role
from progflow.definition.rules import Derived, Excluding, Guard, Invariant, Moment, Relation, Rule
from progflow.definition.shape import Shape, Spot
from progflow.terms import Term

if TYPE_CHECKING:
    from typing_extensions import TypeIs

R = TypeVar("R", Guard[Any], Moment[Any])


@define
class Binding:
    """Binds what the events of one lifecycle say to its rules."""

    shape: Shape

    def guards(self, path: str, event: Event[Any, Any], spot: Spot) -> tuple[BoundRule, ...]:
        """The guards of ``when=``."""
        found = tuple(self._rules(path, "when", event.rule.when, Guard, spot))
        for bound in found:
            self._check_parameters(path, bound, event)
        return found

    def moment(self, path: str, word: str, said: Any, spot: Spot) -> BoundRule | None:
        """The one moment of ``since=`` or ``at=``."""
        found = list(self._rules(path, word, said, Moment, spot))
        if len(found) > 1:
            self.shape.fault(path, f"{word}= names {len(found)} moments.", "Name one.")
        return found[0] if found else None

    def who(self, path: str, said: Any, spot: Spot) -> tuple[Grant, ...]:
        """The roles and relations of ``by=``."""
        return tuple(self._who(path, said, spot))

    def term(self, path: str, word: str, said: Any, spot: Spot) -> Term | BoundRule | None:
        """The one term of ``after=`` or ``every=``, or the derived value that gives it."""
        found: list[Term | BoundRule] = []
        for term in self._said(path, word, said, spot):
            if isinstance(term, Term):
                found.append(term)
            elif _is_derived(term):
                bound = self._bound(path, term, spot)
                if bound is not None:
                    found.append(bound)
            else:
                problem = f"{word}= takes a term, not {term!r}."
                self.shape.fault(path, problem, "Write days(14), months(3) and the like, or a method under @derived.")
        if len(found) > 1:
            self.shape.fault(path, f"{word}= names {len(found)} terms.", "Name one.")
        return found[0] if found else None

    def invariants(self) -> tuple[BoundRule, ...]:
        """The invariants of the lifecycle and of its phases."""
        shape = self.shape
        spots = [(shape.members, Spot(None, shape.definition))]
        spots += [(shape.phase_members[name], Spot(name, phase)) for name, phase in shape.phases.items()]
        return tuple(
            BoundRule(_code(name, spot), spot.phase, member, spot.definition)
            for members, spot in spots
            for name, member in members.items()
            if isinstance(member, Invariant)
        )

    def _said(self, path: str, word: str, said: Any, spot: Spot) -> tuple[Any, ...]:
        if isinstance(said, FunctionType | MethodType):
            try:
                said = said(spot.definition)
            except Exception as error:
                problem = f"{word}= raised {type(error).__name__}: {error}."
                mend = f"It is called with the definition, as in {word}=lambda self: self.name."
                self.shape.fault(path, problem, mend)
                return ()
        return () if said is None else as_tuple(said)

    def _rules(self, path: str, word: str, said: Any, kind: type[R], spot: Spot) -> Iterator[BoundRule]:
        for rule in self._said(path, word, said, spot):
            if isinstance(rule, kind):
                bound = self._bound(path, rule, spot)
                if bound is not None:
                    yield bound
            else:
                wanted = kind.__name__.lower()
                problem = f"{word}= takes a {wanted}, not {rule!r}."
                self.shape.fault(path, problem, f"Write a method under @{wanted}.")

    def _who(self, path: str, said: Any, spot: Spot) -> Iterator[Grant]:
        for one in self._said(path, "by", said, spot):
            granted, excluded = (one.who, one.but) if _is_excluding(one) else (one, ())
            who = self._one(path, granted, spot)
            but = [self._but(path, relation, spot) for relation in excluded]
            if who is not None:
                yield Grant(who, tuple(bound for bound in but if bound is not None))

    def _one(self, path: str, said: object, spot: Spot) -> Role | BoundRule | None:
        if isinstance(said, Role):
            return said
        if _is_relation(said):
            return self._bound(path, said, spot)
        problem = f"by= takes roles and relations, not {said!r}."
        self.shape.fault(path, problem, 'Write Role("…") or a method under @relation.')
        return None

    def _but(self, path: str, said: object, spot: Spot) -> BoundRule | None:
        if _is_relation(said):
            return self._bound(path, said, spot)
        problem = f"by= excludes {said!r}, which is no relation."
        self.shape.fault(path, problem, "Write a method under @relation behind the minus.")
        return None

    def _bound(self, path: str, rule: Rule[Any], spot: Spot) -> BoundRule | None:
        if rule.owner is None:
            return self._unowned(path, rule, spot)
        home = self._home(rule, spot)
        kind = type(rule).__name__.lower()
        if home is None:
            owner = rule.owner.__name__ + "."
            mend = f"Use a {kind} of this lifecycle or phase, or one that is given to it."
            self.shape.fault(path, f"{owner}{rule.name} is a {kind} of another lifecycle.", mend)
            return None
        members = self.shape.members if home.phase is None else self.shape.phase_members[home.phase]
        final = members.get(rule.name)
        if not isinstance(final, type(rule)):
            place = f"the phase {home.phase}" if home.phase is not None else self.shape.cls.__name__
            self.shape.fault(path, f"{rule.name} is no {kind} of {place}.", f"Write it under @{kind}.")
            return None
        optional = frozenset(name for name, given in final.parameters.items() if not given.required)
        return BoundRule(_code(rule.name, home), home.phase, final, home.definition, tuple(final.parameters), optional)

    def _unowned(self, path: str, rule: Rule[Any], spot: Spot) -> BoundRule | None:
        """A rule that was made outside of any class, as by ``while_open(Edition.call)``: the lifecycle asks it."""
        if len(inspect.signature(rule.function).parameters) > 2:
            kind = type(rule).__name__.lower()
            problem = f"{rule.name} is a {kind} that takes fields of the payload and belongs to no class."
            self.shape.fault(path, problem, f"Give it a name in the lifecycle, and write that: {rule.name} = ….")
            return None
        mixin = next(
            (base for base in (*self.shape.cls.__mro__, *type(spot.definition).__mro__) if _holds(base, rule)), None
        )
        if mixin is not None:
            problem = (
                f"{rule.name} stands in {mixin.__name__}, which is no lifecycle or phase; nothing could override it."
            )
            self.shape.fault(
                path, problem, f"Derive {mixin.__name__} from Lifecycle[…] with abstract=True, or Phase[…]."
            )
            return None
        return BoundRule(rule.name, None, rule, self.shape.definition)

    def _home(self, rule: Rule[Any], spot: Spot) -> Spot | None:
        place = place_of(rule.bound_to)
        if place is not None:
            name = self.shape.phase_name(place.phase)
            return None if name is None else Spot(name, self.shape.phases[name])
        if is_lifecycle_class(rule.owner):
            return Spot(None, self.shape.definition) if issubclass(self.shape.cls, rule.owner) else None
        inside = spot.phase is not None and rule.owner is not None and isinstance(spot.definition, rule.owner)
        return spot if inside else None

    def _check_parameters(self, path: str, bound: BoundRule, event: Event[Any, Any]) -> None:
        for name, parameter in bound.rule.parameters.items():
            given = event.parameters.get(name)
            if given is None:
                if parameter.required:
                    problem = f"the guard {bound.code} asks for {name!r}, which the payload lacks."
                    mend = f"Add {name} to the payload, or give it a default in {bound.code}."
                    self.shape.fault(path, problem, mend)
            elif _differ(given.type, parameter.type):
                problem = f"the guard {bound.code} takes {name!r} as {parameter.type.__name__}, "
                problem += f"the payload has {given.type.__name__}."
                self.shape.fault(path, problem, f"Make both {given.type.__name__}.")


def _is_relation(value: object) -> TypeIs[Relation[Any]]:
    return isinstance(value, Relation)


def _holds(cls: type[Any], rule: Rule[Any]) -> bool:
    return any(value is rule for value in vars(cls).values())


def _is_derived(value: object) -> TypeIs[Derived[Any, Any]]:
    return isinstance(value, Derived)


def _is_excluding(value: object) -> TypeIs[Excluding[Any]]:
    return isinstance(value, Excluding)


def _code(name: str, spot: Spot) -> str:
    return name if spot.phase is None else f"{spot.phase}.{name}"


def _differ(given: Any, wanted: Any) -> bool:
    plain = isinstance(given, type) and isinstance(wanted, type) and wanted is not inspect.Parameter.empty
    return plain and not issubclass(given, wanted)
