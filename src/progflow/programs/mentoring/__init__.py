"""What mentoring programmes have in common: abstract bases, of which each programme derives its own lifecycles.

One lifecycle for each kind of thing, and all of them children of the edition; each module knows only those above it::

    people.py     who decides, what only the host knows, and what an edition may set otherwise
    pairs.py      a mentee and a mentor as they were on the day of their match, and the states of a tandem
    edition.py    call, selection, matching until the kick-off, the time of the pairs, closing, cancellation
    mentor.py     offers, is available, leaves
    mentee.py     from the application to the certificate
    tandem.py     a pair at work
    matching.py   the proposal of a match, approved by all parties
    seminars.py   occasions at which mentees come together, their places in them, and mentees who register
    statement.py  what somebody has taken part in, for whom there is no certificate

What depends on another case watches it and moves by itself: a tandem pauses with its mentee and comes apart when its
mentor leaves, a proposal falls away, a seat gets free, and all end with the edition.

A programme derives its data and its lifecycles, and says what its own rules are::

    class Edition(BaseEdition[EditionData]): …
    class Mentor(BaseMentor[MentorData], parent=Edition): …
    class Tandem(BaseTandem[TandemData], parent=Edition): …

    class MatchProposal(BaseProposal[Pair], parent=Edition):
        becomes = Tandem

    class Mentee(BaseMentee[MenteeData], parent=Edition):
        proposes = MatchProposal

Where a programme asks for more it overrides a guard, a moment or a derived value under its name, such as ``fits`` (who
may be matched with whom), ``ready_to_begin`` (what a tandem needs beside the kick-off), ``seats`` and ``quota_group``,
or declares ``plan``, ``apply`` or ``offer`` again with further guards. Its ``Rules`` set other defaults. The flow needs
to know who reports to whom: ``Flow(…, facts={Staff: your_answerer})``.
"""

from progflow.programs.mentoring.edition import BaseEdition, EditionData
from progflow.programs.mentoring.matching import BaseProposal, MatchApproval
from progflow.programs.mentoring.mentee import BaseMentee, MenteeData
from progflow.programs.mentoring.mentor import BaseMentor, MentorData
from progflow.programs.mentoring.pairs import AnyTandem, OfPair, Pair, TandemData
from progflow.programs.mentoring.people import Goal, PanelMember, Rules, Staff
from progflow.programs.mentoring.seminars import (
    BaseSeminar,
    BaseSeminarPlace,
    PlaceData,
    SeminarData,
    SeminarMentee,
)
from progflow.programs.mentoring.statement import Attended, attended
from progflow.programs.mentoring.tandem import BaseTandem

__all__ = [
    "AnyTandem",
    "Attended",
    "BaseEdition",
    "BaseMentee",
    "BaseMentor",
    "BaseProposal",
    "BaseSeminar",
    "BaseSeminarPlace",
    "BaseTandem",
    "EditionData",
    "Goal",
    "MatchApproval",
    "MenteeData",
    "MentorData",
    "OfPair",
    "Pair",
    "PanelMember",
    "PlaceData",
    "Rules",
    "SeminarData",
    "SeminarMentee",
    "Staff",
    "TandemData",
    "attended",
]
