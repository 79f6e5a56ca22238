"""Which types can be stored and read back, and which can be compared in a store."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence, Set
from datetime import date, datetime, time
from decimal import Decimal
from enum import Enum
from inspect import isclass
from types import UnionType
from typing import Annotated, Any, Final, Literal, NewType, TypeGuard, Union, get_args, get_origin
from uuid import UUID

import attrs

SCALARS: Final = (str, bool, int, float, date, datetime, time, Decimal, UUID)
COMPARABLE: Final = (str, bool, int, float, date, datetime, UUID)
LISTS: Final = (list, tuple, set, frozenset, Sequence, Set, Collection)
UNORDERED: Final = (set, frozenset, Set)
OBJECTS: Final = (dict, Mapping)


def name_of(of: Any) -> str:
    """How a type is named in a sentence."""
    return of.__name__ if isclass(of) and not get_args(of) else str(of).replace("typing.", "")


def is_enum(of: Any) -> bool:
    """Whether it is an Enum."""
    return isclass(of) and issubclass(of, Enum)


def is_object(value: object) -> TypeGuard[Mapping[Any, Any]]:
    """Whether plain data is a JSON object."""
    return isinstance(value, Mapping)


def is_attrs(of: Any) -> bool:
    """Whether it is an attrs class, also one with its type variables put in."""
    origin = get_origin(of)
    return isclass(of if origin is None else origin) and attrs.has(of if origin is None else origin)


def is_comparable(of: Any) -> bool:
    """Whether stored values of this type can be compared in every store: scalars with one plain form each."""
    origin = get_origin(of)
    if origin is Annotated:
        return is_comparable(get_args(of)[0])
    if origin in (Union, UnionType):
        return all(arg is type(None) or is_comparable(arg) for arg in get_args(of))
    return of in COMPARABLE or is_enum(of)


def is_number(of: Any) -> bool:
    """Whether values of this type, or those of them that are not None, can be added up."""
    origin = get_origin(of)
    if origin is Annotated:
        return is_number(get_args(of)[0])
    if origin in (Union, UnionType):
        return all(arg is type(None) or is_number(arg) for arg in get_args(of))
    return of in (int, float, Decimal)


def unsupported(of: Any) -> str | None:
    """Why values of this type could not be stored and read back; None if they can, as far as this can be told."""
    return _unsupported(of, set())


def _unsupported(of: Any, seen: set[Any]) -> str | None:
    if of is None or of is type(None) or of in SCALARS or is_enum(of):
        return None
    if of is Any or of is object:
        return f"{name_of(of)} says nothing about the value: name its type"
    if isinstance(of, NewType):
        return _unsupported(of.__supertype__, seen)
    origin, args = get_origin(of), get_args(of)
    if origin is Annotated:
        return _unsupported(args[0], seen)
    if origin is Literal:
        return _unsupported_literal(args)
    if origin in (Union, UnionType):
        return _first(args, seen) or _unsupported_union(args)
    if of in (*LISTS, *OBJECTS):
        return f"{name_of(of)} says nothing about what is in it: write {name_of(of)}[…]"
    if origin in OBJECTS:
        return _unsupported_key(args[0]) or _unsupported(args[1], seen)
    if origin in LISTS:
        return _first(tuple(arg for arg in args if arg is not Ellipsis), seen)
    if is_attrs(of):
        return _unsupported_fields(of, seen)
    return f"{name_of(of)} is no type that can be written as plain data"


def _first(args: tuple[Any, ...], seen: set[Any]) -> str | None:
    return next((problem for arg in args if (problem := _unsupported(arg, seen)) is not None), None)


def _unsupported_union(args: tuple[Any, ...]) -> str | None:
    kinds = [arg for arg in args if arg is not type(None)]
    if len(kinds) == 1 or all(kind in (str, int, float, bool) for kind in kinds) or all(map(is_attrs, kinds)):
        return None
    return f"{' and '.join(map(name_of, kinds))} cannot be told apart in plain data"


def _unsupported_literal(args: tuple[Any, ...]) -> str | None:
    wrong = [arg for arg in args if type(arg) not in (str, int, bool, type(None))]
    return f"{wrong[0]!r} in a Literal is no text, whole number, true, false or null" if wrong else None


def _unsupported_key(of: Any) -> str | None:
    if get_origin(of) is Annotated:
        return _unsupported_key(get_args(of)[0])
    texts = is_enum(of) and all(isinstance(member.value, str) for member in of)
    if of in (str, date, UUID) or texts:
        return None
    return f"{name_of(of)} cannot be the key of a JSON object: use str, an Enum of str, date or UUID"


def _unsupported_fields(of: Any, seen: set[Any]) -> str | None:
    if of in seen:
        return None
    seen.add(of)
    cls: type[Any] = get_origin(of) or of
    known = dict(zip(getattr(cls, "__parameters__", ()), get_args(of), strict=False))
    for attribute in attrs.fields(attrs.resolve_types(cls)):
        where = f"{name_of(cls)}.{attribute.name}"
        if attribute.type is None:
            return f"{where} has no annotation"
        if not attribute.init:
            return f"{where} is no argument of the class (init=False), so it would be lost"
        problem = _unsupported(known.get(attribute.type, attribute.type), seen)
        if problem is not None:
            return f"{where}: {problem}"
    return None
