"""What holds for all tests: in CI every run draws the same examples, elsewhere each run draws new ones."""

from __future__ import annotations

import os

from hypothesis import settings

settings.register_profile("here", deadline=None)  # how fast a machine is says nothing about a rule
settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") else "here")
