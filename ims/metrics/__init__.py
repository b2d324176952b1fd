"""Figures: a pandas frame in, plain results out. What each of them means is written in ``data/metrics.yaml``."""
