"""Policies: an observation in, an action out."""
