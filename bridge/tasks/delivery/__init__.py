"""Couriers earn their living: orders, bids, food that cools, scooters, buses, rest, and favours among colleagues."""

from bridge.tasks.delivery.config import Config
from bridge.tasks.delivery.shift import Delivery

__all__ = ["ENVIRONMENT", "Config", "Delivery", "make"]

ENVIRONMENT = {"agents": 1, "automatic": True, "hours": 0.25}
"""Settings of `simbridge/Delivery-v0`: its agents only move, so that everything at doors is done for them."""


def make(config: Config) -> Delivery:
    """The task."""
    return Delivery(config)
