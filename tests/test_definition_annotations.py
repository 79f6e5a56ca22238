# No "from __future__ import annotations" here: this module is about annotations that are evaluated as they stand.
"""Annotations are resolved as they are seen from where they are written."""

import sys
from datetime import date
from types import ModuleType
from typing import Annotated, Any, Generic, TypeVar

import pytest
from annotated_types import Ge
from attrs import frozen

from progflow import ANYONE, START, STAY, Context, DefinitionError, Lifecycle, Phase, Role, State, event
from progflow.definition.lifecycle import blueprint_of

HR = Role("hr")
D = TypeVar("D")


def payload(lifecycle: type[Lifecycle[Any]], path: str) -> dict[str, Any]:
    return {name: one.type for name, one in blueprint_of(lifecycle).events[path].parameters.items()}


def test_annotations_may_be_types_or_text() -> None:
    @frozen
    class Local:
        city: str = ""

    class Thing(Lifecycle[Local]):
        out = State(resting=True)

        @event(START >> out, by=ANYONE)
        def begin(self, ctx: Context[Local], *, day: date, local: "Local", count: Annotated[int, Ge(1)]) -> Local:
            return local

    assert payload(Thing, "begin") == {"day": date, "local": Local, "count": Annotated[int, Ge(1)]}


def test_text_inside_a_type_is_resolved_too() -> None:
    @frozen
    class Local:
        city: str = ""

    class Thing(Lifecycle["Local"]):
        out = State(initial=True, resting=True)

        @event(out >> STAY, by=ANYONE)
        def go(self, ctx: Context[Local], *, several: "tuple[Local, ...]") -> None: ...

    assert payload(Thing, "go") == {"several": tuple[Local, ...]}
    assert blueprint_of(Thing).data is Local


FUTURE = """
from __future__ import annotations
from datetime import date
from enum import Enum
from typing import TYPE_CHECKING
from attrs import frozen
from progflow import ANYONE, STAY, Context, Lifecycle, Phase, State, event

if TYPE_CHECKING:
    from decimal import Decimal

@frozen
class Data:
    where: str = "module"

def local():
    class City(Enum):
        KOELN = "Köln"
    @frozen
    class Data:
        where: City = City.KOELN
    class Part(Phase["Data"]):
        a = State(initial=True, resting=True)
        @event(a >> STAY, by=ANYONE)
        def go(self, ctx: Context[Data], *, data: Data, city: City) -> None: ...
    class Thing(Lifecycle["Data"]):
        part = Part()
        @event(part >> STAY, by=ANYONE)
        def go(self, ctx: Context[Data], *, data: Data, city: City) -> None: ...
    return Thing, Data, City

def make(City=None):
    class Thing(Lifecycle[Data]):
        out = State(initial=True, resting=True)
        @event(out >> STAY, by=ANYONE)
        def go(self, ctx: Context[Data], *, data: Data) -> None: ...
    return Thing

def calls():
    class Data:
        "not what make() sees"
    return make()

def nested():
    @frozen
    class Inner:
        count: int = 0
    def deeper():
        class Thing(Lifecycle[Inner]):
            out = State(initial=True, resting=True)
            @event(out >> STAY, by=ANYONE)
            def go(self, ctx: Context[Inner], *, inner: Inner) -> None: ...
        return Thing
    return deeper(), Inner

def own():
    class Thing(Lifecycle[Data]):
        out = State(initial=True, resting=True)
        @frozen
        class Wish:
            day: date
        @event(out >> STAY, by=ANYONE)
        def go(self, ctx: Context[Data], *, wish: Wish) -> None: ...
    return Thing

def unresolvable():
    class Thing(Lifecycle[Data]):
        out = State(initial=True, resting=True)
        @event(out >> STAY, by=ANYONE)
        def go(self, ctx: Context[Data], *, price: Decimal, fine: date) -> None: ...
"""


@pytest.fixture
def module(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    made = ModuleType("written_with_future_annotations")
    monkeypatch.setitem(sys.modules, made.__name__, made)
    exec(FUTURE, made.__dict__)  # the future import has to stand in a module of its own
    return made


def test_local_types_are_found_also_where_annotations_are_kept_as_text(module: ModuleType) -> None:
    thing, data, city = module.local()
    assert payload(thing, "go") == {"data": data, "city": city}
    assert payload(thing, "part.go") == {"data": data, "city": city}
    assert blueprint_of(thing).data is data
    assert blueprint_of(thing).phases["part"].data is data


def test_names_of_a_calling_function_are_not_taken_for_those_around_the_class(module: ModuleType) -> None:
    assert payload(module.calls(), "go") == {"data": module.Data}


def test_names_of_all_functions_around_the_class_are_seen(module: ModuleType) -> None:
    thing, inner = module.nested()
    assert payload(thing, "go") == {"inner": inner}


def test_a_type_declared_in_the_class_body_is_seen(module: ModuleType) -> None:
    thing = module.own()
    assert payload(thing, "go") == {"wish": thing.Wish}


def test_a_name_that_only_the_type_checkers_see_is_a_fault_and_the_others_are_none(module: ModuleType) -> None:
    with pytest.raises(DefinitionError) as error:
        module.unresolvable()
    (fault,) = error.value.faults
    assert fault.path == "Thing.go(price)"
    assert "TYPE_CHECKING" in fault.mend


def test_a_class_keeps_nothing_of_the_function_in_which_it_was_defined(module: ModuleType) -> None:
    thing, _, _ = module.local()
    assert thing.__body__.names == {}
    assert thing.__body__.overwritten == ()


def test_private_names_on_the_classes_of_users_are_few() -> None:
    class Part(Phase[None]):
        a = State(initial=True, resting=True)

    class Thing(Lifecycle[None]):
        part = Part()

    class Usual(Generic[D]):
        pass

    usual = {*dir(Usual), "__annotations__"}
    assert set(dir(Thing)) - usual == {"part", "__progflow__", "__body__"}
    own = set(dir(Part)) - usual - {"__or__", "__rshift__", "__sub__"}
    assert own == {"a", "then", "__body__", "__parts__", "__set_name__"}
    assert vars(Thing.part).keys() == {"__bound__"}
