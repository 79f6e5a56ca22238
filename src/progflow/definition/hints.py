"""Types as they are written: the annotations of payloads, and the data that a definition is made for."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Iterator, Mapping
from types import SimpleNamespace
from typing import Any, ForwardRef, TypeVar, get_args, get_origin, get_type_hints

import attrs
from attrs import NOTHING

from progflow.codec import UTC_ZONE, BadValue, codec
from progflow.definition.blueprint import Parameter
from progflow.errors import Fault


class Unresolved(Exception):
    """An annotation names something that is not known when the class is created."""


def resolve(
    annotation: Any, function: Callable[..., Any] | None, module: str, around: Mapping[str, Any]
) -> Any:
    """The type behind an annotation, as it is seen from where it is written.

    Raises:
        Unresolved: a name in it is not known there.
    """
    if annotation is None:
        return None
    if not isinstance(annotation, str | ForwardRef) and not _has_forward(annotation):
        return annotation
    text = annotation.__forward_arg__ if isinstance(annotation, ForwardRef) else annotation
    space = (
        function.__globals__
        if function is not None
        else vars(sys.modules[module])
        if module in sys.modules
        else {}
    )
    holder = SimpleNamespace(__annotations__={"it": text})
    try:
        return get_type_hints(holder, globalns=space, localns=dict(around), include_extras=True)["it"]
    except (NameError, AttributeError, TypeError, SyntaxError) as error:
        raise Unresolved(str(error)) from None


def _has_forward(annotation: Any) -> bool:
    return any(isinstance(arg, str | ForwardRef) or _has_forward(arg) for arg in get_args(annotation))


def read_parameters(
    function: Callable[..., Any], path: str, around: Mapping[str, Any], faults: list[Fault]
) -> dict[str, Parameter]:
    """The payload of an event: its keyword-only parameters, resolved and checked."""
    found: dict[str, Parameter] = {}
    for parameter in _beyond_context(function):
        where = f"{path}({parameter.name})"
        if parameter.kind is not inspect.Parameter.KEYWORD_ONLY:
            mend = f"Write it behind a star: def {function.__name__}(self, ctx, *, {parameter.name}: …)."
            faults.append(Fault(where, "is a positional payload.", mend))
            continue
        if parameter.annotation is inspect.Parameter.empty:
            mend = f"Say what it is: {parameter.name}: str."
            faults.append(Fault(where, "has no annotation.", mend))
            continue
        of = _read_type(parameter.annotation, function, where, around, faults)
        if of is None and parameter.annotation not in (None, "None"):
            continue
        default = NOTHING if parameter.default is inspect.Parameter.empty else parameter.default
        _check_default(where, of, default, faults)
        found[parameter.name] = Parameter(parameter.name, of, default)
    return found


def _read_type(
    annotation: Any, function: Callable[..., Any], where: str, around: Mapping[str, Any], faults: list[Fault]
) -> Any:
    try:
        of = resolve(annotation, function, function.__module__, around)
        for cls in _attrs_classes(of, set()):
            attrs.resolve_types(cls, localns=dict(around))
    except (Unresolved, NameError) as error:
        mend = "Import or define it before the class, at run time too and not only under TYPE_CHECKING."
        faults.append(Fault(where, f"its annotation {annotation!r} cannot be resolved ({error}).", mend))
        return None
    problem = None if has_type_variable(of) else codec(UTC_ZONE).problem(of)
    if problem is not None:
        mend = "Use scalars, Enums, attrs classes, and lists, tuples and dicts of them."
        faults.append(Fault(where, f"cannot be structured: {problem}.", mend))
        return None
    return of


def _check_default(where: str, of: Any, default: Any, faults: list[Fault]) -> None:
    if default is NOTHING or has_type_variable(of):
        return
    try:
        codec(UTC_ZONE).round_trip(default, of, "it")
    except BadValue as error:
        problem = error.faults[0].problem
        faults.append(
            Fault(where, f"its default does not fit its type: {problem}.", "Change one of the two.")
        )


def _beyond_context(function: Callable[..., Any]) -> list[inspect.Parameter]:
    return list(inspect.signature(function).parameters.values())[2:]


def read_rule_parameters(
    function: Callable[..., Any], path: str, around: Mapping[str, Any], faults: list[Fault]
) -> dict[str, Parameter]:
    """The fields of the payload that a guard names, with their types where these can be told."""
    found: dict[str, Parameter] = {}
    for parameter in _beyond_context(function):
        if parameter.kind is not inspect.Parameter.KEYWORD_ONLY:
            mend = f"Write it behind a star: def {function.__name__}(self, ctx, *, {parameter.name}: …)."
            faults.append(Fault(f"{path}({parameter.name})", "is a positional parameter.", mend))
            continue
        try:
            of = resolve(parameter.annotation, function, function.__module__, around)
        except Unresolved:
            of = inspect.Parameter.empty
        default = NOTHING if parameter.default is inspect.Parameter.empty else parameter.default
        found[parameter.name] = Parameter(parameter.name, of, default)
    return found


def _attrs_classes(of: Any, seen: set[Any]) -> Iterator[type[Any]]:
    origin = get_origin(of) or of
    if isinstance(origin, type) and attrs.has(origin) and origin not in seen:
        seen.add(origin)
        yield origin
        for attribute in attrs.fields(origin):
            yield from _attrs_classes(attribute.type, seen)
    for arg in get_args(of):
        yield from _attrs_classes(arg, seen)


def resolve_fields(of: Any, around: Mapping[str, Any]) -> str | None:
    """Resolve the annotations of an attrs class and of those inside it; what cannot be resolved, or None."""
    try:
        for cls in _attrs_classes(of, set()):
            attrs.resolve_types(cls, localns=dict(around))
    except NameError as error:
        return str(error)
    return None


def has_type_variable(of: Any) -> bool:
    """Whether the type still depends on a type variable."""
    return isinstance(of, TypeVar) or bool(getattr(of, "__parameters__", ())) and not isinstance(of, type)


def type_argument(cls: type[Any], root: type[Any]) -> Any:
    """What a class has put in for the type variable of ``root``: ``MenteeData`` in ``Mentee(Lifecycle[MenteeData])``."""
    return _argument(cls, root, {})


def _argument(cls: type[Any], root: type[Any], known: Mapping[Any, Any]) -> Any:
    for base in cls.__dict__.get("__orig_bases__", cls.__bases__):
        origin, args = get_origin(base) or base, get_args(base)
        if origin is root:
            return _substitute(args[0], known) if args else vars(root)["__parameters__"][0]
        if isinstance(origin, type) and issubclass(origin, root):
            parameters = getattr(origin, "__parameters__", ())
            inner = {p: _substitute(arg, known) for p, arg in zip(parameters, args, strict=False)}
            return _argument(origin, root, inner)
    return None


def _substitute(arg: Any, known: Mapping[Any, Any]) -> Any:
    if isinstance(arg, TypeVar):
        return known.get(arg, arg)
    parameters = getattr(arg, "__parameters__", ())
    if parameters and not isinstance(arg, type):
        return arg[tuple(known.get(parameter, parameter) for parameter in parameters)]
    return arg


def instance_argument(instance: object, root: type[Any]) -> Any:
    """The same for an instance: ``TandemPhase[MyData](…)`` or one of a class that has said it."""
    alias = getattr(instance, "__orig_class__", None)
    cls = type(instance)
    of = type_argument(cls, root)
    if alias is not None and has_type_variable(of):
        parameters = getattr(cls, "__parameters__", ())
        return _substitute(of, dict(zip(parameters, get_args(alias), strict=False)))
    return of
