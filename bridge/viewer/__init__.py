"""The live view of a town in a browser: one thread runs the engine, one serves the page, the page draws."""
