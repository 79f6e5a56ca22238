"""The cross-mentoring of Köln and Düsseldorf: ten seats, fifteen months, and what can go wrong."""

from progflow.cli.plays.cross_mentoring.chapters import TITLE, play

__all__ = ["TITLE", "play"]
