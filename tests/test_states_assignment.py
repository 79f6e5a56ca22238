"""The best assignment: as many people as the rules allow, as well as they fit, and why somebody is left over."""

from __future__ import annotations

import builtins
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from progflow import UsageError
from progflow.states.assignment import Placed, Unplaced, Why, best_assignment


def test_each_goes_to_whom_they_fit_best_all_in_all() -> None:
    scores = {("ann", "x"): 9, ("ann", "y"): 8, ("ben", "x"): 9, ("ben", "y"): 1}
    found = best_assignment(["ann", "ben"], ["x", "y"], scores)
    assert found.pairs == (Placed("ann", "y", 8), Placed("ben", "x", 9))
    assert (found.total, found.unplaced) == (17, ())
    assert found.partner_of("ben") == "x"


def test_a_mentor_with_several_places_takes_several() -> None:
    found = best_assignment(["ann", "ben", "cem"], {"x": 2, "y": 0, "z": 1}, lambda person, mentor: 1)
    assert sorted(pair.partner for pair in found.pairs) == ["x", "x", "z"]


def test_a_forbidden_pair_is_never_proposed_however_well_it_fits() -> None:
    scores = {("ann", "x"): 100.0, ("ben", "x"): 1.0}
    found = best_assignment(["ann", "ben"], ["x"], scores, forbidden={("ann", "x")})
    assert found.pairs == (Placed("ben", "x", 1.0),)
    assert found.unplaced == (Unplaced("ann", Why.NOBODY_ALLOWED, 0),)
    assert found.partner_of("ann") is None
    same = best_assignment(["ann", "ben"], ["x"], lambda p, q: 1.0, forbidden=lambda person, _: person == "ann")
    assert same.pairs == found.pairs


def test_who_is_left_over_hears_why() -> None:
    found = best_assignment(["ann", "ben", "cem"], {"x": 1, "y": 1}, {("ann", "x"): 2, ("ben", "x"): 1})
    assert found.unplaced == (Unplaced("ben", Why.ALL_TAKEN, 1), Unplaced("cem", Why.NOBODY_ALLOWED, 0))


def test_more_people_come_before_better_scores() -> None:
    scores = {("ann", "x"): 1000, ("ann", "y"): -1000, ("ben", "x"): -1000}
    assert len(best_assignment(["ann", "ben"], ["x", "y"], scores).pairs) == 2


def test_nobody_and_nothing_can_be_assigned() -> None:
    empty: dict[tuple[str, str], float] = {}
    assert best_assignment([], ["x"], empty).pairs == ()
    assert best_assignment(["ann"], list[str](), empty).unplaced == (Unplaced("ann", Why.NOBODY_ALLOWED, 0),)


@pytest.mark.parametrize(
    ("people", "partners", "score", "problem"),
    [
        (["ann", "ann"], ["x"], 1.0, "'ann' is named twice"),
        (["ann"], ["x", "x"], 1.0, "'x' is named twice"),
        (["ann"], {"x": -1}, 1.0, "'x' has -1 places"),
        (["ann"], ["x"], float("nan"), "The score of 'ann' and 'x' is nan"),
        (["ann"], ["x"], float("inf"), "The score of 'ann' and 'x' is inf"),
    ],
)
def test_what_makes_no_sense_is_refused(people: Any, partners: Any, score: float, problem: str) -> None:
    with pytest.raises(UsageError, match=problem):
        best_assignment(people, partners, lambda p, q: score)


def test_without_scipy_it_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    import_module = builtins.__import__

    def without(name: str, *args: Any, **kwargs: Any) -> Any:
        if name.startswith("scipy"):
            raise ImportError(name)
        return import_module(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(ImportError, match=r"install progflow\[matching\]"):
        best_assignment(["ann"], ["x"], {("ann", "x"): 1.0})


tables = st.integers(0, 4).flatmap(
    lambda people: st.lists(
        st.lists(st.none() | st.integers(-5, 5), min_size=3, max_size=3), min_size=people, max_size=people
    )
)


@given(tables, st.lists(st.integers(0, 2), min_size=3, max_size=3))
def test_no_other_assignment_places_more_or_scores_higher(table: list[list[int | None]], places: list[int]) -> None:
    people, partners = range(len(table)), dict(enumerate(places))
    scores = {(p, q): float(fit) for p, row in enumerate(table) for q, fit in enumerate(row) if fit is not None}
    found = best_assignment(people, partners, scores)
    assert all((pair.person, pair.partner) in scores for pair in found.pairs)
    assert all(sum(pair.partner == q for pair in found.pairs) <= number for q, number in partners.items())
    assert sorted([*(pair.person for pair in found.pairs), *(one.person for one in found.unplaced)]) == list(people)
    best = (0, 0.0)
    for choice in product([None, *partners], repeat=len(table)):
        chosen = [(p, q) for p, q in enumerate(choice) if q is not None]
        fits = all(pair in scores for pair in chosen)
        if fits and all(sum(q == one for _, one in chosen) <= number for q, number in partners.items()):
            best = max(best, (len(chosen), sum(scores[pair] for pair in chosen)))
    assert (len(found.pairs), found.total) == best
    assert found == best_assignment(people, partners, scores)
