"""Reusable phases; the ones of the first programme still stand in ``progflow.programs.cross_mentoring``."""
