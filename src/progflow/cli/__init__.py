"""The console command ``progflow``. It needs the extra: ``pip install "progflow[cli]"``."""

from __future__ import annotations

import sys

NEEDED = frozenset({"click", "rich"})


def main() -> None:
    """Run the command line; without the extra, say how to get it."""
    try:
        from progflow.cli.commands import progflow
    except ModuleNotFoundError as error:
        missing = (error.name or "").partition(".")[0]
        if missing not in NEEDED:
            raise
        sys.exit(f'progflow on the command line needs {missing}. Install it: pip install "progflow[cli]"')
    progflow(prog_name="progflow")
