"""Ready-made municipal programmes, each a package of its own that a municipality may subclass.

``mentoring`` is none by itself: it holds what ``cross_mentoring`` and ``intercultural_mentoring`` have in common.
"""
