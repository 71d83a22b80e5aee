"""Behaviour cloning of scripted couriers: choices with features, a small network that scores them, and its training."""
