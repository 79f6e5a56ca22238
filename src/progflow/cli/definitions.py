"""Commands for whoever writes a programme: its diagrams, its tables and its messages."""

from __future__ import annotations

import re
import sys
import traceback
from collections.abc import Callable, Sequence
from contextlib import redirect_stdout
from functools import wraps
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any, Final, ParamSpec, TypeVar

import click

from progflow import Lifecycle, ProgflowError, Program
from progflow.cli.screen import writable
from progflow.describe import LANGUAGES, Described, mermaid, named, section

P = ParamSpec("P")
T = TypeVar("T")

QUOTES: Final = str.maketrans("“”„‘’", "'''''")
"""Quotes in letters that every terminal has; a double one would end a label of a diagram."""


def _clear(command: Callable[P, None]) -> Callable[P, None]:
    """Let a command end with the message of an error of ours or of the disk, not with a traceback."""

    @wraps(command)
    def cleared(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            command(*args, **kwargs)
        except ProgflowError as error:
            raise click.ClickException(str(error)) from error
        except BrokenPipeError:
            raise  # the reader has read enough; click ends quietly
        except OSError as error:
            raise click.ClickException(f"{error.filename}: {error.strerror}.") from error

    return cleared


# -- what is meant


def _meant(what: str) -> Described:
    """The definition of that name, found from this directory as by ``python -m``.

    Raises:
        ClickException: it is not there, or its module cannot be imported.
    """
    module, _, name = what.rpartition(":")
    file = Path(module)
    if file.suffix != ".py":
        return _imported(Path.cwd(), lambda: named(what), module)
    if not file.is_file():
        raise click.ClickException(f"There is no file {module}.")
    root, module = _root_of(file.resolve())
    _check_is_from(file, _imported(root, lambda: import_module(module), module))
    return _imported(root, lambda: named(f"{module}:{name}"), module)


def _imported(root: Path, find: Callable[[], T], module: str) -> T:
    """What is found in a module that Python finds from that directory."""
    if str(root) not in sys.path:
        sys.path.insert(0, str(root))
    try:
        with redirect_stdout(sys.stderr):  # a module that prints must not get into what we print
            return find()
    except ProgflowError:
        raise
    except (Exception, SystemExit) as error:  # a script without a check of __name__ may end us with it
        said = f"{type(error).__name__}: {error}{_where(error)}"
        raise click.ClickException(f"{module} cannot be imported. {said}") from error


def _where(error: BaseException) -> str:
    """The line that raised it, without the machinery of importing."""
    frames = [one for one in traceback.extract_tb(error.__traceback__) if not one.filename.startswith("<frozen ")]
    known = isinstance(error, SyntaxError)  # says by itself where it is
    return "" if known else f" ({frames[-1].filename}, line {frames[-1].lineno})"


def _root_of(file: Path) -> tuple[Path, str]:
    """The directory from which a file is imported, above all packages that it stands in, and its name from there."""
    parts, root = [file.stem] if file.stem != "__init__" else [], file.parent
    while (root / "__init__.py").is_file():
        parts.insert(0, root.name)
        root = root.parent
    return root, ".".join(parts)


def _check_is_from(file: Path, module: ModuleType) -> None:
    there = module.__file__
    if there is None or not file.samefile(there):
        raise click.ClickException(f"{file} is hidden by another module {module.__name__} ({there}). Rename it.")


def _definition(what: str) -> Program | type[Lifecycle[Any]]:
    found = _meant(what)
    if isinstance(found, Program) or issubclass(found, Lifecycle):
        return found
    raise click.ClickException(f"{what} is a class of phases: name the lifecycle in which it stands.")


# -- what is printed


def _print(text: str) -> None:
    """Print, and spell out what the terminal has no letters for."""
    try:
        text.encode(sys.stdout.encoding)
    except UnicodeEncodeError:
        text = text.translate(QUOTES)
    writable()
    sys.stdout.write(text)  # click.echo takes a terminal with few letters for one that is set up wrongly


# -- the commands

WHAT: Final = "MODULE:NAME"

LANGUAGE: Final = re.compile(r"[a-zA-Z]{2,3}([-_][a-zA-Z0-9]+)*")

catalogues_option = click.option(
    "--catalogues",
    multiple=True,
    metavar="DIR",
    type=click.Path(exists=True, file_okay=False),
    help="A directory with translations of your own; may be given several times.",
)


@click.command()
@click.argument("what", metavar=WHAT)
@click.option(
    "--language",
    "languages",
    multiple=True,
    metavar="LANG",
    default=LANGUAGES,
    show_default=True,
    help="A language of titles and reasons; may be given several times.",
)
@catalogues_option
@_clear
def describe(what: str, languages: Sequence[str], catalogues: Sequence[str]) -> None:
    """Print a program or lifecycle as Markdown.

    For each lifecycle a diagram, its states, its events and the reasons that people read; for a class of phases what
    it takes, its states and its events. MODULE is found from this directory, and may be a file:
    parking:Parking, my_city.parking:Parking, parking.py:Parking.
    """
    _print(section(_meant(what), languages, catalogues=catalogues))


@click.command()
@click.argument("what", metavar=WHAT)
@click.option("--language", metavar="LANG", help="The language of titles; the author's own words, unless given.")
@catalogues_option
@_clear
def diagram(what: str, language: str | None, catalogues: Sequence[str]) -> None:
    """Print a lifecycle as a Mermaid diagram; of a program, one diagram for each lifecycle."""
    found = _definition(what)
    lifecycles = found.lifecycles if isinstance(found, Program) else (found,)
    _print("\n".join(mermaid(one, language, catalogues=catalogues) for one in lifecycles))


@click.command()
@click.argument("what", metavar=f"{WHAT}...", nargs=-1)
@click.option(
    "--refresh",
    nargs=2,
    metavar="DIR LANG",
    help="Write DIR/LANG/LC_MESSAGES/progflow.po instead, or add to it what is new.",
)
@click.option("--compile", "compiling", metavar="DIR", help="Compile the catalogues in DIR, to be read at run time.")
@_clear
def messages(what: Sequence[str], refresh: tuple[str, str] | None, compiling: str | None) -> None:
    """Print what people read of programs, as a .pot file for translators.

    What progflow ships in all its languages is left out. The file is in UTF-8, whatever the terminal is.
    """
    files = _files()
    if compiling is not None:
        if what or refresh:
            raise click.UsageError("--compile goes with nothing else: it takes the catalogues as they are.")
        for file in files.compiled(compiling):
            _print(f"{file}\n")
        return
    if not what:
        raise click.UsageError(f"Missing argument '{WHAT}...'.")
    definitions = [_definition(one) for one in what]
    if not files.own_messages(*definitions):
        click.echo("Nothing is left to translate: progflow's own catalogues say all of it.", err=True)
    if refresh is None:
        sys.stdout.buffer.write(files.template(*definitions).encode())
    else:
        directory, language = refresh
        if not LANGUAGE.fullmatch(language):
            raise click.UsageError(f"{language!r} is no language. Write one as in de, or de_AT.")
        _print(f"{files.refresh(directory, language.replace('-', '_'), *definitions)}\n")


def _files() -> Any:
    """The module that reads and writes catalogues; it needs an extra of its own."""
    try:
        from progflow.translations import files
    except ModuleNotFoundError as error:
        missing = (error.name or "").partition(".")[0]
        if missing != "babel":
            raise
        said = 'progflow messages needs babel. Install it: pip install "progflow[cli,translations]"'
        raise click.ClickException(said) from error
    return files
