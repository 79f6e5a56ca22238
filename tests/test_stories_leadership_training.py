"""Stories of the leadership training that nobody told: none may break a rule of the programme."""

from progflow.programs.leadership_training import leadership_training
from progflow.testing import program_test

TestStories = program_test(leadership_training)
