"""Values of a type: what stands in the situation, the edges of what is allowed, and what nobody thinks of.

They are made to be accepted by the rules of a programme most of the time: texts and days are mostly those that are
known where they are needed, numbers are small, and fields with a default mostly keep it.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final, final

from hypothesis.strategies import SearchStrategy

from progflow.definition.blueprint import Parameter
from progflow.records import Json
from progflow.testing.chance import Chance
from progflow.testing.values.broken import broken_payload
from progflow.testing.values.given import Given
from progflow.testing.values.known import Here, Plan
from progflow.testing.values.known import Known as Known
from progflow.testing.values.plans import Planner

NOTHING_GIVEN: Final[Mapping[Any, SearchStrategy[Any]]] = MappingProxyType({})


@final
class Values:
    """Makes values of types.

    Args:
        strategies: what goes before everything that a type says, by a type (for every value of it), by a path
            (``"JobShadowing.request.department"``), by its end (``"request.department"``, ``"department"``), or by a
            field of an attrs class, as the class or a base of it names it (``"Rules.calendar"``). The longest wins; a
            path goes before a field, and both before a type. What is inside a list has ``[]`` in its path.

    Raises:
        UsageError: a value in it is no strategy.
    """

    def __init__(self, strategies: Mapping[Any, SearchStrategy[Any]] = NOTHING_GIVEN) -> None:
        self._given = Given(strategies)
        self._planner = Planner(self._given)
        self._plans: dict[tuple[Any, str], Plan] = {}

    @property
    def unused(self) -> frozenset[str]:
        """The paths, ends and fields for which a strategy was given and that have not come up yet."""
        return frozenset(self._given.unused)

    def value(self, chance: Chance, of: Any, path: str, known: Known) -> Any:
        """A value that fits the type.

        Args:
            chance: makes the choices.
            of: the type; what can be stored and read back.
            path: where it stands; texts are asked for by it, strategies found, errors told.
            known: what is known there.

        Raises:
            UsageError: none was found, or the strategy for it gives none that fits.
        """
        return self._plan(of, path)(chance, Here(known))

    def payload(self, chance: Chance, name: str, parameters: Mapping[str, Parameter], known: Known) -> dict[str, Any]:
        """The typed values of a payload; what has a default is mostly left out, each by itself.

        Args:
            chance: makes the choices.
            name: the lifecycle and its event, as ``JobShadowing.request``.
            parameters: the fields.
            known: what is known there.

        Raises:
            UsageError: as in ``value``.
        """
        here = Here(known)
        return {
            field: self._plan(parameter.type, f"{name}.{field}")(chance, here)
            for field, parameter in parameters.items()
            if parameter.required or chance.often(25)
        }

    def look_at(self, of: Any, path: str) -> None:
        """Make the plan for a type at a path, so that the strategies that it asks for count as used."""
        self._plan(of, path)

    def broken(self, chance: Chance, plain: Mapping[str, Json], parameters: Mapping[str, Parameter]) -> object:
        """A payload that is surely refused: a field is missing, unknown, null, of a wrong type or out of its bounds.

        Args:
            chance: makes the choices.
            plain: a payload that fits; it stays as it is.
            parameters: the fields.
        """
        return broken_payload(chance, plain, parameters)

    def _plan(self, of: Any, path: str) -> Plan:
        try:
            return self._plans[of, path]
        except KeyError:
            plan = self._plans[of, path] = self._planner.plan(of, path)
        except TypeError:  # what it is annotated with cannot be hashed
            plan = self._planner.plan(of, path)
        return plan
