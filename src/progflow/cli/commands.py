"""The commands themselves."""

from __future__ import annotations

from importlib.metadata import version
from itertools import count
from pathlib import Path

import click

from progflow.cli.definitions import describe, diagram, messages
from progflow.cli.plays import NAMES, play_of
from progflow.cli.screen import Screen
from progflow.errors import ProgflowError


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(version("progflow"), prog_name="progflow")
def progflow() -> None:
    """Workflow engine for municipal programmes.

    progflow is a library: import it into your own system. This command shows what it does, and what you have written.
    """


for command in (describe, diagram, messages):
    progflow.add_command(command)


@progflow.command()
@click.argument("name", type=click.Choice(NAMES), default=NAMES[0])
@click.option(
    "--file",
    "wanted",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The SQLite file to write; it must not exist. Without it, a new one in this directory.",
)
@click.option("--step", is_flag=True, help="Wait for a key after each chapter.")
def demo(name: str, wanted: Path | None, step: bool) -> None:
    """Play a programme, from its call to its end.

    The clock is set by hand, all else is real and stays in an SQLite file. Without a NAME the cross-mentoring of two
    cities is played: ten seats, fifteen months.
    """
    play = play_of(name)
    file = _new_file(wanted)
    screen = Screen(wait=click.pause if step else None)
    try:
        play.play(file, screen)
    except (KeyboardInterrupt, click.Abort) as error:
        raise click.ClickException(f"Stopped. What had happened until then is in {file}.") from error
    except ProgflowError as error:
        raise click.ClickException(f"{error} What had happened until then is in {file}.") from error


def _new_file(wanted: Path | None) -> Path:
    """An empty file that was not there before, so that nobody's data is written over."""
    names = [wanted] if wanted is not None else (Path(f"progflow-demo{'' if n == 1 else f'-{n}'}.db") for n in count(1))
    for name in names:
        try:
            name.touch(exist_ok=False)
        except FileExistsError:
            continue
        except OSError as error:
            raise click.ClickException(f"{name} cannot be written: {error.strerror}.") from error
        return name.resolve()
    raise click.ClickException(f"{wanted} is there already and stays as it is. Give another --file.")
