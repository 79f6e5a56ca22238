"""A story is told in numbered lines that a person can read."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from job_shadowing import colleague, hr
from progflow import Blocker, CascadeRefused, Entry, PayloadError, Refused
from progflow.errors import InputFault
from progflow.testing.telling import Refusal, Remark, in_words, names_of, tell

NINE = datetime(2026, 3, 2, 9, tzinfo=ZoneInfo("Europe/Berlin"))


def entry(case: str, seq: int = 1, lifecycle: str = "p.Mentee", **fields: Any) -> Entry:
    given: dict[str, Any] = {
        "event": "apply",
        "title": "Apply",
        "before": None,
        "after": "waiting",
        "actor": "emp-1",
        "acted_as": None,
        "caused_by": None,
        "due": None,
        "at": NINE,
        "recorded": NINE,
        "payload": {},
        "before_title": None,
        "after_title": "waits",
    }
    return Entry(case=case, seq=seq, lifecycle=lifecycle, **(given | fields))


def refusal(error: Any, **fields: Any) -> Refusal:
    return Refusal(error, hr, "Mentee.select", "Select", NINE, **fields)


def test_a_line_says_when_who_what_with_which_payload_and_where_it_led() -> None:
    told = tell(
        [
            entry("a", acted_as="applicant", payload={"city": "Köln", "since": "2026-01-01"}),
            entry("b", at=NINE.replace(second=5), actor="system"),
            entry("e", lifecycle="p.Edition", due=NINE, actor="system"),
            entry("a", 2, caused_by="e#1", title="Go on", after_title="selection: open"),
            entry("a", 3, caused_by="far#1", at=NINE.replace(microsecond=1)),
        ]
    )
    assert told.splitlines() == [
        '1. 2026-03-02 09:00     emp-1 (applicant)   Mentee 1: Apply (city: "Köln", since: 2026-01-01) → waits',
        "2. 2026-03-02 09:00:05  system              Mentee 2: Apply → waits",
        "3. 2026-03-02 09:00     by itself           Edition: Apply → waits",
        "4. 2026-03-02 09:00     because of Edition  Mentee 1: Go on → selection: open",
        "5. 2026-03-02 09:00:00  by itself           Mentee 1: Apply → waits",
    ]


def test_numbers_stand_below_each_other_and_long_names_do_not_push_others_away() -> None:
    told = tell([entry("a", number) for number in range(1, 11)] + [entry("a", 11, actor="x" * 50)]).splitlines()
    assert told[0].startswith(" 1. 2026")
    assert told[9].startswith("10. 2026")
    assert len(told[10]) - len(told[9]) == 50 - 32


def test_what_came_to_nothing_says_why() -> None:
    no = (Blocker("who", {}, "Only for: panel."), Blocker("full", {}, "No seat."))
    told = tell(
        [
            entry("a"),
            refusal(Refused(event="Mentee.select", reasons=no), case="a", payload={"rank": 1}),
            refusal(CascadeRefused(event="Pair.end", reasons=no[1:], chain=("Mentee.select", "Pair.end")), case="x"),
            Refusal(
                PayloadError(event="p.Mentee.select", faults=(InputFault("rank", "is missing"),)),
                colleague,
                "Mentee.select",
                "Select",
                NINE,
            ),
            Remark(NINE, "The hall\nis booked by \ud800."),
            Remark(NINE, "It rains.", who="the weather"),
        ],
        names={"x": "the pair's mentee"},
    )
    assert told.splitlines()[1:] == [
        "2. 2026-03-02 09:00  hr-1 (hr)    Mentee: Select (rank: 1) – refused: Only for: panel. No seat.",
        "3. 2026-03-02 09:00  hr-1 (hr)    the pair's mentee: Select – refused: Mentee.select → Pair.end: No seat.",
        "4. 2026-03-02 09:00  emp-2        Mentee: Select – comes to nothing: The payload of p.Mentee.select "
        "does not fit: rank: is missing",
        "5. 2026-03-02 09:00               The hall is booked by \\ud800.",
        "6. 2026-03-02 09:00  the weather  It rains.",
    ]


def test_a_story_without_lines_is_no_text() -> None:
    assert tell([]) == ""


def test_a_payload_is_told_so_that_texts_and_numbers_are_told_apart() -> None:
    assert in_words({"a": 1, "b": "1", "c": None, "d": True, "e": 1.5}) == 'a: 1, b: "1", c: –, d: true, e: 1.5'
    assert in_words({"on": "2026-03-02", "at": "2026-03-02T09:00:00+01:00"}) == (
        "on: 2026-03-02, at: 2026-03-02T09:00:00+01:00"
    )
    assert in_words({"of": [{"x": ["ä", None]}, ()]}) == 'of: [{x: ["ä", –]}, []]'
    assert in_words({"odd": "a\n\0", "odder": "\ud800", "oddest": object}) == (
        'odd: "a\\n\\u0000", odder: "\\ud800", oddest: "<class \'object\'>"'
    )
    assert in_words({}) == ""
    assert in_words({"long": "x" * 1000}) == f'long: "{"x" * 49}…"'
    assert len(in_words({"long": [1] * 1000})) == 200


def test_cases_are_named_after_their_lifecycles_in_the_order_in_which_they_come_up() -> None:
    story = [entry("b"), entry("a"), entry("b", 2), entry("c", lifecycle="Edition")]
    assert names_of(story) == {"b": "Mentee 1", "a": "Mentee 2", "c": "Edition"}
