"""Measurements against the bare minimum, in one run: ``make bench``."""
