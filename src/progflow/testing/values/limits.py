"""What a value has to keep to beside its type, as constraints and validators of attrs say it."""

from __future__ import annotations

import re
from collections.abc import Callable
from math import ceil, floor, isfinite, lcm
from typing import Annotated, Any, Final, NewType, get_args, get_origin

import annotated_types as at
from attrs import frozen, validators

from progflow.codec._constraints import flat, violation

BOUNDS: Final[dict[str, Callable[[Any], object]]] = {">": at.Gt, ">=": at.Ge, "<": at.Lt, "<=": at.Le}


@frozen
class Limits:
    """What a value keeps to, and what its items and keys do. None keeps to everything: the type forbids it or not."""

    constraints: tuple[object, ...] = ()
    choices: tuple[Any, ...] | None = None
    patterns: tuple[re.Pattern[str], ...] = ()
    items: tuple[Limits, ...] = ()
    keys: tuple[Limits, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.constraints or self.patterns) or self.choices is not None

    def __and__(self, other: Limits) -> Limits:
        choices = other.choices if self.choices is None else self.choices
        if self.choices is not None and other.choices is not None:
            choices = tuple(one for one in self.choices if one in other.choices)
        return Limits(
            constraints=self.constraints + other.constraints,
            choices=choices,
            patterns=self.patterns + other.patterns,
            items=self.items + other.items,
            keys=self.keys + other.keys,
        )

    def problem(self, value: Any) -> str | None:
        """What is wrong with the value, None if nothing is."""
        if value is None:
            return None
        try:
            for constraint in self.constraints:
                if (problem := violation(constraint, value)) is not None:
                    return problem
            if self.choices is not None and value not in self.choices:
                return f"must be one of {', '.join(map(str, self.choices))}"
            wrong = next((one for one in self.patterns if not one.fullmatch(value)), None)
        except Exception as error:  # a predicate that cannot read the value refuses it, as in the codec
            return str(error) or type(error).__name__
        return None if wrong is None else f"must match {wrong.pattern}"

    def bounds(self, *kinds: type[Any]) -> list[Any]:
        """The bounds of these kinds, such as ``Ge`` and ``Gt``; infinite ones bound nothing."""
        found = [getattr(one, kind.__name__.lower()) for one in self.constraints for kind in kinds if type(one) is kind]
        return [one for one in found if not isinstance(one, float) or isfinite(one)]

    @property
    def lengths(self) -> tuple[int, int | None]:
        """The smallest and the greatest length."""
        least = [one.min_length for one in self.constraints if isinstance(one, at.MinLen)]
        most = [one.max_length for one in self.constraints if isinstance(one, at.MaxLen)]
        return max(least, default=0), min(most, default=None)

    @property
    def steps(self) -> list[Any]:
        """What the value must be a multiple of."""
        return [one.multiple_of for one in self.constraints if isinstance(one, at.MultipleOf)]

    @property
    def whole(self) -> tuple[int, int | None, int | None]:
        """For whole numbers: the step, and by which numbers of steps the range begins and ends."""
        step = lcm(*(abs(one) for one in self.steps if isinstance(one, int))) or 1
        lowest = [ceil(one) for one in self.bounds(at.Ge)] + [floor(one) + 1 for one in self.bounds(at.Gt)]
        highest = [floor(one) for one in self.bounds(at.Le)] + [ceil(one) - 1 for one in self.bounds(at.Lt)]
        return step, -(-max(lowest) // step) if lowest else None, min(highest) // step if highest else None


NONE: Final = Limits()


def peeled(of: Any, limits: Limits = NONE) -> tuple[Any, Limits]:
    """The type itself, and the limits with those that the type was annotated with."""
    while True:
        if isinstance(of, NewType):
            of = of.__supertype__
        elif get_origin(of) is Annotated:
            of, *metadata = get_args(of)
            limits &= Limits(constraints=tuple(one for item in metadata for one in flat(item)))
        else:
            return of, limits


def limits_of(validator: Any) -> Limits:
    """What a validator of attrs says; of those that are not known nothing: they are asked when the object is made."""
    read = next((read for kind, read in _READ if isinstance(validator, kind)), None)
    return NONE if read is None else read(validator)


def _limits_of_all(validator: Any) -> Limits:
    found = NONE
    for one in validator._validators:
        found &= limits_of(one)
    return found


def _limits_of_list(validator: Any) -> Limits:
    return limits_of(validator.iterable_validator) & Limits(items=(limits_of(validator.member_validator),))


def _limits_of_object(validator: Any) -> Limits:
    items, keys = limits_of(validator.value_validator), limits_of(validator.key_validator)
    return limits_of(validator.mapping_validator) & Limits(items=(items,), keys=(keys,))


def _choices(validator: Any) -> Limits:
    options: Any = getattr(validator, "_original_options", validator.options)
    # A set has another order in every process, and a story must be the same in all of them.
    found = tuple(options)
    return Limits(choices=tuple(sorted(found, key=repr)) if type(options) in (set, frozenset) else found)


def _kind(example: object) -> type[Any]:
    return type(example)


_their: Any = validators  # attrs names the classes of its validators nowhere, so they are known by examples
_READ: Final[tuple[tuple[type[Any], Callable[[Any], Limits]], ...]] = (
    (_kind(_their.and_()), _limits_of_all),
    (_kind(_their.optional(_their.ge(0))), lambda validator: limits_of(validator.validator)),
    (_kind(_their.in_(())), _choices),
    (_kind(_their.ge(0)), lambda validator: Limits((BOUNDS[validator.compare_op](validator.bound),))),
    (_kind(_their.min_len(0)), lambda validator: Limits((at.MinLen(validator.min_length),))),
    (_kind(_their.max_len(0)), lambda validator: Limits((at.MaxLen(validator.max_length),))),
    (_kind(_their.matches_re("")), lambda validator: Limits(patterns=(validator.pattern,))),
    (_kind(_their.deep_iterable(_their.ge(0))), _limits_of_list),
    (_kind(_their.deep_mapping(_their.ge(0), _their.ge(0))), _limits_of_object),
)
