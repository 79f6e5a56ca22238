"""The only home of cattrs: payloads and data to plain JSON and back, strictly.

Strict means that nothing is coerced: ``"3"`` is no int, a datetime is no date, a naive datetime is no instant, and
a field too many is a fault. All faults of a value are reported at once, each with its path. Nothing that is read is
ever imported or evaluated.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Final
from zoneinfo import ZoneInfo

from cattrs.errors import StructureHandlerNotFoundError

from progflow.codec._converter import converter_for, faults_of
from progflow.codec._types import is_comparable as is_comparable
from progflow.codec._types import is_number as is_number
from progflow.codec._types import is_object as is_object
from progflow.codec._types import name_of, unsupported
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
        self._converter = converter_for(zone)

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
            raise BadValue(faults_of(error, path)) from error

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
            problem = unsupported(of)
            if problem is None:
                self._converter.get_structure_hook(of)
        except Exception as error:
            return f"{name_of(of)} cannot be read from plain data ({error})"
        return problem


@lru_cache(maxsize=64)
def codec(zone: ZoneInfo) -> Codec:
    """The codec of that zone; building one is dear, using one is cheap."""
    return Codec(zone)


UTC_ZONE: Final = ZoneInfo("UTC")
