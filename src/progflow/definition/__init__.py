"""What a developer writes: states, events, rules, phases, lifecycles and programs, and what is compiled from them."""
