"""The generated part of the page about the mutants: how many were found, by what, and which were not."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from attrs import frozen

from benchmarks.mutants.categories import FOUND_ALONE, Category
from benchmarks.mutants.patch import Operator
from benchmarks.mutants.record import Record, Recorded
from benchmarks.mutants.runs import Answer, Outcome, Setting, killed
from benchmarks.mutants.source import PROGRAMMES
from benchmarks.mutants.witness import ROOT

PAGE: Final = ROOT / "docs" / "explanation" / "mutants.md"
REASONS: Final = Path(__file__).parents[1] / "survivors.toml"
BEGIN: Final = "<!-- what follows is written by python -m benchmarks.mutants page -->"
END: Final = "<!-- what stands before this was written by python -m benchmarks.mutants page -->"
NO_REASON: Final = "**no reason has been written down yet**"


@frozen
class Results:
    """What was asked, and what was answered."""

    record: Record
    settings: tuple[Setting, ...]
    answers: Mapping[tuple[str, str], Answer]

    def was_asked(self, one: Recorded, setting: Setting) -> bool:
        """Whether it is known what the setting makes of it."""
        return (one.id, setting.name) in self.answers or killed(one.id, setting, self.answers) is not None

    def share(self, several: Iterable[Recorded], setting: Setting) -> tuple[int, int]:
        """How many of those that were asked about are killed, and how many there are."""
        asked = [one for one in several if self.was_asked(one, setting)]
        return sum(killed(one.id, setting, self.answers) is not None for one in asked), len(asked)

    def survivors(self, setting: Setting) -> list[Recorded]:
        """Those that a setting does not find."""
        several = (one for one in self.record.mutants if self.was_asked(one, setting))
        return [one for one in several if killed(one.id, setting, self.answers) is None]


def reasons(file: Path = REASONS) -> dict[str, str]:
    """By mutant why it is not found, as somebody has written it down."""
    if not file.exists():
        return {}
    said: dict[str, str] = tomllib.loads(file.read_text(encoding="utf-8")).get("reasons", {})
    return said


def _shown(share: tuple[int, int]) -> str:
    found, whole = share
    return "–" if whole == 0 else f"{found} of {whole} ({100 * found / whole:.1f} %)"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield f"|{'---|' * len(head)}"
    for row in rows:
        yield f"| {' | '.join(row)} |"
    yield ""


def _shares(results: Results, first: str, groups: Sequence[tuple[str, Callable[[Recorded], bool]]]) -> Iterator[str]:
    head = [first, "mutants", *(one.title for one in results.settings)]
    rows: list[list[str]] = []
    for name, belongs in groups:
        several = [one for one in results.record.mutants if belongs(one)]
        if several:
            shares = [_shown(results.share(several, setting)) for setting in results.settings]
            rows.append([name, str(len(several)), *shares])
    yield from _table(head, rows)


def _is_about(category: Category) -> Callable[[Recorded], bool]:
    return lambda one: category in one.about


def _is_of(operator: Operator) -> Callable[[Recorded], bool]:
    return lambda one: one.operator is operator


def _is_in(programme: str) -> Callable[[Recorded], bool]:
    return lambda one: one.programme == programme


def generated(results: Results, why: Mapping[str, str]) -> str:
    """The part of the page between the two marks."""
    everything: list[tuple[str, Callable[[Recorded], bool]]] = [("all", lambda _: True)]
    alone: list[tuple[str, Callable[[Recorded], bool]]] = [("the first five together", lambda one: one.found_alone)]
    by_category = [(one.value, _is_about(one)) for one in Category]
    first_five = [each for each in by_category if each[0] in {one.value for one in FOUND_ALONE}]
    others = [each for each in by_category if each not in first_five]
    lines = ["", *_counts(results), "## By what the changed rule is about", ""]
    lines += ["A mutant that is about two of these stands in both rows.", ""]
    lines += _shares(results, "about", [*first_five, *alone, *others, *everything])
    lines += ["## By what was done to it", ""]
    lines += _shares(results, "operator", [(one.value, _is_of(one)) for one in Operator])
    lines += ["## By programme", ""]
    lines += _shares(results, "programme", [(one.replace("_", " "), _is_in(one)) for one in PROGRAMMES])
    for setting in results.settings:
        lines += _survivors(results, setting, why)
    return "\n".join(lines)


def _counts(results: Results) -> Iterator[str]:
    record = results.record
    yield (
        f"{len(record.mutants)} mutants have a witness. Besides, {len(record.without_witness)} changes were tried "
        f"that no test of the programme told from the original, and {len(record.refused)} that the check of the "
        "definition refused; neither count."
    )
    yield ""


def _survivors(results: Results, setting: Setting, why: Mapping[str, str]) -> Iterator[str]:
    several = results.survivors(setting)
    if not any(results.was_asked(one, setting) for one in results.record.mutants):
        return
    yield f"## Not found: {setting.title}"
    yield ""
    if not several:
        yield "All were found."
        yield ""
        return
    last = setting is results.settings[-1]
    head = ["mutant", "about", "why", "witness"] if last else ["mutant", "about", "why"]
    yield from _table(head, (_row(results, setting, one, why, witness=last) for one in several))


def _row(results: Results, setting: Setting, one: Recorded, why: Mapping[str, str], *, witness: bool) -> list[str]:
    about = ", ".join(each.value for each in one.about)
    answer = results.answers.get((one.id, setting.name))
    reason = why.get(one.id, NO_REASON)
    if answer is not None and answer.outcome is Outcome.TOO_LONG:
        reason = f"{answer.how}. {reason}"
    said = [f"`{one.id}`<br>{_cell(one.says)}", about, _cell(reason)]
    return [*said, f"`{_cell(one.witness.test)}`"] if witness else said


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;").replace(">", "&gt;")


def write(results: Results, page: Path = PAGE, why: Mapping[str, str] | None = None) -> list[str]:
    """Write the generated part of the page.

    Returns:
        The survivors of the last setting, by id, that nobody has given a reason for.
    """
    known = reasons() if why is None else why
    text = page.read_text(encoding="utf-8")
    before, after = text.partition(BEGIN)[0], text.partition(END)[2]
    page.write_text(f"{before}{BEGIN}\n{generated(results, known)}\n{END}{after}", encoding="utf-8")
    return [one.id for setting in results.settings for one in results.survivors(setting) if one.id not in known]
