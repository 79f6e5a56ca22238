"""Class bodies: the members that they declare, the names that they use, and the payloads of their events."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final, ForwardRef, TypeAlias, get_args, get_origin

from attrs import NOTHING, define

from progflow.codec import UTC_ZONE, BadValue, codec
from progflow.definition import hints
from progflow.definition.blueprint import Parameter
from progflow.definition.bodies import Body, Definition, is_phase
from progflow.definition.context import Acting, Context
from progflow.definition.events import Event, Making
from progflow.definition.rules import Guard, Rule
from progflow.definition.states import Exit, State
from progflow.errors import DefinitionError, Fault

if TYPE_CHECKING:
    from typing_extensions import TypeIs

    from progflow.definition.lifecycle import Phase

Member: TypeAlias = "State | Exit | Event[Any, Any] | Rule[Any] | Phase[Any]"

RESERVED: Final = ("then",)
"""What the class ``Phase`` itself offers to those who use it."""


def _name(of: type[Any]) -> str:
    return "None" if of is type(None) else of.__name__


def is_member(value: object) -> TypeIs[Member]:
    """Whether a value in a class body means something to a definition."""
    return isinstance(value, State | Exit | Event | Rule) or is_phase(value)


def kind_of_member(member: object) -> str:
    """What it is, with its article, for a sentence."""
    kind = "phase" if is_phase(member) else type(member).__name__.lower()
    return f"an {kind}" if kind[0] in "aeiou" else f"a {kind}"


def members_of(cls: type[Any]) -> dict[str, Member]:
    """The members of a definition by name, inherited ones first, each in the place of its first declaration."""
    found: dict[str, object] = {}
    for base in reversed(cls.__mro__):
        if isinstance(base, Definition):
            for name, value in vars(base).items():
                if is_member(value) or name in found:
                    found[name] = value
    return {name: value for name, value in found.items() if is_member(value)}


def read_phase_class(cls: type[Any], root: type[Any], *, fresh: bool, aside: bool) -> None:
    """Read the body of a phase class, and check what can be told before it stands in a lifecycle.

    Raises:
        DefinitionError: with every fault.
    """
    reading = BodyReading(cls, [])
    reading.read()
    for name, value in vars(cls).items():
        path = f"{cls.__name__}.{name}"
        if not is_member(value):
            continue
        if isinstance(value, Event) and value.begins:
            mend = "Write the event that begins a case in the lifecycle."
            reading.faults.append(Fault(path, "START stands in a phase.", mend))
        if name in RESERVED:
            reading.faults.append(Fault(path, "is a word of Phase itself.", "Give it another name."))
    reading.check_data(root)
    bases = [base.__body__ for base in cls.__mro__ if isinstance(base, Definition)]
    reading.close(fresh or any(base.fresh for base in bases), aside or any(base.aside for base in bases))
    if reading.faults:
        raise DefinitionError(name=cls.__name__, faults=tuple(reading.faults))


@define
class BodyReading:
    """One class body while it is read. ``close`` lets go of the names around it."""

    cls: type[Any]
    faults: list[Fault]

    @property
    def around(self) -> Mapping[str, Any]:
        """The names of the functions around the class."""
        body: Body = self.cls.__body__
        return body.names

    def close(self, fresh: bool = False, aside: bool = False) -> None:
        """Forget what was only needed for reading."""
        self.cls.__body__ = Body(resolved=self.cls.__body__.resolved, fresh=fresh, aside=aside)

    def read(self) -> None:
        """Note the names that are used twice, and resolve bases, payloads and the parameters of guards."""
        body: Body = self.cls.__body__
        for name, value in body.overwritten:
            if is_member(value):
                self._fault(name, "is used twice in the class.", "Give the second one a name of its own.")
        self._resolve_bases()
        inherited: dict[str, object] = {}
        for base in reversed(self.cls.__mro__[1:]):
            if isinstance(base, Definition):
                inherited.update(vars(base))
        seen = {**body.names, **vars(self.cls), self.cls.__name__: self.cls}
        for name, value in vars(self.cls).items():
            self._read_value(name, value, inherited.get(name), seen)

    def _read_value(self, name: str, value: object, known: object, seen: Mapping[str, Any]) -> None:
        if isinstance(value, Making):
            self._fault(name, "is no event: its decorator lacks the arrows.", "Write @event(a >> b, …).")
        if is_member(value):
            if isinstance(value, Event | Rule):
                self._read_method(name, value, seen)
            self._check_names(name, value)
        if is_member(known):
            self._check_override(name, known, value)

    def check_data(self, root: type[Any]) -> Any:
        """The data that the class is made for, checked where it is known."""
        of = hints.type_argument(self.cls, root)
        where = f"{self.cls.__name__}({root.__name__}[…])"
        if isinstance(of, ForwardRef):
            return None
        try:
            hints.check_structurable(of, self.around)
        except hints.Unresolved as error:
            problem = f"the type of a field of its data cannot be resolved ({error})."
            self.faults.append(Fault(where, problem, hints.AT_RUN_TIME))
        except hints.Unstructurable as error:
            problem = f"its data cannot be structured: {error}."
            self.faults.append(Fault(where, problem, hints.STRUCTURABLE))
        return of

    def _fault(self, name: str, problem: str, mend: str) -> None:
        self.faults.append(Fault(f"{self.cls.__name__}.{name}", problem, mend))

    def _resolve_bases(self) -> None:
        resolved: dict[str, Any] = {}
        bases: tuple[Any, ...] = vars(self.cls).get("__orig_bases__", ())
        for arg in (arg for base in bases for arg in get_args(base) if isinstance(arg, ForwardRef)):
            try:
                resolved[arg.__forward_arg__] = hints.resolve(arg, None, self.cls.__module__, self.around)
            except hints.Unresolved as error:
                where = f"{self.cls.__name__}(…[{arg.__forward_arg__!r}])"
                problem = f"the type of its data cannot be resolved ({error})."
                self.faults.append(Fault(where, problem, hints.AT_RUN_TIME))
        self.cls.__body__ = Body(self.around, self.cls.__body__.overwritten, resolved)

    # -- names

    def _check_names(self, name: str, value: Member) -> None:
        if is_phase(value):
            return  # a phase in two places is found where they are
        first_owner, first_name = value.names[0]
        if (first_owner, first_name) == (self.cls, name):
            return
        borrowed = isinstance(value, Rule) and issubclass(self.cls, first_owner)
        if not borrowed:
            kind = kind_of_member(value).split()[1]
            problem = f"is the same {kind} as {first_owner.__name__}.{first_name}: a name used twice."
            self._fault(name, problem, f"Write a new {kind} for the second name.")

    def _check_override(self, name: str, known: Member, value: object) -> None:
        overridable = isinstance(known, Rule | Event) or is_phase(known)
        same_kind = is_phase(value) if is_phase(known) else isinstance(value, type(known))
        if not overridable or not same_kind:
            problem = f"is the name of {kind_of_member(known)} that it inherits."
            mend = "Give it another name, or override a guard, moment, event or phase with one of its kind."
            self._fault(name, problem, mend)
        elif isinstance(known, Event) and is_member(value) and isinstance(value, Event):
            self._check_payload(name, known, value)

    def _check_payload(self, name: str, known: Event[Any, Any], value: Event[Any, Any]) -> None:
        here = hints.arguments(self.cls, known.names[0][0])
        before = {p.name: (hints.substituted(p.type, here), p.required) for p in known.parameters.values()}
        after = {p.name: (p.type, p.required) for p in value.parameters.values()}
        if before != after:
            mend = f"Keep it: {', '.join(known.parameters) or 'no fields'}."
            self._fault(name, "overrides an event and changes its payload.", mend)

    # -- methods

    def _read_method(self, name: str, member: Event[Any, Any] | Rule[Any], seen: Mapping[str, Any]) -> None:
        function = member.function
        waits = inspect.iscoroutinefunction(function) or inspect.isasyncgenfunction(function)
        if waits or inspect.isgeneratorfunction(function):
            problem = "is a coroutine or generator, which would always count as a yes and do nothing."
            self._fault(name, problem, f"Write a plain method: def {function.__name__}(self, ctx, …).")
        given = list(inspect.signature(function).parameters.values())
        if len(given) < 2 or given[1].kind is inspect.Parameter.KEYWORD_ONLY:
            self._fault(name, "takes no context.", f"Write def {function.__name__}(self, ctx, …).")
            return
        self._check_context(name, function, given[1].annotation, seen)
        takes_payload = isinstance(member, Event | Guard)
        if given[2:] and not takes_payload:
            self._fault(name, "takes more than the context.", f"Write def {function.__name__}(self, ctx).")
            return
        found = {one.name: self._parameter(name, member, one, seen) for one in given[2:]}
        member.parameters = {key: value for key, value in found.items() if value is not None}

    def _check_context(self, name: str, function: Callable[..., Any], annotation: Any, seen: Mapping[str, Any]) -> None:
        """The data that a method speaks of is the data of the class, where both can be told."""
        try:
            of = hints.resolve(annotation, function, function.__module__, seen)
        except hints.Unresolved:
            return  # unlike the payload it need not be known at run time
        root = next(base for base in reversed(self.cls.__mro__) if isinstance(base, Definition))
        data = hints.type_argument(self.cls, root)
        spoken = get_args(of)[0] if get_origin(of) in (Context, Acting) and get_args(of) else None
        known = type(None) if data is None else data
        if spoken is Any:
            return  # a rule for any data, such as a guard that a phase's module hands out
        if isinstance(spoken, type) and isinstance(known, type) and spoken is not known:
            problem = f"speaks of {_name(spoken)}, but the data of {self.cls.__name__} is {_name(known)}."
            self._fault(name, problem, f"Write ctx: Context[{_name(known)}].")

    def _parameter(
        self, name: str, member: Event[Any, Any] | Rule[Any], one: inspect.Parameter, seen: Mapping[str, Any]
    ) -> Parameter | None:
        where, function = f"{name}({one.name})", member.function
        what = "payload" if isinstance(member, Event) else "parameter"
        if one.kind is not inspect.Parameter.KEYWORD_ONLY:
            shown = f"*, {one.name}: …"
            if one.kind in (inspect.Parameter.VAR_KEYWORD, inspect.Parameter.VAR_POSITIONAL):
                self._fault(where, f"takes any {what}.", f"Name each field: {shown}.")
            else:
                mend = f"Write it behind a star: def {function.__name__}(self, ctx, {shown})."
                self._fault(where, f"is a positional {what}.", mend)
            return None
        default = NOTHING if one.default is inspect.Parameter.empty else one.default
        if isinstance(member, Rule):
            return Parameter(one.name, self._guard_type(one, function, seen), default)
        return self._payload_field(where, one, default, function, seen)

    def _guard_type(self, one: inspect.Parameter, function: Callable[..., Any], seen: Mapping[str, Any]) -> Any:
        try:
            return hints.resolve(one.annotation, function, function.__module__, seen)
        except hints.Unresolved:
            return inspect.Parameter.empty  # it is checked against the event by name, and by type where it has one

    def _payload_field(
        self,
        where: str,
        one: inspect.Parameter,
        default: Any,
        function: Callable[..., Any],
        seen: Mapping[str, Any],
    ) -> Parameter | None:
        if one.annotation is inspect.Parameter.empty:
            self._fault(where, "has no annotation.", f"Say what it is, as in {one.name}: str.")
            return None
        try:
            of = hints.resolve(one.annotation, function, function.__module__, seen)
            hints.check_structurable(of, self.around)
        except hints.Unresolved as error:
            problem = f"its annotation {one.annotation!r} cannot be resolved ({error})."
            self._fault(where, problem, hints.AT_RUN_TIME)
            return None
        except hints.Unstructurable as error:
            self._fault(where, f"cannot be structured: {error}.", hints.STRUCTURABLE)
            return None
        self._check_default(where, of, default)
        return Parameter(one.name, of, default)

    def _check_default(self, where: str, of: Any, default: Any) -> None:
        if default is NOTHING or hints.has_type_variable(of):
            return
        try:
            codec(UTC_ZONE).round_trip(default, of, "it")
        except BadValue as error:
            problem = f"its default does not fit its type: {error.faults[0].problem}."
            self._fault(where, problem, "Change one of the two.")
