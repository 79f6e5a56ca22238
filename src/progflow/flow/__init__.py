"""Load, catch up, decide, save, announce: the engine that binds definitions to a store."""
