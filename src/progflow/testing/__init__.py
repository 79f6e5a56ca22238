"""Tests that come with progflow, for what others build on it."""

from progflow.testing._stores import store_suite

__all__ = ["store_suite"]
