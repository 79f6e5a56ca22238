"""A failing story as a test to paste."""

from progflow.testing.snippets.snippet import snippet_of

__all__ = ["snippet_of"]
