"""What progflow ships speaks German: nothing is missing, nothing is left over, and people read it where they work."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

import city_participation_stage as participation
import cross_mentoring_stage as cross
import progflow
import trainee_volunteering_stage as volunteering
from progflow import Actor, Case, Flow, Program, Refused
from progflow.adapters.memory import MemoryStore
from progflow.programs.city_participation import Measure, Survey, SurveyData, city_participation
from progflow.programs.cross_mentoring import Staff, cross_mentoring
from progflow.programs.trainee_volunteering import Institutions, Personnel, trainee_volunteering
from progflow.translations.files import binary
from progflow.translations.shipped import shipped_messages
from support import store_of

LOCALE = Path(progflow.__file__).parent / "locale"
LANGUAGES = ("de", "en")


def catalogue_in(language: str) -> Catalog:
    with (LOCALE / language / "LC_MESSAGES" / "progflow.po").open("rb") as opened:
        return read_po(opened, locale=language)


def test_everything_that_ships_has_a_german_translation() -> None:
    """What is new is added by ``python -m progflow.translations``."""
    german = catalogue_in("de")
    said = {(one.context, one.id): one for one in german if one.id and not one.fuzzy}
    missing = [
        (message.home, message.text)
        for message in shipped_messages()
        if (found := said.get((message.home, message.text))) is None or not str(found.string).strip()
    ]
    assert missing == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_translation_is_left_of_what_is_no_more(language: str) -> None:
    read = {(context, message.text) for message in shipped_messages() for context in message.contexts}
    catalogue = catalogue_in(language)
    left = [(one.context, one.id) for one in catalogue if one.id and (one.context, one.id) not in read]
    assert left == []
    assert [(one.context, one.id) for one in catalogue.obsolete.values()] == []
    assert [(one.context, one.id) for one in catalogue if one.id and (one.fuzzy or not one.string)] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_ships_compiled_is_byte_for_byte_what_its_source_compiles_to(language: str) -> None:
    source = LOCALE / language / "LC_MESSAGES" / "progflow.po"
    assert source.with_suffix(".mo").read_bytes() == binary(source)


def test_an_english_entry_is_there_only_where_somebody_says_it_otherwise_than_its_author() -> None:
    assert [one.id for one in catalogue_in("en") if one.id and one.string == one.id] == []


# -- people at work in German


def speaking_german(program: Program, stage: Any, facts: Mapping[Any, Any] | None = None) -> Flow:
    """A flow in German on the store and the clock of a stage."""
    store, clock = store_of(stage.flow), stage.clock
    return Flow(program, store=store, clock=clock, facts=facts or {}, language="de")


def history(flow: Flow, case: Case[Any]) -> list[str]:
    return [f"{entry.title} → {entry.after_title} ({entry.acted_as})" for entry in flow.history(case)]


def offered(flow: Flow, case: Case[Any], name: str, actor: Actor) -> str:
    """An offer in one line: what it is, who may, and what is against it."""
    offer = flow.explain(case, actor=actor)[name]
    return f"{offer.title} ({', '.join(offer.who)}): " + " ".join(reason.text for reason in offer.reasons)


def test_an_application_for_the_cross_mentoring_is_read_in_german() -> None:
    stage = cross.Stage(MemoryStore())
    flow = stage.flow = speaking_german(cross_mentoring, stage, facts={Staff: stage.desk})
    stage.apply(["mentee-k-01"])
    mentee = stage.who("mentee-k-01")
    assert mentee.state_title == "Auswahl: in Prüfung"
    assert history(flow, mentee) == [
        "Sich um einen Platz der eigenen Stadt bewerben → Bewerbung: eingereicht (Beschäftigte)",
        "Bewerbung zulassen → Auswahl: in Prüfung (Programmbüro)",
    ]
    whose = "ein Mitglied des Auswahlgremiums, aber nicht Mentee"
    assert offered(flow, mentee, "selection.select", cross.office) == f"Platz vergeben ({whose}): Nur für: {whose}."
    assert offered(flow, mentee, "selection.confirm", cross.person("mentee-k-01")) == (
        "Platz bestätigen (Mentee): Im Stand „Auswahl: in Prüfung“ nicht möglich, nur in: Auswahl: ausgewählt."
    )
    with pytest.raises(Refused) as refused:
        flow.start(stage.applying("Bonn"), parent=stage.edition, actor=cross.person("mentee-b-01"))
    assert "Bonn nimmt an diesem Durchgang nicht teil." in [reason.text for reason in refused.value.reasons]


def test_an_offer_and_a_registration_of_the_trainee_volunteering_are_read_in_german() -> None:
    stage = volunteering.Stage()
    facts = {Personnel: stage.city, Institutions: stage.city}
    flow = stage.flow = speaking_german(trainee_volunteering, stage, facts=facts)
    stage.to_registration("fence")
    project = stage.project_of("fence")
    assert history(flow, project) == [
        "Projekt anbieten → Projektangebot: eingereicht (Einsatzstelle)",
        "Angebot freigeben → Einsatztag: geplant (Programmbüro)",
        "Zur Anmeldung freigeben → Einsatztag: buchbar (Programmbüro)",
    ]
    assert offered(flow, project, "work.hold", volunteering.office) == (
        "Durchführung erfassen (Programmbüro, die Einsatzstelle): Der Termin dauert bis zum 08.05.2020."
    )
    assert history(flow, stage.year)[1:] == [
        "Zeitraum für Angebote eröffnen → Angebote: offen (Programmbüro)",
        "Die Frist ist abgelaufen → Anmeldung: geplant (None)",
        "Anmeldung eröffnen → Anmeldung: offen (Programmbüro)",
    ]
    with pytest.raises(Refused) as refused:
        stage.register("trainee-1", "mural")
    assert [reason.text for reason in refused.value.reasons] == ["Es ist kein Projekt mural freigegeben."]


def test_a_measure_and_a_survey_of_the_participation_process_are_read_in_german() -> None:
    stage = participation.Stage()
    flow = stage.flow = speaking_german(city_participation, stage)
    stage.to_drafting()
    assert history(flow, stage.process)[-1] == "Mit dem Entwurf des Katalogs beginnen → im Entwurf (Programmbüro)"
    measure = stage.do(stage.measure(stage.goal()), Measure.planning.assess(owner="parks"))
    assert measure.state_title == "Planung: geprüft"
    assert offered(flow, measure, "planning.catalogue", participation.office) == (
        "In den Katalog aufnehmen (Programmbüro): Es fehlen noch Angaben: Kosten, Zeitplan."
    )
    asked = Survey.prepare(survey=SurveyData(title="All households", households=2000))
    survey = flow.start(asked, parent=stage.process_id, actor=participation.office)
    assert survey.state_title == "Rücklauf: geplant"
    assert offered(flow, survey, "call.publish", participation.citizen) == (
        "Befragung eröffnen (Programmbüro): Nur für: Programmbüro."
    )
    english = flow.speaking("en").explain(survey, actor=participation.office)["call.publish"]
    assert english.title == "Open the survey"
