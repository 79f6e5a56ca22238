"""The shape of a lifecycle: its phases and states in their order, and which of them a name in its body means."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, ForwardRef

from attrs import define, evolve, field, frozen

from progflow.codec import UTC_ZONE, BadValue, codec
from progflow.definition import hints
from progflow.definition.blueprint import Parameter, PhaseSpec, StateSpec
from progflow.definition.bodies import as_tuple, is_lifecycle_class, is_phase
from progflow.definition.events import Event
from progflow.definition.reading import Member, members_of
from progflow.definition.states import NEXT, Arrow, Exit, State
from progflow.errors import Fault

if TYPE_CHECKING:
    from progflow.definition.lifecycle import Lifecycle, Phase


@frozen
class Spot:
    """From where something is looked at: the lifecycle itself (``phase`` is None), or one of its phases."""

    phase: str | None
    definition: object


@define
class Shape:
    """One lifecycle class while it is compiled.

    ``members`` are those of the class, ``phase_members`` those of each phase; both by name, in order.
    """

    cls: type[Lifecycle[Any]]
    phase_root: type[Any]
    definition: Lifecycle[Any]
    abstract: bool
    faults: list[Fault]
    members: dict[str, Member] = field(init=False)
    phases: dict[str, Phase[Any]] = field(init=False)
    phase_members: dict[str, dict[str, Member]] = field(init=False)
    states: dict[str, StateSpec] = field(init=False)
    _arrows: dict[str, tuple[Arrow, ...]] = field(init=False, factory=dict[str, "tuple[Arrow, ...]"])

    def __attrs_post_init__(self) -> None:
        self.members = members_of(self.cls)
        self.phases = {name: member for name, member in self.members.items() if is_phase(member)}
        self.phase_members = {name: members_of(type(phase)) for name, phase in self.phases.items()}
        self.states = self._states()

    def fault(self, where: str, problem: str, mend: str) -> None:
        """Note a fault at this path below the lifecycle."""
        path = f"{self.cls.__name__}.{where}" if where else self.cls.__name__
        self.faults.append(Fault(path, problem, mend))

    # -- phases

    def phase_specs(self) -> dict[str, PhaseSpec]:
        """The phases with their data, checked."""
        found: dict[str, PhaseSpec] = {}
        for name, phase in self.phases.items():
            self._check_place(name, phase)
            of = self.seen(hints.type_argument(type(phase), self.phase_root), phase)
            default = None
            if not hints.has_type_variable(of):
                default = self._default(name, of)
            elif not self.abstract:
                mend = f"Write {type(phase).__name__}[YourData](…)."
                self.fault(name, "the type of the phase's data is not known.", mend)
            found[name] = PhaseSpec(name, phase, of, default, type(phase).__body__.fresh)
        return found

    def seen(self, of: Any, phase: Phase[Any] | None, declared_in: type[Any] | None = None) -> Any:
        """A type with what this lifecycle has put in for the type variables of its bases and phases.

        Args:
            of: the type.
            phase: the phase in which it stands, None for the lifecycle.
            declared_in: the class whose type variables it names, if not those of the phase's own class.
        """
        if phase is not None:
            if declared_in is not None:
                of = hints.substituted(of, hints.arguments(type(phase), declared_in))
            of = hints.substituted(of, hints.instance_arguments(phase))
            declared_in = phase.__bound__.owner
        if declared_in is not None and issubclass(self.cls, declared_in):
            of = hints.substituted(of, hints.arguments(self.cls, declared_in))
        return of

    def _check_place(self, name: str, phase: Phase[Any]) -> None:
        place = phase.__bound__
        if any(owner is self.cls for owner, _ in place.uses[1:]):
            places = " and ".join(f"{owner.__name__}.{used}" for owner, used in place.uses)
            mend = f"Write {type(phase).__name__}(…) anew for each place."
            self.fault(name, f"one phase instance stands in two places, {places}.", mend)
        if place.said_twice:
            self.fault(name, ".then(…) is said twice.", "Say once where the phase leads.")
        exits = [m.name for m in self.phase_members[name].values() if isinstance(m, Exit)]
        for bound in place.then.exits:
            if bound not in exits:
                mend = f"It has: {', '.join(sorted(exits)) or 'none'}."
                self.fault(name, f".then binds {bound!r}, which is no exit of the phase.", mend)
        for unbound in (one for one in exits if one not in place.then.exits):
            mend = f"Write .then(…, {unbound}=target) behind the phase."
            self.fault(name, f"its exit {unbound!r} is unbound.", mend)
        self._check_next(name, phase)

    def _check_next(self, name: str, phase: Phase[Any]) -> None:
        use = phase.__bound__.then
        asked = use.next is NEXT or NEXT in use.exits.values()
        if use.next is None:
            asked = asked or any(
                arrow.target is NEXT
                for inner, member in self.phase_members[name].items()
                if isinstance(member, Event)
                for arrow in self.arrows(member, f"{name}.{inner}", Spot(name, phase))
            )
        if asked and self.next_of(name) is None:
            mend = "Write .then(target) behind the phase."
            self.fault(name, "leads to NEXT, but it is the last phase.", mend)

    def _default(self, name: str, of: Any) -> Any:
        if of is None or of is type(None) or isinstance(of, ForwardRef):
            return None
        try:
            hints.check_structurable(of, {})
        except (hints.Unresolved, hints.Unstructurable) as error:
            self.fault(name, f"its data cannot be structured: {error}.", hints.STRUCTURABLE)
            return None
        try:
            plain, _ = codec(UTC_ZONE).round_trip(of(), of, name)
        except (TypeError, ValueError, BadValue) as error:
            mend = "Give every field a default: the phase begins with this data."
            self.fault(name, f"its data does not build without arguments ({error}).", mend)
            return None
        return plain

    def next_of(self, phase: str) -> str | None:
        """The phase after this one; one that stands aside is passed over."""
        names = list(self.phases)
        following = [name for name in names[names.index(phase) + 1 :] if not self._aside(name)]
        return following[0] if following else None

    def _aside(self, phase: str) -> bool:
        return type(self.phases[phase]).__body__.aside

    # -- arrows

    def arrows(self, event: Event[Any, Any], path: str, spot: Spot) -> tuple[Arrow, ...]:
        """The arrows of an event; where they are functions of ``self``, as this definition gives them."""
        if path not in self._arrows:
            self._arrows[path] = tuple(self._told(event, path, spot))
        return self._arrows[path]

    def _told(self, event: Event[Any, Any], path: str, spot: Spot) -> Iterator[Arrow]:
        for said in event.rule.arrows:
            if isinstance(said, Arrow):
                yield said
                continue
            try:
                given = as_tuple(said(spot.definition))
            except Exception as error:
                problem = f"its function of arrows raised {type(error).__name__}: {error}."
                self.fault(path, problem, "It is called with the definition, as in lambda self: self.a >> self.b.")
                continue
            for arrow in given:
                if isinstance(arrow, Arrow):
                    yield arrow
                else:
                    self.fault(
                        path, f"its function of arrows gives {arrow!r}.", "Let it give arrows: self.a >> self.b."
                    )

    # -- states

    def _states(self) -> dict[str, StateSpec]:
        found: dict[str, StateSpec] = {}
        for name, member in self.members.items():
            if isinstance(member, State):
                found[name] = _state_spec(name, None, member)
            for inner, state in self.phase_members.get(name, {}).items():
                if isinstance(state, State):
                    found[f"{name}.{inner}"] = _state_spec(f"{name}.{inner}", name, state)
        spots: list[str | None] = [None, *self.phases]
        for spot in spots:
            initial = [spec.path for spec in found.values() if spec.phase == spot and spec.initial]
            if len(initial) > 1:
                problem = f"has {len(initial)} initial states: {', '.join(initial)}."
                self.fault(spot or "", problem, "Leave one of them.")
            elif spot is not None and not initial:
                mend = "Write State(initial=True) for the one that it begins in."
                self.fault(spot, "has no initial state.", mend)
        return found

    def initial_of(self, phase: str | None) -> str | None:
        """The initial state of a phase, or of the lifecycle's own states."""
        return next((p for p, s in self.states.items() if s.phase == phase and s.initial), None)

    def initial(self) -> str | None:
        """Where a case begins that is started with its data."""
        own = self.initial_of(None)
        first = next((name for name in self.phases if not self._aside(name)), None)
        return own if own is not None or first is None else self.initial_of(first)

    # -- what a name in the body means

    def phase_name(self, phase: Phase[Any]) -> str | None:
        """The name of that phase here, also of one that a subclass has replaced; None for another lifecycle's."""
        place = phase.__bound__
        if place.owner is None or not issubclass(self.cls, place.owner) or place.name not in self.phases:
            return None
        return place.name

    def state_path(self, where: str, state: State, spot: Spot) -> str | None:
        """The path of a state that is named at this spot; None, and a fault noted, if it is none of ours."""
        owner = state.names[0][0] if state.names else None
        if owner is None:
            self.fault(where, "names a state that has no name.", "Assign it to an attribute, once.")
            return None
        places = self._places_of(state, owner, spot)
        found = [f"{name}.{state.name}" if name is not None else state.name for name in places]
        declared = f"{owner.__name__}.{state.name}"
        if len(found) > 1:
            problem = f"names {declared}, which stands here more than once: {', '.join(found)}."
            self.fault(where, problem, "Name it through one of the phases.")
        elif not found or found[0] not in self.states:
            problem = f"names {declared}, which is no state of this lifecycle."
            self.fault(where, problem, f"Name one of its own: {', '.join(self.states) or 'there is none'}.")
        else:
            return found[0]
        return None

    def _places_of(self, state: State, owner: type[Any], spot: Spot) -> list[str | None]:
        if state.place is not None:
            name = self.phase_name(state.place.phase)
            return [name] if name is not None else []
        if is_lifecycle_class(owner):
            return [None] if issubclass(self.cls, owner) else []
        if spot.phase is not None:
            return [spot.phase] if isinstance(spot.definition, owner) else []
        return [name for name, phase in self.phases.items() if isinstance(phase, owner)]


def _state_spec(path: str, phase: str | None, state: State) -> StateSpec:
    stopped = state.clock == "stopped"
    return StateSpec(path, state.title, phase, state.initial, state.final, state.resting, stopped)


def parameters_seen(shape: Shape, event: Event[Any, Any], spot: Spot, path: str) -> Mapping[str, Parameter]:
    """The payload of an event with the types that this lifecycle has put in."""
    phase = shape.phases[spot.phase] if spot.phase is not None else None
    found: dict[str, Parameter] = {}
    for name, parameter in event.parameters.items():
        of = parameter.type
        if hints.has_type_variable(of):
            of = shape.seen(of, phase, event.owner)
            parameter = evolve(parameter, type=of)
            if not shape.abstract:
                _check_seen(shape, f"{path}({name})", of)
        found[name] = parameter
    return found


def _check_seen(shape: Shape, where: str, of: Any) -> None:
    try:
        if hints.has_type_variable(of):
            raise hints.Unstructurable("its type is not known")
        hints.check_structurable(of, {})
    except (hints.Unresolved, hints.Unstructurable) as error:
        shape.fault(where, f"cannot be structured: {error}.", hints.STRUCTURABLE)
