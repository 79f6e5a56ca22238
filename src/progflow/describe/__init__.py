"""Lifecycles as pages: diagrams, tables, and the generated sections of documentation.

A page holds sections between ``<!-- generated: package.module:name -->`` and ``<!-- end -->``, where the name is that
of a program, a lifecycle or a class of phases; ``python -m progflow.describe page.md …`` writes anew what is between,
and with ``--check`` only says which pages are out of date.
"""

from progflow.describe.lifecycles import mermaid, tables
from progflow.describe.markdown import LANGUAGES
from progflow.describe.naming import Described, named
from progflow.describe.pages import filled, main, outdated, section

__all__ = ["LANGUAGES", "Described", "filled", "main", "mermaid", "named", "outdated", "section", "tables"]
