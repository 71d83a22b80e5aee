"""A symbolic judge of scenes, and the repair loop."""
