"""One story that somebody told, as plain Python: given … when … then …, on this day and on that."""

from progflow.testing.scenario.cases import StoryCase
from progflow.testing.scenario.story import Scenario

__all__ = ["Scenario", "StoryCase"]
