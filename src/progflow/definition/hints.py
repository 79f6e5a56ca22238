"""Types as they are written: annotations, and what stands for the type variables of a definition."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from types import SimpleNamespace
from typing import Any, ForwardRef, TypeVar, get_args, get_origin, get_type_hints

import attrs

from progflow.codec import UTC_ZONE, codec
from progflow.definition.bodies import Definition

STRUCTURABLE = "Use scalars, Enums, attrs classes, and lists, tuples and dicts of them."
AT_RUN_TIME = "Import or define it before the class, at run time too and not only under TYPE_CHECKING."


class Unresolved(Exception):
    """An annotation names something that is not known when the class is created."""


class Unstructurable(Exception):
    """A type whose values could not be stored and read back."""


def resolve(annotation: Any, function: Callable[..., Any] | None, module: str, around: Mapping[str, Any]) -> Any:
    """The type behind an annotation, as it is seen from where it is written.

    Args:
        annotation: a type, or text that names one.
        function: where it is written; None for the bases of a class.
        module: the name of the module, where there is no function.
        around: the names of the class body and of the functions around it.

    Raises:
        Unresolved: a name in it is not known there.
    """
    if annotation is None or not (isinstance(annotation, str | ForwardRef) or _has_forward(annotation)):
        return annotation
    text = annotation.__forward_arg__ if isinstance(annotation, ForwardRef) else annotation
    known = function.__globals__ if function is not None else vars(sys.modules[module])
    holder = SimpleNamespace(__annotations__={"it": text})
    try:
        return get_type_hints(holder, globalns=known, localns=dict(around), include_extras=True)["it"]
    except (NameError, AttributeError, TypeError, SyntaxError) as error:
        raise Unresolved(str(error)) from None


def _has_forward(annotation: Any) -> bool:
    return any(isinstance(arg, str | ForwardRef) or _has_forward(arg) for arg in get_args(annotation))


def check_structurable(of: Any, around: Mapping[str, Any]) -> None:
    """Make sure that values of this type can be stored and read back, and resolve the fields inside it.

    Args:
        of: the type; one that still has a type variable passes.
        around: the names of the functions around the definition, for attrs classes that are defined in one.

    Raises:
        Unresolved: a field of an attrs class inside it names something unknown.
        Unstructurable: with the reason.
    """
    try:
        for cls in _attrs_classes(of, set()):
            attrs.resolve_types(cls, localns=dict(around) if "<locals>" in cls.__qualname__ else None)
    except NameError as error:
        raise Unresolved(str(error)) from None
    problem = None if has_type_variable(of) else codec(UTC_ZONE).problem(of)
    if problem is not None:
        raise Unstructurable(problem)


def _attrs_classes(of: Any, seen: set[Any]) -> Iterator[type[Any]]:
    origin = get_origin(of) or of
    if isinstance(origin, type) and attrs.has(origin) and origin not in seen:
        seen.add(origin)
        yield origin
        for attribute in attrs.fields(origin):
            yield from _attrs_classes(attribute.type, seen)
    for arg in get_args(of):
        yield from _attrs_classes(arg, seen)


# -- type variables ----------------------------------------------------------------------------------


def has_type_variable(of: Any) -> bool:
    """Whether the type still depends on a type variable."""
    return isinstance(of, TypeVar) or (bool(getattr(of, "__parameters__", ())) and not isinstance(of, type))


def substituted(of: Any, known: Mapping[Any, Any]) -> Any:
    """The type with what is known put in for its type variables."""
    if isinstance(of, TypeVar):
        return known.get(of, of)
    if has_type_variable(of):
        return of[tuple(known.get(parameter, parameter) for parameter in of.__parameters__)]
    return of


def arguments(cls: type[Any], root: type[Any]) -> Mapping[Any, Any]:
    """What stands for each type variable of ``root`` in a class derived from it: ``MenteeData`` for ``D``."""
    own: tuple[Any, ...] = getattr(root, "__parameters__", ())
    if cls is root:
        return {parameter: parameter for parameter in own}
    for base in vars(cls).get("__orig_bases__", cls.__bases__):
        origin = get_origin(base) or base
        if isinstance(origin, type) and issubclass(origin, root):
            said = dict(zip(getattr(origin, "__parameters__", ()), _arguments_of(cls, base), strict=False))
            return {parameter: substituted(of, said) for parameter, of in arguments(origin, root).items()}
    return {}


def _arguments_of(cls: type[Any], base: Any) -> Iterator[Any]:
    resolved: Mapping[str, Any] = cls.__body__.resolved if isinstance(cls, Definition) else {}
    for arg in get_args(base):
        yield resolved.get(arg.__forward_arg__, arg) if isinstance(arg, ForwardRef) else arg


def type_argument(cls: type[Any], root: type[Any]) -> Any:
    """What a class has put in for the one type variable of ``root``."""
    return next(iter(arguments(cls, root).values()))


def instance_arguments(instance: object) -> Mapping[Any, Any]:
    """What ``TandemPhase[MyData](…)`` put in for the type variables of its class."""
    alias = getattr(instance, "__orig_class__", None)
    return dict(zip(getattr(type(instance), "__parameters__", ()), get_args(alias), strict=False))
