"""What holds for all tests: how long an example of a property takes on a busy machine says nothing about the property."""

from hypothesis import HealthCheck, settings

settings.register_profile("simbridge", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("simbridge")
