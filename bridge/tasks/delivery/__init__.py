"""Couriers earn their living: orders, bids, food that cools, scooters, buses, rest, and favours among colleagues."""

from bridge.tasks.delivery.config import Config
from bridge.tasks.delivery.shift import Delivery

__all__ = ["Config", "Delivery", "make"]


def make(config: Config) -> Delivery:
    """The task."""
    return Delivery(config)
