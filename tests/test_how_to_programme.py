"""A programme that nobody has planned for stays short: the page that shows it is held to its word."""

from __future__ import annotations

from test_docs import ROOT, blocks


def test_the_programme_of_the_how_to_has_fewer_than_eighty_lines_with_imports_and_blanks() -> None:
    programme, _ = blocks(ROOT / "docs" / "how-to" / "a-programme-of-your-own.md", "python")
    assert len(programme.splitlines()) < 80
    assert max(map(len, programme.splitlines())) <= 120
