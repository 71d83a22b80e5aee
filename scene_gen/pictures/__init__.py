"""Pictures of a finished town: the hero view and the map."""
