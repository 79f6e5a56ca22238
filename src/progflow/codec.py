"""The only home of cattrs: payloads and data to plain JSON and back, strictly.

Strict means that nothing is coerced: ``"3"`` is no int, a datetime is no date, a naive datetime is no instant, and a
field too many is a fault. All faults of a value are reported at once, each with its path. Nothing that is read is
ever imported or evaluated.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence, Set
from datetime import UTC, date, datetime, time
from decimal import Decimal, InvalidOperation
from enum import Enum
from functools import lru_cache
from inspect import isclass
from typing import Annotated, Any, Final, get_args, get_origin
from uuid import UUID
from zoneinfo import ZoneInfo

import annotated_types as at
import attrs
from cattrs import Converter, transform_error
from cattrs.cols import list_structure_factory
from cattrs.errors import BaseValidationError, ForbiddenExtraKeysError, StructureHandlerNotFoundError
from cattrs.gen import make_dict_structure_fn
from cattrs.strategies import configure_union_passthrough

from progflow.errors import InputFault
from progflow.records import Json


class BadValue(Exception):
    """A value does not fit its type. Internal: the caller knows what the value was for and says so."""

    def __init__(self, faults: Sequence[InputFault]) -> None:
        super().__init__("; ".join(map(str, faults)))
        self.faults = tuple(faults)


class Codec:
    """Writes typed values as plain JSON and reads them back; datetimes are read in the given zone."""

    def __init__(self, zone: ZoneInfo) -> None:
        self._converter = _converter(zone)

    def dump(self, value: object, of: Any) -> Json:
        """The value as plain JSON. What does not fit its type is passed on as it is, for ``load`` to report."""
        try:
            return self._converter.unstructure(value, unstructure_as=of)
        except (AttributeError, TypeError, ValueError, KeyError):
            return value

    def load(self, value: Json, of: Any, path: str) -> Any:
        """The typed value of plain JSON.

        Raises:
            BadValue: with every fault and its path below ``path``.
        """
        try:
            return self._converter.structure(value, of)
        except StructureHandlerNotFoundError:
            raise
        except Exception as error:
            raise BadValue(_faults(error, path)) from error

    def round_trip(self, value: object, of: Any, path: str) -> tuple[Json, Any]:
        """The value as plain JSON and as it will be read back.

        Raises:
            BadValue: it would not come back.
        """
        plain = self.dump(value, of)
        return plain, self.load(plain, of, path)

    def problem(self, of: Any) -> str | None:
        """Why values of this type could not be stored and read back; None if they can."""
        try:
            problem = _unsupported(of, set())
            if problem is None:
                self._converter.get_structure_hook(of)
        except Exception as error:
            return f"{_name(of)} cannot be read from plain data ({error})"
        return problem


@lru_cache(maxsize=64)
def codec(zone: ZoneInfo) -> Codec:
    """The codec of that zone; building one is dear, using one is cheap."""
    return Codec(zone)


UTC_ZONE: Final = ZoneInfo("UTC")


def _name(of: Any) -> str:
    return of.__name__ if isclass(of) and not get_args(of) else str(of).replace("typing.", "")


# -- what is supported ---------------------------------------------------------------------------------------------

_SCALARS: Final = (str, bool, int, float, date, datetime, time, Decimal, UUID)


def _unsupported(of: Any, seen: set[Any]) -> str | None:
    if of is None or of is type(None) or of in _SCALARS:
        return None
    if of is Any or of is object:
        return f"{_name(of)} says nothing about the value: name its type"
    origin, args = get_origin(of), get_args(of)
    if origin is Annotated:
        return _unsupported(args[0], seen)
    if isclass(origin or of) and issubclass(origin or of, Mapping) and args:
        if not _is_key(args[0]):
            return (
                f"{_name(args[0])} cannot be the key of a JSON object: use str, an Enum of str, date or UUID"
            )
        return _unsupported(args[1], seen)
    if isclass(of) and issubclass(of, Enum):
        return None
    if attrs.has(origin or of):
        return _unsupported_fields(of, origin or of, seen)
    for arg in args:
        if isclass(arg) or get_origin(arg) is not None:
            problem = _unsupported(arg, seen)
            if problem is not None:
                return problem
    return None


def _is_key(of: Any) -> bool:
    if get_origin(of) is Annotated:
        return _is_key(get_args(of)[0])
    return isclass(of) and (
        of in (str, date, UUID)
        or (issubclass(of, Enum) and all(isinstance(member.value, str) for member in of))
    )


def _unsupported_fields(of: Any, cls: type[Any], seen: set[Any]) -> str | None:
    if of in seen:
        return None
    seen.add(of)
    for attribute in attrs.fields(attrs.resolve_types(cls)):
        if attribute.type is None:
            return f"{_name(cls)}.{attribute.name} has no annotation"
        if isinstance(attribute.type, type) or get_origin(attribute.type) is not None:
            problem = _unsupported(attribute.type, seen)
            if problem is not None:
                return f"{_name(cls)}.{attribute.name}: {problem}"
    return None


# -- the converter -------------------------------------------------------------------------------------------------


def _converter(zone: ZoneInfo) -> Converter:
    converter = Converter(
        forbid_extra_keys=True,
        detailed_validation=True,
        unstruct_collection_overrides={tuple: list, Set: _sorted, frozenset: _sorted, set: _sorted},
    )
    for of, structure in _STRUCTURE.items():
        converter.register_structure_hook(of, structure)
    for of, unstructure in _UNSTRUCTURE.items():
        converter.register_unstructure_hook(of, unstructure)
    converter.register_structure_hook(datetime, lambda value, _: _read_datetime(value, zone))
    configure_union_passthrough(str | int | float | bool | None, converter, accept_ints_as_floats=True)
    _check_shapes(converter)
    converter.register_structure_hook_func(_is_enum, _read_enum)
    converter.register_unstructure_hook_func(_is_enum, _write_enum)
    converter.register_structure_hook_factory(_is_annotated, _annotated_factory)
    converter.register_unstructure_hook_factory(
        _is_annotated, lambda of, inner: inner.get_unstructure_hook(get_args(of)[0])
    )
    return converter


def _sorted(values: Iterable[Any]) -> list[Any]:
    return sorted(values, key=lambda value: (type(value).__name__, str(value)))


def _exactly(of: type[Any], wanted: str) -> Callable[[Any, Any], Any]:
    def structure(value: Any, cls: Any) -> Any:
        if _is_enum(cls):  # cattrs looks at str and int first, and an Enum may be one
            return _read_enum(value, cls)
        if type(value) is not of:
            raise TypeError(f"must be {wanted}, not {_shown(value)}")
        return value

    return structure


def _shown(value: object) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case int() | float():
            return f"the number {value}"
        case str():
            return f"the text {value[:40]!r}"
        case datetime():
            return f"the datetime {value.isoformat()}"
        case _:
            return f"a value of type {type(value).__name__}"


def _read_float(value: Any, _: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise TypeError(f"must be a finite number, not {_shown(value)}")
    return float(value)


def _read_date(value: Any, _: Any) -> date:
    if type(value) is not str or len(value) != 10:
        raise TypeError(f"must be a date as in 2026-08-15, not {_shown(value)}")
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise TypeError(f"must be a date as in 2026-08-15, not {_shown(value)}") from None


def _read_datetime(value: Any, zone: ZoneInfo) -> datetime:
    try:
        instant = datetime.fromisoformat(value) if type(value) is str and len(value) > 10 else None
    except ValueError:
        instant = None
    if instant is None or instant.tzinfo is None:
        if isinstance(value, datetime) or instant is not None:
            raise TypeError(f"must be a datetime with a UTC offset, not the naive {value}")
        raise TypeError(
            f"must be a datetime with a UTC offset as in 2026-08-15T10:00:00+02:00, not {_shown(value)}"
        )
    return instant.astimezone(zone)


def _read_time(value: Any, _: Any) -> time:
    try:
        return time.fromisoformat(value)
    except (ValueError, TypeError):
        raise TypeError(f"must be a time of day as in 14:30, not {_shown(value)}") from None


def _read_decimal(value: Any, _: Any) -> Decimal:
    try:
        number = Decimal(value) if type(value) in (str, int) else None
    except InvalidOperation:
        number = None
    if number is None or not number.is_finite():
        raise TypeError(f"must be a decimal number written as text, not {_shown(value)}")
    return number


def _read_uuid(value: Any, _: Any) -> UUID:
    try:
        return UUID(value)
    except (ValueError, TypeError, AttributeError):
        raise TypeError(f"must be a UUID, not {_shown(value)}") from None


def _read_null(value: Any, _: Any) -> None:
    if value is not None:
        raise TypeError(f"must be null, not {_shown(value)}")


def _is_enum(of: Any) -> bool:
    return isclass(of) and issubclass(of, Enum)


def _read_enum(value: Any, of: Any) -> Enum:
    for member in of:
        if type(member.value) is type(value) and member.value == value:
            return member  # type: ignore[no-any-return]
    offered = ", ".join(str(member.value) for member in of)
    raise ValueError(f"must be one of {offered}, not {_shown(value)}")


def _write_enum(value: Any) -> Any:
    return value.value if isinstance(value, Enum) else value


def _write_datetime(value: Any) -> Any:
    if not isinstance(value, datetime) or value.tzinfo is None:
        return value
    return value.astimezone(UTC).isoformat()


_STRUCTURE: Final[Mapping[Any, Callable[[Any, Any], Any]]] = {
    str: _exactly(str, "text"),
    int: _exactly(int, "a whole number"),
    bool: _exactly(bool, "true or false"),
    type(None): _read_null,
    float: _read_float,
    date: _read_date,
    time: _read_time,
    Decimal: _read_decimal,
    UUID: _read_uuid,
}

_UNSTRUCTURE: Final[Mapping[Any, Callable[[Any], Any]]] = {
    str: _write_enum,
    int: _write_enum,
    float: _write_enum,
    date: lambda value: value.isoformat() if type(value) is date else value,
    datetime: _write_datetime,
    time: lambda value: value.isoformat() if type(value) is time else value,
    Decimal: lambda value: str(value) if type(value) is Decimal else value,
    UUID: lambda value: str(value) if type(value) is UUID else value,
}


def _check_shapes(converter: Converter) -> None:
    """Refuse text where a list is wanted and lists where an object is: cattrs would iterate over either."""

    def is_list(of: Any) -> bool:
        origin = get_origin(of) or of
        return (
            isclass(origin)
            and issubclass(origin, Collection)
            and not issubclass(origin, str | bytes | Mapping)
            and not hasattr(origin, "_fields")
        )

    def list_factory(of: Any, inner: Converter) -> Callable[[Any, Any], Any]:
        collect = _collector(get_origin(of) or of)
        args = get_args(of)
        if collect is tuple and args and args[-1] is not Ellipsis:
            return _fixed_tuple(args, inner)
        item = args[0] if args else str
        plain = list_structure_factory(list[item], inner)  # type: ignore[valid-type]

        def structure(value: Any, _: Any) -> Any:
            if not isinstance(value, _LISTS):
                raise TypeError(f"must be a list, not {_shown(value)}")
            return collect(plain(value, list))

        return structure

    def list_writer(of: Any, inner: Converter) -> Callable[[Any], Any]:
        plain = lists.get_unstructure_hook(of)
        return lambda value: plain(value) if isinstance(value, _LISTS) else value

    def object_factory(of: Any, inner: Converter) -> Callable[[Any, Any], Any]:
        plain = make_dict_structure_fn(
            of,
            inner,
            _cattrs_forbid_extra_keys=True,
            _cattrs_detailed_validation=True,
            _cattrs_use_alias=False,
        )

        def structure(value: Any, _: Any) -> Any:
            if not isinstance(value, Mapping):
                raise TypeError(f"must be an object with the fields of {_name(of)}, not {_shown(value)}")
            return plain(value, of)

        return structure

    lists = converter.copy()
    converter.register_structure_hook_factory(is_list, list_factory)
    converter.register_unstructure_hook_factory(is_list, list_writer)
    converter.register_structure_hook_factory(lambda of: attrs.has(get_origin(of) or of), object_factory)


_LISTS: Final = (list, tuple, set, frozenset)


def _collector(origin: type[Any]) -> Callable[[list[Any]], Any]:
    for kind in (tuple, frozenset, set, list):
        if issubclass(origin, kind):
            return kind
    return frozenset if issubclass(origin, Set) else tuple


def _fixed_tuple(args: tuple[Any, ...], converter: Converter) -> Callable[[Any, Any], Any]:
    hooks = [(converter.get_structure_hook(arg), arg) for arg in args]

    def structure(value: Any, _: Any) -> Any:
        if not isinstance(value, list | tuple) or len(value) != len(hooks):
            raise TypeError(f"must be a list of {len(hooks)}, not {_shown(value)}")
        return tuple(hook(item, arg) for (hook, arg), item in zip(hooks, value, strict=True))

    return structure


# -- constraints ---------------------------------------------------------------------------------------------------


def _is_annotated(of: Any) -> bool:
    return get_origin(of) is Annotated


def _annotated_factory(of: Any, converter: Converter) -> Callable[[Any, Any], Any]:
    inner, *metadata = get_args(of)
    hook = converter.get_structure_hook(inner)
    constraints = [constraint for item in metadata for constraint in _flat(item)]

    def structure(value: Any, _: Any) -> Any:
        result = hook(value, inner)
        for constraint in constraints:
            problem = _violation(constraint, result)
            if problem is not None:
                raise ValueError(problem)
        return result

    return structure


def _flat(item: object) -> Iterable[object]:
    if isinstance(item, at.GroupedMetadata):
        return [constraint for part in item for constraint in _flat(part)]
    return [item]


def _violation(constraint: object, value: Any) -> str | None:
    match constraint:
        case at.Gt(bound):
            return None if value > bound else f"must be greater than {bound}"
        case at.Ge(bound):
            return None if value >= bound else f"must be at least {bound}"
        case at.Lt(bound):
            return None if value < bound else f"must be less than {bound}"
        case at.Le(bound):
            return None if value <= bound else f"must be at most {bound}"
        case at.MultipleOf(step):
            return None if value % step == 0 else f"must be a multiple of {step}"
        case at.MinLen(length):
            return None if len(value) >= length else f"must have a length of at least {length}"
        case at.MaxLen(length):
            return None if len(value) <= length else f"must have a length of at most {length}"
        case at.Predicate(function):
            said = (getattr(function, "__doc__", None) or "").strip().split("\n")[0]
            return None if function(value) else said or f"does not satisfy {function}"
        case _:
            return None


# -- faults --------------------------------------------------------------------------------------------------------


def _faults(error: Exception, path: str) -> list[InputFault]:
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
            return str(error) or type(error).__name__
