"""What people read, in their language: titles, reasons and roles from catalogues, and the catalogues themselves."""

from __future__ import annotations

import pickle
from datetime import date
from enum import Enum, StrEnum
from io import BytesIO
from pathlib import Path

import pytest
from attrs import evolve, frozen
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from progflow import (
    ANYONE,
    NEXT,
    START,
    STAY,
    SYSTEM,
    Acting,
    Actor,
    Case,
    Context,
    Entry,
    Flow,
    InvariantBroken,
    Lifecycle,
    No,
    Phase,
    Role,
    State,
    UsageError,
    event,
    guard,
    invariant,
    relation,
)
from progflow.adapters.sqlalchemy import SQLAlchemyStore, migrate
from progflow.definition.sentences import sentence
from progflow.testing.clock import Clock
from progflow.translations.files import compiled, merged, refresh, template
from progflow.translations.messages import messages_of
from support import clock, memory_flow, refusal, store_of

__all__ = ["clock"]

OFFICE = Role("town hall")
officer, anna, bert = Actor("o-1", {OFFICE}), Actor("anna"), Actor("bert")


@frozen
class CourseData:
    deadline: date


@frozen
class SeatData:
    person: str
    paid: bool = False


class Course(Lifecycle[CourseData]):
    """A course."""

    open = State(initial=True)
    over = State("finished", final=True)

    @event(open >> over, by=OFFICE)
    def end(self, ctx: Context[CourseData]) -> None:
        """End the course."""


class Queue(Phase[None]):
    """Somebody waits."""

    open = State(initial=True)
    asleep = State()

    @event(open >> asleep)
    def doze(self, ctx: Context[None]) -> None:
        """Fall asleep."""

    @event((open | asleep) >> NEXT, by=OFFICE)
    def call(self, ctx: Context[None]) -> None:
        """Call."""


class Seat(Lifecycle[SeatData], parent=Course, unique="person"):
    """A seat in a course."""

    learning = State(resting=True)
    gone = State(final=True)

    queue = Queue().then(learning)

    @relation("the learner")
    def the_learner(self, ctx: Context[SeatData]) -> bool:
        return ctx.actor.id == ctx.data.person

    @guard("The deadline was {deadline:%m/%d/%Y}.")
    def in_time(self, ctx: Context[SeatData]) -> bool | No:
        deadline = ctx.parent(Course).data.deadline
        return ctx.today <= deadline or No(deadline=deadline)

    @invariant("Nobody leaves without having paid.")
    def paid_at_the_end(self, ctx: Context[SeatData]) -> bool:
        return not ctx.case.is_in(Seat.gone) or ctx.case_of(Seat).data.paid

    @event(START >> queue, by=ANYONE, when=in_time)
    def ask(self, ctx: Context[SeatData]) -> SeatData:
        """Ask for a seat."""
        return SeatData(ctx.actor.id)

    @event(learning >> STAY, by=the_learner)
    def pay(self, ctx: Acting[SeatData], *, euros: int) -> SeatData:
        """Pay."""
        if euros < 10:
            ctx.refuse("{euros} euros are not enough.", euros=euros)
        return evolve(ctx.data, paid=True)

    @event(learning >> gone, by=OFFICE - the_learner)
    def leave(self, ctx: Context[SeatData]) -> None:
        """Leave."""


GERMAN = {
    "Course": {"Course": "Der Kurs", "A course": "Ein Kurs"},
    "Course.over": {"finished": "beendet"},
    "Course.end": {"End the course": "Kurs beenden"},
    "Queue": {"queue": "Warteschlange"},
    "Queue.open": {"open": "wartet"},
    "Queue.call": {"Call": "Aufrufen"},
    "Seat.learning": {"learning": "lernt"},
    "Seat.the_learner": {"the learner": "die lernende Person"},
    "Seat.in_time": {"The deadline was {deadline:%m/%d/%Y}.": "Die Frist endete am {deadline:%d.%m.%Y}."},
    "Seat.paid_at_the_end": {"Nobody leaves without having paid.": "Niemand geht, ohne bezahlt zu haben."},
    "Seat.ask": {"Ask for a seat": "Einen Platz erbitten"},
    "Seat.pay": {"Pay": "Bezahlen", "{euros} euros are not enough.": "{euros} Euro reichen nicht."},
    "Seat.leave": {"Leave": "Gehen"},
    "Role": {"town hall": "Rathaus"},
}


