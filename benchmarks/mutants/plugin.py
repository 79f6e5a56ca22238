"""A plugin of pytest that changes the rule that the environment names, before any test is imported."""

from benchmarks.mutants.mutated import activate

activate()
