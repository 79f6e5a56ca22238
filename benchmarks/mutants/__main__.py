"""``python -m benchmarks.mutants``: derive the mutants, look for their witnesses, ask the kit, write the page."""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from difflib import unified_diff
from pathlib import Path

from benchmarks.mutants.candidates import candidates
from benchmarks.mutants.choice import Search
from benchmarks.mutants.page import Results, write
from benchmarks.mutants.record import FILE, Record, Recorded, go_on, load, outdated, record_of
from benchmarks.mutants.runs import NotReadyError, Outcome, Runner, Setting, answers, killed, settings
from benchmarks.mutants.source import library, read
from benchmarks.mutants.witness import not_passing, tells, trace


def main(words: Sequence[str] | None = None) -> int:
    """Do what the command line says; the exit code is 1 where something is not as it should be."""
    said = _parser().parse_args(words)
    do: Callable[[argparse.Namespace], int] = said.do
    return do(said)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.mutants", description=__doc__)
    under = parser.add_subparsers(required=True)
    under.add_parser("count", help="how many changes the operators can make").set_defaults(do=_count)
    searching = under.add_parser("search", help="look for mutants with a witness; can be stopped and goes on later")
    searching.add_argument("--folder", type=Path, required=True, help="where what was found so far is kept")
    searching.add_argument("--anew", action="store_true", help="also those again that are recorded")
    searching.set_defaults(do=_search)
    recording = under.add_parser("record", help="write down what the search has found")
    recording.add_argument("--folder", type=Path, required=True)
    recording.set_defaults(do=_record)
    checking = under.add_parser("check", help="whether the recorded changes still apply to the source")
    witnesses = "and whether each witness passes as things are, and fails with the change"
    checking.add_argument("--witnesses", action="store_true", help=witnesses)
    checking.set_defaults(do=_check)
    showing = under.add_parser("show", help="what a recorded mutant changes, and its witness")
    showing.add_argument("word", help="a part of its id, an operator, a category or a programme")
    showing.set_defaults(do=_show)
    running = under.add_parser("run", help="ask the kit about each mutant; can be stopped and goes on later")
    _for_running(running)
    paging = under.add_parser("page", help="write the figures into the page")
    paging.add_argument("--results", type=Path, required=True)
    paging.set_defaults(do=_page)
    return parser


def _for_running(running: argparse.ArgumentParser) -> None:
    running.add_argument("--results", type=Path, required=True, help="the file of the answers, a JSON object a line")
    running.add_argument("--setting", action="append", help="only this one, and those before it")
    running.add_argument(
        "--only",
        action="append",
        default=[],
        help="a part of an id, an operator, a category or a programme; given several times, all must fit",
    )
    running.add_argument("--processes", type=int, default=2)
    running.add_argument("--timeout", type=float, default=600.0, help="seconds for one mutant in one setting")
    running.set_defaults(do=_run)


def _count(_: argparse.Namespace) -> int:
    counted = Counter(one.operator.value for one in candidates())
    for name, number in counted.most_common():
        print(f"{number:5} {name}")
    print(f"{counted.total():5} in all")
    return 0


def _search(said: argparse.Namespace) -> int:
    said.folder.mkdir(parents=True, exist_ok=True)
    for file in trace(said.folder):
        print(f"noted what {file} comes by", flush=True)
    search = Search(said.folder)
    if FILE.exists() and not said.anew:
        go_on(search, load())
    for one in search.run():
        shown = one.witness.test if one.witness is not None else one.why
        print(f"{one.outcome:10} {one.mutant.id} {shown}", flush=True)
    print(Counter(one.outcome for one in search.tried.values()))
    return 0


def _record(said: argparse.Namespace) -> int:
    record = record_of(Search(said.folder).present())
    FILE.write_text(record.to_json(), encoding="utf-8")
    _tell(record.mutants)
    return 0