def say(directory: Path, said: dict[str, dict[str, str]], language: str = "de") -> Path:
    """A directory with a catalogue that says this."""
    file = directory / language / "LC_MESSAGES" / "progflow.po"
    if not file.exists():
        merged(directory, language, (), ())
    with file.open("a", encoding="utf-8") as opened:
        for context, sentences in said.items():
            for text, translation in sentences.items():
                opened.write(f'\nmsgctxt "{context}"\nmsgid "{text}"\nmsgstr "{translation}"\n')
    compiled(directory)
    return directory


@pytest.fixture
def locale(tmp_path: Path) -> Path:
    return say(tmp_path / "locale", GERMAN)


@pytest.fixture
def flow(clock: Clock, locale: Path) -> Flow:
    return memory_flow(clock, Course, Seat, language="de", catalogues=[locale])


@pytest.fixture
def course(flow: Flow) -> Case[CourseData]:
    return flow.start(Course, CourseData(date(2026, 3, 2)), actor=SYSTEM)


@pytest.fixture
def seat(flow: Flow, course: Case[CourseData]) -> Case[SeatData]:
    return flow.start(Seat.ask(), parent=course, actor=anna)


# -- what is read in a language


def test_titles_of_events_and_states_and_who_may_are_translated(flow: Flow, seat: Case[SeatData]) -> None:
    assert seat.state_title == "Warteschlange: wartet"
    seat = flow.fire(seat, Seat.queue.call(), actor=officer)
    assert seat.state_title == flow.get(Seat, seat).state_title == "lernt"
    assert seat.state.title == "learning"
    offers = flow.explain(seat, actor=officer)
    assert (offers["pay"].title, *offers["pay"].who) == ("Bezahlen", "die lernende Person")
    assert (offers["leave"].title, *offers["leave"].who) == ("Gehen", "Rathaus, aber nicht die lernende Person")


def test_a_history_is_read_in_the_language_of_who_reads_it(flow: Flow, seat: Case[SeatData]) -> None:
    flow.fire(seat, Seat.queue.call(), actor=officer)
    asked, called = flow.history(seat)
    assert (asked.title, asked.before_title, asked.after_title) == (
        "Einen Platz erbitten",
        None,
        "Warteschlange: wartet",
    )
    assert (called.before_title, called.after_title, called.acted_as) == ("Warteschlange: wartet", "lernt", "Rathaus")
    english = flow.speaking("en").history(seat)[1]
    assert (english.title, english.before_title, english.acted_as) == ("Call", "queue: open", "town hall")
    assert (english.before, english.after) == (called.before, called.after) == ("queue.open", "learning")


def test_the_step_that_began_a_case_with_its_data_has_a_title(flow: Flow, course: Case[CourseData]) -> None:
    assert [entry.title for entry in flow.history(course)] == ["Beginn"]
    assert [entry.title for entry in flow.speaking("en").history(course)] == ["Begin"]


def test_what_is_stored_stays_in_the_words_of_the_author(flow: Flow, seat: Case[SeatData]) -> None:
    seat = flow.fire(seat, Seat.queue.call(), actor=officer)
    seat = flow.fire(seat, Seat.pay(euros=10), actor=anna)
    with store_of(flow).begin(write=False) as unit:
        stored = unit.history(seat.id)
    assert [entry.acted_as for entry in stored] == ["anyone", "town hall", "the learner"]
    assert [entry.acted_as for entry in flow.history(seat)][1:] == ["Rathaus", "die lernende Person"]


def test_a_guard_says_no_with_its_values_as_the_translation_wants_them(
    flow: Flow, course: Case[CourseData], clock: Clock
) -> None:
    clock.set("2026-03-09 08:00")
    refused = refusal(flow.start, Seat.ask(), parent=course, actor=bert)
    assert [reason.text for reason in refused.reasons] == ["Die Frist endete am 02.03.2026."]
    assert refused.reasons[0].parameters == {"deadline": date(2026, 3, 2)}
    english = refusal(flow.speaking("en").start, Seat.ask(), parent=course, actor=bert)
    assert [reason.text for reason in english.reasons] == ["The deadline was 03/02/2026."]
    assert [one.code for one in english.reasons] == [one.code for one in refused.reasons] == ["in_time"]


def test_invariants_and_refusals_of_effects_speak_the_language(flow: Flow, seat: Case[SeatData]) -> None:
    seat = flow.fire(seat, Seat.queue.call(), actor=officer)
    with pytest.raises(InvariantBroken) as broken:
        flow.fire(seat, Seat.leave(), actor=officer)
    assert [reason.text for reason in broken.value.reasons] == ["Niemand geht, ohne bezahlt zu haben."]
    (blocker,) = flow.check(seat, Seat.pay(euros=3), actor=anna)
    assert blocker.text == "3 Euro reichen nicht."


