"""Shared by every test: how Hypothesis searches here."""

from hypothesis import HealthCheck, settings

# a slow machine is no failure: pytest-timeout ends what hangs
settings.register_profile("house", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("house")
