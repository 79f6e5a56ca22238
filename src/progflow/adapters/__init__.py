"""Where cases live: each adapter keeps the promises of ``progflow.ports`` and is imported by its own name."""
