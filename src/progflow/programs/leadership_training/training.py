"""The compulsory training of a municipality: its concept, and what becomes of it."""

from __future__ import annotations

from datetime import datetime

from attrs import evolve, frozen

from progflow import START, STAY, Context, Lifecycle, No, Reason, State, event, guard, invariant
from progflow.programs.leadership_training.people import PERSONNEL, Concept, Module, Rules
from progflow.states.cancellation import Cancellation
from progflow.states.people import HEAD, Name


@frozen
class TrainingData:
    """The concept that is in force, and when and why it was revised last.

    ``codes`` are those of all modules that it has ever had.
    """

    name: str
    concept: Concept
    codes: tuple[str, ...]
    revised_because: str = ""
    revised_at: datetime | None = None


class Training(Lifecycle[TrainingData]):
    """Leaders of the administration have to take part in a training that is made of modules.

    Known of the City of Essen: compulsory since 2002, modular, with a module on engagement since 2004.

    A revision of the concept is for obligations that arise from then on, refreshers included; one that has arisen
    keeps its modules and its rules (assumption).
    """

    in_force = State(resting=True)

    cancellation = Cancellation()

    @guard("The code {code} is given twice.")
    def codes_differ(self, ctx: Context[TrainingData], *, modules: tuple[Module, ...]) -> bool | No:
        codes = [module.code for module in modules]
        twice = next((code for code in codes if codes.count(code) > 1), None)
        return twice is None or No(code=twice)

    @guard("No module belongs to the first round.")
    def first_round_exists(self, ctx: Context[TrainingData], *, modules: tuple[Module, ...]) -> bool:
        return bool(Concept(modules).first_round)

    @guard("No module belongs to the refresher that the rules ask for.")
    def refresher_exists(self, ctx: Context[TrainingData], *, modules: tuple[Module, ...], rules: Rules) -> bool:
        return rules.refresher_months is None or bool(Concept(modules).refresher)

    @guard("{module} comes after {code}, which does not come before it.")
    def order_is_possible(self, ctx: Context[TrainingData], *, modules: tuple[Module, ...]) -> bool | No:
        found = Concept(modules).out_of_order()
        return True if found is None else No(module=found[0].code, code=found[1])

    consistent = (codes_differ, first_round_exists, refresher_exists, order_is_possible)

    @event(START >> in_force, by=HEAD, when=consistent)
    def establish(
        self,
        ctx: Context[TrainingData],
        *,
        name: Name,
        modules: tuple[Module, ...],
        rules: Rules = Rules(),  # noqa: B008 - a frozen value
    ) -> TrainingData:
        """Make the training compulsory."""
        return TrainingData(name, Concept(modules, rules), tuple(module.code for module in modules))

    @event(in_force >> STAY, by=PERSONNEL, when=consistent)
    def revise(
        self, ctx: Context[TrainingData], *, modules: tuple[Module, ...], rules: Rules, reason: Reason
    ) -> TrainingData:
        """Revise modules and rules, and say why.

        Obligations that have arisen stay as they are.
        """
        concept = Concept(modules, rules, ctx.data.concept.version + 1)
        codes = {**dict.fromkeys(ctx.data.codes), **dict.fromkeys(module.code for module in modules)}
        return evolve(ctx.data, concept=concept, codes=tuple(codes), revised_because=reason, revised_at=ctx.now)

    # -- what always holds

    @invariant("The concept does not contradict itself, and every module that it has ever had is known.")
    def concept_in_order(self, ctx: Context[TrainingData]) -> bool:
        concept, codes = ctx.data.concept, ctx.data.codes
        now = [module.code for module in concept.modules]
        first = [module for module in concept.modules if module.first]
        further = [module for module in concept.modules if module.refresher]
        known = len(set(now)) == len(now) and len(set(codes)) == len(codes) and set(now) <= set(codes)
        whole = bool(first) and (bool(further) or concept.rules.refresher_months is None)
        return known and whole and _follow_one_another(first) and _follow_one_another(further)

    @invariant("A concept that was revised says when and why.")
    def revised_for_a_reason(self, ctx: Context[TrainingData]) -> bool:
        """Invariant 6."""
        data, revised = ctx.data, ctx.data.concept.version > 1
        return revised == bool(data.revised_because.strip()) == (data.revised_at is not None)


def _follow_one_another(modules: list[Module]) -> bool:
    """Whether each module stands after those that must be done before it."""
    codes = [one.code for one in modules]
    return all(set(one.after) <= set(codes[:place]) for place, one in enumerate(modules))


__all__ = ["Training", "TrainingData"]
