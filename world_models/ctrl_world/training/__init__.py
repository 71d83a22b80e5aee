"""Training the small Ctrl-World, stage by stage."""
