"""The mutants that were chosen, as they stand in ``benchmarks/mutants.json``."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

from attrs import frozen

from benchmarks.mutants.candidates import candidates
from benchmarks.mutants.categories import FOUND_ALONE, Category
from benchmarks.mutants.choice import Search, Tried
from benchmarks.mutants.patch import Operator, Patch, PatchError
from benchmarks.mutants.source import Library
from benchmarks.mutants.witness import Witness

FILE: Final = Path(__file__).parents[1] / "mutants.json"


@frozen
class Recorded:
    """One mutant with its witness.

    Args:
        id: its name.
        programme: the programme in which it is looked at.
        operator: what was done.
        about: its categories, the most telling first.
        says: in words.
        patch: the change.
        witness: the test that tells it from the original.
    """

    id: str
    programme: str
    operator: Operator
    about: tuple[Category, ...]
    says: str
    patch: Patch
    witness: Witness

    @property
    def found_alone(self) -> bool:
        """Whether it is of those that the kit should find without a sheet and a history."""
        return bool(FOUND_ALONE & set(self.about))

    @classmethod
    def from_json(cls, said: dict[str, Any]) -> Recorded:
        """As it was written down."""
        return cls(
            id=said["id"],
            programme=said["programme"],
            operator=Operator(said["operator"]),
            about=tuple(Category(one) for one in said["about"]),
            says=said["says"],
            patch=Patch.from_json(said["patch"]),
            witness=Witness(**said["witness"]),
        )


@frozen
class Record:
    """All of them, and the names of those that are none: no test tells them from the original, or no definition."""

    mutants: tuple[Recorded, ...]
    without_witness: tuple[str, ...]
    refused: tuple[str, ...]

    def to_json(self) -> str:
        """As it is written down."""
        said = {
            "mutants": [_to_json(one) for one in self.mutants],
            "without_witness": list(self.without_witness),
            "refused": list(self.refused),
        }
        return json.dumps(said, ensure_ascii=False, indent=1) + "\n"


def _to_json(one: Recorded) -> dict[str, Any]:
    return {
        "id": one.id,
        "programme": one.programme,
        "operator": one.operator.value,
        "about": [about.value for about in one.about],
        "says": one.says,
        "patch": one.patch.to_json(),
        "witness": {"test": one.witness.test, "fails": one.witness.fails},
    }


def record_of(tried: Iterable[Tried]) -> Record:
    """What the search has found, sorted by id."""
    several = sorted(tried, key=lambda one: one.mutant.id)
    return Record(
        mutants=tuple(
            Recorded(
                one.mutant.id,
                one.programme,
                one.mutant.operator,
                one.about,
                one.mutant.says,
                one.mutant.patch,
                one.witness,
            )
            for one in several
            if one.witness is not None
        ),
        without_witness=tuple(one.mutant.id for one in several if one.outcome in ("no witness", "no test")),
        refused=tuple(one.mutant.id for one in several if one.outcome == "refused"),
    )


def go_on(search: Search, record: Record) -> None:
    """Begin a search with what was recorded by an earlier one, as far as the changes can still be made."""
    known = {mutant.id: mutant for mutant in candidates(search.knowledge)}
    for one in record.mutants:
        if one.id in known and one.id not in search.tried:
            search.keep(Tried(known[one.id], one.programme, "witness", one.about, one.witness))
    for outcome, names in (("no witness", record.without_witness), ("refused", record.refused)):
        for name in names:
            home = search.home(known[name]) if name in known and name not in search.tried else None
            if home is not None:
                search.keep(Tried(known[name], home, outcome))


def load(file: Path = FILE) -> Record:
    """The record as it was written down."""
    said = json.loads(file.read_text(encoding="utf-8"))
    mutants = tuple(Recorded.from_json(one) for one in said["mutants"])
    return Record(mutants, tuple(said["without_witness"]), tuple(said["refused"]))


def outdated(record: Record, library: Library) -> list[str]:
    """The mutants whose change no longer applies to the present source, each with what is not as it was."""
    found: list[str] = []
    for one in record.mutants:
        module = library.modules.get(one.patch.module)
        if module is None:
            found.append(f"{one.id}: there is no module {one.patch.module} any more.")
            continue
        try:
            compile(one.patch.applied(module), module.name, "exec", dont_inherit=True)
        except (PatchError, SyntaxError) as error:
            found.append(f"{one.id}: {error}")
    return found
