"""The compulsory training of a municipality: its concept, and what becomes of it."""

from __future__ import annotations

from attrs import evolve, frozen

from progflow import START, STAY, Context, Lifecycle, No, Reason, State, event, guard
from progflow.programs.leadership_training.people import PERSONNEL, Concept, Module, Rules
from progflow.states.cancellation import Cancellation
from progflow.states.people import HEAD, Name


@frozen
class TrainingData:
    """The concept that is in force, and why it was revised last.

    ``codes`` are those of all modules that it has ever had.
    """

    name: str
    concept: Concept
    codes: tuple[str, ...]
    revised_because: str = ""


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
        return evolve(ctx.data, concept=concept, codes=tuple(codes), revised_because=reason)


__all__ = ["Training", "TrainingData"]
