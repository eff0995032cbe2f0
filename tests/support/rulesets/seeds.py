"""Random numbers that are the same on every run, and others for each purpose."""

from random import Random


def rng_of(purpose: str) -> Random:
    return Random(f"screening {purpose}")
