"""A participation process of a city, as Zeitz has had one for its mission statement.

Staff and citizens say what they see in their city; out of that come goals and a catalogue of measures, on which
committees and council resolve, and which is looked back upon every year. One lifecycle for each kind of thing, and
all of them children of the process::

    process.py        mandate, kick-off, workshops, draft, committees and council, yearly evaluation, end
    workshop.py       workshops and forums: their days, how many came, an extra forum
    survey.py         the survey among households
    contribution.py   what somebody says: sorted, merged, perhaps anonymous
    measure.py        goals with their origin, measures with their goals
    photo.py          photos, with the consent of those in them
    views.py          the views of the groups side by side
    people.py         groups, kinds of workshops, and what a process may set otherwise

Each module knows only those above it in this list and ``people.py``; the guards of the process ask its children.
Every rule says where it comes from: what is called an assumption is a default that can be set otherwise, in the
``Rules`` of a process, by overriding a guard, a derived value or a phase in a subclass, or by deriving an own
contribution from ``BaseContribution`` or an own measure from ``BaseMeasure``. Nothing here is legal advice.
"""

from progflow import Program
from progflow.programs.city_participation.contribution import (
    BaseContribution,
    Contribution,
    ContributionData,
    authors_of,
)
from progflow.programs.city_participation.measure import (
    BaseMeasure,
    Goal,
    GoalData,
    Measure,
    MeasureData,
    trace_of,
)
from progflow.programs.city_participation.people import BOTH, CITIZENS, STAFF, Channel, Group, Kind, Rules
from progflow.programs.city_participation.photo import Photo, PhotoData
from progflow.programs.city_participation.process import Process, ProcessData
from progflow.programs.city_participation.survey import Survey, SurveyData
from progflow.programs.city_participation.views import Comparison, View, compare_views
from progflow.programs.city_participation.workshop import Workshop, WorkshopData

city_participation = Program(
    "city-participation",
    Process,
    Workshop,
    Survey,
    Contribution,
    Goal,
    Measure,
    Photo,
    zone="Europe/Berlin",
)
"""The programme as a value: ``Flow(city_participation, store=…)``. It asks its host nothing."""

__all__ = [
    "BOTH",
    "CITIZENS",
    "STAFF",
    "BaseContribution",
    "BaseMeasure",
    "Channel",
    "Comparison",
    "Contribution",
    "ContributionData",
    "Goal",
    "GoalData",
    "Group",
    "Kind",
    "Measure",
    "MeasureData",
    "Photo",
    "PhotoData",
    "Process",
    "ProcessData",
    "Rules",
    "Survey",
    "SurveyData",
    "View",
    "Workshop",
    "WorkshopData",
    "authors_of",
    "city_participation",
    "compare_views",
    "trace_of",
]
