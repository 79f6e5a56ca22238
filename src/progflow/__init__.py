"""progflow."""
