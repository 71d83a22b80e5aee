"""Buildings: what stands on which lot, and its walls, windows and roof."""