def test_the_engine_says_in_the_language_what_it_says_by_itself(
    flow: Flow, course: Case[CourseData], seat: Case[SeatData]
) -> None:
    def text(*asked: object, actor: Actor = officer, **named: object) -> str:
        return " ".join(blocker.text for blocker in flow.check(*asked, actor=actor, **named))  # type: ignore[call-overload]

    assert text(seat, Seat.leave()) == "Im Stand „Warteschlange: wartet“ nicht möglich, nur in: lernt."
    assert text(seat, Seat.queue.call(), actor=anna) == "Nur für: Rathaus."
    assert text(seat, Seat.queue.doze()) == "Geschieht von selbst; niemand kann es auslösen."
    twice = text(Seat.ask(), parent=course, actor=anna)
    assert twice == "Mit demselben Wert in „person“ gibt es hier schon etwas, das nicht beendet ist."
    flow.fire(course, Course.end(), actor=officer)
    assert (
        text(Seat.ask(), parent=course, actor=bert) == "Der Kurs ist beendet (beendet); darunter beginnt nichts mehr."
    )


def test_a_case_keeps_what_was_said_of_it_when_it_is_pickled(seat: Case[SeatData]) -> None:
    again: Case[SeatData] = pickle.loads(pickle.dumps(seat))
    assert again == seat
    assert again.state_title == "Warteschlange: wartet"


class Weather(Enum):
    RAIN = "rain"
    SNOW = "snow"


class Need(StrEnum):
    BOOTS = "boots"


class Degrees(Enum):
    COLD = 3


class Walk(Lifecycle[None]):
    """A walk."""

    planned = State(initial=True)
    done = State(final=True)

    @guard("Not in {weather}.")
    def is_fit(self, ctx: Context[None], *, weather: Weather) -> bool:
        return False

    @guard("Known: {heard}; needed: {needs}; {said}; {degrees}.")
    def is_equipped(self, ctx: Context[None]) -> No:
        heard = frozenset({Weather.SNOW, Weather.RAIN})
        return No(heard=heard, needs=(Need.BOOTS, "a map"), said="rain", degrees=Degrees.COLD)

    @event(planned >> done, by=ANYONE, when=(is_fit, is_equipped))
    def go(self, ctx: Context[None], *, weather: Weather) -> None:
        """Go."""

    @event(planned >> STAY, by=ANYONE)
    def ask(self, ctx: Acting[None], *, weather: list[Weather]) -> None:
        """Ask."""
        ctx.refuse("It is {weather}.", weather=weather)


def test_words_of_an_enum_are_read_in_the_language_where_they_fill_a_sentence(clock: Clock, tmp_path: Path) -> None:
    catalogue = say(tmp_path, {"Weather.RAIN": {"rain": "Regen"}, "Need.BOOTS": {"boots": "Stiefel"}})
    flow = memory_flow(clock, Walk, language="de", catalogues=[catalogue])
    walk = flow.start(Walk, None, actor=SYSTEM)
    unfit, unequipped = flow.check(walk, Walk.go(weather=Weather.RAIN), actor=anna)
    assert (unfit.text, unfit.parameters) == ("Not in Regen.", {"weather": Weather.RAIN})
    assert unequipped.text == "Known: Regen, snow; needed: Stiefel, a map; rain; Degrees.COLD."
    (refused,) = flow.check(walk, Walk.ask(weather=[Weather.SNOW, Weather.RAIN]), actor=anna)
    assert refused.text == "It is snow, Regen."
    english = flow.speaking("en").check(walk, Walk.go(weather=Weather.RAIN), actor=anna)
    assert english[0].text == "Not in rain."


# -- which language


def test_speaking_composes_with_a_host_transaction_and_a_unit_of_work(
    clock: Clock, locale: Path, tmp_path: Path
) -> None:
    engine = create_engine(f"sqlite:///{tmp_path}/host.db")
    migrate(engine)
    flow = Flow(Course, Seat, store=SQLAlchemyStore(engine), clock=clock, catalogues=[locale])
    with Session(engine) as session:
        for inside in (flow.using(session).speaking("de"), flow.speaking("de").using(session)):
            course = inside.start(Course, CourseData(date(2026, 3, 2)), actor=SYSTEM)
            assert inside.explain(course, actor=anna)["end"].title == "Kurs beenden"
        session.rollback()
    assert flow.cases(Course).count() == 0
    with flow.speaking("de").unit_of_work() as together:
        course = together.start(Course, CourseData(date(2026, 3, 2)), actor=SYSTEM)
        assert together.language == "de"
        assert together.fire(course, Course.end(), actor=officer).state_title == "beendet"
    assert flow.get(Course, course).state_title == "finished"
    engine.dispose()


