"""Pure decisions: definition, case, command, actor, now and surroundings in; what changes out. Nothing here writes."""
