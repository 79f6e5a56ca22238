"""Tests that come with progflow: of lifecycles and programs, of what listens to them, and of stores."""

from progflow.testing.capture import Capture, capture
from progflow.testing.clock import Clock
from progflow.testing.one_line import NeverHappens, lifecycle_test, program_test
from progflow.testing.replays import ReplayDiffers, export_histories, replay
from progflow.testing.rule_sheets import rule_sheet
from progflow.testing.scenario import Scenario, StoryCase
from progflow.testing.stores.suite import store_suite
from progflow.testing.story import StoryBroken
from progflow.testing.strategies import History, actors, cases, commands, histories

__all__ = [
    "Capture",
    "Clock",
    "History",
    "NeverHappens",
    "ReplayDiffers",
    "Scenario",
    "StoryBroken",
    "StoryCase",
    "actors",
    "capture",
    "cases",
    "commands",
    "export_histories",
    "histories",
    "lifecycle_test",
    "program_test",
    "replay",
    "rule_sheet",
    "store_suite",
]
