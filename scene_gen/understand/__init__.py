"""Sentence in, Brief out."""
