"""What weather does to feet, tyres and crates: how much of dry friction is left, and how fast one dares to go."""

from bridge.scene import Environment


def grip(environment: Environment) -> float:
    """Friction as a share of that on dry ground: wet roads keep about 0.65 of it, snow about 0.35."""
    wet = 1.0 - 0.35 * environment.wetness
    return float(wet + (0.35 - wet) * environment.snow_cover)


def pace(environment: Environment) -> float:
    """Top speed of walkers as a share of that on dry, bare ground."""
    return float((1.0 - 0.1 * environment.wetness) * (1.0 - 0.4 * environment.snow_cover))