def test_receivers_hear_in_the_language_of_the_flow_whoever_clicks(flow: Flow, seat: Case[SeatData]) -> None:
    heard: list[Entry] = []
    flow.on(Seat.queue.call)(heard.append)
    flow.speaking("en").fire(seat, Seat.queue.call(), actor=officer)
    assert [(entry.title, entry.after_title, entry.acted_as) for entry in heard] == [("Aufrufen", "lernt", "Rathaus")]


def test_a_language_is_read_once_per_flow(flow: Flow) -> None:
    assert flow.speaking("en")._kinds is flow.speaking("en")._kinds is not flow._kinds
    assert flow.speaking("de-AT")._kinds is flow.speaking("de_CH").speaking("de")._kinds is flow._kinds


def test_the_languages_are_english_and_those_of_the_catalogues(clock: Clock, locale: Path) -> None:
    say(locale, {"Seat.ask": {"Ask for a seat": "Bir yer iste"}}, "tr")
    flow = memory_flow(clock, Course, Seat, catalogues=[locale])
    assert flow.languages == ("de", "en", "tr")
    assert flow.language == "en"
    with pytest.raises(UsageError, match=r"no catalogue in 'fr'\. There are: de, en, tr\."):
        flow.speaking("fr")
    with pytest.raises(UsageError, match=r"no catalogue in '\.\./de'"):
        flow.speaking("../de")
    with pytest.raises(UsageError, match=r"no catalogue in 'fr'\. There are: de, en\."):
        memory_flow(clock, Course, Seat, language="fr")


