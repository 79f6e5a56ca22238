"""Payloads: the typed values of an event and their plain form, checked on the way in and out."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from progflow.codec import UTC_ZONE, BadValue, Codec, codec, is_object
from progflow.definition.blueprint import Parameter
from progflow.errors import InputFault, PayloadError
from progflow.records import Json


def dump_payload(event: str, parameters: Mapping[str, Parameter], values: Mapping[str, Any]) -> Mapping[str, Json]:
    """Typed values of a payload as plain data, checked.

    Raises:
        PayloadError: with every fault and its path.
    """
    utc = codec(UTC_ZONE)
    plain = {
        name: utc.dump(value, parameters[name].type) if name in parameters else value for name, value in values.items()
    }
    load_payload(event, parameters, plain, utc)
    return plain


class Payload:
    """The payload of one step, read when it is asked for: who may not fire the event does not learn what it takes.

    Args:
        event: how to name the event in an error.
        parameters: the fields.
        given: untrusted, JSON-like.
        codec: what to read with.
    """

    def __init__(self, event: str, parameters: Mapping[str, Parameter], given: object, codec: Codec) -> None:
        self._event = event
        self._parameters = parameters
        self._given = given
        self._codec = codec

    @cached_property
    def _read(self) -> tuple[dict[str, Any], dict[str, Json]]:
        return load_payload(self._event, self._parameters, self._given, self._codec)

    @property
    def typed(self) -> Mapping[str, Any]:
        """The values, defaults included.

        Raises:
            PayloadError: with every fault and its path.
        """
        return self._read[0]

    @property
    def plain(self) -> Mapping[str, Json]:
        """The same as plain data."""
        return self._read[1]


def load_payload(
    event: str, parameters: Mapping[str, Parameter], plain: object, zone: Codec
) -> tuple[dict[str, Any], dict[str, Json]]:
    """Plain data as the typed values of a payload, defaults included, and the plain form of all of them.

    Args:
        event: how to name the event in an error.
        parameters: the fields of the payload.
        plain: untrusted, JSON-like.
        zone: the codec to read with.

    Raises:
        PayloadError: with every fault and its path.
    """
    if not is_object(plain):
        problem = f"must be an object with named fields, not a value of type {type(plain).__name__}"
        raise PayloadError(event=event, faults=(InputFault("payload", problem),))
    takes = ", ".join(parameters) or "no fields"
    faults = [
        InputFault(str(name), f"is no field of this event, which takes {takes}")
        for name in plain
        if name not in parameters
    ]
    typed: dict[str, Any] = {}
    for name, parameter in parameters.items():
        if name not in plain:
            if parameter.required:
                faults.append(InputFault(name, "is missing"))
            else:
                typed[name] = parameter.default
            continue
        try:
            typed[name] = zone.load(plain[name], parameter.type, name)
        except BadValue as error:
            faults.extend(error.faults)
    if faults:
        raise PayloadError(event=event, faults=tuple(faults))
    return typed, {name: zone.dump(value, parameters[name].type) for name, value in typed.items()}
