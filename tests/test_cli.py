"""``progflow describe``, ``diagram`` and ``messages`` as a developer runs them: in a directory with a programme."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from progflow.describe import mermaid, section
from progflow.programs.cross_mentoring import Mentee
from progflow.states.selection import Selection
from progflow.translations.files import refresh
from test_demo import run

PARKING = '''
from progflow import ANYONE, START, Context, Lifecycle, Program, Role, State, event

print("a module that prints")


class Parking(Lifecycle[str]):
    """A place for a “car” → parked."""

    asked = State("asked for")
    given = State("given", final=True)

    @event(START >> asked, by=ANYONE)
    def ask(self, ctx: Context[str], *, place: str) -> str:
        """Ask for a place – über alles."""
        return place

    @event(asked >> given, by=Role("office"))
    def give(self, ctx: Context[str]) -> None:
        """Give it."""


parking = Program("parking", Parking, zone="Europe/Berlin")
number = 3
'''


@pytest.fixture
def city(tmp_path: Path) -> Path:
    """A directory with a programme in a module, in a package, and in files of other kinds."""
    (tmp_path / "parking.py").write_text(PARKING, encoding="utf-8")
    package = tmp_path / "my_city" / "traffic"
    package.mkdir(parents=True)
    for where in (package.parent, package):
        (where / "__init__.py").touch()
    (package / "places.py").write_text("from my_city.traffic.lots import Parking\n", encoding="utf-8")
    (package / "lots.py").write_text(PARKING, encoding="utf-8")
    (tmp_path / "needs.py").write_text("\n\nimport not_installed\n", encoding="utf-8")
    (tmp_path / "wrong.py").write_text("\n\n1 / 0\n", encoding="utf-8")
    (tmp_path / "leaves.py").write_text("\n\nraise SystemExit(0)\n", encoding="utf-8")
    (tmp_path / "cut.py").write_text("def f(:\n", encoding="utf-8")
    loose = "from progflow import Lifecycle, State\n\nclass Loose(Lifecycle[str]):\n    a = State()\n    b = State()\n"
    (tmp_path / "loose.py").write_text(loose, encoding="utf-8")
    return tmp_path


def said(where: Path, *words: str, **environment: str) -> str:
    """What the command prints; it must succeed."""
    done = run(where, *words, **environment)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode(environment.get("PYTHONIOENCODING", "utf-8"))


def failed(where: Path, *words: str) -> str:
    """What the command says when it fails; it must fail without a traceback."""
    done = run(where, *words)
    assert done.returncode in (1, 2)
    assert done.stdout == b""
    message = done.stderr.decode()
    assert "Traceback" not in message
    return message


# -- describe and diagram


def test_describe_prints_the_section_of_a_page(tmp_path: Path) -> None:
    what = "progflow.programs.cross_mentoring:Mentee"
    assert said(tmp_path, "describe", what) == section(Mentee)
    assert said(tmp_path, "describe", what, "--language", "de") == section(Mentee, ("de",))
    assert said(tmp_path, "describe", "progflow.states.selection:Selection") == section(Selection)


def test_diagram_prints_mermaid_alone(tmp_path: Path) -> None:
    what = "progflow.programs.cross_mentoring:Mentee"
    assert said(tmp_path, "diagram", what) == mermaid(Mentee)
    assert said(tmp_path, "diagram", what, "--language", "de") == mermaid(Mentee, "de")
    of_all = said(tmp_path, "diagram", "progflow.programs.cross_mentoring:cross_mentoring")
    assert mermaid(Mentee) in of_all
    assert of_all.count("\nstateDiagram-v2\n") > 1


@pytest.mark.parametrize(
    "what",
    [
        "parking:Parking",
        "parking:parking",
        "parking.py:Parking",
        "./parking.py:Parking",
        "my_city.traffic.lots:Parking",
        "my_city/traffic/lots.py:Parking",
        "my_city/traffic/places.py:Parking",
    ],
)
def test_a_module_is_found_from_the_working_directory_by_name_or_as_a_file(city: Path, what: str) -> None:
    done = run(city, "diagram", what)
    assert (done.returncode, done.stderr) == (0, b"a module that prints\n")
    assert done.stdout.decode().startswith("---\ntitle: ")
    assert 'state "asked for" as asked\n' in done.stdout.decode()


def test_a_file_elsewhere_is_found_too(city: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    assert "[*] --> asked" in said(elsewhere, "diagram", f"{city / 'my_city' / 'traffic' / 'places.py'}:Parking")


@pytest.mark.parametrize(
    ("what", "message"),
    [
        ("parkin:Parking", "Error: 'parkin:Parking' is not there: no module 'parkin'."),
        ("my_city.trafic.lots:Parking", "is not there: no module 'my_city.trafic'."),
        ("parkin.py:Parking", "Error: There is no file parkin.py."),
        ("parking:Parkin", "'parking:Parkin' is not there: parking has no 'Parkin'. It has: Parking, parking."),
        ("parking:number", "'parking:number' is no program, no lifecycle and no class of phases. It has: Parking,"),
        ("parking:State", "'parking:State' is no program, no lifecycle and no class of phases."),
        ("parking", "Error: 'parking' names nothing in a module. Write package.module:name."),
        ("..parking:Parking", "'..parking:Parking' is not there: '..parking' is no name of a module."),
        ("needs:Parking", "needs cannot be imported. ModuleNotFoundError: No module named 'not_installed' ("),
        ("wrong:Parking", "wrong cannot be imported. ZeroDivisionError: division by zero ("),
        ("leaves:Parking", "leaves cannot be imported. SystemExit: 0 ("),
        ("cut:Parking", "cut cannot be imported. SyntaxError: "),
        ("loose:Loose", "Loose"),
    ],
)
def test_what_cannot_be_described_is_a_clear_message(city: Path, what: str, message: str) -> None:
    assert message in failed(city, "describe", what)
    assert message in failed(city, "messages", what)


def test_a_file_with_the_name_of_another_module_is_not_mistaken_for_it(city: Path) -> None:
    (city / "json.py").write_text(PARKING, encoding="utf-8")
    assert "Error: json.py is hidden by another module json (" in failed(city, "describe", "json.py:Parking")


def test_the_message_of_a_module_that_fails_names_the_line(city: Path) -> None:
    assert f"({city / 'wrong.py'}, line 3)" in failed(city, "diagram", "wrong.py:Parking")
    assert f"({city / 'needs.py'}, line 3)" in failed(city, "diagram", "needs:Parking")
    assert "(cut.py, line 1)" in failed(city, "diagram", "cut:Parking")


def test_a_class_of_phases_has_no_diagram_and_no_messages_of_its_own(tmp_path: Path) -> None:
    for command in ("diagram", "messages"):
        message = failed(tmp_path, command, "progflow.states.selection:Selection")
        assert "is a class of phases: name the lifecycle in which it stands." in message


def test_a_language_that_there_is_not_is_a_clear_message(city: Path) -> None:
    for command in ("describe", "diagram"):
        message = failed(city, command, "parking:Parking", "--language", "fr")
        assert "Error: There is no catalogue in 'fr'. There are: de, en.\n" in message
    message = failed(city, "describe", "parking:Parking", "--catalogues", "my_city")
    assert "Error: There is no catalogue below my_city." in message


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_a_terminal_that_lacks_letters_gets_others_and_a_diagram_that_still_can_be_drawn(
    city: Path, encoding: str
) -> None:
    drawn = said(city, "diagram", "parking:Parking", PYTHONIOENCODING=encoding)
    assert "A place for a 'car' -> parked" in drawn
    assert ("ueber alles" if encoding == "ascii" else "über alles") in drawn
    described = said(city, "describe", "parking:Parking", PYTHONIOENCODING=encoding)
    assert "| `ask` |" in described
    assert "(start) -> `asked`" in described


# -- messages


def test_messages_prints_a_template_for_translators_in_utf_8(city: Path) -> None:
    for encoding in ("utf-8", "ascii"):
        done = run(city, "messages", "parking:parking", PYTHONIOENCODING=encoding)
        text = done.stdout.decode("utf-8")
        assert (done.returncode, done.stderr) == (0, b"a module that prints\n")
        assert 'msgctxt "Parking.ask"\nmsgid "Ask for a place – über alles"\nmsgstr ""\n' in text
        assert '"Content-Type: text/plain; charset=utf-8\\n"' in text


def test_messages_are_refreshed_translated_compiled_and_read(city: Path) -> None:
    file = city / "locale" / "de_AT" / "LC_MESSAGES" / "progflow.po"
    assert said(city, "messages", "--refresh", "locale", "de-AT", "parking:Parking") == f"{file.relative_to(city)}\n"
    text = file.read_text(encoding="utf-8")
    assert 'msgid "Give it"\nmsgstr ""' in text
    file.write_text(text.replace('msgid "Give it"\nmsgstr ""', 'msgid "Give it"\nmsgstr "Hergeben"'), encoding="utf-8")
    assert said(city, "messages", "--compile", "locale") == f"{file.with_suffix('.mo').relative_to(city)}\n"
    said(city, "messages", "parking.py:Parking", "--refresh", "locale", "de-AT")
    assert 'msgstr "Hergeben"' in file.read_text(encoding="utf-8")
    drawn = said(city, "diagram", "parking:Parking", "--language", "de-AT", "--catalogues", "locale")
    assert "asked --> given: Hergeben\n" in drawn


def test_refreshing_writes_what_the_library_writes(tmp_path: Path) -> None:
    what = "progflow.programs.cross_mentoring:Mentee"
    said(tmp_path, "messages", "--refresh", "here", "fr", what)
    expected = refresh(tmp_path / "there", "fr", Mentee).read_text(encoding="utf-8")
    written = tmp_path / "here" / "fr" / "LC_MESSAGES" / "progflow.po"
    assert written.read_text(encoding="utf-8") == expected


def test_a_translation_that_names_a_value_too_much_is_not_compiled(city: Path) -> None:
    said(city, "messages", "--refresh", "locale", "de", "parking:Parking")
    file = city / "locale" / "de" / "LC_MESSAGES" / "progflow.po"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace('msgid "given"\nmsgstr ""', 'msgid "given"\nmsgstr "{wem} gegeben"'), encoding="utf-8")
    assert "names {wem}, which “given” does not have." in failed(city, "messages", "--compile", "locale")
    assert not file.with_suffix(".mo").exists()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ((), "Error: Missing argument 'MODULE:NAME...'."),
        (("--compile", "my_city"), "Error: There is no catalogue below my_city."),
        (("--compile", "locale", "parking:Parking"), "Error: --compile goes with nothing else"),
        (("--compile", "locale", "--refresh", "locale", "de"), "Error: --compile goes with nothing else"),
        (("--refresh", "locale", "", "parking:Parking"), "Error: '' is no language."),
        (("--refresh", "locale", "../de", "parking:Parking"), "Error: '../de' is no language."),
        (("--refresh", "parking.py", "de", "parking:Parking"), "Not a directory."),
    ],
)
def test_words_that_do_not_fit_are_a_clear_message(city: Path, words: tuple[str, ...], message: str) -> None:
    assert message in failed(city, "messages", *words)


def test_messages_without_babel_says_which_extra_to_install(city: Path) -> None:
    code = "import sys; sys.modules['babel'] = None; from progflow.cli import main; main()"
    for name, status in (("messages", 1), ("diagram", 0)):
        words = [sys.executable, "-c", code, name, "parking:Parking"]
        done = subprocess.run(words, cwd=city, capture_output=True, text=True, check=False)
        assert done.returncode == status
        needs = 'Error: progflow messages needs babel. Install it: pip install "progflow[cli,translations]"\n'
        assert done.stderr == (needs if status else "a module that prints\n")


def test_help_says_what_there_is(tmp_path: Path) -> None:
    listed = said(tmp_path, "--help", PYTHONIOENCODING="ascii")
    for command in ("demo", "describe", "diagram", "messages"):
        assert f"\n  {command} " in listed
        assert "Usage: progflow" in said(tmp_path, command, "--help", PYTHONIOENCODING="ascii")
