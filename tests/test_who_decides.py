"""Who decides, in every state of a play: nobody on the own case, whatever roles the person has, and no stranger."""

from __future__ import annotations

import io
from collections import defaultdict
from collections.abc import Mapping
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import pytest

from progflow import Actor, Case, Entry, Flow, Lifecycle, Offer, Program, Role
from progflow.cli.plays import play_of
from progflow.cli.screen import Screen
from progflow.definition.lifecycle import blueprint_of

APPLYING = {"application.admit", "application.ask_for_more", "application.reject"}
CERTIFICATE = {"certificate.issue", "certificate.refuse", "certificate.revoke"}
ATTENDANCE = {"attendance.attend", "attendance.excuse", "attendance.miss"}
SORTING = {"cluster", "count", "merge", "moderate", "move", "reject"}
VETTING = {"offer.admit", "offer.ask_for_more", "offer.reject"}
PREPARING = {"registration.assign", "registration.file_consent", "registration.note_briefing", "registration.release"}
MATCH = {("MatchProposal", "mentee"): {"approval.discard"}, ("MatchProposal", "mentor"): {"approval.discard"}}
TAKING_PART = {"tandem.complete_early", "tandem.pause"}
DUTY = {"extend", "lapse", "resume", "suspend", "waive"}

DECISIONS: Mapping[str, Mapping[tuple[str, str], set[str]]] = {
    "cross-mentoring": {
        **MATCH,
        ("Mentee", "person"): APPLYING | CERTIFICATE | TAKING_PART | {"selection.rerank"},
        ("Mentor", "person"): APPLYING,
        ("Tandem", "mentee"): {"reassess"},
        ("Tandem", "mentor"): {"reassess"},
    },
    "city-participation": {("Contribution", "person"): {f"moderation.{event}" for event in SORTING}},
    "intercultural-mentoring": {
        **MATCH,
        ("Mentee", "person"): APPLYING | CERTIFICATE | TAKING_PART,
        ("Mentor", "person"): APPLYING,
        ("WorkshopPlace", "person"): ATTENDANCE,
    },
    "leadership-training": {
        ("Booking", "person"): ATTENDANCE,
        ("Duty", "person"): {"credit", *(f"obligation.{event}" for event in DUTY)},
    },
    "trainee-volunteering": {
        ("Deployment", "person"): {"attendance.excuse"},
        ("Project", "host"): VETTING,
        ("Volunteer", "person"): CERTIFICATE | PREPARING,
    },
    "training-network": {("Place", "person"): {"attendance.attend", "attendance.miss"}},
}
"""By programme, for a case and whose it is, what others decide there and the person may not."""


OPEN_TO_ANYONE: Mapping[str, set[str]] = {"city-participation": {"Contribution.contribute"}}
"""What is open to anyone: to say something about one's city."""


class Onlooker:
    """Asks in each state that a case comes to what people are kept from by nothing but the rules of the moment.

    Two have every role: whose case it is, and somebody else. A stranger has none.
    """

    def __init__(self, wanted: Mapping[tuple[str, str], set[str]]) -> None:
        self.wanted = wanted
        self.others: dict[tuple[str, str], set[str]] = defaultdict(set)
        self.oneself: dict[tuple[str, str], set[str]] = defaultdict(set)
        self.strangers: set[str] = set()
        self._seen: set[tuple[str, ...]] = set()
        self._program: Program
        self._flow: Flow | None = None
        self._roles: set[Role] = set()

    def flow(self, program: Program, **options: Any) -> Flow:
        """A flow that is watched."""
        events = [event for kind in program.lifecycles for event in blueprint_of(kind).events.values()]
        self._roles = {grant.who for event in events for grant in event.by if isinstance(grant.who, Role)}
        self._program = program
        self._flow = Flow(program, **options)
        self._flow.transitioned.connect(self._look)
        return self._flow

    def _look(self, sender: type[Lifecycle[Any]], *, entry: Entry) -> None:
        assert self._flow is not None
        if self._is_new(sender.__name__, entry.after):
            offered = self._offered(entry.case, Actor("a-stranger"))
            self.strangers |= {f"{sender.__name__}.{event}" for event in offered}
            if entry.before is None:
                self.strangers |= self._beginnings(self._flow.get(sender, entry.case))
        for kind, field in self.wanted:
            if kind == sender.__name__ and self._is_new(kind, field, entry.after):
                whose = getattr(self._flow.get(sender, entry.case).data, field)
                self.others[(kind, field)] |= self._offered(entry.case, Actor("somebody-else", self._roles))
                self.oneself[(kind, field)] |= self._offered(entry.case, Actor(whose, self._roles))

    def _is_new(self, *what: str) -> bool:
        new = what not in self._seen
        self._seen.add(what)
        return new

    def _offered(self, case: str, actor: Actor) -> set[str]:
        assert self._flow is not None
        return _open_to(self._flow.explain(case, actor=actor))

    def _beginnings(self, parent: Case[Any]) -> set[str]:
        """What a stranger may begin under that case, or without one."""
        assert self._flow is not None
        found: set[str] = set()
        for kind in self._program.lifecycles:
            above = blueprint_of(kind).parents
            if not above or issubclass(parent.lifecycle, above):
                under = parent if above else None
                offers = self._flow.explain(kind, actor=Actor("a-stranger"), parent=under)
                found |= {f"{kind.__name__}.{event}" for event in _open_to(offers)}
        return found


def _open_to(offers: Mapping[str, Offer]) -> set[str]:
    """What is kept from somebody by nothing but the rules of the moment."""
    hidden = {"state", "who"}
    return {name for name, one in offers.items() if hidden.isdisjoint(reason.code for reason in one.reasons)}


@pytest.mark.parametrize("programme", DECISIONS)
def test_nobody_decides_on_the_own_case_and_a_stranger_on_nothing(
    programme: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    onlooker = Onlooker(DECISIONS[programme])
    monkeypatch.setattr("progflow.cli.stage.Flow", onlooker.flow)
    with redirect_stdout(io.StringIO()):
        play_of(programme).play(tmp_path / "play.db", Screen())
    assert onlooker.strangers == OPEN_TO_ANYONE.get(programme, set())
    for whose, decisions in DECISIONS[programme].items():
        assert decisions <= onlooker.others[whose], "somebody else may"
        assert decisions & onlooker.oneself[whose] == set()
