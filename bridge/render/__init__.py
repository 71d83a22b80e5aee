"""Renderers for engines that have none."""
