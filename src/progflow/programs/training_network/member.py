"""The administrations that belong to the network."""

from __future__ import annotations

from attrs import evolve, frozen

from progflow import START, Context, Lifecycle, Reason, State, event, guard, invariant, relation
from progflow.programs.training_network.network import Network
from progflow.programs.training_network.people import CARRIER, HEAD, Name, works_for
from progflow.states.cancellation import Ending


@frozen(kw_only=True)
class MemberData:
    """Which administration it is, the file number of its declaration, and why it pauses or has gone."""

    administration: Name
    declaration: str = ""
    reason: str = ""


class Member(Lifecycle[MemberData], parent=Network, unique="administration"):
    """An administration in the network.

    Known are nine of them. An administration that rests reports no needs and makes no agreements; what it has begun
    goes on, and its talks stay due, for TVöD § 5 knows no rest (assumption).
    """

    invited = State()
    joined = State()
    dormant = State()
    declined = State(final=True)
    left = State(final=True)

    ending = Ending(parent=Network, upon=Network.cancellation)

    gone = left | ending

    @relation("the head of the administration")
    def its_head(self, ctx: Context[MemberData]) -> bool:
        return HEAD in ctx.actor.roles and works_for(ctx, ctx.actor.id, ctx.data.administration)

    @guard("The network takes up nobody any more.")
    def network_goes_on(self, ctx: Context[MemberData]) -> bool:
        return ctx.parent(Network).is_in(Network.preparing, Network.running)

    @event(START >> invited, by=CARRIER, when=network_goes_on)
    def invite(self, ctx: Context[MemberData], *, administration: Name) -> MemberData:
        """Invite an administration."""
        return MemberData(administration=administration)

    @event(invited >> joined, by=its_head, when=network_goes_on)
    def join(self, ctx: Context[MemberData], *, declaration: Name) -> MemberData:
        """Join the network."""
        return evolve(ctx.data, declaration=declaration)

    @event(invited >> declined, by=its_head)
    def decline(self, ctx: Context[MemberData], *, reason: Reason) -> MemberData:
        """Decline the invitation."""
        return evolve(ctx.data, reason=reason)

    @event(joined >> dormant, by=(its_head, CARRIER))
    def rest(self, ctx: Context[MemberData], *, reason: Reason) -> MemberData:
        """Let the membership rest."""
        return evolve(ctx.data, reason=reason)

    @event(dormant >> joined, by=its_head)
    def resume(self, ctx: Context[MemberData]) -> MemberData:
        """Take part again."""
        return evolve(ctx.data, reason="")

    @event((joined | dormant) >> left, by=its_head)
    def leave(self, ctx: Context[MemberData], *, reason: Reason) -> MemberData:
        """Leave the network.

        Its needs lapse and its seats become free; agreements that are in force stay in force.
        """
        return evolve(ctx.data, reason=reason)

    @invariant("An administration that declined, rests or has left says why.")
    def reason_given(self, ctx: Context[MemberData]) -> bool:
        """Invariant 6."""
        gone = ctx.case.is_in(Member.declined, Member.dormant, Member.left)
        return not gone or bool(ctx.data.reason.strip())


__all__ = ["Member", "MemberData"]
