"""Embeddable workflow engine for municipal programmes.

Describe a programme once, in typed Python, as state machines; every move of every case is then checked, explained,
recorded, timed and announced, inside the transaction that the host is in anyway.

Stores are imported by name (``progflow.adapters.memory``, ``progflow.adapters.sqlalchemy``), ready-made programmes
from ``progflow.programs``, testing tools from ``progflow.testing``.
"""

from progflow.definition.cases import Case, Cases
from progflow.definition.context import Acting, Context
from progflow.definition.events import Command, Event, event
from progflow.definition.lifecycle import Lifecycle, Phase, Program
from progflow.definition.people import ANYONE, SYSTEM, Actor, Role
from progflow.definition.rules import (
    Guard,
    Invariant,
    Moment,
    No,
    Reason,
    Relation,
    guard,
    invariant,
    moment,
    relation,
)
from progflow.definition.states import NEXT, START, STAY, Arrow, Exit, Source, State, Target
from progflow.errors import (
    BehindError,
    Blocker,
    CascadeRefused,
    ConflictError,
    DamagedData,
    DefinitionError,
    Fault,
    InputFault,
    InvariantBroken,
    KeyReused,
    PayloadError,
    ProgflowError,
    Refused,
    StoredDataError,
    StoreUnavailable,
    UnknownCase,
    UnknownEvent,
    UnknownLifecycle,
    UnknownState,
    UnknownVersion,
    UnstorableData,
    UsageError,
)
from progflow.flow.answers import Entry, Field, Offer, Report
from progflow.flow.verbs import Flow
from progflow.terms import (
    MONTH_END,
    Calendar,
    Instant,
    Term,
    days,
    end_of,
    hours,
    months,
    weeks,
    working_days,
    years,
)
