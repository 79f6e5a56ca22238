"""A store in memory: for tests, for trying things out, and for whatever need not outlive the process."""

from progflow.adapters.memory._store import MemoryStore, Snapshot

__all__ = ["MemoryStore", "Snapshot"]
