"""The outside systems, one folder each; none knows another. ``registry.py`` has a line for each."""
