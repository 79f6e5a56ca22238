"""Promises of ``Store.join``: the host alone commits or rolls back."""

from __future__ import annotations

from contextlib import AbstractContextManager

from progflow.testing.stores.base import ANY_MENTEE, Boom, Suite, leaves_with, loses_a_race
from progflow.testing.stores.records import a_case, as_new, batch, moved


class Joins(Suite):
    """What a unit of work in the transaction of a host is."""

    def hosting(self) -> AbstractContextManager[object]:
        """A transaction of a host."""
        assert self.making.host is not None
        return self.making.host(self.store)

    def test_what_was_joined_is_committed_with_the_host(self) -> None:
        """Not before, and without the unit having committed anything."""
        with self.hosting() as host:
            with self.store.join(host) as unit:
                unit.save(batch(as_new(a_case())))
                assert unit.load("case") is not None
            assert self.load() is None
        assert self.load() is not None

    def test_what_was_joined_is_rolled_back_with_the_host(self) -> None:
        """Although the unit itself ended well."""
        with leaves_with(Boom), self.hosting() as host:
            with self.store.join(host) as unit:
                unit.save(batch(as_new(a_case())))
            raise Boom
        assert self.load() is None

    def test_an_error_undoes_only_what_was_joined(self) -> None:
        """The host can go on; what it wrote itself and what it joined before stands."""
        with self.hosting() as host:
            with self.store.join(host) as unit:
                unit.save(batch(as_new(a_case("first"))))
            with leaves_with(Boom), self.store.join(host) as unit:
                unit.save(batch(as_new(a_case("second")), moved(a_case("first"), state="open")))
                raise Boom
            with self.store.join(host) as unit:
                assert unit.load("second") is None
                unit.save(batch(as_new(a_case("third"))))
        with self.reading() as unit:
            found = [(case.id, case.state) for case in unit.find(ANY_MENTEE)]
        assert found == [("first", "draft"), ("third", "draft")]

    def test_a_conflict_leaves_nothing_behind_in_the_host(self) -> None:
        """Also if it comes in the middle of a batch and the host commits nevertheless."""
        self.save(as_new(a_case("case")))
        with self.hosting() as host:
            with loses_a_race(), self.store.join(host) as unit:
                unit.save(batch(as_new(a_case("new")), moved(a_case("case", revision=7))))
            with loses_a_race(), self.store.join(host) as unit:
                unit.save(batch(as_new(a_case("new")), as_new(a_case("case"))))
        with self.reading() as unit:
            assert [case.id for case in unit.find(ANY_MENTEE)] == ["case"]

    def test_savepoints_nest_inside_a_joined_unit(self) -> None:
        """``nested`` works there as it does anywhere."""
        with self.hosting() as host, self.store.join(host) as unit:
            unit.save(batch(as_new(a_case("before"))))
            with leaves_with(Boom), unit.nested():
                unit.save(batch(as_new(a_case("inside"))))
                raise Boom
            assert unit.count(ANY_MENTEE) == 1
        assert self.load("before") is not None

    def test_callbacks_wait_for_the_host(self) -> None:
        """They come in order after the host has committed."""
        heard: list[int] = []
        with self.hosting() as host:
            with self.store.join(host) as unit:
                unit.save(batch(as_new(a_case("a"))))
                unit.after_commit(lambda: heard.append(1))
                unit.after_commit(lambda: heard.append(2))
            with leaves_with(Boom), self.store.join(host) as unit:
                unit.after_commit(lambda: heard.append(99))
                raise Boom
            with self.store.join(host) as unit:
                with leaves_with(Boom), unit.nested():
                    unit.after_commit(lambda: heard.append(99))
                    raise Boom
                unit.after_commit(lambda: heard.append(3))
            assert heard == []
        assert heard == [1, 2, 3]

    def test_callbacks_of_a_unit_that_is_joined_inside_another_keep_their_place(self) -> None:
        """A receiver that goes on in the same transaction is heard of after what it has heard of."""
        heard: list[int] = []
        with self.hosting() as host:
            with self.store.join(host) as unit:
                unit.after_commit(lambda: heard.append(1))
                with self.store.join(unit.host) as inner:
                    inner.save(batch(as_new(a_case())))
                    inner.after_commit(lambda: heard.append(2))
                with leaves_with(Boom), self.store.join(unit.host) as inner:
                    inner.after_commit(lambda: heard.append(99))
                    raise Boom
                unit.after_commit(lambda: heard.append(3))
            with leaves_with(Boom), self.store.join(host) as unit:
                with self.store.join(unit.host) as inner:
                    inner.after_commit(lambda: heard.append(99))
                raise Boom
        assert heard == [1, 2, 3]

    def test_no_callback_comes_if_the_host_rolls_back(self) -> None:
        """Neither then nor later."""
        heard: list[int] = []
        with leaves_with(Boom), self.hosting() as host:
            with self.store.join(host) as unit:
                unit.save(batch(as_new(a_case())))
                unit.after_commit(lambda: heard.append(99))
            raise Boom
        with self.hosting() as host, self.store.join(host) as unit:
            unit.save(batch(as_new(a_case())))
        assert heard == []
