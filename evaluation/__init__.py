"""Evaluation: episodes run, measured, compared and reported. Knows everything; nobody but commands knows it."""

from evaluation.result import EpisodeResult, Happening
from evaluation.rollout import Life, Settings, rollout

__all__ = ["EpisodeResult", "Happening", "Life", "Settings", "rollout"]
