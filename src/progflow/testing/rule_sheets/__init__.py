"""The rule sheet of a lifecycle or programme, and whether it is the one that was signed off."""

from progflow.testing.rule_sheets.approval import APPROVE, approved_difference
from progflow.testing.rule_sheets.sheet import rule_sheet

__all__ = ["APPROVE", "approved_difference", "rule_sheet"]
