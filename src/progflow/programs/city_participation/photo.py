"""Photos of the process, which are shown only while everybody in them consents."""

from __future__ import annotations

from attrs import frozen

from progflow import OPEN, START, Context, Lifecycle, State, derived, event
from progflow.programs.city_participation.process import Process
from progflow.states.cancellation import Ending
from progflow.states.consent import Consent
from progflow.states.people import OFFICE, Name


@frozen(kw_only=True)
class PhotoData:
    """Which photo, and who can be recognised in it, by the host's ids."""

    file: Name
    people: tuple[str, ...] = ()


class Photo(Lifecycle[PhotoData], parent=Process):
    """A photo of a workshop.

    Known of Zeitz: results and photos were published. That everybody who can be recognised must consent, and may
    withdraw that at any time, is an assumption about what data protection asks for.
    """

    cleared = State("everybody has consented")
    published = State(resting=True)

    @derived
    def people(self, ctx: Context[PhotoData]) -> tuple[str, ...]:
        return ctx.data.people

    consent = Consent(people=people).then(cleared)
    ending = Ending(parent=Process, upon=Process.over, of=OPEN - published)

    @event(START >> consent, by=OFFICE)
    def take(self, ctx: Context[PhotoData], *, photo: PhotoData) -> PhotoData:
        """Take a photo into the files, and ask for consent."""
        return photo

    @event(cleared >> published, by=OFFICE)
    def publish(self, ctx: Context[PhotoData]) -> None:
        """Publish the photo."""


__all__ = ["Photo", "PhotoData"]