def test_a_directory_without_a_catalogue_and_a_broken_catalogue_are_errors(clock: Clock, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no catalogue below"):
        memory_flow(clock, Course, catalogues=[tmp_path / "nowhere"])
    file = tmp_path / "de" / "LC_MESSAGES" / "progflow.mo"
    file.parent.mkdir(parents=True)
    file.write_bytes(b"no catalogue")
    flow = memory_flow(clock, Course, catalogues=[str(tmp_path)])
    for content in (b"no catalogue", b"", b"\xde\x12\x04\x95", b"\xde\x12\x04\x95" + bytes(4) + b"\1\0\0\0" * 5):
        file.write_bytes(content)
        with pytest.raises(UsageError, match="cannot be read"):
            flow.speaking("de")


# -- which translation


def read_in_german(clock: Clock, *catalogues: Path) -> dict[str, str]:
    flow = memory_flow(clock, Course, Seat, language="de", catalogues=catalogues)
    course = flow.start(Course, CourseData(date(2026, 3, 2)), actor=SYSTEM)
    seat = flow.start(Seat.ask(), parent=course, actor=anna)
    offers = flow.explain(seat, actor=anna)
    return {"course": course.state_title, "seat": seat.state_title, **{name: o.title for name, o in offers.items()}}


def test_a_sentence_that_has_changed_is_read_as_its_author_says_it_now(clock: Clock, tmp_path: Path) -> None:
    read = read_in_german(clock, say(tmp_path, {"Seat.leave": {"Leave the course": "Kurs verlassen"}}))
    assert read["leave"] == "Leave"


def test_equal_words_of_two_classes_are_translated_apart(clock: Clock, tmp_path: Path) -> None:
    read = read_in_german(clock, say(tmp_path, {"Course.open": {"open": "läuft"}, "Queue.open": {"open": "wartet"}}))
    assert (read["course"], read["seat"]) == ("läuft", "queue: wartet")


def test_a_lifecycle_may_say_in_its_own_way_what_a_phase_says_for_all(clock: Clock, tmp_path: Path) -> None:
    for_all = {"Queue.call": {"Call": "Aufrufen"}, "Queue": {"queue": "Warteschlange"}}
    here = {"Seat.queue.call": {"Call": "Hereinbitten"}, "Seat.queue": {"queue": "Flur"}}
    read = read_in_german(clock, say(tmp_path, for_all | here))
    assert (read["queue.call"], read["seat"]) == ("Hereinbitten", "Flur: open")


def test_a_subclass_reads_what_its_base_says_and_may_say_it_anew(clock: Clock, tmp_path: Path) -> None:
    class Evening(Course):
        """A course in the evening."""

    class Morning(Course):
        """A course in the morning."""

        @event(Course.open >> Course.over, by=OFFICE)
        def end(self, ctx: Context[CourseData]) -> None:
            """End the course."""

    said = {"Course.end": {"End the course": "Kurs beenden"}, "Evening.end": {"End the course": "Feierabend"}}
    flow = memory_flow(clock, Course, Evening, Morning, language="de", catalogues=[say(tmp_path, said)])
    for lifecycle, title in ((Course, "Kurs beenden"), (Morning, "Kurs beenden"), (Evening, "Feierabend")):
        case = flow.start(lifecycle, CourseData(date(2026, 3, 2)), actor=SYSTEM)
        assert flow.explain(case, actor=anna)["end"].title == title


def test_the_first_catalogue_counts_and_those_of_the_host_before_what_is_shipped(clock: Clock, tmp_path: Path) -> None:
    first = say(tmp_path / "a", {"progflow": {"Only for: {who}.": "Das darf nur: {who}."}})
    second = say(tmp_path / "b", {"progflow": {"Only for: {who}.": "Nein."}, "Role": {"town hall": "Rathaus"}})
    flow = memory_flow(clock, Course, language="de", catalogues=[first, second])
    course = flow.start(Course, CourseData(date(2026, 3, 2)), actor=SYSTEM)
    (blocker,) = flow.check(course, Course.end(), actor=anna)
    assert blocker.text == "Das darf nur: Rathaus."
    assert blocker.parameters == {"who": ("town hall",)}


def test_a_regional_catalogue_falls_back_to_that_of_the_language(clock: Clock, locale: Path) -> None:
    say(locale, {"Course.end": {"End the course": "Kurs schließen, bitt'schön"}}, "de_AT")
    flow = memory_flow(clock, Course, language="de-AT", catalogues=[locale])
    course = flow.start(Course, CourseData(date(2026, 3, 2)), actor=SYSTEM)
    assert flow.explain(course, actor=anna)["end"].title == "Kurs schließen, bitt'schön"
    assert flow.fire(course, Course.end(), actor=officer).state_title == "beendet"


def test_a_translation_with_an_unknown_value_still_reaches_the_person(clock: Clock, tmp_path: Path) -> None:
    file = say(tmp_path, {}) / "de" / "LC_MESSAGES" / "progflow.mo"
    faulty = read_po(BytesIO(b'msgctxt "progflow"\nmsgid "Only for: {who}."\nmsgstr "{wer} darf das."\n'), locale="de")
    with file.open("wb") as opened:
        write_mo(opened, faulty)
    flow = memory_flow(clock, Course, language="de", catalogues=[tmp_path])
    course = flow.start(Course, CourseData(date(2026, 3, 2)), actor=SYSTEM)
    assert [blocker.text for blocker in flow.check(course, Course.end(), actor=anna)] == ["{wer} darf das."]


def test_whoever_derives_a_case_of_the_same_name_reads_its_name_in_the_language(clock: Clock, tmp_path: Path) -> None:
    class BaseClub(Lifecycle[None], abstract=True):
        """What every club has."""

        open = State(initial=True)
        closed = State(final=True)

        @event(open >> closed, by=ANYONE)
        def close(self, ctx: Context[None]) -> None:
            """Close."""

    class Club(BaseClub):
        """A club."""

    class OurClub(BaseClub, name="Club"):
        """A club of ours."""

    class Visit(Lifecycle[None], parent=OurClub):
        """A visit."""

        paid = State(initial=True, resting=True)

        @event(START >> paid, by=ANYONE)
        def come(self, ctx: Context[None]) -> None:
            """Come."""

    names = [(one.home, one.text) for one in messages_of(BaseClub, Club) if one.what == "name of a lifecycle"]
    assert names == [("BaseClub", "Club")]
    catalogue = say(tmp_path, {"BaseClub": {"Club": "Verein"}})
    flow = memory_flow(clock, OurClub, Visit, language="de", catalogues=[catalogue])
    club = flow.start(OurClub, None, actor=SYSTEM)
    flow.fire(club, OurClub.close(), actor=anna)
    (blocker,) = flow.check(Visit.come(), parent=club, actor=anna)
    assert "Verein" in blocker.text


# -- catalogues as files


def test_every_text_of_a_program_is_a_message_under_the_class_that_says_it() -> None:
    found = {(message.home, message.text) for message in messages_of(Course, Seat)}
    expected = {(context, text) for context, said in GERMAN.items() for text in said}
    assert expected - found == set()
    assert ("Queue.doze", "Fall asleep") in found
    assert ("Role", "anyone") in found
    assert not [text for _, text in found if not text]


def test_a_template_has_what_progflow_does_not_translate_itself() -> None:
    text = template(Course, Seat)
    parsed = read_po(BytesIO(text.encode()))
    assert parsed.get("{euros} euros are not enough.", context="Seat.pay") is not None
    assert [message.auto_comments for message in parsed if message.context == "Seat.in_time"] == [["guard"]]
    assert "Not possible in the state" not in text


def test_a_catalogue_is_brought_up_to_date_without_losing_what_was_translated(tmp_path: Path) -> None:
    file = refresh(tmp_path, "de", Course)
    before = file.read_text(encoding="utf-8")
    assert '"Language: de\\n"' in before
    done = before.replace('msgid "End the course"\nmsgstr ""', 'msgid "End the course"\nmsgstr "Kurs beenden"')
    assert done != before
    file.write_text(done, encoding="utf-8")
    assert refresh(tmp_path, "de", Course).read_text(encoding="utf-8") == done
    both = refresh(tmp_path, "de", Course, Seat).read_text(encoding="utf-8")
    assert 'msgstr "Kurs beenden"' in both
    assert 'msgctxt "Seat.ask"' in both
    without = refresh(tmp_path, "de", Seat).read_text(encoding="utf-8")
    assert '#~ msgstr "Kurs beenden"' in without


def test_what_is_said_in_ones_own_way_is_kept_as_long_as_somebody_says_it_there(tmp_path: Path) -> None:
    kept = {
        "Seat.queue.call": {"Call": "Hereinbitten"},
        "Seat.queue": {"queue": "Flur"},
        "progflow": {"Only for: {who}.": "Das darf nur: {who}."},
    }
    dropped = {
        "Seat.queue.call": {"Call them": "Hereinrufen"},
        "Seat.queue.shout": {"Call": "Rufen"},
        "Desk.queue.call": {"Call": "Abholen"},
    }
    say(tmp_path, kept)
    say(tmp_path, dropped)
    file = refresh(tmp_path, "de", Course, Seat)
    text = file.read_text(encoding="utf-8")
    catalogue = read_po(BytesIO(text.encode()), locale="de")
    for context, said in kept.items():
        for text_said, translation in said.items():
            found = catalogue.get(text_said, context)
            assert found is not None
            assert found.string == translation
    assert "#. event, said in its own way" in text
    for context, said in dropped.items():
        assert not [one for one in said if catalogue.get(one, context)]
    assert refresh(tmp_path, "de", Course, Seat).read_text(encoding="utf-8") == text
    without = refresh(tmp_path, "de", Course).read_text(encoding="utf-8")
    assert '#~ msgstr "Hereinbitten"' in without


def test_an_english_catalogue_says_some_things_otherwise_than_their_authors(clock: Clock, tmp_path: Path) -> None:
    catalogue = say(tmp_path, {"Seat.queue.call": {"Call": "Ask in"}}, "en")
    flow = memory_flow(clock, Course, Seat, catalogues=[catalogue])
    course = flow.start(Course, CourseData(date(2026, 3, 2)), actor=SYSTEM)
    seat = flow.start(Seat.ask(), parent=course, actor=anna)
    offers = flow.explain(seat, actor=officer)
    assert (offers["queue.call"].title, seat.state_title) == ("Ask in", "queue: open")


def test_compiling_finds_every_translation_that_names_a_value_which_is_not_there(tmp_path: Path) -> None:
    said = {"Seat.pay": {"{euros} euros are not enough.": "{euro} reichen nicht."}, "Seat.ask": {"Ask": "Bitte {name}"}}
    with pytest.raises(UsageError) as caught:
        say(tmp_path, said)
    assert "names {euro}" in str(caught.value)
    assert "names {name}" in str(caught.value)
    with pytest.raises(UsageError, match="no catalogue below"):
        compiled(tmp_path / "nowhere")


def test_a_value_that_is_not_known_is_a_dash_and_not_a_word_of_python() -> None:
    assert sentence("Until {day:%d.%m.%Y}, {day}.", {"day": None}) == "Until –, –."
    assert sentence("Until {day:%d.%m.%Y}, {day}.", {"day": date(2026, 3, 2)}) == "Until 02.03.2026, 2026-03-02."
