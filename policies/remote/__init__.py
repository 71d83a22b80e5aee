"""Policies in other processes: observations go over a wire that carries data only, never code."""
