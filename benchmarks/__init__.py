"""Measurements of progflow that do not ship with it: how well the testing kit finds faults, and what things cost."""
