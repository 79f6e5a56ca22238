"""The network: for how long it runs, and what it has to show for it."""

from __future__ import annotations

from datetime import date

from attrs import evolve, field, frozen

from progflow import (
    OPEN,
    START,
    STAY,
    Context,
    Instant,
    Lifecycle,
    No,
    Reason,
    State,
    end_of,
    event,
    guard,
    invariant,
    moment,
)
from progflow.programs.training_network.people import CARRIER, Name, Rules
from progflow.states.cancellation import Cancellation


@frozen(kw_only=True)
class NetworkData:
    """What was laid down for the network, and the host's file numbers of what it rests on."""

    name: Name
    starts: date
    ends: date
    rules: Rules = field(factory=Rules)
    agreement: str = ""
    extended_because: str = ""
    proof: str = ""


class Network(Lifecycle[NetworkData]):
    """Administrations train their staff together for some years.

    Known of southern Saxony-Anhalt: from 1 October 2012 to 31 December 2014 nine administrations, carried by the BWSA;
    more people were to take part, above all leaders and staff who had not been trained so far, and instruments were
    to remain. So talks and agreements go on when the network is over: they belong to the administrations.
    """

    preparing = State()
    running = State()
    over = State("over, to be accounted for")
    accounted = State("accounted for", resting=True)

    cancellation = Cancellation(by=CARRIER, of=OPEN - accounted)

    @guard("It would end before it starts.")
    def ends_after_it_starts(self, ctx: Context[NetworkData], *, network: NetworkData) -> bool:
        return network.starts <= network.ends

    @event(START >> preparing, by=CARRIER, when=ends_after_it_starts)
    def found(self, ctx: Context[NetworkData], *, network: NetworkData) -> NetworkData:
        """Prepare a network."""
        return evolve(network, agreement="", extended_because="", proof="")

    @event(preparing >> STAY, by=CARRIER)
    def record_agreement(self, ctx: Context[NetworkData], *, document: Name) -> NetworkData:
        """Record the agreement of the social partners."""
        return evolve(ctx.data, agreement=document)

    @moment
    def first_day(self, ctx: Context[NetworkData]) -> date:
        return ctx.data.starts

    @guard("The social partners have not agreed.")
    def partners_agree(self, ctx: Context[NetworkData]) -> bool:
        """The funding programme asked for an agreement of the social partners (initiative-weiter-bilden.de)."""
        return bool(ctx.data.agreement)

    @event(preparing >> running, at=first_day, when=partners_agree)
    def begin(self, ctx: Context[NetworkData]) -> None:
        """The network begins."""

    @guard("It ends on {ends} already.")
    def later(self, ctx: Context[NetworkData], *, until: date) -> bool | No:
        return until > ctx.data.ends or No(ends=ctx.data.ends)

    @event((preparing | running) >> STAY, by=CARRIER, when=later)
    def extend(self, ctx: Context[NetworkData], *, until: date, reason: Reason) -> NetworkData:
        """Let it run longer, and say why."""
        return evolve(ctx.data, ends=until, extended_because=reason)

    @moment
    def last_day_over(self, ctx: Context[NetworkData]) -> Instant:
        return end_of(ctx.data.ends)

    @event(running >> over, at=last_day_over)
    def end(self, ctx: Context[NetworkData]) -> None:
        """Its time is over.

        Nothing new begins. What happened until then can still be recorded.
        """

    @event(over >> accounted, by=CARRIER)
    def account(self, ctx: Context[NetworkData], *, proof: Name) -> NetworkData:
        """Hand in the proof of how the funds were used.

        Needs that are not covered and courses that were not held end with it.
        """
        return evolve(ctx.data, proof=proof)

    done = accounted | cancellation

    @invariant("A network that was accounted for has left its proof.")
    def proof_given(self, ctx: Context[NetworkData]) -> bool:
        return not ctx.case.is_in(Network.accounted) or bool(ctx.data.proof)


__all__ = ["Network", "NetworkData"]
