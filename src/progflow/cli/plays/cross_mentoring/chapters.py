"""The play: one edition, chapter by chapter."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Final

from progflow import Case
from progflow.cli.plays.cross_mentoring.cast import (
    CITIES,
    Edition2022,
    city_of,
    employee,
    mayor_d,
    mayor_k,
    office,
    panel_d,
    panel_k,
)
from progflow.cli.screen import Screen, day
from progflow.cli.stage import refused
from progflow.programs.cross_mentoring import (
    Agreement,
    Cause,
    Edition,
    MatchProposal,
    Mentee,
    MenteeData,
    Tandem,
)

APPLICANTS: Final = {
    "Köln": tuple(f"mentee-k-{n:02}" for n in range(1, 9)),
    "Düsseldorf": tuple(f"mentee-d-{n:02}" for n in range(1, 8)),
}
MENTORS: Final = tuple(f"mentor-{city}-{n:02}" for city in "kd" for n in range(1, 7))
LATE: Final = "mentee-k-09"
LEAVES: Final = "mentee-k-04"
SILENT: Final = "mentee-d-05"
PAUSES: Final = "mentee-d-02"
MATCHED_TWICE: Final = "mentee-k-06"
FEW_MEETINGS: Final = "mentee-d-03"

TITLE: Final = "The cross-mentoring of Köln and Düsseldorf, edition of 2022"

PROLOGUE: Final = (
    "Known of the real edition: five seats for women of each city, fifteen months with a mentor of the other city, "
    "the kick-off on 15.08.2022 and the closing on 07.11.2023. The people, the other days and all that goes wrong "
    "are invented, and the finer rules are defaults that a municipality can set otherwise."
)


def play(file: Path, screen: Screen) -> None:
    """Play the edition into the file and tell it on the screen."""
    with Edition2022(file) as stage:
        screen.opening(TITLE, PROLOGUE)
        for chapter in (
            call,
            late_application,
            selection,
            moving_up,
            lapsing,
            matching,
            kickoff,
            year,
            pausing,
            second_match,
            closing,
            latecomer,
            certificates,
        ):
            chapter(stage, screen)
        timeline(stage, screen, MATCHED_TWICE)
        everybody(stage, screen)
        epilogue(stage, screen, file)


def call(stage: Edition2022, screen: Screen) -> None:
    """More applicants than places."""
    screen.chapter(stage.today, "The call")
    stage.plan(deadline=date(2022, 4, 30))
    for names in APPLICANTS.values():
        for name in names:
            stage.do(stage.apply(name), Mentee.application.admit(), office)
    for name in MENTORS:
        stage.offer(name)
    for city in CITIES:
        screen.tell(f"{city.name}: {len(APPLICANTS[city.name])} applications for {city.seats} seats.")
    screen.tell(f"{len(MENTORS)} leaders offer to be mentors.")
    due = stage.flow.explain(stage.edition, actor=office)["call.close"].due
    deadline = stage.edition[Edition.call].deadline
    assert due is not None
    assert deadline is not None
    screen.tell(
        f"The deadline {day(deadline)} is a Saturday, and a Sunday follows: "
        f"applications are taken until the end of {day(due - timedelta(seconds=1))}."
    )


def late_application(stage: Edition2022, screen: Screen) -> None:
    """A late application is refused, with the reason."""
    stage.come(date(2022, 5, 3), hour=9)
    screen.chapter(stage.today, "One day too late")
    screen.refusal(LATE, "Apply for a seat of one's city", refused(lambda: stage.apply(LATE)))


def selection(stage: Edition2022, screen: Screen) -> None:
    """Seats in the order of ranks, and a full quota explained."""
    stage.come(date(2022, 5, 9))
    screen.chapter(stage.today, "The selection")
    for names, actor in zip(APPLICANTS.values(), (panel_k, panel_d), strict=True):
        for rank, name in enumerate(names[:5], 1):
            stage.do(stage.mentee(name), Mentee.selection.select(rank=rank), actor)
        screen.tell(f"{city_of(names[0])} gives its five seats to {names[0]} … {names[4]}.")
        sixth = stage.mentee(names[5])
        offer = stage.flow.explain(sixth, actor=actor)["selection.select"]
        screen.refusal(actor.id, f"{offer.title} ({names[5]})", offer.reasons)
        for rank, name in enumerate(names[5:7], 6):
            waitlist = Mentee.selection.waitlist(rank=rank, reason="Good, but five came first.")
            stage.do(stage.mentee(name), waitlist, actor)
        for name in names[7:]:
            stage.do(stage.mentee(name), Mentee.selection.reject(reason="Too little experience."), actor)
            screen.tell(f"{name} is rejected, with a reason and a talk about it on offer.")
        screen.tell(f"{names[5]} and {names[6]} wait, in this order.")


def moving_up(stage: Edition2022, screen: Screen) -> None:
    """A withdrawal, and the next of the same city has the seat."""
    for names in APPLICANTS.values():
        for name in names[:5]:
            if name not in (LEAVES, SILENT):
                stage.do(stage.mentee(name), Mentee.selection.confirm(), employee(name))
    stage.come(date(2022, 5, 11))
    screen.chapter(stage.today, "A withdrawal, and somebody moves up")
    with stage.watching() as steps:
        stage.do(stage.mentee(LEAVES), Mentee.withdrawal.withdraw(reason="A new post."), employee(LEAVES))
    screen.steps(steps)
    screen.tell("The waiting list of Düsseldorf has not moved: seats never cross cities.")


def lapsing(stage: Edition2022, screen: Screen) -> None:
    """Who does not confirm in time loses the seat, and the clock does it alone."""
    stage.do(stage.mentee(MATCHED_TWICE), Mentee.selection.confirm(), employee(MATCHED_TWICE))
    due = stage.flow.explain(stage.mentee(SILENT), actor=office)["selection.lapse"].due
    assert due is not None
    with stage.watching() as steps:
        stage.come(date(2022, 5, 24))
    screen.chapter(stage.today, "Ten working days without an answer")
    screen.tell(f"{SILENT} was selected on 09.05.2022 and had until {day(due - timedelta(seconds=1))} to confirm.")
    screen.steps(steps)
    stage.do(stage.mentee("mentee-d-06"), Mentee.selection.confirm(), employee("mentee-d-06"))


def pairs() -> dict[str, str]:
    """Who is matched with whom: the seats of one city with mentors of the other."""
    koeln = [*(f"mentee-k-{n:02}" for n in (1, 2, 3, 5)), MATCHED_TWICE]
    duesseldorf = [*(f"mentee-d-{n:02}" for n in (1, 2, 3, 4, 6))]
    found = {name: f"mentor-d-{n:02}" for n, name in enumerate(koeln, 1)}
    return found | {name: f"mentor-k-{n:02}" for n, name in enumerate(duesseldorf, 1)}


def matching(stage: Edition2022, screen: Screen) -> None:
    """Both cities approve, and nobody their own match."""
    stage.come(date(2022, 6, 20))
    screen.chapter(stage.today, "The matching")
    stage.do(stage.edition_id, Edition.begin_matching(), office)
    (mentee, mentor), *others = pairs().items()
    proposal = stage.propose(mentee, mentor)
    own = refused(lambda: stage.do(proposal, MatchProposal.approval.approve(), employee(mentor)))
    screen.refusal(f"{mentor}, who sits on the panel", MatchProposal.approval.approve.title, own)
    for actor in (panel_k, panel_d):
        with stage.watching() as steps:
            stage.do(proposal, MatchProposal.approval.approve(), actor)
        screen.tell(f"{actor.id} approves for {'Köln' if actor is panel_k else 'Düsseldorf'}:")
        screen.steps(steps)
    for other, theirs in others:
        stage.match(other, theirs)
    screen.tell(f"{len(others)} more matches are approved in the same way. Now every tandem waits:")
    offer = stage.flow.explain(stage.tandem(mentee), actor=office)["begin"]
    screen.refusal(f"tandem {mentee} / {mentor}", offer.title, offer.resting, mark="waits")


def kickoff(stage: Edition2022, screen: Screen) -> None:
    """The kick-off, and the agreement that is signed there."""
    stage.come(date(2022, 8, 15))
    screen.chapter(stage.today, "The kick-off")
    with stage.watching() as steps:
        stage.do(stage.edition_id, Edition.kickoff.hold(), office)
        stage.do(stage.agreement_id, Agreement.signature.sign(), mayor_k)
        stage.do(stage.agreement_id, Agreement.signature.sign(), mayor_d)
    screen.steps(steps, most=7)
    screen.tell(f"Ten tandems have begun. Fifteen months from today are over on {last_day(stage, PAUSES)}.")


def year(stage: Edition2022, screen: Screen) -> None:
    """Goals, meetings, and a reminder for those who do not meet."""
    for month in (9, 10, 11):
        stage.come(date(2022, month, 14))
        for name in pairs():
            if name != FEW_MEETINGS:
                stage.meet(name, [stage.today])
    screen.chapter(stage.today, "Three months later")
    screen.tell("Nine tandems have written down goals and met three times. One was reminded to:")
    tandem = stage.tandem(FEW_MEETINGS)
    reminded = ", ".join(map(day, tandem.data.reminders))
    screen.facts((f"tandem {FEW_MEETINGS} / {tandem.data.mentor}", f"reminded on {reminded}"))


def last_day(stage: Edition2022, name: str) -> str:
    """The last day of a participation, as its timer has it; empty while that stands still."""
    due = stage.flow.explain(stage.mentee(name), actor=office)["tandem.complete"].due
    return "" if due is None else day(due - timedelta(seconds=1))


def pausing(stage: Edition2022, screen: Screen) -> None:
    """A pause moves the end of one participation and of no other."""
    stage.come(date(2022, 12, 1))
    screen.chapter(stage.today, "A pause")
    before = last_day(stage, PAUSES)
    pause = Mentee.tandem.pause(cause=Cause.FAMILY, until=date(2023, 1, 31))
    with stage.watching() as steps:
        stage.do(stage.mentee(PAUSES), pause, office)
        stage.come(date(2023, 2, 1))
    screen.steps([step for step in steps if PAUSES in step[0]])
    screen.tell("From 01.12.2022 to 31.01.2023 are 62 days:")
    screen.facts(
        (f"{PAUSES} ended on", before),
        (f"{PAUSES} ends on", last_day(stage, PAUSES)),
        ("everybody else ends on", last_day(stage, "mentee-d-01")),
    )


def second_match(stage: Edition2022, screen: Screen) -> None:
    """A tandem is dissolved, and the mentee keeps seat and clock."""
    stage.come(date(2023, 2, 13))
    screen.chapter(stage.today, "A tandem is dissolved and matched again")
    mentor = stage.tandem(MATCHED_TWICE).data.mentor
    before = last_day(stage, MATCHED_TWICE)
    with stage.watching() as steps:
        stage.do(stage.tandem(MATCHED_TWICE), Tandem.dissolve(cause=Cause.MUTUAL), employee(mentor))
    screen.steps(steps)
    screen.tell("She keeps her seat and her clock, and is matched again:")
    stage.come(date(2023, 3, 6))
    with stage.watching() as steps:
        stage.match(MATCHED_TWICE, "mentor-d-06")
    screen.steps(steps)
    predecessor = stage.flow.get(Tandem, stage.tandem(MATCHED_TWICE).links["predecessor"])
    screen.facts(
        ("predecessor of the new tandem", f"{predecessor.data.mentee} / {predecessor.data.mentor}"),
        ("her last day before", before),
        ("her last day now", last_day(stage, MATCHED_TWICE)),
    )


def closing(stage: Edition2022, screen: Screen) -> None:
    """The closing, by decision and a week before the nominal end."""
    stage.come(date(2023, 6, 12))
    for name in pairs():
        stage.meet(name, [stage.today])
    stage.come(date(2023, 11, 7))
    screen.chapter(stage.today, "The closing")
    with stage.watching() as steps:
        stage.do(stage.edition_id, Edition.run.hold_closing(), office)
    screen.steps(steps, most=4)
    done = stage.flow.cases(Mentee).in_(Mentee.certificate).count()
    screen.tell(f"{done} participations are completed a week before their nominal end, by decision.")
    screen.tell(f"{PAUSES} is not: her end on {last_day(stage, PAUSES)} is too far off.")


def latecomer(stage: Edition2022, screen: Screen) -> None:
    """The participation that was paused ends by itself, later."""
    with stage.watching() as steps:
        stage.come(date(2024, 1, 17))
    screen.chapter(stage.today, "The one that was paused ends by itself")
    screen.steps(steps)


def certificates(stage: Edition2022, screen: Screen) -> None:
    """Numbered certificates for those who took part enough; then the edition is completed."""
    screen.chapter(stage.today, "The certificates")
    numbers: list[str] = []
    for case in stage.flow.cases(Mentee).in_(Mentee.certificate).all():
        if case.data.person == FEW_MEETINGS:
            continue
        case = stage.do(case, Mentee.certificate.issue(), office)
        numbers.append(case[Mentee.certificate].number)
    screen.tell(f"{len(numbers)} certificates are issued: {numbers[0]} … {numbers[-1]}.")
    few = stage.mentee(FEW_MEETINGS)
    why = refused(lambda: stage.do(few, Mentee.certificate.issue(), office))
    screen.refusal(f"{office.id} for {FEW_MEETINGS}", Mentee.certificate.issue.title, why)
    with stage.watching() as steps:
        stage.do(few, Mentee.certificate.refuse(reason="Too few meetings; a statement instead."), office)
    screen.steps(steps)


def timeline(stage: Edition2022, screen: Screen, name: str) -> None:
    """The history of one mentee."""
    rows = [
        (
            day(entry.at),
            entry.title,
            entry.after_title,
            "the clock" if entry.due is not None else entry.actor,
        )
        for entry in stage.flow.history(stage.mentee(name))
    ]
    screen.table(f"The way of {name}", ("Day", "What happened", "State", "Caused by"), rows)


def everybody(stage: Edition2022, screen: Screen) -> None:
    """All mentees, and how it ended for each."""

    def row(case: Case[MenteeData]) -> tuple[str, str, str, str, str]:
        tandems = stage.flow.cases(Tandem).where(mentee=case.data.person).all()
        mentors = ", then ".join(tandem.data.mentor for tandem in tandems)
        ended = stage.flow.history(tandems[-1])[-1].at - timedelta(seconds=1) if tandems else None
        last = day(ended) if ended is not None else ""
        return case.data.person, case.state.title, mentors, last, case[Mentee.certificate].number

    cases = stage.flow.cases(Mentee).order_by("city", "person").all()
    heads = ("Mentee", "State", "Mentor", "Tandem until", "Certificate")
    screen.table("Everybody who applied in time", heads, map(row, cases))


def epilogue(stage: Edition2022, screen: Screen, file: Path) -> None:
    """Where it all is."""
    screen.gap()
    screen.tell(f"The edition is {stage.edition.state.title}. All {stage.how_many} cases with their history are in")
    screen.line(str(file))
