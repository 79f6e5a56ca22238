"""From class bodies to a blueprint: members are collected, names resolved, and every fault noted on the way."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from typing import Any, Final, ForwardRef

from attrs import define, field, frozen

from progflow.codec import UTC_ZONE, BadValue, codec
from progflow.definition import hints
from progflow.definition.blueprint import Blueprint, BoundRule, EventSpec, PhaseSpec, StateSpec
from progflow.definition.checks import faults_of
from progflow.definition.events import Event
from progflow.definition.lifecycle import Body, Compiled, Lifecycle, Phase
from progflow.definition.people import Role
from progflow.definition.rules import Guard, Invariant, Moment, Relation, Rule
from progflow.definition.states import NEXT, START, STAY, Exit, Group, Source, State, Target, readable
from progflow.errors import DefinitionError, Fault
from progflow.terms import Term

MEMBERS: Final = (State, Exit, Phase, Event, Rule)
START_PATH: Final = ""
STAY_PATH: Final = "·"


# -- class bodies ------------------------------------------------------------------------------------------------


def members_of(cls: type[Any], root: type[Any]) -> dict[str, Any]:
    """The members of a definition by name, inherited ones first, each in the place where it was first declared."""
    found: dict[str, Any] = {}
    for base in reversed(cls.__mro__):
        if issubclass(base, root):
            for name, value in vars(base).items():
                if isinstance(value, MEMBERS) or name in found:
                    found[name] = value
    return found


def _read_body(cls: type[Any], root: type[Any], faults: list[Fault]) -> None:
    """Note names used twice and resolve the payloads of the events and guards that this body declares."""
    body: Body = cls.__body__
    around = {**body.names, **vars(cls), cls.__name__: cls}
    for name in body.overwritten:
        mend = "Give the second one a name of its own."
        faults.append(Fault(f"{cls.__name__}.{name}", "is used twice in the class.", mend))
    inherited: dict[str, Any] = {}
    for base in reversed(cls.__mro__[1:]):
        if issubclass(base, root):
            inherited.update(vars(base))
    for name, value in list(vars(cls).items()):
        path = f"{cls.__name__}.{name}"
        known = inherited.get(name)
        if isinstance(known, MEMBERS) and not _may_override(known, value):
            mend = "Give it another name, or override it with one of its kind."
            faults.append(Fault(path, f"is the name of {_kind_name(known)} that it inherits.", mend))
        if isinstance(value, Event):
            value.parameters = hints.read_parameters(value.function, path, around, faults)
            if isinstance(known, Event) and _payload(known) != _payload(value):
                mend = f"Keep it: {', '.join(known.parameters) or 'no fields'}."
                faults.append(Fault(path, "overrides an event and changes its payload.", mend))
        elif isinstance(value, Guard):
            value.parameters = hints.read_rule_parameters(value.function, path, around, faults)
        elif isinstance(value, State | Exit) and len(value.names) > 1:
            mend = "Write a new State() for the second name."
            faults.append(Fault(path, f"is the same object as {value.names[0][1]}: a name used twice.", mend))


def _may_override(known: object, value: object) -> bool:
    if isinstance(known, Rule | Event | Phase):
        kind = Phase if isinstance(known, Phase) else type(known)
        return isinstance(value, kind)
    return False


def _kind_name(member: object) -> str:
    kind = "a phase" if isinstance(member, Phase) else f"a {type(member).__name__.lower()}"
    return (
        kind.replace("a event", "an event")
        .replace("a exit", "an exit")
        .replace("a invariant", "an invariant")
    )


def _payload(event: Event[Any, Any]) -> dict[str, tuple[Any, bool]]:
    return {name: (parameter.type, parameter.required) for name, parameter in event.parameters.items()}


def read_phase_class(cls: type[Phase[Any]]) -> None:
    """Check what can be told of a phase before it stands in a lifecycle.

    Raises:
        DefinitionError: with every fault.
    """
    faults: list[Fault] = []
    _read_body(cls, Phase, faults)
    for name, value in vars(cls).items():
        if isinstance(value, Event) and any(START in arrow.sources for arrow in value.rule.arrows):
            mend = "Write the event that begins a case in the lifecycle."
            faults.append(Fault(f"{cls.__name__}.{name}", "START stands in a phase.", mend))
        if name in ("then",) and isinstance(value, MEMBERS):
            faults.append(
                Fault(f"{cls.__name__}.{name}", "is a word of Phase itself.", "Give it another name.")
            )
    cls.__body__ = Body({}, ())
    if faults:
        raise DefinitionError(name=cls.__name__, faults=tuple(faults))


# -- the lifecycle -----------------------------------------------------------------------------------------------


def _inherited(cls: type[Any]) -> Blueprint | None:
    compiled: Compiled | None = next(
        (vars(b)["__progflow__"] for b in cls.__mro__[1:] if "__progflow__" in vars(b)), None
    )
    return None if compiled is None else compiled.blueprint


def compile_lifecycle(
    cls: type[Lifecycle[Any]], *, parent: Any, unique: str, version: int, abstract: bool, name: str
) -> Blueprint:
    """Compile a lifecycle class.

    Raises:
        DefinitionError: with every fault.
    """
    faults: list[Fault] = []
    around = cls.__body__.names
    _read_body(cls, Lifecycle, faults)
    cls.__body__ = Body({}, ())
    inherited = _inherited(cls)
    parents = _parents(cls, parent, faults) or (inherited.parents if inherited else ())
    unique = unique or (inherited.unique if inherited else "")
    scope = (
        inherited.unique_scope if inherited and unique == inherited.unique and not inherited.abstract else cls
    )
    data = _data_type(cls, around, abstract, faults)
    reading = _Reading(cls, cls(), members_of(cls, Lifecycle), faults)
    phases = reading.phases(abstract)
    states = reading.states()
    events = reading.events()
    blueprint = Blueprint(
        lifecycle=cls,
        definition=reading.definition,
        name=name or cls.__name__,
        version=version,
        title=(inspect.getdoc(cls) or "").strip().split("\n")[0].removesuffix(".")
        if "__doc__" in vars(cls) and cls.__doc__
        else readable(cls.__name__),
        data=data,
        parents=parents,
        unique=unique,
        unique_scope=scope,
        abstract=abstract,
        initial=reading.initial(),
        states=states,
        events=events,
        phases=phases,
        invariants=reading.invariants(),
    )
    faults.extend(faults_of(blueprint))
    if faults:
        raise DefinitionError(name=cls.__name__, faults=tuple(faults))
    return blueprint


def _parents(cls: type[Any], parent: Any, faults: list[Fault]) -> tuple[type[Lifecycle[Any]], ...]:
    parents = parent if isinstance(parent, tuple) else (parent,)
    for one in parents:
        if not (isinstance(one, type) and issubclass(one, Lifecycle)):
            mend = "Name a lifecycle class, or several in a tuple."
            faults.append(Fault(f"{cls.__name__}(parent=…)", f"{one!r} is an unknown parent.", mend))
    return tuple(one for one in parents if isinstance(one, type) and issubclass(one, Lifecycle))


def _data_type(cls: type[Any], around: Mapping[str, Any], abstract: bool, faults: list[Fault]) -> Any:
    of = hints.type_argument(cls, Lifecycle)
    where = f"{cls.__name__}(Lifecycle[…])"
    if isinstance(of, ForwardRef):
        try:
            of = hints.resolve(of, None, cls.__module__, around)
        except hints.Unresolved as error:
            faults.append(
                Fault(where, f"the type of its data cannot be resolved ({error}).", "Define it before.")
            )
            return None
    if hints.has_type_variable(of):
        if not abstract:
            mend = "Write Lifecycle[YourData], or abstract=True for a generic base."
            faults.append(Fault(where, "the type of its data is not known.", mend))
        return of
    problem = hints.resolve_fields(of, around) or codec(UTC_ZONE).problem(of)
    if problem is not None:
        mend = "Use scalars, Enums, attrs classes, and lists, tuples and dicts of them."
        faults.append(Fault(where, f"its data cannot be structured: {problem}.", mend))
    return of


@frozen
class _Place:
    """From where something is looked at: the lifecycle itself, or one of its phases."""

    name: str | None
    definition: object


@define
class _Reading:
    """One lifecycle class while it is read."""

    cls: type[Lifecycle[Any]]
    definition: Lifecycle[Any]
    members: dict[str, Any]
    faults: list[Fault]
    known_phases: dict[str, Phase[Any]] = field(factory=dict[str, "Phase[Any]"])
    phase_members: dict[str, dict[str, Any]] = field(factory=dict[str, "dict[str, Any]"])
    known_states: dict[str, StateSpec] = field(factory=dict[str, StateSpec])

    def fault(self, where: str, problem: str, mend: str) -> None:
        self.faults.append(
            Fault(f"{self.cls.__name__}.{where}" if where else self.cls.__name__, problem, mend)
        )

    # -- phases and states

    def phases(self, abstract: bool) -> dict[str, PhaseSpec]:
        found: dict[str, PhaseSpec] = {}
        for name, phase in self.members.items():
            if not isinstance(phase, Phase):
                continue
            self.known_phases[name] = phase
            self.phase_members[name] = members_of(type(phase), Phase)
            self._check_place(name, phase)
            of = hints.instance_argument(phase, Phase)
            default = None
            if hints.has_type_variable(of):
                if not abstract:
                    mend = f"Write {type(phase).__name__}[YourData](…)."
                    self.fault(name, "the type of the phase's data is not known.", mend)
            else:
                default = self._default(name, of)
            found[name] = PhaseSpec(name, phase, of, default, type(phase).__fresh__)
        return found

    def _check_place(self, name: str, phase: Phase[Any]) -> None:
        place = phase.__bound__
        if len(place.uses) > 1:
            places = " and ".join(f"{owner.__name__}.{used}" for owner, used in place.uses)
            mend = f"Write {type(phase).__name__}(…) anew for each place."
            self.fault(name, f"one phase instance stands in two places, {places}.", mend)
        if place.rebound:
            self.fault(name, ".then(…) is said twice.", "Say once where the phase leads.")
        exits = {m.name for m in self.phase_members[name].values() if isinstance(m, Exit)}
        for bound in place.then.exits:
            if bound not in exits:
                mend = f"It has: {', '.join(sorted(exits)) or 'none'}."
                self.fault(name, f".then binds {bound!r}, which is no exit of the phase.", mend)

    def _default(self, name: str, of: Any) -> Any:
        if of is None or of is type(None):
            return None
        problem = codec(UTC_ZONE).problem(of)
        if problem is not None:
            mend = "Use scalars, Enums, attrs classes, and lists, tuples and dicts of them."
            self.fault(name, f"its data cannot be structured: {problem}.", mend)
            return None
        try:
            plain, _ = codec(UTC_ZONE).round_trip(of(), of, name)
        except (TypeError, ValueError, BadValue) as error:
            mend = "Give every field a default: the phase begins with this data."
            self.fault(name, f"its data does not build without arguments ({error}).", mend)
            return None
        return plain

    def states(self) -> dict[str, StateSpec]:
        found = self.known_states
        for name, member in self.members.items():
            if isinstance(member, State):
                found[name] = _state_spec(name, None, member)
            elif name in self.known_phases:
                inner = {n: m for n, m in self.phase_members[name].items() if isinstance(m, State)}
                for inner_name, state in inner.items():
                    path = f"{name}.{inner_name}"
                    found[path] = _state_spec(path, name, state)
                initial = [inner_name for inner_name, state in inner.items() if state.initial]
                if len(initial) != 1:
                    self._wrong_initial(name, initial)
        own = [path for path, state in found.items() if state.initial and state.phase is None]
        if len(own) > 1:
            self._wrong_initial("", own)
        return found

    def _wrong_initial(self, where: str, initial: list[str]) -> None:
        if initial:
            self.fault(
                where, f"has {len(initial)} initial states: {', '.join(initial)}.", "Leave one of them."
            )
        else:
            self.fault(where, "has no initial state.", "Write State(initial=True) for the one it begins in.")

    def initial(self) -> str | None:
        own = [path for path, state in self.known_states.items() if state.initial and state.phase is None]
        if own:
            return own[0]
        for name in self.known_phases:
            return self._initial_of(name)
        return None

    def _initial_of(self, phase: str) -> str | None:
        return next((p for p, s in self.known_states.items() if s.phase == phase and s.initial), None)

    # -- events

    def events(self) -> dict[str, EventSpec]:
        found: dict[str, EventSpec] = {}
        for name, member in self.members.items():
            if isinstance(member, Event):
                self._add_event(found, name, member, _Place(None, self.definition))
            elif name in self.known_phases:
                for inner_name, inner in self.phase_members[name].items():
                    if isinstance(inner, Event):
                        place = _Place(name, self.known_phases[name])
                        self._add_event(found, f"{name}.{inner_name}", inner, place)
        return found

    def _add_event(
        self, found: dict[str, EventSpec], path: str, event: Event[Any, Any], place: _Place
    ) -> None:
        rule = event.rule
        targets, starts = self._targets(path, event, place)
        found[path] = EventSpec(
            path=path,
            title=event.title,
            order=len(found),
            phase=place.name,
            function=event.function,
            definition=place.definition,
            parameters=event.parameters,
            targets=targets,
            starts=starts,
            by=tuple(self._by(path, rule.by, place)),
            guards=tuple(self._rules(path, "when", rule.when, Guard, place, event)),
            after=self._term(path, "after", rule.after, place),
            since=next(iter(self._rules(path, "since", rule.since, Moment, place, event)), None),
            at=next(iter(self._rules(path, "at", rule.at, Moment, place, event)), None),
            every=self._term(path, "every", rule.every, place),
            auto=rule.auto,
        )

    def _targets(
        self, path: str, event: Event[Any, Any], place: _Place
    ) -> tuple[dict[str, str | None], str | None]:
        targets: dict[str, str | None] = {}
        starts: str | None = None
        if not event.rule.arrows:
            self.fault(path, "has no arrow.", "Write from where to where: @event(a >> b).")
        for arrow in event.rule.arrows:
            target = self._target(path, arrow.target, place)
            if target is None:
                continue
            for source in self._sources(path, arrow.sources, place):
                if source == START_PATH and starts is None:
                    starts = target
                elif source == START_PATH or source in targets:
                    mend = "Write two events with two guards."
                    self.fault(path, f"has two arrows from {source or 'START'}.", mend)
                else:
                    targets[source] = None if target == STAY_PATH else target
        return targets, starts

    def _sources(self, path: str, sources: tuple[Source, ...], place: _Place) -> Iterator[str]:
        for source in sources:
            if source is START:
                yield START_PATH
            elif isinstance(source, Group):
                yield from self._sources(path, source.__parts__(), place)
            elif isinstance(source, Phase):
                name = source.__bound__.name
                if name in self.known_phases:
                    yield from (p for p, s in self.known_states.items() if s.phase == name and not s.final)
                else:
                    self.fault(
                        path, f"leaves the phase {name}, which this lifecycle lacks.", "Name one of its own."
                    )
            elif isinstance(source, State):
                found = self._state(path, source, place)
                if found is not None:
                    yield found

    def _target(self, path: str, target: Target, place: _Place) -> str | None:
        if target is STAY:
            return STAY_PATH
        if isinstance(target, State):
            return self._state(path, target, place)
        if isinstance(target, Phase):
            initial = self._initial_of(target.__bound__.name)
            if initial is None and target.__bound__.name not in self.known_phases:
                self.fault(
                    path,
                    f"leads to {target.__bound__.name}, no phase of this lifecycle.",
                    "Name one of its own.",
                )
            return initial
        if isinstance(target, Exit) and place.name is not None:
            return self._exit(path, target, place.name)
        mend = "Name the state or phase."
        self.fault(path, "leads to NEXT or an Exit, which only the events of a phase can.", mend)
        return None

    def _exit(self, path: str, target: Exit, phase: str) -> str | None:
        use = self.known_phases[phase].__bound__.then
        bound = use.next if target is NEXT else use.exits.get(target.name)
        own = _Place(None, self.definition)
        if bound is NEXT or (target is NEXT and bound is None):
            return self._next(path, phase)
        if bound is None:
            mend = f"Write .then(…, {target.name}=target) behind the phase."
            self.fault(path, f"leads to the exit {target.name!r}, which is unbound.", mend)
            return None
        return self._target(path, bound, own)

    def _next(self, path: str, phase: str) -> str | None:
        names = list(self.known_phases)
        following = names[names.index(phase) + 1 :]
        if not following:
            mend = "Write .then(target) behind the phase."
            self.fault(path, "leads to NEXT, but the phase is the last.", mend)
            return None
        return self._initial_of(following[0])

    def _state(self, path: str, state: State, place: _Place) -> str | None:
        owner = state.names[0][0] if state.names else None
        if owner is None:
            self.fault(path, "names a state that has no name.", "Assign it to an attribute, once.")
            return None
        if state.phase is not None:
            found: str | None = f"{state.phase.__bound__.name}.{state.name}"
        elif issubclass(owner, Lifecycle):
            found = state.name if issubclass(self.cls, owner) else None
        elif place.name is not None:
            found = f"{place.name}.{state.name}" if isinstance(place.definition, owner) else None
        else:
            places = [name for name, phase in self.known_phases.items() if isinstance(phase, owner)]
            found = f"{places[0]}.{state.name}" if len(places) == 1 else None
        if found is None or found not in self.known_states:
            declared = found or f"{owner.__name__}.{state.name}"
            self.fault(
                path, f"names {declared}, which is no state of this lifecycle.", "Name one of its own."
            )
            return None
        return found

    # -- rules, people and terms

    def _said(self, path: str, word: str, said: Any, place: _Place) -> tuple[Any, ...]:
        if callable(said) and not isinstance(said, Rule):
            try:
                said = said(place.definition)
            except Exception as error:
                mend = f"It is called with the definition: {word}=lambda self: self.…."
                self.fault(path, f"{word}= raised {type(error).__name__}: {error}.", mend)
                return ()
        return tuple(said) if isinstance(said, tuple) else () if said is None else (said,)

    def _rules(
        self, path: str, word: str, said: Any, kind: type[Rule[Any]], place: _Place, event: Event[Any, Any]
    ) -> Iterator[BoundRule]:
        for rule in self._said(path, word, said, place):
            if not isinstance(rule, kind):
                wanted = kind.__name__.lower()
                self.fault(
                    path, f"{word}= takes a {wanted}, not {rule!r}.", f"Write a method under @{wanted}."
                )
                continue
            bound = self._bind(path, rule, place)
            if bound is not None:
                self._check_parameters(path, bound, event)
                yield bound

    def _bind(self, path: str, rule: Rule[Any], place: _Place) -> BoundRule | None:
        home = self._home(rule, place)
        kind = type(rule).__name__.lower()
        if home is None:
            owner = rule.owner.__name__ + "." if rule.owner is not None else ""
            mend = f"Use a {kind} of this lifecycle or phase, or one that is given to it."
            self.fault(path, f"{owner}{rule.name} is a {kind} of another lifecycle.", mend)
            return None
        members = self.members if home.name is None else self.phase_members[home.name]
        final = members.get(rule.name)
        if not isinstance(final, type(rule)):
            self.fault(path, f"{rule.name} is no {kind} of {self.cls.__name__}.", f"Declare it with @{kind}.")
            return None
        code = rule.name if home.name is None else f"{home.name}.{rule.name}"
        parameters = final.parameters
        optional = frozenset(name for name, parameter in parameters.items() if not parameter.required)
        return BoundRule(code, home.name, final, home.definition, tuple(parameters), optional)

    def _home(self, rule: Rule[Any], place: _Place) -> _Place | None:
        owner = rule.owner
        if owner is None:
            return None
        if issubclass(owner, Lifecycle):
            return _Place(None, self.definition) if issubclass(self.cls, owner) else None
        if isinstance(rule.bound_to, Phase):
            name = rule.bound_to.__bound__.name
            return _Place(name, self.known_phases[name]) if name in self.known_phases else None
        return place if place.name is not None and isinstance(place.definition, owner) else None

    def _check_parameters(self, path: str, bound: BoundRule, event: Event[Any, Any]) -> None:
        for name, parameter in bound.rule.parameters.items():
            given = event.parameters.get(name)
            if given is None:
                if parameter.required:
                    mend = f"Add it to the payload, or give it a default in {bound.code}."
                    self.fault(
                        path, f"the guard {bound.code} asks for {name!r}, which the payload lacks.", mend
                    )
            elif (
                isinstance(given.type, type)
                and isinstance(parameter.type, type)
                and (
                    parameter.type is not inspect.Parameter.empty
                    and not issubclass(given.type, parameter.type)
                )
            ):
                mend = f"Make both {given.type.__name__}."
                self.fault(path, f"the guard {bound.code} takes {name!r} as {parameter.type.__name__}.", mend)

    def _by(self, path: str, said: Any, place: _Place) -> Iterator[Role | BoundRule]:
        for one in self._said(path, "by", said, place):
            if isinstance(one, Role):
                yield one
            elif isinstance(one, Relation):
                bound = self._bind(path, one, place)
                if bound is not None:
                    yield bound
            else:
                self.fault(
                    path, f"by= takes roles and relations, not {one!r}.", 'Write Role("…") or @relation.'
                )

    def _term(self, path: str, word: str, said: Any, place: _Place) -> Term | None:
        for term in self._said(path, word, said, place):
            if isinstance(term, Term):
                return term
            self.fault(
                path, f"{word}= takes a term, not {term!r}.", "Write days(14), months(3) and the like."
            )
        return None

    def invariants(self) -> tuple[BoundRule, ...]:
        own = _Place(None, self.definition)
        places = [(self.members, own)]
        places += [
            (self.phase_members[name], _Place(name, phase)) for name, phase in self.known_phases.items()
        ]
        return tuple(
            BoundRule(
                name if place.name is None else f"{place.name}.{name}", place.name, member, place.definition
            )
            for members, place in places
            for name, member in members.items()
            if isinstance(member, Invariant)
        )


def _state_spec(path: str, phase: str | None, state: State) -> StateSpec:
    return StateSpec(
        path, state.title, phase, state.initial, state.final, state.resting, state.clock == "stopped"
    )
