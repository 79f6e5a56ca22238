"""Ready-made municipal programmes, each a package of its own that a municipality may subclass."""
