"""Stories of the cross-mentoring that nobody told: none may break a rule of the programme."""

from progflow.programs.cross_mentoring import cross_mentoring
from progflow.testing import program_test

TestStories = program_test(cross_mentoring)