def _tell(mutants: Sequence[Recorded]) -> None:
    for title, counted in (
        ("programme", Counter(one.programme for one in mutants)),
        ("operator", Counter(one.operator.value for one in mutants)),
        ("about", Counter(about.value for one in mutants for about in one.about)),
    ):
        print(f"by {title}: " + ", ".join(f"{name} {number}" for name, number in counted.most_common()))
    print(f"{len(mutants)} in all, {sum(one.found_alone for one in mutants)} that should be found alone")


def _check(said: argparse.Namespace) -> int:
    record = load()
    wrong = outdated(record, library())
    if said.witnesses:
        failing = not_passing(one.witness.test for one in record.mutants)
        wrong += [f"{test} does not pass as things are." for test in failing]
        for one in record.mutants:
            if not tells(one.patch, one.witness.test):
                wrong.append(f"{one.id}: {one.witness.test} passes with the change.")
    for line in wrong:
        print(line)
    print(f"{len(record.mutants)} mutants, {len(wrong)} faults." + (" Search anew, and record." if wrong else ""))
    return 1 if wrong else 0


def _show(said: argparse.Namespace) -> int:
    several = [one for one in load().mutants if _fits(one, said.word)]
    for one in several:
        module = read(one.patch.module)
        before, after = module.text.splitlines(), one.patch.applied(module).splitlines()
        print(f"{one.id} in {one.programme} ({', '.join(about.value for about in one.about)})\n{one.says}")
        print("\n".join(unified_diff(before, after, str(module.path), "the mutant", n=1, lineterm="")))
        print(f"{one.witness.test}\n  {one.witness.fails}\n")
    return 0 if several else 1


def _fits(one: Recorded, word: str) -> bool:
    named = {one.operator.value, one.operator.slug, one.programme, *(about.value for about in one.about)}
    return word in named or word in one.id


def _wanted(names: Sequence[str] | None) -> list[Setting]:
    known = settings()
    if not names:
        return known
    unknown = set(names) - {one.name for one in known}
    if unknown:
        raise SystemExit(f"There is no setting {', '.join(sorted(unknown))}; there are {[one.name for one in known]}.")
    before = {name for one in known if one.name in names for name in (one.name, *one.after)}
    return [one for one in known if one.name in before]


def _run(said: argparse.Namespace) -> int:
    record, wanted = load(), _wanted(said.setting)
    wrong = outdated(record, library())
    if wrong:
        print("\n".join(wrong), "These changes do not apply any more: search anew, and record.", sep="\n")
        return 1
    mutants = [one for one in record.mutants if all(_fits(one, word) for word in said.only)]
    runner = Runner(said.results, said.processes, said.timeout)
    try:
        runner.check_original({one.programme for one in mutants}, wanted)
        for _ in runner.run(mutants, wanted):
            pass
    except NotReadyError as error:
        print(error)
        return 1
    _summary(mutants, wanted, said.results)
    return 0


def _summary(mutants: Sequence[Recorded], wanted: Sequence[Setting], results: Path) -> None:
    seen = Results(Record(tuple(mutants), (), ()), tuple(wanted), answers(results))
    for setting in wanted:
        found, whole = seen.share(mutants, setting)
        alone_found, alone = seen.share([one for one in mutants if one.found_alone], setting)
        print(f"\n{setting.title}: {found} of {whole} killed")
        print(f"  of those that should be found alone: {alone_found} of {alone}")
        for one in seen.survivors(setting):
            about = ", ".join(about.value for about in one.about)
            print(f"  survives: {one.id} ({about}) {one.says}")
    by_name = {setting.name: setting for setting in wanted}
    for answer in seen.answers.values():
        asked = by_name.get(answer.setting) if answer.outcome is Outcome.TOO_LONG else None
        if asked is not None and killed(answer.mutant, asked, seen.answers) is None:
            print(f"  took too long: {answer.mutant} ({answer.setting})")


def _page(said: argparse.Namespace) -> int:
    missing = write(Results(load(), tuple(settings()), answers(said.results)))
    for one in dict.fromkeys(missing):
        print(f"There is no reason for {one}.")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
