"""The settings page, a module for each noun."""
