"""Promises of ``Store.begin``: units of work are transactions."""

from __future__ import annotations

import threading

from progflow.errors import ProgflowError, UsageError
from progflow.testing.stores.base import ANY_MENTEE, Boom, Suite, leaves_with
from progflow.testing.stores.records import a_case, as_new, batch, moved


class Units(Suite):
    """What a unit of work is, beside what it reads and writes."""

    def test_an_error_undoes_the_unit_and_passes_through(self) -> None:
        """Whatever it is, also one that is no ``Exception``."""
        for error in (Boom("mine"), KeyboardInterrupt()):
            with leaves_with(type(error)) as caught, self.writing() as unit:
                unit.save(batch(as_new(a_case())))
                raise error
            assert caught.error is error
            assert self.load() is None

    def test_a_unit_that_reads_saves_nothing(self) -> None:
        """Saving in it is a wrong use."""
        with leaves_with(UsageError), self.reading() as unit:
            unit.save(batch(as_new(a_case())))
        assert self.load() is None

    def test_readers_do_not_wait_for_a_writer_nor_see_what_is_not_committed(self) -> None:
        """A unit that reads begins and ends while another one is writing."""
        self.save(as_new(a_case()))
        with self.writing() as unit:
            unit.save(batch(moved(a_case(), state="open"), as_new(a_case("new"))))
            assert self.state() == "draft"
            assert self.load("new") is None
        assert self.state() == "open"

    def test_a_writer_does_not_wait_for_readers(self) -> None:
        """It begins and commits while another unit is reading."""
        self.save(as_new(a_case()))
        with self.reading() as reader:
            assert reader.count(ANY_MENTEE) == 1
            self.save(moved(a_case(), state="open"))
            assert self.state() == "open"

    def test_writers_at_once_lose_nothing(self) -> None:
        """Whoever loses a race is told so and can try again; in the end every move has happened."""
        self.save(as_new(a_case(data=0)))
        threads, moves = 4, 10
        failures: list[BaseException] = []

        def work() -> None:
            try:
                for _ in range(moves):
                    self._add_one()
            except BaseException as error:
                failures.append(error)

        running = [threading.Thread(target=work) for _ in range(threads)]
        for thread in running:
            thread.start()
        for thread in running:
            thread.join()
        assert failures == []
        case = self.load()
        assert case is not None
        assert (case.data, case.revision) == (threads * moves, threads * moves + 1)

    def _add_one(self) -> None:
        while True:
            try:
                with self.writing() as unit:
                    case = unit.load("case")
                    assert case is not None
                    unit.save(batch(moved(case, data=case.data + 1)))
                return
            except ProgflowError as error:
                if not error.retryable:
                    raise

    def test_a_nested_error_undoes_only_what_is_nested(self) -> None:
        """A savepoint: before and after it the unit goes on."""
        with self.writing() as unit:
            unit.save(batch(as_new(a_case("before"))))
            with leaves_with(Boom), unit.nested():
                unit.save(batch(as_new(a_case("inside")), moved(a_case("before"), state="open")))
                raise Boom
            assert unit.load("inside") is None
            unit.save(batch(as_new(a_case("after"))))
        with self.reading() as unit:
            found = [(case.id, case.state) for case in unit.find(ANY_MENTEE)]
        assert found == [("after", "draft"), ("before", "draft")]

    def test_a_conflict_in_a_savepoint_leaves_the_unit_usable(self) -> None:
        """The unit that catches it outside of the savepoint can go on."""
        self.save(as_new(a_case()))
        with self.writing() as unit:
            for lost in (as_new(a_case()), moved(a_case(revision=7))):
                with leaves_with(ProgflowError), unit.nested():
                    unit.save(batch(as_new(a_case("new")), lost))
            unit.save(batch(as_new(a_case("after"))))
        with self.reading() as unit:
            assert [case.id for case in unit.find(ANY_MENTEE)] == ["after", "case"]

    def test_savepoints_nest(self) -> None:
        """An outer one that fails undoes the inner one that had succeeded."""
        with self.writing() as unit:
            with leaves_with(Boom), unit.nested():
                with unit.nested():
                    unit.save(batch(as_new(a_case("inner"))))
                assert unit.load("inner") is not None
                raise Boom
            with unit.nested(), unit.nested():
                unit.save(batch(as_new(a_case("kept"))))
        assert self.load("inner") is None
        assert self.load("kept") is not None

    def test_callbacks_come_after_the_commit_in_their_order(self) -> None:
        """Each once, when everybody can see what was written; they may use the store again."""
        heard: list[str | None] = []
        with self.writing() as unit:
            unit.after_commit(lambda: heard.append(self.state()))
            unit.save(batch(as_new(a_case())))
            unit.after_commit(lambda: self.save(moved(a_case(), state="open")))
            unit.after_commit(lambda: heard.append(self.state()))
            assert heard == []
        assert heard == ["draft", "open"]

    def test_no_callback_comes_after_a_rollback(self) -> None:
        """What was not written is not announced."""
        heard: list[str] = []
        with leaves_with(Boom), self.writing() as unit:
            unit.save(batch(as_new(a_case())))
            unit.after_commit(lambda: heard.append("never"))
            raise Boom
        self.save(as_new(a_case()))
        assert heard == []

    def test_callbacks_of_a_unit_that_is_joined_inside_keep_their_place(self) -> None:
        """A receiver that goes on in the same transaction is heard of after what it has heard of."""
        heard: list[str | None] = []
        with self.writing() as unit:
            unit.after_commit(lambda: heard.append("first"))
            with self.store.join(unit.host) as inner:
                inner.save(batch(as_new(a_case())))
                inner.after_commit(lambda: heard.append(self.state()))
            with leaves_with(Boom), self.store.join(unit.host) as inner:
                inner.after_commit(lambda: heard.append("never"))
                raise Boom
            with leaves_with(Boom), unit.nested():
                with self.store.join(unit.host) as inner:
                    inner.after_commit(lambda: heard.append("never"))
                raise Boom
            unit.after_commit(lambda: heard.append("last"))
            assert heard == []
        assert heard == ["first", "draft", "last"]

    def test_callbacks_of_a_savepoint_live_and_die_with_it(self) -> None:
        """Those of one that was undone are forgotten, the others keep their order."""
        heard: list[int] = []
        with self.writing() as unit:
            unit.after_commit(lambda: heard.append(1))
            with unit.nested():
                unit.after_commit(lambda: heard.append(2))
                with leaves_with(Boom), unit.nested():
                    unit.after_commit(lambda: heard.append(99))
                    raise Boom
            unit.after_commit(lambda: heard.append(3))
        assert heard == [1, 2, 3]

    def test_a_stranger_is_not_joined(self) -> None:
        """An object of the wrong kind is refused at once."""
        with leaves_with(UsageError), self.store.join(object()):
            raise AssertionError("was joined")
