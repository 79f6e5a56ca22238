"""Stored histories: exported from a flow, and played again against today's definitions."""

from progflow.testing.replays.checking import replay
from progflow.testing.replays.exporting import export_histories
from progflow.testing.replays.telling import ReplayDiffers

__all__ = ["ReplayDiffers", "export_histories", "replay"]
