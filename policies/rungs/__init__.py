"""Rungs of a ladder: what goes wrong with a hand or at the wheel, and how much of it on each rung."""

from policies.rungs.arm import Hampered, HandFaults
from policies.rungs.car import DriverFaults, Impaired
from policies.rungs.steps import STEPS, Step, picked

__all__ = ["STEPS", "DriverFaults", "Hampered", "HandFaults", "Impaired", "Step", "picked"]
