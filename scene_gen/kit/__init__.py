"""Parametric assets of our own, real-world sizes, CC0."""
