"""Which of the many changes are looked at: a fair part of each programme, operator and category.

The order is that of a number computed from the change itself (``Patch.digest``). Nobody's eye and no answer of the kit
has a part in it, and what was chosen stays chosen when rules elsewhere change.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from attrs import define, evolve, field, frozen

from benchmarks.mutants.candidates import candidates
from benchmarks.mutants.categories import CASCADES, FOUND_ALONE, TARGETS, Category, Programme, categories
from benchmarks.mutants.compiled import compiled
from benchmarks.mutants.knowledge import Knowledge
from benchmarks.mutants.patch import Mutant, Operator, Patch
from benchmarks.mutants.source import PROGRAMMES, library
from benchmarks.mutants.witness import Traced, Witness, concerning, likely, traces, witness

PER_STRATUM: Final = 2
"""How many mutants with a witness each operator gives in each programme."""

TRIES: Final = 4
"""After how many that no test of the programme tells from the original the search in a stratum ends."""

PER_CATEGORY: Final = 20
"""How many of each category there are at least, if there are so many."""

WAYS: Final = frozenset({*CASCADES, *TARGETS, Operator.LOST_TIMER, Operator.SWAPPED_TIMER, Operator.MISSING_ROLE})
"""The operators that may take a way out of a state."""


@frozen
class Tried:
    """What became of one change in the search.

    Args:
        mutant: the change.
        programme: the programme in which it was looked at.
        outcome: ``witness``, ``no witness``, ``no test`` or ``refused``.
        about: its categories.
        witness: the test that tells it from the original.
        why: what the definition check said, if it was refused.
    """

    mutant: Mutant
    programme: str
    outcome: str
    about: tuple[Category, ...] = ()
    witness: Witness | None = None
    why: str = ""

    def to_json(self) -> dict[str, Any]:
        """As it is written down."""
        said: dict[str, Any] = {
            "id": self.mutant.id,
            "programme": self.programme,
            "operator": self.mutant.operator.value,
            "about": [one.value for one in self.about],
            "says": self.mutant.says,
            "patch": self.mutant.patch.to_json(),
            "line": self.mutant.line,
            "outcome": self.outcome,
        }
        if self.witness is not None:
            said["witness"] = {"test": self.witness.test, "fails": self.witness.fails}
        return said | ({"why": self.why} if self.why else {})

    @classmethod
    def from_json(cls, said: dict[str, Any]) -> Tried:
        """As it was written down."""
        mutant = Mutant(Operator(said["operator"]), Patch.from_json(said["patch"]), said["says"], said["line"])
        seen = Witness(**said["witness"]) if "witness" in said else None
        about = tuple(Category(one) for one in said["about"])
        return cls(mutant, said["programme"], said["outcome"], about, seen, said.get("why", ""))


def _mixed(mutant: Mutant, programme: str) -> str:
    return sha256(f"{mutant.patch.digest} {programme}".encode()).hexdigest()


@define(eq=False)
class Search:
    """The search for mutants with a witness; what it has found stands in a file, so that it can go on later.

    Args:
        folder: where what the tests come by was noted, and where ``search.jsonl`` stands.
    """

    folder: Path
    knowledge: Knowledge = field(factory=lambda: Knowledge(library()), init=False)
    programmes: dict[str, Programme] = field(init=False)
    tests: dict[str, list[Traced]] = field(init=False)
    tried: dict[str, Tried] = field(factory=dict[str, Tried], init=False)

    def __attrs_post_init__(self) -> None:
        self.programmes = {name: Programme(name, self.knowledge) for name in PROGRAMMES}
        self.tests = traces(self.folder)
        if self._file.exists():
            for line in self._file.read_text(encoding="utf-8").splitlines():
                one = Tried.from_json(json.loads(line))
                self.tried[one.mutant.id] = one

    @property
    def _file(self) -> Path:
        return self.folder / "search.jsonl"

    def home(self, mutant: Mutant) -> str | None:
        """The programme in which a change is looked at: of those that use the rule, the first whose tests come by it.

        None if no test of any programme does.
        """
        users = sorted(self.knowledge.library.users(mutant.patch.module), key=lambda name: _mixed(mutant, name))
        for name in users:
            near = concerning(mutant, self.programmes[name], self.programmes[name].graphs)
            if any(one.found & near for one in self.tests[name]):
                return name
        return users[0] if users and mutant.patch.place.count(".") == 1 and _is_value(mutant, self.knowledge) else None

    def present(self) -> Iterator[Tried]:
        """What was tried and still can be, about what it is now that rules elsewhere may have changed."""
        known = {mutant.id: mutant for mutant in candidates(self.knowledge)}
        for one in self.tried.values():
            if one.mutant.id in known and one.witness is not None:
                here, mutant = self.programmes[one.programme], known[one.mutant.id]
                after = compiled(mutant.patch, [one.programme])
                if isinstance(after, str):
                    yield Tried(mutant, one.programme, "refused", why=after)
                else:
                    yield evolve(one, mutant=mutant, about=tuple(categories(mutant, here, after)))
            elif one.mutant.id in known:
                yield one

    def strata(self) -> dict[tuple[str, Operator], list[Mutant]]:
        """All changes by programme and operator, each list in the order of the numbers."""
        found: dict[tuple[str, Operator], list[Mutant]] = {}
        for mutant in candidates(self.knowledge):
            home = self.home(mutant)
            if home is not None:
                found.setdefault((home, mutant.operator), []).append(mutant)
        for several in found.values():
            several.sort(key=lambda mutant: mutant.patch.digest)
        return dict(sorted(found.items(), key=lambda item: (item[0][1].name, item[0][0])))

    def run(self) -> Iterator[Tried]:
        """Look for mutants with a witness until there are enough of each; gives each that is tried now."""
        strata = self.strata()
        for (programme, _), several in strata.items():
            yield from self._in_stratum(several, programme)
        rest = sorted((one.patch.digest, programme, one) for (programme, _), many in strata.items() for one in many)
        for category in sorted(FOUND_ALONE, key=lambda one: one.name):
            yield from self._in_category(category, [(programme, mutant) for _, programme, mutant in rest])

    def _in_stratum(self, several: Sequence[Mutant], programme: str) -> Iterator[Tried]:
        found, missed = 0, 0
        for mutant in several:
            if found == PER_STRATUM or missed == TRIES:
                return
            one, new = self._try(mutant, programme)
            found += one.outcome == "witness"
            missed += one.outcome == "no witness"
            if new:
                yield one

    def _in_category(self, category: Category, rest: Sequence[tuple[str, Mutant]]) -> Iterator[Tried]:
        """Those of a category of which there are too few, whatever their stratum."""
        for programme, mutant in rest:
            if self._count()[category] >= PER_CATEGORY:
                return
            if mutant.id not in self.tried and category in self._about(mutant, programme, category):
                one, _ = self._try(mutant, programme)
                yield one

    def _about(self, mutant: Mutant, programme: str, wanted: Category) -> list[Category]:
        """What a change concerns; for a dead end the definition is compiled, otherwise its graph is taken as it was."""
        here = self.programmes[programme]
        if wanted is Category.DEAD_END and mutant.operator in WAYS:
            after = compiled(mutant.patch, [programme])
            return [] if isinstance(after, str) else categories(mutant, here, after)
        return categories(mutant, here, here.graphs)

    def _count(self) -> Counter[Category]:
        """How many with a witness there are by their first category."""
        return Counter(one.about[0] for one in self.tried.values() if one.outcome == "witness")

    def _try(self, mutant: Mutant, programme: str) -> tuple[Tried, bool]:
        if mutant.id in self.tried:
            return self.tried[mutant.id], False
        found = self._tell(mutant, programme)
        self.keep(found)
        return found, True

    def keep(self, one: Tried) -> None:
        """Write down what became of a change; it is not tried again."""
        self.tried[one.mutant.id] = one
        with self._file.open("a", encoding="utf-8") as file:
            file.write(json.dumps(one.to_json(), ensure_ascii=False) + "\n")

    def _tell(self, mutant: Mutant, programme: str) -> Tried:
        here = self.programmes[programme]
        after = compiled(mutant.patch, [programme])
        if isinstance(after, str):
            return Tried(mutant, programme, "refused", why=after)
        about = tuple(categories(mutant, here, after))
        tests = likely(mutant, here, after, self.tests[programme])
        seen = witness(mutant, tests)
        outcome = "witness" if seen is not None else "no witness" if tests else "no test"
        return Tried(mutant, programme, outcome, about, seen)


def _is_value(mutant: Mutant, knowledge: Knowledge) -> bool:
    """Whether it is a group of states or a phase, which no test runs by itself."""
    place = knowledge.by_key[(mutant.patch.module, mutant.patch.place)]
    return place.value is not None
