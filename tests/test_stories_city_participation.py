"""Stories of a participation process that nobody told: none may break a rule of the programme."""

from progflow.programs.city_participation import city_participation
from progflow.testing import program_test

TestStories = program_test(city_participation)
