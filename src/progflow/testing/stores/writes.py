"""Promises of ``UnitOfWork.save``: what is written is read back, and nobody is overwritten."""

from __future__ import annotations

from typing import Any

from attrs import evolve
from hypothesis import strategies as st

from progflow.records import CaseChange, CaseRecord, EntryRecord, KeyRecord
from progflow.testing.stores.base import ANY_MENTEE, Boom, Suite, leaves_with, loses_a_race
from progflow.testing.stores.records import (
    START,
    Marked,
    a_case,
    a_timer,
    an_entry,
    as_new,
    batch,
    cases,
    entries,
    moved,
    rearmed,
)

_KEY = KeyRecord("key", "fingerprint", "case", 1)


class Writes(Suite):
    """What ``save`` does, and what it refuses."""

    def test_a_case_is_read_back_as_it_was_saved(self) -> None:
        """Every field, in the same unit and after the commit."""

        def check(case: CaseRecord, mark: Marked) -> None:
            case = mark.case(case)
            with self.writing() as unit:
                unit.save(batch(as_new(case)))
                assert unit.load(case.id) == case
            assert self.load(case.id) == case

        self.for_all(cases(), check)

    def test_a_moved_case_is_read_back_as_it_was_saved(self) -> None:
        """Every field but its id and creation may change, and each timer that it no longer has is gone."""

        def check(example: tuple[CaseRecord, CaseRecord], mark: Marked) -> None:
            before, after = map(mark.case, example)
            after = evolve(after, created=before.created, revision=before.revision + 1)
            changed = {timer.event: None for timer in before.timers} | {timer.event: timer for timer in after.timers}
            self.save(as_new(before))
            self.save(CaseChange(after, before.revision, changed))
            assert self.load(after.id) == after

        self.for_all(st.tuples(cases(), cases()), check)

    def test_an_entry_is_read_back_as_it_was_saved(self) -> None:
        """Every field, oldest entry first."""

        def check(drawn: list[EntryRecord], mark: Marked) -> None:
            case = mark.name("case")
            written = [evolve(entry, case=case, seq=i + 1) for i, entry in enumerate(drawn)]
            self.save(as_new(a_case(case)), entries=tuple(written[:1]))
            self.save(entries=tuple(written[1:]))
            with self.reading() as unit:
                assert list(unit.history(case)) == written

        self.for_all(st.lists(entries(), min_size=1, max_size=3), check)

    def test_a_key_is_read_back(self) -> None:
        """In the same unit and after the commit."""
        with self.writing() as unit:
            unit.save(batch(as_new(a_case()), key=_KEY))
            assert unit.key("key") == _KEY
        with self.reading() as unit:
            assert unit.key("key") == _KEY
            assert unit.key("Key") is None

    def test_what_was_saved_and_loaded_can_be_changed_freely(self) -> None:
        """The store shares nothing that can be changed with anybody."""
        data: dict[str, Any] = {"list": [1]}
        self.save(as_new(a_case(data=data, phases={"p": data})), entries=(an_entry(payload=data),))
        data["list"].append(2)
        with self.reading() as unit:
            for _ in range(2):
                case, entry = unit.load("case"), unit.history("case")[0]
                assert case is not None
                assert (case.data, case.phases["p"], entry.payload) == ({"list": [1]},) * 3
                case.data["list"].append(3)
                case.phases["p"]["list"].append(3)
                entry.payload["list"].append(3)

    def test_what_json_cannot_carry_is_not_stored(self) -> None:
        """It fails while it is saved, and nothing of it remains."""
        for value in (object(), {1, 2}, START, float("nan"), float("inf")):
            with leaves_with((TypeError, ValueError)), self.writing() as unit:  # type: ignore[arg-type]
                unit.save(batch(as_new(a_case("other")), as_new(a_case(data={"value": value}))))
            with self.reading() as unit:
                assert unit.count(ANY_MENTEE) == 0

    def test_a_change_of_timers_leaves_the_case_and_other_timers_alone(self) -> None:
        """Where the revision stays, only the timers that are named change."""
        case = a_case(timers=(a_timer("a"), a_timer("b"), a_timer("c")))
        self.save(as_new(case))
        self.save(rearmed(evolve(case, state="ignored", timers=()), a=None, b=a_timer("b", resting=True)))
        assert self.load() == evolve(case, timers=(a_timer("b", resting=True), a_timer("c")))

    def test_a_move_leaves_other_timers_alone(self) -> None:
        """A timer that the change does not name stays as it is."""
        case = a_case(timers=(a_timer("a"), a_timer("b")))
        self.save(as_new(case))
        self.save(evolve(moved(case, state="open"), timers={"a": None}))
        assert self.load() == evolve(case, state="open", revision=2, timers=(a_timer("b"),))

    def test_links_are_found_from_the_other_end_as_they_change(self) -> None:
        """Also where the case was read in the same unit, and where a change of links was undone."""
        case = a_case(links={"mentor": "a"})
        self.save(as_new(case))
        with self.writing() as unit:
            unit.load("case")
            with leaves_with(Boom), unit.nested():
                unit.save(batch(moved(case, links={"mentor": "b"})))
                raise Boom
            unit.save(batch(moved(case, state="open")))
            unit.load("case")
            unit.save(batch(moved(evolve(case, revision=2), links={"mentor": "c", "buddy": "a"})))
        with self.reading() as unit:
            pairs = [(role, target) for role in ("mentor", "buddy") for target in "abc"]
            found = [pair for pair in pairs if unit.count(evolve(ANY_MENTEE, link=pair))]
            assert found == [("mentor", "c"), ("buddy", "a")]

    def test_a_case_that_moved_on_is_not_overwritten(self) -> None:
        """Neither by a move nor by a change of timers, and the rest of the batch is undone with it."""
        case = a_case()
        self.save(as_new(case), as_new(a_case("other")))
        self.save(moved(case, state="open"))
        for stale in (moved(case, state="late"), rearmed(case, late=a_timer("late"))):
            with loses_a_race() as caught, self.writing() as unit:
                unit.save(batch(moved(a_case("other"), state="late"), stale, as_new(a_case("new"))))
            assert caught.error.case == "case"
            assert self.state() == "open"
            assert self.state("other") == "draft"
            assert self.load("new") is None

    def test_a_case_that_is_missing_cannot_move(self) -> None:
        """It is a conflict like any other."""
        with loses_a_race(), self.writing() as unit:
            unit.save(batch(moved(a_case())))

    def test_an_id_is_given_once(self) -> None:
        """A second case of that id is a conflict."""
        self.save(as_new(a_case()))
        with loses_a_race(), self.writing() as unit:
            unit.save(batch(as_new(a_case(state="open"))))
        assert self.state() == "draft"

    def test_a_unique_value_has_one_holder(self) -> None:
        """A new case and a moved one are refused it; exact, like ids; None is held by nobody."""
        self.save(as_new(a_case("a", unique="x")), as_new(a_case("b")), as_new(a_case("c", unique="X")))
        for change in (as_new(a_case("d", unique="x")), moved(a_case("b"), unique="x")):
            with loses_a_race(), self.writing() as unit:
                unit.save(batch(change))
        assert self.load("d") is None

    def test_a_unique_value_can_be_held_again_once_it_is_free(self) -> None:
        """Given up in one unit, it is free for the next."""
        first = a_case("a", unique="x")
        self.save(as_new(first))
        self.save(moved(first, unique=None))
        self.save(as_new(a_case("b", unique="x")))
        with self.reading() as unit:
            assert [case.unique for case in unit.find(ANY_MENTEE)] == [None, "x"]

    def test_a_unique_value_passes_on_within_a_batch(self) -> None:
        """From one case to the next, to a new one or crosswise, in whatever order the batch has them."""
        a, b = a_case("a", unique="x"), a_case("b", unique="y")
        self.save(as_new(a), as_new(b))
        self.save(moved(a, unique="y"), moved(b, unique="x"))
        a, b = evolve(a, revision=2), evolve(b, revision=2)
        self.save(as_new(a_case("c", unique="y")), moved(b, unique="z"), moved(a, unique="x"))
        with self.reading() as unit:
            assert [case.unique for case in unit.find(ANY_MENTEE)] == ["x", "z", "y"]

    def test_a_key_is_used_once(self) -> None:
        """The second use is a conflict, and undoes what came with it."""
        self.save(as_new(a_case()), key=_KEY)
        with loses_a_race(), self.writing() as unit:
            unit.save(batch(moved(a_case(), state="open"), key=evolve(_KEY, revision=2)))
        assert self.state() == "draft"

    def test_a_step_is_recorded_once(self) -> None:
        """A second entry with the number of another is a conflict."""
        self.save(as_new(a_case()), entries=(an_entry(),))
        with loses_a_race(), self.writing() as unit:
            unit.save(batch(entries=[an_entry(event="other")]))

    def test_several_batches_make_one_unit(self) -> None:
        """Each sees the one before, and all of them are undone together."""
        case = a_case()
        with leaves_with(Boom), self.writing() as unit:
            unit.save(batch(as_new(case), entries=[an_entry()]))
            unit.save(batch(moved(case, state="open"), entries=[an_entry(seq=2)], key=_KEY))
            found = unit.load("case")
            assert found is not None
            assert (found.state, found.revision, len(unit.history("case"))) == ("open", 2, 2)
            raise Boom
        with self.reading() as unit:
            assert unit.load("case") is None
            assert list(unit.history("case")) == []
            assert unit.key("key") is None
