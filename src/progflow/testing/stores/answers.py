"""Promises of ``Reader``: what a store answers."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from attrs import evolve
from hypothesis import strategies as st

from progflow.records import CaseRecord, Query, Where
from progflow.testing.stores.base import ANY_MENTEE, EVERY_MENTEE, HOUR, Suite
from progflow.testing.stores.records import (
    INSTANTS,
    START,
    TOKENS,
    Marked,
    a_case,
    a_timer,
    as_new,
    batch,
    cases,
    expected_due,
    lifecycle_sets,
    moved,
    queries,
    rearmed,
)


def _order(case: CaseRecord) -> tuple[datetime, str]:
    return (case.created, case.id)


@st.composite
def _populations(draw: st.DrawFn) -> list[CaseRecord]:
    drawn = draw(st.lists(cases(), max_size=6))
    return [evolve(case, id=str(i)) for i, case in enumerate(drawn)]


@st.composite
def _asked(draw: st.DrawFn) -> tuple[list[CaseRecord], list[Query]]:
    stored = draw(_populations())
    return stored, draw(st.lists(queries(stored), min_size=1, max_size=4))


@st.composite
def _timed(draw: st.DrawFn) -> tuple[list[CaseRecord], frozenset[str], datetime, int]:
    stored = draw(_populations())
    return stored, draw(lifecycle_sets()), draw(INSTANTS), draw(st.integers(1, 5))


_WATCHED = st.tuples(_populations(), st.frozensets(st.sampled_from([*TOKENS, "never"])))


class Answers(Suite):
    """What a store answers."""

    def test_an_unknown_id_gives_nothing(self) -> None:
        """There is no case, no history and no key where nothing was saved."""
        with self.reading() as unit:
            assert unit.load("case") is None
            assert list(unit.history("case")) == []
            assert unit.key("key") is None
            assert list(unit.find(ANY_MENTEE)) == []
            assert unit.count(ANY_MENTEE) == 0

    def test_a_case_is_loaded_by_its_exact_id(self) -> None:
        """Ids that differ in case or by a space are different ids."""
        self.save(as_new(a_case("case")))
        for other in ("Case", "case ", " case", "cas", ""):
            assert self.load(other) is None, other

    def test_cases_come_in_the_order_of_creation(self) -> None:
        """By instant of creation; ids decide between cases of one instant, by code points."""
        ids = ["b", "ä", "Z", "a", "B", "1"]
        self.save(*(as_new(a_case(case)) for case in ids), as_new(a_case("zz", created=START - HOUR)))
        with self.reading() as unit:
            assert [case.id for case in unit.find(ANY_MENTEE)] == ["zz", *sorted(ids)]

    def test_find_and_count_agree_with_matches(self) -> None:
        """Whatever is stored and asked, the answer is that of ``Query.matches``."""

        def check(example: tuple[list[CaseRecord], list[Query]], mark: Marked) -> None:
            stored = self.populate(example[0], mark)
            with self.reading() as unit:
                for query in map(mark.query, example[1]):
                    wanted = sorted(filter(query.matches, stored), key=_order)
                    assert list(unit.find(query)) == wanted
                    assert unit.count(query) == len(wanted)

        self.for_all(_asked(), check)

    def test_a_question_about_data_compares_as_python_does(self) -> None:
        """1 is 1.0, but neither True nor '1'; null is a value, and what is not there equals nothing."""
        values: list[Any] = [
            1,
            1.0,
            True,
            "1",
            None,
            0,
            False,
            "",
            "a",
            "A",
            2**53 + 1,
            float(2**53),
            [1],
            {"a": 1},
        ]
        self.save(*(as_new(a_case(str(i), data={"x": value})) for i, value in enumerate(values)))
        self.save(as_new(a_case("without", data={})), as_new(a_case("nothing", data=None)))
        with self.reading() as unit:
            for value in values[:-2]:
                query = evolve(ANY_MENTEE, where=(Where("", "x", value),))
                wanted = [str(i) for i, other in enumerate(values) if _equal(value, other)]
                assert sorted(case.id for case in unit.find(query)) == sorted(wanted), value
                assert unit.count(query) == len(wanted)

    def test_a_question_about_a_phase_says_whether_absence_counts(self) -> None:
        """A phase that was not entered yet counts with ``absent``, and only then."""
        entered = a_case("entered", phases={"selection": {"rank": 1}})
        self.save(as_new(entered), as_new(a_case("other", phases={"selection": {"rank": 2}})), as_new(a_case("not")))
        with self.reading() as unit:
            for absent, wanted in ((False, ["entered"]), (True, ["entered", "not"])):
                query = evolve(ANY_MENTEE, where=(Where("selection", "rank", 1, absent=absent),))
                assert [case.id for case in unit.find(query)] == wanted

    def test_many_can_be_left_out(self) -> None:
        """``without`` has no limit that an adapter's statements would have."""
        self.save(*(as_new(a_case(f"{i:04}")) for i in range(1200)))
        without = frozenset(f"{i:04}" for i in range(1, 1200)) | {f"absent {i}" for i in range(1200)}
        with self.reading() as unit:
            query = evolve(ANY_MENTEE, without=without)
            assert [case.id for case in unit.find(query)] == ["0000"]
            assert unit.count(query) == 1

    def test_a_unit_finds_what_it_has_saved(self) -> None:
        """Every answer includes what the unit itself has saved, and no longer what that replaced."""
        before = a_case("case", data={"city": "Köln"}, links={"mentor": "m"})
        self.save(as_new(before))
        in_cologne = evolve(ANY_MENTEE, where=(Where("", "city", "Köln"),))
        with self.writing() as unit:
            unit.save(batch(moved(before, state="open", data={"city": "Bonn"}, links={"mentor": "n"})))
            unit.save(batch(as_new(a_case("new"))))
            assert [case.id for case in unit.find(in_cologne)] == ["new"]
            assert unit.count(evolve(ANY_MENTEE, states={"Mentee": frozenset({"open"})})) == 1
            assert unit.count(evolve(ANY_MENTEE, link=("mentor", "m"))) == 0
            assert unit.count(evolve(ANY_MENTEE, link=("mentor", "n"))) == 1

    def test_due_agrees_with_the_records_and_their_order(self) -> None:
        """Whatever is stored and asked, what is due is what the records say, in their order."""

        def check(example: tuple[list[CaseRecord], frozenset[str], datetime, int], mark: Marked) -> None:
            stored, lifecycles, now, limit = self.populate(example[0], mark), mark.names(example[1]), *example[2:]
            with self.reading() as unit:
                assert list(unit.due(lifecycles, now, limit)) == expected_due(stored, lifecycles, now)[:limit]
                assert list(unit.due(lifecycles, now, 1000)) == expected_due(stored, lifecycles, now)

        self.for_all(_timed(), check)

    def test_a_timer_that_rests_or_does_not_wait_is_not_due(self) -> None:
        """Neither is one whose instant lies ahead."""
        timers = {
            "rests": a_timer("rests", resting=True),
            "waits": a_timer("waits", ready=None),
            "never": a_timer("never", due=None),
            "later": a_timer("later", ready=START + 2 * HOUR),
            "now": a_timer("now"),
        }
        self.save(as_new(a_case(timers=tuple(timers.values()))))
        with self.reading() as unit:
            assert [timer.event for timer in unit.due(EVERY_MENTEE, START + HOUR, 9)] == ["now"]

    def test_a_timer_is_not_due_before_the_last_step_of_its_case(self) -> None:
        """What became ready earlier fires at the step; the order is that of firing."""
        late = a_case("late", stepped=START + 5 * HOUR, timers=(a_timer(),))
        self.save(as_new(late), as_new(a_case("early", timers=(a_timer(ready=START + 2 * HOUR),))))
        with self.reading() as unit:
            due = unit.due(EVERY_MENTEE, START + 9 * HOUR, 9)
        assert [(timer.case, timer.at) for timer in due] == [
            ("early", START + 2 * HOUR),
            ("late", START + 5 * HOUR),
        ]

    def test_due_follows_what_the_unit_has_saved(self) -> None:
        """A timer that was fired, moved or stopped in this unit is not due in it any more."""
        case = a_case(timers=(a_timer("a"), a_timer("b"), a_timer("c")))
        self.save(as_new(case))
        with self.writing() as unit:
            unit.save(batch(rearmed(case, a=None, b=a_timer("b", resting=True))))
            assert [timer.event for timer in unit.due(EVERY_MENTEE, START + HOUR, 9)] == ["c"]
            unit.save(batch(moved(case, stepped=START + 3 * HOUR)))
            assert unit.due(EVERY_MENTEE, START + HOUR, 9)[0].at == START + 3 * HOUR
        with self.reading() as unit:
            assert [timer.event for timer in unit.due(EVERY_MENTEE, START + HOUR, 9)] == ["c"]

    def test_watching_finds_who_watches(self) -> None:
        """Whoever watches one of the tokens, each once, in the order of creation."""

        def check(example: tuple[list[CaseRecord], frozenset[str]], mark: Marked) -> None:
            stored, tokens = self.populate(example[0], mark), mark.names(example[1])
            with self.reading() as unit:
                watching = [case for case in stored if any(timer.watches & tokens for timer in case.timers)]
                assert list(unit.watching(tokens)) == sorted(watching, key=_order)

        self.for_all(_WATCHED, check)

    def test_watching_follows_what_changed(self) -> None:
        """A timer that watches something else, or is gone, watches no longer."""
        case = a_case(timers=(a_timer("a", watches=frozenset({"x"})), a_timer("b", watches=frozenset({"x"}))))
        self.save(as_new(case))
        self.save(rearmed(case, a=a_timer("a", watches=frozenset({"y"})), b=None))
        with self.reading() as unit:
            assert [len(unit.watching([token])) for token in ("x", "y")] == [0, 1]
            assert len(unit.watching(["y", *(f"absent {i}" for i in range(1200))])) == 1


def _equal(value: Any, other: Any) -> bool:
    return value == other and isinstance(value, bool) == isinstance(other, bool)
