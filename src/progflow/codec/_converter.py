"""The converter: cattrs, made strict."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Set
from datetime import datetime
from types import GenericAlias
from typing import Annotated, Any, Literal, TypeGuard, get_args, get_origin
from zoneinfo import ZoneInfo

from cattrs import Converter, transform_error
from cattrs.cols import (
    list_structure_factory,
    mapping_structure_factory,  # pyright: ignore[reportUnknownVariableType] # two parameters have no annotation
)
from cattrs.errors import BaseValidationError, ForbiddenExtraKeysError
from cattrs.gen import make_dict_structure_fn, make_dict_unstructure_fn
from cattrs.strategies import configure_union_passthrough

from progflow.codec._constraints import check_of, flat
from progflow.codec._scalars import STRUCTURE, UNSTRUCTURE, read_datetime, read_enum, read_literal, shown, write_enum
from progflow.codec._types import LISTS, OBJECTS, UNORDERED, is_attrs, is_enum, is_object, name_of
from progflow.errors import InputFault


def converter_for(zone: ZoneInfo) -> Converter:
    """A strict converter; it reads datetimes in the given zone."""
    converter = Converter(forbid_extra_keys=True, detailed_validation=True)
    for of, structure in STRUCTURE.items():
        converter.register_structure_hook(of, structure)
    for of, unstructure in UNSTRUCTURE.items():
        converter.register_unstructure_hook(of, unstructure)
    converter.register_structure_hook(datetime, lambda value, _: read_datetime(value, zone))
    configure_union_passthrough(str | int | float | bool | None, converter, accept_ints_as_floats=True)
    converter.register_structure_hook_factory(_is_list, _list_reader)
    converter.register_unstructure_hook_factory(_is_list, _list_writer)
    converter.register_structure_hook_factory(_is_mapping, _mapping_reader)
    converter.register_structure_hook_factory(is_attrs, _object_reader)
    converter.register_unstructure_hook_factory(is_attrs, _object_writer)
    converter.register_structure_hook_func(is_enum, read_enum)
    converter.register_unstructure_hook_func(is_enum, write_enum)
    converter.register_structure_hook_func(_is_literal, read_literal)
    converter.register_structure_hook_factory(_is_annotated, _annotated_reader)
    converter.register_unstructure_hook_factory(_is_annotated, _annotated_writer)
    return converter


def _sorted(values: Iterable[Any]) -> list[Any]:
    return sorted(values, key=lambda value: (type(value).__name__, str(value)))


# -- lists and objects: cattrs would iterate over a text where a list belongs ------------------------


def _is_list(of: Any) -> bool:
    return get_origin(of) in LISTS


def _items(value: object, origin: Any) -> TypeGuard[Collection[Any]]:
    """Whether it is a list; where the order says nothing, also a set."""
    return isinstance(value, list | tuple) or (origin in UNORDERED and isinstance(value, set | frozenset))


def _list_reader(of: Any, converter: Converter) -> Callable[[Any, Any], Any]:
    origin: Any = get_origin(of)
    args = get_args(of)
    if origin is tuple and args[-1:] != (...,):
        return _fixed_tuple(args, converter)
    collect = _collector(origin)
    items: Any = GenericAlias(list, args[:1])
    plain = list_structure_factory(items, converter)

    def structure(value: Any, _: Any) -> Any:
        if not _items(value, origin):
            raise TypeError(f"must be a list, not {shown(value)}")
        return collect(plain(value, list))

    return structure


def _collector(origin: Any) -> Callable[[list[Any]], Any]:
    if origin is Set:
        return frozenset
    kind: Callable[[list[Any]], Any] = origin if origin in (list, set, frozenset) else tuple
    return kind


def _fixed_tuple(args: tuple[Any, ...], converter: Converter) -> Callable[[Any, Any], Any]:
    hooks = [(converter.get_structure_hook(arg), arg) for arg in args]

    def structure(value: Any, _: Any) -> Any:
        if not _items(value, tuple) or len(value) != len(hooks):
            raise TypeError(f"must be a list of {len(hooks)}, not {shown(value)}")
        return tuple(hook(item, arg) for (hook, arg), item in zip(hooks, value, strict=True))

    return structure


def _list_writer(of: Any, converter: Converter) -> Callable[[Any], Any]:
    origin: Any = get_origin(of)
    args = get_args(of)
    hooks = [converter.get_unstructure_hook(arg) for arg in args if arg is not ...]
    if origin is tuple and args[-1:] != (...,):
        return lambda value: (
            [hook(item) for hook, item in zip(hooks, value, strict=True)] if _items(value, tuple) else value
        )
    (hook,) = hooks

    def write(value: Any) -> Any:
        if not _items(value, origin):
            return value
        plain = [hook(item) for item in value]
        return _sorted(plain) if origin in UNORDERED else plain

    return write


def _is_mapping(of: Any) -> bool:
    return get_origin(of) in OBJECTS


def _mapping_reader(of: Any, converter: Converter) -> Callable[[Any, Any], Any]:
    plain = mapping_structure_factory(of, converter, dict)

    def structure(value: Any, _: Any) -> Any:
        if not is_object(value):
            raise TypeError(f"must be an object, not {shown(value)}")
        return plain(value, of)

    return structure


def _object_reader(of: Any, converter: Converter) -> Callable[[Any, Any], Any]:
    plain = make_dict_structure_fn(
        of,
        converter,
        _cattrs_forbid_extra_keys=True,
        _cattrs_detailed_validation=True,
        _cattrs_use_alias=False,
    )

    def structure(value: Any, _: Any) -> Any:
        if not is_object(value):
            raise TypeError(f"must be an object with the fields of {name_of(of)}, not {shown(value)}")
        return plain(value, of)

    return structure


def _object_writer(of: Any, converter: Converter) -> Callable[[Any], Any]:
    plain = make_dict_unstructure_fn(of, converter, _cattrs_use_alias=False)
    exactly = get_origin(of) or of
    # The fields of a subclass would be dropped without a word, so its values are left as they are, to be refused.
    return lambda value: plain(value) if type(value) is exactly else value


# -- constraints -------------------------------------------------------------------------------------


def _is_literal(of: Any) -> bool:
    origin: Any = get_origin(of)
    return origin is Literal


def _is_annotated(of: Any) -> bool:
    return get_origin(of) is Annotated


def _annotated_reader(of: Any, converter: Converter) -> Callable[[Any, Any], Any]:
    inner, *metadata = get_args(of)
    hook = converter.get_structure_hook(inner)
    asked = [check_of(constraint) for item in metadata for constraint in flat(item)]
    checks = [check for check in asked if check is not None]

    def structure(value: Any, _: Any) -> Any:
        result = hook(value, inner)
        if result is not None:
            broken = [problem for check in checks if (problem := check(result)) is not None]
            if broken:
                raise ValueError(" and ".join(broken))
        return result

    return structure


def _annotated_writer(of: Any, converter: Converter) -> Callable[[Any], Any]:
    return converter.get_unstructure_hook(get_args(of)[0])


# -- faults ------------------------------------------------------------------------------------------


def faults_of(error: Exception, path: str) -> list[InputFault]:
    """Every fault in an error of the converter, each with its path below ``path``."""
    if not isinstance(error, BaseValidationError):
        return [InputFault(path, _said(error, None))]
    found: list[InputFault] = []
    for line in transform_error(error, path=path, format_exception=_said):
        problem, _, where = line.rpartition(" @ ")
        found.append(InputFault(where, problem))
    return found


def _said(error: BaseException, _: Any) -> str:
    match error:
        case KeyError():
            return "is missing"
        case ForbiddenExtraKeysError():
            return f"has fields that it does not know: {', '.join(sorted(error.extra_fields))}"
        case _:
            said = error.args[0] if error.args else type(error).__name__
            return str(said)  # validators of attrs put more into their errors than the sentence
