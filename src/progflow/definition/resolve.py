"""From a lifecycle class to its blueprint; every fault that is met on the way is reported, all at once."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

from attrs import frozen

from progflow.definition import hints
from progflow.definition.arrows import Arrows
from progflow.definition.binding import Binding
from progflow.definition.blueprint import Blueprint, EventSpec
from progflow.definition.bodies import as_tuple, is_lifecycle_class
from progflow.definition.checks import faults_of
from progflow.definition.events import Event
from progflow.definition.reading import BodyReading
from progflow.definition.sentences import readable
from progflow.definition.shape import Shape, Spot, parameters_seen
from progflow.errors import DefinitionError, Fault

if TYPE_CHECKING:
    from progflow.definition.lifecycle import Lifecycle


@frozen
class Said:
    """What the class statement says beside the bases."""

    parent: object
    unique: str
    version: int
    abstract: bool
    name: str


def compile_lifecycle(cls: type[Lifecycle[Any]], root: type[Any], phase_root: type[Any], said: Said) -> Blueprint:
    """Compile a lifecycle class.

    Args:
        cls: the class.
        root: the class ``Lifecycle``.
        phase_root: the class ``Phase``.
        said: the arguments of the class statement.

    Raises:
        DefinitionError: with every fault.
    """
    reading = BodyReading(cls, [])
    reading.read()
    data = reading.check_data(root)
    reading.close()
    faults = reading.faults
    _check_said(cls, data, said, faults)
    parents = _parents(cls, root, said.parent, faults)
    definition = _instance(cls, faults)
    if definition is None:
        raise DefinitionError(name=cls.__name__, faults=tuple(faults))
    shape = Shape(cls, phase_root, definition, said.abstract, faults)
    above = _inherited(cls)
    unique = said.unique or (above.unique if above else "")
    shared = above is not None and unique == above.unique and not above.abstract
    binding = Binding(shape)
    blueprint = Blueprint(
        lifecycle=cls,
        definition=definition,
        name=said.name or cls.__name__,
        version=said.version,
        title=_title(cls),
        data=data,
        parents=parents or (above.parents if above else ()),
        unique=unique,
        unique_scope=above.unique_scope if above is not None and shared else cls,
        abstract=said.abstract,
        initial=shape.initial(),
        states=shape.states,
        phases=shape.phase_specs(),
        events=_events(shape, binding),
        invariants=binding.invariants(),
    )
    faults.extend(faults_of(blueprint))
    if faults:
        raise DefinitionError(name=cls.__name__, faults=tuple(faults))
    return blueprint


def _inherited(cls: type[Any]) -> Blueprint | None:
    for base in cls.__mro__[1:]:
        if is_lifecycle_class(base) and "__progflow__" in vars(base):
            return base.__progflow__.blueprint
    return None


def _title(cls: type[Any]) -> str:
    said = (inspect.getdoc(cls) or "") if vars(cls).get("__doc__") else ""
    return said.strip().split("\n")[0].removesuffix(".") or readable(cls.__name__)


def _instance(cls: type[Lifecycle[Any]], faults: list[Fault]) -> Lifecycle[Any] | None:
    try:
        return cls()
    except Exception as error:
        problem = f"does not build without arguments ({type(error).__name__}: {error})."
        mend = "Take __init__ away: a definition has one instance, which progflow makes."
        faults.append(Fault(cls.__name__, problem, mend))
        return None


def _check_said(cls: type[Any], data: Any, said: Said, faults: list[Fault]) -> None:
    if hints.has_type_variable(data) and not said.abstract:
        mend = "Write Lifecycle[YourData], or abstract=True for a generic base."
        faults.append(Fault(f"{cls.__name__}(Lifecycle[…])", "the type of its data is not known.", mend))
    if said.version < 1:
        mend = "Begin with 1 and count up when the rules change."
        faults.append(Fault(f"{cls.__name__}(version=…)", f"{said.version} is no version.", mend))
    if "." in said.name:
        mend = "Write a name without a dot; the program's name is put before it."
        faults.append(Fault(f"{cls.__name__}(name=…)", f"{said.name!r} has a dot.", mend))


def _parents(cls: type[Any], root: type[Any], parent: object, faults: list[Fault]) -> tuple[type[Lifecycle[Any]], ...]:
    found: list[type[Lifecycle[Any]]] = []
    for one in as_tuple(parent):
        if is_lifecycle_class(one) and one is not root:
            found.append(one)
        else:
            mend = "Name a lifecycle class, or several in a tuple."
            faults.append(Fault(f"{cls.__name__}(parent=…)", f"{one!r} is an unknown parent.", mend))
    return tuple(found)


def _events(shape: Shape, binding: Binding) -> dict[str, EventSpec]:
    found: dict[str, EventSpec] = {}
    arrows = Arrows(shape)
    for name, member in shape.members.items():
        if isinstance(member, Event):
            inside = [(name, member, Spot(None, shape.definition))]
        else:
            members = shape.phase_members.get(name, {}).items()
            spot = Spot(name, shape.phases[name]) if name in shape.phases else Spot(None, shape.definition)
            inside = [(f"{name}.{inner}", event, spot) for inner, event in members if isinstance(event, Event)]
        for path, event, spot in inside:
            if not event.rule.arrows or shape.arrows(event, path, spot):
                found[path] = _event(shape, arrows, binding, path, event, spot, len(found))
    return found


def _event(
    shape: Shape, arrows: Arrows, binding: Binding, path: str, event: Event[Any, Any], spot: Spot, order: int
) -> EventSpec:
    rule = event.rule
    ways = arrows.ways(path, event, spot)
    return EventSpec(
        path=path,
        title=event.title,
        order=order,
        phase=spot.phase,
        function=event.function,
        definition=spot.definition,
        parameters=parameters_seen(shape, event, spot, path),
        targets=ways.targets,
        starts=ways.starts,
        by=binding.who(path, rule.by, spot),
        guards=binding.guards(path, event, spot),
        after=binding.term(path, "after", rule.after, spot),
        since=binding.moment(path, "since", rule.since, spot),
        at=binding.moment(path, "at", rule.at, spot),
        every=binding.term(path, "every", rule.every, spot),
        auto=rule.auto,
    )
